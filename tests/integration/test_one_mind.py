"""At random, for some seconds: what the search offers is taken and what it
does not offer is refused; and whatever was done, each booking has stored
exactly the claims that its kind, its times and its neighbours give it.

The model below is the test's own. SEED=... repeats a run (on the same day).
"""
import collections
import datetime
import json
import os
import random
import time

from nets import (DAY, Net, agreement, at, expert, network, next_day, patient,
                  resource, rule, site)
from service import rows_of
from way import NUMBERS, rfc3339, utc

CLINIC, ONSITE, REMOTE, GUIDANCE = (
    "clinic-slot", "onsite-procedure", "remote-consultation",
    "surgical-guidance")
KINDS = (CLINIC, ONSITE, REMOTE, GUIDANCE)
PARTNERS = ("east", "west")
DAYS = 4                # bob is seconded on the two in the middle
SECONDS = 12
LEAST = 120             # steps, however slow it goes
MOST = 10 * LEAST       # steps, however long chance withholds something
PAUSE = {"ann": 600, "bob": 0, "cyd": 900}
OVERRUN = {"hub-east": 30 * 60, "hub-west": 45 * 60}
QUOTA = 5
WAYS = {("hub/clinic-a", "hub/clinic-b"): 25,
        ("hub/clinic-a", "hub/studio-1"): 15,
        ("east/vip", "east/cath"): 20,
        ("hub", "hub"): 10, ("hub", "east"): 120}
LIVE = ("pending", "booked")
BEGIN = next_day(0, 4)


def hub():
    direct = [CLINIC]
    net = network(
        sites=[site("hub"), *map(site, PARTNERS)],
        agreements=[
            agreement("hub-east", "hub", "east", KINDS),
            agreement("hub-west", "hub", "west", KINDS, overrun_minutes=45,
                      quota_per_month={CLINIC: QUOTA})],
        resources=[resource("hub/bridge", "link", 2),
                   resource("west/line", "link"),
                   resource("hub/studio-1", "studio"),
                   resource("hub/studio-2", "studio"),
                   resource("hub/clinic-a", "clinic-room"),
                   resource("hub/clinic-b", "clinic-room"),
                   resource("east/vip", "clinic-room"),
                   resource("east/cath", "operating-room")] +
        [resource(f"{p}/{name}", type_) for p in PARTNERS
         for name, type_ in (("studio", "studio"),
                             ("or-1", "operating-room"),
                             ("or-2", "operating-room"))],
        experts=[expert("ann", "hub", KINDS, buffer_minutes=10,
                        cap_per_day=6),
                 expert("bob", "hub", KINDS),
                 expert("cyd", "hub", KINDS, buffer_minutes=15)] +
        [expert(f"{p}-surgeon", p, [REMOTE]) for p in PARTNERS],
        availability=[
            rule("ann", "", "08:00", "10:00", at="hub/clinic-a",
                 kinds=direct, slot_minutes=20),
            rule("ann", "", "10:00", "12:00", at="hub/clinic-b",
                 kinds=direct, slot_minutes=30),
            rule("ann", "", "11:00", "18:00", at="hub/studio-1"),
            rule("bob", "", "08:00", "18:00"),
            rule("cyd", "", "07:00", "13:00", at="hub/studio-2"),
            rule("cyd", "", "12:00", "18:00", at="hub/clinic-b",
                 kinds=direct, slot_minutes=45),
            rule("east/or-2", "", "09:00", "16:00")],
        secondments=[
            {"expert": "bob", "site": "east", "remote_requests": "allow",
             "from": str(BEGIN + datetime.timedelta(days=1)),
             "to": str(BEGIN + datetime.timedelta(days=2)),
             "availability": [
                 rule(None, "", "08:00", "12:00", at="east/vip",
                      kinds=direct, slot_minutes=30),
                 rule(None, "", "11:00", "18:00", at="east/cath",
                      kinds=[ONSITE])]}],
        transfers=[{"from": a, "to": b, "minutes": minutes}
                   for (a, b), minutes in WAYS.items()])
    return net


def way(a, b):
    """Seconds from one room to the other; the narrowest entry counts."""
    if a == b:
        return 0
    sites = a.split("/")[0], b.split("/")[0]
    for pair in ((a, b), sites):
        for key in (pair, pair[::-1]):
            if key in WAYS:
                return 60 * WAYS[key]
    return 0


