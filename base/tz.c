#include "base/tz.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/tzrule.h"

/* Real files stay below 4 KiB and 300 changes. */
#define FILE_MAX 262144
#define TIMES_MAX 16384
#define TYPES_MAX 256
#define CHARS_MAX 1024
/* RFC 8536 section 3.2: what an offset should stay between. */
#define OFFSET_MIN (-89999)
#define OFFSET_MAX 93599
/* Far outside the years 1 to 9999, and safe to add offsets to. */
#define TIME_LIMIT (INT64_C(1) << 56)

struct tz_type {
	int32_t offset;
	const char *abbr;
};

struct tz {
	struct tz *next; /* in its store */
	char name[TZ_NAME_MAX + 1];
	size_t ntimes;
	int64_t *times; /* ascending; type_of[i] is in force from times[i] */
	uint8_t *type_of;
	struct tz_type types[TYPES_MAX];
	char abbrs[CHARS_MAX];
	bool has_rule; /* for what comes after the last of times */
	struct tzrule rule;
};

/* A stretch [from, to) of time with one offset. */
struct span {
	int64_t from, to;
	int32_t offset;
	const char *abbr;
};

static int64_t clamp(int64_t t)
{
	if (t > TIME_LIMIT)
		return TIME_LIMIT;
	return t < -TIME_LIMIT ? -TIME_LIMIT : t;
}

