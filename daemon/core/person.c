/* The stages about one expert: what is asked of them, their days, and what they
 * have to do already (inquiry.h). */
#include "daemon/core/claims.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/way.h"

static void refuse_by(struct inquiry *q, const struct core_subject *subject,
		      enum block reason)
{
	inquiry_refuse(q, &(struct core_blocker){.subject = subject,
						 .role = -1,
						 .reason = reason});
}

static void refuse_in(struct inquiry *q, const struct core_subject *subject,
		      enum block reason, struct core_span span,
		      const char *rule)
{
	inquiry_refuse(q, &(struct core_blocker){.subject = subject,
						 .role = -1,
						 .reason = reason,
						 .span = span,
						 .has_span = true,
						 .rule = rule});
}

/* rule: what was asked for */
static void refuse_lack(struct inquiry *q, enum block reason, const char *rule)
{
	inquiry_refuse(q, &(struct core_blocker){.subject = &q->expert->subject,
						 .role = -1,
						 .reason = reason,
						 .rule = rule});
}

const struct core_credential *core_ended(const struct core_expert *e,
					 enum kind kind, int64_t day)
{
	for (size_t i = 0; i < e->ncredentials; i++) {
		const struct core_credential *c = &e->credentials[i];

		if ((c->kinds == 0 || (c->kinds & KINDSET(kind)) != 0) &&
		    day > c->last_day)
			return c;
	}
	return NULL;
}

static void stage_expert(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	const char *language = inquiry_lacks_language(q->ask, e);
	const struct tz *zone = q->ask->agreement->lead_zone;
	const struct core_credential *ended =
		core_ended(e, q->ask->kind, local_day(zone, q->span.from));

	if (q->ask->bed_days > 0)
		return;
	if (!inquiry_has_kind(q->ask, e))
		refuse_by(q, &e->subject, BLOCK_KIND);
	if (!inquiry_has_specialty(q->ask, e))
		refuse_by(q, &e->subject, BLOCK_SPECIALTY);
	if (!inquiry_has_title(q->ask, e))
		refuse_lack(q, BLOCK_TITLE, q->ask->title);
	if (!inquiry_has_modality(q->ask, e))
		refuse_lack(q, BLOCK_MODALITY, q->ask->modality);
	if (language != NULL)
		refuse_lack(q, BLOCK_LANGUAGE, language);
	if (ended != NULL)
		refuse_lack(q, BLOCK_CREDENTIAL, ended->name);
	if (local_day(zone, q->span.from) < inquiry_seasoned(q->ask, e))
		inquiry_refuse(q, &(struct core_blocker){
					  .subject = &e->subject,
					  .role = -1,
					  .reason = BLOCK_EXPERIENCE,
					  .rule = q->ask->agreement->slug});
}

static void stage_away(struct inquiry *q)
{
	const struct core_expert *e = q->expert;

	for (size_t i = 0; i < e->naway; i++) {
		const struct core_away *away = &e->away[i];
		struct core_span span =
			local_days(away->zone, away->first_day, away->last_day);

		if (inquiry_away(q->ask, away) && q->span.from < span.to &&
		    q->span.to > span.from)
			refuse_in(q, &e->subject, BLOCK_SECONDED, span, NULL);
	}
}

static void stage_pooled(struct inquiry *q)
{
	if (q->pooled.rule != NULL)
		refuse_in(q, &q->expert->subject, BLOCK_POOL,
			  (struct core_span){q->pooled.from, q->pooled.to},
			  q->pooled.rule->text);
}

static void stage_cap(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	struct claims_view view = {&e->subject, q->ask->now,
				   q->ask->ignore_booking};
	int64_t until;
	const struct tz *zone = inquiry_zone(e, q->span.from, &until);
	int64_t day = local_day(zone, q->span.from);
	struct core_span span = local_days(zone, day, day);

	if (e->cap_per_day > 0 && q->behind == 0 &&
	    claims_started(&view, CLAIM_EXPERT, span) >= (size_t)e->cap_per_day)
		refuse_in(q, &e->subject, BLOCK_DAY_CAP, span, NULL);
}

/* What a claim takes from the session, its own pauses on both sides counted:
 * none lies between the places of one session. */
static void tell_if_busy(struct inquiry *q, const struct core_claim *c)
{
	int64_t pause = (int64_t)q->expert->buffer_minutes * 60;
	int64_t place = q->session != 0 ? q->opens.v[0].rule->place : 0;
	bool same = way_of_session(c, q->session, place);
	int64_t until = way_end(q->expert, c, q->session, place);
	struct core_blocker why = {.subject = &q->expert->subject,
				   .role = CLAIM_EXPERT,
				   .reason = BLOCK_BUSY,
				   .span = {c->from, c->to},
				   .has_span = true};

	if (c->from >= q->end + (same ? 0 : pause) || until <= q->span.from ||
	    !claims_stand(c, q->ask->now, q->ask->ignore_booking))
		return;
	if (c->from >= q->end)
		why.role = CLAIM_BUFFER;
	if (c->role == CLAIM_BUFFER || c->to <= q->span.from)
		why.reason = BLOCK_BUFFER;
	if (c->to <= q->span.from)
		why.span = (struct core_span){c->to, until};
	inquiry_refuse(q, &why);
}

static void stage_busy(struct inquiry *q)
{
	const struct core_subject *s = &q->expert->subject;
	int64_t pause = (int64_t)q->expert->buffer_minutes * 60;

	if (!inquiry_has_expert(q->ask))
		return;
	inquiry_tell_leave(q, s, CLAIM_EXPERT, q->span);
	for (size_t i = 0; i < s->nclaims; i++)
		tell_if_busy(q, &s->claims[i]);
	inquiry_claim(q, s, CLAIM_EXPERT, q->span);
	if (q->end > q->span.to)
		inquiry_claim(q, s, CLAIM_OVERRUN,
			      (struct core_span){q->span.to, q->end});
	if (pause > 0 && q->session == 0)
		inquiry_claim(q, s, CLAIM_BUFFER,
			      (struct core_span){q->end, q->end + pause});
}

void inquiry_able(struct inquiry *q)
{
	stage_expert(q);
	stage_away(q);
}

void inquiry_person(struct inquiry *q)
{
	static void (*const stages[])(struct inquiry * q) = {
		stage_expert, stage_away, stage_pooled, stage_cap, stage_busy};

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		stages[i](q);
		if (q->refused && q->blockers == NULL)
			return;
	}
}
