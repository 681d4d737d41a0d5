#!/usr/bin/python3
"""Certificates that will not do, from where people sit: the real teleconsult at
the real daemon. It says in a line and in plain words which side's certificate
it is about, what is wrong and where the file is; it ends with 4 when the caller
is not let in and with 5 when the server is not believed or not there; nothing
is asked of a server that is not believed.

(What the daemon does with such certificates is in test_hostile.)
"""
import contextlib
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import unittest

from service import BUILD, Service

CLIENT = "extendedKeyUsage=clientAuth"
SERVER = "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:"
NOT_IN, NOT_BELIEVED = 4, 5
# A mere alert or OpenSSL's own words are no help to anybody.
NO_HELP = r"SSL routines|error:[0-9A-F]+|errno|curl|\(null\)"


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="teleconsult-home-")
        cls.addClassCleanup(shutil.rmtree, cls.home)
        cls.service = Service().init()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        state = cls.service.state
        cls.ca = (state + "/ca.pem", state + "/ca.key")
        cls.other = cls.authority("other")
        cls.admin = cls.service.admin().identity[1:]
        cls.profile("good", cls.admin)

    # --- certificates and profiles ---

    @classmethod
    def openssl(cls, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True,
                       stdin=subprocess.DEVNULL)

    @classmethod
    def authority(cls, name):
        made = [f"{cls.home}/{name}.{end}" for end in ("pem", "key")]
        cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-out", made[0], "-keyout",
                    made[1])
        return tuple(made)

    @classmethod
    def sign(cls, name, ca, extensions, days="2"):
        """days below 0: it has ended already. Answers (certificate, key)."""
        made = [f"{cls.home}/{name}.{end}"
                for end in ("crt", "key", "csr", "ext")]
        cls.openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    f"/CN={name}", "-out", made[2], "-keyout", made[1])
        with open(made[3], "w", encoding="ascii") as f:
            f.write(extensions + "\n")
        cls.openssl("x509", "-req", "-in", made[2], "-CA", ca[0], "-CAkey",
                    ca[1], "-set_serial", "77", "-days", days, "-extfile",
                    made[3], "-out", made[0])
        return made[0], made[1]

    @classmethod
    def profile(cls, name, pair, ca=None):
        where = f"{cls.home}/teleconsult/{name}"
        os.makedirs(where)
        with open(where + "/identity.pem", "wb") as out:
            for part in (pair[1], pair[0]):
                with open(part, "rb") as f:
                    out.write(f.read())
        shutil.copy(ca or cls.ca[0], where + "/ca.pem")
        os.chmod(where + "/identity.pem", 0o600)
        with open(where + "/profile.conf", "w", encoding="ascii") as f:
            f.write("server = https://localhost:1\n")

    # --- the tool ---

    def run_tool(self, profile, *args, listener="partners", host="localhost",
                 server=None):
        server = server or f"https://{host}:{self.service.ports[listener]}"
        env = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": self.home}
        env.update((k, v) for k, v in os.environ.items()
                   if k.endswith("SAN_OPTIONS"))
        return subprocess.run(
            [os.path.join(BUILD, "teleconsult"), "--profile", profile,
             "--server", server, *(args or ("whoami",))], env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False)

    def fails(self, code, said, profile, *args, **more):
        """That exit code and one line, which says so."""
        ran = self.run_tool(profile, *args, **more)
        self.assertEqual((ran.returncode, ran.stdout), (code, ""), ran.stderr)
        self.assertRegex(ran.stderr, "^teleconsult: [^\n]+\n$")
        self.assertRegex(ran.stderr, said)
        self.assertNotRegex(ran.stderr, NO_HELP)

    def works(self, profile, **more):
        ran = self.run_tool(profile, **more)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran)


