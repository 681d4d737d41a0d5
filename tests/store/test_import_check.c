/* What is wrong with a network file: everything, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/house.h"
#include "tests/support/netfile.h"

static const struct principal root = {.name = "root",
				      .role = ROLE_ADMINISTRATOR};
static struct house house;
static struct work w; /* what the last check left behind */

static int setup(void **state)
{
	(void)state;
	house_begin(&house);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

static int64_t number(const char *sql)
{
	return scratch_number(house.db, sql);
}

/* Decodes, checks whatever could be read, and imports when all is well. */
static enum rc check_step(struct work *work, void *arg)
{
	struct msg_import_report report;
	struct msg_network net;
	struct buf *text = arg;
	enum rc rc = proto_decode(&msg_network_table, text->data, text->len,
				  PROTO_STRICT, work->arena, &net,
				  &work->faults, &work->err);

	if (rc == RC_OK || rc == RC_INVALID)
		rc = work_import_check(work, &net);
	return rc == RC_OK ? work_import(work, &net, &report) : rc;
}

static enum rc check_parts(struct parts p)
{
	struct buf text;

	netfile_write(&p, &text);
	enum rc rc =
		house_do(&house, &root, WORK_MATCH_ANY, check_step, &text, &w);

	buf_fini(&text);
	return rc;
}

static void assert_faults(const char *const *pointers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < w.faults.n; k++)
			found |=
				strcmp(w.faults.v[k].pointer, pointers[i]) == 0;
		if (!found)
			fail_msg("no fault at %s", pointers[i]);
	}
	for (size_t k = 0; k < w.faults.n; k++)
		print_message("%s %s\n", w.faults.v[k].pointer,
			      w.faults.v[k].detail);
	assert_int_equal(n, w.faults.n);
}

static void every_unknown_name_is_said_at_once(void **state)
{
	static const char *const wanted[] = {
		"/sites/0/time_zone",
		"/sites/0/calendar",
		"/agreements/0/lead",
		"/agreements/0/partner",
		"/agreements/0/limits",
		"/agreements/0/shares/0/expert",
		"/agreements/0/shares/0/until",
		"/agreements/0/shares/1/expert",
		"/agreements/0/shares/1",
		"/agreements/1/partner",
		"/agreements/1/valid_to",
		"/resources/0/id",
		"/experts/0/home",
		"/availability/0/of",
		"/availability/0/at",
		"/availability/1/rrule",
		"/availability/1/time_zone",
		"/availability/1/end",
		"/availability/2/of",
		"/secondments/0/expert",
		"/secondments/0/site",
		"/secondments/0/to",
		"/secondments/1/availability/0/at",
	};
	int64_t sites = number("SELECT count(*) FROM site");

	(void)state;
	assert_int_equal(
		RC_INVALID,
		check_parts((struct parts){
			.sites = "{'id':'new','name':'n','time_zone':"
				 "'Asia/Nowhere','calendar':'none'}",
			.agreements =
				"{'id':'x','lead':'no-1','partner':'no-2',"
				"'valid_from':'2022-01-01','valid_to':"
				"'2022-12-31','kinds':['referral'],"
				"'limits':'none','shares':[{'places':1,"
				"'days_before':0,'expert':'no-8',"
				"'until':'24:00'},{'places':2,"
				"'days_before':1,'expert':'no-8'}]},"
				"{'id':'y','lead':'new','partner':'new',"
				"'valid_from':'2022-01-02','valid_to':"
				"'2022-01-01','kinds':['referral']}",
			.resources = "{'id':'no-3/room','name':'r',"
				     "'type':'studio','capacity':1}",
			.experts = "{'id':'who','name':'w','home':'no-4',"
				   "'specialties':['imaging'],'kinds':[]}",
			.availability = "{'of':'no-5','rrule':'FREQ=DAILY',"
					"'start':'2022-01-01T08:00','end':"
					"'2022-01-01T09:00','time_zone':'UTC',"
					"'at':'no/where'},"
					"{'of':'who','rrule':'FREQ=HOURLY',"
					"'start':'2022-01-01T08:00','end':"
					"'2022-01-01T08:00','time_zone':'X'},"
					"{'rrule':'FREQ=DAILY',"
					"'start':'2022-01-01T08:00','end':"
					"'2022-01-01T09:00','time_zone':'UTC'}",
			.secondments = "{'expert':'no-6','site':'no-7',"
				       "'from':'2022-01-02','to':'2022-01-01'},"
				       "{'expert':'who','site':'new',"
				       "'from':'2022-01-02','to':'2022-01-03',"
				       "'availability':[{'rrule':'FREQ=DAILY',"
				       "'start':'2022-01-02T08:00','end':"
				       "'2022-01-02T09:00','time_zone':'UTC',"
				       "'at':'no/where'}]}",
		}));
	assert_faults(wanted, sizeof(wanted) / sizeof(wanted[0]));
	assert_int_equal(sites, number("SELECT count(*) FROM site"));
}

