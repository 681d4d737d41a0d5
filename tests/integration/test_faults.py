"""A disk that is full, and files that are damaged, exchanged or gone: what was
acknowledged is there afterwards, and what cannot be done is said.

The full disk is a small tmpfs over the state directory, in a mount namespace
of its own: as root by `unshare -m`, else by `unshare -rm`; it lives as long as
the process that holds it, so daemons come and go on it.
"""
import contextlib
import os
import shutil
import subprocess
import unittest

from service import Service, new_key, rows_of
from test_boot import DAMAGED, LATER, Case
from way import PEOPLE, EXPERT, request_body, rfc3339, shanghai

DISK = "12m"
HOLD = ('cp -a "$1/." "$2" && mount -t tmpfs -o size="$3",mode=0700 none "$1"'
        ' && cp -a "$2/." "$1" && echo there && exec cat')


class Disk:
    """A small file system over a state directory, seen by those who enter."""

    def __init__(self, state, aside):
        os.mkdir(aside)
        self.state = state
        self.mapped = os.geteuid() != 0
        self.holder = subprocess.Popen(
            ["unshare", *(["-r"] if self.mapped else []), "-m", "sh", "-c",
             HOLD, "sh", state, aside, DISK], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "there\n":
            self.close()
            raise RuntimeError("no mount namespace can be made here")

    @property
    def wrapper(self):
        return ("nsenter", f"--target={self.holder.pid}", "--mount",
                *(["--user", "--preserve-credentials"] if self.mapped
                  else []))

    def path(self, name):
        return f"/proc/{self.holder.pid}/root{self.state}/{name}"

    def fill(self):
        """To the last byte."""
        with open(self.path("ballast"), "wb", buffering=0) as f:
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while f.write(b"b" * size):
                        pass

    def free(self):
        os.unlink(self.path("ballast"))

    def close(self):
        self.holder.stdin.close()
        self.holder.stdout.close()
        self.holder.wait(30)


class People:
    """Those of the way of a booking, for a service that comes and goes."""

    def __init__(self, service):
        self.service = service
        for name, role, site, expert in PEOPLE:
            setattr(self, name, service.person(name, role, site, expert))
        self.admin = service.admin()

    def again(self):
        """Everybody finds the daemon's new port."""
        for who in vars(self).values():
            if who is not self.service:
                who.close()
                who.port = self.service.ports["partners"]
        return self


class Full(Case):
    def setUp(self):
        super().setUp()
        self.service.init()
        self.disk = Disk(self.service.state,
                         os.path.join(self.service.folder, "aside"))
        self.addCleanup(self.disk.close)
        self.addCleanup(self.service.close)
        self.service.start(wrapper=self.disk.wrapper)
        self.service.load()
        self.people = People(self.service)

    def expect(self, answer, status, code=None):
        self.assertEqual((answer.status, answer.code), (status, code),
                         repr(answer))
        return answer

    def accepted(self):
        submitted = self.expect(self.people.one.post(
            "/v1/requests", request_body("liaoyang-central")), 201)
        return self.expect(self.people.lead.post(
            f"/v1/requests/{submitted.json['code']}/accept",
            {"expert": EXPERT}, match=submitted.etag), 200).json["code"]

    def until_full(self):
        """Submits until it is refused; (what was accepted, body, key)."""
        done = []
        for _ in range(2000):
            body, key = request_body("liaoyang-central"), new_key()
            answer = self.people.one.post("/v1/requests", body, key=key)
            if answer.status != 201:
                self.full(answer)
                return done, body, key
            done.append((answer.json["code"], body, key, answer.body))
        self.fail("the disk never got full")

    def full(self, answer):
        self.expect(answer, 503, "storage-full")
        self.assertIn("retry-after", answer.headers)
        self.assertIn("full", answer.json["title"])

    def stored(self):
        return [code.replace("-", "") for code, in rows_of(
            self.disk.path("teleconsult.db"), "SELECT code FROM request")]

    def test_nothing_is_lost_and_the_repeat_succeeds(self):
        code, key = self.accepted(), new_key()
        book = {"request": code, "expert": EXPERT,
                "at": rfc3339(shanghai(0, "08:00", 2))}
        self.disk.fill()
        done, body, submit_key = self.until_full()
        self.full(self.people.one.post("/v1/bookings", book, key=key))
        self.full(self.people.lead.post("/v1/bookings", book))
        # What only reads goes on.
        self.expect(self.people.one.get("/v1/requests"), 200)
        self.assertTrue(self.expect(self.people.one.get(
            "/v1/slots", request=code), 200).json["slots"])
        self.expect(self.people.admin.get("/healthz"), 200)
        self.disk.free()
        late = self.expect(self.people.one.post("/v1/requests", body,
                                                key=submit_key), 201)
        booked = self.expect(self.people.one.post("/v1/bookings", book,
                                                  key=key), 201)
        for _, sent, used, said in done[-2:]:
            again = self.people.one.post("/v1/requests", sent, key=used)
            self.assertEqual((again.status, again.body), (201, said))
        self.assertTrue(self.expect(self.people.admin.post(
            "/v1/log/verify"), 200).json["ok"])
        self.assertEqual(self.service.stop(), 0)
        stored = self.stored()
        self.assertEqual(sorted(stored), sorted(
            c.replace("-", "") for c in (code, late.json["code"],
                                         *(row[0] for row in done))))
        self.service.start(wrapper=self.disk.wrapper)
        self.people.again()
        shown = self.expect(self.people.one.get(
            f"/v1/bookings/{booked.json['code']}"), 200)
        self.assertEqual(shown.json["status"], "booked")

    def test_killed_and_started_on_the_full_disk(self):
        """Either it serves what is there, or it says in a line why not."""
        self.disk.fill()
        done, body, key = self.until_full()
        self.service.kill()
        ran = None
        try:
            self.service.start(wrapper=self.disk.wrapper)
        except RuntimeError:
            ran = self.service.process.wait(30)
            said = self.service.log().splitlines()[-1]
            self.assertEqual(ran, LATER, said)
            self.assertRegex(said, "^teleconsultd: .*(full|[Nn]o space)")
        if ran is None:
            self.people.again()
            self.expect(self.people.one.get("/v1/requests"), 200)
            self.service.stop()
        self.disk.free()
        self.service.start(wrapper=self.disk.wrapper)
        self.people.again()
        self.expect(self.people.one.post("/v1/requests", body, key=key), 201)
        for _, sent, used, said in done:
            again = self.people.one.post("/v1/requests", sent, key=used)
            self.assertEqual((again.status, again.body), (201, said))
        self.assertEqual(self.service.stop(), 0)
        self.assertEqual(len(self.stored()), len(done) + 1)

    def test_an_import_that_does_not_fit_changes_nothing(self):
        self.disk.fill()
        self.until_full()
        with open(os.path.join(os.path.dirname(os.path.dirname(
                os.path.dirname(os.path.abspath(__file__)))), "examples",
                "xuzhou.json"), "rb") as f:
            network = f.read()
        self.full(self.people.admin.post("/v1/import", network, key="net"))
        self.assertEqual(self.expect(self.people.one.get(
            "/v1/whoami"), 200).json["site"], "liaoyang-central")
        self.disk.free()
        self.expect(self.people.admin.post("/v1/import", network, key="net"),
                    200)

    def test_stops_well_while_it_is_full(self):
        self.disk.fill()
        done, _, _ = self.until_full()
        self.assertEqual(self.service.stop(), 0)
        self.assertEqual(len(self.stored()), len(done))


class Damage(Case):
    """Something happened to the files while nobody looked."""

    def setUp(self):
        super().setUp()
        self.service.init().start()
        # Who looks at it afterwards is known to the file, not to the log.
        self.service.first()
        self.assertEqual(self.service.stop(), 0)
        self.service.start()
        self.service.load()
        self.people = People(self.service)
        self.codes = [self.submit() for _ in range(20)]

    def submit(self):
        answer = self.people.one.post("/v1/requests",
                                      request_body("liaoyang-central"))
        self.assertEqual(answer.status, 201, answer)
        return answer.json["code"]

    def head(self):
        answer = self.people.admin.post("/v1/log/verify")
        self.assertEqual((answer.status, answer.json["ok"]), (200, True))
        return answer.json["events"], answer.json["head"]

    def file(self):
        """Everything in the one file: a stopped daemon leaves no log."""
        self.assertEqual(self.service.stop(), 0)
        with contextlib.suppress(FileNotFoundError):
            self.assertEqual(os.path.getsize(self.path("teleconsult.db-wal")),
                             0)
        return self.service.database

    def page(self, table):
        root, = self.service.rows(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", table)[0]
        size, = self.service.rows("PRAGMA page_size")[0]
        return root - 1, size

    def test_the_log_removed_after_a_stop(self):
        head = self.head()
        self.file()
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.service.database + suffix)
        self.service.start()
        self.people.again()
        self.assertEqual(self.head(), head)

    def test_the_log_removed_after_a_kill(self):
        """What stood in it alone is gone: nobody can know but by a head that
        was kept elsewhere. What is left is whole."""
        events, head = self.head()
        self.service.kill()
        os.unlink(self.path("teleconsult.db-wal"))
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path("teleconsult.db-shm"))
        self.service.start()
        self.people.again()
        left, now = self.head()
        self.assertLess(left, events)
        self.assertNotEqual(now, head)
        self.service.person("somebody new", "administrator")

    def test_the_log_torn(self):
        """A torn end is what a crash leaves: the rest is read."""
        self.service.kill()
        path = self.path("teleconsult.db-wal")
        whole = os.path.getsize(path)
        os.truncate(path, whole - 100)
        self.service.start()
        self.people.again()
        self.head()

    def test_pages_of_a_table(self):
        """Found at the start or at the first use; then it ends."""
        for table in ("claim", "event"):
            with self.subTest(table=table), contextlib.ExitStack() as stack:
                database = self.file()
                shutil.copy(database, database + ".whole")
                root, size = self.page(table)
                with open(database, "r+b") as f:
                    f.seek(root * size)
                    f.write(b"\xee" * size)
                stack.callback(self.restore, database)
                self.use_damaged()

    def use_damaged(self):
        try:
            self.service.start()
        except RuntimeError:
            self.assertEqual(self.service.process.wait(30), DAMAGED)
        else:
            self.people.again()
            with contextlib.suppress(OSError, Exception):
                answer = self.people.one.post(
                    "/v1/requests", request_body("liaoyang-central"))
                self.assertEqual((answer.status, answer.code),
                                 (500, "storage-corrupt"), answer)
            self.assertEqual(self.service.process.wait(30), DAMAGED)
        said = self.service.log().splitlines()[-1]
        self.assertRegex(said, "^teleconsultd: ")
        self.assertRegex(said, "damaged|malformed|corrupt")

    def restore(self, database):
        self.service.kill()
        os.replace(database + ".whole", database)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(database + suffix)
        self.service.start()
        self.people.again()
        self.assertEqual(self.head()[0] > 0, True)

    def test_truncated(self):
        database = self.file()
        size = os.path.getsize(database)
        for left in (size // 2, 4096, 100, 1, 0):
            with self.subTest(left=left):
                os.truncate(database, left)
                self.start_refused(DAMAGED, "teleconsult.db.*damaged|"
                                   "teleconsult.db.*malformed")
                self.assertEqual(os.path.getsize(database), left)

    def test_a_key_of_another_database(self):
        """Before anything is read with it, or written."""
        self.file()
        with Service() as other:
            other.init()
            os.chmod(self.path("field.key"), 0o600)
            shutil.copy(os.path.join(other.state, "field.key"),
                        self.path("field.key"))
        with open(self.service.database, "rb") as f:
            before = f.read()
        self.start_refused(77, "not the field key")
        with open(self.service.database, "rb") as f:
            self.assertEqual(f.read(), before)


if __name__ == "__main__":
    unittest.main()
