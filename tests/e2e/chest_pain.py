#!/usr/bin/python3
"""The chest-pain story: one night, the real daemon over TLS, the client, and a
clock that goes as it is told.

usage: chest_pain.py [BUILD] [--write]

Every step is a command that somebody types; what it answers must be what
docs/chest-pain.md shows, which --write makes anew. Codes are drawn at random,
so the page has others in their place, in the order in which they appear. The
night is that of the next Monday, because certificates are believed by the
machine's own clock; on the page it is always the same one.
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "integration")]

BUILD = next((a for a in sys.argv[1:] if a[0] != "-"), "build/release")
os.environ["BUILD"] = BUILD  # before service.py looks

from hands import Hands
from service import Service, read_invitation

PAGE = os.path.join(ROOT, "docs", "chest-pain.md")
ZONE = datetime.timezone(datetime.timedelta(hours=8))
EVENING = datetime.datetime(2027, 1, 18, 20, 0, tzinfo=ZONE)  # on the page
STEP, LAST = 30, 240  # seconds: how time goes on, in its last minutes
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
# What stands on the page for the first code, the second, ...
NAMES = ["R0UT-1NE1", "B00K-1NG1", "EMER-GNC1", "B00K-1NG2", "EMER-GNC2",
         "B00K-1NG3", "B00K-1NG4"]
COUNTY, CENTRE = "dengta-county", "liaoyang-central"
# profile: role, site, expert
PEOPLE = {
    "county": ("site-coordinator", COUNTY, None),
    "centre": ("lead-coordinator", CENTRE, None),
    "first": ("expert", CENTRE, "chest-pain-1"),
    "second": ("expert", CENTRE, "chest-pain-2"),
    "auditor": ("auditor", CENTRE, None),
}
HEAD = """\
# A night at the chest-pain centre

A county hospital has a patient with chest pain at two in the morning; its lead, the city's hospital, has three physicians on call. This page tells
that night by the commands that were typed and what they answered. `tests/e2e/chest_pain.py` plays it with the real daemon and a clock of
its own, and fails when an answer is not what stands here; `chest_pain.py --write` writes the page anew. (Codes are drawn at random: the
page has names in their place.)
"""


class Story:
    def __init__(self, service, hands):
        self.service, self.hands = service, hands
        self.codes = {}   # as drawn: as on the page
        self.page = [HEAD]
        now = datetime.datetime.now(ZONE) + datetime.timedelta(hours=1)
        weeks = -((EVENING - now) // datetime.timedelta(weeks=1))
        self.shift = datetime.timedelta(weeks=weeks)

    # --- the page ---

    @staticmethod
    def moved(text, by):
        return DATE.sub(lambda m: (datetime.date.fromisoformat(m[0]) + by)
                        .isoformat(), text)

    def named(self, text):
        def name(match):
            code = match.group(0)
            if code not in self.codes:
                self.codes[code] = NAMES[len(self.codes)]
            return self.codes[code]
        text = re.sub(r"\b[0-9a-f]{64}\b", "(64 digits)", text)
        return CODE.sub(name, self.moved(text, -self.shift))

    def tell(self, text):
        self.page.append("\n" + text.strip() + "\n")

    def show(self, who, typed, said):
        lines = [f"{who}$ teleconsult {typed}", *said.rstrip().split("\n")]
        lines[0] = self.moved(lines[0], self.shift)
        self.page.append("\n" + self.named(
            "".join("    " + line.rstrip() + "\n" if line.strip() else "\n"
                    for line in lines)))

    # --- what happens ---

    def at(self, clock):
        """At that time of the night, with all done that is due."""
        hour, minute, second = (clock + ":00").split(":")[:3]
        when = EVENING.replace(hour=int(hour), minute=int(minute),
                               second=int(second))
        if when < EVENING:
            when += datetime.timedelta(days=1)
        when += self.shift
        clock = self.service.clock
        end = int(when.timestamp())
        # What falls due does so at its time, not all of it at the end.
        for before in (*range(LAST, 0, -STEP), 0):
            if end - before > clock.now():
                clock.at(end - before)
                self.service.settle()

    def does(self, who, typed, stdin=""):
        """typed: as in a shell, without its quotes being nested."""
        said = self.hands.must(who, *self.words(typed), stdin=stdin)
        self.show(who, typed, said)
        return said

    def words(self, typed):
        """Typed on the page's days, said on those that they stand for."""
        return [part[1:-1] if part[0] == "'" else part for part in
                re.findall(r"'[^']*'|\S+", self.moved(typed, self.shift))]

    def is_refused(self, who, typed):
        ran = self.hands.run(who, *self.words(typed))
        if ran.returncode != 1:
            raise AssertionError(f"{typed}: {ran}")
        self.show(who, typed, ran.stderr)

    def code_of(self, said):
        return CODE.search(said)[0]

    def ask(self, who, *words):
        """Without showing it."""
        return json.loads(self.hands.must(who, "-o", "json", *words))


