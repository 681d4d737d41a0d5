/*
 * Pages of bookings (booking.h), by start.
 *
 * What a site sees is merged from its agreements, which stand in one index by
 * agreement and start: a window of time is read of all of them, from the first
 * booking there is on, and then larger ones until the page is full. What an
 * expert sees is found by the claims where it is pending or booked, and in an
 * index of its own where it is anything else.
 */
#include "daemon/store/booking.h"
#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

#define WINDOW INT64_C(86400) /* the first; each is four times as long */
#define WIDER 4

/* Word for word as the index booking_expert has it. */
#define IS_OVER "b.expert IS NOT NULL AND b.status NOT IN ('pending', 'booked')"

/* $1: from then on; $2, $3: the site as lead and as partner, $4: the expert. */
static const char SQL_FIRST[] =
	"SELECT min(at) FROM (SELECT"
	"  (SELECT b.from_time FROM booking b WHERE b.agreement = a.id"
	"   AND b.from_time >= $1 ORDER BY b.from_time LIMIT 1) AS at"
	"  FROM agreement a WHERE a.lead = $2 OR a.partner = $3"
	" UNION ALL SELECT"
	"  (SELECT c.from_time FROM claim c WHERE c.subject = $4"
	"   AND c.from_time >= $1 ORDER BY c.from_time LIMIT 1)"
	" UNION ALL SELECT"
	"  (SELECT b.from_time FROM booking b WHERE b.expert = $4 AND " IS_OVER
	"   AND b.from_time >= $1 ORDER BY b.from_time LIMIT 1)"
	" UNION ALL SELECT (SELECT min(b.from_time) FROM co_expert cx"
	"   JOIN booking b ON b.id = cx.booking WHERE cx.expert = $4"
	"   AND b.from_time >= $1)) f";

#define STATUS SQL_STATUS("CAST($8 AS BIGINT)")
/* Those of a sort that are in the window, after the cursor, and as asked for;
 * parameters are numbered as the first sort meets them. */
#define PAGE_OF(from, whose, start)                                            \
	" SELECT * FROM (SELECT b.id, b.from_time FROM " from "  WHERE " whose \
	"  AND " start " >= $3 AND " start " < $4"                             \
	"  AND (b.from_time > $5 OR b.id > $6)"                                \
	"  AND (CAST($7 AS TEXT) IS NULL"                                      \
	"   OR " STATUS " = CAST($7 AS TEXT))"                                 \
	"  AND (CAST($9 AS TEXT) IS NULL"                                      \
	"   OR (SELECT id FROM site WHERE slug = CAST($9 AS TEXT))"            \
	"    IN (b.lead, b.partner))"                                          \
	"  AND (CAST($10 AS TEXT) IS NULL OR " SQL_IS_EXPERT(                  \
		"(SELECT id "                                                  \
		"FROM subject "                                                \
		"WHERE slug = "                                                \
		"CAST($10 AS "                                                 \
		"TEXT))") ")"                                                  \
			  "  "                                                 \
			  "AND "                                               \
			  "(CAST"                                              \
			  "($11 "                                              \
			  "AS "                                                \
			  "TEXT)"                                              \
			  " IS "                                               \
			  "NULL "                                              \
			  "OR "                                                \
			  "b."                                                 \
			  "kind "                                              \
			  "= "                                                 \
			  "CAST("                                              \
			  "$11 "                                               \
			  "AS "                                                \
			  "TEXT)"                                              \
			  ")"                                                  \
			  "  "                                                 \
			  "ORDER"                                              \
			  " BY"                                                \
			  " " start ", "                                       \
			  "b.id "                                              \
			  "LIMIT"                                              \
			  " $12)"

#define AS_SITE                                                                \
	PAGE_OF("agreement a JOIN booking b ON b.agreement = a.id",            \
		"(a.lead = $1 OR a.partner = $2)", "b.from_time")
