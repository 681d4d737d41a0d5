#!/usr/bin/python3
"""What teleconsult shows of lists and schedules, as table, JSON and CSV.

usage: run.py BUILD test_client_views
"""
import csv
import io
import json
import os
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

from fakeserver import Answer  # noqa: E402
from toolrig import (BOOKING, CODE, ME, OTHER, REQUEST,  # noqa: E402
                     ClientTest, World)


def setUpModule():
    ClientTest.world = World()


def tearDownModule():
    ClientTest.world.close()


def rows_of(text):
    """As a script reads it: every row is a line, ended as RFC 4180 says."""
    if text.count("\n") != text.count("\r\n") or text[-2:] != "\r\n":
        raise AssertionError(text)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


class Lists(ClientTest):
    def pages(self, asked):
        at = int(re.search(r"cursor=c(\d+)", asked.query).group(1)) \
            if "cursor=" in asked.query else 0
        limit = int(re.search(r"limit=(\d+)", asked.query).group(1))
        items = self.items[at:at + min(limit, 3)]
        document = {"items": items}
        if at + len(items) < len(self.items):
            document["next"] = f"c{at + len(items)}"
        return Answer(200, document)

    def setUp(self):
        self.items = [{**REQUEST, "version": i, "extra": [i, "]"]}
                      for i in range(8)]
        self.serve({"GET /v1/requests": self.pages})

    def test_follows_the_cursor_to_the_end(self):
        out = self.ok("list")
        self.assertEqual(out.count(CODE), 8)
        self.assertIn("Times in Asia/Shanghai.", out)
        self.assertNotIn("There may be more", out)

    def test_json_is_one_document_with_every_field(self):
        document = json.loads(self.ok("list", "requests", "-o", "json"))
        self.assertEqual(document, {"items": self.items})

    def test_limit_is_kept_and_said(self):
        out = self.ok("list", "-n", "5")
        self.assertEqual(out.count(CODE), 5)
        self.assertIn("There may be more", out)
        document = json.loads(self.ok("list", "-n5", "-o", "json"))
        self.assertEqual(document, {"items": self.items[:5], "next": "c5"})
        self.assertNotIn("There may be more", self.ok("list", "-n", "8"))

    def test_query(self):
        self.serve({"GET /v1/bookings": Answer(200, {"items": [BOOKING]})})
        out = self.ok("list", "bookings", "--status", "booked", "--site",
                      "anzhen", "--expert", "coronary-1", "--kind",
                      "remote-consultation", "--from", "2026-12-01", "--to",
                      "2026-12-07")
        self.assertIn("Wed 2026-12-02 14:00–14:30", out)
        query = [a for a in self.asked("GET")
                 if a.path == "/v1/bookings"][0].query
        self.assertEqual(query, "status=booked&site=anzhen&expert=coronary-1"
                         "&kind=remote-consultation"
                         "&from=2026-11-30T16:00:00Z&to=2026-12-07T16:00:00Z"
                         "&limit=200")

    def test_nothing(self):
        self.serve({"GET /v1/requests": Answer(200, {"items": []})})
        self.assertEqual(self.ok("list"), "No requests.\n")
        self.assertEqual(json.loads(self.ok("list", "-o", "json")),
                         {"items": []})

    def test_a_circle_of_pages_ends(self):
        self.serve({"GET /v1/requests": Answer(
            200, {"items": [REQUEST], "next": "again"})})
        self.fails(6, "list")


