#include "daemon/store/waiting.h"

#include <inttypes.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

/* --- windows: "from/to from/to" --- */

#define WINDOWS_MAX 1024

static void windows_show(const struct waiting *w, struct buf *out)
{
	for (size_t i = 0; i < w->nwindows; i++)
		buf_printf(out, "%s%" PRId64 "/%" PRId64, i ? " " : "",
			   w->windows[i].from, w->windows[i].to);
}

static bool windows_read(const char *s, struct waiting *w)
{
	while (s && *s && w->nwindows < REQUEST_WANTED_MAX) {
		struct core_span *v = &w->windows[w->nwindows++];
		size_t from = strcspn(s, "/"), to = strcspn(s, " ");

		if (from >= to ||
		    !text_int(s, from, INT64_MIN, INT64_MAX, &v->from) ||
		    !text_int(s + from + 1, to - from - 1, INT64_MIN, INT64_MAX,
			      &v->to))
			return false;
		s += to + (s[to] == ' ');
	}
	return true;
}

enum rc waiting_put(struct tx *tx, const struct waiting *in, struct err *err)
{
	struct query q;
	struct buf windows;

	buf_init(&windows, WINDOWS_MAX);
	windows_show(in, &windows);
	query_begin(&q, tx->db,
		    "INSERT INTO waiting (request, lead, partner, urgency,"
		    " first, submitted_at, put_at, put_by, windows, until,"
		    " notice_minutes, expert, asked, whole_from)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
		    " $12, $13, $14)");
	query_int(&q, 1, in->request);
	query_int(&q, 2, in->lead);
	query_int(&q, 3, in->partner);
	query_text(&q, 4, words_name(&words_urgency, (int)in->urgency));
	query_int(&q, 5, in->first);
	query_int(&q, 6, in->submitted_at);
	query_int(&q, 7, in->put_at);
	query_int(&q, 8, in->put_by);
	query_text(&q, 9, buf_cstr(&windows));
	query_int(&q, 10, in->until);
	query_int(&q, 11, in->notice);
	query_int_or_null(&q, 12, in->expert, 0);
	query_int(&q, 13, in->asked);
	query_int_or_null(&q, 14, in->whole_from, WAITING_DONE);
	enum rc rc = query_end(&q, err);

	buf_fini(&windows);
	return rc;
}

#define SQL_FREED_LAST                                                         \
	"SELECT coalesce(max(n), 0) FROM (SELECT max(id) AS n FROM freed"      \
	" UNION ALL SELECT max(asked) FROM waiting) t"

static enum rc change(struct tx *tx, const char *sql, int64_t request,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, sql);
	query_int(&q, 1, request);
	return query_end(&q, err);
}

enum rc waiting_drop(struct tx *tx, int64_t request, struct err *err)
{
	return change(tx, "DELETE FROM waiting WHERE request = $1", request,
		      err);
}

#define SQL_WAITING                                                            \
	"SELECT w.request, w.lead, w.partner, w.urgency, w.first,"             \
	" w.submitted_at, w.put_at, w.put_by, w.windows, w.until,"             \
	" w.notice_minutes, w.expert, w.passed, w.asked, w.whole_from,"        \
	" CASE WHEN o.booking IS NULL THEN NULL ELSE b.code END, r.code,"      \
	" r.minutes, b.id IS NOT NULL, w.rests_at"                             \
	" FROM waiting w JOIN request r ON r.id = w.request"                   \
	" LEFT JOIN booking b ON b.request = w.request"                        \
	"  AND " SQL_LIVE("$1") " LEFT JOIN offer o ON o.booking = b.id"

