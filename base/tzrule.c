#include "base/tzrule.h"

#include <string.h>

#include "base/civil.h"

#define HOUR 3600
#define OFFSET_HOURS 24 /* POSIX */
#define TIME_HOURS 167	/* RFC 8536 section 3.3.1 */

struct cursor {
	const char *at, *end;
};

static bool next_is(struct cursor *c, char want)
{
	if (c->at == c->end || *c->at != want)
		return false;
	c->at++;
	return true;
}

/* One to three digits, at most max; -1 when there is no such number. */
static int number(struct cursor *c, int max)
{
	int value = 0, digits = 0;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
		if (++digits > 3)
			return -1;
		value = value * 10 + (*c->at++ - '0');
	}
	return digits > 0 && value <= max ? value : -1;
}

static bool is_alpha(char ch)
{
	return (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
}

/* CST or <+0330> */
static bool read_abbr(struct cursor *c, char *out)
{
	bool quoted = next_is(c, '<');
	size_t len = 0;

	while (c->at < c->end && len < TZRULE_ABBR_MAX) {
		char ch = *c->at;
		bool wide = quoted && ((ch >= '0' && ch <= '9') || ch == '+' ||
				       ch == '-');

		if (!is_alpha(ch) && !wide)
			break;
		out[len++] = ch;
		c->at++;
	}
	out[len] = '\0';
	return len >= 3 && (!quoted || next_is(c, '>'));
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool read_time(struct cursor *c, int max_hours, int32_t *out)
{
	bool minus = next_is(c, '-');
	int hours, minutes = 0, seconds = 0;

	if (!minus)
		next_is(c, '+');
	hours = number(c, max_hours);
	if (hours >= 0 && next_is(c, ':')) {
		minutes = number(c, 59);
		if (minutes >= 0 && next_is(c, ':'))
			seconds = number(c, 59);
	}
	if (hours < 0 || minutes < 0 || seconds < 0)
		return false;
	*out = hours * HOUR + minutes * 60 + seconds;
	if (minus)
		*out = -*out;
	return true;
}

static bool read_day(struct cursor *c, struct tzrule_when *out)
{
	if (next_is(c, 'M')) {
		out->form = 'M';
		out->month = number(c, 12);
		out->week = next_is(c, '.') ? number(c, 5) : -1;
		out->day = next_is(c, '.') ? number(c, 6) : -1;
		return out->month >= 1 && out->week >= 1 && out->day >= 0;
	}
	out->form = next_is(c, 'J') ? 'J' : 'N';
	out->day = number(c, 365);
	return out->day >= (out->form == 'J' ? 1 : 0);
}

/* ,day[/time] */
static bool read_when(struct cursor *c, struct tzrule_when *out)
{
	if (!next_is(c, ',') || !read_day(c, out))
		return false;
	out->time = 2 * HOUR;
	return !next_is(c, '/') || read_time(c, TIME_HOURS, &out->time);
}

/* The string counts west of Greenwich, we count east. */
static bool read_offset(struct cursor *c, int32_t *out)
{
	if (!read_time(c, OFFSET_HOURS, out))
		return false;
	*out = -*out;
	return true;
}

bool tzrule_read(const char *s, size_t len, struct tzrule *out)
{
	struct cursor c = {s, s + len};
	struct tzrule rule;

	memset(&rule, 0, sizeof(rule));
	if (!read_abbr(&c, rule.std.abbr) || !read_offset(&c, &rule.std.offset))
		return false;
	rule.has_dst = c.at < c.end;
	if (rule.has_dst) {
		if (!read_abbr(&c, rule.dst.abbr))
			return false;
		rule.dst.offset = rule.std.offset + HOUR;
		if (c.at < c.end && *c.at != ',' &&
		    !read_offset(&c, &rule.dst.offset))
			return false;
		if (!read_when(&c, &rule.start) || !read_when(&c, &rule.end))
			return false;
	}
	if (c.at != c.end)
		return false;
	*out = rule;
	return true;
}

static int64_t day_in(const struct tzrule_when *when, int year)
{
	int64_t first, day;

	if (when->form != 'M') {
		day = civil_days(year, 1, 1) + when->day;
		if (when->form == 'N')
			return day;
		/* J60 is March 1 in every year */
		return day - 1 +
		       (when->day >= 60 && civil_month_days(year, 2) == 29);
	}
	first = civil_days(year, when->month, 1);
	/* ours counts from Monday, theirs from Sunday */
	day = (when->day + 6 - civil_weekday(first)) % 7 + (when->week - 1) * 7;
	if (day >= civil_month_days(year, when->month))
		day -= 7; /* week 5 is the last one */
	return first + day;
}

/*
 * The latest change up to utc and the first after it. A change may lie a week
 * and a day outside its year, hence two years either way. Where an end and a
 * start fall together (daylight-saving time all year) the start counts.
 */
struct tzrule_span tzrule_at(const struct tzrule *rule, int64_t utc)
{
	struct tzrule_span span = {INT64_MIN, INT64_MAX, &rule->std};
	struct civil c;

	if (!rule->has_dst)
		return span;
	civil_from_wall(utc, &c);
	for (int i = 0; i < 10; i++) {
		bool starts = i % 2 == 1;
		const struct tzrule_when *when =
			starts ? &rule->start : &rule->end;
		int64_t at = day_in(when, c.year - 2 + i / 2) * CIVIL_DAY +
			     when->time;

		at -= starts ? rule->std.offset : rule->dst.offset;
		if (at > utc) {
			if (at < span.to)
				span.to = at;
		} else if (at > span.from || (at == span.from && starts)) {
			span.from = at;
			span.side = starts ? &rule->dst : &rule->std;
		}
	}
	return span;
}
