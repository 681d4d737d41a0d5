#!/usr/bin/python3
"""Drives the real teleconsult against a fake server over real TLS.

usage: test_client.py [BUILD]       (default: $BUILD or build/release)
"""
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fakeserver import Answer, Authority, FakeServer, problem  # noqa: E402

BUILD = os.environ.get("BUILD", "build/release")
CODE, OTHER = "7K2M-QX91", "4HWP-T6ZD"
PATIENT = ("--patient-id", "88421", "--patient-name", "王小明", "--summary",
           "pain")

ME = {"name": "李医生", "role": "site-coordinator", "site": "liaoyang-central",
      "site_name": "辽阳市中心医院", "time_zone": "Asia/Shanghai",
      "certificate_not_after": "2027-12-01T00:00:00Z",
      "now": "2026-12-01T00:00:00Z"}
REQUEST = {"code": CODE, "kind": "remote-consultation", "status": "submitted",
           "urgency": "routine", "agreement": "heart-centre",
           "lead": "anzhen", "partner": "liaoyang-central",
           "specialty": "coronary", "duration_minutes": 30,
           "wanted": [{"from": "2026-12-02T06:00:00Z",
                       "to": "2026-12-02T09:00:00Z"}],
           "submitted_at": "2026-12-01T01:00:00Z", "version": 1}
SHOWN = {**REQUEST, "reason": "胸痛待查", "purpose": "plan",
         "patient": {"local_id": "住院 88421", "name": "王小明",
                     "summary": "line one\nline two"},
         "history": [{"seq": 1, "at": "2026-12-01T01:00:00Z",
                      "actor": "李医生", "actor_site": "liaoyang-central",
                      "verb": "submit", "to_state": "submitted"}]}
BOOKING = {"code": OTHER, "request": CODE, "kind": "remote-consultation",
           "status": "booked", "agreement": "heart-centre", "lead": "anzhen",
           "partner": "liaoyang-central", "expert": "coronary-1",
           "from": "2026-12-02T06:00:00Z", "to": "2026-12-02T06:30:00Z",
           "time_zone": "Asia/Shanghai", "sequence": 0, "version": 1,
           "claims": [{"subject": "coronary-1", "role": "expert",
                       "from": "2026-12-02T06:00:00Z",
                       "to": "2026-12-02T06:30:00Z"}]}


class World:
    """CA, server and profiles, made once for all tests."""

    def __init__(self):
        self.tmp = tempfile.TemporaryDirectory()
        where = self.tmp.name
        self.ca = Authority(where, "ca")
        self.other = Authority(where, "other-ca")
        server = self.ca.sign("server", "subjectAltName=DNS:localhost\n"
                              "extendedKeyUsage=serverAuth")
        self.server = FakeServer(*server, self.ca.cert)
        self.url = f"https://localhost:{self.server.port}"
        self.home = f"{where}/home"
        client = self.ca.sign("client", "extendedKeyUsage=clientAuth")
        stranger = self.other.sign("stranger", "extendedKeyUsage=clientAuth")
        self.profile("default", client, self.ca.cert, self.url)
        self.profile("wrong-ca", client, self.other.cert, self.url)
        self.profile("refused", stranger, self.ca.cert, self.url)
        self.profile("mixed", (client[0], stranger[1]), self.ca.cert,
                     self.url)
        self.profile("wrong-host", client, self.ca.cert,
                     f"https://127.0.0.1:{self.server.port}")

    def profile(self, name, pair, ca, url):
        where = f"{self.home}/teleconsult/{name}"
        os.makedirs(where)
        for source, target in ((pair[0], "key"), (pair[1], "cert"),
                               (ca, "ca")):
            with open(source, "rb") as f, \
                    open(f"{where}/{target}.pem", "wb") as out:
                out.write(f.read())
        os.chmod(f"{where}/key.pem", 0o600)
        with open(f"{where}/profile.conf", "w", encoding="utf-8") as f:
            f.write(f"# made by a test\nserver = {url}\n")

    def close(self):
        self.server.close()
        self.tmp.cleanup()


class Run:
    def __init__(self, done):
        self.code, self.out, self.err = (done.returncode, done.stdout,
                                         done.stderr)


def setUpModule():
    global WORLD
    WORLD = World()


def tearDownModule():
    WORLD.close()


class ClientTest(unittest.TestCase):
    maxDiff = None

    def serve(self, routes):
        WORLD.server.reset({"GET /v1/whoami": Answer(document=ME), **routes})

    def asked(self, method="POST"):
        return [a for a in WORLD.server.asked if a.method == method]

    def environment(self, **more):
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
               "XDG_CONFIG_HOME": WORLD.home}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                env[name] = value
        return {**env, **more}

    def run_tool(self, *args, stdin=None, env=None):
        done = subprocess.run(
            [os.path.join(ROOT, BUILD, "teleconsult"), *args], text=True,
            input=stdin or "", capture_output=True, timeout=60, cwd=ROOT,
            env=self.environment(**(env or {})))
        return Run(done)

    def ok(self, *args, **more):
        ran = self.run_tool(*args, **more)
        self.assertEqual((ran.code, ran.err), (0, ""), ran.out)
        return ran.out

    def fails(self, code, *args, **more):
        ran = self.run_tool(*args, **more)
        self.assertEqual((ran.code, ran.out), (code, ""), ran.err)
        self.assertTrue(ran.err.startswith("teleconsult: "), ran.err)
        return ran.err


