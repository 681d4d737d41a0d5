"""The day of a session over the wire and typed: what is missing before it may
begin, what runs late, and what nobody said a word about."""
import unittest

from service import Service
from way import EXPERT, PEOPLE, request_body, rfc3339, shanghai

HOUR = 3600


class Day(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service(clock=True).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE[:2]:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))

    def booked(self, at):
        asked = self.one.post("/v1/requests", request_body(
            "liaoyang-central"))
        code = asked.json["code"]
        self.lead.post(f"/v1/requests/{code}/accept", {"expert": EXPERT},
                       match=asked.etag)
        made = self.one.post("/v1/bookings", {
            "request": code, "at": rfc3339(at), "expert": EXPERT})
        self.assertEqual(made.status, 201, made)
        return made.json["code"]

    def say(self, who, code, verb, body=None, status=200):
        answer = who.post(f"/v1/bookings/{code}/{verb}", body or {},
                          match="*")
        self.assertEqual(answer.status, status, answer)
        return answer

    def test_from_the_first_look_to_the_end(self):
        at = shanghai(0, "08:00", 2)
        code, other = self.booked(at), self.booked(at + HOUR)
        self.assertEqual(self.say(self.one, code, "start", status=409).code,
                         "wrong-state")
        self.service.clock.at(at - HOUR + 1)
        late = self.lead.get("/v1/worklist", status="late").json["items"]
        self.assertEqual(
            sorted((v["booking"], v["check"], v["site"]) for v in late
                   if v["what"] == "check"),
            [(code, "equipment", site)
             for site in ("anzhen", "liaoyang-central")])
        self.service.clock.at(at)
        self.say(self.one, code, "checks", {"check": "link", "red": True})
        missing = self.say(self.one, code, "start", status=409)
        self.assertEqual(missing.code, "rule-refused")
        self.assertEqual(sorted(
            (b["reason"], b.get("subject") or "") for b in missing.json["blockers"]
            ), [("check", ""), ("check", "anzhen"), ("check", "anzhen"),
                ("check", "anzhen"), ("check", "liaoyang-central"),
                ("consent", "")])
        self.say(self.one, code, "consent",
                 {"consent": "treatment", "kept": "folder 88"})
        self.say(self.one, code, "checks", {"contingency": "telephone"})
        begun = self.say(self.one, code, "start").json
        self.assertEqual((begun["status"], begun["started_at"]),
                         ("started", rfc3339(at)))
        late = self.say(self.one, code, "late", {"minutes": 40}).json
        self.assertEqual([f["outcome"] for f in late["following"]],
                         ["warned"])
        self.assertEqual(late["following"][0]["booking"], other)
        self.service.clock.at(at + HOUR // 2)
        self.assertEqual(self.say(self.lead, code, "finish").json["status"],
                         "fulfilled")
        # the other one passes without a word
        self.service.clock.at(at + 3 * HOUR)
        for who in (self.one, self.lead):
            listed = who.get("/v1/unresolved").json["items"]
            self.assertEqual([b["code"] for b in listed], [other])
        gone = self.say(self.lead, other, "noshow",
                        {"absent": "patient"}).json
        self.assertEqual((gone["status"], gone["absent"]),
                         ("noshow", "patient"))
        self.assertEqual(self.one.get("/v1/unresolved").json["items"], [])


if __name__ == "__main__":
    unittest.main()
