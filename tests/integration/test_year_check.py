"""What a year is held against (tests/e2e/year_check.py, year_probe.py) is shown
what must never be: a small network's database, each time with one thing wrong
in it, and answers that nobody may be given. Each must be seen, by its number.
"""
import contextlib
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import unittest

from service import Answer, LIAOYANG, ROOT, Service

sys.path.append(os.path.join(ROOT, "tests", "e2e"))
import year_check  # noqa: E402
import year_probe  # noqa: E402
from year_world import (CANARY, Calendar, read, rfc3339,  # noqa: E402
                        seconds, utc)
from datetime import date  # noqa: E402

BEGIN = utc(date(2025, 1, 6), 7)
DAY = 86400
DOCTOR = "coronary-1"
HELD = "(SELECT id FROM booking WHERE status = 'pending')"
BOOKED = "(SELECT min(id) FROM booking WHERE status = 'booked')"
LAST = "(SELECT max(seq) FROM event)"
# What is wrong -> how it came to be, and the number that it breaks.
WRONG = {
    "one expert twice at once": (1, """
        INSERT INTO claim SELECT subject, from_time + 60, to_time + 60,
            (SELECT max(id) FROM booking WHERE status = 'booked'), 'guest',
            hold_until, place, session FROM claim WHERE role = 'expert'
            AND booking = """ + BOOKED),
    "a booking that is lost": (2, "DELETE FROM booking WHERE id = " + BOOKED),
    "another status than was told": (2, "UPDATE request SET status ="
                                     " 'accepted'"),
    "no time left of what is booked": (2, "DELETE FROM claim WHERE booking = "
                                       + BOOKED),
    "a hold that does not lapse": (4, "UPDATE booking SET hold_until = 1"
                                   " WHERE id = " + HELD),
    "a record that is gone": (7, "DELETE FROM event WHERE seq = 4"),
    "a record that was rewritten": (7, "UPDATE event SET hash = zeroblob(32)"
                                    f" WHERE seq = {LAST} - 1"),
    "a change without a record": (7, "UPDATE booking SET version = version + 1"
                                  " WHERE id = " + BOOKED),
    "a state without a record": (7, "UPDATE request SET status = 'declined'"),
    "an hour late": (8, "UPDATE booking SET from_time = from_time + 28800,"
                     " to_time = to_time + 28800 WHERE id = " + BOOKED),
    "another day": (8, "UPDATE booking SET from_time = from_time + 86400,"
                    " to_time = to_time + 86400 WHERE id = " + BOOKED),
}


def answer(status, body):
    return Answer("GET", "/", status, {}, body.encode())


