#include "daemon/store/own.h"

#include "base/words.h"
#include "daemon/core/kind.h"

#define NO_LAST_DAY 2932896 /* 9999-12-31 */

bool own_is_kind(enum kind kind)
{
	const struct kind_row *row = kind_row(kind);

	return row->how == KIND_BY_EVENT && row->where == KIND_REMOTE;
}

bool own_is_had_with(enum kind kind)
{
	return own_is_kind(kind) || kind == KIND_CASE_DISCUSSION;
}

enum rc own_find(struct tx *tx, int64_t lead, int64_t *out, struct err *err)
{
	struct query q;

	query_begin(
		&q, tx->db,
		"SELECT id FROM agreement WHERE partner = $1 AND lead = $1");
	query_int(&q, 1, lead);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

static enum rc insert(struct tx *tx, int64_t lead, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO agreement (slug, lead, partner, valid_from,"
		    " valid_to, min_independent_years)"
		    " SELECT slug || '/own', id, id, 0, $1, 0 FROM site"
		    " WHERE id = $2");
	query_int(&q, 1, NO_LAST_DAY);
	query_int(&q, 2, lead);
	return query_end(&q, err);
}

static enum rc insert_kind(struct tx *tx, int64_t id, enum kind kind,
			   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO agreement_kind (agreement, kind)"
		    " VALUES ($1, $2)");
	query_int(&q, 1, id);
	query_text(&q, 2, words_name(&words_kind, (int)kind));
	return query_end(&q, err);
}

enum rc own_put(struct tx *tx, int64_t lead, struct err *err)
{
	int64_t id;
	enum rc rc = own_find(tx, lead, &id, err);

	if (rc != RC_OK || id)
		return rc;
	rc = insert(tx, lead, err);
	if (rc == RC_OK)
		rc = own_find(tx, lead, &id, err);
	for (int k = 0; rc == RC_OK && k < KIND_COUNT; k++)
		if (own_is_kind((enum kind)k))
			rc = insert_kind(tx, id, (enum kind)k, err);
	return rc;
}
