"""What repeats in a year (year.py): visits of one patient and sessions with
seats, made at once; of each one occurrence is moved or cancelled, or it and all
that follow.
"""
from year_kinds import (DAY, NOSHOW, SEATS, awaited, held_round, held_session,
                        joined, nobody_came, offers)
from year_world import seconds

WEEK = 7 * DAY


class Series:
    """One, as its maker knows it: booking -> where it stands."""

    def __init__(self, w, who, made):
        self.w, self.who, self.code = w, who, made["code"]
        self.days = {}
        self.read()

    def read(self):
        shown = self.w.ask(self.who, f"series/{self.code}").json
        before, self.days = self.days, {}
        for o in shown["occurrences"]:
            if "booking" not in o:
                continue
            code = o["booking"]
            self.w.must_be("booking", code, o["status"])
            self.days[code] = {"code": code, **{k: o.get(k) for k in (
                "from", "to", "expert", "status", "planned")}}
        return before

    def left(self):
        """Those that are still to come, by time."""
        return sorted((d for d in self.days.values()
                       if d["status"] == "booked"), key=lambda d: d["from"])

    def say(self, code, verb, **body):
        return self.w.say(self.who, f"bookings/{code}/{verb}", body, None)

    def stay(self, before, changed):
        """Nothing but what was changed is otherwise than before."""
        for code, day in before.items():
            now = self.days.get(code)
            if code not in changed and (
                    not now or now["from"] != day["from"] or
                    now["status"] != day["status"]) and \
                    code not in self.w.moved:
                self.w.against.append(
                    f"series {self.code}: {code} was {day}, is {now}")


def made_of(w, who, body):
    """A series of what is possible; each day that is not says why."""
    said = w.say(who, "series", {"together": "possible", **body}, None)
    if said.status not in (201, 409):
        w.against.append(f"series {body}: {said}")
        return None
    days = said.json.get("occurrences", [])
    for o in days:
        w.counts["days of series"] += 1
        if o["outcome"] == "skipped" or said.status == 409:
            w.counts["days of series without a time"] += 1
            if not o.get("blockers"):
                w.against.append(f"6: a day of a series without reason: {o}")
        elif o["outcome"] == "left-out":
            w.counts["days of series on holidays"] += 1
    if said.status == 409:
        return None
    w.counts["series"] += 1
    return Series(w, who, said.json)


def one_moved(s, day):
    """On its own, by a day or to another hour, if there is such a time."""
    for shift in (DAY, 3600, 2 * DAY, -1200):
        at = seconds(day["from"]) + shift
        if at <= s.w.now() + 3600:
            continue
        said = s.say(day["code"], "move", at=s.w.text(at))
        if said.status == 200:
            s.w.counts["of series moved alone"] += 1
            return {day["code"]}
        if said.status != 409 or not said.json.get("blockers"):
            s.w.against.append(f"6: {said}")
    return set()


def one_cancelled(s, day):
    said = s.say(day["code"], "cancel", reason="not this week")
    if said.status != 200:
        s.w.against.append(f"series: {said}")
    s.w.counts["of series cancelled alone"] += 1
    return {day["code"]}


def following(s, day, verb, **body):
    """It and all behind it; what the answer says is what is shown."""
    said = s.say(day["code"], verb + "-following", together="possible", **body)
    if said.status == 409:
        s.w.counts[f"could not {verb} all that follow"] += 1
        return set()
    if said.status != 200:
        s.w.against.append(f"series: {verb} {body}: {said}")
        return set()
    s.w.counts[f"of series, this and all that follow: {verb}"] += 1
    days = said.json["occurrences"]
    behind = {d["code"] for d in s.days.values()
              if d["planned"] >= day["planned"]}
    stray = {o["booking"] for o in days if "booking" in o} - behind
    if stray:
        s.w.against.append(f"series {s.code}: {verb} of {day['code']} is"
                           f" about {stray}, too")
    return {o["booking"] for o in days
            if o["outcome"] in ("moved", "cancelled")}


def all_moved(s, day):
    at = seconds(day["from"]) + s.w.random.choice((1200, 3600, 2 * DAY, WEEK))
    return following(s, day, "move", at=s.w.text(at))


def all_cancelled(s, day):
    return following(s, day, "cancel", reason="feels better")


CHANGES = (one_moved, one_cancelled, all_moved, all_cancelled)


def changed(s):
    """One of the changes, on one of its days."""
    s.read()
    left = [d for d in s.left() if seconds(d["from"]) > s.w.now() + DAY]
    if not left or s.w.chance(0.2):
        return
    codes = s.w.random.choice(CHANGES)(s, s.w.random.choice(left))
    s.stay(s.read(), codes)


def is_next(s):
    """The next of its days once it has come; None: there is none."""
    while True:
        s.read()
        left = s.left()
        if not left:
            return None
        made = yield from awaited(s.w, left[0])
        if made:
            return made
        # Its expert is away: it was cancelled, as the next look shows.


def weekly(w, agreement):
    """A patient who comes every week."""
    who = w.partner(agreement["partner"])
    slots = offers(w, who, w.now() + 2 * DAY, kind="clinic-slot",
                   site=agreement["partner"], agreement=agreement["id"],
                   specialty=agreement["specialties"][0])
    s = slots and made_of(w, who, {
        "rrule": f"FREQ=WEEKLY;COUNT={w.random.randint(3, 8)}",
        "on_holiday": w.random.choice(("leave-out", "next-working-day")),
        "booking": {"kind": "clinic-slot", "site": agreement["partner"],
                    "agreement": agreement["id"], "patient": w.patient(),
                    "expert": slots[0]["expert"], "at": slots[0]["from"]}})
    if not s:
        return
    yield w.now() + DAY
    changed(s)
    while made := (yield from is_next(s)):
        if w.chance(NOSHOW):
            nobody_came(w, agreement, made, None)
            continue
        yield from held_session(w, agreement, made)
        w.counts["visits of series"] += 1
        if w.chance(0.1):
            changed(s)


def rounds(w, agreement):
    """A teaching round every week, which partners join day by day."""
    lead = w.lead(agreement["lead"])
    expert = w.random.choice(w.suits(agreement, "teaching-round"))["id"]
    slots = offers(w, lead, w.now() + 4 * DAY, kind="teaching-round",
                   site=agreement["lead"], expert=expert)
    s = slots and made_of(w, lead, {
        "rrule": f"FREQ=WEEKLY;COUNT={w.random.randint(3, 6)}",
        "session": {"kind": "teaching-round", "expert": expert,
                    "title": "Rounds", "at": slots[0]["from"], **SEATS}})
    if not s:
        return
    yield w.now() + DAY
    changed(s)
    taken = {d["code"]: joined(w, agreement, d["code"], "teaching-round")
             for d in s.left()[:3]}
    while made := (yield from is_next(s)):
        yield from held_round(w, agreement, made["code"],
                              taken.get(made["code"], {}),
                              seconds(made["to"]))
        w.counts["rounds of series"] += 1


KINDS = {"series of visits": "clinic-slot",
         "series of rounds": "teaching-round"}
PLAYERS = {
    "series of visits": (weekly, 250, None),
    "series of rounds": (rounds, 60, None),
}