static void waiting_from_row(struct query *q, struct waiting *w)
{
	*w = (struct waiting){
		.request = query_col_int(q, 0),
		.lead = query_col_int(q, 1),
		.partner = query_col_int(q, 2),
		.urgency = (enum urgency)rows_word(q, 3, &words_urgency),
		.first = query_col_int(q, 4) != 0,
		.submitted_at = query_col_int(q, 5),
		.put_at = query_col_int(q, 6),
		.put_by = query_col_int(q, 7),
		.until = query_col_int(q, 9),
		.notice = query_col_int(q, 10),
		.expert = query_col_int(q, 11),
		.passed = query_col_int(q, 12),
		.asked = query_col_int(q, 13),
		.whole_from = query_col_null(q, 14) ? WAITING_DONE
						    : query_col_int(q, 14),
		.minutes = query_col_int(q, 17),
		.held = query_col_int(q, 18) != 0,
		.rests_at = query_col_int(q, 19),
	};
	rows_code(q, 15, &w->offer);
	rows_code(q, 16, &w->code);
	if (!windows_read(query_col_text(q, 8), w) && q->rc == RC_OK)
		q->rc = RC_CORRUPT;
}

enum rc waiting_find(struct tx *tx, int64_t request, struct waiting *out,
		     struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_WAITING " WHERE w.request = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, request);
	bool found = query_row(&q);

	if (found)
		waiting_from_row(&q, out);
	return rows_end_found(&q, found, "waiting request", err);
}

/* Of late its partner was offered so much. One that was refused, or that ended
 * with its request, served nobody. */
static enum rc add_served(struct tx *tx, int64_t lead, struct waiting *rows,
			  size_t n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT partner, count(*) FROM offer WHERE lead = $1"
		    " AND made_at >= $2 AND (outcome IS NULL"
		    "  OR outcome IN ('accepted', 'lapsed')) GROUP BY partner");
	query_int(&q, 1, lead);
	query_int(&q, 2, tx->now - WAITLIST_SERVED_DAYS * (int64_t)CIVIL_DAY);
	while (query_row(&q)) {
		for (size_t i = 0; i < n; i++) {
			if (rows[i].partner == query_col_int(&q, 0))
				rows[i].served = query_col_int(&q, 1);
		}
	}
	return query_end(&q, err);
}

enum rc waiting_of_lead(struct tx *tx, int64_t lead, struct arena *arena,
			struct waiting **out, size_t *out_n, struct err *err)
{
	struct query q;
	int64_t room;
	enum rc rc = waiting_count(tx, lead, &room, err);

	*out_n = 0;
	if (rc != RC_OK || room == 0)
		return rc;
	*out = arena_array(arena, (size_t)room, sizeof(**out));
	if (!*out)
		return err_set(err, RC_NOMEM, "the waitlist is too long");
	query_begin(&q, tx->db, SQL_WAITING " WHERE w.lead = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, lead);
	while (*out_n < (size_t)room && query_row(&q))
		waiting_from_row(&q, &(*out)[(*out_n)++]);
	rc = query_end(&q, err);
	return rc == RC_OK ? add_served(tx, lead, *out, *out_n, err) : rc;
}

enum rc waiting_leads(struct tx *tx, int64_t lead, int64_t partner,
		      struct arena *arena, int64_t **out, size_t *out_n,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT lead FROM waiting WHERE lead = $1"
		    " UNION SELECT lead FROM waiting WHERE partner = $2"
		    " ORDER BY lead");
	query_int(&q, 1, lead);
	query_int(&q, 2, partner);
	return rows_ids(&q, arena, out, out_n, err);
}

enum rc waiting_leads_about(struct tx *tx, int64_t booking, struct arena *arena,
			    int64_t **out, size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT w.lead FROM booking b JOIN waiting w"
		    "  ON w.lead IN (b.lead, b.partner) WHERE b.id = $1"
		    " UNION SELECT w.lead FROM booking b JOIN waiting w"
		    "  ON w.partner IN (b.lead, b.partner) WHERE b.id = $1"
		    " ORDER BY 1");
	query_int(&q, 1, booking);
	return rows_ids(&q, arena, out, out_n, err);
}

enum rc waiting_each_lead(struct tx *tx, struct arena *arena,
			  int64_t **out_requests, size_t *out_n,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT min(request) FROM waiting GROUP BY lead"
		    " ORDER BY lead");
	return rows_ids(&q, arena, out_requests, out_n, err);
}

