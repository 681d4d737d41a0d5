#!/usr/bin/python3
"""A hundred hospitals at once in the network of examples/xuzhou.json.

usage: network.py [BUILD] [--seconds N] [--sites 100] [--seed S]
       [--kill] [--keep FOLDER]
The long run: tests/e2e/network.py build/release --seconds 300

Each site's coordinator is a process with one kept TLS connection. They search
their leads' clinic places, remote consultations and surgical guidance, book
what they were offered (a place at once; for the others they submit a request,
which the lead's coordinator accepts), hold, confirm, release, move and cancel;
now and then somebody tries a time that nobody offered. With --kill the daemon
is killed again and again; whoever lost an answer asks for it anew. Half of it
goes to a few wanted agreements, whose quota is made small, so that they meet.

Printed is a table of what was called and how long it took; the clients are
Python on the same machine, so the times are bounds. In the end the daemon is
stopped, and judge_network.py holds the histories against the closed database.
"""
import argparse
import collections
import concurrent.futures
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]

import fight  # noqa: E402  (of this folder)

XUZHOU = os.path.join(ROOT, "examples", "xuzhou.json")
CLINIC, REMOTE, GUIDANCE = ("clinic-slot", "remote-consultation",
                            "surgical-guidance")
LEADS = 6
WANTED = 4              # agreements of a lead that everybody wants
QUOTA = 4               # places a month, of a wanted agreement
ENOUGH = 3              # changes a site: until then it goes on, however slow
DAYS = 7                # of the week they want, two weeks on
DAY = 86400
CODE = re.compile(r"/[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}(?=/|$)")


def the_week(now):
    """Within one month of Shanghai, so that quotas are of one."""
    begin = int(now) // DAY * DAY + 14 * DAY - 8 * 3600
    months = {time.gmtime(t + 8 * 3600).tm_mon for t in (
        begin, begin + DAYS * DAY)}
    return begin if len(months) == 1 else begin + DAYS * DAY


class Ground:
    """Which leads, which sites with which agreements, which are wanted."""

    def __init__(self, net, nsites):
        self.net = net
        of_lead = collections.Counter(a["lead"] for a in net["agreements"])
        self.leads = [lead for lead, _ in of_lead.most_common(LEADS)]
        theirs = [a for a in net["agreements"] if a["lead"] in self.leads]
        experts = collections.Counter(
            (e["home"], s) for e in net["experts"]
            for s in e["specialties"] if CLINIC in e["kinds"])
        busiest = {lead: collections.Counter(
            s for a in theirs if a["lead"] == lead
            for s in a["specialties"] if experts[lead, s])
            for lead in self.leads}
        self.wanted = {(lead, s) for lead in self.leads
                       for s, _ in busiest[lead].most_common(WANTED)}
        per_site = collections.defaultdict(list)
        for a in theirs:
            if self.is_wanted(a) and CLINIC in a["kinds"]:
                a["quota_per_month"] = {CLINIC: QUOTA}
            per_site[a["partner"]].append(a)
        rooms = {r["id"].split("/")[0] for r in net["resources"]
                 if r["type"] == "operating-room"}
        best = sorted((s for s in per_site if s not in self.leads),
                      key=lambda s: (-sum(map(self.is_wanted, per_site[s])),
                                     s not in rooms, s))
        self.sites = {s: per_site[s] for s in best[:nsites]}
        self.rooms = rooms

    def is_wanted(self, agreement):
        return any((agreement["lead"], s) in self.wanted
                   for s in agreement["specialties"])


class Walker(fight.Fighter):
    """What everybody at a connection has in common; every call is timed."""

    def __init__(self, number, person, site, arena):
        super().__init__(number, person, site, arena)
        self.calls = []

    def ask(self, method, path, body=None, headers=None):
        begun = time.monotonic()
        answer = super().ask(method, path, body, headers)
        took = time.monotonic() - begun
        route = CODE.sub("/{code}", path.split("?")[0])
        self.calls.append((f"{method} {route}", took,
                           answer.status if answer else 0,
                           answer.code if answer else "lost"))
        return answer

    def change(self, op, path, body, match=None):
        said = super().change(op, path, body, match)
        if said:
            with self.arena.changes:
                self.arena.changes.value += 1
        return said

    def look(self, path, **query):
        from service import with_query
        return self.get(with_query(path, query))

    def mine(self, what, status):
        page = self.look(f"/v1/{what}", status=status, limit=40)
        return page["items"] if page else []


