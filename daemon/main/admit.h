/*
 * admit - an administrator is invited at the machine itself.
 *
 * The first one, by init; and another one when nobody is left who could let
 * anybody in ("teleconsultd invite"): whoever may read the state directory is
 * trusted with that. While no daemon runs (lock.h). It is an event record like
 * every other invitation.
 */
#ifndef DAEMON_MAIN_ADMIT_H
#define DAEMON_MAIN_ADMIT_H

#include "base/invite.h"
#include "daemon/conf/conf.h"
#include "daemon/store/event.h"

#define ADMIT_NAME "administrator"
#define ADMIT_HOURS 72

struct admit {
	const char *name; /* of the administrator to be */
	enum verb verb;	  /* VERB_INIT or VERB_INVITE */
	struct invite invite;
};

/* Draws the secret. conf: where people will come to. */
__attribute__((warn_unused_result)) enum rc
admit_make(const struct conf *conf, const char *ca_cert_pem,
	   const struct rnd *rnd, struct admit *out, struct err *err);
/* At most 64 printable characters; RC_USAGE names the option. */
__attribute__((warn_unused_result)) enum rc
admit_check_name(const char *option, const char *name, struct err *err);
/* Enters it, in a writer of its own: the first time with the word that proves
 * the field key (keycheck.h). Under the lock. */
__attribute__((warn_unused_result)) enum rc
admit_store(const struct admit *admit, const struct store_env *env,
	    struct err *err);

struct admit_order {
	const struct conf *conf;
	const char *name; /* NULL: ADMIT_NAME */
	const struct clock *clock;
	const struct rnd *rnd;
};
/* Root goes on as the owner of the state directory. RC_BUSY: a daemon runs. */
__attribute__((warn_unused_result)) enum rc
admit_run(const struct admit_order *order, struct buf *out_invitation,
	  struct err *err);

#endif
