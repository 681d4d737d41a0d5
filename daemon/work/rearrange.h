/*
 * rearrange - changes of rosters: leave, visits, days of a calendar, rules.
 *
 * Several changes are one: they are read one after the other into what each
 * subject will have, that is stored as an import would store it, and what
 * leaned on it is put to the core again. A dry run does the same on copies
 * (shadow.h), where nobody waits, and looks besides where the orphans could go.
 *
 * Experts are the lead's coordinator's to change, at their home; rooms and the
 * calendar of a site are any coordinator's of that site. A calendar that other
 * sites follow as well is left alone: the site follows one of its own from then
 * on. A leave is known by its start, a visit by its expert and first day, a
 * rule by its number; whoever saw a version says which.
 */
#ifndef DAEMON_WORK_REARRANGE_H
#define DAEMON_WORK_REARRANGE_H

#include "daemon/core/model.h"
#include "daemon/store/network_read.h"
#include "daemon/work/tools.h"

/* One roster that is changed. The lists have room for one more element a
 * change. */
struct rearranged {
	const char *of;
	struct core_subject subject; /* of an expert or a resource */
	struct site site;	     /* theirs; or whose calendar it is */
	bool is_site;
	const char *calendar; /* NULL: it follows none */
	int64_t version;
	struct field_list rules;  /* msg_net_rule */
	struct field_list stays;  /* msg_net_secondment */
	struct field_list leave;  /* msg_net_leave */
	struct network_list days; /* network_day, by day */
	const char *left;	  /* a site that is visited no more */
	bool put_rules, put_stays, put_leave, put_days;
};

struct rearrange {
	struct work *w;
	const struct msg_roster_changes *in;
	struct rearranged *v;
	size_t n;
	struct rearranged **whose; /* of each change */
	struct core_span span;	   /* UTC: what may be concerned, roughly */
	const char *cause;
};

/* The change that is read, and where in the message it stands. */
struct rearrange_at {
	struct rearrange *r;
	const struct msg_roster_change *in;
	size_t i;
	struct rearranged *of;
};

/* Reads all changes; faults have their pointers, RC_STALE a version, RC_RULE
 * the blockers of a visit. */
enum rc rearrange_read(struct rearrange *r);

/* A fault of the change, at one of its members. */
__attribute__((format(printf, 3, 4))) enum rc
rearrange_fault(struct rearrange_at *at, const char *member, const char *fmt,
		...);
/* The faults that an import would find in the one element. */
enum rc rearrange_check(struct rearrange_at *at, const struct msg_network *one);
void rearrange_concerns(struct rearrange *r, int64_t from, int64_t to);

enum rc rearrange_visit(struct rearrange_at *at);
enum rc rearrange_end_visit(struct rearrange_at *at);
enum rc rearrange_rule(struct rearrange_at *at);

/* Is the rule's place a room of one of those sites? */
bool rearrange_place_fits(const struct msg_net_rule *rule, const char *home,
			  const char *site);

/* The one that out->of names, a site or not; RC_NOT_FOUND. Whoever may not see
 * it is not asked here. */
enum rc rearrange_find(struct work *w, struct rearranged *out);
/* Then what it has now, with room for so many more of each. */
enum rc rearrange_load(struct work *w, size_t room, struct rearranged *out);

/* --- use cases --- */

enum rc work_roster_plan(struct work *w, const struct msg_roster_changes *in,
			 struct msg_roster_report *out);
enum rc work_roster_change(struct work *w, const struct msg_roster_changes *in,
			   struct msg_roster_report *out);
enum rc work_roster_show(struct work *w, const struct msg_roster_query *in,
			 struct msg_roster *out);
enum rc work_visit_list(struct work *w, const struct msg_visit_query *in,
			struct msg_visit_list *out);

#endif
