/*
 * messages_day - what is said of a session on its day.
 *
 * See messages.h; the tables are in messages_day.c.
 */
#ifndef PROTO_MESSAGES_DAY_H
#define PROTO_MESSAGES_DAY_H

#include "proto/field.h"

struct msg_noshow {
	int absent; /* words_absent */
	const char *reason;
};

struct msg_start {
	const char *reason; /* why without something that is missing */
};

struct msg_run_late {
	int64_t minutes; /* after its end as it stands now */
	int64_t days;	 /* of a bed, instead */
	const char *reason;
	int reason_code; /* words_why */
};

/* What becomes of a booking that a late session runs into. */
struct msg_follower {
	const char *booking; /* absent: of others */
	const char *expert;
	int64_t from, to; /* as it was */
	const char *outcome;
	int64_t now_from, now_to; /* of one that was moved */
};

/* Of one consent that it was signed, or that it is withdrawn. */
struct msg_consent_new {
	int consent; /* words_consent */
	int signer;  /* words_signer; absent: the patient */
	const char *name, *relation;
	int64_t signed_at;
	const char *kept;
	const char *reason;
	bool withdrawn;
};

struct msg_consent {
	int consent;
	int signer;
	int64_t signed_at;
	int64_t withdrawn_at;
	/* for those who read papers */
	const char *name, *relation, *kept, *reason;
};

/* Of a surgeon of the partner's who takes over. */
struct msg_fallback {
	const char *surgeon;
};

/* One thing was looked at, at one end; or something is chosen instead. */
struct msg_checking {
	int check; /* words_check, or -1 */
	bool red;
	const char *site; /* absent: the caller's */
	int contingency;  /* words_contingency, or -1 */
	const char *reason;
};

struct msg_check {
	const char *site;
	int check;
	int64_t due_at;
	const char *state; /* green, red, open */
	int64_t said_at;
};

/* Of an expert in the network file. */
struct msg_net_credential {
	const char *name;
	kindset kinds;	  /* absent: all */
	int64_t valid_to; /* date */
};

/* Of an agreement in the network file. */
struct msg_net_session {
	int64_t early_minutes;
	consentset waives;
	int64_t consent_minutes;
	int64_t equipment_minutes, link_minutes, connected_minutes;
	bool moves_when_late;
	int unchecked; /* words_unchecked, or -1 */
	gateset emergency_needs;
};

extern const struct msg msg_noshow_table, msg_start_table, msg_run_late_table,
	msg_follower_table, msg_consent_new_table, msg_consent_table,
	msg_net_session_table, msg_net_credential_table, msg_fallback_table,
	msg_checking_table, msg_check_table;

#endif
