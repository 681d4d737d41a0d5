#include "daemon/net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/mem.h"

struct tls_pair {
	pthread_mutex_t lock;
	SSL_CTX *ctx[2]; /* by enum http_listener; partners' may be NULL */
};

#define CIPHERS_12                                                             \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"         \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:"           \
	"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256:P-384"
#define VERIFY_DEPTH 3

static enum rc tls_error(struct err *err, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	enum rc rc = err_set(err, RC_INVALID, "%s: %s", what,
			     why ? why : "not usable");

	ERR_clear_error();
	return rc;
}

static BIO *text_bio(const char *pem)
{
	return pem ? BIO_new_mem_buf(pem, -1) : NULL;
}

/* Never asks anybody: an encrypted key is refused. */
static int no_password(char *buf, int size, int writing, void *ctx)
{
	(void)writing;
	(void)ctx;
	if (size > 0)
		buf[0] = '\0';
	return -1;
}

static X509 *next_cert(BIO *bio)
{
	return PEM_read_bio_X509(bio, NULL, no_password, NULL);
}

/* The first certificate is ours, those behind it lead to the root. */
static bool use_chain(SSL_CTX *ctx, const char *pem)
{
	BIO *bio = text_bio(pem);
	X509 *cert = bio ? next_cert(bio) : NULL;
	bool ok = cert && SSL_CTX_use_certificate(ctx, cert) == 1;

	X509_free(cert);
	while (ok && (cert = next_cert(bio)))
		if (!SSL_CTX_add0_chain_cert(ctx, cert)) {
			X509_free(cert);
			ok = false;
		}
	BIO_free(bio);
	if (ok)
		ERR_clear_error(); /* "no start line" ends the chain */
	return ok;
}

static bool use_key(SSL_CTX *ctx, const char *pem)
{
	BIO *bio = text_bio(pem);
	EVP_PKEY *key =
		bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
		    : NULL;
	bool ok = key && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
		  SSL_CTX_check_private_key(ctx) == 1;

	EVP_PKEY_free(key);
	BIO_free(bio);
	return ok;
}

static bool use_client_ca(SSL_CTX *ctx, const char *pem)
{
	BIO *bio = text_bio(pem);
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	X509 *cert;
	int count = 0;
	bool ok = bio != NULL;

	while (ok && (cert = next_cert(bio))) {
		ok = X509_STORE_add_cert(store, cert) == 1 &&
		     SSL_CTX_add_client_CA(ctx, cert) == 1;
		count++;
		X509_free(cert);
	}
	BIO_free(bio);
	if (ok && count)
		ERR_clear_error();
	return ok && count > 0;
}

/* HTTP/1.1 or nothing: whoever offers only other protocols is told so by an
 * alert (RFC 7301 section 3.2); whoever offers none is taken. */
static int choose_protocol(SSL *ssl, const unsigned char **out,
			   unsigned char *out_len, const unsigned char *in,
			   unsigned in_len, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)ctx;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* What is sent is what was added: left to itself OpenSSL looks for our chain
 * among what clients are verified by, and verifies it, with every handshake. */
static bool set_rules(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_read_ahead(ctx, 1); /* see tlsio.h */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, CIPHERS_12) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, GROUPS) == 1;
}

/* No ticket and no cache: every connection proves itself. */
static bool set_client_rules(SSL_CTX *ctx, const char *client_ca)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_verify(
		ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_verify_depth(ctx, VERIFY_DEPTH);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
	       use_client_ca(ctx, client_ca);
}

static bool in_chain(SSL_CTX *ctx, const X509 *cert)
{
	STACK_OF(X509) *chain = NULL;

	SSL_CTX_get0_chain_certs(ctx, &chain);
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (X509_cmp(sk_X509_value(chain, i), cert) == 0)
			return true;
	return X509_cmp(SSL_CTX_get0_certificate(ctx), cert) == 0;
}

/* Whoever enrols knows the authority by its hash alone, and looks for it among
 * what the server sends. */
static bool send_authority(SSL_CTX *ctx, const char *pem)
{
	BIO *bio = text_bio(pem);
	X509 *cert;
	bool ok = bio != NULL;

	while (ok && (cert = next_cert(bio))) {
		if (!in_chain(ctx, cert))
			ok = SSL_CTX_add1_chain_cert(ctx, cert) == 1;
		X509_free(cert);
	}
	BIO_free(bio);
	if (ok)
		ERR_clear_error();
	return ok;
}

static enum rc make_ctx(const struct net_tls *tls, const char *client_ca,
			SSL_CTX **out, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *failed = NULL;

	ERR_clear_error();
	if (!ctx || !set_rules(ctx))
		failed = "TLS";
	else if (!use_chain(ctx, tls->cert_chain))
		failed = "the server's certificate";
	else if (!use_key(ctx, tls->key))
		failed = "the server's key";
	else if (client_ca && !set_client_rules(ctx, client_ca))
		failed = "the clients' certificate authority";
	if (failed) {
		SSL_CTX_free(ctx);
		return tls_error(err, failed);
	}
	*out = ctx;
	return RC_OK;
}

