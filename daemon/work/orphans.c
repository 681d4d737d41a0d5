#include "daemon/work/orphans.h"

#include <string.h>

#include "daemon/store/orphan.h"

#define ROW_MAX (8u * 1024u * 1024u)   /* of one booking and what it takes */
#define SEEK_MAX (32u * 1024u * 1024u) /* of one that is looked for */

/* --- copies that outlive a row --- */

/* NULL stays NULL. */
static const char *copied(struct orphan_hunt *h, const char *s)
{
	return s ? arena_strndup(h->w->arena, s, strlen(s)) : NULL;
}

static enum rc view_orphan(struct orphan_hunt *h, const struct booking *b,
			   const struct work *row, struct msg_orphan *out)
{
	proto_clear(&msg_orphan_table, out);
	out->booking = copied(h, b->code.s);
	out->kind = (int)b->kind;
	out->status = (int)b->status;
	out->expert = copied(h, b->expert_slug);
	out->lead = copied(h, b->lead_slug);
	out->partner = copied(h, b->partner_slug);
	out->from = b->from;
	out->to = b->to;
	return out->booking && out->lead && out->partner &&
			       proto_copy_list(&msg_blocker_table,
					       &row->blockers, h->w->arena,
					       &out->blockers)
		       ? RC_OK
		       : work_nomem(h->w);
}

/* --- where it could go --- */

/* What was asked for by name is asked for again, and the same expert; where
 * they have no time, whoever of the lead's does the same. */
static enum rc nearest(struct work *row, const struct booking *b,
		       struct field_list *out)
{
	enum rc rc;

	row->wish.with = (struct field_strs){b->named, b->nnamed};
	rc = work_nearest(row, out);
	if (rc != RC_OK || out->n || !row->wish.specialty)
		return rc;
	row->wish.expert = 0;
	return work_nearest(row, out);
}

static bool has_time(struct orphan_hunt *h)
{
	const struct clock *clock = h->w->tx->env->clock;

	if (!h->sought)
		h->begun_ms = clock_mono_ms(clock);
	return h->sought++ < ORPHANS_SOUGHT &&
	       clock_mono_ms(clock) - h->begun_ms < ORPHANS_SOUGHT_MS;
}

static enum rc seek(struct orphan_hunt *h, const struct booking *b,
		    struct work *row, struct msg_orphan *out)
{
	struct arena facts, *arena = row->arena;
	struct field_list slots;

	if (!row->wish.agreement)
		return RC_OK;
	if (!has_time(h)) {
		h->unsought++;
		return RC_OK;
	}
	arena_init(&facts, SEEK_MAX);
	row->arena = &facts;
	enum rc rc = nearest(row, b, &slots);

	if (rc == RC_OK &&
	    !proto_copy_list(&msg_slot_table, &slots, h->w->arena, &out->moves))
		rc = work_nomem(h->w);
	else /* or what it was booked with is no more, say */
		rc = RC_OK;
	row->arena = arena;
	arena_fini(&facts);
	return rc;
}

/* --- one of them --- */

/* It is told to both sides and to its experts; its state stays. */
static enum rc tell(struct orphan_hunt *h, const struct booking *b)
{
	struct work_change change = {.verb = VERB_ORPHAN,
				     .from = (int)b->status,
				     .to = (int)b->status,
				     .reason = h->reason};
	const char *by = h->w->who ? h->w->who->name : "system";
	bool new;

	enum rc rc = orphan_put(h->w->tx, b, by, h->cause, &new, &h->w->err);

	return rc == RC_OK && new ? work_event_booking(h->w, b, &change) : rc;
}

static enum rc found(struct orphan_hunt *h, const struct booking *b,
		     struct work *row)
{
	struct msg_orphan *v = h->found.v;
	enum rc rc = RC_OK;

	h->orphaned++;
	if (h->found.n < ORPHANS_TOLD) {
		v += h->found.n++;
		rc = view_orphan(h, b, row, v);
		if (rc == RC_OK && h->seek)
			rc = seek(h, b, row, v);
	} else if (h->seek) {
		h->unsought++;
	}
	return rc == RC_OK && h->keep ? tell(h, b) : rc;
}

