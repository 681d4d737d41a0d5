/*
 * waiting - what the routes about the waitlist and its offers do (rows of the
 * table of routes).
 */
#ifndef DAEMON_API_WAITING_H
#define DAEMON_API_WAITING_H

#include "daemon/api/call.h"

enum rc waiting_run_wait(struct call *c);
enum rc waiting_run_unwait(struct call *c);
enum rc waiting_run_refuse(struct call *c);
enum rc waiting_run_waitlist(struct call *c);
enum rc waiting_run_offers(struct call *c);

#endif
