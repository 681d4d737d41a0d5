/* Requests: submit, accept, decline, withdraw, show, list. */
#include <string.h>

#include "daemon/core/decide.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/calendar.h"
#include "daemon/work/beside.h"
#include "daemon/work/calls.h"
#include "daemon/work/complete.h"
#include "daemon/work/consent.h"
#include "daemon/work/gate.h"
#include "daemon/work/imaging.h"
#include "daemon/work/opinions.h"
#include "daemon/work/parts.h"
#include "daemon/work/referral.h"
#include "daemon/work/tools.h"
#include "daemon/work/waitlist.h"

static enum rc agreement_refuses(struct work *w,
				 const struct core_agreement *agreement,
				 enum kind kind, const char *specialty)
{
	enum block blocks[4];
	int64_t day = local_day(agreement->lead_zone, w->tx->now);
	size_t n =
		core_agreement_blocks(agreement, kind, specialty, day, blocks);

	if (n == 0)
		return RC_OK;
	struct msg_blocker *v = arena_array(w->arena, n, sizeof(*v));

	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		proto_clear(&msg_blocker_table, &v[i]);
		v[i].reason = (int)blocks[i];
		v[i].rule = agreement->slug;
		v[i].detail = words_name(&words_block, (int)blocks[i]);
	}
	w->blockers = (struct field_list){v, n};
	return err_set(&w->err, RC_RULE, "agreement %s does not allow this",
		       agreement->slug);
}

static enum rc check_new(struct work *w, const struct msg_request_new *in)
{
	const struct kind_row *kind = kind_row((enum kind)in->kind);

	if (!w->who->site_slug || strcmp(in->site, w->who->site_slug) != 0)
		return err_set(&w->err, RC_FORBIDDEN,
			       "requests are submitted for one's own site");
	if (!kind->served ||
	    (kind->how != KIND_BY_REQUEST && kind->how != KIND_AT_ONCE))
		return work_fault(w, "/kind",
				  "this version takes no requests for %s",
				  words_name(&words_kind, in->kind));
	if (in->mode >= 0 && in->kind != KIND_IMAGING_CONSULTATION)
		return work_fault(w, "/mode",
				  "only an imaging consultation has one");
	if ((in->to || in->of) && !kind->course)
		return work_fault(w, in->to ? "/to" : "/of",
				  "is for a referral");
	if (kind->how == KIND_AT_ONCE)
		return calls_check(w, in);
	if (in->door_at != FIELD_NONE)
		return work_fault(w, "/door_at", "is for an emergency");
	return RC_OK;
}

static enum urgency urgency_of(const struct msg_request_new *in)
{
	if (kind_row((enum kind)in->kind)->how == KIND_AT_ONCE)
		return URGENCY_EMERGENCY;
	return in->urgency < 0 ? URGENCY_ROUTINE : (enum urgency)in->urgency;
}

static struct request new_request(const struct work *w,
				  const struct msg_request_new *in,
				  const struct core_agreement *agreement,
				  int64_t expert)
{
	struct request r = {
		.agreement = agreement->id,
		.lead = agreement->lead,
		.partner = agreement->partner,
		.kind = (enum kind)in->kind,
		.forward = in->mode == MODE_FORWARD,
		.urgency = urgency_of(in),
		.specialty = in->specialty,
		.expert = expert,
		.title = in->title,
		.modality = in->modality,
		.languages = in->languages.v,
		.nlanguages = in->languages.n,
		.also = in->also.v,
		.nalso = in->also.n,
		.minutes =
			in->duration_minutes == FIELD_NONE
				? kind_row((enum kind)in->kind)->default_minutes
				: in->duration_minutes,
		.submitted_at = w->tx->now,
		.down = kind_row((enum kind)in->kind)->course &&
			agreement->partner != w->who->site,
		.version = 1,
	};

	return r;
}

static enum rc read_operation(struct work *w, const struct msg_request_new *in,
			      struct request *r)
{
	enum rc rc = work_read_around(w, "/before_minutes", r->kind,
				      in->before_minutes, &r->before);

	if (rc == RC_OK)
		rc = work_read_around(w, "/after_minutes", r->kind,
				      in->after_minutes, &r->after);
	if (rc == RC_OK)
		rc = work_find_surgeon(w, "/surgeon", r->kind, in->surgeon,
				       r->partner, &r->surgeon);
	if (rc == RC_OK && kind_row(r->kind)->standby && !r->surgeon)
		rc = work_fault(w, "/surgeon",
				"name the surgeon on site who stands by");
	return rc;
}

