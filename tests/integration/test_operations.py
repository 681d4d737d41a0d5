"""Surgical guidance: an operation whose parts take part for different times.

The lead's expert takes part for a while, with a reserve behind; the partner's
operating room, surgeon and patient are there from the first cut to the last
stitch. All times of a day are written as minutes of it.
"""
import json

from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, part, parts,
                  patient, reasons, resource, rule, site)
from service import rows_of
from way import NUMBERS, rfc3339

GUIDANCE, REMOTE = "surgical-guidance", "remote-consultation"
GUIDES = 9
EVERY_DAY = ("07:00", "19:00")
RESERVE, PAUSE = 30, 10


def operations():
    """A bridge for eight, nine experts, a partner with nine rooms and one
    that has a link of its own and a longer reserve."""
    kinds = (GUIDANCE, REMOTE)
    net = network(
        sites=[site("heart"), site("north"), site("south")],
        agreements=[agreement("heart-north", "heart", "north", kinds),
                    agreement("heart-south", "heart", "south", kinds,
                              overrun_minutes=60)],
        resources=[resource("heart/bridge", "link", 8),
                   resource("north/studio", "studio"),
                   resource("south/studio", "studio"),
                   resource("south/line", "link"),
                   resource("south/or-1", "operating-room"),
                   resource("south/or-2", "operating-room")],
        experts=[expert("north-surgeon-1", "north", [REMOTE]),
                 expert("north-surgeon-2", "north", [REMOTE]),
                 expert("south-surgeon", "south", [REMOTE])])
    for i in range(1, GUIDES + 1):
        net["resources"] += [resource(f"heart/studio-{i}", "studio"),
                             resource(f"north/or-{i}", "operating-room")]
        net["experts"].append(expert(f"guide-{i}", "heart", kinds,
                                     buffer_minutes=PAUSE))
        net["availability"].append(rule(f"guide-{i}", "", *EVERY_DAY,
                                        at=f"heart/studio-{i}"))
    return net


class Theatre(Net):
    made = staticmethod(operations)
    people = {"lead": ("lead-coordinator", "heart"),
              "north": ("site-coordinator", "north"),
              "south": ("site-coordinator", "south"),
              "guide": ("expert", "heart", "guide-1"),
              "other_guide": ("expert", "heart", "guide-2")}
    weeks = iter(range(2, 60))

    def setUp(self):
        """Every test has a day of its own."""
        self.day = next_day(2, next(self.weeks))

    def time(self, wall):
        return at(self.day, wall)

    def span(self, begin, end):
        return self.time(begin), self.time(end)

    def ask(self, who=None, **other):
        who = who or self.north
        n = next(NUMBERS)
        body = {"kind": GUIDANCE, "site": "south" if who is self.south
                else "north", "reason": "difficult anatomy",
                "specialty": "heart", "duration_minutes": 60,
                "before_minutes": 90, "after_minutes": 150,
                "patient": patient(n), **other}
        return who.post("/v1/requests",
                        {k: v for k, v in body.items() if v is not None})

    def accepted(self, who=None, guide="guide-1", **other):
        asked = self.expect(self.ask(who, **other), 201)
        return self.expect(self.lead.post(
            f"/v1/requests/{asked.json['code']}/accept", {"expert": guide},
            match=asked.etag), 200).json["code"]

    def booked(self, wall, who=None, guide="guide-1", with_=(), **other):
        who = who or self.north
        code = self.accepted(who, guide, **other)
        return self.taken(who, request=code, at=self.time(wall),
                          with_=list(with_))

    def take(self, who, with_=(), **body):
        if with_:
            body["with"] = list(with_)
        return super().take(who, **body)


