/*
 * messages_clock - what is late or about to be, and how promises were kept.
 *
 * Nothing in these is about a patient. See messages.h; the tables are in
 * messages_clock.c.
 */
#ifndef PROTO_MESSAGES_CLOCK_H
#define PROTO_MESSAGES_CLOCK_H

#include "proto/field.h"

struct msg_late {
	const char *code;
	const char *what; /* "answer", "start", "opinion", "consent", "check" */
	/* of a check: what is looked at, of which booking, at which end */
	int check;
	const char *booking, *site;
	int state; /* words_clock: running or late */
	int64_t due, since;
	int64_t limit_minutes;
	int kind, status, urgency;
	const char *lead, *partner, *expert;
	struct field_strs owes;
};

struct msg_worklist {
	struct field_list items; /* msg_late */
	const char *next;
};

struct msg_report_query {
	int64_t from, to;
	int kind;
	const char *site, *expert;
	byset by;
	const char *format;
};

/* Of one pair of sites, or of one expert. */
struct msg_answers {
	const char *lead, *partner; /* absent: an expert's */
	const char *expert;
	int64_t answers, answers_in_time, answers_late;
	int64_t answer_median_minutes, answer_p90_minutes;
	int64_t starts, starts_in_time, starts_late;
	int64_t start_median_minutes, start_p90_minutes;
	int64_t opinions, opinions_in_time, opinions_late;
	int64_t opinion_median_minutes, opinion_p90_minutes;
};

struct msg_report_answers {
	int64_t from, to;
	struct field_list items; /* msg_answers */
};

extern const struct msg msg_late_table, msg_worklist_table,
	msg_report_query_table, msg_report_span_table, msg_answers_table,
	msg_report_answers_table;

#endif
