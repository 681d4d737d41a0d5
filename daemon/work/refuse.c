#include "daemon/work/refuse.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/core/decide.h"
#include "daemon/core/local.h"
#include "daemon/store/rows.h"
#include "daemon/work/tools.h"

enum rc refuse_by_rule(struct work *w, const struct refusal *why,
		       const char *fmt, ...)
{
	struct msg_blocker *v = arena_alloc(w->arena, sizeof(*v));
	char text[ERR_TEXT_MAX];
	va_list args;

	if (!v)
		return work_nomem(w);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	proto_clear(&msg_blocker_table, v);
	v->reason = (int)why->reason;
	v->subject = why->subject;
	v->rule = why->rule;
	if (why->span.from < why->span.to) {
		v->from = why->span.from;
		v->to = why->span.to;
	}
	v->detail = arena_printf(w->arena, "%s", text);
	if (!v->detail)
		return work_nomem(w);
	w->blockers = (struct field_list){v, 1};
	return err_set(&w->err, RC_RULE, "%s", text);
}

/* --- no agreement --- */

#define AGREEMENTS_MAX 64

struct reasons {
	struct msg_blocker *v;
	size_t n;
};

static enum rc add(struct work *w, struct reasons *out, enum block reason,
		   const struct core_agreement *a, const char *detail)
{
	out->v = rows_grown(w->arena, out->v, out->n, sizeof(*out->v));
	if (!out->v || !detail)
		return work_nomem(w);
	struct msg_blocker *b = &out->v[out->n++];

	proto_clear(&msg_blocker_table, b);
	b->reason = (int)reason;
	b->detail = detail;
	if (!a)
		return RC_OK;
	b->rule = a->slug;
	if (reason == BLOCK_AGREEMENT) {
		struct core_span valid =
			local_days(a->lead_zone, a->first_day, a->last_day);

		b->from = valid.from;
		b->to = valid.to;
	}
	return RC_OK;
}

/* The day of those that are asked about on which it is in force, if any. */
static int64_t day_of(const struct core_agreement *a,
		      const struct agreement_filter *f)
{
	int64_t day = local_day(a->lead_zone, f->now);
	int64_t last = f->until ? local_day(a->lead_zone, f->until) : day;

	return day < a->first_day && last >= a->first_day ? a->first_day : day;
}

static const char *say(struct work *w, enum block reason,
		       const struct agreement_filter *f)
{
	switch (reason) {
	case BLOCK_AGREEMENT:
		return "is in force from then until then";
	case BLOCK_AGREEMENT_KIND:
		return arena_printf(w->arena, "does not cover %s",
				    words_name(&words_kind, (int)f->kind));
	default:
		return arena_printf(w->arena, "does not cover %s",
				    f->specialty);
	}
}

static enum rc judge(struct work *w, int64_t id,
		     const struct agreement_filter *f, struct reasons *out)
{
	struct core_agreement a;
	enum block blocks[4];
	bool suits = true;
	enum rc rc = agreement_by_id(w->tx, id, w->arena, &a, &w->err);

	if (rc != RC_OK)
		return rc;
	size_t n = core_agreement_blocks(&a, f->kind, f->specialty,
					 day_of(&a, f), blocks);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = add(w, out, blocks[i], &a, say(w, blocks[i], f));
	if (rc == RC_OK && f->expert)
		rc = agreement_suits(w->tx, id, f->expert, &suits, &w->err);
	return rc == RC_OK && !suits
		       ? add(w, out, BLOCK_SPECIALTY, &a,
			     "does not cover what the expert does")
		       : rc;
}

enum rc refuse_uncovered(struct work *w, const struct agreement_filter *f)
{
	bool own = f->partner == w->who->site;
	int64_t ids[AGREEMENTS_MAX];
	struct reasons reasons = {NULL, 0};
	size_t n = 0;
	enum rc rc =
		agreement_all(w->tx, f->partner, own ? f->lead : w->who->site,
			      ids, AGREEMENTS_MAX, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = judge(w, ids[i], f, &reasons);
	if (rc == RC_OK && n == 0)
		rc = add(w, &reasons, BLOCK_AGREEMENT, NULL,
			 own ? "your site is the partner in none of these; a"
			       " lead names its partner as site"
			     : "you have none with that partner");
	if (rc != RC_OK)
		return rc;
	w->blockers = (struct field_list){reasons.v, reasons.n};
	return err_set(&w->err, RC_RULE,
		       own ? "no live agreement in which your site is the"
			     " partner covers %s%s%s"
			   : "no live agreement of yours with that partner"
			     " covers %s%s%s",
		       words_name(&words_kind, (int)f->kind),
		       f->specialty ? " in " : "",
		       f->specialty ? f->specialty : "");
}
