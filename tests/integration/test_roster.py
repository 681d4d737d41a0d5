"""Changes of rosters over the wire and typed, in both networks: an expert goes
away for months, and every booking that this orphans is moved or cancelled."""
import datetime
import json
import os
import tempfile
import unittest

from hands import Hands
from service import ROOT, Service
from way import EXPERT, PEOPLE, request_body, rfc3339, shanghai

HOUR, DAY = 3600, 86400
CLINIC = {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
          "time_zone": "Asia/Shanghai", "at": "liaoyang-central/vip-clinic",
          "kinds": ["clinic-slot"], "slot_minutes": 20}
LAB = {"rrule": "FREQ=WEEKLY;BYDAY=TU,TH", "time_zone": "Asia/Shanghai",
       "at": "liaoyang-central/cath-lab", "kinds": ["onsite-procedure"]}


def day_of(utc):
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.fromtimestamp(utc, zone).date().isoformat()


def changes(*list_of, reason="nine months at a partner"):
    return {"reason": reason, "changes": list(list_of)}


class Desk(unittest.TestCase):
    def ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        return answer.json

    def tried(self, who, body):
        return self.ok(who.post("/v1/roster/dry-run", body))

    def done(self, who, body):
        return self.ok(who.post("/v1/roster", body))

    def orphans(self, who, **query):
        return {o["booking"]: o for o in
                self.ok(who.get("/v1/orphans", **query))["items"]}

    def cancel(self, who, code):
        self.ok(who.post(f"/v1/bookings/{code}/cancel",
                         {"reason": "the expert is away"}, match="*"))

    def move(self, who, code, slot):
        """To one of the times that were told."""
        self.ok(who.post(f"/v1/bookings/{code}/move", {
            "at": slot["from"], "expert": slot["expert"]}, match="*"))


