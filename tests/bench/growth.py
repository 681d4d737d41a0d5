#!/usr/bin/python3
"""P7: what a week, a booking and a search cost as the store grows; memory.

usage: growth.py [--sizes 10000,100000,...] [--rounds N] [--seconds S]
                 [--memory] [--page]

A daemon runs for each size, on a copy, and they are asked in turn. A cost is
CPU of the daemon, and for a booking also the clock's: what else the machine
does is in that. Printed is a table with each cost beside that of the smallest
store; build/growth.json and build/growth.svg have it, too. --memory prints what
the daemon's memory is for instead: of an expert, a booking, a connection.
--page puts what is printed into docs/performance.md, and the plot beside it.
"""
import argparse
import contextlib
import glob
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]

import measure  # noqa: E402  (of this folder)
import state  # noqa: E402
import tasks  # noqa: E402

SIZES = "10000,100000,1000000,10000000"
WEEKS = 40          # of each store the same number, however many it has
GOAL = 1.5
WHOLE = 10000000    # claims, to which the goal goes
COSTS = (("P1 a week", "week", "µs of CPU"),
         ("P2 a booking", "booking", "µs of CPU"),
         ("P2 a booking, by the clock", "clock", "µs"),
         ("P3 a search", "search", "µs of CPU"),
         ("P3 a search, p50", "search_p50", "µs"))


class Store:
    """One size: its daemon, and the requests that it is asked."""

    def __init__(self, d, stack):
        self.daemon = d
        self.weeks, self.searches = (stack.enter_context(
            tempfile.NamedTemporaryFile("w")) for _ in range(2))
        with open(f"{d.folder}/week.paths", encoding="ascii") as f:
            self.weeks.writelines(itertools.islice(f, WEEKS))
        self.weeks.flush()
        self.who, paths = tasks.search_paths(d.folder)
        self.searches.write("\n".join(paths) + "\n")
        self.searches.flush()

    def ask(self, run):
        """One round: microseconds of each cost."""
        d = self.daemon
        week = d.load("--get", self.weeks.name, seconds=run.seconds)
        search = d.load("--get", self.searches.name, identity=self.who,
                        connections=1, seconds=run.seconds)
        book = d.bookings(parts=run.rounds, seconds=run.seconds)
        return {"week": cpu_us(week), "booking": cpu_us(book),
                "clock": 1e6 / book["per_second"], "search": cpu_us(search),
                "search_p50": search["latency_us"]["p50"]}


def cpu_us(said):
    return 1e6 * said["watched_cpu_seconds"] / max(1, said["requests"])


def measure_growth(sizes, run):
    """{size: {cost: Figure}}"""
    with contextlib.ExitStack() as stack:
        stores = {str(n): Store(stack.enter_context(
            measure.daemon(state.ready(n))), stack) for n in sizes}
        said = measure.rounds(run.rounds, **{
            n: lambda s=store: s.ask(run) for n, store in stores.items()})
    return {n: {cost: measure.Figure([r[cost] for r in rows])
                for _, cost, _ in COSTS} for n, rows in said.items()}


# --- what is shown ---

def name_of(size):
    for unit, short in ((1000000, " M"), (1000, " k")):
        if int(size) >= unit:
            return f"{int(size) // unit}{short}"
    return str(size)


def commit():
    return subprocess.run(
        ["git", "-C", state.ROOT, "describe", "--always", "--dirty"],
        text=True, capture_output=True, check=False).stdout.strip() or "?"


def table(figures, run, sources):
    sizes = list(figures)
    yield f"{'claims':28}" + "".join(f"{name_of(n):>10}" for n in sizes) + \
        "   largest : smallest"
    for what, cost, unit in COSTS:
        values = [figures[n][cost].median for n in sizes]
        grown = values[-1] / values[0]
        yield f"{what:28}" + "".join(f"{v:10.1f}" for v in values) + \
            f"   {grown:.2f} ({unit}; spread " \
            f"{max(figures[n][cost].spread for n in sizes):.0%})"
    worst = max(figures[sizes[-1]][c].median / figures[sizes[0]][c].median
                for c in ("week", "booking", "search"))
    said = "MISSED" if worst > GOAL else \
        "met" if int(sizes[-1]) >= WHOLE else f"met as far as {name_of(sizes[-1])}"
    yield (f"P7: the worst of the three grows {worst:.2f} ×, goal ≤ {GOAL} ×"
           f" to {name_of(WHOLE)}: {said}")
    yield (f"{time.strftime('%Y-%m-%d')}, the sources of {sources}; "
           f"{run.rounds} rounds of {run.seconds:g} s each")


W, H, LEFT, TOP, RIGHT, BOTTOM = 720, 360, 60, 30, 210, 50
INKS = {"week": "#1f77b4", "booking": "#d62728", "search": "#2ca02c"}


