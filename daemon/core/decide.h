/*
 * decide - the one function that search and booking both ask.
 *
 * core_decide() answers for one expert and one start time, on exact
 * intervals: the whole plan (every claim), or every reason why not. Where the
 * ask names groups, one more expert sits for each of them: the first of the
 * group who suits and is free, nobody twice; refused, every candidate of every
 * group for which nobody can sit says why.
 * core_search() nominates start times by planes and asks core_decide() about
 * each. So what the search offers the booking takes, and the other way round,
 * as long as both are given the same facts.
 *
 * The facts are in struct core_ask; no clock, no database.
 */
#ifndef DAEMON_CORE_DECIDE_H
#define DAEMON_CORE_DECIDE_H

#include "base/mem.h"
#include "daemon/core/kind.h"
#include "daemon/core/model.h"

struct core_month {
	struct core_span span; /* a month of the lead: local_month() */
	/* Live bookings of the kind and agreement that start in it, without
	 * the ask's ignore_booking. */
	int64_t used;
};

/* Where one of several resources would do: kind_row()->pools[i]. */
struct core_pool {
	const struct core_subject *rooms;
	size_t n;
};

struct core_rows;
struct core_shares;

/* A place behind the last of its session (share.h). */
enum core_overbook {
	CORE_PLACES_ONLY,
	CORE_PLACE_STANDS,    /* one is had already, and asked about again */
	CORE_OVERBOOK_OTHERS, /* asked for by whom it is not given */
	CORE_OVERBOOK_LEAD,
	CORE_OVERBOOK_STANDS, /* ... one behind the last is */
};

/* One further expert: what is wanted of them, and who could be it. */
struct core_group {
	const char *specialty, *title, *modality; /* as in core_ask */
	const char *const *languages;
	size_t nlanguages;
	const struct core_expert *experts;
	size_t nexperts;
};
#define CORE_GROUPS_MAX 7

struct core_ask {
	enum kind kind;
	/* 1..CORE_MINUTES_MAX; a place of a session is as long as that says. */
	int64_t minutes;
	/* Of an operation about it, 0..CORE_MINUTES_MAX; 0 where the kind has
	 * none. */
	int64_t before, after;
	int64_t now;
	const struct core_agreement *agreement;
	const char *specialty; /* NULL: any that agreement and expert share */
	/* What the expert must have; NULL: anything. A title serves for those
	 * below it. */
	const char *title, *modality;
	const char *const *languages; /* all of them */
	size_t nlanguages;
	/* The quota's months that the window touches; a month that is not
	 * here has used nothing. */
	const struct core_month *months;
	size_t nmonths;
	const struct core_expert *experts;
	size_t nexperts;
	const struct core_group *groups;
	size_t ngroups; /* at most CORE_GROUPS_MAX */
	/* In which order they come, and where each of them is in it (fair.h);
	 * both or neither. NULL: as they stand. */
	const uint32_t *order, *rank;
	/* Rooms of the lead (and places that the experts' rules name). Of the
	 * lead's, those of type studio serve an expert whose rule names no
	 * place. */
	const struct core_subject *lead_rooms;
	size_t nlead_rooms;
	struct core_pool pools[KIND_POOLS_MAX]; /* one of each is needed */
	/* All of them are needed, at most CORE_NAMED_MAX. One that could be
	 * the expert's place or of a pool is claimed as that. */
	const struct core_subject *named;
	size_t nnamed;
	const struct core_transfer *transfers;
	size_t ntransfers;
	const struct core_subject *patient; /* NULL: not known yet */
	const struct core_subject *surgeon; /* NULL: none is named */
	int64_t ignore_booking; /* the one that moves or is confirmed; 0 */
	/* The start of the pooled half-day that it is a case of, in which alone
	 * it can be; 0: of none. Not for a search. */
	int64_t pool;
	const struct core_shares *shares; /* NULL: nothing is kept */
	enum core_overbook overbook;
	/* Instead of an expert one of the beds (a ward has as many as its
	 * capacity), from the start until so many days of the first expert's
	 * zone are over; 0: an expert. */
	int64_t bed_days;
	struct core_pool beds;
	/* When the patient has a bed by other bookings: nobody lies in two, but
	 * whoever lies in one can be seen. */
	const struct core_span *stays;
	size_t nstays;

	/* For a search, both or neither. NULL: everything is there. */
	/* What was worked out about these experts and rooms before (rows.h). */
	struct core_rows *rows;
	/* The claims of experts need not be there: before those of one are
	 * looked at, this loads what touches the span and CORE_MARGIN on either
	 * side of it. Those of another may be gone then. */
	enum rc (*fetch)(void *ctx, size_t expert, struct core_span span);
	void *fetch_ctx;
};

