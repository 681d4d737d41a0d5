"""Desks that ask without a pause, and count what becomes of every request.

A connection that the server closed in order (close_notify) before it answered
anything on it is opened again, and the request sent again, as every HTTP
client does (RFC 9112 section 9.3.1; a change has its Idempotency-Key).
Whatever else keeps a request from its answer is a failure: a reset, a ragged
end, a refused connection, an answer that was not asked for. Only a crowd that
is told to forgive asks again then, too, until it has its answer.
"""
import collections
import contextlib
import json
import select
import socket
import ssl
import threading
import time

from service import new_key

TIMEOUT_S = 30
GIVE_UP_S = 60


class Closed(Exception):
    """The server ended this connection in order, with nothing said."""


class Wire:
    """One connection, one request after the other."""

    def __init__(self, port, context):
        # An end without close_notify is none in order.
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        sock = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.sock = context.wrap_socket(sock, server_hostname="localhost",
                                            suppress_ragged_eofs=False)
        except BaseException:
            sock.close()
            raise
        self.unread = b""

    def close(self):
        self.sock.close()

    def ended(self):
        """Has the server said anything since the last answer? It says only
        that it closes."""
        if not select.select([self.sock], [], [], 0)[0]:
            return False
        if self.sock.recv(1):
            raise ValueError("bytes that nobody asked for")
        return True

    def fill(self, empty_is_orderly=False):
        piece = self.sock.recv(65536)
        if not piece and empty_is_orderly:
            raise Closed
        if not piece:
            raise EOFError("an answer without its end")
        self.unread += piece

    def ask(self, head, body):
        """Answers (status, headers, body)."""
        self.sock.sendall(head + body)
        while b"\r\n\r\n" not in self.unread:
            self.fill(empty_is_orderly=not self.unread)
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        first, *rows = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, v in
                   (row.split(": ", 1) for row in rows)}
        length = int(headers["content-length"])
        while len(self.unread) < length:
            self.fill()
        data, self.unread = self.unread[:length], self.unread[length:]
        if self.unread:
            raise ValueError("bytes behind the answer")
        return int(first.split()[1]), headers, data


class Asker(threading.Thread):
    """One client with one connection at a time; keep: for as long as it
    lasts, else a new one for each request."""

    def __init__(self, crowd, client, keep=True):
        super().__init__(daemon=True)
        self.crowd, self.keep = crowd, keep
        self.port, self.context = client.port, client.context
        self.counts = collections.Counter()
        self.failed, self.longest, self.wire = [], 0.0, None

    def drop(self):
        if self.wire is not None:
            self.wire.close()
            self.wire = None

    def connected(self):
        if self.wire is not None and self.wire.ended():
            self.counts["closed while idle"] += 1
            self.drop()
        if self.wire is None:
            self.wire = Wire(self.port, self.context)
            self.counts["connections"] += 1

    def once(self, head, body):
        self.connected()
        status, headers, data = self.wire.ask(head, body)
        if headers.get("connection") == "close":
            self.counts["closed by an answer"] += 1
        if not self.keep or headers.get("connection") == "close":
            self.drop()
        return status, headers, data

    def settle(self, head, body):
        """The answer, or None."""
        end = time.monotonic() + GIVE_UP_S
        while True:
            try:
                return self.once(head, body)
            except Closed:
                self.counts["closed before an answer"] += 1
                self.drop()
            except (OSError, EOFError, ValueError) as e:
                self.drop()
                if not self.crowd.forgives or time.monotonic() > end:
                    self.failed.append(f"{head.split(b' HTTP')[0]!r}: {e!r}")
                    return None
                self.counts["asked again"] += 1
                time.sleep(0.02)

    def ask(self, method, path, body=None, expect=200, match=None):
        """The answer's document and tag, or (None, None)."""
        rows = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        data = b""
        if body is not None:
            data = json.dumps(body).encode()
            rows += ["Content-Type: application/json",
                     f"Content-Length: {len(data)}",
                     f"Idempotency-Key: {new_key()}"]
        if match:
            rows.append(f"If-Match: {match}")
        begun = time.monotonic()
        answer = self.settle(("\r\n".join(rows) + "\r\n\r\n").encode(), data)
        self.longest = max(self.longest, time.monotonic() - begun)
        self.counts["requests"] += 1
        if body is not None:
            self.counts["changes"] += 1
        if answer is None:
            return None, None
        status, headers, data = answer
        if status != expect:
            self.failed.append(f"{method} {path}: {status} {data[:300]!r}")
            return None, None
        return (json.loads(data) if data[:1] == b"{" else data,
                headers.get("etag"))

    def run(self):
        try:
            while not self.crowd.over.is_set() and not self.failed:
                self.turn()
        except Exception as e:                # must reach the count, too
            self.failed.append(f"{type(self).__name__}: {e!r}")
        with contextlib.suppress(OSError):
            self.drop()

    def turn(self):
        raise NotImplementedError


class Reader(Asker):
    """pause_s: between two requests its connection has nothing to do."""

    def __init__(self, crowd, client, path, keep=True, pause_s=0):
        super().__init__(crowd, client, keep)
        self.path, self.pause_s = path, pause_s

    def turn(self):
        self.ask("GET", self.path)
        self.crowd.over.wait(self.pause_s)


class Desk(Asker):
    """Books an accepted request, looks at it, cancels it, and again."""

    def __init__(self, crowd, client, request, at, keep=True):
        super().__init__(crowd, client, keep)
        self.wish = {"request": request, "at": at}
        self.last = None                   # (code, status) as acknowledged

    def turn(self):
        booked, tag = self.ask("POST", "/v1/bookings", self.wish, 201)
        if booked is None:
            return
        path = f"/v1/bookings/{booked['code']}"
        self.last = booked["code"], "booked"
        self.ask("GET", path)
        if self.crowd.over.is_set():
            return
        ended, _ = self.ask("POST", path + "/cancel",
                            {"reason": "another time"}, match=tag)
        if ended is not None:
            self.last = booked["code"], "cancelled"


class Crowd:
    """With Crowd(...) as crowd: crowd.add(...); crowd.start(). Leaving it
    ends the load and waits for every answer."""

    def __init__(self, forgives=False):
        self.forgives, self.askers = forgives, []
        self.over = threading.Event()

    def add(self, kind, *args, **kwargs):
        self.askers.append(kind(self, *args, **kwargs))

    def __enter__(self):
        return self

    def start(self):
        for asker in self.askers:
            asker.start()

    def __exit__(self, *exc):
        self.over.set()
        for asker in self.askers:
            if asker.ident is not None:
                asker.join(2 * GIVE_UP_S)

    @property
    def counts(self):
        return sum((a.counts for a in self.askers), collections.Counter())

    @property
    def failed(self):
        late = [f"{type(a).__name__} waits for ever" for a in self.askers
                if a.is_alive()]
        return late + [text for a in self.askers for text in a.failed]

    def figures(self):
        rows = [f"{n} {name}" for name, n in sorted(self.counts.items())]
        longest = max(a.longest for a in self.askers)
        return (f"{len(self.askers)} clients; {', '.join(rows)}; "
                f"{len(self.failed)} failed; the longest request "
                f"{longest:.2f} s")
