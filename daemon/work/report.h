/*
 * report - reports: figures over a span of time, of what the asker sees.
 *
 * One table has them all, a row each: its name (the path's end), what it is
 * about, its messages, by what its rows are told apart unless something else is
 * asked, and where the rows come from: a statement of the store, run once a
 * month or day of each lead's zone when rows are told apart by those, or a
 * function. docs/reports.md is that table, printed.
 *
 * A partner sees its own figures, a lead those of its agreements, an expert
 * their own; nothing of a patient is in any. For the report thread. RC_INVALID:
 * a span or a choice that does not do, more rows than REPORT_ROWS_MAX.
 */
#ifndef DAEMON_WORK_REPORT_H
#define DAEMON_WORK_REPORT_H

#include "daemon/store/report.h"
#include "daemon/work/work.h"

#define REPORT_ROWS_MAX 10000
#define REPORT_DAYS_MAX 1100

struct report_row;
const struct report_row *report_rows(size_t *out_n);

/* By the message that the report answers. */
enum rc work_report(struct work *w, const struct msg *out_msg,
		    const struct msg_report_query *in, struct msg_report *out);
/* Markdown: what each report has. */
void report_print(struct buf *out);

/* --- for report.c and its like --- */

/* One report in the making. */
struct report_run {
	struct work *w;
	const struct msg *row; /* of which the answer is a list */
	struct report_ask ask;
	char *v;
	size_t n;
};
/* Room for one more row, which it clears; NULL: w->err says why not. */
void *report_add(struct report_run *r);
/* Experts' time in the ask's span. */
enum rc report_hours(struct report_run *r);

#endif