class Rows(ClientTest):
    """-o csv: the fields of the messages, flat."""

    def test_requests(self):
        items = [{**REQUEST, "title": "=HYPERLINK(\"x\")", "reason": "secret"},
                 {**REQUEST, "modality": "CT, \"MRI\"", "booking": OTHER,
                  "title": "＝full-width", "duration_minutes": 45}]
        self.serve({"GET /v1/requests": Answer(200, {"items": items})})
        out = self.ok("list", "-o", "csv", "--tz", "America/St_Johns")
        one, two = rows_of(out)
        self.assertEqual(list(one)[:4],
                         ["code", "kind", "status", "urgency"])
        self.assertFalse({"reason", "purpose", "patient", "wanted",
                          "history"} & set(one))
        self.assertEqual(one["code"], CODE)
        self.assertEqual(one["submitted_at"], "2026-11-30T21:30:00-03:30")
        self.assertEqual((one["title"], one["expert"], one["booking"]),
                         ("'=HYPERLINK(\"x\")", "", ""))
        self.assertEqual((two["title"], two["modality"]),
                         ("'＝full-width", "CT, \"MRI\""))
        self.assertEqual((two["booking"], two["duration_minutes"]),
                         (OTHER, "45"))
        self.assertNotIn("secret", out)

    def test_a_list_of_nothing_has_its_names(self):
        self.serve({"GET /v1/bookings": Answer(200, {"items": []})})
        out = self.ok("list", "bookings", "-o", "csv")
        self.assertTrue(
            out.startswith("code,request,series,session,kind,status,"), out)
        self.assertEqual(rows_of(out), [])

    def test_bookings_over_pages(self):
        pages = [Answer(200, {"items": [BOOKING] * 3, "next": "c3"}),
                 Answer(200, {"items": [BOOKING] * 2})]
        self.serve({"GET /v1/bookings": pages})
        rows = rows_of(self.ok("list", "bookings", "-o", "csv"))
        self.assertEqual([r["code"] for r in rows], [OTHER] * 5)
        self.assertEqual((rows[0]["from"], rows[0]["sequence"]),
                         ("2026-12-02T14:00:00+08:00", "0"))
        self.assertNotIn("claims", rows[0])

    def test_a_failure_leaves_no_rows(self):
        self.serve({"GET /v1/bookings": [
            Answer(200, {"items": [BOOKING], "next": "c1"}),
            Answer(500, {})]})
        self.fails(6, "list", "bookings", "-o", "csv")

    def test_slots(self):
        slot = {"from": "2026-12-02T06:00:00Z", "to": "2026-12-02T06:30:00Z",
                "expert": "coronary-1", "expert_name": "@冠心病",
                "time_zone": "Asia/Shanghai",
                "with": ["anzhen/studio-1", "anzhen/link-1"]}
        self.serve({"GET /v1/slots": Answer(200, {"slots": [slot]})})
        row, = rows_of(self.ok("slots", "referral", "-o", "csv", "--tz",
                               "UTC"))
        self.assertEqual(row["from"], "2026-12-02T06:00:00Z")
        self.assertEqual(row["expert_name"], "'@冠心病")
        self.assertEqual(row["with"], "anzhen/studio-1 anzhen/link-1")

    def test_what_would_rule_a_terminal_is_escaped(self):
        self.serve({"GET /v1/requests": Answer(
            200, {"items": [{**REQUEST, "title": "a\u202eb"}]})})
        row, = rows_of(self.ok("list", "-o", "csv"))
        self.assertEqual(row["title"], "a\\u202eb")


