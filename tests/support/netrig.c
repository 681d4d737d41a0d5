#include "tests/support/netrig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/log.h"

#define READ_LIMIT_S 10

void netrig_init(void)
{
	log_init(2, LOG_LVL_ERR, 0);
	crypt_init();
	net_init();
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

void netrig_new(struct netrig *rig)
{
	int64_t now = clock_now(clock_system());

	*rig = (struct netrig){0};
	netdemo_keys_make(&rig->keys, now);
	netdemo_client_make(&rig->keys, now, 1, &rig->partner);
	netdemo_init(&rig->demo);
	net_config_init(&rig->config);
	rig->config.workers = 2;
	rig->config.max_connections = 64;
	rig->config.max_per_address = 64;
	rig->config.nlisten = 2;
	rig->config.listen[0].kind = HTTP_PARTNERS;
	rig->config.listen[0].address = "127.0.0.1";
	rig->config.listen[1].kind = HTTP_PEOPLE;
	rig->config.listen[1].address = "127.0.0.1";
	rig->config.hosts[0] = "localhost";
	rig->config.nhosts = 1;
	netdemo_tls(&rig->keys, &rig->config.tls);
}

void netrig_start(struct netrig *rig)
{
	must(net_new(&rig->config, &rig->demo.app, clock_system(), rnd_system(),
		     &rig->net, NULL) == RC_OK);
	rig->demo.net = rig->net;
	must(net_start(rig->net, NULL) == RC_OK);
	netdemo_start(&rig->demo);
}

void netrig_free(struct netrig *rig)
{
	if (rig->net) {
		net_drain(rig->net, 0);
		net_join(rig->net);
	}
	netdemo_fini(&rig->demo);
	net_free(rig->net);
	netdemo_client_free(&rig->partner);
	netdemo_keys_free(&rig->keys);
}

int netrig_connect(const struct netrig *rig, unsigned listener)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(net_port(rig->net, listener)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval limit = {READ_LIMIT_S, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	close(fd);
	return -1;
}

static BIO *bio_of(const struct buf *text)
{
	BIO *bio = BIO_new_mem_buf(text->data, (int)text->len);

	must(bio != NULL);
	return bio;
}

static void use_identity(SSL_CTX *ctx, const struct netdemo_client *id)
{
	BIO *cert_bio = bio_of(&id->cert), *key_bio = bio_of(&id->key);
	X509 *cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);

	must(SSL_CTX_use_certificate(ctx, cert) == 1);
	must(SSL_CTX_use_PrivateKey(ctx, key) == 1);
	X509_free(cert);
	EVP_PKEY_free(key);
	BIO_free(cert_bio);
	BIO_free(key_bio);
}

SSL_CTX *netrig_ctx(const struct buf *ca, const struct netdemo_client *id)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	BIO *bio = bio_of(ca);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	must(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert) == 1);
	X509_free(cert);
	BIO_free(bio);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (id)
		use_identity(ctx, id);
	return ctx;
}

bool netrig_handshake(struct netrig_client *c, SSL_CTX *ctx, int fd)
{
	c->ctx = ctx;
	c->fd = fd;
	c->ssl = SSL_new(ctx);
	must(c->ssl && SSL_set_fd(c->ssl, fd) == 1);
	must(SSL_set1_host(c->ssl, "localhost") == 1);
	ERR_clear_error();
	return SSL_connect(c->ssl) == 1;
}

void netrig_open(const struct netrig *rig, const struct netdemo_client *id,
		 struct netrig_client *out)
{
	int fd = netrig_connect(rig, id ? 0 : 1);

	must(fd >= 0);
	must(netrig_handshake(out, netrig_ctx(&rig->keys.ca, id), fd));
}

void netrig_close(struct netrig_client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
	ERR_clear_error();
}

void netrig_send(struct netrig_client *c, const char *data, size_t len)
{
	while (len) {
		int n = SSL_write(c->ssl, data, len > 16384 ? 16384 : (int)len);

		if (n <= 0)
			return; /* the answer, or its absence, tells */
		data += n;
		len -= (size_t)n;
	}
}

static bool seen(const struct buf *out, const char *until)
{
	return until && out->len &&
	       memmem(out->data, out->len, until, strlen(until));
}

bool netrig_read(struct netrig_client *c, const char *until, struct buf *out)
{
	char piece[16384];

	while (!seen(out, until)) {
		int n = SSL_read(c->ssl, piece, sizeof(piece));

		if (n <= 0)
			return !until && SSL_get_error(c->ssl, n) ==
						 SSL_ERROR_ZERO_RETURN;
		buf_add(out, piece, (size_t)n);
	}
	return true;
}

/* Bytes of the first answer in out, head and content; 0: not whole yet. */
static size_t answer_length(const struct buf *out)
{
	static const char field[] = "Content-Length: ";
	const char *end = out->len ? strstr(out->data, "\r\n\r\n") : NULL;
	const char *at = end ? strstr(out->data, field) : NULL;

	if (!at || at > end)
		return 0;
	size_t whole = (size_t)(end - out->data) + 4 +
		       strtoul(at + sizeof(field) - 1, NULL, 10);
	return out->len >= whole ? whole : 0;
}

bool netrig_ask(struct netrig_client *c, const char *request, struct buf *out)
{
	char piece[16384];

	buf_reset(out);
	netrig_send(c, request, strlen(request));
	while (!answer_length(out)) {
		int n = SSL_read(c->ssl, piece, sizeof(piece));

		if (n <= 0)
			return false;
		buf_add(out, piece, (size_t)n);
	}
	return true;
}

bool netrig_await(const struct netrig *rig, const uint64_t *figure,
		  struct net_figures *figures, uint64_t value)
{
	struct timespec nap = {0, 5 * 1000 * 1000};

	for (int i = 0; i < 1000; i++) {
		net_figures(rig->net, figures);
		if (*figure == value)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}
