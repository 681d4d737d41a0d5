#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/messages.h"
#include "tests/support/fake.h"

#define ARENA_MAX (1 << 20)

struct got {
	struct arena arena;
	struct field_faults faults;
	struct err err;
	enum rc rc;
	union {
		struct msg_request_new request;
		struct msg_reason reason;
		struct msg_book book;
		struct msg_net_calendar calendar;
		struct msg_net_agreement agreement;
		struct msg_net_rule rule;
		struct msg_network network;
		struct msg_booking booking;
		char raw[1024];
	} out;
};

static void decode_bytes(const struct msg *msg, const char *json, size_t len,
			 int mode, struct got *got)
{
	assert_true(msg->size <= sizeof(got->out));
	memset(got, 0, sizeof(*got));
	arena_init(&got->arena, ARENA_MAX);
	got->rc = proto_decode(msg, json, len, mode, &got->arena, &got->out,
			       &got->faults, &got->err);
}

static void decode(const struct msg *msg, const char *json, int mode,
		   struct got *got)
{
	decode_bytes(msg, json, strlen(json), mode, got);
}

/* "pointer: detail" of every fault, one a line. */
static void show_faults(const struct got *got, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < got->faults.n && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s: %s\n",
					got->faults.v[i].pointer,
					got->faults.v[i].detail);
}

/* --- a whole message --- */

static const char whole[] =
	"{\"kind\":\"remote-consultation\",\"site\":\"liaoyang-central\","
	"\"urgency\":\"urgent\",\"reason\":\"胸痛\\n两小时\","
	"\"expert\":\"coronary-1\",\"duration_minutes\":30,"
	"\"wanted\":[{\"from\":\"2026-12-01T09:30:00+08:00\","
	"\"to\":\"2026-12-01T02:00:00Z\"},"
	"{\"from\":\"2026-12-02T00:00:00Z\",\"to\":\"2026-12-02T01:00:00Z\"}],"
	"\"patient\":{\"local_id\":\"M-17\",\"name\":\"\\u5f20\\u4e09\"}}";

static void test_whole(void **state)
{
	const struct msg_interval *wanted;
	struct got got;

	(void)state;
	decode(&msg_request_new_table, whole, PROTO_STRICT, &got);
	assert_int_equal(got.rc, RC_OK);
	assert_int_equal(got.faults.n, 0);
	assert_int_equal(got.out.request.kind, KIND_REMOTE_CONSULTATION);
	assert_string_equal(got.out.request.site, "liaoyang-central");
	assert_int_equal(got.out.request.urgency, URGENCY_URGENT);
	assert_string_equal(got.out.request.reason, "胸痛\n两小时");
	assert_string_equal(got.out.request.expert, "coronary-1");
	assert_int_equal(got.out.request.duration_minutes, 30);
	assert_int_equal(got.out.request.wanted.n, 2);
	wanted = got.out.request.wanted.v;
	assert_int_equal(wanted[0].from, 1796088600);
	assert_int_equal(wanted[0].to, 1796090400);
	assert_int_equal(wanted[1].from, 1796169600);
	assert_string_equal(got.out.request.patient->local_id, "M-17");
	assert_string_equal(got.out.request.patient->name, "张三");
	/* absent */
	assert_null(got.out.request.agreement);
	assert_null(got.out.request.purpose);
	assert_null(got.out.request.patient->summary);
	arena_fini(&got.arena);
}

static void test_absent(void **state)
{
	struct got got;

	(void)state;
	decode(&msg_book_table,
	       "{\"request\":\"7k2m-qx9d\",\"at\":\"2026-12-01T00:00:00Z\"}",
	       PROTO_STRICT, &got);
	/* the check character of that code is not the right one */
	assert_int_equal(got.rc, RC_INVALID);
	assert_int_equal(got.faults.n, 1);
	assert_string_equal(got.faults.v[0].pointer, "/request");
	assert_int_equal(got.out.book.duration_minutes, FIELD_NONE);
	assert_int_equal(got.out.book.with.n, 0);
	assert_null(got.out.book.expert);
	arena_fini(&got.arena);
}

/* --- what is refused, and where --- */

