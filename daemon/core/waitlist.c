#include "daemon/core/waitlist.h"

#include <stdlib.h>
#include <string.h>

static const struct waitlist_terms terms[URGENCY_COUNT] = {
	[URGENCY_EMERGENCY] = {.offer = 5, .notice = 0, .lapses = 3},
	[URGENCY_URGENT] = {.offer = 30, .notice = 60, .lapses = 3},
	[URGENCY_ROUTINE] = {.offer = 240, .notice = 240, .lapses = 3},
};
/* Nobody answers in less. */
#define OFFER_LEAST 5

const struct waitlist_terms *waitlist_terms(enum urgency urgency)
{
	return &terms[urgency];
}

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static bool is_overdue(const struct waitlist_place *p)
{
	return p->passed >= WAITLIST_PASSES;
}

static int by_age(const struct waitlist_place *x,
		  const struct waitlist_place *y)
{
	int d = order(x->submitted_at, y->submitted_at);

	return d ? d : order(x->request, y->request);
}

static int by_place(const void *a, const void *b)
{
	const struct waitlist_place *x = a, *y = b;
	int d = order((int64_t)x->urgency, (int64_t)y->urgency);

	if (x->rests != y->rests)
		return x->rests ? 1 : -1;
	if (d)
		return d;
	if (x->first != y->first)
		return x->first ? -1 : 1;
	if (!x->first && is_overdue(x) != is_overdue(y))
		return is_overdue(x) ? -1 : 1;
	if (!x->first && !is_overdue(x) && x->served != y->served)
		return order(x->served, y->served);
	return by_age(x, y);
}

void waitlist_sort(struct waitlist_place *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), by_place);
}

bool waitlist_passes(const struct waitlist_place *offered,
		     const struct waitlist_place *other)
{
	return offered->request != other->request && !offered->first &&
	       offered->urgency == other->urgency && by_age(other, offered) < 0;
}

/* --- times --- */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

size_t waitlist_starts_max(const struct waitlist_wish *wish)
{
	return (wish->nwindows ? wish->nwindows : 1) * (wish->nrefused + 1);
}

/* Takes the starts from..to out of n spans that are apart, by time; one of them
 * may become two. */
static size_t take_out(struct core_span *v, size_t n, int64_t from, int64_t to)
{
	size_t i = 0;

	while (i < n) {
		struct core_span s = v[i];
		bool before = s.from<from, after = s.to> to;

		if (s.to <= from || s.from >= to) {
			i++;
		} else if (before && after) {
			memmove(&v[i + 1], &v[i], (n++ - i) * sizeof(*v));
			v[i].to = from;
			v[i + 1].from = to;
			i += 2;
		} else if (before || after) {
			v[i].from = before ? s.from : to;
			v[i++].to = before ? from : s.to;
		} else {
			memmove(&v[i], &v[i + 1], (--n - i) * sizeof(*v));
		}
	}
	return n;
}

static size_t starts_of(const struct waitlist_wish *wish,
			struct core_span window, struct core_span within,
			struct core_span *out)
{
	struct core_span s = {
		later(later(window.from, within.from), wish->earliest),
		earlier(earlier(window.to, wish->until) - wish->length + 1,
			within.to)};
	size_t n = s.from < s.to;

	out[0] = s;
	for (size_t i = 0; i < wish->nrefused; i++)
		n = take_out(out, n, wish->refused[i].from - wish->length + 1,
			     wish->refused[i].to);
	return n;
}

size_t waitlist_starts(const struct waitlist_wish *wish,
		       struct core_span within, struct core_span *out)
{
	static const struct core_span any = {INT64_MIN, INT64_MAX};
	size_t n = 0;

	if (wish->nwindows == 0)
		return starts_of(wish, any, within, out);
	for (size_t i = 0; i < wish->nwindows; i++)
		n += starts_of(wish, wish->windows[i], within, out + n);
	return n;
}

int64_t waitlist_deadline(int64_t now, int64_t start, int64_t offer,
			  int64_t notice)
{
	return earlier(now + offer * 60, start - notice * 60);
}

int64_t waitlist_earliest(int64_t now, int64_t offer, int64_t notice)
{
	return now + (notice + earlier(offer, OFFER_LEAST)) * 60;
}
