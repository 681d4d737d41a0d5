#include "daemon/store/invitation.h"

#include "daemon/store/rows.h"

/* At the time $1. */
#define STATUS                                                                 \
	"CASE WHEN v.used_at IS NOT NULL THEN 'used'"                          \
	" WHEN v.revoked_at IS NOT NULL THEN 'revoked'"                        \
	" WHEN v.not_after <= $1 THEN 'ended' ELSE 'open' END"
#define SQL_INVITATION                                                         \
	"SELECT v.id, v.name, v.role, v.site, s.slug, v.expert, e.slug, v.of," \
	" v.made_by, v.made_at, v.not_after, v.used_at, v.used_by,"            \
	" v.revoked_at, " STATUS " FROM invitation v"                          \
	" LEFT JOIN site s ON s.id = v.site"                                   \
	" LEFT JOIN subject e ON e.id = v.expert"

static void from_row(struct query *q, struct arena *arena,
		     struct invitation *out)
{
	*out = (struct invitation){
		.id = query_col_int(q, 0),
		.name = query_col_dup(q, 1, arena),
		.role = (enum role)rows_word(q, 2, &words_role),
		.site = query_col_int(q, 3),
		.site_slug = query_col_dup(q, 4, arena),
		.expert = query_col_int(q, 5),
		.expert_slug = query_col_dup(q, 6, arena),
		.of = query_col_int(q, 7),
		.made_by = query_col_int(q, 8),
		.made_at = query_col_int(q, 9),
		.not_after = query_col_int(q, 10),
		.used_at = query_col_int(q, 11),
		.used_by = query_col_int(q, 12),
		.revoked_at = query_col_int(q, 13),
		.status = query_col_dup(q, 14, arena),
	};
}

static enum rc take_one(struct query *q, struct arena *arena,
			struct invitation *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		from_row(q, arena, out);
	return rows_end_found(q, found, "invitation", err);
}

enum rc invitation_add(struct tx *tx, const struct invitation *in,
		       const uint8_t hash[32], int64_t *out_id, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO invitation (hash, name, role, site, expert,"
		    " of, made_by, made_at, not_after)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		    " RETURNING id");
	query_blob(&q, 1, hash, 32);
	query_text(&q, 2, in->name);
	query_text(&q, 3, words_name(&words_role, (int)in->role));
	query_int_or_null(&q, 4, in->site, 0);
	query_int_or_null(&q, 5, in->expert, 0);
	query_int_or_null(&q, 6, in->of, 0);
	query_int_or_null(&q, 7, in->made_by, 0);
	query_int(&q, 8, tx->now);
	query_int(&q, 9, in->not_after);
	if (query_row(&q))
		*out_id = query_col_int(&q, 0);
	return query_end(&q, err);
}

enum rc invitation_by_hash(struct tx *tx, const uint8_t hash[32],
			   struct arena *arena, struct invitation *out,
			   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_INVITATION " WHERE v.hash = $2");
	query_int(&q, 1, tx->now);
	query_blob(&q, 2, hash, 32);
	return take_one(&q, arena, out, err);
}

enum rc invitation_by_id(struct tx *tx, int64_t id, struct arena *arena,
			 struct invitation *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_INVITATION " WHERE v.id = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, id);
	return take_one(&q, arena, out, err);
}

enum rc invitation_list(struct tx *tx, const struct people_filter *filter,
			struct arena *arena, struct invitation **out,
			size_t *out_n, struct err *err)
{
	struct invitation *v =
		arena_array(arena, (size_t)filter->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (v == NULL)
		return err_set(err, RC_NOMEM, "the list is too long");
	query_begin(&q, tx->db,
		    SQL_INVITATION " WHERE v.id < $2"
				   " AND (CAST($3 AS TEXT) IS NULL"
				   "  OR s.slug = CAST($3 AS TEXT))"
				   " AND (CAST($4 AS TEXT) IS NULL"
				   "  OR " STATUS " = CAST($4 AS TEXT))"
				   " ORDER BY v.id DESC LIMIT $5");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, filter->before);
	query_text(&q, 3, filter->site);
	query_text(&q, 4, filter->status);
	query_int(&q, 5, filter->limit);
	while (n < (size_t)filter->limit && query_row(&q))
		from_row(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

/* Ends an update that is for an open invitation. */
static enum rc end_changed(struct query *q, struct tx *tx, struct err *err)
{
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && db_changes(tx->db) != 1)
		rc = err_set(err, RC_RULE, "the invitation is not open");
	return rc;
}

#define WHERE_OPEN                                                             \
	" WHERE used_at IS NULL AND revoked_at IS NULL AND not_after > "

enum rc invitation_use(struct tx *tx, int64_t id, int64_t by, struct err *err)
{
	struct query q;

	query_begin(
		&q, tx->db,
		"UPDATE invitation SET used_by = $1, used_at = $2" WHERE_OPEN
		"$2 AND id = $3");
	query_int(&q, 1, by);
	query_int(&q, 2, tx->now);
	query_int(&q, 3, id);
	return end_changed(&q, tx, err);
}

enum rc invitation_rekey(struct tx *tx, int64_t id, const uint8_t hash[32],
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE invitation SET hash = $1" WHERE_OPEN
		    "$2 AND id = $3");
	query_blob(&q, 1, hash, 32);
	query_int(&q, 2, tx->now);
	query_int(&q, 3, id);
	return end_changed(&q, tx, err);
}

enum rc invitation_revoke(struct tx *tx, int64_t id, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE invitation SET revoked_at = $1" WHERE_OPEN
		    "$1 AND id = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, id);
	return end_changed(&q, tx, err);
}

enum rc invitation_revoke_with(struct tx *tx, int64_t identity, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE invitation SET revoked_at = $1" WHERE_OPEN
		    "$1 AND (of = $2 OR made_by = $2)");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, identity);
	return query_end(&q, err);
}

enum rc invitation_revoke_all(struct tx *tx, int64_t *out_n, struct err *err)
{
	struct query q;
	enum rc rc;

	query_begin(&q, tx->db,
		    "UPDATE invitation SET revoked_at = $1" WHERE_OPEN "$1");
	query_int(&q, 1, tx->now);
	rc = query_end(&q, err);
	*out_n = rc == RC_OK ? db_changes(tx->db) : 0;
	return rc;
}
