/* The figures: counted from many threads, printed in both formats. */
#include <ctype.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "daemon/api/watched.h"
#include "daemon/stat/metric.h"
#include "daemon/stat/tally.h"

#define PAGE "docs/metrics.md"

static struct buf text;

static int set_up(void **state)
{
	(void)state;
	stat_clear();
	buf_init(&text, 4u << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_fini(&text);
	stat_clear();
	return 0;
}

static const char *print(enum stat_format format)
{
	buf_reset(&text);
	stat_print(format, &text);
	assert_false(text.failed);
	return buf_cstr(&text);
}

static void assert_line(const char *line)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (strstr(buf_cstr(&text), whole) == NULL)
		fail_msg("there is no line: %s", line);
}

static void assert_no(const char *part)
{
	if (strstr(buf_cstr(&text), part) != NULL)
		fail_msg("there should be no: %s", part);
}

/* ---- the table ---- */

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* prometheus.io/docs/practices/naming; OpenMetrics 1.0, "Metric naming". */
static void rows_keep_the_conventions(void **state)
{
	(void)state;
	for (int id = 0; id < STAT_COUNT; id++) {
		const struct metric_row *row = &metric_rows[id];

		assert_non_null(row->name);
		assert_non_null(row->help);
		assert_non_null(row->source);
		assert_true(row->scale == 1 || row->scale == 1000);
		for (const char *p = row->name; *p != '\0'; p++)
			assert_true(islower((unsigned char)*p) || *p == '_');
		assert_true(strncmp(row->name, "teleconsult_", 12) == 0 ||
			    strncmp(row->name, "process_", 8) == 0);
		assert_false(ends_with(row->name, "_total"));
		assert_false(ends_with(row->name, "_info"));
		if (row->unit != NULL)
			assert_true(ends_with(row->name, row->unit));
		assert_int_equal(ends_with(row->name, "_seconds") ||
					 ends_with(row->name, "_bytes"),
				 row->unit != NULL);
		assert_true(ends_with(row->help, "."));
		assert_int_equal(row->type == METRIC_HISTOGRAM,
				 row->bounds != NULL);
		for (int other = 0; other < id; other++)
			assert_string_not_equal(row->name,
						metric_rows[other].name);
		for (int i = 0; row->bounds != NULL && i + 2 < STAT_BUCKETS;
		     i++)
			assert_true(row->bounds[i] < row->bounds[i + 1]);
	}
}

static void cells_do_not_overlap(void **state)
{
	(void)state;
	for (unsigned id = 0; id < STAT_COUNT; id++) {
		enum stat_id at = (enum stat_id)id;

		if (metric_rows[id].type == METRIC_HISTOGRAM)
			continue;
		for (unsigned i = 0; i < metric_size(at, 0); i++)
			for (unsigned j = 0; j < metric_size(at, 1); j++)
				stat_set(at, i, j,
					 (int64_t)(id * 100000 + i * 100 + j));
	}
	for (unsigned id = 0; id < STAT_COUNT; id++) {
		enum stat_id at = (enum stat_id)id;

		if (metric_rows[id].type == METRIC_HISTOGRAM)
			continue;
		for (unsigned i = 0; i < metric_size(at, 0); i++)
			for (unsigned j = 0; j < metric_size(at, 1); j++)
				assert_int_equal(stat_get(at, i, j),
						 id * 100000 + i * 100 + j);
	}
}

static void what_is_out_of_the_table_counts_nothing(void **state)
{
	(void)state;
	stat_add(STAT_HTTP_REQUESTS, STAT_ROUTES_MAX, 0, 1);
	stat_add(STAT_HTTP_REQUESTS, 0, STAT_CLASS_COUNT, 1);
	stat_add(STAT_HTTP_REQUESTS, 0, (unsigned)-1, 1); /* status 1xx */
	stat_observe(STAT_HTTP_DURATION, STAT_ROUTES_MAX, 1);
	stat_set(STAT_READY, 1, 0, 1);
	assert_int_equal(stat_get(STAT_HTTP_REQUESTS, STAT_ROUTES_MAX, 0), 0);
	for (unsigned id = 0; id < STAT_COUNT; id++)
		for (unsigned i = 0; i < metric_size((enum stat_id)id, 0); i++)
			for (unsigned j = 0;
			     j < metric_size((enum stat_id)id, 1); j++)
				assert_int_equal(
					stat_get((enum stat_id)id, i, j), 0);
}

static void the_page_is_the_table(void **state)
{
	struct buf page;

	(void)state;
	buf_init(&page, 1u << 20);
	assert_int_equal(file_read(PAGE, &page, NULL), RC_OK);
	stat_document(&text);
	if (strstr(buf_cstr(&page), buf_cstr(&text)) == NULL)
		fail_msg(PAGE " must end with:\n%s", buf_cstr(&text));
	buf_fini(&page);
}

