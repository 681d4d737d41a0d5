/*
 * shadow - trying a change of the rosters where nothing may be changed: on a
 * reader's connection.
 *
 * From shadow_begin() to shadow_end() the tables that such a change writes
 * (sites, calendars, rules, secondments, leave, their versions) are copies that
 * this connection alone sees, under the same names: every statement reads and
 * writes those, and the search and the decision are what they would be. The
 * real ones are not touched, and nobody waits. What the connection keeps
 * (tx->keep) is of the real ones: the caller puts it aside meanwhile.
 */
#ifndef DAEMON_STORE_SHADOW_H
#define DAEMON_STORE_SHADOW_H

#include "daemon/store/tx.h"

__attribute__((warn_unused_result)) enum rc shadow_begin(struct tx *tx,
							 struct err *err);
/* In any case, also when the beginning failed. */
void shadow_end(struct tx *tx);

#endif
