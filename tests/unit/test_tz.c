#include <fts.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/file.h"
#include "base/tz.h"
#include "tests/support/fake.h"

#define VECTORS "tests/data/tz-vectors.txt"

static void put_be(struct buf *out, uint64_t value, int n)
{
	while (n-- > 0)
		buf_chr(out, (char)(value >> 8 * n & 255));
}

/* The pieces of a TZif file, to be made wrong one at a time. */
struct pieces {
	char version;
	uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
	int64_t times[2];
	uint8_t type_of[2];
	int32_t offsets[2];
	uint8_t dst[2], abbr[2];
	const char *chars; /* charcnt bytes */
	const char *footer;
};

static const struct pieces sound = {
	.version = '2',
	.timecnt = 2,
	.typecnt = 2,
	.charcnt = 8,
	.times = {1000, 2000},
	.type_of = {1, 0},
	.offsets = {3600, 7200},
	.dst = {0, 1},
	.abbr = {0, 4},
	.chars = "AAA\0BBB",
	.footer = "\nAAA-1\n",
};

static void put_header(struct buf *out, const struct pieces *p)
{
	buf_str(out, "TZif");
	buf_chr(out, p->version);
	put_be(out, 0, 8);
	put_be(out, 0, 7);
	put_be(out, p->isutcnt, 4);
	put_be(out, p->isstdcnt, 4);
	put_be(out, p->leapcnt, 4);
	put_be(out, p->timecnt, 4);
	put_be(out, p->typecnt, 4);
	put_be(out, p->charcnt, 4);
}

static void put_block(struct buf *out, const struct pieces *p, int size)
{
	put_header(out, p);
	for (uint32_t i = 0; i < p->timecnt && i < 2; i++)
		put_be(out, (uint64_t)p->times[i], size);
	for (uint32_t i = 0; i < p->timecnt && i < 2; i++)
		put_be(out, p->type_of[i], 1);
	for (uint32_t i = 0; i < p->typecnt && i < 2; i++) {
		put_be(out, (uint32_t)p->offsets[i], 4);
		put_be(out, p->dst[i], 1);
		put_be(out, p->abbr[i], 1);
	}
	buf_add(out, p->chars, p->charcnt < 8 ? p->charcnt : 8);
	for (uint32_t i = 0; i < p->leapcnt && i < 2; i++) {
		put_be(out, 0, size);
		put_be(out, 0, 4);
	}
	for (uint32_t i = 0; i < p->isstdcnt + p->isutcnt && i < 4; i++)
		put_be(out, 0, 1);
}

static void put_file(struct buf *out, const struct pieces *p)
{
	buf_init(out, 8192);
	put_block(out, p, 4);
	if (p->version != '\0') {
		put_block(out, p, 8);
		buf_str(out, p->footer);
	}
}

static enum rc parse(const struct pieces *p, struct tz **out)
{
	struct err err = ERR_INIT;
	struct buf file;
	enum rc rc;

	put_file(&file, p);
	rc = tz_parse("Test/Zone", file.data, file.len, out, &err);
	assert_int_equal(err.rc, rc);
	buf_fini(&file);
	return rc;
}

static struct tz *rule_zone(const char *rule)
{
	struct pieces p = {.version = '3',
			   .typecnt = 1,
			   .charcnt = 4,
			   .chars = "UTC\0\0\0\0"};
	char footer[128];
	struct tz *zone;

	snprintf(footer, sizeof(footer), "\n%s\n", rule);
	p.footer = footer;
	if (parse(&p, &zone) != RC_OK)
		fail_msg("refused %s", rule);
	return zone;
}

static const struct tz *zone_of(struct tz_store *store, const char *name)
{
	const struct tz *zone;

	if (tz_get(store, name, &zone, NULL) != RC_OK)
		fail_msg("no zone %s: is tzdata installed?", name);
	return zone;
}

static void check_vector(const struct tz *zone, const char *line)
{
	int64_t from, to, got;
	char kind;

	assert_int_equal(
		sscanf(line, "%c %" SCNd64 " %" SCNd64, &kind, &from, &to), 3);
	got = kind == 'u' ? tz_to_wall(zone, from) : tz_to_utc(zone, from);
	if (got != to)
		fail_msg("%s: %s: got %" PRId64, tz_name(zone), line, got);
	if (kind == 'u')
		assert_int_equal(tz_offset(zone, from, NULL), to - from);
}

