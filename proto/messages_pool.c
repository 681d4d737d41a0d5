#include "proto/messages_pool.h"

#include "proto/rows.h"

#define CASES_MAX 288
#define LIST_MAX 10000

MESSAGE(pool_query, "PoolQuery", "Which pooled half-days",
	TIME(pool_query, from, OPTIONAL,
	     "that begin from then on; absent: now"),
	TIME(pool_query, to, OPTIONAL,
	     "and before this; absent: 28 days later"));

MESSAGE(pool_new, "PoolNew", "A pooled half-day is opened",
	SLUG(pool_new, expert, REQUIRED, "whose"),
	TIME(pool_new, at, REQUIRED, "when it begins"));

MESSAGE(pool_order, "PoolOrder", "Who comes first in a pooled half-day",
	STRS(pool_order, cases, REQUIRED, 8, 16, CASES_MAX,
	     "bookings or requests, in their order; the others follow"));

MESSAGE(pool_case, "PoolCase", "One who is in a pooled half-day",
	CODE(pool_case, booking, REQUIRED, "the booking"),
	CODE(pool_case, request, REQUIRED, "what it is for"),
	WORD(pool_case, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(pool_case, urgency, REQUIRED, urgency, URGENCY,
	     "how soon it is needed"),
	WORD(pool_case, status, REQUIRED, booking_status, BOOKING,
	     "where the booking is on its way"),
	SLUG(pool_case, partner, REQUIRED, "the site that asks"),
	TIME(pool_case, submitted_at, REQUIRED, "since when it waits"),
	TIME(pool_case, from, REQUIRED, "when it begins"),
	TIME(pool_case, to, REQUIRED, "when it has ended"));

MESSAGE(pool, "Pool", "A half-day that is filled from the queue",
	CODE(pool, code, OPTIONAL, "its code; absent: it is not open"),
	SLUG(pool, expert, REQUIRED, "whose it is"),
	SLUG(pool, specialty, REQUIRED, "of which specialty"),
	TIME(pool, from, REQUIRED, "when it begins"),
	TIME(pool, to, REQUIRED, "when it has ended"),
	STR(pool, time_zone, REQUIRED, 1, 64, "the expert's"),
	COUNT(pool, threshold, REQUIRED, "so many that wait open it"),
	COUNT(pool, waiting, REQUIRED, "so many wait that could be put in"),
	TIME(pool, opened_at, OPTIONAL, "since when it is open"),
	OBJECTS(pool, cases, OPTIONAL, pool_case, CASES_MAX,
		"who is in it, by start"));

MESSAGE(pool_list, "PoolList", "Pooled half-days, by start",
	OBJECTS(pool_list, items, REQUIRED, pool, LIST_MAX, "the half-days"));
