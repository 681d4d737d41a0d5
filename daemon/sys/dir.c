#include "daemon/sys/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define TREE_DEPTH 16

bool sys_dir_has(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 || errno != ENOENT;
}

int64_t sys_dir_size(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 ? (int64_t)found.st_size : 0;
}

bool sys_dir_shorter(const char *path, size_t bytes)
{
	struct stat found;

	return stat(path, &found) == 0 && S_ISREG(found.st_mode) &&
	       (size_t)found.st_size < bytes;
}

bool sys_dir_others_read(const char *path)
{
	struct stat found;

	return stat(path, &found) == 0 && (found.st_mode & 077) != 0;
}

enum rc sys_dir_usable(const char *path, struct err *err)
{
	struct stat found;
	int number = 0;

	if (stat(path, &found) != 0)
		number = errno;
	else if (!S_ISDIR(found.st_mode))
		number = ENOTDIR;
	else if (access(path, R_OK | W_OK | X_OK) != 0)
		number = errno;
	return number == 0 ? RC_OK : file_fail("use", path, number, err);
}

enum rc sys_dir_make(const char *path, unsigned mode, struct err *err)
{
	if (mkdir(path, 0700) != 0)
		return file_fail("make", path, errno, err);
	if (chmod(path, (mode_t)mode) != 0)
		return file_fail("make", path, errno, err);
	return RC_OK;
}

static bool is_empty(DIR *dir)
{
	const struct dirent *entry;

	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

static enum rc not_vacant(const char *path, struct err *err)
{
	return err_set(err, RC_EXISTS,
		       "%s exists and is no empty directory; nothing was done",
		       path);
}

enum rc sys_dir_vacant(const char *path, struct err *err)
{
	DIR *dir = opendir(path);
	bool empty;

	if (dir == NULL && errno == ENOENT)
		return RC_OK;
	if (dir == NULL && errno == ENOTDIR)
		return not_vacant(path, err);
	if (dir == NULL)
		return file_fail("read", path, errno, err);
	empty = is_empty(dir);
	closedir(dir);
	return empty ? RC_OK : not_vacant(path, err);
}

static enum rc sync_dir(const char *path, struct err *err)
{
	DIR *dir = opendir(path);
	int number = dir == NULL || fsync(dirfd(dir)) != 0 ? errno : 0;

	if (dir != NULL)
		closedir(dir);
	return number == 0 ? RC_OK : file_fail("sync", path, number, err);
}

/* Of a path that is shorter than PATH_MAX, or cut there. */
static void parent_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int len = slash != NULL ? (int)(slash - path) : 0;

	if (slash == NULL)
		snprintf(out, PATH_MAX, ".");
	else
		snprintf(out, PATH_MAX, "%.*s", len > 0 ? len : 1, path);
}

enum rc sys_dir_absolute(const char *given, char out[PATH_MAX], struct err *err)
{
	char path[PATH_MAX], parent[PATH_MAX], real[PATH_MAX];
	const char *slash, *name;
	size_t len = strlen(given);
	int n;

	while (len > 1 && given[len - 1] == '/')
		len--;
	n = snprintf(path, sizeof(path), "%.*s", (int)len, given);
	slash = strrchr(path, '/');
	name = slash != NULL ? slash + 1 : path;
	if (n >= PATH_MAX || name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return err_set(err, RC_USAGE,
			       "\"%.80s\" does not end in a directory's name",
			       given);
	parent_of(path, parent);
	if (realpath(parent, real) == NULL)
		return file_fail("find", parent, errno, err);
	n = snprintf(out, PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
		     name);
	return n < PATH_MAX ? RC_OK
			    : err_set(err, RC_USAGE, "the path is too long");
}

enum rc sys_dir_place(const char *from, const char *to, struct err *err)
{
	char parent[PATH_MAX];
	enum rc rc = sync_dir(from, err);

	if (rc != RC_OK)
		return rc;
	if (rename(from, to) != 0)
		return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
			       ? not_vacant(to, err)
			       : file_fail("make", to, errno, err);
	parent_of(to, parent);
	return sync_dir(parent, err);
}

static int remove_one(const char *path, const struct stat *stat, int type,
		      struct FTW *place)
{
	(void)stat;
	(void)type;
	(void)place;
	return remove(path);
}

void sys_dir_remove(const char *path)
{
	(void)nftw(path, remove_one, TREE_DEPTH,
		   FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* ---- files that change their names ---- */

void sys_dir_unlink(const char *path)
{
	unlink(path);
}

enum rc sys_dir_rename(const char *from, const char *to, struct err *err)
{
	char parent[PATH_MAX];

	if (rename(from, to) != 0)
		return file_fail("rename", from, errno, err);
	parent_of(to, parent);
	return sync_dir(parent, err);
}

enum rc sys_dir_resolve(char *path, size_t size, struct err *err)
{
	char real[PATH_MAX];

	if (realpath(path, real) == NULL)
		return errno == ENOENT ? RC_OK
				       : file_fail("find", path, errno, err);
	if (strlen(real) >= size)
		return err_set(err, RC_INVALID, "%s is too long a path", real);
	memcpy(path, real, strlen(real) + 1);
	return RC_OK;
}

enum rc sys_dir_put_aside(const char *from, const char *to, struct err *err)
{
	struct stat st;
	int done;

	if (stat(from, &st) != 0)
		return RC_OK;
	done = st.st_size == 0 || strcmp(from + strlen(from) - 4, "-shm") == 0
		       ? unlink(from)
		       : rename(from, to);
	return done == 0 ? RC_OK : file_fail("rename", from, errno, err);
}

static int rename_new(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

/* For a moment the new one has the name that the old one is to have. */
static int swap(const char *fresh, const char *place, const char *aside)
{
	if (rename_new(fresh, aside) != 0)
		return errno;
	if (renameat2(AT_FDCWD, aside, AT_FDCWD, place, RENAME_EXCHANGE) == 0)
		return 0;
	int number = errno;

	(void)rename_new(aside, fresh);
	return number;
}

enum rc sys_dir_exchange(const char *fresh, const char *place,
			 const char *aside, struct err *err)
{
	char parent[PATH_MAX];
	int number;

	if (!sys_dir_has(place))
		number = rename_new(fresh, place) != 0 ? errno : 0;
	else
		number = swap(fresh, place, aside);
	if (number != 0)
		return file_fail("replace", place, number, err);
	parent_of(place, parent);
	return sync_dir(parent, err);
}
