#!/usr/bin/python3
"""What can be typed next: asked of the tool, and typed in real shells.

usage: run.py BUILD test_client_complete
"""
import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fakeserver import Answer, problem  # noqa: E402
from toolrig import (BOOKING, CODE, OTHER, REQUEST, TOOL,  # noqa: E402
                     ClientTest, World)

EXPERTS = {"items": [
    {"id": "coronary-1", "name": "冠心病专家", "site": "anzhen",
     "type": "expert"},
    {"id": "coronary-2", "name": "second\u202e", "site": "anzhen",
     "type": "expert"}]}
SITES = {"items": [{"id": "anzhen", "name": "安贞"},
                   {"id": "liaoyang-central", "name": "辽阳"}]}
ROOMS = {"items": [{"id": "anzhen/studio-1", "name": "a", "site": "anzhen",
                    "type": "studio"},
                   {"id": "anzhen/studio-2", "name": "b", "site": "anzhen",
                    "type": "studio"}]}
USER = {"id": "user-12", "name": "前台", "role": "auditor", "status": "live",
        "made_at": "2026-12-01T00:00:00Z"}
INVITATION = {**USER, "id": "invitation-5", "status": "open",
              "not_after": "2026-12-04T00:00:00Z"}
ROUTES = {
    "GET /v1/requests": Answer(200, {"items": [
        REQUEST, {**REQUEST, "code": "J0EH-N457", "status": "declined"}]}),
    "GET /v1/bookings": Answer(200, {"items": [BOOKING]}),
    "GET /v1/experts": Answer(200, EXPERTS),
    "GET /v1/sites": Answer(200, SITES),
    "GET /v1/resources": Answer(200, ROOMS),
    "GET /v1/users": Answer(200, {"users": [USER]}),
    "GET /v1/invitations": Answer(200, {"invitations": [INVITATION]}),
}


def setUpModule():
    global WORLD
    WORLD = ClientTest.world = World()


def tearDownModule():
    WORLD.close()


