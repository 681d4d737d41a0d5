#!/usr/bin/python3
"""make check: builds and runs every test there is; the last line counts them.

The C programs run three times: as released, under ASan and UBSan, and under
TSan; those that know days and clocks, once more in other zones. The tests that
drive the real daemon run against the released one.

usage: check.py MAKE COMPILER-FLAG...
"""
import glob
import os
import sys

import lint
import sources
import suite

# What takes longest begins first. Properties have no threads.
MODES = {"release": ("fault", "property", "store", "unit"),
         "asan": ("fault", "property", "store", "unit"),
         "tsan": ("fault", "store", "unit")}
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=99",
}
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
    return suite.Job(f"{title} {name}", [f"build/{mode}/tests/{name}"],
                     suite.by_tap,
                     {"CMOCKA_MESSAGE_OUTPUT": "TAP", **SANITIZERS, **env})


def programs(mode):
    """Every test program; one that was not built fails as missing."""
    for kind in MODES[mode]:
        for source in sorted(glob.glob(f"tests/{kind}/test_*.c",
                                       root_dir=sources.ROOT)):
            yield program(mode, source[len("tests/"):-len(".c")], mode, {})


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
                        suite.by_counts, SANITIZERS)


def outside():
    """What drives the built daemon from outside, one after the other."""
    python = sys.executable
    return [
        suite.Job("integration", [python, "tests/integration/run.py",
                                  "build/release"], suite.by_counts),
        suite.Job("under a booted systemd",
                  [python, "tests/systemd/run.py", "build/release"],
                  suite.by_counts, show=True),
        suite.Job("fight for an afternoon",
                  [python, "tests/e2e/fight.py", "build/release", "--seconds",
                   "10", "--kill"], suite.by_counts),
        suite.Job("demo", ["tests/e2e/demo.sh", "build/release"]),
    ]


def afterwards(make):
    """What looks at what was recorded or built, side by side."""
    return [
        suite.Job("answers against the OpenAPI document",
                  ["tests/openapi/run.sh", "build/release/answers"],
                  suite.by_counts),
        suite.Job("coverage by the C programs alone",
                  [sys.executable, "tests/tools/coverage.py", make,
                   "--programs"], show=True),
    ]


def main():
    make, flags = sys.argv[1], sys.argv[2:]
    cores = os.cpu_count() or 1
    ran = suite.Suite()
    for mode in MODES:
        if ran.run([build(make, mode, cores, "all", "tests")]):
            ran.run(list(programs(mode)), cores)
    ran.run(list(in_zones()), cores)
    ran.run(list(corpora()), cores)
    for job in outside():
        ran.run([job])
    ran.run(afterwards(make), cores)
    ran.run(list(lint.jobs(flags, cores)), cores)
    return ran.end()


if __name__ == "__main__":
    sys.exit(main())
