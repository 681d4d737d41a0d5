"""Places of clinic sessions, and procedures on site: booked without a request,
within the agreement's quota, at the lead's or where the expert is seconded.

Dates are weeks ahead: an expert is seconded to the partner north from
SECONDED on for four weeks, another to a partner overseas for half a year.
"""
import base64
import datetime
import json

from nets import (DAY, Net, agreement, at, expert, network, next_day,
                  part, parts, patient, reasons, resource, rule, site, today)
from service import new_key, rows_of
from way import NUMBERS, rfc3339, utc

CLINIC, ONSITE, REMOTE = ("clinic-slot", "onsite-procedure",
                          "remote-consultation")
VANCOUVER = "America/Vancouver"
SECONDED = next_day(0, 3)
WEEKS_AWAY = 4
LATE = 365 * 1440      # minutes: what is of this year is cancelled late
PLACES = {"kinds": [CLINIC]}


def clinics():
    away = datetime.timedelta(weeks=WEEKS_AWAY) - datetime.timedelta(days=1)
    net = network(
        sites=[site(s) for s in ("city", "north", "south", "few", "strict",
                                 "many", "alone")] +
        [site("far", VANCOUVER)],
        agreements=[
            agreement("city-north", "city", "north",
                      [CLINIC, ONSITE, REMOTE]),
            agreement("city-south", "city", "south",
                      [CLINIC, ONSITE, REMOTE]),
            agreement("city-few", "city", "few", [CLINIC],
                      quota_per_month={CLINIC: 2}),
            agreement("city-strict", "city", "strict", [CLINIC],
                      quota_per_month={CLINIC: 2},
                      cancel_notice_minutes=LATE),
            agreement("city-far", "city", "far", [CLINIC],
                      quota_per_month={CLINIC: 2}),
            agreement("many-one", "city", "many", [CLINIC]),
            agreement("many-two", "city", "many", [CLINIC])],
        resources=[resource(r, "clinic-room") for r in (
            "city/clinic-1", "city/clinic-2", "city/clinic-3",
            "city/clinic-4", "north/vip", "far/clinic")] +
        [resource("city/studio", "studio"),
         resource("north/studio", "studio"),
         resource("south/studio", "studio"),
         resource("north/cath", "operating-room")],
        experts=[
            expert("sitter", "city", [CLINIC, REMOTE], buffer_minutes=10),
            expert("visitor", "city", [CLINIC, ONSITE, REMOTE],
                   buffer_minutes=5),
            expert("walker", "city", [CLINIC, REMOTE]),
            expert("traveller", "city", [CLINIC])],
        availability=[
            rule("sitter", "TU,TH", "13:30", "16:45", at="city/clinic-1",
                 slot_minutes=20, **PLACES),
            rule("visitor", "MO,TU,WE,TH,FR", "13:30", "16:30",
                 at="city/clinic-2", slot_minutes=15, **PLACES),
            rule("walker", "", "08:00", "10:00", at="city/clinic-3",
                 slot_minutes=30, **PLACES),
            rule("walker", "", "10:00", "12:00", at="city/clinic-4",
                 slot_minutes=30, **PLACES),
            rule("walker", "", "08:00", "18:00", at="city/studio")],
        secondments=[
            {"expert": "visitor", "site": "north", "from": str(SECONDED),
             "to": str(SECONDED + away), "remote_requests": "refuse",
             "availability": [
                 rule(None, "MO,WE,FR", "08:00", "11:30", at="north/vip",
                      slot_minutes=20, **PLACES),
                 rule(None, "TU,TH", "08:00", "17:00", at="north/cath",
                      kinds=[ONSITE])]},
            {"expert": "traveller", "site": "far", "from": str(today()),
             "to": str(today() + datetime.timedelta(days=200)),
             "remote_requests": "refuse",
             "availability": [
                 rule(None, "", "18:00", "20:00", VANCOUVER,
                      at="far/clinic", slot_minutes=30, **PLACES)]}],
        transfers=[
            {"from": "city/clinic-3", "to": "city/clinic-4", "minutes": 30},
            {"from": "city/clinic-3", "to": "city/studio", "minutes": 45},
            {"from": "city/clinic-4", "to": "city/studio", "minutes": 20},
            {"from": "city", "to": "north", "minutes": 360}])
    return net


