"""Who may what: the model of the roles, written from what they are for.

Not read out of the daemon: test_matrix.py holds the daemon's own table of routes
and every answer of it against this, and docs/roles.md is this, printed.

A hospital stands to a request or booking in one of these relations, and so do
those who sit there; an expert by being assigned to it:

    own        it asked for it: the partner's side
    shared     it is asked: the lead's side, and the expert's
    foreign    it has no part in it, but works with the same lead
    stranger   it does not even work with that lead

usage: matrix.py      prints docs/roles.md
"""
import collections

ADMIN, LEAD, SITE = "administrator", "lead-coordinator", "site-coordinator"
EXPERT, AUDITOR, SYSTEM = "expert", "auditor", "system"
BACKUP = "backup"
ROLES = (ADMIN, LEAD, SITE, EXPERT, AUDITOR, SYSTEM, BACKUP)
SITELESS = {ADMIN, BACKUP}  # they run the service, and sit at no hospital
SCOPES = ("read", "requests", "bookings", "metrics")

OWN, SHARED, FOREIGN, STRANGER = "own", "shared", "foreign", "stranger"
TURNED = "referred"  # by the lead to the partner, who is asked then
ALWAYS = "always"  # there is no thing that it could depend on
SIDES = {OWN, SHARED}
KNOWN = {OWN, SHARED, FOREIGN}

# Whose work it is. What a system may is what its hospital's desk may.
EVERYBODY = {role: {ALWAYS} for role in ROLES}
PEOPLE = {role: {ALWAYS} for role in ROLES if role != BACKUP}
NOBODY = {}
ADMINS = {ADMIN: {ALWAYS}}
AUDITS = {**ADMINS, AUDITOR: {ALWAYS}}
WATCHERS = {**AUDITS, SYSTEM: {ALWAYS}}  # figures, in which nobody is named
ALL_DESKS = (LEAD, SITE, SYSTEM)
ASKING = {role: {OWN} for role in ALL_DESKS}        # the partner asks
ASKED = {LEAD: {SHARED}}                            # the lead triages
# ... and the partner what is referred to it: then that is the one asked.
TRIAGE = {LEAD: {SHARED}, SITE: {TURNED}}
CALLED = {LEAD: {SHARED}, EXPERT: {SHARED}}
ON_CALL = {LEAD: {ALWAYS}, EXPERT: {ALWAYS}}        # of one's own site
ROSTERS = {LEAD: {ALWAYS}, SITE: {ALWAYS}}
# Both arrange times. A site coordinator does what a partner does, and is
# nobody to whom others send their patients.
BOTH_DESKS = {LEAD: SIDES, SITE: {OWN}, SYSTEM: SIDES}
PLANNERS = {**BOTH_DESKS, EXPERT: {SHARED}}
PARTIES = {**PLANNERS, AUDITOR: SIDES}
READERS = {role: {ALWAYS} for role in PARTIES}
# Who waits, and for what: no expert's concern before it is arranged.
LISTS = {role: {ALWAYS} for role in (*ALL_DESKS, AUDITOR)}
# Of an expert or a room even those who share only the lead see when it is
# taken, or there would be nothing to ask for.
PLANS = {role: KNOWN for role in PARTIES}
OWN_PLAN = {role: {OWN} for role in PARTIES}
# To whom a patient's name and papers are shown, of those who may look.
PAPERS = {LEAD, SITE, EXPERT, SYSTEM}
# A session's seats are for every partner of the lead whose agreement covers it.
JOINING = {OWN, FOREIGN}
JOINS = {role: JOINING for role in ALL_DESKS}
SEATED = {LEAD: KNOWN, SITE: JOINING, SYSTEM: KNOWN}

ANY = set(SCOPES)
NO_TOKEN = set()
READ, REQUESTS, BOOKINGS = {"read"}, {"requests"}, {"bookings"}

