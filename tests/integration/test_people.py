"""Who is let in, from outside: invitations, enrolment and renewal, revocation
on live connections, at both listeners of the real daemon."""
import base64
import contextlib
import hashlib
import http.client
import sqlite3
import ssl
import subprocess
import threading
import time
import unittest

from service import (Client, Connection, Service, new_key,
                     read_invitation, rows_of, wait_until)

SITE = "liaoyang-central"
GONE = (ConnectionError, ssl.SSLError, http.client.HTTPException)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.admin = cls.service.admin()

    def setUp(self):
        self.nobody = self.service.anybody()
        self.addCleanup(self.nobody.close)

    def expect(self, answer, status, code=None):
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        return answer

    def invite(self, **body):
        """The answer that has the text."""
        return self.expect(self.admin.post("/v1/invitations", body or {
            "name": "张三", "role": "auditor", "site": SITE}), 201).json

    def use(self, text, csr=None, who=None):
        """Tries to enrol; (answer, key's path)."""
        key = None
        if csr is None:
            key, csr = self.service.order("x")
        return (who or self.nobody).post("/v1/enroll", {
            "secret": read_invitation(text).secret, "csr": csr}, key=""), key

    def enrolled(self, text=None):
        """Somebody new, and how they are called."""
        answer, key = self.use(text or self.invite()["invitation"])
        self.expect(answer, 200)
        identity = self.service.keep("x", key, answer)
        return self.service.client(identity), answer.json["user"]

    def revoke(self, user, reason="has left"):
        return self.expect(self.admin.post(f"/v1/users/{user}/revoke",
                                           {"reason": reason}), 200)


class Invitations(Case):
    def test_its_text_is_in_one_answer_alone(self):
        made = self.invite()
        text = made.pop("invitation")
        said = read_invitation(text)
        self.assertEqual(
            (said.people, said.partners),
            tuple(f"localhost:{self.service.ports[x]}"
                  for x in ("people", "partners")))
        listed = self.expect(self.admin.get("/v1/invitations"), 200)
        self.assertIn(made, listed.json["invitations"])
        self.assertNotIn(said.secret, listed.body.decode())
        self.assertNotIn("tci1_", listed.body.decode())

    def test_that_answer_is_for_no_cache(self):
        answer = self.admin.post("/v1/invitations", {
            "name": "x", "role": "administrator"})
        self.assertEqual(answer.headers["cache-control"], "no-store")

    def test_a_repeat_is_the_same_invitation_with_another_secret(self):
        key = new_key()
        body = {"name": "x", "role": "auditor", "site": SITE}
        answers = [self.expect(self.admin.post("/v1/invitations", body, key),
                               201).json for _ in range(2)]
        texts = [answer.pop("invitation") for answer in answers]
        self.assertEqual(answers[0], answers[1])
        self.expect(self.use(texts[0])[0], 403, "forbidden")
        self.enrolled(texts[1])
        self.expect(self.admin.post("/v1/invitations", body, key), 409,
                    "wrong-state")
        self.expect(self.admin.post("/v1/invitations",
                                    {**body, "name": "y"}, key), 422,
                    "idempotency-key-reused")

    def test_a_key_is_required(self):
        self.expect(self.admin.post("/v1/invitations", {
            "name": "x", "role": "administrator"}, key=""), 400,
            "idempotency-key-required")

    def test_pages(self):
        for _ in range(3):
            self.invite()
        seen, path = [], "/v1/invitations?limit=2&site=" + SITE
        while path:
            answer = self.expect(self.admin.get(path), 200)
            seen += [v["id"] for v in answer.json["invitations"]]
            link = answer.headers.get("link")
            self.assertEqual(link is None, "next" not in answer.json)
            path = link and link[1:link.index(">")]
        self.assertEqual(seen, sorted(seen, key=lambda x: -int(x[11:])))
        self.assertEqual(len(seen), len(set(seen)))
        self.assertGreaterEqual(len(seen), 3)

    def test_taken_back(self):
        made = self.invite()
        path = f"/v1/invitations/{made['id']}/revoke"
        self.expect(self.admin.post(path, {"reason": "sent to another"}), 200)
        self.expect(self.use(made["invitation"])[0], 403, "forbidden")
        self.expect(self.admin.post(path, {"reason": "x"}), 409, "wrong-state")
        self.expect(self.admin.post("/v1/invitations/invitation-999/revoke",
                                    {"reason": "x"}), 404, "not-found")
        self.expect(self.admin.post(path, {}), 422, "invalid")


