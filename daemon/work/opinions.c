/* Opinions: signed, listed, received (opinions.h). */
#include "daemon/work/opinions.h"

#include <string.h>

#include "base/text.h"
#include "daemon/store/clock.h"
#include "daemon/store/opinion.h"
#include "daemon/store/site.h"
#include "daemon/work/gate.h"
#include "daemon/work/tools.h"

/* ---- what becomes of the request ---- */

static bool is_complete(const struct request *r, const struct booking *b)
{
	if (r->status == REQUEST_STARTED)
		return !b || b->status == BOOKING_FULFILLED;
	return r->status == REQUEST_ACCEPTED && r->forward;
}

static enum rc find_terms(struct work *w, const struct request *r,
			  struct core_terms *out)
{
	struct core_agreement agreement;
	enum rc rc = agreement_by_id(w->tx, r->agreement, w->arena, &agreement,
				     &w->err);

	if (rc == RC_OK)
		*out = agreement.terms;
	return rc;
}

static enum rc await_receipt(struct work *w, const struct request *r,
			     int64_t step)
{
	struct due_row row = {.what = DUE_RECEIPT,
			      .thing = THING_REQUEST,
			      .thing_id = r->id,
			      .step = step};
	struct clock_limits limits;
	struct core_terms terms;
	enum rc rc = find_terms(w, r, &terms);

	if (rc == RC_OK)
		rc = clock_limits(w->tx, r->agreement, r->urgency, w->arena,
				  &limits, &w->err);
	if (rc != RC_OK)
		return rc;
	row.at = deadline_after(&limits.hours, w->tx->now, terms.receipt);
	return row.at == DEADLINE_NEVER ? RC_OK : due_put(w->tx, &row, &w->err);
}

static enum rc complete(struct work *w, struct request *r)
{
	struct work_change change = {.verb = VERB_COMPLETE,
				     .from = (int)r->status,
				     .by_system = !w->who};
	enum rc rc = work_step(w, THING_REQUEST, change.from, change.verb,
			       &change.to);

	if (rc != RC_OK)
		return rc;
	r->status = (enum request_status)change.to;
	rc = request_update(w->tx, r, &w->err);
	if (rc == RC_OK)
		rc = work_event_request(w, r, &change);
	return rc == RC_OK ? await_receipt(w, r, 0) : rc;
}

enum rc opinions_follow(struct work *w, int64_t request)
{
	struct request r;
	struct booking b;
	size_t missing;
	enum rc rc = request_by_id(w->tx, request, w->arena, &r, &w->err);

	if (rc != RC_OK)
		return rc;
	rc = booking_of_request(w->tx, request, w->arena, &b, NULL);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return err_set(&w->err, rc, "the booking is unreadable");
	if (!is_complete(&r, rc == RC_OK ? &b : NULL))
		return RC_OK;
	rc = opinion_missing(w->tx, &r, &missing, &w->err);
	return rc == RC_OK && missing == 0 ? complete(w, &r) : rc;
}

/* ---- filing ---- */

/* From when on one may be signed: what was seen must have been seen. */
static bool takes_opinions(const struct request *r)
{
	return r->status == REQUEST_STARTED || r->status == REQUEST_COMPLETED ||
	       r->status == REQUEST_CLOSED ||
	       (r->status == REQUEST_ACCEPTED && r->forward);
}

