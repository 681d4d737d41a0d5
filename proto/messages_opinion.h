/*
 * messages_opinion - what experts sign, and what partners receive.
 *
 * See messages.h; the tables are in messages_opinion.c.
 */
#ifndef PROTO_MESSAGES_OPINION_H
#define PROTO_MESSAGES_OPINION_H

#include "proto/field.h"

#define OPINION_TEXT_MAX 8000 /* characters */

struct msg_opinion_new {
	int64_t version;
	int64_t corrects; /* FIELD_NONE: it is the first */
	int64_t signed_at;
	const char *text;
	const char *reference;
	const char *key;       /* hex of the DER SubjectPublicKeyInfo */
	const char *signature; /* hex of the DER signature */
};

/* Nothing of the words themselves: it is kept to the key. */
struct msg_opinion_filed {
	const char *code; /* of the request */
	const char *expert;
	int64_t opinion_version;
	const char *hash;
	int status; /* words_request_status */
};

struct msg_opinion {
	const char *expert;
	const char *by; /* the name of who signed */
	int64_t version;
	int64_t corrects;
	int64_t signed_at, filed_at, received_at;
	const char *text, *reference; /* absent for those who read no papers */
	const char *hash;
	const char *previous; /* the hash of the one it corrects */
	const char *key;
	const char *signature;
	bool verified;
};

/* What the caller would sign next. */
struct msg_to_sign {
	const char *request; /* without its hyphen, as it is signed */
	const char *expert;
	int64_t version;
	const char *previous;
	int64_t now;
};

struct msg_opinion_list {
	struct field_list items;
	struct msg_to_sign *to_sign; /* NULL: the caller signs none */
};

struct msg_load {
	const char *expert;
	int64_t sessions, session_minutes;
	int64_t to_read, to_read_minutes;
	int64_t read, read_minutes;
	int64_t minutes; /* of all */
};

struct msg_report_load {
	int64_t from, to;
	struct field_list items; /* msg_load */
};

extern const struct msg msg_opinion_new_table, msg_opinion_filed_table,
	msg_opinion_table, msg_to_sign_table, msg_opinion_list_table,
	msg_load_table, msg_report_load_table;

#endif
