#include "daemon/store/rows.h"

#include <string.h>

enum rc rows_end_found(struct query *q, bool found, const char *what,
		       struct err *err)
{
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && !found)
		rc = err_set(err, RC_NOT_FOUND, "there is no such %s", what);
	return rc;
}

enum rc rows_end_changed(struct query *q, const char *what, int64_t *version,
			 struct err *err)
{
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && db_changes(q->db) != 1)
		rc = err_set(err, RC_STALE, "the %s was changed", what);
	if (rc == RC_OK)
		++*version;
	return rc;
}

int rows_word(struct query *q, int column, const struct words *words)
{
	const char *name = query_col_text(q, column);
	int word = name ? words_find(words, name, strlen(name)) : -1;

	if (word < 0 && q->rc == RC_OK)
		q->rc = RC_CORRUPT;
	return word < 0 ? 0 : word;
}

void rows_code(struct query *q, int column, struct code *out)
{
	const char *s = query_col_text(q, column);

	*out = (struct code){0};
	if (s)
		memcpy(out->s, s, strnlen(s, CODE_LEN));
}

enum rc rows_texts(struct query *q, struct arena *arena,
		   const char *const **out, size_t *out_n, struct err *err)
{
	const char **v = arena_array(arena, ROWS_WORDS_MAX, sizeof(*v));
	size_t n = 0;

	while (v && n < ROWS_WORDS_MAX && query_row(q))
		v[n++] = query_col_dup(q, 0, arena);
	*out = v;
	*out_n = n;
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && !v)
		rc = err_set(err, RC_NOMEM, "the answer is too large");
	return rc;
}

enum rc rows_last_id(struct db *db, const char *sql, int64_t *out,
		     struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, db, sql);
	if (query_row(&q))
		*out = query_col_int(&q, 0);
	return query_end(&q, err);
}

void rows_join(const char *const *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? "\n" : "", v[i]);
}

bool rows_split(const char *s, struct arena *arena, const char ***out,
		size_t *out_n)
{
	const char **v = arena_array(arena, ROWS_WORDS_MAX, sizeof(*v));
	size_t n = 0;

	while (v && s && *s && n < ROWS_WORDS_MAX) {
		size_t len = strcspn(s, "\n");

		v[n] = arena_strndup(arena, s, len);
		if (!v[n++])
			return false;
		s += len + (s[len] == '\n');
	}
	*out = v;
	*out_n = n;
	return v != NULL;
}

void *rows_grown(struct arena *arena, void *old, size_t n, size_t size)
{
	if (n & (n - 1) || (n > 0 && n < 8))
		return old;
	void *bigger = arena_array(arena, n == 0 ? 8 : 2 * n, size);

	if (bigger && n)
		memcpy(bigger, old, n * size);
	return bigger;
}

enum rc rows_end(struct query *q, const void *v, struct err *err)
{
	bool full = q->row && !v;
	enum rc rc = query_end(q, err);

	return rc == RC_OK && full ? rows_full(err) : rc;
}

enum rc rows_ids(struct query *q, struct arena *arena, int64_t **out_ids,
		 size_t *out_n, struct err *err)
{
	int64_t *ids = NULL;
	size_t n = 0;

	while (query_row(q)) {
		ids = rows_grown(arena, ids, n, sizeof(*ids));
		if (!ids)
			break;
		ids[n++] = query_col_int(q, 0);
	}
	*out_ids = ids;
	*out_n = n;
	return rows_end(q, ids, err);
}

enum rc rows_zone(const struct tx *tx, const char *name, const struct tz **out,
		  struct err *err)
{
	enum rc rc = tz_get(tx->env->zones, name, out, err);

	if (rc != RC_NOT_FOUND)
		return rc;
	return err_set(err, RC_CORRUPT,
		       "the system does not know the stored time zone %s",
		       name);
}
