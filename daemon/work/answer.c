/* Whoever is called for an emergency answers; and giving way by hand. */
#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/work/at_once.h"
#include "daemon/work/calls.h"
#include "daemon/work/emergency.h"
#include "daemon/work/parts.h"

struct answering {
	struct request r;
	int64_t expert;
	bool on_behalf;
	enum verb verb;
	bool called; /* and `call` is the row; else as far as one is known */
	struct duty_call call;
	const char *slug;
};

/* Whose answer it is: one's own, or of whom a coordinator names, or else of
 * whom was called last. */
static enum rc find_whose(struct work *w, const struct msg_answer *in,
			  struct answering *a)
{
	struct core_subject named = {0};
	enum rc rc;

	if (w->who->role == ROLE_EXPERT) {
		if (in->expert && strcmp(in->expert, w->who->expert_slug) != 0)
			return err_set(&w->err, RC_FORBIDDEN,
				       "a coordinator answers for others");
		a->expert = w->who->expert;
	} else {
		a->on_behalf = true;
		rc = work_find_expert(w, "/expert", in->expert, a->r.lead,
				      &named);
		if (rc != RC_OK)
			return rc;
		a->expert = named.id;
	}
	rc = calls_find(w, &a->r, a->expert, &a->call);
	a->called = rc == RC_OK;
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (!a->expert &&
	    (!a->called || a->call.outcome != CALL_CALLED || !a->call.level))
		return work_fault(w, "/expert",
				  "nobody alone is called now: name who");
	if (a->called)
		a->expert = a->call.expert;
	return RC_OK;
}

static enum rc find_slug(struct work *w, struct answering *a)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	struct core_subject s;
	enum rc rc = calendar_name(&loader, a->expert, &s, &w->err);

	a->slug = s.slug;
	return rc;
}

/* Whoever was called may know what became of it, whoever has it now; anybody
 * else learns nothing, not even that there is one. */
static enum rc find_called(struct work *w, const char *code, struct request *r)
{
	bool called = false;
	enum rc rc = work_find_request(w, code, SIDE_LEAD | SIDE_EXPERT, r);

	if (rc != RC_NOT_FOUND || !w->who->expert)
		return rc;
	rc = request_by_code(w->tx, code, w->arena, r, NULL);
	if (rc == RC_OK)
		rc = duty_call_reached(w->tx, r->id, w->who->expert, &called,
				       NULL);
	if (rc == RC_OK && called)
		return RC_OK;
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return err_set(&w->err, rc, "the request is unreadable");
	return err_set(&w->err, RC_NOT_FOUND,
		       "there is no such request, or you were not called for"
		       " it: a coordinator of the lead can answer for you");
}

/* Nobody is waited for any more. */
static enum rc is_over(struct work *w, const struct request *r)
{
	const char *status = words_name(&words_request_status, (int)r->status);
	char code[CODE_SHOWN_LEN + 1];

	if (!core_request_assigned(r->status) || !r->expert)
		return err_set(&w->err, RC_STATE,
			       "it is %s: nobody is called for it any more",
			       status);
	if (r->expert == w->who->expert && r->booking.s[0]) {
		code_show(&r->booking, code);
		return err_set(&w->err, RC_STATE,
			       "you have it already: its booking is %s", code);
	}
	if (r->status != REQUEST_SCHEDULED)
		return err_set(&w->err, RC_STATE, "it is %s, with %s", status,
			       r->expert_slug);
	return err_set(&w->err, RC_STATE,
		       "%s has it already; were that session cancelled, it"
		       " would be called again",
		       r->expert_slug);
}

static enum rc find_emergency(struct work *w, const char *code,
			      const struct msg_answer *in, struct answering *a)
{
	*a = (struct answering){0};
	enum rc rc = find_called(w, code, &a->r);

	if (rc == RC_OK)
		rc = work_match(w, a->r.version);
	if (rc == RC_OK && kind_row(a->r.kind)->how != KIND_AT_ONCE)
		rc = err_set(&w->err, RC_STATE,
			     "nobody was called for it: it is accepted or"
			     " declined");
	if (rc == RC_OK && !calls_open(&a->r))
		rc = is_over(w, &a->r);
	a->verb = a->r.status == REQUEST_SUBMITTED ? VERB_ACCEPT : VERB_ANSWER;
	if (rc == RC_OK)
		rc = find_whose(w, in, a);
	return rc == RC_OK ? find_slug(w, a) : rc;
}

