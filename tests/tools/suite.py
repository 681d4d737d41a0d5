"""Runs commands side by side, one line of output each, and counts.

A job passes or fails as its `count` reads its output: by default one check,
by its exit code. What a failing job said is printed whole.
"""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time

import sources

COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)
TAP = re.compile(r"^(not )?ok \d+\b(.*)$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)", re.M)


def by_exit(code, output):
    return (1, 0) if code == 0 else (0, 1)


def by_counts(code, output):
    """The last line "N passed, M failed", one per whole set of tests."""
    found = COUNTS.findall(output)
    passed, failed = map(int, found[-1]) if found else (0, 0)
    return passed, at_least_one(code, passed, failed)


def by_tap(code, output):
    """cmocka's TAP; a test skipped, or planned and not run, has failed."""
    rows = TAP.findall(output)
    failed = sum(1 for bad, rest in rows if bad or "# SKIP" in rest.upper())
    passed = len(rows) - failed
    failed += max(0, sum(map(int, PLAN.findall(output))) - len(rows))
    return passed, at_least_one(code, passed, failed)


def at_least_one(code, passed, failed):
    """A program that broke, or that tested nothing, is a failure too."""
    if failed == 0 and (code != 0 or passed == 0):
        return 1
    return failed


class Job:
    """show: what it says is printed when it passes, too."""

    def __init__(self, name, argv, count=by_exit, env=None, limit_s=600,
                 show=False):
        self.name, self.argv, self.count = name, argv, count
        self.env, self.limit_s, self.show = env or {}, limit_s, show

    def run(self):
        begun = time.monotonic()
        try:
            # A session of its own: whatever it started ends with it.
            ran = subprocess.Popen(
                self.argv, cwd=sources.ROOT, stdin=subprocess.DEVNULL,
                env={**os.environ, **self.env}, start_new_session=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code, output = self.await_end(ran)
        except OSError as e:
            code, output = -1, str(e).encode()
        text = output.decode("utf-8", "replace")
        passed, failed = self.count(code, text)
        return self, passed, failed, time.monotonic() - begun, text


    def await_end(self, ran):
        try:
            output = ran.communicate(timeout=self.limit_s)[0]
            return ran.returncode, output
        except subprocess.TimeoutExpired:
            os.killpg(ran.pid, signal.SIGKILL)
            output = ran.communicate()[0]
            return -1, output + b"\nstopped: it took too long\n"


class Suite:
    def __init__(self):
        self.passed = self.failed = 0

    def run(self, jobs, side_by_side=1):
        """Runs the jobs; answers whether all of them passed."""
        before = self.failed
        with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
            done = [pool.submit(job.run) for job in jobs]
            for future in concurrent.futures.as_completed(done):
                self.note(*future.result())
        return self.failed == before

    def note(self, job, passed, failed, seconds, output):
        self.passed += passed
        self.failed += failed
        print(f"{'FAIL' if failed else 'ok':5}{job.name:44}"
              f"{passed:5} passed {failed:3} failed {seconds:6.1f} s")
        if failed or job.show:
            print("\n".join("    " + row for row in output.splitlines()))
        sys.stdout.flush()

    def end(self):
        """Prints the counts; answers the exit code."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0
