"""Every route, tried by everybody, on every thing: against matrix.py.

Those who may are let through to something that changes nothing: a version that
nothing has, a time that is closed, a body without its fields. Those who may not
come with what would do it. (Who has no certificate, or one that is over, does
not get so far at the partners' listener: test_hostile.py. Of a token that is
over test_people.py tells.)
"""
import itertools
import json
import os
import re
import unittest

import matrix
from matrix import (ADMIN, ALWAYS, AUDITOR, BACKUP, EXPERT, FOREIGN, LEAD,
                    OWN, PAPERS, PARTIES, ROWS, SCOPES, SHARED, SITE,
                    SITELESS, STRANGER, SYSTEM)
from service import ROOT, Service
from way import KIND, rfc3339, shanghai

PARTNER, HOME = "liaoyang-central", "anzhen"
HOSPITALS = {OWN: PARTNER, SHARED: HOME, FOREIGN: "cooperating-2",
             STRANGER: "dmu"}
DOCTORS = {OWN: ("chest-pain-1", PARTNER), SHARED: ("coronary-1", HOME),
           FOREIGN: ("cardiac-surgery-1", HOME),
           STRANGER: ("neurology-1", "tiantan")}
DOCTOR = DOCTORS[SHARED][0]
CANARY = "金丝雀 Kanarienvogel "
PATIENT = {"local_id": "Kanarienvogel-7", "name": CANARY + "1",
           "summary": CANARY + "2"}
# Things that no longer exist for those who may not see them: none at all.
NO_CODE, NO_SITE, NO_EXPERT = "0000-0000", "no-such-site", "no-such-1"
STALE = '"x"'  # a version that nothing has
CODED = ("/v1/requests/{code}", "/v1/bookings/{code}")


