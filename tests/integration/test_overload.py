"""More work than fits: what waits is bounded, who does not fit is told at once
to come again, and whoever asks for something else is served meanwhile."""
import collections
import resource
import socket
import time
import unittest

from service import Service, new_key
from way import request_body

CONNECTIONS = 1300     # more than the 1024 reports that may wait
EVENTS = 800           # so that one verification takes a while
VERIFY = (b"POST /v1/log/verify HTTP/1.1\r\nHost: localhost\r\n"
          b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")


def more_files(n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < n:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(n, hard), hard))


def read_answer(sock):
    """(status, header fields in lower case) of one answer, read whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise AssertionError(f"closed without an answer: {data!r}")
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, value in
              (line.split(":", 1) for line in lines[1:])}
    left = int(fields["content-length"]) - len(body)
    while left > 0:
        left -= len(sock.recv(left))
    return int(lines[0].split()[1]), fields


class Overload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        more_files(CONNECTIONS + 200)
        cls.service = Service({"limits": {
            "connections_per_address": str(2 * CONNECTIONS)}}).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.one = cls.service.person("one", "site-coordinator",
                                     "liaoyang-central")
        for _ in range(EVENTS):
            cls.submit(cls.one)

    @staticmethod
    def submit(who):
        answer = who.post("/v1/requests", request_body("liaoyang-central"),
                          key=new_key())
        assert answer.status == 201, answer

    def connect(self, context):
        plain = socket.create_connection(
            ("127.0.0.1", self.service.ports["partners"]), 60)
        sock = context.wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(sock.close)
        return sock

    def test_reports_that_do_not_fit_come_again(self):
        admin = self.service.admin()
        crowd = [self.connect(admin.context) for _ in range(CONNECTIONS)]
        for sock in crowd:
            sock.sendall(VERIFY)
        begun = time.monotonic()
        self.submit(self.one)
        took = time.monotonic() - begun
        answers = collections.Counter()
        for sock in crowd:
            status, fields = read_answer(sock)
            answers[status] += 1
            if status == 503:
                self.assertRegex(fields["retry-after"], "^[1-9][0-9]*$")
        print(f"overload: {dict(answers)}, a submission took {took:.3f} s")
        self.assertEqual(set(answers), {200, 503})
        self.assertGreaterEqual(answers[200], 1024)
        self.assertLess(took, 2)
        # The connections of those who were sent away are as good as before.
        for sock in crowd[-20:]:
            sock.sendall(VERIFY)
            self.assertEqual(read_answer(sock)[0], 200)
        admin.close()
        self.assertEqual(self.service.stop(), 0)


if __name__ == "__main__":
    unittest.main()
