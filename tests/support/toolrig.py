"""The real teleconsult as a test runs it: with profiles, at a fake server.

A module makes one World for its tests: ClientTest.world = World().
"""
import os
import subprocess
import tempfile
import unittest

from fakeserver import Answer, Authority, FakeServer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TOOL = os.path.join(ROOT, os.environ.get("BUILD", "build/release"),
                    "teleconsult")
CODE, OTHER = "7K2M-QX91", "4HWP-T6ZD"
PATIENT = ("--patient-id", "88421", "--patient-name", "王小明", "--summary",
           "pain")

ME = {"name": "李医生", "role": "site-coordinator", "site": "liaoyang-central",
      "site_name": "辽阳市中心医院", "time_zone": "Asia/Shanghai",
      "certificate_not_after": "2027-12-01T00:00:00Z",
      "now": "2026-12-01T00:00:00Z"}
REQUEST = {"code": CODE, "kind": "remote-consultation", "status": "submitted",
           "urgency": "routine", "agreement": "heart-centre",
           "lead": "anzhen", "partner": "liaoyang-central",
           "specialty": "coronary", "duration_minutes": 30,
           "wanted": [{"from": "2026-12-02T06:00:00Z",
                       "to": "2026-12-02T09:00:00Z"}],
           "submitted_at": "2026-12-01T01:00:00Z", "version": 1}
SHOWN = {**REQUEST, "reason": "胸痛待查", "purpose": "plan",
         "patient": {"local_id": "住院 88421", "name": "王小明",
                     "summary": "line one\nline two"},
         "history": [{"seq": 1, "at": "2026-12-01T01:00:00Z",
                      "actor": "李医生", "actor_site": "liaoyang-central",
                      "verb": "submit", "to_state": "submitted"}]}
BOOKING = {"code": OTHER, "request": CODE, "kind": "remote-consultation",
           "status": "booked", "agreement": "heart-centre", "lead": "anzhen",
           "partner": "liaoyang-central", "expert": "coronary-1",
           "from": "2026-12-02T06:00:00Z", "to": "2026-12-02T06:30:00Z",
           "time_zone": "Asia/Shanghai", "sequence": 0, "version": 1,
           "claims": [{"subject": "coronary-1", "role": "expert",
                       "from": "2026-12-02T06:00:00Z",
                       "to": "2026-12-02T06:30:00Z"}]}


class World:
    """CA, server and profiles, made once for all tests."""

    def __init__(self):
        self.tmp = tempfile.TemporaryDirectory()
        where = self.tmp.name
        self.ca = Authority(where, "ca")
        self.other = Authority(where, "other-ca")
        server = self.ca.sign("server", "subjectAltName=DNS:localhost\n"
                              "extendedKeyUsage=serverAuth")
        self.server = FakeServer(*server, self.ca.cert)
        self.url = f"https://localhost:{self.server.port}"
        self.home = f"{where}/home"
        client = self.ca.sign("client", "extendedKeyUsage=clientAuth")
        stranger = self.other.sign("stranger", "extendedKeyUsage=clientAuth")
        self.profile("default", client, self.ca.cert, self.url)
        self.profile("wrong-ca", client, self.other.cert, self.url)
        self.profile("refused", stranger, self.ca.cert, self.url)
        self.profile("mixed", (client[0], stranger[1]), self.ca.cert,
                     self.url)
        self.profile("wrong-host", client, self.ca.cert,
                     f"https://127.0.0.1:{self.server.port}")

    def profile(self, name, pair, ca, url):
        """Written by hand: pair is (key, certificate), as paths."""
        where = f"{self.home}/teleconsult/{name}"
        os.makedirs(where)
        for sources, target in ((pair, "identity"), ((ca,), "ca")):
            with open(f"{where}/{target}.pem", "wb") as out:
                for source in sources:
                    with open(source, "rb") as f:
                        out.write(f.read())
        os.chmod(f"{where}/identity.pem", 0o600)
        with open(f"{where}/profile.conf", "w", encoding="utf-8") as f:
            f.write(f"# made by a test\nserver = {url}\n")
        return where

    def close(self):
        self.server.close()
        self.tmp.cleanup()


class Run:
    def __init__(self, done):
        self.code = done.returncode
        self.out, self.err = done.stdout.decode(), done.stderr.decode()


class ClientTest(unittest.TestCase):
    maxDiff = None
    world = None

    def serve(self, routes):
        self.world.server.reset({"GET /v1/whoami": Answer(document=ME),
                                 **routes})

    def asked(self, method="POST"):
        return [a for a in self.world.server.asked if a.method == method]

    def environment(self, **more):
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
               "XDG_CONFIG_HOME": self.world.home}
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                env[name] = value
        return {**env, **more}

    def run_tool(self, *args, stdin=None, env=None):
        done = subprocess.run(
            [TOOL, *args], input=(stdin or "").encode(), capture_output=True,
            timeout=60, cwd=ROOT, env=self.environment(**(env or {})))
        return Run(done)

    def ok(self, *args, **more):
        ran = self.run_tool(*args, **more)
        self.assertEqual((ran.code, ran.err), (0, ""), ran.out)
        return ran.out

    def fails(self, code, *args, **more):
        ran = self.run_tool(*args, **more)
        self.assertEqual((ran.code, ran.out), (code, ""), ran.err)
        self.assertTrue(ran.err.startswith("teleconsult: "), ran.err)
        return ran.err
