#include "daemon/core/session.h"

/* Sources: written consent before it begins, at T-60 the equipment is tested,
 * at T-20 the link is on, at T-10 both ends are connected (the telemedicine
 * rules of 2018 and their hospitals' texts). */
const struct session_terms session_terms_default = {
	.early = 720,
	.consent = 1440,
	.equipment = 60,
	.link = 20,
	.connected = 10,
	.unchecked = UNCHECKED_REASON,
};

/* Taken for the operation, which the end of the expert's part does not end. */
static bool is_of_operation(enum claim_role role)
{
	return role == CLAIM_PATIENT || role == CLAIM_SURGEON ||
	       role == CLAIM_OPERATING_ROOM || role == CLAIM_ROBOT;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct core_span session_left(const struct session_end *end,
			      enum claim_role role, struct core_span claim)
{
	int64_t until = end->at;

	if (role == CLAIM_BUFFER && end->at <= end->from)
		return (struct core_span){0, 0};
	if (role == CLAIM_BUFFER && claim.from > end->at)
		return (struct core_span){end->at,
					  end->at + claim.to - claim.from};
	if (role == CLAIM_BUFFER || role == CLAIM_TRANSFER)
		return claim;
	if (is_of_operation(role))
		until += end->after;
	return (struct core_span){claim.from, earlier(claim.to, until)};
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct core_span session_later(const struct session_late *late,
			       enum claim_role role, struct core_span claim)
{
	int64_t start = later(claim.from, late->to);

	if (role == CLAIM_TRANSFER)
		return claim;
	if (role == CLAIM_OVERRUN)
		return (struct core_span){start, later(claim.to, start)};
	if (role == CLAIM_BUFFER)
		return (struct core_span){start, start + claim.to - claim.from};
	if (role == CLAIM_EXPERT)
		return (struct core_span){claim.from, late->to};
	return (struct core_span){
		claim.from,
		later(claim.to,
		      late->to + (is_of_operation(role) ? late->after : 0))};
}
