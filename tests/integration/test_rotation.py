#!/usr/bin/python3
"""The field key is exchanged while the service runs, is killed and comes back;
what was sealed under any of them is read, and the old ones can go.

usage: run.py BUILD test_rotation
"""
import os
import random
import secrets
import signal
import subprocess
import time
import unittest

import service
from test_upgrade import Rig
from way import request_body

REQUESTS = 300


class Rotation(Rig):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("SEED") or secrets.randbelow(10 ** 9))
        print(f"SEED={self.seed}", flush=True)
        self.numbers = set()
        self.random = random.Random(self.seed)

    # --- the file ---

    def path(self):
        return os.path.join(self.service.state, "field.key")

    def keys(self):
        with open(self.path(), encoding="ascii") as f:
            return f.read().split()

    def give(self, *keys):
        temporary = self.path() + ".new"
        with open(temporary, "w", encoding="ascii") as f:
            f.writelines(key + "\n" for key in keys)
        os.chmod(temporary, 0o400)
        os.replace(temporary, self.path())

    def another(self):
        """A new first key."""
        self.give(secrets.token_hex(32), *self.keys())

    def reload(self):
        begin = len(self.service.log())
        self.service.process.send_signal(signal.SIGHUP)
        service.wait_until(lambda: "tls-reloaded" in
                           self.service.log()[begin:] or "-kept" in
                           self.service.log()[begin:])
        return self.service.log()[begin:]

    # --- how far ---

    def await_done(self, admin, key):
        """All is under another key than that one was."""
        def done():
            store = admin.get("/v1/status").json["store"]
            return store["field_key"] != key and "resealed" not in store
        service.wait_until(done, 30)

    def patients(self):
        return self.service.rows(
            "SELECT slug FROM subject WHERE type = 'patient'")

    def blobs(self, first):
        """How many values begin as those under that key."""
        n = 0
        for name, in self.service.rows(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"):
            for column, kind in self.service.rows(
                    "SELECT name, type FROM pragma_table_info(?)", name):
                if kind == "BLOB":
                    n += self.service.rows(
                        f"SELECT count(*) FROM \"{name}\" WHERE"
                        f" substr(\"{column}\", 1, 4) = ?1"
                        f" OR substr(\"{column}\", 17, 4) = ?1",
                        bytes.fromhex(first))[0][0]
        return n

    def refused(self):
        """What a start and --check say of the keys as they are."""
        config = self.service.write_config()
        for more in ((), ("--check",)):
            ran = subprocess.run(
                [self.service.program("teleconsultd"), *more, "--config",
                 config], capture_output=True, text=True, timeout=30,
                check=False)
            self.assertNotEqual(ran.returncode, 0, ran)
            yield ran.stdout + ran.stderr

    # --- what must be ---

    def test_a_database_of_before(self):
        """Its bodies are of the old form, and the chain over them holds."""
        self.old(3)
        self.service.start()
        keeper = self.people()["keeper"]
        first = keeper.get("/v1/status").json["store"]["field_key"]
        self.another()
        self.reload()
        self.await_done(keeper, first)
        self.assertTrue(keeper.post("/v1/log/verify").json["ok"])
        self.service.kill()
        self.assertEqual(self.blobs(first), 0)
        self.give(self.keys()[0])
        self.service.start()
        people = self.people()
        for key, before in self.seen["shown"].items():
            name, path = key.split(" ")
            if not isinstance(before, list) and name != "auditor":
                now = people[name].get(path).json
                for word in ("patient", "reason"):
                    self.assertEqual(before.get(word), now.get(word), key)
        self.service.kill()

    def test_it_is_killed_and_goes_on(self):
        with service.Service() as self.service:
            self.killed()

    def fill(self, one, n):
        """Codes; every third is withdrawn with a reason."""
        codes = []
        for i in range(n):
            body = request_body("liaoyang-central")
            if i % 2:  # one who comes again and again
                body["patient"]["local_id"] = "P-again"
            self.numbers.add(body["patient"]["local_id"])
            made = one.post("/v1/requests", body)
            self.assertEqual(made.status, 201, made)
            codes.append(made.json["code"])
            if i % 3 == 0:
                said = one.post(f"/v1/requests/{codes[-1]}/withdraw",
                                {"reason": "said of " + codes[-1]},
                                match=made.etag)
                self.assertEqual(said.status, 200, said)
        return codes

    def killed(self):
        self.service.init().start()
        self.service.load()
        one = self.service.person("one", "site-coordinator",
                                  "liaoyang-central")
        admin = self.service.admin()
        codes = self.fill(one, REQUESTS)
        first = admin.get("/v1/status").json["store"]["field_key"]
        original = self.keys()[0]
        self.service.kill()
        patients = self.patients()
        self.assertEqual(len(patients), len(self.numbers))
        self.service.start()
        one, admin = (self.service.client(c.identity) for c in (one, admin))
        for _ in range(4):
            self.another()
            self.assertNotIn("kept", self.reload())
            time.sleep(self.random.random() * 0.02)
            codes += self.fill(one, 3)
            self.service.kill()
            self.service.start()
            one, admin = (self.service.client(c.identity)
                          for c in (one, admin))
            codes += self.fill(one, 3)
        self.await_done(admin, first)
        # Without the newest one nothing goes, whatever else there is.
        newest = self.keys()[0]
        self.give(original)
        self.assertIn("field-keys-kept", self.reload())
        self.service.kill()
        for said in self.refused():
            self.assertIn("field key", said)
        self.assertEqual(self.blobs(first), 0)
        # Nobody is two, each with a name that the old key never made.
        self.assertEqual(len(self.patients()), len(self.numbers))
        self.assertFalse(set(self.patients()) & set(patients))
        self.assertEqual(self.service.rows(
            "SELECT count(*) FROM meta WHERE name LIKE 'patient-key-%'"
            " OR name LIKE 'key-check-%'"), [(0,)])
        self.give(newest)
        self.service.start()
        one, admin = (self.service.client(c.identity) for c in (one, admin))
        for i, code in enumerate(codes[:REQUESTS]):
            shown = one.get(f"/v1/requests/{code}").json
            self.assertTrue(shown["reason"].startswith("chest pain"), shown)
            self.assertEqual(shown["patient"]["summary"], "stable")
            if i % 3 == 0:
                self.assertEqual(shown["history"][-1]["reason"],
                                 "said of " + code)
        self.assertTrue(admin.post("/v1/log/verify").json["ok"])
        self.service.kill()

    def test_one_that_is_needed_is_missed(self):
        """A walk that has not been: two keys are needed, and it says so."""
        with service.Service() as self.service:
            self.service.init().start()
            self.service.load()
            one = self.service.person("one", "site-coordinator",
                                      "liaoyang-central")
            self.fill(one, 3)
            self.service.kill()
            old = self.keys()[0]
            self.another()
            # Known to the database, and nothing is done under it yet.
            self.service.start(wait_s=30)
            self.service.kill()
            left = self.service.rows(
                "SELECT count(*) FROM meta WHERE name = 'reseal'")[0][0]
            self.give(self.keys()[0])
            if left:
                for said in self.refused():
                    self.assertIn("put it back", said)
            else:
                self.service.start()
                self.service.kill()
            self.give(old)
            for said in self.refused():
                self.assertIn("field key", said)


if __name__ == "__main__":
    unittest.main()
