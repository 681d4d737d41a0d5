#include "base/civil.h"

#include <string.h>

#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY 2932896    /* 9999-12-31 */
#define FIRST_SECOND (FIRST_DAY * INT64_C(86400))
#define LAST_SECOND (LAST_DAY * INT64_C(86400) + 86399)

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* Years start in March here, so that the leap day comes last (Hinnant). */
int64_t civil_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
			     year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, struct civil *out)
{
	/* from 0000-03-01, so nothing is negative within the years allowed */
	int64_t z = clamp(days, FIRST_DAY, LAST_DAY) + 719468;
	int64_t era = z / 146097;
	int64_t doe = z % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t from_march = (5 * doy + 2) / 153;

	*out = (struct civil){
		.year = (int)(yoe + era * 400 + (from_march >= 10)),
		.month = (int)((from_march + 2) % 12 + 1),
		.day = (int)(doy - (153 * from_march + 2) / 5 + 1),
	};
}

int64_t civil_wall(const struct civil *c)
{
	return civil_days(c->year, c->month, c->day) * CIVIL_DAY +
	       c->hour * 3600 + c->minute * 60 + c->second;
}

int64_t civil_day_of(int64_t seconds)
{
	int64_t days = seconds / CIVIL_DAY;

	return seconds % CIVIL_DAY < 0 ? days - 1 : days;
}

void civil_from_wall(int64_t wall, struct civil *out)
{
	int64_t days, left;

	wall = clamp(wall, FIRST_SECOND, LAST_SECOND);
	days = civil_day_of(wall);
	left = wall - days * CIVIL_DAY;
	civil_from_days(days, out);
	out->hour = (int)(left / 3600);
	out->minute = (int)(left / 60 % 60);
	out->second = (int)(left % 60);
}

int civil_weekday(int64_t days)
{
	int64_t w = (days % 7 + 3) % 7; /* 1970-01-01 was a Thursday */

	return (int)(w < 0 ? w + 7 : w);
}

int civil_month_days(int year, int month)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30,
					   31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && leap);
}

/* Exactly n digits at s, or -1. */
static int digits(const char *s, size_t n)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + (s[i] - '0');
	}
	return value;
}

static bool read_date(const char *s, struct civil *out)
{
	int year = digits(s, 4);
	int month = digits(s + 5, 2);
	int day = digits(s + 8, 2);

	if (s[4] != '-' || s[7] != '-' || year < 1 || day < 1 ||
	    day > civil_month_days(year, month))
		return false;
	*out = (struct civil){.year = year, .month = month, .day = day};
	return true;
}

/* HH:MM; answers seconds of the day or -1. */
static int read_clock(const char *s)
{
	int hour = digits(s, 2);
	int minute = digits(s + 3, 2);

	if (s[2] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return -1;
	return hour * 3600 + minute * 60;
}

bool civil_read_date(const char *s, size_t len, int64_t *out_days)
{
	struct civil c;

	if (len != CIVIL_DATE_LEN || !read_date(s, &c))
		return false;
	*out_days = civil_days(c.year, c.month, c.day);
	return true;
}

bool civil_read_wall(const char *s, size_t len, int64_t *out_wall)
{
	int clock, second = 0;
	struct civil c;

	if ((len != 16 && len != 19) || !read_date(s, &c) || s[10] != 'T')
		return false;
	clock = read_clock(s + 11);
	if (len == 19)
		second = s[16] == ':' ? digits(s + 17, 2) : -1;
	if (clock < 0 || second < 0 || second > 59)
		return false;
	*out_wall = civil_wall(&c) + clock + second;
	return true;
}

/* "Z" or +HH:MM, seconds east. */
static bool read_offset(const char *s, size_t len, int *out)
{
	int clock;

	if (len == 1 && s[0] == 'Z') {
		*out = 0;
		return true;
	}
	if (len != 6 || (s[0] != '+' && s[0] != '-'))
		return false;
	clock = read_clock(s + 1);
	*out = s[0] == '-' ? -clock : clock;
	return clock >= 0;
}

bool civil_read_rfc3339(const char *s, size_t len, int64_t *out_utc)
{
	int64_t wall;
	int offset;

	if (len < 19 || !civil_read_wall(s, 19, &wall) ||
	    !read_offset(s + 19, len - 19, &offset))
		return false;
	wall -= offset;
	if (wall < FIRST_SECOND || wall > LAST_SECOND)
		return false;
	*out_utc = wall;
	return true;
}

static char *put(char *out, int value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return out + width;
}

static char *put_chr(char *out, char c)
{
	*out = c;
	return out + 1;
}

static char *put_date(char *out, const struct civil *c)
{
	out = put_chr(put(out, c->year, 4), '-');
	out = put_chr(put(out, c->month, 2), '-');
	return put(out, c->day, 2);
}

static char *put_minutes(char *out, int hour, int minute)
{
	return put(put_chr(put(out, hour, 2), ':'), minute, 2);
}

void civil_show_date(int64_t days, char *out)
{
	struct civil c;

	civil_from_days(days, &c);
	*put_date(out, &c) = '\0';
}

void civil_show_wall(int64_t wall, char *out)
{
	struct civil c;

	civil_from_wall(wall, &c);
	out = put_chr(put_date(out, &c), 'T');
	*put_minutes(out, c.hour, c.minute) = '\0';
}

void civil_show_rfc3339(int64_t utc, int32_t offset, char *out)
{
	int minutes = (int)clamp(offset / 60, -1439, 1439);
	struct civil c;

	utc = clamp(utc, FIRST_SECOND, LAST_SECOND);
	civil_from_wall(utc + (int64_t)minutes * 60, &c);
	out = put_chr(put_date(out, &c), 'T');
	out = put_chr(put_minutes(out, c.hour, c.minute), ':');
	out = put(out, c.second, 2);
	if (minutes == 0) {
		out = put_chr(out, 'Z');
	} else {
		out = put_chr(out, minutes < 0 ? '-' : '+');
		minutes = minutes < 0 ? -minutes : minutes;
		out = put_minutes(out, minutes / 60, minutes % 60);
	}
	*out = '\0';
}
