/* Importing a network: what is made, what changes, what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tests/support/house.h"
#include "tests/support/netfile.h"

#define XUZHOU_MS 20000 /* generous: sanitizers, and a shared machine */

static const struct principal root = {.name = "root",
				      .role = ROLE_ADMINISTRATOR};
static struct house house;
static struct work w; /* what the last import left behind */
static struct msg_import_report report;
static struct buf liaoyang;

static int setup(void **state)
{
	(void)state;
	house_begin(&house);
	buf_init(&liaoyang, NETFILE_MAX);
	return file_read("examples/liaoyang.json", &liaoyang, NULL) == RC_OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&liaoyang);
	house_end(&house);
	return 0;
}

/* --- importing --- */

static enum rc import_step(struct work *work, void *arg)
{
	enum rc rc = work_import_check(work, arg);

	return rc == RC_OK ? work_import(work, arg, &report) : rc;
}

static enum rc import(const char *text, size_t len)
{
	struct msg_network *net = arena_alloc(&house.arena, sizeof(*net));
	struct field_faults faults = {0};
	struct err err = ERR_INIT;

	assert_non_null(net);
	if (proto_decode(&msg_network_table, text, len, PROTO_STRICT,
			 &house.arena, net, &faults, &err) != RC_OK)
		fail_msg("%s: %s", faults.n ? faults.v[0].pointer : "",
			 faults.n ? faults.v[0].detail : err.text);
	return house_do(&house, &root, WORK_MATCH_ANY, import_step, net, &w);
}

static enum rc import_parts(struct parts p)
{
	struct buf text;

	netfile_write(&p, &text);
	enum rc rc = import(text.data, text.len);

	buf_fini(&text);
	return rc;
}

/* The example with the first `from` replaced. */
static enum rc import_with(const char *from, const char *to)
{
	const char *whole = buf_cstr(&liaoyang);
	const char *at = strstr(whole, from);
	struct buf text;

	assert_non_null(at);
	buf_init(&text, NETFILE_MAX);
	buf_add(&text, whole, (size_t)(at - whole));
	buf_str(&text, to);
	buf_str(&text, at + strlen(from));
	enum rc rc = import(text.data, text.len);

	buf_fini(&text);
	return rc;
}

static const struct msg_import_count *part(const char *name)
{
	const struct msg_import_count *v = report.parts.v;

	for (size_t i = 0; i < report.parts.n; i++)
		if (strcmp(v[i].part, name) == 0)
			return &v[i];
	fprintf(stderr, "no part %s\n", name);
	abort();
}

static void assert_part(const char *name, int64_t created, int64_t changed,
			int64_t removed)
{
	const struct msg_import_count *c = part(name);

	assert_int_equal(created, c->created);
	assert_int_equal(changed, c->changed);
	assert_int_equal(removed, c->removed);
}

/* All parts are as before, but for one where one thing changed. */
static void assert_only_changed(const char *name)
{
	const struct msg_import_count *v = report.parts.v;

	for (size_t i = 0; i < report.parts.n; i++) {
		bool is = name && strcmp(v[i].part, name) == 0;

		assert_part(v[i].part, 0, is, 0);
		assert_true(v[i].unchanged > 0 || is);
	}
}

static int64_t number(const char *sql)
{
	return scratch_number(house.db, sql);
}

/* --- the same again --- */

/* From now on nobody writes but the event log. */
static void forbid_writing(void)
{
	static const char *const tables[] = {
		"site",		 "calendar_day",   "limit_set",
		"agreement",	 "agreement_kind", "agreement_specialty",
		"subject",	 "expert",	   "expert_word",
		"secondment",	 "rule",	   "meta",
		"leave",	 "transfer",	   "roster",
		"roster_person", "place_share",
	};
	static const char *const verbs[] = {"INSERT", "UPDATE", "DELETE"};
	char sql[256];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (size_t k = 0; k < 3; k++) {
			snprintf(sql, sizeof(sql),
				 "CREATE TRIGGER no_%s_%s AFTER %s ON %s BEGIN"
				 " SELECT RAISE(ABORT, 'rewritten: %s'); END",
				 tables[i], verbs[k], verbs[k], tables[i],
				 tables[i]);
			scratch_run(house.db, sql);
		}
}

