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

/* A list of numbers from either end, as a set. What lies beyond 31 is bit 0:
 * the list is not empty, but nothing is ever there. */
static bool read_signed_set(struct slice v, int max, uint64_t *set)
{
	struct slice item;
	int n;

	while (cut(&v, ',', &item)) {
		if (!read_signed(item, max, &n))
			return false;
		if (n < -31 || n > 31)
			n = 0;
		*set |= UINT64_C(1) << (n >= 0 ? n : 31 - n);
	}
	return true;
}

static bool read_bymonthday(struct slice v, struct rrule *rule)
{
	return read_signed_set(v, 31, &rule->bymonthday);
}

static bool read_bysetpos(struct slice v, struct rrule *rule)
{
	return read_signed_set(v, 366, &rule->bysetpos);
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
	{"BYSETPOS", read_bysetpos, "positions, 1 to 366 or -1 to -366"},
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
		       "BYMONTHDAY, BYSETPOS)",
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
	if (rule->bysetpos != 0 && rule->nbyday == 0 && rule->bymonthday == 0)
		return "BYSETPOS needs BYDAY or BYMONTHDAY";
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

/* A day as a rule asks for it. */
struct date {
	int weekday;
	int mday, mlen; /* in its month; 0 where the rule does not ask */
};

static struct date date_of(const struct rrule *rule, int64_t day)
{
	struct date date = {.weekday = civil_weekday(day)};
	struct civil c;

	if (rule->freq != RRULE_MONTHLY && rule->bymonthday == 0)
		return date;
	civil_from_days(day, &c);
	date.mday = c.day;
	date.mlen = civil_month_days(c.year, c.month);
	return date;
}

static bool in_byday(const struct rrule *rule, const struct date *date)
{
	int nth = (date->mday - 1) / 7 + 1;
	int nth_last = (date->mlen - date->mday) / 7 + 1;

	for (int i = 0; i < rule->nbyday; i++) {
		int ordinal = rule->byday[i].ordinal;

		if (rule->byday[i].weekday == date->weekday &&
		    (ordinal == 0 || ordinal == nth || ordinal == -nth_last))
			return true;
	}
	return false;
}

/* The n-th of so many: does the set name it, from either end? */
static bool in_signed_set(uint64_t set, int n, int of)
{
	return (set >> n & 1) != 0 || (set >> (31 + of + 1 - n) & 1) != 0;
}

/* What the start says where BYDAY and BYMONTHDAY say nothing. */
static bool fits_start(const struct rrule *rule, int64_t start,
		       const struct date *date)
{
	struct date first;

	if (rule->freq == RRULE_DAILY)
		return true;
	first = date_of(rule, start);
	return rule->freq == RRULE_WEEKLY ? date->weekday == first.weekday
					  : date->mday == first.mday;
}

/* Does the rule name such a day, INTERVAL and BYSETPOS apart? */
static bool fits(const struct rrule *rule, int64_t start,
		 const struct date *date)
{
	if (rule->nbyday == 0 && rule->bymonthday == 0)
		return fits_start(rule, start, date);
	if (rule->nbyday > 0 && !in_byday(rule, date))
		return false;
	return rule->bymonthday == 0 ||
	       in_signed_set(rule->bymonthday, date->mday, date->mlen);
}

/* --- periods: days, weeks from WKST on, months; numbered without a gap --- */

/* The first day of week 0: a Thursday is day 0. */
static int64_t week_zero(const struct rrule *rule)
{
	return rule->wkst - 3;
}

static int64_t number_of_day(const struct rrule *rule, int64_t day)
{
	(void)rule;
	return day;
}

static int64_t number_of_week(const struct rrule *rule, int64_t day)
{
	day -= (civil_weekday(day) - rule->wkst + 7) % 7;
	return (day - week_zero(rule)) / 7;
}

static int64_t first_of_week(const struct rrule *rule, int64_t number)
{
	return number * 7 + week_zero(rule);
}

static int64_t number_of_month(const struct rrule *rule, int64_t day)
{
	struct civil c;

	(void)rule;
	civil_from_days(day, &c);
	return (int64_t)c.year * 12 + c.month - 1;
}

static int64_t first_of_month(const struct rrule *rule, int64_t number)
{
	(void)rule;
	return civil_days((int)(number / 12), (int)(number % 12) + 1, 1);
}

static const struct {
	int64_t (*number)(const struct rrule *rule, int64_t day);
	int64_t (*first)(const struct rrule *rule, int64_t number);
} periods[] = {
	[RRULE_DAILY] = {number_of_day, number_of_day},
	[RRULE_WEEKLY] = {number_of_week, first_of_week},
	[RRULE_MONTHLY] = {number_of_month, first_of_month},
};

/* Leaves of a period's days those at BYSETPOS. */
static uint32_t keep_positions(const struct rrule *rule, uint32_t days)
{
	int of = __builtin_popcount(days);
	uint32_t kept = 0;
	int n = 0;

	if (rule->bysetpos == 0)
		return days;
	for (; days != 0; days &= days - 1)
		if (in_signed_set(rule->bysetpos, ++n, of))
			kept |= days & (~days + 1);
	return kept;
}

/* The days of a period that the rule names; bit n: its first day + n. They go
 * by their own weekdays. A period before the start has them, too. */
static uint32_t days_of(const struct rrule *rule, int64_t start, int64_t number)
{
	int64_t first = periods[rule->freq].first(rule, number);
	int64_t end = periods[rule->freq].first(rule, number + 1);
	struct date date = date_of(rule, first);
	uint32_t days = 0;

	for (int n = 0; n < end - first; n++) {
		if (fits(rule, start, &date))
			days |= UINT32_C(1) << n;
		date.weekday = (date.weekday + 1) % 7;
		date.mday++;
	}
	return keep_positions(rule, days);
}

/* A day that fits: is it at a position, too? A shifted workday is where the
 * day of its week is that it works as. */
static bool at_position(const struct rrule *rule, int64_t start, int64_t day,
			int64_t number, int weekday)
{
	int64_t at = day - periods[rule->freq].first(rule, number);

	if (rule->bysetpos == 0)
		return true;
	if (rule->freq == RRULE_DAILY)
		return in_signed_set(rule->bysetpos, 1, 1);
	if (rule->freq == RRULE_WEEKLY)
		at = (weekday - rule->wkst + 7) % 7;
	return (days_of(rule, start, number) >> at & 1) != 0;
}

/* The pattern alone: neither UNTIL nor COUNT. A weekday of the month is the
 * day's own, whatever it works as: the second Saturday is not moved by a
 * shifted workday. */
static bool matches(const struct rrule *rule, int64_t start, int64_t day,
		    int weekday)
{
	int64_t number = periods[rule->freq].number(rule, day);
	int64_t first = periods[rule->freq].number(rule, start);
	struct date date;

	if ((number - first) % rule->interval != 0)
		return false;
	date = date_of(rule, day);
	if (weekday >= 0 && rule->freq != RRULE_MONTHLY)
		date.weekday = weekday;
	return fits(rule, start, &date) &&
	       at_position(rule, start, day, number, date.weekday);
}

/* The day of the COUNT-th instance, or any after the horizon. */
static int64_t last_counted(const struct rrule *rule, int64_t start,
			    int64_t horizon)
{
	int64_t number = periods[rule->freq].number(rule, start);
	int64_t first = periods[rule->freq].first(rule, number);
	int left = rule->count;

	while (first <= horizon) {
		uint32_t days = days_of(rule, start, number);

		for (int64_t day = first; days != 0; day++, days >>= 1)
			if ((days & 1) != 0 && day >= start && --left == 0)
				return day;
		number += rule->interval;
		first = periods[rule->freq].first(rule, number);
	}
	return first;
}

int64_t rrule_last(const struct rrule *rule, int64_t start, int64_t horizon)
{
	int64_t last;

	if (rule->until < horizon)
		horizon = rule->until;
	if (rule->count == 0)
		return horizon;
	if (horizon > start + RRULE_DAYS_MAX)
		horizon = start + RRULE_DAYS_MAX;
	last = last_counted(rule, start, horizon);
	return last < horizon ? last : horizon;
}

bool rrule_on(const struct rrule *rule, int64_t start, int64_t day, int weekday)
{
	return day >= start && day <= rule->until &&
	       matches(rule, start, day, weekday) &&
	       (rule->count == 0 || day <= rrule_last(rule, start, day));
}
