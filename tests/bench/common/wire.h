/*
 * wire - TLS 1.3 to 127.0.0.1, as a partner's machine has it.
 *
 * One context for each identity (a PEM file with a certificate and its key;
 * none: no certificate). The server is verified by its authority and its name.
 * Nothing is resumed: every connection is a full handshake. Whatever fails in
 * the making ends the program with a line: these are tools.
 */
#ifndef TESTS_BENCH_COMMON_WIRE_H
#define TESTS_BENCH_COMMON_WIRE_H

#include <netinet/in.h>
#include <openssl/ssl.h>

/* "what: why", status 2. */
__attribute__((noreturn, format(printf, 1, 2))) void wire_die(const char *fmt,
							      ...);
/* 127.0.0.1:PORT */
struct sockaddr_in wire_address(const char *text);
/* identity: NULL for none. */
SSL_CTX *wire_client(const char *identity, const char *ca);
/* A non-blocking socket that connects; -1 when there is none. */
int wire_connect(const struct sockaddr_in *to);
/* The client's side of it; fd -1: the caller sets its BIO. */
SSL *wire_ssl(SSL_CTX *ctx, int fd, const char *host);
/* Closed at once, nothing waits for stray packets: ports are used again. */
void wire_close(SSL *ssl, int fd);

uint64_t wire_now_ns(void);	   /* monotonic */
uint64_t wire_thread_ns(void);	   /* CPU time of this thread */
uint64_t wire_process_ns(int pid); /* CPU time of that process */
/* The file whole; freed by mem_free(). A NUL follows. */
char *wire_file(const char *path, size_t *out_len);

#endif
