/*
 * keys - the keys that patients' words are sealed under.
 *
 * Each is made out of one that an administrator keeps. They stand in slots: a
 * slot is filled once and never changes, so any thread may read those that are
 * there while another is added. One of them seals; all of them open. A struct
 * of zeros has one key, of zeros, in slot 0.
 *
 * The key of patients' slugs is not one of them: it never changes, because the
 * slugs stand unsealed. It belongs to the database, which keeps it sealed
 * (keycheck.h); before a database keeps it, it is what the key that the
 * database was made with makes.
 */
#ifndef DAEMON_STORE_KEYS_H
#define DAEMON_STORE_KEYS_H

#include <stdatomic.h>

#include "base/crypt.h"

#define STORE_KEYS_MAX 16

struct store_keys {
	struct crypt_key field[STORE_KEYS_MAX];
	struct crypt_key makes[STORE_KEYS_MAX]; /* each its patient key */
	atomic_uint more;			/* keys besides slot 0 */
	atomic_uint seals;			/* the slot that seals */
	struct crypt_key patient; /* HMAC of site and local number */
};

/* Out of the one that is kept, into slot 0; its patient key is the one. */
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

#endif
