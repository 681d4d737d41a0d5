/*
 * people - what the use cases about invitations, certificates, tokens and
 * users share. Internal to them.
 */
#ifndef DAEMON_WORK_PEOPLE_H
#define DAEMON_WORK_PEOPLE_H

#include "daemon/store/invitation.h"
#include "daemon/work/tools.h"

/* Who somebody is to be: fills role, site and expert. Every role but the
 * administrator's belongs to a site; an expert is one of its own. */
enum rc people_whom(struct work *w, int role, const char *site,
		    const char *expert, struct identity_new *out);

/* "user-12" -> 12; RC_NOT_FOUND for what was never given. */
enum rc people_read_id(struct work *w, const char *slug, const char *prefix,
		       const char *what, int64_t *out);
/* 12 -> "user-12"; NULL when the arena is full. */
const char *people_show_id(struct work *w, const char *prefix, int64_t id);

/* One event of an identity or an invitation, by the principal of w. */
enum rc people_event(struct work *w, const char *thing, int64_t id,
		     enum verb verb, const char *reason);

/* The page that a query asks for, with one row more. */
enum rc people_page(struct work *w, const struct msg_people_query *in,
		    const struct words *statuses, struct people_filter *out);
/* Cuts that row off again; *out_next is the cursor, NULL on the last page. */
enum rc people_next(struct work *w, const struct people_filter *filter,
		    size_t *n, int64_t last_id, const char **out_next);

/* Ends every certificate of the identity but that key (NULL: all); w->ended
 * has them. */
enum rc people_end(struct work *w, int64_t identity, const uint8_t *but);

#endif
