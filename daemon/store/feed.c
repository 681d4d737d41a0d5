#include "daemon/store/feed.h"

/* NULL: is none of them; 1: is one no more. */
#define BESIDE(expert)                                                         \
	"(SELECT y.gone FROM event_also y WHERE y.seq = e.seq"                 \
	" AND y.expert = CAST(" expert " AS BIGINT))"

void feed_begin(struct feed *feed, struct tx *tx, const struct feed_span *span)
{
	struct query *q = &feed->q;

	query_begin(q, tx->db,
		    "SELECT e.seq, e.at, e.lead, e.partner, e.thing, e.code,"
		    " e.version, e.verb, e.from_state, e.to_state, x.expert,"
		    " x.assigned, x.other, ls.slug, ps.slug, s.slug, xs.slug,"
		    " a.slug, " BESIDE("$1") ", " BESIDE(
			    "$2") " FROM event e"
				  " LEFT JOIN event_expert x ON x.seq = e.seq"
				  " LEFT JOIN site ls ON ls.id = e.lead"
				  " LEFT JOIN site ps ON ps.id = e.partner"
				  " LEFT JOIN site s ON s.id = e.actor_site"
				  " LEFT JOIN subject xs ON xs.id = x.expert"
				  " LEFT JOIN agreement a"
				  "  ON e.thing = 'agreement' AND a.id = e.id"
				  " WHERE e.seq > $3 AND e.seq <= $4 AND "
				  "e.class = 'change'"
				  " ORDER BY e.seq");
	query_int(q, 1, span->viewer);
	query_int(q, 2, span->wanted);
	query_int(q, 3, span->after);
	query_int(q, 4, span->upto);
}

static enum feed_beside beside(struct query *q, int column)
{
	if (query_col_null(q, column))
		return FEED_NOT_BESIDE;
	return query_col_int(q, column) ? FEED_BESIDE_NO_MORE : FEED_BESIDE;
}

bool feed_next(struct feed *feed, struct feed_row *out)
{
	struct query *q = &feed->q;

	if (!query_row(q))
		return false;
	*out = (struct feed_row){
		.seq = query_col_int(q, 0),
		.at = query_col_int(q, 1),
		.lead = query_col_int(q, 2),
		.partner = query_col_int(q, 3),
		.thing = query_col_text(q, 4),
		.code = query_col_text(q, 5),
		.version = query_col_int(q, 6),
		.verb = query_col_text(q, 7),
		.from_state = query_col_text(q, 8),
		.to_state = query_col_text(q, 9),
		.expert = query_col_int(q, 10),
		.assigned = query_col_int(q, 11) != 0,
		.other = query_col_int(q, 12),
		.lead_slug = query_col_text(q, 13),
		.partner_slug = query_col_text(q, 14),
		.actor_site_slug = query_col_text(q, 15),
		.expert_slug = query_col_text(q, 16),
		.agreement = query_col_text(q, 17),
		.viewer = beside(q, 18),
		.wanted = beside(q, 19),
	};
	return true;
}

enum rc feed_end(struct feed *feed, struct err *err)
{
	return query_end(&feed->q, err);
}
