/*
 * The n-th allocation of a worker fails, for every n that a connection with
 * its requests makes: OpenSSL's, libevent's and our own. Either the program
 * aborts, and then it was a small struct's, of a size that we choose; or the
 * peer is cut or gets an error, the front lets go of the connection and serves
 * the next one, and nothing leaks (under the address sanitizer). What is large
 * enough to hold a peer's bytes never aborts: of those each one is tried. Each
 * n has its own process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "tests/support/netrig.h"

#define MOST 20000
/* Every buffer that a peer's bytes fill is at least as large: libevent's
 * chains, OpenSSL's records, our heads and bodies. */
#define LARGE 1024u
/* of a field and of a body: more than a chain's first piece */
#define LONG 5000

/* OpenSSL 3.0 itself loses a few bytes when it runs out of memory in the
 * middle of a name. What of its objects we forget, the other tests find. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcrypto.so\n";
}

static _Thread_local bool on_worker;
static _Atomic int64_t countdown; /* 0: nothing fails */
static size_t least;		  /* smaller ones are not counted */
/* Shared with the process that tries: the size that failed there, or 0. */
static _Atomic size_t *failed;

static bool fails(size_t size)
{
	if (!on_worker || size < least || atomic_load(&countdown) == 0 ||
	    atomic_fetch_sub(&countdown, 1) != 1)
		return false;
	atomic_store(failed, size);
	return true;
}

static void *fault_alloc(size_t size)
{
	return fails(size) ? NULL : malloc(size);
}

static void *fault_realloc(void *old, size_t size)
{
	return fails(size) ? NULL : realloc(old, size);
}

static const struct mem_ops fault_ops = {fault_alloc, fault_realloc, free};

static void *worker_start(void *ctx, unsigned worker)
{
	(void)worker;
	on_worker = true;
	return ctx;
}

static void ask(struct netrig_client *c, const char *request, struct buf *out)
{
	(void)netrig_ask(c, request, out); /* or not: the worker's choice */
}

/* A field and a body as long as a peer likes. */
static void ask_at_length(struct netrig_client *c, struct buf *out)
{
	struct buf request;

	buf_init(&request, 1 << 20);
	buf_printf(&request,
		   "POST /echo HTTP/1.1\r\nHost: localhost\r\nX-Long: %0*d\r\n"
		   "Content-Length: %d\r\n\r\n%0*d",
		   LONG, 0, LONG, LONG, 0);
	ask(c, buf_cstr(&request), out);
	buf_fini(&request);
}

/* A handshake and every way of taking and giving bytes. */
static void converse(struct netrig *rig, const struct netdemo_client *id)
{
	static const char chunked[] =
		"POST /echo HTTP/1.1\r\nHost: localhost\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n";
	struct netrig_client c;
	struct buf out;
	int fd = netrig_connect(rig, id ? 0 : 1);

	assert_true(fd >= 0);
	buf_init(&out, 1 << 20);
	if (netrig_handshake(&c, netrig_ctx(&rig->keys.ca, id), fd)) {
		ask(&c, NETRIG_GET("/healthz"), &out);
		ask(&c, chunked, &out);
		ask_at_length(&c, &out);
		ask(&c, NETRIG_GET("/big?20000"), &out);
		ask(&c, NETRIG_GET("/later"), &out);
		ask(&c, "BAD\r\n\r\n", &out);
	}
	buf_fini(&out);
	netrig_close(&c);
}

static bool serves(struct netrig *rig)
{
	struct netrig_client c;
	struct net_figures figures = {0};
	struct buf out;
	bool ok;

	if (!netrig_await(rig, &figures.connections, &figures, 0))
		return false;
	buf_init(&out, 65536);
	netrig_open(rig, NULL, &c);
	ok = netrig_ask(&c, NETRIG_GET("/healthz"), &out);
	buf_fini(&out);
	netrig_close(&c);
	return ok && netrig_await(rig, &figures.connections, &figures, 0);
}

enum { SERVED = 0, NOT_REACHED = 70, BROKEN = 71 };

static int live(struct netrig *rig, const struct netdemo_client *id, int64_t n)
{
	int outcome;

	netrig_start(rig);
	atomic_store(&countdown, n);
	converse(rig, id);
	outcome = atomic_exchange(&countdown, 0) > 0 ? NOT_REACHED : SERVED;
	if (!serves(rig))
		outcome = BROKEN;
	netrig_free(rig);
	return outcome;
}

/* The outcome in a process of its own. */
static int try(struct netrig *rig, const struct netdemo_client *id, int64_t n)
{
	(void)fflush(stdout); /* not twice */
	atomic_store(failed, 0);
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		log_init(open("/dev/null", O_WRONLY), LOG_LVL_ERR, 0);
		exit(live(rig, id, n));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

struct tally {
	unsigned served, aborted;
	size_t most_aborted; /* the largest size that was not answered */
};

/* false: there is no n-th allocation. */
static bool settle(int status, int64_t n, struct tally *tally)
{
	size_t size = atomic_load(failed);

	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_REACHED)
		return false;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && size) {
		tally->aborted++;
		if (size > tally->most_aborted)
			tally->most_aborted = size;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == SERVED && size) {
		tally->served++;
	} else {
		fail_msg("allocation %lld, %zu bytes: status %x", (long long)n,
			 size, (unsigned)status);
	}
	return true;
}

/* Of all sizes: each n, then ever fewer. Of large ones: each. */
static void walk(struct netrig *rig, const struct netdemo_client *id,
		 size_t size)
{
	struct tally tally = {0};
	int64_t n = 1;

	least = size;
	while (n < MOST && settle(try(rig, id, n), n, &tally))
		n += size ? 1 : 1 + n / 25;
	printf("from %zu bytes on, to allocation %lld: %u served, %u aborted,"
	       " at most of %zu bytes\n",
	       size, (long long)n, tally.served, tally.aborted,
	       tally.most_aborted);
	assert_true(n < MOST && tally.served >= 10);
	assert_true(tally.most_aborted < LARGE);
}

static void every_allocation(void **state)
{
	struct netrig rig;

	(void)state;
	netrig_new(&rig);
	rig.config.workers = 1;
	rig.config.handler_ms = 300;
	rig.config.handshake_ms = 300;
	rig.config.head_ms = 300;
	rig.demo.app.worker_start = worker_start;
	for (int large = 0; large < 2; large++) {
		walk(&rig, NULL, large ? LARGE : 0);
		walk(&rig, &rig.partner, large ? LARGE : 0);
	}
	netrig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation),
	};

	failed = mmap(NULL, sizeof(*failed), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (failed == MAP_FAILED)
		return 1;
	mem_set_ops(&fault_ops);
	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
