#!/usr/bin/python3
"""Drives the real teleconsult against a fake server over real TLS.

usage: run.py BUILD test_client
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

from fakeserver import Answer, problem  # noqa: E402
from toolrig import (BOOKING, CODE, ME, OTHER, PATIENT, REQUEST,  # noqa: E402
                     SHOWN, TOOL, ClientTest, World)


def setUpModule():
    global WORLD
    WORLD = ClientTest.world = World()


def tearDownModule():
    WORLD.close()


class Usage(ClientTest):
    def test_help_of_every_command(self):
        text = self.ok("--help")
        names = re.findall(r"^  ([a-z]+(?: [a-z-]+)?)  ", text, re.M)
        self.assertIn("admin verify-log", names)
        for name in names:
            page = self.ok(*name.split(), "--help")
            self.assertIn(f"usage: teleconsult {name}", page)
            self.assertIn(f"Example: teleconsult {name}", page)

    def test_the_manual_is_well_formed(self):
        ran = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                              "docs/man/teleconsult.1"], cwd=ROOT, text=True,
                             capture_output=True, timeout=60, check=False)
        # The date is left out, so that two builds are alike.
        found = [line for line in ran.stdout.splitlines()
                 if "missing date" not in line]
        self.assertEqual(found, [])

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
                     ["whoami", "-o", "csv"], ["book", CODE, "-o", "csv"],
                     ["slots", "referral", "--why-not", "-o", "csv"],
                     ["slots", "referral", "--explain", "-o", "csv"],
                     ["slots", "referral", "--explain", "--why-not"],
                     ["whoami", "--idempotency-key", "a b"],
                     ["whoami", "--profile", "../x"],
                     ["whoami", "--server", "http://x"],
                     ["--frob"], ["list", "--site", "a", "--site", "b"],
                     ["book", CODE, "--expert", "coronary-1"],
                     ["book", CODE, "--after", "5"],
                     ["book", CODE, "--patient", "-"],
                     ["book", CODE, "--at", "today 9:00", "--site", "a"],
                     ["book", "clinic-slot"], ["book", "no-kind"],
                     ["book", "no-kind", "--at", "today 9:00"],
                     ["hold", "clinic-slot"],
                     ["slots", "referral", "--before", "-5"],
                     ["admin", "invite"], ["admin", "invite", "--name", "x"],
                     ["admin", "invite", "--user", "user-1", "--name", "x"],
                     ["admin", "invite", "--name", "x", "--role", "king"],
                     ["admin", "invite", "--user", "user-1", "--hours", "0"],
                     ["admin", "revoke", "user-1"], ["admin", "token"],
                     ["admin", "revoke", "site-1", "--reason", "x"],
                     ["admin", "revoke", "user-", "--reason", "x"],
                     ["admin", "revoke", "user-1/x", "--reason", "x"],
                     ["admin", "token", "--name", "x", "--scope", "read,all"],
                     ["admin", "token", "--name", "x", "--scope", ""],
                     ["admin", "users", "--status", "open"],
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
                    [TOOL.encode(),
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
        self.assertIn("there is no profile \"nobody\"; there are: default, "
                      "mixed,", err)
        with tempfile.TemporaryDirectory() as home:
            err = self.fails(4, "whoami", env={"XDG_CONFIG_HOME": home})
        self.assertIn("not enrolled on this machine", err)

    def test_key_that_others_can_read(self):
        key = f"{WORLD.home}/teleconsult/default/identity.pem"
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
        self.assertIn("identity.pem", err)

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

    def test_one_connection_for_all(self):
        self.serve({f"POST /v1/bookings/{OTHER}/cancel": Answer(200, BOOKING)})
        self.ok("cancel", OTHER, "--reason", "fever")
        self.assertEqual([a.path for a in WORLD.server.asked],
                         ["/v1/whoami", f"/v1/bookings/{OTHER}/cancel"])
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
        self.assertIn("\n  --site: unknown\n  --specialty: not offered\n",
                      err)

    def test_a_single_wrong_field_is_one_line(self):
        for pointer, shown in (("/duration_minutes", "--duration"),
                               ("#expert", "--expert"), ("#cursor", "#cursor"),
                               ("/wanted/0/to", "/wanted/0/to"),
                               ("", "the message")):
            self.serve({"GET /v1/slots": problem(
                422, "invalid", "is wrong",
                errors=[{"pointer": pointer, "detail": "is wrong"}])})
            self.assertEqual(self.fails(2, "slots", "referral", "--tz", "UTC"),
                             f"teleconsult: {shown}: is wrong\n")

    def test_where_to_look_for_what_is_not_there(self):
        self.serve({})
        for words, tail in (
                (("cancel", CODE, "--reason", "x"),
                 f"; look with: teleconsult show {CODE}\n"),
                (("show", CODE), "; see what there is with: teleconsult list\n"),
                (("schedule", "nobody"), "there is no such thing\n")):
            self.assertTrue(self.fails(3, *words).endswith(tail), words)

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
                      "--modality", "CT", "--duration", "45", "--before",
                      "90", "--after", "0", "--language", "en",
                      "--language", "zh-Hant", "--surgeon", "liu-1", "--wanted",
                      "2026-12-02 14:00/17:00", "--wanted",
                      "2026-12-03/2026-12-04", "--agreement", "heart-centre",
                      "--patient", "-", stdin=json.dumps(patient))
        self.assertEqual(out, CODE + "\n")
        self.assertEqual(self.asked()[0].json(), {
            "kind": "imaging-consultation", "site": "liaoyang-central",
            "agreement": "heart-centre", "urgency": "urgent",
            "reason": "胸痛", "purpose": "plan", "specialty": "imaging",
            "expert": "echo-1", "title": "chief-physician", "modality": "CT",
            "languages": ["en", "zh-Hant"], "surgeon": "liu-1",
            "duration_minutes": 45, "before_minutes": 90,
            "after_minutes": 0, "patient": patient,
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

    def test_a_change_is_one_request(self):
        path = f"/v1/requests/{CODE}"
        for verb, words, body, status in (
                ("accept", ("--expert", "coronary-1", "--duration", "45"),
                 {"expert": "coronary-1", "duration_minutes": 45},
                 "accepted"),
                ("decline", ("--reason", "no"), {"reason": "no"}, "declined"),
                ("withdraw", ("--reason", "moved", "--reason-code", "transferred"),
                 {"reason": "moved", "reason_code": "transferred"},
                 "withdrawn")):
            with self.subTest(verb=verb):
                self.serve({f"POST {path}/{verb}": Answer(
                    200, {**REQUEST, "status": status})})
                out = self.ok(verb, CODE.lower().replace("-", ""), *words)
                self.assertTrue(out.startswith(f"{CODE} {status}"), out)
                post, = WORLD.server.asked
                self.assertEqual(post.headers["If-Match"], "*")
                self.assertEqual(post.json(), body)

    def test_stale(self):
        self.serve({f"POST /v1/requests/{CODE}/accept": problem(
            412, "stale-version", "version 8 is stored")})
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

    def test_show_an_operation(self):
        operation = {
            **BOOKING, "kind": "surgical-guidance", "before_minutes": 90,
            "after_minutes": 150, "patient": SHOWN["patient"], "claims": [
                {"subject": "coronary-1", "role": "expert",
                 "from": "2026-12-02T06:00:00Z", "to": "2026-12-02T06:30:00Z"},
                {"subject": "coronary-1", "role": "overrun",
                 "from": "2026-12-02T06:30:00Z", "to": "2026-12-02T07:00:00Z"},
                {"role": "patient", "from": "2026-12-02T04:30:00Z",
                 "to": "2026-12-02T09:00:00Z"}]}
        self.serve({f"GET /v1/bookings/{OTHER}": Answer(200, operation)})
        out = self.ok("show", OTHER, "--tz", "Asia/Kathmandu")
        self.assertRegex(out, "time +Wed 2026-12-02 11:45–12:15 Asia/Kathm")
        self.assertRegex(out, "operation +Wed 2026-12-02 10:15–14:45 Asia/K")
        self.assertRegex(out, "coronary-1 overrun +Wed 2026-12-02 12:15–12:45")
        self.assertRegex(out, "- +patient +Wed 2026-12-02 10:15–14:45")
        self.assertIn("王小明", out)
        self.serve({f"POST /v1/bookings/{OTHER}/cancel":
                    Answer(200, operation)})
        self.assertIn("; operation Wed 2026-12-02 12:30–17:00 Asia/Shanghai\n",
                      self.ok("cancel", OTHER, "--reason", "x"))

    def test_show_nothing(self):
        self.serve({})
        self.fails(3, "show", CODE)


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

    def test_slots_of_an_operation(self):
        longer = {**self.SLOT, "operation_from": "2026-12-02T04:30:00Z",
                  "operation_to": "2026-12-02T16:30:00Z"}
        self.serve({"GET /v1/slots": Answer(200, {"slots": [
            self.SLOT, longer]})})
        out = self.ok("slots", "surgical-guidance", "--title", "chief",
                      "--modality", "CT", "--language", "en", "--language",
                      "ru", "--surgeon", "liu-1", "--before", "90", "--after",
                      "600", "-n", "2")
        self.assertEqual(self.asked("GET")[-1].query,
                         "kind=surgical-guidance&title=chief&modality=CT"
                         "&languages=en&languages=ru&surgeon=liu-1"
                         "&before_minutes=90&after_minutes=600&n=2")
        self.assertRegex(out, r"TIME +OPERATION +EXPERT +NAME +WITH\n")
        self.assertRegex(out, "14:00–14:30 12:30–Thu 2026-12-03 00:30 +coron")
        self.serve({"GET /v1/slots": Answer(200, {"slots": [self.SLOT]})})
        self.assertNotIn("OPERATION", self.ok("slots", "surgical-guidance"))

    def test_why_not(self):
        self.serve({"GET /v1/slots": Answer(200, {"slots": [], "blockers": [
            {"subject": "coronary-1", "role": "expert",
             "reason": "seconded", "from": "2026-12-01T00:00:00Z",
             "to": "2026-12-05T00:00:00Z", "detail": "away"}]})})
        out = self.ok("slots", "--request", CODE, "--why-not")
        self.assertIn("No time is free:\n  coronary-1: seconded, ", out)
        self.assertIn("why_not=true", self.asked("GET")[-1].query)

    def test_book_says_why_this_one(self):
        fair = {"minutes": 750, "weeks": 4, "rank": 1, "of": 5,
                "detail": "12 h 30 min from 4 weeks ago on, the least of 5"}
        self.serve({"POST /v1/bookings": Answer(201, {**BOOKING,
                                                      "fair": fair})})
        out = self.ok("book", CODE, "--at", "2026-12-02 14:00")
        self.assertIn("\ncoronary-1 was chosen: 12 h 30 min from 4 weeks ago"
                      " on, the least of 5\n", out)
        slot = {**self.SLOT, "fair": fair}
        self.serve({"GET /v1/slots": Answer(200, {"slots": [slot]})})
        self.assertIn("1 of 5, 12.5 h", self.ok("slots", "referral"))

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

    def test_book_a_kind(self):
        patient = {"local_id": "1", "name": "n", "summary": "s"}
        self.serve({"POST /v1/bookings": Answer(201, BOOKING),
                    "POST /v1/holds": Answer(201, BOOKING)})
        for verb in ("book", "hold"):
            self.ok(verb, "clinic-slot", "--at", "2026-12-02 14:00", "--site",
                    "liaoyang-central", "--agreement", "heart-centre",
                    "--specialty", "coronary", "--title", "chief",
                    "--modality", "CT", "--language", "en", "--patient", "-",
                    stdin=json.dumps(patient))
        for asked in self.asked():
            self.assertEqual(asked.json(), {
                "kind": "clinic-slot", "at": "2026-12-02T06:00:00Z",
                "site": "liaoyang-central", "agreement": "heart-centre",
                "specialty": "coronary", "title": "chief", "modality": "CT",
                "languages": ["en"], "patient": patient})

    def test_a_patient_is_not_repeated(self):
        self.serve({"POST /v1/bookings": problem(
            409, "time-refused", "taken", nearest=[self.SLOT])})
        err = self.fails(1, "book", "onsite-procedure", "--at",
                         "2026-12-02 13:00", *PATIENT)
        self.assertEqual(err.splitlines()[-1],
                         "  teleconsult book onsite-procedure --at "
                         "2026-12-02T14:00:00+08:00 --expert coronary-1 "
                         "--patient FILE")

    def test_hold_and_confirm_and_release(self):
        held = {**BOOKING, "status": "pending",
                "hold_until": "2026-12-01T01:10:00Z"}
        path = f"/v1/bookings/{OTHER}"
        self.serve({"POST /v1/holds": Answer(201, held),
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
                         ["*", "*"])

    def test_book_a_request_without_a_time(self):
        self.serve({})
        err = self.fails(3, "book", CODE)
        self.assertIn(f"slots --request {CODE}", err)

    def test_move_and_cancel(self):
        path = f"/v1/bookings/{OTHER}"
        self.serve({f"POST {path}/move": Answer(200, BOOKING),
                    f"POST {path}/cancel": Answer(
                        200, {**BOOKING, "status": "cancelled"})})
        self.ok("move", OTHER, "--to", "2026-12-03T10:00:00+08:00",
                "--before", "60", "--after", "5")
        self.ok("cancel", OTHER, "--reason", "fever")
        move, cancel = self.asked()
        self.assertEqual(move.json(), {
            "at": "2026-12-03T02:00:00Z", "before_minutes": 60,
            "after_minutes": 5})
        self.assertEqual(cancel.json(), {"reason": "fever"})
        self.assertEqual(move.headers["If-Match"], "*")


class Admin(ClientTest):
    def test_a_clock_that_is_wrong_is_told(self):
        now = time.time()
        for ahead, told in ((0, None), (7230, "120 minutes ahead of"),
                            (-7230, "120 minutes behind")):
            server = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                   time.gmtime(now - ahead))
            self.serve({"GET /v1/whoami": Answer(200, {**ME, "now": server})})
            out = self.ok("whoami")
            self.assertEqual(told is not None, "clock" in out)
            self.assertIn(told or "", out)

    def test_whoami(self):
        self.serve({})
        out = self.ok("whoami")
        self.assertIn("辽阳市中心医院 (liaoyang-central)", out)
        self.assertEqual(json.loads(self.ok("whoami", "-o", "json")), ME)

    def test_import(self):
        report = {"dry_run": False,
                  "parts": [{"part": "sites", "created": 8, "changed": 0,
                             "unchanged": 0, "removed": 0}],
                  "changes": [], "orphaned": 0, "orphans": [],
                  "warnings": ["thoracic-study has ended"]}
        self.serve({"POST /v1/import": Answer(200, report)})
        path = os.path.join(ROOT, "examples", "liaoyang.json")
        out = self.ok("admin", "import", path)
        self.assertRegex(out, r"sites\s+8\s+0\s+0\s+0\n")
        self.assertIn("warning: thoracic-study has ended\n", out)
        with open(path, "rb") as f:
            self.assertEqual(self.asked()[0].body, f.read())
        self.fails(2, "admin", "import", "/nonexistent")

    def test_import_that_is_tried(self):
        orphan = {"booking": OTHER, "kind": "clinic-slot", "lead": "anzhen",
                  "expert": "coronary-1", "partner": "liaoyang-central",
                  "from": "2026-12-02T06:00:00Z", "to": "2026-12-02T06:30:00Z",
                  "blockers": [{"subject": "coronary-1", "reason": "leave",
                                "detail": "away"}, {"reason": "quota"}]}
        report = {"dry_run": True, "changes": [
            {"part": "experts", "id": "coronary-1", "change": "changed"}],
                  "parts": [{"part": "experts", "created": 2, "changed": 1,
                             "unchanged": 4, "removed": 0}],
                  "orphaned": 3, "orphans": [orphan], "warnings": []}
        self.serve({"POST /v1/import/dry-run": Answer(200, report)})
        out = self.ok("admin", "import", "--dry-run", "-", stdin="{}")
        for text in (r"changed +experts +coronary-1\n", r"experts +2 +1 +4 +0\n",
                     "3 changes, of which the first 1 are listed\n",
                     "would not be allowed any more, to be moved or "
                     "cancelled: 3 ",
                     rf"{OTHER} +Wed 2026-12-02 14:00–14:30 +clinic-slot "
                     r"+coronary-1 +liaoyang-central +coronary-1 +leave: away",
                     rf"{OTHER} .* agreement +quota\n", "and 2 more\n",
                     "\nNothing was stored: this was a dry run.\n$"):
            self.assertRegex(out, text)
        self.assertEqual(json.loads(self.ok("admin", "import", "-", "-o",
                                            "json", "--dry-run")), report)
        self.assertEqual(self.ok("admin", "import", "-", "--dry-run", "-o",
                                 "csv"), "part,id,change\r\n"
                         "experts,coronary-1,changed\r\n")

    def test_export(self):
        network = {"version": 1, "note": "周"}
        self.serve({"GET /v1/export": Answer(200, network)})
        self.assertEqual(json.loads(self.ok("admin", "export")), network)
        with tempfile.TemporaryDirectory() as where:
            path = f"{where}/network.json"
            self.assertRegex(self.ok("admin", "export", path),
                             rf"^\d+ bytes in {path}\n$")
            with open(path, encoding="utf-8") as f:
                self.assertEqual(json.load(f), network)
            self.fails(1, "admin", "export", path)
            self.assertEqual(os.listdir(where), ["network.json"])
        self.serve({"GET /v1/export": problem(403, "forbidden", "no")})
        self.fails(4, "admin", "export", "/nonexistent/x")

    def test_verify_log(self):
        good = {"ok": True, "events": 12, "epoch": "e1", "head": "ab",
                "opinions": 3, "opinions_bad": 0}
        bad = good | {"ok": False, "first_bad": 7, "detail": "hash differs"}
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
            [TOOL, "slots", "referral",
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
                [TOOL, "whoami"],
                stdout=full, stderr=subprocess.PIPE, text=True,
                env=self.environment(), cwd=ROOT, timeout=30)
        self.assertEqual(done.returncode, 6)
        self.assertIn("cannot be written", done.stderr)


if __name__ == "__main__":
    unittest.main()
