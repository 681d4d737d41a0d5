#include "base/invite.h"

#include <string.h>

#include "base/crypt.h"
#include "base/text.h"

#define PREFIX "tci1_"
#define SUM_LEN 4
#define FIXED_LEN (SUM_LEN + 32 + INVITE_SECRET_LEN)
#define WHOLE_MAX (FIXED_LEN + 2 * INVITE_ADDRESS_MAX + 1)

static void check_sum(const uint8_t *whole, size_t len, uint8_t out[SUM_LEN])
{
	const struct crypt_part part = {whole + SUM_LEN, len - SUM_LEN};
	uint8_t hash[CRYPT_HASH_LEN];

	crypt_sha256(&part, 1, hash);
	memcpy(out, hash, SUM_LEN);
}

void invite_write(const struct invite *in, struct buf *out)
{
	uint8_t whole[WHOLE_MAX] = {0};
	size_t people = strlen(in->people), partners = strlen(in->partners);
	uint8_t *p = whole + FIXED_LEN;

	memcpy(whole + SUM_LEN, in->ca, sizeof(in->ca));
	memcpy(whole + SUM_LEN + sizeof(in->ca), in->secret,
	       sizeof(in->secret));
	memcpy(p, in->people, people);
	p[people] = '\n';
	memcpy(p + people + 1, in->partners, partners);
	p += people + 1 + partners;
	check_sum(whole, (size_t)(p - whole), whole);
	buf_str(out, PREFIX);
	buf_hex(out, whole, (size_t)(p - whole));
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* HOST:PORT of printable ASCII; who connects judges the rest. */
static bool take_address(const uint8_t *from, size_t len,
			 char out[INVITE_ADDRESS_MAX + 1])
{
	if (len == 0 || len > INVITE_ADDRESS_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return strchr(out, ':') != NULL;
}

static bool take_whole(const uint8_t *whole, size_t len, struct invite *out)
{
	const uint8_t *addresses = whole + FIXED_LEN;
	size_t rest = len - FIXED_LEN;
	const uint8_t *end = memchr(addresses, '\n', rest);
	uint8_t sum[SUM_LEN];

	check_sum(whole, len, sum);
	if (memcmp(sum, whole, SUM_LEN) != 0 || end == NULL)
		return false;
	memcpy(out->ca, whole + SUM_LEN, sizeof(out->ca));
	memcpy(out->secret, whole + SUM_LEN + sizeof(out->ca),
	       sizeof(out->secret));
	return take_address(addresses, (size_t)(end - addresses),
			    out->people) &&
	       take_address(end + 1, rest - (size_t)(end - addresses) - 1,
			    out->partners);
}

enum rc invite_read(const char *s, struct invite *out, struct err *err)
{
	uint8_t whole[WHOLE_MAX];
	struct invite got = {.people = ""};
	size_t prefix = strlen(PREFIX), len;

	while (blank(*s))
		s++;
	len = strlen(s);
	while (len > 0 && blank(s[len - 1]))
		len--;
	if (len < prefix || memcmp(s, PREFIX, prefix) != 0)
		return err_set(err, RC_USAGE,
			       "this is no invitation: one begins with %s",
			       PREFIX);
	len -= prefix;
	if (len / 2 <= FIXED_LEN || len / 2 > WHOLE_MAX ||
	    !text_unhex(s + prefix, len, whole, len / 2) ||
	    !take_whole(whole, len / 2, &got))
		return err_set(err, RC_USAGE,
			       "the invitation is not whole: copy all of it");
	*out = got;
	return RC_OK;
}
