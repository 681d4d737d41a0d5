/*
 * kept - answers as one worker has made them, for whoever asks the same again.
 *
 * An answer is kept for those who see the same (principal_view), by the path
 * and the query as they were sent. It is good while its stamps are what they
 * were before the transaction that it was read in, and until the clock alone
 * makes it another one: what is found here is what would be read anew. What is
 * good no more goes when it is met, and of the rest what was asked for least
 * lately, so that all of them stay within so many bytes.
 */
#ifndef DAEMON_API_KEPT_H
#define DAEMON_API_KEPT_H

#include "daemon/auth/principal.h"
#include "daemon/net/http.h"
#include "daemon/store/stamps.h"
#include "daemon/work/work.h"

struct kept;
/* stamps may be NULL, max 0: nothing is kept. */
struct kept *kept_new(const struct stamps *stamps, size_t max);
void kept_free(struct kept *kept);

struct kept_key {
	struct principal_view view;
	struct http_str path, query;
};

/* An answer; its tag is a strong one of its bytes. */
#define KEPT_TAG_LEN 34 /* with its quotes */
struct kept_answer {
	struct http_str body;
	char tag[KEPT_TAG_LEN + 1];
};
void kept_tag(const struct buf *body, char out[KEPT_TAG_LEN + 1]);

/* Borrowed until the next call; NULL: make it. */
const struct kept_answer *kept_find(struct kept *kept,
				    const struct kept_key *key, int64_t now);

/* Where the stamps stood before the transaction. */
struct kept_before {
	uint64_t published, all;
};
struct kept_before kept_before(const struct kept *kept);
/* Keeps a copy of the body, if it can be said how long it is good. */
void kept_put(struct kept *kept, const struct kept_key *key,
	      const struct kept_before *before, const struct work_basis *basis,
	      const struct buf *body, const char *tag);

/* RFC 9110 section 13.1.2: does If-None-Match name the tag? */
bool kept_matches(struct http_str field, const char *tag);

#endif
