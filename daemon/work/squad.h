/*
 * squad - the experts who may do, with their rooms and ways and what a search
 * has worked out about them (core's rows), kept by a worker between searches.
 *
 * A squad is of one lead, one specialty (or one agreement's), one kind and one
 * length; any number of agreements share it. It lives in its connection's keep
 * (keep.h) as a block: away with the network's facts that it points at. Claims
 * are not part of it. Those of the rooms are looked up for each search; those
 * of an expert when the core asks for them, which it does of few.
 *
 * Rows are made of claims: an expert's, or a room's, are forgotten as soon as
 * its stamp has changed or the first hold among its claims has lapsed.
 */
#ifndef DAEMON_WORK_SQUAD_H
#define DAEMON_WORK_SQUAD_H

#include "daemon/work/ask.h"

/* Is there something kept, and is the search one of that sort? */
bool squad_fits(const struct work *w, const struct wish *wish);
/* As ask_load_people(). The ask's experts are good until the end of the
 * transaction, or until the next ask joins. */
enum rc squad_join(struct work *w, const struct wish *wish, struct ask *ask);

#endif
