#include "daemon/store/request.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "daemon/store/booking_row.h"
#include "daemon/store/duty_call.h"
#include "daemon/store/rows.h"

static enum rc find_slug(struct tx *tx, const char *slug, int64_t *out,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT id FROM subject WHERE slug = $1");
	query_text(&q, 1, slug);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

static enum rc find_by(struct tx *tx, unsigned slot, const char *site_slug,
		       const char *local_id, int64_t *out, struct err *err)
{
	char slug[SEAL_PATIENT_SLUG_LEN + 1];

	seal_patient_slug(&tx->env->keys.patient[slot], site_slug, local_id,
			  slug);
	return find_slug(tx, slug, out, err);
}

enum rc request_find_patient(struct tx *tx, int64_t site, const char *site_slug,
			     const char *local_id, struct request_patient *out,
			     struct err *err)
{
	const struct store_keys *keys = &tx->env->keys;
	unsigned n, names;
	enum rc rc;

	/* A key that is new is there before anybody is named by it: who came
	 * while we looked is in our snapshot only if the key was, too. */
	do {
		n = keys_count_patient(keys);
		names = atomic_load(&keys->names);
		*out = (struct request_patient){
			.site = site,
			.keyed = keys_patient_id(&keys->patient[names])};
		seal_patient_slug(&keys->patient[names], site_slug, local_id,
				  out->slug);
		rc = find_slug(tx, out->slug, &out->id, err);
		for (unsigned i = 0; rc == RC_OK && !out->id && i < n; i++)
			rc = i == names ? RC_OK
					: find_by(tx, i, site_slug, local_id,
						  &out->id, err);
	} while (rc == RC_OK && !out->id && n != keys_count_patient(keys));
	return rc;
}

enum rc request_keep_patient(struct tx *tx, struct request_patient *patient,
			     struct err *err)
{
	struct query q;
	int64_t last;

	if (patient->id)
		return RC_OK;
	enum rc rc =
		rows_last_id(tx->db, "SELECT max(id) FROM subject", &last, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO subject (id, type, slug, site, name, keyed)"
		    " VALUES ($1, 'patient', $2, $3, '', $4)");
	query_int(&q, 1, last + 1);
	query_text(&q, 2, patient->slug);
	query_int(&q, 3, patient->site);
	query_int(&q, 4, patient->keyed);
	rc = query_end(&q, err);
	if (rc == RC_OK)
		patient->id = last + 1;
	return rc;
}

static struct seal_place papers_place(const struct request *r)
{
	return (struct seal_place){"request.papers", r->id, r->partner};
}

enum rc request_open_papers(struct tx *tx, const struct request *request,
			    struct arena *arena, struct papers *out,
			    struct err *err)
{
	struct seal_place place = papers_place(request);

	return papers_open(tx, &place,
			   "SELECT papers FROM request WHERE id = $1", arena,
			   out, err);
}

#define ALSO_MAX 8192 /* the lines of further experts */

/* --- wanted times: "from/to from/to" --- */

static void wanted_show(const struct request *r, struct buf *out)
{
	for (size_t i = 0; i < r->nwanted; i++)
		buf_printf(out, "%s%" PRId64 "/%" PRId64, i ? " " : "",
			   r->wanted[i].from, r->wanted[i].to);
}

static bool wanted_read(const char *s, struct core_span *out, size_t *out_n)
{
	while (s && *s && *out_n < REQUEST_WANTED_MAX) {
		struct core_span *w = &out[(*out_n)++];
		size_t from = strcspn(s, "/"), to = strcspn(s, " ");

		if (from >= to ||
		    !text_int(s, from, INT64_MIN, INT64_MAX, &w->from) ||
		    !text_int(s + from + 1, to - from - 1, INT64_MIN, INT64_MAX,
			      &w->to))
			return false;
		s += to + (s[to] == ' ');
	}
	return true;
}

static void bind_new(struct query *q, const struct request *in,
		     const struct buf *wanted, const struct buf *papers)
{
	query_int(q, 1, in->id);
	query_text(q, 2, in->code.s);
	query_int(q, 3, in->agreement);
	query_int(q, 4, in->lead);
	query_int(q, 5, in->partner);
	query_text(q, 6, words_name(&words_kind, (int)in->kind));
	query_text(q, 7, words_name(&words_request_status, (int)in->status));
	query_text(q, 8, words_name(&words_urgency, (int)in->urgency));
	query_text(q, 9, in->specialty);
	query_int_or_null(q, 10, in->expert, 0);
	query_text(q, 11, in->title);
	query_text(q, 12, in->modality);
	query_int(q, 13, in->minutes);
	query_text(q, 14, buf_cstr(wanted));
	query_int(q, 15, in->patient);
	query_blob(q, 16, papers->data, papers->len);
	query_int(q, 17, in->submitted_at);
	query_int(q, 18, in->version);
}

enum rc request_insert(struct tx *tx, struct request *in,
		       const struct papers *papers, struct err *err)
{
	struct query q;
	struct seal_place place;
	struct buf sealed, wanted, languages, also;

	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM request",
				  &in->id, err);

	if (rc != RC_OK)
		return rc;
	in->id++;
	place = papers_place(in);
	buf_init(&sealed, PAPERS_SEALED_MAX);
	buf_init(&wanted, 1024);
	buf_init(&languages, 1024);
	buf_init(&also, ALSO_MAX);
	wanted_show(in, &wanted);
	rows_join(in->languages, in->nlanguages, &languages);
	rows_join(in->also, in->nalso, &also);
	rc = papers_close(tx, &place, papers, &sealed, err);
	if (rc == RC_OK) {
		query_begin(&q, tx->db,
			    "INSERT INTO request (id, code, agreement, lead,"
			    " partner, kind, status, urgency, specialty,"
			    " expert, title, modality, minutes, wanted,"
			    " patient, papers, submitted_at, version,"
			    " languages, surgeon, before_minutes,"
			    " after_minutes, mode, also, down, of_request)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,"
			    " $10, $11, $12, $13, $14, $15, $16, $17, $18,"
			    " $19, $20, $21, $22, $23, $24, $25, $26)");
		bind_new(&q, in, &wanted, &sealed);
		query_text(&q, 19, buf_cstr(&languages));
		query_int_or_null(&q, 20, in->surgeon, 0);
		query_int(&q, 21, in->before);
		query_int(&q, 22, in->after);
		query_text(&q, 23,
			   words_name(&words_mode,
				      in->forward ? MODE_FORWARD : MODE_LIVE));
		query_text(&q, 24, buf_cstr(&also));
		query_int(&q, 25, in->down);
		query_int_or_null(&q, 26, in->of, 0);
		while (query_row(&q))
			;
		rc = query_end(&q, err);
	}
	buf_fini(&sealed);
	buf_fini(&wanted);
	buf_fini(&languages);
	buf_fini(&also);
	return rc;
}

