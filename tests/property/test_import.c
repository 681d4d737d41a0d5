/* Network files that are wrong somewhere, at random: each is refused whole
 * with a pointer to every fault, or imported and given back; and the export of
 * what came of it imports without a change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/file.h"
#include "tests/support/house.h"
#include "tests/support/netfile.h"

#define ROUNDS 500
#define WRONG_MOST 6 /* places of one file */

static const struct principal root = {.name = "root",
				      .role = ROLE_ADMINISTRATOR};
static struct house house;
static struct buf liaoyang;
static uint64_t state_of_chance;

static uint64_t below(uint64_t n)
{
	return scratch_random(&state_of_chance, n);
}

/* --- a file --- */

static const char *const others[] = {
	"null",
	"7",
	"-1",
	"[]",
	"{}",
	"true",
	"\"\"",
	"\"x\"",
	"\"anzhen\"",
	"\"coronary-1\"",
	"\"no/where\"",
	"\"anzhen/studio-1\"",
	"\"cn\"",
	"\"2023-02-30\"",
	"\"2024-03-01\"",
	"\"2024-03-01T09:00\"",
	"\"clinic-slot\"",
	"\"surgical-guidance\"",
	"\"UTC\"",
	"\"FREQ=DAILY;COUNT=3\"",
	"\"refuse\"",
	"\"studio\"",
};

/* Where the n-th string or number begins, and how long it is. */
static size_t token_at(const char *s, size_t n, size_t *out_len)
{
	size_t at = 0;

	for (size_t seen = 0; s[at]; at += *out_len) {
		*out_len = 1;
		if (s[at] == '"')
			*out_len = strcspn(s + at + 1, "\"") + 2;
		else if (strchr("0123456789", s[at]))
			*out_len = strspn(s + at, "0123456789");
		else
			continue;
		if (seen++ == n)
			break;
	}
	return at;
}

static size_t count_tokens(const char *s)
{
	size_t n = 0, len, at;

	for (at = token_at(s, 0, &len); s[at]; n++)
		at += len + token_at(s + at + len, 0, &len);
	return n;
}

/* Another number for a number, often; else anything for anything. */
static void put_other(bool number, struct buf *out)
{
	if (number && below(2))
		buf_int(out, (int64_t)below(2000));
	else
		buf_str(out, others[below(sizeof(others) / sizeof(others[0]))]);
}

static void make_wrong(const struct buf *from, size_t tokens, struct buf *to)
{
	const char *s = buf_cstr(from);
	size_t len, at = token_at(s, below(tokens), &len);

	buf_reset(to);
	buf_add(to, s, at);
	put_other(s[at] != '"', to);
	buf_str(to, s + at + len);
}

/* --- what becomes of it --- */

struct trial {
	struct buf *text;
	struct msg_import_report report;
	struct msg_network out;
};

static enum rc trial_step(struct work *w, void *arg)
{
	struct trial *t = arg;
	struct msg_network *net = arena_alloc(w->arena, sizeof(*net));
	enum rc rc, read;

	assert_non_null(net);
	read = proto_decode(&msg_network_table, t->text->data, t->text->len,
			    PROTO_STRICT, w->arena, net, &w->faults, &w->err);
	if (read != RC_OK && read != RC_INVALID)
		return read;
	rc = work_import_check(w, net);
	if (read == RC_INVALID)
		assert_int_equal(RC_INVALID, rc);
	if (rc == RC_OK)
		rc = work_import(w, net, &t->report);
	return rc == RC_OK ? work_export(w, &t->out) : rc;
}

static enum rc try(struct trial *t, struct work *w)
{
	return house_do(&house, &root, WORK_MATCH_ANY, trial_step, t, w);
}

static void assert_told(const struct work *w, enum rc rc)
{
	assert_true(rc == RC_INVALID || rc == RC_MALFORMED);
	assert_true(w->err.text[0] != '\0');
	if (rc == RC_MALFORMED) {
		assert_non_null(strstr(w->err.text, "(line "));
		return;
	}
	assert_true(w->faults.n > 0);
	for (size_t i = 0; i < w->faults.n; i++) {
		assert_non_null(w->faults.v[i].pointer);
		assert_true(w->faults.v[i].detail[0] != '\0');
	}
}

static void assert_settled(struct trial *t)
{
	struct trial again = {0};
	struct buf text;
	struct work w;

	buf_init(&text, NETFILE_MAX);
	proto_encode(&msg_network_table, &t->out, &text);
	again.text = &text;
	if (try(&again, &w) != RC_OK)
		fail_msg("the export: %s %s", w.err.text,
			 w.faults.n ? w.faults.v[0].pointer : "");
	assert_int_equal(0, again.report.changes.n);
	buf_fini(&text);
}

static void one_round(size_t tokens, int64_t *imported)
{
	struct buf text[2];
	struct trial t = {0};
	struct work w;
	size_t now = 0, wrong = below(3) ? 1 : below(WRONG_MOST) + 1;

	for (size_t i = 0; i < 2; i++)
		buf_init(&text[i], NETFILE_MAX);
	make_wrong(&liaoyang, tokens, &text[0]);
	for (size_t i = 1; i < wrong; i++, now = !now)
		make_wrong(&text[now], tokens - 8, &text[!now]);
	t.text = &text[now];
	enum rc rc = try(&t, &w);

	if (rc == RC_OK)
		assert_settled(&t);
	else
		assert_told(&w, rc);
	*imported += rc == RC_OK;
	for (size_t i = 0; i < 2; i++)
		buf_fini(&text[i]);
}

static void what_is_wrong_is_told_and_what_is_not_is_kept(void **state)
{
	size_t tokens = count_tokens(buf_cstr(&liaoyang));
	int64_t imported = 0;

	(void)state;
	house_begin(&house);
	for (int i = 0; i < ROUNDS; i++)
		one_round(tokens, &imported);
	house_end(&house);
	print_message("%d files, %d imported\n", ROUNDS, (int)imported);
	assert_true(imported > 0);
	assert_true(imported < ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_told_and_what_is_not_is_kept),
	};

	state_of_chance = scratch_seed();
	buf_init(&liaoyang, NETFILE_MAX);
	if (file_read("examples/liaoyang.json", &liaoyang, NULL) != RC_OK)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_fini(&liaoyang);
	return failed;
}
