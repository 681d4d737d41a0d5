-- The second schema: operations with parts of their own, places of sessions
-- booked directly, leave, exceptions, ways between places.

-- NULL: as the kind has it.
ALTER TABLE agreement ADD COLUMN overrun_minutes INTEGER CHECK (overrun_minutes >= 0);
ALTER TABLE agreement ADD COLUMN cancel_notice_minutes INTEGER NOT NULL DEFAULT 0
	CHECK (cancel_notice_minutes >= 0);

-- Days since 1970-01-01, ascending, a space between them.
ALTER TABLE rule ADD COLUMN exdates TEXT NOT NULL DEFAULT '';
ALTER TABLE rule ADD COLUMN rdates TEXT NOT NULL DEFAULT '';

CREATE TABLE leave (
	id INTEGER PRIMARY KEY,
	subject INTEGER NOT NULL REFERENCES subject (id),
	start_wall INTEGER NOT NULL,
	end_wall INTEGER NOT NULL CHECK (end_wall > start_wall),
	time_zone TEXT, -- NULL: of the subject's site
	note TEXT
) STRICT;
CREATE INDEX leave_subject ON leave (subject);

-- Between two places, or (place NULL) two sites, or a site's own places.
CREATE TABLE transfer (
	id INTEGER PRIMARY KEY,
	site_a INTEGER NOT NULL REFERENCES site (id),
	place_a INTEGER REFERENCES subject (id),
	site_b INTEGER NOT NULL REFERENCES site (id),
	place_b INTEGER REFERENCES subject (id),
	minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1440)
) STRICT;
CREATE INDEX transfer_a ON transfer (site_a);
CREATE INDEX transfer_b ON transfer (site_b);

ALTER TABLE request ADD COLUMN languages TEXT NOT NULL DEFAULT ''; -- one a line
ALTER TABLE request ADD COLUMN surgeon INTEGER REFERENCES expert (subject);
ALTER TABLE request ADD COLUMN before_minutes INTEGER NOT NULL DEFAULT 0
	CHECK (before_minutes >= 0);
ALTER TABLE request ADD COLUMN after_minutes INTEGER NOT NULL DEFAULT 0
	CHECK (after_minutes >= 0);

ALTER TABLE booking ADD COLUMN before_minutes INTEGER NOT NULL DEFAULT 0
	CHECK (before_minutes >= 0);
ALTER TABLE booking ADD COLUMN after_minutes INTEGER NOT NULL DEFAULT 0
	CHECK (after_minutes >= 0);
-- Without a request: the patient and, sealed, who that is.
ALTER TABLE booking ADD COLUMN patient INTEGER REFERENCES subject (id);
ALTER TABLE booking ADD COLUMN papers BLOB;
-- Cancelled too late: it counts in its month all the same.
ALTER TABLE booking ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;

-- The resources that were asked for, one a line. Before they were kept apart,
-- those were known of which no studio was made.
ALTER TABLE booking ADD COLUMN named TEXT NOT NULL DEFAULT '';
UPDATE booking SET named = coalesce(
	(SELECT group_concat(s.slug, char(10)) FROM claim c
		JOIN subject s ON s.id = c.subject
		WHERE c.booking = booking.id AND c.role = 'resource'), '');

-- Of an expert's claim: where it is, and the start of its session of places.
ALTER TABLE claim ADD COLUMN place INTEGER REFERENCES subject (id);
ALTER TABLE claim ADD COLUMN session INTEGER;
UPDATE claim SET place = (SELECT c.subject FROM claim c
	WHERE c.booking = claim.booking AND c.role = 'lead-studio')
WHERE role = 'expert';