#define REQUIRED_ " is required\n"
#define MINIMAL                                                                \
	"\"kind\":\"referral\",\"site\":\"a\",\"reason\":\"r\","               \
	"\"patient\":{\"local_id\":\"1\",\"name\":\"n\"}"
#define TIMES_ "must be an RFC 3339 time with an offset, in whole seconds\n"

static const struct refusal {
	const struct msg *msg;
	const char *json;
	const char *faults;
} refusals[] = {
	{&msg_decline_table, "{}", "/reason:" REQUIRED_},
	{&msg_decline_table, "[]", ": must be an object\n"},
	{&msg_decline_table, "{\"reason\":null}",
	 "/reason: must be a string\n"},
	{&msg_decline_table, "{\"reason\":7}", "/reason: must be a string\n"},
	{&msg_decline_table, "{\"reason\":[\"x\"]}",
	 "/reason: must be a string\n"},
	{&msg_decline_table, "{\"reason\":\"\"}",
	 "/reason: must have 1 to 1000 characters\n"},
	{&msg_decline_table, "{\"reason\":\"a\\u0007\"}",
	 "/reason: must not have control characters\n"},
	{&msg_decline_table, "{\"reason\":\"a\\u0085\"}",
	 "/reason: must not have control characters\n"},
	{&msg_decline_table, "{\"reason\":\"x\",\"resaon\":1}",
	 "/resaon: there is no such field\n"},
	{&msg_decline_table, "{\"reason\":\"x\",\"a/b~c\":{}}",
	 "/a~1b~0c: there is no such field\n"},
	{&msg_decline_table, "{\"reason\":\"x\",\"\":1}",
	 "/: there is no such field\n"},
	/* a name that is not fit to be shown */
	{&msg_decline_table, "{\"reason\":\"x\",\"\\u001b[31m\":1}",
	 ": there is no such field\n"},
	{&msg_decline_table,
	 "{\"reason\":\"x\",\"0123456789012345678901234567890123456789"
	 "0123456789012345678901234\":1}",
	 ": there is no such field\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"title\":\"a\\nb\"}",
	 "/title: must not have control characters\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":4}",
	 "/duration_minutes: must be 5 to 1440\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":1441}",
	 "/duration_minutes: must be 5 to 1440\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":-30}",
	 "/duration_minutes: must be 5 to 1440\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":30.0}",
	 "/duration_minutes: must be a whole number, in digits alone\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":3e1}",
	 "/duration_minutes: must be a whole number, in digits alone\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":\"30\"}",
	 "/duration_minutes: must be a whole number, in digits alone\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"duration_minutes\":true}",
	 "/duration_minutes: must be a whole number, in digits alone\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"urgency\":\"Routine\"}",
	 "/urgency: must be one of emergency, urgent, routine\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"urgency\":2}",
	 "/urgency: must be a string\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"expert\":\"-a\"}",
	 "/expert: must be a slug: at most 64 of a-z, 0-9 and hyphens, no "
	 "hyphen at either end\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"wanted\":{}}",
	 "/wanted: must be an array\n"},
	{&msg_request_new_table, "{" MINIMAL ",\"wanted\":[[]]}",
	 "/wanted/0: must be an object\n"},
	{&msg_request_new_table,
	 "{" MINIMAL ",\"wanted\":[{\"from\":\"2026-12-01T09:30:00Z\","
	 "\"to\":\"2026-12-01T09:30\"},{\"from\":5,\"too\":1}]}",
	 "/wanted/0/to: " TIMES_ "/wanted/1/from: must be a string\n"
	 "/wanted/1/to:" REQUIRED_ "/wanted/1/too: there is no such field\n"},
	{&msg_request_new_table,
	 "{" MINIMAL ",\"wanted\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}",
	 "/wanted: must have at most 16 elements\n"},
	{&msg_request_new_table,
	 "{\"kind\":\"x-ray\",\"patient\":[],\"site\":\"A B\"}",
	 "/kind: must be one of remote-consultation, imaging-consultation, "
	 "case-discussion, surgical-guidance, surgery-demonstration, "
	 "teaching-round, remote-surgery, emergency-consultation, "
	 "clinic-slot, free-clinic, onsite-visit, onsite-procedure, "
	 "referral, case-conference\n"
	 "/site: must be a slug: at most 64 of a-z, 0-9 and hyphens, no "
	 "hyphen at either end\n"
	 "/reason:" REQUIRED_ "/patient: must be an object\n"},
	/* what is within a patient is not repeated, not even as a name */
	{&msg_request_new_table,
	 "{\"kind\":\"referral\",\"site\":\"a\",\"reason\":\"r\","
	 "\"patient\":{\"local_id\":\"\",\"wang\":\"wu\"}}",
	 "/patient/local_id: must have 1 to 64 characters\n"
	 "/patient/name:" REQUIRED_ "/patient: there is no such field\n"},
	{&msg_book_table,
	 "{\"request\":5,\"at\":\"2026-02-29T00:00:00Z\","
	 "\"with\":[\"anzhen/or-2\",\"anzhen\",7]}",
	 "/request: must be a string\n/at: " TIMES_
	 "/with/1: must be a resource: site/name\n/with/2: must be a string\n"},
	{&msg_book_table, "{\"request\":\"\",\"at\":\"\"}",
	 "/request: must be a code such as 7K2M-QX9D\n/at: " TIMES_},
	/* only a hold has them */
	{&msg_book_table,
	 "{\"request\":\"0000-0000\",\"at\":\"2026-12-01T00:00:00Z\","
	 "\"hold_minutes\":5}",
	 "/hold_minutes: there is no such field\n"},
	{&msg_hold_table,
	 "{\"request\":\"0000-0000\",\"at\":\"2026-12-01T00:00:00Z\","
	 "\"hold_minutes\":31}",
	 "/hold_minutes: must be 1 to 30\n"},
	{&msg_net_calendar_table,
	 "{\"days_off\":[\"2023-01-27\",\"2023-1-28\"],"
	 "\"shifted_workdays\":[{\"date\":\"2023-02-30\",\"works_as\":\"fr\"}]"
	 "}",
	 "/days_off/1: must be a date: YYYY-MM-DD\n"
	 "/shifted_workdays/0/date: must be a date: YYYY-MM-DD\n"
	 "/shifted_workdays/0/works_as: must be one of MO, TU, WE, TH, FR, SA, "
	 "SU\n"},
	{&msg_net_agreement_table,
	 "{\"id\":\"i\",\"lead\":\"l\",\"partner\":\"p\","
	 "\"valid_from\":\"2024-01-01\",\"valid_to\":\"2024-12-31\","
	 "\"kinds\":[\"referral\",\"clinic-slot\",\"referral\",1],"
	 "\"quota_per_month\":{\"referral\":-1,\"x\":3,\"clinic-slot\":2.5}}",
	 "/kinds/2: must stand once only\n/kinds/3: must be a string\n"
	 "/quota_per_month/referral: must be 0 to 1000000\n"
	 "/quota_per_month/x: there is no such word\n"
	 "/quota_per_month/clinic-slot: must be a whole number, in digits "
	 "alone\n"},
	{&msg_net_agreement_table,
	 "{\"id\":\"i\",\"lead\":\"l\",\"partner\":\"p\","
	 "\"valid_from\":\"2024-01-01\",\"valid_to\":\"2024-12-31\","
	 "\"kinds\":{},\"quota_per_month\":[]}",
	 "/kinds: must be an array\n/quota_per_month: must be an object\n"},
	{&msg_net_rule_table,
	 "{\"rrule\":\"FREQ=DAILY\",\"start\":\"2022-01-04T13:30Z\","
	 "\"end\":\"2022-01-04T16:30:30\",\"time_zone\":\"UTC\","
	 "\"on_holidays\":\"true\"}",
	 "/start: must be a local time in whole minutes, without an offset: "
	 "YYYY-MM-DDTHH:MM\n"
	 "/end: must be a local time in whole minutes, without an offset: "
	 "YYYY-MM-DDTHH:MM\n"
	 "/on_holidays: must be true or false\n"},
	{&msg_decline_table, "{\"reason\":\" \\t\\u3000\"}",
	 "/reason: must not be blank\n"},
	/* experts and patients are no resources */
	{&msg_net_resource_table,
	 "{\"id\":\"a/b\",\"name\":\"n\",\"type\":\"patient\",\"capacity\":1}",
	 "/type: must be one of studio, clinic-room, operating-room, link, "
	 "robot, ward, station, device\n"},
	{&msg_network_table,
	 "{\"version\":2,\"sites\":[],\"agreements\":{},\"resources\":[],"
	 "\"experts\":[],\"availability\":[],\"calendars\":{\"c n\":{},"
	 "\"cn\":[],\"us\":{\"days_off\":[7]}},\"limit_sets\":[]}",
	 "/version: must be 1 to 1\n"
	 "/calendars/c n: its name must be a slug\n"
	 "/calendars/cn: must be an object\n"
	 "/calendars/us/days_off/0: must be a string\n"
	 "/limit_sets: must be an object\n/agreements: must be an array\n"},
};

