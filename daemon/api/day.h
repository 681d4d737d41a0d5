/*
 * day - what the routes of a session's day do (rows of the table of routes).
 */
#ifndef DAEMON_API_DAY_H
#define DAEMON_API_DAY_H

#include "daemon/api/call.h"

enum rc day_run_arrive(struct call *c);
enum rc day_run_start(struct call *c);
enum rc day_run_finish(struct call *c);
enum rc day_run_noshow(struct call *c);
enum rc day_run_check(struct call *c);
enum rc day_run_fallback(struct call *c);
enum rc day_run_late(struct call *c);
enum rc day_run_consent(struct call *c);
enum rc day_run_consent_booking(struct call *c);
enum rc day_run_unresolved(struct call *c);

#endif
