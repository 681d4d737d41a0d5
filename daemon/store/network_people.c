/* Subjects, experts, rules and secondments (network.h). */
#include "daemon/store/network.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/store/network_set.h"
#include "daemon/store/rows.h"

enum rc network_put_subject(struct tx *tx, const struct network_subject *in,
			    enum network_put *out, struct err *err)
{
	struct query q;
	int64_t site, had;
	enum rc rc =
		network_need_id(tx, NETWORK_SQL_SITE, in->site, &site, err);

	if (rc == RC_OK)
		rc = network_find_id(tx, NETWORK_SQL_SUBJECT, in->slug, &had,
				     err);
	if (rc != RC_OK)
		return rc;
	*out = NETWORK_CREATED;
	query_begin(&q, tx->db,
		    had ? "UPDATE subject SET slug = $1, type = $2, site = $3, "
			  "name = $4,"
			  " capacity = $5, path = $6"
			  " WHERE slug = $1 AND (type <> $2"
			  " OR site <> $3 OR name <> $4 OR capacity <> $5"
			  " OR path IS NOT $6)"
			: "INSERT INTO subject (slug, type, site, name,"
			  " capacity, path) VALUES ($1, $2, $3, $4, $5, $6)");
	query_text(&q, 1, in->slug);
	query_text(&q, 2, words_name(&words_subject, (int)in->type));
	query_int(&q, 3, site);
	query_text(&q, 4, in->name);
	query_int(&q, 5, in->capacity);
	query_text(&q, 6, in->path);
	rc = query_end(&q, err);
	if (had)
		network_say_update(tx, out);
	return rc;
}

/* --- experts --- */

static enum rc put_expert_row(struct tx *tx, const struct network_expert *in,
			      int64_t id, enum network_put *out,
			      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO expert (subject, title, independent_since,"
		    " buffer_minutes, cap_per_day, credentials)"
		    " VALUES ($1, $2, $3, $4, $5, $6)"
		    " ON CONFLICT (subject) DO UPDATE SET"
		    " title = excluded.title,"
		    " independent_since = excluded.independent_since,"
		    " buffer_minutes = excluded.buffer_minutes,"
		    " cap_per_day = excluded.cap_per_day,"
		    " credentials = excluded.credentials"
		    " WHERE expert.credentials <> excluded.credentials"
		    " OR expert.title IS DISTINCT FROM excluded.title"
		    " OR expert.independent_since IS DISTINCT FROM"
		    "  excluded.independent_since"
		    " OR expert.buffer_minutes <> excluded.buffer_minutes"
		    " OR expert.cap_per_day <> excluded.cap_per_day");
	query_int(&q, 1, id);
	query_text(&q, 2, in->title);
	query_int_or_null(&q, 3, in->independent_since, INT64_MIN);
	query_int(&q, 4, in->buffer_minutes);
	query_int(&q, 5, in->cap_per_day);
	query_text(&q, 6, in->credentials);
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && db_changes(tx->db))
		network_note_change(out);
	return rc;
}

static enum rc insert_word(struct tx *tx, int64_t expert, const char *sort,
			   const char *word, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO expert_word (expert, sort, word)"
		    " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
	query_int(&q, 1, expert);
	query_text(&q, 2, sort);
	query_text(&q, 3, word);
	return query_end(&q, err);
}

static enum rc insert_words(struct tx *tx, const struct network_expert *in,
			    int64_t id, struct err *err)
{
	enum rc rc = RC_OK;

	for (int k = 0; rc == RC_OK && k < KIND_COUNT; k++) {
		if (in->kinds & KINDSET(k))
			rc = insert_word(tx, id, "kind",
					 words_name(&words_kind, k), err);
	}
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; rc == RC_OK && k < in->words[i].n; k++)
			rc = insert_word(tx, id, in->words[i].sort,
					 in->words[i].v[k], err);
	}
	return rc;
}

struct word {
	const char *sort, *word;
};

static int by_word(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	int order = strcmp(x->sort, y->sort);

	return order ? order : strcmp(x->word, y->word);
}

static void want_words(struct set *set, const struct network_expert *in)
{
	size_t most =
		KIND_COUNT + in->words[0].n + in->words[1].n + in->words[2].n;
	struct word *v = mem_alloc(most * sizeof(*v));
	size_t n = 0;

	for (int k = 0; k < KIND_COUNT; k++) {
		if (in->kinds & KINDSET(k))
			v[n++] = (struct word){"kind",
					       words_name(&words_kind, k)};
	}
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < in->words[i].n; k++)
			v[n++] = (struct word){in->words[i].sort,
					       in->words[i].v[k]};
	}
	qsort(v, n, sizeof(*v), by_word);
	for (size_t i = 0; i < n; i++) {
		if (i && !by_word(&v[i - 1], &v[i]))
			continue; /* said twice */
		set_want_text(set, v[i].sort);
		set_want_text(set, v[i].word);
		set_want_row(set);
	}
	mem_free(v);
}

