/*
 * series, occurrence - what repeats, and its days, as they are stored.
 *
 * A booking does not know its series: the occurrence does, so that what is
 * booked every day pays nothing for it. What became of an occurrence is its
 * booking's to say. Strings go into the caller's arena.
 */
#ifndef DAEMON_STORE_SERIES_H
#define DAEMON_STORE_SERIES_H

#include "daemon/store/booking.h"

struct series {
	int64_t id;
	struct code code;
	int64_t lead, partner;
	enum kind kind;
	const char *rrule;
	int64_t start; /* wall, at the lead's */
	const char *time_zone;
	enum on_holiday on_holiday;
	const char **except, **also; /* dates, in order */
	size_t nexcept, nalso;
	int64_t made_at;
	/* read only */
	const char *lead_slug, *partner_slug;
	int64_t noccurrences, nbooked; /* of these, booked at all */
};

#define OCCURRENCE_WHY_MAX 400

struct occurrence {
	int64_t position; /* from 1 on, by time as it was laid out */
	int64_t day;
	int64_t planned; /* UTC */
	bool left_out;
	int64_t booking; /* 0: none */
	const char *why; /* there is none: what stood in its way; or NULL */
	/* read only, of its booking */
	struct code code;
	enum booking_status status;
	int64_t from, to;
	const char *expert_slug;
};

/* Draws a code that nothing else has (codes.c). */
__attribute__((warn_unused_result)) enum rc
series_draw_code(struct tx *tx, struct code *out, struct err *err);
/* Fills id. */
__attribute__((warn_unused_result)) enum rc
series_insert(struct tx *tx, struct series *s, struct err *err);
__attribute__((warn_unused_result)) enum rc
series_add(struct tx *tx, int64_t series, const struct occurrence *in,
	   struct err *err);
/* It is planned for another day and time from now on. */
__attribute__((warn_unused_result)) enum rc
series_replan(struct tx *tx, int64_t series, const struct occurrence *in,
	      struct err *err);

__attribute__((warn_unused_result)) enum rc
series_by_code(struct tx *tx, const char *code, struct arena *arena,
	       struct series *out, struct err *err);
/* That the booking is an occurrence of; RC_NOT_FOUND: of none. */
__attribute__((warn_unused_result)) enum rc
series_of_booking(struct tx *tx, int64_t booking, struct arena *arena,
		  struct series *out, struct err *err);
/* By planned time, then position. */
__attribute__((warn_unused_result)) enum rc
series_occurrences(struct tx *tx, int64_t series, struct arena *arena,
		   struct occurrence **out, size_t *out_n, struct err *err);

/* Those of a site's, or with an expert's bookings; the latest first. */
__attribute__((warn_unused_result)) enum rc
series_list(struct tx *tx, const struct list_filter *filter,
	    struct arena *arena, struct series **out, size_t *out_n,
	    struct err *err);

#endif
