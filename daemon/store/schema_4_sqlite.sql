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

-- --- clocks ---

-- --- on call ---

-- --- the day of the session ---

-- --- opinions ---

-- --- the waitlist ---

-- --- what a booking writes ---
