/*
 * rows - reading rows: the little that every aggregate needs.
 */
#ifndef DAEMON_STORE_ROWS_H
#define DAEMON_STORE_ROWS_H

#include "base/buf.h"
#include "base/code.h"
#include "base/words.h"
#include "daemon/store/tx.h"

/* Ends a query that should have had a row: RC_NOT_FOUND names `what`. */
__attribute__((warn_unused_result)) enum rc
rows_end_found(struct query *q, bool found, const char *what, struct err *err);

/* Ends an update of the one row that still had the version, and raises that:
 * RC_STALE names `what` when somebody was quicker. */
__attribute__((warn_unused_result)) enum rc rows_end_changed(struct query *q,
							     const char *what,
							     int64_t *version,
							     struct err *err);

/* The column's word; RC_CORRUPT into q->rc when it is none of the set. */
int rows_word(struct query *q, int column, const struct words *words);

/* The column's code; "" for null. */
void rows_code(struct query *q, int column, struct code *out);

#define ROWS_WORDS_MAX 64 /* of an expert or agreement; imports hold it */
/* Reads column 0 of all rows as text and ends the query. */
__attribute__((warn_unused_result)) enum rc
rows_texts(struct query *q, struct arena *arena, const char *const **out,
	   size_t *out_n, struct err *err);

/* Several words in one column: a line break between them. */
void rows_join(const char *const *v, size_t n, struct buf *out);
/* False when the arena is full. NULL and "": none. */
bool rows_split(const char *s, struct arena *arena, const char ***out,
		size_t *out_n);

/* Grows an array of n elements by doubling, in time for one more; NULL when
 * the arena is full, which rows_full() says. */
void *rows_grown(struct arena *arena, void *old, size_t n, size_t size);
static inline enum rc rows_full(struct err *err)
{
	(void)err_set(err, RC_NOMEM,
		      "the calendar is too large to look at;"
		      " ask for a shorter time");
	return RC_NOMEM;
}
/* Ends a query whose rows went into the array that rows_grown() gave last: one
 * that had no room for a row that was read says so. */
__attribute__((warn_unused_result)) enum rc
rows_end(struct query *q, const void *v, struct err *err);
/* Reads column 0 of all rows as ids and ends the query. */
__attribute__((warn_unused_result)) enum rc
rows_ids(struct query *q, struct arena *arena, int64_t **out_ids, size_t *out_n,
	 struct err *err);

/* The zone of that name; one that the system does not know is RC_CORRUPT: an
 * import refuses it, so the system has changed since. */
__attribute__((warn_unused_result)) enum rc rows_zone(const struct tx *tx,
						      const char *name,
						      const struct tz **out,
						      struct err *err);

/* The next free number of a table's id: there is one writer. */
__attribute__((warn_unused_result)) enum rc
rows_last_id(struct db *db, const char *sql, int64_t *out, struct err *err);

#endif
