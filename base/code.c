#include "base/code.h"

#include <string.h>

#define BESIDE 3 /* characters that neighbours have in common */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Times the generator of GF(32), modulo x^5 + x^2 + 1. */
static unsigned gf_double(unsigned v)
{
	v <<= 1;
	return v & 32 ? v ^ 37 : v;
}

/*
 * Horner's rule gives character i the weight g^(7-i). All weights are nonzero,
 * so one wrong character changes the sum; all differ, so a swap of two unequal
 * ones does too. A whole code sums to zero.
 */
static unsigned gf_sum(const unsigned char *values, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = gf_double(sum) ^ values[i];
	return sum;
}

/* Those values from the n-th on are drawn, the check is worked out. */
static void finish(const struct rnd *rnd, unsigned char values[CODE_LEN],
		   size_t n, struct code *out)
{
	rnd_fill(rnd, values + n, CODE_LEN - 1 - n);
	for (size_t i = n; i < CODE_LEN - 1; i++)
		values[i] &= 31;
	values[CODE_LEN - 1] =
		(unsigned char)gf_double(gf_sum(values, CODE_LEN - 1));
	for (size_t i = 0; i < CODE_LEN; i++)
		out->s[i] = alphabet[values[i]];
	out->s[CODE_LEN] = '\0';
}

void code_make(const struct rnd *rnd, struct code *out)
{
	unsigned char values[CODE_LEN];

	finish(rnd, values, 0, out);
}

/* The character's value, -1 when it is none. */
static int value_of(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	at = memchr(alphabet, c, sizeof(alphabet) - 1);
	return at != NULL ? (int)(at - alphabet) : -1;
}

void code_make_beside(const struct rnd *rnd, const struct code *near,
		      struct code *out)
{
	unsigned char values[CODE_LEN];

	for (size_t i = 0; i < BESIDE; i++) {
		int value = value_of(near->s[i]);

		values[i] = (unsigned char)(value > 0 ? value : 0);
	}
	finish(rnd, values, BESIDE, out);
}

bool code_read(const char *s, size_t len, struct code *out)
{
	unsigned char values[CODE_LEN];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int value = value_of(s[i]);
		bool between = n > 0 && n < CODE_LEN;

		if (between && (s[i] == '-' || s[i] == ' '))
			continue;
		if (value < 0 || n == CODE_LEN)
			return false;
		values[n++] = (unsigned char)value;
	}
	if (n != CODE_LEN || gf_sum(values, n) != 0)
		return false;
	for (size_t i = 0; i < CODE_LEN; i++)
		out->s[i] = alphabet[values[i]];
	out->s[CODE_LEN] = '\0';
	return true;
}

void code_show(const struct code *code, char *out)
{
	const size_t half = CODE_LEN / 2;

	memcpy(out, code->s, half);
	out[half] = '-';
	memcpy(out + half + 1, code->s + half, CODE_LEN - half + 1);
}