static void the_same_file_twice_changes_nothing(void **state)
{
	int64_t events = number("SELECT count(*) FROM event");

	(void)state;
	forbid_writing();
	if (import(liaoyang.data, liaoyang.len) != RC_OK)
		fail_msg("%s", w.err.text);
	assert_only_changed(NULL);
	/* That somebody imported is on record all the same. */
	assert_int_equal(events + 1, number("SELECT count(*) FROM event"));
}

/* --- one thing is another --- */

static const struct edit {
	const char *part, *from, *to;
} edits[] = {
	{"sites", "\"tier\": \"municipal\"", "\"tier\": \"provincial\""},
	{"sites", "\"short_name\": \"北京安贞医院\",", ""},
	{"limit_sets", "\"answer_minutes\": 30", "\"answer_minutes\": 31"},
	{"limit_sets", "\"answer_minutes\": 30,", ""},
	{"agreements", "\"surgical-guidance\": 40",
	 "\"surgical-guidance\": 41"},
	{"agreements", "\"surgical-guidance\": 40,", ""},
	{"agreements", "2024-12-31", "2025-12-31"},
	{"agreements", "\"limits\": \"heart\"", "\"limits\": \"neuro\""},
	{"resources", "\"capacity\": 8", "\"capacity\": 9"},
	{"resources", "\"path\": \"carrier-b\"", "\"path\": \"carrier-d\""},
	{"resources", "\"capacity\": 1,\n   \"path\": \"carrier-b\"",
	 "\"capacity\": 1"},
	{"resources", "远程会诊室 1", "远程会诊室 A"},
	{"experts", "\"buffer_minutes\": 10", "\"buffer_minutes\": 12"},
	{"experts", "\"title\": \"chief-physician\"",
	 "\"title\": \"attending\""},
	{"experts", "\"title\": \"chief-physician\",", ""},
	{"experts", "\"MRI\"", "\"PET\""},
	{"experts", "\"1995-08-01\"", "\"1996-08-01\""},
	{"availability", "FREQ=WEEKLY;BYDAY=MO,WE\"",
	 "FREQ=WEEKLY;BYDAY=MO,TH\""},
	{"availability", "2022-01-03T12:00", "2022-01-03T12:30"},
	{"availability", "\"on_holidays\": true", "\"on_holidays\": false"},
	{"secondments", "2023-03-31", "2023-04-30"},
	{"secondments", "\"remote_requests\": \"refuse\"",
	 "\"remote_requests\": \"allow\""},
	{"secondments", "2022-07-05T17:00", "2022-07-05T16:00"},
	{"calendars", "\"2022-09-10\"", "\"2022-09-09\""},
	{"agreements", "\"overrun_minutes\": 60", "\"overrun_minutes\": 61"},
	{"agreements", "\"cancel_notice_minutes\": 240",
	 "\"cancel_notice_minutes\": 0"},
	{"agreements", "\"lead_notice_minutes\": 60",
	 "\"lead_notice_minutes\": 61"},
	{"agreements", "\"partner_notice_minutes\": 120",
	 "\"partner_notice_minutes\": 0"},
	{"agreements", "\"late_change\": \"lead-only\"",
	 "\"late_change\": \"spends\""},
	{"agreements", "    \"modality\",\n", ""},
	{"agreements", "\"requires_emergency\": [\n    \"accompanied-by\"\n",
	 "\"requires_emergency\": [\n    \"purpose\"\n"},
	{"agreements", "\"supplement_minutes\": 1440",
	 "\"supplement_minutes\": 720"},
	{"agreements", "\"expiry_days\": 14", "\"expiry_days\": 15"},
	{"agreements", "\"ending_notice_days\": 60",
	 "\"ending_notice_days\": 0"},
	{"agreements", "\"receipt_minutes\": 720,", ""},
	{"agreements", "\"receipt_notices\": 5", "\"receipt_notices\": 4"},
	{"agreements", "\"signing_slack_minutes\": 10",
	 "\"signing_slack_minutes\": 11"},
	{"agreements", "\"overbook_most\": 2", "\"overbook_most\": 3"},
	{"agreements", "\"fairness_weeks\": 6", "\"fairness_weeks\": 0"},
	{"agreements", "\"night_call_minutes\": 90",
	 "\"night_call_minutes\": 91"},
	{"agreements", "\"places\": 6", "\"places\": 5"},
	{"agreements", "     \"expert\": \"coronary-1\",\n     \"rule\"",
	 "     \"rule\""},
	{"agreements", "     \"rule\": \"FREQ=WEEKLY;BYDAY=TU,TH\",\n", ""},
	{"agreements", "\"days_before\": 2", "\"days_before\": 1"},
	{"agreements", "\"until\": \"17:00\"", "\"until\": \"17:01\""},
	{"experts", "\"practice licence\"", "\"licence\""},
	{"experts", "\"valid_to\": \"2032-06-30\"",
	 "\"valid_to\": \"2032-07-30\""},
	{"experts", "     \"kinds\": [\n      \"surgical-guidance\"\n     ],\n",
	 ""},
	{"agreements", "\"early_minutes\": 120", "\"early_minutes\": 0"},
	{"agreements", "\"broadcast\"\n    ],", "\"treatment\"\n    ],"},
	{"agreements", "\"consent_minutes\": 720,", ""},
	{"agreements", "\"equipment_minutes\": 30", "\"equipment_minutes\": 0"},
	{"agreements", "\"link_minutes\": 15", "\"link_minutes\": 16"},
	{"agreements", "\"connected_minutes\": 5", "\"connected_minutes\": 6"},
	{"agreements", "\"moves_when_late\": true",
	 "\"moves_when_late\": false"},
	{"availability", "\"2023-05-05\"", "\"2023-05-06\""},
	{"availability", "\"2023-06-10\"", "\"2023-06-11\""},
	{"leave", "2023-08-21T00:00", "2023-08-28T00:00"},
	{"leave", "\"note\": \"annual leave\"", "\"note\": \"ill\""},
	{"leave", "\"time_zone\": \"Asia/Shanghai\",\n   \"note\"", "\"note\""},
	{"transfers", "\"minutes\": 360", "\"minutes\": 400"},
	{"calendars", "\"works_as\": \"TH\"", "\"works_as\": \"MO\""},
	{"limit_sets", "\"from\": \"14:00\"", "\"from\": \"13:30\""},
	{"limit_sets", "\"to\": \"17:30\"", "\"to\": \"24:00\""},
	{"limit_sets", "\"percent\": 150", "\"percent\": 125"},
	{"limit_sets", "      \"partner\",\n      \"administrator\"",
	 "      \"administrator\""},
	{"limit_sets", "\"offer_minutes\": 240",
	 "\"offer_minutes\": 240, \"offer_lapses\": 2"},
	{"limit_sets", "\"call_minutes\": 3", "\"call_minutes\": 4"},
	{"limit_sets", "\"papers_minutes\": 120", "\"papers_minutes\": 60"},
	{"on_call", "duty telephone 2", "duty telephone 5"},
	{"on_call", "\"turn_days\": 7", "\"turn_days\": 1"},
	{"on_call", "2022-01-03T08:00\",\n   \"until",
	 "2022-01-03T09:00\",\n   \"until"},
	{"on_call", "\"until\": \"2036-01-07T08:00\",", ""},
	{"on_call", "ward telephone, surgery", "another"},
	{"on_call", "2022-01-01T18:00\",\n     \"end",
	 "2022-01-01T17:00\",\n     \"end"},
	{"on_call", "\"expert\": \"cardiac-surgery-2\"",
	 "\"expert\": \"resident-new\""},
};

