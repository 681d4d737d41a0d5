/* What stands between the daemon and the system: notify, sockets, signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/sys/dir.h"
#include "daemon/sys/handover.h"
#include "daemon/sys/notify.h"
#include "daemon/sys/process.h"
#include "daemon/sys/signals.h"

static char *new_dir(char *template)
{
	char *dir = mkdtemp(template);

	assert_non_null(dir);
	return dir;
}

/* A manager's socket; name as $NOTIFY_SOCKET has it. */
static int manager(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(
		bind(fd, (struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
		0);
	return fd;
}

static void hears(int fd, const char *text)
{
	char got[256] = {0};

	assert_int_equal(recv(fd, got, sizeof(got) - 1, 0), strlen(text));
	assert_string_equal(got, text);
}

static void test_notify(void **state)
{
	char template[] = "/tmp/test_sys.XXXXXX", path[64], name[64];
	struct err err = ERR_INIT;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/s", new_dir(template));
	fd = manager(path);
	assert_int_equal(sys_notify(path, "READY=1\nSTATUS=up", &err), RC_OK);
	hears(fd, "READY=1\nSTATUS=up");
	close(fd);
	unlink(path);
	assert_int_equal(sys_notify(path, "READY=1", &err), RC_NOT_FOUND);
	rmdir(template);

	snprintf(name, sizeof(name), "@test_sys.%ld", (long)getpid());
	fd = manager(name);
	assert_int_equal(sys_notify(name, "WATCHDOG=1", &err), RC_OK);
	hears(fd, "WATCHDOG=1");
	assert_int_equal(sys_notify(NULL, "WATCHDOG=1", &err), RC_OK);
	assert_int_equal(recv(fd, path, sizeof(path), 0), -1);
	close(fd);
}

static void test_notify_addresses(void **state)
{
	char longest[200];
	struct err err = ERR_INIT;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(sys_notify(longest, "X=1", &err), RC_INVALID);
	assert_int_equal(sys_notify("", "X=1", &err), RC_INVALID);
	assert_int_equal(sys_notify("@", "X=1", &err), RC_INVALID);
	assert_int_equal(sys_notify("vsock:2:1", "X=1", &err), RC_INVALID);
}

static void test_watchdog(void **state)
{
	char mine[32], other[32];

	(void)state;
	snprintf(mine, sizeof(mine), "%ld", (long)getpid());
	snprintf(other, sizeof(other), "%ld", (long)getppid());
	assert_int_equal(sys_watchdog_ms("30000000", mine), 30000);
	assert_int_equal(sys_watchdog_ms("30000000", NULL), 30000);
	assert_int_equal(sys_watchdog_ms("10", mine), 1);
	assert_int_equal(sys_watchdog_ms("30000000", other), 0);
	assert_int_equal(sys_watchdog_ms("30000000", "x"), 0);
	assert_int_equal(sys_watchdog_ms(NULL, mine), 0);
	assert_int_equal(sys_watchdog_ms("0", mine), 0);
	assert_int_equal(sys_watchdog_ms("1s", mine), 0);
}

#define FIRST 100 /* well above what this program has open */

static void put_listener(int at, int type, int backlog)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr =
					      htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	if (backlog > 0)
		assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(dup2(fd, at), at);
	close(fd);
}

static void test_handover(void **state)
{
	char pid[32];
	struct sys_handover_env env = {.pid = pid,
				       .fds = "2",
				       .names = "people:partners",
				       .first = FIRST};
	struct sys_handed got[SYS_HANDOVER_MAX];
	struct err err = ERR_INIT;
	unsigned n;

	(void)state;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	put_listener(FIRST, SOCK_STREAM, 1);
	put_listener(FIRST + 1, SOCK_STREAM, 1);
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_OK);
	assert_int_equal(n, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(got[i].fd, FIRST + i);
		assert_true(fcntl(got[i].fd, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(got[i].fd, F_GETFD) & FD_CLOEXEC);
	}
	assert_string_equal(got[0].name, "people");
	assert_string_equal(got[1].name, "partners");

	env.names = NULL;
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_OK);
	assert_string_equal(got[1].name, "");
	env.names = "a-name-that-is-longer-than-thirty-one-bytes";
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_OK);
	assert_int_equal(strlen(got[0].name), SYS_HANDOVER_NAME_MAX);
	close(FIRST);
	close(FIRST + 1);
}

static void test_handover_refused(void **state)
{
	char pid[32], other[32];
	struct sys_handover_env env = {.pid = pid, .fds = "1", .first = FIRST};
	struct sys_handed got[SYS_HANDOVER_MAX];
	struct err err = ERR_INIT;
	unsigned n;

	(void)state;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(other, sizeof(other), "%ld", (long)getppid());
	/* nothing there, not listening, not a stream */
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_INVALID);
	put_listener(FIRST, SOCK_STREAM, 0);
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_INVALID);
	put_listener(FIRST, SOCK_DGRAM, 0);
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_INVALID);
	assert_int_equal(n, 0);
	env.fds = "5";
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_INVALID);
	env.fds = "-1";
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_INVALID);
	/* not for us */
	env.pid = other;
	env.fds = "1";
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_OK);
	assert_int_equal(n, 0);
	env.pid = NULL;
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_OK);
	env = (struct sys_handover_env){.pid = pid, .first = FIRST};
	assert_int_equal(sys_handover(&env, got, &n, &err), RC_OK);
	assert_int_equal(n, 0);
	close(FIRST);
}