#define LIVE SQL_LIVE("CAST($1 AS BIGINT)")
#define SQL_REQUEST                                                            \
	"SELECT r.id, r.code, r.agreement, r.lead, r.partner, r.kind,"         \
	" r.status, r.urgency, r.specialty, r.expert, r.title, r.modality,"    \
	" r.minutes, r.wanted, r.patient, r.submitted_at, r.version,"          \
	" a.slug, ls.slug, ps.slug, es.slug,"                                  \
	" (SELECT b.code FROM booking b WHERE b.request = r.id AND " LIVE ")," \
	" r.languages, r.surgeon, r.before_minutes, r.after_minutes, us.slug," \
	" r.asked_at, r.reason_code, r.mode, r.unbooked_expert, r.also,"       \
	" r.down, r.of_request, o.code"                                        \
	" FROM request r JOIN agreement a ON a.id = r.agreement"               \
	" JOIN site ls ON ls.id = r.lead JOIN site ps ON ps.id = r.partner"    \
	" LEFT JOIN subject es ON es.id = r.expert"                            \
	" LEFT JOIN subject us ON us.id = r.surgeon"                           \
	" LEFT JOIN request o ON o.id = r.of_request"

static void request_from_row(struct query *q, struct arena *arena,
			     struct request *r)
{
	*r = (struct request){
		.id = query_col_int(q, 0),
		.agreement = query_col_int(q, 2),
		.lead = query_col_int(q, 3),
		.partner = query_col_int(q, 4),
		.kind = (enum kind)rows_word(q, 5, &words_kind),
		.status = (enum request_status)rows_word(q, 6,
							 &words_request_status),
		.urgency = (enum urgency)rows_word(q, 7, &words_urgency),
		.specialty = query_col_dup(q, 8, arena),
		.expert = query_col_int(q, 9),
		.title = query_col_dup(q, 10, arena),
		.modality = query_col_dup(q, 11, arena),
		.minutes = query_col_int(q, 12),
		.patient = query_col_int(q, 14),
		.submitted_at = query_col_int(q, 15),
		.version = query_col_int(q, 16),
		.agreement_slug = query_col_dup(q, 17, arena),
		.lead_slug = query_col_dup(q, 18, arena),
		.partner_slug = query_col_dup(q, 19, arena),
		.expert_slug = query_col_dup(q, 20, arena),
		.surgeon = query_col_int(q, 23),
		.before = query_col_int(q, 24),
		.after = query_col_int(q, 25),
		.surgeon_slug = query_col_dup(q, 26, arena),
		.asked_at = query_col_int(q, 27),
		.why = query_col_dup(q, 28, arena),
		.forward = rows_word(q, 29, &words_mode) == MODE_FORWARD,
		.unbooked_expert = query_col_int(q, 30),
		.down = query_col_int(q, 32) != 0,
		.of = query_col_int(q, 33),
	};
	rows_code(q, 1, &r->code);
	rows_code(q, 21, &r->booking);
	rows_code(q, 34, &r->of_code);
	if (!wanted_read(query_col_text(q, 13), r->wanted, &r->nwanted) &&
	    q->rc == RC_OK)
		q->rc = RC_CORRUPT;
	if (!rows_split(query_col_text(q, 22), arena, &r->languages,
			&r->nlanguages) &&
	    q->rc == RC_OK)
		q->rc = RC_NOMEM;
	if (!rows_split(query_col_text(q, 31), arena, &r->also, &r->nalso) &&
	    q->rc == RC_OK)
		q->rc = RC_NOMEM;
}

