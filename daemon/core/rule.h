/*
 * rule - availability rules laid out in UTC.
 *
 * Every instance keeps the wall clock of its rule: start and end are turned
 * into UTC one by one (tz_to_utc), so an instance on the day of a daylight
 * change may be an hour longer or shorter. A holiday of the calendar closes a
 * rule unless it is on_holidays; a shifted workday works as the weekday that
 * it names. While an expert is away (seconded) the home rules do not count.
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
 * long); away may be NULL. RC_NOMEM beyond the arena's bound. */
#define CORE_WINDOW_MAX ((int64_t)400 * 86400)
__attribute__((warn_unused_result)) enum rc
rule_expand(const struct core_rule *rules, size_t nrules,
	    const struct core_away *away, size_t naway, struct core_span window,
	    struct arena *arena, struct core_opens *out);

/* For the refusal's words: does a holiday (or a secondment) and nothing else
 * close the subject at that time? */
enum block rule_why_closed(const struct core_rule *rules, size_t nrules,
			   const struct core_away *away, size_t naway,
			   struct core_span at);

#endif
