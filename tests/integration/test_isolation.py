"""Whoever may not see a thing hears of it what is said of nothing at all."""
import json

from way import EXPERT, Way, rfc3339, shanghai

ABSENT = "0000-0000"  # the check character of seven zeros is zero


def said(answer):
    """What was answered, without what differs between any two answers."""
    body = json.loads(answer.body)
    body.pop("request_id", None)
    headers = {k: v for k, v in answer.headers.items()
               if k not in ("date", "x-request-id", "request-id",
                            "content-length")}
    return answer.status, headers, json.dumps(body, sort_keys=True), \
        len(answer.body)


class Isolation(Way):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        way = cls()
        submitted = way.submit()
        cls.request = submitted.json["code"]
        way.accept(submitted)
        cls.at = shanghai(0, "08:00", 2)
        cls.booked = way.book(cls.request, rfc3339(cls.at))
        cls.booking = cls.booked.json["code"]

    def runTest(self):
        """So that setUpClass() may use the steps."""

    def foreigners(self):
        return {"the other partner": self.two, "a stranger": self.stranger}

    def test_foreign_equals_absent(self):
        get, post = "GET", "POST"
        calls = [
            (get, "/v1/requests/{request}", None),
            (get, "/v1/bookings/{booking}", None),
            (post, "/v1/requests/{request}/withdraw", {}),
            (post, "/v1/requests/{request}/accept", {"expert": EXPERT}),
            (post, "/v1/requests/{request}/decline", {"reason": "x"}),
            (post, "/v1/bookings/{booking}/cancel", {"reason": "x"}),
            (post, "/v1/bookings/{booking}/confirm", {}),
            (post, "/v1/bookings/{booking}/release", {}),
            (post, "/v1/bookings/{booking}/move",
             {"at": rfc3339(self.at + 7200)}),
        ]
        for name, who in self.foreigners().items():
            for method, path, body in calls:
                def ask(request, booking):
                    target = path.format(request=request, booking=booking)
                    if method == get:
                        return who.get(target)
                    return who.post(target, body, match=self.booked.etag)
                with self.subTest(who=name, path=path):
                    foreign = ask(self.request, self.booking)
                    absent = ask(ABSENT, ABSENT)
                    self.assertIn(foreign.status, (403, 404), foreign)
                    self.assertEqual(said(foreign), said(absent))

    def test_foreign_codes_within_bodies_equal_absent_ones(self):
        at = rfc3339(self.at + 7200)
        for name, who in self.foreigners().items():
            for path in ("/v1/bookings", "/v1/holds"):
                with self.subTest(who=name, path=path):
                    self.assertEqual(
                        said(who.post(path, {"request": self.request,
                                             "at": at})),
                        said(who.post(path, {"request": ABSENT, "at": at})))
            with self.subTest(who=name, path="/v1/slots"):
                self.assertEqual(
                    said(who.get("/v1/slots", request=self.request)),
                    said(who.get("/v1/slots", request=ABSENT)))

    def test_lists_hold_nothing_foreign(self):
        for name, who in self.foreigners().items():
            for path in ("/v1/requests", "/v1/bookings"):
                with self.subTest(who=name, path=path):
                    text = self.expect(who.get(path), 200).body.decode()
                    self.assertNotIn(self.request, text)
                    self.assertNotIn(self.booking, text)

    def test_of_an_expert_the_other_sees_busy(self):
        window = {"from_": rfc3339(self.at - 3600),
                  "to": rfc3339(self.at + 3600)}
        for path in (f"/v1/experts/{EXPERT}/schedule",
                     "/v1/resources/anzhen/studio-1/schedule"):
            with self.subTest(path=path):
                plan = self.expect(self.two.get(path, **window), 200).json
                taken = [e for e in plan["entries"]
                         if e["from"] == self.booked.json["from"]]
                self.assertTrue(taken)
                for entry in taken:
                    self.assertEqual(set(entry) - {"role"}, {"from", "to"})

    def test_a_sites_sessions_are_its_own(self):
        absent = self.two.get("/v1/sites/no-such-site/schedule")
        foreign = self.two.get("/v1/sites/liaoyang-central/schedule")
        self.assertIn(foreign.status, (403, 404))
        self.assertEqual(said(foreign), said(absent))
        self.expect(self.one.get("/v1/sites/liaoyang-central/schedule"), 200)

    def test_the_parties_do_see_it(self):
        for who in (self.one, self.lead, self.expert, self.auditor):
            self.expect(who.get("/v1/bookings/" + self.booking), 200)
        for who in (self.one, self.lead, self.expert):
            shown = self.expect(who.get("/v1/requests/" + self.request), 200)
            self.assertIn("patient", shown.json)

    def test_another_expert_does_not(self):
        other = self.service.person("another", "expert", "anzhen",
                                    "cardiac-surgery-1")
        self.assertEqual(said(other.get("/v1/requests/" + self.request)),
                         said(other.get("/v1/requests/" + ABSENT)))
        self.assertEqual(said(other.get("/v1/bookings/" + self.booking)),
                         said(other.get("/v1/bookings/" + ABSENT)))

    def test_nobody_submits_for_another_site(self):
        from way import request_body
        for site in ("liaoyang-central", "no-such-site"):
            answer = self.two.post("/v1/requests", request_body(site))
            self.assertIn(answer.status, (403, 404, 409, 422), answer)
