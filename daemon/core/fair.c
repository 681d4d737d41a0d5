#include "daemon/core/fair.h"

#include "base/civil.h"
#include "daemon/core/inquiry.h"

#define WEEK (7 * (int64_t)CIVIL_DAY)
#define HOUR ((int64_t)3600)

int64_t fair_since(const struct core_terms *terms, int64_t now)
{
	return now / CIVIL_DAY * CIVIL_DAY - terms->fairness_weeks * WEEK;
}

bool fair_is_night(const struct tz *zone, int64_t at)
{
	int64_t wall = at + tz_offset(zone, at, NULL);
	int64_t second = (wall % CIVIL_DAY + CIVIL_DAY) % CIVIL_DAY;

	return second >= 22 * HOUR || second < 6 * HOUR;
}

int64_t fair_weighed(const struct core_terms *terms,
		     const struct core_load *load)
{
	return load->seconds + load->calls * terms->night_call;
}

bool fair_less(const struct core_terms *terms, const struct core_load *a,
	       const struct core_load *b)
{
	return fair_weighed(terms, a) < fair_weighed(terms, b);
}

static bool comes_before(const struct core_terms *terms,
			 const struct core_load *loads, uint32_t a, uint32_t b)
{
	int64_t x = fair_weighed(terms, &loads[a]),
		y = fair_weighed(terms, &loads[b]);

	return x != y ? x < y : a < b;
}

/* Mostly one of many has changed. */
void fair_order(const struct core_terms *terms, const struct core_load *loads,
		uint32_t *order, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t one = order[i];
		size_t k = i;

		for (; k > 0 && comes_before(terms, loads, one, order[k - 1]);
		     k--)
			order[k] = order[k - 1];
		order[k] = one;
	}
}

void fair_rank(const uint32_t *order, size_t n, uint32_t *out_rank)
{
	for (size_t i = 0; i < n; i++)
		out_rank[order[i]] = (uint32_t)i;
}

static size_t rank_of(const struct core_ask *ask, size_t expert)
{
	return ask->rank != NULL ? ask->rank[expert] : expert;
}

/* Does nothing tell those apart who were looked for by kind and specialty? */
static bool suits_all(const struct core_ask *ask)
{
	return ask->title == NULL && ask->modality == NULL &&
	       ask->nlanguages == 0;
}

void fair_place(const struct core_ask *ask, size_t expert, size_t *out_rank,
		size_t *out_of)
{
	size_t own = rank_of(ask, expert);

	*out_rank = own + 1;
	*out_of = ask->nexperts;
	if (suits_all(ask))
		return;
	*out_rank = 1;
	*out_of = 0;
	for (size_t i = 0; i < ask->nexperts; i++) {
		bool suits = inquiry_suits(ask, &ask->experts[i]);

		*out_of += suits;
		*out_rank += suits && rank_of(ask, i) < own;
	}
}
