"""What happens to one thing of each kind in a year (year.py), from its request
to its end: one player a kind.

A player is a generator: it acts, and yields the time at which it wants to go
on. World.say() holds every answer against what it must be; what is left to
chance is drawn from the world's own numbers.
"""
from year_world import CANARY, lines_to_sign, rfc3339, seconds

DAY = 86400
MONTHS_AHEAD = 14 * DAY
# Of so many: what the tables of a telemedicine centre have (domain.md).
CANCELLED, MOVED, NOSHOW = 0.05, 0.06, 0.03
DECLINED, ASKED, WITHDRAWN, HELD = 0.04, 0.04, 0.02, 0.08


def body_of(w, agreement, kind, **other):
    return {"kind": kind, "site": agreement["partner"],
            "agreement": agreement["id"], "reason": "for advice",
            "purpose": "a second opinion", "patient": w.patient(), **other}


def submit(w, agreement, kind, **other):
    who = w.partner(agreement["partner"])
    return w.is_so("request", w.say(who, "requests", body_of(
        w, agreement, kind, **other)))


def accept(w, agreement, code, **body):
    return w.is_so("request", w.say(
        w.lead(agreement["lead"]), f"requests/{code}/accept", body))


def triage(w, agreement, code):
    """Does the lead take it?"""
    return is_taken(w, w.partner(agreement["partner"]),
                    w.lead(agreement["lead"]), code)


def is_taken(w, asks, answers, code):
    """The answers differ as people do."""
    if w.chance(DECLINED):
        w.is_so("request", w.say(answers, f"requests/{code}/decline", {
            "reason": "better seen at home"}))
        w.counts["declined"] += 1
        return False
    if w.chance(WITHDRAWN):
        w.is_so("request", w.say(asks, f"requests/{code}/withdraw", {
            "reason": "the family does not want it"}))
        w.counts["withdrawn"] += 1
        return False
    if w.chance(ASKED):
        w.is_so("request", w.say(answers, f"requests/{code}/ask", {
            "missing": "the last images"}))
        w.is_so("request", w.say(asks, f"requests/{code}/supplement", {
            "summary": "images added"}))
        w.counts["supplemented"] += 1
    return True


def offers(w, who, start, days=14, **query):
    """The first times; none: what is said of them."""
    answer = w.ask(who, "slots", n=5, from_=rfc3339(start),
                   to=rfc3339(start + days * DAY), **query)
    if answer.status != 200:
        w.against.append(f"slots {query}: {answer}")
        return []
    w.counts["searches"] += 1
    return answer.json["slots"]


def is_raced(w, answer):
    """Another process's patient came first, between offer and booking: only
    what two leads share can be had by both."""
    return answer.status == 409 and all(
        b["reason"] in ("busy", "buffer", "transfer", "quota", "day-cap")
        for b in answer.json.get("blockers", [{"reason": ""}]))


def refused_rightly(w, who, body, slots):
    """A time that the expert has given to another: who asks for it hears that
    they are taken then, and of other times."""
    expert = slots[0]["expert"]
    taken = [at for at, of in w.booked.values()
             if of == expert and at > w.now() + 3600]
    if not taken:
        return
    said = w.say(who, "bookings", {**body, "at": rfc3339(taken[0]),
                                   "expert": expert}, None)
    w.counts["asked for what is taken"] += 1
    if said.status != 409 or not any(
            b["reason"] == "busy" and b.get("subject") == expert
            for b in said.json["blockers"]) or not said.json["nearest"]:
        w.against.append(f"6: {expert} is taken: {said}")


def take(w, who, body, slots):
    """Books the first of them that is still there: its code, start and end."""
    for slot in slots:
        made = w.say(who, "bookings", {
            **body, "at": slot["from"],
            **({"expert": slot["expert"]} if "expert" in slot else {})}, None)
        if made.status == 201:
            return w.is_so("booking", made).json
        w.counts["offered and refused"] += 1
        if not is_raced(w, made):
            w.against.append(f"offered, and refused: {slot} {made}")
            return None
        w.counts["of these raced"] += 1
    return None


