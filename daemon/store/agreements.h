/*
 * agreements - as their two sides look at them: which there are, what lies
 * beyond their end, and of which end they were told.
 *
 * Strings and arrays go into the arena.
 */
#ifndef DAEMON_STORE_AGREEMENTS_H
#define DAEMON_STORE_AGREEMENTS_H

#include "daemon/store/booking.h"

struct agreement_page {
	int64_t as_lead, as_partner; /* whose; 0: of none */
	const char *site;	     /* on either side; NULL: any */
	const char *after;	     /* the slug before; "": from the first */
	int64_t limit;
};
struct agreement_row {
	int64_t id;
	const char *slug, *alliance, *lead, *partner;
};
/* By slug. */
__attribute__((warn_unused_result)) enum rc
agreements_list(struct tx *tx, const struct agreement_page *page,
		struct arena *arena, struct agreement_row **out, size_t *out_n,
		struct err *err);

/* Bookings and live holds of it that begin at `from` or later and are to come:
 * the first max, by start, and how many there are. */
struct agreement_beyond {
	struct code code;
	enum kind kind;
	const char *expert;
	int64_t from;
};
__attribute__((warn_unused_result)) enum rc
agreements_beyond(struct tx *tx, int64_t id, int64_t from, size_t max,
		  struct arena *arena, struct agreement_beyond **out,
		  size_t *out_n, int64_t *out_all, struct err *err);

/* The last days that were told as coming, and as over; -1: none was. */
struct agreement_told {
	int64_t ending, end;
};
__attribute__((warn_unused_result)) enum rc
agreements_told(struct tx *tx, int64_t id, struct agreement_told *out,
		struct err *err);
__attribute__((warn_unused_result)) enum rc
agreements_tell(struct tx *tx, int64_t id, const struct agreement_told *told,
		struct err *err);
/* Does another between the same two in the same alliance follow it without a
 * gap? */
__attribute__((warn_unused_result)) enum rc
agreements_followed(struct tx *tx, int64_t id, bool *out, struct err *err);

#endif
