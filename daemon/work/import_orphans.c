/* Bookings that an import leaves without ground: those to come that lean on
 * what changed are put to the core again (import.h). */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/work/import.h"
#include "daemon/work/orphans.h"

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

static enum rc warn_unchecked(struct import *l, int64_t n,
			      struct msg_import_report *out)
{
	return import_warn(l, out,
			   arena_printf(l->w->arena,
					"%lld later bookings lean on what"
					" changed, too, and were not looked"
					" at",
					(long long)n));
}

enum rc import_find_orphans(struct import *l, struct msg_import_report *out)
{
	struct work *w = l->w;
	const struct clock *clock = w->tx->env->clock;
	int64_t begun = clock_mono_ms(clock);
	struct orphan_hunt hunt = {.w = w,
				   .cause = "import",
				   .span = {INT64_MIN / 2, INT64_MAX / 2},
				   .keep = true};
	struct network_leanings list;
	bool booked;
	enum rc rc = network_is_booked(w->tx, &booked, &w->err);

	if (rc != RC_OK || !booked || !l->ntouched)
		return rc;
	rc = gather(l, &list);
	if (rc == RC_OK)
		rc = orphans_find(&hunt, &list);
	out->orphans = hunt.found;
	out->orphaned = hunt.orphaned;
	if (rc == RC_OK && hunt.unchecked)
		rc = warn_unchecked(l, hunt.unchecked, out);
	if (rc == RC_OK)
		log_event(LOG_LVL_INFO, "import-orphans",
			  LOG_S("id", w->request_id),
			  LOG_N("changes", (int64_t)l->ntouched),
			  LOG_N("bookings", (int64_t)list.n),
			  LOG_N("orphaned", out->orphaned),
			  LOG_N("ms", clock_mono_ms(clock) - begun));
	return rc;
}
