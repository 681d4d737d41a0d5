#!/usr/bin/python3
"""Hours of mixed work: nothing may grow, nothing may become slower.

usage: soak.py [BUILD] [--minutes M] [--claims N] [--share S] [--writes W]

Reads of all kinds come in an open loop at a share of what the machine can do,
over connections that are given up again and again. Desks book, move, cancel
and hold, and cancel as much as they book; holds are left to lapse. Streams of
events are followed and taken up again; the daemon is told to reload, and
copies of its database are taken. One row a sixth of the time; then the verdict:
memory and descriptors are flat, and nobody waits longer at the end than at the
beginning. The last columns say what the daemon took of the machine and what
others took, in cores, and how late a sleep ends: where others come and go, the
times are theirs.
"""
import argparse
import collections
import contextlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import statistics
import sys
import time

import drive
import state

SLICES = 6
SLOWER = 1.25        # p99 of the last slice over that of the first
GROWN = 1.10         # memory, the most of the last over that of the first
GROWN_MIB = 8        # ... or so much, of a small one
DESKS = 4            # processes that book
STREAMS = 4
STREAM_S = 20        # before one is taken up again
OPEN = 30            # bookings that a desk has at a time
RELOAD_S = 15
BACKUPS = 20         # over all the time
CHURN = 100          # answers that a connection lives for
READERS = 32

Row = collections.namedtuple(
    "Row", "reads read_p50 read_p99 writes write_p50 write_p99 memory "
    "descriptors database log lapsed heard reloads backups own_cores "
    "others_cores machine_p99")


class Clock:
    """Which slice it is; the same in all processes."""

    def __init__(self, seconds):
        self.begin, self.seconds = time.monotonic(), seconds

    def over(self):
        return time.monotonic() >= self.begin + self.seconds

    def slice(self):
        passed = time.monotonic() - self.begin
        return min(SLICES - 1, int(passed * SLICES / self.seconds))

    def end_of(self, number):
        return self.begin + self.seconds * (number + 1) / SLICES


# --- desks ---

class Desk:
    """Books, moves, cancels and holds at one lead, so many a second."""

    def __init__(self, client, lines, clock, rate, seed):
        self.client, self.clock, self.rate = client, clock, rate
        self.draw = random.Random(seed)
        self.free = [json.loads(line) for line in lines]
        self.draw.shuffle(self.free)
        self.free = collections.deque(self.free)
        self.open = collections.deque()  # (place, code, etag)
        self.took = [[] for _ in range(SLICES)]
        self.lapsed = [0] * SLICES
        self.verbs, self.bad = collections.Counter(), []
        self.due = time.monotonic()

    def post(self, verb, path, body, match=None):
        """A while after the last one, as people ask."""
        self.due = max(self.due + 1 / self.rate, time.monotonic())
        time.sleep(max(0, self.due - time.monotonic()))
        number, begun = self.clock.slice(), time.monotonic()
        answer = self.client.post(path, body, match=match)
        self.took[number].append(time.monotonic() - begun)
        self.verbs[f"{verb} {answer.status}"] += 1
        if answer.status not in (200, 201, 409, 412):
            self.bad.append(repr(answer))
        return answer

    def book(self):
        place = self.free.popleft()
        answer = self.post("book", "/v1/bookings", place)
        if answer.status == 201:
            self.open.append((place, answer.json["code"], answer.etag))
        else:
            self.free.append(place)

    def hold(self):
        """And forgets it."""
        place = self.free.popleft()
        answer = self.post("hold", "/v1/holds", {**place, "hold_minutes": 1})
        self.lapsed[self.clock.slice()] += answer.status == 201
        self.free.append(place)

    def cancel(self):
        place, code, etag = self.open.popleft()
        answer = self.post("cancel", f"/v1/bookings/{code}/cancel",
                           {"reason": "no longer needed"}, etag)
        if answer.status != 200:
            self.bad.append(repr(answer))
        self.free.append(place)

    def move(self):
        """To the next free place of the same expert."""
        place, code, etag = self.open.popleft()
        other = next((one for one in list(self.free)[:2000]
                      if one["expert"] == place["expert"] and
                      one["site"] == place["site"]), None)
        if other is None:
            self.open.append((place, code, etag))
            return self.cancel()
        answer = self.post("move", f"/v1/bookings/{code}/move",
                           {"at": other["at"]}, etag)
        if answer.status == 200:
            self.free.remove(other)
            self.free.append(place)
            place, etag = other, answer.etag
        self.open.append((place, code, etag))
        return None

    def run(self):
        while not self.clock.over():
            if len(self.open) < OPEN:
                self.book()
            else:
                self.draw.choice((self.cancel, self.cancel, self.cancel,
                                  self.move, self.hold))()
        while self.open:
            self.cancel()


