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

extern const struct msg msg_noshow_table;

#endif