static void test_refusals(void **state)
{
	char shown[4096];
	struct got got;

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		decode(refusals[i].msg, refusals[i].json, PROTO_STRICT, &got);
		show_faults(&got, shown, sizeof(shown));
		assert_string_equal(shown, refusals[i].faults);
		assert_int_equal(got.rc, RC_INVALID);
		arena_fini(&got.arena);
	}
}

/* --- what is no JSON for us --- */

#define LIT(s) s, sizeof(s) - 1

static const struct malformed {
	const char *json;
	size_t len;
	const char *says;
} malformeds[] = {
	{LIT(""), "ends too early"},
	{LIT(" "), "ends too early"},
	{LIT("\"x\""), "not well formed"},
	{LIT("17"), "not well formed"},
	{LIT("{"), "ends too early"},
	{LIT("{\"reason\":\"x"), "ends too early"},
	{LIT("{\"reason\":\"x\""), "ends too early"},
	{LIT("{\"reason\":\"x\"} x"), "behind"},
	{LIT("{\"reason\":\"x\"}{}"), "behind"},
	{LIT("{\"reason\":\"x\",}"), "not well formed"},
	{LIT("{\"reason\":\"x\" \"y\"}"), "not well formed"},
	{LIT("{'reason':'x'}"), "not well formed"},
	{LIT("{reason:\"x\"}"), "not well formed"},
	{LIT("{\"reason\":NaN}"), "not well formed"},
	{LIT("{\"reason\":True}"), "not well formed"},
	{LIT("{\"reason\":01}"), "not well formed"},
	{LIT("{\"reason\":+1}"), "not well formed"},
	{LIT("{\"reason\":.5}"), "not well formed"},
	{LIT("{\"reason\":\"a\nb\"}"), "not well formed"},
	{LIT("{\"reason\":\"a\\x\"}"), "not well formed"},
	{LIT("{/* */\"reason\":\"x\"}"), "not well formed"},
	{LIT("{\"reason\":\"x\",\"reason\":\"y\"}"), "twice"},
	{LIT("{\"reason\":\"x\",\"r\\u0065ason\":\"y\"}"), "twice"},
	{LIT("{\"reason\":99999999999999999999}"), "too large"},
	{LIT("{\"reason\":-9223372036854775809}"), "too large"},
	{LIT("{\"reason\":1e999}"), "too large"},
	{LIT("{\"reason\":\"\\u0000\"}"), "NUL"},
	{LIT("{\"reason\\u0000\":\"x\"}"), "NUL"},
	{LIT("{\"reason\":\"x\"}\0"), "NUL"},
	{LIT("{\"reason\":\"\\ud800\"}"), "not well formed"},
	{LIT("{\"reason\":\"\\udc00\\ud800\"}"), "not well formed"},
	{LIT("{\"reason\":\"\\ud800\\u0041\"}"), "not well formed"},
	{LIT("{\"reason\":\"\xed\xa0\x80\"}"), "not UTF-8"},
	{LIT("{\"reason\":\"\xc0\xaf\"}"), "not UTF-8"},
	{LIT("{\"reason\":\"\xf5\x80\x80\x80\"}"), "not UTF-8"},
	{LIT("{\"reason\":\"\xe8\x83\"}"), "not UTF-8"},
	{LIT("\xff\xfe{\0}\0"), "not UTF-8"},
	{LIT("\xef\xbb\xbf{\"reason\":\"x\"}"), "not well formed"},
	{LIT("[[[[[[[[[]]]]]]]]]"), "deeper than 8 (line 1, column 9)"},
	/* where it is, in lines and characters, from 1 */
	{LIT("{\n\"reason\":\n\"\xe8\x83\xb8\xff\"}"), "(line 3, column 3)"},
	{LIT("\xff"), "(line 1, column 1)"},
	{LIT("{\n \"reason\":\"\xe8\x83\xb8\",\n\"reason\":1}"),
	 "(line 3, column 8)"},
	{LIT("{\n\"reason\":\"\xe8\x83\xb8\" ?}"), "(line 2, column 14)"},
	{LIT("{\"reason\":\n\"x\"\n"), "(line 3, column 0)"},
	{LIT("{\"a\":[[{\"b\":[[{\"c\":[[]]}]]}]]}"), "deeper than 8"},
};

