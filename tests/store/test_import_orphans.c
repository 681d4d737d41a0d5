/* What an import takes the ground from: bookings to come that the network as
 * it is then would not allow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/file.h"
#include "tests/support/desk.h"
#include "tests/support/netfile.h"

#define HOUR 3600
#define NOON (DESK_MONDAY + 4 * HOUR)

static const struct principal root = {.name = "root",
				      .role = ROLE_ADMINISTRATOR};
static struct desk desk;
static struct buf liaoyang;
static struct msg_import_report report; /* of the last import */

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	buf_init(&liaoyang, NETFILE_MAX);
	return file_read("examples/liaoyang.json", &liaoyang, NULL) == RC_OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&liaoyang);
	desk_end(&desk);
	return 0;
}

/* --- importing --- */

static enum rc import_step(struct work *w, void *arg)
{
	struct buf *text = arg;
	struct msg_network *net = arena_alloc(w->arena, sizeof(*net));
	enum rc rc;

	assert_non_null(net);
	rc = proto_decode(&msg_network_table, text->data, text->len,
			  PROTO_STRICT, w->arena, net, &w->faults, &w->err);
	if (rc == RC_OK)
		rc = work_import_check(w, net);
	return rc == RC_OK ? work_import(w, net, &report) : rc;
}

/* The example with the first `from` replaced; "" for nothing. */
static void import_with(const char *from, const char *to)
{
	const char *whole = buf_cstr(&liaoyang);
	const char *at = strstr(whole, from);
	struct buf text;
	struct work w;

	assert_non_null(at);
	buf_init(&text, NETFILE_MAX);
	buf_add(&text, whole, (size_t)(at - whole));
	buf_str(&text, to);
	buf_str(&text, at + strlen(from));
	if (house_do(&desk.house, &root, WORK_MATCH_ANY, import_step, &text,
		     &w) != RC_OK)
		fail_msg("%s: %s %s", to, w.err.text,
			 w.faults.n ? w.faults.v[0].pointer : "");
	buf_fini(&text);
}

static const struct msg_orphan *orphans(size_t n)
{
	assert_int_equal(n, report.orphaned);
	assert_int_equal(n, report.orphans.n);
	return report.orphans.v;
}

static void assert_reason(const struct msg_orphan *o, enum block reason)
{
	const struct msg_blocker *v = o->blockers.v;

	for (size_t i = 0; i < o->blockers.n; i++) {
		assert_non_null(v[i].detail);
		if (v[i].reason == (int)reason)
			return;
	}
	for (size_t i = 0; i < o->blockers.n; i++)
		print_message("%s\n", words_name(&words_block, v[i].reason));
	fail_msg("no %s", words_name(&words_block, (int)reason));
}

static struct msg_booking book(const struct principal *who, const char *patient,
			       int64_t at)
{
	return desk_booked(&desk, who, desk_accepted(&desk, who, patient), at);
}

/* --- one thing is another --- */

#define EXPERT_KINDS                                                           \
	"\"kinds\": [\n    \"remote-consultation\",\n"                         \
	"    \"surgical-guidance\",\n    \"surgery-demonstration\",\n"         \
	"    \"teaching-round\",\n    \"case-discussion\",\n"                  \
	"    \"case-conference\",\n    \"clinic-slot\""
#define LEAVE_OF(of)                                                           \
	"\"leave\": [{\"of\": \"" of "\", \"start\": \"2027-01-18T00:00\","    \
	" \"end\": \"2027-01-19T00:00\"},"

