/* The route matcher: which row a path has, what its parameters are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/code.h"
#include "daemon/api/route.h"
#include "tests/support/fake.h"

static struct code code;
static char shown[CODE_SHOWN_LEN + 1];

static int make_code(void **state)
{
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, 1);
	code_make(&rnd.rnd, &code);
	code_show(&code, shown);
	return 0;
}

static struct route_match find(enum http_method method, const char *path)
{
	struct route_match match;

	route_find(method, (struct http_str){path, strlen(path)}, &match);
	return match;
}

/* A path by which the row is found, with its parameters filled in. */
static void fill(const char *pattern, char *out)
{
	while (*pattern) {
		if (*pattern != '{') {
			*out++ = *pattern++;
			continue;
		}
		const char *with =
			strncmp(pattern, "{code}", 6) ? "a-1" : shown;

		strcpy(out, with);
		out += strlen(with);
		pattern = strchr(pattern, '}') + 1;
	}
	*out = '\0';
}

static void every_row_is_found_by_its_path_and_method_alone(void **state)
{
	size_t n;
	const struct route *table = routes(&n);
	char path[128];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		fill(table[i].path, path);
		struct route_match m = find(table[i].method, path);

		assert_ptr_equal(&table[i], m.route);
		assert_non_null(
			strstr(m.allow, http_method_name(table[i].method)));
		assert_null(find(HTTP_DELETE, path).route);
		assert_non_null(find(HTTP_DELETE, path).allow);
		strcat(path, "/");
		assert_null(find(table[i].method, path).route);
		assert_null(find(table[i].method, path).allow);
	}
}

static void parameters_are_taken(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/v1/bookings/%s/cancel", shown);
	struct route_match m = find(HTTP_POST, path);

	assert_string_equal(code.s, m.param[0]);
	assert_string_equal("", m.param[1]);
	/* One wrong character is no code, and so no path. */
	path[13] = path[13] == '2' ? '3' : '2';
	assert_null(find(HTTP_POST, path).route);
	m = find(HTTP_GET, "/v1/resources/anzhen/or-2/schedule");
	assert_string_equal("anzhen", m.param[0]);
	assert_string_equal("or-2", m.param[1]);
}

static void head_is_a_get_and_allow_names_all(void **state)
{
	(void)state;
	assert_ptr_equal(find(HTTP_GET, "/v1/whoami").route,
			 find(HTTP_HEAD, "/v1/whoami").route);
	assert_string_equal("GET, HEAD", find(HTTP_POST, "/v1/whoami").allow);
	assert_string_equal("GET, HEAD, POST",
			    find(HTTP_PUT, "/v1/requests").allow);
	assert_string_equal("POST", find(HTTP_GET, "/v1/import").allow);
}

static void what_is_no_path_is_none(void **state)
{
	char long_slug[SLUG_MAX + 64];
	static const char *const none[] = {
		"",
		"/",
		"*",
		"v1/whoami",
		"/v1",
		"//v1/whoami",
		"/v1//whoami",
		"/v1/whoami/",
		"/v1/Whoami",
		"/v1/whoami?x",
		"/v1/requests/",
		"/v1/requests/accept",
		"/v1/requests/%37K2M-QX9D",
		"/v1/experts/A/schedule",
		"/v1/experts/../schedule",
		"/v1/experts/a%2fb/schedule",
		"/v1/experts//schedule",
		"/v1/resources/anzhen/schedule",
		"/v1/resources/anzhen/or-2/x/schedule",
		"/v1/sites/{id}/schedule",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_null(find(HTTP_GET, none[i]).route);
		assert_null(find(HTTP_GET, none[i]).allow);
	}
	/* A slug of the longest, and one more. */
	for (int more = 0; more < 2; more++) {
		memset(long_slug, 0, sizeof(long_slug));
		strcpy(long_slug, "/v1/sites/");
		memset(long_slug + 10, 'a', (size_t)(SLUG_MAX + more));
		strcat(long_slug, "/schedule");
		assert_int_equal(!more,
				 find(HTTP_GET, long_slug).route != NULL);
	}
}

/* What the rows promise one another. */
static void the_table_is_sound(void **state)
{
	size_t n;
	const struct route *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct route *r = &table[i];
		bool stream = r->flags & ROUTE_STREAM;
		bool runs = r->run != NULL || stream;

		assert_true(r->method == HTTP_GET || r->method == HTTP_POST);
		assert_int_equal(!runs, !!(r->flags & ROUTE_PUBLIC));
		assert_true(r->method == HTTP_GET ? !r->body : !r->query);
		/* a reply of its own is made where it is read */
		assert_true(!runs || r->out || r->method == HTTP_GET);
		/* whoever shows a token may do something or nothing with it */
		if (r->scope)
			assert_true(r->roles & ROLES(SYSTEM));
		else
			assert_true(!(r->roles & ROLES(SYSTEM)) ||
				    !strcmp(r->path, "/v1/certificate"));
		/* without a credential: nothing is kept to nobody's key */
		if (r->flags & ROUTE_OPEN) {
			assert_int_equal(0, r->roles);
			assert_false(r->flags & ROUTE_KEY);
		}
		/* no words about a patient are kept to a key */
		assert_false(r->flags & ROUTE_KEY && r->flags & ROUTE_PAPERS);
		/* a secret's answer is not kept: its repeat is another one */
		if (r->again)
			assert_int_equal(FIELD_SLUG, r->out->fields[0].type);
		assert_false(stream && (r->run || r->method != HTTP_GET));
		/* a version is compared, and an answer kept, by the writer */
		if (r->flags & (ROUTE_MATCH | ROUTE_KEY | ROUTE_CREATED)) {
			assert_true(r->flags & ROUTE_WRITE);
			assert_int_equal(HTTP_POST, r->method);
		}
		/* patient data is read with a record, so by the writer */
		if (r->out == &msg_request_table && r->method == HTTP_GET) {
			assert_true(r->flags & ROUTE_WRITE);
			assert_true(r->flags & ROUTE_PAPERS);
			assert_false(r->roles & ROLES(ADMINISTRATOR));
		}
		assert_false((r->flags & ROUTE_WRITE) &&
			     (r->flags & ROUTE_REPORT));
		assert_false(r->is_wide && r->flags & ROUTE_WRITE);
		/* only the writer's work can be taken back */
		if (r->flags & ROUTE_TRIAL)
			assert_true(r->flags & ROUTE_WRITE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_row_is_found_by_its_path_and_method_alone),
		cmocka_unit_test(parameters_are_taken),
		cmocka_unit_test(head_is_a_get_and_allow_names_all),
		cmocka_unit_test(what_is_no_path_is_none),
		cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests(tests, make_code, NULL);
}
