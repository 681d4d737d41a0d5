/*
 * network_read - the network as it is stored, part by part, whole.
 *
 * Sites, agreements, resources and experts come in the order in which they
 * were entered, the rest in that of whose it is (experts, then resources) and
 * then its own; maps by name. So a store that is filled from what was read
 * reads the same. Nothing is cut: a part that the arena cannot hold is
 * RC_NOMEM. Everything lives in the arena; the type of each list's elements
 * stands beside its function.
 */
#ifndef DAEMON_STORE_NETWORK_READ_H
#define DAEMON_STORE_NETWORK_READ_H

#include "daemon/store/network.h"

struct network_list {
	void *v;
	size_t n;
};

struct network_calendar {
	const char *name;
	struct network_list days; /* network_day */
};
struct network_limits {
	const char *name;
	struct network_limit limits[URGENCY_COUNT];
	struct network_clocks clocks;
};
struct network_stored_expert {
	int64_t id;
	const char *home, *name;
	struct network_expert expert;
};
struct network_stored_rule {
	const char *of;
	struct network_rule rule;
};
struct network_stored_secondment {
	int64_t id, subject;
	const char *expert;
	struct network_secondment secondment; /* but its rules: */
	struct network_list rules;	      /* network_stored_rule */
};
struct network_stored_leave {
	const char *of;
	struct network_leave leave;
};

struct network_stored_roster {
	int64_t id;
	struct network_roster roster;
};

/* Every row of a begun query as an element of that size, and its end. */
typedef void network_take_row(struct query *q, struct arena *arena, void *out);
enum rc network_read_rows(struct query *q, struct arena *arena, size_t size,
			  network_take_row *take, struct network_list *out,
			  struct err *err);

typedef enum rc network_reader(struct tx *tx, struct arena *arena,
			       struct network_list *out, struct err *err);

network_reader network_read_sites;	 /* network_site */
network_reader network_read_calendars;	 /* network_calendar */
network_reader network_read_limits;	 /* network_limits */
network_reader network_read_agreements;	 /* network_agreement */
network_reader network_read_resources;	 /* network_subject */
network_reader network_read_experts;	 /* network_stored_expert */
network_reader network_read_rules;	 /* network_stored_rule */
network_reader network_read_secondments; /* network_stored_secondment */
network_reader network_read_leave;	 /* network_stored_leave */
network_reader network_read_transfers;	 /* network_transfer */
network_reader network_read_rosters;	 /* network_stored_roster */

/* What one subject has of its own, in the order in which it was entered, and
 * the days of one calendar (network_day), by day. */
typedef enum rc network_reader_of(struct tx *tx, int64_t subject,
				  struct arena *arena, struct network_list *out,
				  struct err *err);
network_reader_of network_read_rules_of;
network_reader_of network_read_secondments_of;
network_reader_of network_read_leave_of;
/* The stays at a site and those of its own experts elsewhere, by first day. */
network_reader_of network_read_secondments_at;
enum rc network_read_calendar(struct tx *tx, const char *name,
			      struct arena *arena, struct network_list *out,
			      struct err *err);

/* How often a subject's roster, or a calendar, was changed. */
enum network_versioned { NETWORK_ROSTER, NETWORK_CALENDAR_DAYS };
enum rc network_version(struct tx *tx, enum network_versioned part,
			const char *name, int64_t *out, struct err *err);

/* NULL: it has none. */
enum rc network_read_note(struct tx *tx, struct arena *arena, const char **out,
			  struct err *err);

#endif
