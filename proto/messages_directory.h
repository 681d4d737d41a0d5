/*
 * messages_directory - who and what there is: sites, experts, resources.
 *
 * What somebody needs to name them, and nothing about their work. See
 * messages.h; the tables are in messages_directory.c.
 */
#ifndef PROTO_MESSAGES_DIRECTORY_H
#define PROTO_MESSAGES_DIRECTORY_H

#include "proto/field.h"

struct msg_directory_query {
	const char *site;   /* of this site */
	const char *prefix; /* whose id begins so */
	int64_t limit;	    /* default 50 */
	const char *cursor;
};

struct msg_listed {
	const char *id; /* a slug; of a resource "site/name" */
	const char *name;
	const char *site;      /* absent for a site itself */
	int type;	       /* words_subject; -1 for a site */
	const char *time_zone; /* of a site */
};

struct msg_directory {
	struct field_list items; /* msg_listed */
	const char *next;
};

extern const struct msg msg_directory_query_table, msg_listed_table,
	msg_directory_table;

#endif
