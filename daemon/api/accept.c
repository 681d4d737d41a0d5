#include "daemon/api/accept.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* "q=0.25": 250; 1000 for anything that is no such weight. */
static int weight_of(const char *s, size_t len)
{
	int q = 0, digit = 1000;

	if (len < 1 || (s[0] != '0' && s[0] != '1'))
		return 1000;
	q = s[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		digit /= 10;
		q += (s[i] - '0') * digit;
	}
	return q < 1000 ? q : 1000;
}

/* One media range: how well it fits a type (0: not), and its weight. */
struct range {
	const char *type, *version; /* of whom it is asked */
	int fits, weight;
};

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(s, word, len) == 0;
}

/* A parameter of the range, already without blanks: "version=1.0.0". */
static void read_parameter(struct range *r, const char *s, size_t len)
{
	const char *equals = memchr(s, '=', len);
	size_t name = equals ? (size_t)(equals - s) : len;
	const char *value = s + name + 1;
	size_t rest = equals ? len - name - 1 : 0;

	if (equals && rest >= 2 && value[0] == '"' && value[rest - 1] == '"')
		value++, rest -= 2;
	if (is_word(s, name, "q"))
		r->weight = weight_of(value, rest);
	else if (is_word(s, name, "version"))
		r->fits = is_word(value, rest, r->version) ? 4 : 0;
}

static void read_type(struct range *r, const char *s, size_t len)
{
	size_t slash = strcspn(r->type, "/");

	if (is_word(s, len, r->type))
		r->fits = 3;
	else if (len == slash + 2 && s[len - 1] == '*' &&
		 strncasecmp(s, r->type, slash + 1) == 0)
		r->fits = 2;
	else if (is_word(s, len, "*/*"))
		r->fits = 1;
}

static void trim(const char **s, size_t *len)
{
	while (*len > 0 && strchr(" \t", **s))
		++*s, --*len;
	while (*len > 0 && strchr(" \t", (*s)[*len - 1]))
		--*len;
}

static struct range read_range(const char *s, size_t len, const char *type,
			       const char *version)
{
	struct range r = {type, version, 0, 1000};
	bool first = true;

	while (len > 0) {
		const char *semicolon = memchr(s, ';', len);
		size_t part = semicolon ? (size_t)(semicolon - s) : len;
		const char *at = s;
		size_t n = part;

		trim(&at, &n);
		if (first)
			read_type(&r, at, n);
		else if (r.fits > 0)
			read_parameter(&r, at, n);
		first = false;
		s += part + (semicolon != NULL);
		len -= part + (semicolon != NULL);
	}
	return r;
}

/* What the whole field gives a type: the weight of the range that fits it
 * best. */
int accept_weigh(const char *accept, const char *type, const char *version)
{
	struct range best = {.fits = 0, .weight = 0};

	while (*accept != '\0') {
		size_t len = strcspn(accept, ",");
		struct range r = read_range(accept, len, type, version);

		if (r.fits > best.fits ||
		    (r.fits == best.fits && r.weight > best.weight))
			best = r;
		accept += len + (accept[len] == ',');
	}
	return best.fits > 0 ? best.weight : 0;
}
