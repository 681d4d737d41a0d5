#include "proto/messages_session.h"

#include "proto/messages_out.h"
#include "proto/rows.h"

#define SEATS_MAX 10000
#define LIST_MAX 200
#define SITES_MAX 2000
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
	REFS(session_new, with, OPTIONAL, 16, "resources that must take part"),
	CODE(session_new, shows, OPTIONAL,
	     "of a demonstration: the booking of the operation that it shows"),
	INT(session_new, seats, REQUIRED, 1, SEATS_MAX,
	    "how many may join, of all sites"),
	INT(session_new, seats_per_site, OPTIONAL, 1, SEATS_MAX,
	    "how many of one site; absent: all of them"),
	BOOL(session_new, no_record, OPTIONAL, "nobody may record it"));

MESSAGE(session_seats, "SessionSeats", "What a site has of a session's seats",
	SLUG(session_seats, site, REQUIRED, "whose"),
	COUNT(session_seats, seats, REQUIRED, "for how many it joined"),
	COUNT(session_seats, came, OPTIONAL,
	      "how many came, as somebody said; 0: nobody"));

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
