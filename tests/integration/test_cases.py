"""Case conferences: a list of several partners' cases on a session of the
lead's, at the API and at the desk, once and every week."""
from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, patient,
                  resource, rule, site)
from service import Service
from way import NUMBERS, rfc3339, utc

CASE, ROUND = "case-discussion", "case-conference"
PEOPLE = {"heart-1": ["heart"], "image-1": ["imaging"], "knife-1": ["surgery"]}
ALSO = ["specialty=imaging", "specialty=surgery"]


def clinics():
    return network(
        sites=[site(s) for s in ("city", "north", "south", "east")],
        agreements=[
            agreement("city-" + s, "city", s, [CASE],
                      specialties=["heart", "imaging", "surgery"])
            for s in ("north", "south", "east")],
        resources=[resource(s + "/studio", "studio")
                   for s in ("city", "north", "south", "east")],
        experts=[expert(who, "city", [CASE, ROUND], specialties=of)
                 for who, of in PEOPLE.items()],
        availability=[rule(who, "TU,TH", "14:00", "18:00")
                      for who in PEOPLE])


class Cases(Net):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.admin = cls.service.admin()
        cls.service.load(clinics())
        for who, role, place, *of in (
                ("lead", "lead-coordinator", "city"),
                ("north", "site-coordinator", "north"),
                ("south", "site-coordinator", "south"),
                ("east", "site-coordinator", "east"),
                ("image", "expert", "city", "image-1")):
            setattr(cls, who, cls.service.person(who, role, place, *of))
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("city", "lead-coordinator", "--site", "city")
        cls.hands.person("there", "site-coordinator", "--site", "north")

    def accepted(self, who, where, minutes=30):
        made = self.expect(who.post("/v1/requests", {
            "kind": CASE, "site": where, "specialty": "heart", "also": ALSO,
            "reason": "three pictures, one heart", "duration_minutes": minutes,
            "patient": patient(next(NUMBERS))}), 201)
        code = made.json["code"]
        self.expect(self.lead.post(f"/v1/requests/{code}/accept", {},
                                   match=made.etag), 200)
        return code

    def conference(self, when):
        return {"kind": ROUND, "title": "Hearts of the week", "at":
                rfc3339(when), "duration_minutes": 120, "expert": "heart-1",
                "also": ALSO}

    def held(self, when):
        return self.expect(self.lead.post(
            "/v1/sessions", self.conference(when)), 201).json["code"]

    def session(self, who, code):
        return self.expect(who.get(f"/v1/sessions/{code}"), 200)

    def say(self, code, verb, body):
        return self.lead.post(f"/v1/sessions/{code}/{verb}", body,
                              match=self.session(self.lead, code).etag)

    def put(self, code, request):
        return self.expect(self.say(code, "cases", {"request": request}),
                           200).json["cases"]

    def booking(self, who, code, verb, body):
        tag = self.expect(who.get(f"/v1/bookings/{code}"), 200).etag
        return who.post(f"/v1/bookings/{code}/{verb}", body, match=tag)

    def status(self, request):
        return self.expect(self.lead.get(f"/v1/requests/{request}"),
                           200).json["status"]

    def test_a_list_from_its_making_to_the_opinions(self):
        when = at(next_day(1), "15:00")
        code = self.held(when)
        self.assertEqual(self.session(self.lead, code).json["experts"],
                         ["heart-1", "image-1", "knife-1"])
        first = self.accepted(self.north, "north")
        second = self.accepted(self.south, "south", 20)
        self.put(code, first)
        listed = self.put(code, second)
        self.assertEqual([(c["partner"], utc(c["from"]) - when)
                          for c in listed], [("north", 0), ("south", 1800)])
        # One sees its own and what of it is taken, the other nothing at all.
        for who, place in ((self.north, "north"), (self.south, "south")):
            own = self.session(who, code).json
            self.assertEqual([c["partner"] for c in own["cases"]], [place])
            self.assertEqual([s["code"] for s in self.expect(
                who.get("/v1/sessions"), 200).json["items"]], [code])
        self.assertEqual(self.expect(self.east.get(
            f"/v1/sessions/{code}"), 404, "not-found").json["detail"],
            self.expect(self.east.get("/v1/sessions/0000-0000"), 404,
                        "not-found").json["detail"])
        self.assertEqual(len(self.session(self.image, code).json["cases"]), 2)
        for path in (f"bookings/{listed[1]['code']}", f"requests/{second}"):
            self.expect(self.north.get("/v1/" + path), 404, "not-found")
        # The other way round; and not in half.
        order = [c["code"] for c in listed]
        self.expect(self.say(code, "order", {"cases": order[:1]}), 422,
                    "invalid")
        now = self.expect(self.say(code, "order", {"cases": order[::-1]}),
                          200).json["cases"]
        self.assertEqual([(c["partner"], utc(c["from"]) - when)
                          for c in now], [("south", 0), ("north", 1200)])
        self.expect(self.booking(self.north, order[0], "move",
                                 {"at": rfc3339(when + 3600)}), 409,
                    "wrong-state")
        # An hour later is an hour later for each.
        self.expect(self.booking(self.lead, code, "move",
                                 {"at": rfc3339(when + 3600)}), 200)
        moved = self.session(self.north, code).json["cases"]
        self.assertEqual(utc(moved[0]["from"]), when + 3600 + 1200)
        self.assertEqual(self.expect(self.north.get(
            f"/v1/bookings/{order[0]}"), 200).json["session"], code)
        # On its day: the session, then a case; the other's turn never comes.
        self.service.clock.at(when + 3600)
        self.expect(self.north.post(f"/v1/requests/{first}/consent", {
            "consent": "treatment", "kept": "ward 12"},
            match=self.expect(self.north.get(f"/v1/requests/{first}"),
                              200).etag), 200)
        looked = {"reason": "both ends hear each other"}
        self.expect(self.booking(self.lead, order[0], "start", looked), 409,
                    "wrong-state")
        self.expect(self.booking(self.lead, code, "start", {}), 200)
        self.expect(self.booking(self.lead, order[0], "start", looked), 200)
        self.service.clock.at(when + 5400)
        self.expect(self.booking(self.image, order[0], "finish", {}), 200)
        self.expect(self.booking(self.lead, code, "finish", {}), 200)
        self.assertEqual((self.status(first), self.status(second)),
                         ("started", "accepted"))
        self.assertEqual(self.claims_of(order[1]), [])

    def test_every_week_at_the_desk(self):
        must, when = self.hands.must, next_day(3, 3)
        made = must("city", "series", "session", ROUND, "Hearts of the week",
                    "--at", f"{when} 15:00", "--expert", "heart-1", "--also",
                    ALSO[0], "--also", ALSO[1], "--rrule",
                    "FREQ=WEEKLY;COUNT=4", "--duration", "60")
        self.assertIn("4", made)
        code = next(s["code"] for s in self.expect(
            self.lead.get("/v1/sessions", **{"from": rfc3339(
                at(when, "14:00"))}), 200).json["items"])
        request = self.accepted(self.north, "north")
        added = must("city", "session", "add", code, request, "--duration",
                     "20")
        self.assertIn("cases: 1", added)
        for who in ("there", "city"):
            self.assertRegex(must(who, "show", code),
                             rf"15:00.15:20.*north +{request}")
        case = self.session(self.lead, code).json["cases"][0]["code"]
        self.assertIn("cases: 1", must("city", "session", "order", code, case))
        self.assertIn(code, must("there", "show", case))
        # There is no time for more than an hour of it.
        refused = self.hands.run("city", "session", "add", code,
                                 self.accepted(self.south, "south", 45))
        self.assertIn("no 45 minutes are left", refused.stderr)
        # One week is not held, and the case waits again.
        must("city", "cancel", code, "--reason", "a congress")
        self.assertEqual(self.status(request), "accepted")
        self.assertIn("its session is not held", must("there", "show", case))

    def test_what_is_no_case(self):
        code = self.held(at(next_day(1, 5), "15:00"))
        self.fault(self.say(code, "cases", {"request": "0000-0000"}),
                   "/request")
        self.fault(self.lead.post("/v1/sessions", {
            **self.conference(at(next_day(1, 6), "15:00")),
            "kind": "teaching-round", "seats": 3}), "/also")


if __name__ == "__main__":
    import unittest
    unittest.main()