static enum rc end_number(struct query *q, int64_t *out, struct err *err)
{
	*out = query_row(q) ? query_col_int(q, 0) : 0;
	return query_end(q, err);
}

enum rc waiting_count(struct tx *tx, int64_t lead, int64_t *out,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT count(*) FROM waiting WHERE lead = $1");
	query_int(&q, 1, lead);
	return end_number(&q, out, err);
}

enum rc waiting_count_all(struct tx *tx, int64_t out[URGENCY_COUNT],
			  struct err *err)
{
	struct query q;

	for (int u = 0; u < URGENCY_COUNT; u++)
		out[u] = 0;
	query_begin(&q, tx->db,
		    "SELECT urgency, count(*) FROM waiting GROUP BY urgency");
	while (query_row(&q)) {
		int urgency = rows_word(&q, 0, &words_urgency);

		if (urgency >= 0)
			out[urgency] = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

enum rc waiting_asked_now(struct tx *tx, int64_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT count(*) FROM waiting WHERE asked_at = $1");
	query_int(&q, 1, tx->now);
	return end_number(&q, out, err);
}

enum rc waiting_asked(struct tx *tx, const struct waiting *w, bool searched,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE waiting SET asked = $1, whole_from = $2,"
		    " asked_at = $3 WHERE request = $4");
	query_int(&q, 1, w->asked);
	query_int_or_null(&q, 2, w->whole_from, WAITING_DONE);
	query_int(&q, 3, searched ? tx->now : 0);
	query_int(&q, 4, w->request);
	return query_end(&q, err);
}

enum rc waiting_passed(struct tx *tx, int64_t request, struct err *err)
{
	return change(tx,
		      "UPDATE waiting SET passed = passed + 1"
		      " WHERE request = $1",
		      request, err);
}

/* --- who does not answer --- */

enum rc waiting_lapsed(struct tx *tx, int64_t request, int64_t *out,
		       struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE waiting SET lapses = lapses + 1"
		    " WHERE request = $1 RETURNING lapses");
	query_int(&q, 1, request);
	bool found = query_row(&q);

	*out = found ? query_col_int(&q, 0) : 0;
	return rows_end_found(&q, found, "waiting request", err);
}

enum rc waiting_answered(struct tx *tx, int64_t request, struct err *err)
{
	return change(tx, "UPDATE waiting SET lapses = 0 WHERE request = $1",
		      request, err);
}

enum rc waiting_rest(struct tx *tx, int64_t request, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE waiting SET rests_at = $1 WHERE request = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, request);
	return query_end(&q, err);
}

enum rc waiting_resume(struct tx *tx, int64_t request, struct err *err)
{
	return change(tx,
		      "UPDATE waiting SET rests_at = NULL, lapses = 0,"
		      " whole_from = 0, asked = (" SQL_FREED_LAST ")"
		      " WHERE request = $1",
		      request, err);
}

enum rc waiting_again(struct tx *tx, int64_t agreement, enum kind kind,
		      struct err *err)
{
	struct query q;

	if (!agreement)
		return db_run(tx->db, "UPDATE waiting SET whole_from = 0", err);
	query_begin(&q, tx->db,
		    "UPDATE waiting SET whole_from = 0 WHERE request IN"
		    " (SELECT w.request FROM waiting w"
		    "  JOIN request r ON r.id = w.request"
		    "  JOIN agreement_kind k ON k.agreement = r.agreement"
		    "   AND k.kind = r.kind AND k.quota IS NOT NULL"
		    "  WHERE r.agreement = $1 AND r.kind = $2)");
	query_int(&q, 1, agreement);
	query_text(&q, 2, words_name(&words_kind, (int)kind));
	return query_end(&q, err);
}