class Usage(ClientTest):
    def test_help_of_every_command(self):
        text = self.ok("--help")
        names = re.findall(r"^  ([a-z]+(?: [a-z-]+)?)  ", text, re.M)
        self.assertIn("admin verify-log", names)
        for name in names:
            page = self.ok(*name.split(), "--help")
            self.assertIn(f"usage: teleconsult {name}", page)
            self.assertIn(f"Example: teleconsult {name}", page)

    def test_version(self):
        self.assertRegex(self.ok("--version"), r"^teleconsult \d+\.\d+\.\d+$")

    def test_wrong_usage(self):
        for args in ([], ["frob"], ["admin"], ["admin", "frob"], ["show"],
                     ["show", CODE, CODE], ["show", "7K2M-QX92"],
                     ["show", CODE, "--site", "x"], ["decline", CODE],
                     ["submit", "remote-consultation", "--site", "a"],
                     ["list", "people"], ["list", "-n", "0"],
                     ["list", "-n", "many"], ["list", "--status", "odd"],
                     ["slots"], ["slots", "no-such-kind"],
                     ["slots", "referral", "--request", CODE],
                     ["-o", "xml", "whoami"], ["whoami", "-o"],
                     ["whoami", "--idempotency-key", "a b"],
                     ["whoami", "--profile", "../x"],
                     ["whoami", "--server", "http://x"],
                     ["--frob"], ["list", "--site", "a", "--site", "b"],
                     ["book", CODE, "--expert", "coronary-1"],
                     ["admin", "certify", "--name", "x", "--role", "auditor"],
                     ["schedule", "--day", "--week", "--tz", "UTC"]):
            with self.subTest(args=args):
                err = self.fails(2, *args)
                self.assertEqual(err.count("\n"), 1, err)

    def test_wrong_times(self):
        for at in ("feb 30", "2026-02-30 09:00", "25:00", "tomorrow 25:00",
                   "tomorrow", "2026-12-01", "mon 9:60", ""):
            with self.subTest(at=at):
                self.fails(2, "book", CODE, "--tz", "Asia/Shanghai", "--at",
                           at)

    def test_skipped_time_names_the_next(self):
        err = self.fails(2, "book", CODE, "--tz", "Europe/Berlin", "--at",
                         "2026-03-29 02:30")
        self.assertIn("03:30", err)

    def test_zone_that_is_none(self):
        self.assertIn("--tz", self.fails(2, "list", "--tz", "Mars/Olympus"))

    def test_bytes_that_are_no_text(self):
        for args in ((b"show", b"\xff\xfe"), (b"\xe5\x91",),
                     (b"show", ("周" * 60).encode()),
                     (b"list", b"--site", b"\xff")):
            for form in ("table", "json"):
                done = subprocess.run(
                    [os.path.join(ROOT, BUILD, "teleconsult").encode(),
                     *args, b"-o", form.encode()], capture_output=True,
                    env=self.environment(), cwd=ROOT, timeout=30)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                text = done.stderr.decode("utf-8")
                if form == "json" and args[0] != b"\xe5\x91":
                    self.assertEqual(json.loads(text)["code"], "usage")

    def test_numbers_have_the_bounds_of_the_messages(self):
        for args in (("slots", "referral", "-n", "101"),
                     ("hold", CODE, "--at", "today 23:59", "--minutes",
                      "31", "--tz", "UTC"),
                     ("accept", CODE, "--duration", "0")):
            self.assertRegex(self.fails(2, *args),
                             "a number from [15] to ")

    def test_wrong_usage_as_json(self):
        ran = self.run_tool("show", "nonsense", "-o", "json")
        self.assertEqual((ran.code, ran.out), (2, ""))
        self.assertEqual(json.loads(ran.err)["code"], "usage")


class Profiles(ClientTest):
    def test_no_profile(self):
        err = self.fails(4, "whoami", "--profile", "nobody")
        self.assertIn("admin certify", err)

    def test_key_that_others_can_read(self):
        key = f"{WORLD.home}/teleconsult/default/key.pem"
        os.chmod(key, 0o640)
        try:
            self.assertIn("chmod 600", self.fails(4, "whoami"))
        finally:
            os.chmod(key, 0o600)

    def test_environment_names_profile_and_server(self):
        self.serve({})
        self.ok("whoami", env={"TELECONSULT_PROFILE": "wrong-host",
                               "TELECONSULT_SERVER": WORLD.url})
        self.fails(4, "whoami", env={"TELECONSULT_PROFILE": "nobody"})
        self.ok("whoami", "--profile", "default",
                env={"TELECONSULT_PROFILE": "nobody"})

    def test_home_when_there_is_no_config_home(self):
        self.serve({})
        with tempfile.TemporaryDirectory() as home:
            os.symlink(WORLD.home, f"{home}/.config")
            self.ok("whoami", env={"XDG_CONFIG_HOME": "", "HOME": home})


