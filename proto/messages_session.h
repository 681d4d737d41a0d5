/*
 * messages_session - sessions with seats: bookings that others join.
 *
 * See messages.h; the tables are in messages_session.c.
 */
#ifndef PROTO_MESSAGES_SESSION_H
#define PROTO_MESSAGES_SESSION_H

#include "proto/field.h"

struct msg_session_new {
	int kind;
	const char *title;
	int64_t at; /* absent: as what it shows */
	int64_t duration_minutes;
	const char *expert;
	struct field_strs experts; /* besides */
	struct field_strs also;	   /* the same, as wants: one of each group */
	struct field_strs with;
	const char *shows;	      /* code */
	const char *site, *agreement; /* of a free clinic */
	int64_t tokens;
	int64_t seats, seats_per_site;
	bool no_record;
};

/* Of one site. */
struct msg_session_seats {
	const char *site;
	int64_t seats;
	int64_t came; /* as a person said */
};

struct msg_session {
	const char *code;
	int kind;
	int status; /* words_booking_status */
	const char *title;
	const char *lead;
	const char *partner; /* where it takes place; absent: the lead */
	const char *expert;
	struct field_strs experts; /* all, where there are several */
	int64_t from, to;
	const char *time_zone; /* of the lead's place */
	struct field_strs with;
	const char *shows; /* to those who may see that booking */
	bool no_record;
	int64_t seats, seats_per_site, free;
	int64_t joined;		 /* seats of the caller's site */
	struct field_list sites; /* msg_session_seats; to the lead all */
	struct field_list cases; /* msg_case; to lead and experts all */
	int64_t tokens;		 /* so many walk in at most */
	int64_t waiting, called, seen, gone;
	const char *reason; /* of a cancellation */
	int64_t sequence, version;
	struct field_list history; /* msg_event; show only */
};

/* One of the list of a session of cases. */
struct msg_case {
	const char *code;    /* of its booking */
	const char *request; /* code */
	const char *partner;
	int urgency;
	int status; /* words_booking_status */
	int64_t from, to;
};

struct msg_case_new {
	const char *request;
	int64_t duration_minutes;
};

struct msg_case_order {
	struct field_strs cases; /* codes */
};

struct msg_session_list {
	struct field_list items; /* msg_session */
	const char *next;
};

struct msg_join {
	int64_t seats;
};

struct msg_attendance {
	const char *site; /* absent: the caller's */
	int64_t came;
};

struct msg_walk_in_new {
	const char *station; /* absent: any */
	const char *name;
};

struct msg_walk_in {
	int64_t number;
	const char *station;
	int state; /* words_walk_in */
	const char *called_to;
	int64_t drawn_at, called_at, ended_at;
	const char *name; /* to whoever calls it */
};

struct msg_walk_in_list {
	struct field_list items; /* msg_walk_in */
	int64_t waiting, called, seen, gone;
};

struct msg_walk_in_call {
	const char *station;
};

struct msg_walk_in_mark {
	int64_t number;
	int outcome; /* words_walk_in: seen or gone */
};

extern const struct msg msg_session_new_table, msg_session_seats_table,
	msg_session_table, msg_session_list_table, msg_join_table,
	msg_attendance_table, msg_case_table, msg_case_new_table,
	msg_case_order_table, msg_walk_in_new_table, msg_walk_in_table,
	msg_walk_in_list_table, msg_walk_in_call_table, msg_walk_in_mark_table;

#endif
