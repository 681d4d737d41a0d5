#!/usr/bin/python3
"""A year of the Xuzhou network, through the API, in minutes.

The real daemon over TLS, on a clock that this script moves: 30,000
consultations of 2025 and whatever else the kinds are, over the calendars that
the network has and the holidays of that year; every kind that the service
serves has a player (year_kinds.py). After every day the database is held
against what the players were told and against what must never be
(year_check.py). At the end stand the counts; anything against it fails.

usage: year.py BUILD [--days N] [--consultations N] [--agreements N]
                     [--seed N] [--processes N] [--keep FOLDER]
"""
import argparse
import collections
import datetime
import heapq
import itertools
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
FIRST = datetime.date(2025, 1, 1)
# When something happens on a day: what is due by then is played.
HOURS = ((6, 0), (8, 30), (10, 0), (11, 30), (13, 30), (15, 0), (16, 30),
         (18, 30), (23, 30))
IDLE_HOURS = ((6, 0), (9, 0), (12, 0), (18, 30), (23, 30))
WHOLE_YEAR = 30000
# No power fails here: the disk need not be waited for.
MEMORY = "/dev/shm"
ENOUGH = 20  # of what is against it: then it goes on no longer
# Certificates last as long, and everybody comes from one address.
CONFIG = {"ca": {"certificate_days": "800"},
          "limits": {"connections_per_address": "4096"},
          "deadlines": {"idle_ms": "600000"}}


def read_options():
    o = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    o.add_argument("build")
    o.add_argument("--days", type=int, default=365)
    o.add_argument("--consultations", type=int, default=WHOLE_YEAR)
    o.add_argument("--agreements", type=int, default=200)
    o.add_argument("--seed", type=int, default=int.from_bytes(
        os.urandom(4), "big"))
    o.add_argument("--processes", type=int, default=4)
    o.add_argument("--keep")
    return o.parse_args()


OPTIONS = read_options()
os.environ["BUILD"] = OPTIONS.build
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "sim"))
import figures  # noqa: E402
import ledger  # noqa: E402
import year_check  # noqa: E402
import year_kinds  # noqa: E402
import year_network  # noqa: E402
import year_probe  # noqa: E402
import year_series  # noqa: E402
import year_world  # noqa: E402
from year_world import Calendar, World, read, utc  # noqa: E402

ROOT = year_world.ROOT
PLAYERS = {**year_kinds.PLAYERS, **year_series.PLAYERS}
# Player -> the kind that its agreement must name; leave is of none.
KINDS = {**{kind: kind for kind in year_kinds.PLAYERS if kind != "leave"},
         "case-conference": "case-discussion",  # whose cases are on its list
         **year_series.KINDS}


def the_network():
    network = read(os.path.join(ROOT, "examples", "xuzhou.json"))
    return network, Calendar(network["calendars"]["cn"])


def ables(ground):
    """Kind -> whether a player of it can act under an agreement."""
    def of(kind, able):
        return lambda a: (able is None or able(ground, a)) and (
            kind not in KINDS or
            KINDS[kind] in a["kinds"] and ground.suits(a, KINDS[kind]))
    return {kind: of(kind, able) for kind, (_, _, able) in PLAYERS.items()}


class Player:
    """One process: the leads that are its own, and all that it has begun."""

    def __init__(self, service, ground, calendar, number, agreements):
        # Keys and certificates are files of the service's folder.
        service.numbers = itertools.count((number + 1) * 1000000)
        self.world = World(service, ground, calendar,
                           f"{OPTIONS.seed} {number}", agreements)
        self.waiting, self.order = [], 0
        self.probe = year_probe.Probe(self.world)
        self.able = {kind: [a for a in agreements if able(a)]
                     for kind, able in ables(ground).items()}

    def kinds(self):
        return {kind for kind, able in self.able.items() if able}

    def begin(self, kind):
        self.put(self.world.now(), PLAYERS[kind][0](
            self.world, self.world.random.choice(self.able[kind])))

    def put(self, at, player):
        self.order += 1
        heapq.heappush(self.waiting, (at, self.order, player))

    def play(self):
        """All that is due by now. A generator that ends is done."""
        now = self.world.now()
        while self.waiting and self.waiting[0][0] <= now:
            _, _, player = heapq.heappop(self.waiting)
            try:
                self.put(max(next(player), now + 1), player)
            except StopIteration:
                pass

    def day(self):
        """What the day's judge is told; the day is over for this one."""
        w = self.world
        w.against += self.probe.look(w.told)
        told = w.told, w.counts, w.against
        w.forget()
        return told