static enum rc compare_words(struct tx *tx, const struct network_expert *in,
			     int64_t id, bool *out_same, struct err *err)
{
	struct set set;
	struct query q;

	set_init(&set);
	want_words(&set, in);
	query_begin(&q, tx->db,
		    "SELECT sort, word FROM expert_word WHERE expert = $1"
		    " ORDER BY sort, word");
	query_int(&q, 1, id);
	enum rc rc = set_read(&set, &q, 2, err);

	*out_same = set_same(&set);
	set_fini(&set);
	return rc;
}

enum rc network_put_expert(struct tx *tx, const struct network_expert *in,
			   enum network_put *out, struct err *err)
{
	int64_t id;
	bool same = false;
	enum rc rc =
		network_need_id(tx, NETWORK_SQL_SUBJECT, in->slug, &id, err);

	if (rc == RC_OK)
		rc = put_expert_row(tx, in, id, out, err);
	if (rc == RC_OK)
		rc = compare_words(tx, in, id, &same, err);
	if (rc != RC_OK || same)
		return rc;
	network_note_change(out);
	rc = network_delete_of(tx, "DELETE FROM expert_word WHERE expert = $1",
			       id, err);
	return rc == RC_OK ? insert_words(tx, in, id, err) : rc;
}

/* --- rules --- */

#define RULE_COLUMNS 11 /* that are compared */

static void want_rule(struct set *set, const struct network_rule *r)
{
	set_want_text(set, r->rrule);
	set_want_int(set, r->start);
	set_want_int(set, r->end);
	set_want_text(set, r->time_zone);
	set_want_text(set, r->at);
	set_want_int(set, (int64_t)r->kinds);
	set_want_int(set, r->slot_minutes);
	set_want_int(set, r->on_holidays);
	set_want_text(set, r->exdates);
	set_want_text(set, r->rdates);
	set_want_text(set, r->pool);
	set_want_row(set);
}

static enum rc insert_rule(struct tx *tx, int64_t subject, int64_t secondment,
			   const struct network_rule *r, struct err *err)
{
	struct query q;
	int64_t place = 0;
	enum rc rc = RC_OK;

	if (r->at)
		rc = network_need_id(tx, NETWORK_SQL_SUBJECT, r->at, &place,
				     err);
	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO rule (subject, rrule, start_wall, end_wall,"
		    " time_zone, place, kinds, slot_minutes, on_holidays,"
		    " secondment, exdates, rdates, pool)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
		    " $12, $13)");
	query_int(&q, 1, subject);
	query_text(&q, 2, r->rrule);
	query_int(&q, 3, r->start);
	query_int(&q, 4, r->end);
	query_text(&q, 5, r->time_zone);
	query_int_or_null(&q, 6, place, 0);
	query_int(&q, 7, (int64_t)r->kinds);
	query_int(&q, 8, r->slot_minutes);
	query_int(&q, 9, r->on_holidays);
	query_int_or_null(&q, 10, secondment, 0);
	query_text(&q, 11, r->exdates);
	query_text(&q, 12, r->rdates);
	query_text(&q, 13, r->pool);
	return query_end(&q, err);
}

static enum rc raise_roster(struct tx *tx, const char *subject, struct err *err)
{
	return network_raise_version(tx, NETWORK_ROSTER, subject, err);
}

static void say_set(const struct set *set, enum network_put *out)
{
	if (set_same(set))
		*out = NETWORK_SAME;
	else
		*out = set->had.len ? NETWORK_CHANGED : NETWORK_CREATED;
}

enum rc network_put_rules(struct tx *tx, const char *subject,
			  const struct network_rule *rules, size_t n,
			  enum network_put *out, struct err *err)
{
	struct set set;
	struct query q;
	int64_t id;
	enum rc rc =
		network_need_id(tx, NETWORK_SQL_SUBJECT, subject, &id, err);

