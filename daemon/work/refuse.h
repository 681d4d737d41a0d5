/*
 * refuse - what an agreement's rule forbids: RC_RULE, never without the rules
 * that say so (w->blockers), all of them.
 */
#ifndef DAEMON_WORK_REFUSE_H
#define DAEMON_WORK_REFUSE_H

#include "daemon/store/site.h"
#include "daemon/work/work.h"

/* By one rule. why: zeroed where it says nothing; its detail is also what the
 * answer says first. */
struct refusal {
	enum block reason;
	const char *subject, *rule; /* or NULL */
	struct core_span span;	    /* empty: none */
};
__attribute__((format(printf, 3, 4))) enum rc
refuse_by_rule(struct work *w, const struct refusal *why, const char *fmt, ...);

/* None of the partner's agreements fits: for each that there is, why not. What
 * others have agreed with it a lead does not see. */
enum rc refuse_uncovered(struct work *w, const struct agreement_filter *filter);

#endif
