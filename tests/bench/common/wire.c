#include "tests/bench/common/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cert.h"
#include "base/mem.h"

void wire_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

struct sockaddr_in wire_address(const char *text)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	const char *colon = strrchr(text, ':');
	char host[64];
	long port = colon ? strtol(colon + 1, NULL, 10) : 0;

	if (!colon || (size_t)(colon - text) >= sizeof(host) || port < 1 ||
	    port > 65535)
		wire_die("%s: not ADDRESS:PORT", text);
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	at.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &at.sin_addr) != 1)
		wire_die("%s: not an IPv4 address", host);
	return at;
}

static const char *why(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : strerror(errno);
}

SSL_CTX *wire_client(const char *identity, const char *ca)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1)
		wire_die("TLS 1.3: %s", why());
	if (SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1)
		wire_die("%s: %s", ca, why());
	if (identity &&
	    (SSL_CTX_use_certificate_chain_file(ctx, identity) != 1 ||
	     SSL_CTX_use_PrivateKey_file(ctx, identity, SSL_FILETYPE_PEM) != 1))
		wire_die("%s: %s", identity, why());
	cert_send_given(ctx); /* as the client does */
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* One read of the socket for a record, and not two. */
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	return ctx;
}

int wire_connect(const struct sockaddr_in *to)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

SSL *wire_ssl(SSL_CTX *ctx, int fd, const char *host)
{
	SSL *ssl = SSL_new(ctx);

	if (!ssl || (fd >= 0 && SSL_set_fd(ssl, fd) != 1) ||
	    SSL_set_tlsext_host_name(ssl, host) != 1 ||
	    SSL_set1_host(ssl, host) != 1)
		wire_die("TLS: %s", why());
	SSL_set_connect_state(ssl);
	return ssl;
}

void wire_close(SSL *ssl, int fd)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	SSL_free(ssl);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t wire_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t wire_thread_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t wire_process_ns(int pid)
{
	clockid_t id;

	if (pid <= 0 || clock_getcpuclockid(pid, &id) != 0)
		return 0;
	return read_clock(id);
}

char *wire_file(const char *path, size_t *out_len)
{
	FILE *f = fopen(path, "rbe");
	struct stat st;
	char *text;
	size_t size;

	if (!f || fstat(fileno(f), &st) != 0)
		wire_die("%s: %s", path, strerror(errno));
	size = (size_t)st.st_size;
	text = mem_alloc(size + 1);
	if (fread(text, 1, size, f) != size)
		wire_die("%s: not read whole", path);
	fclose(f);
	*out_len = size;
	return text;
}