class Doctored(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        # Who is somewhere else for months is not judged by rules at home.
        cls.network = {**read(LIAOYANG), "secondments": []}
        cls.folder = tempfile.mkdtemp(prefix="teleconsult-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.told = {}
        with Service(clock=BEGIN) as service:
            service.init().start()
            service.load(json.dumps(cls.network).encode())
            cls.act(service.person("one", "site-coordinator",
                                   "liaoyang-central"))
            service.stop()
            cls.now = service.now()
            cls.file = os.path.join(cls.folder, "whole")
            shutil.copy(service.database, cls.file)

    @classmethod
    def keep(cls, thing, said):
        if said.status not in (200, 201):
            raise AssertionError(repr(said))
        cls.told[thing, said.json["code"].replace("-", "")] = \
            said.json["status"]

    @classmethod
    def act(cls, one):
        slots = one.get("/v1/slots", kind="clinic-slot", expert=DOCTOR, n=3,
                        from_=rfc3339(BEGIN), to=rfc3339(BEGIN + 7 * DAY))
        for n, slot in enumerate(slots.json["slots"]):
            cls.keep("booking", one.post(
                "/v1/" + ("bookings", "bookings", "holds")[n], {
                    "kind": "clinic-slot", "expert": DOCTOR,
                    "at": slot["from"], "patient": {
                        "local_id": f"C-{n}", "name": f"{CANARY} {n}"}}))
        cls.keep("request", one.post("/v1/requests", {
            "kind": "remote-consultation", "site": "liaoyang-central",
            "specialty": "coronary", "reason": "pain", "purpose": "advice",
            "patient": {"local_id": "C-9", "name": CANARY,
                        "summary": "stable"}}))

    def judged(self, *statements, told=None):
        """What the day's judge says of it: its lines' numbers."""
        path = os.path.join(self.folder, "doctored")
        shutil.copy(self.file, path)
        with contextlib.closing(sqlite3.connect(path)) as db:
            # The database itself would refuse it.
            for name, in db.execute("SELECT name FROM sqlite_master"
                                    " WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                self.assertNotEqual(db.execute(statement).rowcount, 0,
                                    statement)
            db.commit()
        day = year_check.Day(path, self.network,
                             Calendar(self.network["calendars"]["cn"]))
        lines = day.look(BEGIN, self.now, self.told if told is None else told)
        self.assertGreater(day.looked["within rules"], 0)
        return {int(re.match(r"\d+", line)[0]) for line in lines}

    def test_nothing_is_wrong(self):
        self.assertEqual(self.judged(), set())

    def test_what_is_wrong_is_seen(self):
        for what, (number, statement) in WRONG.items():
            with self.subTest(what):
                self.assertIn(number, self.judged(statement))

    def test_what_nobody_was_told_of(self):
        for one in self.told:
            told = {k: v for k, v in self.told.items() if k != one}
            self.assertIn(9, self.judged(told=told))

    def test_a_patient_in_a_file_or_the_log(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        log, database = (os.path.join(folder, n) for n in ("log", "db"))
        looks = year_check.Canaries(log, database)

        def say(path, text):
            with open(path, "a", encoding="utf-8") as f:
                f.write(text)
        with contextlib.closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("CREATE TABLE t (x)")
            say(log, "started\n")
            self.assertEqual(looks.look(), [])
            say(log, f"name={CANARY} 7\n")
            self.assertEqual(looks.look(), ["10: a patient stands in the log"])
            self.assertEqual(looks.look(), [])
            for _ in range(2):
                db.execute("INSERT INTO t VALUES (?)", (f"{CANARY} 7",))
                db.commit()
                self.assertEqual(len(looks.look()), 1)
                self.assertEqual(looks.look(), [])
            # What is written next begins at the beginning again.
            db.execute("PRAGMA wal_checkpoint(RESTART)")
            db.execute("INSERT INTO t VALUES (?)", ("nobody" * 2000,))
            db.commit()
            looks.look()
            self.assertEqual(looks.look(), [])
        self.assertEqual(len(year_check.canaries(folder)), 2)
        whole = os.path.join(folder, "whole")
        say(whole, "x" * ((1 << 22) - 3) + CANARY)
        self.assertTrue(year_check.has_canary(whole))
        self.assertFalse(year_check.has_canary(self.file))


class Answers(unittest.TestCase):

    def test_strangers(self):
        absent = answer(404, '{"code": "not-found", "request_id": "1"}')
        for said, lines in (
                (answer(404, '{"code": "not-found", "request_id": "2"}'), 0),
                (answer(404, '{"code": "not-found", "detail": "no"}'), 1),
                (answer(403, '{"code": "not-found"}'), 1),
                (answer(200, '{"partner": "b", "lead": "c", "code": "X"}'),
                 1),
                (answer(200, '{"partner": "a", "lead": "c", "code": "X"}'),
                 0)):
            self.assertEqual(len(year_probe.of_a_stranger(
                "a", "booking", said, absent)), lines, said)

    def test_lists_and_plans(self):
        rows = [{"partner": "a", "lead": "c", "code": "1"},
                {"partner": "b", "lead": "c", "code": "2"}]
        self.assertEqual(year_probe.of_lists("a", "booking", rows),
                         ["5: a is shown the booking 2"])
        span = {"from": "1", "to": "2"}
        for entry, lines in ((span, 0), ({**span, "role": "buffer"}, 0),
                             ({**span, **rows[0]}, 0),
                             ({**span, **rows[1]}, 1),
                             ({**span, "kind": "clinic-slot"}, 1),
                             ({**span, "role": "expert"}, 1)):
            self.assertEqual(len(year_probe.of_a_plan("a", [entry])), lines,
                             entry)

    def test_refusals(self):
        wanted = [("busy", DOCTOR), ("busy", "patient")]
        one = '{"reason": "busy", "subject": "coronary-1"}'
        both = one + ', {"reason": "busy", "subject": "patient"}'
        for status, blockers, nearest, lines in (
                (409, both, "[1]", 0), (409, one, "[1]", 1),
                (409, both, "[]", 1), (201, both, "[1]", 1)):
            said = answer(status, f'{{"blockers": [{blockers}],'
                          f' "nearest": {nearest}}}')
            self.assertEqual(len(year_probe.of_a_refusal(said, wanted)),
                             lines, said)


if __name__ == "__main__":
    unittest.main()