static enum rc request_end(struct query *q, struct arena *arena,
			   struct request *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		request_from_row(q, arena, out);
	return rows_end_found(q, found, "request", err);
}

enum rc request_by_code(struct tx *tx, const char *code, struct arena *arena,
			struct request *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_REQUEST " WHERE r.code = $2");
	query_int(&q, 1, tx->now);
	query_text(&q, 2, code);
	return request_end(&q, arena, out, err);
}

enum rc request_by_id(struct tx *tx, int64_t id, struct arena *arena,
		      struct request *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_REQUEST " WHERE r.id = $2");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, id);
	return request_end(&q, arena, out, err);
}

#define REFERRALS_MAX 64

enum rc request_referrals(struct tx *tx, int64_t id, struct arena *arena,
			  const char ***out, size_t *out_n, struct err *err)
{
	const char **v = arena_array(arena, REFERRALS_MAX, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (!v)
		return rows_full(err);
	query_begin(&q, tx->db,
		    "SELECT code FROM request WHERE of_request = $1"
		    " ORDER BY id");
	query_int(&q, 1, id);
	while (n < REFERRALS_MAX && query_row(&q)) {
		char shown[CODE_SHOWN_LEN + 1];
		struct code code;

		rows_code(&q, 0, &code);
		code_show(&code, shown);
		v[n] = arena_strndup(arena, shown, CODE_SHOWN_LEN);
		if (!v[n++])
			break;
	}
	bool full = n > 0 && !v[n - 1];
	enum rc rc = query_end(&q, err);
	*out = v;
	*out_n = n;
	return rc == RC_OK && full ? rows_full(err) : rc;
}

enum rc request_urgency(struct tx *tx, const char *code, enum urgency *out,
			struct err *err)
{
	struct query q;
	bool found;

	query_begin(&q, tx->db,
		    "SELECT urgency FROM request WHERE code = $1"
		    " UNION ALL SELECT r.urgency FROM booking b"
		    "  JOIN request r ON r.id = b.request WHERE b.code = $1");
	query_text(&q, 1, code);
	found = query_row(&q);
	if (found)
		*out = (enum urgency)rows_word(&q, 0, &words_urgency);
	return rows_end_found(&q, found, "request", err);
}

enum rc request_update(struct tx *tx, struct request *r, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE request SET status = $1, expert = $2,"
		    " minutes = $3, asked_at = $4, reason_code = $5,"
		    " unbooked_expert = $6, version = version + 1"
		    " WHERE id = $7 AND version = $8");
	query_text(&q, 1, words_name(&words_request_status, (int)r->status));
	query_int_or_null(&q, 2, r->expert, 0);
	query_int(&q, 3, r->minutes);
	query_int_or_null(&q, 4, r->asked_at, 0);
	query_text(&q, 5, r->why);
	query_int_or_null(&q, 6, r->unbooked_expert, 0);
	query_int(&q, 7, r->id);
	query_int(&q, 8, r->version);
	return rows_end_changed(&q, "request", &r->version, err);
}

