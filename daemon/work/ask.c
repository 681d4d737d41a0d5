#include "daemon/work/ask.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/work/fairness.h"
#include "daemon/work/tools.h"

/* --- answers --- */

/* What each reason means, as the end of a sentence that begins with whom. */
static const char *const block_texts[BLOCK_COUNT] = {
	[BLOCK_BUSY] = "is taken by another session then",
	[BLOCK_BUFFER] = "has the pause after another session then",
	[BLOCK_CLOSED] = "is not available then",
	[BLOCK_HOLIDAY] = "is closed for a holiday then",
	[BLOCK_SECONDED] = "is away at another site then",
	[BLOCK_KIND] = "does not take this kind",
	[BLOCK_SPECIALTY] = "does not cover this specialty",
	[BLOCK_EXPERIENCE] = "has too few years of independent practice",
	[BLOCK_DAY_CAP] = "has as many sessions that day as a day may have",
	[BLOCK_AGREEMENT] = "is not in force on that day",
	[BLOCK_AGREEMENT_KIND] = "does not cover this kind",
	[BLOCK_QUOTA] = "has no place left that month",
	[BLOCK_PAST] = "cannot begin in the past",
	[BLOCK_GRID] = "begins on a five-minute mark only",
	[BLOCK_NO_ROOM] = "has no such room at all",
	[BLOCK_LEAVE] = "is on leave or out of service then",
	[BLOCK_TRANSFER] = "is on the way between two places then",
	[BLOCK_PLACE_START] = "has no place that begins then",
	[BLOCK_ELSEWHERE] = "sees patients at a third hospital then",
	[BLOCK_TITLE] = "does not have the title that is asked for",
	[BLOCK_MODALITY] = "does not read what is asked for",
	[BLOCK_LANGUAGE] = "does not speak what is asked for",
	[BLOCK_CONSENT] = "is not signed, or was withdrawn",
	[BLOCK_CREDENTIAL] = "has a credential that has ended by then",
	[BLOCK_FALLBACK] = "is not named",
	[BLOCK_CHECK] = "does not work",
	[BLOCK_LATE_CHANGE] = "is the lead's alone to change by then",
	[BLOCK_FULL] = "has as many as it may have",
	[BLOCK_SHARE] = "keeps the places left for another partner",
	[BLOCK_OVERBOOK] = "is given places behind the session's last by a"
			   " coordinator of the lead alone, with a reason",
	[BLOCK_OVERBOOK_MOST] = "has no more places behind the session's last"
				" by this agreement",
	[BLOCK_PATH] = "goes the same way as the other link, or nobody says"
		       " which",
	[BLOCK_TWICE] = "sits in the session for another already",
	[BLOCK_POOL] = "has a pooled half-day then, which is filled from the"
		       " queue",
};

static const char *blocker_who(const struct core_blocker *b)
{
	if (b->subject)
		return b->subject->slug ? b->subject->slug : "the patient";
	if (b->reason == BLOCK_PAST || b->reason == BLOCK_GRID)
		return "a session";
	if (b->role == CLAIM_EXPERT)
		return "the lead";
	if (b->role >= 0)
		return "the site";
	return "the agreement";
}

static const char *blocker_text(struct work *w, const struct core_blocker *b)
{
	char until[CIVIL_RFC3339_LEN + 1];
	int64_t at = b->span.to;

	if (b->reason == BLOCK_SHARE) {
		civil_show_rfc3339(at, tz_offset(b->subject->zone, at, NULL),
				   until);
		return arena_printf(w->arena, "%s %s until %s", blocker_who(b),
				    block_texts[b->reason], until);
	}
	return arena_printf(w->arena, "%s %s", blocker_who(b),
			    block_texts[b->reason]);
}

/* A copy that outlives the facts. */
static const char *kept(struct work *w, const char *s)
{
	return s ? arena_strndup(w->arena, s, strlen(s)) : NULL;
}

