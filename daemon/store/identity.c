#include "daemon/store/identity.h"
#include "daemon/store/rows.h"

enum rc identity_find(struct tx *tx, const uint8_t issuer[32],
		      const uint8_t key[32], struct arena *arena,
		      struct identity *out, struct err *err)
{
	struct query q;
	bool found = false;

	query_begin(&q, tx->db,
		    "SELECT i.id, i.name, i.role, i.site, s.slug, s.name,"
		    " s.time_zone, i.expert, e.slug, i.not_after, i.revoked_at"
		    " FROM identity i LEFT JOIN site s ON s.id = i.site"
		    " LEFT JOIN subject e ON e.id = i.expert"
		    " WHERE i.key = $1 AND i.issuer = $2");
	query_blob(&q, 1, key, 32);
	query_blob(&q, 2, issuer, 32);
	if (query_row(&q)) {
		found = true;
		*out = (struct identity){
			.id = query_col_int(&q, 0),
			.name = query_col_dup(&q, 1, arena),
			.role = (enum role)rows_word(&q, 2, &words_role),
			.site = query_col_int(&q, 3),
			.site_slug = query_col_dup(&q, 4, arena),
			.site_name = query_col_dup(&q, 5, arena),
			.time_zone = query_col_dup(&q, 6, arena),
			.expert = query_col_int(&q, 7),
			.expert_slug = query_col_dup(&q, 8, arena),
			.not_after = query_col_int(&q, 9),
			.revoked_at = query_col_int(&q, 10),
		};
	}
	return rows_end_found(&q, found, "identity", err);
}

enum rc identity_add(struct tx *tx, const struct identity_new *in,
		     int64_t *out_id, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO identity (issuer, key, name, role, site,"
		    " expert, made_at, not_after)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id");
	query_blob(&q, 1, in->issuer, 32);
	query_blob(&q, 2, in->key, 32);
	query_text(&q, 3, in->name);
	query_text(&q, 4, words_name(&words_role, in->role));
	query_int_or_null(&q, 5, in->site, 0);
	query_int_or_null(&q, 6, in->expert, 0);
	query_int(&q, 7, tx->now);
	query_int(&q, 8, in->not_after);
	if (query_row(&q))
		*out_id = query_col_int(&q, 0);
	return query_end(&q, err);
}
