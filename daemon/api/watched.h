/*
 * watched - what an operator sees: the figures and the status.
 */
#ifndef DAEMON_API_WATCHED_H
#define DAEMON_API_WATCHED_H

#include "daemon/api/call.h"
#include "daemon/stat/stat.h"

/* metrics.c: the format that Accept asks for (RFC 9110 section 12.5.1), the
 * plain text where it does not matter; accept: NULL for none. */
enum stat_format metrics_format(const char *accept);
/* For the table of routes. */
enum rc metrics_run(struct call *call);
enum rc status_run(struct call *call);

/* Milliseconds since a thread last showed that it moves, by its number in
 * STAT_THREAD_SILENCE. */
int64_t watched_silence(const struct call *call, unsigned thread);
unsigned watched_threads(const struct call *call);

#endif
