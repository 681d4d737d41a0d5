"""A copy of the whole database while the service goes on, over the wire and by
the tool: whole, sealed, one at a time, and nothing to those who book."""
import base64
import contextlib
import hashlib
import http.client
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "support"))
from fakeserver import Answer  # noqa: E402
from service import (BACKUP, BUILD, Connection, Service,  # noqa: E402
                     wait_until)
from test_boot import Case  # noqa: E402
from test_faults import Disk, People  # noqa: E402
from test_secrets import CANARIES, forms  # noqa: E402
from toolrig import ClientTest, World  # noqa: E402
from way import Way, request_body  # noqa: E402

MIB = 1 << 20


def digest(body):
    return "sha-256=:" + base64.b64encode(
        hashlib.sha256(body).digest()).decode() + ":"


def pad(path, mib):
    """Makes a database that nobody has open larger."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executemany("INSERT INTO meta (name, value) VALUES (?, ?)",
                       ((f"padding-{i}", "p" * MIB) for i in range(mib)))
        db.commit()


def last_backup(admin):
    return admin.get("/v1/status").json["store"].get("backup_at")


def opened(body, folder):
    """The copy as SQLite sees it, in a folder of the test's."""
    path = os.path.join(folder, "copy.db")
    with open(path, "wb") as f:
        f.write(body)
    return contextlib.closing(sqlite3.connect(
        f"file:{path}?mode=ro&immutable=1", uri=True))


class Tool:
    """The tool as the service's administrator."""

    def __init__(self, service, folder):
        self.folder, self.home = folder, os.path.join(folder, "home")
        profile = os.path.join(self.home, "teleconsult", "default")
        admin = service.admin()
        os.makedirs(profile)
        shutil.copy(service.ca, f"{profile}/ca.pem")
        with open(f"{profile}/identity.pem", "wb") as identity:
            for path in admin.identity[1:]:
                with open(path, "rb") as part:
                    identity.write(part.read())
        os.chmod(f"{profile}/identity.pem", 0o600)
        with open(f"{profile}/profile.conf", "w", encoding="utf-8") as f:
            f.write(f"server = https://localhost:"
                    f"{service.ports['partners']}\n")

    def start(self, *args, **kwargs):
        env = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": self.home}
        env.update((k, v) for k, v in os.environ.items()
                   if k.endswith("SAN_OPTIONS"))
        return subprocess.Popen(
            [os.path.join(BUILD, "teleconsult"), *args], env=env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **kwargs)

    def run(self, *args, **kwargs):
        process = self.start(*args, **kwargs)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


class Whole(Way):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="teleconsult-backup-")
        self.addCleanup(shutil.rmtree, self.folder)

    def taken(self):
        answer = self.expect(self.admin.post("/v1/backups"), 200)
        self.assertEqual(answer.headers["content-type"], BACKUP)
        self.assertEqual(int(answer.headers["content-length"]),
                         len(answer.body))
        self.assertEqual(answer.headers["repr-digest"], digest(answer.body))
        self.assertEqual(answer.headers["cache-control"], "no-store")
        # Behind the database stands the hash of it.
        self.assertEqual(answer.body[-92:].decode(),
                         "teleconsult backup, sha-256 " +
                         hashlib.sha256(answer.body[:-92]).hexdigest())
        return answer.body

    def leftovers(self):
        return [n for n in os.listdir(self.service.state) if "backup" in n]

    def test_everything_that_is_stored(self):
        codes = [self.submit().json["code"] for _ in range(5)]
        with opened(self.taken(), self.folder) as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(),
                             [("ok",)])
            self.assertEqual(
                db.execute("PRAGMA foreign_key_check").fetchall(), [])
            self.assertEqual(db.execute("PRAGMA journal_mode").fetchone(),
                             ("delete",))
            stored = {row[0] for row in db.execute("SELECT code FROM request")}
            self.assertLessEqual({c.replace("-", "") for c in codes}, stored)
            # Who took it away stands in it.
            last = db.execute("SELECT actor, verb, thing FROM event"
                              " ORDER BY seq DESC LIMIT 1").fetchone()
            self.assertEqual(last[1:], ("backup", "database"))
        self.assertEqual(self.leftovers(), [])
        self.verify_log()

    def test_a_patient_is_sealed_in_it(self):
        self.expect(self.one.post("/v1/requests", request_body(
            "liaoyang-central", reason=CANARIES["reason"],
            purpose=CANARIES["purpose"],
            patient={"local_id": CANARIES["local_id"],
                     "name": CANARIES["name"],
                     "summary": CANARIES["summary"]})), 201)
        body = self.taken()
        self.assertIn(b"liaoyang-central", body)
        for name in ("reason", "purpose", "local_id", "name", "summary"):
            for form in forms(CANARIES[name]):
                self.assertNotIn(form, body, name)
        with open(os.path.join(self.service.state, "field.key"), "rb") as f:
            self.assertNotIn(f.read().strip(), body)

    def test_a_key_does_not_make_a_copy_of_long_ago(self):
        """Twice under a key: it is taken twice, and on record twice."""
        self.taken()
        first = self.expect(self.admin.post("/v1/backups", key="same"), 200)
        self.submit()
        second = self.expect(self.admin.post("/v1/backups", key="same"), 200)
        self.assertNotEqual(first.body, second.body)
        with opened(second.body, self.folder) as db:
            verbs = [row[0] for row in db.execute(
                "SELECT verb FROM event WHERE to_state IS NOT 'made'"
                " ORDER BY seq DESC LIMIT 3")]
        self.assertEqual(verbs, ["backup", "submit", "backup"])

    def test_the_tool(self):
        tool = Tool(self.service, self.folder)
        path = os.path.join(self.folder, "it.db")
        code, out, err = tool.run("admin", "backup", path)
        self.assertEqual((code, err), (0, ""), out)
        with open(path, "rb") as f:
            body = f.read()
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertIn(f"{len(body)} bytes", out)
        self.assertIn(hashlib.sha256(body).hexdigest(), out)
        self.assertEqual(os.listdir(self.folder).count("it.db.part"), 0)
        # It replaces nothing unasked.
        code, out, err = tool.run("admin", "backup", path)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("--force", err)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), body)
        code, out, err = tool.run("-o", "json", "admin", "backup", "--force",
                                  path)
        self.assertEqual((code, err), (0, ""))
        with open(path, "rb") as f:
            again = f.read()
        self.assertNotEqual(again, body)
        self.assertIn(f'"sha256":"{hashlib.sha256(again).hexdigest()}"', out)
        for wrong, said in ((self.folder, "directory"),
                            (self.folder + "/no/where", "No such file")):
            code, out, err = tool.run("admin", "backup", wrong)
            self.assertNotEqual(code, 0)
            self.assertIn(said, err)
        self.assertEqual(self.leftovers(), [])