/* What Python's zoneinfo says; made by tests/tools/tz-vectors.py. */
static void agrees_with_zoneinfo(void **state)
{
	struct tz_store *store = tz_store_new(TZ_SYSTEM_DIR);
	const struct tz *zone = NULL;
	struct tz *own = NULL;
	struct buf file;
	int zones = 0, checked = 0;
	char *save;

	(void)state;
	buf_init(&file, 4u << 20);
	assert_int_equal(file_read(VECTORS, &file, NULL), RC_OK);
	buf_chr(&file, '\0');
	for (char *line = strtok_r(file.data, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "zone ", 5) == 0) {
			zone = zone_of(store, line + 5);
			zones++;
		} else if (strncmp(line, "rule ", 5) == 0) {
			tz_free(own);
			zone = own = rule_zone(line + 5);
		} else if (line[0] != '#') {
			assert_non_null(zone);
			check_vector(zone, line);
			checked++;
		}
	}
	assert_int_equal(zones, 598);
	assert_true(checked > 10000);
	tz_free(own);
	buf_fini(&file);
	tz_store_free(store);
}

static int64_t wall(const char *s)
{
	int64_t v;

	assert_true(civil_read_wall(s, strlen(s), &v));
	return v;
}

static int64_t utc(const char *s)
{
	int64_t v;

	assert_true(civil_read_rfc3339(s, strlen(s), &v));
	return v;
}

/* The examples of RFC 5545 section 3.3.5 themselves. */
static void gap_and_overlap_as_the_rfc_has_them(void **state)
{
	struct tz_store *store = tz_store_new(TZ_SYSTEM_DIR);
	const struct tz *zone = zone_of(store, "America/New_York");

	(void)state;
	assert_int_equal(tz_to_utc(zone, wall("2007-11-04T01:30")),
			 utc("2007-11-04T01:30:00-04:00"));
	assert_int_equal(tz_to_utc(zone, wall("2007-03-11T02:30")),
			 utc("2007-03-11T03:30:00-04:00"));
	tz_store_free(store);
}

static void long_ago(void **state)
{
	struct tz_store *store = tz_store_new(TZ_SYSTEM_DIR);
	const struct tz *york = zone_of(store, "America/New_York");
	const struct tz *shanghai = zone_of(store, "Asia/Shanghai");
	const char *abbr = NULL;

	(void)state;
	assert_int_equal(tz_offset(york, utc("1883-11-18T16:59:59Z"), &abbr),
			 -17762);
	assert_string_equal(abbr, "LMT");
	assert_int_equal(tz_offset(york, utc("1883-11-18T17:00:00Z"), &abbr),
			 -18000);
	assert_string_equal(abbr, "EST");
	assert_int_equal(tz_offset(york, utc("1918-03-31T07:00:00Z"), &abbr),
			 -14400);
	assert_string_equal(abbr, "EDT");
	assert_int_equal(tz_to_utc(york, wall("1883-11-18T12:00")),
			 utc("1883-11-18T12:00:00Z") + 17762);
	assert_int_equal(tz_offset(shanghai, utc("1890-01-01T00:00:00Z"), NULL),
			 29143);
	assert_int_equal(tz_offset(shanghai, INT64_MIN, NULL), 29143);
	assert_int_equal(tz_to_utc(shanghai, wall("0001-01-01T00:00")),
			 wall("0001-01-01T00:00") - 29143);
	tz_store_free(store);
}

static void far_ahead(void **state)
{
	struct tz *zone = rule_zone("EST5EDT,M3.2.0,M11.1.0");
	const char *abbr = NULL;

	(void)state;
	assert_int_equal(tz_offset(zone, utc("2100-07-01T00:00:00Z"), &abbr),
			 -14400);
	assert_string_equal(abbr, "EDT");
	assert_int_equal(tz_offset(zone, utc("9999-12-31T23:59:59Z"), &abbr),
			 -18000);
	assert_string_equal(abbr, "EST");
	/* beyond all years: an answer, and the two ways agree */
	assert_int_equal(tz_offset(zone, INT64_MAX, NULL), -18000);
	assert_true(tz_to_wall(zone, INT64_MAX) > 0);
	assert_true(tz_to_wall(zone, INT64_MIN) < 0);
	assert_true(tz_to_utc(zone, INT64_MAX) > 0);
	assert_true(tz_to_utc(zone, INT64_MIN) < 0);
	tz_free(zone);
}