def hold_first(w, who, body, slots):
    """A hold that is confirmed, or forgotten."""
    for slot in slots:
        made = w.say(who, "holds", {**body, "at": slot["from"],
                                    "expert": slot["expert"]}, None)
        if made.status != 201:
            continue
        code = made.json["code"]
        w.counts["held"] += 1
        if w.chance(0.2):
            w.must_be("booking", code, "lapsed")
            yield w.now() + 600
            return None
        w.is_so("booking", w.say(
            who, f"bookings/{code}/confirm", {}))
        return made.json
    return None


def settled(w, agreement, code, **query):
    """A time for the request: its booking; None: none was found."""
    who = w.partner(agreement["partner"])
    slots = offers(w, who, w.now() + 3600, request=code, **query)
    body = {"request": code}
    made = None
    if w.chance(HELD):
        made = yield from hold_first(w, who, body, slots)
        if not made:
            slots = offers(w, who, w.now() + 3600, request=code, **query)
    if not made and slots and w.chance(0.03):
        refused_rightly(w, who, body, slots)
    made = made or take(w, who, body, slots)
    if made:
        w.must_be("request", code, "scheduled")
    else:
        w.counts["without a time"] += 1
    return made


def give_up(w, agreement, code):
    w.is_so("request", w.say(w.partner(agreement["partner"]),
                             f"requests/{code}/withdraw",
                             {"reason": "it took too long"}))
    w.counts["withdrawn"] += 1


def stands(w, made):
    """The booking as it is: others move and cancel, too (leave)."""
    return w.moved.get(made["code"], made)


def awaited(w, made):
    """Its time; None: it is cancelled."""
    while True:
        made = stands(w, made)
        if not made or seconds(made["from"]) <= w.now():
            return made
        yield seconds(made["from"])


def change(w, agreement, made, request=None):
    """Before the day: some are cancelled, some moved. The booking as it
    stands then; None: there is none any more."""
    who = w.partner(agreement["partner"])
    code = made["code"]
    if w.chance(CANCELLED):
        said = w.is_so("booking", w.say(who, f"bookings/{code}/cancel", {
            "reason": "the patient is discharged"}))
        w.counts["cancelled"] += said.status == 200
        if request:
            w.must_be("request", request, "accepted")
            give_up(w, agreement, request)
        return None
    if w.chance(MOVED):
        slots = offers(w, who, w.now() + DAY, expert=made["expert"],
                       **({"request": request} if request else
                          {"kind": made["kind"],
                           "site": agreement["partner"],
                           "agreement": agreement["id"]}))
        for slot in slots[-2:]:
            moved = w.say(who, f"bookings/{code}/move",
                          {"at": slot["from"]}, None)
            if moved.status == 200:
                w.counts["moved"] += 1
                return w.is_so("booking", moved).json
    return made


def nobody_came(w, agreement, made, request):
    w.is_so("booking", w.say(w.lead(agreement["lead"]),
                             f"bookings/{made['code']}/noshow",
                             {"absent": "patient"}))
    w.counts["noshow"] += 1
    if request:
        w.must_be("request", request, "accepted")
        give_up(w, agreement, request)


def consents(w, agreement, path, *which):
    for consent in which:
        w.say(w.partner(agreement["partner"]), f"{path}/consent",
              {"consent": consent, "kept": "ward folder",
               **({"reason": "no such surgeon at home"}
                  if consent == "telementoring" else {})})


def sign(w, request, expert):
    """The expert's opinion, under their key."""
    who, text = w.expert(expert), "As described. Go on as planned."
    at = w.now()
    signer = w.people.signer(who)
    said = w.say(who, f"requests/{request}/opinions", {
        "version": 1, "signed_at": rfc3339(at), "text": text,
        "key": signer.public, "signature": signer.sign(
            lines_to_sign(request, expert, at, text))})
    w.counts["opinions"] += said.status == 200
    w.must_be("request", request, "completed")


def receive(w, agreement, request):
    w.is_so("request", w.say(w.partner(agreement["partner"]),
                             f"requests/{request}/receive"))


