#include "daemon/store/booking.h"

#include "daemon/store/booking_row.h"
#include "daemon/store/co_expert.h"
#include "daemon/store/rows.h"
#include "daemon/store/stamps.h"

static bool is_experts(enum claim_role role)
{
	return role == CLAIM_EXPERT || role == CLAIM_OVERRUN;
}

static enum rc claim_insert(struct tx *tx, const struct booking *b,
			    const struct core_plan *plan, size_t i,
			    struct err *err)
{
	enum claim_role role = plan->claims[i].role;
	int64_t place = co_expert_place(plan, plan->claims[i].subject->id);
	struct query q;

	stamps_touch_subject(tx, plan->claims[i].subject->id);
	query_begin(&q, tx->db,
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role, hold_until, place, session)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
	query_int(&q, 1, plan->claims[i].subject->id);
	query_int(&q, 2, plan->claims[i].span.from);
	query_int(&q, 3, plan->claims[i].span.to);
	query_int(&q, 4, b->id);
	query_text(&q, 5, words_name(&words_claim_role, (int)role));
	query_int(&q, 6, b->hold_until);
	query_int_or_null(&q, 7, is_experts(role) ? place : 0, 0);
	query_int_or_null(&q, 8, is_experts(role) ? plan->session : 0, 0);
	return query_end(&q, err);
}

/* A statement on claims that answers with their subjects. */
static enum rc end_touched(struct tx *tx, struct query *q, struct err *err)
{
	while (query_row(q))
		stamps_touch_subject(tx, query_col_int(q, 0));
	return query_end(q, err);
}

/* Whoever looks at one of its claims sees the booking, and so do its sites. */
static enum rc touch_booking(struct tx *tx, const struct booking *b,
			     struct err *err)
{
	struct query q;

	stamps_touch_site(tx, b->lead);
	stamps_touch_site(tx, b->partner);
	query_begin(&q, tx->db, "SELECT subject FROM claim WHERE booking = $1");
	query_int(&q, 1, b->id);
	return end_touched(tx, &q, err);
}

static enum rc way_delete(struct tx *tx, int64_t booking, int64_t expert,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM claim WHERE booking = $1"
		    " AND subject = $2 AND role = 'transfer'"
		    " RETURNING subject");
	query_int(&q, 1, booking);
	query_int(&q, 2, expert);
	return end_touched(tx, &q, err);
}

static enum rc way_insert(struct tx *tx, const struct booking_way *way,
			  struct err *err)
{
	struct query q;

	if (way->span.from >= way->span.to)
		return RC_OK;
	stamps_touch_subject(tx, way->expert);
	query_begin(&q, tx->db,
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role, hold_until)"
		    " VALUES ($1, $2, $3, $4, 'transfer', $5)");
	query_int(&q, 1, way->expert);
	query_int(&q, 2, way->span.from);
	query_int(&q, 3, way->span.to);
	query_int(&q, 4, way->booking);
	query_int(&q, 5, way->hold_until);
	return query_end(&q, err);
}

enum rc booking_set_way(struct tx *tx, const struct booking_way *way,
			struct err *err)
{
	enum rc rc = way_delete(tx, way->booking, way->expert, err);

	return rc == RC_OK ? way_insert(tx, way, err) : rc;
}

enum rc booking_has_way(struct tx *tx, int64_t expert, int64_t about, bool *out,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM claim WHERE subject = $1"
		    " AND from_time > $2 AND from_time < $3"
		    " AND role = 'transfer' LIMIT 1");
	query_int(&q, 1, expert);
	query_int(&q, 2, about - CORE_MARGIN);
	query_int(&q, 3, about + CORE_MARGIN);
	*out = query_row(&q);
	return query_end(&q, err);
}

static struct booking_way way_of(int64_t expert, const struct core_next *next)
{
	return (struct booking_way){.expert = expert,
				    .booking = next->booking,
				    .hold_until = next->hold_until,
				    .span = next->span};
}