/* Day 59 is February 29 where there is one (as glibc has it, too). */
static void days_counted_from_nought(void **state)
{
	struct tz *zone = rule_zone("CST6CDT,59/0,300/24");

	(void)state;
	assert_int_equal(tz_to_utc(zone, wall("2256-02-28T23:59")),
			 utc("2256-02-28T23:59:00-06:00"));
	assert_int_equal(tz_to_utc(zone, wall("2256-02-29T01:00")),
			 utc("2256-02-29T01:00:00-05:00"));
	assert_int_equal(tz_to_utc(zone, wall("2255-02-28T23:59")),
			 utc("2255-02-28T23:59:00-06:00"));
	assert_int_equal(tz_to_utc(zone, wall("2255-03-01T01:00")),
			 utc("2255-03-01T01:00:00-05:00"));
	/* day 300 is October 28, or October 27 in a leap year */
	assert_int_equal(tz_to_utc(zone, wall("2255-10-28T22:59")),
			 utc("2255-10-28T22:59:00-05:00"));
	assert_int_equal(tz_to_utc(zone, wall("2255-10-29T00:00")),
			 utc("2255-10-29T00:00:00-06:00"));
	assert_int_equal(tz_to_utc(zone, wall("2256-10-28T00:00")),
			 utc("2256-10-28T00:00:00-06:00"));
	tz_free(zone);
}

/* All the year, as RFC 8536 section 3.3.1 shows it. */
static void summer_without_end(void **state)
{
	struct tz *zone = rule_zone("EST5EDT,0/0,J365/25");

	(void)state;
	for (int64_t t = utc("2039-12-25T00:00:00Z");
	     t < utc("2041-01-07T00:00:00Z"); t += 1800) {
		assert_int_equal(tz_offset(zone, t, NULL), -14400);
		assert_int_equal(tz_to_utc(zone, tz_to_wall(zone, t)), t);
	}
	tz_free(zone);
}

/* Where table and rule meet, and before anything happened. */
static void from_table_to_rule(void **state)
{
	struct pieces p = sound;
	struct tz *zone;

	(void)state;
	assert_int_equal(parse(&p, &zone), RC_OK);
	assert_string_equal(tz_name(zone), "Test/Zone");
	assert_int_equal(tz_offset(zone, -1, NULL), 3600);
	assert_int_equal(tz_offset(zone, 999, NULL), 3600);
	assert_int_equal(tz_offset(zone, 1000, NULL), 7200);
	assert_int_equal(tz_offset(zone, 1999, NULL), 7200);
	assert_int_equal(tz_offset(zone, 2000, NULL), 3600);
	/* the gap 4600 to 8200 and the overlap 5600 to 9200 lie over another */
	assert_int_equal(tz_to_utc(zone, 4599), 999);
	assert_int_equal(tz_to_utc(zone, 4600), 1000);
	assert_int_equal(tz_to_utc(zone, 8199), 4599);
	assert_int_equal(tz_to_utc(zone, 8200), 1000);
	assert_int_equal(tz_to_utc(zone, 9199), 1999);
	assert_int_equal(tz_to_utc(zone, 9200), 5600);
	tz_free(zone);
	p.footer = "\n\n"; /* no rule: the last type stays */
	assert_int_equal(parse(&p, &zone), RC_OK);
	assert_int_equal(tz_offset(zone, INT64_MAX, NULL), 3600);
	tz_free(zone);
	p.footer = "\nCCC3\n";
	assert_int_equal(parse(&p, &zone), RC_OK);
	assert_int_equal(tz_offset(zone, 1999, NULL), 7200);
	assert_int_equal(tz_offset(zone, 2000, NULL), -10800);
	tz_free(zone);
	p.version = '\0'; /* 32-bit times only */
	p.times[0] = -1000;
	assert_int_equal(parse(&p, &zone), RC_OK);
	assert_int_equal(tz_offset(zone, -1001, NULL), 3600);
	assert_int_equal(tz_offset(zone, -1000, NULL), 7200);
	assert_int_equal(tz_offset(zone, INT64_MAX, NULL), 3600);
	tz_free(zone);
}

