#include <string.h>

#include "base/text.h"
#include "proto/read.h"

/* One "name=value", decoded into the arena. */
struct parameter {
	const char *name, *value;
	size_t name_len, value_len;
};

/* RFC 3986 section 3.4, and what it calls "reserved" there is data here but
 * for "&" and "=". */
static bool is_query_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~!$'()*+,;:@/?=", c) != NULL);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) % 16 : -1;
}

/* The decoded bytes into out, which holds len; false when they are no query's
 * or no UTF-8. */
static bool unescape(const char *s, size_t len, char *out, size_t *out_len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '%') {
			int high = i + 2 < len ? hex_digit(s[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

			if (low < 0)
				return false;
			out[n++] = (char)(high * 16 + low);
			i += 2;
		} else if (is_query_byte(s[i])) {
			out[n++] = s[i];
		} else {
			return false;
		}
	}
	*out_len = n;
	return text_utf8(out, n);
}

/* False: it is not well formed, or memory ended and r says so. */
static bool read_parameter(struct reading *r, const char *s, size_t len,
			   struct parameter *out)
{
	const char *equals = memchr(s, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - s) : len;
	size_t rest = equals != NULL ? len - name_len - 1 : 0;
	char *name = read_alloc(r, 1, name_len + 1);
	char *value = read_alloc(r, 1, rest + 1);

	if (name == NULL || value == NULL || name_len == 0 ||
	    !unescape(s, name_len, name, &out->name_len) ||
	    !unescape(s + len - rest, rest, value, &out->value_len))
		return false;
	out->name = name;
	out->value = value;
	return true;
}

static void query_int(struct reading *r, const struct field *f,
		      const struct step *at, const struct parameter *p,
		      void *out)
{
	if (!text_int(p->value, p->value_len, f->min, f->max, out))
		read_fault_bounds(r, at, f);
}

static void query_bool(struct reading *r, const struct field *f,
		       const struct step *at, const struct parameter *p,
		       void *out)
{
	bool yes = strcmp(p->value, "true") == 0;

	(void)f;
	if (yes || strcmp(p->value, "false") == 0)
		*(bool *)out = yes;
	else
		read_fault(r, at, "must be true or false");
}

static void query_text(struct reading *r, const struct field *f,
		       const struct step *at, const struct parameter *p,
		       void *out)
{
	read_text(r, f, at, p->value, p->value_len, out);
}

static void query_member(struct reading *r, const struct field *f,
			 const struct step *at, const struct parameter *p,
			 void *out)
{
	int word = read_word(r, f, at, p->value, p->value_len);
	kindset *set = out;

	if (word >= 0 && (*set & KINDSET(word)))
		read_fault(r, at, "must not name a word twice");
	else if (word >= 0)
		*set |= KINDSET(word);
}

static void query_element(struct reading *r, const struct field *f,
			  const struct step *at, const struct parameter *p,
			  void *out)
{
	struct field_strs *list = out;

	if (list->n == f->items) {
		read_fault_items(r, at, f->items);
		return;
	}
	if (list->v == NULL)
		list->v = read_alloc(r, f->items, sizeof(list->v[0]));
	if (list->v != NULL)
		read_text(r, f, at, p->value, p->value_len,
			  &list->v[list->n++]);
}

typedef void query_reader(struct reading *r, const struct field *f,
			  const struct step *at, const struct parameter *p,
			  void *out);

/* Objects cannot stand in a query: such a field is as unknown. */
static const struct query_row {
	query_reader *read;
	bool repeats;
} rows[FIELD_TYPE_COUNT] = {
	[FIELD_STR] = {query_text, false},
	[FIELD_TEXT] = {query_text, false},
	[FIELD_SLUG] = {query_text, false},
	[FIELD_REF] = {query_text, false},
	[FIELD_CODE] = {query_text, false},
	[FIELD_INT] = {query_int, false},
	[FIELD_BOOL] = {query_bool, false},
	[FIELD_TIME] = {query_text, false},
	[FIELD_DATE] = {query_text, false},
	[FIELD_WALL] = {query_text, false},
	[FIELD_WORD] = {query_text, false},
	[FIELD_WORDSET] = {query_member, true},
	[FIELD_STRS] = {query_element, true},
	[FIELD_SLUGS] = {query_element, true},
	[FIELD_REFS] = {query_element, true},
	[FIELD_DATES] = {query_element, true},
};

static const struct field *find(const struct msg *msg, const char *name)
{
	for (const struct field *f = msg->fields; f->name != NULL; f++)
		if (rows[f->type].read != NULL && strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* seen has a bit for each field of the table. */
static void store(struct reading *r, const struct msg *msg,
		  const struct parameter *p, uint64_t *seen, void *out)
{
	const struct field *f = find(msg, p->name);
	struct step at = {.name = p->name};
	uint64_t bit;

	if (f == NULL) {
		read_fault_name(r, NULL, p->name, p->name_len,
				"there is no such parameter");
		return;
	}
	bit = UINT64_C(1) << (f - msg->fields);
	if ((*seen & bit) && !rows[f->type].repeats)
		read_fault(r, &at, "must stand once only");
	else
		rows[f->type].read(r, f, &at, p, (char *)out + f->offset);
	*seen |= bit;
}

static void name_missing(struct reading *r, const struct msg *msg,
			 uint64_t seen)
{
	for (const struct field *f = msg->fields; f->name != NULL; f++) {
		struct step at = {.name = f->name};
		uint64_t bit = UINT64_C(1) << (f - msg->fields);

		if ((f->flags & FIELD_REQUIRED) && !(seen & bit))
			read_fault(r, &at, "is required");
	}
}

/* Up to the first parameter that is not well formed; true when none is. */
static bool read_all(struct reading *r, const struct msg *msg,
		     const char *query, size_t len, uint64_t *seen, void *out)
{
	for (size_t from = 0; len > 0 && from <= len;) {
		const char *end = memchr(query + from, '&', len - from);
		size_t n =
			end != NULL ? (size_t)(end - query) - from : len - from;
		struct parameter p;

		if (!read_parameter(r, query + from, n, &p))
			return false;
		store(r, msg, &p, seen, out);
		from += n + 1;
	}
	return true;
}

enum rc proto_decode_query(const struct msg *msg, const char *query, size_t len,
			   struct arena *arena, void *out,
			   struct field_faults *faults, struct err *err)
{
	struct reading r = {.arena = arena, .faults = faults, .query = true};
	uint64_t seen = 0;

	faults->n = faults->dropped = 0;
	proto_clear(msg, out);
	if (!read_all(&r, msg, query, len, &seen, out) && !r.nomem) {
		faults->n = faults->dropped = 0;
		return err_set(err, RC_MALFORMED,
			       "the query is not well formed");
	}
	name_missing(&r, msg, seen);
	return read_end(&r, msg, err);
}