/* The ways to the next sessions: of all experts, or none of them any more. */
static enum rc
ways(struct tx *tx, const struct booking *b, const struct core_plan *plan,
     enum rc (*each)(struct tx *tx, const struct booking_way *way,
		     struct err *err),
     struct err *err)
{
	struct booking_way way = way_of(b->expert, &plan->next);
	enum rc rc = way.booking ? each(tx, &way, err) : RC_OK;

	for (size_t i = 0; rc == RC_OK && i < plan->nalso; i++) {
		way = way_of(plan->also[i].expert->subject.id,
			     &plan->also[i].next);
		if (way.booking)
			rc = each(tx, &way, err);
	}
	return rc;
}

static enum rc way_drop(struct tx *tx, const struct booking_way *way,
			struct err *err)
{
	return way_delete(tx, way->booking, way->expert, err);
}

/* The way of the next session makes room first: it may have led through the
 * time that the plan takes. */
static enum rc claims_insert(struct tx *tx, const struct booking *b,
			     const struct core_plan *plan, struct err *err)
{
	enum rc rc = ways(tx, b, plan, way_drop, err);

	if (rc == RC_OK && (b->nalso > 0 || plan->nalso > 0))
		rc = co_expert_replace(tx, b, plan, err);
	for (size_t i = 0; rc == RC_OK && i < plan->nclaims; i++)
		rc = claim_insert(tx, b, plan, i, err);
	return rc == RC_OK ? ways(tx, b, plan, way_insert, err) : rc;
}

static struct seal_place papers_place(const struct booking *b)
{
	return (struct seal_place){"booking.papers", b->id, b->partner};
}

enum rc booking_open_papers(struct tx *tx, const struct booking *b,
			    struct arena *arena, struct papers *out,
			    struct err *err)
{
	struct seal_place place = papers_place(b);

	return papers_open(tx, &place,
			   "SELECT papers FROM booking WHERE id = $1", arena,
			   out, err);
}

#define NAMED_MAX 8192 /* the words of those that may be asked for */

static void bind_new(struct query *q, const struct booking *in)
{
	query_int(q, 1, in->id);
	query_text(q, 2, in->code.s);
	query_int_or_null(q, 3, in->request, 0);
	query_int(q, 4, in->agreement);
	query_int(q, 5, in->lead);
	query_int(q, 6, in->partner);
	query_text(q, 7, words_name(&words_kind, (int)in->kind));
	query_text(q, 8, words_name(&words_booking_status, (int)in->status));
	query_int_or_null(q, 9, in->expert, 0);
	query_int(q, 10, in->from);
	query_int(q, 11, in->to);
	query_int(q, 12, in->hold_until);
	query_int(q, 13, in->owner);
	query_int(q, 14, in->owner_site);
	query_int(q, 15, in->sequence);
	query_int(q, 16, in->version);
	query_int(q, 17, in->before);
	query_int(q, 18, in->after);
	query_int_or_null(q, 19, in->patient, 0);
	query_int(q, 20, in->behind);
}

enum rc booking_insert(struct tx *tx, struct booking *in,
		       const struct core_plan *plan,
		       const struct papers *papers, struct err *err)
{
	struct query q;
	struct buf sealed, named;
	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM booking",
				  &in->id, err);

	if (rc != RC_OK)
		return rc;
	in->id++;
	stamps_touch_site(tx, in->lead);
	stamps_touch_site(tx, in->partner);
	buf_init(&sealed, PAPERS_SEALED_MAX);
	buf_init(&named, NAMED_MAX);
	rows_join(in->named, in->nnamed, &named);
	if (papers) {
		struct seal_place place = papers_place(in);

		rc = papers_close(tx, &place, papers, &sealed, err);
	}
	if (rc == RC_OK) {
		query_begin(&q, tx->db,
			    "INSERT INTO booking (id, code, request, agreement,"
			    " lead, partner, kind, status, expert, from_time,"
			    " to_time, hold_until, owner, owner_site,"
			    " sequence, version, before_minutes,"
			    " after_minutes, patient, behind, named, papers)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
			    " $11, $12, $13, $14, $15, $16, $17, $18, $19,"
			    " $20, $21, $22)");
		bind_new(&q, in);
		query_text(&q, 21, buf_cstr(&named));
		if (papers)
			query_blob(&q, 22, sealed.data, sealed.len);
		else
			query_text(&q, 22, NULL);
		rc = query_end(&q, err);
	}
	buf_fini(&sealed);
	buf_fini(&named);
	return rc == RC_OK ? claims_insert(tx, in, plan, err) : rc;
}

