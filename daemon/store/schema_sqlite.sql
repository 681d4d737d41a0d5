-- The first schema, for SQLite >= 3.40. Times: UTC seconds; days: local days
-- since 1970-01-01; kinds, states and roles: their words.

CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	short_name TEXT,
	tier TEXT,
	time_zone TEXT NOT NULL,
	calendar TEXT
) STRICT;

CREATE TABLE calendar_day (
	calendar TEXT NOT NULL,
	day INTEGER NOT NULL,
	works_as INTEGER CHECK (works_as BETWEEN 0 AND 6),
	PRIMARY KEY (calendar, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE limit_set (
	name TEXT NOT NULL,
	urgency TEXT NOT NULL,
	answer_minutes INTEGER,
	start_minutes INTEGER,
	opinion_minutes INTEGER,
	PRIMARY KEY (name, urgency)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE,
	alliance TEXT,
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	valid_from INTEGER NOT NULL,
	valid_to INTEGER NOT NULL CHECK (valid_to >= valid_from),
	limits TEXT,
	min_independent_years INTEGER NOT NULL DEFAULT 3,
	CHECK (lead <> partner)
) STRICT;
CREATE INDEX agreement_partner ON agreement (partner, lead);
CREATE INDEX agreement_lead ON agreement (lead);

CREATE TABLE agreement_kind (
	agreement INTEGER NOT NULL REFERENCES agreement (id) ON DELETE CASCADE,
	kind TEXT NOT NULL,
	quota INTEGER CHECK (quota >= 0),
	PRIMARY KEY (agreement, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement_specialty (
	agreement INTEGER NOT NULL REFERENCES agreement (id) ON DELETE CASCADE,
	specialty TEXT NOT NULL,
	PRIMARY KEY (agreement, specialty)
) STRICT, WITHOUT ROWID;

-- Everything that can be claimed.
CREATE TABLE subject (
	id INTEGER PRIMARY KEY,
	type TEXT NOT NULL,
	slug TEXT NOT NULL UNIQUE,
	site INTEGER NOT NULL REFERENCES site (id),
	name TEXT NOT NULL,
	capacity INTEGER NOT NULL DEFAULT 1 CHECK (capacity >= 1),
	longest INTEGER NOT NULL DEFAULT 0 CHECK (longest >= 0) -- claim ever, seconds
) STRICT;
CREATE INDEX subject_site ON subject (site, type);

CREATE TABLE expert (
	subject INTEGER PRIMARY KEY REFERENCES subject (id),
	title TEXT,
	independent_since INTEGER,
	buffer_minutes INTEGER NOT NULL CHECK (buffer_minutes >= 0),
	cap_per_day INTEGER NOT NULL CHECK (cap_per_day >= 0)
) STRICT;

-- An expert's kinds, specialties, modalities, languages.
CREATE TABLE expert_word (
	expert INTEGER NOT NULL REFERENCES expert (subject) ON DELETE CASCADE,
	sort TEXT NOT NULL CHECK (sort IN ('kind', 'specialty', 'modality', 'language')),
	word TEXT NOT NULL,
	PRIMARY KEY (expert, sort, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX expert_word_of ON expert_word (sort, word, expert);

CREATE TABLE secondment (
	id INTEGER PRIMARY KEY,
	expert INTEGER NOT NULL REFERENCES expert (subject),
	site INTEGER NOT NULL REFERENCES site (id),
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL CHECK (last_day >= first_day),
	remote_requests TEXT NOT NULL CHECK (remote_requests IN ('refuse', 'allow')),
	note TEXT
) STRICT;
CREATE INDEX secondment_expert ON secondment (expert);

CREATE TABLE rule (
	id INTEGER PRIMARY KEY,
	subject INTEGER NOT NULL REFERENCES subject (id),
	rrule TEXT NOT NULL,
	start_wall INTEGER NOT NULL,
	end_wall INTEGER NOT NULL CHECK (end_wall > start_wall),
	time_zone TEXT NOT NULL,
	place INTEGER REFERENCES subject (id),
	kinds INTEGER NOT NULL DEFAULT 0, -- bits, in the order of the words
	slot_minutes INTEGER NOT NULL DEFAULT 0,
	on_holidays INTEGER NOT NULL DEFAULT 0,
	secondment INTEGER REFERENCES secondment (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX rule_subject ON rule (subject);

CREATE TABLE identity (
	id INTEGER PRIMARY KEY,
	issuer BLOB NOT NULL,
	key BLOB NOT NULL,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	site INTEGER REFERENCES site (id),
	expert INTEGER REFERENCES expert (subject),
	made_at INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	revoked_at INTEGER,
	UNIQUE (key, issuer)
) STRICT;

CREATE TABLE request (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	agreement INTEGER NOT NULL REFERENCES agreement (id),
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	kind TEXT NOT NULL,
	status TEXT NOT NULL,
	urgency TEXT NOT NULL,
	specialty TEXT,
	expert INTEGER REFERENCES expert (subject),
	title TEXT,
	modality TEXT,
	minutes INTEGER NOT NULL CHECK (minutes > 0),
	wanted TEXT NOT NULL DEFAULT '', -- "from/to from/to", UTC seconds
	patient INTEGER NOT NULL REFERENCES subject (id),
	papers BLOB NOT NULL, -- sealed: patient, reason, purpose
	submitted_at INTEGER NOT NULL,
	version INTEGER NOT NULL
) STRICT;
CREATE INDEX request_lead ON request (lead, submitted_at, id);
CREATE INDEX request_partner ON request (partner, submitted_at, id);
CREATE INDEX request_expert ON request (expert, submitted_at, id)
	WHERE expert IS NOT NULL;

CREATE TABLE booking (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	request INTEGER REFERENCES request (id),
	agreement INTEGER NOT NULL REFERENCES agreement (id),
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	kind TEXT NOT NULL,
	status TEXT NOT NULL,
	expert INTEGER REFERENCES expert (subject),
	from_time INTEGER NOT NULL,
	to_time INTEGER NOT NULL CHECK (to_time > from_time),
	hold_until INTEGER NOT NULL DEFAULT 0,
	owner INTEGER NOT NULL REFERENCES identity (id),
	owner_site INTEGER NOT NULL REFERENCES site (id),
	sequence INTEGER NOT NULL DEFAULT 0,
	version INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_lead ON booking (lead, from_time, id);
CREATE INDEX booking_partner ON booking (partner, from_time, id);
CREATE INDEX booking_expert ON booking (expert, from_time, id);
CREATE INDEX booking_quota ON booking (agreement, kind, from_time);
-- One live booking or hold for a request.
CREATE UNIQUE INDEX booking_request ON booking (request)
	WHERE status IN ('pending', 'booked', 'arrived', 'started', 'fulfilled');
CREATE INDEX booking_pending ON booking (hold_until) WHERE status = 'pending';

CREATE TABLE claim (
	subject INTEGER NOT NULL REFERENCES subject (id),
	from_time INTEGER NOT NULL,
	to_time INTEGER NOT NULL,
	booking INTEGER NOT NULL REFERENCES booking (id),
	role TEXT NOT NULL,
	hold_until INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (subject, from_time, booking, role),
	CHECK (to_time > from_time)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_booking ON claim (booking);

CREATE TABLE event (
	seq INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	actor TEXT NOT NULL,
	actor_site INTEGER,
	lead INTEGER,
	partner INTEGER,
	thing TEXT NOT NULL,
	id INTEGER NOT NULL,
	code TEXT,
	version INTEGER NOT NULL,
	verb TEXT NOT NULL,
	from_state TEXT,
	to_state TEXT,
	request_id TEXT NOT NULL,
	class TEXT NOT NULL,
	body BLOB, -- sealed; NULL when there is none or it was purged
	-- SHA-256 of the body; empty where there never was one
	body_hash BLOB NOT NULL CHECK (length(body_hash) IN (0, 32)),
	prev BLOB NOT NULL CHECK (length(prev) = 32),
	hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX event_thing ON event (thing, id, seq);

CREATE TABLE idempotency (
	identity INTEGER NOT NULL,
	route TEXT NOT NULL,
	key TEXT NOT NULL,
	body_hash BLOB NOT NULL,
	status INTEGER NOT NULL,
	etag TEXT NOT NULL,
	location TEXT NOT NULL,
	body BLOB NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (identity, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);

-- The guard: never are more claims on a subject at one time than its capacity.
-- It holds against every writer, since it is in the database. Messages that
-- begin with "guard:" become a refusal of the time.
--
-- Capacity 1: stored claims do not overlap, so in the order of their starts
-- they are in the order of their ends, and only the last one that starts before
-- the new one ends can reach into it. One step in the clustered key.
--
-- More: the depth can only rise where a claim starts. So it is counted at the
-- new one's start and at each start inside it; what covers such a moment
-- started at most `longest` seconds before it.

CREATE TRIGGER claim_insert_subject BEFORE INSERT ON claim
WHEN NOT EXISTS (SELECT 1 FROM subject WHERE id = NEW.subject)
BEGIN
	SELECT RAISE(ABORT, 'claim: there is no such subject');
END;

CREATE TRIGGER claim_insert_one BEFORE INSERT ON claim
WHEN (SELECT capacity FROM subject WHERE id = NEW.subject) = 1
BEGIN
	SELECT RAISE(ABORT, 'guard: the time is taken')
	WHERE (SELECT c.to_time FROM claim c
		WHERE c.subject = NEW.subject AND c.from_time < NEW.to_time
		ORDER BY c.from_time DESC LIMIT 1) > NEW.from_time;
END;

CREATE TRIGGER claim_insert_many BEFORE INSERT ON claim
WHEN (SELECT capacity FROM subject WHERE id = NEW.subject) > 1
BEGIN
	SELECT RAISE(ABORT, 'guard: every place is taken')
	FROM subject s,
		(SELECT NEW.from_time AS at UNION ALL
		SELECT i.from_time FROM claim i
		WHERE i.subject = NEW.subject AND i.from_time > NEW.from_time
			AND i.from_time < NEW.to_time) moment
	WHERE s.id = NEW.subject AND s.capacity <=
		(SELECT count(*) FROM claim c
		WHERE c.subject = NEW.subject AND c.from_time <= moment.at
			AND c.from_time > moment.at - s.longest
			AND c.to_time > moment.at);
END;

CREATE TRIGGER claim_insert_longest AFTER INSERT ON claim
BEGIN
	UPDATE subject SET longest = NEW.to_time - NEW.from_time
	WHERE id = NEW.subject AND longest < NEW.to_time - NEW.from_time;
END;

-- The same for a changed claim, which is not in its own way.

CREATE TRIGGER claim_update_subject
BEFORE UPDATE OF subject, from_time, to_time ON claim
WHEN NOT EXISTS (SELECT 1 FROM subject WHERE id = NEW.subject)
BEGIN
	SELECT RAISE(ABORT, 'claim: there is no such subject');
END;

CREATE TRIGGER claim_update_one
BEFORE UPDATE OF subject, from_time, to_time ON claim
WHEN (SELECT capacity FROM subject WHERE id = NEW.subject) = 1
BEGIN
	SELECT RAISE(ABORT, 'guard: the time is taken')
	WHERE (SELECT c.to_time FROM claim c
		WHERE c.subject = NEW.subject AND c.from_time < NEW.to_time
			AND (c.subject, c.from_time, c.booking, c.role) <>
				(OLD.subject, OLD.from_time, OLD.booking, OLD.role)
		ORDER BY c.from_time DESC LIMIT 1) > NEW.from_time;
END;

CREATE TRIGGER claim_update_many
BEFORE UPDATE OF subject, from_time, to_time ON claim
WHEN (SELECT capacity FROM subject WHERE id = NEW.subject) > 1
BEGIN
	SELECT RAISE(ABORT, 'guard: every place is taken')
	FROM subject s,
		(SELECT NEW.from_time AS at UNION ALL
		SELECT i.from_time FROM claim i
		WHERE i.subject = NEW.subject AND i.from_time > NEW.from_time
			AND i.from_time < NEW.to_time) moment
	WHERE s.id = NEW.subject AND s.capacity <=
		(SELECT count(*) FROM claim c
		WHERE c.subject = NEW.subject AND c.from_time <= moment.at
			AND c.from_time > moment.at - s.longest
			AND c.to_time > moment.at
			AND (c.subject, c.from_time, c.booking, c.role) <>
				(OLD.subject, OLD.from_time, OLD.booking, OLD.role));
END;

CREATE TRIGGER claim_update_longest
AFTER UPDATE OF subject, from_time, to_time ON claim
BEGIN
	UPDATE subject SET longest = NEW.to_time - NEW.from_time
	WHERE id = NEW.subject AND longest < NEW.to_time - NEW.from_time;
END;

-- A lower capacity must hold for every claim there is.
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

-- What the guard leans on.
CREATE TRIGGER subject_longest BEFORE UPDATE OF longest ON subject
WHEN NEW.longest < OLD.longest
BEGIN
	SELECT RAISE(ABORT, 'subject: longest never falls');
END;

CREATE TRIGGER subject_id BEFORE UPDATE OF id ON subject
WHEN NEW.id <> OLD.id
BEGIN
	SELECT RAISE(ABORT, 'subject: its id never changes');
END;

-- REPLACE would put a subject under claims that it never admitted.
CREATE TRIGGER subject_insert BEFORE INSERT ON subject
WHEN EXISTS (SELECT 1 FROM claim WHERE subject = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'subject: it has claims already');
END;

-- The event log only grows, without gaps, each row upon the one before; only a
-- body may be purged.

CREATE TRIGGER event_insert BEFORE INSERT ON event
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
	OR NEW.prev IS NOT coalesce(
		(SELECT hash FROM event ORDER BY seq DESC LIMIT 1), zeroblob(32))
BEGIN
	SELECT RAISE(ABORT, 'event: it does not follow the last one');
END;

CREATE TRIGGER event_update BEFORE UPDATE ON event
WHEN NEW.body IS NOT NULL
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

CREATE TRIGGER event_delete BEFORE DELETE ON event
BEGIN
	SELECT RAISE(ABORT, 'event: none is ever deleted');
END;
