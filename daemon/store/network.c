#include "daemon/store/network.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/store/network_set.h"
#include "daemon/store/own.h"
#include "daemon/store/rows.h"

static const char SQL_AGREEMENT[] = "SELECT id FROM agreement WHERE slug = $1";

/* --- sites, calendars, limits --- */

enum rc network_put_site(struct tx *tx, const struct network_site *in,
			 enum network_put *out, struct err *err)
{
	struct query q;
	int64_t id;
	enum rc rc = network_find_id(tx, NETWORK_SQL_SITE, in->slug, &id, err);

	if (rc != RC_OK)
		return rc;
	*out = NETWORK_CREATED;
	query_begin(
		&q, tx->db,
		id ? "UPDATE site SET slug = $1, name = $2, short_name = $3,"
		     " tier = $4, time_zone = $5, calendar = $6"
		     " WHERE slug = $1 AND (name <> $2"
		     " OR short_name IS DISTINCT FROM CAST($3 AS TEXT)"
		     " OR tier IS DISTINCT FROM CAST($4 AS TEXT)"
		     " OR time_zone <> $5"
		     " OR calendar IS DISTINCT FROM CAST($6 AS TEXT))"
		   : "INSERT INTO site (slug, name, short_name, tier,"
		     " time_zone, calendar)"
		     " VALUES ($1, $2, $3, $4, $5, $6)");
	query_text(&q, 1, in->slug);
	query_text(&q, 2, in->name);
	query_text(&q, 3, in->short_name);
	query_text(&q, 4, in->tier);
	query_text(&q, 5, in->time_zone);
	query_text(&q, 6, in->calendar);
	rc = query_end(&q, err);
	if (id)
		network_say_update(tx, out);
	return rc;
}

static enum rc insert_day(struct tx *tx, const char *name,
			  const struct network_day *day, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO calendar_day (calendar, day, works_as)"
		    " VALUES ($1, $2, $3)");
	query_text(&q, 1, name);
	query_int(&q, 2, day->day);
	query_int_or_null(&q, 3, day->works_as, -1);
	return query_end(&q, err);
}

enum rc network_put_calendar(struct tx *tx, const char *name,
			     const struct network_day *days, size_t n,
			     enum network_put *out, struct err *err)
{
	struct set set;
	struct query q;

	set_init(&set);
	for (size_t i = 0; i < n; i++) {
		set_want_int(&set, days[i].day);
		set_want_int(&set, days[i].works_as);
		set_want_row(&set);
	}
	query_begin(&q, tx->db,
		    "SELECT day, COALESCE(works_as, -1) FROM calendar_day"
		    " WHERE calendar = $1 ORDER BY day");
	query_text(&q, 1, name);
	enum rc rc = set_read(&set, &q, 2, err);
	bool same = set_same(&set);

	*out = same	     ? NETWORK_SAME
	       : set.had.len ? NETWORK_CHANGED
			     : NETWORK_CREATED;
	set_fini(&set);
	if (rc != RC_OK || same)
		return rc;
	query_begin(&q, tx->db, "DELETE FROM calendar_day WHERE calendar = $1");
	query_text(&q, 1, name);
	rc = query_end(&q, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = insert_day(tx, name, &days[i], err);
	return rc == RC_OK ? network_raise_version(tx, NETWORK_CALENDAR_DAYS,
						   name, err)
			   : rc;
}

static enum rc put_limit(struct tx *tx, const char *name, int urgency,
			 const struct network_limit *l, int64_t *out_changed,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO limit_set (name, urgency, answer_minutes,"
		    " start_minutes, opinion_minutes, call_minutes,"
		    " papers_minutes, offer_minutes, offer_lapses)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		    " ON CONFLICT (name, urgency) DO UPDATE"
		    " SET answer_minutes = excluded.answer_minutes,"
		    " start_minutes = excluded.start_minutes,"
		    " opinion_minutes = excluded.opinion_minutes,"
		    " call_minutes = excluded.call_minutes,"
		    " papers_minutes = excluded.papers_minutes,"
		    " offer_minutes = excluded.offer_minutes,"
		    " offer_lapses = excluded.offer_lapses"
		    " WHERE limit_set.answer_minutes IS DISTINCT FROM"
		    "  excluded.answer_minutes"
		    " OR limit_set.start_minutes IS DISTINCT FROM"
		    "  excluded.start_minutes"
		    " OR limit_set.opinion_minutes IS DISTINCT FROM"
		    "  excluded.opinion_minutes"
		    " OR limit_set.call_minutes IS DISTINCT FROM"
		    "  excluded.call_minutes"
		    " OR limit_set.papers_minutes IS DISTINCT FROM"
		    "  excluded.papers_minutes"
		    " OR limit_set.offer_minutes IS DISTINCT FROM"
		    "  excluded.offer_minutes"
		    " OR limit_set.offer_lapses IS DISTINCT FROM"
		    "  excluded.offer_lapses");
	query_text(&q, 1, name);
	query_text(&q, 2, words_name(&words_urgency, urgency));
	query_int_or_null(&q, 3, l->answer, INT64_MIN);
	query_int_or_null(&q, 4, l->start, INT64_MIN);
	query_int_or_null(&q, 5, l->opinion, INT64_MIN);
	query_int_or_null(&q, 6, l->call, INT64_MIN);
	query_int_or_null(&q, 7, l->papers, INT64_MIN);
	query_int_or_null(&q, 8, l->offer, INT64_MIN);
	query_int_or_null(&q, 9, l->lapses, INT64_MIN);
	enum rc rc = query_end(&q, err);

	*out_changed += db_changes(tx->db);
	return rc;
}

enum rc network_put_limits(struct tx *tx, const char *name,
			   const struct network_limit limits[URGENCY_COUNT],
			   enum network_put *out, struct err *err)
{
	bool had;
	int64_t changed = 0;
	enum rc rc = network_has(tx, NETWORK_LIMITS, name, &had, err);

