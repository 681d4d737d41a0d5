/*
 * dir - a directory made whole: beside its place, then put there at once.
 */
#ifndef DAEMON_SYS_DIR_H
#define DAEMON_SYS_DIR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The path from the root on of what may not be there yet, in a directory that
 * is. */
__attribute__((warn_unused_result)) enum rc
sys_dir_absolute(const char *given, char out[PATH_MAX], struct err *err);
/* Is there anything at path? */
bool sys_dir_has(const char *path);
/* Bytes of the file; 0 when there is none. */
int64_t sys_dir_size(const char *path);
/* Is it a file shorter than that? */
bool sys_dir_shorter(const char *path, size_t bytes);

/* Has anybody but its owner a right to read it? */
bool sys_dir_others_read(const char *path);
/* A directory that this process may read and change. */
__attribute__((warn_unused_result)) enum rc sys_dir_usable(const char *path,
							   struct err *err);

/* A new directory with exactly this mode. */
__attribute__((warn_unused_result)) enum rc
sys_dir_make(const char *path, unsigned mode, struct err *err);
/* RC_EXISTS when there is anything at path but an empty directory. */
__attribute__((warn_unused_result)) enum rc sys_dir_vacant(const char *path,
							   struct err *err);
/* Puts directory `from` to path `to`, which is vacant, for good: synced, with
 * the directory above. RC_EXISTS when it is not vacant (any more). */
__attribute__((warn_unused_result)) enum rc
sys_dir_place(const char *from, const char *to, struct err *err);
/* Takes away a tree of ours, as far as it goes; follows no link. */
void sys_dir_remove(const char *path);

/* ---- files of a directory that change their names ---- */

/* Whatever it is, if it is there. */
void sys_dir_unlink(const char *path);
/* In one step, and on the disk before the call returns. */
__attribute__((warn_unused_result)) enum rc
sys_dir_rename(const char *from, const char *to, struct err *err);
/* A link is followed to the file; a path where nothing is stays. */
__attribute__((warn_unused_result)) enum rc
sys_dir_resolve(char *path, size_t size, struct err *err);
/* An empty file, or none, goes; one with content gets the other name. */
__attribute__((warn_unused_result)) enum rc
sys_dir_put_aside(const char *from, const char *to, struct err *err);
/* `fresh` gets the name `place`; what is there gets the name `aside` in the
 * same step, so that `place` is never without a file. RC_EXISTS: there is
 * something at `aside`. */
__attribute__((warn_unused_result)) enum rc sys_dir_exchange(const char *fresh,
							     const char *place,
							     const char *aside,
							     struct err *err);

#endif
