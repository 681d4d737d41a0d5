#include "daemon/store/check_list.h"

#include "base/buf.h"
#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/core/session.h"
#include "daemon/store/rows.h"

/* As far as they may begin to be looked at before their time, and be late after
 * it: what the network file allows. */
#define REACH ((int64_t)CIVIL_DAY)
#define KINDS_MAX 1024

/* $4: now. Bookings as they are found for other lists (day.c). */
#define OPEN                                                                   \
	"b.status IN ('booked', 'arrived') AND b.to_time > $4"                 \
	" AND b.from_time > $5 AND b.from_time < $6"
#define OF_SIDES                                                               \
	" SELECT b.id FROM agreement a JOIN booking b ON b.agreement = a.id"   \
	" WHERE " OPEN " AND (a.lead = $7 OR a.partner = $8)"
#define OF_EXPERT                                                              \
	" SELECT b.id FROM claim c JOIN booking b ON b.id = c.booking"         \
	" WHERE c.subject = $9 AND c.role = 'expert' AND " OPEN

/* How far somebody has looked at the end, as its number among words_check. */
#define LAST                                                                   \
	"coalesce((SELECT max(CASE k.what WHEN 'equipment' THEN 0"             \
	" WHEN 'link' THEN 1 ELSE 2 END) FROM session_check k"                 \
	" WHERE k.booking = b.id AND k.site = e.site), -1)"
#define ENDS                                                                   \
	"(SELECT b.id AS booking, 0 AS side, b.lead AS site FROM booking b"    \
	"  WHERE b.id IN (" OF_SIDES " UNION" OF_EXPERT ")"                    \
	" UNION ALL"                                                           \
	" SELECT b.id, 1, b.partner FROM booking b"                            \
	"  WHERE b.id IN (" OF_SIDES " UNION" OF_EXPERT "))"
#define LOOKED                                                                 \
	"(SELECT b.id, b.code, b.request, b.from_time, b.agreement, b.expert," \
	" e.side, e.site, " LAST " AS last,"                                   \
	" coalesce(t.equipment_minutes, $1) AS equipment,"                     \
	" coalesce(t.link_minutes, $2) AS link,"                               \
	" coalesce(t.connected_minutes, $3) AS connected"                      \
	" FROM " ENDS " e JOIN booking b ON b.id = e.booking"                  \
	" LEFT JOIN agreement_session t ON t.agreement = b.agreement)"
#define NEXT                                                                   \
	"(SELECT l.*, CASE WHEN last < 0 AND equipment > 0 THEN 0"             \
	" WHEN last < 1 AND link > 0 THEN 1"                                   \
	" WHEN last < 2 AND connected > 0 THEN 2 END AS next FROM " LOOKED     \
	" l)"
#define BEYOND "1152921504606846976" /* 1 << 60 */
#define DUE                                                                    \
	"(SELECT n.*, " BEYOND " + n.id * 2 + n.side AS item,"                 \
	" n.from_time - 60 *"                                                  \
	" CASE n.next WHEN 0 THEN n.equipment WHEN 1 THEN n.link"              \
	" ELSE n.connected END AS due FROM " NEXT                              \
	" n WHERE n.next IS NOT NULL)"
#define SQL_LATE                                                               \
	"SELECT d.item, d.due, d.next, d.code, r.id, r.code, r.kind,"          \
	" r.status, r.urgency, ls.slug, ps.slug, xs.slug, es.slug"             \
	" FROM " DUE " d JOIN request r ON r.id = d.request"                   \
	" JOIN site ls ON ls.id = r.lead JOIN site ps ON ps.id = r.partner"    \
	" JOIN site es ON es.id = d.site"                                      \
	" LEFT JOIN subject xs ON xs.id = d.expert"                            \
	" WHERE d.due >= $10 AND d.due < $11"                                  \
	" AND (d.due > $12 OR d.item > $13)"                                   \
	" AND CAST($14 AS TEXT) LIKE '%,' || r.kind || ',%'"                   \
	" AND (CAST($15 AS TEXT) IS NULL OR ls.slug = CAST($15 AS TEXT)"       \
	"  OR ps.slug = CAST($15 AS TEXT))"                                    \
	" AND (CAST($16 AS TEXT) IS NULL OR xs.slug = CAST($16 AS TEXT)"       \
	"  OR d.id IN (SELECT co.booking FROM co_expert co JOIN subject n"     \
	"   ON n.id = co.expert WHERE n.slug = CAST($16 AS TEXT)))"            \
	" ORDER BY d.due, d.item LIMIT $17"

