#!/usr/bin/python3
"""The real teleconsult renews its certificate at a fake server.

usage: run.py BUILD test_client_renew
"""
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fakeserver import Answer, openssl, problem  # noqa: E402
from toolrig import ME, TOOL, ClientTest, World  # noqa: E402


def setUpModule():
    global WORLD
    WORLD = ClientTest.world = World()


def tearDownModule():
    WORLD.close()


class Renewing(ClientTest):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)
        self.root = f"{WORLD.home}/teleconsult"
        self.name = f"p{len(os.listdir(self.root))}"
        self.csrs = []

    def have(self, begin, end):
        """A profile whose certificate lives from and to these days."""
        work = self.tmp.name
        openssl("req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{work}/key",
                "-out", f"{work}/csr", "-subj", "/CN=x")
        with open(f"{work}/csr", encoding="utf-8") as f, \
                open(f"{work}/crt", "w", encoding="utf-8") as out:
            out.write(WORLD.ca.sign_order(f.read(), begin, end))
        self.where = WORLD.profile(self.name, (f"{work}/key", f"{work}/crt"),
                                   WORLD.ca.cert, WORLD.url)
        self.first = self.identity()
        self.routes({"POST /v1/certificate": self.sign})

    def routes(self, routes):
        self.serve({"GET /v1/slots": Answer(200, {"slots": [],
                                                  "blockers": []}), **routes})

    def identity(self):
        with open(f"{self.where}/identity.pem", encoding="utf-8") as f:
            return f.read()

    def sign(self, asked, **more):
        self.csrs.append(asked.json()["csr"])
        return Answer(200, {
            "user": "user-7", "name": "x", "role": "site-coordinator",
            "certificate": WORLD.ca.sign_order(asked.json()["csr"]),
            "ca": WORLD.ca.text(), "not_after": "2027-12-01T00:00:00Z",
            **more})

    def environment(self, **more):
        return super().environment(**{"TELECONSULT_PROFILE": self.name,
                                      **more})

    def paths(self):
        return [a.path for a in WORLD.server.asked]

    def forget(self):
        """As if an hour had passed since the last try."""
        if os.path.exists(f"{self.where}/renew.lock"):
            os.truncate(f"{self.where}/renew.lock", 0)

    def whole(self):
        """Key and certificate are one pair, and it is let in."""
        self.assertEqual(stat.S_IMODE(os.stat(
            f"{self.where}/identity.pem").st_mode), 0o600)
        key, cert = (subprocess.run(
            ["openssl", *words], input=self.identity().encode(), check=True,
            capture_output=True).stdout for words in (
                ("pkey", "-pubout"), ("x509", "-pubkey", "-noout")))
        self.assertEqual(key, cert)
        self.routes({})
        self.assertEqual(self.run_tool("whoami").code, 0)


class Due(Renewing):
    def test_not_due(self):
        self.have(-60, 31)
        self.ok("whoami")
        self.assertEqual(self.paths(), ["/v1/whoami"])
        self.assertEqual(self.identity(), self.first)

    def test_due(self):
        self.have(-61, 29)
        self.ok("whoami")
        self.assertEqual(self.paths(), ["/v1/whoami", "/v1/certificate"])
        self.assertNotIn("Idempotency-Key", WORLD.server.asked[1].headers)
        self.assertNotEqual(self.identity(), self.first)
        keys = [re.search("BEGIN PRIVATE.*?END", text, re.S).group()
                for text in (self.first, self.identity())]
        self.assertNotEqual(*keys)
        self.whole()
        self.assertEqual(self.paths(), ["/v1/whoami"])
        self.assertEqual(sorted(os.listdir(self.where)),
                         ["ca.pem", "identity.pem", "profile.conf",
                          "renew.lock"])

    def test_one_connection(self):
        self.have(-61, 29)
        self.ok("whoami")
        self.assertEqual(len({a.peer for a in WORLD.server.asked}), 1)

    def test_after_a_refusal_too(self):
        self.have(-61, 29)
        self.fails(3, "show", "7K2M-QX91", "--tz", "UTC")
        self.whole()
        self.assertNotEqual(self.identity(), self.first)

    def test_the_answer_comes_before(self):
        self.have(-61, 29)
        told = threading.Event()

        def slow(asked):
            told.wait(20)
            return self.sign(asked)
        self.routes({"POST /v1/certificate": slow})
        tool = subprocess.Popen([TOOL, "whoami"], stdout=subprocess.PIPE,
                                env=self.environment(), cwd=ROOT)
        self.assertIn("李医生", tool.stdout.readline().decode())
        told.set()
        self.assertEqual(tool.wait(20), 0)
        tool.stdout.close()
        self.whole()


