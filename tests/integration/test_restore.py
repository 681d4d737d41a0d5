"""A backup put in the place of the database: all of it and sound, or the old
one stays."""
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

from service import Service, mark_backup
from test_boot import (CONFIG, DAMAGED, DENIED, LATER, MISSING, NOBODY, TAKEN,
                       USAGE, Case)
from test_faults import Disk, People
from way import request_body


class Rig(Case):
    def setUp(self):
        super().setUp()
        self.service.init().start()
        self.service.load()
        self.people = People(self.service)
        self.file = os.path.join(self.service.folder, "it.db")

    def submit(self):
        answer = self.people.one.post("/v1/requests",
                                      request_body("liaoyang-central"))
        self.assertEqual(answer.status, 201, answer)
        return answer.json["code"]

    def requests(self):
        answer = self.people.one.get("/v1/requests", limit=100)
        self.assertEqual(answer.status, 200, answer)
        return {r["code"] for r in answer.json["items"]}

    def backup(self):
        answer = self.people.admin.post("/v1/backups")
        self.assertEqual(answer.status, 200, answer)
        with open(self.file, "wb") as f:
            f.write(answer.body)

    def log(self):
        answer = self.people.admin.post("/v1/log/verify").json
        self.assertTrue(answer["ok"], answer)
        return answer

    def start(self):
        self.service.start()
        self.people.again()

    def restore(self, *more, path=None, **kwargs):
        return self.run_program("restore", "--state", self.service.state,
                                "--from", path or self.file, *more, **kwargs)

    def must(self, *more, **kwargs):
        ran = self.restore(*more, **kwargs)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def kept(self):
        return [self.path(n) for n in sorted(os.listdir(self.service.state))
                if ".before-restore-" in n and not n.endswith("-shm")]

    def state(self):
        """The database with its log, as the daemon would find it."""
        found = {}
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError), \
                    open(self.service.database + suffix, "rb") as f:
                found[suffix] = f.read()
        return found

    def leftovers(self):
        return [n for n in os.listdir(self.service.state)
                if ".restore" in n]

    def fails(self, code, said, path=None, *more, **kwargs):
        before = self.state()
        self.refused(self.restore(*more, path=path, **kwargs), code, said)
        self.assertEqual(self.state(), before)
        self.assertEqual((self.kept(), self.leftovers()), ([], []))


