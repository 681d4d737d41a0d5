-- The fourth schema: the process between two hospitals. Foreign keys are off
-- while this runs.

-- What falls due by itself. One row for each thing and purpose: the next step
-- is due at that time, and whoever takes it writes the one after it, or none,
-- in the same transaction (daemon/store/due.h).
CREATE TABLE due (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	what TEXT NOT NULL,
	thing TEXT NOT NULL,
	thing_id INTEGER NOT NULL,
	step INTEGER NOT NULL DEFAULT 0 CHECK (step >= 0),
	-- Not tried before; later than it is due where it failed so often.
	try_at INTEGER NOT NULL,
	failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
	UNIQUE (thing, thing_id, what)
) STRICT;
CREATE INDEX due_try_at ON due (try_at, at, id);

-- --- what is asked, and what two hospitals agreed on ---

-- NULL: as daemon/core/terms.c says; of the notices, as cancel_notice_minutes.
ALTER TABLE agreement ADD COLUMN lead_notice_minutes INTEGER
	CHECK (lead_notice_minutes >= 0);
ALTER TABLE agreement ADD COLUMN partner_notice_minutes INTEGER
	CHECK (partner_notice_minutes >= 0);
ALTER TABLE agreement ADD COLUMN late_change TEXT
	CHECK (late_change IN ('spends', 'lead-only'));
-- Bits, in the order of the words.
ALTER TABLE agreement ADD COLUMN requires INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agreement ADD COLUMN requires_emergency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agreement ADD COLUMN supplement_minutes INTEGER
	CHECK (supplement_minutes > 0);
ALTER TABLE agreement ADD COLUMN expiry_days INTEGER CHECK (expiry_days > 0);
ALTER TABLE agreement ADD COLUMN ending_notice_days INTEGER
	CHECK (ending_notice_days >= 0);
-- The last days about which it was told that they come, and that they came.
ALTER TABLE agreement ADD COLUMN told_ending INTEGER;
ALTER TABLE agreement ADD COLUMN told_end INTEGER;
-- Each is looked at once: those that are over already are told of no more.
INSERT INTO due (at, what, thing, thing_id, step, try_at)
	SELECT 0, 'ending', 'agreement', id, 1, 0 FROM agreement;

