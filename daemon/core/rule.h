/*
 * rule - availability rules laid out in UTC.
 *
 * Every instance keeps the wall clock of its rule: start and end are turned
 * into UTC one by one (tz_to_utc), so an instance on the day of a daylight
 * change may be an hour longer or shorter; one that the change swallows whole
 * is none. An instance belongs to the local day on which it begins.
 *
 * Its days are those of the recurrence rule and its RDATEs, its EXDATEs taken
 * out (RFC 5545 section 3.8.5; an EXDATE wins over an RDATE too). Neither moves
 * COUNT, which counts what the rule names by itself; neither the start, COUNT
 * nor UNTIL bounds an RDATE; a rule's first and last day do. A holiday of the
 * calendar closes any of its days unless the rule is on_holidays; a shifted
 * workday works as the weekday that it names.
 *
 * While an expert is away (seconded) the home rules do not count: what would
 * begin then is gone, what runs into it ends there.
 */
#ifndef DAEMON_CORE_RULE_H
#define DAEMON_CORE_RULE_H

#include "base/mem.h"
#include "daemon/core/model.h"

struct core_open {
	int64_t from, to;
	const struct core_rule *rule;
};

struct core_opens {
	struct core_open *v; /* by from, then to; may overlap one another */
	size_t n;
};

/* The instances of the rules that touch the window (at most CORE_WINDOW_MAX
 * long; a longer one is cut); away may be NULL. RC_NOMEM beyond the arena's
 * bound. */
#define CORE_WINDOW_MAX ((int64_t)400 * 86400)
__attribute__((warn_unused_result)) enum rc
rule_expand(const struct core_rule *rules, size_t nrules,
	    const struct core_away *away, size_t naway, struct core_span window,
	    struct arena *arena, struct core_opens *out);

/* The same in two steps, for a caller that asks often and keeps the memory:
 * out->v is the caller's, of at least rule_room() elements. `leave` leaves
 * holidays or secondments out of account (to say why something is closed). */
enum { RULE_NO_HOLIDAYS = 1, RULE_NO_AWAY = 2 };
struct rule_set {
	const struct core_rule *rules;
	size_t nrules;
	const struct core_away *away;
	size_t naway;
};
size_t rule_room(size_t nrules, struct core_span window);
void rule_lay(const struct rule_set *set, struct core_span window,
	      unsigned leave, struct core_opens *out);

/* Drops what does not offer the kind. kinds: the expert's; 0 for a resource,
 * whose rules without kinds offer every kind. */
void rule_keep_kind(struct core_opens *opens, enum kind kind, kindset kinds);

/* Do the opens at that place (their union) cover the span? */
bool rule_covers(const struct core_opens *opens, int64_t place,
		 struct core_span span);

/* The next open, from *at on, that touches the span and is the first at its
 * place; NULL after the last. Thus every place once. */
const struct core_open *rule_next_place(const struct core_opens *opens,
					struct core_span span, size_t *at);

/* The same, but only places whose opens cover the span. */
const struct core_open *rule_next_cover(const struct core_opens *opens,
					struct core_span span, size_t *at);

#endif
