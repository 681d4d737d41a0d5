"""What must never be, looked for in the database after every day (year.py).

Nothing here is the daemon's: the file is read by python's own sqlite3 while
nobody changes anything, and held against what the players were told. The
numbers are those of the list "Never" in the domain's description:

1  no subject is claimed beyond its capacity;
2  what was acknowledged is stored, as it was told;
4  no hold stands that has lapsed;
7  each change has its record: of every request and booking there is, the last
   one has its version and status; and the chain has no gap;
8  a session lies within its expert's rules, on the wall clock of their zone;
9  there is no request and no booking that nobody was told of, however often
   it was sent;
10 no patient's name or number stands in what was written that day, the log
   and the write-ahead log; and, at the end of each month, anywhere.

3, 5 and 6 are asked over the wire, and what is sent twice is (9):
year_kinds.py, year_world.py, year_probe.py.
"""
import collections
import contextlib
import datetime
import os
import re
import sqlite3
import struct

from year_world import CANARY, CHINA, rfc3339

LIVE = ("pending", "booked", "arrived", "started", "fulfilled")
LIVE_SQL = ", ".join(f"'{s}'" for s in LIVE)


class Day:
    """One look at the file: every line of `against` is a broken promise."""

    def __init__(self, path, network, calendar):
        self.path, self.network, self.calendar = path, network, calendar
        self.seq, self.hash = 0, bytes(32)
        self.known = {}  # (thing, code) -> status: all that was ever told
        self.records = {}  # (thing, code) -> (status, version) of its last
        self.looked = collections.Counter()
        self.rules = collections.defaultdict(list)
        others = set()
        for row in network["availability"]:
            if re.fullmatch("FREQ=WEEKLY;BYDAY=[A-Z,]+", row["rrule"]):
                self.rules[row["of"]].append((
                    row["rrule"].split("=")[-1].split(","),
                    row["start"][11:], row["end"][11:]))
            else:
                others.add(row["of"])
        for of in others:
            self.rules.pop(of, None)

    def look(self, since, now, told):
        """What changed since then; told: what the players know of it."""
        self.known.update(told)
        against = []
        with contextlib.closing(sqlite3.connect(
                f"file:{self.path}?mode=ro", uri=True)) as db:
            db.execute("BEGIN")
            against += self.double(db, since)
            against += self.lost(db, told)
            against += self.lapsed(db, now)
            against += self.chain(db)
            against += self.recorded(db)
            against += self.outside(db, told)
        self.looked["days"] += 1
        return against

    def double(self, db, since):
        """Claims that had not ended when the day began, by subject."""
        against, deep = [], collections.defaultdict(list)
        for subject, capacity, begin, end, booking, before in db.execute(
                """SELECT c.subject, s.capacity, c.from_time, c.to_time,
                    c.booking, max(c.to_time) OVER (PARTITION BY c.subject
                        ORDER BY c.from_time, c.booking, c.role
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                FROM claim c JOIN subject s ON s.id = c.subject
                WHERE c.to_time > ?""", (since,)):
            self.looked["claims"] += 1
            if capacity > 1:
                deep[subject, capacity] += [(begin, 1), (end, -1)]
            elif before is not None and before > begin:
                against.append(f"1: subject {subject} twice at"
                               f" {rfc3339(begin)}, booking {booking}")
        for (subject, capacity), steps in deep.items():
            depth = 0
            for at, step in sorted(steps):
                depth += step
                if depth > capacity:
                    against.append(f"1: subject {subject} {depth} times of"
                                   f" {capacity} at {rfc3339(at)}")
                    break
        return against

    def lost(self, db, told):
        """The state of all that somebody was told of."""
        against = []
        for (thing, code), status in told.items():
            found = db.execute(f"SELECT status FROM {thing} WHERE code = ?",
                               (code,)).fetchone()
            self.looked["told"] += 1
            if found is None or status not in (None, found[0]):
                against.append(f"2: {thing} {code} was told {status}, is"
                               f" {found and found[0]}")
        live, = db.execute(
            f"""SELECT count(*) FROM booking b WHERE b.status IN ({LIVE_SQL})
            AND b.expert IS NOT NULL AND b.status <> 'fulfilled'
            AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking = b.id
                AND c.role = 'expert' AND c.from_time = b.from_time)
            AND NOT EXISTS (SELECT 1 FROM session_case l
                JOIN claim c ON c.booking = l.session
                WHERE l.booking = b.id AND c.role = 'expert'
                AND c.subject = b.expert AND c.from_time <= b.from_time
                AND c.to_time >= b.to_time)""").fetchone()
        dead, = db.execute(
            f"""SELECT count(*) FROM claim c JOIN booking b ON b.id = c.booking
            WHERE b.status NOT IN ({LIVE_SQL})""").fetchone()
        if live or dead:
            against.append(f"2: {live} bookings without time, {dead} claims"
                           " of bookings that have ended")
        return against

    def lapsed(self, db, now):
        n, = db.execute("SELECT count(*) FROM booking WHERE status = 'pending'"
                        " AND hold_until <= ?", (now,)).fetchone()
        return [f"4: {n} holds have lapsed and stand"] if n else []

    def chain(self, db):
        against = []
        for seq, prev, digest, thing, code, to, version in db.execute(
                "SELECT seq, prev, hash, thing, code, to_state, version"
                " FROM event WHERE seq > ? ORDER BY seq", (self.seq,)):
            self.looked["records"] += 1
            if seq != self.seq + 1 or prev != self.hash:
                against.append(f"7: record {seq} does not follow {self.seq}")
            self.seq, self.hash = seq, digest
            if thing in ("request", "booking") and to:
                self.records[thing, code] = to, version
        return against

    def recorded(self, db):
        """Everything there is, as its last record has it, and told of."""
        against = []
        for thing in ("request", "booking"):
            for code, *found in db.execute(
                    f"SELECT code, status, version FROM {thing}"):
                self.looked["against its record"] += 1
                record = self.records.get((thing, code))
                if record != tuple(found):
                    against.append(f"7: the last record of {thing} {code}"
                                   f" says {record}, it is {found}")
                if (thing, code) not in self.known:
                    against.append(f"9: nobody was told of {thing} {code}")
        return against

    def outside(self, db, told):
        """Of what was booked or moved today: is it when its expert works?"""
        against = []
        for (thing, code), status in told.items():
            if thing != "booking" or status != "booked":
                continue
            found = db.execute(
                "SELECT s.slug, b.from_time, b.to_time, b.kind FROM booking b"
                " LEFT JOIN subject s ON s.id = b.expert WHERE b.code = ?",
                (code,)).fetchone()
            if not found:
                continue  # which lost() has said
            expert, begin, end, kind = found
            away, = db.execute(
                "SELECT count(*) FROM secondment d JOIN subject s"
                " ON s.id = d.expert WHERE s.slug = ?", (expert,)).fetchone()
            if expert in self.rules and not away and \
                    not self.works(expert, begin, end):
                against.append(f"8: {kind} {code} of {expert} at"
                               f" {rfc3339(begin)} lies outside their rules")
            self.looked["within rules"] += 1
        return against

    def works(self, expert, begin, end):
        first, last = (datetime.datetime.fromtimestamp(t, CHINA)
                       for t in (begin, end))
        weekday = self.calendar.weekday(first.date())
        if weekday is None:
            return False
        name = "MO TU WE TH FR SA SU".split()[weekday]
        return any(name in days and start <= first.strftime("%H:%M") and
                   (last.strftime("%H:%M") <= stop)
                   for days, start, stop in self.rules[expert])

    def whole(self):
        """At the end: all that was ever told; and the file itself."""
        with contextlib.closing(sqlite3.connect(
                f"file:{self.path}?mode=ro", uri=True)) as db:
            against = self.lost(db, self.known)
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
        return against + ([] if said == "ok" else [f"2: {said}"])


