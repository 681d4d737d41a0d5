"""Series by the interface and by the tool: a patient who comes every week."""
import re
import unittest

from hands import Hands
from service import Service
from way import rfc3339, shanghai

DAY = 86400
WEEK = 7 * DAY
DOCTOR = "coronary-1"
PATIENT = {"local_id": "W-1", "name": "Weekly Wang"}
TOOL = ("series", "book", "clinic-slot", "--expert", DOCTOR,
        "--patient-id", "W-2", "--patient-name", "Another")


class Series(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.one = cls.service.person("one", "site-coordinator",
                                     "liaoyang-central")
        cls.two = cls.service.person("two", "site-coordinator",
                                     "cooperating-2")
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("desk", "site-coordinator", "--site",
                         "liaoyang-central")
        cls.hands.person("lead", "lead-coordinator", "--site", "anzhen")
        cls.at = shanghai(1, "14:00", 2)  # in the clinic on Tuesdays
        cls.service.at(cls.at - 3 * DAY)

    def ok(self, answer):
        self.assertIn(answer.status, (200, 201), answer)
        return answer

    def body(self, at, rrule, **other):
        return {"rrule": rrule, "booking": {
            "kind": "clinic-slot", "expert": DOCTOR, "at": rfc3339(at),
            "patient": PATIENT}, **other}

    def change(self, code, verb, body):
        etag = self.ok(self.one.get(f"/v1/bookings/{code}")).etag
        return self.one.post(f"/v1/bookings/{code}/{verb}", body, match=etag)

    def times(self, code):
        return [(o.get("from"), o.get("status")) for o in self.ok(
            self.one.get(f"/v1/series/{code}")).json["occurrences"]]

    def test_a_year_by_the_interface(self):
        body = self.body(self.at, "FREQ=WEEKLY;COUNT=4", together="all")
        tried = self.ok(self.one.post("/v1/series/dry-run", body)).json
        self.assertTrue(tried["dry_run"])
        self.assertNotIn("code", tried)
        self.assertEqual(tried["done"], 4)
        self.assertEqual(self.ok(self.one.get("/v1/series")).json["items"],
                         [])
        made = self.ok(self.one.post("/v1/series", body, key="weekly"))
        again = self.ok(self.one.post("/v1/series", body, key="weekly"))
        self.assertEqual(made.body, again.body)
        self.assertNotIn("Weekly", made.text)
        code = made.json["code"]
        self.assertTrue(made.headers["location"].endswith(code))
        self.assertEqual(self.times(code),
                         [(rfc3339(self.at + i * WEEK), "booked")
                          for i in range(4)])
        first, second = (o["booking"] for o in made.json["occurrences"][:2])
        shown = self.ok(self.one.get(f"/v1/bookings/{first}")).json
        self.assertEqual(shown["series"], code)
        # All of it or nothing, and what is in the way with times near it.
        refused = self.one.post("/v1/series", {
            **self.body(self.at - WEEK, "FREQ=WEEKLY;COUNT=4"),
            "on_holiday": "as-any-day"})
        self.assertEqual(refused.status, 409, refused)
        self.assertEqual([o["position"] for o in refused.json["occurrences"]],
                         [1, 2, 3, 4])
        self.assertTrue(all(o["blockers"] for o in
                            refused.json["occurrences"]))
        self.assertTrue(refused.json["occurrences"][1]["nearest"])
        # What is possible.
        some = self.ok(self.one.post("/v1/series", {
            **self.body(self.at + WEEK, "FREQ=WEEKLY;COUNT=4"),
            "together": "possible"})).json
        self.assertEqual([o["outcome"] for o in some["occurrences"]],
                         3 * ["skipped"] + ["made"])
        self.assertEqual(len(self.ok(self.one.get("/v1/series"))
                             .json["items"]), 2)
        # Others see nothing of it.
        for path in (code, "0000-0000"):
            answer = self.two.get(f"/v1/series/{path}")
            self.assertEqual(answer.status, 404, answer)
        self.try_what_follows(code, second)
        # From the second one on to Thursdays, and the rest is cancelled.
        moved = self.ok(self.change(second, "move-following", {
            "at": rfc3339(self.at + WEEK + 2 * DAY)})).json
        self.assertEqual(moved["done"], 3)
        self.assertEqual(self.times(code)[1][0],
                         rfc3339(self.at + WEEK + 2 * DAY))
        gone = self.ok(self.change(second, "cancel-following", {
            "reason": "feels better"})).json
        self.assertEqual(gone["done"], 3)
        self.assertEqual([s for _, s in self.times(code)],
                         ["booked"] + 3 * ["cancelled"])

    def try_what_follows(self, code, second):
        """What would move where, and what would not; nothing changes."""
        had = self.times(code)
        sequence = self.ok(self.one.get(f"/v1/bookings/{second}")).etag
        thursday = self.at + WEEK + 2 * DAY
        tried = self.ok(self.change(second, "move-following/dry-run", {
            "at": rfc3339(thursday)})).json
        self.assertTrue(tried["dry_run"])
        self.assertEqual(tried["code"], code)
        self.assertEqual(tried["done"], 3)
        self.assertEqual(
            [(o["outcome"], o["was"], o["from"])
             for o in tried["occurrences"]],
            [("moved", had[i][0], rfc3339(thursday + (i - 1) * WEEK))
             for i in (1, 2, 3)])
        # At night nobody is there: each with its reasons and other times.
        night = {"at": rfc3339(self.at + WEEK + 12 * 3600)}
        answer = self.change(second, "move-following/dry-run", night)
        self.assertEqual(answer.status, 409, answer)
        real = self.change(second, "move-following", night)
        self.assertEqual(real.status, 409, real)
        self.assertEqual(real.json["occurrences"],
                         answer.json["occurrences"])
        for i, o in enumerate(answer.json["occurrences"]):
            self.assertEqual(o["tried"], rfc3339(
                self.at + WEEK + 12 * 3600 + i * WEEK))
            self.assertEqual(o["from"], had[i + 1][0])
            self.assertTrue(o["blockers"])
            self.assertTrue(o["nearest"])
        gone = self.ok(self.change(second, "cancel-following/dry-run", {
            "reason": "feels better"})).json
        self.assertTrue(gone["dry_run"])
        self.assertEqual([o["outcome"] for o in gone["occurrences"]],
                         3 * ["cancelled"])
        self.assertEqual(self.times(code), had)
        self.assertEqual(
            self.ok(self.one.get(f"/v1/bookings/{second}")).etag, sequence)
        # Others have no part in it.
        for verb, body in (("move-following", night),
                           ("cancel-following", {"reason": "mine"})):
            answer = self.two.post(f"/v1/bookings/{second}/{verb}/dry-run",
                                   body, match="*")
            self.assertEqual(answer.status, 404, answer)

    def test_by_the_tool(self):
        at = ("--at", rfc3339(self.at + 1200))
        rule = ("--rrule", "FREQ=WEEKLY;COUNT=3")
        tried = self.hands.must("desk", *TOOL, *at, *rule, "--dry-run")
        self.assertIn("A dry run, nothing is stored: 3 of 3 made.", tried)
        made = self.hands.must("desk", *TOOL, *at, *rule)
        self.assertIn("3 of 3 made.", made)
        series = re.match(r"\S{4}-\S{4}", made).group(0)
        bookings = re.findall(r"made +(\S{4}-\S{4})", made)
        self.assertEqual(len(bookings), 3, made)
        refused = self.hands.run("desk", *TOOL, *at, *rule)
        self.assertEqual(refused.returncode, 1, refused)
        self.assertIn("3 cannot be made, so nothing was done",
                      refused.stderr)
        self.assertIn("3, planned for", refused.stderr)
        self.assertIn("nearest: ", refused.stderr)
        session = self.hands.run(
            "lead", "series", "session", "teaching-round", "Mitral valves",
            "--expert", DOCTOR, "--seats", "9", *at, *rule, "--dry-run")
        self.assertRegex(session.stdout + session.stderr,
                         r"3 of 3 made|3 cannot be made")
        wrong = self.hands.run("desk", *TOOL, *at, "--rrule", "FREQ=WEEKLY")
        self.assertIn("--rrule: ", wrong.stderr)
        self.assertIn(series, self.hands.must("desk", "show", bookings[0]))
        self.hands.must("desk", "move", bookings[1], "--to",
                        rfc3339(self.at + WEEK + 3600))
        shown = self.hands.must("desk", "series", "show", series)
        self.assertRegex(shown, r"apart +" + bookings[1])
        to = ("--to", rfc3339(self.at + WEEK + 2 * DAY + 2400))
        for _ in range(2):  # the first has changed nothing
            tried = self.hands.must("desk", "series", "move", bookings[1],
                                    *to, "--dry-run")
            self.assertIn("A dry run, nothing is stored: 2 of 2 moved.",
                          tried)
            self.assertIn("WAS", tried)
        refused = self.hands.run(
            "desk", "series", "move", bookings[1], "--to",
            rfc3339(self.at + WEEK + 12 * 3600), "--dry-run")
        self.assertIn("2 cannot be moved, so nothing was done",
                      refused.stderr)
        self.assertRegex(refused.stderr, r"2, at .*:\n")
        self.assertIn("nearest: ", refused.stderr)
        moved = self.hands.must("desk", "series", "move", bookings[1], *to)
        self.assertIn("2 of 2 moved.", moved)
        tried = self.hands.must("desk", "series", "cancel", bookings[0],
                                "--reason", "at home now", "--dry-run")
        self.assertIn("A dry run, nothing is stored: 3 of 3 cancelled.",
                      tried)
        gone = self.hands.must("desk", "series", "cancel", bookings[0],
                               "--reason", "at home now", "--possible")
        self.assertIn("3 of 3 cancelled.", gone)
        self.assertIn(series, self.hands.must("desk", "series", "list"))


if __name__ == "__main__":
    unittest.main()