/* ---- counting ---- */

#define THREADS 8
#define TIMES 20000

static void *count_much(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++) {
		stat_add(STAT_HTTP_REQUESTS, 1, STAT_CLASS_4XX, 1);
		stat_observe(STAT_HTTP_DURATION, 1, i % 64);
	}
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	pthread_t threads[THREADS];
	struct metric_histogram h;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, count_much, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(stat_get(STAT_HTTP_REQUESTS, 1, STAT_CLASS_4XX),
			 THREADS * TIMES);
	metric_histogram(STAT_HTTP_DURATION, 1, &h);
	assert_int_equal(h.up_to[STAT_BUCKETS - 1], THREADS * TIMES);
}

static void a_tally_counts_when_it_is_published(void **state)
{
	struct stat_tally tally = {0};

	(void)state;
	for (int i = 0; i < 70000; i++)
		stat_note(&tally, STAT_BOOKINGS, KIND_CLINIC_SLOT, STAT_LAPSED);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		stat_note(&tally, STAT_BOOKINGS, kind, STAT_LAPSED);
	stat_note(&tally, STAT_REQUESTS, KIND_REFERRAL, STAT_SUBMITTED);
	assert_int_equal(tally.n, KIND_COUNT + 1);
	assert_int_equal(stat_get(STAT_BOOKINGS, KIND_CLINIC_SLOT, STAT_LAPSED),
			 0);
	stat_publish(&tally);
	assert_int_equal(stat_get(STAT_BOOKINGS, KIND_CLINIC_SLOT, STAT_LAPSED),
			 70001);
	assert_int_equal(stat_get(STAT_BOOKINGS, KIND_REFERRAL, STAT_LAPSED),
			 1);
	assert_int_equal(stat_get(STAT_REQUESTS, KIND_REFERRAL, STAT_SUBMITTED),
			 1);
}

/* ---- the formats ---- */

static void a_counter_is_named_as_each_format_wants_it(void **state)
{
	(void)state;
	stat_set_route(0, "GET", "/v1/\"odd\\path\n");
	stat_add(STAT_HTTP_REQUESTS, 0, STAT_CLASS_2XX, 7);
	stat_add(STAT_HTTP_REQUESTS, STAT_ROUTE_NONE, STAT_CLASS_4XX, 2);
	print(STAT_TEXT);
	assert_line("# TYPE teleconsult_http_requests_total counter");
	assert_line("teleconsult_http_requests_total{route=\"/v1/\\\"odd\\\\"
		    "path\\n\",status=\"2xx\",method=\"GET\"} 7");
	assert_line("teleconsult_http_requests_total{route=\"none\","
		    "status=\"4xx\",method=\"other\"} 2");
	assert_no("# UNIT");
	assert_no("# EOF");
	print(STAT_OPENMETRICS);
	assert_line("# TYPE teleconsult_http_requests counter");
	assert_line("teleconsult_http_requests_total{route=\"none\","
		    "status=\"4xx\",method=\"other\"} 2");
	assert_line("# TYPE process_cpu_seconds counter");
	assert_line("# UNIT process_cpu_seconds seconds");
	assert_true(ends_with(buf_cstr(&text), "\n# EOF\n"));
}

static void a_histogram_sums_up(void **state)
{
	static const int64_t seen[] = {0, 1, 2, 3, 40, 30000, 30001};

	(void)state;
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		stat_observe(STAT_WRITER_COMMIT_DURATION, 0, seen[i]);
	print(STAT_TEXT);
#define NAME "teleconsult_writer_commit_duration_seconds"
	assert_line(NAME "_bucket{le=\"0.001\"} 2");
	assert_line(NAME "_bucket{le=\"0.002\"} 3");
	assert_line(NAME "_bucket{le=\"0.005\"} 4");
	assert_line(NAME "_bucket{le=\"0.025\"} 4");
	assert_line(NAME "_bucket{le=\"0.05\"} 5");
	assert_line(NAME "_bucket{le=\"1.0\"} 5");
	assert_line(NAME "_bucket{le=\"30.0\"} 6");
	assert_line(NAME "_bucket{le=\"+Inf\"} 7");
	assert_line(NAME "_sum 60.047");
	assert_line(NAME "_count 7");
	assert_line("# TYPE " NAME " histogram");
}

