/* Loading what belongs to a subject as one set - rules, secondments, leave -
 * and the ways between places (import.h). */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/network_read.h"
#include "daemon/work/import.h"

/* --- sets: all that the file says of one subject together --- */

struct sets {
	enum import_part part;
	enum network_kept kept;
	const struct field_list *list; /* elements begin with their subject */
	size_t size;
	import_put_set *put;
	bool of_resources; /* besides experts */
};

/* An element of the part as what every one of them begins with. */
static const char *subject_of(const void *element)
{
	const char *s;

	memcpy(&s, element, sizeof(s));
	return s;
}

static int by_subject(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	int order = strcmp(subject_of(x), subject_of(y));

	return order ? order : (x > y) - (x < y);
}

static enum rc put_one(struct import *l, const struct sets *sets,
		       const void *const *v, size_t n)
{
	const char *subject = subject_of(v[0]);
	size_t index =
		(size_t)((const char *)v[0] - (const char *)sets->list->v) /
		sets->size;
	enum network_put put = NETWORK_SAME;
	enum rc rc = sets->put(l, subject, v, n, &put);

	if (rc != RC_OK)
		return import_failed_at(l, rc, sets->part, index);
	import_done(l, sets->part, subject, put);
	return RC_OK;
}

static int find_subject(const void *key, const void *element)
{
	return strcmp(key, subject_of(*(const void *const *)element));
}

/* A subject of the file of which this part says nothing has none. */
static enum rc clear_unnamed(struct import *l, const struct sets *sets,
			     const void *const *v)
{
	const char **kept;
	size_t n, named = sets->list->n;
	enum network_put put;
	enum rc rc = network_keepers(l->w->tx, sets->kept, l->w->arena, &kept,
				     &n, &l->w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (!import_names_has(&l->experts, kept[i]) &&
		    !(sets->of_resources &&
		      import_names_has(&l->resources, kept[i])))
			continue;
		if (named && bsearch(kept[i], v, named, sizeof(const void *),
				     find_subject))
			continue;
		rc = sets->put(l, kept[i], NULL, 0, &put);
		if (rc == RC_OK)
			import_removed(l, sets->part, kept[i]);
	}
	return rc;
}

static enum rc load_sets(struct import *l, const struct sets *sets)
{
	size_t n = sets->list->n;
	const void **v = arena_array(l->w->arena, n, sizeof(const void *));
	enum rc rc = RC_OK;

	if (n && !v)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++)
		v[i] = (const char *)sets->list->v + i * sets->size;
	if (n)
		qsort(v, n, sizeof(const void *), by_subject);
	for (size_t i = 0, k; rc == RC_OK && i < n; i = k) {
		for (k = i + 1; k < n; k++) {
			if (strcmp(subject_of(v[k]), subject_of(v[i])) != 0)
				break;
		}
		rc = put_one(l, sets, (const void *const *)v + i, k - i);
	}
	return rc == RC_OK ? clear_unnamed(l, sets, (const void *const *)v)
			   : rc;
}

/* --- rules --- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* As the column has them: days since 1970, in order, each once. NULL: the
 * arena is full. */
static const char *days_text(struct arena *arena,
			     const struct field_strs *dates)
{
	int64_t *days = arena_array(arena, dates->n, sizeof(*days));
	const char *text;
	struct buf out;
	size_t n = 0;

	if (!dates->n)
		return "";
	if (!days)
		return NULL;
	for (size_t i = 0; i < dates->n; i++)
		n += civil_read_date(dates->v[i], strlen(dates->v[i]),
				     &days[n]);
	qsort(days, n, sizeof(*days), by_number);
	buf_init(&out, dates->n * 21 + 1);
	for (size_t i = 0; i < n; i++) {
		if (i && days[i] == days[i - 1])
			continue;
		if (i)
			buf_chr(&out, ' ');
		buf_int(&out, days[i]);
	}
	text = arena_strndup(arena, buf_cstr(&out), out.len);
	buf_fini(&out);
	return text;
}

static enum rc fill_rule(struct import *l, const struct msg_net_rule *r,
			 struct network_rule *out)
{
	*out = (struct network_rule){
		.rrule = r->rrule,
		.time_zone = r->time_zone,
		.at = r->at,
		.start = r->start,
		.end = r->end,
		.kinds = r->kinds,
		.slot_minutes =
			r->slot_minutes == FIELD_NONE ? 0 : r->slot_minutes,
		.on_holidays = r->on_holidays,
		.exdates = days_text(l->w->arena, &r->exdates),
		.rdates = days_text(l->w->arena, &r->rdates),
		.pool = import_pool_text(l->w->arena, r),
	};
	return out->exdates && out->rdates && out->pool ? RC_OK
							: work_nomem(l->w);
}

enum rc import_put_rules(struct import *l, const char *subject,
			 const void *const *v, size_t n, enum network_put *put)
{
	struct network_rule *rules =
		arena_array(l->w->arena, n, sizeof(*rules));
	enum rc rc = RC_OK;

	if (n && !rules)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = fill_rule(l, v[i], &rules[i]);
	return rc == RC_OK ? network_put_rules(l->w->tx, subject, rules, n, put,
					       &l->w->err)
			   : rc;
}

enum rc import_load_availability(struct import *l)
{
	return load_sets(l, &(struct sets){
				    .part = IMPORT_AVAILABILITY,
				    .kept = NETWORK_RULES,
				    .list = &l->in->availability,
				    .size = sizeof(struct msg_net_rule),
				    .put = import_put_rules,
				    .of_resources = true,
			    });
}

/* --- secondments --- */