Row = collections.namedtuple("Row", "method path may scopes open")
# open: on which listeners whoever brings no credential is heard
ROWS = [Row(*row, *([""] if len(row) == 4 else [])) for row in (
    ("GET", "/healthz", EVERYBODY, ANY, "both"),
    ("GET", "/readyz", EVERYBODY, ANY, "both"),
    ("GET", "/metrics", WATCHERS, {"metrics"}),
    ("GET", "/v1/status", ADMINS, NO_TOKEN),
    ("GET", "/v1/openapi.json", EVERYBODY, ANY),
    ("GET", "/v1/whoami", EVERYBODY, ANY),
    ("POST", "/v1/requests", ASKING, REQUESTS),
    ("GET", "/v1/requests", READERS, READ),
    ("GET", "/v1/requests/{code}", PARTIES, READ),
    ("POST", "/v1/requests/{code}/accept", TRIAGE, NO_TOKEN),
    ("POST", "/v1/requests/{code}/assign", TRIAGE, NO_TOKEN),
    ("POST", "/v1/requests/{code}/decline", TRIAGE, NO_TOKEN),
    ("POST", "/v1/requests/{code}/ask", TRIAGE, NO_TOKEN),
    ("POST", "/v1/requests/{code}/supplement", ASKING, REQUESTS),
    ("POST", "/v1/requests/{code}/withdraw", ASKING, REQUESTS),
    ("POST", "/v1/requests/{code}/opinions", {EXPERT: {SHARED}}, NO_TOKEN),
    ("GET", "/v1/requests/{code}/opinions", PARTIES, READ),
    ("POST", "/v1/requests/{code}/receive", ASKING, REQUESTS),
    # Either side knows that no time will do, and which would.
    ("POST", "/v1/requests/{code}/wait", BOTH_DESKS, REQUESTS),
    ("POST", "/v1/requests/{code}/unwait", BOTH_DESKS, REQUESTS),
    # Who has the patient writes, who sent them reads.
    ("POST", "/v1/requests/{code}/course",
     {LEAD: {SHARED}, SITE: {TURNED}, EXPERT: {SHARED}, SYSTEM: {SHARED}},
     REQUESTS),
    ("GET", "/v1/requests/{code}/course", PARTIES, READ),
    ("GET", "/v1/waitlist", LISTS, READ),
    ("GET", "/v1/offers", LISTS, READ),
    # Whoever is called, or a coordinator of the lead for them.
    ("POST", "/v1/requests/{code}/answer", CALLED, NO_TOKEN),
    ("POST", "/v1/requests/{code}/papers", ASKING, REQUESTS),
    ("GET", "/v1/on-call", READERS, READ),
    ("POST", "/v1/on-call/swap", ON_CALL, NO_TOKEN),
    ("GET", "/v1/reports/emergencies", READERS, READ),
    ("GET", "/v1/slots", PLANNERS, READ),
    ("POST", "/v1/bookings", BOTH_DESKS, BOOKINGS),
    ("POST", "/v1/holds", BOTH_DESKS, BOOKINGS),
    ("GET", "/v1/bookings", READERS, READ),
    ("GET", "/v1/bookings/{code}", PARTIES, READ),
    ("POST", "/v1/bookings/{code}/confirm", ASKING, BOOKINGS),
    ("POST", "/v1/bookings/{code}/release", ASKING, BOOKINGS),
    ("POST", "/v1/bookings/{code}/refuse", ASKING, BOOKINGS),
    ("POST", "/v1/bookings/{code}/receive", ASKING, BOOKINGS),
    ("POST", "/v1/bookings/{code}/move", BOTH_DESKS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/cancel", BOTH_DESKS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/displace", ASKED, NO_TOKEN),
    ("POST", "/v1/bookings/{code}/move-following", BOTH_DESKS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/move-following/dry-run", BOTH_DESKS,
     BOOKINGS),
    ("POST", "/v1/bookings/{code}/cancel-following", BOTH_DESKS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/cancel-following/dry-run", BOTH_DESKS,
     BOOKINGS),
    ("POST", "/v1/series", BOTH_DESKS, BOOKINGS),
    ("POST", "/v1/series/dry-run", BOTH_DESKS, BOOKINGS),
    ("GET", "/v1/series", READERS, READ),
    ("GET", "/v1/series/{code}", PARTIES, READ),
    # Whoever is there says what happens: the desks at both ends, the expert.
    ("POST", "/v1/bookings/{code}/arrive", PLANNERS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/start", PLANNERS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/finish", PLANNERS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/noshow", PLANNERS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/late", PLANNERS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/checks", PLANNERS, BOOKINGS),
    ("POST", "/v1/bookings/{code}/fallback", BOTH_DESKS, BOOKINGS),
    # Patients sign where they are.
    ("POST", "/v1/requests/{code}/consent", BOTH_DESKS, REQUESTS),
    ("POST", "/v1/bookings/{code}/consent", BOTH_DESKS, BOOKINGS),
    ("GET", "/v1/worklist", READERS, READ),
    ("GET", "/v1/reports/answers", READERS, READ),
    ("GET", "/v1/reports/load", READERS, READ),
    ("POST", "/v1/take-backs", {LEAD: {ALWAYS}}, NO_TOKEN),
    ("GET", "/v1/reports/clinic", READERS, READ),
    ("GET", "/v1/reports/activity", READERS, READ),
    ("GET", "/v1/reports/waits", READERS, READ),
    ("GET", "/v1/reports/pooled", READERS, READ),
    ("GET", "/v1/reports/deviations", READERS, READ),
    ("GET", "/v1/reports/declines", READERS, READ),
    ("GET", "/v1/reports/quotas", READERS, READ),
    ("GET", "/v1/reports/hours", READERS, READ),
    ("GET", "/v1/unresolved", READERS, READ),
    # Of the lead's own: who waits is put in, whoever asked.
    ("GET", "/v1/pools", LISTS, READ),
    ("POST", "/v1/pools", {LEAD: {ALWAYS}}, NO_TOKEN),
    ("POST", "/v1/pools/{code}/order", {LEAD: {ALWAYS}}, NO_TOKEN),
    ("POST", "/v1/sessions", {LEAD: {ALWAYS}}, NO_TOKEN),
    ("GET", "/v1/sessions", READERS, READ),
    ("GET", "/v1/sessions/{code}",
     {**SEATED, AUDITOR: KNOWN, EXPERT: {SHARED}}, READ),
    ("POST", "/v1/sessions/{code}/join", JOINS, BOOKINGS),
    ("POST", "/v1/sessions/{code}/leave", JOINS, BOOKINGS),
    ("POST", "/v1/sessions/{code}/attendance", SEATED, BOOKINGS),
    # The list of cases is the lead's; who may join has heard of the session.
    ("POST", "/v1/sessions/{code}/cases", ASKED, NO_TOKEN),
    ("POST", "/v1/sessions/{code}/order", ASKED, NO_TOKEN),
    # Of one's own site; experts are its lead's coordinator's to change.
    ("GET", "/v1/roster", READERS, READ),
    ("POST", "/v1/roster", ROSTERS, NO_TOKEN),
    ("POST", "/v1/roster/dry-run", ROSTERS, NO_TOKEN),
    ("GET", "/v1/visits", READERS, READ),
    ("GET", "/v1/orphans", READERS, READ),
    # A free clinic is a booking of two sides.
    ("POST", "/v1/sessions/{code}/tokens", BOTH_DESKS, BOOKINGS),
    ("GET", "/v1/sessions/{code}/tokens", PARTIES, READ),
    ("POST", "/v1/sessions/{code}/call", PLANNERS, BOOKINGS),
    ("POST", "/v1/sessions/{code}/mark", PLANNERS, BOOKINGS),
    ("GET", "/v1/agreements", READERS, READ),
    ("GET", "/v1/sites", PEOPLE, READ),
    ("GET", "/v1/experts", PEOPLE, READ),
    ("GET", "/v1/resources", PEOPLE, READ),
    ("GET", "/v1/experts/{id}/schedule", PLANS, READ),
    ("GET", "/v1/resources/{site}/{name}/schedule", PLANS, READ),
    ("GET", "/v1/sites/{id}/schedule", OWN_PLAN, READ),
    ("GET", "/v1/events", PEOPLE, READ),
    ("POST", "/v1/import", ADMINS, NO_TOKEN),
    ("POST", "/v1/import/dry-run", ADMINS, NO_TOKEN),
    ("GET", "/v1/export", ADMINS, NO_TOKEN),
    ("POST", "/v1/invitations", ADMINS, NO_TOKEN),
    ("GET", "/v1/invitations", ADMINS, NO_TOKEN),
    ("POST", "/v1/invitations/{id}/revoke", ADMINS, NO_TOKEN),
    ("POST", "/v1/enroll", NOBODY, NO_TOKEN, "people"),
    ("POST", "/v1/certificate", EVERYBODY, NO_TOKEN),
    ("POST", "/v1/tokens", ADMINS, NO_TOKEN),
    ("GET", "/v1/users", ADMINS, NO_TOKEN),
    ("POST", "/v1/users/{id}/revoke", ADMINS, NO_TOKEN),
    ("POST", "/v1/backups", {**ADMINS, BACKUP: {ALWAYS}}, NO_TOKEN),
    ("POST", "/v1/log/verify", AUDITS, NO_TOKEN),
)]

HEAD = """\
# Who may what

Generated by `tests/integration/matrix.py`, which `tests/integration/test_matrix.py` holds against the daemon: its table of routes, and
the answer to every route tried by every role, by tokens of every set of scopes, and by nobody.

Of a request or booking *own* is it to the hospital that asked for it, the partner; *shared* to the one that is asked, the lead, and to
the expert who is assigned; of a referral from the lead to the partner it is the other way round. To everybody else it is *foreign*, and they hear of it what is said of a thing that does not exist, to the
byte. Who sees a thing but may not do this with it is told so (`403`). A dot: not for this role, whatever the thing.

Administrators run the service and see no request. Auditors change nothing and see neither patient nor papers. A system has the rights of its
hospital's desk, and with a token those alone that one of its scopes allows (`certificate`: with a certificate only). A backup fetches copies of
the whole, in which patients' papers are encrypted, and may nothing else.

"""
TAIL = """
*times*: whoever works with the hospital of an expert or a room sees when they are taken, and of what is foreign to them no more than that.
A hold is *own* to who took it. A hospital's plan is *own* to those who sit there.

*joining*: of a session with seats, every partner of its lead whose agreement covers the kind on its day, and who has joined; *all*: they, and
the lead. Who else joins the lead alone sees.

*referred*: what the lead refers to that hospital.

*open*: without any credential; `POST /v1/enroll` on the people's listener only, with an invitation.
"""
SHORT = {LEAD: "lead coordinator", SITE: "site coordinator"}
CELLS = ((KNOWN, "times"), (SIDES, "own, shared"), ({OWN}, "own"), ({SHARED}, "shared"),
         ({ALWAYS}, "yes"), ({TURNED}, "referred"), (set(), "·"))


def cell(row, relations):
    if "/sessions/" in row.path and relations in (KNOWN, JOINING):
        return "all" if relations == KNOWN else "joining"
    return next(text for these, text in CELLS if these == relations)


def scopes_of(row):
    if row.open:
        return "open"
    if not row.scopes:
        return "certificate"
    return "any" if row.scopes == ANY else ", ".join(sorted(row.scopes))


def page():
    rows = [["", *(SHORT.get(role, role) for role in ROLES), "scope"],
            ["---"] * (len(ROLES) + 2)]
    rows += [[f"`{row.method} {row.path}`",
              *(cell(row, row.may.get(role, set())) for role in ROLES),
              scopes_of(row)] for row in ROWS]
    return HEAD + "".join("| " + " | ".join(row) + " |\n"
                          for row in rows) + TAIL


if __name__ == "__main__":
    print(page(), end="")