class Large(Case):
    """Of a database that takes a while."""

    def setUp(self):
        super().setUp()
        self.service.init()

    def begin(self, mib, **kwargs):
        pad(self.service.database, mib)
        self.service.start(**kwargs)
        self.service.load()
        self.people = People(self.service)
        self.admin = self.people.admin

    def half_way(self):
        """Somebody who has seen the head and some of the body."""
        connection = Connection(self.service.ports["partners"],
                                self.admin.context)
        connection.request("POST", "/v1/backups", b"{}",
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(len(answer.read(MIB)), MIB)
        return connection, answer

    def leftovers(self):
        return [n for n in os.listdir(self.service.state) if "backup" in n]

    def test_one_at_a_time_and_whoever_leaves_makes_room(self):
        self.begin(60)
        connection, answer = self.half_way()
        self.addCleanup(connection.close)
        refused = self.admin.post("/v1/backups")
        self.assertEqual((refused.status, refused.code), (409, "wrong-state"))
        self.assertEqual(self.leftovers(), [])
        answer.close()
        connection.close()

        self.assertIsNone(last_backup(self.admin))
        self.only_the_next_one_counts()

    def test_left_while_it_is_copied(self):
        self.begin(60)
        connection = Connection(self.service.ports["partners"],
                                self.admin.context)
        connection.request("POST", "/v1/backups", b"{}",
                           {"Content-Type": "application/json"})
        wait_until(self.leftovers, 10, 0.001)
        connection.close()
        self.only_the_next_one_counts()

    def only_the_next_one_counts(self):
        """Somebody has left: on record is that they asked, no more."""
        bodies = []

        def made():
            again = self.admin.post("/v1/backups")
            bodies.append(again.body)
            return again.status == 200 and \
                again.headers["repr-digest"] == digest(again.body)
        wait_until(made, 20, 0.2)
        wait_until(lambda: last_backup(self.admin), 5)
        wait_until(made, 20, 0.2)
        with opened(bodies[-1], self.service.folder) as db:
            rows = db.execute(
                "SELECT to_state, actor, request_id FROM event"
                " WHERE verb = 'backup' ORDER BY seq").fetchall()
        self.assertEqual([row[0] for row in rows],
                         [None, None, "made", None])
        self.assertEqual(rows[1][1:], rows[2][1:])  # by whom, and which

    def test_bookings_hardly_wait_for_it(self):
        self.begin(200)
        idle = self.latencies(60)
        done = threading.Event()
        got = []

        def take():
            answer = self.people.admin.fork().post("/v1/backups")
            got.append((answer.status, len(answer.body)))
            done.set()
        thread = threading.Thread(target=take)
        thread.start()
        busy = self.latencies(2000, done)
        thread.join(60)
        self.assertEqual(got[0][0], 200)
        self.assertGreater(got[0][1], 200 * MIB)
        said = "ms, median and worst: idle {:.1f} {:.1f}, during {:.1f} " \
            "{:.1f} of {}".format(statistics.median(idle), max(idle),
                                  statistics.median(busy), max(busy),
                                  len(busy))
        print("submitting beside a backup of 200 MiB, " + said)
        self.assertGreater(len(busy), 10, said)
        self.assertLess(statistics.median(busy), 50, said)

    def latencies(self, n, done=None):
        taken = []
        while len(taken) < n and not (done and done.is_set()):
            begin = time.monotonic()
            answer = self.people.one.post("/v1/requests",
                                          request_body("liaoyang-central"))
            taken.append(1000 * (time.monotonic() - begin))
            self.assertEqual(answer.status, 201, answer)
        return taken

    def test_killed_in_the_middle_nothing_is_left(self):
        self.begin(200)
        seen = threading.Event()

        def kill():
            wait_until(self.leftovers, 10, 0.001)
            seen.set()
            self.service.kill()
        killer = threading.Thread(target=kill)
        killer.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.admin.post("/v1/backups")
        killer.join(30)
        self.assertTrue(seen.is_set())
        self.service.start()
        self.assertEqual(self.leftovers(), [])
        self.people.again()
        answer = self.admin.post("/v1/backups")
        self.assertEqual(answer.status, 200)

    def test_the_service_ends_in_the_middle(self):
        """The tool says so and keeps nothing."""
        self.begin(200)
        tool = Tool(self.service, self.service.folder)
        path = os.path.join(self.service.folder, "it.db")
        process = tool.start("admin", "backup", path)
        wait_until(lambda: os.path.exists(path + ".part") and
                   os.path.getsize(path + ".part") > MIB, 30, 0.001)
        self.service.kill()
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 5, err)
        self.assertEqual([n for n in os.listdir(self.service.folder)
                          if n.startswith("it.db")], [])

    def test_stopped_in_the_middle(self):
        """What is under way has its time to end; then it is cut."""
        self.service.options = {"daemon": {"drain_seconds": "1"}}
        self.begin(60)
        connection, answer = self.half_way()
        self.addCleanup(connection.close)
        self.assertEqual(self.service.stop(), 0)
        self.assertEqual(self.leftovers(), [])
        with self.assertRaises(Exception):
            body = answer.read()
            self.assertEqual(len(body), answer.length)


