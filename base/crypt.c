#include "base/crypt.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ID_LEN CRYPT_ID_LEN
#define NONCE_LEN 12
#define TAG_LEN 16
#define HEAD_LEN (ID_LEN + NONCE_LEN)

/*
 * Fetched once, then only read: a fetch by name at every use takes a lock of
 * OpenSSL's and costs more than the hash of a short text.
 */
static struct {
	EVP_MD *sha256;
	EVP_CIPHER *gcm;
	EVP_MAC_CTX *hmac; /* with its digest set; duplicated for each use */
} fetched;

static void *ssl_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size > 0 ? mem_ops()->alloc(size) : NULL;
}

static void ssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	mem_free(p);
}

static void *ssl_realloc(void *old, size_t size, const char *file, int line)
{
	if (size > 0)
		return mem_ops()->realloc(old, size);
	ssl_free(old, file, line);
	return NULL;
}

static EVP_MAC_CTX *new_hmac(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
				       sizeof(digest) - 1),
		OSSL_PARAM_END};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac); /* the context holds its own reference */
	if (ctx == NULL || EVP_MAC_CTX_set_params(ctx, params) != 1)
		abort();
	return ctx;
}

/* Of each operation one algorithm, which makes OpenSSL (3.0) construct them
 * all. What runs out of memory while it does so lacks them ever after: no
 * handshake would succeed any more. */
static void construct_all(void)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	EVP_KEYEXCH *exchange = EVP_KEYEXCH_fetch(NULL, "ECDH", NULL);
	EVP_KEYMGMT *key = EVP_KEYMGMT_fetch(NULL, "EC", NULL);
	EVP_SIGNATURE *signature = EVP_SIGNATURE_fetch(NULL, "ECDSA", NULL);

	if (!kdf || !exchange || !key || !signature)
		abort();
	EVP_KDF_free(kdf);
	EVP_KEYEXCH_free(exchange);
	EVP_KEYMGMT_free(key);
	EVP_SIGNATURE_free(signature);
}

void crypt_init(void)
{
	if (fetched.sha256 != NULL)
		return;
	if (CRYPTO_set_mem_functions(ssl_alloc, ssl_realloc, ssl_free) != 1)
		abort(); /* somebody used OpenSSL before */
	fetched.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	fetched.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	fetched.hmac = new_hmac();
	if (fetched.sha256 == NULL || fetched.gcm == NULL)
		abort();
	construct_all();
}

#define JOINED_MAX 1024

/* One behind the other where they are few bytes: each update costs as much as
 * the hash of some dozens. The length, or 0: they are too long. */
static size_t join(const struct crypt_part *parts, size_t n,
		   uint8_t out[JOINED_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].len > JOINED_MAX - len)
			return 0;
		if (parts[i].len > 0)
			memcpy(out + len, parts[i].data, parts[i].len);
		len += parts[i].len;
	}
	return len;
}

void crypt_sha256(const struct crypt_part *parts, size_t n,
		  uint8_t out[CRYPT_HASH_LEN])
{
	uint8_t joined[JOINED_MAX];
	const struct crypt_part one = {joined, join(parts, n, joined)};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ok = ctx != NULL && EVP_DigestInit_ex(ctx, fetched.sha256, NULL);

	if (one.len > 0) {
		parts = &one;
		n = 1;
	}
	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len);
	if (!ok || !EVP_DigestFinal_ex(ctx, out, NULL))
		abort();
	EVP_MD_CTX_free(ctx);
	mem_wipe(joined, one.len);
}

/* Only a name for OpenSSL's. */
static EVP_MD_CTX *sum_of(struct crypt_sum *sum)
{
	return (EVP_MD_CTX *)(void *)sum;
}

struct crypt_sum *crypt_sum_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || !EVP_DigestInit_ex(ctx, fetched.sha256, NULL))
		abort();
	return (struct crypt_sum *)(void *)ctx;
}

void crypt_sum_add(struct crypt_sum *sum, const void *data, size_t len)
{
	if (!EVP_DigestUpdate(sum_of(sum), data, len))
		abort();
}

void crypt_sum_end(struct crypt_sum *sum, uint8_t out[CRYPT_HASH_LEN])
{
	if (!EVP_DigestFinal_ex(sum_of(sum), out, NULL))
		abort();
	EVP_MD_CTX_free(sum_of(sum));
}

void crypt_hmac(const struct crypt_key *key, const struct crypt_part *parts,
		size_t n, uint8_t out[CRYPT_HASH_LEN])
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(fetched.hmac);
	size_t len = 0;
	int ok = ctx != NULL &&
		 EVP_MAC_init(ctx, key->bytes, sizeof(key->bytes), NULL);

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_MAC_update(ctx, parts[i].data, parts[i].len);
	if (!ok || !EVP_MAC_final(ctx, out, &len, CRYPT_HASH_LEN) ||
	    len != CRYPT_HASH_LEN)
		abort();
	EVP_MAC_CTX_free(ctx);
}

