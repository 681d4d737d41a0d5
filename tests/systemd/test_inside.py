"""What the running service may do, who may see its keys, and its journal."""
import json
import os
import re
import shutil
import stat
import subprocess

from service import LIAOYANG, wait_until
from unit import (UNIT, Booted, journal, journal_end, listening_inode,
                  main_pid, run, show, systemctl)

HERE = os.path.dirname(os.path.abspath(__file__))
PROBE = "/usr/local/lib/teleconsult-probe.py"
NEEDED = {"write its state", "write its own /tmp", "read its field key",
          "open a Unix socket"}
CREDENTIALS = f"/run/credentials/{UNIT}"


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return {k: v.strip() for k, v in
                (line.split(":", 1) for line in f)}


class Inside(Booted):
    def probe(self):
        """What each try came to, under the settings of the installed unit."""
        shutil.copy(os.path.join(HERE, "probe.py"), PROBE)
        os.chmod(PROBE, 0o644)
        with open(f"/usr/lib/systemd/system/{UNIT}", encoding="utf-8") as f:
            text = f.read()
        for pattern, by in ((r"Type=notify", "Type=oneshot"),
                            (r"ExecStart=.*", f"ExecStart=/usr/bin/python3 "
                             f"{PROBE}"),
                            (r"ExecReload=.*\n", ""),
                            (r"Restart=.*", "Restart=no"),
                            (r"WatchdogSec=.*\n", ""),
                            (r"\[Install\](.*\n)*", "")):
            text, times = re.subn(pattern, by, text)
            self.assertEqual(times, 1, pattern)
        with open("/run/systemd/system/probe.service", "w",
                  encoding="utf-8") as f:
            f.write(text)
        systemctl("daemon-reload")
        systemctl("start", "probe.service")
        with open(os.path.join(self.service.state, "probed"),
                  encoding="ascii") as f:
            return json.load(f)

    def test_the_sandbox_holds(self):
        found = self.probe()
        print(f"sandbox: {len(found) - len(NEEDED)} things tried in vain",
              flush=True)
        self.assertEqual({n for n, got in found.items() if got == "done"},
                         NEEDED, found)
        self.assertFalse(os.path.exists("/tmp/probe"))

    def test_the_process_itself_is_in_it(self):
        pid = main_pid()
        status = status_of(pid)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]),
                         ("1", "2"))
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[name], 16), 0, name)
        self.assertNotIn("0", status["Uid"].split())
        for kind in ("net", "mnt", "user", "ipc"):
            self.assertNotEqual(os.readlink(f"/proc/{pid}/ns/{kind}"),
                                os.readlink(f"/proc/1/ns/{kind}"), kind)
        with open(f"/proc/{pid}/net/dev", encoding="ascii") as f:
            self.assertEqual([line.split(":")[0].strip()
                              for line in f.readlines()[2:]], ["lo"])
        with open(f"/proc/{pid}/limits", encoding="ascii") as f:
            (core,) = [x for x in f if x.startswith("Max core")]
        self.assertEqual(core.split()[4:6], ["0", "0"])
        # Not to be dumped: then its entries in /proc are root's.
        self.assertEqual(os.stat(f"/proc/{pid}/environ").st_uid, 0)
        held = {os.readlink(f"/proc/{pid}/fd/{fd}")
                for fd in os.listdir(f"/proc/{pid}/fd")}
        for port in self.service.ports.values():
            self.assertIn(f"socket:[{listening_inode(port)}]", held)

    def test_nobody_else_may_read_the_keys(self):
        with open("/etc/teleconsult/field.key", "rb") as f:
            key = f.read()
        with open(f"{CREDENTIALS}/field-key", "rb") as f:
            self.assertEqual(f.read(), key)
        for path in (f"{CREDENTIALS}/field-key", "/etc/teleconsult/field.key",
                     f"{self.service.state}/ca.key", self.service.database):
            ran = subprocess.run(["cat", path], user=65534, group=65534,
                                 extra_groups=[], capture_output=True,
                                 check=False)
            self.assertNotEqual(ran.returncode, 0, path)
            self.assertIn(b"Permission denied", ran.stderr, path)
            self.assertEqual(ran.stdout, b"")
        for path, mode in (("/etc/teleconsult/field.key", 0o600),
                           (self.service.state, 0o700),
                           (self.service.database, 0o600)):
            self.assertLessEqual(stat.S_IMODE(os.stat(path).st_mode), mode)
        owner = os.stat(self.service.database).st_uid
        self.assertEqual(run("id", "-nu", str(owner)).stdout.strip(),
                         "teleconsult")
        for path, _, names in os.walk(self.service.state):
            for name in names:
                self.assertEqual(os.stat(os.path.join(path, name)).st_uid,
                                 owner, name)

    def test_the_journal_has_priorities_and_no_patient(self):
        before = journal_end()
        systemctl("restart", UNIT)
        self.service.load(LIAOYANG)
        desk = self.service.person("desk", "site-coordinator",
                                   "liaoyang-central")
        name, number = "Canary Zhang-Wei", "CANARY-4711"
        answer = desk.post("/v1/requests", {
            "kind": "remote-consultation", "site": "liaoyang-central",
            "specialty": "coronary", "reason": "canary chest pain",
            "patient": {"local_id": number, "name": name,
                        "summary": "canary summary"}})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(desk.post("/v1/requests", {
            "kind": name, "patient": {"local_id": number}}).status, 422)
        self.assertEqual(desk.get("/v1/requests", site=number).status, 422)
        desk.close()
        back = self.configure("log_level = info", f"log_level = {name}")
        systemctl("reload", UNIT)
        wait_until(lambda: "reload failed" in show("StatusText"), 10)
        back()
        systemctl("reload", UNIT)
        wait_until(lambda: show("StatusText") == "Serving", 10)
        rows = journal(before)
        levels = {}
        for row in rows:
            self.assertRegex(row["MESSAGE"], r"^event=[a-z-]+( |$)")
            levels.setdefault(row["MESSAGE"].split()[0][6:], set()).add(
                row["PRIORITY"])
        self.assertEqual(levels["ready"], {"6"})
        self.assertEqual(levels["option-wrong"], {"3"})
        for row in rows:
            if "event=option-wrong" not in row["MESSAGE"]:
                self.assertNotRegex(json.dumps(row), "(?i)canary|4711")