static enum rc check_signer(struct work *w, const struct request *r)
{
	int64_t experts[OPINION_EXPERTS_MAX];
	size_t n;
	enum rc rc = opinion_experts(w->tx, r, experts, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (experts[i] == w->who->expert)
			return RC_OK;
	return rc == RC_OK ? err_set(&w->err, RC_FORBIDDEN,
				     "the experts of the session sign")
			   : rc;
}

/* The last version of the caller's; NULL: none. */
static const struct opinion *last_of(const struct opinion *v, size_t n,
				     int64_t expert)
{
	while (n-- > 0)
		if (v[n].expert == expert)
			return &v[n];
	return NULL;
}

/* A clock that is wrong by more is to be set, or years later nobody knows when
 * it was. */
static enum rc check_time(struct work *w, const struct request *r,
			  int64_t signed_at)
{
	struct core_terms terms;
	enum rc rc = find_terms(w, r, &terms);

	if (rc == RC_OK && (signed_at > w->tx->now + terms.signing_slack ||
			    signed_at < w->tx->now - terms.signing_slack))
		return work_fault(w, "/signed_at",
				  "is not within %lld minutes of the service's"
				  " clock",
				  (long long)(terms.signing_slack / 60));
	return rc;
}

static enum rc check_version(struct work *w, const struct msg_opinion_new *in,
			     const struct opinion *last)
{
	int64_t next = last ? last->version + 1 : 1;

	if (in->version != next)
		return err_set(&w->err, RC_STALE,
			       "version %lld is the next one; look again",
			       (long long)next);
	if (last && in->corrects != last->version)
		return work_fault(w, "/corrects",
				  "names the last version, which this one"
				  " corrects");
	if (!last && in->corrects != FIELD_NONE)
		return work_fault(w, "/corrects",
				  "the first version corrects none");
	return RC_OK;
}

/* The key is the one that the connection was made with, so nobody signs with
 * another's. */
static enum rc read_key(struct work *w, const char *hex, struct opinion *o)
{
	const struct crypt_part part = {o->key, sizeof(o->key)};
	uint8_t hash[CRYPT_HASH_LEN];

	if (w->who->proof.token)
		return err_set(&w->err, RC_FORBIDDEN,
			       "who signs comes with a certificate");
	if (!text_unhex(hex, strlen(hex), o->key, sizeof(o->key)))
		return work_fault(w, "/key", "is not hexadecimal");
	crypt_sha256(&part, 1, hash);
	if (!crypt_equal(hash, w->who->proof.hash, sizeof(hash)))
		return work_fault(w, "/key",
				  "is not that of the certificate in use");
	return RC_OK;
}

static enum rc read_signature(struct work *w, const char *hex,
			      const struct opinion_lines *lines,
			      struct opinion *o)
{
	size_t len = strlen(hex) / 2;
	struct buf bytes;
	enum rc rc;

	if (len > sizeof(o->signature) ||
	    !text_unhex(hex, strlen(hex), o->signature, len))
		return work_fault(w, "/signature", "is not hexadecimal");
	o->signature_len = len;
	buf_init(&bytes, OPINION_LINES_MAX);
	opinion_write(lines, &bytes);
	rc = sign_check(o->key, sizeof(o->key), bytes.data, bytes.len,
			o->signature, len, &w->err);
	buf_fini(&bytes);
	return rc == RC_INVALID
		       ? work_fault(w, "/signature",
				    "is not one over this opinion under this"
				    " key")
		       : rc;
}

static enum rc read_opinion(struct work *w, const struct request *r,
			    const struct msg_opinion_new *in,
			    const struct opinion *last, struct opinion *out)
{
	struct opinion_lines lines = {
		.request = r->code.s,
		.expert = w->who->expert_slug,
		.version = in->version,
		.time = in->signed_at,
		.text = in->text,
		.reference = in->reference,
	};
	enum rc rc = check_version(w, in, last);

	*out = (struct opinion){
		.expert = w->who->expert,
		.version = in->version,
		.identity = w->who->identity,
		.signed_at = in->signed_at,
		.filed_at = w->tx->now,
		.text = in->text,
		.reference = in->reference,
	};
	if (last)
		memcpy(lines.corrects, last->hash, sizeof(lines.corrects));
	if (rc == RC_OK)
		rc = check_time(w, r, in->signed_at);
	if (rc == RC_OK)
		rc = read_key(w, in->key, out);
	if (rc == RC_OK)
		rc = read_signature(w, in->signature, &lines, out);
	if (rc == RC_OK)
		opinion_hash(&lines, out->hash);
	return rc;
}

static const char *hex_of(struct work *w, const void *data, size_t len)
{
	char *s = arena_alloc(w->arena, 2 * len + 1);

	if (s) {
		text_hex(data, len, s);
		s[2 * len] = '\0';
	}
	return s;
}

/* The log says what was signed (daemon/store/opinion.h). */
static enum rc note_signed(struct work *w, const struct request *r,
			   const struct opinion *o)
{
	char said[OPINION_SAID_MAX];
	struct work_change change = {
		.verb = VERB_SIGN,
		.from = (int)r->status,
		.to = (int)r->status,
		.expert = o->expert,
		.reason = said,
	};

	opinion_said(o->version, o->hash, said);
	return work_event_request(w, r, &change);
}

static enum rc store(struct work *w, const struct request *r, struct opinion *o,
		     struct msg_opinion_filed *out)
{
	const char *hash = hex_of(w, o->hash, sizeof(o->hash));
	enum rc rc =
		hash ? opinion_insert(w->tx, r, o, &w->err) : work_nomem(w);

