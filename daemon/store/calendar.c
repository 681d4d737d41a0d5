#include "daemon/store/calendar.h"

#include <string.h>

#include "base/text.h"
#include "daemon/core/local.h"
#include "daemon/store/rows.h"

static enum rc load_calendar(struct calendar_loader *l, const char *name,
			     struct core_calendar *out, struct err *err)
{
	struct query q;
	struct core_calendar_day *days = NULL;
	size_t n = 0;

	query_begin(&q, l->tx->db,
		    "SELECT day, works_as FROM calendar_day"
		    " WHERE calendar = $1 ORDER BY day");
	query_text(&q, 1, name);
	while (query_row(&q)) {
		days = rows_grown(l->arena, days, n, sizeof(*days));
		if (!days)
			break;
		days[n++] = (struct core_calendar_day){
			.day = query_col_int(&q, 0),
			.works_as = query_col_null(&q, 1)
					    ? -1
					    : (int)query_col_int(&q, 1),
		};
	}
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && n && !days)
		rc = rows_full(err);
	*out = (struct core_calendar){.days = days, .n = n};
	return rc;
}

struct calendar_known {
	const struct calendar_known *before;
	const char *name;
	struct core_calendar calendar;
};

static enum rc calendar_named(struct calendar_loader *l, const char *name,
			      const struct core_calendar **out, struct err *err)
{
	const struct calendar_known *k = name ? l->known : NULL;

	*out = NULL;
	while (k && strcmp(k->name, name) != 0)
		k = k->before;
	if (k)
		*out = &k->calendar;
	if (k || !name)
		return RC_OK;
	struct calendar_known *met = arena_alloc(l->arena, sizeof(*met));

	if (!met)
		return rows_full(err);
	met->name = name;
	met->before = l->known;
	l->known = met;
	*out = &met->calendar;
	return load_calendar(l, name, &met->calendar, err);
}

struct rule_names {
	const char *zone, *calendar;
};

/* "8401 8402": days, in order. */
static enum rc read_days(const char *s, struct arena *arena,
			 const int64_t **out, size_t *out_n)
{
	int64_t *days = NULL;
	size_t n = 0;

	while (s && *s) {
		size_t len = strcspn(s, " ");

		days = rows_grown(arena, days, n, sizeof(*days));
		if (!days)
			return RC_NOMEM;
		if (!text_int(s, len, INT64_MIN, INT64_MAX, &days[n++]))
			return RC_CORRUPT;
		s += len + (s[len] == ' ');
	}
	*out = days;
	*out_n = n;
	return RC_OK;
}

static enum rc rule_from_row(struct query *q, struct arena *arena,
			     struct core_rule *rule, struct rule_names *names)
{
	*rule = (struct core_rule){
		.text = query_col_dup(q, 0, arena),
		.start = query_col_int(q, 1),
		.end = query_col_int(q, 2),
		.place = query_col_int(q, 4),
		.kinds = (kindset)query_col_int(q, 5),
		.slot_minutes = (int)query_col_int(q, 6),
		.on_holidays = query_col_int(q, 7) != 0,
		.seconded = !query_col_null(q, 8),
		.first_day =
			query_col_null(q, 8) ? INT64_MIN : query_col_int(q, 8),
		.last_day =
			query_col_null(q, 9) ? INT64_MAX : query_col_int(q, 9),
	};
	names->zone = query_col_dup(q, 3, arena);
	names->calendar = query_col_dup(q, 10, arena);
	if (!rule->text || !names->zone)
		return q->rc == RC_OK ? RC_NOMEM : q->rc;
	enum rc rc = read_days(query_col_text(q, 11), arena, &rule->exdates,
			       &rule->nexdates);

	if (rc == RC_OK)
		rc = read_days(query_col_text(q, 12), arena, &rule->rdates,
			       &rule->nrdates);
	if (rc != RC_OK)
		return rc;
	return rrule_parse(rule->text, strlen(rule->text), &rule->rrule, NULL);
}

/* The calendar that may close a rule is the one of the site where it takes
 * place: of the place, of the secondment, else of the subject's own site. */
