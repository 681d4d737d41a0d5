/* The rows of a plan (booking.h): claims with the bookings behind them. */
#include <string.h>

#include "base/civil.h"
#include "daemon/store/booking.h"
#include "daemon/store/booking_row.h"
#include "daemon/store/calendar.h"
#include "daemon/store/co_expert.h"
#include "daemon/store/rows.h"
#include "daemon/store/site.h"

/* What a plan shows of a booking. Who and where it is has a name that seldom
 * changes: not joined, but asked of what the connection keeps. */
#define SQL_BRIEF                                                              \
	"b.id, b.code, b.status, b.kind, b.lead, b.partner, b.expert,"         \
	" b.hold_until, (SELECT r.code FROM request r WHERE r.id = "           \
	"b.request),"                                                          \
	" " SQL_ALSO

/* An expert's claim says where it is. */
#define SQL_PLACE                                                              \
	"coalesce(c.place, (SELECT pc.subject FROM claim pc"                   \
	" WHERE pc.booking = b.id AND pc.role IN ('lead-studio', 'place')))"

/* Of a site its own room, where it has one of them. */
#define SQL_PLACE_OF_SITE                                                      \
	"(SELECT p.id FROM claim pc JOIN subject p ON p.id = pc.subject"       \
	" WHERE pc.booking = b.id AND pc.role IN ('lead-studio', 'place',"     \
	"  'operating-room', 'partner-studio', 'bed')"                         \
	" ORDER BY p.site <> $1, pc.role DESC LIMIT 1)"

enum brief {
	BRIEF_ID,
	BRIEF_CODE,
	BRIEF_STATUS,
	BRIEF_KIND,
	BRIEF_LEAD,
	BRIEF_PARTNER,
	BRIEF_EXPERT,
	BRIEF_HOLD,
	BRIEF_REQUEST,
	BRIEF_ALSO,
	BRIEF_FROM,
	BRIEF_TO,
	BRIEF_ROLE,
	BRIEF_PLACE,
};

/* The last ones met: mostly the next row has them too. */
struct named {
	int64_t id; /* 0: none */
	const char *slug;
};
struct names {
	struct calendar_loader loader;
	struct named lead, partner, expert, place;
};

static enum rc name_site(struct names *names, struct named *last, int64_t id,
			 const char **out, struct err *err)
{
	struct site site;
	enum rc rc = RC_OK;

	if (last->id != id) {
		rc = site_by_id(names->loader.tx, id, names->loader.arena,
				&site, err);
		if (rc == RC_OK)
			*last = (struct named){id, site.slug};
	}
	*out = last->slug;
	return rc;
}

static enum rc name_subject(struct names *names, struct named *last, int64_t id,
			    const char **out, struct err *err)
{
	struct core_subject subject;
	enum rc rc = RC_OK;

	if (last->id != id) {
		rc = calendar_subject(&names->loader, id, &subject, err);
		if (rc == RC_OK)
			*last = (struct named){id, subject.slug};
	}
	*out = last->slug;
	return rc;
}

static enum rc name_all(struct names *names, int64_t place,
			struct booking_entry *e, struct err *err)
{
	struct booking *b = &e->booking;
	enum rc rc =
		name_site(names, &names->lead, b->lead, &b->lead_slug, err);

	if (rc == RC_OK)
		rc = name_site(names, &names->partner, b->partner,
			       &b->partner_slug, err);
	if (rc == RC_OK && b->expert)
		rc = name_subject(names, &names->expert, b->expert,
				  &b->expert_slug, err);
	if (rc == RC_OK && place)
		rc = name_subject(names, &names->place, place, &e->place, err);
	return rc;
}

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
	*out = (struct booking_entry){
		.from = query_col_int(q, BRIEF_FROM),
		.to = query_col_int(q, BRIEF_TO),
		.role = (enum claim_role)rows_word(q, BRIEF_ROLE,
						   &words_claim_role),
		.booking = {
			.id = query_col_int(q, BRIEF_ID),
			.status = (enum booking_status)rows_word(
				q, BRIEF_STATUS, &words_booking_status),
			.kind = (enum kind)rows_word(q, BRIEF_KIND,
						     &words_kind),
			.lead = query_col_int(q, BRIEF_LEAD),
			.partner = query_col_int(q, BRIEF_PARTNER),
			.expert = query_col_int(q, BRIEF_EXPERT),
			.hold_until = query_col_int(q, BRIEF_HOLD),
		}};
	rows_code(q, BRIEF_CODE, &out->booking.code);
	rows_code(q, BRIEF_REQUEST, &out->booking.request_code);
	enum rc rc = co_expert_read(query_col_text(q, BRIEF_ALSO), arena,
				    &out->booking);

	if (q->rc == RC_OK)
		q->rc = rc;
}

