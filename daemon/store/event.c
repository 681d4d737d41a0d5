/*
 * Canonical form of a row for its hash: a label, the previous hash, then every
 * column but `hash` itself in the order below. A column is one byte that says
 * its type ('n' null, 'i' number, 's' bytes), eight bytes of number or length,
 * most significant first, and the bytes: two different rows never encode alike.
 * The body stands in it by body_hash alone.
 *
 * The body and body_hash are as body.h says; body_hash is of no bytes (x'')
 * where there never was a body.
 */
#include "daemon/store/event.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/body.h"
#include "daemon/store/stamps.h"

/* The columns, as selected, inserted and hashed. */
enum column {
	COL_SEQ,
	COL_AT,
	COL_ACTOR,
	COL_ACTOR_SITE,
	COL_LEAD,
	COL_PARTNER,
	COL_THING,
	COL_ID,
	COL_CODE,
	COL_VERSION,
	COL_VERB,
	COL_FROM_STATE,
	COL_TO_STATE,
	COL_REQUEST_ID,
	COL_CLASS,
	COL_BODY_HASH,
	COL_COUNT, /* of those hashed as cells */
	COL_PREV = COL_COUNT,
	COL_HASH,
	COL_BODY,
};

#define COLUMNS                                                                \
	"seq, at, actor, actor_site, lead, partner, thing, id, code, version," \
	" verb, from_state, to_state, request_id, class, body_hash, prev,"     \
	" hash, body"

static const char numeric[COL_COUNT] = {
	[COL_SEQ] = 1,	   [COL_AT] = 1, [COL_ACTOR_SITE] = 1, [COL_LEAD] = 1,
	[COL_PARTNER] = 1, [COL_ID] = 1, [COL_VERSION] = 1,
};

static const char *const class_names[] = {"change", "access"};

struct cell {
	bool null;
	int64_t number; /* where numeric[] */
	const void *data;
	size_t len;
};

/* ---- the hash ---- */

static void hash_row(const struct cell cells[COL_COUNT],
		     const uint8_t prev[CRYPT_HASH_LEN],
		     uint8_t out[CRYPT_HASH_LEN])
{
	static const char label[] = "teleconsult event 1";
	struct crypt_part parts[2 + 2 * COL_COUNT] = {{label, sizeof(label)},
						      {prev, CRYPT_HASH_LEN}};
	uint8_t heads[COL_COUNT][9];

	for (size_t i = 0; i < COL_COUNT; i++) {
		const struct cell *cell = &cells[i];
		uint64_t number = cell->len;
		char type = 's';

		if (cell->null)
			type = 'n', number = 0;
		else if (numeric[i])
			type = 'i', number = (uint64_t)cell->number;
		number = htobe64(number);
		heads[i][0] = (uint8_t)type;
		memcpy(heads[i] + 1, &number, sizeof(number));
		parts[2 + 2 * i] = (struct crypt_part){heads[i], 9};
		parts[3 + 2 * i] = (struct crypt_part){
			cell->data, type == 's' ? cell->len : 0};
	}
	crypt_sha256(parts, 2 + 2 * COL_COUNT, out);
}

/* ---- appending ---- */

static struct cell of_number(int64_t number)
{
	return (struct cell){.number = number};
}

/* Sites: 0 says that there is none. */
static struct cell of_site(int64_t site)
{
	return (struct cell){.null = site == 0, .number = site};
}

static struct cell of_text(const char *s)
{
	if (s == NULL)
		return (struct cell){.null = true};
	return (struct cell){.data = s, .len = strlen(s)};
}

static void fill_cells(const struct tx *tx, const struct event *event,
		       struct cell cells[COL_COUNT])
{
	const char *verb = words_name(&words_verb, (int)event->verb);

