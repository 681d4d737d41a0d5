"""Starting and ending, under a systemd that was booted for it."""
import os
import signal
import sqlite3
import time

from service import wait_until
from unit import (ETC, SHARE, SOCKETS, UNIT, Booted, drop_in, listening_inode,
                  main_pid, messages, no_drop_in, reachable, run, show,
                  systemctl)


class Start(Booted):
    def test_active_means_that_the_writer_has_answered(self):
        """As long as nothing can be written it is never active."""
        systemctl("stop", UNIT)
        seen = set()
        with sqlite3.connect(self.service.database) as held:
            held.execute("BEGIN IMMEDIATE")
            systemctl("start", "--no-block", UNIT)
            end = time.monotonic() + 2.5
            while time.monotonic() < end:
                seen.add(self.state())
                time.sleep(0.02)
            held.rollback()
        self.assertIn(("activating", "start"), seen)
        self.assertNotIn("active", {active for active, _ in seen})
        self.await_active()
        self.answers()
        self.assertEqual(show("StatusText"), "Serving")

    def test_the_first_connection_starts_it(self):
        for port in self.service.ports.values():
            systemctl("stop", UNIT)
            self.assertEqual(main_pid(), 0)
            if port == self.service.ports["people"]:
                self.assertEqual(
                    self.service.anybody().get("/healthz").status, 200)
            self.answers()
            self.assertEqual(show("ActiveState"), "active")
            self.assertNotEqual(main_pid(), 0)

    def test_a_restart_keeps_the_sockets(self):
        pid = main_pid()
        before = [listening_inode(p) for p in self.service.ports.values()]
        self.assertNotIn(None, before)
        systemctl("restart", UNIT)
        self.assertNotEqual(main_pid(), pid)
        self.assertEqual(
            [listening_inode(p) for p in self.service.ports.values()], before)
        for unit in SOCKETS:
            self.assertEqual(show("ActiveState", unit), "active")
        self.answers()

    def test_a_stop_ends_in_order_and_soon(self):
        took = self.timed("stop", UNIT, *SOCKETS)
        self.assertLess(took, 5)
        self.assertEqual((show("ActiveState"), show("Result"),
                          show("ExecMainStatus")), ("inactive", "success",
                                                    "0"))
        for port in self.service.ports.values():
            self.assertFalse(reachable(port))
        self.service.start()
        self.answers()

    def test_killed_it_comes_back(self):
        for _ in range(2):
            pid = main_pid()
            os.kill(pid, signal.SIGKILL)
            self.await_new(pid)
            self.answers()

    def test_what_a_restart_cannot_mend_is_left_alone(self):
        back = self.configure("log_level = info", "log_level = loud")
        pid = main_pid()
        ran = systemctl("restart", UNIT, check=False)
        self.assertNotEqual(ran.returncode, 0)
        time.sleep(1.5)
        self.assertEqual((show("ActiveState"), show("ExecMainStatus"),
                          show("NRestarts")), ("failed", "78", "0"))
        self.assertRegex(messages()[-2], "teleconsultd.conf:[0-9]+: ")
        back()
        systemctl("restart", UNIT)
        self.assertNotEqual(main_pid(), pid)
        self.answers()

    def test_who_knocks_meanwhile_wears_nothing_out(self):
        """Connections do not start a broken service for ever. (In the time
        that is given here, however slow a start is.)"""
        drop_in("slow.conf", "[Socket]\nTriggerLimitIntervalSec=60s\n",
                SOCKETS[0])
        self.addCleanup(no_drop_in, "slow.conf", SOCKETS[0])
        systemctl("stop", UNIT, *SOCKETS)
        back = self.configure("log_level = info", "log_level = loud")
        systemctl("start", *SOCKETS)
        self.assertTrue(reachable(self.service.ports["partners"]))
        wait_until(lambda: show("Result", SOCKETS[0]) == "trigger-limit-hit",
                   50)
        self.assertFalse(reachable(self.service.ports["partners"]))
        back()
        systemctl("restart", UNIT)
        self.answers()

    def test_no_field_key(self):
        key = os.path.join(ETC, "field.key")
        os.rename(key, key + ".away")
        ran = systemctl("restart", UNIT, check=False)
        self.assertNotEqual(ran.returncode, 0)
        time.sleep(1.5)
        self.assertEqual((show("ActiveState"), show("ExecMainStatus"),
                          show("NRestarts")), ("failed", "243", "0"))
        os.rename(key + ".away", key)
        systemctl("restart", UNIT)
        self.answers()


class Variants(Booted):
    def test_its_own_sockets(self):
        systemctl("disable", "--now", *SOCKETS)
        ran = systemctl("restart", UNIT, check=False)
        self.assertNotEqual(ran.returncode, 0)
        self.assertRegex("\n".join(messages()[-3:]),
                         "cannot listen .*enable its socket unit")
        run("install", "-D", "-m", "644", "-t",
            f"/etc/systemd/system/{UNIT}.d", f"{SHARE}/own-sockets.conf")
        systemctl("daemon-reload")
        systemctl("restart", UNIT)
        for unit in SOCKETS:
            self.assertEqual(show("ActiveState", unit), "inactive")
        self.answers()
        systemctl("restart", UNIT)
        self.answers()
        systemctl("stop", UNIT)
        self.assertFalse(reachable(self.service.ports["partners"]))
        no_drop_in("own-sockets.conf")
        self.service.start()
        systemctl("enable", "--now", *SOCKETS)
        self.answers()

    def test_sealed_keys(self):
        names = {"field-key": f"{ETC}/field.key",
                 "ca-key": f"{self.service.state}/ca.key",
                 "tls-key": f"{self.service.state}/server.key"}
        for name, path in names.items():
            sealed = f"{ETC}/{name}.cred"
            run("systemd-creds", "encrypt", "--with-key=host",
                f"--name={name}", path, sealed)
            os.chmod(sealed, 0o600)
            os.rename(path, path + ".away")
        with open(f"{SHARE}/sealed-keys.conf", encoding="utf-8") as f:
            drop_in("sealed-keys.conf", f.read().replace("#Load", "Load"))
        systemctl("restart", UNIT)
        self.answers()
        self.service.person("somebody", "administrator").close()
        for path in names.values():
            os.rename(path + ".away", path)
        no_drop_in("sealed-keys.conf")
        systemctl("restart", UNIT)
        self.answers()

    def test_a_key_sealed_in_a_drop_in(self):
        key = os.path.join(ETC, "field.key")
        said = run("systemd-creds", "encrypt", "-p", "--with-key=host",
                   "--name=field-key", key, "-").stdout
        # It warns before where the machine's own key lies open on the disk.
        drop_in("key.conf", "[Service]\n" +
                said[said.index("SetCredentialEncrypted=field-key"):])
        os.rename(key, key + ".away")
        systemctl("restart", UNIT)
        self.answers()
        os.rename(key + ".away", key)
        no_drop_in("key.conf")
        systemctl("restart", UNIT)
        self.answers()
