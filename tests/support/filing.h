/*
 * filing - signing and filing an opinion with a key, as its expert's client
 * does it.
 */
#ifndef TESTS_SUPPORT_FILING_H
#define TESTS_SUPPORT_FILING_H

#include "daemon/store/opinion.h"
#include "daemon/work/opinions.h"
#include "tests/support/desk.h"

/* Somebody who comes with the certificate of that key (PEM). */
void filing_enrol(struct principal *who, const struct buf *key_pem);

struct filing {
	const char *code; /* of the request */
	struct msg_opinion_new in;
	struct msg_opinion_filed out;
	char key[2 * SIGN_KEY_LEN + 1], signature[2 * SIGN_SIGNATURE_MAX + 1];
};
/* Under the key of that text, whoever files it. */
void filing_sign(struct filing *f, const struct buf *key_pem,
		 const struct opinion_lines *lines);
/* What these lines say, signed so; they are borrowed. */
void filing_fill(struct filing *f, const struct buf *key_pem, const char *code,
		 const struct opinion_lines *lines);
/* What is to be signed next, with that text, as the service says. */
struct opinion_lines filing_next(const struct msg_to_sign *next,
				 const char *text);
enum rc filing_step(struct work *w, void *arg); /* filing */

#endif
