/*
 * messages_wait - the waitlist and what is offered from it.
 *
 * See messages.h; the tables are in messages_wait.c.
 */
#ifndef PROTO_MESSAGES_WAIT_H
#define PROTO_MESSAGES_WAIT_H

#include "proto/messages_in.h"

struct msg_wait {
	struct field_list windows; /* msg_interval; absent: as wanted */
	int64_t until;		   /* absent: the last window's end */
	const char *expert;	   /* this one and no other */
	bool any_expert;	   /* whoever suits, whom it names or not */
	int64_t notice_minutes;	   /* absent: by urgency */
};

struct msg_wait_query {
	const char *site; /* either side */
	int64_t limit;	  /* default 50 */
	const char *cursor;
};

struct msg_waiting {
	const char *request;
	int kind;
	int urgency;
	const char *lead;
	const char *partner;
	const char *specialty;
	const char *expert; /* absent: any */
	int64_t submitted_at;
	int64_t put_at;
	int64_t before; /* how many are asked before it */
	bool displaced; /* its time was taken from it */
	struct field_list windows;
	int64_t until;
	int64_t notice_minutes;
	const char *offer; /* the booking that it is offered */
	int64_t rests_since;
};

struct msg_waitlist {
	struct field_list items; /* msg_waiting */
	const char *next;
};

struct msg_offer {
	const char *booking;
	const char *request;
	int kind;
	int urgency;
	const char *lead;
	const char *partner;
	const char *expert;
	int64_t from, to;
	const char *time_zone; /* of the lead's place */
	int64_t made_at;
	int64_t until;
};

struct msg_offer_list {
	struct field_list items; /* msg_offer */
	const char *next;
};

extern const struct msg msg_wait_table, msg_unwait_table, msg_refuse_table,
	msg_wait_query_table, msg_waiting_table, msg_waitlist_table,
	msg_offer_table, msg_offer_list_table;

#endif
