/*
 * complain - what goes to standard error when a run fails.
 *
 * One line "teleconsult: ..." that says what to do next; then, one a line, the
 * fields that are wrong or everything that stands in the way of a time, and
 * the nearest times that would do, as commands that can be pasted. With
 * -o json the problem document (RFC 9457) instead: the server's, or one of our
 * own making.
 */
#ifndef CLIENT_COMPLAIN_H
#define CLIENT_COMPLAIN_H

#include "client/client.h"

void complain(const struct client *c, enum rc rc, const struct err *err,
	      struct buf *out);

/* Who or what is in the way: a subject, the "patient", the "agreement". */
const char *complain_who(const struct msg_blocker *blocker);
/* "  anzhen/or-2: busy, Tue 2026-12-01 09:00-10:00: ..." for each, and how many
 * more there are; shared with `slots --why-not`. */
void complain_blockers(const struct client *c, const struct field_list *list,
		       int64_t more, struct buf *out);

#endif