/* --- cannot --- */

static enum rc note_cannot(struct work *w, const struct answering *a,
			   const char *reason)
{
	struct work_change change = {
		.verb = VERB_REFUSE,
		.from = (int)a->r.status,
		.to = (int)a->r.status,
		.expert = a->expert,
		.told = true,
		.reason =
			arena_printf(w->arena, "%s cannot%s%s", a->slug,
				     reason ? ": " : "", reason ? reason : ""),
	};

	return change.reason ? work_event_request(w, &a->r, &change)
			     : work_nomem(w);
}

/* Is it the one who is waited for? Who was called earlier, or with everybody,
 * has nobody called in their place. */
static enum rc answer_cannot(struct work *w, const struct answering *a,
			     const char *reason)
{
	bool waited = a->call.outcome == CALL_CALLED && a->call.level;
	enum rc rc;

	if (!a->called)
		return work_fault(w, "/expert", "is not called for it");
	if (a->call.outcome == CALL_CANNOT)
		return err_set(&w->err, RC_STATE, "%s has said so already",
			       a->slug);
	/* What became of a call that has ended stays as it was. */
	rc = a->call.outcome != CALL_CALLED
		     ? RC_OK
		     : duty_call_end(w->tx, &a->call, CALL_CANNOT,
				     a->on_behalf ? w->who->name : NULL,
				     &w->err);
	if (rc == RC_OK)
		rc = note_cannot(w, a, reason);
	if (rc != RC_OK || !waited)
		return rc;
	const char *because = arena_printf(w->arena, "%s cannot", a->slug);

	return because ? calls_next(w, &a->r, because) : work_nomem(w);
}

/* --- accept --- */

/* The call that was answered; where none was made, one that was made now. */
static enum rc note_answer(struct work *w, const struct answering *a)
{
	const char *by = a->on_behalf ? w->who->name : NULL;
	struct duty_call row = a->call;

	if (a->called)
		return duty_call_end(w->tx, &row, CALL_ANSWERED, by, &w->err);
	row.called_at = row.ended_at = w->tx->now;
	row.outcome = CALL_ANSWERED;
	row.said_by = by;
	return duty_call_add(w->tx, &row, &w->err);
}

static enum rc accept_request(struct work *w, struct answering *a)
{
	struct request *r = &a->r;
	struct work_change change = {
		.verb = a->verb, .from = (int)r->status, .expert = a->expert};
	enum rc rc = work_step(w, THING_REQUEST, change.from, change.verb,
			       &change.to);

	if (a->on_behalf)
		change.reason = arena_printf(w->arena, "for %s", a->slug);
	r->status = (enum request_status)change.to;
	r->expert = a->expert;
	if (rc == RC_OK)
		rc = note_answer(w, a);
	if (rc == RC_OK)
		rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

static enum rc clear_way(struct work *w, const struct at_once *plan)
{
	enum rc rc = give_way_clear(w, &plan->gives);

	for (size_t i = 0; rc == RC_OK && i < plan->npauses; i++)
		rc = booking_cut_pauses(w->tx, plan->pauses[i].booking,
					plan->pauses[i].subject,
					plan->plan.span, &w->err);
	return rc;
}

static enum rc take_time(struct work *w, const struct answering *a,
			 const struct at_once *plan)
{
	struct work_change change = {.verb = VERB_BOOK, .from = STATE_NONE};
	struct booking b = {.request = a->r.id,
			    .request_code = a->r.code,
			    .agreement = a->r.agreement,
			    .lead = a->r.lead,
			    .partner = a->r.partner,
			    .kind = a->r.kind,
			    .expert = a->expert,
			    .from = plan->plan.span.from,
			    .to = plan->plan.span.to,
			    .owner = w->who->identity,
			    .owner_site = w->who->site,
			    .version = 1};
	enum rc rc =
		work_step(w, THING_BOOKING, STATE_NONE, VERB_BOOK, &change.to);

	b.status = (enum booking_status)change.to;
	if (rc == RC_OK)
		rc = request_draw_code(w->tx, &b.code, &w->err);
	if (rc == RC_OK)
		rc = booking_insert(w->tx, &b, &plan->plan, NULL, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, &b, &change);
	return rc == RC_OK ? work_schedule_request(w, &b, VERB_SCHEDULE, NULL)
			   : rc;
}

static enum rc answer_accept(struct work *w, struct answering *a)
{
	struct at_once plan;
	enum rc rc = work_lapse_holds(w);

