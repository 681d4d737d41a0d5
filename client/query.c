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

static void add_integer(struct buf *out, const struct field *f, int64_t value)
{
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

static void add_list(struct buf *out, const struct field *f,
		     const struct field_strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		add_pair(out, f, list->v[i]);
}

static void add_field(struct buf *out, const struct field *f, const void *at)
{
	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
	case FIELD_SLUG:
	case FIELD_REF:
	case FIELD_CODE:
		if (*(const char *const *)at)
			add_pair(out, f, *(const char *const *)at);
		break;
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_DATE:
		add_integer(out, f, *(const int64_t *)at);
		break;
	case FIELD_BOOL:
		if (*(const bool *)at)
			add_pair(out, f, "true");
		break;
	case FIELD_WORD:
		if (*(const int *)at >= 0)
			add_pair(out, f,
				 words_name(f->words, *(const int *)at));
		break;
	case FIELD_STRS:
	case FIELD_SLUGS:
	case FIELD_REFS:
		add_list(out, f, at);
		break;
	default:
		break;
	}
}

void query_encode(const struct msg *msg, const void *in, struct buf *out)
{
	for (const struct field *f = msg->fields; f->name; f++)
		add_field(out, f, (const char *)in + f->offset);
}
