"""Every route, tried by everybody.

The table below is the second opinion to the one in the code: who may call
what. A role that may not is refused with 403 whatever the object is, before
anything is said about it; nobody with a role that may hears 403 of an object
of their own.
"""
from way import EXPERT, Way, request_body, rfc3339, shanghai

LEAD, SITE, DOCTOR = "lead-coordinator", "site-coordinator", "expert"
AUDITOR, ADMIN, SYSTEM = "auditor", "administrator", "system"
EVERYBODY = {LEAD, SITE, DOCTOR, AUDITOR, ADMIN, SYSTEM}
DESKS = {LEAD, SITE}
BOOKERS = DESKS | {SYSTEM}
READERS = BOOKERS | {DOCTOR, AUDITOR}

# method, path, who may, body
ROUTES = [
    ("GET", "/healthz", EVERYBODY, None),
    ("GET", "/readyz", EVERYBODY, None),
    ("GET", "/metrics", {ADMIN, AUDITOR, SYSTEM}, None),
    ("GET", "/v1/status", {ADMIN}, None),
    ("GET", "/v1/openapi.json", EVERYBODY, None),
    ("GET", "/v1/whoami", EVERYBODY, None),
    ("POST", "/v1/requests", BOOKERS, "request"),
    ("GET", "/v1/requests", READERS, None),
    ("GET", "/v1/requests/{request}", READERS, None),
    ("POST", "/v1/requests/{request}/accept", {LEAD}, {}),
    ("POST", "/v1/requests/{request}/decline", {LEAD}, {"reason": "x"}),
    ("POST", "/v1/requests/{request}/withdraw", BOOKERS, {}),
    ("GET", "/v1/slots?kind=remote-consultation&expert=" + EXPERT,
     BOOKERS | {DOCTOR}, None),
    ("POST", "/v1/bookings", BOOKERS, "book"),
    ("POST", "/v1/holds", BOOKERS, "book"),
    ("GET", "/v1/bookings", READERS, None),
    ("GET", "/v1/bookings/{booking}", READERS, None),
    ("POST", "/v1/bookings/{booking}/confirm", BOOKERS, {}),
    ("POST", "/v1/bookings/{booking}/release", BOOKERS, {}),
    ("POST", "/v1/bookings/{booking}/move", BOOKERS, "move"),
    ("POST", "/v1/bookings/{booking}/cancel", BOOKERS, {"reason": "x"}),
    ("GET", "/v1/sites", EVERYBODY, None),
    ("GET", "/v1/experts", EVERYBODY, None),
    ("GET", "/v1/resources", EVERYBODY, None),
    ("GET", "/v1/experts/" + EXPERT + "/schedule", READERS, None),
    ("GET", "/v1/resources/anzhen/studio-1/schedule", READERS, None),
    ("GET", "/v1/sites/anzhen/schedule", READERS, None),
    # What is no id is told to those who may, instead of a stream.
    ("GET", "/v1/events?after=x", EVERYBODY, None),
    ("POST", "/v1/import", {ADMIN}, {}),
    ("POST", "/v1/import/dry-run", {ADMIN}, {}),
    ("GET", "/v1/export", {ADMIN}, None),
    ("POST", "/v1/invitations", {ADMIN}, {}),
    ("GET", "/v1/invitations", {ADMIN}, None),
    ("POST", "/v1/invitations/invitation-1/revoke", {ADMIN}, {}),
    ("POST", "/v1/enroll", set(), {}),
    ("POST", "/v1/certificate", EVERYBODY, {}),
    ("POST", "/v1/tokens", {ADMIN}, {}),
    ("GET", "/v1/users", {ADMIN}, None),
    ("POST", "/v1/users/user-1/revoke", {ADMIN}, {}),
    ("POST", "/v1/backups", {ADMIN}, {}),
    ("POST", "/v1/log/verify", {ADMIN, AUDITOR}, {}),
]
ABSENT = "0000-0000"
# Their role may, but these objects are the partner's to touch (403), or a
# site that is not theirs (404).
NOT_THEIRS = {
    (LEAD, "/v1/requests"): 403,
    (LEAD, "/v1/requests/{request}/withdraw"): 403,
    (SYSTEM, "/v1/requests"): 403,
    (SYSTEM, "/v1/requests/{request}/withdraw"): 403,
    (SITE, "/v1/sites/anzhen/schedule"): 404,
}


class Roles(Way):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.service.person("system", "system", "anzhen")
        cls.by_role = {LEAD: cls.lead, SITE: cls.one, DOCTOR: cls.expert,
                       AUDITOR: cls.auditor, ADMIN: cls.admin,
                       SYSTEM: cls.system}

    def test_the_table_is_whole(self):
        """As many routes as the served document has, and the same."""
        served = self.admin.get("/v1/openapi.json").json["paths"]
        mine = {(m, p.split("?")[0]
                 .replace("{request}", "{code}")
                 .replace("{booking}", "{code}")
                 .replace("/" + EXPERT + "/", "/{id}/")
                 .replace("/anzhen/studio-1/", "/{site}/{name}/")
                 .replace("/anzhen/", "/{id}/")
                 .replace("/invitation-1/", "/{id}/")
                 .replace("/user-1/", "/{id}/"))
                for m, p, _, _ in ROUTES}
        self.assertEqual(mine, {(m.upper(), p) for p, item in served.items()
                                for m in item if m in ("get", "post")})

    def call(self, who, method, path, body, request, booking):
        bodies = {"request": request_body("liaoyang-central"),
                  "book": {"request": request,
                           "at": rfc3339(shanghai(5, "08:00"))},
                  "move": {"at": rfc3339(shanghai(5, "08:00"))}}
        path = path.format(request=request, booking=booking)
        if method == "GET":
            return who.get(path)
        # A version that nothing has: the answer is about who asks.
        return who.post(path, bodies.get(body, body)
                        if isinstance(body, str) else body, match='"x"')

    def test_every_route_and_role(self):
        request = self.accepted()
        booking = self.book(
            request, rfc3339(shanghai(0, "08:00", 2))).json["code"]
        for method, path, may, body in ROUTES:
            for role, who in self.by_role.items():
                for objects in ((request, booking), (ABSENT, ABSENT)):
                    with self.subTest(path=path, role=role, of=objects[0]):
                        answer = self.call(who, method, path, body, *objects)
                        self.assertLess(answer.status, 500, answer)
                        if role not in may:
                            self.assertEqual(answer.code, "forbidden",
                                             answer)
                        elif (role, path) in NOT_THEIRS and \
                                (method, path) != ("GET", "/v1/requests"):
                            self.assertIn(answer.status,
                                          (404, NOT_THEIRS[role, path]))
                        elif objects[0] == request:
                            self.assertNotIn(answer.status,
                                             (401, 403, 404), answer)

    def test_nobody_without_a_certificate(self):
        nobody = self.service.anybody()
        public = {"/healthz", "/readyz"}
        for method, path, _, body in ROUTES:
            answer = self.call(nobody, method, path, body, ABSENT, ABSENT)
            with self.subTest(path=path):
                if path in public:
                    self.assertEqual(answer.status, 200, answer)
                elif path == "/v1/enroll":
                    self.assertEqual(answer.code, "invalid", answer)
                else:
                    self.assertEqual(answer.code, "unauthenticated", answer)
