/*
 * backup - a copy of the whole database, made while the service works.
 *
 * The writer makes it between its batches (executor.h), a few pages at a time,
 * into PATH.backup beside the database: readable by its owner only, removed as
 * soon as it is complete and open, and by backup_clear() at the next start
 * where the process was killed before. Patients' fields are sealed in it as
 * they are in the database; the field key is not in it.
 *
 * What leaves the service ends in a line with its own hash, so that a byte that
 * a disk or a person has changed is found by a restore wherever it stands.
 */
#ifndef DAEMON_STORE_BACKUP_H
#define DAEMON_STORE_BACKUP_H

#include "daemon/store/tx.h"

/* What somebody wants, and gets. */
struct backup_order {
	/* On the writer's thread, once; takes the order back. */
	void (*done)(struct backup_order *order, enum rc outcome);
	/* After RC_OK: the copy, a file without a name, to be closed by whom
	 * it was made for; its length. */
	int fd;
	int64_t bytes;
	struct err err; /* after another outcome */
};

/* ---- within the writer ---- */

struct backup;
/* A failure is told to the order, and the answer is NULL. */
struct backup *backup_begin(struct db *db, const struct store_env *env,
			    struct backup_order *order);
/* Some pages, within a few milliseconds. True: it has ended one way or the
 * other, the order was told, and nothing is left of it. */
bool backup_turn(struct backup *backup);
/* Gives it up; the order hears why. */
void backup_drop(struct backup *backup, enum rc why);

/* ---- the mark of a backup ---- */

/* The last line of a backup, behind the database: the hash of all before it.
 * The engine passes over it. */
#define BACKUP_MARK_LEN 92
void backup_mark(const uint8_t hash[32], char out[BACKUP_MARK_LEN + 1]);
/* Puts it behind a database that nobody has open. */
__attribute__((warn_unused_result)) enum rc backup_mark_file(const char *path,
							     struct err *err);
/* Takes it off a file of ours. RC_CORRUPT: there is none, or the file is not
 * what it says. */
__attribute__((warn_unused_result)) enum rc backup_unmark(const char *path,
							  struct err *err);

/* Removes what a process that was killed left beside that database. */
void backup_clear(const char *database_path);

#endif
