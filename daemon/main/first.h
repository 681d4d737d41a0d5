/*
 * first - the first start: everything that the daemon needs, made at once.
 *
 * In the directory: ca.pem and ca.key, server.pem and server.key, field.key
 * (64 hexadecimal digits), teleconsultd.conf, and the database, in which the
 * first administrator is invited. It is built beside its place and put there by
 * one rename, so that there is all of it or nothing.
 */
#ifndef DAEMON_MAIN_FIRST_H
#define DAEMON_MAIN_FIRST_H

#include "base/clock.h"
#include "daemon/main/args.h"

/* out_dir: the directory that was made; out_invitation: the text by which the
 * first administrator enrols, once, within three days. */
__attribute__((warn_unused_result)) enum rc
first_make(const struct args *args, const struct clock *clock,
	   const struct rnd *rnd, char out_dir[CONF_PATH_MAX + 1],
	   struct buf *out_invitation, struct err *err);

#endif
