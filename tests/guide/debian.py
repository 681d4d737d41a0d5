"""A new, minimal Debian 12, out of the archives that this machine uses itself.

It is made once and kept under the folder of temporary files that outlives a
boot; nothing ever writes to it but an overlay.
"""
import fcntl
import glob
import os
import re
import shutil

import machine

SUITE = "bookworm"
KEPT = "/var/tmp/teleconsult-guide"
# What the smallest root has not, and every installed machine has.
INCLUDED = "systemd-sysv,dbus,ca-certificates,iproute2"


def sources():
    """The (address, suites, components) of Debian itself in apt's files."""
    for path in sorted(glob.glob("/etc/apt/sources.list") +
                       glob.glob("/etc/apt/sources.list.d/*")):
        with open(path) as f:
            text = f.read()
        if path.endswith(".sources"):
            for part in re.split(r"\n\s*\n", text):
                field = dict(re.findall(r"^(\w[\w-]*):\s*(.*)$", part, re.M))
                yield (field.get("URIs", "").split(),
                       field.get("Suites", "").split(),
                       field.get("Components", "").split())
        else:
            for row in re.findall(r"^deb\s+(?:\[.*?\]\s+)?(.*)$", text, re.M):
                address, suite, *components = row.split()
                yield [address], [suite], components


def own_sources():
    found = [(a[0], [s for s in suites if s.split("-")[0] == SUITE])
             for a, suites, components in sources()
             if a and "main" in components]
    return [(address, suites) for address, suites in found if suites]


def root():
    """The path of that root; made now if it is not there."""
    os.makedirs(KEPT, exist_ok=True)
    made = os.path.join(KEPT, SUITE)
    with open(KEPT + "/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(made):
            unfinished = made + ".new"
            if os.path.isdir(unfinished):
                shutil.rmtree(unfinished)
            address = next(a for a, suites in own_sources() if SUITE in suites)
            machine.run("debootstrap", "--variant=minbase",
                        "--include=" + INCLUDED, SUITE, unfinished, address)
            os.rename(unfinished, made)
    return made


def settle(made):
    """How that machine reaches what this one reaches."""
    made.write("/etc/apt/sources.list", "".join(
        f"deb {address} {suite} main\n"
        for address, suites in own_sources() for suite in suites))
    with open("/etc/resolv.conf") as f:
        made.write("/etc/resolv.conf", f.read())