	if (rc != RC_OK)
		return rc;
	set_init(&set);
	for (size_t i = 0; i < n; i++)
		want_rule(&set, &rules[i]);
	query_begin(&q, tx->db,
		    "SELECT r.rrule, r.start_wall, r.end_wall, r.time_zone,"
		    " p.slug, r.kinds, r.slot_minutes, r.on_holidays,"
		    " r.exdates, r.rdates, r.pool FROM rule r"
		    " LEFT JOIN subject p ON p.id = r.place"
		    " WHERE r.subject = $1 AND r.secondment IS NULL"
		    " ORDER BY r.id");
	query_int(&q, 1, id);
	rc = set_read(&set, &q, RULE_COLUMNS, err);
	say_set(&set, out);
	set_fini(&set);
	if (rc != RC_OK || *out == NETWORK_SAME)
		return rc;
	rc = network_delete_of(tx,
			       "DELETE FROM rule WHERE subject = $1"
			       " AND secondment IS NULL",
			       id, err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = insert_rule(tx, id, 0, &rules[i], err);
	return rc == RC_OK ? raise_roster(tx, subject, err) : rc;
}

/* --- secondments --- */

static enum rc insert_secondment(struct tx *tx, int64_t expert,
				 const struct network_secondment *s,
				 struct err *err)
{
	struct query q;
	int64_t site, id = 0;
	enum rc rc = network_need_id(tx, NETWORK_SQL_SITE, s->site, &site, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "INSERT INTO secondment (expert, site, first_day,"
		    " last_day, remote_requests, note)"
		    " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id");
	query_int(&q, 1, expert);
	query_int(&q, 2, site);
	query_int(&q, 3, s->from);
	query_int(&q, 4, s->to);
	query_text(&q, 5, s->remote_requests);
	query_text(&q, 6, s->note);
	if (query_row(&q))
		id = query_col_int(&q, 0);
	rc = query_end(&q, err);
	for (size_t i = 0; rc == RC_OK && i < s->nrules; i++)
		rc = insert_rule(tx, expert, id, &s->rules[i], err);
	return rc;
}

static enum rc read_secondments(struct tx *tx, int64_t expert, struct set *set,
				struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT t.slug, s.first_day, s.last_day,"
		    " s.remote_requests, s.note, (SELECT count(*) FROM rule r"
		    "  WHERE r.secondment = s.id) FROM secondment s"
		    " JOIN site t ON t.id = s.site WHERE s.expert = $1"
		    " ORDER BY s.id");
	query_int(&q, 1, expert);
	enum rc rc = set_read(set, &q, 6, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "SELECT r.rrule, r.start_wall, r.end_wall, r.time_zone,"
		    " p.slug, r.kinds, r.slot_minutes, r.on_holidays,"
		    " r.exdates, r.rdates, r.pool FROM rule r"
		    " LEFT JOIN subject p ON p.id = r.place"
		    " WHERE r.subject = $1 AND r.secondment IS NOT NULL"
		    " ORDER BY r.secondment, r.id");
	query_int(&q, 1, expert);
	return set_read(set, &q, RULE_COLUMNS, err);
}

static void want_secondments(struct set *set,
			     const struct network_secondment *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		set_want_text(set, v[i].site);
		set_want_int(set, v[i].from);
		set_want_int(set, v[i].to);
		set_want_text(set, v[i].remote_requests);
		set_want_text(set, v[i].note);
		set_want_int(set, (int64_t)v[i].nrules); /* whose is whose */
		set_want_row(set);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < v[i].nrules; k++)
			want_rule(set, &v[i].rules[k]);
	}
}

enum rc network_put_secondments(struct tx *tx, const char *expert,
				const struct network_secondment *v, size_t n,
				enum network_put *out, struct err *err)
{
	struct set set;
	int64_t id;
	enum rc rc = network_need_id(tx, NETWORK_SQL_SUBJECT, expert, &id, err);

	if (rc != RC_OK)
		return rc;
	set_init(&set);
	want_secondments(&set, v, n);
	rc = read_secondments(tx, id, &set, err);
	say_set(&set, out);
	set_fini(&set);
	if (rc != RC_OK || *out == NETWORK_SAME)
		return rc;
	rc = network_delete_of(tx,
			       "DELETE FROM rule WHERE subject = $1"
			       " AND secondment IS NOT NULL",
			       id, err);
	if (rc == RC_OK)
		rc = network_delete_of(
			tx, "DELETE FROM secondment WHERE expert = $1", id,
			err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = insert_secondment(tx, id, &v[i], err);
	return rc == RC_OK ? raise_roster(tx, expert, err) : rc;
}

/* --- leave --- */

static enum rc insert_leave(struct tx *tx, int64_t subject,
			    const struct network_leave *l, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO leave (subject, start_wall, end_wall,"
		    " time_zone, note) VALUES ($1, $2, $3, $4, $5)");
	query_int(&q, 1, subject);
	query_int(&q, 2, l->start);
	query_int(&q, 3, l->end);
	query_text(&q, 4, l->time_zone);
	query_text(&q, 5, l->note);
	return query_end(&q, err);
}

enum rc network_put_leave(struct tx *tx, const char *subject,
			  const struct network_leave *v, size_t n,
			  enum network_put *out, struct err *err)
{
	struct set set;
	struct query q;
	int64_t id;
	enum rc rc =
		network_need_id(tx, NETWORK_SQL_SUBJECT, subject, &id, err);

	if (rc != RC_OK)
		return rc;
	set_init(&set);
	for (size_t i = 0; i < n; i++) {
		set_want_int(&set, v[i].start);
		set_want_int(&set, v[i].end);
		set_want_text(&set, v[i].time_zone);
		set_want_text(&set, v[i].note);
		set_want_row(&set);
	}
	query_begin(&q, tx->db,
		    "SELECT start_wall, end_wall, time_zone, note FROM leave"
		    " WHERE subject = $1 ORDER BY id");
	query_int(&q, 1, id);
	rc = set_read(&set, &q, 4, err);
	say_set(&set, out);
	set_fini(&set);
	if (rc != RC_OK || *out == NETWORK_SAME)
		return rc;
	rc = network_delete_of(tx, "DELETE FROM leave WHERE subject = $1", id,
			       err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = insert_leave(tx, id, &v[i], err);
	return rc == RC_OK ? raise_roster(tx, subject, err) : rc;
}
