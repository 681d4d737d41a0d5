-- The sixth schema: every kind of the catalogue, and a calendar that holds a
-- year. Foreign keys are off while this runs.

-- --- what a lead agrees on with itself ---

-- Sessions of a lead's own are under an agreement with nobody but itself, so
-- that they are bookings as any other: one for each lead of agreements that
-- name such a kind, and in no network file. The table as it was, but for the
-- check that its two sites differ.
CREATE TABLE agreement_6 (
	id INTEGER PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE,
	alliance TEXT,
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	valid_from INTEGER NOT NULL,
	valid_to INTEGER NOT NULL CHECK (valid_to >= valid_from),
	limits TEXT,
	min_independent_years INTEGER NOT NULL DEFAULT 3,
	overrun_minutes INTEGER CHECK (overrun_minutes >= 0),
	cancel_notice_minutes INTEGER NOT NULL DEFAULT 0
		CHECK (cancel_notice_minutes >= 0),
	lead_notice_minutes INTEGER CHECK (lead_notice_minutes >= 0),
	partner_notice_minutes INTEGER CHECK (partner_notice_minutes >= 0),
	late_change TEXT CHECK (late_change IN ('spends', 'lead-only')),
	requires INTEGER NOT NULL DEFAULT 0,
	requires_emergency INTEGER NOT NULL DEFAULT 0,
	supplement_minutes INTEGER CHECK (supplement_minutes > 0),
	expiry_days INTEGER CHECK (expiry_days > 0),
	ending_notice_days INTEGER CHECK (ending_notice_days >= 0),
	told_ending INTEGER,
	told_end INTEGER,
	receipt_minutes INTEGER CHECK (receipt_minutes > 0),
	receipt_notices INTEGER CHECK (receipt_notices > 0),
	signing_slack_minutes INTEGER CHECK (signing_slack_minutes > 0),
	-- its slug is one that no file can name
	CHECK ((lead = partner) = (slug LIKE '%/own'))
) STRICT;
INSERT INTO agreement_6 SELECT id, slug, alliance, lead, partner, valid_from,
		valid_to, limits, min_independent_years, overrun_minutes,
		cancel_notice_minutes, lead_notice_minutes,
		partner_notice_minutes, late_change, requires,
		requires_emergency, supplement_minutes, expiry_days,
		ending_notice_days, told_ending, told_end, receipt_minutes,
		receipt_notices, signing_slack_minutes
	FROM agreement;
DROP TABLE agreement;
ALTER TABLE agreement_6 RENAME TO agreement;
CREATE INDEX agreement_partner ON agreement (partner, lead);
CREATE INDEX agreement_lead ON agreement (lead);
INSERT INTO agreement (slug, lead, partner, valid_from, valid_to,
		min_independent_years)
	SELECT s.slug || '/own', s.id, s.id, 0, 2932896, 0 FROM site s
	WHERE EXISTS (SELECT 1 FROM agreement a
		JOIN agreement_kind k ON k.agreement = a.id
		WHERE a.lead = s.id
			AND k.kind IN ('teaching-round', 'surgery-demonstration'))
	ORDER BY s.id;
INSERT INTO agreement_kind (agreement, kind)
	SELECT a.id, k.kind FROM agreement a,
		(SELECT 'teaching-round' AS kind
		UNION ALL SELECT 'surgery-demonstration') k
	WHERE a.lead = a.partner;

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

-- What a request wants of further experts: a line for each, as it was written
-- ("specialty=imaging,modality=mri"); '': one expert is enough.
ALTER TABLE request ADD COLUMN also TEXT NOT NULL DEFAULT '';

-- Of a link: the carrier or route. Two links of one path fail together.
ALTER TABLE subject ADD COLUMN path TEXT;

-- Who is told of a change besides those of event_expert: the others who have
-- what was changed.
CREATE TABLE event_also (
	seq INTEGER NOT NULL REFERENCES event (seq),
	expert INTEGER NOT NULL REFERENCES expert (subject),
	gone INTEGER NOT NULL CHECK (gone IN (0, 1)), -- have it no more
	PRIMARY KEY (seq, expert)
) STRICT, WITHOUT ROWID;

-- --- sessions with seats ---

