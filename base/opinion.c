#include "base/opinion.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"

static void add_hex(struct buf *out, const char *label,
		    const uint8_t hash[CRYPT_HASH_LEN])
{
	buf_printf(out, "%s ", label);
	buf_hex(out, hash, CRYPT_HASH_LEN);
	buf_chr(out, '\n');
}

static void add_hash_of(struct buf *out, const char *label, const char *s)
{
	uint8_t hash[CRYPT_HASH_LEN] = {0};

	if (s) {
		const struct crypt_part part = {s, strlen(s)};

		crypt_sha256(&part, 1, hash);
	}
	add_hex(out, label, hash);
}

void opinion_write(const struct opinion_lines *lines, struct buf *out)
{
	char time[CIVIL_RFC3339_LEN + 1];

	civil_show_rfc3339(lines->time, 0, time);
	buf_printf(out,
		   "teleconsult opinion 1\nrequest %s\nexpert %s\n"
		   "version %" PRId64 "\n",
		   lines->request, lines->expert, lines->version);
	add_hex(out, "corrects", lines->corrects);
	buf_printf(out, "time %s\n", time);
	add_hash_of(out, "text", lines->text);
	add_hash_of(out, "reference", lines->reference);
}

void opinion_hash(const struct opinion_lines *lines,
		  uint8_t out[CRYPT_HASH_LEN])
{
	struct crypt_part part;
	struct buf bytes;

	buf_init(&bytes, OPINION_LINES_MAX);
	opinion_write(lines, &bytes);
	if (bytes.failed)
		abort(); /* codes and slugs are bounded */
	part = (struct crypt_part){bytes.data, bytes.len};
	crypt_sha256(&part, 1, out);
	buf_fini(&bytes);
}