class Liaoyang(Desk):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("desk", "lead-coordinator", "--site", "anzhen")

    def booked(self, who, site, at):
        asked = who.post("/v1/requests", request_body(site))
        code = asked.json["code"]
        self.ok(self.lead.post(f"/v1/requests/{code}/accept",
                               {"expert": EXPERT}, match=asked.etag))
        return self.ok(who.post("/v1/bookings", {
            "request": code, "at": rfc3339(at), "expert": EXPERT}),
            201)["code"]

    def direct(self, kind, n, at, status=201):
        return self.ok(self.one.post("/v1/bookings", {
            "kind": kind, "expert": EXPERT, "at": rfc3339(at),
            "patient": {"local_id": f"D{n}", "name": "X"}}), status)

    def test_nine_months(self):
        first = shanghai(0, "08:00", 8)  # a Monday
        stays = self.booked(self.one, "liaoyang-central", first - 7 * DAY)
        moved = self.booked(self.one, "liaoyang-central", first)
        ended = self.booked(self.two, "cooperating-2", first + 2 * DAY)
        place = self.direct("clinic-slot", 1, first + DAY + 5 * HOUR + 1800)
        rules = [{**CLINIC, "start": day_of(first) + "T08:00",
                  "end": day_of(first) + "T11:30"},
                 {**LAB, "start": day_of(first + DAY) + "T08:00",
                  "end": day_of(first + DAY) + "T17:00"}]
        visit = {"change": "visit", "of": EXPERT, "site": "liaoyang-central",
                 "first_day": day_of(first),
                 "last_day": day_of(first + 272 * DAY),
                 "remote_requests": "refuse", "availability": rules,
                 "note": "every day but Sunday"}

        # Not under an agreement that does not cover it, and of one's own.
        no = self.refused(self.lead.post("/v1/roster/dry-run", changes(
            {**visit, "site": "cooperating-2", "availability": []})),
            409, "rule-refused")
        self.assertEqual([b["reason"] for b in no["blockers"]],
                         ["agreement-kind"])
        for who in (self.one, self.stranger):
            bad = self.refused(who.post("/v1/roster/dry-run",
                                        changes(visit)), 422, "invalid")
            self.assertEqual(bad["errors"][0]["pointer"], "/changes/0/of")

        # Tried: what would be orphaned, why, and where it could go.
        plan = self.tried(self.lead, changes(visit))
        self.assertTrue(plan["dry_run"])
        self.assertEqual(plan["orphaned"], 3)
        by_code = {o["booking"]: o for o in plan["orphans"]}
        self.assertEqual(set(by_code), {moved, ended, place["code"]})
        self.assertIn("seconded",
                      {b["reason"] for b in by_code[moved]["blockers"]})
        slot = by_code[moved]["moves"][0]
        self.assertTrue(slot["from"] < rfc3339(first) or
                        slot["expert"] != EXPERT, slot)
        self.assertEqual(self.orphans(self.lead), {})
        self.assertEqual(self.ok(self.lead.get("/v1/visits"))["items"], [])
        roster = self.ok(self.lead.get("/v1/roster", of=EXPERT))
        self.assertEqual(plan["changed"], [{
            "of": EXPERT, "version": roster["version"] + 1}])

        # Done, by whoever saw that version; the other one hears of it.
        body = changes({**visit, "version": roster["version"]})
        key = "nine-months"
        self.ok(self.lead.post("/v1/roster", body, key=key))
        self.ok(self.lead.post("/v1/roster", body, key=key))
        self.refused(self.lead.post("/v1/roster", body), 412, "stale-version")
        self.assertEqual(set(self.orphans(self.lead)),
                         {moved, ended, place["code"]})
        self.assertEqual(set(self.orphans(self.two)), {ended})
        self.assertEqual(set(self.orphans(self.expert)),
                         {moved, ended, place["code"]})
        theirs = self.orphans(self.one)[moved]
        self.assertNotIn("cause", theirs)
        self.assertIn("visit coronary-1 at liaoyang-central",
                      self.orphans(self.lead)[moved]["cause"])
        told = self.ok(self.one.get(f"/v1/bookings/{moved}"))["history"]
        self.assertEqual((told[-1]["verb"], told[-1]["reason"]),
                         ("orphan", "nine months at a partner"))
        for who, n in ((self.lead, 1), (self.one, 1), (self.expert, 1),
                       (self.two, 0), (self.stranger, 0)):
            self.assertEqual(len(self.ok(who.get("/v1/visits"))["items"]), n)
        away = self.ok(self.expert.get(
            f"/v1/experts/{EXPERT}/schedule", **{
                "from": rfc3339(first), "to": rfc3339(first + DAY)}))["away"]
        self.assertEqual([(a["site"], a["remote_requests"]) for a in away],
                         [("liaoyang-central", "refuse")])

        # One by one, until the list is empty.
        self.move(self.lead, moved, slot)
        self.cancel(self.two, ended)
        self.assertEqual(set(self.orphans(self.lead)), {place["code"]})
        there = self.orphans(self.one, moves="true")[place["code"]]["moves"]
        self.move(self.one, place["code"], there[0])
        self.assertEqual(self.orphans(self.lead), {})
        self.assertEqual(self.ok(self.one.get(f"/v1/bookings/{stays}"))
                         ["status"], "booked")

        # There clinics and procedures are booked as ever.
        self.service.clock.at(first)
        self.direct("onsite-procedure", 2, first + DAY)
        self.direct("clinic-slot", 3, first + 4 * DAY)
        self.assertEqual(self.ok(self.lead.get("/v1/visits"))["items"][0]
                         ["state"], "there")
        self.typed(first)

    def typed(self, first):
        """The same by hand: ended earlier, with what that orphans."""
        late = self.direct("onsite-procedure", 4, first + 24 * DAY)["code"]
        week = day_of(first + 22 * DAY)
        ended = ("roster", "change", "end-visit", EXPERT, "--from",
                 day_of(first), "--to", week, "--reason", "called back")
        shown = self.hands.must("desk", "visits")
        self.assertIn("liaoyang-central", shown)
        self.assertIn("there", shown)
        self.assertIn("liaoyang-central/cath-lab", self.hands.must(
            "desk", "visits", "-o", "json"))
        plan = self.hands.must("desk", *ended, "--dry-run")
        self.assertIn("1 booking to come would not be allowed any more", plan)
        self.assertIn(late, plan)
        self.assertIn("could go", plan)
        self.assertIn("Nothing was stored", plan)
        self.assertEqual(self.hands.must("desk", "orphans"), "No orphans.\n")
        self.assertIn("on the worklist", self.hands.must("desk", *ended))
        listed = self.hands.must("desk", "orphans", "--moves")
        self.assertIn("closed: coronary-1 is not available then", listed)
        self.assertIn("end-visit coronary-1 from", listed)
        self.assertTrue(self.hands.must("desk", "orphans", "-o", "csv")
                        .splitlines()[1].startswith(late))
        self.hands.must("desk", "cancel", late, "--reason", "called back")
        self.assertEqual(self.hands.must("desk", "orphans"), "No orphans.\n")
        self.assertIn("FREQ=WEEKLY;BYDAY=MO,WE", self.hands.must(
            "desk", "roster", "show", EXPERT))
        # At home the old hours are back, by a rule more of them.
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rule.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"rrule": "FREQ=WEEKLY;BYDAY=FR",
                           "start": week + "T08:00", "end": week + "T10:00",
                           "time_zone": "Asia/Shanghai",
                           "at": "anzhen/studio-1"}, f)
            said = self.hands.must("desk", "roster", "change", "rule", EXPERT,
                                   "--rule", path, "--reason", "back")
            self.assertIn("No booking is in its way.", said)
            with open(path, "w", encoding="utf-8") as f:
                json.dump(changes({"change": "end-rule", "of": EXPERT,
                                   "number": 3, "first_day": week},
                                  {"change": "days", "of": "anzhen",
                                   "first_day": week, "works_as": "off"}), f)
            said = self.hands.must("desk", "roster", "apply", path)
            self.assertIn("calendar cn-anzhen", said)
        self.assertIn("cn-anzhen", self.hands.must("desk", "roster", "show",
                                                   "anzhen"))
        self.booked(self.two, "cooperating-2", first + 23 * DAY)
        bad = self.hands.run("desk", "roster", "change", "leave", EXPERT,
                             "--reason", "x")
        self.assertIn("/changes/0/from", bad.stderr)
        self.assertIn("is required", bad.stderr)