enum rc waiting_owner(struct tx *tx, int64_t request, int64_t *out,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT owner FROM booking WHERE id = (SELECT max(id) FROM"
		    " (SELECT b.id FROM booking b WHERE b.request = $1"
		    " AND b.status IN ('pending', 'booked', 'arrived',"
		    " 'started', 'fulfilled') UNION ALL"
		    " SELECT b.id FROM booking b WHERE b.request = $1"
		    " AND b.status IN ('released', 'lapsed', 'cancelled',"
		    " 'noshow')) r)");
	query_int(&q, 1, request);
	bool found = query_row(&q);

	if (found)
		*out = query_col_int(&q, 0);
	return rows_end_found(&q, found, "booking of the request", err);
}

/* --- what came free --- */

enum rc freed_last(struct tx *tx, int64_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_FREED_LAST);
	return end_number(&q, out, err);
}

enum rc freed_add(struct tx *tx, int64_t lead, struct core_span span,
		  struct err *err)
{
	struct query q;
	int64_t last;
	enum rc rc = freed_last(tx, &last, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO freed (id, lead, from_time, to_time)"
		    " VALUES ($1, $2, $3, $4)");
	query_int(&q, 1, last + 1);
	query_int(&q, 2, lead);
	query_int(&q, 3, span.from);
	query_int(&q, 4, span.to);
	return query_end(&q, err);
}

enum rc freed_newest(struct tx *tx, int64_t lead, int64_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT coalesce(max(id), 0) FROM freed WHERE lead = $1");
	query_int(&q, 1, lead);
	return end_number(&q, out, err);
}

enum rc freed_of(struct tx *tx, int64_t lead, int64_t after, struct freed *out,
		 size_t *out_n, bool *out_more, struct err *err)
{
	struct query q;
	size_t n = 0;

	*out_more = false;
	query_begin(&q, tx->db,
		    "SELECT id, from_time, to_time FROM freed"
		    " WHERE lead = $1 AND id > $2 ORDER BY from_time, id");
	query_int(&q, 1, lead);
	query_int(&q, 2, after);
	while (query_row(&q)) {
		if (n == FREED_MAX) {
			*out_more = true;
			break;
		}
		out[n++] = (struct freed){
			.id = query_col_int(&q, 0),
			.span = {query_col_int(&q, 1), query_col_int(&q, 2)}};
	}
	*out_n = n;
	return query_end(&q, err);
}

enum rc freed_clear(struct tx *tx, int64_t lead, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM freed WHERE lead = $1 AND id <= coalesce("
		    "(SELECT min(asked) FROM waiting WHERE lead = $1"
		    " AND rests_at IS NULL), id)");
	query_int(&q, 1, lead);
	return query_end(&q, err);
}

/* --- offers --- */

#define OFFER_NAME(sym, name) name,
static const char *const offer_names[] = {WORDS_OFFER(OFFER_NAME)};
static const struct words words_offer = {"outcome", offer_names, OFFER_COUNT};

enum rc offer_add(struct tx *tx, const struct booking *b, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO offer (booking, request, lead, partner,"
		    " expert, from_time, to_time, made_at, until)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	query_int(&q, 1, b->id);
	query_int(&q, 2, b->request);
	query_int(&q, 3, b->lead);
	query_int(&q, 4, b->partner);
	query_int(&q, 5, b->expert);
	query_int(&q, 6, b->from);
	query_int(&q, 7, b->to);
	query_int(&q, 8, tx->now);
	query_int(&q, 9, b->hold_until);
	return query_end(&q, err);
}

enum rc offer_end(struct tx *tx, int64_t booking, enum offer_outcome outcome,
		  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE offer SET outcome = $1 WHERE booking = $2"
		    " AND outcome IS NULL RETURNING request");
	query_text(&q, 1, words_name(&words_offer, (int)outcome));
	query_int(&q, 2, booking);
	bool found = query_row(&q);

	return rows_end_found(&q, found, "offer", err);
}

