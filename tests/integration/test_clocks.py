"""Promises with the real daemon: who hears what when, what is late, how it was.

The clock is the test's own; an independent model of the ladder says what must
have been told by then, over kills and starts at any step.
"""
import os
import random
import sys
import unittest

from hands import Hands
from service import Service
from way import EXPERT, PEOPLE, request_body, rfc3339, utc

MINUTE = 60
# Of the limit set "heart" (examples/liaoyang.json), in minutes, and of the
# ladder that there is when none was agreed on, in per cent.
LIMITS = {"emergency": (5, 15), "urgent": (30, 720), "routine": (1440, 2880)}
LADDER = (50, 80, 100, 200)


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))
        cls.people = [getattr(cls, row[0]) for row in PEOPLE]

    def restart(self):
        self.service.kill()
        self.service.start()
        for who in self.people:
            who.close()
            who.port = self.service.ports["partners"]

    def submit(self, urgency="routine"):
        answer = self.one.post("/v1/requests", request_body(
            "liaoyang-central", urgency=urgency))
        self.assertEqual(answer.status, 201, answer)
        return answer.json["code"]

    def act(self, who, code, verb, **body):
        answer = who.post(f"/v1/requests/{code}/{verb}", body,
                          match="*")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def shown(self, code):
        return self.lead.get(f"/v1/requests/{code}").json

    def said(self, code):
        """(verb, what, per cent, when) of all that was told of it."""
        rows = []
        for event in self.shown(code)["history"]:
            if event["verb"] in ("remind", "escalate"):
                what, rest = event["reason"].split(": ")
                rows.append((event["verb"], what, int(rest.split()[0]),
                             utc(event["at"])))
        return rows


class Model:
    """What must have been told: by the request's limits alone."""

    def __init__(self, urgency, begin):
        self.begin, self.ends = begin, {"answer": None, "start": None}
        self.limits = dict(zip(("answer", "start"), LIMITS[urgency]))
        self.rows = []
        self.told = {"answer": 0, "start": 0}

    def pass_to(self, now):
        """Time has come to now, and a daemon has done what was due."""
        for what, minutes in self.limits.items():
            if self.ends[what]:
                continue
            for percent in LADDER:
                due = self.begin + minutes * MINUTE * percent // 100
                if percent > self.told[what] and due <= now:
                    self.rows.append(("remind" if percent < 100
                                      else "escalate", what, percent, now))
                    self.told[what] = percent

    def end(self, *whats):
        for what in whats:
            self.ends[what] = True


class Clocks(Told):
    def test_any_order_of_steps_kills_and_starts(self):
        seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(
            1 << 32))
        print(f"SEED={seed}", file=sys.stderr)
        draw = random.Random(seed)
        models = {}
        for _ in range(60):
            step = draw.choice(("submit", "pass", "pass", "pass", "kill",
                                "accept", "decline", "withdraw"))
            if step == "submit":
                urgency = draw.choice(sorted(LIMITS))
                models[self.submit(urgency)] = Model(urgency,
                                                     self.service.now())
            elif step in ("pass", "kill"):
                # While nothing runs time goes on.
                if step == "kill":
                    self.service.kill()
                self.service.clock.advance(minutes=draw.choice(
                    (1, 2, 3, 15, 60, 600, 1500)))
                if step == "kill":
                    self.restart()
                self.service.settle()
                for model in models.values():
                    model.pass_to(self.service.now())
            elif models:
                code = draw.choice(sorted(models))
                self.end(code, step, models[code])
        for code, model in models.items():
            self.assertEqual(sorted(self.said(code)), sorted(model.rows),
                             f"SEED={seed} {code}")
        # The last word: nobody is told of anything any more.
        self.service.kill()
        self.assertEqual(self.service.rows(
            "SELECT count(*), count(DISTINCT thing_id || what) FROM due"
            " WHERE at <= ?", self.service.now()), [(0, 0)])

    def end(self, code, verb, model):
        status = self.shown(code)["status"]
        if status != "submitted":
            return
        body = {"accept": {"expert": EXPERT},
                "decline": {"reason": "not for us"},
                "withdraw": {"reason": "better"}}[verb]
        who = self.one if verb == "withdraw" else self.lead
        self.act(who, code, verb, **body)
        model.end("answer", *(() if verb == "accept" else ("start",)))


class Worklist(Told):
    def items(self, who, **query):
        answer = who.get("/v1/worklist", **query)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_what_is_late_comes_first_and_is_for_its_parties(self):
        service = self.service
        urgent = self.submit("urgent")
        routine = self.submit("routine")
        self.assertEqual([(i["code"], i["what"]) for i in
                          self.items(self.lead)["items"]],
                         [(urgent, "answer"), (urgent, "start")])
        service.advance(minutes=31)
        first = self.items(self.lead)["items"][0]
        self.assertEqual((first["state"], first["code"], first["partner"]),
                         ("late", urgent, "liaoyang-central"))
        self.assertEqual(utc(first["due"]), service.now() - MINUTE)
        # A page at a time it is the same, in the same order.
        whole = self.items(self.one, to=rfc3339(service.now() + 4 * 86400))
        self.assertEqual(len(whole["items"]), 4)
        paged, cursor = [], {}
        while True:
            page = self.items(self.one, limit=1, **cursor,
                              to=rfc3339(service.now() + 4 * 86400))
            paged += page["items"]
            if "next" not in page:
                break
            cursor = {"cursor": page["next"]}
        self.assertEqual(paged, whole["items"])
        self.assertEqual([i["code"] for i in
                          self.items(self.one, status="late")["items"]],
                         [urgent])
        for nobody in (self.two, self.stranger, self.expert):
            self.assertEqual(self.items(nobody)["items"], [])
        self.act(self.lead, urgent, "accept", expert=EXPERT)
        mine = self.items(self.expert)["items"]
        self.assertEqual([(i["code"], i["what"]) for i in mine],
                         [(urgent, "start")])
        shown = self.shown(urgent)
        self.assertEqual((shown["answer_state"], shown["start_state"]),
                         ("missed", "running"))
        # The report has what became of them.
        self.act(self.lead, routine, "accept", expert=EXPERT)
        report = self.lead.get("/v1/reports/answers").json["items"]
        pair = [r for r in report if r.get("partner") == "liaoyang-central"]
        self.assertEqual(
            [(r["answers"], r["answers_in_time"], r["answers_late"],
              r["answer_median_minutes"], r["answer_p90_minutes"],
              r["starts"], r["starts_in_time"]) for r in pair],
            [(2, 1, 1, 31, 31, 2, 0)])
        expert = [r for r in report if r.get("expert") == EXPERT]
        self.assertEqual(len(expert), 1)
        self.assertEqual(self.two.get("/v1/reports/answers").json["items"],
                         [])
        self.with_the_tool(urgent)

    def with_the_tool(self, code):
        hands = Hands(self.service)
        self.addCleanup(hands.close)
        hands.person("lead", "lead-coordinator", "--site", "anzhen")
        self.service.advance(hours=13)
        said = hands.must("lead", "list", "late", "--status", "late")
        self.assertRegex(said, rf"{code} .* late +start +urgent")
        said = hands.must("lead", "report", "answers")
        self.assertRegex(said, r"liaoyang-central +anzhen +1 of 2, 31 min")
        said = hands.must("lead", "show", code)
        self.assertRegex(said, r"answer by +.*, missed")
        csv = hands.must("lead", "-o", "csv", "report", "answers")
        self.assertEqual(len(csv.splitlines()), 3)


if __name__ == "__main__":
    unittest.main()