class Xuzhou(Desk):
    """The same in the large network, of which only what is touched is read."""

    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load(os.path.join(ROOT, "examples", "xuzhou.json"))
        cls.lead = cls.service.person("lead", "lead-coordinator", "xyfy")
        cls.one = cls.service.person("one", "site-coordinator", "jining-13")

    def test_months_in_jining(self):
        first = shanghai(0, "00:00", 8)
        asked = self.one.post("/v1/requests", request_body(
            "jining-13", agreement="coronary--jining-13"))
        code = self.ok(asked, 201)["code"]
        self.ok(self.lead.post(f"/v1/requests/{code}/accept",
                               {"expert": "coronary-04"}, match=asked.etag))
        slots = self.ok(self.one.get("/v1/slots", request=code, **{
            "from": rfc3339(first), "to": rfc3339(first + 7 * DAY)}))["slots"]
        made = self.ok(self.one.post("/v1/bookings", {
            "request": code, "at": slots[0]["from"],
            "expert": "coronary-04"}), 201)["code"]
        visit = changes({"change": "visit", "of": "coronary-04",
                         "site": "jining-13", "first_day": day_of(first),
                         "last_day": day_of(first + 180 * DAY)})
        plan = self.tried(self.lead, visit)
        self.assertEqual([o["booking"] for o in plan["orphans"]], [made])
        self.assertTrue(plan["orphans"][0]["moves"])
        self.done(self.lead, visit)
        self.assertEqual(set(self.orphans(self.one)), {made})
        self.move(self.one, made, plan["orphans"][0]["moves"][0])
        self.assertEqual(self.orphans(self.one), {})
        # Taken back before it begins.
        self.done(self.lead, changes({
            "change": "end-visit", "of": "coronary-04",
            "first_day": day_of(first)}))
        self.assertEqual(self.ok(self.one.get("/v1/visits"))["items"], [])


if __name__ == "__main__":
    unittest.main()
