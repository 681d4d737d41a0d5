"""Six hundred kilometres between two clinics of an expert's: the way is taken
before the first session of a visit and after its last, over midnight and over
its first day, whichever was booked first; and a day of travel is a day of it."""
import datetime

from nets import (Net, agreement, at, expert, network, next_day, parts,
                  patient, reasons, resource, rule, site)
from way import NUMBERS, rfc3339, utc

CLINIC, VISIT = "clinic-slot", "onsite-visit"


NETWORK = network(
    sites=[site("city"), site("far")],
    agreements=[agreement("city-far", "city", "far", [CLINIC, VISIT])],
    resources=[resource("city/clinic", "clinic-room"),
               resource("far/clinic", "clinic-room")],
    experts=[expert("heart", "city", [CLINIC, VISIT], buffer_minutes=0)],
    availability=[
        rule("heart", "", "16:00", "20:00", at="city/clinic",
             slot_minutes=60, kinds=[CLINIC]),
        rule("heart", "", "08:00", "10:00", at="city/clinic",
             slot_minutes=60, kinds=[CLINIC])],
    secondments=[], transfers=[{"from": "city", "to": "far",
                                "minutes": 720}])


class Travel(Net):
    people = {"lead": ("lead-coordinator", "city"),
              "far": ("site-coordinator", "far")}

    @classmethod
    def made(cls):
        return NETWORK

    def place(self, when):
        return self.take(self.far, kind=CLINIC, expert="heart",
                         at=rfc3339(when), patient=patient(next(NUMBERS)))

    def placed(self, when):
        return self.expect(self.place(when), 201)

    def visit(self, first, last, **other):
        return self.expect(self.lead.post("/v1/roster", {
            "reason": "a visit", "changes": [{
                "change": "visit", "of": "heart", "site": "far",
                "first_day": first.isoformat(),
                "last_day": last.isoformat(), **other}]}), 200)

    def hours(self, first):
        """At the partner from that day on."""
        return [{"rrule": "FREQ=DAILY", "start": f"{first}T06:00",
                 "end": f"{first}T12:00", "time_zone": "Asia/Shanghai",
                 "at": "far/clinic", "slot_minutes": 60, "kinds": [CLINIC]}]

    def test_evening_here_and_morning_there(self):
        eve = next_day(2, 2)
        first, last = (eve + datetime.timedelta(n) for n in (1, 3))
        self.placed(at(eve, "19:00"))  # until 20:00
        self.visit(first, last, remote_requests="allow",
                   availability=self.hours(first))
        # Until eight in the morning the expert is on the way.
        for hour in ("06:00", "07:00"):
            refused = self.refused(self.place(at(first, hour)))
            self.assertEqual({r[2] for r in reasons(refused)}, {"transfer"})
        found = self.slots(self.far, kind=CLINIC, expert="heart", n=3,
                           from_=rfc3339(at(first, "00:00")),
                           to=rfc3339(at(first, "23:00")))
        self.assertEqual([utc(s["from"]) for s in found],
                         [at(first, f"{h:02}:00") for h in (8, 9, 10)])
        there = self.placed(at(first, "09:00"))
        self.assertEqual(parts(there.json, "transfer"),
                         [("transfer", "heart", at(eve, "21:00"),
                           at(first, "09:00"))])
        # The clinic at home is closed while the visit lasts.
        refused = self.refused(self.place(at(last, "17:00")))
        self.assertEqual({r[2] for r in reasons(refused)}, {"seconded"})

    def test_morning_there_and_evening_here(self):
        eve = next_day(2, 4)
        first, last = (eve + datetime.timedelta(n) for n in (1, 3))
        after = last + datetime.timedelta(1)
        self.visit(first, last, availability=self.hours(first))
        self.placed(at(first, "06:00"))
        # The way there begins at six in the evening.
        self.refused(self.place(at(eve, "18:00")))
        self.placed(at(eve, "17:00"))
        # And back, in the night after the last day.
        self.placed(at(last, "11:00"))
        back = self.placed(at(after, "08:00"))
        self.assertEqual(parts(back.json, "transfer"),
                         [("transfer", "heart", at(last, "20:00"),
                           at(after, "08:00"))])

    def test_a_day_of_travel(self):
        """A day of the visit without hours there."""
        eve = next_day(2, 6)
        first = eve + datetime.timedelta(1)
        had = self.placed(at(eve, "16:00")).json["code"]
        told = self.visit(eve, first, remote_requests="refuse",
                          availability=self.hours(first)).json
        self.assertEqual([o["booking"] for o in told["orphans"]], [had])
        self.refused(self.place(at(eve, "17:00")))
        self.placed(at(first, "06:00"))


if __name__ == "__main__":
    import unittest
    unittest.main()
