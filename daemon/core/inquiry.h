/*
 * inquiry - one question to core_decide(), while it is being answered.
 *
 * Internal to the core. The stages of decide.c each look at one rule; a stage
 * that finds against the question calls inquiry_refuse() for every reason it
 * has. Without blockers to fill, the first reason ends the inquiry.
 */
#ifndef DAEMON_CORE_INQUIRY_H
#define DAEMON_CORE_INQUIRY_H

#include "daemon/core/decide.h"
#include "daemon/core/rule.h"

/* Memory for rules laid out, kept over many questions: the expert's and, while
 * those are in use, a resource's. */
struct inquiry_room {
	struct core_open *expert;
	struct core_open *resource;
};

/* Room for the rules of every subject of the ask over a span that long. */
__attribute__((warn_unused_result)) enum rc
inquiry_room(const struct core_ask *ask, int64_t length, struct arena *arena,
	     struct inquiry_room *out);

struct inquiry {
	const struct core_ask *ask;
	const struct core_expert *expert;
	struct core_span span; /* of the session */
	const struct inquiry_room *room;
	struct core_plan *plan;
	struct core_blockers *blockers; /* NULL: nobody wants to know why */
	bool refused;
};

void inquiry_refuse(struct inquiry *q, const struct core_blocker *why);
void inquiry_claim(struct inquiry *q, const struct core_subject *subject,
		   enum claim_role role, struct core_span span);
/* Is the subject claimed by the plan already? */
bool inquiry_has(const struct inquiry *q, const struct core_subject *subject);

/* What the session wants of a subject. */
struct inquiry_want {
	const struct core_subject *subject;
	enum claim_role role;
	int64_t free_until; /* the claims' end, a buffer included */
};

/* Is a resource, or the patient, open and free? */
bool inquiry_fits(const struct inquiry *q, const struct inquiry_want *want);
/* Refuses with every reason that inquiry_fits() has, if it has any. */
void inquiry_tell(struct inquiry *q, const struct inquiry_want *want);
/* Refuses with every claim in the way. */
void inquiry_tell_busy(struct inquiry *q, const struct inquiry_want *want);
/* Refuses with the reason why no rule of the set covers the session. */
void inquiry_tell_closed(struct inquiry *q, const struct core_subject *subject,
			 enum claim_role role, const struct rule_set *set,
			 kindset kinds);

/* The question itself, in memory that is kept. */
enum rc inquiry_answer(const struct core_ask *ask, size_t expert, int64_t at,
		       const struct inquiry_room *room,
		       struct core_plan *out_plan,
		       struct core_blockers *out_blockers);

/* --- what the search wants to know beforehand --- */

/* Are the ask's own figures within their bounds? */
bool inquiry_is_sane(const struct core_ask *ask);
/* The patient that the session claims, or NULL. */
const struct core_subject *inquiry_patient(const struct core_ask *ask);

/* Can it be this expert at all, at any time? */
bool inquiry_suits(const struct core_ask *ask, const struct core_expert *e);
/* May the room stand in for the lead's studio of an expert without place? */
bool inquiry_is_lead_studio(const struct core_ask *ask,
			    const struct core_subject *room);
/* The first day on which the expert has practised for long enough. */
int64_t inquiry_seasoned(const struct core_ask *ask,
			 const struct core_expert *e);
/* Does that absence refuse the kind that is asked for? */
bool inquiry_away(const struct core_ask *ask, const struct core_away *away);

#endif
