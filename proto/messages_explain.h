/*
 * messages_explain - of a search that found nothing: what took which times, and
 * what would give one.
 *
 * See messages.h; the tables are in messages_explain.c.
 */
#ifndef PROTO_MESSAGES_EXPLAIN_H
#define PROTO_MESSAGES_EXPLAIN_H

#include "proto/field.h"

struct msg_slot;

/* Why this expert, where none was named. */
struct msg_fair {
	int64_t minutes;     /* in sessions from so many weeks ago on */
	int64_t night_calls; /* FIELD_NONE: to the lead alone */
	int64_t weeks;
	int64_t rank, of; /* among those who suit */
	const char *detail;
};

struct msg_removal {
	const char *subject; /* who or what; absent: a rule of the agreement */
	int role;	     /* words_claim_role, or -1 */
	int reason;	     /* words_block */
	const char *rule;    /* in its own words */
	int64_t alone, with_others, of;
	int64_t from, to; /* FIELD_NONE when it has no interval */
	int64_t minutes;
	const char *detail; /* a sentence */
};

struct msg_relaxed {
	int what; /* words_relax */
	const char *value;
	int64_t minutes; /* FIELD_NONE unless it is shorter */
	int granted_by;	 /* words_role */
	const char *detail;
};

struct msg_relaxation {
	struct field_list changes; /* msg_relaxed */
	struct msg_slot *slot;
};

struct msg_explanation {
	const char *agreement;
	int64_t from, to;
	int64_t every; /* one start out of so many was asked about */
	int64_t chances, by_one, by_several;
	struct field_list removals; /* msg_removal */
	int64_t removals_more;	    /* FIELD_NONE: none */
	struct field_list relaxations;
	bool cut; /* not every change was tried */
};

extern const struct msg msg_fair_table, msg_removal_table, msg_relaxed_table,
	msg_relaxation_table, msg_explanation_table;

#endif
