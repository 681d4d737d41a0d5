"""A whole Debian machine under its own systemd, for as long as a test lasts.

What it boots is an overlay: nothing is written to the root beneath. Needs root
and Debian's systemd-container. The first process of the machine is a real
systemd; a command runs in all of the machine's namespaces, as if somebody had
logged in there.
"""
import os
import signal
import subprocess
import time

CGROUPS = "/sys/fs/cgroup"
HIERARCHIES = ("systemd", "unified", "memory", "pids", "cpu", "cpuacct")
# What of the root beneath is nobody's business there: these begin empty.
UNITS = "/etc/systemd/system/"
HIDDEN = ("/root", "/home", "/srv", "/mnt", "/tmp", "/var/tmp",
          "/var/log/journal", UNITS)
# Nothing reads a console, and nothing is ever up to date enough for these.
MASKED = ("getty.target", "console-getty.service", "systemd-resolved.service",
          "apt-daily.timer", "apt-daily-upgrade.timer",
          "systemd-firstboot.service")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failed(Exception):
    pass


def cgroups():
    """The hierarchies that are mounted: one (v2) or several (v1)."""
    if os.path.exists(CGROUPS + "/cgroup.controllers"):
        return [CGROUPS]
    return [d for d in (f"{CGROUPS}/{h}" for h in HIERARCHIES)
            if os.path.isdir(d)]


class Machine:
    """One that is up between start() and stop(), and may be booted again."""

    def __init__(self, name, lower, work, binds=(),
                 target="multi-user.target"):
        self.name, self.lower, self.binds = name, lower, binds
        self.target = target
        self.work = os.path.join(work, name)
        self.root = os.path.join(self.work, "root")
        self.group = f"guide-{name}-{os.getpid()}"
        self.console = os.path.join(self.work, "console.log")
        self.nspawn = self.leader = None
        os.makedirs(self.root)

    def mount(self):
        """An upper layer in memory; gone with unmount()."""
        layer = os.path.join(self.work, "layer")
        os.mkdir(layer)
        run("mount", "-t", "tmpfs", "-o", "size=4g", "guide", layer)
        for part in ("upper", "work"):
            os.mkdir(os.path.join(layer, part))
        for folder in HIDDEN:
            os.makedirs(f"{layer}/upper{folder}")
            os.setxattr(f"{layer}/upper{folder}", "trusted.overlay.opaque",
                        b"y")
        os.chmod(layer + "/upper/var/tmp", 0o1777)
        run("mount", "-t", "overlay", "-o", f"lowerdir={self.lower},"
            f"upperdir={layer}/upper,workdir={layer}/work", "guide", self.root)
        for unit in MASKED:
            os.symlink("/dev/null", self.root + UNITS + unit)
        os.symlink("/lib/systemd/system/" + self.target,
                   self.root + UNITS + "default.target")
        self.write("/etc/machine-id", "")
        self.write("/etc/hostname", self.name + "\n")

    def unmount(self):
        for place in (self.root, os.path.join(self.work, "layer")):
            if os.path.ismount(place):
                run("umount", "-R", place)

    def write(self, path, text):
        path = self.root + path
        if os.path.islink(path):
            os.unlink(path)
        with open(path, "w") as f:
            f.write(text)

    def start(self):
        for top in cgroups():
            os.makedirs(f"{top}/{self.group}", exist_ok=True)
        argv = ["systemd-nspawn", "--quiet", "--directory", self.root,
                "--machine", self.group, "--register=no", "--keep-unit",
                "--private-network", "--link-journal=no", "--console=pipe",
                "--resolv-conf=off", "--timezone=off",
                *(f"--bind={b}" for b in self.binds),
                "/lib/systemd/systemd"]
        with open(self.console, "a") as console:
            self.nspawn = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=console,
                stderr=console, preexec_fn=self.join, start_new_session=True)
        self.leader = self.await_leader()
        self.await_boot()

    def join(self):
        for top in cgroups():
            with open(f"{top}/{self.group}/cgroup.procs", "w") as f:
                f.write(str(os.getpid()))

    def await_leader(self):
        children = f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children"
        for _ in range(500):
            if self.nspawn.poll() is not None:
                break
            with open(children) as f:
                for pid in f.read().split():
                    if command_of(pid) == "/lib/systemd/systemd":
                        return int(pid)
            time.sleep(0.02)
        raise Failed(f"{self.name} does not boot:\n{self.said()}")

    def await_boot(self):
        """Up, or as up as this machine beneath lets it be."""
        for _ in range(300):
            state = self.ask("systemctl", "is-system-running").strip()
            if state in ("running", "degraded"):
                return
            if self.nspawn.poll() is not None:
                break
            time.sleep(0.1)
        raise Failed(f"{self.name} is not up:\n{self.said()}")

    def said(self):
        with open(self.console, errors="replace") as f:
            return "".join(f.readlines()[-20:])

    def enter(self, net=True):
        """The words before a command that runs there as root."""
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--root", "--wd"]
        return ["nsenter", "--target", str(self.leader), *spaces,
                *(["--net"] if net else []), "--", "env", "-i",
                "PATH=" + PATH, "HOME=/root", "LANG=C.UTF-8", "TERM=dumb",
                "DEBIAN_FRONTEND=noninteractive"]

    def ask(self, *argv):
        return subprocess.run(self.enter() + list(argv), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, check=False).stdout

    def stop(self):
        """Shut down in order; what does not go is killed."""
        if self.nspawn is None:
            return
        if self.nspawn.poll() is None and self.leader:
            os.kill(self.leader, signal.SIGRTMIN + 4)   # power off
            try:
                self.nspawn.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.nspawn.pid, signal.SIGKILL)
        elif self.nspawn.poll() is None:
            os.killpg(self.nspawn.pid, signal.SIGKILL)
        self.nspawn.wait()
        self.nspawn = self.leader = None
        for top in cgroups():
            for folder, _, _ in os.walk(f"{top}/{self.group}", topdown=False):
                remove_group(folder)


def inside(there):
    return ["nsenter", "--target", str(there.leader), "--net", "--"]


def address(there, number):
    """What it is reached by, also by itself."""
    run(*inside(there), "ip", "address", "add", number + "/32", "dev", "lo")


def connect(a, b, address_a, address_b):
    """One cable between two machines that are up."""
    run("ip", "link", "add", "cable-a", "netns", str(a.leader), "type", "veth",
        "peer", "name", "cable-b", "netns", str(b.leader))
    for there, end, own, other in ((a, "cable-a", address_a, address_b),
                                   (b, "cable-b", address_b, address_a)):
        run(*inside(there), "ip", "link", "set", end, "up")
        run(*inside(there), "ip", "route", "add", other, "dev", end, "src",
            own)


def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as f:
            return f.read().split("\0")[0]
    except OSError:
        return ""


def remove_group(folder):
    """Empty a moment after the last of its processes has gone."""
    for _ in range(50):
        try:
            os.rmdir(folder)
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.02)


def run(*argv):
    ran = subprocess.run(argv, text=True, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         check=False)
    if ran.returncode != 0:
        raise Failed(f"{' '.join(argv)}: {ran.stdout.strip()}")
    return ran.stdout
