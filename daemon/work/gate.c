#include "daemon/work/gate.h"

#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/calendar.h"
#include "daemon/store/network.h"
#include "daemon/store/site.h"
#include "daemon/work/consent.h"
#include "daemon/work/ready.h"
#include "daemon/work/tools.h"

#define GATE_MAX 32

struct passing {
	struct work *w;
	const struct booking *b;
	const struct day *day;
	const struct msg_start *in;
	struct session_terms terms;
	bool emergency;
	int64_t standby; /* who takes over without being named anew */
	gateset passed;
	struct msg_blocker *v;
	size_t n;
};

static void stop_at(struct passing *g, enum block reason, const char *site,
		    const char *rule, const char *detail)
{
	if (g->n == GATE_MAX) {
		g->w->blockers_more++;
		return;
	}
	struct msg_blocker *v = &g->v[g->n++];

	proto_clear(&msg_blocker_table, v);
	v->reason = (int)reason;
	v->subject = site;
	v->rule = rule;
	v->detail = detail;
}

static void stop(struct passing *g, enum block reason, const char *rule,
		 const char *detail)
{
	stop_at(g, reason, NULL, rule, detail);
}

static enum rc read_terms(struct passing *g)
{
	struct work *w = g->w;
	struct request r;
	enum rc rc = network_session_terms(w->tx, g->b->agreement, &g->terms,
					   &w->err);

	if (rc != RC_OK || !g->b->request)
		return rc;
	rc = request_by_id(w->tx, g->b->request, w->arena, &r, &w->err);
	g->emergency = rc == RC_OK && r.urgency == URGENCY_EMERGENCY;
	g->standby =
		rc == RC_OK && kind_row(g->b->kind)->standby ? r.surgeon : 0;
	return rc;
}

/* What is missing there is passed by, and that is stored. */
static bool passes(struct passing *g, enum gate gate, bool may)
{
	if (!may || !g->in->reason)
		return false;
	g->passed |= GATESET(gate);
	return true;
}

/* Whoever asks says how urgent it is, and the lead has taken it as such. That
 * is enough for what the hospitals owe each other; the patient's consent can
 * wait in an emergency by its kind alone. */
static bool emergency_passes(struct passing *g, enum gate gate)
{
	return passes(g, gate,
		      g->emergency && !(g->terms.insists & GATESET(gate)));
}

static const char *const consent_texts[CONSENT_COUNT] = {
	[CONSENT_TREATMENT] =
		"the patient's consent to it is not signed, or was withdrawn",
	[CONSENT_TELEMENTORING] =
		"the patient's consent to being operated under guidance from"
		" afar, with its reason, is not signed, or was withdrawn",
	[CONSENT_BROADCAST] =
		"the patient's consent that others watch is not signed, or was"
		" withdrawn",
};

static void stop_consents(struct passing *g, consentset lacks)
{
	for (int c = 0; c < CONSENT_COUNT; c++)
		if (lacks & CONSENTSET(c))
			stop(g, BLOCK_CONSENT, words_name(&words_consent, c),
			     consent_texts[c]);
}

static enum rc ask_consent(struct passing *g)
{
	consentset lacks;
	enum rc rc = consent_missing(g->w, g->b, &lacks);

	if (rc != RC_OK || lacks == 0 ||
	    (kind_row(g->b->kind)->how == KIND_AT_ONCE &&
	     emergency_passes(g, GATE_CONSENT)))
		return rc;
	stop_consents(g, lacks);
	return RC_OK;
}

static enum rc ask_fallback(struct passing *g)
{
	if (kind_row(g->b->kind)->fallback && !g->day->fallback &&
	    !g->standby && !emergency_passes(g, GATE_FALLBACK))
		stop(g, BLOCK_FALLBACK, NULL,
		     "no surgeon of the partner's is named who takes over");
	return RC_OK;
}

/* As it is today: a booking may have been taken long before. No reason stands
 * for it, in an emergency either: whoever may not do it is not made to by being
 * needed, and another expert can be called or booked at once. */
static enum rc ask_credential(struct passing *g, int64_t id, int64_t day,
			      const char *detail)
{
	struct calendar_loader loader = {
		.tx = g->w->tx, .arena = g->w->arena, .bare = true};
	struct core_expert expert;

	if (!id)
		return RC_OK;
	enum rc rc = calendar_expert(&loader, id, &expert, &g->w->err);
	const struct core_credential *ended =
		rc == RC_OK ? core_ended(&expert, g->b->kind, day) : NULL;

	if (ended)
		stop(g, BLOCK_CREDENTIAL, ended->name, detail);
	return rc;
}