static const char SQL_RULES[] =
	"SELECT r.rrule, r.start_wall, r.end_wall, r.time_zone, r.place,"
	" r.kinds, r.slot_minutes, r.on_holidays, sc.first_day, sc.last_day,"
	" CASE WHEN r.place IS NOT NULL THEN ps.calendar"
	"  WHEN r.secondment IS NOT NULL THEN ss.calendar"
	"  ELSE hs.calendar END, r.exdates, r.rdates"
	" FROM rule r JOIN subject s ON s.id = r.subject"
	" JOIN site hs ON hs.id = s.site"
	" LEFT JOIN subject p ON p.id = r.place"
	" LEFT JOIN site ps ON ps.id = p.site"
	" LEFT JOIN secondment sc ON sc.id = r.secondment"
	" LEFT JOIN site ss ON ss.id = sc.site"
	" WHERE r.subject = $1 ORDER BY r.id";

static enum rc load_rules(struct calendar_loader *l, struct core_subject *s,
			  struct err *err)
{
	struct query q;
	struct core_rule *rules = NULL;
	struct rule_names *names = NULL;
	size_t n = 0;
	enum rc bad = RC_OK;

	query_begin(&q, l->tx->db, SQL_RULES);
	query_int(&q, 1, s->id);
	while (bad == RC_OK && query_row(&q)) {
		rules = rows_grown(l->arena, rules, n, sizeof(*rules));
		names = rows_grown(l->arena, names, n, sizeof(*names));
		bad = rules && names ? rule_from_row(&q, l->arena, &rules[n],
						     &names[n])
				     : RC_NOMEM;
		n++;
	}
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && bad != RC_OK)
		rc = bad == RC_NOMEM ? rows_full(err)
				     : err_set(err, RC_CORRUPT,
					       "a stored rule of %s is none",
					       s->slug ? s->slug : "?");
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = rows_zone(l->tx, names[i].zone, &rules[i].zone, err);
		if (rc == RC_OK)
			rc = calendar_named(l, names[i].calendar,
					    &rules[i].calendar, err);
	}
	s->rules = rules;
	s->nrules = n;
	return rc;
}

static enum rc load_claims(struct calendar_loader *l, struct core_subject *s,
			   int64_t longest, struct err *err)
{
	struct query q;
	struct core_claim *claims = NULL;
	size_t n = 0;
	int64_t from = l->window.from - CALENDAR_MARGIN;

	query_begin(&q, l->tx->db,
		    "SELECT c.from_time, c.to_time, c.booking, c.role,"
		    " c.hold_until, c.place, p.site, c.session"
		    " FROM claim c LEFT JOIN subject p ON p.id = c.place"
		    " WHERE c.subject = $1 AND c.from_time > $2"
		    " AND c.from_time < $3 AND c.to_time > $4"
		    " ORDER BY c.from_time");
	query_int(&q, 1, s->id);
	query_int(&q, 2, from - longest);
	query_int(&q, 3, l->window.to + CALENDAR_MARGIN);
	query_int(&q, 4, from);
	while (query_row(&q)) {
		claims = rows_grown(l->arena, claims, n, sizeof(*claims));
		if (!claims)
			break;
		claims[n++] = (struct core_claim){
			.subject = s->id,
			.from = query_col_int(&q, 0),
			.to = query_col_int(&q, 1),
			.booking = query_col_int(&q, 2),
			.role = (enum claim_role)rows_word(&q, 3,
							   &words_claim_role),
			.hold_until = query_col_int(&q, 4),
			.place = query_col_int(&q, 5),
			.place_site = query_col_int(&q, 6),
			.session = query_col_int(&q, 7),
		};
	}
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && n && !claims)
		rc = rows_full(err);
	s->claims = claims;
	s->nclaims = n;
	return rc;
}

static const char SQL_LEAVE[] =
	"SELECT start_wall, end_wall, time_zone FROM leave"
	" WHERE subject = $1 ORDER BY start_wall";

