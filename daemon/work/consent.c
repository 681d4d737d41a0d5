#include "daemon/work/consent.h"

#include "daemon/core/kind.h"
#include "daemon/store/network.h"
#include "daemon/work/clocks.h"
#include "daemon/work/parts.h"
#include "daemon/work/sessions.h"
#include "daemon/work/tools.h"

/* --- what is needed --- */

static struct consent_of of_booking(const struct booking *b)
{
	return (struct consent_of){.request = b->request,
				   .booking = b->request ? 0 : b->id,
				   .partner = b->partner};
}

static enum rc missing(struct work *w, const struct consent_of *of,
		       int64_t agreement, enum kind kind, consentset *out)
{
	struct session_terms terms;
	consentset standing = 0;
	enum rc rc = network_session_terms(w->tx, agreement, &terms, &w->err);

	if (rc == RC_OK)
		rc = consent_standing(w->tx, of, &standing, &w->err);
	*out = kind_row(kind)->consents & ~terms.waives & ~standing;
	return rc;
}

/* What shows another's operation is watched by that one's consent. */
enum rc consent_missing(struct work *w, const struct booking *b,
			consentset *out)
{
	struct booking shown;
	enum rc rc = sessions_shown(w, b, &shown);
	struct consent_of of = of_booking(rc == RC_OK ? &shown : b);

	return rc == RC_OK || rc == RC_NOT_FOUND
		       ? missing(w, &of, b->agreement, b->kind, out)
		       : rc;
}

enum rc consent_missing_to_read(struct work *w, const struct request *r,
				consentset *out)
{
	struct consent_of of = {.request = r->id, .partner = r->partner};

	return missing(w, &of, r->agreement, r->kind, out);
}

/* --- what is due --- */

enum rc consent_put_off_reading(struct work *w, const struct request *r)
{
	struct session_terms terms;
	enum rc rc =
		network_session_terms(w->tx, r->agreement, &terms, &w->err);

	return rc == RC_OK ? clocks_promise(w, r, DUE_CONSENT, terms.consent)
			   : rc;
}

enum rc consent_put_off(struct work *w, const struct booking *b)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);

	return rc == RC_OK ? consent_put_off_reading(w, &r) : rc;
}

/* It has come when all are there that the agreement still asks for. */
static enum rc settle(struct work *w, const struct request *r, bool *out_open)
{
	struct consent_of of = {.request = r->id, .partner = r->partner};
	consentset lacks = 0;
	enum rc rc = missing(w, &of, r->agreement, r->kind, &lacks);

	*out_open = lacks != 0;
	return rc == RC_OK && lacks == 0 ? clocks_keep(w, r, DUE_CONSENT) : rc;
}

enum rc consent_is_late(struct work *w, const struct due_row *row)
{
	struct request r;
	bool open = false;
	enum rc rc = request_by_id(w->tx, row->thing_id, w->arena, &r, &w->err);

	if (rc == RC_OK)
		rc = settle(w, &r, &open);
	return rc == RC_OK && open ? clocks_step(w, row) : rc;
}

enum rc consent_due(struct work *w, int64_t request, int64_t *out)
{
	struct clock_row row;
	enum rc rc = clock_find(w->tx, request, DUE_CONSENT, &row, &w->err);

	*out = rc == RC_OK && !row.ended_at ? row.due_at : FIELD_NONE;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* --- what is said --- */

static enum rc check_new(struct work *w, const struct msg_consent_new *in)
{
	enum rc rc = RC_OK;

