/*
 * inquiry - one question to core_decide(), while it is being answered.
 *
 * Internal to the core. The stages of decide.c and place.c each look at one
 * rule; a stage that finds against the question calls inquiry_refuse() for
 * every reason it has. Without blockers to fill, the first reason ends the
 * inquiry.
 */
#ifndef DAEMON_CORE_INQUIRY_H
#define DAEMON_CORE_INQUIRY_H

#include "daemon/core/decide.h"
#include "daemon/core/rule.h"

/* Memory for rules laid out, kept over many questions: the expert's and, while
 * those are in use, a resource's and the search's own. */
struct inquiry_room {
	struct core_open *expert;
	struct core_open *resource;
	struct core_open *sessions; /* the expert's, while they are asked */
	struct core_open *behind;   /* ... those that others lie behind */
	struct core_open *group;    /* a further expert's */
};

/* Room for the rules of every subject of the ask over a span that long. */
__attribute__((warn_unused_result)) enum rc
inquiry_room(const struct core_ask *ask, int64_t length, struct arena *arena,
	     struct inquiry_room *out);

struct inquiry {
	const struct core_ask *ask;
	const struct core_expert *expert;
	struct core_span span;	    /* of the session: the expert's part */
	int64_t end;		    /* of it and its reserve */
	struct core_span operation; /* planned; its reserve apart */
	/* The session of places that it is a place of, or its own opens. */
	int64_t session; /* 0: of none */
	int64_t behind;	 /* ... behind its last place, 1 on; 0: it is one */
	struct core_opens opens;
	/* A pooled half-day of the expert's that it would lie in, not being a
	 * case of it; its rule is NULL: none. */
	struct core_open pooled;
	const struct inquiry_room *room;
	struct core_plan *plan;
	struct core_blockers *blockers; /* NULL: nobody wants to know why */
	size_t told; /* of these, about other places that begin then */
	bool refused;
};

void inquiry_refuse(struct inquiry *q, const struct core_blocker *why);
void inquiry_claim(struct inquiry *q, const struct core_subject *subject,
		   enum claim_role role, struct core_span span);
/* Is the subject claimed by the plan already? */
bool inquiry_has(const struct inquiry *q, const struct core_subject *subject);

/* What is wanted of a subject: to be open, and to be free. */
struct inquiry_want {
	const struct core_subject *subject;
	enum claim_role role;
	struct core_span open;
	struct core_span taken;
};
/* As long as the session, or the whole operation. */
struct inquiry_want inquiry_want(const struct inquiry *q,
				 const struct core_subject *subject,
				 enum claim_role role, bool operation);

/* Is a resource, or the patient, open and free? */
bool inquiry_fits(const struct inquiry *q, const struct inquiry_want *want);
/* Refuses with every reason that inquiry_fits() has, if it has any. */
void inquiry_tell(struct inquiry *q, const struct inquiry_want *want);
/* Refuses with the leaves that touch the span. */
void inquiry_tell_leave(struct inquiry *q, const struct core_subject *subject,
			enum claim_role role, struct core_span span);
/* Refuses with the reason why no rule of the set covers the session. */
void inquiry_tell_closed(struct inquiry *q, const struct inquiry_want *want,
			 const struct rule_set *set, kindset kinds);

/* Of what is open then, leaves what a time on the grid may lie in: no session
 * of places, and no pooled half-day but the one that the ask is about. */
void inquiry_on_grid(const struct core_ask *ask, struct core_opens *opens);
/* The pooled half-day that the ask is not about, of all that is open. */
struct core_open inquiry_pooled(const struct core_ask *ask,
				const struct core_opens *opens);

/* The stages about the expert; and those of them alone that no claim and no
 * rule of availability has a part in (person.c). */
void inquiry_person(struct inquiry *q);
void inquiry_able(struct inquiry *q);
/* The stage of the further experts, one of each group (groups.c). */
void inquiry_groups(struct inquiry *q);
/* A place for one of them: where others of the session are, if that is one, or
 * their own (place.c). */
void inquiry_beside(struct inquiry *q);

/* The stage that finds the expert's place and the rooms of pools (place.c). */
void inquiry_rooms(struct inquiry *q);
/* Can the expert come there, and from there to the next session? With a claim
 * for the way in the plan; NULL: wherever the expert is. */
bool inquiry_way_fits(struct inquiry *q, const struct core_subject *place);
/* Refuses with the reason why not. */
void inquiry_way_tell(struct inquiry *q, const struct core_subject *place);

