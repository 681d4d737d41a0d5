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
		    " s.time_zone, i.expert, e.slug, c.not_after, i.revoked_at"
		    " FROM certificate c JOIN identity i ON i.id = c.identity"
		    " LEFT JOIN site s ON s.id = i.site"
		    " LEFT JOIN subject e ON e.id = i.expert"
		    " WHERE c.key = $1 AND c.issuer = $2");
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
	enum rc rc;

	query_begin(&q, tx->db,
		    "INSERT INTO identity (name, role, site, expert, made_at)"
		    " VALUES ($1, $2, $3, $4, $5) RETURNING id");
	query_text(&q, 1, in->name);
	query_text(&q, 2, words_name(&words_role, (int)in->role));
	query_int_or_null(&q, 3, in->site, 0);
	query_int_or_null(&q, 4, in->expert, 0);
	query_int(&q, 5, tx->now);
	if (query_row(&q))
		*out_id = query_col_int(&q, 0);
	rc = query_end(&q, err);
	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO certificate (key, issuer, identity, made_at,"
		    " not_after) VALUES ($1, $2, $3, $4, $5)");
	query_blob(&q, 1, in->key, 32);
	query_blob(&q, 2, in->issuer, 32);
	query_int(&q, 3, *out_id);
	query_int(&q, 4, tx->now);
	query_int(&q, 5, in->not_after);
	return query_end(&q, err);
}
