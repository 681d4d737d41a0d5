/*
 * messages_report - what reports answer: rows of figures, and no patient.
 *
 * Every report is a span of time and rows. A row begins with what it is about,
 * as far as rows are told apart by it (ReportQuery, by): text that is absent
 * otherwise; then come its figures. Text and numbers alone, so that one reader
 * of rows (daemon/store/report.h) and one writer of tables does for all.
 */
#ifndef PROTO_MESSAGES_REPORT_H
#define PROTO_MESSAGES_REPORT_H

#include "proto/field.h"

struct msg_report {
	int64_t from, to;
	struct field_list items;
};

struct msg_activity {
	const char *lead, *period, *partner, *expert, *kind;
	int64_t done, minutes, open, cancelled, noshow, read;
};

struct msg_wait_figure {
	const char *lead, *period, *partner, *expert, *kind, *urgency;
	int64_t n, median_minutes, p90_minutes, longest_minutes;
};

struct msg_pooled_figure {
	const char *lead, *period, *partner, *expert, *kind;
	const char *specialty, *booked;
	int64_t n, median_minutes, p90_minutes, longest_minutes;
};

struct msg_deviation {
	const char *lead, *period, *partner, *expert, *kind;
	const char *what, *side, *reason;
	int64_t n, minutes;
};

struct msg_decline_count {
	const char *lead, *period, *partner, *expert, *kind;
	const char *what, *reason;
	int64_t n;
};

struct msg_quota_use {
	const char *lead, *period, *partner, *agreement, *kind;
	int64_t quota, used, left;
};

struct msg_expert_hours {
	const char *lead, *period, *expert;
	int64_t offered_minutes, taken_minutes, free_minutes, free_percent;
	int64_t sessions, session_minutes;
};

extern const struct msg msg_activity_table, msg_report_activity_table,
	msg_wait_figure_table, msg_report_waits_table, msg_pooled_figure_table,
	msg_report_pooled_table, msg_deviation_table,
	msg_report_deviations_table, msg_decline_count_table,
	msg_report_declines_table, msg_quota_use_table, msg_report_quotas_table,
	msg_expert_hours_table, msg_report_hours_table;

#endif
