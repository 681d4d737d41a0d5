/* The terms of pooled half-days, as the file and as the store have them
 * (import.h). */
#include <string.h>

#include "base/buf.h"
#include "daemon/core/kind.h"
#include "daemon/core/pooled.h"
#include "daemon/work/import.h"

#define NOTICE_DEFAULT 1440
#define TEXT_MAX 256

static kindset kinds_pooled(void)
{
	kindset set = 0;

	for (int k = 0; k < KIND_COUNT; k++)
		if (kind_row((enum kind)k)->pooled)
			set |= KINDSET(k);
	return set;
}

/* Of what the rule says besides; NULL: nothing. */
static const char *wrong(const struct msg_net_rule *r)
{
	if (r->of && strchr(r->of, '/'))
		return "is of an expert's half-day, not of a resource";
	if (r->slot_minutes != FIELD_NONE)
		return "is no session of places: say one of the two";
	if (!r->kinds || r->kinds & ~kinds_pooled())
		return "is for remote and imaging consultations, and they alone"
		       " must be named in kinds";
	if (!r->at)
		return "is somewhere: name the place in at";
	for (int k = 0; k < KIND_COUNT; k++)
		if (r->pool->minutes[k] != FIELD_NONE &&
		    !(r->kinds & KINDSET(k)))
			return "has minutes for a kind that is not among kinds";
	return NULL;
}

void import_check_pool(struct import_check *c, const struct msg_net_rule *r,
		       const char *at)
{
	const char *text = r->pool ? wrong(r) : NULL;

	if (text)
		import_fault(c, text, "%s/pool", at);
}

const char *import_pool_text(struct arena *arena, const struct msg_net_rule *r)
{
	const struct msg_net_pool *p = r->pool;
	const char *text;
	struct buf out;

	if (!p)
		return "";
	buf_init(&out, TEXT_MAX);
	buf_printf(&out, "%s %lld %lld", p->specialty, (long long)p->threshold,
		   p->notice_minutes == FIELD_NONE
			   ? (long long)NOTICE_DEFAULT
			   : (long long)p->notice_minutes);
	for (int k = 0; k < KIND_COUNT; k++) {
		int64_t minutes =
			p->minutes[k] == FIELD_NONE
				? kind_row((enum kind)k)->default_minutes
				: p->minutes[k];

		if (r->kinds & KINDSET(k))
			buf_printf(&out, " %s:%lld", words_name(&words_kind, k),
				   (long long)minutes);
	}
	text = arena_strndup(arena, buf_cstr(&out), out.len);
	buf_fini(&out);
	return text;
}

bool import_pool_read(struct arena *arena, const char *text,
		      struct msg_net_pool **out)
{
	struct pooled_terms terms;
	struct msg_net_pool *p;

	*out = NULL;
	if (!*text || !pooled_read(text, &terms))
		return !*text;
	p = arena_alloc(arena, sizeof(*p));
	if (!p)
		return false;
	proto_clear(&msg_net_pool_table, p);
	p->specialty =
		arena_strndup(arena, terms.specialty, strlen(terms.specialty));
	p->threshold = terms.threshold;
	p->notice_minutes = terms.notice;
	for (int k = 0; k < KIND_COUNT; k++)
		if (terms.minutes[k])
			p->minutes[k] = terms.minutes[k];
	*out = p;
	return p->specialty != NULL;
}
