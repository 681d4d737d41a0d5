/*
 * roster - the routes of rosters, visits, orphaned bookings and schedules
 * (route.h).
 */
#ifndef DAEMON_API_ROSTER_H
#define DAEMON_API_ROSTER_H

#include "daemon/api/call.h"

enum rc roster_run_show(struct call *c);
enum rc roster_run_plan(struct call *c);
enum rc roster_run_change(struct call *c);
enum rc roster_run_visits(struct call *c);
enum rc roster_run_orphans(struct call *c);
enum rc roster_run_schedule(struct call *c);
enum rc roster_run_resource_schedule(struct call *c);
enum rc roster_run_site_schedule(struct call *c);

#endif