class Canaries:
    """10: a patient in what was written since the last look."""

    def __init__(self, log, database):
        self.log, self.database = log, database
        self.read = 0  # bytes of the log
        self.salt, self.frames = b"", 0

    def look(self):
        found = []
        if has_canary(self.log, self.read):
            found.append("10: a patient stands in the log")
        self.read = os.path.getsize(self.log)
        wal, (begin, end) = self.database + "-wal", self.written()
        if has_canary(wal, begin, end):
            found.append(f"10: a patient stands in {wal}")
        return found

    def written(self):
        """The bytes of the write-ahead log that are new, by its index; all
        up to its end, where it has begun anew."""
        with open(self.database + "-shm", "rb") as f:
            head = f.read(40)
        page, frames = struct.unpack_from("=HI", head, 14)
        size = 24 + (65536 if page == 1 else page)
        first = self.frames if head[32:] == self.salt and \
            frames >= self.frames else 0
        self.salt, self.frames = head[32:], frames
        return 32 + first * size, 32 + frames * size


def has_canary(path, begin=0, end=None):
    end = os.path.getsize(path) if end is None else end
    tail = b""
    with open(path, "rb") as f:
        f.seek(begin)
        while f.tell() < end and (chunk := f.read(
                min(1 << 22, end - f.tell()))):
            if CANARY.encode() in tail + chunk:
                return True
            tail = chunk[-len(CANARY):]
    return False


def canaries(folder):
    """10: the files in which a patient's name or number stands."""
    return [f"10: a patient stands in {name}"
            for where, _, names in os.walk(folder) for name in names
            if os.path.isfile(os.path.join(where, name)) and
            has_canary(os.path.join(where, name))]
