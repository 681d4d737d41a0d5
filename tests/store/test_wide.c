/* Networks that are wider than any: what has a bound says so when it is
 * reached, and nothing is left out in silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/api/call.h"
#include "tests/support/house.h"

/* Monday 2027-01-18 08:00 UTC. */
static const int64_t monday = 1800000000 + 3 * (int64_t)CIVIL_DAY;

static struct house house;
static struct principal partner;

/* --- the network: a lead with experts, one partner with studios --- */

/* Each expert is at a site of their own, where they begin at 8:00; the site's
 * calendar closes one day, the n-th one's the n-th day after that Monday. */
struct shape {
	int agreements, studios, experts;
	bool closed; /* the studios, in the morning */
};

/* 'x' stands for "x". */
__attribute__((format(printf, 2, 3))) static void add(struct buf *text,
						      const char *fmt, ...)
{
	char piece[512];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(piece, sizeof(piece), fmt, ap);
	va_end(ap);
	assert_in_range(n, 0, sizeof(piece) - 1);
	for (int i = 0; i < n; i++)
		buf_chr(text, piece[i] == '\'' ? '"' : piece[i]);
}

static const char *comma(int i)
{
	return i ? "," : "";
}

static void add_sites(struct buf *text, const struct shape *s)
{
	add(text, "'sites':[{'id':'lead','name':'l','time_zone':'UTC'},"
		  "{'id':'far','name':'f','time_zone':'UTC'}");
	for (int i = 0; i < s->experts; i++)
		add(text,
		    ",{'id':'s%d','name':'s','time_zone':'UTC',"
		    "'calendar':'c%d'}",
		    i, i);
	add(text, "],'calendars':{");
	for (int i = 0; i < s->experts; i++) {
		struct civil day;

		civil_from_wall(monday + i * (int64_t)CIVIL_DAY, &day);
		add(text, "%s'c%d':{'days_off':['%04d-%02d-%02d']}", comma(i),
		    i, (int)day.year, (int)day.month, (int)day.day);
	}
	add(text, "}");
}

static void add_agreements(struct buf *text, const struct shape *s)
{
	add(text, ",'agreements':[");
	for (int i = 0; i < s->agreements; i++)
		add(text,
		    "%s{'id':'a%d','lead':'lead','partner':'far',"
		    "'valid_from':'2022-01-01','valid_to':'2035-12-31',"
		    "'kinds':['remote-consultation']}",
		    comma(i), i);
	add(text, "]");
}

static void add_rooms(struct buf *text, const struct shape *s)
{
	add(text, ",'resources':[");
	for (int i = 0; i < s->studios; i++)
		add(text,
		    "%s{'id':'far/r%d','name':'r','type':'studio',"
		    "'capacity':1}",
		    comma(i), i);
	for (int i = 0; i < s->experts; i++)
		add(text,
		    ",{'id':'s%d/room','name':'r','type':'studio',"
		    "'capacity':1}",
		    i);
	add(text, "],'availability':[");
	for (int i = 0; s->closed && i < s->studios; i++)
		add(text,
		    "%s{'of':'far/r%d','rrule':'FREQ=DAILY','start':"
		    "'2027-01-01T20:00','end':'2027-01-01T21:00',"
		    "'time_zone':'UTC'}",
		    comma(i), i);
	add(text, "]");
}

static void add_experts(struct buf *text, const struct shape *s)
{
	add(text, ",'experts':[");
	for (int i = 0; i < s->experts; i++)
		add(text,
		    "%s{'id':'e%02d','name':'e','home':'lead','independent_"
		    "since':"
		    "'1995-08-01','specialties':"
		    "['coronary'],'kinds':['remote-consultation']}",
		    comma(i), i);
	add(text, "],'secondments':[");
	for (int i = 0; i < s->experts; i++)
		add(text,
		    "%s{'expert':'e%02d','site':'s%d','from':'2027-01-01',"
		    "'to':'2027-12-31','remote_requests':'allow',"
		    "'availability':[{'rrule':'FREQ=DAILY','start':"
		    "'2027-01-01T08:00','end':'2027-01-01T08:30',"
		    "'time_zone':'UTC','at':'s%d/room'}]}",
		    comma(i), i, i, i);
	add(text, "]");
}

static void begin(struct shape s)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	add(&text, "{'version':1,'limit_sets':{},");
	add_sites(&text, &s);
	add_agreements(&text, &s);
	add_rooms(&text, &s);
	add_experts(&text, &s);
	add(&text, "}");
	assert_false(text.failed);
	house_begin_with(&house, text.data, text.len);
	buf_fini(&text);
	partner = house_person(&house, ROLE_SITE_COORDINATOR, "far", NULL);
}

