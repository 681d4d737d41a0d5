"""What nobody should send about operations and places: each fault is named by
where it is, nothing of a patient is said again, and nothing is stored."""
import json

from nets import (Net, agreement, at, expert, network, next_day, patient,
                  resource, rule, site)
from service import PROBLEM, rows_of
from way import NUMBERS, rfc3339

CLINIC, GUIDANCE = "clinic-slot", "surgical-guidance"
CANARY = "zwitscher"
STORED = ("booking", "claim", "request", "subject", "event")
BODY_MAX = 65536

NO_SLUG = (5, "", "Böse", "a b", "x" * 65, None, ["x"], {}, True, "a\u0007")
NO_MINUTES = ("20", -1, 1441, 1.5, True, None, [20], {})
NO_WORDS = ("zh", 5, None, {}, [""], [5], [["zh"]], ["x" * 65])
NO_TEXT = (5, "", None, [], {}, True, "a\u0007b", "a\u001b[31mb")
NO_TIME = (5, "", "tomorrow", "2026-02-30T00:00:00Z", "2026-12-01T09:30:00",
           "2026-12-01", "2026-12-01T25:00:00Z", None, [], {},
           "2026-12-01T09:30:00+25:00", "9999999-12-01T09:30:00Z")
NO_KIND = (7, "", "tea", None, ["clinic-slot"], {}, True, "CLINIC-SLOT",
           "clinic-slot ", "clinic-slot\u0007")
NO_PATIENT = (
    CANARY, [], None, 5, {}, {"local_id": CANARY}, {"name": CANARY},
    *({"local_id": "1", "name": "n", field: value}
      for field in ("local_id", "name", "summary")
      for value in (*NO_TEXT, f"{CANARY}\u0001", CANARY * 900)),
    {"local_id": "1", "name": "n", CANARY: 1},
    {"local_id": "1", "name": "n", "summary": {CANARY: CANARY}})
NO_CODE = (5, "", "x", "ILOU-ILOU", "0000-0001", None, [], "0" * 99)
NO_REFS = ("site/room", 5, None, {}, [5], ["noslash"], ["a/b/c"], [""],
           ["/"], ["city/"], [["city/or-1"]], ["city/or-1"] * 17,
           ["city/or\u0007"])

BOOK = {"request": NO_CODE, "kind": NO_KIND, "at": NO_TIME,
        "expert": NO_SLUG, "duration_minutes": NO_MINUTES,
        "before_minutes": NO_MINUTES, "after_minutes": NO_MINUTES,
        "with": NO_REFS, "site": NO_SLUG, "agreement": NO_SLUG,
        "specialty": NO_SLUG, "title": NO_TEXT, "modality": NO_TEXT,
        "languages": NO_WORDS, "patient": NO_PATIENT}
REQUEST = {"kind": NO_KIND, "surgeon": NO_SLUG, "duration_minutes":
           NO_MINUTES, "before_minutes": NO_MINUTES,
           "after_minutes": NO_MINUTES, "languages": NO_WORDS,
           "patient": NO_PATIENT}
MOVE = {"at": NO_TIME, "expert": NO_SLUG, "duration_minutes": NO_MINUTES,
        "before_minutes": NO_MINUTES, "after_minutes": NO_MINUTES,
        "with": NO_REFS}
LATER = {"series": {"rrule": "FREQ=DAILY", "until": None}, "version": 2,
         "notify": [True, 1.5], "priority": "high", "": 1, "a/b~c": 1}
QUERY = {"kind": ("tea", "", "7"), "request": ("x", "", "ILOU-ILOU"),
         "site": ("A B", ""), "expert": ("A B", ""), "surgeon": ("A B", ""),
         "from": ("tomorrow", "5", ""), "to": ("tomorrow", ""),
         "n": ("0", "101", "-1", "ten", "1.5", ""),
         "before_minutes": ("-1", "1441", "x"), "with": ("noslash", ""),
         "after_minutes": ("-1", "1441", "x"), "why_not": ("2", "yes", ""),
         "explain": ("2", "yes"),
         "duration_minutes": ("4", "1441", "0", "x"),
         "languages": ("x" * 36,), "no_such_parameter": ("1",)}


