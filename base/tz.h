/*
 * tz - time zones: the system's TZif files (RFC 8536), read by ourselves.
 *
 * A zone is immutable once loaded and may be read by any thread. A store of
 * zones loads each once, under a lock, and owns them all. libc's TZ and
 * localtime() are not used anywhere.
 *
 * Local to UTC follows RFC 5545 section 3.3.5: a wall time that occurs twice
 * means the first; one that does not occur (the gap) is read with the offset
 * before the gap, that is, shifted forward by the gap.
 */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define TZ_NAME_MAX 64

struct tz;
struct tz_store;

/* dir: where the TZif files are, usually TZ_SYSTEM_DIR. */
#define TZ_SYSTEM_DIR "/usr/share/zoneinfo"
struct tz_store *tz_store_new(const char *dir);
void tz_store_free(struct tz_store *store);

/* RC_NOT_FOUND for a name that is no zone (or tries to leave the directory),
 * RC_MALFORMED for a file that is no TZif. The zone lives as long as store. */
__attribute__((warn_unused_result)) enum rc tz_get(struct tz_store *store,
						   const char *name,
						   const struct tz **out,
						   struct err *err);

/* A zone from bytes, for tests and fuzzing; freed with tz_free(). */
__attribute__((warn_unused_result)) enum rc
tz_parse(const char *name, const void *data, uint64_t len, struct tz **out,
	 struct err *err);
void tz_free(struct tz *zone);

const char *tz_name(const struct tz *zone);
/* Seconds east of UTC at that instant; abbreviation when out_abbr. */
int32_t tz_offset(const struct tz *zone, int64_t utc, const char **out_abbr);
int64_t tz_to_wall(const struct tz *zone, int64_t utc);
int64_t tz_to_utc(const struct tz *zone, int64_t wall);

#endif
