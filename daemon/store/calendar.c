#include "daemon/store/calendar.h"

#include <string.h>

#include "base/text.h"
#include "daemon/core/local.h"
#include "daemon/store/keep.h"
#include "daemon/store/rows.h"
#include "daemon/store/spent.h"

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
	*out = (struct core_calendar){.days = days, .n = n};
	return rows_end(&q, days, err);
}

struct calendar_known {
	const struct calendar_known *before;
	const char *name;
	struct core_calendar calendar;
};

static enum rc calendar_named(struct calendar_loader *l, const char *name,
			      const struct core_calendar **out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_CALENDAR, .s = name};
	const struct calendar_known *k = name ? l->known : NULL;

	*out = name ? keep_find(l->tx, &key) : NULL;
	while (k && strcmp(k->name, name) != 0)
		k = k->before;
	if (k)
		*out = &k->calendar;
	if (*out || !name)
		return RC_OK;
	struct calendar_known *met = arena_alloc(l->arena, sizeof(*met));

	if (!met)
		return rows_full(err);
	met->name = name;
	met->before = l->known;
	l->known = met;
	enum rc rc = load_calendar(l, name, &met->calendar, err);

	if (rc == RC_OK)
		*out = keep_add(l->tx, l->arena, &key, &met->calendar);
	return rc;
}

enum rc calendar_of_site(struct calendar_loader *l, int64_t site,
			 const struct core_calendar **out, struct err *err)
{
	const char *name = NULL;
	struct query q;

	query_begin(&q, l->tx->db, "SELECT calendar FROM site WHERE id = $1");
	query_int(&q, 1, site);
	if (query_row(&q))
		name = query_col_dup(&q, 0, l->arena);
	enum rc rc = query_end(&q, err);

	*out = NULL;
	return rc == RC_OK ? calendar_named(l, name, out, err) : rc;
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
	if (*query_col_text(q, 13))
		rule->pool = query_col_dup(q, 13, arena);
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
	"  ELSE hs.calendar END, r.exdates, r.rdates, r.pool"
	" FROM rule r JOIN subject s ON s.id = r.subject"
	" JOIN site hs ON hs.id = s.site"
	" LEFT JOIN subject p ON p.id = r.place"
	" LEFT JOIN site ps ON ps.id = p.site"
	" LEFT JOIN secondment sc ON sc.id = r.secondment"
	" LEFT JOIN site ss ON ss.id = sc.site"
	" WHERE r.subject = $1 ORDER BY r.id";

/* The rules as they are read, with what they name. */
struct rule_list {
	struct core_rule *v;
	struct rule_names *names;
	size_t n;
};

/* Into the list, which lives in the scratch; the texts in the loader's arena.
 */
static enum rc read_rules(struct calendar_loader *l, struct core_subject *s,
			  struct arena *scratch, struct rule_list *list,
			  struct err *err)
{
	struct query q;
	enum rc bad = RC_OK;

	query_begin(&q, l->tx->db, SQL_RULES);
	query_int(&q, 1, s->id);
	while (bad == RC_OK && query_row(&q)) {
		size_t n = list->n++;

		list->v = rows_grown(scratch, list->v, n, sizeof(*list->v));
		list->names = rows_grown(scratch, list->names, n,
					 sizeof(*list->names));
		bad = list->v && list->names
			      ? rule_from_row(&q, l->arena, &list->v[n],
					      &list->names[n])
			      : RC_NOMEM;
	}
	enum rc rc = query_end(&q, err);

	if (rc != RC_OK || bad == RC_OK)
		return rc;
	return bad == RC_NOMEM
		       ? rows_full(err)
		       : err_set(err, RC_CORRUPT, "a stored rule of %s is none",
				 s->slug ? s->slug : "?");
}

static enum rc load_rules(struct calendar_loader *l, struct core_subject *s,
			  struct arena *scratch, struct err *err)
{
	struct rule_list list = {0};
	enum rc rc = read_rules(l, s, scratch, &list, err);
	struct core_rule *rules =
		list.n ? arena_array(l->arena, list.n, sizeof(*rules)) : NULL;

	if (rc == RC_OK && list.n && !rules)
		return rows_full(err);
	for (size_t i = 0; rc == RC_OK && i < list.n; i++) {
		rules[i] = list.v[i];
		rc = rows_zone(l->tx, list.names[i].zone, &rules[i].zone, err);
		if (rc == RC_OK)
			rc = calendar_named(l, list.names[i].calendar,
					    &rules[i].calendar, err);
	}
	s->rules = rules;
	s->nrules = list.n;
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
	enum rc rc = rows_end(&q, leaves, err);

	s->leaves = leaves;
	s->nleaves = n;
	return rc == RC_OK ? zone_rc : rc;
}

#define SQL_SUBJECT                                                            \
	"SELECT s.id, s.type, s.slug, s.name, s.site, s.capacity,"             \
	" site.time_zone, s.path FROM subject s JOIN site ON site.id = s.site"

static enum rc subject_end(struct calendar_loader *l, struct query *q,
			   struct core_subject *out, struct err *err)
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
		zone = query_col_dup(q, 6, l->arena);
		if (!query_col_null(q, 7))
			out->path = query_col_dup(q, 7, l->arena);
		if (out->type == SUBJECT_PATIENT)
			out->slug = out->name = NULL;
	}
	enum rc rc = rows_end_found(q, found, "expert or resource", err);

	if (rc == RC_OK)
		rc = zone ? rows_zone(l->tx, zone, &out->zone, err)
			  : rows_full(err);
	return rc;
}