def svg(figures):
    """Each cost beside that of the smallest store; the goal is dashed."""
    sizes = list(figures)
    lines = {c: [figures[n][c].median / figures[sizes[0]][c].median
                 for n in sizes] for c in INKS}
    most = max(2, 1.1 * max(v for line in lines.values() for v in line))
    step = (W - LEFT - RIGHT) / max(1, len(sizes) - 1)

    def y(value):
        return H - BOTTOM - value / most * (H - TOP - BOTTOM)

    def text(x, at, words, more=""):
        return f'<text x="{x:.0f}" y="{at:.0f}" {more}>{words}</text>'

    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}" '
           'font-family="sans-serif" font-size="13">'
           f'<rect width="{W}" height="{H}" fill="white"/>')
    for mark in range(int(most) + 1):
        yield (f'<path d="M{LEFT} {y(mark):.0f}H{W - RIGHT}" '
               'stroke="#ddd"/>' + text(LEFT - 8, y(mark) + 4, f"{mark} ×",
                                        'text-anchor="end"'))
    yield (f'<path d="M{LEFT} {y(GOAL):.0f}H{W - RIGHT}" stroke="#888" '
           'stroke-dasharray="6 4"/>' +
           text(W - RIGHT + 8, y(GOAL) + 4, f"goal {GOAL} ×",
                'fill="#888"'))
    for i, n in enumerate(sizes):
        yield text(LEFT + i * step, H - BOTTOM + 20, name_of(n),
                   'text-anchor="middle"')
    yield text((LEFT + W - RIGHT) / 2, H - 10, "claims stored",
               'text-anchor="middle"')
    for k, (cost, line) in enumerate(lines.items()):
        points = " ".join(f"{LEFT + i * step:.0f},{y(v):.0f}"
                          for i, v in enumerate(line))
        what = next(w for w, c, _ in COSTS if c == cost)
        yield (f'<polyline points="{points}" fill="none" stroke-width="2" '
               f'stroke="{INKS[cost]}"/>' +
               text(W - RIGHT + 8, TOP + 20 * k + 10,
                    f"{what}: {line[-1]:.2f} ×", f'fill="{INKS[cost]}"'))
    yield "</svg>"


# --- memory ---

CONNECTIONS = 2000


def visit(d):
    """Every lead's people look at every one of their experts' weeks."""
    with open(state.NETWORK, encoding="utf-8") as f:
        experts = json.load(f)["experts"]
    for who in glob.glob(f"{d.folder}/leads/*.pem"):
        site = os.path.basename(who)[:-len(".pem")]
        with tempfile.NamedTemporaryFile("w") as f:
            f.writelines(f"/v1/experts/{e['id']}/schedule\n"
                         for e in experts if e["home"] == site)
            f.flush()
            d.load("--get", f.name, identity=who, seconds=0.3, warmup=0.1,
                   connections=8)


def memory_of(sizes):
    """Bytes: of the daemon alone, with the network, and for each of what."""
    from service import Service
    rss = {}
    with Service() as empty:
        empty.init().start()
        alone = measure.memory_of(empty.process.pid)
    for n in sizes:
        folder = state.ready(n)
        with measure.daemon(folder, **tasks.IDLE_OPTIONS) as d:
            visit(d)
            bookings = state.facts_of(folder)["bookings"]
            rss[bookings] = d.memory()
            with tasks.standing(d, CONNECTIONS):
                connection = (d.memory() - rss[bookings]) / CONNECTIONS
    few, many = min(rss), max(rss)
    with open(state.NETWORK, encoding="utf-8") as f:
        experts = len(json.load(f)["experts"])
    return alone, rss[few], {
        f"an expert (of {experts})": (rss[few] - alone) / experts,
        f"a booking ({few} to {many} stored)":
            (rss[many] - rss[few]) / max(1, many - few),
        f"an idle connection (of {CONNECTIONS})": connection}


def memory_table(alone, network, each):
    yield f"{'the daemon with nothing in it':46}{alone / (1 << 20):8.1f} MiB"
    yield (f"{'with the network, everybody looked at':46}"
           f"{network / (1 << 20):8.1f} MiB")
    for what, size in each.items():
        yield f"{what:46}{size / 1024:8.2f} KiB"


PLOT = "![Cost beside that of the smallest store](growth.svg)\n\n"


def say(name, said, page):
    said = list(said)
    print("\n".join(said))
    if page:
        measure.put_in_page(name, said, PLOT if name == "growth" else "")
    return 0


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--sizes", default=SIZES)
    args.add_argument("--rounds", type=int, default=3)
    args.add_argument("--seconds", type=float, default=3)
    args.add_argument("--memory", action="store_true")
    args.add_argument("--page", action="store_true")
    args = args.parse_args()
    sizes = sorted(int(n) for n in args.sizes.split(","))
    measure.many_files()
    state.build("tests/bench/load", "tests/bench/fill")
    if args.memory:
        return say("memory", memory_table(
            *memory_of([sizes[0], sizes[-1]])), args.page)
    run = tasks.Run(None, None, args.rounds, args.seconds, False)
    sources = commit()  # before the page is written
    figures = measure_growth(sizes, run)
    with open(os.path.join(state.ROOT, "build", "growth.json"), "w",
              encoding="utf-8") as f:
        json.dump({"machine": measure.machine(), "sizes": {
            n: {c: {"median": v.median, "rounds": v.values}
                for c, v in costs.items()}
            for n, costs in figures.items()}}, f, indent=1)
    folders = ["build", "docs"] if args.page else ["build"]
    for folder in folders:
        with open(os.path.join(state.ROOT, folder, "growth.svg"), "w",
                  encoding="utf-8") as f:
            f.write("\n".join(svg(figures)) + "\n")
    return say("growth", table(figures, run, sources), args.page)


if __name__ == "__main__":
    sys.exit(main())