-- A booking that others join. The day is the lead's, on which it begins: under
-- an agreement that is in force then a partner may see it. No seats: nobody
-- joins, it is its partner's alone. tokens: so many walk in at most.
CREATE TABLE session (
	booking INTEGER PRIMARY KEY REFERENCES booking (id),
	lead INTEGER NOT NULL REFERENCES site (id),
	kind TEXT NOT NULL,
	day INTEGER NOT NULL,
	title TEXT NOT NULL,
	seats INTEGER NOT NULL CHECK (seats >= 0),
	per_site INTEGER NOT NULL
		CHECK (per_site >= 0 AND per_site <= seats),
	no_record INTEGER NOT NULL CHECK (no_record IN (0, 1)),
	-- the booking of the operation that it shows
	shows INTEGER REFERENCES booking (id) CHECK (shows <> booking),
	tokens INTEGER NOT NULL CHECK (tokens >= 0)
) STRICT;
CREATE INDEX session_lead ON session (lead, kind, day);
CREATE INDEX session_day_of ON session (day);
CREATE INDEX session_shows ON session (shows) WHERE shows IS NOT NULL;

-- How many of a site's people come, and (said by a person) came.
CREATE TABLE session_seat (
	booking INTEGER NOT NULL REFERENCES session (booking),
	site INTEGER NOT NULL REFERENCES site (id),
	seats INTEGER NOT NULL CHECK (seats >= 1),
	came INTEGER CHECK (came >= 0),
	PRIMARY KEY (booking, site)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_seat_of ON session_seat (site, booking);

-- Never more seats than there are, for all and for a site.
CREATE TRIGGER session_seat_insert BEFORE INSERT ON session_seat
BEGIN
	SELECT RAISE(ABORT, 'guard: every seat is taken')
	WHERE NOT EXISTS (SELECT 1 FROM session s WHERE s.booking = NEW.booking
		AND NEW.seats <= s.per_site AND NEW.seats + coalesce(
			(SELECT sum(t.seats) FROM session_seat t
			WHERE t.booking = NEW.booking AND t.site <> NEW.site), 0)
			<= s.seats);
END;
CREATE TRIGGER session_seat_update
BEFORE UPDATE OF booking, site, seats ON session_seat
BEGIN
	SELECT RAISE(ABORT, 'session: a seat stays whose it is')
	WHERE NEW.booking <> OLD.booking OR NEW.site <> OLD.site;
	SELECT RAISE(ABORT, 'guard: every seat is taken')
	WHERE NOT EXISTS (SELECT 1 FROM session s WHERE s.booking = NEW.booking
		AND NEW.seats <= s.per_site AND NEW.seats + coalesce(
			(SELECT sum(t.seats) FROM session_seat t
			WHERE t.booking = NEW.booking AND t.site <> NEW.site), 0)
			<= s.seats);
END;
CREATE TRIGGER session_update BEFORE UPDATE OF booking, seats, per_site ON session
BEGIN
	SELECT RAISE(ABORT, 'session: its booking stays')
	WHERE NEW.booking <> OLD.booking;
	SELECT RAISE(ABORT, 'guard: more seats are taken')
	WHERE EXISTS (SELECT 1 FROM session_seat t WHERE t.booking = OLD.booking
			AND t.seats > NEW.per_site)
		OR (SELECT sum(t.seats) FROM session_seat t
			WHERE t.booking = OLD.booking) > NEW.seats;
END;

-- --- who walks in ---

-- A token of a free clinic: numbers from 1 over all of it, in the order in
-- which they are drawn, for one station or for whichever is free. The name,
-- where one is given, is sealed.
CREATE TABLE walk_in (
	id INTEGER PRIMARY KEY,
	booking INTEGER NOT NULL REFERENCES session (booking),
	number INTEGER NOT NULL CHECK (number >= 1),
	station INTEGER REFERENCES subject (id),
	state TEXT NOT NULL CHECK (state IN ('waiting', 'called', 'seen', 'gone')),
	-- where it was called
	called_to INTEGER REFERENCES subject (id)
		CHECK (called_to IS NOT NULL OR state IN ('waiting', 'gone')),
	drawn_at INTEGER NOT NULL,
	called_at INTEGER,
	ended_at INTEGER CHECK ((ended_at IS NULL) = (state IN ('waiting', 'called'))),
	name BLOB,
	UNIQUE (booking, number)
) STRICT;
-- Those that wait; few at any time.
CREATE INDEX walk_in_waiting ON walk_in (booking, number)
	WHERE state = 'waiting';
CREATE TRIGGER walk_in_insert BEFORE INSERT ON walk_in
BEGIN
	SELECT RAISE(ABORT, 'guard: every token is drawn')
	WHERE NOT EXISTS (SELECT 1 FROM session s WHERE s.booking = NEW.booking
		AND NEW.number <= s.tokens);
	SELECT RAISE(ABORT, 'walk_in: numbers follow one another')
	WHERE NEW.number <> (SELECT count(*) + 1 FROM walk_in w
		WHERE w.booking = NEW.booking);
END;
CREATE TRIGGER walk_in_update
BEFORE UPDATE OF booking, number, station, drawn_at, state ON walk_in
BEGIN
	SELECT RAISE(ABORT, 'walk_in: a token stays what it is')
	WHERE NEW.booking <> OLD.booking OR NEW.number <> OLD.number
		OR NEW.station IS NOT OLD.station
		OR NEW.drawn_at <> OLD.drawn_at
		OR OLD.state IN ('seen', 'gone') OR NEW.state = 'waiting';
END;

-- --- referrals, and the places of a clinic ---

-- Places behind the last of a session; NULL: as daemon/core/terms.c says.
ALTER TABLE agreement ADD COLUMN overbook_most INTEGER
	CHECK (overbook_most >= 0);
-- It is such a place.
ALTER TABLE booking ADD COLUMN behind INTEGER NOT NULL DEFAULT 0
	CHECK (behind IN (0, 1));
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

-- How often what an expert or a resource has (rules, secondments, leave), or a
-- calendar, was changed; no row: never since there is this table.
CREATE TABLE roster_version (
	part TEXT NOT NULL CHECK (part IN ('subject', 'calendar')),
	name TEXT NOT NULL,
	version INTEGER NOT NULL CHECK (version >= 1),
	PRIMARY KEY (part, name)
) STRICT, WITHOUT ROWID;

-- Bookings that a change of the network left without ground. One that has
-- moved since (another sequence), ended or begun is none any more; nor is one
-- that would be allowed again. cause: what was changed, in our words.
CREATE TABLE orphan (
	booking INTEGER PRIMARY KEY REFERENCES booking (id),
	sequence INTEGER NOT NULL,
	since INTEGER NOT NULL,
	by_name TEXT NOT NULL,
	cause TEXT NOT NULL
) STRICT;

-- --- series, and half-days that are pooled ---

-- What repeats, as it was asked for; nothing of a patient. start_wall and the
-- days are local, of the lead's place.
CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	lead INTEGER NOT NULL REFERENCES site (id),
	partner INTEGER NOT NULL REFERENCES site (id),
	kind TEXT NOT NULL,
	rrule TEXT NOT NULL,
	start_wall INTEGER NOT NULL,
	time_zone TEXT NOT NULL,
	on_holiday TEXT NOT NULL,
	except_days TEXT NOT NULL,
	also_days TEXT NOT NULL,
	made_at INTEGER NOT NULL
) STRICT;