#define AS_CLAIMED                                                             \
	PAGE_OF("claim c JOIN booking b ON b.id = c.booking",                  \
		"c.subject = $13 AND c.role = 'expert'"                        \
		" AND b.status IN ('pending', 'booked')",                      \
		"c.from_time")
#define AS_OVER                                                                \
	PAGE_OF("booking b", "b.expert = $13 AND " IS_OVER, "b.from_time")
/* Those beside the first who has it. */
#define AS_BESIDE                                                              \
	PAGE_OF("co_expert cx JOIN booking b ON b.id = cx.booking",            \
		"cx.expert = $13 AND " IS_OVER, "b.from_time")
#define SQL_PAGE                                                               \
	SQL_BOOKING                                                            \
	" WHERE b.id IN (SELECT id FROM (" AS_SITE " UNION" AS_CLAIMED         \
	" UNION" AS_OVER " UNION" AS_BESIDE                                    \
	") ORDER BY from_time, id LIMIT $12) ORDER BY b.from_time, b.id"

struct page {
	struct booking *v;
	size_t n;
	int64_t from, to; /* the window */
};

/* Where the next booking there is begins, from page->from on; false: none. */
static enum rc find_first(struct tx *tx, const struct list_filter *f,
			  struct page *page, bool *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_FIRST);
	query_int(&q, 1, page->from);
	query_int(&q, 2, f->as_lead);
	query_int(&q, 3, f->as_partner);
	query_int(&q, 4, f->as_expert);
	*out = query_row(&q) && !query_col_null(&q, 0);
	if (*out)
		page->from = query_col_int(&q, 0);
	return query_end(&q, err);
}

static enum rc read_window(struct tx *tx, const struct list_filter *f,
			   struct arena *arena, struct page *page,
			   struct err *err)
{
	int64_t room = f->limit - (int64_t)page->n;
	struct query q;

	/* All that it is made of is read of those that are listed alone. */
	query_begin(&q, tx->db, SQL_PAGE);
	query_int(&q, 1, f->as_lead);
	query_int(&q, 2, f->as_partner);
	query_int(&q, 3, page->from);
	query_int(&q, 4, page->to);
	query_int(&q, 5, f->after ? f->after_key : INT64_MIN);
	query_int(&q, 6, f->after ? f->after_id : 0);
	query_text(&q, 7, f->status);
	query_int(&q, 8, tx->now);
	query_text(&q, 9, f->site);
	query_text(&q, 10, f->expert);
	query_text(&q, 11,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_int(&q, 12, room);
	query_int(&q, 13, f->as_expert);
	while (room-- > 0 && query_row(&q))
		booking_from_row(&q, arena, &page->v[page->n++]);
	return query_end(&q, err);
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The end of a window that begins there. */
static int64_t end_of(int64_t from, int64_t length, int64_t to)
{
	return from > INT64_MAX - length || from + length > to ? to
							       : from + length;
}

enum rc booking_list(struct tx *tx, const struct list_filter *f,
		     struct arena *arena, struct booking **out, size_t *out_n,
		     struct err *err)
{
	int64_t to = f->to == INT64_MIN ? INT64_MAX : f->to;
	int64_t length = WINDOW;
	struct page page = {
		.v = arena_array(arena, (size_t)f->limit, sizeof(*page.v)),
		.from = later(f->from, f->after ? f->after_key : INT64_MIN)};
	bool any = true;
	enum rc rc = RC_OK;

	if (!page.v)
		return err_set(err, RC_NOMEM, "the list is too long");
	while (rc == RC_OK && any && (int64_t)page.n < f->limit) {
		rc = find_first(tx, f, &page, &any, err);
		any = any && page.from < to;
		page.to = end_of(page.from, length, to);
		if (rc == RC_OK && any)
			rc = read_window(tx, f, arena, &page, err);
		page.from = page.to;
		length = length < INT64_MAX / WIDER ? length * WIDER : length;
	}
	*out = page.v;
	*out_n = page.n;
	return rc;
}