/* Sixteen that somebody asked for, and when a booking is asked about again, its
 * place and its pools' rooms. */
#define CORE_NAMED_MAX (16 + 1 + KIND_POOLS_MAX)
/* ... and the expert with reserve, pause and way, the place, the patient, the
 * surgeon; each further expert with as much, and a place. */
#define CORE_PLAN_MAX                                                          \
	(CORE_NAMED_MAX + KIND_POOLS_MAX + 7 + 5 * CORE_GROUPS_MAX)

/* The booking whose way comes from a session now (0: none), and that way:
 * whatever way it had before is no more. */
struct core_next {
	int64_t booking;
	int64_t hold_until;
	struct core_span span; /* empty: no way to go */
};

/* Who sits for a group: place and next as the first expert's. */
struct core_plan_also {
	const struct core_expert *expert;
	int64_t place;
	struct core_next next;
};

struct core_plan {
	size_t expert;		    /* index into ask->experts */
	struct core_span span;	    /* the expert's part */
	struct core_span operation; /* the whole */
	int64_t place;	 /* where the expert's claims are; 0: nowhere */
	int64_t session; /* ... and of which session of places; 0: none */
	bool behind;	 /* ... behind its last place */
	struct core_next next;
	struct core_plan_also also[CORE_GROUPS_MAX]; /* by group */
	size_t nalso;
	struct {
		const struct core_subject *subject;
		enum claim_role role;
		struct core_span span;
	} claims[CORE_PLAN_MAX];
	size_t nclaims;
};

struct core_blocker {
	const struct core_subject *subject; /* NULL: the agreement */
	const struct core_subject *of;	    /* the expert who was asked about */
	int role;			    /* enum claim_role, or -1 */
	enum block reason;
	struct core_span span; /* of the blocking claim, rule, month or day */
	bool has_span;
	const char *rule; /* RRULE, agreement slug, or NULL */
};

#define CORE_BLOCKERS_MAX 64

struct core_blockers {
	struct core_blocker v[CORE_BLOCKERS_MAX];
	size_t n;
	size_t dropped;
};

/* RC_OK: out_plan is whole. RC_REFUSED: out_blockers has every reason (of all
 * the alternatives where one would do). RC_INVALID: minutes, nnamed or ngroups
 * beyond their bounds. RC_NOMEM: the arena is used up. out_blockers may be
 * NULL. */
__attribute__((warn_unused_result)) enum rc
core_decide(const struct core_ask *ask, size_t expert, int64_t at,
	    struct arena *arena, struct core_plan *out_plan,
	    struct core_blockers *out_blockers);

/* Both answer whatever fetch() does when it fails.
 *
 * The first n plans that start in the window, on the grid or where a place
 * begins, and not before now, by start, then by the order of experts. The
 * window bounds the starts; a session may run past its end. At most
 * CORE_WINDOW_MAX of it is searched. */
__attribute__((warn_unused_result)) enum rc
core_search(const struct core_ask *ask, struct core_span window, size_t n,
	    struct arena *arena, struct core_plan *out_plans, size_t *out_n);

/* Up to n plans that start in the window, not before now, as near to `at` as
 * can be (of two as near the earlier, then by the order of experts); answered
 * by start. */
__attribute__((warn_unused_result)) enum rc
core_nearest(const struct core_ask *ask, struct core_span window, int64_t at,
	     size_t n, struct arena *arena, struct core_plan *out_plans,
	     size_t *out_n);

/* How long before its start, and from then on, a session of the ask takes rooms
 * and people at most; seconds. Pauses and ways come besides. */
void core_reach(const struct core_ask *ask, int64_t *out_before,
		int64_t *out_length);

/* Can it be the expert of what has no meeting: everything that is asked of
 * them, and that they are not away or on leave then? Of the ask the kind, the
 * agreement, what the expert must have and the experts are looked at. RC_OK, or
 * RC_REFUSED: out has every reason. */
__attribute__((warn_unused_result)) enum rc
core_decide_reader(const struct core_ask *ask, size_t expert, int64_t at,
		   struct core_blockers *out);

/* The first of those that the kind needs which has ended by that day; NULL:
 * none has. */
const struct core_credential *core_ended(const struct core_expert *e,
					 enum kind kind, int64_t day);

/* Is the specialty one that the agreement is about? */
bool core_agreement_covers(const struct core_agreement *agreement,
			   const char *specialty);

/* Does the agreement allow asking for the kind and specialty on that day?
 * Answers the blocks (may be none). */
size_t core_agreement_blocks(const struct core_agreement *agreement,
			     enum kind kind, const char *specialty, int64_t day,
			     enum block out[4]);

#endif
