#include "base/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define COPY_PIECE ((size_t)1024 * 1024)

struct draft {
	int fd;
	char path[PATH_MAX], part[PATH_MAX];
};

enum rc draft_new(const char *path, struct draft **out, struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	struct draft *d = mem_alloc(sizeof(*d));
	int n = snprintf(d->part, sizeof(d->part), "%s.part", path);
	int number = ENAMETOOLONG;

	d->fd = -1;
	if (n > 0 && n < PATH_MAX) {
		snprintf(d->path, sizeof(d->path), "%s", path);
		unlink(d->part);
		d->fd = open(d->part, flags, 0600);
		number = errno;
	}
	if (d->fd >= 0) {
		*out = d;
		return RC_OK;
	}
	mem_free(d);
	return file_fail("write", path, number, err);
}

static enum rc fail(const struct draft *d, struct err *err)
{
	return file_fail("write", d->part, errno, err);
}

enum rc draft_add(struct draft *d, const void *data, size_t len,
		  struct err *err)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(d->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(d, err);
		p += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

enum rc draft_restart(struct draft *d, struct err *err)
{
	if (ftruncate(d->fd, 0) != 0 || lseek(d->fd, 0, SEEK_SET) != 0)
		return fail(d, err);
	return RC_OK;
}

/* 0 or an errno. */
static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int fd, number = 0;

	snprintf(folder, sizeof(folder), "%.*s",
		 slash != NULL ? (int)(slash - path + 1) : 1,
		 slash != NULL ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		number = errno;
	if (fd >= 0)
		close(fd);
	return number;
}

/* link() and not rename() where nothing may be replaced; a file system without
 * links has renameat2() or neither. */
static int put_there(const struct draft *d, bool replace)
{
	if (replace)
		return rename(d->part, d->path) != 0 ? errno : 0;
	if (link(d->part, d->path) == 0) {
		unlink(d->part);
		return 0;
	}
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return errno;
	return renameat2(AT_FDCWD, d->part, AT_FDCWD, d->path,
			 RENAME_NOREPLACE) != 0
		       ? errno
		       : 0;
}

enum rc draft_place(struct draft *d, bool replace, struct err *err)
{
	int number = fsync(d->fd) != 0 ? errno : 0;
	enum rc rc;

	if (number == 0)
		number = put_there(d, replace);
	if (number == 0)
		number = sync_folder(d->path);
	rc = number == 0 ? RC_OK : file_fail("write", d->path, number, err);
	draft_drop(d);
	return rc;
}

void draft_drop(struct draft *d)
{
	if (d == NULL)
		return;
	close(d->fd);
	unlink(d->part); /* not there any more where it was put in place */
	mem_free(d);
}

/* ---- another file ---- */

struct draft_source {
	int fd;
	char path[PATH_MAX];
};

static enum rc check_source(int fd, const char *path, struct err *err)
{
	char log[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return file_fail("read", path, errno, err);
	if (!S_ISREG(st.st_mode))
		return err_set(err, RC_INVALID, "%s is no regular file", path);
	snprintf(log, sizeof(log), "%s-wal", path);
	if (stat(log, &st) == 0 && st.st_size > 0)
		return err_set(err, RC_INVALID,
			       "%s lies beside it: this is no backup, but a "
			       "database that was copied in the middle",
			       log);
	return RC_OK;
}

enum rc draft_source_open(const char *path, struct draft_source **out,
			  struct err *err)
{
	/* a pipe would let us wait for ever */
	int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = strlen(path) < PATH_MAX - 8 ? open(path, flags) : -1;
	enum rc rc;

	if (fd < 0 && errno == ELOOP)
		return err_set(err, RC_INVALID,
			       "%s is a symbolic link: name the file itself",
			       path);
	if (fd < 0)
		return file_fail("read", path, errno, err);
	rc = check_source(fd, path, err);
	if (rc != RC_OK) {
		close(fd);
		return rc;
	}
	*out = mem_alloc(sizeof(**out));
	(*out)->fd = fd;
	snprintf((*out)->path, sizeof((*out)->path), "%s", path);
	return RC_OK;
}

void draft_source_close(struct draft_source *source)
{
	close(source->fd);
	mem_free(source);
}

enum rc draft_copy(struct draft *d, struct draft_source *source,
		   struct err *err)
{
	char *piece = mem_alloc(COPY_PIECE);
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		ssize_t n = read(source->fd, piece, COPY_PIECE);

		if (n < 0)
			rc = file_fail("read", source->path, errno, err);
		else if (n == 0)
			break;
		else
			rc = draft_add(d, piece, (size_t)n, err);
	}
	mem_free(piece);
	return rc;
}