class Tls(ClientTest):
    def test_wrong_ca(self):
        err = self.fails(5, "whoami", "--profile", "wrong-ca")
        self.assertIn("not from the CA of this profile", err)

    def test_wrong_host_name(self):
        err = self.fails(5, "whoami", "--profile", "wrong-host")
        self.assertIn("another host name", err)

    def test_refused_certificate(self):
        self.serve({})
        err = self.fails(4, "whoami", "--profile", "refused")
        self.assertIn("refuses your certificate", err)
        err = self.fails(4, "submit", "remote-consultation", "--site", "a",
                         "--reason", "b", "--profile", "refused", *PATIENT)
        self.assertIn("refuses your certificate", err)
        self.assertEqual(WORLD.server.asked, [])

    def test_key_of_another_certificate(self):
        err = self.fails(4, "whoami", "--profile", "mixed")
        self.assertIn("key.pem", err)

    def test_nobody_listens(self):
        begun = time.monotonic()
        self.fails(5, "whoami", "--server", "https://localhost:1")
        self.assertLess(time.monotonic() - begun, 10)

    def test_no_tls_there(self):
        import socket
        import threading
        plain = socket.create_server(("127.0.0.1", 0))

        def say():
            connection, _ = plain.accept()
            connection.recv(10)
            connection.sendall(b"SSH-2.0-x\r\n")
            connection.close()
        thread = threading.Thread(target=say, daemon=True)
        thread.start()
        err = self.fails(5, "whoami", "--server",
                         f"https://localhost:{plain.getsockname()[1]}")
        thread.join(5)
        plain.close()
        self.assertIn("TLS", err)


class Retries(ClientTest):
    SUBMIT = ("submit", "remote-consultation", "--site", "liaoyang-central",
              "--reason", "pain", *PATIENT)

    def test_same_key_after_a_broken_connection(self):
        self.serve({"POST /v1/requests": [
            Answer(drop=True), Answer(201, REQUEST)]})
        self.assertEqual(self.ok(*self.SUBMIT), CODE + "\n")
        keys = [a.headers["Idempotency-Key"] for a in self.asked()]
        self.assertEqual(len(keys), 2)
        self.assertEqual(len(set(keys)), 1)
        self.assertRegex(keys[0], r"^[A-Za-z0-9_.:-]{1,64}$")
        self.assertEqual(len({a.body for a in self.asked()}), 1)

    def test_same_key_after_busy(self):
        self.serve({"POST /v1/requests": [
            problem(503, "busy", "busy", {"Retry-After": "1"}),
            Answer(201, REQUEST)]})
        begun = time.monotonic()
        self.ok(*self.SUBMIT)
        self.assertGreaterEqual(time.monotonic() - begun, 1)
        self.assertEqual(
            len({a.headers["Idempotency-Key"] for a in self.asked()}), 1)
        self.assertEqual(len(self.asked()), 2)

    def test_two_runs_have_two_keys(self):
        self.serve({"POST /v1/requests": Answer(201, REQUEST)})
        self.ok(*self.SUBMIT)
        self.ok(*self.SUBMIT)
        self.assertEqual(
            len({a.headers["Idempotency-Key"] for a in self.asked()}), 2)

    def test_three_tries_and_no_more(self):
        self.serve({"POST /v1/requests": Answer(drop=True)})
        err = self.fails(5, *self.SUBMIT, "--idempotency-key", "mine:1")
        self.assertEqual([a.headers["Idempotency-Key"]
                          for a in self.asked()], ["mine:1"] * 3)
        self.assertIn("--idempotency-key mine:1", err)

    def test_a_long_wait_is_not_waited(self):
        self.serve({"POST /v1/requests": problem(
            503, "busy", "busy", {"Retry-After": "600"})})
        self.fails(6, *self.SUBMIT)
        self.assertEqual(len(self.asked()), 1)

    def test_unknown_outcome_names_the_key(self):
        self.serve({"POST /v1/requests": problem(
            503, "outcome-unknown", "the commit failed")})
        err = self.fails(6, *self.SUBMIT)
        key = self.asked()[0].headers["Idempotency-Key"]
        self.assertIn("--idempotency-key " + key, err)

    def test_one_connection_for_a_change(self):
        path = f"/v1/requests/{CODE}"
        self.serve({
            f"GET {path}": Answer(200, SHOWN, headers={"ETag": '"r1-1"'}),
            f"POST {path}/accept": Answer(
                200, {**REQUEST, "status": "accepted"})})
        self.ok("accept", CODE, "--tz", "UTC")
        self.assertEqual(len({a.peer for a in WORLD.server.asked}), 1)


