"""Which part of the example's network takes part in a year (year.py), and what
of it the players must know: who goes to whose stations, who teaches when.
"""
import collections
import random

AT_LEAST = 3  # agreements of each kind, of each process


class Ground:
    """What is read out of the network file, once."""

    def __init__(self, network):
        self.network = network
        self.zone = {s["id"]: s["time_zone"] for s in network["sites"]}
        self.experts = {e["id"]: e for e in network["experts"]}
        self.of_lead = collections.defaultdict(list)
        for e in network["experts"]:
            self.of_lead[e["home"]].append(e)
        self.ruled = collections.defaultdict(set)  # kind -> experts
        self.there = collections.defaultdict(list)  # site -> free clinics'
        for row in network["availability"]:
            for kind in row.get("kinds", ()):
                self.ruled[kind].add(row["of"])
                if kind == "free-clinic":
                    self.there[row["at"].split("/")[0]].append(row["of"])
        self.away = {s["expert"]: s for s in network["secondments"]}

    def suits(self, agreement, kind):
        """Those of the lead who could take it, three years on their own."""
        wanted = set(agreement.get("specialties", []))
        return [e for e in self.of_lead[agreement["lead"]]
                if kind in e["kinds"] and e["independent_since"] < "2022" and
                (not wanted or wanted & set(e["specialties"])) and
                self.comes(agreement, kind, e["id"])]

    def comes(self, agreement, kind, expert):
        """Who stays with a partner does that partner's procedures alone; who
        teaches has hours for it."""
        if kind == "onsite-procedure":
            return expert in self.away and \
                self.away[expert]["site"] == agreement["partner"]
        return expert not in self.away and (
            kind != "teaching-round" or expert in self.ruled[kind])

    def pair(self, agreement):
        """Who hold its free clinics: two of the lead's, at the stations."""
        suit = {e["id"] for e in self.suits(agreement, "free-clinic")}
        return [e for e in self.there[agreement["partner"]] if e in suit][:2]


def sample(ground, number, able, processes, seed):
    """So many agreements of all leads, by process; of each kind some. able:
    kind -> whether it can take place by an agreement."""
    rng = random.Random(seed)
    chosen = [a for a in ground.network["agreements"]
              if a.get("specialties") and
              all(ground.zone[a[end]] == "Asia/Shanghai"
                  for end in ("lead", "partner")) and
              len(ground.of_lead[a["lead"]]) > 2]
    rng.shuffle(chosen)
    leads = sorted({a["lead"] for a in chosen})
    of = {lead: i % processes for i, lead in enumerate(leads)}
    taken = {a["id"]: a for a in chosen[:number]}
    for kind in able:
        for process in range(processes):
            some = [a for a in chosen
                    if of[a["lead"]] == process and able[kind](a)]
            taken.update((a["id"], a) for a in some[:AT_LEAST])
    return [[a for a in taken.values() if of[a["lead"]] == n]
            for n in range(processes)]