class Schedules(ClientTest):
    PLAN = {"subject": "coronary-1", "name": "冠心病专家",
            "time_zone": "Asia/Shanghai", "from": "2026-11-29T16:00:00Z",
            "to": "2026-12-06T16:00:00Z", "version": 3,
            "entries": [
                {"from": "2026-12-02T06:00:00Z", "to": "2026-12-02T07:00:00Z",
                 "status": "booked", "role": "expert", "booking": OTHER,
                 "kind": "remote-consultation", "partner": "liaoyang-central",
                 "lead": "anzhen"}],
            "open": [{"from": "2026-12-02T05:00:00Z",
                      "to": "2026-12-02T08:00:00Z",
                      "kinds": ["remote-consultation"]}]}

    def test_own_week(self):
        expert = {**ME, "role": "expert", "expert": "coronary-1"}
        self.serve({"GET /v1/whoami": Answer(200, expert),
                    "GET /v1/experts/coronary-1/schedule":
                        Answer(200, self.PLAN)})
        out = self.ok("schedule", "--week", "--from", "2026-12-03")
        self.assertIn("冠心病专家  coronary-1\n", out)
        self.assertIn("Wed 2026-12-02 14:00–15:00", out)
        self.assertIn("▌consult", out)
        self.assertNotIn("\x1b", out)
        self.assertEqual(self.asked("GET")[-1].query,
                         "from=2026-11-29T16:00:00Z&to=2026-12-06T16:00:00Z")

    def test_own_site(self):
        self.serve({"GET /v1/sites/liaoyang-central/schedule":
                    Answer(200, self.PLAN)})
        self.ok("schedule")

    def test_day_and_range(self):
        self.serve({"GET /v1/experts/coronary-1/schedule":
                    Answer(200, self.PLAN)})
        out = self.ok("schedule", "coronary-1", "--day", "--from",
                      "2026-12-02")
        self.assertRegex(out, r"13:00–16:00\s+open")
        self.assertRegex(out, r"14:00–15:00\s+remote-consultation\s+"
                         rf"liaoyang-central\s+booked\s+{OTHER}")
        self.ok("schedule", "coronary-1", "--from", "2026-12-01", "--to",
                "2026-12-10")
        self.assertEqual(self.asked("GET")[-1].query,
                         "from=2026-11-30T16:00:00Z&to=2026-12-10T16:00:00Z")

    def test_site_and_resource(self):
        self.serve({"GET /v1/sites/anzhen/schedule": Answer(200, self.PLAN),
                    "GET /v1/resources/anzhen/studio-1/schedule":
                        Answer(200, self.PLAN)})
        self.ok("schedule", "anzhen")
        self.ok("schedule", "anzhen/studio-1")
        self.fails(3, "schedule", "nobody")
        self.assertEqual(
            json.loads(self.ok("schedule", "anzhen", "-o", "json")),
            self.PLAN)


    MIXED = {**PLAN, "subject": "anzhen/ward-1", "entries": [
        {"from": "2026-12-02T00:00:00Z", "to": "2026-12-02T05:00:00Z",
         "status": "booked", "role": "resource", "booking": OTHER,
         "kind": "teaching-round", "partner": "liaoyang-central",
         "lead": "anzhen", "expert": "coronary-1", "place": "anzhen/ward-1"},
        {"from": "2026-12-02T01:00:00Z", "to": "2026-12-02T02:00:00Z",
         "status": "pending", "role": "resource", "booking": CODE,
         "kind": "surgical-guidance", "partner": "dengta-county",
         "lead": "anzhen", "expert": "aortic-1", "place": "anzhen/ward-1"},
        {"from": "2026-12-02T02:00:00Z", "to": "2026-12-02T02:10:00Z",
         "role": "buffer"},
        {"from": "2026-12-02T03:00:00Z", "to": "2026-12-02T04:00:00Z"}]}

    def mixed(self, *words):
        self.serve({"GET /v1/resources/anzhen/ward-1/schedule":
                    Answer(200, self.MIXED)})
        return self.ok("schedule", "anzhen/ward-1", *words)

    def test_csv(self):
        for words in (("--day",), ("--week",), ("--from", "2026-12-02")):
            rows = rows_of(self.mixed(*words, "-o", "csv"))
            self.assertEqual([r["what"] for r in rows],
                             ["session", "session", "buffer", "busy", "open"])
            self.assertEqual({r["subject"] for r in rows}, {"anzhen/ward-1"})
            self.assertEqual([r["from"][11:] for r in rows], [
                "08:00:00+08:00", "09:00:00+08:00", "10:00:00+08:00",
                "11:00:00+08:00", "13:00:00+08:00"])
            self.assertEqual([r["expert"] for r in rows],
                             ["coronary-1", "aortic-1", "", "", ""])
            self.assertEqual((rows[1]["status"], rows[1]["booking"]),
                             ("pending", CODE))
            self.assertEqual(rows[4]["kinds"], "remote-consultation")

    def test_a_place_says_who_and_with_whom(self):
        out = self.mixed("--day", "--from", "2026-12-02")
        self.assertIn("anzhen/ward-1, Wed 2026-12-02, times in Asia", out)
        self.assertRegex(out, r"(?m)^08:00–13:00 teaching-round +coronary-1 +"
                         rf"liaoyang-central +booked +{OTHER} +anzhen/ward-1$")
        self.assertRegex(out, r"(?m)^10:00–10:10 pause +- +- +- +- +-$")
        self.assertRegex(out, r"(?m)^11:00–12:00 busy +- +- +- +- +-$")

    def test_work_at_the_same_time_is_counted(self):
        out = self.mixed("--week", "--from", "2026-12-02")
        self.assertIn("▌teachi+2", out)
        self.assertIn("▌guida?+1", out)
        self.assertRegex(out, rf"09:00–10:00 surgical-guidance +aortic-1 +"
                         rf"dengta-county +pending +{CODE}")

    def test_a_day_whose_clocks_change(self):
        self.serve({"GET /v1/experts/coronary-1/schedule":
                    Answer(200, self.PLAN)})
        for zone, day, query in (
                ("Europe/Berlin", "2026-03-29",
                 "from=2026-03-28T23:00:00Z&to=2026-03-29T22:00:00Z"),
                ("Europe/Berlin", "2026-10-25",
                 "from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z"),
                ("Australia/Lord_Howe", "2026-10-04",
                 "from=2026-10-03T13:30:00Z&to=2026-10-04T13:00:00Z"),
                ("America/Santiago", "2026-09-06",
                 "from=2026-09-06T04:00:00Z&to=2026-09-07T03:00:00Z")):
            for form in ("table", "json", "csv"):
                self.ok("schedule", "coronary-1", "--day", "--from", day,
                        "--tz", zone, "-o", form)
                self.assertEqual(self.asked("GET")[-1].query, query)


if __name__ == "__main__":
    unittest.main()
