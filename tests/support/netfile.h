/*
 * netfile - a network file put together out of parts.
 *
 * 'x' stands for "x"; a part that is NULL is empty. The text is the caller's
 * to end.
 */
#ifndef TESTS_SUPPORT_NETFILE_H
#define TESTS_SUPPORT_NETFILE_H

#include "base/buf.h"

#define NETFILE_MAX (16u * 1024u * 1024u)

struct parts {
	const char *sites, *limits, *agreements, *resources, *experts,
		*availability, *secondments, *leave, *transfers, *calendars;
};
void netfile_write(const struct parts *parts, struct buf *out);

#endif
