"""The server's own certificate follows itself before it ends; the CA's by the
administrator's hand."""
import contextlib
import datetime
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

from service import wait_until
from test_boot import Case

CA_CONFIG = """
[ca]
default_ca = it
[it]
new_certs_dir = {folder}
database = {folder}/index
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[server]
subjectAltName = DNS:localhost,DNS:other.example,IP:127.0.0.1,IP:::1
extendedKeyUsage = serverAuth
"""


def openssl(*args, **kwargs):
    return subprocess.run(["openssl", *args], check=True, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          **kwargs).stdout


def stamp(seconds):
    return datetime.datetime.fromtimestamp(
        time.time() + seconds, datetime.timezone.utc).strftime("%Y%m%d%H%M%SZ")


class Rig(Case):
    def setUp(self):
        super().setUp()
        self.service.init()
        self.count = 0

    def sign(self, begin, end, ca="ca"):
        """Puts a pair in place whose life is from then to then."""
        folder = os.path.join(self.service.folder, f"ca-{self.count}")
        self.count += 1
        os.mkdir(folder)
        with open(f"{folder}/conf", "w", encoding="ascii") as f:
            f.write(CA_CONFIG.format(folder=folder))
        with open(f"{folder}/index", "w", encoding="ascii"):
            pass
        key, csr = self.service.order("localhost")
        with open(f"{folder}/csr", "w", encoding="ascii") as f:
            f.write(csr)
        openssl("ca", "-batch", "-notext", "-config", f"{folder}/conf",
                "-cert", self.path(f"{ca}.pem"), "-keyfile",
                self.path(f"{ca}.key"), "-in", f"{folder}/csr", "-out",
                f"{folder}/cert", "-startdate", stamp(begin), "-enddate",
                stamp(end), "-extensions", "server")
        return f"{folder}/cert", key

    def place(self, cert, key):
        shutil.copy(cert, self.path("server.pem"))
        shutil.copy(key, self.path("server.key"))

    def served(self):
        with socket.create_connection(
                ("127.0.0.1", self.service.ports["partners"]), 10) as plain:
            context = ssl.create_default_context(cafile=self.service.ca)
            context.check_hostname = True
            with context.wrap_socket(plain,
                                     server_hostname="localhost") as tls:
                return tls.getpeercert(True)

    def text(self):
        return openssl("x509", "-in", self.path("server.pem"), "-noout",
                       "-text")

    def read(self, name):
        with open(self.path(name), encoding="ascii") as f:
            return f.read()

    def said(self, event):
        return re.findall(rf"event={event}\b.*", self.service.log())

    def hosts(self):
        return set(re.findall(r"(?:DNS|IP Address):([^,\s]+)", self.text()))

    def days_left(self):
        end = re.search(r"Not After : (.*) GMT", self.text())[1]
        return (datetime.datetime.strptime(end, "%b %d %H:%M:%S %Y") -
                datetime.datetime.utcnow()).days

    def records(self):
        return self.service.rows("SELECT count(*) FROM event WHERE verb ="
                                 " 'renew' AND thing = 'server-certificate'"
                                 )[0][0]


