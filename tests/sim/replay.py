#!/usr/bin/python3
"""make replay: nine months of a seconded expert, done again through the API.

Every visit of examples/secondment.json is booked, moved, cancelled, begun and
finished over TLS as people did it, on a clock that says 2022; then the reports
must say what the file says, month by month, and the database must hold no
double booking nor anything else that must never be.

usage: replay.py BUILD [--months N]
"""
import argparse
import calendar
import collections
import csv
import datetime
import io
import json
import os
import sys
import time
import zoneinfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "examples")
DAY = 86400
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
CANARY = "陈病人"
KINDS = {"clinic-slot": "visits", "onsite-procedure": "procedures"}


def utc(wall):
    return int(datetime.datetime.fromisoformat(wall).replace(
        tzinfo=ZONE).timestamp())


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Failed(Exception):
    pass


class Replay:
    """One run: steps in the order of their times."""

    def __init__(self, service, file, months):
        self.service, self.file = service, file
        first = sorted(file["months"])[:months]
        self.months = {m: file["months"][m] for m in first}
        self.visits = [v for v in file["visits"] if v["at"][:7] in first
                       and v.get("first_at", v["at"])[:7] in first]
        left_out = [v for v in file["visits"] if v["at"][:7] in first
                    and v not in self.visits]
        # Those who came from another month that is not played come at once.
        self.visits += [{k: x for k, x in v.items() if k != "first_at"}
                        for v in left_out]
        self.requests = 0

    def people(self):
        self.desk = self.service.person("desk", "site-coordinator",
                                        self.file["site"])
        self.expert = self.service.person("expert", "expert", "anzhen",
                                          self.file["expert"])
        self.lead = self.service.person("lead", "lead-coordinator", "anzhen")
        self.other = self.service.person("other", "site-coordinator",
                                         "cooperating-2")

    def say(self, who, path, body=None, match=True, **more):
        self.requests += 1
        answer = who.post(path, body, match="*" if match else None, **more)
        if answer.status not in (200, 201):
            raise Failed(f"{self.service.now()} {body}: {answer!r}")
        return answer.json

    # --- what people do ---

    def book(self, visit):
        at = visit.get("first_at", visit["at"])
        body = {"kind": visit["kind"], "at": rfc3339(utc(at)),
                "site": self.file["site"], "expert": self.file["expert"],
                "patient": {"local_id": f"P{visit['number']:06}",
                            "name": f"{CANARY}{visit['number']}",
                            "summary": "stable angina"}}
        if visit["kind"] != "clinic-slot":
            body["duration_minutes"] = visit["minutes"]
        key = f"replay-{visit['number']}"
        visit["code"] = self.say(self.desk, "/v1/bookings", body, match=False,
                                 key=key)["code"]
        if visit["number"] % 50 == 0:
            # The answer was lost: the same again is the same booking.
            again = self.say(self.desk, "/v1/bookings", body, match=False,
                             key=key)["code"]
            if again != visit["code"]:
                raise Failed(f"{again} is a second one of {visit}")
            told = self.other.get(f"/v1/bookings/{again}").status
            if told != 404:
                raise Failed(f"another site is told {told} of {again}")

    def change(self, who, verb, visit, body=None):
        self.say(who, f"/v1/bookings/{visit['code']}/{verb}", body)

    def steps(self):
        """(when, order of those at one time, what is done)"""
        for visit in self.visits:
            at, booked = utc(visit["at"]), utc(visit["booked"])
            end = at + visit["minutes"] * 60
            yield booked, 3, lambda v=visit: self.book(v)
            if "cancelled" in visit:
                yield utc(visit["cancelled"]), 2, lambda v=visit: self.change(
                    self.desk, "cancel", v, {
                        "reason": "cannot come", "reason_code":
                        ("improved", "done-elsewhere")[v["number"] % 2]})
                continue
            if "first_at" in visit:
                yield booked + 1800, 2, lambda v=visit, a=at: self.change(
                    self.desk, "move", v, {"at": rfc3339(a)})
            if not visit["came"]:
                yield end, 0, lambda v=visit: self.change(
                    self.desk, "noshow", v, {"absent": "patient"})
                continue
            yield at, 1, lambda v=visit: self.change(self.desk, "arrive", v)
            yield at, 2, lambda v=visit: self.change(self.expert, "start", v)
            yield end, 0, lambda v=visit: self.change(self.expert, "finish", v)

    def run(self):
        for number, visit in enumerate(self.visits):
            visit["number"] = number
        # What belongs to one visit stays in its order.
        steps = sorted(self.steps(), key=lambda s: s[:2])
        day = 0
        for when, _, step in steps:
            if when > self.service.now():
                self.service.clock.at(when)
            if when // DAY != day:
                self.service.settle()
                day = when // DAY
            step()
        self.service.advance(days=1)

    # --- what came of it ---

    def reported(self, **query):
        begin, end = sorted(self.months)[0], sorted(self.months)[-1]
        year, month = map(int, end.split("-"))
        last = f"{end}-{calendar.monthrange(year, month)[1]:02}"
        query = {"from_": rfc3339(utc(begin + "-01T00:00")),
                 "to": rfc3339(utc(last + "T00:00") + DAY), **query}
        answer = self.lead.get("/v1/reports/activity", **query)
        if answer.status != 200:
            raise Failed(repr(answer))
        return answer

    def check_reports(self):
        """The table of what was reported, held against the file."""
        by = ["month", "kind"]
        found = collections.defaultdict(dict)
        for row in self.reported(by=by).json["items"]:
            found[row["period"]][row["kind"]] = row
        done = {m: {k: r["done"] for k, r in kinds.items()}
                for m, kinds in found.items()}
        if done != self.months:
            raise Failed(f"reported {done}, done {self.months}")
        text = self.reported(by=by, format="csv").text
        rows = {(r["period"], r["kind"]): int(r["done"])
                for r in csv.DictReader(io.StringIO(text, newline=""))}
        if rows != {(m, k): n for m, kinds in self.months.items()
                    for k, n in kinds.items()}:
            raise Failed(f"as CSV: {text}")
        total = {r["kind"]: r["done"] for r in self.reported(
            by="kind", expert=self.file["expert"]).json["items"]}
        if len(self.months) == len(self.file["months"]) and \
                total != self.file["totals"]:
            raise Failed(f"in all {total}, not {self.file['totals']}")
        return found, total

    def check_store(self):
        import figures
        import ledger
        wrong = ledger.faults(self.service.database, self.service.now())
        wrong += ledger.leaks(self.service.files(), [CANARY])
        if wrong:
            raise Failed("\n".join(wrong[:20]))
        answer = self.lead.get("/v1/reports/activity", by="kind", to=rfc3339(
            self.service.now()), from_=rfc3339(self.service.now() - 400 * DAY))
        with ledger.copy_of(self.service.database) as db:
            counted = figures.Figures(
                db, self.service.now() - 400 * DAY, self.service.now())
            if figures.answered("activity", answer.json["items"]) != \
                    counted.activity(["kind"]):
                raise Failed("the report is not what is counted")