static enum rc view_blocker(struct work *w, const struct core_blocker *b,
			    struct msg_blocker *out)
{
	proto_clear(&msg_blocker_table, out);
	out->subject = kept(w, b->subject ? b->subject->slug : NULL);
	out->role = b->role;
	out->reason = (int)b->reason;
	if (b->has_span) {
		out->from = b->span.from;
		out->to = b->span.to;
	}
	out->rule = kept(w, b->rule);
	out->detail = blocker_text(w, b);
	return out->detail ? RC_OK : work_nomem(w);
}

/* The list's array has room for so many when n are in it: it doubles. */
static size_t blockers_room(size_t n)
{
	size_t room = 16;

	while (room < n)
		room *= 2;
	return n ? room : 0;
}

enum rc ask_tell(struct work *w, const struct core_blockers *more)
{
	struct field_list *list = &w->blockers;
	size_t left = WORK_BLOCKERS_MAX - list->n;
	size_t n = more->n < left ? more->n : left;
	size_t want = blockers_room(list->n + n);
	enum rc rc = RC_OK;

	if (want > blockers_room(list->n)) {
		void *v =
			arena_array(w->arena, want, sizeof(struct msg_blocker));

		if (!v)
			return work_nomem(w);
		if (list->n)
			memcpy(v, list->v,
			       list->n * sizeof(struct msg_blocker));
		list->v = v;
	}
	w->blockers_more += more->n - n + more->dropped;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_blocker(w, &more->v[i],
				  (struct msg_blocker *)list->v + list->n++);
	return rc;
}

/* Nobody at the lead takes the kind in that specialty at all. */
static enum rc nobody_fits(struct work *w, const struct wish *wish)
{
	struct core_blockers none = {.n = 1};

	none.v[0] = (struct core_blocker){
		.role = CLAIM_EXPERT,
		.reason = wish->specialty ? BLOCK_SPECIALTY : BLOCK_KIND,
		.rule = wish->specialty
				? wish->specialty
				: words_name(&words_kind, (int)wish->kind),
	};
	enum rc rc = ask_tell(w, &none);

	return rc == RC_OK ? err_set(&w->err, RC_REFUSED,
				     "the lead has no expert for this")
			   : rc;
}

static enum rc refused(struct work *w, const struct wish *wish)
{
	w->wish = *wish;
	return err_set(&w->err, RC_REFUSED,
		       "the time is not free for everybody");
}

/* Where else somebody is seconded to is told to nobody but the lead and whoever
 * keeps the network: no room of a third hospital. */
static bool is_hidden(const struct work *w, const struct ask *ask,
		      const struct core_subject *s)
{
	const struct core_agreement *a = &ask->agreement;

	return s->type != SUBJECT_EXPERT && s->type != SUBJECT_PATIENT &&
	       s->site != a->lead && s->site != a->partner && w->who &&
	       w->who->site != s->site && w->who->site != a->lead &&
	       w->who->role != ROLE_ADMINISTRATOR;
}

/* That it is so is told of the expert. */
void ask_hide_places(const struct work *w, const struct ask *ask,
		     struct core_blockers *blockers)
{
	for (size_t i = 0; i < blockers->n; i++) {
		struct core_blocker *b = &blockers->v[i];

		if (b->reason != BLOCK_ELSEWHERE &&
		    (!b->subject || !is_hidden(w, ask, b->subject)))
			continue;
		b->subject = b->of;
		b->role = CLAIM_EXPERT;
	}
}

static bool is_told(const struct work *w, const struct core_blocker *b)
{
	const struct msg_blocker *v = w->blockers.v;

	for (size_t i = 0; i < w->blockers.n; i++)
		if (v[i].subject && b->subject && b->subject->slug &&
		    !strcmp(v[i].subject, b->subject->slug) &&
		    v[i].role == b->role && v[i].reason == (int)b->reason &&
		    (!b->has_span ||
		     (v[i].from == b->span.from && v[i].to == b->span.to)))
			return true;
	return false;
}

/* Beside each of the first experts the others have the same reasons. */
static void tell_once(const struct work *w, struct core_blockers *more)
{
	size_t n = 0;

	for (size_t i = 0; i < more->n; i++)
		if (!is_told(w, &more->v[i]))
			more->v[n++] = more->v[i];
	more->n = n;
}

