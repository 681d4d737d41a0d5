/*
 * feed - the log as those read it who are told what changes.
 *
 * Changes of a span of numbers, oldest first, each with whom it is for: its
 * two sites, and the experts who are told (settled when it was written). Who
 * is shown which of them the use case decides. Records of mere access are
 * left out, the bodies (reasons) are not read at all. A feed is one query:
 *
 *	struct feed feed;
 *	feed_begin(&feed, tx, &span);
 *	while (feed_next(&feed, &row))
 *		...row's strings are borrowed until the next call
 *	return feed_end(&feed, err);
 *
 * The log has no gaps, so upto - after bounds the rows that are looked at.
 */
#ifndef DAEMON_STORE_FEED_H
#define DAEMON_STORE_FEED_H

#include "daemon/store/tx.h"

struct feed {
	struct query q;
};

/* Is somebody one of the experts beside the first? */
enum feed_beside { FEED_NOT_BESIDE, FEED_BESIDE, FEED_BESIDE_NO_MORE };

struct feed_row {
	int64_t seq, at;
	int64_t lead, partner; /* sites; 0: of none */
	const char *thing;     /* "request", "booking", "network", ... */
	const char *code;      /* or NULL */
	int64_t version;
	const char *verb, *from_state, *to_state;
	int64_t expert; /* whom it is about; 0: none */
	bool assigned;	/* they are told */
	int64_t other;	/* who is told as well; 0: none */
	/* Of the two that were asked about. */
	enum feed_beside viewer, wanted;
	const char *lead_slug, *partner_slug, *actor_site_slug;
	const char *expert_slug;
	const char *agreement; /* it is of one; NULL: of another thing */
};

/* Those with after < seq <= upto; with whether an expert who looks, and one who
 * is looked for (0: none), are of those beside the first. */
struct feed_span {
	int64_t after, upto;
	int64_t viewer, wanted;
};
void feed_begin(struct feed *feed, struct tx *tx, const struct feed_span *span);
bool feed_next(struct feed *feed, struct feed_row *out);
__attribute__((warn_unused_result)) enum rc feed_end(struct feed *feed,
						     struct err *err);

#endif