/* There and back again: one change each, and nothing else. */
static void what_changed_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const struct edit *e = &edits[i];

		print_message("%s: %s\n", e->part, e->from);
		if (import_with(e->from, e->to) != RC_OK)
			fail_msg("%s", w.err.text);
		assert_only_changed(e->part);
		assert_int_equal(RC_OK, import(liaoyang.data, liaoyang.len));
		assert_only_changed(e->part);
	}
}

/* --- rules --- */

#define RULE(of, byday)                                                        \
	"{'of':'" of "','rrule':'FREQ=WEEKLY;BYDAY=" byday                     \
	"','start':'2022-01-04T09:00','end':'2022-01-04T11:00',"               \
	"'time_zone':'Asia/Shanghai'}"
#define ECHO                                                                   \
	"{'id':'echo-1','name':'e','home':'anzhen',"                           \
	"'specialties':['imaging'],'kinds':['case-discussion']}"

static int64_t rules_of_echo(void)
{
	return number("SELECT count(*) FROM rule r JOIN subject s"
		      " ON s.id = r.subject WHERE s.slug = 'echo-1'");
}

static void rules_are_replaced_and_removed(void **state)
{
	int64_t all = number("SELECT count(*) FROM rule");

	(void)state;
	assert_int_equal(RC_OK,
			 import_parts((struct parts){
				 .availability = RULE("echo-1", "TU") "," RULE(
					 "echo-1", "FR"),
				 .experts = ECHO}));
	assert_part("availability", 0, 1, 0);
	assert_int_equal(2, rules_of_echo());
	assert_int_equal(all + 1, number("SELECT count(*) FROM rule"));
	/* Rules without their subject's row say all of the subject's rules. */
	assert_int_equal(RC_OK, import_parts((struct parts){
					.availability = RULE("echo-1", "FR")}));
	assert_part("availability", 0, 1, 0);
	assert_int_equal(1, rules_of_echo());
	/* A subject of the file that no rule names has none. */
	assert_int_equal(RC_OK, import_parts((struct parts){.experts = ECHO}));
	assert_part("availability", 0, 0, 1);
	assert_int_equal(0, rules_of_echo());
	assert_int_equal(RC_OK, import_parts((struct parts){.experts = ECHO}));
	assert_part("availability", 0, 0, 0);
	assert_int_equal(RC_OK, import_parts((struct parts){
					.availability = RULE("echo-1", "FR")}));
	assert_part("availability", 1, 0, 0);
	/* Others are left alone. */
	assert_int_equal(all, number("SELECT count(*) FROM rule"));
}

