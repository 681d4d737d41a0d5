#include "daemon/core/kind.h"

#define EXPERT KIND_PART_EXPERT
#define LEAD_STUDIO KIND_PART_LEAD_STUDIO
#define PATIENT KIND_PART_PATIENT
#define SURGEON KIND_PART_SURGEON
#define TREATMENT CONSENTSET(CONSENT_TREATMENT)
#define TELEMENTORING CONSENTSET(CONSENT_TELEMENTORING)
#define BROADCAST CONSENTSET(CONSENT_BROADCAST)

/* clang-format off */
#define PARTNER_STUDIO                                                         \
	.pools = {{CLAIM_PARTNER_STUDIO, SUBJECT_STUDIO, KIND_PARTNER, false}},\
	.npools = 1
#define OPERATING_ROOM_AND_LINK                                                \
	.pools = {{CLAIM_OPERATING_ROOM, SUBJECT_OPERATING_ROOM, KIND_PARTNER, \
		   true},                                                      \
		  {CLAIM_LINK, SUBJECT_LINK, KIND_LEAD | KIND_PARTNER, false}},\
	.npools = 2
#define LEADS_OPERATING_ROOM_AND_LINK                                          \
	.pools = {{CLAIM_OPERATING_ROOM, SUBJECT_OPERATING_ROOM, KIND_LEAD,    \
		   false},                                                     \
		  {CLAIM_LINK, SUBJECT_LINK, KIND_LEAD, false}},               \
	.npools = 2
#define LEADS_WARD                                                             \
	.pools = {{CLAIM_RESOURCE, SUBJECT_WARD, KIND_LEAD, false}},           \
	.npools = 1
#define ROBOTS_AND_LINKS                                                       \
	.pools = {{CLAIM_CONSOLE, SUBJECT_ROBOT, KIND_LEAD, .seat = true},     \
		  {CLAIM_LEAD_STUDIO, SUBJECT_STUDIO, KIND_LEAD, .seat = true, \
		   .optional = true, .or_type = SUBJECT_OPERATING_ROOM},       \
		  {CLAIM_ROBOT, SUBJECT_ROBOT, KIND_PARTNER, true},            \
		  {CLAIM_OPERATING_ROOM, SUBJECT_OPERATING_ROOM, KIND_PARTNER, \
		   true},                                                      \
		  {CLAIM_LINK, SUBJECT_LINK, KIND_LEAD | KIND_PARTNER,         \
		   .apart = true},                                             \
		  {CLAIM_LINK, SUBJECT_LINK, KIND_LEAD | KIND_PARTNER,         \
		   .apart = true}},                                            \
	.npools = 6
/* clang-format on */

