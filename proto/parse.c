#include "proto/parse.h"

#include <setjmp.h>

#include "base/text.h"
#include "proto/field.h"

/* jansson's allocator has no context argument: this pointer is it, and is
 * set only while json_loadb() runs on this thread. */
struct guest {
	struct arena *pool;
	jmp_buf full;
};
static _Thread_local struct guest *guest;

static void *guest_alloc(size_t size)
{
	void *p;

	if (guest == NULL)
		return mem_ops()->alloc(size);
	p = arena_alloc(guest->pool, size);
	if (p == NULL)
		longjmp(guest->full, 1);
	return p;
}

static void guest_free(void *p)
{
	if (guest == NULL)
		mem_ops()->free(p);
}

void proto_init(unsigned seed)
{
	json_set_alloc_funcs(guest_alloc, guest_free);
	/* 0 would let jansson draw a seed on its own. */
	json_object_seed(seed != 0 ? seed : 1);
}

/* The end of a string that starts behind its opening quote; an escaped
 * character is skipped whatever it is, jansson judges it. */
static size_t skip_string(const char *text, size_t len, size_t i)
{
	while (i < len && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i;
}

/* Says where that byte stands, as jansson does: lines and characters from 1. */
static enum rc refuse(const char *text, size_t at, const char *why,
		      struct err *err)
{
	size_t line = 1, begin = 0;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			begin = i + 1;
		}
	}
	return err_set(err, RC_MALFORMED, "%s (line %zu, column %zu)", why,
		       line, text_utf8_len(text + begin, at - begin) + 1);
}

#define DIGITS(n) #n
#define NUMBER(n) DIGITS(n)
#define TOO_DEEP "the JSON is nested deeper than " NUMBER(FIELD_DEPTH_MAX)

/* jansson recurses: what is too deep must not reach it. */
static enum rc check_depth(const char *text, size_t len, struct err *err)
{
	size_t depth = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '"')
			i = skip_string(text, len, i + 1);
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		if (depth > FIELD_DEPTH_MAX)
			return refuse(text, i, TOO_DEEP, err);
	}
	return RC_OK;
}

static json_t *load(const char *text, size_t len, struct arena *pool,
		    json_error_t *error, bool *out_full)
{
	struct guest g = {.pool = pool};
	json_t *volatile root = NULL;

	guest = &g;
	if (setjmp(g.full) == 0)
		root = json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
	else
		*out_full = true;
	guest = NULL;
	return root;
}

static const char *reason(enum json_error_code code)
{
	static const char *const reasons[] = {
		[json_error_invalid_syntax] = "the JSON is not well formed",
		[json_error_premature_end_of_input] = "the JSON ends too early",
		[json_error_end_of_input_expected] =
			"something stands behind the JSON",
		[json_error_duplicate_key] =
			"the JSON names a field twice in one object",
		[json_error_numeric_overflow] =
			"the JSON has a number that is too large",
		[json_error_null_character] = "the JSON has a NUL character",
		[json_error_null_byte_in_key] = "the JSON has a NUL character",
	};
	size_t n = sizeof(reasons) / sizeof(reasons[0]);
	const char *text = (size_t)code < n ? reasons[code] : NULL;

	return text != NULL ? text : reasons[json_error_invalid_syntax];
}

enum rc parse_json(const char *text, size_t len, struct arena *pool,
		   json_t **out_root, struct err *err)
{
	json_error_t error;
	json_malloc_t alloc;
	json_free_t release;
	bool full = false;
	size_t good;
	enum rc rc;

	json_get_alloc_funcs(&alloc, &release);
	if (alloc != guest_alloc)
		return err_set(err, RC_INTERNAL, "proto_init() was not called");
	good = text_utf8_prefix(text, len);
	if (good < len)
		return refuse(text, good, "the JSON is not UTF-8, or has a NUL",
			      err);
	rc = check_depth(text, len, err);
	if (rc != RC_OK)
		return rc;
	*out_root = load(text, len, pool, &error, &full);
	if (full)
		return err_set(err, RC_NOMEM, "no memory to read the JSON");
	if (*out_root == NULL)
		return err_set(err, RC_MALFORMED, "%s (line %d, column %d)",
			       reason(json_error_code(&error)), error.line,
			       error.column);
	return RC_OK;
}
