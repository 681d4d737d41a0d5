/*
 * booking - what the routes about times, holds and bookings do (rows of the
 * table of routes).
 */
#ifndef DAEMON_API_BOOKING_H
#define DAEMON_API_BOOKING_H

#include "daemon/api/call.h"

enum rc booking_run_slots(struct call *c);
enum rc booking_run_book(struct call *c);
enum rc booking_run_hold(struct call *c);
enum rc booking_run_list(struct call *c);
enum rc booking_run_show(struct call *c);
enum rc booking_run_confirm(struct call *c);
enum rc booking_run_release(struct call *c);
enum rc booking_run_move(struct call *c);
enum rc booking_run_cancel(struct call *c);

/* Does a search look at so much that it runs on the report thread? */
bool booking_is_wide_search(const struct call *c);
/* Does a time that is booked or held wait for nobody? */
bool booking_is_for_emergency(struct call *c);

#endif