static void test_malformed(void **state)
{
	struct got got;

	(void)state;
	for (size_t i = 0; i < sizeof(malformeds) / sizeof(malformeds[0]);
	     i++) {
		decode_bytes(&msg_decline_table, malformeds[i].json,
			     malformeds[i].len, PROTO_LENIENT, &got);
		if (got.rc != RC_MALFORMED ||
		    strstr(got.err.text, malformeds[i].says) == NULL)
			fail_msg("%s: %s", malformeds[i].json, got.err.text);
		assert_int_equal(got.faults.n, 0);
		arena_fini(&got.arena);
	}
}

/* Brackets within strings are no depth, and an escape does not end one. */
static void test_depth_in_strings(void **state)
{
	struct got got;

	(void)state;
	decode(&msg_decline_table, "{\"reason\":\"[[[[\\\"[[[[[[[[[[\\\\\"}",
	       PROTO_STRICT, &got);
	assert_int_equal(got.rc, RC_OK);
	assert_string_equal(got.out.reason.reason, "[[[[\"[[[[[[[[[[\\");
	arena_fini(&got.arena);
	decode(&msg_decline_table, "{\"reason\":\"x\",\"y\":[[[[[[[0]]]]]]]}",
	       PROTO_LENIENT, &got);
	assert_int_equal(got.rc, RC_OK);
	arena_fini(&got.arena);
}

