/*
 * messages_clinic - places of clinic sessions: taken back, and counted.
 *
 * See messages.h; the tables are in messages_clinic.c.
 */
#ifndef PROTO_MESSAGES_CLINIC_H
#define PROTO_MESSAGES_CLINIC_H

#include "proto/messages_in.h"

struct msg_take_back {
	const char *agreement;
	const char *expert;
	int64_t at; /* in the session */
	const char *reason;
};

struct msg_taken_back {
	const char *agreement;
	const char *expert;
	int64_t from, to; /* of the session */
	int64_t places;	  /* that were kept of it, booked ones included */
	int64_t until;	  /* when they would have been anybody's */
};

/* Of one agreement in one month of its lead. */
struct msg_clinic_figure {
	int64_t month; /* its first day */
	const char *agreement, *lead, *partner;
	int64_t booked; /* all of them, and of these ... */
	int64_t open;	/* ... without a word yet */
	int64_t came;
	int64_t absent;	   /* the patient, or the whole site, was not there */
	int64_t failed;	   /* the expert or the link was not there */
	int64_t cancelled; /* in time */
	int64_t cancelled_late;
};

struct msg_clinic_report {
	int64_t from, to;
	struct field_list items; /* msg_clinic_figure */
};

extern const struct msg msg_take_back_table, msg_taken_back_table,
	msg_clinic_figure_table, msg_clinic_report_table;

#endif