/* Stores what was checked, and says so in the log. */
static enum rc store_new(struct work *w, const struct papers *papers,
			 struct request *r)
{
	struct work_change change = {.verb = VERB_SUBMIT, .from = STATE_NONE};
	struct request_patient patient = {0};
	enum rc rc = work_step(w, THING_REQUEST, STATE_NONE, VERB_SUBMIT,
			       &change.to);

	if (rc != RC_OK)
		return rc;
	r->status = (enum request_status)change.to;
	rc = request_draw_code(w->tx, &r->code, &w->err);
	if (rc == RC_OK)
		rc = request_find_patient(w->tx, request_sender(r),
					  w->who->site_slug, papers->local_id,
					  &patient, &w->err);
	if (rc == RC_OK)
		rc = request_keep_patient(w->tx, &patient, &w->err);
	r->patient = patient.id;
	if (rc == RC_OK)
		rc = request_insert(w->tx, r, papers, &w->err);
	if (rc == RC_OK)
		rc = work_event_request(w, r, &change);
	return rc;
}

static enum rc answer(struct work *w, const char *code, struct msg_request *out)
{
	struct request r;
	enum rc rc = request_by_code(w->tx, code, w->arena, &r, &w->err);

	return rc == RC_OK ? work_view_request(w, &r, out) : rc;
}

static struct papers papers_of(const struct msg_request_new *in)
{
	struct papers papers = {
		.local_id = in->patient->local_id,
		.name = in->patient->name,
		.summary = in->patient->summary,
		.reason = in->reason,
		.purpose = in->purpose,
	};

	complete_read_physician(in->accompanied_by, &papers);
	return papers;
}

/* What is asked, under which agreement, with which papers. */
struct asking {
	struct core_agreement agreement;
	struct core_subject expert;
	struct papers papers;
	struct request r;
};

static enum rc find_ground(struct work *w, const struct msg_request_new *in,
			   struct asking *a)
{
	struct agreement_filter filter = {
		.partner = w->who->site,
		.slug = in->agreement,
		.kind = (enum kind)in->kind,
		.specialty = in->specialty,
		.now = w->tx->now,
	};
	enum rc rc = work_find_expert(w, "/expert", in->expert, 0, &a->expert);

	filter.lead = in->agreement ? 0 : a->expert.site;
	filter.expert = in->specialty ? 0 : a->expert.id;
	if (rc == RC_OK)
		rc = referral_way(w, in, &filter);
	if (rc == RC_OK)
		rc = work_find_agreement(w, &filter, &a->agreement);
	if (rc == RC_OK && a->expert.id &&
	    a->expert.site != (filter.partner == w->who->site
				       ? a->agreement.lead
				       : a->agreement.partner))
		rc = work_fault(w, "/expert", "the lead has no such expert");
	return rc == RC_OK
		       ? agreement_refuses(w, &a->agreement,
					   (enum kind)in->kind, in->specialty)
		       : rc;
}

/* What the message says, whatever rc says of its ground; of what an agreement
 * wants only where it is known which one it is. */
static enum rc read_rest(struct work *w, const struct msg_request_new *in,
			 enum rc rc, struct asking *a)
{
	struct request times = {0};

	a->papers = papers_of(in);
	rc = complete_both(rc,
			   complete_read_attachments(w, &in->attachments, NULL,
						     &a->papers.attachments));
	rc = complete_both(rc, complete_read_wanted(w, &in->wanted, &times));
	if (!a->agreement.id)
		return rc;
	a->r = new_request(w, in, &a->agreement, a->expert.id);
	memcpy(a->r.wanted, times.wanted, sizeof(times.wanted));
	a->r.nwanted = times.nwanted;
	rc = complete_both(rc, beside_check(w, "/also", &in->also,
					    &a->agreement, a->r.kind));
	rc = complete_both(rc, complete_check_wanted(w, &a->r, &a->agreement));
	rc = complete_both(
		rc, complete_check(w, &a->agreement, &a->r, &a->papers, false));
	rc = complete_both(rc, referral_read_of(w, in, &a->r));
	return complete_both(rc, read_operation(w, in, &a->r));
}

/* Everything that is at fault, at once; that no agreement allows it is the
 * answer then, with the rest beside it. */
static enum rc read_new(struct work *w, const struct msg_request_new *in,
			struct asking *a)
{
	struct err why;
	enum rc rc = !in->specialty && !in->expert
			     ? work_fault(w, "/specialty",
					  "name a specialty or an expert")
			     : find_ground(w, in, a);

	if (rc != RC_OK && rc != RC_INVALID && rc != RC_RULE)
		return rc;
	why = w->err;
	if (rc != RC_RULE)
		return read_rest(w, in, rc, a);
	rc = read_rest(w, in, rc, a);
	w->err = why;
	return rc;
}