/* --- secondments --- */

#define STAY(from, to, rules)                                                  \
	"{'expert':'echo-1','site':'liaoyang-central','from':'" from           \
	"','to':'" to "','availability':[" rules "]}"
#define STAY_RULE                                                              \
	"{'rrule':'FREQ=DAILY','start':'2027-01-04T09:00',"                    \
	"'end':'2027-01-04T11:00','time_zone':'Asia/Shanghai',"                \
	"'at':'liaoyang-central/studio-1'}"
#define JANUARY(rules) STAY("2027-01-01", "2027-01-31", rules)
#define MARCH(rules) STAY("2027-03-01", "2027-03-31", rules)

#define RULES_FROM(day)                                                        \
	number("SELECT count(*) FROM rule r JOIN secondment s"                 \
	       " ON s.id = r.secondment WHERE s.first_day ="                   \
	       " CAST(julianday('" day "') - 2440587.5 AS INTEGER)")

static void secondments_come_move_and_go(void **state)
{
	int64_t own = rules_of_echo();

	(void)state;
	assert_int_equal(
		RC_OK,
		import_parts((struct parts){
			.experts = ECHO,
			.availability = RULE("echo-1", "TU"),
			.secondments = JANUARY(STAY_RULE) "," MARCH("")}));
	assert_part("secondments", 1, 0, 0);
	assert_int_equal(own + 1, rules_of_echo());
	assert_int_equal(1, RULES_FROM("2027-01-01"));
	/* The rule goes from one stay to the other. */
	assert_int_equal(
		RC_OK,
		import_parts((struct parts){
			.experts = ECHO,
			.availability = RULE("echo-1", "TU"),
			.secondments = JANUARY("") "," MARCH(STAY_RULE)}));
	assert_part("secondments", 0, 1, 0);
	assert_int_equal(0, RULES_FROM("2027-01-01"));
	assert_int_equal(1, RULES_FROM("2027-03-01"));
	/* Of an expert whom the file does not describe. */
	assert_int_equal(RC_OK, import_parts((struct parts){
					.secondments = JANUARY(STAY_RULE)}));
	assert_part("secondments", 0, 1, 0);
	assert_int_equal(1, number("SELECT count(*) FROM secondment s"
				   " JOIN subject e ON e.id = s.expert"
				   " WHERE e.slug = 'echo-1'"));
	assert_int_equal(RC_OK, import_parts((struct parts){.experts = ECHO}));
	assert_part("secondments", 0, 0, 1);
	assert_int_equal(0, rules_of_echo());
}