enum rc ask_decide(struct work *w, const struct ask *ask,
		   const struct wish *wish, struct core_plan *out)
{
	struct core_blockers *blockers =
		arena_alloc(ask->loader.arena, sizeof(*blockers));
	enum rc rc = RC_REFUSED;

	if (!blockers)
		return work_nomem(w);
	if (!ask->core.nexperts)
		return nobody_fits(w, wish);
	for (size_t i = 0; rc == RC_REFUSED && i < ask->core.nexperts; i++) {
		*blockers = (struct core_blockers){0};
		size_t e = ask->core.order ? ask->core.order[i] : i;

		rc = core_decide(&ask->core, e, wish->at, ask->loader.arena,
				 out, blockers);
		if (rc != RC_REFUSED)
			break;
		ask_hide_places(w, ask, blockers);
		if (i > 0 && ask->core.ngroups > 0)
			tell_once(w, blockers);
		enum rc viewed = ask_tell(w, blockers);

		if (viewed != RC_OK)
			return viewed;
	}
	if (rc == RC_OK) {
		w->blockers = (struct field_list){0};
		w->blockers_more = 0;
		return rc;
	}
	return rc == RC_REFUSED
		       ? refused(w, wish)
		       : err_set(&w->err, rc, "this cannot be decided");
}

bool ask_is_resource(enum claim_role role)
{
	return role == CLAIM_LEAD_STUDIO || role == CLAIM_PARTNER_STUDIO ||
	       role == CLAIM_RESOURCE || role == CLAIM_PLACE ||
	       role == CLAIM_OPERATING_ROOM || role == CLAIM_LINK ||
	       role == CLAIM_CONSOLE || role == CLAIM_ROBOT ||
	       role == CLAIM_BED;
}

/* All who would do it, where they are several. */
static enum rc view_experts(struct work *w, const struct core_subject *first,
			    const struct core_plan *plan,
			    struct field_strs *out)
{
	const char **v;

	if (plan->nalso == 0)
		return RC_OK;
	v = arena_array(w->arena, plan->nalso + 1, sizeof(*v));
	if (!v)
		return work_nomem(w);
	v[0] = kept(w, first->slug);
	for (size_t i = 0; i < plan->nalso; i++)
		v[i + 1] = kept(w, plan->also[i].expert->subject.slug);
	*out = (struct field_strs){v, plan->nalso + 1};
	for (size_t i = 0; i < out->n; i++)
		if (!v[i])
			return work_nomem(w);
	return RC_OK;
}

enum rc ask_view_slot(struct work *w, const struct ask *ask,
		      const struct core_plan *plan, struct msg_slot *out)
{
	const struct core_subject *expert =
		&ask->core.experts[plan->expert].subject;
	const char **with = arena_array(w->arena, CORE_PLAN_MAX, sizeof(*with));

	proto_clear(&msg_slot_table, out);
	if (!with)
		return work_nomem(w);
	out->from = plan->span.from;
	out->to = plan->span.to;
	if (plan->operation.from < plan->span.from ||
	    plan->operation.to > plan->span.to) {
		out->operation_from = plan->operation.from;
		out->operation_to = plan->operation.to;
	}
	out->expert = kept(w, expert->slug);
	out->expert_name = kept(w, expert->name);
	if (ask->agreement.lead != ask->agreement.partner)
		out->agreement = kept(w, ask->agreement.slug);
	out->time_zone = tz_name(expert->zone);
	out->with.v = with;
	for (size_t i = 0; i < plan->nclaims; i++) {
		if (!ask_is_resource(plan->claims[i].role) ||
		    is_hidden(w, ask, plan->claims[i].subject))
			continue;
		with[out->with.n] = kept(w, plan->claims[i].subject->slug);
		if (!with[out->with.n++])
			return work_nomem(w);
	}
	if (!expert->slug)
		return RC_OK; /* a bed */
	if (!out->expert)
		return work_nomem(w);
	enum rc rc = view_experts(w, expert, plan, &out->experts);

	return rc == RC_OK ? fairness_view(w, ask, plan->expert, &out->fair)
			   : rc;
}
