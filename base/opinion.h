/*
 * opinion - what exactly an expert signs.
 *
 * These lines, each ended by a line feed, in UTF-8 and in this order:
 *
 *	teleconsult opinion 1
 *	request 7K2MQX9D           the request's code, without its hyphen
 *	expert coronary-1
 *	version 2                  of this expert's opinion on this request
 *	corrects 91be…             SHA-256 of these lines of the version before;
 *	                           64 zeros for the first
 *	time 2027-01-18T08:00:00Z  when it was signed
 *	text 06f3…                 SHA-256 of the text's bytes
 *	reference 00…              the same of the reference; 64 zeros: none
 *
 * So a signature belongs to one request, one expert, one version and one text,
 * and to everything that this version corrects. It is ECDSA over these bytes
 * (sign.h), under the key that the expert enrolled with.
 */
#ifndef BASE_OPINION_H
#define BASE_OPINION_H

#include <stdint.h>

#include "base/buf.h"
#include "base/crypt.h"

struct opinion_lines {
	const char *request;
	const char *expert;
	int64_t version;
	uint8_t corrects[CRYPT_HASH_LEN]; /* zeros: the first */
	int64_t time;			  /* UTC, whole seconds */
	const char *text;
	const char *reference; /* NULL: none */
};

#define OPINION_LINES_MAX 1024

/* Appends them. */
void opinion_write(const struct opinion_lines *lines, struct buf *out);
/* Their SHA-256: how the next version names this one. */
void opinion_hash(const struct opinion_lines *lines,
		  uint8_t out[CRYPT_HASH_LEN]);

#endif