static enum rc make_both(const struct net_tls *tls, SSL_CTX *out[2],
			 struct err *err)
{
	enum rc rc = make_ctx(tls, NULL, &out[HTTP_PEOPLE], err);

	if (rc == RC_OK && tls->client_ca &&
	    !send_authority(out[HTTP_PEOPLE], tls->client_ca))
		rc = tls_error(err, "the clients' certificate authority");
	if (rc == RC_OK && tls->client_ca)
		rc = make_ctx(tls, tls->client_ca, &out[HTTP_PARTNERS], err);
	if (rc != RC_OK) {
		SSL_CTX_free(out[HTTP_PEOPLE]);
		out[HTTP_PEOPLE] = NULL;
	}
	return rc;
}

enum rc tls_pair_new(const struct net_tls *tls, struct tls_pair **out,
		     struct err *err)
{
	SSL_CTX *ctx[2] = {NULL, NULL};
	enum rc rc = make_both(tls, ctx, err);

	if (rc != RC_OK)
		return rc;
	struct tls_pair *pair = mem_alloc(sizeof(*pair));
	pthread_mutex_init(&pair->lock, NULL);
	memcpy(pair->ctx, ctx, sizeof(ctx));
	*out = pair;
	return RC_OK;
}

enum rc tls_pair_reload(struct tls_pair *pair, const struct net_tls *tls,
			struct err *err)
{
	SSL_CTX *ctx[2] = {NULL, NULL}, *old[2];
	enum rc rc;

	if (pair->ctx[HTTP_PARTNERS] && !tls->client_ca)
		return err_set(err, RC_INVALID,
			       "the clients' certificate authority is missing");
	rc = make_both(tls, ctx, err);
	if (rc != RC_OK)
		return rc;
	pthread_mutex_lock(&pair->lock);
	memcpy(old, pair->ctx, sizeof(old));
	memcpy(pair->ctx, ctx, sizeof(ctx));
	pthread_mutex_unlock(&pair->lock);
	SSL_CTX_free(old[0]);
	SSL_CTX_free(old[1]);
	return RC_OK;
}

void tls_pair_free(struct tls_pair *pair)
{
	if (!pair)
		return;
	SSL_CTX_free(pair->ctx[0]);
	SSL_CTX_free(pair->ctx[1]);
	pthread_mutex_destroy(&pair->lock);
	mem_free(pair);
}

SSL *tls_accept(struct tls_pair *pair, enum http_listener kind, int64_t now)
{
	pthread_mutex_lock(&pair->lock);
	SSL *ssl = pair->ctx[kind] ? SSL_new(pair->ctx[kind]) : NULL;
	pthread_mutex_unlock(&pair->lock);
	if (ssl) {
		SSL_set_accept_state(ssl);
		X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), (time_t)now);
	}
	return ssl;
}

static bool hash_der(const unsigned char *der, int len, uint8_t out[32])
{
	struct crypt_part part = {der, len > 0 ? (size_t)len : 0};

	if (len <= 0)
		return false;
	crypt_sha256(&part, 1, out);
	return true;
}

static bool hash_issuer(const X509 *cert, uint8_t out[32])
{
	const unsigned char *der;
	size_t len;

	return X509_NAME_get0_der(X509_get_issuer_name(cert), &der, &len) ==
		       1 &&
	       hash_der(der, (int)len, out);
}

static bool hash_key(const X509 *cert, uint8_t out[32])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	bool ok = hash_der(der, len, out);

	OPENSSL_free(der);
	return ok;
}

static bool read_not_after(const X509 *cert, int64_t *out)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days, seconds;
	bool ok = epoch && ASN1_TIME_diff(&days, &seconds, epoch,
					  X509_get0_notAfter(cert)) == 1;

	ASN1_TIME_free(epoch);
	if (ok)
		*out = (int64_t)days * 86400 + seconds;
	return ok;
}

/* What a peer sends along to be verified by, mostly the authority's certificate
 * that we have ourselves: 4 KiB for as long as the connection lives, which
 * nobody looks at any more. */
static void drop_chain(SSL *ssl)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);

	while (sk_X509_num(chain) > 0)
		X509_free(sk_X509_pop(chain));
}

bool tls_peer(SSL *ssl, struct http_peer *peer)
{
	const X509 *cert;

	if (peer->listener != HTTP_PARTNERS)
		return true;
	drop_chain(ssl);
	cert = SSL_get0_peer_certificate(ssl);
	peer->has_cert = cert && SSL_get_verify_result(ssl) == X509_V_OK &&
			 hash_issuer(cert, peer->issuer) &&
			 hash_key(cert, peer->key) &&
			 read_not_after(cert, &peer->not_after);
	return peer->has_cert;
}

const char *tls_reason(SSL *ssl, unsigned long code)
{
	long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	if (verified != X509_V_OK)
		return X509_verify_cert_error_string(verified);
	return why ? why : "the peer went away";
}