def written(story, name, content):
    path = os.path.join(story.hands.home, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(content if isinstance(content, str)
                else json.dumps(content, ensure_ascii=False))
    return path


def play(s):
    os.chdir(s.hands.home)
    written(s, "routine.json", {"local_id": "D-1", "name": "patient 1",
                                "summary": "stable, for advice"})
    written(s, "patient.json", {"local_id": "D-2", "name": "patient 2"})
    written(s, "other.json", {"local_id": "D-3", "name": "patient 3"})
    written(s, "papers.json", {"local_id": "D-2", "name": "patient 2",
                               "summary": "ST elevation V1-V4, troponin 2.1"})
    written(s, "opinion.txt", "Anterior infarction. Primary PCI; transfer"
                              " at once, the cath lab is ready.\n")

    s.at("20:00")
    s.tell("""## Before midnight

The city's coordinator looks who is on call, and where nobody would be.""")
    s.does("centre", "on-call --specialty coronary"
           " --from '2027-01-18 20:00' --to '2027-01-20 08:00'")
    s.tell("""`chest-pain-2` has a consultation hour at night; the county books
a routine case into it, for a quarter past two.""")
    routine = s.code_of(s.does(
        "county", f"submit remote-consultation --site {COUNTY}"
        " --expert chest-pain-2 --specialty coronary"
        " --reason 'adjusting drugs' --patient routine.json"))
    s.does("centre", f"accept {routine}")
    booked = s.code_of(s.does(
        "county", f"book {routine} --at '2027-01-19 02:15'"))

    s.tell("""## 02:10, the county asks

The patient came in at 02:04. Nothing but a specialty and a reason is needed; the
papers may follow. The answer says who is called, how, and until when.""")
    s.at("02:10")
    emergency = s.code_of(s.does(
        "county", f"submit emergency-consultation --site {COUNTY}"
        " --specialty coronary --reason 'chest pain for an hour, ST elevation'"
        " --door '2027-01-19 02:04' --patient patient.json"))

    s.tell("""## 02:13, nobody has answered

The agreement gives three minutes. The next on call is called by then, by the
service itself: nobody has done anything.""")
    s.at("02:13")
    called = s.ask("county", "show", emergency)["calls"]
    expect(called, [("chest-pain-1", "unanswered"),
                    ("chest-pain-2", "called")])
    s.show("county", f"show {emergency} | grep -A4 Calls",
           part(s.hands.must("county", "show", emergency), "Calls"))

    s.tell("""## 02:13:40, the second answers

He takes it, and has the session at once. His routine case, a minute and a half
later, is in the way: in the same transaction it moves to the nearest time at which
its expert, patient and studios are all free.""")
    s.at("02:13:40")
    urgent = CODE.findall(s.does(
        "second", f"answer {emergency} accept"))[1]
    s.show("centre", f"show {urgent} | sed -n '/TAKES/,/^$/p'",
           part(s.hands.must("centre", "show", urgent),
                "Who and what takes part", 1))
    s.tell("""Everybody whose session it was hears of it (`watch`), and reads why:""")
    moved = s.ask("county", "show", booked)
    if moved["status"] != "booked" or moved["history"][-1]["verb"] != "move":
        raise AssertionError(moved)
    s.does("county", f"show {booked}")

    s.tell("""## 02:16, it begins

The patient cannot sign, and nobody else is there who could. An emergency passes
that gate with a reason, and the consent is due afterwards.""")
    s.at("02:16")
    s.is_refused("second", f"start {urgent}")
    s.does("second", f"start {urgent} --reason 'in shock, the family is on"
                     " its way'")
    s.at("02:31:30")
    s.does("second", f"finish {urgent}")

    s.tell("""## Afterwards

The expert signs his opinion; the county gives the papers and the consent, and
confirms that it has the opinion.""")
    s.at("02:40")
    s.does("second", f"opinion {emergency} --file opinion.txt")
    s.at("03:05")
    s.does("county", f"papers {emergency} --patient papers.json")
    s.does("county", f"consent {emergency} treatment 'emergency room,"
                     " folder 12'")
    s.does("county", f"receive {emergency}")

    s.tell("""## What it took

Every hand is on one page, with every interval that was measured.""")
    s.at("08:00")
    s.does("centre", f"show {emergency}")
    s.tell("The figures, by partner:")
    s.does("centre", "report emergencies --from '2027-01-18'")
    measured = s.ask("centre", "report", "emergencies")["sites"][0]
    for name, seconds in (("door_to_request", 360), ("request_to_call", 0),
                          ("call_to_answer", 220), ("door_to_answer", 580),
                          ("door_to_start", 720)):
        if measured[name]["median"] != seconds:
            raise AssertionError(measured)
    called_off(s)
    s.tell("And the chain of records is whole.")
    whole = s.ask("auditor", "admin", "verify-log")
    if not whole["ok"]:
        raise AssertionError(whole)


def called_off(s):
    s.tell("""## 09:10, a session is called off

Another patient. The first on call takes it, but a theatre needs him more: the
coordinator cancels the session. The request is accepted again and the next is
called in the same moment; who had it is called again with everybody alone.""")
    s.at("09:10")
    emergency = s.code_of(s.does(
        "county", f"submit emergency-consultation --site {COUNTY}"
        " --specialty coronary --reason 'collapse at home'"
        " --door '2027-01-19 09:05' --patient other.json"))
    s.at("09:11")
    booked = CODE.findall(s.does("first", f"answer {emergency} accept"))[1]
    s.at("09:12")
    s.does("centre", f"cancel {booked} --reason 'is needed in theatre 2'")
    s.does("second", "list requests --status accepted")
    s.at("09:13")
    s.does("second", f"answer {emergency} accept")
    s.is_refused("first", f"answer {emergency} accept")
    s.show("centre", f"show {emergency} | grep -A4 Calls",
           part(s.hands.must("centre", "show", emergency), "Calls"))
    times = s.ask("centre", "show", emergency)["intervals"]
    if (times["call_to_answer"], times["door_to_answer"]) != (60, 360):
        raise AssertionError(times)


def part(text, heading, skip=0):
    """The block under the heading, with it."""
    at = text.index(heading)
    return "\n".join(text[at:].split("\n\n")[0].split("\n")[skip:])


def expect(calls, those):
    got = [(c.get("expert"), c["outcome"]) for c in calls]
    if got != those:
        raise AssertionError(got)


def first_invitation(service):
    """init's, with the ports that the daemon has got since."""
    was = read_invitation(service.invitation)
    whole = was.ca + bytes.fromhex(was.secret) + "\n".join(
        f"localhost:{service.ports[one]}"
        for one in ("people", "partners")).encode()
    return "tci1_" + (hashlib.sha256(whole).digest()[:4] + whole).hex()


def people_of(service):
    """All by the tool, which lives in that night, too: Python does not."""
    class People(Hands):
        def __init__(self):
            self.service, self.tool = service, service.program("teleconsult")
            self.home = tempfile.mkdtemp(prefix="teleconsult-home-")
            self.enroll("admin", first_invitation(service))
    return People()


def night():
    service = Service(clock=True)
    service.init().start()
    hands = None
    try:
        hands = people_of(service)
        for name in ("liaoyang.json", "chest-pain.json"):
            hands.must("admin", "admin", "import",
                       os.path.join(ROOT, "examples", name))
        for profile, (role, site, expert) in PEOPLE.items():
            hands.person(profile, role, "--site", site,
                         *(("--expert", expert) if expert else ()))
        story = Story(service, hands)
        play(story)
        return "".join(story.page)
    finally:
        os.chdir(ROOT)
        if hands:
            hands.close()
        service.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", nargs="?", default=BUILD)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    began = time.monotonic()
    page = night()
    if args.write:
        with open(PAGE, "w", encoding="utf-8") as f:
            f.write(page)
    with open(PAGE, encoding="utf-8") as f:
        told = f.read()
    if told != page:
        for now, then in zip(page.split("\n"), told.split("\n")):
            if now != then:
                print(f"docs/chest-pain.md: {then!r}\n         now: {now!r}")
                break
        print("the story is another one: chest_pain.py --write tells it")
        print("0 passed, 1 failed")
        return 1
    print(f"the chest-pain story, {time.monotonic() - began:.1f} s")
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