	for (int u = 0; rc == RC_OK && u < URGENCY_COUNT; u++)
		rc = put_limit(tx, name, u, &limits[u], &changed, err);
	*out = !had	 ? NETWORK_CREATED
	       : changed ? NETWORK_CHANGED
			 : NETWORK_SAME;
	return rc;
}

/* --- agreements --- */

static const char SQL_UPDATE_AGREEMENT[] =
	"UPDATE agreement SET slug = $1, alliance = $2, lead = $3,"
	" partner = $4, valid_from = $5, valid_to = $6, limits = $7,"
	" min_independent_years = $8, overrun_minutes = $9,"
	" cancel_notice_minutes = $10, lead_notice_minutes = $11,"
	" partner_notice_minutes = $12, late_change = $13, requires = $14,"
	" requires_emergency = $15, supplement_minutes = $16,"
	" expiry_days = $17, ending_notice_days = $18, receipt_minutes = $19,"
	" receipt_notices = $20, signing_slack_minutes = $21,"
	" overbook_most = $22, fairness_weeks = $23, night_call_minutes = $24"
	" WHERE slug = $1 AND ("
	" alliance IS DISTINCT FROM CAST($2 AS TEXT)"
	" OR lead <> $3 OR partner <> $4"
	" OR valid_from <> $5 OR valid_to <> $6"
	" OR limits IS DISTINCT FROM CAST($7 AS TEXT)"
	" OR min_independent_years <> $8"
	" OR overrun_minutes IS DISTINCT FROM CAST($9 AS BIGINT)"
	" OR cancel_notice_minutes <> $10"
	" OR lead_notice_minutes IS DISTINCT FROM CAST($11 AS BIGINT)"
	" OR partner_notice_minutes IS DISTINCT FROM CAST($12 AS BIGINT)"
	" OR late_change IS DISTINCT FROM CAST($13 AS TEXT)"
	" OR requires <> $14 OR requires_emergency <> $15"
	" OR supplement_minutes IS DISTINCT FROM CAST($16 AS BIGINT)"
	" OR expiry_days IS DISTINCT FROM CAST($17 AS BIGINT)"
	" OR ending_notice_days IS DISTINCT FROM CAST($18 AS BIGINT)"
	" OR receipt_minutes IS DISTINCT FROM CAST($19 AS BIGINT)"
	" OR receipt_notices IS DISTINCT FROM CAST($20 AS BIGINT)"
	" OR signing_slack_minutes IS DISTINCT FROM CAST($21 AS BIGINT)"
	" OR overbook_most IS DISTINCT FROM CAST($22 AS BIGINT)"
	" OR fairness_weeks IS DISTINCT FROM CAST($23 AS BIGINT)"
	" OR night_call_minutes IS DISTINCT FROM CAST($24 AS BIGINT))";
static const char SQL_AGREE[] =
	"INSERT INTO agreement (slug, alliance, lead, partner, valid_from,"
	" valid_to, limits, min_independent_years, overrun_minutes,"
	" cancel_notice_minutes, lead_notice_minutes, partner_notice_minutes,"
	" late_change, requires, requires_emergency, supplement_minutes,"
	" expiry_days, ending_notice_days, receipt_minutes, receipt_notices,"
	" signing_slack_minutes, overbook_most, fairness_weeks,"
	" night_call_minutes)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,"
	" $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)";

static void bind_agreement(struct query *q, const struct network_agreement *in,
			   int64_t lead, int64_t partner)
{
	query_text(q, 1, in->slug);
	query_text(q, 2, in->alliance);
	query_int(q, 3, lead);
	query_int(q, 4, partner);
	query_int(q, 5, in->valid_from);
	query_int(q, 6, in->valid_to);
	query_text(q, 7, in->limits);
	query_int(q, 8, in->min_independent_years);
	query_int_or_null(q, 9, in->overrun_minutes, INT64_MIN);
	query_int(q, 10, in->cancel_notice_minutes);
	query_int_or_null(q, 11, in->lead_notice_minutes, INT64_MIN);
	query_int_or_null(q, 12, in->partner_notice_minutes, INT64_MIN);
	query_text(q, 13,
		   in->late < 0 ? NULL : words_name(&words_late, in->late));
	query_int(q, 14, in->requires);
	query_int(q, 15, in->requires_emergency);
	query_int_or_null(q, 16, in->supplement_minutes, INT64_MIN);
	query_int_or_null(q, 17, in->expiry_days, INT64_MIN);
	query_int_or_null(q, 18, in->ending_notice_days, INT64_MIN);
	query_int_or_null(q, 19, in->receipt_minutes, INT64_MIN);
	query_int_or_null(q, 20, in->receipt_notices, INT64_MIN);
	query_int_or_null(q, 21, in->signing_slack_minutes, INT64_MIN);
	query_int_or_null(q, 22, in->overbook_most, INT64_MIN);
	query_int_or_null(q, 23, in->fairness_weeks, INT64_MIN);
	query_int_or_null(q, 24, in->night_call_minutes, INT64_MIN);
}

/* Requests and bookings stand between these two sites: an agreement of others
 * is another one. */
static enum rc check_parties(struct tx *tx, int64_t id, int64_t lead,
			     int64_t partner, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM agreement WHERE id = $1"
		    " AND lead = $2 AND partner = $3");
	query_int(&q, 1, id);
	query_int(&q, 2, lead);
	query_int(&q, 3, partner);
	bool same = query_row(&q);
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && !same)
		rc = err_set(err, RC_RULE,
			     "its lead and partner stay; give the agreement of"
			     " other sites an id of its own");
	return rc;
}

