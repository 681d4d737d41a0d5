"""What earlier versions left behind: this daemon opens it, and everything is
there as it was seen then. The archives in tests/data/upgrade are what
tests/tools/upgrade-state.py made with those versions."""
import contextlib
import glob
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time

from clock import Clock
from service import ROOT, Identity, Service, mark_backup, rows_of
from test_boot import CONFIG, DENIED, LATER, Case
from test_faults import Disk
from way import EXPERT, request_body, rfc3339, shanghai, utc

DATA = os.path.join(ROOT, "tests", "data", "upgrade")
SCHEMAS = range(1, 7)
PAPERS = {"reason", "purpose", "patient"}


class Rig(Case):
    def setUp(self):
        super().setUp()
        self.base = self.service.folder

    def old(self, schema):
        """A state directory as that version left it, killed."""
        folder = os.path.join(self.base, f"old-{schema}")
        shutil.rmtree(folder, ignore_errors=True)
        with tarfile.open(f"{DATA}/schema-{schema}.tar.xz") as tar:
            tar.extractall(folder)
        self.people_folder = os.path.join(folder, "people")
        with open(f"{folder}/seen.json", encoding="utf-8") as f:
            self.seen = json.load(f)
        # Soon after: what falls due by itself has not.
        service = Service({"daemon": {"log_level": "info"}}, folder=folder,
                          clock=True)
        service.clock = Clock(service.clock.path,
                              utc(self.seen["made"]) + 60)
        os.chmod(os.path.join(service.state, "field.key"), 0o400)
        self.addCleanup(service.close)
        self.service = service
        return service

    def identities(self):
        return {os.path.basename(p)[:-4]: Identity(
            os.path.basename(p)[:-4], p, p[:-4] + ".key")
            for p in glob.glob(self.people_folder + "/*.pem")}

    def people(self):
        return {name: self.service.client(identity)
                for name, identity in self.identities().items()}

    def schema(self):
        return rows_of(self.service.database,
                       "SELECT value FROM meta WHERE name = 'schema'")[0][0]

    def content(self):
        """What is stored, as the chain and the things have it."""
        return [rows_of(self.service.database, sql) for sql in (
            "SELECT seq, hash FROM event ORDER BY seq",
            "SELECT id, code, status FROM request ORDER BY id",
            "SELECT id, code, status, start FROM booking ORDER BY id"
            if self.has("booking", "start") else
            "SELECT id, code, status FROM booking ORDER BY id",
            "SELECT count(*) FROM claim",
            "SELECT key, body_hash FROM idempotency ORDER BY key")]

    def has(self, table, column):
        return rows_of(self.service.database, "SELECT count(*) FROM"
                       " pragma_table_info(?) WHERE name = ?", table,
                       column)[0][0] > 0