def held_session(w, agreement, made, reason=None):
    """Starts it at its time, ends it at its end."""
    partner = w.partner(agreement["partner"])
    code = made["code"]
    if w.chance(0.3):
        w.is_so("booking", w.say(partner, f"bookings/{code}/arrive"))
    w.is_so("booking", w.say(partner, f"bookings/{code}/start",
                             {"reason": reason} if reason else {}))
    w.must_be("booking", code, "started")
    yield max(w.now() + 60, seconds(made["to"]))
    w.is_so("booking", w.say(w.lead(agreement["lead"]),
                             f"bookings/{code}/finish"))


class Beside:
    """What else happens about a booking of a request."""

    def booked(self, made):
        """It has just been made."""

    def ready(self, made):
        """It is about to begin."""

    def over(self, made):
        """It has ended, or will not be."""


def consultation(w, agreement, kind, which=("treatment",), beside=Beside(),
                 **other):
    """One that is asked for, triaged, booked, held and answered."""
    asked = submit(w, agreement, kind, **other)
    if asked.status != 201:
        return
    code = asked.json["code"]
    yield w.now() + 1800
    if not triage(w, agreement, code):
        return
    accept(w, agreement, code)
    made = yield from settled(w, agreement, code)
    if not made:
        give_up(w, agreement, code)
        return
    beside.booked(made)
    yield (w.now() + seconds(made["from"])) // 2
    now = stands(w, made) and change(w, agreement, stands(w, made), code)
    now = now and (yield from awaited(w, now))
    if not now:
        beside.over(made)
        return
    made = now
    if w.chance(NOSHOW):
        nobody_came(w, agreement, made, code)
        beside.over(made)
        return
    consents(w, agreement, f"requests/{code}", *which)
    beside.ready(made)
    w.must_be("request", code, "started")
    yield from held_session(w, agreement, made, "both ends hear each other")
    beside.over(made)
    yield w.now() + 1800
    for expert in made.get("experts", [made["expert"]]):
        sign(w, code, expert)
    yield w.now() + 3600
    receive(w, agreement, code)
    w.counts["consultations"] += 1
    w.counts[f"of these {kind}"] += 1


def remote(w, agreement):
    yield from consultation(
        w, agreement, "remote-consultation",
        specialty=agreement["specialties"][0])


class Guided(Beside):
    """Where the partner has a surgeon of its own, who takes over."""

    def __init__(self, w, agreement):
        self.w, self.agreement = w, agreement

    def ready(self, made):
        partner = self.agreement["partner"]
        surgeon = self.w.random.choice(self.w.of_lead[partner])["id"]
        self.w.say(self.w.partner(partner),
                   f"bookings/{made['code']}/fallback", {"surgeon": surgeon})


def guidance(w, agreement, beside=None):
    yield from consultation(
        w, agreement, "surgical-guidance", ("treatment", "telementoring"),
        beside or Guided(w, agreement),
        specialty=agreement["specialties"][0], before_minutes=30,
        after_minutes=30)


def discussion(w, agreement):
    """Two of the specialty, each of whom signs."""
    specialty = agreement["specialties"][0]
    yield from consultation(w, agreement, "case-discussion",
                            specialty=specialty,
                            also=[f"specialty={specialty}"])


def listed(w, agreement, session):
    """A case put on the list of a conference: its booking and its request. It
    goes where that goes, whatever is told of it before."""
    asked = submit(w, agreement, "case-discussion", duration_minutes=20,
                   specialty=agreement["specialties"][0])
    if asked.status != 201:
        return []
    request = asked.json["code"]
    accept(w, agreement, request)
    said = w.say(w.lead(agreement["lead"]), f"sessions/{session}/cases",
                 {"request": request}, None)
    if said.status != 200:
        give_up(w, agreement, request)
        return []
    cases = [(c["code"], request) for c in said.json["cases"]
             if c["request"] == request]
    w.must_be("request", request, None)
    for case, _ in cases:
        w.must_be("booking", case, None)
    return cases


