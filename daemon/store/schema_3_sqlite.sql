-- The third schema: who somebody is apart from what they show for it. A person
-- keeps one identity over renewed certificates; a system shows a token; an
-- invitation becomes an identity once. Foreign keys are off while this runs.

CREATE TABLE identity_3 (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	site INTEGER REFERENCES site (id),
	expert INTEGER REFERENCES expert (subject),
	made_at INTEGER NOT NULL,
	revoked_at INTEGER
) STRICT;
INSERT INTO identity_3 (id, name, role, site, expert, made_at, revoked_at)
	SELECT id, name, role, site, expert, made_at, revoked_at FROM identity;

-- SHA-256 of the SubjectPublicKeyInfo and of the issuer's name.
CREATE TABLE certificate (
	key BLOB NOT NULL CHECK (length(key) = 32),
	issuer BLOB NOT NULL CHECK (length(issuer) = 32),
	identity INTEGER NOT NULL REFERENCES identity (id),
	made_at INTEGER NOT NULL,
	not_after INTEGER NOT NULL,
	PRIMARY KEY (key, issuer)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_identity ON certificate (identity);
INSERT INTO certificate (key, issuer, identity, made_at, not_after)
	SELECT key, issuer, id, made_at, not_after FROM identity;

DROP TABLE identity;
ALTER TABLE identity_3 RENAME TO identity;

-- Of a token only the SHA-256 is kept; scopes: bits, in the order of the words.
CREATE TABLE token (
	hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
	identity INTEGER NOT NULL REFERENCES identity (id),
	scopes INTEGER NOT NULL CHECK (scopes > 0),
	made_at INTEGER NOT NULL,
	not_after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_identity ON token (identity);

-- Of its secret only the SHA-256 is kept. `of`: for somebody who is known
-- already, and then they are who it says; made_by: none for the first one;
-- used_by: who came with it.
CREATE TABLE invitation (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	name TEXT NOT NULL,
	role TEXT NOT NULL,
	site INTEGER REFERENCES site (id),
	expert INTEGER REFERENCES expert (subject),
	of INTEGER REFERENCES identity (id),
	made_by INTEGER REFERENCES identity (id),
	made_at INTEGER NOT NULL,
	not_after INTEGER NOT NULL CHECK (not_after > made_at),
	used_at INTEGER,
	used_by INTEGER REFERENCES identity (id),
	revoked_at INTEGER,
	CHECK ((used_at IS NULL) = (used_by IS NULL)),
	CHECK (used_at IS NULL OR revoked_at IS NULL)
) STRICT;

-- It works once.
CREATE TRIGGER invitation_used BEFORE UPDATE OF used_at, used_by, hash ON invitation
WHEN OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'invitation: it is spent');
END;

-- Nobody who was revoked comes back, and no role is ever changed: what
-- somebody did stays what they were allowed to do.
CREATE TRIGGER identity_update BEFORE UPDATE ON identity
WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at)
	OR (NEW.id, NEW.role) <> (OLD.id, OLD.role)
	OR NEW.site IS NOT OLD.site OR NEW.expert IS NOT OLD.expert
BEGIN
	SELECT RAISE(ABORT, 'identity: it stays who it is');
END;
CREATE TRIGGER identity_delete BEFORE DELETE ON identity
BEGIN
	SELECT RAISE(ABORT, 'identity: none is ever deleted');
END;

-- Whom of the experts a record of the log is about, beside its two sites: who
-- audience is and who not is settled when it is written. `assigned`: it is
-- theirs to know; one who is but wished for is not told. `other`: it was
-- theirs until then. Nothing here is part of the audit trail.
CREATE TABLE event_expert (
	seq INTEGER PRIMARY KEY REFERENCES event (seq),
	expert INTEGER REFERENCES expert (subject),
	assigned INTEGER NOT NULL CHECK (assigned IN (0, 1)),
	other INTEGER REFERENCES expert (subject)
) STRICT;

-- What a booking writes, kept small: each index that chance puts somewhere in
-- the middle is a page of the log for every booking, and a page of the file at
-- the next checkpoint (docs/decisions/0021-what-a-booking-writes.md).

-- Keys come at the end and go from the beginning, whatever their names are.
CREATE TABLE idempotency_3 (
	id INTEGER PRIMARY KEY,
	identity INTEGER NOT NULL,
	route TEXT NOT NULL,
	key TEXT NOT NULL,
	body_hash BLOB NOT NULL,
	status INTEGER NOT NULL,
	etag TEXT NOT NULL,
	location TEXT NOT NULL,
	body BLOB NOT NULL,
	at INTEGER NOT NULL,
	UNIQUE (identity, route, key)
) STRICT;
INSERT INTO idempotency_3 (identity, route, key, body_hash, status, etag,
		location, body, at)
	SELECT identity, route, key, body_hash, status, etag, location, body, at
	FROM idempotency ORDER BY at;
DROP TABLE idempotency;
ALTER TABLE idempotency_3 RENAME TO idempotency;

-- Of a patient's name half is enough to be theirs alone.
UPDATE subject SET slug = substr(slug, 1, 34) WHERE type = 'patient';

-- No patient is looked for by site and type.
DROP INDEX subject_site;
CREATE INDEX subject_site ON subject (site, type) WHERE type <> 'patient';

-- A month is counted without a look at its bookings.
DROP INDEX booking_quota;
CREATE INDEX booking_quota
	ON booking (agreement, kind, from_time, status, spent, hold_until);

DROP INDEX booking_request;
CREATE UNIQUE INDEX booking_request ON booking (request)
	WHERE request IS NOT NULL AND status IN
		('pending', 'booked', 'arrived', 'started', 'fulfilled');

-- The guard as before, at a new claim in one program instead of three.
DROP TRIGGER claim_insert_subject;
DROP TRIGGER claim_insert_one;
DROP TRIGGER claim_insert_longest;
CREATE TRIGGER claim_insert_one BEFORE INSERT ON claim
BEGIN
	SELECT RAISE(ABORT, 'claim: there is no such subject')
	WHERE NOT EXISTS (SELECT 1 FROM subject WHERE id = NEW.subject);
	SELECT RAISE(ABORT, 'guard: the time is taken')
	FROM subject s WHERE s.id = NEW.subject AND s.capacity = 1
		AND (SELECT c.to_time FROM claim c
			WHERE c.subject = NEW.subject
				AND c.from_time < NEW.to_time
			ORDER BY c.from_time DESC LIMIT 1) > NEW.from_time;
	UPDATE subject SET longest = NEW.to_time - NEW.from_time
	WHERE id = NEW.subject AND longest < NEW.to_time - NEW.from_time;
END;
