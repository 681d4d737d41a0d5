/*
 * messages_series - what repeats, and what became of each of its days.
 *
 * See messages.h; the tables are in messages_series.c.
 */
#ifndef PROTO_MESSAGES_SERIES_H
#define PROTO_MESSAGES_SERIES_H

#include "proto/messages_out.h"
#include "proto/messages_session.h"

/* One of the things that can repeat, at the time of the first day. */
struct msg_series_new {
	struct msg_book *booking;
	struct msg_session_new *session; /* or this */
	const char *rrule;
	struct field_strs except, add; /* dates */
	int on_holiday;		       /* words_on_holiday; absent: left out */
	int together;		       /* words_together; absent: all */
};

/* From one occurrence on: the booking in the path. */
struct msg_series_move {
	int64_t at;   /* the new time of that one; the others go as far */
	int together; /* absent: all */
};

struct msg_series_cancel {
	const char *reason;
	int reason_code; /* as of one */
	int together;	 /* absent: all */
};

struct msg_occurrence {
	int64_t position;
	int64_t day;	     /* that the series names */
	int64_t planned;     /* when it is by the series */
	int outcome;	     /* words_outcome */
	bool apart;	     /* its booking is at another time than planned */
	const char *booking; /* code */
	int status;	     /* words_booking_status, or -1 */
	int64_t from, to;
	int64_t was;   /* of a move: when it began before */
	int64_t tried; /* of a move: when it was to begin, and could not */
	const char *expert;
	const char *why;	    /* it was left out, or as it was */
	struct field_list blockers; /* msg_blocker */
	int64_t blockers_more;
	struct field_list nearest; /* msg_slot */
};

struct msg_series {
	const char *code; /* absent: nothing was made of it */
	int kind;
	const char *lead, *partner;
	const char *rrule; /* by which it was made */
	int64_t start;	   /* wall */
	const char *time_zone;
	int on_holiday;
	struct field_strs except, add;
	int64_t made_at;
	int64_t days, booked; /* how many it has; of these, booked at all */
	int64_t done;	      /* made, moved or cancelled now */
	bool dry_run;
	struct field_list occurrences; /* msg_occurrence; not in lists */
};

struct msg_series_list {
	struct field_list items; /* msg_series */
	const char *next;
};

extern const struct msg msg_series_new_table, msg_series_move_table,
	msg_series_cancel_table, msg_occurrence_table, msg_series_table,
	msg_series_list_table;

#endif
