#include "daemon/work/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/core/series.h"
#include "daemon/store/calendar.h"
#include "daemon/store/rows.h"
#include "daemon/work/parts.h"
#include "daemon/work/refuse.h"
#include "daemon/work/sessions.h"

#define BLOCKERS_MAX 500 /* of a whole series */

/* --- what can repeat: one row each --- */

static enum rc booking_sides(struct work *w, const void *in, struct series *out)
{
	const struct msg_book *book = in;

	if (book->request)
		return work_fault(w, "/request",
				  "a request has one booking: name a kind that"
				  " is booked without one");
	out->kind = (enum kind)book->kind;
	return work_booking_between(w, book, &out->lead, &out->partner);
}

static enum rc booking_would(struct work *w, const void *in)
{
	return work_booking_would(w, in);
}

static enum rc booking_make(struct work *w, const void *in, struct booking *out)
{
	return work_booking_take(w, in, out);
}

/* Of the lead's own, by its coordinator. */
static enum rc session_sides(struct work *w, const void *in, struct series *out)
{
	const struct msg_session_new *session = in;

	if (w->who->role != ROLE_LEAD_COORDINATOR)
		return err_set(&w->err, RC_FORBIDDEN,
			       "a coordinator of the lead makes sessions");
	if (session->shows || session->at == FIELD_NONE)
		return work_fault(w, session->shows ? "/shows" : "/at",
				  session->shows ? "an operation is shown once"
						 : "is required");
	out->kind = (enum kind)session->kind;
	out->lead = out->partner = w->who->site;
	return RC_OK;
}

static enum rc session_would(struct work *w, const void *in)
{
	return work_session_would(w, in);
}

static enum rc session_make(struct work *w, const void *in, struct booking *out)
{
	return work_session_take(w, in, out);
}

/* A message with a time, and the use case that makes one of it. */
struct maker {
	const char *pointer;
	size_t offset; /* of the message in that of the series */
	size_t size;   /* of it */
	size_t at;     /* of its time in it */
	enum rc (*sides)(struct work *w, const void *in, struct series *out);
	enum rc (*would)(struct work *w, const void *in);
	enum rc (*make)(struct work *w, const void *in, struct booking *out);
};

static const struct maker makers[] = {
	{"/booking", offsetof(struct msg_series_new, booking),
	 sizeof(struct msg_book), offsetof(struct msg_book, at), booking_sides,
	 booking_would, booking_make},
	{"/session", offsetof(struct msg_series_new, session),
	 sizeof(struct msg_session_new), offsetof(struct msg_session_new, at),
	 session_sides, session_would, session_make},
};
#define MAKERS (sizeof(makers) / sizeof(makers[0]))

struct making {
	const struct maker *maker;
	void *message; /* a copy, whose time is each one's */
	struct series series;
	const struct tz *zone;
	struct series_day *days;
	size_t n;
	enum together together;
	/* of the one that is made */
	struct booking made;
	int64_t left; /* reasons that may yet be told */
};

static const void *message_of(const struct msg_series_new *in,
			      const struct maker *maker)
{
	const void *message;

	memcpy(&message, (const char *)in + maker->offset, sizeof(message));
	return message;
}

/* The one of them that is asked for; NULL: none is, or more than one. */
static const struct maker *find_maker(const struct msg_series_new *in)
{
	const struct maker *found = NULL;

	for (size_t i = 0; i < MAKERS; i++) {
		if (!message_of(in, &makers[i]))
			continue;
		if (found)
			return NULL;
		found = &makers[i];
	}
	return found;
}

static int64_t at_of(const struct making *m)
{
	int64_t at;

	memcpy(&at, (const char *)m->message + m->maker->at, sizeof(at));
	return at;
}

static void set_at(struct making *m, int64_t at)
{
	memcpy((char *)m->message + m->maker->at, &at, sizeof(at));
}

static int64_t day_at(const struct making *m, size_t i)
{
	return tz_to_utc(m->zone, m->days[i].wall);
}

/* A fault of the message is one of a part of the series'. */
static enum rc at_fault(struct work *w, const struct maker *maker, enum rc rc)
{
	for (size_t i = 0; rc == RC_INVALID && i < w->faults.n; i++) {
		struct field_fault *f = &w->faults.v[i];

		f->pointer = arena_printf(w->arena, "%s%s", maker->pointer,
					  f->pointer);
		if (!f->pointer)
			return work_nomem(w);
	}
	return rc;
}

