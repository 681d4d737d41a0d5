#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/file.h"
#include "client/week.h"

#define TEXT_MAX (1 << 20)

static int begin(void **state)
{
	(void)state;
	proto_init(1);
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

/* One schedule document, drawn. */
struct drawing {
	struct arena arena;
	struct tz_store *zones;
	struct msg_schedule schedule;
	struct week week;
	struct buf out;
};

static void read_whole(const char *name, struct buf *out)
{
	char path[128];
	struct err err = ERR_INIT;

	buf_init(out, TEXT_MAX);
	snprintf(path, sizeof(path), "tests/data/client_week_%s", name);
	if (file_read(path, out, &err) != RC_OK)
		fail_msg("%s", err.text);
}

static void draw(struct drawing *d, const char *name, const char *zone,
		 const char *monday, size_t width, bool colour)
{
	struct field_faults faults = {0};
	struct err err = ERR_INIT;
	struct buf json;

	arena_init(&d->arena, TEXT_MAX);
	read_whole(name, &json);
	if (proto_decode(&msg_schedule_table, buf_cstr(&json), json.len,
			 PROTO_STRICT, &d->arena, &d->schedule, &faults,
			 &err) != RC_OK)
		fail_msg("%s: %s%s", name, err.text,
			 faults.n > 0 ? faults.v[0].pointer : "");
	buf_fini(&json);
	d->zones = tz_store_new(TZ_SYSTEM_DIR);
	d->week = (struct week){.schedule = &d->schedule,
				.term = {.width = width, .colour = colour}};
	assert_int_equal(tz_get(d->zones, zone, &d->week.zone, NULL), RC_OK);
	assert_true(civil_read_date(monday, strlen(monday), &d->week.monday));
	/* it is noon on Tuesday */
	d->week.now = tz_to_utc(d->week.zone,
				(d->week.monday + 1) * CIVIL_DAY + 43200);
	buf_init(&d->out, TEXT_MAX);
	week_render(&d->week, &d->out);
	assert_false(d->out.failed);
}

static void drop(struct drawing *d)
{
	buf_fini(&d->out);
	tz_store_free(d->zones);
	arena_fini(&d->arena);
}

static size_t widest(const char *text)
{
	size_t most = 0;
	char line[4096];

	while (*text) {
		size_t len = strcspn(text, "\n");

		assert_true(len < sizeof(line));
		memcpy(line, text, len);
		line[len] = '\0';
		if (term_columns(line) > most)
			most = term_columns(line);
		text += len + (text[len] == '\n');
	}
	return most;
}

static void golden(const char *name, const char *zone, const char *monday)
{
	char file[64];
	struct drawing d;
	struct buf wanted;

	snprintf(file, sizeof(file), "%s.json", name);
	draw(&d, file, zone, monday, 80, false);
	snprintf(file, sizeof(file), "%s.txt", name);
	read_whole(file, &wanted);
	if (strcmp(buf_cstr(&d.out), buf_cstr(&wanted)) != 0)
		fputs(buf_cstr(&d.out), stderr); /* longer than cmocka's */
	assert_string_equal(buf_cstr(&d.out), buf_cstr(&wanted));
	assert_true(widest(buf_cstr(&d.out)) <= 80);
	buf_fini(&wanted);
	drop(&d);
}

static void a_week_of_work(void **state)
{
	(void)state;
	golden("busy", "Asia/Shanghai", "2026-11-30");
}

static void an_empty_week(void **state)
{
	(void)state;
	golden("empty", "Asia/Shanghai", "2026-11-30");
}

/* Work at night makes rows, open time at night does not; weeks cut it off. */
static void work_at_night(void **state)
{
	(void)state;
	golden("night", "Asia/Shanghai", "2026-11-30");
}

static void a_week_whose_clocks_change(void **state)
{
	(void)state;
	golden("dst", "Europe/Berlin", "2026-03-23");
}

/* The same instants on another wall. */
static void another_zone(void **state)
{
	struct drawing d;

	(void)state;
	draw(&d, "busy.json", "Europe/Moscow", "2026-11-30", 80, false);
	assert_non_null(strstr(buf_cstr(&d.out), "\n03:00 \u258cguidance"));
	assert_non_null(strstr(buf_cstr(&d.out), "Europe/Moscow"));
	drop(&d);
}

static void widths_are_kept(void **state)
{
	static const size_t widths[] = {WEEK_WIDTH_MIN, 79, 80, 100, 160, 400};

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct drawing d;

		draw(&d, "busy.json", "Asia/Shanghai", "2026-11-30", widths[i],
		     false);
		assert_true(widest(buf_cstr(&d.out)) <= widths[i]);
		drop(&d);
	}
}