/* --- days, leave and ways --- */

/* How they are written does not matter, only what they say. */
static void sets_are_compared_as_sets(void **state)
{
	static const char *const edits_of_nothing[][2] = {
		{"\"2023-05-04\"", "\"2023-05-05\", \"2023-05-04\""},
		{"\"from\": \"anzhen/studio-1\",\n   "
		 "\"to\": \"anzhen/clinic-3\"",
		 "\"from\": \"anzhen/clinic-3\",\n   "
		 "\"to\": \"anzhen/studio-1\""},
		{"\"urology\"", "\"urology\", \"urology\""},
		{"\"neurology\",", "\"neurosurgery\", \"neurology\","},
	};

	(void)state;
	forbid_writing();
	for (size_t i = 0;
	     i < sizeof(edits_of_nothing) / sizeof(edits_of_nothing[0]); i++) {
		if (import_with(edits_of_nothing[i][0],
				edits_of_nothing[i][1]) != RC_OK)
			fail_msg("%s", w.err.text);
		assert_only_changed(NULL);
		assert_int_equal(0, report.changes.n);
	}
}

#define DAYS(column)                                                           \
	number("SELECT count(*) FROM rule r JOIN subject s"                    \
	       " ON s.id = r.subject WHERE s.slug = 'echo-1'"                  \
	       " AND " column)

/* 2027-01-04 is day 20822. */
static void days_are_kept_in_order_and_once(void **state)
{
	(void)state;
	assert_int_equal(
		RC_OK,
		import_parts((struct parts){
			.availability =
				"{'of':'echo-1','rrule':'FREQ=DAILY',"
				"'start':'2022-01-04T09:00',"
				"'end':'2022-01-04T11:00','time_zone':'UTC',"
				"'exdates':['2027-01-06','2027-01-04',"
				"'2027-01-06'],'rdates':['1969-12-31']}"}));
	assert_int_equal(1, DAYS("r.exdates = '20822 20824'"));
	assert_int_equal(1, DAYS("r.rdates = '-1'"));
}

#define POOL(minutes)                                                          \
	"{'of':'echo-1','rrule':'FREQ=WEEKLY;BYDAY=FR',"                       \
	"'start':'2022-01-07T13:30','end':'2022-01-07T17:00',"                 \
	"'time_zone':'Asia/Shanghai','at':'anzhen/studio-1',"                  \
	"'kinds':['remote-consultation','imaging-consultation'],"              \
	"'pool':{'specialty':'imaging','threshold':6,"                         \
	"'minutes':{'imaging-consultation':" minutes "}}}"

