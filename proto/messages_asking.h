/*
 * messages_asking - what is asked for once a request has come in, and what two
 * hospitals agreed on.
 *
 * See messages.h; the tables are in messages_asking.c.
 */
#ifndef PROTO_MESSAGES_ASKING_H
#define PROTO_MESSAGES_ASKING_H

#include "proto/messages_net.h"
#include "proto/messages_papers.h"

struct msg_ask {
	const char *missing; /* what is missing, in words */
};

struct msg_supplement {
	const char *note; /* what was added, in words */
	/* Each is in place of what there was. */
	const char *reason, *purpose, *summary;
	const char *specialty, *title, *modality;
	struct field_list wanted; /* msg_interval */
	struct msg_physician *accompanied_by;
	struct field_list attachments; /* msg_attachment: added */
	bool replace_attachments;      /* ... instead of those there are */
};

/* What a request said until it was supplemented. */
struct msg_earlier {
	int64_t until;
	const char *by; /* who supplemented it */
	const char *reason, *purpose, *summary;
	struct field_list wanted; /* msg_interval */
	struct msg_physician *accompanied_by;
	struct field_list attachments; /* msg_attachment */
};

struct msg_agreement_query {
	const char *site;
	int64_t limit; /* default 50 */
	const char *cursor;
};

struct msg_agreed_kind {
	int kind;
	int64_t quota; /* a month; FIELD_NONE: no limit */
	int64_t used;  /* in the lead's month that it is */
	int64_t left;  /* FIELD_NONE: no limit */
};

/* One that lies beyond the last day of its agreement. */
struct msg_beyond {
	const char *booking; /* code */
	int kind;
	const char *expert;
	int64_t from;
};

struct msg_agreement {
	const char *id, *alliance, *lead, *partner;
	int64_t valid_from, valid_to; /* dates, inclusive, of the lead */
	bool live;		      /* today, where the lead is */
	int64_t days_left;	      /* after today; 0 on the last day and
				       * once it is over */
	struct field_strs specialties;
	struct field_list kinds; /* msg_agreed_kind */
	int64_t lead_notice_minutes, partner_notice_minutes;
	int late_change;
	needset requires, requires_emergency;
	int64_t supplement_minutes, expiry_days;
	int64_t receipt_minutes, receipt_notices, signing_slack_minutes;
	int64_t overbook_most;
	int64_t fairness_weeks, night_call_minutes;
	struct field_list shares; /* msg_net_share */
	struct field_list beyond; /* msg_beyond; the first of them */
	int64_t beyond_all;	  /* how many there are */
};

struct msg_agreement_list {
	struct field_list items; /* msg_agreement */
	const char *next;
};

extern const struct msg msg_ask_table, msg_supplement_table, msg_earlier_table,
	msg_agreement_query_table, msg_agreed_kind_table, msg_beyond_table,
	msg_agreement_table, msg_agreement_list_table;

#endif
