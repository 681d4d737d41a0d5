"""Four hospitals, each lead of the next, in zones whose clocks change on other
days, by half an hour, or never; about the next change of each.

Rules keep the wall clock; answers are UTC beside the zone. What is expected
comes from python's zoneinfo. All of it holds wherever the machines that run
daemon and client believe to be.
"""
import datetime
import functools
import json
import os
import zoneinfo

from hands import Hands
from nets import (DAY, Net, agreement, at, expert, network, patient, reasons,
                  resource, rule, site, today)
from way import NUMBERS, rfc3339, utc

CLINIC, REMOTE = "clinic-slot", "remote-consultation"
ZONES = ("America/Vancouver", "Asia/Kathmandu", "America/St_Johns",
         "Australia/Lord_Howe")
EDGE_MINUTES = 10       # after the moment of the change a session begins


def days_later(day, n):
    return day + datetime.timedelta(days=n)


def offset(zone, when):
    return datetime.datetime.fromtimestamp(
        when, zoneinfo.ZoneInfo(zone)).utcoffset()


def next_change(zone):
    """The first moment of the other clock, from a week on; or None."""
    begin = at(days_later(today(zone), 7), "00:00", zone)
    for day in range(400):
        low, high = begin + day * DAY, begin + (day + 1) * DAY
        if offset(zone, low) == offset(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if offset(zone, middle) == offset(zone, low):
                low = middle
            else:
                high = middle
        return high
    return None


class Clock:
    """A zone, the day of its change, and the wall time of that."""

    def __init__(self, n, zone):
        self.n, self.zone = n, zone
        moment = next_change(zone)
        self.changes = moment is not None
        if not self.changes:
            moment = at(days_later(today(zone), 40), "02:00", zone)
        # What the old clock would show: the new one skips or repeats it.
        wall = datetime.datetime.fromtimestamp(
            moment, datetime.timezone(offset(zone, moment - 1)))
        self.day = wall.date()
        self.edge = (wall + datetime.timedelta(minutes=EDGE_MINUTES)).time()

    def days(self):
        return [days_later(self.day, n) for n in (-1, 0, 1)]

    def at(self, day, wall):
        return at(day, wall, self.zone)

    def midnight(self, day):
        return self.at(day, "00:00")

    def session(self, day, begin, minutes):
        """From and to of a session that begins then by the clock."""
        first = datetime.datetime.combine(
            day, datetime.time.fromisoformat(begin))
        last = first + datetime.timedelta(minutes=minutes)
        return tuple(int(t.replace(tzinfo=zoneinfo.ZoneInfo(
            self.zone)).timestamp()) for t in (first, last))


CLOCKS = [Clock(n, zone) for n, zone in enumerate(ZONES)]


def daily(of, begin, minutes, clock, **other):
    first = datetime.datetime.fromisoformat(f"2024-01-01T{begin}")
    last = first + datetime.timedelta(minutes=minutes)
    return {"of": of, "rrule": "FREQ=DAILY", "time_zone": clock.zone,
            "start": first.isoformat(timespec="minutes"),
            "end": last.isoformat(timespec="minutes"), **other}


def places(of, begin, minutes, clock, slot):
    return daily(of, begin, minutes, clock, kinds=[CLINIC],
                 at=f"site-{clock.n}/{of}", slot_minutes=slot)


def around_the_world():
    kinds = (CLINIC, REMOTE)
    net = network()
    for clock in CLOCKS:
        n, lead = clock.n, f"site-{clock.n}"
        partner = f"site-{(n + 1) % len(CLOCKS)}"
        net["sites"].append(site(lead, clock.zone))
        net["agreements"] += [
            agreement(f"care-{n}", lead, partner, kinds),
            agreement(f"count-{n}", lead, partner, [CLINIC],
                      specialties=["count"], quota_per_month={CLINIC: 1})]
        net["resources"] += [resource(f"{lead}/studio", "studio")] + [
            resource(f"{lead}/{name}-{n}", "clinic-room")
            for name in ("day", "night", "edge", "full", "count")]
        net["experts"] += [
            expert(f"day-{n}", lead, kinds),
            expert(f"night-{n}", lead, [CLINIC]),
            expert(f"edge-{n}", lead, [CLINIC]),
            expert(f"full-{n}", lead, [CLINIC], cap_per_day=2),
            expert(f"count-{n}", lead, [CLINIC], specialties=["count"])]
        net["availability"] += [
            places(f"day-{n}", "09:00", 120, clock, 30),
            daily(f"day-{n}", "13:00", 120, clock, at=f"{lead}/studio"),
            places(f"night-{n}", "00:30", 240, clock, 30),
            places(f"edge-{n}", clock.edge.isoformat("minutes"), 120, clock,
                   20),
            places(f"full-{n}", "00:00", 1440, clock, 60),
            places(f"count-{n}", "23:30", 60, clock, 30)]
    return net


def each(test):
    """The test at every one of the clocks."""
    @functools.wraps(test)
    def run(self):
        for clock in CLOCKS:
            with self.subTest(zone=clock.zone, day=str(clock.day)):
                test(self, clock)
    return run


class World(Net):
    made = staticmethod(around_the_world)
    tz = None
    people = {f"desk_{c.n}": ("lead-coordinator", f"site-{c.n}")
              for c in CLOCKS}

    @classmethod
    def setUpClass(cls):
        before = os.environ.get("TZ")
        os.environ["TZ"] = cls.tz
        try:
            super().setUpClass()
            cls.at_home()
        finally:
            del os.environ["TZ"]
            if before is not None:
                os.environ["TZ"] = before

    @classmethod
    def at_home(cls):
        """A profile for each desk, for the client."""
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("hand", "lead-coordinator", "--site", "site-1")

    @classmethod
    def tc(cls, profile, *args, stdin=""):
        return cls.hands.must(profile, *args, stdin=stdin, TZ=cls.tz)

    def lead(self, clock):
        return getattr(self, f"desk_{clock.n}")

    def partner(self, clock):
        return getattr(self, f"desk_{(clock.n + 1) % len(CLOCKS)}")

    def offered(self, clock, who, begin, end, **query):
        return self.slots(self.partner(clock), **{
            "kind": CLINIC, "expert": f"{who}-{clock.n}", "n": 100,
            "from_": rfc3339(begin), "to": rfc3339(end), **query})

    def place(self, clock, who, when, **other):
        return self.take(self.partner(clock), **{
            "kind": CLINIC, "expert": f"{who}-{clock.n}", "at": when,
            "agreement": f"{'count' if who == 'count' else 'care'}-{clock.n}",
            "patient": patient(next(NUMBERS)), **other})

    def had(self, clock, who, when):
        return self.expect(self.place(clock, who, when), 201)

    def opens(self, clock, who, begin, end):
        plan = self.plan(self.partner(clock), f"{who}-{clock.n}", begin, end)
        self.assertEqual(plan["time_zone"], clock.zone)
        return [(utc(o["from"]), utc(o["to"])) for o in plan["open"]]

    # --- rules ---

    @each
    def test_a_clinic_keeps_the_wall_clock(self, clock):
        lengths = set()
        for day in clock.days():
            begin, end = clock.session(day, "09:00", 120)
            slots = self.offered(clock, "day", clock.midnight(day),
                                 clock.midnight(days_later(day, 1)))
            self.assertEqual(
                [(utc(s["from"]), utc(s["to"]), s["time_zone"])
                 for s in slots],
                [(t, t + 1800, clock.zone)
                 for t in range(begin, end, 1800)])
            self.assertIn((begin, end), self.opens(
                clock, "day", begin - 60, end + 60))
            lengths.add(begin - clock.midnight(day))
        # The change was among those days: a day had another length.
        self.assertEqual(len(lengths), 2 if clock.changes and
                         clock.edge.hour < 9 else 1)

    @each
    def test_a_consultation_does_too(self, clock):
        for day in clock.days():
            begin, end = clock.session(day, "13:00", 120)
            slots = self.offered(clock, "day", begin - 7200, end + 7200,
                                 kind=REMOTE, duration_minutes=60)
            self.assertEqual([utc(s["from"]) for s in slots],
                             list(range(begin, end - 3300, 300)))

    @each
    def test_what_is_booked_is_booked_by_that_clock(self, clock):
        for day, wall in zip(clock.days(), ("09:00", "09:30", "10:30")):
            booked = self.had(clock, "day", clock.at(day, wall))
            self.assertEqual(
                (booked.json["from"], booked.json["time_zone"]),
                (rfc3339(clock.at(day, wall)), clock.zone))
            refused = self.refused(self.place(
                clock, "day", clock.at(day, wall) + 900))
            self.assertIn("place-start",
                          [r[2] for r in reasons(refused)])
            self.cancelled(self.partner(clock), booked)

    # --- the night itself ---

    @each
    def test_a_session_over_the_change_is_longer_or_shorter(self, clock):
        for day in clock.days():
            begin, end = clock.session(day, "00:30", 240)
            self.assertEqual(self.opens(clock, "night", begin, end),
                             [(begin, end)])
            slots = self.offered(clock, "night", begin - 600, end + 600)
            self.assertEqual(
                [utc(s["from"]) for s in slots],
                list(range(begin, end - 1799, 1800)))
        begin, end = clock.session(clock.day, "00:30", 240)
        if clock.changes and "00:30" < clock.edge.isoformat() < "04:30":
            self.assertNotEqual(end - begin, 4 * 3600)
        # Each of that night is booked, and another is not to be had.
        taken = [self.had(clock, "night", t).json["from"]
                 for t in range(begin, end - 1799, 1800)]
        self.assertEqual(len(set(taken)), (end - begin) // 1800)
        self.assertEqual(self.offered(clock, "night", begin, end), [])
        plan = self.plan(self.lead(clock), f"night-{clock.n}", begin,
                         end)
        self.assertEqual(sorted(e["from"] for e in plan["entries"]),
                         taken)

    @each
    def test_a_session_that_begins_when_the_clock_is_changed(self, clock):
        """At a time that is not, or twice, that day: the first of it, and
        as late after midnight as by the old clock (RFC 5545, 3.3.5)."""
        wall = clock.edge.isoformat("minutes")
        for day in clock.days():
            begin, end = clock.session(day, wall, 120)
            self.assertEqual(self.opens(clock, "edge", begin, end),
                             [(begin, end)])
            slots = self.offered(clock, "edge", begin - 7200, end + 7200)
            self.assertEqual([utc(s["from"]) for s in slots],
                             list(range(begin, end - 1199, 1200)))

    # --- days and months ---

    @each
    def test_a_days_cap_is_of_the_local_day(self, clock):
        for day in (days_later(clock.day, -3), clock.day):
            begin = clock.midnight(day)
            end = clock.midnight(days_later(day, 1))
            starts = list(range(begin, end - 3599, 3600))
            self.had(clock, "full", starts[-1])
            self.had(clock, "full", starts[-2])
            for when in (starts[0], starts[3], starts[-3]):
                refused = self.refused(self.place(clock, "full", when))
                (why,) = refused.json["blockers"]
                self.assertEqual(
                    (why["reason"], utc(why["from"]), utc(why["to"])),
                    ("day-cap", begin, end))
            # Just before midnight and just after are other days.
            self.had(clock, "full", end)
            self.had(clock, "full", begin - 3600)
            self.assertEqual(
                self.offered(clock, "full", begin, end), [])

    @each
    def test_a_months_quota_is_of_the_leads_month(self, clock):
        """Of one night session, the first place is of the old month."""
        first = days_later(today(clock.zone).replace(day=1),
                           64).replace(day=1)
        midnight = clock.midnight(first)
        self.had(clock, "count", midnight - 1800)
        refused = self.refused(self.place(
            clock, "count", midnight - DAY - 1800))
        (why,) = refused.json["blockers"]
        self.assertEqual((why["reason"], utc(why["to"])),
                         ("quota", midnight))
        self.had(clock, "count", midnight)
        refused = self.refused(self.place(
            clock, "count", midnight + DAY))
        self.assertEqual(
            [(b["reason"], utc(b["from"]))
             for b in refused.json["blockers"]], [("quota", midnight)])

    # --- plans ---

    @each
    def test_a_plan_begins_on_monday_there(self, clock):
        plan = self.expect(self.partner(clock).get(
            f"/v1/experts/day-{clock.n}/schedule"), 200).json
        monday = days_later(today(clock.zone),
                            -today(clock.zone).weekday())
        self.assertEqual(
            (plan["time_zone"], utc(plan["from"]), utc(plan["to"])),
            (clock.zone, clock.midnight(monday),
             clock.midnight(days_later(monday, 7))))
        # From another moment on it is a week, too, by that clock.
        day = days_later(clock.day, -3)
        plan = self.expect(self.partner(clock).get(
            f"/v1/experts/day-{clock.n}/schedule",
            from_=rfc3339(clock.at(day, "10:15"))), 200).json
        self.assertEqual(utc(plan["to"]), clock.at(days_later(day, 7),
                                                   "10:15"))

    @each
    def test_each_site_has_its_own_clock_for_the_same_booking(self, clock):
        when = clock.at(days_later(clock.day, 2), "09:00")
        code = self.had(clock, "day", when).json["code"]
        for n in (clock.n, (clock.n + 1) % len(CLOCKS)):
            plan = self.plan(getattr(self, f"desk_{n}"),
                             f"sites/site-{n}", when, when + 1800)
            self.assertEqual(plan["time_zone"], ZONES[n])
            self.assertIn((code, rfc3339(when)), [
                (e["booking"], e["from"]) for e in plan["entries"]])

    # --- the client ---

    def test_by_hand(self):
        """Partner of the first site, at home in the zone of the second."""
        clock = CLOCKS[0]
        day = days_later(clock.day, 1)
        begin = clock.at(day, "09:00")
        args = ("slots", CLINIC, "--expert", "day-0", "--from", str(day),
                "--to", str(day), "--tz", clock.zone)
        taken = {utc(s["from"]) for s in self.offered(
            clock, "day", begin, begin + 7200)}
        said = json.loads(self.tc("hand", *args, "-o", "json"))
        self.assertEqual({utc(s["from"]) for s in said["slots"]}, taken)
        # Of the machine's own zone nothing is seen.
        page = self.tc("hand", *args)
        for text in ("09:30", clock.zone):
            self.assertIn(text, page)
        here = self.tc("hand", *args[:4], "--from", rfc3339(begin - 3600))
        zone = zoneinfo.ZoneInfo(ZONES[1])
        self.assertIn(datetime.datetime.fromtimestamp(
            begin + 1800, zone).strftime("%H:%M"), here)
        for day, wall in zip(clock.days(), ("09:00", "09:30", "10:00")):
            day = days_later(day, 6)
            booked = json.loads(self.tc(
                "hand", "book", CLINIC, "--expert", "day-0", "--at",
                f"{day} {wall}", "--tz", clock.zone, "--patient", "-", "-o",
                "json", stdin=json.dumps(patient(next(NUMBERS)))))
            self.assertEqual(utc(booked["from"]), clock.at(day, wall))


class Utc(World):
    tz = "UTC"


class Shanghai(World):
    tz = "Asia/Shanghai"


class NewYork(World):
    tz = "America/New_York"


class LordHowe(World):
    tz = "Australia/Lord_Howe"


# It has no clock of its own, and is not to be run.
del World
