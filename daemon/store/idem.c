#include "daemon/store/idem.h"

#include <stdio.h>
#include <string.h>

static void copy_text(char *out, size_t size, const char *s)
{
	snprintf(out, size, "%s", s);
}

/* The row's answer; body copied, so that it outlives the query. */
static enum rc take_answer(struct query *q, struct idem_answer *out,
			   struct err *err)
{
	size_t len;
	const void *body = query_col_blob(q, 4, &len);

	*out = (struct idem_answer){.status = (int)query_col_int(q, 1)};
	copy_text(out->etag, sizeof(out->etag), query_col_text(q, 2));
	copy_text(out->location, sizeof(out->location), query_col_text(q, 3));
	buf_init(&out->body, len);
	buf_add(&out->body, body, len);
	if (!out->body.failed)
		return RC_OK;
	buf_fini(&out->body);
	return err_set(err, RC_NOMEM, "no memory for a stored answer");
}

enum rc idem_find(struct tx *tx, const struct idem_key *key,
		  struct idem_answer *out, struct err *err)
{
	struct query q;
	enum rc found = RC_NOT_FOUND;
	enum rc rc;

	query_begin(&q, tx->db,
		    "SELECT body_hash, status, etag, location, body"
		    " FROM idempotency WHERE identity = $1 AND route = $2"
		    " AND key = $3 AND at > $4");
	query_int(&q, 1, key->identity);
	query_text(&q, 2, key->route);
	query_text(&q, 3, key->key);
	query_int(&q, 4, tx->now - IDEM_KEPT);
	if (query_row(&q)) {
		size_t len;
		const void *hash = query_col_blob(&q, 0, &len);

		if (len == sizeof(key->body_hash) &&
		    crypt_equal(hash, key->body_hash, len))
			found = take_answer(&q, out, err);
		else
			found = err_set(err, RC_KEY_REUSED,
					"this key was used for another body");
	}
	rc = query_end(&q, err);
	if (rc != RC_OK && found == RC_OK)
		buf_fini(&out->body);
	return rc == RC_OK ? found : rc;
}

static enum rc insert(struct tx *tx, const struct idem_key *key,
		      const struct idem_answer *answer, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO idempotency (id, identity, route, key,"
		    " body_hash, status, etag, location, body, at)"
		    " VALUES ((SELECT coalesce(max(id), 0) + 1"
		    "  FROM idempotency), $1, $2, $3, $4, $5, $6, $7, $8, $9)"
		    " ON CONFLICT (identity, route, key) DO NOTHING");
	query_int(&q, 1, key->identity);
	query_text(&q, 2, key->route);
	query_text(&q, 3, key->key);
	query_blob(&q, 4, key->body_hash, sizeof(key->body_hash));
	query_int(&q, 5, answer->status);
	query_text(&q, 6, answer->etag);
	query_text(&q, 7, answer->location);
	query_blob(&q, 8, buf_cstr(&answer->body), answer->body.len);
	query_int(&q, 9, tx->now);
	return query_end(&q, err);
}

static enum rc forget(struct tx *tx, const struct idem_key *key,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM idempotency WHERE identity = $1"
		    " AND route = $2 AND key = $3");
	query_int(&q, 1, key->identity);
	query_text(&q, 2, key->route);
	query_text(&q, 3, key->key);
	return query_end(&q, err);
}

/* One of the same name has expired: a live one was found before. It goes, and
 * the new one stands at the end. */
enum rc idem_keep(struct tx *tx, const struct idem_key *key,
		  const struct idem_answer *answer, struct err *err)
{
	enum rc rc = insert(tx, key, answer, err);

	if (rc != RC_OK || db_changes(tx->db) > 0)
		return rc;
	rc = forget(tx, key, err);
	return rc == RC_OK ? insert(tx, key, answer, err) : rc;
}

/* They stand in the order in which they came. */
enum rc idem_expire(struct tx *tx, int limit, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM idempotency WHERE id IN"
		    " (SELECT id FROM idempotency ORDER BY id LIMIT $1)"
		    " AND at <= $2");
	query_int(&q, 1, limit);
	query_int(&q, 2, tx->now - IDEM_KEPT);
	return query_end(&q, err);
}