class Full(Case):
    """On small disks."""

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

    def test_the_servers_disk(self):
        """The disk has 12 MiB: what bookings need is not taken."""
        answer = self.people.admin.post("/v1/backups")
        self.assertEqual((answer.status, answer.code), (503, "storage-full"))
        self.assertIn("free", answer.json["detail"])
        self.assertNotIn(self.service.state, answer.json["detail"])
        booked = self.people.one.post("/v1/requests",
                                      request_body("liaoyang-central"))
        self.assertEqual(booked.status, 201, booked)
        self.assertEqual([n for n in os.listdir(self.disk.path(""))
                          if "backup" in n], [])
        # Asked for is not made: it is on record, and does not count.
        self.assertIsNone(last_backup(self.people.admin))

    def test_the_tools_disk(self):
        with Service() as other:
            other.init().start()
            self.disk.fill()
            tool = Tool(other, self.service.folder)
            path = self.disk.path("it.db")
            code, out, err = tool.run("admin", "backup", path)
            self.assertEqual((code, out), (6, ""))
            self.assertIn("No space left", err)
            self.assertEqual([n for n in os.listdir(self.disk.path(""))
                              if n.startswith("it.db")], [])
            self.disk.free()
            code, out, err = tool.run("admin", "backup", path)
            self.assertEqual((code, err), (0, ""))


def setUpModule():
    ClientTest.world = World()


def tearDownModule():
    ClientTest.world.close()


class Lies(ClientTest):
    """A server whose answer is not what it says."""

    def take(self, **headers):
        body = b"SQLite format 3\0" * 100
        self.serve({"POST /v1/backups": Answer(raw=body, headers={
            "Content-Type": BACKUP, **headers})})
        self.folder = tempfile.mkdtemp(prefix="teleconsult-backup-")
        self.addCleanup(shutil.rmtree, self.folder)
        return body, os.path.join(self.folder, "it.db")

    def test_as_it_says(self):
        body, path = self.take(**{"Repr-Digest": digest(
            b"SQLite format 3\0" * 100)})
        self.ok("admin", "backup", path)
        with open(path, "rb") as f:
            self.assertEqual(f.read(), body)

    def test_another_hash_or_none(self):
        for headers in ({}, {"Repr-Digest": digest(b"other")},
                        {"Repr-Digest": "md5=:AAAA:"}):
            _, path = self.take(**headers)
            said = self.fails(5, "admin", "backup", path)
            self.assertIn("SHA-256", said)
            self.assertEqual(os.listdir(self.folder), [])
