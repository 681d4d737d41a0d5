"""Rooms and whose they are: of a third hospital where the expert is seconded,
named by somebody, kept by a move, looked at again by an import."""
import copy
import datetime

from nets import (Net, agreement, at, expert, network, next_day, parts,
                  patient, reasons, resource, rule, site)
from way import NUMBERS, rfc3339

CLINIC, GUIDANCE, REMOTE = ("clinic-slot", "surgical-guidance",
                            "remote-consultation")
AWAY = next_day(0, 2)          # a week from that Monday on
EXTRAS = [f"north/device-{i}" for i in range(16)]


def rooms():
    kinds = (CLINIC, GUIDANCE, REMOTE)
    end = AWAY + datetime.timedelta(days=6)
    return network(
        sites=[site(s) for s in ("city", "north", "third", "other",
                                 "renewed")],
        agreements=[agreement("city-north", "city", "north", kinds),
                    agreement("north-third", "north", "third", [CLINIC]),
                    agreement("city-third", "city", "third", kinds),
                    {**agreement("old", "city", "renewed", [CLINIC]),
                     "valid_to": str(end)},
                    {**agreement("new", "city", "renewed", [CLINIC]),
                     "valid_from": str(end + datetime.timedelta(days=1))}],
        resources=[resource("city/studio", "studio"),
                   resource("city/bridge", "link", 2),
                   resource("city/clinic", "clinic-room"),
                   resource("north/studio-1", "studio"),
                   resource("north/studio-2", "studio"),
                   resource("north/or-1", "operating-room"),
                   resource("north/or-2", "operating-room"),
                   resource("north/line", "link"),
                   resource("north/clinic", "clinic-room"),
                   resource("third/clinic", "clinic-room"),
                   resource("third/studio-1", "studio"),
                   resource("third/studio-2", "studio")] +
        [resource(r, "device") for r in EXTRAS],
        experts=[expert("away", "city", kinds),
                 expert("afar", "city", kinds),
                 expert("home", "city", kinds),
                 expert("cutter", "north", [CLINIC], buffer_minutes=10),
                 expert("mover", "city", kinds),
                 expert("rover", "city", kinds)],
        availability=[rule("away", "", "07:00", "19:00"),
                      rule("afar", "", "07:00", "19:00",
                           at="third/studio-1"),
                      rule("home", "", "07:00", "19:00", at="city/studio"),
                      rule("mover", "", "07:00", "19:00", at="city/studio"),
                      rule("rover", "", "08:00", "10:00", at="north/clinic",
                           slot_minutes=20, kinds=[CLINIC]),
                      rule("rover", "", "10:00", "12:00", at="third/clinic",
                           slot_minutes=20, kinds=[CLINIC]),
                      rule("home", "", "05:00", "06:00", at="city/clinic",
                           slot_minutes=20, kinds=[CLINIC]),
                      rule("cutter", "", "08:00", "10:00", at="north/clinic",
                           slot_minutes=20, kinds=[CLINIC])],
        transfers=[{"from": "north", "to": "third", "minutes": 60}],
        secondments=[{"expert": "cutter", "site": "city",
                      "from": str(AWAY), "to": str(end),
                      "remote_requests": "refuse", "availability": []},
                     {"expert": "away", "site": "third", "from": str(AWAY),
                      "to": str(end), "remote_requests": "allow",
                      "availability": [rule(None, "", "07:00", "19:00",
                                            at="third/studio-1")]}])


