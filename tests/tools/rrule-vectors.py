#!/usr/bin/env python3
"""Prints recurrence rules and their instances, as python3-dateutil has them.

usage: rrule-vectors.py days  > tests/data/rrule-vectors.txt
       rrule-vectors.py walls > tests/data/rule-vectors.txt

days: recurrence rules alone, one a line:

    START RULE: OFFSET OFFSET ... [+]

START is the rule's first possible day; the offsets are days after it, the
first 14 instances at most and none later than HORIZON days; "+" says that the
list was cut at 14.

walls: availability rules on the clocks of a zone, one a line:

    ZONE START END RULE EXDATES RDATES FROM TO: FROM+LENGTH ...

START and END are wall times, EXDATES and RDATES local days or "-", FROM and TO
a window in UTC seconds. What follows are the instances that touch the window,
each as seconds after the window's beginning and its seconds. The zones are all
those of the system but the machine's own; most windows hold a change of the
zone's clocks, and the wall times lie about it. The years are 1970 to 2024,
which later releases of the zones leave as they are. Of a wall time that comes
twice the first is meant; one that is skipped is read with the offset before
the gap (zoneinfo's fold=0, RFC 5545 section 3.3.5); what thus ends before it
begins is no instance.

As in dateutil, and unlike RFC 5545's DTSTART, the start is an instance only if
it matches: the first instance is the first match on or after it. Where
dateutil reads another thing than the RFC:

- BYDAY with and without numbers side by side is left out.
- BYSETPOS under WEEKLY: dateutil counts the first week from the start on, the
  RFC the whole week. So dateutil begins at the first day of that week (WKST),
  what lies before the start is dropped, and COUNT counts what is left.

Both files hold the same when made again (the draws are seeded).
"""
import datetime
import itertools
import random
import sys
import zoneinfo

from dateutil import rrule

HORIZON = 3000
MOST = 14
RULES = 4500
WALLS = 3000
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
NUMBERS = ["1", "2", "3", "4", "5", "-1", "-2", "-3", "-4", "-5", "+1"]
POSITIONS = [1, 1, 2, 3, 4, 5, 7, 10, 20, 31, 32, 366]
LENGTHS = [5, 30, 45, 60, 61, 90, 120, 180, 240, 480, 720, 1440, 2880, 10080]
DAY = datetime.timedelta(days=1)
EPOCH = datetime.datetime(1970, 1, 1)
UTC_EPOCH = EPOCH.replace(tzinfo=datetime.timezone.utc)


def some(rnd, pool, most):
    return rnd.sample(pool, rnd.randint(1, most))


def draw_end(rnd, start):
    end = rnd.random()
    if end < 0.25:
        return ["COUNT=%d" % rnd.choice([1, 2, 3, 5, 10, 40])]
    if end < 0.5:
        last = start + rnd.randint(0, 700) * DAY
        return ["UNTIL=" + last.strftime("%Y%m%d")]
    return []


def draw_days(rnd, freq):
    parts = []
    if rnd.random() < 0.7:
        days = some(rnd, DAYS, rnd.choice([4, 7]))
        if freq == "MONTHLY" and rnd.random() < 0.5:
            days = [rnd.choice(NUMBERS) + d for d in days]
        parts.append("BYDAY=" + ",".join(days))
    if freq != "WEEKLY" and rnd.random() < 0.4:
        days = some(rnd, [d for d in range(-31, 32) if d], rnd.choice([5, 20]))
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
    if parts and rnd.random() < 0.4:
        positions = [rnd.choice([1, -1]) * p for p in some(rnd, POSITIONS, 3)]
        if freq == "DAILY" and rnd.random() < 0.8:
            positions.append(rnd.choice([1, -1]))
        parts.append("BYSETPOS=" + ",".join(map(str, positions)))
    return parts


def draw(rnd, start):
    freq = rnd.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY"])
    parts = draw_end(rnd, start) + draw_days(rnd, freq)
    if rnd.random() < 0.5:
        parts.append("INTERVAL=%d" % rnd.choice(
            [1, 2, 2, 3, 4, 5, 6, 7, 12, 50, 1000]))
    if rnd.random() < 0.5:
        parts.append("WKST=" + rnd.choice(DAYS))
    rnd.shuffle(parts)
    return ";".join(["FREQ=" + freq] + parts)