static int teardown(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- searching --- */

struct search {
	struct msg_slots_query in;
	struct msg_slots out;
	struct work w;
};

static struct search search_day(int day)
{
	struct search s = {0};

	proto_clear(&msg_slots_query_table, &s.in);
	s.in.kind = KIND_REMOTE_CONSULTATION;
	s.in.from = monday + day * (int64_t)CIVIL_DAY;
	s.in.to = s.in.from + CIVIL_DAY / 2;
	s.in.n = 100;
	return s;
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct search *s = arg;

	return work_slots(w, &s->in, &s->out);
}

static enum rc run(struct search *s)
{
	return house_do(&house, &partner, WORK_MATCH_ANY, slots_step, s, &s->w);
}

/* --- tests --- */

static void each_site_is_closed_by_its_own_calendar(void **state)
{
	enum { SITES = 12 };

	(void)state;
	begin((struct shape){.agreements = 1, .studios = 1, .experts = SITES});
	for (int day = 0; day < SITES; day++) {
		struct search s = search_day(day);
		bool seen[SITES] = {false};

		assert_int_equal(RC_OK, run(&s));
		const struct msg_slot *v = s.out.slots.v;

		assert_int_equal(SITES - 1, s.out.slots.n);
		for (size_t i = 0; i < s.out.slots.n; i++) {
			assert_int_equal(s.in.from, v[i].from);
			seen[(v[i].expert[1] - '0') * 10 + v[i].expert[2] -
			     '0'] = true;
		}
		for (int i = 0; i < SITES; i++)
			assert_int_equal(i != day, seen[i]);
	}
}

static void as_many_agreements_as_a_search_takes(void **state)
{
	struct search s = search_day(1);

	(void)state;
	begin((struct shape){.agreements = 31, .studios = 1, .experts = 1});
	assert_int_equal(RC_OK, run(&s));
	assert_int_equal(1, s.out.slots.n);
}

static void more_agreements_than_a_search_takes(void **state)
{
	struct search s = search_day(1);

	(void)state;
	begin((struct shape){.agreements = 40, .studios = 1, .experts = 1});
	assert_int_equal(RC_INVALID, run(&s));
	assert_int_equal(1, s.w.faults.n);
	assert_string_equal("#agreement", s.w.faults.v[0].pointer);
	assert_non_null(strstr(s.w.err.text, "too many agreements"));
	s.in.agreement = "a39";
	assert_int_equal(RC_OK, run(&s));
	assert_int_equal(1, s.out.slots.n);
}

/* Every studio is a reason of its own, for every expert. */
static void reasons_are_listed_or_counted(void **state)
{
	enum { STUDIOS = CORE_BLOCKERS_MAX + 6, EXPERTS = 40 };
	struct search s = search_day(EXPERTS);

	(void)state;
	begin((struct shape){.agreements = 1,
			     .studios = STUDIOS,
			     .experts = EXPERTS,
			     .closed = true});
	s.in.why_not = true;
	s.in.expert = "e00";
	assert_int_equal(RC_OK, run(&s));
	assert_int_equal(0, s.out.slots.n);
	assert_int_equal(CORE_BLOCKERS_MAX, s.out.blockers.n);
	assert_int_equal(STUDIOS - CORE_BLOCKERS_MAX, s.out.blockers_more);
	s.in.expert = NULL;
	assert_int_equal(RC_OK, run(&s));
	assert_int_equal(WORK_BLOCKERS_MAX, s.out.blockers.n);
	assert_int_equal(STUDIOS * EXPERTS - WORK_BLOCKERS_MAX,
			 s.out.blockers_more);
	const struct msg_blocker *v = s.out.blockers.v;

	for (size_t i = 0; i < s.out.blockers.n; i++) {
		assert_int_equal(BLOCK_CLOSED, v[i].reason);
		assert_int_equal(CLAIM_PARTNER_STUDIO, v[i].role);
	}
}

/* The longest refusal is an answer that its reader takes. */
static void a_refusal_says_how_many_reasons_are_not_listed(void **state)
{
	enum { STUDIOS = CORE_BLOCKERS_MAX, EXPERTS = 40 };
	struct search s = search_day(EXPERTS);
	struct field_faults faults = {0};
	struct http_reply reply;
	struct msg_problem p;

	(void)state;
	begin((struct shape){.agreements = 1,
			     .studios = STUDIOS,
			     .experts = EXPERTS,
			     .closed = true});
	s.in.why_not = true;
	assert_int_equal(RC_OK, run(&s));
	problem_reply(&(struct problem){.rc = RC_REFUSED,
					.blockers = s.w.blockers,
					.blockers_more = s.w.blockers_more},
		      &reply);
	assert_false(reply.body.failed);
	assert_int_equal(RC_OK,
			 proto_decode(&msg_problem_table, reply.body.data,
				      reply.body.len, PROTO_STRICT,
				      &house.arena, &p, &faults, NULL));
	assert_int_equal(WORK_BLOCKERS_MAX, p.blockers.n);
	assert_int_equal(STUDIOS * EXPERTS - WORK_BLOCKERS_MAX,
			 p.blockers_more);
	http_reply_fini(&reply);
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_site_is_closed_by_its_own_calendar),
		TEST(as_many_agreements_as_a_search_takes),
		TEST(more_agreements_than_a_search_takes),
		TEST(reasons_are_listed_or_counted),
		TEST(a_refusal_says_how_many_reasons_are_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
