"""The way of a consultation as another system goes it: each step over HTTPS,
with time as the test says."""
import os
import unittest

from service import LIAOYANG, Service
from way import EXPERT, request_body, rfc3339, shanghai

CHEST_PAIN = os.path.join(os.path.dirname(LIAOYANG), "chest-pain.json")


class Process(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.service.load(CHEST_PAIN)
        for name, role, site in (
                ("one", "site-coordinator", "liaoyang-central"),
                ("lead", "lead-coordinator", "anzhen"),
                ("county", "site-coordinator", "dengta-county"),
                ("centre", "lead-coordinator", "liaoyang-central")):
            setattr(cls, name, cls.service.person(name, role, site))
        cls.first = cls.service.person("first", "expert", "liaoyang-central",
                                       "chest-pain-1")

    def say(self, who, path, body=None):
        answer = who.post(f"/v1/{path}", body or {}, match="*")
        self.assertIn(answer.status, (200, 201), answer)
        return answer.json

    def accepted(self, **other):
        asked = self.say(self.one, "requests",
                         request_body("liaoyang-central", **other))
        self.say(self.lead, f"requests/{asked['code']}/accept",
                 {"expert": EXPERT})
        return asked["code"]

    def test_supplement(self):
        code = self.say(self.one, "requests",
                        request_body("liaoyang-central"))["code"]
        asked = self.say(self.lead, f"requests/{code}/ask",
                         {"missing": "the last ECG"})
        self.assertEqual(asked["status"], "supplement-needed")
        given = self.say(self.one, f"requests/{code}/supplement",
                         {"note": "added", "summary": "ST elevation"})
        self.assertEqual(given["status"], "submitted")

    def test_another_expert(self):
        code = self.accepted()
        given = self.say(self.lead, f"requests/{code}/assign",
                         {"expert": "resident-new", "reason": "a congress"})
        self.assertEqual((given["status"], given["expert"]),
                         ("accepted", "resident-new"))

    def test_consent_and_arrival(self):
        code = self.accepted()
        at = shanghai(0, "08:00", 2)
        booked = self.say(self.one, "bookings", {
            "request": code, "at": rfc3339(at), "expert": EXPERT})
        self.say(self.one, f"requests/{code}/consent",
                 {"consent": "treatment", "kept": "folder 88"})
        self.service.clock.at(at - 600)
        came = self.say(self.one, f"bookings/{booked['code']}/arrive")
        self.assertEqual((came["status"], came["arrived_at"]),
                         ("arrived", rfc3339(at - 600)))

    def test_one_gives_way(self):
        code, urgent = self.accepted(), self.accepted(urgency="urgent")
        at = shanghai(2, "08:00", 2)
        booked = self.say(self.one, "bookings", {
            "request": code, "at": rfc3339(at), "expert": EXPERT})
        taken = self.say(self.lead, f"bookings/{booked['code']}/displace",
                         {"request": urgent, "reason": "shock"})
        self.assertEqual((taken["request"], taken["from"]),
                         (urgent, booked["from"]))

    def test_swap(self):
        now = self.service.clock.now()
        swapped = self.say(self.centre, "on-call/swap", {
            "specialty": "coronary", "gives": "chest-pain-1",
            "takes": "chest-pain-2", "from": rfc3339(now + 3600),
            "to": rfc3339(now + 7200), "reason": "a course"})
        self.assertTrue(swapped["agreed"])

    def test_fallback(self):
        body = request_body("liaoyang-central", kind="surgical-guidance",
                            specialty="coronary", duration_minutes=60)
        code = self.say(self.one, "requests", body)["code"]
        self.say(self.lead, f"requests/{code}/accept", {"expert": EXPERT})
        # What the others leave is offered to who waits before it is looked.
        self.service.settle()
        found = self.one.get("/v1/slots", request=code)
        self.assertEqual(found.status, 200, found)
        slot = found.json["slots"][0]
        booked = self.say(self.one, "bookings", {
            "request": code, "at": slot["from"], "expert": slot["expert"]})
        named = self.say(self.one, f"bookings/{booked['code']}/fallback",
                         {"surgeon": "chest-pain-1"})
        self.assertEqual(named["fallback_surgeon"], "chest-pain-1")

    def test_emergency(self):
        body = request_body("dengta-county",
                            kind="emergency-consultation",
                            specialty="coronary")
        body.pop("expert", None)
        code = self.say(self.county, "requests", body)["code"]
        taken = self.say(self.centre, f"requests/{code}/answer",
                         {"answer": "accept", "expert": "chest-pain-1"})
        self.assertEqual(taken["status"], "scheduled")
        given = self.say(self.county, f"requests/{code}/papers",
                         {"summary": "inferior infarction"})
        self.assertEqual(given["code"], code)


if __name__ == "__main__":
    unittest.main()
