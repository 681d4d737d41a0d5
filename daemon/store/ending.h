/*
 * ending - what will be over soon: agreements, and what people come with.
 *
 * Lists are the earliest first, and as long as the caller allows; *out_all is
 * how many there are in truth. Strings live in the arena.
 */
#ifndef DAEMON_STORE_ENDING_H
#define DAEMON_STORE_ENDING_H

#include "base/words.h"
#include "daemon/store/tx.h"

struct ending_agreement {
	const char *slug, *lead, *partner;
	int64_t last_day; /* days since 1970, of the lead */
};

/* Agreements whose last day is one of first..last (days since 1970), and that
 * none between the same two in the same alliance follows without a gap. */
__attribute__((warn_unused_result)) enum rc
ending_agreements(struct tx *tx, int64_t first, int64_t last, size_t max,
		  struct arena *arena, struct ending_agreement **out,
		  size_t *out_n, int64_t *out_all, struct err *err);

/* Seconds before the end at which it is time to speak to somebody. What renews
 * itself does so in the last third of its life, when it is used: who is in the
 * last sixth of it has not been seen, and a month is enough for any. */
int64_t ending_notice(int64_t certificate_days);

struct ending_user {
	int64_t id; /* of the identity */
	const char *name;
	enum role role;
	const char *site; /* NULL: none */
	int64_t not_after;
};

/* Live identities whose last certificate or token ends in (after, until]. */
__attribute__((warn_unused_result)) enum rc
ending_users(struct tx *tx, int64_t after, int64_t until, size_t max,
	     struct arena *arena, struct ending_user **out, size_t *out_n,
	     int64_t *out_all, struct err *err);

/* When the last backup was made and sent whole; 0: none was. One that was asked
 * for and failed does not count. */
__attribute__((warn_unused_result)) enum rc
ending_backup(struct tx *tx, int64_t *out_at, struct err *err);

#endif
