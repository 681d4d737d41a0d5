/*
 * What a use case does when the store fails it: the n-th read of the file, for
 * every n, and then every size of arena that is too small. Each time it is
 * said, in words that name no file, nothing of it is stored, and the same step
 * goes well when the store is well again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/store/vfs.h"
#include "tests/support/desk.h"

#define ARENA_MAX (16 << 20)

static struct desk desk;

/* --- a file whose n-th read fails --- */

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

static int setup(void **state)
{
	struct scratch *scratch = &desk.house.scratch;
	static bool registered;

	(void)state;
	desk_begin(&desk);
	if (!registered)
		registered = vfs_register(&hook);
	assert_true(registered);
	scratch->env.vfs = VFS_FAULT_NAME;
	db_close(desk.house.db);
	desk.house.db = scratch_open(scratch);
	/* nothing is kept: every look at a page is a read of the file */
	scratch_run(desk.house.db, "PRAGMA cache_size = 1");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* --- one step, undone --- */

struct step {
	const char *name;
	const struct principal *who;
	house_step run;
	void *arg;
	enum rc expected;
	const struct msg *table; /* of what is answered, and where it is */
	const void *out;
};

/* Of an answer, or of the reasons of a refusal. Codes differ from one time to
 * the next, but not in length. */
static size_t length_of(const struct step *s, enum rc rc, const struct work *w)
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
static enum rc run_undone(const struct step *s, size_t arena_max,
			  struct work *out_w, size_t *out_len)
{
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	struct arena arena;

	arena_init(&arena, arena_max);
	tx.head = desk.house.head;
	*out_w = (struct work){.tx = &tx,
			       .who = s->who,
			       .arena = &arena,
			       .request_id = "test",
			       .match = WORK_MATCH_ANY};
	assert_int_equal(RC_OK, db_begin(desk.house.db, NULL));
	enum rc rc = s->run(out_w, s->arg);

	reads_left = 0;
	db_rollback(desk.house.db);
	*out_len = length_of(s, rc, out_w);
	arena_fini(&arena);
	return rc;
}

static void assert_said(const struct step *s, long n, enum rc expected,
			enum rc rc, const struct work *w)
{
	if (rc != expected || rc != w->err.rc || !w->err.text[0] ||
	    strstr(w->err.text, desk.house.scratch.dir))
		fail_msg("%s, %ld: %s, and what is said is %s: %s", s->name, n,
			 rc_row(rc)->code, rc_row(w->err.rc)->code,
			 w->err.text);
}

static long walk_reads(const struct step *s, size_t *out_len)
{
	struct work w;
	enum rc rc;
	long n = 1;

	for (;; n++) {
		fired = false;
		reads_left = n;
		rc = run_undone(s, ARENA_MAX, &w, out_len);
		if (!fired)
			break;
		assert_said(s, n, RC_IO, rc, &w);
	}
	assert_int_equal(s->expected, rc);
	return n - 1;
}

/* An answer that there is room for is whole. */
static long walk_arena(const struct step *s, size_t len)
{
	struct work w;
	size_t got;
	enum rc rc;
	long size = 0;

	while ((rc = run_undone(s, (size_t)size, &w, &got)) != s->expected) {
		assert_said(s, size, RC_NOMEM, rc, &w);
		size += 16;
		assert_true(size < ARENA_MAX);
	}
	if (got != len)
		fail_msg("%s, %ld: cut", s->name, size);
	return size;
}

static void walk(const struct step *s)
{
	size_t len;
	long reads = walk_reads(s, &len), size = walk_arena(s, len);
	struct work w;

	print_message("%s: %ld reads, %ld bytes\n", s->name, reads, size);
	assert_int_equal(s->expected,
			 house_do(&desk.house, s->who, WORK_MATCH_ANY, s->run,
				  s->arg, &w));
}

/* --- the life of a booking --- */

struct view {
	struct msg_list_query list;
	struct msg_schedule_query week;
	struct msg_slots_query slots;
	struct msg_request_list requests;
	struct msg_booking_list bookings;
	struct msg_slots found;
	struct msg_schedule plan;
	struct msg_log_report log;
};

static struct view view(void)
{
	struct view v = {.week = {DESK_MONDAY, FIELD_NONE}};

	proto_clear(&msg_list_query_table, &v.list);
	proto_clear(&msg_slots_query_table, &v.slots);
	return v;
}

static enum rc requests_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_request_list(w, &v->list, &v->requests);
}

