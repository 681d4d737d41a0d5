/* items - see items.h. */
#include "client/items.h"

#include <stdbool.h>
#include <string.h>

/* A walk over well-formed JSON, one byte at a time. */
struct walk {
	int depth;
	bool string;
	bool escaped;
};

static void step(struct walk *w, char c)
{
	if (w->escaped) {
		w->escaped = false;
	} else if (w->string) {
		w->escaped = c == '\\';
		w->string = c != '"';
	} else if (c == '"') {
		w->string = true;
	} else if (c == '{' || c == '[') {
		w->depth++;
	} else if (c == '}' || c == ']') {
		w->depth--;
	}
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* "name" in quotes stands at p. */
static bool is_name(const char *p, const char *end, const char *name)
{
	size_t len = strlen(name);

	return (size_t)(end - p) > len + 2 && p[0] == '"' &&
	       memcmp(p + 1, name, len) == 0 && p[len + 1] == '"';
}

/* Just after the '[' of the top-level array of that name, or NULL. */
static const char *find_array(const char *json, const char *end,
			      const char *name)
{
	struct walk w = {0};

	for (const char *p = json; p < end; p++) {
		const char *q = p + strlen(name) + 2;

		if (w.depth == 1 && !w.string && is_name(p, end, name)) {
			while (q < end && (is_space(*q) || *q == ':'))
				q++;
			if (q < end && *q == '[')
				return q + 1;
		}
		step(&w, *p);
	}
	return NULL;
}

/* The end of the element at p: its comma, or the array's bracket. */
static const char *element_end(const char *p, const char *end)
{
	struct walk w = {0};

	for (; p < end; p++) {
		if (w.depth == 0 && !w.string && (*p == ',' || *p == ']'))
			break;
		step(&w, *p);
	}
	return p;
}

void items_append(const char *json, size_t len, const char *name, size_t max,
		  struct buf *out)
{
	const char *end = json + len;
	const char *p = find_array(json, end, name);

	for (size_t i = 0; p && p < end && i < max; i++) {
		const char *q = element_end(p, end);

		while (p < q && is_space(*p))
			p++;
		if (p == q) /* the array is empty */
			return;
		if (out->len > 0)
			buf_chr(out, ',');
		buf_add(out, p, (size_t)(q - p));
		p = q < end && *q == ',' ? q + 1 : NULL;
	}
}
