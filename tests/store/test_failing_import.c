/* Importing a network over a store that fails it (failing.h): a new one, one
 * in which everything differs, the same again, one that is booked; and its
 * export. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/log.h"
#include "tests/support/failing.h"

static const struct principal root = {.name = "root",
				      .role = ROLE_ADMINISTRATOR};
static struct house house;

/* 'x' stands for "x". */
static const char empty[] = "{'version':1,'sites':[],'agreements':[],"
			    "'resources':[],'experts':[],'availability':[]}";

static const char small[] =
	"{'version':1,'sites':["
	"{'id':'lead','name':'l','time_zone':'UTC','calendar':'c'},"
	"{'id':'far','name':'f','time_zone':'UTC','tier':'county'}],"
	"'calendars':{'c':{'days_off':['2027-01-01'],'shifted_workdays':["
	"{'date':'2027-01-02','works_as':'FR'}]}},"
	"'limit_sets':{'l':{'routine':{'answer_minutes':60}}},"
	"'agreements':[{'id':'a','lead':'lead','partner':'far','limits':'l',"
	"'valid_from':'2022-01-01','valid_to':'2035-12-31',"
	"'kinds':['remote-consultation'],'specialties':['coronary'],"
	"'quota_per_month':{'remote-consultation':3}}],"
	"'resources':[{'id':'far/r','name':'r','type':'studio','capacity':1},"
	"{'id':'lead/r','name':'r','type':'studio','capacity':2}],"
	"'experts':[{'id':'e','name':'e','home':'lead','specialties':"
	"['coronary'],'kinds':['remote-consultation'],'title':'chief',"
	"'independent_since':'1995-08-01','languages':['zh']}],"
	"'availability':[{'of':'e','rrule':'FREQ=DAILY','start':"
	"'2027-01-01T08:00','end':'2027-01-01T09:00','time_zone':'UTC',"
	"'at':'lead/r','exdates':['2027-01-05','2027-01-06'],"
	"'rdates':['2027-01-09']}],"
	"'leave':[{'of':'e','start':'2027-05-01T00:00','end':"
	"'2027-05-03T00:00'},{'of':'far/r','start':'2027-05-01T00:00',"
	"'end':'2027-05-02T00:00','time_zone':'UTC'}],"
	"'transfers':[{'from':'lead','to':'far','minutes':60}],"
	"'secondments':[{'expert':'e','site':'far','from':'2027-02-01','to':"
	"'2027-02-28','availability':[{'rrule':'FREQ=DAILY','start':"
	"'2027-02-01T08:00','end':'2027-02-01T09:00','time_zone':'UTC',"
	"'at':'far/r'}]}]}";

static const char other[] =
	"{'version':1,'sites':["
	"{'id':'lead','name':'new','time_zone':'UTC','calendar':'c'},"
	"{'id':'far','name':'f','time_zone':'Asia/Shanghai'}],"
	"'calendars':{'c':{'days_off':['2027-01-03','2027-01-04']}},"
	"'limit_sets':{'l':{'routine':{'answer_minutes':30},"
	"'urgent':{'start_minutes':60}}},"
	"'agreements':[{'id':'a','lead':'lead','partner':'far','limits':'l',"
	"'valid_from':'2022-01-01','valid_to':'2034-12-31',"
	"'kinds':['remote-consultation','case-discussion'],"
	"'specialties':['coronary','aortic']}],"
	"'resources':[{'id':'far/r','name':'r','type':'link','capacity':3},"
	"{'id':'lead/r','name':'new','type':'studio','capacity':2}],"
	"'experts':[{'id':'e','name':'new','home':'lead','specialties':"
	"['aortic'],'kinds':['remote-consultation'],'buffer_minutes':5}],"
	"'availability':[{'of':'e','rrule':'FREQ=WEEKLY','start':"
	"'2027-01-01T08:00','end':'2027-01-01T10:00','time_zone':'UTC'}],"
	"'leave':[{'of':'e','start':'2027-05-01T00:00','end':"
	"'2027-05-04T00:00'}],"
	"'transfers':[{'from':'lead/r','to':'far/r','minutes':30}],"
	"'secondments':[{'expert':'e','site':'far','from':'2027-03-01','to':"
	"'2027-03-28','remote_requests':'allow'}]}";

