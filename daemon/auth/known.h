/*
 * known - principals as one worker has looked them up, by what they showed.
 *
 * One is good while stamps_all() is what it was before the transaction it was
 * found in, and until its certificate or token ends; so whoever is revoked is
 * nobody on their next request. Who is not known is never kept. A fixed number
 * of places: a principal goes when another one needs its place.
 */
#ifndef DAEMON_AUTH_KNOWN_H
#define DAEMON_AUTH_KNOWN_H

#include "daemon/auth/principal.h"
#include "daemon/store/stamps.h"

#define KNOWN_PLACES 2048 /* some hundred bytes each, when it is taken */

struct known;
/* stamps may be NULL: nobody is kept. */
struct known *known_new(const struct stamps *stamps);
void known_free(struct known *known);

/* Borrowed until known_keep(); NULL: look into the database. */
const struct principal *known_find(struct known *known,
				   const struct principal_proof *proof,
				   int64_t now);
/* all: from before the transaction. */
void known_keep(struct known *known, const struct principal *who, uint64_t all);

#endif