static const struct edit {
	const char *from, *to;
	enum block reason;
} edits[] = {
	/* the expert: who they are, their rules, secondments and leave */
	{EXPERT_KINDS, "\"kinds\": [\"clinic-slot\"", BLOCK_KIND},
	{"\"1995-08-01\"", "\"2025-08-01\"", BLOCK_EXPERIENCE},
	{"2022-01-03T08:00", "2022-01-03T09:00", BLOCK_CLOSED},
	{"\"2022-01-03T12:00\",",
	 "\"2022-01-03T12:00\","
	 " \"exdates\": [\"2027-01-18\"],",
	 BLOCK_CLOSED},
	{"\"from\": \"2022-07-01\",\n   \"to\": \"2023-03-31\"",
	 "\"from\": \"2027-01-01\",\n   \"to\": \"2027-03-31\"",
	 BLOCK_SECONDED},
	{"\"leave\": [", LEAVE_OF("coronary-1"), BLOCK_LEAVE},
	/* its room */
	{"\"leave\": [", LEAVE_OF("anzhen/studio-1"), BLOCK_LEAVE},
	{"\"leave\": [", LEAVE_OF("liaoyang-central/studio-1"), BLOCK_LEAVE},
	{"\"of\": \"liaoyang-central/or-1\",\n   \"rrule\": "
	 "\"FREQ=WEEKLY;BYDAY=MO,",
	 "\"of\": \"liaoyang-central/studio-1\",\n   \"rrule\": "
	 "\"FREQ=WEEKLY;BYDAY=",
	 BLOCK_CLOSED},
	/* the agreement */
	{"\"valid_from\": \"2022-07-01\",\n   \"valid_to\": \"2035-12-31\"",
	 "\"valid_from\": \"2022-07-01\",\n   \"valid_to\": \"2027-01-17\"",
	 BLOCK_AGREEMENT},
	{"\"kinds\": [\n    \"remote-consultation\",\n"
	 "    \"imaging-consultation\"",
	 "\"kinds\": [\n    \"imaging-consultation\"", BLOCK_AGREEMENT_KIND},
	{"\"remote-consultation\": 200", "\"remote-consultation\": 0",
	 BLOCK_QUOTA},
	{"\"limits\": \"heart\"",
	 "\"limits\": \"heart\", \"min_independent_years\": 60",
	 BLOCK_EXPERIENCE},
	/* a site's calendar: its days, and which one it is */
	{"\"2022-09-10\"", "\"2022-09-10\", \"2027-01-18\"", BLOCK_HOLIDAY},
	{"\"calendars\": {",
	 "\"calendars\": {\"cn-2\": {\"days_off\": [\"2027-01-18\"]},",
	 BLOCK_COUNT /* nobody follows it */},
};

static void what_it_stands_on_is_looked_at(void **state)
{
	struct msg_booking b = book(&desk.one, "P-1", DESK_MONDAY);

	(void)state;
	import_with("", "");
	assert_int_equal(0, report.changes.n);
	orphans(0);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const struct edit *e = &edits[i];
		bool none = e->reason == BLOCK_COUNT;

		print_message("%s\n", e->to);
		import_with(e->from, e->to);
		const struct msg_orphan *o = orphans(!none);

		if (!none) {
			assert_string_equal(b.code, o->booking);
			assert_string_equal("coronary-1", o->expert);
			assert_string_equal("anzhen", o->lead);
			assert_string_equal("liaoyang-central", o->partner);
			assert_int_equal(KIND_REMOTE_CONSULTATION, o->kind);
			assert_true(o->from == DESK_MONDAY);
			assert_true(o->to == DESK_MONDAY + HOUR / 2);
			assert_reason(o, e->reason);
		}
		/* Nothing is done to it, and back again all is well. */
		import_with("", "");
		orphans(0);
	}
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM booking"
					      " WHERE status = 'booked'"));
}

/* --- which bookings --- */

#define CLOSE import_with("2022-01-03T12:00", "2022-01-03T08:30")

static void holds_count_while_they_live(void **state)
{
	struct take hold = take(desk_accepted(&desk, &desk.one, "P-2"),
				DESK_MONDAY + HOUR, true);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	CLOSE;
	assert_string_equal(hold.out.code, orphans(1)->booking);
	import_with("", "");
	desk.house.scratch.now += 5 * 60;
	CLOSE;
	orphans(0);
}

static void what_is_over_is_left_alone(void **state)
{
	struct msg_booking b = book(&desk.one, "P-3", DESK_MONDAY + HOUR);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY + HOUR + 60; /* it has begun */
	CLOSE;
	assert_string_equal(b.code, orphans(1)->booking);
	import_with("", "");
	desk.house.scratch.now = DESK_MONDAY + 2 * HOUR;
	CLOSE;
	orphans(0);
}

#define TOLD "SELECT count(*) FROM event WHERE verb = 'orphan'"
#define AWAY import_with("\"leave\": [", LEAVE_OF("coronary-1"))

/* What it claims ends later than it does: the expert's buffer. */
static void what_is_over_is_not_told_again(void **state)
{
	struct msg_booking b = book(&desk.one, "P-10", DESK_MONDAY + HOUR);

	(void)state;
	CLOSE;
	orphans(1);
	assert_int_equal(1, desk_count(&desk, TOLD));
	desk.house.scratch.now = b.to + 60;
	assert_true(desk_count(&desk, "SELECT max(to_time) FROM claim") >
		    desk.house.scratch.now);
	AWAY;
	orphans(0);
	assert_int_equal(1, desk_count(&desk, TOLD));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM orphan"));
}

/* It can neither be moved nor cancelled by then. */
static void what_has_begun_is_left_alone(void **state)
{
	struct msg_booking b = book(&desk.one, "P-11", DESK_MONDAY + HOUR);

	(void)state;
	desk.house.scratch.now = b.from;
	(void)desk_started(&desk, &desk.one, b.code);
	CLOSE;
	orphans(0);
	assert_int_equal(0, desk_count(&desk, TOLD));
}

