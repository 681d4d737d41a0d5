-- The seventh schema: referrals, pooled half-days, and lists of cases. Foreign
-- keys are off while this runs.

-- --- series ---

-- What stood in the way of an occurrence that has no booking; NULL: it has one,
-- is left out, or nobody kept it. Nothing of a patient.
ALTER TABLE occurrence ADD COLUMN why TEXT CHECK (length(why) <= 400);

-- --- referrals ---

-- A referral from the lead to the partner; and of which request it comes.
ALTER TABLE request ADD COLUMN down INTEGER NOT NULL DEFAULT 0
	CHECK (down IN (0, 1));
ALTER TABLE request ADD COLUMN of_request INTEGER REFERENCES request (id);
CREATE INDEX request_of ON request (of_request) WHERE of_request IS NOT NULL;
-- What the site that has the patient says of how it goes on.
CREATE TABLE course (
	id INTEGER PRIMARY KEY,
	request INTEGER NOT NULL REFERENCES request (id),
	what TEXT NOT NULL,
	at INTEGER NOT NULL,
	said_at INTEGER NOT NULL CHECK (said_at >= at),
	site INTEGER NOT NULL REFERENCES site (id),
	by_name TEXT NOT NULL,
	content BLOB NOT NULL -- sealed: the text
) STRICT;
CREATE INDEX course_of ON course (request, at, id);
CREATE TRIGGER course_update BEFORE UPDATE ON course
WHEN (NEW.id, NEW.request, NEW.what, NEW.at, NEW.said_at, NEW.site,
		NEW.by_name) <>
	(OLD.id, OLD.request, OLD.what, OLD.at, OLD.said_at, OLD.site,
		OLD.by_name)
	OR (NEW.content <> OLD.content
		AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'reseal'))
BEGIN
	SELECT RAISE(ABORT, 'course: it stays what it was');
END;
CREATE TRIGGER course_delete BEFORE DELETE ON course
BEGIN
	SELECT RAISE(ABORT, 'course: none is ever deleted');
END;

-- --- pooled half-days ---

-- The terms of one, as daemon/core/pooled.h has them; '': it is none.
ALTER TABLE rule ADD COLUMN pool TEXT NOT NULL DEFAULT '';
CREATE INDEX rule_pool ON rule (subject) WHERE pool <> '';

-- Those that were opened: each once.
CREATE TABLE half_day (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	lead INTEGER NOT NULL REFERENCES site (id),
	expert INTEGER NOT NULL REFERENCES expert (subject),
	from_time INTEGER NOT NULL,
	to_time INTEGER NOT NULL CHECK (to_time > from_time),
	terms TEXT NOT NULL, -- as they were then
	opened_at INTEGER NOT NULL,
	opened_by INTEGER REFERENCES identity (id), -- NULL: the queue
	UNIQUE (expert, from_time)
) STRICT;
CREATE INDEX half_day_lead ON half_day (lead, from_time, id);

-- What was ever put into one. What has left it (NULL: it is in it) is not put
-- into the same again.
CREATE TABLE half_day_case (
	half_day INTEGER NOT NULL REFERENCES half_day (id),
	request INTEGER NOT NULL REFERENCES request (id),
	booking INTEGER NOT NULL UNIQUE REFERENCES booking (id),
	left_at INTEGER,
	PRIMARY KEY (half_day, request)
) STRICT, WITHOUT ROWID;
-- Those that could be put into one.
CREATE INDEX request_to_pool ON request (lead, specialty)
	WHERE status IN ('accepted', 'waitlisted');

-- --- lists of cases ---

-- A case, which is a booking, on the list of a session of its lead's: seconds
-- after that begins, and for how long. There is a row as long as it is to take
-- place or has. The experts and the rooms of the lead are the session's.
CREATE TABLE session_case (
	booking INTEGER PRIMARY KEY REFERENCES booking (id),
	session INTEGER NOT NULL REFERENCES session (booking),
	begins INTEGER NOT NULL CHECK (begins >= 0),
	length INTEGER NOT NULL CHECK (length > 0)
) STRICT;
CREATE UNIQUE INDEX session_case_of ON session_case (session, begins);
CREATE TRIGGER session_case_insert BEFORE INSERT ON session_case
BEGIN
	SELECT RAISE(ABORT, 'guard: that is no case for that session')
	WHERE NOT EXISTS (SELECT 1 FROM booking b
		JOIN booking s ON s.id = NEW.session
		WHERE b.id = NEW.booking AND b.lead = s.lead
			AND b.request IS NOT NULL
			AND b.kind = 'case-discussion'
			AND s.kind = 'case-conference'
			AND b.status IN ('booked', 'arrived')
			AND s.status IN ('booked', 'arrived')
			AND b.from_time = s.from_time + NEW.begins
			AND b.to_time = b.from_time + NEW.length
			AND b.to_time <= s.to_time);
	-- nobody sits in it whose time the session does not have
	SELECT RAISE(ABORT, 'guard: an expert of the case is not in the session')
	WHERE EXISTS (SELECT 1 FROM (
			SELECT b.expert AS expert FROM booking b
			WHERE b.id = NEW.booking
			UNION ALL SELECT c.expert FROM co_expert c
			WHERE c.booking = NEW.booking) e
		WHERE NOT EXISTS (SELECT 1 FROM claim m
			WHERE m.booking = NEW.session AND m.subject = e.expert
				AND m.role = 'expert'));
	SELECT RAISE(ABORT, 'guard: another case has that time of the session')
	WHERE EXISTS (SELECT 1 FROM session_case t
		WHERE t.session = NEW.session
			AND t.begins < NEW.begins + NEW.length
			AND t.begins + t.length > NEW.begins);
END;
CREATE TRIGGER session_case_update BEFORE UPDATE ON session_case
BEGIN
	SELECT RAISE(ABORT, 'session_case: it is taken off and put on again');
END;
-- Whose cases are discussed, their lead has sessions of its own.
INSERT INTO agreement (slug, lead, partner, valid_from, valid_to,
		min_independent_years)
	SELECT s.slug || '/own', s.id, s.id, 0, 2932896, 0 FROM site s
	WHERE EXISTS (SELECT 1 FROM agreement a
		JOIN agreement_kind k ON k.agreement = a.id
		WHERE a.lead = s.id AND k.kind = 'case-discussion')
	AND NOT EXISTS (SELECT 1 FROM agreement a
		WHERE a.lead = s.id AND a.partner = s.id)
	ORDER BY s.id;
INSERT INTO agreement_kind (agreement, kind)
	SELECT a.id, n.kind FROM agreement a,
		(SELECT 'teaching-round' AS kind
		UNION ALL SELECT 'surgery-demonstration'
		UNION ALL SELECT 'case-conference') n
	WHERE a.lead = a.partner AND NOT EXISTS (SELECT 1 FROM agreement_kind k
		WHERE k.agreement = a.id AND k.kind = n.kind);
