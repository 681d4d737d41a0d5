/*
 * week - a schedule as a calendar: seven days side by side, half-hour rows.
 *
 * Rows are half hours on the wall of `zone`, only over the hours in use: at
 * night neither open time nor work that lasts for days is a reason for a row.
 * A gap of two hours or more is one row.
 * A cell shows, in this order: a booking that may be seen (its kind, in the
 * next row its other side), work that is only "busy", the pause around work
 * and the reserve behind it, open time, nothing. Pure: no clock, no terminal;
 * golden tests hold it.
 */
#ifndef CLIENT_WEEK_H
#define CLIENT_WEEK_H

#include "base/tz.h"
#include "client/term.h"
#include "proto/messages.h"

#define WEEK_WIDTH_MIN 62 /* narrower terminals get the list */

struct week {
	const struct msg_schedule *schedule;
	const struct tz *zone;
	int64_t monday; /* days since 1970-01-01 */
	int64_t now;
	struct term term;
};

void week_render(const struct week *week, struct buf *out);

/* Short for the kind, at most eight columns; "busy" for -1. */
const char *week_kind(int kind);
/* What is no session but goes with one: "pause", "reserve", "transfer"; NULL
 * for a session and for what is only "busy". */
const char *week_beside(const struct msg_entry *entry);
/* The hospital on the other side, as the reader of this schedule sees it. */
const char *week_site(const struct msg_schedule *schedule,
		      const struct msg_entry *entry);
/* The other side in one word: that hospital, or at the partner the expert. */
const char *week_partner(const struct msg_schedule *schedule,
			 const struct msg_entry *entry);

#endif