class Refusals(ClientTest):
    def test_exit_codes(self):
        for status, code, leaves in (
                (400, "malformed", 2), (401, "unauthenticated", 4),
                (403, "forbidden", 4), (404, "not-found", 3),
                (409, "time-refused", 1), (409, "wrong-state", 1),
                (409, "rule-refused", 1), (409, "exists", 1),
                (412, "stale-version", 1), (413, "too-large", 2),
                (422, "invalid", 2), (422, "idempotency-key-reused", 2),
                (428, "if-match-required", 2), (429, "too-many-requests", 6),
                (500, "internal", 6), (500, "storage-failed", 6),
                (503, "storage-full", 6), (418, "no-such-code", 2),
                (507, "no-such-code", 6), (403, "no-such-code", 4)):
            with self.subTest(status=status, code=code):
                self.serve({"GET /v1/slots": problem(status, code, "so")})
                err = self.fails(leaves, "slots", "referral", "--tz", "UTC")
                self.assertIn("Somebody" if status == 412 else "so", err)
                self.assertEqual(err.count("\n"), 1, err)

    def test_no_problem_document(self):
        self.serve({"GET /v1/slots": Answer(502, raw=b"<html>\x1b[2J")})
        err = self.fails(6, "slots", "referral", "--tz", "UTC")
        self.assertIn("502", err)
        self.assertNotIn("\x1b", err)

    def test_answer_that_is_no_json(self):
        self.serve({"GET /v1/slots": Answer(200, raw=b"{")})
        self.fails(6, "slots", "referral", "--tz", "UTC")

    def refused(self):
        return problem(
            409, "time-refused", "the time is not free for everybody",
            blockers=[
                {"subject": "coronary-1", "role": "expert", "reason": "busy",
                 "from": "2026-12-02T01:00:00Z",
                 "to": "2026-12-02T02:00:00Z", "detail": "another booking"},
                {"subject": "anzhen/studio-1", "role": "lead-studio",
                 "reason": "closed", "rule": "FREQ=WEEKLY;BYDAY=MO"},
                {"reason": "quota", "detail": "all 40 of December are used"}],
            nearest=[
                {"from": "2026-12-02T02:00:00Z", "to": "2026-12-02T02:30:00Z",
                 "expert": "coronary-1", "expert_name": "冠心病专家",
                 "time_zone": "Asia/Shanghai", "with": []},
                {"from": "2026-12-02T03:15:00Z", "to": "2026-12-02T03:45:00Z",
                 "expert": "coronary-2", "expert_name": "专家二",
                 "time_zone": "Asia/Shanghai", "with": []}])

    def test_all_blockers_and_commands_to_paste(self):
        self.serve({"POST /v1/bookings": self.refused()})
        err = self.fails(1, "book", CODE, "--at", "2026-12-02 09:30",
                         "--with", "anzhen/studio-1", "--idempotency-key",
                         "k1")
        rows = err.splitlines()
        self.assertEqual(rows[1], "  coronary-1: busy, Wed 2026-12-02 "
                         "09:00–10:00: another booking")
        self.assertIn("anzhen/studio-1: closed (FREQ=", rows[2])
        self.assertEqual(rows[3], "  agreement: quota: all 40 of December "
                         "are used")
        self.assertEqual(rows[5:], [
            "  teleconsult book 7K2M-QX91 --at 2026-12-02T10:00:00+08:00 "
            "--expert coronary-1 --with anzhen/studio-1",
            "  teleconsult book 7K2M-QX91 --at 2026-12-02T11:15:00+08:00 "
            "--expert coronary-2 --with anzhen/studio-1"])

    def test_a_pasted_command_is_asked_as_it_stands(self):
        self.serve({"POST /v1/bookings": self.refused()})
        err = self.fails(1, "book", CODE, "--at", "2026-12-02 09:30")
        self.serve({"POST /v1/bookings": Answer(201, BOOKING)})
        self.ok(*err.splitlines()[5].split()[1:])
        self.assertEqual(self.asked()[0].json()["at"], "2026-12-02T02:00:00Z")

    def test_as_json(self):
        self.serve({"POST /v1/bookings": self.refused()})
        ran = self.run_tool("book", CODE, "--at", "2026-12-02 09:30", "-o",
                            "json")
        self.assertEqual((ran.code, ran.out), (1, ""))
        self.assertEqual(len(json.loads(ran.err)["blockers"]), 3)

    def test_wrong_fields_are_all_named(self):
        self.serve({"POST /v1/requests": problem(
            422, "invalid", "the message is not valid",
            errors=[{"pointer": "/site", "detail": "unknown"},
                    {"pointer": "/specialty", "detail": "not offered"}])})
        err = self.fails(2, "submit", "referral", "--site", "a", "--reason",
                         "b", *PATIENT)
        self.assertIn("\n  /site: unknown\n  /specialty: not offered\n", err)

    def test_control_characters_never_arrive(self):
        evil = "a\x1b[31mb\u009bc\u202ed"
        self.serve({"GET /v1/slots": problem(409, "rule-refused", evil)})
        for form in ("table", "json"):
            ran = self.run_tool("slots", "referral", "--tz", "UTC", "-o",
                                form)
            self.assertNotRegex(ran.err, "[\x00-\x09\x0b-\x1f\x7f-\x9f"
                                "\u202e]")
        document = {**SHOWN, "reason": "bell \u202e"}
        self.serve({f"GET /v1/requests/{CODE}": Answer(200, document)})
        self.assertNotIn("\u202e", self.ok("show", CODE))
        raw = self.ok("show", CODE, "-o", "json")
        self.assertNotIn("\u202e", raw)
        self.assertEqual(json.loads(raw), document)


