/*
 * renew - the server's own certificate is renewed before it ends.
 *
 * When a third of its life is left, a certificate of the service's own CA at
 * its usual place (server.pem, server.key) is followed by a new one, with a new
 * key, for the same names; at once, when hosts that the options name are not
 * among them, which are added. One that options or credentials name, or that
 * another CA signed, is whoever's who put it there: then there is but a
 * warning. Of the CA itself there is a warning when less than a year is left;
 * no certificate outlives it.
 *
 * The two files cannot be replaced in one step. The new ones are complete
 * beside them first (*.next); the key gets its name, then the certificate. A
 * start, and the look after a try that failed, finds by what fits together how
 * far it came (renew_settle), so that no pair stays mismatched. Only the main
 * thread calls these.
 */
#ifndef DAEMON_MAIN_RENEW_H
#define DAEMON_MAIN_RENEW_H

#include "base/clock.h"
#include "daemon/main/material.h"

#define RENEW_SERVER_DAYS 825 /* of a certificate made here */

/* Ends what a crash left in the middle. Before the material is read. */
__attribute__((warn_unused_result)) enum rc
renew_settle(const struct material_from *from, struct err *err);
/* Would it, without touching anything? False: the pair at the usual place does
 * not fit together, and nothing beside it helps. */
bool renew_fits(const struct material_from *from);

struct renew {
	const struct material *material; /* the CA's certificate and key */
	const struct clock *clock;
	const struct rnd *rnd;
	int64_t look_at; /* UTC: the next look at the files */
	int64_t warn_at; /* UTC: not before */
	bool half;	 /* the last try failed, wherever it was */
};

void renew_init(struct renew *renew, const struct material *material,
		const struct clock *clock, const struct rnd *rnd);
/* Often is fine. True: there are a new certificate and key in the files, to be
 * put in force and on record. */
bool renew_turn(struct renew *renew, const struct material_from *from);

#endif
