#!/usr/bin/python3
"""Holds LAYERS: who may include whom, and where system headers are fenced.

Finds includes that no line allows, symbols that one folder takes from another
behind the includes' back, circles of folders and of files, and lines of LAYERS
that nothing uses.

usage: layers.py OBJECT-DIRECTORY       build/release, with its objects made
"""
import os
import subprocess
import sys

import sources


def read_layers():
    allow, fence = {}, {}
    for number, line in enumerate(sources.read("LAYERS").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        what, _, rest = line.partition(" ")
        name, colon, values = rest.partition(":")
        table = {"allow": allow, "fence": fence}.get(what)
        if table is None or not colon or name.strip() in table:
            sys.exit(f"LAYERS:{number}: not understood: {line}")
        table[name.strip()] = values.split()
    return allow, fence


def circles(graph):
    """Each circle that a depth-first walk meets, as a list of nodes."""
    found, done, path = [], set(), []

    def visit(node):
        if node in path:
            found.append(path[path.index(node):] + [node])
            return
        if node in done:
            return
        path.append(node)
        for other in sorted(graph.get(node, ())):
            visit(other)
        path.pop()
        done.add(node)

    for node in sorted(graph):
        visit(node)
    return found


class Checker:
    def __init__(self):
        self.allow, self.fence = read_layers()
        self.bad = []
        self.file_graph, self.folder_graph = {}, {}
        self.used_fences = set()

    def say(self, text):
        self.bad.append(text)

    def check_own(self, path, name):
        folder, other = os.path.dirname(path), os.path.dirname(name)
        if not os.path.exists(os.path.join(sources.ROOT, name)):
            self.say(f'{path}: "{name}" is not a path from the top')
            return
        self.file_graph.setdefault(path, set()).add(name)
        if other == folder:
            return
        self.folder_graph.setdefault(folder, set()).add(other)
        if other not in self.allow.get(folder, ()):
            self.say(f"{path}: {folder} may not include {name}")

    def check_system(self, path, name):
        for prefix, places in self.fence.items():
            if not name.startswith(prefix):
                continue
            near = [p for p in places
                    if path == p or os.path.dirname(path) == p]
            self.used_fences.update((prefix, p) for p in near)
            if not near:
                self.say(f"{path}: <{name}> is fenced: {' '.join(places)}")

    def check_includes(self):
        for path in sources.files(sources.HOUSE):
            if os.path.dirname(path) not in self.allow:
                self.say(f"{path}: LAYERS has no line for its folder")
            for own, name in sources.includes(path):
                if own:
                    self.check_own(path, name)
                else:
                    self.check_system(path, name)

    def check_circles(self):
        for what, graph in (("folders", self.folder_graph),
                            ("LAYERS", self.allow),
                            ("files", self.file_graph)):
            for circle in circles(graph):
                self.say(f"circle of {what}: {' -> '.join(circle)}")

    def check_unused(self):
        for folder, others in self.allow.items():
            if not any(os.path.dirname(p) == folder for p in
                       sources.files(sources.HOUSE, (".c",))):
                self.say(f"LAYERS: {folder} has no source")
                continue
            for other in others:
                if other not in self.folder_graph.get(folder, ()):
                    self.say(f"LAYERS: unused: allow {folder}: {other}")
        for prefix, places in self.fence.items():
            for place in places:
                if (prefix, place) not in self.used_fences:
                    self.say(f"LAYERS: unused: fence {prefix}: {place}")

    def check_symbols(self, objects):
        """A declaration written by hand would need no include."""
        owner, wants = {}, []
        for path in sources.files(sources.HOUSE, (".c",)):
            obj = os.path.join(objects, path[:-2] + ".o")
            out = subprocess.run(["nm", "-P", obj], check=True, text=True,
                                 capture_output=True).stdout
            for line in out.splitlines():
                name, kind = line.split()[:2]
                if kind == "U":
                    wants.append((path, name))
                elif kind in "TDBRCV" and not path.endswith("/main.c"):
                    owner[name] = os.path.dirname(path)
        for path, name in wants:
            folder, other = os.path.dirname(path), owner.get(name)
            if not other or other == folder:
                continue
            self.folder_graph.setdefault(folder, set()).add(other)
            if other not in self.allow.get(folder, ()):
                self.say(f"{path}: {name} belongs to {other}")


def main():
    checker = Checker()
    checker.check_includes()
    checker.check_symbols(os.path.join(sources.ROOT, sys.argv[1]))
    checker.check_circles()
    checker.check_unused()
    for line in checker.bad:
        print(line)
    return 1 if checker.bad else 0


if __name__ == "__main__":
    sys.exit(main())
