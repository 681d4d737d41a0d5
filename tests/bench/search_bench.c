/*
 * usage: search_bench [--json] [--experts N]... [--searches N]
 *
 * How long the first ten times of any expert of a specialty with a named
 * operating room and a link take in process: work_slots() on a reader's
 * connection as a worker has it, transaction and answer included, without TLS,
 * HTTP and JSON. The network is made up: one lead, all experts of one
 * specialty, open on workdays from 8 to 18, of which some 30 % are free. Each
 * search begins at another time of the next ten days.
 *
 * Prints, by the number of experts: the first search of all, of which nothing
 * is kept yet ("first_us"); all the others while nothing happens; and the same
 * ("busy") when before every search some expert's day changes and is told by a
 * stamp.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/civil.h"
#include "daemon/store/executor.h"
#include "daemon/store/stamps.h"
#include "tests/bench/common/histogram.h"
#include "tests/support/house.h"

#define STUDIOS 100
#define DAYS 21
#define SEED 20270115
#define ARENA_MAX ((size_t)16 << 20)

/* Friday 2027-01-15 00:00 UTC; the scratch's clock stands at 8:00. */
static const int64_t today = INT64_C(1800000000) / CIVIL_DAY * CIVIL_DAY;

struct search_bench {
	struct house house;
	struct principal who;
	struct reader *reader;
	uint64_t rnd;
	int experts;
	int64_t first; /* id of the first expert */
	struct histogram quiet, busy;
	uint64_t first_ns;
	uint64_t quiet_found, busy_found;
};

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "search_bench: %s: %s\n", what, err ? err->text : "");
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int64_t below(struct search_bench *b, uint64_t bound)
{
	return (int64_t)scratch_random(&b->rnd, bound);
}

/* --- the network --- */

static void add_rooms(struct buf *text)
{
	buf_printf(text, "\"resources\":[{\"id\":\"far/or-1\",\"name\":\"or\","
			 "\"type\":\"operating-room\",\"capacity\":1},"
			 "{\"id\":\"far/or-2\",\"name\":\"or\","
			 "\"type\":\"operating-room\",\"capacity\":1},"
			 "{\"id\":\"lead/link\",\"name\":\"link\","
			 "\"type\":\"link\",\"capacity\":4}");
	for (int i = 0; i < STUDIOS; i++)
		buf_printf(text,
			   ",{\"id\":\"lead/s%03d\",\"name\":\"s\",\"type\":"
			   "\"studio\",\"capacity\":1}",
			   i);
	buf_printf(text, "],");
}

static void add_experts(struct buf *text, int n)
{
	buf_printf(text, "\"experts\":[");
	for (int i = 0; i < n; i++)
		buf_printf(text,
			   "%s{\"id\":\"e%05d\",\"name\":\"Expert %d\","
			   "\"home\":\"lead\",\"specialties\":[\"coronary\"],"
			   "\"title\":\"chief-physician\","
			   "\"independent_since\":\"2000-08-01\","
			   "\"kinds\":[\"remote-consultation\","
			   "\"surgical-guidance\"],\"languages\":[\"zh\"],"
			   "\"buffer_minutes\":10,\"cap_per_day\":20}",
			   i ? "," : "", i, i);
	buf_printf(text, "],\"availability\":[");
	for (int i = 0; i < n; i++) {
		buf_printf(text,
			   "%s{\"of\":\"e%05d\",\"rrule\":"
			   "\"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\","
			   "\"start\":\"2026-01-01T08:00\","
			   "\"end\":\"2026-01-01T18:00\",\"time_zone\":\"UTC\"",
			   i ? "," : "", i);
		/* every other one sees patients in one place */
		if (i % 2)
			buf_printf(text, ",\"at\":\"lead/s%03d\"",
				   i / 2 % STUDIOS);
		buf_printf(text, "}");
	}
	buf_printf(text, "]");
}

