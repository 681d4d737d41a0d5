/*
 * pool - what the routes about pooled half-days do (rows of the table of
 * routes).
 */
#ifndef DAEMON_API_POOL_H
#define DAEMON_API_POOL_H

#include "daemon/api/call.h"

enum rc pool_run_list(struct call *c);
enum rc pool_run_open(struct call *c);
enum rc pool_run_order(struct call *c);

#endif
