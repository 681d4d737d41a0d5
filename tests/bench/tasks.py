"""P1 to P9: what each measures, and against what.

A task is a function of the run (struct Run: how long, how often, how many
claims) that answers rows: what is printed, and what bench.json keeps.
"""
import collections
import concurrent.futures
import contextlib
import json
import os
import ssl
import statistics
import tempfile
import time

import measure
import postgres
import state
from measure import Figure, daemon, ratio, rounds

CORE_SERVER, CORE_LOAD = 0, 1
Run = collections.namedtuple("Run", "folder claims rounds seconds peer")

# ours, other: Figure, in `unit`; ratio: Figure or None; goal: its text, and
# whether `figure` (that of the goal) meets it.
Row = collections.namedtuple(
    "Row", "id what unit ours other other_is ratio goal met")


def one_row(id_, what, unit, ours, other, other_is, least):
    """The goal is a ratio of ours to the other's, at least so much."""
    ours, other = list(ours), list(other)
    r = ratio(ours, other)
    return Row(id_, what, unit, Figure(ours), Figure(other), other_is, r,
               f"≥ {least:g} ×", r.median >= least)


def bound_row(id_, what, unit, ours, most):
    f = Figure(ours)
    return Row(id_, what, unit, f, None, "", None, f"≤ {most:g} {unit}",
               f.median <= most)


def per_cpu(said):
    return said["requests"] / said["watched_cpu_seconds"]


# --- P1: a week ---

def raw_answer(target, path):
    """Every byte of an answer, as it comes over the wire."""
    context = ssl.create_default_context(cafile=f"{target.folder}/ca.pem")
    context.load_cert_chain(f"{target.folder}/lead.pem")
    answer = b""
    with contextlib.closing(state_socket(target, context)) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
                     .encode())
        while not whole(answer):
            answer += sock.recv(65536)
    return answer


def state_socket(target, context):
    import socket
    plain = socket.create_connection(("127.0.0.1", target.port), 10)
    return context.wrap_socket(plain, server_hostname="localhost")


def whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = next((int(row.split(b":")[1]) for row in head.split(b"\r\n")
                   if row.lower().startswith(b"content-length:")), None)
    return bool(end) and len(body) == length