class Upgraded(Rig):
    maxDiff = None

    def each(self, run):
        for schema in SCHEMAS:
            with self.subTest(schema=schema):
                self.old(schema)
                run()

    def test_there_is_one_of_every_earlier_schema(self):
        with Service() as now:
            now.init()
            here, = now.rows("SELECT value FROM meta WHERE name = 'schema'")
        self.assertEqual(list(SCHEMAS), list(range(1, int(here[0]))))
        self.assertEqual(sorted(os.listdir(DATA)),
                         [f"schema-{n}.tar.xz" for n in SCHEMAS])
        for schema in SCHEMAS:
            self.old(schema)
            self.assertEqual(self.schema(), str(schema))

    def test_everything_is_shown_as_before(self):
        self.each(self.shown_as_before)

    def shown_as_before(self):
        self.service.start()
        people = self.people()
        checked = 0
        for key, before in self.seen["shown"].items():
            name, path = key.split(" ")
            answer = people[name].get(path, limit=100) \
                if isinstance(before, list) else people[name].get(path)
            self.assertEqual(answer.status, 200, f"{key}: {answer}")
            now = answer.json["items"] if isinstance(before, list) \
                else answer.json
            self.same(key, before, now)
            checked += 1
        self.assertGreater(checked, 50)
        self.assertEqual(self.service.stop(), 0)

    def held(self):
        """The bookings that were but held when it was made."""
        return {b["code"] for value in self.seen["shown"].values()
                for b in (value if isinstance(value, list) else [value])
                if b.get("status") == "pending"}

    def same(self, at, before, now):
        """All that was said is said still; more may be. A hold that was left
        has lapsed since."""
        if isinstance(before, dict):
            lapsed = (before.get("status") == "pending" and
                      now.get("status") == "lapsed") or (
                before.get("booking") in self.held() and
                "booking" not in now)
            for name, value in before.items():
                # Auditors are shown no patient and no papers any more.
                if at.startswith("auditor ") and name in PAPERS and \
                        name not in now:
                    continue
                if name == "now" or (lapsed and name in (
                        "status", "version", "claims", "history",
                        "hold_until", "booking")):
                    continue
                self.assertIn(name, now, at)
                self.same(f"{at}/{name}", value, now[name])
        elif isinstance(before, list):
            self.assertGreaterEqual(len(now), len(before), at)
            if before and isinstance(before[0], dict) and "seq" in before[0]:
                # A request's story has that of its bookings, too.
                known = {value["seq"] for value in before}
                now = [value for value in now if value["seq"] in known]
            # The newest stand at the end of a history, nothing before it.
            for i, value in enumerate(before):
                self.same(f"{at}/{i}", value, now[i])
        else:
            self.assertEqual(now, before, at)

    def test_the_log_goes_on(self):
        self.each(self.log_goes_on)

    def log_goes_on(self):
        before = rows_of(self.service.database,
                         "SELECT seq, hash FROM event ORDER BY seq")
        self.assertEqual(before[-1][1].hex(), self.seen["log"]["head"])
        self.service.start()
        keeper = self.people()["keeper"]
        log = keeper.post("/v1/log/verify").json
        self.assertTrue(log["ok"], log)
        self.assertGreaterEqual(log["events"], len(before))
        self.assertEqual(log["epoch"], self.seen["log"]["epoch"])
        self.service.stop()
        after = self.service.rows("SELECT seq, hash FROM event ORDER BY seq")
        self.assertEqual(after[:len(before)], before)
        self.assertEqual(self.service.rows("PRAGMA integrity_check"),
                         [("ok",)])
        self.assertEqual(self.service.rows("PRAGMA foreign_key_check"), [])

    def test_people_go_on_with_it(self):
        self.each(self.people_go_on)

    def people_go_on(self):
        """Their certificates, their bookings, and new ones."""
        self.service.start()
        people = self.people()
        one, lead = people["one"], people["lead"]
        shown = self.seen["shown"]
        booked = [b for b in shown["one /v1/bookings"]
                  if b["status"] == "booked"]
        free = [b for b in shown["one /v1/bookings"]
                if b["status"] == "cancelled"]
        self.assertTrue(free)
        asked = one.post("/v1/requests", request_body("liaoyang-central"))
        self.assertEqual(asked.status, 201, asked)
        code = asked.json["code"]
        accepted = lead.post(f"/v1/requests/{code}/accept",
                             {"expert": EXPERT}, match=asked.etag)
        self.assertEqual(accepted.status, 200, accepted)
        if booked:  # until that day is over
            refused = one.post("/v1/bookings", {
                "request": code, "expert": EXPERT, "at": booked[0]["from"]})
            self.assertEqual((refused.status, refused.code),
                             (409, "time-refused"), refused)
            moved = one.get(f"/v1/bookings/{booked[0]['code']}")
            done = one.post(f"/v1/bookings/{booked[0]['code']}/cancel",
                            {"reason": "x"}, match=moved.etag)
            self.assertEqual(done.status, 200, done)
            at = booked[0]["from"]
        else:
            at = rfc3339(shanghai(0, "08:00", 3))
        done = one.post("/v1/bookings", {"request": code, "expert": EXPERT,
                                         "at": at})
        self.assertEqual(done.status, 201, done)
        # Others see of it what they may.
        self.assertEqual(people["stranger"].get(
            f"/v1/requests/{code}").status, 404)
        self.assertEqual(people["auditor"].get("/v1/whoami").status, 200)
        self.assertEqual(self.service.stop(), 0)

    def test_a_repeat_gets_its_first_answer(self):
        """As long as keys are kept, which is three days: later the rows are
        there until the service forgets them."""
        for schema in SCHEMAS:
            self.old(schema)
            made = [k for k in self.seen["keys"] if k["status"] == 201]
            self.service.start()
            people = self.people()
            for used in made:
                answer = people[used["who"]].post(
                    used["path"], used["body"], key=used["key"])
                self.assertEqual((answer.status, answer.body.decode()),
                                 (used["status"], used["answer"]))
            self.service.stop()
            stored = {row[0] for row in self.service.rows(
                "SELECT key FROM idempotency")}
            self.assertLessEqual({k["key"] for k in made}, stored)

    def test_a_request_is_its_bookings_expert_s(self):
        """Whom it was accepted for may have lost it to another since."""
        for schema in range(1, 5):  # the fifth knows both
            self.old(schema)
            with contextlib.closing(sqlite3.connect(
                    self.service.database)) as db:
                other, = db.execute("SELECT max(subject) FROM expert"
                                    ).fetchone()
                db.execute("UPDATE request SET expert = ?", (other,))
                db.commit()
            self.service.start()
            self.service.stop()
            rows = self.service.rows(
                "SELECT r.expert, r.unbooked_expert, b.expert FROM request r"
                " LEFT JOIN booking b ON b.request = r.id AND b.status IN"
                " ('booked', 'arrived', 'started', 'fulfilled')")
            self.assertIn(True, [row[2] is not None for row in rows])
            for expert, unbooked, booked in rows:
                self.assertEqual(
                    (expert, unbooked),
                    (booked, other) if booked else (other, None))

    def test_an_old_backup_is_restored(self):
        """The file of an old version, into what this one made of it."""
        for schema in SCHEMAS:
            self.old(schema)
            path = os.path.join(self.service.folder, "it.db")
            for suffix in ("", "-wal"):
                shutil.copy(self.service.database + suffix, path + suffix)
            with contextlib.closing(sqlite3.connect(path)) as db:
                db.execute("PRAGMA journal_mode = DELETE")
            mark_backup(path)
            self.service.start()
            self.service.stop()
            ran = self.run_program("restore", "--state", self.service.state,
                                   "--from", path)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertIn(f"brought from schema {schema} to", ran.stdout)
            self.service.start()
            self.assertTrue(self.people()["keeper"].post(
                "/v1/log/verify").json["ok"])
            self.service.stop()

    def test_check_says_what_a_start_will_do(self):
        for schema in SCHEMAS:
            self.old(schema)
            ran = self.run_program("--check", "--config",
                                   self.service.write_config())
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertRegex(ran.stderr, f"warning: .*from schema {schema} to")
            self.assertEqual(self.schema(), str(schema))


