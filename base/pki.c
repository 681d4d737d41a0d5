#include "base/pki.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/civil.h"
#include "base/crypt.h"

#define SERIAL_LEN 16
#define CLOCK_SLACK 3600
#define DAYS_MAX 36500
#define HOST_MAX 253
#define LABEL_MAX 63

/* OpenSSL failed: out of memory when it says so, else `rc` and `text`. */
static enum rc fail(enum rc rc, const char *text, struct err *err)
{
	bool nomem =
		ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;

	/* the thread's queue must be empty for whoever does TLS on it */
	ERR_clear_error();
	if (nomem)
		return err_set(err, RC_NOMEM, "no memory for a certificate");
	return err_set(err, rc, "%s", text);
}

static enum rc fail_inside(struct err *err)
{
	return fail(RC_INTERNAL, "OpenSSL failed at a certificate", err);
}

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

static bool is_p256(const EVP_PKEY *key)
{
	char group[32];
	int spelled_out = 0;

	/* the curve by name: spelled out, one key would have two identities */
	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) &&
	       strcmp(group, SN_X9_62_prime256v1) == 0 &&
	       EVP_PKEY_get_int_param(
		       key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		       &spelled_out) &&
	       !spelled_out;
}

static enum rc read_key(const char *pem, EVP_PKEY **out, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);

	*out = NULL;
	if (bio != NULL)
		*out = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (*out != NULL && is_p256(*out))
		return RC_OK;
	EVP_PKEY_free(*out);
	*out = NULL;
	return fail(RC_INVALID,
		    "not a private key as PEM, ECDSA P-256, without password",
		    err);
}

static enum rc read_cert(const char *pem, X509 **out, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);

	*out = NULL;
	if (bio != NULL)
		*out = PEM_read_bio_X509(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (*out != NULL)
		return RC_OK;
	return fail(RC_INVALID, "not an X.509 certificate as PEM", err);
}

/* Reads a request and proves that its sender has the key in it. */
static enum rc read_csr(const char *pem, X509_REQ **out, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key;

	*out = NULL;
	if (bio != NULL)
		*out = PEM_read_bio_X509_REQ(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (*out == NULL)
		return fail(RC_INVALID, "not a PKCS #10 request as PEM", err);
	key = X509_REQ_get0_pubkey(*out);
	/* the kind first: verifying a key of any size could take long */
	if (key != NULL && is_p256(key) && X509_REQ_verify(*out, key) == 1)
		return RC_OK;
	X509_REQ_free(*out);
	*out = NULL;
	return fail(RC_INVALID,
		    "the request is not signed by its own ECDSA P-256 key",
		    err);
}

/* Moves what a memory BIO gathered into the buffer; frees the BIO. */
static enum rc take_bio(BIO *bio, int written, struct buf *out, struct err *err)
{
	char *data = NULL;
	long len = bio != NULL && written ? BIO_get_mem_data(bio, &data) : 0;
	enum rc rc = RC_OK;

	if (len <= 0) {
		rc = fail_inside(err);
	} else {
		buf_add(out, data, (size_t)len);
		if (out->failed)
			rc = err_set(err, RC_TOO_LARGE,
				     "no room for %ld bytes of PEM", len);
	}
	BIO_free(bio);
	return rc;
}

static enum rc write_cert(X509 *cert, struct buf *out, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return take_bio(bio, bio && PEM_write_bio_X509(bio, cert), out, err);
}

enum rc pki_key_new(struct buf *out_key, struct err *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *bio = key != NULL ? BIO_new(BIO_s_mem()) : NULL;
	int ok = bio != NULL && PEM_write_bio_PKCS8PrivateKey(
					bio, key, NULL, NULL, 0, NULL, NULL);

	EVP_PKEY_free(key);
	return take_bio(bio, ok, out_key, err);
}

static enum rc set_name(X509_NAME *to, const char *name, struct err *err)
{
	if (to != NULL && name[0] != '\0' &&
	    X509_NAME_add_entry_by_NID(to, NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)name, -1, -1, 0))
		return RC_OK;
	return fail(RC_INVALID,
		    "a certificate's name has 1 to 64 characters of UTF-8",
		    err);
}

static bool sign_csr(X509_REQ *req, EVP_PKEY *key)
{
	return X509_REQ_set_version(req, X509_REQ_VERSION_1) &&
	       X509_REQ_set_pubkey(req, key) &&
	       X509_REQ_sign(req, key, EVP_sha256()) > 0;
}