class Mine(Case):
    """The caller's own certificate: asked for by hand, or not at all."""

    SUBMIT = ("submit", "remote-consultation", "--site", "liaoyang-central",
              "--reason", "x", "--patient-id", "1", "--patient-name", "y")

    def refused(self, name):
        where = f"{self.home}/teleconsult/{name}"
        for words in ((), self.SUBMIT, ("admin", "verify-log")):
            self.fails(NOT_IN, f"refuses your certificate in {where};.*"
                       "administrator", name, *words)

    def test_of_another_authority(self):
        self.profile("another", self.sign("another", self.other, CLIENT))
        self.refused("another")

    def test_expired(self):
        self.profile("late", self.sign("late", self.ca, CLIENT, "-1"))
        self.refused("late")

    def test_for_another_use(self):
        self.profile("use", self.sign("use", self.ca, SERVER + "localhost"))
        self.refused("use")

    def test_signed_by_itself(self):
        self.profile("self", self.other)
        self.refused("self")

    def test_of_nobody_known(self):
        """Well signed, and entered nowhere."""
        self.profile("unknown", self.sign("unknown", self.ca, CLIENT))
        self.fails(NOT_IN, "nobody is known by this certificate.*"
                   "administrator", "unknown")
        self.fails(NOT_IN, "nobody is known by this certificate", "unknown",
                   *self.SUBMIT)

    def test_revoked(self):
        """A row says so; the certificate itself is as good as before."""
        somebody = self.service.person("somebody", "administrator")
        self.profile("revoked", somebody.identity[1:])
        self.works("revoked")
        self.service.stop()
        self.change("UPDATE identity SET revoked_at = 1"
                    " WHERE name = 'somebody'")
        self.service.start()
        self.fails(NOT_IN, "nobody is known by this certificate", "revoked")
        self.works("good")

    def change(self, sql):
        with contextlib.closing(sqlite3.connect(
                self.service.database)) as db, db:
            self.assertEqual(db.execute(sql).rowcount, 1)

    def test_at_the_peoples_door(self):
        """Nobody is asked for a certificate there, so nobody is known."""
        self.fails(NOT_IN, "client certificate, to the partners' port",
                   "good", listener="people")

    def test_that_others_can_read(self):
        self.profile("open", self.admin)
        os.chmod(f"{self.home}/teleconsult/open/identity.pem", 0o644)
        self.fails(NOT_IN, "identity.pem", "open")

    def test_none(self):
        self.fails(NOT_IN, "nobody", "nobody")
        self.profile("bare", self.admin)
        os.truncate(f"{self.home}/teleconsult/bare/identity.pem", 300)
        self.fails(NOT_IN, "identity.pem", "bare")


class Theirs(Case):
    """The server's certificate."""

    def test_a_good_one(self):
        self.works("good")

    def test_of_another_authority(self):
        self.profile("stranger", self.admin, self.other[0])
        self.fails(NOT_BELIEVED, "not believed: .* not from the CA of this"
                   f" profile",
                   "stranger")

    def test_for_another_host(self):
        self.fails(NOT_BELIEVED, "not believed: .* another host name;"
                   " check the address", "good", host="127.0.0.1")

    def serve(self, pair):
        """The daemon with that certificate."""
        self.service.stop()
        self.service.options = {"tls": {"certificate": pair[0],
                                        "key": pair[1]}}
        self.addCleanup(self.serve_own)
        self.service.start()

    def serve_own(self):
        self.service.stop()
        self.service.options = {}
        self.service.start()

    def test_expired(self):
        self.serve(self.sign("expired", self.ca, SERVER + "localhost", "-1"))
        self.fails(NOT_BELIEVED, "not believed: its certificate has expired",
                   "good")

    def test_for_another_use(self):
        self.serve(self.sign("client", self.ca,
                             CLIENT + "\nsubjectAltName=DNS:localhost"))
        self.fails(NOT_BELIEVED, "not believed: its certificate is not one"
                   " for a server", "good")

    def test_for_another_name(self):
        self.serve(self.sign("elsewhere", self.ca, SERVER + "example.org"))
        self.fails(NOT_BELIEVED, "another host name", "good")

    def test_old_tls_alone(self):
        """A server that speaks nothing newer than TLS 1.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        pair = self.sign("old", self.ca, SERVER + "localhost")
        context.load_cert_chain(*pair)
        with OneAfterAnother(context) as port:
            self.fails(NOT_BELIEVED, "no TLS 1.2 or newer", "good",
                       server=f"https://localhost:{port}")

    def test_gone(self):
        self.service.stop()
        self.addCleanup(self.service.start)
        self.fails(NOT_BELIEVED, "nothing answers there", "good",
                   server="https://localhost:1")


class OneAfterAnother:
    """Accepts and shakes hands, whatever comes of it."""

    def __init__(self, context):
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self.listener.getsockname()[1]

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            with plain:
                plain.settimeout(5)
                try:
                    self.context.wrap_socket(plain, server_side=True).close()
                except (OSError, ssl.SSLError):
                    pass

    def __exit__(self, *exc):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


if __name__ == "__main__":
    unittest.main()