/* How many changes happened up to utc. */
static size_t changes_until(const struct tz *zone, int64_t utc)
{
	size_t low = 0, high = zone->ntimes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->times[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct span span_at(const struct tz *zone, int64_t utc)
{
	size_t n = changes_until(zone, utc);
	/* RFC 8536 section 3.2: before the first change type 0 is in force */
	const struct tz_type *type =
		&zone->types[n > 0 ? zone->type_of[n - 1] : 0];
	struct span span = {
		.from = n > 0 ? zone->times[n - 1] : INT64_MIN,
		.to = n < zone->ntimes ? zone->times[n] : INT64_MAX,
		.offset = type->offset,
		.abbr = type->abbr,
	};

	if (n == zone->ntimes && zone->has_rule) {
		struct tzrule_span year = tzrule_at(&zone->rule, utc);

		if (year.from > span.from)
			span.from = year.from;
		span.to = year.to;
		span.offset = year.side->offset;
		span.abbr = year.side->abbr;
	}
	return span;
}

const char *tz_name(const struct tz *zone)
{
	return zone->name;
}

int32_t tz_offset(const struct tz *zone, int64_t utc, const char **out_abbr)
{
	struct span span = span_at(zone, clamp(utc));

	if (out_abbr != NULL)
		*out_abbr = span.abbr;
	return span.offset;
}

int64_t tz_to_wall(const struct tz *zone, int64_t utc)
{
	utc = clamp(utc);
	return utc + span_at(zone, utc).offset;
}

/*
 * Walks the stretches of time in which the wall could show this, from the
 * earliest: the first that contains it wins, so of two the first is taken. One
 * that begins only after it means that it fell into the gap before.
 */
int64_t tz_to_utc(const struct tz *zone, int64_t wall)
{
	struct span span;
	int32_t before;

	wall = clamp(wall);
	span = span_at(zone, wall - OFFSET_MAX);
	before = span.offset;
	while (wall - span.offset >= span.to) {
		before = span.offset;
		span = span_at(zone, span.to);
	}
	if (wall - span.offset < span.from)
		return wall - before;
	return wall - span.offset;
}

/* The bytes that are left of a file. */
struct reader {
	const uint8_t *at;
	uint64_t left;
};

/* The next n bytes, or NULL when there are fewer. */
static const uint8_t *take(struct reader *r, uint64_t n)
{
	const uint8_t *p = r->at;

	if (n > r->left)
		return NULL;
	r->at += n;
	r->left -= n;
	return p;
}

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[i];
	return value;
}

struct header {
	bool wide; /* version 2 and up: blocks of 64-bit times follow */
	uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

/* RFC 8536 section 3.1. */
static bool read_header(struct reader *r, struct header *out)
{
	const uint8_t *p = take(r, 44);
	uint32_t counts[6];

	if (p == NULL || memcmp(p, "TZif", 4) != 0)
		return false;
	for (int i = 0; i < 6; i++)
		counts[i] = (uint32_t)big_endian(p + 20 + 4 * i, 4);
	*out = (struct header){
		.wide = p[4] != 0,
		.isutcnt = counts[0],
		.isstdcnt = counts[1],
		.leapcnt = counts[2],
		.timecnt = counts[3],
		.typecnt = counts[4],
		.charcnt = counts[5],
	};
	return p[4] == 0 || p[4] >= '2';
}

/* Times that count leap seconds ("right/...") are not the service's clock. */
static bool counts_fit(const struct header *h)
{
	return h->timecnt <= TIMES_MAX && h->leapcnt == 0 && h->typecnt >= 1 &&
	       h->typecnt <= TYPES_MAX && h->charcnt >= 1 &&
	       h->charcnt <= CHARS_MAX &&
	       (h->isutcnt == 0 || h->isutcnt == h->typecnt) &&
	       (h->isstdcnt == 0 || h->isstdcnt == h->typecnt);
}

/* Times have `size` bytes: 4 in the first block, 8 in the second. */
static bool skip_block(struct reader *r, const struct header *h, size_t size)
{
	uint64_t n = (uint64_t)h->timecnt * (size + 1) +
		     (uint64_t)h->typecnt * 6 + h->charcnt +
		     (uint64_t)h->leapcnt * (size + 4) + h->isstdcnt +
		     h->isutcnt;

	return take(r, n) != NULL;
}

static bool read_times(struct tz *zone, const struct header *h, size_t size,
		       const uint8_t *times, const uint8_t *types)
{
	for (size_t i = 0; i < h->timecnt; i++) {
		uint64_t t = big_endian(times + i * size, size);

		zone->times[i] =
			size == 4 ? (int64_t)(int32_t)(uint32_t)t : (int64_t)t;
		zone->type_of[i] = types[i];
		if (types[i] >= h->typecnt ||
		    (i > 0 && zone->times[i] <= zone->times[i - 1]))
			return false;
	}
	zone->ntimes = h->timecnt;
	return true;
}

static bool read_types(struct tz *zone, const struct header *h,
		       const uint8_t *types, const uint8_t *chars)
{
	if (chars[h->charcnt - 1] != '\0')
		return false;
	memcpy(zone->abbrs, chars, h->charcnt);
	for (size_t i = 0; i < h->typecnt; i++) {
		const uint8_t *p = types + 6 * i;
		int32_t offset = (int32_t)(uint32_t)big_endian(p, 4);

		if (offset < OFFSET_MIN || offset > OFFSET_MAX || p[4] > 1 ||
		    p[5] >= h->charcnt)
			return false;
		zone->types[i].offset = offset;
		zone->types[i].abbr = zone->abbrs + p[5];
	}
	return true;
}

/* RFC 8536 section 3.2. */
static enum rc read_block(struct reader *r, const struct header *h, size_t size,
			  struct tz *zone)
{
	const uint8_t *times = take(r, (uint64_t)h->timecnt * size);
	const uint8_t *type_of = take(r, h->timecnt);
	const uint8_t *types = take(r, (uint64_t)h->typecnt * 6);
	const uint8_t *chars = take(r, h->charcnt);

	if (!counts_fit(h) || times == NULL || type_of == NULL ||
	    types == NULL || chars == NULL ||
	    take(r, (uint64_t)h->isstdcnt + h->isutcnt) == NULL)
		return RC_MALFORMED;
	if (h->timecnt > 0) {
		zone->times = mem_try(h->timecnt * sizeof(*zone->times));
		zone->type_of = mem_try(h->timecnt);
		if (zone->times == NULL || zone->type_of == NULL)
			return RC_NOMEM;
	}
	return read_times(zone, h, size, times, type_of) &&
			       read_types(zone, h, types, chars)
		       ? RC_OK
		       : RC_MALFORMED;
}

/* RFC 8536 section 3.3: a rule between two newlines, or nothing between. */
static bool read_footer(struct reader *r, struct tz *zone)
{
	const char *s = (const char *)r->at;
	const char *end;

	if (r->left < 2 || s[0] != '\n')
		return false;
	s++;
	end = memchr(s, '\n', r->left - 1);
	if (end == NULL)
		return false;
	zone->has_rule = end > s;
	return !zone->has_rule ||
	       tzrule_read(s, (size_t)(end - s), &zone->rule);
}

static enum rc read_file(struct reader *r, struct tz *zone)
{
	struct header h;
	enum rc rc;

	if (!read_header(r, &h))
		return RC_MALFORMED;
	if (!h.wide)
		return read_block(r, &h, 4, zone);
	if (!skip_block(r, &h, 4) || !read_header(r, &h) || !h.wide)
		return RC_MALFORMED;
	rc = read_block(r, &h, 8, zone);
	if (rc == RC_OK && !read_footer(r, zone))
		rc = RC_MALFORMED;
	return rc;
}

enum rc tz_parse(const char *name, const void *data, uint64_t len,
		 struct tz **out, struct err *err)
{
	struct reader r = {data, len};
	struct tz *zone = mem_try(sizeof(*zone));
	enum rc rc = RC_NOMEM;

	if (zone != NULL) {
		snprintf(zone->name, sizeof(zone->name), "%s", name);
		rc = read_file(&r, zone);
	}
	if (rc == RC_OK) {
		*out = zone;
		return RC_OK;
	}
	tz_free(zone);
	if (rc == RC_NOMEM)
		return err_set(err, rc, "no memory for a time zone");
	return err_set(err, rc,
		       "the file of time zone %s is no TZif (RFC 8536)", name);
}

void tz_free(struct tz *zone)
{
	if (zone == NULL)
		return;
	mem_free(zone->times);
	mem_free(zone->type_of);
	mem_free(zone);
}

struct tz_store {
	char *dir;
	pthread_mutex_t lock;
	struct tz *zones;
};

struct tz_store *tz_store_new(const char *dir)
{
	struct tz_store *store = mem_alloc(sizeof(*store));

	store->dir = mem_strdup(dir);
	pthread_mutex_init(&store->lock, NULL);
	return store;
}

void tz_store_free(struct tz_store *store)
{
	struct tz *next;

	if (store == NULL)
		return;
	for (struct tz *zone = store->zones; zone != NULL; zone = next) {
		next = zone->next;
		tz_free(zone);
	}
	pthread_mutex_destroy(&store->lock);
	mem_free(store->dir);
	mem_free(store);
}

/* Letters, digits, "+", "-", "_" between single slashes: nothing that leaves
 * the directory, and one spelling for a file. */
static bool is_zone_name(const char *name)
{
	char before = '/';
	size_t len = 0;

	for (; name[len] != '\0'; len++) {
		char c = name[len];
		bool alnum = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			     (c >= '0' && c <= '9');

		if (len == TZ_NAME_MAX || (c == '/' && before == '/') ||
		    (!alnum && c != '+' && c != '-' && c != '_' && c != '/'))
			return false;
		before = c;
	}
	return before != '/';
}

static enum rc no_zone(struct err *err)
{
	return err_set(err, RC_NOT_FOUND,
		       "no such time zone: take an IANA name, such as "
		       "Asia/Shanghai");
}

static enum rc load(const struct tz_store *store, const char *name,
		    struct tz **out, struct err *err)
{
	struct buf path, data;
	enum rc rc;

	buf_init(&path, 4096);
	buf_init(&data, FILE_MAX);
	buf_printf(&path, "%s/%s", store->dir, name);
	rc = path.failed ? RC_NOT_FOUND
			 : file_read(buf_cstr(&path), &data, err);
	if (rc == RC_NOT_FOUND)
		rc = no_zone(err);
	else if (rc == RC_OK || rc == RC_TOO_LARGE)
		rc = tz_parse(name, data.data, data.len, out, err);
	buf_fini(&data);
	buf_fini(&path);
	return rc;
}

enum rc tz_get(struct tz_store *store, const char *name, const struct tz **out,
	       struct err *err)
{
	struct tz *zone;
	enum rc rc = RC_OK;

	if (!is_zone_name(name))
		return no_zone(err);
	pthread_mutex_lock(&store->lock);
	zone = store->zones;
	while (zone != NULL && strcmp(zone->name, name) != 0)
		zone = zone->next;
	if (zone == NULL) {
		rc = load(store, name, &zone, err);
		if (rc == RC_OK) {
			zone->next = store->zones;
			store->zones = zone;
		}
	}
	pthread_mutex_unlock(&store->lock);
	if (rc == RC_OK)
		*out = zone;
	return rc;
}
