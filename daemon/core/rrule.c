#include "daemon/core/rrule.h"

#include <string.h>

#include "base/civil.h"
#include "base/text.h"

struct slice {
	const char *s;
	size_t len;
};

static const char *const freq_names[] = {"DAILY", "WEEKLY", "MONTHLY"};
static const char *const weekday_names[] = {"MO", "TU", "WE", "TH",
					    "FR", "SA", "SU"};

/* Cuts the piece before the separator off the front of rest; false when the
 * rest is used up. "a,,b" and "a," have an empty piece. */
static bool cut(struct slice *rest, char separator, struct slice *out)
{
	const char *end;

	if (rest->s == NULL)
		return false;
	end = memchr(rest->s, separator, rest->len);
	if (end == NULL) {
		*out = *rest;
		*rest = (struct slice){NULL, 0};
		return true;
	}
	*out = (struct slice){rest->s, (size_t)(end - rest->s)};
	*rest = (struct slice){end + 1, rest->len - out->len - 1};
	return true;
}

static int find(const char *const *names, int n, struct slice name)
{
	for (int i = 0; i < n; i++)
		if (strlen(names[i]) == name.len &&
		    memcmp(names[i], name.s, name.len) == 0)
			return i;
	return -1;
}

static bool read_small(struct slice v, int64_t max, int *out)
{
	int64_t value;

	if (!text_int(v.s, v.len, 1, max, &value))
		return false;
	*out = (int)value;
	return true;
}

/* [+-]N with 1 <= N <= max */
static bool read_signed(struct slice v, int max, int *out)
{
	bool minus = v.len > 0 && v.s[0] == '-';
	bool sign = minus || (v.len > 0 && v.s[0] == '+');
	int n;

	if (!read_small((struct slice){v.s + sign, v.len - sign}, max, &n))
		return false;
	*out = minus ? -n : n;
	return true;
}

static bool read_freq(struct slice v, struct rrule *rule)
{
	int n = find(freq_names, 3, v);

	if (n < 0)
		return false;
	rule->freq = (enum rrule_freq)n;
	return true;
}

static bool read_interval(struct slice v, struct rrule *rule)
{
	return read_small(v, RRULE_INTERVAL_MAX, &rule->interval);
}

static bool read_count(struct slice v, struct rrule *rule)
{
	return read_small(v, RRULE_COUNT_MAX, &rule->count);
}

static bool read_until(struct slice v, struct rrule *rule)
{
	char date[CIVIL_DATE_LEN];

	if (v.len != 8)
		return false;
	memcpy(date, v.s, 4);
	memcpy(date + 5, v.s + 4, 2);
	memcpy(date + 8, v.s + 6, 2);
	date[4] = date[7] = '-';
	return civil_read_date(date, CIVIL_DATE_LEN, &rule->until);
}

static bool read_wkst(struct slice v, struct rrule *rule)
{
	rule->wkst = find(weekday_names, 7, v);
	return rule->wkst >= 0;
}

static bool read_byday(struct slice v, struct rrule *rule)
{
	struct slice item;

	while (cut(&v, ',', &item)) {
		struct slice number = {item.s, item.len - 2};
		int ordinal = 0;
		int weekday;

		if (item.len < 2 || rule->nbyday == RRULE_BYDAY_MAX)
			return false;
		weekday = find(weekday_names, 7,
			       (struct slice){item.s + number.len, 2});
		if (weekday < 0 ||
		    (number.len > 0 && !read_signed(number, 5, &ordinal)))
			return false;
		rule->byday[rule->nbyday].ordinal = (short)ordinal;
		rule->byday[rule->nbyday++].weekday = (short)weekday;
	}
	return true;
}

static bool read_bymonthday(struct slice v, struct rrule *rule)
{
	struct slice item;
	int day;

	while (cut(&v, ',', &item)) {
		if (!read_signed(item, 31, &day))
			return false;
		rule->bymonthday |= UINT64_C(1) << (day > 0 ? day : 31 - day);
	}
	return true;
}