class Operations(Theatre):
    # --- parts ---

    def test_from_request_to_booking_every_part_has_its_own_interval(self):
        asked = self.expect(self.ask(surgeon="north-surgeon-1"), 201)
        for name, value in (("duration_minutes", 60), ("before_minutes", 90),
                            ("after_minutes", 150),
                            ("surgeon", "north-surgeon-1")):
            self.assertEqual(asked.json[name], value)
        code = asked.json["code"]
        self.expect(self.lead.post(f"/v1/requests/{code}/accept",
                                   {"expert": "guide-1"}, match=asked.etag),
                    200)
        slot = self.slots(self.north, request=code, n=1,
                          from_=rfc3339(self.time("09:30")))[0]
        self.assertEqual(
            {k: slot[k] for k in ("from", "to", "operation_from",
                                  "operation_to", "expert")},
            {"from": rfc3339(self.time("09:30")),
             "to": rfc3339(self.time("10:30")),
             "operation_from": rfc3339(self.time("08:00")),
             "operation_to": rfc3339(self.time("13:00")),
             "expert": "guide-1"})
        booked = self.taken(self.north, request=code,
                            at=self.time("09:30"))
        whole = self.span("08:00", "13:00")
        guided = self.span("09:30", "11:00")
        expected = sorted([
            ("expert", "guide-1", *self.span("09:30", "10:30")),
            ("overrun", "guide-1", *self.span("10:30", "11:00")),
            ("buffer", "guide-1", *self.span("11:00", "11:10")),
            ("lead-studio", "heart/studio-1", *guided),
            ("link", "heart/bridge", *guided),
            ("operating-room", "north/or-1", *whole),
            ("surgeon", "north-surgeon-1", *whole),
            ("patient", "", *whole)])
        self.assertEqual(self.stored_as_said(booked), expected)
        self.assertEqual(set(slot["with"]),
                         {"heart/studio-1", "heart/bridge", "north/or-1"})
        self.assertEqual(
            (booked.json["from"], booked.json["to"],
             booked.json["before_minutes"], booked.json["after_minutes"]),
            (slot["from"], slot["to"], 90, 150))

    def test_without_anything_about_it_the_operation_is_the_session(self):
        booked = self.booked("09:30", before_minutes=None, after_minutes=None)
        self.assertNotIn("before_minutes", booked.json)
        # The room waits as long as the expert may.
        self.assertEqual(part(booked.json, "operating-room")[1:],
                         self.span("09:30", "11:00"))
        self.assertEqual(parts(booked.json, "surgeon"), [])

    def test_the_length_about_it_may_be_said_when_it_is_booked(self):
        code = self.accepted(before_minutes=None, after_minutes=None)
        booked = self.taken(self.north, request=code, at=self.time("09:30"),
                            before_minutes=30, after_minutes=45,
                            duration_minutes=90)
        self.assertEqual(part(booked.json, "operating-room")[1:],
                         self.span("09:00", "11:45"))
        self.assertEqual(part(booked.json, "expert")[1:],
                         self.span("09:30", "11:00"))

    def test_a_reserve_is_as_the_agreement_has_it(self):
        booked = self.booked("09:30", self.south, after_minutes=30)
        self.assertEqual(part(booked.json, "overrun"),
                         ("guide-1", *self.span("10:30", "11:30")))
        self.assertEqual(part(booked.json, "buffer")[1:],
                         self.span("11:30", "11:40"))
        self.assertEqual(part(booked.json, "lead-studio")[1:],
                         self.span("09:30", "11:30"))
        # Planned until 11:00, it must wait for the expert's reserve.
        self.assertEqual(part(booked.json, "operating-room")[1:],
                         self.span("08:00", "11:30"))

    def test_within_reserve_and_pause_the_expert_is_not_free(self):
        self.booked("09:30")
        code = self.accepted(self.south)
        for wall, reason in (("10:30", "busy"), ("10:55", "busy"),
                             ("11:00", "buffer"), ("11:05", "buffer")):
            refused = self.refused(self.take(self.south, request=code,
                                             at=self.time(wall)))
            self.assertIn(("guide-1", "expert", reason), reasons(refused),
                          wall)
        self.taken(self.south, request=code, at=self.time("11:10"))

    # --- what there is one of ---

    def test_the_bridge_takes_eight_at_once_and_no_ninth(self):
        bridge = ["heart/bridge"]
        for i in range(1, 9):
            booked = self.booked("10:00", guide=f"guide-{i}")
            self.assertEqual(part(booked.json, "link")[0], "heart/bridge")
        code = self.accepted(guide="guide-9")
        refused = self.refused(self.take(self.north, request=code,
                                         at=self.time("10:15")))
        # All eight are named, for partner and rules; nothing else is.
        self.assertEqual(reasons(refused),
                         8 * [("heart/bridge", "link", "busy")])
        for blocker in refused.json["blockers"]:
            self.assertEqual((blocker["from"], blocker["to"]),
                             (rfc3339(self.time("10:00")),
                              rfc3339(self.time("11:30"))))
        nearest = refused.json["nearest"]
        self.assertTrue(nearest)
        # A partner that has a link of its own goes over that one ...
        southern = self.booked("10:15", self.south, guide="guide-9")
        self.assertEqual(part(southern.json, "link")[0], "south/line")
        # ... unless the bridge is what it asks for.
        other = self.accepted(self.south, guide="guide-9")
        self.cancelled(self.south, southern)
        refused = self.refused(self.take(self.south, request=other,
                                         at=self.time("10:15"),
                                         with_=bridge))
        self.assertEqual(reasons(refused),
                         8 * [("heart/bridge", "link", "busy")])
        self.taken(self.north, request=code, at=nearest[0]["from"])

    def test_two_operations_do_not_share_a_room(self):
        """The experts' parts are hours apart; the operations are not."""
        room = ["north/or-1"]
        self.booked("09:30", with_=room)
        code = self.accepted(guide="guide-2", before_minutes=60)
        refused = self.refused(self.take(
            self.north, request=code, at=self.time("13:55"), with_=room))
        self.assertEqual(reasons(refused),
                         [("north/or-1", "operating-room", "busy")])
        blocker = refused.json["blockers"][0]
        self.assertEqual((blocker["from"], blocker["to"]),
                         (rfc3339(self.time("08:00")),
                          rfc3339(self.time("13:00"))))
        for slot in refused.json["nearest"]:
            self.assertIn("north/or-1", slot["with"])
        # Whoever does not mind gets the next one; whoever does, waits.
        self.taken(self.north, request=code, at=self.time("14:00"),
                   with_=room)
        third = self.booked("09:30", guide="guide-3")
        self.assertEqual(part(third.json, "operating-room")[0], "north/or-2")

    def test_a_surgeon_operates_once_at_a_time(self):
        self.booked("09:30", surgeon="north-surgeon-1")
        code = self.accepted(guide="guide-2", surgeon="north-surgeon-1")
        refused = self.refused(self.take(self.north, request=code,
                                         at=self.time("14:00")))
        self.assertEqual(reasons(refused),
                         [("north-surgeon-1", "surgeon", "busy")])
        self.taken(self.north, request=code, at=self.time("14:30"))
        self.booked("09:30", guide="guide-3", surgeon="north-surgeon-2")

    def test_a_patient_is_operated_on_once_at_a_time(self):
        who = patient(next(NUMBERS))
        first = self.booked("09:30", patient=who)
        code = self.accepted(guide="guide-2", patient=who)
        refused = self.refused(self.take(self.north, request=code,
                                         at=self.time("14:00")))
        self.assertEqual(reasons(refused), [(None, "patient", "busy")])
        self.cancelled(self.north, first)
        self.taken(self.north, request=code, at=self.time("14:00"))

    def test_a_room_and_a_link_may_be_named(self):
        booked = self.booked("09:30", self.south,
                             with_=["south/or-2", "south/line"])
        self.assertEqual(
            [p[:2] for p in parts(booked.json) if p[1] and "/" in p[1]],
            [("lead-studio", "heart/studio-1"), ("link", "south/line"),
             ("operating-room", "south/or-2")])
        # One more than is needed takes part as what it is.
        more = self.booked("15:00", self.south,
                           with_=["south/studio", "heart/bridge"])
        self.assertEqual(part(more.json, "resource"),
                         ("south/studio", *self.span("15:00", "17:00")))
        self.assertEqual(part(more.json, "link")[0], "heart/bridge")
        for with_ in (["north/or-1"], ["guide-2"], ["south/no-such"]):
            code = self.accepted(self.south, guide="guide-2")
            answer = self.take(self.south, request=code, with_=with_,
                               at=self.time("09:30"))
            self.expect(answer, 422, "invalid")
            self.assertTrue(answer.json["errors"][0]["pointer"]
                            .startswith("/with"), answer)

    # --- moves ---

    def test_a_move_keeps_room_link_and_surgeon(self):
        first = self.booked("09:30", guide="guide-2")
        booked = self.booked("09:30", surgeon="north-surgeon-2")
        self.assertEqual(part(booked.json, "operating-room")[0],
                         "north/or-2")
        # or-1 is free again, and would come first.
        self.cancelled(self.north, first)
        moved = self.moved(self.north, booked, self.time("14:00"))
        self.assertEqual(
            self.stored_as_said(moved), sorted(
                (r, s or "", f + 16200, t + 16200)
                for r, s, f, t in parts(booked.json)))
        self.assertEqual((moved.json["code"], moved.json["sequence"]),
                         (booked.json["code"], 1))

    def test_a_move_keeps_what_was_asked_for(self):
        asked = ["south/or-2", "south/line", "south/studio"]
        booked = self.booked("09:30", self.south, with_=asked)
        moved = self.moved(self.lead, booked, self.time("12:00"))
        self.assertLessEqual(set(asked), {c.get("subject")
                                          for c in moved.json["claims"]})
        other = self.moved(self.lead, moved, self.time("12:00"),
                           **{"with": ["south/or-1"]})
        self.assertEqual(part(other.json, "operating-room")[0], "south/or-1")
        self.assertEqual(parts(other.json, "resource"), [])

    def test_it_is_not_in_its_own_way(self):
        """A quarter of an hour on, over its own old time, there and back."""
        booked = self.booked("09:30", surgeon="north-surgeon-1")
        for wall, shift in (("09:45", 900), ("09:30", 0), ("09:15", -900)):
            booked = self.moved(self.north, booked, self.time(wall))
            self.assertEqual(part(booked.json, "operating-room")[1:],
                             (self.time("08:00") + shift,
                              self.time("13:00") + shift))
            self.stored_as_said(booked)
        self.assertEqual(booked.json["sequence"], 3)

    def test_a_refused_move_leaves_it_as_it_was(self):
        booked = self.booked("09:30")
        self.booked("14:00", guide="guide-1")
        before = self.stored_as_said(booked)
        refused = self.refused(self.change(self.north, booked, "move",
                                           at=self.time("13:30")))
        self.assertIn(("guide-1", "expert", "busy"), reasons(refused))
        shown = self.expect(self.north.get(
            "/v1/bookings/" + booked.json["code"]), 200)
        self.assertEqual((shown.etag, self.stored_as_said(shown)),
                         (booked.etag, before))

    def test_a_move_may_change_the_times_about_it(self):
        booked = self.booked("09:30")
        moved = self.moved(self.north, booked, self.time("09:30"),
                           before_minutes=30, after_minutes=60,
                           duration_minutes=45)
        self.assertEqual((moved.json["before_minutes"],
                          moved.json["after_minutes"]), (30, 60))
        self.assertEqual(part(moved.json, "operating-room")[1:],
                         self.span("09:00", "11:15"))
        self.assertEqual(part(moved.json, "overrun")[1:],
                         self.span("10:15", "10:45"))
        # They stay so by the next move, which does not say them.
        moved = self.moved(self.north, moved, self.time("15:00"))
        self.assertEqual(part(moved.json, "operating-room")[1:],
                         self.span("14:30", "16:45"))
        self.stored_as_said(moved)

    def test_a_move_to_another_expert(self):
        booked = self.booked("09:30")
        moved = self.moved(self.lead, booked, self.time("09:30"),
                           expert="guide-4")
        self.assertEqual((part(moved.json, "expert")[0],
                          part(moved.json, "lead-studio")[0]),
                         ("guide-4", "heart/studio-4"))
        self.booked("09:30")

    # --- the end ---

    def test_a_cancelled_operation_gives_all_back(self):
        who = patient(next(NUMBERS))
        asked = {"surgeon": "north-surgeon-1", "patient": who}
        booked = self.booked("09:30", with_=["north/or-1", "heart/bridge"],
                             **asked)
        cancelled = self.cancelled(self.north, booked)
        self.assertEqual(cancelled.json["claims"], [])
        self.assertEqual(self.claims_of(booked.json["code"]), [])
        again = self.booked("09:30", with_=["north/or-1", "heart/bridge"],
                            **asked)
        self.assertEqual(parts(again.json), parts(booked.json))

    # --- what is wrong is named ---

    def test_a_surgeon_of_another_site(self):
        for surgeon in ("south-surgeon", "guide-2", "nobody"):
            self.fault(self.ask(surgeon=surgeon), "/surgeon")
            self.expect(self.north.get(
                "/v1/slots", kind=GUIDANCE, specialty="heart",
                surgeon=surgeon), 422, "invalid")

    def test_minutes_about_what_is_no_operation(self):
        for name in ("before_minutes", "after_minutes"):
            consult = {"kind": REMOTE, "before_minutes": None,
                       "after_minutes": None}
            self.fault(self.ask(**{**consult, name: 30}), "/" + name)
            code = self.accepted(**consult)
            self.fault(self.take(self.north, request=code, at=self.time(
                "09:30"), **{name: 30}), "/" + name)
            self.fault(self.take(
                self.north, path="/v1/holds", request=code,
                at=self.time("09:30"), **{name: 30}), "/" + name)
            booked = self.taken(self.north, request=code,
                                at=self.time("09:30"))
            self.fault(self.change(
                self.north, booked, "move", at=self.time("11:00"),
                **{name: 30}), "/" + name)
            self.expect(self.north.get(
                "/v1/slots", request=code, **{name: 30}), 422, "invalid")
            self.cancelled(self.north, booked)

    def test_times_about_it_beyond_a_day(self):
        for value in (-1, 1441, "90", 1.5, None):
            answer = self.north.post("/v1/requests", {
                "kind": GUIDANCE, "site": "north", "reason": "x",
                "specialty": "heart", "patient": patient(1),
                "before_minutes": value})
            self.fault(answer, "/before_minutes")

    # --- who sees it ---

    def test_sites_see_the_operation_and_the_expert_their_part(self):
        booked = self.booked("09:30", surgeon="north-surgeon-1")
        code = booked.json["code"]
        day = self.span("00:00", "23:55")
        for who, place in ((self.north, "sites/north"),
                           (self.lead, "sites/heart")):
            (entry,) = self.plan(who, place, *day)["entries"]
            self.assertEqual((entry["from"], entry["to"], entry["booking"]),
                             (rfc3339(self.time("08:00")),
                              rfc3339(self.time("13:00")), code))
        # It is there, too, when only its beginning or end is looked at.
        for begin, end in (("08:00", "08:05"), ("12:55", "13:00")):
            self.assertEqual([e["booking"] for e in self.plan(
                self.north, "sites/north",
                *self.span(begin, end))["entries"]], [code])
        for begin, end in (("07:00", "08:00"), ("13:00", "14:00")):
            self.assertEqual(self.plan(self.north, "sites/north",
                                       *self.span(begin, end))["entries"], [])
        mine = self.plan(self.guide, "guide-1", *day)["entries"]
        self.assertEqual(
            [(e["role"], e["from"], e["to"], e["booking"]) for e in mine],
            [(role, rfc3339(self.time(begin)), rfc3339(self.time(end)), code)
             for role, begin, end in (("expert", "09:30", "10:30"),
                                      ("overrun", "10:30", "11:00"),
                                      ("buffer", "11:00", "11:10"))])
        (theirs,) = self.plan(self.north, "north-surgeon-1", *day)["entries"]
        self.assertEqual((theirs["role"], theirs["from"], theirs["to"]),
                         ("surgeon", rfc3339(self.time("08:00")),
                          rfc3339(self.time("13:00"))))

    def test_strangers_see_that_they_are_busy(self):
        booked = self.booked("09:30", surgeon="north-surgeon-1")
        day = self.span("00:00", "23:55")
        for who, of in ((self.south, "guide-1"),
                        (self.south, "heart/bridge"),
                        (self.south, "heart/studio-1"),
                        (self.other_guide, "guide-1")):
            entries = self.plan(who, of, *day)["entries"]
            self.assertTrue(entries)
            for entry in entries:
                self.assertLessEqual(set(entry), {"from", "to", "role"})
                self.assertIn(entry.get("role"), (None, "buffer"))
            self.assertNotIn(booked.json["code"], json.dumps(entries))
        for path in ("sites/north", "resources/north/or-1",
                     "experts/north-surgeon-1"):
            self.expect(self.south.get(f"/v1/{path}/schedule"), 404,
                        "not-found")
        self.expect(self.south.get("/v1/bookings/" + booked.json["code"]),
                    404, "not-found")
        self.expect(self.other_guide.get(
            "/v1/requests/" + booked.json["request"]), 404, "not-found")
        self.expect(self.guide.get(
            "/v1/requests/" + booked.json["request"]), 200)

    # --- what is offered ---

    def test_what_is_offered_is_taken_and_nothing_else(self):
        """On the grid of an afternoon, one after the other, held."""
        self.booked("13:00", guide="guide-5", with_=["north/or-5"])
        code = self.accepted(guide="guide-5")
        begin, end = self.span("11:00", "16:30")
        room = ["north/or-5"]
        offered = {s["from"]: s for s in self.slots(
            self.north, request=code, n=100, from_=rfc3339(begin),
            to=rfc3339(end), with_=room)}
        wanted = set()
        for when in range(begin, end, 900):
            answer = self.take(self.north, path="/v1/holds", request=code,
                               at=when, with_=room)
            if answer.status != 201:
                self.refused(answer)
                continue
            wanted.add(rfc3339(when))
            self.expect(self.north.post(
                f"/v1/bookings/{answer.json['code']}/release",
                match=answer.etag), 200)
        self.assertEqual({w for w in offered
                          if int(w[14:16]) % 15 == 0}, wanted)

    def test_a_hold_of_it_is_confirmed_whole(self):
        code = self.accepted(surgeon="north-surgeon-1")
        held = self.expect(self.take(
            self.north, path="/v1/holds", request=code,
            at=self.time("09:30")), 201)
        before = self.stored_as_said(held)
        booked = self.expect(self.north.post(
            f"/v1/bookings/{held.json['code']}/confirm", match=held.etag),
            200)
        self.assertEqual(self.stored_as_said(booked), before)
        self.assertEqual(rows_of(self.service.database, """
            SELECT max(c.hold_until) FROM claim c JOIN booking b
            ON b.id = c.booking WHERE b.code = ?""",
                                 booked.json["code"].replace("-", "")),
                         [(0,)])

    def test_the_log_is_whole(self):
        self.booked("09:30")
        self.verify_log()