class Booking:
    """What the model knows of one: its last answer."""

    def __init__(self, who, answer):
        said = answer.json
        self.who, self.code, self.etag = who, said["code"], answer.etag
        self.kind, self.status = said["kind"], said["status"]
        self.agreement, self.expert = said["agreement"], said["expert"]
        self.begin, self.end = utc(said["from"]), utc(said["to"])
        self.before = 60 * said.get("before_minutes", 0)
        self.after = 60 * said.get("after_minutes", 0)
        self.subjects = collections.defaultdict(list)
        for claim in said["claims"]:
            self.subjects[claim["role"]].append(claim.get("subject") or "")

    def __str__(self):
        return (f"{self.expert} {rfc3339(self.begin)}/{rfc3339(self.end)} "
                f"{self.place} {self.code} {self.status}")

    @property
    def place(self):
        return (self.subjects["lead-studio"] + self.subjects["place"])[0]

    @property
    def reserve(self):
        return OVERRUN[self.agreement] if self.kind == GUIDANCE else 0

    @property
    def away(self):
        """When the expert has done with it, the pause included."""
        return self.end + self.reserve + PAUSE[self.expert]

    def own(self):
        """(role, subject, from, to) of what it has itself."""
        end = self.end + self.reserve
        whole = (self.begin - self.before, max(end, self.end + self.after))
        spans = {"operating-room": whole, "surgeon": whole, "link":
                 (self.begin, end), "lead-studio": (self.begin, end)}
        if self.kind == GUIDANCE:
            spans["patient"] = whole
        yield "expert", self.expert, self.begin, self.end
        if self.reserve:
            yield "overrun", self.expert, self.end, end
        if PAUSE[self.expert] and self.kind != CLINIC:
            yield "buffer", self.expert, end, self.away
        yield ("patient", "", *spans.get("patient", (self.begin, self.end)))
        for role, subjects in self.subjects.items():
            if role in ("expert", "overrun", "buffer", "transfer",
                        "patient"):
                continue
            for subject in subjects:
                yield (role, subject, *spans.get(
                    role, (self.begin, end if role == "resource"
                           else self.end)))


