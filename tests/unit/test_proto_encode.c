#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/messages.h"

static void assert_encoded(const struct msg *msg, const void *in,
			   const char *json)
{
	struct buf buf;

	buf_init(&buf, 65536);
	proto_encode(msg, in, &buf);
	assert_false(buf.failed);
	assert_string_equal(buf_cstr(&buf), json);
	buf_fini(&buf);
}

static void test_booking(void **state)
{
	struct msg_claim claims[2];
	struct msg_booking b;

	(void)state;
	proto_clear(&msg_claim_table, &claims[0]);
	proto_clear(&msg_claim_table, &claims[1]);
	claims[0] = (struct msg_claim){"coronary-1", CLAIM_EXPERT, 0, 1800};
	claims[1].role = CLAIM_PATIENT;
	claims[1].from = 1796088600;
	claims[1].to = 1796088600 + 1800;
	proto_clear(&msg_booking_table, &b);
	b.code = "7K2MQX9D";
	b.kind = KIND_REMOTE_CONSULTATION;
	b.status = BOOKING_PENDING;
	b.agreement = "heart";
	b.lead = "anzhen";
	b.partner = "liaoyang-central";
	b.from = 1796088600;
	b.to = 1796088600 + 1800;
	b.sequence = 0;
	b.version = INT64_MAX;
	b.claims = (struct field_list){claims, 2};
	b.reason = "\"胸\"\\\n\t\x01/";
	assert_encoded(
		&msg_booking_table, &b,
		"{\"code\":\"7K2M-QX9D\",\"kind\":\"remote-consultation\","
		"\"status\":\"pending\",\"agreement\":\"heart\","
		"\"lead\":\"anzhen\",\"partner\":\"liaoyang-central\","
		"\"from\":\"2026-12-01T01:30:00Z\","
		"\"to\":\"2026-12-01T02:00:00Z\",\"sequence\":0,"
		"\"version\":9223372036854775807,"
		"\"claims\":[{\"subject\":\"coronary-1\",\"role\":\"expert\","
		"\"from\":\"1970-01-01T00:00:00Z\","
		"\"to\":\"1970-01-01T00:30:00Z\"},{\"role\":\"patient\","
		"\"from\":\"2026-12-01T01:30:00Z\","
		"\"to\":\"2026-12-01T02:00:00Z\"}],"
		"\"reason\":\"\\\"胸\\\"\\\\\\n\\t\\u0001/\"}");
}

/* What is no stored code is written as it is. */
static void test_code(void **state)
{
	struct msg_entry e;

	(void)state;
	proto_clear(&msg_entry_table, &e);
	e.booking = "7K2MQX9D";
	e.request = "7K2M";
	assert_encoded(&msg_entry_table, &e,
		       "{\"booking\":\"7K2M-QX9D\",\"request\":\"7K2M\"}");
}

/* What must be there is written when it is empty; the rest is left out. */
static void test_empty(void **state)
{
	struct msg_schedule schedule;
	struct msg_log_report report;
	struct msg_net_agreement agreement;
	struct msg_network net;
	struct msg_empty empty = {0};

	(void)state;
	assert_encoded(&msg_empty_table, &empty, "{}");
	proto_clear(&msg_schedule_table, &schedule);
	assert_encoded(&msg_schedule_table, &schedule,
		       "{\"entries\":[],\"open\":[]}");
	proto_clear(&msg_log_report_table, &report);
	report.events = 0;
	assert_encoded(&msg_log_report_table, &report,
		       "{\"ok\":false,\"events\":0}");
	proto_clear(&msg_net_agreement_table, &agreement);
	assert_encoded(&msg_net_agreement_table, &agreement, "{\"kinds\":[]}");
	proto_clear(&msg_network_table, &net);
	assert_encoded(&msg_network_table, &net,
		       "{\"sites\":[],\"agreements\":[],\"resources\":[],"
		       "\"experts\":[],\"availability\":[]}");
}

