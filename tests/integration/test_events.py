"""The stream of events: who is told what, and from where it goes on."""
import random

from feed import PATH, Stream, Tokened
from way import EXPERT, PEOPLE, Way, rfc3339, shanghai

# The time limit of a heartbeat, and a little.
BEAT_S = 15 + 3


class Events(Way):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.streams = []
        cls.addClassCleanup(lambda: [s.close() for s in cls.streams])
        cls.slots_used = iter(range(0, 10000))

    def stream(self, who, query="", last_id=None):
        stream = Stream(who, query, last_id)
        self.streams.append(stream)
        self.addCleanup(stream.close)
        return stream.wait(lambda s: s.status != 200 or s.last_id)

    def token(self, scopes, site="anzhen"):
        answer = self.expect(self.admin.post("/v1/tokens", {
            "name": "his", "site": site, "scopes": scopes}), 201)
        return answer.json["user"], Tokened(self.service,
                                            answer.json["token"])

    def free_time(self):
        """A time of the expert's that no other test takes."""
        n = next(self.slots_used)
        return rfc3339(shanghai(2 * (n // 4 % 2), f"{8 + n % 4:02}:00",
                                weeks=2 + n // 8))

    def life(self, who):
        """A request from its submission to its end; answers its codes."""
        code = self.accepted(who)
        booked = self.book(code, self.free_time(), who)
        moved = self.expect(who.post(
            f"/v1/bookings/{booked.json['code']}/move",
            {"at": self.free_time()}, match=booked.etag), 200)
        self.cancel(moved, who)
        self.expect(self.lead.post(
            f"/v1/requests/{code}/decline", {"reason": "not needed"},
            match="*"), 200)
        return {code, booked.json["code"]}

    LIFE = ["submit", "accept", "book", "schedule", "move", "cancel",
            "unschedule", "decline"]

    # --- who is told what ---

    def test_each_is_told_what_is_theirs(self):
        _, system = self.token(["read"])
        whose = {name: getattr(self, name) for name, *_ in PEOPLE}
        whose.update(admin=self.admin, system=system)
        told = {name: self.stream(who) for name, who in whose.items()}
        begin = told["lead"].seq
        ones, twos = self.life(self.one), self.life(self.two)
        self.one.get(f"/v1/requests/{min(ones)}")
        self.service.load()
        admin = told["admin"].until(begin + 1)
        head = admin.seq
        both, mine = self.LIFE + self.LIFE, self.LIFE
        expected = {"lead": both, "auditor": both, "system": both,
                    "one": mine, "two": mine, "expert": 2 * mine[1:],
                    "stranger": [], "admin": ["import"]}
        for name, verbs in expected.items():
            with self.subTest(who=name):
                stream = told[name]
                if verbs:
                    stream.wait(lambda s: len(s.events) >= len(verbs))
                stream.pump(0.6)
                self.assertEqual(stream.verbs, verbs)
                self.assertEqual(stream.seqs, sorted(set(stream.seqs)))
                self.assertTrue(all(begin < n <= head for n in stream.seqs))
        self.check_canaries(told, ones, twos)

    def check_canaries(self, told, ones, twos):
        words = [b"patient", b"chest pain", b"second opinion", b"P0",
                 b"not needed", b"no longer", b"reason", b"stable"]
        for name, stream in told.items():
            for word in words:
                self.assertNotIn(word, stream.text, (name, word))
        for name, foreign, hospital in (
                ("one", twos, b"cooperating-2"),
                ("two", ones, b"liaoyang-central"),
                ("stranger", ones | twos, b"anzhen"),
                ("admin", ones | twos, b"anzhen")):
            for word in (hospital, *(c.encode() for c in foreign)):
                self.assertNotIn(word, told[name].text, (name, word))

    def test_what_an_event_says(self):
        stream = self.stream(self.one)
        self.assertEqual(stream.headers["content-type"], "text/event-stream")
        self.assertEqual(stream.headers["cache-control"], "no-store")
        self.assertGreater(stream.retry, 0)
        submitted = self.submit()
        self.accept(submitted)
        stream.wait(lambda s: len(s.events) == 2)
        (name, _, first), (_, id, second) = stream.events
        self.assertEqual(name, "request")
        at = second.pop("at")
        self.assertRegex(at, r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(id, f"{stream.epoch}.{second['seq']}")
        self.assertEqual(second, {
            "seq": second["seq"], "thing": "request", "verb": "accept",
            "code": submitted.json["code"], "from_state": "submitted",
            "to_state": "accepted", "version": 2, "lead": "anzhen",
            "partner": "liaoyang-central", "actor_site": "anzhen",
            "expert": EXPERT})
        self.assertNotIn("from_state", first)

    def test_the_same_as_the_lists_show(self):
        stream = self.stream(self.two)
        begin = stream.seq
        self.life(self.one)
        ours = self.life(self.two)
        stream.wait(lambda s: len(s.events) == len(self.LIFE))
        listed = {item["code"] for what in ("requests", "bookings")
                  for item in self.two.get(f"/v1/{what}", limit=200,
                                           ).json["items"]}
        told = {data["code"] for _, _, data in stream.events}
        self.assertEqual(told, ours)
        self.assertTrue(told <= listed)
        whole = self.stream(self.two, f"?after={stream.epoch}.0").pump(0.6)
        self.assertEqual({d["code"] for _, _, d in whole.events}, listed)
        self.assertGreater(min(stream.seqs), begin)

    def test_narrowed(self):
        expert = self.stream(self.lead, f"?expert={EXPERT}")
        other = self.stream(self.lead, "?expert=cardiac-surgery-1")
        site = self.stream(self.lead, "?site=cooperating-2")
        both = self.stream(self.lead, f"?site=cooperating-2&expert={EXPERT}")
        self.life(self.one)
        self.life(self.two)
        n = len(self.LIFE)
        # a submission that names nobody is about nobody
        expert.wait(lambda s: len(s.events) == 2 * (n - 1))
        site.wait(lambda s: len(s.events) == n)
        both.wait(lambda s: len(s.events) == n - 1)
        self.assertEqual(other.pump(0.6).events, [])
        self.assertEqual({d["partner"] for _, _, d in site.events},
                         {"cooperating-2"})

    def test_what_is_not_theirs_is_not_there(self):
        def said(query, who=self.two):
            answer = who.get(PATH, **query)
            self.assertEqual(answer.status, 404, answer)
            return answer.body
        self.assertEqual(said({"expert": "neurology-1"}),
                         said({"expert": "no-such-expert"}))
        self.assertEqual(said({"site": "tiantan"}),
                         said({"site": "no-such-site"}))
        self.assertEqual(said({"site": "liaoyang-central"}),
                         said({"site": "no-such-site"}))
        self.assertEqual(said({"site": "anzhen"}, self.admin),
                         said({"site": "no-such-site"}, self.admin))

    def test_scopes_of_a_token(self):
        _, booking = self.token(["bookings"])
        refused = self.stream(booking)
        self.assertEqual((refused.status, refused.body()["code"]),
                         (403, "forbidden"))

    # --- from where ---

    def test_at_every_position(self):
        """Cut anywhere, however often: the union is the whole, in order."""
        self.life(self.one)
        self.life(self.two)
        for who in (self.lead, self.one, self.expert, self.stranger):
            start = self.stream(who)
            whole = self.stream(who, f"?after={start.epoch}.0")
            whole.pump(0.6)
            for seq in range(start.seq - 20, start.seq + 1):
                id = f"{start.epoch}.{seq}"
                rest = self.stream(who, last_id=id)
                self.assertEqual(rest.last_id, id)
                left = [n for n in whole.seqs if n > seq]
                rest.wait(lambda s: len(s.seqs) >= len(left))
                self.assertEqual(rest.seqs, left)
                rest.close()

    def test_cut_at_random_while_it_is_written(self):
        seed = random.randrange(1 << 32)
        print(f"SEED={seed}")
        draw = random.Random(seed)
        heard, raw = [], self.stream(self.lead)
        at = raw.last_id
        for _ in range(25):
            for _ in range(draw.randrange(3)):
                self.submit(draw.choice((self.one, self.two)))
            part = self.stream(self.lead, last_id=at)
            part.pump(draw.random() * 0.5)
            heard += part.seqs
            at = part.last_id
            part.close()
        heard += self.stream(self.lead, last_id=at).pump(0.6).seqs
        self.assertEqual(heard, raw.pump(0.6).seqs)
        self.assertGreater(len(heard), 0)

    def test_the_field_counts_before_the_query(self):
        start = self.stream(self.one)
        self.submit()
        end = start.wait(lambda s: s.events)
        stream = self.stream(self.one, f"?after={start.epoch}.0",
                             last_id=end.last_id)
        self.assertEqual(stream.pump(0.5).events, [])

    def test_ids_that_are_none(self):
        epoch = self.stream(self.one).epoch
        for bad in ("x", "12", f"{epoch}", f"{epoch}.", f"{epoch}.-1",
                    f"{epoch}.01", f"{epoch}.1x", f"{epoch}1.1",
                    f"{epoch.upper()}g.1", f"{epoch}.99999999999999999999",
                    f"{epoch} 1", "."):
            with self.subTest(id=bad):
                field = self.stream(self.one, last_id=bad)
                self.assertEqual((field.status, field.body()["code"]),
                                 (400, "malformed"))
                query = self.one.get(PATH, after=bad)
                self.assertEqual((query.status, query.code),
                                 (422, "invalid"))
                self.assertEqual(query.json["errors"][0]["pointer"],
                                 "#after")

    def test_resets(self):
        start = self.stream(self.one)
        for id in ("0" * 32 + ".1", f"{start.epoch}.{start.seq + 1000}"):
            with self.subTest(id=id):
                stream = self.stream(self.one, last_id=id)
                ((name, told, data),) = stream.events
                self.assertEqual(name, "reset")
                self.assertEqual(told.split(".")[0], start.epoch)
                self.assertGreaterEqual(stream.seq, start.seq)
                self.assertEqual(list(data), ["why"])
                self.submit()
                stream.wait(lambda s: len(s.events) == 2)
                self.assertEqual(stream.events[1][0], "request")
                stream.close()

    def test_a_heartbeat_goes_past_what_is_others(self):
        stream = self.stream(self.stranger)
        begin = stream.seq
        self.life(self.one)
        end = self.stream(self.lead).seq
        self.assertEqual(stream.pump(0.5).seq, begin)
        stream.until(end, BEAT_S)
        self.assertEqual(stream.events, [])
        self.assertEqual(stream.last_id, f"{stream.epoch}.{end}")

    # --- its end ---

    def users(self, name):
        return [u["id"] for u in self.admin.get(
            "/v1/users", limit=200).json["users"] if u["name"] == name]

    def revoke(self, user):
        self.expect(self.admin.post(f"/v1/users/{user}/revoke",
                                    {"reason": "left"}), 200)

    def test_whoever_is_revoked_hears_no_more(self):
        leaver = self.service.person("leaver", "site-coordinator",
                                     "liaoyang-central")
        stream = self.stream(leaver)
        stays = self.stream(self.one)
        (user,) = self.users("leaver")
        self.revoke(user)
        self.assertLess(stream.until_closed(), 1)
        self.submit()
        stays.wait(lambda s: s.events)
        self.assertEqual(stream.events, [])
        self.assertEqual(self.stream(leaver).status, 401)

    def test_a_token_that_is_revoked(self):
        user, system = self.token(["read"])
        stream = self.stream(system)
        self.submit()
        stream.wait(lambda s: s.events)
        self.revoke(user)
        self.assertLess(stream.until_whole(), 1)
        self.assertEqual(self.stream(system).status, 401)

    def test_head_is_no_stream(self):
        for _ in range(40):  # more than one may have
            answer = self.one.request("HEAD", PATH)
            self.assertEqual(answer.status, 200)
