"""Runs commands side by side, one line of output each, and counts.

A job passes or fails as its `count` reads its output: by default one check,
by its exit code. Of what a failing job said its beginning and its end are
printed, and at the end of all once more its last lines: there is the reason.

Jobs go in two lanes, each as wide as there are cores: those that compute, and
those that mostly wait, for a clock or for a daemon. The latter go first where
both want a core, since they have time limits to prove.
"""
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import threading
import time

import sources

COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)
TAP = re.compile(r"^(not )?ok \d+\b(.*)$", re.M)
HEAD, TAIL, LAST = 100, 200, 15 # lines of what a failing job said
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


def ends_of(rows):
    """All of them, or the first and the last."""
    left = len(rows) - HEAD - TAIL
    if left <= 0:
        return rows
    return [*rows[:HEAD], f"({left} lines more)", *rows[-TAIL:]]


class Job:
    """show: what it says is printed when it passes, too. needs: the names of
    the jobs that have to pass before. waits: its lane."""

    def __init__(self, name, argv, count=by_exit, env=None, limit_s=900,
                 show=False, needs=(), waits=False):
        self.name, self.argv, self.count = name, argv, count
        self.env, self.limit_s, self.show = env or {}, limit_s, show
        self.needs, self.waits = frozenset(needs), waits
        self.last = ()
        self.passed = self.failed = self.wall_s = self.cpu_s = 0

    def run(self):
        """Fills in the figures; answers what it said."""
        begun = time.monotonic()
        try:
            # A session of its own: whatever it started ends with it.
            ran = subprocess.Popen(
                self.argv if self.waits else ["nice", "-n", "5", *self.argv],
                cwd=sources.ROOT, stdin=subprocess.DEVNULL,
                env={**os.environ, **self.env}, start_new_session=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            code, output = self.await_end(ran)
        except OSError as e:
            code, output = -1, str(e).encode()
        text = output.decode("utf-8", "replace")
        self.passed, self.failed = self.count(code, text)
        self.wall_s = time.monotonic() - begun
        return text

    def await_end(self, ran):
        stopped = []

        def stop():
            stopped.append(b"\nstopped: it took too long\n")
            os.killpg(ran.pid, signal.SIGKILL)

        timer = threading.Timer(self.limit_s, stop)
        timer.start()
        with ran.stdout:
            output = ran.stdout.read()
        _, status, used = os.wait4(ran.pid, 0)
        timer.cancel()
        ran.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_s = used.ru_utime + used.ru_stime
        return -1 if stopped else ran.returncode, output + b"".join(stopped)


class Suite:
    def __init__(self):
        self.done = []
        self.begun = time.monotonic()

    def run(self, jobs, cores=1):
        """Runs the jobs, earlier ones first; answers whether all passed."""
        waiting, running, before = list(jobs), {}, self.failed()
        known = {job.name for job in waiting + self.done}
        if not all(job.needs <= known for job in waiting):
            raise ValueError("a job needs one that is not there")
        with concurrent.futures.ThreadPoolExecutor(2 * cores) as pool:
            while waiting or running:
                for job in self.able(waiting, running.values(), cores):
                    waiting.remove(job)
                    running[pool.submit(job.run)] = job
                if not running:
                    break # what is left needs what has failed
                for future in concurrent.futures.wait(
                        running, return_when="FIRST_COMPLETED").done:
                    self.note(running.pop(future), future.result())
        for job in waiting:
            self.leave_out(job)
        return self.failed() == before

    def able(self, waiting, running, cores):
        """Those whose needs have passed, as far as their lane has room."""
        passed = {job.name for job in self.done if not job.failed}
        room = {lane: cores - sum(job.waits == lane for job in running)
                for lane in (False, True)}
        for job in waiting[:]:
            if room[job.waits] > 0 and job.needs <= passed:
                room[job.waits] -= 1
                yield job

    def leave_out(self, job):
        """What it needs did not pass: that has been counted already, but
        nobody shall believe that this ran."""
        lacks = job.needs - {one.name for one in self.done if not one.failed}
        print(f"left out: {job.name}, which needs {', '.join(sorted(lacks))}")

    def note(self, job, output):
        self.done.append(job)
        print(f"{'FAIL' if job.failed else 'ok':5}{job.name:44}"
              f"{job.passed:5} passed {job.failed:3} failed"
              f" {job.wall_s:6.1f} s {job.cpu_s:6.1f} s cpu")
        rows = output.splitlines()
        if job.failed:
            job.last = rows[-LAST:]
            rows = ends_of(rows)
        if job.failed or job.show:
            print("\n".join("    " + row for row in rows))
        sys.stdout.flush()

    def failed(self):
        return sum(job.failed for job in self.done)

    def print_times(self):
        """How long it took, and what took longest."""
        print(f"{time.monotonic() - self.begun:.0f} s, of the processors"
              f" {sum(job.cpu_s for job in self.done):.0f} s; the longest:")
        for job in sorted(self.done, key=lambda job: -job.wall_s)[:10]:
            print(f"  {job.wall_s:6.1f} s, {job.cpu_s:6.1f} s  {job.name}")

    def end(self):
        """Prints the counts; answers the exit code."""
        for job in self.done:
            if job.failed:
                print(f"FAIL {job.name}, its last lines:")
                print("\n".join("    " + row for row in job.last))
        passed = sum(job.passed for job in self.done)
        print(f"{passed} passed, {self.failed()} failed")
        return 1 if self.failed() or not passed else 0