class Requests(ClientTest):
    def test_submit_sends_everything(self):
        self.serve({"POST /v1/requests": Answer(201, REQUEST)})
        patient = {"local_id": "88421", "name": "王小明", "summary": "a\nb"}
        out = self.ok("submit", "imaging-consultation", "--site",
                      "liaoyang-central", "--reason", "胸痛", "--purpose",
                      "plan", "--urgency", "urgent", "--specialty", "imaging",
                      "--expert", "echo-1", "--title", "chief-physician",
                      "--modality", "CT", "--duration", "45", "--wanted",
                      "2026-12-02 14:00/17:00", "--wanted",
                      "2026-12-03/2026-12-04", "--agreement", "heart-centre",
                      "--patient", "-", stdin=json.dumps(patient))
        self.assertEqual(out, CODE + "\n")
        self.assertEqual(self.asked()[0].json(), {
            "kind": "imaging-consultation", "site": "liaoyang-central",
            "agreement": "heart-centre", "urgency": "urgent",
            "reason": "胸痛", "purpose": "plan", "specialty": "imaging",
            "expert": "echo-1", "title": "chief-physician", "modality": "CT",
            "duration_minutes": 45, "patient": patient,
            "wanted": [{"from": "2026-12-02T06:00:00Z",
                        "to": "2026-12-02T09:00:00Z"},
                       {"from": "2026-12-02T16:00:00Z",
                        "to": "2026-12-04T16:00:00Z"}]})

    def test_patient_from_words_and_file(self):
        self.serve({"POST /v1/requests": Answer(201, REQUEST)})
        base = ("submit", "referral", "--site", "a", "--reason", "b")
        self.ok(*base, "--patient-id", "1", "--patient-name", "n",
                "--summary", "s")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            f.write('{"local_id":"1","name":"n","summary":"s"}')
            f.flush()
            self.ok(*base, "--patient", f.name)
            self.fails(2, *base, "--patient", f.name, "--patient-id", "1")
        bodies = [a.json()["patient"] for a in self.asked()]
        self.assertEqual(bodies, [{"local_id": "1", "name": "n",
                                   "summary": "s"}] * 2)
        self.assertIn("--patient FILE", self.fails(2, *base))
        self.fails(2, *base, "--patient", "/nonexistent")
        self.fails(2, *base, "--patient", "-", stdin="[]")
        self.fails(2, *base, "--patient", "-", stdin='{"nmae":"n"}')

    def test_submit_as_json_is_one_document(self):
        self.serve({"POST /v1/requests": Answer(201, REQUEST)})
        out = self.ok("submit", "referral", "--site", "a", "--reason", "b",
                      "-o", "json", *PATIENT)
        self.assertEqual(json.loads(out), REQUEST)

    def test_changes_carry_the_etag(self):
        path = f"/v1/requests/{CODE}"
        for verb, words, body, status in (
                ("accept", ("--expert", "coronary-1", "--duration", "45"),
                 {"expert": "coronary-1", "duration_minutes": 45},
                 "accepted"),
                ("decline", ("--reason", "no"), {"reason": "no"}, "declined"),
                ("withdraw", (), {}, "withdrawn")):
            with self.subTest(verb=verb):
                self.serve({
                    f"GET {path}": Answer(200, SHOWN,
                                          headers={"ETag": '"r-7"'}),
                    f"POST {path}/{verb}": Answer(
                        200, {**REQUEST, "status": status})})
                out = self.ok(verb, CODE.lower().replace("-", ""), *words)
                self.assertTrue(out.startswith(f"{CODE} {status}"), out)
                post = self.asked()[0]
                self.assertEqual(post.headers["If-Match"], '"r-7"')
                self.assertEqual(post.json(), body)

    def test_stale(self):
        path = f"/v1/requests/{CODE}"
        self.serve({f"GET {path}": Answer(200, SHOWN,
                                          headers={"ETag": '"r-7"'}),
                    f"POST {path}/accept": problem(412, "stale-version",
                                                   "version 8 is stored")})
        err = self.fails(1, "accept", CODE)
        self.assertIn("Somebody changed it meanwhile", err)
        self.assertIn(f"teleconsult show {CODE}", err)

    def test_show_request(self):
        self.serve({f"GET /v1/requests/{CODE}": Answer(200, SHOWN)})
        out = self.ok("show", CODE)
        for text in (f"{CODE}  remote-consultation request, submitted",
                     "Wed 2026-12-02 14:00–17:00 Asia/Shanghai", "王小明",
                     "  line one\n  line two\n", "胸痛待查", "李医生"):
            self.assertIn(text, out)

    def test_show_booking(self):
        self.serve({f"GET /v1/bookings/{OTHER}": Answer(200, BOOKING)})
        out = self.ok("show", OTHER, "--tz", "Europe/Moscow")
        self.assertIn("Wed 2026-12-02 09:00–09:30 Europe/Moscow", out)
        self.assertIn("Wed 2026-12-02 14:00–14:30 Asia/Shanghai", out)
        self.assertEqual(
            json.loads(self.ok("show", OTHER, "-o", "json")), BOOKING)

    def test_show_nothing(self):
        self.serve({})
        self.fails(3, "show", CODE)