enum rc pki_csr_new(const char *key_pem, const char *name, struct buf *out_csr,
		    struct err *err)
{
	X509_REQ *req = NULL;
	EVP_PKEY *key;
	BIO *bio = NULL;
	enum rc rc = read_key(key_pem, &key, err);

	if (rc != RC_OK)
		return rc;
	req = X509_REQ_new();
	if (req == NULL)
		rc = fail_inside(err);
	else
		rc = set_name(X509_REQ_get_subject_name(req), name, err);
	if (rc == RC_OK && !sign_csr(req, key))
		rc = fail_inside(err);
	if (rc == RC_OK) {
		bio = BIO_new(BIO_s_mem());
		rc = take_bio(bio, bio && PEM_write_bio_X509_REQ(bio, req),
			      out_csr, err);
	}
	X509_REQ_free(req);
	EVP_PKEY_free(key);
	return rc;
}

static bool set_serial(X509 *cert, const struct rnd *rnd)
{
	unsigned char bytes[SERIAL_LEN];
	ASN1_INTEGER *number = NULL;
	BIGNUM *bn;
	bool ok;

	rnd_fill(rnd, bytes, sizeof(bytes));
	bytes[0] |= 0x80; /* never zero, always as long (RFC 5280 4.1.2.2) */
	bn = BN_bin2bn(bytes, sizeof(bytes), NULL);
	if (bn != NULL)
		number = BN_to_ASN1_INTEGER(bn, NULL);
	ok = number != NULL && X509_set_serialNumber(cert, number);
	ASN1_INTEGER_free(number);
	BN_free(bn);
	return ok;
}

static bool set_times(X509 *cert, int64_t from, int64_t to)
{
	ASN1_TIME *before = ASN1_TIME_set(NULL, (time_t)from);
	ASN1_TIME *after = ASN1_TIME_set(NULL, (time_t)to);
	bool ok = before != NULL && after != NULL &&
		  X509_set1_notBefore(cert, before) &&
		  X509_set1_notAfter(cert, after);

	ASN1_TIME_free(before);
	ASN1_TIME_free(after);
	return ok;
}

static bool end_of(const X509 *cert, int64_t *out)
{
	struct civil c;
	struct tm tm;

	if (!ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm))
		return false;
	c = (struct civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			   tm.tm_hour,	      tm.tm_min,     tm.tm_sec};
	*out = civil_wall(&c);
	return true;
}

struct extension {
	int nid;
	const char *value; /* as OpenSSL's configuration spells it */
};

