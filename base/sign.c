#include "base/sign.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

static enum rc fail(enum rc rc, const char *text, struct err *err)
{
	bool nomem =
		ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;

	ERR_clear_error();
	if (nomem)
		return err_set(err, RC_NOMEM, "no memory for a signature");
	return err_set(err, rc, "%s", text);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): a pem_password_cb */
static int no_password(char *out, int size, int writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static EVP_PKEY *read_private(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = NULL;

	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	return key;
}

enum rc sign_key_of(const char *key_pem, struct buf *out_key, struct err *err)
{
	EVP_PKEY *key = read_private(key_pem);
	unsigned char *der = NULL;
	int len = key != NULL ? i2d_PUBKEY(key, &der) : 0;
	enum rc rc = RC_OK;

	if (len != SIGN_KEY_LEN)
		rc = fail(RC_INVALID, "not a private key, ECDSA P-256", err);
	else
		buf_add(out_key, der, (size_t)len);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return rc == RC_OK && out_key->failed
		       ? err_set(err, RC_NOMEM, "no memory for a key")
		       : rc;
}

enum rc sign_make(const char *key_pem, const void *data, size_t len,
		  struct buf *out_signature, struct err *err)
{
	EVP_PKEY *key = read_private(key_pem);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[SIGN_SIGNATURE_MAX];
	size_t n = sizeof(sig);
	bool ok = key != NULL && ctx != NULL &&
		  EVP_PKEY_get_size(key) <= SIGN_SIGNATURE_MAX &&
		  EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key,
					NULL) == 1 &&
		  EVP_DigestSign(ctx, sig, &n, data, len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	if (!ok)
		return fail(RC_INVALID, "the private key signs nothing", err);
	buf_add(out_signature, sig, n);
	return out_signature->failed
		       ? err_set(err, RC_NOMEM, "no memory for a signature")
		       : RC_OK;
}

/* With the curve by its name alone, such a key has this length and no other. */
static EVP_PKEY *read_public(const unsigned char *der, size_t len)
{
	EVP_PKEY *key = NULL;
	char group[32];

	if (len == SIGN_KEY_LEN)
		key = d2i_PUBKEY(NULL, &der, (long)len);
	if (key != NULL &&
	    (!EVP_PKEY_is_a(key, "EC") ||
	     !EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) ||
	     strcmp(group, "prime256v1") != 0)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

enum rc sign_check(const void *key, size_t key_len, const void *data,
		   size_t len, const void *signature, size_t signature_len,
		   struct err *err)
{
	EVP_PKEY *pkey = read_public(key, key_len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ready = pkey != NULL && ctx != NULL &&
		     EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL,
					     pkey, NULL) == 1;
	bool ok = ready && EVP_DigestVerify(ctx, signature, signature_len, data,
					    len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	if (ok)
		return RC_OK;
	return fail(RC_INVALID,
		    ready ? "the signature is not one over this"
			  : "not a public key, ECDSA P-256",
		    err);
}
