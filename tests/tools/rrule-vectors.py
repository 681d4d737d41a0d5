#!/usr/bin/env python3
"""Writes tests/data/rrule-vectors.txt: recurrence rules and their instances.

The oracle is python3-dateutil. One line a rule:

    START RULE: OFFSET OFFSET ... [+]

START is the rule's first possible day; the offsets are days after it, the
first 14 instances at most and none later than HORIZON days; "+" says that the
list was cut at 14. As in dateutil, and unlike RFC 5545's DTSTART, the start is
an instance only if it matches: the first instance is the first match on or
after it. Left out is what dateutil reads in another way than the RFC: BYDAY
with and without numbers side by side.

usage: rrule-vectors.py > tests/data/rrule-vectors.txt
"""
import datetime
import itertools
import random

from dateutil import rrule

HORIZON = 3000
MOST = 14
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
NUMBERS = ["1", "2", "3", "4", "5", "-1", "-2", "-3", "-4", "-5", "+1"]


def some(rnd, pool, most):
    return rnd.sample(pool, rnd.randint(1, most))


def draw(rnd, start):
    freq = rnd.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY"])
    parts = ["FREQ=" + freq]
    if rnd.random() < 0.5:
        parts.append("INTERVAL=%d" % rnd.choice([1, 2, 2, 3, 4, 5, 6, 7, 12]))
    end = rnd.random()
    if end < 0.25:
        parts.append("COUNT=%d" % rnd.choice([1, 2, 3, 5, 10]))
    elif end < 0.5:
        last = start + datetime.timedelta(days=rnd.randint(0, 700))
        parts.append("UNTIL=" + last.strftime("%Y%m%d"))
    if rnd.random() < 0.5:
        parts.append("WKST=" + rnd.choice(DAYS))
    if rnd.random() < 0.7:
        days = some(rnd, DAYS, 4)
        if freq == "MONTHLY" and rnd.random() < 0.7:
            days = [rnd.choice(NUMBERS) + d for d in days]
        parts.append("BYDAY=" + ",".join(days))
    if freq != "WEEKLY" and rnd.random() < 0.4:
        days = some(rnd, [d for d in range(-31, 32) if d], 5)
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
    head, rest = parts[:1], parts[1:]
    rnd.shuffle(rest)
    return ";".join(head + rest)


def instances(rule, start):
    end = start + datetime.timedelta(days=HORIZON)
    found = itertools.takewhile(
        lambda d: d <= end, rrule.rrulestr(rule, dtstart=start))
    return [(d - start).days for d in itertools.islice(found, MOST + 1)]


def main():
    rnd = random.Random(5545)
    print("# START RULE: OFFSETS; made by tests/tools/rrule-vectors.py")
    for _ in range(2000):
        start = datetime.datetime(rnd.randint(1999, 2032), 1, 1)
        start += datetime.timedelta(days=rnd.randint(0, 365))
        rule = draw(rnd, start)
        days = instances(rule, start)
        line = [str(d) for d in days[:MOST]] + ["+"] * (len(days) > MOST)
        print(" ".join([start.strftime("%Y-%m-%d"), rule + ":"] + line))


main()