class Asked(ClientTest):
    """The tool's own answers."""

    def setUp(self):
        self.serve(ROUTES)

    def lines(self, *words, **more):
        out = self.ok("__complete", *words, **more)
        return dict((line.split("\t") + [""])[:2]
                    for line in out.splitlines())

    def offers(self, wanted, *words, **more):
        self.assertEqual(set(self.lines(*words, **more)), set(wanted), words)

    def test_commands(self):
        top = self.lines("")
        self.assertIn("submit", top)
        self.assertIn("enroll", top)
        self.assertEqual(list(top).count("admin"), 1)
        self.assertNotIn("__complete", top)
        self.assertEqual(top["whoami"], "who your certificate stands for")
        self.assertLessEqual({"import", "invite", "users", "revoke"},
                             set(self.lines("admin", "")))
        self.offers({"invite", "invitations"}, "admin", "inv")
        self.offers({"whoami"}, "--tz", "UTC", "-ojson", "who")
        self.offers(set(), "frob", "")
        self.offers(set(), "admin", "frob", "")
        self.offers(set(), "whoami", "")

    def test_every_command_is_offered(self):
        names = re.findall(r"^  ([a-z-]+(?: [a-z-]+)?)  ", self.ok("--help"),
                           re.M)
        self.assertGreater(len(names), 20)
        for name in names:
            *first, last = name.split()
            self.assertIn(last, self.lines(*first, last[:2]), name)

    def test_options(self):
        self.offers({"--status", "--site", "--server"}, "list", "--s")
        self.offers({"--server"}, "--serv")
        self.assertIn("--why-not", self.lines("slots", "-"))
        self.assertNotIn("--site", self.lines("list", "--site", "x", "--"))
        self.assertIn("--with", self.lines("slots", "--with", "a/b", "--"))
        self.assertNotIn("--why-not", self.lines("list", "--"))
        self.assertEqual(self.lines("list", "--kin")["--kind"],
                         "only of this kind")
        self.offers(set(), "list", "--", "--s")

    def test_words(self):
        self.assertIn("clinic-slot", self.lines("slots", ""))
        self.offers({"requests", "bookings", "sessions", "unresolved", "late",
                     "waitlist", "agreements", "offers"}, "list", "")
        self.assertIn("booked", self.lines("list", "bookings", "--status", ""))
        self.assertIn("declined", self.lines("list", "--status", ""))
        self.offers({"live", "ended", "revoked"}, "admin", "users",
                    "--status", "")
        self.offers({"open"}, "admin", "invitations", "--status", "o")
        self.offers({"auditor"}, "admin", "invite", "--role", "au")
        self.offers({"read", "requests"}, "admin", "token", "--scope", "re")
        self.offers({"emergency", "urgent", "routine"}, "submit",
                    "--urgency", "")
        self.offers({"json"}, "-o", "j")
        self.offers({"--output=json"}, "--output=j")
        self.offers({"Asia/Shanghai"}, "--tz", "Asia/Shang")
        self.offers({"tomorrow", "today", "tue", "thu"}, "list", "--from", "t")
        self.offers(set(), "submit", "--reason", "")
        self.offers({"default"}, "--profile", "def")
        self.assertEqual(WORLD.server.asked, [])

    def test_files(self):
        for words in (("admin", "import", ""), ("admin", "import", "ex"),
                      ("submit", "--patient", ""), ("admin", "export", "")):
            self.offers({":files"}, *words)

    def test_codes(self):
        self.offers({CODE}, "accept", "")
        self.assertEqual([(a.path, "status=submitted" in a.query)
                          for a in self.asked("GET")],
                         [("/v1/requests", True)])
        self.offers({CODE, "J0EH-N457", OTHER}, "show", "")
        self.offers({CODE}, "show", CODE[:2].lower())
        self.offers({OTHER}, "move", "")
        self.offers({OTHER}, "cancel", "4h")
        self.offers(set(), "release", "")
        self.offers({"referral", "remote-consultation", "remote-surgery"},
                    "book", "r")
        self.offers({CODE}, "slots", "--request", "")
        self.offers(set(), "show", CODE, "")
        self.assertEqual(self.lines("accept", "")[CODE],
                         "submitted remote-consultation, liaoyang-central")

    def test_ids(self):
        self.offers({"coronary-1", "coronary-2"}, "list", "--expert", "cor")
        self.assertIn("prefix=cor", self.asked("GET")[0].query)
        self.offers({"anzhen"}, "list", "--site", "anz")
        self.offers({"anzhen/studio-1", "anzhen/studio-2"}, "slots",
                    "referral", "--with", "anzhen/s")
        self.offers({"user-12", "invitation-5"}, "admin", "revoke", "")
        self.offers({"user-12"}, "admin", "invite", "--user", "")
        self.offers({"coronary-1", "coronary-2", "anzhen/studio-1",
                     "anzhen/studio-2", "anzhen", "liaoyang-central"},
                    "schedule", "")

    def test_a_name_obeys_no_terminal(self):
        help_text = self.lines("list", "--expert", "")["coronary-2"]
        self.assertEqual(help_text, "second\\u202e")

    def test_joined_words(self):
        self.offers({"--site=anzhen"}, "list", "--site=anz")
        self.offers({"anzhen"}, "list", "--site", "=", "anz")
        self.offers({"anzhen", "liaoyang-central"}, "list", "--site", "=")
        self.offers({OTHER}, "move", "--to", "2026-12-01T09", ":", "30", "")

    def test_who_asks(self):
        self.offers(set(), "--profile", "nobody", "accept", "")
        self.offers({CODE}, "--profile", "nobody", "--profile=default",
                    "accept", "")
        self.offers(set(), "accept", "", env={
            "TELECONSULT_PROFILE": "nobody"})

    def test_silence(self):
        hang = threading.Event()
        for answer in (Answer(drop=True), Answer(200, raw=b"{"),
                       problem(403, "forbidden", "no"),
                       problem(503, "busy", "x", {"Retry-After": "1"})):
            self.serve({"GET /v1/requests": answer})
            self.offers(set(), "accept", "")
        self.serve({"GET /v1/requests": lambda asked: hang.wait(20)})
        began = time.monotonic()
        self.offers(set(), "accept", "")
        self.assertLess(time.monotonic() - began, 5)
        hang.set()
        self.offers(set(), "accept", "", env={"XDG_CONFIG_HOME": "/nowhere"})

    def test_whatever_is_typed(self):
        for words in ([], ["="], ["=", "="], [":"], ["-"], ["--"], ["--="],
                      ["--", "--", ""], ["-o"], ["-ojson", "="],
                      ["x"] * 300, ["admin"] * 12 + [""], ["\x1b[31m"],
                      ["list", "--from", "=", "=", ":", "="]):
            self.lines(*words)


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self, argv, env, setup):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execvpe(argv[0], argv, env)
        self.send(setup + "\necho rea''dy\n")
        self.wait_for("ready")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern, wait_s=20):
        """Everything up to it."""
        text, end = "", time.monotonic() + wait_s
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    text += os.read(self.fd, 65536).decode("utf-8",
                                                           "replace")
                except OSError:
                    break
            if re.search(pattern, plain(text)):
                return plain(text)
        raise AssertionError(f"no {pattern!r} in {plain(text)!r}")

    def close(self):
        with contextlib.suppress(OSError):
            os.close(self.fd)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07|\r", "", text)