static const struct kind_row rows[KIND_COUNT] = {
	[KIND_REMOTE_CONSULTATION] = {.zh = "远程会诊",
				      .how = KIND_BY_REQUEST,
				      .parts = EXPERT | LEAD_STUDIO | PATIENT,
				      PARTNER_STUDIO,
				      .default_minutes = 30,
				      .consents = TREATMENT,
				      .checks = true,
				      .opinion = true,
				      .pooled = true,
				      .served = true},
	[KIND_IMAGING_CONSULTATION] = {.zh = "影像会诊",
				       .how = KIND_BY_REQUEST,
				       .parts = EXPERT | LEAD_STUDIO | PATIENT,
				       PARTNER_STUDIO,
				       .default_minutes = 15,
				       .consents = TREATMENT,
				       .checks = true,
				       .opinion = true,
				       .pooled = true,
				       .served = true},
	[KIND_CASE_DISCUSSION] = {.zh = "病例讨论",
				  .how = KIND_BY_REQUEST,
				  .parts = EXPERT | LEAD_STUDIO,
				  PARTNER_STUDIO,
				  .default_minutes = 60,
				  .consents = TREATMENT,
				  .checks = true,
				  .opinion = true,
				  .served = true},
	[KIND_SURGICAL_GUIDANCE] = {.zh = "手术指导",
				    .how = KIND_BY_REQUEST,
				    .parts = EXPERT | LEAD_STUDIO | SURGEON |
					     PATIENT,
				    OPERATING_ROOM_AND_LINK,
				    .default_minutes = 120,
				    .consents = TREATMENT | TELEMENTORING,
				    .fallback = true,
				    .checks = true,
				    .opinion = true,
				    .overrun_minutes = 30,
				    .operation = true,
				    .served = true},
	[KIND_SURGERY_DEMONSTRATION] = {.zh = "手术示教",
					.how = KIND_BY_EVENT,
					.parts = EXPERT,
					LEADS_OPERATING_ROOM_AND_LINK,
					.default_minutes = 180,
					.consents = BROADCAST,
					.named = true,
					.served = true},
	[KIND_TEACHING_ROUND] = {.zh = "教学查房",
				 .how = KIND_BY_EVENT,
				 .parts = EXPERT,
				 LEADS_WARD,
				 .default_minutes = 60,
				 .named = true,
				 .served = true},
	[KIND_REMOTE_SURGERY] = {.zh = "远程机器人手术",
				 .how = KIND_BY_REQUEST,
				 .parts = EXPERT | SURGEON | PATIENT,
				 ROBOTS_AND_LINKS,
				 .default_minutes = 240,
				 .consents = TREATMENT | TELEMENTORING,
				 .fallback = true,
				 .standby = true,
				 .checks = true,
				 .opinion = true,
				 .overrun_minutes = 30,
				 .operation = true,
				 .served = true},
	[KIND_EMERGENCY_CONSULTATION] = {.zh = "急会诊(胸痛绿色通道)",
					 .how = KIND_AT_ONCE,
					 .parts =
						 EXPERT | LEAD_STUDIO | PATIENT,
					 PARTNER_STUDIO,
					 .default_minutes = 30,
					 .longest_minutes = 120,
					 .consents = TREATMENT,
					 .opinion = true,
					 .named = true,
					 .served = true},
	[KIND_CLINIC_SLOT] = {.zh = "门诊号",
			      .how = KIND_DIRECT,
			      .where = KIND_AT_EITHER,
			      .parts = EXPERT | PATIENT,
			      .places = true,
			      .named = true,
			      .served = true},
	[KIND_FREE_CLINIC] = {.zh = "联合义诊",
			      .how = KIND_BY_EVENT,
			      .where = KIND_AT_PARTNER,
			      .parts = EXPERT,
			      .default_minutes = 240,
			      .named = true,
			      .served = true},
	[KIND_ONSITE_VISIT] = {.zh = "现场指导、派驻",
			       .how = KIND_BY_LEAD,
			       .where = KIND_AT_PARTNER,
			       .parts = EXPERT,
			       .served = true},
	[KIND_ONSITE_PROCEDURE] = {.zh = "现场手术",
				   .how = KIND_DIRECT,
				   .where = KIND_AT_PARTNER,
				   .parts = EXPERT | PATIENT,
				   .default_minutes = 120,
				   .named = true,
				   .served = true},
	[KIND_REFERRAL] = {.zh = "双向转诊",
			   .how = KIND_BY_REQUEST,
			   .where = KIND_AT_LEAD,
			   .parts = EXPERT | PATIENT,
			   .places = true,
			   .default_minutes = 15,
			   .consents = TREATMENT,
			   .named = true,
			   .course = true,
			   .beds = true,
			   .served = true},
	[KIND_CASE_CONFERENCE] = {.zh = "病例讨论会",
				  .how = KIND_BY_EVENT,
				  .parts = EXPERT | LEAD_STUDIO,
				  .default_minutes = 120,
				  .served = true},
};

const struct kind_row *kind_row(enum kind kind)
{
	return &rows[kind];
}

bool kind_has_places(enum kind kind)
{
	return rows[kind].how == KIND_DIRECT || rows[kind].places;
}

static kindset named(void)
{
	kindset set = 0;

	for (int k = 0; k < KIND_COUNT; k++)
		if (rows[k].named)
			set |= KINDSET(k);
	return set;
}

kindset kind_offered(kindset rule_kinds, kindset expert_kinds)
{
	return rule_kinds != 0 ? rule_kinds : expert_kinds & ~named();
}
