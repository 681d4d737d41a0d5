"""Networks that tests make up themselves, and people at their desks in them.

A network is a dict as examples/*.json are; the functions make its rows. What
takes part is looked up in the database itself, too, in a copy of the file.
"""
import datetime
import zoneinfo

from service import Service, rows_of
from way import Way, rfc3339, utc

CHINA = "Asia/Shanghai"
MONDAY = "2024-01-01"
DAY = 86400


def site(slug, zone=CHINA):
    return {"id": slug, "name": slug, "tier": "municipal", "time_zone": zone}


def agreement(slug, lead, partner, kinds, **other):
    return {"id": slug, "lead": lead, "partner": partner,
            "valid_from": "2020-01-01", "valid_to": "2099-12-31",
            "kinds": list(kinds), "specialties": ["heart"], **other}


def resource(ref, type_, capacity=1):
    return {"id": ref, "name": ref, "type": type_, "capacity": capacity}


def expert(slug, home, kinds, **other):
    return {"id": slug, "name": slug, "home": home, "specialties": ["heart"],
            "title": "chief-physician", "independent_since": "2000-08-01",
            "kinds": list(kinds), **other}


def rule(of, days, begin, end, zone=CHINA, **other):
    """Weekly on those days; over midnight when it ends before it begins."""
    last = MONDAY if end > begin else "2024-01-02"
    rows = {"rrule": f"FREQ=WEEKLY;BYDAY={days}" if days else "FREQ=DAILY",
            "start": f"{MONDAY}T{begin}", "end": f"{last}T{end}",
            "time_zone": zone, **other}
    return {"of": of, **rows} if of else rows


def network(**parts):
    return {"version": 1, "sites": [], "agreements": [], "resources": [],
            "experts": [], "availability": [], **parts}


def today(zone=CHINA):
    return datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()


def at(day, wall, zone=CHINA):
    """UTC seconds of a wall time on a date."""
    hour, minute = map(int, wall.split(":"))
    return int(datetime.datetime(day.year, day.month, day.day, hour, minute,
                                 tzinfo=zoneinfo.ZoneInfo(zone)).timestamp())


def next_day(weekday, weeks=1, zone=CHINA):
    """The date of a weekday (Monday = 0) in a coming week."""
    day = today(zone)
    return day + datetime.timedelta(days=weekday - day.weekday() + 7 * weeks)


def patient(n, **other):
    return {"local_id": f"P{n:06}", "name": f"patient {n}", **other}


def reasons(refused):
    """(who, role, reason) of each blocker of a problem."""
    return [(b.get("subject"), b.get("role"), b["reason"])
            for b in refused.json["blockers"]]


def parts(message, role=None):
    """What a booking's message says is claimed, in order."""
    return sorted((c["role"], c.get("subject"), utc(c["from"]), utc(c["to"]))
                  for c in message["claims"] if role in (None, c["role"]))


def part(message, role):
    """The one claim of that role: (subject, from, to)."""
    (found,) = parts(message, role)
    return found[1:]


class Net(Way):
    """One service with the class's own network.

    people: {attribute: (role, site)} or {attribute: (role, site, expert)}.
    """
    people = {}

    @classmethod
    def made(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.service = Service(cls.options).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.admin = cls.service.admin()
        cls.service.load(cls.made())
        for attribute, who in cls.people.items():
            setattr(cls, attribute, cls.service.person(attribute, *who))

    # --- steps ---

    def slots(self, who, **query):
        return self.expect(who.get("/v1/slots", **query), 200).json["slots"]

    def take(self, who, path="/v1/bookings", key=None, **body):
        if isinstance(body.get("at"), int):
            body["at"] = rfc3339(body["at"])
        return who.post(path, body, key=key)

    def taken(self, who, **body):
        return self.expect(self.take(who, **body), 201)

    def refused(self, answer):
        self.expect(answer, 409, "time-refused")
        self.assertTrue(answer.json["blockers"], answer)
        return answer

    def change(self, who, booked, verb, **body):
        if isinstance(body.get("at"), int):
            body["at"] = rfc3339(body["at"])
        return who.post(f"/v1/bookings/{booked.json['code']}/{verb}", body,
                        match=booked.etag)

    def moved(self, who, booked, when, **body):
        return self.expect(self.change(who, booked, "move", at=when, **body),
                           200)

    def cancelled(self, who, booked):
        return self.expect(self.change(who, booked, "cancel",
                                       reason="no longer needed"), 200)

    def fault(self, answer, pointer):
        """Answers what is said of the one field that is at fault."""
        self.expect(answer, 422, "invalid")
        self.assertEqual(answer.headers["content-type"],
                         "application/problem+json")
        said = {e["pointer"]: e["detail"] for e in answer.json["errors"]}
        self.assertEqual(list(said), [pointer], answer)
        return said[pointer]

    def plan(self, who, of, begin, end):
        """The schedule of an expert, a resource or (sites/x) a site."""
        path = of if of.startswith("sites/") else (
            f"resources/{of}" if "/" in of else f"experts/{of}")
        return self.expect(who.get(
            f"/v1/{path}/schedule", from_=rfc3339(begin), to=rfc3339(end)),
            200).json

    # --- what is stored ---

    def claims_of(self, code):
        """In the file: sorted (role, subject, from, to); '' is a patient."""
        return sorted(rows_of(self.service.database, """
            SELECT c.role, CASE s.type WHEN 'patient' THEN '' ELSE s.slug END,
             c.from_time, c.to_time FROM claim c
            JOIN booking b ON b.id = c.booking
            JOIN subject s ON s.id = c.subject WHERE b.code = ?""",
                              code.replace("-", "")))

    def stored_as_said(self, booked):
        """Its claims in the file are those of the answer; answers them."""
        said = [(r, s or "", f, t) for r, s, f, t in parts(booked.json)]
        stored = self.claims_of(booked.json["code"])
        self.assertEqual(stored, sorted(said))
        return stored