/* --- its days --- */

static int by_number(const void *left, const void *right)
{
	const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* Local days, in order, each once; the texts are set in that order. */
static enum rc read_dates(struct work *w, struct field_strs in,
			  const int64_t **out, const char ***out_texts,
			  size_t *out_n)
{
	int64_t *v = arena_array(w->arena, in.n, sizeof(*v));
	const char **texts = arena_array(w->arena, in.n, sizeof(*texts));
	size_t n = 0;

	if (in.n && (!v || !texts))
		return work_nomem(w);
	for (size_t i = 0; i < in.n; i++)
		if (civil_read_date(in.v[i], strlen(in.v[i]), &v[n]))
			n++;
	if (n)
		qsort(v, n, sizeof(*v), by_number);
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		char shown[CIVIL_DATE_LEN + 1];

		if (i && v[i] == v[i - 1])
			continue;
		civil_show_date(v[i], shown);
		v[*out_n] = v[i];
		texts[*out_n] = arena_strndup(w->arena, shown, CIVIL_DATE_LEN);
		if (!texts[(*out_n)++])
			return work_nomem(w);
	}
	*out = v;
	*out_texts = texts;
	return RC_OK;
}

static enum rc lay_days(struct work *w, const struct msg_series_new *in,
			struct making *m)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	struct series *s = &m->series;
	struct series_rule rule = {.start = s->start,
				   .on_holiday = s->on_holiday};
	struct err why = ERR_INIT;
	enum rc rc =
		rrule_parse(in->rrule, strlen(in->rrule), &rule.rrule, &why);

	if (rc != RC_OK)
		return work_fault(w, "/rrule", "%s", why.text);
	rc = read_dates(w, in->except, &rule.except, &s->except, &rule.nexcept);
	if (rc == RC_OK)
		rc = read_dates(w, in->add, &rule.also, &s->also, &rule.nalso);
	if (rc == RC_OK)
		rc = calendar_of_site(&loader, s->lead, &rule.calendar,
				      &w->err);
	if (rc != RC_OK)
		return rc;
	s->nexcept = rule.nexcept;
	s->nalso = rule.nalso;
	rc = series_lay(&rule, w->arena, &m->days, &m->n, &why);
	if (rc == RC_NOMEM)
		return work_nomem(w);
	return rc == RC_OK ? rc : work_fault(w, "/rrule", "%s", why.text);
}

static enum rc begin(struct work *w, const struct msg_series_new *in,
		     struct making *m)
{
	struct site lead, partner;

	*m = (struct making){.left = BLOCKERS_MAX};
	m->maker = find_maker(in);
	if (!m->maker)
		return work_fault(w, "/booking",
				  "either this or /session is needed");
	m->message = arena_alloc(w->arena, m->maker->size);
	if (!m->message)
		return work_nomem(w);
	memcpy(m->message, message_of(in, m->maker), m->maker->size);
	if (in->together >= 0)
		m->together = (enum together)in->together;
	if (in->on_holiday >= 0)
		m->series.on_holiday = (enum on_holiday)in->on_holiday;
	m->series.rrule = in->rrule;
	enum rc rc = at_fault(w, m->maker,
			      m->maker->sides(w, m->message, &m->series));

	if (rc == RC_OK)
		rc = site_by_id(w->tx, m->series.lead, w->arena, &lead,
				&w->err);
	if (rc == RC_OK)
		rc = site_by_id(w->tx, m->series.partner, w->arena, &partner,
				&w->err);
	if (rc == RC_OK)
		rc = rows_zone(w->tx, lead.time_zone, &m->zone, &w->err);
	if (rc != RC_OK)
		return rc;
	m->series.lead_slug = lead.slug;
	m->series.partner_slug = partner.slug;
	m->series.time_zone = lead.time_zone;
	m->series.start = tz_to_wall(m->zone, at_of(m));
	return lay_days(w, in, m);
}

/* --- beforehand --- */

static enum rc would_step(struct work *w, void *ctx)
{
	struct making *m = ctx;

	return m->maker->would(w, m->message);
}

enum rc work_series_look(struct work *w, const struct msg_series_new *in,
			 struct series_sought *out)
{
	struct making m;
	struct attempt a;
	enum rc rc = begin(w, in, &m);

