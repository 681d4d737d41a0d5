#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static struct timespec read_clock(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) != 0)
		abort();
	return ts;
}

static int64_t system_now(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME).tv_sec;
}

static int64_t system_mono_ms(void *ctx)
{
	struct timespec ts = read_clock(CLOCK_MONOTONIC);

	(void)ctx;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void system_fill(void *ctx, void *out, size_t len)
{
	unsigned char *p = out;

	(void)ctx;
	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}

const struct clock *clock_system(void)
{
	static const struct clock clock = {system_now, system_mono_ms, NULL};

	return &clock;
}

const struct rnd *rnd_system(void)
{
	static const struct rnd rnd = {system_fill, NULL};

	return &rnd;
}
