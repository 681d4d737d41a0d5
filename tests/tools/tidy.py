#!/usr/bin/python3
"""Runs clang-tidy over the sources, two at a time, each once per content.

A source whose text, headers, flags and .clang-tidy have not changed since it
was found clean is not looked at again (build/lint/tidy/).

usage: tidy.py JOBS NODES COMPILER-FLAG...

NODES: of a function's states the static analyzer looks at so many at most;
0: at as many as it does on its own.
"""
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys

import sources

CACHE = os.path.join(sources.ROOT, "build", "lint", "tidy")


def fingerprint(path, base):
    """Of the source and everything of ours that it includes."""
    digest = hashlib.sha256(base)
    seen, queue = set(), [path]
    while queue:
        name = queue.pop()
        if name in seen or not os.path.exists(
                os.path.join(sources.ROOT, name)):
            continue
        seen.add(name)
        digest.update(name.encode() + b"\0" + sources.read(name).encode())
        queue += [other for own, other in sources.includes(name) if own]
    return digest.hexdigest()


def check(path, flags, base):
    stamp = os.path.join(CACHE, fingerprint(path, base))
    if os.path.exists(stamp):
        return ""
    ran = subprocess.run(["clang-tidy", "--quiet", path, "--", *flags],
                         cwd=sources.ROOT, text=True, capture_output=True)
    if ran.returncode == 0:
        with open(stamp, "w", encoding="utf-8") as f:
            f.write(path + "\n")
        return ""
    # One line a finding; "clang-tidy FILE -- FLAGS" shows how it comes about.
    found = [row for row in ran.stdout.splitlines()
             if re.search(r": (error|warning): ", row)]
    return "\n".join(found) or ran.stdout + ran.stderr


def main():
    jobs, nodes, flags = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if nodes:
        flags += ["-Xclang", "-analyzer-config",
                  "-Xclang", f"max-nodes={nodes}"]
    os.makedirs(CACHE, exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], text=True,
                             capture_output=True, check=True).stdout
    base = "\0".join([version, sources.read(".clang-tidy"), *flags]).encode()
    # The largest first, so that both cores end together. Tests are left to
    # cppcheck and the sanitizers: they would double the time.
    paths = sorted(sources.files(sources.HOUSE, (".c",)),
                   key=lambda p: -len(sources.read(p)))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        said = list(pool.map(lambda p: check(p, flags, base), paths))
    for text in said:
        if text:
            print(text.rstrip().replace(sources.ROOT + "/", ""))
    return 1 if any(said) else 0


if __name__ == "__main__":
    sys.exit(main())
