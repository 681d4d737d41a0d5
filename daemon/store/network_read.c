#include "daemon/store/network_read.h"

#include <string.h>

#include "daemon/store/rows.h"

/* --- lists --- */

static enum rc full(struct err *err)
{
	return err_set(err, RC_NOMEM, "the network is too large to be read");
}

/* Room for one more element, zeroed; the list doubles. NULL: none is left. */
static void *one_more(struct arena *arena, struct network_list *list,
		      size_t size)
{
	if (!(list->n & (list->n - 1))) {
		void *more =
			arena_array(arena, list->n ? 2 * list->n : 1, size);

		if (!more)
			return NULL;
		if (list->n)
			memcpy(more, list->v, list->n * size);
		list->v = more;
	}
	return (char *)list->v + size * list->n++;
}

/* Every row of a begun query as an element, and the query's end. */
enum rc network_read_rows(struct query *q, struct arena *arena, size_t size,
			  network_take_row *take, struct network_list *out,
			  struct err *err)
{
	*out = (struct network_list){0};
	while (query_row(q)) {
		void *element = one_more(arena, out, size);

		if (!element) {
			q->rc = RC_NOMEM;
			break;
		}
		take(q, arena, element);
	}
	enum rc rc = query_end(q, err);

	return rc == RC_NOMEM ? full(err) : rc;
}

/* A statement without parameters. */
static enum rc read_all(struct tx *tx, const char *sql, struct arena *arena,
			size_t size, network_take_row *take,
			struct network_list *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, sql);
	return network_read_rows(&q, arena, size, take, out, err);
}

static int64_t int_or_none(const struct query *q, int column)
{
	return query_col_null(q, column) ? INT64_MIN : query_col_int(q, column);
}

/* --- sites, calendars, limits --- */

static void take_site(struct query *q, struct arena *arena, void *out)
{
	*(struct network_site *)out = (struct network_site){
		.slug = query_col_dup(q, 0, arena),
		.name = query_col_dup(q, 1, arena),
		.short_name = query_col_dup(q, 2, arena),
		.tier = query_col_dup(q, 3, arena),
		.time_zone = query_col_dup(q, 4, arena),
		.calendar = query_col_dup(q, 5, arena),
	};
}

enum rc network_read_sites(struct tx *tx, struct arena *arena,
			   struct network_list *out, struct err *err)
{
	return read_all(tx,
			"SELECT slug, name, short_name, tier, time_zone,"
			" calendar FROM site ORDER BY id",
			arena, sizeof(struct network_site), take_site, out,
			err);
}

static void take_calendar(struct query *q, struct arena *arena, void *out)
{
	((struct network_calendar *)out)->name = query_col_dup(q, 0, arena);
}

/* One that a site follows is one even if it has no day. */
enum rc network_read_calendars(struct tx *tx, struct arena *arena,
			       struct network_list *out, struct err *err)
{
	enum rc rc = read_all(tx,
			      "SELECT calendar FROM calendar_day"
			      " UNION SELECT calendar FROM site"
			      " WHERE calendar IS NOT NULL ORDER BY 1",
			      arena, sizeof(struct network_calendar),
			      take_calendar, out, err);
	struct network_calendar *v = out->v;

	for (size_t i = 0; rc == RC_OK && i < out->n; i++)
		rc = network_read_calendar(tx, v[i].name, arena, &v[i].days,
					   err);
	return rc;
}

static void take_limits(struct query *q, struct arena *arena, void *out)
{
	((struct network_limits *)out)->name = query_col_dup(q, 0, arena);
}

static enum rc read_limits_of(struct tx *tx, struct network_limits *out,
			      struct err *err)
{
	struct query q;

	for (int u = 0; u < URGENCY_COUNT; u++)
		out->limits[u] = (struct network_limit){
			INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN,
			INT64_MIN, INT64_MIN, INT64_MIN};
	query_begin(&q, tx->db,
		    "SELECT urgency, answer_minutes, start_minutes,"
		    " opinion_minutes, call_minutes, papers_minutes,"
		    " offer_minutes, offer_lapses"
		    " FROM limit_set WHERE name = $1");
	query_text(&q, 1, out->name);
	while (query_row(&q)) {
		int urgency = rows_word(&q, 0, &words_urgency);

		out->limits[urgency] = (struct network_limit){
			int_or_none(&q, 1), int_or_none(&q, 2),
			int_or_none(&q, 3), int_or_none(&q, 4),
			int_or_none(&q, 5), int_or_none(&q, 6),
			int_or_none(&q, 7),
		};
	}
	return query_end(&q, err);
}