static void colour_changes_no_text(void **state)
{
	struct drawing plain, bright;
	struct buf stripped;
	const char *s;

	(void)state;
	draw(&plain, "busy.json", "Asia/Shanghai", "2026-11-30", 80, false);
	draw(&bright, "busy.json", "Asia/Shanghai", "2026-11-30", 80, true);
	assert_null(strchr(buf_cstr(&plain.out), '\x1b'));
	assert_non_null(strchr(buf_cstr(&bright.out), '\x1b'));
	buf_init(&stripped, TEXT_MAX);
	for (s = buf_cstr(&bright.out); *s; s++) {
		if (*s == '\x1b')
			s += strcspn(s, "m");
		else if (*s != ' ')
			buf_chr(&stripped, *s);
	}
	for (s = buf_cstr(&plain.out); *s; s++)
		if (*s != ' ')
			buf_chr(&bright.out, *s);
	assert_non_null(strstr(buf_cstr(&bright.out), buf_cstr(&stripped)));
	buf_fini(&stripped);
	drop(&plain);
	drop(&bright);
}

static void a_long_partner_is_cut(void **state)
{
	struct drawing d;
	struct msg_entry *e;

	(void)state;
	draw(&d, "busy.json", "Asia/Shanghai", "2026-11-30", 80, false);
	e = d.schedule.entries.v;
	e[0].partner = "徐州医科大学附属医院\x1b[2J";
	d.schedule.name = "\x1b[2J\n";
	buf_reset(&d.out);
	week_render(&d.week, &d.out);
	assert_null(strchr(buf_cstr(&d.out), '\x1b'));
	assert_non_null(strstr(buf_cstr(&d.out), "\u258c徐州医科 "));
	assert_true(widest(buf_cstr(&d.out)) <= 80);
	drop(&d);
}

static void the_other_side_is_named(void **state)
{
	struct msg_schedule s = {.subject = "anzhen/studio-1"};
	struct msg_entry e = {.partner = "liaoyang-central",
			      .lead = "anzhen",
			      .expert = "coronary-1"};

	(void)state;
	assert_string_equal(week_partner(&s, &e), "liaoyang-central");
	s.subject = "liaoyang-central";
	assert_string_equal(week_partner(&s, &e), "coronary-1");
	s.subject = "chest-pain-1";
	e.role = CLAIM_SURGEON;
	assert_string_equal(week_partner(&s, &e), "coronary-1");
	assert_string_equal(week_site(&s, &e), "anzhen");
	e.role = CLAIM_EXPERT;
	s.subject = "coronary-1";
	assert_string_equal(week_site(&s, &e), "liaoyang-central");
	e.partner = NULL;
	assert_string_equal(week_partner(&s, &e), "anzhen");
	e.lead = NULL;
	e.expert = NULL;
	assert_null(week_partner(&s, &e));
}

static void what_goes_with_a_session_is_no_session(void **state)
{
	struct msg_entry e = {.role = CLAIM_OVERRUN};

	(void)state;
	assert_string_equal(week_beside(&e), "reserve");
	e.role = CLAIM_TRANSFER;
	assert_string_equal(week_beside(&e), "transfer");
	e.role = CLAIM_BUFFER;
	assert_string_equal(week_beside(&e), "pause");
	e.role = CLAIM_OPERATING_ROOM;
	assert_null(week_beside(&e));
	e.role = -1;
	assert_null(week_beside(&e));
}

static void every_kind_is_short(void **state)
{
	(void)state;
	for (int k = 0; k < KIND_COUNT; k++) {
		assert_true(term_columns(week_kind(k)) <= 8);
		assert_true(term_columns(week_kind(k)) > 0);
	}
	assert_string_equal(week_kind(-1), "busy");
	assert_string_equal(week_kind(KIND_COUNT), "busy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_week_of_work),
		cmocka_unit_test(an_empty_week),
		cmocka_unit_test(work_at_night),
		cmocka_unit_test(a_week_whose_clocks_change),
		cmocka_unit_test(another_zone),
		cmocka_unit_test(widths_are_kept),
		cmocka_unit_test(colour_changes_no_text),
		cmocka_unit_test(a_long_partner_is_cut),
		cmocka_unit_test(the_other_side_is_named),
		cmocka_unit_test(what_goes_with_a_session_is_no_session),
		cmocka_unit_test(every_kind_is_short),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