static void terms_of_half_days_are_kept(void **state)
{
	(void)state;
	assert_int_equal(RC_OK,
			 import_parts((struct parts){.availability = POOL("5"),
						     .experts = ECHO}));
	assert_int_equal(1, DAYS("r.pool = 'imaging 6 1440"
				 " remote-consultation:30"
				 " imaging-consultation:5'"));
	assert_int_equal(RC_OK,
			 import_parts((struct parts){.availability = POOL("5"),
						     .experts = ECHO}));
	assert_part("availability", 0, 0, 0);
	assert_int_equal(RC_OK,
			 import_parts((struct parts){.availability = POOL("6"),
						     .experts = ECHO}));
	assert_part("availability", 0, 1, 0);
}

#define LEAVE(of, day)                                                         \
	"{'of':'" of "','start':'" day "T08:00','end':'" day "T12:00'}"

#define LEAVE_OF(slug)                                                         \
	number("SELECT count(*) FROM leave l JOIN subject s"                   \
	       " ON s.id = l.subject WHERE s.slug = '" slug "'")

static void leave_comes_and_goes_with_its_subject(void **state)
{
	(void)state;
	/* Of somebody whom the file does not describe. */
	assert_int_equal(
		RC_OK, import_parts((struct parts){
			       .leave = LEAVE("echo-1", "2027-01-04") "," LEAVE(
				       "anzhen/bridge", "2027-01-05")}));
	assert_part("leave", 2, 0, 0);
	assert_int_equal(1, LEAVE_OF("anzhen/bridge"));
	assert_int_equal(2, LEAVE_OF("electrophysiology-1"));
	/* Others come to it. */
	assert_int_equal(
		RC_OK, import_parts((struct parts){
			       .experts = ECHO,
			       .leave = LEAVE("echo-1", "2027-01-04") "," LEAVE(
				       "echo-1", "2027-02-04")}));
	assert_part("leave", 0, 1, 0);
	assert_int_equal(2, LEAVE_OF("echo-1"));
	/* Whoever is described without leave has none. */
	assert_int_equal(RC_OK, import_parts((struct parts){.experts = ECHO}));
	assert_part("leave", 0, 0, 1);
	assert_int_equal(0, LEAVE_OF("echo-1"));
	assert_int_equal(1, LEAVE_OF("anzhen/bridge"));
}

#define WAY(a, b, minutes) "{'from':'" a "','to':'" b "','minutes':" minutes "}"
#define ANZHEN "{'id':'anzhen','name':'a','time_zone':'Asia/Shanghai'}"
#define WAYS number("SELECT count(*) FROM transfer")

static void ways_belong_to_their_sites(void **state)
{
	int64_t had = WAYS;

	(void)state;
	/* Sites that the file does not describe keep theirs. */
	assert_int_equal(
		RC_OK, import_parts((struct parts){
			       .transfers = WAY("pumch", "pumch", "7") "," WAY(
				       "tiantan", "pumch", "30")}));
	assert_part("transfers", 2, 0, 0);
	assert_int_equal(had + 2, WAYS);
	assert_int_equal(RC_OK,
			 import_parts((struct parts){
				 .transfers = WAY("pumch", "tiantan", "40")}));
	assert_part("transfers", 0, 1, 0);
	assert_int_equal(had + 2, WAYS);
	/* One that it describes has those that it lists: here one of the two
	 * of anzhen, and none of the others is anzhen's. */
	assert_int_equal(RC_OK,
			 import_parts((struct parts){
				 .sites = ANZHEN,
				 .transfers = WAY("anzhen/clinic-3",
						  "anzhen/studio-1", "10")}));
	assert_part("transfers", 0, 0, 1);
	assert_int_equal(1, part("transfers")->unchanged);
	assert_int_equal(had + 1, WAYS);
	assert_int_equal(0, number("SELECT count(*) FROM transfer"
				   " WHERE minutes = 360"));
}

