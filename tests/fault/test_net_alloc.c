/*
 * The n-th allocation of a worker fails, for every n that a connection with
 * its requests makes: OpenSSL's, libevent's and our own. Either the program
 * aborts, and then it was a small struct's, of a size that we choose; or the
 * peer is cut or gets an error, the front lets go of the connection and serves
 * the next one, and nothing leaks (under the address sanitizer). What is large
 * enough to hold a peer's bytes never aborts: of those each one is tried. Each
 * n has its own process; several live at once, because they mostly wait.
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
/* Processes at once, and how often one may be too slow for its peer. */
#define WIDE 8
#define PATIENCE 20

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
/* Shared with the processes that try: the sizes that failed there, or 0. */
static _Atomic size_t *failed;
static unsigned mine; /* which of them is this process's */

static bool fails(size_t size)
{
	if (!on_worker || size < least || atomic_load(&countdown) == 0 ||
	    atomic_fetch_sub(&countdown, 1) != 1)
		return false;
	atomic_store(&failed[mine], size);
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

/* A field and a body as long as a peer likes. */
static bool ask_at_length(struct netrig_client *c, struct buf *out)
{
	struct buf request;
	bool ok;

	buf_init(&request, 1 << 20);
	buf_printf(&request,
		   "POST /echo HTTP/1.1\r\nHost: localhost\r\nX-Long: %0*d\r\n"
		   "Content-Length: %d\r\n\r\n%0*d",
		   LONG, 0, LONG, LONG, 0);
	ok = netrig_ask(c, buf_cstr(&request), out);
	buf_fini(&request);
	return ok;
}

/* A handshake and every way of taking and giving bytes. Each is tried, whatever
 * became of the one before; answers whether all were answered. */
static bool converse(struct netrig *rig, const struct netdemo_client *id)
{
	static const char chunked[] =
		"POST /echo HTTP/1.1\r\nHost: localhost\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n";
	struct netrig_client c;
	struct buf out;
	bool whole = false;
	int fd = netrig_connect(rig, id ? 0 : 1);

	assert_true(fd >= 0);
	buf_init(&out, 1 << 20);
	if (netrig_handshake(&c, netrig_ctx(&rig->keys.ca, id), fd)) {
		whole = netrig_ask(&c, NETRIG_GET("/healthz"), &out);
		whole &= netrig_ask(&c, chunked, &out);
		whole &= ask_at_length(&c, &out);
		whole &= netrig_ask(&c, NETRIG_GET("/big?20000"), &out);
		whole &= netrig_ask(&c, NETRIG_GET("/later"), &out);
		whole &= netrig_ask(&c, "BAD\r\n\r\n", &out);
	}
	buf_fini(&out);
	netrig_close(&c);
	return whole;
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
	ok = netrig_handshake(&c, netrig_ctx(&rig->keys.ca, NULL),
			      netrig_connect(rig, 1)) &&
	     netrig_ask(&c, NETRIG_GET("/healthz"), &out);
	buf_fini(&out);
	netrig_close(&c);
	return ok && netrig_await(rig, &figures.connections, &figures, 0);
}

enum { SERVED = 0, NOT_REACHED = 70, BROKEN = 71, TOO_SLOW = 72 };

static int live(struct netrig *rig, const struct netdemo_client *id, int64_t n)
{
	bool whole;
	int outcome;

	netrig_start(rig);
	atomic_store(&countdown, n);
	whole = converse(rig, id);
	outcome = atomic_exchange(&countdown, 0) <= 0 ? SERVED
		  : whole			      ? NOT_REACHED
						      : TOO_SLOW;
	for (int i = 0; !serves(rig); i++)
		if (i == PATIENCE) {
			outcome = BROKEN;
			break;
		}
	netrig_free(rig);
	return outcome;
}

struct attempt {
	int64_t n;
	unsigned tries;
	pid_t pid; /* 0: none */
};

/* One walk, of every n that makes an allocation of at least this size fail. */
struct walk {
	struct netrig *rig;
	const struct netdemo_client *id;
	int64_t next, end; /* end: no n from there on is reached */
	struct attempt tries[WIDE];
	unsigned served, aborted;
	size_t most_aborted; /* the largest size that was not answered */
};

static void begin(struct walk *walk, unsigned slot)
{
	struct attempt *attempt = &walk->tries[slot];

	(void)fflush(stdout); /* not twice */
	atomic_store(&failed[slot], 0);
	attempt->tries++;
	attempt->pid = fork();
	assert_true(attempt->pid >= 0);
	if (attempt->pid == 0) {
		mine = slot;
		log_init(open("/dev/null", O_WRONLY), LOG_LVL_ERR, 0);
		exit(live(walk->rig, walk->id, attempt->n));
	}
}

/* Of all sizes: each n, then ever fewer. Of large ones: each. */
static void try_next(struct walk *walk, unsigned slot)
{
	walk->tries[slot] = (struct attempt){.n = walk->next};
	walk->next += least ? 1 : 1 + walk->next / 25;
	begin(walk, slot);
}

static void settle(struct walk *walk, unsigned slot, int status)
{
	struct attempt *attempt = &walk->tries[slot];
	size_t size = atomic_load(&failed[slot]);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	attempt->pid = 0;
	if (code == NOT_REACHED) {
		walk->end = attempt->n < walk->end ? attempt->n : walk->end;
	} else if (code == TOO_SLOW && attempt->tries < PATIENCE) {
		begin(walk, slot);
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && size) {
		walk->aborted++;
		if (size > walk->most_aborted)
			walk->most_aborted = size;
	} else if (code == SERVED && size) {
		walk->served++;
	} else {
		fail_msg("allocation %lld, %zu bytes: status %x",
			 (long long)attempt->n, size, (unsigned)status);
	}
}

/* The slot of this process, or, for 0, one that is free; WIDE: there is none.
 */
static unsigned slot_of(const struct walk *walk, pid_t pid)
{
	unsigned slot = 0;

	while (slot < WIDE && walk->tries[slot].pid != pid)
		slot++;
	return slot;
}

static bool is_busy(const struct walk *walk)
{
	for (unsigned slot = 0; slot < WIDE; slot++)
		if (walk->tries[slot].pid)
			return true;
	return false;
}

static void walk(struct netrig *rig, const struct netdemo_client *id,
		 size_t size)
{
	struct walk walk = {.rig = rig, .id = id, .next = 1, .end = MOST};
	unsigned slot;
	int status;

	least = size;
	do {
		while (walk.next < walk.end &&
		       (slot = slot_of(&walk, 0)) < WIDE)
			try_next(&walk, slot);
		slot = slot_of(&walk, waitpid(-1, &status, 0));
		assert_true(slot < WIDE);
		settle(&walk, slot, status);
	} while (walk.next < walk.end || is_busy(&walk));
	printf("from %zu bytes on, to allocation %lld: %u served, %u aborted,"
	       " at most of %zu bytes\n",
	       size, (long long)walk.end, walk.served, walk.aborted,
	       walk.most_aborted);
	assert_true(walk.end < MOST && walk.served >= 10);
	assert_true(walk.most_aborted < LARGE);
}

static void every_allocation(void **state)
{
	struct netrig rig;

	(void)state;
	netrig_new(&rig);
	rig.config.workers = 1;
	rig.config.handler_ms = 1000;
	rig.config.handshake_ms = 1000;
	rig.config.head_ms = 1000;
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

	failed = mmap(NULL, WIDE * sizeof(*failed), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (failed == MAP_FAILED)
		return 1;
	mem_set_ops(&fault_ops);
	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