enum rc calendar_name(struct calendar_loader *l, int64_t id,
		      struct core_subject *out, struct err *err)
{
	struct query q;

	query_begin(&q, l->tx->db, SQL_SUBJECT " WHERE s.id = $1");
	query_int(&q, 1, id);
	return subject_end(l, &q, out, err);
}

/* A copy of the name in the arena that is kept. */
static bool move_name(const char **name, struct arena *arena)
{
	*name = arena_strndup(arena, *name, strlen(*name));
	return *name != NULL;
}

/* Rules and leaves of what is no patient, to an arena that may be kept. */
static enum rc load_fixed(struct calendar_loader *l, struct arena *scratch,
			  struct core_subject *s, struct err *err)
{
	if (l->arena != scratch &&
	    (!move_name(&s->slug, l->arena) || !move_name(&s->name, l->arena) ||
	     (s->path != NULL && !move_name(&s->path, l->arena))))
		return rows_full(err);
	enum rc rc = load_rules(l, s, scratch, err);

	return rc == RC_OK ? load_leaves(l, s, err) : rc;
}

/* Reads it; what is no patient to `to`, which may be kept, by way of l. */
static enum rc read_fixed(struct calendar_loader *l, struct calendar_loader *to,
			  int64_t id, struct core_subject *out, struct err *err)
{
	enum rc rc = calendar_name(l, id, out, err);

	if (rc != RC_OK || out->type == SUBJECT_PATIENT)
		return rc;
	return load_fixed(to, l->arena, out, err);
}

#define FIXED_MAX ((size_t)4 << 20) /* of one subject */

/* Reads what is kept from now on, but a patient, whom the network does not
 * have. */
static enum rc read_to_keep(struct calendar_loader *l, struct arena *arena,
			    const struct keep_key *key,
			    struct core_subject *out, struct err *err)
{
	struct calendar_loader to = {.tx = l->tx, .arena = arena};
	struct calendar_loader by = {.tx = l->tx};
	struct core_subject *fact = NULL;
	struct arena scratch;

	arena_init(&scratch, FIXED_MAX);
	by.arena = &scratch;
	enum rc rc = read_fixed(&by, &to, key->a, out, err);

	if (rc == RC_OK && out->type != SUBJECT_PATIENT)
		fact = arena_alloc(arena, sizeof(*fact));
	if (fact) {
		*fact = *out;
		keep_add(l->tx, arena, key, fact);
	}
	arena_fini(&scratch);
	return rc;
}

/* The subject as the network has it, without claims. */
static enum rc find_fixed(struct calendar_loader *l, int64_t id,
			  struct core_subject *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_SUBJECT, .a = id};
	const struct core_subject *kept = keep_find(l->tx, &key);
	struct arena *arena = keep_arena(l->tx, l->arena);

	if (kept) {
		*out = *kept;
		return RC_OK;
	}
	return arena == l->arena ? read_fixed(l, l, id, out, err)
				 : read_to_keep(l, arena, &key, out, err);
}

enum rc calendar_subject(struct calendar_loader *l, int64_t id,
			 struct core_subject *out, struct err *err)
{
	enum rc rc = find_fixed(l, id, out, err);

	return rc == RC_OK && !l->bare ? calendar_claims(l, out, err) : rc;
}

