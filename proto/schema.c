#include <string.h>

#include "base/text.h"
#include "proto/field.h"

/* ECMA-262 regular expressions of what text.h and code.h accept. A code is
 * also read in other spellings; this is the one that is written. */
#define SLUG_PATTERN "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?"
#define CODE_PATTERN "[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"

static void add_string(struct buf *buf, const char *s)
{
	buf_json(buf, s, strlen(s));
}

/* "key":"value" with a comma before it. */
static void add_pair(struct buf *buf, const char *key, const char *value)
{
	buf_printf(buf, ",\"%s\":", key);
	add_string(buf, value);
}

static void add_ref(struct buf *buf, const struct msg *msg)
{
	buf_printf(buf, "{\"$ref\":\"#/components/schemas/%s\"}", msg->name);
}

/* Words number first to last as a JSON array. */
static void add_words(struct buf *buf, const struct words *words, int first,
		      int last)
{
	buf_chr(buf, '[');
	for (int i = first; i <= last; i++) {
		if (i > first)
			buf_chr(buf, ',');
		add_string(buf, words_name(words, i));
	}
	buf_chr(buf, ']');
}

/* --- the keywords of one type, without braces --- */

static void say_string(const struct field *f, struct buf *buf)
{
	buf_str(buf, "\"type\":\"string\"");
	if (f->words != NULL) {
		buf_str(buf, ",\"enum\":");
		add_words(buf, f->words, 0, f->words->count - 1);
	} else {
		buf_printf(buf, ",\"minLength\":%lld,\"maxLength\":%lld",
			   (long long)f->min, (long long)f->max);
	}
}

static void say_slug(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"string\"");
	add_pair(buf, "pattern", "^" SLUG_PATTERN "$");
}

static void say_ref(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"string\"");
	add_pair(buf, "pattern", "^" SLUG_PATTERN "/" SLUG_PATTERN "$");
}

static void say_code(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"string\"");
	add_pair(buf, "pattern", "^" CODE_PATTERN "$");
}

static void say_int(const struct field *f, struct buf *buf)
{
	buf_printf(buf,
		   "\"type\":\"integer\",\"format\":\"int64\","
		   "\"minimum\":%lld,\"maximum\":%lld",
		   (long long)f->min, (long long)f->max);
}

static void say_bool(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"boolean\"");
}

static void say_time(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"string\",\"format\":\"date-time\"");
}

static void say_date(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"string\",\"format\":\"date\"");
}

static void say_wall(const struct field *f, struct buf *buf)
{
	(void)f;
	buf_str(buf, "\"type\":\"string\"");
	add_pair(buf, "pattern",
		 "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?$");
}

static void say_word(const struct field *f, struct buf *buf)
{
	buf_str(buf, "\"type\":\"string\",\"enum\":");
	add_words(buf, f->words, (int)f->min, (int)f->max);
}

static void say_wordset(const struct field *f, struct buf *buf)
{
	buf_str(buf, "\"type\":\"array\",\"uniqueItems\":true,\"items\":{"
		     "\"type\":\"string\",\"enum\":");
	add_words(buf, f->words, 0, f->words->count - 1);
	buf_chr(buf, '}');
}

/* An array of what `say` says. */
static void say_array(const struct field *f, struct buf *buf,
		      void (*say)(const struct field *f, struct buf *buf))
{
	buf_printf(buf, "\"type\":\"array\",\"maxItems\":%zu,\"items\":{",
		   f->items);
	say(f, buf);
	buf_chr(buf, '}');
}

static void say_strs(const struct field *f, struct buf *buf)
{
	say_array(f, buf, say_string);
}

static void say_slugs(const struct field *f, struct buf *buf)
{
	say_array(f, buf, say_slug);
}

static void say_refs(const struct field *f, struct buf *buf)
{
	say_array(f, buf, say_ref);
}

static void say_dates(const struct field *f, struct buf *buf)
{
	say_array(f, buf, say_date);
}

static void say_object(const struct field *f, struct buf *buf)
{
	/* Beside "$ref" other keywords are allowed since 2019-09. */
	buf_printf(buf, "\"$ref\":\"#/components/schemas/%s\"", f->msg->name);
}

