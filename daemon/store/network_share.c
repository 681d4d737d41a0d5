/* What an agreement keeps of each session of places (network.h). Experts stand
 * by their names: a file's agreements come before its experts. */
#include "daemon/store/network_set.h"
#include "daemon/store/rows.h"

static void want_shares(struct set *set, const struct network_share *v,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		set_want_text(set, v[i].expert ? v[i].expert : "");
		set_want_text(set, v[i].rule ? v[i].rule : "");
		set_want_int(set, v[i].places);
		set_want_int(set, v[i].days_before);
		set_want_int(set, v[i].minute);
		set_want_row(set);
	}
}

static enum rc insert_share(struct tx *tx, int64_t agreement, size_t position,
			    const struct network_share *s, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO place_share (agreement, position, expert,"
		    " rrule, places, days_before, at_minute)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7)");
	query_int(&q, 1, agreement);
	query_int(&q, 2, (int64_t)position);
	query_text(&q, 3, s->expert);
	query_text(&q, 4, s->rule);
	query_int(&q, 5, s->places);
	query_int(&q, 6, s->days_before);
	query_int(&q, 7, s->minute);
	return query_end(&q, err);
}

enum rc network_put_shares(struct tx *tx, int64_t agreement,
			   const struct network_share *v, size_t n,
			   enum network_put *out, struct err *err)
{
	struct set set;
	struct query q;

	set_init(&set);
	want_shares(&set, v, n);
	query_begin(&q, tx->db,
		    "SELECT coalesce(expert, ''), coalesce(rrule, ''), places,"
		    " days_before, at_minute FROM place_share"
		    " WHERE agreement = $1 ORDER BY position");
	query_int(&q, 1, agreement);
	enum rc rc = set_read(&set, &q, 5, err);
	bool same = set_same(&set);

	set_fini(&set);
	if (rc != RC_OK || same)
		return rc;
	network_note_change(out);
	rc = network_delete_of(tx,
			       "DELETE FROM place_share WHERE agreement = $1",
			       agreement, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = insert_share(tx, agreement, i, &v[i], err);
	return rc;
}

enum rc network_read_shares(struct tx *tx, struct arena *arena,
			    int64_t agreement, const struct network_share **out,
			    size_t *out_n, struct err *err)
{
	struct network_share *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT expert, rrule, places, days_before, at_minute"
		    " FROM place_share WHERE agreement = $1 ORDER BY position");
	query_int(&q, 1, agreement);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct network_share){
			.expert = query_col_dup(&q, 0, arena),
			.rule = query_col_dup(&q, 1, arena),
			.places = query_col_int(&q, 2),
			.days_before = query_col_int(&q, 3),
			.minute = query_col_int(&q, 4),
		};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}
