#include "daemon/store/ending.h"

#include "daemon/store/rows.h"

#define DAY 86400
#define NOTICE (30 * DAY)

int64_t ending_notice(int64_t certificate_days)
{
	int64_t sixth = certificate_days * DAY / 6;

	return sixth < NOTICE ? sixth : NOTICE;
}

enum rc ending_agreements(struct tx *tx, int64_t first, int64_t last,
			  size_t max, struct arena *arena,
			  struct ending_agreement **out, size_t *out_n,
			  int64_t *out_all, struct err *err)
{
	struct query q;

	*out_n = 0;
	*out_all = 0;
	*out = arena_alloc(arena, (max + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, RC_NOMEM, "too many agreements end");
	query_begin(&q, tx->db,
		    "SELECT a.slug, l.slug, p.slug, a.valid_to,"
		    " count(*) OVER () FROM agreement a"
		    " JOIN site l ON l.id = a.lead"
		    " JOIN site p ON p.id = a.partner"
		    " WHERE a.valid_to BETWEEN $1 AND $2 AND NOT EXISTS"
		    " (SELECT 1 FROM agreement f WHERE f.lead = a.lead"
		    " AND f.partner = a.partner"
		    " AND coalesce(f.alliance, '') = coalesce(a.alliance, '')"
		    " AND f.valid_from <= a.valid_to + 1"
		    " AND f.valid_to > a.valid_to)"
		    " ORDER BY a.valid_to, a.slug LIMIT $3");
	query_int(&q, 1, first);
	query_int(&q, 2, last);
	query_int(&q, 3, (int64_t)max);
	while (query_row(&q)) {
		(*out)[(*out_n)++] = (struct ending_agreement){
			.slug = query_col_dup(&q, 0, arena),
			.lead = query_col_dup(&q, 1, arena),
			.partner = query_col_dup(&q, 2, arena),
			.last_day = query_col_int(&q, 3),
		};
		*out_all = query_col_int(&q, 4);
	}
	return query_end(&q, err);
}

enum rc ending_users(struct tx *tx, int64_t after, int64_t until, size_t max,
		     struct arena *arena, struct ending_user **out,
		     size_t *out_n, int64_t *out_all, struct err *err)
{
	struct query q;

	*out_n = 0;
	*out_all = 0;
	*out = arena_alloc(arena, (max + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, RC_NOMEM, "too many certificates end");
	query_begin(&q, tx->db,
		    "SELECT i.id, i.name, i.role, s.slug, max(c.not_after),"
		    " count(*) OVER () FROM"
		    " (SELECT identity, not_after FROM certificate UNION ALL"
		    " SELECT identity, not_after FROM token) c"
		    " JOIN identity i ON i.id = c.identity"
		    " LEFT JOIN site s ON s.id = i.site"
		    " WHERE i.revoked_at IS NULL"
		    " GROUP BY i.id, i.name, i.role, s.slug"
		    " HAVING max(c.not_after) > $1 AND max(c.not_after) <= $2"
		    " ORDER BY max(c.not_after), i.id LIMIT $3");
	query_int(&q, 1, after);
	query_int(&q, 2, until);
	query_int(&q, 3, (int64_t)max);
	while (query_row(&q)) {
		(*out)[(*out_n)++] = (struct ending_user){
			.id = query_col_int(&q, 0),
			.name = query_col_dup(&q, 1, arena),
			.role = (enum role)rows_word(&q, 2, &words_role),
			.site = query_col_dup(&q, 3, arena),
			.not_after = query_col_int(&q, 4),
		};
		*out_all = query_col_int(&q, 5);
	}
	return query_end(&q, err);
}

enum rc ending_backup(struct tx *tx, int64_t *out_at, struct err *err)
{
	struct query q;

	*out_at = 0;
	query_begin(&q, tx->db,
		    "SELECT at FROM event WHERE thing = 'database' AND id = 0"
		    " AND verb = 'backup' AND to_state = 'made'"
		    " ORDER BY seq DESC LIMIT 1");
	if (query_row(&q))
		*out_at = query_col_int(&q, 0);
	return query_end(&q, err);
}