static enum rc read_clocks_of(struct tx *tx, struct arena *arena,
			      struct network_limits *out, struct err *err)
{
	struct deadline_hours hours = {.n = 0};
	enum rc rc = clock_hours(tx, out->name, arena, &hours, err);

	out->clocks.spans = hours.spans;
	out->clocks.nspans = hours.n;
	return rc == RC_OK
		       ? clock_ladder(tx, out->name, arena, &out->clocks.ladder,
				      &out->clocks.nladder, err)
		       : rc;
}

enum rc network_read_limits(struct tx *tx, struct arena *arena,
			    struct network_list *out, struct err *err)
{
	enum rc rc = read_all(
		tx, "SELECT DISTINCT name FROM limit_set ORDER BY name", arena,
		sizeof(struct network_limits), take_limits, out, err);
	struct network_limits *v = out->v;

	for (size_t i = 0; rc == RC_OK && i < out->n; i++)
		rc = read_limits_of(tx, &v[i], err);
	for (size_t i = 0; rc == RC_OK && i < out->n; i++)
		rc = read_clocks_of(tx, arena, &v[i], err);
	return rc;
}

/* --- agreements --- */

struct agreement_row {
	struct network_agreement agreement; /* first: it is what is read */
	int64_t id;
};

static int late_or_none(struct query *q, int column)
{
	return query_col_null(q, column) ? -1
					 : rows_word(q, column, &words_late);
}

static void take_agreement(struct query *q, struct arena *arena, void *out)
{
	*(struct agreement_row *)out = (struct agreement_row){
		.agreement = {.slug = query_col_dup(q, 1, arena),
			      .alliance = query_col_dup(q, 2, arena),
			      .lead = query_col_dup(q, 3, arena),
			      .partner = query_col_dup(q, 4, arena),
			      .valid_from = query_col_int(q, 5),
			      .valid_to = query_col_int(q, 6),
			      .limits = query_col_dup(q, 7, arena),
			      .min_independent_years = query_col_int(q, 8),
			      .overrun_minutes = int_or_none(q, 9),
			      .cancel_notice_minutes = query_col_int(q, 10),
			      .lead_notice_minutes = int_or_none(q, 11),
			      .partner_notice_minutes = int_or_none(q, 12),
			      .late = late_or_none(q, 13),
			      .requires = (needset)query_col_int(q, 14),
			      .requires_emergency =
				      (needset)query_col_int(q, 15),
			      .supplement_minutes = int_or_none(q, 16),
			      .expiry_days = int_or_none(q, 17),
			      .ending_notice_days = int_or_none(q, 18),
			      .receipt_minutes = int_or_none(q, 19),
			      .receipt_notices = int_or_none(q, 20),
			      .signing_slack_minutes = int_or_none(q, 21),
			      .overbook_most = int_or_none(q, 22),
			      .fairness_weeks = int_or_none(q, 23),
			      .night_call_minutes = int_or_none(q, 24)},
		.id = query_col_int(q, 0),
	};
}

static enum rc read_agreement_kinds(struct tx *tx, struct arena *arena,
				    int64_t id, struct network_agreement *out,
				    struct err *err)
{
	struct query q;
	int64_t *quota = arena_array(arena, KIND_COUNT, sizeof(*quota));

	if (!quota)
		return full(err);
	for (int k = 0; k < KIND_COUNT; k++)
		quota[k] = INT64_MIN;
	out->quota = quota;
	query_begin(&q, tx->db,
		    "SELECT kind, quota FROM agreement_kind"
		    " WHERE agreement = $1");
	query_int(&q, 1, id);
	while (query_row(&q)) {
		int kind = rows_word(&q, 0, &words_kind);

		out->kinds |= KINDSET(kind);
		quota[kind] = int_or_none(&q, 1);
	}
	return query_end(&q, err);
}