static enum rc bookings_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_booking_list(w, &v->list, &v->bookings);
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_slots(w, &v->slots, &v->found);
}

static enum rc schedule_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_schedule_subject(w, "coronary-1", &v->week, &v->plan);
}

static enum rc site_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_schedule_site(w, "anzhen", &v->week, &v->plan);
}

static enum rc verify_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_log_verify(w, &v->log);
}

#define WALK(who, run, arg, rc, table, out)                                    \
	walk(&(struct step){#run, &desk.who, run, arg, rc, &table, out})

static void of_a_request(void **state)
{
	struct ask_for ask = ask_for("liaoyang-central", "P-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE,
			.request = work_request_withdraw,
			.reason = {"moved away"}};
	struct view v = view();

	(void)state;
	WALK(one, submit_step, &ask, RC_OK, msg_request_table, &ask.out);
	on.code = ask.out.code;
	WALK(lead, accept_step, &on, RC_OK, msg_request_table, &on.r);
	WALK(surgeon, show_step, &on, RC_OK, msg_request_table, &on.r);
	WALK(surgeon, requests_step, &v, RC_OK, msg_request_list_table,
	     &v.requests);
	WALK(two, show_step, &on, RC_NOT_FOUND, msg_request_table, &on.r);
	WALK(one, request_step, &on, RC_OK, msg_request_table, &on.r);
}

static void of_a_booking(void **state)
{
	const char *bridge[] = {"anzhen/bridge"};
	const char *a = desk_accepted(&desk, &desk.one, "P-2"),
		   *b = desk_accepted(&desk, &desk.two, "P-3");
	struct take hold = take(a, DESK_MONDAY, true),
		    second = take(b, DESK_MONDAY, false);
	struct on on = {.booking = work_booking_confirm,
			.reason = {"feels better"}};
	struct view v = view();

	(void)state;
	hold.in.with = (struct field_strs){bridge, 1};
	WALK(one, take_step, &hold, RC_OK, msg_booking_table, &hold.out);
	on.code = hold.out.code;
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
	WALK(two, take_step, &second, RC_REFUSED, msg_booking_table,
	     &second.out);
	struct shift later = shift(on.code, DESK_MONDAY + 3600);

	WALK(one, move_step, &later, RC_OK, msg_booking_table, &later.out);
	WALK(surgeon, bookings_step, &v, RC_OK, msg_booking_list_table,
	     &v.bookings);
	on.booking = work_booking_show;
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
	WALK(lead, cancel_step, &on, RC_OK, msg_booking_table, &on.b);
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
}

static void of_looking(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-4");
	struct view v = view();

	(void)state;
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	v.slots.request = a;
	WALK(one, slots_step, &v, RC_OK, msg_slots_table, &v.found);
	v.slots.request = NULL;
	v.slots.kind = KIND_REMOTE_CONSULTATION;
	v.slots.specialty = "coronary";
	WALK(one, slots_step, &v, RC_OK, msg_slots_table, &v.found);
	WALK(one, schedule_step, &v, RC_OK, msg_schedule_table, &v.plan);
	WALK(two, schedule_step, &v, RC_OK, msg_schedule_table, &v.plan);
	WALK(lead, site_step, &v, RC_OK, msg_schedule_table, &v.plan);
	WALK(lead, verify_step, &v, RC_OK, msg_log_report_table, &v.log);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_a_request),
		TEST(of_a_booking),
		TEST(of_looking),
	};

	/* above the lowest level there is: a line for each failure otherwise */
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