class Lead(Walker):
    """Accepts what waits; now and then moves or cancels something."""

    def work(self):
        waiting = self.mine("requests", "submitted")
        for row in self.random.sample(waiting, min(8, len(waiting))):
            self.change("accept", f"/v1/requests/{row['code']}/accept", {},
                        row["version"])
        if not waiting:
            time.sleep(0.1)
        if self.random.random() < 0.2:
            self.meddle()

    def meddle(self):
        booked = [b for b in self.mine("bookings", "booked")
                  if b["kind"] != CLINIC]
        if not booked:
            return
        row = self.random.choice(booked)
        self.change("cancel", f"/v1/bookings/{row['code']}/cancel",
                    {"reason": "the expert is ill"}, row["version"])


class Site(Walker):
    """The coordinator of a partner."""

    def __init__(self, number, person, site, arena):
        super().__init__(number, person, site, arena)
        ground = arena.ground
        self.agreements = ground.sites[site]
        self.wanted = [a for a in self.agreements if ground.is_wanted(a)]
        self.operates = site in ground.rooms
        self.held, self.last = [], {}

    def agreement(self, kind):
        for some in self.random.sample((self.wanted, self.agreements), 2):
            able = [a for a in some if kind in a["kinds"]]
            if able:
                return self.random.choice(able)
        return None

    def window(self):
        """Most want the days that come first."""
        begin = self.arena.week + DAY * min(self.random.choices(
            range(DAYS), k=3))
        return {"from_": fight.rfc3339(begin),
                "to": fight.rfc3339(self.arena.week + DAYS * DAY)}

    def search(self, op, **query):
        begin = time.time()
        found = self.look("/v1/slots", n=10, **self.window(), **query)
        slots = found["slots"] if found else []
        self.counts["offered" if slots else "nothing offered"] += 1
        if not slots:
            return None
        return {"op": op, "begin": begin,
                "slot": slots[int(10 * self.random.random() ** 3) %
                              len(slots)]}

    def act(self, offer, op, path, body, match=None):
        """A change that takes an offered time; it is written down beside."""
        before = len(self.history)
        said = self.change(op, path, body, match)
        if offer and len(self.history) > before:
            self.history[before]["offer"] = offer
        return said

    def body_of(self, offer):
        body = {"at": offer["slot"]["from"],
                "expert": offer["slot"]["expert"]}
        # Somebody tries what nobody offered.
        if self.random.random() < 0.05:
            body["at"] = fight.rfc3339(self.arena.week + 300 *
                                       self.random.randrange(12 * 24 * DAYS))
            return body, None
        return body, offer

    def patient(self):
        n = f"{self.number}-{len(self.history)}"
        return {"local_id": f"P{n}", "name": f"somebody {n}"}

    # --- what they do ---

    def place(self):
        agreement = self.agreement(CLINIC)
        if not agreement:
            return
        offer = self.search("place", kind=CLINIC, agreement=agreement["id"],
                            specialty=agreement["specialties"][0])
        body, offer = self.body_of(offer) if offer else \
            (self.last.get(agreement["id"]), None)
        if not body:
            return
        # With the quota used up they ask for what they were offered once.
        self.last[agreement["id"]] = dict(body)
        body.update(kind=CLINIC, agreement=agreement["id"],
                    patient=self.patient())
        if self.random.random() < 0.3:
            held = self.act(offer, "place-hold", "/v1/holds",
                            {**body, "hold_minutes": 1})
            if held:
                self.held.append(("place-confirm", held))
        else:
            self.act(offer, "place", "/v1/bookings", body)

    def submit(self):
        kind = GUIDANCE if self.operates and self.random.random() < 0.4 \
            else REMOTE
        agreement = self.agreement(kind)
        if not agreement or len(self.mine("requests", "submitted")) > 4:
            return
        body = {"kind": kind, "site": self.site,
                "agreement": agreement["id"], "reason": "for advice",
                "specialty": agreement["specialties"][0],
                "duration_minutes": self.random.choice((15, 30, 45)),
                "patient": self.patient()}
        if kind == GUIDANCE:
            body.update(before_minutes=30, after_minutes=60)
        self.change("submit", "/v1/requests", body)

    def book(self):
        accepted = [r for r in self.mine("requests", "accepted")
                    if "booking" not in r]
        if not accepted:
            self.submit()
            return
        code = self.random.choice(accepted)["code"]
        offer = self.search("book", request=code)
        if not offer:
            return
        body, offer = self.body_of(offer)
        body["request"] = code
        if self.random.random() < 0.3:
            held = self.act(offer, "hold", "/v1/holds",
                            {**body, "hold_minutes": 1})
            if held:
                self.held.append(("confirm", held))
        else:
            self.act(offer, "book", "/v1/bookings", body)

    def end_hold(self):
        if not self.held:
            return
        op, held = self.held.pop(self.random.randrange(len(self.held)))
        op = self.random.choices((op, "release", None), (5, 3, 1))[0]
        if op:
            verb = op.split("-")[-1]
            self.change(op, f"/v1/bookings/{held['code']}/{verb}", {},
                        held["version"])

    def move(self):
        booked = self.mine("bookings", "booked")
        if not booked:
            return
        row = self.random.choice(booked)
        about = {k: row[k] for k in ("before_minutes", "after_minutes")
                 if k in row}
        if row["kind"] != CLINIC:
            about["duration_minutes"] = \
                (seconds(row["to"]) - seconds(row["from"])) // 60
        offer = self.search("move", kind=row["kind"], expert=row["expert"],
                            agreement=row["agreement"], **about)
        if offer:
            self.act(offer, "move", f"/v1/bookings/{row['code']}/move",
                     {"at": offer["slot"]["from"]}, row["version"])

    def cancel(self):
        booked = self.mine("bookings", "booked")
        if not booked:
            return
        row = self.random.choice(booked)
        self.change("cancel" if "request" in row else "place-cancel",
                    f"/v1/bookings/{row['code']}/cancel",
                    {"reason": "the patient is better"}, row["version"])

    def review(self):
        """The week of an expert whom they know, and their own."""
        self.look(f"/v1/sites/{self.site}/schedule",
                  from_=fight.rfc3339(self.arena.week))
        if self.history and "offer" in self.history[-1]:
            expert = self.history[-1]["offer"]["slot"]["expert"]
            self.look(f"/v1/experts/{expert}/schedule",
                      from_=fight.rfc3339(self.arena.week))

    DEEDS = (("place", 8), ("book", 8), ("submit", 4), ("end_hold", 4),
             ("move", 3), ("cancel", 2), ("review", 3))

    def work(self):
        names, weights = zip(*self.DEEDS)
        getattr(self, self.random.choices(names, weights)[0])()


