"""The figures of reports, counted a second time, in another language and way:
one pass over the rows of a database for each, in plain loops."""
import collections
import datetime
import zoneinfo


def rows(db, sql, *values):
    cursor = db.execute(sql, values)
    names = [c[0] for c in cursor.description]
    return [dict(zip(names, row)) for row in cursor]


class Figures:
    """Of the bookings and requests that `sees` says yes to."""

    def __init__(self, db, begin, end, sees=lambda thing: True):
        self.db, self.begin, self.end, self.sees = db, begin, end, sees
        self.sites = {s["id"]: s for s in rows(db, "SELECT * FROM site")}
        self.subjects = dict(db.execute("SELECT id, slug FROM subject"))
        self.days = {d["booking"]: d
                     for d in rows(db, "SELECT * FROM session_day")}
        self.requests = {r["id"]: r for r in rows(db, "SELECT * FROM request")}
        self.whys = {(w["booking"], w["what"]): w
                     for w in rows(db, "SELECT * FROM booking_why")}

    def about(self, thing, at, by):
        """The beginning of a row."""
        local = datetime.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(
            self.sites[thing["lead"]]["time_zone"]))
        period = f"{local:%Y-%m}" if "month" in by else \
            f"{local:%Y-%m-%d}" if "day" in by else None
        return (self.sites[thing["lead"]]["slug"]
                if {"lead", "month", "day"} & set(by) else None, period,
                self.sites[thing["partner"]]["slug"]
                if "partner" in by else None,
                self.subjects.get(thing["expert"]) if "expert" in by else None,
                thing["kind"] if "kind" in by else None)

    def bookings(self):
        for b in rows(self.db, "SELECT * FROM booking ORDER BY id"):
            if self.begin <= b["from_time"] < self.end and self.sees(b):
                yield b, self.days.get(b["id"], {})

    def activity(self, by):
        """{row's beginning: [done, seconds, open, cancelled, noshow, read]}"""
        out = collections.defaultdict(lambda: [0] * 6)
        for b, day in self.bookings():
            row = out[self.about(b, b["from_time"], by)] \
                if b["status"] not in ("pending", "released", "lapsed") else []
            if b["status"] == "fulfilled":
                row[0] += 1
                row[1] += (day.get("finished_at") or b["to_time"]) - \
                    (day.get("started_at") or b["from_time"])
            elif b["status"] in ("booked", "arrived", "started"):
                row[2] += 1
            elif b["status"] == "cancelled":
                row[3] += 1
            elif b["status"] == "noshow":
                row[4] += 1
        for o in rows(self.db, "SELECT * FROM opinion WHERE version = 1"):
            r = self.requests[o["request"]]
            if r["mode"] == "store-and-forward" and self.sees(r) and \
                    self.begin <= o["filed_at"] < self.end:
                out[self.about(r, o["filed_at"], by)][5] += 1
        return {key: (v[0], v[1] // 60, *v[2:]) for key, v in out.items()}

    def waits(self, by):
        waited = collections.defaultdict(list)
        for b, day in self.bookings():
            if b["request"] and day.get("started_at") and \
                    b["status"] in ("started", "fulfilled"):
                r = self.requests[b["request"]]
                waited[(*self.about(b, b["from_time"], by),
                        r["urgency"])].append(
                    day["started_at"] - r["submitted_at"])
        out = {}
        for key, v in waited.items():
            v.sort()
            n = len(v)
            rank = [-(-n * percent // 100) for percent in (50, 90)]
            out[key] = (n, *(v[r - 1] // 60 for r in rank), v[-1] // 60)
        return out

    def deviations(self, by):
        gave_way = {row[0] for row in self.db.execute(
            "SELECT booking FROM displaced WHERE moved = 0")}
        out = collections.defaultdict(lambda: [0, 0])
        for b, day in self.bookings():
            said = self.whys.get((b["id"], "late"), {})
            beyond = (day.get("finished_at") or 0) - \
                said.get("to_time", b["to_time"])
            planned = b["to_time"] - b["from_time"]
            absent = day.get("absent")
            if b["status"] == "cancelled":
                said = self.whys.get((b["id"], "cancelled"), {})
                side = "emergency" if b["id"] in gave_way else \
                    said.get("side")
                what = ("cancelled", side, said.get("reason")), planned
            elif b["status"] == "noshow":
                side = {"expert": "expert", "patient": "partner",
                        "site": "partner"}.get(absent)
                what = ("noshow", side, absent), planned
            elif b["status"] == "fulfilled" and beyond >= 60:
                what = ("overrun", None, said.get("reason")), beyond
            else:
                continue
            row = out[(*self.about(b, b["from_time"], by), *what[0])]
            row[0] += 1
            row[1] += what[1]
        return {key: (n, s // 60) for key, (n, s) in out.items()}

    def declines(self, by):
        out = collections.Counter()
        for r in self.requests.values():
            if r["status"] in ("declined", "withdrawn", "expired") and \
                    self.begin <= r["submitted_at"] < self.end and \
                    self.sees(r):
                out[(*self.about(r, r["submitted_at"], by), r["status"],
                     r["reason_code"])] += 1
        return {key: (n,) for key, n in out.items()}


# The columns of a report that are what a row is about, and its figures.
ABOUT = ("lead", "period", "partner", "expert", "kind")
COLUMNS = {
    "activity": (ABOUT, ("done", "minutes", "open", "cancelled", "noshow",
                         "read")),
    "waits": ((*ABOUT, "urgency"), ("n", "median_minutes", "p90_minutes",
                                    "longest_minutes")),
    "deviations": ((*ABOUT, "what", "side", "reason"), ("n", "minutes")),
    "declines": ((*ABOUT, "what", "reason"), ("n",)),
}


def answered(name, items):
    """A report's answer in the form of what is counted here."""
    about, figures = COLUMNS[name]
    return {tuple(row.get(c) for c in about): tuple(row[c] for c in figures)
            for row in items}
