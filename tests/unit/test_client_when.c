#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "client/when.h"

static struct tz_store *zones;

static int begin(void **state)
{
	(void)state;
	zones = tz_store_new(TZ_SYSTEM_DIR);
	return 0;
}

static int end(void **state)
{
	(void)state;
	tz_store_free(zones);
	return 0;
}

static struct when in(const char *zone, const char *now)
{
	struct when w = {0};

	assert_int_equal(tz_get(zones, zone, &w.zone, NULL), RC_OK);
	assert_true(civil_read_rfc3339(now, strlen(now), &w.now));
	return w;
}

/* A Tuesday, ten in the morning. */
static struct when shanghai(void)
{
	return in("Asia/Shanghai", "2026-12-01T10:00:00+08:00");
}

/* utc is NULL for a text that is refused. */
struct row {
	const char *typed, *utc;
};

typedef enum rc reader(const struct when *when, const char *s, int64_t *out,
		       struct err *err);

static void check(const struct when *w, reader *read, const struct row *rows,
		  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err err = ERR_INIT;
		int64_t utc = 42;
		char shown[CIVIL_RFC3339_LEN + 1];
		enum rc rc = read(w, rows[i].typed, &utc, &err);

		if (!rows[i].utc) {
			if (rc == RC_OK)
				fail_msg("\"%s\" was taken", rows[i].typed);
			assert_int_equal(rc, RC_USAGE);
			assert_int_equal(utc, 42);
			assert_true(strlen(err.text) > 10);
			continue;
		}
		if (rc != RC_OK)
			fail_msg("\"%s\": %s", rows[i].typed, err.text);
		civil_show_rfc3339(utc, 0, shown);
		assert_string_equal(shown, rows[i].utc);
	}
}

#define CHECK(when, reader, rows)                                              \
	check((when), (reader), (rows), sizeof(rows) / sizeof((rows)[0]))

static void times_are_read(void **state)
{
	static const struct row rows[] = {
		{"2026-12-01T09:30:00+08:00", "2026-12-01T01:30:00Z"},
		{"2026-12-01T01:30:00Z", "2026-12-01T01:30:00Z"},
		{"2026-12-01 09:30", "2026-12-01T01:30:00Z"},
		{"2026-12-01 9:30", "2026-12-01T01:30:00Z"},
		{"2026-12-01T09:30", "2026-12-01T01:30:00Z"},
		{"2026-12-01   09:30", "2026-12-01T01:30:00Z"},
		{"Tue 2026-12-01 09:30", "2026-12-01T01:30:00Z"},
		{"tuesday 2026-12-01 9:30", "2026-12-01T01:30:00Z"},
		{"today 9:30", "2026-12-01T01:30:00Z"},
		{"TODAY 23:59", "2026-12-01T15:59:00Z"},
		{"tomorrow 14:00", "2026-12-02T06:00:00Z"},
		{"tomorrow 0:00", "2026-12-01T16:00:00Z"},
		/* today is a Tuesday, ten o'clock */
		{"tue 10:01", "2026-12-01T02:01:00Z"},
		{"tue 10:00", "2026-12-08T02:00:00Z"},
		{"Tuesday 9:30", "2026-12-08T01:30:00Z"},
		{"wed 9:30", "2026-12-02T01:30:00Z"},
		{"MON 9:30", "2026-12-07T01:30:00Z"},
		{"sunday 09:30", "2026-12-06T01:30:00Z"},
		{"2028-02-29 00:00", "2028-02-28T16:00:00Z"},
	};
	struct when w = shanghai();

	(void)state;
	CHECK(&w, when_read, rows);
}

