#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/command.h"
#include "client/complain.h"
#include "client/page.h"
#include "client/reach.h"
#include "tests/support/fake.h"

/* 2026-12-01T10:00:00+08:00 */
#define NOW 1796090400

/* One run, from a line to its exit code, without a server. */
struct run {
	struct fake_clock clock;
	struct fake_rnd rnd;
	struct client_env env;
	struct client client;
	struct buf complaint;
	int code;
};

static int begin(void **state)
{
	(void)state;
	proto_init(1);
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void run_line(struct run *r, char **argv)
{
	memset(r, 0, sizeof(*r));
	fake_clock_init(&r->clock, NOW);
	fake_rnd_init(&r->rnd, 1);
	r->env = (struct client_env){.argv = argv,
				     .home = {.config_home = "/nonexistent"},
				     .width = 80,
				     .clock = &r->clock.clock,
				     .rnd = &r->rnd.rnd};
	while (argv[r->env.argc])
		r->env.argc++;
	client_init(&r->client, &r->env);
	buf_init(&r->complaint, 1 << 20);
	r->code = client_run(&r->client, &r->complaint);
}

#define RUN(r, ...) run_line((r), (char *[]){__VA_ARGS__, NULL})

static void drop(struct run *r)
{
	buf_fini(&r->complaint);
	client_fini(&r->client);
}

static char word_show[] = "show", word_code[] = "7K2M-QX91";
static char word_wrong[] = "7K2M-QX92", word_help[] = "--help";
static char word_json[] = "-ojson", word_admin[] = "admin";
static char word_book[] = "book", word_at[] = "--at", word_with[] = "--with";
static char word_time[] = "mon 9:30", word_room[] = "anzhen/studio-1";
static char word_key[] = "--idempotency-key=k1", word_tz[] = "--tz";
static char word_zone[] = "Asia/Shanghai", word_nothing[] = "nothing";

static void help_is_no_failure(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, word_help);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(buf_cstr(&r.client.out), "verify-log"));
	drop(&r);
	RUN(&r, word_show, word_help);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(buf_cstr(&r.client.out), cmd_show.example));
	assert_int_equal(r.complaint.len, 0);
	drop(&r);
	RUN(&r, word_admin, word_help);
	assert_int_equal(r.code, 0);
	assert_null(strstr(buf_cstr(&r.client.out), "submit"));
	drop(&r);
}

static void every_help_fits_a_terminal(void **state)
{
	struct buf out;

	(void)state;
	for (size_t i = 0; i == 0 || commands[i - 1]; i++) {
		const char *line;

		buf_init(&out, 1 << 20);
		command_help(i ? commands[i - 1] : NULL, &out);
		for (line = buf_cstr(&out); *line;
		     line += strcspn(line, "\n") + 1)
			assert_true(strcspn(line, "\n") <= 79 ||
				    strncmp(line, "Example: ", 9) == 0 ||
				    strncmp(line, "usage: ", 7) == 0);
		buf_fini(&out);
	}
}

static void wrong_lines_say_so(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, word_show, word_wrong);
	assert_int_equal(r.code, 2);
	assert_int_equal(r.client.out.len, 0);
	assert_string_equal(buf_cstr(&r.complaint),
			    "teleconsult: \"7K2M-QX92\" is no code, a "
			    "character of it must be wrong; codes look like "
			    "7K2M-QX91 (see teleconsult show --help)\n");
	drop(&r);
	RUN(&r, word_nothing);
	assert_int_equal(r.code, 2);
	drop(&r);
	RUN(&r, word_show, word_code);
	assert_int_equal(r.code, 4); /* there is no profile */
	drop(&r);
}

static void a_wrong_line_is_a_document_too(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, word_json, word_show, word_wrong);
	assert_int_equal(r.code, 2);
	assert_ptr_equal(strstr(buf_cstr(&r.complaint), "{\"type\":"),
			 buf_cstr(&r.complaint));
	drop(&r);
}

/* A run that the server refused with this. */
static void refuse(struct run *r, enum rc rc, const struct msg_problem *p,
		   struct buf *out)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, rc, "%s", p->detail);
	r->client.problem = p;
	buf_init(out, 1 << 20);
	complain(&r->client, rc, &err, out);
}

static void every_refusal_is_one_line(void **state)
{
	(void)state;
	for (int rc = 1; rc < RC_COUNT; rc++) {
		struct msg_problem p = {.detail = "because \x1b[2J of it",
					.request_id = "r-7"};
		struct buf out;
		struct run r;

		RUN(&r, word_show, word_wrong);
		refuse(&r, (enum rc)rc, &p, &out);
		assert_ptr_equal(strstr(buf_cstr(&out), "teleconsult: "),
				 buf_cstr(&out));
		assert_ptr_equal(strchr(buf_cstr(&out), '\n'),
				 buf_cstr(&out) + out.len - 1);
		assert_null(strchr(buf_cstr(&out), '\x1b'));
		assert_int_equal(!!strstr(buf_cstr(&out), "r-7"),
				 rc_row((enum rc)rc)->exit == 6);
		buf_fini(&out);
		drop(&r);
	}
}