enum rc request_set_expert(struct tx *tx, int64_t id, int64_t expert,
			   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "UPDATE request SET expert = $1 WHERE id = $2");
	query_int(&q, 1, expert);
	query_int(&q, 2, id);
	return query_end(&q, err);
}

enum rc request_set_also(struct tx *tx, int64_t id, const char *const *also,
			 size_t n, struct err *err)
{
	struct buf lines;
	struct query q;

	buf_init(&lines, ALSO_MAX);
	rows_join(also, n, &lines);
	query_begin(&q, tx->db, "UPDATE request SET also = $1 WHERE id = $2");
	query_text(&q, 1, buf_cstr(&lines));
	query_int(&q, 2, id);
	enum rc rc = query_end(&q, err);

	buf_fini(&lines);
	return rc;
}

enum rc request_also_experts(struct tx *tx, const struct request *r,
			     struct arena *arena, int64_t **out, size_t *out_n,
			     struct err *err)
{
	struct query q;

	*out = NULL;
	*out_n = 0;
	if (r->nalso == 0)
		return RC_OK;
	query_begin(&q, tx->db,
		    "SELECT co.expert FROM booking b"
		    " JOIN co_expert co ON co.booking = b.id"
		    " WHERE b.request = $1"
		    " AND " SQL_LIVE("$2"));
	query_int(&q, 1, r->id);
	query_int(&q, 2, tx->now);
	return rows_ids(&q, arena, out, out_n, err);
}

/* --- what is supplemented --- */

enum rc request_keep_earlier(struct tx *tx, const struct request *r,
			     const char *by, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO request_earlier (request, until, by_name,"
		    " wanted, papers) SELECT id, $1, $2, wanted, papers"
		    " FROM request WHERE id = $3");
	query_int(&q, 1, tx->now);
	query_text(&q, 2, by);
	query_int(&q, 3, r->id);
	return query_end(&q, err);
}

static enum rc write_supplement(struct tx *tx, const struct request *r,
				const struct buf *wanted,
				const struct buf *papers, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE request SET specialty = $1, title = $2,"
		    " modality = $3, wanted = $4, papers = $5 WHERE id = $6");
	query_text(&q, 1, r->specialty);
	query_text(&q, 2, r->title);
	query_text(&q, 3, r->modality);
	query_text(&q, 4, buf_cstr(wanted));
	query_blob(&q, 5, papers->data, papers->len);
	query_int(&q, 6, r->id);
	return query_end(&q, err);
}

enum rc request_supplement(struct tx *tx, const struct request *r,
			   const struct papers *papers, const char *by,
			   struct err *err)
{
	struct seal_place place = papers_place(r);
	struct buf sealed, wanted;

	buf_init(&sealed, PAPERS_SEALED_MAX);
	buf_init(&wanted, 1024);
	wanted_show(r, &wanted);
	enum rc rc = request_keep_earlier(tx, r, by, err);

	if (rc == RC_OK)
		rc = papers_close(tx, &place, papers, &sealed, err);
	if (rc == RC_OK)
		rc = write_supplement(tx, r, &wanted, &sealed, err);
	buf_fini(&sealed);
	buf_fini(&wanted);
	return rc;
}

enum rc request_open_earlier(struct tx *tx, const struct request *r,
			     struct arena *arena, struct request_earlier *out,
			     struct err *err)
{
	struct seal_place place = papers_place(r);
	struct query q;

	*out = (struct request_earlier){0};
	query_begin(&q, tx->db,
		    "SELECT until, by_name, wanted FROM request_earlier"
		    " WHERE request = $1");
	query_int(&q, 1, r->id);
	bool found = query_row(&q);

