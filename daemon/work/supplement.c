/* What is missing in a request: asked for once, and supplemented. */
#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/store/due.h"
#include "daemon/work/complete.h"
#include "daemon/work/expiry.h"
#include "daemon/work/parts.h"

static enum rc asked_already(struct work *w)
{
	return err_set(&w->err, RC_STATE,
		       "supplements were asked for once already: accept it or"
		       " decline it");
}

/* Its clock stands while the partner has it; expiry.h says how long that is. */
enum rc work_request_ask(struct work *w, const char *code,
			 const struct msg_ask *in, struct msg_request *out)
{
	struct work_change change = {.verb = VERB_ASK, .reason = in->missing};
	struct core_agreement agreement;
	struct request r;
	enum rc rc = work_request_begin(w, code, SIDE_LEAD, &change, &r);

	if (rc == RC_OK && kind_row(r.kind)->how == KIND_AT_ONCE)
		rc = err_set(&w->err, RC_STATE,
			     "nobody waits for an emergency's papers: they come"
			     " afterwards");
	if (rc == RC_OK && r.asked_at)
		rc = asked_already(w);
	if (rc == RC_OK)
		rc = work_check_live(w, &r, &agreement);
	if (rc != RC_OK)
		return rc;
	r.asked_at = w->tx->now;
	return work_request_end(w, &r, &change, out);
}

static void replace(const char **had, const char *with)
{
	if (with)
		*had = with;
}

/* What was there and what is said now, together. */
static enum rc merge(struct work *w, const struct msg_supplement *in,
		     struct request *r, struct papers *papers)
{
	const char *had = in->replace_attachments ? NULL : papers->attachments;
	enum rc rc = RC_OK;

	replace(&papers->reason, in->reason);
	replace(&papers->purpose, in->purpose);
	replace(&papers->summary, in->summary);
	replace(&r->specialty, in->specialty);
	replace(&r->title, in->title);
	replace(&r->modality, in->modality);
	complete_read_physician(in->accompanied_by, papers);
	if (in->wanted.n)
		rc = complete_read_wanted(w, &in->wanted, r);
	return complete_both(rc,
			     complete_read_attachments(w, &in->attachments, had,
						       &papers->attachments));
}

static bool says_anything(const struct msg_supplement *in)
{
	return in->note || in->reason || in->purpose || in->summary ||
	       in->specialty || in->title || in->modality || in->wanted.n ||
	       in->accompanied_by || in->attachments.n ||
	       in->replace_attachments;
}

enum rc work_request_supplement(struct work *w, const char *code,
				const struct msg_supplement *in,
				struct msg_request *out)
{
	struct work_change change = {.verb = VERB_SUPPLEMENT,
				     .reason = in->note};
	struct core_agreement agreement;
	struct papers papers;
	struct request r;
	enum rc rc = work_request_begin(w, code, SIDE_PARTNER, &change, &r);

	if (rc == RC_OK && !says_anything(in))
		rc = work_fault(w, "/note", "say or add something");
	if (rc == RC_OK)
		rc = request_open_papers(w->tx, &r, w->arena, &papers, &w->err);
	if (rc != RC_OK)
		return rc;
	rc = merge(w, in, &r, &papers);
	if (rc == RC_OK || rc == RC_INVALID)
		rc = complete_both(rc, work_check_live(w, &r, &agreement));
	if (rc == RC_OK || rc == RC_INVALID)
		rc = complete_both(rc,
				   complete_check_wanted(w, &r, &agreement));
	if (rc == RC_OK || rc == RC_INVALID)
		rc = complete_both(
			rc, complete_check(w, &agreement, &r, &papers, true));
	rc = complete_said(w, rc);
	if (rc == RC_OK)
		rc = request_supplement(w->tx, &r, &papers, w->who->name,
					&w->err);
	return rc == RC_OK ? work_request_end(w, &r, &change, out) : rc;
}

enum rc work_view_earlier(struct work *w, const struct request *r,
			  struct msg_earlier **out)
{
	struct request_earlier was;
	struct msg_interval *v;
	struct msg_earlier *e;

	*out = NULL;
	if (!r->asked_at && kind_row(r->kind)->how != KIND_AT_ONCE)
		return RC_OK;
	enum rc rc = request_open_earlier(w->tx, r, w->arena, &was, &w->err);

	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	e = arena_alloc(w->arena, sizeof(*e));
	v = arena_array(w->arena, was.nwanted, sizeof(*v));
	if (!e || (was.nwanted && !v))
		return work_nomem(w);
	for (size_t i = 0; i < was.nwanted; i++)
		v[i] = (struct msg_interval){was.wanted[i].from,
					     was.wanted[i].to};
	*e = (struct msg_earlier){.until = was.until,
				  .by = was.by,
				  .reason = was.papers.reason,
				  .purpose = was.papers.purpose,
				  .summary = was.papers.summary,
				  .wanted = {v, was.nwanted}};
	*out = e;
	rc = complete_view_physician(w, &was.papers, &e->accompanied_by);
	return rc == RC_OK ? complete_view_attachments(w, &was.papers,
						       &e->attachments)
			   : rc;
}