def month_ahead(months):
    """The first day of a month, so many after this one. From eleven on no test
    has a day of its own there."""
    first = today().replace(day=1)
    for _ in range(months):
        first = (first + datetime.timedelta(days=32)).replace(day=1)
    return first


class Clinics(Net):
    made = staticmethod(clinics)
    people = {"lead": ("lead-coordinator", "city"),
              "north": ("site-coordinator", "north"),
              "south": ("site-coordinator", "south"),
              "few": ("site-coordinator", "few"),
              "strict": ("site-coordinator", "strict"),
              "many": ("site-coordinator", "many"),
              "far": ("site-coordinator", "far"),
              "alone": ("lead-coordinator", "alone"),
              "sitter": ("expert", "city", "sitter"),
              "walker": ("expert", "city", "walker")}
    weeks = iter(range(8, 43))

    def place(self, who, when, by="sitter", **other):
        """Asks for one, for somebody new."""
        return self.take(who, **{"kind": CLINIC, "expert": by, "at": when,
                                 "patient": patient(next(NUMBERS)), **other})

    def had(self, who, when, by="sitter", **other):
        return self.expect(self.place(who, when, by, **other), 201)

    def offered(self, who, begin, end, **query):
        return self.slots(who, **{"kind": CLINIC, "specialty": "heart",
                                  "n": 100, "from_": rfc3339(begin),
                                  "to": rfc3339(end), **query})

    def a_day(self, weekday=1):
        """One that no other test uses, after the secondment and within
        ten months."""
        return next_day(weekday, next(self.weeks))