class Restored(Rig):
    def test_as_it_was_then(self):
        then = {self.submit() for _ in range(5)}
        before = self.log()
        self.backup()
        copied = before["events"] + 1  # and that a backup was asked for
        later = {self.submit() for _ in range(3)}
        self.assertEqual(self.requests(), then | later)
        self.service.stop()
        said = self.must()
        self.assertIn(f"{copied} events", said)
        # The three, and that the backup was made.
        self.assertIn("lost with it are the 4 events", said)
        kept, = self.kept()
        self.assertIn(kept, said)
        self.assertEqual(self.leftovers(), [])
        self.assertEqual(os.stat(self.service.database).st_mode & 0o777,
                         0o600)
        self.start()
        self.assertEqual(self.requests(), then)
        after = self.log()
        self.assertEqual(after["events"], copied + 1)
        self.assertNotEqual(after["epoch"], before["epoch"])
        self.submit()
        self.service.stop()
        self.assertEqual(self.service.rows(
            "SELECT actor, verb, thing FROM event WHERE seq = ?",
            after["events"]), [("system", "restore", "database")])
        # What was kept is whole, and a restore of it undoes this one.
        self.assertNotIn("without its hash", said)
        said = self.must(path=kept)
        self.assertIn("look at all of them", said)
        self.assertIn("no later state", said)
        self.start()
        self.assertEqual(self.requests(), then | later)
        self.assertEqual(len(self.kept()), 2)

    def test_killed_before_it_nothing_is_missing_in_what_is_kept(self):
        self.backup()
        later = {self.submit() for _ in range(3)}
        self.service.kill()
        self.assertGreater(os.path.getsize(self.service.database + "-wal"), 0)
        self.must()
        kept, = self.kept()
        with contextlib.closing(sqlite3.connect(kept)) as db:
            codes = {row[0] for row in db.execute("SELECT code FROM request")}
        self.assertEqual(codes, {c.replace("-", "") for c in later})
        self.start()
        self.assertEqual(self.requests(), set())

    def test_who_was_revoked_since_is_named(self):
        self.backup()
        users = self.people.admin.get("/v1/users", limit=100)
        two, = [u for u in users.json["users"] if u["name"] == "two"]
        gone = self.people.admin.post(f"/v1/users/{two['id']}/revoke",
                                       {"reason": "left"})
        self.assertEqual(gone.status, 200, gone)
        self.service.stop()
        said = self.must()
        self.assertIn("1 of them revoked somebody", said)
        self.assertNotIn("certificate", said)
        self.start()
        self.assertEqual(self.people.two.get("/v1/whoami").status, 200)

    def user(self, name):
        users = self.people.admin.get("/v1/users", limit=100)
        found, = [u for u in users.json["users"] if u["name"] == name]
        return found["id"]

    def test_invitations_that_may_have_been_used_since_are_closed(self):
        used = self.service.invite(name="late", role="auditor",
                                   site="liaoyang-central")
        waits = self.service.invite(name="waits", role="administrator")
        back = self.people.admin.post("/v1/invitations", {
            "name": "nobody", "role": "administrator"}).json["id"]
        self.people.admin.post(f"/v1/invitations/{back}/revoke",
                               {"reason": "a mistake"})
        self.backup()
        self.service.enroll("late", used).close()
        self.people.admin.post(f"/v1/users/{self.user('late')}/revoke",
                               {"reason": "left"})
        self.service.stop()
        said = self.must()
        self.assertIn("2 invitations that were open in it are closed", said)
        self.assertIn("1 of them revoked somebody", said)
        self.assertIn("1 of them gave somebody a certificate", said)
        self.start()
        for text in (used, waits):
            with self.assertRaisesRegex(RuntimeError, "not good"):
                self.service.enroll("late", text)
        listed = self.people.admin.get("/v1/invitations").json["invitations"]
        self.assertNotIn("open", {v["status"] for v in listed})
        self.assertIn("used", {v["status"] for v in listed})
        self.log()
        self.service.person("new", "administrator").close()

    def test_replaced_certificates_are_told(self):
        """A lost computer has its access again; nobody must miss that."""
        self.backup()
        lost = self.people.two
        again = self.service.enroll("two", self.service.invite(
            user=self.user("two")))
        self.assertEqual(again.get("/v1/whoami").status, 200)
        self.assertNotEqual(lost.get("/v1/whoami").status, 200)
        _, csr = self.service.order("somebody")
        renewed = self.people.one.post("/v1/certificate", {"csr": csr})
        self.assertEqual(renewed.status, 200, renewed)
        again.close()
        self.service.stop()
        said = self.must()
        self.assertIn("2 of them gave somebody a certificate", said)
        self.assertIn("the older one is let in again", said)
        self.assertNotIn("revoked somebody", said)
        self.assertNotIn("are closed", said)
        self.start()
        self.assertEqual(self.people.two.get("/v1/whoami").status, 200)

    def test_nothing_was_there(self):
        """Of the machine there is the backup, and the keys."""
        code = self.submit()
        self.backup()
        self.service.stop()
        for name in os.listdir(self.service.state):
            if name.startswith("teleconsult.db"):
                os.unlink(self.path(name))
        said = self.must()
        self.assertIn("no database before", said)
        self.assertEqual(self.kept(), [])
        self.start()
        self.assertEqual(self.requests(), {code})

    def test_the_old_one_cannot_be_read(self):
        code = self.submit()
        self.backup()
        self.service.kill()
        for suffix in ("", "-wal"):
            with open(self.service.database + suffix, "r+b") as f:
                f.write(b"\xee" * 8192)
        wrecked = self.state()
        said = self.must()
        self.assertIn("could not be read", said)
        self.assertIn("look at all of them", said)
        kept = {p: open(p, "rb").read() for p in self.kept()}
        self.assertEqual(sorted(kept.values()), sorted(
            v for v in wrecked.values() if v))
        self.start()
        self.assertEqual(self.requests(), {code})

    def test_the_old_one_is_empty_or_short(self):
        code = self.submit()
        self.backup()
        self.service.stop()
        for size in (0, 100):
            os.truncate(self.service.database, size)
            self.assertIn("could not be read", self.must())
            self.start()
            self.assertEqual(self.requests(), {code})
            self.service.stop()
            time.sleep(1.1)  # the name has the second

    def test_as_the_owner_of_the_state(self):
        if not NOBODY:
            return
        code = self.submit()
        self.backup()
        self.service.stop()
        for folder, _, names in os.walk(self.service.state):
            os.chown(folder, 65534, 65534)
            for name in names:
                os.chown(os.path.join(folder, name), 65534, 65534)
        os.chmod(self.service.folder, 0o711)
        self.must()
        for name in os.listdir(self.service.state):
            self.assertEqual(os.stat(self.path(name)).st_uid, 65534, name)
        self.start()
        self.assertEqual(self.requests(), {code})