void crypt_derive(const struct crypt_key *key, const char *label,
		  struct crypt_key *out)
{
	const struct crypt_part part = {label, strlen(label)};

	_Static_assert(CRYPT_KEY_LEN == CRYPT_HASH_LEN, "a key is a hash");
	crypt_hmac(key, &part, 1, out->bytes);
}

void crypt_key_id(const struct crypt_key *key, uint8_t out[ID_LEN])
{
	const struct crypt_part part = {key->bytes, sizeof(key->bytes)};
	uint8_t hash[CRYPT_HASH_LEN];

	crypt_sha256(&part, 1, hash);
	memcpy(out, hash, ID_LEN);
	mem_wipe(hash, sizeof(hash));
}

/* n bytes at the end of out, or why not. */
static enum rc room_for(struct buf *out, size_t n, uint8_t **out_room,
			struct err *err)
{
	size_t left = out->max - out->len;

	*out_room = (uint8_t *)buf_room(out, n);
	if (*out_room != NULL)
		return RC_OK;
	if (n > left)
		return err_set(err, RC_TOO_LARGE,
			       "more than %zu bytes to seal or open", left);
	return err_set(err, RC_NOMEM, "no memory to seal or open");
}

/* A context that knows key, nonce and associated data; NULL on failure. */
static EVP_CIPHER_CTX *start(const struct crypt_key *key, const uint8_t *nonce,
			     const struct crypt_part *aad, int sealing)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (ctx != NULL &&
	    EVP_CipherInit_ex2(ctx, fetched.gcm, key->bytes, nonce, sealing,
			       NULL) &&
	    (aad == NULL || aad->len == 0 ||
	     (aad->len <= INT_MAX &&
	      EVP_CipherUpdate(ctx, NULL, &n, aad->data, (int)aad->len))))
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static int encrypt(EVP_CIPHER_CTX *ctx, const void *plain, size_t len,
		   uint8_t *out)
{
	int n = 0;

	return (len == 0 || EVP_CipherUpdate(ctx, out, &n, plain, (int)len)) &&
	       EVP_CipherFinal_ex(ctx, out + len, &n) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN,
				   out + len);
}

enum rc crypt_seal(const struct crypt_key *key, const struct rnd *rnd,
		   const struct crypt_part *aad, const void *plain, size_t len,
		   struct buf *out, struct err *err)
{
	EVP_CIPHER_CTX *ctx;
	uint8_t *room;
	enum rc rc;
	int ok;

	if (len > INT_MAX - CRYPT_SEAL_EXTRA)
		return err_set(err, RC_TOO_LARGE, "too long to seal");
	rc = room_for(out, len + CRYPT_SEAL_EXTRA, &room, err);
	if (rc != RC_OK)
		return rc;
	crypt_key_id(key, room);
	rnd_fill(rnd, room + ID_LEN, NONCE_LEN);
	ctx = start(key, room + ID_LEN, aad, 1);
	ok = ctx != NULL && encrypt(ctx, plain, len, room + HEAD_LEN);
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		mem_wipe(room, len + CRYPT_SEAL_EXTRA);
		ERR_clear_error();
		return err_set(err, RC_NOMEM, "no memory to seal");
	}
	out->len += len + CRYPT_SEAL_EXTRA;
	return RC_OK;
}

static int decrypt(EVP_CIPHER_CTX *ctx, const uint8_t *sealed, size_t len,
		   uint8_t *out)
{
	uint8_t tag[TAG_LEN];
	int n = 0;

	memcpy(tag, sealed + len, TAG_LEN);
	return (len == 0 || EVP_CipherUpdate(ctx, out, &n, sealed, (int)len)) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) &&
	       EVP_CipherFinal_ex(ctx, out + len, &n);
}

enum rc crypt_open(const struct crypt_key *key, const struct crypt_part *aad,
		   const void *sealed, size_t len, struct buf *out,
		   struct err *err)
{
	const uint8_t *in = sealed;
	uint8_t id[ID_LEN], *room;
	EVP_CIPHER_CTX *ctx;
	size_t plain;
	enum rc rc;
	int ok;

	if (len < CRYPT_SEAL_EXTRA || len > INT_MAX)
		return err_set(err, RC_CORRUPT, "sealed bytes are cut off");
	crypt_key_id(key, id);
	if (memcmp(id, in, ID_LEN) != 0)
		return err_set(err, RC_CORRUPT,
			       "sealed with another key than the one given");
	plain = len - CRYPT_SEAL_EXTRA;
	rc = room_for(out, plain, &room, err);
	if (rc != RC_OK)
		return rc;
	ctx = start(key, in + ID_LEN, aad, 0);
	if (ctx == NULL) {
		ERR_clear_error();
		return err_set(err, RC_NOMEM, "no memory to open");
	}
	ok = decrypt(ctx, in + HEAD_LEN, plain, room);
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		mem_wipe(room, plain); /* not yet proved to be the plain text */
		ERR_clear_error();
		return err_set(err, RC_CORRUPT,
			       "sealed bytes were changed or moved");
	}
	out->len += plain;
	return RC_OK;
}

bool crypt_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
