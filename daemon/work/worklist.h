/*
 * worklist - what is late or about to be, for those whose it is; and how
 * promises were kept.
 */
#ifndef DAEMON_WORK_WORKLIST_H
#define DAEMON_WORK_WORKLIST_H

#include "daemon/work/work.h"

/* in: `to` absent: what is due within a day; status is "late" or "running". */
enum rc work_worklist(struct work *w, const struct msg_list_query *in,
		      struct msg_worklist *out);
/* Of what began in the span. For the report thread. */
enum rc work_report_answers(struct work *w, const struct msg_report_query *in,
			    struct msg_report_answers *out);

#endif
