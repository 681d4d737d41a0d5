/*
 * pages - a list of the API, however many answers it takes.
 *
 * A list message is a list and `next`, its query has `limit` and `cursor`. In
 * a run with -o json the elements gather in `json` as the server wrote them,
 * else each is handed to `take`, in the server's order.
 */
#ifndef CLIENT_PAGES_H
#define CLIENT_PAGES_H

#include "client/client.h"

#define PAGES_ROWS_MAX 100000 /* what a list shows at most */

struct pages {
	const char *path;
	const struct msg *query;
	void *query_in;
	int64_t *limit; /* these two are in query_in */
	const char **cursor;
	const struct msg *answer;
	int64_t left; /* rows to be shown still; FIELD_NONE: all */
	void (*take)(struct client *c, void *ctx, const void *item);
	void *ctx;

	struct buf json;
	const char *next; /* there would be more */
};

/* Sets up what is kept while it runs; pages_fini() afterwards. */
void pages_init(struct pages *p);
void pages_fini(struct pages *p);
__attribute__((warn_unused_result)) enum rc
pages_fetch(struct client *c, struct pages *p, struct err *err);
/* `"name":[...]`, for a document. */
void pages_json(const struct pages *p, struct buf *doc);
/* The whole list as one document of the API's form. */
void pages_print_json(struct client *c, const struct pages *p);

#endif
