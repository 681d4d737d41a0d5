"""What is in the way of an emergency: by the interface and by the tool, while
time is what the test says."""
import re
import unittest

from hands import Hands
from service import LIAOYANG, Service
from way import rfc3339, shanghai


class GiveWay(unittest.TestCase):
    """The chest pain centre's clinic on a Tuesday, when its doctor is called
    away."""

    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.service.load(LIAOYANG.replace("liaoyang", "chest-pain"))
        cls.county = cls.service.person("county", "site-coordinator",
                                        "dengta-county")
        cls.doctor = cls.service.person("doctor", "expert",
                                        "liaoyang-central", "chest-pain-1")
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("desk", "site-coordinator", "--site",
                         "dengta-county")

    def ok(self, answer):
        self.assertIn(answer.status, (200, 201), answer)
        return answer

    def place(self, n, at, what="bookings"):
        return self.ok(self.county.post(f"/v1/{what}", {
            "kind": "clinic-slot", "expert": "chest-pain-1",
            "at": rfc3339(at),
            "patient": {"local_id": f"C{n}", "name": "X"}})).json["code"]

    def show(self, code):
        return self.ok(self.county.get(f"/v1/bookings/{code}"))

    def arrived(self, n, at):
        code = self.place(n, at)
        self.ok(self.county.post(f"/v1/bookings/{code}/arrive", {},
                                 match=self.show(code).etag))
        return code

    def unresolved(self):
        return {b["code"] for b in
                self.county.get("/v1/unresolved").json["items"]}

    def test_a_clinic_gives_way(self):
        nine = shanghai(1, "09:00", 2)
        self.service.at(nine)
        first, second = self.arrived(1, nine), self.arrived(2, nine + 600)
        third = self.place(3, nine + 1200)
        held = self.place(4, nine + 1800, "holds")
        asked = self.ok(self.county.post("/v1/requests", {
            "kind": "emergency-consultation", "site": "dengta-county",
            "specialty": "coronary", "reason": "chest pain",
            "duration_minutes": 40,
            "patient": {"local_id": "E1", "name": "Y"}}))
        self.ok(self.doctor.post(
            f"/v1/requests/{asked.json['code']}/answer",
            {"answer": "accept"}, match=asked.etag))
        # Who is there cannot be sent to another time unasked.
        self.assertEqual(self.unresolved(), {first, second})
        for code in (first, second):
            now = self.show(code).json
            self.assertEqual(now["status"], "cancelled")
            self.assertRegex(now["reason"], r"emergency; the nearest times:"
                             r"( \d{4}-\d\d-\d\dT\d\d:\d\d){3} "
                             r"\(Asia/Shanghai\)$")
        self.assertEqual(self.show(third).json["status"], "booked")
        self.assertGreater(self.show(third).json["from"],
                           rfc3339(nine + 2399))
        # The hold goes on at another time, under another code.
        gone = self.county.post(f"/v1/bookings/{held}/confirm", {},
                                match=self.show(held).etag)
        self.assertEqual(gone.code, "wrong-state")
        instead = re.search(r"; (\S+) is held instead", gone.text).group(1)
        self.assertIn("booked", self.hands.must("desk", "book", instead))
        # By the interface and by the tool.
        self.ok(self.county.post(f"/v1/bookings/{first}/receive", {},
                                 match=self.show(first).etag))
        listed = self.hands.must("desk", "list", "unresolved")
        self.assertIn(f"{second[:4]}-{second[-4:]}", listed)
        self.assertNotIn(f"{first[:4]}-{first[-4:]}", listed)
        self.hands.must("desk", "receive", second)
        self.assertEqual(self.unresolved(), set())
        self.assertEqual(self.hands.run("desk", "receive",
                                        second).returncode, 1)


if __name__ == "__main__":
    unittest.main()
