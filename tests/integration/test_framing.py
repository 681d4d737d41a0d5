"""HTTP/1.1 framing over TLS, on both listeners (RFC 9110, RFC 9112).

What is ambiguous is answered once, with an error, and the connection closes;
nothing behind it on the wire is taken for a request. Each row: what is sent,
the statuses allowed, whether the connection must close, the number of answers.
"""
import re
import socket
import unittest

from service import Service

HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST
POST = b"POST /healthz HTTP/1.1\r\n" + HOST
NEXT = GET + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BAD = {400}
LAST = b"0\r\n\r\n"


def line(text):
    return text + b"\r\n" + HOST + b"\r\n"


GOOD = [
    ("one request", NEXT, {200}, 1),
    ("two in one flight", NEXT + NEXT, {200}, 2),
    ("lines before the first", b"\r\n" + NEXT, {200}, 1),
    ("absolute form of our own", line(
        b"GET https://localhost/healthz HTTP/1.1"), {200}, 1),
    ("a query that nobody asked for", line(
        b"GET /healthz?x=y HTTP/1.1"), {200, 400, 422}, 1),
    ("white space around a value", GET + b"X-A: \t a \t \r\n\r\n", {200}, 1),
    ("an empty value", GET + b"X-A:\r\n\r\n", {200}, 1),
    # Refused, but read to its end, so that the next is found.
    ("a body for who takes none", POST + b"Content-Length: 5\r\n\r\nhello" +
     NEXT, {405, 200}, 2),
    ("chunks for who takes none", POST + CHUNKED + b"5\r\nhello\r\n" + LAST +
     NEXT, {405, 200}, 2),
    ("chunk extensions and trailers", POST + CHUNKED +
     b"5;a=b;c=\"d e\"\r\nhello\r\n0\r\nX-T: 1\r\n\r\n" + NEXT,
     {405, 200}, 2),
    ("unknown method", line(b"BREW /healthz HTTP/1.1"), {405, 501}, 1),
    ("TRACE", line(b"TRACE /healthz HTTP/1.1"), {405, 501}, 1),
    ("CONNECT", b"CONNECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n",
     {400, 405, 501}, 1),
    ("asterisk form", line(b"OPTIONS * HTTP/1.1"), {200, 204, 400, 404, 405},
     1),
    ("dot segments", line(b"GET /v1/../healthz HTTP/1.1"),
     {200, 400, 404}, 1),
    ("dot segments above the root", line(b"GET /../../etc/passwd HTTP/1.1"),
     {400, 404}, 1),
    ("bad percent", line(b"GET /%zz HTTP/1.1"), {400, 404}, 1),
    ("percent cut short", line(b"GET /%2 HTTP/1.1"), {400, 404}, 1),
    ("encoded NUL", line(b"GET /healthz%00 HTTP/1.1"), {400, 404}, 1),
    ("encoded slash", line(b"GET /v1%2fwhoami HTTP/1.1"), {400, 401, 404}, 1),
]

VERIFY = b"POST /v1/log/verify HTTP/1.1\r\n" + HOST + \
    b"Content-Type: application/json\r\n"
# Bodies that are taken (partners only), each with another request behind it.
BODIES = [
    ("of known length", VERIFY + b"Content-Length: 2\r\n\r\n{}"),
    ("in one chunk", VERIFY + CHUNKED + b"2\r\n{}\r\n" + LAST),
    ("in chunks", VERIFY + CHUNKED + b"1\r\n{\r\n01\r\n}\r\n" + LAST),
    ("with chunk extensions and trailers", VERIFY + CHUNKED +
     b"2;a=b;c=\"d e\"\r\n{}\r\n0;e\r\nX-T: 1\r\n\r\n"),
]