def instances(text, start, last):
    """The days of the rule in order, none after the last.

    dateutil looks until MAXYEAR for what never comes: it need not look so far.
    """
    parts = dict(part.split("=") for part in text.split(";"))
    count = None
    begin = start
    if parts["FREQ"] == "WEEKLY" and "BYSETPOS" in parts:
        count = parts.pop("COUNT", None)
        first = DAYS.index(parts.get("WKST", "MO"))
        begin -= (start.weekday() - first) % 7 * DAY
    rule = rrule.rrulestr(
        ";".join("%s=%s" % part for part in parts.items()), dtstart=begin)
    datetime.MAXYEAR = last.year
    days = (day for day in rule if start <= day <= last)
    return itertools.islice(days, int(count) if count else None)


def print_days(rnd):
    for _ in range(RULES):
        start = datetime.datetime(rnd.randint(1999, 2032), 1, 1)
        start += rnd.randint(0, 365) * DAY
        text = draw(rnd, start)
        days = [(day - start).days for day in itertools.islice(
            instances(text, start, start + HORIZON * DAY), MOST + 1)]
        line = [str(d) for d in days[:MOST]] + ["+"] * (len(days) > MOST)
        print(" ".join([start.strftime("%Y-%m-%d"), text + ":"] + line))


def to_utc(wall, zone):
    """Seconds; fold=0."""
    local = wall.replace(tzinfo=zone)
    return int((local - UTC_EPOCH).total_seconds())


def to_wall(utc, zone):
    local = (UTC_EPOCH + datetime.timedelta(seconds=utc)).astimezone(zone)
    return local.replace(tzinfo=None)


def offset(utc, zone):
    return to_wall(utc, zone) - EPOCH - datetime.timedelta(seconds=utc)


def draw_change(rnd, zone):
    """An instant at which the clocks of the zone change, or any instant."""
    year = rnd.randint(1970, 2023)
    first = int((datetime.datetime(year, 2, 1) - EPOCH).total_seconds())
    days = [d for d in range(first, first + 366 * 86400, 86400)
            if offset(d, zone) != offset(d + 86400, zone)]
    if not days:
        return first + rnd.randrange(366 * 86400)
    day = rnd.choice(days)
    return next(t for t in range(day + 60, day + 86401, 60)
                if offset(t, zone) != offset(day, zone))


def draw_time(rnd, change, zone):
    """A wall time of that day, to the minute; often about the change."""
    wall = to_wall(change, zone).replace(second=0)
    if rnd.random() < 0.6:
        return wall + datetime.timedelta(minutes=rnd.randint(-150, 150))
    minutes = rnd.randrange(1440)
    return wall.replace(hour=minutes // 60, minute=minutes % 60)


def draw_dates(rnd, days):
    if rnd.random() < 0.5 or not days:
        return []
    return sorted(set(rnd.choices(days, k=rnd.randint(1, 6))))


def shown(dates):
    return ",".join(d.strftime("%Y-%m-%d") for d in dates) or "-"


def wall_line(rnd, name):
    zone = zoneinfo.ZoneInfo(name)
    change = draw_change(rnd, zone)
    start = draw_time(rnd, change, zone) - rnd.randint(0, 60) * DAY
    length = datetime.timedelta(minutes=rnd.choice(LENGTHS))
    low = change - rnd.randrange(20 * 86400)
    high = low + rnd.choice([1, 5, 20, 40, 400]) * 86400
    first = start.replace(hour=0, minute=0)
    last = to_wall(high, zone) + 10 * DAY
    text = draw(rnd, first)
    named = list(instances(text, first, last))
    near = [first + n * DAY for n in range(-30, (last - first).days)]
    rdates = draw_dates(rnd, near)
    exdates = draw_dates(rnd, named + rdates + near[:5])
    days = rrule.rruleset()
    days.rrule(named)
    for day in rdates:
        days.rdate(day)
    for day in exdates:
        days.exdate(day)
    found = []
    for day in days:
        wall = day + (start - first)
        begin, end = to_utc(wall, zone), to_utc(wall + length, zone)
        if begin < end and begin < high and end > low:
            found.append((begin, end))
    line = [name, start.strftime("%Y-%m-%dT%H:%M"),
            (start + length).strftime("%Y-%m-%dT%H:%M"), text, shown(exdates),
            shown(rdates), str(low), str(high) + ":"]
    line += ["%d+%d" % (b - low, e - b) for b, e in sorted(found)]
    return " ".join(line), len(found)


def print_walls(rnd):
    names = sorted(zoneinfo.available_timezones() - {"localtime"})
    printed = 0
    while printed < WALLS:
        line, n = wall_line(rnd, names[printed % len(names)])
        # Few that are empty, few that are long.
        if n <= 30 and (n > 0 or rnd.random() < 0.1):
            print(line)
            printed += 1


def main():
    what = {"days": print_days, "walls": print_walls}[sys.argv[1]]
    print("# made by tests/tools/rrule-vectors.py", sys.argv[1])
    what(random.Random(5545))


main()
