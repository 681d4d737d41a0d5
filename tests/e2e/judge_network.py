"""What must hold in the network besides (judge.py): quotas, places, offers.

From the network file and the histories, with dateutil for recurrence; nothing
here is the daemon's. Its zone is the one that all its sites are in.
"""
import bisect
import collections
import contextlib
import datetime
import json
import os
import sqlite3
import zoneinfo

import judge
from dateutil import rrule

CLINIC = "clinic-slot"
CHINA = zoneinfo.ZoneInfo("Asia/Shanghai")
TAKES = ("place", "place-hold", "book", "hold", "move")


def month(at):
    local = datetime.datetime.fromtimestamp(at, CHINA)
    return local.year, local.month


# --- quotas ---

def quotas(net):
    return {a["id"]: a["quota_per_month"][CLINIC] for a in net["agreements"]
            if CLINIC in a.get("quota_per_month", {})}


def check_quota_stored(path, net):
    used = collections.Counter()
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro",
                                            uri=True)) as db:
        live = ", ".join(f"'{s}'" for s in judge.LIVE)
        for agreement, at in db.execute(f"""
                SELECT a.slug, b.from_time FROM booking b
                JOIN agreement a ON a.id = b.agreement
                WHERE b.kind = '{CLINIC}'
                AND (b.status IN ({live}) OR b.spent)"""):
            used[agreement, month(at)] += 1
    most = quotas(net)
    return [f"{agreement} in {when}: {n} of {most[agreement]}"
            for (agreement, when), n in used.items()
            if n > most.get(agreement, n)]


def check_quota_told(net, known):
    """At no moment were more surely live than the quota has."""
    most, spans = quotas(net), collections.defaultdict(list)
    for by_number in known.values():
        for v in by_number.values():
            since, until = v.surely()
            if v.row["said"]["kind"] == CLINIC and v.status in judge.LIVE \
                    and since < until:
                spans[v.row["said"]["agreement"], month(v.begin)] += [
                    (since, 1), (until, -1)]
    against = []
    for (agreement, when), steps in spans.items():
        depth = 0
        for _, step in sorted(steps):
            depth += step
            if depth > most.get(agreement, depth):
                against.append(f"{agreement} in {when}: {depth}")
                break
    return against


# --- places ---

class Sessions:
    """The sessions of places of every expert, as the file says."""

    def __init__(self, net):
        self.rules = collections.defaultdict(list)
        for row in net["availability"]:
            if "slot_minutes" in row:
                self.rules[row["of"]].append(row)

    def place(self, expert, at):
        """(room, minutes) of the place that begins then; None."""
        wall = datetime.datetime.fromtimestamp(at, CHINA) \
            .replace(tzinfo=None)
        for row in self.rules[expert]:
            begin, end = (datetime.datetime.fromisoformat(row[k])
                          for k in ("start", "end"))
            slot = datetime.timedelta(minutes=row["slot_minutes"])
            for session in rrule.rrulestr(
                    row["rrule"], dtstart=begin).between(
                        wall - (end - begin), wall, inc=True):
                if wall + slot <= session + (end - begin) and \
                        (wall - session) % slot == datetime.timedelta(0):
                    return row["at"], row["slot_minutes"]
        return None


def check_places(net, known):
    sessions, against = Sessions(net), []
    for by_number in known.values():
        for v in by_number.values():
            if v.row["said"]["kind"] != CLINIC or v.status not in judge.LIVE:
                continue
            place = sessions.place(v.expert, v.begin)
            rooms = [s for s, role, _, _ in v.claims if role == "place"]
            if place is None or (rooms, v.to - v.begin) != (
                    [place[0]], 60 * place[1]):
                against.append(f"{v.code} of {v.expert} at {v.begin} in "
                               f"{rooms}: the session has {place}")
    return against


# --- offers ---

class Changes:
    """Whose claims came when, by subject."""

    def __init__(self, known):
        self.of = collections.defaultdict(list)
        for by_number in known.values():
            for v in by_number.values():
                if v.status not in judge.LIVE:
                    continue
                for subject in {s for s, _, _, _ in v.claims}:
                    self.of[subject].append((v.row["end"], v))
        for some in self.of.values():
            some.sort(key=lambda pair: pair[0])

    def since(self, subject, begin, end):
        """Versions that came, perhaps, after begin and before end."""
        some = self.of[subject]
        at = bisect.bisect_left(some, begin, key=lambda pair: pair[0])
        return [v for _, v in some[at:] if v.row["begin"] <= end]


def quicker(blocker, row, changes):
    """Has somebody taken since the offer what is in the way now?"""
    subject = blocker.get("subject", "")
    new = changes.since(subject, row["offer"]["begin"], row["end"])
    if blocker["reason"] in ("busy", "buffer"):
        begin, to = (judge.seconds(blocker[k]) for k in ("from", "to"))
        return any(s == subject and f <= to and begin <= t
                   for v in new for s, _, f, t in v.claims)
    if blocker["reason"] == "day-cap":
        return any(v.expert == subject for v in new)
    return False


def check_offers(rows, known):
    """What was offered a moment ago is refused only to who comes too late."""
    against, changes = [], Changes(known)
    for row in rows:
        if "offer" not in row or row["status"] < 300:
            continue
        if row["code"] == "time-refused":
            against += [f"{row['op']} {row['sent']}: {b} of {row['offer']}"
                        for b in row["said"]["blockers"]
                        if not quicker(b, row, changes)]
        elif row["op"] not in ("move", "book", "hold"):
            against.append(f"{row['op']} {row['sent']}: {row['code']}")
    return against


def check_refusals(rows):
    return [f"{r['op']} {r['sent']}: {r['said']}" for r in rows
            if r["code"] == "time-refused" and not r["said"].get("blockers")]


def judge_all(verdict, path, net, rows, known):
    verdict.note("no quota is exceeded", check_quota_stored(path, net))
    verdict.note("none was at any time", check_quota_told(net, known))
    verdict.note("every place is one of its session",
                 check_places(net, known))
    verdict.note("what is offered is only lost to who is quicker",
                 check_offers(rows, known))
    verdict.note("every refusal has its reasons", check_refusals(rows))
    done = collections.Counter(r["op"] for r in rows if r["status"] < 300)
    verdict.note("all of it was done", [
        f"no {op} succeeded" for op in (*TAKES, "accept", "submit", "cancel")
        if not done[op]])
    verdict.note("they met", [] if any(
        r["code"] == "time-refused" and "offer" in r for r in rows)
        else ["nobody was too late"])


def keep(folder, net):
    with open(os.path.join(folder, "net"), "w", encoding="utf-8") as f:
        json.dump(net, f)


def kept(folder):
    with open(os.path.join(folder, "net"), encoding="utf-8") as f:
        return json.load(f)