enum rc calendar_find(struct calendar_loader *l, const char *slug,
		      struct core_subject *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_NAMED, .s = slug};
	const int64_t *kept = keep_find(l->tx, &key);
	struct arena *arena = keep_arena(l->tx, l->arena);
	struct query q;

	if (kept)
		return find_fixed(l, *kept, out, err);
	query_begin(&q, l->tx->db,
		    SQL_SUBJECT " WHERE s.slug = $1 AND s.type <> 'patient'");
	query_text(&q, 1, slug);
	enum rc rc = subject_end(l, &q, out, err);
	int64_t *id = rc == RC_OK ? arena_alloc(arena, sizeof(*id)) : NULL;

	if (id) {
		*id = out->id;
		keep_add(l->tx, arena, &key, id);
	}
	return rc;
}

enum rc calendar_ids_end(struct calendar_loader *l, struct query *q,
			 const struct keep_key *key, int64_t **out_ids,
			 size_t *out_n, struct err *err)
{
	struct arena *arena = keep_arena(l->tx, l->arena);
	enum rc rc = rows_ids(q, arena, out_ids, out_n, err);
	struct calendar_ids *fact =
		rc == RC_OK ? arena_alloc(arena, sizeof(*fact)) : NULL;

	if (fact) {
		*fact = (struct calendar_ids){*out_ids, *out_n};
		keep_add(l->tx, arena, key, fact);
	}
	return rc;
}

enum rc calendar_ids_of_type(struct calendar_loader *l, int64_t site,
			     enum subject_type type, int64_t **out_ids,
			     size_t *out_n, struct err *err)
{
	const struct keep_key key = {
		.sort = KEEP_IDS_OF_TYPE, .a = site, .b = (int64_t)type};
	const struct calendar_ids *kept = keep_find(l->tx, &key);
	struct query q;

	if (kept) {
		*out_ids = kept->v;
		*out_n = kept->n;
		return RC_OK;
	}
	query_begin(&q, l->tx->db,
		    "SELECT id FROM subject WHERE site = $1 AND type = $2"
		    " AND type <> 'patient' ORDER BY slug");
	query_int(&q, 1, site);
	query_text(&q, 2, words_name(&words_subject, (int)type));
	return calendar_ids_end(l, &q, &key, out_ids, out_n, err);
}

#define SQL_TRANSFER                                                           \
	"SELECT site_a, place_a, site_b, place_b, minutes FROM transfer"

static enum rc read_transfers(struct arena *arena, struct query *q,
			      struct core_transfer **out, size_t *out_n,
			      struct err *err)
{
	struct core_transfer *v = NULL;
	size_t n = 0;

	while (query_row(q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
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
	*out = v;
	*out_n = n;
	return rows_end(q, v, err);
}

struct transfers {
	struct core_transfer *v;
	size_t n;
};

static enum rc find_transfers(struct calendar_loader *l, int64_t site,
			      struct transfers *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_TRANSFERS, .a = site};
	const struct transfers *kept = keep_find(l->tx, &key);
	struct arena *arena = keep_arena(l->tx, l->arena);
	struct transfers *fact;
	struct query q;

	if (kept) {
		*out = *kept;
		return RC_OK;
	}
	query_begin(&q, l->tx->db,
		    SQL_TRANSFER " WHERE site_a = $1 OR site_b = $1"
				 " ORDER BY id");
	query_int(&q, 1, site);
	enum rc rc = read_transfers(arena, &q, &out->v, &out->n, err);

	fact = rc == RC_OK ? arena_alloc(arena, sizeof(*fact)) : NULL;
	if (fact) {
		*fact = *out;
		keep_add(l->tx, arena, &key, fact);
	}
	return rc;
}

enum rc calendar_transfers(struct calendar_loader *l, int64_t site,
			   struct core_transfer **out, size_t *out_n,
			   struct err *err)
{
	struct transfers t = {0};
	enum rc rc = find_transfers(l, site, &t, err);

	*out = t.v;
	*out_n = t.n;
	return rc;
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
	return read_transfers(l->arena, &q, out, out_n, err);
}

enum rc calendar_months(struct calendar_loader *l,
			const struct core_agreement *agreement, enum kind kind,
			int64_t ignore_booking, struct core_month **out,
			size_t *out_n, struct err *err)
{
	struct spent_ask ask = {.agreement = agreement->id,
				.kind = kind,
				.ignore_booking = ignore_booking};
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
		ask.month = months[n].span;
		rc = spent_used(l->tx, &ask, &months[n].used, err);
		at = months[n++].span.to;
	}
	*out = months;
	*out_n = n;
	return rc;
}
