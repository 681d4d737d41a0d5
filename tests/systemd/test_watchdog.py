"""Threads that hang, one at a time: the watchdog ends them all, and the
service comes back."""
import os
import signal
import time

import hold
from load import Wire
from service import wait_until
from unit import (UNIT, Booted, drop_in, journal_end, main_pid, messages,
                  no_drop_in, show, systemctl, threads)

WATCHDOG_S = 4


class Watchdog(Booted):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        drop_in("watchdog.conf", f"[Service]\nWatchdogSec={WATCHDOG_S}s\n")
        systemctl("restart", UNIT)
        cls.addClassCleanup(no_drop_in, "watchdog.conf")

    def ended_for(self, name, number=0):
        """Holds that thread until the process is gone; answers the seconds,
        and what was logged."""
        pid, before = main_pid(), journal_end()
        restarts = int(show("NRestarts"))
        tid = pid if name == "main" else threads(pid, name)[number]
        begun = time.monotonic()
        with hold.Held(tid) as held:
            wait_until(held.look, 5 * WATCHDOG_S)
            took = time.monotonic() - begun
        self.await_new(pid)
        self.answers()
        self.assertEqual(int(show("NRestarts")), restarts + 1)
        print(f"watchdog: {name} hung, ended after {took:.1f} s", flush=True)
        return took, "\n".join(messages(before))

    def test_the_writer(self):
        took, said = self.ended_for("writer")
        self.assertLess(took, 3 * WATCHDOG_S)
        self.assertIn("writer", said)

    def test_a_worker(self):
        took, said = self.ended_for("worker", -1)
        self.assertLess(took, 3 * WATCHDOG_S)
        self.assertIn("worker", said)

    def test_the_report_thread(self):
        took, said = self.ended_for("report")
        self.assertLess(took, 3 * WATCHDOG_S)
        self.assertIn("report", said)

    def test_the_main_thread(self):
        took, _ = self.ended_for("main")
        self.assertLess(took, 2 * WATCHDOG_S)

    def test_a_long_drain_is_no_hang(self):
        """An answer that comes later than the watchdog waits, while it stops.
        """
        admin = self.service.admin()
        wire = Wire(admin.port, admin.context)
        with hold.Held(threads(main_pid(), "writer")[0]):
            wire.sock.sendall(
                b"POST /v1/invitations HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 2\r\n"
                b"Idempotency-Key: a-long-drain\r\n\r\n{}")
            time.sleep(0.3)
            systemctl("stop", "--no-block", UNIT)
            time.sleep(1.5 * WATCHDOG_S)
            self.assertEqual(show("ActiveState"), "deactivating")
        wire.fill()
        self.assertRegex(wire.unread, b"^HTTP/1.1 422 .*\r\n")
        wire.close()
        wait_until(lambda: show("ActiveState") == "inactive", 10)
        self.assertEqual(show("Result"), "success")
        self.service.start()
        self.answers()

    def test_no_core_is_left(self):
        pid = main_pid()
        os.kill(pid, signal.SIGABRT)
        self.await_new(pid)
        for folder in ("/", "/var/lib/teleconsult", "/tmp"):
            self.assertFalse([n for n in os.listdir(folder)
                              if n.startswith("core")])
        self.answers()

    def test_who_is_well_is_left_alone(self):
        pid = main_pid()
        time.sleep(1.5 * WATCHDOG_S)
        self.assertEqual(main_pid(), pid)
