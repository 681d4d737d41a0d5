#!/usr/bin/python3
"""The real teleconsult enrols at a fake server, friendly and hostile.

usage: run.py BUILD test_client_enroll
"""
import hashlib
import json
import os
import secrets
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fakeserver import Answer, FakeServer, openssl, problem  # noqa: E402
from toolrig import TOOL, ClientTest, World  # noqa: E402

SERVER_EXT = "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth"


def setUpModule():
    global WORLD
    WORLD = ClientTest.world = World()
    WORLD.people = people_server(WORLD.ca, "people", WORLD.ca)


def tearDownModule():
    WORLD.people.close()
    WORLD.close()


def people_server(signer, name, shown, extension=SERVER_EXT):
    """Asks nobody for a certificate, and shows `shown` in its chain."""
    key, cert = signer.sign(name, extension)
    with open(cert, "a", encoding="utf-8") as f:
        f.write(shown.text())
    return FakeServer(key, cert, signer.cert, certificates=False)


def invitation(port, ca=None, secret=None, host="localhost"):
    """The text of base/invite.h, written by another hand."""
    partners = f"localhost:{WORLD.server.port}"
    rest = ((ca or WORLD.ca).hash() + (secret or secrets.token_bytes(16)) +
            f"{host}:{port}\n{partners}".encode())
    return "tci1_" + (hashlib.sha256(rest).digest()[:4] + rest).hex()


class Enrolling(ClientTest):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)
        self.home = self.tmp.name
        self.root = f"{self.home}/teleconsult"
        self.csrs = []
        self.people = WORLD.people
        self.people.reset({"POST /v1/enroll": self.sign})
        self.serve({})

    def environment(self, **more):
        return super().environment(**{"XDG_CONFIG_HOME": self.home, **more})

    def sign(self, asked, **more):
        self.csrs.append(asked.json()["csr"])
        return Answer(200, {
            "user": "user-7", "name": "前台", "role": "site-coordinator",
            "site": "liaoyang-central",
            "certificate": WORLD.ca.sign_order(asked.json()["csr"]),
            "ca": WORLD.ca.text(), "not_after": "2027-12-01T00:00:00Z",
            **more})

    def text(self, **more):
        return invitation(self.people.port, **more)

    def drafts(self):
        return [n for n in os.listdir(self.root) if n.startswith(".enroll")]

    @staticmethod
    def public(csr):
        return subprocess.run(["openssl", "req", "-pubkey", "-noout"],
                              input=csr.encode(), check=True,
                              capture_output=True).stdout

    def nothing(self):
        """No profile, and no key without one."""
        self.assertEqual([n for n in os.listdir(self.root) if n != ".lock"],
                         [])


