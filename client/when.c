/* when - see when.h. */
#include "client/when.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/civil.h"

#define HOW                                                                    \
	"write it as 2026-12-01 09:30, tomorrow 14:00, mon 9:30 or "           \
	"2026-12-01T09:30:00+08:00"

static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu",
				       "Fri", "Sat", "Sun"};
static const char *const weekdays_long[] = {"Monday",	"Tuesday", "Wednesday",
					    "Thursday", "Friday",  "Saturday",
					    "Sunday"};

/* What was typed, taken apart. */
struct typed {
	bool exact; /* utc counts and nothing else */
	int64_t utc;
	int64_t day;
	bool weekday; /* the day was named: it may be a week later */
	bool clock;
	int64_t second; /* of the day, when clock */
};

const char *when_weekday(int weekday)
{
	return weekday >= 0 && weekday < 7 ? weekdays[weekday] : "?";
}

int64_t when_day_start(const struct tz *zone, int64_t days)
{
	return tz_to_utc(zone, days * CIVIL_DAY);
}

int64_t when_day_of(const struct tz *zone, int64_t utc)
{
	return civil_day_of(tz_to_wall(zone, utc));
}

static bool word_is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

static int find_weekday(const char *s, size_t len)
{
	for (int i = 0; i < 7; i++)
		if (word_is(s, len, weekdays[i]) ||
		    word_is(s, len, weekdays_long[i]))
			return i;
	return -1;
}

/* "today", "tomorrow" or a weekday; len is the word's. */
static bool read_day_word(const char *s, size_t len, int64_t today,
			  struct typed *out)
{
	int weekday = find_weekday(s, len);

	if (word_is(s, len, "today")) {
		out->day = today;
	} else if (word_is(s, len, "tomorrow")) {
		out->day = today + 1;
	} else if (weekday >= 0) {
		out->day = today + (weekday - civil_weekday(today) + 7) % 7;
		out->weekday = true;
	} else {
		return false;
	}
	return true;
}

/* "Mon 2026-12-07", as times are shown; the weekday has to be the date's. */
static size_t read_dated(const char *s, size_t word, struct typed *out)
{
	size_t len = strcspn(s + word + 1, " ");

	if (!civil_read_date(s + word + 1, len, &out->day) ||
	    find_weekday(s, word) != civil_weekday(out->day))
		return 0;
	return word + 1 + len;
}

/* The day at the start of s; answers how many bytes it took, 0 for none. */
static size_t read_day(const char *s, int64_t today, struct typed *out)
{
	size_t len = 0;

	while (isalpha((unsigned char)s[len]))
		len++;
	if (len > 0 && s[len] == ' ' && strchr(s + len, '-'))
		return read_dated(s, len, out);
	if (len > 0)
		return read_day_word(s, len, today, out) ? len : 0;
	len = strcspn(s, " T");
	return civil_read_date(s, len, &out->day) ? len : 0;
}

static int read_two(const char *s, size_t len, int below)
{
	int value = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value < below ? value : -1;
}

/* "9:30" or "09:30", up to the end of s. */
static bool read_clock(const char *s, int64_t *out_second)
{
	const char *colon = strchr(s, ':');
	size_t hours = colon ? (size_t)(colon - s) : 0;
	int hour, minute;

	if (hours < 1 || hours > 2 || strlen(colon + 1) != 2)
		return false;
	hour = read_two(s, hours, 24);
	minute = read_two(colon + 1, 2, 60);
	if (hour < 0 || minute < 0)
		return false;
	*out_second = hour * 3600 + minute * 60;
	return true;
}

static enum rc unreadable(const char *s, struct err *err)
{
	return err_set(err, RC_USAGE, "\"%.39s\" is no time: " HOW, s);
}

static enum rc take_apart(const struct when *when, const char *s,
			  struct typed *out, struct err *err)
{
	size_t taken;

	*out = (struct typed){0};
	if (civil_read_rfc3339(s, strlen(s), &out->utc)) {
		out->exact = true;
		return RC_OK;
	}
	taken = read_day(s, when_day_of(when->zone, when->now), out);
	if (taken == 0)
		return unreadable(s, err);
	if (s[taken] == '\0')
		return RC_OK;
	if (s[taken] != ' ' &&
	    !(s[taken] == 'T' && !isalpha((unsigned char)*s)))
		return unreadable(s, err);
	taken += 1 + strspn(s + taken + 1, " ");
	if (!read_clock(s + taken, &out->second))
		return unreadable(s, err);
	out->clock = true;
	return RC_OK;
}

/* The instant of a day and a time of day, which the clocks must show. */
static enum rc at_wall(const struct when *when, const struct typed *t,
		       int64_t *out_utc, struct err *err)
{
	int64_t wall = t->day * CIVIL_DAY + t->second;
	int64_t utc = tz_to_utc(when->zone, wall);
	char shown[WHEN_LEN + 1];

	if (t->weekday && utc <= when->now) {
		wall += 7 * CIVIL_DAY;
		utc = tz_to_utc(when->zone, wall);
	}
	if (tz_to_wall(when->zone, utc) != wall) {
		when_show(when->zone, utc, shown);
		return err_set(err, RC_USAGE,
			       "the clocks in %s skip that time; the first one "
			       "after it is %s",
			       tz_name(when->zone), shown);
	}
	*out_utc = utc;
	return RC_OK;
}