static void the_first_of_them_come_first(void **state)
{
	struct msg_booking late =
		book(&desk.two, "P-4", DESK_MONDAY + 3 * HOUR);
	struct msg_booking early = book(&desk.one, "P-5", DESK_MONDAY + HOUR);

	(void)state;
	book(&desk.one, "P-6", DESK_MONDAY); /* this one may stay */
	CLOSE;
	const struct msg_orphan *o = orphans(2);

	assert_string_equal(early.code, o[0].booking);
	assert_string_equal(late.code, o[1].booking);
}

/* The one booking there is, every week for years. */
static void multiply(void)
{
	scratch_run(desk.house.db,
		    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
		    " SELECT i + 1 FROM n WHERE i < 400)"
		    " INSERT INTO booking (id, code, agreement, lead,"
		    " partner, kind, status, expert, from_time, to_time,"
		    " owner, owner_site, version, patient)"
		    " SELECT b.id + i, printf('%08d', i), b.agreement, b.lead,"
		    " b.partner, b.kind, b.status, b.expert,"
		    " b.from_time + 604800 * i, b.to_time + 604800 * i,"
		    " b.owner, b.owner_site, 1, r.patient"
		    " FROM n, booking b JOIN request r ON r.id = b.request;"
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role) SELECT c.subject, c.from_time + 604800 * n.i,"
		    " c.to_time + 604800 * n.i, n.id, c.role FROM"
		    " (SELECT id, id - (SELECT min(id) FROM booking) AS i"
		    "  FROM booking) n, claim c WHERE n.i > 0");
}

static void however_many_are_counted(void **state)
{
	(void)state;
	book(&desk.one, "P-9", DESK_MONDAY + HOUR);
	multiply();
	import_with("\"tier\": \"national\"", "\"tier\": \"other\"");
	orphans(0); /* each was found in many ways and looked at */
	import_with("", "");
	CLOSE;
	assert_int_equal(401, report.orphaned);
	assert_int_equal(200, report.orphans.n);
	const struct msg_orphan *o = report.orphans.v;

	for (size_t i = 0; i < report.orphans.n; i++)
		assert_true(o[i].from ==
			    DESK_MONDAY + HOUR + (int64_t)i * 7 * 86400);
}

/* --- ways --- */

#define SECOND_ROOM                                                            \
	"\"availability\": [{\"of\": \"coronary-1\", \"rrule\":"               \
	" \"FREQ=WEEKLY;BYDAY=MO\", \"start\": \"2022-01-03T12:00\","          \
	" \"end\": \"2022-01-03T16:00\", \"time_zone\": \"Asia/Shanghai\","    \
	" \"at\": \"anzhen/studio-2\"},"

/* One session in each of two rooms, ten minutes apart. */
static void a_longer_way_is_noticed(void **state)
{
	struct buf base;

	(void)state;
	import_with("\"availability\": [", SECOND_ROOM);
	buf_init(&base, NETFILE_MAX);
	book(&desk.one, "P-7", NOON - HOUR / 2);
	struct msg_booking after = book(&desk.two, "P-8", NOON + 600);

	/* The example with the rule is what is edited from now on. */
	const char *at = strstr(buf_cstr(&liaoyang), "\"availability\": [");

	buf_add(&base, liaoyang.data, (size_t)(at - liaoyang.data));
	buf_str(&base, SECOND_ROOM);
	buf_str(&base, at + strlen("\"availability\": ["));
	buf_fini(&liaoyang);
	liaoyang = base;
	import_with("\"transfers\": [",
		    "\"transfers\": [{\"from\": \"anzhen/studio-2\", \"to\":"
		    " \"anzhen/studio-1\", \"minutes\": 5},");
	orphans(0);
	import_with("\"transfers\": [",
		    "\"transfers\": [{\"from\": \"anzhen/studio-2\", \"to\":"
		    " \"anzhen/studio-1\", \"minutes\": 10},");
	assert_true(report.orphaned >= 1);
	const struct msg_orphan *o = report.orphans.v;

	assert_string_equal(after.code, o[report.orphans.n - 1].booking);
	assert_reason(&o[report.orphans.n - 1], BLOCK_TRANSFER);
	import_with("\"transfers\": [",
		    "\"transfers\": [{\"from\": \"anzhen\", \"to\":"
		    " \"anzhen\", \"minutes\": 30},");
	assert_true(report.orphaned >= 1);
	import_with("", "");
	orphans(0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_it_stands_on_is_looked_at),
		TEST(holds_count_while_they_live),
		TEST(what_is_over_is_left_alone),
		TEST(what_is_over_is_not_told_again),
		TEST(what_has_begun_is_left_alone),
		TEST(the_first_of_them_come_first),
		TEST(however_many_are_counted),
		TEST(a_longer_way_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
