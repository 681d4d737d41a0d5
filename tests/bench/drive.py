"""Loads on a daemon that runs on filled data: what overload and soak share."""
import itertools
import json
import os
import subprocess
import tempfile
import threading
import time

import state


def memory(pid, field="VmRSS"):
    """Bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        row = next(r for r in f if r.startswith(field + ":"))
    return int(row.split()[1]) * 1024


def threads(pid):
    """CPU seconds of the writer, of all workers, and of all."""
    tick, took = 1 / os.sysconf("SC_CLK_TCK"), {"writer": 0.0, "worker": 0.0,
                                                "all": 0.0}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat", encoding="ascii") as f:
            name, fields = f.read().split("(", 1)[1].rsplit(")", 1)
        fields = fields.split()
        seconds = (int(fields[11]) + int(fields[12])) * tick
        took["all"] += seconds
        for kind in ("writer", "worker"):
            took[kind] += seconds if name.startswith(kind) else 0
    return took


def processes():
    """{pid: (parent, CPU seconds with those of children that ended)}"""
    tick, found = 1 / os.sysconf("SC_CLK_TCK"), {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii",
                      errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        found[int(name)] = (int(fields[1]),
                            sum(map(int, fields[11:15])) * tick)
    return found


def others_s():
    """CPU seconds so far of everything that is not of this process and those
    that it started."""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(n) for n in f.readline().split()[1:]]
    all_of_it = (sum(fields[:8]) - sum(fields[3:5])) / \
        os.sysconf("SC_CLK_TCK")
    found, ours = processes(), {os.getpid()}
    while more := {pid for pid, (parent, _) in found.items()
                   if parent in ours} - ours:
        ours |= more
    return all_of_it - sum(found[pid][1] for pid in ours)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Watch:
    """A process's memory, looked at all the time; and the machine: how late a
    sleep ends, which tells how much others want of it."""

    def __init__(self, pid, every_s=0.1):
        self.pid, self.every_s = pid, every_s
        self.rows, self.stopping = [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        due = time.monotonic()
        while not self.stopping.is_set():
            due = max(due + self.every_s, time.monotonic())
            time.sleep(max(0, due - time.monotonic()))
            now = time.monotonic()
            try:
                self.rows.append((now, memory(self.pid), now - due))
            except (OSError, StopIteration):
                return  # it has ended

    def most(self, begin, end):
        return max((size for at, size, _ in self.rows if begin <= at <= end),
                   default=memory(self.pid))

    def late_ms(self, begin, end):
        """p99."""
        late = sorted(late for at, _, late in self.rows if begin <= at <= end)
        return late[len(late) * 99 // 100] * 1000 if late else 0.0

    def stop(self):
        self.stopping.set()
        self.thread.join()


class Bodies:
    """The free places of the filled data, each given out once.

    Line n is for identity n modulo all: slices begin where the first is due.
    """

    def __init__(self, folder, work):
        self.identities = state.identities(folder)
        self.turn = len(self.identities.split(","))
        with open(os.path.join(folder, "spread.bodies"),
                  encoding="utf-8") as f:
            self.lines = f.readlines()
        self.work, self.used = work, 0
        self.numbers = itertools.count()

    def take(self, most):
        """A file with about so many, at least one turn."""
        n = max(1, int(most) // self.turn) * self.turn
        lines = self.lines[self.used:self.used + n]
        if len(lines) < n:
            raise RuntimeError("the free places have run out: more --claims "
                               "make more, or a shorter run needs fewer")
        self.used += n
        path = os.path.join(self.work, f"bodies-{next(self.numbers)}")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(lines)
        return path


class Drive:
    """Starts loads against the daemon of a service on filled data."""

    def __init__(self, folder, service, build):
        self.folder, self.service = folder, service
        self.program = os.path.join(state.ROOT, build, "tests/bench/load")
        self.work = tempfile.TemporaryDirectory(dir=service.folder)
        self.bodies = Bodies(folder, self.work.name)
        self.paths = os.path.join(folder, "week.paths")
        self.lead = os.path.join(folder, "lead.pem")

    def start(self, *args, identity=None):
        return subprocess.Popen(
            [self.program, "--json", "--ca",
             os.path.join(self.folder, "ca.pem"), "--identity",
             identity or self.lead, "--connect",
             f"127.0.0.1:{self.service.ports['partners']}",
             *map(str, args)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    @staticmethod
    def together(loads):
        """Begins loads that were started with --gate, when all stand."""
        for load in loads:
            if not load.stdout.readline().startswith("standing"):
                raise RuntimeError(" ".join(load.args))
        for load in loads:
            load.stdin.close()
            load.stdin = None

    @staticmethod
    def end(load):
        said, _ = load.communicate(timeout=600)
        if load.returncode:
            raise RuntimeError(f"{' '.join(load.args)}: {load.returncode}")
        return json.loads(said)

    def book(self, most, *args):
        """Bookings, at most about so many of them, as each is due."""
        return self.start("--post", "/v1/bookings", "--spread", "--bodies",
                          self.bodies.take(most), *args,
                          identity=self.bodies.identities)

    def read(self, *args):
        """Weeks of experts."""
        return self.start("--get", self.paths, *args)

    def emergencies(self, most, *args):
        """Requests whose urgency is emergency, of one partner."""
        site, specialty = self.partner()
        path = os.path.join(self.work.name, "emergencies")
        with open(path, "w", encoding="utf-8") as f:
            for n in range(int(most)):
                f.write(json.dumps({
                    "kind": "remote-consultation", "site": site,
                    "specialty": specialty, "urgency": "emergency",
                    "reason": "chest pain", "purpose": "what now",
                    "patient": {"local_id": f"E{n:06}", "name": "Li",
                                "summary": "in pain"}}) + "\n")
        return self.start(
            "--post", "/v1/requests", "--bodies", path, *args,
            identity=os.path.join(self.folder, "partners", f"{site}.pem"))

    def partner(self):
        """One who may ask for consultations: its slug, and of what."""
        with open(state.NETWORK, encoding="utf-8") as f:
            agreements = json.load(f)["agreements"]
        for name in sorted(os.listdir(os.path.join(self.folder,
                                                   "partners"))):
            site = name[:-len(".pem")]
            for one in agreements:
                if one["partner"] == site and one.get("specialties") and \
                        "remote-consultation" in one["kinds"]:
                    return site, one["specialties"][0]
        raise RuntimeError("no partner may ask for a consultation")

    def close(self):
        self.work.cleanup()