	if (in->withdrawn)
		return in->reason ? RC_OK
				  : work_fault(w, "/reason",
					       "is needed to withdraw it");
	if (!in->kept)
		rc = work_fault(w, "/kept", "say where the paper is kept");
	if (in->signer == SIGNER_GUARDIAN && !in->relation)
		rc = work_fault(w, "/relation",
				"say what the guardian is to the patient");
	if (in->consent == CONSENT_TELEMENTORING && !in->reason)
		rc = work_fault(w, "/reason",
				"say why the operation is guided from afar");
	if (in->signed_at != FIELD_NONE && in->signed_at > w->tx->now)
		rc = work_fault(w, "/signed_at", "lies in the future");
	return rc;
}

static enum rc put(struct work *w, const struct consent_of *of,
		   const struct msg_consent_new *in)
{
	const struct papers papers = {.name = in->name,
				      .summary = in->relation,
				      .reason = in->reason,
				      .purpose = in->kept};
	const struct consent_row row = {
		.consent = (enum consent)in->consent,
		.signer = in->signer < 0 ? SIGNER_PATIENT
					 : (enum signer)in->signer,
		.signed_at = in->signed_at == FIELD_NONE ? w->tx->now
							 : in->signed_at};
	enum rc rc = check_new(w, in);

	if (rc != RC_OK)
		return rc;
	return in->withdrawn ? consent_withdraw(w->tx, of, row.consent, &w->err)
			     : consent_add(w->tx, of, &row, &papers, &w->err);
}

/* It is read without a meeting, or its session has begun. */
static bool is_under_way(const struct request *r)
{
	return r->status == REQUEST_STARTED ||
	       (r->status == REQUEST_ACCEPTED && r->forward);
}

/* Of what came to nothing there is no patient to ask. */
static enum rc check_goes_on(struct work *w, const struct request *r)
{
	if (r->status != REQUEST_DECLINED && r->status != REQUEST_WITHDRAWN &&
	    r->status != REQUEST_EXPIRED)
		return RC_OK;
	return err_set(&w->err, RC_STATE, "the request is %s",
		       words_name(&words_request_status, (int)r->status));
}

/* "telementoring", "treatment, withdrawn: ..." */
static const char *words_of(struct work *w, const struct msg_consent_new *in)
{
	const char *what = words_name(&words_consent, in->consent);

	return in->withdrawn ? arena_printf(w->arena, "%s, withdrawn: %s", what,
					    in->reason)
			     : what;
}

static enum rc say_request(struct work *w, struct request *r,
			   const struct msg_consent_new *in)
{
	struct consent_of of = {.request = r->id, .partner = r->partner};
	struct work_change change = {.verb = VERB_CONSENT,
				     .from = (int)r->status,
				     .to = (int)r->status,
				     .reason = words_of(w, in)};
	bool open;
	enum rc rc = check_goes_on(w, r);

	if (rc == RC_OK)
		rc = put(w, &of, in);
	if (rc == RC_OK)
		rc = settle(w, r, &open);
	if (rc == RC_OK && open && in->withdrawn && is_under_way(r))
		rc = consent_put_off_reading(w, r);
	if (rc == RC_OK)
		rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

enum rc work_request_consent(struct work *w, const char *code,
			     const struct msg_consent_new *in,
			     struct msg_request *out)
{
	struct request r;
	enum rc rc = work_find_request(w, code, SIDE_LEAD | SIDE_PARTNER, &r);

	if (rc == RC_OK)
		rc = work_match(w, r.version);
	if (rc == RC_OK)
		rc = say_request(w, &r, in);
	return rc == RC_OK ? work_view_request(w, &r, out) : rc;
}

static enum rc say_booking(struct work *w, struct booking *b,
			   const struct msg_consent_new *in)
{
	struct consent_of of = of_booking(b);
	struct work_change change = {.verb = VERB_CONSENT,
				     .from = (int)b->status,
				     .to = (int)b->status,
				     .reason = words_of(w, in)};
	enum rc rc = put(w, &of, in);

	if (rc == RC_OK)
		rc = booking_update(w->tx, b, &w->err);
	return rc == RC_OK ? work_event_booking(w, b, &change) : rc;
}

enum rc work_booking_consent(struct work *w, const char *code,
			     const struct msg_consent_new *in,
			     struct msg_booking *out)
{
	struct booking b;
	struct request r;
	enum rc rc = work_find_booking(w, code, SIDE_LEAD | SIDE_PARTNER, &b);

	if (rc == RC_OK)
		rc = work_match(w, b.version);
	if (rc == RC_OK)
		rc = sessions_check_consent(w, &b);
	if (rc == RC_OK && b.request)
		rc = request_by_id(w->tx, b.request, w->arena, &r, &w->err);
	if (rc == RC_OK)
		rc = b.request ? say_request(w, &r, in)
			       : say_booking(w, &b, in);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}

/* --- reading --- */

static enum rc view_papers(struct work *w, const struct consent_of *of,
			   int64_t id, struct msg_consent *out)
{
	struct papers papers;
	enum rc rc = consent_open(w->tx, of, id, w->arena, &papers, &w->err);

	if (rc != RC_OK)
		return rc;
	out->name = papers.name;
	out->relation = papers.summary;
	out->reason = papers.reason;
	out->kept = papers.purpose;
	return RC_OK;
}

enum rc consent_view(struct work *w, const struct consent_of *of,
		     struct field_list *out)
{
	struct consent_row *rows;
	size_t n;
	enum rc rc = consent_list(w->tx, of, w->arena, &rows, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	struct msg_consent *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		v[i] = (struct msg_consent){
			.consent = (int)rows[i].consent,
			.signer = (int)rows[i].signer,
			.signed_at = rows[i].signed_at,
			.withdrawn_at = rows[i].withdrawn_at
						? rows[i].withdrawn_at
						: FIELD_NONE};
		if (principal_reads_papers(w->who))
			rc = view_papers(w, of, rows[i].id, &v[i]);
	}
	*out = (struct field_list){v, n};
	return rc;
}
