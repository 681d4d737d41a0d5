/* The configuration file: what is taken, what is refused, how it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/conf/conf.h"
#include "daemon/conf/option.h"

static enum rc parse(const char *text, struct conf *out, struct buf *faults)
{
	buf_init(faults, CONF_FAULTS_MAX);
	return conf_parse("f", text, strlen(text), out, faults);
}

static void takes(const char *text, struct conf *out)
{
	struct buf faults;

	if (parse(text, out, &faults) != RC_OK)
		fail_msg("refused: %s", buf_cstr(&faults));
	buf_fini(&faults);
}

static void refuses(const char *text, const char *said)
{
	struct conf conf;
	struct buf faults;

	assert_int_equal(parse(text, &conf, &faults), RC_INVALID);
	assert_string_equal(buf_cstr(&faults), said);
	buf_fini(&faults);
}

static void test_defaults(void **state)
{
	struct conf a, b;

	(void)state;
	conf_init(&a);
	takes("", &b);
	assert_string_equal(a.state.s, "/var/lib/teleconsult");
	assert_string_equal(b.state.s, a.state.s);
	assert_string_equal(a.partners.host, "::");
	assert_int_equal(a.partners.port, 8443);
	assert_string_equal(a.people.host, "::");
	assert_int_equal(a.people.port, 8444);
	assert_string_equal(a.public_people.s, "");
	assert_int_equal(a.hosts.n, 0);
	assert_int_equal(a.workers, 0);
	assert_int_equal(a.log_level, LOG_LVL_INFO);
	assert_int_equal(a.certificate_days, 365);
	assert_string_equal(a.tls_key.s, "");
	assert_int_equal(a.body_rate, 1024);
}

/* A row without a readable default, a help or an example is a fault of ours. */
static void test_table(void **state)
{
	size_t n;
	const struct conf_option *table = conf_option_table(&n);

	(void)state;
	assert_true(n > 20);
	for (size_t i = 0; i < n; i++) {
		const struct conf_option *o = &table[i];
		struct conf space;
		struct err why = ERR_INIT;

		assert_true(strlen(o->help) > 10);
		assert_true(o->type->read(o, o->init, strlen(o->init), &space,
					  &why));
		assert_true(o->type->read(o, o->example, strlen(o->example),
					  &space, &why));
		assert_true(o->init[0] != '\0' || o->may_be_empty);
		assert_true(o->at + o->type->size <= sizeof(struct conf));
		for (size_t j = 0; j < i; j++)
			assert_true(strcmp(o->key, table[j].key) != 0 ||
				    strcmp(o->section, table[j].section) != 0);
		/* sections stand together */
		for (size_t j = 0; i > 0 && j < i - 1; j++)
			if (strcmp(table[j].section, o->section) == 0)
				assert_string_equal(table[i - 1].section,
						    o->section);
	}
}

static void test_values(void **state)
{
	struct conf c;

	(void)state;
	takes("# a comment\n"
	      "\t \n"
	      "  [daemon]  \n"
	      "state=/srv/a b # not a comment\n"
	      "\tworkers\t=\t4 \n"
	      "log_level = debug\n"
	      "[listen]\n"
	      "partners = 127.0.0.1:0\n"
	      "people = [2001:db8::1]:65535\n"
	      "hosts =  a.example\tb-2.example 192.0.2.1  ::1 \n"
	      "[tls]\n"
	      "key = /k=v\n"
	      "client_ca =\n"
	      "[daemon]\n"
	      "drain_seconds = 0", /* no line end */
	      &c);
	assert_string_equal(c.state.s, "/srv/a b # not a comment");
	assert_int_equal(c.workers, 4);
	assert_int_equal(c.log_level, LOG_LVL_DEBUG);
	assert_string_equal(c.partners.host, "127.0.0.1");
	assert_int_equal(c.partners.port, 0);
	assert_string_equal(c.people.host, "2001:db8::1");
	assert_int_equal(c.people.port, 65535);
	assert_int_equal(c.hosts.n, 4);
	assert_string_equal(c.hosts.name[0], "a.example");
	assert_string_equal(c.hosts.name[1], "b-2.example");
	assert_string_equal(c.hosts.name[2], "192.0.2.1");
	assert_string_equal(c.hosts.name[3], "::1");
	assert_string_equal(c.tls_key.s, "/k=v");
	assert_string_equal(c.tls_client_ca.s, "");
	assert_int_equal(c.drain_seconds, 0);
}

