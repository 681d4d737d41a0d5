/*
 * failing - a step of a use case over a store that fails it: the n-th read of
 * the file, for every n, and then every size of arena that is too small.
 *
 * Each time it is said, in words that name no file, and nothing of it is
 * stored; an answer that there is room for is whole. At the end the step is
 * done on the sound store. One house at a time.
 */
#ifndef TESTS_SUPPORT_FAILING_H
#define TESTS_SUPPORT_FAILING_H

#include "tests/support/house.h"

/* Opens the house's database again so that its file can fail. */
void failing_begin(struct house *house);

struct failing_step {
	const char *name;
	const struct principal *who;
	house_step run;
	void *arg;
	enum rc expected;
	const struct msg *table; /* of what is answered, and where it is */
	const void *out;
};
/* RC_IO or RC_NOMEM each time; at last what is expected. */
void failing_walk(struct house *house, const struct failing_step *step);

#endif
