"""The network given back as a file: equal to the one that was imported, and
the same again out of a store that was filled from it."""
import json
import os
import unittest

from service import LIAOYANG, ROOT, Service

XUZHOU = os.path.join(ROOT, "examples", "xuzhou.json")
SETS = {"kinds", "specialties", "modalities", "languages", "days_off",
        "exdates", "rdates"}
LISTS = ("sites", "agreements", "resources", "experts", "availability",
         "secondments", "leave", "transfers")


def canonical(value, name=None):
    """Sets in order, and what says nothing left out."""
    if isinstance(value, dict):
        return {k: canonical(v, k) for k, v in value.items()
                if v not in ([], {}) or k in ("kinds", "specialties")}
    if isinstance(value, list):
        inner = [canonical(v) for v in value]
        return sorted(set(inner)) if name in SETS else inner
    return value


def text(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def as_network(file):
    """A network file as what it says, defaults written out."""
    n = canonical(file)
    for agreement in n["agreements"]:
        agreement.setdefault("min_independent_years", 3)
        if not agreement.get("cancel_notice_minutes"):
            agreement.pop("cancel_notice_minutes", None)
    for expert in n["experts"]:
        expert.setdefault("buffer_minutes", 0)
    for stay in n.get("secondments", []):
        stay.setdefault("remote_requests", "refuse")
    for rule in n["availability"] + [r for s in n.get("secondments", [])
                                     for r in s.get("availability", [])]:
        if not rule.get("on_holidays"):
            rule.pop("on_holidays", None)
    for part in LISTS:
        n[part] = sorted(n.get(part, []), key=text)
    return n


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


class Export(unittest.TestCase):
    maxDiff = 2000

    def service(self):
        service = Service().init().start()
        self.addCleanup(service.close)
        return service

    def export(self, service):
        admin = service.admin()
        answer = admin.get("/v1/export")
        admin.close()
        self.assertEqual(answer.status, 200, repr(answer))
        self.assertIsNone(answer.etag)
        return answer.body

    def assert_nothing_changed(self, answer):
        self.assertEqual(answer.json["changes"], [])
        for part in answer.json["parts"]:
            self.assertEqual((part["created"], part["changed"],
                              part["removed"]), (0, 0, 0), part)

    def both_ways(self, path):
        """Equal to the file; again into the same store and into another."""
        one = self.service()
        one.load(path)
        body = self.export(one)
        got, wanted = as_network(json.loads(body)), as_network(read(path))
        self.assertEqual(set(got), set(wanted))
        for part, value in wanted.items():
            self.assertEqual(text(got[part]), text(value), part)
        self.assert_nothing_changed(one.load(json.loads(body)))
        self.assertEqual(self.export(one), body)
        other = self.service()
        other.load(json.loads(body))
        self.assertEqual(self.export(other), body)

    def test_liaoyang(self):
        self.both_ways(LIAOYANG)

    def test_xuzhou(self):
        self.both_ways(XUZHOU)

    def test_nothing(self):
        one = self.service()
        body = self.export(one)
        empty = json.loads(body)
        self.assertEqual([v for k, v in empty.items() if k != "version"],
                         [[], [], [], [], []])
        self.assert_nothing_changed(one.load(empty))
        self.assertEqual(self.export(one), body)

    def test_after_changes(self):
        """Whatever the order in which it came about."""
        one = self.service()
        one.load()
        n = read(LIAOYANG)
        n["note"] = "after changes"
        n["availability"][0]["end"] = "2022-01-03T11:30"
        n["availability"][5]["rdates"] = ["2030-01-02", "2029-01-01"]
        n["sites"].append({"id": "new", "name": "n", "calendar": "bare",
                           "time_zone": "America/St_Johns"})
        n["calendars"]["bare"] = {}
        n["limit_sets"]["none"] = {}
        n["resources"].append({"id": "new/room", "name": "r",
                               "type": "studio", "capacity": 2})
        n["availability"].append({**n["availability"][13], "of": "new/room",
                                  "at": "new/room"})
        n["leave"] = [{"of": "new/room", "start": "2027-01-04T08:00",
                       "end": "2027-01-05T08:00", "note": "tabs\tand\nlines"},
                      *reversed(n["leave"])]
        n["transfers"] = [{"from": "new", "to": "new", "minutes": 3},
                          {"from": "new", "to": "anzhen", "minutes": 1440}]
        n["secondments"] = [n["secondments"][1],
                            {"expert": "echo-1", "site": "new",
                             "from": "2026-01-01", "to": "2026-12-31"}]
        one.load(n)
        body = self.export(one)
        got = as_network(json.loads(body))
        wanted = as_network(n)
        for part in LISTS + ("note",):
            self.assertEqual(text(got[part]), text(wanted[part]), part)
        self.assertEqual(set(json.loads(body)["limit_sets"]),
                         {"none", *read(LIAOYANG)["limit_sets"]})
        self.assertEqual(set(json.loads(body)["calendars"]), {"bare", "cn"})
        other = self.service()
        other.load(json.loads(body))
        self.assertEqual(self.export(other), body)
        self.assert_nothing_changed(one.load(json.loads(body)))

    def test_no_patient_is_in_it(self):
        from way import request_body
        one = self.service()
        one.load()
        partner = one.person("p", "site-coordinator", "liaoyang-central")
        before = self.export(one)
        self.assertEqual(partner.post(
            "/v1/requests", request_body("liaoyang-central")).status, 201)
        self.assertEqual(self.export(one), before)
        self.assertEqual(partner.get("/v1/export").code, "forbidden")


if __name__ == "__main__":
    unittest.main()
