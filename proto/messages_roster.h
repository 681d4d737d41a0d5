/*
 * messages_roster - changes of rosters, visits, and what they leave without
 * ground.
 *
 * Local times are wall times, days local days. See messages.h; the tables are
 * in messages_roster.c.
 */
#ifndef PROTO_MESSAGES_ROSTER_H
#define PROTO_MESSAGES_ROSTER_H

#include "proto/messages_net.h"
#include "proto/messages_out.h"

/* At another site for some days. */
struct msg_away {
	const char *site;
	int64_t first_day, last_day;
	const char *remote_requests;
};

/* A booking that the network as it is now does not allow any more. */
struct msg_orphan {
	const char *booking;
	int kind;
	const char *expert;
	const char *lead, *partner;
	int64_t from, to;
	struct field_list blockers; /* msg_blocker: why not */
	int status;		    /* words_booking_status; -1: not said */
	/* On the worklist: since when, by whom and (its lead's alone) by what.
	 */
	int64_t since;
	const char *by, *cause;
	struct field_list moves; /* msg_slot: where it could go */
};

/* Which members a change has says daemon/work/rearrange_read.c. */
struct msg_roster_change {
	int change;	  /* words_roster */
	const char *of;	  /* expert, resource; of days a site */
	int64_t version;  /* of it, as it was seen; absent: whatever it is */
	int64_t from, to; /* wall: of a leave */
	const char *time_zone; /* of these; absent: of their site */
	int64_t first_day, last_day;
	const char *site; /* of a visit */
	const char *remote_requests;
	struct field_list availability; /* msg_net_rule: there */
	const char *works_as;		/* of days */
	struct msg_net_rule *rule;
	int64_t number; /* of a rule that there is */
	const char *note;
};

struct msg_roster_changes {
	const char *reason;
	struct field_list changes; /* msg_roster_change */
};

struct msg_roster_changed {
	const char *of;
	int64_t version;
	const char *calendar; /* of a site: that it follows now */
};

struct msg_roster_report {
	bool dry_run;
	struct field_list changed; /* msg_roster_changed */
	int64_t orphaned;
	struct field_list orphans; /* msg_orphan: the first of them */
	int64_t unchecked;	   /* beyond what is looked at at once */
	int64_t unsought; /* orphans for which no times were looked for */
};

struct msg_roster_query {
	const char *of;
};

struct msg_roster_day {
	int64_t date;
	const char *works_as;
};

struct msg_visit {
	const char *expert, *name, *home, *site;
	int64_t first_day, last_day;
	const char *remote_requests;
	const char *note;
	const char *state;		/* "to-come", "there", "over" */
	struct field_list availability; /* msg_net_rule */
};

struct msg_roster {
	const char *of, *name, *time_zone;
	int64_t version;
	struct field_list rules;  /* msg_net_rule, by number from 1 on */
	struct field_list leave;  /* msg_net_leave */
	struct field_list visits; /* msg_visit */
	const char *calendar;
	struct field_list days; /* msg_roster_day */
};

struct msg_visit_query {
	const char *expert, *site;
	bool over; /* those that are over, too */
};

struct msg_visit_list {
	struct field_list items; /* msg_visit */
};

struct msg_orphan_query {
	bool moves;
};

struct msg_orphan_list {
	struct field_list items; /* msg_orphan */
	bool more;
};

extern const struct msg msg_away_table, msg_orphan_table,
	msg_roster_change_table, msg_roster_changes_table,
	msg_roster_changed_table, msg_roster_report_table,
	msg_roster_query_table, msg_roster_day_table, msg_visit_table,
	msg_roster_table, msg_visit_query_table, msg_visit_list_table,
	msg_orphan_query_table, msg_orphan_list_table;

#endif
