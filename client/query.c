/* query - see query.h. */
#include "client/query.h"

#include <string.h>

#include "base/civil.h"

/* Percent-encoding (RFC 3986 section 2.1); unreserved stands as it is. */
static void add_encoded(struct buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~:/";

	for (; *s; s++) {
		if (strchr(plain, *s))
			buf_chr(out, *s);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

static void add_pair(struct buf *out, const struct field *f, const char *value)
{
	buf_chr(out,
		out->len > 0 && memchr(out->data, '?', out->len) ? '&' : '?');
	buf_str(out, f->name);
	buf_chr(out, '=');
	add_encoded(out, value);
}

static void add_number(struct buf *out, const struct field *f, int64_t value)
{
	struct buf digits;

	buf_init(&digits, 32);
	buf_int(&digits, value);
	add_pair(out, f, buf_cstr(&digits));
	buf_fini(&digits);
}

static void add_integer(struct buf *out, const struct field *f, const void *at)
{
	int64_t value = *(const int64_t *)at;
	char shown[CIVIL_RFC3339_LEN + 1];

	if (value == FIELD_NONE)
		return;
	if (f->type == FIELD_INT) {
		add_number(out, f, value);
		return;
	}
	if (f->type == FIELD_TIME)
		civil_show_rfc3339(value, 0, shown);
	else
		civil_show_date(value, shown);
	add_pair(out, f, shown);
}

static void add_string(struct buf *out, const struct field *f, const void *at)
{
	const char *value = *(const char *const *)at;

	if (value)
		add_pair(out, f, value);
}

static void add_bool(struct buf *out, const struct field *f, const void *at)
{
	if (*(const bool *)at)
		add_pair(out, f, "true");
}

static void add_word(struct buf *out, const struct field *f, const void *at)
{
	int word = *(const int *)at;

	if (word >= 0)
		add_pair(out, f, words_name(f->words, word));
}

static void add_list(struct buf *out, const struct field *f, const void *at)
{
	const struct field_strs *list = at;

	for (size_t i = 0; i < list->n; i++)
		add_pair(out, f, list->v[i]);
}

typedef void adder(struct buf *out, const struct field *f, const void *at);
static adder *const adders[FIELD_WORDMAP + 1] = {
	[FIELD_STR] = add_string,   [FIELD_TEXT] = add_string,
	[FIELD_SLUG] = add_string,  [FIELD_REF] = add_string,
	[FIELD_CODE] = add_string,  [FIELD_INT] = add_integer,
	[FIELD_TIME] = add_integer, [FIELD_DATE] = add_integer,
	[FIELD_BOOL] = add_bool,    [FIELD_WORD] = add_word,
	[FIELD_STRS] = add_list,    [FIELD_SLUGS] = add_list,
	[FIELD_REFS] = add_list,
};

void query_encode(const struct msg *msg, const void *in, struct buf *out)
{
	for (const struct field *f = msg->fields; f->name; f++)
		if (adders[f->type])
			adders[f->type](out, f, (const char *)in + f->offset);
}