class Lists(ClientTest):
    def pages(self, asked):
        at = int(re.search(r"cursor=c(\d+)", asked.query).group(1)) \
            if "cursor=" in asked.query else 0
        limit = int(re.search(r"limit=(\d+)", asked.query).group(1))
        items = self.items[at:at + min(limit, 3)]
        document = {"items": items}
        if at + len(items) < len(self.items):
            document["next"] = f"c{at + len(items)}"
        return Answer(200, document)

    def setUp(self):
        self.items = [{**REQUEST, "version": i, "extra": [i, "]"]}
                      for i in range(8)]
        self.serve({"GET /v1/requests": self.pages})

    def test_follows_the_cursor_to_the_end(self):
        out = self.ok("list")
        self.assertEqual(out.count(CODE), 8)
        self.assertIn("Times in Asia/Shanghai.", out)
        self.assertNotIn("There may be more", out)

    def test_json_is_one_document_with_every_field(self):
        document = json.loads(self.ok("list", "requests", "-o", "json"))
        self.assertEqual(document, {"items": self.items})

    def test_limit_is_kept_and_said(self):
        out = self.ok("list", "-n", "5")
        self.assertEqual(out.count(CODE), 5)
        self.assertIn("There may be more", out)
        document = json.loads(self.ok("list", "-n5", "-o", "json"))
        self.assertEqual(document, {"items": self.items[:5], "next": "c5"})
        self.assertNotIn("There may be more", self.ok("list", "-n", "8"))

    def test_query(self):
        self.serve({"GET /v1/bookings": Answer(200, {"items": [BOOKING]})})
        out = self.ok("list", "bookings", "--status", "booked", "--site",
                      "anzhen", "--expert", "coronary-1", "--kind",
                      "remote-consultation", "--from", "2026-12-01", "--to",
                      "2026-12-07")
        self.assertIn("Wed 2026-12-02 14:00–14:30", out)
        query = [a for a in self.asked("GET")
                 if a.path == "/v1/bookings"][0].query
        self.assertEqual(query, "status=booked&site=anzhen&expert=coronary-1"
                         "&kind=remote-consultation"
                         "&from=2026-11-30T16:00:00Z&to=2026-12-07T16:00:00Z"
                         "&limit=200")

    def test_nothing(self):
        self.serve({"GET /v1/requests": Answer(200, {"items": []})})
        self.assertEqual(self.ok("list"), "No requests.\n")
        self.assertEqual(json.loads(self.ok("list", "-o", "json")),
                         {"items": []})

    def test_a_circle_of_pages_ends(self):
        self.serve({"GET /v1/requests": Answer(
            200, {"items": [REQUEST], "next": "again"})})
        self.fails(6, "list")


class Times(ClientTest):
    SLOT = {"from": "2026-12-02T06:00:00Z", "to": "2026-12-02T06:30:00Z",
            "expert": "coronary-1", "expert_name": "冠心病专家",
            "time_zone": "Asia/Shanghai",
            "with": ["anzhen/studio-1", "liaoyang-central/studio-1"]}

    def test_slots(self):
        self.serve({"GET /v1/slots": Answer(200, {"slots": [self.SLOT],
                                                  "blockers": []})})
        out = self.ok("slots", "remote-consultation", "--specialty",
                      "coronary", "--with", "anzhen/studio-1", "--with",
                      "liaoyang-central/studio-1", "-n", "3", "--tz",
                      "Europe/Moscow")
        self.assertIn("Wed 2026-12-02 09:00–09:30", out)
        self.assertIn("14:00 Asia/Shanghai", out)
        self.assertEqual(self.asked("GET")[0].query,
                         "kind=remote-consultation&specialty=coronary"
                         "&with=anzhen/studio-1"
                         "&with=liaoyang-central/studio-1&n=3")

    def test_why_not(self):
        self.serve({"GET /v1/slots": Answer(200, {"slots": [], "blockers": [
            {"subject": "coronary-1", "role": "expert",
             "reason": "seconded", "from": "2026-12-01T00:00:00Z",
             "to": "2026-12-05T00:00:00Z", "detail": "away"}]})})
        out = self.ok("slots", "--request", CODE, "--why-not")
        self.assertIn("No time is free:\n  coronary-1: seconded, ", out)
        self.assertIn("why_not=true", self.asked("GET")[-1].query)

    def test_book(self):
        self.serve({"POST /v1/bookings": Answer(201, BOOKING)})
        out = self.ok("book", CODE, "--at", "2026-12-02 14:00", "--expert",
                      "coronary-1", "--with", "anzhen/studio-1",
                      "--duration", "30")
        self.assertEqual(out, f"{OTHER} booked, Wed 2026-12-02 14:00–14:30 "
                         "Asia/Shanghai, with coronary-1\n")
        self.assertEqual(self.asked()[0].json(), {
            "request": CODE, "at": "2026-12-02T06:00:00Z",
            "expert": "coronary-1", "duration_minutes": 30,
            "with": ["anzhen/studio-1"]})

    def test_hold_and_confirm_and_release(self):
        held = {**BOOKING, "status": "pending",
                "hold_until": "2026-12-01T01:10:00Z"}
        path = f"/v1/bookings/{OTHER}"
        self.serve({"POST /v1/holds": Answer(201, held),
                    f"GET {path}": Answer(200, held,
                                          headers={"ETag": '"b-1"'}),
                    f"POST {path}/confirm": Answer(200, BOOKING),
                    f"POST {path}/release": Answer(
                        200, {**BOOKING, "status": "released"})})
        out = self.ok("hold", CODE, "--at", "2026-12-02 14:00", "--minutes",
                      "10")
        self.assertIn("; held until 09:10", out)
        self.assertEqual(self.asked()[0].json()["hold_minutes"], 10)
        self.assertIn("booked", self.ok("book", OTHER))
        self.assertIn("released", self.ok("release", OTHER))
        self.assertEqual([a.headers["If-Match"] for a in self.asked()[1:]],
                         ['"b-1"', '"b-1"'])

    def test_book_a_request_without_a_time(self):
        self.serve({})
        err = self.fails(3, "book", CODE)
        self.assertIn(f"slots --request {CODE}", err)

    def test_move_and_cancel(self):
        path = f"/v1/bookings/{OTHER}"
        self.serve({f"GET {path}": Answer(200, BOOKING,
                                          headers={"ETag": '"b-4"'}),
                    f"POST {path}/move": Answer(200, BOOKING),
                    f"POST {path}/cancel": Answer(
                        200, {**BOOKING, "status": "cancelled"})})
        self.ok("move", OTHER, "--to", "2026-12-03T10:00:00+08:00")
        self.ok("cancel", OTHER, "--reason", "fever")
        move, cancel = self.asked()
        self.assertEqual(move.json(), {"at": "2026-12-03T02:00:00Z"})
        self.assertEqual(cancel.json(), {"reason": "fever"})
        self.assertEqual(move.headers["If-Match"], '"b-4"')