def table(found, total):
    """As docs/replay.md has it."""
    lines = ["| month | visits | procedures | cancelled | did not come |",
             "|---|---|---|---|---|"]
    for month in sorted(found):
        rows = found[month]
        lines.append("| {} | {} | {} | {} | {} |".format(
            month, *(rows[k]["done"] for k in KINDS),
            *(sum(r[c] for r in rows.values())
              for c in ("cancelled", "noshow"))))
    lines.append("| **all** | **{:,}** | **{:,}** | {} | {} |".format(
        *(total[k] for k in KINDS),
        *(sum(r[c] for rows in found.values() for r in rows.values())
          for c in ("cancelled", "noshow"))))
    return "\n".join(lines) + "\n"


def play(months=99):
    """(the run, what was reported, in all)"""
    from service import Service
    with open(os.path.join(EXAMPLES, "secondment.json"),
              encoding="utf-8") as f:
        file = json.load(f)
    start = utc(min(v["booked"] for v in file["visits"])) - DAY
    with Service(clock=start) as service:
        service.init().start()
        service.load(os.path.join(EXAMPLES, file["network"]))
        replay = Replay(service, file, months)
        replay.people()
        replay.run()
        found, total = replay.check_reports()
        replay.check_store()
    return replay, found, total


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build")
    options.add_argument("--months", type=int, default=99)
    options = options.parse_args()
    os.environ["BUILD"] = options.build
    sys.path[:0] = [os.path.join(ROOT, "tests", "sim"),
                    os.path.join(ROOT, "tests", "integration")]
    begun = time.monotonic()
    try:
        replay, found, total = play(options.months)
    except Failed as failed:
        print(f"replay: {failed}", file=sys.stderr)
        return 1
    print(table(found, total))
    print(f"{len(replay.visits):,} bookings by {replay.requests:,} changes in "
          f"{time.monotonic() - begun:.0f} s; no two of them at one time, and "
          "nothing else that must never be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