static void test_network(void **state)
{
	const char *dates[] = {"2026-10-01", "2026-10-02"};
	struct msg_net_shift shift = {19782, "FR"};
	struct msg_net_calendar calendars[2] = {{"cn", {dates, 2}, {&shift, 1}},
						{"none", {NULL, 0}, {NULL, 0}}};
	struct msg_net_limit limit;
	struct msg_net_limits limits = {.name = "fast", .emergency = &limit};
	struct msg_net_agreement agreement;
	struct msg_net_rule rule;
	struct msg_network net;

	(void)state;
	proto_clear(&msg_net_limit_table, &limit);
	limit.answer_minutes = 3;
	limit.opinion_minutes = 10;
	proto_clear(&msg_net_rule_table, &rule);
	rule.start = 19782 * 86400 + 8 * 3600;
	rule.end = 19782 * 86400 + 12 * 3600;
	rule.rrule = "FREQ=DAILY";
	rule.time_zone = "Asia/Shanghai";
	rule.on_holidays = true;
	rule.kinds = KINDSET(KIND_REFERRAL) | KINDSET(KIND_CASE_DISCUSSION);
	assert_encoded(
		&msg_net_rule_table, &rule,
		"{\"rrule\":\"FREQ=DAILY\",\"start\":\"2024-02-29T08:00\","
		"\"end\":\"2024-02-29T12:00\","
		"\"time_zone\":\"Asia/Shanghai\","
		"\"kinds\":[\"case-discussion\",\"referral\"],"
		"\"on_holidays\":true}");
	proto_clear(&msg_net_agreement_table, &agreement);
	agreement.quota_per_month[KIND_CLINIC_SLOT] = 0;
	agreement.quota_per_month[KIND_REMOTE_CONSULTATION] = 60;
	agreement.valid_from = 0;
	assert_encoded(&msg_net_agreement_table, &agreement,
		       "{\"valid_from\":\"1970-01-01\",\"kinds\":[],"
		       "\"quota_per_month\":{\"remote-consultation\":60,"
		       "\"clinic-slot\":0}}");
	proto_clear(&msg_network_table, &net);
	net.calendars = (struct field_list){calendars, 2};
	net.limit_sets = (struct field_list){&limits, 1};
	assert_encoded(&msg_network_table, &net,
		       "{\"sites\":[],\"calendars\":{\"cn\":{"
		       "\"days_off\":[\"2026-10-01\",\"2026-10-02\"],"
		       "\"shifted_workdays\":[{\"date\":\"2024-02-29\","
		       "\"works_as\":\"FR\"}]},\"none\":{}},"
		       "\"limit_sets\":{\"fast\":{\"emergency\":{"
		       "\"answer_minutes\":3,\"opinion_minutes\":10}}},"
		       "\"agreements\":[],\"resources\":[],\"experts\":[],"
		       "\"availability\":[]}");
}

/* A buffer that is too small fails, whatever its size, and holds no more than
 * it may. */
static void test_bound(void **state)
{
	struct msg_fault fault = {"/patient/name", "is required"};
	struct field_list errors = {&fault, 1};
	struct msg_problem p;
	size_t whole = 0;

	(void)state;
	proto_clear(&msg_problem_table, &p);
	p.type = "about:blank";
	p.status = 422;
	p.errors = errors;
	for (size_t max = 0; max < 200; max++) {
		struct buf buf;

		buf_init(&buf, max);
		proto_encode(&msg_problem_table, &p, &buf);
		assert_true(buf.len <= max);
		if (!buf.failed && whole == 0)
			whole = max;
		assert_int_equal(buf.failed, whole == 0);
		buf_fini(&buf);
	}
	assert_int_equal(whole,
			 strlen("{\"type\":\"about:blank\",\"status\":422,"
				"\"errors\":[{\"pointer\":\"/patient/name\","
				"\"detail\":\"is required\"}]}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_booking), cmocka_unit_test(test_code),
		cmocka_unit_test(test_empty),	cmocka_unit_test(test_network),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