static void begin_house(struct search_bench *b)
{
	struct buf text;

	buf_init(&text, (size_t)64 << 20);
	buf_printf(&text,
		   "{\"version\":1,\"limit_sets\":{},\"sites\":["
		   "{\"id\":\"lead\",\"name\":\"l\",\"time_zone\":\"UTC\"},"
		   "{\"id\":\"far\",\"name\":\"f\",\"time_zone\":\"UTC\"}],"
		   "\"agreements\":[{\"id\":\"a\",\"lead\":\"lead\","
		   "\"partner\":\"far\",\"specialties\":[\"coronary\"],"
		   "\"valid_from\":\"2022-01-01\",\"valid_to\":\"2035-12-31\","
		   "\"kinds\":[\"surgical-guidance\"]}],");
	add_rooms(&text);
	add_experts(&text, b->experts);
	buf_printf(&text, "}");
	if (text.failed)
		die("the network", NULL);
	house_begin_with(&b->house, text.data, text.len);
	buf_fini(&text);
	b->who = house_person(&b->house, ROLE_SITE_COORDINATOR, "far", NULL);
}

/* --- what is taken --- */

static void take(struct db *db, int64_t subject, int64_t from, int64_t to)
{
	struct err err = ERR_INIT;
	struct query q;

	query_begin(&q, db,
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role, hold_until) VALUES ($1, $2, $3, 1, 'expert', 0)");
	query_int(&q, 1, subject);
	query_int(&q, 2, from);
	query_int(&q, 3, to);
	if (query_end(&q, &err) != RC_OK)
		die("a claim", &err);
}

/* A day from 8 to 18 in turns of 10 minutes to 4 hours, 70 % of it taken. */
static void fill_day(struct search_bench *b, int64_t subject, int64_t day)
{
	int64_t at = day + 8 * 3600, end = day + 18 * 3600;
	bool taken = below(b, 10) < 7;

	while (at < end) {
		int64_t length = taken ? 7 + below(b, 28) : 3 + below(b, 12);
		int64_t to = at + length * 600;

		if (to > end)
			to = end;
		if (taken)
			take(b->house.db, subject, at, to);
		at = to;
		taken = !taken;
	}
}

static int64_t id_of(struct search_bench *b, const char *slug)
{
	struct query q;
	int64_t id = 0;

	query_begin(&q, b->house.db, "SELECT id FROM subject WHERE slug = $1");
	query_text(&q, 1, slug);
	if (query_row(&q))
		id = query_col_int(&q, 0);
	if (query_end(&q, NULL) != RC_OK || id == 0)
		die(slug, NULL);
	return id;
}

static void fill_calendars(struct search_bench *b)
{
	struct db *db = b->house.db;
	struct err err = ERR_INIT;

	if (db_begin(db, &err) != RC_OK)
		die("a transaction", &err);
	scratch_run(db, "INSERT INTO booking (id, code, agreement, lead,"
			" partner, kind, status, from_time, to_time, owner,"
			" owner_site, version) SELECT 1, '1', min(id), 1, 2,"
			" 'surgical-guidance', 'booked', 0, 1, 1, 1, 1"
			" FROM agreement");
	b->first = id_of(b, "e00000");
	for (int i = 0; i < b->experts; i++)
		for (int d = 0; d < DAYS; d++)
			fill_day(b, b->first + i, today + d * CIVIL_DAY);
	for (int d = 0; d < DAYS; d++)
		fill_day(b, id_of(b, "far/or-1"), today + d * CIVIL_DAY);
	if (db_commit(db, &err) != RC_OK)
		die("a commit", &err);
}

/* --- searching --- */

