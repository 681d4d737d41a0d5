/*
 * emergency - what the routes of emergencies and of who is on call do (rows of
 * the table of routes).
 *
 * Where something may have to give way, prepare looks for where it could go,
 * on the worker; the writer decides on each of these times again.
 */
#ifndef DAEMON_API_EMERGENCY_H
#define DAEMON_API_EMERGENCY_H

#include "daemon/api/call.h"

enum rc emergency_prepare_answer(struct call *c);
enum rc emergency_run_answer(struct call *c);
enum rc emergency_prepare_displace(struct call *c);
enum rc emergency_run_displace(struct call *c);
enum rc emergency_run_receive(struct call *c);
enum rc emergency_run_papers(struct call *c);
enum rc emergency_run_on_call(struct call *c);
enum rc emergency_run_swap(struct call *c);
enum rc emergency_run_report(struct call *c);

#endif
