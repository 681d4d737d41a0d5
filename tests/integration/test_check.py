"""teleconsultd --check: everything that a start would judge, without touching
anything, also while the daemon runs."""
import contextlib
import os
import shutil
import sqlite3
import subprocess

from service import Service
from test_boot import CONFIG, DAMAGED, DENIED, MISSING, NOBODY, Case


class Check(Case):
    def setUp(self):
        super().setUp()
        self.service.init()

    def check(self, **kwargs):
        return self.run_program("--check", "--config",
                                self.service.write_config(), **kwargs)

    def files(self):
        """Every file with its bytes and its times, but for the index of the
        log, which is nobody's content."""
        found = {}
        for name in sorted(os.listdir(self.service.state)):
            path = self.path(name)
            if os.path.isfile(path) and not name.endswith("-shm"):
                with open(path, "rb") as f:
                    found[name] = (f.read(), os.stat(path).st_mtime_ns)
        return found

    def sound(self, **kwargs):
        before = self.files()
        ran = self.check(**kwargs)
        self.assertEqual((ran.returncode, ran.stdout, ran.stderr),
                         (0, "", ""))
        after = self.files()
        if self.service.process is None:
            # An empty log is as none.
            after.pop("teleconsult.db-wal", None)
            before.pop("teleconsult.db-wal", None)
            self.assertEqual(after, before)

    def faulty(self, code, *said):
        before = self.files()
        ran = self.check()
        self.assertEqual(ran.returncode, code, ran.stderr)
        for words in said:
            self.assertRegex(ran.stderr, words)
        self.assertIn("a start would fail", ran.stderr)
        self.assertEqual(
            {k: v for k, v in self.files().items() if "-wal" not in k},
            {k: v for k, v in before.items() if "-wal" not in k})
        return [line for line in ran.stderr.splitlines()
                if not line.startswith(("level=", "teleconsultd:"))]

    def test_sound_at_any_time(self):
        self.sound()
        self.service.start()
        self.sound()
        self.service.person("somebody", "administrator")
        self.sound()
        admin = self.service.admin()
        self.assertEqual(admin.get("/readyz").status, 200)
        admin.close()
        self.service.kill()
        log = self.path("teleconsult.db-wal")
        with open(log, "rb") as f:
            before = f.read()
        self.assertGreater(len(before), 0)
        self.assertEqual(self.check().returncode, 0)
        with open(log, "rb") as f:
            self.assertEqual(f.read(), before)
        self.service.start()
        self.service.stop()
        self.sound()

    def replaced(self, name, content):
        """For a while, something else stands there."""
        return _Replaced(self.path(name), content)

    def test_keys_and_certificates(self):
        with Service() as other:
            other.init()

            def theirs(name):
                with open(os.path.join(other.state, name), "rb") as f:
                    return f.read()
            for name, content, code, said in (
                    ("server.key", theirs("server.key"), CONFIG,
                     "the server's key"),
                    ("server.pem", b"nonsense\n", CONFIG,
                     "the server's certificate"),
                    ("server.pem", None, MISSING, "server.pem"),
                    ("ca.key", theirs("ca.key"), CONFIG, "the CA's"),
                    ("ca.key", None, MISSING, "ca.key"),
                    ("ca.pem", b"", CONFIG, "the CA's"),
                    ("field.key", theirs("field.key"), DENIED,
                     "not the field key"),
                    ("field.key", b"short\n", CONFIG, "hexadecimal"),
                    ("field.key", None, MISSING, "field.key")):
                with self.subTest(name=name, content=content), \
                        self.replaced(name, content):
                    self.faulty(code, said)
        self.sound()
        ca = os.path.join(self.service.folder, "clients.pem")
        with open(ca, "w", encoding="ascii") as f:
            f.write("nobody\n")
        self.service.options = {"tls": {"client_ca": ca}}
        self.faulty(CONFIG, "the clients' certificate authority")

    def test_the_database(self):
        for content, code, said in ((b"", DAMAGED, "no content"),
                                    (b"x" * 8192, DAMAGED, "not a database"),
                                    (None, MISSING, "no database")):
            with self.subTest(content=content), \
                    self.replaced("teleconsult.db", content):
                self.faulty(code, said)
        with contextlib.closing(sqlite3.connect(
                self.service.database)) as db:
            db.execute("UPDATE meta SET value = 99 WHERE name = 'schema'")
            db.commit()
        self.faulty(CONFIG, "newer teleconsultd")
        other = os.path.join(self.service.folder, "other.db")
        with contextlib.closing(sqlite3.connect(other)) as db:
            db.execute("CREATE TABLE t (a)")
            db.commit()
        with open(other, "rb") as f:
            content = f.read()
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.service.database + suffix)
        with self.replaced("teleconsult.db", content):
            self.faulty(DAMAGED, "another program")

    def test_all_faults_at_once(self):
        self.service.options = {"daemon": {"zoneinfo": "/no/such"}}
        with self.replaced("server.key", None), \
                self.replaced("ca.key", b"x"), \
                self.replaced("teleconsult.db", b""):
            lines = self.faulty(MISSING, "/no/such", "server.key", "the CA's",
                                "no content")
            self.assertEqual(len(lines), 4, lines)

    def test_what_is_worth_a_warning(self):
        os.chmod(self.path("ca.key"), 0o644)
        subprocess.run(["openssl", "x509", "-in", self.path("ca.pem"),
                        "-signkey", self.path("ca.key"), "-days", "50",
                        "-out", self.path("new")], check=True,
                       capture_output=True)
        os.replace(self.path("new"), self.path("ca.pem"))
        ran = self.check()
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertRegex(ran.stderr, "warning: others may read .*ca.key")
        self.assertRegex(ran.stderr, "warning: the CA's certificate ends in "
                         "(49|50) days")
        self.assertEqual(ran.stderr.count("\n"), 2)

    def test_as_somebody_without_rights(self):
        if not NOBODY:
            return
        os.chmod(self.service.folder, 0o711)
        ran = self.check(**NOBODY)
        self.assertEqual(ran.returncode, DENIED, ran.stderr)
        self.assertIn("Permission denied", ran.stderr)


class _Replaced:
    """Something else at a path; None: nothing."""

    def __init__(self, path, content):
        self.path, self.content = path, content

    def __enter__(self):
        os.rename(self.path, self.path + ".away")
        if self.content is not None:
            with open(self.path, "wb") as f:
                f.write(self.content)
            shutil.copymode(self.path + ".away", self.path)

    def __exit__(self, *exc):
        os.replace(self.path + ".away", self.path)