enum rc booking_delete_claims(struct tx *tx, int64_t booking, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM claim WHERE booking = $1 RETURNING subject");
	query_int(&q, 1, booking);
	return end_touched(tx, &q, err);
}

enum rc booking_cut_pauses(struct tx *tx, int64_t booking, int64_t subject,
			   struct core_span span, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM claim WHERE booking = $1 AND subject = $2"
		    " AND role IN ('buffer', 'transfer', 'overrun')"
		    " AND from_time < $3 AND to_time > $4 RETURNING subject");
	query_int(&q, 1, booking);
	query_int(&q, 2, subject);
	query_int(&q, 3, span.to);
	query_int(&q, 4, span.from);
	return end_touched(tx, &q, err);
}

enum rc booking_replace_claims(struct tx *tx, const struct booking *b,
			       const struct core_plan *plan, struct err *err)
{
	enum rc rc = booking_delete_claims(tx, b->id, err);

	return rc == RC_OK ? claims_insert(tx, b, plan, err) : rc;
}

enum rc booking_keep_claims(struct tx *tx, int64_t booking, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE claim SET hold_until = 0 WHERE booking = $1"
		    " RETURNING subject");
	query_int(&q, 1, booking);
	return end_touched(tx, &q, err);
}

enum rc booking_update(struct tx *tx, struct booking *b, struct err *err)
{
	struct query q;
	struct buf named;

	buf_init(&named, NAMED_MAX);
	rows_join(b->named, b->nnamed, &named);
	query_begin(&q, tx->db,
		    "UPDATE booking SET status = $1, expert = $2,"
		    " from_time = $3, to_time = $4, hold_until = $5,"
		    " sequence = $6, before_minutes = $7, after_minutes = $8,"
		    " spent = $9, named = $10, behind = $11,"
		    " version = version + 1 WHERE id = $12 AND version = $13");
	query_text(&q, 1, words_name(&words_booking_status, (int)b->status));
	query_int_or_null(&q, 2, b->expert, 0);
	query_int(&q, 3, b->from);
	query_int(&q, 4, b->to);
	query_int(&q, 5, b->hold_until);
	query_int(&q, 6, b->sequence);
	query_int(&q, 7, b->before);
	query_int(&q, 8, b->after);
	query_int(&q, 9, b->spent);
	query_text(&q, 10, buf_cstr(&named));
	query_int(&q, 11, b->behind);
	query_int(&q, 12, b->id);
	query_int(&q, 13, b->version);
	enum rc rc = rows_end_changed(&q, "booking", &b->version, err);

	buf_fini(&named);
	return rc == RC_OK ? touch_booking(tx, b, err) : rc;
}