def conference(w, agreement):
    """Two cases on the list of one of the lead's; the second has no turn."""
    kind, lead = "case-conference", w.lead(agreement["lead"])
    expert = w.random.choice(w.suits(agreement, kind))
    slots = offers(w, lead, w.now() + 2 * DAY, kind=kind, duration_minutes=60,
                   site=agreement["lead"], expert=expert["id"])
    code = slots and make_session(w, agreement, {
        "kind": kind, "expert": expert["id"], "at": slots[0]["from"],
        "duration_minutes": 60}, {})
    if not code:
        return
    cases = listed(w, agreement, code) + listed(w, agreement, code)
    yield w.now() + DAY
    if len(cases) == 2:
        cases.reverse()
        w.say(lead, f"sessions/{code}/order", {"cases": [
            case for case, _ in cases]}, None)
    made = yield from awaited(w, {**slots[0], "code": code})
    if not made:
        return
    w.is_so("booking", w.say(lead, f"bookings/{code}/start"))
    for case, request in cases[:1]:
        consents(w, agreement, f"requests/{request}", "treatment")
        w.say(lead, f"bookings/{case}/start",
              {"reason": "both ends hear each other"})
    yield seconds(made["to"])
    for case, request in cases[:1]:
        w.is_so("booking", w.say(lead, f"bookings/{case}/finish"))
        sign(w, request, expert["id"])
        receive(w, agreement, request)
    w.is_so("booking", w.say(lead, f"bookings/{code}/finish"))
    for _, request in cases[1:]:
        w.must_be("request", request, "accepted")
        give_up(w, agreement, request)
    w.counts["case conferences"] += 1


def surgery(w, agreement):
    """A robot at both ends; one of the partner's own stands by."""
    surgeon = w.random.choice(w.of_lead[agreement["partner"]])
    yield from consultation(
        w, agreement, "remote-surgery", ("treatment", "telementoring"),
        specialty=agreement["specialties"][0], surgeon=surgeon["id"])


def imaging(w, agreement):
    """Half of them without a meeting."""
    expert = w.random.choice(w.suits(agreement, "imaging-consultation"))
    about = {"specialty": agreement["specialties"][0]}
    if expert.get("modalities"):
        about["modality"] = w.random.choice(expert["modalities"])
    if w.chance(0.5):
        yield from consultation(w, agreement, "imaging-consultation",
                                **about)
        return
    asked = submit(w, agreement, "imaging-consultation",
                   mode="store-and-forward", **about)
    if asked.status != 201:
        return
    code = asked.json["code"]
    yield w.now() + 1200
    if not triage(w, agreement, code):
        return
    taken = w.say(w.lead(agreement["lead"]), f"requests/{code}/accept",
                  {"expert": expert["id"]}, None)
    if taken.status != 200:
        if not {b["reason"] for b in taken.json["blockers"]} <= {
                "leave", "seconded"}:
            w.against.append(f"a reader: {taken}")
        give_up(w, agreement, code)
        return
    w.is_so("request", taken)
    consents(w, agreement, f"requests/{code}", "treatment")
    yield w.now() + 3600
    sign(w, code, expert["id"])
    yield w.now() + 3600
    receive(w, agreement, code)
    w.counts["consultations"] += 1


def emergency(w, agreement):
    """Called, answered, begun, all within minutes."""
    asked = submit(w, agreement, "emergency-consultation",
                   specialty=agreement["specialties"][0])
    if asked.status != 201:
        return
    code = asked.json["code"]
    partner, lead = (w.partner(agreement["partner"]),
                     w.lead(agreement["lead"]))
    called = [c["expert"] for c in asked.json.get("calls", [])
              if c["outcome"] == "called" and "expert" in c]
    if not called:
        w.counts["emergencies that nobody is called for"] += 1
        w.is_so("request", w.say(lead, f"requests/{code}/decline", {
            "reason": "nobody is on call; ask the nearest"}))
        return
    said = w.say(w.expert(called[0]), f"requests/{code}/answer",
                 {"answer": "accept"}, None)
    if said.status != 200:
        w.counts["emergencies whose expert cannot"] += 1
        w.say(w.expert(called[0]), f"requests/{code}/answer",
              {"answer": "cannot", "reason": "in the theatre"})
        w.is_so("request", w.say(partner, f"requests/{code}/withdraw", {
            "reason": "taken to the nearest hospital"}))
        return
    w.counts["emergencies"] += 1
    w.must_be("request", code, "scheduled")
    booked = said.json["booking"]
    booking = w.ask(partner, f"bookings/{booked}").json
    w.say(partner, f"bookings/{booked}/start", {"reason": "in shock"})
    w.must_be("request", code, "started")
    w.must_be("booking", booked, "started")
    yield w.now() + 1800
    w.is_so("booking", w.say(lead, f"bookings/{booked}/finish"))
    sign(w, code, booking["expert"])
    consents(w, agreement, f"requests/{code}", "treatment")
    yield w.now() + 3600
    receive(w, agreement, code)
    w.counts["consultations"] += 1


