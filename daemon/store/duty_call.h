/*
 * duty_call - who was called for an emergency, and what became of it.
 *
 * One row a call, in the order of the calls; the database refuses a second of
 * the same person in one step, and a second answer that takes the request. It
 * is called anew where the session does not take place, in another round, which
 * one answer ends likewise. What is measured goes by the first of them.
 */
#ifndef DAEMON_STORE_DUTY_CALL_H
#define DAEMON_STORE_DUTY_CALL_H

#include "base/mem.h"
#include "base/words.h"
#include "daemon/core/model.h"
#include "daemon/store/request.h"

#define WORDS_CALL_OUTCOME(X)                                                  \
	X(CALLED, "called")                                                    \
	X(ANSWERED, "answered") /* and takes it */                             \
	X(CANNOT, "cannot")                                                    \
	X(UNANSWERED, "unanswered") /* in time */                              \
	X(ENGAGED, "engaged")	    /* passed over: with another emergency */  \
	X(OVER, "over")		    /* somebody else has it, or it ended */

#define WORDS_CALL_OUTCOME_(sym, name) CALL_##sym,
enum call_outcome { WORDS_CALL_OUTCOME(WORDS_CALL_OUTCOME_) CALL_OUTCOMES };
extern const struct words words_call_outcome;

/* Of the row c. */
#define SQL_WAS_CALLED(expert, request)                                        \
	"c.expert = " expert " AND c.request = " request                       \
	" AND c.outcome <> 'engaged'"
/* Of the request r: somebody is called for it, and that expert was. */
#define SQL_IS_CALLED(expert)                                                  \
	"r.kind = 'emergency-consultation'"                                    \
	" AND r.status IN ('submitted', 'accepted') AND EXISTS"                \
	" (SELECT 1 FROM duty_call c WHERE " SQL_WAS_CALLED(expert,            \
							    "r.id") ")"

struct duty_call {
	int64_t id; /* out */
	int64_t request;
	int64_t step;
	int64_t round;	/* 1, and one more for each answer before it */
	int64_t expert; /* 0: the lead's coordinators */
	int64_t level;	/* 0: everybody was called */
	const char *reach;
	int64_t called_at;
	int64_t until; /* 0: until somebody answers */
	enum call_outcome outcome;
	int64_t ended_at;    /* 0: it stands */
	const char *said_by; /* on the expert's behalf; NULL */
	/* read only */
	const char *slug, *name;
};

__attribute__((warn_unused_result)) enum rc
duty_call_add(struct tx *tx, struct duty_call *call, struct err *err);
/* Those of a request, in the order of the calls. */
__attribute__((warn_unused_result)) enum rc
duty_call_list(struct tx *tx, int64_t request, struct arena *arena,
	       struct duty_call **out, size_t *out_n, struct err *err);
/* One ends, now. said_by may be NULL. */
__attribute__((warn_unused_result)) enum rc
duty_call_end(struct tx *tx, const struct duty_call *call,
	      enum call_outcome outcome, const char *said_by, struct err *err);
/* All of the request that stand are over. */
__attribute__((warn_unused_result)) enum rc
duty_call_over(struct tx *tx, int64_t request, struct err *err);
/* Was the expert called for it? Who was passed over was not. */
__attribute__((warn_unused_result)) enum rc
duty_call_reached(struct tx *tx, int64_t request, int64_t expert, bool *out,
		  struct err *err);
/* Is the expert in a session that has started, or in the reserve behind one, or
 * with an emergency, now? */
__attribute__((warn_unused_result)) enum rc
duty_call_engaged(struct tx *tx, int64_t expert, bool *out, struct err *err);

/* --- what an emergency has besides --- */

/* Of an agreement's emergencies; minutes. */
struct duty_limits {
	int64_t call, papers;
};
__attribute__((warn_unused_result)) enum rc
duty_limits_of(struct tx *tx, int64_t agreement, struct duty_limits *out,
	       struct err *err);

/* Of its row; INT64_MIN: not (yet). */
struct duty_row {
	int64_t door_at; /* the patient came */
	int64_t papers_until, papers_at;
};
__attribute__((warn_unused_result)) enum rc duty_set(struct tx *tx,
						     int64_t request,
						     const struct duty_row *row,
						     struct err *err);
/* The papers are there, now, in place of what was known; when they came first
 * stays. */
__attribute__((warn_unused_result)) enum rc
duty_set_papers(struct tx *tx, const struct request *r,
		const struct papers *papers, struct err *err);

/* When what happened; INT64_MIN: not, or nobody said. */
struct duty_times {
	int64_t door, submitted, called, answered, started;
	int64_t papers_until, papers_at;
};
__attribute__((warn_unused_result)) enum rc
duty_times_of(struct tx *tx, int64_t request, struct duty_times *out,
	      struct err *err);

/* Emergencies submitted in that time, of the sites that one may see, by
 * partner. */
struct duty_filter {
	int64_t as_lead, as_partner; /* 0: none */
	int64_t from, to;
	const char *site; /* the partner; NULL: all */
};
struct duty_measured {
	int64_t request;
	const char *site;
	enum request_status status;
	int64_t displaced; /* bookings that gave way to it */
	struct duty_times times;
};
__attribute__((warn_unused_result)) enum rc
duty_report(struct tx *tx, const struct duty_filter *filter,
	    struct arena *arena, struct duty_measured **out, size_t *out_n,
	    struct err *err);

#endif
