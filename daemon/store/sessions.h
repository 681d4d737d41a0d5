/*
 * sessions - bookings that others join, and their seats, as they are stored.
 *
 * A session is a booking and a row beside it. The database's guard refuses more
 * seats than there are, for all and for one site (RC_REFUSED), whatever the
 * caller believed. Strings and arrays go into the arena.
 */
#ifndef DAEMON_STORE_SESSIONS_H
#define DAEMON_STORE_SESSIONS_H

#include "daemon/store/booking.h"

struct session_row {
	int64_t booking;
	int64_t lead;
	enum kind kind;
	int64_t day; /* of its beginning, the lead's */
	const char *title;
	int64_t seats, per_site;
	bool no_record;
	int64_t shows;	/* a booking; 0: none */
	int64_t tokens; /* so many walk in at most */
	int64_t taken;	/* read only: of the seats */
};

__attribute__((warn_unused_result)) enum rc
sessions_insert(struct tx *tx, const struct session_row *in, struct err *err);
/* RC_NOT_FOUND: the booking is none. */
__attribute__((warn_unused_result)) enum rc
sessions_find(struct tx *tx, int64_t booking, struct arena *arena,
	      struct session_row *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
sessions_set_day(struct tx *tx, int64_t booking, int64_t day, struct err *err);
/* What shows that booking and is not over. */
__attribute__((warn_unused_result)) enum rc
sessions_showing(struct tx *tx, int64_t shown, struct arena *arena,
		 int64_t **out, size_t *out_n, struct err *err);

struct session_seats {
	int64_t site;
	const char *slug;
	int64_t seats;
	int64_t came; /* -1: nobody has said */
};
/* By site's slug. */
__attribute__((warn_unused_result)) enum rc
sessions_seats(struct tx *tx, int64_t booking, struct arena *arena,
	       struct session_seats **out, size_t *out_n, struct err *err);
/* Of one site, instead of what it had; 0: it leaves. */
__attribute__((warn_unused_result)) enum rc
sessions_put_seats(struct tx *tx, int64_t booking, int64_t site, int64_t seats,
		   struct err *err);
/* RC_NOT_FOUND: that site has not joined. */
__attribute__((warn_unused_result)) enum rc
sessions_put_came(struct tx *tx, int64_t booking, int64_t site, int64_t came,
		  struct err *err);

/* May that site join: does it have an agreement with the lead that covers the
 * kind on the session's day? */
__attribute__((warn_unused_result)) enum rc
sessions_covers(struct tx *tx, const struct session_row *row, int64_t site,
		bool *out, struct err *err);

/* Those of the lead, of the partner where it takes place, of who may join or
 * has joined, and of the expert: that end after filter->from, by start. */
__attribute__((warn_unused_result)) enum rc
sessions_list(struct tx *tx, const struct list_filter *filter,
	      struct arena *arena, struct booking **out, size_t *out_n,
	      struct err *err);

#endif
