/*
 * messages - what goes over the wire, as C structs (tables in messages_*.c).
 *
 * Times are UTC seconds, durations minutes, codes and ids strings; see
 * field.h for absent values. The structs are also the use cases' input and
 * output: a skin decodes, calls, encodes, and has no struct of its own.
 */
#ifndef PROTO_MESSAGES_H
#define PROTO_MESSAGES_H

#include "proto/field.h"

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
	const char *site;      /* the partner that asks */
	const char *agreement; /* absent: the one that fits, if it is one */
	int urgency;	       /* absent: routine */
	const char *reason;
	const char *purpose;
	const char *specialty;
	const char *expert;
	const char *title;
	const char *modality;
	int64_t duration_minutes; /* absent: the kind's default */
	struct field_list wanted; /* msg_interval */
	struct msg_patient *patient;
};

struct msg_accept {
	const char *expert;	  /* assigns */
	int64_t duration_minutes; /* corrects */
};

struct msg_reason {
	const char *reason; /* required to decline and to cancel */
};

struct msg_book {
	const char *request; /* code of an accepted request */
	int64_t at;
	const char *expert;
	int64_t duration_minutes;
	struct field_strs with; /* resources that must take part */
	int64_t hold_minutes;	/* holds only; default 5 */
};

struct msg_move {
	int64_t at;
	const char *expert; /* absent: the same */
	int64_t duration_minutes;
	struct field_strs with;
};

struct msg_empty {
	char unused;
};

struct msg_identity_new {
	const char *csr; /* PKCS #10, PEM */
	const char *name;
	int role;
	const char *site;   /* all roles but the administrator's */
	const char *expert; /* role expert */
};

/* --- queries --- */

struct msg_slots_query {
	int kind;
	const char *request; /* code: its kind, site, patient, duration */
	const char *site;    /* the partner; absent: the caller's */
	const char *agreement;
	const char *expert;
	const char *specialty;
	int64_t from, to; /* absent: from now, for 14 days */
	int64_t duration_minutes;
	struct field_strs with;
	int64_t n; /* default 10 */
	bool why_not;
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

/* --- what is answered --- */

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
	const char *actor;
	const char *actor_site;
	const char *verb;
	const char *from_state;
	const char *to_state;
	const char *reason;
};

struct msg_request {
	const char *code;
	int kind;
	int status; /* words_request_status */
	int urgency;
	const char *agreement;
	const char *lead;
	const char *partner;
	const char *specialty;
	const char *expert;
	const char *title;
	const char *modality;
	int64_t duration_minutes;
	struct field_list wanted; /* msg_interval */
	int64_t submitted_at;
	int64_t version;
	const char *booking;	     /* its live booking or hold */
	const char *reason;	     /* show only, as the patient */
	const char *purpose;	     /* show only */
	struct msg_patient *patient; /* show only */
	struct field_list history;   /* msg_event; show only */
};

struct msg_claim {
	const char *subject; /* expert slug or resource; absent for a patient */
	int role;
	int64_t from, to;
};

struct msg_booking {
	const char *code;
	const char *request;
	int kind;
	int status; /* words_booking_status */
	const char *agreement;
	const char *lead;
	const char *partner;
	const char *expert;
	int64_t from, to;
	const char *time_zone; /* of the lead's place */
	int64_t hold_until;    /* pending only */
	int64_t sequence;      /* rises with every move (RFC 5545 SEQUENCE) */
	int64_t version;
	struct field_list claims;  /* msg_claim */
	const char *reason;	   /* of a cancellation */
	struct field_list history; /* msg_event; show only */
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
	const char *expert;
	const char *expert_name;
	const char *time_zone;	/* of the lead's place */
	struct field_strs with; /* the resources that would be claimed */
};

struct msg_slots {
	struct field_list slots;    /* msg_slot, earliest first */
	struct field_list blockers; /* msg_blocker; when why_not and none */
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
};

struct msg_schedule {
	const char *subject;
	const char *name;
	const char *time_zone;
	int64_t from, to;
	int64_t version;
	struct field_list entries; /* msg_entry, by time */
	struct field_list open;	   /* msg_open, by time */
};

struct msg_import_count {
	const char *part; /* "sites", "experts", ... */
	int64_t created, changed, unchanged, removed;
};

