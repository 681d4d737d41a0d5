"""What is asked over the wire after each day of a year (year.py): 5, sight, and
6, refusals, of the list in year_check.py. What an answer must be is decided by
functions of answers alone, which tests/integration/test_year_check.py shows
wrong ones.
"""
import json

from year_world import rfc3339

LOOKS = 4       # of each sort, after a day
DAY = 86400


def alike(answer):
    """Without what names the one question."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return answer.body
    if isinstance(said, dict):
        said.pop("request_id", None)
    return answer.status, said


def of_a_stranger(site, thing, answer, absent):
    """Who may not see it cannot tell it from what does not exist."""
    if answer.status == 200:
        seen = answer.json
        return [] if site in (seen["partner"], seen["lead"]) else [
            f"5: {site} sees the {thing} {seen['code']}"]
    return [] if alike(answer) == alike(absent) else [
        f"5: {site} is told {answer}, of what is not there {absent}"]


def of_lists(site, thing, rows):
    return [f"5: {site} is shown the {thing} {row['code']}" for row in rows
            if site not in (row["partner"], row["lead"])]


def of_a_plan(site, entries):
    """Of an expert's other work: taken then, or a pause, and nothing else."""
    return [f"5: {site} sees of another's work {entry}" for entry in entries
            if site not in (entry.get("partner"), entry.get("lead")) and
            entry.keys() - {"from", "to"} and
            entry != {"from": entry["from"], "to": entry["to"],
                      "role": "buffer"}]


def of_a_refusal(answer, wanted):
    """Who asks for a time hears everything that is in its way; wanted: what
    is known to be, as (reason, subject)."""
    if answer.status != 409:
        return [f"6: {wanted} stand in the way: {answer}"]
    said = answer.json
    told = {(b["reason"], b.get("subject", b.get("role")))
            for b in said.get("blockers", [])}
    missed = [one for one in wanted if one not in told]
    return [f"6: nothing of {missed}: {answer}"] if missed or not \
        said.get("nearest") else []


class Probe:
    """Of one process: some of what its players did, seen by others."""

    def __init__(self, world):
        self.w = world
        self.partners = sorted({a["partner"] for a in world.agreements})

    def look(self, told):
        w, against = self.w, []
        things = sorted(told)
        for thing, code in w.random.sample(things, min(LOOKS, len(things))):
            site = w.random.choice(self.partners)
            who = w.partner(site)
            against += of_a_stranger(
                site, thing, w.ask(who, f"{thing}s/{code}"),
                w.ask(who, f"{thing}s/00000000"))
            w.counts["5: asked by strangers"] += 1
        against += self.lists() + self.plans() + self.refusals()
        return against

    def lists(self):
        w, site = self.w, self.w.random.choice(self.partners)
        against = []
        for thing in ("request", "booking"):
            rows = w.ask(w.partner(site), f"{thing}s",
                         limit=100).json["items"]
            against += of_lists(site, thing, rows)
            w.counts["5: rows of lists"] += len(rows)
        return against

    def plans(self):
        """An expert with work, as a partner of the same lead sees it."""
        w = self.w
        busy = sorted(w.booked.values())
        if not busy:
            return []
        at, expert = w.random.choice(busy)
        sites = [a["partner"] for a in w.agreements
                 if a["lead"] == w.experts[expert]["home"]]
        if not sites:
            return []
        site = w.random.choice(sites)
        said = w.ask(w.partner(site), f"experts/{expert}/schedule",
                     from_=rfc3339(at - 3 * DAY), to=rfc3339(at + 3 * DAY))
        if said.status != 200:
            return [f"5: {site} and the plan of {expert}: {said}"]
        entries = said.json["entries"]
        w.counts["5: entries of plans"] += len(entries)
        if not any(e["from"] <= rfc3339(at) < e["to"] for e in entries):
            return [f"5: {expert} is not busy at {rfc3339(at)}: {said}"]
        return of_a_plan(site, entries)

    def refusals(self):
        """A clinic place that is taken, for the patient who has it: it is
        refused for the expert and for the patient."""
        w, against = self.w, []
        places = [p for p in w.places if p["at"] > w.now() + DAY]
        for p in w.random.sample(places, min(LOOKS, len(places))):
            if (p["at"], p["expert"]) != w.booked.get(p["code"]):
                continue
            said = w.say(w.partner(p["site"]), "bookings", {
                "kind": "clinic-slot", "site": p["site"],
                "agreement": p["agreement"], "patient": p["patient"],
                "expert": p["expert"], "at": rfc3339(p["at"])}, None)
            w.counts["6: asked for what is taken twice over"] += 1
            against += of_a_refusal(said, [("busy", p["expert"]),
                                           ("busy", "patient")])
        return against
