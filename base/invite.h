/*
 * invite - the text of an invitation: where to go, whom to believe, a secret.
 *
 * "tci1_" and, in hexadecimal digits: a checksum (the
 * first 4 bytes of the SHA-256 of what follows), the SHA-256 of the CA's
 * certificate in DER (32), the secret (16 random bytes), and the two
 * addresses, "HOST:PORT" each ("[::1]:8444" for IPv6), people's first, with a
 * line feed between. One word that a shell leaves alone; a copy that lost a
 * character is told from a wrong one. What the service keeps is the SHA-256
 * of the secret.
 */
#ifndef BASE_INVITE_H
#define BASE_INVITE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define INVITE_SECRET_LEN 16
#define INVITE_ADDRESS_MAX 270 /* a host name, brackets, a port */

struct invite {
	uint8_t ca[32];
	uint8_t secret[INVITE_SECRET_LEN];
	char people[INVITE_ADDRESS_MAX + 1];   /* enrolment */
	char partners[INVITE_ADDRESS_MAX + 1]; /* everything after it */
};

void invite_write(const struct invite *in, struct buf *out);
/* RC_USAGE says what is wrong with it; blanks around it are dropped. */
__attribute__((warn_unused_result)) enum rc
invite_read(const char *s, struct invite *out, struct err *err);

#endif