	cells[COL_SEQ] = of_number(tx->head.seq + 1);
	cells[COL_AT] = of_number(tx->now);
	cells[COL_ACTOR] = of_text(event->actor);
	cells[COL_ACTOR_SITE] = of_site(event->actor_site);
	cells[COL_LEAD] = of_site(event->lead);
	cells[COL_PARTNER] = of_site(event->partner);
	cells[COL_THING] = of_text(event->thing);
	cells[COL_ID] = of_number(event->id);
	cells[COL_CODE] = of_text(event->code);
	cells[COL_VERSION] = of_number(event->version);
	cells[COL_VERB] = of_text(verb);
	cells[COL_FROM_STATE] = of_text(event->from_state);
	cells[COL_TO_STATE] = of_text(event->to_state);
	cells[COL_REQUEST_ID] = of_text(event->request_id);
	cells[COL_CLASS] = of_text(class_names[event->class]);
}

static void bind_cell(struct query *q, size_t column, const struct cell *cell)
{
	int n = (int)column + 1;

	if (cell->null)
		query_text(q, n, NULL);
	else if (numeric[column])
		query_int(q, n, cell->number);
	else if (column == COL_BODY_HASH)
		query_blob(q, n, cell->data, cell->len);
	else
		query_text(q, n, cell->data);
}

static enum rc insert(struct tx *tx, const struct cell cells[COL_COUNT],
		      const uint8_t hash[CRYPT_HASH_LEN],
		      const struct buf *body, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO event (" COLUMNS ")"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
		    " $12, $13, $14, $15, $16, $17, $18, $19)");
	for (size_t i = 0; i < COL_COUNT; i++)
		bind_cell(&q, i, &cells[i]);
	query_blob(&q, COL_PREV + 1, tx->head.hash, CRYPT_HASH_LEN);
	query_blob(&q, COL_HASH + 1, hash, CRYPT_HASH_LEN);
	query_blob(&q, COL_BODY + 1, body->len > 0 ? body->data : NULL,
		   body->len);
	return query_end(&q, err);
}

/* Who is told of it besides its sites; not a part of the chain. */
static enum rc insert_expert(struct tx *tx, const struct event *event,
			     struct err *err)
{
	struct query q;

	if (!event->expert && !event->other)
		return RC_OK;
	query_begin(&q, tx->db,
		    "INSERT INTO event_expert (seq, expert, assigned, other)"
		    " VALUES ($1, $2, $3, $4)");
	query_int(&q, 1, tx->head.seq);
	query_int_or_null(&q, 2, event->expert, 0);
	query_int(&q, 3, event->assigned);
	query_int_or_null(&q, 4, event->other, 0);
	return query_end(&q, err);
}

static enum rc insert_also(struct tx *tx, const int64_t *experts, size_t n,
			   bool gone, struct err *err)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct query q;

		query_begin(&q, tx->db,
			    "INSERT INTO event_also (seq, expert, gone)"
			    " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
		query_int(&q, 1, tx->head.seq);
		query_int(&q, 2, experts[i]);
		query_int(&q, 3, gone);
		rc = query_end(&q, err);
	}
	return rc;
}

/* What a booking changes its own functions have told of, subject by subject; of
 * requests and series nothing is kept. Anything else may be in what anybody
 * keeps. */
static void touch(struct tx *tx, const struct event *event)
{
	if (event->class == EVENT_CHANGE &&
	    strcmp(event->thing, "booking") != 0 &&
	    strcmp(event->thing, "session") != 0 &&
	    strcmp(event->thing, "series") != 0 &&
	    strcmp(event->thing, "request") != 0)
		stamps_touch_all(tx);
}

enum rc event_append(struct tx *tx, const struct event *event, struct err *err)
{
	uint8_t hash[CRYPT_HASH_LEN], body_hash[CRYPT_HASH_LEN];
	struct cell cells[COL_COUNT];
	struct buf body;
	enum rc rc = RC_OK;