static void test_nested_bomb(void **state)
{
	static char bomb[200000];
	struct got got;

	(void)state;
	memset(bomb, '[', sizeof(bomb) / 2);
	memset(bomb + sizeof(bomb) / 2, ']', sizeof(bomb) / 2);
	decode_bytes(&msg_decline_table, bomb, sizeof(bomb), PROTO_STRICT,
		     &got);
	assert_int_equal(got.rc, RC_MALFORMED);
	arena_fini(&got.arena);
	decode_bytes(&msg_decline_table, bomb, sizeof(bomb) / 2, PROTO_LENIENT,
		     &got);
	assert_int_equal(got.rc, RC_MALFORMED);
	arena_fini(&got.arena);
}

/* The worst that a body can make of our memory: it is read all the same. */
static void test_wide_bomb(void **state)
{
	static const char *const elements[] = {"{},", "[],", "0,", "\"\","};
	static char bomb[65536];
	struct got got;

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		size_t step = strlen(elements[k]);
		size_t len = 1;

		bomb[0] = '[';
		for (; len + step + 1 < sizeof(bomb); len += step)
			memcpy(bomb + len, elements[k], step);
		bomb[len - 1] = ']';
		decode_bytes(&msg_decline_table, bomb, len, PROTO_STRICT, &got);
		assert_int_equal(got.rc, RC_INVALID);
		arena_fini(&got.arena);
	}
}

