"""Where there is no time: what took it, and that what would help does help."""
import datetime
import unittest

from hands import Hands
from nets import (Net, agreement, at, expert, network, next_day, resource,
                  rule, site)
from way import rfc3339, utc

REMOTE, CLINIC = "remote-consultation", "clinic-slot"
MONDAY = next_day(0)
WEEKS = [MONDAY + datetime.timedelta(days=7 * i) for i in range(4)]
LONG_AGO = MONDAY - datetime.timedelta(days=99)


def hospital():
    """The chief is there on Mondays, from the third one on; somebody else is
    earlier, who speaks less. On Tuesdays the chief is at a third hospital."""
    return network(
        sites=[site(s) for s in ("city", "north", "third")],
        agreements=[agreement("city-north", "city", "north", [REMOTE, CLINIC],
                              quota_per_month={REMOTE: 9}),
                    agreement("city-third", "city", "third",
                              [REMOTE, CLINIC])],
        resources=[resource("city/studio", "studio"),
                   resource("north/studio-1", "studio"),
                   resource("north/studio-2", "studio"),
                   resource("third/clinic", "clinic-room")],
        experts=[expert("chief", "city", [REMOTE, CLINIC],
                        languages=["zh", "ru"]),
                 expert("second", "city", [REMOTE], title="attending",
                        languages=["zh"])],
        availability=[rule("chief", "MO", "08:00", "10:00", kinds=[REMOTE]),
                      rule("chief", "TU", "08:00", "10:00", kinds=[CLINIC],
                           at="third/clinic", slot_minutes=20),
                      rule("second", "MO,TU", "08:00", "09:00")],
        leave=[{"of": "chief", "start": f"{LONG_AGO}T00:00",
                "end": f"{WEEKS[1] + datetime.timedelta(days=1)}T00:00"},
               {"of": "second", "start": f"{LONG_AGO}T00:00",
                "end": f"{WEEKS[0]}T00:00"},
               {"of": "north/studio-2", "start": f"{WEEKS[0]}T00:00",
                "end": f"{WEEKS[3] + datetime.timedelta(days=99)}T00:00"}])


