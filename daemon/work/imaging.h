/*
 * imaging - consultations without a meeting: store-and-forward.
 *
 * Such a request is never booked. Whoever accepts it assigns the expert who is
 * to read it, and from then on an opinion is due; when it is signed the request
 * is completed.
 */
#ifndef DAEMON_WORK_IMAGING_H
#define DAEMON_WORK_IMAGING_H

#include "daemon/work/work.h"

/* Before somebody reads it: whoever is assigned takes the kind, reads what is
 * asked for, may practise and is there. RC_RULE: work->blockers says all that
 * is against them. */
enum rc imaging_check_reader(struct work *w, const struct request *r,
			     const struct core_agreement *agreement);
/* Before it is booked. */
enum rc imaging_check_meeting(struct work *w, const struct request *r);

/* How much is asked of each expert: sessions, and what is read without one. For
 * the report thread. */
enum rc work_report_load(struct work *w, const struct msg_report_query *in,
			 struct msg_report_load *out);

#endif