	proto_clear(&msg_opinion_filed_table, out);
	out->expert = w->who->expert_slug;
	out->opinion_version = o->version;
	out->hash = hash;
	if (rc == RC_OK)
		rc = note_signed(w, r, o);
	if (rc == RC_OK && r->status != REQUEST_STARTED)
		rc = await_receipt(w, r, 0);
	if (rc == RC_OK)
		rc = opinions_follow(w, r->id);
	return rc == RC_OK ? work_view_code(w, &r->code, &out->code) : rc;
}

static enum rc find_status(struct work *w, int64_t request, int *out)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, request, w->arena, &r, &w->err);

	if (rc == RC_OK)
		*out = (int)r.status;
	return rc;
}

enum rc work_opinion_file(struct work *w, const char *code,
			  const struct msg_opinion_new *in,
			  struct msg_opinion_filed *out)
{
	struct opinion *v, o;
	struct request r;
	size_t n;
	enum rc rc = work_find_request(w, code, SIDE_EXPERT, &r);

	if (rc == RC_OK)
		rc = check_signer(w, &r);
	if (rc == RC_OK && !takes_opinions(&r))
		rc = err_set(&w->err, RC_STATE,
			     "a request that is %s takes no opinion",
			     words_name(&words_request_status, (int)r.status));
	if (rc == RC_OK && r.status == REQUEST_ACCEPTED)
		rc = gate_read(w, &r);
	if (rc == RC_OK)
		rc = opinion_list(w->tx, &r, w->arena, &v, &n, &w->err);
	if (rc == RC_OK && n == OPINION_VERSIONS_MAX)
		rc = err_set(&w->err, RC_STATE, "it has too many versions");
	if (rc == RC_OK)
		rc = read_opinion(w, &r, in, last_of(v, n, w->who->expert), &o);
	if (rc == RC_OK)
		rc = store(w, &r, &o, out);
	return rc == RC_OK ? find_status(w, r.id, &out->status) : rc;
}

/* ---- reading ---- */

static enum rc view_one(struct work *w, const struct opinion *o, bool papers,
			struct msg_opinion *out)
{
	proto_clear(&msg_opinion_table, out);
	out->expert = o->expert_slug;
	out->by = o->signer;
	out->version = o->version;
	if (o->version > 1)
		out->corrects = o->version - 1;
	out->signed_at = o->signed_at;
	out->filed_at = o->filed_at;
	if (o->received_at)
		out->received_at = o->received_at;
	out->hash = hex_of(w, o->hash, sizeof(o->hash));
	out->previous = hex_of(w, o->corrects, sizeof(o->corrects));
	out->key = hex_of(w, o->key, sizeof(o->key));
	out->verified = o->verified;
	if (papers) {
		out->text = o->text;
		out->reference = o->reference;
		out->signature = hex_of(w, o->signature, o->signature_len);
	}
	return out->hash && out->previous && out->key &&
			       (!papers || out->signature)
		       ? RC_OK
		       : work_nomem(w);
}

static enum rc view_all(struct work *w, const struct opinion *v, size_t n,
			struct field_list *out)
{
	struct msg_opinion *m = arena_array(w->arena, n, sizeof(*m));
	bool papers = principal_reads_papers(w->who);
	enum rc rc = RC_OK;

	if (n && !m)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_one(w, &v[i], papers, &m[i]);
	*out = (struct field_list){m, n};
	return rc;
}

enum rc opinions_view(struct work *w, const struct request *r,
		      struct field_list *out)
{
	struct opinion *v;
	size_t n;
	enum rc rc = opinion_list(w->tx, r, w->arena, &v, &n, &w->err);

	return rc == RC_OK ? view_all(w, v, n, out) : rc;
}

/* What the caller would sign next; NULL where that is nothing. */
static enum rc view_to_sign(struct work *w, const struct request *r,
			    const struct opinion *v, size_t n,
			    struct msg_to_sign **out)
{
	static const uint8_t none[CRYPT_HASH_LEN];
	const struct opinion *last = last_of(v, n, w->who->expert);
	struct msg_to_sign *m;
	enum rc rc;