/* Elements of a part, with commas between; in the house's arena. */
static const char *listed(const char *const *v, size_t n)
{
	struct buf text;

	buf_init(&text, NETFILE_MAX);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s%s", i ? "," : "", v[i]);
	const char *list =
		arena_strndup(&house.arena, buf_cstr(&text), text.len);

	buf_fini(&text);
	assert_non_null(list);
	return list;
}
#define LISTED(v) listed((v), sizeof(v) / sizeof((v)[0]))

/* One hour of each day. */
#define SESSION(of, more)                                                      \
	"{'of':'" of "','rrule':'FREQ=DAILY','start':'2022-01-01T08:00',"      \
	"'end':'2022-01-01T09:00','time_zone':'UTC'" more "}"
#define CLINIC ",'kinds':['clinic-slot']"
#define MIXED ",'kinds':['clinic-slot','case-discussion']"
#define PLACES(minutes) ",'slot_minutes':" minutes

static void rules_of_places_make_sense(void **state)
{
	static const char *const wanted[] = {
		"/availability/0/slot_minutes", /* how long is a place? */
		"/availability/1/slot_minutes", /* longer than the session */
		"/availability/2/slot_minutes", /* booked by request */
		"/availability/3/slot_minutes", /* which kinds? */
		"/availability/4/slot_minutes", /* a room's */
		"/availability/5/at",		/* where is it? */
		"/availability/7",		/* as the one before */
		"/secondments/0/availability/0/slot_minutes",
		"/secondments/0/availability/0/of",
	};
	static const char *const rules[] = {
		SESSION("echo-1", CLINIC),
		SESSION("echo-1", CLINIC PLACES("61")),
		SESSION("echo-1", MIXED PLACES("10")),
		SESSION("echo-1", PLACES("10")),
		SESSION("anzhen/bridge", CLINIC PLACES("10")),
		SESSION("echo-1", CLINIC PLACES("60")),
		SESSION("coronary-1", ""),
		SESSION("coronary-1", ""),
		/* a room that is open for nothing else */
		SESSION("anzhen/bridge", CLINIC),
		SESSION("anzhen/bridge", MIXED),
	};
	static const char stay[] =
		"{'expert':'echo-1','site':'pumch','from':'2027-01-01',"
		"'to':'2027-02-01','availability':[" SESSION("echo-1",
							     CLINIC) "]}";

	(void)state;
	assert_int_equal(RC_INVALID, check_parts((struct parts){
					     .availability = LISTED(rules),
					     .secondments = stay}));
	assert_faults(wanted, sizeof(wanted) / sizeof(wanted[0]));
}

#define POOLED ",'kinds':['remote-consultation']"
#define AT ",'at':'anzhen/studio-1'"
#define TERMS ",'pool':{'specialty':'imaging','threshold':6}"
#define TEA                                                                    \
	",'pool':{'specialty':'imaging','threshold':6,"                        \
	"'minutes':{'imaging-consultation':5}}"

static void half_days_make_sense(void **state)
{
	static const char *const wanted[] = {
		"/availability/0/pool", /* where is it? */
		"/availability/1/pool", /* which kinds? */
		"/availability/2/pool", /* not these */
		"/availability/3/pool", /* minutes of another kind */
		"/availability/4/pool", /* a room's */
		"/availability/5/pool", /* a session of places as well */
		"/availability/6",	/* twice, whatever its terms */
	};
	static const char *const rules[] = {
		SESSION("echo-1", POOLED TERMS),
		SESSION("echo-1", AT TERMS),
		SESSION("echo-1", ",'kinds':['case-discussion']" AT TERMS),
		SESSION("echo-1", POOLED AT TEA),
		SESSION("anzhen/bridge", POOLED AT TERMS),
		SESSION("echo-1", CLINIC AT PLACES("20") TERMS),
		SESSION("echo-1", POOLED AT TERMS),
	};

	(void)state;
	assert_int_equal(RC_INVALID, check_parts((struct parts){
					     .availability = LISTED(rules)}));
	assert_faults(wanted, sizeof(wanted) / sizeof(wanted[0]));
}

