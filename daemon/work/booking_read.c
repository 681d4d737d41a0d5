/* Bookings as they are read: one of them, and a list. */
#include "daemon/work/cases.h"
#include "daemon/work/consent.h"
#include "daemon/work/parts.h"
#include "daemon/work/ready.h"
#include "daemon/work/series.h"
#include "daemon/work/tools.h"

static const char *last_reason(const struct field_list *history)
{
	const struct msg_event *v = history->v;
	const char *reason = NULL;

	for (size_t i = 0; i < history->n; i++) {
		if (v[i].reason)
			reason = v[i].reason;
	}
	return reason;
}

/* Of a booking without a request. */
static enum rc show_patient(struct work *w, const struct booking *b,
			    struct msg_booking *out)
{
	struct papers papers;
	enum rc rc = booking_open_papers(w->tx, b, w->arena, &papers, &w->err);

	if (rc != RC_OK)
		return rc;
	out->patient = arena_alloc(w->arena, sizeof(*out->patient));
	if (!out->patient)
		return work_nomem(w);
	*out->patient = (struct msg_patient){.local_id = papers.local_id,
					     .name = papers.name,
					     .summary = papers.summary};
	return RC_OK;
}

/* What people said of it, why it was cancelled: sealed as papers are. */
static bool shows_words(const struct msg_booking *out)
{
	const struct msg_event *v = out->history.v;

	for (size_t i = 0; i < out->history.n; i++)
		if (v[i].reason)
			return true;
	return false;
}

/* Reading one that has papers, or words of people, is an event. */
static enum rc read_booking(struct work *w, const struct booking *b,
			    struct msg_booking *out)
{
	struct work_change read = {.verb = VERB_READ,
				   .from = (int)b->status,
				   .to = (int)b->status};
	enum rc rc = b->patient && principal_reads_papers(w->who)
			     ? show_patient(w, b, out)
			     : RC_OK;

	return rc == RC_OK ? work_event_booking(w, b, &read) : rc;
}

enum rc work_booking_show(struct work *w, const char *code,
			  struct msg_booking *out)
{
	struct booking b;
	enum rc rc = work_find_booking(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &b);

	if (rc == RC_OK)
		rc = work_view_booking(w, &b, out);
	if (rc == RC_OK)
		rc = work_view_history(w, "booking", b.id, &out->history);
	if (rc == RC_OK)
		rc = work_view_reads(w, "booking", b.id, &out->reads,
				     &out->reads_more);
	if (rc == RC_OK)
		rc = ready_view(w, &b, &out->checks);
	if (rc == RC_OK && !b.request)
		rc = consent_view(w,
				  &(struct consent_of){.booking = b.id,
						       .partner = b.partner},
				  &out->consents);
	if (rc == RC_OK)
		rc = series_name(w, b.id, &out->series);
	if (rc == RC_OK)
		rc = cases_name(w, &b, &out->session);
	if (rc == RC_OK)
		out->reason = last_reason(&out->history);
	if (rc == RC_OK &&
	    (b.patient || (principal_reads_papers(w->who) && shows_words(out))))
		rc = read_booking(w, &b, out);
	return rc;
}

enum rc work_booking_list(struct work *w, const struct msg_list_query *in,
			  struct msg_booking_list *out)
{
	struct list_filter filter;
	struct booking *rows = NULL;
	size_t n = 0;
	enum rc rc = work_list_filter(w, in, &words_booking_status, &filter);

	proto_clear(&msg_booking_list_table, out);
	if (rc == RC_OK)
		rc = booking_list(w->tx, &filter, w->arena, &rows, &n, &w->err);
	return rc == RC_OK ? work_view_bookings(w, &filter, rows, n, out) : rc;
}