class ByHand(Theatre):
    """The same way once with the client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        for profile, role, where in (
                ("heart", "lead-coordinator", "heart"),
                ("north", "site-coordinator", "north")):
            cls.hands.person(profile, role, "--site", where)

    @classmethod
    def tc(cls, profile, *args, code=0, stdin=""):
        ran = cls.hands.run(profile, *args, stdin=stdin)
        if ran.returncode != code:
            raise AssertionError(f"{args}: {ran.returncode} {ran.stdout}"
                                 f"{ran.stderr}")
        return ran.stdout + ran.stderr

    def document(self, profile, *args, **more):
        return json.loads(self.tc(profile, *args, "-o", "json", **more))

    def test_an_operation_by_hand(self):
        code = self.tc(
            "north", "submit", GUIDANCE, "--site", "north", "--specialty",
            "heart", "--reason", "calcified", "--duration", "60", "--before",
            "90", "--after", "150", "--surgeon", "north-surgeon-1",
            "--patient", "-", stdin=json.dumps(patient(1))).strip()
        self.tc("heart", "accept", code, "--expert", "guide-1")
        slot = self.document(
            "north", "slots", "--request", code, "--from",
            f"{self.day} 09:30", "--with", "north/or-3", "-n", "1")["slots"][0]
        self.assertEqual(slot["operation_from"],
                         rfc3339(self.time("08:00")))
        booked = self.document("north", "book", code, "--at",
                               f"{self.day} 09:30", "--with", "north/or-3")
        self.assertEqual(part(booked, "operating-room"),
                         ("north/or-3", *self.span("08:00", "13:00")))
        page = self.tc("north", "show", booked["code"])
        for text in ("guide-1", "north/or-3", "north-surgeon-1"):
            self.assertIn(text, page)
        week = self.document("heart", "schedule", "guide-1", "--day",
                             "--from", str(self.day))
        self.assertEqual({e["role"] for e in week["entries"]},
                         {"expert", "overrun", "buffer"})
        self.assertIn("busy", self.tc(
            "north", "book", self.accepted(guide="guide-1"), "--at",
            f"{self.day} 10:30", code=1))
        moved = self.document("north", "move", booked["code"], "--to",
                              f"{self.day} 09:45", "--before", "60",
                              "--after", "30")
        self.assertEqual(part(moved, "operating-room"),
                         ("north/or-3", *self.span("08:45", "11:15")))
        self.tc("north", "cancel", booked["code"], "--reason", "fever")
        self.assertEqual(self.claims_of(booked["code"]), [])
