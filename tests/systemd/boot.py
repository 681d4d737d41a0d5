#!/usr/bin/python3
"""Boots this machine's own root, with the service installed, under systemd.

usage: boot.py BUILD MODULE       (as root, in a mount namespace of its own)

What is installed here is the lower half of an overlay; its upper half is in
memory and ends with the boot, so nothing is downloaded and nothing is left.
In it: `make install`, no other unit of the administrator's than ours, and
test.service, which runs tests/systemd/MODULE.py (within.py). The network is
a private one. What the tests say goes to standard output; the exit code is
theirs.

A kernel or a container that cannot do this is said, and is a failure.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMIT_S = 150
NAME = f"teleconsult-test-{os.getpid()}"
INSIDE = "/run/teleconsult-test"       # the repository, within
TARGET = """\
[Unit]
Requires=basic.target test.service
After=basic.target
"""
SERVICE = """\
[Unit]
After=basic.target
[Service]
Type=oneshot
StandardOutput=append:/results/said
StandardError=append:/results/said
Environment=PYTHONDONTWRITEBYTECODE=1 BUILD={build}
ExecStart=/bin/sh -c '/usr/bin/python3 {inside}/tests/systemd/within.py {module}; exec systemctl exit --force $?'
"""


class Impossible(Exception):
    """This machine cannot boot another."""


def do(*argv, what=None):
    ran = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         check=False)
    if ran.returncode:
        raise Impossible(f"{what or argv[0]}: {ran.stdout.strip()}")


def lay_root(work):
    """The root to boot: all that is here, to be changed without a trace."""
    memory, root = os.path.join(work, "memory"), os.path.join(work, "root")
    for path in (memory, root):
        os.mkdir(path)
    do("mount", "-t", "tmpfs", "-o", "size=1g", "none", memory)
    for name in ("upper", "work"):
        os.mkdir(os.path.join(memory, name))
    do("mount", "-t", "overlay", "none", "-o",
       f"lowerdir=/,upperdir={memory}/upper,workdir={memory}/work", root,
       what="an overlay of / (the kernel's overlay file system is needed)")
    return root


def furnish(root, build, module):
    """The installed service, and the one unit that tests it."""
    units = os.path.join(root, "etc/systemd/system")
    shutil.rmtree(units, ignore_errors=True)
    os.makedirs(units)
    for place in ("etc/teleconsult", "var/lib/teleconsult",
                  "var/log/journal"):
        shutil.rmtree(os.path.join(root, place), ignore_errors=True)
    do("make", "-s", "-C", ROOT, "install", f"DESTDIR={root}", "PREFIX=/usr",
       f"MODE={os.path.basename(build)}", what="make install")
    with open(os.path.join(units, "test.target"), "w",
              encoding="utf-8") as f:
        f.write(TARGET)
    with open(os.path.join(units, "test.service"), "w",
              encoding="utf-8") as f:
        f.write(SERVICE.format(inside=INSIDE, module=module, build=build))


def own_groups():
    """Where this process stands in the hierarchies that are systemd's."""
    with open("/proc/self/cgroup", encoding="ascii") as f:
        rows = [line.rstrip("\n").split(":", 2) for line in f]
    for _, name, path in rows:
        if name == "name=systemd":
            yield "/sys/fs/cgroup/systemd" + path
        elif not name:
            top = "/sys/fs/cgroup/unified"
            yield (top if os.path.isdir(top) else "/sys/fs/cgroup") + path


@contextlib.contextmanager
def control_groups():
    """New ones, for a systemd that thinks that it is alone."""
    made = []
    try:
        for own in own_groups():
            made.append(os.path.join(own, NAME))
            os.mkdir(made[-1])
        if not made:
            raise Impossible("no control group hierarchy is mounted")
        yield made
    except OSError as e:
        raise Impossible(f"control groups: {e}") from e
    finally:
        for top in made:
            for folder, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)


def enter(groups):
    for group in groups:
        with open(os.path.join(group, "cgroup.procs"), "w",
                  encoding="ascii") as f:
            f.write("0")


def run(root, results, groups):
    """Boots and waits for the end; answers the exit code and the console."""
    command = [
        "systemd-nspawn", "--quiet", "--directory", root, "--boot",
        "--register=no", "--keep-unit", "--private-network",
        "--link-journal=no", "--console=pipe",
        "--machine", NAME,
        f"--bind-ro={ROOT}:{INSIDE}", f"--bind={results}:/results",
        "systemd.unit=test.target", "systemd.log_target=console",
        "systemd.log_level=warning"]
    with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: enter(groups)) as booted:
        try:
            console = booted.communicate(timeout=LIMIT_S)[0]
        except subprocess.TimeoutExpired:
            booted.kill()
            console = booted.communicate()[0] + b"\nit took too long"
    return booted.returncode, console.decode("utf-8", "replace")


def boot(build, module):
    with tempfile.TemporaryDirectory() as work:
        results = os.path.join(work, "results")
        os.mkdir(results)
        root = lay_root(work)
        try:
            furnish(root, build, module)
            with control_groups() as groups:
                code, console = run(root, results, groups)
        finally:
            do("umount", root)
            do("umount", os.path.join(work, "memory"))
            with contextlib.suppress(OSError):     # nspawn leaves it
                os.rmdir(f"/run/systemd/nspawn/propagate/{NAME}")
        said = os.path.join(results, "said")
        if not os.path.exists(said):
            raise Impossible(f"it did not boot (code {code}):\n{console}")
        with open(said, encoding="utf-8", errors="replace") as f:
            print(f.read(), end="")
        if code:
            print(f"the console, code {code}:\n{console}")
        return code


def main():
    try:
        sys.exit(boot(*sys.argv[1:]))
    except (Impossible, OSError) as e:
        print(f"no boot: {e}")
        print("0 passed, 1 failed")
        sys.exit(1)


if __name__ == "__main__":
    main()
