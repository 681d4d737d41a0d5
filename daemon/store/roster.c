#include "daemon/store/roster.h"

#include <string.h>

#include "daemon/core/local.h"
#include "daemon/store/calendar.h"
#include "daemon/store/rows.h"

struct loading {
	struct calendar_loader loader;
	struct core_span window;
	struct err *err;
};

/* Leave, and stays elsewhere where remote requests are refused. */
static enum rc find_absences(struct loading *l, const struct core_expert *e,
			     struct roster_person *p)
{
	size_t n = e->subject.nleaves;
	struct core_span *v =
		arena_array(l->loader.arena, n + e->naway + 1, sizeof(*v));

	if (!v)
		return rows_full(l->err);
	if (n)
		memcpy(v, e->subject.leaves, n * sizeof(*v));
	for (size_t i = 0; i < e->naway; i++) {
		const struct core_away *a = &e->away[i];

		if (!a->remote_requests)
			v[n++] = local_days(a->zone, a->first_day, a->last_day);
	}
	p->absent = v;
	p->nabsent = n;
	return RC_OK;
}

static enum rc know_person(struct loading *l, struct roster_person *p)
{
	struct core_expert e;
	enum rc rc = calendar_expert(&l->loader, p->expert, &e, l->err);

	if (rc != RC_OK)
		return rc;
	p->slug = e.subject.slug;
	p->name = e.subject.name;
	return find_absences(l, &e, p);
}

static enum rc duty_from_row(struct query *q, const struct roster *r,
			     struct arena *arena, struct core_rule *out)
{
	*out = (struct core_rule){
		.text = query_col_dup(q, 2, arena),
		.start = query_col_int(q, 3),
		.end = query_col_int(q, 4),
		.zone = r->zone,
		.on_holidays = true,
		.first_day = INT64_MIN,
		.last_day = INT64_MAX,
	};
	if (!out->text)
		return q->rc == RC_OK ? RC_NOMEM : q->rc;
	return rrule_parse(out->text, strlen(out->text), &out->rrule, NULL);
}

static struct roster_person *add_person(struct loading *l,
					struct roster_person **v, size_t *n)
{
	*v = rows_grown(l->loader.arena, *v, *n, sizeof(**v));
	return *v ? &(*v)[(*n)++] : NULL;
}

static enum rc read_person(struct loading *l, struct query *q,
			   const struct roster *r, const char *reach,
			   struct roster_person *p)
{
	*p = (struct roster_person){.expert = query_col_int(q, 0),
				    .reach = reach};
	if (!query_col_null(q, 1))
		p->reach = query_col_dup(q, 1, l->loader.arena);
	return query_col_null(q, 2)
		       ? RC_OK
		       : duty_from_row(q, r, l->loader.arena, &p->duty);
}

/* The roster's own. */
static enum rc load_people(struct loading *l, struct roster *r,
			   const char *reach, struct roster_person **out)
{
	struct roster_person *p;
	enum rc bad = RC_OK;
	struct query q;

	query_begin(&q, l->loader.tx->db,
		    "SELECT expert, reach, rrule, start_wall, end_wall"
		    " FROM roster_person WHERE roster = $1 ORDER BY position");
	query_int(&q, 1, r->id);
	while (bad == RC_OK && r->nown < ROSTER_PEOPLE_MAX && query_row(&q)) {
		p = add_person(l, out, &r->nown);
		bad = p ? read_person(l, &q, r, reach, p) : RC_NOMEM;
	}
	enum rc rc = query_end(&q, l->err);

	r->npeople = r->nown;
	if (rc == RC_OK && bad == RC_NOMEM)
		return rows_full(l->err);
	if (rc == RC_OK && bad != RC_OK)
		return err_set(l->err, bad, "a stored duty is none");
	for (size_t i = 0; rc == RC_OK && *out && i < r->nown; i++)
		rc = know_person(l, &(*out)[i]);
	return rc;
}

/* --- swaps --- */

static const char SQL_SWAPS[] =
	"SELECT gives, takes, from_time, to_time FROM roster_swap"
	" WHERE site = $1 AND specialty = $2 AND level = $3"
	" AND to_time > $4 AND from_time < $5 AND given = 1 AND taken = 1"
	" ORDER BY id";

#define SWAPS_MAX 1000 /* that touch one window */

struct swap {
	int64_t gives, takes;
	struct core_span span;
};

