#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/support/fake.h"

static int all_zero(const void *p, size_t len)
{
	const unsigned char *c = p;

	while (len > 0 && *c == 0) {
		c++;
		len--;
	}
	return len == 0;
}

static void memory_is_zeroed(void **state)
{
	char *p;

	(void)state;
	for (size_t n = 1; n < 3000; n = n * 3 + 1) {
		p = mem_alloc(n);
		assert_true(all_zero(p, n));
		memset(p, 0xee, n);
		mem_free(p);
		p = mem_try(n);
		assert_true(all_zero(p, n));
		memset(p, 0xee, n);
		mem_free(p);
	}
	assert_non_null(p = mem_alloc(0));
	p = mem_realloc(p, 10);
	memcpy(p, "123456789", 10);
	p = mem_realloc(p, 1000);
	assert_string_equal(p, "123456789");
	mem_free(p);
	p = mem_strdup("王");
	assert_string_equal(p, "王");
	mem_wipe(p, 3);
	assert_true(all_zero(p, 3));
	mem_wipe(NULL, 0);
	mem_free(p);
	mem_free(NULL);
}

static void use_alloc(void)
{
	mem_free(mem_alloc(8));
}

static void use_realloc(void)
{
	mem_free(mem_realloc(NULL, 8));
}

static void use_strdup(void)
{
	mem_free(mem_strdup("x"));
}

static int aborts(void (*f)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = {0, 0};

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		fake_mem_fail_at(1);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void our_own_sizes_abort(void **state)
{
	(void)state;
	assert_true(aborts(use_alloc));
	assert_true(aborts(use_realloc));
	assert_true(aborts(use_strdup));
	fake_mem_fail_at(1);
	assert_null(mem_try(8));
	assert_int_equal(fake_mem_calls(), 1);
	fake_mem_restore();
}

static void arena_answers_its_bound(void **state)
{
	static const size_t bounds[] = {0,    1,    15,	   16,	  48,
					4096, 5000, 10000, 200000};

	(void)state;
	for (size_t b = 0; b < sizeof(bounds) / sizeof(bounds[0]); b++)
		for (size_t n = 1; n < 5000; n = n * 2 + 1) {
			struct arena arena;
			size_t taken = 0;
			char *p;

			arena_init(&arena, bounds[b]);
			while ((p = arena_alloc(&arena, n)) != NULL) {
				assert_true(all_zero(p, n));
				assert_int_equal((uintptr_t)p % 16, 0);
				memset(p, 0xee, n);
				taken += (n + 15) / 16 * 16;
				assert_true(taken <= arena.used);
				assert_true(arena.used <= bounds[b]);
			}
			/* most of a roomy bound can be used */
			if (bounds[b] >= 5000 && n <= 127)
				assert_true(taken >= bounds[b] / 2);
			arena_fini(&arena);
			assert_int_equal(arena.used, 0);
			arena_fini(&arena); /* twice does no harm */
		}
}

/* Back where it was: later blocks are gone, what is given out is zero again. */
static void arena_goes_back(void **state)
{
	static const size_t before[] = {0, 1, 100, 3000, 100000};
	struct arena arena;

	(void)state;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		arena_init(&arena, 1 << 20);
		unsigned char *first = arena_alloc(&arena, before[i] + 1);
		memset(first, 7, before[i] + 1);
		struct arena_mark mark = arena_mark(&arena);
		size_t used = arena.used;

		for (int turn = 0; turn < 100; turn++) {
			unsigned char *p = arena_alloc(&arena, 40);

			assert_non_null(p);
			for (size_t k = 0; k < 40; k++)
				assert_int_equal(p[k], 0);
			memset(p, 255, 40);
			memset(arena_alloc(&arena, 200000), 255, 200000);
			arena_back(&arena, mark);
			assert_int_equal(arena.used, used);
		}
		for (size_t k = 0; k <= before[i]; k++)
			assert_int_equal(first[k], 7);
		arena_fini(&arena);
	}
}

static void arena_does_not_overflow(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 100000);
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - 15));
	assert_null(arena_alloc(&arena, SIZE_MAX - 16));
	assert_null(arena_alloc(&arena, SIZE_MAX / 2));
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_array(&arena, SIZE_MAX / 16 + 2, 16));
	assert_null(arena_strndup(&arena, "x", SIZE_MAX));
	assert_int_equal(arena.used, 0);
	assert_non_null(arena_alloc(&arena, 0));
	assert_non_null(arena_array(&arena, 0, 16));
	assert_non_null(arena_array(&arena, 100, 16));
	arena_fini(&arena);
	arena_init(&arena, SIZE_MAX); /* no bound: only memory ends it */
	assert_null(arena_alloc(&arena, SIZE_MAX - 16));
	arena_fini(&arena);
}

static void arena_copies_and_prints(void **state)
{
	struct arena arena;
	char *s;

	(void)state;
	arena_init(&arena, 10000);
	s = arena_strndup(&arena, "zhongxin", 5);
	assert_string_equal(s, "zhong");
	assert_string_equal(arena_strndup(&arena, "", 0), "");
	assert_string_equal(arena_printf(&arena, "%s-%d", s, 7), "zhong-7");
	assert_string_equal(arena_printf(&arena, "%s", ""), "");
	assert_null(arena_printf(&arena, "%20000d", 1));
	arena_fini(&arena);
}