enum rc network_agreement_id(struct tx *tx, const char *slug, int64_t *out,
			     struct err *err)
{
	return network_find_id(tx, SQL_AGREEMENT, slug, out, err);
}

static enum rc put_agreement_row(struct tx *tx,
				 const struct network_agreement *in,
				 int64_t *out_id, enum network_put *out,
				 struct err *err)
{
	struct query q;
	int64_t lead, partner, had;
	enum rc rc =
		network_need_id(tx, NETWORK_SQL_SITE, in->lead, &lead, err);

	if (rc == RC_OK)
		rc = network_need_id(tx, NETWORK_SQL_SITE, in->partner,
				     &partner, err);
	if (rc == RC_OK)
		rc = network_find_id(tx, SQL_AGREEMENT, in->slug, &had, err);
	if (rc == RC_OK && had)
		rc = check_parties(tx, had, lead, partner, err);
	if (rc != RC_OK)
		return rc;
	*out = NETWORK_CREATED;
	query_begin(&q, tx->db, had ? SQL_UPDATE_AGREEMENT : SQL_AGREE);
	bind_agreement(&q, in, lead, partner);
	rc = query_end(&q, err);
	if (had)
		network_say_update(tx, out);
	return rc == RC_OK ? network_find_id(tx, SQL_AGREEMENT, in->slug,
					     out_id, err)
			   : rc;
}

static enum rc insert_kind(struct tx *tx, int64_t agreement, int kind,
			   int64_t quota, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO agreement_kind (agreement, kind, quota)"
		    " VALUES ($1, $2, $3)");
	query_int(&q, 1, agreement);
	query_text(&q, 2, words_name(&words_kind, kind));
	query_int_or_null(&q, 3, quota, INT64_MIN);
	return query_end(&q, err);
}

static enum rc put_kinds(struct tx *tx, const struct network_agreement *in,
			 int64_t id, enum network_put *out, struct err *err)
{
	struct query q;
	kindset had = 0;
	bool same = true;

	query_begin(&q, tx->db,
		    "SELECT kind, quota FROM agreement_kind"
		    " WHERE agreement = $1");
	query_int(&q, 1, id);
	while (query_row(&q)) {
		int kind = rows_word(&q, 0, &words_kind);
		int64_t quota = query_col_null(&q, 1) ? INT64_MIN
						      : query_col_int(&q, 1);

		had |= KINDSET(kind);
		same = same && quota == in->quota[kind];
	}
	enum rc rc = query_end(&q, err);

	if (rc != RC_OK || (same && had == in->kinds))
		return rc;
	network_note_change(out);
	rc = network_delete_of(
		tx, "DELETE FROM agreement_kind WHERE agreement = $1", id, err);
	for (int k = 0; rc == RC_OK && k < KIND_COUNT; k++) {
		if (in->kinds & KINDSET(k))
			rc = insert_kind(tx, id, k, in->quota[k], err);
	}
	return rc;
}

