/*
 * opinions - what becomes of a request when its opinions are signed.
 *
 * A request is completed when every expert who has to sign has, and its
 * session is over (or there is none: store-and-forward). It is closed when the
 * partner says that it has received them; until then it is reminded. What is
 * signed after that is a correction, which is to be received as well.
 */
#ifndef DAEMON_WORK_OPINIONS_H
#define DAEMON_WORK_OPINIONS_H

#include "daemon/store/due.h"
#include "daemon/work/work.h"

/* After an opinion was filed, or the session of the request has ended: goes on
 * to completed if nothing is missing. */
enum rc opinions_follow(struct work *w, int64_t request);

/* DUE_RECEIPT: the partner is reminded, and again. */
enum rc opinions_remind(struct work *w, const struct due_row *row);

/* As messages, for whoever may see the request. */
enum rc opinions_view(struct work *w, const struct request *r,
		      struct field_list *out);

#endif