/* --- what is told --- */

static const struct msg_import_change *changes(size_t n)
{
	assert_int_equal(n, report.changes.n);
	return report.changes.v;
}

static void each_change_is_named(void **state)
{
	(void)state;
	assert_int_equal(RC_OK,
			 import_parts((struct parts){
				 .sites = "{'id':'new','name':'n',"
					  "'time_zone':'UTC'}",
				 .experts = ECHO,
				 .transfers = WAY("new", "pumch", "60")}));
	const struct msg_import_change *v = changes(4);
	static const struct msg_import_change wanted[] = {
		{"sites", "new", "created"},
		{"experts", "echo-1", "changed"},
		{"availability", "echo-1", "removed"},
		{"transfers", "new - pumch", "created"},
	};

	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(wanted[i].part, v[i].part);
		assert_string_equal(wanted[i].id, v[i].id);
		assert_string_equal(wanted[i].change, v[i].change);
	}
	assert_false(report.dry_run);
}

static void what_is_not_kept_is_said(void **state)
{
	(void)state;
	assert_int_equal(
		RC_OK,
		import_parts((struct parts){
			.agreements =
				"{'id':'x','lead':'anzhen','partner':'pumch',"
				"'valid_from':'2022-01-01','valid_to':"
				"'2022-12-31','kinds':['case-discussion'],"
				"'quota_per_month':{'free-clinic':1}}"}));
	size_t n = report.warnings.n;

	assert_true(n > 0);
	assert_string_equal("x has a quota for free-clinic, which is not among"
			    " its kinds",
			    report.warnings.v[n - 1]);
}

static void a_note_is_kept_until_another_comes(void **state)
{
	(void)state;
	assert_int_equal(RC_OK, import_parts((struct parts){0}));
	assert_int_equal(0, report.changes.n);
	assert_int_equal(1, number("SELECT count(*) FROM meta"
				   " WHERE name = 'note'"
				   " AND value LIKE 'A municipal%'"));
	assert_int_equal(RC_OK, import_with("A municipal hospital", "A city"));
	assert_string_equal("note", changes(1)->part);
	assert_int_equal(1, number("SELECT count(*) FROM meta"
				   " WHERE name = 'note'"
				   " AND value LIKE 'A city%'"));
}

/* --- a capacity that is needed --- */

/* Two bookings that use the bridge at the same time. */
static void use_bridge_twice(void)
{
	scratch_run(house.db,
		    "INSERT INTO identity (id, name, role, made_at)"
		    " VALUES (99, 'n', 'system', 0);"
		    "INSERT INTO booking (id, code, agreement, lead, partner,"
		    " kind, status, from_time, to_time, owner, owner_site,"
		    " version) SELECT n.i, CAST(n.i AS TEXT), a.id, a.lead,"
		    " a.partner, 'remote-consultation', 'booked', 600, 1200,"
		    " 99, a.lead, 1 FROM agreement a,"
		    " (SELECT 1 AS i UNION ALL SELECT 2) n"
		    " WHERE a.slug = 'heart-centre';"
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role) SELECT s.id, 300 + 300 * b.id, 900 + 300 * b.id,"
		    " b.id, 'resource' FROM subject s, booking b"
		    " WHERE s.slug = 'anzhen/bridge'");
}

