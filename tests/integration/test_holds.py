"""A hold keeps a time for its owner, and is dead the second it lapses."""
import time

from service import wait_until
from way import EXPERT, Way, rfc3339, shanghai, utc


class Holds(Way):
    def test_a_hold_becomes_a_booking(self):
        code = self.accepted()
        held = self.hold(code, rfc3339(shanghai(0, "08:00", 2)))
        self.assertEqual(held.json["status"], "pending")
        left = utc(held.json["hold_until"]) - time.time()
        self.assertTrue(290 < left <= 300, left)
        path = f"/v1/bookings/{held.json['code']}/confirm"
        # The other partner has no part in it; the lead sees, may not confirm.
        self.assertEqual(self.two.post(path, match=held.etag).status, 404)
        self.assertIn(self.lead.post(path, match=held.etag).status,
                      (403, 404, 409))
        booked = self.expect(self.one.post(path, match=held.etag), 200)
        self.assertEqual(booked.json["status"], "booked")
        self.assertNotIn("hold_until", booked.json)
        self.cancel(booked)

    def test_a_hold_keeps_others_away(self):
        mine, others = self.accepted(), self.accepted(self.two)
        at = rfc3339(shanghai(0, "08:00", 3))
        held = self.hold(mine, at)
        refused = self.expect(self.try_book(others, at, self.two), 409,
                              "time-refused").json
        self.assertIn((EXPERT, "busy"), [(b.get("subject"), b["reason"])
                                         for b in refused["blockers"]])
        offered = self.slots(self.two, request=others, expert=EXPERT,
                             from_=at, n=1)
        self.assertNotEqual(offered[0]["from"], at)
        self.expect(self.one.post(
            f"/v1/bookings/{held.json['code']}/release", match=held.etag),
            200)
        booked = self.book(others, at, self.two)
        self.cancel(booked, self.two)

    def test_a_request_has_one_hold(self):
        code = self.accepted()
        begin = shanghai(0, "08:00", 4)
        held = self.hold(code, rfc3339(begin))
        again = self.one.post("/v1/holds", {
            "request": code, "at": rfc3339(begin + 7200), "expert": EXPERT})
        self.assertEqual(again.status, 409, again)
        self.expect(self.one.post(
            f"/v1/bookings/{held.json['code']}/release", match=held.etag),
            200)

    def test_a_hold_is_of_few_minutes(self):
        code = self.accepted()
        at = rfc3339(shanghai(0, "08:00", 5))
        for minutes in (0, 31, -1):
            answer = self.one.post("/v1/holds", {
                "request": code, "at": at, "expert": EXPERT,
                "hold_minutes": minutes})
            self.expect(answer, 422, "invalid")


class Lapse(Way):
    """Takes the minute that the shortest hold lasts."""

    def test_after_its_time_it_is_as_if_it_had_not_been(self):
        mine, others, third = (self.accepted(), self.accepted(self.two),
                               self.accepted(self.two))
        at = rfc3339(shanghai(0, "08:00", 2))
        later = rfc3339(shanghai(0, "10:00", 2))
        held = self.hold(mine, at, hold_minutes=1)
        second = self.hold(third, later, self.two, hold_minutes=1)
        until = utc(held.json["hold_until"])
        # To the last second it holds.
        while time.time() < until - 2:
            time.sleep(0.5)
        self.expect(self.try_book(others, at, self.two), 409, "time-refused")
        while time.time() < until + 0.1:
            time.sleep(0.05)
        # In the next the time is offered, and anybody's.
        self.assertEqual(self.slots(
            self.two, request=others, expert=EXPERT, from_=at,
            n=1)[0]["from"], at)
        answer = self.one.post(
            f"/v1/bookings/{held.json['code']}/confirm", match=held.etag)
        self.assertIn((answer.status, answer.code),
                      ((409, "wrong-state"), (412, "stale-version")), answer)
        booked = self.book(others, at, self.two)
        self.assertEqual(booked.json["status"], "booked")
        # Its request is free for another time; the state says what became
        # of the hold.
        again = self.book(mine, rfc3339(shanghai(0, "09:00", 2)))
        self.assertEqual(again.json["status"], "booked")
        for name, hold, who in (("taken over", held, self.one),
                                ("nobody came", second, self.two)):
            with self.subTest(name=name):
                path = "/v1/bookings/" + hold.json["code"]
                # The second one was taken later: it may end later.
                wait_until(lambda: time.time() > utc(
                    hold.json["hold_until"]))
                wait_until(lambda: self.expect(
                    who.get(path), 200).json["status"] == "lapsed")
        self.verify_log()
