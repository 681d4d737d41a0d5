#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/messages.h"
#include "proto/rows.h"
#include "tests/support/fake.h"

/* A message with what no real query has: every type that can stand in one. */
struct msg_every {
	const char *need, *text, *choice;
	int64_t date, wall;
	kindset kinds;
	struct field_strs strs, slugs, dates;
	struct field_list objects;
};

static const char *const colour_names[] = {"red", "green"};
static const struct words colours = {"colour", colour_names, 2};

static MESSAGE(every, "Every", "Every type",
	       STR(every, need, REQUIRED, 1, 4, "h"),
	       TEXT(every, text, OPTIONAL, 0, 10, "h"),
	       CHOICE(every, choice, OPTIONAL, colours, "h"),
	       DATE(every, date, OPTIONAL, "h"),
	       WALL(every, wall, OPTIONAL, "h"),
	       KINDS(every, kinds, OPTIONAL, "h"),
	       STRS(every, strs, OPTIONAL, 1, 3, 2, "h"),
	       SLUGS(every, slugs, OPTIONAL, 3, "h"),
	       DATES(every, dates, OPTIONAL, 3, "h"),
	       OBJECTS(every, objects, OPTIONAL, interval, 3, "h"));

struct got {
	struct arena arena;
	struct field_faults faults;
	struct err err;
	enum rc rc;
	union {
		struct msg_slots_query slots;
		struct msg_list_query list;
		struct msg_every every;
	} out;
};

static void query_bytes(const struct msg *msg, const char *query, size_t len,
			struct got *got)
{
	assert_true(msg->size <= sizeof(got->out));
	memset(got, 0, sizeof(*got));
	arena_init(&got->arena, 65536);
	got->rc = proto_decode_query(msg, query, len, &got->arena, &got->out,
				     &got->faults, &got->err);
}

static void query(const struct msg *msg, const char *text, struct got *got)
{
	query_bytes(msg, text, strlen(text), got);
}

static void test_empty(void **state)
{
	struct got got;

	(void)state;
	query_bytes(&msg_slots_query_table, NULL, 0, &got);
	assert_int_equal(got.rc, RC_OK);
	assert_int_equal(got.out.slots.kind, -1);
	assert_int_equal(got.out.slots.n, FIELD_NONE);
	assert_int_equal(got.out.slots.from, FIELD_NONE);
	assert_false(got.out.slots.why_not);
	assert_int_equal(got.out.slots.with.n, 0);
	arena_fini(&got.arena);
}

static void test_slots(void **state)
{
	struct got got;

	(void)state;
	query(&msg_slots_query_table,
	      "kind=remote-consultation&with=anzhen/studio-1&n=3"
	      "&from=2026-12-01T09:30:00+08:00&why%5fnot=true"
	      "&with=anzhen%2Fstudio-2&to=2026-12-01T09%3A30%3a00Z",
	      &got);
	assert_int_equal(got.rc, RC_OK);
	assert_int_equal(got.out.slots.kind, KIND_REMOTE_CONSULTATION);
	assert_int_equal(got.out.slots.n, 3);
	assert_int_equal(got.out.slots.from, 1796088600);
	assert_int_equal(got.out.slots.to, 1796088600 + 8 * 3600);
	assert_true(got.out.slots.why_not);
	assert_int_equal(got.out.slots.with.n, 2);
	assert_string_equal(got.out.slots.with.v[0], "anzhen/studio-1");
	assert_string_equal(got.out.slots.with.v[1], "anzhen/studio-2");
	arena_fini(&got.arena);
}

static void test_every(void **state)
{
	struct got got;

	(void)state;
	query(&msg_every_table,
	      "need=%E8%83%B8%E7%97%9B&text=&choice=green&date=2024-02-29"
	      "&wall=2024-02-29T08:05&kinds=referral&kinds=clinic-slot"
	      "&strs=a+b&strs=%20&slugs=x&dates=2026-10-01",
	      &got);
	assert_int_equal(got.rc, RC_OK);
	assert_string_equal(got.out.every.need, "胸痛");
	assert_string_equal(got.out.every.text, "");
	assert_string_equal(got.out.every.choice, "green");
	assert_int_equal(got.out.every.date, 19782);
	assert_int_equal(got.out.every.wall, 19782 * 86400 + 8 * 3600 + 300);
	assert_int_equal(got.out.every.kinds,
			 KINDSET(KIND_REFERRAL) | KINDSET(KIND_CLINIC_SLOT));
	assert_int_equal(got.out.every.strs.n, 2);
	assert_string_equal(got.out.every.strs.v[0], "a+b");
	assert_string_equal(got.out.every.strs.v[1], " ");
	assert_string_equal(got.out.every.dates.v[0], "2026-10-01");
	arena_fini(&got.arena);
}

#define TIMES_ "must be an RFC 3339 time with an offset, in whole seconds\n"