class Fails(Renewing):
    def test_no_word_while_there_is_time(self):
        self.have(-61, 20)
        self.routes({"POST /v1/certificate": problem(503, "busy", "later")})
        self.ok("whoami")
        self.assertEqual(self.identity(), self.first)

    def test_once_an_hour(self):
        self.have(-61, 20)
        self.routes({"POST /v1/certificate": problem(503, "busy", "later")})
        self.ok("whoami")
        self.ok("whoami")
        self.assertEqual(self.paths().count("/v1/certificate"), 1)
        old = time.time() - 3700
        os.utime(f"{self.where}/renew.lock", (old, old))
        self.routes({"POST /v1/certificate": self.sign})
        self.ok("whoami")
        self.whole()
        self.assertNotEqual(self.identity(), self.first)

    def warned(self, *args, code=0):
        ran = self.run_tool(*args)
        self.assertEqual(ran.code, code, ran.err)
        line = ran.err.splitlines()[-1]
        self.assertIn("your certificate ends in less than 10 days", line)
        self.assertIn("ask an administrator", line)
        self.assertEqual(self.identity(), self.first)
        return line

    def test_a_word_when_the_end_is_near(self):
        self.have(-61, 9.5)
        self.routes({"POST /v1/certificate":
                     problem(403, "forbidden", "no more of them")})
        self.assertIn("no more of them", self.warned("whoami"))
        self.assertIn("within the hour", self.warned("whoami"))
        ran = self.run_tool("whoami")
        self.assertIn("李医生", ran.out)
        self.assertEqual(ran.err.count("\n"), 1)

    def test_the_answer_is_no_good(self):
        csr = f"{self.tmp.name}/other"
        openssl("req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                f"{csr}.key", "-out", csr, "-subj", "/CN=x")
        with open(csr, encoding="utf-8") as f:
            wrong = WORLD.ca.sign_order(f.read())
        self.have(-61, 9.5)
        for answer, words in (
                (lambda a: self.sign(a, certificate=wrong), "another key"),
                (lambda a: self.sign(a, certificate=WORLD.other.sign_order(
                    a.json()["csr"])), "not from that CA"),
                (lambda a: self.sign(a, certificate="x"), "no X.509"),
                (Answer(200, raw=b"{"), "cannot be understood"),
                (Answer(drop=True), "not known whether"),
                (Answer(302, {}, headers={"Location": "/v1/whoami"}),
                 "without saying why")):
            with self.subTest(words=words):
                self.forget()
                self.routes({"POST /v1/certificate": answer})
                self.assertIn(words, self.warned("whoami"))
                self.whole()

    def test_a_server_that_hangs_costs_seconds_once(self):
        self.have(-61, 9.5)
        hang = threading.Event()
        self.routes({"POST /v1/certificate":
                     lambda asked: hang.wait(30) and Answer(500)})
        began = time.monotonic()
        self.warned("whoami")
        self.assertLess(time.monotonic() - began, 8)
        began = time.monotonic()
        self.warned("whoami")
        self.assertLess(time.monotonic() - began, 4)
        hang.set()

    def test_an_answer_that_was_lost(self):
        """The old pair stays good; the next try makes another key."""
        self.have(-61, 20)

        def lost(asked):
            self.sign(asked)
            return Answer(drop=True)
        self.routes({"POST /v1/certificate": lost})
        self.ok("whoami")
        self.assertEqual(self.identity(), self.first)
        self.forget()
        self.routes({"POST /v1/certificate": self.sign})
        self.ok("whoami")
        self.whole()


class AtOnce(Renewing):
    def test_many_runs(self):
        """One renews; nobody is disturbed, and nobody sees a broken pair."""
        self.have(-61, 20)
        count = 12
        tools = [subprocess.Popen(
            [TOOL, "whoami"], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.environment(), cwd=ROOT)
            for _ in range(count)]
        for tool in tools:
            out, _ = tool.communicate(timeout=60)
            self.assertEqual(tool.returncode, 0, out)
            self.assertIn("李医生", out.decode())
        self.assertEqual(self.paths().count("/v1/certificate"), 1)
        self.whole()

    def test_two_that_began_together(self):
        self.have(-61, 20)
        both = threading.Barrier(2, timeout=20)

        def together(asked):
            both.wait()
            return Answer(document=ME)
        self.routes({"GET /v1/whoami": together,
                     "POST /v1/certificate": self.sign})
        tools = [subprocess.Popen([TOOL, "whoami"], stdout=subprocess.PIPE,
                                  env=self.environment(), cwd=ROOT)
                 for _ in range(2)]
        for tool in tools:
            tool.communicate(timeout=60)
            self.assertEqual(tool.returncode, 0)
        self.assertEqual(len(self.csrs), 1)
        self.whole()

    def test_killed_at_any_moment(self):
        self.have(-61, 20)
        for ms in range(0, 60, 5):
            self.forget()
            tool = subprocess.Popen([TOOL, "whoami"],
                                    stdout=subprocess.DEVNULL,
                                    env=self.environment(), cwd=ROOT)
            time.sleep(ms / 1000)
            tool.kill()
            tool.wait()
            self.whole()
            self.routes({"POST /v1/certificate": self.sign})


class Watching(Renewing):
    """A command that runs for long."""

    @staticmethod
    def stream(seq):
        change = json.dumps({
            "seq": seq, "at": "2026-12-01T00:00:00Z", "thing": "booking",
            "code": "4HWP-T6ZD", "verb": "book", "lead": "anzhen",
            "partner": "liaoyang-central", "version": 1})
        return Answer(200, raw=(f"retry: 10\nid: e.{seq}\nevent: booking\n"
                                f"data: {change}\n\n").encode(),
                      headers={"Content-Type": "text/event-stream"})

    def watch(self):
        self.assertEqual(len(self.ok("watch", "-n", "2", "--tz",
                                     "UTC").splitlines()), 2)
        return [a.certificate for a in WORLD.server.asked
                if a.path == "/v1/events"]

    def test_renews_between_two_streams(self):
        self.have(-61, 20)
        self.routes({"GET /v1/events": [self.stream(1), self.stream(2)],
                     "POST /v1/certificate": self.sign})
        first, second = self.watch()
        self.assertNotEqual(first, second)
        self.assertEqual(len(self.csrs), 1)
        self.whole()

    def test_goes_on_with_what_another_run_has_renewed(self):
        self.have(-61, 20)
        answers = [self.stream(1),
                   problem(401, "unauthenticated", "nobody is known"),
                   self.stream(2)]

        def follow(asked):
            if len(answers) == 2:
                self.replace()
            return answers.pop(0)
        self.routes({"GET /v1/events": follow,
                     "POST /v1/certificate": problem(503, "busy", "later")})
        first, second, third = self.watch()
        self.assertEqual(first, second)
        self.assertNotEqual(second, third)

    def replace(self):
        """As another run would."""
        key, csr = f"{self.tmp.name}/new.key", f"{self.tmp.name}/new.csr"
        openssl("req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                csr, "-subj", "/CN=x")
        with open(key, encoding="utf-8") as k, \
                open(csr, encoding="utf-8") as c, \
                open(f"{self.where}/draft", "w", encoding="utf-8") as out:
            out.write(k.read() + WORLD.ca.sign_order(c.read()))
        os.chmod(f"{self.where}/draft", 0o600)
        os.rename(f"{self.where}/draft", f"{self.where}/identity.pem")

    def test_who_is_refused_stays_refused(self):
        self.have(-61, 31)
        self.routes({"GET /v1/events": [
            self.stream(1), problem(401, "unauthenticated", "nobody")]})
        ran = self.run_tool("watch", "--tz", "UTC")
        self.assertEqual(ran.code, 4)
        self.assertIn("nobody", ran.err)


class ReadOnly(Renewing):
    def test_a_profile_that_cannot_be_written(self):
        """Root writes everywhere: a lock that is a folder stands for it."""
        self.have(-61, 9.5)
        os.mkdir(f"{self.where}/renew.lock")
        ran = self.run_tool("whoami")
        self.assertEqual(ran.code, 0)
        self.assertIn("renew.lock", ran.err)
        self.assertEqual(self.paths(), ["/v1/whoami"])