static void test_all_faults_at_once(void **state)
{
	(void)state;
	refuses("workers = 1\n"
		"[daemon]\n"
		"workers = 65\n"
		"wrokers = 1\n"
		"[deamon]\n"
		"anything = goes, for the section is the fault\n"
		"[listen\n"
		"[]\n"
		"[listen]\n"
		"people = localhost:1\n"
		"just words\n"
		"= 3\n"
		"[daemon]\n"
		"workers = 2\n"
		"state =\n"
		"log_level = INFO\n",
		"f:1: an option stands under a [section]\n"
		"f:3: workers must be a whole number from 0 to 64\n"
		"f:4: there is no option \"wrokers\" in [daemon]\n"
		"f:5: there is no section [deamon]\n"
		"f:7: a section is written [name]\n"
		"f:8: a section is written [name]\n"
		"f:10: people must be ADDRESS:PORT, an IPv6 address in "
		"brackets\n"
		"f:11: a line is \"key = value\", \"[section]\" or "
		"\"# comment\"\n"
		"f:12: a line is \"key = value\", \"[section]\" or "
		"\"# comment\"\n"
		"f:14: workers is set already on line 3\n"
		"f:15: state may not be empty\n"
		"f:16: log_level must be error, warning, info or debug\n");
}

static void refuses_value(const char *section, const char *key,
			  const char *value)
{
	struct conf conf;
	struct buf faults;
	char text[2048];

	snprintf(text, sizeof(text), "[%s]\n%s = %s\n", section, key, value);
	if (parse(text, &conf, &faults) != RC_INVALID)
		fail_msg("taken: %s", text);
	assert_memory_equal(buf_cstr(&faults), "f:2: ", 5);
	buf_fini(&faults);
}

static void test_bad_values(void **state)
{
	static const char *const numbers[] = {
		"",    "-1",  "+1", "01", "1 2",
		"0x1", "1e1", "1.", "65", "99999999999999999999",
	};
	static const char *const addresses[] = {
		":1",
		"127.0.0.1",
		"127.0.0.1:",
		"1.2.3.4:65536",
		"1.2.3.4:-1",
		"1.2.3.4:01",
		"::1:80",
		"[::1]",
		"[::1]80",
		"[::1:80",
		"[]:80",
		"[1.2.3.4]:80",
		"::1]:80",
		"1.2.3.4.5:80",
		"[::1%eth0]:80",
		"1.2.3:80",
		"example.org:80",
		"[::1] :80",
	};
	static const char *const hosts[] = {
		"Upper.example",
		"a_b",
		"-a",
		".a",
		"a/b",
		"a:8443",
		"[::1]",
		"a,b",
		"\xe5\x8c\xbb",
		"a b c d e f g h i",
	};
	static const char *const paths[] = {"", "relative", "./a", " "};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		refuses_value("daemon", "workers", numbers[i]);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		refuses_value("listen", "partners", addresses[i]);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		refuses_value("listen", "hosts", hosts[i]);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		refuses_value("daemon", "state", paths[i]);
}

