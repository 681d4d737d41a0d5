/*
 * messages_in - what is asked of the service: bodies and queries.
 *
 * See messages.h; the tables are in messages_in.c.
 */
#ifndef PROTO_MESSAGES_IN_H
#define PROTO_MESSAGES_IN_H

#include "proto/messages_papers.h"

struct msg_interval {
	int64_t from, to; /* half-open */
};

/* --- a patient: sealed at rest, seen by the parties alone --- */

struct msg_patient {
	const char *local_id; /* the partner's own number */
	const char *name;
	const char *summary;
};

/* --- what is asked --- */

struct msg_request_new {
	int kind;
	int mode;	       /* words_mode, or -1 */
	const char *site;      /* the partner that asks */
	const char *agreement; /* absent: the one that fits, if it is one */
	int urgency;	       /* absent: routine */
	const char *reason;
	const char *purpose;
	const char *specialty;
	const char *expert;
	const char *title;
	const char *modality;
	struct field_strs languages; /* the expert speaks all of them */
	struct field_strs also;	     /* a line for each further expert */
	const char *surgeon;	     /* the partner's, who operates */
	int64_t duration_minutes;    /* absent: the kind's default */
	/* How long the operating room, the surgeon and the patient are taken
	 * besides; absent: not at all. */
	int64_t before_minutes, after_minutes;
	const char *to, *of;	  /* of a referral */
	struct field_list wanted; /* msg_interval */
	int64_t door_at;	  /* of an emergency: the patient came */
	struct msg_patient *patient;
	struct msg_physician *accompanied_by;
	struct field_list attachments; /* msg_attachment */
};

struct msg_accept {
	const char *expert;	  /* assigns */
	int64_t duration_minutes; /* corrects */
};

struct msg_assign {
	const char *expert;
	const char *reason;
};

struct msg_reason {
	const char *reason;
	int reason_code; /* words_why */
};

struct msg_book {
	const char *request; /* code of an accepted request; or the kind */
	int kind;	     /* one that is booked directly */
	int64_t at;
	const char *expert;
	int64_t duration_minutes;
	int64_t before_minutes, after_minutes;
	struct field_strs with; /* resources that must take part */
	struct field_strs also; /* further experts */
	/* with a kind alone */
	const char *site; /* the partner; absent: the caller's */
	const char *agreement;
	const char *specialty;
	const char *title, *modality;
	struct field_strs languages;
	struct msg_patient *patient;
	bool beyond_end;      /* of the agreement, by the lead's word */
	const char *overbook; /* why it lies behind the session's places */
	int64_t bed_days;     /* a bed, and no expert */
	int64_t hold_minutes; /* holds only; default 5 */
};

struct msg_move {
	int64_t at;
	const char *expert; /* absent: the same */
	int64_t duration_minutes;
	int64_t before_minutes, after_minutes; /* absent: the same */
	struct field_strs with;
	struct field_strs also; /* absent: the same */
	bool beyond_end;	/* as when it is booked */
	int64_t bed_days;
};

struct msg_empty {
	char unused;
};

/* --- queries --- */

struct msg_slots_query {
	int kind;
	const char *request; /* code: its kind, site, patient, duration */
	const char *site;    /* the partner; absent: the caller's */
	const char *agreement;
	const char *expert;
	const char *specialty;
	const char *title, *modality;
	struct field_strs languages;
	const char *surgeon;
	int64_t from, to; /* absent: from now, for 14 days */
	int64_t duration_minutes;
	int64_t before_minutes, after_minutes;
	struct field_strs with;
	struct field_strs also;
	int64_t n;     /* default 10 */
	bool overbook; /* places behind the last of their session, too */
	int64_t bed_days;
	bool why_not;
	bool explain;
};

struct msg_list_query {
	const char *status;
	const char *site; /* either side */
	const char *expert;
	int kind;
	int64_t from, to; /* requests: submitted; bookings: start */
	int64_t limit;	  /* default 50 */
	const char *cursor;
};

struct msg_schedule_query {
	int64_t from, to; /* absent: this week where the subject is */
};

extern const struct msg msg_interval_table, msg_patient_table,
	msg_request_new_table, msg_accept_table, msg_assign_table,
	msg_decline_table, msg_withdraw_table, msg_cancel_table, msg_book_table,
	msg_hold_table, msg_move_table, msg_empty_table, msg_slots_query_table,
	msg_list_query_table, msg_schedule_query_table;

#endif