def direct(w, agreement, kind, **query):
    """What the partner books by itself, within its quota."""
    who = w.partner(agreement["partner"])
    slots = offers(w, who, w.now() + DAY, kind=kind,
                   site=agreement["partner"], agreement=agreement["id"],
                   **query)
    patient = w.patient()
    made = take(w, who, {"kind": kind, "site": agreement["partner"],
                         "agreement": agreement["id"],
                         "patient": patient}, slots)
    if not made:
        w.counts["without a place"] += 1
        return
    if kind == "clinic-slot":
        w.places.append({"code": made["code"].replace("-", ""),
                         "at": seconds(made["from"]),
                         "expert": made["expert"], "patient": patient,
                         "site": agreement["partner"],
                         "agreement": agreement["id"]})
    yield (w.now() + seconds(made["from"])) // 2
    made = stands(w, made) and change(w, agreement, stands(w, made))
    made = made and (yield from awaited(w, made))
    if not made:
        return
    if w.chance(NOSHOW):
        nobody_came(w, agreement, made, None)
        return
    yield from held_session(w, agreement, made)
    w.counts[WENT[kind]] += 1


WENT = {"clinic-slot": "clinic visits",
        "onsite-procedure": "procedures on site"}


def clinic(w, agreement):
    """A place in a clinic."""
    yield from direct(w, agreement, "clinic-slot",
                      specialty=agreement["specialties"][0])


def procedure(w, agreement):
    """By the expert who stays there."""
    yield from direct(w, agreement, "onsite-procedure")


class Way:
    """Of a patient who is referred: who sends, who takes over."""

    def __init__(self, w, agreement):
        self.w, self.up = w, w.chance(0.6)
        lead, partner = agreement["lead"], agreement["partner"]
        sites = [partner, lead] if self.up else [lead, partner]
        people = [w.partner(partner), w.lead(lead)]
        self.site, self.to = sites
        self.sender, self.receiver = people if self.up else people[::-1]
        self.written = []

    def did(self, code, verb, **body):
        return self.w.is_so("booking", self.w.say(
            self.receiver, f"bookings/{code}/{verb}", body))

    def said(self, code, verb, **body):
        return self.w.is_so("request", self.w.say(
            self.sender, f"requests/{code}/{verb}", body))

    def wrote(self, code, what):
        """What nobody else may read."""
        text = f"{CANARY} {what}: as expected"
        self.w.say(self.receiver, f"requests/{code}/course",
                   {"what": what, "text": text})
        self.written.append((what, text))

    def reads(self, code):
        said = self.w.ask(self.sender, f"requests/{code}/course")
        if said.status != 200 or self.written != [
                (e["what"], e["text"]) for e in said.json["entries"]]:
            self.w.against.append(f"2: course of {code}: {said}")
        self.w.counts["courses read"] += 1

    def given_up(self, code, why):
        self.w.must_be("request", code, "accepted")
        self.said(code, "withdraw", reason=why)
        self.w.counts["withdrawn"] += 1


def a_bed_or_place(w, way, code):
    """Half of them a bed, and who finds no place; the booking, its days."""
    start = w.now() + DAY
    if w.chance(0.5):
        made = take(w, way.sender, {"request": code},
                    offers(w, way.sender, start, request=code))
        if made:
            return made, 0
    days = w.random.randint(2, 9)
    return take(w, way.sender, {"request": code, "bed_days": days}, offers(
        w, way.sender, start, request=code, bed_days=days)), days