static const struct extension ca_extensions[] = {
	{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
	{NID_key_usage, "critical,keyCertSign,cRLSign"},
	{NID_subject_key_identifier, "hash"},
	{0, NULL},
};
static const struct extension server_extensions[] = {
	{NID_basic_constraints, "critical,CA:FALSE"},
	{NID_key_usage, "critical,digitalSignature"},
	{NID_ext_key_usage, "serverAuth"},
	{NID_subject_key_identifier, "hash"},
	{NID_authority_key_identifier, "keyid:always"},
	{0, NULL},
};
static const struct extension client_extensions[] = {
	{NID_basic_constraints, "critical,CA:FALSE"},
	{NID_key_usage, "critical,digitalSignature"},
	{NID_ext_key_usage, "clientAuth"},
	{NID_subject_key_identifier, "hash"},
	{NID_authority_key_identifier, "keyid:always"},
	{0, NULL},
};

static bool add_extensions(X509 *cert, X509 *issuer,
			   const struct extension *list)
{
	X509V3_CTX ctx;
	bool ok = true;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	for (; ok && list->value != NULL; list++) {
		X509_EXTENSION *ext =
			X509V3_EXT_conf_nid(NULL, &ctx, list->nid, list->value);

		ok = ext != NULL && X509_add_ext(cert, ext, -1);
		X509_EXTENSION_free(ext);
	}
	return ok;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The length of a label: letters, digits, inner hyphens (RFC 1123 2.1), and
 * the last not of digits alone, as in a wrong address. 0 when it is none. */
static size_t label_at(const char *s)
{
	bool letter = false;
	size_t n = 0;

	for (; s[n] != '\0' && s[n] != '.'; n++) {
		if (!is_letter(s[n]) && s[n] != '-' &&
		    (s[n] < '0' || s[n] > '9'))
			return 0;
		letter = letter || is_letter(s[n]);
	}
	if (n == 0 || n > LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
		return 0;
	return letter || s[n] == '.' ? n : 0;
}

static bool is_dns_name(const char *s)
{
	size_t n = label_at(s);

	if (strlen(s) > HOST_MAX)
		return false;
	while (n > 0 && s[n] == '.') {
		s += n + 1;
		n = label_at(s);
	}
	return n > 0;
}

/* The bytes of one alternative name: an address or the host itself. */
static int host_bytes(const char *host, unsigned char ip[16],
		      const unsigned char **out, size_t *out_len)
{
	*out = ip;
	*out_len = 4;
	if (inet_pton(AF_INET, host, ip) == 1)
		return GEN_IPADD;
	*out_len = 16;
	if (inet_pton(AF_INET6, host, ip) == 1)
		return GEN_IPADD;
	*out = (const unsigned char *)host;
	*out_len = strlen(host);
	return is_dns_name(host) ? GEN_DNS : -1;
}

static bool push_host(GENERAL_NAMES *names, int type, const unsigned char *s,
		      size_t len)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *value = type == GEN_DNS ? ASN1_IA5STRING_new()
					     : ASN1_OCTET_STRING_new();

	if (name == NULL || value == NULL ||
	    !ASN1_STRING_set(value, s, (int)len)) {
		ASN1_STRING_free(value);
		GENERAL_NAME_free(name);
		return false;
	}
	GENERAL_NAME_set0_value(name, type, value);
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

static enum rc add_hosts(X509 *cert, const struct pki_order *order,
			 struct err *err)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	enum rc rc = names != NULL ? RC_OK : fail_inside(err);

	for (size_t i = 0; rc == RC_OK && i < order->nhosts; i++) {
		const unsigned char *bytes;
		unsigned char ip[16];
		size_t len;
		int type = host_bytes(order->hosts[i], ip, &bytes, &len);

		if (type < 0)
			rc = err_set(err, RC_INVALID,
				     "\"%s\" is no host name or address",
				     order->hosts[i]);
		else if (!push_host(names, type, bytes, len))
			rc = fail_inside(err);
	}
	if (rc == RC_OK && X509_add1_ext_i2d(cert, NID_subject_alt_name, names,
					     0, X509V3_ADD_APPEND) != 1)
		rc = fail_inside(err);
	GENERAL_NAMES_free(names);
	return rc;
}

enum rc pki_ca_new(const char *key_pem, const char *name, int64_t now, int days,
		   const struct rnd *rnd, struct buf *out_cert, struct err *err)
{
	int64_t end = now + (int64_t)days * CIVIL_DAY;
	X509 *cert = NULL;
	EVP_PKEY *key;
	enum rc rc;

	if (days < 1 || days > DAYS_MAX)
		return err_set(err, RC_INVALID,
			       "a certificate lives 1 to %d days", DAYS_MAX);
	rc = read_key(key_pem, &key, err);
	if (rc != RC_OK)
		return rc;
	cert = X509_new();
	if (cert == NULL)
		rc = fail_inside(err);
	else
		rc = set_name(X509_get_subject_name(cert), name, err);
	if (rc == RC_OK &&
	    !(X509_set_version(cert, X509_VERSION_3) && set_serial(cert, rnd) &&
	      X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
	      set_times(cert, now - CLOCK_SLACK, end) &&
	      X509_set_pubkey(cert, key) &&
	      add_extensions(cert, cert, ca_extensions) &&
	      X509_sign(cert, key, EVP_sha256()) > 0))
		rc = fail_inside(err);
	if (rc == RC_OK)
		rc = write_cert(cert, out_cert, err);
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}

/* What signs: a CA certificate with its key. */
struct ca {
	X509 *cert;
	EVP_PKEY *key;
	int64_t end;
};

static void ca_fini(struct ca *ca)
{
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
}

static enum rc ca_read(const char *cert_pem, const char *key_pem,
		       struct ca *out, struct err *err)
{
	struct ca ca = {NULL, NULL, 0};
	enum rc rc = read_cert(cert_pem, &ca.cert, err);

	if (rc == RC_OK)
		rc = read_key(key_pem, &ca.key, err);
	if (rc == RC_OK && (X509_check_ca(ca.cert) != 1 ||
			    X509_check_private_key(ca.cert, ca.key) != 1 ||
			    !end_of(ca.cert, &ca.end)))
		rc = fail(RC_INVALID,
			  "not an authority's certificate with its own key",
			  err);
	if (rc == RC_OK)
		*out = ca;
	else
		ca_fini(&ca);
	return rc;
}

static enum rc check_order(const struct pki_order *order, struct err *err)
{
	if (order->days < 1 || order->days > DAYS_MAX)
		return err_set(err, RC_INVALID,
			       "a certificate lives 1 to %d days", DAYS_MAX);
	if (order->usage == PKI_SERVER && order->nhosts == 0)
		return err_set(err, RC_INVALID,
			       "a server's certificate needs a host name");
	if (order->usage != PKI_SERVER && order->nhosts > 0)
		return err_set(err, RC_INVALID,
			       "only a server's certificate has host names");
	return RC_OK;
}

/* Fills a certificate for the key and signs it. */
static enum rc issue(const struct ca *ca, const struct pki_order *order,
		     EVP_PKEY *key, int64_t end, const struct rnd *rnd,
		     X509 *cert, struct err *err)
{
	bool server = order->usage == PKI_SERVER;
	enum rc rc = set_name(X509_get_subject_name(cert), order->name, err);

	if (rc != RC_OK)
		return rc;
	if (!X509_set_version(cert, X509_VERSION_3) || !set_serial(cert, rnd) ||
	    !X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) ||
	    !set_times(cert, order->now - CLOCK_SLACK, end) ||
	    !X509_set_pubkey(cert, key) ||
	    !add_extensions(cert, ca->cert,
			    server ? server_extensions : client_extensions))
		return fail_inside(err);
	if (server)
		rc = add_hosts(cert, order, err);
	if (rc == RC_OK && X509_sign(cert, ca->key, EVP_sha256()) <= 0)
		rc = fail_inside(err);
	return rc;
}

/* SHA-256 of what an i2d function made; frees it. */
static enum rc hash_der(unsigned char *der, int len, uint8_t out[PKI_ID_LEN],
			struct err *err)
{
	const struct crypt_part part = {der, len > 0 ? (size_t)len : 0};

	if (len <= 0)
		return fail_inside(err);
	crypt_sha256(&part, 1, out);
	OPENSSL_free(der);
	return RC_OK;
}

static enum rc key_id(const X509 *cert, uint8_t out[PKI_ID_LEN],
		      struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);

	return hash_der(der, len, out, err);
}