static void test_lengths(void **state)
{
	char value[CONF_PATH_MAX + 2], text[CONF_PATH_MAX + 64];
	struct conf conf;

	(void)state;
	memset(value, 'a', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	refuses_value("listen", "hosts", value);
	value[CONF_HOST_MAX + 1] = '\0';
	refuses_value("listen", "hosts", value);
	value[CONF_HOST_MAX] = '\0';
	snprintf(text, sizeof(text), "[listen]\nhosts = %s", value);
	takes(text, &conf);
	assert_string_equal(conf.hosts.name[0], value);

	memset(value, 'a', sizeof(value));
	value[0] = '/';
	value[CONF_PATH_MAX + 1] = '\0';
	refuses_value("daemon", "state", value);
	value[CONF_PATH_MAX] = '\0';
	snprintf(text, sizeof(text), "[daemon]\nstate = %s", value);
	takes(text, &conf);
	assert_string_equal(conf.state.s, value);
}

static void test_bytes(void **state)
{
	static const char nul[] = "[daemon]\nstate = /a\0b\n";
	struct conf conf;
	struct buf faults;

	(void)state;
	buf_init(&faults, CONF_FAULTS_MAX);
	assert_int_equal(conf_parse("f", nul, sizeof(nul) - 1, &conf, &faults),
			 RC_INVALID);
	assert_string_equal(buf_cstr(&faults),
			    "f:2: the line is not printable UTF-8 text\n");
	buf_fini(&faults);
	refuses("[daemon]\r\nstate = /a\r\n",
		"f:1: the line is not printable UTF-8 text\n"
		"f:2: the line is not printable UTF-8 text\n");
	/* nothing of a bad line is shown */
	refuses("[daemon]\n\x1b[31m = /a\n\xff = 1\n",
		"f:2: the line is not printable UTF-8 text\n"
		"f:3: the line is not printable UTF-8 text\n");
	takes("# \xe4\xb8\xad\xe6\x96\x87\n", &conf);
}

/* More faults than are shown is still a refusal, and bounded. */
static void test_faults_are_bounded(void **state)
{
	struct buf text, faults;
	struct conf conf;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 20000; i++)
		buf_str(&text, "words\n");
	buf_init(&faults, 1000);
	assert_int_equal(
		conf_parse("f", buf_cstr(&text), text.len, &conf, &faults),
		RC_INVALID);
	assert_true(faults.failed);
	assert_true(faults.len <= 1000);
	buf_fini(&faults);
	buf_init(&faults, 3); /* not one fits */
	assert_int_equal(conf_parse("f", "words", 5, &conf, &faults),
			 RC_INVALID);
	buf_fini(&faults);
	buf_fini(&text);
}

static void test_print_is_a_file(void **state)
{
	struct conf c, again;
	struct buf first, second;
	size_t n;

	(void)state;
	takes("[daemon]\nworkers = 7\nlog_level = error\n"
	      "[listen]\npartners = [::1]:0\npeople = 10.0.0.1:99\n"
	      "hosts = a b\n[keys]\nfield = /k\n[deadlines]\nidle_ms = 100\n",
	      &c);
	buf_init(&first, 1 << 20);
	buf_init(&second, 1 << 20);
	conf_print(&c, &first);
	takes(buf_cstr(&first), &again);
	conf_print(&again, &second);
	assert_string_equal(buf_cstr(&first), buf_cstr(&second));
	assert_non_null(strstr(buf_cstr(&first), "\nworkers = 7\n"));
	assert_non_null(strstr(buf_cstr(&first), "\npartners = [::1]:0\n"));
	assert_non_null(strstr(buf_cstr(&first), "\nhosts = a b\n"));
	(void)conf_option_table(&n);
	for (const char *p = buf_cstr(&first); (p = strstr(p, " =")); p++)
		n--;
	assert_int_equal(n, 0);
	for (const char *p = buf_cstr(&first); *p != '\0';) {
		size_t len = strcspn(p, "\n");

		assert_true(len <= 100);
		p += len + (p[len] == '\n');
	}
	buf_fini(&first);
	buf_fini(&second);
}

