"""Several experts in one booking, one of each group: a case discussion, at the
API and at the desk."""
import json

from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, patient,
                  reasons, resource, rule, site)
from service import Service
from way import NUMBERS, rfc3339

CASE = "case-discussion"
PEOPLE = {"heart-1": ["heart"], "image-1": ["imaging"], "image-2": ["imaging"],
          "knife-1": ["surgery"]}
ALSO = ["specialty=imaging,modality=mri", "specialty=surgery"]


def clinics():
    return network(
        sites=[site(s) for s in ("city", "north", "south")],
        agreements=[
            agreement("city-" + s, "city", s, [CASE],
                      specialties=["heart", "imaging", "surgery"])
            for s in ("north", "south")],
        resources=[resource(s + "/studio", "studio")
                   for s in ("city", "north", "south")],
        experts=[expert(who, "city", [CASE], specialties=of,
                        modalities=["mri"] if who != "image-1" else [])
                 for who, of in PEOPLE.items()],
        availability=[rule(who, "TU", "08:00", "12:00") for who in PEOPLE])


class Groups(Net):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init().start()
        cls.addClassCleanup(cls.service.close)
        cls.admin = cls.service.admin()
        cls.service.load(clinics())
        for who, role, place, *of in (
                ("lead", "lead-coordinator", "city"),
                ("north", "site-coordinator", "north"),
                ("south", "site-coordinator", "south"),
                ("image", "expert", "city", "image-2"),
                ("other", "expert", "city", "image-1")):
            setattr(cls, who, cls.service.person(who, role, place, *of))
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("city", "lead-coordinator", "--site", "city")
        cls.hands.person("north", "site-coordinator", "--site", "north")

    def asked(self, **other):
        return self.north.post("/v1/requests", {
            "kind": CASE, "site": "north", "specialty": "heart",
            "also": ALSO, "reason": "three pictures, one heart",
            "patient": patient(next(NUMBERS)), **other})

    def accepted(self, **other):
        made = self.expect(self.asked(**other), 201)
        self.assertEqual(made.json["also"], other.get("also", ALSO))
        code = made.json["code"]
        self.expect(self.lead.post(f"/v1/requests/{code}/accept", {},
                                   match=made.etag), 200)
        return code

    def test_one_of_each(self):
        when = at(next_day(1), "09:00")
        code = self.accepted()
        found = self.slots(self.north, request=code, n=1)
        self.assertEqual(found[0]["experts"],
                         ["heart-1", "image-2", "knife-1"])
        booked = self.taken(self.north, request=code, at=when)
        self.assertEqual(booked.json["experts"], found[0]["experts"])
        self.assertEqual(len([c for c in self.stored_as_said(booked)
                              if c[0] == "expert"]), 3)
        # each of them has it, and nobody else
        path = f"/v1/bookings/{booked.json['code']}"
        self.expect(self.image.get(path), 200)
        self.assertEqual(self.expect(self.other.get(path), 404,
                                     "not-found").body,
                         self.expect(self.other.get(
                             "/v1/bookings/0000-0000"), 404, "not-found").body)
        self.expect(self.image.get(f"/v1/requests/{code}"), 200)
        self.expect(self.other.get(f"/v1/requests/{code}"), 404,
                    "not-found")
        # nobody is there twice, and what stands in the way is said of each
        again = self.refused(self.take(self.north, request=self.accepted(),
                                       at=when))
        self.assertIn(("image-1", None, "modality"), reasons(again))
        self.assertIn(("image-2", "expert", "busy"), reasons(again))
        self.assertIn(("knife-1", "expert", "busy"), reasons(again))
        # in other rooms others may
        self.cancelled(self.north, booked)
        self.assertEqual(self.claims_of(booked.json["code"]), [])

    def test_what_is_no_group(self):
        for also in ("imaging", "specialty=kidney", "expert=nobody"):
            self.fault(self.asked(also=[also]), "/also")
        code = self.accepted(also=ALSO[:1])
        # the lead alone says that more are needed
        wants = ["expert=image-2", "expert=knife-1"]
        self.expect(self.take(self.north, request=code, also=wants,
                              at=at(next_day(1, 2), "09:00")), 403, "forbidden")
        self.taken(self.lead, request=code, also=wants,
                   at=at(next_day(1, 2), "09:00"))

    def test_at_the_desk(self):
        day = next_day(1, 3)
        code = self.hands.must(
            "north", "submit", CASE, "--site", "north", "--reason", "unclear",
            "--specialty", "heart", "--also", ALSO[0], "--also", ALSO[1],
            "--patient", "-", stdin=json.dumps(patient(next(NUMBERS)))
        ).split()[0]
        self.hands.must("city", "accept", code)
        shown = self.hands.must("north", "slots", "--request", code,
                                "--from", f"{day}", "-n", "1")
        self.assertIn("heart-1 image-2 knife-1", shown)
        made = self.hands.must("city", "book", code, "--at",
                               f"{day} 09:00").split()[0]
        shown = self.hands.must("north", "show", made)
        for who in ("heart-1", "image-2", "knife-1"):
            self.assertIn(who, shown)
        ran = self.hands.run("city", "move", made, "--to", f"{day} 10:00",
                             "--also", "expert=image-1")
        self.assertEqual(ran.returncode, 0, ran)
        shown = self.hands.must("north", "show", made)
        self.assertNotIn("knife-1", shown.split("History")[0])
