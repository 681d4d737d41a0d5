#include "daemon/store/token.h"

enum rc token_add(struct tx *tx, const struct token *in, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO token (hash, identity, scopes, made_at,"
		    " not_after) VALUES ($1, $2, $3, $4, $5)");
	query_blob(&q, 1, in->hash, 32);
	query_int(&q, 2, in->identity);
	query_int(&q, 3, in->scopes);
	query_int(&q, 4, tx->now);
	query_int(&q, 5, in->not_after);
	return query_end(&q, err);
}

enum rc token_rekey(struct tx *tx, int64_t identity, const uint8_t hash[32],
		    struct err *err)
{
	struct query q;
	enum rc rc;

	query_begin(&q, tx->db,
		    "UPDATE token SET hash = $1"
		    " WHERE identity = $2 AND not_after > $3");
	query_blob(&q, 1, hash, 32);
	query_int(&q, 2, identity);
	query_int(&q, 3, tx->now);
	rc = query_end(&q, err);
	if (rc == RC_OK && db_changes(tx->db) != 1)
		rc = err_set(err, RC_RULE, "the token has ended");
	return rc;
}

enum rc token_end(struct tx *tx, int64_t identity, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE token SET not_after = $1"
		    " WHERE identity = $2 AND not_after > $1");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, identity);
	return query_end(&q, err);
}
