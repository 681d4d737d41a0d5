/* The reader of server-sent events: the standard's own examples, and that it
 * does not matter how the bytes were cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "client/sse.h"
#include "tests/support/fake.h"

struct heard {
	struct buf text; /* "name=data;" */
	unsigned left;	 /* how many are wanted still */
};

static bool take(void *ctx, const struct sse_event *event)
{
	struct heard *h = ctx;

	assert_int_equal(strlen(event->data), event->len);
	buf_printf(&h->text, "%s=%s;", event->name, event->data);
	return --h->left > 0;
}

static void begin(struct sse *sse, struct heard *h)
{
	buf_init(&h->text, 1 << 20);
	h->left = 1000;
	sse_init(sse, take, h);
	sse_begin(sse);
}

static void end(struct sse *sse, struct heard *h)
{
	sse_fini(sse);
	buf_fini(&h->text);
}

/* stream -> what is heard, and the last id */
static const struct {
	const char *stream, *heard, *id;
} examples[] = {
	/* WHATWG HTML, 9.2.6 */
	{"data: YHOO\ndata: +2\ndata: 10\n\n", "message=YHOO\n+2\n10;", ""},
	{": test stream\n\ndata: first event\nid: 1\n\n"
	 "data:second event\nid\n\ndata:  third event\n\n",
	 "message=first event;message=second event;message= third event;", ""},
	{"data\n\ndata\ndata\n\ndata:", "message=;message=\n;", ""},
	{"data:test\n\ndata: test\n\n", "message=test;message=test;", ""},
	/* ends of lines */
	{"data: a\r\n\r\ndata: b\r\rdata: c\n\n",
	 "message=a;message=b;message=c;", ""},
	{"\xef\xbb\xbf"
	 "data: a\n\n",
	 "message=a;", ""},
	/* names and ids */
	{"event: booking\nid: e.7\ndata: {}\n\n", "booking={};", "e.7"},
	{"event: x\n\ndata: a\n\n", "message=a;", ""},
	/* an id without an event, which is how a position is told */
	{"id: e.8\n\n", "", "e.8"},
	{"id: e.8\nid: e.9\n\n", "", "e.9"},
	/* what is not whole counts not */
	{"id: e.8\n", "", ""},
	{"data: a\nid: e.8", "", ""},
	{"id: a\tb\ndata: x\n\n", "message=x;", ""},
	{"what: is this\ndata: a\nDATA: b\n\n", "message=a;", ""},
};

static void each_example_is_heard(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct heard h;
		struct sse sse;

		begin(&sse, &h);
		assert_true(sse_feed(&sse, examples[i].stream,
				     strlen(examples[i].stream)));
		assert_string_equal(examples[i].heard, buf_cstr(&h.text));
		assert_string_equal(examples[i].id, sse.last_id);
		end(&sse, &h);
	}
}

static void cuts_do_not_matter(void **state)
{
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int round = 0; round < 2000; round++) {
		size_t i = (size_t)round %
			   (sizeof(examples) / sizeof(examples[0]));
		const char *s = examples[i].stream;
		size_t len = strlen(s), at = 0;
		struct heard h;
		struct sse sse;

		begin(&sse, &h);
		while (at < len) {
			size_t n = 1 + fake_rnd_below(&rnd, 5);

			n = n < len - at ? n : len - at;
			assert_true(sse_feed(&sse, s + at, n));
			at += n;
		}
		assert_string_equal(examples[i].heard, buf_cstr(&h.text));
		assert_string_equal(examples[i].id, sse.last_id);
		end(&sse, &h);
	}
}

/* A connection that breaks within an event: the next one tells it whole. */
static void what_had_begun_is_forgotten(void **state)
{
	static const char one[] =
		"id: 1\ndata: a\n\nid: 2\nevent: x\ndata: b\n";
	static const char two[] = "data: c\n\n";
	struct heard h;
	struct sse sse;

	(void)state;
	begin(&sse, &h);
	assert_true(sse_feed(&sse, one, sizeof(one) - 1));
	assert_string_equal("1", sse.last_id);
	sse_begin(&sse);
	assert_true(sse_feed(&sse, two, sizeof(two) - 1));
	assert_string_equal("message=a;message=c;", buf_cstr(&h.text));
	assert_string_equal("1", sse.last_id);
	end(&sse, &h);
}

static void retry_is_a_number_and_bounded(void **state)
{
	static const struct {
		const char *line;
		int64_t ms;
	} v[] = {
		{"retry: 10\n", 10},
		{"retry: 0\n", 0},
		{"retry: x\n", -1},
		{"retry: -5\n", -1},
		{"retry: 5 s\n", -1},
		{"retry\n", -1},
		{"retry: 86400000\n", SSE_RETRY_MAX_MS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct heard h;
		struct sse sse;

		begin(&sse, &h);
		assert_true(sse_feed(&sse, v[i].line, strlen(v[i].line)));
		assert_int_equal(v[i].ms, sse.retry_ms);
		end(&sse, &h);
	}
}

static void who_wants_no_more_hears_no_more(void **state)
{
	static const char s[] = "data: a\n\ndata: b\n\n";
	struct heard h;
	struct sse sse;

	(void)state;
	begin(&sse, &h);
	h.left = 1;
	assert_false(sse_feed(&sse, s, sizeof(s) - 1));
	assert_string_equal("message=a;", buf_cstr(&h.text));
	end(&sse, &h);
}

static void a_line_or_an_event_without_end_is_none(void **state)
{
	static const char line[] =
		"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
	struct heard h;
	struct sse sse;
	size_t fed = 0;

	(void)state;
	begin(&sse, &h);
	while (sse_feed(&sse, "x", 1))
		assert_true(++fed <= SSE_EVENT_MAX);
	end(&sse, &h);
	begin(&sse, &h);
	fed = 0;
	while (sse_feed(&sse, line, sizeof(line) - 1))
		assert_true((fed += sizeof(line)) <= 2 * SSE_EVENT_MAX);
	assert_string_equal("", buf_cstr(&h.text));
	end(&sse, &h);
}

static void names_and_ids_that_are_too_long(void **state)
{
	struct heard h;
	struct sse sse;
	struct buf s;

	(void)state;
	begin(&sse, &h);
	buf_init(&s, 4096);
	buf_str(&s, "id: 1\n\nevent: ");
	for (int i = 0; i < 200; i++)
		buf_chr(&s, 'n');
	buf_str(&s, "\nid: ");
	for (int i = 0; i < 200; i++)
		buf_chr(&s, '7');
	buf_str(&s, "\ndata: a\n\n");
	assert_true(sse_feed(&sse, s.data, s.len));
	assert_string_equal("?=a;", buf_cstr(&h.text));
	assert_string_equal("1", sse.last_id);
	buf_fini(&s);
	end(&sse, &h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_example_is_heard),
		cmocka_unit_test(cuts_do_not_matter),
		cmocka_unit_test(what_had_begun_is_forgotten),
		cmocka_unit_test(retry_is_a_number_and_bounded),
		cmocka_unit_test(who_wants_no_more_hears_no_more),
		cmocka_unit_test(a_line_or_an_event_without_end_is_none),
		cmocka_unit_test(names_and_ids_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
