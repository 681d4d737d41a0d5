#include "daemon/core/terms.h"

#define MINUTE ((int64_t)60)
#define DAY (1440 * MINUTE)

const struct core_terms core_terms_default = {
	.lead_notice = 0,
	.partner_notice = 0,
	.late = LATE_SPENDS,
	.requires = 0,
	.requires_emergency = 0,
	.supplement = 7 * DAY,
	.expiry = 30 * DAY,
	.ending_notice = 30 * DAY,
	.receipt = DAY,
	.receipt_notices = 7,
	.signing_slack = 15 * MINUTE,
	.overbook_most = 0,
	.fairness_weeks = 4,
	.night_call = 120 * MINUTE,
};

bool core_terms_late(const struct core_terms *terms, bool by_lead,
		     int64_t start, int64_t now)
{
	return now >
	       start - (by_lead ? terms->lead_notice : terms->partner_notice);
}

#define BIT(need) NEEDSET(NEED_##need)
/* What every kind is judged by. */
#define ALWAYS (BIT(PURPOSE) | BIT(SUMMARY) | BIT(SPECIALTY) | BIT(TITLE))
#define MEETING (BIT(WANTED) | BIT(ACCOMPANIED))

/* A physician stands beside whom somebody sees; pictures can be read alone. */
static const needset meaningful[KIND_COUNT] = {
	[KIND_REMOTE_CONSULTATION] = ALWAYS | MEETING | BIT(ATTACHMENTS),
	[KIND_IMAGING_CONSULTATION] = ALWAYS | BIT(MODALITY) | BIT(ATTACHMENTS),
	[KIND_CASE_DISCUSSION] = ALWAYS | MEETING | BIT(ATTACHMENTS),
	[KIND_SURGICAL_GUIDANCE] = ALWAYS | MEETING | BIT(ATTACHMENTS),
	[KIND_REMOTE_SURGERY] = ALWAYS | MEETING | BIT(ATTACHMENTS),
	[KIND_EMERGENCY_CONSULTATION] = ALWAYS | BIT(ACCOMPANIED),
	[KIND_REFERRAL] = ALWAYS | BIT(ATTACHMENTS),
};

needset core_terms_need(const struct core_terms *terms, enum kind kind,
			enum urgency urgency)
{
	needset asked = urgency == URGENCY_EMERGENCY ? terms->requires_emergency
						     : terms->requires;

	return asked & meaningful[kind];
}
