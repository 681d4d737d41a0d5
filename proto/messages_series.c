#include "proto/messages_series.h"

#include "proto/rows.h"

#define DAYS_MAX 200
#define BLOCKERS_MAX 10000

#define TOGETHER_ROW(s)                                                        \
	WORD(s, together, OPTIONAL, together, TOGETHER,                        \
	     "all or nothing, or what is possible; absent: all")

MESSAGE(series_new, "SeriesNew", "What is to repeat, and when",
	OBJECT(series_new, booking, SECRET, book,
	       "the first one, of a kind that is booked without a request"),
	OBJECT(series_new, session, OPTIONAL, session_new,
	       "or the first session with seats"),
	STR(series_new, rrule, REQUIRED, 1, 400,
	    "the recurrence (RFC 5545), with COUNT or UNTIL"),
	DATES(series_new, except, OPTIONAL, DAYS_MAX,
	      "days of it that are left out"),
	DATES(series_new, add, OPTIONAL, DAYS_MAX, "days besides"),
	WORD(series_new, on_holiday, OPTIONAL, on_holiday, ON_HOLIDAY,
	     "what a day off of the lead's calendar does; absent: leave-out"),
	TOGETHER_ROW(series_new));

MESSAGE(series_move, "SeriesMove",
	"This occurrence and all that follow, at another time",
	TIME(series_move, at, REQUIRED,
	     "when this one is to begin now; the others are moved as far"),
	TOGETHER_ROW(series_move));

MESSAGE(series_cancel, "SeriesCancel",
	"This occurrence and all that follow are called off",
	TEXT(series_cancel, reason, REQUIRED | SECRET, 1, 1000,
	     "why, for the other side"),
	TOGETHER_ROW(series_cancel));

MESSAGE(occurrence, "Occurrence", "One day of a series",
	COUNT(occurrence, position, REQUIRED, "its number, from 1 on"),
	DATE(occurrence, day, REQUIRED, "the day that the series names"),
	TIME(occurrence, planned, REQUIRED, "when it begins by the series"),
	WORD(occurrence, outcome, REQUIRED, outcome, OUTCOME,
	     "what became of it"),
	BOOL(occurrence, apart, OPTIONAL,
	     "it is at another time: it was moved on its own"),
	CODE(occurrence, booking, OPTIONAL, "its booking"),
	WORD(occurrence, status, OPTIONAL, booking_status, BOOKING,
	     "where that is on its way"),
	TIME(occurrence, from, OPTIONAL, "when it begins"),
	TIME(occurrence, to, OPTIONAL, "when it has ended"),
	TIME(occurrence, was, OPTIONAL, "of a move: when it began until then"),
	TIME(occurrence, tried, OPTIONAL,
	     "of a move: when it was to begin, where it could not"),
	SLUG(occurrence, expert, OPTIONAL, "who does it"),
	STR(occurrence, why, OPTIONAL, 1, 400,
	    "why it was left out, or is as it was"),
	OBJECTS(occurrence, blockers, OPTIONAL, blocker, BLOCKERS_MAX,
		"everything that stands in its way"),
	INT(occurrence, blockers_more, OPTIONAL, 1, INT64_MAX,
	    "how many reasons there are beyond those"),
	OBJECTS(occurrence, nearest, OPTIONAL, slot, 100,
		"the nearest times that would do"));

MESSAGE(series, "Series", "What repeats, day by day",
	CODE(series, code, OPTIONAL, "its code"),
	WORD(series, kind, REQUIRED, kind, KIND, "the kind of service"),
	SLUG(series, lead, REQUIRED, "the site that gives the service"),
	SLUG(series, partner, REQUIRED, "the site that receives it"),
	STR(series, rrule, REQUIRED, 1, 400, "the recurrence as it was asked"),
	WALL(series, start, REQUIRED, "its first day and time of day"),
	STR(series, time_zone, REQUIRED, 1, 64, "the zone of these"),
	WORD(series, on_holiday, REQUIRED, on_holiday, ON_HOLIDAY,
	     "what a day off does"),
	DATES(series, except, OPTIONAL, DAYS_MAX, "days left out"),
	DATES(series, add, OPTIONAL, DAYS_MAX, "days added"),
	TIME(series, made_at, OPTIONAL, "when it was made"),
	COUNT(series, days, OPTIONAL, "how many days it has"),
	COUNT(series, booked, OPTIONAL, "for how many a time was booked"),
	COUNT(series, done, OPTIONAL,
	      "of a change: how many were made, moved or cancelled"),
	BOOL(series, dry_run, OPTIONAL, "it was but tried: nothing is stored"),
	OBJECTS(series, occurrences, OPTIONAL, occurrence, DAYS_MAX,
		"day by day; of a change those that it is about"));

MESSAGE(series_list, "SeriesList", "Series, the latest first",
	OBJECTS(series_list, items, REQUIRED, series, DAYS_MAX, "the series"),
	STR(series_list, next, OPTIONAL, 1, 256,
	    "the cursor to go on with; absent at the end"));