static enum rc read_agreement_rest(struct tx *tx, struct arena *arena,
				   const struct agreement_row *row,
				   struct network_agreement *out,
				   struct err *err)
{
	struct query q;

	*out = row->agreement;
	enum rc rc = read_agreement_kinds(tx, arena, row->id, out, err);

	if (rc == RC_OK)
		rc = network_read_session(tx, arena, row->id, &out->session,
					  err);
	if (rc == RC_OK)
		rc = network_read_shares(tx, arena, row->id, &out->shares,
					 &out->nshares, err);
	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "SELECT specialty FROM agreement_specialty"
		    " WHERE agreement = $1 ORDER BY specialty");
	query_int(&q, 1, row->id);
	return rows_texts(&q, arena, &out->specialties, &out->nspecialties,
			  err);
}

enum rc network_read_agreements(struct tx *tx, struct arena *arena,
				struct network_list *out, struct err *err)
{
	struct network_list rows;
	enum rc rc = read_all(
		tx,
		"SELECT a.id, a.slug, a.alliance, l.slug, p.slug,"
		" a.valid_from, a.valid_to, a.limits,"
		" a.min_independent_years, a.overrun_minutes,"
		" a.cancel_notice_minutes, a.lead_notice_minutes,"
		" a.partner_notice_minutes, a.late_change, a.requires,"
		" a.requires_emergency, a.supplement_minutes, a.expiry_days,"
		" a.ending_notice_days, a.receipt_minutes, a.receipt_notices,"
		" a.signing_slack_minutes, a.overbook_most,"
		" a.fairness_weeks, a.night_call_minutes FROM agreement a"
		" JOIN site l ON l.id = a.lead JOIN site p ON p.id = a.partner"
		" WHERE a.lead <> a.partner ORDER BY a.id",
		arena, sizeof(struct agreement_row), take_agreement, &rows,
		err);
	const struct agreement_row *v = rows.v;
	struct network_agreement *w = arena_array(arena, rows.n, sizeof(*w));

	if (rc == RC_OK && rows.n && !w)
		return full(err);
	for (size_t i = 0; rc == RC_OK && i < rows.n; i++)
		rc = read_agreement_rest(tx, arena, &v[i], &w[i], err);
	*out = (struct network_list){w, rows.n};
	return rc;
}

/* --- resources and experts --- */

static void take_resource(struct query *q, struct arena *arena, void *out)
{
	*(struct network_subject *)out = (struct network_subject){
		.type = (enum subject_type)rows_word(q, 0, &words_subject),
		.slug = query_col_dup(q, 1, arena),
		.site = query_col_dup(q, 2, arena),
		.name = query_col_dup(q, 3, arena),
		.capacity = query_col_int(q, 4),
		.path = query_col_dup(q, 5, arena),
	};
}

enum rc network_read_resources(struct tx *tx, struct arena *arena,
			       struct network_list *out, struct err *err)
{
	return read_all(
		tx,
		"SELECT s.type, s.slug, t.slug, s.name, s.capacity, s.path"
		" FROM subject s JOIN site t ON t.id = s.site"
		" WHERE s.type NOT IN ('expert', 'patient')"
		" ORDER BY s.id",
		arena, sizeof(struct network_subject), take_resource, out, err);
}

static void take_expert(struct query *q, struct arena *arena, void *out)
{
	*(struct network_stored_expert *)out = (struct network_stored_expert){
		.id = query_col_int(q, 0),
		.home = query_col_dup(q, 2, arena),
		.name = query_col_dup(q, 3, arena),
		.expert = {.slug = query_col_dup(q, 1, arena),
			   .title = query_col_dup(q, 4, arena),
			   .independent_since = int_or_none(q, 5),
			   .buffer_minutes = query_col_int(q, 6),
			   .cap_per_day = query_col_int(q, 7),
			   .credentials = query_col_dup(q, 8, arena),
			   .words = {{.sort = "specialty"},
				     {.sort = "modality"},
				     {.sort = "language"}}},
	};
}

