#!/usr/bin/python3
"""Opinions from the session to the closed request: signed by the client, seen
by the parties, forged by others, and kept where nobody finds them.

usage: run.py BUILD test_opinion
"""
import concurrent.futures
import hashlib
import json
import subprocess
import unittest

from hands import Hands
from service import Service
from test_secrets import forms
from way import rfc3339

WORDS = "canaryopinion 建议支架\nsecond line"
REFERENCE = "https://pacs.example/canaryreference"
PEOPLE = (("partner", "site-coordinator", "--site", "liaoyang-central"),
          ("stranger", "site-coordinator", "--site", "cooperating-2"),
          ("lead", "lead-coordinator", "--site", "anzhen"),
          ("expert", "expert", "--site", "anzhen", "--expert", "coronary-1"),
          ("reader", "expert", "--site", "anzhen", "--expert",
           "cardiac-imaging-1"),
          ("auditor", "auditor", "--site", "anzhen"))
MONDAY = 1800000000 + 64 * 3600  # 2027-01-18 08:00 in Shanghai


def setUpModule():
    global WORLD
    WORLD = World()


def tearDownModule():
    WORLD.close()


class World(Hands):
    def __init__(self):
        super().__init__(Service(clock=True).init().start())
        self.service.load()
        self.service.at(MONDAY - 86400)
        for profile, role, *more in PEOPLE:
            self.person(profile, role, *more)
        self.api = self.service.person("signer", "expert", "anzhen",
                                       "coronary-1")
        self.desk = self.service.person("api-desk", "site-coordinator",
                                        "liaoyang-central")
        self.thief = self.service.person("thief", "expert", "anzhen",
                                         "coronary-1")
        self.reader = self.service.person("api-reader", "expert", "anzhen",
                                          "cardiac-imaging-1")
        self.times = (MONDAY + 604800 * week + 3600 * hour
                      for week in range(20) for hour in range(3))

    def close(self):
        self.service.close()
        super().close()

    # --- the way to an opinion ---

    def submitted(self, kind="remote-consultation", *more):
        patient = {"local_id": "P-1", "name": "王小明", "summary": "胸痛"}
        more = more or ("--specialty", "coronary")
        return self.must("partner", "submit", kind, "--site",
                         "liaoyang-central", "--reason", "胸痛待查",
                         "--purpose", "p", "--patient", "-", *more,
                         stdin=json.dumps(patient)).strip()

    def begun(self):
        """A request whose session has begun, and the booking."""
        at = next(t for t in self.times if t > self.service.now())
        code = self.submitted()
        self.must("lead", "accept", code, "--expert", "coronary-1")
        booking = json.loads(self.must(
            "partner", "book", code, "--at", rfc3339(at), "-o",
            "json"))["code"]
        self.must("partner", "consent", code, "treatment", "ward 12")
        self.service.at(at)
        self.must("lead", "start", booking, "--reason", "the link is up")
        return code, booking

    def seen(self):
        code, booking = self.begun()
        self.must("lead", "finish", booking)
        return code

    def sign(self, code, profile="expert", *more, words=WORDS):
        return self.must(profile, "opinion", code, "--file", "-", *more,
                         stdin=words)


def openssl(*args, stdin=b""):
    return subprocess.run(["openssl", *args], input=stdin, check=True,
                          capture_output=True).stdout


def lines(to_sign, text, reference=None):
    """What is signed, written from the documentation."""
    def of(words):
        return hashlib.sha256(words.encode()).hexdigest() if words \
            else "0" * 64
    return (f"teleconsult opinion 1\nrequest {to_sign['request']}\n"
            f"expert {to_sign['expert']}\nversion {to_sign['version']}\n"
            f"corrects {to_sign['previous']}\ntime {to_sign['now']}\n"
            f"text {of(text)}\nreference {of(reference)}\n").encode()


def signed(to_sign, text, who):
    """The message, under the key of that client's identity."""
    key = who.identity.key
    body = {"version": to_sign["version"], "signed_at": to_sign["now"],
            "text": text,
            "key": openssl("pkey", "-in", key, "-pubout", "-outform",
                           "DER").hex(),
            "signature": openssl("dgst", "-sha256", "-sign", key,
                                 stdin=lines(to_sign, text)).hex()}
    if to_sign["version"] > 1:
        body["corrects"] = to_sign["version"] - 1
    return body


