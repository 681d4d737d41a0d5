"""A submission that is repeated makes one thing; a stale one changes none."""
import concurrent.futures
import copy

from service import new_key
from way import EXPERT, Way, request_body, rfc3339, shanghai


class Idempotency(Way):
    def count(self, who):
        n, path = 0, "/v1/requests?limit=200"
        while path:
            page = who.get(path)
            n += len(page.json["items"])
            link = page.headers.get("link")
            path = link and link[link.index("<") + 1:link.index(">")]
        return n

    def test_a_repeat_gets_the_first_answer(self):
        body, key = request_body("liaoyang-central"), new_key()
        first = self.expect(self.one.post("/v1/requests", body, key=key), 201)
        before = self.count(self.one)
        again = self.expect(self.one.post("/v1/requests", body, key=key), 201)
        self.assertEqual(again.body, first.body)
        for name in ("etag", "location", "content-type"):
            self.assertEqual(again.headers[name], first.headers[name])
        self.assertEqual(self.count(self.one), before)

    def test_another_body_under_the_key_is_refused(self):
        body, key = request_body("liaoyang-central"), new_key()
        self.expect(self.one.post("/v1/requests", body, key=key), 201)
        other = copy.deepcopy(body)
        other["patient"]["name"] += "x"
        self.expect(self.one.post("/v1/requests", other, key=key), 422,
                    "idempotency-key-reused")

    def test_a_key_is_needed_and_well_formed(self):
        body = request_body("liaoyang-central")
        self.expect(self.one.post("/v1/requests", body, key=""), 400,
                    "idempotency-key-required")
        for key in ("a" * 65, "a b", "a/b", "\u00e4".encode().decode("latin-1")):
            answer = self.one.post("/v1/requests", body, key=key)
            self.assertEqual(answer.status, 400, answer)

    def test_a_key_is_of_one_person_and_one_route(self):
        key = new_key()
        one = self.expect(self.one.post(
            "/v1/requests", request_body("liaoyang-central"), key=key), 201)
        two = self.expect(self.two.post(
            "/v1/requests", request_body("cooperating-2"), key=key), 201)
        self.assertNotEqual(one.json["code"], two.json["code"])
        self.expect(self.lead.post(
            f"/v1/requests/{one.json['code']}/accept", {"expert": EXPERT},
            key=key, match=one.etag), 200)

    def test_repeats_at_once_make_one(self):
        body, key = request_body("liaoyang-central"), new_key()
        before = self.count(self.one)

        def submit(_):
            who = self.one.fork()
            answer = who.post("/v1/requests", body, key=key)
            who.close()
            return answer

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(submit, range(32)))
        self.assertEqual({(a.status, a.body) for a in answers},
                         {(201, answers[0].body)})
        self.assertEqual(self.count(self.one), before + 1)

    def test_bookings_at_once_under_one_key(self):
        code, key = self.accepted(), new_key()
        body = {"request": code, "expert": EXPERT,
                "at": rfc3339(shanghai(0, "08:00", 3))}

        def book(_):
            who = self.one.fork()
            answer = who.post("/v1/bookings", body, key=key)
            who.close()
            return answer

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(book, range(16)))
        self.assertEqual({(a.status, a.body) for a in answers},
                         {(201, answers[0].body)})
        self.cancel(answers[0])

    def test_a_repeated_move_is_not_stale(self):
        begin = shanghai(0, "08:00", 4)
        booked = self.book(self.accepted(), rfc3339(begin))
        path = f"/v1/bookings/{booked.json['code']}/move"
        key, body = new_key(), {"at": rfc3339(begin + 3600)}
        moved = self.expect(self.one.post(path, body, key=key,
                                          match=booked.etag), 200)
        again = self.expect(self.one.post(path, body, key=key,
                                          match=booked.etag), 200)
        self.assertEqual((again.body, again.etag), (moved.body, moved.etag))
        self.expect(self.one.post(path, {"at": rfc3339(begin + 5400)},
                                  match=booked.etag), 412, "stale-version")
        self.cancel(moved)

    def test_a_refusal_is_not_kept(self):
        first, second = self.accepted(), self.accepted(self.two)
        at = rfc3339(shanghai(2, "08:00", 4))
        booked, key = self.book(first, at), new_key()
        body = {"request": second, "at": at, "expert": EXPERT}
        self.expect(self.two.post("/v1/bookings", body, key=key), 409,
                    "time-refused")
        self.cancel(booked)
        self.cancel(self.expect(
            self.two.post("/v1/bookings", body, key=key), 201), self.two)

    def test_a_change_names_the_version_it_changes(self):
        submitted = self.submit()
        path = f"/v1/requests/{submitted.json['code']}/accept"
        body = {"expert": EXPERT}
        self.expect(self.lead.post(path, body), 428, "if-match-required")
        for stale in ('"0"', '"nonsense"', "W/" + submitted.etag):
            self.expect(self.lead.post(path, body, match=stale), 412,
                        "stale-version")
        self.expect(self.lead.post(path, body, match=submitted.etag), 200)
        self.expect(self.lead.post(path, body, match=submitted.etag), 412,
                    "stale-version")


class AfterKill(Way):
    def test_a_repeat_after_kill_9_gets_the_first_answer(self):
        body, key = request_body("liaoyang-central"), new_key()
        first = self.expect(self.one.post("/v1/requests", body, key=key), 201)
        self.service.kill()
        self.service.start()
        one = self.service.client(self.one.identity)
        again = self.expect(one.post("/v1/requests", body, key=key), 201)
        self.assertEqual(again.body, first.body)
        one.close()
        admin = self.service.admin()
        self.assertTrue(admin.post("/v1/log/verify").json["ok"])
        admin.close()
