/*
 * import - what the files of an import share; no use case of its own.
 *
 * A file says everything of the things that it describes, and nothing of
 * others. So its sites, agreements, resources and experts are made or
 * changed, never deleted; an expert or resource of the file has the rules,
 * secondments and leave that the file lists and no others; between places of
 * a site of the file there are the transfers that it lists and no others.
 * Rules, secondments, leave and transfers of what the file does not describe
 * are put in their place when it names them, and stay when it does not. So a
 * part that is left out is as an empty one.
 */
#ifndef DAEMON_WORK_IMPORT_H
#define DAEMON_WORK_IMPORT_H

#include "daemon/store/network.h"
#include "daemon/store/network_lean.h"
#include "daemon/work/tools.h"

enum import_part {
	IMPORT_SITES,
	IMPORT_CALENDARS,
	IMPORT_LIMITS,
	IMPORT_AGREEMENTS,
	IMPORT_RESOURCES,
	IMPORT_EXPERTS,
	IMPORT_AVAILABILITY,
	IMPORT_SECONDMENTS,
	IMPORT_LEAVE,
	IMPORT_TRANSFERS,
	IMPORT_ON_CALL,
	IMPORT_PARTS
};

/* Something that the file names, and where; the first member of every element
 * of a part but transfers is such a name. */
struct import_name {
	const char *s;
	size_t index;
};
/* Sorted by name, then by index; an element without a name is left out. */
struct import_names {
	struct import_name *v;
	size_t n;
	bool unread; /* some of them could not be read */
};
enum rc import_names(struct work *w, const struct field_list *list, size_t size,
		     struct import_names *out);
bool import_names_has(const struct import_names *names, const char *s);

/* --- loading --- */

/* What is not as before, and may carry bookings. */
struct import_touched {
	enum network_part part;
	const char *name;
};

struct import {
	struct work *w;
	const struct msg_network *in;
	struct msg_import_count *counts;
	struct msg_import_change *changes;
	size_t nchanges;
	struct import_names sites, experts, resources;
	struct import_touched *touched;
	size_t ntouched;
	bool nomem; /* met where nothing is answered */
};

/* One thing was put, or (import_removed) is gone. */
void import_done(struct import *l, enum import_part part, const char *id,
		 enum network_put put);
void import_removed(struct import *l, enum import_part part, const char *id);
void import_touch(struct import *l, enum network_part part, const char *name);
/* One warning more; NULL: there was no memory for it. */
enum rc import_warn(struct import *l, struct msg_import_report *out,
		    const char *warning);
/* A failure of the store, said with the element that met it. */
enum rc import_failed_at(struct import *l, enum rc rc, enum import_part part,
			 size_t i);

/* Makes all that a subject has of one sort be what the messages say; of l only
 * the work is read. */
typedef enum rc import_put_set(struct import *l, const char *subject,
			       const void *const *v, size_t n,
			       enum network_put *put);
import_put_set import_put_rules; /* msg_net_rule */
/* The terms of a pooled half-day (pooled.h): faults of a rule's; as the column
 * has them, NULL when the arena is full; and back, out NULL for none. */
struct import_check;
void import_check_pool(struct import_check *c, const struct msg_net_rule *r,
		       const char *at);
const char *import_pool_text(struct arena *arena, const struct msg_net_rule *r);
bool import_pool_read(struct arena *arena, const char *text,
		      struct msg_net_pool **out);

import_put_set import_put_secondments; /* msg_net_secondment */
import_put_set import_put_leave;       /* msg_net_leave */

enum rc import_load_availability(struct import *l);
enum rc import_load_secondments(struct import *l);
enum rc import_load_leave(struct import *l);
enum rc import_load_transfers(struct import *l);
enum rc import_load_on_call(struct import *l);
/* A limit set's hours and ladder; *out as the set itself was put. */
/* An agreement's shares, in the arena; NULL with none, or no memory. */
const struct network_share *import_shares(struct work *w,
					  const struct field_list *in);
/* "08:30" as minutes; -1: it is none. 24:00 is the end of the day. */
int import_minute(const char *s);
enum rc import_clocks(struct work *w, const struct msg_net_limits *in,
		      enum network_put *out);
/* After all parts: what the changes took the ground from. */
enum rc import_find_orphans(struct import *l, struct msg_import_report *out);

/* --- checking: import_check.c and import_check_rules.c --- */

struct import_check {
	struct work *w;
	const struct msg_network *in;
	struct import_names sites, agreements, resources, experts, calendars,
		limits;
	size_t nform;	/* the faults of form, which come first */
	enum rc broken; /* not the file's fault: the store's, or memory's */
};

/* A fault at the pointer that the format makes; nothing where form is wrong
 * already. */
__attribute__((format(printf, 3, 4))) void import_fault(struct import_check *c,
							const char *detail,
							const char *pointer,
							...);
/* Words about something of the file, by name: an index into thousands helps
 * nobody to find it. */
const char *import_said(struct import_check *c, const char *before,
			const char *name, const char *after);
/* Is form wrong there, above or below? */
bool import_unread(struct import_check *c, const char *pointer);
/* In the file or in the store? */
bool import_knows(struct import_check *c, const struct import_names *names,
		  enum network_sort sort, const char *s);
bool import_knows_site(struct import_check *c, const char *s);
bool import_knows_subject(struct import_check *c, const char *s);
bool import_knows_zone(struct import_check *c, const char *zone);

void import_check_availability(struct import_check *c);
void import_check_secondments(struct import_check *c);
void import_check_leave(struct import_check *c);
void import_check_transfers(struct import_check *c);
void import_check_on_call(struct import_check *c);
void import_check_limits(struct import_check *c);
void import_check_shares(struct import_check *c);

#endif
