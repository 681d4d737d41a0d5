#!/usr/bin/python3
"""Prints the ten worst of each size and fails over the limits.

Sizes of functions are pmccabe's: lines, and McCabe's complexity with every
case of a switch counted. Tests have looser limits, and no median.

usage: size.py [--quiet]     quiet: only what is over a limit
"""
import re
import statistics
import subprocess
import sys

import sources

LINES, COMPLEXITY, MEDIAN = 100, 15, 18
FILES = {".c": 600, ".h": 250}
TEST_LINES, TEST_COMPLEXITY, TEST_FILE = 150, 20, 900


def functions(paths):
    """(lines, complexity, "file:line name") of every function."""
    if not paths:
        return []
    out = subprocess.run(["pmccabe", *paths], cwd=sources.ROOT, text=True,
                         capture_output=True, check=True).stdout
    found = []
    for row in out.splitlines():
        _, complexity, _, first, lines, rest = row.split(None, 5)
        path, name = re.match(r"(.*)\(\d+\): (.*)", rest).groups()
        found.append((int(lines), int(complexity), f"{path}:{first} {name}"))
    return found


def over(rows, limit, what):
    return [f"{name}: {size} {what}, at most {limit}"
            for size, name in rows if size > limit]


def top(title, rows, limit):
    print(f"{title} (at most {limit}):")
    for size, name in sorted(rows, reverse=True)[:10]:
        print(f"  {size:5}  {name}")


def main():
    house = sources.files(sources.HOUSE)
    tests = sources.files(("tests",))
    mine = functions([p for p in house if p.endswith(".c")])
    theirs = functions([p for p in tests if p.endswith(".c")])
    lengths = {p: sources.read(p).count("\n") for p in house + tests}

    lines = [(f[0], f[2]) for f in mine]
    complexity = [(f[1], f[2]) for f in mine]
    bad = over(lines, LINES, "lines") + \
        over(complexity, COMPLEXITY, "complexity") + \
        over([(f[0], f[2]) for f in theirs], TEST_LINES, "lines") + \
        over([(f[1], f[2]) for f in theirs], TEST_COMPLEXITY, "complexity") + \
        over([(lengths[p], p) for p in tests], TEST_FILE, "lines")
    for suffix, limit in FILES.items():
        bad += over([(lengths[p], p) for p in house if p.endswith(suffix)],
                    limit, "lines")
    median = statistics.median([size for size, _ in lines] or [0])
    if median >= MEDIAN:
        bad.append(f"median function: {median:g} lines, under {MEDIAN}")

    if "--quiet" not in sys.argv:
        top("lines of a function", lines, LINES)
        top("complexity of a function", complexity, COMPLEXITY)
        for suffix, limit in FILES.items():
            top(f"lines of a {suffix} file",
                [(lengths[p], p) for p in house if p.endswith(suffix)], limit)
        print(f"median function: {median:g} lines of {len(lines)} "
              f"(under {MEDIAN})")
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