enum rc pki_sign(const char *ca_cert_pem, const char *ca_key_pem,
		 const struct pki_order *order, const struct rnd *rnd,
		 struct buf *out_cert, uint8_t out_id[PKI_ID_LEN],
		 int64_t *out_not_after, struct err *err)
{
	X509_REQ *req = NULL;
	X509 *cert = NULL;
	struct ca ca = {NULL, NULL, 0};
	int64_t end = order->now + (int64_t)order->days * CIVIL_DAY;
	enum rc rc = check_order(order, err);

	if (rc == RC_OK)
		rc = ca_read(ca_cert_pem, ca_key_pem, &ca, err);
	if (rc == RC_OK && ca.end <= order->now)
		rc = err_set(err, RC_STATE,
			     "the authority's own certificate "
			     "has ended: make a new one");
	if (rc == RC_OK)
		rc = read_csr(order->csr_pem, &req, err);
	if (rc == RC_OK && (cert = X509_new()) == NULL)
		rc = fail_inside(err);
	if (end > ca.end)
		end = ca.end;
	if (rc == RC_OK)
		rc = issue(&ca, order, X509_REQ_get0_pubkey(req), end, rnd,
			   cert, err);
	if (rc == RC_OK)
		rc = key_id(cert, out_id, err);
	if (rc == RC_OK)
		rc = write_cert(cert, out_cert, err);
	if (rc == RC_OK)
		*out_not_after = end;
	X509_free(cert);
	X509_REQ_free(req);
	ca_fini(&ca);
	return rc;
}

enum rc pki_cert_id(const char *cert_pem, uint8_t out_issuer[PKI_ID_LEN],
		    uint8_t out_key[PKI_ID_LEN], int64_t *out_not_after,
		    struct err *err)
{
	unsigned char *der = NULL;
	X509 *cert;
	enum rc rc = read_cert(cert_pem, &cert, err);

	if (rc != RC_OK)
		return rc;
	if (!end_of(cert, out_not_after))
		rc = fail(RC_INVALID, "the certificate's end is no time", err);
	if (rc == RC_OK) {
		int len = i2d_X509_NAME(X509_get_issuer_name(cert), &der);

		rc = hash_der(der, len, out_issuer, err);
	}
	if (rc == RC_OK)
		rc = key_id(cert, out_key, err);
	X509_free(cert);
	return rc;
}

enum rc pki_cert_hash(const char *cert_pem, uint8_t out[PKI_ID_LEN],
		      struct err *err)
{
	unsigned char *der = NULL;
	X509 *cert;
	enum rc rc = read_cert(cert_pem, &cert, err);

	if (rc != RC_OK)
		return rc;
	int len = i2d_X509(cert, &der);

	rc = hash_der(der, len, out, err);
	X509_free(cert);
	return rc;
}