static const struct refusal {
	const struct msg *msg;
	const char *query;
	const char *faults;
} refusals[] = {
	{&msg_list_query_table, "limit=0", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=201", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=050", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=+5", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=5.0", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=99999999999999999999",
	 "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit", "#limit: must be 1 to 200\n"},
	{&msg_list_query_table, "limit=5&limit=5",
	 "#limit: must stand once only\n"},
	{&msg_list_query_table, "limit=x&Limit=5&from=now",
	 "#limit: must be 1 to 200\n#Limit: there is no such parameter\n"
	 "#from: " TIMES_},
	/* '+' is a plus, not a space */
	{&msg_list_query_table, "from=2026-12-01+09:30:00Z", "#from: " TIMES_},
	{&msg_list_query_table, "status=a%00", NULL},
	{&msg_list_query_table, "cursor=%1b",
	 "#cursor: must not have control characters\n"},
	{&msg_list_query_table, "%1b=1", ": there is no such parameter\n"},
	{&msg_list_query_table, "a/~=1", "#a/~: there is no such parameter\n"},
	{&msg_slots_query_table, "why_not=1",
	 "#why_not: must be true or false\n"},
	{&msg_slots_query_table, "why_not",
	 "#why_not: must be true or false\n"},
	{&msg_slots_query_table, "with=a&with=b/c",
	 "#with: must be a resource: site/name\n"},
	{&msg_slots_query_table, "request=7K2M-QX9",
	 "#request: must be a code such as 7K2M-QX9D\n"},
	{&msg_every_table, "", "#need: is required\n"},
	{&msg_every_table, "need=", "#need: must have 1 to 4 characters\n"},
	{&msg_every_table, "need=%E8%83%B8%E8%83%B8%E8%83%B8%E8%83%B8x",
	 "#need: must have 1 to 4 characters\n"},
	{&msg_every_table, "need=x&strs=a&strs=b&strs=c",
	 "#strs: must have at most 2 elements\n"},
	{&msg_every_table, "need=x&kinds=referral&kinds=referral",
	 "#kinds: must not name a word twice\n"},
	{&msg_every_table, "need=x&choice=blue&objects=1",
	 "#choice: must be one of red, green\n"
	 "#objects: there is no such parameter\n"},
	{&msg_every_table, "need=x&date=2023-02-29&dates=today",
	 "#date: must be a date: YYYY-MM-DD\n"
	 "#dates: must be a date: YYYY-MM-DD\n"},
};

static void test_refusals(void **state)
{
	struct got got;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		char shown[1024] = "";
		size_t len = 0;

		query(refusals[i].msg, refusals[i].query, &got);
		for (size_t k = 0; k < got.faults.n; k++)
			len += (size_t)snprintf(shown + len,
						sizeof(shown) - len, "%s: %s\n",
						got.faults.v[k].pointer,
						got.faults.v[k].detail);
		if (refusals[i].faults != NULL) {
			assert_string_equal(shown, refusals[i].faults);
			assert_int_equal(got.rc, RC_INVALID);
		} else {
			assert_int_equal(got.rc, RC_MALFORMED);
		}
		arena_fini(&got.arena);
	}
}

static void test_malformed(void **state)
{
	static const char *const malformed[] = {
		"&",
		"limit=5&",
		"&limit=5",
		"limit=5&&n=1",
		"=5",
		"limit=%",
		"limit=%5",
		"limit=%5g",
		"limit=%g5",
		"limit=%+5",
		"%=1",
		"limit=5 ",
		"limit=\t",
		"limit=\"",
		"limit=<",
		"limit=#",
		"limit=[",
		"limit=\x7f",
		"limit=胸",
		"cursor=%ff",
		"cursor=%C0%AF",
		"cursor=%ED%A0%80",
		"cursor=%e8%83",
		"limit=5%",
	};
	struct got got;

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		query(&msg_list_query_table, malformed[i], &got);
		if (got.rc != RC_MALFORMED)
			fail_msg("%s: %d", malformed[i], got.rc);
		assert_string_equal(got.err.text,
				    "the query is not well formed");
		arena_fini(&got.arena);
	}
	query_bytes(&msg_list_query_table, "limit=5\0", 8, &got);
	assert_int_equal(got.rc, RC_MALFORMED);
	arena_fini(&got.arena);
}

static void test_failing_memory(void **state)
{
	static const char text[] = "with=a/b&kind=x&y=1&n=1&n=2&with=c/d";
	struct field_faults faults;
	struct msg_slots_query out;
	struct arena arena;
	enum rc rc = RC_NOMEM;

	(void)state;
	/* the arena ends early, in steps */
	for (size_t max = 0; max < 8192; max += 16) {
		arena_init(&arena, max);
		rc = proto_decode_query(&msg_slots_query_table, text,
					sizeof(text) - 1, &arena, &out, &faults,
					NULL);
		assert_true(rc == RC_NOMEM || rc == RC_INVALID);
		arena_fini(&arena);
	}
	assert_int_equal(rc, RC_INVALID);
	/* and the n-th allocation fails */
	for (uint64_t n = 1; n <= 3; n++) {
		arena_init(&arena, 65536);
		fake_mem_fail_at(n);
		rc = proto_decode_query(&msg_slots_query_table, text,
					sizeof(text) - 1, &arena, &out, &faults,
					NULL);
		assert_int_equal(rc, RC_NOMEM);
		arena_fini(&arena);
		fake_mem_restore();
	}
}

/* Without proto_init() jansson's memory would not be ours. */
static void test_not_ready(void **state)
{
	struct field_faults faults;
	struct msg_empty out;
	struct arena arena;

	(void)state;
	arena_init(&arena, 65536);
	assert_int_equal(proto_decode(&msg_empty_table, "{}", 2, PROTO_STRICT,
				      &arena, &out, &faults, NULL),
			 RC_INTERNAL);
	proto_init(0);
	assert_int_equal(proto_decode(&msg_empty_table, "{}", 2, PROTO_STRICT,
				      &arena, &out, &faults, NULL),
			 RC_OK);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_every),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_failing_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
