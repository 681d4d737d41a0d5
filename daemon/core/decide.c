#include "daemon/core/decide.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/claims.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/title.h"
#include "daemon/core/way.h"

static bool among(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

size_t core_agreement_blocks(const struct core_agreement *a, enum kind kind,
			     const char *specialty, int64_t day,
			     enum block out[4])
{
	size_t n = 0;

	if (day < a->first_day || day > a->last_day)
		out[n++] = BLOCK_AGREEMENT;
	if ((a->kinds & KINDSET(kind)) == 0)
		out[n++] = BLOCK_AGREEMENT_KIND;
	if (specialty != NULL && a->nspecialties > 0 &&
	    !among(a->specialties, a->nspecialties, specialty))
		out[n++] = BLOCK_SPECIALTY;
	return n;
}

/* Has the expert what is asked for, or else anything that the agreement is
 * about? */
static bool has_specialty(const struct core_ask *ask,
			  const struct core_expert *e)
{
	const struct core_agreement *a = ask->agreement;

	if (ask->specialty != NULL)
		return among(e->specialties, e->nspecialties, ask->specialty);
	for (size_t i = 0; i < e->nspecialties; i++)
		if (among(a->specialties, a->nspecialties, e->specialties[i]))
			return true;
	return a->nspecialties == 0;
}

static bool has_kind(const struct core_ask *ask, const struct core_expert *e)
{
	return (e->kinds & KINDSET(ask->kind)) != 0;
}

/* The first that the expert lacks; NULL: none. */
static const char *lacks_language(const struct core_ask *ask,
				  const struct core_expert *e)
{
	for (size_t i = 0; i < ask->nlanguages; i++)
		if (!among(e->languages, e->nlanguages, ask->languages[i]))
			return ask->languages[i];
	return NULL;
}

static bool has_modality(const struct core_ask *ask,
			 const struct core_expert *e)
{
	return ask->modality == NULL ||
	       among(e->modalities, e->nmodalities, ask->modality);
}

static bool has_title(const struct core_ask *ask, const struct core_expert *e)
{
	return ask->title == NULL || title_serves(e->title, ask->title);
}

static bool in_day(int64_t minutes)
{
	return minutes >= 0 && minutes <= CORE_MINUTES_MAX;
}

bool inquiry_is_sane(const struct core_ask *ask)
{
	bool operation = kind_row(ask->kind)->operation;

	return ask->minutes >= 1 && in_day(ask->minutes) &&
	       in_day(ask->before) && in_day(ask->after) &&
	       (operation || (ask->before == 0 && ask->after == 0)) &&
	       ask->nnamed <= CORE_NAMED_MAX;
}

/* Of a place before its session is found: as short as can be, so that it is
 * looked for wherever one may begin. */
int64_t inquiry_length(const struct core_ask *ask)
{
	return kind_row(ask->kind)->places ? 60 : ask->minutes * 60;
}

int64_t inquiry_overrun(const struct core_ask *ask)
{
	const struct kind_row *kind = kind_row(ask->kind);
	int64_t minutes = kind->overrun_minutes;

	if (!kind->operation)
		return 0;
	if (ask->agreement->overrun_minutes >= 0)
		minutes = ask->agreement->overrun_minutes;
	return minutes * 60;
}

int64_t inquiry_before(const struct core_ask *ask)
{
	return ask->before * 60;
}

int64_t inquiry_after(const struct core_ask *ask)
{
	return ask->after * 60;
}

static const struct core_subject *part_of(const struct core_ask *ask,
					  unsigned part,
					  const struct core_subject *subject)
{
	return (kind_row(ask->kind)->parts & part) != 0 ? subject : NULL;
}

const struct core_subject *inquiry_patient(const struct core_ask *ask)
{
	return part_of(ask, KIND_PART_PATIENT, ask->patient);
}

const struct core_subject *inquiry_surgeon(const struct core_ask *ask)
{
	return part_of(ask, KIND_PART_SURGEON, ask->surgeon);
}

bool inquiry_suits(const struct core_ask *ask, const struct core_expert *e)
{
	return has_kind(ask, e) && has_specialty(ask, e) && has_title(ask, e) &&
	       has_modality(ask, e) && lacks_language(ask, e) == NULL;
}

const struct tz *inquiry_zone(const struct core_expert *e, int64_t at,
			      int64_t *out_until)
{
	*out_until = INT64_MAX;
	for (size_t i = 0; i < e->naway; i++) {
		struct core_span span =
			local_days(e->away[i].zone, e->away[i].first_day,
				   e->away[i].last_day);
		bool inside = at >= span.from && at < span.to;
		int64_t bound = inside ? span.to : span.from;

		if (bound > at && bound < *out_until)
			*out_until = bound;
		if (inside)
			return e->away[i].zone;
	}
	return e->subject.zone;
}

int64_t inquiry_seasoned(const struct core_ask *ask,
			 const struct core_expert *e)
{
	int years = ask->agreement->min_independent_years;
	struct civil c;
	int mlen;

	if (years == 0)
		return INT64_MIN;
	if (e->independent_since == CORE_NO_DAY)
		return CORE_NO_DAY;
	civil_from_days(e->independent_since, &c);
	/* 29 February is complete on 1 March where there is none */
	mlen = civil_month_days(c.year + years, c.month);
	return c.day <= mlen ? civil_days(c.year + years, c.month, c.day)
			     : civil_days(c.year + years, c.month, mlen) + 1;
}

bool inquiry_away(const struct core_ask *ask, const struct core_away *away)
{
	const struct kind_row *kind = kind_row(ask->kind);

	return (kind->parts & KIND_PART_EXPERT) != 0 &&
	       kind->where == KIND_REMOTE && !away->remote_requests;
}

/* --- the stages: what may stand against it, rules first --- */

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

static void stage_time(struct inquiry *q)
{
	if (q->span.from < q->ask->now)
		refuse_by(q, NULL, BLOCK_PAST);
	if (q->session == 0 && !kind_row(q->ask->kind)->places &&
	    q->span.from % CORE_GRANULE != 0)
		refuse_by(q, NULL, BLOCK_GRID);
}

static void stage_agreement(struct inquiry *q)
{
	const struct core_agreement *a = q->ask->agreement;
	enum block blocks[4];
	size_t n = core_agreement_blocks(a, q->ask->kind, q->ask->specialty,
					 local_day(a->lead_zone, q->span.from),
					 blocks);

	for (size_t i = 0; i < n; i++)
		inquiry_refuse(q, &(struct core_blocker){.role = -1,
							 .reason = blocks[i],
							 .rule = a->slug});
}

static void stage_quota(struct inquiry *q)
{
	const struct core_ask *ask = q->ask;
	int64_t quota = ask->agreement->quota[ask->kind];
	int64_t used = 0;

	if (quota < 0 || q->behind > 0)
		return;
	for (size_t i = 0; i < ask->nmonths; i++)
		if (ask->months[i].span.from <= q->span.from &&
		    q->span.from < ask->months[i].span.to)
			used = ask->months[i].used;
	if (used >= quota)
		refuse_in(q, NULL, BLOCK_QUOTA,
			  local_month(ask->agreement->lead_zone, q->span.from),
			  ask->agreement->slug);
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
	const char *language = lacks_language(q->ask, e);
	const struct tz *zone = q->ask->agreement->lead_zone;
	const struct core_credential *ended =
		core_ended(e, q->ask->kind, local_day(zone, q->span.from));

	if (!has_kind(q->ask, e))
		refuse_by(q, &e->subject, BLOCK_KIND);
	if (!has_specialty(q->ask, e))
		refuse_by(q, &e->subject, BLOCK_SPECIALTY);
	if (!has_title(q->ask, e))
		refuse_lack(q, BLOCK_TITLE, q->ask->title);
	if (!has_modality(q->ask, e))
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

	if ((kind_row(q->ask->kind)->parts & KIND_PART_EXPERT) == 0)
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

static void take_or_tell(struct inquiry *q, const struct core_subject *subject,
			 enum claim_role role, bool operation)
{
	struct inquiry_want want = inquiry_want(q, subject, role, operation);

	if (inquiry_has(q, subject))
		return;
	inquiry_tell(q, &want);
	inquiry_claim(q, subject, role, want.taken);
}

/* What could have been the place or of a pool, and could not be had. */
static bool is_told(const struct inquiry *q, const struct core_subject *room)
{
	for (size_t i = q->told; q->blockers != NULL && i < q->blockers->n;
	     i++) {
		const struct core_blocker *b = &q->blockers->v[i];

		if (b->subject != NULL && b->subject->id == room->id &&
		    b->reason != BLOCK_ELSEWHERE)
			return true;
	}
	return false;
}

static void stage_named(struct inquiry *q)
{
	for (size_t i = 0; i < q->ask->nnamed; i++)
		if (!is_told(q, &q->ask->named[i]))
			take_or_tell(q, &q->ask->named[i], CLAIM_RESOURCE,
				     false);
}

static void stage_patient(struct inquiry *q)
{
	const struct core_subject *patient = inquiry_patient(q->ask);

	if (patient != NULL)
		take_or_tell(q, patient, CLAIM_PATIENT, true);
}

static void stage_surgeon(struct inquiry *q)
{
	const struct core_subject *surgeon = inquiry_surgeon(q->ask);

	if (surgeon != NULL)
		take_or_tell(q, surgeon, CLAIM_SURGEON, true);
}

static void (*const stages[])(struct inquiry *q) = {
	stage_time,	  stage_agreement, stage_quota, stage_expert,
	stage_away,	  stage_cap,	   stage_busy,	stage_patient,
	stage_surgeon,	  inquiry_rooms,   stage_named, inquiry_shares,
	inquiry_overbook,
};

/* The first stages to the last, about the session as q says it. */
static bool ask_stages(struct inquiry *q)
{
	q->refused = false;
	q->told = q->blockers != NULL ? q->blockers->n : 0;
	*q->plan = (struct core_plan){.expert = q->plan->expert,
				      .span = q->span,
				      .operation = q->operation,
				      .session = q->session};
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		stages[i](q);
		if (q->refused && q->blockers == NULL)
			break;
	}
	return !q->refused;
}

bool inquiry_place(struct inquiry *q, struct core_open open)
{
	q->session = open.from;
	q->opens = (struct core_opens){&open, 1};
	q->span.to = q->span.from + (int64_t)open.rule->slot_minutes * 60;
	q->end = q->span.to;
	q->operation = q->span;
	return ask_stages(q);
}

/* A time on the grid, in what is open besides sessions of places: nothing is,
 * for a kind that is a place and nothing else. */
static bool ask_grid(struct inquiry *q, int64_t length)
{
	struct core_opens *opens = &q->opens;
	bool places = kind_row(q->ask->kind)->places;
	size_t kept = 0;

	for (size_t i = 0; i < opens->n; i++)
		if (!places && opens->v[i].rule->slot_minutes == 0)
			opens->v[kept++] = opens->v[i];
	opens->n = kept;
	q->session = 0;
	q->span.to = q->span.from + length;
	q->end = q->span.to + inquiry_overrun(q->ask);
	q->operation.from = q->span.from - inquiry_before(q->ask);
	q->operation.to = q->span.to + inquiry_after(q->ask);
	return ask_stages(q);
}

enum rc inquiry_answer(const struct core_ask *ask, size_t expert, int64_t at,
		       const struct inquiry_room *room,
		       struct core_plan *out_plan,
		       struct core_blockers *out_blockers)
{
	const struct core_expert *e = &ask->experts[expert];
	int64_t length = inquiry_length(ask);
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {room->expert, 0};
	struct inquiry q = {
		.ask = ask,
		.expert = e,
		.span = {at, at + length},
		.room = room,
		.plan = out_plan,
		.blockers = out_blockers,
	};
	bool any = false, fits = false;

	out_plan->expert = expert;
	rule_lay(&set, q.span, 0, &opens);
	rule_keep_kind(&opens, ask->kind, e->kinds);
	for (size_t i = 0; i < opens.n && !fits; i++) {
		if (!inquiry_is_place(ask, &opens.v[i], at))
			continue;
		any = true;
		fits = inquiry_place(&q, opens.v[i]);
	}
	if (!any)
		fits = inquiry_behind(&q, &set, &any);
	if (fits && out_blockers != NULL)
		out_blockers->n = out_blockers->dropped = 0;
	if (any)
		return fits ? RC_OK : RC_REFUSED;
	q.opens = opens;
	return ask_grid(&q, length) ? RC_OK : RC_REFUSED;
}

/* A place is as long as its session says. */
static int64_t longest_part(const struct core_ask *ask)
{
	return kind_row(ask->kind)->how == KIND_DIRECT ? CORE_MINUTES_MAX * 60
						       : inquiry_length(ask);
}

/* The rules are asked about the session and, of rooms, the operation. */
static int64_t longest(const struct core_ask *ask)
{
	return inquiry_before(ask) + longest_part(ask) + inquiry_after(ask);
}

void core_reach(const struct core_ask *ask, int64_t *out_before,
		int64_t *out_length)
{
	*out_before = inquiry_before(ask);
	*out_length =
		longest_part(ask) + inquiry_after(ask) + inquiry_overrun(ask);
}

enum rc core_decide(const struct core_ask *ask, size_t expert, int64_t at,
		    struct arena *arena, struct core_plan *out_plan,
		    struct core_blockers *out_blockers)
{
	struct inquiry_room room;

	if (out_blockers != NULL) {
		out_blockers->n = 0;
		out_blockers->dropped = 0;
	}
	if (!inquiry_is_sane(ask))
		return RC_INVALID;
	if (inquiry_room(ask, longest(ask), arena, &room) != RC_OK)
		return RC_NOMEM;
	return inquiry_answer(ask, expert, at, &room, out_plan, out_blockers);
}

enum rc core_decide_reader(const struct core_ask *ask, size_t expert,
			   int64_t at, struct core_blockers *out)
{
	const struct core_expert *e = &ask->experts[expert];
	struct inquiry q = {
		.ask = ask,
		.expert = e,
		.span = {at, at + 1},
		.blockers = out,
	};

	out->n = 0;
	out->dropped = 0;
	stage_expert(&q);
	stage_away(&q);
	inquiry_tell_leave(&q, &e->subject, CLAIM_EXPERT, q.span);
	return q.refused ? RC_REFUSED : RC_OK;
}
