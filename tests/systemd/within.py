#!/usr/bin/python3
"""What runs in the booted machine: one module of tests, and their count.

usage: within.py MODULE
"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]


def main():
    tests = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])
    ran = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(tests)
    # A test that is skipped has shown nothing.
    bad = {getattr(test, "test_case", test).id() for test, _ in
           ran.failures + ran.errors + ran.skipped} | \
        {test.id() for test in ran.unexpectedSuccesses}
    print(f"{max(0, ran.testsRun - len(bad))} passed, {len(bad)} failed")
    return 1 if bad or not ran.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