def referral(w, agreement):
    """Up or down, to a bed or a place; and how it goes on."""
    way = Way(w, agreement)
    asked = w.is_so("request", w.say(way.sender, "requests", body_of(
        w, agreement, "referral", site=way.site, to=way.to,
        specialty=agreement["specialties"][0])))
    if asked.status != 201:
        return
    code = asked.json["code"]
    yield w.now() + 1800
    if not is_taken(w, way.sender, way.receiver, code):
        return
    w.is_so("request", w.say(way.receiver, f"requests/{code}/accept"))
    made, days = a_bed_or_place(w, way, code)
    if not made:
        w.counts["referrals without a bed"] += 1
        way.given_up(code, "no bed is free")
        return
    w.must_be("request", code, "scheduled")
    booked = made["code"]
    yield (w.now() + seconds(made["from"])) // 2
    if stands(w, made) and w.chance(CANCELLED):
        way.did(booked, "cancel", reason="not fit to be moved")
        way.given_up(code, "not fit to be moved")
        return
    made = yield from awaited(w, made)
    if not made:
        return
    if w.chance(NOSHOW):
        way.did(booked, "noshow", absent="patient")
        way.given_up(code, "went elsewhere")
        return
    yield from gone_on(way, code, made, days)
    w.counts["referrals " + ("up" if way.up else "down")] += 1
    w.counts["of these to a bed"] += days > 0


def gone_on(way, code, made, days):
    w, booked = way.w, made["code"]
    way.said(code, "consent", consent="treatment", kept="ward folder")
    if w.chance(0.3):
        way.did(booked, "arrive")
    way.did(booked, "start")
    w.must_be("request", code, "started")
    way.wrote(code, "admitted" if days else "seen")
    if days:
        yield w.now() + DAY
        way.wrote(code, "operated")
        way.reads(code)
    yield max(w.now() + 60, seconds(made["to"]))
    way.did(booked, "finish")
    w.must_be("request", code, "completed")
    way.wrote(code, "discharged" if days else "sent-back")
    yield w.now() + 3600
    way.reads(code)
    way.said(code, "receive")
    if days:
        way.wrote(code, "sent-back")
        way.reads(code)


def watchers(w, agreement, kind):
    """Partners of the lead who may watch."""
    return sorted({a["partner"] for a in w.agreements
                   if a["lead"] == agreement["lead"] and kind in a["kinds"]})


SEATS = {"seats": 8, "seats_per_site": 3, "no_record": True}


def make_session(w, agreement, body, seats=SEATS):
    made = w.say(w.lead(agreement["lead"]), "sessions", {
        "title": "The week's cases", **seats, **body}, None)
    if made.status != 201:
        w.counts["sessions that could not be made"] += 1
        return None
    w.is_so("booking", made)
    return made.json["code"]


def joined(w, agreement, code, kind):
    """Some of those who may; by the sites' own hands. None is one too many."""
    taken = {}
    for site in watchers(w, agreement, kind)[:4]:
        seats = w.random.randint(1, 4)
        said = w.say(w.partner(site), f"sessions/{code}/join",
                     {"seats": seats}, None)
        if said.status == 200:
            taken[site] = seats
        elif seats <= 3 and sum(taken.values()) + seats <= 8:
            w.against.append(f"1: {seats} beside {taken} of 8: {said}")
    if sum(taken.values()) > 8 or any(n > 3 for n in taken.values()):
        w.against.append(f"1: {taken} of 8 seats")
    w.counts["seats"] += sum(taken.values())
    return taken


def held_round(w, agreement, code, taken, until):
    lead = w.lead(agreement["lead"])
    w.is_so("booking", w.say(lead, f"bookings/{code}/start"))
    yield until
    for site, seats in taken.items():
        w.say(w.partner(site), f"sessions/{code}/attendance",
              {"came": w.random.randint(0, seats)})
    w.is_so("booking", w.say(lead, f"bookings/{code}/finish"))


