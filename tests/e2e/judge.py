"""Holds histories of clients against a closed database.

Nothing here is the daemon's: the file is read with python's own sqlite3, the
event chain is computed from its description (daemon/store/event.c), and what
was free when is worked out from what the clients were told and when they asked
and heard. A change takes place between its asking and its answer; so a claim
was surely there from the answer of the change that made it to the asking of the
one that ended it, and may have been there from asking to answer.

A history is a list of rows: op, path, sent, begin, end (UTC seconds), status,
code (of the error), said (the message), tries.
"""
import calendar
import collections
import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import time

import unseal

LIVE = ("pending", "booked", "arrived", "started", "fulfilled")
# What an answered change leaves in the event log: (thing, verb).
EVENTS = {
    "submit": [("request", "submit")],
    "accept": [("request", "accept")],
    "book": [("booking", "book"), ("request", "schedule")],
    "hold": [("booking", "hold")],
    "confirm": [("booking", "confirm"), ("request", "schedule")],
    "release": [("booking", "release")],
    "move": [("booking", "move")],
    "cancel": [("booking", "cancel"), ("request", "unschedule")],
    # Without a request there is none to go with it.
    "place": [("booking", "book")],
    "place-hold": [("booking", "hold")],
    "place-confirm": [("booking", "confirm")],
    "place-cancel": [("booking", "cancel")],
}
# What a booking of a kind has all along: at least.
WHOLE = {
    "remote-consultation": {"expert", "lead-studio", "partner-studio",
                            "patient"},
    "surgical-guidance": {"expert", "lead-studio", "operating-room", "link",
                          "patient"},
    "clinic-slot": {"expert", "place", "patient"},
    "referral": {"patient"},  # and a place with its expert, or a bed
}
OF_REQUEST = ("submit", "accept")
DAY_CAP = {"cardiac-surgery-1": 8, "electrophysiology-1": 20,
           "resident-new": 20}
FEW = 5


class Verdict:
    """Checks by name; each passes when nothing is noted against it."""

    def __init__(self):
        self.checks = {}

    def note(self, check, against):
        self.checks.setdefault(check, []).extend(against)

    def end(self):
        """Prints what is wrong and the counts; answers the exit code."""
        bad = {k: v for k, v in self.checks.items() if v}
        for check, against in bad.items():
            print(f"WRONG: {check}: {len(against)} times")
            for one in against[:FEW]:
                print(f"    {one}"[:1500])
        print(f"{len(self.checks) - len(bad)} passed, {len(bad)} failed")
        return 1 if bad or not self.checks else 0


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def plain(code):
    return code.replace("-", "") if code else code


# --- the histories ---

class Version:
    """A booking as one answered change left it."""

    def __init__(self, row):
        said = row["said"]
        self.row, self.status = row, said["status"]
        self.code, self.version = plain(said["code"]), said["version"]
        self.sequence, self.expert = said["sequence"], said["expert"]
        self.begin, self.to = seconds(said["from"]), seconds(said["to"])
        self.hold_until = seconds(said["hold_until"]) if \
            "hold_until" in said else 0
        self.claims = sorted(
            (c.get("subject") or "", c["role"], seconds(c["from"]),
             seconds(c["to"])) for c in said["claims"])
        self.next = None

    def surely(self):
        """When its claims were there without doubt."""
        end = self.next.row["begin"] if self.next else float("inf")
        if self.status == "pending":
            end = min(end, self.hold_until - 1)
        return self.row["end"], end

    def perhaps(self):
        end = self.next.row["end"] if self.next else float("inf")
        if self.status == "pending":
            end = min(end, self.hold_until + 1)
        return self.row["begin"], end


def versions(rows):
    """code -> its versions by number; and the numbers that two were told."""
    out, twice = collections.defaultdict(dict), []
    for row in rows:
        if row["status"] >= 300 or row["op"] in OF_REQUEST:
            continue
        v = Version(row)
        if v.version in out[v.code]:
            twice.append(f"{v.code} version {v.version}: {row['op']} and "
                         f"{out[v.code][v.version].row['op']}")
        out[v.code][v.version] = v
    for known in out.values():
        order = [known[n] for n in sorted(known)]
        for this, after in zip(order, order[1:]):
            this.next = after
    return out, twice


