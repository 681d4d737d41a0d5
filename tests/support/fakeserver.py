"""An HTTPS server that says what a test tells it to, and remembers what it
was asked. Standard library only; keys and certificates come from openssl(1).
"""
import hashlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading
import time

CA_CONF = """[ca]
default_ca = it
[it]
database = {work}/index
new_certs_dir = {work}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = client
[any]
commonName = supplied
[client]
extendedKeyUsage = clientAuth
"""

def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """A CA in a directory; signs certificates for servers and clients."""

    def __init__(self, where, name):
        self.key, self.cert = f"{where}/{name}.key", f"{where}/{name}.pem"
        self.where = where
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                "-out", self.cert, "-days", "2", "-subj", f"/CN={name}")

    @classmethod
    def of(cls, key, cert):
        """One that is there already."""
        self = cls.__new__(cls)
        self.key, self.cert = key, cert
        self.where = os.path.dirname(cert)
        return self

    def sign(self, name, extension, days="2"):
        """Answers the paths of a new key and its certificate."""
        key, csr = f"{self.where}/{name}.key", f"{self.where}/{name}.csr"
        cert, ext = f"{self.where}/{name}.crt", f"{self.where}/{name}.ext"
        with open(ext, "w", encoding="utf-8") as f:
            f.write(extension + "\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", key, "-out", csr, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", csr, "-CA", self.cert, "-CAkey",
                self.key, "-CAcreateserial", "-days", days, "-out", cert,
                "-extfile", ext)
        os.chmod(key, 0o600)
        return key, cert


    def sign_order(self, csr, begin=-1, end=365):
        """A client's request as text; its certificate as text, good from and
        until so many days from now."""
        def day(n):
            return time.strftime("%Y%m%d%H%M%SZ",
                                 time.gmtime(time.time() + n * 86400))
        with tempfile.TemporaryDirectory() as work:
            for name, text in (("csr", csr), ("index", ""), ("conf", CA_CONF)):
                with open(f"{work}/{name}", "w", encoding="utf-8") as f:
                    f.write(text.format(work=work))
            openssl("ca", "-batch", "-notext", "-config", f"{work}/conf",
                    "-in", f"{work}/csr", "-cert", self.cert, "-keyfile",
                    self.key, "-startdate", day(begin), "-enddate", day(end),
                    "-out", f"{work}/crt")
            with open(f"{work}/crt", encoding="utf-8") as f:
                return f.read()

    def text(self):
        with open(self.cert, encoding="utf-8") as f:
            return f.read()

    def hash(self):
        """SHA-256 of the certificate in DER."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.text())).digest()


class Asked:
    """One request as it arrived."""

    def __init__(self, handler, body):
        self.method = handler.command
        self.path, _, self.query = handler.path.partition("?")
        self.headers = handler.headers
        self.body = body
        self.peer = handler.client_address
        self.certificate = handler.connection.getpeercert(True)

    def json(self):
        return json.loads(self.body)


class Answer:
    """status, a document or bytes, headers; or a connection that breaks, at
    once or (cut) after so many bytes of the answer."""

    def __init__(self, status=200, document=None, raw=None, headers=None,
                 drop=False, cut=None):
        self.status, self.drop, self.cut = status, drop, cut
        self.raw = raw
        if raw is None:
            self.raw = json.dumps(document, ensure_ascii=False).encode()
        self.headers = headers or {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        asked = Asked(self, self.rfile.read(length))
        answer = self.server.fake.answer(asked)
        if answer.drop:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        kind = "application/json"
        if answer.status >= 400:
            kind = "application/problem+json"
        for name, value in {"Content-Type": kind,
                            **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.raw)))
        self.end_headers()
        self.wfile.write(answer.raw[:answer.cut])
        if answer.cut is not None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.close()

    do_GET = do_POST = handle_any

    def log_message(self, *args):
        pass


class TlsServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def get_request(self):
        """The handshake is left to the connection's own thread."""
        connection, address = self.socket.accept()
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False), \
            address

    def handle_error(self, request, client_address):
        pass  # a refused handshake is what some tests are for


class FakeServer:
    """routes: "GET /v1/whoami" -> Answer, a list of them, or a function of
    Asked. The last Answer of a list is repeated."""

    def __init__(self, key, cert, ca, certificates=True):
        """certificates: whether a client has to show one."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        if certificates:
            context.load_verify_locations(ca)
            context.verify_mode = ssl.CERT_REQUIRED
        self.context = context
        self.routes, self.asked = {}, []
        self.lock = threading.Lock()
        self.server = TlsServer(("127.0.0.1", 0), Handler)
        self.server.context, self.server.fake = context, self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       kwargs={"poll_interval": 0.05},
                                       daemon=True)
        self.thread.start()

    def reset(self, routes):
        with self.lock:
            self.routes, self.asked = routes, []

    def answer(self, asked):
        with self.lock:
            self.asked.append(asked)
            route = self.routes.get(f"{asked.method} {asked.path}")
            if isinstance(route, list):
                route = route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            route = route(asked)
        if route is None:
            return problem(404, "not-found", "there is no such thing")
        return route

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def problem(status, code, detail, headers=None, **more):
    return Answer(status, {"type": "about:blank", "title": code,
                           "status": status, "code": code, "detail": detail,
                           "request_id": "r-1", **more}, headers=headers)
