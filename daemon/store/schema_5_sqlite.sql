-- The fifth schema: the process between two hospitals, where the fourth left
-- it open. Foreign keys are off while this runs.

-- --- an emergency is answered again ---

-- How often it had been answered before this call, and one more: when its
-- session does not take place it is called anew, and each time one answer takes
-- it.
ALTER TABLE duty_call ADD COLUMN round INTEGER NOT NULL DEFAULT 1
	CHECK (round >= 1);
DROP INDEX duty_call_answered;
CREATE UNIQUE INDEX duty_call_answered ON duty_call (request, round)
	WHERE outcome = 'answered';
-- Those for whom somebody is called; few at any time. For the lists of who is.
CREATE INDEX request_called ON request (submitted_at, id)
	WHERE kind = 'emergency-consultation'
		AND status IN ('submitted', 'accepted');
-- Those that were answered and stood still since their session was cancelled
-- are called for again.
INSERT INTO due (at, what, thing, thing_id, try_at)
	SELECT 0, 'call', 'request', id, 0 FROM request
	WHERE kind = 'emergency-consultation' AND status = 'accepted'
	ON CONFLICT (thing, thing_id, what) DO NOTHING;

-- --- what gives way ---

-- Of a booking without a request that got no other time: when its partner said
-- so, or booked again (daemon/store/displaced.h). NULL: it is listed yet.
ALTER TABLE displaced ADD COLUMN settled_at INTEGER;
UPDATE displaced SET settled_at = at;
CREATE INDEX displaced_open ON displaced (booking) WHERE settled_at IS NULL;

-- --- keys ---

-- By which key a patient's slug was made (daemon/store/keys.h): a number of
-- the key. NULL: as it was before, or it is no patient.
ALTER TABLE subject ADD COLUMN keyed INTEGER;

-- What does not open, found while it was to be sealed anew: the column and the
-- row. While one stands here the older keys are kept.
CREATE TABLE unopened (
	id INTEGER PRIMARY KEY,
	place TEXT NOT NULL,
	number INTEGER NOT NULL,
	found_at INTEGER NOT NULL,
	UNIQUE (place, number)
) STRICT;

-- --- the waitlist ---

-- So many offers in a row may lapse; NULL: as daemon/core/waitlist.c says.
ALTER TABLE limit_set ADD COLUMN offer_lapses INTEGER CHECK (offer_lapses > 0);
-- How many have, and since when it rests: nothing is offered to it.
ALTER TABLE waiting ADD COLUMN lapses INTEGER NOT NULL DEFAULT 0
	CHECK (lapses >= 0);
ALTER TABLE waiting ADD COLUMN rests_at INTEGER;