static void a_capacity_in_use_is_not_lowered(void **state)
{
	(void)state;
	use_bridge_twice();
	assert_int_equal(RC_OK,
			 import_with("\"capacity\": 8", "\"capacity\": 2"));
	assert_only_changed("resources");
	assert_int_equal(RC_INVALID,
			 import_with("\"capacity\": 8", "\"capacity\": 1"));
	assert_int_equal(1, w.faults.n);
	assert_string_equal("/resources/3", w.faults.v[0].pointer);
	assert_non_null(strstr(w.faults.v[0].detail, "more places are taken"));
	assert_int_equal(2, number("SELECT capacity FROM subject"
				   " WHERE slug = 'anzhen/bridge'"));
	/* A hold that has lapsed needs nothing, ended or not. */
	scratch_run(house.db, "UPDATE booking SET status = 'pending',"
			      " hold_until = 700 WHERE id = 2;"
			      "UPDATE claim SET hold_until = 700"
			      " WHERE booking = 2");
	assert_int_equal(RC_OK,
			 import_with("\"capacity\": 8", "\"capacity\": 1"));
	assert_only_changed("resources");
}

/* --- whom an agreement joins --- */

static void an_agreement_stays_between_its_two(void **state)
{
	(void)state;
	assert_int_equal(RC_INVALID, import_with("\"lead\": \"tiantan\"",
						 "\"lead\": \"pumch\""));
	assert_int_equal(1, w.faults.n);
	assert_int_equal(0, strncmp(w.faults.v[0].pointer, "/agreements/", 12));
	assert_int_equal(1, number("SELECT count(*) FROM agreement a"
				   " JOIN site s ON s.id = a.lead"
				   " WHERE a.slug = 'neuro'"
				   " AND s.slug = 'tiantan'"));
}

/* --- a large one --- */

static void the_large_network_is_loaded_in_time(void **state)
{
	struct buf file;
	int64_t begun, took;

	(void)state;
	buf_init(&file, NETFILE_MAX);
	assert_int_equal(RC_OK, file_read("examples/xuzhou.json", &file, NULL));
	begun = clock_mono_ms(clock_system());
	if (import(file.data, file.len) != RC_OK)
		fail_msg("%s", w.err.text);
	took = clock_mono_ms(clock_system()) - begun;
	print_message("xuzhou.json: %zu bytes in %lld ms\n", file.len,
		      (long long)took);
	assert_true(took < XUZHOU_MS);
	assert_part("sites", 412, 0, 0);
	assert_part("agreements", 3903, 0, 0);
	assert_part("resources", 2115, 0, 0);
	assert_part("experts", 1396, 0, 0);
	assert_int_equal(1000, report.changes.n); /* the first of 8,000 */
	/* Abroad are the patients' hospitals of the other zones. */
	assert_int_equal(8, number("SELECT count(DISTINCT time_zone)"
				   " FROM site"));
	assert_int_equal(1, number("SELECT count(*) > 0 FROM site"
				   " WHERE time_zone = 'Asia/Kathmandu'"));
	assert_int_equal(3393 + 2 + 25, number("SELECT count(*) FROM rule"));
	begun = clock_mono_ms(clock_system());
	assert_int_equal(RC_OK, import(file.data, file.len));
	print_message("again: %lld ms\n",
		      (long long)(clock_mono_ms(clock_system()) - begun));
	assert_part("agreements", 0, 0, 0);
	assert_part("experts", 0, 0, 0);
	assert_part("availability", 0, 0, 0);
	assert_int_equal(0, report.changes.n);
	buf_fini(&file);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_same_file_twice_changes_nothing),
		TEST(what_changed_is_said),
		TEST(rules_are_replaced_and_removed),
		TEST(secondments_come_move_and_go),
		TEST(sets_are_compared_as_sets),
		TEST(days_are_kept_in_order_and_once),
		TEST(terms_of_half_days_are_kept),
		TEST(leave_comes_and_goes_with_its_subject),
		TEST(ways_belong_to_their_sites),
		TEST(each_change_is_named),
		TEST(what_is_not_kept_is_said),
		TEST(a_note_is_kept_until_another_comes),
		TEST(a_capacity_in_use_is_not_lowered),
		TEST(an_agreement_stays_between_its_two),
		TEST(the_large_network_is_loaded_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