class Actor:
    """Somebody who asks: by certificate, or by a token."""

    def __init__(self, client, role, relation, scopes=None, token=None):
        self.client, self.role, self.relation = client, role, relation
        self.scopes, self.token = scopes, token

    def __str__(self):
        return f"{self.role}, {self.relation}" + (
            "" if self.scopes is None else f", token {sorted(self.scopes)}")

    def ask(self, method, path, body=None, match=None):
        headers = {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        if match:
            headers["If-Match"] = match
        if method == "POST":
            headers["Idempotency-Key"] = f"m-{next(NUMBERS)}"
        return self.client.request(method, path, body, headers)


NUMBERS = itertools.count(1)


def said(answer):
    """Everything that was answered, but what differs between any two."""
    headers = {k: v for k, v in answer.headers.items()
               if k not in ("date", "x-request-id", "request-id")}
    return answer.status, headers, re.sub(
        rb'"request_id":"[^"]*"', b"", answer.body)


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.admin = cls.service.admin()
        cls.people = [Actor(cls.admin, ADMIN, STRANGER),
                      Actor(cls.service.person("nightly", BACKUP), BACKUP,
                            STRANGER)]
        for role in (LEAD, SITE, AUDITOR, SYSTEM):
            for relation, site in HOSPITALS.items():
                cls.people.append(Actor(cls.service.person(
                    f"{role} of {site}", role, site), role, relation))
        for relation, (expert, home) in DOCTORS.items():
            cls.people.append(Actor(cls.service.person(
                expert, EXPERT, home, expert), EXPERT, relation))
        cls.nobody = cls.service.anybody()
        cls.tokens = [cls.token(OWN, scopes) for n in range(1, 5)
                      for scopes in itertools.combinations(SCOPES, n)]
        cls.tokens += [cls.token(relation, SCOPES)
                       for relation in (SHARED, FOREIGN, STRANGER)]
        cls.make_things()

    @classmethod
    def token(cls, relation, scopes, name="HIS"):
        made = cls.done(cls.admin.post("/v1/tokens", {
            "name": name, "site": HOSPITALS[relation],
            "scopes": list(scopes)}))
        return Actor(cls.nobody, SYSTEM, relation, set(scopes),
                     made.json["token"])

    @staticmethod
    def done(answer):
        if answer.status not in (200, 201):
            raise AssertionError(repr(answer))
        return answer

    @classmethod
    def who(cls, role, relation):
        return next(a for a in cls.people
                    if (a.role, a.relation) == (role, relation))

    @classmethod
    def make_things(cls):
        """Requests: new, accepted, booked, held; bookings: booked and held,
        for a request and without one. All between the two sides."""
        one, lead = cls.who(SITE, OWN).client, cls.who(LEAD, SHARED).client
        cls.tags = {}

        def keep(answer):
            code = cls.done(answer).json["code"]
            cls.tags[code] = answer.etag
            return code

        def submit():
            return keep(one.post("/v1/requests", {
                "kind": KIND, "site": PARTNER, "specialty": "coronary",
                "reason": CANARY + "3", "purpose": CANARY + "4",
                "patient": PATIENT}))

        def accepted():
            code = submit()
            return keep(lead.post(f"/v1/requests/{code}/accept",
                                  {"expert": DOCTOR}, match=cls.tags[code]))

        cls.new, cls.accepted = submit(), accepted()
        cls.at = shanghai(0, "08:00", 2)
        cls.booked = keep(one.post("/v1/bookings", {
            "request": accepted(), "at": rfc3339(cls.at),
            "expert": DOCTOR}))
        cls.held = keep(one.post("/v1/holds", {
            "request": accepted(), "at": rfc3339(cls.at + 7200),
            "expert": DOCTOR, "hold_minutes": 15}))
        place = cls.done(one.get("/v1/slots", kind="clinic-slot",
                                 expert=DOCTOR)).json["slots"][0]
        cls.session = cls.done(lead.post("/v1/sessions", {
            "kind": "teaching-round", "title": "valves", "expert": DOCTOR,
            "at": rfc3339(shanghai(4, "15:00", 2)), "seats": 9}))
        cls.session = cls.done(one.post(
            f"/v1/sessions/{cls.session.json['code']}/join", {"seats": 1},
            match=cls.session.etag))
        cls.clinic = cls.done(lead.post("/v1/sessions", {
            "kind": "free-clinic", "title": "hearts", "expert": DOCTOR,
            "experts": ["electrophysiology-1"], "site": PARTNER,
            "at": rfc3339(shanghai(5, "08:30", 2)), "tokens": 9}))
        cls.placed = keep(one.post("/v1/bookings", {
            "kind": "clinic-slot", "expert": DOCTOR, "at": place["from"],
            "patient": PATIENT}))
        cls.series = cls.done(one.post("/v1/series", {
            "rrule": "FREQ=WEEKLY;COUNT=2", "booking": {
                "kind": "clinic-slot", "expert": DOCTOR,
                "at": rfc3339(cls.at + 86400 + 6 * 3600),
                "patient": PATIENT}})).json["code"]

    def tearDown(self):
        self.assertTrue(self.service.alive(), self.service.log()[-2000:])

    # --- what there is to try ---

    def test_the_table_is_the_models(self):
        served = self.done(self.admin.get("/v1/openapi.json")).json["paths"]
        table = {(method.upper(), path):
                 ("open" if item[method]["security"] == [] else
                  (set(item[method]["x-roles"]),
                   set(item[method]["x-scopes"])))
                 for path, item in served.items()
                 for method in item if method in ("get", "post")}
        model = {(row.method, row.path):
                 "open" if row.open else (set(row.may), set(row.scopes))
                 for row in ROWS}
        self.assertEqual(model, table)

    def test_the_page_is_the_models(self):
        with open(os.path.join(ROOT, "docs", "roles.md"),
                  encoding="utf-8") as f:
            self.assertEqual(f.read(), matrix.page(),
                             "matrix.py >docs/roles.md makes it anew")

    def bodies(self, row, thing):
        """(body of who may: harmless, of who may not: in earnest, status of
        the harmless one)."""
        closed = rfc3339(shanghai(6, "03:00", 2))
        at = rfc3339(self.at + 3600)
        reason = {"reason": "as was agreed"}
        absent = {"absent": "patient"}
        consent = {"consent": "treatment", "kept": "folder 88"}
        ask = {"kind": KIND, "specialty": "coronary", "reason": "pain",
               "patient": {"local_id": "1", "name": "x", "summary": "y"}}
        book = {"request": thing, "expert": DOCTOR}
        user = {"name": "x", "role": "administrator"}
        token = {"name": "x", "site": HOME, "scopes": ["read"]}
        opinion = {"version": 1, "signed_at": at, "text": "x",
                   "key": "00" * 91, "signature": "00" * 8}
        series = {"rrule": "FREQ=WEEKLY;COUNT=2", "booking": {
            "kind": "clinic-slot", "expert": thing, "site": PARTNER,
            "at": closed, "patient": PATIENT}}
        empty = ({}, {}, 422)
        return {
            "/v1/requests": ({**ask, "site": thing, "kind": "tea"},
                             {**ask, "site": thing}, 422),
            "/v1/requests/{code}/accept": (
                {"expert": DOCTOR}, {"expert": DOCTOR}, 412),
            "/v1/requests/{code}/assign": (
                {"expert": DOCTOR}, {"expert": DOCTOR}, 412),
            "/v1/requests/{code}/decline": (reason, reason, 412),
            "/v1/requests/{code}/ask": (
                {"missing": "the ECG"}, {"missing": "the ECG"}, 412),
            "/v1/requests/{code}/supplement": (
                {"note": "here it is"}, {"note": "here it is"}, 412),
            "/v1/requests/{code}/withdraw": (reason, reason, 412),
            "/v1/requests/{code}/opinions": ({}, opinion, 422),
            "/v1/requests/{code}/receive": ({}, {}, 412),
            "/v1/requests/{code}/wait": ({}, {}, 412),
            "/v1/requests/{code}/unwait": ({}, {}, 412),
            "/v1/requests/{code}/answer": (
                {"answer": "accept"}, {"answer": "accept"}, 412),
            "/v1/requests/{code}/papers": (
                {"summary": "x"}, {"summary": "x"}, 412),
            "/v1/bookings/{code}/displace": (
                {**reason, "request": NO_CODE},
                {**reason, "request": NO_CODE}, 412),
            "/v1/bookings": ({**book, "at": closed}, {**book, "at": at}, 409),
            "/v1/holds": ({**book, "at": closed}, {**book, "at": at}, 409),
            "/v1/bookings/{code}/confirm": ({}, {}, 412),
            "/v1/bookings/{code}/receive": ({}, {}, 412),
            "/v1/bookings/{code}/release": ({}, {}, 412),
            "/v1/bookings/{code}/refuse": (reason, reason, 412),
            "/v1/bookings/{code}/move": ({"at": at}, {"at": at}, 412),
            "/v1/bookings/{code}/cancel": (reason, reason, 412),
            "/v1/bookings/{code}/move-following": (
                {"at": at}, {"at": at}, 412),
            "/v1/bookings/{code}/cancel-following": (reason, reason, 412),
            "/v1/bookings/{code}/move-following/dry-run": (
                {"at": at}, {"at": at}, 412),
            "/v1/bookings/{code}/cancel-following/dry-run": (
                reason, reason, 412),
            "/v1/series": (series, series, 409),
            "/v1/series/dry-run": (series, series, 409),
            "/v1/requests/{code}/consent": (consent, consent, 412),
            # no referral: who may write is told so
            "/v1/requests/{code}/course": (
                {"what": "seen", "text": "x"}, {"what": "seen", "text": "x"},
                409),
            "/v1/bookings/{code}/consent": (consent, consent, 412),
            "/v1/bookings/{code}/arrive": ({}, {}, 412),
            "/v1/bookings/{code}/start": ({}, {}, 412),
            "/v1/bookings/{code}/finish": ({}, {}, 412),
            "/v1/bookings/{code}/noshow": (absent, absent, 412),
            "/v1/bookings/{code}/checks": ({"check": "link"},
                                           {"check": "link"}, 412),
            "/v1/bookings/{code}/fallback": (
                {"surgeon": "chest-pain-1"}, {"surgeon": "chest-pain-1"}, 412),
            "/v1/bookings/{code}/late": ({"minutes": 40}, {"minutes": 40},
                                         412),
            "/v1/take-backs": ({}, {
                **reason, "agreement": "heart-centre",
                "expert": "coronary-1", "at": at}, 422),
            "/v1/pools": ({}, {"expert": DOCTOR, "at": at}, 422),
            "/v1/pools/{code}/order": ({}, {"cases": [NO_CODE]}, 422),
            "/v1/sessions/{code}/join": ({"seats": 1}, {"seats": 1}, 412),
            "/v1/sessions/{code}/leave": ({}, {}, 412),
            "/v1/sessions/{code}/cases": (
                {"request": NO_CODE}, {"request": NO_CODE}, 412),
            "/v1/sessions/{code}/order": (
                {"cases": [NO_CODE]}, {"cases": [NO_CODE]}, 412),
            "/v1/sessions/{code}/tokens": ({"station": HOME + "/none"}, {},
                                           422),
            "/v1/sessions/{code}/call": (
                {}, {"station": PARTNER + "/station-1"}, 422),
            "/v1/sessions/{code}/mark": ({}, {"number": 1,
                                              "outcome": "gone"}, 422),
            "/v1/sessions/{code}/attendance": ({"came": 1}, {"came": 1}, 412),
            "/v1/import": ({}, {"version": 1}, 422),
            "/v1/import/dry-run": ({}, {"version": 1}, 422),
            "/v1/invitations": ({}, user, 422),
            "/v1/invitations/{id}/revoke": ({}, reason, 422),
            "/v1/tokens": ({}, token, 422),
            "/v1/users/{id}/revoke": ({}, reason, 422),
            "/v1/backups": ({}, {}, 200),
            "/v1/log/verify": ({}, {}, 200),
        }.get(row.path, empty)

    def paths(self, row):
        """(path, absent path, thing, absent thing): every thing of the row."""
        path = row.path
        if path.startswith("/v1/requests/{code}"):
            return [(path.format(code=code), path.format(code=NO_CODE),
                     code, NO_CODE) for code in (self.new, self.accepted)]
        if path.startswith("/v1/bookings/{code}"):
            codes = (self.booked, self.held, self.placed)
            return [(path.format(code=code), path.format(code=NO_CODE),
                     code, NO_CODE) for code in codes]
        if path.startswith("/v1/sessions/{code}"):
            last = path.rpartition("/")[2]
            code = (self.clinic if last in ("tokens", "call", "mark")
                    else self.session).json["code"]
            return [(path.format(code=code), path.format(code=NO_CODE),
                     code, NO_CODE)]
        if path in ("/v1/bookings", "/v1/holds") and row.method == "POST":
            return [(path, path, self.accepted, NO_CODE)]
        if path == "/v1/requests" and row.method == "POST":
            return [(path, path, PARTNER, NO_SITE)]
        if path.startswith("/v1/series") and row.method == "POST":
            return [(path, path, DOCTOR, NO_EXPERT)]
        if path == "/v1/series/{code}":
            return [(path.format(code=code), path.format(code=NO_CODE),
                     code, NO_CODE) for code in (self.series,)]
        if path.startswith("/v1/pools/{code}"):
            return [(path.format(code=NO_CODE),) * 2 + (None, None)]
        if path == "/v1/slots":
            return [(f"{path}?request={self.accepted}",
                     f"{path}?request={NO_CODE}", self.accepted, NO_CODE)]
        named = {
            "/v1/experts/{id}/schedule": (DOCTOR, NO_EXPERT),
            "/v1/resources/{site}/{name}/schedule":
                (HOME + "/studio-1", HOME + "/no-such-studio"),
            "/v1/sites/{id}/schedule": (PARTNER, NO_SITE),
        }.get(path)
        if named:
            window = (f"?from={rfc3339(self.at - 3600)}"
                      f"&to={rfc3339(self.at + 3600)}")
            return [tuple(re.sub(r"\{.*\}", name, path) + window
                          for name in named) + named]
        ids = {"/v1/invitations/{id}/revoke": "invitation-1",
               "/v1/users/{id}/revoke": "user-2"}.get(path)
        if ids:
            kind = ids.split("-", maxsplit=1)[0]
            return [(path.format(id=ids), path.format(id=kind + "-999999"),
                     ids, None)]
        if path == "/v1/events":
            return [(path + "?after=x",) * 2 + (None, None)]
        return [(path, path, None, None)]

    # --- what must come of it ---

    def relation(self, actor, thing):
        """An expert's is by being assigned, not by where they sit; to what is
        not accepted yet nobody is."""
        if actor.role == EXPERT and thing in self.tags and (
                actor.relation == OWN or thing == self.new):
            return FOREIGN
        return actor.relation

    def harmless_status(self, row):
        if row.path == "/v1/events":
            return 422
        return 200 if row.method == "GET" else self.bodies(row, None)[2]

    def check(self, actor, row, path, absent_path, thing, absent_thing):
        may = row.may.get(actor.role, set())
        heard = actor.scopes is None or bool(actor.scopes & row.scopes)
        relation = self.relation(actor, thing)
        allowed = heard and bool(may & {relation, ALWAYS})
        tag = STALE if allowed else self.tags.get(thing)
        if not allowed and "/sessions/" in row.path:
            tag = self.session.etag
        unknown = self.unknown(row)

        def ask(target, of):
            body = None
            if row.method == "POST":
                body = self.bodies(row, of)[0 if allowed else 1]
            return actor.ask(row.method, target, body, tag)

        answer = ask(path, thing)
        self.no_patient(actor, row, answer, relation)
        if allowed:
            self.assertEqual(answer.status, self.harmless_status(row), answer)
            if absent_path != path or absent_thing is not thing:
                self.assertEqual(self.absent(actor, row, absent_path,
                                             absent_thing).status, unknown)
            return
        absent = ask(absent_path, absent_thing)
        if row.open == "people" and actor.token:
            self.assertEqual(answer.status, 422, answer)
        elif not may or not heard:
            self.assertEqual(answer.code, "forbidden", answer)
            self.assertEqual(said(answer), said(absent))
        elif "{code}" in row.path and relation in PARTIES[actor.role]:
            # They know that it is there, and are told what they lack.
            self.assertEqual(answer.code, "forbidden", answer)
            self.assertEqual(absent.status, 404, absent)
        else:
            self.assertEqual(answer.status, unknown, answer)
            self.assertEqual(said(answer), said(absent))

    def unknown(self, row):
        """What is said of a thing that is not there: in a path, as a field of
        a message, and of a hospital for which nobody there may ask."""
        if row.path == "/v1/requests":
            return 403
        return 404 if "{" in row.path else 422

    def absent(self, actor, row, path, thing):
        """What who may asks of a thing that is not there: all in earnest."""
        body = self.bodies(row, thing)[1] if row.method == "POST" else None
        return actor.ask(row.method, path, body, STALE)

    def no_patient(self, actor, row, answer, relation):
        text = answer.body.decode("utf-8", "replace")
        shown = (row.method == "GET" and row.path in CODED and
                 not row.path.endswith("/opinions") and
                 actor.role in PAPERS and relation in PARTIES[actor.role] and
                 answer.status == 200)
        if shown and (row.path == "/v1/requests/{code}" or
                      answer.json["code"] == self.placed):
            self.assertIn(PATIENT["local_id"], text)
        elif not shown:
            self.assertNotIn("Kanarienvogel", text)
        if row.path != "/v1/backups" and not (
                PARTIES.get(actor.role, set()) & {relation}):
            for code in self.tags:
                self.assertNotIn(code, text, answer)

    def walk(self, actors):
        for row in ROWS:
            for things in self.paths(row):
                for actor in actors:
                    with self.subTest(row=row.path, thing=things[2],
                                      who=str(actor)):
                        self.check(actor, row, *things)

    def test_by_certificate(self):
        self.walk(self.people)

    def test_by_token(self):
        self.walk(self.tokens)

    # --- nobody ---

    def outsiders(self):
        """On the people's listener: whoever has no good token."""
        gone = self.token(OWN, SCOPES, "gone for good")
        self.revoke("gone for good")
        return {"without": None, "revoked": gone.token,
                "unknown": "tct_" + "0" * 64}

    def test_by_nobody(self):
        for name, token in self.outsiders().items():
            actor = Actor(self.nobody, name, STRANGER, token=token)
            for row in ROWS:
                for path, _, thing, _ in self.paths(row):
                    with self.subTest(who=name, path=path):
                        body = self.bodies(row, thing)[1] \
                            if row.method == "POST" else None
                        self.refused(row, actor.ask(
                            row.method, path, body, self.tags.get(thing)),
                            row.open in ("both", "people"))

    def revoke(self, name):
        users = self.done(self.admin.get("/v1/users")).json["users"]
        user = next(u["id"] for u in users if u["name"] == name)
        self.done(self.admin.post(f"/v1/users/{user}/revoke",
                                  {"reason": "has left"}))

    def refused(self, row, answer, is_open):
        if is_open:
            self.assertEqual(answer.status,
                             200 if row.method == "GET" else 422, answer)
        else:
            self.assertEqual((answer.status, answer.code),
                             (401, "unauthenticated"), answer)
        self.assertNotIn(b"Kanarienvogel", answer.body)

    def test_by_a_certificate_that_is_revoked(self):
        who = Actor(self.service.person("gone", SITE, PARTNER), SITE, OWN)
        self.done(who.client.get("/v1/requests"))
        self.revoke("gone")
        who.client.close()
        for row in ROWS:
            for path, _, thing, _ in self.paths(row):
                with self.subTest(path=path):
                    body = self.bodies(row, thing)[1] \
                        if row.method == "POST" else None
                    self.refused(row, who.ask(row.method, path, body,
                                              self.tags.get(thing)),
                                 row.open == "both")

    # --- what is left behind ---

    def test_auditors_change_nothing(self):
        """Nor does anybody else who is refused; reading leaves its record."""
        def state():
            listed = [self.done(who.client.get(path)).json
                      for who in (self.who(SITE, OWN), self.who(LEAD, SHARED))
                      for path in ("/v1/requests", "/v1/bookings")]
            return json.dumps([listed, *(
                self.done(self.admin.get(path)).json for path in
                ("/v1/export", "/v1/users", "/v1/invitations"))])

        before, events = state(), self.events()
        writes = [row for row in ROWS if row.method == "POST"
                  and row.path != "/v1/certificate"]
        for row in writes:
            for path, _, thing, _ in self.paths(row):
                for relation in HOSPITALS:
                    self.who(AUDITOR, relation).ask(
                        "POST", path, self.bodies(row, thing)[1],
                        self.tags.get(thing))
        self.assertEqual(state(), before)
        self.assertEqual(self.events(), events)

    def events(self):
        return self.done(self.admin.post("/v1/log/verify")).json["events"]

    def test_lists_hold_what_is_theirs(self):
        for path, codes in (("/v1/requests", (self.new, self.accepted)),
                            ("/v1/bookings", (self.booked, self.held,
                                              self.placed))):
            for actor in self.people + self.tokens:
                if actor.role in SITELESS or actor.scopes and \
                        "read" not in actor.scopes:
                    continue
                with self.subTest(path=path, who=str(actor)):
                    text = self.done(actor.ask("GET", path)).body.decode()
                    for code in codes:
                        self.assertEqual(
                            code in text,
                            self.relation(actor, code) in
                            PARTIES[actor.role], code)

    def cancelled(self):
        """A booking of a request: it has no papers, and words in its end."""
        one, lead = self.who(SITE, OWN).client, self.who(LEAD, SHARED).client
        made = self.done(one.post("/v1/requests", {
            "kind": KIND, "site": PARTNER, "specialty": "coronary",
            "reason": CANARY + "5", "purpose": CANARY + "6",
            "patient": PATIENT}))
        code = self.done(lead.post(f"/v1/requests/{made.json['code']}/accept",
                                   {"expert": DOCTOR},
                                   match=made.etag)).json["code"]
        booked = self.done(one.post("/v1/bookings", {
            "request": code, "at": rfc3339(self.at + 10800),
            "expert": DOCTOR}))
        self.done(one.post(f"/v1/bookings/{booked.json['code']}/cancel",
                           {"reason": CANARY + "7"}, match=booked.etag))
        return booked.json["code"]

    def reads(self, path):
        """As the auditor sees them, who is in them the next time."""
        shown = self.done(self.who(AUDITOR, OWN).ask("GET", path)).json
        reads = shown.get("reads", [])
        return len(reads) + shown.get("reads_more", 0), reads

    def test_each_look_at_words_is_recorded(self):
        request, end = f"/v1/requests/{self.new}", self.cancelled()
        for path, thing in (
                (request, request), (request + "/opinions", request),
                *(2 * (f"/v1/bookings/{code}",)
                  for code in (self.placed, end))):
            for actor in self.people + self.tokens:
                if actor.role not in PAPERS or \
                        actor.relation not in PARTIES[actor.role] or \
                        actor.scopes and "read" not in actor.scopes:
                    continue
                with self.subTest(path=path, who=str(actor)):
                    if actor.role == EXPERT and path == thing == request:
                        continue  # not assigned yet
                    before, _ = self.reads(thing)
                    answer = actor.ask("GET", path)
                    if answer.status == 404:
                        continue
                    shown = "Kanarienvogel" in self.done(answer).body.decode()
                    after, reads = self.reads(thing)
                    self.assertEqual(shown, not path.endswith("opinions"))
                    self.assertGreater(after, before)
                    self.assertEqual(
                        (reads[-1]["verb"], reads[-1]["actor"]),
                        ("read",
                         actor.ask("GET", "/v1/whoami").json["name"]))

    def test_of_others_work_only_when(self):
        for actor in self.people + self.tokens[-3:]:
            if actor.relation != FOREIGN:
                continue
            for path in (f"/v1/experts/{DOCTOR}/schedule",
                         f"/v1/resources/{HOME}/studio-1/schedule"):
                with self.subTest(path=path, who=str(actor)):
                    plan = self.done(actor.ask(
                        "GET", f"{path}?from={rfc3339(self.at - 3600)}"
                        f"&to={rfc3339(self.at + 3600)}")).json
                    taken = [e for e in plan["entries"]
                             if e["from"] == rfc3339(self.at)]
                    self.assertTrue(taken)
                    for entry in taken:
                        self.assertEqual(set(entry) - {"role"},
                                         {"from", "to"})


if __name__ == "__main__":
    unittest.main()