static void test_signals(void **state)
{
	(void)state;
	sys_signals_block();
	assert_int_equal(sys_signals_wait(0), SYS_SIGNAL_NONE);
	kill(getpid(), SIGHUP);
	assert_int_equal(sys_signals_wait(1000), SYS_SIGNAL_RELOAD);
	kill(getpid(), SIGTERM);
	assert_int_equal(sys_signals_wait(1000), SYS_SIGNAL_STOP);
	kill(getpid(), SIGINT);
	assert_int_equal(sys_signals_wait(1000), SYS_SIGNAL_STOP);
	kill(getpid(), SIGPIPE); /* would end us */
	assert_int_equal(sys_signals_wait(1), SYS_SIGNAL_NONE);
}

static void test_process(void **state)
{
	struct rlimit limit = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_true(sys_process_cores() >= 1);
	assert_int_equal(sys_process_harden(&err), RC_OK);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(limit.rlim_max, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(limit.rlim_cur, limit.rlim_max);
	assert_int_equal(umask(077), 077);
}

static void test_dir(void **state)
{
	char template[] = "/tmp/test_sys.XXXXXX";
	char *top = new_dir(template);
	char from[64], in[80], deep[96], to[64];
	struct stat stat_of;
	struct err err = ERR_INIT;

	(void)state;
	snprintf(from, sizeof(from), "%s/from", top);
	snprintf(in, sizeof(in), "%s/in", from);
	snprintf(deep, sizeof(deep), "%s/file", in);
	snprintf(to, sizeof(to), "%s/to", top);
	assert_int_equal(sys_dir_vacant(to, &err), RC_OK);
	assert_int_equal(sys_dir_make(from, 0700, &err), RC_OK);
	assert_int_equal(sys_dir_make(in, 0750, &err), RC_OK);
	assert_int_equal(sys_dir_make(in, 0700, &err), RC_EXISTS);
	assert_int_equal(stat(in, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0750);
	assert_int_equal(file_write_new(deep, "x", 1, 0600, &err), RC_OK);

	/* onto an empty directory, then onto what is none */
	assert_int_equal(sys_dir_make(to, 0755, &err), RC_OK);
	assert_int_equal(sys_dir_vacant(to, &err), RC_OK);
	assert_int_equal(sys_dir_place(from, to, &err), RC_OK);
	assert_int_equal(stat(from, &stat_of), -1);
	assert_int_equal(stat(to, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0700);
	assert_int_equal(sys_dir_vacant(to, &err), RC_EXISTS);
	assert_int_equal(sys_dir_make(from, 0700, &err), RC_OK);
	assert_int_equal(sys_dir_place(from, to, &err), RC_EXISTS);
	assert_int_equal(stat(from, &stat_of), 0);
	snprintf(deep, sizeof(deep), "%s/in/file", to);
	assert_int_equal(sys_dir_vacant(deep, &err), RC_EXISTS);
	assert_int_equal(sys_dir_place(from, deep, &err), RC_EXISTS);
	snprintf(deep, sizeof(deep), "%s/no/such", top);
	assert_int_equal(sys_dir_place(from, deep, &err), RC_NOT_FOUND);
	assert_int_equal(sys_dir_place(deep, to, &err), RC_NOT_FOUND);

	sys_dir_remove(top);
	assert_int_equal(stat(top, &stat_of), -1);
}

static void test_dir_absolute(void **state)
{
	char here[PATH_MAX], want[PATH_MAX + 8], got[PATH_MAX];
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(want, sizeof(want), "%s/new", here);
	assert_int_equal(sys_dir_absolute("new", got, &err), RC_OK);
	assert_string_equal(got, want);
	assert_int_equal(sys_dir_absolute("./new", got, &err), RC_OK);
	assert_string_equal(got, want);
	assert_int_equal(sys_dir_absolute("/tmp/../new", got, &err), RC_OK);
	assert_string_equal(got, "/new");
	assert_int_equal(sys_dir_absolute("/new", got, &err), RC_OK);
	assert_string_equal(got, "/new");
	assert_int_equal(sys_dir_absolute("new//", got, &err), RC_OK);
	assert_string_equal(got, want);
	assert_int_equal(sys_dir_absolute("/", got, &err), RC_USAGE);
	assert_int_equal(sys_dir_absolute("", got, &err), RC_USAGE);
	assert_int_equal(sys_dir_absolute("/tmp/..", got, &err), RC_USAGE);
	assert_int_equal(sys_dir_absolute("/no/such/x", got, &err),
			 RC_NOT_FOUND);
	assert_true(sys_dir_has("/tmp"));
	assert_false(sys_dir_has("/no/such"));
	assert_false(sys_dir_shorter("/dev/null", 1));
	assert_false(sys_dir_shorter("/no/such", 1));
	assert_true(sys_dir_shorter("/proc/self/stat", 1));
}

/* A link is taken away, not what it leads to. */
static void test_dir_links(void **state)
{
	char template[] = "/tmp/test_sys.XXXXXX";
	char other[] = "/tmp/test_sys.XXXXXX";
	char link[64], kept[64];
	struct err err = ERR_INIT;
	struct stat stat_of;

	(void)state;
	snprintf(link, sizeof(link), "%s/l", new_dir(template));
	snprintf(kept, sizeof(kept), "%s/kept", new_dir(other));
	assert_int_equal(file_write_new(kept, "x", 1, 0600, &err), RC_OK);
	assert_int_equal(symlink(other, link), 0);
	sys_dir_remove(template);
	assert_int_equal(stat(template, &stat_of), -1);
	assert_int_equal(stat(kept, &stat_of), 0);
	sys_dir_remove(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_notify_addresses),
		cmocka_unit_test(test_watchdog),
		cmocka_unit_test(test_handover),
		cmocka_unit_test(test_handover_refused),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_dir),
		cmocka_unit_test(test_dir_absolute),
		cmocka_unit_test(test_dir_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
