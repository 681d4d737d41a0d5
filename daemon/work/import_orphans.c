/* Bookings that an import leaves without ground: those to come that lean on
 * what changed are put to the core again (import.h). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/work/import.h"

#define ORPHANS_MAX 200 /* that are told */
/* That the writer looks at in one import, at some 150 us each: nobody books
 * meanwhile. Those that come first are looked at. */
#define CHECKED_MAX 30000
#define ROW_MAX (8u * 1024u * 1024u) /* of one booking and what it takes */

void import_touch(struct import *l, enum network_part part, const char *name)
{
	if (!(l->ntouched & (l->ntouched - 1))) {
		size_t room = l->ntouched ? 2 * l->ntouched : 1;
		struct import_touched *v =
			arena_array(l->w->arena, room, sizeof(*v));

		l->nomem |= !v;
		if (v && l->ntouched)
			memcpy(v, l->touched, l->ntouched * sizeof(*v));
		l->touched = v;
	}
	if (l->nomem)
		return;
	l->touched[l->ntouched++] = (struct import_touched){part, name};
}

static int by_part(const void *a, const void *b)
{
	const struct import_touched *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Everything that leans on what was touched, each booking once. */
static enum rc gather(struct import *l, struct network_leanings *out)
{
	struct work *w = l->w;
	struct import_touched *v = l->touched;
	enum rc rc = RC_OK;

	*out = (struct network_leanings){.arena = w->arena};
	if (l->ntouched)
		qsort(v, l->ntouched, sizeof(*v), by_part);
	for (size_t i = 0; rc == RC_OK && i < l->ntouched; i++) {
		if (!i || by_part(&v[i - 1], &v[i]))
			rc = network_lean_on(w->tx, v[i].part, v[i].name, out,
					     &w->err);
	}
	network_leanings_end(out);
	return rc;
}

/* --- one of them --- */

/* NULL stays NULL. */
static const char *copied(struct import *l, const char *s)
{
	const char *copy = s ? arena_strndup(l->w->arena, s, strlen(s)) : NULL;

	l->nomem |= s && !copy;
	return copy;
}

static struct field_list copied_blockers(struct import *l,
					 const struct field_list *list)
{
	const struct msg_blocker *in = list->v;
	struct msg_blocker *v = arena_array(l->w->arena, list->n, sizeof(*v));

	l->nomem |= list->n && !v;
	for (size_t i = 0; !l->nomem && i < list->n; i++) {
		v[i] = in[i];
		v[i].subject = copied(l, in[i].subject);
		v[i].rule = copied(l, in[i].rule);
		v[i].detail = copied(l, in[i].detail);
	}
	return (struct field_list){v, list->n};
}

static void keep_orphan(struct import *l, const struct booking *b,
			const struct field_list *blockers,
			struct msg_orphan *out)
{
	*out = (struct msg_orphan){
		.booking = copied(l, b->code.s),
		.kind = (int)b->kind,
		.expert = copied(l, b->expert_slug),
		.lead = copied(l, b->lead_slug),
		.partner = copied(l, b->partner_slug),
		.from = b->from,
		.to = b->to,
		.blockers = copied_blockers(l, blockers),
	};
}

/* Its facts live in `row` and end with it. */
static enum rc check(struct import *l, int64_t id, struct arena *row,
		     struct msg_import_report *out)
{
	struct msg_orphan *v = out->orphans.v;
	struct work w = {
		.tx = l->w->tx,
		.who = l->w->who,
		.arena = row,
		.request_id = l->w->request_id,
		.match = WORK_MATCH_ANY,
	};
	struct booking b;
	enum rc rc = network_leaning_booking(w.tx, id, row, &b, &w.err);

	if (rc == RC_OK)
		rc = work_booking_recheck(&w, &b);
	if (rc == RC_REFUSED) {
		if (out->orphans.n < ORPHANS_MAX)
			keep_orphan(l, &b, &w.blockers, &v[out->orphans.n++]);
		out->orphaned++;
		return l->nomem ? work_nomem(l->w) : RC_OK;
	}
	return rc == RC_OK ? rc : err_set(&l->w->err, rc, "%s", w.err.text);
}

/* --- all of them --- */

static enum rc check_all(struct import *l, const struct network_leanings *list,
			 struct msg_import_report *out)
{
	enum rc rc = RC_OK;

	out->orphans.v = arena_array(l->w->arena, ORPHANS_MAX,
				     sizeof(struct msg_orphan));
	if (!out->orphans.v)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < list->n && i < CHECKED_MAX; i++) {
		struct arena row;

		arena_init(&row, ROW_MAX);
		rc = check(l, list->v[i].id, &row, out);
		arena_fini(&row);
	}
	return rc;
}

static enum rc warn_unchecked(struct import *l, size_t n,
			      struct msg_import_report *out)
{
	return import_warn(l, out,
			   arena_printf(l->w->arena,
					"%zu later bookings lean on what"
					" changed, too, and were not looked"
					" at",
					n));
}

enum rc import_find_orphans(struct import *l, struct msg_import_report *out)
{
	struct work *w = l->w;
	const struct clock *clock = w->tx->env->clock;
	int64_t begun = clock_mono_ms(clock);
	struct network_leanings list;
	bool booked;
	enum rc rc = network_is_booked(w->tx, &booked, &w->err);

	if (rc != RC_OK || !booked || !l->ntouched)
		return rc;
	rc = gather(l, &list);
	if (rc == RC_OK)
		rc = check_all(l, &list, out);
	if (rc == RC_OK && list.n > CHECKED_MAX)
		rc = warn_unchecked(l, list.n - CHECKED_MAX, out);
	if (rc == RC_OK)
		log_event(LOG_LVL_INFO, "import-orphans",
			  LOG_S("id", w->request_id),
			  LOG_N("changes", (int64_t)l->ntouched),
			  LOG_N("bookings", (int64_t)list.n),
			  LOG_N("orphaned", out->orphaned),
			  LOG_N("ms", clock_mono_ms(clock) - begun));
	return rc;
}
