#!/usr/bin/python3
"""Boot and shutdown of the real daemon: the first start, every way in which a
start is refused, reload, handed-over sockets, the watchdog, and its end."""
import concurrent.futures
import contextlib
import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from service import ROOT, Service, read_invitation, wait_until

USAGE, DAMAGED, MISSING, TAKEN = 2, 65, 66, 69
EXISTS, LATER, DENIED, CONFIG = 73, 75, 77, 78
NOBODY = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}


class Case(unittest.TestCase):
    def setUp(self):
        self.service = Service()
        self.addCleanup(self.service.close)

    def run_program(self, *args, **kwargs):
        return subprocess.run(
            [self.service.program("teleconsultd"), *args],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30, **kwargs)

    def refused(self, ran, code, said):
        """Ended with that code and one line that says so."""
        self.assertEqual(ran.returncode, code, ran.stderr)
        lines = [line for line in ran.stderr.splitlines()
                 if line.startswith("teleconsultd: ")]
        self.assertEqual(len(lines), 1, ran.stderr)
        self.assertRegex(lines[0], said)
        return lines[0]

    def start_refused(self, code, said, **kwargs):
        return self.refused(
            self.run_program("--config", self.service.write_config(),
                             **kwargs), code, said)

    def path(self, name):
        return os.path.join(self.service.state, name)

    def readyz(self):
        admin = self.service.admin()
        try:
            return admin.get("/readyz")
        finally:
            admin.close()


class CommandLine(Case):
    def test_help_and_version(self):
        ran = self.run_program("--help")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("--print-config", ran.stdout)
        self.assertLessEqual(max(map(len, ran.stdout.splitlines())), 80)
        ran = self.run_program("--version")
        self.assertRegex(ran.stdout, r"^teleconsultd \d+\.\d+\.\d+\n$")
        self.assertEqual(self.run_program("init", "--help").returncode, 0)

    def test_wrong_usage(self):
        for args, said in (
                (["--no-such"], "--no-such"),
                (["serve"], "serve"),
                (["--config"], "--config needs its FILE"),
                (["--config="], "--config needs its FILE"),
                (["--config", "a", "--config", "b"], "twice"),
                (["--check=yes"], "takes no value"),
                (["--state", "x"], "not for the daemon"),
                (["init"], "--state"),
                (["init", "--config", "x"], "not for init"),
                (["init", "--state", "x"], "--name"),
                (["init", "--state", "x", "--name", "n"], "--host"),
                (["init", "--state", "x", "--name", "n", "--host",
                  *"abcdefghi"], "at most 8"),
        ):
            with self.subTest(args=args):
                ran = self.run_program(*args)
                self.refused(ran, USAGE, said)
                self.assertEqual(ran.stdout, "")
                self.assertEqual(ran.stderr.count("\n"), 1)

    def test_print_config_is_a_configuration(self):
        path = os.path.join(self.service.folder, "printed.conf")
        printed = self.run_program("--print-config")
        self.assertEqual(printed.returncode, 0)
        with open(path, "w", encoding="utf-8") as f:
            f.write(printed.stdout)
        again = self.run_program("--config=" + path, "--print-config")
        self.assertEqual(again.stdout, printed.stdout)

    def test_pages_are_printed(self):
        for page in ("catalogue", "reports"):
            printed = self.run_program("--print-" + page)
            self.assertEqual((printed.returncode, printed.stderr), (0, ""))
            with open(os.path.join(ROOT, "docs", page + ".md"),
                      encoding="utf-8") as f:
                self.assertEqual(
                    f.read(), printed.stdout,
                    f"build/release/teleconsultd --print-{page} "
                    f">docs/{page}.md makes it anew")

    def test_faults_come_all_at_once(self):
        path = os.path.join(self.service.folder, "wrong.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write("[daemon]\nworkers = many\nwrokers = 1\n[nowhere]\n"
                    "a = b\n[listen]\npartners = localhost:1\n")
        for args in (["--check"], [], ["--print-config"]):
            ran = self.run_program("--config", path, *args)
            self.refused(ran, CONFIG, "wrong.conf cannot be used")
            self.assertEqual([int(n) for n in re.findall(
                re.escape(path) + r":(\d+): ", ran.stderr)], [2, 3, 4, 7])
            self.assertEqual(ran.stdout, "")
        self.refused(self.run_program("--config", path + "x", "--check"),
                     MISSING, re.escape(path) + "x")