class Refused(Rig):
    def setUp(self):
        super().setUp()
        for _ in range(10):
            self.submit()
        self.backup()
        self.submit()

    def changed(self, statement):
        """The backup, after somebody has worked on it past its guards,
        with a hash of their own."""
        path = os.path.join(self.service.folder, "changed.db")
        shutil.copy(self.file, path)
        os.truncate(path, os.path.getsize(path) - 92)
        with contextlib.closing(sqlite3.connect(path)) as db:
            guards = db.execute("SELECT name, sql FROM sqlite_schema"
                                " WHERE type = 'trigger' AND tbl_name ="
                                " 'event'").fetchall()
            for name, _ in guards:
                db.execute(f"DROP TRIGGER {name}")
            db.execute(statement)
            for _, sql in guards:
                db.execute(sql)
            db.commit()
        mark_backup(path)
        return path

    def test_while_the_daemon_runs(self):
        ran = self.restore()
        self.refused(ran, TAKEN, "in use by process")
        self.assertEqual(self.kept(), [])
        self.submit()

    def test_usage(self):
        self.service.stop()
        for args, said in (((), "--state"), (("--state", "x"), "--from"),
                           (("--from", "x"), "--state"),
                           (("--check",), "not for restore")):
            self.refused(self.run_program("restore", *args), USAGE, said)
        self.fails(MISSING, "No such file", "/no/such/file")
        self.refused(self.run_program("restore", "--state", "/no/such",
                                      "--from", self.file), MISSING,
                     "cannot find /no")

    def test_what_is_no_file(self):
        self.service.stop()
        folder = self.service.folder
        os.symlink(self.file, f"{folder}/link")
        os.mkfifo(f"{folder}/pipe")
        self.fails(CONFIG, "symbolic link", f"{folder}/link")
        self.fails(CONFIG, "no regular file", f"{folder}/pipe")
        self.fails(CONFIG, "no regular file", self.service.state)
        self.fails(CONFIG, "no regular file", "/dev/zero")

    def test_what_is_no_database_of_ours(self):
        self.service.stop()
        folder = self.service.folder
        for name, content in (("empty", b""), ("text", b"hello " * 5000),
                              ("zeros", bytes(65536)),
                              ("head", b"SQLite format 3\0" + bytes(4080))):
            path = os.path.join(folder, name)
            with open(path, "wb") as f:
                f.write(content)
            self.fails(DAMAGED, "does not end in its own hash", path)
            mark_backup(path)
            self.fails(DAMAGED, "cannot be restored", path)
        other = os.path.join(folder, "other.db")
        with contextlib.closing(sqlite3.connect(other)) as db:
            db.execute("CREATE TABLE t (a)")
            db.commit()
        mark_backup(other)
        self.fails(DAMAGED, "another program", other)
        nothing = os.path.join(folder, "nothing.db")
        with contextlib.closing(sqlite3.connect(nothing)) as db:
            db.execute("VACUUM")
        mark_backup(nothing)
        self.fails(DAMAGED, "no content", nothing)

    def test_cut_anywhere(self):
        self.service.stop()
        size = os.path.getsize(self.file)
        cut = os.path.join(self.service.folder, "cut.db")
        for left in (1, 15, 99, 100, 511, 512, 4095, 4096, 8192, size // 2,
                     size - 4096, size - 92, size - 1):
            shutil.copy(self.file, cut)
            os.truncate(cut, left)
            self.fails(DAMAGED, "does not end in its own hash", cut)

    def test_flipped_bytes(self):
        """Any bit, anywhere: the hash at the end knows."""
        self.service.stop()
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print("SEED", seed)
        draw = random.Random(seed)
        with open(self.file, "rb") as f:
            whole = f.read()
        wrong = os.path.join(self.service.folder, "wrong.db")
        places = [len(whole) - 1, len(whole) - 60, len(whole) - 92]
        places += [draw.randrange(len(whole)) for _ in range(15)]
        for at in places:
            body = bytearray(whole)
            body[at] ^= 1 << draw.randrange(8)
            with open(wrong, "wb") as f:
                f.write(body)
            before = self.state()
            ran = self.restore(path=wrong)
            self.assertEqual(ran.returncode, DAMAGED, f"byte {at}")
            self.assertEqual(self.state(), before, f"byte {at}")
            self.assertEqual((self.leftovers(), self.kept()), ([], []))

    def test_flipped_bytes_before_the_hash_was_made(self):
        """Then its form is judged: whatever is restored is sound in that."""
        self.service.stop()
        draw = random.Random(1)
        with open(self.file, "rb") as f:
            whole = f.read()[:-92]
        wrong = os.path.join(self.service.folder, "wrong.db")
        for at in [20, 60, 105, 4096, 8192] + [
                draw.randrange(len(whole)) for _ in range(8)]:
            body = bytearray(whole)
            body[at] ^= 1 << draw.randrange(8)
            with open(wrong, "wb") as f:
                f.write(body)
            mark_backup(wrong)
            before = self.state()
            ran = self.restore(path=wrong)
            self.assertEqual(self.leftovers(), [])
            if ran.returncode:
                self.assertIn(ran.returncode, (DAMAGED, DENIED, CONFIG),
                              f"byte {at}: {ran.stderr}")
                self.assertEqual(self.state(), before, f"byte {at}")
                continue
            self.assertEqual(self.service.rows("PRAGMA integrity_check"),
                             [("ok",)])
            time.sleep(1.1)  # the name has the second

    def test_changed_by_somebody(self):
        self.service.stop()
        for statement, said in (
                ("UPDATE event SET actor = 'nobody' WHERE seq = 5",
                 "event 5"),
                ("DELETE FROM event WHERE seq = 3", "event 4"),
                ("DELETE FROM meta WHERE name = 'key-check'", "field key"),
                ("DELETE FROM site", "damaged|points at none"),
                ("CREATE TRIGGER mine AFTER INSERT ON booking BEGIN"
                 " DELETE FROM claim; END", "other tables or triggers"),
                ("DROP TRIGGER identity_delete", "other tables or triggers"),
                ("CREATE TABLE mine (a)", "other tables or triggers"),
                ("DROP INDEX event_thing", "other tables or triggers")):
            with self.subTest(statement=statement):
                self.fails(DAMAGED, said, self.changed(statement))

    def test_of_a_newer_program(self):
        self.service.stop()
        self.fails(CONFIG, "newer teleconsultd", self.changed(
            "UPDATE meta SET value = '999' WHERE name = 'schema'"))

    def test_of_another_service(self):
        self.service.stop()
        with Service() as other:
            other.init().start()
            admin = other.admin()
            with open(self.file, "wb") as f:
                f.write(admin.post("/v1/backups").body)
            admin.close()
        self.fails(DENIED, "not the field key")

    def test_a_file_that_was_copied_with_its_log(self):
        self.service.kill()
        path = os.path.join(self.service.folder, "raw.db")
        for suffix in ("", "-wal"):
            shutil.copy(self.service.database + suffix, path + suffix)
        self.fails(CONFIG, "lies beside it", path)

    def test_a_configuration_with_faults(self):
        self.service.stop()
        wrong = os.path.join(self.service.folder, "wrong.conf")
        with open(wrong, "w", encoding="utf-8") as f:
            f.write("[daemon]\nworkers = many\n")
        before = self.state()
        ran = self.restore("--config", wrong)
        self.assertEqual(ran.returncode, CONFIG, ran.stderr)
        self.assertEqual(self.state(), before)

    def test_killed_at_any_moment(self):
        """The old one or the new one, and the daemon starts with it."""
        self.service.stop()
        events = self.service.rows("SELECT count(*) FROM event")[0][0]
        with contextlib.closing(sqlite3.connect(self.file)) as db:
            then = db.execute("SELECT count(*) FROM event").fetchone()[0]
        seen = set()
        for i in range(24):
            process = subprocess.Popen(
                [self.service.program("teleconsultd"), "restore", "--state",
                 self.service.state, "--from", self.file],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            time.sleep(0.004 * i)
            process.send_signal(signal.SIGKILL)
            process.wait()
            found = self.service.rows("SELECT count(*) FROM event")[0][0]
            self.assertIn(found, (events, then + 1))
            seen.add(found)
            self.assertEqual(self.service.rows("PRAGMA integrity_check"),
                             [("ok",)])
        self.assertIn(events, seen)
        self.start()
        self.log()
        self.service.stop()
        time.sleep(1.1)
        self.must()
        self.assertEqual(self.leftovers(), [])


class Full(Case):
    def test_the_disk_is_full(self):
        self.service.init()
        self.disk = Disk(self.service.state,
                         os.path.join(self.service.folder, "aside"))
        self.addCleanup(self.disk.close)
        self.addCleanup(self.service.close)
        with Service(folder=os.path.join(self.service.folder, "o")) as other:
            os.mkdir(other.folder)
            other.init().start()
            with contextlib.closing(other.admin()) as admin:
                body = admin.post("/v1/backups").body
            os.chmod(os.path.join(other.state, "field.key"), 0o600)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.disk.path("field.key"))
            shutil.copy(os.path.join(other.state, "field.key"),
                        self.disk.path("field.key"))
            other.stop()
        path = os.path.join(self.service.folder, "it.db")
        with open(path, "wb") as f:
            f.write(body)
        with open(self.disk.path("teleconsult.db"), "rb") as f:
            before = f.read()
        ran = None
        for room in (0, 100000, len(body) // 2, len(body)):
            self.disk.fill()
            size = os.path.getsize(self.disk.path("ballast"))
            os.truncate(self.disk.path("ballast"), size - room)
            ran = subprocess.run(
                [*self.disk.wrapper, self.service.program("teleconsultd"),
                 "restore", "--state", self.service.state, "--from", path],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=60)
            self.refused(ran, LATER, "full|No space")
            self.disk.free()
            with open(self.disk.path("teleconsult.db"), "rb") as f:
                self.assertEqual(f.read(), before)
            self.assertEqual([n for n in os.listdir(self.disk.path(""))
                              if ".restore" in n], [])