static enum rc load_leaves(struct calendar_loader *l, struct core_subject *s,
			   struct err *err)
{
	struct query q;
	struct core_span *leaves = NULL;
	enum rc zone_rc = RC_OK;
	size_t n = 0;

	query_begin(&q, l->tx->db, SQL_LEAVE);
	query_int(&q, 1, s->id);
	while (zone_rc == RC_OK && query_row(&q)) {
		const struct tz *zone = s->zone;

		leaves = rows_grown(l->arena, leaves, n, sizeof(*leaves));
		if (!leaves)
			break;
		if (!query_col_null(&q, 2))
			zone_rc = rows_zone(l->tx, query_col_text(&q, 2), &zone,
					    err);
		if (zone_rc != RC_OK)
			break;
		leaves[n++] = (struct core_span){
			tz_to_utc(zone, query_col_int(&q, 0)),
			tz_to_utc(zone, query_col_int(&q, 1))};
	}
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && n && !leaves)
		rc = rows_full(err);
	s->leaves = leaves;
	s->nleaves = n;
	return rc == RC_OK ? zone_rc : rc;
}

#define SQL_SUBJECT                                                            \
	"SELECT s.id, s.type, s.slug, s.name, s.site, s.capacity, s.longest,"  \
	" site.time_zone FROM subject s JOIN site ON site.id = s.site"
static const char SQL_SUBJECT_BY_ID[] = SQL_SUBJECT " WHERE s.id = $1";

static enum rc subject_end(struct calendar_loader *l, struct query *q,
			   struct core_subject *out, int64_t *out_longest,
			   struct err *err)
{
	const char *zone = NULL;
	bool found = query_row(q);

	if (found) {
		*out = (struct core_subject){
			.id = query_col_int(q, 0),
			.type = (enum subject_type)rows_word(q, 1,
							     &words_subject),
			.slug = query_col_dup(q, 2, l->arena),
			.name = query_col_dup(q, 3, l->arena),
			.site = query_col_int(q, 4),
			.capacity = (int)query_col_int(q, 5),
		};
		*out_longest = query_col_int(q, 6);
		zone = query_col_dup(q, 7, l->arena);
		if (out->type == SUBJECT_PATIENT)
			out->slug = out->name = NULL;
	}
	enum rc rc = rows_end_found(q, found, "expert or resource", err);

	if (rc == RC_OK)
		rc = zone ? rows_zone(l->tx, zone, &out->zone, err)
			  : rows_full(err);
	return rc;
}

enum rc calendar_subject(struct calendar_loader *l, int64_t id,
			 struct core_subject *out, struct err *err)
{
	struct query q;
	int64_t longest = 0;

	query_begin(&q, l->tx->db, SQL_SUBJECT_BY_ID);
	query_int(&q, 1, id);
	enum rc rc = subject_end(l, &q, out, &longest, err);

	if (rc == RC_OK)
		rc = load_rules(l, out, err);
	if (rc == RC_OK)
		rc = load_leaves(l, out, err);
	if (rc == RC_OK)
		rc = load_claims(l, out, longest, err);
	return rc;
}

enum rc calendar_name(struct calendar_loader *l, int64_t id,
		      struct core_subject *out, struct err *err)
{
	struct query q;
	int64_t longest;

	query_begin(&q, l->tx->db, SQL_SUBJECT_BY_ID);
	query_int(&q, 1, id);
	return subject_end(l, &q, out, &longest, err);
}

enum rc calendar_find(struct calendar_loader *l, const char *slug,
		      struct core_subject *out, struct err *err)
{
	struct query q;
	int64_t longest;

	query_begin(&q, l->tx->db,
		    SQL_SUBJECT " WHERE s.slug = $1 AND s.type <> 'patient'");
	query_text(&q, 1, slug);
	return subject_end(l, &q, out, &longest, err);
}

enum rc calendar_ids_of_type(struct calendar_loader *l, int64_t site,
			     enum subject_type type, int64_t **out_ids,
			     size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, l->tx->db,
		    "SELECT id FROM subject WHERE site = $1 AND type = $2"
		    " ORDER BY slug");
	query_int(&q, 1, site);
	query_text(&q, 2, words_name(&words_subject, (int)type));
	return rows_ids(&q, l->arena, out_ids, out_n, err);
}

