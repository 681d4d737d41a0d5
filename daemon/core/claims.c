#include "daemon/core/claims.h"

static bool lives(const struct core_claim *claim, int64_t now,
		  int64_t ignore_booking)
{
	bool lapsed = claim->hold_until != 0 && claim->hold_until <= now;
	bool ignored = ignore_booking != 0 && claim->booking == ignore_booking;

	return !lapsed && !ignored;
}

bool claims_stand(const struct core_claim *claim, int64_t now,
		  int64_t ignore_booking)
{
	return lives(claim, now, ignore_booking) &&
	       claim->role != CLAIM_TRANSFER;
}

static bool stands_at(const struct claims_view *view,
		      const struct core_claim *claim, int64_t instant)
{
	return claim->from <= instant && instant < claim->to &&
	       lives(claim, view->now, view->ignore_booking) &&
	       (view->ways || claim->role != CLAIM_TRANSFER);
}

static bool full_at(const struct claims_view *view, int64_t instant)
{
	const struct core_claim *c = view->subject->claims;
	const struct core_claim *end = c + view->subject->nclaims;
	int depth = 0;

	for (; c < end && c->from <= instant; c++)
		depth += stands_at(view, c, instant);
	return depth >= view->subject->capacity;
}

/* The next instant of the span at which the depth may have risen: its start,
 * then the start of each claim inside it. Answers span.to after the last. */
static int64_t next_rise(const struct claims_view *view, struct core_span span,
			 int64_t after, size_t *at)
{
	const struct core_subject *s = view->subject;

	while (*at < s->nclaims && s->claims[*at].from <= after)
		(*at)++;
	if (*at == s->nclaims || s->claims[*at].from >= span.to)
		return span.to;
	return s->claims[*at].from;
}

/* The first instant from `instant` on, one where the depth may have risen, at
 * which the subject is full; span.to when it never is. */
static int64_t next_full(const struct claims_view *view, struct core_span span,
			 int64_t instant, size_t *at)
{
	while (instant < span.to && !full_at(view, instant))
		instant = next_rise(view, span, instant, at);
	return instant;
}

bool claims_free(const struct claims_view *view, struct core_span span)
{
	size_t at = 0;

	return next_full(view, span, span.from, &at) >= span.to;
}

void claims_in_the_way(const struct claims_view *view, struct core_span span,
		       void (*each)(void *ctx, const struct core_claim *claim),
		       void *ctx)
{
	const struct core_subject *s = view->subject;
	int64_t told = INT64_MIN; /* what began until then is told already */
	size_t at = 0;
	int64_t t = next_full(view, span, span.from, &at);

	while (t < span.to) {
		for (size_t i = 0; i < s->nclaims; i++)
			if (s->claims[i].from > told &&
			    stands_at(view, &s->claims[i], t))
				each(ctx, &s->claims[i]);
		told = t;
		t = next_full(view, span, next_rise(view, span, t, &at), &at);
	}
}

size_t claims_started(const struct claims_view *view, enum claim_role role,
		      struct core_span span)
{
	const struct core_subject *s = view->subject;
	size_t n = 0;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];

		n += c->role == role && c->from >= span.from &&
		     c->from < span.to &&
		     claims_stand(c, view->now, view->ignore_booking);
	}
	return n;
}