	if (rc == RC_OK)
		rc = at_once_plan(w, &a->r, a->expert, &plan);
	if (rc == RC_OK)
		rc = accept_request(w, a);
	if (rc == RC_OK)
		rc = clear_way(w, &plan);
	if (rc == RC_OK)
		rc = take_time(w, a, &plan);
	return rc == RC_OK ? give_way_settle(w, &plan.gives, a->r.id,
					     "gives way to an emergency")
			   : rc;
}

enum rc work_request_answer(struct work *w, const char *code,
			    const struct msg_answer *in,
			    struct msg_request *out)
{
	struct answering a;
	struct request r = {0};
	enum rc rc = find_emergency(w, code, in, &a);

	if (rc == RC_OK)
		rc = !strcmp(in->answer, "accept")
			     ? answer_accept(w, &a)
			     : answer_cannot(w, &a, in->reason);
	if (rc == RC_OK)
		rc = request_by_id(w->tx, a.r.id, w->arena, &r, &w->err);
	if (rc == RC_OK)
		rc = work_view_request(w, &r, out);
	return rc == RC_OK ? calls_view(w, &r, out) : rc;
}

/* What is wrong with the answer the writer says. */
enum rc work_answer_look(struct work *w, const char *code,
			 const struct msg_answer *in, struct work_moves *out)
{
	struct answering a;
	struct at_once plan;

	out->n = 0;
	if (strcmp(in->answer, "accept") != 0)
		return RC_OK;
	enum rc rc = find_emergency(w, code, in, &a);

	if (rc == RC_OK)
		rc = at_once_plan(w, &a.r, a.expert, &plan);
	return rc == RC_OK ? give_way_look(w, &plan.gives, plan.plan.span, out)
			   : rc;
}

/* --- its papers --- */

static bool differ(const char *had, const char *now)
{
	return had && now && strcmp(had, now) != 0;
}

/* What was said is replaced once, and kept as it was; what was not said yet is
 * added at any time. */
static enum rc keep_earlier(struct work *w, const struct msg_papers *in,
			    const struct request *r, const struct papers *had)
{
	struct request_earlier was;

	if (!differ(had->summary, in->summary) &&
	    !differ(had->reason, in->reason) &&
	    !differ(had->purpose, in->purpose) && !differ(had->name, in->name))
		return RC_OK;
	enum rc rc = request_open_earlier(w->tx, r, w->arena, &was, NULL);

	if (rc == RC_NOT_FOUND)
		return request_keep_earlier(w->tx, r, w->who->name, &w->err);
	return rc == RC_OK ? err_set(&w->err, RC_STATE,
				     "its papers were replaced once already")
			   : err_set(&w->err, rc,
				     "its earlier papers are unreadable");
}

/* While it is open; and where they never came, afterwards. */
static enum rc papers_may_come(struct work *w, const struct request *r)
{
	struct duty_times times;
	enum rc rc = duty_times_of(w->tx, r->id, &times, &w->err);

	if (rc != RC_OK)
		return rc;
	return r->status == REQUEST_DECLINED ||
			       r->status == REQUEST_WITHDRAWN ||
			       r->status == REQUEST_EXPIRED ||
			       (r->status == REQUEST_CLOSED &&
				times.papers_at != INT64_MIN)
		       ? err_set(&w->err, RC_STATE,
				 "it is %s: its papers stay as they are",
				 words_name(&words_request_status,
					    (int)r->status))
		       : RC_OK;
}

static enum rc put_papers(struct work *w, const struct msg_papers *in,
			  struct request *r)
{
	struct papers papers;
	enum rc rc = papers_may_come(w, r);

