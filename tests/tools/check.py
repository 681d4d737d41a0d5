#!/usr/bin/python3
"""make check: builds and runs every test there is; the last line counts them.

The C programs run three times: as released, under ASan and UBSan, and, those
that start threads, under TSan; those that know days and clocks, once more in
other zones. The tests that drive the real daemon run against the released one.
Once that is built all goes side by side; at the end stands what took longest.

usage: check.py MAKE COMPILER-FLAG...
"""
import glob
import os
import re
import subprocess
import sys

import lint
import sources
import suite

sys.path.append(os.path.join(sources.ROOT, "tests", "integration"))
import run

KINDS = ("fault", "property", "store", "unit") # what takes longest first
# These are linked with what could start a thread, and start none.
UNTHREADED = ("fault/test_call_alloc", "fault/test_nomem", "fault/test_vfs",
              "unit/test_http_conn", "unit/test_http_limits",
              "unit/test_route")
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=99",
}
# What clang's analyzer gives a function at most, in its quick mode. Of those
# that need more it never sees the end: at its own limit, three times as many,
# it takes three times as long and reaches no statement more. Others are looked
# at whole as ever, and "make lint" keeps the limit of its own.
TIDY_NODES = 75000
# Wherever the machine stands: its own zone is nobody's business.
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")
BY_THE_CLOCK = ("property/test_search", "unit/test_civil",
                "unit/test_client_week", "unit/test_client_when",
                "unit/test_plane", "unit/test_rrule", "unit/test_rule",
                "unit/test_search", "unit/test_tz")


def build(make, mode, cores, *targets):
    return suite.Job(f"build {mode}",
                     [make, "--no-print-directory", "-s", f"-j{cores}",
                      f"MODE={mode}", *targets], limit_s=1200)


def program(mode, name, title, env):
    # This one waits for its peers' time limits, a thousand times.
    waits = name == "fault/test_net_alloc"
    return suite.Job(f"{title} {name}", [path(mode, name)], suite.by_tap,
                     {"CMOCKA_MESSAGE_OUTPUT": "TAP", **SANITIZERS, **env},
                     needs=[f"build {mode}"], waits=waits)


def path(mode, name):
    return f"build/{mode}/tests/{name}"


def names():
    return [source[len("tests/"):-len(".c")] for kind in KINDS
            for source in sorted(glob.glob(f"tests/{kind}/test_*.c",
                                           root_dir=sources.ROOT))]


def threaded():
    """The programs that start threads: to others TSan has nothing to say.
    Asked is the released program, whose linker leaves out what is not used."""
    found = []
    for name in names():
        needed = subprocess.run(["nm", "-D", path("release", name)],
                                cwd=sources.ROOT, check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        if re.search(r"\bpthread_create\b", needed) and \
                name not in UNTHREADED:
            found.append(name)
    return found


def programs(mode, chosen):
    """One that was not built fails as missing."""
    return [program(mode, name, mode, {}) for name in chosen]


def in_zones():
    for zone in ZONES:
        for name in BY_THE_CLOCK:
            yield program("release", name, f"TZ={zone}", {"TZ": zone})


def corpora():
    """Every file that a fuzz target once found worth keeping."""
    for source in sorted(glob.glob("tests/fuzz/fuzz_*.c",
                                   root_dir=sources.ROOT)):
        name = source[len("tests/fuzz/"):-len(".c")]
        yield suite.Job(f"asan fuzz/{name}, its corpus",
                        [f"build/asan/tests/fuzz/{name}",
                         f"tests/fuzz/corpus/{name[len('fuzz_'):]}"],
                        suite.by_counts, SANITIZERS, needs=["build asan"])


def outside():
    """What drives the built daemon from outside."""
    yield from run.jobs("build/release", needs=["build release"])
    yield suite.Job("under a booted systemd",
                    [sys.executable, "tests/systemd/run.py", "build/release"],
                    suite.by_counts, show=True, needs=["build release"],
                    waits=True)
    yield suite.Job("the administrator's guide, followed",
                    [sys.executable, "tests/guide/follow.py"],
                    suite.by_counts, show=True, needs=["build release"],
                    waits=True)
    yield suite.Job("fight for an afternoon",
                    [sys.executable, "tests/e2e/fight.py", "build/release",
                     "--seconds", "10", "--kill"], suite.by_counts,
                    needs=["build release"], waits=True)
    yield suite.Job("a night at the chest-pain centre",
                    [sys.executable, "tests/e2e/chest_pain.py",
                     "build/release"], suite.by_counts,
                    needs=["build release"], waits=True)
    yield suite.Job("a week of the year",
                    [sys.executable, "tests/e2e/year.py", "build/release",
                     "--days", "8", "--consultations", "6000",
                     "--agreements", "30"], suite.by_counts,
                    needs=["build release"], waits=True)
    yield suite.Job("demo", ["tests/e2e/demo.sh", "build/release"],
                    needs=["build release"], waits=True)


def answers(recorded_by):
    return suite.Job("answers against the OpenAPI document",
                     ["tests/openapi/run.sh", "build/release/answers"],
                     suite.by_counts,
                     needs=[job.name for job in recorded_by])


def coverage(make):
    return suite.Job("coverage by the C programs alone",
                     [sys.executable, "tests/tools/coverage.py", make,
                      "--programs", "--jobs", "1"], show=True)


def everything(make, flags):
    """All but the released programs, which tell what is to be built. Each of
    the long ones uses one core, and what they gate comes before what nobody
    waits for."""
    mine, shared = list(outside()), threaded()
    lints = list(lint.jobs(flags, 1, TIDY_NODES))
    return [
        build(make, "asan", 1, "all", "tests"), lints.pop(0),
        build(make, "tsan", 1, *(path("tsan", name) for name in shared)),
        coverage(make),
        *programs("asan", names()), *programs("tsan", shared),
        *programs("release", names()), *in_zones(), *corpora(), *lints,
        *mine, answers([job for job in mine
                        if job.name.startswith("integration")]),
    ]


def main():
    make, flags = sys.argv[1], sys.argv[2:]
    cores = os.cpu_count() or 1
    ran = suite.Suite()
    if ran.run([build(make, "release", cores, "all", "tests")]):
        ran.run(everything(make, flags), cores)
    ran.print_times()
    return ran.end()


if __name__ == "__main__":
    sys.exit(main())
