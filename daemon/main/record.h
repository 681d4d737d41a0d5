/*
 * record - what the daemon did by itself, in the event log.
 *
 * A job of the writer that belongs to nobody: where it cannot be stored the
 * log says so.
 */
#ifndef DAEMON_MAIN_RECORD_H
#define DAEMON_MAIN_RECORD_H

#include "daemon/store/executor.h"

/* The server's certificate was renewed. */
void record_renewal(struct executor *executor);

#endif