class Friendly(Enrolling):
    def test_the_whole_way(self):
        secret = secrets.token_bytes(16)
        out = self.ok("enroll", self.text(secret=secret))
        for words in ("前台", "site-coordinator", "liaoyang-central",
                      "until Wed 2027-12-01 00:00 UTC",
                      f"{self.root}/default"):
            self.assertIn(words, out)
        body = self.people.asked[0].json()
        self.assertEqual(body["secret"], secret.hex())
        self.assertEqual(set(body), {"secret", "csr"})
        self.assertIn("BEGIN CERTIFICATE REQUEST", body["csr"])
        self.assertNotIn("PRIVATE", json.dumps(body))
        where = f"{self.root}/default"
        self.assertEqual(sorted(os.listdir(where)),
                         ["ca.pem", "identity.pem", "profile.conf"])
        self.assertEqual(self.mode(f"{where}/identity.pem"), 0o600)
        self.assertEqual(self.mode(where), 0o700)
        self.assertEqual(self.drafts(), [])
        with open(f"{where}/profile.conf", encoding="utf-8") as f:
            self.assertEqual(f.read(),
                             f"server = https://localhost:"
                             f"{WORLD.server.port}\n")
        self.assertIn("李医生", self.ok("whoami"))

    @staticmethod
    def mode(path):
        return stat.S_IMODE(os.stat(path).st_mode)

    def test_from_standard_input_under_a_name_with_a_zone(self):
        self.ok("enroll", "-", "--profile", "desk", "--time-zone",
                "Europe/Moscow", stdin=f"  {self.text()}\n")
        with open(f"{self.root}/desk/profile.conf", encoding="utf-8") as f:
            self.assertIn("time_zone = Europe/Moscow\n", f.read())
        self.assertIn("Europe/Moscow", self.ok("whoami", "--profile", "desk"))
        self.fails(4, "whoami")

    def test_the_environment_names_the_profile(self):
        self.ok("enroll", self.text(), env={"TELECONSULT_PROFILE": "desk"})
        self.assertTrue(os.path.exists(f"{self.root}/desk/identity.pem"))

    def test_as_json(self):
        out = json.loads(self.ok("enroll", self.text(), "-o", "json"))
        self.assertEqual(out["user"], "user-7")

    def test_a_home_that_is_not_there_yet(self):
        self.ok("enroll", self.text(),
                env={"XDG_CONFIG_HOME": f"{self.home}/a/b"})
        self.assertTrue(os.path.exists(
            f"{self.home}/a/b/teleconsult/default/identity.pem"))

    def test_a_profile_that_is_there(self):
        self.ok("enroll", self.text())
        asked = len(self.people.asked)
        err = self.fails(1, "enroll", self.text())
        self.assertIn("--replace", err)
        self.assertEqual(len(self.people.asked), asked)

    def test_replace(self):
        self.ok("enroll", self.text(), "--time-zone", "Asia/Tokyo")
        with open(f"{self.root}/default/identity.pem", "rb") as f:
            before = f.read()
        self.ok("enroll", self.text(), "--replace")
        with open(f"{self.root}/default/identity.pem", "rb") as f:
            self.assertNotEqual(f.read(), before)
        with open(f"{self.root}/default/profile.conf", encoding="utf-8") as f:
            self.assertIn("time_zone = Asia/Tokyo\n", f.read())
        self.assertEqual(self.drafts(), [])
        self.ok("whoami")
        self.ok("enroll", self.text(), "--replace", "--profile", "new")

    def test_refused(self):
        self.people.reset({"POST /v1/enroll": problem(
            403, "forbidden", "the invitation was used already")})
        err = self.fails(4, "enroll", self.text())
        self.assertIn("was used already", err)
        self.nothing()

    def test_wrong_usage(self):
        for args in (["x"], ["tci1_00"], [self.text()[:-1]], [],
                     [self.text(), "--time-zone", "Mars/Olympus"],
                     [self.text(), "--profile", "../x"],
                     [invitation("1/..")], [invitation(1, host="a@b")]):
            with self.subTest(args=args):
                self.fails(2, "enroll", *args)
        self.assertEqual(self.people.asked, [])

    def test_several_at_once(self):
        """Of the same invitation: one key, one profile, nothing in part."""
        text = self.text()
        tools = [subprocess.Popen(
            [TOOL, "enroll", text], stdout=subprocess.PIPE, cwd=ROOT,
            stderr=subprocess.PIPE, env=self.environment())
            for _ in range(4)]
        ran = []
        for tool in tools:
            out, err = tool.communicate(timeout=60)
            ran.append((tool.returncode, out.decode() + err.decode()))
        self.assertEqual([code for code, _ in ran].count(0), 1, ran)
        self.assertEqual(len({self.public(csr) for csr in self.csrs}), 1)
        self.ok("whoami")
        self.assertEqual(self.drafts(), [])