class Places(Clinics):
    def test_exactly_the_places_of_the_session_are_offered(self):
        day = self.a_day()
        slots = self.offered(self.north, at(day, "00:00"), at(day, "23:55"),
                             expert="sitter")
        begin = at(day, "13:30")
        # The last quarter is too short for one.
        self.assertEqual(
            [(s["from"], s["to"], s["with"]) for s in slots],
            [(rfc3339(t), rfc3339(t + 1200), ["city/clinic-1"])
             for t in range(begin, begin + 9 * 1200, 1200)])
        self.assertNotIn("operation_from", slots[0])
        opens = self.plan(self.north, "sitter", at(day, "00:00"),
                          at(day, "23:55"))["open"]
        self.assertIn((rfc3339(begin), CLINIC, 20),
                      [(o["from"], *o["kinds"], o.get("slot_minutes"))
                       for o in opens])

    def test_a_place_is_booked_directly(self):
        begin = at(self.a_day(), "13:50")
        booked = self.had(self.north, begin)
        self.assertEqual(
            {k: booked.json.get(k) for k in (
                "status", "kind", "from", "to", "lead", "partner", "expert",
                "agreement", "request")},
            {"status": "booked", "kind": CLINIC, "from": rfc3339(begin),
             "to": rfc3339(begin + 1200), "lead": "city", "partner": "north",
             "expert": "sitter", "agreement": "city-north", "request": None})
        # Between the places of a session there is no pause.
        self.assertEqual(self.stored_as_said(booked), sorted(
            [(role, who, begin, begin + 1200) for role, who in (
                ("expert", "sitter"), ("place", "city/clinic-1"),
                ("patient", ""))]))
        self.had(self.south, begin + 1200)
        self.had(self.south, begin - 1200)
        refused = self.refused(self.place(self.south, begin))
        self.assertEqual(reasons(refused),
                         [("sitter", "expert", "busy"),
                          ("city/clinic-1", "place", "busy")])
        self.assertNotIn("north", json.dumps(refused.json))

    def test_a_whole_session_is_filled_and_no_more(self):
        day = self.a_day()
        begin, end = at(day, "13:00"), at(day, "17:00")
        taken = []
        while slots := self.offered(self.north, begin, end, expert="sitter",
                                    n=1):
            taken.append(slots[0]["from"])
            self.had(self.north, taken[-1])
        self.assertEqual(taken, [rfc3339(at(day, "13:30") + n * 1200)
                                 for n in range(9)])
        refused = self.refused(self.place(self.north, taken[4]))
        for slot in refused.json["nearest"]:
            self.assertNotIn(slot["from"], taken)

    def test_between_places_the_nearest_are_named(self):
        day = self.a_day()
        begin = at(day, "13:30")
        session = {"from": rfc3339(begin), "to": rfc3339(at(day, "16:45"))}
        free = {begin + n * 1200 for n in range(9)}
        for n, off in enumerate((60, 300, 600, 1199)):
            when = begin + n * 2400 + off
            refused = self.refused(self.place(self.north, when))
            (why,) = refused.json["blockers"]
            self.assertEqual((why["subject"], why["reason"]),
                             ("sitter", "place-start"))
            self.assertEqual({k: why[k] for k in session}, session)
            near = sorted(free, key=lambda t: (abs(t - when), t))[:3]
            self.assertEqual([utc(s["from"]) for s in
                              refused.json["nearest"]], sorted(near))
            free.remove(near[0])
            self.had(self.north, near[0])
        # What is left of the session after the last whole place.
        refused = self.refused(self.place(self.north, at(day, "16:30")))
        self.assertEqual(reasons(refused),
                         [("sitter", "expert", "place-start")])
        refused = self.refused(self.place(self.north, at(day, "11:00")))
        self.assertEqual([r[2] for r in reasons(refused)], ["closed"])

    def test_a_place_is_as_long_as_it_is(self):
        begin = at(self.a_day(), "13:30")
        for name in ("duration_minutes", "before_minutes", "after_minutes"):
            self.fault(self.place(self.north, begin, **{name: 20}),
                       "/" + name)
        self.expect(self.north.get(
            "/v1/slots", kind=CLINIC, specialty="heart",
            duration_minutes=20), 422, "invalid")

    def test_a_move_goes_from_place_to_place(self):
        begin = at(self.a_day(), "13:30")
        booked = self.had(self.north, begin)
        self.refused(self.change(self.north, booked, "move", at=begin + 600))
        moved = self.moved(self.north, booked, begin + 1200)
        self.assertEqual({c[2:] for c in self.stored_as_said(moved)},
                         {(begin + 1200, begin + 2400)})
        self.fault(self.change(self.north, moved, "move", at=begin,
                               duration_minutes=20), "/duration_minutes")
        # To another expert's place: as long as that one is.
        other = self.moved(self.lead, moved, at(self.a_day(4), "13:45"),
                           expert="visitor")
        self.assertEqual(part(other.json, "place")[0], "city/clinic-2")
        self.assertEqual(utc(other.json["to"]) - utc(other.json["from"]),
                         15 * 60)
        self.stored_as_said(other)

    def test_after_the_session_comes_the_pause(self):
        """A consultation needs the pause; another session's place, too."""
        day = self.a_day()
        self.had(self.north, at(day, "09:30"), "walker")
        self.had(self.north, at(day, "15:30"), "visitor")
        asked = self.expect(self.north.post("/v1/requests", {
            "kind": REMOTE, "site": "north", "specialty": "heart",
            "reason": "x", "patient": patient(next(NUMBERS))}), 201)
        self.expect(self.lead.post(
            f"/v1/requests/{asked.json['code']}/accept",
            {"expert": "walker"}, match=asked.etag), 200)
        refused = self.refused(self.take(
            self.north, request=asked.json["code"], at=at(day, "10:00")))
        self.assertIn(("walker", "transfer", "transfer"), reasons(refused))
        self.taken(self.north, request=asked.json["code"],
                   at=at(day, "10:45"))

    # --- holds, repeats ---

    def test_a_place_is_held(self):
        begin = at(self.a_day(), "13:30")
        held = self.expect(self.place(self.north, begin, path="/v1/holds"),
                           201)
        self.assertEqual(held.json["status"], "pending")
        self.stored_as_said(held)
        self.refused(self.place(self.south, begin))
        self.assertNotIn(rfc3339(begin), [
            s["from"] for s in self.offered(self.south, begin, begin + 1200,
                                            expert="sitter")])
        self.expect(self.change(self.lead, held, "confirm"), 403,
                    "forbidden")
        booked = self.expect(self.change(self.north, held, "confirm"), 200)
        self.assertEqual((booked.json["status"], booked.json["code"]),
                         ("booked", held.json["code"]))
        self.cancelled(self.north, booked)
        again = self.expect(self.place(self.south, begin, path="/v1/holds",
                                       hold_minutes=1), 201)
        self.expect(self.change(self.south, again, "release"), 200)
        self.had(self.north, begin)

    def test_the_same_again_is_the_same_booking(self):
        begin = at(self.a_day(), "13:30")
        key, who = new_key(), patient(next(NUMBERS))
        first = self.expect(self.place(self.north, begin, key=key,
                                       patient=who), 201)
        for _ in range(2):
            again = self.place(self.north, begin, key=key, patient=who)
            self.assertEqual((again.status, again.body, again.etag),
                             (201, first.body, first.etag))
        other = self.place(self.north, begin, key=key, patient=patient(0))
        self.assertEqual(other.status, 422, other)
        listed = self.expect(self.north.get(
            "/v1/bookings", from_=rfc3339(begin), to=rfc3339(begin + 60),
            kind=CLINIC), 200).json["items"]
        self.assertEqual([b["code"] for b in listed], [first.json["code"]])
        self.assertNotIn("patient", listed[0])

    # --- for whom, by whom ---

    def test_a_patient_is_required(self):
        begin = at(self.a_day(), "13:30")
        for path in ("/v1/bookings", "/v1/holds"):
            self.fault(self.take(self.north, path=path, kind=CLINIC,
                                 at=begin, expert="sitter"), "/patient")
        self.fault(self.take(self.north, kind=CLINIC, at=begin,
                             patient=patient(1)), "/specialty")
        self.fault(self.take(self.north, at=begin, patient=patient(1)),
                   "/request")
        self.fault(self.take(self.north, kind=REMOTE, at=begin,
                             expert="sitter", patient=patient(1)), "/kind")

    def test_a_patient_is_nowhere_twice_at_once(self):
        who = patient(next(NUMBERS))
        begin = at(self.a_day(), "13:30")
        booked = self.had(self.north, begin, patient=who)
        refused = self.refused(self.place(self.north, begin, "visitor",
                                          patient=who))
        self.assertEqual(reasons(refused), [(None, "patient", "busy")])
        self.assertNotIn(who["name"], json.dumps(refused.json))
        # Another site's patient of the same number is somebody else.
        self.had(self.south, begin, "visitor", patient=who)
        self.cancelled(self.north, booked)

    def test_a_lead_books_for_its_partner(self):
        begin = at(self.a_day(), "13:30")
        booked = self.had(self.lead, begin, site="north")
        self.assertEqual((booked.json["partner"], booked.json["agreement"]),
                         ("north", "city-north"))
        shown = self.expect(self.north.get(
            "/v1/bookings/" + booked.json["code"]), 200)
        self.assertIn("patient", shown.json)
        self.cancelled(self.north, shown)
        for who, of in ((self.south, "north"), (self.alone, "north"),
                        (self.lead, "alone"), (self.lead, "no-such-site")):
            self.fault(self.place(who, begin, site=of), "/site")

    def test_without_an_agreement_there_is_none(self):
        begin = at(self.a_day(), "13:30")
        self.expect(self.place(self.lead, begin), 409, "rule-refused")
        self.expect(self.place(self.few, begin, kind=ONSITE), 409,
                    "rule-refused")
        self.fault(self.place(self.alone, begin), "/expert")

    def test_agreements_that_fit_are_named(self):
        begin = at(self.a_day(), "13:30")
        said = self.fault(self.place(self.many, begin), "/agreement")
        for name in ("many-one", "many-two"):
            self.assertIn(name, said)
        self.assertNotIn("city-north", said)
        booked = self.had(self.many, begin, agreement="many-two")
        self.assertEqual(booked.json["agreement"], "many-two")
        self.fault(self.place(self.many, begin, agreement="city-north"),
                   "/agreement")

    def test_papers_are_seen_by_the_parties(self):
        n = next(NUMBERS)
        who = {"local_id": f"CANARY-{n}", "name": f"Kanarienvogel-张{n}",
               "summary": f"canarysummary{n}"}
        booked = self.had(self.north, at(self.a_day(), "13:30"), patient=who)
        self.assertNotIn("patient", booked.json)
        path = "/v1/bookings/" + booked.json["code"]
        for reader in (self.north, self.lead, self.sitter):
            shown = self.expect(reader.get(path), 200)
            self.assertEqual(shown.json["patient"], who)
            self.assertIn("no-store", shown.headers["cache-control"])
            # Who read it is the log's to say.
            events = self.expect(reader.get(path), 200).json["history"]
            self.assertEqual([e["verb"] for e in events], ["book"])
        for stranger in (self.south, self.alone, self.walker):
            self.expect(stranger.get(path), 404, "not-found")
        stored = rows_of(self.service.database, """
            SELECT actor, class FROM event WHERE verb = 'read' AND code = ?
            ORDER BY seq""", booked.json["code"].replace("-", ""))
        self.assertEqual(stored, [(name, "access") for name in (
            "north", "north", "lead", "lead", "sitter", "sitter")])
        for word in who.values():
            for form in (word.encode(), json.dumps(word)[1:-1].encode(),
                         base64.b64encode(word.encode())[:-4]):
                for file, text in self.service.files():
                    self.assertNotIn(form, text, file)

    # --- quota ---

    def test_a_months_quota_is_of_all_places_together(self):
        month = month_ahead(14)
        days = [month + datetime.timedelta(days=n) for n in range(28)]
        tuesday = next(d for d in days if d.weekday() == 1)
        other = tuesday + datetime.timedelta(days=8)
        one = self.had(self.few, at(tuesday, "13:30"))
        held = self.expect(self.place(
            self.few, at(other, "14:00"), "visitor", path="/v1/holds"), 201)
        for when, by in ((at(tuesday, "13:50"), "sitter"),
                         (at(other, "14:15"), "visitor"),
                         (at(other, "08:00"), "walker")):
            refused = self.refused(self.place(self.few, when, by))
            self.assertEqual([r[2] for r in reasons(refused)], ["quota"])
            (why,) = refused.json["blockers"]
            self.assertEqual((utc(why["from"]), utc(why["to"])), (
                at(month, "00:00"), at(month_ahead(15), "00:00")))
            self.assertEqual(why["rule"], "city-few")
        end = at(other + datetime.timedelta(days=1), "00:00")
        self.assertEqual(self.offered(self.few, at(tuesday, "00:00"), end),
                         [])
        # A move within the month is none more; the next month has its own.
        one = self.moved(self.few, one, at(tuesday, "14:10"))
        self.had(self.few, at(month_ahead(15), "08:00"), "walker")
        # What is released or cancelled in time goes back.
        self.expect(self.change(self.few, held, "release"), 200)
        two = self.had(self.few, at(other, "14:15"), "visitor")
        self.refused(self.place(self.few, at(other, "14:30"), "visitor"))
        self.cancelled(self.few, two)
        self.had(self.few, at(other, "14:30"), "visitor")
        # Another partner's quota is another.
        self.had(self.strict, at(other, "14:45"), "visitor")

    def test_cancelled_late_it_is_spent(self):
        day = month_ahead(11) + datetime.timedelta(days=9)
        for wall in ("08:00", "08:30"):
            cancelled = self.cancelled(self.strict, self.had(
                self.strict, at(day, wall), "walker"))
            self.assertEqual(cancelled.json["claims"], [])
        refused = self.refused(self.place(self.strict, at(day, "08:00"),
                                          "walker"))
        self.assertEqual([r[2] for r in reasons(refused)], ["quota"])
        # The time itself is anybody's.
        self.had(self.north, at(day, "08:00"), "walker")
        # A hold that is given back never counts.
        other = month_ahead(12) + datetime.timedelta(days=9)
        for _ in range(3):
            held = self.expect(self.place(
                self.strict, at(other, "08:00"), "walker",
                path="/v1/holds"), 201)
            self.expect(self.change(self.strict, held, "release"), 200)

    def test_moved_late_to_another_month_it_is_spent_where_it_was(self):
        """Or whoever is late would move it far away first. There it is a
        booking like any other."""
        day = month_ahead(10) + datetime.timedelta(days=9)
        far = month_ahead(17) + datetime.timedelta(days=9)
        booked = self.had(self.strict, at(day, "08:00"), "walker")
        booked = self.moved(self.strict, booked, at(far, "08:00"))
        self.cancelled(self.strict, booked)
        for wall in ("08:00", "08:30"):
            self.had(self.strict, at(far, wall), "walker")
        self.had(self.strict, at(day, "08:00"), "walker")
        refused = self.refused(self.place(self.strict, at(day, "08:30"),
                                          "walker"))
        self.assertEqual([r[2] for r in reasons(refused)], ["quota"])

    def test_it_is_the_leads_month(self):
        """The last evening overseas is the first morning of the next month
        where the lead is."""
        month = month_ahead(2)
        last = month - datetime.timedelta(days=1)
        before = last - datetime.timedelta(days=1)
        for wall in ("18:00", "18:30"):
            self.had(self.far, at(before, wall, VANCOUVER), "traveller")
        refused = self.refused(self.place(
            self.far, at(before, "19:00", VANCOUVER), "traveller"))
        (why,) = refused.json["blockers"]
        self.assertEqual((why["reason"], utc(why["from"]), utc(why["to"])),
                         ("quota", at(month_ahead(1), "00:00"),
                          at(month, "00:00")))
        # Nothing more that day, then the last evening's own.
        begin = at(before, "18:00", VANCOUVER)
        self.assertEqual(
            [s["from"] for s in self.offered(
                self.far, begin, begin + 2 * DAY, expert="traveller", n=1)],
            [rfc3339(at(last, "18:00", VANCOUVER))])
        evening = at(last, "18:00", VANCOUVER)
        self.assertEqual(datetime.datetime.fromtimestamp(
            evening).astimezone(datetime.timezone(datetime.timedelta(
                hours=8))).date(), month)
        self.had(self.far, evening, "traveller")
        self.had(self.far, evening + 1800, "traveller")
        refused = self.refused(self.place(
            self.far, evening + DAY, "traveller"))
        self.assertIn("quota", [r[2] for r in reasons(refused)])

    # --- where the expert is seconded ---

    def test_at_the_partner_meanwhile(self):
        monday = SECONDED
        begin = at(monday, "08:00")
        slots = self.offered(self.north, begin, begin + DAY,
                             expert="visitor")
        self.assertEqual(
            [(utc(s["from"]), s["with"]) for s in slots],
            [(begin + n * 1200, ["north/vip"]) for n in range(10)])
        booked = self.had(self.north, begin, "visitor")
        self.assertEqual(part(booked.json, "place")[0], "north/vip")
        # At home there is no clinic, for nobody.
        for who in (self.north, self.south):
            refused = self.refused(self.place(
                who, at(monday, "13:30"), "visitor"))
            self.assertEqual(reasons(refused),
                             [("visitor", "expert", "seconded")])
        # The days before and after it is as ever.
        for day in (monday - datetime.timedelta(days=3),
                    monday + datetime.timedelta(weeks=WEEKS_AWAY)):
            self.had(self.south, at(day, "13:30"), "visitor")
            self.assertEqual(
                {s["with"][0] for s in self.offered(
                    self.north, at(day, "00:00"), at(day, "23:55"),
                    expert="visitor")}, {"city/clinic-2"})

    def test_another_partner_is_refused_elsewhere(self):
        begin = at(SECONDED + datetime.timedelta(days=2), "09:20")
        for when, kind in ((begin, CLINIC), (begin + 300, CLINIC),
                           (begin + DAY, ONSITE)):
            refused = self.refused(self.place(self.south, when, "visitor",
                                              kind=kind))
            self.assertEqual(reasons(refused),
                             [("visitor", "expert", "elsewhere")])
            # Where that is is none of theirs.
            self.assertNotIn("north", json.dumps(refused.json))
        plan = self.plan(self.south, "visitor", begin - 7200, begin + 7200)
        self.assertNotIn("north", json.dumps(plan))
        weeks = WEEKS_AWAY * 7 * DAY
        self.assertEqual(self.offered(
            self.south, at(SECONDED, "00:00"),
            at(SECONDED, "00:00") + weeks, expert="visitor"), [])

    def test_a_procedure_is_where_the_patient_lies(self):
        tuesday = SECONDED + datetime.timedelta(days=1)
        begin = at(tuesday, "09:05")
        slots = self.slots(self.north, kind=ONSITE, expert="visitor", n=3,
                           from_=rfc3339(begin))
        self.assertEqual([(utc(s["from"]), utc(s["to"])) for s in slots],
                         [(begin + n * 300, begin + n * 300 + 7200)
                          for n in range(3)])
        booked = self.had(self.north, begin, "visitor", kind=ONSITE,
                          duration_minutes=90)
        end = begin + 5400
        self.assertEqual(self.stored_as_said(booked), sorted([
            ("expert", "visitor", begin, end),
            ("buffer", "visitor", end, end + 300),
            ("place", "north/cath", begin, end),
            ("patient", "", begin, end)]))
        refused = self.refused(self.place(self.north, end, "visitor",
                                          kind=ONSITE))
        self.assertEqual(reasons(refused), [("visitor", "expert", "buffer")])
        refused = self.refused(self.place(self.north, end + 301, "visitor",
                                          kind=ONSITE))
        self.assertIn("grid", [r[2] for r in reasons(refused)])
        self.had(self.north, end + 300, "visitor", kind=ONSITE)
        # There are no procedures on a clinic's day, and none at home.
        for when in (begin + DAY, begin + 35 * DAY):
            refused = self.refused(self.place(self.north, when, "visitor",
                                              kind=ONSITE))
            self.assertIn(("visitor", "expert"),
                          [r[:2] for r in reasons(refused)])

    def test_the_log_is_whole(self):
        self.had(self.north, at(self.a_day(), "13:30"))
        self.verify_log()


