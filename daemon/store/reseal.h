/*
 * reseal - everything that is sealed, sealed anew under another key.
 *
 * A walk over the rows of all sealed columns, some at a time, each time in a
 * transaction of the writer's. How far it has come stands in the table `meta`
 * (row `reseal`), so it goes on where it was, whenever the process ends; while
 * that row is there the triggers allow sealed values to be exchanged. What is
 * written meanwhile is under the new key at once. At its end nothing is sealed
 * under any other key, and the checks of those go (keycheck.h).
 */
#ifndef DAEMON_STORE_RESEAL_H
#define DAEMON_STORE_RESEAL_H

#include "daemon/store/tx.h"

#define RESEAL_ROWS 200 /* looked at in one step */

/* From the first row. */
__attribute__((warn_unused_result)) enum rc reseal_begin(struct tx *tx,
							 struct err *err);
/* *out: there is more to do. Nothing to do is RC_OK as well. */
__attribute__((warn_unused_result)) enum rc
reseal_step(struct tx *tx, bool *out, struct err *err);

struct reseal_progress {
	bool going;
	int64_t done, all; /* rows, by their numbers */
};
__attribute__((warn_unused_result)) enum rc
reseal_find(struct tx *tx, struct reseal_progress *out, struct err *err);

/* How many values are sealed under the key with that id: looks at them all. */
__attribute__((warn_unused_result)) enum rc
reseal_count(struct tx *tx, const uint8_t id[CRYPT_ID_LEN], int64_t *out,
	     struct err *err);

#endif
