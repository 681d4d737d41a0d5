#include "daemon/store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/file.h"
#include "base/text.h"
#include "daemon/store/copy.h"

#define STEP_PAGES 16 /* a turn: 64 KiB, well under a millisecond */
/* Left to the service, so that a copy is refused before a booking is. */
#define RESERVE ((uint64_t)16 * 1024 * 1024)

struct backup {
	struct backup_order *order;
	struct db_copy *copy;
	char path[PATH_MAX];
};

static const char *const leftovers[] = {".backup", ".backup-wal", ".backup-shm",
					".backup-journal"};

void backup_clear(const char *database_path)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++) {
		int n = snprintf(path, sizeof(path), "%s%s", database_path,
				 leftovers[i]);

		if (n > 0 && n < PATH_MAX)
			unlink(path);
	}
}

static uint64_t size_of(const char *path, const char *suffix)
{
	char name[PATH_MAX];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Where the free space cannot be known the copy is tried all the same. */
static enum rc check_room(const char *path, struct err *err)
{
	uint64_t need = size_of(path, "") + size_of(path, "-wal") + RESERVE;
	struct statvfs fs;
	uint64_t room;

	if (statvfs(path, &fs) != 0)
		return RC_OK;
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room >= need)
		return RC_OK;
	return err_set(err, RC_FULL,
		       "there is no room for a copy beside the database: it "
		       "takes %llu MiB, %llu are free",
		       (unsigned long long)(need >> 20),
		       (unsigned long long)(room >> 20));
}

static void end(struct backup *b, enum rc outcome)
{
	struct backup_order *order = b->order;

	db_copy_end(b->copy);
	if (outcome != RC_OK)
		unlink(b->path);
	mem_free(b);
	order->done(order, outcome);
}

/* Empty, ours alone; with no other name in between that could stay behind. */
static enum rc make_file(const char *database, const char *path,
			 struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	struct err why = ERR_INIT;
	enum rc rc;
	int fd;

	backup_clear(database);
	fd = open(path, flags, 0600);
	if (fd >= 0) {
		close(fd);
		return RC_OK;
	}
	/* its text would name the file, in an answer */
	rc = file_fail("make", path, errno, &why);
	return err_set(err, rc, "cannot make a file beside the database: %s",
		       rc_row(rc)->title);
}

struct backup *backup_begin(struct db *db, const struct store_env *env,
			    struct backup_order *order)
{
	struct backup *b = mem_alloc(sizeof(*b));
	enum rc rc = RC_OK;
	int n = snprintf(b->path, sizeof(b->path), "%s.backup", env->path);

	b->order = order;
	order->fd = -1;
	order->err = (struct err)ERR_INIT;
	if (n < 0 || n >= PATH_MAX - 16)
		rc = err_set(&order->err, RC_INVALID, "a path too long");
	if (rc == RC_OK)
		rc = check_room(env->path, &order->err);
	if (rc == RC_OK)
		rc = make_file(env->path, b->path, &order->err);
	if (rc == RC_OK)
		rc = db_copy_begin(db, b->path, env->vfs, &b->copy,
				   &order->err);
	if (rc == RC_OK)
		return b;
	end(b, rc);
	return NULL;
}

/* From here on the file has no name: however this ends, it goes. */
static enum rc take(struct backup *b)
{
	struct backup_order *order = b->order;
	struct stat st;

