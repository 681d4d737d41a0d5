"""A year's people and places (year.py): the network, the calendar, who acts.

A World belongs to one process. What its players were told to be so it keeps,
with the day's counts, until the day is judged (year_check.py).
"""
import collections
import ctypes
import datetime
import hashlib
import http.client
import json
import os
import random
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests", "integration"))
import service as rig  # noqa: E402
import unseal  # noqa: E402

CHINA = datetime.timezone(datetime.timedelta(hours=8))
CANARY = "canaryyear"  # in every patient's name and number
OPEN_CONNECTIONS = 700 # of one process
NO_HASH = "0" * 64


def utc(day, hour=0, minute=0):
    """UTC seconds of a wall time in China, where no clock is ever changed."""
    return int(datetime.datetime(day.year, day.month, day.day, hour, minute,
                                 tzinfo=CHINA).timestamp())


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds(text):
    return int(datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp())


class Calendar:
    """Days off and shifted workdays, as a network file has them."""

    def __init__(self, calendar):
        self.off = set(calendar["days_off"])
        self.shifted = {row["date"]: row["works_as"]
                        for row in calendar.get("shifted_workdays", [])}

    def weekday(self, day):
        """As which the day works, Monday = 0; None: it does not."""
        name = day.isoformat()
        if name in self.off:
            return None
        if name in self.shifted:
            return "MO TU WE TH FR SA SU".split().index(self.shifted[name])
        return day.weekday()

    def works(self, day):
        weekday = self.weekday(day)
        return weekday is not None and weekday < 5


class Signer:
    """ECDSA with SHA-256 by OpenSSL, as the client's own (base/opinion.h)."""

    def __init__(self, path):
        crypto = unseal.crypto
        for name in ("BIO_new_mem_buf", "PEM_read_bio_PrivateKey",
                     "EVP_MD_CTX_new", "EVP_sha256"):
            getattr(crypto, name).restype = ctypes.c_void_p
        with open(path, "rb") as f:
            text = f.read()
        bio = ctypes.c_void_p(crypto.BIO_new_mem_buf(text, len(text)))
        self.key = ctypes.c_void_p(crypto.PEM_read_bio_PrivateKey(
            bio, None, None, None))
        crypto.BIO_free(bio)
        size = crypto.i2d_PUBKEY(self.key, None)
        out = ctypes.create_string_buffer(size)
        at = ctypes.c_void_p(ctypes.addressof(out))
        crypto.i2d_PUBKEY(self.key, ctypes.byref(at))
        self.public = out.raw.hex()

    def sign(self, data):
        crypto = unseal.crypto
        context = ctypes.c_void_p(crypto.EVP_MD_CTX_new())
        out, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
        good = crypto.EVP_DigestSignInit(
            context, None, ctypes.c_void_p(crypto.EVP_sha256()), None,
            self.key) == 1 and crypto.EVP_DigestSign(
                context, out, ctypes.byref(size), data, len(data)) == 1
        crypto.EVP_MD_CTX_free(context)
        if not good:
            raise AssertionError("it cannot be signed")
        return out.raw[:size.value].hex()


def lines_to_sign(code, expert, at, text):
    return ("teleconsult opinion 1\n"
            f"request {code.replace('-', '')}\nexpert {expert}\nversion 1\n"
            f"corrects {NO_HASH}\ntime {rfc3339(at)}\n"
            f"text {hashlib.sha256(text.encode()).hexdigest()}\n"
            f"reference {NO_HASH}\n").encode()


class People:
    """Whoever acts, made when first needed, each with a connection of their
    own, of which so many stay open."""

    def __init__(self, service):
        self.service = service
        self.known = {}
        self.signers = {}
        self.open = collections.OrderedDict()

    def get(self, role, site, expert=None):
        who = (role, site, expert)
        if who not in self.known:
            self.known[who] = self.service.person(
                f"{role} {expert or site} {os.getpid()}", role, site, expert)
        self.open[who] = None
        self.open.move_to_end(who)
        if len(self.open) > OPEN_CONNECTIONS:
            self.known[self.open.popitem(last=False)[0]].close()
        return self.known[who]

    def signer(self, who):
        if who not in self.signers:
            self.signers[who] = Signer(who.identity.key)
        return self.signers[who]


class World:
    """One process's part of the network, and what was said to it."""

    def __init__(self, service, ground, calendar, seed, agreements):
        self.service, self.ground = service, ground
        self.calendar = calendar
        self.random = random.Random(seed)
        self.people = People(service)
        self.agreements = agreements
        self.experts, self.of_lead = ground.experts, ground.of_lead
        self.suits = ground.suits
        self.numbers = 0
        # Bookings that others than their player moved; None: cancelled.
        self.moved = {}
        self.booked = {}  # code -> (from, expert), of what stands
        self.places = collections.deque(maxlen=200)  # in clinics, whose
        self.forget()

    def forget(self):
        """A new day: what was told of the last one is judged."""
        # (thing, code) -> the status it must have; None: it goes with others
        self.told = {}
        self.counts = collections.Counter()
        self.against = []    # what must never be

    # --- who ---

    def lead(self, site):
        return self.people.get("lead-coordinator", site)

    def partner(self, site):
        return self.people.get("site-coordinator", site)

    def expert(self, slug):
        return self.people.get("expert", self.experts[slug]["home"], slug)

    def patient(self):
        self.numbers += 1
        n = f"{os.getpid()}x{self.numbers}"
        return {"local_id": f"{CANARY}{n}", "name": f"{CANARY} {n}",
                "summary": "stable, for advice"}

    # --- what is said ---

    text = staticmethod(rfc3339)

    def now(self):
        return self.service.clock.now()

    def chance(self, part):
        return self.random.random() < part

    def ask(self, who, path, **query):
        return self.call(who, "GET", rig.with_query("/v1/" + path, query))

    def say(self, who, path, body=None, status=(200, 201)):
        """The answer, of that status; anything else is held against it. Now
        and then it is said twice, and must be one."""
        key = rig.new_key()
        answer = self.call(who, "POST", "/v1/" + path, body or {}, key)
        if status and answer.status not in status:
            self.against.append(f"{path} {body}: {answer}")
        if answer.status < 300 and self.chance(0.01):
            again = self.call(who, "POST", "/v1/" + path, body or {}, key)
            self.counts["said twice"] += 1
            if (again.status, again.body) != (answer.status, answer.body):
                self.against.append(f"said twice: {answer} {again}")
        return answer

    def call(self, who, method, path, body=None, key=None):
        self.counts["calls"] += 1
        headers = {"If-Match": "*", "Idempotency-Key": key} if key else None
        for last in (False, True):
            try:
                answer = who.request(method, path, body, headers)
                # A link, a cursor, a location: what becomes a URL.
                if CANARY in str(answer.headers) or CANARY in path:
                    self.against.append(f"10: a patient in a URL: {answer}")
                return answer
            except (ConnectionError, http.client.HTTPException, OSError):
                # It had not been used for a while, and was closed.
                if last:
                    raise

    def is_so(self, thing, answer):
        """What the answer says of its thing must be so from now on."""
        if answer.status < 300:
            body = answer.json
            self.must_be(thing, body["code"], body["status"])
            if thing == "booking" and body["status"] == "booked" and \
                    "expert" in body:
                self.booked[body["code"].replace("-", "")] = (
                    seconds(body["from"]), body.get("expert"))
        return answer

    def must_be(self, thing, code, status):
        code = code.replace("-", "")
        self.told[thing, code] = status
        if status != "booked":
            self.booked.pop(code, None)


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)