static enum rc read_swaps(struct loading *l, const struct roster *r,
			  struct swap **out, size_t *out_n)
{
	struct swap *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, l->loader.tx->db, SQL_SWAPS);
	query_int(&q, 1, r->site);
	query_text(&q, 2, r->specialty);
	query_int(&q, 3, r->level);
	query_int(&q, 4, l->window.from);
	query_int(&q, 5, l->window.to);
	while (n < SWAPS_MAX && query_row(&q)) {
		v = rows_grown(l->loader.arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct swap){
			query_col_int(&q, 0),
			query_col_int(&q, 1),
			{query_col_int(&q, 2), query_col_int(&q, 3)}};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, l->err);
}

/* The person's place among the people; who only takes over is added. */
static enum rc place_of(struct loading *l, struct roster *r,
			struct roster_person **people, int64_t expert,
			const char *reach, size_t *out)
{
	struct roster_person *p;

	for (size_t i = 0; *people && i < r->npeople; i++) {
		*out = i;
		if ((*people)[i].expert == expert)
			return RC_OK;
	}
	*out = r->npeople;
	p = add_person(l, people, &r->npeople);
	if (!p)
		return rows_full(l->err);
	*p = (struct roster_person){.expert = expert, .reach = reach};
	return know_person(l, p);
}

static enum rc load_swaps(struct loading *l, struct roster *r,
			  struct roster_person **people, const char *reach)
{
	struct roster_swap *v;
	struct swap *swaps;
	enum rc rc = read_swaps(l, r, &swaps, &r->nswaps);

	if (rc != RC_OK)
		return rc;
	v = arena_array(l->loader.arena, r->nswaps + 1, sizeof(*v));
	if (!v)
		return rows_full(l->err);
	for (size_t i = 0; rc == RC_OK && swaps && i < r->nswaps; i++) {
		v[i].span = swaps[i].span;
		rc = place_of(l, r, people, swaps[i].gives, reach, &v[i].from);
		if (rc == RC_OK)
			rc = place_of(l, r, people, swaps[i].takes, reach,
				      &v[i].to);
	}
	r->swaps = v;
	return rc;
}

/* --- rosters --- */

struct roster_row {
	struct roster roster;
	const char *zone, *reach;
};

static void row_from(struct query *q, struct arena *arena,
		     struct roster_row *row)
{
	row->roster = (struct roster){
		.id = query_col_int(q, 0),
		.site = query_col_int(q, 1),
		.specialty = query_col_dup(q, 2, arena),
		.level = (int)query_col_int(q, 3),
		.days = (int)query_col_int(q, 6),
		.start = query_col_null(q, 7) ? INT64_MIN : query_col_int(q, 7),
		.until = query_col_null(q, 8) ? INT64_MAX : query_col_int(q, 8),
	};
	row->zone = query_col_dup(q, 4, arena);
	row->reach = query_col_dup(q, 5, arena);
}

static enum rc read_rosters(struct loading *l, int64_t site,
			    const char *specialty, struct roster_row **out,
			    size_t *out_n)
{
	struct arena *arena = l->loader.arena;
	struct roster_row *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, l->loader.tx->db,
		    "SELECT r.id, r.site, r.specialty, r.level,"
		    " coalesce(r.time_zone, s.time_zone), r.reach,"
		    " r.days, r.start_wall, r.until_wall FROM roster r"
		    " JOIN site s ON s.id = r.site"
		    " WHERE ($1 = 0 OR r.site = $1)"
		    " AND (CAST($2 AS TEXT) IS NULL"
		    "  OR r.specialty = CAST($2 AS TEXT))"
		    " ORDER BY r.site, r.specialty, r.level");
	query_int(&q, 1, site);
	query_text(&q, 2, specialty);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		row_from(&q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, l->err);
}

static struct loading loading_of(struct tx *tx, struct core_span window,
				 struct arena *arena, struct err *err)
{
	return (struct loading){.loader = {.tx = tx,
					   .arena = arena,
					   .window = window,
					   .bare = true},
				.window = window,
				.err = err};
}

static enum rc complete(struct loading *l, const struct roster_row *row,
			struct roster *out)
{
	struct roster_person *people = NULL;
	enum rc rc;

	*out = row->roster;
	rc = rows_zone(l->loader.tx, row->zone, &out->zone, l->err);
	if (rc == RC_OK)
		rc = load_people(l, out, row->reach, &people);
	if (rc == RC_OK)
		rc = load_swaps(l, out, &people, row->reach);
	out->people = people;
	return rc;
}

