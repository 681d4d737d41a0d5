"""teleconsult watch at a server that says what the test tells it to."""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from fakeserver import Answer, problem  # noqa: E402
from toolrig import TOOL, ClientTest, World  # noqa: E402

EPOCH = "0123456789abcdef" * 2
STREAM = {"Content-Type": "text/event-stream"}


def change(seq, **other):
    return {"seq": seq, "at": "2026-12-01T01:30:00Z", "thing": "request",
            "code": "7K2M-QX91", "verb": "accept", "from_state": "submitted",
            "to_state": "accepted", "version": 2, "lead": "anzhen",
            "partner": "liaoyang-central", "actor_site": "anzhen",
            "expert": "coronary-1", **other}


def event(name, seq, document):
    return (f"event: {name}\nid: {EPOCH}.{seq}\n"
            f"data: {json.dumps(document, ensure_ascii=False)}\n\n")


def stream(*events, retry=10):
    """An answer that ends behind its events, as of a server that stops."""
    return Answer(raw=(f"retry: {retry}\n" + "".join(events)).encode(),
                  headers=STREAM)


def changes(*seqs, **other):
    return stream(*(event("request", n, change(n, **other)) for n in seqs))


class Watch(ClientTest):
    @classmethod
    def setUpClass(cls):
        ClientTest.world = World()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def streams(self):
        return [a for a in self.asked("GET") if a.path == "/v1/events"]

    def follow(self, answers, *args):
        self.serve({"GET /v1/events": answers})
        return self.ok("watch", *args)

    def seqs(self, out):
        return [json.loads(line)["seq"] for line in out.splitlines()]

    def test_a_line_for_each(self):
        out = self.follow([changes(1, 2)], "-n", "2")
        self.assertEqual(out.splitlines(), 2 * [
            "Tue 2026-12-01 09:30  7K2M-QX91  request   accept      "
            "accepted            by anzhen, coronary-1"])

    def test_what_is_absent(self):
        bare = {"seq": 3, "at": "2026-12-01T01:30:00Z", "thing": "network",
                "verb": "import", "version": 1}
        out = self.follow([stream(event("network", 3, bare))], "-n", "1")
        self.assertEqual(out.split(), ["Tue", "2026-12-01", "09:30", "-",
                                       "network", "import", "-"])

    def test_json_lines(self):
        out = self.follow([changes(5, 6)], "-o", "json", "-n", "2")
        self.assertEqual([json.loads(line) for line in out.splitlines()],
                         [change(5), change(6)])

    def test_csv(self):
        out = self.follow([changes(5)], "-o", "csv", "-n", "1")
        (row,) = csv.DictReader(io.StringIO(out))
        self.assertEqual((row["seq"], row["at"], row["expert"]), (
            "5", "2026-12-01T09:30:00+08:00", "coronary-1"))

    def test_a_terminal_is_not_obeyed(self):
        """Words that are none of ours are not believed at all."""
        self.serve({"GET /v1/events": [changes(1, verb="\x1b[2J")]})
        self.fails(6, "watch", "-n", "1")

    def test_goes_on_behind_the_last(self):
        out = self.follow([changes(1, 2), changes(3), changes(4, 5)],
                          "-o", "json", "-n", "5")
        self.assertEqual(self.seqs(out), [1, 2, 3, 4, 5])
        self.assertEqual([a.headers["Last-Event-ID"] for a in self.streams()],
                         [None, f"{EPOCH}.2", f"{EPOCH}.3"])
        for asked in self.streams():
            self.assertEqual(asked.headers["Accept"], "text/event-stream")

    def test_a_position_without_an_event_counts(self):
        self.follow([stream(f"id: {EPOCH}.77\n\n"), changes(78)], "-n", "1")
        self.assertEqual(self.streams()[1].headers["Last-Event-ID"],
                         f"{EPOCH}.77")

    def test_half_an_event_is_none(self):
        half = stream(event("request", 1, change(1)),
                      event("request", 2, change(2))[:-9])
        out = self.follow([half, changes(2, 3)], "-o", "json", "-n", "3")
        self.assertEqual(self.seqs(out), [1, 2, 3])

    def test_broken_and_busy_connections(self):
        busy = problem(503, "busy", "wait", headers={"Retry-After": "0"})
        out = self.follow([changes(1), Answer(drop=True), busy,
                           Answer(drop=True), changes(2)],
                          "-o", "json", "-n", "2")
        self.assertEqual(self.seqs(out), [1, 2])

    def test_reset_is_said_in_words(self):
        reset = {"why": "the id is too old"}
        self.serve({"GET /v1/events": [
            stream(event("reset", 9, reset), event("request", 10,
                                                   change(10)))]})
        ran = self.run_tool("watch", "-n", "1")
        self.assertEqual(ran.code, 0)
        self.assertIn("changes were missed (the id is too old)", ran.err)
        self.assertEqual(len(ran.out.splitlines()), 1)
        ran = self.run_tool("watch", "-n", "1", "-o", "json")
        self.assertEqual([json.loads(line) for line in ran.out.splitlines()],
                         [reset, change(10)])

    def test_an_expert_or_else_a_site(self):
        absent = problem(404, "not-found", "there is no such expert")

        def answer(asked):
            return absent if "expert=" in asked.query else changes(1)
        self.serve({"GET /v1/events": answer})
        self.ok("watch", "anzhen", "-n", "1")
        self.assertEqual([a.query for a in self.streams()],
                         ["expert=anzhen", "site=anzhen"])
        self.serve({"GET /v1/events": absent})
        said = self.fails(3, "watch", "nobody")
        self.assertIn('there is no expert or site "nobody"', said)

    def test_refusals(self):
        for status, code, exit_code in ((401, "unauthenticated", 4),
                                        (403, "forbidden", 4),
                                        (422, "invalid", 2),
                                        (500, "internal", 6)):
            for before in ([], [changes(1)]):
                with self.subTest(code=code, before=len(before)):
                    self.serve({"GET /v1/events": before + [
                        problem(status, code, "no")]})
                    ran = self.run_tool("watch")
                    self.assertEqual(ran.code, exit_code, ran.err)
                    self.assertEqual(len(ran.out.splitlines()), len(before))

    def test_too_many_at_the_start(self):
        self.serve({"GET /v1/events": problem(
            429, "too-many-requests", "you have 16 streams open already",
            headers={"Retry-After": "0"})})
        said = self.fails(6, "watch")
        self.assertIn("16 streams", said)
        self.assertEqual(len(self.streams()), 3)

    def test_wrong_use(self):
        self.fails(2, "watch", "no/no")
        self.fails(2, "watch", "a", "b")
        self.fails(2, "watch", "-n", "0")

    def test_nobody_there(self):
        ran = self.run_tool("watch", "-o", "json", "--server",
                            "https://localhost:1")
        self.assertEqual((ran.code, ran.out), (5, ""))
        self.assertEqual(json.loads(ran.err)["code"], "unreachable")

    def interrupted(self, answers, number, wait_for):
        self.serve({"GET /v1/events": answers})
        tool = subprocess.Popen(
            [TOOL, "watch", "-o", "json"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment())
        try:
            end = time.monotonic() + 20
            while not wait_for() and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(0.2)
            begin = time.monotonic()
            tool.send_signal(number)
            out, err = tool.communicate(timeout=20)
        finally:
            tool.kill()
            tool.wait()
        self.assertEqual((tool.returncode, err), (0, b""))
        self.assertLess(time.monotonic() - begin, 5)
        return out.decode()

    def test_interrupted_while_it_waits_for_the_server(self):
        out = self.interrupted(stream(event("request", 1, change(1)),
                                      retry=60000),
                               signal.SIGINT, self.streams)
        self.assertEqual(self.seqs(out), [1])

    def test_interrupted_while_nothing_comes(self):
        def slow(asked):
            time.sleep(4)
            return changes(1)
        self.assertEqual(self.interrupted(slow, signal.SIGTERM, self.streams),
                         "")

    def test_a_reader_that_goes_ends_it(self):
        """As head(1) does."""
        self.serve({"GET /v1/events": changes(1)})
        tool = subprocess.Popen(
            [TOOL, "watch"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment())
        tool.stdout.close()
        try:
            self.assertEqual(tool.wait(20), 6)
            self.assertIn(b"cannot be written", tool.stderr.read())
            tool.stderr.close()
        finally:
            tool.kill()
            tool.wait()
