#include "daemon/core/inquiry.h"

#include "daemon/core/claims.h"

static void grow(size_t *most, const struct core_subject *subjects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (subjects[i].nrules > *most)
			*most = subjects[i].nrules;
}

enum rc inquiry_room(const struct core_ask *ask, int64_t length,
		     struct arena *arena, struct inquiry_room *out)
{
	struct core_span span = {0, length};
	size_t own = 0;
	size_t most = 0;

	for (size_t i = 0; i < ask->nexperts; i++)
		grow(&own, &ask->experts[i].subject, 1);
	grow(&most, ask->lead_rooms, ask->nlead_rooms);
	grow(&most, ask->partner_rooms, ask->npartner_rooms);
	grow(&most, ask->named, ask->nnamed);
	grow(&most, ask->patient, ask->patient != NULL);
	out->expert = arena_array(arena, rule_room(own, span),
				  sizeof(out->expert[0]));
	out->resource = arena_array(arena, rule_room(most, span),
				    sizeof(out->resource[0]));
	return out->expert != NULL && out->resource != NULL ? RC_OK : RC_NOMEM;
}

void inquiry_refuse(struct inquiry *q, const struct core_blocker *why)
{
	q->refused = true;
	if (q->blockers == NULL)
		return;
	if (q->blockers->n < CORE_BLOCKERS_MAX)
		q->blockers->v[q->blockers->n++] = *why;
	else
		q->blockers->dropped++;
}

void inquiry_claim(struct inquiry *q, const struct core_subject *subject,
		   enum claim_role role, struct core_span span)
{
	struct core_plan *plan = q->plan;

	plan->claims[plan->nclaims].subject = subject;
	plan->claims[plan->nclaims].role = role;
	plan->claims[plan->nclaims++].span = span;
}

bool inquiry_has(const struct inquiry *q, const struct core_subject *subject)
{
	for (size_t i = 0; i < q->plan->nclaims; i++)
		if (q->plan->claims[i].subject->id == subject->id)
			return true;
	return false;
}

static struct claims_view view_of(const struct inquiry *q,
				  const struct core_subject *subject)
{
	return (struct claims_view){subject, q->ask->now,
				    q->ask->ignore_booking};
}

static struct rule_set rules_of(const struct core_subject *subject)
{
	return (struct rule_set){subject->rules, subject->nrules, NULL, 0};
}

/* A resource without rules is always open. */
static bool is_open(const struct inquiry *q, const struct core_subject *subject)
{
	struct rule_set set = rules_of(subject);
	struct core_opens opens = {q->room->resource, 0};
	size_t at = 0;

	if (subject->nrules == 0)
		return true;
	rule_lay(&set, q->span, 0, &opens);
	rule_keep_kind(&opens, q->ask->kind, 0);
	return rule_next_cover(&opens, q->span, &at) != NULL;
}

bool inquiry_fits(const struct inquiry *q, const struct inquiry_want *want)
{
	struct claims_view view = view_of(q, want->subject);
	struct core_span span = {q->span.from, want->free_until};

	return is_open(q, want->subject) && claims_free(&view, span);
}

void inquiry_tell(struct inquiry *q, const struct inquiry_want *want)
{
	struct rule_set set = rules_of(want->subject);

	if (!is_open(q, want->subject))
		inquiry_tell_closed(q, want->subject, want->role, &set, 0);
	inquiry_tell_busy(q, want);
}

struct telling {
	struct inquiry *q;
	const struct inquiry_want *want;
};

static void tell_claim(void *ctx, const struct core_claim *claim)
{
	struct telling *t = ctx;
	bool behind = claim->from >= t->q->span.to;

	inquiry_refuse(t->q,
		       &(struct core_blocker){
			       .subject = t->want->subject,
			       .role = behind ? CLAIM_BUFFER : t->want->role,
			       .reason = claim->role == CLAIM_BUFFER
						 ? BLOCK_BUFFER
						 : BLOCK_BUSY,
			       .span = {claim->from, claim->to},
			       .has_span = true});
}

void inquiry_tell_busy(struct inquiry *q, const struct inquiry_want *want)
{
	struct claims_view view = view_of(q, want->subject);
	struct core_span span = {q->span.from, want->free_until};
	struct telling telling = {q, want};

	claims_in_the_way(&view, span, tell_claim, &telling);
}

/* What, left out of account, would let the session be: that is the reason. */
static const struct {
	unsigned leave;
	bool any_kind;
	enum block reason;
} excuses[] = {
	{0, true, BLOCK_KIND},
	{RULE_NO_HOLIDAYS, false, BLOCK_HOLIDAY},
	{RULE_NO_AWAY, false, BLOCK_SECONDED},
};

void inquiry_tell_closed(struct inquiry *q, const struct core_subject *subject,
			 enum claim_role role, const struct rule_set *set,
			 kindset kinds)
{
	bool of_expert = subject == &q->expert->subject;
	struct core_opens opens = {
		of_expert ? q->room->expert : q->room->resource, 0};
	struct core_blocker why = {
		.subject = subject, .role = (int)role, .reason = BLOCK_CLOSED};

	for (size_t i = 0; i < sizeof(excuses) / sizeof(excuses[0]); i++) {
		const struct core_open *open;
		size_t at = 0;

		rule_lay(set, q->span, excuses[i].leave, &opens);
		if (!excuses[i].any_kind)
			rule_keep_kind(&opens, q->ask->kind, kinds);
		open = rule_next_cover(&opens, q->span, &at);
		if (open == NULL)
			continue;
		why.reason = excuses[i].reason;
		why.span = (struct core_span){open->from, open->to};
		why.has_span = true;
		why.rule = open->rule->text;
		break;
	}
	inquiry_refuse(q, &why);
}
