"""A hundred hospitals at once (tests/e2e/network.py), for a few seconds; and
its judge finds what it is there to find, once something is altered."""
import copy
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from service import BUILD, ROOT

E2E = os.path.join(ROOT, "tests", "e2e")
sys.path.insert(0, E2E)
import judge  # noqa: E402  (of tests/e2e)
import judge_network  # noqa: E402


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="teleconsult-network-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        # So many answers are of the same few sorts: they are not kept. And
        # so many processes are in the way of whatever runs beside.
        env = {k: v for k, v in os.environ.items() if k != "ANSWERS"}
        cls.ran = subprocess.run(
            ["nice", sys.executable, os.path.join(E2E, "network.py"), BUILD,
             "--seconds", "5", "--keep", cls.folder], env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=240, check=False)
        if cls.ran.returncode:
            raise AssertionError(cls.ran.stdout + cls.ran.stderr)
        cls.database, cls.rows, cls.said = judge.kept(cls.folder)
        cls.net = judge_network.kept(cls.folder)

    def setUp(self):
        self.mine, self.file = copy.deepcopy(self.rows), self.database
        self.network = copy.deepcopy(self.net)

    def bad(self):
        verdict = judge.Verdict()
        known = judge.judge_store(verdict, self.file, self.mine, self.said)
        judge_network.judge_all(verdict, self.file, self.network, self.mine,
                                known)
        return {check for check, against in verdict.checks.items() if against}

    def test_in_order(self):
        self.assertIn("100 sites", self.ran.stdout)
        self.assertEqual(self.bad(), set())

    def test_a_quota_that_is_smaller(self):
        for row in self.network["agreements"]:
            if "clinic-slot" in row["quota_per_month"]:
                row["quota_per_month"]["clinic-slot"] = 0
        bad = self.bad()
        self.assertIn("no quota is exceeded", bad)
        self.assertIn("none was at any time", bad)

    def test_sessions_that_begin_later(self):
        for row in self.network["availability"]:
            if "slot_minutes" in row:
                row["start"] = row["start"][:-1] + "4"
        self.assertIn("every place is one of its session", self.bad())

    def test_an_offer_that_was_none(self):
        row = next(r for r in self.mine if "offer" in r and
                   r["code"] == "time-refused")
        row["said"]["blockers"][0]["reason"] = "closed"
        self.assertEqual(self.bad(), {
            "what is offered is only lost to who is quicker"})

    def test_somebody_who_was_not_quicker(self):
        """Had they been offered it just now, nobody would have been."""
        for row in self.mine:
            if "offer" in row:
                row["offer"]["begin"] = row["end"]
        self.assertEqual(self.bad(), {
            "what is offered is only lost to who is quicker"})

    def test_a_lost_place(self):
        self.file = os.path.join(self.folder, "copy")
        shutil.copy(self.database, self.file)
        db = sqlite3.connect(self.file)
        with db:
            db.execute("DELETE FROM claim WHERE role = 'place'")
        db.close()
        self.assertEqual(self.bad(), {"every live booking has its claims"})


if __name__ == "__main__":
    unittest.main()