class Interrupted(Rig):
    def test_killed_in_the_middle(self):
        """Again and again, at moments of a start that are drawn."""
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print("SEED", seed)
        draw = random.Random(seed)
        for schema in SCHEMAS:
            for _ in range(8):
                self.old(schema)
                before = self.content()
                for _ in range(3):
                    process = subprocess.Popen(
                        [self.service.program("teleconsultd"), "--config",
                         self.service.write_config()],
                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL)
                    time.sleep(draw.random() * 0.06)
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                    self.assertEqual(rows_of(self.service.database,
                                             "PRAGMA integrity_check"),
                                     [("ok",)])
                    self.assertEqual(self.content()[0][:len(before[0])],
                                     before[0])
                self.service.start()
                self.assertTrue(self.people()["keeper"].post(
                    "/v1/log/verify").json["ok"])
                self.service.stop()
                after = self.content()
                self.assertEqual(after[1], before[1])
                self.assertEqual(after[4], before[4])

    def test_of_a_newer_program(self):
        """Refused, and not touched."""
        self.old(1)
        with contextlib.closing(sqlite3.connect(
                self.service.database)) as db:
            db.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
            db.commit()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(self.service.database, "rb") as f:
            before = f.read()
        self.start_refused(CONFIG, "newer teleconsultd .*schema 99")
        with open(self.service.database, "rb") as f:
            self.assertEqual(f.read(), before)

    def test_with_another_key(self):
        """Before anything is changed with it."""
        for schema in SCHEMAS:
            self.old(schema)
            key = os.path.join(self.service.state, "field.key")
            os.chmod(key, 0o600)
            with open(key, "w", encoding="ascii") as f:
                f.write("ab" * 32 + "\n")
            before = self.content()
            self.start_refused(DENIED, "not the field key")
            self.assertEqual(self.schema(), str(schema))
            self.assertEqual(self.content(), before)

    def test_a_full_disk(self):
        """The old schema stays in force, and the next start goes on."""
        for schema in SCHEMAS:
            self.old(schema)
            before = self.content()
            disk = Disk(self.service.state,
                        os.path.join(self.service.folder, "aside"))
            try:
                self.full(disk, schema, before)
            finally:
                self.service.stop()
                disk.close()

    def full(self, disk, schema, before):
        for room in (0, 4096, 8192):
            disk.fill()
            os.truncate(disk.path("ballast"), os.path.getsize(
                disk.path("ballast")) - room)
            ran = subprocess.run(
                [*disk.wrapper, self.service.program("teleconsultd"),
                 "--config", self.service.write_config()],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=30)
            self.assertEqual(ran.returncode, LATER, ran.stderr)
            self.assertRegex(ran.stderr, "full|No space")
            disk.free()
            self.assertEqual(rows_of(
                disk.path("teleconsult.db"),
                "SELECT value FROM meta WHERE name = 'schema'"),
                [(str(schema),)])
            self.assertEqual(rows_of(
                disk.path("teleconsult.db"),
                "SELECT seq, hash FROM event ORDER BY seq"), before[0])
        self.service.start(wrapper=disk.wrapper)
        self.assertTrue(self.people()["keeper"].post(
            "/v1/log/verify").json["ok"])
