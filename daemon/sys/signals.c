#include "daemon/sys/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

static sigset_t ours(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return set;
}

void sys_signals_block(void)
{
	sigset_t set = ours();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

enum sys_signal sys_signals_wait(int64_t wait_ms)
{
	sigset_t set = ours();
	struct timespec wait = {.tv_sec = wait_ms / 1000,
				.tv_nsec = wait_ms % 1000 * 1000000};

	switch (sigtimedwait(&set, NULL, &wait)) {
	case SIGTERM:
	case SIGINT:
		return SYS_SIGNAL_STOP;
	case SIGHUP:
		return SYS_SIGNAL_RELOAD;
	default: /* EAGAIN, or EINTR by a debugger */
		return SYS_SIGNAL_NONE;
	}
}
