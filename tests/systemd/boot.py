#!/usr/bin/python3
"""One module of tests in a machine that is booted for it: an overlay of this
one's root, with what `make install` installs, under a systemd and with a
network of its own.

usage: boot.py BUILD MODULE       (as root, in a mount namespace of its own)

A kernel or a container that cannot do this is said, and is a failure.
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMIT_S = 150
INSIDE = "/run/teleconsult"            # the repository, within

sys.path.insert(0, os.path.join(ROOT, "tests", "guide"))

import machine                                      # noqa: E402


def tests_in(booted, build, module):
    """Runs them there; their exit code."""
    return subprocess.run(
        booted.enter() + [
            "PYTHONDONTWRITEBYTECODE=1", f"BUILD={build}", "/usr/bin/python3",
            "-u", f"{INSIDE}/tests/systemd/within.py", module],
        stdin=subprocess.DEVNULL, timeout=LIMIT_S, check=False).returncode


def boot(build, module):
    with tempfile.TemporaryDirectory() as work:
        # Nothing else is up that could start after this: the tests do.
        booted = machine.Machine("units", "/", work, [f"{ROOT}:{INSIDE}"],
                                 "basic.target")
        try:
            booted.mount()
            for place in ("/etc/teleconsult", "/var/lib/teleconsult"):
                shutil.rmtree(booted.root + place, ignore_errors=True)
            machine.run("make", "-s", "-C", ROOT, "install",
                        f"DESTDIR={booted.root}", "PREFIX=/usr",
                        f"MODE={os.path.basename(build)}")
            booted.start()
            return tests_in(booted, build, module)
        finally:
            booted.stop()
            booted.unmount()


def main():
    try:
        sys.exit(boot(*sys.argv[1:]))
    except (machine.Failed, OSError, subprocess.TimeoutExpired) as e:
        print(f"no boot, or none to the end: {e}")
        print("0 passed, 1 failed")
        sys.exit(1)


if __name__ == "__main__":
    main()
