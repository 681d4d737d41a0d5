#include "tests/bench/common/state.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/bench/common/wire.h"

static char *read_in(const char *dir, const char *name)
{
	char path[4096];
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return wire_file(path, &len);
}

struct tls_pair *state_tls(const char *dir)
{
	char *cert = read_in(dir, "server.pem");
	char *key = read_in(dir, "server.key");
	char *ca = read_in(dir, "ca.pem");
	struct net_tls tls = {cert, key, ca};
	struct tls_pair *pair = NULL;
	struct err err = ERR_INIT;

	if (tls_pair_new(&tls, &pair, &err) != RC_OK)
		wire_die("%s: %s", dir, err.text);
	mem_free(cert);
	mem_free(key);
	mem_free(ca);
	return pair;
}

SSL *state_accept(struct tls_pair *pair)
{
	SSL *ssl = tls_accept(pair, HTTP_PARTNERS, clock_now(clock_system()));

	if (!ssl)
		wire_die("no TLS connection");
	return ssl;
}