static enum rc insert_specialty(struct tx *tx, int64_t agreement,
				const char *specialty, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO agreement_specialty (agreement, specialty)"
		    " VALUES ($1, $2) ON CONFLICT DO NOTHING");
	query_int(&q, 1, agreement);
	query_text(&q, 2, specialty);
	return query_end(&q, err);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void want_specialties(struct set *set,
			     const struct network_agreement *in)
{
	const char **v = mem_alloc((in->nspecialties + 1) * sizeof(*v));

	if (in->nspecialties)
		memcpy(v, in->specialties, in->nspecialties * sizeof(*v));
	qsort(v, in->nspecialties, sizeof(*v), by_text);
	for (size_t i = 0; i < in->nspecialties; i++) {
		if (i && !strcmp(v[i - 1], v[i]))
			continue; /* said twice */
		set_want_text(set, v[i]);
		set_want_row(set);
	}
	mem_free(v);
}

static enum rc put_specialties(struct tx *tx,
			       const struct network_agreement *in, int64_t id,
			       enum network_put *out, struct err *err)
{
	struct set set;
	struct query q;

	set_init(&set);
	want_specialties(&set, in);
	query_begin(&q, tx->db,
		    "SELECT specialty FROM agreement_specialty"
		    " WHERE agreement = $1 ORDER BY specialty");
	query_int(&q, 1, id);
	enum rc rc = set_read(&set, &q, 1, err);
	bool same = set_same(&set);

	set_fini(&set);
	if (rc != RC_OK || same)
		return rc;
	network_note_change(out);
	rc = network_delete_of(
		tx, "DELETE FROM agreement_specialty WHERE agreement = $1", id,
		err);
	for (size_t i = 0; rc == RC_OK && i < in->nspecialties; i++)
		rc = insert_specialty(tx, id, in->specialties[i], err);
	return rc;
}

enum rc network_put_agreement(struct tx *tx, const struct network_agreement *in,
			      enum network_put *out, struct err *err)
{
	int64_t id, lead;
	enum rc rc = put_agreement_row(tx, in, &id, out, err);

	if (rc == RC_OK)
		rc = put_kinds(tx, in, id, out, err);
	if (rc == RC_OK)
		rc = put_specialties(tx, in, id, out, err);
	if (rc == RC_OK)
		rc = network_put_session(tx, id, in->session, out, err);
	if (rc == RC_OK)
		rc = network_put_shares(tx, id, in->shares, in->nshares, out,
					err);
	for (int k = 0; rc == RC_OK && k < KIND_COUNT; k++) {
		if (!(in->kinds & KINDSET(k)) || !own_is_had_with((enum kind)k))
			continue;
		rc = network_need_id(tx, NETWORK_SQL_SITE, in->lead, &lead,
				     err);
		return rc == RC_OK ? own_put(tx, lead, err) : rc;
	}
	return rc;
}

/* --- what is missing --- */

enum rc network_lacking(struct tx *tx, struct arena *arena, const char ***out,
			size_t max, size_t *out_n, struct err *err)
{
	struct query q;
	const char **v = arena_array(arena, max, sizeof(*v));
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "out of memory");
	query_begin(&q, tx->db,
		    "SELECT s.slug, o.kind FROM (SELECT DISTINCT a.lead, k.kind"
		    "  FROM agreement a"
		    "  JOIN agreement_kind k ON k.agreement = a.id"
		    "  WHERE a.lead <> a.partner) o"
		    " JOIN site s ON s.id = o.lead"
		    " WHERE NOT EXISTS (SELECT 1 FROM subject e"
		    "  JOIN expert_word w ON w.expert = e.id"
		    "   AND w.sort = 'kind' AND w.word = o.kind"
		    "  WHERE e.site = o.lead AND e.type = 'expert'"
		    "   AND e.type <> 'patient')"
		    " ORDER BY s.slug, o.kind");
	while (n < max && query_row(&q)) {
		v[n] = arena_printf(arena,
				    "%s has no expert for %s, which an"
				    " agreement names",
				    query_col_text(&q, 0),
				    query_col_text(&q, 1));
		if (!v[n++] && q.rc == RC_OK)
			q.rc = RC_NOMEM;
	}
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