class OneMind(Net):
    made = staticmethod(hub)
    people = {"hub": ("lead-coordinator", "hub"),
              "east": ("site-coordinator", "east"),
              "west": ("site-coordinator", "west")}

    def setUp(self):
        self.seed = os.environ.get(
            "SEED", f"{random.SystemRandom().getrandbits(32):x}")
        self.random = random.Random(self.seed)
        self.live, self.counts = {}, collections.Counter()
        self.done = None

    def tearDown(self):
        """Whatever there was is given back, and nothing is left."""
        for booking in list(self.live.values()):
            self.end(booking)
        self.check_claims()

    def test_at_random(self):
        print(f"SEED={self.seed}", flush=True)
        end = time.monotonic() + SECONDS
        while (self.counts["step"] < LEAST or time.monotonic() < end or
               (self.missing() and self.counts["step"] < MOST)):
            self.counts["step"] += 1
            deed = self.random.choices(
                (self.take_one, self.move_one, self.end_one, self.confirm),
                (10, 4, 3, 2))[0]
            self.done = deed.__name__
            deed()
            self.check_claims()
        print(dict(self.counts))
        self.assertEqual(self.missing(), [])
        self.verify_log()

    def missing(self):
        """What chance must bring about and has not yet."""
        return [what for what in
                ("taken", "refused", "moved", "unmoved", "ended",
                 "confirmed", *(f"taken {k}" for k in KINDS))
                if not self.counts[what]]

    # --- what chance has found ---

    def had(self, when, by, kind, **other):
        """Of the partner east."""
        body = {"kind": kind, "expert": by, **other}
        if kind in (REMOTE, GUIDANCE):
            body = {"request": self.requested("east", body)}
        else:
            body["patient"] = patient(next(NUMBERS))
        booking = Booking(self.east, self.expect(
            self.take(self.east, at=when, **body), 201))
        self.live[booking.code] = booking
        return booking

    def test_a_little_earlier_its_way_comes_along(self):
        """Its own reserve is no session that would be reached from it."""
        self.had(at(BEGIN, "09:20"), "ann", CLINIC)
        booking = self.had(at(BEGIN, "12:30"), "ann", GUIDANCE,
                           duration_minutes=65)
        self.check_claims()
        self.note(booking, self.east.post(
            f"/v1/bookings/{booking.code}/move",
            {"at": rfc3339(at(BEGIN, "12:20"))}, match=booking.etag))
        self.check_claims()

    def test_of_what_has_been_yesterday_no_way_is_left(self):
        """Less than a day before its end, more than one before its start."""
        tomorrow = BEGIN + datetime.timedelta(days=1)
        first = self.had(at(BEGIN, "10:40"), "bob", REMOTE,
                         duration_minutes=85)
        second = self.had(at(tomorrow, "11:55"), "bob", ONSITE)
        self.check_claims()
        self.assertTrue(list(self.way_to(second, [first])))
        self.end(first)
        self.check_claims()

    # --- deeds ---

    def some_time(self):
        day = BEGIN + datetime.timedelta(days=self.random.randrange(DAYS))
        step = self.random.choice((1, 2, 3, 4, 6, 9)) * 300
        return at(day, "07:00") + step * self.random.randrange(
            11 * 3600 // step)

    def some_offer(self, who, query):
        begin = at(BEGIN + datetime.timedelta(
            days=self.random.randrange(DAYS)), "07:00")
        found = self.slots(who, n=40, from_=rfc3339(begin),
                           to=rfc3339(begin + DAY), **query)
        return utc(self.random.choice(found)["from"]) if found else None

    def some_rooms(self, partner):
        if self.random.random() < 0.7:
            return []
        return self.random.sample(
            ["hub/bridge", "hub/studio-2", f"{partner}/or-1",
             f"{partner}/or-2", f"{partner}/studio"] +
            (["west/line"] if partner == "west" else []),
            self.random.randint(1, 2))

    def wish(self, partner):
        kind = self.random.choice(KINDS)
        body = {"kind": kind, "expert": self.random.choice(list(PAUSE))}
        if kind == ONSITE and self.random.random() < 0.8:
            body["expert"] = "bob"       # others never do
        if kind != CLINIC:
            body["duration_minutes"] = 5 * self.random.randint(2, 18)
        if kind == GUIDANCE:
            body["before_minutes"] = 5 * self.random.randrange(19)
            body["after_minutes"] = 5 * self.random.randrange(19)
            if self.random.random() < 0.5:
                body["surgeon"] = f"{partner}-surgeon"
        return body

    def requested(self, partner, body):
        """The code of an accepted request for it."""
        who = getattr(self, partner)
        asked = self.expect(who.post("/v1/requests", {
            **body, "site": partner, "reason": "x", "specialty": "heart",
            "patient": patient(next(NUMBERS))}), 201)
        return self.expect(self.hub.post(
            f"/v1/requests/{asked.json['code']}/accept", {},
            match=asked.etag), 200).json["code"]

    def take_one(self):
        partner = self.random.choice(("east", "east", "west"))
        who, body, when = (getattr(self, partner), self.wish(partner),
                           self.some_time())
        rooms = self.some_rooms(partner)
        if body["kind"] in (REMOTE, GUIDANCE):
            code = self.requested(partner, body)
            query = {"request": code, "expert": body["expert"]}
            ask = dict(query)
        else:
            query = {**body, "agreement": f"hub-{partner}"}
            ask = {**query, "patient": patient(next(NUMBERS))}
        if rooms:
            query["with"] = ask["with"] = rooms
        if self.random.random() < 0.4:
            when = self.some_offer(who, query) or when
        offered = self.slots(who, n=1, from_=rfc3339(when),
                             to=rfc3339(when + 1), **query)
        path = self.random.choice(("/v1/bookings", "/v1/holds"))
        answer = self.take(who, path=path, at=when, **ask)
        self.assertEqual(answer.status, 201 if offered else 409,
                         f"{ask} at {rfc3339(when)}: {offered} {answer}")
        if not offered:
            self.counts["refused"] += 1
            self.refused(answer)
            if self.random.random() < 0.3:
                self.check_nearest(who, when, query, answer)
            return
        booking = Booking(who, answer)
        self.live[booking.code] = booking
        self.counts["taken"] += 1
        self.counts[f"taken {booking.kind}"] += 1
        for room in rooms:
            self.assertIn(room, json.dumps(answer.json["claims"]))
        self.assertEqual(set(offered[0]["with"]), {
            s for role, some in booking.subjects.items() for s in some
            if "/" in s})

    def check_nearest(self, who, when, query, refused):
        """Times that are named do; where none is, there is none."""
        near = [utc(s["from"]) for s in refused.json.get("nearest", [])]
        self.counts["with nearest" if near else "without nearest"] += 1
        begin = when - 3 * DAY
        offered = [utc(s["from"]) for s in self.slots(
            who, n=100, from_=rfc3339(begin),
            to=rfc3339(when + 14 * DAY), **query)]
        if len(offered) < 100:
            offered.sort(key=lambda t: (abs(t - when), t))
            self.assertEqual(near, sorted(offered[:3]), query)
        elif near:
            self.assertLessEqual(set(t for t in near if t <= offered[-1]),
                                 set(offered))

    def some_live(self, *statuses):
        some = [b for b in self.live.values() if b.status in statuses]
        return self.random.choice(some) if some else None

    def note(self, booking, answer):
        self.done = f"{self.done} {booking}"
        self.expect(answer, 200)
        again = Booking(booking.who, answer)
        self.live.pop(again.code)
        if again.status in LIVE:
            self.live[again.code] = again

    def move_one(self):
        booking = self.some_live("booked")
        if not booking:
            return
        body = {"at": rfc3339(self.some_time() if self.random.random() < 0.7
                              else booking.begin +
                              300 * self.random.randint(-6, 6))}
        if booking.kind != CLINIC and self.random.random() < 0.3:
            body["duration_minutes"] = 5 * self.random.randint(2, 18)
        if booking.kind == GUIDANCE and self.random.random() < 0.5:
            body["before_minutes"] = 5 * self.random.randrange(19)
            body["after_minutes"] = 5 * self.random.randrange(19)
        if self.random.random() < 0.3:
            body["expert"] = self.random.choice(list(PAUSE))
        answer = booking.who.post(f"/v1/bookings/{booking.code}/move", body,
                                  match=booking.etag)
        self.counts["moved" if answer.status == 200 else "unmoved"] += 1
        if answer.status == 200:
            self.note(booking, answer)
        else:
            self.refused(answer)

    def end_one(self):
        booking = self.some_live(*LIVE)
        if booking:
            self.end(booking)

    def end(self, booking):
        verb, body = (("cancel", {"reason": "x"})
                      if booking.status == "booked" else ("release", {}))
        self.note(booking, booking.who.post(
            f"/v1/bookings/{booking.code}/{verb}", body, match=booking.etag))
        self.counts["ended"] += 1

    def confirm(self):
        booking = self.some_live("pending")
        if booking:
            self.note(booking, booking.who.post(
                f"/v1/bookings/{booking.code}/confirm", match=booking.etag))
            self.counts["confirmed"] += 1

    # --- the model ---

    def way_to(self, booking, others):
        """From wherever the expert was last, within a day."""
        last = max((b for b in others if b.expert == booking.expert and
                    b.end + b.reserve <= booking.begin and
                    b.end + b.reserve > booking.begin - DAY),
                   key=lambda b: b.end + b.reserve, default=None)
        took = way(last.place, booking.place) if last else 0
        if took:
            begin = max(booking.begin - took, last.away)
            if begin < booking.begin:
                yield "transfer", booking.expert, begin, booking.begin

    def check_claims(self, *more):
        live = [*self.live.values(), *more]
        wanted = sorted(
            (b.code, *claim) for b in live
            for claim in (*b.own(), *self.way_to(
                b, [o for o in live if o is not b])))
        stored = sorted(rows_of(self.service.database, """
            SELECT substr(b.code, 1, 4) || '-' || substr(b.code, 5), c.role,
             CASE s.type WHEN 'patient' THEN '' ELSE s.slug END,
             c.from_time, c.to_time FROM claim c
            JOIN booking b ON b.id = c.booking
            JOIN subject s ON s.id = c.subject"""))
        if stored != wanted:
            missing, extra = (
                [(*c[:3], rfc3339(c[3]), rfc3339(c[4])) for c in some]
                for some in (set(wanted) - set(stored),
                             set(stored) - set(wanted)))
            self.fail(f"SEED={self.seed} step {self.counts['step']}: missing "
                      f"{missing}, too much {extra} after {self.done}; "
                      f"there are {sorted(map(str, live))}")
        used = sum(1 for b in live if b.kind == CLINIC and
                   b.agreement == "hub-west")
        self.assertLessEqual(used, QUOTA * (
            2 if BEGIN.month != (BEGIN + datetime.timedelta(
                days=DAYS)).month else 1))
