/*
 * conf - the daemon's options: one table, one file format.
 *
 * The file has "key = value" lines under "[section]" lines. A line that starts
 * with '#' is a comment; a '#' further on belongs to the value. Values are not
 * quoted; white space around them is dropped. Nothing is guessed: an unknown
 * section or key, a key set twice, a value out of its bounds is a fault, and
 * all faults of a file are reported at once, each with its file and line.
 *
 * struct conf is a plain value: it owns nothing and may be copied. Which
 * options there are, with their bounds, defaults and help, stands in option.c;
 * to add one add its field here and its row there.
 */
#ifndef DAEMON_CONF_CONF_H
#define DAEMON_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#define CONF_PATH_MAX 512
#define CONF_HOST_MAX 253 /* RFC 1035 section 2.3.4, as text */
#define CONF_HOSTS_MAX 8
#define CONF_ADDRESS_MAX 45   /* INET6_ADDRSTRLEN without its NUL */
#define CONF_FILE_MAX 65536   /* bytes of a file */
#define CONF_FAULTS_MAX 65536 /* bytes of text about its faults */

struct conf_path {
	char s[CONF_PATH_MAX + 1]; /* absolute; "" where none was given */
};

struct conf_address {
	char host[CONF_ADDRESS_MAX + 1]; /* no brackets; "": not listened */
	uint16_t port;			 /* 0: any that is free */
};

/* Where others find a listener; a name may stand for the address. */
#define CONF_PUBLIC_MAX (CONF_HOST_MAX + 8) /* brackets, colon, port */
struct conf_public {
	char s[CONF_PUBLIC_MAX + 1]; /* HOST:PORT; "": not said */
};

struct conf_hosts {
	char name[CONF_HOSTS_MAX][CONF_HOST_MAX + 1];
	unsigned n;
};

struct conf {
	struct conf_path state;
	struct conf_path zoneinfo;
	int64_t workers; /* 0: one a core */
	enum log_level log_level;
	int64_t log_lines; /* of one sort in ten seconds; 0: all */
	int64_t drain_seconds;

	struct conf_address partners, people;
	struct conf_public public_partners, public_people;
	struct conf_hosts hosts;

	/* "": the usual name in the state directory */
	struct conf_path tls_certificate, tls_key, tls_client_ca;
	struct conf_path ca_certificate, ca_key;
	int64_t certificate_days;
	struct conf_path field_key; /* "": the credential, or the usual name */

	int64_t connections, connections_per_address;
	int64_t streams, streams_per_identity;
	int64_t kept_kib;
	int64_t handshake_ms, idle_ms, head_ms, body_ms, body_rate;
	int64_t handler_ms, write_ms;
};

/* Every option at its default. */
void conf_init(struct conf *out);

/* Reads a file's text over the defaults. RC_INVALID: out_faults has a line
 * "NAME:LINE: what is wrong" for each fault, and out is not to be used. */
__attribute__((warn_unused_result)) enum rc
conf_parse(const char *name, const char *text, size_t len, struct conf *out,
	   struct buf *out_faults);
/* The same from a file; other results than RC_INVALID fill err. */
__attribute__((warn_unused_result)) enum rc conf_load(const char *path,
						      struct conf *out,
						      struct buf *out_faults,
						      struct err *err);

/* Sets one option as a line of a file would. RC_USAGE says why not. */
__attribute__((warn_unused_result)) enum rc
conf_set(struct conf *conf, const char *section, const char *key,
	 const char *value, struct err *err);

/* Every option with its help and its value: a file that conf_parse() takes. */
void conf_print(const struct conf *conf, struct buf *out);

/* Puts into `into` what of `from` may change while the daemon runs, and calls
 * on_change for every option in which the two differed. */
void conf_reload(struct conf *into, const struct conf *from,
		 void (*on_change)(void *ctx, const char *section,
				   const char *key, bool reloaded),
		 void *ctx);

#endif
