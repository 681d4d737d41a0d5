"""Patients who go from one hospital to another: up to the lead, to a bed, and
down to the partner, to a place in a clinic; and how it went on with them."""
import json

from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, part, patient,
                  reasons, resource, rule, site)
from service import Service, rows_of
from way import NUMBERS, rfc3339, utc

REFERRAL, REMOTE, CLINIC = "referral", "remote-consultation", "clinic-slot"
DAY = 86400


def hospitals():
    kinds = [REFERRAL, REMOTE, CLINIC]
    return network(
        sites=[site(s) for s in ("city", "town", "third")],
        agreements=[agreement("city-town", "city", "town", kinds),
                    agreement("city-third", "city", "third", kinds)],
        resources=[resource("city/ward", "ward", 2),
                   resource("town/ward", "ward"),
                   resource("city/clinic", "clinic-room"),
                   resource("town/clinic", "clinic-room"),
                   resource("city/studio", "studio"),
                   resource("town/studio", "studio")],
        experts=[expert("heart", "city", kinds, buffer_minutes=10),
                 expert("doctor", "town", kinds)],
        availability=[
            rule("heart", "TU", "08:00", "10:00", at="city/clinic",
                 slot_minutes=30, kinds=[REFERRAL, CLINIC]),
            rule("doctor", "TU", "08:00", "10:00", at="town/clinic",
                 slot_minutes=30, kinds=[REFERRAL])],
        secondments=[], transfers=[])


