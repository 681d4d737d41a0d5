"""A patient's words stand where the parties read them, and nowhere else.

Canaries go the whole way, the wrong ways too; then every file, log line and
answer to anybody else is searched for them, in the forms they could take.
"""
import base64
import json
import unittest

from service import Service, new_key
from way import EXPERT, PEOPLE, Way, request_body, rfc3339, shanghai

CANARIES = {
    "name": "Kanarienvogel-张三丰-one",
    "local_id": "CANARY-ID-77301",
    "summary": "canarysummary zwitscher",
    "reason": "canaryreason 心痛",
    "purpose": "canarypurpose piep",
    "cancel": "canarycancel tschilp",
    "decline": "canarydecline tirili",
    "study": "1.2.826.0.1.3680043.77301.20261122",
    "document": "https://pacs.example/canarydocument",
    "hash": "ca4a9" * 12 + "ca4a",
    "label": "canarylabel flöt",
    "physician": "Kanarienarzt-李四",
    "licence": "CANARY-LICENCE-5",
    "unknown": "canaryunknownfield",
    "stray": "canarystrayvalue",
}


def forms(text):
    """The bytes by which it could be found."""
    raw = text.encode()
    yield raw
    yield json.dumps(text)[1:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield base64.b64encode(raw)[:-4]
    yield text.encode("utf-16-le")
    yield "".join(f"%{b:02X}" for b in raw).encode()


class Secrets(unittest.TestCase):
    def setUp(self):
        self.service = Service({"daemon": {"log_level": "debug"}})
        self.addCleanup(self.service.close)
        self.service.init().start()
        self.service.load()
        for attribute, role, site, expert in PEOPLE:
            setattr(self, attribute, self.service.person(
                attribute, role, site, expert))
        self.admin = self.service.admin()

    expect = Way.expect

    def body(self, n, **other):
        return request_body(
            "liaoyang-central", reason=CANARIES["reason"],
            purpose=CANARIES["purpose"],
            attachments=[
                {"kind": "dicom-study", "uid": CANARIES["study"],
                 "label": CANARIES["label"]},
                {"kind": "document", "url": CANARIES["document"],
                 "sha256": CANARIES["hash"]}],
            accompanied_by={"name": CANARIES["physician"],
                            "licence": CANARIES["licence"]},
            patient={"local_id": CANARIES["local_id"] + str(n),
                     "name": CANARIES["name"],
                     "summary": CANARIES["summary"]}, **other)

    def whole_way(self):
        submitted = self.expect(
            self.one.post("/v1/requests", self.body(1)), 201)
        path = "/v1/requests/" + submitted.json["code"]
        accepted = self.expect(self.lead.post(
            path + "/accept", {"expert": EXPERT}, match=submitted.etag), 200)
        for who in (self.one, self.lead, self.expert):
            shown = self.expect(who.get(path), 200).json
            self.assertEqual(shown["patient"]["name"], CANARIES["name"])
            self.assertEqual(shown["attachments"][0]["uid"],
                             CANARIES["study"])
            self.assertEqual(shown["accompanied_by"]["name"],
                             CANARIES["physician"])
            # Under a key, too: the answer to a GET is never kept.
            key = {"Idempotency-Key": new_key()}
            for _ in range(2):
                self.expect(who.request("GET", path, headers=key), 200)
        booked = self.expect(self.one.post("/v1/bookings", {
            "request": accepted.json["code"], "expert": EXPERT,
            "at": rfc3339(shanghai(0, "08:00", 2))}), 201)
        self.expect(self.one.post(
            f"/v1/bookings/{booked.json['code']}/cancel",
            {"reason": CANARIES["cancel"]}, match=booked.etag), 200)
        declined = self.expect(
            self.one.post("/v1/requests", self.body(2)), 201)
        self.expect(self.lead.post(
            f"/v1/requests/{declined.json['code']}/decline",
            {"reason": CANARIES["decline"]}, match=declined.etag), 200)
        left = self.expect(self.one.post("/v1/requests", self.body(3)), 201)
        accepted = self.expect(self.lead.post(
            f"/v1/requests/{left.json['code']}/accept", {"expert": EXPERT},
            match=left.etag), 200)
        self.expect(self.one.post("/v1/bookings", {
            "request": accepted.json["code"], "expert": EXPERT,
            "at": rfc3339(shanghai(0, "09:00", 2))}), 201)
        return path

    def test_papers_are_for_no_cache(self):
        path = self.whole_way()
        booking = self.expect(self.one.get("/v1/bookings"),
                              200).json["items"][0]["code"]
        for target in (path, f"/v1/bookings/{booking}"):
            for who in (self.one, self.lead, self.expert):
                answer = self.expect(who.get(target), 200)
                self.assertEqual(answer.headers.get("cache-control"),
                                 "no-store", answer)

    def wrong_ways(self):
        """Answers to bad messages, which may be logged by whoever gets them.

        A canary stands in a field of its own, in an unknown one, as a field's
        name, behind the end, and under a key that was used.
        """
        key = new_key()
        self.one.post("/v1/requests", self.body(4), key=key)
        said = [self.one.post("/v1/requests", self.body(5), key=key)]
        for body in (self.body(6, kind="tea"),
                     self.body(7, agreement="no-such"),
                     self.body(8, specialty="urology")):
            said.append(self.one.post("/v1/requests", body))
        body = self.body(9)
        body["patient"][CANARIES["unknown"]] = CANARIES["stray"]
        body["patient"]["name"] *= 20
        body["patient"]["summary"] = {"x": CANARIES["stray"]}
        said.append(self.one.post("/v1/requests", body))
        said.append(self.two.post("/v1/requests", self.body(10)))
        raw = json.dumps(self.body(11), ensure_ascii=False).encode()
        for broken in (raw[:-5], raw + b"x", raw.replace(b'", "', b'"", "'),
                       raw.replace(b"Kanarien", b"\xff")):
            said.append(self.one.post("/v1/requests", broken))
        for answer in said:
            self.assertGreaterEqual(answer.status, 400, answer)
        return said

    def others_answers(self, path):
        window = {"from_": rfc3339(shanghai(0, "00:00", 2)),
                  "to": rfc3339(shanghai(6, "00:00", 2))}
        for who in (self.two, self.stranger, self.auditor, self.admin,
                    self.lead, self.one):
            for target in ("/v1/requests", "/v1/bookings",
                           f"/v1/experts/{EXPERT}/schedule",
                           "/v1/sites/anzhen/schedule"):
                if target in ("/v1/requests", "/v1/bookings"):
                    yield who.get(target)
                else:
                    yield who.get(target, **window)
            yield who.get("/v1/slots", kind="remote-consultation",
                          expert=EXPERT, site="liaoyang-central")
        for who in (self.two, self.stranger, self.admin):
            yield who.get(path)

    def search(self, where, data):
        for name, canary in CANARIES.items():
            for form in forms(canary):
                self.assertFalse(form in data, f"{name} in {where}")

    def test_no_canary_sings(self):
        path = self.whole_way()
        for answer in self.wrong_ways():
            self.search(f"a refusal: {answer}", answer.body)
        for answer in self.others_answers(path):
            self.search(f"an answer: {answer}", answer.body)
        # With the log of the database still beside it, and without.
        self.service.kill()
        names = [p.rsplit("/", 1)[1] for p, _ in self.service.files()]
        self.assertIn("teleconsult.db-wal", names)
        for place, data in self.service.files():
            self.search(place, data)
        self.service.start()
        self.assertEqual(self.service.stop(), 0)
        for place, data in self.service.files():
            self.search(place, data)
        self.assertGreater(self.service.rows(
            "SELECT count(*) FROM request")[0][0], 0)

    def test_the_search_finds(self):
        """What is looked for would be found."""
        with self.assertRaises(AssertionError):
            self.search("here", b"x" + CANARIES["name"].encode() + b"y")
        with self.assertRaises(AssertionError):
            self.search("here", json.dumps(CANARIES["reason"]).encode())
