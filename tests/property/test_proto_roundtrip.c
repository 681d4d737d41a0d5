/*
 * For every message and many random values of it, made from its own table:
 * decoding what was encoded gives the same struct, and the same bytes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/code.h"
#include "base/text.h"
#include "proto/messages.h"
#include "tests/support/fake.h"

#define ROUNDS 300
#define LIST_MOST 3

struct maker {
	struct fake_rnd rnd;
	struct arena arena;
};

static uint64_t below(struct maker *m, uint64_t bound)
{
	return fake_rnd_below(&m->rnd, bound);
}

static bool maybe(struct maker *m)
{
	return below(m, 2) == 0;
}

/* --- random text --- */

/* A printable character: what needs an escape, what does not, two to four
 * bytes long; line breaks for a text. */
static const char *make_char(struct maker *m, bool lines)
{
	static const char *const chars[] = {
		"a",	  "Z",	    "0",  " ",		"\"",	  "\\",
		"/",	  "~",	    "%",  "&",		"=",	  "+",
		"{",	  "]",	    ":",  ",",		"'",	  "<",
		"é",	  "\u00a0", "胸", "痛",		"\ud7ff", "\ue000",
		"\uffff", "😀",	    "𠮷", "\U0010ffff", "\n",	  "\t",
		"\r"};
	size_t n = sizeof(chars) / sizeof(chars[0]);

	return chars[below(m, lines ? n : n - 3)];
}

static char *make_chars(struct maker *m, int64_t min, int64_t max, bool lines)
{
	int64_t some = max - min < 12 ? max - min : 12;
	int64_t n = min + (int64_t)below(m, (uint64_t)some + 1);
	char *s, *p;

	if (below(m, 20) == 0)
		n = max < 5000 ? max : 5000;
	s = p = arena_alloc(&m->arena, (size_t)n * 4 + 1);
	assert_non_null(s);
	for (int64_t i = 0; i < n; i++)
		p = stpcpy(p, make_char(m, lines));
	return s;
}

static char *make_slug(struct maker *m)
{
	static const char chars[] = "abcxyz0189-";
	size_t n = below(m, 10) == 0 ? 64 : 1 + below(m, 12);
	char *s = arena_alloc(&m->arena, n + 1);

	assert_non_null(s);
	for (size_t i = 0; i < n; i++) {
		bool end = i == 0 || i == n - 1;

		s[i] = chars[below(m, sizeof(chars) - 1 - end)];
	}
	return s;
}

static char *make_code(struct maker *m)
{
	struct code code;

	code_make(&m->rnd.rnd, &code);
	return arena_strndup(&m->arena, code.s, CODE_LEN);
}

static char *make_date(struct maker *m, int64_t *out_days)
{
	int64_t first = civil_days(1, 1, 1);
	int64_t last = civil_days(9999, 12, 31);
	char *s = arena_alloc(&m->arena, CIVIL_DATE_LEN + 1);

	*out_days = first + (int64_t)below(m, (uint64_t)(last - first + 1));
	assert_non_null(s);
	civil_show_date(*out_days, s);
	return s;
}

/* What must have any characters has others than blanks. */
static const char *make_words(struct maker *m, const struct field *f)
{
	const char *s;

	do {
		s = make_chars(m, f->min, f->max, f->type == FIELD_TEXT);
	} while (f->min > 0 && text_blank(s, strlen(s)));
	return s;
}

static const char *make_text(struct maker *m, const struct field *f)
{
	int64_t days;

	switch (f->type) {
	case FIELD_SLUG:
	case FIELD_SLUGS:
		return make_slug(m);
	case FIELD_REF:
	case FIELD_REFS:
		return arena_printf(&m->arena, "%s/%s", make_slug(m),
				    make_slug(m));
	case FIELD_CODE:
		return make_code(m);
	case FIELD_DATES:
		return make_date(m, &days);
	default:
		if (f->words != NULL)
			return f->words
				->names[below(m, (uint64_t)f->words->count)];
		return make_words(m, f);
	}
}

/* --- a random value of a field --- */