class Addresses(unittest.TestCase):
    """What invitations say of where to go."""

    def said(self, **listen):
        with Service({"listen": listen} if listen else None) as service:
            service.init().start()
            text = service.invite(name="x", role="administrator")
            said = read_invitation(text)
            return said.people, said.partners, service.ports

    def test_the_first_host_with_the_ports_that_were_got(self):
        people, partners, ports = self.said(hosts="localhost example.org")
        self.assertEqual(people, f"localhost:{ports['people']}")
        self.assertEqual(partners, f"localhost:{ports['partners']}")

    def test_what_the_options_say(self):
        people, partners, _ = self.said(
            public_people="people.example.org:443",
            public_partners="[2001:db8::1]:8443")
        self.assertEqual((people, partners),
                         ("people.example.org:443", "[2001:db8::1]:8443"))

    def test_without_any_host_the_address(self):
        people, _, ports = self.said(hosts="")
        self.assertEqual(people, f"127.0.0.1:{ports['people']}")


class Enrolment(Case):
    def test_somebody_is_known_from_then_on(self):
        text = self.invite(name="李医生", role="expert", site="anzhen",
                           expert="coronary-1")["invitation"]
        who, _ = self.enrolled(text)
        said = self.expect(who.get("/v1/whoami"), 200).json
        self.assertEqual((said["name"], said["role"], said["expert"]),
                         ("李医生", "expert", "coronary-1"))

    def test_it_works_once(self):
        text = self.invite()["invitation"]
        key, csr = self.service.order("x")
        first, _ = self.use(text, csr)
        self.expect(first, 200)
        # The answer was lost: the same key is answered again.
        again, _ = self.use(text, csr)
        self.expect(again, 200)
        self.assertEqual(again.json["user"], first.json["user"])
        self.expect(self.use(text)[0], 403, "forbidden")
        # The one that came later is as good.
        who = self.service.client(self.service.keep("x", key, again))
        self.expect(who.get("/v1/whoami"), 200)

    def test_strangers_hear_the_same(self):
        used, back = self.invite()["invitation"], self.invite()
        self.enrolled(used)
        self.admin.post(f"/v1/invitations/{back['id']}/revoke",
                        {"reason": "x"})
        bodies = set()
        for text in (used, back["invitation"]):
            answer, _ = self.use(text)
            bodies.add((answer.status, answer.json["detail"]))
        _, csr = self.service.order("x")
        for secret in ("0" * 32, "f" * 32, "F" * 32, "x" * 32):
            answer = self.nobody.post("/v1/enroll",
                                      {"secret": secret, "csr": csr})
            bodies.add((answer.status, answer.json["detail"]))
        self.assertEqual(len(bodies), 1, bodies)

    def test_a_stranger_costs_no_writer(self):
        """No event, no row, nothing signed: whatever the CSR is."""
        before = self.admin.post("/v1/log/verify").json["events"]
        for csr in (self.service.order("x")[1], "no csr at all"):
            self.expect(self.nobody.post(
                "/v1/enroll", {"secret": "0" * 32, "csr": csr}), 403,
                "forbidden")
        self.assertEqual(self.admin.post("/v1/log/verify").json["events"],
                         before)

    def test_many_at_once_with_one(self):
        text = self.invite()["invitation"]
        orders = [self.service.order("x") for _ in range(12)]
        people = [self.service.anybody() for _ in orders]
        answers = [None] * len(orders)
        barrier = threading.Barrier(len(orders))

        def go(n):
            barrier.wait()
            answers[n] = self.use(text, orders[n][1], people[n])[0]

        threads = [threading.Thread(target=go, args=(n,))
                   for n in range(len(orders))]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(sorted(a.status for a in answers),
                         [200] + [403] * 11)
        for person in people:
            person.close()

    def test_not_at_the_partners(self):
        """Whoever comes with a certificate is refused there like any other,
        however good the invitation is."""
        text = self.invite()["invitation"]
        who, _ = self.enrolled()
        for client in (self.admin, who):
            self.expect(self.use(text, who=client)[0], 403, "forbidden")
        self.enrolled(text)

    def test_not_with_a_key_that_is_somebodys(self):
        text = self.invite()["invitation"]
        _, csr = self.service.order("x")
        self.expect(self.use(text, csr)[0], 200)
        other = self.invite()["invitation"]
        self.expect(self.use(other, csr)[0], 409, "exists")
        self.enrolled(other)

    def test_nothing_is_kept_to_nobodys_key(self):
        text = self.invite()["invitation"]
        key, (_, csr) = new_key(), self.service.order("x")
        body = {"secret": read_invitation(text).secret, "csr": csr}
        answers = [self.expect(self.nobody.post("/v1/enroll", body, key), 200)
                   for _ in range(2)]
        self.assertNotEqual(answers[0].json["certificate"],
                            answers[1].json["certificate"])

    def test_what_is_no_message(self):
        for body in ({}, {"secret": "0" * 32}, {"secret": "0" * 31,
                                                "csr": "x"},
                     {"secret": "0" * 32, "csr": "x", "role": "auditor"}):
            self.expect(self.nobody.post("/v1/enroll", body), 422, "invalid")

    def test_the_authority_is_in_the_peoples_chain(self):
        """Found by the hash of the invitation, before anything is believed."""
        said = read_invitation(self.invite()["invitation"])
        sent = subprocess.run(
            ["openssl", "s_client", "-connect",
             f"127.0.0.1:{self.service.ports['people']}", "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=True, timeout=30).stdout
        begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
        hashes = set()
        for part in sent.split(begin)[1:]:
            der = base64.b64decode(part.split(end)[0])
            hashes.add(hashlib.sha256(der).digest())
        self.assertIn(said.ca, hashes)

    def test_somebody_known_gets_another(self):
        who, user = self.enrolled()
        self.expect(who.get("/v1/whoami"), 200)
        text = self.invite(user=user)["invitation"]
        new, called = self.enrolled(text)
        self.assertEqual(called, user)
        self.assertEqual(new.get("/v1/whoami").json["name"], "张三")
        self.assert_gone(who)

    def assert_gone(self, who):
        """Its connection is closed within a second, and another one of the
        same certificate is answered 401."""
        who.connection.sock.settimeout(1)
        with contextlib.suppress(*GONE):
            self.assertEqual(who.connection.sock.recv(1), b"")
        who.close()
        self.expect(who.get("/v1/whoami"), 401, "unauthenticated")


class Renewal(Case):
    def renew(self, who):
        key, csr = self.service.order("x")
        answer = self.expect(who.post("/v1/certificate", {"csr": csr},
                                      key=""), 200)
        return self.service.client(self.service.keep("x", key, answer)), csr

    def test_both_are_good_until_the_next(self):
        old, user = self.enrolled()
        new, _ = self.renew(old)
        for who in (old, new):
            self.expect(who.get("/v1/whoami"), 200)
        newest, _ = self.renew(new)
        self.expect(newest.get("/v1/whoami"), 200)
        self.expect(new.get("/v1/whoami"), 200)
        Enrolment.assert_gone(self, old)
        users = self.admin.get("/v1/users").json["users"]
        self.assertEqual([u["status"] for u in users if u["id"] == user],
                         ["live"])

    def test_of_a_new_key_alone(self):
        who, _ = self.enrolled()
        csr = subprocess.run(
            ["openssl", "req", "-new", "-key", who.identity.key, "-subj",
             "/CN=x"], check=True, capture_output=True, text=True,
            stdin=subprocess.DEVNULL).stdout
        self.expect(who.post("/v1/certificate", {"csr": csr}), 409, "exists")

    def test_a_lost_answer(self):
        who, _ = self.enrolled()
        new, csr = self.renew(who)
        answer = self.expect(who.post("/v1/certificate", {"csr": csr},
                                      key=""), 200)
        self.assertIn("BEGIN CERTIFICATE", answer.json["certificate"])
        self.expect(new.get("/v1/whoami"), 200)
        other, _ = self.enrolled()
        self.expect(other.post("/v1/certificate", {"csr": csr}), 409, "exists")

    def test_not_by_nobody(self):
        _, csr = self.service.order("x")
        self.expect(self.nobody.post("/v1/certificate", {"csr": csr}), 401,
                    "unauthenticated")


class Revocation(Case):
    assert_gone = Enrolment.assert_gone

    def test_live_connections_are_closed(self):
        who, user = self.enrolled()
        both = [who, who.fork()]
        for one in both:
            self.expect(one.get("/v1/whoami"), 200)
        begin = time.monotonic()
        self.revoke(user)
        for one in both:
            self.assert_gone(one)
        self.assertLess(time.monotonic() - begin, 2)

    def test_the_next_request_is_refused(self):
        """Sent at once on a connection that is still open: no race lets it
        through."""
        for _ in range(10):
            who, user = self.enrolled()
            self.expect(who.get("/v1/whoami"), 200)
            self.revoke(user)
            try:
                answer = who.get("/v1/whoami")
            except GONE:
                continue
            self.expect(answer, 401, "unauthenticated")
            self.assertIn("Bearer", answer.headers["www-authenticate"])

    def test_for_good(self):
        who, user = self.enrolled()
        text = self.invite(user=user)["invitation"]
        self.revoke(user)
        self.expect(self.use(text)[0], 403, "forbidden")
        self.expect(self.admin.post(f"/v1/users/{user}/revoke",
                                    {"reason": "x"}), 409, "wrong-state")
        who.close()
        self.service.stop()
        self.service.start()
        for client in (self.admin, who):
            client.close()
            client.port = self.service.ports["partners"]
        self.expect(who.get("/v1/whoami"), 401, "unauthenticated")
        listed = self.admin.get("/v1/users", status="revoked").json["users"]
        self.assertIn(user, [u["id"] for u in listed])

    def test_oneself(self):
        """The answer still comes."""
        admin, user = self.enrolled(self.invite(
            name="x", role="administrator")["invitation"])
        self.expect(admin.post(f"/v1/users/{user}/revoke",
                               {"reason": "enough"}), 200)
        wait_until(lambda: self.refused(admin), wait_s=2)

    def refused(self, who):
        try:
            return who.get("/v1/whoami").status == 401
        except GONE:
            return False

    def test_not_the_last_administrator(self):
        live = [u["id"] for u in self.admin.get(
            "/v1/users", status="live", limit=200).json["users"]
            if u["role"] == "administrator"]
        for user in live[:-1]:
            self.revoke(user)
        answer = self.admin.post(f"/v1/users/{live[-1]}/revoke",
                                 {"reason": "x"})
        self.expect(answer, 409, "wrong-state")
        self.assertIn("administrator", answer.json["detail"])
        self.expect(self.admin.get("/v1/whoami"), 200)

    def test_a_reason_is_given_and_sealed(self):
        _, user = self.enrolled()
        self.expect(self.admin.post(f"/v1/users/{user}/revoke", {}), 422,
                    "invalid")
        self.revoke(user, "canaryofareason")
        for path, data in self.service.files():
            self.assertNotIn(b"canaryofareason", data, path)

    def test_unknown(self):
        for user in ("user-999", "user-0", "user-01", "user-x", "nobody",
                     "invitation-1", "user-9223372036854775808"):
            self.expect(self.admin.post(f"/v1/users/{user}/revoke",
                                        {"reason": "x"}), 404, "not-found")


class Tokens(Case):
    def make(self, *scopes, site=SITE, **more):
        body = {"name": "HIS", "scopes": list(scopes), **more}
        if site:
            body["site"] = site
        return self.expect(self.admin.post("/v1/tokens", body), 201).json

    def call(self, token, method="GET", path="/v1/whoami", body=None,
             who=None, scheme="Bearer", headers=None):
        return (who or self.nobody).request(
            method, path, body,
            {"Authorization": f"{scheme} {token}", **(headers or {})})

    def test_a_system_is_known_by_it(self):
        made = self.make("read")
        self.assertRegex(made["token"], r"^tct_[0-9a-f]{64}$")
        for scheme in ("Bearer", "bearer", "BEARER", "Bearer  "):
            said = self.expect(self.call(made["token"], scheme=scheme),
                               200).json
        self.assertEqual((said["name"], said["role"], said["site"]),
                         ("HIS", "system", SITE))
        users = self.admin.get("/v1/users").json["users"]
        self.assertEqual(
            [(u["status"], u["scopes"]) for u in users
             if u["id"] == made["user"]], [("live", ["read"])])

    def challenged(self, answer, error):
        self.assertEqual(answer.headers["www-authenticate"],
                         'Bearer realm="teleconsult"' +
                         (f', error="{error}"' if error else ""))
        return answer

    def test_wrong_ones(self):
        good = self.make("read")["token"]
        for token in ("tct_" + "0" * 64, good[:-1], good + "0", "tct_", "x",
                      good.upper(), good[4:], "x" * 3000, good + " x"):
            answer = self.expect(self.call(token), 401, "unauthenticated")
            self.challenged(answer, "invalid_token")
        for scheme in ("Basic", "Digest", "Bearerx"):
            self.challenged(self.expect(
                self.call(good, scheme=scheme), 401, "unauthenticated"),
                "invalid_token")
        for value in ("", "Bearer", good):
            self.expect(self.nobody.request(
                "GET", "/v1/whoami", None, {"Authorization": value}), 401,
                "unauthenticated")
        self.challenged(self.expect(self.nobody.get("/v1/whoami"), 401,
                                    "unauthenticated"), None)

    def test_a_field_stands_once(self):
        good = self.make("read")["token"]
        connection = Connection(self.nobody.port, self.nobody.context)
        connection.putrequest("GET", "/v1/whoami")
        for _ in range(2):
            connection.putheader("Authorization", "Bearer " + good)
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 400)
        connection.close()

    def test_not_at_the_partners(self):
        """There the certificate says who asks; nobody is two."""
        good = self.make("read")["token"]
        self.expect(self.call(good, who=self.admin), 400, "malformed")
        with self.assertRaises(GONE):
            Client(self.service, None,
                   self.service.ports["partners"]).get("/v1/whoami")

    def test_scopes(self):
        """One is for its own routes alone."""
        tried = {
            "read": ("GET", "/v1/requests", None),
            "requests": ("POST", "/v1/requests", {}),
            "bookings": ("POST", "/v1/bookings", {}),
        }
        for scope in ("read", "requests", "bookings", "metrics"):
            token = self.make(scope)["token"]
            for other, (method, path, body) in tried.items():
                answer = self.call(token, method, path, body,
                                   headers={"Idempotency-Key": new_key()})
                with self.subTest(scope=scope, of=other):
                    if scope == other:
                        self.assertIn(answer.status, (200, 422), answer)
                    else:
                        self.challenged(self.expect(answer, 403, "forbidden"),
                                        "insufficient_scope")
            for path in ("/v1/users", "/v1/invitations", "/v1/export"):
                self.expect(self.call(token, path=path), 403, "forbidden")
            self.expect(self.call(token, "POST", "/v1/certificate", {
                "csr": "x"}), 403, "forbidden")

    def submit(self, token, site):
        return self.call(token, "POST", "/v1/requests", {
            "kind": "remote-consultation", "site": site,
            "specialty": "coronary", "reason": "chest pain",
            "patient": {"local_id": new_key(), "name": "x"}},
            headers={"Idempotency-Key": new_key()})

    def test_its_site_alone(self):
        mine = self.make("read", "requests", "bookings")["token"]
        other = self.make("read", "requests", "bookings",
                          site="cooperating-2")["token"]
        self.expect(self.submit(mine, "cooperating-2"), 403, "forbidden")
        made = self.expect(self.submit(mine, SITE), 201).json["code"]
        shown = self.expect(self.call(mine, path=f"/v1/requests/{made}"), 200)
        self.assertEqual(shown.json["history"][0]["actor"], "HIS")
        self.assertEqual(len(self.call(mine, path="/v1/requests")
                             .json["items"]), 1)
        self.assertEqual(self.call(other, path="/v1/requests").json["items"],
                         [])
        for code in (made, "0000-0000"):
            self.expect(self.call(other, path=f"/v1/requests/{code}"), 404,
                        "not-found")
        self.expect(self.call(mine, "POST", f"/v1/requests/{made}/withdraw",
                              {"reason": "transferred"},
                              headers={"If-Match": shown.etag}), 200)

    def test_whom_they_are_for(self):
        for body in ({"scopes": ["read"]}, {"scopes": []},
                     {"scopes": ["read"], "site": "nowhere"},
                     {"scopes": ["everything"], "site": SITE},
                     {"scopes": ["metrics", "read"]},
                     {"scopes": ["read"], "site": SITE, "days": 0}):
            self.expect(self.admin.post("/v1/tokens", {"name": "x", **body}),
                        422, "invalid")
        self.make("metrics", site=None)

    def test_a_repeat_is_another_secret(self):
        key, body = new_key(), {"name": "x", "scopes": ["read"], "site": SITE}
        first, second = (self.expect(self.admin.post(
            "/v1/tokens", body, key), 201).json for _ in range(2))
        self.assertEqual(first["user"], second["user"])
        self.expect(self.call(first["token"]), 401, "unauthenticated")
        self.expect(self.call(second["token"]), 200)

    def test_revoked(self):
        """On a connection that lives on."""
        made = self.make("read")
        self.expect(self.call(made["token"]), 200)
        sock = self.nobody.connection.sock
        self.revoke(made["user"])
        self.expect(self.call(made["token"]), 401, "unauthenticated")
        self.assertIs(self.nobody.connection.sock, sock)

    def test_expired(self):
        made = self.make("read", days=1)
        self.service.stop()
        with contextlib.closing(sqlite3.connect(
                self.service.database)) as db, db:
            db.execute("UPDATE token SET not_after = ? WHERE identity = ?",
                       (int(time.time()) + 2, int(made["user"][5:])))
        self.service.start()
        self.admin.close()
        self.admin.port = self.service.ports["partners"]
        self.nobody.close()
        self.nobody.port = self.service.ports["people"]
        self.expect(self.call(made["token"]), 200)
        wait_until(lambda: self.call(made["token"]).status == 401, wait_s=4)

    def test_no_secret_is_anywhere(self):
        """Neither in the file nor in its log nor in what is written about
        it; nor is what lies under an idempotency key."""
        token = self.make("read", "requests")["token"]
        key = new_key()
        texts = [self.admin.post("/v1/invitations", {
            "name": "x", "role": "administrator"}, key).json["invitation"]
            for _ in range(2)]
        self.submit(token, SITE)
        self.call(token + "0")
        self.use(texts[0])
        self.use(texts[1])
        secrets = [token, token[4:]]
        for text in texts:
            secrets += [text, read_invitation(text).secret]
        for stopped in (False, True):
            if stopped:
                self.service.kill()
            for path, data in self.service.files():
                for secret in secrets:
                    forms = [secret.encode(), secret.encode()[5:]]
                    with contextlib.suppress(ValueError):
                        forms.append(bytes.fromhex(secret))
                    for form in forms:
                        self.assertNotIn(form, data, path)
        kept = rows_of(self.service.database, "SELECT body FROM idempotency"
                       " WHERE route IN ('/v1/tokens', '/v1/invitations')")
        self.assertGreater(len(kept), 0)
        self.assertEqual({body for body, in kept}, {b""})
        self.service.start()
        for client, port in ((self.admin, "partners"),
                             (self.nobody, "people")):
            client.close()
            client.port = self.service.ports[port]
        type(self).admin = self.admin


class Auditor(Case):
    """Sees what happened, and not to whom."""

    def test_no_patient_and_no_papers(self):
        people = {role: self.service.person(role, role, site)
                  for role, site in (("site-coordinator", SITE),
                                     ("lead-coordinator", "anzhen"),
                                     ("auditor", SITE))}
        one, lead, auditor = people.values()
        made = self.expect(one.post("/v1/requests", {
            "kind": "remote-consultation", "site": SITE,
            "specialty": "coronary", "reason": "canaryreason",
            "purpose": "canarypurpose", "patient": {
                "local_id": "canaryid", "name": "canaryname",
                "summary": "canarysummary"}}), 201)
        path = f"/v1/requests/{made.json['code']}"
        self.expect(lead.post(path + "/decline", {"reason": "canaryword"},
                              match=made.etag), 200)
        self.assertIn("canaryname", one.get(path).body.decode())
        shown = self.expect(auditor.get(path), 200)
        self.assertNotIn("canary", shown.body.decode())
        self.assertEqual(shown.json["status"], "declined")
        self.assertEqual([e["verb"] for e in shown.json["history"]],
                         ["submit", "decline"])
        self.assertEqual([(e["actor"], e["actor_site"], e["verb"])
                          for e in shown.json["reads"]],
                         [("site-coordinator", SITE, "read")])
        self.assertEqual([e["actor"] for e in auditor.get(path)
                          .json["reads"]], ["site-coordinator", "auditor"])
        self.assertNotIn("reads", one.get(path).json)
        placed = self.expect(one.post("/v1/bookings", self.place(one)), 201)
        path = f"/v1/bookings/{placed.json['code']}"
        self.assertIn("canaryname", one.get(path).body.decode())
        shown = self.expect(auditor.get(path), 200)
        self.assertNotIn("canary", shown.body.decode())
        self.assertEqual(shown.json["from"], placed.json["from"])
        self.service.kill()
        read = rows_of(self.service.database,
                       "SELECT thing, count(*) FROM event WHERE verb = 'read'"
                       " AND actor = 'auditor' GROUP BY thing")
        self.assertEqual(sorted(read), [("booking", 1), ("request", 2)])

    def place(self, one):
        slots = self.expect(one.get(
            "/v1/slots", kind="clinic-slot", expert="coronary-1"), 200).json
        return {"kind": "clinic-slot", "expert": "coronary-1",
                "at": slots["slots"][0]["from"],
                "patient": {"local_id": "canaryid2", "name": "canaryname"}}


if __name__ == "__main__":
    unittest.main()