#define SQL_TRANSFER                                                           \
	"SELECT site_a, place_a, site_b, place_b, minutes FROM transfer"

static enum rc read_transfers(struct calendar_loader *l, struct query *q,
			      struct core_transfer **out, size_t *out_n,
			      struct err *err)
{
	struct core_transfer *v = NULL;
	size_t n = 0;

	while (query_row(q)) {
		v = rows_grown(l->arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct core_transfer){
			.site_a = query_col_int(q, 0),
			.place_a = query_col_int(q, 1),
			.site_b = query_col_int(q, 2),
			.place_b = query_col_int(q, 3),
			.seconds = query_col_int(q, 4) * 60,
		};
	}
	enum rc rc = query_end(q, err);

	if (rc == RC_OK && n && !v)
		rc = rows_full(err);
	*out = v;
	*out_n = n;
	return rc;
}

enum rc calendar_transfers(struct calendar_loader *l, int64_t site,
			   struct core_transfer **out, size_t *out_n,
			   struct err *err)
{
	struct query q;

	query_begin(&q, l->tx->db,
		    SQL_TRANSFER " WHERE site_a = $1 OR site_b = $1"
				 " ORDER BY id");
	query_int(&q, 1, site);
	return read_transfers(l, &q, out, out_n, err);
}

#define SQL_SITES_OF                                                           \
	"(SELECT site FROM subject WHERE id = $1"                              \
	" UNION SELECT site FROM secondment WHERE expert = $1"                 \
	" UNION SELECT p.site FROM rule r JOIN subject p ON p.id = r.place"    \
	" WHERE r.subject = $1)"

enum rc calendar_transfers_of(struct calendar_loader *l, int64_t expert,
			      struct core_transfer **out, size_t *out_n,
			      struct err *err)
{
	struct query q;

	query_begin(&q, l->tx->db,
		    SQL_TRANSFER " WHERE site_a IN " SQL_SITES_OF
				 " OR site_b IN " SQL_SITES_OF " ORDER BY id");
	query_int(&q, 1, expert);
	return read_transfers(l, &q, out, out_n, err);
}

static enum rc month_used(struct calendar_loader *l, int64_t agreement,
			  enum kind kind, int64_t ignore_booking,
			  struct core_month *month, struct err *err)
{
	struct query q;

	query_begin(&q, l->tx->db,
		    "SELECT count(*) FROM booking WHERE agreement = $1"
		    " AND kind = $2 AND from_time >= $3 AND from_time < $4"
		    " AND id <> $5 AND (status IN ('booked', 'arrived',"
		    "  'started', 'fulfilled', 'noshow')"
		    "  OR (status = 'cancelled' AND spent = 1)"
		    "  OR (status = 'pending' AND hold_until > $6))");
	query_int(&q, 1, agreement);
	query_text(&q, 2, words_name(&words_kind, (int)kind));
	query_int(&q, 3, month->span.from);
	query_int(&q, 4, month->span.to);
	query_int(&q, 5, ignore_booking);
	query_int(&q, 6, l->tx->now);
	if (query_row(&q))
		month->used = query_col_int(&q, 0);
	return query_end(&q, err);
}

enum rc calendar_months(struct calendar_loader *l,
			const struct core_agreement *agreement, enum kind kind,
			int64_t ignore_booking, struct core_month **out,
			size_t *out_n, struct err *err)
{
	struct core_month *months = NULL;
	int64_t at = l->window.from;
	enum rc rc = RC_OK;
	size_t n = 0;

	if (agreement->quota[kind] < 0)
		at = l->window.to;
	while (rc == RC_OK && at < l->window.to) {
		months = rows_grown(l->arena, months, n, sizeof(*months));
		if (!months)
			return rows_full(err);
		months[n].span = local_month(agreement->lead_zone, at);
		rc = month_used(l, agreement->id, kind, ignore_booking,
				&months[n], err);
		at = months[n++].span.to;
	}
	*out = months;
	*out_n = n;
	return rc;
}