static const struct part {
	const char *name;
	bool (*read)(struct slice value, struct rrule *rule);
	const char *wants;
} parts[] = {
	{"FREQ", read_freq, "DAILY, WEEKLY or MONTHLY"},
	{"INTERVAL", read_interval, "1 to 1000"},
	{"COUNT", read_count, "1 to 10000"},
	{"UNTIL", read_until, "a date, YYYYMMDD"},
	{"WKST", read_wkst, "a weekday, MO to SU"},
	{"BYDAY", read_byday, "weekdays, MO to SU, at most 14"},
	{"BYMONTHDAY", read_bymonthday, "days, 1 to 31 or -1 to -31"},
};

#define NPARTS (sizeof(parts) / sizeof(parts[0]))
enum { PART_FREQ = 1, PART_COUNT = 4, PART_UNTIL = 8 };

/* A name that is not ours goes into the message only as far as it is one. */
static enum rc refuse_name(struct slice name, struct err *err)
{
	size_t n = 0;

	while (n < name.len && n < 16 && name.s[n] >= 'A' && name.s[n] <= 'Z')
		n++;
	return err_set(err, RC_INVALID,
		       "recurrence rule: \"%.*s\" is not a part that is read "
		       "(FREQ, INTERVAL, COUNT, UNTIL, WKST, BYDAY, "
		       "BYMONTHDAY)",
		       (int)n, name.s);
}

static enum rc read_part(struct slice text, struct rrule *rule, unsigned *seen,
			 struct err *err)
{
	struct slice value = text;
	struct slice name;
	size_t i = 0;

	(void)cut(&value, '=', &name);
	while (i < NPARTS && find(&parts[i].name, 1, name) < 0)
		i++;
	if (i == NPARTS)
		return refuse_name(name, err);
	if ((*seen & 1u << i) != 0)
		return err_set(err, RC_INVALID,
			       "recurrence rule: %s stands there twice",
			       parts[i].name);
	*seen |= 1u << i;
	if (value.s == NULL || !parts[i].read(value, rule))
		return err_set(err, RC_INVALID,
			       "recurrence rule: %s must be %s", parts[i].name,
			       parts[i].wants);
	return RC_OK;
}

/* What RFC 5545 section 3.3.10 forbids between the parts. */
static const char *quarrel(const struct rrule *rule, unsigned seen)
{
	bool ordinals = false;

	for (int i = 0; i < rule->nbyday; i++)
		ordinals |= rule->byday[i].ordinal != 0;
	if ((seen & PART_FREQ) == 0)
		return "FREQ is missing";
	if ((seen & PART_COUNT) != 0 && (seen & PART_UNTIL) != 0)
		return "COUNT and UNTIL cannot stand together";
	if (ordinals && rule->freq != RRULE_MONTHLY)
		return "BYDAY has numbers under MONTHLY alone";
	if (rule->bymonthday != 0 && rule->freq == RRULE_WEEKLY)
		return "BYMONTHDAY cannot stand under WEEKLY";
	return NULL;
}

enum rc rrule_parse(const char *s, size_t len, struct rrule *out,
		    struct err *err)
{
	struct rrule rule = {.interval = 1, .until = INT64_MAX};
	struct slice rest = {s, len};
	struct slice text;
	unsigned seen = 0;
	const char *fault;

	while (cut(&rest, ';', &text)) {
		enum rc rc = read_part(text, &rule, &seen, err);

		if (rc != RC_OK)
			return rc;
	}
	fault = quarrel(&rule, seen);
	if (fault != NULL)
		return err_set(err, RC_INVALID, "recurrence rule: %s", fault);
	*out = rule;
	return RC_OK;
}

