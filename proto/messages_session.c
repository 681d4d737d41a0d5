#include "proto/messages_session.h"

#include "base/code.h"
#include "proto/messages_out.h"
#include "proto/rows.h"

#define SEATS_MAX 10000
#define LIST_MAX 200
#define SITES_MAX 2000
#define CASES_MAX 288 /* of 5 minutes, in a day */
#define HISTORY_MAX 100000
#define DAY_MINUTES 1440

MESSAGE(session_new, "SessionNew", "A session that others may join",
	WORD(session_new, kind, REQUIRED, kind, KIND,
	     "the kind of service: one with seats"),
	STR(session_new, title, REQUIRED, 1, 120,
	    "what it is about, for those who join; of no patient"),
	TIME(session_new, at, OPTIONAL,
	     "when it is to begin; absent: as the operation that it shows"),
	INT(session_new, duration_minutes, OPTIONAL, 5, DAY_MINUTES,
	    "how long, in minutes; absent: as the kind takes"),
	SLUG(session_new, expert, OPTIONAL,
	     "who does it; absent: as what it shows"),
	SLUGS(session_new, experts, OPTIONAL, 7,
	      "of a free clinic: the experts besides that one"),
	STRS(session_new, also, OPTIONAL, 3, 400, 7,
	     "of a case conference: further experts, as specialty=imaging"),
	REFS(session_new, with, OPTIONAL, 16, "resources that must take part"),
	SLUG(session_new, site, OPTIONAL,
	     "of a free clinic: the partner where it is"),
	SLUG(session_new, agreement, OPTIONAL,
	     "the same: under which agreement; absent: the only one that fits"),
	INT(session_new, tokens, OPTIONAL, 1, SEATS_MAX,
	    "the same: how many may walk in"),
	CODE(session_new, shows, OPTIONAL,
	     "of a demonstration: the booking of the operation that it shows"),
	INT(session_new, seats, OPTIONAL, 1, SEATS_MAX,
	    "how many may join, of all sites; none join a free clinic"),
	INT(session_new, seats_per_site, OPTIONAL, 1, SEATS_MAX,
	    "how many of one site; absent: all of them"),
	BOOL(session_new, no_record, OPTIONAL, "nobody may record it"));

MESSAGE(session_seats, "SessionSeats", "What a site has of a session's seats",
	SLUG(session_seats, site, REQUIRED, "whose"),
	COUNT(session_seats, seats, REQUIRED, "for how many it joined"),
	COUNT(session_seats, came, OPTIONAL,
	      "how many came, as somebody said; 0: nobody"));

MESSAGE(case, "Case", "One of the list of a case conference",
	CODE(case, code, REQUIRED, "of its booking"),
	CODE(case, request, REQUIRED, "of its request"),
	SLUG(case, partner, REQUIRED, "whose it is"),
	WORD(case, urgency, REQUIRED, urgency, URGENCY, "how urgent it is"),
	WORD(case, status, REQUIRED, booking_status, BOOKING,
	     "where it is on its way"),
	TIME(case, from, REQUIRED, "when it begins"),
	TIME(case, to, REQUIRED, "when it has ended"));

MESSAGE(case_new, "CaseNew", "A case for the list of a case conference",
	CODE(case_new, request, REQUIRED, "an accepted case-discussion"),
	INT(case_new, duration_minutes, OPTIONAL, 5, DAY_MINUTES,
	    "how long, in minutes; absent: as its request says"));

MESSAGE(case_order, "CaseOrder", "The order of a list of cases",
	STRS(case_order, cases, REQUIRED, CODE_LEN, CODE_SHOWN_LEN, CASES_MAX,
	     "the codes of all, the first first"));

