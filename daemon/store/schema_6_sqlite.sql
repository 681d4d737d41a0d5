-- The sixth schema: every kind of the catalogue, and a calendar that holds a
-- year. Foreign keys are off while this runs.

-- --- several experts in one booking ---

-- Those beside booking.expert, who is the first: each claims time as the first
-- does, sees what the first sees, and signs an opinion of their own.
CREATE TABLE co_expert (
	booking INTEGER NOT NULL REFERENCES booking (id),
	position INTEGER NOT NULL CHECK (position >= 1),
	expert INTEGER NOT NULL REFERENCES expert (subject),
	PRIMARY KEY (booking, position),
	UNIQUE (booking, expert)
) STRICT, WITHOUT ROWID;
CREATE INDEX co_expert_of ON co_expert (expert, booking);

-- --- sessions with seats ---

-- --- referrals, and the places of a clinic ---

-- Places behind the last of a session; NULL: as daemon/core/terms.c says.
ALTER TABLE agreement ADD COLUMN overbook_most INTEGER
	CHECK (overbook_most >= 0);
-- What of each session of places is kept for an agreement, and until when
-- (daemon/core/share.h).
CREATE TABLE place_share (
	agreement INTEGER NOT NULL REFERENCES agreement (id),
	position INTEGER NOT NULL,
	expert TEXT, -- by name; NULL: each of the lead's
	rrule TEXT, -- of one rule, as it is written; NULL: of each
	places INTEGER NOT NULL CHECK (places > 0),
	days_before INTEGER NOT NULL CHECK (days_before >= 0),
	at_minute INTEGER NOT NULL CHECK (at_minute BETWEEN 0 AND 1439),
	PRIMARY KEY (agreement, position)
) STRICT, WITHOUT ROWID;
-- Of which session the lead took them back earlier, by hand.
CREATE TABLE place_taken_back (
	agreement INTEGER NOT NULL REFERENCES agreement (id),
	expert INTEGER NOT NULL REFERENCES expert (subject),
	session INTEGER NOT NULL, -- its start
	at INTEGER NOT NULL,
	PRIMARY KEY (agreement, expert, session)
) STRICT, WITHOUT ROWID;

-- --- changes of a roster ---

-- --- series, and half-days that are pooled ---

-- --- fairness ---

-- --- reports ---

-- --- speed ---
