#include "base/cert.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/civil.h"

/* Without it OpenSSL would ask for a password on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): a pem_password_cb */
static int no_password(char *out, int size, int writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

/* The thread's queue of errors must be empty for whoever does TLS on it. */
static enum rc fail(const char *text, struct err *err)
{
	ERR_clear_error();
	return err_set(err, RC_INVALID, "%s", text);
}

static X509 *read_cert(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = NULL;

	if (bio)
		cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
	BIO_free(bio);
	return cert;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = NULL;

	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	return key;
}

static enum rc no_cert(struct err *err)
{
	return fail("that is no X.509 certificate as PEM", err);
}

static bool time_of(const ASN1_TIME *time, int64_t *out)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	bool ok = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

	ASN1_TIME_free(epoch);
	*out = (int64_t)days * CIVIL_DAY + seconds;
	return ok;
}

enum rc cert_life(const char *pem, int64_t *out_from, int64_t *out_to,
		  struct err *err)
{
	X509 *cert = read_cert(pem);
	bool ok;

	if (!cert)
		return no_cert(err);
	ok = time_of(X509_get0_notBefore(cert), out_from) &&
	     time_of(X509_get0_notAfter(cert), out_to);
	X509_free(cert);
	return ok ? RC_OK : fail("the certificate's times are none", err);
}

static enum rc judge(X509 *cert, EVP_PKEY *key, X509 *ca, struct err *err)
{
	if (!cert || !ca)
		return no_cert(err);
	if (!key)
		return fail("that is no private key as PEM", err);
	if (X509_check_private_key(cert, key) != 1)
		return fail("the certificate is for another key", err);
	if (X509_check_issued(ca, cert) != X509_V_OK ||
	    X509_verify(cert, X509_get0_pubkey(ca)) != 1)
		return fail("the certificate is not from that CA", err);
	return RC_OK;
}

enum rc cert_fits(const char *cert_pem, const char *key_pem, const char *ca_pem,
		  struct err *err)
{
	X509 *cert = read_cert(cert_pem), *ca = read_cert(ca_pem);
	EVP_PKEY *key = read_key(key_pem);
	enum rc rc = judge(cert, key, ca, err);

	EVP_PKEY_free(key);
	X509_free(ca);
	X509_free(cert);
	return rc;
}

/* ---- names ---- */

static bool add_common_name(const X509 *cert, struct buf *out)
{
	X509_NAME *name = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *text = NULL;
	int len;

	if (at < 0)
		return false;
	len = ASN1_STRING_to_UTF8(
		&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (len > 0)
		buf_add(out, text, (size_t)len);
	OPENSSL_free(text);
	return len > 0;
}

static void add_host(const GENERAL_NAME *name, struct buf *out)
{
	const ASN1_STRING *value = NULL;
	char address[INET6_ADDRSTRLEN];
	const unsigned char *bytes;
	int len;

	if (name->type == GEN_DNS)
		value = name->d.dNSName;
	else if (name->type == GEN_IPADD)
		value = name->d.iPAddress;
	if (!value)
		return; /* mail and the like are no hosts */
	bytes = ASN1_STRING_get0_data(value);
	len = ASN1_STRING_length(value);
	buf_chr(out, '\n');
	if (name->type == GEN_DNS)
		buf_add(out, bytes, (size_t)len);
	else if (inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, address,
			   sizeof(address)))
		buf_str(out, address);
}

enum rc cert_names(const char *pem, struct buf *out, struct err *err)
{
	X509 *cert = read_cert(pem);
	GENERAL_NAMES *names;
	bool ok;

	if (!cert)
		return no_cert(err);
	ok = add_common_name(cert, out);
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++)
		add_host(sk_GENERAL_NAME_value(names, i), out);
	GENERAL_NAMES_free(names);
	X509_free(cert);
	return ok && !out->failed ? RC_OK
				  : fail("the certificate has no name", err);
}

bool cert_covers(const char *cert_pem, const char *host)
{
	X509 *cert = read_cert(cert_pem);
	bool ok = cert && (X509_check_host(cert, host, 0, 0, NULL) == 1 ||
			   X509_check_ip_asc(cert, host, 0) == 1);

	X509_free(cert);
	ERR_clear_error();
	return ok;
}

bool cert_is_for(const char *cert_pem, const char *key_pem)
{
	X509 *cert = read_cert(cert_pem);
	EVP_PKEY *key = read_key(key_pem);
	bool ok = cert && key && X509_check_private_key(cert, key) == 1;

	EVP_PKEY_free(key);
	X509_free(cert);
	ERR_clear_error();
	return ok;
}

void cert_send_given(void *ssl_ctx)
{
	SSL_CTX_set_mode((SSL_CTX *)ssl_ctx, SSL_MODE_NO_AUTO_CHAIN);
}
