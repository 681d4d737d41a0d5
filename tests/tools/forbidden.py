#!/usr/bin/python3
"""Finds calls that may be made in few places only (forbidden.txt), marks of
work left undone, // comments, and paths of somebody's own machine.

usage: forbidden.py
"""
import os
import re
import sys

import sources

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "forbidden.txt")
UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
OWN_PATH = re.compile(r"(?<![\w.])/(?:home|root|work)/")
LINE_COMMENT = re.compile(r"//")


def read_table():
    calls = {}
    with open(TABLE, encoding="utf-8") as f:
        for line in f:
            names, colon, places = line.split("#")[0].partition(":")
            if colon:
                calls.update((n, places.split()) for n in names.split())
    return calls


def scan(path, text, pattern, what):
    for match in pattern.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{path}:{line}: {what(match)}"


def check_calls(calls):
    # Not after a dot, an arrow or a name: no member, no declaration.
    pattern = re.compile(
        r"(?<![\w.])(?<!->)\b(" + "|".join(map(re.escape, calls)) +
        r")[ \t]*\(")
    for path in sources.files(sources.HOUSE):
        for match_line in scan(path, sources.without_words(sources.read(path)),
                               pattern, lambda m: m.group(1)):
            name = match_line.rsplit(" ", 1)[1]
            places = calls[name]
            if path not in places and os.path.dirname(path) not in places:
                yield (f"{match_line}() is called in "
                       f"{' '.join(places) or 'no place'} only")


def check_marks():
    for path in sources.files():
        text = sources.read(path)
        yield from scan(path, sources.without_words(text), LINE_COMMENT,
                        lambda m: "a // comment")
    texts = sources.files(sources.HOUSE + ("tests", "docs", "systemd"),
                          (".c", ".h", ".py", ".sh", ".md", ".mjs", ".sql",
                           ".service", ".socket", ".txt"))
    for path in texts + ["Makefile", "LAYERS"]:
        text = sources.read(path)
        yield from scan(path, text, UNDONE, lambda m: "work left undone")
        if not path.endswith("forbidden.py"):
            yield from scan(path, text, OWN_PATH,
                            lambda m: "a path of somebody's machine")


def main():
    bad = list(check_calls(read_table())) + list(check_marks())
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
