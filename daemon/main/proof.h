/*
 * proof - one query through the writer, before anybody is told "ready".
 *
 * It is the check of the field key, and a change that is stored: a daemon that
 * says that it is ready has committed with its writer, and can read what it
 * will be asked for. A full disk is no reason not to start: what is stored can
 * be read.
 */
#ifndef DAEMON_MAIN_PROOF_H
#define DAEMON_MAIN_PROOF_H

#include "daemon/store/executor.h"

/* Waits for the writer, whose thread runs. What keycheck_verify() and
 * probe_write() answer, or why the writer does not answer at all. */
__attribute__((warn_unused_result)) enum rc
proof_of_writer(struct executor *executor, struct err *err);

#endif
