#include "base/civil.h"
#include "tests/support/naive.h"

/* In sessions that are booked, by the whole days of UTC. */
static int64_t had(const struct naive *m, int expert)
{
	int64_t since = m->now / CIVIL_DAY * CIVIL_DAY - 28 * CIVIL_DAY;
	int64_t sum = 0;

	for (int i = 0; i < m->nbookings; i++) {
		const struct naive_booking *b = &m->bookings[i];

		for (int c = 0; b->status != BOOKING_PENDING && c < b->nclaims;
		     c++) {
			const struct naive_claim *v = &b->claims[c];

			if (v->subject == expert && v->role == CLAIM_EXPERT &&
			    v->from >= since)
				sum += v->to - v->from;
		}
	}
	return sum;
}

bool naive_comes_before(const struct naive *m, int a, int b)
{
	int64_t x = had(m, a), y = had(m, b);

	return x != y ? x < y : a < b;
}
