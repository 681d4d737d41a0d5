/*
 * explain - why a search found nothing under an agreement, and what would help.
 *
 * Counts and changes are the core's (core/explain.h, core/relax.h); here are
 * the facts for them, and how they are told. It takes long, as wide searches
 * do: not for a thread that others wait for.
 *
 * Told is what whoever asks may see of a refused booking, and nothing more: a
 * room of a third hospital is counted as its expert's being elsewhere.
 */
#ifndef DAEMON_WORK_EXPLAIN_H
#define DAEMON_WORK_EXPLAIN_H

#include "daemon/work/work.h"

struct explain_search {
	const struct wish *wish; /* under its agreement */
	struct core_span window; /* of starts */
	bool request;		 /* what it asks for is a request's */
	bool one;     /* of several agreements none but this was searched */
	size_t share; /* among so many the work is divided */
};

enum rc explain_none(struct work *w, const struct explain_search *search,
		     struct msg_explanation *out);

#endif
