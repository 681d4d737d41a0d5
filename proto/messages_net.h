/*
 * messages_net - the network file that is imported and exported.
 *
 * Local times are wall times in the zone beside them. See messages.h; the
 * tables are in messages_net.c.
 */
#ifndef PROTO_MESSAGES_NET_H
#define PROTO_MESSAGES_NET_H

#include "proto/field.h"
#include "proto/messages_day.h"

struct msg_net_site {
	const char *id, *name, *short_name, *tier, *time_zone, *calendar;
};

struct msg_net_limit {
	int64_t answer_minutes, start_minutes, opinion_minutes;
	int64_t call_minutes, papers_minutes; /* of emergencies */
	int64_t offer_minutes;		      /* to one who waits */
	int64_t offer_lapses;		      /* in a row, then it rests */
};

/* Minutes of the wall as text; from is before to, "24:00" the day's end. */
struct msg_net_hours {
	kindset days; /* a set of weekdays, Monday = 0 */
	const char *from, *to;
};

struct msg_net_rung {
	int64_t percent;
	tellset tell;
};

struct msg_net_limits {
	const char *name;
	struct field_list hours;  /* msg_net_hours; none: round the clock */
	struct field_list ladder; /* msg_net_rung; none: the usual one */
	struct msg_net_limit *emergency, *urgent, *routine;
};

/* Places of each session, kept for the agreement. */
struct msg_net_share {
	const char *expert, *rule; /* absent: each */
	int64_t places, days_before;
	const char *until; /* wall time of that day; absent: its midnight */
};

struct msg_net_agreement {
	const char *id, *alliance, *lead, *partner;
	struct field_strs specialties;
	int64_t valid_from, valid_to; /* dates, inclusive */
	kindset kinds;
	int64_t quota_per_month[KIND_COUNT]; /* FIELD_NONE: no limit */
	const char *limits;
	int64_t min_independent_years; /* absent: 3, the rule of 2018 */
	int64_t overrun_minutes;       /* absent: as the kind has it */
	int64_t cancel_notice_minutes; /* absent: 0 */
	/* absent: as cancel_notice_minutes */
	int64_t lead_notice_minutes, partner_notice_minutes;
	int late_change; /* words_late; absent: spends */
	needset requires, requires_emergency;
	int64_t supplement_minutes;    /* absent: 7 days */
	int64_t expiry_days;	       /* absent: 30 */
	int64_t ending_notice_days;    /* absent: 30 */
	int64_t receipt_minutes;       /* absent: a day */
	int64_t receipt_notices;       /* absent: 7 */
	int64_t signing_slack_minutes; /* absent: 15 */
	struct msg_net_session *session;
	int64_t overbook_most;			    /* absent: 0 */
	int64_t fairness_weeks, night_call_minutes; /* absent: 4, 120 */
	struct field_list shares;		    /* msg_net_share */
};

struct msg_net_resource {
	const char *id, *name;
	int type; /* words_subject, a resource's */
	int64_t capacity;
	const char *path; /* of a link */
};

struct msg_net_expert {
	const char *id, *name, *home, *title;
	struct field_strs specialties, modalities, languages;
	int64_t independent_since; /* date */
	kindset kinds;
	int64_t buffer_minutes, cap_per_day;
	struct field_list credentials; /* msg_net_credential */
};

struct msg_net_pool {
	const char *specialty;
	int64_t threshold, notice_minutes;
	int64_t minutes[KIND_COUNT]; /* FIELD_NONE: as the kind has it */
};

struct msg_net_rule {
	const char *of; /* absent within a secondment */
	const char *rrule;
	int64_t start, end; /* wall */
	const char *time_zone;
	const char *at;
	kindset kinds;
	int64_t slot_minutes;
	bool on_holidays;
	struct field_strs exdates, rdates; /* dates, as text; checked */
	struct msg_net_pool *pool;
};

struct msg_net_secondment {
	const char *expert, *site;
	int64_t from, to;	     /* dates, inclusive */
	const char *remote_requests; /* "refuse" or "allow" */
	const char *note;
	struct field_list availability; /* msg_net_rule */
};

/* No days but instants of the wall: half a day off is common. */
struct msg_net_leave {
	const char *of;
	int64_t start, end;    /* wall, half-open */
	const char *time_zone; /* absent: of the subject's site */
	const char *note;
};

struct msg_net_transfer {
	const char *from, *to; /* resources or sites; both ways */
	int64_t minutes;
};

struct msg_net_shift {
	int64_t date;
	const char *works_as; /* MO..SU */
};

struct msg_net_calendar {
	const char *name;
	struct field_strs days_off;	    /* dates, as text; checked */
	struct field_list shifted_workdays; /* msg_net_shift */
};

struct msg_network {
	int64_t version;
	const char *note;
	struct field_list sites, agreements, resources, experts, availability;
	struct field_list secondments, leave, transfers;
	struct field_list on_call;    /* msg_net_roster */
	struct field_list calendars;  /* map of msg_net_calendar */
	struct field_list limit_sets; /* map of msg_net_limits */
};

extern const struct msg msg_net_site_table, msg_net_limit_table,
	msg_net_limits_table, msg_net_hours_table, msg_net_rung_table,
	msg_net_share_table, msg_net_agreement_table, msg_net_resource_table,
	msg_net_expert_table, msg_net_rule_table, msg_net_pool_table,
	msg_net_secondment_table, msg_net_leave_table, msg_net_transfer_table,
	msg_net_shift_table, msg_net_calendar_table, msg_network_table;

#endif
