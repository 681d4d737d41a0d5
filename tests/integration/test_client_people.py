#!/usr/bin/python3
"""People and systems are let in and out with the real teleconsult: first at a
fake server, to see what is said; then at the real daemon, as one story.

usage: run.py BUILD test_client_people
"""
import csv
import io
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fakeserver import Answer, Authority, problem  # noqa: E402
from hands import Hands  # noqa: E402
from service import LIAOYANG, Service  # noqa: E402
from toolrig import TOOL, ClientTest, World  # noqa: E402

USER = {"id": "user-12", "name": "前台", "role": "site-coordinator",
        "site": "liaoyang-central", "status": "live",
        "made_at": "2026-12-01T00:00:00Z",
        "not_after": "2027-12-01T00:00:00Z"}
SYSTEM = {**USER, "id": "user-13", "name": "=HIS\u202e", "role": "system",
          "scopes": ["read", "metrics"], "status": "revoked",
          "revoked_at": "2026-12-02T00:00:00Z"}
INVITATION = {**USER, "id": "invitation-5", "status": "open",
              "not_after": "2026-12-04T00:00:00Z"}
TEXT = "tci1_" + "ab" * 100


def setUpModule():
    global WORLD
    WORLD = ClientTest.world = World()


def tearDownModule():
    WORLD.close()


