"""Pooled half-days: opened by the queue and by hand, filled in order, put in
another order, closed up; and nothing else in them."""
import unittest

from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, resource,
                  rule, site)
from service import Service
from way import NUMBERS, rfc3339, utc

REMOTE, IMAGING = "remote-consultation", "imaging-consultation"
MINUTE = 60


def pooled():
    return network(
        sites=[site("city"), site("north"), site("south"), site("other")],
        agreements=[
            agreement("city-north", "city", "north", [REMOTE, IMAGING]),
            agreement("city-south", "city", "south", [REMOTE, IMAGING]),
            agreement("other-north", "other", "north", [REMOTE])],
        resources=[resource("city/studio-1", "studio"),
                   resource("city/studio-2", "studio"),
                   resource("north/studio", "studio", capacity=2),
                   resource("south/studio", "studio", capacity=2)],
        experts=[expert("ann", "city", [REMOTE, IMAGING],
                        buffer_minutes=10, modalities=["ultrasound"]),
                 expert("ben", "city", [REMOTE, IMAGING])],
        availability=[
            rule("ann", "MO", "08:00", "17:00", at="city/studio-1"),
            rule("ann", "TU", "08:00", "08:50", at="city/studio-1",
                 kinds=[REMOTE, IMAGING],
                 pool={"specialty": "heart", "threshold": 3,
                       "notice_minutes": 60,
                       "minutes": {REMOTE: 8, IMAGING: 5}}),
            rule("ann", "TU", "08:30", "12:00", at="city/studio-1"),
            rule("ben", "WE", "08:00", "09:00", at="city/studio-2",
                 kinds=[REMOTE],
                 pool={"specialty": "heart", "threshold": 100,
                       "notice_minutes": 0, "minutes": {REMOTE: 20}})],
        secondments=[], transfers=[])