def teaching(w, agreement):
    """A round: made by the lead, joined by partners, sometimes cancelled."""
    lead = w.lead(agreement["lead"])
    expert = w.random.choice(w.suits(agreement, "teaching-round"))
    slots = offers(w, lead, w.now() + 2 * DAY, kind="teaching-round",
                   site=agreement["lead"], expert=expert["id"])
    code = slots and make_session(w, agreement, {
        "kind": "teaching-round", "expert": expert["id"],
        "at": slots[0]["from"]})
    if not code:
        return
    made = {"code": code, **slots[0]}
    yield w.now() + DAY
    taken = stands(w, made) and joined(w, agreement, code, "teaching-round")
    made = yield from awaited(w, made)
    if not made:
        return
    if w.chance(CANCELLED):
        w.is_so("booking", w.say(lead, f"bookings/{code}/cancel", {
            "reason": "the ward is full"}))
        return
    yield from held_round(w, agreement, code, taken, seconds(made["to"]))
    w.counts["teaching rounds"] += 1


class Watched(Guided):
    """... and others watch: what becomes of the operation becomes of this."""
    code = None

    def booked(self, made):
        self.code = make_session(self.w, self.agreement, {
            "kind": "surgery-demonstration", "shows": made["code"]})
        if self.code:
            joined(self.w, self.agreement, self.code, "surgery-demonstration")

    def ready(self, made):
        super().ready(made)
        if not self.code:
            return
        consents(self.w, self.agreement, f"bookings/{made['code']}",
                 "broadcast")
        self.w.is_so("booking", self.w.say(
            self.w.lead(self.agreement["lead"]),
            f"bookings/{self.code}/start"))

    def over(self, made):
        if not self.code:
            return
        lead = self.w.lead(self.agreement["lead"])
        now = self.w.ask(lead, f"sessions/{self.code}").json["status"]
        if now in ("fulfilled", "cancelled"):
            self.w.must_be("booking", self.code, now)
            self.w.counts["demonstrations"] += now == "fulfilled"
        else:
            self.w.against.append(f"the operation {made['code']} is over,"
                                  f" {self.code} that shows it is {now}")


def demonstration(w, agreement):
    yield from guidance(w, agreement, Watched(w, agreement))


def free_clinic(w, agreement):
    """Two experts at a partner's stations, and who walks in."""
    lead, partner = (w.lead(agreement["lead"]),
                     w.partner(agreement["partner"]))
    first, second = w.ground.pair(agreement)
    slots = offers(w, lead, w.now() + 2 * DAY, kind="free-clinic",
                   site=agreement["partner"], agreement=agreement["id"],
                   expert=first)
    if not slots:
        w.counts["free clinics without a time"] += 1
    code = slots and make_session(w, agreement, {
        "kind": "free-clinic", "site": agreement["partner"],
        "agreement": agreement["id"], "expert": first, "experts": [second],
        "at": slots[0]["from"], "tokens": 20}, {})
    if not code:
        return
    yield seconds(slots[0]["from"])
    now = w.ask(lead, f"sessions/{code}").json
    if now["status"] != "booked" or now["from"] != slots[0]["from"]:
        w.counts["free clinics that gave way to leave"] += 1
        return
    w.is_so("booking", w.say(partner, f"bookings/{code}/start"))
    numbers = [w.say(partner, f"sessions/{code}/tokens").json["number"]
               for _ in range(5)]
    if numbers != [1, 2, 3, 4, 5]:
        w.against.append(f"1: tokens {numbers}")
    for station in now["with"]:
        called = w.say(partner, f"sessions/{code}/call",
                       {"station": station}).json
        w.say(partner, f"sessions/{code}/mark",
              {"number": called["number"], "outcome": "seen"})
        w.counts["walked in and seen"] += 1
    yield seconds(slots[0]["to"])
    w.is_so("booking", w.say(lead, f"bookings/{code}/finish"))
    w.counts["free clinics"] += 1


def local_day(at, days=0):
    return rfc3339(at + 8 * 3600 + days * DAY)[:10]


