/*
 * series - what repeats: made at once, shown, moved and cancelled from one
 * occurrence on.
 *
 * Everything of a series is made by the use case that makes one of its kind
 * (the table in series.c), occurrence by occurrence in one transaction: each is
 * decided with the claims, caps and quotas of those before it. Together it is
 * all or nothing - RC_REFUSED, w->occurrences says which fail, with every
 * reason - or what is possible, told day by day.
 *
 * Times near to those that fail are looked for beforehand (work_series_look(),
 * work_series_look_move()), away from the writer: for what fails by then.
 */
#ifndef DAEMON_WORK_SERIES_H
#define DAEMON_WORK_SERIES_H

#include "daemon/store/series.h"
#include "daemon/work/attempt.h"

/* Of each day as it was laid out; of those that are to move. */
struct series_sought {
	struct field_list *nearest; /* msg_slot */
	size_t n;
};
enum rc work_series_look(struct work *w, const struct msg_series_new *in,
			 struct series_sought *out);
enum rc work_series_make(struct work *w, const struct msg_series_new *in,
			 struct msg_series *out);

enum rc work_series_show(struct work *w, const char *code,
			 struct msg_series *out);
enum rc work_series_list(struct work *w, const struct msg_list_query *in,
			 struct msg_series_list *out);

/* From the booking of that code on, which it is of. */
enum rc work_series_look_move(struct work *w, const char *booking,
			      const struct msg_series_move *in,
			      struct series_sought *out);
enum rc work_series_move(struct work *w, const char *booking,
			 const struct msg_series_move *in,
			 struct msg_series *out);
enum rc work_series_cancel(struct work *w, const char *booking,
			   const struct msg_series_cancel *in,
			   struct msg_series *out);

/* --- for the use cases of bookings and series --- */

/* The code of the series that the booking is of, or NULL. */
enum rc series_name(struct work *w, int64_t booking, const char **out);
/* One event of a series, by the principal. */
enum rc series_tell(struct work *w, const struct series *s, enum verb verb,
		    const char *reason);
/* Without its occurrences. */
enum rc series_view(struct work *w, const struct series *s,
		    struct msg_series *out);
enum rc series_view_day(struct work *w, const struct occurrence *o,
			struct msg_occurrence *out);
/* What an attempt at it came to. */
void series_view_attempt(const struct attempt *a, struct msg_occurrence *out);
/* Its reasons as a line, for whoever asks later; at most OCCURRENCE_WHY_MAX. */
const char *series_why(struct work *w, const struct attempt *a);
/* That it was to be all of them, and was not of these. */
enum rc series_refuse(struct work *w, struct msg_occurrence *failed, size_t n,
		      const char *what);

#endif