class Rooms(Net):
    made = staticmethod(rooms)
    people = {"lead": ("lead-coordinator", "city"),
              "north": ("site-coordinator", "north"),
              "third": ("site-coordinator", "third"),
              "renewed": ("site-coordinator", "renewed")}
    days = iter(range(1, 300))

    def setUp(self):
        """Every test has a day of its own, but those of the secondment."""
        self.day = AWAY + datetime.timedelta(days=14 + next(self.days))

    def accepted(self, who, by, kind=REMOTE, **other):
        asked = self.expect(who.post("/v1/requests", {
            "kind": kind, "site": "north" if who is self.north else "third",
            "reason": "pain", "specialty": "heart",
            "patient": patient(next(NUMBERS)), **other}), 201)
        return self.expect(self.lead.post(
            f"/v1/requests/{asked.json['code']}/accept", {"expert": by},
            match=asked.etag), 200).json["code"]

    def booked(self, who, by, wall, with_=(), day=None, **other):
        body = {"request": self.accepted(who, by, **other),
                "at": at(day or self.day, wall)}
        if with_:
            body["with"] = list(with_)
        return self.taken(who, **body)

    def imported(self, network, path="/v1/import"):
        return self.expect(self.admin.post(path, network), 200).json

    # --- looked at again by an import ---

    def test_an_import_goes_on_over_a_room_of_a_third_hospital(self):
        booked = self.booked(self.north, "away", "09:00", day=AWAY)
        shown = self.expect(self.lead.get(
            "/v1/bookings/" + booked.json["code"]), 200).json
        self.assertIn("third/studio-1", [s for _, s, *_ in parts(shown)])
        self.assertNotIn(b"third/", booked.body)
        changed = rooms()
        changed["leave"] = [{"of": "third/studio-1",
                             "start": f"{AWAY}T09:10",
                             "end": f"{AWAY}T09:20"}]
        self.assertEqual(self.imported(rooms())["orphaned"], 0)
        changed["experts"][0]["buffer_minutes"] = 10
        report = self.imported(changed, "/v1/import/dry-run")
        self.assertEqual([o["booking"] for o in report["orphans"]],
                         [booked.json["code"]])
        changed["leave"] = []
        self.assertEqual(self.imported(changed)["orphaned"], 0)
        self.imported(rooms())
        self.cancelled(self.north, booked)

    def test_an_import_goes_on_over_as_many_rooms_as_can_be_asked_for(self):
        booked = self.booked(self.north, "home", "09:00", EXTRAS)
        self.assertEqual(len(parts(booked.json, "resource")), len(EXTRAS))
        changed = rooms()
        changed["experts"][2]["buffer_minutes"] = 10
        self.assertEqual(self.imported(changed)["orphaned"], 0)
        self.imported(rooms())
        self.cancelled(self.north, booked)

    def test_an_expert_who_moves_leaves_orphans_and_no_fault(self):
        booked = self.booked(self.north, "mover", "09:00")
        changed = copy.deepcopy(rooms())
        changed["experts"][4]["home"] = "other"
        report = self.imported(changed, "/v1/import/dry-run")
        (orphan,) = report["orphans"]
        self.assertEqual(orphan["booking"],
                         booked.json["code"])
        (why,) = orphan["blockers"]
        self.assertEqual((why["subject"], why["role"], why["reason"]),
                         ("mover", "expert", "elsewhere"))
        self.assertIn("the lead has no such expert", why["detail"])
        self.cancelled(self.north, booked)

    # --- a surgeon's own clinic ---

    def test_a_surgeon_has_the_pause_after_the_clinic(self):
        """Whichever of the two is booked first."""
        place = {"kind": CLINIC, "expert": "cutter",
                 "at": at(self.day, "09:40")}
        self.taken(self.third, **place, patient=patient(next(NUMBERS)))
        code = self.accepted(self.north, "home", GUIDANCE, surgeon="cutter",
                             duration_minutes=60)
        self.assertEqual(
            reasons(self.refused(self.take(
                self.north, request=code, at=at(self.day, "10:05")))),
            [("cutter", "surgeon", "busy")])
        slot = self.slots(self.north, request=code, n=1,
                          from_=rfc3339(at(self.day, "09:00")))[0]
        self.assertEqual(slot["from"], rfc3339(at(self.day, "10:10")))
        booked = self.taken(self.north, request=code, at=slot["from"])
        changed = rooms()
        changed["experts"][3]["name"] = "somebody else"
        self.assertEqual(self.imported(changed, "/v1/import/dry-run")
                         ["orphaned"], 0)
        self.cancelled(self.north, booked)

    def test_a_surgeon_who_is_seconded_operates_there(self):
        code = self.accepted(self.north, "home", GUIDANCE, surgeon="cutter",
                             duration_minutes=60)
        last = AWAY + datetime.timedelta(days=6)
        self.assertEqual(
            reasons(self.refused(self.take(
                self.north, request=code, at=at(last, "13:00")))),
            [("cutter", "surgeon", "leave")])
        slot = self.slots(self.north, request=code, n=1,
                          from_=rfc3339(at(AWAY, "13:00")))[0]
        self.assertEqual(slot["from"], rfc3339(
            at(last + datetime.timedelta(days=1), "07:00")))

    # --- named ---

    def test_a_move_keeps_what_was_named_whatever_it_was_taken_as(self):
        named = ["north/or-2", "north/line", "city/bridge"]
        booked = self.booked(self.north, "home", "09:00", named,
                             kind=GUIDANCE, duration_minutes=60)
        self.booked(self.north, "afar", "13:00", ["north/or-2"],
                    kind=GUIDANCE, duration_minutes=60)
        # Another operating room is free; it is not the one.
        refused = self.refused(self.change(self.north, booked, "move",
                                           at=at(self.day, "13:00")))
        self.assertEqual(reasons(refused),
                         [("north/or-2", "operating-room", "busy")])
        for wall, with_ in (("15:00", named),
                            ("13:00", ["north/or-1", "city/bridge"]),
                            ("10:00", ["north/or-1", "city/bridge"])):
            other = {} if wall != "13:00" else {"with": with_}
            booked = self.moved(self.north, booked, at(self.day, wall),
                                **other)
            self.assertLessEqual(set(with_), {
                c.get("subject") for c in booked.json["claims"]})
        self.assertEqual([s for r, s, *_ in parts(booked.json)
                          if r in ("link", "operating-room", "resource")],
                         ["city/bridge", "north/or-1"])

    def test_a_hold_that_is_confirmed_keeps_it(self):
        code = self.accepted(self.north, "home")
        held = self.expect(self.take(
            self.north, "/v1/holds", request=code, at=at(self.day, "09:00"),
            hold_minutes=30, **{"with": ["north/studio-2"]}), 201)
        booked = self.expect(self.change(self.north, held, "confirm"), 200)
        moved = self.moved(self.north, booked, at(self.day, "10:00"))
        self.assertEqual(parts(moved.json, "partner-studio")[0][1],
                         "north/studio-2")

    # --- what is told of a third hospital ---

    def test_neither_a_search_nor_a_refusal_names_its_rooms(self):
        """Where else an expert is seconded to is the lead's to know."""
        day = AWAY + datetime.timedelta(days=3)
        self.booked(self.third, "afar", "09:00", day=day)
        code = self.accepted(self.north, "away")
        refused = self.refused(self.take(self.north, request=code,
                                         at=at(day, "09:00")))
        self.assertEqual(reasons(refused), [("away", "expert", "busy")])
        self.assertTrue(refused.json["nearest"])
        query = {"request": code, "from_": rfc3339(at(day, "10:00")), "n": 1}
        slots = self.expect(self.north.get("/v1/slots", **query), 200)
        self.assertEqual(slots.json["slots"][0]["with"], ["north/studio-1"])
        for answer in (refused, slots):
            self.assertNotIn(b"third", answer.body)
        told = self.refused(self.take(self.lead, request=code,
                                      at=at(day, "09:00")))
        self.assertEqual(reasons(told),
                         [("third/studio-1", "lead-studio", "busy")])
        self.assertEqual(self.slots(self.lead, **query)[0]["with"],
                         ["third/studio-1", "north/studio-1"])

    # --- a search for a request ---

    def test_what_the_request_says_is_not_asked_for_otherwise(self):
        """The booking goes by the request: what it does not look at must not
        be searched for."""
        code = self.accepted(self.north, "home")
        for name, value in (("kind", REMOTE), ("site", "north"),
                            ("agreement", "city-north"),
                            ("specialty", "heart"), ("modality", "CT"),
                            ("title", "attending"), ("languages", "zh"),
                            ("surgeon", "cutter")):
            self.assertIn("the request says it already", self.fault(
                self.north.get("/v1/slots", request=code, **{name: value}),
                "#" + name))

    # --- ways ---

    def test_the_way_between_two_partners_is_counted(self):
        """Of an expert who is seconded to neither."""
        place = {"kind": CLINIC, "expert": "rover"}
        first = self.taken(self.north, **place, at=at(self.day, "09:20"),
                           patient=patient(next(NUMBERS)))
        self.assertEqual(reasons(self.refused(self.take(
            self.third, **place, at=at(self.day, "10:20"),
            patient=patient(next(NUMBERS))))), [
                ("rover", "transfer", "transfer")])
        second = self.taken(self.third, **place, at=at(self.day, "10:40"),
                            patient=patient(next(NUMBERS)))
        way = ("transfer", "rover", at(self.day, "09:40"),
               at(self.day, "10:40"))
        self.assertEqual(parts(second.json, "transfer"), [way])
        # Without the first there is none; and with another there is again.
        self.cancelled(self.north, first)
        self.assertEqual([c for c in self.claims_of(second.json["code"])
                          if c[0] == "transfer"], [])
        self.taken(self.north, **place, at=at(self.day, "09:00"),
                   patient=patient(next(NUMBERS)))
        self.assertEqual([c for c in self.claims_of(second.json["code"])
                          if c[0] == "transfer"], [way])

    # --- agreements that follow each other ---

    def test_a_place_is_booked_under_the_agreement_of_its_day(self):
        for day, slug in ((AWAY, "old"), (self.day, "new")):
            begin = at(day, "05:00")
            slots = self.slots(self.renewed, kind=CLINIC, expert="home", n=1,
                               from_=rfc3339(begin))
            self.assertEqual([(s["from"], s["agreement"]) for s in slots],
                             [(rfc3339(begin), slug)])
            booked = self.taken(self.renewed, kind=CLINIC, expert="home",
                                at=begin, patient=patient(next(NUMBERS)))
            self.assertEqual(booked.json["agreement"], slug)

    def test_a_search_looks_into_the_next_agreement(self):
        slots = self.slots(
            self.renewed, kind=CLINIC, expert="home", n=100,
            from_=rfc3339(at(AWAY + datetime.timedelta(days=3), "05:00")),
            to=rfc3339(at(AWAY + datetime.timedelta(days=10), "05:00")))
        self.assertEqual([s["agreement"] for s in slots],
                         4 * 3 * ["old"] + 3 * 3 * ["new"])
