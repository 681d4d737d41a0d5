"""What a request must have, what is asked for besides, and what an agreement
says of it: through the client, with the time as the test says."""
import json
import unittest
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feed import Stream
from hands import Hands
from service import Service
from way import utc

STUDY = "1.2.840.113619.2.55.3.604688119"
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LETTER = f"https://his.example/letters/1#{HASH}"
BARE = ("submit", "remote-consultation", "--site", "liaoyang-county",
        "--reason", "chest pain", "--specialty", "coronary",
        "--patient-id", "7", "--patient-name", "n", "--summary", "s")
WHOLE = BARE + ("--purpose", "whether to operate", "--title",
                "chief-physician", "--wanted", "tomorrow 14:00/17:00",
                "--accompanied-by", "Dr Wang", "--phone", "13800000000",
                "--attach", STUDY)


class Asking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.hands = Hands(cls.service)
        cls.addClassCleanup(cls.hands.close)
        cls.hands.person("county", "site-coordinator", "--site",
                         "liaoyang-county")
        cls.hands.person("city", "lead-coordinator", "--site",
                         "liaoyang-central")
        cls.hands.person("stranger", "site-coordinator", "--site",
                         "cooperating-2")

    def must(self, who, *words):
        return self.hands.must(who, *words)

    def fails(self, code, who, *words):
        ran = self.hands.run(who, *words)
        self.assertEqual((ran.returncode, ran.stdout), (code, ""),
                         ran.stderr)
        return ran.stderr

    def request(self, who, code):
        return json.loads(self.must(who, "-o", "json", "show", code))

    def submit(self):
        return self.must("county", *WHOLE).strip()

    def test_all_that_is_missing_is_told_at_once(self):
        said = self.fails(2, "county", *BARE, "--attach", "1.02.3",
                          "--wanted", "tomorrow 14:00/17:00")
        for at in ("4 things are missing", "--purpose:", "--title:",
                   "--accompanied-by:", "/attachments/0/uid:"):
            self.assertIn(at, said)
        self.assertNotIn("1.02.3", said)

    def test_supplements_are_asked_for_once(self):
        code = self.submit()
        self.fails(2, "city", "ask", code)
        self.fails(4, "county", "ask", code, "--for", "the ECG")
        self.assertIn("supplement-needed",
                      self.must("city", "ask", code, "--for", "the ECG"))
        shown = self.must("county", "show", code)
        self.assertIn("the ECG", shown)
        self.assertIn(STUDY, shown)
        self.fails(3, "stranger", "supplement", code, "--note", "x")
        self.fails(2, "county", "supplement", code)
        self.assertIn("submitted", self.must(
            "county", "supplement", code, "--note", "here it is",
            "--summary", "ST elevation", "--attach", LETTER))
        seen = self.request("city", code)
        self.assertEqual([a.get("sha256") for a in seen["attachments"]],
                         [None, HASH])
        self.assertEqual(seen["patient"]["summary"], "ST elevation")
        self.assertEqual(seen["earlier"]["summary"], "s")
        self.assertEqual(seen["accompanied_by"]["name"], "Dr Wang")
        shown = self.must("city", "show", code)
        for text in ("Before the supplement", HASH, "here it is", "Dr Wang"):
            self.assertIn(text, shown)
        self.assertIn("once already", self.fails(
            1, "city", "ask", code, "--for", "more"))
        self.assertIn("declined", self.must(
            "city", "decline", code, "--reason", "see us at once",
            "--reason-code", "other-specialty"))
        self.assertEqual(self.request("county", code)["reason_code"],
                         "other-specialty")

    def test_what_does_not_come_in_time_expires_once(self):
        code = self.submit()
        self.must("city", "ask", code, "--for", "the ECG")
        self.service.advance(hours=23, minutes=59)
        self.assertEqual(self.request("county", code)["status"],
                         "supplement-needed")
        self.service.advance(minutes=2)
        seen = self.request("county", code)
        self.assertEqual(seen["status"], "expired")
        self.assertEqual([e["actor"] for e in seen["history"]
                          if e["verb"] == "expire"], ["system"])
        self.service.advance(days=3)
        self.assertEqual(
            len([e for e in self.request("county", code)["history"]
                 if e["verb"] == "expire"]), 1)

    def test_agreements_are_listed(self):
        listed = json.loads(self.must("county", "-o", "json", "list",
                                      "agreements"))["items"]
        ours, = [a for a in listed if a["id"] == "county-liaoyang"]
        self.assertTrue(ours["live"])
        self.assertEqual((ours["late_change"], ours["beyond_all"]),
                         ("lead-only", 0))
        places, = [k for k in ours["kinds"] if k["kind"] == "clinic-slot"]
        self.assertEqual((places["quota"], places["left"]), (60, 60))
        table = self.must("city", "list", "agreements")
        self.assertIn("clinic-slot 60 of 60", table)
        self.assertIn("2035-12-31", table)
        self.assertNotIn("county-liaoyang",
                         self.must("stranger", "list", "agreements"))

    def test_what_is_the_leads_alone_to_change_is_told_with_its_rule(self):
        about = ("clinic-slot", "--site", "liaoyang-county", "--specialty",
                 "coronary", "--agreement", "county-liaoyang")
        slot = json.loads(self.must("county", "-o", "json", "slots",
                                    *about))["slots"][-1]["from"]
        code = self.must("county", "book", *about, "--patient-id", "8",
                         "--patient-name", "n", "--at", slot).split()[0]
        self.service.at(utc(slot) - 1800)
        said = self.fails(1, "county", "cancel", code, "--reason", "better")
        self.assertRegex(said, r"agreement: late-change, .*: less than 120 "
                         r"minutes before its start .* coordinator of "
                         r"liaoyang-central .*\(county-liaoyang\)")


