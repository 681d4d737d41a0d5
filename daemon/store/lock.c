/*
 * The database is named by its resolved path: whoever comes by a symbolic link
 * or through another folder finds the same lock file. A file with several names
 * (hard links) would have several logs beside it, and is refused. The database
 * itself is not opened here: closing it would drop SQLite's own POSIX locks of
 * this process (sqlite.org/howtocorrupt.html, 2.2).
 */
#include "daemon/store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

struct lock {
	int fd;
};

/* Of a database that is not there yet: its folder's. */
static enum rc resolve_new(const char *path, char out[PATH_MAX],
			   struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char folder[PATH_MAX] = ".", real[PATH_MAX];
	struct stat st;
	int n = 0;

	if (lstat(path, &st) == 0)
		return err_set(err, RC_INVALID, "%s is a link to nothing",
			       path);
	if (slash != NULL)
		n = snprintf(folder, sizeof(folder), "%.*s",
			     (int)(slash - path + 1), path);
	if (n < PATH_MAX && realpath(folder, real) == NULL)
		return err_set(err,
			       errno == EACCES ? RC_FORBIDDEN : RC_NOT_FOUND,
			       "cannot find the folder of %s: %m", path);
	if (n < PATH_MAX)
		n = snprintf(out, PATH_MAX, "%s/%s", real, name);
	if (n >= PATH_MAX)
		return err_set(err, RC_INVALID, "a path too long");
	return RC_OK;
}

static enum rc resolve(const char *path, char out[PATH_MAX], struct err *err)
{
	struct stat st;

	if (realpath(path, out) == NULL) {
		if (errno == ENOENT)
			return resolve_new(path, out, err);
		return err_set(err,
			       errno == EACCES ? RC_FORBIDDEN : RC_NOT_FOUND,
			       "cannot find %s: %m", path);
	}
	if (stat(out, &st) == 0 && st.st_nlink > 1)
		return err_set(err, RC_INVALID,
			       "%s has %lu names (hard links): remove all but"
			       " one",
			       path, (unsigned long)st.st_nlink);
	return RC_OK;
}

static int write_pid(int fd)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0 ||
	    pwrite(fd, text, (size_t)len, 0) != (ssize_t)len)
		return -1;
	return 0;
}

static enum rc refuse_holder(int fd, const char *path, struct err *err)
{
	char text[24] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return err_set(err, RC_BUSY, "the database %s is in use by process %s",
		       path, text[0] != '\0' ? text : "(not yet named)");
}

static enum rc lock_file(int fd, const char *path, struct err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
		if (errno == EAGAIN || errno == EACCES)
			return refuse_holder(fd, path, err);
		return err_set(err, RC_IO, "cannot lock %s.lock: %m", path);
	}
	if (write_pid(fd) != 0)
		return err_set(err, errno == ENOSPC ? RC_FULL : RC_IO,
			       "cannot write %s.lock: %m", path);
	return RC_OK;
}

enum rc lock_take(const char *database_path, struct lock **out, struct err *err)
{
	char real[PATH_MAX], name[PATH_MAX + 8];
	enum rc rc = resolve(database_path, real, err);
	int fd;

	if (rc != RC_OK)
		return rc;
	snprintf(name, sizeof(name), "%s.lock", real);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(err,
			       errno == EACCES || errno == EROFS ? RC_FORBIDDEN
								 : RC_IO,
			       "cannot open %s: %m", name);
	rc = lock_file(fd, database_path, err);
	if (rc != RC_OK) {
		close(fd);
		return rc;
	}
	*out = mem_alloc(sizeof(**out));
	(*out)->fd = fd;
	return RC_OK;
}

/* The file stays: whoever removes it may remove the next holder's. */
void lock_drop(struct lock *lock)
{
	if (lock == NULL)
		return;
	close(lock->fd);
	mem_free(lock);
}