class Renewal(Rig):
    def test_a_fresh_one_is_left_alone(self):
        before = self.read("server.pem"), self.read("server.key")
        self.service.start()
        time.sleep(1.5)
        self.assertEqual((self.read("server.pem"), self.read("server.key")),
                         before)
        self.assertEqual(self.said("ca-certificate-ends"), [])
        self.service.stop()
        self.assertEqual(self.records(), 0)

    def test_a_host_that_is_named_later(self):
        """Who runs the service adds a name and starts it again."""
        self.service.start()
        before = self.hosts()
        self.service.stop()
        self.service.options["listen"] = {
            "hosts": "localhost 127.0.0.1 new.example"}
        self.service.start()
        wait_until(lambda: self.said("tls-reloaded"))
        self.assertEqual(self.hosts(), before | {"127.0.0.1",
                                                 "new.example"})
        self.assertEqual(self.served(), ssl.PEM_cert_to_DER_cert(
            self.read("server.pem")))
        self.service.stop()
        self.service.start()
        time.sleep(1.5)
        self.assertEqual(len(self.said("server-certificate-renewed")), 1)
        self.service.stop()
        self.assertEqual(self.records(), 1)

    def test_while_it_runs(self):
        """A third of its life is left in a few seconds; who is connected
        stays, who comes gets the new one."""
        self.place(*self.sign(-20, 10 + 4))
        old = ssl.PEM_cert_to_DER_cert(self.read("server.pem"))
        key = self.read("server.key")
        self.service.start()
        live = self.service.admin()
        self.assertEqual(live.get("/healthz").status, 200)
        wait_until(lambda: self.said("server-certificate-renewed"), 20)
        wait_until(lambda: self.said("tls-reloaded"))
        new = self.served()
        self.assertNotEqual(new, old)
        self.assertEqual(new, ssl.PEM_cert_to_DER_cert(
            self.read("server.pem")))
        self.assertNotEqual(self.read("server.key"), key)
        self.assertEqual(self.hosts(), {"localhost", "other.example",
                                        "127.0.0.1", "0:0:0:0:0:0:0:1"})
        self.assertGreater(self.days_left(), 800)
        self.assertEqual(os.stat(self.path("server.key")).st_mode & 0o777,
                         0o600)
        self.assertEqual(live.connection.sock.getpeercert(True), old)
        self.assertEqual(live.get("/healthz").status, 200)
        live.close()
        self.assertEqual([n for n in os.listdir(self.service.state)
                          if "next" in n], [])
        time.sleep(1.5)
        self.assertEqual(len(self.said("server-certificate-renewed")), 1)
        self.assertEqual(self.service.stop(), 0)
        self.assertEqual(self.records(), 1)
        self.service.start()
        self.assertEqual(self.served(), new)

    def test_one_that_has_ended_already(self):
        self.place(*self.sign(-3 * 86400, -86400))
        self.service.start()
        wait_until(lambda: self.said("tls-reloaded"))
        self.served()

    def test_one_of_somebody_else(self):
        """Another CA's, or one that an option names: only a warning."""
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self.path("other.key"), "-out", self.path("other.pem"),
                "-days", "99", "-subj", "/CN=other")
        cert, key = self.sign(-10 * 86400, 86400, ca="other")
        self.place(cert, key)
        before = self.read("server.pem")
        self.service.start()
        wait_until(lambda: self.said("server-certificate-ends"))
        self.assertIn("not from this service's CA",
                      self.said("server-certificate-ends")[0])
        self.assertEqual(self.read("server.pem"), before)
        self.service.stop()
        cert, key = self.sign(-10 * 86400, 86400)
        self.service.options = {"tls": {"certificate": cert, "key": key}}
        self.service.start()
        wait_until(lambda: len(self.said("server-certificate-ends")) == 2)
        self.assertIn("named by an option",
                      self.said("server-certificate-ends")[1])
        self.assertEqual(self.read("server.pem"), before)

    def test_it_cannot_be_written(self):
        """The old one serves on, the log says what to do."""
        self.place(*self.sign(-10 * 86400, 86400))
        os.mkdir(self.path("server.pem.next"))
        self.service.start()
        wait_until(lambda: self.said("server-certificate-not-renewed"))
        self.served()
        self.assertEqual(self.said("server-certificate-renewed"), [])
        os.rmdir(self.path("server.pem.next"))

    def test_a_crash_between_the_two_files(self):
        """Every combination of what may have got its name: a start finds a
        pair, the new one where the key is there already."""
        cert, key = self.sign(-60, 86400 * 300)
        newer, newer_key = self.sign(-60, 86400 * 400)
        place = {"server.pem": cert, "server.key": key}
        for files, expected in (
                ({**place, "server.pem.next": newer}, cert),
                ({**place, "server.key.next": newer_key}, cert),
                ({**place, "server.pem.next": newer,
                  "server.key.next": newer_key}, cert),
                ({"server.pem": cert, "server.key": newer_key,
                  "server.pem.next": newer}, newer),
                ({"server.pem": newer, "server.key": key,
                  "server.key.next": newer_key}, newer),
                ({"server.pem": newer, "server.key": newer_key}, newer)):
            with self.subTest(files=files):
                for name in ("pem", "key"):
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(self.path(f"server.{name}.next"))
                for name, source in files.items():
                    shutil.copy(source, self.path(name))
                ran = self.run_program("--check", "--config",
                                       self.service.write_config())
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.service.start()
                with open(expected, encoding="ascii") as f:
                    self.assertEqual(self.served(),
                                     ssl.PEM_cert_to_DER_cert(f.read()))
                self.service.kill()
                self.assertEqual([n for n in os.listdir(self.service.state)
                                  if "next" in n], [])

    def test_killed_at_any_moment(self):
        for i in range(10):
            self.place(*self.sign(-10 * 86400, 86400))
            process = subprocess.Popen(
                [self.service.program("teleconsultd"), "--config",
                 self.service.write_config()], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.02 + 0.008 * i)
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.service.start()
            wait_until(lambda: self.days_left() > 800)
            wait_until(lambda: self.served() == ssl.PEM_cert_to_DER_cert(
                self.read("server.pem")))
            self.service.kill()


class Authority(Rig):
    """The CA's certificate comes near its end."""

    def resign(self, days):
        """As the manual says: the same key, the same name, a new end."""
        openssl("x509", "-in", self.path("ca.pem"), "-signkey",
                self.path("ca.key"), "-days", str(days), "-out",
                self.path("ca.new"))
        os.replace(self.path("ca.new"), self.path("ca.pem"))

    def test_less_than_a_year(self):
        self.resign(100)
        self.service.start()
        wait_until(lambda: self.said("ca-certificate-ends"))
        self.assertRegex(self.said("ca-certificate-ends")[0], r"days=(99|100)")

    def test_none_outlives_it(self):
        self.resign(100)
        self.place(*self.sign(-10 * 86400, 86400))
        self.service.start()
        wait_until(lambda: self.days_left() in (99, 100))
        self.service.stop()
        # It ends with its CA: another would end then, too.
        self.resign(1)
        self.place(*self.sign(-10 * 86400, 86400))
        self.service.start()
        time.sleep(1.5)
        self.assertLessEqual(len(self.said("server-certificate-renewed")), 2)

    def test_signed_anew(self):
        """Who has the old certificate of the CA, and who has the new one, both
        believe what is signed after it."""
        old = os.path.join(self.service.folder, "old-ca.pem")
        shutil.copy(self.path("ca.pem"), old)
        self.service.start()
        known = self.service.admin()
        self.assertEqual(known.get("/v1/whoami").status, 200)
        self.resign(5000)
        self.service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.said("tls-reloaded"))
        known.close()
        self.assertEqual(known.get("/v1/whoami").status, 200)
        self.service.stop()
        self.place(*self.sign(-10 * 86400, 86400))
        self.service.start()
        wait_until(lambda: self.said("server-certificate-renewed"))
        for ca in (old, self.path("ca.pem")):
            openssl("verify", "-CAfile", ca, self.path("server.pem"))
        known.close()
        known.port = self.service.ports["partners"]
        self.assertEqual(known.get("/v1/whoami").status, 200)