class Said(ClientTest):
    def lists(self, users=(USER, SYSTEM), invitations=(INVITATION,)):
        self.serve({
            "GET /v1/users": Answer(200, {"users": list(users)}),
            "GET /v1/invitations": Answer(200, {
                "invitations": list(invitations)})})

    def test_invite(self):
        self.serve({"POST /v1/invitations": Answer(
            201, {**INVITATION, "invitation": TEXT})})
        self.assertEqual(self.ok(
            "admin", "invite", "--name", "前台", "--role",
            "site-coordinator", "--site", "liaoyang-central", "--hours",
            "24"), TEXT + "\n")
        self.assertEqual(self.asked()[0].json(), {
            "name": "前台", "role": "site-coordinator",
            "site": "liaoyang-central", "hours": 24})
        self.ok("admin", "invite", "--name", "x", "--role", "expert",
                "--site", "anzhen", "--expert", "coronary-1")
        self.assertEqual(self.asked()[1].json()["expert"], "coronary-1")
        self.ok("admin", "invite", "--user", "user-12")
        self.assertEqual(self.asked()[2].json(), {"user": "user-12"})
        self.assertEqual(len({a.headers["Idempotency-Key"]
                              for a in self.asked()}), 3)
        self.assertEqual(json.loads(self.ok(
            "admin", "invite", "--user", "user-12", "-o", "json"))[
                "invitation"], TEXT)

    def test_a_person_is_told_more(self):
        """On a terminal; what is redirected is the secret alone."""
        self.serve({"POST /v1/invitations": Answer(
            201, {**INVITATION, "name": "a\u202eb", "invitation": TEXT})})
        ours, theirs = pty.openpty()
        with tempfile.TemporaryFile() as out:
            tool = subprocess.Popen(
                [TOOL, "admin", "invite", "--user", "user-12"], stdout=out,
                stderr=theirs, env=self.environment(TERM="xterm"), cwd=ROOT)
            self.assertEqual(tool.wait(30), 0)
            out.seek(0)
            self.assertEqual(out.read().decode(), TEXT + "\n")
        os.close(theirs)
        told = os.read(ours, 65536).decode()
        os.close(ours)
        for words in ("invitation-5 for a\\u202eb", "2026-12-04 08:00 Asia/",
                      "admin revoke invitation-5"):
            self.assertIn(words, told)
        self.assertNotIn(TEXT, told)

    def test_token(self):
        self.serve({"POST /v1/tokens": Answer(201, {
            "user": "user-13", "name": "HIS", "site": "liaoyang-central",
            "scopes": ["read"], "not_after": "2027-12-01T00:00:00Z",
            "token": "tct1_x"})})
        words = ("admin", "token", "--name", "HIS", "--site",
                 "liaoyang-central")
        self.assertEqual(self.ok(*words, "--scope", "read", "--scope",
                                 "requests,bookings", "--days", "90"),
                         "tct1_x\n")
        self.assertEqual(self.asked()[0].json(), {
            "name": "HIS", "site": "liaoyang-central", "days": 90,
            "scopes": ["read", "requests", "bookings"]})
        self.fails(2, *words, "--scope", "all")
        self.fails(2, *words)

    def test_users(self):
        self.lists()
        out = self.ok("admin", "users", "--site", "liaoyang-central",
                      "--status", "live")
        for words in (r"user-12 +live +前台 +site-coordinator ",
                      r"user-13 +revoked +=HIS\\u202e +system .*read metrics",
                      r"invitation-5 +open +前台", "Times in Asia/Shanghai"):
            self.assertRegex(out, words)
        users, invitations = self.asked("GET")[-2:]
        self.assertIn("site=liaoyang-central&status=live", users.query)
        self.assertIn("site=liaoyang-central&status=open", invitations.query)
        self.assertEqual(json.loads(self.ok("admin", "users", "-o", "json")),
                         {"users": [USER, SYSTEM],
                          "invitations": [INVITATION]})
        rows = list(csv.DictReader(io.StringIO(self.ok(
            "admin", "users", "-o", "csv"))))
        self.assertEqual([r["id"] for r in rows], ["user-12", "user-13"])
        self.assertEqual(rows[1]["name"], "'=HIS\\u202e")
        self.assertEqual(rows[1]["scopes"], "read metrics")
        self.assertEqual(rows[0]["not_after"], "2027-12-01T08:00:00+08:00")

    def test_nobody(self):
        self.lists((), ())
        self.assertIn("No users.", self.ok("admin", "users"))
        self.assertIn("No invitations.", self.ok("admin", "invitations"))
        self.assertEqual(json.loads(self.ok("admin", "users", "-o", "json")),
                         {"users": [], "invitations": []})

    def test_pages_are_joined(self):
        self.serve({"GET /v1/users": [
            Answer(200, {"users": [USER], "next": "12"}),
            Answer(200, {"users": [SYSTEM]})],
                    "GET /v1/invitations": Answer(200, {"invitations": []})})
        self.assertEqual(len(json.loads(self.ok(
            "admin", "users", "-o", "json"))["users"]), 2)
        self.assertIn("cursor=12", self.asked("GET")[1].query)

    def test_invitations(self):
        self.lists(invitations=[INVITATION, {
            **INVITATION, "id": "invitation-4", "status": "used",
            "user": "user-12", "used_at": "2026-12-01T00:00:00Z"}])
        self.assertRegex(self.ok("admin", "invitations"),
                         r"invitation-4 +used .*user-12 ")
        out = json.loads(self.ok("admin", "invitations", "-o", "json"))
        self.assertEqual(len(out["invitations"]), 2)
        self.assertIn("invitation-4,", self.ok("admin", "invitations", "-o",
                                               "csv"))

    def test_revoke(self):
        gone = {"id": "user-12", "name": "前台",
                "revoked_at": "2026-12-01T00:00:00Z"}
        self.serve({"POST /v1/users/user-12/revoke": Answer(200, gone),
                    "POST /v1/invitations/invitation-5/revoke": Answer(
                        200, {**gone, "id": "invitation-5"})})
        self.assertEqual(self.ok("admin", "revoke", "user-12", "--reason",
                                 "left"), "user-12 (前台) is revoked\n")
        self.ok("admin", "revoke", "invitation-5", "--reason", "lost")
        self.assertEqual([a.json() for a in self.asked()],
                         [{"reason": "left"}, {"reason": "lost"}])
        self.serve({"POST /v1/users/user-12/revoke": problem(
            409, "wrong-state", "the last administrator stays")})
        self.assertIn("last administrator", self.fails(
            1, "admin", "revoke", "user-12", "--reason", "x"))


