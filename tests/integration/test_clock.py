"""Time is what the test says, for the daemon and for the tool alike."""
import time
import unittest

from hands import Hands
from service import Service
from way import PEOPLE, EXPERT, request_body, rfc3339, shanghai, utc

DAY = 86400


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE[:2]:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))

    def held(self, weekday, **other):
        asked = self.one.post("/v1/requests", request_body(
            "liaoyang-central"))
        code = asked.json["code"]
        self.lead.post(f"/v1/requests/{code}/accept", {"expert": EXPERT},
                       match=asked.etag)
        held = self.one.post("/v1/holds", {
            "request": code, "at": rfc3339(shanghai(weekday, "08:00", 3)),
            "expert": EXPERT, "hold_minutes": 5, **other})
        self.assertEqual(held.status, 201, held)
        return held.json

    def status(self, held):
        return self.one.get(f"/v1/bookings/{held['code']}").json["status"]

    def test_time_stands_still_and_goes_on_as_told(self):
        service = self.service
        first = self.one.get("/v1/whoami").json["now"]
        self.assertEqual(utc(first), service.now())
        held = self.held(0)
        self.assertEqual(utc(held["hold_until"]), service.now() + 300)
        service.advance(minutes=4, seconds=59)
        self.assertEqual(self.status(held), "pending")
        service.advance(seconds=1)
        self.assertEqual(self.status(held), "lapsed")
        gone = self.one.get(f"/v1/bookings/{held['code']}").json["history"]
        self.assertEqual((gone[-1]["verb"], utc(gone[-1]["at"])),
                         ("lapse", service.now()))

    def test_what_was_due_while_nothing_ran_is_done_after_the_start(self):
        service = self.service
        held = self.held(2)
        service.kill()
        service.clock.advance(minutes=6)
        service.start()
        service.settle()
        for who in (self.one, self.lead):
            who.close()
            who.port = service.ports["partners"]
        self.assertEqual(self.status(held), "lapsed")


class Years(unittest.TestCase):
    def test_the_tool_and_its_certificate_live_in_it(self):
        service = Service(clock=True).init().start()
        self.addCleanup(service.close)
        service.load()
        hands = Hands(service)
        self.addCleanup(hands.close)
        hands.person("nurse", "site-coordinator", "--site",
                     "liaoyang-central")
        service.advance(days=1)
        said = hands.must("nurse", "-o", "json", "whoami")
        self.assertIn(rfc3339(service.now()), said)
        day = time.gmtime(service.now() + DAY + 8 * 3600)
        week = hands.must("nurse", "schedule", EXPERT, "--from", "tomorrow",
                          "--day")
        self.assertIn(time.strftime("%m-%d", day), week)
        # Certificates end by that clock: checked at the next handshake.
        service.advance(days=400)
        ran = hands.run("nurse", "whoami")
        self.assertEqual((ran.returncode, ran.stdout), (4, ""), ran.stderr)


if __name__ == "__main__":
    unittest.main()