static void test_lenient(void **state)
{
	struct got got;

	(void)state;
	decode(&msg_decline_table,
	       "{\"new\":{\"x\":[1.5]},\"reason\":\"x\",\"more\":null}",
	       PROTO_LENIENT, &got);
	assert_int_equal(got.rc, RC_OK);
	assert_string_equal(got.out.reason.reason, "x");
	arena_fini(&got.arena);
	/* what it knows is as strict as ever */
	decode(&msg_decline_table, "{\"reason\":1,\"more\":null}",
	       PROTO_LENIENT, &got);
	assert_int_equal(got.rc, RC_INVALID);
	assert_int_equal(got.faults.n, 1);
	arena_fini(&got.arena);
}

/* A bound counts characters: 1000 of three bytes each are allowed. */
static void test_characters(void **state)
{
	static char json[4000];
	struct got got;

	(void)state;
	for (size_t n = 999; n <= 1001; n++) {
		char *p = stpcpy(json, "{\"reason\":\"");

		for (size_t i = 0; i < n; i++)
			p = stpcpy(p, "胸");
		(void)stpcpy(p, "\"}");
		decode(&msg_decline_table, json, PROTO_STRICT, &got);
		assert_int_equal(got.rc, n <= 1000 ? RC_OK : RC_INVALID);
		arena_fini(&got.arena);
	}
}

static void test_many_faults(void **state)
{
	static char json[4096];
	char *p = stpcpy(json, "{\"reason\":\"x\"");
	struct got got;

	(void)state;
	for (int i = 0; i < 100; i++)
		p += sprintf(p, ",\"f%d\":0", i);
	(void)stpcpy(p, "}");
	decode(&msg_decline_table, json, PROTO_STRICT, &got);
	assert_int_equal(got.rc, RC_INVALID);
	assert_int_equal(got.faults.n, FIELD_FAULTS_MAX);
	assert_int_equal(got.faults.dropped, 100 - FIELD_FAULTS_MAX);
	assert_string_equal(got.faults.v[0].pointer, "/f0");
	assert_string_equal(got.faults.v[63].pointer, "/f63");
	assert_string_equal(got.err.text,
			    "Decline has 100 faults; these are the first"
			    " 64, 36 more are not listed");
	arena_fini(&got.arena);
}

static void test_large_map(void **state)
{
	static char json[32768];
	struct got got;

	(void)state;
	for (int n = 1000; n <= 1001; n++) {
		char *p = stpcpy(json, "{\"version\":1,\"sites\":[],"
				       "\"agreements\":[],\"resources\":[],"
				       "\"experts\":[],\"availability\":[],"
				       "\"calendars\":{");

		for (int i = 0; i < n; i++)
			p += sprintf(p, "%s\"c%d\":{}", i > 0 ? "," : "", i);
		(void)stpcpy(p, "}}");
		decode(&msg_network_table, json, PROTO_STRICT, &got);
		assert_int_equal(got.rc, n <= 1000 ? RC_OK : RC_INVALID);
		if (n > 1000) {
			assert_string_equal(got.faults.v[0].pointer,
					    "/calendars");
			assert_string_equal(got.faults.v[0].detail,
					    "must have at most 1000 elements");
		}
		arena_fini(&got.arena);
	}
}

/* No part of a patient's value is in a fault or an error, whatever is wrong
 * with it or around it. */
static void test_secrets(void **state)
{
	static const char *const messages[] = {
		"{\"patient\":{\"local_id\":\"CANARY\\u0007\"}}",
		"{\"patient\":{\"name\":{\"CANARY\":1}}}",
		"{\"patient\":{\"CANARY\":1,\"CANARY\":2}}",
		"{\"patient\":{\"name\":\"CANARY\\ud800\"}}",
		"{\"patient\":{\"name\":\"CANARY",
		"{\"patient\":{\"name\":\"CANARY\"x}}",
		"{\"patient\":{\"name\":CANARY}}",
		"{\"patient\":\"CANARY\",\"reason\":[\"CANARY\"]}",
		"{\"patient\":[{\"CANARY\":\"CANARY\"}]}",
		"{\"reason\":{\"CANARY\":\"CANARY\"}}",
		"{\"kind\":\"CANARY\",\"site\":\"CANARY\"}",
	};
	char shown[4096];
	struct got got;

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		decode(&msg_request_new_table, messages[i], PROTO_STRICT, &got);
		assert_true(got.rc == RC_INVALID || got.rc == RC_MALFORMED);
		show_faults(&got, shown, sizeof(shown));
		assert_null(strstr(shown, "CANARY"));
		assert_null(strstr(got.err.text, "CANARY"));
		arena_fini(&got.arena);
	}
}