def rearranged(w, agreement, expert, change):
    """A change of the expert's roster; each booking that it leaves without
    ground is moved or cancelled before the desk goes home."""
    lead = w.lead(agreement["lead"])
    said = w.say(lead, "roster", {"reason": "as agreed", "changes": [
        {"of": expert, **change}]}, None)
    if said.status != 200:
        w.counts["rosters that could not be changed"] += 1
        if not {"leave", "seconded", "agreement-kind"} & {
                b["reason"] for b in said.json.get("blockers", [])}:
            w.against.append(f"a roster: {said}")
        return False
    for orphan in w.ask(lead, "orphans", moves=True).json["items"]:
        if orphan["expert"] != expert or orphan["status"] != "booked":
            continue
        code, partner = orphan["booking"], w.partner(orphan["partner"])
        moved = orphan.get("moves") and w.say(
            partner, f"bookings/{code}/move",
            {"at": orphan["moves"][0]["from"]}, None)
        if moved and moved.status == 200:
            w.moved[code] = w.is_so("booking", moved).json
            w.counts["orphans moved"] += 1
            continue
        ended = w.is_so("booking", w.say(lead, f"bookings/{code}/cancel", {
            "reason": "the expert is away"}))
        w.moved[code] = None
        w.counts["orphans cancelled"] += 1
        request = ended.json.get("request")
        if request:
            w.must_be("request", request, "accepted")
            give_up(w, {"partner": orphan["partner"]}, request)
    left = [o for o in w.ask(lead, "orphans").json["items"]
            if o["expert"] == expert and o["status"] == "booked"]
    if left:
        w.against.append(f"orphans stay on the list: {left}")
    return True


def leave(w, agreement):
    """An expert is away for a week or two, from the day after tomorrow on."""
    expert = w.random.choice(w.of_lead[agreement["lead"]])["id"]
    if rearranged(w, agreement, expert, {
            "change": "leave", "from": local_day(w.now(), 2) + "T00:00",
            "to": local_day(w.now(), w.random.randint(7, 16)) + "T00:00"}):
        w.counts["leaves"] += 1
    return
    yield


def visit(w, agreement):
    """An expert works at a partner for a month."""
    expert = w.random.choice(w.suits(agreement, "onsite-visit"))["id"]
    first = local_day(w.now(), 3)
    if rearranged(w, agreement, expert, {
            "change": "visit", "site": agreement["partner"],
            "first_day": first, "last_day": local_day(w.now(), 33),
            "remote_requests": "refuse", "availability": [
                {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE",
                 "start": first + "T08:00", "end": first + "T11:00",
                 "time_zone": "Asia/Shanghai"}]}):
        w.counts["visits"] += 1
    return
    yield


def has_two(w, agreement):
    return len(w.suits(agreement, "case-discussion")) > 1


def has_pair(w, agreement):
    return len(w.pair(agreement)) == 2


def has_surgeon(w, agreement):
    return w.of_lead[agreement["partner"]]


def is_watched(w, agreement):
    return has_surgeon(w, agreement) and \
        "surgical-guidance" in agreement["kinds"] and \
        w.suits(agreement, "surgical-guidance")


# Of no kind: it changes what all of them lean on.
LEAVE = "leave"
# Kind, its player, how many begin in a year of 30,000 consultations held, and
# what else an agreement must have for it.
PLAYERS = {
    "remote-consultation": (remote, 21500, None),
    "imaging-consultation": (imaging, 11000, None),
    "surgical-guidance": (guidance, 2400, has_surgeon),
    "emergency-consultation": (emergency, 1500, None),
    "clinic-slot": (clinic, 4000, None),
    "referral": (referral, 300, None),
    "onsite-procedure": (procedure, 250, None),
    "teaching-round": (teaching, 400, None),
    "surgery-demonstration": (demonstration, 200, is_watched),
    "case-discussion": (discussion, 900, has_two),
    "case-conference": (conference, 100, None),
    "remote-surgery": (surgery, 100, has_surgeon),
    "free-clinic": (free_clinic, 100, has_pair),
    "onsite-visit": (visit, 40, None),
    LEAVE: (leave, 120, None),
}
