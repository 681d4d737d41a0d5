/*
 * ground - where a network can be booked: its clinic sessions laid out for
 * years, and which agreements may book them.
 *
 * Everything stands in one arena, read out of a store once; nothing is changed
 * afterwards. Sessions are by their start; two that would need one room or one
 * expert at a time are not both here. An agreement is here if its kind and its
 * partner let somebody book a place of a clinic.
 */
#ifndef TESTS_BENCH_COMMON_GROUND_H
#define TESTS_BENCH_COMMON_GROUND_H

#include "daemon/core/decide.h"
#include "daemon/store/tx.h"

/* Its coordinator; 0: nobody has come for it. */
struct ground_desk {
	int64_t identity;
	const char *name;
};

struct ground_site {
	const char *slug;	/* NULL: there is no such id */
	const int64_t *studios; /* of subjects */
	size_t nstudios;
	struct ground_desk lead;
};

struct ground_agreement {
	struct core_agreement core;
	struct core_span valid;
};

struct ground_expert {
	struct core_expert core;
	const size_t *agreements; /* that may book them */
	size_t nagreements;
	int64_t seasoned; /* for all of these: from then on */
};

struct ground_session {
	size_t expert;
	struct core_span span;
	int64_t place;
	int places;  /* of its length; more than the expert's cap count not */
	int minutes; /* of each */
};

struct ground {
	struct tx *tx;
	struct arena *arena;
	struct ground_site *sites; /* by id */
	size_t nsites;
	const char **slugs; /* of subjects, by id */
	size_t nslugs;
	struct ground_agreement *agreements;
	size_t nagreements;
	struct ground_expert *experts;
	size_t nexperts;
	struct ground_session *sessions;
	size_t nsessions;
	size_t nplaces; /* of them all */
};

/* The tx lasts as long as the ground. */
__attribute__((warn_unused_result)) enum rc ground_read(struct ground *ground,
							struct tx *tx,
							struct arena *arena,
							struct err *err);
/* Lays out the sessions that begin in the span, instead of any before. */
__attribute__((warn_unused_result)) enum rc
ground_lay(struct ground *ground, struct core_span span, struct err *err);

#endif
