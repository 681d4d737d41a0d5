#include "daemon/store/consent.h"

#include "daemon/store/rows.h"

#define LIST_MAX 200

static struct seal_place place_of(const struct consent_of *of, int64_t id)
{
	return (struct seal_place){"consent.papers", id, of->partner};
}

enum rc consent_standing(struct tx *tx, const struct consent_of *of,
			 consentset *out, struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, tx->db,
		    "SELECT consent FROM consent WHERE request = $1"
		    " AND withdrawn_at IS NULL UNION ALL"
		    " SELECT consent FROM consent WHERE booking = $2"
		    " AND withdrawn_at IS NULL");
	query_int(&q, 1, of->request);
	query_int(&q, 2, of->booking);
	while (query_row(&q))
		*out |= CONSENTSET(rows_word(&q, 0, &words_consent));
	return query_end(&q, err);
}

static enum rc insert(struct tx *tx, const struct consent_of *of,
		      const struct consent_row *in, const struct buf *sealed,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO consent (id, request, booking, partner,"
		    " consent, signer, signed_at, said_at, papers)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	query_int(&q, 1, in->id);
	query_int_or_null(&q, 2, of->request, 0);
	query_int_or_null(&q, 3, of->booking, 0);
	query_int(&q, 4, of->partner);
	query_text(&q, 5, words_name(&words_consent, (int)in->consent));
	query_text(&q, 6, words_name(&words_signer, (int)in->signer));
	query_int(&q, 7, in->signed_at);
	query_int(&q, 8, tx->now);
	query_blob(&q, 9, sealed->data, sealed->len);
	return query_end(&q, err);
}

enum rc consent_add(struct tx *tx, const struct consent_of *of,
		    const struct consent_row *in, const struct papers *papers,
		    struct err *err)
{
	struct consent_row row = *in;
	struct buf sealed;
	consentset standing;
	enum rc rc = consent_standing(tx, of, &standing, err);

	if (rc == RC_OK && (standing & CONSENTSET(in->consent)))
		rc = err_set(err, RC_STATE, "it is signed already");
	if (rc == RC_OK)
		rc = rows_last_id(tx->db, "SELECT max(id) FROM consent",
				  &row.id, err);
	if (rc != RC_OK)
		return rc;
	row.id++;
	struct seal_place place = place_of(of, row.id);

	buf_init(&sealed, PAPERS_SEALED_MAX);
	rc = papers_close(tx, &place, papers, &sealed, err);
	if (rc == RC_OK)
		rc = insert(tx, of, &row, &sealed, err);
	buf_fini(&sealed);
	return rc;
}

enum rc consent_withdraw(struct tx *tx, const struct consent_of *of,
			 enum consent consent, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE consent SET withdrawn_at = $1"
		    " WHERE withdrawn_at IS NULL AND consent = $2"
		    " AND (request = $3 OR booking = $4) RETURNING id");
	query_int(&q, 1, tx->now);
	query_text(&q, 2, words_name(&words_consent, (int)consent));
	query_int(&q, 3, of->request);
	query_int(&q, 4, of->booking);
	bool found = query_row(&q);
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && !found)
		rc = err_set(err, RC_STATE, "there is no such consent");
	return rc;
}

enum rc consent_list(struct tx *tx, const struct consent_of *of,
		     struct arena *arena, struct consent_row **out,
		     size_t *out_n, struct err *err)
{
	struct query q;
	struct consent_row *v = arena_array(arena, LIST_MAX, sizeof(*v));
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "the answer is too large");
	query_begin(&q, tx->db,
		    "SELECT id, consent, signer, signed_at, withdrawn_at"
		    " FROM consent WHERE request = $1 OR booking = $2"
		    " ORDER BY id LIMIT 200");
	query_int(&q, 1, of->request);
	query_int(&q, 2, of->booking);
	while (n < LIST_MAX && query_row(&q))
		v[n++] = (struct consent_row){
			.id = query_col_int(&q, 0),
			.consent =
				(enum consent)rows_word(&q, 1, &words_consent),
			.signer = (enum signer)rows_word(&q, 2, &words_signer),
			.signed_at = query_col_int(&q, 3),
			.withdrawn_at = query_col_int(&q, 4),
		};
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

enum rc consent_open(struct tx *tx, const struct consent_of *of, int64_t id,
		     struct arena *arena, struct papers *out, struct err *err)
{
	struct seal_place place = place_of(of, id);

	return papers_open(tx, &place,
			   "SELECT papers FROM consent WHERE id = $1", arena,
			   out, err);
}
