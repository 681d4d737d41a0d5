/*
 * signals - taken one by one, in the main thread, where it waits for them.
 *
 * sys_signals_block() comes before any thread starts: threads inherit the
 * mask, so that no signal ever interrupts one. SIGPIPE is ignored.
 */
#ifndef DAEMON_SYS_SIGNALS_H
#define DAEMON_SYS_SIGNALS_H

#include <stdint.h>

enum sys_signal {
	SYS_SIGNAL_NONE, /* the time is up */
	SYS_SIGNAL_STOP, /* SIGTERM or SIGINT */
	SYS_SIGNAL_RELOAD,
};

void sys_signals_block(void);
enum sys_signal sys_signals_wait(int64_t wait_ms);

#endif