struct msg_import_report {
	struct field_list parts; /* msg_import_count */
	struct field_strs warnings;
};

struct msg_log_report {
	bool ok;
	int64_t events;
	int64_t first_bad; /* seq; absent when ok */
	const char *epoch;
	const char *head; /* hex of the last hash: anchor it elsewhere */
	const char *detail;
};

struct msg_identity {
	const char *name;
	int role;
	const char *site;
	const char *expert;
	const char *certificate; /* PEM */
	const char *ca;		 /* PEM */
	int64_t not_after;
};

struct msg_fault {
	const char *pointer;
	const char *detail;
};

/* RFC 9457, with our members. */
struct msg_problem {
	const char *type;
	const char *title;
	int64_t status;
	const char *detail;
	const char *code;
	const char *request_id;
	struct field_list errors;   /* msg_fault */
	struct field_list blockers; /* msg_blocker */
	struct field_list nearest;  /* msg_slot */
};

struct msg_health {
	const char *status; /* "ok" or "unready" */
	const char *detail;
};

/* --- the network file --- */

struct msg_net_site {
	const char *id, *name, *short_name, *tier, *time_zone, *calendar;
};

struct msg_net_limit {
	int64_t answer_minutes, start_minutes, opinion_minutes;
};

struct msg_net_limits {
	const char *name;
	struct msg_net_limit *emergency, *urgent, *routine;
};

struct msg_net_agreement {
	const char *id, *alliance, *lead, *partner;
	struct field_strs specialties;
	int64_t valid_from, valid_to; /* dates, inclusive */
	kindset kinds;
	int64_t quota_per_month[KIND_COUNT]; /* FIELD_NONE: no limit */
	const char *limits;
	int64_t min_independent_years; /* absent: 3, the rule of 2018 */
};

struct msg_net_resource {
	const char *id, *name;
	int type; /* words_subject, a resource's */
	int64_t capacity;
};

struct msg_net_expert {
	const char *id, *name, *home, *title;
	struct field_strs specialties, modalities, languages;
	int64_t independent_since; /* date */
	kindset kinds;
	int64_t buffer_minutes, cap_per_day;
};

struct msg_net_rule {
	const char *of; /* absent within a secondment */
	const char *rrule;
	int64_t start, end; /* wall */
	const char *time_zone;
	const char *at;
	kindset kinds;
	int64_t slot_minutes;
	bool on_holidays;
};

struct msg_net_secondment {
	const char *expert, *site;
	int64_t from, to;	     /* dates, inclusive */
	const char *remote_requests; /* "refuse" or "allow" */
	const char *note;
	struct field_list availability; /* msg_net_rule */
};

struct msg_net_shift {
	int64_t date;
	const char *works_as; /* MO..SU */
};

struct msg_net_calendar {
	const char *name;
	struct field_strs days_off;	    /* dates, as text; checked */
	struct field_list shifted_workdays; /* msg_net_shift */
};

struct msg_network {
	int64_t version;
	const char *note;
	struct field_list sites, agreements, resources, experts, availability;
	struct field_list secondments;
	struct field_list calendars;  /* map of msg_net_calendar */
	struct field_list limit_sets; /* map of msg_net_limits */
};

extern const struct msg msg_interval_table, msg_patient_table,
	msg_request_new_table, msg_accept_table, msg_decline_table,
	msg_withdraw_table, msg_cancel_table, msg_book_table, msg_hold_table,
	msg_move_table, msg_empty_table, msg_identity_new_table,
	msg_slots_query_table, msg_list_query_table, msg_schedule_query_table,
	msg_whoami_table, msg_event_table, msg_request_table, msg_claim_table,
	msg_booking_table, msg_request_list_table, msg_booking_list_table,
	msg_blocker_table, msg_slot_table, msg_slots_table, msg_entry_table,
	msg_open_table, msg_schedule_table, msg_import_count_table,
	msg_import_report_table, msg_log_report_table, msg_identity_table,
	msg_fault_table, msg_problem_table, msg_health_table,
	msg_net_site_table, msg_net_limit_table, msg_net_limits_table,
	msg_net_agreement_table, msg_net_resource_table, msg_net_expert_table,
	msg_net_rule_table, msg_net_secondment_table, msg_net_shift_table,
	msg_net_calendar_table, msg_network_table;

#endif
