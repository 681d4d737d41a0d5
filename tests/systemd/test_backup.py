"""Nightly copies by the installed units, and the way back from one."""
import os
import stat
import time

from unit import ETC, SOCKETS, UNIT, Booted, run, show, systemctl

HOME = "/var/lib/teleconsult-backup"
COPIES = os.path.join(HOME, "copies")
SERVICE, TIMER = "teleconsult-backup.service", "teleconsult-backup.timer"
KEPT = 30


class Backup(Booted):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        invitation = cls.service.invite(name="nightly backup",
                                        role="backup")
        run("runuser", "-u", "teleconsult-backup", "--", "env",
            f"HOME={HOME}", "teleconsult", "enroll", invitation)
        systemctl("enable", "--now", TIMER)

    def copies(self):
        return sorted(os.listdir(COPIES))

    def fetch(self):
        """The name of a new copy; they have a second of their own."""
        before = self.copies() if os.path.exists(COPIES) else []
        time.sleep(1)
        systemctl("start", SERVICE)
        (new,) = set(self.copies()) - set(before)
        return new

    def test_a_copy_a_night_and_thirty_are_kept(self):
        self.assertEqual(show("ActiveState", TIMER), "active")
        first = self.fetch()
        path = os.path.join(COPIES, first)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(run("stat", "-c", "%U", path).stdout.strip(),
                         "teleconsult-backup")
        self.assertEqual(stat.S_IMODE(os.stat(HOME).st_mode), 0o700)
        for day in range(1, KEPT + 3):
            with open(os.path.join(
                    COPIES, f"2020-01-{day:02}T023000.db"), "wb"):
                pass
        last = self.fetch()
        kept = self.copies()
        self.assertEqual(len(kept), KEPT)
        self.assertIn(first, kept)
        self.assertEqual(kept[-1], last)

    def test_without_the_service_nothing_old_goes(self):
        self.fetch()
        systemctl("stop", UNIT, *SOCKETS)
        self.addCleanup(self.service.start)
        before = self.copies()
        ran = systemctl("start", SERVICE, check=False)
        self.assertNotEqual(ran.returncode, 0)
        self.assertEqual(show("ActiveState", SERVICE), "failed")
        self.assertEqual(self.copies(), before)

    def test_a_copy_is_restored(self):
        """What was done since is gone; the service runs as before."""
        copy = os.path.join(COPIES, self.fetch())
        known = self.names()
        self.service.person("somebody", "administrator").close()
        self.assertIn("somebody", self.names())
        systemctl("stop", "teleconsultd*")
        self.assertEqual({show("ActiveState", unit)
                          for unit in (UNIT, *SOCKETS)}, {"inactive"})
        self.addCleanup(self.service.start)
        brought = f"{self.service.state}/restore.db"
        run("install", "-o", "teleconsult", "-m", "600", copy, brought)
        run("systemd-run", "--quiet", "--pipe", "--wait", "--collect",
            "-p", "User=teleconsult",
            "-p", f"LoadCredential=field-key:{ETC}/field.key",
            "teleconsultd", "restore", "--state", self.service.state,
            "--from", brought)
        os.unlink(brought)
        self.service.start()
        self.answers()
        self.assertEqual(self.names(), known)

    def names(self):
        admin = self.service.admin()
        answer = admin.get("/v1/users")
        admin.close()
        self.assertEqual(answer.status, 200, answer)
        return sorted(row["name"] for row in answer.json["users"])
