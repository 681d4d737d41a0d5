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

-- --- changes of a roster ---

-- --- series, and half-days that are pooled ---

-- --- fairness ---

-- --- reports ---

-- --- speed ---
