#!/usr/bin/python3
"""Runs the tests that drive the real daemon; two modules side by side.

usage: run.py BUILD [MODULE...]      BUILD: build/release, build/asan, ...

Answers are recorded under BUILD/answers/ for tests/openapi/run.sh. The last
line counts: "N passed, M failed".
"""
import glob
import os
import shutil
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests", "tools")]


def run_module(name):
    tests = unittest.defaultTestLoader.loadTestsFromName(name)
    ran = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(tests)
    # A test that is skipped has shown nothing.
    bad = {getattr(test, "test_case", test).id() for test, _ in
           ran.failures + ran.errors + ran.skipped} | \
        {test.id() for test in ran.unexpectedSuccesses}
    failed = len(bad)
    print(f"{max(0, ran.testsRun - failed)} passed, {failed} failed")
    return 1 if failed or not ran.testsRun else 0


def jobs(build, modules=(), **more):
    """One for each module; all of them, when none is named."""
    import suite
    answers = os.path.join(ROOT, build, "answers")
    if not modules:
        shutil.rmtree(answers, ignore_errors=True)
        # A hold takes a minute to lapse: that one begins first.
        modules = sorted((os.path.basename(p)[:-3] for p in
                          glob.glob(HERE + "/test_*.py")),
                         key=lambda name: (name != "test_holds", name))
    return [suite.Job(f"integration {name}",
                      [sys.executable, __file__, "--module", name],
                      suite.by_counts, {"BUILD": build, "ANSWERS": answers},
                      waits=True, **more) for name in modules]


def main():
    import suite
    ran = suite.Suite()
    ran.run(jobs(sys.argv[1], sys.argv[2:]), os.cpu_count() or 1)
    return ran.end()


if __name__ == "__main__":
    if sys.argv[1] == "--module":
        sys.exit(run_module(sys.argv[2]))
    sys.exit(main())
