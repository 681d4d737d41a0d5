"""The way of a booking, and the ways beside it."""
import json

from service import LIAOYANG, new_key
from way import EXPERT, KIND, Way, request_body, rfc3339, shanghai, utc


class WholeWay(Way):
    def test_from_request_to_booking(self):
        submitted = self.submit()
        code = submitted.json["code"]
        self.assertEqual(submitted.json["status"], "submitted")
        self.assertEqual(submitted.headers["location"],
                         "/v1/requests/" + code)
        self.assertNotIn("patient", submitted.json)

        shown = self.expect(self.lead.get("/v1/requests/" + code), 200)
        self.assertEqual(shown.json["patient"]["summary"], "stable")
        self.assertEqual(shown.etag, submitted.etag)
        self.assertIn("no-store", shown.headers["cache-control"])

        self.assertEqual(self.accept(submitted).json["status"], "accepted")
        slot = self.slots(request=code, expert=EXPERT)[0]
        booked = self.book(code, slot["from"])
        self.assertEqual(booked.headers["location"],
                         "/v1/bookings/" + booked.json["code"])
        self.assertEqual(
            {k: booked.json[k] for k in ("status", "from", "to", "request",
                                         "expert", "lead", "partner")},
            {"status": "booked", "from": slot["from"], "to": slot["to"],
             "request": code, "expert": EXPERT, "lead": "anzhen",
             "partner": "liaoyang-central"})
        claims = {c["role"]: c for c in booked.json["claims"]}
        self.assertEqual(set(claims), {"expert", "buffer", "lead-studio",
                                       "partner-studio", "patient"})
        self.assertEqual(claims["lead-studio"]["subject"],
                         "anzhen/studio-1")
        self.assertEqual(claims["partner-studio"]["subject"],
                         "liaoyang-central/studio-1")
        self.assertEqual(claims["buffer"]["from"], slot["to"])
        self.assertEqual(utc(claims["buffer"]["to"]) - utc(slot["to"]), 300)

        shown = self.expect(self.one.get("/v1/requests/" + code), 200).json
        self.assertEqual((shown["status"], shown["booking"]),
                         ("scheduled", booked.json["code"]))
        self.assertEqual([e["verb"] for e in shown["history"]
                          if e["verb"] != "read"],
                         ["submit", "accept", "book", "schedule"])
        week = self.expect(self.expert.get(
            f"/v1/experts/{EXPERT}/schedule",
            from_=rfc3339(utc(slot["from"]) - 3600),
            to=rfc3339(utc(slot["to"]) + 3600)), 200).json
        self.assertIn(booked.json["code"],
                      [e.get("booking") for e in week["entries"]])
        self.cancel(booked)

    def test_the_other_partner_is_refused_with_every_reason(self):
        first, second = self.accepted(), self.accepted(self.two)
        at = rfc3339(shanghai(0, "09:00", 2))
        booked = self.book(first, at)
        refused = self.expect(self.try_book(second, at, self.two), 409,
                              "time-refused").json
        reasons = {(b.get("subject"), b["reason"]): b
                   for b in refused["blockers"]}
        self.assertIn((EXPERT, "busy"), reasons)
        self.assertIn(("anzhen/studio-1", "busy"), reasons)
        busy = reasons[(EXPERT, "busy")]
        self.assertEqual((busy["from"], busy["to"]),
                         (booked.json["from"], booked.json["to"]))
        # Nothing of the other partner's booking but when it is.
        self.assertNotIn(booked.json["code"], json.dumps(refused))
        self.assertNotIn("liaoyang", json.dumps(refused))
        self.assertGreaterEqual(len(refused["nearest"]), 1)
        other = self.book(second, refused["nearest"][0]["from"], self.two)
        self.cancel(other, self.two)
        self.cancel(booked)

    def test_what_the_search_offers_can_be_booked(self):
        code = self.accepted()
        for slot in self.slots(request=code, expert=EXPERT, n=25,
                               from_=rfc3339(shanghai(2, "10:00", 3))):
            held = self.hold(code, slot["from"])
            self.assertEqual(held.json["status"], "pending")
            resources = {c["subject"] for c in held.json["claims"]
                         if "/" in c.get("subject", "")}
            self.assertEqual(resources, set(slot["with"]))
            self.expect(self.one.post(
                f"/v1/bookings/{held.json['code']}/release",
                match=held.etag), 200)

    def test_what_the_search_leaves_out_is_refused(self):
        """On the grid between two offers, every time has its reasons."""
        code = self.accepted()
        begin = shanghai(2, "11:00", 4)
        offered = {s["from"] for s in self.slots(
            request=code, expert=EXPERT, n=100, from_=rfc3339(begin),
            to=rfc3339(begin + 7200))}
        self.assertTrue(offered)
        for step in range(0, 5400, 300):
            at = rfc3339(begin + step)
            if at in offered:
                continue
            refused = self.expect(self.try_book(code, at), 409,
                                  "time-refused").json
            self.assertTrue(refused["blockers"], at)

    def test_a_move_keeps_the_booking_and_frees_the_time(self):
        code, other = self.accepted(), self.accepted(self.two)
        begin = shanghai(0, "08:00", 3)
        booked = self.book(code, rfc3339(begin))
        moved = self.expect(self.one.post(
            f"/v1/bookings/{booked.json['code']}/move",
            {"at": rfc3339(begin + 7200)}, match=booked.etag), 200)
        self.assertEqual(moved.json["code"], booked.json["code"])
        self.assertEqual((moved.json["sequence"], moved.json["from"]),
                         (1, rfc3339(begin + 7200)))
        self.assertEqual({c["from"] >= rfc3339(begin + 7200)
                          for c in moved.json["claims"]}, {True})
        freed = self.book(other, rfc3339(begin), self.two)
        # Back is not possible any more, and the booking stays as it was.
        refused = self.expect(self.one.post(
            f"/v1/bookings/{booked.json['code']}/move",
            {"at": rfc3339(begin)}, match=moved.etag), 409, "time-refused")
        self.assertTrue(refused.json["blockers"])
        shown = self.expect(self.one.get(
            "/v1/bookings/" + booked.json["code"]), 200)
        self.assertEqual((shown.etag, shown.json["from"]),
                         (moved.etag, moved.json["from"]))
        # A quarter of an hour later overlaps only with itself.
        again = self.expect(self.one.post(
            f"/v1/bookings/{booked.json['code']}/move",
            {"at": rfc3339(begin + 7200 + 900)}, match=moved.etag), 200)
        self.assertEqual(again.json["sequence"], 2)
        self.cancel(again)
        self.cancel(freed, self.two)

    def test_a_cancelled_booking_gives_its_request_back(self):
        code = self.accepted()
        at = rfc3339(shanghai(2, "08:00", 5))
        booked = self.book(code, at)
        cancelled = self.cancel(booked)
        self.assertEqual((cancelled.json["status"], cancelled.json["claims"]),
                         ("cancelled", []))
        shown = self.expect(self.one.get("/v1/requests/" + code), 200).json
        self.assertEqual(shown["status"], "accepted")
        self.assertNotIn("booking", shown)
        again = self.book(code, at)
        self.assertNotEqual(again.json["code"], booked.json["code"])
        # What is over stays over.
        self.expect(self.one.post(
            f"/v1/bookings/{booked.json['code']}/cancel", {"reason": "twice"},
            match=cancelled.etag), 409, "wrong-state")
        self.cancel(again)

    def test_decline_and_withdraw(self):
        declined = self.submit()
        path = "/v1/requests/" + declined.json["code"]
        answer = self.expect(self.lead.post(
            path + "/decline", {"reason": "no bed"}, match=declined.etag), 200)
        self.assertEqual(answer.json["status"], "declined")
        shown = self.expect(self.one.get(path), 200).json
        self.assertEqual(shown["history"][-1 if shown["history"][-1]["verb"]
                         != "read" else -2]["reason"], "no bed")
        self.expect(self.lead.post(path + "/accept", {"expert": EXPERT},
                                   match=answer.etag), 409, "wrong-state")
        withdrawn = self.submit()
        answer = self.expect(self.one.post(
            f"/v1/requests/{withdrawn.json['code']}/withdraw",
            {"reason": "transferred"}, match=withdrawn.etag), 200)
        self.assertEqual(answer.json["status"], "withdrawn")
        self.expect(self.try_book(withdrawn.json["code"],
                                  rfc3339(shanghai(0, "08:00", 6))),
                    409, "wrong-state")

    def test_a_request_has_one_booking_at_a_time(self):
        code = self.accepted()
        begin = shanghai(0, "08:00", 6)
        booked = self.book(code, rfc3339(begin))
        self.expect(self.try_book(code, rfc3339(begin + 7200)), 409,
                    "wrong-state")
        self.cancel(booked)

    def test_one_patient_is_not_at_two_places(self):
        patient = {"local_id": "TWICE", "name": "somebody"}
        first = self.accepted(patient=patient)
        second = self.accepted(patient=patient, specialty="cardiac-surgery")
        begin = shanghai(0, "08:00", 7)
        booked = self.book(first, rfc3339(begin))
        refused = self.expect(self.one.post("/v1/bookings", {
            "request": second, "at": rfc3339(begin),
            "expert": "cardiac-surgery-2"}), 409, "time-refused").json
        self.assertIn(("patient", "busy"), [
            (b.get("role"), b["reason"]) for b in refused["blockers"]])
        self.cancel(booked)

    def test_closed_times_say_why(self):
        code = self.accepted()
        for at, reason in (
                (shanghai(5, "08:00"), "closed"),
                (shanghai(0, "11:50"), "closed"),
                (shanghai(0, "08:02"), "grid"),
                (shanghai(0, "08:00", -1), "past")):
            refused = self.expect(self.try_book(code, rfc3339(at)), 409,
                                  "time-refused").json
            self.assertIn(reason, [b["reason"] for b in refused["blockers"]])

    def test_an_agreement_bounds_what_may_be_asked(self):
        """It has ended; the specialty is another's; it is others'."""
        for status, code, other in (
                (409, "rule-refused", {"agreement": "thoracic-study",
                                       "specialty": "thoracic-surgery"}),
                (409, "rule-refused", {"agreement": "heart-centre",
                                       "specialty": "urology"}),
                (422, "invalid", {"agreement": "heart-centre-2"}),
                (422, "invalid", {"agreement": "no-such-agreement"})):
            self.expect(self.one.post("/v1/requests", request_body(
                "liaoyang-central", **other)), status, code)

    def test_a_kind_that_is_not_taken_yet_is_named(self):
        refused = self.expect(self.one.post("/v1/requests", request_body(
            "liaoyang-central", kind="onsite-visit",
            agreement="heart-centre", specialty="coronary")), 422, "invalid")
        self.assertEqual(refused.json["errors"][0]["pointer"], "/kind")

    def test_lists_are_cut_aloud(self):
        codes = {self.submit().json["code"] for _ in range(5)}
        found, path = set(), "/v1/requests?limit=2&status=submitted"
        while path:
            page = self.expect(self.one.get(path), 200)
            self.assertLessEqual(len(page.json["items"]), 2)
            for item in page.json["items"]:
                self.assertEqual(item["status"], "submitted")
                self.assertNotIn(item["code"], found)
                self.assertNotIn("patient", item)
                found.add(item["code"])
            link = page.headers.get("link")
            self.assertEqual(link is not None, "next" in page.json)
            path = link and link[link.index("<") + 1:link.index(">")]
        self.assertLessEqual(codes, found)

    def test_bookings_are_listed_and_shown(self):
        code = self.accepted()
        begin = shanghai(2, "08:00", 8)
        booked = self.book(code, rfc3339(begin)).json["code"]
        items = self.expect(self.one.get(
            "/v1/bookings", from_=rfc3339(begin), to=rfc3339(begin + 60),
            expert=EXPERT, kind=KIND, status="booked"), 200).json["items"]
        self.assertEqual([i["code"] for i in items], [booked])
        shown = self.expect(self.lead.get("/v1/bookings/" + booked.lower()),
                            200)
        self.assertEqual([e["verb"] for e in shown.json["history"]],
                         ["book"])
        for path in ("/v1/resources/anzhen/studio-1/schedule",
                     "/v1/sites/anzhen/schedule"):
            plan = self.expect(self.lead.get(
                path, from_=rfc3339(begin), to=rfc3339(begin + 3600)),
                200).json
            self.assertIn(booked, [e.get("booking")
                                   for e in plan["entries"]], path)
        self.cancel(shown)

    def test_the_log_is_whole(self):
        before = self.verify_log()
        self.submit()
        after = self.verify_log()
        self.assertEqual(after["events"], before["events"] + 1)
        self.assertNotEqual(after["head"], before["head"])

    def test_the_public_pages(self):
        from service import RECORDER
        nobody = self.service.anybody()
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.expect(nobody.get(path), 200)
                             .json["status"], "ok")
            self.assertEqual(nobody.request("HEAD", path).body, b"")
        self.assertEqual(nobody.get("/v1/openapi.json").status, 401)
        served = self.expect(self.one.get("/v1/openapi.json"), 200)
        self.assertEqual(served.json["openapi"][:3], "3.1")
        RECORDER.document(served.body)
        who = self.expect(self.one.get("/v1/whoami"), 200).json
        self.assertEqual((who["site"], who["role"]),
                         ("liaoyang-central", "site-coordinator"))