	*out = (struct series_sought){0};
	if (rc != RC_OK)
		return rc;
	out->nearest = arena_array(w->arena, m.n, sizeof(*out->nearest));
	if (!out->nearest)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < m.n; i++) {
		out->nearest[out->n++] = (struct field_list){0};
		if (m.days[i].left_out)
			continue;
		set_at(&m, day_at(&m, i));
		rc = attempt_look(w, would_step, &m, &a);
		out->nearest[i] = a.nearest;
	}
	return at_fault(w, m.maker, rc);
}

/* --- made --- */

static enum rc make_step(struct work *w, void *ctx)
{
	struct making *m = ctx;
	const struct refusal another = {.reason = BLOCK_AGREEMENT};
	enum rc rc = m->maker->make(w, m->message, &m->made);

	if (rc != RC_OK || (m->made.lead == m->series.lead &&
			    m->made.partner == m->series.partner))
		return rc;
	return refuse_by_rule(w, &another,
			      "by then it falls under an agreement with"
			      " another hospital");
}

static enum rc make_one(struct work *w, struct making *m, size_t i,
			struct msg_occurrence *out)
{
	struct attempt a = {0};
	struct occurrence o = {
		.position = (int64_t)i + 1,
		.day = m->days[i].day,
		.planned = day_at(m, i),
		.left_out = m->days[i].left_out,
	};
	enum rc rc = RC_OK;

	if (!o.left_out) {
		set_at(m, o.planned);
		rc = attempt_run(w, make_step, m, (size_t)m->left, &a);
	}
	if (a.done)
		o.booking = m->made.id;
	else if (!o.left_out)
		o.why = series_why(w, &a);
	if (rc == RC_OK)
		rc = series_add(w->tx, m->series.id, &o, &w->err);
	if (rc == RC_OK)
		rc = series_view_day(w, &o, out);
	if (rc != RC_OK || a.done || o.left_out)
		return at_fault(w, m->maker, rc);
	series_view_attempt(&a, out);
	if (w->sought && i < w->sought->n)
		out->nearest = w->sought->nearest[i];
	m->left -= (int64_t)a.blockers.n;
	return RC_OK;
}

/* As they stand now, with what was told of those that were not made. */
static enum rc answer(struct work *w, struct making *m,
		      struct msg_occurrence *v, struct msg_series *out)
{
	struct occurrence *days;
	size_t n;
	enum rc rc = series_occurrences(w->tx, m->series.id, w->arena, &days,
					&n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (days[i].booking)
			rc = series_view_day(w, &days[i],
					     &v[days[i].position - 1]);
	if (rc == RC_OK)
		rc = series_view(w, &m->series, out);
	out->done = m->series.nbooked;
	out->occurrences = (struct field_list){v, m->n};
	return rc;
}

/* Nothing of it stands where it was to be all of it, or nothing could be. */
static enum rc judge(struct work *w, const struct making *m,
		     const struct msg_occurrence *v)
{
	struct msg_occurrence *failed =
		arena_array(w->arena, m->n, sizeof(*failed));
	size_t n = 0;

	if (!failed)
		return work_nomem(w);
	for (size_t i = 0; i < m->n; i++)
		if (v[i].outcome == OUTCOME_SKIPPED)
			failed[n++] = v[i];
	if (n && (m->together == TOGETHER_ALL || !m->series.nbooked))
		return series_refuse(w, failed, n, "made");
	if (!m->series.nbooked)
		return work_fault(w, "/on_holiday",
				  "every day of it is a day off");
	return RC_OK;
}

static enum rc make_all(struct work *w, struct making *m,
			struct msg_occurrence *v)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < m->n; i++) {
		rc = make_one(w, m, i, &v[i]);
		m->series.nbooked += v[i].outcome == OUTCOME_MADE;
		m->series.noccurrences++;
	}
	return rc == RC_OK ? judge(w, m, v) : rc;
}

enum rc work_series_make(struct work *w, const struct msg_series_new *in,
			 struct msg_series *out)
{
	struct msg_occurrence *v;
	struct making m;
	enum rc rc = begin(w, in, &m);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, m.n, sizeof(*v));
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < m.n; i++)
		proto_clear(&msg_occurrence_table, &v[i]);
	rc = series_draw_code(w->tx, &m.series.code, &w->err);
	if (rc == RC_OK)
		rc = series_insert(w->tx, &m.series, &w->err);
	if (rc == RC_OK)
		rc = make_all(w, &m, v);
	if (rc == RC_OK)
		rc = series_tell(w, &m.series, VERB_BOOK, NULL);
	return rc == RC_OK ? answer(w, &m, v, out) : rc;
}
