#!/usr/bin/python3
"""Makes examples/secondment.json: nine months of a seconded expert's work.

What is known: the clinic saw 1,051 patients and 327 procedures were done from
July 2022 to March 2023, on the weekdays of the secondment's rules and never on
a holiday, as the network file has both. How they lay on those days is made up,
with a fixed seed: when each was booked, what was moved, cancelled, or waited
for in vain. Only what took place is counted.

usage: secondment.py >examples/secondment.json
"""
import collections
import datetime
import json
import os
import random
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
NETWORK = os.path.join(ROOT, "examples", "liaoyang.json")
SEED = 20220701
EXPERT, SITE = "coronary-1", "liaoyang-central"
CLINIC, PROCEDURE = "clinic-slot", "onsite-procedure"
TOTALS = {CLINIC: 1051, PROCEDURE: 327}
NOSHOWS = {CLINIC: 23, PROCEDURE: 4}
CANCELLED = {CLINIC: 61, PROCEDURE: 17}
MOVED = {CLINIC: 48, PROCEDURE: 14}
WEEKDAYS = "MO TU WE TH FR SA SU".split()
PAUSE = 5  # minutes, of the expert


def read_date(text):
    return datetime.date.fromisoformat(text[:10])


def days_of(rule, secondment, calendar):
    """The local days on which the rule holds sessions."""
    named = rule["rrule"].partition("BYDAY=")[2].split(",")
    off = set(calendar["days_off"])
    shifted = {s["date"]: s["works_as"] for s in calendar["shifted_workdays"]}
    day = max(read_date(secondment["from"]), read_date(rule["start"]))
    while day <= read_date(secondment["to"]):
        works_as = shifted.get(str(day), WEEKDAYS[day.weekday()])
        if works_as in named and str(day) not in off:
            yield day
        day += datetime.timedelta(days=1)


def wall(day, minute):
    return f"{day}T{minute // 60:02}:{minute % 60:02}"


def minute_of(text):
    return int(text[11:13]) * 60 + int(text[14:16])


def places(rule, days):
    """Every place of the clinic."""
    step = rule["slot_minutes"]
    return [(wall(day, at), step) for day in days
            for at in range(minute_of(rule["start"]),
                            minute_of(rule["end"]) - step + 1, step)]


def tables(chance, rule, days, n):
    """n procedures, each day's one after the other."""
    days = list(days)
    count = collections.Counter(days)
    for i in range(n - len(days)):
        count[days[i % len(days)]] += 1
    # Some days are longer than others.
    for _ in range(len(days) // 2):
        a, b = chance.sample(days, 2)
        if count[a] > 2 and count[b] < 6:
            count[a], count[b] = count[a] - 1, count[b] + 1
    for day in days:
        at = minute_of(rule["start"])
        room = (minute_of(rule["end"]) - at) // count[day]
        for _ in range(count[day]):
            took = chance.randrange(50, min(room - PAUSE, 120) + 1, 5)
            yield wall(day, at), took
            at += room // 5 * 5


def booked_before(chance, at):
    """Some working hour of a day before."""
    day = read_date(at) - datetime.timedelta(days=chance.randrange(1, 15))
    return wall(day, chance.randrange(8 * 60, 17 * 60))


def make(chance, kind, times):
    """What stands at each of those times, and what stood there before."""
    times = list(times)
    chance.shuffle(times)
    n = TOTALS[kind]
    held = [{"kind": kind, "at": at, "minutes": minutes,
             "booked": booked_before(chance, at), "came": True}
            for at, minutes in times[:n + NOSHOWS[kind]]]
    for visit in held[n:]:
        visit["came"] = False
    for visit in chance.sample(held, CANCELLED[kind]):
        # Somebody had the time before, and gave it back in time.
        first = wall(read_date(visit["booked"]) - datetime.timedelta(
            days=chance.randrange(1, 5)), chance.randrange(8 * 60, 17 * 60))
        yield {"kind": kind, "at": visit["at"], "minutes": visit["minutes"],
               "booked": first, "cancelled": wall(
                   read_date(first), minute_of(first) + 30)}
    spare = times[n + NOSHOWS[kind]:]
    movable = [v for v in held if v["minutes"] >= 20 and v["came"]]
    for visit in chance.sample(movable, min(MOVED[kind], len(movable))):
        # From another time that stays free in the end.
        earlier = [s for s in spare if s[0] > visit["booked"][:10] + "T24"]
        if earlier and visit["at"] > visit["booked"]:
            visit["first_at"] = earlier[chance.randrange(len(earlier))][0]
            spare = [s for s in spare if s[0] != visit["first_at"]]
    yield from held


def document():
    with open(NETWORK, encoding="utf-8") as f:
        network = json.load(f)
    secondment = next(s for s in network["secondments"]
                      if (s["expert"], s["site"]) == (EXPERT, SITE))
    calendar = network["calendars"]["cn"]
    rules = {r["kinds"][0]: r for r in secondment["availability"]}
    chance = random.Random(SEED)
    days = {k: list(days_of(r, secondment, calendar))
            for k, r in rules.items()}
    more = {k: TOTALS[k] + NOSHOWS[k] for k in TOTALS}
    visits = [*make(chance, CLINIC, places(rules[CLINIC], days[CLINIC])),
              *make(chance, PROCEDURE,
                    tables(chance, rules[PROCEDURE], days[PROCEDURE],
                           more[PROCEDURE] + MOVED[PROCEDURE]))]
    visits.sort(key=lambda v: (v["booked"], v["at"]))
    months = collections.defaultdict(collections.Counter)
    for visit in visits:
        if visit.get("came"):
            months[visit["at"][:7]][visit["kind"]] += 1
    return {"note": "Nine months of a seconded coronary expert, made by "
                    "tests/tools/secondment.py: totals, weekdays and holidays "
                    "are as they were, all else is made up. Local time of the "
                    "site.",
            "seed": SEED, "network": "liaoyang.json", "expert": EXPERT,
            "site": SITE, "totals": TOTALS,
            "months": {m: dict(months[m]) for m in sorted(months)}}, visits


def main():
    head, visits = document()
    text = json.dumps(head, indent=1, ensure_ascii=False)
    rows = ",\n".join("  " + json.dumps(v) for v in visits)
    sys.stdout.write(text[:-2] + ',\n "visits": [\n' + rows + "\n ]\n}\n")


if __name__ == "__main__":
    main()
