#!/usr/bin/python3
"""Many coordinators fight for one afternoon; a judge reads what they were told.

usage: fight.py [BUILD] [--seconds N] [--kill] [--clients 64] [--seed S]
       [--keep FOLDER]

Site coordinators of two partners submit, search, book, hold, confirm, release,
move and cancel at random; lead coordinators accept, and move and cancel, too.
Each is a process with one kept connection and writes down every answer. With
--kill the daemon is killed (SIGKILL) again and again and started anew; whoever
lost an answer repeats what they asked under the same Idempotency-Key until it
is known. In the end the daemon is stopped and judge.py holds the histories
against the closed database, without believing the daemon anything.

The afternoon is the next Tuesday or Thursday but one: then two experts and a
third physician are there, with a video bridge for two at a time.
"""
import argparse
import collections
import datetime
import http.client
import json
import multiprocessing
import os
import random
import ssl
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]

ZONE = datetime.timezone(datetime.timedelta(hours=8))
KIND = "remote-consultation"
BRIDGE = "anzhen/bridge"
PARTNERS = ("liaoyang-central", "cooperating-2")
# expert: (specialty, first and last minute of the afternoon, how often wanted)
EXPERTS = {
    "cardiac-surgery-1": ("cardiac-surgery", 14 * 60, 18 * 60, 6),
    "electrophysiology-1": ("electrophysiology", 13 * 60 + 30,
                            17 * 60 + 30, 2),
    "resident-new": ("coronary", 13 * 60, 17 * 60, 2),
}
# Everything that may be answered to a change besides what was asked for.
REFUSALS = {"time-refused", "wrong-state", "stale-version"}
LOST = (OSError, http.client.HTTPException, ssl.SSLError)
SETTLE_S = 60


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def the_day(now):
    """Midnight in Shanghai of a Tuesday or Thursday, two to eight days on."""
    day = datetime.datetime.fromtimestamp(now, ZONE).replace(
        hour=0, minute=0, second=0, microsecond=0)
    day += datetime.timedelta(days=2)
    while day.weekday() not in (1, 3):
        day += datetime.timedelta(days=1)
    return int(day.timestamp())


def network(path):
    """The example, with a second studio at each partner and a third at the
    lead, and places for two on the bridge."""
    with open(path, encoding="utf-8") as f:
        net = json.load(f)
    for row in net["resources"]:
        if row["id"] == BRIDGE:
            row["capacity"] = 2
    net["resources"] += [
        {"id": name, "name": name, "type": "studio", "capacity": 1}
        for name in (*(f"{p}/studio-2" for p in PARTNERS),
                     "anzhen/studio-3")]
    return net


