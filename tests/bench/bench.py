#!/usr/bin/python3
"""Measures P1 to P9 against floors and PostgreSQL: a table and bench.json.

usage: bench.py [--claims N] [--rounds N] [--seconds S] [--only P1,P2 ...]
                [--no-peer] [--quick] [--keep] [--page]

Sides are asked in turn, round after round; what is shown are medians, and the
spread of the rounds beside ((max - min) / median). build/bench.json has every
round. A goal that is missed is said, and no failure; what could not be measured
is one (status 1).

--quick takes two minutes, without PostgreSQL and on a smaller store, and fails
when a ratio has fallen by more than a fifth below what kept.json says;
--quick --keep writes that file. --page puts what is printed into
docs/performance.md.
"""
import argparse
import json
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]

import measure  # noqa: E402  (of this folder)
import postgres  # noqa: E402
import state  # noqa: E402
import tasks  # noqa: E402

OUT = os.path.join(state.ROOT, "build", "bench.json")
KEPT = os.path.join(HERE, "kept.json")
QUICK = ("P1", "P2", "P3", "P4", "P8", "P9")
TOOLS = ("load", "fill", "raw_server", "handshake_loop", "sqlite_floor",
         "disk_floor", "search_bench")
FALL = 0.8      # of a kept ratio: less is a failure
WIDER = 0.6     # ... of one that the disk has a part in


def shown(figure):
    if figure is None:
        return ""
    value = figure.median
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def as_json(row):
    def figure(f):
        return f and {"median": f.median, "spread": f.spread,
                      "rounds": f.values}
    return {"what": row.what, "unit": row.unit, "ours": figure(row.ours),
            "other": figure(row.other), "other_is": row.other_is,
            "ratio": figure(row.ratio), "goal": row.goal, "met": row.met}


def table(rows):
    yield (f"{'':9}{'what':60}{'ours':>10} {'unit':5}{'other':>10}"
           f"{'ratio':>8}{'spread':>8}  goal")
    for row in rows:
        spread = (row.ratio or row.ours).spread
        said = {True: "met", False: "MISSED", None: ""}[row.met]
        yield (f"{row.id:9}{row.what:60}{shown(row.ours):>10} {row.unit:5}"
               f"{shown(row.other):>10}{shown(row.ratio):>8}"
               f"{spread:>7.0%}  {row.goal:12} {said}")
        if row.other_is:
            yield f"{'':9}  against: {row.other_is}"


def about(facts, args):
    yield (f"{time.strftime('%Y-%m-%d')}; {facts['processor']}, "
           f"{facts['cores']} cores, kernel {facts['kernel']}; load "
           f"{facts['load_before']:.1f} before it began")
    yield (f"{args.claims} claims stored; {args.rounds} rounds of "
           f"{args.seconds:g} s")
    yield ", ".join(f"{k} {v}" for k, v in facts["packages"].items())


def run_tasks(names, run):
    rows, failed = [], {}
    for name in names:
        begun = time.monotonic()
        try:
            rows += list(tasks.TASKS[name](run))
        except Exception:                  # the others are measured still
            failed[name] = traceback.format_exc()
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr,
              flush=True)
    return rows, failed


def compare(rows, keep):
    """Against the ratios that are kept; answers what has fallen."""
    ratios = {r.id: r.ratio.median if r.goal[0] == "≥" else
              1 / r.ratio.median for r in rows if r.ratio and r.goal}
    if keep:
        with open(KEPT, "w", encoding="utf-8") as f:
            json.dump({k: round(v, 3) for k, v in ratios.items()}, f,
                      indent=1, sort_keys=True)
            f.write("\n")
        return []
    with open(KEPT, encoding="utf-8") as f:
        kept = json.load(f)
    fallen = []
    for name, was in kept.items():
        is_now = ratios.get(name, 0)
        limit = was * (WIDER if name in ("P2", "P4") else FALL)
        if is_now < limit:
            fallen.append(f"{name}: the ratio was {was:g}, is {is_now:.3g}")
    return fallen


def read_args():
    args = argparse.ArgumentParser()
    args.add_argument("--claims", type=int)
    args.add_argument("--rounds", type=int)
    args.add_argument("--seconds", type=float)
    args.add_argument("--only")
    args.add_argument("--no-peer", action="store_true")
    args.add_argument("--quick", action="store_true")
    args.add_argument("--keep", action="store_true")
    args.add_argument("--page", action="store_true")
    args = args.parse_args()
    usual = (100000, 3, 2) if args.quick else (1000000, 5, 5)
    for name, value in zip(("claims", "rounds", "seconds"), usual):
        if getattr(args, name) is None:
            setattr(args, name, value)
    return args


def tools():
    return [f"tests/bench/{t}" for t in TOOLS if os.path.exists(
        os.path.join(HERE, t + ".c"))]


def main():
    args = read_args()
    peer = not args.no_peer and not args.quick
    names = args.only.split(",") if args.only else \
        QUICK if args.quick else tuple(tasks.TASKS)
    names = [n for n in names if peer or n != "P1p"]
    if peer and not postgres.found():
        print("bench: PostgreSQL 15 is not installed", file=sys.stderr)
        return 1
    measure.many_files()
    state.build(*tools())
    begun = time.time()
    folder = state.ready(args.claims)
    facts = measure.machine()
    rows, failed = run_tasks(names, tasks.Run(
        folder, args.claims, args.rounds, args.seconds, peer))
    with open(OUT, "w", encoding="utf-8") as f:
        json.dump({"machine": facts, "claims": args.claims,
                   "filled": state.facts_of(folder), "begun": begun,
                   "seconds": time.time() - begun, "rounds": args.rounds,
                   "figures": {r.id: as_json(r) for r in rows},
                   "not_measured": failed}, f, indent=1)
    said = [*table(rows), "", *about(facts, args)]
    print("\n".join(said))
    if args.page:
        measure.put_in_page("quick" if args.quick else "bench", said)
    for name, why in failed.items():
        print(f"{name} was not measured:\n{why}", file=sys.stderr)
    fallen = compare(rows, args.keep) if args.quick else []
    for line in fallen:
        print(line, file=sys.stderr)
    return 1 if failed or fallen else 0


if __name__ == "__main__":
    sys.exit(main())