MESSAGE(session, "Session", "A booking that others join",
	CODE(session, code, REQUIRED, "its code, as a booking"),
	WORD(session, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(session, status, REQUIRED, booking_status, BOOKING,
	     "where it is on its way"),
	STR(session, title, REQUIRED, 1, 120, "what it is about"),
	SLUG(session, lead, REQUIRED, "the site that gives it"),
	SLUG(session, partner, OPTIONAL,
	     "where it takes place; absent: at the lead's"),
	SLUG(session, expert, OPTIONAL, "who does it"),
	SLUGS(session, experts, OPTIONAL, 8, "all who do it, where several do"),
	TIME(session, from, REQUIRED, "when it begins"),
	TIME(session, to, REQUIRED, "when it has ended"),
	STR(session, time_zone, OPTIONAL, 1, 64,
	    "the time zone of the lead's place"),
	REFS(session, with, OPTIONAL, 64, "to its own: its resources"),
	CODE(session, shows, OPTIONAL,
	     "the booking that it shows, to those who may see that"),
	BOOL(session, no_record, OPTIONAL, "nobody may record it"),
	COUNT(session, seats, REQUIRED, "how many may join, of all sites"),
	COUNT(session, seats_per_site, REQUIRED, "how many of one site"),
	COUNT(session, free, REQUIRED, "how many seats nobody has"),
	COUNT(session, joined, OPTIONAL, "the seats of the caller's site"),
	OBJECTS(session, sites, OPTIONAL, session_seats, SITES_MAX,
		"who joins: to the lead everybody, to others their own"),
	OBJECTS(session, cases, OPTIONAL, case, CASES_MAX,
		"its list of cases: to lead and experts all, else one's own"),
	COUNT(session, tokens, OPTIONAL, "how many may walk in"),
	COUNT(session, waiting, OPTIONAL, "how many of them wait"),
	COUNT(session, called, OPTIONAL, "... are called"),
	COUNT(session, seen, OPTIONAL, "... were seen"),
	COUNT(session, gone, OPTIONAL, "... went"),
	TEXT(session, reason, OPTIONAL, 1, 1000, "why it was cancelled"),
	COUNT(session, sequence, REQUIRED, "rises with every move"),
	COUNT(session, version, REQUIRED, "rises with every change"),
	OBJECTS(session, history, OPTIONAL, event, HISTORY_MAX,
		"who joined and left, and what was told, oldest first"));

MESSAGE(session_list, "SessionList", "Sessions, the earliest first",
	OBJECTS(session_list, items, REQUIRED, session, LIST_MAX,
		"the sessions"),
	STR(session_list, next, OPTIONAL, 1, 256,
	    "the cursor to go on with; absent at the end"));

MESSAGE(join, "Join", "Seats of a session for one's own site",
	INT(join, seats, REQUIRED, 1, SEATS_MAX,
	    "how many in all, whatever there were before"));

MESSAGE(attendance, "Attendance", "How many of a site came",
	SLUG(attendance, site, OPTIONAL, "which; absent: the caller's own"),
	INT(attendance, came, REQUIRED, 0, SEATS_MAX, "0: nobody"));

/* --- who walks in --- */

MESSAGE(walk_in_new, "WalkInNew", "Somebody draws a token",
	REF(walk_in_new, station, OPTIONAL,
	    "for this one; absent: for whichever is free"),
	STR(walk_in_new, name, SECRET, 1, 128,
	    "a name to be called by; none is needed"));

MESSAGE(walk_in, "WalkIn", "A token of a free clinic",
	COUNT(walk_in, number, REQUIRED, "what is called"),
	REF(walk_in, station, OPTIONAL, "for which it is; absent: any"),
	WORD(walk_in, state, REQUIRED, walk_in, WALK_IN, "where it is"),
	REF(walk_in, called_to, OPTIONAL, "where it was called"),
	TIME(walk_in, drawn_at, REQUIRED, "when it was drawn"),
	TIME(walk_in, called_at, OPTIONAL, "when it was called"),
	TIME(walk_in, ended_at, OPTIONAL, "when it was seen, or gone"),
	STR(walk_in, name, SECRET, 1, 128,
	    "the name, to whoever calls it, where one was given"));

MESSAGE(walk_in_list, "WalkInList", "Who waits, and who is called",
	OBJECTS(walk_in_list, items, REQUIRED, walk_in, SEATS_MAX, "by number"),
	COUNT(walk_in_list, waiting, REQUIRED, "how many wait"),
	COUNT(walk_in_list, called, REQUIRED, "how many are called"),
	COUNT(walk_in_list, seen, REQUIRED, "how many were seen"),
	COUNT(walk_in_list, gone, REQUIRED, "how many went"));

MESSAGE(walk_in_call, "WalkInCall", "A station calls the next",
	REF(walk_in_call, station, REQUIRED, "which"));

MESSAGE(walk_in_mark, "WalkInMark", "What became of a token",
	INT(walk_in_mark, number, REQUIRED, 1, SEATS_MAX, "which"),
	WORD_RANGE(walk_in_mark, outcome, REQUIRED, walk_in, WALK_IN_SEEN,
		   WALK_IN_GONE, "seen, or gone"));
