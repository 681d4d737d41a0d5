/*
 * session - the routes of sessions with seats: each calls its use case.
 */
#ifndef DAEMON_API_SESSION_H
#define DAEMON_API_SESSION_H

#include "daemon/api/call.h"

enum rc session_run_make(struct call *c);
enum rc session_run_list(struct call *c);
enum rc session_run_show(struct call *c);
enum rc session_run_join(struct call *c);
enum rc session_run_leave(struct call *c);
enum rc session_run_attend(struct call *c);
enum rc session_run_add(struct call *c);
enum rc session_run_order(struct call *c);
enum rc session_run_draw(struct call *c);
enum rc session_run_call(struct call *c);
enum rc session_run_mark(struct call *c);
enum rc session_run_tokens(struct call *c);

#endif