class Init(Case):
    def init(self, *args, state=None, **kwargs):
        return self.run_program(
            "init", "--state", state or self.service.state, "--name",
            Service.NAME, "--host", *(args or ["localhost"]), **kwargs)

    def left(self):
        return sorted(os.listdir(self.service.folder))

    def test_what_is_made(self):
        ran = self.init("localhost", "127.0.0.1", "::1", "--listen",
                        "127.0.0.1:8443", "--admin", "李管理员")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertEqual(self.left(), ["state"])
        modes = {}
        for folder, folders, files in os.walk(self.service.folder):
            for name in folders + files:
                path = os.path.join(folder, name)
                modes[os.path.relpath(path, self.service.state)] = \
                    stat.S_IMODE(os.stat(path).st_mode)
        for name, mode in {
                ".": 0o700, "ca.key": 0o600,
                "server.key": 0o600, "field.key": 0o400,
                "teleconsult.db": 0o600}.items():
            self.assertEqual(modes[name], mode, name)
        with open(self.path("field.key"), encoding="ascii") as f:
            self.assertRegex(f.read(), r"^[0-9a-f]{64}\n$")
        self.assertEqual(
            self.run_program("--config", self.path("teleconsultd.conf"),
                             "--check").returncode, 0)
        subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile",
                        self.path("ca.pem"), "-purpose", "sslserver",
                        self.path("server.pem")], check=True,
                       capture_output=True)
        self.assertEqual(self.service.rows("SELECT count(*) FROM identity"),
                         [(0,)])
        self.assertEqual(
            self.service.rows("SELECT id, name, role, site,"
                              " not_after - made_at FROM invitation"),
            [(1, "李管理员", "administrator", None, 72 * 3600)])
        self.assertEqual(
            self.service.rows("SELECT seq, actor, thing, id, verb FROM event"),
            [(1, "system", "invitation", 1, "init")])
        said = read_invitation(re.search("tci1_[0-9a-f]+", ran.stdout)[0])
        self.assertEqual((said.people, said.partners),
                         ("localhost:8444", "localhost:8443"))
        with open(self.path("ca.pem"), encoding="ascii") as f:
            der = ssl.PEM_cert_to_DER_cert(f.read())
        self.assertEqual(said.ca, hashlib.sha256(der).digest())
        self.assertEqual(
            self.service.rows("SELECT hash FROM invitation"),
            [(hashlib.sha256(bytes.fromhex(said.secret)).digest(),)])

    def test_its_configuration_runs(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        ran = self.init("localhost", "--listen", f"127.0.0.1:{port}",
                        "--listen-people", "127.0.0.1:0")
        self.assertEqual(ran.returncode, 0)
        self.service.invitation = re.search("tci1_[0-9a-f]+",
                                            ran.stdout)[0]
        with subprocess.Popen(
                [self.service.program("teleconsultd"), "--config",
                 self.path("teleconsultd.conf")],
                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                text=True) as daemon:
            try:
                said = ""
                while "event=ready" not in said:
                    self.assertIsNone(daemon.poll())
                    said += daemon.stderr.readline()
                self.service.ports = {
                    "partners": port, "people": int(re.search(
                        r"listener=people .*port=(\d+)", said)[1])}
                self.assertEqual(self.readyz().status, 200)
                # any other name than those that were given
                answer = self.service.admin().request(
                    "GET", "/readyz", headers={"Host": "elsewhere"})
                self.assertEqual(answer.status, 421)
            finally:
                daemon.terminate()
                daemon.stderr.read()
                self.assertEqual(daemon.wait(30), 0)

    def test_twice(self):
        self.assertEqual(self.init().returncode, 0)
        with open(self.path("field.key"), encoding="ascii") as f:
            key = f.read()
        self.refused(self.init(), EXISTS, "is no empty directory")
        with open(self.path("field.key"), encoding="ascii") as f:
            self.assertEqual(f.read(), key)
        self.assertEqual(self.left(), ["state"])

    def test_into_an_empty_directory(self):
        os.mkdir(self.service.state, 0o755)
        self.assertEqual(self.init().returncode, 0)
        self.assertEqual(
            stat.S_IMODE(os.stat(self.service.state).st_mode), 0o700)

    def test_where_nothing_may_be_written(self):
        program = os.path.join(self.service.folder, "program")
        shutil.copy(self.service.program("teleconsultd"), program)
        os.chmod(self.service.folder, 0o555)
        self.addCleanup(os.chmod, self.service.folder, 0o755)
        ran = subprocess.run(
            [program, "init", "--state", self.service.state, "--name", "x",
             "--host", "localhost"], capture_output=True, text=True,
            timeout=30, check=False, **NOBODY)
        self.refused(ran, DENIED, "state.new-.*Permission denied")
        self.assertEqual(self.left(), ["program"])

    def test_into_nowhere(self):
        state = os.path.join(self.service.folder, "no", "such")
        self.refused(self.init(state=state), MISSING, "no")
        self.assertEqual(self.left(), [])

    def test_bad_arguments_make_nothing(self):
        for args, said in (
                (["Upper.Case"], "hosts"),
                (["a/b"], "hosts"),
                (["a..b"], "host|name"),
                (["localhost", "--listen", "8443"], "partners"),
                (["localhost", "--listen-people", "x:1"], "people"),
                (["localhost", "--admin", "字" * 65], "--admin"),
                (["localhost", "--admin", "a\nb"], "--admin"),
        ):
            with self.subTest(args=args):
                ran = self.init(*args)
                self.assertIn(ran.returncode, (USAGE, CONFIG))
                self.refused(ran, ran.returncode, said)
                self.assertEqual(self.left(), [])

    def test_a_full_disk_leaves_nothing(self):
        """For every size of disk up to what it takes: all or nothing."""
        script = ('mount -t tmpfs -o size="$1" none "$2" || exit 99; shift 2;'
                  '"$@"; code=$?; ls -A "${4%/*}" >&3; exit $code')
        codes = []
        for size in ("4k", "16k", "64k", "256k", "4m"):
            with tempfile.TemporaryFile("w+") as listed:
                ran = subprocess.run(
                    ["unshare", *(["-r"] if not NOBODY else []), "-m", "sh",
                     "-c", f"exec 3>&{listed.fileno()}; " + script, "sh",
                     size, self.service.folder,
                     self.service.program("teleconsultd"), "init", "--state",
                     self.service.state, "--name", "x", "--host",
                     "localhost"], pass_fds=[listed.fileno()],
                    capture_output=True, text=True, timeout=30, check=False)
                listed.seek(0)
                names = listed.read().split()
            codes.append(ran.returncode)
            if ran.returncode:
                self.refused(ran, LATER, "No space|full")
            self.assertEqual(names, [] if ran.returncode else ["state"], size)
        self.assertEqual((codes[0], codes[-1]), (LATER, 0))
        self.assertIn(LATER, codes[1:])


class Refused(Case):
    """Starts that must not come about."""

    def setUp(self):
        super().setUp()
        self.service.init()

    def rewrite(self, name, data):
        os.chmod(self.path(name), 0o600)
        with open(self.path(name), "wb") as f:
            f.write(data)

    def test_no_database(self):
        for name in os.listdir(self.service.state):
            if name.startswith("teleconsult.db"):
                os.unlink(self.path(name))
        self.start_refused(MISSING, "teleconsultd init")
        self.assertFalse(os.path.exists(self.path("teleconsult.db")))

    def test_key(self):
        with open(self.path("field.key"), "rb") as f:
            key = f.read()
        os.unlink(self.path("field.key"))
        self.start_refused(MISSING, "field.key")
        self.rewrite_new("field.key", b"0" * 64 + b"\n")
        line = self.start_refused(DENIED, "not the field key")
        self.assertIn(self.path("field.key"), line)
        self.assertNotIn("000000", line)
        for wrong in (b"", key[:-2], key + b"\n", key.upper().replace(
                b"\n", b"\r\n"), b"x" * 64, key * 100):
            self.rewrite("field.key", wrong)
            self.start_refused(CONFIG, "field.key")
        self.rewrite("field.key", key.rstrip())
        self.service.start()

    def rewrite_new(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)

    def test_keys_are_credentials(self):
        credentials = os.path.join(self.service.folder, "credentials")
        os.mkdir(credentials)
        for name, credential in (("field.key", "field-key"),
                                 ("ca.key", "ca-key"),
                                 ("server.key", "tls-key")):
            with self.subTest(name=name):
                given = os.path.join(credentials, credential)
                os.rename(self.path(name), given)
                self.start_refused(MISSING, re.escape(name))
                self.service.start(
                    wrapper=("env", "CREDENTIALS_DIRECTORY=" + credentials))
                self.assertEqual(self.readyz().status, 200)
                self.assertEqual(self.service.stop(), 0)
                os.rename(given, self.path(name))

    def test_certificates(self):
        for name in ("server.pem", "server.key", "ca.pem", "ca.key"):
            with self.subTest(name=name):
                os.rename(self.path(name), self.path("away"))
                self.start_refused(MISSING, re.escape(name))
                self.rewrite_new(name, b"not PEM at all\n")
                self.start_refused(CONFIG, "PEM|certificate|key")
                os.rename(self.path("away"), self.path(name))
        self.service.start()

    def test_damaged_database(self):
        with open(self.path("teleconsult.db"), "rb") as f:
            whole = f.read()
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path("teleconsult.db" + suffix))
        for damaged in (b"\xff" * 8192, b"hello", whole[:100] + b"\0" * 8092,
                        whole[:4096] + b"\xee" * (len(whole) - 4096)):
            self.rewrite("teleconsult.db", damaged)
            self.start_refused(DAMAGED, "teleconsult.db")
            with open(self.path("teleconsult.db"), "rb") as f:
                self.assertEqual(f.read(), damaged)

    def test_second_daemon(self):
        self.service.start()
        line = self.start_refused(TAKEN, "in use by process")
        self.assertIn(str(self.service.process.pid), line)
        self.assertEqual(self.readyz().status, 200)
        self.assertEqual(self.service.stop(), 0)
        self.service.start()

    def test_port_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.service.options = {"listen": {
                "partners": f"127.0.0.1:{taken.getsockname()[1]}"}}
            self.start_refused(TAKEN, "127.0.0.1")

    def test_nothing_to_listen_on(self):
        self.service.options = {"listen": {"partners": "", "people": ""}}
        self.start_refused(CONFIG, "nothing to listen on")

    def test_read_only_directory(self):
        program = os.path.join(self.service.folder, "program")
        shutil.copy(self.service.program("teleconsultd"), program)
        os.chmod(self.service.folder, 0o755)
        if NOBODY:
            for folder, _, names in os.walk(self.service.state):
                for name in [".", *names]:
                    os.chown(os.path.join(folder, name), 65534, 65534)
        os.unlink(self.path("teleconsult.db.lock"))
        os.chmod(self.service.state, 0o500)
        self.addCleanup(os.chmod, self.service.state, 0o700)
        ran = subprocess.run(
            [program, "--config", self.service.write_config()],
            capture_output=True, text=True, timeout=30, check=False,
            **NOBODY)
        self.refused(ran, DENIED, "teleconsult.db.*Permission denied")