class Ways(Clinics):
    """From clinic-3 to clinic-4 half an hour, from either to the studio 45
    and 20 minutes: the way is made right before the later session."""

    def setUp(self):
        self.day = self.a_day(5)

    def time(self, wall):
        return at(self.day, wall)

    def way(self, booked):
        """How a booking's session is reached, as shown and as stored."""
        shown = self.expect(self.lead.get(
            "/v1/bookings/" + booked.json["code"]), 200)
        self.stored_as_said(shown)
        found = parts(shown.json, "transfer")
        return found[0][2:] if found else None

    def span(self, begin, end):
        return self.time(begin), self.time(end)

    def consult(self, wall, minutes=30):
        asked = self.expect(self.north.post("/v1/requests", {
            "kind": REMOTE, "site": "north", "specialty": "heart",
            "reason": "x", "duration_minutes": minutes,
            "patient": patient(next(NUMBERS))}), 201)
        self.expect(self.lead.post(
            f"/v1/requests/{asked.json['code']}/accept",
            {"expert": "walker"}, match=asked.etag), 200)
        return self.take(self.north, request=asked.json["code"],
                         at=self.time(wall))

    def test_a_session_elsewhere_needs_the_way_to_it(self):
        first = self.had(self.north, self.time("09:30"), "walker")
        self.assertIsNone(self.way(first))
        refused = self.refused(self.place(self.north, self.time("10:00"),
                                          "walker"))
        self.assertEqual([r for r in reasons(refused) if r[0] == "walker"],
                         [("walker", "transfer", "transfer")])
        later = self.had(self.south, self.time("10:30"), "walker")
        self.assertEqual(self.way(later), self.span("10:00", "10:30"))
        (entry,) = [e for e in self.plan(
            self.walker, "walker", *self.span("10:00", "10:30"))["entries"]]
        self.assertEqual((entry["role"], entry["booking"]),
                         ("transfer", later.json["code"]))
        # Strangers see that the time is taken, and not that it is a way.
        (entry,) = self.plan(self.north, "walker",
                             *self.span("10:00", "10:30"))["entries"]
        self.assertEqual(set(entry), {"from", "to"})

    def test_the_way_on_must_be_there_too(self):
        self.had(self.north, self.time("10:00"), "walker")
        refused = self.refused(self.place(self.north, self.time("09:30"),
                                          "walker"))
        self.assertIn(("walker", "transfer", "transfer"), reasons(refused))
        self.had(self.north, self.time("09:00"), "walker")

    def test_a_session_put_between_changes_the_way(self):
        first = self.had(self.north, self.time("08:00"), "walker")
        last = self.had(self.south, self.time("11:30"), "walker")
        self.assertEqual(self.way(last), self.span("11:00", "11:30"))
        between = self.expect(self.consult("09:30"), 201)
        self.assertEqual(self.way(between), self.span("08:45", "09:30"))
        self.assertEqual(self.way(last), self.span("11:10", "11:30"))
        nearer = self.had(self.north, self.time("10:30"), "walker")
        self.assertEqual(self.way(nearer), self.span("10:10", "10:30"))
        self.assertIsNone(self.way(last))
        # One after the other goes, and each time the way is the old one.
        self.cancelled(self.north, nearer)
        self.assertEqual(self.way(last), self.span("11:10", "11:30"))
        self.cancelled(self.north, between)
        self.assertEqual(self.way(last), self.span("11:00", "11:30"))
        self.cancelled(self.north, first)
        self.assertIsNone(self.way(last))

    def test_a_moved_session_takes_its_way_along(self):
        first = self.had(self.north, self.time("09:00"), "walker")
        last = self.had(self.south, self.time("10:30"), "walker")
        moved = self.moved(self.south, last, self.time("11:00"))
        self.assertEqual(self.way(moved), self.span("10:30", "11:00"))
        first = self.moved(self.north, first, self.time("11:30"))
        self.assertIsNone(self.way(moved))
        self.assertIsNone(self.way(first))
        self.moved(self.north, first, self.time("08:00"))
        self.assertEqual(self.way(moved), self.span("10:30", "11:00"))

    def test_a_hold_needs_its_way_too(self):
        self.had(self.north, self.time("09:30"), "walker")
        held = self.expect(self.place(self.north, self.time("10:30"),
                                      "walker", path="/v1/holds"), 201)
        self.assertEqual(part(held.json, "transfer")[1:],
                         self.span("10:00", "10:30"))
        (row,) = rows_of(self.service.database, """
            SELECT count(*), count(DISTINCT c.hold_until) FROM claim c
            JOIN booking b ON b.id = c.booking WHERE b.code = ?
            AND c.hold_until = b.hold_until""",
                         held.json["code"].replace("-", ""))
        self.assertEqual(row, (4, 1))
        booked = self.expect(self.change(self.north, held, "confirm"), 200)
        self.assertEqual(self.way(booked), self.span("10:00", "10:30"))

    def test_what_is_offered_can_be_reached(self):
        self.had(self.north, self.time("09:00"), "walker")
        self.expect(self.consult("12:00"), 201)
        offered = {utc(s["from"]) for s in self.offered(
            self.north, *self.span("07:00", "13:00"), expert="walker")}
        for when in range(self.time("08:00"), self.time("12:00"), 1800):
            answer = self.place(self.north, when, "walker",
                                path="/v1/holds")
            self.assertEqual(answer.status == 201, when in offered,
                             f"{rfc3339(when)} {answer}")
            if answer.status == 201:
                self.expect(self.change(self.north, answer, "release"), 200)
        # Half an hour from the one before, 20 minutes to the one after.
        self.assertEqual(offered, {self.time(w) for w in (
            "08:00", "08:30", "09:30", "10:00", "10:30", "11:00")})