-- One day of it each: with its booking, or without one where it was left out or
-- there was no time. planned is when it would be by the series: a booking that
-- is at another time was moved on its own.
CREATE TABLE occurrence (
	series INTEGER NOT NULL REFERENCES series (id),
	position INTEGER NOT NULL CHECK (position >= 1),
	day INTEGER NOT NULL,
	planned INTEGER NOT NULL,
	left_out INTEGER NOT NULL CHECK (left_out IN (0, 1)),
	booking INTEGER REFERENCES booking (id),
	PRIMARY KEY (series, position),
	CHECK (booking IS NULL OR left_out = 0)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX occurrence_booking ON occurrence (booking)
	WHERE booking IS NOT NULL;

-- --- fairness ---

-- NULL: as daemon/core/terms.c says.
ALTER TABLE agreement ADD COLUMN fairness_weeks INTEGER
	CHECK (fairness_weeks >= 0);
ALTER TABLE agreement ADD COLUMN night_call_minutes INTEGER
	CHECK (night_call_minutes >= 0);
-- For what an expert was called to lately.
CREATE INDEX duty_call_lately ON duty_call (expert, called_at);

-- --- reports ---

-- Why a booking was cancelled or ran late, as a word (words_why; NULL: none was
-- given), and who said so; of one that ran late, when it was to end.
CREATE TABLE booking_why (
	booking INTEGER NOT NULL REFERENCES booking (id),
	what TEXT NOT NULL CHECK (what IN ('cancelled', 'late')),
	side TEXT NOT NULL CHECK (side IN ('lead', 'partner', 'expert')),
	reason TEXT,
	to_time INTEGER NOT NULL,
	PRIMARY KEY (booking, what)
) STRICT, WITHOUT ROWID;

-- What was read without a meeting is counted by when it was signed.
-- (Less than two: for what is but equal an engine makes an index of its own.)
CREATE INDEX opinion_filed ON opinion (filed_at) WHERE version < 2;

-- --- speed ---