static enum rc read_expert_kinds(struct tx *tx, int64_t id, kindset *out,
				 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT word FROM expert_word WHERE expert = $1"
		    " AND sort = 'kind'");
	query_int(&q, 1, id);
	while (query_row(&q))
		*out |= KINDSET(rows_word(&q, 0, &words_kind));
	return query_end(&q, err);
}

static enum rc read_expert_words(struct tx *tx, struct arena *arena,
				 struct network_stored_expert *e,
				 struct err *err)
{
	enum rc rc = read_expert_kinds(tx, e->id, &e->expert.kinds, err);

	for (size_t i = 0; rc == RC_OK && i < 3; i++) {
		struct query q;

		query_begin(&q, tx->db,
			    "SELECT word FROM expert_word WHERE expert = $1"
			    " AND sort = $2 ORDER BY word");
		query_int(&q, 1, e->id);
		query_text(&q, 2, e->expert.words[i].sort);
		rc = rows_texts(&q, arena, &e->expert.words[i].v,
				&e->expert.words[i].n, err);
	}
	return rc;
}

enum rc network_read_experts(struct tx *tx, struct arena *arena,
			     struct network_list *out, struct err *err)
{
	enum rc rc = read_all(
		tx,
		"SELECT s.id, s.slug, t.slug, s.name, e.title,"
		" e.independent_since, e.buffer_minutes, e.cap_per_day,"
		" e.credentials"
		" FROM subject s JOIN expert e ON e.subject = s.id"
		" JOIN site t ON t.id = s.site ORDER BY s.id",
		arena, sizeof(struct network_stored_expert), take_expert, out,
		err);
	struct network_stored_expert *v = out->v;

	for (size_t i = 0; rc == RC_OK && i < out->n; i++)
		rc = read_expert_words(tx, arena, &v[i], err);
	return rc;
}

/* --- transfers, the note --- */

static void take_transfer(struct query *q, struct arena *arena, void *out)
{
	*(struct network_transfer *)out = (struct network_transfer){
		.id = query_col_int(q, 0),
		.from = query_col_dup(q, 1, arena),
		.to = query_col_dup(q, 2, arena),
		.minutes = query_col_int(q, 3),
	};
}

enum rc network_read_transfers(struct tx *tx, struct arena *arena,
			       struct network_list *out, struct err *err)
{
	return read_all(tx,
			"SELECT t.id, COALESCE(pa.slug, a.slug),"
			" COALESCE(pb.slug, b.slug), t.minutes FROM transfer t"
			" JOIN site a ON a.id = t.site_a"
			" JOIN site b ON b.id = t.site_b"
			" LEFT JOIN subject pa ON pa.id = t.place_a"
			" LEFT JOIN subject pb ON pb.id = t.place_b"
			" ORDER BY t.id",
			arena, sizeof(struct network_transfer), take_transfer,
			out, err);
}

enum rc network_read_note(struct tx *tx, struct arena *arena, const char **out,
			  struct err *err)
{
	struct query q;

	*out = NULL;
	query_begin(&q, tx->db, "SELECT value FROM meta WHERE name = 'note'");
	if (query_row(&q))
		*out = query_col_dup(&q, 0, arena);
	return query_end(&q, err);
}

static void take_slug(struct query *q, struct arena *arena, void *out)
{
	*(const char **)out = query_col_dup(q, 0, arena);
}

enum rc network_keepers(struct tx *tx, enum network_kept kept,
			struct arena *arena, const char ***out, size_t *out_n,
			struct err *err)
{
	static const char *const sql[] = {
		[NETWORK_RULES] =
			"SELECT s.slug FROM subject s WHERE s.id IN"
			" (SELECT subject FROM rule WHERE secondment IS NULL)"
			" ORDER BY s.slug",
		[NETWORK_SECONDMENTS] =
			"SELECT s.slug FROM subject s WHERE s.id IN"
			" (SELECT expert FROM secondment) ORDER BY s.slug",
		[NETWORK_LEAVE] =
			"SELECT s.slug FROM subject s WHERE s.id IN"
			" (SELECT subject FROM leave) ORDER BY s.slug",
	};
	struct network_list list;
	enum rc rc = read_all(tx, sql[kept], arena, sizeof(**out), take_slug,
			      &list, err);

	*out = list.v;
	*out_n = list.n;
	return rc;
}