static void refuses_wrong_files(void **state)
{
	struct tz *zone = NULL;

	(void)state;
#define WRONG(change)                                                          \
	do {                                                                   \
		struct pieces p = sound;                                       \
		change;                                                        \
		if (parse(&p, &zone) != RC_MALFORMED)                          \
			fail_msg("took %s", #change);                          \
	} while (0)
	WRONG(p.version = '1');
	WRONG(p.version = 1);
	WRONG(p.typecnt = 0);
	WRONG(p.typecnt = 257);
	WRONG(p.charcnt = 0);
	WRONG(p.charcnt = 7);
	WRONG(p.charcnt = 0xffffffff);
	WRONG(p.timecnt = 0xffffffff);
	WRONG(p.timecnt = 16385);
	WRONG(p.isutcnt = 1);
	WRONG(p.isstdcnt = 1);
	WRONG(p.isstdcnt = 0xffffffff);
	WRONG(p.leapcnt = 1);
	WRONG(p.times[1] = 1000);
	WRONG(p.times[1] = 999);
	WRONG(p.type_of[1] = 2);
	WRONG(p.offsets[0] = -90000);
	WRONG(p.offsets[0] = 93600);
	WRONG(p.offsets[0] = INT32_MIN);
	WRONG(p.dst[0] = 2);
	WRONG(p.abbr[0] = 8);
	WRONG(p.chars = "AAA\0BBBC");
	WRONG(p.footer = "");
	WRONG(p.footer = "\n");
	WRONG(p.footer = "AAA-1\n");
	WRONG(p.footer = "\nAAA-1");
#undef WRONG
	assert_null(zone);
}

static void refuses_wrong_rules(void **state)
{
	static const char *const bad[] = {
		"A1",
		"AA1",
		"AAA",
		"1",
		"AAA+",
		"AAA25",
		"AAA1:60",
		"AAA1:00:60",
		"AAA1:",
		"AAA1 ",
		" AAA1",
		"<AAA1",
		"<AA>1",
		"AAAAAAAAAAAAAAAA1",
		"A+A1",
		"AAA1BBB",
		"AAA1BBB,M3.2.0",
		"AAA1BBB,M3.2.0,",
		"AAA1BBB,M0.2.0,M11.1.0",
		"AAA1BBB,M13.2.0,M11.1.0",
		"AAA1BBB,M3.0.0,M11.1.0",
		"AAA1BBB,M3.6.0,M11.1.0",
		"AAA1BBB,M3.2.7,M11.1.0",
		"AAA1BBB,M3.2,M11.1.0",
		"AAA1BBB,J0,J1",
		"AAA1BBB,J366,J1",
		"AAA1BBB,366,1",
		"AAA1BBB,1/168,2",
		"AAA1BBB,1/1x,2",
		"AAA1BBB,1,2,3",
		"AAA1BBB25,1,2",
		"AAA9999999999999999999",
		"AAA0000001",
		":Asia/Shanghai",
	};
	struct tz *zone = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pieces p = sound;
		char footer[128];

		snprintf(footer, sizeof(footer), "\n%s\n", bad[i]);
		p.footer = footer;
		if (parse(&p, &zone) != RC_MALFORMED)
			fail_msg("took %s", bad[i]);
	}
	assert_null(zone);
}

/* Asks a zone that came out of damaged bytes about all sorts of times. */
static void exercise(const struct tz *zone, struct fake_rnd *rnd)
{
	static const int64_t edges[] = {INT64_MIN, -1, 0, 1, INT64_MAX};

	for (int i = 0; i < 16; i++) {
		int64_t t = i < 5 ? edges[i]
				  : (int64_t)fake_rnd_next(rnd) >> (i * 2);
		const char *abbr = NULL;
		int32_t offset = tz_offset(zone, t, &abbr);

		assert_in_range(offset + 100000, 0, 200000);
		assert_true(strlen(abbr) < 1024);
		(void)tz_to_wall(zone, t);
		(void)tz_to_utc(zone, t);
	}
}

/* In memory of its own size, so that the sanitizer sees one byte too far. */
static void try_bytes(const char *data, size_t len, struct fake_rnd *rnd)
{
	char *copy = malloc(len > 0 ? len : 1);
	struct tz *zone;
	enum rc rc;

	assert_non_null(copy);
	memcpy(copy, data, len);
	rc = tz_parse("Damaged", copy, len, &zone, NULL);
	free(copy);
	if (rc == RC_OK) {
		exercise(zone, rnd);
		tz_free(zone);
	} else {
		assert_int_equal(rc, RC_MALFORMED);
	}
}

