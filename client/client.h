/*
 * client - one run of the tool: what it was asked, who it is, what it says.
 *
 * Lives from main() to the exit. Everything that a run reads or makes lives in
 * `arena`; what goes to standard output gathers in `out` and is written once,
 * at the end of a run that succeeded, so that an interrupted run prints no half
 * answer. Profile, connection, zone and whoami are fetched when first needed.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/tz.h"
#include "client/option.h"
#include "client/profile.h"
#include "client/term.h"
#include "client/when.h"
#include "client/wire.h"
#include "proto/messages.h"

struct command;

/* What the world around the process gives. */
struct client_env {
	int argc;
	char **argv; /* without the program's name */
	struct profile_home home;
	const char *server;  /* $TELECONSULT_SERVER */
	const char *profile; /* $TELECONSULT_PROFILE */
	bool no_color;	     /* $NO_COLOR is set and not empty */
	bool out_tty, err_tty;
	size_t width; /* of the terminal; 80 without one */
	const struct clock *clock;
	const struct rnd *rnd;
};

struct client {
	const struct client_env *env;
	const struct command *command;
	struct options opts;
	struct option_args args;
	struct arena arena;
	bool json, csv; /* -o; neither: a table */
	struct term term;

	struct profile profile; /* once client_profile() said RC_OK */
	struct wire_conf wire_conf;
	struct wire *wire;
	struct tz_store *zones;
	struct when when; /* zone NULL until viewer_when() */
	const struct msg_whoami *me;
	const char *key; /* the Idempotency-Key of this run */

	struct wire_answer answer;	   /* the last one */
	const struct msg_problem *problem; /* the server's refusal, if any */
	struct buf out;
	struct buf note; /* for a person, to standard error beside out */
	bool hasty;	 /* the server is asked once, and not waited for */
	bool keep_out;	 /* out counts although the run fails */
};

void client_init(struct client *c, const struct client_env *env);
void client_fini(struct client *c);
/* Does what argv says; the answer is the exit code. Texts are in c->out and
 * `complaint` (for standard error). */
int client_run(struct client *c, struct buf *complaint);

/* Reads the profile and opens the wire, once. */
__attribute__((warn_unused_result)) enum rc client_connect(struct client *c,
							   struct err *err);
/* A wire of one's own instead; conf is copied, its strings are borrowed. */
__attribute__((warn_unused_result)) enum rc
client_open(struct client *c, const struct wire_conf *conf, struct err *err);
void client_close(struct client *c);
/* Of --profile, the environment, or "default". */
const char *client_profile_name(const struct client *c);
/* Memory of this run; aborts beyond its bound. */
void *client_alloc(struct client *c, size_t size);
__attribute__((format(printf, 2, 3))) const char *
client_printf(struct client *c, const char *fmt, ...);

/* The code of a thing, shown, out of argument i; RC_USAGE when it is none. */
__attribute__((warn_unused_result)) enum rc client_code(struct client *c,
							const char *s,
							const char **out_shown,
							struct err *err);

#endif
