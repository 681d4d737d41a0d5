/*
 * messages_out - what the service answers.
 *
 * See messages.h; the tables are in messages_out.c.
 */
#ifndef PROTO_MESSAGES_OUT_H
#define PROTO_MESSAGES_OUT_H

#include "proto/messages_asking.h"
#include "proto/messages_emergency.h"
#include "proto/messages_in.h"

struct msg_whoami {
	const char *name;
	int role;
	const char *site;
	const char *site_name;
	const char *expert;
	const char *time_zone;
	int64_t certificate_not_after;
	int64_t now;
};

struct msg_event {
	int64_t seq;
	int64_t at;
	const char *thing; /* request, booking */
	const char *code;  /* which one */
	const char *actor;
	const char *actor_site;
	const char *verb;
	const char *from_state;
	const char *to_state;
	const char *reason;
};

#define READS_MAX 200 /* of one thing, the newest */

struct msg_request {
	const char *code;
	int kind;
	int mode;   /* words_mode, or -1: live */
	int status; /* words_request_status */
	int urgency;
	const char *agreement;
	const char *lead, *partner;
	const char *specialty, *expert, *title, *modality;
	struct field_strs languages;
	struct field_strs also; /* what is wanted of further experts */
	const char *surgeon;
	int64_t duration_minutes;
	int64_t before_minutes, after_minutes;
	struct field_list wanted; /* msg_interval */
	int64_t submitted_at;
	/* What is promised; a state is one of words_clock. */
	int64_t answer_due, start_due, opinion_due;
	int answer_state, start_state, opinion_state;
	int64_t version;
	const char *booking;	      /* its live booking or hold */
	const char *to, *of;	      /* of a referral */
	struct field_strs referrals;  /* codes; show only */
	int reason_code;	      /* words_why: declined, withdrawn */
	const char *reason, *purpose; /* show only, as the patient */
	struct msg_patient *patient;  /* show only */
	struct field_list opinions, consents; /* show only */
	/* Show only, too: */
	struct msg_physician *accompanied_by;
	struct field_list attachments; /* msg_attachment */
	int64_t asked_at;	       /* supplements were asked for */
	int64_t supplement_until;      /* the partner has until then */
	const char *missing;	       /* what was asked for, in words */
	struct msg_earlier *earlier;
	int64_t door_at, papers_until, papers_at; /* of an emergency */
	struct field_list calls;		  /* msg_call; of one */
	struct msg_intervals *intervals;
	struct field_list history; /* msg_event; show only */
	struct field_list reads;   /* msg_event; to auditors */
	int64_t reads_more;
};

struct msg_claim {
	const char *subject; /* expert slug or resource; absent for a patient */
	int role;
	int64_t from, to;
};

struct msg_booking {
	const char *code, *request;
	const char *series;  /* that it is of; show only */
	const char *session; /* that it is a case of; show only */
	int kind;
	int status; /* words_booking_status */
	const char *agreement;
	const char *lead, *partner, *expert;
	struct msg_fair *fair;	   /* answered once: why this one */
	struct field_strs experts; /* all, where there are several */
	int64_t from, to;	   /* the expert's part */
	const char *time_zone;	   /* of the lead's place */
	int64_t before_minutes, after_minutes; /* of an operation */
	int64_t hold_until;		       /* pending only */
	/* As it was said on its day. */
	int64_t arrived_at, started_at, finished_at;
	int absent; /* words_absent; -1: nobody was */
	const char *fallback_surgeon;
	int contingency;	  /* words_contingency, or -1 */
	struct field_list checks; /* msg_check; show only */
	gateset passed;		  /* without what it began */
	int64_t consent_due;	  /* of the consent without which it began */
	int64_t sequence; /* rises with every move (RFC 5545 SEQUENCE) */
	int64_t version;
	struct field_list claims;    /* msg_claim */
	struct field_list following; /* msg_follower; of one that runs late */
	const char *reason;	     /* of a cancellation */
	struct msg_patient *patient; /* show only; booked without a request */
	struct field_list consents;  /* msg_consent; the same */
	struct field_list history;   /* msg_event; show only */
	struct field_list reads;     /* msg_event; to auditors */
	int64_t reads_more;
};