	if (!tx->write)
		abort();
	buf_init(&body, BODY_MAX);
	if (event->reason != NULL) {
		const struct body_of of = {tx->head.seq + 1, event->lead};

		rc = body_close(tx, &of, event->reason, &body, body_hash, err);
	}
	if (rc == RC_OK) {
		fill_cells(tx, event, cells);
		cells[COL_BODY_HASH] =
			(struct cell){.data = body_hash,
				      .len = body.len > 0 ? CRYPT_HASH_LEN : 0};
		hash_row(cells, tx->head.hash, hash);
		rc = insert(tx, cells, hash, &body, err);
	}
	buf_fini(&body);
	if (rc != RC_OK)
		return rc;
	touch(tx, event);
	tx->head.seq++;
	memcpy(tx->head.hash, hash, sizeof(hash));
	if (event->class == EVENT_ACCESS)
		return RC_OK;
	rc = insert_expert(tx, event, err);
	if (rc == RC_OK)
		rc = insert_also(tx, event->also, event->nalso, false, err);
	return rc == RC_OK
		       ? insert_also(tx, event->gone, event->ngone, true, err)
		       : rc;
}

/* ---- reading ---- */

static enum rc count_of(struct tx *tx, const char *thing, int64_t id,
			enum event_class class, size_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT count(*) FROM event WHERE thing = $1 AND id = $2 "
		    "AND class = $3");
	query_text(&q, 1, thing);
	query_int(&q, 2, id);
	query_text(&q, 3, class_names[class]);
	*out = query_row(&q) ? (size_t)query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

static enum rc open_reason(struct tx *tx, struct query *q, struct event *event,
			   struct arena *arena, struct err *err)
{
	const struct body_of of = {event->seq, event->lead};
	uint8_t hash[CRYPT_HASH_LEN];
	size_t len;
	const char *body = query_col_blob(q, COL_BODY, &len);
	struct buf plain;
	enum rc rc;

	if (body == NULL) /* none, or purged */
		return RC_OK;
	buf_init(&plain, BODY_MAX);
	rc = body_open(tx, &of, body, len, &plain, hash, err);
	if (rc == RC_OK) {
		event->reason =
			arena_strndup(arena, buf_cstr(&plain), plain.len);
		if (event->reason == NULL)
			rc = err_set(err, RC_NOMEM, "too much to read");
	}
	buf_fini(&plain);
	return rc;
}

static enum rc read_event(struct tx *tx, struct query *q, struct arena *arena,
			  struct event *out, struct err *err)
{
	const char *verb = query_col_text(q, COL_VERB);
	const char *class = query_col_text(q, COL_CLASS);
	int number = words_find(&words_verb, verb, strlen(verb));

	*out = (struct event){
		.seq = query_col_int(q, COL_SEQ),
		.at = query_col_int(q, COL_AT),
		.actor = query_col_dup(q, COL_ACTOR, arena),
		.actor_site = query_col_int(q, COL_ACTOR_SITE),
		.lead = query_col_int(q, COL_LEAD),
		.partner = query_col_int(q, COL_PARTNER),
		.thing = query_col_dup(q, COL_THING, arena),
		.id = query_col_int(q, COL_ID),
		.code = query_col_dup(q, COL_CODE, arena),
		.version = query_col_int(q, COL_VERSION),
		.verb = (enum verb)number,
		.from_state = query_col_dup(q, COL_FROM_STATE, arena),
		.to_state = query_col_dup(q, COL_TO_STATE, arena),
		.request_id = query_col_dup(q, COL_REQUEST_ID, arena),
		.class = strcmp(class, class_names[EVENT_ACCESS]) == 0
				 ? EVENT_ACCESS
				 : EVENT_CHANGE,
	};
	if (number < 0)
		return err_set(err, RC_CORRUPT, "event %lld: an unknown verb",
			       (long long)out->seq);
	return open_reason(tx, q, out, arena, err);
}

/* Up to n events of what was asked; ends the query. */
static enum rc read_events(struct tx *tx, struct query *q, size_t n,
			   struct arena *arena, struct event **out,
			   size_t *out_n, struct err *err)
{
	struct event *events = arena_array(arena, n, sizeof(*events));
	enum rc rc =
		events ? RC_OK : err_set(err, RC_NOMEM, "too much to read");
	size_t i = 0;

	while (rc == RC_OK && i < n && query_row(q))
		rc = read_event(tx, q, arena, &events[i++], err);
	enum rc ended = query_end(q, rc == RC_OK ? err : NULL);

	if (rc == RC_OK)
		rc = ended;
	if (rc != RC_OK)
		return rc;
	*out = events;
	*out_n = i;
	return RC_OK;
}