static enum rc read_entries(struct tx *tx, struct query *q, struct arena *arena,
			    struct booking_entry **out, size_t *out_n,
			    struct err *err)
{
	struct names names = {
		.loader = {.tx = tx, .arena = arena, .bare = true}};
	struct booking_entry *v = NULL;
	size_t n = 0, cap = 0;
	bool cut = false, full = false;
	enum rc named = RC_OK;

	while (!cut && !full && named == RC_OK && query_row(q)) {
		cut = n == BOOKING_ENTRIES_MAX;
		if (!cut)
			v = entry_room(arena, v, n, &cap);
		full = !v;
		if (cut || full)
			continue;
		entry_from_row(q, arena, &v[n]);
		named = name_all(&names, query_col_int(q, BRIEF_PLACE), &v[n++],
				 err);
	}
	*out = v;
	*out_n = n;
	enum rc rc = query_end(q, named == RC_OK ? err : NULL);

	if (named != RC_OK)
		return named;
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
		    "SELECT " SQL_BRIEF
		    ", c.from_time, c.to_time, c.role, " SQL_PLACE
		    " FROM claim c JOIN booking b ON b.id = c.booking"
		    " WHERE c.subject = $1 AND c.from_time < $2"
		    " AND c.from_time > $3 - (SELECT s.longest"
		    "  FROM subject s WHERE s.id = $1)"
		    " AND c.to_time > $3"
		    " AND (c.hold_until = 0 OR c.hold_until > $4)"
		    " ORDER BY c.from_time, c.booking");
	query_int(&q, 1, subject);
	query_int(&q, 2, span.to);
	query_int(&q, 3, span.from);
	query_int(&q, 4, tx->now);
	return read_entries(tx, &q, arena, out, out_n, err);
}

/* No booking is longer than a session may be, nor the operation about it; but
 * for a bed. */
#define ENTRY_LONGEST (CORE_MINUTES_MAX * 60)
#define ENTRY_AROUND (CORE_MINUTES_MAX * 60)
#define ENTRY_LYING ((int64_t)CORE_STAY_MAX * CIVIL_DAY)
#define OF_SITE                                                                \
	"SELECT b.id FROM agreement a JOIN booking b ON b.agreement = a.id"    \
	" WHERE (a.lead = $1 OR a.partner = $1) AND b.from_time < $2"

enum rc booking_entries_of_site(struct tx *tx, int64_t site,
				struct core_span span, struct arena *arena,
				struct booking_entry **out, size_t *out_n,
				struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT " SQL_BRIEF ", b.from_time - 60 * b.before_minutes,"
		    " b.to_time + 60 * b.after_minutes, 'expert',"
		    " " SQL_PLACE_OF_SITE " FROM (" OF_SITE
		    " AND b.from_time >= $3 UNION " OF_SITE
		    "  AND b.kind = 'referral' AND b.from_time >= $4"
		    "  AND b.from_time < $3 AND b.to_time > $5) x"
		    " JOIN booking b ON b.id = x.id"
		    " WHERE b.from_time - 60 * b.before_minutes < $6"
		    " AND b.to_time + 60 * b.after_minutes > $5"
		    " AND " SQL_LIVE("$7") " ORDER BY b.from_time, b.id");
	query_int(&q, 1, site);
	query_int(&q, 2, span.to + ENTRY_AROUND);
	query_int(&q, 3, span.from - ENTRY_LONGEST - ENTRY_AROUND);
	query_int(&q, 4, span.from - ENTRY_LYING);
	query_int(&q, 5, span.from);
	query_int(&q, 6, span.to);
	query_int(&q, 7, tx->now);
	return read_entries(tx, &q, arena, out, out_n, err);
}