	if (rc == RC_OK)
		rc = request_open_papers(w->tx, r, w->arena, &papers, &w->err);
	if (rc == RC_OK)
		rc = keep_earlier(w, in, r, &papers);
	if (rc != RC_OK)
		return rc;
	papers.summary = in->summary;
	if (in->reason)
		papers.reason = in->reason;
	if (in->purpose)
		papers.purpose = in->purpose;
	if (in->name)
		papers.name = in->name;
	rc = duty_set_papers(w->tx, r, &papers, &w->err);
	if (rc == RC_OK)
		rc = due_drop(w->tx, DUE_PAPERS, THING_REQUEST, r->id, &w->err);
	return rc == RC_OK ? request_update(w->tx, r, &w->err) : rc;
}

enum rc work_request_papers(struct work *w, const char *code,
			    const struct msg_papers *in,
			    struct msg_request *out)
{
	struct work_change change = {.verb = VERB_SUPPLEMENT,
				     .reason = "the papers"};
	struct request r = {0};
	enum rc rc = work_find_request(w, code, SIDE_PARTNER, &r);

	if (rc == RC_OK)
		rc = work_match(w, r.version);
	if (rc == RC_OK && kind_row(r.kind)->how != KIND_AT_ONCE)
		rc = err_set(&w->err, RC_STATE,
			     "papers that come afterwards are an emergency's");
	if (rc == RC_OK)
		rc = put_papers(w, in, &r);
	change.from = change.to = (int)r.status;
	if (rc == RC_OK)
		rc = work_event_request(w, &r, &change);
	if (rc == RC_OK)
		rc = work_view_request(w, &r, out);
	return rc == RC_OK ? calls_view(w, &r, out) : rc;
}

/* --- by hand --- */

static enum rc find_to_displace(struct work *w, const char *code,
				struct booking *b)
{
	bool may = false;
	int to;
	enum rc rc = work_find_booking(w, code, SIDE_LEAD, b);

	if (rc == RC_OK)
		rc = work_match(w, b->version);
	if (rc == RC_OK)
		rc = work_step(w, THING_BOOKING, (int)b->status, VERB_DISPLACE,
			       &to);
	if (rc == RC_OK)
		rc = give_way_may(w, b, &may);
	return rc == RC_OK && !may ? err_set(&w->err, RC_STATE,
					     "an emergency does not give way")
				   : rc;
}

/* What counts of the word: an emergency is so by its kind, and is answered. */
static enum urgency urgency_of(const struct request *r)
{
	return r->urgency == URGENCY_EMERGENCY &&
			       kind_row(r->kind)->how != KIND_AT_ONCE
		       ? URGENCY_URGENT
		       : r->urgency;
}

/* Something less urgent never drives out what is more so. */
static enum rc find_urgent(struct work *w, const struct msg_displace *in,
			   const struct booking *b, struct request *out)
{
	struct request had = {.urgency = URGENCY_ROUTINE};
	enum rc rc = work_find_request(w, in->request, SIDE_LEAD, out);

	if (rc == RC_NOT_FOUND)
		return work_fault(w, "/request", "there is no such request");
	if (rc == RC_OK && b->request)
		rc = request_by_id(w->tx, b->request, w->arena, &had, &w->err);
	if (rc != RC_OK)
		return rc;
	if (urgency_of(out) >= urgency_of(&had))
		return work_fault(w, "/request",
				  "must be more urgent than what gives way");
	return out->lead == b->lead
		       ? RC_OK
		       : work_fault(w, "/request", "is another lead's");
}

enum rc work_booking_displace(struct work *w, const char *code,
			      const struct msg_displace *in,
			      struct msg_booking *out)
{
	struct booking found, *b = &found;
	struct give_way gives = {b, 1};
	struct request r;
	enum rc rc = find_to_displace(w, code, b);

	if (rc == RC_OK)
		rc = find_urgent(w, in, b, &r);
	if (rc == RC_OK)
		rc = give_way_clear(w, &gives);
	if (rc != RC_OK)
		return rc;
	struct msg_book book;

	proto_clear(&msg_book_table, &book);
	book.request = in->request;
	book.at = b->from;
	book.expert = b->expert_slug;
	rc = work_booking_book_for(w, &book, in->reason, out);
	return rc == RC_OK ? give_way_settle(w, &gives, r.id,
					     "gives way to what is more urgent")
			   : rc;
}

enum rc work_displace_look(struct work *w, const char *code,
			   struct work_moves *out)
{
	struct booking found;
	const struct booking *b = &found;
	const struct give_way gives = {&found, 1};
	enum rc rc = work_find_booking(w, code, SIDE_LEAD, &found);

	out->n = 0;
	return rc == RC_OK
		       ? give_way_look(w, &gives,
				       (struct core_span){b->from, b->to}, out)
		       : rc;
}
