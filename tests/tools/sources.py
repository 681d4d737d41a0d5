"""The repository's C sources, and its own includes, for the checkers."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
HOUSE = ("base", "proto", "daemon", "client")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)
PLAIN = re.compile(
    r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(tops=HOUSE + ("tests",), suffixes=(".c", ".h")):
    """Paths relative to the root, sorted."""
    found = []
    for top in tops:
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = [f for f in folders if f != "node_modules"]
            found += [os.path.relpath(os.path.join(folder, n), ROOT)
                      for n in names if n.endswith(suffixes)]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def includes(path):
    """Pairs of is-own ("...") and the name included."""
    return [(m.group(1) == '"', m.group(2))
            for m in INCLUDE.finditer(read(path))]


def without_words(text):
    """The text with comments and literals blanked, line breaks kept."""
    return PLAIN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