	if (found) {
		out->until = query_col_int(&q, 0);
		out->by = query_col_dup(&q, 1, arena);
		if (!wanted_read(query_col_text(&q, 2), out->wanted,
				 &out->nwanted))
			q.rc = RC_CORRUPT;
	}
	enum rc rc = rows_end_found(&q, found, "earlier form", err);

	return rc == RC_OK ? papers_open(tx, &place,
					 "SELECT papers FROM request_earlier"
					 " WHERE request = $1",
					 arena, &out->papers, err)
			   : rc;
}

/* As core_request_assigned() says, and a word that is none. */
#define AND_ONE(sym, name) ", '" name "'"
#define ASSIGNED "''" WORDS_REQUEST_ASSIGNED(AND_ONE)

/* The page's rows of one side, along its index; parameters are numbered as the
 * first side meets them, after the time. */
#define PAGE_OF(from, side)                                                    \
	" SELECT * FROM (SELECT r.id, r.submitted_at FROM " from               \
	"  WHERE " side "  AND r.submitted_at >= $3 AND r.submitted_at < $4"   \
	"  AND r.submitted_at <= $5"                                           \
	"  AND (r.submitted_at < $5 OR r.id < $6)"                             \
	"  AND (CAST($7 AS TEXT) IS NULL OR r.status = CAST($7 AS TEXT))"      \
	"  AND (CAST($8 AS TEXT) IS NULL"                                      \
	"   OR (SELECT id FROM site WHERE slug = CAST($8 AS TEXT))"            \
	"    IN (r.lead, r.partner))"                                          \
	"  AND (CAST($9 AS TEXT) IS NULL OR r.expert IN"                       \
	"   (SELECT id FROM subject WHERE slug = CAST($9 AS TEXT)))"           \
	"  AND (CAST($10 AS TEXT) IS NULL OR r.kind = CAST($10 AS TEXT))"      \
	"  ORDER BY r.submitted_at DESC, r.id DESC LIMIT $11)"

#define AS_LEAD PAGE_OF("request r", "r.lead = $2")
#define AS_PARTNER PAGE_OF("request r", "r.partner = $12")
#define IS_ASSIGNED "r.expert = $13 AND r.status IN (" ASSIGNED ")"
#define AS_ASSIGNED PAGE_OF("request r", IS_ASSIGNED)
#define IS_BOOKED                                                              \
	"b.id IN " SQL_OF_EXPERT("$13") " AND " SQL_IS_EXPERT(                 \
		"$13") " AND " LIVE
#define AS_BOOKED                                                              \
	PAGE_OF("booking b JOIN request r ON r.id = b.request", IS_BOOKED)
#define AS_CALLED PAGE_OF("request r", SQL_IS_CALLED("$13"))
#define SQL_PAGE                                                               \
	SQL_REQUEST                                                            \
	" WHERE r.id IN (SELECT id FROM (" AS_LEAD " UNION" AS_PARTNER         \
	" UNION" AS_ASSIGNED " UNION" AS_BOOKED " UNION" AS_CALLED             \
	") ORDER BY submitted_at DESC, id DESC LIMIT $11)"                     \
	" ORDER BY r.submitted_at DESC, r.id DESC"

enum rc request_list(struct tx *tx, const struct list_filter *f,
		     struct arena *arena, struct request **out, size_t *out_n,
		     struct err *err)
{
	struct query q;
	struct request *v = arena_array(arena, (size_t)f->limit, sizeof(*v));
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "the list is too long");
	/* All that it is made of is read of those that are listed alone. */
	query_begin(&q, tx->db, SQL_PAGE);
	query_int(&q, 1, tx->now);
	query_int(&q, 2, f->as_lead);
	query_int(&q, 3, f->from);
	query_int(&q, 4, f->to == INT64_MIN ? INT64_MAX : f->to);
	query_int(&q, 5, f->after ? f->after_key : INT64_MAX);
	query_int(&q, 6, f->after ? f->after_id : INT64_MAX);
	query_text(&q, 7, f->status);
	query_text(&q, 8, f->site);
	query_text(&q, 9, f->expert);
	query_text(&q, 10,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_int(&q, 11, f->limit);
	query_int(&q, 12, f->as_partner);
	query_int(&q, 13, f->as_expert);
	while (n < (size_t)f->limit && query_row(&q))
		request_from_row(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