	*out = NULL;
	if (w->who->role != ROLE_EXPERT || !takes_opinions(r))
		return RC_OK;
	rc = check_signer(w, r);
	if (rc != RC_OK)
		return rc == RC_FORBIDDEN ? RC_OK : rc;
	m = arena_alloc(w->arena, sizeof(*m));
	if (!m)
		return work_nomem(w);
	*m = (struct msg_to_sign){
		.request = arena_strndup(w->arena, r->code.s, CODE_LEN),
		.expert = w->who->expert_slug,
		.version = last ? last->version + 1 : 1,
		.previous = hex_of(w, last ? last->hash : none, sizeof(none)),
		.now = w->tx->now,
	};
	*out = m;
	return m->request && m->previous ? RC_OK : work_nomem(w);
}

enum rc work_opinion_list(struct work *w, const char *code,
			  struct msg_opinion_list *out)
{
	struct work_change read = {.verb = VERB_READ};
	struct opinion *v = NULL;
	struct request r;
	size_t n = 0;
	enum rc rc = work_find_request(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &r);

	proto_clear(&msg_opinion_list_table, out);
	if (rc == RC_OK)
		rc = opinion_list(w->tx, &r, w->arena, &v, &n, &w->err);
	if (rc == RC_OK)
		rc = view_all(w, v, n, &out->items);
	if (rc == RC_OK)
		rc = view_to_sign(w, &r, v, n, &out->to_sign);
	read.from = read.to = (int)r.status;
	return rc == RC_OK ? work_event_request(w, &r, &read) : rc;
}

/* ---- receipt ---- */

/* It is closed by that; when it was before, only said. */
static enum rc close_request(struct work *w, struct request *r)
{
	struct work_change change = {.from = (int)r->status};
	enum rc rc;

	change.verb = r->status == REQUEST_CLOSED ? VERB_RECEIVE : VERB_CLOSE;
	if (r->status == REQUEST_CLOSED) {
		change.to = change.from;
	} else {
		rc = work_step(w, THING_REQUEST, change.from, change.verb,
			       &change.to);
		if (rc != RC_OK)
			return rc;
	}
	r->status = (enum request_status)change.to;
	rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

enum rc work_opinion_receive(struct work *w, const char *code,
			     struct msg_request *out)
{
	struct request r;
	int64_t n = 0;
	enum rc rc = work_find_request(w, code, SIDE_PARTNER, &r);

	if (rc == RC_OK)
		rc = work_match(w, r.version);
	if (rc == RC_OK && r.status != REQUEST_COMPLETED &&
	    r.status != REQUEST_CLOSED)
		rc = err_set(&w->err, RC_STATE,
			     "a request that is %s has not all its opinions",
			     words_name(&words_request_status, (int)r.status));
	if (rc == RC_OK)
		rc = opinion_receive(w->tx, r.id, &n, &w->err);
	if (rc == RC_OK && n == 0 && r.status == REQUEST_CLOSED)
		rc = err_set(&w->err, RC_STATE, "all were received before");
	if (rc == RC_OK)
		rc = due_drop(w->tx, DUE_RECEIPT, THING_REQUEST, r.id, &w->err);
	if (rc == RC_OK)
		rc = close_request(w, &r);
	return rc == RC_OK ? work_view_request(w, &r, out) : rc;
}

enum rc opinions_remind(struct work *w, const struct due_row *row)
{
	struct work_change change = {.by_system = true};
	struct core_terms terms;
	struct request r;
	int64_t n = 0;
	enum rc rc = request_by_id(w->tx, row->thing_id, w->arena, &r, &w->err);

	if (rc == RC_OK)
		rc = opinion_unreceived(w->tx, r.id, &n, &w->err);
	if (rc == RC_OK)
		rc = find_terms(w, &r, &terms);
	if (rc != RC_OK || n == 0)
		return rc;
	change.verb = row->step + 1 < terms.receipt_notices ? VERB_REMIND
							    : VERB_ESCALATE;
	change.from = change.to = (int)r.status;
	change.reason = arena_printf(
		w->arena, "opinions that the partner has not confirmed: %lld",
		(long long)n);
	rc = change.reason ? work_event_request(w, &r, &change) : work_nomem(w);
	return rc == RC_OK && change.verb == VERB_REMIND
		       ? await_receipt(w, &r, row->step + 1)
		       : rc;
}
