/* What an agreement says about the day of its sessions (network.h). */
#include "daemon/store/network_set.h"
#include "daemon/store/rows.h"

static int64_t int_or_none(struct query *q, int column)
{
	return query_col_text(q, column) ? query_col_int(q, column) : INT64_MIN;
}

/* What is not said is INT64_MIN, or UNCHECKED_COUNT. */
static enum rc read_session(struct tx *tx, int64_t agreement,
			    struct session_terms *out, bool *out_found,
			    struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT early_minutes, waives, consent_minutes,"
		    " equipment_minutes, link_minutes, connected_minutes,"
		    " moves_when_late, unchecked, emergency_needs"
		    " FROM agreement_session"
		    " WHERE agreement = $1");
	query_int(&q, 1, agreement);
	*out_found = query_row(&q);
	if (*out_found)
		*out = (struct session_terms){
			.early = int_or_none(&q, 0),
			.waives = (consentset)query_col_int(&q, 1),
			.consent = int_or_none(&q, 2),
			.equipment = int_or_none(&q, 3),
			.link = int_or_none(&q, 4),
			.connected = int_or_none(&q, 5),
			.moves_when_late = query_col_int(&q, 6) != 0,
			.unchecked = query_col_null(&q, 7)
					     ? UNCHECKED_COUNT
					     : (enum unchecked)rows_word(
						       &q, 7, &words_unchecked),
			.insists = (gateset)query_col_int(&q, 8),
		};
	return query_end(&q, err);
}

static bool same(const struct session_terms *a, const struct session_terms *b)
{
	return a->early == b->early && a->waives == b->waives &&
	       a->consent == b->consent && a->equipment == b->equipment &&
	       a->link == b->link && a->connected == b->connected &&
	       a->moves_when_late == b->moves_when_late &&
	       a->unchecked == b->unchecked && a->insists == b->insists;
}

static enum rc write_session(struct tx *tx, int64_t agreement,
			     const struct session_terms *in, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO agreement_session (agreement, early_minutes,"
		    " waives, consent_minutes, equipment_minutes,"
		    " link_minutes, connected_minutes, moves_when_late,"
		    " unchecked, emergency_needs)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	query_int(&q, 1, agreement);
	query_int_or_null(&q, 2, in->early, INT64_MIN);
	query_int(&q, 3, (int64_t)in->waives);
	query_int_or_null(&q, 4, in->consent, INT64_MIN);
	query_int_or_null(&q, 5, in->equipment, INT64_MIN);
	query_int_or_null(&q, 6, in->link, INT64_MIN);
	query_int_or_null(&q, 7, in->connected, INT64_MIN);
	query_int(&q, 8, in->moves_when_late);
	query_text(&q, 9,
		   in->unchecked == UNCHECKED_COUNT
			   ? NULL
			   : words_name(&words_unchecked, (int)in->unchecked));
	query_int(&q, 10, (int64_t)in->insists);
	return query_end(&q, err);
}

enum rc network_put_session(struct tx *tx, int64_t agreement,
			    const struct session_terms *in,
			    enum network_put *out, struct err *err)
{
	struct session_terms had;
	bool found;
	enum rc rc = read_session(tx, agreement, &had, &found, err);

	if (rc != RC_OK || (in ? found && same(in, &had) : !found))
		return rc;
	network_note_change(out);
	if (found)
		rc = network_delete_of(tx,
				       "DELETE FROM agreement_session"
				       " WHERE agreement = $1",
				       agreement, err);
	return rc == RC_OK && in ? write_session(tx, agreement, in, err) : rc;
}

enum rc network_read_session(struct tx *tx, struct arena *arena,
			     int64_t agreement,
			     const struct session_terms **out, struct err *err)
{
	struct session_terms *terms = arena_alloc(arena, sizeof(*terms));
	bool found;

	*out = NULL;
	if (!terms)
		return err_set(err, RC_NOMEM, "the network is too large");
	enum rc rc = read_session(tx, agreement, terms, &found, err);

	if (found)
		*out = terms;
	return rc;
}

static int64_t or_else(int64_t said, int64_t otherwise)
{
	return said == INT64_MIN ? otherwise : said;
}

enum rc network_session_terms(struct tx *tx, int64_t agreement,
			      struct session_terms *out, struct err *err)
{
	const struct session_terms *d = &session_terms_default;
	struct session_terms said;
	bool found;
	enum rc rc = read_session(tx, agreement, &said, &found, err);

	*out = *d;
	if (rc != RC_OK || !found)
		return rc;
	*out = (struct session_terms){
		.early = or_else(said.early, d->early),
		.waives = said.waives,
		.consent = or_else(said.consent, d->consent),
		.equipment = or_else(said.equipment, d->equipment),
		.link = or_else(said.link, d->link),
		.connected = or_else(said.connected, d->connected),
		.moves_when_late = said.moves_when_late,
		.unchecked = said.unchecked == UNCHECKED_COUNT ? d->unchecked
							       : said.unchecked,
		.insists = said.insists,
	};
	return RC_OK;
}