class Fighter:
    """One coordinator at one connection, in a process of its own."""

    def __init__(self, number, person, site, arena):
        self.number, self.site, self.arena = number, site, arena
        self.client = person.fork()
        self.random = random.Random(f"{arena.seed}/{number}")
        self.history, self.wrong = [], []
        self.counts = collections.Counter()
        self.holds = []
        self.offers = {}

    # --- asking ---

    def ask(self, method, path, body=None, headers=None):
        """One try; None when the answer was lost."""
        if self.client.connection is None:
            self.client.port = self.arena.port.value
        try:
            return self.client.request(method, path, body, headers)
        except LOST:
            self.counts["lost"] += 1
            time.sleep(self.random.uniform(0.02, 0.2))
            return None

    def get(self, path):
        answer = self.ask("GET", path)
        if answer is None or answer.status == 503:
            return None
        if answer.status != 200:
            self.wrong.append(f"{answer}")
            return None
        return answer.json

    def settle(self, path, body, headers):
        """Asks until somebody knows: (answer, tries, seconds of the last)."""
        tries, end = 0, time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            tries += 1
            begun = time.monotonic()
            answer = self.ask("POST", path, body, headers)
            took = time.monotonic() - begun
            if answer is None:
                continue
            if answer.status != 503:
                return answer, tries, took
            self.counts["unavailable"] += 1
            if "retry-after" not in answer.headers:
                self.wrong.append(f"no Retry-After: {answer}")
            time.sleep(self.random.uniform(0.05, 0.3))
        self.wrong.append(f"never settled: {path} {body}")
        return None, tries, 0

    def change(self, op, path, body, match=None):
        """A POST with a key, written down; its message, or None."""
        headers = {"Idempotency-Key": f"{self.number}-{len(self.history)}-"
                   f"{self.random.getrandbits(48):012x}"}
        if match is not None:
            headers["If-Match"] = f'"{match}"'
        row = {"op": op, "who": self.number, "path": path, "sent": body,
               "begin": time.time()}
        answer, tries, took = self.settle(path, body, headers)
        if answer is None:
            return None
        row.update(end=time.time(), status=answer.status, tries=tries,
                   took=took, code=answer.code, said=answer.json)
        self.history.append(row)
        self.counts[op if answer.status < 300 else answer.code] += 1
        if tries > 1:
            self.counts["settled"] += 1
        if answer.status < 300:
            if self.random.random() < 0.03:
                self.repeat(row, answer, headers)
            return answer.json
        if answer.code not in REFUSALS:
            self.wrong.append(f"{answer}")
        return None

    def repeat(self, row, first, headers):
        """The same again: nothing is done, the same is said."""
        again, _, _ = self.settle(row["path"], row["sent"], headers)
        if again is None:
            return
        self.counts["repeated"] += 1
        if (again.status, again.body, again.etag) != (
                first.status, first.body, first.etag):
            self.wrong.append(f"a repeat was told {again}, before {first}")

    # --- what there is ---

    def requests(self, status):
        page = self.get(f"/v1/requests?status={status}&limit=40")
        return page["items"] if page else []

    def bookings(self, status):
        day = self.arena.day
        page = self.get(f"/v1/bookings?status={status}&limit=40&from="
                        f"{rfc3339(day)}&to={rfc3339(day + 86400)}")
        return page["items"] if page else []

    def some_time(self, expert, minutes):
        """On the grid; one in ten reaches out of the afternoon."""
        _, first, last, _ = EXPERTS[expert]
        out = self.random.random() < 0.1
        steps = (last - first - (0 if out else minutes)) // 5
        return self.arena.day + 60 * (first +
                                      5 * self.random.randint(0, steps))

    # --- what people do ---

    def submit(self):
        expert = self.random.choices(
            list(EXPERTS), [row[3] for row in EXPERTS.values()])[0]
        n = f"{self.number}-{len(self.history)}"
        self.change("submit", "/v1/requests", {
            "kind": KIND, "site": self.site, "expert": expert,
            "specialty": EXPERTS[expert][0], "reason": f"reason {n}",
            "duration_minutes": self.random.choice((10, 15, 20, 30, 40)),
            "patient": {"local_id": f"P{self.random.randint(1, 400)}",
                        "name": f"somebody {n}"}})

    def accept(self):
        waiting = self.requests("submitted")
        for row in self.random.sample(waiting, min(3, len(waiting))):
            self.change("accept", f"/v1/requests/{row['code']}/accept",
                        {"expert": row["expert"]}, row["version"])

    def wish(self):
        accepted = [r for r in self.requests("accepted")
                    if "booking" not in r]
        if len(accepted) < 12 and self.site in PARTNERS:
            self.submit()
        if not accepted:
            return None
        row = self.random.choice(accepted)
        offers = self.offers.pop(row["code"], None)
        at = self.random.choice(offers)["from"] if offers else rfc3339(
            self.some_time(row["expert"], row["duration_minutes"]))
        wish = {"request": row["code"], "at": at}
        if self.random.random() < 0.5:
            wish["with"] = [BRIDGE]
        return wish

    def search(self):
        accepted = self.requests("accepted")
        if not accepted:
            return
        code = self.random.choice(accepted)["code"]
        day = self.arena.day
        found = self.get(f"/v1/slots?request={code}&n=20&from={rfc3339(day)}"
                         f"&to={rfc3339(day + 86400)}")
        if found is not None:
            self.counts["search"] += 1
            self.offers[code] = found["slots"]

    def book(self):
        wish = self.wish()
        if wish:
            self.change("book", "/v1/bookings", wish)

    def hold(self):
        wish = self.wish()
        if not wish:
            return
        held = self.change("hold", "/v1/holds", {**wish, "hold_minutes": 1})
        if held:
            self.holds.append(held)

    def end_hold(self):
        """Most are confirmed, some given back, some forgotten."""
        if not self.holds:
            return
        held = self.holds.pop(self.random.randrange(len(self.holds)))
        op = self.random.choices(("confirm", "release", None), (4, 3, 1))[0]
        if op:
            self.change(op, f"/v1/bookings/{held['code']}/{op}", {},
                        held["version"])

    def move(self):
        booked = self.bookings("booked")
        if not booked:
            return
        row = self.random.choice(booked)
        body = {"at": rfc3339(self.some_time(row["expert"], 20))}
        if self.random.random() < 0.3:
            body["duration_minutes"] = self.random.choice((10, 20, 30))
        self.change("move", f"/v1/bookings/{row['code']}/move", body,
                    row["version"])

    def cancel(self):
        booked = self.bookings("booked")
        if not booked:
            return
        row = self.random.choice(booked)
        self.change("cancel", f"/v1/bookings/{row['code']}/cancel",
                    {"reason": "another time"}, row["version"])

    PARTNER = (("submit", 2), ("search", 4), ("book", 10), ("hold", 4),
               ("end_hold", 4), ("move", 4), ("cancel", 5))
    LEAD = (("accept", 10), ("book", 2), ("move", 2), ("cancel", 2))

    def fight(self, until):
        deeds = self.PARTNER if self.site in PARTNERS else self.LEAD
        names, weights = zip(*deeds)
        while time.time() < until:
            getattr(self, self.random.choices(names, weights)[0])()
        self.client.close()


