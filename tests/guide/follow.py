#!/usr/bin/python3
"""Follows the administrator's guide word by word.

Boots machines of its own, types every command of the guide in its order, and
takes what is printed against what the guide says is printed. The first line of
the guide that is not true fails it.

usage: follow.py [--fresh] [--verbose]

  --fresh    on a new, minimal Debian 12 (kept for the next time in a folder
             of temporary files), where everything is installed and built as
             the guide says; otherwise on an overlay of this machine's root,
             with what build/release has, without the steps that install
             Debian packages
"""
import argparse
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time

import debian
import machine
import pages
import symptoms

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FIRST = "docs/administration.md"
HOST = "tele.example.org"
ADDRESSES = {"server": "192.0.2.10", "spare": "192.0.2.11"}
# Where the guide says something is typed: which machine, and as whom. People's
# own computers are users of the first machine.
PLACES = {
    "at the server, as root": ("server", "root"),
    "at the second server, as root": ("spare", "root"),
    "at the administrator's computer": ("server", "administrator"),
    "at the administrator's computer, as root": ("server", "root"),
    "at the lead hospital's desk": ("server", "lead"),
    "at the partner hospital's desk": ("server", "partner"),
    "at the monitoring computer": ("server", "monitor"),
}
PEOPLE = ("administrator", "lead", "partner", "monitor")
HOME = pwd.getpwuid(0).pw_dir
PACKAGES = re.compile(r"\bapt-get\b")
STEP = "/var/tmp/guide-step"
LIMIT_S = 900


def archive(target, built):
    """The sources as they are here; with what is built when that is wanted."""
    argv = ["tar", "-czf", target, "--transform=s,^\\.,teleconsult,",
            "--exclude=./.git", "--exclude=__pycache__", "--exclude=*.pyc",
            "--exclude=node_modules"]
    if built:
        argv += [f"--exclude=./build/{d}" for d in os.listdir(ROOT + "/build")
                 if d != "release"] + ["--exclude=./build/release/tests",
                                       "--exclude=./build/release/answers"]
    else:
        argv.append("--exclude=./build")
    machine.run(*argv, "-C", ROOT, ".")


