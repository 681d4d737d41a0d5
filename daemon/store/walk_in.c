#include "daemon/store/walk_in.h"

#include "daemon/store/papers.h"
#include "daemon/store/rows.h"

#define COLUMNS                                                                \
	"w.id, w.number, w.station, w.called_to, w.state, w.drawn_at,"         \
	" w.called_at, w.ended_at, s.slug, c.slug"
#define FROM                                                                   \
	" FROM walk_in w LEFT JOIN subject s ON s.id = w.station"              \
	" LEFT JOIN subject c ON c.id = w.called_to"

static struct seal_place place_of(const struct booking *b, int64_t id)
{
	return (struct seal_place){"walk_in.name", id, b->partner};
}

static void bind_new(struct query *q, const struct booking *b,
		     const struct walk_in *in)
{
	query_int(q, 1, in->id);
	query_int(q, 2, b->id);
	query_int(q, 3, in->number);
	query_int_or_null(q, 4, in->station, 0);
	query_text(q, 5, words_name(&words_walk_in, in->state));
	query_int(q, 6, in->drawn_at);
}

static enum rc insert(struct tx *tx, const struct booking *b,
		      const struct walk_in *in, struct err *err)
{
	const struct papers papers = {.name = in->name};
	struct seal_place place = place_of(b, in->id);
	struct query q;
	struct buf sealed;
	enum rc rc = RC_OK;

	buf_init(&sealed, PAPERS_SEALED_MAX);
	if (in->name)
		rc = papers_close(tx, &place, &papers, &sealed, err);
	if (rc == RC_OK) {
		query_begin(&q, tx->db,
			    "INSERT INTO walk_in (id, booking, number,"
			    " station, state, drawn_at, name)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7)");
		bind_new(&q, b, in);
		if (in->name)
			query_blob(&q, 7, sealed.data, sealed.len);
		else
			query_text(&q, 7, NULL);
		rc = query_end(&q, err);
	}
	buf_fini(&sealed);
	return rc;
}

enum rc walk_in_draw(struct tx *tx, const struct booking *b,
		     struct walk_in *inout, struct err *err)
{
	struct query q;
	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM walk_in",
				  &inout->id, err);

	if (rc != RC_OK)
		return rc;
	inout->id++;
	query_begin(&q, tx->db,
		    "SELECT coalesce(max(number), 0) + 1 FROM walk_in"
		    " WHERE booking = $1");
	query_int(&q, 1, b->id);
	inout->number = query_row(&q) ? query_col_int(&q, 0) : 0;
	rc = query_end(&q, err);
	inout->state = WALK_IN_WAITING;
	inout->drawn_at = tx->now;
	return rc == RC_OK ? insert(tx, b, inout, err) : rc;
}

static void from_row(struct query *q, struct arena *arena, struct walk_in *out)
{
	*out = (struct walk_in){
		.id = query_col_int(q, 0),
		.number = query_col_int(q, 1),
		.station = query_col_int(q, 2),
		.called_to = query_col_int(q, 3),
		.state = rows_word(q, 4, &words_walk_in),
		.drawn_at = query_col_int(q, 5),
		.called_at = query_col_int(q, 6),
		.ended_at = query_col_int(q, 7),
	};
	out->station_slug = query_col_dup(q, 8, arena);
	out->called_slug = query_col_dup(q, 9, arena);
}

static enum rc read_one(struct query *q, struct arena *arena,
			struct walk_in *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		from_row(q, arena, out);
	return rows_end_found(q, found, "token", err);
}

enum rc walk_in_next(struct tx *tx, int64_t booking, int64_t station,
		     struct arena *arena, struct walk_in *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT " COLUMNS FROM " WHERE w.booking = $1"
		    " AND (w.state = 'called' AND w.called_to = $2"
		    " OR w.state = 'waiting'"
		    " AND (w.station IS NULL OR w.station = $2))"
		    " ORDER BY w.state = 'waiting', w.number LIMIT 1");
	query_int(&q, 1, booking);
	query_int(&q, 2, station);
	return read_one(&q, arena, out, err);
}

enum rc walk_in_find(struct tx *tx, int64_t booking, int64_t number,
		     struct arena *arena, struct walk_in *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT " COLUMNS FROM
		    " WHERE w.booking = $1 AND w.number = $2");
	query_int(&q, 1, booking);
	query_int(&q, 2, number);
	return read_one(&q, arena, out, err);
}

enum rc walk_in_update(struct tx *tx, const struct walk_in *in, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE walk_in SET state = $1, called_to = $2,"
		    " called_at = $3, ended_at = $4 WHERE id = $5");
	query_text(&q, 1, words_name(&words_walk_in, in->state));
	query_int_or_null(&q, 2, in->called_to, 0);
	query_int_or_null(&q, 3, in->called_at, 0);
	query_int_or_null(&q, 4, in->ended_at, 0);
	query_int(&q, 5, in->id);
	return query_end(&q, err);
}

enum rc walk_in_open(struct tx *tx, const struct booking *b,
		     struct arena *arena, struct walk_in *inout,
		     struct err *err)
{
	struct seal_place place = place_of(b, inout->id);
	struct papers papers = {0};
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM walk_in WHERE id = $1"
		    " AND name IS NOT NULL");
	query_int(&q, 1, inout->id);
	bool named = query_row(&q);
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && named)
		rc = papers_open(tx, &place,
				 "SELECT name FROM walk_in WHERE id = $1",
				 arena, &papers, err);
	inout->name = papers.name;
	return rc;
}

enum rc walk_in_list(struct tx *tx, int64_t booking, struct arena *arena,
		     struct walk_in **out, size_t *out_n, struct err *err)
{
	struct walk_in *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT " COLUMNS FROM " WHERE w.booking = $1"
		    " AND w.state IN ('waiting', 'called') ORDER BY w.number");
	query_int(&q, 1, booking);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		from_row(&q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

enum rc walk_in_count(struct tx *tx, int64_t booking,
		      int64_t out[WALK_IN_COUNT], struct err *err)
{
	struct query q;

	for (int i = 0; i < WALK_IN_COUNT; i++)
		out[i] = 0;
	query_begin(&q, tx->db,
		    "SELECT state, count(*) FROM walk_in WHERE booking = $1"
		    " GROUP BY state");
	query_int(&q, 1, booking);
	while (query_row(&q)) {
		int state = rows_word(&q, 0, &words_walk_in);

		if (state >= 0)
			out[state] = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

enum rc walk_in_stations(struct tx *tx, int64_t booking, struct arena *arena,
			 struct walk_in_station **out, size_t *out_n,
			 struct err *err)
{
	struct walk_in_station *v =
		arena_array(arena, CORE_PLAN_MAX, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (!v)
		return rows_full(err);
	query_begin(&q, tx->db,
		    "SELECT DISTINCT s.id, s.slug FROM claim c"
		    " JOIN subject s ON s.id = c.subject"
		    " WHERE c.booking = $1 AND s.type = 'station'"
		    " ORDER BY s.slug");
	query_int(&q, 1, booking);
	while (n < CORE_PLAN_MAX && query_row(&q))
		v[n++] = (struct walk_in_station){query_col_int(&q, 0),
						  query_col_dup(&q, 1, arena)};
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