enum rc event_history(struct tx *tx, const char *thing, int64_t id,
		      struct arena *arena, struct event **out, size_t *out_n,
		      struct err *err)
{
	struct query q;
	size_t n;
	enum rc rc = count_of(tx, thing, id, EVENT_CHANGE, &n, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "SELECT " COLUMNS " FROM event"
		    " WHERE thing = $1 AND id = $2 AND class = 'change'"
		    " ORDER BY seq");
	query_text(&q, 1, thing);
	query_int(&q, 2, id);
	return read_events(tx, &q, n, arena, out, out_n, err);
}

enum rc event_history_of_verb(struct tx *tx, const char *thing, int64_t id,
			      enum verb verb, struct arena *arena,
			      struct event **out, size_t *out_n,
			      struct err *err)
{
	struct query q;
	size_t n;
	enum rc rc = count_of(tx, thing, id, EVENT_CHANGE, &n, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "SELECT " COLUMNS " FROM event"
		    " WHERE thing = $1 AND id = $2 AND class = 'change'"
		    " AND verb = $3 ORDER BY seq");
	query_text(&q, 1, thing);
	query_int(&q, 2, id);
	query_text(&q, 3, words_name(&words_verb, (int)verb));
	return read_events(tx, &q, n, arena, out, out_n, err);
}

/* Each half along an index: that of the live booking, and of those that ended.
 */
#define BOOKINGS_OF                                                            \
	"(SELECT b.id FROM booking b WHERE b.request = $1 AND b.status IN"     \
	" ('pending', 'booked', 'arrived', 'started', 'fulfilled')"            \
	" UNION ALL SELECT b.id FROM booking b WHERE b.request = $1"           \
	" AND b.status IN ('released', 'lapsed', 'cancelled', 'noshow'))"
#define OF_REQUEST(columns)                                                    \
	"SELECT " columns " FROM event WHERE thing = 'request' AND id = $1"    \
	" AND class = 'change' UNION ALL SELECT " columns " FROM event"        \
	" WHERE thing = 'booking' AND class = 'change' AND id IN " BOOKINGS_OF

enum rc event_history_of_request(struct tx *tx, int64_t request,
				 struct arena *arena, struct event **out,
				 size_t *out_n, struct err *err)
{
	struct query q;
	size_t n;

	query_begin(&q, tx->db,
		    "SELECT count(*) FROM (" OF_REQUEST("seq") ") e");
	query_int(&q, 1, request);
	n = query_row(&q) ? (size_t)query_col_int(&q, 0) : 0;
	enum rc rc = query_end(&q, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db, OF_REQUEST(COLUMNS) " ORDER BY seq");
	query_int(&q, 1, request);
	return read_events(tx, &q, n, arena, out, out_n, err);
}

enum rc event_reads(struct tx *tx, const char *thing, int64_t id, size_t max,
		    struct arena *arena, struct event **out, size_t *out_n,
		    size_t *out_more, struct err *err)
{
	struct query q;
	size_t n;
	enum rc rc = count_of(tx, thing, id, EVENT_ACCESS, &n, err);

	if (rc != RC_OK)
		return rc;
	*out_more = n > max ? n - max : 0;
	query_begin(&q, tx->db,
		    "SELECT " COLUMNS " FROM event"
		    " WHERE thing = $1 AND id = $2 AND class = 'access'"
		    " ORDER BY seq LIMIT $3 OFFSET $4");
	query_text(&q, 1, thing);
	query_int(&q, 2, id);
	query_int(&q, 3, (int64_t)max);
	query_int(&q, 4, (int64_t)*out_more);
	return read_events(tx, &q, n - *out_more, arena, out, out_n, err);
}

