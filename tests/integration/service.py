"""The real daemon in a temporary directory, and people who talk to it.

A Service is one life of a state directory: init, start, stop, kill, start
again. A Client is one person's keep-alive connection; it keeps every answer
for the check against the OpenAPI document (the folder that ANSWERS names).
The database file is read only while no daemon runs.
"""
import collections
import contextlib
import hashlib
import http.client
import itertools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time

import clock as clocks

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build/release"))
LIAOYANG = os.path.join(ROOT, "examples", "liaoyang.json")
JSON = "application/json"
PROBLEM = "application/problem+json"
BACKUP = "application/vnd.sqlite3"
NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME


class Answer:
    """What came back: status, headers (lower case), body."""

    def __init__(self, method, path, status, headers, body):
        self.method, self.path, self.status = method, path, status
        self.headers, self.body = headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        """None of an answer that is none: a backup."""
        binary = self.headers.get("content-type") == BACKUP
        return None if binary else self.body.decode("utf-8")

    @property
    def etag(self):
        return self.headers.get("etag")

    @property
    def code(self):
        """The name of the error, None for a good answer."""
        return self.json["code"] if self.status >= 400 else None

    def __repr__(self):
        return (f"{self.method} {self.path} -> {self.status} "
                f"{self.body[:600]!r}")


class Recorder:
    """Appends answers to a file of this process, one JSON a line."""

    def __init__(self):
        self.folder = os.environ.get("ANSWERS")
        self.lock = threading.Lock()
        self.file = None

    def note(self, answer):
        if not self.folder:
            return
        row = {"method": answer.method, "path": answer.path,
               "status": answer.status,
               "type": answer.headers.get("content-type"),
               "headers": answer.headers,
               "body": answer.text}
        with self.lock:
            if self.file is None:
                os.makedirs(self.folder, exist_ok=True)
                self.file = open(os.path.join(
                    self.folder, f"{os.getpid()}.jsonl"), "a",
                    encoding="utf-8")
            self.file.write(json.dumps(row) + "\n")
            self.file.flush()

    def document(self, text):
        if self.folder:
            os.makedirs(self.folder, exist_ok=True)
            with open(os.path.join(self.folder, "openapi.json"), "wb") as f:
                f.write(text)


RECORDER = Recorder()


def rows_of(path, sql, *values):
    """Reads a copy of a database file that nobody has open.

    A killed daemon leaves its write-ahead log; opening would fold it in, and
    the next start is to find what was left.
    """
    with tempfile.TemporaryDirectory() as work:
        for suffix in ("", "-wal"):
            if os.path.exists(path + suffix):
                shutil.copy(path + suffix,
                            os.path.join(work, "copy" + suffix))
        with contextlib.closing(sqlite3.connect(
                os.path.join(work, "copy"))) as db:
            return db.execute(sql, values).fetchall()


class Connection(http.client.HTTPConnection):
    """HTTP over TLS to 127.0.0.1, under the name that the server has."""

    def __init__(self, port, context, timeout=60):
        super().__init__("localhost", port, timeout=timeout)
        self.context = context

    def connect(self):
        sock = socket.create_connection(("127.0.0.1", self.port),
                                        self.timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self.context.wrap_socket(sock,
                                             server_hostname="localhost")


class Client:
    """One person. Not to be shared by threads: fork() makes another."""

    def __init__(self, service, identity, port):
        self.service, self.identity, self.port = service, identity, port
        self.context = service.context(identity)
        self.connection = None

    def fork(self):
        return Client(self.service, self.identity, self.port)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, headers=None):
        """body: bytes as they are, anything else as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        if body is not None:
            headers.setdefault("Content-Type", JSON)
        if self.connection is None:
            self.connection = Connection(self.port, self.context)
        try:
            self.connection.request(method, path, body, headers)
            got = self.connection.getresponse()
            data = got.read()
        except Exception:
            self.close()
            raise
        if got.will_close:
            self.close()
        answer = Answer(method, path, got.status,
                        {k.lower(): v for k, v in got.getheaders()}, data)
        RECORDER.note(answer)
        return answer

    def get(self, path, **query):
        return self.request("GET", with_query(path, query))

    def post(self, path, body=None, key=None, match=None):
        """A key is made when none is given; key="" sends none."""
        headers = {}
        if key != "":
            headers["Idempotency-Key"] = key or new_key()
        if match is not None:
            headers["If-Match"] = match
        return self.request("POST", path, {} if body is None else body,
                            headers)


def new_key():
    return secrets.token_hex(12)


def with_query(path, query):
    pairs = []
    for name, value in query.items():
        name = name.rstrip("_")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            text = str(one).lower() if isinstance(one, bool) else str(one)
            pairs.append(f"{name}={quote(text)}")
    return path + ("?" + "&".join(pairs) if pairs else "")


def quote(text):
    return "".join(c if re.match(r"[A-Za-z0-9._~:-]", c) else
                   "".join(f"%{b:02X}" for b in c.encode()) for c in text)


Identity = collections.namedtuple("Identity", "name certificate key")
Invitation = collections.namedtuple("Invitation",
                                    "ca secret people partners")


def mark_backup(path):
    """The line that a backup ends in, behind a database."""
    with open(path, "r+b") as f:
        line = hashlib.sha256(f.read()).hexdigest()
        f.write(b"teleconsult backup, sha-256 " + line.encode())


def read_invitation(text):
    """What stands in an invitation's text (base/invite.h)."""
    whole = bytes.fromhex(re.fullmatch("tci1_([0-9a-f]+)", text)[1])
    if hashlib.sha256(whole[4:]).digest()[:4] != whole[:4]:
        raise ValueError("the invitation is not whole")
    people, partners = whole[52:].decode().split("\n")
    return Invitation(whole[4:36], whole[36:52].hex(), people, partners)