class Profiles(ClientTest):
    def rows(self, *words, **more):
        return {row["name"]: row for row in json.loads(self.ok(
            "profiles", "-o", "json", *words, **more))["profiles"]}

    def test_listed(self):
        rows = self.rows()
        self.assertEqual(list(rows), sorted(rows))
        self.assertEqual([n for n, r in rows.items() if r["in_use"]],
                         ["default"])
        self.assertEqual(rows["default"]["server"], WORLD.url)
        self.assertNotIn("fault", rows["default"])
        self.assertTrue(self.rows(env={"TELECONSULT_PROFILE": "mixed"})
                        ["mixed"]["in_use"])
        self.assertTrue(self.rows("--profile", "mixed")["mixed"]["in_use"])
        out = self.ok("profiles", "--tz", "Asia/Tokyo")
        self.assertRegex(out, rf"\* +default +{WORLD.url} ")
        self.assertIn("Times in Asia/Tokyo", out)
        table = list(csv.DictReader(io.StringIO(self.ok(
            "profiles", "-o", "csv", "--tz", "Asia/Tokyo"))))
        self.assertEqual([r["name"] for r in table], list(rows))
        self.assertIn("+09:00", table[0]["not_after"])

    def test_what_is_wrong_with_one(self):
        where = WORLD.profile("odd", (os.devnull, os.devnull),
                              WORLD.ca.cert, WORLD.url)
        self.assertIn("certificate", self.rows()["odd"]["fault"])
        os.chmod(f"{where}/identity.pem", 0o644)
        self.assertIn("others may read", self.rows()["odd"]["fault"])
        self.assertRegex(self.ok("profiles"), "odd .*others may read")
        shutil.rmtree(where)

    def test_none(self):
        with tempfile.TemporaryDirectory() as home:
            env = {"XDG_CONFIG_HOME": home}
            self.assertIn("No profiles", self.ok("profiles", env=env))
            self.assertEqual(self.rows(env=env), {})


class Examples(ClientTest):
    """What --help shows can be typed."""

    def test_every_example(self):
        self.serve({})
        with tempfile.TemporaryDirectory() as where:
            for name, text in (
                    ("patient.json", '{"local_id":"1","name":"n",'
                     '"summary":"s"}'), ("network.json", "{}"),
                    ("p.json", '{"local_id":"1","name":"n"}'),
                    ("clinic.json", '{"rrule":"FREQ=DAILY",'
                     '"start":"2027-02-01T08:00",'
                     '"end":"2027-02-01T12:00",'
                     '"time_zone":"Asia/Shanghai"}'),
                    ("spring.json", '{"reason":"r","changes":[]}'),
                    ("invitation", "tci1_00"), ("backup.db", "x"),
                    ("opinion.txt", "No stenosis."),
                    ("course.txt", "A bed on ward 3.")):
                with open(f"{where}/{name}", "w", encoding="utf-8") as f:
                    f.write(text)
            for name in self.names():
                page = self.ok(*name.split(), "--help")
                line = page[page.index("Example: ") + 9:].strip()
                self.assertEqual(shlex.split(line)[0], "teleconsult")
                ran = subprocess.run(
                    ["sh", "-c", line], cwd=where, capture_output=True,
                    text=True, timeout=60, stdin=subprocess.DEVNULL,
                    env={**self.environment(), "PATH":
                         os.path.dirname(TOOL) + ":" + os.environ["PATH"]})
                with self.subTest(line=line):
                    # The server knows nothing; the line itself is right.
                    right = name in ("profiles", "whoami", "enroll")
                    self.assertEqual(ran.returncode, {
                        "profiles": 0, "whoami": 0, "enroll": 2}[name]
                                     if right else 3, ran.stderr)
                    self.assertNotIn("--help", ran.stderr.replace(
                        "enroll --help", ""))

    def names(self):
        names = re.findall(r"^  ([a-z][a-z-]*(?: [a-z-]+)?)  ", self.ok("--help"),
                           re.M)
        self.assertGreater(len(names), 40)
        return names


