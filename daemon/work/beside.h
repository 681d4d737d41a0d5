/*
 * beside - what is wanted of a further expert, as somebody writes it.
 *
 * One group is a line of words: "specialty=imaging,modality=mri,language=en",
 * "expert=imaging-1". The same line stands in a message, in a query, behind
 * --also, and in the row of the request: whoever reads it reads it here.
 */
#ifndef DAEMON_WORK_BESIDE_H
#define DAEMON_WORK_BESIDE_H

#include "daemon/work/ask.h"

#define BESIDE_LANGUAGES 8

struct beside {
	const char *specialty, *title, *modality, *expert; /* NULL: any */
	const char *languages[BESIDE_LANGUAGES];
	size_t nlanguages;
};

/* RC_INVALID, with the fault at the pointer. */
enum rc beside_read(struct work *w, const char *pointer, const char *text,
		    struct beside *out);

/* Is each of them one that the lead and the agreement can have? */
enum rc beside_check(struct work *w, const char *pointer,
		     const struct field_strs *also,
		     const struct core_agreement *agreement, enum kind kind);

/* Of the experts those who sit in wish->within; all, where that is none. */
size_t beside_within(const struct wish *wish, int64_t *ids, size_t n);

/* The groups of the wish, with whoever could sit for each; of the ask the
 * loader, the agreement and the kind are there. */
enum rc beside_load(struct work *w, const struct wish *wish, struct ask *ask);

/* What somebody names when a time is taken: the experts of what is wanted, in
 * its order, and any more than that besides. */
enum rc beside_name(struct work *w, const struct field_strs *named,
		    struct wish *wish);

/* The experts that the booking has, each by name. */
enum rc beside_again(struct work *w, const struct booking *b, struct wish *out);

#endif