def check_double(known, capacity):
    """No two claims that were surely there at once, over the capacity."""
    against = []
    cells = collections.defaultdict(list)
    for by_number in known.values():
        for v in by_number.values():
            since, until = v.surely()
            if since >= until or v.status not in LIVE:
                continue
            for subject, role, begin, to in v.claims:
                if role == "patient":
                    continue          # whom it is about is not told
                for cell in range(begin // 300, (to + 299) // 300):
                    cells[subject, cell].append((since, until, v.code))
    for (subject, cell), spans in cells.items():
        steps = sorted([(s, 1, c) for s, _, c in spans] +
                       [(u, -1, c) for _, u, c in spans if u != float("inf")],
                       key=lambda step: step[:2])
        depth = 0
        for at, step, code in steps:
            depth += step
            if depth > capacity[subject]:
                against.append(f"{subject} at {cell * 300}: {depth} at once, "
                               f"{code} at {at}")
                break
    return against


def check_refusals(rows, known):
    """Each gives a reason that was, and times that would do."""
    every = [v for by in known.values() for v in by.values()
             if v.status in LIVE]
    silent, unfounded = [], []
    for row in rows:
        if row["code"] != "time-refused":
            continue
        said = row["said"]
        # All other afternoons are free, so there always is a time near.
        if not said.get("blockers") or not said.get("nearest"):
            silent.append(f"{row['op']} {row['sent']}: {said}")
            continue
        near = [v for v in every if v.perhaps()[0] <= row["end"] and
                v.perhaps()[1] >= row["begin"]]
        unfounded += [f"{b} for {row['op']} {row['sent']} {row['path']}"
                      for b in said["blockers"] if not founded(b, near)]
    return silent, unfounded


def founded(blocker, near):
    """Was somebody there perhaps, as the refusal says?"""
    reason, subject = blocker["reason"], blocker.get("subject", "")
    if reason in ("busy", "buffer"):
        begin, to = seconds(blocker["from"]), seconds(blocker["to"])
        return any(s == subject and f < to and begin < t
                   for v in near for s, _, f, t in v.claims)
    if reason == "day-cap":
        return len({v.code for v in near if v.expert == subject}) >= \
            DAY_CAP[subject]
    return reason == "closed"      # some times are asked for beyond the end


# --- the database ---

BOOKINGS = """
SELECT b.code, b.status, e.slug, b.from_time, b.to_time,
 CASE b.status WHEN 'pending' THEN b.hold_until ELSE 0 END,
 b.sequence, b.version, b.kind
FROM booking b JOIN subject e ON e.id = b.expert"""
CLAIMS = """
SELECT b.code, b.status, CASE s.type WHEN 'patient' THEN '' ELSE s.slug END,
 c.role, c.from_time, c.to_time, s.id, s.capacity, s.slug
FROM claim c LEFT JOIN booking b ON b.id = c.booking
JOIN subject s ON s.id = c.subject"""


def check_bookings(db, known, events):
    """Every booking is as last answered; one that is not has only lapsed."""
    stored = {row[0]: row for row in db.execute(BOOKINGS)}
    against = [f"{code} was answered and is not there"
               for code in known if code not in stored]
    lapsed = {(code, version) for thing, code, verb, version in events
              if thing == "booking" and verb == "lapse"}
    for code, row in stored.items():
        if code not in known:
            against.append(f"{row} was answered to nobody")
            continue
        last = known[code][max(known[code])]
        want = (code, last.status, last.expert, last.begin, last.to,
                last.hold_until, last.sequence, last.version)
        if (code, last.version + 1) in lapsed and last.status == "pending":
            want = (code, "lapsed", *want[2:5], 0, last.sequence,
                    last.version + 1)
        if row[:8] != want:
            against.append(f"stored {row}, answered {want}")
    return against, stored


def check_claims(db, known, stored):
    against, overlap, homeless = [], [], []
    held = collections.defaultdict(list)
    steps = collections.defaultdict(list)
    for code, status, subject, role, begin, to, number, capacity, slug in \
            db.execute(CLAIMS):
        if status not in LIVE:
            homeless.append(f"{slug} {begin}: of {code}, {status}")
        held[code].append((subject, role, begin, to))
        steps[number, capacity, slug] += [(begin, 1), (to, -1)]
    for (_, capacity, slug), some in steps.items():
        depth = 0
        for at, step in sorted(some):
            depth += step
            if depth > capacity:
                overlap.append(f"{slug} at {at}: {depth} of {capacity}")
    for code, row in stored.items():
        if row[1] not in LIVE or code not in known:
            continue
        claims = known[code][max(known[code])].claims
        if sorted(held[code]) != claims:
            against.append(f"{code} holds {sorted(held[code])}, "
                           f"answered {claims}")
        if not complete(row, claims):
            against.append(f"{code} lacks somebody: {claims}")
    return against, overlap, homeless


def complete(row, claims):
    """Everybody whom its kind needs, each for the whole of it."""
    roles = {role for _, role, begin, to in claims
             if begin <= row[3] and to >= row[4]}
    return WHOLE[row[8]] <= roles


def check_requests(db, rows):
    """A request is scheduled when it has a booking, and no other is."""
    against = [f"request {row} has that booking" for row in db.execute("""
        SELECT r.code, r.status, b.code, b.status FROM request r
        LEFT JOIN booking b ON b.request = r.id AND b.status = 'booked'
        WHERE (r.status = 'scheduled') <> (b.code IS NOT NULL)""")]
    stored = {row[0] for row in db.execute("SELECT code FROM request")}
    told = [plain(r["said"]["code"]) for r in rows
            if r["op"] == "submit" and r["status"] < 300]
    against += [f"request {c} is not there" for c in told if c not in stored]
    against += [f"request {c} was answered to nobody"
                for c in stored - set(told)]
    against += [f"{len(told) - len(set(told))} requests were told twice"
                for _ in range(len(told) != len(set(told)))]
    return against


def check_events(rows, events):
    """One event for each answered change, and none for anything else."""
    told, logged = collections.Counter(), collections.Counter()
    for row in rows:
        if row["status"] >= 300:
            continue
        said = row["said"]
        for thing, verb in EVENTS[row["op"]]:
            of_request = thing == "request" and row["op"] not in OF_REQUEST
            code = said["request"] if of_request else said["code"]
            told[thing, plain(code), verb,
                 None if of_request else said["version"]] += 1
    for thing, code, verb, version in events:
        if thing not in ("booking", "request") or verb in ("read", "lapse"):
            continue
        number = None if verb in ("schedule", "unschedule") else version
        logged[thing, code, verb, number] += 1
    return ([f"answered, not in the log: {k}" for k in told - logged] +
            [f"in the log, not answered: {k}" for k in logged - told])


# --- the chain, as daemon/store/event.c describes it ---

COLUMNS = ("seq", "at", "actor", "actor_site", "lead", "partner", "thing",
           "id", "code", "version", "verb", "from_state", "to_state",
           "request_id", "class", "body_hash")
LABEL = b"teleconsult event 1\0"


def encode(value):
    if value is None:
        return b"n" + bytes(8)
    if isinstance(value, int):
        return b"i" + struct.pack(">q", value)
    data = value.encode() if isinstance(value, str) else value
    return b"s" + struct.pack(">Q", len(data)) + data


def is_body_of(keys, seq, lead, body, digest):
    """Of old the hash was that of the bytes; now it is that of what they seal,
    a form, a salt and the words, so that another key may seal them."""
    if body[:unseal.ID] not in keys:
        return hashlib.sha256(body).digest() == digest
    try:
        plain = unseal.unseal(keys, "event.words", seq, lead or 0, body)
    except unseal.Refused:
        return False
    if plain[:1] == b"\1":
        size, = struct.unpack("=I", plain[1:5])
        plain = plain[5:5 + size]
    return hashlib.sha256(plain).digest() == digest


def check_chain(db, keys, said):
    against, head, seq = [], bytes(32), 0
    for row in db.execute(f"SELECT {', '.join(COLUMNS)}, prev, hash, body"
                          " FROM event ORDER BY seq"):
        cells, (prev, stored, body) = row[:16], row[16:]
        seq += 1
        made = hashlib.sha256(LABEL + prev + b"".join(map(encode, cells)))
        if row[0] != seq or prev != head or made.digest() != stored:
            against.append(f"event {row[0]} does not follow {seq - 1}")
        if body is not None and not is_body_of(keys, row[0], row[4], body,
                                               cells[15]):
            against.append(f"event {row[0]} has another body")
        head = stored
    if not said.get("ok") or said.get("events") != seq or \
            said.get("head") != head.hex():
        against.append(f"the tool says {said}, there are {seq} up to "
                       f"{head.hex()}")
    return against


def key_file(path):
    """Beside the database."""
    return os.path.join(os.path.dirname(path), "field.key")


def keep(folder, path, rows, said):
    """What was judged, for kept()."""
    shutil.copy(path, os.path.join(folder, "database"))
    shutil.copy(key_file(path), folder)
    with open(os.path.join(folder, "told"), "w", encoding="utf-8") as f:
        json.dump([rows, said], f)


def kept(folder):
    with open(os.path.join(folder, "told"), encoding="utf-8") as f:
        return os.path.join(folder, "database"), *json.load(f)


def judge_store(verdict, path, rows, said):
    """said: what verify-log answered last. Answers the versions by code."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro",
                                            uri=True)) as db:
        whole = [r[0] for r in db.execute("PRAGMA integrity_check")]
        verdict.note("the file is whole", [] if whole == ["ok"] else whole)
        verdict.note("no reference hangs", db.execute(
            "PRAGMA foreign_key_check").fetchall())
        verdict.note("the chain is whole", check_chain(db, unseal.keys(key_file(path)), said))
        events = db.execute(
            "SELECT thing, code, verb, version FROM event").fetchall()
        known, twice = versions(rows)
        verdict.note("no version was told twice", twice)
        against, stored = check_bookings(db, known, events)
        verdict.note("every booking is as answered last", against)
        against, overlap, homeless = check_claims(db, known, stored)
        verdict.note("every live booking has its claims", against)
        verdict.note("no claims overlap beyond the capacity", overlap)
        verdict.note("every claim is of a live booking", homeless)
        verdict.note("requests go with their bookings",
                     check_requests(db, rows))
        verdict.note("one event for one change", check_events(rows, events))
        capacity = dict(db.execute("SELECT slug, capacity FROM subject"))
    verdict.note("no two were surely there at once",
                 check_double(known, capacity))
    return known


def judge(path, rows, said):
    """Of a fight: answers a Verdict."""
    verdict = Verdict()
    known = judge_store(verdict, path, rows, said)
    silent, unfounded = check_refusals(rows, known)
    verdict.note("every refusal has reasons and times", silent)
    verdict.note("every reason was one", unfounded)
    if not known or not any(r["code"] == "time-refused" for r in rows):
        verdict.note("there was a fight", ["nobody was in anybody's way"])
    return verdict
