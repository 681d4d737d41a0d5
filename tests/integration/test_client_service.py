#!/usr/bin/python3
"""People with the real teleconsult at the real daemon: one story, in order.

usage: run.py BUILD test_client_service
"""
import csv
import io
import json
import os
import re
import shlex
import unittest

from hands import Hands
from service import LIAOYANG, Service

PATIENT = {"local_id": "住院 88421", "name": "王小明", "summary": "胸痛\n三小时"}


def setUpModule():
    global WORLD
    WORLD = World()


def tearDownModule():
    WORLD.close()


class World(Hands):
    """The daemon with a network, and a profile for everybody."""

    def __init__(self):
        super().__init__(Service().init().start())
        self.must("admin", "admin", "import", LIAOYANG)
        for profile, role, *more in (
                ("partner", "site-coordinator", "--site",
                 "liaoyang-central"),
                ("stranger", "site-coordinator", "--site", "cooperating-2"),
                ("lead", "lead-coordinator", "--site", "anzhen"),
                ("expert", "expert", "--site", "anzhen", "--expert",
                 "coronary-1"),
                ("auditor", "auditor", "--site", "anzhen")):
            self.person(profile, role, *more)

    def close(self):
        self.service.close()
        super().close()


class Story(unittest.TestCase):
    maxDiff = None

    def must(self, *args, **more):
        return WORLD.must(*args, **more)

    def document(self, profile, *args):
        return json.loads(self.must(profile, *args, "-o", "json"))

    def fails(self, code, profile, *args):
        ran = WORLD.run(profile, *args)
        self.assertEqual((ran.returncode, ran.stdout), (code, ""),
                         ran.stderr)
        self.assertTrue(ran.stderr.startswith("teleconsult: "), ran.stderr)
        return ran.stderr

    def submit(self, *more):
        return self.must("partner", "submit", "remote-consultation",
                         "--site", "liaoyang-central", "--reason", "胸痛待查",
                         "--specialty", "coronary", "--patient", "-", *more,
                         stdin=json.dumps(PATIENT)).strip()

    def accepted(self):
        code = self.submit()
        self.must("lead", "accept", code, "--expert", "coronary-1")
        return code

    def first_times(self, code, n):
        slots = self.document("lead", "slots", "--request", code, "-n",
                              str(n))["slots"]
        self.assertEqual(len(slots), n)
        return [s["from"] for s in slots]

    def test_everybody_is_known(self):
        for profile, role in (("partner", "site-coordinator"),
                              ("lead", "lead-coordinator"),
                              ("expert", "expert"), ("auditor", "auditor"),
                              ("admin", "administrator")):
            me = self.document(profile, "whoami")
            self.assertEqual(me["role"], role)
            self.assertIn(role, self.must(profile, "whoami"))

    def test_a_request_and_its_patient(self):
        code = self.submit("--urgency", "urgent", "--wanted",
                           "tomorrow 14:00/17:00")
        page = self.must("partner", "show", code)
        for text in (code, "urgent", "王小明", "住院 88421", "\n  三小时\n"):
            self.assertIn(text, page)
        self.assertIn(code, self.must("lead", "list", "--status",
                                      "submitted"))
        self.fails(3, "stranger", "show", code)
        self.assertNotIn(code, self.must("stranger", "list"))
        self.assertIn("declined", self.must("lead", "decline", code,
                                            "--reason", "no bed"))
        page = self.must("partner", "show", code)
        self.assertIn("no bed", page)
        self.assertNotIn("Read by", page)
        audited = self.must("auditor", "show", code)
        self.assertNotIn("no bed", audited)
        self.assertRegex(audited.split("\nRead by\n")[1],
                         r"read .*partner \(liaoyang-central\)")
        self.fails(1, "lead", "accept", code)

    def test_the_same_key_is_the_same_request(self):
        key = ("--idempotency-key", "story-1")
        self.assertEqual(self.submit(*key), self.submit(*key))

    def test_withdraw(self):
        code = self.submit()
        why = ("--reason", "transferred")
        self.fails(2, "partner", "withdraw", code)
        self.fails(4, "expert", "withdraw", code, *why)
        self.fails(3, "stranger", "withdraw", code, *why)
        self.assertIn("withdrawn", self.must("partner", "withdraw", code,
                                             *why))

    def test_who_may_not(self):
        self.fails(4, "expert", "submit", "remote-consultation", "--site",
                   "liaoyang-central", "--reason", "x", "--patient-id", "1",
                   "--patient-name", "n", "--summary", "s")
        self.fails(4, "partner", "admin", "import", LIAOYANG)
        self.fails(4, "partner", "admin", "verify-log")

    def test_a_time_that_is_refused_names_others(self):
        code = self.accepted()
        err = self.fails(1, "lead", "book", code, "--at", "tomorrow 3:00")
        rows = err.splitlines()
        self.assertTrue([r for r in rows if r.startswith("  coronary-1: ")],
                        err)
        pasted = [r for r in rows if r.startswith("  teleconsult book ")]
        self.assertTrue(pasted, err)
        out = self.must("lead", *shlex.split(pasted[0])[1:])
        booking = out.split()[0]
        self.assertIn("booked", out)
        self.assertIn(booking, self.must("partner", "show", code))
        self.must("partner", "cancel", booking, "--reason", "fever")

    def test_hold_confirm_move_cancel(self):
        code = self.accepted()
        first, *_, last = self.first_times(code, 12)
        held = self.must("lead", "hold", code, "--at", first, "--minutes",
                         "10")
        booking = held.split()[0]
        self.assertIn("pending", held)
        self.assertIn("held until", held)
        self.assertIn("booked", self.must("lead", "book", booking))
        self.assertIn("booked", self.must("partner", "move", booking, "--to",
                                          last))
        self.assertEqual(
            self.document("lead", "show", booking)["from"], last)
        day = self.must("expert", "schedule", "--day", "--from", last)
        self.assertIn(booking, day)
        week = self.must("expert", "schedule", "--week", "--from", last)
        self.assertIn("▌consult", week)
        self.assertIn(booking, week)
        self.assertIn("cancelled", self.must("lead", "cancel", booking,
                                             "--reason", "fever"))
        self.assertEqual(self.document("lead", "show", code)["status"],
                         "accepted")
        verbs = [e["verb"] for e in
                 self.document("lead", "show", booking)["history"]]
        self.assertEqual(verbs[-2:], ["move", "cancel"])

    def test_release(self):
        code = self.accepted()
        held = self.must("lead", "hold", code, "--at",
                         self.first_times(code, 1)[0])
        self.assertIn("released", self.must("lead", "release",
                                            held.split()[0]))

    def test_an_operation(self):
        code = self.must(
            "partner", "submit", "surgical-guidance", "--site",
            "liaoyang-central", "--reason", "left main", "--specialty",
            "coronary", "--duration", "60", "--before", "90", "--after", "150",
            "--surgeon", "chest-pain-1", "--patient", "-",
            stdin=json.dumps({**PATIENT, "local_id": "op"})).strip()
        self.must("lead", "accept", code, "--expert", "coronary-1")
        # the next Wednesday but one: nobody else books there
        day = self.must("lead", "slots", "--request", code, "-n", "100")
        at = re.findall(r"Wed (\S+ 09:30)–10:30 08:00–13:00", day)[0]
        out = self.must("lead", "book", code, "--at", at, "--with",
                        "liaoyang-central/or-2")
        self.assertIn("; operation Wed", out)
        booking = out.split()[0]
        page = self.must("partner", "show", booking)
        for row in ("or-2 +operating-room .*08:00–13:00",
                    "coronary-1 +expert .*09:30–10:30",
                    "coronary-1 +overrun .*10:30–", "chest-pain-1 +surgeon .*"
                    "08:00–13:00", "- +patient .*08:00–13:00"):
            self.assertRegex(page, row)
        for who, row in (
                ("coronary-1", r"09:30–10:30 surgical-guidance +liaoyang"),
                ("coronary-1", r"10:30–\d\d:\d\d reserve"),
                ("chest-pain-1", r"08:00–13:00 surgical-guidance +anzhen +b"),
                ("liaoyang-central/or-2", r"08:00–13:00 surgical-guidance "
                 r"+coronary-1 +anzhen +booked")):
            self.assertRegex(self.must("partner", "schedule", who, "--day",
                                       "--from", at), row)
        self.must("lead", "move", booking, "--to", at, "--after", "60")
        self.assertIn("08:00–11:30", self.must("lead", "show", booking))
        self.must("partner", "cancel", booking, "--reason", "fever")

    def test_a_place_in_a_clinic(self):
        slot = self.document("partner", "slots", "clinic-slot", "--expert",
                             "coronary-1", "-n", "1")["slots"][0]
        words = ("book", "clinic-slot", "--expert", "coronary-1", "--at",
                 slot["from"])
        out = self.must("partner", *words, "--patient", "-",
                        stdin=json.dumps(PATIENT))
        booking = out.split()[0]
        self.assertIn("王小明", self.must("partner", "show", booking))
        self.fails(3, "stranger", "show", booking)
        err = self.fails(1, "partner", *words, "--patient-id", "n", "--summary",
                         "secret", "--patient-name", "n")
        self.assertRegex(err, r"\n  teleconsult book clinic-slot --at \S+ "
                         r"--expert coronary-1 --patient FILE\n")
        self.assertNotIn("secret", err)
        self.assertIn(",clinic-slot,booked,", self.must(
            "partner", "list", "bookings", "-o", "csv"))
        self.must("partner", "cancel", booking, "--reason", "fever")

    def test_schedules_of_all_kinds(self):
        at = self.first_times(code := self.accepted(), 1)[0]
        booking = self.must("lead", "book", code, "--at", at).split()[0]
        for profile, who in (("lead", "coronary-1"),
                             ("lead", "anzhen/studio-1"), ("lead", "anzhen"),
                             ("partner", None), ("expert", None)):
            for span in (("--week", "--from", at), ("--day", "--from", at),
                         ("--from", at, "--to", at[:10])):
                words = ("schedule", *([who] if who else []), *span)
                with self.subTest(words=words):
                    self.assertIn(booking, self.must(profile, *words))
                    plan = self.document(profile, *words)
                    rows = list(csv.DictReader(io.StringIO(
                        self.must(profile, *words, "-o", "csv"))))
                    self.assertEqual(len(rows), len(plan["entries"]) +
                                     len(plan["open"]))
                    mine, = [r for r in rows if r["booking"] == booking and
                             r["what"] == "session"]
                    self.assertEqual(mine["expert"], "coronary-1")
        self.fails(3, "lead", "schedule", "nobody")
        self.must("partner", "cancel", booking, "--reason", "fever")

    def test_strangers_see_busy(self):
        at = self.first_times(code := self.accepted(), 1)[0]
        booking = self.must("lead", "book", code, "--at", at).split()[0]
        for form in ("table", "json", "csv"):
            out = self.must("stranger", "schedule", "coronary-1", "--day",
                            "--from", at, "-o", form)
            self.assertNotIn(booking, out)
            self.assertNotIn("liaoyang", out)
        self.assertIn(",busy,", out)
        self.must("partner", "cancel", booking, "--reason", "fever")

    def test_lists_go_over_pages(self):
        codes = {self.submit() for _ in range(5)}
        items = self.document("partner", "list")["items"]
        self.assertLessEqual(codes, {i["code"] for i in items})
        self.assertEqual(
            len(self.document("partner", "list", "-n", "3")["items"]), 3)
        self.assertNotIn("patient", json.dumps(items))

    def test_what_is_exported_changes_nothing(self):
        path = f"{WORLD.home}/network.json"
        self.must("admin", "admin", "export", path)
        text = self.must("admin", "admin", "import", "--dry-run", path)
        self.assertIn("Nothing was stored", text)
        self.assertNotIn("\nCHANGE", text)
        report = self.document("admin", "admin", "import", path)
        self.assertFalse(report["changes"], report)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(json.load(f),
                             self.document("admin", "admin", "export"))
        self.fails(4, "lead", "admin", "export")
        self.fails(4, "lead", "admin", "import", "--dry-run", path)

    def test_the_log_is_whole(self):
        self.assertIn("The log is whole", self.must("admin", "admin",
                                                    "verify-log"))

    def test_a_server_that_is_gone(self):
        other = Service().init().start()
        url = f"https://localhost:{other.ports['partners']}"
        err = self.fails(5, "lead", "whoami", "--server", url)
        self.assertIn("not from the CA of this profile", err)
        other.close()
        self.fails(5, "lead", "whoami", "--server", url)


if __name__ == "__main__":
    unittest.main()
