#!/usr/bin/python3
"""Boots a systemd for each module of tests, three side by side.

usage: run.py BUILD [MODULE...]      BUILD: build/release

As root, or through sudo. The last line counts: "N passed, M failed".
"""
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "tools"))

import suite                                        # noqa: E402

# What takes longest begins first.
SLOW = ("test_load", "test_start", "test_watchdog")


def main():
    build, modules = sys.argv[1], sys.argv[2:]
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    modules = modules or sorted(
        (os.path.basename(p)[:-3] for p in glob.glob(HERE + "/test_*.py")),
        key=lambda name: (name not in SLOW, name))
    ran = suite.Suite()
    # A mount namespace each: no mount of theirs outlives them.
    ran.run([suite.Job(f"booted {name}",
                       [*as_root, "unshare", "--mount", "--propagation",
                        "private", sys.executable,
                        os.path.join(HERE, "boot.py"), build, name],
                       suite.by_counts, show=True)
             for name in modules], 3)
    return ran.end()


if __name__ == "__main__":
    sys.exit(main())
