/*
 * profile - who the tool is, and where its server is: a directory of four
 * files under $XDG_CONFIG_HOME/teleconsult/NAME/ (default ~/.config).
 *
 *   profile.conf   server = https://HOST:PORT, and perhaps time_zone = ZONE
 *   key.pem        the private key; refused when others can read it
 *   cert.pem       the certificate that the service's CA signed for it
 *   ca.pem         that CA: the only one that the server is believed by
 *
 * All strings live in the caller's arena.
 */
#ifndef CLIENT_PROFILE_H
#define CLIENT_PROFILE_H

#include "base/err.h"
#include "base/mem.h"

struct profile_home {
	const char *config_home; /* $XDG_CONFIG_HOME, may be NULL */
	const char *home;	 /* $HOME, may be NULL */
};

struct profile {
	const char *name;
	const char *dir;
	const char *server;    /* NULL when the file does not say */
	const char *time_zone; /* NULL likewise */
	const char *key, *cert, *ca;
};

/* [A-Za-z0-9._-], 1 to 64 bytes, not starting with a dot. */
int profile_name_ok(const char *name);
/* The directory of a profile, whether it exists or not. */
__attribute__((warn_unused_result)) enum rc
profile_dir(const struct profile_home *home, const char *name,
	    struct arena *arena, const char **out_dir, struct err *err);
/* Reads it; RC_UNAUTHENTICATED when there is none, RC_FORBIDDEN when its key
 * is not private, RC_USAGE for a line that cannot be understood. */
__attribute__((warn_unused_result)) enum rc
profile_read(const struct profile_home *home, const char *name,
	     struct arena *arena, struct profile *out, struct err *err);
/* "https://HOST[:PORT]", a slash at the end is dropped; NULL when it is not. */
const char *profile_server(const char *s, size_t len, struct arena *arena);

struct profile_new {
	const char *server, *key_pem, *cert_pem, *ca_pem;
};
/* Makes the directory (0700, and the ones above it); an empty one will do.
 * RC_EXISTS when there is something in it. */
__attribute__((warn_unused_result)) enum rc profile_prepare(const char *dir,
							    struct err *err);
/* Writes the four files, the key as 0600. */
__attribute__((warn_unused_result)) enum rc
profile_write(const char *dir, const struct profile_new *in,
	      struct arena *arena, struct err *err);

#endif