def seconds(text):
    import judge
    return judge.seconds(text)


def walk_alone(walker, until, folder):
    """The body of a process."""
    try:
        while walker.arena.goes_on(until):
            walker.work()
        walker.client.close()
    except Exception as e:                    # must reach the judge, too
        walker.wrong.append(f"{walker.site} {walker.number}: {e!r}")
        raise
    finally:
        with open(os.path.join(folder, f"{walker.number}.json"), "w",
                  encoding="utf-8") as f:
            json.dump({"history": walker.history, "wrong": walker.wrong,
                       "counts": walker.counts, "calls": walker.calls}, f)


class Arena(fight.Arena):
    def __init__(self, options, service, ground):
        super().__init__(options, service)
        self.ground, self.week = ground, the_week(time.time())
        self.changes = multiprocessing.Value("i", 0)

    def goes_on(self, until):
        """Till then; on a slow machine until enough has been done."""
        left = until - time.time()
        return left > 0 or (
            left > -4 * self.options.seconds and
            self.changes.value < ENOUGH * self.options.sites)

    def people(self):
        desks = [(s, Lead, "lead-coordinator") for s in self.ground.leads] + \
            [(s, Site, "site-coordinator") for s in self.ground.sites]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            known = pool.map(lambda desk: self.service.person(
                f"{desk[0]} desk", desk[2], desk[0]), desks)
            for n, ((site, kind, _), person) in enumerate(zip(desks, known)):
                yield kind(n, person, site, self)

    def run(self, folder):
        walkers = list(self.people())
        until = time.time() + self.options.seconds
        crowd = [multiprocessing.Process(target=walk_alone,
                                         args=(w, until, folder))
                 for w in walkers]
        for process in crowd:
            process.start()
        if self.options.kill:
            self.kill_now_and_then(until)
        for process in crowd:
            process.join(5 * self.options.seconds + 2 * fight.SETTLE_S)
            if process.is_alive():
                process.kill()
                process.join()
        return len(walkers)


