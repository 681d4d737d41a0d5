#!/usr/bin/python3
"""make coverage: lines and branches that the tests reach, by folder.

Counted are the C programs and, unless --programs is given, tests/integration/,
which alone reaches daemon/main, daemon/api and the client's commands. Of the
programs under tests/fault/ test_vfs, which alone sees a disk fail; the others
go the same ways again, a thousand times, in processes that end too abruptly to
be counted.

usage: coverage.py MAKE [--programs] [--jobs N]
"""
import argparse
import concurrent.futures
import glob
import json
import os
import subprocess
import sys

import sources

# Of the C programs no two threads call what the Makefile names beside this.
ONE_THREAD = "ONE_THREAD=-fprofile-update=single"
# Each time the same, and shorter than as released: those go the whole way.
DRAWN = {"SEED": "1", "ORDERS_WORLDS": "5"}


def folder(alone):
    """Built differently, so each has its own."""
    return "build/cov-programs" if alone else "build/cov"


def programs(built):
    return [f"{built}/{source[:-2]}"
            for kind in ("fault/test_vfs", "property/test_*", "store/test_*",
                         "unit/test_*")
            for source in sorted(glob.glob(f"tests/{kind}.c",
                                           root_dir=sources.ROOT))]


def build(make, jobs, built, *targets):
    subprocess.run([make, "--no-print-directory", "-s", f"-j{jobs}",
                    "MODE=cov", f"BUILD={built}", "all", *targets],
                   cwd=sources.ROOT, check=True)


def run_programs(jobs, built):
    for stale in glob.glob(f"{sources.ROOT}/{built}/**/*.gcda",
                           recursive=True):
        os.unlink(stale)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for ran in pool.map(run_program, programs(built)):
            if ran.returncode:
                sys.exit(f"{ran.stdout}\n{ran.args[0]} failed")


def run_program(program):
    return subprocess.run([program], cwd=sources.ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          env={**os.environ, **DRAWN})


def run_integration():
    ran = subprocess.run([sys.executable, "tests/integration/run.py",
                          "build/cov"], cwd=sources.ROOT, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ran.returncode:
        sys.exit(ran.stdout)


def count(built):
    """Folder -> [lines reached, lines, branches reached, branches]."""
    report = json.loads(subprocess.run(
        ["gcovr", "--root", sources.ROOT, "--json-summary",
         "--exclude-unreachable-branches", "--exclude-throw-branches",
         "--filter", "(base|proto|daemon|client)/",
         *(os.path.join(sources.ROOT, built, top) for top in sources.HOUSE)],
        cwd=sources.ROOT, check=True, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL).stdout)
    folders = {}
    for f in report["files"]:
        sums = folders.setdefault(os.path.dirname(f["filename"]), [0] * 4)
        for i, key in enumerate(("line_covered", "line_total",
                                 "branch_covered", "branch_total")):
            sums[i] += f[key]
    return folders


def share(reached, total):
    return f"{100 * reached / total:5.1f} %" if total else "      -"


def main():
    args = argparse.ArgumentParser()
    args.add_argument("make")
    args.add_argument("--programs", action="store_true")
    args.add_argument("--jobs", type=int, default=os.cpu_count())
    args = args.parse_args()
    built = folder(args.programs)
    build(args.make, args.jobs, built, *programs(built),
          *([ONE_THREAD] if args.programs else ["clocked"]))
    run_programs(args.jobs, built)
    if not args.programs:
        run_integration()
    folders = count(built)
    whole = [sum(column) for column in zip(*folders.values())]
    print(f"{'':16}{'lines':>14}{'branches':>16}")
    for name, row in sorted(folders.items()) + [("whole", whole)]:
        print(f"{name:16}{share(*row[:2])} of{row[1]:5}"
              f"{share(*row[2:]):>9} of{row[3]:5}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
