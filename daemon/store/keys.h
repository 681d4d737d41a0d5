/*
 * keys - the keys that patients' words are sealed under.
 *
 * Each is made out of one that an administrator keeps. They stand in slots: a
 * slot is filled once and never changes, so any thread may read those that are
 * there while another is added. One of them seals; all of them open. A struct
 * of zeros has one key, of zeros, in slot 0.
 *
 * The keys of patients' slugs go with them: each field key makes one, and the
 * one of the key that seals names new patients. Those that older slugs were
 * made with stand beside it, in slots as well, until every patient has another
 * name (reseal.h). The database keeps them, sealed (keycheck.h): a field key
 * that is gone leaves nobody unknown.
 */
#ifndef DAEMON_STORE_KEYS_H
#define DAEMON_STORE_KEYS_H

#include <stdatomic.h>

#include "base/crypt.h"

#define STORE_KEYS_MAX 16
#define STORE_PATIENT_KEYS_MAX 64

struct store_keys {
	struct crypt_key field[STORE_KEYS_MAX];
	struct crypt_key makes[STORE_KEYS_MAX]; /* each its patient key */
	atomic_uint more;			/* keys besides slot 0 */
	atomic_uint seals;			/* the slot that seals */
	struct crypt_key patient[STORE_PATIENT_KEYS_MAX]; /* HMAC of numbers */
	atomic_uint patients; /* of these, besides slot 0 */
	atomic_uint names;    /* the slot that makes new slugs */
};

/* Out of the one that is kept, into slot 0; its patient key names. */
void keys_init(struct store_keys *keys, const struct crypt_key *kept);
/* Into the next slot, which opens from now on; the slot, or -1: all are taken,
 * or it is there already. One thread at a time adds. */
int keys_add(struct store_keys *keys, const struct crypt_key *kept);

unsigned keys_count(const struct store_keys *keys);
/* The slot of the key with that id; -1: none. */
int keys_find(const struct store_keys *keys, const uint8_t id[CRYPT_ID_LEN]);
/* The same key in another struct: its slot there; -1: none. */
int keys_find_same(const struct store_keys *keys,
		   const struct store_keys *other, unsigned slot);
/* Copies a key of another struct; as keys_add(). */
int keys_add_of(struct store_keys *keys, const struct store_keys *other,
		unsigned slot);

unsigned keys_count_patient(const struct store_keys *keys);
/* The slot where it is now, or was before; -1: all are taken. As keys_add(). */
int keys_add_patient(struct store_keys *keys, const struct crypt_key *key);
/* What the field key of that slot makes names patients from now on. RC_BUSY:
 * there is no room for it. */
__attribute__((warn_unused_result)) enum rc
keys_name_by(struct store_keys *keys, unsigned slot);
/* As a number, for a patient's row: by which key its slug was made. */
int64_t keys_patient_id(const struct crypt_key *key);

#endif
