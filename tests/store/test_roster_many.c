/* Rosters as a region has them: all are looked at within the memory that one
 * question has, and gaps are found in all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/api/call.h"
#include "daemon/work/emergency.h"
#include "tests/support/desk.h"

#define SITES 20
#define EXPERTS 500
#define ROSTERS 400
#define PEOPLE 8

static struct desk desk; /* its house alone */

static const char *comma(int i)
{
	return i ? "," : "";
}

/* Of the last one nobody is on call any more. */
static void write_rosters(struct buf *out)
{
	for (int i = 0; i < ROSTERS; i++) {
		buf_printf(out,
			   "%s{\"site\":\"h-%d\",\"specialty\":\"s-%d\","
			   "\"level\":1,\"reach\":\"the duty telephone\","
			   "\"turn_days\":1,\"start\":\"2022-01-01T08:00\"%s,"
			   "\"people\":[",
			   comma(i), i % SITES, i / SITES,
			   i == ROSTERS - 1 ? ",\"until\":\"2022-02-01T08:00\""
					    : "");
		for (int k = 0; k < PEOPLE; k++)
			buf_printf(out, "%s{\"expert\":\"x-%d\"}", comma(k),
				   (i % SITES + k * SITES) % EXPERTS);
		buf_str(out, "]}");
	}
}

static void write_network(struct buf *out)
{
	buf_str(out, "{\"version\":1,\"sites\":[");
	for (int i = 0; i < SITES; i++)
		buf_printf(out,
			   "%s{\"id\":\"h-%d\",\"name\":\"H\","
			   "\"time_zone\":\"Asia/Shanghai\"}",
			   comma(i), i);
	buf_str(out, "],\"agreements\":[],\"resources\":[],\"experts\":[");
	for (int i = 0; i < EXPERTS; i++)
		buf_printf(out,
			   "%s{\"id\":\"x-%d\",\"name\":\"X\",\"home\":"
			   "\"h-%d\",\"specialties\":[\"s-0\"],\"kinds\":"
			   "[\"emergency-consultation\"]}",
			   comma(i), i, i % SITES);
	buf_str(out, "],\"availability\":[],\"on_call\":[");
	write_rosters(out);
	buf_str(out, "]}");
}

struct gaps {
	int64_t n;
	const char *first;
	struct arena arena;
	size_t used;
};

static enum rc gaps_step(struct work *w, void *arg)
{
	struct gaps *g = arg;

	arena_init(&g->arena, CALL_ARENA_MAX);
	w->arena = &g->arena;
	enum rc rc = work_on_call_gaps(w, &g->n, &g->first);

	if (rc == RC_OK)
		assert_string_equal("h-19, s-19", g->first);
	g->used = g->arena.used;
	arena_fini(&g->arena);
	return rc;
}

static void four_hundred_are_looked_at(void **state)
{
	struct principal root;
	struct gaps g;
	struct buf text;

	(void)state;
	buf_init(&text, 1u << 20);
	write_network(&text);
	house_begin_with(&desk.house, text.data, text.len);
	buf_fini(&text);
	root = house_person(&desk.house, ROLE_ADMINISTRATOR, NULL, NULL);
	scratch_run(desk.house.db,
		    "INSERT INTO roster_swap (site, specialty, level, gives,"
		    " takes, from_time, to_time, given, taken)"
		    " SELECT r.site, r.specialty, r.level, p.expert,"
		    " (SELECT max(subject) FROM expert), 0, 9e9, 1, 1"
		    " FROM roster r JOIN roster_person p ON p.roster = r.id");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(RC_OK, desk_do(&desk, &root, gaps_step, &g));
		assert_int_equal(1, g.n);
		assert_true(g.used < CALL_ARENA_MAX / 8);
	}
	house_end(&desk.house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_hundred_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
