"""What the tasks of bench.py are made of: sides, rounds, figures.

A side is something that is measured: it is asked in turn with the others of
its task, round after round, so that what else the machine does falls on all of
them. A figure is what its rounds have come to: their median and spread.
"""
import collections
import contextlib
import itertools
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile

import state

FRAME = 24 + 4096      # of the log: a head and a page
RELEASE = os.path.join(state.ROOT, "build", "release")


def program(name):
    return os.path.join(RELEASE, "tests", "bench", name)


def many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Figure:
    """Values of rounds; of times, too, the spread is (max - min) / median."""

    def __init__(self, values):
        self.values = list(values)
        self.median = statistics.median(self.values)
        self.spread = (max(self.values) - min(self.values)) / \
            (self.median or 1)


def rounds(count, **sides):
    """{name: [what it said, a round each]}, one side after the other."""
    said = collections.defaultdict(list)
    for _ in range(count):
        for name, ask in sides.items():
            said[name].append(ask())
    return said


def ratio(above, below):
    """Round by round: what one round suffers both sides suffer."""
    return Figure(a / b for a, b in zip(above, below))


def on_core(core, command):
    return command if core is None else ["taskset", "-c", str(core), *command]


def tool(name, *args, core=None, **kwargs):
    """A program that prints one JSON object."""
    ran = subprocess.run(on_core(core, [program(name), *map(str, args)]),
                         text=True, capture_output=True, check=False,
                         **kwargs)
    if ran.returncode != 0:
        raise RuntimeError(f"{name}: {ran.stderr or ran.stdout}")
    return json.loads(ran.stdout)


class Target:
    """Where load goes: a port, with whom and what it asks."""

    def __init__(self, folder, port, pid):
        self.folder, self.port, self.pid = folder, port, pid
        self.booked = 0

    def load(self, *args, identity=None, seconds=3, warmup=0.5,
             connections=64, core=None):
        said = tool("load", "--connect", f"127.0.0.1:{self.port}", "--ca",
                    f"{self.folder}/ca.pem", "--identity",
                    identity or f"{self.folder}/lead.pem", "--connections",
                    connections, "--seconds", seconds, "--warmup", warmup,
                    "--watch", self.pid, "--json", *args, core=core)
        bad = {k: n for k, n in said["status"].items() if k[0] != "2"}
        if said["errors"] or sum(bad.values()) > said["requests"] / 100:
            raise RuntimeError(f"load: {said['errors']} errors, {bad}")
        return said

    def weeks(self, *args, **kwargs):
        return self.load("--get", f"{self.folder}/week.paths", *args, **kwargs)

    def bookings(self, parts=1, **kwargs):
        """A place is free once: so many calls share what there is."""
        who = state.identities(self.folder)
        path = f"{self.folder}/spread.bodies"
        part = lines(path) // parts // (who.count(",") + 1) * \
            (who.count(",") + 1)
        with open(path, "rb") as f, tempfile.NamedTemporaryFile() as out:
            out.writelines(itertools.islice(
                f, self.booked * part, (self.booked + 1) * part))
            out.flush()
            self.booked += 1
            return self.load("--post", "/v1/bookings", "--bodies", out.name,
                             "--spread", identity=who, **kwargs)

    def alone(self, calls, **kwargs):
        """One connection, of one lead after the other; so many calls share
        what is free."""
        who = state.identities(self.folder).split(",")
        turn, lead = divmod(self.booked, len(who))
        turns = -(-calls // len(who))
        with open(f"{self.folder}/spread.bodies", "rb") as f, \
                tempfile.NamedTemporaryFile() as out:
            free = list(itertools.islice(f, lead, None, len(who)))
            part = len(free) // turns
            out.writelines(free[turn * part:(turn + 1) * part])
            out.flush()
            self.booked += 1
            return self.load("--post", "/v1/bookings", "--bodies", out.name,
                             identity=who[lead], connections=1, **kwargs)


def kernel_s(pid):
    """So far, of its CPU: what the kernel did for it, and all."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    user, kernel = (int(n) / os.sysconf("SC_CLK_TCK") for n in fields[11:13])
    return kernel, user + kernel


def memory_of(pid):
    """Resident bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        row = next(r for r in f if r.startswith("VmRSS:"))
    return int(row.split()[1]) * 1024


class Daemon(Target):
    """The daemon on a copy of a state."""

    def __init__(self, folder, run, service):
        super().__init__(folder, service.ports["partners"],
                         service.process.pid)
        self.run, self.service = run, service
        self.database = os.path.join(run, "state", "teleconsult.db")

    def batch(self):
        """Changes in one transaction, on average so far."""
        admin = self.service.admin()
        text = admin.get("/metrics").text
        admin.close()
        total, count = (float(re.search(
            rf"^teleconsult_writer_batch_jobs_{what} (\S+)", text,
            re.M)[1]) for what in ("sum", "count"))
        return max(1, round(total / count))

    def memory(self):
        return memory_of(self.pid)


@contextlib.contextmanager
def daemon(folder, core=None, **options):
    """It runs, on a copy; options: sections of its file."""
    with state.copy(folder) as run, state.service_on(run, options) as service:
        for name in ("first.pem", "first.key"):
            shutil.copy(os.path.join(folder, name), run)
        service.start(wrapper=on_core(core, []))
        yield Daemon(folder, run, service)


@contextlib.contextmanager
def raw_server(folder, answer, core=None):
    """The floor of P1 on a port: those bytes to whoever asks."""
    with subprocess.Popen(
            on_core(core, [program("raw_server"),
                           os.path.join(folder, "state"), answer]),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
        port = int(p.stdout.readline().split()[1])
        try:
            yield Target(folder, port, p.pid)
        finally:
            p.stdin.close()
            p.wait()


def log_pages():
    """How large a log the daemon lets become before it is moved."""
    path = os.path.join(state.ROOT, "daemon", "store", "executor.c")
    with open(path, encoding="utf-8") as f:
        return int(re.search(r"#define LOG_PAGES (\d+)", f.read())[1])


def sqlite_floor(folder, after, batch):
    """The rows of what the daemon has just booked, by bare SQLite."""
    with state.copy(folder) as run:
        return tool("sqlite_floor",
                    os.path.join(run, "state", "teleconsult.db"), after,
                    batch, log_pages())


# --- the page ---

PAGE = os.path.join(state.ROOT, "docs", "performance.md")


def put_in_page(name, lines_of_it, after_it=""):
    """What a command has printed, into its place of the page."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    with open(PAGE, encoding="utf-8") as f:
        before, _, rest = f.read().partition(begin)
    after = rest.partition(end)[2]
    with open(PAGE, "w", encoding="utf-8") as f:
        f.write(before + begin + "\n    " + "\n    ".join(
            line.rstrip() for line in lines_of_it) + "\n\n" + after_it + end + after)


# --- the machine ---

def package(name):
    return subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", name], text=True,
        capture_output=True, check=False).stdout or "none"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((r.split(":")[1].strip() for r in f
                      if r.startswith("model name")), "unknown")
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = int(f.readline().split()[1]) // 1024
    return {
        "cores": os.cpu_count(), "processor": model, "memory_mib": memory,
        "kernel": os.uname().release, "load_before": os.getloadavg()[0],
        "packages": {name: package(name) for name in (
            "gcc", "libevent-2.1-7", "libssl3", "libjansson4",
            "libsqlite3-0", "postgresql-15")},
    }


def lines(path):
    with open(path, "rb") as f:
        return sum(1 for _ in f)