#define STAY(from, to)                                                         \
	"{'expert':'echo-1','site':'liaoyang-central','from':'" from           \
	"','to':'" to "'}"
#define LEAVE(of, day)                                                         \
	"{'of':'" of "','start':'" day "T08:00','end':'" day "T12:00'}"
#define WAY(a, b) "{'from':'" a "','to':'" b "','minutes':5}"

static void leave_stays_and_ways_make_sense(void **state)
{
	static const char *const wanted[] = {
		"/leave/0/of",	      "/leave/1/end",
		"/leave/1/time_zone", "/secondments/1/from",
		"/transfers/0/from",  "/transfers/0/to",
		"/transfers/1/to",    "/transfers/2/to",
		"/transfers/4",	      "/calendars/x/shifted_workdays/1/date",
	};
	static const char *const ways[] = {
		WAY("no/where", "no/place"),
		WAY("anzhen", "anzhen/studio-1"),
		WAY("anzhen/bridge", "anzhen/bridge"),
		WAY("anzhen", "pumch"),
		WAY("pumch", "anzhen"),
		WAY("anzhen", "anzhen"),
	};
	static const char *const stays[] = {
		STAY("2027-01-01", "2027-01-31"),
		STAY("2027-01-31", "2027-02-28"),
		STAY("2027-03-01", "2027-03-31"),
	};
	static const char *const leave[] = {
		LEAVE("nobody", "2027-01-04"),
		"{'of':'echo-1','start':'2027-01-04T08:00',"
		"'end':'2027-01-04T08:00','time_zone':'X'}",
	};
	static const char calendar[] = "'x':{'shifted_workdays':["
				       "{'date':'2027-01-01','works_as':'MO'},"
				       "{'date':'2027-01-01','works_as':'TU'}"
				       "]}";

	(void)state;
	assert_int_equal(RC_INVALID, check_parts((struct parts){
					     .calendars = calendar,
					     .leave = LISTED(leave),
					     .secondments = LISTED(stays),
					     .transfers = LISTED(ways)}));
	assert_faults(wanted, sizeof(wanted) / sizeof(wanted[0]));
}

/* What is wrong with form and what is wrong with sense, each once. */
static void all_faults_come_at_once(void **state)
{
	static const char *const wanted[] = {
		"/sites/0/time_zone",
		"/sites/1",
		"/experts/0/colour",
		"/experts/0/home",
		"/availability/0/exdates/0",
		"/availability/0/kinds/0",
		"/availability/0/time_zone",
		"/availability/1",
		"/leave/0/end",
		"/leave/1/of",
		"/agreements/0/lead",
		"/agreements/0/partner",
		"/agreements/0/valid_to",
		"/resources/0/id",
		"/secondments/0/from",
		"/transfers/0/from",
		"/transfers/0/minutes",
	};

	static const char *const leave[] = {
		"{'of':'who','start':'2022-01-01T08:00'}",
		LEAVE("nobody", "2027-01-04"),
	};

	(void)state;
	assert_int_equal(
		RC_INVALID,
		check_parts((struct parts){
			.sites = "{'id':'new','name':'n','time_zone':3},7",
			.experts = "{'id':'who','name':'w','home':'No',"
				   "'specialties':['imaging'],'kinds':[],"
				   "'colour':'red'}",
			.availability =
				"{'of':'who','rrule':'FREQ=DAILY','start':"
				"'2022-01-01T08:00','end':'2022-01-01T09:00',"
				"'time_zone':'Nowhere','slot_minutes':10,"
				"'kinds':['x'],'exdates':['2022-02-30']},null",
			.leave = LISTED(leave),
			.agreements = "{'id':'x','lead':1,'partner':'Q',"
				      "'valid_from':'2022-01-01','valid_to':"
				      "'2021-12-31','kinds':['referral']}",
			.resources = "{'id':'room','name':'r',"
				     "'type':'studio','capacity':1}",
			.secondments =
				"{'expert':'who','site':'new','from':'x',"
				"'to':'2022-01-01'}",
			.transfers = "{'from':'no/where','to':'pumch/link-1',"
				     "'minutes':0}",
		}));
	assert_faults(wanted, sizeof(wanted) / sizeof(wanted[0]));
	assert_string_equal("the file has 17 faults", w.err.text);
}

