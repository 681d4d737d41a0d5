/* What subjects have of their own - rules, secondments, leave - and calendars:
 * all of the network, or of one (network_read.h). */
#include "daemon/store/network_set.h"
#include "daemon/store/rows.h"

/* --- rules --- */

#define SQL_RULE                                                               \
	"SELECT s.slug, r.rrule, r.start_wall, r.end_wall, r.time_zone,"       \
	" p.slug, r.kinds, r.slot_minutes, r.on_holidays, r.exdates,"          \
	" r.rdates, r.pool FROM rule r JOIN subject s ON s.id = r.subject"     \
	" LEFT JOIN subject p ON p.id = r.place"
/* Experts first, as a file has them whose parts were entered one by one. */
#define SQL_BY_SUBJECT " ORDER BY s.type = 'expert' DESC, s.id, "

static void take_rule(struct query *q, struct arena *arena, void *out)
{
	*(struct network_stored_rule *)out = (struct network_stored_rule){
		.of = query_col_dup(q, 0, arena),
		.rule = {.rrule = query_col_dup(q, 1, arena),
			 .start = query_col_int(q, 2),
			 .end = query_col_int(q, 3),
			 .time_zone = query_col_dup(q, 4, arena),
			 .at = query_col_dup(q, 5, arena),
			 .kinds = (kindset)query_col_int(q, 6),
			 .slot_minutes = query_col_int(q, 7),
			 .on_holidays = query_col_int(q, 8) != 0,
			 .exdates = query_col_dup(q, 9, arena),
			 .rdates = query_col_dup(q, 10, arena),
			 .pool = query_col_dup(q, 11, arena)},
	};
}

static enum rc read_rules(struct query *q, struct arena *arena,
			  struct network_list *out, struct err *err)
{
	return network_read_rows(q, arena, sizeof(struct network_stored_rule),
				 take_rule, out, err);
}

enum rc network_read_rules(struct tx *tx, struct arena *arena,
			   struct network_list *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_RULE " WHERE r.secondment IS NULL" SQL_BY_SUBJECT
			     "r.id");
	return read_rules(&q, arena, out, err);
}

enum rc network_read_rules_of(struct tx *tx, int64_t subject,
			      struct arena *arena, struct network_list *out,
			      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_RULE " WHERE r.secondment IS NULL AND r.subject = $1"
			     " ORDER BY r.id");
	query_int(&q, 1, subject);
	return read_rules(&q, arena, out, err);
}

/* --- secondments --- */

static void take_secondment(struct query *q, struct arena *arena, void *out)
{
	*(struct network_stored_secondment *)out =
		(struct network_stored_secondment){
			.id = query_col_int(q, 0),
			.subject = query_col_int(q, 1),
			.expert = query_col_dup(q, 2, arena),
			.secondment = {.site = query_col_dup(q, 3, arena),
				       .from = query_col_int(q, 4),
				       .to = query_col_int(q, 5),
				       .remote_requests =
					       query_col_dup(q, 6, arena),
				       .note = query_col_dup(q, 7, arena)},
		};
}

#define SQL_SECONDMENT                                                         \
	"SELECT d.id, s.id, s.slug, t.slug, d.first_day, d.last_day,"          \
	" d.remote_requests, d.note FROM secondment d"                         \
	" JOIN subject s ON s.id = d.expert"                                   \
	" JOIN site t ON t.id = d.site"

static enum rc read_secondments(struct tx *tx, struct query *q,
				struct arena *arena, struct network_list *out,
				struct err *err)
{
	enum rc rc = network_read_rows(q, arena,
				       sizeof(struct network_stored_secondment),
				       take_secondment, out, err);
	struct network_stored_secondment *v = out->v;

	for (size_t i = 0; rc == RC_OK && i < out->n; i++) {
		query_begin(q, tx->db,
			    SQL_RULE " WHERE r.subject = $1"
				     " AND r.secondment = $2 ORDER BY r.id");
		query_int(q, 1, v[i].subject);
		query_int(q, 2, v[i].id);
		rc = read_rules(q, arena, &v[i].rules, err);
	}
	return rc;
}

