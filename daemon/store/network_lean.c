#include "daemon/store/network_lean.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/store/booking_row.h"
#include "daemon/store/network_read.h"
#include "daemon/store/rows.h"

#define LEANINGS_FIRST 256

/* --- the list --- */

static int by_start(const void *a, const void *b)
{
	const struct network_leaning *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void network_leanings_end(struct network_leanings *list)
{
	size_t n = 0;

	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_start);
	for (size_t i = 0; i < list->n; i++) {
		if (!n || by_start(&list->v[n - 1], &list->v[i]))
			list->v[n++] = list->v[i];
	}
	list->n = n;
}

/* A booking is found by way of everything it claims: the list grows only when
 * it is full of different ones. */
static bool make_room(struct network_leanings *list)
{
	network_leanings_end(list);
	if (list->room && list->n <= list->room / 2)
		return true;
	size_t room = list->room ? 2 * list->room : LEANINGS_FIRST;
	struct network_leaning *v = arena_array(list->arena, room, sizeof(*v));

	if (!v)
		return false;
	if (list->n)
		memcpy(v, list->v, list->n * sizeof(*v));
	list->v = v;
	list->room = room;
	return true;
}

/* Every row of a begun query, which has a booking's id and start. */
static enum rc gather(struct query *q, struct network_leanings *list,
		      struct err *err)
{
	while (query_row(q)) {
		if (list->n == list->room && !make_room(list)) {
			q->rc = RC_NOMEM;
			break;
		}
		list->v[list->n++] = (struct network_leaning){
			query_col_int(q, 0), query_col_int(q, 1)};
	}
	enum rc rc = query_end(q, err);

	return rc == RC_NOMEM ? err_set(err, rc,
					"too many bookings lean on what"
					" changes")
			      : rc;
}

/* --- who leans on what; $1: the name, $2: now --- */

#define NOW "CAST($2 AS BIGINT)"
#define OPEN SQL_TO_COME(NOW)
/* Claims that have not ended, by the clustered key: none is longer than the
 * subject's longest. */
#define CLAIMED                                                                \
	" JOIN claim c ON c.subject = s.id"                                    \
	"  AND c.from_time > " NOW " - s.longest AND c.to_time > " NOW         \
	" JOIN booking b ON b.id = c.booking WHERE " OPEN
/* The longest session is a day, but for a bed (core/model.h). */
#define COMING " AND b.from_time > " NOW " - 86400 AND " OPEN
#define LYING                                                                  \
	" AND b.kind = 'referral' AND b.from_time > " NOW " - 181 * 86400"     \
	" AND b.from_time <= " NOW " - 86400 AND " OPEN
_Static_assert(CORE_STAY_MAX == 181, "as the statement says");

static const char SQL_SUBJECT[] =
	"SELECT b.id, b.from_time FROM"
	" (SELECT id, longest FROM subject WHERE slug = $1) s" CLAIMED;

static const char SQL_AGREEMENT[] =
	"SELECT b.id, b.from_time FROM"
	" (SELECT id FROM agreement WHERE slug = $1) a"
	" JOIN booking b ON b.agreement = a.id" COMING
	" UNION SELECT b.id, b.from_time FROM"
	" (SELECT id FROM agreement WHERE slug = $1) a"
	" JOIN booking b ON b.agreement = a.id" LYING;

static const char *const sql_site[] = {
	"SELECT b.id, b.from_time FROM (SELECT s.id, s.longest FROM site t"
	"  JOIN subject s ON s.site = t.id AND s.type <> 'patient'"
	"  WHERE t.slug = $1) s" CLAIMED,
	"SELECT b.id, b.from_time FROM (" NETWORK_SECONDED ") s" CLAIMED,
	"SELECT b.id, b.from_time FROM (SELECT id FROM site WHERE slug = $1) t"
	" JOIN agreement a ON a.lead = t.id OR a.partner = t.id"
	" JOIN booking b ON b.agreement = a.id" COMING,
	"SELECT b.id, b.from_time FROM (SELECT id FROM site WHERE slug = $1) t"
	" JOIN agreement a ON a.lead = t.id OR a.partner = t.id"
	" JOIN booking b ON b.agreement = a.id" LYING,
};

static enum rc ask(struct tx *tx, const char *sql, const char *name,
		   struct network_leanings *list, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, sql);
	query_text(&q, 1, name);
	query_int(&q, 2, tx->now);
	return gather(&q, list, err);
}

static enum rc lean_on_site(struct tx *tx, const char *name,
			    struct network_leanings *list, struct err *err)
{
	enum rc rc = RC_OK;

	for (size_t i = 0;
	     rc == RC_OK && i < sizeof(sql_site) / sizeof(sql_site[0]); i++)
		rc = ask(tx, sql_site[i], name, list, err);
	return rc;
}

static const char SQL_WHO_IS_THERE[] =
	"SELECT b.id, b.from_time FROM (SELECT DISTINCT x.expert FROM"
	"  (SELECT id, longest FROM subject WHERE slug = $1 UNION ALL"
	"   SELECT r.id, r.longest FROM site t JOIN subject r ON r.site = t.id"
	"    AND r.type <> 'patient' WHERE t.slug = $1) s"
	"  JOIN claim c ON c.subject = s.id"
	"   AND c.from_time > " NOW " - s.longest AND c.to_time > " NOW
	"  JOIN booking x ON x.id = c.booking) e"
	" JOIN subject s ON s.id = e.expert" CLAIMED;

static enum rc lean_on_end(struct tx *tx, const char *name,
			   struct network_leanings *list, struct err *err)
{
	enum rc rc = strchr(name, '/') ? ask(tx, SQL_SUBJECT, name, list, err)
				       : lean_on_site(tx, name, list, err);

	return rc == RC_OK ? ask(tx, SQL_WHO_IS_THERE, name, list, err) : rc;
}

static enum rc lean_on_calendar(struct tx *tx, const char *name,
				struct network_leanings *list, struct err *err)
{
	struct network_list sites;
	enum rc rc = network_read_sites(tx, list->arena, &sites, err);
	const struct network_site *v = sites.v;

	for (size_t i = 0; rc == RC_OK && i < sites.n; i++) {
		if (v[i].calendar && !strcmp(v[i].calendar, name))
			rc = lean_on_site(tx, v[i].slug, list, err);
	}
	return rc;
}

enum rc network_lean_on(struct tx *tx, enum network_part part, const char *name,
			struct network_leanings *list, struct err *err)
{
	switch (part) {
	case NETWORK_OF_AGREEMENT:
		return ask(tx, SQL_AGREEMENT, name, list, err);
	case NETWORK_OF_SITE:
		return lean_on_site(tx, name, list, err);
	case NETWORK_OF_CALENDAR:
		return lean_on_calendar(tx, name, list, err);
	case NETWORK_OF_END:
		return lean_on_end(tx, name, list, err);
	case NETWORK_OF_SUBJECT:
		break;
	}
	return ask(tx, SQL_SUBJECT, name, list, err);
}

/* --- bookings --- */

enum rc network_is_booked(struct tx *tx, bool *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "SELECT 1 FROM claim LIMIT 1");
	*out = query_row(&q);
	return query_end(&q, err);
}

enum rc network_leaning_booking(struct tx *tx, int64_t id, struct arena *arena,
				struct booking *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_BOOKING " WHERE b.id = $1");
	query_int(&q, 1, id);
	bool found = query_row(&q);

	if (found)
		booking_from_row(&q, arena, out);
	return rows_end_found(&q, found, "booking", err);
}
