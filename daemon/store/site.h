/*
 * site, agreement - the network as it is stored: who works with whom.
 *
 * Strings and arrays go into the caller's arena.
 */
#ifndef DAEMON_STORE_SITE_H
#define DAEMON_STORE_SITE_H

#include "daemon/core/model.h"
#include "daemon/store/tx.h"

struct site {
	int64_t id;
	const char *slug, *name, *short_name, *time_zone;
};

/* RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
site_by_slug(struct tx *tx, const char *slug, struct arena *arena,
	     struct site *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
site_by_id(struct tx *tx, int64_t id, struct arena *arena, struct site *out,
	   struct err *err);

__attribute__((warn_unused_result)) enum rc
agreement_by_id(struct tx *tx, int64_t id, struct arena *arena,
		struct core_agreement *out, struct err *err);

struct agreement_filter {
	int64_t partner;
	int64_t lead;	       /* 0: any */
	const char *slug;      /* NULL: any */
	enum kind kind;	       /* must be agreed on */
	const char *specialty; /* NULL: any */
	int64_t expert;	       /* who has one of its specialties; 0: any */
	int64_t now;	       /* must be live about then (a day to spare) */
	int64_t until;	       /* ... or at any time until then; 0: now */
};
/* The ids that fit, by slug; at most max. A named one (slug) is found by its
 * partner alone, so that the core can say why it does not do. */
__attribute__((warn_unused_result)) enum rc
agreement_find(struct tx *tx, const struct agreement_filter *filter,
	       int64_t *out_ids, size_t max, size_t *out_n, struct err *err);

/* All of a partner's, whatever they say, with that lead or (0) any; at most
 * max, by slug. */
__attribute__((warn_unused_result)) enum rc
agreement_all(struct tx *tx, int64_t partner, int64_t lead, int64_t *out_ids,
	      size_t max, size_t *out_n, struct err *err);
/* Is it about anything that the expert does? */
__attribute__((warn_unused_result)) enum rc
agreement_suits(struct tx *tx, int64_t id, int64_t expert, bool *out,
		struct err *err);

/* Do the two sites work together, in either direction, now or ever? */
__attribute__((warn_unused_result)) enum rc
agreement_joins(struct tx *tx, int64_t site, int64_t other, bool *out,
		struct err *err);

#endif