static void nonsense_is_refused(void **state)
{
	static const struct row rows[] = {
		{"", NULL},
		{" ", NULL},
		{"now", NULL},
		{"feb 30", NULL},
		{"feb 30 09:30", NULL},
		{"2026-02-30 09:30", NULL},
		{"2027-02-29 09:30", NULL},
		{"2026-13-01 09:30", NULL},
		{"2026-00-01 09:30", NULL},
		{"0000-01-01 09:30", NULL},
		{"26-12-01 09:30", NULL},
		{"2026-12-1 09:30", NULL},
		{"12/01/2026 09:30", NULL},
		{"25:00", NULL},
		{"09:30", NULL},
		{"today 25:00", NULL},
		{"today 24:00", NULL},
		{"today 09:60", NULL},
		{"today 9", NULL},
		{"today 9:3", NULL},
		{"today 9:300", NULL},
		{"today 009:30", NULL},
		{"today -9:30", NULL},
		{"today +9:30", NULL},
		{"today  9: 30", NULL},
		{"today 9:30 ", NULL},
		{"today 9:30pm", NULL},
		{"today 9.30", NULL},
		{"today :30", NULL},
		{"today T9:30", NULL},
		{"todayT9:30", NULL},
		{"today9:30", NULL},
		{"yesterday 9:30", NULL},
		{"mo 9:30", NULL},
		{"Wed 2026-12-01 09:30", NULL}, /* a slip in one of them */
		{"today 2026-12-01 09:30", NULL},
		{"Tue 2026-12-01", NULL},
		{"Tue 2026-12-01T09:30", NULL},
		{"Tue 2026-13-01 09:30", NULL},
		{"Tue -", NULL},
		{"mond 9:30", NULL},
		{"monx 9:30", NULL},
		{" today 9:30", NULL},
		{"2026-12-01 09:30:15", NULL},
		{"2026-12-01T09:30:00", NULL},
		{"2026-12-01T09:30:00+25:00", NULL},
		{"2026-12-01T09:30:00.5Z", NULL},
		{"2026-12-01\t09:30", NULL},
		{"2026-12-01 09:30\n", NULL},
		{"\xe4\xbb\x8a\xe5\xa4\xa9 9:30", NULL},
		{"today \xd9\xa9:30", NULL},
		/* a day alone is no point in time */
		{"2026-12-01", NULL},
		{"tomorrow", NULL},
		{"mon", NULL},
	};
	struct when w = shanghai();

	(void)state;
	CHECK(&w, when_read, rows);
}

static void skipped_times_are_refused(void **state)
{
	static const struct row berlin[] = {
		{"2026-03-29 01:59", "2026-03-29T00:59:00Z"},
		{"2026-03-29 02:00", NULL},
		{"2026-03-29 02:59", NULL},
		{"2026-03-29 03:00", "2026-03-29T01:00:00Z"},
		{"tomorrow 2:30", NULL},
		{"sun 2:30", NULL},
		{"2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"},
		/* twice: the first, in summer time */
		{"2026-10-25 02:30", "2026-10-25T00:30:00Z"},
		{"2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z"},
		{"2026-10-25 03:00", "2026-10-25T02:00:00Z"},
	};
	struct when w = in("Europe/Berlin", "2026-03-28T12:00:00Z");
	struct err err = ERR_INIT;
	int64_t utc;

	(void)state;
	CHECK(&w, when_read, berlin);
	assert_int_equal(when_read(&w, "2026-03-29 02:30", &utc, &err),
			 RC_USAGE);
	assert_non_null(strstr(err.text, "Europe/Berlin"));
	assert_non_null(strstr(err.text, "2026-03-29 03:30"));
}

static void the_local_day_counts(void **state)
{
	/* it is Wednesday in Auckland and Tuesday in Honolulu */
	static const struct row east[] = {
		{"today 1:00", "2026-12-01T12:00:00Z"},
		{"wed 1:10", "2026-12-08T12:10:00Z"},
		{"wed 1:20", "2026-12-01T12:20:00Z"},
	};
	static const struct row west[] = {
		{"today 2:15", "2026-12-01T12:15:00Z"},
		{"tue 2:15", "2026-12-08T12:15:00Z"},
	};
	struct when w = in("Pacific/Auckland", "2026-12-01T12:15:00Z");

	(void)state;
	CHECK(&w, when_read, east);
	w = in("Pacific/Honolulu", "2026-12-01T12:15:00Z");
	CHECK(&w, when_read, west);
}