static enum rc fill_secondment(struct import *l,
			       const struct msg_net_secondment *s,
			       struct network_secondment *out)
{
	const struct msg_net_rule *in = s->availability.v;
	size_t n = s->availability.n;
	struct network_rule *rules =
		arena_array(l->w->arena, n, sizeof(*rules));
	enum rc rc = RC_OK;

	if (n && !rules)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = fill_rule(l, &in[i], &rules[i]);
	*out = (struct network_secondment){
		.site = s->site,
		.remote_requests =
			s->remote_requests ? s->remote_requests : "refuse",
		.note = s->note,
		.from = s->from,
		.to = s->to,
		.rules = rules,
		.nrules = n,
	};
	return rc;
}

enum rc import_put_secondments(struct import *l, const char *subject,
			       const void *const *v, size_t n,
			       enum network_put *put)
{
	struct network_secondment *stays =
		arena_array(l->w->arena, n, sizeof(*stays));
	enum rc rc = RC_OK;

	if (n && !stays)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = fill_secondment(l, v[i], &stays[i]);
	return rc == RC_OK ? network_put_secondments(l->w->tx, subject, stays,
						     n, put, &l->w->err)
			   : rc;
}

enum rc import_load_secondments(struct import *l)
{
	return load_sets(l, &(struct sets){
				    .part = IMPORT_SECONDMENTS,
				    .kept = NETWORK_SECONDMENTS,
				    .list = &l->in->secondments,
				    .size = sizeof(struct msg_net_secondment),
				    .put = import_put_secondments,
			    });
}

/* --- leave --- */

enum rc import_put_leave(struct import *l, const char *subject,
			 const void *const *v, size_t n, enum network_put *put)
{
	struct network_leave *leave =
		arena_array(l->w->arena, n, sizeof(*leave));

	if (n && !leave)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++) {
		const struct msg_net_leave *in = v[i];

		leave[i] = (struct network_leave){in->start, in->end,
						  in->time_zone, in->note};
	}
	return network_put_leave(l->w->tx, subject, leave, n, put, &l->w->err);
}

enum rc import_load_leave(struct import *l)
{
	return load_sets(l, &(struct sets){
				    .part = IMPORT_LEAVE,
				    .kept = NETWORK_LEAVE,
				    .list = &l->in->leave,
				    .size = sizeof(struct msg_net_leave),
				    .put = import_put_leave,
				    .of_resources = true,
			    });
}

/* --- transfers --- */

struct way {
	const char *a, *b; /* in order */
};

static struct way way_of(const char *from, const char *to)
{
	return strcmp(from, to) < 0 ? (struct way){from, to}
				    : (struct way){to, from};
}

static int by_way(const void *a, const void *b)
{
	const struct way *x = a, *y = b;
	int order = strcmp(x->a, y->a);

	return order ? order : strcmp(x->b, y->b);
}

static const char *way_id(struct import *l, const char *from, const char *to)
{
	return arena_printf(l->w->arena, "%s - %s", from, to);
}

/* Is the end's site one that the file describes? */
static bool site_in_file(struct import *l, const char *end)
{
	const char *site = arena_strndup(l->w->arena, end, strcspn(end, "/"));

	return site && import_names_has(&l->sites, site);
}

static void touch_ends(struct import *l, const char *from, const char *to)
{
	import_touch(l, NETWORK_OF_END, from);
	import_touch(l, NETWORK_OF_END, to);
}

static enum rc remove_way(struct import *l, const struct network_transfer *t)
{
	const char *id = way_id(l, t->from, t->to);
	enum rc rc = network_delete_transfer(l->w->tx, t->id, &l->w->err);

	if (rc != RC_OK)
		return rc;
	if (!id)
		return work_nomem(l->w);
	import_removed(l, IMPORT_TRANSFERS, id);
	touch_ends(l, t->from, t->to);
	return RC_OK;
}

/* The stored ways of the file's sites that the file does not list. */
static enum rc remove_unlisted(struct import *l, const struct way *ways)
{
	size_t n = l->in->transfers.n;
	struct network_list stored;
	enum rc rc = network_read_transfers(l->w->tx, l->w->arena, &stored,
					    &l->w->err);
	const struct network_transfer *v = stored.v;

	for (size_t i = 0; rc == RC_OK && i < stored.n; i++) {
		const struct way way = way_of(v[i].from, v[i].to);

		if ((n && bsearch(&way, ways, n, sizeof(way), by_way)) ||
		    (!site_in_file(l, way.a) && !site_in_file(l, way.b)))
			continue;
		rc = remove_way(l, &v[i]);
	}
	return rc;
}

static enum rc put_way(struct import *l, const struct msg_net_transfer *t)
{
	const struct network_transfer transfer = {
		.from = t->from, .to = t->to, .minutes = t->minutes};
	const char *id = way_id(l, t->from, t->to);
	enum network_put put;
	enum rc rc =
		network_put_transfer(l->w->tx, &transfer, &put, &l->w->err);

	if (rc == RC_OK && !id)
		return work_nomem(l->w);
	if (rc == RC_OK)
		import_done(l, IMPORT_TRANSFERS, id, put);
	if (rc == RC_OK && put != NETWORK_SAME)
		touch_ends(l, t->from, t->to);
	return rc;
}

enum rc import_load_transfers(struct import *l)
{
	const struct msg_net_transfer *in = l->in->transfers.v;
	size_t n = l->in->transfers.n;
	struct way *ways = arena_array(l->w->arena, n, sizeof(*ways));

	if (n && !ways)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++)
		ways[i] = way_of(in[i].from, in[i].to);
	if (n)
		qsort(ways, n, sizeof(*ways), by_way);
	enum rc rc = remove_unlisted(l, ways);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = put_way(l, &in[i]);
		if (rc != RC_OK)
			rc = import_failed_at(l, rc, IMPORT_TRANSFERS, i);
	}
	return rc;
}