class Service:
    """Everything is under self.folder, which close() takes away."""

    NAME = "首都医科大学附属北京安贞医院"

    def __init__(self, options=None, folder=None, clock=False):
        """clock: the time is what the test says (self.clock), from now on or
        from those UTC seconds on."""
        self.folder = folder or tempfile.mkdtemp(prefix="teleconsult-")
        self.owns = folder is None
        self.state = os.path.join(self.folder, "state")
        # A daemon in a mount namespace is started through others, and sees
        # its state at another path.
        self.wrapper, self.daemon_state = [], None
        self.log_path = os.path.join(self.folder, "log")
        self.options = options or {}
        self.process = None
        self.ports = {}
        self.numbers = itertools.count(1)
        self.clock = clocks.Clock(
            os.path.join(self.folder, "clock"),
            None if clock is True else clock) if clock else None

    # --- its life ---

    def program(self, name):
        """One of ours; with a clock of the test's, that which has it."""
        path = os.path.join(BUILD, name)
        if self.clock is None:
            return path
        told = os.path.join(BUILD, "tests", "clock", name)
        if not os.path.exists(told) or \
                os.path.getmtime(told) < os.path.getmtime(path):
            raise RuntimeError(f"{told} is not as new: make clocked")
        return told

    def environment(self, **more):
        told = self.clock.environment if self.clock else {}
        return {**os.environ, **told, **more}

    def init(self):
        ran = subprocess.run(
            [self.program("teleconsultd"), "init", "--state", self.state,
             "--name", self.NAME, "--host", "localhost",
             "--listen", "127.0.0.1:0", "--listen-people", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env=self.environment(), timeout=60)
        if ran.returncode:
            raise RuntimeError(f"init: {ran.stdout}{ran.stderr}")
        self.invitation = re.search(r"tci1_[0-9a-f]+", ran.stdout)[0]
        return self

    def write_config(self):
        """What init wrote, with our own options instead where we have any."""
        if not self.options:
            return os.path.join(self.state, "teleconsultd.conf")
        options = {"daemon": {"state": self.daemon_state or self.state},
                   "listen": {"partners": "127.0.0.1:0",
                              "people": "127.0.0.1:0",
                              "hosts": "localhost"}}
        for section, pairs in self.options.items():
            options.setdefault(section, {}).update(pairs)
        path = os.path.join(self.folder, "teleconsultd.conf")
        with open(path, "w", encoding="utf-8") as f:
            for section, pairs in options.items():
                f.write(f"[{section}]\n")
                f.writelines(f"{k} = {v}\n" for k, v in pairs.items())
        return path

    def start(self, wrapper=(), wait_s=30):
        """Starts the daemon and waits until it says that it is ready."""
        config = self.write_config()
        notify = os.path.join(self.folder, "notify")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard, \
                open(self.log_path, "ab") as log:
            heard.bind(notify)
            begin = log.tell()
            self.process = subprocess.Popen(
                [*self.wrapper, *wrapper, self.program("teleconsultd"),
                 "--config", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment(NOTIFY_SOCKET=notify))
            self.await_ready(heard, begin, wait_s)
        return self

    def await_ready(self, heard, begin, wait_s):
        heard.settimeout(0.05)
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in heard.recv(4096).split(b"\n"):
                    self.ports = self.read_ports(begin)
                    return
            if self.process.poll() is not None:
                raise RuntimeError("the daemon ended: " +
                                   self.log()[begin:])
        self.kill()
        raise RuntimeError("the daemon is not ready: " + self.log())

    def read_ports(self, begin):
        with open(self.log_path, "rb") as f:
            f.seek(begin)
            text = f.read().decode("utf-8", "replace")
        ports = {m.group(1): int(m.group(2)) for m in re.finditer(
            r"listener=(\w+) .*port=(\d+)", text)}
        if set(ports) != {"partners", "people"}:
            raise RuntimeError("the log names no ports: " + text)
        return ports

    def stop(self):
        """SIGTERM; answers the exit code."""
        return self.end(signal.SIGTERM)

    def kill(self):
        return self.end(signal.SIGKILL)

    def end(self, number):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process = None
        return code

    def alive(self):
        return self.process is not None and self.process.poll() is None

    # --- its time, where the test says it ---

    def now(self):
        return self.clock.now() if self.clock else int(time.time())

    def settle(self):
        """Waits until all that is due by now has been done."""
        self.clock.await_done(self.alive)

    def advance(self, **spans):
        """minutes=5, ...; and what then is due has been done."""
        self.clock.advance(**spans)
        self.settle()

    def at(self, when):
        """UTC seconds or a datetime; and what then is due has been done."""
        self.clock.at(when)
        self.settle()

    def close(self):
        self.kill()
        if self.clock:
            self.clock.close()
        if self.owns:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8",
                      errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    # --- people ---

    @property
    def ca(self):
        return os.path.join(self.state, "ca.pem")

    def context(self, identity=None):
        context = ssl.create_default_context(cafile=self.ca)
        if self.clock:  # by which certificates are good here
            context.verify_flags |= NO_CHECK_TIME
        if identity is not None:
            context.load_cert_chain(identity.certificate, identity.key)
        return context

    def first(self):
        """The first administrator, who enrols when they are first asked for.

        What they have is beside the state, for whoever comes to it later.
        """
        first = Identity("admin", *(os.path.join(self.folder, name) for name
                                    in ("first.pem", "first.key")))
        if not os.path.exists(first.certificate):
            made = self.enroll("admin", self.invitation).identity
            os.rename(made.key, first.key)
            os.rename(made.certificate, first.certificate)
        return first

    def admin(self):
        return self.client(self.first())

    def client(self, identity):
        return Client(self, identity, self.ports["partners"])

    def anybody(self):
        """Somebody without a certificate, at the people's listener."""
        return Client(self, None, self.ports["people"])

    def order(self, name):
        """A new key and its signing request: (key path, CSR as PEM)."""
        key = os.path.join(self.folder, f"key-{next(self.numbers)}.pem")
        csr = subprocess.run(
            ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
             "/CN=" + name, "-utf8"], check=True, text=True,
            stdin=subprocess.DEVNULL, capture_output=True).stdout
        return key, csr

    def invite(self, **body):
        """The text of a new invitation."""
        admin = self.admin()
        answer = admin.post("/v1/invitations", body)
        admin.close()
        if answer.status != 201:
            raise RuntimeError(repr(answer))
        return answer.json["invitation"]

    def enroll(self, name, invitation):
        """Uses it: whoever it was for, connected."""
        key, csr = self.order("somebody")
        somebody = self.anybody()
        answer = somebody.post("/v1/enroll", {
            "secret": read_invitation(invitation).secret, "csr": csr})
        somebody.close()
        if answer.status != 200:
            raise RuntimeError(repr(answer))
        return self.client(self.keep(name, key, answer))

    def keep(self, name, key, answer):
        """Puts the certificate of an answer beside its key."""
        certificate = key.replace("key-", "certificate-")
        with open(certificate, "w", encoding="utf-8") as f:
            f.write(answer.json["certificate"])
        return Identity(name, certificate, key)

    def person(self, name, role, site=None, expert=None):
        """Somebody new: invited by the administrator, enrolled, connected."""
        body = {"name": name, "role": role, "site": site, "expert": expert}
        return self.enroll(name, self.invite(
            **{k: v for k, v in body.items() if v is not None}))

    def profile(self, home, name, identity):
        """A profile of the command line tool, in that home."""
        where = os.path.join(home, "teleconsult", name)
        os.makedirs(where)
        pem = os.path.join(where, "identity.pem")
        with open(pem, "wb") as out:
            os.chmod(pem, 0o600)
            for part in (identity.key, identity.certificate):
                with open(part, "rb") as f:
                    out.write(f.read())
        shutil.copy(self.ca, os.path.join(where, "ca.pem"))
        with open(os.path.join(where, "profile.conf"), "w",
                  encoding="ascii") as f:
            f.write(f"server = https://localhost:{self.ports['partners']}\n")

    def load(self, path_or_network=LIAOYANG):
        """Imports a network: a file's path, or what would stand in it."""
        if isinstance(path_or_network, str):
            with open(path_or_network, "rb") as f:
                path_or_network = f.read()
        admin = self.admin()
        answer = admin.post("/v1/import", path_or_network)
        admin.close()
        if answer.status != 200:
            raise RuntimeError(repr(answer))
        return answer

    # --- what is on the disk ---

    @property
    def database(self):
        return os.path.join(self.state, "teleconsult.db")

    def rows(self, sql, *values):
        """Reads the file itself; refused while a daemon has it."""
        if self.alive():
            raise RuntimeError("the daemon still has the file")
        return rows_of(self.database, sql, *values)

    def files(self):
        """Every file under the state directory, and the log: (path, bytes)."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        yield path, f.read()


def wait_until(true, wait_s=10, step_s=0.02):
    end = time.monotonic() + wait_s
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        time.sleep(step_s)
