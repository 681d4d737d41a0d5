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
-- are nobody's, and those of the last hour on record are called for again; of
-- an older one people know what became of it.
UPDATE request SET expert = NULL
	WHERE kind = 'emergency-consultation' AND status = 'accepted';
INSERT INTO due (at, what, thing, thing_id, try_at)
	SELECT 0, 'call', 'request', id, 0 FROM request
	WHERE kind = 'emergency-consultation' AND status = 'accepted'
		AND submitted_at > (SELECT max(at) FROM event) - 3600
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

-- --- before a session begins, and after it began without something ---

-- What it takes where nobody has looked (NULL: as daemon/core/session.c says),
-- and what even an emergency does not begin without: bits, as words_gate.
ALTER TABLE agreement_session ADD COLUMN unchecked TEXT
	CHECK (unchecked IN ('nothing', 'reason', 'contingency'));
ALTER TABLE agreement_session ADD COLUMN emergency_needs INTEGER NOT NULL
	DEFAULT 0 CHECK (emergency_needs >= 0);
-- Without what it began: the same bits.
ALTER TABLE session_day ADD COLUMN passed INTEGER NOT NULL DEFAULT 0
	CHECK (passed >= 0);
-- A consent that is to come afterwards is a promise as the others are.
CREATE INDEX clock_consent ON clock (request)
	WHERE state = 'running' AND what = 'consent';
INSERT INTO clock (request, what, state, limit_minutes, since, run_from,
		due_at, told)
	SELECT r.id, 'consent', 'running', m.minutes,
		d.at - (d.step + 1) * m.minutes * 60,
		d.at - (d.step + 1) * m.minutes * 60,
		d.at - d.step * m.minutes * 60, min(d.step, 1) * 100
	FROM due d JOIN request r ON r.id = d.thing_id
	JOIN (SELECT a.id, coalesce(s.consent_minutes, 1440) AS minutes
		FROM agreement a
		LEFT JOIN agreement_session s ON s.agreement = a.id) m
		ON m.id = r.agreement
	WHERE d.what = 'consent' AND d.thing = 'request';
UPDATE due SET (step, at, try_at) = (SELECT c.told + 100,
		c.due_at + c.told / 100 * c.limit_minutes * 60,
		c.due_at + c.told / 100 * c.limit_minutes * 60
	FROM clock c WHERE c.request = due.thing_id AND c.what = 'consent')
	WHERE what = 'consent' AND thing = 'request';

-- --- whose a request is ---

-- `expert` is its booking's while it is booked; this is then whom it had before
-- and has again without one.
ALTER TABLE request ADD COLUMN unbooked_expert INTEGER
	REFERENCES expert (subject);
UPDATE request SET unbooked_expert = expert, expert =
	(SELECT b.expert FROM booking b WHERE b.request = request.id
	 AND b.status IN ('booked', 'arrived', 'started', 'fulfilled'))
	WHERE EXISTS
	(SELECT 1 FROM booking b WHERE b.request = request.id
	 AND b.status IN ('booked', 'arrived', 'started', 'fulfilled')
	 AND b.expert IS NOT NULL);

-- --- receipts of opinions ---

-- NULL: as daemon/core/terms.c says. How long until the partner is reminded to
-- confirm opinions, and between two reminders; how often it is told, the last
-- time to escalate; and by how much the time that a signer says may be off.
ALTER TABLE agreement ADD COLUMN receipt_minutes INTEGER
	CHECK (receipt_minutes > 0);
ALTER TABLE agreement ADD COLUMN receipt_notices INTEGER
	CHECK (receipt_notices > 0);
ALTER TABLE agreement ADD COLUMN signing_slack_minutes INTEGER
	CHECK (signing_slack_minutes > 0);