enum rc when_read(const struct when *when, const char *s, int64_t *out_utc,
		  struct err *err)
{
	struct typed t;
	enum rc rc = take_apart(when, s, &t, err);

	if (rc != RC_OK)
		return rc;
	if (t.exact) {
		*out_utc = t.utc;
		return RC_OK;
	}
	if (!t.clock)
		return err_set(err, RC_USAGE,
			       "\"%.39s\" is a day: add a time of day, as in "
			       "\"%.39s 09:30\"",
			       s, s);
	return at_wall(when, &t, out_utc, err);
}

/* after: 0 for the day's first moment, 1 for the next day's. */
static enum rc read_bound(const struct when *when, const char *s, int after,
			  int64_t *out_utc, struct err *err)
{
	struct typed t;
	enum rc rc = take_apart(when, s, &t, err);

	if (rc != RC_OK)
		return rc;
	if (t.exact)
		*out_utc = t.utc;
	else if (t.clock)
		rc = at_wall(when, &t, out_utc, err);
	else
		*out_utc = when_day_start(when->zone, t.day + after);
	return rc;
}

enum rc when_read_from(const struct when *when, const char *s, int64_t *out_utc,
		       struct err *err)
{
	return read_bound(when, s, 0, out_utc, err);
}

enum rc when_read_to(const struct when *when, const char *s, int64_t *out_utc,
		     struct err *err)
{
	return read_bound(when, s, 1, out_utc, err);
}

static enum rc read_span_end(const struct when *when, const char *s,
			     int64_t from, int64_t *out_to, struct err *err)
{
	struct typed t = {.day = when_day_of(when->zone, from)};

	if (read_clock(s, &t.second))
		return at_wall(when, &t, out_to, err);
	return when_read_to(when, s, out_to, err);
}

enum rc when_read_span(const struct when *when, const char *s,
		       int64_t *out_from, int64_t *out_to, struct err *err)
{
	const char *slash = strchr(s, '/');
	char first[64];
	int64_t from, to;
	enum rc rc;

	if (!slash || (size_t)(slash - s) >= sizeof(first))
		return err_set(
			err, RC_USAGE,
			"\"%.39s\" is no span of time: write FROM/TO, as "
			"in \"2026-12-01 09:00/12:00\"",
			s);
	memcpy(first, s, (size_t)(slash - s));
	first[slash - s] = '\0';
	rc = when_read_from(when, first, &from, err);
	if (rc == RC_OK)
		rc = read_span_end(when, slash + 1, from, &to, err);
	if (rc != RC_OK)
		return rc;
	if (to <= from)
		return err_set(err, RC_USAGE, "\"%.60s\" ends before it begins",
			       s);
	*out_from = from;
	*out_to = to;
	return RC_OK;
}

static void show_parts(const struct tz *zone, int64_t utc, char date[11],
		       char clock[WHEN_CLOCK_LEN + 1], int *out_weekday)
{
	int64_t wall = tz_to_wall(zone, utc);
	int64_t day = civil_day_of(wall);
	int minute = (int)((wall - day * CIVIL_DAY) / 60);

	civil_show_date(day, date);
	snprintf(clock, WHEN_CLOCK_LEN + 1, "%02u:%02u",
		 (unsigned)(minute / 60) % 24, (unsigned)minute % 60);
	*out_weekday = civil_weekday(day);
}

void when_show_clock(const struct tz *zone, int64_t utc, char *out)
{
	char date[CIVIL_DATE_LEN + 1];
	int weekday;

	show_parts(zone, utc, date, out, &weekday);
}

void when_show(const struct tz *zone, int64_t utc, char *out)
{
	char date[CIVIL_DATE_LEN + 1], clock[WHEN_CLOCK_LEN + 1];
	int weekday;

	show_parts(zone, utc, date, clock, &weekday);
	snprintf(out, WHEN_LEN + 1, "%s %s %s", when_weekday(weekday), date,
		 clock);
}

void when_show_span(const struct tz *zone, int64_t from, int64_t to, char *out)
{
	char first[WHEN_LEN + 1], last[WHEN_LEN + 1];
	const char *end = last;

	when_show(zone, from, first);
	when_show(zone, to, last);
	if (when_day_of(zone, from) == when_day_of(zone, to))
		end = last + WHEN_LEN - WHEN_CLOCK_LEN;
	snprintf(out, WHEN_SPAN_LEN + 1, "%s\u2013%s", first, end);
}

void when_show_exact(const struct tz *zone, int64_t utc, char *out)
{
	civil_show_rfc3339(utc, tz_offset(zone, utc, NULL), out);
}