def serve(pipe, make):
    """A player's process: does what it is asked, one after the other."""
    player = make()
    while True:
        what, *args = pipe.recv()
        if what == "end":
            return
        try:
            pipe.send((True, getattr(player, what)(*args)))
        except Exception:
            pipe.send((False, traceback.format_exc()))


class Players:
    """All of them at once."""

    def __init__(self, service, ground, calendar):
        self.pipes, self.processes = [], []
        parts = year_network.sample(ground, OPTIONS.agreements, ables(ground),
                                    OPTIONS.processes, OPTIONS.seed)
        for n, own in enumerate(parts):
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.Process(
                target=serve, args=(theirs, lambda own=own, n=n: Player(
                    service, ground, calendar, n, own)), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)
        self.turns = {}
        for pipe, kinds in zip(self.pipes, self.do("kinds")):
            for kind in kinds:
                self.turns.setdefault(kind, []).append(pipe)
        unplayed = sorted(PLAYERS.keys() - self.turns.keys())
        if unplayed:
            raise SystemExit(f"the network has nothing for {unplayed}")
        self.turns = {kind: itertools.cycle(pipes)
                      for kind, pipes in self.turns.items()}

    def do(self, what, *args):
        for pipe in self.pipes:
            pipe.send((what, *args))
        return self.answers()

    def begin(self, kinds):
        """Each one of them the next's of the processes that can."""
        for kind in kinds:
            pipe = next(self.turns[kind])
            pipe.send(("begin", kind))
            self.heard([pipe])

    def answers(self):
        return self.heard(self.pipes)

    @staticmethod
    def heard(pipes):
        said = [pipe.recv() for pipe in pipes]
        for good, what in said:
            if not good:
                raise AssertionError(what)
        return [what for _, what in said]

    def close(self):
        for pipe in self.pipes:
            pipe.send(("end",))
        for process in self.processes:
            process.join()