class Referral(Net):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.admin = cls.service.admin()
        cls.service.load(hospitals())
        for who, role, place, *who_is in (
                ("city", "lead-coordinator", "city"),
                ("town", "site-coordinator", "town"),
                ("third", "site-coordinator", "third"),
                ("doctor", "expert", "town", "doctor"),
                ("auditor", "auditor", "town")):
            setattr(cls, who, cls.service.person(who, role, place, *who_is))
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("down", "site-coordinator", "--site", "town")
        cls.day = next_day(1, 2)

    def asks(self, who, place, kind=REFERRAL, **other):
        return who.post("/v1/requests", {
            "kind": kind, "site": place, "specialty": "heart",
            "reason": "needs more than we have",
            "patient": patient(next(NUMBERS)), **other})

    def asked(self, who, place, **other):
        return self.expect(self.asks(who, place, **other), 201)

    def says(self, who, asked, verb, **body):
        code = asked.json["code"]
        now = self.expect(who.get(f"/v1/requests/{code}"), 200)
        return who.post(f"/v1/requests/{code}/{verb}", body, match=now.etag)

    def said(self, who, asked, verb, **body):
        return self.expect(self.says(who, asked, verb, **body), 200)

    def did(self, who, code, verb, **body):
        now = self.expect(who.get(f"/v1/bookings/{code}"), 200)
        return self.expect(self.change(who, now, verb, **body), 200)

    def referred(self, who, place, by, **other):
        asked = self.asked(who, place, **other)
        return self.said(by, asked, "accept")

    def wrote(self, who, asked, what, text="all is well", **other):
        return who.post(f"/v1/requests/{asked.json['code']}/course",
                        {"what": what, "text": text, **other})

    def course(self, who, asked):
        return who.get(f"/v1/requests/{asked.json['code']}/course")

    def test_up_to_a_bed(self):
        earlier = self.asked(self.town, "town", kind=REMOTE)
        asked = self.asked(self.town, "town", of=earlier.json["code"])
        self.assertEqual([asked.json[k] for k in ("to", "of", "lead",
                                                  "partner")],
                         ["city", earlier.json["code"], "city", "town"])
        for who in (self.town, self.city):
            shown = who.get(f"/v1/requests/{earlier.json['code']}").json
            self.assertEqual(shown["referrals"],
                             [asked.json["code"]])
        # Of what the two do not share there is no trace.
        fault = self.fault(self.asks(self.third, "third",
                                     of=earlier.json["code"]), "/of")
        self.assertEqual(fault, self.fault(self.asks(
            self.third, "third", of="0000-0000"), "/of"))
        for path in ("", "/course"):
            self.expect(self.third.get(
                f"/v1/requests/{asked.json['code']}{path}"), 404, "not-found")
        self.expect(self.wrote(self.third, asked, "seen"), 404, "not-found")

        # The receiver triages, the sender supplements.
        self.expect(self.says(self.town, asked, "accept"), 403, "forbidden")
        self.said(self.city, asked, "ask", missing="the ECG")
        self.said(self.town, asked, "supplement", note="it was normal")
        self.expect(self.wrote(self.city, asked, "seen"), 409, "wrong-state")
        self.said(self.city, asked, "accept")

        day = next_day(1, 6)  # the clock goes on, test by test
        begin = at(day, "09:00")
        found = self.slots(self.city, request=asked.json["code"], bed_days=3,
                           from_=rfc3339(begin), to=rfc3339(begin + 4 * DAY),
                           n=9)
        self.assertEqual([(utc(s["from"]), s["with"], s.get("expert"))
                          for s in found],
                         [(begin + n * DAY, ["city/ward"], None)
                          for n in range(4)])
        bed = self.taken(self.city, request=asked.json["code"], at=begin,
                         bed_days=3)
        self.assertEqual(utc(bed.json["to"]), at(day, "00:00") + 3 * DAY)
        self.assertEqual(part(bed.json, "bed")[0], "city/ward")
        self.assertEqual(sorted(r for r, *_ in self.stored_as_said(bed)),
                         ["bed", "patient"])
        # The ward has two beds, and not a third.
        other = self.referred(self.town, "town", self.city)
        self.taken(self.town, request=other.json["code"], at=begin + DAY,
                   bed_days=1)
        more = self.referred(self.third, "third", self.city)
        want = {"request": more.json["code"], "at": begin, "bed_days": 2}
        refused = self.refused(self.take(self.third, **want))
        self.assertEqual({b["reason"] for b in refused.json["blockers"]},
                         {"busy"})
        self.assertNotIn("town", json.dumps(refused.json["blockers"]))
        for slot in refused.json["nearest"]:
            self.assertEqual(slot["with"], ["city/ward"])
        self.taken(self.third, **{**want, "bed_days": 1})
        # It may be moved, to fewer days.
        moved = self.expect(self.change(self.city, bed, "move",
                                        at=begin + 600, bed_days=2), 200)
        self.assertEqual(utc(moved.json["to"]),
                         at(day, "00:00") + 2 * DAY)

        # The patient comes, and the sender sees how it goes on.
        code = bed.json["code"]
        self.service.clock.at(begin)
        self.did(self.city, code, "arrive")
        self.expect(self.wrote(self.town, asked, "admitted"), 403,
                    "forbidden")
        self.said(self.town, asked, "consent", consent="treatment",
                  kept="folder 7")
        self.did(self.city, code, "start")
        self.service.clock.advance(hours=3)
        self.expect(self.wrote(self.city, asked, "admitted",
                               "to bed four\nquiet", at=rfc3339(begin)), 200)
        self.expect(self.wrote(self.city, asked, "operated", "one stent"),
                    200)
        self.fault(self.wrote(self.city, asked, "seen",
                              at=rfc3339(begin + 9 * DAY)), "/at")
        seen = self.expect(self.course(self.town, asked), 200).json
        self.assertEqual(
            [(e["what"], utc(e["at"]), e["site"], e["text"])
             for e in seen["entries"]],
            [("admitted", begin, "city", "to bed four\nquiet"),
             ("operated", begin + 3 * 3600, "city", "one stent")])
        self.assertEqual(utc(seen["arrived_at"]), begin)
        # An auditor sees that, but not the words; and who has read it.
        hidden = self.expect(self.course(self.auditor, asked), 200).json
        self.assertNotIn("text", hidden["entries"][0])
        reads = self.auditor.get(
            f"/v1/requests/{asked.json['code']}").json["reads"]
        self.assertIn("town", [r["actor_site"] for r in reads])
        for kept in ("course", "idempotency"):
            self.assertNotIn("stent", " ".join(
                str(r) for r in rows_of(self.service.database,
                                        f"SELECT * FROM {kept}")))
        # It is over: the bed is free again, and the course goes on.
        self.did(self.city, code, "finish")
        self.taken(self.third, request=self.referred(
            self.third, "third", self.city).json["code"],
            at=begin + 4 * 3600, bed_days=1)
        self.assertEqual(self.town.get(
            f"/v1/requests/{asked.json['code']}").json["status"], "completed")
        self.said(self.town, asked, "receive")
        self.expect(self.wrote(self.city, asked, "sent-back"), 200)
        told = self.hands.must("down", "course", asked.json["code"])
        self.assertRegex(told, r"(?s)closed.*admitted, city .*  quiet.*"
                               r"sent-back")

    def test_down_to_a_place(self):
        asked = self.asked(self.city, "city", to="town")
        self.assertEqual((asked.json["to"], asked.json["lead"],
                          asked.json["partner"]), ("town", "city", "town"))
        self.assertEqual(rows_of(self.service.database, """
            SELECT t.slug FROM request r JOIN subject s ON s.id = r.patient
            JOIN site t ON t.id = s.site WHERE r.code = ?""",
                                 asked.json["code"].replace("-", "")),
                         [("city",)])
        self.expect(self.says(self.city, asked, "accept"), 403, "forbidden")
        self.expect(self.says(self.city, asked, "decline", reason="no"), 403,
                    "forbidden")
        self.expect(self.says(self.town, asked, "withdraw", reason="no"), 403,
                    "forbidden")
        listed = self.town.get("/v1/requests", kind=REFERRAL).json["items"]
        self.assertIn(asked.json["code"], [r["code"] for r in listed])
        self.fault(self.says(self.town, asked, "accept", expert="heart"),
                   "/expert")
        self.said(self.town, asked, "accept", expert="doctor")
        begin = at(self.day, "08:00") + 7 * DAY
        found = self.slots(self.city, request=asked.json["code"],
                           from_=rfc3339(begin), to=rfc3339(begin + DAY))
        self.assertEqual([(utc(s["from"]), s["expert"], s["with"])
                          for s in found],
                         [(begin + n * 1800, "doctor", ["town/clinic"])
                          for n in range(4)])
        place = self.taken(self.town, request=asked.json["code"],
                           at=begin + 1800)
        self.assertEqual(part(place.json, "place")[0], "town/clinic")
        refused = self.refused(self.take(
            self.town, request=self.referred(
                self.city, "city", self.town, to="town").json["code"],
            at=begin + 1800))
        self.assertEqual(reasons(refused)[0], ("doctor", "expert", "busy"))
        # One that nobody wants, and one that is taken back.
        self.said(self.town, self.asked(self.city, "city", to="town"),
                  "decline", reason="no bed")
        self.said(self.city, self.asked(self.city, "city", to="town"),
                  "withdraw", reason="not fit")
        self.service.clock.at(begin + 1800)
        self.did(self.doctor, place.json["code"], "arrive")
        self.said(self.city, asked, "consent", consent="treatment",
                  kept="folder 9")
        self.did(self.doctor, place.json["code"], "start")
        self.expect(self.wrote(self.doctor, asked, "seen"), 200)
        self.did(self.town, place.json["code"], "finish")
        self.expect(self.wrote(self.city, asked, "seen"), 403, "forbidden")
        told = self.hands.must("down", "course", asked.json["code"], "--what",
                               "sent-back", "--file", "-", stdin="to you\n")
        self.assertIn("sent-back", told)
        seen = self.expect(self.course(self.city, asked), 200).json
        self.assertEqual([e["text"] for e in seen["entries"]],
                         ["all is well", "to you"])
        self.assertEqual(seen["status"], "completed")
        self.said(self.city, asked, "receive")
        self.expect(self.course(self.third, asked), 404, "not-found")
        # The tool asks for one, too.
        code = self.hands.must(
            "down", "submit", REFERRAL, "--site", "town", "--to", "city", "--specialty",
            "heart", "--reason", "chest pain", "--patient-id", "9",
            "--patient-name", "Li").strip()
        self.assertEqual(self.city.get(f"/v1/requests/{code}").json["to"],
                         "city")

    def test_whoever_lies_there_can_be_seen(self):
        lies = patient(next(NUMBERS))
        asked = self.referred(self.town, "town", self.city, patient=lies)
        begin = at(next_day(1, 20), "07:00")
        bed = self.taken(self.city, request=asked.json["code"], at=begin,
                         bed_days=5)
        self.assertEqual(part(bed.json, "patient")[1:],
                         (begin, begin + 900))
        # A place in a clinic meanwhile, but no second bed.
        again = self.referred(self.town, "town", self.city, patient=lies)
        refused = self.refused(self.take(
            self.city, request=again.json["code"], at=begin + 2 * DAY,
            bed_days=1))
        self.assertEqual(reasons(refused), [(None, "patient", "busy")])
        again_code = self.taken(
            self.city, request=again.json["code"], bed_days=1,
            at=at(next_day(1, 20), "00:00") + 5 * DAY).json["code"]
        self.taken(self.town, kind=CLINIC, expert="heart", site="town",
                   at=at(next_day(1, 20), "08:30"), patient=lies)
        # The patient stays longer, as long as the ward has a bed.
        self.service.clock.at(begin)
        code = bed.json["code"]
        self.did(self.city, code, "arrive")
        self.said(self.town, asked, "consent", consent="treatment",
                  kept="folder 1")
        self.did(self.city, code, "start")
        for n in range(2):  # the other bed, on the seventh day
            other = self.referred(self.third, "third", self.city)
            self.expect(self.take(
                self.third, request=other.json["code"], bed_days=1,
                at=at(next_day(1, 20), "07:00") + 6 * DAY), 201)
        now = self.expect(self.city.get(f"/v1/bookings/{code}"), 200)
        self.fault(self.change(self.city, now, "late", minutes=40), "/days")
        refused = self.refused(self.change(self.city, now, "late", days=2))
        self.assertEqual({r for r in reasons(refused)},
                         {("city/ward", "bed", "busy"),
                          (None, "patient", "busy")})
        self.assertNotIn("nearest", refused.json)
        self.did(self.city, again_code, "cancel", reason="it is the same stay")
        longer = self.did(self.city, code, "late", days=1)
        self.assertEqual(utc(longer.json["to"]),
                         at(next_day(1, 20), "00:00") + 6 * DAY)
        self.assertEqual(part(longer.json, "bed")[2],
                         at(next_day(1, 20), "00:00") + 6 * DAY)
        self.refused(self.change(self.city, longer, "late", days=1))
        # What the hospitals have on the fourth day is told with it.
        for who, of in ((self.city, "sites/city"), (self.town, "sites/town"),
                        (self.city, "city/ward")):
            plan = self.plan(who, of, begin + 3 * DAY, begin + 4 * DAY)
            self.assertIn(bed.json["code"], json.dumps(plan), of)
        # Said too late: from now on, for others had the beds meanwhile.
        self.service.clock.at(begin + 7 * DAY)
        self.fault(self.change(self.city, longer, "late", days=1), "/days")
        late = self.did(self.city, code, "late", days=2)
        self.assertEqual(part(late.json, "bed")[1:],
                         (begin + 7 * DAY,
                          at(next_day(1, 20), "00:00") + 8 * DAY))


if __name__ == "__main__":
    import unittest
    unittest.main()