-- Places of a month that were given up too late and left for another month: a
-- booking counts where it is, these count besides.
CREATE TABLE spent_place (
	booking INTEGER NOT NULL REFERENCES booking (id),
	sequence INTEGER NOT NULL, -- of the booking, before it moved
	agreement INTEGER NOT NULL REFERENCES agreement (id),
	kind TEXT NOT NULL,
	from_time INTEGER NOT NULL,
	PRIMARY KEY (booking, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_place_quota ON spent_place (agreement, kind, from_time);

-- When supplements were asked for: once.
ALTER TABLE request ADD COLUMN asked_at INTEGER;
-- Why it was declined or withdrawn, as a word.
ALTER TABLE request ADD COLUMN reason_code TEXT;
-- What a request said before it was supplemented: once. Sealed as it was in its
-- row, and as if it still were there (request.papers, the request, its partner).
CREATE TABLE request_earlier (
	request INTEGER PRIMARY KEY REFERENCES request (id),
	until INTEGER NOT NULL,
	by_name TEXT NOT NULL,
	wanted TEXT NOT NULL,
	papers BLOB NOT NULL
) STRICT;
-- Those that are open: when they expire is worked out at the first look, and
-- is not before some time has passed since then.
INSERT INTO due (at, what, thing, thing_id, step, try_at)
	SELECT 0, 'expiry', 'request', id, 1, 0 FROM request
	WHERE status IN ('submitted', 'accepted');

-- --- clocks ---

-- Of a limit set: when its time runs (none: round the clock), and who is told
-- at which part of it (none: as daemon/work/clocks.c has it).
CREATE TABLE limit_hours (
	name TEXT NOT NULL,
	weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
	from_minute INTEGER NOT NULL CHECK (from_minute >= 0),
	to_minute INTEGER NOT NULL
		CHECK (to_minute > from_minute AND to_minute <= 1440),
	PRIMARY KEY (name, weekday, from_minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE limit_ladder (
	name TEXT NOT NULL,
	percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 1000),
	tell INTEGER NOT NULL CHECK (tell > 0), -- bits, as words_tell has them
	PRIMARY KEY (name, percent)
) STRICT, WITHOUT ROWID;

-- What is promised of a request: by when it is answered, starts, is given an
-- opinion. A row begins with the time that it counts and stays as its record.
CREATE TABLE clock (
	id INTEGER PRIMARY KEY,
	request INTEGER NOT NULL REFERENCES request (id),
	what TEXT NOT NULL,
	state TEXT NOT NULL,
	limit_minutes INTEGER NOT NULL CHECK (limit_minutes > 0),
	since INTEGER NOT NULL,
	used INTEGER NOT NULL DEFAULT 0, -- seconds of the limit, before run_from
	run_from INTEGER NOT NULL,
	due_at INTEGER CHECK (state <> 'running' OR due_at IS NOT NULL),
	told INTEGER NOT NULL DEFAULT 0, -- per cent: the last that was told
	ended_at INTEGER CHECK ((state IN ('running', 'paused'))
		= (ended_at IS NULL)),
	UNIQUE (request, what)
) STRICT;
CREATE INDEX clock_due ON clock (due_at, id) WHERE state = 'running';
CREATE INDEX clock_since ON clock (since);
-- Those that are open: what was promised of them is worked out at the first
-- look, as if it had run since they were submitted.
INSERT INTO due (at, what, thing, thing_id, try_at)
	SELECT 0, 'answer', 'request', id, 0 FROM request
	WHERE status = 'submitted';
INSERT INTO due (at, what, thing, thing_id, try_at)
	SELECT 0, 'begin', 'request', id, 0 FROM request
	WHERE status IN ('submitted', 'accepted', 'scheduled');

-- --- on call ---

-- One level of who is called at a lead for a specialty: the people take turns
-- of some days from a wall time on, or (days 0) have duties of their own
-- (daemon/core/roster.h).
CREATE TABLE roster (
	id INTEGER PRIMARY KEY,
	site INTEGER NOT NULL REFERENCES site (id),
	specialty TEXT NOT NULL,
	level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 9),
	time_zone TEXT, -- NULL: the site's
	reach TEXT NOT NULL, -- a telephone, a channel
	days INTEGER NOT NULL CHECK (days BETWEEN 0 AND 28),
	start_wall INTEGER,
	until_wall INTEGER,
	UNIQUE (site, specialty, level),
	CHECK (days = 0 OR start_wall IS NOT NULL)
) STRICT;
CREATE TABLE roster_person (
	roster INTEGER NOT NULL REFERENCES roster (id),
	position INTEGER NOT NULL,
	expert INTEGER NOT NULL REFERENCES expert (subject),
	reach TEXT, -- instead of the roster's
	rrule TEXT, -- of a duty
	start_wall INTEGER,
	end_wall INTEGER,
	PRIMARY KEY (roster, position),
	CHECK ((rrule IS NULL) = (start_wall IS NULL)),
	CHECK ((rrule IS NULL) = (end_wall IS NULL))
) STRICT, WITHOUT ROWID;
-- Who takes over from whom. It counts once both have said so (a coordinator
-- says it for both); ids are the order in which they were agreed on.
CREATE TABLE roster_swap (
	id INTEGER PRIMARY KEY,
	site INTEGER NOT NULL REFERENCES site (id),
	specialty TEXT NOT NULL,
	level INTEGER NOT NULL,
	gives INTEGER NOT NULL REFERENCES expert (subject),
	takes INTEGER NOT NULL REFERENCES expert (subject),
	from_time INTEGER NOT NULL,
	to_time INTEGER NOT NULL,
	given INTEGER NOT NULL CHECK (given IN (0, 1)),
	taken INTEGER NOT NULL CHECK (taken IN (0, 1)),
	CHECK (gives <> takes),
	CHECK (from_time < to_time),
	CHECK (given + taken > 0)
) STRICT;
CREATE INDEX roster_swap_of ON roster_swap (site, specialty, level, to_time);

-- Who was called for an emergency, step by step. Of one step there are several
-- on the last rung alone, when everybody is called.
CREATE TABLE duty_call (
	id INTEGER PRIMARY KEY,
	request INTEGER NOT NULL REFERENCES request (id),
	step INTEGER NOT NULL CHECK (step >= 1),
	expert INTEGER REFERENCES expert (subject), -- NULL: the coordinators
	level INTEGER, -- NULL: everybody
	reach TEXT,
	called_at INTEGER NOT NULL,
	until INTEGER, -- NULL: until somebody answers
	outcome TEXT NOT NULL DEFAULT 'called' CHECK (outcome IN
		('called', 'answered', 'cannot', 'unanswered', 'engaged', 'over')),
	ended_at INTEGER,
	said_by TEXT, -- on the expert's behalf
	CHECK ((outcome = 'called') = (ended_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX duty_call_step ON duty_call (request, step, coalesce(expert, 0));
CREATE UNIQUE INDEX duty_call_answered ON duty_call (request)
WHERE outcome = 'answered';
CREATE INDEX duty_call_expert ON duty_call (expert, request);
-- Which bookings gave way to which request.
CREATE TABLE displaced (
	id INTEGER PRIMARY KEY,
	booking INTEGER NOT NULL REFERENCES booking (id),
	request INTEGER NOT NULL REFERENCES request (id),
	at INTEGER NOT NULL,
	moved INTEGER NOT NULL CHECK (moved IN (0, 1))
) STRICT;
CREATE INDEX displaced_for ON displaced (request);

ALTER TABLE request ADD COLUMN door_at INTEGER; -- the patient came
ALTER TABLE request ADD COLUMN papers_until INTEGER; -- of an emergency
ALTER TABLE request ADD COLUMN papers_at INTEGER; -- they came
ALTER TABLE limit_set ADD COLUMN call_minutes INTEGER CHECK (call_minutes > 0);
ALTER TABLE limit_set ADD COLUMN papers_minutes INTEGER CHECK (papers_minutes > 0);

-- --- the day of the session ---

-- NULL: as daemon/core/session.c says. waives: bits, in the order of the words.
CREATE TABLE agreement_session (
	agreement INTEGER PRIMARY KEY REFERENCES agreement (id),
	early_minutes INTEGER CHECK (early_minutes >= 0),
	waives INTEGER NOT NULL CHECK (waives >= 0),
	consent_minutes INTEGER CHECK (consent_minutes > 0),
	equipment_minutes INTEGER CHECK (equipment_minutes >= 0),
	link_minutes INTEGER CHECK (link_minutes >= 0),
	connected_minutes INTEGER CHECK (connected_minutes >= 0),
	moves_when_late INTEGER NOT NULL CHECK (moves_when_late IN (0, 1))
) STRICT;

-- What a patient consented to, of a request or of a booking without one. The
-- papers are sealed: who signed, for whom, why, where it is kept.
CREATE TABLE consent (
	id INTEGER PRIMARY KEY,
	request INTEGER REFERENCES request (id),
	booking INTEGER REFERENCES booking (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	consent TEXT NOT NULL,
	signer TEXT NOT NULL,
	signed_at INTEGER NOT NULL,
	said_at INTEGER NOT NULL CHECK (said_at >= signed_at),
	papers BLOB NOT NULL,
	withdrawn_at INTEGER,
	CHECK ((request IS NULL) <> (booking IS NULL))
) STRICT;
CREATE UNIQUE INDEX consent_request ON consent (request, consent)
	WHERE request IS NOT NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX consent_booking ON consent (booking, consent)
	WHERE booking IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX consent_of_request ON consent (request) WHERE request IS NOT NULL;
CREATE INDEX consent_of_booking ON consent (booking) WHERE booking IS NOT NULL;
CREATE TRIGGER consent_update BEFORE UPDATE ON consent
WHEN (OLD.withdrawn_at IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'reseal'))
	OR (NEW.id, NEW.consent, NEW.signed_at)
		<> (OLD.id, OLD.consent, OLD.signed_at)
	OR NEW.request IS NOT OLD.request OR NEW.booking IS NOT OLD.booking
BEGIN
	SELECT RAISE(ABORT, 'consent: it stays what it was');
END;
CREATE TRIGGER consent_delete BEFORE DELETE ON consent
BEGIN
	SELECT RAISE(ABORT, 'consent: none is ever deleted');
END;

-- A line each: daemon/store/credential.h.
ALTER TABLE expert ADD COLUMN credentials TEXT NOT NULL DEFAULT '';

-- What was looked at before a session, at one end; as it was said last.
CREATE TABLE session_check (
	booking INTEGER NOT NULL REFERENCES booking (id),
	site INTEGER NOT NULL REFERENCES site (id),
	what TEXT NOT NULL,
	red INTEGER NOT NULL CHECK (red IN (0, 1)),
	said_at INTEGER NOT NULL,
	PRIMARY KEY (booking, site, what)
) STRICT, WITHOUT ROWID;

-- What people said of a booking on its day; none where nobody has said
-- anything. When somebody came, began or ended is said once.
CREATE TABLE session_day (
	booking INTEGER PRIMARY KEY REFERENCES booking (id),
	arrived_at INTEGER,
	started_at INTEGER,
	finished_at INTEGER CHECK (finished_at >= started_at),
	absent TEXT, -- who did not come
	fallback INTEGER REFERENCES expert (subject), -- who takes over
	contingency TEXT, -- chosen for what is red
	CHECK (started_at IS NULL OR absent IS NULL)
) STRICT;
CREATE TRIGGER session_day_said BEFORE UPDATE ON session_day
WHEN (OLD.arrived_at IS NOT NULL AND NEW.arrived_at IS NOT OLD.arrived_at)
	OR (OLD.started_at IS NOT NULL AND NEW.started_at IS NOT OLD.started_at)
	OR (OLD.finished_at IS NOT NULL
		AND NEW.finished_at IS NOT OLD.finished_at)
	OR (OLD.absent IS NOT NULL AND NEW.absent IS NOT OLD.absent)
BEGIN
	SELECT RAISE(ABORT, 'session_day: it was said already');
END;

-- --- opinions ---

-- What an expert signed of a request (base/opinion.h). A version is never
-- changed: whoever corrects it files another one. What is in it is sealed, the
-- signature as well, which would let anybody try a text.
CREATE TABLE opinion (
	id INTEGER PRIMARY KEY,
	request INTEGER NOT NULL REFERENCES request (id),
	expert INTEGER NOT NULL REFERENCES subject (id),
	version INTEGER NOT NULL CHECK (version >= 1),
	identity INTEGER NOT NULL REFERENCES identity (id), -- whose key it is
	signed_at INTEGER NOT NULL, -- by the expert's word
	filed_at INTEGER NOT NULL,
	key BLOB NOT NULL CHECK (length(key) = 91), -- the public one
	content BLOB NOT NULL, -- sealed: text, reference, signature
	received_at INTEGER CHECK (received_at >= filed_at), -- by the partner
	UNIQUE (request, expert, version)
) STRICT;

CREATE TRIGGER opinion_insert BEFORE INSERT ON opinion
WHEN NEW.version <> 1 + (SELECT count(*) FROM opinion
	WHERE request = NEW.request AND expert = NEW.expert)
	OR EXISTS (SELECT 1 FROM opinion WHERE id = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'opinion: a version follows the one before');
END;

-- While values are sealed anew there is a row `reseal` in `meta`.
CREATE TRIGGER opinion_update BEFORE UPDATE ON opinion
WHEN (NEW.id, NEW.request, NEW.expert, NEW.version, NEW.identity,
		NEW.signed_at, NEW.filed_at, NEW.key) <>
	(OLD.id, OLD.request, OLD.expert, OLD.version, OLD.identity,
		OLD.signed_at, OLD.filed_at, OLD.key)
	OR (OLD.received_at IS NOT NULL
		AND NEW.received_at IS NOT OLD.received_at)
	OR (NEW.content <> OLD.content
		AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'reseal'))
BEGIN
	SELECT RAISE(ABORT, 'opinion: what was signed stays as it is');
END;

CREATE TRIGGER opinion_delete BEFORE DELETE ON opinion
BEGIN
	SELECT RAISE(ABORT, 'opinion: none is ever deleted');
END;

-- An event's body may be purged, and while values are sealed anew be sealed
-- under another key; nothing else of it ever changes.
DROP TRIGGER event_update;
CREATE TRIGGER event_update BEFORE UPDATE ON event
WHEN (NEW.body IS NOT NULL AND (OLD.body IS NULL
		OR NOT EXISTS (SELECT 1 FROM meta WHERE name = 'reseal')))
	OR (NEW.seq, NEW.at, NEW.actor, NEW.thing, NEW.id, NEW.version,
		NEW.verb, NEW.request_id, NEW.class, NEW.body_hash, NEW.prev,
		NEW.hash) <>
	(OLD.seq, OLD.at, OLD.actor, OLD.thing, OLD.id, OLD.version,
		OLD.verb, OLD.request_id, OLD.class, OLD.body_hash, OLD.prev,
		OLD.hash)
	OR NEW.actor_site IS NOT OLD.actor_site OR NEW.lead IS NOT OLD.lead
	OR NEW.partner IS NOT OLD.partner OR NEW.code IS NOT OLD.code
	OR NEW.from_state IS NOT OLD.from_state
	OR NEW.to_state IS NOT OLD.to_state
BEGIN
	SELECT RAISE(ABORT, 'event: nothing but its body is ever purged');
END;

-- The bookings of a request that are over, for its history: no row until then.
-- (That there is a request is asked first: a new booking mostly has none, and
-- the engine makes an index of the words before it looks among them.)
CREATE INDEX booking_ended ON booking (request)
	WHERE request IS NOT NULL
		AND status IN ('released', 'lapsed', 'cancelled', 'noshow');

-- An imaging consultation may be without a meeting.
ALTER TABLE request ADD COLUMN mode TEXT NOT NULL DEFAULT 'live'
	CHECK (mode IN ('live', 'store-and-forward'));

-- --- the waitlist ---

-- How long a time that is offered may be thought about; NULL: as
-- daemon/core/waitlist.c says.
ALTER TABLE limit_set ADD COLUMN offer_minutes INTEGER CHECK (offer_minutes > 0);

-- A request that is waitlisted. `passed`: how often a younger one of its urgency
-- was offered a time meanwhile. What it has been asked about: all that came
-- free up to `asked` (freed.id), and all its time before whole_from (NULL: all).
CREATE TABLE waiting (
	request INTEGER PRIMARY KEY REFERENCES request (id),
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	urgency TEXT NOT NULL,
	first INTEGER NOT NULL CHECK (first IN (0, 1)),
	submitted_at INTEGER NOT NULL,
	put_at INTEGER NOT NULL,
	put_by INTEGER NOT NULL REFERENCES identity (id),
	windows TEXT NOT NULL, -- "from/to from/to"; none: any time
	until INTEGER NOT NULL,
	notice_minutes INTEGER NOT NULL CHECK (notice_minutes >= 0),
	expert INTEGER REFERENCES expert (subject), -- NULL: any that suits
	passed INTEGER NOT NULL DEFAULT 0 CHECK (passed >= 0),
	asked INTEGER NOT NULL,
	whole_from INTEGER,
	asked_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX waiting_lead ON waiting (lead, urgency);
CREATE INDEX waiting_partner ON waiting (partner);
CREATE INDEX waiting_asked ON waiting (asked);
CREATE INDEX waiting_asked_at ON waiting (asked_at);

-- Time of a lead's that came free, for those who wait to be asked about.
CREATE TABLE freed (
	id INTEGER PRIMARY KEY,
	lead INTEGER NOT NULL REFERENCES site (id),
	from_time INTEGER NOT NULL,
	to_time INTEGER NOT NULL CHECK (to_time > from_time)
) STRICT;
CREATE INDEX freed_lead ON freed (lead, id);

-- What was offered to whom, and what came of it (NULL: it stands).
CREATE TABLE offer (
	booking INTEGER PRIMARY KEY REFERENCES booking (id),
	request INTEGER NOT NULL REFERENCES request (id),
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	expert INTEGER NOT NULL REFERENCES expert (subject),
	from_time INTEGER NOT NULL,
	to_time INTEGER NOT NULL CHECK (to_time > from_time),
	made_at INTEGER NOT NULL,
	until INTEGER NOT NULL CHECK (until > made_at),
	outcome TEXT CHECK (outcome IN ('accepted', 'refused', 'lapsed', 'ended'))
) STRICT;
CREATE UNIQUE INDEX offer_request ON offer (request) WHERE outcome IS NULL;
CREATE UNIQUE INDEX offer_place ON offer (expert, from_time) WHERE outcome IS NULL;
CREATE INDEX offer_of ON offer (request, to_time);
CREATE INDEX offer_served ON offer (lead, partner, made_at);
CREATE INDEX offer_open_lead ON offer (lead, until) WHERE outcome IS NULL;
CREATE INDEX offer_open_partner ON offer (partner, until) WHERE outcome IS NULL;

-- An offer is a hold of its request, and no two stand about one expert's time.
CREATE TRIGGER offer_insert BEFORE INSERT ON offer
BEGIN
	SELECT RAISE(ABORT, 'offer: it is no hold of the request')
	WHERE NOT EXISTS (SELECT 1 FROM booking b WHERE b.id = NEW.booking
		AND b.request = NEW.request AND b.status = 'pending'
		AND b.expert = NEW.expert AND b.from_time = NEW.from_time
		AND b.hold_until = NEW.until);
	SELECT RAISE(ABORT, 'offer: the time is offered to another')
	WHERE EXISTS (SELECT 1 FROM offer o WHERE o.outcome IS NULL
		AND o.expert = NEW.expert AND o.from_time < NEW.to_time
		AND o.to_time > NEW.from_time);
END;
CREATE TRIGGER offer_update BEFORE UPDATE ON offer
WHEN OLD.outcome IS NOT NULL
	OR (NEW.booking, NEW.request, NEW.expert, NEW.from_time) <>
		(OLD.booking, OLD.request, OLD.expert, OLD.from_time)
BEGIN
	SELECT RAISE(ABORT, 'offer: it has ended');
END;

-- --- what a booking writes ---

-- One index that chance puts somewhere in the middle instead of four
-- (docs/decisions/0026-one-index-for-lists.md): both sides' lists and a site's
-- plan are merged from its agreements, and a month is counted in it.
DROP INDEX booking_lead;
DROP INDEX booking_partner;
DROP INDEX booking_quota;
CREATE INDEX booking_agreement
	ON booking (agreement, from_time, kind, status, spent, hold_until);

-- An expert's that take time are found by their claims, and are in no index
-- until they are something else.
DROP INDEX booking_expert;
CREATE INDEX booking_expert ON booking (expert, from_time)
	WHERE expert IS NOT NULL AND status NOT IN ('pending', 'booked');

-- Claims as before, their guard in one program that refuses by FAIL: nothing
-- was changed before it, so that the engine keeps no copy of every page that a
-- claim changes, which it does for what may ABORT in the middle. So all that
-- refuses a claim stands in the trigger, references as well.
CREATE TABLE claim_4 (
	subject INTEGER NOT NULL ON CONFLICT FAIL,
	from_time INTEGER NOT NULL ON CONFLICT FAIL,
	to_time INTEGER NOT NULL ON CONFLICT FAIL,
	booking INTEGER NOT NULL ON CONFLICT FAIL,
	role TEXT NOT NULL ON CONFLICT FAIL,
	hold_until INTEGER NOT NULL ON CONFLICT FAIL DEFAULT 0,
	place INTEGER, -- of an expert's: where it is
	session INTEGER, -- ... and the start of its session of places
	PRIMARY KEY (subject, from_time, booking, role) ON CONFLICT FAIL
) STRICT, WITHOUT ROWID;
INSERT INTO claim_4 (subject, from_time, to_time, booking, role, hold_until,
		place, session)
	SELECT subject, from_time, to_time, booking, role, hold_until, place,
		session
	FROM claim ORDER BY subject, from_time, booking, role;
DROP TRIGGER subject_capacity;
DROP TRIGGER subject_insert;
DROP TABLE claim;
ALTER TABLE claim_4 RENAME TO claim;
CREATE INDEX claim_booking ON claim (booking);

CREATE TRIGGER claim_insert BEFORE INSERT ON claim
BEGIN
	SELECT CASE
		WHEN s.id IS NULL
		THEN RAISE(FAIL, 'claim: there is no such subject')
		WHEN NEW.to_time <= NEW.from_time
		THEN RAISE(FAIL, 'claim: it ends before it begins')
		WHEN NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking)
		THEN RAISE(FAIL, 'claim: there is no such booking')
		WHEN NEW.place IS NOT NULL AND NOT EXISTS
			(SELECT 1 FROM subject WHERE id = NEW.place)
		THEN RAISE(FAIL, 'claim: there is no such place')
		WHEN s.capacity = 1
		THEN CASE WHEN (SELECT c.to_time FROM claim c
				WHERE c.subject = NEW.subject
					AND c.from_time < NEW.to_time
				ORDER BY c.from_time DESC LIMIT 1) > NEW.from_time
			THEN RAISE(FAIL, 'guard: the time is taken') END
		WHEN EXISTS (SELECT 1 FROM
			(SELECT NEW.from_time AS at UNION ALL
			SELECT i.from_time FROM claim i
			WHERE i.subject = NEW.subject
				AND i.from_time > NEW.from_time
				AND i.from_time < NEW.to_time) moment
			WHERE s.capacity <= (SELECT count(*) FROM claim c
				WHERE c.subject = NEW.subject
					AND c.from_time <= moment.at
					AND c.from_time > moment.at - s.longest
					AND c.to_time > moment.at))
		THEN RAISE(FAIL, 'guard: every place is taken')
	END
	FROM (SELECT 1) LEFT JOIN subject s ON s.id = NEW.subject;
	UPDATE OR FAIL subject SET longest = NEW.to_time - NEW.from_time
	WHERE id = NEW.subject AND longest < NEW.to_time - NEW.from_time;
END;

CREATE TRIGGER claim_update
BEFORE UPDATE OF subject, from_time, to_time, booking, place ON claim
BEGIN
	SELECT RAISE(ABORT, 'claim: it points at nothing, or ends too early')
	WHERE NEW.to_time <= NEW.from_time
		OR NOT EXISTS (SELECT 1 FROM subject WHERE id = NEW.subject)
		OR NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking)
		OR (NEW.place IS NOT NULL AND NOT EXISTS
			(SELECT 1 FROM subject WHERE id = NEW.place));
	SELECT RAISE(ABORT, 'guard: the time is taken')
	FROM subject s WHERE s.id = NEW.subject AND s.capacity = 1
		AND (SELECT c.to_time FROM claim c
			WHERE c.subject = NEW.subject
				AND c.from_time < NEW.to_time
				AND (c.subject, c.from_time, c.booking, c.role) <>
					(OLD.subject, OLD.from_time, OLD.booking,
					OLD.role)
			ORDER BY c.from_time DESC LIMIT 1) > NEW.from_time;
	SELECT RAISE(ABORT, 'guard: every place is taken')
	FROM subject s,
		(SELECT NEW.from_time AS at UNION ALL
		SELECT i.from_time FROM claim i
		WHERE i.subject = NEW.subject AND i.from_time > NEW.from_time
			AND i.from_time < NEW.to_time) moment
	WHERE s.id = NEW.subject AND s.capacity > 1 AND s.capacity <=
		(SELECT count(*) FROM claim c
		WHERE c.subject = NEW.subject AND c.from_time <= moment.at
			AND c.from_time > moment.at - s.longest
			AND c.to_time > moment.at
			AND (c.subject, c.from_time, c.booking, c.role) <>
				(OLD.subject, OLD.from_time, OLD.booking, OLD.role));
	UPDATE subject SET longest = NEW.to_time - NEW.from_time
	WHERE id = NEW.subject AND longest < NEW.to_time - NEW.from_time;
END;

-- What is claimed, and what claims, stays.
CREATE TRIGGER subject_delete BEFORE DELETE ON subject
WHEN EXISTS (SELECT 1 FROM claim WHERE subject = OLD.id)
	OR (OLD.type <> 'patient'
		AND EXISTS (SELECT 1 FROM claim WHERE place = OLD.id))
BEGIN
	SELECT RAISE(ABORT, 'subject: it has claims');
END;
CREATE TRIGGER booking_delete BEFORE DELETE ON booking
WHEN EXISTS (SELECT 1 FROM claim WHERE booking = OLD.id)
BEGIN
	SELECT RAISE(ABORT, 'booking: it has claims');
END;
CREATE TRIGGER booking_id BEFORE UPDATE OF id ON booking
WHEN NEW.id <> OLD.id
BEGIN
	SELECT RAISE(ABORT, 'booking: its id never changes');
END;

-- As before, over the claims that are.
CREATE TRIGGER subject_capacity BEFORE UPDATE OF capacity ON subject
WHEN NEW.capacity < OLD.capacity
BEGIN
	SELECT RAISE(ABORT, 'guard: more places are taken')
	FROM claim moment
	WHERE moment.subject = OLD.id AND NEW.capacity <
		(SELECT count(*) FROM claim c
		WHERE c.subject = OLD.id AND c.from_time <= moment.from_time
			AND c.from_time > moment.from_time - OLD.longest
			AND c.to_time > moment.from_time);
END;
CREATE TRIGGER subject_insert BEFORE INSERT ON subject
WHEN EXISTS (SELECT 1 FROM claim WHERE subject = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'subject: it has claims already');
END;
DROP TRIGGER subject_longest;
CREATE TRIGGER subject_longest BEFORE UPDATE OF longest ON subject
WHEN NEW.longest < OLD.longest
BEGIN
	SELECT RAISE(FAIL, 'subject: longest never falls');
END;