class Ends(unittest.TestCase):
    """Both sides of an agreement, and nobody else, are told of its end."""
    NAME = "trial"

    def setUp(self):
        self.service = Service(clock=True).init().start()
        self.addCleanup(self.service.close)
        self.service.load()
        self.people = {
            name: self.service.person(name, role, site, expert)
            for name, role, site, expert in (
                ("city", "lead-coordinator", "liaoyang-central", None),
                ("county", "site-coordinator", "liaoyang-county", None),
                ("stranger", "site-coordinator", "cooperating-2", None),
                ("expert", "expert", "anzhen", "coronary-1"))}

    def agree(self, last, **more):
        self.service.load({
            "version": 1, "sites": [], "resources": [], "experts": [],
            "availability": [], "agreements": [{
                "id": self.NAME, "lead": "liaoyang-central",
                "partner": "liaoyang-county", "valid_from": "2026-01-01",
                "valid_to": last.isoformat(), "ending_notice_days": 2,
                "kinds": ["remote-consultation"], **more}]})

    def told(self, who, n=0):
        """(verb, when) of all that the log tells them of it: n, or more."""
        client = self.people[who]
        client.close()
        client.port = self.service.ports["partners"]
        first = Stream(client).wait(lambda s: s.last_id)
        first.close()

        def of_it(stream):
            return [(data["verb"], utc(data["at"]))
                    for _, _, data in stream.events
                    if data.get("agreement") == self.NAME]

        stream = Stream(client, last_id=f"{first.epoch}.0")
        stream.wait(lambda s: len(of_it(s)) >= n).pump(0.2)
        stream.close()
        return of_it(stream)

    def ends(self, last):
        """When its last day is over where the lead is."""
        return int(datetime(last.year, last.month, last.day,
                            tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
                   ) + 86400

    def test_both_are_told_once(self):
        service = self.service
        last = (datetime.fromtimestamp(service.now(), ZoneInfo(
            "Asia/Shanghai")) + timedelta(days=4)).date()
        end = self.ends(last)
        want = []
        self.agree(last)
        for at, verb in ((end - 2 * 86400, "ending"), (end, "end")):
            service.at(at - 1)
            self.assertEqual(self.told("county", len(want)), want)
            service.at(at)
            want.append((verb, at))
            self.assertEqual(self.told("county", len(want)), want)
            # Not again by an import, nor by a start.
            self.agree(last, alliance=verb)
            service.kill()
            service.start()
            service.advance(hours=1)
            self.assertEqual(self.told("city", len(want)), want)
        self.assertEqual(self.told("stranger") + self.told("expert"), [])
        # Renewed after all, and it ends while nothing runs.
        last += timedelta(days=10)
        end = self.ends(last)
        self.agree(last)
        service.at(end - 3 * 86400)
        self.assertEqual(self.told("county", 2), want)
        service.kill()
        service.clock.at(end + 3600)
        service.start()
        service.settle()
        self.assertEqual(self.told("county", 3)[2:], [("end", end + 3600)])


if __name__ == "__main__":
    unittest.main()
