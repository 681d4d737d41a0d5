/* Rosters of who is on call (network.h, network_read.h). */
#include "daemon/store/network.h"
#include "daemon/store/network_read.h"
#include "daemon/store/network_set.h"
#include "daemon/store/rows.h"

static enum rc find_roster(struct tx *tx, const struct network_roster *in,
			   int64_t *out, struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, tx->db,
		    "SELECT r.id FROM roster r JOIN site s ON s.id = r.site"
		    " WHERE s.slug = $1 AND r.specialty = $2"
		    " AND r.level = $3");
	query_text(&q, 1, in->site);
	query_text(&q, 2, in->specialty);
	query_int(&q, 3, in->level);
	if (query_row(&q))
		*out = query_col_int(&q, 0);
	return query_end(&q, err);
}

static enum rc put_row(struct tx *tx, const struct network_roster *in,
		       enum network_put *out, struct err *err)
{
	struct query q;
	int64_t site;
	enum rc rc =
		network_need_id(tx, NETWORK_SQL_SITE, in->site, &site, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO roster (site, specialty, level, time_zone,"
		    " reach, days, start_wall, until_wall)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
		    " ON CONFLICT (site, specialty, level) DO UPDATE SET"
		    " time_zone = excluded.time_zone, reach = excluded.reach,"
		    " days = excluded.days, start_wall = excluded.start_wall,"
		    " until_wall = excluded.until_wall"
		    " WHERE roster.time_zone IS DISTINCT FROM"
		    "  excluded.time_zone"
		    " OR roster.reach <> excluded.reach"
		    " OR roster.days <> excluded.days"
		    " OR roster.start_wall IS DISTINCT FROM"
		    "  excluded.start_wall"
		    " OR roster.until_wall IS DISTINCT FROM"
		    "  excluded.until_wall");
	query_int(&q, 1, site);
	query_text(&q, 2, in->specialty);
	query_int(&q, 3, in->level);
	query_text(&q, 4, in->time_zone);
	query_text(&q, 5, in->reach);
	query_int(&q, 6, in->days);
	query_int_or_null(&q, 7, in->start, INT64_MIN);
	query_int_or_null(&q, 8, in->until, INT64_MIN);
	rc = query_end(&q, err);
	if (rc == RC_OK && db_changes(tx->db))
		network_note_change(out);
	return rc;
}

static enum rc insert_person(struct tx *tx, int64_t roster, size_t position,
			     const struct network_on_call *p, struct err *err)
{
	struct query q;
	int64_t expert;
	enum rc rc = network_need_id(tx, NETWORK_SQL_SUBJECT, p->expert,
				     &expert, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO roster_person (roster, position, expert,"
		    " reach, rrule, start_wall, end_wall)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7)");
	query_int(&q, 1, roster);
	query_int(&q, 2, (int64_t)position);
	query_int(&q, 3, expert);
	query_text(&q, 4, p->reach);
	query_text(&q, 5, p->rrule);
	query_int_or_null(&q, 6, p->start, INT64_MIN);
	query_int_or_null(&q, 7, p->end, INT64_MIN);
	return query_end(&q, err);
}

static void want_person(struct set *set, const struct network_on_call *p)
{
	set_want_text(set, p->expert);
	set_want_text(set, p->reach);
	set_want_text(set, p->rrule);
	if (p->rrule) {
		set_want_int(set, p->start);
		set_want_int(set, p->end);
	} else {
		set_want_text(set, NULL);
		set_want_text(set, NULL);
	}
	set_want_row(set);
}

static enum rc put_people(struct tx *tx, int64_t roster,
			  const struct network_roster *in,
			  enum network_put *out, struct err *err)
{
	struct set set;
	struct query q;

	set_init(&set);
	for (size_t i = 0; i < in->npeople; i++)
		want_person(&set, &in->people[i]);
	query_begin(&q, tx->db,
		    "SELECT s.slug, p.reach, p.rrule, p.start_wall, p.end_wall"
		    " FROM roster_person p JOIN subject s ON s.id = p.expert"
		    " WHERE p.roster = $1 ORDER BY p.position");
	query_int(&q, 1, roster);
	enum rc rc = set_read(&set, &q, 5, err);
	bool same = set_same(&set);

	set_fini(&set);
	if (rc != RC_OK || same)
		return rc;
	network_note_change(out);
	rc = network_delete_of(
		tx, "DELETE FROM roster_person WHERE roster = $1", roster, err);
	for (size_t i = 0; rc == RC_OK && i < in->npeople; i++)
		rc = insert_person(tx, roster, i, &in->people[i], err);
	return rc;
}

enum rc network_put_roster(struct tx *tx, const struct network_roster *in,
			   enum network_put *out, struct err *err)
{
	int64_t had, id;
	enum rc rc = find_roster(tx, in, &had, err);

	*out = NETWORK_SAME;
	if (rc == RC_OK)
		rc = put_row(tx, in, out, err);
	if (rc == RC_OK)
		rc = find_roster(tx, in, &id, err);
	if (rc == RC_OK)
		rc = put_people(tx, id, in, out, err);
	if (rc == RC_OK && !had)
		*out = NETWORK_CREATED;
	return rc;
}

enum rc network_delete_roster(struct tx *tx, const struct network_roster *in,
			      struct err *err)
{
	int64_t id;
	enum rc rc = find_roster(tx, in, &id, err);

	if (rc == RC_OK)
		rc = network_delete_of(
			tx, "DELETE FROM roster_person WHERE roster = $1", id,
			err);
	return rc == RC_OK
		       ? network_delete_of(tx,
					   "DELETE FROM roster WHERE id = $1",
					   id, err)
		       : rc;
}

/* --- reading --- */

static int64_t int_or_none(const struct query *q, int column)
{
	return query_col_null(q, column) ? INT64_MIN : query_col_int(q, column);
}

static enum rc read_people(struct tx *tx, int64_t roster, struct arena *arena,
			   struct network_roster *out, struct err *err)
{
	struct network_on_call *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT s.slug, p.reach, p.rrule, p.start_wall, p.end_wall"
		    " FROM roster_person p JOIN subject s ON s.id = p.expert"
		    " WHERE p.roster = $1 ORDER BY p.position");
	query_int(&q, 1, roster);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v) {
			q.rc = RC_NOMEM;
			break;
		}
		v[n++] = (struct network_on_call){
			.expert = query_col_dup(&q, 0, arena),
			.reach = query_col_dup(&q, 1, arena),
			.rrule = query_col_dup(&q, 2, arena),
			.start = int_or_none(&q, 3),
			.end = int_or_none(&q, 4),
		};
	}
	out->people = v;
	out->npeople = n;
	return query_end(&q, err);
}

