/*
 * profile - who the tool is, and where its server is: a directory of three
 * files under $XDG_CONFIG_HOME/teleconsult/NAME/ (default ~/.config).
 *
 *   profile.conf   server = https://HOST:PORT, and perhaps time_zone = ZONE
 *   identity.pem   the private key and, after it, the certificate that the
 *                  service's CA signed for it; refused when others can read it
 *   ca.pem         that CA: the only one that the server is believed by
 *
 * Key and certificate are one file, so that a reader never sees one of them
 * without the other, whoever replaces it meanwhile (renew.h). Profiles are
 * made by settle.h. All strings live in the caller's arena.
 */
#ifndef CLIENT_PROFILE_H
#define CLIENT_PROFILE_H

#include "base/err.h"
#include "base/mem.h"
#include "proto/field.h"

#define PROFILE_PEM_MAX (64 * 1024)

struct profile_home {
	const char *config_home; /* $XDG_CONFIG_HOME, may be NULL */
	const char *home;	 /* $HOME, may be NULL */
};

struct profile {
	const char *name;
	const char *dir;
	const char *server;    /* NULL when the file does not say */
	const char *time_zone; /* NULL likewise */
	const char *identity;  /* PEM: key and certificate */
	const char *ca;	       /* PEM */
};

/* [A-Za-z0-9._-], 1 to 64 bytes, not starting with a dot. */
int profile_name_ok(const char *name);
/* The directory that all profiles are in. */
__attribute__((warn_unused_result)) enum rc
profile_root(const struct profile_home *home, struct arena *arena,
	     const char **out_root, struct err *err);
/* The directory of a profile, whether it exists or not. */
__attribute__((warn_unused_result)) enum rc
profile_dir(const struct profile_home *home, const char *name,
	    struct arena *arena, const char **out_dir, struct err *err);
/* Reads it; RC_UNAUTHENTICATED when there is none, RC_FORBIDDEN when its key
 * is not private, RC_USAGE for a line that cannot be understood. */
__attribute__((warn_unused_result)) enum rc
profile_read(const struct profile_home *home, const char *name,
	     struct arena *arena, struct profile *out, struct err *err);
/* The names of all profiles that have an identity, in the order of bytes. */
__attribute__((warn_unused_result)) enum rc
profile_names(const struct profile_home *home, struct arena *arena,
	      struct field_strs *out, struct err *err);
/* "https://HOST[:PORT]", a slash at the end is dropped; NULL when it is not. */
const char *profile_server(const char *s, size_t len, struct arena *arena);

#endif
