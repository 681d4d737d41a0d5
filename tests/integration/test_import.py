"""Importing a network over the API: what is refused, and that nothing of a
refused file is stored."""
import copy
import json
import re
import unittest

from service import LIAOYANG, Service, rows_of
from way import EXPERT, Way, rfc3339, shanghai

TABLES = ("site", "agreement", "agreement_kind", "agreement_specialty",
          "subject", "expert", "expert_word", "rule", "secondment", "leave",
          "transfer", "calendar_day", "limit_set", "event", "idempotency")

with open(LIAOYANG, encoding="utf-8") as f:
    TEXT = f.read()


class Import(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        cls.admin = cls.service.admin()

    def setUp(self):
        self.network = json.loads(TEXT)

    def stored(self):
        """How many rows there are, and what the file says of itself."""
        sql = ", ".join([f"(SELECT count(*) FROM {table})"
                         for table in TABLES] +
                        ["(SELECT value FROM meta WHERE name = 'note')"])
        return rows_of(self.service.database, "SELECT " + sql)

    def refused(self, body, code):
        before = self.stored()
        answer = self.admin.post("/v1/import", body)
        self.assertEqual(answer.code, code, repr(answer))
        self.assertEqual(self.stored(), before)
        return answer.json

    def faults(self, network=None):
        got = self.refused(network or self.network, "invalid")
        return {e["pointer"]: e["detail"] for e in got["errors"]}, got

    # --- no JSON ---

    def place(self, body):
        detail = self.refused(body, "malformed")["detail"]
        match = re.search(r"\(line (\d+), column (\d+)\)$", detail)
        self.assertTrue(match, detail)
        return detail, int(match.group(1)), int(match.group(2))

    def test_a_cut_file(self):
        for part in (3, 2):
            cut = TEXT[:len(TEXT) // part]
            lines = cut.split("\n")
            detail, line, column = self.place(cut.encode())
            self.assertEqual((line, column), (len(lines), len(lines[-1])),
                             detail)
        self.assertIn("ends too early", detail)

    def test_a_file_that_is_not_utf_8(self):
        at = TEXT.index("安贞")
        body = TEXT[:at].encode() + "安贞".encode("gb18030") + \
            TEXT[at + 2:].encode()
        before = TEXT[:at].split("\n")
        detail, line, column = self.place(body)
        self.assertIn("not UTF-8", detail)
        self.assertEqual((line, column), (len(before), len(before[-1]) + 1))
        self.place(TEXT.encode("utf-16"))

    def test_a_field_named_twice(self):
        at = TEXT.index('"name"')
        text = TEXT[:at] + '"id": "again",\n   ' + TEXT[at:]
        detail, line, _ = self.place(text.encode())
        self.assertIn("twice", detail)
        self.assertEqual(line, TEXT[:at].count("\n") + 1)

    def test_garbage(self):
        self.place(b"sites:\n  - id: anzhen\n")
        self.place(TEXT.encode() + b"x")
        self.place(b"\0" * 100)
        self.place(b"[" * 100000)
        self.assertEqual(self.refused(b"[]", "invalid")["errors"][0]
                         ["pointer"], "")

    # --- no network ---

    def test_everything_wrong_is_said_at_once(self):
        n = self.network
        n["sites"].append(copy.deepcopy(n["sites"][0]))
        n["agreements"][0]["lead"] = "nowhere"
        n["agreements"][1]["valid_to"] = "2022-06-31"
        n["availability"][0]["rrule"] = "FREQ=WEEKLY;BYDAY=XX"
        n["availability"][1]["exdates"] = ["tomorrow"]
        n["availability"][11]["slot_minutes"] = 300
        n["experts"][0]["home"] = "nowhere"
        n["leave"][0]["end"] = n["leave"][0]["start"]
        n["leave"][1]["of"] = "nobody"
        n["transfers"][0]["to"] = "anzhen"
        n["colour"] = "red"
        found, got = self.faults()
        self.assertEqual(set(found), {
            "/sites/9/id", "/agreements/0/lead", "/agreements/1/valid_to",
            "/availability/0/rrule", "/availability/1/exdates/0",
            "/availability/11/slot_minutes", "/experts/0/home",
            "/leave/0/end", "/leave/1/of", "/transfers/0/to", "/colour"})
        self.assertEqual(got["detail"], "the file has 11 faults")
        self.assertEqual(found["/leave/1/of"],
                         "there is no expert or resource nobody")

    def test_two_of_one_id(self):
        n, where = self.network, {"secondments": "/from", "availability": "",
                                  "transfers": ""}
        parts = ("sites", "agreements", "resources", "experts",
                 "availability", "secondments", "transfers")
        for part in parts:
            n[part].append(copy.deepcopy(n[part][0]))
        found, _ = self.faults()
        self.assertEqual(set(found), {
            f"/{part}/{len(n[part]) - 1}{where.get(part, '/id')}"
            for part in parts})

    def test_how_many_faults_there_are_beyond_those_listed(self):
        for site in self.network["sites"]:
            site["time_zone"] = "Mars/Olympus"
        for expert in self.network["experts"] * 9:
            self.network["leave"].append(
                {"of": "nobody-" + expert["id"],
                 "start": "2027-01-01T00:00", "end": "2027-01-02T00:00"})
        found, got = self.faults()
        self.assertEqual(len(got["errors"]), 64)
        self.assertIn("108 faults", got["detail"])
        self.assertIn("44 more", got["detail"])

    def test_what_the_store_refuses_takes_the_rest_with_it(self):
        n = self.network
        n["sites"][3]["name"] = "renamed"
        n["agreements"][3]["lead"] = "pumch"
        found, _ = self.faults()
        self.assertEqual(set(found), {"/agreements/3"})
        self.assertEqual(rows_of(self.service.database,
                                 "SELECT count(*) FROM site"
                                 " WHERE name = 'renamed'"), [(0,)])

    # --- what is told ---

    def test_a_change_is_named(self):
        n = self.network
        n["experts"][0]["title"] = "professor"
        n["leave"] = n["leave"][1:]
        n["transfers"][0]["minutes"] = 11
        n["agreements"].append({**n["agreements"][0], "id": "new"})
        report = self.service.load(n).json
        self.assertEqual(report["dry_run"], False)
        self.assertEqual(report["changes"], [
            {"part": "agreements", "id": "new", "change": "created"},
            {"part": "experts", "id": "coronary-1", "change": "changed"},
            {"part": "leave", "id": "coronary-1", "change": "removed"},
            {"part": "transfers", "id": "anzhen/studio-1 - anzhen/clinic-3",
             "change": "changed"}])
        counts = {p["part"]: p for p in report["parts"]}
        self.assertEqual(list(counts), [
            "sites", "calendars", "limit_sets", "agreements", "resources",
            "experts", "availability", "secondments", "leave", "transfers",
            "on_call"])
        self.assertEqual(counts["leave"], {
            "part": "leave", "created": 0, "changed": 0, "unchanged": 2,
            "removed": 1})
        report = self.service.load(TEXT.encode()).json
        self.assertEqual(len(report["changes"]), 3)  # agreements stay

    # --- tried ---

    def test_a_dry_run_says_what_an_import_does_and_stores_nothing(self):
        n = self.network
        n["note"] = "tried"
        n["sites"].append({"id": "trial", "name": "t",
                           "time_zone": "Asia/Kathmandu"})
        n["experts"].append({**n["experts"][0], "id": "trial-1",
                             "home": "trial"})
        n["availability"] = n["availability"][1:]
        n["secondments"] = []
        n["calendars"]["cn"]["days_off"].append("2030-01-01")
        before = self.stored()
        events = self.admin.post("/v1/log/verify").json["events"]
        tried = self.admin.post("/v1/import/dry-run", n, key="same")
        self.assertEqual(tried.status, 200, repr(tried))
        self.assertEqual(self.stored(), before)
        verified = self.admin.post("/v1/log/verify").json
        self.assertEqual((verified["ok"], verified["events"]), (True, events))
        # Nothing is kept under the key: it is tried again, also with another.
        again = self.admin.post("/v1/import/dry-run", n, key="same")
        self.assertEqual(again.json, tried.json)
        other = self.admin.post("/v1/import/dry-run", TEXT.encode(),
                                key="same")
        self.assertEqual(other.status, 200, repr(other))
        report = self.service.load(n).json
        self.assertEqual({**tried.json, "dry_run": False}, report)
        self.assertTrue(tried.json["dry_run"])
        self.assertEqual(
            [c for c in report["changes"] if c["part"] != "agreements"], [
                {"part": "sites", "id": "trial", "change": "created"},
                {"part": "calendars", "id": "cn", "change": "changed"},
                {"part": "experts", "id": "trial-1", "change": "created"},
                {"part": "availability", "id": "coronary-1",
                 "change": "changed"},
                {"part": "secondments", "id": "coronary-1",
                 "change": "removed"},
                {"part": "secondments", "id": "electrophysiology-1",
                 "change": "removed"},
                {"part": "note", "id": "note", "change": "changed"}])
        self.service.load(TEXT.encode())

    def test_a_dry_run_refuses_what_an_import_refuses(self):
        before = self.stored()
        self.network["agreements"][3]["lead"] = "pumch"
        got = self.admin.post("/v1/import/dry-run", self.network)
        self.assertEqual(got.json["errors"][0]["pointer"], "/agreements/3")
        self.network["agreements"][3]["partner"] = "nowhere"
        got = self.admin.post("/v1/import/dry-run", self.network)
        self.assertEqual(got.json["errors"][0]["pointer"],
                         "/agreements/3/partner")
        self.assertEqual(self.admin.post("/v1/import/dry-run", TEXT.encode(),
                                         key="").code,
                         "idempotency-key-required")
        self.assertEqual(self.stored(), before)


class Orphans(Way):
    def test_bookings_that_lose_their_ground_are_named(self):
        begin = shanghai(0, "09:00", 3)
        day = rfc3339(begin)[:10]  # 09:00 in Shanghai is the same day in UTC
        booked = self.book(self.accepted(), rfc3339(begin))
        other = self.book(self.accepted(self.two),
                          rfc3339(begin + 7 * 86400), self.two)
        network = json.loads(TEXT)
        network["leave"].append({"of": EXPERT, "start": day + "T00:00",
                                 "end": day + "T12:00", "note": "ill"})
        tried = self.admin.post("/v1/import/dry-run", network).json
        self.assertEqual((tried["orphaned"], tried["dry_run"]), (1, True))
        orphan, = tried["orphans"]
        self.assertEqual(
            {k: orphan[k] for k in orphan if k != "blockers"},
            {"booking": booked.json["code"], "kind": "remote-consultation",
             "expert": EXPERT, "lead": "anzhen", "partner": "liaoyang-central",
             "status": "booked",
             "from": booked.json["from"], "to": booked.json["to"]})
        self.assertIn(("leave", EXPERT), {
            (b["reason"], b.get("subject")) for b in orphan["blockers"]})
        # Nothing is stored: the time after it is still given away.
        self.book(self.accepted(), rfc3339(begin + 3600))
        report = self.expect(self.admin.post("/v1/import", network), 200).json
        self.assertEqual([o["booking"] for o in report["orphans"]],
                         [booked.json["code"], report["orphans"][1]["booking"]])
        self.assertEqual(report["orphaned"], 2)
        self.assertNotIn(other.json["code"],
                         [o["booking"] for o in report["orphans"]])
        # It is told of, and left to people.
        self.assertEqual(self.one.get(
            "/v1/bookings/" + booked.json["code"]).json["status"], "booked")
        self.assertRegex(self.service.log(),
                         r"event=import-orphans .*bookings=3 orphaned=2 ms=")
        back = self.expect(self.admin.post("/v1/import", TEXT.encode()), 200)
        self.assertEqual(back.json["orphaned"], 0)


if __name__ == "__main__":
    unittest.main()