static struct clock_item item_of(struct query *q, struct arena *arena)
{
	struct clock_item out = {
		.row = {.id = query_col_int(q, 0),
			.request = query_col_int(q, 4),
			.what = DUE_CHECK,
			.state = CLOCK_RUNNING,
			.since = query_col_int(q, 1),
			.due_at = query_col_int(q, 1)},
		.check = (int)query_col_int(q, 2),
		.kind = (enum kind)rows_word(q, 6, &words_kind),
		.status = (enum request_status)rows_word(q, 7,
							 &words_request_status),
		.urgency = (enum urgency)rows_word(q, 8, &words_urgency),
		.lead = query_col_dup(q, 9, arena),
		.partner = query_col_dup(q, 10, arena),
		.expert = query_col_dup(q, 11, arena),
		.site = query_col_dup(q, 12, arena),
	};

	rows_code(q, 3, &out.booking);
	rows_code(q, 5, &out.code);
	return out;
}

/* ",remote-consultation,imaging-consultation,": those whose sessions are looked
 * at before. */
static void list_kinds(int wanted, struct buf *out)
{
	buf_str(out, ",");
	for (int k = 0; k < KIND_COUNT; k++)
		if (kind_row((enum kind)k)->checks &&
		    (wanted < 0 || wanted == k))
			buf_printf(out, "%s,", words_name(&words_kind, k));
}

static void bind(struct query *q, const struct tx *tx,
		 const struct list_filter *f, const struct buf *kinds)
{
	const struct session_terms *d = &session_terms_default;
	int64_t from = f->from, to = f->to;

	if (f->after && f->after_key > from)
		from = f->after_key;
	if (to == INT64_MIN || to > tx->now)
		to = tx->now; /* late is what was due before now */
	query_int(q, 1, d->equipment);
	query_int(q, 2, d->link);
	query_int(q, 3, d->connected);
	query_int(q, 4, tx->now);
	query_int(q, 5, tx->now - REACH);
	query_int(q, 6, tx->now + REACH);
	query_int(q, 7, f->as_lead);
	query_int(q, 8, f->as_partner);
	query_int(q, 9, f->as_expert);
	query_int(q, 10, from);
	query_int(q, 11, to);
	query_int(q, 12, f->after ? f->after_key : INT64_MIN);
	query_int(q, 13, f->after ? f->after_id : 0);
	query_text(q, 14, buf_cstr(kinds));
	query_text(q, 15, f->site);
	query_text(q, 16, f->expert);
	query_int(q, 17, f->limit);
}

static bool is_before(const struct clock_item *a, const struct clock_item *b)
{
	return a->row.due_at != b->row.due_at ? a->row.due_at < b->row.due_at
					      : a->row.id < b->row.id;
}

/* Both are in their order; so is what they become. */
static size_t merge(const struct clock_item *a, size_t na,
		    const struct clock_item *b, size_t nb,
		    struct clock_item *out, size_t max)
{
	size_t n = 0;

	while (n < max && (na || nb)) {
		bool first = !nb || (na && is_before(a, b));

		out[n++] = first ? *a++ : *b++;
		if (first)
			na--;
		else
			nb--;
	}
	return n;
}

static enum rc read_late(struct tx *tx, const struct list_filter *f,
			 struct arena *arena, struct clock_item *out,
			 size_t *out_n, struct err *err)
{
	struct buf kinds;
	struct query q;

	*out_n = 0;
	buf_init(&kinds, KINDS_MAX);
	list_kinds(f->kind, &kinds);
	query_begin(&q, tx->db, SQL_LATE);
	bind(&q, tx, f, &kinds);
	while (*out_n < (size_t)f->limit && query_row(&q))
		out[(*out_n)++] = item_of(&q, arena);
	enum rc rc = query_end(&q, err);

	buf_fini(&kinds);
	return rc;
}

enum rc check_list_add(struct tx *tx, const struct list_filter *f,
		       struct arena *arena, struct clock_item **inout,
		       size_t *inout_n, struct err *err)
{
	const char *late = words_name(&words_clock, CLOCK_LATE);
	size_t max = (size_t)f->limit, n = 0;

	if (f->status && f->status[0] != late[0])
		return RC_OK;
	struct clock_item *checks = arena_array(arena, max, sizeof(*checks));
	struct clock_item *all = arena_array(arena, max, sizeof(*all));

	if (!checks || !all)
		return err_set(err, RC_NOMEM, "the list is too long");
	enum rc rc = read_late(tx, f, arena, checks, &n, err);

	if (rc != RC_OK || n == 0)
		return rc;
	*inout_n = merge(*inout, *inout_n, checks, n, all, max);
	*inout = all;
	return RC_OK;
}