static void damaged_bytes_do_no_harm(void **state)
{
	static const char *const names[] = {"/America/St_Johns",
					    "/Asia/Shanghai", "/Asia/Kathmandu",
					    "/Australia/Lord_Howe"};
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int i = 0; i < 4; i++) {
		struct buf file, path;

		buf_init(&path, 256);
		buf_init(&file, 1u << 20);
		buf_printf(&path, "%s%s", TZ_SYSTEM_DIR, names[i]);
		assert_int_equal(file_read(buf_cstr(&path), &file, NULL),
				 RC_OK);
		for (size_t len = 0; len < file.len; len++)
			try_bytes(file.data, len, &rnd);
		for (int n = 0; n < 4000; n++) {
			size_t at = fake_rnd_below(&rnd, file.len);
			/* headers and footer are short: hit them often, too */
			size_t aim = n % 3 == 0 ? fake_rnd_below(&rnd, 44)
				     : n % 3 == 1
					     ? file.len - 1 -
						       fake_rnd_below(&rnd, 40)
					     : at;
			char old = file.data[aim];

			file.data[aim] ^= (char)(1 + fake_rnd_below(&rnd, 255));
			try_bytes(file.data, file.len, &rnd);
			file.data[aim] = old;
		}
		buf_fini(&file);
		buf_fini(&path);
	}
}

/* Any rule that is taken keeps time: stretches follow without a hole. */
static void odd_rules_keep_time(void **state)
{
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int i = 0; i < 300; i++) {
		char rule[128];
		struct tz *zone;

		snprintf(rule, sizeof(rule), "AAA%dBBB%d,%d/%d,J%d/%d",
			 (int)fake_rnd_below(&rnd, 49) - 24,
			 (int)fake_rnd_below(&rnd, 49) - 24,
			 (int)fake_rnd_below(&rnd, 366),
			 (int)fake_rnd_below(&rnd, 335) - 167,
			 (int)fake_rnd_below(&rnd, 365) + 1,
			 (int)fake_rnd_below(&rnd, 335) - 167);
		zone = rule_zone(rule);
		for (int n = 0; n < 50; n++) {
			int64_t t = utc("2000-01-01T00:00:00Z") +
				    (int64_t)fake_rnd_below(&rnd, 3155760000);
			int64_t shown = tz_to_wall(zone, t);
			int64_t back = tz_to_utc(zone, shown);

			/* the same, or the first of two that show the same */
			if (back > t || tz_to_wall(zone, back) != shown)
				fail_msg("%s: %" PRId64 " came back %" PRId64,
					 rule, t, back);
		}
		tz_free(zone);
	}
}

static bool is_zone_file(const char *path)
{
	struct buf file;
	bool is;

	buf_init(&file, 1u << 20);
	assert_int_equal(file_read(path, &file, NULL), RC_OK);
	is = file.len > 4 && memcmp(file.data, "TZif", 4) == 0;
	buf_fini(&file);
	return is;
}

/* What the clocks show means the same instant, or the first of two. */
static void keeps_time(const struct tz *zone)
{
	int64_t end = utc("2100-01-01T00:00:00Z");

	for (int64_t t = utc("1901-01-01T00:00:00Z"); t < end; t += 1000003) {
		int64_t shown = tz_to_wall(zone, t);
		int64_t back = tz_to_utc(zone, shown);

		if (back > t || tz_to_wall(zone, back) != shown)
			fail_msg("%s: %" PRId64 " came back %" PRId64,
				 tz_name(zone), t, back);
	}
}

/* Whatever release of the data there is. "posix" and "right" hold the zones
 * once more, the latter with leap seconds. */
static void every_zone_of_the_system(void **state)
{
	char dir[] = TZ_SYSTEM_DIR;
	char *dirs[] = {dir, NULL};
	struct tz_store *store = tz_store_new(dir);
	FTS *walk = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	int zones = 0;

	(void)state;
	assert_non_null(walk);
	for (FTSENT *at = fts_read(walk); at != NULL; at = fts_read(walk)) {
		if (strcmp(at->fts_name, "posix") == 0 ||
		    strcmp(at->fts_name, "right") == 0)
			(void)fts_set(walk, at, FTS_SKIP);
		else if ((at->fts_info == FTS_F || at->fts_info == FTS_SL) &&
			 is_zone_file(at->fts_path)) {
			keeps_time(zone_of(store, at->fts_path + sizeof(dir)));
			zones++;
		}
	}
	fts_close(walk);
	assert_in_range(zones, 500, 700);
	tz_store_free(store);
}

