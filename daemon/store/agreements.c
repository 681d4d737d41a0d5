#include "daemon/store/agreements.h"

#include "daemon/store/rows.h"

enum rc agreements_list(struct tx *tx, const struct agreement_page *page,
			struct arena *arena, struct agreement_row **out,
			size_t *out_n, struct err *err)
{
	struct agreement_row *v =
		arena_array(arena, (size_t)page->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (!v)
		return rows_full(err);
	query_begin(&q, tx->db,
		    "SELECT a.id, a.slug, a.alliance, l.slug, p.slug"
		    " FROM agreement a JOIN site l ON l.id = a.lead"
		    " JOIN site p ON p.id = a.partner"
		    " WHERE a.lead <> a.partner"
		    " AND (a.lead = $1 OR a.partner = $2)"
		    " AND (CAST($3 AS TEXT) IS NULL"
		    "  OR l.slug = CAST($3 AS TEXT)"
		    "  OR p.slug = CAST($3 AS TEXT))"
		    " AND a.slug > $4 ORDER BY a.slug LIMIT $5");
	query_int(&q, 1, page->as_lead);
	query_int(&q, 2, page->as_partner);
	query_text(&q, 3, page->site);
	query_text(&q, 4, page->after);
	query_int(&q, 5, page->limit);
	while (n < (size_t)page->limit && query_row(&q))
		v[n++] = (struct agreement_row){
			.id = query_col_int(&q, 0),
			.slug = query_col_dup(&q, 1, arena),
			.alliance = query_col_dup(&q, 2, arena),
			.lead = query_col_dup(&q, 3, arena),
			.partner = query_col_dup(&q, 4, arena),
		};
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

enum rc agreements_beyond(struct tx *tx, int64_t id, int64_t from, size_t max,
			  struct arena *arena, struct agreement_beyond **out,
			  size_t *out_n, int64_t *out_all, struct err *err)
{
	struct agreement_beyond *v = arena_array(arena, max, sizeof(*v));
	struct query q;
	size_t n = 0;

	*out_all = 0;
	if (!v)
		return rows_full(err);
	query_begin(&q, tx->db,
		    "SELECT b.code, b.kind, e.slug, b.from_time,"
		    " count(*) OVER () FROM booking b"
		    " LEFT JOIN subject e ON e.id = b.expert"
		    " WHERE b.agreement = $1 AND b.kind IN"
		    "  (SELECT kind FROM agreement_kind WHERE agreement = $1)"
		    " AND b.from_time >= $2 AND b.from_time > $3"
		    " AND (b.status IN ('booked', 'arrived', 'started')"
		    "  OR (b.status = 'pending' AND b.hold_until > $3))"
		    " ORDER BY b.from_time, b.id LIMIT $4");
	query_int(&q, 1, id);
	query_int(&q, 2, from);
	query_int(&q, 3, tx->now);
	query_int(&q, 4, (int64_t)max);
	while (n < max && query_row(&q)) {
		v[n] = (struct agreement_beyond){
			.kind = (enum kind)rows_word(&q, 1, &words_kind),
			.expert = query_col_dup(&q, 2, arena),
			.from = query_col_int(&q, 3),
		};
		rows_code(&q, 0, &v[n++].code);
		*out_all = query_col_int(&q, 4);
	}
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

static int64_t day_or_none(const struct query *q, int column)
{
	return query_col_null(q, column) ? -1 : query_col_int(q, column);
}

enum rc agreements_told(struct tx *tx, int64_t id, struct agreement_told *out,
			struct err *err)
{
	struct query q;

	*out = (struct agreement_told){-1, -1};
	query_begin(
		&q, tx->db,
		"SELECT told_ending, told_end FROM agreement WHERE id = $1");
	query_int(&q, 1, id);
	if (query_row(&q))
		*out = (struct agreement_told){day_or_none(&q, 0),
					       day_or_none(&q, 1)};
	return query_end(&q, err);
}

enum rc agreements_tell(struct tx *tx, int64_t id,
			const struct agreement_told *told, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE agreement SET told_ending = $1, told_end = $2"
		    " WHERE id = $3");
	query_int_or_null(&q, 1, told->ending, -1);
	query_int_or_null(&q, 2, told->end, -1);
	query_int(&q, 3, id);
	return query_end(&q, err);
}

enum rc agreements_followed(struct tx *tx, int64_t id, bool *out,
			    struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM agreement a JOIN agreement f"
		    " ON f.lead = a.lead AND f.partner = a.partner"
		    " AND coalesce(f.alliance, '') = coalesce(a.alliance, '')"
		    " AND f.valid_from <= a.valid_to + 1"
		    " AND f.valid_to > a.valid_to WHERE a.id = $1 LIMIT 1");
	query_int(&q, 1, id);
	*out = query_row(&q);
	return query_end(&q, err);
}