enum rc roster_load(struct tx *tx, int64_t site, const char *specialty,
		    struct core_span window, struct arena *arena,
		    struct roster **out, size_t *out_n, struct err *err)
{
	struct loading l = loading_of(tx, window, arena, err);
	struct roster_row *rows;
	enum rc rc = read_rosters(&l, site, specialty, &rows, out_n);
	struct roster *v =
		rc == RC_OK ? arena_array(arena, *out_n + 1, sizeof(*v)) : NULL;

	if (rc == RC_OK && !v)
		return rows_full(err);
	for (size_t i = 0; rc == RC_OK && i < *out_n; i++)
		rc = complete(&l, &rows[i], &v[i]);
	*out = v;
	return rc;
}

enum rc roster_each(struct tx *tx, int level, struct core_span window,
		    struct arena *arena, roster_look look, void *ctx,
		    struct err *err)
{
	struct loading l = loading_of(tx, window, arena, err);
	struct roster_row *rows;
	size_t n;
	enum rc rc = read_rosters(&l, 0, NULL, &rows, &n);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		const struct arena_mark mark = arena_mark(arena);
		struct roster r;

		if (rows[i].roster.level != level)
			continue;
		l.loader.known = NULL;
		rc = complete(&l, &rows[i], &r);
		if (rc == RC_OK)
			rc = look(ctx, &r);
		arena_back(arena, mark);
	}
	return rc;
}

/* --- agreeing on a swap --- */

/* One that was agreed on and that a later one has changed since is past: the
 * same may be agreed on anew. */
static enum rc find_said(struct tx *tx, struct roster_swap_row *row,
			 bool *out_given, bool *out_taken, struct err *err)
{
	struct query q;

	row->id = 0;
	query_begin(&q, tx->db,
		    "SELECT id, given, taken FROM roster_swap s WHERE site = $1"
		    " AND specialty = $2 AND level = $3 AND gives = $4"
		    " AND takes = $5 AND from_time = $6 AND to_time = $7"
		    " AND (given = 0 OR taken = 0 OR NOT EXISTS"
		    "  (SELECT 1 FROM roster_swap l WHERE l.site = s.site"
		    "   AND l.specialty = s.specialty AND l.level = s.level"
		    "   AND l.id > s.id AND l.given = 1 AND l.taken = 1"
		    "   AND l.from_time < s.to_time"
		    "   AND l.to_time > s.from_time))"
		    " ORDER BY id DESC LIMIT 1");
	query_int(&q, 1, row->site);
	query_text(&q, 2, row->specialty);
	query_int(&q, 3, row->level);
	query_int(&q, 4, row->gives);
	query_int(&q, 5, row->takes);
	query_int(&q, 6, row->span.from);
	query_int(&q, 7, row->span.to);
	*out_given = *out_taken = false;
	if (query_row(&q)) {
		row->id = query_col_int(&q, 0);
		*out_given = query_col_int(&q, 1) != 0;
		*out_taken = query_col_int(&q, 2) != 0;
	}
	return query_end(&q, err);
}

/* It counts from now on, and so comes after all that were agreed on before. */
static enum rc write_said(struct tx *tx, struct roster_swap_row *row,
			  struct err *err)
{
	struct query q;
	int64_t had = row->id;
	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM roster_swap",
				  &row->id, err);

	if (rc != RC_OK)
		return rc;
	row->id++;
	query_begin(&q, tx->db,
		    "INSERT INTO roster_swap (id, site, specialty, level,"
		    " gives, takes, from_time, to_time, given, taken)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	query_int(&q, 1, row->id);
	query_int(&q, 2, row->site);
	query_text(&q, 3, row->specialty);
	query_int(&q, 4, row->level);
	query_int(&q, 5, row->gives);
	query_int(&q, 6, row->takes);
	query_int(&q, 7, row->span.from);
	query_int(&q, 8, row->span.to);
	query_int(&q, 9, row->given);
	query_int(&q, 10, row->taken);
	rc = query_end(&q, err);
	if (rc != RC_OK || !had)
		return rc;
	query_begin(&q, tx->db, "DELETE FROM roster_swap WHERE id = $1");
	query_int(&q, 1, had);
	return query_end(&q, err);
}

enum rc roster_swap_say(struct tx *tx, struct roster_swap_row *row,
			struct err *err)
{
	bool given, taken;
	enum rc rc = find_said(tx, row, &given, &taken, err);

	if (rc != RC_OK)
		return rc;
	row->given |= given;
	row->taken |= taken;
	if (row->id && row->given == given && row->taken == taken)
		return err_set(err, RC_STATE,
			       given && taken
				       ? "this swap was agreed on already"
				       : "this swap waits for the other to say"
					 " the same");
	return write_said(tx, row, err);
}
