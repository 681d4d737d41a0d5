#include "proto/read.h"

#include <string.h>

#include "base/civil.h"
#include "base/code.h"
#include "base/text.h"

/* A peer's own name is repeated to it when it is short and printable. */
#define NAME_MAX_CHARS 64
#define POINTER_MAX 2048

void *read_alloc(struct reading *r, size_t n, size_t size)
{
	void *p = arena_array(r->arena, n, size);

	if (p == NULL)
		r->nomem = true;
	return p;
}

/* --- faults --- */

/* RFC 6901 section 3: "~" is written "~0" and "/" is written "~1". */
static void add_name(struct buf *out, const char *name)
{
	for (; *name != '\0'; name++) {
		if (*name == '~')
			buf_str(out, "~0");
		else if (*name == '/')
			buf_str(out, "~1");
		else
			buf_chr(out, *name);
	}
}

/* At most FIELD_DEPTH_MAX steps deep. */
static void add_steps(struct buf *out, const struct step *at)
{
	if (at == NULL)
		return;
	add_steps(out, at->up);
	buf_chr(out, '/');
	if (at->name != NULL)
		add_name(out, at->name);
	else
		buf_int(out, (int64_t)at->index);
}

static const char *pointer_of(struct reading *r, const struct step *at)
{
	struct buf out;
	const char *s = NULL;

	buf_init(&out, POINTER_MAX);
	if (!r->query) {
		add_steps(&out, at);
	} else if (at != NULL) {
		buf_chr(&out, '#');
		buf_str(&out, at->name);
	}
	if (!out.failed)
		s = arena_strndup(r->arena, buf_cstr(&out), out.len);
	buf_fini(&out);
	return s;
}

/* A place for one more fault, or NULL when it is only counted. */
static struct field_fault *new_fault(struct reading *r, const struct step *at)
{
	struct field_faults *faults = r->faults;
	struct field_fault *fault;

	if (faults->n == FIELD_FAULTS_MAX) {
		faults->dropped++;
		return NULL;
	}
	fault = &faults->v[faults->n];
	fault->pointer = pointer_of(r, at);
	fault->detail = NULL;
	if (fault->pointer == NULL) {
		r->nomem = true;
		return NULL;
	}
	faults->n++;
	return fault;
}

/* A fault without its detail is none: then memory ended, and r says so. */
static void set_detail(struct reading *r, struct field_fault *fault,
		       const char *detail)
{
	fault->detail = detail;
	if (detail == NULL) {
		fault->detail = "";
		r->nomem = true;
	}
}

void read_fault(struct reading *r, const struct step *at, const char *detail)
{
	struct field_fault *fault = new_fault(r, at);

	if (fault != NULL)
		fault->detail = detail;
}

void read_fault_bounds(struct reading *r, const struct step *at,
		       const struct field *f)
{
	struct field_fault *fault = new_fault(r, at);
	bool number = f->type == FIELD_INT || f->type == FIELD_WORDMAP;

	if (fault != NULL)
		set_detail(r, fault,
			   arena_printf(r->arena,
					number ? "must be %lld to %lld"
					       : "must have %lld to %lld "
						 "characters",
					(long long)f->min, (long long)f->max));
}

void read_fault_items(struct reading *r, const struct step *at, size_t most)
{
	struct field_fault *fault = new_fault(r, at);

	if (fault != NULL)
		set_detail(r, fault,
			   arena_printf(r->arena,
					"must have at most %zu elements",
					most));
}

/* The numbers of a field's words; a text of words has them all. */
static int words_first(const struct field *f)
{
	return f->type == FIELD_WORD ? (int)f->min : 0;
}

static int words_last(const struct field *f)
{
	return f->type == FIELD_WORD ? (int)f->max : f->words->count - 1;
}

void read_fault_words(struct reading *r, const struct step *at,
		      const struct field *f)
{
	struct field_fault *fault = new_fault(r, at);
	struct buf out;

	if (fault == NULL)
		return;
	buf_init(&out, POINTER_MAX);
	buf_str(&out, "must be one of");
	for (int i = words_first(f); i <= words_last(f); i++) {
		buf_str(&out, i > words_first(f) ? ", " : " ");
		buf_str(&out, words_name(f->words, i));
	}
	set_detail(r, fault,
		   out.failed
			   ? NULL
			   : arena_strndup(r->arena, buf_cstr(&out), out.len));
	buf_fini(&out);
}

void read_fault_name(struct reading *r, const struct step *at, const char *name,
		     size_t len, const char *detail)
{
	bool secret = at != NULL && at->secret;
	struct step last = {.up = at, .name = name, .secret = secret};
	bool shown = !secret && text_printable(name, len, false) &&
		     text_utf8_len(name, len) <= NAME_MAX_CHARS;

	read_fault(r, shown ? &last : at, detail);
}

/* --- values written as text --- */

static void keep(struct reading *r, const char *s, size_t len, const char **out)
{
	*out = arena_strndup(r->arena, s, len);
	if (*out == NULL)
		r->nomem = true;
}

