#include "daemon/store/reseal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/store/body.h"
#include "daemon/store/keycheck.h"
#include "daemon/store/papers.h"
#include "daemon/store/rows.h"

#define RESEAL_TRIED 100 /* of what did not open, in one step */
#define NAME_ARENA ((size_t)4 * PAPERS_MAX)

/* Where sealed values stand: select has row, site, value and (where it is of
 * papers) patient of the rows after $1 up to $2; count is of those whose first
 * bytes are $1. */
struct column {
	const char *name;
	const char *place; /* NULL: an event's body, or a patient's slug */
	const char *last, *select, *update, *count;
	bool papers; /* the patient's number is in it */
};

/* Of a table with a column of its own for the site, or a joined one. */
#define TABLE(table, value, site, patient, from)                               \
	.name = #table "." #value, .place = #table "." #value,                 \
	.last = "SELECT coalesce(max(id), 0) FROM " #table,                    \
	.select = "SELECT x.id, " site ", x." #value ", " patient              \
		  " FROM " from " WHERE x.id > $1 AND x.id <= $2"              \
		  " AND x." #value " IS NOT NULL",                             \
	.update = "UPDATE " #table " SET " #value " = $1 WHERE id = $2",       \
	.count = "SELECT count(*) FROM " #table " WHERE substr(" #value        \
		 ", 1, 4) = $1"

/* How far a walk is is kept by numbers of these: new ones come at the end. */
static const struct column columns[] = {
	{TABLE(request, papers, "x.partner", "x.patient", "request x"),
	 .papers = true},
	{TABLE(booking, papers, "x.partner", "x.patient", "booking x"),
	 .papers = true},
	{TABLE(opinion, content, "r.partner", "0",
	       "opinion x JOIN request r ON r.id = x.request")},
	/* what a supplement replaced: as it was in its request's row */
	{.name = "request_earlier.papers",
	 .place = "request.papers",
	 .last = "SELECT coalesce(max(request), 0) FROM request_earlier",
	 .select = "SELECT x.request, r.partner, x.papers"
		   " FROM request_earlier x JOIN request r ON r.id = x.request"
		   " WHERE x.request > $1 AND x.request <= $2",
	 .update = "UPDATE request_earlier SET papers = $1 WHERE request = $2",
	 .count = "SELECT count(*) FROM request_earlier"
		  " WHERE substr(papers, 1, 4) = $1"},
	{TABLE(consent, papers, "x.partner", "0", "consent x")},
	{.name = "event.body",
	 .last = "SELECT coalesce(max(seq), 0) FROM event",
	 .select = "SELECT seq, lead, body FROM event"
		   " WHERE seq > $1 AND seq <= $2 AND body IS NOT NULL",
	 .update = "UPDATE event SET body = $1 WHERE seq = $2",
	 .count = "SELECT count(*) FROM event"
		  " WHERE substr(body, 1, 4) = $1"
		  " OR substr(body, 17, 4) = $1"},
	/* whom none of the papers named: none of them opens */
	{.name = "subject.slug",
	 .last = "SELECT coalesce(max(id), 0) FROM subject",
	 .select = "SELECT id FROM subject WHERE id > $1 AND id <= $2"
		   " AND type = 'patient' AND keyed IS NOT $3"},
	{TABLE(walk_in, name, "b.partner", "0",
	       "walk_in x JOIN booking b ON b.id = x.booking")},
	{TABLE(course, content, "r.partner", "0",
	       "course x JOIN request r ON r.id = x.request")},
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

/* ---- a patient ---- */

static const struct crypt_key *naming(const struct tx *tx)
{
	const struct store_keys *keys = &tx->env->keys;

	return &keys->patient[atomic_load(&keys->names)];
}

/* RC_NOT_FOUND: it has that name already, or does not need one. */
static enum rc find_site(struct tx *tx, int64_t patient, struct arena *arena,
			 const char **out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT t.slug FROM subject s JOIN site t ON t.id = s.site"
		    " WHERE s.id = $1 AND s.type = 'patient'"
		    " AND s.keyed IS NOT $2");
	query_int(&q, 1, patient);
	query_int(&q, 2, keys_patient_id(naming(tx)));
	bool found = query_row(&q);

	if (found)
		*out = query_col_dup(&q, 0, arena);
	return rows_end_found(&q, found, "patient", err);
}

/* One that another has is left: whoever that is, they are two already. */
static enum rc put_slug(struct tx *tx, int64_t patient, const char *site,
			const char *local_id, struct err *err)
{
	char slug[SEAL_PATIENT_SLUG_LEN + 1];
	struct query q;

	seal_patient_slug(naming(tx), site, local_id, slug);
	query_begin(&q, tx->db,
		    "UPDATE OR IGNORE subject SET slug = $1, keyed = $2"
		    " WHERE id = $3");
	query_text(&q, 1, slug);
	query_int(&q, 2, keys_patient_id(naming(tx)));
	query_int(&q, 3, patient);
	return query_end(&q, err);
}

