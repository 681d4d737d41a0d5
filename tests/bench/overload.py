#!/usr/bin/python3
"""Twice as much as the service can do: what it keeps, and whom it serves.

usage: overload.py [BUILD] [--claims N] [--seconds S] [--json]

Finds the best throughput of bookings in a closed loop, then offers twice that
in an open one, together with schedules and emergencies. One line a figure,
with what it has to be; 1 when one is not.
"""
import argparse
import contextlib
import json
import os
import sys
import time

import drive
import state

CONNECTIONS = 1600   # of the open loop: more than ever wait
SCHEDULES = 200      # a second, meanwhile
EMERGENCIES = 20     # the same
KEPT = 0.9           # of the best throughput
REFUSAL_MS = 50      # p99
SCHEDULE_MS = 100    # p99
EMERGENCY_MS = 500   # p99: a batch of others, and its own, on slow machines
GROWTH_MIB = 48      # what all connections hold while they are busy, and jobs
FLAT = 1.05
BACK = 2             # times what a booking took before; then it is as before
BACK_MS = 2          # ... or this much longer


def p99_ms(figures, status=None):
    rows = figures["latency_by_status"].get(str(status)) if status else \
        figures["latency_us"]
    return rows["p99"] / 1000 if rows else 0.0


class Overload:
    def __init__(self, load, seconds):
        self.load, self.seconds = load, seconds
        self.pid = load.service.process.pid
        self.rows, self.figures = [], {}
        self.begun = self.calm = 0
        self.spent = {}

    def row(self, name, value, limit, good, unit):
        self.rows.append((name, value, limit, good, unit))
        self.figures[name] = {"value": value, "goal": limit, "met": good}

    def most(self, name, value, limit, unit):
        self.row(name, value, limit, value <= limit, unit)

    def least(self, name, value, limit, unit):
        self.row(name, value, limit, value >= limit, unit)

    def alone_ms(self):
        """A booking on an idle service."""
        got = self.load.end(self.load.book(2000, "--connections", 1,
                                           "--seconds", 1))
        return got["latency_us"]["p50"] / 1000

    def best(self):
        """Bookings a second, and for each second of the writer's CPU."""
        before = drive.threads(self.pid)["writer"]
        got = self.load.end(self.load.book(
            30000, "--connections", 64, "--seconds", self.seconds / 2))
        spent = drive.threads(self.pid)["writer"] - before
        done = got["status"].get("201", 0)
        return done / got["seconds"], done / max(spent, 0.01)

    def overload(self, best):
        """Figures of the bookings, of schedules and of emergencies."""
        rate, span = 2 * best, ("--gate", "--warmup", 1, "--seconds",
                                  self.seconds)
        each = rate * (self.seconds + 1.2)
        loads = [
            self.load.book(each, "--connections", CONNECTIONS, "--rate",
                           rate, *span),
            self.load.read("--connections", 32, "--rate", SCHEDULES, *span),
            self.load.emergencies(EMERGENCIES * (self.seconds + 10),
                                  "--connections", 32, "--rate", EMERGENCIES,
                                  *span)]
        self.load.together(loads)
        self.begun, self.calm = time.monotonic(), drive.memory(self.pid)
        before = drive.threads(self.pid)
        told = [self.load.end(one) for one in loads]
        after = drive.threads(self.pid)
        self.spent = {kind: after[kind] - before[kind] for kind in after}
        return told

    def run(self):
        watch = drive.Watch(self.pid)
        self.alone_ms()  # what is made once is made
        before, first = self.alone_ms(), self.best()
        books, reads, urgent = self.overload(first[0])
        begun, ended = self.begun, time.monotonic()
        time.sleep(1)
        after = self.alone_ms()
        # Others use the machine, too: the best is that of before and after.
        best = [sum(both) / 2 for both in zip(first, self.best())]
        watch.stop()
        self.figures["offered_per_second"] = 2 * first[0]
        self.judge(best, books, reads, urgent)
        mib, peak = 1 << 20, watch.most(begun, ended)
        third = (ended - begun) / 3
        self.most("memory: more than as all stood",
                  (peak - self.calm) / mib, GROWTH_MIB, "MiB")
        self.most("memory: last third over the first",
                  watch.most(ended - third, ended) /
                  watch.most(begun, begun + third), FLAT, "x")
        self.most("a booking alone, a second later",
                  after, max(before * BACK, before + BACK_MS), "ms")
        self.figures["memory_mib"] = {"standing": self.calm / mib, "most": peak / mib,
                                      "after": drive.memory(self.pid) / mib}

    def judge(self, best, books, reads, urgent):
        done = books["status"].get("201", 0) / books["seconds"]
        sent_away = books["status"].get("503", 0)
        self.figures["best_per_second"] = best[0]
        self.figures["cpu_s"] = self.spent
        self.least("bookings a second, of the best", done / best[0], KEPT,
                   "x")
        # What a busy machine leaves as it is.
        self.figures["of_the_writers_cpu"] = \
            done * (self.seconds + 1) / max(self.spent["writer"], 0.01) / best[1]
        self.least("sent away", sent_away, 1, "")
        self.least("... with Retry-After", books["retry_after"], sent_away,
                   "")
        self.most("... p99", p99_ms(books, 503), REFUSAL_MS, "ms")
        # A moment's pause of a busy machine leaves a few behind at the end.
        self.most("never even sent, of all",
                  (books["unsent"] + books["errors"]) / books["requests"],
                  0.001, "x")
        self.most("schedules: p99", p99_ms(reads), SCHEDULE_MS, "ms")
        self.most("emergencies: p99", p99_ms(urgent), EMERGENCY_MS, "ms")
        others = sum(n for one, good in ((books, "201 503"), (reads, "200"),
                                         (urgent, "201"))
                     for code, n in one["status"].items()
                     if code not in good.split())
        self.most("any other answer", others, 0, "")
        self.figures["bookings"] = books
        self.figures["schedules"], self.figures["urgent"] = reads, urgent

    def print(self):
        f = self.figures
        print(f"best {f['best_per_second']:.0f} bookings/s, offered "
              f"{f['offered_per_second']:.0f}/s; booked in "
              f"{p99_ms(f['bookings'], 201):.0f} ms (p99); memory "
              + ", ".join(f"{k} {v:.0f}" for k, v in
                          f["memory_mib"].items()) + " MiB")
        asked = sum(sum(f[kind]["status"].values()) for kind in
                    ("bookings", "schedules", "urgent"))
        print(f"CPU: writer {f['cpu_s']['writer']:.1f} s, workers "
              f"{f['cpu_s']['worker']:.1f} s ({asked} answers and "
              f"{self.seconds + 1:g} s); bookings for a second of the "
              f"writer's: {f['of_the_writers_cpu']:.2f} of the best")
        for name, value, limit, good, unit in self.rows:
            print(f"  {name:34} {value:10.2f} {unit:4} goal {limit:8.2f} "
                  f"{'met' if good else 'NOT MET'}")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", nargs="?", default="build/release")
    args.add_argument("--claims", type=int, default=30000)
    args.add_argument("--seconds", type=float, default=6)
    args.add_argument("--json", action="store_true")
    args = args.parse_args()
    os.environ["BUILD"] = args.build
    folder = state.ready(args.claims)
    with state.copy(folder) as run, state.service_on(run) as service, \
            contextlib.closing(drive.Drive(folder, service.start(),
                                           args.build)) as load:
        judged = Overload(load, args.seconds)
        judged.run()
        if service.stop() != 0:
            raise RuntimeError("the daemon ended badly: " + service.log())
    if args.json:
        print(json.dumps(judged.figures))
    else:
        judged.print()
    return 0 if all(row[3] for row in judged.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
