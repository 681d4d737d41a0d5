"""Reports against figures that are counted a second time, over a history that
is drawn anew (SEED); and the nine months of a seconded expert, one of them."""
import csv
import heapq
import io
import itertools
import json
import os
import random
import sys
import time
import unittest

from hands import Hands
from service import ROOT, Service
from way import EXPERT, PEOPLE, request_body, rfc3339, shanghai, utc

sys.path.append(os.path.join(ROOT, "tests", "sim"))
import figures
import ledger
import replay

SEED = int(os.environ.get("SEED") or time.time_ns() % 1000000)
HOUR, DAY = 3600, 86400
REQUESTS, PLACES = 70, 40
PERIODS = ([], ["kind"], ["month", "kind"], ["day"],
           ["month", "partner", "expert", "kind"])
WHYS = (None, "improved", "no-capacity", "equipment", "took-longer")


class History:
    """People who ask, book, come late or not at all, over some weeks."""

    def __init__(self, test):
        self.test, self.service = test, test.service
        self.chance = random.Random(SEED)
        self.queue, self.order = [], itertools.count()
        self.begin = shanghai(0, "00:00", 1)

    def at(self, when, step, *args):
        heapq.heappush(self.queue, (int(when), next(self.order), step, args))

    def run(self, end):
        while self.queue and self.queue[0][0] < end:
            when, _, step, args = heapq.heappop(self.queue)
            if when > self.service.now():
                self.service.clock.at(when)
            step(*args)
        self.service.at(end)

    def word(self):
        why = self.chance.choice(WHYS)
        return {"reason": "as it is", **({"reason_code": why} if why else {})}

    def say(self, who, path, body=None, status=(200, 201)):
        answer = who.post(path, body or {}, match="*")
        self.test.assertIn(answer.status, status, repr(answer))
        return answer.json

    def submit(self):
        who, site = self.chance.choice((
            (self.test.one, "liaoyang-central"), (self.test.two,
                                                  "cooperating-2")))
        code = self.say(who, "/v1/requests", request_body(
            site, urgency=self.chance.choice(("urgent", "routine"))))["code"]
        self.at(self.service.now() + self.chance.randrange(60, 2 * HOUR),
                self.judge, who, code)

    def judge(self, who, code):
        fate = self.chance.random()
        path = f"/v1/requests/{code}/"
        if fate < 0.15:
            return self.say(self.test.lead, path + "decline", self.word())
        if fate < 0.25:
            return self.say(who, path + "withdraw", self.word())
        self.say(self.test.lead, path + "accept", {"expert": EXPERT})
        self.say(who, path + "consent", {"consent": "treatment",
                                         "kept": "folder"})
        return self.book(who, {"request": code}, request=code)

    def place(self):
        who = self.chance.choice((self.test.one, self.test.two))
        number = next(self.order)
        self.book(who, {"kind": "clinic-slot", "patient": {
            "local_id": f"K{number}", "name": "K", "summary": "stable"}},
            kind="clinic-slot")

    def book(self, who, body, **query):
        slots = who.get("/v1/slots", n=12, expert=EXPERT, **query)
        self.test.assertEqual(slots.status, 200, slots)
        if not slots.json["slots"]:
            return
        slot = self.chance.choice(slots.json["slots"])
        made = self.say(who, "/v1/bookings", {
            **body, "expert": EXPERT, "at": slot["from"]})
        begin, end = utc(made["from"]), utc(made["to"])
        self.come(who, f"/v1/bookings/{made['code']}/", begin, end)

    def come(self, who, path, begin, end):
        fate, now = self.chance.random(), self.service.now()
        if fate < 0.2:
            self.at(self.chance.randrange(now, begin), self.say,
                    self.chance.choice((who, self.test.lead)),
                    path + "cancel", self.word())
        elif fate < 0.35:
            self.at(end, self.say, who, path + "noshow", {
                "absent": self.chance.choice(("patient", "expert", "site",
                                              "link"))})
        else:
            late = self.chance.choice((0, 0, 30, 90, 4 * 60))
            self.at(begin + late, self.say, self.test.expert, path + "start",
                    {"reason": "looked at by telephone"})
            if fate > 0.8 and end > begin + 11 * 60:
                self.at(end - 4 * 60, self.say, self.test.expert, path + "late",
                        {"minutes": self.chance.randrange(1, 4),
                         **self.word()})
            self.at(end + self.chance.randrange(-3 * 60, 4 * 60), self.say,
                    self.test.expert, path + "finish")


