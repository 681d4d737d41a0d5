#include "daemon/store/body.h"

#include <string.h>

#define SALT_LEN 16
#define FORM_OLD 1
#define FORM_NEW 2

static struct seal_place place_of(const struct body_of *of)
{
	return (struct seal_place){"event.words", of->seq, of->lead};
}

static struct seal_place old_place_of(const struct body_of *of)
{
	return (struct seal_place){"event.body", of->seq, of->lead};
}

static void hash_of(const void *data, size_t len, uint8_t out[CRYPT_HASH_LEN])
{
	const struct crypt_part part = {data, len};

	crypt_sha256(&part, 1, out);
}

static enum rc too_long(struct err *err)
{
	return err_set(err, RC_NOMEM, "the words are too long");
}

enum rc body_close(const struct tx *tx, const struct body_of *of,
		   const char *words, struct buf *out,
		   uint8_t out_hash[CRYPT_HASH_LEN], struct err *err)
{
	const struct seal_place place = place_of(of);
	uint8_t salt[SALT_LEN];
	struct buf plain;
	enum rc rc;

	rnd_fill(tx->env->rnd, salt, sizeof(salt));
	buf_init(&plain, BODY_MAX);
	buf_chr(&plain, FORM_NEW);
	buf_add(&plain, salt, sizeof(salt));
	buf_str(&plain, words);
	hash_of(plain.data, plain.len, out_hash);
	rc = plain.failed
		     ? too_long(err)
		     : seal_close(tx, &place, plain.data, plain.len, out, err);
	buf_fini(&plain);
	return rc;
}

/* What the seal holds, taken apart; borrowed from it. */
struct content {
	const char *hashed;
	size_t hashed_len;
	const char *words;
	size_t words_len;
};

static bool take_apart(const struct buf *plain, struct content *out)
{
	uint32_t old = 0;
	size_t head = 1 + sizeof(old);

	if (plain->len >= 1 + SALT_LEN && plain->data[0] == FORM_NEW) {
		*out = (struct content){plain->data, plain->len,
					plain->data + 1 + SALT_LEN,
					plain->len - 1 - SALT_LEN};
		return true;
	}
	if (plain->len < head || plain->data[0] != FORM_OLD)
		return false;
	memcpy(&old, plain->data + 1, sizeof(old));
	if (old > plain->len - head)
		return false;
	*out = (struct content){plain->data + head, old,
				plain->data + head + old,
				plain->len - head - old};
	return true;
}

/* Sealed as a whole: the first and the last form. */
static bool is_whole(const struct tx *tx, const void *body, size_t len)
{
	return seal_slot(tx, body, len) >= 0;
}

static enum rc open_whole(const struct tx *tx, const struct body_of *of,
			  const void *body, size_t len, struct buf *out,
			  uint8_t out_hash[CRYPT_HASH_LEN], struct err *err)
{
	const struct seal_place place = place_of(of);
	struct content content = {0};
	struct buf plain;
	enum rc rc;

	buf_init(&plain, BODY_MAX);
	rc = seal_open(tx, &place, body, len, &plain, err);
	if (rc == RC_OK && !take_apart(&plain, &content))
		rc = err_set(err, RC_CORRUPT, "event %lld: no such body",
			     (long long)of->seq);
	if (rc == RC_OK) {
		hash_of(content.hashed, content.hashed_len, out_hash);
		buf_add(out, content.words, content.words_len);
	}
	buf_fini(&plain);
	return rc == RC_OK && out->failed ? too_long(err) : rc;
}

static enum rc open_old(const struct tx *tx, const struct body_of *of,
			const char *body, size_t len, struct buf *out,
			uint8_t out_hash[CRYPT_HASH_LEN], struct err *err)
{
	const struct seal_place place = old_place_of(of);

	if (len < SALT_LEN)
		return err_set(err, RC_CORRUPT, "event %lld: a body too short",
			       (long long)of->seq);
	hash_of(body, len, out_hash);
	return seal_open(tx, &place, body + SALT_LEN, len - SALT_LEN, out, err);
}

enum rc body_open(const struct tx *tx, const struct body_of *of,
		  const void *body, size_t len, struct buf *out,
		  uint8_t out_hash[CRYPT_HASH_LEN], struct err *err)
{
	enum rc rc = RC_CORRUPT;

	/* A salt may look like a key's id, once in many million bodies. */
	if (is_whole(tx, body, len))
		rc = open_whole(tx, of, body, len, out, out_hash, err);
	return rc == RC_CORRUPT
		       ? open_old(tx, of, body, len, out, out_hash, err)
		       : rc;
}

/* What is to be sealed of a body of old. */
static enum rc wrap_old(const struct tx *tx, const struct body_of *of,
			const char *body, size_t len, struct buf *plain,
			struct err *err)
{
	uint8_t hash[CRYPT_HASH_LEN];
	uint32_t old = (uint32_t)len;

	buf_chr(plain, FORM_OLD);
	buf_add(plain, &old, sizeof(old));
	buf_add(plain, body, len);
	return open_old(tx, of, body, len, plain, hash, err);
}

int body_slot(const struct tx *tx, const void *body, size_t len)
{
	int slot = seal_slot(tx, body, len);

	if (slot >= 0 || len < SALT_LEN)
		return slot;
	return seal_slot(tx, (const char *)body + SALT_LEN, len - SALT_LEN);
}

enum rc body_close_anew(const struct tx *tx, const struct body_of *of,
			const void *body, size_t len, struct buf *out,
			struct err *err)
{
	const struct seal_place place = place_of(of);
	int slot = seal_slot(tx, body, len);
	struct buf plain;
	enum rc rc = RC_CORRUPT;

	buf_init(&plain, BODY_MAX);
	if (slot >= 0)
		rc = seal_open(tx, &place, body, len, &plain, NULL);
	if (rc == RC_OK && slot == (int)atomic_load(&tx->env->keys.seals))
		rc = RC_EXISTS;
	else if (rc == RC_CORRUPT)
		rc = wrap_old(tx, of, body, len, &plain, err);
	if (rc == RC_OK)
		rc = plain.failed ? too_long(err)
				  : seal_close(tx, &place, plain.data,
					       plain.len, out, err);
	buf_fini(&plain);
	return rc;
}
