#include <string.h>

#include "base/civil.h"
#include "base/code.h"
#include "proto/field.h"

static void write_fields(const struct msg *msg, const void *in,
			 struct buf *buf);

/* --- is there a value --- */

static const void *pointer_at(const void *p)
{
	const void *value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static bool has_pointer(const struct field *f, const void *p)
{
	(void)f;
	return pointer_at(p) != NULL;
}

static bool has_number(const struct field *f, const void *p)
{
	(void)f;
	return *(const int64_t *)p != FIELD_NONE;
}

static bool has_word(const struct field *f, const void *p)
{
	(void)f;
	return *(const int *)p >= 0;
}

/* What is empty rather than absent is written when it must be there. */
static bool has_bool(const struct field *f, const void *p)
{
	return *(const bool *)p || (f->flags & FIELD_REQUIRED);
}

static bool has_set(const struct field *f, const void *p)
{
	return *(const kindset *)p != 0 || (f->flags & FIELD_REQUIRED);
}

static bool has_strs(const struct field *f, const void *p)
{
	return ((const struct field_strs *)p)->n > 0 ||
	       (f->flags & FIELD_REQUIRED);
}

static bool has_list(const struct field *f, const void *p)
{
	return ((const struct field_list *)p)->n > 0 ||
	       (f->flags & FIELD_REQUIRED);
}

static bool has_wordmap(const struct field *f, const void *p)
{
	const int64_t *values = p;

	for (int i = 0; i < f->words->count; i++)
		if (values[i] != FIELD_NONE)
			return true;
	return f->flags & FIELD_REQUIRED;
}

/* --- the value --- */

static void write_string(const char *s, struct buf *buf)
{
	buf_json(buf, s, strlen(s));
}

/* Text that needs no escape. */
static void write_plain(const char *s, struct buf *buf)
{
	buf_quoted(buf, s, strlen(s));
}

static void write_text(const struct field *f, const void *p, struct buf *buf)
{
	(void)f;
	write_string(pointer_at(p), buf);
}

static void write_code(const struct field *f, const void *p, struct buf *buf)
{
	const char *s = pointer_at(p);
	char shown[CODE_SHOWN_LEN + 1];
	struct code code;

	(void)f;
	if (strlen(s) != CODE_LEN) {
		write_string(s, buf);
		return;
	}
	memcpy(code.s, s, CODE_LEN + 1);
	code_show(&code, shown);
	write_plain(shown, buf);
}

static void write_int(const struct field *f, const void *p, struct buf *buf)
{
	(void)f;
	buf_int(buf, *(const int64_t *)p);
}

static void write_bool(const struct field *f, const void *p, struct buf *buf)
{
	(void)f;
	buf_str(buf, *(const bool *)p ? "true" : "false");
}

static void write_time(const struct field *f, const void *p, struct buf *buf)
{
	char shown[CIVIL_RFC3339_LEN + 1];

	(void)f;
	civil_show_rfc3339(*(const int64_t *)p, 0, shown);
	write_plain(shown, buf);
}

static void write_date(const struct field *f, const void *p, struct buf *buf)
{
	char shown[CIVIL_DATE_LEN + 1];

	(void)f;
	civil_show_date(*(const int64_t *)p, shown);
	write_plain(shown, buf);
}

static void write_wall(const struct field *f, const void *p, struct buf *buf)
{
	char shown[CIVIL_RFC3339_LEN + 1];

	(void)f;
	civil_show_wall(*(const int64_t *)p, shown);
	write_plain(shown, buf);
}

static void write_word(const struct field *f, const void *p, struct buf *buf)
{
	write_plain(words_name(f->words, *(const int *)p), buf);
}

/* A comma but before the first. */
static void separate(bool *first, struct buf *buf)
{
	if (!*first)
		buf_chr(buf, ',');
	*first = false;
}

static void write_wordset(const struct field *f, const void *p, struct buf *buf)
{
	kindset set = *(const kindset *)p;
	bool first = true;

	buf_chr(buf, '[');
	for (int i = 0; i < f->words->count; i++) {
		if (!(set & KINDSET(i)))
			continue;
		separate(&first, buf);
		write_plain(words_name(f->words, i), buf);
	}
	buf_chr(buf, ']');
}

static void write_strs(const struct field *f, const void *p, struct buf *buf)
{
	const struct field_strs *list = p;
	bool first = true;

	(void)f;
	buf_chr(buf, '[');
	for (size_t i = 0; i < list->n; i++) {
		separate(&first, buf);
		write_string(list->v[i], buf);
	}
	buf_chr(buf, ']');
}

static void write_object(const struct field *f, const void *p, struct buf *buf)
{
	write_fields(f->msg, pointer_at(p), buf);
}

static void write_objects(const struct field *f, const void *p, struct buf *buf)
{
	const struct field_list *list = p;
	const char *element = list->v;
	bool first = true;

	buf_chr(buf, '[');
	for (size_t i = 0; i < list->n; i++) {
		separate(&first, buf);
		write_fields(f->msg, element, buf);
		element += f->msg->size;
	}
	buf_chr(buf, ']');
}

static void write_map(const struct field *f, const void *p, struct buf *buf)
{
	const struct field_list *list = p;
	const char *element = list->v;
	bool first = true;

	buf_chr(buf, '{');
	for (size_t i = 0; i < list->n; i++) {
		separate(&first, buf);
		write_string(pointer_at(element), buf);
		buf_chr(buf, ':');
		write_fields(f->msg, element, buf);
		element += f->msg->size;
	}
	buf_chr(buf, '}');
}

static void write_wordmap(const struct field *f, const void *p, struct buf *buf)
{
	const int64_t *values = p;
	bool first = true;

	buf_chr(buf, '{');
	for (int i = 0; i < f->words->count; i++) {
		if (values[i] == FIELD_NONE)
			continue;
		separate(&first, buf);
		write_plain(words_name(f->words, i), buf);
		buf_chr(buf, ':');
		buf_int(buf, values[i]);
	}
	buf_chr(buf, '}');
}

static const struct writer {
	bool (*has)(const struct field *f, const void *p);
	void (*write)(const struct field *f, const void *p, struct buf *buf);
} writers[FIELD_TYPE_COUNT] = {
	[FIELD_STR] = {has_pointer, write_text},
	[FIELD_TEXT] = {has_pointer, write_text},
	[FIELD_SLUG] = {has_pointer, write_text},
	[FIELD_REF] = {has_pointer, write_text},
	[FIELD_CODE] = {has_pointer, write_code},
	[FIELD_INT] = {has_number, write_int},
	[FIELD_BOOL] = {has_bool, write_bool},
	[FIELD_TIME] = {has_number, write_time},
	[FIELD_DATE] = {has_number, write_date},
	[FIELD_WALL] = {has_number, write_wall},
	[FIELD_WORD] = {has_word, write_word},
	[FIELD_WORDSET] = {has_set, write_wordset},
	[FIELD_STRS] = {has_strs, write_strs},
	[FIELD_SLUGS] = {has_strs, write_strs},
	[FIELD_REFS] = {has_strs, write_strs},
	[FIELD_DATES] = {has_strs, write_strs},
	[FIELD_OBJECT] = {has_pointer, write_object},
	[FIELD_OBJECTS] = {has_list, write_objects},
	[FIELD_MAP] = {has_list, write_map},
	[FIELD_WORDMAP] = {has_wordmap, write_wordmap},
};

static void write_fields(const struct msg *msg, const void *in, struct buf *buf)
{
	bool first = true;

	buf_chr(buf, '{');
	for (const struct field *f = msg->fields; f->name != NULL; f++) {
		const struct writer *w = &writers[f->type];
		const void *p = (const char *)in + f->offset;

		if (!w->has(f, p))
			continue;
		separate(&first, buf);
		write_plain(f->name, buf);
		buf_chr(buf, ':');
		w->write(f, p, buf);
	}
	buf_chr(buf, '}');
}

void proto_encode(const struct msg *msg, const void *in, struct buf *buf)
{
	write_fields(msg, in, buf);
}