	db_copy_end(b->copy);
	b->copy = NULL;
	order->fd = open(b->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (order->fd < 0 || fstat(order->fd, &st) != 0 ||
	    unlink(b->path) != 0) {
		if (order->fd >= 0)
			close(order->fd);
		order->fd = -1;
		return err_set(&order->err, RC_IO,
			       "cannot open the copy of the database: %m");
	}
	order->bytes = st.st_size;
	return RC_OK;
}

bool backup_turn(struct backup *b)
{
	bool done = false;
	enum rc rc = db_copy_step(b->copy, STEP_PAGES, &done, &b->order->err);

	if (rc == RC_OK && !done)
		return false;
	if (rc == RC_OK)
		rc = take(b);
	end(b, rc);
	return true;
}

void backup_drop(struct backup *b, enum rc why)
{
	if (b == NULL)
		return;
	(void)err_set(&b->order->err, why, "the backup was broken off: %s",
		      why == RC_BUSY ? "the service stops"
				     : rc_row(why)->title);
	end(b, why);
}

/* ---- the mark ---- */

#define MARK "teleconsult backup, sha-256 "
#define MARK_HEX (2 * (size_t)CRYPT_HASH_LEN)
#define PIECE ((size_t)1024 * 1024)

_Static_assert(sizeof(MARK) - 1 + MARK_HEX == BACKUP_MARK_LEN, "its length");

void backup_mark(const uint8_t hash[CRYPT_HASH_LEN],
		 char out[BACKUP_MARK_LEN + 1])
{
	memcpy(out, MARK, sizeof(MARK) - 1);
	text_hex(hash, CRYPT_HASH_LEN, out + sizeof(MARK) - 1);
}

/* False: the file cannot be read that far. */
static bool hash_file(int fd, int64_t bytes, uint8_t out[CRYPT_HASH_LEN])
{
	struct crypt_sum *sum = crypt_sum_new();
	char *piece = mem_alloc(PIECE);
	int64_t at = 0;
	ssize_t n = 1;

	while (at < bytes && n > 0) {
		int64_t left = bytes - at;

		n = pread(fd, piece,
			  left < (int64_t)PIECE ? (size_t)left : PIECE, at);
		if (n > 0) {
			crypt_sum_add(sum, piece, (size_t)n);
			at += n;
		}
	}
	mem_free(piece);
	crypt_sum_end(sum, out);
	return at == bytes;
}

static enum rc add_mark(int fd, struct err *err)
{
	char mark[BACKUP_MARK_LEN + 1];
	uint8_t hash[CRYPT_HASH_LEN];
	struct stat st;

	if (fstat(fd, &st) != 0 || !hash_file(fd, st.st_size, hash))
		return err_set(err, RC_IO, "cannot read the file: %m");
	backup_mark(hash, mark);
	if (pwrite(fd, mark, BACKUP_MARK_LEN, st.st_size) == BACKUP_MARK_LEN &&
	    fsync(fd) == 0)
		return RC_OK;
	enum rc rc = errno == ENOSPC ? RC_FULL : RC_IO;

	(void)err_set(err, rc, "cannot write the file: %m");
	return ftruncate(fd, st.st_size) == 0 ? rc : RC_IO;
}

static enum rc unmark(int fd, struct err *err)
{
	char mark[BACKUP_MARK_LEN], want[BACKUP_MARK_LEN + 1];
	uint8_t hash[CRYPT_HASH_LEN];
	struct stat st;
	int64_t bytes;

	if (fstat(fd, &st) != 0)
		return err_set(err, RC_IO, "cannot read the file: %m");
	bytes = st.st_size - BACKUP_MARK_LEN;
	if (bytes < 0 ||
	    pread(fd, mark, sizeof(mark), bytes) != (ssize_t)sizeof(mark) ||
	    memcmp(mark, MARK, sizeof(MARK) - 1) != 0)
		return err_set(err, RC_CORRUPT,
			       "it does not end in its own hash, as a backup "
			       "does: it was cut, changed, or copied by other "
			       "means");
	if (!hash_file(fd, bytes, hash))
		return err_set(err, RC_IO, "cannot read the file: %m");
	backup_mark(hash, want);
	if (memcmp(mark, want, sizeof(mark)) != 0)
		return err_set(err, RC_CORRUPT,
			       "it was changed since it was made: its hash is "
			       "another");
	if (ftruncate(fd, bytes) != 0)
		return err_set(err, RC_IO, "cannot write the file: %m");
	return RC_OK;
}

/* Both are done to a file that is there. */
static enum rc with_file(const char *path, enum rc (*run)(int, struct err *),
			 struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	enum rc rc;

	if (fd < 0)
		return file_fail("open", path, errno, err);
	rc = run(fd, err);
	close(fd);
	return rc;
}

enum rc backup_mark_file(const char *path, struct err *err)
{
	return with_file(path, add_mark, err);
}

enum rc backup_unmark(const char *path, struct err *err)
{
	return with_file(path, unmark, err);
}