static enum rc read_row(struct query *q, struct arena *arena,
			struct network_list *out)
{
	struct network_stored_roster *v =
		rows_grown(arena, out->v, out->n, sizeof(*v));

	if (!v)
		return RC_NOMEM;
	out->v = v;
	v[out->n++] = (struct network_stored_roster){
		.id = query_col_int(q, 0),
		.roster = {.site = query_col_dup(q, 1, arena),
			   .specialty = query_col_dup(q, 2, arena),
			   .level = query_col_int(q, 3),
			   .time_zone = query_col_dup(q, 4, arena),
			   .reach = query_col_dup(q, 5, arena),
			   .days = query_col_int(q, 6),
			   .start = int_or_none(q, 7),
			   .until = int_or_none(q, 8)},
	};
	return RC_OK;
}

enum rc network_read_rosters(struct tx *tx, struct arena *arena,
			     struct network_list *out, struct err *err)
{
	struct query q;

	*out = (struct network_list){0};
	query_begin(&q, tx->db,
		    "SELECT r.id, s.slug, r.specialty, r.level, r.time_zone,"
		    " r.reach, r.days, r.start_wall, r.until_wall"
		    " FROM roster r JOIN site s ON s.id = r.site"
		    " ORDER BY s.slug, r.specialty, r.level");
	while (query_row(&q)) {
		q.rc = read_row(&q, arena, out);
		if (q.rc != RC_OK)
			break;
	}
	enum rc rc = query_end(&q, err);
	struct network_stored_roster *v = out->v;

	for (size_t i = 0; rc == RC_OK && i < out->n; i++)
		rc = read_people(tx, v[i].id, arena, &v[i].roster, err);
	return rc == RC_NOMEM ? err_set(err, RC_NOMEM,
					"the network is too large to be"
					" read")
			      : rc;
}
