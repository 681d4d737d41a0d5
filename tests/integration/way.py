"""What the tests of the way of a booking share: people, and the steps.

The network is examples/liaoyang.json: the lead anzhen, its partners
liaoyang-central and cooperating-2, the expert coronary-1 (Monday and Wednesday
morning, with a buffer of five minutes), and others who have no part in it.
"""
import calendar
import datetime
import itertools
import time
import unittest

from service import Service

KIND = "remote-consultation"
EXPERT = "coronary-1"
NUMBERS = itertools.count(1)

# (attribute, role, site, expert)
PEOPLE = (
    ("lead", "lead-coordinator", "anzhen", None),
    ("one", "site-coordinator", "liaoyang-central", None),
    ("two", "site-coordinator", "cooperating-2", None),
    ("expert", "expert", "anzhen", EXPERT),
    ("auditor", "auditor", "anzhen", None),
    ("stranger", "lead-coordinator", "pumch", None),
)


def utc(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def shanghai(weekday, wall, weeks=1):
    """UTC seconds of a wall time on a weekday (Monday = 0) of a coming week."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    now = datetime.datetime.now(zone)
    hour, minute = map(int, wall.split(":"))
    monday = now - datetime.timedelta(days=now.weekday())
    day = monday + datetime.timedelta(weeks=weeks, days=weekday)
    return int(day.replace(hour=hour, minute=minute, second=0,
                           microsecond=0).timestamp())


def request_body(site, **other):
    n = next(NUMBERS)
    return {"kind": KIND, "site": site, "specialty": "coronary",
            "reason": f"chest pain {n}", "purpose": "second opinion",
            "patient": {"local_id": f"P{n:06}", "name": f"patient {n}",
                        "summary": "stable"}, **other}


class Way(unittest.TestCase):
    options = None

    @classmethod
    def setUpClass(cls):
        cls.service = Service(cls.options).init().start()
        cls.addClassCleanup(cls.service.close)
        cls.service.load()
        for attribute, role, site, expert in PEOPLE:
            setattr(cls, attribute, cls.service.person(
                attribute, role, site, expert))
        cls.admin = cls.service.admin()

    @classmethod
    def tearDownClass(cls):
        code = cls.service.stop()
        if code not in (0, None):
            raise AssertionError(
                f"the daemon ended with {code}: {cls.service.log()}")

    # --- what must come back ---

    def expect(self, answer, status, code=None):
        self.assertEqual((answer.status, answer.code), (status, code),
                         repr(answer))
        return answer

    # --- the steps ---

    def submit(self, who=None, **other):
        who = who or self.one
        site = {self.one: "liaoyang-central", self.two: "cooperating-2"}[who]
        return self.expect(
            who.post("/v1/requests", request_body(site, **other)), 201)

    def accept(self, submitted, **body):
        body = {"expert": EXPERT, **body}
        return self.expect(
            self.lead.post(f"/v1/requests/{submitted.json['code']}/accept",
                           body, match=submitted.etag), 200)

    def accepted(self, who=None, **other):
        """The code of a new request that the lead has accepted."""
        return self.accept(self.submit(who, **other)).json["code"]

    def slots(self, who=None, **query):
        query = {"n": 10, **query}
        return self.expect((who or self.one).get("/v1/slots", **query),
                           200).json["slots"]

    def try_book(self, code, at, who=None, **other):
        return (who or self.one).post(
            "/v1/bookings",
            {"request": code, "at": at, "expert": EXPERT, **other})

    def book(self, code, at, who=None, **other):
        return self.expect(self.try_book(code, at, who, **other), 201)

    def cancel(self, booked, who=None):
        return self.expect(
            (who or self.one).post(
                f"/v1/bookings/{booked.json['code']}/cancel",
                {"reason": "no longer needed"}, match=booked.etag), 200)

    def hold(self, code, at, who=None, **other):
        return self.expect((who or self.one).post(
            "/v1/holds",
            {"request": code, "at": at, "expert": EXPERT, **other}), 201)

    def verify_log(self):
        answer = self.expect(self.admin.post("/v1/log/verify"), 200).json
        self.assertTrue(answer["ok"], answer)
        return answer