enum rc work_request_submit(struct work *w, const struct msg_request_new *in,
			    struct msg_request *out)
{
	struct asking a = {0};
	enum rc rc = check_new(w, in);

	if (rc == RC_OK)
		rc = complete_said(w, read_new(w, in, &a));
	if (rc == RC_OK)
		rc = store_new(w, &a.papers, &a.r);
	if (rc == RC_OK && kind_row(a.r.kind)->how == KIND_AT_ONCE)
		rc = calls_begin(w, &a.r, in);
	if (rc == RC_OK)
		rc = answer(w, a.r.code.s, out);
	return rc == RC_OK ? calls_view(w, &a.r, out) : rc;
}

/* --- what the two sides say --- */

/* What is booked is undone first. */
static enum rc name_booking(struct work *w, const struct request *r, enum rc rc)
{
	char shown[CODE_SHOWN_LEN + 1];
	struct err why = w->err;

	if (rc != RC_STATE || !r->booking.s[0])
		return rc;
	code_show(&r->booking, shown);
	return err_set(&w->err, rc, "%s; its booking is %s", why.text, shown);
}

enum rc work_request_begin(struct work *w, const char *code, unsigned sides,
			   struct work_change *change, struct request *r)
{
	enum rc rc = work_find_request(w, code, sides, r);

	if (rc == RC_OK)
		rc = work_match(w, r->version);
	if (rc != RC_OK)
		return rc;
	change->from = (int)r->status;
	rc = work_step(w, THING_REQUEST, change->from, change->verb,
		       &change->to);
	if (rc == RC_OK)
		r->status = (enum request_status)change->to;
	return name_booking(w, r, rc);
}

enum rc work_request_end(struct work *w, struct request *r,
			 const struct work_change *change,
			 struct msg_request *out)
{
	enum rc rc = request_update(w->tx, r, &w->err);

	if (rc == RC_OK)
		rc = work_event_request(w, r, change);
	return rc == RC_OK ? answer(w, r->code.s, out) : rc;
}

enum rc work_check_live(struct work *w, const struct request *r,
			struct core_agreement *out)
{
	enum rc rc =
		agreement_by_id(w->tx, r->agreement, w->arena, out, &w->err);

	return rc == RC_OK ? agreement_refuses(w, out, r->kind, r->specialty)
			   : rc;
}

enum rc work_request_accept(struct work *w, const char *code,
			    const struct msg_accept *in,
			    struct msg_request *out)
{
	struct work_change change = {.verb = VERB_ACCEPT};
	struct core_agreement agreement;
	struct core_subject expert;
	struct request r = {0};
	enum rc rc = work_request_begin(w, code, SIDE_LEAD, &change, &r);

	if (rc == RC_OK || (rc == RC_STATE && calls_open(&r)))
		rc = calls_refuse(w, &r);
	if (rc == RC_OK)
		rc = work_check_live(w, &r, &agreement);
	if (rc == RC_OK)
		rc = work_find_expert(w, "/expert", in->expert,
				      request_receiver(&r), &expert);
	if (rc != RC_OK)
		return rc;
	if (expert.id)
		r.expert = expert.id;
	if (in->duration_minutes != FIELD_NONE)
		r.minutes = in->duration_minutes;
	rc = imaging_check_reader(w, &r, &agreement);
	if (rc == RC_OK)
		rc = gate_assigned(w, &r);
	return rc == RC_OK ? work_request_end(w, &r, &change, out) : rc;
}

enum rc work_request_assign(struct work *w, const char *code,
			    const struct msg_assign *in,
			    struct msg_request *out)
{
	struct work_change change = {.verb = VERB_ASSIGN, .reason = in->reason};
	struct core_agreement agreement;
	struct core_subject expert;
	struct request r;
	enum rc rc = work_request_begin(w, code, SIDE_LEAD, &change, &r);

	if (rc == RC_OK)
		rc = calls_refuse(w, &r);
	if (rc == RC_OK)
		rc = work_check_live(w, &r, &agreement);
	if (rc == RC_OK)
		rc = work_find_expert(w, "/expert", in->expert,
				      request_receiver(&r), &expert);
	if (rc != RC_OK)
		return rc;
	/* Whoever had it is told, too. */
	change.expert = r.expert;
	change.told = true;
	r.expert = expert.id;
	rc = imaging_check_reader(w, &r, &agreement);
	return rc == RC_OK ? work_request_end(w, &r, &change, out) : rc;
}

/* A request that ends gives back the time that is held for it. */
static enum rc release_hold(struct work *w, const struct request *r)
{
	struct booking b;
	enum rc rc = work_lapse_holds(w);