class Shells(ClientTest):
    """The same lines, typed with the tabulator."""

    TYPED = [("teleconsult whoa\t", "teleconsult whoami "),
             ("teleconsult admin impo\t", "teleconsult admin import "),
             ("teleconsult list --stat\t", "teleconsult list --status "),
             ("teleconsult list --status decl\t", "--status declined "),
             ("teleconsult accept 7\t", f"teleconsult accept {CODE} "),
             ("teleconsult slots clinic-slot --with anzhen/stu\t",
              "--with anzhen/studio-"),
             ("teleconsult list --site=anz\t", "--site=anzhen"),
             ("teleconsult book clin\t", "teleconsult book clinic-slot "),
             ("teleconsult admin import README.m\t", "import README.md ")]

    def setUp(self):
        self.serve(ROUTES)
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)

    def env(self):
        return self.environment(
            HOME=self.tmp.name, TERM="dumb", LANG="C.UTF-8", PS1="> ",
            PATH=os.path.dirname(TOOL) + ":" + os.environ["PATH"])

    def type_all(self, shell):
        try:
            for typed, completed in self.TYPED:
                shell.send(typed)
                with self.subTest(typed=typed):
                    shell.wait_for(re.escape(completed))
                shell.send("\x15")  # the line is thrown away
            shell.send("teleconsult admin invi\t\t\t")
            shell.wait_for("invitations +(--[^\n]*)?\n?|invitations")
        finally:
            shell.close()

    def test_bash(self):
        self.type_all(Shell(
            ["bash", "--norc", "--noprofile", "-i"], self.env(),
            "bind 'set enable-bracketed-paste off'; "
            "source client/completion/teleconsult.bash"))

    def test_zsh(self):
        self.type_all(Shell(
            ["zsh", "-f", "-i"], self.env(),
            "unsetopt zle_bracketed_paste prompt_cr; "
            "fpath=($PWD/client/completion $fpath); "
            "autoload -Uz compinit; compinit -u -D"))

    def test_they_are_installed(self):
        with tempfile.TemporaryDirectory() as where:
            mode = os.path.basename(os.path.dirname(TOOL))
            subprocess.run(["make", "-s", "install", f"DESTDIR={where}",
                            f"MODE={mode}"], cwd=ROOT, check=True,
                           capture_output=True)
            share = f"{where}/usr/share"
            for path in ("bash-completion/completions/teleconsult",
                         "zsh/vendor-completions/_teleconsult"):
                self.assertTrue(os.path.exists(f"{share}/{path}"), path)
