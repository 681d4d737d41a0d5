"""Places of clinic sessions that are kept for a partner, taken back at their
time or by hand, given behind the last one, and counted by month."""
import datetime
import json

from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, patient,
                  reasons, resource, rule, site)
from service import Service
from way import NUMBERS, rfc3339, utc

CLINIC = "clinic-slot"
REASON = "their ambulance was late"


def clinics(until="10:00"):
    kept = {"days_before": 2, "until": "17:00"}
    return network(
        sites=[site(s) for s in ("city", "north", "south")],
        agreements=[
            agreement("city-north", "city", "north", [CLINIC],
                      overbook_most=1, cancel_notice_minutes=60,
                      shares=[{"places": 1, **kept},
                              {"places": 3, "expert": "sitter", **kept}]),
            agreement("city-south", "city", "south", [CLINIC],
                      overbook_most=1)],
        resources=[resource("city/clinic", "clinic-room")],
        experts=[expert("sitter", "city", [CLINIC])],
        availability=[rule("sitter", "TU", "08:00", until, at="city/clinic",
                           slot_minutes=30, kinds=[CLINIC])],
        secondments=[], transfers=[])


class Shares(Net):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.admin = cls.service.admin()
        cls.service.load(clinics())
        for who, role, place in (("lead", "lead-coordinator", "city"),
                                 ("north", "site-coordinator", "north"),
                                 ("south", "site-coordinator", "south"),
                                 ("auditor", "auditor", "city")):
            setattr(cls, who, cls.service.person(who, role, place))
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("city", "lead-coordinator", "--site", "city")

    def place(self, who, when, **other):
        return self.take(who, kind=CLINIC, expert="sitter", at=when,
                         patient=patient(next(NUMBERS)), **other)

    def had(self, who, when, **other):
        return self.expect(self.place(who, when, **other), 201)

    def free(self, who, begin, **other):
        found = self.slots(who, kind=CLINIC, expert="sitter",
                           from_=rfc3339(begin), to=rfc3339(begin + 12 * 3600),
                           **other)
        return [(utc(s["from"]) - begin) // 1800 for s in found]

    def took_back(self, who, begin, **other):
        return who.post("/v1/take-backs", {
            "agreement": "city-north", "expert": "sitter",
            "at": rfc3339(begin), "reason": "nobody is coming", **other})

    def test_kept_taken_back_given_behind_and_counted(self):
        day = next_day(1, 3)
        begin, half = at(day, "08:00"), 1800
        until = at(day - datetime.timedelta(days=2), "17:00")
        first = self.had(self.south, begin)
        # Three of four are kept, for whom nobody says.
        self.assertEqual(self.free(self.south, begin), [])
        self.assertEqual(self.free(self.north, begin), [1, 2, 3])
        refused = self.refused(self.place(self.south, begin + half))
        (why,) = refused.json["blockers"]
        self.assertEqual((why["subject"], why["reason"], utc(why["to"])),
                         ("sitter", "share", until))
        self.assertIn("for another partner until", why["detail"])
        self.assertNotIn("north", json.dumps(refused.json))
        self.assertNotIn(rfc3339(begin + half),
                         [s["from"] for s in refused.json["nearest"]])
        explained = self.expect(self.south.get(
            "/v1/slots", kind=CLINIC, expert="sitter",
            from_=rfc3339(begin + half), to=rfc3339(begin + 2 * half),
            why_not=True), 200).json
        self.assertEqual([b["reason"] for b in explained["blockers"]],
                         ["share"])
        # What its own has taken is kept no longer, and no more is.
        missing = self.had(self.north, begin + half)
        self.refused(self.place(self.south, begin + 2 * half))

        # By hand: the lead alone, once.
        self.expect(self.took_back(self.south, begin), 403, "forbidden")
        self.expect(self.took_back(self.lead, begin + 86400), 422,
                    "invalid")
        self.expect(self.took_back(self.lead, begin, agreement="city-south"),
                    422, "invalid")
        back = self.expect(self.took_back(self.lead, begin + 60), 200).json
        self.assertEqual((utc(back["from"]), back["places"],
                          utc(back["until"])), (begin, 3, until))
        self.expect(self.took_back(self.lead, begin), 409, "wrong-state")
        self.assertEqual(self.free(self.south, begin), [2, 3])
        late = self.had(self.south, begin + 2 * half)
        gone = self.had(self.north, begin + 3 * half)

        # Behind the last one.
        self.assertEqual(self.free(self.lead, begin, site="south",
                                   overbook=True), [4])
        self.assertEqual(self.free(self.south, begin, overbook=True), [])
        refused = self.refused(self.place(self.south, begin + 4 * half,
                                          overbook=REASON))
        self.assertEqual(reasons(refused), [("sitter", "expert", "overbook")])
        self.refused(self.place(self.lead, begin + 4 * half, site="south"))
        more = self.had(self.lead, begin + 4 * half, site="south",
                        overbook=REASON)
        shown = self.south.get(f"/v1/bookings/{more.json['code']}").json
        self.assertEqual([e["reason"] for e in shown["history"]], [REASON])
        refused = self.refused(self.place(self.lead, begin + 5 * half,
                                          site="south", overbook=REASON))
        self.assertEqual(reasons(refused),
                         [("sitter", "expert", "overbook-most")])
        # To import the network again finds nothing wrong with it.
        report = self.expect(self.admin.post("/v1/import", clinics()), 200)
        self.assertEqual(report.json["orphaned"], 0)
        # ... but without the last two places whoever has one has none, though
        # they lie behind the last one now.
        report = self.expect(self.admin.post("/v1/import", clinics("09:00")),
                             200).json
        self.assertEqual({o["booking"] for o in report["orphans"]},
                         {late.json["code"], gone.json["code"]})
        report = self.expect(self.admin.post("/v1/import", clinics()), 200)
        self.assertEqual(report.json["orphaned"], 0)

        # The day, and what is counted of it.
        self.service.clock.at(begin + 45 * 60)
        self.cancelled(self.north, gone)
        self.service.clock.at(begin + 3 * half)
        for booked, verb, body in ((first, "arrive", {}),
                                   (missing, "noshow", {"absent": "patient"}),
                                   (late, "noshow", {"absent": "expert"})):
            self.expect(self.change(self.lead, booked, verb, **body), 200)
        month = str(day.replace(day=1))
        whole = {"from_": rfc3339(begin - 86400),
                 "to": rfc3339(begin + 86400)}
        none = {"booked": 0, "open": 0, "came": 0, "absent": 0, "failed": 0,
                "cancelled": 0, "cancelled_late": 0}
        north = {**none, "month": month, "agreement": "city-north",
                 "lead": "city", "partner": "north", "booked": 2, "absent": 1,
                 "cancelled_late": 1}
        south = {**none, "month": month, "agreement": "city-south",
                 "lead": "city", "partner": "south", "booked": 3, "came": 1,
                 "failed": 1, "open": 1}
        for who, items in ((self.lead, [north, south]),
                           (self.auditor, [north, south]),
                           (self.north, [north]), (self.south, [south])):
            self.assertEqual(self.expect(who.get(
                "/v1/reports/clinic", **whole), 200).json["items"], items)

        # In time, with nobody's help, and by the tool.
        day += datetime.timedelta(days=7)
        begin = at(day, "08:00")
        self.had(self.south, begin)
        said = self.hands.must(
            "city", "take-back", "city-north", "--expert", "sitter", "--at",
            f"{day} 08:00", "--reason", "they said so", "--tz",
            "Asia/Shanghai")
        self.assertRegex(said, r"^sitter .* of 3 places is anybody's now")
        said = self.hands.must("city", "report", "clinic", "--from",
                               f"{month}", "--to", str(day), "--tz",
                               "Asia/Shanghai")
        self.assertRegex(said, rf"(?m)^{month[:7]} +north +city-north +2 +0"
                               r" +1 +0 +0 +1 +0$")
        for n in range(1, 4):
            self.had(self.south, begin + n * half)
        self.assertIn("10:00", self.hands.must(
            "city", "slots", CLINIC, "--expert", "sitter", "--site", "south",
            "--overbook", "--from", str(day), "--to", str(day), "--tz",
            "Asia/Shanghai"))
        self.hands.must(
            "city", "book", CLINIC, "--expert", "sitter", "--site", "south",
            "--at", f"{day} 10:00", "--overbook", REASON, "--patient-id",
            "77", "--patient-name", "Zhang", "--tz", "Asia/Shanghai")
        day += datetime.timedelta(days=7)
        begin = at(day, "08:00")
        self.had(self.south, begin)
        self.refused(self.place(self.south, begin + half))
        self.service.clock.at(
            at(day - datetime.timedelta(days=2), "17:00"))
        self.had(self.south, begin + half)
        self.expect(self.took_back(self.lead, begin), 409, "wrong-state")


if __name__ == "__main__":
    import unittest
    unittest.main()
