/*
 * settle - a profile in the making: the key first, the rest when the service
 * has signed, and then all of it under its name at once.
 *
 * What is being made lies in a hidden directory beside the profiles, named
 * after the invitation (".enroll-" and a hash of its secret). The key is there
 * before anything is sent and stays until the matter is settled, so that the
 * same invitation can be tried again with the same key after an interrupt, a
 * crash or a lost answer. The last step is one rename, or an exchange when a
 * profile is replaced: a profile is never seen in part. One at a time: the
 * lock is held from begin to fini.
 */
#ifndef CLIENT_SETTLE_H
#define CLIENT_SETTLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "client/profile.h"

struct settle {
	struct arena *arena;
	const char *dir;    /* in the making */
	const char *target; /* what it is to be */
	bool replace;
	int lock;
	struct buf key; /* PEM */
};

struct settle_begin {
	const struct profile_home *home;
	const char *name; /* of the profile */
	const void *secret;
	size_t secret_len;
	bool replace; /* a profile of that name may be there */
};

/* Makes the directory and its key, or finds those of an earlier try.
 * RC_EXISTS when there is such a profile, or when somebody else is at it.
 * settle_fini() afterwards, whatever the answer. */
__attribute__((warn_unused_result)) enum rc
settle_begin(struct settle *s, const struct settle_begin *in,
	     struct arena *arena, struct err *err);

struct settle_files {
	const char *server;
	const char *time_zone; /* NULL: none */
	const char *cert_pem, *ca_pem;
};
/* The profile is there, whole. */
__attribute__((warn_unused_result)) enum rc
settle_finish(const struct settle *s, const struct settle_files *in,
	      struct err *err);
/* The key will not be signed: nothing stays behind. */
void settle_forget(const struct settle *s);
void settle_fini(struct settle *s);

/* A key and its certificate as the one text that profiles keep. */
void settle_identity(const char *key_pem, const char *cert_pem,
		     struct buf *out);

#endif