/* An allocator that keeps what was freed, to look into it. */
static unsigned char *kept;
static size_t kept_size;

static void *keeping_alloc(size_t size)
{
	kept = malloc(size);
	kept_size = size;
	return kept;
}

static void keep(void *p)
{
	assert_ptr_equal(p, kept);
}

static void arena_and_buffer_wipe(void **state)
{
	static const struct mem_ops keeping = {keeping_alloc, realloc, keep};
	static const char secret[] = "王小明 1964";
	struct arena arena;
	struct buf buf;

	(void)state;
	mem_set_ops(&keeping);
	assert_ptr_equal(mem_ops(), &keeping);
	arena_init(&arena, 10000);
	assert_non_null(arena_strndup(&arena, secret, strlen(secret)));
	assert_non_null(memmem(kept, kept_size, secret, strlen(secret)));
	arena_fini(&arena);
	assert_null(memmem(kept, kept_size, secret, strlen(secret)));
	free(kept);
	buf_init(&buf, 10000);
	buf_str(&buf, secret);
	assert_non_null(memmem(kept, kept_size, secret, strlen(secret)));
	buf_fini(&buf);
	assert_true(all_zero(kept, kept_size));
	free(kept);
	mem_set_ops(NULL);
	assert_ptr_not_equal(mem_ops(), &keeping);
}

static unsigned char *old_bytes;

static void *growing_alloc(size_t size)
{
	return malloc(size);
}

static void growing_free(void *p)
{
	old_bytes = p;
}

/* What a growing buffer leaves behind is wiped, too. */
static void growing_buffer_wipes(void **state)
{
	static const struct mem_ops growing = {growing_alloc, realloc,
					       growing_free};
	struct buf buf;
	size_t cap;

	(void)state;
	mem_set_ops(&growing);
	buf_init(&buf, 100000);
	buf_str(&buf, "secret");
	cap = buf.cap;
	assert_non_null(buf_room(&buf, cap + 1));
	assert_non_null(old_bytes);
	assert_true(all_zero(old_bytes, cap + 1));
	free(old_bytes);
	buf_fini(&buf);
	free(old_bytes);
	mem_set_ops(NULL);
}

static void arena_answers_when_memory_ends(void **state)
{
	struct arena arena;
	size_t used;

	(void)state;
	for (uint64_t n = 1; n <= 3; n++) {
		char *p = NULL;
		int got = 0;

		arena_init(&arena, 1000000);
		fake_mem_fail_at(n);
		while (got < 100 && (p = arena_alloc(&arena, 1000)) != NULL)
			got++;
		assert_null(p);
		assert_int_equal(fake_mem_calls(), n);
		used = arena.used;
		/* it goes on when there is memory again */
		assert_non_null(arena_alloc(&arena, 1000));
		assert_true(arena.used > used);
		fake_mem_restore();
		arena_fini(&arena);
	}
}

static void fakes_do_as_told(void **state)
{
	unsigned char a[40], b[40];
	struct fake_clock clock;
	struct fake_rnd rnd;
	int seen[7] = {0};

	(void)state;
	fake_clock_init(&clock, 1000);
	assert_int_equal(clock_now(&clock.clock), 1000);
	fake_clock_pass(&clock, 5);
	assert_int_equal(clock_now(&clock.clock), 1005);
	assert_int_equal(clock_mono_ms(&clock.clock), 6000);
	fake_rnd_init(&rnd, 42);
	/* SplitMix64's published sequence for seed 42 */
	assert_true(fake_rnd_next(&rnd) == 13679457532755275413u);
	rnd_fill(&rnd.rnd, a, sizeof(a));
	fake_rnd_init(&rnd, 42);
	fake_rnd_next(&rnd);
	rnd_fill(&rnd.rnd, b, sizeof(b));
	assert_memory_equal(a, b, sizeof(a));
	for (int i = 0; i < 7000; i++)
		seen[fake_rnd_below(&rnd, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
}

static void system_clock_and_randomness(void **state)
{
	const struct clock *clock = clock_system();
	int64_t before = clock_mono_ms(clock);
	unsigned char a[64] = {0}, b[64] = {0};

	(void)state;
	assert_true(clock_now(clock) > 1700000000);
	usleep(3000);
	assert_in_range(clock_mono_ms(clock) - before, 2, 60000);
	rnd_fill(rnd_system(), a, sizeof(a));
	rnd_fill(rnd_system(), b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	rnd_fill(rnd_system(), a, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed),
		cmocka_unit_test(our_own_sizes_abort),
		cmocka_unit_test(arena_answers_its_bound),
		cmocka_unit_test(arena_goes_back),
		cmocka_unit_test(arena_does_not_overflow),
		cmocka_unit_test(arena_copies_and_prints),
		cmocka_unit_test(arena_and_buffer_wipe),
		cmocka_unit_test(growing_buffer_wipes),
		cmocka_unit_test(arena_answers_when_memory_ends),
		cmocka_unit_test(fakes_do_as_told),
		cmocka_unit_test(system_clock_and_randomness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