class Life(Case):
    def setUp(self):
        super().setUp()
        self.service.init().start()

    def test_ready(self):
        self.assertEqual(self.readyz().json["status"], "ok")
        self.assertEqual(self.service.anybody().get("/healthz").status, 200)
        with open(f"/proc/{self.service.process.pid}/limits",
                  encoding="ascii") as f:
            self.assertRegex(f.read(), r"Max core file size\s+0\s+0 ")

    def test_stop_and_start(self):
        self.assertEqual(self.service.stop(), 0)
        self.service.start()
        self.service.process.send_signal(signal.SIGINT)
        self.assertEqual(self.service.process.wait(30), 0)
        self.service.start()
        self.assertEqual(self.readyz().status, 200)

    def test_killed(self):
        somebody = self.service.person("张", "administrator")
        self.service.kill()
        self.service.start()
        somebody.close()
        somebody.port = self.service.ports["partners"]
        self.assertEqual(somebody.get("/v1/whoami").json["name"], "张")

    def test_drain_answers_what_is_under_way(self):
        admin = self.service.admin()
        admin.get("/healthz")
        raw = admin.connection.sock
        raw.sendall(b"POST /v1/log/verify HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Type: application/json\r\n"
                    b"Idempotency-Key: k\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.3)
        self.service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: self.refuses_connections())
        self.assertTrue(self.service.alive())
        raw.sendall(b"}")
        got = b""
        with contextlib.suppress(ssl.SSLEOFError):
            while piece := raw.recv(4096):
                got += piece
        self.assertTrue(got.startswith(b"HTTP/1.1 200 "), got)
        self.assertIn(b"\r\nconnection: close\r\n", got.lower())
        self.assertEqual(self.service.process.wait(30), 0)

    def refuses_connections(self):
        try:
            socket.create_connection(
                ("127.0.0.1", self.service.ports["partners"]), 5).close()
        except ConnectionError:
            return True
        return False

    def test_drain_ends(self):
        """A request that never becomes whole is cut after the grace."""
        self.service.stop()
        self.service.options = {"daemon": {"drain_seconds": "1"}}
        self.service.start()
        admin = self.service.admin()
        admin.get("/healthz")
        admin.connection.sock.sendall(
            b"POST /v1/log/verify HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{")
        time.sleep(0.3)
        begin = time.monotonic()
        self.assertEqual(self.service.stop(), 0)
        self.assertLess(time.monotonic() - begin, 10)

    def test_damage_found_while_it_runs(self):
        """It ends, and says why, rather than go on over a damaged file."""
        self.service.stop()
        # The whole log into the file, which is then the only place to read.
        with contextlib.closing(
                sqlite3.connect(self.service.database)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root, = self.service.rows("SELECT rootpage FROM sqlite_schema"
                                  " WHERE name = 'idempotency'")[0]
        size, = self.service.rows("PRAGMA page_size")[0]
        self.service.start()
        with open(self.path("teleconsult.db"), "r+b") as f:
            f.seek((root - 1) * size)
            f.write(b"\xee" * size)
        with contextlib.suppress(RuntimeError):
            self.service.person("x", "administrator")
        self.assertEqual(self.service.process.wait(30), DAMAGED)
        self.assertIn("teleconsultd: the writer gave up", self.service.log())


class Reload(Case):
    def setUp(self):
        super().setUp()
        # A file of our own, to be changed.
        self.service.options = {"daemon": {"log_level": "info"}}
        self.service.init().start()

    def served(self):
        """The certificate that a new connection is shown."""
        with socket.create_connection(
                ("127.0.0.1", self.service.ports["people"]), 10) as plain, \
                self.service.context().wrap_socket(
                    plain, server_hostname="localhost") as tls:
            return tls.getpeercert(True)

    def reload(self, said):
        begin = len(self.service.log())
        self.service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: said in self.service.log()[begin:])
        return self.service.log()[begin:]

    def sign(self):
        """Another certificate for the server, by the same CA."""
        key, csr = self.service.order("localhost")
        extension = os.path.join(self.service.folder, "extension")
        with open(extension, "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost\n"
                    "extendedKeyUsage=serverAuth\n")
        cert = subprocess.run(
            ["openssl", "x509", "-req", "-CA", self.path("ca.pem"), "-CAkey",
             self.path("ca.key"), "-days", "2", "-extfile", extension],
            input=csr, check=True, text=True, capture_output=True).stdout
        return key, cert

    def test_broken_certificate_keeps_the_old(self):
        before = self.served()
        key, cert = self.sign()
        with open(self.path("server.pem"), encoding="ascii") as f:
            good = f.read()
        for broken in ("", "nonsense\n", cert):  # the last: not this key's
            with open(self.path("server.pem"), "w", encoding="ascii") as f:
                f.write(broken)
            self.reload("event=tls-kept")
            self.assertEqual(self.served(), before)
        with open(self.path("server.pem"), "w", encoding="ascii") as f:
            f.write(good)
        self.reload("event=tls-reloaded")
        self.assertEqual(self.served(), before)

    def test_new_certificate(self):
        before = self.served()
        live = self.service.anybody()
        self.assertEqual(live.get("/healthz").status, 200)
        key, cert = self.sign()
        with open(self.path("server.pem"), "w", encoding="ascii") as f:
            f.write(cert)
        shutil.copy(key, self.path("server.key"))
        self.reload("event=tls-reloaded")
        self.assertNotEqual(self.served(), before)
        self.assertEqual(self.served(), ssl.PEM_cert_to_DER_cert(cert))
        # who was connected stays so
        self.assertEqual(live.connection.sock.getpeercert(True), before)
        self.assertEqual(live.get("/healthz").status, 200)

    def test_options(self):
        self.service.options = {"daemon": {"log_level": "debug",
                                           "workers": "1"}}
        self.service.write_config()
        said = self.reload("event=tls-reloaded")
        self.assertRegex(said, r"event=option-reloaded .*option=log_level")
        wait_until(lambda: re.search(
            r"event=option-needs-restart .*option=workers",
            self.service.log()))

    def test_options_and_certificates_are_one(self):
        """Where the one has a fault the other stays as it was, too."""
        before = self.served()
        with open(self.path("server.pem"), "w", encoding="ascii") as f:
            f.write("nonsense\n")
        self.service.options = {"daemon": {"log_level": "warning"}}
        self.service.write_config()
        self.reload("event=tls-kept")
        self.assertEqual(self.served(), before)
        self.readyz()
        self.assertIn("event=request", self.service.log())
        self.assertNotIn("event=option-reloaded", self.service.log())
        key, cert = self.sign()
        with open(self.path("server.pem"), "w", encoding="ascii") as f:
            f.write(cert)
        shutil.copy(key, self.path("server.key"))
        with open(self.service.write_config(), "a", encoding="ascii") as f:
            f.write("nonsense\n")
        self.reload("event=option-wrong")
        time.sleep(0.2)
        self.assertEqual(self.served(), before)
        self.service.write_config()
        self.reload("event=tls-reloaded")
        self.assertEqual(self.served(), ssl.PEM_cert_to_DER_cert(cert))
        begin = len(self.service.log())
        self.readyz()
        self.assertNotIn("event=request", self.service.log()[begin:])

    def test_wrong_file_changes_nothing(self):
        with open(self.service.write_config(), "a", encoding="ascii") as f:
            f.write("[daemon]\nworkers = 1\nlevel = 1\n[x]\n")
        self.reload("event=option-wrong")
        time.sleep(0.2)
        said = self.service.log()
        self.assertEqual(said.count("event=option-wrong"), 2)
        self.assertNotIn("option-reloaded", said)
        self.assertNotIn("tls-reloaded", said)
        os.unlink(os.path.join(self.service.folder, "teleconsultd.conf"))
        self.reload("event=options-unreadable")
        self.assertEqual(self.readyz().status, 200)