	if (rc == RC_OK)
		rc = work_offer_end(w, r->id);
	if (rc == RC_OK)
		rc = booking_of_request(w->tx, r->id, w->arena, &b, &w->err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	return rc == RC_OK ? work_booking_end(w, &b, VERB_RELEASE, NULL) : rc;
}

static enum rc end_request(struct work *w, const char *code, unsigned sides,
			   struct work_change *change,
			   const struct msg_reason *in, struct msg_request *out)
{
	struct request r;

	change->reason = in->reason;
	enum rc rc = work_request_begin(w, code, sides, change, &r);

	if (rc == RC_OK && in->reason_code >= 0)
		r.why = words_name(&words_why, in->reason_code);
	if (rc == RC_OK)
		rc = release_hold(w, &r);
	return rc == RC_OK ? work_request_end(w, &r, change, out) : rc;
}

enum rc work_request_decline(struct work *w, const char *code,
			     const struct msg_reason *in,
			     struct msg_request *out)
{
	struct work_change change = {.verb = VERB_DECLINE};

	return end_request(w, code, SIDE_LEAD, &change, in, out);
}

enum rc work_request_withdraw(struct work *w, const char *code,
			      const struct msg_reason *in,
			      struct msg_request *out)
{
	struct work_change change = {.verb = VERB_WITHDRAW};

	return end_request(w, code, SIDE_PARTNER, &change, in, out);
}

/* --- reading --- */

static enum rc view_papers(struct work *w, const struct request *r,
			   struct msg_request *out)
{
	struct papers papers;
	struct msg_patient *patient = arena_alloc(w->arena, sizeof(*patient));
	enum rc rc = request_open_papers(w->tx, r, w->arena, &papers, &w->err);

	if (rc != RC_OK)
		return rc;
	if (!patient)
		return work_nomem(w);
	*patient = (struct msg_patient){
		.local_id = papers.local_id,
		.name = papers.name,
		.summary = papers.summary,
	};
	out->patient = patient;
	out->reason = papers.reason;
	out->purpose = papers.purpose;
	rc = complete_view_physician(w, &papers, &out->accompanied_by);
	if (rc == RC_OK)
		rc = complete_view_attachments(w, &papers, &out->attachments);
	return rc == RC_OK ? work_view_earlier(w, r, &out->earlier) : rc;
}

/* The words with which it was asked for. */
static const char *what_is_missing(const struct field_list *history)
{
	const struct msg_event *v = history->v;
	const char *ask = words_name(&words_verb, VERB_ASK);

	for (size_t i = 0; i < history->n; i++)
		if (strcmp(v[i].verb, ask) == 0)
			return v[i].reason;
	return NULL;
}

enum rc work_request_show(struct work *w, const char *code,
			  struct msg_request *out)
{
	struct request r;
	enum rc rc = work_find_request(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &r);

	if (rc != RC_OK)
		return rc;
	struct work_change read = {
		.verb = VERB_READ,
		.from = (int)r.status,
		.to = (int)r.status,
	};

	rc = work_view_request(w, &r, out);
	if (rc == RC_OK && principal_reads_papers(w->who))
		rc = view_papers(w, &r, out);
	if (rc == RC_OK)
		rc = opinions_view(w, &r, &out->opinions);
	if (rc == RC_OK)
		rc = work_view_whole(w, &r, &out->history);
	if (rc == RC_OK && r.asked_at)
		out->missing = what_is_missing(&out->history);
	if (rc == RC_OK)
		rc = consent_view(w,
				  &(struct consent_of){.request = r.id,
						       .partner = r.partner},
				  &out->consents);
	if (rc == RC_OK)
		rc = work_view_reads(w, "request", r.id, &out->reads,
				     &out->reads_more);
	if (rc == RC_OK)
		rc = request_referrals(w->tx, r.id, w->arena, &out->referrals.v,
				       &out->referrals.n, &w->err);
	if (rc == RC_OK)
		rc = calls_view(w, &r, out);
	if (rc == RC_OK)
		rc = work_event_request(w, &r, &read);
	return rc;
}

enum rc work_request_list(struct work *w, const struct msg_list_query *in,
			  struct msg_request_list *out)
{
	struct list_filter filter;
	struct request *rows = NULL;
	size_t n = 0;
	enum rc rc = work_list_filter(w, in, &words_request_status, &filter);

	proto_clear(&msg_request_list_table, out);
	if (rc == RC_OK)
		rc = request_list(w->tx, &filter, w->arena, &rows, &n, &w->err);
	if (rc != RC_OK)
		return rc;
	bool more = work_list_more(&filter, &n);
	struct msg_request *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = work_view_request(w, &rows[i], &v[i]);
	out->items = (struct field_list){v, n};
	if (more)
		out->next = work_cursor(w, rows[n - 1].submitted_at,
					rows[n - 1].id);
	return rc;
}
