"""What the example leaves open, so that every kind can take place in it
(year.py): wards and when experts teach, stations for free clinics, and robots
with two lines at the hospitals that lead others and ask others.
"""
import collections

TEACH = ("FREQ=WEEKLY;BYDAY=FR", "2024-01-05T15:00", "2024-01-05T17:00")
WALK_IN = ("FREQ=WEEKLY;BYDAY=SA", "2024-01-06T08:00", "2024-01-06T12:00")
PAIRS = {}  # agreement -> the two who hold its free clinics
LINES = ("telecom", "unicom")


def equip(network):
    beds(network)
    leads = {a["lead"] for a in network["agreements"]}
    have = {(r["id"].split("/")[0], r["type"]) for r in network["resources"]}
    rooms(network, have, leads, "ward", 1)
    rooms(network, have, {a["partner"] for a in network["agreements"]
                          if "free-clinic" in a["kinds"]}, "station", 2)
    rules(network, "teaching-round", TEACH)
    free_clinics(network)
    theatres(network, leads)


def beds(network):
    """Of those who refer: a ward, and places for who is referred."""
    sites = {a[end] for a in network["agreements"]
             if "referral" in a["kinds"] for end in ("lead", "partner")}
    wards = {r["id"].split("/")[0] for r in network["resources"]
             if r["type"] == "ward"}
    network["resources"] += [
        {"id": f"{site}/beds", "name": "病区", "type": "ward",
         "capacity": 20} for site in sorted(sites - wards)]
    take_over = {e["id"] for e in network["experts"]
                 if "referral" in e["kinds"]}
    for rule in network["availability"]:
        if rule.get("kinds") == ["clinic-slot"] and rule["of"] in take_over:
            rule["kinds"] = ["clinic-slot", "referral"]


def rooms(network, have, sites, sort, n):
    network["resources"] += [
        {"id": f"{site}/{sort}-{i + 1}", "name": f"{sort} {i + 1}",
         "type": sort, "capacity": 1}
        for site in sorted(sites) if (site, sort) not in have
        for i in range(n)]


def rule(of, when, kind, **other):
    rrule, start, end = when
    return {"of": of, "rrule": rrule, "start": start, "end": end,
            "time_zone": "Asia/Shanghai", "kinds": [kind], **other}


def rules(network, kind, when):
    network["availability"] += [rule(e["id"], when, kind)
                                for e in network["experts"]
                                if kind in e["kinds"]]


def free_clinics(network):
    """Two experts of a lead's and a specialty go to one partner's stations."""
    kind, free = "free-clinic", collections.defaultdict(list)
    for e in network["experts"]:
        if kind in e["kinds"] and e["independent_since"] < "2022":
            free[e["home"], e["specialties"][0]].append(e["id"])
    for a in network["agreements"]:
        two = free[a["lead"], a.get("specialties", [None])[0]]
        if kind not in a["kinds"] or len(two) < 2:
            continue
        PAIRS[a["id"]] = two.pop(), two.pop()
        network["availability"] += [
            rule(of, WALK_IN, kind, at=f"{a['partner']}/station-{i + 1}")
            for i, of in enumerate(PAIRS[a["id"]])]


def theatres(network, leads):
    """Where both ends are large hospitals, who guides may operate."""
    large = [a for a in network["agreements"] if a["partner"] in leads and
             "surgical-guidance" in a["kinds"]]
    for a in large:
        a["kinds"].append("remote-surgery")
    for e in network["experts"]:
        if "surgical-guidance" in e["kinds"]:
            e["kinds"].append("remote-surgery")
    sites = {s for a in large for s in (a["lead"], a["partner"])}
    network["resources"] += [
        {"id": f"{site}/robot-1", "name": "robot 1", "type": "robot",
         "capacity": 1} for site in sorted(sites)]
    network["resources"] += [
        {"id": f"{site}/line-{path}", "name": path, "type": "link",
         "capacity": 1, "path": path}
        for site in sorted(sites) for path in LINES]
