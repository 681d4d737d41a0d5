/*
 * civil - dates and wall clocks without a zone (proleptic Gregorian).
 *
 * A day is a count of days since 1970-01-01; a wall time is the count of
 * seconds since 1970-01-01T00:00 on some clock on some wall: the zone turns it
 * into UTC seconds (tz.h). Weekdays count from Monday = 0 (ISO 8601).
 * Years 1 to 9999 only: readers refuse others, and what is shown or taken
 * apart beyond them is the first or last day (second) of them.
 * Source of the day count: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms".
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CIVIL_DAY 86400
#define CIVIL_DATE_LEN 10    /* 2026-12-01 */
#define CIVIL_RFC3339_LEN 25 /* 2026-12-01T09:30:00+08:00 */

struct civil {
	int year, month, day, hour, minute, second;
};

/* month 1 to 12; day may run over, the day count goes on. */
int64_t civil_days(int year, int month, int day);
void civil_from_days(int64_t days, struct civil *out); /* time fields 0 */
int64_t civil_wall(const struct civil *c);
void civil_from_wall(int64_t wall, struct civil *out);
int civil_weekday(int64_t days);
/* 0 when there is no such month. */
int civil_month_days(int year, int month);
/* Floor division: the day that a wall or UTC second belongs to. */
int64_t civil_day_of(int64_t seconds);

bool civil_read_date(const char *s, size_t len, int64_t *out_days);
/* YYYY-MM-DDTHH:MM or with :SS; no zone. */
bool civil_read_wall(const char *s, size_t len, int64_t *out_wall);
/*
 * RFC 3339 with an offset or Z. Refused though the RFC lets them be: 't' and
 * 'z', a blank for the T, fractions, the leap second 60. "-00:00" is UTC.
 */
bool civil_read_rfc3339(const char *s, size_t len, int64_t *out_utc);
/* out holds CIVIL_DATE_LEN + 1 */
void civil_show_date(int64_t days, char *out);
/* out holds CIVIL_RFC3339_LEN + 1; offset 0 is shown as "Z". The seconds of
 * an old local mean time's offset are dropped; the instant stays right. */
void civil_show_rfc3339(int64_t utc, int32_t offset, char *out);
/* YYYY-MM-DDTHH:MM; out holds 17. */
void civil_show_wall(int64_t wall, char *out);

#endif
