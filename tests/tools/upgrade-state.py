#!/usr/bin/python3
"""Makes tests/data/upgrade/schema-N.tar.xz: a state directory as an earlier
version of the program left it, with what everybody saw in it then.

usage: upgrade-state.py TREE OUT

TREE is a checkout of that version, built there (make): the last commit before
daemon/store/schema_<N+1>_sqlite.sql came. Its own tests' rig starts its own
daemon: people are certified, the Liaoyang network is loaded, requests go every
way that they had, and then the daemon is killed, so that a part of it all
stands in the log alone. In the archive: state/ as it was, people/ with each
one's certificate and key, and seen.json: who saw what, the keys that were used
and what they answered, and the head of the event chain.
"""
import json
import os
import shutil
import sys
import tarfile
import tempfile
import time

TREE, OUT = sys.argv[1:]
sys.path.insert(0, os.path.join(TREE, "tests", "integration"))
os.environ["BUILD"] = os.path.join(TREE, "build", "release")
import service as rig  # noqa: E402
import way  # noqa: E402

WEEKS = 40  # in the future, when this was made; what is past stays as it is


class Maker:
    def __init__(self, service):
        self.service = service
        # The first one's certificate ends after a year.
        self.admin = service.person("keeper", "administrator")
        self.people = {"keeper": self.admin}
        for name, role, site, expert in way.PEOPLE:
            self.people[name] = service.person(name, role, site, expert)
        vars(self).update(self.people)
        self.keys = []
        self.refused = 0

    def post(self, who, path, body, match=None, status=(200, 201)):
        key = rig.new_key()
        answer = self.people[who].post(path, body, key=key, match=match)
        if answer.status not in status:
            raise SystemExit(repr(answer))
        self.keys.append({"who": who, "path": path, "key": key,
                          "body": body, "status": answer.status,
                          "answer": answer.body.decode()})
        return answer

    def submitted(self, who="one", **other):
        site = {"one": "liaoyang-central", "two": "cooperating-2"}[who]
        return self.post(who, "/v1/requests", way.request_body(site, **other))

    def accepted(self, who="one", **other):
        asked = self.submitted(who, **other)
        code = asked.json["code"]
        self.post("lead", f"/v1/requests/{code}/accept",
                  {"expert": way.EXPERT}, asked.etag)
        return code

    def booked(self, wall, weeks=WEEKS, who="one"):
        return self.post(who, "/v1/bookings", {
            "request": self.accepted(who), "expert": way.EXPERT,
            "at": way.rfc3339(way.shanghai(0, wall, weeks))})

    def change(self, who, booked, verb, body):
        return self.post(who, f"/v1/bookings/{booked.json['code']}/{verb}",
                         body, booked.etag)

    def everything(self):
        self.submitted()
        self.submitted("two", urgency="urgent")
        asked = self.submitted()
        self.post("lead", f"/v1/requests/{asked.json['code']}/decline",
                  {"reason": "no capacity"}, asked.etag)
        asked = self.submitted()
        self.post("one", f"/v1/requests/{asked.json['code']}/withdraw",
                  {"reason": "transferred"}, asked.etag)
        self.accepted()
        self.booked("08:00")
        self.booked("09:00", who="two")
        moved = self.booked("10:00")
        self.change("one", moved, "move", {
            "at": way.rfc3339(way.shanghai(2, "10:00", WEEKS))})
        self.change("one", self.booked("11:00"), "cancel",
                    {"reason": "patient refused"})
        for minutes, wall, verb in ((1, "08:00", None), (30, "09:00", None),
                                    (30, "10:00", "release"),
                                    (30, "11:00", "confirm")):
            held = self.post("one", "/v1/holds", {
                "request": self.accepted(), "expert": way.EXPERT,
                "at": way.rfc3339(way.shanghai(0, wall, WEEKS + 1)),
                "hold_minutes": minutes})
            if verb:
                self.change("one", held, verb, {})
        # The lapsed one's end is on record, the other one still stands.
        time.sleep(70)
        at = way.rfc3339(way.shanghai(0, "08:00", WEEKS))
        self.post("one", "/v1/bookings", {
            "request": self.accepted(), "expert": way.EXPERT, "at": at},
            status=(409,))

    def seen(self):
        """What each of them is shown, thing by thing."""
        shown = {}
        for name, who in self.people.items():
            paths = ["/v1/whoami"]
            for kind in ("requests", "bookings"):
                answer = who.get(f"/v1/{kind}", limit=100)
                if answer.status != 200:
                    continue
                shown[f"{name} /v1/{kind}"] = answer.json["items"]
                paths += [f"/v1/{kind}/{item['code']}"
                          for item in answer.json["items"]]
            for path in paths:
                answer = who.get(path)
                if answer.status == 200:
                    shown[f"{name} {path}"] = answer.json
        return shown


def pack(service, maker, seen):
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(service.state, f"{work}/state")
        for name in ("teleconsult.db-shm", "teleconsult.db.lock"):
            if os.path.exists(f"{work}/state/{name}"):
                os.unlink(f"{work}/state/{name}")
        os.mkdir(f"{work}/people")
        for name, who in maker.people.items():
            for part, path in (("pem", who.identity.certificate),
                               ("key", who.identity.key)):
                shutil.copy(path, f"{work}/people/{name}.{part}")
        with open(f"{work}/seen.json", "w", encoding="utf-8") as f:
            json.dump(seen, f, ensure_ascii=False, indent=1)
        os.system(f"chmod -R u+rw {work}")
        with tarfile.open(OUT, "w:xz", preset=9) as tar:
            for name in ("seen.json", "people", "state"):
                tar.add(f"{work}/{name}", name)


def main():
    with rig.Service({"ca": {"certificate_days": "3650"}}) as service:
        service.init().start()
        service.load()
        maker = Maker(service)
        maker.everything()
        seen = {"made": way.rfc3339(int(time.time())), "shown": maker.seen(),
                "keys": maker.keys}
        # Reading papers is on record too.
        seen["log"] = maker.admin.post("/v1/log/verify").json
        service.kill()
        pack(service, maker, seen)


main()
