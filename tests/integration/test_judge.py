"""The judge of tests/e2e/fight.py finds what it is there to find: a fight that
was in order is held against files and histories that were altered afterwards."""
import contextlib
import copy
import io
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


class Judge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for _ in range(10):
            cls.fight()
            if cls.leaves_a_booking():
                return
        raise AssertionError("no fight left a booking to alter")

    @classmethod
    def fight(cls):
        cls.folder = tempfile.mkdtemp(prefix="teleconsult-judge-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        ran = subprocess.run(
            [sys.executable, os.path.join(E2E, "fight.py"), BUILD,
             "--seconds", "3", "--clients", "16", "--keep", cls.folder],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False)
        if ran.returncode:
            raise AssertionError(ran.stdout + ran.stderr)
        cls.database, cls.rows, cls.said = judge.kept(cls.folder)

    @classmethod
    def leaves_a_booking(cls):
        """Chance may have cancelled every one in the end."""
        with contextlib.closing(sqlite3.connect(cls.database)) as db:
            return db.execute("SELECT EXISTS (SELECT 1 FROM booking b JOIN"
                              " claim c ON c.booking = b.id WHERE b.status ="
                              " 'booked')").fetchone()[0]

    def setUp(self):
        self.copy = os.path.join(self.folder, "copy.db")
        shutil.copy(self.database, self.copy)
        self.mine = copy.deepcopy(self.rows)

    def alter(self, sql):
        """As somebody would who has the file: no trigger is in the way."""
        with contextlib.closing(sqlite3.connect(self.copy)) as db, db:
            for name, in db.execute("SELECT name FROM sqlite_schema"
                                    " WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            self.assertGreater(db.execute(sql).rowcount, 0, sql)

    def bad(self):
        verdict = judge.judge(self.copy, self.mine, self.said)
        with contextlib.redirect_stdout(io.StringIO()):
            code = verdict.end()
        bad = {check for check, against in verdict.checks.items() if against}
        self.assertEqual(code, 1 if bad else 0)
        return bad

    def found(self, check, sql=None):
        if sql:
            self.alter(sql)
        self.assertIn(check, self.bad())

    def good(self, op):
        return next(r for r in self.mine
                    if r["op"] == op and r["status"] < 300)

    def test_in_order(self):
        self.assertEqual(self.bad(), set())

    def test_a_lost_booking(self):
        self.alter("DELETE FROM claim WHERE booking = (SELECT max(id)"
                   " FROM booking WHERE status = 'booked')")
        self.found("every booking is as answered last",
                   "DELETE FROM booking WHERE id = (SELECT max(id)"
                   " FROM booking WHERE status = 'booked')")

    def test_a_booking_at_another_time(self):
        self.found("every booking is as answered last",
                   "UPDATE booking SET to_time = to_time + 60"
                   " WHERE id = (SELECT max(id) FROM booking)")

    def test_a_lost_claim(self):
        self.found("every live booking has its claims",
                   "DELETE FROM claim WHERE role = 'lead-studio' AND booking"
                   " IN (SELECT id FROM booking WHERE status = 'booked')")

    def test_a_claim_of_nobody(self):
        self.found("every claim is of a live booking",
                   "UPDATE booking SET status = 'cancelled'"
                   " WHERE status = 'booked'")

    def test_claims_that_overlap(self):
        self.found("no claims overlap beyond the capacity",
                   "UPDATE claim SET from_time = from_time - 36000,"
                   " to_time = to_time + 36000 WHERE role = 'expert'")

    def test_an_event_that_is_altered_or_gone(self):
        for sql in ("UPDATE event SET at = at + 1 WHERE seq = 40",
                    "DELETE FROM event WHERE seq = 40",
                    "DELETE FROM event WHERE seq ="
                    " (SELECT max(seq) FROM event)",
                    "UPDATE event SET body = x'00' WHERE body IS NOT NULL"):
            with self.subTest(sql=sql):
                self.setUp()
                self.found("the chain is whole", sql)

    def test_a_change_twice(self):
        self.mine.append(copy.deepcopy(self.good("book")))
        bad = self.bad()
        self.assertIn("no version was told twice", bad)
        self.assertIn("one event for one change", bad)

    def test_a_change_that_nobody_was_told(self):
        self.mine.remove(self.good("cancel"))
        self.found("one event for one change")

    def test_a_request_made_twice(self):
        self.mine.append(copy.deepcopy(self.good("submit")))
        self.found("requests go with their bookings")

    def test_two_at_once_that_came_and_went(self):
        """Nothing of it is left in the file; the histories tell."""
        row = next(
            r for r in self.mine if r["op"] == "book" and r["status"] < 300)
        other = copy.deepcopy(row)
        other["said"]["code"] = "ZZZZZZZZ"
        self.mine.append(other)
        self.found("no two were surely there at once")

    def test_a_refusal_without_reason_or_times(self):
        for name in ("blockers", "nearest"):
            with self.subTest(name=name):
                self.setUp()
                row = next(r for r in self.mine
                           if r["code"] == "time-refused")
                row["said"][name] = []
                self.found("every refusal has reasons and times")

    def test_a_reason_that_was_none(self):
        for row in self.mine:
            for blocker in row["said"].get("blockers", []):
                if blocker["reason"] == "busy":
                    blocker["from"] = "2040-01-01T00:00:00Z"
                    blocker["to"] = "2040-01-01T01:00:00Z"
        self.found("every reason was one")


if __name__ == "__main__":
    unittest.main()
