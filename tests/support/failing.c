#include "tests/support/failing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/store/vfs.h"

#define ARENA_MAX (16 << 20)

static int64_t reads_left; /* 0: sound */
static bool fired;

static enum vfs_fault ask(void *ctx, enum vfs_op op, const char *path,
			  int64_t bytes)
{
	(void)ctx;
	(void)path;
	(void)bytes;
	if (op != VFS_READ || reads_left == 0 || --reads_left > 0)
		return VFS_PASS;
	fired = true;
	return VFS_FAIL_IO;
}

static const struct vfs_hook hook = {ask, NULL};

void failing_begin(struct house *house)
{
	static bool registered;

	if (!registered)
		registered = vfs_register(&hook);
	assert_true(registered);
	house->scratch.env.vfs = VFS_FAULT_NAME;
	db_close(house->db);
	house->db = scratch_open(&house->scratch);
	/* few pages are kept: nearly every look at one reads the file */
	scratch_run(house->db, "PRAGMA cache_size = 1");
}

/* Of an answer, or of the reasons of a refusal. Codes differ from one time to
 * the next, but not in length. */
static size_t length_of(const struct failing_step *s, enum rc rc,
			const struct work *w)
{
	struct msg_problem problem;
	struct buf text;

	proto_clear(&msg_problem_table, &problem);
	problem.blockers = w->blockers;
	buf_init(&text, ARENA_MAX);
	if (rc == RC_OK)
		proto_encode(s->table, s->out, &text);
	else
		proto_encode(&msg_problem_table, &problem, &text);
	assert_false(text.failed);
	size_t len = text.len;

	buf_fini(&text);
	return len;
}

/* What is answered dies with the arena, and so its length is kept. */
static enum rc run_undone(struct house *house, const struct failing_step *s,
			  size_t arena_max, struct work *out_w, size_t *out_len)
{
	struct tx tx = scratch_tx(&house->scratch, house->db);
	struct arena arena;

	arena_init(&arena, arena_max);
	tx.head = house->head;
	*out_w = (struct work){.tx = &tx,
			       .who = s->who,
			       .arena = &arena,
			       .request_id = "test",
			       .match = WORK_MATCH_ANY};
	assert_int_equal(RC_OK, db_begin(house->db, NULL));
	enum rc rc = s->run(out_w, s->arg);

	reads_left = 0;
	db_rollback(house->db);
	*out_len = length_of(s, rc, out_w);
	arena_fini(&arena);
	return rc;
}

static void assert_said(const struct house *house, const struct failing_step *s,
			long n, enum rc expected, enum rc rc,
			const struct work *w)
{
	if (rc != expected || rc != w->err.rc || !w->err.text[0] ||
	    strstr(w->err.text, house->scratch.dir))
		fail_msg("%s, %ld: %s, and what is said is %s: %s", s->name, n,
			 rc_row(rc)->code, rc_row(w->err.rc)->code,
			 w->err.text);
}

static long walk_reads(struct house *house, const struct failing_step *s,
		       size_t *out_len)
{
	struct work w;
	enum rc rc;
	long n = 1;

	for (;; n++) {
		fired = false;
		reads_left = n;
		rc = run_undone(house, s, ARENA_MAX, &w, out_len);
		if (!fired)
			break;
		assert_said(house, s, n, RC_IO, rc, &w);
	}
	assert_int_equal(s->expected, rc);
	return n - 1;
}

/* An answer that there is room for is whole. */
static long walk_arena(struct house *house, const struct failing_step *s,
		       size_t len)
{
	struct work w;
	size_t got;
	enum rc rc;
	long size = 0;

	while ((rc = run_undone(house, s, (size_t)size, &w, &got)) !=
	       s->expected) {
		assert_said(house, s, size, RC_NOMEM, rc, &w);
		size += 16;
		assert_true(size < ARENA_MAX);
	}
	if (got != len)
		fail_msg("%s, %ld: cut", s->name, size);
	return size;
}

void failing_walk(struct house *house, const struct failing_step *s)
{
	size_t len;
	long reads = walk_reads(house, s, &len),
	     size = walk_arena(house, s, len);
	struct work w;

	print_message("%s: %ld reads, %ld bytes\n", s->name, reads, size);
	assert_int_equal(s->expected, house_do(house, s->who, WORK_MATCH_ANY,
					       s->run, s->arg, &w));
}
