/*
 * series - what the routes of series do (rows of the table of routes).
 */
#ifndef DAEMON_API_SERIES_H
#define DAEMON_API_SERIES_H

#include "daemon/api/call.h"

/* Looks, away from the writer, for times near to those that are not free. */
enum rc series_prepare(struct call *c);
enum rc series_prepare_move(struct call *c);
enum rc series_run_make(struct call *c);
enum rc series_run_trial(struct call *c);
enum rc series_run_list(struct call *c);
enum rc series_run_show(struct call *c);
enum rc series_run_move(struct call *c);
enum rc series_run_move_trial(struct call *c);
enum rc series_run_cancel(struct call *c);
enum rc series_run_cancel_trial(struct call *c);

#endif
