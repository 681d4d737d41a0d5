/*
 * clinic - places of clinic sessions beyond booking them: given behind the
 * last, taken back from those for whom they are kept, counted.
 */
#ifndef DAEMON_WORK_CLINIC_H
#define DAEMON_WORK_CLINIC_H

#include "daemon/work/work.h"
#include "proto/messages_clinic.h"
#include "proto/messages_clock.h"

/* A place behind the session's last, for that reason: asked for by anybody,
 * given by a coordinator of the lead (core says so with all its reasons). NULL:
 * it is not asked for. */
enum rc work_overbook(struct work *w, const char *reason, struct wish *wish,
		      const char **out_reason);

enum rc work_take_back(struct work *w, const struct msg_take_back *in,
		       struct msg_taken_back *out);

enum rc work_report_clinic(struct work *w, const struct msg_report_query *in,
			   struct msg_clinic_report *out);

#endif