class Follower:
    def __init__(self, work, fresh, verbose):
        self.work, self.fresh, self.verbose = work, fresh, verbose
        self.guide = pages.Guide(ROOT, FIRST)
        self.values = dict(self.guide.values)
        self.machines, self.folders = {}, {}
        self.lower = debian.root() if fresh else "/"
        # What lies in a safe, and what both servers see.
        self.shared = [os.path.join(work, n) for n in ("safe", "share")]
        for folder in self.shared:
            os.mkdir(folder)

    def machine(self, name):
        """The machine of that name; it is made when it is first needed."""
        if name in self.machines:
            return self.machines[name]
        made = machine.Machine(name, self.lower, self.work,
                               [f"{folder}:/mnt/{os.path.basename(folder)}"
                                for folder in self.shared])
        self.machines[name] = made
        made.mount()
        with open("/etc/hosts") as f:
            own = "".join(r for r in f if "localhost" not in r)
        made.write("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n{own}"
                   f"{ADDRESSES['server']} {HOST}\n")
        if self.fresh:
            debian.settle(made)
        made.start()
        machine.address(made, ADDRESSES[name])
        for user in PEOPLE if name == "server" else ():
            machine.run(*made.enter(), "useradd", "--create-home", "--shell",
                        "/bin/bash", user)
        archive(made.root + HOME + "/teleconsult.tar.gz", not self.fresh)
        shutil.copy(made.root + HOME + "/teleconsult.tar.gz",
                    made.root + HOME + "/teleconsult-new.tar.gz")
        if len(self.machines) == 2:
            machine.connect(self.machines["server"], self.machines["spare"],
                            ADDRESSES["server"], ADDRESSES["spare"])
        return made

    def type(self, block):
        """One block in one shell; the folder it ends in is kept."""
        if block.place not in PLACES:
            raise pages.Wrong(f"{block.where()}: where is '{block.place}'?")
        name, user = PLACES[block.place]
        command = pages.fill(block.command, self.values, block.where())
        # Packages come from where this machine gets its own.
        code, printed, ends = self.shell(
            name, user, self.folders.get((name, user), "~"), command,
            net=not PACKAGES.search(block.command))
        if code != 0:
            row = next((int(e[7:]) for e in ends if e[:7] == "failed "), 0)
            raise pages.Wrong(
                f"{block.where(block.line + 1 + row)}: this fails with "
                f"{code}, and the guide does not say so:\n  " +
                "\n  ".join(printed.splitlines()[-15:]) +
                "\nThe journal there ends:\n" +
                self.machine(name).ask("journalctl", "-q", "-o", "cat", "-n",
                                       "20", "-u", "teleconsultd"))
        self.folders[name, user] = ends[-1]
        return printed

    def shell(self, name, user, folder, command, net=True):
        """Exit code, what is printed, and what the traps had to say."""
        there = self.machine(name)
        there.write(STEP, f"""\
export LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
cd {folder} || exit
exec 8>{STEP}.end
trap 'echo "failed $((LINENO - 7))" >&8' ERR
trap 'pwd >&8' EXIT
set -eE -o pipefail
# The guide's own words follow.
{command}""")
        there.write(STEP + ".end", "")
        os.chmod(there.root + STEP + ".end", 0o666)
        ran = subprocess.run(
            [*there.enter(net), "su", "-l", user, "-s", "/bin/bash", "-c",
             f"bash {STEP}"], stdin=subprocess.DEVNULL, text=True,
            encoding="utf-8", errors="replace", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=LIMIT_S, check=False,
            start_new_session=True)
        with open(there.root + STEP + ".end") as f:
            return ran.returncode, ran.stdout, f.read().splitlines()

    def provoke(self):
        """The symptoms, at the server; answers how many, and what is wrong."""
        begun = time.monotonic()
        told, wrong = symptoms.provoke(
            ROOT, lambda user, script: self.shell(
                "server", user, "~", pages.fill(script, self.values,
                                                symptoms.PAGE))[1],
            self.verbose)
        print(f"{'FAIL' if wrong else 'ok':5}{symptoms.PAGE + ', brought about':44}"
              f" {time.monotonic() - begun:6.1f} s", flush=True)
        return told, wrong

    def follow(self):
        """Every block in its order; answers how many, and the seconds."""
        done = left = 0
        for page in self.guide.pages:
            begun = time.monotonic()
            for block in self.guide.blocks:
                if block.page != page:
                    continue
                if PACKAGES.search(block.command) and not self.fresh:
                    left += 1
                    continue
                if self.verbose:
                    print(f"{block.where()}: {block.place}", flush=True)
                printed = self.type(block)
                if self.verbose:
                    print(printed, end="", flush=True)
                if block.output is not None:
                    pages.compare(block, printed, self.values)
                done += 1
            print(f"ok   {page:44} {time.monotonic() - begun:6.1f} s",
                  flush=True)
        return done, left

    def end(self):
        for there in self.machines.values():
            there.stop()
        for there in self.machines.values():
            there.unmount()


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--fresh", action="store_true")
    args.add_argument("--verbose", action="store_true")
    args = args.parse_args()
    if os.environ.get("GUIDE_INSIDE") is None:
        # Mounts of its own: whatever ends it, nothing stays mounted.
        os.execvp("sudo" if os.geteuid() else "env", [
            *(["sudo"] if os.geteuid() else ["env"]), "GUIDE_INSIDE=yes",
            "unshare", "--mount", "--propagation", "private",
            sys.executable, *sys.argv])
    begun = time.monotonic()
    work = tempfile.mkdtemp(prefix="guide.")
    follower, failed = None, 1
    done = left = 0
    try:
        follower = Follower(work, args.fresh, args.verbose)
        done, left = follower.follow()
        told, wrong = follower.provoke()
        for row in wrong:
            print(row)
        done, failed = done + told, len(wrong)
    except (pages.Wrong, machine.Failed) as e:
        print(e)
    finally:
        if follower:
            follower.end()
        shutil.rmtree(work)
    if left:
        print(f"{left} blocks install Debian packages: make guide")
    print(f"{time.monotonic() - begun:.0f} s")
    print(f"{done} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
