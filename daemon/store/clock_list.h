/*
 * clock_list - promises over all requests: what is late or about to be, and
 * how they were kept.
 */
#ifndef DAEMON_STORE_CLOCK_LIST_H
#define DAEMON_STORE_CLOCK_LIST_H

#include "base/code.h"
#include "daemon/store/clock.h"
#include "daemon/store/request.h"

struct clock_item {
	struct clock_row row;
	struct code code; /* of the request */
	enum kind kind;
	enum request_status status;
	enum urgency urgency;
	const char *lead, *partner, *expert; /* slugs; expert: NULL */
	/* Of what was to be looked at (check_list.h): what, of which booking,
	 * at which end. */
	int check;
	struct code booking;
	const char *site;
};

/* Those that run, by when they are due: first what is most late. Of the
 * filter: from, to are about that; the cursor is due_at and the row's id;
 * status is "late" or "running" (not yet late) or NULL. */
__attribute__((warn_unused_result)) enum rc
clock_list(struct tx *tx, const struct list_filter *filter, struct arena *arena,
	   struct clock_item **out, size_t *out_n, struct err *err);

/* How many are late, over all sites. */
__attribute__((warn_unused_result)) enum rc
clock_count_late(struct tx *tx, int64_t out[CLOCK_WHATS], struct err *err);

/* Which experts have to do it: those of the request's booking (a hold is none),
 * or, where there is none, the one whom it is assigned to; of an opinion those
 * who have not signed yet. By id. */
struct clock_owing {
	int64_t expert;
	const char *slug;
};
__attribute__((warn_unused_result)) enum rc
clock_owing(struct tx *tx, int64_t request, enum due_what what,
	    struct arena *arena, struct clock_owing **out, size_t *out_n,
	    struct err *err);

/* One promise that began in a span of time; by expert: as one of those keeps it
 * who have to, so that an opinion is kept when that one has signed. */
struct clock_kept {
	const char *lead, *partner, *expert; /* borrowed until the next */
	struct clock_row row;
	int64_t agreement;
	enum urgency urgency;
	int64_t kept_at; /* 0: not yet */
};
/* All that the filter's sides see of those that began in [from, to) and are
 * not dropped, by pair of sites or (by_expert) by expert. */
struct clock_walk {
	struct query q;
};
void clock_walk_begin(struct clock_walk *walk, struct tx *tx,
		      const struct list_filter *filter, bool by_expert);
bool clock_walk_next(struct clock_walk *walk, struct clock_kept *out);
__attribute__((warn_unused_result)) enum rc
clock_walk_end(struct clock_walk *walk, struct err *err);

#endif