enum rc event_load_head(struct db *db, struct event_head *out, struct err *err)
{
	struct event_head head = {0};
	bool sound = true;
	struct query q;
	enum rc rc;

	query_begin(&q, db,
		    "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1");
	if (query_row(&q)) {
		size_t len;
		const void *hash = query_col_blob(&q, 1, &len);

		head.seq = query_col_int(&q, 0);
		sound = len == sizeof(head.hash);
		if (sound)
			memcpy(head.hash, hash, len);
	}
	rc = query_end(&q, err);
	if (rc != RC_OK)
		return rc;
	if (!sound)
		return err_set(err, RC_CORRUPT, "the event log has no head");
	*out = head;
	return RC_OK;
}

enum rc event_epoch(struct tx *tx, char out[EVENT_EPOCH_LEN + 1],
		    struct err *err)
{
	struct query q;

	out[0] = '\0';
	query_begin(&q, tx->db, "SELECT value FROM meta WHERE name = 'epoch'");
	if (query_row(&q))
		snprintf(out, EVENT_EPOCH_LEN + 1, "%s", query_col_text(&q, 0));
	return query_end(&q, err);
}

/* ---- verifying ---- */

static void read_cells(struct query *q, struct cell cells[COL_COUNT])
{
	for (int i = 0; i < COL_COUNT; i++) {
		cells[i] = (struct cell){.null = query_col_null(q, i)};
		if (numeric[i])
			cells[i].number = query_col_int(q, i);
		else
			cells[i].data = query_col_blob(q, i, &cells[i].len);
	}
}

static bool same_bytes(struct query *q, int column, const void *want,
		       size_t want_len)
{
	size_t len;
	const void *data = query_col_blob(q, column, &len);

	return data != NULL && len == want_len &&
	       memcmp(data, want, want_len) == 0;
}

/* One that does not open was changed; and so was one with another hash. */
static bool body_fits(const struct tx *tx, struct query *q)
{
	const struct body_of of = {query_col_int(q, COL_SEQ),
				   query_col_int(q, COL_LEAD)};
	uint8_t hash[CRYPT_HASH_LEN];
	size_t len;
	const void *body = query_col_blob(q, COL_BODY, &len);
	struct buf plain;
	enum rc rc;

	if (body == NULL)
		return true;
	buf_init(&plain, BODY_MAX);
	rc = body_open(tx, &of, body, len, &plain, hash, NULL);
	buf_fini(&plain);
	return rc == RC_OK && same_bytes(q, COL_BODY_HASH, hash, sizeof(hash));
}

/* What is wrong with this row after that head, or NULL; moves the head. */
static const char *check_row(const struct tx *tx, struct query *q,
			     struct event_head *head)
{
	struct cell cells[COL_COUNT];
	uint8_t hash[CRYPT_HASH_LEN];

	if (query_col_int(q, COL_SEQ) != head->seq + 1)
		return "rows are missing before it";
	if (!same_bytes(q, COL_PREV, head->hash, sizeof(head->hash)))
		return "it does not follow the row before it";
	read_cells(q, cells);
	hash_row(cells, head->hash, hash);
	if (!same_bytes(q, COL_HASH, hash, sizeof(hash)))
		return "a column was changed";
	if (!body_fits(tx, q))
		return "the body was changed";
	head->seq++;
	memcpy(head->hash, hash, sizeof(hash));
	return NULL;
}

enum rc event_verify(struct tx *tx, struct event_report *out, struct err *err)
{
	struct event_report report = {.ok = true};
	struct query q;
	enum rc rc = event_epoch(tx, report.epoch, err);

	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db, "SELECT " COLUMNS " FROM event ORDER BY seq");
	while (report.ok && query_row(&q)) {
		report.detail = check_row(tx, &q, &report.head);
		report.ok = report.detail == NULL;
		if (report.ok)
			report.events++;
		else
			report.first_bad = query_col_int(&q, COL_SEQ);
	}
	rc = query_end(&q, err);
	if (rc == RC_OK)
		*out = report;
	return rc;
}