class Quota(Way):
    """The same network, with one consultation a month for one partner."""

    def cut_quota(self):
        with open(LIAOYANG, encoding="utf-8") as f:
            network = json.load(f)
        for agreement in network["agreements"]:
            if agreement["id"] == "heart-centre":
                agreement["quota_per_month"][KIND] = 1
        report = self.service.load(network).json
        changed = {p["part"]: p["changed"] for p in report["parts"]}
        self.assertEqual(changed["agreements"], 1, report)

    def test_the_second_of_a_month_is_refused(self):
        self.cut_quota()
        first, second = self.accepted(), self.accepted()
        begin = shanghai(0, "08:00")
        booked = self.book(first, rfc3339(begin))
        refused = self.expect(self.try_book(second, rfc3339(begin + 7200)),
                              409, "time-refused").json
        self.assertIn("quota", [b["reason"] for b in refused["blockers"]])
        # It is the lead's month of the start, and the agreement's own.
        for slot in refused["nearest"]:
            self.assertNotEqual(slot["from"][:7], booked.json["from"][:7])
        other = self.accepted(self.two)
        self.cancel(self.book(other, rfc3339(begin + 7200), self.two),
                    self.two)
        self.cancel(booked)
        self.cancel(self.book(second, rfc3339(begin + 7200)))

    def test_an_import_again_changes_nothing(self):
        with open(LIAOYANG, encoding="utf-8") as f:
            network = json.load(f)
        self.service.load(network)
        for part in self.service.load(network).json["parts"]:
            self.assertEqual((part["created"], part["changed"],
                              part["removed"]), (0, 0, 0), part)
        key = new_key()
        with open(LIAOYANG, "rb") as f:
            body = f.read()
        one = self.admin.post("/v1/import", body, key=key)
        two = self.admin.post("/v1/import", body, key=key)
        self.assertEqual((one.status, one.body), (two.status, two.body))