def run_desk(out, make, seed):
    desk = make(seed)
    desk.run()
    out.put({"took": desk.took, "lapsed": desk.lapsed,
             "verbs": dict(desk.verbs), "bad": desk.bad[:5]})


# --- streams ---

def run_streams(out, make_client, clock):
    """A reader that follows, leaves, and comes back where it was."""
    from feed import Stream
    heard, clients = [0] * SLICES, [make_client() for _ in range(STREAMS)]
    at = [None] * STREAMS
    while not clock.over():
        streams = [Stream(who, last_id=last)
                   for who, last in zip(clients, at)]
        end = min(time.monotonic() + STREAM_S, clock.end_of(SLICES - 1))
        while time.monotonic() < end:
            for stream in streams:
                stream.pump(0.05)
                heard[clock.slice()] += len(stream.events)
                stream.events, stream.raw = [], b""
        at = [stream.last_id for stream in streams]
        for stream in streams:
            stream.close()
    out.put({"heard": heard})


# --- the whole ---

class Soak:
    def __init__(self, load, args):
        self.load, self.service = load, load.service
        self.pid = self.service.process.pid
        self.args = args
        self.clock = None
        self.rows, self.figures = [], []
        self.reloads, self.backups = [0] * SLICES, [0] * SLICES
        self.paths = self.mixed_paths()

    def mixed_paths(self):
        """Weeks mostly; lists, searches, rooms and the rest between them."""
        with open(self.load.paths, encoding="ascii") as f:
            weeks = f.read().split("\n")[:-1]
        others = ["/v1/whoami", "/v1/experts?limit=20", "/v1/sites?limit=20",
                  "/v1/resources?limit=20"] * 8 + \
            ["/v1/requests?limit=10", "/v1/bookings?limit=10"]
        path = os.path.join(self.load.work.name, "mixed")
        with open(path, "w", encoding="ascii") as f:
            for n, week in enumerate(weeks):
                f.write(week + "\n" + others[n % len(others)] + "\n")
        return path

    def client(self, site):
        from service import Client, Identity
        pem = os.path.join(self.load.folder, "leads", f"{site}.pem")
        return Client(self.service, Identity(site, pem, pem),
                      self.service.ports["partners"])

    def desk_of(self, sites):
        def make(seed):
            site = sites[seed]
            with open(os.path.join(self.load.folder, "bodies",
                                   f"{site}.bodies"), encoding="utf-8") as f:
                lines = f.readlines()
            return Desk(self.client(site), lines, self.clock,
                        self.args.writes / DESKS, seed)
        return make

    def largest(self):
        """Leads with the most free places."""
        folder = os.path.join(self.load.folder, "bodies")
        names = sorted(os.listdir(folder), reverse=True, key=lambda n:
                       os.path.getsize(os.path.join(folder, n)))
        return [name[:-len(".bodies")] for name in names[:DESKS]]

    def best_reads(self):
        got = self.load.end(self.load.start(
            "--get", self.paths, "--connections", READERS, "--warmup", 0.5,
            "--seconds", 2))
        return got["per_second"]

    def start_others(self):
        self.out = multiprocessing.Queue()
        sites = self.largest()
        make = self.desk_of(sites)
        others = [multiprocessing.Process(target=run_desk,
                                          args=(self.out, make, n))
                  for n in range(DESKS)]
        others.append(multiprocessing.Process(
            target=run_streams,
            args=(self.out, lambda: self.client(sites[0]), self.clock)))
        for one in others:
            one.start()
        return others

    def run(self):
        rate = max(10, self.best_reads() * self.args.share)
        print(f"reads: {rate:.0f}/s, writes: {self.args.writes:.0f}/s, "
              f"{self.args.minutes:g} minutes", flush=True)
        self.clock = Clock(self.args.minutes * 60)
        others = self.start_others()
        watch = drive.Watch(self.pid, 0.02)
        for number in range(SLICES):
            self.run_slice(number, rate, watch)
        told = [self.out.get(timeout=120) for _ in others]
        for one in others:
            one.join()
        watch.stop()
        self.gather(told)

    def run_slice(self, number, rate, watch):
        begun, end = time.monotonic(), self.clock.end_of(number)
        own, others = drive.threads(self.pid)["all"], drive.others_s()
        left = end - begun
        load = self.load.start("--get", self.paths, "--connections", READERS,
                               "--rate", rate, "--churn", CHURN, "--seconds",
                               max(1, left - 1))
        reload_at = begun + min(RELOAD_S, left / 3)
        span = self.args.minutes * 60 / BACKUPS
        backup_at = begun + min(span, left) / 2
        while time.monotonic() < end - 0.5:
            time.sleep(0.1)
            if time.monotonic() >= reload_at:
                self.service.process.send_signal(signal.SIGHUP)
                self.reloads[number] += 1
                reload_at += RELOAD_S
            if time.monotonic() >= backup_at:
                self.backup()
                self.backups[number] += 1
                backup_at += span
        got = self.load.end(load)
        took = time.monotonic() - begun
        database = os.path.join(self.service.state, "teleconsult.db")
        self.figures.append({
            "own": (drive.threads(self.pid)["all"] - own) / took,
            "others": max(0.0, drive.others_s() - others) / took,
            "reads": got, "memory": watch.most(begun, end),
            "late": watch.late_ms(begun, end),
            "descriptors": drive.descriptors(self.pid),
            "database": os.path.getsize(database),
            "log": os.path.getsize(database + "-wal")})

    def backup(self):
        admin = self.service.admin()
        answer = admin.post("/v1/backups")
        admin.close()
        if answer.status != 200 or len(answer.body) < 4096:
            raise RuntimeError(f"no backup: {answer.status}")

    def gather(self, told):
        desks = [one for one in told if "took" in one]
        heard = next(one["heard"] for one in told if "heard" in one)
        self.bad = [text for one in desks for text in one["bad"]]
        self.verbs = collections.Counter()
        for one in desks:
            self.verbs.update(one["verbs"])
        for n, f in enumerate(self.figures):
            took = sorted(t * 1000 for one in desks for t in one["took"][n])
            reads = f["reads"]
            self.rows.append(Row(
                reads["requests"], reads["latency_us"]["p50"] / 1000,
                reads["latency_us"]["p99"] / 1000, len(took),
                statistics.median(took), took[len(took) * 99 // 100],
                f["memory"] / (1 << 20), f["descriptors"],
                f["database"] / (1 << 20), f["log"] / (1 << 20),
                sum(one["lapsed"][n] for one in desks), heard[n],
                self.reloads[n], self.backups[n], f["own"], f["others"],
                f["late"]))
            wrong = {code: count for code, count in reads["status"].items()
                     if code != "200"}
            if wrong or reads["errors"]:
                self.bad.append(f"reads: {wrong}, errors {reads['errors']}")

    def print(self):
        print("  ".join(f"{name.replace('_', ' '):>11}"
                        for name in Row._fields))
        for row in self.rows:
            print("  ".join(f"{value:11.1f}" if isinstance(value, float)
                            else f"{value:11}" for value in row))
        print(", ".join(f"{verb}: {n}" for verb, n in
                        sorted(self.verbs.items())))
        for text in self.bad:
            print("wrong:", text)

    def verdict(self):
        first, last = self.rows[0], self.rows[-1]
        tried = (
            ("memory", last.memory, max(first.memory * GROWN,
                                        first.memory + GROWN_MIB)),
            ("descriptors", last.descriptors, first.descriptors + 4),
            ("reads: p99, ms", last.read_p99, first.read_p99 * SLOWER),
            ("writes: p99, ms", last.write_p99, first.write_p99 * SLOWER),
            ("wrong answers", len(self.bad), 0))
        for name, value, most in tried:
            print(f"  {name:18} {value:10.2f} at most {most:10.2f} "
                  f"{'met' if value <= most else 'NOT MET'}")
        return all(value <= most for _, value, most in tried)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", nargs="?", default="build/release")
    args.add_argument("--minutes", type=float, default=60)
    args.add_argument("--claims", type=int, default=30000)
    args.add_argument("--share", type=float, default=0.25,
                      help="of the reads that the machine can do")
    args.add_argument("--writes", type=float, default=80,
                      help="changes a second")
    args = args.parse_args()
    os.environ["BUILD"] = args.build
    folder = state.ready(args.claims)
    options = {"daemon": {"log_lines": 100}}
    with state.copy(folder) as run, state.service_on(run, options) as \
            service:
        for name in ("first.pem", "first.key"):
            shutil.copy(os.path.join(folder, name), run)
        with contextlib.closing(drive.Drive(folder, service.start(),
                                            args.build)) as load:
            soak = Soak(load, args)
            try:
                soak.run()
            except Exception:
                print(f"the daemon: {service.process.poll()}",
                      service.log()[-8000:], sep="\n")
                raise
        if service.stop() != 0:
            raise RuntimeError("the daemon ended badly: " + service.log())
    soak.print()
    return 0 if soak.verdict() else 1


if __name__ == "__main__":
    sys.exit(main())
