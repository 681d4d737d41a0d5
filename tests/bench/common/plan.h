/*
 * plan - which bookings a store is to be filled with, and which stay free.
 *
 * Deeds are drawn from the places of a ground at random, but within caps of a
 * day, quotas of a month and agreements; nobody is booked twice in a half day.
 * The same seed draws the same. What is drawn counts, whether it is then stored
 * or not. One after the other: plan_lay(), plan_patients(), plan_weeks(),
 * plan_stored(), which sorts the deeds by when they were made, then
 * plan_next_free() as often as it answers true.
 */
#ifndef TESTS_BENCH_COMMON_PLAN_H
#define TESTS_BENCH_COMMON_PLAN_H

#include "tests/bench/common/ground.h"

#define PLAN_WEEK 30	     /* bookings of a full week */
#define PLAN_WEEKS 16	     /* full ones of each expert who can have one */
#define PLAN_TALK_MINUTES 15 /* of a remote consultation in such a week */

/* One booking that is to be. */
struct deed {
	int64_t made; /* when it was asked for */
	int64_t from;
	size_t session; /* of a clinic; or DEED_TALK: a remote consultation */
	size_t expert;	/* ... of whom */
	int64_t place;	/* ... where, and where the partner is */
	int64_t there;
	size_t agreement; /* index */
	size_t patient;	  /* index */
};
#define DEED_TALK SIZE_MAX

struct plan_spot {
	uint32_t session, place;
};

struct plan {
	struct ground ground;
	int64_t now;
	int64_t nclaims, nbodies;
	uint64_t random;
	int64_t week_lead;    /* site: whose experts have full weeks */
	unsigned short *used; /* by agreement and month */
	unsigned short *full; /* by session: 1 when nothing more goes in */
	/* Patients of site i: indices from first[i] on. */
	size_t *first, npatients;
	uint64_t *taken; /* patient and half day; 0: nothing */
	size_t ntaken;
	struct plan_spot *spots;
	size_t nspots, next_spot;
	struct deed *deeds;
	size_t ndeeds, room;
	struct deed *talks; /* of the deeds: remote consultations */
	size_t ntalks;
	int64_t claims; /* of the deeds */
};

uint64_t plan_random(uint64_t *state);
size_t plan_below(struct plan *plan, size_t n);

/* now, nclaims, nbodies and random are set; the tx is good until the end. */
__attribute__((warn_unused_result)) enum rc plan_lay(struct plan *plan,
						     struct tx *tx,
						     struct arena *arena,
						     struct err *err);
__attribute__((warn_unused_result)) enum rc plan_weeks(struct plan *plan,
						       struct err *err);
__attribute__((warn_unused_result)) enum rc plan_stored(struct plan *plan,
							struct err *err);
bool plan_next_free(struct plan *plan, struct deed *out);

/* The number-th week after next of the expert. */
struct core_span plan_week(const struct plan *plan, size_t expert, int number);

static inline const struct core_agreement *
plan_agreement(const struct plan *plan, const struct deed *d)
{
	return &plan->ground.agreements[d->agreement].core;
}

#endif