enum rc network_read_secondments(struct tx *tx, struct arena *arena,
				 struct network_list *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_SECONDMENT SQL_BY_SUBJECT "d.id");
	return read_secondments(tx, &q, arena, out, err);
}

enum rc network_read_secondments_of(struct tx *tx, int64_t subject,
				    struct arena *arena,
				    struct network_list *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_SECONDMENT " WHERE d.expert = $1 ORDER BY d.id");
	query_int(&q, 1, subject);
	return read_secondments(tx, &q, arena, out, err);
}

enum rc network_read_secondments_at(struct tx *tx, int64_t site,
				    struct arena *arena,
				    struct network_list *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_SECONDMENT " WHERE d.site = $1 OR s.site = $1"
				   " ORDER BY d.first_day, s.slug");
	query_int(&q, 1, site);
	return read_secondments(tx, &q, arena, out, err);
}

/* --- leave --- */

#define SQL_LEAVE                                                              \
	"SELECT s.slug, l.start_wall, l.end_wall, l.time_zone, l.note"         \
	" FROM leave l JOIN subject s ON s.id = l.subject"

static void take_leave(struct query *q, struct arena *arena, void *out)
{
	*(struct network_stored_leave *)out = (struct network_stored_leave){
		.of = query_col_dup(q, 0, arena),
		.leave = {.start = query_col_int(q, 1),
			  .end = query_col_int(q, 2),
			  .time_zone = query_col_dup(q, 3, arena),
			  .note = query_col_dup(q, 4, arena)},
	};
}

enum rc network_read_leave(struct tx *tx, struct arena *arena,
			   struct network_list *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_LEAVE SQL_BY_SUBJECT "l.id");
	return network_read_rows(&q, arena, sizeof(struct network_stored_leave),
				 take_leave, out, err);
}

enum rc network_read_leave_of(struct tx *tx, int64_t subject,
			      struct arena *arena, struct network_list *out,
			      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_LEAVE " WHERE s.id = $1 ORDER BY l.id");
	query_int(&q, 1, subject);
	return network_read_rows(&q, arena, sizeof(struct network_stored_leave),
				 take_leave, out, err);
}

/* --- calendars --- */

static void take_day(struct query *q, struct arena *arena, void *out)
{
	(void)arena;
	*(struct network_day *)out = (struct network_day){
		.day = query_col_int(q, 0),
		.works_as = (int)query_col_int(q, 1),
	};
}

enum rc network_read_calendar(struct tx *tx, const char *name,
			      struct arena *arena, struct network_list *out,
			      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT day, COALESCE(works_as, -1) FROM calendar_day"
		    " WHERE calendar = $1 ORDER BY day");
	query_text(&q, 1, name);
	return network_read_rows(&q, arena, sizeof(struct network_day),
				 take_day, out, err);
}

/* --- versions --- */

static const char *const versioned[] = {
	[NETWORK_ROSTER] = "subject",
	[NETWORK_CALENDAR_DAYS] = "calendar",
};

enum rc network_version(struct tx *tx, enum network_versioned part,
			const char *name, int64_t *out, struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, tx->db,
		    "SELECT version FROM roster_version WHERE part = $1"
		    " AND name = $2");
	query_text(&q, 1, versioned[part]);
	query_text(&q, 2, name);
	if (query_row(&q))
		*out = query_col_int(&q, 0);
	return query_end(&q, err);
}

enum rc network_raise_version(struct tx *tx, enum network_versioned part,
			      const char *name, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO roster_version (part, name, version)"
		    " VALUES ($1, $2, 1) ON CONFLICT (part, name) DO UPDATE"
		    " SET version = roster_version.version + 1");
	query_text(&q, 1, versioned[part]);
	query_text(&q, 2, name);
	return query_end(&q, err);
}