void booking_from_row(struct query *q, struct arena *arena, struct booking *b)
{
	*b = (struct booking){
		.id = query_col_int(q, 0),
		.request = query_col_int(q, 2),
		.agreement = query_col_int(q, 3),
		.lead = query_col_int(q, 4),
		.partner = query_col_int(q, 5),
		.kind = (enum kind)rows_word(q, 6, &words_kind),
		.status = (enum booking_status)rows_word(q, 7,
							 &words_booking_status),
		.expert = query_col_int(q, 8),
		.from = query_col_int(q, 9),
		.to = query_col_int(q, 10),
		.hold_until = query_col_int(q, 11),
		.owner = query_col_int(q, 12),
		.owner_site = query_col_int(q, 13),
		.sequence = query_col_int(q, 14),
		.version = query_col_int(q, 15),
		.agreement_slug = query_col_dup(q, 17, arena),
		.lead_slug = query_col_dup(q, 18, arena),
		.partner_slug = query_col_dup(q, 19, arena),
		.expert_slug = query_col_dup(q, 20, arena),
		.lead_zone = query_col_dup(q, 21, arena),
		.before = query_col_int(q, 22),
		.after = query_col_int(q, 23),
		.patient = query_col_int(q, 24),
		.spent = query_col_int(q, 25) != 0,
		.behind = query_col_int(q, 28) != 0,
		.down = query_col_int(q, 29) != 0,
	};
	rows_code(q, 1, &b->code);
	rows_code(q, 16, &b->request_code);
	if (!rows_split(query_col_text(q, 26), arena, &b->named, &b->nnamed) &&
	    q->rc == RC_OK)
		q->rc = RC_NOMEM;
	enum rc rc = co_expert_read(query_col_text(q, 27), arena, b);

	if (q->rc == RC_OK)
		q->rc = rc;
}

bool booking_has_expert(const struct booking *b, int64_t expert)
{
	bool has = expert != 0 && b->expert == expert;

	for (size_t i = 0; i < b->nalso && !has; i++)
		has = b->also[i] == expert;
	return has;
}

static enum rc booking_end(struct query *q, struct arena *arena,
			   struct booking *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		booking_from_row(q, arena, out);
	return rows_end_found(q, found, "booking", err);
}

enum rc booking_by_code(struct tx *tx, const char *code, struct arena *arena,
			struct booking *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_BOOKING " WHERE b.code = $1");
	query_text(&q, 1, code);
	return booking_end(&q, arena, out, err);
}

enum rc booking_by_id(struct tx *tx, int64_t id, struct arena *arena,
		      struct booking *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_BOOKING " WHERE b.id = $1");
	query_int(&q, 1, id);
	return booking_end(&q, arena, out, err);
}

enum rc booking_of_request(struct tx *tx, int64_t request, struct arena *arena,
			   struct booking *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_BOOKING " WHERE b.request = $1 AND " SQL_LIVE("$2"));
	query_int(&q, 1, request);
	query_int(&q, 2, tx->now);
	return booking_end(&q, arena, out, err);
}

enum rc booking_next_lapsed(struct tx *tx, struct arena *arena,
			    struct booking *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_BOOKING " WHERE b.status = 'pending'"
				" AND b.hold_until <= $1"
				" ORDER BY b.hold_until LIMIT 1");
	query_int(&q, 1, tx->now);
	return booking_end(&q, arena, out, err);
}

enum rc booking_subjects(struct tx *tx, int64_t booking, struct arena *arena,
			 int64_t **out_ids, size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT subject FROM claim WHERE booking = $1");
	query_int(&q, 1, booking);
	return rows_ids(&q, arena, out_ids, out_n, err);
}

enum rc booking_claims(struct tx *tx, int64_t booking, struct arena *arena,
		       struct booking_claim **out, size_t *out_n,
		       struct err *err)
{
	struct query q;
	struct booking_claim *v = arena_array(arena, CORE_PLAN_MAX, sizeof(*v));
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "the answer is too large");
	query_begin(
		&q, tx->db,
		"SELECT c.role, c.from_time, c.to_time, s.slug, s.type, s.id"
		" FROM claim c JOIN subject s ON s.id = c.subject"
		" WHERE c.booking = $1 ORDER BY c.from_time, c.subject");
	query_int(&q, 1, booking);
	while (n < CORE_PLAN_MAX && query_row(&q)) {
		int type = rows_word(&q, 4, &words_subject);

		v[n++] = (struct booking_claim){
			.role = (enum claim_role)rows_word(&q, 0,
							   &words_claim_role),
			.from = query_col_int(&q, 1),
			.to = query_col_int(&q, 2),
			.slug = type == SUBJECT_PATIENT
					? NULL
					: query_col_dup(&q, 3, arena),
			.subject = query_col_int(&q, 5),
		};
	}
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
