"""Nobody is left who could let anybody in: the machine's own administrator can.

teleconsultd invite, beside a database that no daemon has open.
"""
import os
import re
import subprocess
import unittest

import service


class LockedOut(unittest.TestCase):
    def setUp(self):
        self.service = service.Service().init()
        self.addCleanup(self.service.close)

    def invite(self, *words):
        return subprocess.run(
            [self.service.program("teleconsultd"), "invite", "--config",
             self.service.write_config(), *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60)

    def invitation(self, *words):
        ran = self.invite(*words)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return re.search(r"tci1_[0-9a-f]+", ran.stdout)[0]

    def test_another_administrator_comes_in(self):
        """With the right addresses, once, as a new one beside the lost."""
        self.service.options = {
            "listen": {"public_people": "localhost:1234",
                       "public_partners": "localhost:1235"}}
        text = self.invitation("--admin", "救急 (at the machine)")
        read = service.read_invitation(text)
        self.assertEqual((read.people, read.partners),
                         ("localhost:1234", "localhost:1235"))
        self.service.start()
        rescued = self.service.enroll("rescued", text)
        me = rescued.get("/v1/whoami").json
        self.assertEqual((me["role"], me["name"]),
                         ("administrator", "救急 (at the machine)"))
        report = rescued.post("/v1/log/verify").json
        self.assertTrue(report["ok"], report)
        with self.assertRaisesRegex(RuntimeError, "401|409|403|404"):
            self.service.enroll("again", text)
        lost = self.service.admin()
        self.assertEqual(lost.get("/v1/whoami").status, 200)

    def test_it_is_on_record(self):
        self.invitation()
        self.assertEqual(
            self.service.rows("SELECT actor, thing, verb, request_id FROM"
                              " event ORDER BY seq"),
            [("system", "invitation", "init", "init"),
             ("system", "invitation", "invite", "invite")])
        self.assertEqual(
            self.service.rows("SELECT count(*) FROM invitation"
                              " WHERE used_at IS NULL"), [(2,)])

    def test_not_beside_a_daemon(self):
        self.service.start()
        ran = self.invite()
        self.assertEqual((ran.returncode, ran.stdout), (69, ""), ran.stderr)
        self.assertEqual(len(ran.stderr.splitlines()), 1)

    def test_what_it_cannot_use(self):
        database = os.path.join(self.service.state, "teleconsult.db")
        for words in (["--admin", "two\nlines"], ["--admin", "n" * 65],
                      ["--admin", ""], ["--state", "x"]):
            self.assertEqual(self.invite(*words).returncode, 2, words)
        os.rename(database, database + ".gone")
        ran = self.invite()
        self.assertEqual((ran.returncode, os.path.exists(database)),
                         (66, False), ran.stderr)
        with open(database, "wb"):
            pass
        self.assertEqual(self.invite().returncode, 65)
        os.rename(self.service.ca, self.service.ca + ".gone")
        self.assertEqual(self.invite().returncode, 66)


if __name__ == "__main__":
    unittest.main()
