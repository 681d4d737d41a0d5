/*
 * share - the places that are kept, as core decides on them (core/share.h).
 */
#ifndef DAEMON_STORE_SHARE_H
#define DAEMON_STORE_SHARE_H

#include "daemon/core/share.h"
#include "daemon/store/tx.h"

/* What the lead's other agreements keep of the sessions that touch the window,
 * with what of these they have already. n is 0: nothing is kept, and nothing
 * else is read. */
__attribute__((warn_unused_result)) enum rc
share_load(struct tx *tx, const struct core_agreement *agreement,
	   struct core_span window, struct arena *arena,
	   struct core_shares *out, struct err *err);
/* An agreement's own, with nothing of what is taken. */
__attribute__((warn_unused_result)) enum rc
share_of(struct tx *tx, const struct core_agreement *agreement,
	 struct arena *arena, struct core_shares *out, struct err *err);
/* What it keeps of that session is kept no longer. *out_new: it was until now.
 */
__attribute__((warn_unused_result)) enum rc
share_take_back(struct tx *tx, const struct core_taken_back *what,
		bool *out_new, struct err *err);

#endif
