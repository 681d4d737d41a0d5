#!/usr/bin/python3
"""A service's state with years of bookings in it, ready to be measured.

usage: state.py [--claims N] [--seed S] [--serve] [BUILD]

Prints the path of a folder under build/bench, made when it is not there yet:

    state/           the service's own directory: examples/xuzhou.json imported
                     by the daemon, then N claims filled in (fill.c)
    ca.pem           who the server is
    lead.pem         the coordinator of the lead with full weeks, key and
                     certificate in one file
    leads/SITE.pem   one coordinator of every lead
    partners/SITE.pem   coordinators of some partners
    week.paths       GET paths of experts with 30 bookings in the week
    free.bodies      POST /v1/bookings for lead.pem, at places that are free
    bodies/SITE.bodies   the same for leads/SITE.pem; some 100,000 in all
    spread.bodies    those of the larger leads in turn, for load --spread with
    spread.identities    ... their files, relative to the folder

The folder is not to be changed: what is measured works on a copy (copy()).
With --serve the daemon runs on a copy until standard input ends; printed are
the copy and the ports. Which folder it is comes from a hash of all that makes
it, and of the day: keys of idempotency are young, what is free has not passed.
Only the last one of each size is kept.
"""
import argparse
import contextlib
import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BENCH = os.path.join(ROOT, "build", "bench")
NETWORK = os.path.join(ROOT, "examples", "xuzhou.json")
CLINIC = "clinic-slot"
PARTNERS = 16
MAKERS = ("daemon/store/*.sql", "daemon/store/booking.c", "daemon/store/codes.c",
          "daemon/store/event.c", "daemon/store/idem.c",
          "daemon/store/request.c", "daemon/store/papers.c",
          "daemon/store/seal.c", "daemon/store/network*.c",
          "base/crypt.c", "tests/bench/fill.c", "tests/bench/state.py",
          "tests/bench/common/ground.c",
          "tests/bench/common/plan.c", "examples/xuzhou.json")

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))


def build(*programs, folder="build/release"):
    subprocess.run(["make", "-s", "-j2", "all",
                    *(f"{folder}/{p}" for p in programs)],
                   cwd=ROOT, check=True, stdout=sys.stderr)


def name_of(claims, seed):
    made = hashlib.sha256(
        f"{claims} {seed} {int(time.time()) // 86400}".encode())
    for pattern in MAKERS:
        for path in sorted(glob.glob(os.path.join(ROOT, pattern))):
            with open(path, "rb") as f:
                made.update(f.read())
    return f"state-{claims}-{made.hexdigest()[:12]}"


def keep_person(service, folder, name, role, site):
    """Enrols somebody; what they show is one file."""
    someone = service.person(name, role, site).identity
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{site}.pem"), "wb") as out:
        for path in (someone.certificate, someone.key):
            with open(path, "rb") as f:
                out.write(f.read())
            os.unlink(path)


