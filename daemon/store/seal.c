#include "daemon/store/seal.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* The place, in a form of which no two places share one: column, NUL, row and
 * site as 64 bits, most significant byte first. */
struct aad {
	uint8_t bytes[64];
	struct crypt_part part;
};

static void aad_init(struct aad *aad, const struct seal_place *place)
{
	size_t len = strlen(place->column) + 1;
	const uint64_t numbers[2] = {htobe64((uint64_t)place->row),
				     htobe64((uint64_t)place->site)};

	if (len + sizeof(numbers) > sizeof(aad->bytes))
		abort(); /* columns are ours to name */
	memcpy(aad->bytes, place->column, len);
	memcpy(aad->bytes + len, numbers, sizeof(numbers));
	aad->part = (struct crypt_part){aad->bytes, len + sizeof(numbers)};
}

enum rc seal_close(const struct tx *tx, const struct seal_place *place,
		   const void *plain, size_t len, struct buf *out,
		   struct err *err)
{
	return seal_close_with(tx, atomic_load(&tx->env->keys.seals), place,
			       plain, len, out, err);
}

enum rc seal_close_with(const struct tx *tx, unsigned slot,
			const struct seal_place *place, const void *plain,
			size_t len, struct buf *out, struct err *err)
{
	struct aad aad;

	aad_init(&aad, place);
	return crypt_seal(&tx->env->keys.field[slot], tx->env->rnd, &aad.part,
			  plain, len, out, err);
}

int seal_slot(const struct tx *tx, const void *sealed, size_t len)
{
	if (len < CRYPT_SEAL_EXTRA)
		return -1;
	return keys_find(&tx->env->keys, sealed);
}

enum rc seal_open(const struct tx *tx, const struct seal_place *place,
		  const void *sealed, size_t len, struct buf *out,
		  struct err *err)
{
	struct aad aad;

	int slot =
		keys_count(&tx->env->keys) > 1 ? seal_slot(tx, sealed, len) : 0;

	if (slot < 0)
		return err_set(err, RC_CORRUPT,
			       "sealed under a key that is not there");
	aad_init(&aad, place);
	return crypt_open(&tx->env->keys.field[slot], &aad.part, sealed, len,
			  out, err);
}

void seal_patient_slug(const struct crypt_key *key, const char *site_slug,
		       const char *local_id,
		       char out[SEAL_PATIENT_SLUG_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	/* 0x1f stands in no slug: "a" "bc" and "ab" "c" differ */
	const struct crypt_part parts[] = {{site_slug, strlen(site_slug)},
					   {"\x1f", 1},
					   {local_id, strlen(local_id)}};
	uint8_t mac[CRYPT_HASH_LEN];
	char *p = out;

	crypt_hmac(key, parts, 3, mac);
	*p++ = 'p';
	*p++ = '-';
	for (size_t i = 0; i < (SEAL_PATIENT_SLUG_LEN - 2) / 2; i++) {
		*p++ = digits[mac[i] >> 4];
		*p++ = digits[mac[i] & 15];
	}
	*p = '\0';
}
