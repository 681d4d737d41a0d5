/*
 * handshake_loop - the floor of P8: full mutual handshakes without a server.
 *
 * usage: handshake_loop STATE-DIRECTORY IDENTITY.pem SECONDS
 *
 * Both sides in one thread, their bytes through a pair of memory BIOs; only
 * the server's side is counted, from making its connection to freeing it.
 * Prints one JSON object, times in microseconds of CPU for each handshake.
 */
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/common/state.h"
#include "tests/bench/common/wire.h"

#define PIPE_BYTES (64 * 1024)
#define TURNS_MAX 20

struct sides {
	struct tls_pair *server;
	SSL_CTX *client;
	uint64_t server_ns, client_ns;
};

/* True when this side is done. */
static bool shake(SSL *ssl, uint64_t *ns)
{
	uint64_t begun = wire_thread_ns();
	int n = SSL_do_handshake(ssl);
	int why = n == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, n);

	*ns += wire_thread_ns() - begun;
	if (why != SSL_ERROR_NONE && why != SSL_ERROR_WANT_READ)
		wire_die("the handshake failed: %s",
			 tls_reason(ssl, ERR_peek_error()));
	return n == 1;
}

static SSL *make_server(struct sides *s, BIO *bio)
{
	uint64_t begun = wire_thread_ns();
	SSL *ssl = state_accept(s->server);

	SSL_set_bio(ssl, bio, bio);
	SSL_set_accept_state(ssl);
	s->server_ns += wire_thread_ns() - begun;
	return ssl;
}

static SSL *make_client(struct sides *s, BIO *bio)
{
	uint64_t begun = wire_thread_ns();
	SSL *ssl = wire_ssl(s->client, -1, "localhost");

	SSL_set_bio(ssl, bio, bio);
	s->client_ns += wire_thread_ns() - begun;
	return ssl;
}

static void drop(SSL *ssl, uint64_t *ns)
{
	uint64_t begun = wire_thread_ns();

	SSL_free(ssl);
	*ns += wire_thread_ns() - begun;
}

static void once(struct sides *s)
{
	BIO *near, *far;
	SSL *server, *client;
	bool done = false;

	if (BIO_new_bio_pair(&near, PIPE_BYTES, &far, PIPE_BYTES) != 1)
		wire_die("no pair");
	server = make_server(s, near);
	client = make_client(s, far);
	for (unsigned i = 0; i < TURNS_MAX && !done; i++) {
		bool ours = shake(client, &s->client_ns);

		done = shake(server, &s->server_ns) && ours;
	}
	if (!done || SSL_session_reused(server) ||
	    SSL_get_verify_result(server) != X509_V_OK ||
	    !SSL_get0_peer_certificate(server))
		wire_die("no full mutual handshake");
	drop(client, &s->client_ns);
	drop(server, &s->server_ns);
}

int main(int argc, char **argv)
{
	struct sides s = {0};
	double seconds = argc == 4 ? strtod(argv[3], NULL) : 0;
	uint64_t begun, count = 0;
	char ca[4096];

	if (!(seconds > 0))
		wire_die("usage: handshake_loop STATE-DIRECTORY IDENTITY.pem "
			 "SECONDS");
	snprintf(ca, sizeof(ca), "%s/ca.pem", argv[1]);
	s.server = state_tls(argv[1]);
	s.client = wire_client(argv[2], ca);
	once(&s); /* fetches what the library fetches once */
	s.server_ns = s.client_ns = 0;
	begun = wire_now_ns();
	for (; (double)(wire_now_ns() - begun) < seconds * 1e9; count++)
		once(&s);
	printf("{\"handshakes\":%llu,\"seconds\":%.3f,\"server_cpu_us\":%.1f,"
	       "\"client_cpu_us\":%.1f}\n",
	       (unsigned long long)count, (double)(wire_now_ns() - begun) / 1e9,
	       (double)s.server_ns / 1e3 / (double)count,
	       (double)s.client_ns / 1e3 / (double)count);
	SSL_CTX_free(s.client);
	tls_pair_free(s.server);
	return 0;
}