enum rc offer_of_request(struct tx *tx, int64_t request, struct arena *arena,
			 struct booking *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_BOOKING " JOIN offer o ON o.booking = b.id"
				" WHERE o.request = $1 AND o.outcome IS NULL");
	query_int(&q, 1, request);
	bool found = query_row(&q);

	if (found)
		booking_from_row(&q, arena, out);
	return rows_end_found(&q, found, "offer", err);
}

enum rc offer_refused(struct tx *tx, int64_t request, struct core_span *out,
		      size_t *out_n, struct err *err)
{
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT from_time, to_time FROM offer WHERE request = $1"
		    " AND to_time > $2 AND outcome IN ('refused', 'lapsed')"
		    " ORDER BY made_at DESC LIMIT 64");
	query_int(&q, 1, request);
	query_int(&q, 2, tx->now);
	while (n < OFFERS_REFUSED_MAX && query_row(&q))
		out[n++] = (struct core_span){query_col_int(&q, 0),
					      query_col_int(&q, 1)};
	*out_n = n;
	return query_end(&q, err);
}

enum rc offer_terms(struct tx *tx, int64_t agreement, enum urgency urgency,
		    struct waitlist_terms *out, struct err *err)
{
	struct query q;

	*out = *waitlist_terms(urgency);
	query_begin(&q, tx->db,
		    "SELECT l.offer_minutes, l.offer_lapses FROM agreement a"
		    " JOIN limit_set l ON l.name = a.limits"
		    " WHERE a.id = $1 AND l.urgency = $2");
	query_int(&q, 1, agreement);
	query_text(&q, 2, words_name(&words_urgency, (int)urgency));
	if (query_row(&q)) {
		out->offer = query_col_null(&q, 0) ? out->offer
						   : query_col_int(&q, 0);
		out->lapses = query_col_null(&q, 1) ? out->lapses
						    : query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

#define PAGE_OF(side)                                                          \
	" SELECT * FROM (SELECT o.booking, o.until, o.made_at FROM offer o"    \
	"  WHERE o." side " AND o.outcome IS NULL AND o.until > $2"            \
	"  AND o.until >= $3 AND (o.until > $3 OR o.booking > $4)"             \
	"  AND (CAST($5 AS TEXT) IS NULL"                                      \
	"   OR (SELECT id FROM site WHERE slug = CAST($5 AS TEXT))"            \
	"    IN (o.lead, o.partner))"                                          \
	"  ORDER BY o.until, o.booking LIMIT $6)"
#define SQL_PAGE                                                               \
	"SELECT " SQL_COLUMNS ", o.made_at, o.until, r.urgency"                \
	" FROM (" PAGE_OF("lead = $1") " UNION" PAGE_OF(                       \
		"partner = $7") ") o"                                          \
				" JOIN booking b ON b.id = "                   \
				"o.booking" SQL_JOINS                          \
				" ORDER BY o.until, o.booking LIMIT $6"

enum rc offer_list(struct tx *tx, const struct list_filter *f,
		   struct arena *arena, struct offer **out, size_t *out_n,
		   struct err *err)
{
	struct query q;
	struct offer *v = arena_array(arena, (size_t)f->limit, sizeof(*v));
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "the list is too long");
	query_begin(&q, tx->db, SQL_PAGE);
	query_int(&q, 1, f->as_lead);
	query_int(&q, 2, tx->now);
	query_int(&q, 3, f->after ? f->after_key : 0);
	query_int(&q, 4, f->after ? f->after_id : 0);
	query_text(&q, 5, f->site);
	query_int(&q, 6, f->limit);
	query_int(&q, 7, f->as_partner);
	while (n < (size_t)f->limit && query_row(&q)) {
		struct offer *o = &v[n++];

		booking_from_row(&q, arena, &o->booking);
		o->made_at = query_col_int(&q, BOOKING_COLUMNS);
		o->until = query_col_int(&q, BOOKING_COLUMNS + 1);
		o->urgency = (enum urgency)rows_word(&q, BOOKING_COLUMNS + 2,
						     &words_urgency);
	}
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