static void how_many_more_faults_there_are_is_said(void **state)
{
	struct buf rules;

	(void)state;
	buf_init(&rules, NETFILE_MAX);
	for (int i = 0; i < 70; i++)
		buf_printf(&rules,
			   "%s{'of':'nobody-%d',"
			   "'rrule':'FREQ=DAILY','start':'2022-01-01T08:00',"
			   "'end':'2022-01-01T09:00','time_zone':'UTC'}",
			   i ? "," : "", i);
	assert_int_equal(
		RC_INVALID,
		check_parts((struct parts){.availability = buf_cstr(&rules)}));
	assert_int_equal(64, w.faults.n);
	assert_int_equal(6, w.faults.dropped);
	assert_string_equal("the file has 70 faults; these are the first 64, 6"
			    " more are not listed",
			    w.err.text);
	buf_fini(&rules);
}

#define ECHO                                                                   \
	"{'id':'echo-1','name':'e','home':'anzhen',"                           \
	"'specialties':['imaging'],'kinds':['case-discussion']}"

static void what_stands_there_twice_is_said(void **state)
{
	static const char *const wanted[] = {
		"/sites/1/id",
		"/resources/1/id",
		"/experts/1/id",
		"/agreements/1/id",
	};
#define SITE "{'id':'new','name':'n','time_zone':'UTC'}"
#define ROOM "{'id':'new/r','name':'r','type':'studio','capacity':1}"
#define AGREED                                                                 \
	"{'id':'x','lead':'new','partner':'pumch','valid_from':'2022-01-01',"  \
	"'valid_to':'2022-12-31','kinds':['referral']}"

	(void)state;
	assert_int_equal(RC_INVALID, check_parts((struct parts){
					     .sites = SITE "," SITE,
					     .resources = ROOM "," ROOM,
					     .experts = ECHO "," ECHO,
					     .agreements = AGREED "," AGREED,
				     }));
	assert_faults(wanted, sizeof(wanted) / sizeof(wanted[0]));
	assert_int_equal(0, number("SELECT count(*) FROM site"
				   " WHERE slug = 'new'"));
}

/* Hours and ladders: each fault where it stands. */
static void limits_are_looked_at(void **state)
{
	static const char *const expected[] = {
		"/limit_sets/l/hours/0/from",	  "/limit_sets/l/hours/1/to",
		"/limit_sets/l/hours/2/to",	  "/limit_sets/l/hours/4",
		"/limit_sets/l/ladder/2/percent", "/limit_sets/l/hours/5/days",
		"/limit_sets/l/ladder/1/tell",
	};

	(void)state;
	assert_int_equal(
		RC_INVALID,
		check_parts((struct parts){
			.limits = "'l':{'hours':["
				  "{'days':['MO'],'from':'8:000','to':'12:00'},"
				  "{'days':['MO'],'from':'08:00','to':'24:01'},"
				  "{'days':['MO'],'from':'08:00','to':'08:00'},"
				  "{'days':['TU','WE'],'from':'08:00',"
				  "'to':'12:00'},"
				  "{'days':['MO','WE'],'from':'11:59',"
				  "'to':'24:00'},"
				  "{'days':[],'from':'12:00','to':'12:60'}],"
				  "'ladder':[{'percent':50,'tell':['lead']},"
				  "{'percent':60,'tell':[]},"
				  "{'percent':50,'tell':['expert']}]}"}));
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		bool found = false;

		for (size_t k = 0; k < w.faults.n; k++)
			found |=
				strcmp(w.faults.v[k].pointer, expected[i]) == 0;
		if (!found)
			fail_msg("no fault at %s", expected[i]);
	}
	/* and the minute that there is not */
	assert_int_equal(w.faults.n, 8);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_unknown_name_is_said_at_once),
		TEST(rules_of_places_make_sense),
		TEST(half_days_make_sense),
		TEST(leave_stays_and_ways_make_sense),
		TEST(all_faults_come_at_once),
		TEST(how_many_more_faults_there_are_is_said),
		TEST(what_stands_there_twice_is_said),
		TEST(limits_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
