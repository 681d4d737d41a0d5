"""What must never be (docs: the domain's "never"), looked for in a database.

Written from what a schedule means, not from what the service does: it reads the
tables of a copy and knows nothing of the code. Each check answers what it
found, as text; none is good. What only an answer can show (that a refusal has
all its reasons, what a stranger is told, a repeated submission) the players
look at as they go.
"""
import collections
import contextlib
import os
import sqlite3
import tempfile

LIVE = ("pending", "booked", "arrived", "started", "fulfilled")


@contextlib.contextmanager
def copy_of(path):
    """A copy of a database as it is between two changes."""
    with tempfile.TemporaryDirectory() as folder:
        to = os.path.join(folder, "copy")
        with contextlib.closing(sqlite3.connect(
                f"file:{path}?mode=ro", uri=True)) as db, \
                contextlib.closing(sqlite3.connect(to)) as out:
            db.backup(out)
        with contextlib.closing(sqlite3.connect(to)) as db:
            yield db


def overlaps(db, now):
    """1: more claims on a subject at one time than it takes."""
    capacity = dict(db.execute("SELECT id, capacity FROM subject"))
    edges = collections.defaultdict(list)
    for subject, begin, end, booking, hold in db.execute(
            "SELECT subject, from_time, to_time, booking, hold_until"
            " FROM claim"):
        if not hold or hold > now:
            edges[subject] += [(begin, 1, booking), (end, -1, booking)]
    for subject, all_of in edges.items():
        depth = 0
        for at, step, booking in sorted(all_of):
            depth += step
            if depth > capacity[subject]:
                yield (f"subject {subject} is taken {depth} times at {at},"
                       f" by booking {booking}")


def claims(db, now):
    """2, 4: what stands has its expert's time, what does not has none."""
    held = collections.defaultdict(list)
    for booking, subject, role, begin, end in db.execute(
            "SELECT booking, subject, role, from_time, to_time FROM claim"):
        held[booking].append((subject, role, begin, end))
    for booking, status, expert, begin, until in db.execute(
            "SELECT id, status, expert, from_time, hold_until FROM booking"):
        if status not in LIVE and held[booking]:
            yield f"booking {booking} is {status} and claims time"
        if status == "pending" and until <= now:
            yield f"hold {booking} has lapsed and stands"
        if status in ("booked", "arrived", "started") and expert and not any(
                (subject, role, start) == (expert, "expert", begin)
                for subject, role, start, _ in held[booking]):
            yield f"booking {booking} is {status} without its expert's time"


def requests(db, _now):
    """The two lifecycles go together."""
    stands = collections.defaultdict(list)
    for request, status in db.execute(
            "SELECT request, status FROM booking WHERE request IS NOT NULL"):
        if status in LIVE:
            stands[request].append(status)
    for request, status in db.execute("SELECT id, status FROM request"):
        if len(stands[request]) > 1:
            yield f"request {request} has {len(stands[request])} bookings"
        if status in ("scheduled", "started") and not stands[request]:
            yield f"request {request} is {status} and has no booking"
        if status in ("declined", "withdrawn", "expired") and stands[request]:
            yield f"request {request} is {status} and has a booking"


def events(db, _now):
    """7: the log has no gap, and the last word on each thing is its state."""
    last, head, seq = {}, b"\0" * 32, 0
    for n, thing, number, to_state, prev, mine in db.execute(
            "SELECT seq, thing, id, to_state, prev, hash FROM event"
            " ORDER BY seq"):
        seq += 1
        if n != seq or prev != head:
            yield f"event {n} does not follow the one before"
        head = mine
        if to_state:
            last[thing, number] = to_state
    for thing in ("request", "booking"):
        for number, status in db.execute(f"SELECT id, status FROM {thing}"):
            said = last.get((thing, number))
            if said != status:
                yield f"{thing} {number} is {status}, the log says {said}"


def twice(db, _now):
    """9: nobody has two places of one expert's at the same time."""
    for row in db.execute(
            "SELECT patient, expert, from_time, count(*) FROM booking"
            " WHERE patient IS NOT NULL AND status IN"
            " ('booked', 'arrived', 'started', 'fulfilled')"
            " GROUP BY 1, 2, 3 HAVING count(*) > 1"):
        yield f"a patient is booked twice: {row}"


CHECKS = (overlaps, claims, requests, events, twice)


def faults(path, now):
    """Everything that is wrong in the database at that time."""
    with copy_of(path) as db:
        return [f"{check.__name__}: {text}" for check in CHECKS
                for text in check(db, now)]


def leaks(files, words):
    """10: files ((path, bytes), ...) in which a patient's words stand."""
    return [f"{os.path.basename(path)} holds {word!r}"
            for path, data in files for word in words
            if word.encode() in data]
