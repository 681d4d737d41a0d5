#include "proto/messages_emergency.h"

#include "proto/rows.h"

#define LEVELS 9
#define TURN_DAYS 28
#define PEOPLE 64

static const char *const answer_names[] = {"accept", "cannot"};
static const struct words answers = {"answer", answer_names, 2};

static const char *const outcome_names[] = {"called",	  "answered", "cannot",
					    "unanswered", "engaged",  "over"};
static const struct words outcomes = {"outcome", outcome_names, 6};

MESSAGE(net_on_call, "NetOnCall", "One who is on call",
	SLUG(net_on_call, expert, REQUIRED, "who"),
	STR(net_on_call, reach, OPTIONAL, 1, 128,
	    "how they are reached; absent: as the roster says"),
	STR(net_on_call, rrule, OPTIONAL, 1, 500,
	    "their own duty (RFC 5545); absent: they take turns"),
	WALL(net_on_call, start, OPTIONAL, "where their first duty begins"),
	WALL(net_on_call, end, OPTIONAL, "when that one has ended"));

MESSAGE(net_roster, "NetRoster", "Who is on call for a specialty, on one level",
	SLUG(net_roster, site, REQUIRED, "the lead"),
	SLUG(net_roster, specialty, REQUIRED, "for which specialty"),
	INT(net_roster, level, REQUIRED, 1, LEVELS,
	    "1 is called first, then 2"),
	STR(net_roster, time_zone, OPTIONAL, 1, 64,
	    "of its times (IANA); absent: of the site"),
	STR(net_roster, reach, REQUIRED, 1, 128,
	    "how they are reached: a telephone, a channel"),
	INT(net_roster, turn_days, OPTIONAL, 1, TURN_DAYS,
	    "they take turns of so many days; absent: each has a duty"),
	WALL(net_roster, start, OPTIONAL,
	     "where the first turn begins, and when of the day they change"),
	WALL(net_roster, until, OPTIONAL, "when it has ended; absent: never"),
	OBJECTS(net_roster, people, REQUIRED, net_on_call, PEOPLE, "who"));

MESSAGE(on_call_query, "OnCallQuery", "Who is on call when",
	SLUG(on_call_query, site, OPTIONAL,
	     "the lead; absent: the caller's site"),
	SLUG(on_call_query, specialty, OPTIONAL,
	     "for which specialty; absent: all"),
	TIME(on_call_query, from, OPTIONAL, "from when on; absent: now"),
	TIME(on_call_query, to, OPTIONAL, "until when; absent: 14 days later"));

MESSAGE(turn, "Turn", "Who is on call from when to when",
	SLUG(turn, specialty, REQUIRED, "for which specialty"),
	INT(turn, level, REQUIRED, 1, LEVELS, "1 is called first"),
	TIME(turn, from, REQUIRED, "when it begins"),
	TIME(turn, to, REQUIRED, "when it has ended"),
	SLUG(turn, expert, OPTIONAL, "who; absent: nobody"),
	STR(turn, name, OPTIONAL, 1, 128, "their name"),
	STR(turn, reach, OPTIONAL, 1, 128, "how they are reached"),
	SLUG(turn, instead, OPTIONAL,
	     "who gave it, or, of a gap, who is on leave"),
	BOOL(turn, gap, OPTIONAL, "nobody is on call"));

MESSAGE(on_call, "OnCall", "Who is on call",
	SLUG(on_call, site, REQUIRED, "the lead"),
	STR(on_call, time_zone, REQUIRED, 1, 64, "where it is"),
	OBJECTS(on_call, turns, REQUIRED, turn, 20000,
		"by specialty, level and time"),
	COUNT(on_call, gaps, REQUIRED, "in which nobody is called first"));

#define SWAP_ROWS(s)                                                           \
	SLUG(s, specialty, REQUIRED, "of which roster"),                       \
		INT(s, level, OPTIONAL, 1, LEVELS,                             \
		    "of which level; absent: 1"),                              \
		SLUG(s, gives, REQUIRED, "who gives the duty"),                \
		SLUG(s, takes, REQUIRED, "who takes it over"),                 \
		TIME(s, from, REQUIRED, "from when on"),                       \
		TIME(s, to, REQUIRED, "until when")

MESSAGE(swap, "Swap", "Somebody takes over a duty", SWAP_ROWS(swap),
	TEXT(swap, reason, REQUIRED, 1, 1000, "why"));

MESSAGE(swapped, "Swapped", "A duty that is taken over", SWAP_ROWS(swapped),
	BOOL(swapped, agreed, REQUIRED,
	     "false: the other has still to say the same"));

