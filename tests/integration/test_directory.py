"""Who and what there is: each sees their own, and whom they work with."""
import json
import unittest

from service import LIAOYANG, Service

PATIENT = {"local_id": "P-1", "name": "patient", "summary": "stable"}


class Directory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service().init()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        cls.service.load()
        with open(LIAOYANG, encoding="utf-8") as f:
            cls.network = json.load(f)
        cls.admin = cls.service.admin()
        cls.county = cls.service.person("county", "site-coordinator",
                                        "liaoyang-county")
        cls.pairs = {(a["lead"], a["partner"])
                     for a in cls.network["agreements"]}

    def seen_by(self, site):
        return {site} | {lead for lead, partner in self.pairs
                         if partner == site} | {
            partner for lead, partner in self.pairs if lead == site}

    def ids(self, who, path, **query):
        answer = who.get(path, **query)
        self.assertEqual(answer.status, 200, answer)
        found = [item["id"] for item in answer.json["items"]]
        self.assertEqual(found, sorted(found))
        return found

    def test_an_administrator_sees_all(self):
        for path, part in (("/v1/sites", "sites"),
                           ("/v1/experts", "experts")):
            self.assertEqual(self.ids(self.admin, path, limit=200),
                             sorted(x["id"] for x in self.network[part]))
        self.assertEqual(
            set(self.ids(self.admin, "/v1/resources", limit=200)),
            {r["id"] for r in self.network["resources"]})

    def test_a_site_sees_whom_it_works_with(self):
        seen = self.seen_by("liaoyang-county")
        everybody = {s["id"] for s in self.network["sites"]}
        self.assertTrue(seen < everybody)
        self.assertEqual(set(self.ids(self.county, "/v1/sites")), seen)
        self.assertEqual(
            set(self.ids(self.county, "/v1/experts", limit=200)),
            {e["id"] for e in self.network["experts"] if e["home"] in seen})
        rooms = self.ids(self.county, "/v1/resources", limit=200)
        self.assertEqual(set(rooms), {r["id"] for r in
                                      self.network["resources"]
                                      if r["id"].split("/")[0] in seen})

    def test_what_is_told(self):
        item = self.admin.get("/v1/sites", prefix="anzhen").json["items"][0]
        self.assertEqual((item["id"], item["time_zone"]),
                         ("anzhen", "Asia/Shanghai"))
        item = self.admin.get("/v1/resources",
                              prefix="anzhen/studio-1").json["items"][0]
        self.assertEqual((item["site"], item["type"]), ("anzhen", "studio"))

    def test_narrowed_down(self):
        self.assertEqual(self.ids(self.admin, "/v1/experts",
                                  prefix="coronary-1"), ["coronary-1"])
        self.assertEqual(self.ids(self.admin, "/v1/experts", prefix="%"), [])
        self.assertEqual(self.ids(self.admin, "/v1/sites",
                                  site="anzhen"), ["anzhen"])
        self.assertEqual({i.split("/")[0] for i in self.ids(
            self.admin, "/v1/resources", site="anzhen")}, {"anzhen"})
        self.assertEqual(self.ids(self.admin, "/v1/sites", site="nowhere"),
                         [])

    def test_pages(self):
        whole = self.ids(self.admin, "/v1/resources", limit=200)
        answer = self.admin.get("/v1/resources", limit=3, prefix="anzhen/")
        found = []
        while True:
            found += [i["id"] for i in answer.json["items"]]
            if "next" not in answer.json:
                break
            link = answer.headers["link"]
            self.assertRegex(link, '^<.*>; rel="next"$')
            answer = self.admin.get(link[1:link.index(">")])
        self.assertNotIn("link", answer.headers)
        self.assertEqual(found, [i for i in whole if
                                 i.startswith("anzhen/")])
        self.assertEqual(self.admin.get("/v1/resources",
                                        cursor="' OR 1").code, "invalid")
        self.assertEqual(self.admin.get("/v1/sites", limit=201).code,
                         "invalid")

    def test_never_a_patient(self):
        """Who was booked is a subject, too."""
        lead = self.service.person("lead", "lead-coordinator", "anzhen")
        partner = self.service.person("partner", "site-coordinator",
                                      "liaoyang-central")
        slot = partner.get("/v1/slots", kind="clinic-slot",
                           expert="coronary-1", n=1).json["slots"][0]
        booked = partner.post("/v1/bookings", {
            "kind": "clinic-slot", "expert": "coronary-1",
            "at": slot["from"], "patient": PATIENT})
        self.assertEqual(booked.status, 201, booked)
        for who in (lead, partner, self.admin):
            for item in who.get("/v1/resources",
                                limit=200).json["items"]:
                self.assertNotIn(item["type"], ("patient", "expert", "seat"))
