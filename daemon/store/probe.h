/*
 * probe - is the store what this program expects, and does it keep things?
 *
 * One small query, and in a writing tx a change that changes nothing: its
 * commit is a write to the disk all the same.
 */
#ifndef DAEMON_STORE_PROBE_H
#define DAEMON_STORE_PROBE_H

#include "daemon/store/tx.h"

/* What the wall clock may lie behind the last event. */
#define PROBE_CLOCK_SLACK 3600

/* RC_INVALID: the schema is not this program's; or what the engine answers. */
__attribute__((warn_unused_result)) enum rc probe_read(struct tx *tx,
						       struct err *err);
/* The same, and stores something. */
__attribute__((warn_unused_result)) enum rc probe_write(struct tx *tx,
							struct err *err);
/* RC_INVALID: the wall clock is an hour or more behind the last event, so that
 * one of the two is wrong. */
__attribute__((warn_unused_result)) enum rc probe_clock(struct tx *tx,
							struct err *err);

#endif
