"""A stream of events as a test reads it: by hand, so that it can also not be
read, be cut anywhere, and be looked at to the byte.
"""
import json
import select
import socket
import ssl
import time

PATH = "/v1/events"


class Stream:
    """GET /v1/events of a Client, up to the head of its answer; reads on in
    pump(), wait() and until_closed() only."""

    def __init__(self, who, query="", last_id=None, buffer=None, wait_s=20):
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.settimeout(wait_s)
        sock.connect(("127.0.0.1", who.port))
        self.sock = who.context.wrap_socket(sock, server_hostname="localhost")
        head = f"GET {PATH}{query} HTTP/1.1\r\nHost: localhost\r\n"
        if last_id is not None:
            head += f"Last-Event-ID: {last_id}\r\n"
        for name, value in getattr(who, "headers", {}).items():
            head += f"{name}: {value}\r\n"
        self.sock.sendall((head + "\r\n").encode())
        self.raw, self.text = b"", b""  # as it came; without its chunks
        self.rest = b""  # of an event that is not whole yet
        self.events, self.last_id, self.retry = [], None, None
        self.whole = self.closed = False
        self.status = self.headers = None
        while self.status is None:
            self.receive(wait_s)

    # --- bytes ---

    def receive(self, wait_s):
        """Once; False when nothing came."""
        if not self.sock.pending() and \
                not select.select([self.sock], [], [], max(0, wait_s))[0]:
            return False
        try:
            data = self.sock.recv(65536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        self.closed = not data
        self.raw += data
        if self.closed and self.status is None:
            raise ConnectionError("closed without an answer")
        self.take_head()
        if self.status == 200:
            self.take_chunks()
        return bool(data)

    def take_head(self):
        if self.status is not None or b"\r\n\r\n" not in self.raw:
            return
        head, self.raw = self.raw.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {n.lower(): v.strip() for n, v in
                        (line.split(":", 1) for line in lines[1:])}

    def take_chunks(self):
        at, whole = 0, b""
        while not self.whole:
            end = self.raw.find(b"\r\n", at)
            n = int(self.raw[at:end], 16) if end > 0 else 0
            if end < 0 or len(self.raw) < end + n + 4:
                break
            assert self.raw[end + 2 + n:end + 4 + n] == b"\r\n"
            self.whole = n == 0
            whole += self.raw[end + 2:end + 2 + n]
            at = end + n + 4
        self.raw = self.raw[at:]
        self.text += whole
        *blocks, self.rest = (self.rest + whole).split(b"\n\n")
        for block in blocks:
            self.take_event(block.decode())

    def take_event(self, block):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        self.retry = int(fields.get("retry", self.retry or 0))
        self.last_id = fields.get("id", self.last_id)
        if "data" in fields:
            self.events.append((fields["event"], self.last_id,
                                json.loads(fields["data"])))

    # --- what a test asks ---

    def pump(self, seconds=0):
        """Reads what comes within that time."""
        end = time.monotonic() + seconds
        while not self.closed and self.receive(end - time.monotonic()):
            pass
        return self

    def wait(self, true, wait_s=20):
        end = time.monotonic() + wait_s
        while not true(self) and not self.closed and \
                time.monotonic() < end:
            self.receive(end - time.monotonic())
        assert true(self), (self.events[-3:], self.last_id, self.closed)
        return self

    def until(self, seq, wait_s=30):
        """Until it has told everything up to that number."""
        return self.wait(lambda s: s.seq >= seq, wait_s)

    def until_closed(self, wait_s=20):
        """Answers after how many seconds that was."""
        begin = time.monotonic()
        while not self.closed and time.monotonic() < begin + wait_s:
            self.receive(begin + wait_s - time.monotonic())
        assert self.closed, "it is open still"
        return time.monotonic() - begin

    def until_whole(self, wait_s=20):
        """The same for its last chunk; our side stays open."""
        begin = time.monotonic()
        self.wait(lambda s: s.whole, wait_s)
        return time.monotonic() - begin

    @property
    def epoch(self):
        return self.last_id.split(".")[0]

    @property
    def seq(self):
        return int(self.last_id.split(".")[1]) if self.last_id else -1

    @property
    def seqs(self):
        return [data["seq"] for _, _, data in self.events]

    @property
    def verbs(self):
        return [data["verb"] for _, _, data in self.events]

    @property
    def ids(self):
        return [id for _, id, _ in self.events]

    def body(self):
        """Of an answer that is no stream."""
        length = int(self.headers["content-length"])
        while len(self.raw) < length and not self.closed:
            self.receive(20)
        return json.loads(self.raw[:length])

    def close(self):
        self.sock.close()
        self.closed = True


class Tokened:
    """A Client-like of who shows a token to the people's listener."""

    def __init__(self, service, token):
        anybody = service.anybody()
        self.port, self.context = anybody.port, anybody.context
        self.headers = {"Authorization": f"Bearer {token}"}
