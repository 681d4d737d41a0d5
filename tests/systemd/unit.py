"""The service as an administrator installs it, in the booted machine.

Machine is tests/integration's Service, but for its life: units instead of a
process, the usual paths and ports instead of a folder.
"""
import json
import os
import re
import socket
import subprocess
import time
import unittest

from service import Service, wait_until

UNIT = "teleconsultd.service"
SOCKETS = ("teleconsultd-partners.socket", "teleconsultd-people.socket")
ETC = "/etc/teleconsult"
SHARE = "/usr/share/teleconsult"
PORTS = {"partners": 8443, "people": 8444}


def run(*argv, check=True, wait_s=100):
    ran = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=wait_s, check=False)
    if check and ran.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {ran.stdout}")
    return ran


def systemctl(*args, check=True, **kwargs):
    ran = run("systemctl", *args, check=False, **kwargs)
    if check and ran.returncode:
        said = run("journalctl", "--no-pager", "-n", "20", "-o", "cat").stdout
        raise RuntimeError(f"systemctl {' '.join(args)}: {ran.stdout}{said}")
    return ran


def show(name, unit=UNIT):
    """One property of a unit."""
    return systemctl("show", "--value", "-p", name, unit).stdout.strip()


def main_pid():
    return int(show("MainPID"))


def journal_end():
    """A place in the journal: what is there now is before it."""
    run("journalctl", "--sync")
    said = run("journalctl", "-q", "-n", "1", "-o", "json").stdout
    return json.loads(said)["__CURSOR"]


def journal(after=None):
    """What the daemon logged, oldest first, as systemd stores it."""
    run("journalctl", "--sync")
    said = run("journalctl", "--no-pager", "-q", "-o", "json", "-u", UNIT,
               "_COMM=teleconsultd",
               *([f"--after-cursor={after}"] if after else [])).stdout
    return [json.loads(line) for line in said.splitlines()]


def messages(after=None):
    return [row["MESSAGE"] for row in journal(after)]


def drop_ins(unit):
    return f"/etc/systemd/system/{unit}.d"


def drop_in(name, text, unit=UNIT):
    os.makedirs(drop_ins(unit), exist_ok=True)
    with open(os.path.join(drop_ins(unit), name), "w",
              encoding="utf-8") as f:
        f.write(text)
    systemctl("daemon-reload")


def no_drop_in(name, unit=UNIT):
    os.unlink(os.path.join(drop_ins(unit), name))
    systemctl("daemon-reload")


def threads(pid, name):
    """The ids of the process's threads of that name."""
    found = []
    for tid in sorted(map(int, os.listdir(f"/proc/{pid}/task"))):
        with open(f"/proc/{pid}/task/{tid}/comm", encoding="utf-8") as f:
            if f.read().strip() == name:
                found.append(tid)
    return found


def listening_inode(port):
    """Of the socket that listens there; None when there is none."""
    for table in ("tcp", "tcp6"):
        with open(f"/proc/net/{table}", encoding="ascii") as f:
            for line in f.readlines()[1:]:
                row = line.split()
                if row[3] == "0A" and int(row[1].split(":")[1], 16) == port:
                    return int(row[9])
    return None


def reachable(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    except ConnectionRefusedError:
        return False


class Machine(Service):
    def __init__(self):
        super().__init__()
        self.state = "/var/lib/teleconsult"
        self.ports = dict(PORTS)
        self.first = None                  # the administrator, once enrolled

    def program(self, name):
        return {"teleconsultd": "/usr/sbin/teleconsultd"}.get(
            name, os.path.join("/usr/bin", name))

    def init(self):
        """Word by word as teleconsultd(8) has it."""
        run("systemd-sysusers")
        run("systemd-tmpfiles", "--create", check=False)
        said = run(self.program("teleconsultd"), "init", "--state",
                   self.state, "--name", self.NAME, "--host", "localhost")
        self.invitation = re.search("tci1_[0-9a-f]+", said.stdout)[0]
        for name in ("teleconsultd.conf", "field.key"):
            run("mv", os.path.join(self.state, name), ETC)
        return self

    def start(self, wrapper=(), wait_s=60):
        systemctl("enable", "--now", UNIT, wait_s=wait_s)
        return self

    def admin(self):
        if self.first is None:
            with_invitation = self.enroll("admin", self.invitation)
            with_invitation.close()
            self.first = with_invitation.identity
        return self.client(self.first)

    def stop(self):
        systemctl("stop", UNIT, *SOCKETS)

    def alive(self):
        return show("ActiveState") == "active"

    def log(self):
        return "\n".join(messages())


class Booted(unittest.TestCase):
    """All classes of a boot share the one service, and leave it as they found
    it."""

    @classmethod
    def setUpClass(cls):
        if not hasattr(Booted, "service"):
            Booted.service = Machine().init()
        cls.service.start()

    def configure(self, old, new):
        """Changes one line until the test ends; answers how to change it back
        before."""
        path = os.path.join(ETC, "teleconsultd.conf")
        with open(path, encoding="utf-8") as f:
            before = f.read()
        self.assertIn(old, before)

        def put(text):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        put(before.replace(old, new))
        self.addCleanup(put, before)
        return lambda: put(before)

    def state(self):
        return show("ActiveState"), show("SubState")

    def await_active(self, wait_s=30):
        wait_until(lambda: show("ActiveState") == "active", wait_s)

    def answers(self):
        """The service does its work: a stranger's and an administrator's."""
        anybody, admin = self.service.anybody(), self.service.admin()
        try:
            self.assertEqual(anybody.get("/healthz").status, 200)
            self.assertEqual(admin.get("/readyz").status, 200)
        finally:
            anybody.close()
            admin.close()

    def await_new(self, pid, wait_s=30):
        """Another process serves; answers its id."""
        wait_until(lambda: main_pid() not in (0, pid) and
                   show("ActiveState") == "active", wait_s)
        return main_pid()

    def timed(self, *argv):
        begun = time.monotonic()
        systemctl(*argv)
        return time.monotonic() - begun
