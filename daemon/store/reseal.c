#include "daemon/store/reseal.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "daemon/store/body.h"
#include "daemon/store/event.h"
#include "daemon/store/keycheck.h"

/* Where sealed values stand: select has row, site and value of the rows after
 * $1 up to $2; count is of those whose first bytes are $1. */
struct column {
	const char *place; /* NULL: an event's body */
	const char *last, *select, *update, *count;
};

/* Of a table with a column of its own for the site, or a joined one. */
#define TABLE(table, value, site, from)                                        \
	{                                                                      \
		.place = #table "." #value,                                    \
		.last = "SELECT coalesce(max(id), 0) FROM " #table,            \
		.select = "SELECT x.id, " site ", x." #value " FROM " from     \
			  " WHERE x.id > $1 AND x.id <= $2 AND x." #value      \
			  " IS NOT NULL",                                      \
		.update =                                                      \
			"UPDATE " #table " SET " #value " = $1 WHERE id = $2", \
		.count = "SELECT count(*) FROM " #table                        \
			 " WHERE substr(" #value ", 1, 4) = $1",               \
	}

static const struct column columns[] = {
	TABLE(request, papers, "x.partner", "request x"),
	TABLE(booking, papers, "x.partner", "booking x"),
	TABLE(opinion, content, "r.partner",
	      "opinion x JOIN request r ON r.id = x.request"),
	/* what a supplement replaced: as it was in its request's row */
	{.place = "request.papers",
	 .last = "SELECT coalesce(max(request), 0) FROM request_earlier",
	 .select = "SELECT x.request, r.partner, x.papers"
		   " FROM request_earlier x JOIN request r ON r.id = x.request"
		   " WHERE x.request > $1 AND x.request <= $2",
	 .update = "UPDATE request_earlier SET papers = $1 WHERE request = $2",
	 .count = "SELECT count(*) FROM request_earlier"
		  " WHERE substr(papers, 1, 4) = $1"},
	TABLE(consent, papers, "x.partner", "consent x"),
	{.last = "SELECT coalesce(max(seq), 0) FROM event",
	 .select = "SELECT seq, lead, body FROM event"
		   " WHERE seq > $1 AND seq <= $2 AND body IS NOT NULL",
	 .update = "UPDATE event SET body = $1 WHERE seq = $2",
	 .count = "SELECT count(*) FROM event"
		  " WHERE substr(body, 1, 4) = $1"
		  " OR substr(body, 17, 4) = $1"},
};
#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

struct place {
	uint8_t key[CRYPT_ID_LEN]; /* under which: of another one, all again */
	size_t column;		   /* NCOLUMNS: the end */
	int64_t row;		   /* done up to it */
};

static void first_place(const struct tx *tx, struct place *out)
{
	const struct store_keys *keys = &tx->env->keys;

	*out = (struct place){0};
	crypt_key_id(&keys->field[atomic_load(&keys->seals)], out->key);
}

/* ---- where the walk is ---- */

static enum rc put_place(struct tx *tx, const struct place *at, struct err *err)
{
	struct buf text;
	struct query q;
	enum rc rc;

	buf_init(&text, 64);
	buf_hex(&text, at->key, sizeof(at->key));
	buf_printf(&text, " %zu %" PRId64, at->column, at->row);
	query_begin(&q, tx->db,
		    "INSERT INTO meta (name, value) VALUES ('reseal', $1)"
		    " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
	query_text(&q, 1, buf_cstr(&text));
	rc = query_end(&q, err);
	buf_fini(&text);
	return rc;
}

static bool read_place(const char *s, struct place *out)
{
	const size_t id = 2 * CRYPT_ID_LEN;
	size_t blank;
	int64_t column;

	if (!s || strlen(s) < id + 1 ||
	    !text_unhex(s, id, out->key, CRYPT_ID_LEN))
		return false;
	s += id + 1;
	blank = strcspn(s, " ");
	if (!s[blank] || !text_int(s, blank, 0, (int64_t)NCOLUMNS, &column) ||
	    !text_int(s + blank + 1, strlen(s + blank + 1), 0, INT64_MAX,
		      &out->row))
		return false;
	out->column = (size_t)column;
	return true;
}

/* *out_going: false, no walk is under way. */
static enum rc find_place(struct tx *tx, struct place *out, bool *out_going,
			  struct err *err)
{
	bool sound = true;
	struct query q;

	*out_going = false;
	query_begin(&q, tx->db, "SELECT value FROM meta WHERE name = 'reseal'");
	if (query_row(&q)) {
		*out_going = true;
		sound = read_place(query_col_text(&q, 0), out);
	}
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && !sound)
		rc = err_set(err, RC_CORRUPT,
			     "nobody knows how far sealing anew has come");
	return rc;
}

enum rc reseal_begin(struct tx *tx, struct err *err)
{
	struct place first;

	first_place(tx, &first);
	return put_place(tx, &first, err);
}

static enum rc last_row(struct tx *tx, size_t column, int64_t *out,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, columns[column].last);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

/* ---- a value ---- */