class Story(unittest.TestCase):
    """The same at the real daemon."""

    @classmethod
    def setUpClass(cls):
        cls.service = Service().init()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.must("admin", "admin", "import", LIAOYANG)

    @classmethod
    def must(cls, *args, **more):
        return cls.hands.must(*args, **more)

    def document(self, profile, *args):
        return json.loads(self.must(profile, *args, "-o", "json"))

    def fails(self, code, profile, *args, stdin=""):
        ran = self.hands.run(profile, *args, stdin=stdin)
        self.assertEqual((ran.returncode, ran.stdout), (code, ""),
                         ran.stderr)
        self.assertTrue(ran.stderr.startswith("teleconsult: "), ran.stderr)
        return ran.stderr

    def user(self, name):
        return next(u for u in self.document("admin", "admin",
                                             "users")["users"]
                    if u["name"] == name)

    def test_in_and_out(self):
        self.hands.person("desk", "site-coordinator", "--site",
                          "liaoyang-central")
        self.assertEqual(self.document("desk", "whoami")["site"],
                         "liaoyang-central")
        self.assertEqual(self.user("desk")["status"], "live")
        self.must("admin", "admin", "revoke", self.user("desk")["id"],
                  "--reason", "left")
        self.assertIn("invitation", self.fails(4, "desk", "whoami"))
        self.assertEqual(self.user("desk")["status"], "revoked")

    def test_an_invitation_works_once(self):
        text = self.hands.invite("once", "auditor", "--site", "anzhen")
        self.hands.enroll("once", text)
        self.fails(4, "twice", "enroll", "-", stdin=text)
        self.fails(4, "twice", "whoami")

    def test_an_invitation_is_taken_back(self):
        text = self.hands.invite("never", "auditor", "--site", "anzhen")
        invitation = next(
            i for i in self.document("admin", "admin", "invitations",
                                     "--status", "open")["invitations"]
            if i["name"] == "never")
        self.must("admin", "admin", "revoke", invitation["id"], "--reason",
                  "lost")
        self.fails(4, "never", "enroll", "-", stdin=text)

    def test_a_new_certificate_for_somebody_known(self):
        self.hands.person("known", "auditor", "--site", "anzhen")
        user = self.user("known")["id"]
        text = self.must("admin", "admin", "invite", "--user", user)
        self.fails(1, "known", "enroll", "-", stdin=text)
        self.hands.enroll("other", text)
        self.assertEqual(self.document("other", "whoami")["name"], "known")
        self.fails(4, "known", "whoami")
        text = self.must("admin", "admin", "invite", "--user", user)
        self.hands.enroll("known", text, "--replace")
        self.assertEqual(self.document("known", "whoami")["name"], "known")
        self.fails(4, "other", "whoami")
        self.assertEqual(self.user("known")["id"], user)

    def test_renewal(self):
        """The certificate is written anew, for the same key, as if most of
        its life had gone by."""
        self.hands.person("old", "auditor", "--site", "anzhen")
        path = f"{self.hands.home}/teleconsult/old/identity.pem"
        with open(path, encoding="utf-8") as f:
            key = f.read().split("-----BEGIN CERTIFICATE")[0]
        csr = subprocess.run(
            ["openssl", "req", "-new", "-key", "/dev/stdin", "-subj",
             "/CN=old"], input=key, text=True, check=True,
            capture_output=True).stdout
        ca = Authority.of(f"{self.service.state}/ca.key", self.service.ca)
        with open(path, "w", encoding="utf-8") as f:
            f.write(key + ca.sign_order(csr, -300, 60))
        self.must("old", "whoami")
        with open(path, encoding="utf-8") as f:
            renewed = f.read()
        self.assertNotIn(key, renewed)
        self.assertEqual(self.document("old", "whoami")["name"], "old")
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), renewed)

    def test_a_token(self):
        token = self.must("admin", "admin", "token", "--name", "HIS",
                          "--site", "liaoyang-central", "--scope",
                          "read").strip()
        system = self.service.anybody()
        self.addCleanup(system.close)
        head = {"Authorization": f"Bearer {token}"}
        self.assertEqual(system.request("GET", "/v1/whoami",
                                        headers=head).json["role"], "system")
        self.must("admin", "admin", "revoke", self.user("HIS")["id"],
                  "--reason", "replaced")
        self.assertEqual(system.request("GET", "/v1/whoami",
                                        headers=head).status, 401)

    def test_who_may(self):
        self.hands.person("plain", "lead-coordinator", "--site", "anzhen")
        for words in (("users",), ("invitations",),
                      ("invite", "--user", "user-1"),
                      ("token", "--name", "x", "--scope", "metrics"),
                      ("revoke", "user-1", "--reason", "x")):
            self.fails(4, "plain", "admin", *words)
