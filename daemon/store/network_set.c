#include "daemon/store/network_set.h"

#include <string.h>

#define SET_MAX (1u << 20) /* bytes of one parent's children as text */
#define FIELD_END '\x1f'
#define ROW_END '\x1e'

/* --- a parent's children, compared as text --- */

void set_init(struct set *set)
{
	buf_init(&set->had, SET_MAX);
	buf_init(&set->wants, SET_MAX);
}

void set_fini(struct set *set)
{
	buf_fini(&set->had);
	buf_fini(&set->wants);
}

void set_want_text(struct set *set, const char *s)
{
	buf_str(&set->wants, s ? s : "\x01");
	buf_chr(&set->wants, FIELD_END);
}

void set_want_int(struct set *set, int64_t value)
{
	buf_int(&set->wants, value);
	buf_chr(&set->wants, FIELD_END);
}

void set_want_row(struct set *set)
{
	buf_chr(&set->wants, ROW_END);
}

/* Reads the rows that are there; n columns, all read as text. */
enum rc set_read(struct set *set, struct query *q, int n, struct err *err)
{
	while (query_row(q)) {
		for (int i = 0; i < n; i++) {
			const char *s = query_col_text(q, i);

			buf_str(&set->had, s ? s : "\x01");
			buf_chr(&set->had, FIELD_END);
		}
		buf_chr(&set->had, ROW_END);
	}
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && (set->had.failed || set->wants.failed))
		rc = err_set(err, RC_TOO_LARGE, "too much in one place");
	return rc;
}

bool set_same(const struct set *set)
{
	return set->had.len == set->wants.len &&
	       (!set->had.len ||
		!memcmp(set->had.data, set->wants.data, set->had.len));
}

void network_note_change(enum network_put *out)
{
	if (*out == NETWORK_SAME)
		*out = NETWORK_CHANGED;
}

enum rc network_delete_of(struct tx *tx, const char *sql, int64_t parent,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, sql);
	query_int(&q, 1, parent);
	return query_end(&q, err);
}

/* --- names --- */

enum rc network_find_id(struct tx *tx, const char *sql, const char *name,
			int64_t *out, struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, tx->db, sql);
	query_text(&q, 1, name);
	if (query_row(&q))
		*out = query_col_int(&q, 0);
	return query_end(&q, err);
}

const char NETWORK_SQL_SITE[] = "SELECT id FROM site WHERE slug = $1";
const char NETWORK_SQL_SUBJECT[] = "SELECT id FROM subject WHERE slug = $1";

enum rc network_need_id(struct tx *tx, const char *sql, const char *name,
			int64_t *out, struct err *err)
{
	enum rc rc = network_find_id(tx, sql, name, out, err);

	if (rc == RC_OK && !*out)
		rc = err_set(err, RC_NOT_FOUND, "there is no %s", name);
	return rc;
}

enum rc network_has(struct tx *tx, enum network_sort sort, const char *name,
		    bool *out, struct err *err)
{
	static const char *const sql[] = {
		[NETWORK_SITE] = NETWORK_SQL_SITE,
		/* One without a day off is known by who follows it. */
		[NETWORK_CALENDAR] = "SELECT 1 FROM calendar_day"
				     " WHERE calendar = $1 UNION ALL"
				     " SELECT 1 FROM site WHERE calendar = $1"
				     " LIMIT 1",
		[NETWORK_LIMITS] = "SELECT 1 FROM limit_set"
				   " WHERE name = $1 LIMIT 1",
		[NETWORK_SUBJECT] = NETWORK_SQL_SUBJECT,
	};
	int64_t id;
	enum rc rc = network_find_id(tx, sql[sort], name, &id, err);

	*out = id != 0;
	return rc;
}

/* After an UPDATE that only touches a row that differs. */
void network_say_update(struct tx *tx, enum network_put *out)
{
	*out = db_changes(tx->db) ? NETWORK_CHANGED : NETWORK_SAME;
}
