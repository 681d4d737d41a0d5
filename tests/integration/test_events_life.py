"""The stream of events through restarts, crowds and readers that do not read."""
import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import threading
import time
import unittest

from feed import PATH, Stream
from service import Service, wait_until
from way import request_body

IDLE = 500
PER_IDENTITY = 510
TOTAL = 515
ROWS = 30000  # enough that no buffer of the kernel's holds what they tell


def cpu_s(pid):
    """Seconds of user and system time so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def switches(pid):
    """How often its threads went to sleep."""
    n = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as f:
            n += sum(int(line.split()[1]) for line in f
                     if line.startswith("voluntary_ctxt_switches"))
    return n


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmRSS"))


class Life(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.service = Service(cls.options).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.lead = cls.service.person("lead", "lead-coordinator", "anzhen")
        cls.one = cls.service.person("one", "site-coordinator",
                                     "liaoyang-central")

    def submit(self, who=None):
        with contextlib.closing((who or self.one).fork()) as who:
            answer = who.post("/v1/requests",
                              request_body("liaoyang-central"))
        self.assertEqual(answer.status, 201, answer)
        return answer.json["code"]

    def stream(self, who, query="", last_id=None, **other):
        stream = Stream(who, query, last_id, **other)
        self.addCleanup(stream.close)
        return stream.wait(lambda s: s.status != 200 or s.last_id)


class Restarts(Life):
    def keep_ports(self):
        """From here on the service is started where it is now."""
        self.service.options = {"listen": {
            name: f"127.0.0.1:{port}"
            for name, port in self.service.ports.items()}}

    def watch(self, *args):
        home = os.path.join(self.service.folder, "home")
        profile = os.path.join(home, "teleconsult", "default")
        if not os.path.exists(profile):
            os.makedirs(profile)
            identity = os.path.join(profile, "identity.pem")
            with open(identity, "wb") as out:
                for path in (self.lead.identity.key,
                             self.lead.identity.certificate):
                    with open(path, "rb") as f:
                        out.write(f.read())
            os.chmod(identity, 0o600)
            shutil.copy(self.service.ca, os.path.join(profile, "ca.pem"))
        port = self.service.ports["partners"]
        tool = subprocess.Popen(
            [self.service.program("teleconsult"), "--server",
             f"https://localhost:{port}", "-o", "json", "watch", *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "XDG_CONFIG_HOME": home})

        def stop():
            tool.kill()
            tool.wait()
            tool.stdout.close()
            tool.stderr.close()
        self.addCleanup(stop)
        return tool

    def test_nothing_lost_and_nothing_twice(self):
        """Restarts in order and by kill -9 while requests are submitted."""
        self.keep_ports()
        start = self.stream(self.lead)
        begin, epoch = start.seq, start.epoch
        start.close()
        tool, told = self.watch(), []
        reader = threading.Thread(
            target=lambda: told.extend(map(json.loads, tool.stdout)))
        reader.start()
        time.sleep(1)  # it hears from now on
        done = threading.Event()
        acknowledged = []

        def work():
            who = self.one.fork()
            while not done.is_set():
                try:
                    answer = who.post("/v1/requests",
                                      request_body("liaoyang-central"))
                    if answer.status == 201:
                        acknowledged.append(answer.json["code"])
                except OSError:
                    time.sleep(0.02)
                except Exception:  # a connection that was cut
                    time.sleep(0.02)
                time.sleep(0.01)
            who.close()
        worker = threading.Thread(target=work)
        worker.start()
        try:
            for end in (self.service.stop, self.service.kill,
                        self.service.kill, self.service.stop):
                time.sleep(1.5)
                end()
                self.service.start()
            time.sleep(2.5)
        finally:
            done.set()
            worker.join()
        self.assertGreater(len(acknowledged), 20)
        whole = self.stream(self.lead, f"?after={epoch}.{begin}").pump(1)
        # It waits longer after each try that failed, up to half a minute.
        wait_until(lambda: told and told[-1]["seq"] >= whole.seqs[-1], 60)
        tool.terminate()
        reader.join(20)
        self.assertEqual((tool.wait(20), tool.stderr.read()), (0, b""))
        self.assertEqual([e["seq"] for e in told], whole.seqs)
        self.assertTrue(set(acknowledged) <= {e["code"] for e in told})

    def test_another_life_after_a_restore(self):
        """What was told and is no more is not told over: the tool says so."""
        self.keep_ports()
        copy = os.path.join(self.service.folder, "copy")
        with contextlib.closing(self.service.admin()) as admin, \
                open(copy, "wb") as f:
            f.write(admin.post("/v1/backups").body)
        tool, told = self.watch("-n", "2"), []
        reader = threading.Thread(target=lambda: told.extend(tool.stdout))
        reader.start()
        time.sleep(1)
        self.submit()
        wait_until(lambda: told, 30)
        before = self.stream(self.lead)
        lost = before.last_id
        before.close()
        self.service.stop()
        subprocess.run(
            [self.service.program("teleconsultd"), "restore", "--state",
             self.service.state, "--from", copy], check=True, timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True)
        self.service.start()
        stream = self.stream(self.lead, last_id=lost)
        ((name, id, _),) = stream.events
        self.assertEqual(name, "reset")
        self.assertNotEqual(id.split(".")[0], lost.split(".")[0])
        # It waits longer after each try that failed, up to half a minute.
        wait_until(lambda: len(told) == 2, 60)
        self.submit()
        self.assertEqual(tool.wait(30), 0)
        reader.join(20)
        self.assertEqual([list(json.loads(line))[0] for line in told],
                         ["seq", "why", "seq"])
        self.assertIn(b"changes were missed", tool.stderr.read())

    def test_ends_in_order_when_the_service_stops(self):
        """At once, and without waiting for whoever does not hang up."""
        self.keep_ports()
        streams = [self.stream(who) for who in (self.lead, self.one) * 5]
        idle = Stream(self.lead)  # of which nothing is read
        self.addCleanup(idle.close)
        for who in (self.lead, self.one):
            who.close()
        begin = time.monotonic()
        self.assertEqual(self.service.stop(), 0)
        took = time.monotonic() - begin
        print(f"stopped with {len(streams) + 1} streams in {took:.2f} s")
        self.assertLess(took, 1.5)
        for stream in streams:
            stream.until_closed()
            self.assertTrue(stream.whole)
        self.service.start()


class Crowd(Life):
    options = {"limits": {"streams": str(TOTAL),
                          "streams_per_identity": str(PER_IDENTITY)},
               "deadlines": {"write_ms": "3000"}}

    def refused(self, who):
        stream = Stream(who)
        self.addCleanup(stream.close)
        return stream.status, stream.headers.get("retry-after"), \
            stream.body()["code"]

    def test_many_idle_ones(self):
        """What they cost, and that there is an end to how many there are."""
        pid = self.service.process.pid
        time.sleep(1)
        base = self.cost(pid, 3)
        memory = rss_kb(pid)
        streams = [self.stream(self.lead) for _ in range(IDLE)]
        idle = self.cost(pid, 5)
        print(f"{IDLE} idle streams: {100 * idle[0]:.2f} % of a core "
              f"({100 * base[0]:.2f} % without), {idle[1]:.0f} wake-ups a "
              f"second ({base[1]:.0f}), "
              f"{(rss_kb(pid) - memory) / IDLE:.0f} KiB each")
        self.assertLess(idle[0], 0.2)
        self.told_all(streams)
        self.fill_up(streams)
        for stream in streams:
            stream.close()
        wait_until(self.is_room)

    def is_room(self):
        stream = Stream(self.lead)
        stream.close()
        return stream.status == 200

    def cost(self, pid, seconds):
        cpu, slept, begin = cpu_s(pid), switches(pid), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begin
        return (cpu_s(pid) - cpu) / took, (switches(pid) - slept) / took

    def told_all(self, streams):
        pid = self.service.process.pid
        cpu, begin = cpu_s(pid), time.monotonic()
        codes = [self.submit() for _ in range(20)]
        for stream in streams:
            stream.wait(lambda s: len(s.events) >= len(codes))
            self.assertEqual([d["code"] for _, _, d in stream.events], codes)
        print(f"{len(codes)} changes told to {len(streams)} in "
              f"{time.monotonic() - begin:.2f} s, "
              f"{1000 * (cpu_s(pid) - cpu):.0f} ms of CPU")

    def fill_up(self, streams):
        while len(streams) < PER_IDENTITY:
            streams.append(self.stream(self.lead))
        self.assertEqual(self.refused(self.lead),
                         (429, "5", "too-many-requests"))
        while len(streams) < TOTAL:
            streams.append(self.stream(self.one))
        self.assertEqual(self.refused(self.one), (503, "5", "busy"))
        # whoever is refused may ask for everything else
        with contextlib.closing(self.one.fork()) as one:
            self.assertEqual(one.get("/v1/requests").status, 200)

    def test_a_reader_that_does_not_read(self):
        """Is cut; and what waits for it is a piece, not the log."""
        epoch = self.stream(self.one).epoch
        self.submit()
        self.service.stop()
        self.grow()
        self.service.start()
        for who in (self.one, self.lead):
            who.port = self.service.ports["partners"]
            who.close()
        pid = self.service.process.pid
        sane = Stream(self.one, f"?after={epoch}.5")
        last = f'"seq":{ROWS},'.encode()
        while last not in sane.raw:
            data = sane.sock.recv(65536)
            self.assertTrue(data)
            sane.raw = sane.raw[-1000:] + data
        sane.close()
        memory = rss_kb(pid)
        slow = [Stream(self.one, f"?after={epoch}.5", buffer=4096)
                for _ in range(10)]
        for stream in slow:
            self.addCleanup(stream.close)
        begin = time.monotonic()
        self.submit()
        self.assertLess(time.monotonic() - begin, 2)
        self.assertLess(rss_kb(pid) - memory, 10 * 1024)

        def over():
            return self.service.log().count("route=/v1/events") - logged
        logged = self.service.log().count("route=/v1/events")
        wait_until(lambda: over() == len(slow), 20)
        for stream in slow:
            stream.until_closed()
            self.assertFalse(stream.whole)
            self.assertLess(stream.seq, ROWS)

    def grow(self):
        """A long log, at once; its hashes are of no matter here."""
        with sqlite3.connect(self.service.database) as db:
            row = db.execute("SELECT * FROM event WHERE thing = 'request' "
                             "ORDER BY seq DESC LIMIT 1")
            names = [d[0] for d in row.description]
            row = row.fetchone()
            if row is None:
                raise AssertionError("no request yet")
            last = db.execute("SELECT seq, hash FROM event "
                              "ORDER BY seq DESC LIMIT 1").fetchone()
            seq, prev = last
            new = []
            for _ in range(ROWS):
                seq, hash = seq + 1, secrets.token_bytes(32)
                new.append(tuple({**dict(zip(names, row)), "seq": seq,
                                  "prev": prev, "hash": hash,
                                  "body": None}[n] for n in names))
                prev = hash
            db.executemany(f"INSERT INTO event ({', '.join(names)}) VALUES "
                           f"({', '.join('?' * len(names))})", new)
        db.close()
