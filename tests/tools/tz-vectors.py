#!/usr/bin/env python3
"""Prints instants and wall times as Python's zoneinfo sees them.

usage: tests/tools/tz-vectors.py > tests/data/tz-vectors.txt

    zone NAME      what follows holds for this zone of the system
    rule STRING    what follows holds for a zone of this POSIX TZ string alone
    u UTC WALL     at this instant the wall shows this
    w WALL UTC     this on the wall means that instant (fold=0: of two the
                   first; a gap is read with the offset before it, which is
                   what RFC 5545 section 3.3.5 says)

Wall times are counted as seconds since 1970-01-01T00:00 on that wall. Zones
are all those of the system, old names too, but the machine's own (localtime),
from 1970 to 2025 only: what is past stays as it is in later releases of the
data. Rules, which no release changes, stand in for the
years after; without the form that counts days from 0, which zoneinfo takes for
a day too early.
"""

import io
import random
import struct
import zoneinfo
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1)
UTC_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ZONES_DIR = "/usr/share/zoneinfo"
IN_FULL = {
    "Asia/Shanghai", "America/New_York", "America/St_Johns",
    "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/London",
    "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia",
    "America/Sao_Paulo", "Antarctica/Troll", "Asia/Tehran",
}
SAMPLE = 6
ODD_RULES = [
    "EST5", "<+0545>-5:45", "<-12>12",
    "CST6CDT,J60,J300/3:30:15",
    "NZST-12NZDT,M9.5.0,M4.1.0/3", "AAA3BBB,M2.5.6/0,M12.1.1/23:59:59",
    "ABC-3:30:30DEF-4,M3.4.5/-2,M9.2.3/-1:30", "XXX0YYY-2,M3.5.0/1,M10.5.0/1",
    "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "IST-1GMT0,M10.5.0,M3.5.0/1",
]


def wall_of(utc, zone):
    local = (UTC_EPOCH + timedelta(seconds=utc)).astimezone(zone)
    return int((local.replace(tzinfo=None) - EPOCH).total_seconds())


def utc_of(wall, zone):
    local = (EPOCH + timedelta(seconds=wall)).replace(tzinfo=zone, fold=0)
    return int((local - UTC_EPOCH).total_seconds())


def changes(zone, first, last):
    """Instants in [first, last) at which the offset changes."""
    found = []
    step = 6 * 86400
    for low in range(first, last, step):
        end = min(low + step, last)
        while low < end:
            offset = wall_of(low, zone) - low
            if wall_of(end, zone) - end == offset:
                break
            same, other = low, end
            while other - same > 1:
                middle = (same + other) // 2
                if wall_of(middle, zone) - middle == offset:
                    same = middle
                else:
                    other = middle
            found.append(other)
            low = other
    return found


def around(utc, zone):
    for t in (utc - 1, utc):
        print("u", t, wall_of(t, zone))
    before = wall_of(utc - 1, zone) + 1
    after = wall_of(utc, zone)
    low, high = min(before, after), max(before, after)
    for wall in sorted({low - 1, low, (low + high) // 2, high - 1, high}):
        print("w", wall, utc_of(wall, zone))


def print_zone(name, rnd):
    zone = zoneinfo.ZoneInfo(name)
    print("zone", name)
    at = changes(zone, 0, 1735689600)
    if name not in IN_FULL and len(at) > SAMPLE:
        at = sorted(rnd.sample(at, SAMPLE))
    for utc in at:
        around(utc, zone)
    for utc in sorted(rnd.randrange(0, 1735689600) for _ in range(3)):
        print("u", utc, wall_of(utc, zone))
        wall = wall_of(utc, zone)
        print("w", wall, utc_of(wall, zone))


def rule_zone(rule):
    """A TZif file (RFC 8536) without any transition, only its footer."""
    head = b"TZif2" + bytes(15)
    block = struct.pack(">6l", 0, 0, 0, 0, 1, 4) + struct.pack(">lbb", 0, 0, 0)
    body = head + block + b"UTC\0"
    data = body + body + b"\n" + rule.encode() + b"\n"
    return zoneinfo.ZoneInfo.from_file(io.BytesIO(data), key=rule)


def print_rule(rule, rnd):
    zone = rule_zone(rule)
    print("rule", rule)
    years = sorted(rnd.sample(range(1971, 2400), 4)) + [2040]
    for year in years:
        first = int((datetime(year, 1, 8) - EPOCH).total_seconds())
        for utc in changes(zone, first, first + 351 * 86400):
            around(utc, zone)
    for utc in sorted(rnd.randrange(0, 16725225600) for _ in range(3)):
        print("u", utc, wall_of(utc, zone))


def footers(names):
    found = set()
    for name in names:
        with open(f"{ZONES_DIR}/{name}", "rb") as file:
            found.add(file.read().rsplit(b"\n", 2)[1].decode())
    return sorted(found)


def main():
    rnd = random.Random(20260101)
    names = sorted(zoneinfo.available_timezones() - {"localtime"})
    print("# made by tests/tools/tz-vectors.py from tzdata",
          open(f"{ZONES_DIR}/tzdata.zi", encoding="ascii").readline()
          .split()[-1])
    for name in names:
        print_zone(name, rnd)
    for rule in footers(names) + ODD_RULES:
        print_rule(rule, rnd)


main()
