/*
 * messages_referral - how it goes on with a patient who was referred.
 *
 * See messages.h; the tables are in messages_referral.c.
 */
#ifndef PROTO_MESSAGES_REFERRAL_H
#define PROTO_MESSAGES_REFERRAL_H

#include "proto/messages_in.h"

struct msg_course_new {
	int what;   /* words_course */
	int64_t at; /* absent: now */
	const char *text;
};

struct msg_course_entry {
	int what;
	int64_t at, said_at;
	const char *site, *by;
	const char *text;
};

struct msg_course {
	const char *request;
	int status;
	const char *booking;
	int64_t arrived_at, started_at, finished_at;
	struct field_list entries; /* msg_course_entry */
};

extern const struct msg msg_course_new_table, msg_course_entry_table,
	msg_course_table;

#endif
