/*
 * messages_pool - pooled half-days: what is open, who is in it, in what order.
 *
 * See messages.h; the tables are in messages_pool.c.
 */
#ifndef PROTO_MESSAGES_POOL_H
#define PROTO_MESSAGES_POOL_H

#include "proto/field.h"

struct msg_pool_query {
	int64_t from, to;
};

struct msg_pool_new {
	const char *expert;
	int64_t at;
};

struct msg_pool_order {
	struct field_strs cases; /* codes */
};

struct msg_pool_case {
	const char *booking, *request;
	int kind, urgency, status;
	const char *partner;
	int64_t submitted_at;
	int64_t from, to;
};

struct msg_pool {
	const char *code; /* absent: it is not open */
	const char *expert, *specialty;
	int64_t from, to;
	const char *time_zone;
	int64_t threshold, waiting;
	int64_t opened_at;
	struct field_list cases; /* msg_pool_case */
};

struct msg_pool_list {
	struct field_list items; /* msg_pool */
};

extern const struct msg msg_pool_query_table, msg_pool_new_table,
	msg_pool_order_table, msg_pool_case_table, msg_pool_table,
	msg_pool_list_table;

#endif
