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
