"""Sessions with seats: by the interface and by the tool, while time is what the
test says."""
import unittest

from hands import Hands
from service import Service, new_key
from way import rfc3339, shanghai


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        person = cls.service.person
        cls.lead = person("lead", "lead-coordinator", "anzhen")
        cls.one = person("one", "site-coordinator", "liaoyang-central")
        cls.two = person("two", "site-coordinator", "cooperating-2")
        cls.stranger = person("stranger", "lead-coordinator", "pumch")
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("desk", "lead-coordinator", "--site", "anzhen")
        cls.hands.person("away", "site-coordinator", "--site",
                         "liaoyang-central")

    def ok(self, answer):
        self.assertIn(answer.status, (200, 201), answer)
        return answer

    def show(self, who, code):
        return self.ok(who.get(f"/v1/sessions/{code}"))

    def verb(self, who, code, verb, body):
        return who.post(f"/v1/sessions/{code}/{verb}", body,
                        match=self.show(who, code).etag)

    def booking(self, who, code, verb, body):
        tag = self.ok(who.get(f"/v1/bookings/{code}")).etag
        return who.post(f"/v1/bookings/{code}/{verb}", body, match=tag)

    def round(self, **other):
        return self.ok(self.lead.post("/v1/sessions", {
            "kind": "teaching-round", "title": "Mitral valves",
            "expert": "coronary-1", "at": rfc3339(shanghai(4, "15:00", 2)),
            "seats": 8, "seats_per_site": 5, "no_record": True,
            **other})).json

    def test_a_round_from_its_making_to_who_came(self):
        slots = self.ok(self.lead.get(
            "/v1/slots", kind="teaching-round", expert="coronary-1",
            **{"from": rfc3339(shanghai(4, "00:00", 2))})).json["slots"]
        self.assertEqual(slots[0]["from"], rfc3339(shanghai(4, "15:00", 2)))
        self.assertEqual(slots[0]["with"], ["anzhen/ward-10"])
        made = self.round()
        code = made["code"]
        listed = self.ok(self.one.get("/v1/sessions")).json["items"]
        self.assertEqual([s["code"] for s in listed], [code])
        self.assertTrue(listed[0]["no_record"])
        self.assertEqual(self.ok(self.stranger.get("/v1/sessions"))
                         .json["items"], [])
        # A stranger's is what nobody has, to the byte.
        foreign, absent = (self.stranger.get(f"/v1/sessions/{c}")
                           for c in (code, "0000-0000"))
        self.assertEqual((foreign.status, foreign.json["detail"]),
                         (absent.status, absent.json["detail"]))
        self.assertEqual(foreign.status, 404)
        # It takes time as every booking.
        twice = self.lead.post("/v1/sessions", {
            "kind": "teaching-round", "title": "x", "expert": "coronary-1",
            "at": made["from"], "seats": 1})
        self.assertEqual(twice.status, 409, twice)
        self.assertIn("anzhen/ward-10",
                      [b.get("subject") for b in twice.json["blockers"]])

        self.assertEqual(self.verb(self.one, code, "join",
                                   {"seats": 6}).status, 422)
        self.ok(self.verb(self.one, code, "join", {"seats": 1}))
        self.ok(self.verb(self.one, code, "leave", {}))
        self.ok(self.verb(self.one, code, "join", {"seats": 5}))
        full = self.verb(self.two, code, "join", {"seats": 4})
        self.assertEqual((full.status, full.code), (409, "wrong-state"))
        self.ok(self.verb(self.two, code, "join", {"seats": 3}))
        self.assertEqual([s["site"] for s in
                          self.show(self.two, code).json["sites"]],
                         ["cooperating-2"])
        # It moves, and who joined is told.
        self.ok(self.booking(self.lead, code, "move",
                             {"at": rfc3339(shanghai(4, "15:30", 2))}))
        now = self.show(self.one, code).json
        self.assertEqual(now["sequence"], 1)
        self.assertEqual([e["verb"] for e in now["history"]],
                         ["join", "leave", "join", "move"])
        self.service.clock.at(shanghai(4, "15:30", 2))
        self.ok(self.booking(self.lead, code, "start", {}))
        self.ok(self.verb(self.one, code, "attendance", {"came": 4}))
        self.ok(self.verb(self.lead, code, "attendance",
                          {"site": "cooperating-2", "came": 0}))
        self.ok(self.booking(self.lead, code, "finish", {}))
        self.assertEqual({s["site"]: s["came"] for s in
                          self.show(self.lead, code).json["sites"]},
                         {"liaoyang-central": 4, "cooperating-2": 0})

    def test_by_the_tool(self):
        must = self.hands.must
        made = must("desk", "session", "make", "surgery-demonstration",
                    "Bentall", "--at", self.wall(3, "08:00"), "--expert",
                    "cardiac-surgery-1", "--seats", "20", "--per-site", "8",
                    "--with", "anzhen/or-hybrid", "--no-record")
        code = made.split()[0]
        self.assertIn("20 free of 20, 8 for one site", made)
        self.assertIn("nobody may record it", made)
        listed = must("away", "list", "sessions")
        self.assertIn(code, listed)
        self.assertIn("Bentall", listed)
        self.assertIn("yours: 3", must("away", "session", "join", code, "3"))
        shown = must("away", "show", code)
        self.assertIn("cardiac-surgery-1", shown)
        self.assertIn("liaoyang-central", shown)
        self.assertIn("or-hybrid", must("desk", "show", code))
        # Nobody watches before the patient has agreed to it.
        refused = self.hands.run("desk", "start", code)
        self.assertNotEqual(refused.returncode, 0)
        must("away", "session", "leave", code)
        must("away", "session", "join", code, "2")
        must("desk", "cancel", code, "--reason", "the theatre is closed")
        self.assertIn("the theatre is closed", must("away", "show", code))
        self.assertIn('"status":"cancelled"',
                      must("away", "-o", "json", "show", code))

    def test_who_came_by_the_tool(self):
        code = self.round(at=rfc3339(shanghai(4, "15:00", 4)))["code"]
        self.hands.must("away", "session", "join", code, "2")
        self.service.clock.at(shanghai(4, "15:00", 4))
        self.hands.must("desk", "start", code)
        self.hands.must("away", "session", "attend", code, "2")
        self.hands.must("desk", "session", "attend", code, "1", "--site",
                        "liaoyang-central")
        self.assertEqual(self.show(self.lead, code).json["sites"],
                         [{"site": "liaoyang-central", "seats": 2,
                           "came": 1}])

    def test_by_the_tool_a_clinic(self):
        made = self.hands.must(
            "desk", "session", "make", "free-clinic", "Hearts", "--site",
            "liaoyang-central", "--expert", "coronary-1", "--beside",
            "electrophysiology-1", "--tokens", "40", "--at",
            rfc3339(shanghai(5, "08:30", 6)))
        self.assertIn("tokens: 40 at most", made)

    def test_who_walks_in(self):
        at = shanghai(5, "08:30", 5)
        made = self.ok(self.lead.post("/v1/sessions", {
            "kind": "free-clinic", "title": "Hearts", "site":
            "liaoyang-central", "expert": "coronary-1",
            "experts": ["electrophysiology-1"], "at": rfc3339(at),
            "tokens": 3})).json
        self.assertEqual(made["experts"],
                         ["coronary-1", "electrophysiology-1"])
        stations = ["liaoyang-central/station-1", "liaoyang-central/station-2"]
        self.assertEqual(sorted(made["with"]), stations)
        code = made["code"]
        # It is at one hospital: no other has a part in it.
        self.assertEqual(self.two.get(f"/v1/sessions/{code}").status, 404)
        self.service.clock.at(at - 1800)
        path = f"/v1/sessions/{code}/"
        first = self.ok(self.one.post(path + "tokens", {
            "station": stations[1], "name": "Canaryname"})).json
        self.assertEqual((first["number"], first["state"]), (1, "waiting"))
        self.assertNotIn("name", first)
        must = self.hands.must
        self.assertIn("2 waiting", must("away", "session", "draw", code))
        self.ok(self.one.post(path + "tokens", {}))
        self.assertEqual(self.one.post(path + "tokens", {}).status, 409)
        self.assertEqual(self.one.post(path + "call", {
            "station": stations[0]}).status, 409)
        self.service.clock.at(at)
        must("away", "start", code)
        called = self.ok(self.one.post(path + "call",
                                       {"station": stations[1]})).json
        self.assertEqual((called["number"], called["name"]), (1, "Canaryname"))
        # An answer that was lost calls nobody else, and is kept nowhere.
        key, body = new_key(), {"station": stations[1]}
        for _ in range(2):
            self.assertEqual(self.ok(self.one.post(
                path + "call", body, key=key)).json["number"], 1)
        self.assertIn(f"2 called to {stations[0]}",
                      must("away", "session", "call", code, stations[0]))
        self.ok(self.one.post(path + "mark", {"number": 1,
                                              "outcome": "seen"}))
        must("away", "session", "mark", code, "2", "gone")
        listed = self.ok(self.one.get(path + "tokens")).json
        self.assertEqual([t["number"] for t in listed["items"]], [3])
        self.assertIn("1 wait, 0 called, 1 seen, 1 gone",
                      must("away", "session", "waiting", code))
        self.assertIn("1 seen", must("desk", "show", code))
        self.service.stop()
        for name, content in self.service.files():
            if name.startswith(self.service.state):
                self.assertNotIn(b"Canaryname", content, name)
        self.service.start()

    @staticmethod
    def wall(weekday, clock):
        return rfc3339(shanghai(weekday, clock, 3))


if __name__ == "__main__":
    unittest.main()