static struct work of_row(const struct orphan_hunt *h, struct arena *arena)
{
	return (struct work){
		.tx = h->w->tx,
		.who = h->w->who,
		.arena = arena,
		.request_id = h->w->request_id,
		.match = WORK_MATCH_ANY,
	};
}

/* Its facts live in `arena` and end with it. */
static enum rc check(struct orphan_hunt *h, int64_t id, struct arena *arena)
{
	struct work row = of_row(h, arena);
	struct booking b;
	enum rc rc = network_leaning_booking(row.tx, id, arena, &b, &row.err);

	if (rc == RC_OK)
		rc = work_booking_recheck(&row, &b);
	if (rc == RC_REFUSED)
		return found(h, &b, &row);
	if (rc == RC_OK && h->keep)
		rc = orphan_drop(row.tx, id, &row.err);
	return rc == RC_OK ? rc : err_set(&h->w->err, rc, "%s", row.err.text);
}

/* Is there room for what is found? */
static bool begin(struct orphan_hunt *h)
{
	h->found.v = arena_array(h->w->arena, ORPHANS_TOLD,
				 sizeof(struct msg_orphan));
	return h->found.v != NULL;
}

/* --- all of them --- */

static bool concerns(const struct orphan_hunt *h,
		     const struct network_leaning *l)
{
	return l->from > h->span.from - CORE_MARGIN &&
	       l->from < h->span.to + CORE_MARGIN;
}

enum rc orphans_find(struct orphan_hunt *h, const struct network_leanings *list)
{
	size_t checked = 0;
	enum rc rc = RC_OK;

	if (!begin(h))
		return work_nomem(h->w);
	if (h->keep)
		rc = orphan_sweep(h->w->tx, &h->w->err);
	for (size_t i = 0; rc == RC_OK && i < list->n; i++) {
		struct arena row;

		if (!concerns(h, &list->v[i]))
			continue;
		if (checked++ >= ORPHANS_CHECKED) {
			h->unchecked++;
			continue;
		}
		arena_init(&row, ROW_MAX);
		rc = check(h, list->v[i].id, &row);
		arena_fini(&row);
	}
	return rc;
}

/* --- the worklist --- */

/* What another hospital has of an expert is not for its partner to read. */
static void view_cause(struct orphan_hunt *h, const struct orphan *o,
		       const struct booking *b, struct msg_orphan *out)
{
	out->since = o->since;
	if (h->w->who->site != b->lead)
		return;
	out->by = o->by;
	out->cause = o->cause;
}

static enum rc view_row(struct orphan_hunt *h, const struct orphan *o)
{
	struct work row;
	struct arena arena;
	struct booking b;
	size_t had = h->found.n;

	arena_init(&arena, ROW_MAX);
	row = of_row(h, &arena);
	enum rc rc = booking_by_id(row.tx, o->booking, &arena, &b, &row.err);

	if (rc == RC_OK && work_booking_sides(h->w, &b)) {
		rc = work_booking_recheck(&row, &b);
		if (rc == RC_REFUSED)
			rc = found(h, &b, &row);
		if (rc == RC_OK && h->found.n > had)
			view_cause(h, o, &b,
				   (struct msg_orphan *)h->found.v + had);
	}
	if (rc != RC_OK)
		(void)err_set(&h->w->err, rc, "%s", row.err.text);
	arena_fini(&arena);
	return rc;
}

enum rc work_orphan_list(struct work *w, const struct msg_orphan_query *in,
			 struct msg_orphan_list *out)
{
	struct orphan_hunt h = {.w = w, .seek = in->moves};
	struct orphan *rows;
	size_t n;
	enum rc rc;

	proto_clear(&msg_orphan_list_table, out);
	if (!begin(&h))
		return work_nomem(w);
	rc = orphan_list(w->tx, w->who->site, w->arena, ORPHANS_CHECKED, &rows,
			 &n, &w->err);
	for (size_t i = 0; rc == RC_OK && i < n && !out->more; i++) {
		out->more = h.found.n == ORPHANS_TOLD;
		if (!out->more)
			rc = view_row(&h, &rows[i]);
	}
	out->items = h.found;
	return rc;
}
