/*
 * clinic - the routes of clinic places, and of patients who were referred.
 */
#ifndef DAEMON_API_CLINIC_H
#define DAEMON_API_CLINIC_H

#include "daemon/api/call.h"

enum rc clinic_run_take_back(struct call *c);
enum rc clinic_run_report(struct call *c);
enum rc clinic_run_course(struct call *c);
enum rc clinic_run_course_add(struct call *c);

#endif