static void gauges_and_what_is_not_known(void **state)
{
	(void)state;
	stat_set(STAT_PROCESS_CPU, 0, 0, 1230);
	stat_set(STAT_CERTIFICATE_EXPIRY, STAT_CERTIFICATE_SERVER, 0, -5);
	stat_set(STAT_CERTIFICATE_EXPIRY, STAT_CERTIFICATE_CA, 0, STAT_UNKNOWN);
	stat_set_threads(4);
	stat_set(STAT_THREAD_SILENCE, 3, 0, 1500);
	stat_set_build("1.2.3", 3);
	print(STAT_OPENMETRICS);
	assert_line("process_cpu_seconds_total 1.23");
	assert_line("teleconsult_certificate_expiry_timestamp_seconds"
		    "{certificate=\"server\"} -5");
	assert_no("certificate=\"ca\"");
	assert_line("teleconsult_thread_silence_seconds{thread=\"worker-0\"}"
		    " 1.5");
	assert_no("worker-1");
	assert_line("# TYPE teleconsult_build info");
	assert_line("teleconsult_build_info{version=\"1.2.3\",schema=\"3\"} 1");
	print(STAT_TEXT);
	assert_line("# TYPE teleconsult_build_info gauge");
}

/* Only what can be answered is a code. */
static void codes_are_those_of_answers(void **state)
{
	(void)state;
	print(STAT_TEXT);
	assert_line("teleconsult_errors_total{code=\"time-refused\"} 0");
	assert_no("code=\"unreachable\"");
	assert_no("code=\"ok\"");
	assert_line("teleconsult_refusals_total{reason=\"day-cap\"} 0");
	assert_line("teleconsult_bookings_total{kind=\"clinic-slot\","
		    "change=\"moved\"} 0");
}

/* ---- which format ---- */

static void accept_decides(void **state)
{
	static const struct {
		const char *accept;
		enum stat_format format;
	} cases[] = {
		{NULL, STAT_TEXT},
		{"", STAT_TEXT},
		{"*/*", STAT_TEXT},
		{"text/plain", STAT_TEXT},
		{"application/json", STAT_TEXT},
		{"application/openmetrics-text", STAT_OPENMETRICS},
		{"Application/OpenMetrics-Text; Version=1.0.0",
		 STAT_OPENMETRICS},
		{"application/openmetrics-text; version=\"1.0.0\"",
		 STAT_OPENMETRICS},
		{"application/openmetrics-text; version=2.0.0", STAT_TEXT},
		{"application/openmetrics-text;q=0", STAT_TEXT},
		{"application/openmetrics-text;q=0.000, text/plain;q=0.001",
		 STAT_TEXT},
		{"application/openmetrics-text;q=0.4,text/plain;q=0.5",
		 STAT_TEXT},
		{"application/openmetrics-text;q=0.51,text/plain;q=0.5",
		 STAT_OPENMETRICS},
		{"application/*;q=0.9,text/*;q=0.1", STAT_OPENMETRICS},
		{"application/*, text/plain", STAT_TEXT},
		/* what fits best counts, not what weighs most */
		{"*/*;q=1, text/plain;q=0.1", STAT_OPENMETRICS},
		{"text/*;q=0.3, text/plain;q=0.7, application/*;q=0.5",
		 STAT_TEXT},
		/* as Prometheus 2.42 and 2.50 ask */
		{"application/openmetrics-text;version=1.0.0,"
		 "application/openmetrics-text;version=0.0.1;q=0.75,"
		 "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		 STAT_OPENMETRICS},
		{"application/vnd.google.protobuf;proto=io.prometheus.client."
		 "MetricFamily;encoding=delimited,application/openmetrics-text;"
		 "version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.2",
		 STAT_OPENMETRICS},
		{"text/plain;version=0.0.4;q=1,*/*;q=0.1", STAT_TEXT},
		/* nonsense */
		{";;;,,,=", STAT_TEXT},
		{"application/openmetrics-text;q=x, text/plain;q=0.9",
		 STAT_OPENMETRICS},
		{"application/openmetrics-text;q", STAT_OPENMETRICS},
		{"  application/openmetrics-text ; q = 1 ", STAT_OPENMETRICS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (metrics_format(cases[i].accept) != cases[i].format)
			fail_msg("Accept: %s", cases[i].accept);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows_keep_the_conventions),
		TEST(cells_do_not_overlap),
		TEST(what_is_out_of_the_table_counts_nothing),
		TEST(the_page_is_the_table),
		TEST(nothing_is_lost_between_threads),
		TEST(a_tally_counts_when_it_is_published),
		TEST(a_counter_is_named_as_each_format_wants_it),
		TEST(a_histogram_sums_up),
		TEST(gauges_and_what_is_not_known),
		TEST(codes_are_those_of_answers),
		TEST(accept_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