class Explain(Net):
    people = {"north": ("site-coordinator", "north"),
              "lead": ("lead-coordinator", "city")}
    #: what the query leaves out, or says instead
    FREED = {"without-room": ("with", None), "another-expert": ("expert",
                                                                None),
             "without-language": ("languages", None),
             "lower-title": ("title", None),
             "later": ("to", rfc3339(at(WEEKS[3], "23:00")))}

    @classmethod
    def made(cls):
        return hospital()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("desk", "site-coordinator", "--site", "north")

    def explained(self, who, **query):
        query = {"from": rfc3339(at(WEEKS[0], "00:00")),
                 "to": rfc3339(at(WEEKS[0], "23:00")), **query}
        answer = self.expect(who.get("/v1/slots", explain="true", **query),
                             200).json
        self.assertEqual(answer["slots"], [])
        (found,) = answer["explained"]
        self.assertEqual(found["chances"],
                         found["by_one"] + found["by_several"])
        self.assertEqual(found["by_one"],
                         sum(r["alone"] for r in found["removals"]))
        return query, found

    def helps(self, who, query, relaxation):
        """Asked for what it says, the search finds that very time first."""
        for change in relaxation["changes"]:
            name, value = self.FREED[change["what"]]
            query = {k: v for k, v in query.items() if k != name}
            if change.get("value") and name == "title":
                value = change["value"]
            if value:
                query[name] = value
        first = self.slots(who, **query)[0]
        self.assertEqual((first["from"], first["expert"]),
                         (relaxation["slot"]["from"],
                          relaxation["slot"]["expert"]))

    def test_single_changes(self):
        query, found = self.explained(self.north, kind=REMOTE,
                                      expert="chief")
        by = {r["reason"]: r for r in found["removals"]
              if r.get("subject") == "chief"}
        self.assertEqual(by["leave"]["alone"] + by["leave"]["with_others"],
                         by["leave"]["of"])
        self.assertEqual(by["leave"]["minutes"], 23 * 60)
        self.assertEqual(
            [[c["what"] for c in r["changes"]] for r in found["relaxations"]],
            [["another-expert"], ["later"]])
        for relaxation in found["relaxations"]:
            self.helps(self.north, query, relaxation)
        # The leave is two weeks long: the third Monday.
        self.assertEqual(utc(found["relaxations"][1]["slot"]["from"]),
                         at(WEEKS[2], "08:00"))

    def test_two_at_once(self):
        query, found = self.explained(
            self.north, kind=REMOTE, specialty="heart", languages="ru",
            title="chief-physician", **{"with": "north/studio-2"})
        self.assertEqual(
            [[c["what"] for c in r["changes"]] for r in found["relaxations"]],
            [["without-room", "later"]])
        self.helps(self.north, query, found["relaxations"][0])
        self.assertEqual({c["granted_by"] for c in
                          found["relaxations"][0]["changes"]},
                         {"site-coordinator"})

    def test_a_third_hospital_is_not_told_of(self):
        for who, named in ((self.north, False), (self.lead, True)):
            window = {"from": rfc3339(at(WEEKS[2], "00:00")),
                      "to": rfc3339(at(WEEKS[3], "00:00"))}
            query = {"site": "north"} if named else {}
            _, found = self.explained(who, kind=CLINIC, expert="chief",
                                      **query, **window)
            elsewhere = [r for r in found["removals"]
                         if r["reason"] == "elsewhere"]
            self.assertEqual({r["subject"] for r in elsewhere}, {"chief"})
            self.assertNotIn("third/", str(found))

    def test_at_three_in_the_morning(self):
        out = self.hands.must(
            "desk", "slots", REMOTE, "--expert", "chief", "--from",
            str(WEEKS[0]), "--to", str(WEEKS[0]), "--explain", "--tz",
            "Asia/Shanghai")
        self.assertRegex(out, r"^No time is free\.\n\nUnder city-north, Mon ")
        self.assertRegex(out, r"(?m)^with another expert +site-coordinator +"
                         rf"Mon {WEEKS[0]} 08:00–08:30 +second ")
        self.assertRegex(out, r"(?m)^later than the window +site-coordinator "
                         rf"+Mon {WEEKS[2]} 08:00–08:30 +chief ")
        self.assertRegex(out, r"(?m)^Of 288 chances \(a start of an expert\) "
                         r"one reason\nalone took \d+,|alone took \d+,\n")
        self.assertRegex(out, r"(?m)^chief +leave +100% +\d+ +\d+ +1 d +")
        # Where there is a time it is shown, and nothing else is said.
        out = self.hands.must("desk", "slots", REMOTE, "--explain", "--from",
                              str(WEEKS[2]), "--tz", "Asia/Shanghai")
        self.assertRegex(out, r"^TIME +EXPERT +NAME +TURN +WITH")
        self.assertRegex(out, r"08:00–08:30 +chief +chief +1 of 2, 0\.0 h ")

    def test_whose_turn_it_is(self):
        """The calls at night and all figures are the lead's to see."""
        window = {"from": rfc3339(at(WEEKS[2], "08:00")),
                  "to": rfc3339(at(WEEKS[2], "08:01"))}
        for who, query in ((self.north, {}), (self.lead, {"site": "north"})):
            slots = self.slots(who, kind=REMOTE, specialty="heart", **query,
                               **window)
            self.assertEqual([s["expert"] for s in slots],
                             ["chief", "second"])
            self.assertEqual([(s["fair"]["rank"], s["fair"]["of"])
                              for s in slots], [(1, 2), (2, 2)])
            self.assertEqual("night_calls" in slots[0]["fair"], bool(query))
            self.assertEqual(slots[0]["fair"]["detail"],
                             "0 h from 4 weeks ago on, the least of 2 who"
                             " suit")
            named = self.slots(who, kind=REMOTE, expert="second", **query,
                               **window)
            self.assertNotIn("fair", named[0])


if __name__ == "__main__":
    unittest.main()