class Year:
    def __init__(self):
        self.network, self.calendar = the_network()
        self.rng = random.Random(OPTIONS.seed)
        self.counts = collections.Counter()
        self.against = []
        self.spent = collections.Counter()

    def plan(self, day):
        """The kinds of what is asked for that day."""
        share = OPTIONS.consultations / WHOLE_YEAR
        working = 1 if self.calendar.works(day) else 0.08
        kinds = []
        for kind, (_, year, _) in PLAYERS.items():
            # Emergencies know no weekend.
            rate = year / 365 if kind.startswith("emergency") \
                else year * working / 258
            kinds += [kind] * int(rate * share + self.rng.random())
        self.rng.shuffle(kinds)
        return kinds

    def timed(self, what, do, *args):
        begin = time.monotonic()
        try:
            return do(*args)
        finally:
            self.spent[what] += time.monotonic() - begin

    def run(self, service):
        service.load(json.dumps(self.network).encode())
        players = Players(service, year_network.Ground(self.network),
                          self.calendar)
        judge = year_check.Day(service.database, self.network, self.calendar)
        canaries = year_check.Canaries(service.log_path, service.database)
        day = FIRST
        for _ in range(OPTIONS.days):
            self.one_day(service, players, judge, day)
            self.against += self.timed("check", canaries.look)
            if day.day == 1:
                self.against += self.timed("check", self.month, service)
                self.report(day)
            if len(self.against) > ENOUGH:
                break
            day += datetime.timedelta(1)
        self.against += judge.whole() + self.month(service)
        self.looked = judge.looked
        players.close()
        self.last_words(service)

    def one_day(self, service, players, judge, day):
        works = self.calendar.works(day)
        kinds = self.plan(day)
        hours = HOURS if works else IDLE_HOURS
        began = utc(day)
        for n, (hour, minute) in enumerate(hours):
            self.timed("clock", service.at, utc(day, hour, minute))
            mine = kinds[n::len(hours)]
            self.timed("play", players.begin, mine)
            self.timed("play", players.do, "play")
        told = {}
        for some, counts, against in self.timed("probe", players.do, "day"):
            told.update(some)
            self.counts.update(counts)
            self.against += against
        self.timed("clock", service.at, utc(day, 23, 59))
        self.against += self.timed("check", judge.look, began,
                                   service.now(), told)

    @staticmethod
    def month(service):
        """What is looked through as a whole."""
        against = year_check.canaries(service.state)
        admin = service.admin()
        said = admin.get("/metrics")
        admin.close()
        if said.status != 200 or year_world.CANARY in said.text:
            against.append(f"10: metrics: {said}")
        return against

    def report(self, day):
        print(f"# {day}: {self.counts['consultations']} consultations,"
              f" {self.counts['calls']} calls,"
              + "".join(f" {k} {v:.0f} s" for k, v in self.spent.items()),
              flush=True)

    def last_words(self, service):
        auditor = service.person("auditor", "auditor", "xyfy")
        said = auditor.post("/v1/log/verify", {})
        if said.status != 200 or not said.json["ok"]:
            self.against.append(f"7: {said}")
        self.counts["records in the chain"] = self.looked["records"]
        self.reports(service, auditor)

    def reports(self, service, auditor):
        """The year's figures are those that are counted a second time."""
        begin, end = utc(FIRST), service.now()
        with ledger.copy_of(service.database) as db:
            lead, = db.execute(
                "SELECT id FROM site WHERE slug = 'xyfy'").fetchone()
            counted = figures.Figures(db, begin, end,
                                      lambda t: t["lead"] == lead)
            for name, by in itertools.product(
                    figures.COLUMNS, (["month", "kind"], ["lead"])):
                said = auditor.get(f"/v1/reports/{name}", by=by,
                                   from_=year_world.rfc3339(begin),
                                   to=year_world.rfc3339(end))
                rows = figures.answered(name, said.json["items"])
                if rows != getattr(counted, name)(by):
                    self.against.append(f"report {name} by {by}: {said}")
                self.looked["rows of reports"] += len(rows)


def kinds_without_player():
    """Of those that the service serves; the page of its table says which."""
    with open(os.path.join(ROOT, "docs", "catalogue.md"),
              encoding="utf-8") as f:
        served = re.findall(r"^\| `([a-z-]+)` .* yes \|$", f.read(), re.M)
    return sorted(set(served) ^ {*KINDS, *KINDS.values()} - {*year_series.PLAYERS})


def main():
    print(f"SEED {OPTIONS.seed}", flush=True)
    unplayed = kinds_without_player()
    if unplayed:
        raise SystemExit(f"no player, or not served: {unplayed}")
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK):
        tempfile.tempdir = MEMORY
    began = time.monotonic()
    year = Year()
    with year_world.rig.Service(CONFIG, clock=True,
                                folder=OPTIONS.keep) as service:
        service.clock = year_world.rig.clocks.Clock(service.clock.path,
                                                    utc(FIRST) - 3600)
        service.init().start()
        year.run(service)
        if service.stop() != 0:
            year.against.append("it did not end well")
    for name, n in sorted(year.counts.items()):
        print(f"{n:9,} {name}")
    for name, n in sorted(year.looked.items()):
        print(f"{n:9,} {name}: looked at")
    print(f"{OPTIONS.days} days in {time.monotonic() - began:.0f} s")
    for line in year.against[:50]:
        print("AGAINST", line)
    print(f"{sum(year.looked.values())} passed, {len(year.against)} failed")
    return 1 if year.against else 0


if __name__ == "__main__":
    sys.exit(main())
