/*
 * sound - is a database file one of ours, and is every part of it whole?
 *
 * For a file that came from somewhere: nothing of it is believed. The engine
 * checks its pages and references, our key must open it, the event chain is
 * computed from its first row, and after the migrations its schema must be, to
 * the letter, the one that this program makes: no table, index or trigger more
 * or less.
 */
#ifndef DAEMON_STORE_SOUND_H
#define DAEMON_STORE_SOUND_H

#include "daemon/store/event.h"

/* The end of a chain, as people are told of it. */
struct sound_end {
	struct event_head head;
	int64_t at; /* of the last event; 0: there is none */
};

/* The schema that it has, without changing it. RC_CORRUPT: it is another
 * program's, or empty; RC_INVALID: of a newer one of ours. */
__attribute__((warn_unused_result)) enum rc
sound_version(struct db *db, int *out, struct err *err);
/* Before anything is changed in it: is the database at env->path one of ours,
 * and is the key of env its own? RC_FORBIDDEN: it is another's; RC_NOT_FOUND:
 * it was never made by "init". */
__attribute__((warn_unused_result)) enum rc
sound_key(const struct store_env *env, int *out_version, struct err *err);
/* After that: what of the keys the database keeps itself (keycheck.h). */
__attribute__((warn_unused_result)) enum rc sound_load(struct store_env *env,
						       struct err *err);
/* The pages, references, the key (of env) and the chain. RC_CORRUPT,
 * RC_FORBIDDEN (the key). */
__attribute__((warn_unused_result)) enum rc
sound_content(struct db *db, const struct store_env *env, struct sound_end *out,
	      struct err *err);
/* After db_migrate(): is the schema that of `model`, which is new? */
__attribute__((warn_unused_result)) enum rc
sound_schema(struct db *db, struct db *model, struct err *err);

/* How far a database has come, of which nothing else is known. */
__attribute__((warn_unused_result)) enum rc
sound_find_end(struct db *db, struct sound_end *out, struct err *err);

#endif