class Manager(Case):
    """What passes between the daemon and a service manager."""

    def setUp(self):
        super().setUp()
        self.service.init()
        self.heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.heard.close)
        self.heard.settimeout(30)
        self.heard.bind(os.path.join(self.service.folder, "manager"))

    # As a manager does it: the process id is known only in the child.
    EXEC = ("import os, sys\n"
            "for n, fd in enumerate(map(int, sys.argv[1].split()), 3):\n"
            "    os.dup2(fd, n)\n"
            "pid = str(os.getpid())\n"
            "more = dict(p.replace('%', pid).split('=')"
            " for p in sys.argv[2].split())\n"
            "os.execve(sys.argv[3], sys.argv[3:], {**os.environ, **more})\n")

    def spawn(self, names="", sockets=()):
        """names: environment, with % for the daemon's process id."""
        # Numbers that the child's first ones cannot hit.
        fds = [os.dup2(s.fileno(), 200 + n) for n, s in enumerate(sockets)]
        self.service.process = subprocess.Popen(
            [sys.executable, "-c", self.EXEC, " ".join(map(str, fds)), names,
             self.service.program("teleconsultd"), "--config",
             self.service.write_config()],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=fds,
            env={**os.environ, "NOTIFY_SOCKET": self.heard.getsockname()})
        for fd in fds:
            os.close(fd)

    def hear(self):
        return self.heard.recv(4096).decode().split("\n")

    def test_ready_and_stopping(self):
        self.spawn()
        self.assertIn("READY=1", self.hear())
        self.service.process.terminate()
        self.assertIn("STOPPING=1", self.hear())
        self.assertEqual(self.service.process.wait(30), 0)

    def test_watchdog(self):
        self.spawn("WATCHDOG_USEC=2000000 WATCHDOG_PID=%")
        self.assertIn("READY=1", self.hear())
        begin = time.monotonic()
        for _ in range(4):
            self.assertEqual(self.hear(), ["WATCHDOG=1"])
        self.assertLess(time.monotonic() - begin, 6)

    def test_watchdog_of_another(self):
        self.spawn("WATCHDOG_USEC=100000 WATCHDOG_PID=1")
        self.assertIn("READY=1", self.hear())
        self.heard.settimeout(2)
        self.assertRaises(TimeoutError, self.hear)

    def test_stopped_process_is_not_alive(self):
        """A daemon that does nothing says nothing."""
        self.spawn("WATCHDOG_USEC=2000000")
        self.assertIn("READY=1", self.hear())
        self.hear()
        self.service.process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        self.heard.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.hear()
        self.heard.settimeout(3)
        self.assertRaises(TimeoutError, self.hear)
        self.service.process.send_signal(signal.SIGCONT)
        self.heard.settimeout(30)
        self.assertEqual(self.hear(), ["WATCHDOG=1"])

    def test_sockets_are_handed_over(self):
        self.service.options = {"listen": {"partners": "127.0.0.1:1",
                                           "people": ""}}
        with socket.create_server(("127.0.0.1", 0)) as partners, \
                socket.create_server(("127.0.0.1", 0)) as people:
            self.service.ports = {
                "partners": partners.getsockname()[1],
                "people": people.getsockname()[1]}
            self.spawn("LISTEN_PID=% LISTEN_FDS=2 "
                       "LISTEN_FDNAMES=partners:people", [partners, people])
            self.assertIn("READY=1", self.hear())
            self.assertEqual(self.readyz().status, 200)
            self.assertEqual(
                self.service.anybody().get("/healthz").status, 200)
            # who comes while nobody serves waits, and is served
            self.service.kill()
            admin = self.service.admin()
            with concurrent.futures.ThreadPoolExecutor() as pool:
                early = pool.submit(admin.get, "/v1/whoami")
                time.sleep(0.3)
                self.spawn("LISTEN_PID=% LISTEN_FDS=2 "
                           "LISTEN_FDNAMES=partners:people",
                           [partners, people])
                self.assertEqual(early.result(30).status, 200)

    def test_foreign_socket_is_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            self.spawn("LISTEN_PID=% LISTEN_FDS=1 LISTEN_FDNAMES=other",
                       [other])
            self.assertEqual(self.service.process.wait(30), CONFIG)


if __name__ == "__main__":
    unittest.main()
