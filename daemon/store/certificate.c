#include "daemon/store/certificate.h"

#include <string.h>

#include "daemon/store/rows.h"

enum rc certificate_find(struct tx *tx, const uint8_t issuer[32],
			 const uint8_t key[32], struct certificate *out,
			 struct err *err)
{
	struct query q;
	bool found;

	query_begin(&q, tx->db,
		    "SELECT identity, not_after FROM certificate"
		    " WHERE key = $1 AND issuer = $2");
	query_blob(&q, 1, key, CERTIFICATE_KEY_LEN);
	query_blob(&q, 2, issuer, 32);
	found = query_row(&q);
	if (found)
		*out = (struct certificate){
			.issuer = issuer,
			.key = key,
			.identity = query_col_int(&q, 0),
			.not_after = query_col_int(&q, 1),
		};
	return rows_end_found(&q, found, "certificate", err);
}

enum rc certificate_add(struct tx *tx, const struct certificate *in,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO certificate (key, issuer, identity, made_at,"
		    " not_after) VALUES ($1, $2, $3, $4, $5)");
	query_blob(&q, 1, in->key, CERTIFICATE_KEY_LEN);
	query_blob(&q, 2, in->issuer, 32);
	query_int(&q, 3, in->identity);
	query_int(&q, 4, tx->now);
	query_int(&q, 5, in->not_after);
	return query_end(&q, err);
}

enum rc certificate_extend(struct tx *tx, const struct certificate *in,
			   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE certificate SET not_after = $1"
		    " WHERE key = $2 AND issuer = $3");
	query_int(&q, 1, in->not_after);
	query_blob(&q, 2, in->key, CERTIFICATE_KEY_LEN);
	query_blob(&q, 3, in->issuer, 32);
	return query_end(&q, err);
}

static const uint8_t no_key[CERTIFICATE_KEY_LEN];

static enum rc read_keys(struct tx *tx, int64_t identity, const uint8_t *but,
			 struct arena *arena, const uint8_t **out,
			 size_t *out_n, struct err *err)
{
	uint8_t *v = NULL;
	bool full = false;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT key FROM certificate WHERE identity = $1"
		    " AND key <> $2 AND not_after > $3");
	query_int(&q, 1, identity);
	query_blob(&q, 2, but, CERTIFICATE_KEY_LEN);
	query_int(&q, 3, tx->now);
	while (query_row(&q)) {
		size_t len;
		const void *key = query_col_blob(&q, 0, &len);

		v = rows_grown(arena, v, n, CERTIFICATE_KEY_LEN);
		full = v == NULL;
		if (full)
			break;
		memcpy(v + n++ * CERTIFICATE_KEY_LEN, key, len);
	}
	*out = v;
	*out_n = n;
	enum rc rc = query_end(&q, err);

	return rc == RC_OK && full
		       ? err_set(err, RC_NOMEM, "too many certificates")
		       : rc;
}

enum rc certificate_end(struct tx *tx, int64_t identity, const uint8_t *but,
			struct arena *arena, const uint8_t **out_keys,
			size_t *out_n, struct err *err)
{
	struct query q;
	enum rc rc;

	if (but == NULL)
		but = no_key; /* the hash of no key */
	rc = read_keys(tx, identity, but, arena, out_keys, out_n, err);
	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "UPDATE certificate SET not_after = $1"
		    " WHERE identity = $2 AND key <> $3 AND not_after > $1");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, identity);
	query_blob(&q, 3, but, CERTIFICATE_KEY_LEN);
	return query_end(&q, err);
}