static void days_bound_ranges(void **state)
{
	static const struct row from[] = {
		{"2026-12-01", "2026-11-30T16:00:00Z"},
		{"today", "2026-11-30T16:00:00Z"},
		{"tomorrow", "2026-12-01T16:00:00Z"},
		{"tue", "2026-11-30T16:00:00Z"},
		{"mon", "2026-12-06T16:00:00Z"},
		{"mon 9:30", "2026-12-07T01:30:00Z"},
		{"2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"2026-02-30", NULL},
		{"2026-12-01 ", NULL},
	};
	static const struct row to[] = {
		{"2026-12-01", "2026-12-01T16:00:00Z"},
		{"today", "2026-12-01T16:00:00Z"},
		{"2026-12-31", "2026-12-31T16:00:00Z"},
		{"today 9:30", "2026-12-01T01:30:00Z"},
		{"someday", NULL},
	};
	/* in Cairo the day of the change begins at one o'clock */
	static const struct row cairo_from[] = {
		{"2026-04-24", "2026-04-23T22:00:00Z"},
		{"2026-04-25", "2026-04-24T21:00:00Z"},
	};
	static const struct row cairo_to[] = {
		{"2026-04-23", "2026-04-23T22:00:00Z"},
	};
	struct when w = shanghai();

	(void)state;
	CHECK(&w, when_read_from, from);
	CHECK(&w, when_read_to, to);
	w = in("Africa/Cairo", "2026-04-01T00:00:00Z");
	CHECK(&w, when_read_from, cairo_from);
	CHECK(&w, when_read_to, cairo_to);
}

static void spans_are_read(void **state)
{
	static const struct {
		const char *typed, *from, *to;
	} rows[] = {
		{"2026-12-02 09:00/12:00", "2026-12-02T01:00:00Z",
		 "2026-12-02T04:00:00Z"},
		{"tomorrow 9:00/2026-12-03 10:00", "2026-12-02T01:00:00Z",
		 "2026-12-03T02:00:00Z"},
		{"2026-12-02/2026-12-03", "2026-12-01T16:00:00Z",
		 "2026-12-03T16:00:00Z"},
		{"2026-12-02/2026-12-02", "2026-12-01T16:00:00Z",
		 "2026-12-02T16:00:00Z"},
		{"2026-12-02T01:00:00Z/2026-12-02T02:00:00Z",
		 "2026-12-02T01:00:00Z", "2026-12-02T02:00:00Z"},
		{"2026-12-02T23:30:00Z/09:00", "2026-12-02T23:30:00Z",
		 "2026-12-03T01:00:00Z"},
	};
	static const char *const wrong[] = {
		"",
		"/",
		"2026-12-02",
		"2026-12-02/",
		"/2026-12-02",
		"2026-12-02 12:00/09:00",
		"2026-12-02 12:00/12:00",
		"2026-12-03/2026-12-02",
		"2026-12-02 09:00/25:00",
		"2026-12-02 09:00/10:00/11:00",
		"a long text that has no end to it and holds no time at all "
		"whatever/12:00",
	};
	struct when w = shanghai();
	int64_t from, to;
	char shown[CIVIL_RFC3339_LEN + 1];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			when_read_span(&w, rows[i].typed, &from, &to, &err),
			RC_OK);
		civil_show_rfc3339(from, 0, shown);
		assert_string_equal(shown, rows[i].from);
		civil_show_rfc3339(to, 0, shown);
		assert_string_equal(shown, rows[i].to);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(when_read_span(&w, wrong[i], &from, &to, &err),
				 RC_USAGE);
}

static void times_are_shown(void **state)
{
	struct when w = shanghai();
	char shown[WHEN_SPAN_LEN + 1];
	char exact[CIVIL_RFC3339_LEN + 1];

	(void)state;
	when_show(w.zone, w.now, shown);
	assert_string_equal(shown, "Tue 2026-12-01 10:00");
	when_show_clock(w.zone, w.now - 3660, shown);
	assert_string_equal(shown, "08:59");
	when_show_span(w.zone, w.now, w.now + 2700, shown);
	assert_string_equal(shown, "Tue 2026-12-01 10:00\u201310:45");
	when_show_span(w.zone, w.now, w.now + CIVIL_DAY, shown);
	assert_string_equal(shown,
			    "Tue 2026-12-01 10:00\u2013Wed 2026-12-02 10:00");
	when_show_exact(w.zone, w.now, exact);
	assert_string_equal(exact, "2026-12-01T10:00:00+08:00");
	assert_string_equal(when_weekday(6), "Sun");
	assert_string_equal(when_weekday(7), "?");
}

/* What is shown exactly is read back as the same instant. */
static void shown_times_are_read_back(void **state)
{
	static const char *const names[] = {
		"Asia/Shanghai", "Europe/Berlin",      "America/St_Johns",
		"Asia/Kolkata",	 "Pacific/Kiritimati", "UTC"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct when w = in(names[i], "2026-01-01T00:00:00Z");

		for (int64_t utc = w.now; utc < w.now + 366 * CIVIL_DAY;
		     utc += 6900) {
			char exact[CIVIL_RFC3339_LEN + 1];
			int64_t back = 0;

			when_show_exact(w.zone, utc, exact);
			assert_int_equal(when_read(&w, exact, &back, NULL),
					 RC_OK);
			assert_int_equal(back, utc);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(skipped_times_are_refused),
		cmocka_unit_test(the_local_day_counts),
		cmocka_unit_test(days_bound_ranges),
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(times_are_shown),
		cmocka_unit_test(shown_times_are_read_back),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