static void say_objects(const struct field *f, struct buf *buf)
{
	buf_printf(buf,
		   "\"type\":\"array\",\"maxItems\":%zu,\"items\":", f->items);
	add_ref(buf, f->msg);
}

static void say_map(const struct field *f, struct buf *buf)
{
	buf_printf(buf, "\"type\":\"object\",\"maxProperties\":%zu", f->items);
	buf_str(buf, ",\"propertyNames\":{");
	say_slug(f, buf);
	buf_str(buf, "},\"additionalProperties\":");
	add_ref(buf, f->msg);
}

static void say_wordmap(const struct field *f, struct buf *buf)
{
	buf_str(buf, "\"type\":\"object\",\"propertyNames\":{\"enum\":");
	add_words(buf, f->words, 0, f->words->count - 1);
	buf_str(buf, "},\"additionalProperties\":{");
	say_int(f, buf);
	buf_chr(buf, '}');
}

static void (*const sayers[FIELD_TYPE_COUNT])(const struct field *f,
					      struct buf *buf) = {
	[FIELD_STR] = say_string,    [FIELD_TEXT] = say_string,
	[FIELD_SLUG] = say_slug,     [FIELD_REF] = say_ref,
	[FIELD_CODE] = say_code,     [FIELD_INT] = say_int,
	[FIELD_BOOL] = say_bool,     [FIELD_TIME] = say_time,
	[FIELD_DATE] = say_date,     [FIELD_WALL] = say_wall,
	[FIELD_WORD] = say_word,     [FIELD_WORDSET] = say_wordset,
	[FIELD_STRS] = say_strs,     [FIELD_SLUGS] = say_slugs,
	[FIELD_REFS] = say_refs,     [FIELD_DATES] = say_dates,
	[FIELD_OBJECT] = say_object, [FIELD_OBJECTS] = say_objects,
	[FIELD_MAP] = say_map,	     [FIELD_WORDMAP] = say_wordmap,
};

static void add_properties(const struct msg *msg, struct buf *buf)
{
	for (const struct field *f = msg->fields; f->name != NULL; f++) {
		if (f != msg->fields)
			buf_chr(buf, ',');
		add_string(buf, f->name);
		buf_str(buf, ":{");
		sayers[f->type](f, buf);
		add_pair(buf, "description", f->help);
		buf_chr(buf, '}');
	}
}

static void add_required(const struct msg *msg, struct buf *buf)
{
	bool first = true;

	for (const struct field *f = msg->fields; f->name != NULL; f++) {
		if (!(f->flags & FIELD_REQUIRED))
			continue;
		buf_str(buf, first ? ",\"required\":[" : ",");
		add_string(buf, f->name);
		first = false;
	}
	if (!first)
		buf_chr(buf, ']');
}

void proto_schema(const struct msg *msg, struct buf *buf)
{
	buf_str(buf, "{\"type\":\"object\"");
	add_pair(buf, "description", msg->help);
	buf_str(buf, ",\"properties\":{");
	add_properties(msg, buf);
	buf_chr(buf, '}');
	add_required(msg, buf);
	buf_str(buf, ",\"additionalProperties\":false}");
}

static bool is_list(enum field_type type)
{
	return type == FIELD_WORDSET || type == FIELD_STRS ||
	       type == FIELD_SLUGS || type == FIELD_REFS || type == FIELD_DATES;
}

void proto_parameters(const struct msg *msg, struct buf *buf)
{
	for (const struct field *f = msg->fields; f->name != NULL; f++) {
		if (f != msg->fields)
			buf_chr(buf, ',');
		buf_str(buf, "{\"name\":");
		add_string(buf, f->name);
		buf_str(buf, ",\"in\":\"query\"");
		if (f->flags & FIELD_REQUIRED)
			buf_str(buf, ",\"required\":true");
		if (is_list(f->type))
			buf_str(buf, ",\"style\":\"form\",\"explode\":true");
		add_pair(buf, "description", f->help);
		buf_str(buf, ",\"schema\":{");
		sayers[f->type](f, buf);
		buf_str(buf, "}}");
	}
}
