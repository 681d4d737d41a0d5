/*
 * file - small files read and written whole (credentials, zones, imports).
 *
 * The second seam beside the SQLite VFS: file_set_ops() replaces the system's
 * files for a simulation, before any thread starts. Errors: RC_NOT_FOUND,
 * RC_FORBIDDEN, RC_TOO_LARGE, RC_IO, RC_FULL, RC_EXISTS, RC_NOMEM, each with a
 * text that names the path.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct file_ops {
	enum rc (*read)(const char *path, struct buf *out, struct err *err);
	enum rc (*write)(const char *path, const void *data, size_t len,
			 unsigned mode, struct err *err);
};

/* NULL: the system's again. */
void file_set_ops(const struct file_ops *ops);

/* Appends the file to out, whose max bounds it; out->len is as before when it
 * fails. */
__attribute__((warn_unused_result)) enum rc
file_read(const char *path, struct buf *out, struct err *err);

/* A new file with exactly this mode, synced with its directory before the
 * call returns; whole or not at all, also after a crash (a "PATH.PID.new" may
 * stay behind). RC_EXISTS when it is there already. */
__attribute__((warn_unused_result)) enum rc
file_write_new(const char *path, const void *data, size_t len, unsigned mode,
	       struct err *err);

/* The file under that path is this one now, made or replaced, as whole and as
 * durable as a new one: who reads finds the old or the new. One at a time for
 * a path, by a lock or by being alone: after a crash "PATH.draft" may stay
 * behind, always under this name, and the next call removes it. Always the
 * system's files. */
__attribute__((warn_unused_result)) enum rc
file_replace(const char *path, const void *data, size_t len, unsigned mode,
	     struct err *err);

/*
 * Takes the lock that a file stands for, made (0600) if need be, until
 * file_unlock() or the end of the process (flock(2)). RC_BUSY without `wait`
 * while somebody else has it. *out_fd is the file.
 */
__attribute__((warn_unused_result)) enum rc
file_lock(const char *path, bool wait, int *out_fd, struct err *err);
void file_unlock(int fd);

/* "cannot DOING PATH: why" for an errno; answers the rc that fits it. */
enum rc file_fail(const char *doing, const char *path, int number,
		  struct err *err);

#endif