/* --- memory --- */

/* One of everything that takes memory. */
static const char small_network[] =
	"{\"version\":1,\"sites\":[{\"id\":\"a\",\"name\":\"A\","
	"\"time_zone\":\"UTC\"}],\"agreements\":[{\"id\":\"x\","
	"\"lead\":\"a\",\"partner\":\"b\",\"specialties\":[\"heart\"],"
	"\"valid_from\":\"2024-01-01\",\"valid_to\":\"2024-12-31\","
	"\"kinds\":[\"referral\"],\"quota_per_month\":{\"referral\":3}}],"
	"\"resources\":[],\"experts\":[],\"availability\":[],"
	"\"calendars\":{\"cn\":{\"days_off\":[\"2026-10-01\"]}},"
	"\"limit_sets\":{\"l\":{\"routine\":{\"start_minutes\":5}}}}";

/* A message with a fault of every kind that takes memory. */
static const char small_faults[] =
	"{\"version\":2,\"sites\":[{\"id\":\"A\"}],\"note\":\"\","
	"\"secondments\":[{\"remote_requests\":\"x\"}],\"calendars\":{"
	"\"x y\":{}},\"new\":1}";

static void check_small_arena(const struct msg *msg, const char *json,
			      enum rc good)
{
	struct got got;
	enum rc last = RC_NOMEM;

	memset(&got, 0, sizeof(got));
	for (size_t max = 0; max < 16384; max += 8) {
		arena_init(&got.arena, max);
		got.rc = proto_decode(msg, json, strlen(json), PROTO_STRICT,
				      &got.arena, &got.out, &got.faults,
				      &got.err);
		arena_fini(&got.arena);
		/* once there is enough there is enough */
		assert_true(got.rc == good ||
			    (got.rc == RC_NOMEM && last == RC_NOMEM));
		last = got.rc;
	}
	assert_int_equal(last, good);
}

static void test_small_arena(void **state)
{
	(void)state;
	check_small_arena(&msg_request_new_table, whole, RC_OK);
	check_small_arena(&msg_network_table, small_network, RC_OK);
	check_small_arena(&msg_network_table, small_faults, RC_INVALID);
}

/* Every allocation fails once, in reading good and bad messages. */
static void fail_each(const struct msg *msg, const char *json, enum rc good)
{
	struct got got;
	uint64_t n = 0;
	bool failed = true;

	while (failed) {
		fake_mem_fail_at(++n);
		decode(msg, json, PROTO_STRICT, &got);
		failed = fake_mem_calls() >= n;
		arena_fini(&got.arena);
		fake_mem_restore();
		assert_int_equal(got.rc, failed ? RC_NOMEM : good);
	}
	assert_true(n > 2);
}

static void test_failing_memory(void **state)
{
	static char large[40000];
	char *p = stpcpy(large, "{\"sites\":[");

	(void)state;
	fail_each(&msg_request_new_table, whole, RC_OK);
	fail_each(&msg_request_new_table,
		  "{\"kind\":\"x\",\"patient\":{\"y\":1},\"z\":[1,2]}",
		  RC_INVALID);
	for (int i = 0; i < 300; i++)
		p += sprintf(p,
			     "{\"id\":\"site-%d\",\"name\":\"站点%d\","
			     "\"time_zone\":\"Asia/Shanghai\"},",
			     i, i);
	(void)stpcpy(p - 1,
		     "],\"version\":1,\"agreements\":[],\"resources\":[],"
		     "\"experts\":[],\"availability\":[]}");
	fail_each(&msg_network_table, large, RC_OK);
}

/* --- the example networks --- */

static char *slurp(const char *path, size_t *out_len)
{
	FILE *f = fopen(path, "rb");
	char *text;

	assert_non_null(f);
	text = mem_alloc(4 << 20);
	*out_len = fread(text, 1, 4 << 20, f);
	assert_true(*out_len > 0 && *out_len < 4 << 20);
	fclose(f);
	return text;
}