class Reports(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        print(f"SEED={SEED}")
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))
        cls.play()
        cls.db = cls.enterClassContext(
            ledger.copy_of(cls.service.database))

    @classmethod
    def play(cls):
        cls.test = cls("test_who_sees_what")
        h = cls.history = History(cls.test)
        for _ in range(REQUESTS):
            h.at(h.begin + h.chance.randrange(20 * DAY), h.submit)
        for _ in range(PLACES):
            h.at(h.begin + h.chance.randrange(20 * DAY), h.place)
        # While nobody is there to judge it, one expires.
        cls.end = h.begin + 45 * DAY
        h.run(cls.end)
        cls.begin = h.begin - DAY

    def get(self, who, name, by=(), **query):
        answer = who.get(f"/v1/reports/{name}", by=list(by), **{
            "from_": rfc3339(self.begin), "to": rfc3339(self.end), **query})
        self.assertEqual(answer.status, 200, answer)
        return answer

    def ids(self):
        return {slug: number for table in ("site", "subject")
                for number, slug in self.db.execute(
                    f"SELECT id, slug FROM {table}")}

    def test_each_figure_is_as_it_is_counted(self):
        ids = self.ids()
        sees = {"lead": lambda t: t["lead"] == ids["anzhen"],
                "one": lambda t: t["partner"] == ids["liaoyang-central"],
                "two": lambda t: t["partner"] == ids["cooperating-2"],
                "expert": lambda t: t["expert"] == ids[EXPERT],
                "auditor": lambda t: t["lead"] == ids["anzhen"],
                "stranger": lambda t: False}
        rows = 0
        for who, name, by in itertools.product(sees, figures.COLUMNS,
                                               PERIODS):
            with self.subTest(who=who, name=name, by=by, seed=SEED):
                counted = figures.Figures(self.db, self.begin, self.end,
                                          sees[who])
                # Without a choice a report has its own.
                asked = by or ["lead"]
                got = figures.answered(name, self.get(
                    getattr(self, who), name, asked).json["items"])
                self.assertEqual(getattr(counted, name)(asked), got)
                rows += len(got)
        self.assertGreater(rows, 200)

    def test_rows_for_a_spreadsheet_are_those_of_the_document(self):
        plain = self.get(self.lead, "activity", ["month", "kind"])
        path = plain.path
        for answer in (self.lead.get(path + "&format=csv"),
                       self.lead.request("GET", path, headers={
                           "Accept": "text/csv, application/json;q=0.5"})):
            self.assertEqual((answer.status, answer.headers["content-type"]),
                             (200, "text/csv; charset=utf-8"))
            self.assertEqual(answer.text.count("\r\n"),
                             len(plain.json["items"]) + 1)
            rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
            self.assertEqual(
                [{k: str(v) for k, v in r.items()}
                 for r in plain.json["items"]],
                [{k: v for k, v in r.items() if v} for r in rows])
        both = self.lead.request("GET", path + "&format=json", headers={
            "Accept": "text/csv"})
        self.assertEqual(both.json, plain.json)
        for name in ("answers", "load"):
            said = self.lead.get(f"/v1/reports/{name}", format="csv").text
            self.assertIn("expert", said.splitlines()[0])

    def test_quotas_are_what_booking_counts(self):
        rows = self.get(self.lead, "quotas").json["items"]
        self.assertTrue(rows)
        for row in rows:
            used = self.db.execute(
                "SELECT count(*) FROM booking b JOIN agreement a"
                " ON a.id = b.agreement WHERE a.slug = ? AND b.kind = ?"
                " AND (b.status IN ('booked', 'arrived', 'started',"
                "  'fulfilled') OR (b.spent = 1 AND b.status IN"
                "  ('cancelled', 'noshow')))"
                " AND strftime('%Y-%m', b.from_time + 8 * 3600, 'unixepoch')"
                " = ?", (row["agreement"], row["kind"],
                         row["period"])).fetchone()[0]
            self.assertEqual((row["used"], row["left"]),
                             (used, row["quota"] - used), row)
        self.assertTrue(any(row["used"] for row in rows))
        self.assertEqual(
            {r["partner"] for r in self.get(self.two, "quotas").json["items"]},
            {"cooperating-2"})

    def test_hours_are_those_of_the_plan(self):
        """Second by second, of what the expert's plan shows."""
        begin = self.history.begin + 2 * 7 * DAY
        end = begin + 21 * DAY
        plan = self.expert.get(f"/v1/experts/{EXPERT}/schedule",
                               from_=rfc3339(begin), to=rfc3339(end)).json

        def seconds(spans):
            return {s for span in spans for s in range(
                max(utc(span["from"]), begin), min(utc(span["to"]), end))}
        offered, taken = seconds(plan["open"]), seconds(plan["entries"])
        free = len(offered - taken)
        for who in (self.lead, self.expert):
            (row,) = self.get(who, "hours", ["expert"], expert=EXPERT,
                              from_=rfc3339(begin),
                              to=rfc3339(end)).json["items"]
            self.assertEqual(
                (row["offered_minutes"], row["taken_minutes"],
                 row["free_minutes"], row["free_percent"]),
                (len(offered) // 60, len(offered & taken) // 60, free // 60,
                 free * 100 // len(offered)))
            self.assertGreater(row["taken_minutes"], 0)
        days = self.get(self.lead, "hours", ["day"], expert=EXPERT,
                        from_=rfc3339(begin), to=rfc3339(end)).json["items"]
        self.assertEqual(len(days), 21)
        for column in ("offered_minutes", "session_minutes", "sessions"):
            self.assertEqual(sum(d[column] for d in days), row[column])
        self.assertEqual(self.get(self.two, "hours").json["items"], [])

    def test_who_sees_what(self):
        """No patient, and of others not even that there is something."""
        for name in (*figures.COLUMNS, "quotas", "hours"):
            text = self.get(self.lead, name).text
            self.assertNotRegex(text, "patient [0-9]|P0000")
            stranger = self.get(self.stranger, name).json["items"]
            self.assertEqual([r for r in stranger
                              if r.get("lead") != "pumch"], [], name)

    def test_what_cannot_be_asked(self):
        for query, at in (({"by": ["month", "day"]}, "#by"),
                          ({"by": "weekday"}, "#by"),
                          ({"format": "xml"}, "#format"),
                          ({"from_": rfc3339(0)}, "#to")):
            answer = self.lead.get("/v1/reports/activity", **query)
            self.assertEqual((answer.status, answer.code),
                             (422, "invalid"), answer)
            self.assertEqual(answer.json["errors"][0]["pointer"], at)
        answer = self.lead.get("/v1/reports/quotas", by="day")
        self.assertEqual(answer.status, 422, answer)

    def test_with_the_tool(self):
        hands = Hands(self.service)
        self.addCleanup(hands.close)
        hands.person("desk", "lead-coordinator", "--site", "anzhen")
        span = ("--from", rfc3339(self.begin), "--to", rfc3339(self.end))
        for name in (*figures.COLUMNS, "quotas", "hours", "answers", "load"):
            said = hands.must("desk", "report", name, *span)
            self.assertIn("Asia/Shanghai", said)
            rows = hands.must("desk", "-o", "csv", "report", name, *span)
            items = json.loads(hands.must("desk", "-o", "json", "report", name,
                                          *span))["items"]
            self.assertEqual(len(rows.splitlines()), len(items) + 1, rows)
        said = hands.must("desk", "report", "activity", *span, "--by",
                          "kind", "--kind", "clinic-slot")
        self.assertRegex(said, r"KIND +DONE")
        self.assertRegex(said, r"clinic-slot +\d+")
        said = hands.must("desk", "report", "hours", *span)
        self.assertRegex(said, r"TAKEN MIN +FREE MIN +FREE % +SESSIONS")
        self.assertNotIn("MINUTES", said)

    def test_nothing_is_wrong_and_what_would_be_is_found(self):
        self.assertEqual(ledger.faults(self.service.database,
                                       self.service.now()), [])
        for damage, check in (
                ("UPDATE claim SET to_time = to_time + 86400", "overlaps"),
                ("UPDATE booking SET status = 'cancelled'", "claims"),
                ("UPDATE request SET status = 'scheduled'", "requests"),
                ("UPDATE booking SET status = 'booked'", "events"),
                ("UPDATE booking SET patient = 1, from_time = 60,"
                 " status = 'booked'", "twice")):
            with ledger.copy_of(self.service.database) as db:
                for name, in db.execute("SELECT name FROM sqlite_master WHERE"
                                        " type = 'trigger'").fetchall():
                    db.execute(f"DROP TRIGGER {name}")
                db.execute("DROP INDEX booking_request")
                db.execute(damage)
                found = [f for c in ledger.CHECKS
                         for f in c(db, self.service.now())
                         if c.__name__ == check]
                self.assertTrue(found, check)


class Replay(unittest.TestCase):
    def test_a_month_of_the_seconded_expert(self):
        run, found, _ = replay.play(1)
        with open(os.path.join(ROOT, "docs", "replay.md"),
                  encoding="utf-8") as f:
            page = f.read()
        for line in replay.table(found, {k: 0 for k in replay.KINDS}
                                 ).splitlines()[:3]:
            self.assertIn(line, page)
        self.assertGreater(run.requests, 500)

    def test_the_file_is_what_its_maker_makes(self):
        sys.path.append(os.path.join(ROOT, "tests", "tools"))
        import secondment
        head, visits = secondment.document()
        with open(os.path.join(ROOT, "examples", "secondment.json"),
                  encoding="utf-8") as f:
            self.assertEqual(json.load(f), {**head, "visits": visits})


if __name__ == "__main__":
    unittest.main()