static struct msg_network *read_network(const char *text)
{
	struct msg_network *net = arena_alloc(&house.arena, sizeof(*net));
	struct field_faults faults = {0};
	struct err err = ERR_INIT;
	struct buf json;

	buf_init(&json, 1 << 20);
	for (const char *s = text; *s; s++)
		buf_chr(&json, *s == '\'' ? '"' : *s);
	if (proto_decode(&msg_network_table, json.data, json.len, PROTO_STRICT,
			 &house.arena, net, &faults, &err) != RC_OK)
		fail_msg("%s: %s", faults.n ? faults.v[0].pointer : "",
			 faults.n ? faults.v[0].detail : err.text);
	buf_fini(&json);
	return net;
}

static struct msg_import_report report;

static enum rc import_step(struct work *w, void *arg)
{
	enum rc rc = work_import_check(w, arg);

	return rc == RC_OK ? work_import(w, arg, &report) : rc;
}

static struct msg_network exported;

static enum rc export_step(struct work *w, void *arg)
{
	(void)arg;
	return work_export(w, &exported);
}

static int setup(void **state)
{
	struct buf json;

	(void)state;
	buf_init(&json, sizeof(empty));
	for (const char *s = empty; *s; s++)
		buf_chr(&json, *s == '\'' ? '"' : *s);
	house_begin_with(&house, json.data, json.len);
	buf_fini(&json);
	failing_begin(&house);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

static void import(const char *name, const char *text)
{
	failing_walk(&house,
		     &(struct failing_step){name, &root, import_step,
					    read_network(text), RC_OK,
					    &msg_import_report_table, &report});
	failing_walk(&house, &(struct failing_step){
				     "export", &root, export_step, NULL, RC_OK,
				     &msg_network_table, &exported});
}

static void of_a_network(void **state)
{
	(void)state;
	import("new", small);
	import("other", other);
	import("back", small);
	import("the same", small);
	import("nothing", empty);
}

/* Two sessions that the other network does not allow. */
static void book_two(void)
{
	scratch_run(house.db,
		    "INSERT INTO identity (id, name, role, made_at)"
		    " VALUES (9, 'n', 'system', 0);"
		    "INSERT INTO subject (id, type, slug, site, name)"
		    " SELECT 99, 'patient', 'p', id, '' FROM site"
		    " WHERE slug = 'far';"
		    "INSERT INTO booking (id, code, agreement, lead, partner,"
		    " kind, status, expert, from_time, to_time, owner,"
		    " owner_site, version, patient)"
		    " SELECT n.i, CAST(n.i AS TEXT), a.id, a.lead, a.partner,"
		    " 'remote-consultation', 'booked', s.id,"
		    " 1800000000 + 86400 * n.i, 1800001800 + 86400 * n.i, 9,"
		    " a.lead, 1, 99 FROM agreement a, subject s,"
		    " (SELECT 1 AS i UNION ALL SELECT 400) n"
		    " WHERE s.slug = 'e';"
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role) SELECT expert, from_time, to_time, id, 'expert'"
		    " FROM booking");
}

static void of_a_network_with_bookings(void **state)
{
	(void)state;
	import("new", small);
	book_two();
	import("other", other);
	assert_int_equal(2, report.orphaned);
	assert_int_equal(2, report.orphans.n);
	import("back", small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_a_network, setup, teardown),
		cmocka_unit_test_setup_teardown(of_a_network_with_bookings,
						setup, teardown),
	};

	/* above the lowest level there is: a line for each failure otherwise */
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