static void decode_file(const char *path, struct got *got)
{
	size_t len;
	char *text = slurp(path, &len);

	memset(got, 0, sizeof(*got));
	arena_init(&got->arena, 16 << 20);
	got->rc = proto_decode(&msg_network_table, text, len, PROTO_STRICT,
			       &got->arena, &got->out, &got->faults, &got->err);
	for (size_t i = 0; i < got->faults.n; i++)
		print_message("%s: %s\n", got->faults.v[i].pointer,
			      got->faults.v[i].detail);
	assert_int_equal(got->rc, RC_OK);
	mem_free(text);
}

static void test_liaoyang(void **state)
{
	const struct msg_network *net;
	const struct msg_net_agreement *agreements;
	const struct msg_net_calendar *calendars;
	const struct msg_net_secondment *secondments;
	const struct msg_net_limits *limits;
	const struct msg_net_shift *shifts;
	struct got got;

	(void)state;
	decode_file("examples/liaoyang.json", &got);
	net = &got.out.network;
	assert_int_equal(net->sites.n, 9);
	assert_int_equal(net->agreements.n, 8);
	assert_int_equal(net->resources.n, 31);
	assert_int_equal(net->experts.n, 11);
	assert_int_equal(net->availability.n, 22);
	assert_int_equal(net->secondments.n, 2);
	agreements = net->agreements.v;
	assert_string_equal(agreements[0].lead, "anzhen");
	assert_true(agreements[0].kinds & KINDSET(KIND_REMOTE_CONSULTATION));
	assert_int_equal(net->calendars.n, 1);
	calendars = net->calendars.v;
	assert_string_equal(calendars[0].name, "cn");
	assert_int_equal(calendars[0].days_off.n, 20);
	shifts = calendars[0].shifted_workdays.v;
	assert_int_equal(calendars[0].shifted_workdays.n, 4);
	assert_non_null(shifts[0].works_as);
	assert_int_equal(net->limit_sets.n, 6);
	limits = net->limit_sets.v;
	assert_non_null(limits[0].name);
	assert_non_null(limits[0].routine);
	secondments = net->secondments.v;
	assert_string_equal(secondments[0].remote_requests, "refuse");
	assert_true(secondments[0].availability.n > 0);
	arena_fini(&got.arena);
}

static void test_xuzhou(void **state)
{
	struct got got;

	(void)state;
	decode_file("examples/xuzhou.json", &got);
	assert_int_equal(got.out.network.sites.n, 412);
	assert_int_equal(got.out.network.agreements.n, 3903);
	assert_int_equal(got.out.network.resources.n, 2115);
	assert_int_equal(got.out.network.experts.n, 1396);
	assert_int_equal(got.out.network.availability.n, 3393);
	arena_fini(&got.arena);
}

/* One wrong word deep in a large file is found and named. */
static void test_pointer_in_file(void **state)
{
	size_t len;
	char *text = slurp("examples/xuzhou.json", &len);
	char *at = strstr(text, "\"agreements\"");
	struct got got;

	(void)state;
	for (int i = 0; i <= 17; i++)
		at = strstr(at + 1, "\"partner\":\"");
	at[strlen("\"partner\":\"")] = 'X';
	memset(&got, 0, sizeof(got));
	arena_init(&got.arena, 16 << 20);
	got.rc = proto_decode(&msg_network_table, text, len, PROTO_STRICT,
			      &got.arena, &got.out, &got.faults, &got.err);
	assert_int_equal(got.rc, RC_INVALID);
	assert_int_equal(got.faults.n, 1);
	assert_string_equal(got.faults.v[0].pointer, "/agreements/17/partner");
	arena_fini(&got.arena);
	mem_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_depth_in_strings),
		cmocka_unit_test(test_nested_bomb),
		cmocka_unit_test(test_wide_bomb),
		cmocka_unit_test(test_lenient),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_large_map),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_small_arena),
		cmocka_unit_test(test_failing_memory),
		cmocka_unit_test(test_liaoyang),
		cmocka_unit_test(test_xuzhou),
		cmocka_unit_test(test_pointer_in_file),
	};

	proto_init(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
