"""Waiting for time, from the list to the booking: at the daemon, and by the
tool, while time is what the test says."""
import threading
import unittest

from hands import Hands
from service import Service
from way import PEOPLE, EXPERT, request_body, rfc3339, shanghai, utc

PARTNERS = {"one": "liaoyang-central", "two": "cooperating-2"}


class Waiting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))
        cls.weeks = 2

    def setUp(self):
        """Each has a Monday of its own."""
        Waiting.weeks += 1
        self.at = shanghai(0, "08:00", Waiting.weeks)

    def ok(self, answer):
        self.assertIn(answer.status, (200, 201), answer)
        return answer

    def accepted(self, who, **other):
        asked = self.ok(getattr(self, who).post(
            "/v1/requests", request_body(PARTNERS[who], **other)))
        code = asked.json["code"]
        done = self.ok(self.lead.post(f"/v1/requests/{code}/accept",
                                      {"expert": EXPERT}, match=asked.etag))
        return code, done.etag

    def booked(self, who, at=None):
        code, _ = self.accepted(who)
        return self.ok(getattr(self, who).post("/v1/bookings", {
            "request": code, "at": rfc3339(at or self.at)}))

    def waiting(self, who, **other):
        code, tag = self.accepted(who, **other)
        until = rfc3339(self.at + 1800)
        self.ok(getattr(self, who).post(f"/v1/requests/{code}/wait", {
            "windows": [{"from": rfc3339(self.at), "to": until}],
            "notice_minutes": 60}, match=tag))
        return code

    def offer_of(self, code):
        items = self.lead.get("/v1/offers").json["items"]
        return next((o for o in items if o["request"] == code), None)

    def say(self, who, booking, verb, body=None):
        who = getattr(self, who)
        tag = self.ok(who.get(f"/v1/bookings/{booking}")).etag
        return who.post(f"/v1/bookings/{booking}/{verb}", body or {},
                        match=tag)

    def test_the_list_the_offer_and_its_answers(self):
        had = self.booked("one").json["code"]
        first = self.waiting("two")
        self.service.advance(minutes=1)
        second = self.waiting("one")
        self.service.advance(seconds=2)
        rows = self.lead.get("/v1/waitlist").json["items"]
        self.assertEqual([(r["request"], r["before"]) for r in rows],
                         [(first, 0), (second, 1)])
        # A partner learns how many are before it, and nothing of them.
        own = self.one.get("/v1/waitlist").json["items"]
        self.assertEqual([(r["request"], r["before"]) for r in own],
                         [(second, 1)])
        self.assertEqual(self.stranger.get("/v1/waitlist").json["items"], [])
        self.assertEqual(self.expert.get("/v1/waitlist").status, 403)
        self.assertIsNone(self.offer_of(first))

        self.ok(self.say("one", had, "cancel", {"reason": "recovered"}))
        self.service.advance(seconds=1)
        offer = self.offer_of(first)
        self.assertEqual(utc(offer["until"]), self.service.now() + 240 * 60)
        self.assertEqual((offer["expert"], utc(offer["from"])),
                         (EXPERT, self.at))
        self.assertEqual(self.one.get("/v1/offers").json["items"], [])
        self.assertEqual(self.two.get("/v1/offers").json["items"], [offer])
        # It is a hold like any other: nobody else has the time meanwhile,
        # and its answer is the partner's.
        other, _ = self.accepted("one")
        taken = self.one.post("/v1/bookings", {
            "request": other, "at": rfc3339(self.at)})
        self.assertEqual((taken.status, taken.json["code"]),
                         (409, "time-refused"), taken)
        self.assertEqual(self.say("lead", offer["booking"], "confirm").status,
                         403)
        self.ok(self.say("two", offer["booking"], "refuse",
                         {"reason": "no bed"}))
        self.service.advance(seconds=1)
        self.assertIsNone(self.offer_of(first))
        last = self.offer_of(second)
        # Unanswered it lapses, also while nothing runs.
        self.service.kill()
        self.service.clock.at(utc(last["until"]))
        self.service.start()
        self.service.settle()
        for attribute, *_ in PEOPLE:
            who = getattr(self, attribute)
            who.close()
            who.port = self.service.ports["partners"]
        self.assertEqual(self.lead.get("/v1/offers").json["items"], [])
        gone = self.one.get(f"/v1/bookings/{last['booking']}").json
        self.assertEqual((gone["status"], gone["history"][0]["verb"],
                          gone["history"][0]["actor"]),
                         ("lapsed", "offer", "system"))
        for code in (first, second):
            self.assertEqual(self.lead.get(f"/v1/requests/{code}")
                             .json["status"], "waitlisted")
            tag = self.lead.get(f"/v1/requests/{code}").etag
            self.ok(self.lead.post(f"/v1/requests/{code}/unwait", {},
                                   match=tag))
        self.assertEqual(self.lead.get("/v1/waitlist").json["items"], [])

    def test_the_lead_books_it_directly_while_it_is_offered(self):
        code = self.waiting("one")
        self.service.advance(seconds=1)
        offer = self.offer_of(code)
        booking = {"request": code, "at": rfc3339(self.at + 3600)}
        answers = {}

        def race(name, call):
            answers[name] = call()

        tag = self.one.get(f"/v1/bookings/{offer['booking']}").etag
        path = f"/v1/bookings/{offer['booking']}/confirm"
        runs = [threading.Thread(target=race, args=job) for job in (
            ("book", lambda: self.lead.post("/v1/bookings", booking)),
            ("confirm", lambda: self.one.post(path, {}, match=tag)))]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        won = [n for n, a in answers.items() if a.status in (200, 201)]
        self.assertEqual(len(won), 1, answers)
        self.service.advance(seconds=1)
        self.assertIsNone(self.offer_of(code))
        now = self.one.get(f"/v1/requests/{code}").json
        self.assertEqual(now["status"], "scheduled")
        live = self.one.get("/v1/bookings", status="booked").json["items"]
        self.assertEqual([b["code"] for b in live if b["request"] == code],
                         [now["booking"]])

    def test_two_partners_and_one_time(self):
        had = self.booked("one").json["code"]
        codes = {"one": self.waiting("one"), "two": self.waiting("two")}
        self.ok(self.say("one", had, "cancel", {"reason": "recovered"}))
        taken = []
        for _ in range(3):
            self.service.advance(seconds=1)
            for who, code in codes.items():
                offer = self.offer_of(code)
                if offer and who not in taken:
                    self.ok(self.say(who, offer["booking"], "confirm"))
                    taken.append(who)
        self.assertEqual(len(taken), 1)
        left = next(c for w, c in codes.items() if w not in taken)
        now = self.lead.get(f"/v1/requests/{left}")
        self.assertEqual(now.json["status"], "waitlisted")
        self.ok(self.lead.post(f"/v1/requests/{left}/decline",
                               {"reason": "no time"}, match=now.etag))

    def test_what_is_wrong_is_said(self):
        code, tag = self.accepted("one")
        past = self.service.now() - 7200
        for body, pointer in (
                ({"windows": [{"from": rfc3339(past),
                               "to": rfc3339(past + 3600)}]}, "/windows"),
                ({"until": rfc3339(past)}, "/until"),
                ({"expert": EXPERT, "any_expert": True}, "/any_expert"),
                ({"expert": "nobody-1"}, "/expert"),
                ({"notice_minutes": -1}, "/notice_minutes")):
            said = self.one.post(f"/v1/requests/{code}/wait", body, match=tag)
            self.assertEqual(said.status, 422, said)
            self.assertEqual(said.json["errors"][0]["pointer"], pointer)
        asked = self.ok(self.one.post("/v1/requests", request_body(
            PARTNERS["one"])))
        said = self.one.post(f"/v1/requests/{asked.json['code']}/wait", {},
                             match=asked.etag)
        self.assertEqual((said.status, said.json["code"]),
                         (409, "wrong-state"))

    def test_by_the_tool(self):
        hands = Hands(self.service)
        self.addCleanup(hands.close)
        hands.person("desk", "site-coordinator", "--site", PARTNERS["one"])
        code, _ = self.accepted("one")
        self.assertIn("waitlisted", hands.must(
            "desk", "wait", code, "--until", rfc3339(self.at + 86400),
            "--notice", "60"))
        self.assertIn(code[:4], hands.must("desk", "list", "waitlist"))
        self.service.advance(seconds=1)
        listed = hands.must("desk", "list", "offers")
        self.assertIn("teleconsult book CODE", listed)
        first = self.offer_of(code)
        hands.must("desk", "refuse", first["booking"], "--reason", "no bed")
        self.service.advance(seconds=1)
        second = self.offer_of(code)
        self.assertGreaterEqual(utc(second["from"]), utc(first["to"]))
        self.assertIn("booked", hands.must("desk", "book",
                                           second["booking"]))
        self.assertEqual(hands.must("desk", "list", "offers"), "No offers.\n")


if __name__ == "__main__":
    unittest.main()
