#!/usr/bin/python3
"""make lint: every rule of the house that a machine can hold.

usage: lint.py COMPILER-FLAG...      (what the sources are compiled with)
"""
import os
import sys

import sources
import suite

TOOLS = "tests/tools/"
PYTHON = sys.executable


def jobs(flags, cores, tidy_nodes=0):
    """cores: of each job alone. tidy_nodes: as tidy.py has it. What takes
    longest begins first."""
    c_and_h = sources.files()
    # Searching flags only: the warnings are gcc's.
    search = [f for f in flags if f.startswith(("-I", "-D", "-std"))]
    os.makedirs(os.path.join(sources.ROOT, "build/lint/cppcheck"),
                exist_ok=True)
    yield suite.Job("clang-tidy",
                    [PYTHON, TOOLS + "tidy.py", str(cores), str(tidy_nodes),
                     *search],
                    limit_s=3600)  # beside all else, where it is nice
    yield suite.Job(
        "cppcheck",
        ["cppcheck", "--quiet", "--std=c11", "--inline-suppr",
         f"-j{cores}", "--cppcheck-build-dir=build/lint/cppcheck",
         "--enable=warning,performance,portability,style",
         "--error-exitcode=1", "--suppressions-list=" + TOOLS +
         "cppcheck.txt", *(f for f in search if f[:2] != "-s"),
         *sources.HOUSE, "tests"])
    yield suite.Job("layers", [PYTHON, TOOLS + "layers.py", "build/release"])
    yield suite.Job("sizes", [PYTHON, TOOLS + "size.py", "--quiet"])
    yield suite.Job("forbidden calls and marks",
                    [PYTHON, TOOLS + "forbidden.py"])
    yield suite.Job("headers compile alone", ["sh", TOOLS + "headers.sh"],
                    env={"COMPILE": " ".join(["gcc", *flags])})
    yield suite.Job("clang-format",
                    ["clang-format", "--dry-run", "-Werror", *c_and_h])
    yield suite.Job("unit files", ["sh", TOOLS + "units.sh"], show=True)


def main():
    cores = os.cpu_count() or 1
    ran = suite.Suite()
    ran.run(list(jobs(sys.argv[1:], cores)), cores)
    return ran.end()


if __name__ == "__main__":
    sys.exit(main())
