"""Tries, as the service's user and in its sandbox, what must not succeed.

Run by a unit that is the service's own but for its program; prints one JSON
object {what: "done" or the error's name}.
"""
import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import sys

STATE = "/var/lib/teleconsult"
LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if getattr(LIBC, name)(*args) < 0:
        raise OSError(ctypes.get_errno(), name)


def write(path):
    with open(path, "w", encoding="ascii") as f:
        f.write("probe")


def read(path):
    with open(path, "rb") as f:
        f.read(1)


def credential(name):
    return os.path.join(os.environ["CREDENTIALS_DIRECTORY"], name)


def sees(path):
    os.stat(path)


def setuid_bit():
    path = os.path.join(STATE, "probe-suid")
    write(path)
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


TRIES = {
    # what it needs
    "write its state": lambda: write(f"{STATE}/probe"),
    "write its own /tmp": lambda: write("/tmp/probe"),
    "read its field key": lambda: read(credential("field-key")),
    "open a Unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
    # the file system
    "write /etc": lambda: write("/etc/probe"),
    "write its configuration": lambda: write("/etc/teleconsult/probe"),
    "write /usr": lambda: write("/usr/probe"),
    "write /var": lambda: write("/var/lib/probe"),
    "write /run": lambda: write("/run/probe"),
    "write /dev/shm": lambda: write("/dev/shm/probe"),
    "write a credential": lambda: write(credential("field-key")),
    "read the plain field key": lambda: read("/etc/teleconsult/field.key"),
    "read /root": lambda: os.listdir("/root"),
    "see another process": lambda: sees("/proc/1/status"),
    "see /proc/cpuinfo": lambda: sees("/proc/cpuinfo"),
    "make a device": lambda: os.mknod(f"{STATE}/probe-dev", 0o20600,
                                      os.makedev(1, 1)),
    "set a set-user-id bit": setuid_bit,
    # the network
    "open an IPv4 socket": lambda: socket.socket(socket.AF_INET).close(),
    "open an IPv6 socket": lambda: socket.socket(socket.AF_INET6).close(),
    "open a netlink socket": lambda: socket.socket(
        socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "open a packet socket": lambda: socket.socket(
        socket.AF_PACKET, socket.SOCK_RAW).close(),
    # privileges
    "become root": lambda: os.setuid(0),
    "change its root": lambda: os.chroot("/tmp"),
    "mount": lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "make a user namespace": lambda: call("unshare", 0x10000000),
    "trace": lambda: call("ptrace", 0, 0, None, None),
    "memory to write and run": lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "real-time scheduling": lambda: os.sched_setscheduler(
        0, os.SCHED_FIFO, os.sched_param(1)),
    "another personality": lambda: call("personality", 0x0400000),
    "set the host's name": lambda: socket.sethostname("probe"),
    "raise the core limit": lambda: resource.setrlimit(
        resource.RLIMIT_CORE, (4096, 4096)),
    "signal process 1": lambda: os.kill(1, 0),
}


def outcome(try_it):
    try:
        try_it()
        return "done"
    except (OSError, ValueError) as e:
        return errno.errorcode.get(getattr(e, "errno", None), str(e))


if __name__ == "__main__":
    with open(os.path.join(STATE, "probed"), "w", encoding="ascii") as said:
        json.dump({name: outcome(try_it) for name, try_it in TRIES.items()},
                  said)
    sys.exit(0)