static void a_refused_time_gives_all_its_reasons(void **state)
{
	struct msg_blocker blockers[] = {
		{.subject = "coronary-1",
		 .reason = BLOCK_BUSY,
		 .from = NOW,
		 .to = NOW + 3600,
		 .detail = "another booking"},
		{.role = CLAIM_PATIENT,
		 .reason = BLOCK_BUSY,
		 .from = FIELD_NONE,
		 .to = FIELD_NONE},
		{.role = -1,
		 .reason = BLOCK_QUOTA,
		 .from = FIELD_NONE,
		 .to = FIELD_NONE,
		 .rule = "40 a month"},
	};
	struct msg_slot slots[] = {
		{.from = NOW + 7200, .expert = "it's; rm -rf"},
		{.from = NOW + 10800},
	};
	struct msg_problem p = {.detail = "not free",
				.blockers = {blockers, 3},
				.blockers_more = 7,
				.nearest = {slots, 2}};
	struct buf out;
	struct run r;

	(void)state;
	RUN(&r, word_book, word_code, word_at, word_time, word_with, word_room,
	    word_key, word_tz, word_zone);
	assert_int_equal(r.code, 4);
	refuse(&r, RC_REFUSED, &p, &out);
	assert_string_equal(
		buf_cstr(&out),
		"teleconsult: not free\n"
		"  coronary-1: busy, Tue 2026-12-01 10:00\u201311:00: another "
		"booking\n"
		"  patient: busy\n"
		"  agreement: quota (40 a month)\n"
		"  and 7 more\n"
		"the nearest times that would do:\n"
		"  teleconsult book 7K2M-QX91 --at 2026-12-01T12:00:00+08:00 "
		"--expert 'it'\\''s; rm -rf' --tz Asia/Shanghai "
		"--with anzhen/studio-1\n"
		"  teleconsult book 7K2M-QX91 --at 2026-12-01T13:00:00+08:00 "
		"--tz Asia/Shanghai --with anzhen/studio-1\n");
	buf_fini(&out);
	drop(&r);
}

static void a_stored_code_is_shown_with_its_hyphen(void **state)
{
	struct run r;

	(void)state;
	RUN(&r, word_help);
	assert_string_equal(page_code(&r.client, "7K2MQX91"), word_code);
	assert_string_equal(page_code(&r.client, "7k2m-qx91"), word_code);
	assert_string_equal(page_code(&r.client, "what?"), "what?");
	assert_null(page_code(&r.client, NULL));
	drop(&r);
}

static void failures_to_reach_are_explained(void **state)
{
	static const struct {
		int curl;
		long verify;
		const char *text, *says;
		enum rc rc;
		bool retry;
	} rows[] = {
		{CURLE_COULDNT_CONNECT, 0, "", "nothing answers",
		 RC_UNREACHABLE, true},
		{CURLE_COULDNT_RESOLVE_HOST, 0, "", "no such host",
		 RC_UNREACHABLE, false},
		{CURLE_OPERATION_TIMEDOUT, 0, "", "no answer in time",
		 RC_UNREACHABLE, true},
		{CURLE_SSL_CONNECT_ERROR, 0, "wrong version number", "TLS",
		 RC_UNREACHABLE, false},
		{CURLE_SSL_CONNECT_ERROR, 0,
		 "error:0A000412:SSL routines::sslv3 alert bad certificate",
		 "refuses your certificate", RC_UNAUTHENTICATED, false},
		{CURLE_RECV_ERROR, 0,
		 "OpenSSL SSL_read: error:0A00045C:SSL "
		 "routines::tlsv13 alert certificate required, errno 0",
		 "refuses your certificate", RC_UNAUTHENTICATED, false},
		{CURLE_RECV_ERROR, 0, "tlsv1 alert unknown ca",
		 "refuses your certificate", RC_UNAUTHENTICATED, false},
		{CURLE_RECV_ERROR, 0, "Connection reset by peer",
		 "may be refusing your certificate", RC_UNREACHABLE, true},
		{CURLE_PEER_FAILED_VERIFICATION, 20, "", "not from the CA",
		 RC_UNREACHABLE, false},
		{CURLE_PEER_FAILED_VERIFICATION, 10, "", "expired",
		 RC_UNREACHABLE, false},
		{CURLE_PEER_FAILED_VERIFICATION, 9, "", "clock", RC_UNREACHABLE,
		 false},
		{CURLE_PEER_FAILED_VERIFICATION, 1,
		 "SSL: no alternative certificate subject name matches target",
		 "another host name", RC_UNREACHABLE, false},
		{CURLE_PEER_FAILED_VERIFICATION, 77, "", "(77)", RC_UNREACHABLE,
		 false},
		/* one's own key and certificate: not enrolled */
		{CURLE_SSL_CERTPROBLEM, 0, "", "identity.pem",
		 RC_UNAUTHENTICATED, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reach reach = {.curl = rows[i].curl,
				      .verify = rows[i].verify,
				      .text = rows[i].text,
				      .server = "https://x",
				      .whose_ca = "this profile",
				      .dir = "/d"};
		struct err err = ERR_INIT;

		assert_int_equal(reach_explain(&reach, &err), rows[i].rc);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: no \"%s\"", err.text, rows[i].says);
		assert_int_equal(reach_worth_retry(&reach), rows[i].retry);
		assert_int_equal(reach_unknown(&reach),
				 rows[i].retry &&
					 rows[i].curl != CURLE_COULDNT_CONNECT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_is_no_failure),
		cmocka_unit_test(every_help_fits_a_terminal),
		cmocka_unit_test(wrong_lines_say_so),
		cmocka_unit_test(a_wrong_line_is_a_document_too),
		cmocka_unit_test(every_refusal_is_one_line),
		cmocka_unit_test(a_refused_time_gives_all_its_reasons),
		cmocka_unit_test(a_stored_code_is_shown_with_its_hyphen),
		cmocka_unit_test(failures_to_reach_are_explained),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