static void test_public(void **state)
{
	static const char *const good[] = {"a:1", "teleconsult.example.org:443",
					   "192.0.2.1:8444",
					   "[2001:db8::1]:65535", ""};
	static const char *const bad[] = {
		"a",	    "a:",	   ":1",    "a:0",   "a:65536",
		"a:1 ",	    "::1:443",	   "[::1]", "[a]:1", "[]:1",
		"A:1",	    "a b:1",	   "-a:1",  "a:01",  "a:+1",
		"[::1:443", "https://a:1", "a/b:1"};
	struct conf c;

	(void)state;
	conf_init(&c);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
			conf_set(&c, "listen", "public_people", good[i], NULL),
			RC_OK);
		assert_string_equal(c.public_people.s, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (conf_set(&c, "listen", "public_people", bad[i], NULL) !=
		    RC_USAGE)
			fail_msg("it took %s", bad[i]);
	assert_string_equal(c.public_people.s, "");
}

static void test_set(void **state)
{
	struct conf c;
	struct err err = ERR_INIT;

	(void)state;
	conf_init(&c);
	assert_int_equal(conf_set(&c, "listen", "hosts", "a b", &err), RC_OK);
	assert_string_equal(c.hosts.name[1], "b");
	assert_int_equal(conf_set(&c, "listen", "people", "x", &err), RC_USAGE);
	assert_string_equal(err.text, "people must be ADDRESS:PORT, an IPv6 "
				      "address in brackets");
	assert_int_equal(conf_set(&c, "daemon", "state", "/a\nb", &err),
			 RC_USAGE);
	assert_int_equal(conf_set(&c, "daemon", "state", "", &err), RC_USAGE);
	assert_int_equal(conf_set(&c, "daemon", "nothing", "1", &err),
			 RC_USAGE);
	assert_string_equal(c.state.s, "/var/lib/teleconsult");
}

static void note_change(void *ctx, const char *section, const char *key,
			bool reloaded)
{
	buf_printf(ctx, "%s.%s %s\n", section, key, reloaded ? "yes" : "no");
}

static void test_reload(void **state)
{
	struct conf running, fresh;
	struct buf said;

	(void)state;
	takes("[daemon]\nworkers = 2\n[tls]\nkey = /old/longer/path\n",
	      &running);
	takes("[daemon]\nworkers = 3\nlog_level = debug\n[tls]\nkey = /new\n"
	      "[listen]\nhosts = a\n",
	      &fresh);
	buf_init(&said, 4096);
	conf_reload(&running, &fresh, note_change, &said);
	assert_string_equal(buf_cstr(&said), "daemon.workers no\n"
					     "daemon.log_level yes\n"
					     "listen.hosts no\n"
					     "tls.key yes\n");
	assert_int_equal(running.workers, 2);
	assert_int_equal(running.hosts.n, 0);
	assert_int_equal(running.log_level, LOG_LVL_DEBUG);
	assert_string_equal(running.tls_key.s, "/new");
	buf_reset(&said);
	takes("[daemon]\nworkers = 2\nlog_level = debug\n[tls]\nkey = /new\n",
	      &fresh);
	conf_reload(&running, &fresh, note_change, &said);
	assert_string_equal(buf_cstr(&said), "");
	buf_fini(&said);
}

static void test_load(void **state)
{
	char path[] = "/tmp/test_conf.XXXXXX";
	int fd = mkstemp(path);
	struct conf conf;
	struct buf faults, said;
	struct err err = ERR_INIT;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "[daemon]\nworkers = 5\nx\n", 23), 23);
	close(fd);
	buf_init(&faults, CONF_FAULTS_MAX);
	buf_init(&said, 4096);
	assert_int_equal(conf_load(path, &conf, &faults, &err), RC_INVALID);
	buf_printf(&said, "%s:3: ", path);
	assert_memory_equal(buf_cstr(&faults), buf_cstr(&said), said.len);
	unlink(path);
	buf_reset(&faults);
	assert_int_equal(conf_load(path, &conf, &faults, &err), RC_NOT_FOUND);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(conf_load("/dev/zero", &conf, &faults, &err),
			 RC_TOO_LARGE);
	buf_fini(&faults);
	buf_fini(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_all_faults_at_once),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_faults_are_bounded),
		cmocka_unit_test(test_print_is_a_file),
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