def fight_alone(fighter, until, folder):
    """The body of a process."""
    try:
        fighter.fight(until)
    except Exception as e:                    # must reach the judge, too
        fighter.wrong.append(f"fighter {fighter.number}: {e!r}")
        raise
    finally:
        with open(os.path.join(folder, f"{fighter.number}.json"), "w",
                  encoding="utf-8") as f:
            json.dump({"history": fighter.history, "wrong": fighter.wrong,
                       "counts": fighter.counts}, f)


class Arena:
    """The daemon, and who fights before it."""

    def __init__(self, options, service):
        self.options, self.service, self.seed = options, service, options.seed
        self.port = multiprocessing.Value("i", service.ports["partners"])
        self.day = the_day(time.time())
        self.kills = 0

    def people(self):
        """One lead for seven of the partners; four certificates of a side."""
        known = {site: [self.service.person(f"{site} {i}", role, site)
                        for i in range(4)]
                 for site, role in (("anzhen", "lead-coordinator"),
                                    *((p, "site-coordinator")
                                      for p in PARTNERS))}
        for n in range(self.options.clients):
            site = "anzhen" if n % 8 == 0 else PARTNERS[n % 2]
            yield Fighter(n, known[site][n // 8 % 4], site, self)

    def run(self, folder):
        fighters = list(self.people())
        until = time.time() + self.options.seconds
        crowd = [multiprocessing.Process(target=fight_alone,
                                         args=(f, until, folder))
                 for f in fighters]
        for process in crowd:
            process.start()
        if self.options.kill:
            self.kill_now_and_then(until)
        for process in crowd:
            process.join(self.options.seconds + 2 * SETTLE_S)
            if process.is_alive():
                process.kill()
                process.join()

    def kill_now_and_then(self, until):
        dice = random.Random(f"{self.seed}/kill")
        rounds = max(2, int(self.options.seconds / 4))
        for _ in range(rounds):
            time.sleep(self.options.seconds / (rounds + 1) *
                       dice.uniform(0.6, 1.1))
            if time.time() >= until:
                break
            self.service.kill()
            time.sleep(dice.uniform(0, 0.2))
            self.service.start()
            self.port.value = self.service.ports["partners"]
            self.kills += 1

    def verify_log(self):
        """What the administrator's own tool says of the chain."""
        with tempfile.TemporaryDirectory() as home:
            self.service.profile(home, "default", self.service.first())
            ran = subprocess.run(
                [self.service.program("teleconsult"), "--server",
                 f"https://localhost:{self.port.value}", "-o", "json",
                 "admin", "verify-log"], capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=120,
                env={**os.environ, "XDG_CONFIG_HOME": home})
        if ran.returncode:
            return {"ok": False, "detail": ran.stdout + ran.stderr}
        return json.loads(ran.stdout)


def read_histories(folder, clients):
    rows, wrong, counts = [], [], collections.Counter()
    for n in range(clients):
        try:
            with open(os.path.join(folder, f"{n}.json"),
                      encoding="utf-8") as f:
                one = json.load(f)
        except (OSError, ValueError) as e:
            wrong.append(f"fighter {n} left no history: {e}")
            continue
        rows += one["history"]
        wrong += one["wrong"]
        counts.update(one["counts"])
    return rows, wrong, counts


def percentiles(rows, op, good):
    took = sorted(r["took"] for r in rows if r["op"] == op and
                  r["tries"] == 1 and (r["status"] < 300) == good)
    if not took:
        return "none"
    return (f"p50 {1000 * took[len(took) // 2]:.1f} ms "
            f"p99 {1000 * took[len(took) * 99 // 100]:.1f} ms")


def summary(arena, rows, counts):
    seconds = arena.options.seconds
    good = sum(1 for r in rows if r["status"] < 300)
    names = ("submit", "accept", "search", "book", "hold", "confirm",
             "release", "move", "cancel", *sorted(REFUSALS), "repeated",
             "lost", "settled", "unavailable")
    return (f"fight: seed {arena.seed}, {arena.options.clients} clients, "
            f"{seconds} s, {arena.kills} kills; "
            + ", ".join(f"{n} {counts[n]}" for n in names)
            + f"; {good / seconds:.0f} changes/s, "
            f"{len(rows) / seconds:.0f} answers/s; books: "
            f"{percentiles(rows, 'book', True)}, refused: "
            f"{percentiles(rows, 'book', False)}")


def read_options():
    options = argparse.ArgumentParser()
    options.add_argument("build", nargs="?", default="build/release")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--kill", action="store_true")
    options.add_argument("--clients", type=int, default=64)
    options.add_argument("--keep", metavar="FOLDER",
                         help="the database and the histories go there")
    options.add_argument("--seed", default=os.environ.get(
        "SEED", f"{random.SystemRandom().getrandbits(32):x}"))
    return options.parse_args()


def main():
    options = read_options()
    os.environ["BUILD"] = options.build
    import judge
    from service import LIAOYANG, Service
    print(f"seed {options.seed}", flush=True)
    with Service().init().start() as \
            service, tempfile.TemporaryDirectory() as folder:
        service.load(json.dumps(network(LIAOYANG)).encode())
        arena = Arena(options, service)
        arena.run(folder)
        rows, wrong, counts = read_histories(folder, options.clients)
        said = arena.verify_log()
        if not service.alive():
            wrong.append("the daemon ended: " + service.log()[-2000:])
        elif service.stop() != 0:
            wrong.append("the daemon did not end well: " +
                         service.log()[-2000:])
        verdict = judge.judge(service.database, rows, said)
        if options.keep:
            judge.keep(options.keep, service.database, rows, said)
    verdict.note("what was answered along the way", wrong)
    print(summary(arena, rows, counts))
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
