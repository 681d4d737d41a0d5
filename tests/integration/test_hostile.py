"""Bodies, queries and certificates that nobody should send."""
import json
import os
import socket
import ssl
import subprocess
import unittest

from service import Identity, Service, read_invitation, wait_until
from way import Way, request_body

MIB = 1 << 20


class Bodies(Way):
    def send(self, body, **headers):
        headers = {"Content-Type": "application/json",
                   "Idempotency-Key": os.urandom(8).hex(),
                   **{k.replace("_", "-"): v for k, v in headers.items()}}
        who = self.one.fork()
        try:
            return who.request("POST", "/v1/requests", body, headers)
        finally:
            who.close()

    def faults(self, answer):
        self.expect(answer, 422, "invalid")
        return {e["pointer"] for e in answer.json["errors"]}

    def test_two_mebibytes(self):
        body = request_body("liaoyang-central")
        body["reason"] = "x" * (2 * MIB)
        try:
            self.expect(self.send(json.dumps(body).encode()), 413,
                        "too-large")
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            # It closed before we had sent it all, as it may; a client that
            # waits for "100 Continue" hears the status.
            pass
        answer = self.early(b"Content-Length: %d\r\n" % (2 * MIB))
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer)
        self.assertNotIn(b"100 Continue", answer)
        self.expect(self.one.get("/v1/whoami"), 200)

    def early(self, length):
        """The answer to a head that announces too much, before the body."""
        with socket.create_connection(
                ("127.0.0.1", self.service.ports["partners"]), 5) as plain, \
                self.one.context.wrap_socket(
                    plain, server_hostname="localhost") as sock:
            sock.settimeout(5)
            sock.sendall(b"POST /v1/requests HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Type: application/json\r\n"
                         b"Idempotency-Key: k\r\nExpect: 100-continue\r\n" +
                         length + b"\r\n")
            got = b""
            while data := sock.recv(65536):
                got += data
        return got

    def test_chunks_without_end(self):
        with socket.create_connection(
                ("127.0.0.1", self.service.ports["partners"]), 5) as plain, \
                self.one.context.wrap_socket(
                    plain, server_hostname="localhost") as sock:
            sock.settimeout(10)
            sock.sendall(b"POST /v1/requests HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Type: application/json\r\n"
                         b"Idempotency-Key: k\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n")
            got = b""
            try:
                for _ in range(64):
                    sock.sendall(b"8000\r\n" + b"[" * 0x8000 + b"\r\n")
            except OSError:
                pass
            try:
                while data := sock.recv(65536):
                    got += data
            except OSError:
                pass
        self.assertIn(got[:13], (b"HTTP/1.1 413 ", b""))
        self.expect(self.one.get("/v1/whoami"), 200)

    def test_nested_arrays(self):
        for body in (b"[" * 60000, b"[" * 30000 + b"]" * 30000,
                     b'{"a":' * 10000 + b"1" + b"}" * 10000):
            answer = self.expect(self.send(body), 400, "malformed")
            self.assertLess(len(answer.body), 1000)

    def test_what_is_no_json(self):
        for body in (b"", b"{", b"{}x", b"nul", b'{"a":1,"a":2}', b"\xff",
                     b'{"kind":"\xc3\x28"}', b'{"kind":"\\ud800"}',
                     b'{"kind":"a\\u0000"}', b"{'a':1}", b'{"a":1,}',
                     b'{"a":NaN}', b'\xef\xbb\xbf{}', b'{"a":1e999}'):
            with self.subTest(body=body):
                answer = self.send(body)
                self.assertIn((answer.status, answer.code),
                              ((400, "malformed"), (422, "invalid")), answer)

    def test_not_an_object(self):
        for body in (b"[]", b"1", b'"x"', b"null", b"true"):
            with self.subTest(body=body):
                answer = self.send(body)
                self.assertIn(answer.status, (400, 422), answer)

    def test_every_fault_is_named(self):
        """(Of what belongs to a patient, not even an unknown name.)"""
        body = request_body("liaoyang-central", kind="tea", urgency=7,
                            duration_minutes=15.5, no_such_field=1,
                            wanted=[{"from": "tomorrow",
                                     "to": "2026-12-01T09:30:00Z"}])
        body["patient"]["shoe_size"] = 43
        del body["reason"]
        self.assertEqual(self.faults(self.send(json.dumps(body).encode())), {
            "/kind", "/urgency", "/duration_minutes", "/no_such_field",
            "/wanted/0/from", "/patient", "/reason"})

    def test_lengths_are_bounded(self):
        body = request_body("liaoyang-central")
        body["patient"].update(local_id="x" * 65, name="")
        body["site"] = "x" * 1000
        self.assertEqual(self.faults(self.send(json.dumps(body).encode())),
                         {"/patient/local_id", "/patient/name", "/site"})

    def test_media_types(self):
        body = json.dumps(request_body("liaoyang-central")).encode()
        for kind in ("text/plain", "application/xml", "application/jsonx",
                     "application/x-www-form-urlencoded", ""):
            with self.subTest(kind=kind):
                self.expect(self.send(body, Content_Type=kind), 415,
                            "media-type")
        self.expect(self.send(
            body, Content_Type="Application/JSON; charset=utf-8"), 201)

    def test_queries(self):
        for query, name in (("limit=0", "#limit"), ("limit=x", "#limit"),
                            ("nope=1", "#nope"), ("kind=tea", "#kind"),
                            ("from=yesterday", "#from"),
                            ("limit=1&limit=2", "#limit")):
            with self.subTest(query=query):
                answer = self.expect(self.one.get("/v1/requests?" + query),
                                     422, "invalid")
                self.assertEqual([e["pointer"] for e in
                                  answer.json["errors"]], [name])
        for query in ("limit=%zz", "status=%ff", "status=%00"):
            with self.subTest(query=query):
                answer = self.one.get("/v1/requests?" + query)
                self.assertIn(answer.status, (400, 422), answer)
        answer = self.one.get("/v1/requests?cursor=forged")
        self.assertEqual(answer.status, 422, answer)

    def test_paths_and_methods(self):
        for path in ("/", "/v1", "/v1/", "/v1/request", "/v1/requests/",
                     "/v1/requests/a/b/c", "/v2/requests"):
            with self.subTest(path=path):
                self.expect(self.one.get(path), 404, "not-found")
        answer = self.one.request("DELETE", "/v1/requests")
        self.expect(answer, 405, "method-not-allowed")
        self.assertEqual({m.strip() for m in
                          answer.headers["allow"].split(",")} -
                         {"HEAD", "OPTIONS"}, {"GET", "POST"})
        head = self.one.request("HEAD", "/v1/whoami")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertGreater(int(head.headers["content-length"]), 2)

    def test_codes_that_cannot_be(self):
        for code in ("0000-0001", "UUUU-UUUU", "x", "0" * 100,
                     "%E4%BC%9A%E8%AF%8A"):
            with self.subTest(code=code):
                self.expect(self.one.get("/v1/requests/" + code), 404,
                            "not-found")


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()

    def openssl(self, *words, **more):
        return subprocess.run(["openssl", *words], check=True, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              cwd=self.service.folder, **more).stdout

    def sign(self, name, *extra, days=1, ca=None):
        """A certificate signed by the service's CA, or by another."""
        state = self.service.state
        ca = ca or (state + "/ca.pem", state + "/ca.key")
        key, csr = self.service.order("somebody")
        path = key.replace("key-", "csr-")
        with open(path, "w", encoding="ascii") as f:
            f.write(csr)
        certificate = key.replace("key-", "certificate-")
        self.openssl("x509", "-req", "-in", path, "-CA", ca[0], "-CAkey",
                     ca[1], "-CAcreateserial", "-CAserial",
                     self.service.folder + "/serial", "-days", str(days),
                     "-out", certificate, *extra)
        return Identity(name, certificate, key)

    def refused(self, identity):
        """No answer at all: the handshake fails, at the latest at the read."""
        client = self.service.client(identity)
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            client.get("/healthz")
        client.close()

    def test_none(self):
        self.refused(None)

    def test_of_another_authority(self):
        folder = self.service.folder
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                     "other.key", "-out", "other.pem", "-subj",
                     "/CN=" + "other", "-days", "2")
        self.refused(self.sign("x", ca=(folder + "/other.pem",
                                        folder + "/other.key")))
        self.refused(Identity("self", folder + "/other.pem",
                              folder + "/other.key"))

    def test_expired(self):
        self.refused(self.sign("late", days=-1))

    def test_of_a_server(self):
        state = self.service.state
        self.refused(Identity("server", state + "/server.pem",
                              state + "/server.key"))

    def test_of_nobody_we_know(self):
        """Well signed, for client use, and nobody was entered for it."""
        extensions = os.path.join(self.service.folder, "extensions")
        with open(extensions, "w", encoding="ascii") as f:
            f.write("extendedKeyUsage=clientAuth\n")
        who = self.service.client(self.sign("unknown", "-extfile",
                                            extensions))
        self.assertEqual(who.get("/healthz").status, 200)
        for method, path in (("GET", "/v1/whoami"), ("GET", "/v1/requests"),
                             ("POST", "/v1/requests"),
                             ("POST", "/v1/import")):
            answer = who.request(method, path, {} if method == "POST"
                                 else None, {"Idempotency-Key": "k"})
            self.assertEqual((answer.status, answer.code),
                             (401, "unauthenticated"), answer)
        who.close()

    def test_people_without_one_see_what_is_public(self):
        nobody = self.service.anybody()
        self.assertEqual(nobody.get("/healthz").status, 200)
        for path in ("/v1/whoami", "/v1/requests", "/v1/slots"):
            answer = nobody.get(path)
            self.assertEqual((answer.status, answer.code),
                             (401, "unauthenticated"), answer)

    def test_one_shown_to_the_people_counts_for_nothing(self):
        admin = self.service.admin()
        admin.port = self.service.ports["people"]
        answer = admin.get("/v1/whoami")
        self.assertEqual(answer.status, 401, answer)
        admin.close()

    def test_old_tls(self):
        for listener in ("partners", "people"):
            context = self.service.context()
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
            with self.subTest(listener=listener), \
                    socket.create_connection(
                        ("127.0.0.1", self.service.ports[listener]), 5) as s:
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    context.wrap_socket(s, server_hostname="localhost")

    def test_tls_1_2_and_1_3(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            admin = self.service.admin()
            admin.context.minimum_version = version
            admin.context.maximum_version = version
            self.assertEqual(admin.get("/v1/whoami").status, 200)
            admin.close()

    def test_a_client_sees_the_wrong_host(self):
        context = self.service.context()
        with socket.create_connection(
                ("127.0.0.1", self.service.ports["people"]), 5) as s:
            with self.assertRaises(ssl.SSLCertVerificationError):
                context.wrap_socket(s, server_hostname="example.org")

    def test_no_session_is_resumed(self):
        """Where certificates are asked for, every connection shows its own."""
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.service.admin().context
            context.minimum_version = context.maximum_version = version
            session = None
            for _ in range(2):
                with socket.create_connection(
                        ("127.0.0.1", self.service.ports["partners"]),
                        5) as plain, context.wrap_socket(
                            plain, server_hostname="localhost",
                            session=session) as sock:
                    sock.sendall(b"GET /healthz HTTP/1.1\r\n"
                                 b"Host: localhost\r\n\r\n")
                    sock.recv(65536)
                    self.assertFalse(sock.session_reused)
                    session = sock.session

    def test_csrs_that_are_none(self):
        text = self.service.invite(name="x", role="administrator")
        secret = read_invitation(text).secret
        somebody = self.service.anybody()
        _, csr = self.service.order("x")
        broken = csr[:200] + ("A" if csr[200] != "A" else "B") + csr[201:]
        for text in ("x", csr.replace("REQUEST", "RUBBISH"), broken):
            answer = somebody.post("/v1/enroll", {"secret": secret,
                                                  "csr": text})
            self.assertEqual(answer.status, 422, answer)
        # which used nothing up
        answer = somebody.post("/v1/enroll", {"secret": secret, "csr": csr})
        self.assertEqual(answer.status, 200, answer)
        somebody.close()


class SlowPeers(unittest.TestCase):
    """Whoever is slow is cut at the deadline, and others do not notice."""

    @classmethod
    def setUpClass(cls):
        cls.service = Service({"deadlines": {
            "handshake_ms": 1000, "head_ms": 1000, "body_ms": 1500,
            "idle_ms": 1500}}).init().start()
        cls.addClassCleanup(cls.service.close)

    def cut_after(self, *sent, tls=True):
        """Sends the pieces, then nothing; what came until the close."""
        plain = socket.create_connection(
            ("127.0.0.1", self.service.ports["people"]), 5)
        sock = self.service.context().wrap_socket(
            plain, server_hostname="localhost") if tls else plain
        sock.settimeout(8)
        got = b""
        with sock:
            for piece in sent:
                sock.sendall(piece)
            try:
                while data := sock.recv(65536):
                    got += data
            except (ConnectionError, ssl.SSLError):
                pass
        return got

    def test_no_handshake(self):
        self.assertEqual(self.cut_after(tls=False), b"")

    def test_half_a_head(self):
        got = self.cut_after(b"GET /healthz HTTP/1.1\r\nHost: loc")
        self.assertIn(got[:13], (b"HTTP/1.1 408 ", b""))

    def test_half_a_body(self):
        got = self.cut_after(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"
                             b"Content-Length: 10\r\n\r\nhalf")
        self.assertIn(got[:13], (b"HTTP/1.1 408 ", b"HTTP/1.1 405 "))

    def test_idle(self):
        self.assertEqual(self.cut_after(), b"")

    def test_a_drop_at_a_time_does_not_help(self):
        import time
        with socket.create_connection(
                ("127.0.0.1", self.service.ports["people"]), 5) as plain, \
                self.service.context().wrap_socket(
                    plain, server_hostname="localhost") as sock:
            begun = time.monotonic()
            with self.assertRaises(OSError):
                while time.monotonic() - begun < 8:
                    sock.sendall(b"X")
                    time.sleep(0.1)
            self.assertLess(time.monotonic() - begun, 5)

    def test_others_are_served_meanwhile(self):
        idle = [socket.create_connection(
            ("127.0.0.1", self.service.ports["people"]), 5)
            for _ in range(100)]
        try:
            self.assertEqual(
                self.service.anybody().get("/healthz").status, 200)
        finally:
            for sock in idle:
                sock.close()
        wait_until(lambda: self.service.alive())