def typical_answer(target):
    """Of all weeks the one of middle length."""
    with open(f"{target.folder}/week.paths", encoding="ascii") as f:
        paths = f.read().split()
    answers = sorted((raw_answer(target, p) for p in paths[:101]), key=len)
    return answers[len(answers) // 2]


def p1_floor(run):
    """One worker and one bare thread, on the same core; load on the other."""
    with daemon(run.folder, core=CORE_SERVER, daemon={"workers": 1}) as d, \
            tempfile.NamedTemporaryFile() as answer:
        answer.write(typical_answer(d))
        answer.flush()
        with measure.raw_server(run.folder, answer.name,
                                core=CORE_SERVER) as raw:
            said = rounds(run.rounds, **{
                side: lambda t=target: t.weeks(seconds=run.seconds,
                                               core=CORE_LOAD)
                for side, target in (("ours", d), ("floor", raw))})
    yield one_row("P1", "GET a week of 30 bookings, a second of the "
                  "server's CPU", "/s", map(per_cpu, said["ours"]),
                  map(per_cpu, said["floor"]),
                  "OpenSSL on libevent, the same bytes", 0.5)
    walls = [[s["per_second"] for s in said[side]]
             for side in ("ours", "floor")]
    yield one_row("P1w", "the same, by the clock", "/s", *walls,
                  "OpenSSL on libevent, the same bytes", 0.5)


def p1_peer(run):
    """Both sides have the whole machine, the load included."""
    weeks = measure.lines(f"{run.folder}/week.paths")
    with daemon(run.folder) as d, \
            postgres.Cluster(postgres.ready(run.folder)) as cluster:
        said = rounds(
            run.rounds,
            ours=lambda: d.weeks(seconds=run.seconds)["per_second"],
            peer=lambda: cluster.bench("week", run.seconds, weeks)[0])
    yield one_row("P1p", "GET a week, over TLS, the whole machine", "/s",
                  said["ours"], said["peer"],
                  "PostgreSQL's week as JSON, pgbench over TLS", 4)


# --- P2: bookings ---

def book_and_floor(run):
    """A round: the daemon books on a copy, then the same rows bare."""
    with daemon(run.folder) as d:
        ours = d.bookings(seconds=run.seconds)
        batch = d.batch()
        if d.service.stop() != 0:
            raise RuntimeError(d.service.log())
        floor = measure.sqlite_floor(run.folder, d.database, batch)
    return {"ours": ours, "floor": floor, "batch": batch}


class Books:
    """PostgreSQL's bookings, each place once."""

    def __init__(self, cluster, run):
        self.cluster, self.run, self.begun = cluster, run, 0
        self.script = max(("function", "statement"), key=self.once)

    def once(self, script=None):
        per_second, done = self.cluster.bench(
            script or self.script, self.run.seconds, begun=self.begun)
        # a client may be ahead of the others by half
        self.begun += done // 32 * 2 + 10
        return per_second


def p2(run):
    with contextlib.ExitStack() as stack:
        sides = {"both": lambda: book_and_floor(run)}
        if run.peer:
            books = Books(stack.enter_context(postgres.on_copy(
                postgres.ready(run.folder))), run)
            sides["peer"] = books.once
        said = rounds(run.rounds, **sides)
    ours = [s["ours"]["per_second"] for s in said["both"]]
    batch = statistics.median(s["batch"] for s in said["both"])
    yield one_row("P2", "POST a booking, durable", "/s", ours,
                  [s["floor"]["per_second"] for s in said["both"]],
                  f"the same rows by bare SQLite, {batch:g} a commit", 0.6)
    if run.peer:
        yield one_row("P2p", "the same", "/s", ours, said["peer"],
                      "PostgreSQL, six rows in one round trip", 2)


# --- P3: times ---

def search_paths(folder):
    """Any expert of the specialty with a named operating room and a link, for
    every agreement of the lead with the most such experts; who may ask."""
    with open(state.NETWORK, encoding="utf-8") as f:
        net = json.load(f)
    kind = "surgical-guidance"
    rooms = {r["id"].split("/")[0]: r["id"] for r in net["resources"]
             if r["type"] == "operating-room"}
    links = {r["id"].split("/")[0]: r["id"] for r in net["resources"]
             if r["type"] == "link"}
    skilled = collections.Counter(
        (e["home"], s) for e in net["experts"] for s in e["specialties"]
        if kind in e["kinds"])
    able = [a for a in net["agreements"] if kind in a["kinds"] and
            a["partner"] in rooms and a["lead"] in links]
    lead = max(able, key=lambda a: skilled[a["lead"],
                                           a["specialties"][0]])["lead"]
    return f"{folder}/leads/{lead}.pem", [
        f"/v1/slots?kind={kind}&agreement={a['id']}&site={a['partner']}"
        f"&specialty={a['specialties'][0]}&duration_minutes=60"
        f"&before_minutes=30&after_minutes=60&n=10"
        f"&with={rooms[a['partner']]}&with={links[lead]}"
        .replace("/or-", "%2For-").replace("/bridge", "%2Fbridge")
        for a in able if a["lead"] == lead]


def p3(run):
    identity, paths = search_paths(run.folder)
    with daemon(run.folder) as d, tempfile.NamedTemporaryFile("w") as f:
        f.write("\n".join(paths) + "\n")
        f.flush()
        said = rounds(run.rounds, ours=lambda: d.load(
            "--get", f.name, identity=identity, connections=1,
            seconds=run.seconds)["latency_us"])
    for at, most in (("p50", 1), ("p99", 5)):
        yield bound_row(
            f"P3{at}", f"first ten times, any expert + room + link, TLS, {at}",
            "ms", [s[at] / 1000 for s in said["ours"]], most)
    yield from p3_inside(run)


def p3_inside(run):
    """In process, while somebody's day changes before each search."""
    if not os.path.exists(measure.program("search_bench")):
        return
    said = rounds(run.rounds, ours=lambda: measure.tool(
        "search_bench", "--json"))["ours"]
    for experts, most in ((500, 0.3), (10000, 1)):
        yield bound_row(
            f"P3i{experts}", f"the same in process, {experts} experts", "ms",
            [s[str(experts)]["busy"]["p50_us"] / 1000 for s in said], most)


# --- P4: a booking alone ---

SLICES = 5      # of a round: the disk has moods that pass within seconds


def pages_of_one(d, calls):
    """Frames in the log of a new daemon for one booking, on average."""
    log = d.database + "-wal"
    before = os.path.getsize(log)
    said = d.alone(calls, seconds=0.5, warmup=0)
    return max(1, round((os.path.getsize(log) - before) / measure.FRAME /
                        said["requests"]))


def p99_ms(slices):
    """The middle one of a round's slices."""
    return statistics.median(s["latency_us"]["p99"] / 1000 for s in slices)


def p4(run):
    calls = run.rounds * SLICES + 1
    with daemon(run.folder) as d:
        pages = pages_of_one(d, calls)
        said = rounds(
            run.rounds * SLICES,
            ours=lambda: d.alone(calls, seconds=run.seconds / SLICES,
                                 warmup=0.1),
            floor=lambda: measure.tool(
                "disk_floor", state.BENCH, run.seconds / SLICES, pages,
                measure.log_pages()))
    times = [[p99_ms(said[side][i:i + SLICES])
              for i in range(0, len(said[side]), SLICES)]
             for side in ("ours", "floor")]
    r = ratio(*times)
    yield Row("P4", "a booking alone, TLS kept, p99", "ms", Figure(times[0]),
              Figure(times[1]), f"the disk's own, p99: {pages} pages of a log "
              "and fdatasync", r, "≤ 3 ×", r.median <= 3)


# --- P5: import and start ---

def import_once():
    from service import Service
    with Service() as service:
        service.init().start()
        begun = time.perf_counter()
        service.load(state.NETWORK)
        return time.perf_counter() - begun


def start_once(run):
    with state.copy(run.folder) as copy, state.service_on(copy) as service:
        begun = time.perf_counter()
        service.start()
        return time.perf_counter() - begun


def p5(run):
    said = rounds(run.rounds, imported=import_once,
                  started=lambda: start_once(run))
    yield bound_row("P5i", "import of the network", "s", said["imported"], 3)
    yield bound_row("P5s", "start to READY, with it", "s", said["started"], 1)


# --- P6: memory ---

IDLE = 10000
MIB, KIB = 1 << 20, 1 << 10
IDLE_OPTIONS = {"limits": {"connections": IDLE + 100,
                           "connections_per_address": IDLE + 100},
                "deadlines": {"idle_ms": 600000}}


@contextlib.contextmanager
def standing(d, count):
    """So many partners' connections, each answered once."""
    import glob
    import subprocess
    people = ",".join(sorted(glob.glob(f"{d.folder}/partners/*.pem")))
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("/v1/whoami\n")
        f.flush()
        with subprocess.Popen(
                [measure.program("load"), "--connect", f"127.0.0.1:{d.port}",
                 "--ca", f"{d.folder}/ca.pem", "--identity", people, "--idle",
                 "--get", f.name, "--connections", str(count)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as p:
            said = p.stdout.readline()
            if said.split()[:1] != ["standing"]:
                raise RuntimeError(f"not all stand: {said}")
            yield
            p.stdin.close()


def idle_memory(run):
    """Resident, worked in and then with idle connections: bytes."""
    with daemon(run.folder, **IDLE_OPTIONS) as d:
        d.weeks(seconds=1)
        d.bookings(seconds=1)
        before = d.memory()
        with standing(d, IDLE):
            return before, d.memory()


def p6(run):
    said = [idle_memory(run) for _ in range(min(run.rounds, 2))]
    whole_mib = 96 + 24 * IDLE / 1024
    yield bound_row("P6", f"memory, {IDLE} idle partners", "MiB",
                    [after / MIB for _, after in said], whole_mib)
    yield Row("P6b", "of it, before they came", "MiB",
              Figure(before / MIB for before, _ in said), None, "", None,
              "", None)
    yield Row("P6c", "of it, each of them", "KiB",
              Figure((after - before) / IDLE / KIB for before, after in said),
              None, "", None, "", None)


# --- P8: handshakes ---

def shake_both(run):
    """The floor, while the other core is as busy as the load keeps it: two
    cores that are two threads of one are slower then."""
    def shake(core):
        return measure.tool(
            "handshake_loop", os.path.join(run.folder, "state"),
            f"{run.folder}/lead.pem", run.seconds, core=core)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return next(pool.map(shake, (CORE_SERVER, CORE_LOAD)))


def p8(run):
    with daemon(run.folder, core=CORE_SERVER, daemon={"workers": 1}) as d:
        before = measure.kernel_s(d.pid)
        said = rounds(
            run.rounds,
            ours=lambda: d.load("--handshakes", seconds=run.seconds,
                                connections=32, core=CORE_LOAD),
            floor=lambda: shake_both(run))
        kernel, used = (now - was for now, was in zip(
            measure.kernel_s(d.pid), before))
    yield one_row("P8", "full mutual handshakes, a second of the server's CPU",
                  "/s", map(per_cpu, said["ours"]),
                  [1e6 / s["server_cpu_us"] for s in said["floor"]],
                  "the library's own, no server; the kernel's part of ours: "
                  f"{kernel / used:.0%}", 0.9)


# --- P9: cores ---

def idle_s(cores):
    """So far, of those cores."""
    with open("/proc/stat", encoding="ascii") as f:
        rows = dict(row.split(" ", 1) for row in f if row.startswith("cpu"))
    return sum(int(n) for core in cores for n in
               rows[f"cpu{core}"].split()[3:5]) / os.sysconf("SC_CLK_TCK")


def on_cores(run, cores, *targets, threads=1):
    """Requests a second if the servers had those cores to themselves. The load
    is on them, too, and all of its CPU is left out; what nobody used counts as
    the servers': had they been able to, they would have used it."""
    def ask(target):
        return target.weeks("--threads", threads, seconds=run.seconds,
                            connections=32 * len(cores) // len(targets),
                            core=",".join(map(str, cores)))

    with concurrent.futures.ThreadPoolExecutor(len(targets)) as pool:
        idle, begun = idle_s(cores), time.monotonic()
        said = list(pool.map(ask, targets))
        idle = (idle_s(cores) - idle) / (time.monotonic() - begun)
    had = sum(s["watched_cpu_seconds"] for s in said) + \
        idle * said[0]["seconds"]
    return len(cores) * sum(s["requests"] for s in said) / had


def computing(run, *cores):
    """Handshakes a second of CPU, with all those cores at it; all of them."""
    def shake(core):
        said = measure.tool("handshake_loop", f"{run.folder}/state",
                            f"{run.folder}/lead.pem", run.seconds, core=core)
        return 1e6 / (said["server_cpu_us"] + said["client_cpu_us"])

    with concurrent.futures.ThreadPoolExecutor(len(cores)) as pool:
        return sum(pool.map(shake, cores))


@contextlib.contextmanager
def weeks_servers(run):
    """A daemon with one worker on a core and one with two on both; bare
    servers likewise, one and two of them."""
    one_core, both = CORE_SERVER, f"{CORE_SERVER},{CORE_LOAD}"
    with contextlib.ExitStack() as stack:
        daemons = [stack.enter_context(daemon(
            run.folder, core=core, daemon={"workers": workers}))
            for workers, core in ((1, one_core), (2, both))]
        answer = stack.enter_context(tempfile.NamedTemporaryFile())
        answer.write(typical_answer(daemons[0]))
        answer.flush()
        yield daemons, [stack.enter_context(measure.raw_server(
            run.folder, answer.name, core=core))
            for core in (one_core, both, both)]


def p9(run):
    one, two = (CORE_SERVER,), (CORE_SERVER, CORE_LOAD)
    with weeks_servers(run) as (daemons, bare):
        said = rounds(
            run.rounds,
            one=lambda: on_cores(run, one, daemons[0]),
            two=lambda: on_cores(run, two, daemons[1], threads=2),
            alone=lambda: per_cpu(daemons[0].weeks(seconds=run.seconds,
                                                   core=CORE_LOAD)),
            bare_one=lambda: on_cores(run, one, bare[0]),
            bare_two=lambda: on_cores(run, two, *bare[1:]),
            computing_one=lambda: computing(run, *one),
            computing_two=lambda: computing(run, *two))
    yield one_row("P9", "GET a week, two workers, the load's CPU subtracted",
                  "/s", said["two"], said["one"],
                  "one worker on one core, the load there, too", 1.8)
    for id_, what, ours, others, other in (
            ("P9a", "the same, the load beside two, not beside one", "two",
             "alone", "one worker with a core that nobody else is on"),
            ("P9m", "what the machine gives: two bare servers", "bare_two",
             "bare_one", "one bare server, each with the load on its core"),
            ("P9c", "what it gives: computing alone, on both cores",
             "computing_two", "computing_one", "on one, the other idle")):
        yield Row(id_, what, "/s", Figure(said[ours]), Figure(said[others]),
                  other, ratio(said[ours], said[others]), "", None)


TASKS = {"P1": p1_floor, "P1p": p1_peer, "P2": p2, "P3": p3, "P4": p4,
         "P5": p5, "P6": p6, "P8": p8, "P9": p9}