def sites_of(network):
    """Who lends experts to clinics, and some of those who come to them."""
    leads = {e["home"] for e in network["experts"] if CLINIC in e["kinds"]}
    partners = [s["id"] for s in network["sites"] if s["id"] not in leads]
    return sorted(leads), partners[::max(1, len(partners) // PARTNERS)]


def make(folder, claims, seed):
    from service import Service
    with open(NETWORK, encoding="utf-8") as f:
        leads, partners = sites_of(json.load(f))
    with Service(folder=folder) as service:
        service.init().start()
        service.load(NETWORK)
        for site in leads:
            keep_person(service, os.path.join(folder, "leads"),
                        f"{site} desk", "lead-coordinator", site)
        for site in partners[:PARTNERS]:
            keep_person(service, os.path.join(folder, "partners"),
                        f"{site} desk", "site-coordinator", site)
        if service.stop() != 0:
            raise RuntimeError(service.log())
    os.mkdir(os.path.join(folder, "bodies"))
    shutil.copy(os.path.join(folder, "state", "ca.pem"), folder)
    said = subprocess.run(
        [os.path.join(ROOT, "build/release/tests/bench/fill"),
         os.path.join(folder, "state"), "--claims", str(claims),
         "--seed", str(seed)], check=True, text=True,
        stdout=subprocess.PIPE).stdout
    facts = json.loads(said)
    spread(folder)
    os.symlink(os.path.join("leads", facts["lead"] + ".pem"),
               os.path.join(folder, "lead.pem"))
    with open(os.path.join(folder, "facts.json"), "w",
              encoding="utf-8") as f:
        f.write(said)


def spread(folder):
    """Of the leads with many places one after the other, a line of each."""
    lines = {}
    for path in sorted(glob.glob(os.path.join(folder, "bodies", "*"))):
        with open(path, encoding="utf-8") as f:
            lines[os.path.basename(path)[:-len(".bodies")]] = f.readlines()
    most = max(map(len, lines.values()))
    large = [site for site in lines if len(lines[site]) * 2 > most]
    with open(os.path.join(folder, "spread.identities"), "w",
              encoding="ascii") as out:
        out.write(",".join(f"leads/{site}.pem" for site in large))
    with open(os.path.join(folder, "spread.bodies"), "w",
              encoding="utf-8") as out:
        for turn in zip(*(lines[site] for site in large)):
            out.writelines(turn)


def identities(folder):
    """For load's --identity, beside spread.bodies."""
    with open(os.path.join(folder, "spread.identities"),
              encoding="ascii") as f:
        return ",".join(os.path.join(folder, one)
                        for one in f.read().split(","))


def ready(claims=10000, seed=1):
    """The folder; whoever comes second waits."""
    os.makedirs(BENCH, exist_ok=True)
    folder = os.path.join(BENCH, name_of(claims, seed))
    with open(folder + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            build("tests/bench/fill")
            draft = folder + ".draft"
            shutil.rmtree(draft, ignore_errors=True)
            os.mkdir(draft)
            make(draft, claims, seed)
            os.rename(draft, folder)
            drop_older(folder)
    return folder


def drop_older(folder):
    """Others of that size, and what was made of them."""
    size, kept = os.path.basename(folder).rsplit("-", 1)
    for kind in ("state", "postgres"):
        stem = os.path.join(BENCH, size.replace("state", kind))
        for path in glob.glob(stem + "-*"):
            if os.path.isdir(path) and not path.endswith(kept):
                shutil.rmtree(path)


def facts_of(folder):
    with open(os.path.join(folder, "facts.json"), encoding="utf-8") as f:
        return json.load(f)


def settle(folder):
    """Its files are on the disk: nobody waits for them who is measured."""
    subprocess.run(["find", folder, "-type", "f", "-exec", "sync", "{}",
                    "+"], check=True)


@contextlib.contextmanager
def copy(folder):
    """A copy of the state that may be changed: its folder, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=BENCH, prefix="run-") as run:
        subprocess.run(["cp", "-r", "--reflink=auto",
                        os.path.join(folder, "state"), run], check=True)
        settle(run)
        yield run


def service_on(run, options=None):
    """The daemon on a copy, not started; options: as in its file."""
    from service import Service
    limits = {"connections_per_address": "20000", "connections": "20000"}
    options = {k: dict(v) for k, v in (options or {}).items()}
    options["limits"] = {**limits, **options.get("limits", {})}
    return Service(options, run)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", nargs="?", default="build/release")
    args.add_argument("--claims", type=int, default=10000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--serve", action="store_true")
    args = args.parse_args()
    os.environ["BUILD"] = args.build
    folder = ready(args.claims, args.seed)
    print(folder, flush=True)
    if args.serve:
        with copy(folder) as run, service_on(run) as service:
            service.start()
            print(run, json.dumps(service.ports), service.process.pid,
                  flush=True)
            sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
