/* Transfers between places, and the network's note (network.h). */
#include "daemon/store/network.h"

#include <string.h>

#include "daemon/store/network_set.h"
#include "daemon/store/rows.h"

/* One end of a transfer: a place of a site, or (0) the site's places all. */
struct end {
	int64_t site, place;
};

static enum rc find_end(struct tx *tx, const char *name, struct end *out,
			struct err *err)
{
	struct query q;

	*out = (struct end){0};
	if (!strchr(name, '/'))
		return network_need_id(tx, NETWORK_SQL_SITE, name, &out->site,
				       err);
	query_begin(&q, tx->db, "SELECT site, id FROM subject WHERE slug = $1");
	query_text(&q, 1, name);
	bool found = query_row(&q);

	if (found) {
		out->site = query_col_int(&q, 0);
		out->place = query_col_int(&q, 1);
	}
	return rows_end_found(&q, found, "resource", err);
}

/* id 0: there is none between these two. */
static enum rc find_transfer(struct tx *tx, const struct end *a,
			     const struct end *b, int64_t *out_id,
			     int64_t *out_minutes, struct err *err)
{
	struct query q;

	*out_id = *out_minutes = 0;
	query_begin(&q, tx->db,
		    "SELECT id, minutes FROM transfer WHERE (site_a = $1"
		    " AND place_a IS NOT DISTINCT FROM CAST($2 AS BIGINT)"
		    " AND site_b = $3"
		    " AND place_b IS NOT DISTINCT FROM CAST($4 AS BIGINT))"
		    " OR (site_a = $3"
		    " AND place_a IS NOT DISTINCT FROM CAST($4 AS BIGINT)"
		    " AND site_b = $1"
		    " AND place_b IS NOT DISTINCT FROM CAST($2 AS BIGINT))");
	query_int(&q, 1, a->site);
	query_int_or_null(&q, 2, a->place, 0);
	query_int(&q, 3, b->site);
	query_int_or_null(&q, 4, b->place, 0);
	if (query_row(&q)) {
		*out_id = query_col_int(&q, 0);
		*out_minutes = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

static enum rc insert_transfer(struct tx *tx, const struct end *a,
			       const struct end *b, int64_t minutes,
			       struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO transfer (site_a, place_a, site_b, place_b,"
		    " minutes) VALUES ($1, $2, $3, $4, $5)");
	query_int(&q, 1, a->site);
	query_int_or_null(&q, 2, a->place, 0);
	query_int(&q, 3, b->site);
	query_int_or_null(&q, 4, b->place, 0);
	query_int(&q, 5, minutes);
	return query_end(&q, err);
}

static enum rc update_transfer(struct tx *tx, int64_t id, int64_t minutes,
			       struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE transfer SET minutes = $1 WHERE id = $2");
	query_int(&q, 1, minutes);
	query_int(&q, 2, id);
	return query_end(&q, err);
}

enum rc network_put_transfer(struct tx *tx, const struct network_transfer *in,
			     enum network_put *out, struct err *err)
{
	struct end a, b;
	int64_t had, minutes;
	enum rc rc = find_end(tx, in->from, &a, err);

	if (rc == RC_OK)
		rc = find_end(tx, in->to, &b, err);
	if (rc == RC_OK)
		rc = find_transfer(tx, &a, &b, &had, &minutes, err);
	if (rc != RC_OK)
		return rc;
	*out = !had			? NETWORK_CREATED
	       : minutes != in->minutes ? NETWORK_CHANGED
					: NETWORK_SAME;
	if (*out == NETWORK_CREATED)
		return insert_transfer(tx, &a, &b, in->minutes, err);
	return *out == NETWORK_CHANGED
		       ? update_transfer(tx, had, in->minutes, err)
		       : RC_OK;
}

enum rc network_delete_transfer(struct tx *tx, int64_t id, struct err *err)
{
	return network_delete_of(tx, "DELETE FROM transfer WHERE id = $1", id,
				 err);
}

enum rc network_put_note(struct tx *tx, const char *note, enum network_put *out,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO meta (name, value) VALUES ('note', $1)"
		    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
		    " WHERE meta.value <> excluded.value");
	query_text(&q, 1, note);
	enum rc rc = query_end(&q, err);

	*out = db_changes(tx->db) ? NETWORK_CHANGED : NETWORK_SAME;
	return rc;
}