struct msg_request_list {
	struct field_list items; /* msg_request */
	const char *next;	 /* cursor; absent at the end */
};

struct msg_booking_list {
	struct field_list items; /* msg_booking */
	const char *next;
};

struct msg_blocker {
	const char *subject; /* who or what; absent: a rule of the agreement */
	int role;	     /* words_claim_role, or -1 */
	int reason;	     /* words_block */
	int64_t from, to;    /* FIELD_NONE when it has no interval */
	const char *rule;    /* the rule that says so, in its own words */
	const char *detail;  /* a sentence */
};

struct msg_slot {
	int64_t from, to;
	const char *expert, *expert_name;
	struct msg_fair *fair;	   /* why this one, where none was named */
	struct field_strs experts; /* all, where there are several */
	const char *agreement;	   /* under which it would be booked */
	const char *time_zone;	   /* of the lead's place */
	/* The whole operation; absent where it is no longer than the slot. */
	int64_t operation_from, operation_to;
	struct field_strs with; /* the resources that would be claimed */
};

struct msg_slots {
	struct field_list slots;     /* msg_slot, earliest first */
	struct field_list blockers;  /* msg_blocker; when why_not and none */
	int64_t blockers_more;	     /* beyond those listed; FIELD_NONE: none */
	struct field_list explained; /* msg_explanation; when explain */
};

struct msg_entry {
	int64_t from, to;
	int status; /* words_booking_status, or -1: only "busy" may be seen */
	int role;   /* words_claim_role */
	const char *booking;
	const char *request;
	int kind;
	const char *partner; /* the other side, when it may be seen */
	const char *lead;
	const char *expert;
	const char *place; /* the lead's resource, when it is another's plan */
};

struct msg_open {
	int64_t from, to;
	const char *place;
	kindset kinds;
	int64_t slot_minutes; /* a session of places; absent: none */
};

struct msg_schedule {
	const char *subject;
	const char *name;
	const char *time_zone;
	int64_t from, to;
	struct field_list entries; /* msg_entry, by time */
	struct field_list open;	   /* msg_open, by time */
	struct field_list away;	   /* msg_away, as far as one may know */
};

struct msg_import_count {
	const char *part; /* "sites", "experts", ... */
	int64_t created, changed, unchanged, removed;
};

struct msg_import_change {
	const char *part;
	const char *id;
	const char *change; /* "created", "changed", "removed" */
};

struct msg_import_report {
	bool dry_run;		 /* nothing was stored */
	struct field_list parts; /* msg_import_count */
	/* The first of each; how many there are at all stands in parts and
	 * orphaned. */
	struct field_list changes; /* msg_import_change */
	struct field_list orphans; /* msg_orphan */
	int64_t orphaned;
	struct field_strs warnings;
};

struct msg_fault {
	const char *pointer;
	const char *detail;
};

/* RFC 9457, with our members. */
struct msg_problem {
	const char *type, *title;
	int64_t status;
	const char *detail;
	const char *code;
	const char *request_id;
	struct field_list errors;   /* msg_fault */
	struct field_list blockers; /* msg_blocker */
	int64_t blockers_more;	    /* beyond those listed; FIELD_NONE: none */
	struct field_list nearest, occurrences; /* msg_slot, msg_occurrence */
};

struct msg_health {
	const char *status; /* "ok" or "unready" */
	const char *detail;
};

extern const struct msg msg_whoami_table, msg_event_table, msg_request_table,
	msg_claim_table, msg_booking_table, msg_request_list_table,
	msg_booking_list_table, msg_blocker_table, msg_slot_table,
	msg_slots_table, msg_entry_table, msg_open_table, msg_schedule_table,
	msg_import_count_table, msg_import_change_table,
	msg_import_report_table, msg_fault_table, msg_problem_table,
	msg_health_table;

#endif
