/*
 * fairness - whose turn it is among the experts of an ask (core/fair.h).
 *
 * Where no expert is named they come in the order of what they have had, by the
 * agreement's figures; the same in a search, a booking, an offer and a sitting.
 * With one who is named nothing of this is read.
 */
#ifndef DAEMON_WORK_FAIRNESS_H
#define DAEMON_WORK_FAIRNESS_H

#include "daemon/core/fair.h"
#include "daemon/work/ask.h"

/* The order of the ask's experts, whose ids these are: the experts themselves
 * stay as they stand, and so do the rooms that follow from them. */
enum rc fairness_order(struct work *w, const int64_t *ids, size_t n,
		       struct ask *ask);
/* A copy of the ids, whose turn it is first: for one of the further experts. */
enum rc fairness_sort(struct work *w, const struct ask *ask, int64_t **io_ids,
		      size_t n);
/* Why this one, as a message; NULL where somebody was named. */
enum rc fairness_view(struct work *w, const struct ask *ask, size_t expert,
		      struct msg_fair **out);

#endif
