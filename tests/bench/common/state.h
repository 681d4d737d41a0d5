/*
 * state - TLS as the daemon has it, from its state directory.
 *
 * The floors take the daemon's own contexts, so that suites, groups and modes
 * are the same on both sides of a comparison.
 */
#ifndef TESTS_BENCH_COMMON_STATE_H
#define TESTS_BENCH_COMMON_STATE_H

#include "daemon/net/tls.h"

/* server.pem, server.key and ca.pem in that directory. */
struct tls_pair *state_tls(const char *dir);
/* A server's side that asks for a client's certificate. */
SSL *state_accept(struct tls_pair *pair);

#endif