static void make_fields(struct maker *m, const struct msg *msg, void *out);

static int64_t make_between(struct maker *m, int64_t min, int64_t max)
{
	uint64_t range = (uint64_t)max - (uint64_t)min;

	switch (below(m, 4)) {
	case 0:
		return min;
	case 1:
		return max;
	default:
		/* modulo 2^64: the sum is between them again */
		return (int64_t)((uint64_t)min + below(m, range == UINT64_MAX
								  ? range
								  : range + 1));
	}
}

static void make_strs(struct maker *m, const struct field *f,
		      struct field_strs *out)
{
	out->n = below(m, LIST_MOST + 1);
	out->v = arena_array(&m->arena, out->n, sizeof(out->v[0]));
	assert_non_null(out->v);
	for (size_t i = 0; i < out->n; i++)
		out->v[i] = make_text(m, f);
}

static void make_list(struct maker *m, const struct field *f,
		      struct field_list *out)
{
	size_t most = f->items < LIST_MOST ? f->items : LIST_MOST;
	size_t n = below(m, most + 1);
	char *v = arena_array(&m->arena, n, f->msg->size);

	assert_non_null(v);
	for (size_t i = 0; i < n; i++) {
		void *element = v + i * f->msg->size;
		const char *name;

		make_fields(m, f->msg, element);
		if (f->type != FIELD_MAP)
			continue;
		/* numbered, so that no two are the same */
		name = arena_printf(&m->arena, "%zu-%.60s", i, make_slug(m));
		if (name[strlen(name) - 1] == '-')
			name = arena_printf(&m->arena, "%zu", i);
		memcpy(element, &name, sizeof(name));
	}
	*out = (struct field_list){v, n};
}

static void make_object(struct maker *m, const struct field *f, void *out)
{
	void *object = arena_alloc(&m->arena, f->msg->size);

	assert_non_null(object);
	make_fields(m, f->msg, object);
	memcpy(out, &object, sizeof(object));
}

static void make_wordmap(struct maker *m, const struct field *f, int64_t *out)
{
	for (int i = 0; i < f->words->count; i++)
		if (maybe(m))
			out[i] = make_between(m, f->min, f->max);
}

static int64_t make_number(struct maker *m, const struct field *f)
{
	int64_t days;

	if (f->type == FIELD_INT)
		return make_between(m, f->min, f->max);
	make_date(m, &days);
	if (f->type == FIELD_DATE)
		return days;
	if (f->type == FIELD_WALL)
		return days * 86400 + (int64_t)below(m, 1440) * 60;
	return days * 86400 + (int64_t)below(m, 86400);
}

static void make_value(struct maker *m, const struct field *f, void *out)
{
	const char *s;

	switch (f->type) {
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_DATE:
	case FIELD_WALL:
		*(int64_t *)out = make_number(m, f);
		break;
	case FIELD_BOOL:
		*(bool *)out = maybe(m);
		break;
	case FIELD_WORD:
		*(int *)out = (int)make_between(m, f->min, f->max);
		break;
	case FIELD_WORDSET:
		*(kindset *)out = (kindset)below(m, KINDSET(f->words->count));
		break;
	case FIELD_STRS:
	case FIELD_SLUGS:
	case FIELD_REFS:
	case FIELD_DATES:
		make_strs(m, f, out);
		break;
	case FIELD_OBJECT:
		make_object(m, f, out);
		break;
	case FIELD_OBJECTS:
	case FIELD_MAP:
		make_list(m, f, out);
		break;
	case FIELD_WORDMAP:
		make_wordmap(m, f, out);
		break;
	default:
		s = make_text(m, f);
		memcpy(out, &s, sizeof(s));
	}
}

static void make_fields(struct maker *m, const struct msg *msg, void *out)
{
	proto_clear(msg, out);
	for (const struct field *f = msg->fields; f->name != NULL; f++)
		if ((f->flags & FIELD_REQUIRED) || maybe(m))
			make_value(m, f, (char *)out + f->offset);
}

/* --- are two structs the same --- */

