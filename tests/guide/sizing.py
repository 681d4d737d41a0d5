#!/usr/bin/python3
"""What the service takes of a machine, measured: the figures of the guide.

usage: sizing.py [BUILD] [--bookings N] [--connections N]

The daemon as it is built, on this machine and this disk. One person submits,
one accepts, and the first books the first free time, over kept connections,
one after the other; then many stand in line and ask nothing.
"""
import argparse
import os
import resource
import socket
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))

PARTNER = "liaoyang-central"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def memory(pid, field="VmRSS"):
    with open(f"/proc/{pid}/status") as f:
        row = next(r for r in f if r.startswith(field + ":"))
    return int(row.split()[1]) * 1024


def database(service):
    """Bytes of the database at rest: nothing is left beside the file."""
    return os.path.getsize(service.database)


class Timed:
    """Each step's seconds, by its name."""

    def __init__(self):
        self.took = {}

    def __call__(self, name, ask, *args, **kwargs):
        begun = time.perf_counter()
        answer = ask(*args, **kwargs)
        self.took.setdefault(name, []).append(time.perf_counter() - begun)
        if answer.status not in (200, 201):
            raise RuntimeError(repr(answer))
        return answer

    def row(self, name):
        took = sorted(self.took[name])
        return (f"{statistics.median(took) * 1000:.1f} ms median, "
                f"{took[len(took) * 99 // 100] * 1000:.1f} ms p99")


def book(one, lead, timed, begin, number):
    """From request to booking; answers the end of what was booked."""
    from way import request_body, rfc3339, utc
    asked = timed("a request", one.post, "/v1/requests",
                  request_body(PARTNER)).json["code"]
    etag = one.get(f"/v1/requests/{asked}").etag
    timed("an acceptance", lead.post, f"/v1/requests/{asked}/accept",
          {"expert": "coronary-1"}, match=etag)
    slot = timed("a search", one.get, "/v1/slots", request=asked, n=1,
                 from_=rfc3339(begin)).json["slots"][0]
    timed("a booking", one.post, "/v1/bookings",
          {"request": asked, "at": slot["from"], "expert": "coronary-1"})
    return utc(slot["to"])


def bookings(Service, count):
    with Service() as service:
        service.init().start().load()
        one = service.person("one", "site-coordinator", PARTNER)
        lead = service.person("lead", "lead-coordinator", "anzhen")
        service.stop()
        before, said = database(service), len(service.log())
        service.start()
        one.port = lead.port = service.ports["partners"]
        for who in (one, lead):
            who.close()
        timed, begin = Timed(), time.time() + 86400
        spent = cpu_s(service.process.pid)
        for number in range(count):
            begin = book(one, lead, timed, begin, number)
        spent = cpu_s(service.process.pid) - spent
        service.stop()
        grown, said = database(service) - before, len(service.log()) - said
    yield "requests made, accepted, searched for and booked", str(count)
    yield "database, for each", f"{grown / count / 1024:.1f} KiB"
    yield "log, for each", f"{said / count / 1024:.1f} KiB"
    yield "the daemon's CPU, for each", f"{spent / count * 1000:.1f} ms"
    for name in timed.took:
        yield f"time for {name}", timed.row(name)


def large(Service, root, count):
    """The large network, at rest, then with many connections."""
    with Service({"limits": {"connections_per_address": str(count + 10)}}) \
            as service:
        service.init().start()
        empty = memory(service.process.pid)
        begun = time.perf_counter()
        service.load(os.path.join(root, "examples/xuzhou.json"))
        took = time.perf_counter() - begun
        service.stop()
        size, begun = database(service), time.perf_counter()
        service.start()
        ready = time.perf_counter() - begun
        admin = service.admin()
        admin.get("/v1/whoami")
        rest = memory(service.process.pid)
        crowd = [connect(service, admin.context) for _ in range(count)]
        full = memory(service.process.pid)
        del crowd
    mib = 1 << 20
    yield "memory, with nothing in it", f"{empty / mib:.0f} MiB"
    yield "the large network: its import", f"{took:.1f} s"
    yield "the large network: start until ready", f"{ready:.2f} s"
    yield "the large network: database", f"{size / mib:.1f} MiB"
    yield "the large network: memory", f"{rest / mib:.0f} MiB"
    yield "idle connections with a certificate", str(count)
    yield "memory, for each of them", f"{(full - rest) / count / 1024:.0f} KiB"


def connect(service, context):
    plain = socket.create_connection(("127.0.0.1", service.ports["partners"]),
                                     60)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock = context.wrap_socket(plain, server_hostname="localhost")
    sock.sendall(b"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\n\r\n")
    if not sock.recv(4096).startswith(b"HTTP/1.1 200"):
        raise RuntimeError("a connection is not served")
    return sock


def disk_ms(folder):
    """One small write that is on the disk, at the median of 200."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as f:
        for _ in range(200):
            begun = time.perf_counter()
            f.write(b"x" * 4096)
            f.flush()
            os.fdatasync(f.fileno())
            took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000


def machine():
    with open("/proc/cpuinfo") as f:
        name = next(r for r in f if r.startswith("model name")).split(":")[1]
    yield "processor", f"{os.cpu_count()} cores, {name.strip()}"
    yield "a write that is on the disk", f"{disk_ms(None):.2f} ms"


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", nargs="?", default="build/release")
    args.add_argument("--bookings", type=int, default=300)
    args.add_argument("--connections", type=int, default=2000)
    args = args.parse_args()
    os.environ["BUILD"] = args.build
    from service import ROOT, Service
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for part in (machine(), bookings(Service, args.bookings),
                 large(Service, ROOT, args.connections)):
        for name, value in part:
            print(f"{name:54}{value}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
