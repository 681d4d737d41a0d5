#include "daemon/store/keys.h"

#include <string.h>

static void derive(const struct crypt_key *kept, struct crypt_key *out_field,
		   struct crypt_key *out_patient)
{
	crypt_derive(kept, "teleconsult field", out_field);
	crypt_derive(kept, "teleconsult patient", out_patient);
}

void keys_init(struct store_keys *keys, const struct crypt_key *kept)
{
	memset(keys, 0, sizeof(*keys));
	derive(kept, &keys->field[0], &keys->makes[0]);
	keys->patient[0] = keys->makes[0];
}

unsigned keys_count(const struct store_keys *keys)
{
	return 1 + atomic_load(&keys->more);
}

int keys_find(const struct store_keys *keys, const uint8_t id[CRYPT_ID_LEN])
{
	unsigned n = keys_count(keys);

	for (unsigned i = 0; i < n; i++) {
		uint8_t its[CRYPT_ID_LEN];

		crypt_key_id(&keys->field[i], its);
		if (memcmp(its, id, CRYPT_ID_LEN) == 0)
			return (int)i;
	}
	return -1;
}

int keys_find_same(const struct store_keys *keys,
		   const struct store_keys *other, unsigned slot)
{
	unsigned n = keys_count(keys);

	for (unsigned i = 0; i < n; i++)
		if (crypt_equal(keys->field[i].bytes, other->field[slot].bytes,
				CRYPT_KEY_LEN))
			return (int)i;
	return -1;
}

static int add(struct store_keys *keys, const struct crypt_key *field,
	       const struct crypt_key *makes)
{
	unsigned n = keys_count(keys);
	uint8_t id[CRYPT_ID_LEN];

	crypt_key_id(field, id);
	if (n == STORE_KEYS_MAX || keys_find(keys, id) >= 0)
		return -1;
	keys->field[n] = *field;
	keys->makes[n] = *makes;
	atomic_store(&keys->more, n);
	return (int)n;
}

int keys_add(struct store_keys *keys, const struct crypt_key *kept)
{
	struct crypt_key field, makes;

	derive(kept, &field, &makes);
	return add(keys, &field, &makes);
}

int keys_add_of(struct store_keys *keys, const struct store_keys *other,
		unsigned slot)
{
	return add(keys, &other->field[slot], &other->makes[slot]);
}

/* ---- the keys of patients' slugs ---- */

unsigned keys_count_patient(const struct store_keys *keys)
{
	return 1 + atomic_load(&keys->patients);
}

int keys_add_patient(struct store_keys *keys, const struct crypt_key *key)
{
	unsigned n = keys_count_patient(keys);

	for (unsigned i = 0; i < n; i++)
		if (crypt_equal(keys->patient[i].bytes, key->bytes,
				CRYPT_KEY_LEN))
			return (int)i;
	if (n == STORE_PATIENT_KEYS_MAX)
		return -1;
	keys->patient[n] = *key;
	atomic_store(&keys->patients, n);
	return (int)n;
}

enum rc keys_name_by(struct store_keys *keys, unsigned slot)
{
	int patient = keys_add_patient(keys, &keys->makes[slot]);

	if (patient < 0)
		return RC_BUSY;
	atomic_store(&keys->names, (unsigned)patient);
	return RC_OK;
}

int64_t keys_patient_id(const struct crypt_key *key)
{
	uint8_t id[CRYPT_ID_LEN];
	int64_t n = 0;

	crypt_key_id(key, id);
	for (size_t i = 0; i < sizeof(id); i++)
		n = n << 8 | id[i];
	return n;
}