static bool same_fields(const struct msg *msg, const void *a, const void *b);

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_strs(const struct field_strs *a, const struct field_strs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_text(a->v[i], b->v[i]))
			return false;
	return true;
}

static bool same_list(const struct field *f, const struct field_list *a,
		      const struct field_list *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const char *x = (const char *)a->v + i * f->msg->size;
		const char *y = (const char *)b->v + i * f->msg->size;
		const char *x_name, *y_name;

		memcpy(&x_name, x, sizeof(x_name));
		memcpy(&y_name, y, sizeof(y_name));
		if (f->type == FIELD_MAP && !same_text(x_name, y_name))
			return false;
		if (!same_fields(f->msg, x, y))
			return false;
	}
	return true;
}

static bool same_pointer(const struct field *f, const void *a, const void *b)
{
	const void *x, *y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (f->type != FIELD_OBJECT)
		return same_text(x, y);
	return x == NULL || y == NULL ? x == y : same_fields(f->msg, x, y);
}

static bool same_value(const struct field *f, const void *a, const void *b)
{
	switch (f->type) {
	case FIELD_INT:
	case FIELD_TIME:
	case FIELD_DATE:
	case FIELD_WALL:
		return memcmp(a, b, sizeof(int64_t)) == 0;
	case FIELD_BOOL:
		return *(const bool *)a == *(const bool *)b;
	case FIELD_WORD:
		return *(const int *)a == *(const int *)b;
	case FIELD_WORDSET:
		return *(const kindset *)a == *(const kindset *)b;
	case FIELD_STRS:
	case FIELD_SLUGS:
	case FIELD_REFS:
	case FIELD_DATES:
		return same_strs(a, b);
	case FIELD_OBJECTS:
	case FIELD_MAP:
		return same_list(f, a, b);
	case FIELD_WORDMAP:
		return memcmp(a, b,
			      sizeof(int64_t) * (size_t)f->words->count) == 0;
	default:
		return same_pointer(f, a, b);
	}
}

static bool same_fields(const struct msg *msg, const void *a, const void *b)
{
	for (const struct field *f = msg->fields; f->name != NULL; f++)
		if (!same_value(f, (const char *)a + f->offset,
				(const char *)b + f->offset)) {
			print_error("%s.%s differs\n", msg->name, f->name);
			return false;
		}
	return true;
}

/* --- the property --- */

static void check_round(struct maker *m, const struct msg *msg)
{
	void *in = arena_alloc(&m->arena, msg->size);
	void *out = arena_alloc(&m->arena, msg->size);
	struct field_faults faults;
	struct err err = ERR_INIT;
	struct buf first, second;

	assert_true(in != NULL && out != NULL);
	make_fields(m, msg, in);
	buf_init(&first, 16 << 20);
	buf_init(&second, 16 << 20);
	proto_encode(msg, in, &first);
	assert_false(first.failed);
	if (proto_decode(msg, buf_cstr(&first), first.len, PROTO_STRICT,
			 &m->arena, out, &faults, &err) != RC_OK)
		fail_msg("%s: %s: %s in %s", err.text,
			 faults.n > 0 ? faults.v[0].pointer : "",
			 faults.n > 0 ? faults.v[0].detail : "",
			 buf_cstr(&first));
	if (!same_fields(msg, in, out))
		fail_msg("not the same: %s", buf_cstr(&first));
	proto_encode(msg, out, &second);
	assert_string_equal(buf_cstr(&first), buf_cstr(&second));
	buf_fini(&first);
	buf_fini(&second);
}

static void test_roundtrip(void **state)
{
	uint64_t seed = *(const uint64_t *)*state;
	struct maker m;

	fake_rnd_init(&m.rnd, seed);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; proto_messages[i] != NULL; i++) {
			arena_init(&m.arena, 64 << 20);
			check_round(&m, proto_messages[i]);
			arena_fini(&m.arena);
		}
	}
}

int main(void)
{
	uint64_t seed = fake_seed();
	struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_roundtrip, &seed),
	};
	int failed;

	proto_init((unsigned)seed);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (failed != 0)
		print_error("SEED=%llu\n", (unsigned long long)seed);
	return failed;
}
