/*
 * messages_emergency - who is on call, who is called, and what gives way.
 *
 * See messages.h; the tables are in messages_emergency.c.
 */
#ifndef PROTO_MESSAGES_EMERGENCY_H
#define PROTO_MESSAGES_EMERGENCY_H

#include "proto/field.h"

/* --- of the network file --- */

struct msg_net_on_call {
	const char *expert;
	const char *reach; /* absent: as the roster has it */
	const char *rrule; /* of a duty of their own; absent: they take turns */
	int64_t start, end; /* wall */
};

/* Known by site, specialty and level. */
struct msg_net_roster {
	const char *site, *specialty;
	int64_t level;
	const char *time_zone; /* absent: the site's */
	const char *reach;
	int64_t turn_days;	  /* absent: duties */
	int64_t start, until;	  /* wall; turns begin there */
	struct field_list people; /* msg_net_on_call */
};

/* --- who is on call --- */

struct msg_on_call_query {
	const char *site; /* absent: the caller's */
	const char *specialty;
	int64_t from, to; /* absent: from now, for 14 days */
};

struct msg_turn {
	const char *specialty;
	int64_t level;
	int64_t from, to;
	const char *expert, *name, *reach; /* absent: a gap */
	const char *instead;		   /* of whom, or who is absent */
	bool gap;
};

struct msg_on_call {
	const char *site, *time_zone;
	struct field_list turns; /* msg_turn */
	int64_t gaps;		 /* of the first level */
};

struct msg_swap {
	const char *specialty;
	int64_t level; /* absent: 1 */
	const char *gives, *takes;
	int64_t from, to;
	const char *reason;
};

struct msg_swapped {
	const char *specialty;
	int64_t level;
	const char *gives, *takes;
	int64_t from, to;
	bool agreed; /* else the other has still to say the same */
};

/* --- calls --- */

struct msg_call {
	int64_t step;
	const char *expert, *name; /* absent: the coordinators */
	int64_t level;		   /* absent: everybody was called */
	const char *reach;
	int64_t called_at, until;
	const char *outcome;
	int64_t ended_at;
	const char *said_by; /* on their behalf */
};

struct msg_answer {
	const char *answer; /* "accept", "cannot" */
	const char *expert; /* on whose behalf; of a coordinator */
	const char *reason;
};

/* Seconds between what was measured of an emergency. */
struct msg_intervals {
	int64_t door_to_request, request_to_call, call_to_answer;
	int64_t door_to_answer, door_to_start;
};

struct msg_papers {
	const char *reason, *purpose; /* absent: as they were */
	const char *summary;
	const char *name; /* of a patient who was not known by name */
};

/* --- what gives way --- */

struct msg_displace {
	const char *request; /* for which */
	const char *reason;
};

/* --- the report --- */

struct msg_emergencies_query {
	int64_t from, to; /* submitted; absent: the last 30 days */
	const char *site; /* the partner; absent: all */
};

struct msg_interval_figure {
	int64_t n, median, p90; /* seconds */
};

struct msg_emergency_site {
	const char *site;
	int64_t requests, answered, unanswered, displaced;
	struct msg_interval_figure *door_to_request, *request_to_call,
		*call_to_answer, *door_to_answer, *door_to_start;
};

struct msg_emergencies {
	int64_t from, to;
	struct field_list sites; /* msg_emergency_site */
};

extern const struct msg msg_net_on_call_table, msg_net_roster_table,
	msg_on_call_query_table, msg_turn_table, msg_on_call_table,
	msg_swap_table, msg_swapped_table, msg_call_table, msg_answer_table,
	msg_intervals_table, msg_papers_table, msg_displace_table,
	msg_emergencies_query_table, msg_interval_figure_table,
	msg_emergency_site_table, msg_emergencies_table;

#endif