static size_t search(struct search_bench *b, uint64_t *out_ns)
{
	const char *with[] = {"far/or-1", "lead/link"};
	struct msg_slots_query in;
	struct msg_slots out;
	struct arena arena;
	struct tx tx;
	uint64_t begun;

	proto_clear(&msg_slots_query_table, &in);
	in.kind = KIND_SURGICAL_GUIDANCE;
	in.specialty = "coronary";
	in.duration_minutes = 60;
	in.before_minutes = 30;
	in.after_minutes = 30;
	in.with = (struct field_strs){with, 2};
	in.from = b->house.scratch.now + below(b, 10 * 288) * 300;
	arena_init(&arena, ARENA_MAX);
	begun = now_ns();
	struct work w = {.tx = &tx,
			 .who = &b->who,
			 .arena = &arena,
			 .request_id = "bench",
			 .match = WORK_MATCH_ANY};

	if (reader_begin(b->reader, &tx, &w.err) != RC_OK ||
	    work_slots(&w, &in, &out) != RC_OK)
		die("a search", &w.err);
	reader_end(b->reader);
	*out_ns = now_ns() - begun;
	arena_fini(&arena);
	return out.slots.n;
}

/* Somebody's day is another than it was. */
static enum rc change_step(struct work *w, void *arg)
{
	struct search_bench *b = arg;
	int64_t expert = b->first + below(b, (uint64_t)b->experts);
	int64_t day = today + below(b, 12) * CIVIL_DAY;
	struct query q;

	query_begin(&q, w->tx->db,
		    "DELETE FROM claim WHERE subject = $1 AND from_time >= $2"
		    " AND from_time < $3");
	query_int(&q, 1, expert);
	query_int(&q, 2, day);
	query_int(&q, 3, day + CIVIL_DAY);
	enum rc rc = query_end(&q, &w->err);

	fill_day(b, expert, day);
	stamps_touch_subject(w->tx, expert);
	return rc;
}

static void measure(struct search_bench *b, int searches)
{
	struct work w;
	uint64_t ns;

	search(b, &b->first_ns);
	for (int i = 0; i < searches; i++) {
		b->quiet_found += search(b, &ns);
		histogram_add(&b->quiet, ns);
	}
	for (int i = 0; i < searches; i++) {
		if (house_do(&b->house, &b->who, WORK_MATCH_ANY, change_step, b,
			     &w) != RC_OK)
			die("a change", &w.err);
		b->busy_found += search(b, &ns);
		histogram_add(&b->busy, ns);
	}
}

static void print(const struct search_bench *b, int searches, bool first)
{
	printf("%s\"%d\":{\"searches\":%d,\"first_us\":%.1f,"
	       "\"p50_us\":%.1f,\"p99_us\":%.1f,\"found\":%.2f,"
	       "\"busy\":{\"p50_us\":%.1f,\"p99_us\":%.1f,\"found\":%.2f}}",
	       first ? "" : ",", b->experts, searches,
	       (double)b->first_ns / 1000,
	       (double)histogram_at(&b->quiet, 0.5) / 1000,
	       (double)histogram_at(&b->quiet, 0.99) / 1000,
	       (double)b->quiet_found / searches,
	       (double)histogram_at(&b->busy, 0.5) / 1000,
	       (double)histogram_at(&b->busy, 0.99) / 1000,
	       (double)b->busy_found / searches);
}

static void run(int experts, int searches, bool first)
{
	struct search_bench *b = mem_alloc(sizeof(*b));
	struct err err = ERR_INIT;

	b->experts = experts;
	b->rnd = SEED;
	begin_house(b);
	fill_calendars(b);
	if (reader_new(&b->house.scratch.env, &b->reader, &err) != RC_OK)
		die("a reader", &err);
	measure(b, searches);
	print(b, searches, first);
	reader_free(b->reader);
	house_end(&b->house);
	mem_free(b);
}

int main(int argc, char **argv)
{
	int sizes[8] = {500, 10000};
	int n = 2, given = 0, searches = 2000;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--experts") && i + 1 < argc && given < 8)
			sizes[given++] = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--searches") && i + 1 < argc)
			searches = atoi(argv[++i]);
		else if (strcmp(argv[i], "--json") != 0)
			die("usage: search_bench [--json] [--experts N]..."
			    " [--searches N]",
			    NULL);
	}
	if (given > 0)
		n = given;
	printf("{");
	for (int i = 0; i < n; i++)
		run(sizes[i], searches, i == 0);
	printf("}\n");
	return 0;
}
