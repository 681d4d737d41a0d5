/*
 * messages_ops - what whoever runs the service is told about it.
 *
 * See messages.h; the tables are in messages_ops.c.
 */
#ifndef PROTO_MESSAGES_OPS_H
#define PROTO_MESSAGES_OPS_H

#include "proto/field.h"

struct msg_warning {
	const char *warning; /* what is, or will be, wrong */
	const char *advice;  /* what to do about it */
};

struct msg_thread {
	const char *name;
	int64_t silent_ms; /* since it last showed that it moves */
};

struct msg_store_status {
	int64_t schema;
	const char *epoch;
	int64_t head; /* the event log's last record */
	int64_t bytes, log_bytes, log_pages;
	int64_t checkpoint_at;
	int64_t backup_at;
	int64_t queue, queue_limit, reports;
	int64_t jobs, refused, commits, checkpoints;
	const char *field_key;	       /* the id of the one that seals */
	int64_t resealed, resealed_of; /* FIELD_NONE: nothing is to be */
	int64_t unopened;	       /* FIELD_NONE: none */
	struct field_strs unopened_first;
};

struct msg_front_status {
	int64_t connections, connections_limit, streams;
	int64_t accepted, refused, handshakes_failed, requests, timeouts;
};

struct msg_own_certificate {
	const char *of; /* server, ca */
	int64_t not_after;
	int64_t days; /* left; negative: it is over */
};

struct msg_ending_user {
	const char *id; /* user-12 */
	const char *name;
	int role;
	const char *site;
	int64_t not_after, days;
};

struct msg_ending_agreement {
	const char *agreement, *lead, *partner;
	int64_t last_day; /* FIELD_DATE */
	int64_t days;
};

struct msg_log_report {
	bool ok;
	int64_t events;
	int64_t first_bad; /* seq; absent when ok */
	const char *epoch;
	const char *head; /* hex of the last hash: anchor it elsewhere */
	const char *detail;
	int64_t opinions, opinions_bad;
	const char *bad_opinion; /* the request of the first; NULL: none */
};

struct msg_status {
	struct field_list warnings; /* msg_warning */
	const char *version;
	bool ready;
	int64_t now, started_at, uptime_seconds;
	struct field_list threads; /* msg_thread */
	struct msg_store_status *store;
	struct msg_front_status *front;
	struct field_list certificates; /* msg_own_certificate */
	struct field_list users;	/* msg_ending_user */
	int64_t users_all;
	struct field_list agreements; /* msg_ending_agreement */
	int64_t agreements_all;
	int64_t on_call_gaps;
	const char *on_call_gap; /* where the first of them is */
};

extern const struct msg msg_warning_table, msg_thread_table,
	msg_store_status_table, msg_front_status_table,
	msg_own_certificate_table, msg_ending_user_table,
	msg_ending_agreement_table, msg_log_report_table, msg_status_table;

#endif