BROKEN = [
    ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", BAD),
    ("two Hosts", GET + b"Host: localhost\r\n\r\n", BAD),
    ("another host", b"GET /healthz HTTP/1.1\r\nHost: evil\r\n\r\n",
     {400, 421}),
    ("a host with a path", b"GET /healthz HTTP/1.1\r\nHost: localhost/x\r\n"
     b"\r\n", {400, 421}),
    ("absolute form of another", line(b"GET http://evil/ HTTP/1.1"),
     {400, 421}),
    ("length and chunks", POST + b"Content-Length: 6\r\n" + CHUNKED + LAST +
     b"G", BAD),
    ("chunks and length", POST + b"Transfer-Encoding: chunked\r\n"
     b"Content-Length: 4\r\n\r\n" + LAST + NEXT, BAD),
    ("two lengths that differ", POST + b"Content-Length: 0\r\n"
     b"Content-Length: 5\r\n\r\nhello" + NEXT, BAD),
    ("two lengths alike", POST + b"Content-Length: 5\r\n"
     b"Content-Length: 5\r\n\r\nhello" + NEXT, BAD),
    ("lengths in a list", POST + b"Content-Length: 5, 5\r\n\r\nhello", BAD),
    ("chunked twice", POST + b"Transfer-Encoding: chunked\r\n" + CHUNKED +
     LAST + NEXT, BAD | {501}),
    ("chunked in a list twice", POST + b"Transfer-Encoding: chunked, "
     b"chunked\r\n\r\n" + LAST + NEXT, BAD | {501}),
    ("chunked not last", POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" +
     LAST + NEXT, BAD | {501}),
    ("another coding", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" +
     LAST + NEXT, BAD | {501}),
    ("almost chunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n" + NEXT,
     BAD | {501}),
    ("chunked with a tail", POST + b"Transfer-Encoding: chunked\x0b\r\n\r\n" +
     LAST + NEXT, BAD | {501}),
    ("identity", POST + b"Transfer-Encoding: identity\r\n"
     b"Content-Length: 0\r\n\r\n" + NEXT, BAD | {501}),
    ("chunks in HTTP/1.0", b"POST /healthz HTTP/1.0\r\n" + HOST + CHUNKED +
     LAST + NEXT, BAD | {501}),
    ("a blank before the colon", POST + b"Content-Length : 5\r\n\r\nhello",
     BAD),
    ("a tab before the colon", GET + b"X-A\t: a\r\n\r\n", BAD),
    ("a folded field", GET + b"X-A: a\r\n b\r\n\r\n", BAD),
    ("a folded first field", b"GET /healthz HTTP/1.1\r\n X-A: a\r\n" + HOST +
     b"\r\n", BAD),
    ("bare LF", NEXT.replace(b"\r\n", b"\n"), BAD),
    ("bare LF in one line", GET + b"X-A: a\nX-B: b\r\n\r\n", BAD),
    ("bare CR", GET + b"X-A: a\rX-B: b\r\n\r\n", BAD),
    ("bare CR at the end of a line", GET + b"X-A: a\r\r\n\r\n", BAD),
    ("NUL in a value", GET + b"X-A: a\x00b\r\n\r\n", BAD),
    ("NUL in a name", GET + b"X\x00A: b\r\n\r\n", BAD),
    ("a control character", GET + b"X-A: a\x07b\r\n\r\n", BAD),
    ("no colon", GET + b"nothing\r\n\r\n", BAD),
    ("no name", GET + b": a\r\n\r\n", BAD),
    ("a name with a bracket", GET + b"X(A): a\r\n\r\n", BAD),
    ("two blanks in the first line", line(b"GET  /healthz HTTP/1.1"), BAD),
    ("a tab in the first line", line(b"GET\t/healthz HTTP/1.1"), BAD),
    ("a blank behind the version", line(b"GET /healthz HTTP/1.1 "), BAD),
    ("a blank in the target", line(b"GET /health z HTTP/1.1"), BAD),
    ("a fragment", line(b"GET /healthz#x HTTP/1.1"), BAD | {404}),
    ("no target", line(b"GET HTTP/1.1"), BAD),
    ("small letters", line(b"GET /healthz http/1.1"), BAD | {505}),
    ("HTTP/1.2", line(b"GET /healthz HTTP/1.2"), {200, 400, 505}),
    ("HTTP/2.0", line(b"GET /healthz HTTP/2.0"), {400, 505}),
    ("HTTP/0.9", b"GET /healthz\r\n\r\n", {400, 505}),
    ("HTTP/01.1", line(b"GET /healthz HTTP/01.1"), {400, 505}),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    ("a field of 20 kB", GET + b"X-A: " + b"a" * 20000 + b"\r\n\r\n",
     {400, 431}),
    ("a name of 20 kB", GET + b"a" * 20000 + b": a\r\n\r\n", {400, 431}),
    ("a target of 20 kB", line(b"GET /" + b"a" * 20000 + b" HTTP/1.1"),
     {400, 414}),
    ("1000 fields", GET + b"X-A: a\r\n" * 1000 + b"\r\n", {400, 431}),
    ("an expectation we cannot meet", POST + b"Expect: tea\r\n"
     b"Content-Length: 5\r\n\r\nhello", {405, 417}),
    ("chunk data without its end", POST + CHUNKED + b"1\r\nxx" + LAST,
     BAD),
    ("a chunk ended by LF", POST + CHUNKED + b"1\nx\r\n" + LAST, BAD),
    ("a chunk extension with LF", POST + CHUNKED + b"1;a\nb\r\nx\r\n" + LAST,
     BAD),
    ("a trailer that is folded", POST + CHUNKED + b"0\r\nA: b\r\n c\r\n\r\n",
     BAD),
] + [(f"Content-Length: {value!r}", POST + b"Content-Length: " + value +
      b"\r\n\r\nhello", BAD | {413}) for value in (
          b"+5", b"-1", b"5x", b"0x5", b"", b"5 5", b"5.0", b"1e1",
          b"\xd9\xa5", b"18446744073709551621", b"9" * 40)
] + [(f"chunk size {size!r}", POST + CHUNKED + size + b"\r\nx\r\n" + LAST,
      BAD | {413}) for size in (
          b"-1", b"+1", b"0x1", b"1 ", b" 1", b"", b"g", b"1_", b"f" * 16,
          b"0" * 40 + b"1")]


