/*
 * The time as a test says: both programs are linked once more with these
 * functions in place of clock_system(), sys_signals_wait() and stat_set().
 *
 * The file that TELECONSULT_TEST_CLOCK names holds two 64-bit numbers: the
 * time in UTC seconds, which the test writes and which stands still until it
 * writes another, and the time up to which the daemon has done what was due
 * (STAT_DUE_DONE), for the test to wait for. What counts milliseconds of a
 * connection or a thread goes on as it does. Without the variable all is as in
 * the programs that are installed, which have none of this.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/stat/stat.h"
#include "daemon/sys/signals.h"

#define TURN_MS 20 /* the main thread notices that soon */

struct face {
	atomic_int_fast64_t now, done;
};
_Static_assert(sizeof(struct face) == 16, "as tests/integration/clock.py");

const struct clock *__real_clock_system(void);
const struct clock *__wrap_clock_system(void);
enum sys_signal __real_sys_signals_wait(int64_t wait_ms);
enum sys_signal __wrap_sys_signals_wait(int64_t wait_ms);
void __real_stat_set(enum stat_id id, unsigned first, unsigned second,
		     int64_t value);
void __wrap_stat_set(enum stat_id id, unsigned first, unsigned second,
		     int64_t value);

static struct face *map_face(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *at = MAP_FAILED;

	if (fd >= 0)
		at = mmap(NULL, sizeof(struct face), PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		abort();
	close(fd);
	return at;
}

/* NULL: nobody says the time. First asked for before any thread starts. */
static struct face *face(void)
{
	static struct face *mapped;
	const char *path = getenv("TELECONSULT_TEST_CLOCK");

	if (mapped == NULL && path != NULL)
		mapped = map_face(path);
	return mapped;
}

static int64_t told_now(void *ctx)
{
	struct face *f = ctx;

	return atomic_load(&f->now);
}

static int64_t real_mono_ms(void *ctx)
{
	(void)ctx;
	return clock_mono_ms(__real_clock_system());
}

const struct clock *__wrap_clock_system(void)
{
	static struct clock clock = {told_now, real_mono_ms, NULL};

	if (face() == NULL)
		return __real_clock_system();
	clock.ctx = face();
	return &clock;
}

enum sys_signal __wrap_sys_signals_wait(int64_t wait_ms)
{
	return __real_sys_signals_wait(
		face() != NULL && wait_ms > TURN_MS ? TURN_MS : wait_ms);
}

void __wrap_stat_set(enum stat_id id, unsigned first, unsigned second,
		     int64_t value)
{
	__real_stat_set(id, first, second, value);
	if (id == STAT_DUE_DONE && face() != NULL)
		atomic_store(&face()->done, value);
}