/* RC_EXISTS: it is under the key that seals already. */
static enum rc close_anew(const struct tx *tx, const struct column *c,
			  const struct query *q, struct buf *out,
			  struct err *err)
{
	const struct body_of of = {query_col_int(q, 0), query_col_int(q, 1)};
	const struct seal_place place = {c->place, of.seq, of.lead};
	size_t len;
	const void *value = query_col_blob(q, 2, &len);
	struct buf plain;
	enum rc rc;

	if (!c->place)
		return body_close_anew(tx, &of, value, len, out, err);
	if (seal_slot(tx, value, len) == (int)atomic_load(&tx->env->keys.seals))
		return RC_EXISTS;
	buf_init(&plain, len);
	rc = seal_open(tx, &place, value, len, &plain, err);
	if (rc == RC_OK)
		rc = seal_close(tx, &place, plain.data, plain.len, out, err);
	buf_fini(&plain);
	return rc;
}

static enum rc update(struct tx *tx, const struct column *c, int64_t row,
		      const struct buf *value, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, c->update);
	query_blob(&q, 1, value->data, value->len);
	query_int(&q, 2, row);
	return query_end(&q, err);
}

#define VALUE_MAX (4 * BODY_MAX)

static enum rc do_row(struct tx *tx, const struct column *c,
		      const struct query *q, struct err *err)
{
	struct buf value;

	buf_init(&value, VALUE_MAX);
	enum rc rc = close_anew(tx, c, q, &value, err);

	if (rc == RC_OK)
		rc = update(tx, c, query_col_int(q, 0), &value, err);
	else if (rc == RC_EXISTS)
		rc = RC_OK;
	buf_fini(&value);
	return rc;
}

/* ---- the walk ---- */

static enum rc do_rows(struct tx *tx, struct place *at, struct err *err)
{
	const struct column *c = &columns[at->column];
	enum rc rc = RC_OK, ended;
	struct query q;

	query_begin(&q, tx->db, c->select);
	query_int(&q, 1, at->row);
	query_int(&q, 2, at->row + RESEAL_ROWS);
	while (rc == RC_OK && query_row(&q))
		rc = do_row(tx, c, &q, err);
	ended = query_end(&q, rc == RC_OK ? err : NULL);
	at->row += RESEAL_ROWS;
	return rc == RC_OK ? ended : rc;
}

static enum rc end_walk(struct tx *tx, struct err *err)
{
	const struct event event = {
		.actor = words_name(&words_role, ROLE_SYSTEM),
		.thing = "field-key",
		.version = 1,
		.verb = VERB_ROTATE,
		.reason = "everything is sealed under the new key",
		.request_id = "rotate",
		.class = EVENT_CHANGE};
	enum rc rc = keycheck_keep_one(tx, err);

	if (rc == RC_OK)
		rc = db_run(tx->db, "DELETE FROM meta WHERE name = 'reseal'",
			    err);
	return rc == RC_OK ? event_append(tx, &event, err) : rc;
}

/* To the next column that has rows after those done. */
static enum rc go_on(struct tx *tx, struct place *at, struct err *err)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && at->column < NCOLUMNS) {
		int64_t last;

		rc = last_row(tx, at->column, &last, err);
		if (rc == RC_OK && at->row < last)
			return RC_OK;
		at->column++;
		at->row = 0;
	}
	return rc;
}

enum rc reseal_step(struct tx *tx, bool *out, struct err *err)
{
	struct place at = {0}, first;
	enum rc rc = find_place(tx, &at, out, err);

	if (rc != RC_OK || !*out)
		return rc;
	first_place(tx, &first);
	if (memcmp(at.key, first.key, sizeof(at.key)) != 0)
		at = first;
	rc = go_on(tx, &at, err);
	if (rc != RC_OK)
		return rc;
	if (at.column == NCOLUMNS) {
		*out = false;
		return end_walk(tx, err);
	}
	rc = do_rows(tx, &at, err);
	return rc == RC_OK ? put_place(tx, &at, err) : rc;
}

enum rc reseal_find(struct tx *tx, struct reseal_progress *out, struct err *err)
{
	struct place at = {0};
	enum rc rc = find_place(tx, &at, &out->going, err);

	out->done = out->all = 0;
	for (size_t i = 0; rc == RC_OK && out->going && i < NCOLUMNS; i++) {
		int64_t last, done;

		rc = last_row(tx, i, &last, err);
		if (rc != RC_OK)
			break;
		done = i < at.column ? last : i == at.column ? at.row : 0;
		out->all += last;
		out->done += done < last ? done : last;
	}
	return rc;
}

enum rc reseal_count(struct tx *tx, const uint8_t id[CRYPT_ID_LEN],
		     int64_t *out, struct err *err)
{
	enum rc rc = RC_OK;

	*out = 0;
	for (size_t i = 0; rc == RC_OK && i < NCOLUMNS; i++) {
		struct query q;

		query_begin(&q, tx->db, columns[i].count);
		query_blob(&q, 1, id, CRYPT_ID_LEN);
		if (query_row(&q))
			*out += query_col_int(&q, 0);
		rc = query_end(&q, err);
	}
	return rc;
}