class Framing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init().start()
        cls.addClassCleanup(cls.service.close)
        admin = cls.service.admin()
        cls.ends = {"partners": (cls.service.ports["partners"],
                                 admin.context),
                    "people": (cls.service.ports["people"],
                               cls.service.context())}

    def talk(self, listener, raw, until=None):
        """Sends it all; (bytes, closed). Waits until enough has come."""
        port, context = self.ends[listener]
        got, closed = b"", False
        with socket.create_connection(("127.0.0.1", port), 5) as plain, \
                context.wrap_socket(plain,
                                    server_hostname="localhost") as sock:
            sock.settimeout(5)
            try:
                sock.sendall(raw)
                while until is None or not until(got):
                    data = sock.recv(65536)
                    if not data:
                        closed = True
                        break
                    got += data
                else:
                    # One answer too many would come at once.
                    sock.settimeout(0.1)
                    got += sock.recv(65536)
            except TimeoutError:
                pass
            except OSError:
                closed = True
        return got, closed

    @staticmethod
    def statuses(got):
        return [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)]

    def test_clear_requests(self):
        for listener in self.ends:
            for name, raw, allowed, count in GOOD:
                with self.subTest(listener=listener, name=name):
                    got, _ = self.talk(
                        listener, raw, lambda g: len(
                            re.findall(rb"\r\n\r\n", g)) >= count)
                    statuses = self.statuses(got)
                    self.assertEqual(len(statuses), count, got)
                    self.assertLessEqual(set(statuses), allowed, got)

    def test_what_is_ambiguous_or_broken(self):
        for listener in self.ends:
            for name, raw, allowed in BROKEN:
                with self.subTest(listener=listener, name=name):
                    got, closed = self.talk(listener, raw)
                    statuses = self.statuses(got)
                    self.assertEqual(len(statuses), 1, got)
                    self.assertIn(statuses[0], allowed, got)
                    self.assertTrue(closed, "left open")

    def exchange(self, raw, piece):
        """The statuses of two answers to what is sent in pieces."""
        port, context = self.ends["partners"]
        got = b""
        with socket.create_connection(("127.0.0.1", port), 5) as plain, \
                context.wrap_socket(plain,
                                    server_hostname="localhost") as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(5)
            for i in range(0, len(raw), piece):
                sock.sendall(raw[i:i + piece])
            while len(self.statuses(got)) < 2:
                data = sock.recv(65536)
                self.assertTrue(data, got)
                got += data
        return self.statuses(got)

    def test_bodies_with_another_request_behind(self):
        for name, raw in BODIES:
            for piece in (1, 7, 4096):
                with self.subTest(name=name, piece=piece):
                    self.assertEqual(self.exchange(raw + NEXT, piece),
                                     [200, 200])

    def test_continue_is_sent_before_the_body_is(self):
        port, context = self.ends["partners"]
        head = VERIFY + (b"Content-Length: 2\r\n"
                         b"Expect: 100-continue\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port), 5) as plain, \
                context.wrap_socket(plain,
                                    server_hostname="localhost") as sock:
            sock.settimeout(5)
            sock.sendall(head)
            self.assertEqual(self.statuses(sock.recv(65536)), [100])
            sock.sendall(b"{}")
            self.assertEqual(self.statuses(sock.recv(65536))[0], 200)

    def test_no_plain_http_on_a_tls_port(self):
        for listener, (port, _) in self.ends.items():
            with self.subTest(listener=listener), \
                    socket.create_connection(("127.0.0.1", port), 5) as sock:
                sock.settimeout(5)
                got = b""
                try:
                    sock.sendall(NEXT)
                    while data := sock.recv(4096):
                        got += data
                except ConnectionResetError:
                    pass
                self.assertNotIn(b"HTTP/1.", got)