class Schedules(ClientTest):
    PLAN = {"subject": "coronary-1", "name": "冠心病专家",
            "time_zone": "Asia/Shanghai", "from": "2026-11-29T16:00:00Z",
            "to": "2026-12-06T16:00:00Z", "version": 3,
            "entries": [
                {"from": "2026-12-02T06:00:00Z", "to": "2026-12-02T07:00:00Z",
                 "status": "booked", "role": "expert", "booking": OTHER,
                 "kind": "remote-consultation", "partner": "liaoyang-central",
                 "lead": "anzhen"}],
            "open": [{"from": "2026-12-02T05:00:00Z",
                      "to": "2026-12-02T08:00:00Z",
                      "kinds": ["remote-consultation"]}]}

    def test_own_week(self):
        expert = {**ME, "role": "expert", "expert": "coronary-1"}
        self.serve({"GET /v1/whoami": Answer(200, expert),
                    "GET /v1/experts/coronary-1/schedule":
                        Answer(200, self.PLAN)})
        out = self.ok("schedule", "--week", "--from", "2026-12-03")
        self.assertIn("冠心病专家  coronary-1\n", out)
        self.assertIn("Wed 2026-12-02 14:00–15:00", out)
        self.assertIn("▌consult", out)
        self.assertNotIn("\x1b", out)
        self.assertEqual(self.asked("GET")[-1].query,
                         "from=2026-11-29T16:00:00Z&to=2026-12-06T16:00:00Z")

    def test_own_site(self):
        self.serve({"GET /v1/sites/liaoyang-central/schedule":
                    Answer(200, self.PLAN)})
        self.ok("schedule")

    def test_day_and_range(self):
        self.serve({"GET /v1/experts/coronary-1/schedule":
                    Answer(200, self.PLAN)})
        out = self.ok("schedule", "coronary-1", "--day", "--from",
                      "2026-12-02")
        self.assertRegex(out, r"13:00–16:00\s+open")
        self.assertRegex(out, r"14:00–15:00\s+remote-consultation\s+"
                         rf"liaoyang-central\s+booked\s+{OTHER}")
        self.ok("schedule", "coronary-1", "--from", "2026-12-01", "--to",
                "2026-12-10")
        self.assertEqual(self.asked("GET")[-1].query,
                         "from=2026-11-30T16:00:00Z&to=2026-12-10T16:00:00Z")

    def test_site_and_resource(self):
        self.serve({"GET /v1/sites/anzhen/schedule": Answer(200, self.PLAN),
                    "GET /v1/resources/anzhen/studio-1/schedule":
                        Answer(200, self.PLAN)})
        self.ok("schedule", "anzhen")
        self.ok("schedule", "anzhen/studio-1")
        self.fails(3, "schedule", "nobody")
        self.assertEqual(
            json.loads(self.ok("schedule", "anzhen", "-o", "json")),
            self.PLAN)


