/*
 * check_list - what was to be looked at before a session, at one end of it, and
 * nobody has, though its time has come (day.h): items beside the promises that
 * are late (clock_list.h).
 *
 * One for each end of a session that has not begun and is not over: the first
 * thing that was asked for there after the last one that somebody looked at.
 * Before its time it is on no list: it is what everybody does every day.
 */
#ifndef DAEMON_STORE_CHECK_LIST_H
#define DAEMON_STORE_CHECK_LIST_H

#include "daemon/store/clock_list.h"

/* Puts them among the items of clock_list() for the same filter, in their
 * order; no more than its limit stay. No promise has their row.id, so that
 * the same cursor goes on with both. */
__attribute__((warn_unused_result)) enum rc
check_list_add(struct tx *tx, const struct list_filter *filter,
	       struct arena *arena, struct clock_item **inout, size_t *inout_n,
	       struct err *err);

#endif