int read_word(struct reading *r, const struct field *f, const struct step *at,
	      const char *s, size_t len)
{
	int word = words_find(f->words, s, len);

	if (word >= words_first(f) && word <= words_last(f))
		return word;
	read_fault_words(r, at, f);
	return -1;
}

static void read_string(struct reading *r, const struct field *f,
			const struct step *at, const char *s, size_t len,
			void *out)
{
	int64_t chars = (int64_t)text_utf8_len(s, len);

	if (f->words != NULL) {
		if (read_word(r, f, at, s, len) < 0)
			return;
	} else if (chars < f->min || chars > f->max) {
		read_fault_bounds(r, at, f);
		return;
	} else if (!text_printable(s, len, f->type == FIELD_TEXT)) {
		read_fault(r, at, "must not have control characters");
		return;
	} else if (f->min > 0 && !r->lenient && !r->query &&
		   text_blank(s, len)) {
		read_fault(r, at, "must not be blank");
		return;
	}
	keep(r, s, len, out);
}

static void read_slug(struct reading *r, const struct field *f,
		      const struct step *at, const char *s, size_t len,
		      void *out)
{
	(void)f;
	if (text_slug(s, len))
		keep(r, s, len, out);
	else
		read_fault(r, at,
			   "must be a slug: at most 64 of a-z, 0-9 and "
			   "hyphens, no hyphen at either end");
}

static void read_ref(struct reading *r, const struct field *f,
		     const struct step *at, const char *s, size_t len,
		     void *out)
{
	(void)f;
	if (text_ref(s, len))
		keep(r, s, len, out);
	else
		read_fault(r, at, "must be a resource: site/name");
}

static void read_code(struct reading *r, const struct field *f,
		      const struct step *at, const char *s, size_t len,
		      void *out)
{
	struct code code;

	(void)f;
	if (code_read(s, len, &code))
		keep(r, code.s, CODE_LEN, out);
	else
		read_fault(r, at, "must be a code such as 7K2M-QX9D");
}

static void read_time(struct reading *r, const struct field *f,
		      const struct step *at, const char *s, size_t len,
		      void *out)
{
	(void)f;
	if (!civil_read_rfc3339(s, len, out))
		read_fault(r, at,
			   "must be an RFC 3339 time with an offset, in whole "
			   "seconds");
}

static void read_date(struct reading *r, const struct field *f,
		      const struct step *at, const char *s, size_t len,
		      void *out)
{
	int64_t days;

	if (!civil_read_date(s, len, &days))
		read_fault(r, at, "must be a date: YYYY-MM-DD");
	else if (f->type == FIELD_DATES)
		keep(r, s, len, out);
	else
		*(int64_t *)out = days;
}

static void read_wall(struct reading *r, const struct field *f,
		      const struct step *at, const char *s, size_t len,
		      void *out)
{
	int64_t wall;

	(void)f;
	if (civil_read_wall(s, len, &wall) && wall % 60 == 0)
		*(int64_t *)out = wall;
	else
		read_fault(r, at,
			   "must be a local time in whole minutes, without an "
			   "offset: YYYY-MM-DDTHH:MM");
}

static void read_named(struct reading *r, const struct field *f,
		       const struct step *at, const char *s, size_t len,
		       void *out)
{
	*(int *)out = read_word(r, f, at, s, len);
}

typedef void text_reader(struct reading *r, const struct field *f,
			 const struct step *at, const char *s, size_t len,
			 void *out);

/* By type; a list has the reader of its elements. */
static text_reader *const text_readers[FIELD_TYPE_COUNT] = {
	[FIELD_STR] = read_string, [FIELD_TEXT] = read_string,
	[FIELD_SLUG] = read_slug,  [FIELD_REF] = read_ref,
	[FIELD_CODE] = read_code,  [FIELD_TIME] = read_time,
	[FIELD_DATE] = read_date,  [FIELD_WALL] = read_wall,
	[FIELD_WORD] = read_named, [FIELD_STRS] = read_string,
	[FIELD_SLUGS] = read_slug, [FIELD_REFS] = read_ref,
	[FIELD_DATES] = read_date,
};

void read_text(struct reading *r, const struct field *f, const struct step *at,
	       const char *s, size_t len, void *out)
{
	text_readers[f->type](r, f, at, s, len, out);
}

enum rc read_end(const struct reading *r, const struct msg *msg,
		 struct err *err)
{
	size_t n = r->faults->n + r->faults->dropped;

	if (r->nomem)
		return err_set(err, RC_NOMEM, "no memory to read the message");
	if (r->faults->dropped > 0)
		return err_set(err, RC_INVALID,
			       "%s has %zu faults; these are the first %zu,"
			       " %zu more are not listed",
			       msg->name, n, r->faults->n, r->faults->dropped);
	if (n > 0)
		return err_set(err, RC_INVALID, "%s has %zu fault%s", msg->name,
			       n, n > 1 ? "s" : "");
	return RC_OK;
}