class Admin(ClientTest):
    def test_whoami(self):
        self.serve({})
        out = self.ok("whoami")
        self.assertIn("辽阳市中心医院 (liaoyang-central)", out)
        self.assertEqual(json.loads(self.ok("whoami", "-o", "json")), ME)

    def test_import(self):
        report = {"parts": [{"part": "sites", "created": 8, "changed": 0,
                             "unchanged": 0, "removed": 0}],
                  "warnings": ["thoracic-study has ended"]}
        self.serve({"POST /v1/import": Answer(200, report)})
        path = os.path.join(ROOT, "examples", "liaoyang.json")
        out = self.ok("admin", "import", path)
        self.assertRegex(out, r"sites\s+8\s+0\s+0\s+0\n")
        self.assertIn("warning: thoracic-study has ended\n", out)
        with open(path, "rb") as f:
            self.assertEqual(self.asked()[0].body, f.read())
        self.fails(2, "admin", "import", "/nonexistent")

    def certify(self, asked):
        document = asked.json()
        self.csr = document["csr"]
        return Answer(201, {"name": document["name"],
                            "role": document["role"],
                            "certificate": "CERT\n", "ca": "CA\n",
                            "not_after": "2027-12-01T00:00:00Z"})

    def test_certify(self):
        self.serve({"POST /v1/identities": self.certify})
        with tempfile.TemporaryDirectory() as where:
            out_dir = f"{where}/a/b"
            words = ("admin", "certify", "--name", "前台", "--role",
                     "site-coordinator", "--site", "liaoyang-central",
                     "--out", out_dir)
            self.assertIn("certificate until", self.ok(*words))
            self.assertEqual(sorted(os.listdir(out_dir)),
                             ["ca.pem", "cert.pem", "key.pem",
                              "profile.conf"])
            key = f"{out_dir}/key.pem"
            self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
            self.assertEqual(stat.S_IMODE(os.stat(out_dir).st_mode), 0o700)
            public = subprocess.run(
                ["openssl", "pkey", "-in", key, "-pubout"], check=True,
                capture_output=True).stdout
            asked = subprocess.run(
                ["openssl", "req", "-pubkey", "-noout", "-verify"],
                input=self.csr.encode(), check=True,
                capture_output=True).stdout
            self.assertEqual(public, asked)
            with open(f"{out_dir}/profile.conf", encoding="utf-8") as f:
                self.assertEqual(f.read(), f"server = {WORLD.url}\n")
            self.fails(1, *words)
        self.assertEqual(len(self.asked()), 1)

    def test_certify_as_a_profile(self):
        self.serve({"POST /v1/identities": self.certify})
        with tempfile.TemporaryDirectory() as home:
            os.symlink(f"{WORLD.home}/teleconsult/default",
                       f"{home}/admin-to-be")
            os.mkdir(f"{home}/teleconsult")
            os.rename(f"{home}/admin-to-be", f"{home}/teleconsult/default")
            self.ok("admin", "certify", "--name", "x", "--role",
                    "administrator", "--profile", "second",
                    env={"XDG_CONFIG_HOME": home})
            self.assertTrue(os.path.exists(
                f"{home}/teleconsult/second/cert.pem"))

    def test_certify_refused_leaves_no_key(self):
        self.serve({"POST /v1/identities": problem(403, "forbidden", "no")})
        with tempfile.TemporaryDirectory() as where:
            self.fails(4, "admin", "certify", "--name", "x", "--role",
                       "auditor", "--out", f"{where}/x")
            self.assertEqual(os.listdir(f"{where}/x"), [])

    def test_verify_log(self):
        good = {"ok": True, "events": 12, "epoch": "e1", "head": "ab"}
        bad = {"ok": False, "events": 12, "first_bad": 7, "epoch": "e1",
               "head": "ab", "detail": "hash differs"}
        self.serve({"POST /v1/log/verify": Answer(200, good)})
        self.assertIn("12 events", self.ok("admin", "verify-log"))
        self.serve({"POST /v1/log/verify": Answer(200, bad)})
        self.assertIn("event 7", self.fails(6, "admin", "verify-log"))
        ran = self.run_tool("admin", "verify-log", "-o", "json")
        self.assertEqual((ran.code, json.loads(ran.out)), (6, bad))


class Signals(ClientTest):
    def test_interrupt_prints_nothing(self):
        interrupted = threading.Event()

        def slow(asked):
            interrupted.wait(30)
            return Answer(200, {"slots": [], "blockers": []})
        self.serve({"GET /v1/slots": slow})
        tool = subprocess.Popen(
            [os.path.join(ROOT, BUILD, "teleconsult"), "slots", "referral",
             "--tz", "UTC"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment(), cwd=ROOT,
            # A shell in the background has its children ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        deadline = time.monotonic() + 10
        while not WORLD.server.asked and time.monotonic() < deadline:
            time.sleep(0.02)
        tool.send_signal(signal.SIGINT)
        out, err = tool.communicate(timeout=10)
        interrupted.set()
        self.assertEqual((tool.returncode, out, err),
                         (-signal.SIGINT, b"", b""))

    def test_output_that_cannot_be_written(self):
        self.serve({})
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(
                [os.path.join(ROOT, BUILD, "teleconsult"), "whoami"],
                stdout=full, stderr=subprocess.PIPE, text=True,
                env=self.environment(), cwd=ROOT, timeout=30)
        self.assertEqual(done.returncode, 6)
        self.assertIn("cannot be written", done.stderr)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        BUILD = sys.argv.pop(1)
    unittest.main()