/* The patient of these papers is named anew; those that cannot be read name
 * nobody. */
static enum rc name_anew(struct tx *tx, int64_t patient,
			 const struct seal_place *place, const void *value,
			 size_t len, struct err *err)
{
	struct papers papers = {0};
	const char *site = NULL;
	struct arena arena;

	arena_init(&arena, NAME_ARENA);
	enum rc rc = find_site(tx, patient, &arena, &site, NULL);

	if (rc == RC_OK)
		rc = papers_read(tx, place, value, len, &arena, &papers, NULL);
	if (rc == RC_OK && papers.local_id)
		rc = put_slug(tx, patient, site, papers.local_id, err);
	arena_fini(&arena);
	return rc == RC_NOT_FOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

/* ---- a value ---- */

/* RC_EXISTS: it is under the key that seals already. RC_CORRUPT: it does not
 * open. */
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

	if (!c->update)
		return RC_CORRUPT;
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

static enum rc name_of_row(struct tx *tx, const struct column *c,
			   const struct query *q, struct err *err)
{
	const struct seal_place place = {c->place, query_col_int(q, 0),
					 query_col_int(q, 1)};
	size_t len;
	const void *value = query_col_blob(q, 2, &len);

	return c->papers ? name_anew(tx, query_col_int(q, 3), &place, value,
				     len, err)
			 : RC_OK;
}

static enum rc note_row(struct tx *tx, const struct column *c, int64_t number,
			const char *said, struct err *err)
{
	struct buf text;

	buf_init(&text, 160);
	buf_printf(&text, "%s of row %" PRId64 " %s", c->name, number, said);
	enum rc rc = keycheck_note(tx, buf_cstr(&text), err);

	buf_fini(&text);
	return rc;
}

#define VALUE_MAX (4 * BODY_MAX)

/* What did not open is written down and left. */
static enum rc leave(struct tx *tx, const struct column *c, int64_t number,
		     struct reseal_at *at, struct err *err)
{
	struct query q;
	bool new;

	at->left++;
	query_begin(&q, tx->db,
		    "INSERT INTO unopened (place, number, found_at)"
		    " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id");
	query_text(&q, 1, c->name);
	query_int(&q, 2, number);
	query_int(&q, 3, tx->now);
	new = query_row(&q);
	enum rc rc = query_end(&q, err);

	if (rc != RC_OK || !new)
		return rc;
	if (at->unopened++ == 0) {
		at->place = c->name;
		at->number = number;
	}
	return note_row(tx, c, number, "does not open and stays as it is", err);
}

static enum rc do_row(struct tx *tx, const struct column *c,
		      const struct query *q, struct reseal_at *at,
		      struct err *err)
{
	const int64_t number = query_col_int(q, 0);
	struct buf value;

	buf_init(&value, VALUE_MAX);
	enum rc rc = close_anew(tx, c, q, &value, err);

	if (rc == RC_CORRUPT)
		rc = leave(tx, c, number, at, err);
	else if (rc == RC_EXISTS)
		rc = name_of_row(tx, c, q, err);
	else if (rc == RC_OK) {
		rc = name_of_row(tx, c, q, err);
		if (rc == RC_OK)
			rc = update(tx, c, number, &value, err);
	}
	buf_fini(&value);
	return rc;
}

/* ---- the walk ---- */

/* Those after `row` up to `last`. */
static enum rc do_rows(struct tx *tx, const struct column *c, int64_t row,
		       int64_t last, struct reseal_at *at, struct err *err)
{
	enum rc rc = RC_OK, ended;
	struct query q;

	query_begin(&q, tx->db, c->select);
	query_int(&q, 1, row);
	query_int(&q, 2, last);
	if (!c->update)
		query_int(&q, 3, keys_patient_id(naming(tx)));
	while (rc == RC_OK && query_row(&q))
		rc = do_row(tx, c, &q, at, err);
	ended = query_end(&q, rc == RC_OK ? err : NULL);
	return rc == RC_OK ? ended : rc;
}

static enum rc count_unopened(struct tx *tx, int64_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT count(*) FROM unopened");
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

static enum rc end_walk(struct tx *tx, struct err *err)
{
	int64_t unopened;
	enum rc rc = count_unopened(tx, &unopened, err);

	if (rc == RC_OK)
		rc = keycheck_end(tx, unopened == 0, err);
	if (rc == RC_OK)
		rc = db_run(tx->db, "DELETE FROM meta WHERE name = 'reseal'",
			    err);
	if (rc != RC_OK)
		return rc;
	return keycheck_note(
		tx,
		unopened == 0
			? "everything is sealed under the new key"
			: "everything that opens is sealed under the new key:"
			  " the older ones are kept",
		err);
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

static enum rc walk(struct tx *tx, struct place *place, struct reseal_at *at,
		    struct err *err)
{
	struct place first;
	enum rc rc;

	first_place(tx, &first);
	if (memcmp(place->key, first.key, sizeof(first.key)) != 0)
		*place = first;
	rc = go_on(tx, place, err);
	if (rc != RC_OK)
		return rc;
	at->more = true; /* what did not open is tried after the end */
	if (place->column == NCOLUMNS)
		return end_walk(tx, err);
	rc = do_rows(tx, &columns[place->column], place->row,
		     place->row + RESEAL_ROWS, at, err);
	place->row += RESEAL_ROWS;
	return rc == RC_OK ? put_place(tx, place, err) : rc;
}

/* ---- what did not open, once more ---- */

struct unopened {
	int64_t id, number;
	const struct column *column; /* NULL: of an older program */
};

static const struct column *column_named(const char *name)
{
	for (size_t i = 0; i < NCOLUMNS; i++)
		if (strcmp(columns[i].name, name) == 0)
			return &columns[i];
	return NULL;
}

static enum rc find_unopened(struct tx *tx, int64_t after,
			     struct unopened out[RESEAL_TRIED], size_t *out_n,
			     struct err *err)
{
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT id, number, place FROM unopened WHERE id > $1"
		    " ORDER BY id");
	query_int(&q, 1, after);
	while (n < RESEAL_TRIED && query_row(&q))
		out[n++] = (struct unopened){
			query_col_int(&q, 0), query_col_int(&q, 1),
			column_named(query_col_text(&q, 2))};
	*out_n = n;
	return query_end(&q, err);
}

/* Opens now, or is no more (purged): it is crossed off. */
static enum rc cross_off(struct tx *tx, const struct unopened *u,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "DELETE FROM unopened WHERE id = $1");
	query_int(&q, 1, u->id);
	enum rc rc = query_end(&q, err);

	return rc == RC_OK ? note_row(tx, u->column, u->number,
				      "opens again, or is no more", err)
			   : rc;
}

static enum rc try_one(struct tx *tx, const struct unopened *u,
		       struct reseal_at *at, struct err *err)
{
	const int64_t left = at->left;

	if (!u->column)
		return RC_OK;
	enum rc rc = do_rows(tx, u->column, u->number - 1, u->number, at, err);

	return rc == RC_OK && at->left == left ? cross_off(tx, u, err) : rc;
}

/* Under a row `reseal` of its own, for the triggers. */
static enum rc try_again(struct tx *tx, struct reseal_at *at, struct err *err)
{
	struct unopened v[RESEAL_TRIED];
	int64_t unopened = 1;
	size_t n;
	enum rc rc = find_unopened(tx, at->tried, v, &n, err);

	at->more = n > 0;
	if (rc != RC_OK || n == 0)
		return rc;
	rc = reseal_begin(tx, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = try_one(tx, &v[i], at, err);
	at->tried = v[n - 1].id;
	if (rc == RC_OK)
		rc = count_unopened(tx, &unopened, err);
	if (rc == RC_OK && unopened == 0)
		return end_walk(tx, err);
	return rc == RC_OK
		       ? db_run(tx->db,
				"DELETE FROM meta WHERE name = 'reseal'", err)
		       : rc;
}

enum rc reseal_step(struct tx *tx, struct reseal_at *at, struct err *err)
{
	struct place place = {0};
	bool going;
	enum rc rc = find_place(tx, &place, &going, err);

	at->left = at->unopened = 0;
	if (rc != RC_OK)
		return rc;
	return going ? walk(tx, &place, at, err) : try_again(tx, at, err);
}

/* ---- for people ---- */

static enum rc find_first(struct tx *tx, struct reseal_progress *out,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT number, place FROM unopened ORDER BY id");
	for (out->unopened = 0; query_row(&q); out->unopened++) {
		struct reseal_place *p = &out->first[out->unopened];

		if (out->unopened >= RESEAL_SHOWN)
			continue;
		p->number = query_col_int(&q, 0);
		snprintf(p->place, sizeof(p->place), "%s",
			 query_col_text(&q, 1));
	}
	return query_end(&q, err);
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
	return rc == RC_OK ? find_first(tx, out, err) : rc;
}

enum rc reseal_count(struct tx *tx, const uint8_t id[CRYPT_ID_LEN],
		     int64_t *out, struct err *err)
{
	enum rc rc = RC_OK;

	*out = 0;
	for (size_t i = 0; rc == RC_OK && i < NCOLUMNS; i++) {
		struct query q;

		if (!columns[i].count)
			continue;
		query_begin(&q, tx->db, columns[i].count);
		query_blob(&q, 1, id, CRYPT_ID_LEN);
		if (query_row(&q))
			*out += query_col_int(&q, 0);
		rc = query_end(&q, err);
	}
	return rc;
}