class Pool(Net):
    @classmethod
    def setUpClass(cls):
        """Each test has a service of its own."""

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.service = Service(clock=True).init().start()
        self.addCleanup(self.service.close)
        self.service.load(pooled())
        self.admin = self.service.admin()
        self.day = next_day(1, 2)  # a Tuesday
        self.begin = at(self.day, "08:00")
        self.service.at(self.begin - 3 * 86400)
        for who, role, place in (("lead", "lead-coordinator", "city"),
                                 ("rival", "lead-coordinator", "other"),
                                 ("north", "site-coordinator", "north"),
                                 ("south", "site-coordinator", "south"),
                                 ("auditor", "auditor", "city")):
            setattr(self, who, self.service.person(who, role, place))
        self.hands = Hands(self.service)
        self.addCleanup(self.hands.close)
        self.hands.person("city", "lead-coordinator", "--site", "city")

    def wants(self, who, place, **other):
        made = self.expect(who.post("/v1/requests", {
            "kind": REMOTE, "site": place, "agreement": "city-" + place,
            "specialty": "heart",
            "reason": "angina", "purpose": "what next",
            "patient": {"local_id": f"P{next(NUMBERS)}", "name": "X",
                        "summary": "as before"}, **other}), 201)
        self.expect(self.lead.post(
            f"/v1/requests/{made.json['code']}/accept", {},
            match=made.etag), 200)
        self.service.advance(seconds=1)
        self.service.settle()
        return made.json["code"]

    def pools(self, who=None):
        return self.expect((who or self.lead).get("/v1/pools"),
                           200).json["items"]

    def ours(self):
        (found,) = [p for p in self.pools() if utc(p["from"]) == self.begin
                    and p["expert"] == "ann"]
        return found

    def order(self):
        """Which request begins at which minute."""
        return [(c["request"], (utc(c["from"]) - self.begin) / MINUTE)
                for c in self.ours()["cases"]]

    def cancel(self, code):
        shown = self.lead.get(f"/v1/bookings/{code}")
        self.expect(self.lead.post(f"/v1/bookings/{code}/cancel",
                                   {"reason": "she went home"},
                                   match=shown.etag), 200)
        self.service.advance(seconds=1)
        self.service.settle()

    def test_the_queue_opens_it_and_fills_it(self):
        first = self.wants(self.north, "north")
        second = self.wants(self.south, "south", kind=IMAGING,
                            modality="ultrasound")
        self.assertNotIn("code", self.ours())
        self.assertEqual(self.ours()["waiting"], 2)
        third = self.wants(self.north, "north", urgency="urgent")
        self.assertEqual(self.order(), [(third, 0), (first, 8), (second, 16)])
        was = self.lead.get(f"/v1/requests/{first}").json
        self.assertEqual((was["status"], was["expert"]),
                         ("scheduled", "ann"))
        # Each is an ordinary booking: its site sees it, others do not.
        code = self.ours()["cases"][0]["booking"]
        seen = self.expect(self.north.get(f"/v1/bookings/{code}"), 200).json
        self.assertEqual((seen["status"], seen["sequence"]), ("booked", 0))
        self.expect(self.south.get(f"/v1/bookings/{code}"), 404,
                    "not-found")
        # Who comes later and is urgent stands before who is not.
        fourth = self.wants(self.south, "south", urgency="urgent")
        self.assertEqual(self.order(), [(third, 0), (fourth, 8), (first, 16),
                                        (second, 24)])
        moved = self.ours()["cases"][2]["booking"]
        moved = self.expect(self.north.get(f"/v1/bookings/{moved}"), 200).json
        self.assertEqual((moved["sequence"], moved["history"][-1]["verb"]),
                         (1, "move"))
        # It is open once.
        self.expect(self.lead.post("/v1/pools", {
            "expert": "ann", "at": rfc3339(self.begin)}), 409, "wrong-state")

        # Another order by hand; the others follow.
        pool = self.ours()["code"]
        self.expect(self.rival.post(f"/v1/pools/{pool}/order",
                                    {"cases": [second]}), 404,
                    "not-found")
        self.expect(self.lead.post(f"/v1/pools/{pool}/order",
                                   {"cases": [second, second]}), 422,
                    "invalid")
        self.expect(self.lead.post(f"/v1/pools/{pool}/order",
                                   {"cases": [second, first]}), 200)
        self.assertEqual(self.order(), [(second, 0), (first, 5), (third, 13),
                                        (fourth, 21)])
        # Who leaves lets the others move up, and is not put in again.
        self.cancel(self.ours()["cases"][1]["booking"])
        self.assertEqual(self.order(), [(second, 0), (third, 5),
                                        (fourth, 13)])
        self.assertEqual(self.lead.get(f"/v1/requests/{first}").json["status"],
                         "accepted")
        # By the tool.
        shown = self.hands.must("city", "pool", "show", pool)
        self.assertIn("ann, heart, ", shown)
        self.assertIn("3 cases", shown)
        self.assertIn("heart", self.hands.must("city", "pool", "list"))
        self.hands.must("city", "pool", "order", pool, fourth)
        self.assertEqual(self.order(), [(fourth, 0), (second, 8),
                                        (third, 13)])
        # Once it has begun it stays as it is.
        self.service.at(self.begin + 1)
        self.expect(self.lead.post(f"/v1/pools/{pool}/order",
                                   {"cases": [third]}), 409, "wrong-state")
        self.assertTrue(self.verify_log())

    def test_nothing_else_is_in_it_and_no_more_than_fits(self):
        asked = self.wants(self.north, "north")
        for when, overlaps in (("08:00", True), ("08:30", True),
                               ("09:00", False)):
            answer = self.lead.post("/v1/bookings", {
                "request": asked, "expert": "ann",
                "at": rfc3339(at(self.day, when))})
            if overlaps:
                reasons = {b["reason"] for b in
                           self.refused(answer).json["blockers"]
                           if b.get("subject") == "ann"}
                self.assertEqual(reasons, {"pool"})
                self.assertNotIn(rfc3339(at(self.day, "08:20")), [
                    s["from"] for s in answer.json["nearest"]])
            else:
                self.expect(answer, 201)
        found = self.slots(self.north, agreement="city-north", kind=REMOTE,
                           specialty="heart",
                           from_=rfc3339(self.begin),
                           to=rfc3339(self.begin + 50 * MINUTE))
        self.assertEqual(found, [])
        # By hand, before enough wait; six of eight minutes fit into fifty.
        codes = [self.wants(self.north, "north") for _ in range(2)]
        opened = self.hands.must("city", "pool", "open", "ann", "--at",
                                 f"{self.day} 08:00")
        self.assertIn("2 cases", opened)
        codes += [self.wants(self.south, "south") for _ in range(6)]
        self.assertEqual(self.order(), [(c, 8 * i) for i, c in
                                        enumerate(codes[:6])])
        self.assertEqual(self.ours()["waiting"], 2)
        # Who waits comes when somebody leaves.
        self.cancel(self.ours()["cases"][0]["booking"])
        self.assertEqual(self.order(), [(c, 8 * i) for i, c in
                                        enumerate(codes[1:7])])
        # Out of it by hand, and not into it.
        last = self.ours()["cases"][5]["booking"]
        shown = self.lead.get(f"/v1/bookings/{last}")
        self.expect(self.lead.post(
            f"/v1/bookings/{last}/move",
            {"at": rfc3339(at(self.day, "10:00")), "duration_minutes": 20},
            match=shown.etag), 200)
        self.service.advance(seconds=1)
        self.service.settle()
        self.assertEqual([c for c, _ in self.order()],
                         codes[1:6] + codes[7:8])
        self.assertEqual(self.pools(self.north), [])
        self.assertEqual(len(self.pools(self.auditor)), len(self.pools()))
        self.expect(self.lead.post("/v1/pools", {
            "expert": "ann", "at": rfc3339(self.begin + 60)}), 422,
                    "invalid")
        # A second one, of another expert, the next day.
        second = self.expect(self.lead.post("/v1/pools", {
            "expert": "ben", "at": rfc3339(self.begin + 86400)}), 201).json
        self.assertEqual([utc(c["to"]) - utc(c["from"])
                          for c in second["cases"]], [20 * MINUTE])

        # What it cost is in the report.
        self.service.at(self.begin + 86400)
        rows = self.expect(self.lead.get(
            "/v1/reports/pooled", from_=rfc3339(self.begin - 10 * 86400),
            to=rfc3339(self.begin + 86400)), 200).json["items"]
        self.assertEqual({(r["specialty"], r["booked"], r["n"])
                          for r in rows},
                         {("heart", "pooled", 6), ("heart", "alone", 2)})
        for row in rows:
            self.assertGreater(row["median_minutes"], 2 * 1440)
        self.assertIn("alone", self.hands.must("city", "report", "pooled"))


if __name__ == "__main__":
    unittest.main()