# --- what is printed ---

def read_calls(folder, n):
    for i in range(n):
        with open(os.path.join(folder, f"{i}.json"), encoding="utf-8") as f:
            yield from json.load(f)["calls"]


def table(calls, whole_s):
    """Rows of: route, calls, good ones, p50 and p99 of those, in ms."""
    routes, problems = collections.defaultdict(list), collections.Counter()
    for route, took, status, code in calls:
        if route.startswith(("GET /v1/experts/", "GET /v1/sites/")):
            route = re.sub(r"s/[^/]+/schedule", "s/{id}/schedule", route)
        routes[route].append((took, status))
        if status >= 400 or not status:
            problems[f"{status} {code}"] += 1
    total = sum(map(len, routes.values()))
    yield (f"{'route':42}{'calls':>8}{'good':>8}{'p50 ms':>9}{'p99 ms':>9}"
           f"   ({total / whole_s:.0f} calls/s)")
    for route, some in sorted(routes.items()):
        took = sorted(t for t, status in some)
        good = sum(1 for _, status in some if 200 <= status < 300)
        yield (f"{route:42}{len(some):8}{good:8}"
               f"{1000 * took[len(took) // 2]:9.1f}"
               f"{1000 * took[len(took) * 99 // 100]:9.1f}")
    yield "problems: " + (", ".join(
        f"{name} {n}" for name, n in sorted(problems.items())) or "none")


def faults_of_server(calls, kills):
    """Nothing of 500 and above but a 503, which says to come again; and no
    answer is lost but to a kill."""
    return [f"{route}: {status} {code}" for route, _, status, code in calls
            if status >= 500 and status != 503 or status == 0 and not kills]


def summary(options, rows, counts):
    reasons = collections.Counter(
        b["reason"] for r in rows for b in r["said"].get("blockers", []))
    taken = [r for r in rows if "offer" in r]
    good = sum(1 for r in taken if r["status"] < 300)
    yield (f"network: seed {options.seed}, {options.sites} sites, "
           f"{options.seconds:g} s; " + ", ".join(
               f"{n} {counts[n]}" for n in sorted(counts)))
    yield f"offers tried: {len(taken)}, taken {good}, too late " \
          f"{len(taken) - good}; reasons: " + ", ".join(
              f"{n} {k}" for n, k in reasons.most_common())


def read_options():
    options = argparse.ArgumentParser()
    options.add_argument("build", nargs="?", default="build/release")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--sites", type=int, default=100)
    options.add_argument("--kill", action="store_true")
    options.add_argument("--keep", metavar="FOLDER",
                         help="what was judged goes there")
    options.add_argument("--seed", default=os.environ.get(
        "SEED", f"{random.SystemRandom().getrandbits(32):x}"))
    return options.parse_args()


def main():
    options = read_options()
    os.environ["BUILD"] = options.build
    import judge
    import judge_network
    from service import Service
    print(f"seed {options.seed}", flush=True)
    with open(XUZHOU, encoding="utf-8") as f:
        ground = Ground(json.load(f), options.sites)
    verdict = judge.Verdict()
    with Service({"limits": {"connections_per_address": "512"}}).init() \
            .start() as service, tempfile.TemporaryDirectory() as folder:
        service.load(ground.net)
        arena = Arena(options, service, ground)
        n = arena.run(folder)
        rows, wrong, counts = fight.read_histories(folder, n)
        calls = list(read_calls(folder, n))
        said = arena.verify_log()
        if not service.alive():
            wrong.append("the daemon ended: " + service.log()[-2000:])
        elif service.stop() != 0:
            wrong.append("the daemon did not end well: " +
                         service.log()[-2000:])
        known = judge.judge_store(verdict, service.database, rows, said)
        judge_network.judge_all(verdict, service.database, ground.net,
                                rows, known)
        if options.keep:
            judge.keep(options.keep, service.database, rows, said)
            judge_network.keep(options.keep, ground.net)
    verdict.note("what was answered along the way", wrong)
    verdict.note("no fault of the server",
                 faults_of_server(calls, arena.kills))
    for line in (*table(calls, options.seconds),
                 *summary(options, rows, counts)):
        print(line)
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
