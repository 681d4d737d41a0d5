#include "daemon/store/clinic.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/store/rows.h"

static enum clinic_end end_of(struct query *q)
{
	int status = rows_word(q, 5, &words_booking_status);
	bool spent = query_col_int(q, 6) != 0;
	int absent = query_col_null(q, 7) ? -1 : rows_word(q, 7, &words_absent);

	if (status == BOOKING_BOOKED)
		return CLINIC_OPEN;
	if (status == BOOKING_CANCELLED)
		return spent ? CLINIC_LATE : CLINIC_CANCELLED;
	if (status != BOOKING_NOSHOW)
		return CLINIC_CAME;
	return absent == ABSENT_EXPERT || absent == ABSENT_LINK ? CLINIC_FAILED
								: CLINIC_ABSENT;
}

static int64_t month_of(const struct tz *zone, int64_t at)
{
	return local_day(zone, local_month(zone, at).from);
}

struct counting {
	struct tx *tx;
	struct arena *arena;
	struct clinic_month *v;
	size_t n;
	const struct tz *zone;
	struct core_span month; /* of the last row */
};

/* The month that the row is of: the last one, or a new one. */
static enum rc find_month(struct counting *c, struct query *q, struct err *err)
{
	const char *agreement = query_col_text(q, 0);
	int64_t at = query_col_int(q, 4);
	bool other =
		c->n == 0 || strcmp(c->v[c->n - 1].agreement, agreement) != 0;
	char zone[TZ_NAME_MAX + 1];

	if (!other && at < c->month.to)
		return RC_OK;
	if (other) {
		snprintf(zone, sizeof(zone), "%s", query_col_text(q, 3));
		enum rc rc = rows_zone(c->tx, zone, &c->zone, err);

		if (rc != RC_OK)
			return rc;
	}
	c->v = rows_grown(c->arena, c->v, c->n, sizeof(*c->v));
	if (!c->v)
		return rows_full(err);
	c->month = local_month(c->zone, at);
	c->v[c->n++] = (struct clinic_month){
		.first_day = month_of(c->zone, at),
		.agreement = query_col_dup(q, 0, c->arena),
		.lead = query_col_dup(q, 1, c->arena),
		.partner = query_col_dup(q, 2, c->arena),
	};
	return RC_OK;
}

enum rc clinic_months(struct tx *tx, const struct clinic_filter *filter,
		      struct arena *arena, struct clinic_month **out,
		      size_t *out_n, struct err *err)
{
	struct counting c = {.tx = tx, .arena = arena};
	struct query q;
	enum rc rc = RC_OK, ended;

	query_begin(&q, tx->db,
		    "SELECT a.slug, l.slug, p.slug, l.time_zone, b.from_time,"
		    " b.status, b.spent, d.absent FROM booking b"
		    " JOIN agreement a ON a.id = b.agreement"
		    " JOIN site l ON l.id = a.lead"
		    " JOIN site p ON p.id = a.partner"
		    " LEFT JOIN session_day d ON d.booking = b.id"
		    " WHERE b.kind = $1 AND b.from_time >= $2"
		    " AND b.from_time < $3 AND (b.lead = $4 OR b.partner = $5)"
		    " AND b.status NOT IN ('pending', 'released', 'lapsed')"
		    " ORDER BY a.slug, b.from_time");
	query_text(&q, 1, words_name(&words_kind, (int)filter->kind));
	query_int(&q, 2, filter->from);
	query_int(&q, 3, filter->to);
	query_int(&q, 4, filter->as_lead);
	query_int(&q, 5, filter->as_partner);
	while (rc == RC_OK && query_row(&q)) {
		rc = find_month(&c, &q, err);
		if (rc == RC_OK)
			c.v[c.n - 1].n[end_of(&q)]++;
	}
	ended = query_end(&q, rc == RC_OK ? err : NULL);
	*out = c.v;
	*out_n = c.n;
	return rc == RC_OK ? ended : rc;
}
