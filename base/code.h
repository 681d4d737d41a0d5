/*
 * code - the short name of a request or a booking, fit for a telephone.
 *
 * Eight characters of Crockford's base 32 (crockford.com/base32.html), shown
 * as two groups: "7K2M-QX9D". Seven are random, the last is a check character
 * out of the same alphabet: a weighted sum over GF(32), so that any one wrong
 * character and any two neighbours swapped are found. Reading folds case, O to
 * 0, I and L to 1, and drops hyphens and blanks between characters.
 */
#ifndef BASE_CODE_H
#define BASE_CODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

#define CODE_LEN 8	 /* as stored: "7K2MQX9D" */
#define CODE_SHOWN_LEN 9 /* as shown: "7K2M-QX9D" */

struct code {
	char s[CODE_LEN + 1];
};

void code_make(const struct rnd *rnd, struct code *out);
/* One that begins as that does, with its first three characters; the other four
 * are random. */
void code_make_beside(const struct rnd *rnd, const struct code *near,
		      struct code *out);
bool code_read(const char *s, size_t len, struct code *out);
/* out holds CODE_SHOWN_LEN + 1. */
void code_show(const struct code *code, char *out);

#endif