def city():
    return network(
        sites=[site("city"), site("north")],
        agreements=[agreement("city-north", "city", "north",
                              [CLINIC, GUIDANCE])],
        resources=[resource("city/clinic", "clinic-room"),
                   resource("city/studio", "studio"),
                   resource("city/bridge", "link", 8),
                   resource("north/or-1", "operating-room")],
        experts=[expert("one", "city", [CLINIC, GUIDANCE])],
        availability=[rule("one", "", "08:00", "12:00", at="city/clinic",
                           kinds=[CLINIC], slot_minutes=30),
                      rule("one", "", "13:00", "17:00", at="city/studio")])


class Broken(Net):
    made = staticmethod(city)
    people = {"lead": ("lead-coordinator", "city"),
              "north": ("site-coordinator", "north")}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.day = next_day(2, 3)

    def setUp(self):
        self.before = self.stored()

    def stored(self):
        return [rows_of(self.service.database,
                        f"SELECT count(*) FROM {table}")[0][0]
                for table in STORED]

    def tearDown(self):
        self.assertEqual(dict(zip(STORED, self.stored())),
                         dict(zip(STORED, self.before)))
        self.assertNotIn(CANARY, self.service.log())
        self.assertTrue(self.service.alive())

    def place(self, **other):
        return {"kind": CLINIC, "expert": "one", "at": rfc3339(
            at(self.day, "08:00")), "patient": patient(1), **other}

    def operation(self, **other):
        return {"kind": GUIDANCE, "site": "north", "reason": "difficult",
                "specialty": "heart", "before_minutes": 30,
                "after_minutes": 30, "patient": patient(1), **other}

    def problem(self, answer, status=422, code="invalid"):
        self.expect(answer, status, code)
        self.assertEqual(answer.headers["content-type"], PROBLEM)
        self.assertEqual(answer.json["status"], status)
        self.assertNotIn(CANARY, answer.body.decode())
        return answer.json

    def faults(self, answer, field):
        """Every pointer is that field's, or of something in it."""
        errors = self.problem(answer)["errors"]
        self.assertTrue(errors)
        for error in errors:
            self.assertRegex(error["pointer"], f"^[/#]{field}(/|$)")
            self.assertTrue(error["detail"])

    def each(self, fields, body, send):
        for field, values in fields.items():
            for value in values:
                with self.subTest(field=field, value=str(value)[:60]):
                    self.faults(send({**body, field: value}), field)

    # --- one field is wrong ---

    def test_in_a_booking(self):
        self.each(BOOK, self.place(),
                  lambda body: self.north.post("/v1/bookings", body))

    def test_in_a_hold(self):
        self.each({"kind": NO_KIND, "patient": NO_PATIENT[:8],
                   "hold_minutes": (*NO_MINUTES, 0, 31)},
                  self.place(hold_minutes=5),
                  lambda body: self.north.post("/v1/holds", body))

    def test_in_a_request(self):
        self.each(REQUEST, self.operation(),
                  lambda body: self.north.post("/v1/requests", body))

    def test_in_a_move(self):
        """The body is read before the booking is looked for."""
        self.each(MOVE, {"at": rfc3339(at(self.day, "08:00"))},
                  lambda body: self.north.post(
                      "/v1/bookings/0000-0000/move", body, match='"1"'))

    def test_in_a_query(self):
        for field, values in QUERY.items():
            for value in values:
                with self.subTest(field=field, value=value):
                    query = {"kind": CLINIC, "expert": "one",
                             field + "_": value}
                    if field in query:
                        del query[field]
                    self.faults(self.north.get("/v1/slots", **query), field)

    def test_all_at_once(self):
        """More than one is told at once."""
        body = self.place(kind="tea", at="now", expert=5, later=1)
        body["with"] = "x"
        errors = self.problem(self.north.post("/v1/bookings", body))["errors"]
        self.assertEqual({e["pointer"] for e in errors},
                         {"/kind", "/at", "/expert", "/later", "/with"})

    # --- a field too many, or missing ---

    def test_fields_of_a_later_schema(self):
        for field, value in LATER.items():
            for path, body in (("/v1/bookings", self.place()),
                               ("/v1/holds", self.place()),
                               ("/v1/requests", self.operation())):
                with self.subTest(field=field, path=path):
                    problem = self.problem(self.north.post(
                        path, {**body, field: value}))
                    escaped = field.replace("~", "~0").replace("/", "~1")
                    self.assertEqual([e["pointer"] for e in
                                      problem["errors"]], ["/" + escaped])

    def test_what_is_missing(self):
        for path, body, field in (
                ("/v1/bookings", self.place(), "at"),
                ("/v1/bookings", self.place(), "patient"),
                ("/v1/holds", self.place(), "patient"),
                ("/v1/requests", self.operation(), "kind"),
                ("/v1/requests", self.operation(), "reason"),
                ("/v1/requests", self.operation(), "site"),
                ("/v1/requests", self.operation(), "patient")):
            with self.subTest(path=path, field=field):
                del body[field]
                self.faults(self.north.post(path, body), field)

    def test_a_request_and_a_kind(self):
        answer = self.north.post("/v1/bookings",
                                 self.place(request="0000-0000"))
        errors = self.problem(answer)["errors"]
        self.assertTrue(errors)

    def test_kinds_that_are_not_for_that(self):
        for kind in (GUIDANCE, "remote-consultation", "referral",
                     "teaching-round", "onsite-visit"):
            self.faults(self.north.post("/v1/bookings",
                                        self.place(kind=kind)), "kind")
        for kind in ("free-clinic", CLINIC, "onsite-procedure"):
            self.faults(self.north.post("/v1/requests",
                                        self.operation(kind=kind)), "kind")

    # --- what is no message at all ---

    def test_as_large_as_may_be(self):
        """One byte too much, in whatever there is of it."""
        for path, body in (("/v1/bookings", self.place()),
                           ("/v1/holds", self.place()),
                           ("/v1/requests", self.operation())):
            large = {**body, "patient": patient(1, summary="x" * 65536)}
            self.problem(self.north.post(path, large), 413, "too-large")
            text = json.dumps({**body, "at": "never", "kind": "tea"})
            padded = text.encode().ljust(BODY_MAX)
            self.problem(self.north.post(path, padded))
            self.problem(self.north.post(path, padded + b" "), 413,
                         "too-large")
            self.expect(self.north.get("/v1/whoami"), 200)

    def test_what_is_no_object(self):
        for text in (b"[]", b'"clinic-slot"', b"5", b"null", b"", b"{",
                     b'{"kind":"clinic-slot"', b"\x00", b"\xff\xfe{}",
                     b'{"kind":"clinic-slot","kind":"clinic-slot"}',
                     b'{"kind":"\x07"}', b'{"at":"\\ud800"}',
                     b'{"kind":"a\\u0000"}', b'{"kind":1e999}',
                     b'{"duration_minutes":9223372036854775808}',
                     b'{"patient":{"name":"' + CANARY.encode() +
                     b'\\u0000"}}'):
            for path in ("/v1/bookings", "/v1/holds"):
                with self.subTest(text=text, path=path):
                    answer = self.north.post(path, text)
                    self.assertIn(answer.status, (400, 422), answer)
                    self.problem(answer, answer.status, answer.code)

    # --- a good message for a time that is refused ---

    def test_a_refused_time_leaves_nobody_behind(self):
        """Not even the patient's number."""
        for wall in ("08:10", "18:00"):
            for path in ("/v1/bookings", "/v1/holds"):
                answer = self.take(
                    self.north, path=path, **self.place(
                        at=at(self.day, wall), patient=patient(
                            next(NUMBERS), summary=CANARY)))
                self.problem(self.refused(answer), 409, "time-refused")