class Interrupted(Enrolling):
    """Whenever it ends, the same invitation works again, with one key."""

    def again(self, text):
        self.people.reset({"POST /v1/enroll": self.sign})
        self.ok("enroll", text)
        self.ok("whoami")
        self.assertEqual(len({self.public(csr) for csr in self.csrs}), 1)
        self.assertEqual(self.drafts(), [])

    def test_a_lost_answer(self):
        def lost(asked):
            self.sign(asked)
            return Answer(drop=True)
        text = self.text()
        self.people.reset({"POST /v1/enroll": lost})
        err = self.fails(5, "enroll", text)
        self.assertIn("repeat the same command", err)
        self.assertNotIn("--idempotency-key", err)
        self.assertEqual(len(self.drafts()), 1)
        self.assertFalse(os.path.exists(f"{self.root}/default"))
        self.again(text)

    def test_an_answer_that_is_cut_off(self):
        def cut(asked):
            whole = self.sign(asked)
            whole.cut = 300
            return whole
        text = self.text()
        self.people.reset({"POST /v1/enroll": cut})
        self.fails(5, "enroll", text)
        self.assertFalse(os.path.exists(f"{self.root}/default"))
        self.again(text)

    def test_a_server_that_is_busy_for_long(self):
        text = self.text()
        self.people.reset({"POST /v1/enroll": problem(
            503, "busy", "later", headers={"Retry-After": "60"})})
        self.fails(6, "enroll", text)
        self.assertEqual(len(self.drafts()), 1)
        self.again(text)

    def test_ctrl_c_and_kill(self):
        for number in (signal.SIGINT, signal.SIGKILL):
            text, held = self.text(), threading.Event()

            def slow(asked):
                answer = self.sign(asked)
                held.wait(20)
                return answer
            self.csrs.clear()
            self.people.reset({"POST /v1/enroll": slow})
            tool = subprocess.Popen(
                [TOOL, "enroll", text], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=self.environment(), cwd=ROOT,
                preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                 signal.SIG_DFL))
            end = time.monotonic() + 20
            while not self.csrs and time.monotonic() < end:
                time.sleep(0.02)
            tool.send_signal(number)
            out, _ = tool.communicate(timeout=20)
            held.set()
            self.assertEqual((tool.returncode, out), (-number, b""))
            self.assertFalse(os.path.exists(f"{self.root}/default"))
            self.again(text)
            os.rename(f"{self.root}/default", f"{self.root}/{number}")

    def test_killed_at_any_moment(self):
        """A profile is there whole, or not at all."""
        for ms in range(0, 60, 4):
            text = self.text()
            self.csrs.clear()
            self.people.reset({"POST /v1/enroll": self.sign})
            tool = subprocess.Popen(
                [TOOL, "enroll", text, "--profile", f"p{ms}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=self.environment(), cwd=ROOT)
            time.sleep(ms / 1000)
            tool.kill()
            tool.wait()
            where = f"{self.root}/p{ms}"
            if os.path.exists(where):
                self.ok("whoami", "--profile", f"p{ms}")
            else:
                self.ok("enroll", text, "--profile", f"p{ms}")
            self.assertEqual(len({self.public(c) for c in self.csrs}), 1)
        self.assertEqual(self.drafts(), [])

    def test_no_room_to_write(self):
        """The key is not made where it cannot be kept: nothing is sent."""
        err = self.fails(2, "enroll", self.text(),
                         env={"XDG_CONFIG_HOME": "/proc/nowhere"})
        self.assertIn("/proc/nowhere", err)
        self.assertEqual(self.people.asked, [])


class Hostile(Enrolling):
    def refuses(self, code, text, words, server=None):
        err = self.fails(code, "enroll", text)
        self.assertIn(words, err)
        self.assertFalse(os.path.exists(f"{self.root}/default"))
        self.assertEqual((server or self.people).asked, [])

    def test_a_server_of_another_ca(self):
        other = people_server(WORLD.other, "other-people", WORLD.other)
        self.addCleanup(other.close)
        self.refuses(5, invitation(other.port), "another one. Nothing was "
                     "sent", other)

    def test_a_server_that_only_shows_the_ca(self):
        """Anybody can have the CA's certificate; nobody else its key."""
        other = people_server(WORLD.other, "poser", WORLD.ca)
        self.addCleanup(other.close)
        self.refuses(5, invitation(other.port), "not from the CA of the "
                     "invitation", other)

    def test_a_server_of_another_name(self):
        other = people_server(WORLD.ca, "elsewhere", WORLD.ca,
                              "subjectAltName=DNS:other.example\n"
                              "extendedKeyUsage=serverAuth")
        self.addCleanup(other.close)
        self.refuses(5, invitation(other.port), "another host name", other)

    def test_a_client_as_a_server(self):
        """Who was let in cannot pretend to be the service."""
        other = people_server(WORLD.ca, "client-as-server", WORLD.ca,
                              "subjectAltName=DNS:localhost\n"
                              "extendedKeyUsage=clientAuth")
        self.addCleanup(other.close)
        self.refuses(5, invitation(other.port), "not one for a server", other)

    def test_nobody_there(self):
        self.refuses(5, invitation(1), "nothing answers there")

    def test_a_redirect_is_not_followed(self):
        self.people.reset({
            "POST /v1/enroll": Answer(307, {}, headers={
                "Location": f"https://localhost:{self.people.port}/v1/x"}),
            "POST /v1/x": self.sign})
        self.fails(6, "enroll", self.text())
        self.assertEqual([a.path for a in self.people.asked], ["/v1/enroll"])
        self.assertFalse(os.path.exists(f"{self.root}/default"))

    def test_a_certificate_for_another_key(self):
        key, csr = f"{self.home}/k", f"{self.home}/c"
        openssl("req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                csr, "-subj", "/CN=x")
        with open(csr, encoding="utf-8") as f:
            wrong = WORLD.ca.sign_order(f.read())
        self.answers({"certificate": wrong}, "for another key")

    def test_a_certificate_of_another_ca(self):
        self.people.reset({"POST /v1/enroll": lambda asked: self.sign(
            asked, certificate=WORLD.other.sign_order(asked.json()["csr"]))})
        self.assertIn("not from that CA",
                      self.fails(6, "enroll", self.text()))
        self.assertFalse(os.path.exists(f"{self.root}/default"))

    def test_no_certificate(self):
        self.answers({"certificate": "junk"}, "no X.509 certificate")

    def answers(self, more, words):
        self.people.reset({"POST /v1/enroll":
                           lambda asked: self.sign(asked, **more)})
        self.assertIn(words, self.fails(6, "enroll", self.text()))
        self.assertFalse(os.path.exists(f"{self.root}/default"))

    def test_another_ca_in_the_answer_is_not_believed(self):
        self.people.reset({"POST /v1/enroll": lambda asked: self.sign(
            asked, ca=WORLD.other.text())})
        self.ok("enroll", self.text())
        with open(f"{self.root}/default/ca.pem", encoding="utf-8") as f:
            self.assertEqual(f.read(), WORLD.ca.text())

    def test_what_is_no_answer(self):
        for raw in (b"", b"[]", b"{}", b"<html>", b"{" * 5000):
            self.people.reset({"POST /v1/enroll": Answer(200, raw=raw)})
            self.fails(6, "enroll", self.text())
            self.assertFalse(os.path.exists(f"{self.root}/default"))

    def test_the_secret_is_nowhere(self):
        secret = secrets.token_bytes(16)
        self.people.reset({"POST /v1/enroll": problem(
            403, "forbidden", "no")})
        ran = self.run_tool("enroll", "-", stdin=self.text(secret=secret))
        self.assertNotIn(secret.hex(), ran.out + ran.err)
        for folder, _, names in os.walk(self.home):
            for name in names:
                self.assertNotIn(secret.hex(), name)
                with open(f"{folder}/{name}", "rb") as f:
                    self.assertNotIn(secret.hex().encode(), f.read())