static enum rc ask_credentials(struct passing *g)
{
	struct core_agreement agreement;
	enum rc rc = agreement_by_id(g->w->tx, g->b->agreement, g->w->arena,
				     &agreement, &g->w->err);

	if (rc != RC_OK)
		return rc;
	int64_t day = local_day(agreement.lead_zone, g->w->tx->now);

	rc = ask_credential(g, g->b->expert, day,
			    "a credential of the expert's has ended");
	for (size_t i = 0; rc == RC_OK && i < g->b->nalso; i++)
		rc = ask_credential(g, g->b->also[i], day,
				    "a credential of one of the experts' has"
				    " ended");
	return rc == RC_OK ? ask_credential(g,
					    g->day->fallback ? g->day->fallback
							     : g->standby,
					    day,
					    "a credential of the surgeon's who"
					    " takes over has ended")
			   : rc;
}

/* Something is chosen instead, with which it can begin. */
static bool is_covered(const struct passing *g)
{
	return g->day->contingency >= 0 &&
	       g->day->contingency != CONTINGENCY_POSTPONE;
}

static enum rc ask_red(struct passing *g)
{
	struct day_check v[DAY_CHECKS_MAX];
	size_t n;
	enum rc rc = day_checks(g->w->tx, g->b->id, v, &n, &g->w->err);
	int chosen = g->day->contingency;

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (v[i].red && !is_covered(g))
			stop(g, BLOCK_CHECK,
			     words_name(&words_check, (int)v[i].what),
			     chosen < 0 ? "it does not work at one end, and"
					  " nothing is chosen instead"
					: "it does not work at one end, and it"
					  " was chosen to postpone");
	}
	return rc;
}

/* What nobody looked at is not green. It is not red, either: it may be found
 * out at once. */
static enum rc ask_unchecked(struct passing *g)
{
	bool by_reason = g->terms.unchecked == UNCHECKED_REASON;
	struct ready_unchecked v[DAY_CHECKS_MAX];
	size_t n;
	enum rc rc = ready_unchecked(g->w, g->b, &g->terms, v, &n);

	if (rc != RC_OK || n == 0 || is_covered(g) ||
	    g->terms.unchecked == UNCHECKED_NOTHING ||
	    (by_reason ? passes(g, GATE_CHECKS, true)
		       : emergency_passes(g, GATE_CHECKS)))
		return rc;
	for (size_t i = 0; i < n; i++)
		stop_at(g, BLOCK_CHECK, v[i].site,
			words_name(&words_check, (int)v[i].what),
			by_reason ? "nobody has looked at it there, nothing is"
				    " chosen instead, and no reason is given"
				  : "nobody has looked at it there, and"
				    " nothing is chosen instead");
	return RC_OK;
}

static enum rc (*const gates[])(struct passing *) = {
	read_terms,	 ask_consent, ask_fallback,
	ask_credentials, ask_red,     ask_unchecked,
};

static enum rc told(struct passing *g)
{
	if (g->n == 0)
		return RC_OK;
	g->w->blockers = (struct field_list){g->v, g->n};
	return err_set(&g->w->err, RC_RULE, "it cannot begin: %s",
		       g->v[0].detail);
}

enum rc gate_pass(struct work *w, const struct booking *b,
		  const struct msg_start *in, struct day *day)
{
	struct passing g = {.w = w, .b = b, .day = day, .in = in};
	enum rc rc = RC_OK;

	g.v = arena_array(w->arena, GATE_MAX, sizeof(*g.v));
	if (!g.v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < sizeof(gates) / sizeof(gates[0]);
	     i++)
		rc = gates[i](&g);
	if (rc == RC_OK)
		rc = told(&g);
	day->passed = g.passed;
	return rc == RC_OK && (g.passed & GATESET(GATE_CONSENT))
		       ? consent_put_off(w, b)
		       : rc;
}

enum rc gate_assigned(struct work *w, const struct request *r)
{
	consentset lacks = 0;
	enum rc rc = r->forward ? consent_missing_to_read(w, r, &lacks) : RC_OK;

	return rc == RC_OK && lacks != 0 ? consent_put_off_reading(w, r) : rc;
}

enum rc gate_read(struct work *w, const struct request *r)
{
	struct passing g = {.w = w};
	consentset lacks;
	enum rc rc = consent_missing_to_read(w, r, &lacks);

	if (rc != RC_OK || lacks == 0)
		return rc;
	g.v = arena_array(w->arena, GATE_MAX, sizeof(*g.v));
	if (!g.v)
		return work_nomem(w);
	stop_consents(&g, lacks);
	return told(&g);
}
