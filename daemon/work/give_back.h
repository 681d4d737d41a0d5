/*
 * give_back - what somebody has for what gave way and could not be moved.
 *
 * A request goes before all others of its urgency on the waitlist, which offers
 * it a time as soon as there is one; so does one whose hold or offer was taken.
 * A hold without a request is taken anew, at the nearest time that does, for as
 * long as a new one would be. A booking without a request is cancelled with the
 * nearest times as a part of the reason, and is listed as unresolved until its
 * partner has received that or has booked for the patient again.
 */
#ifndef DAEMON_WORK_GIVE_BACK_H
#define DAEMON_WORK_GIVE_BACK_H

#include "daemon/work/emergency.h"
#include "daemon/work/tools.h"

/* Its claims are gone already. times: those that nobody has tried; may be NULL.
 * *out_open: it is to be listed. */
enum rc give_back(struct work *w, struct booking *b,
		  const struct booking_times *times, const char *reason,
		  bool *out_open);
/* A hold without a request, at that time instead; b is released. */
enum rc give_back_hold(struct work *w, struct booking *b, int64_t at,
		       const char *reason);
/* What follows a change (tools.c): whoever books again is listed no more. */
enum rc give_back_follow(struct work *w, const struct booking *b,
			 const struct work_change *change);

#endif