/* One of BYDAY's? mday and mlen count for the ordinals alone. */
static bool in_byday(const struct rrule *rule, int weekday, int mday, int mlen)
{
	int nth = (mday - 1) / 7 + 1;
	int nth_last = (mlen - mday) / 7 + 1;

	for (int i = 0; i < rule->nbyday; i++) {
		int ordinal = rule->byday[i].ordinal;

		if (rule->byday[i].weekday == weekday &&
		    (ordinal == 0 || ordinal == nth || ordinal == -nth_last))
			return true;
	}
	return false;
}

static bool in_bymonthday(const struct rrule *rule, int mday, int mlen)
{
	return (rule->bymonthday >> mday & 1) != 0 ||
	       (rule->bymonthday >> (31 + mlen + 1 - mday) & 1) != 0;
}

static bool on_daily(const struct rrule *rule, int64_t start, int64_t day,
		     int weekday)
{
	struct civil c;

	if ((day - start) % rule->interval != 0)
		return false;
	if (rule->nbyday > 0 && !in_byday(rule, weekday, 1, 1))
		return false;
	if (rule->bymonthday == 0)
		return true;
	civil_from_days(day, &c);
	return in_bymonthday(rule, c.day, civil_month_days(c.year, c.month));
}

/* The first day of the week, as weeks begin under the rule. */
static int64_t week_of(const struct rrule *rule, int64_t day)
{
	return day - (civil_weekday(day) - rule->wkst + 7) % 7;
}

static bool on_weekly(const struct rrule *rule, int64_t start, int64_t day,
		      int weekday)
{
	int64_t weeks = (week_of(rule, day) - week_of(rule, start)) / 7;

	if (weeks % rule->interval != 0)
		return false;
	if (rule->nbyday == 0)
		return weekday == civil_weekday(start);
	return in_byday(rule, weekday, 1, 1);
}

/* A weekday of the month is the day's own, whatever it works as: the second
 * Saturday is not moved by a shifted workday. */
static bool on_monthly(const struct rrule *rule, int64_t start, int64_t day,
		       int weekday)
{
	struct civil c, s;
	int mlen;

	weekday = civil_weekday(day);
	civil_from_days(day, &c);
	civil_from_days(start, &s);
	if (((c.year - s.year) * 12 + c.month - s.month) % rule->interval != 0)
		return false;
	if (rule->nbyday == 0 && rule->bymonthday == 0)
		return c.day == s.day;
	mlen = civil_month_days(c.year, c.month);
	return (rule->nbyday == 0 || in_byday(rule, weekday, c.day, mlen)) &&
	       (rule->bymonthday == 0 || in_bymonthday(rule, c.day, mlen));
}

static bool (*const on_freq[])(const struct rrule *rule, int64_t start,
			       int64_t day, int weekday) = {
	[RRULE_DAILY] = on_daily,
	[RRULE_WEEKLY] = on_weekly,
	[RRULE_MONTHLY] = on_monthly,
};

/* The pattern alone: neither UNTIL nor COUNT. */
static bool matches(const struct rrule *rule, int64_t start, int64_t day,
		    int weekday)
{
	if (weekday < 0)
		weekday = civil_weekday(day);
	return on_freq[rule->freq](rule, start, day, weekday);
}

int64_t rrule_last(const struct rrule *rule, int64_t start, int64_t horizon)
{
	int64_t last = start;
	int left = rule->count;

	if (rule->until < horizon)
		horizon = rule->until;
	if (left == 0)
		return horizon;
	if (horizon > start + RRULE_DAYS_MAX)
		horizon = start + RRULE_DAYS_MAX;
	for (; last < horizon; last++) {
		if (matches(rule, start, last, -1) && --left == 0)
			break;
	}
	return last < horizon ? last : horizon;
}

bool rrule_on(const struct rrule *rule, int64_t start, int64_t day, int weekday)
{
	return day >= start && day <= rule->until &&
	       matches(rule, start, day, weekday) &&
	       (rule->count == 0 || day <= rrule_last(rule, start, day));
}