class Opinions(unittest.TestCase):
    maxDiff = None

    def fails(self, code, profile, *args, stdin=""):
        ran = WORLD.run(profile, *args, stdin=stdin)
        self.assertEqual((ran.returncode, ran.stdout), (code, ""), ran.stderr)
        return ran.stderr

    def status(self, code):
        return json.loads(WORLD.must("lead", "show", code, "-o",
                                     "json"))["status"]

    def test_the_whole_story(self):
        code, booking = WORLD.begun()
        self.fails(1, "partner", "receive", code)
        said = WORLD.sign(code, "expert", "--reference", REFERENCE)
        self.assertEqual(said, f"{code} started, version 1 signed\n")
        WORLD.must("lead", "finish", booking)
        self.assertEqual(self.status(code), "completed")
        self.assertIn("--corrects 1", self.fails(
            2, "expert", "opinion", code, "--file", "-", stdin="other"))
        self.assertEqual(WORLD.must("partner", "receive", code).split()[1],
                         "closed,")
        WORLD.sign(code, "expert", "--corrects", "1", words="no, the right")
        self.fails(4, "lead", "receive", code)
        read = WORLD.desk.post(f"/v1/requests/{code}/receive", {}, match="*")
        self.assertEqual((read.status, read.json["status"]), (200, "closed"))
        self.fails(1, "partner", "receive", code)
        page = WORLD.must("partner", "show", code, TZ="Asia/Shanghai")
        for word in ("建议支架", "second line", REFERENCE, "corrects 1",
                     "no, the right", f"booking {booking}"):
            self.assertIn(word, page)
        self.assertEqual(page.count("signature    holds"), 2, page)
        story = [line.split() for line in
                 page[page.index("History"):].splitlines()[2:]]
        verbs = [word for line in story for word in line
                 if word in ("submit", "accept", "schedule", "book", "start",
                             "finish", "sign", "complete", "close",
                             "receive")]
        self.assertEqual([v for v in verbs if v not in ("book", "schedule")],
                         ["submit", "accept", "start", "start", "sign",
                          "finish", "complete", "close", "sign", "receive"])
        for name in ("partner (liaoyang-central)", "lead (anzhen)",
                     "expert (anzhen)"):
            self.assertIn(name, page)

    def test_who_sees_what(self):
        code = WORLD.seen()
        WORLD.sign(code)
        self.fails(3, "stranger", "show", code)
        self.fails(3, "stranger", "receive", code)
        self.fails(3, "reader", "opinion", code, "--file", "-", stdin="x")
        self.fails(1, "lead", "opinion", code, "--file", "-", stdin="x")
        audited = WORLD.must("auditor", "show", code)
        self.assertIn("holds", audited)
        self.assertNotIn("canary", audited)
        self.assertEqual(WORLD.reader.get(
            f"/v1/requests/{code}/opinions").status, 404)

    def test_forgeries(self):
        code, elsewhere = WORLD.seen(), WORLD.seen()
        path = f"/v1/requests/{code}/opinions"
        ask = WORLD.api.get(path).json["to_sign"]
        good = signed(ask, "as it is", WORLD.api)
        thiefs = signed(ask, "as it is", WORLD.thief)

        def tried(who, status, where=path, **changes):
            answer = who.post(where, {**good, **changes})
            self.assertEqual(answer.status, status, answer)
            self.assertNotIn(b"as it is", answer.body)
        tried(WORLD.api, 422, text="as it is not")
        tried(WORLD.api, 422, signature=thiefs["signature"])
        tried(WORLD.api, 422, key=thiefs["key"],
              signature=thiefs["signature"])
        tried(WORLD.thief, 422)
        tried(WORLD.api, 422, where=f"/v1/requests/{elsewhere}/opinions")
        tried(WORLD.reader, 404)
        tried(WORLD.api, 422, reference="https://elsewhere/")
        tried(WORLD.api, 422, signature="00" * 40)
        tried(WORLD.api, 200)
        tried(WORLD.api, 412)  # once more under another key
        self.assertEqual(self.status(code), "completed")

    def test_of_many_second_versions_one_is(self):
        code = WORLD.seen()
        path = f"/v1/requests/{code}/opinions"
        WORLD.sign(code)
        ask = WORLD.api.get(path).json["to_sign"]
        self.assertEqual(ask["version"], 2)
        bodies = [signed(ask, f"the second, {n}", WORLD.api)
                  for n in range(8)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            said = sorted(a.status for a in pool.map(
                lambda body: WORLD.api.fork().post(path, body), bodies))
        self.assertEqual(said, [200] + [412] * 7)
        items = WORLD.api.get(path).json["items"]
        self.assertEqual([i["version"] for i in items], [1, 2])
        self.assertEqual(items[1]["previous"], items[0]["hash"])
        self.assertTrue(all(i["verified"] for i in items))

    def test_images_without_a_meeting(self):
        more = ("--mode", "store-and-forward", "--specialty", "imaging",
                "--modality", "CT")
        code = WORLD.submitted("imaging-consultation", *more)
        self.fails(1, "lead", "accept", code, "--expert", "echo-1")
        WORLD.must("lead", "accept", code, "--expert", "cardiac-imaging-1")
        self.fails(1, "partner", "book", code, "--at", rfc3339(MONDAY + 9 * 604800))
        self.assertIn(code, WORLD.must("reader", "list"))
        late = WORLD.must("reader", "list", "late", "--to",
                          rfc3339(WORLD.service.now() + 30 * 86400))
        self.assertRegex(late, rf"{code}.*opinion|opinion.*{code}")

        def load():
            return {row["expert"]: row for row in json.loads(WORLD.must(
                "lead", "report", "load", "--to",
                rfc3339(WORLD.service.now() + 86400), "-o",
                "json"))["items"]}["cardiac-imaging-1"]
        before = load()
        self.assertEqual((before["to_read"], before["to_read_minutes"]),
                         (1, 15))
        self.assertIn("1, 15 min", WORLD.must("reader", "report", "load"))
        said = WORLD.run("reader", "opinion", code, "--file", "-",
                         stdin=WORDS)
        self.assertEqual(said.returncode, 1, said.stdout)
        self.assertIn("consent", said.stderr)
        WORLD.must("partner", "consent", code, "treatment", "ward 12")
        WORLD.sign(code, "reader")
        after = load()
        self.assertEqual((after["to_read"], after["read"]),
                         (0, before["read"] + 1))
        self.assertEqual(after["minutes"], before["minutes"])
        self.assertEqual(self.status(code), "completed")
        WORLD.must("partner", "receive", code)

    def test_another_expert_is_assigned(self):
        code = WORLD.submitted()
        WORLD.must("lead", "accept", code, "--expert", "coronary-1")
        self.fails(2, "lead", "assign", code, "--expert", "nobody-1")
        self.fails(4, "partner", "assign", code, "--expert", "resident-new")
        WORLD.must("lead", "assign", code, "--expert", "resident-new",
                   "--reason", "is at a congress")
        self.fails(3, "expert", "show", code)
        shown = WORLD.must("partner", "show", code)
        self.assertIn("is at a congress", shown)
        self.assertIn("resident-new", shown)

    def test_late_receipt_is_reminded_of(self):
        code = WORLD.seen()
        WORLD.sign(code)
        before = WORLD.must("partner", "show", code).count("remind")
        WORLD.service.advance(days=1, minutes=1)
        self.assertEqual(WORLD.must("partner", "show",
                                    code).count("remind"), before + 1)

    def test_z_nobody_finds_it(self):
        """Last: the daemon is killed. The log still verifies."""
        WORLD.sign(WORLD.seen(), "expert", "--reference", REFERENCE)
        self.assertIn("whole", WORLD.must("auditor", "admin", "verify-log"))
        WORLD.service.kill()
        for place, data in WORLD.service.files():
            for canary in (WORDS.split("\n", maxsplit=1)[0], REFERENCE):
                for form in forms(canary):
                    self.assertNotIn(form, data, place)
        WORLD.service.start()


if __name__ == "__main__":
    unittest.main()