MESSAGE(call, "Call", "Somebody was called for an emergency",
	COUNT(call, step, REQUIRED, "the how-manieth call it was"),
	SLUG(call, expert, OPTIONAL, "who; absent: the lead's coordinators"),
	STR(call, name, OPTIONAL, 1, 128, "their name"),
	INT(call, level, OPTIONAL, 1, LEVELS,
	    "their level; absent: everybody was called"),
	STR(call, reach, OPTIONAL, 1, 128, "how they are reached"),
	TIME(call, called_at, REQUIRED, "when"),
	TIME(call, until, OPTIONAL,
	     "then the next is called; absent: until somebody answers"),
	CHOICE(call, outcome, REQUIRED, outcomes, "what became of it"),
	TIME(call, ended_at, OPTIONAL, "when that was"),
	STR(call, said_by, OPTIONAL, 1, 128, "who said so on their behalf"));

MESSAGE(answer, "Answer", "Whoever is called answers",
	CHOICE(answer, answer, REQUIRED, answers,
	       "accept: takes it; cannot: the next is called at once"),
	SLUG(answer, expert, OPTIONAL,
	     "for whom a coordinator says so; absent: who was called last"),
	TEXT(answer, reason, SECRET, 1, 1000, "why not"));

MESSAGE(intervals, "Intervals", "What was measured, in seconds",
	INT(intervals, door_to_request, OPTIONAL, INT64_MIN + 1, INT64_MAX,
	    "from the patient's coming to the request"),
	COUNT(intervals, request_to_call, OPTIONAL, "to the first call"),
	COUNT(intervals, call_to_answer, OPTIONAL,
	      "from the first call to the answer that took it"),
	COUNT(intervals, door_to_answer, OPTIONAL,
	      "from the patient's coming to that answer"),
	COUNT(intervals, door_to_start, OPTIONAL,
	      "from the patient's coming to the session's start"));

MESSAGE(papers, "Papers", "An emergency's papers, afterwards",
	TEXT(papers, reason, SECRET, 1, 1000,
	     "why the patient needed it; absent: as it was"),
	TEXT(papers, purpose, SECRET, 1, 1000,
	     "what the session was for; absent: as it was"),
	TEXT(papers, summary, REQUIRED | SECRET, 1, 4000,
	     "summary of the record"),
	STR(papers, name, SECRET, 1, 128,
	    "the patient's name; absent: as it was"));

MESSAGE(displace, "Displace", "A booking gives way to what is more urgent",
	CODE(displace, request, REQUIRED, "to which request"),
	TEXT(displace, reason, REQUIRED | SECRET, 1, 1000,
	     "why, for the side that gets the time"));

MESSAGE(emergencies_query, "EmergenciesQuery", "Of which time and site",
	TIME(emergencies_query, from, OPTIONAL,
	     "submitted from then on; absent: 30 days ago"),
	TIME(emergencies_query, to, OPTIONAL, "and before then; absent: now"),
	SLUG(emergencies_query, site, OPTIONAL, "the partner; absent: all"));

MESSAGE(interval_figure, "IntervalFigure", "How long something took, seconds",
	COUNT(interval_figure, n, REQUIRED, "how often it was measured"),
	INT(interval_figure, median, OPTIONAL, INT64_MIN + 1, INT64_MAX,
	    "half of them took no longer"),
	INT(interval_figure, p90, OPTIONAL, INT64_MIN + 1, INT64_MAX,
	    "nine of ten took no longer"));

MESSAGE(emergency_site, "EmergencySite", "A partner's emergencies",
	SLUG(emergency_site, site, REQUIRED, "the partner"),
	COUNT(emergency_site, requests, REQUIRED, "submitted"),
	COUNT(emergency_site, answered, REQUIRED, "taken by somebody"),
	COUNT(emergency_site, unanswered, REQUIRED,
	      "waiting for an answer, or expired without one"),
	COUNT(emergency_site, displaced, REQUIRED,
	      "bookings that gave way to them"),
	OBJECT(emergency_site, door_to_request, REQUIRED, interval_figure,
	       "from the patient's coming to the request"),
	OBJECT(emergency_site, request_to_call, REQUIRED, interval_figure,
	       "to the first call"),
	OBJECT(emergency_site, call_to_answer, REQUIRED, interval_figure,
	       "from the first call to the answer that took it"),
	OBJECT(emergency_site, door_to_answer, REQUIRED, interval_figure,
	       "from the patient's coming to that answer"),
	OBJECT(emergency_site, door_to_start, REQUIRED, interval_figure,
	       "from the patient's coming to the session's start"));

MESSAGE(emergencies, "Emergencies", "What was measured of emergencies",
	TIME(emergencies, from, REQUIRED, "submitted from then on"),
	TIME(emergencies, to, REQUIRED, "and before then"),
	OBJECTS(emergencies, sites, REQUIRED, emergency_site, 20000,
		"by partner"));
