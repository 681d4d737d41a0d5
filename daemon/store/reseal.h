/*
 * reseal - everything that is sealed, sealed anew under another key, and every
 * patient named anew.
 *
 * A walk over the rows of all sealed columns, some at a time, each time in a
 * transaction of the writer's. How far it has come stands in the table `meta`
 * (row `reseal`), so it goes on where it was, whenever the process ends; while
 * that row is there the triggers allow sealed values to be exchanged. What is
 * written meanwhile is under the new key at once. Whoever's number stands in
 * papers gets the slug that the key of the day makes of it, in the same
 * transaction; until then the patient is found by the older key's. At the end
 * nothing is sealed under any other key nor named by one, and the older keys
 * go (keycheck.h).
 *
 * A value that does not open stays as it is: it is written down (`unopened`),
 * said in the log and in the event log, and as long as one stands there all
 * older keys stay. Each start, reload and walk tries them again.
 */
#ifndef DAEMON_STORE_RESEAL_H
#define DAEMON_STORE_RESEAL_H

#include "daemon/store/tx.h"

#define RESEAL_ROWS 200 /* looked at in one step */

/* From the first row. */
__attribute__((warn_unused_result)) enum rc reseal_begin(struct tx *tx,
							 struct err *err);
/* In: how far one has come; out: the next. All zero to begin with. */
struct reseal_at {
	int64_t tried; /* of what did not open, up to it (unopened.id) */
	bool more;     /* there is more to do */
	/* of this step: what did not open, that of it which nobody knew, and
	 * the first of this */
	int64_t left, unopened, number;
	const char *place; /* static */
};
/* Nothing to do is RC_OK as well. */
__attribute__((warn_unused_result)) enum rc
reseal_step(struct tx *tx, struct reseal_at *at, struct err *err);

#define RESEAL_SHOWN 20
struct reseal_progress {
	bool going;
	int64_t done, all; /* rows, by their numbers */
	int64_t unopened;
	struct reseal_place {
		char place[32]; /* "request.papers" */
		int64_t number; /* of the row */
	} first[RESEAL_SHOWN];	/* as many as there are, at most */
};
__attribute__((warn_unused_result)) enum rc
reseal_find(struct tx *tx, struct reseal_progress *out, struct err *err);

/* How many values are sealed under the key with that id: looks at them all. */
__attribute__((warn_unused_result)) enum rc
reseal_count(struct tx *tx, const uint8_t id[CRYPT_ID_LEN], int64_t *out,
	     struct err *err);

#endif
