/* The rows of a plan (booking.h): claims with the bookings behind them. */
#include <string.h>

#include "daemon/store/booking.h"
#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

#define SQL_PLACE                                                              \
	"(SELECT p.slug FROM claim pc JOIN subject p ON p.id = pc.subject"     \
	" WHERE pc.booking = b.id AND pc.role IN ('lead-studio', 'place'))"

/* Of a site its own room, where it has one of them. */
#define SQL_PLACE_OF_SITE                                                      \
	"(SELECT p.slug FROM claim pc JOIN subject p ON p.id = pc.subject"     \
	" WHERE pc.booking = b.id AND pc.role IN ('lead-studio', 'place',"     \
	"  'operating-room', 'partner-studio')"                                \
	" ORDER BY p.site <> $1, pc.role DESC LIMIT 1)"

/* Room for one more entry in the arena's array; NULL when it is full. */
static struct booking_entry *
entry_room(struct arena *arena, struct booking_entry *v, size_t n, size_t *cap)
{
	if (n < *cap)
		return v;
	*cap = *cap ? 2 * *cap : 32;
	struct booking_entry *bigger = arena_array(arena, *cap, sizeof(*v));

	if (bigger && n)
		memcpy(bigger, v, n * sizeof(*v));
	return bigger;
}

static void entry_from_row(struct query *q, struct arena *arena,
			   struct booking_entry *out)
{
	booking_from_row(q, arena, &out->booking);
	out->from = query_col_int(q, BOOKING_COLUMNS);
	out->to = query_col_int(q, BOOKING_COLUMNS + 1);
	out->role = (enum claim_role)rows_word(q, BOOKING_COLUMNS + 2,
					       &words_claim_role);
	out->place = query_col_dup(q, BOOKING_COLUMNS + 3, arena);
}

static enum rc read_entries(struct query *q, struct arena *arena,
			    struct booking_entry **out, size_t *out_n,
			    struct err *err)
{
	struct booking_entry *v = NULL;
	size_t n = 0, cap = 0;
	bool cut = false, full = false;

	while (!cut && !full && query_row(q)) {
		cut = n == BOOKING_ENTRIES_MAX;
		if (!cut)
			v = entry_room(arena, v, n, &cap);
		full = !v;
		if (!cut && !full)
			entry_from_row(q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && full)
		rc = err_set(err, RC_NOMEM, "no memory for the plan");
	if (rc == RC_OK && cut)
		rc = err_set(err, RC_TOO_LARGE,
			     "the plan is too long; ask for fewer days");
	return rc;
}

enum rc booking_entries_of_subject(struct tx *tx, int64_t subject,
				   struct core_span span, struct arena *arena,
				   struct booking_entry **out, size_t *out_n,
				   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT " SQL_COLUMNS
		    ", c.from_time, c.to_time, c.role, " SQL_PLACE
		    " FROM claim c JOIN booking b ON b.id = c.booking" SQL_JOINS
		    " WHERE c.subject = $1 AND c.from_time < $2"
		    " AND c.from_time > $3 - (SELECT s.longest"
		    "  FROM subject s WHERE s.id = $1)"
		    " AND c.to_time > $3"
		    " AND (c.hold_until = 0 OR c.hold_until > $4)"
		    " ORDER BY c.from_time, b.id");
	query_int(&q, 1, subject);
	query_int(&q, 2, span.to);
	query_int(&q, 3, span.from);
	query_int(&q, 4, tx->now);
	return read_entries(&q, arena, out, out_n, err);
}

/* No booking is longer than a session may be, nor the operation about it. */
#define ENTRY_LONGEST (CORE_MINUTES_MAX * 60)
#define ENTRY_AROUND (CORE_MINUTES_MAX * 60)

enum rc booking_entries_of_site(struct tx *tx, int64_t site,
				struct core_span span, struct arena *arena,
				struct booking_entry **out, size_t *out_n,
				struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT " SQL_COLUMNS
		    ", b.from_time - 60 * b.before_minutes,"
		    " b.to_time + 60 * b.after_minutes, 'expert',"
		    " " SQL_PLACE_OF_SITE " FROM booking b" SQL_JOINS
		    " WHERE (b.lead = $1 OR b.partner = $1)"
		    " AND b.from_time < $2 AND b.from_time >= $3"
		    " AND b.from_time - 60 * b.before_minutes < $4"
		    " AND b.to_time + 60 * b.after_minutes > $5"
		    " AND " SQL_LIVE("$6") " ORDER BY b.from_time, b.id");
	query_int(&q, 1, site);
	query_int(&q, 2, span.to + ENTRY_AROUND);
	query_int(&q, 3, span.from - ENTRY_LONGEST - ENTRY_AROUND);
	query_int(&q, 4, span.to);
	query_int(&q, 5, span.from);
	query_int(&q, 6, tx->now);
	return read_entries(&q, arena, out, out_n, err);
}