/* A resource that one of several can be. */
struct inquiry_pool {
	const struct core_subject *rooms;
	size_t n;
	bool studios; /* of the lead alone */
	enum claim_role role;
	bool operation;
	bool expert; /* it is where the expert is */
	bool apart;  /* independent of those in the same role */
};
/* Are the two links independent (kind.h)? */
bool inquiry_apart(const struct core_subject *a, const struct core_subject *b);
/* Claims the first that fits. */
bool inquiry_pool_take(struct inquiry *q, const struct inquiry_pool *pool);
/* Refuses with every reason of every one of them. */
void inquiry_pool_tell(struct inquiry *q, const struct inquiry_pool *pool);

/* A place of a session of places: as long as that says, without reserve. */
bool inquiry_place(struct inquiry *q, struct core_open open);
/* One behind the last place of a session that began not long ago; *out_any:
 * there was such a session, whatever became of it (share.c). */
bool inquiry_behind(struct inquiry *q, const struct rule_set *set,
		    bool *out_any);
/* Does a place behind the last of a session do? */
bool inquiry_asks_behind(const struct core_ask *ask);
/* Is there an expert in it? */
bool inquiry_has_expert(const struct core_ask *ask);
/* When a bed that is taken then is free again (bed.c). */
int64_t inquiry_bed_end(const struct core_ask *ask, int64_t at);
/* The stage that finds a bed; and that of the patient, whom only the admission
 * takes, not the stay. */
void inquiry_admit(struct inquiry *q, const struct core_subject *patient);
void inquiry_beds(struct inquiry *q);
/* core_nearest() of a bed: at each day of the window, at the time of day with
 * which it begins. */
enum rc inquiry_nearest_beds(const struct core_ask *ask,
			     struct core_span window, int64_t at, size_t n,
			     struct arena *arena, struct core_plan *out_plans,
			     size_t *out_n);
/* The stages of places that are kept, and of those behind the last. */
void inquiry_shares(struct inquiry *q);
void inquiry_overbook(struct inquiry *q);

/* The question itself, in memory that is kept. */
enum rc inquiry_answer(const struct core_ask *ask, size_t expert, int64_t at,
		       const struct inquiry_room *room,
		       struct core_plan *out_plan,
		       struct core_blockers *out_blockers);

/* --- what the search wants to know beforehand --- */

/* Are the ask's own figures within their bounds? */
bool inquiry_is_sane(const struct core_ask *ask);
/* The session's length where no session of places says another, and the
 * reserve behind it; seconds. */
int64_t inquiry_length(const struct core_ask *ask);
int64_t inquiry_overrun(const struct core_ask *ask);
/* How long before its start and after it the operation is. */
int64_t inquiry_before(const struct core_ask *ask);
int64_t inquiry_after(const struct core_ask *ask);
/* The patient, or the surgeon, that the session claims, or NULL. */
const struct core_subject *inquiry_patient(const struct core_ask *ask);
const struct core_subject *inquiry_surgeon(const struct core_ask *ask);

/* What of the ask the expert has (suit.c). */
bool inquiry_has_specialty(const struct core_ask *ask,
			   const struct core_expert *e);
bool inquiry_has_kind(const struct core_ask *ask, const struct core_expert *e);
bool inquiry_has_modality(const struct core_ask *ask,
			  const struct core_expert *e);
bool inquiry_has_title(const struct core_ask *ask, const struct core_expert *e);
/* The first that the expert lacks; NULL: none. */
const char *inquiry_lacks_language(const struct core_ask *ask,
				   const struct core_expert *e);

/* Can it be this expert of the group at all, at any time? */
bool inquiry_group_suits(const struct core_ask *ask,
			 const struct core_group *group,
			 const struct core_expert *e);
/* Can it be this expert at all, at any time? */
bool inquiry_suits(const struct core_ask *ask, const struct core_expert *e);
/* May the room stand in for the lead's studio of an expert without place? */
bool inquiry_is_lead_studio(const struct core_ask *ask,
			    const struct core_subject *room);
/* The room that a rule's place names, if the kind can be there; NULL. */
const struct core_subject *inquiry_rule_place(const struct core_ask *ask,
					      const struct core_rule *rule);
/* Does the open offer the kind only in places, and does one begin then? */
bool inquiry_is_place(const struct core_ask *ask, const struct core_open *open,
		      int64_t at);
/* The first day on which the expert has practised for long enough. */
int64_t inquiry_seasoned(const struct core_ask *ask,
			 const struct core_expert *e);
/* Does that absence refuse the kind that is asked for? */
bool inquiry_away(const struct core_ask *ask, const struct core_away *away);
/* Whose clock counts the expert's days then: of where the expert is; and until
 * when it does (INT64_MAX: no end). */
const struct tz *inquiry_zone(const struct core_expert *e, int64_t at,
			      int64_t *out_until);

#endif