static void names_stay_in_the_directory(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"/etc/passwd",
		"..",
		"../passwd",
		"Asia/../Asia/Tokyo",
		"Asia/",
		"/Asia/Tokyo",
		"Asia//Tokyo",
		"Asia/Tokyo ",
		"Asia/Tokyo\n",
		"Asia",
		"Asia/Atlantis",
		"asia/tokyo.x",
		"zone.tab",
		"Asia\\Tokyo",
		"\xe4\xba\x9a",
		"Asia/A234567890123456789012345678901234567890123456789012345"
		"67890123456789",
	};
	struct tz_store *store = tz_store_new(TZ_SYSTEM_DIR);
	const struct tz *zone = NULL;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = (struct err)ERR_INIT;
		if (tz_get(store, bad[i], &zone, &err) != RC_NOT_FOUND)
			fail_msg("took \"%s\"", bad[i]);
		assert_int_equal(err.rc, RC_NOT_FOUND);
		assert_non_null(strstr(err.text, "IANA"));
	}
	assert_int_equal(tz_get(store, "leapseconds", &zone, &err),
			 RC_MALFORMED);
	assert_null(zone);
	tz_store_free(store);
}

static void a_zone_is_loaded_once(void **state)
{
	struct tz_store *store = tz_store_new(TZ_SYSTEM_DIR);
	const struct tz *first = zone_of(store, "Asia/Shanghai");

	(void)state;
	assert_ptr_not_equal(zone_of(store, "Asia/Kathmandu"), first);
	assert_ptr_equal(zone_of(store, "Asia/Shanghai"), first);
	assert_string_equal(tz_name(first), "Asia/Shanghai");
	tz_store_free(store);
}

static void *ask_for_zones(void *store)
{
	static const char *const names[] = {"Asia/Shanghai", "Asia/Tokyo",
					    "Europe/Paris"};
	intptr_t sum = 0;

	for (int i = 0; i < 300; i++) {
		const struct tz *zone;

		if (tz_get(store, names[i % 3], &zone, NULL) != RC_OK)
			return NULL;
		sum += (intptr_t)zone + tz_offset(zone, 0, NULL);
	}
	return (void *)sum;
}

static void threads_share_a_store(void **state)
{
	struct tz_store *store = tz_store_new(TZ_SYSTEM_DIR);
	pthread_t threads[4];
	void *sums[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, ask_for_zones, store),
			0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], &sums[i]);
	for (int i = 0; i < 4; i++) {
		assert_non_null(sums[i]);
		assert_ptr_equal(sums[i], sums[0]);
	}
	tz_store_free(store);
}

static void no_memory_is_answered(void **state)
{
	struct buf file;
	uint64_t n;

	(void)state;
	put_file(&file, &sound);
	for (n = 1; n < 50; n++) {
		struct tz *zone = NULL;
		enum rc rc;

		fake_mem_fail_at(n);
		rc = tz_parse("Test/Zone", file.data, file.len, &zone, NULL);
		fake_mem_restore();
		if (rc == RC_OK) {
			tz_free(zone);
			break;
		}
		assert_int_equal(rc, RC_NOMEM);
		assert_null(zone);
	}
	assert_in_range(n, 2, 49);
	buf_fini(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_zoneinfo),
		cmocka_unit_test(gap_and_overlap_as_the_rfc_has_them),
		cmocka_unit_test(long_ago),
		cmocka_unit_test(far_ahead),
		cmocka_unit_test(days_counted_from_nought),
		cmocka_unit_test(summer_without_end),
		cmocka_unit_test(from_table_to_rule),
		cmocka_unit_test(refuses_wrong_files),
		cmocka_unit_test(refuses_wrong_rules),
		cmocka_unit_test(damaged_bytes_do_no_harm),
		cmocka_unit_test(odd_rules_keep_time),
		cmocka_unit_test(every_zone_of_the_system),
		cmocka_unit_test(names_stay_in_the_directory),
		cmocka_unit_test(a_zone_is_loaded_once),
		cmocka_unit_test(threads_share_a_store),
		cmocka_unit_test(no_memory_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
