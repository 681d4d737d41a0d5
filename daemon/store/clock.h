/*
 * clock - what is promised of a request, as it is stored: by when it is
 * answered, starts, is given an opinion.
 *
 * One row for each request and promise (DUE_ANSWER, DUE_BEGIN, DUE_OPINION; of
 * an emergency that began without it DUE_CONSENT), as long as there is a limit
 * for it; it stays as the record of whether the
 * promise was kept. CLOCK_LATE is never stored: it is a running one past its
 * time. The limits are those of the agreement's limit set, by urgency.
 */
#ifndef DAEMON_STORE_CLOCK_H
#define DAEMON_STORE_CLOCK_H

#include "base/words.h"
#include "daemon/core/deadline.h"
#include "daemon/store/due.h"

#define CLOCK_WHATS 3 /* the first of enum due_what */

struct clock_rung {
	int64_t percent; /* of the limit; beyond 100, too */
	tellset tell;
};

struct clock_limits {
	int64_t minutes[CLOCK_WHATS];	 /* 0: no limit */
	struct deadline_hours hours;	 /* an emergency's: round the clock */
	const struct clock_rung *ladder; /* by percent */
	size_t n;			 /* 0: none was agreed on */
};
/* The parts of a limit set, in their order. */
__attribute__((warn_unused_result)) enum rc
clock_hours(struct tx *tx, const char *name, struct arena *arena,
	    struct deadline_hours *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
clock_ladder(struct tx *tx, const char *name, struct arena *arena,
	     const struct clock_rung **out, size_t *out_n, struct err *err);
/* What the agreement has for that urgency. */
__attribute__((warn_unused_result)) enum rc
clock_limits(struct tx *tx, int64_t agreement, enum urgency urgency,
	     struct arena *arena, struct clock_limits *out, struct err *err);

struct clock_row {
	int64_t id; /* out */
	int64_t request;
	enum due_what what;
	enum clock_state state;
	int64_t since, limit_minutes;
	int64_t used, run_from; /* as struct deadline_clock; seconds */
	int64_t due_at;		/* of one that runs or has ended */
	int64_t told;		/* per cent */
	int64_t ended_at;	/* 0: not yet */
};

/* Makes the row, or makes it so. */
__attribute__((warn_unused_result)) enum rc
clock_put(struct tx *tx, const struct clock_row *row, struct err *err);
/* RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
clock_find(struct tx *tx, int64_t request, enum due_what what,
	   struct clock_row *out, struct err *err);
/* All of a request's, by what; id 0: there is none. */
__attribute__((warn_unused_result)) enum rc
clock_all(struct tx *tx, int64_t request, struct clock_row out[CLOCK_WHATS],
	  struct err *err);

#endif
