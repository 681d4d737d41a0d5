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
