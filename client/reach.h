/*
 * reach - why the server could not be spoken to, in plain words.
 *
 * Takes what libcurl and OpenSSL say and answers what a person can do. In TLS
 * 1.3 a server refuses a client's certificate only after the client thinks
 * that the handshake is done, so the refusal shows at the first read as an
 * alert, or, when the server closed in a hurry, as a broken connection.
 */
#ifndef CLIENT_REACH_H
#define CLIENT_REACH_H

#include <stdbool.h>

#include "base/err.h"

struct reach {
	int curl;	      /* CURLcode */
	long verify;	      /* OpenSSL's verification result, 0 is good */
	const char *text;     /* what libcurl says, or the TLS alert */
	const char *server;   /* as configured */
	const char *whose_ca; /* "this profile" */
	const char *dir;      /* of the profile; NULL: none */
};

/* RC_UNREACHABLE, or RC_UNAUTHENTICATED for a refused certificate. */
enum rc reach_explain(const struct reach *reach, struct err *err);
/* It may work in a moment. */
bool reach_worth_retry(const struct reach *reach);
/* The server may have done what it was asked. */
bool reach_unknown(const struct reach *reach);

#endif
