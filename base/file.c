#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_CHUNK 16384

static const struct {
	int number;
	enum rc rc;
} errnos[] = {
	{ENOENT, RC_NOT_FOUND},
	{ENOTDIR, RC_NOT_FOUND},
	{ENAMETOOLONG, RC_NOT_FOUND},
	{ELOOP, RC_NOT_FOUND},
	{EISDIR, RC_NOT_FOUND},
	{EACCES, RC_FORBIDDEN},
	{EPERM, RC_FORBIDDEN},
	{EROFS, RC_FORBIDDEN},
	{EEXIST, RC_EXISTS},
	{ENOSPC, RC_FULL},
	{EDQUOT, RC_FULL},
	{EFBIG, RC_TOO_LARGE},
	{ENOMEM, RC_NOMEM},
};

enum rc file_fail(const char *doing, const char *path, int number,
		  struct err *err)
{
	enum rc rc = RC_IO;

	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i].number == number)
			rc = errnos[i].rc;
	errno = number; /* for %m, which unlike strerror() is thread-safe */
	return err_set(err, rc, "cannot %s %s: %m", doing, path);
}

/* Reads to the end; a full buffer must find the end at once. */
static enum rc read_all(int fd, const char *path, struct buf *out,
			struct err *err)
{
	for (;;) {
		size_t room = out->max - out->len;
		size_t want = room < READ_CHUNK ? room : READ_CHUNK;
		char probe;
		char *to = want > 0 ? buf_room(out, want) : &probe;
		ssize_t n;

		if (to == NULL)
			return err_set(err, RC_NOMEM,
				       "cannot read %s: no memory", path);
		n = read(fd, to, want > 0 ? want : 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_fail("read", path, errno, err);
		if (n == 0)
			return RC_OK;
		if (want == 0)
			return err_set(err, RC_TOO_LARGE,
				       "%s is larger than %zu bytes", path,
				       out->max);
		out->len += (size_t)n;
	}
}

static enum rc system_read(const char *path, struct buf *out, struct err *err)
{
	size_t before = out->len;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum rc rc;

	if (fd < 0)
		return file_fail("read", path, errno, err);
	rc = read_all(fd, path, out, err);
	close(fd);
	if (rc != RC_OK)
		out->len = before;
	return rc;
}

/* 0 or an errno. */
static int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Writes, sets the mode whatever the umask, syncs, closes. */
static int fill_file(const char *path, const void *data, size_t len,
		     unsigned mode)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, 0600);
	int number;

	if (fd < 0)
		return errno;
	number = write_all(fd, data, len);
	if (number == 0 && fchmod(fd, (mode_t)mode) != 0)
		number = errno;
	if (number == 0 && fsync(fd) != 0)
		number = errno;
	if (close(fd) != 0 && number == 0)
		number = errno;
	if (number != 0)
		unlink(path);
	return number;
}

static int sync_directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int number = 0;
	int fd;

	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1),
			 path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fsync(fd) != 0)
		number = errno;
	close(fd);
	return number;
}

/*
 * Under another name first: after a crash the path either holds all of it or
 * does not exist. link() and not rename(), which would replace a file.
 */
static int write_and_link(const char *path, const char *draft, const void *data,
			  size_t len, unsigned mode)
{
	int number = fill_file(draft, data, len, mode);

	if (number == EEXIST && unlink(draft) == 0) /* a crash left it */
		number = fill_file(draft, data, len, mode);
	if (number != 0)
		return number;
	if (link(draft, path) != 0)
		number = errno;
	unlink(draft);
	if (number != 0)
		return number;
	number = sync_directory_of(path);
	if (number != 0)
		unlink(path);
	return number;
}

static enum rc system_write(const char *path, const void *data, size_t len,
			    unsigned mode, struct err *err)
{
	char draft[PATH_MAX];
	int number = ENAMETOOLONG;
	struct stat st;
	int n = snprintf(draft, sizeof(draft), "%s.%ld.new", path,
			 (long)getpid());

	/* link() says so too, but a full disk should not hide it */
	if (lstat(path, &st) == 0)
		number = EEXIST;
	else if (n > 0 && (size_t)n < sizeof(draft))
		number = write_and_link(path, draft, data, len, mode);
	return number == 0 ? RC_OK : file_fail("write", path, number, err);
}

static const struct file_ops system_ops = {system_read, system_write};
/* The seam itself: changed only before threads start. */
static const struct file_ops *ops = &system_ops;

void file_set_ops(const struct file_ops *new_ops)
{
	ops = new_ops != NULL ? new_ops : &system_ops;
}

enum rc file_read(const char *path, struct buf *out, struct err *err)
{
	return ops->read(path, out, err);
}

enum rc file_write_new(const char *path, const void *data, size_t len,
		       unsigned mode, struct err *err)
{
	return ops->write(path, data, len, mode, err);
}

enum rc file_replace(const char *path, const void *data, size_t len,
		     unsigned mode, struct err *err)
{
	char draft[PATH_MAX];
	int n = snprintf(draft, sizeof(draft), "%s.draft", path);
	int number;

	if (n < 0 || (size_t)n >= sizeof(draft))
		return file_fail("write", path, ENAMETOOLONG, err);
	unlink(draft); /* a crash left it */
	number = fill_file(draft, data, len, mode);
	if (number != 0)
		return file_fail("write", path, number, err);
	number = rename(draft, path) != 0 ? errno : sync_directory_of(path);
	if (number == 0)
		return RC_OK;
	unlink(draft);
	return file_fail("write", path, number, err);
}

enum rc file_lock(const char *path, bool wait, int *out_fd, struct err *err)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
	int fd = open(path, flags, 0600);
	int number = 0;

	if (fd < 0)
		return file_fail("lock", path, errno, err);
	while (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0 && number == 0)
		number = errno == EINTR ? 0 : errno;
	if (number == 0) {
		*out_fd = fd;
		return RC_OK;
	}
	close(fd);
	if (number == EWOULDBLOCK)
		return err_set(err, RC_BUSY, "%s is held by another process",
			       path);
	return file_fail("lock", path, number, err);
}

void file_unlock(int fd)
{
	close(fd);
}
