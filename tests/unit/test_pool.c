/* Blocks kept for the thread's next use: which, how many, and until when. */
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/pool.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEPS 0
#else
#define KEEPS 1
#endif

#define BLOCKS 400u

/* Of all threads, what malloc() has given out. */
static size_t given_out(void)
{
	return mallinfo2().uordblks + mallinfo2().hblkhd;
}

static void test_comes_again(void **state)
{
	(void)state;
	for (size_t size = 1; size <= POOL_LARGEST; size += 7) {
		void *p = pool_alloc(size);
		uintptr_t was = (uintptr_t)p;

		assert_non_null(p);
		memset(p, 0x5a, size);
		pool_free(p);
		p = pool_alloc(size);
		if (KEEPS)
			assert_true((uintptr_t)p == was);
		pool_free(p);
	}
	pool_free(NULL);
}

static unsigned next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33);
}

/* Whatever was freed before, a block is large enough and nobody else's; some
 * go through the C library's own functions. */
static void test_large_enough(void **state)
{
	static unsigned char *at[BLOCKS];
	static size_t size[BLOCKS];
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)getpid();

	(void)state;
	printf("SEED=%llu\n", (unsigned long long)seed);
	for (unsigned n = 0; n < 200000; n++) {
		unsigned i = next(&seed) % BLOCKS;

		for (size_t k = 0; k < size[i]; k += 1 + size[i] / 16)
			assert_int_equal(at[i][k], i % 251);
		if (next(&seed) % 8)
			pool_free(at[i]);
		else
			free(at[i]);
		size[i] = next(&seed) % (next(&seed) % 16 ? 600 : 20000);
		at[i] = next(&seed) % 8 ? pool_alloc(size[i]) : malloc(size[i]);
		assert_non_null(at[i]);
		assert_true((uintptr_t)at[i] % 16 == 0);
		memset(at[i], (int)(i % 251), size[i]);
	}
	for (unsigned i = 0; i < BLOCKS; i++)
		pool_free(at[i]);
}

static void free_many(void)
{
	static _Thread_local void *at[BLOCKS];

	for (unsigned i = 0; i < BLOCKS; i++)
		at[i] = pool_alloc(4000);
	for (unsigned i = 0; i < BLOCKS; i++)
		pool_free(at[i]);
}

static void test_bounded(void **state)
{
	size_t before = given_out();

	(void)state;
	free_many();
	assert_true(given_out() <= before + POOL_KEPT);
}

static void *run(void *unused)
{
	(void)unused;
	free_many();
	return NULL;
}

static void test_ends_with_its_thread(void **state)
{
	pthread_t thread;
	size_t before = 0;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
		pthread_join(thread, NULL);
		if (i == 0)
			before = given_out();
	}
	assert_true(given_out() < before + POOL_KEPT / 2);
}

static void free_twice(void)
{
	void *p = pool_alloc(100), *q = pool_alloc(100);

	pool_free(p);
	pool_free(q);
	pool_free(p);
}

static void write_after_free(void)
{
	char *p = pool_alloc(100);

	pool_free(p);
	memset(p, 'x', 100);
	for (unsigned i = 0; i < 2; i++)
		memset(pool_alloc(100), 0, 100);
}

static int status_of(void (*wrong)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO); /* a sanitizer's words */
		wrong();
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void test_misuse_aborts(void **state)
{
	(void)state;
	if (KEEPS) {
		assert_int_equal(WTERMSIG(status_of(free_twice)), SIGABRT);
		assert_true(WIFSIGNALED(status_of(write_after_free)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_again),
		cmocka_unit_test(test_large_enough),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_ends_with_its_thread),
		cmocka_unit_test(test_misuse_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
