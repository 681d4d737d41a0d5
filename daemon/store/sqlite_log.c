/*
 * A file of ours has the system's behind it in the same block; of others the
 * system's is all there is. Names and sizes: sqlite.org/fileformat2.html, "The
 * Write-Ahead Log".
 */
#include "daemon/store/sqlite_log.h"

#include <sqlite3.h>
#include <string.h>

#include "base/mem.h"

#define NAME "log"
#define FRAME_HEAD 24
#define COMMITS 4 /* in a head: four bytes, all 0 but of what commits */
#define ROOM ((size_t)512 << 10)
#define AT_ONCE ((size_t)64 << 10) /* the system's takes no 128 KiB */

struct log_vfs {
	sqlite3_vfs vfs; /* first: SQLite's pointer is ours */
	sqlite3_vfs *system;
};

struct log_file {
	sqlite3_file file; /* first */
	sqlite3_file *below;
	unsigned char *data;  /* ROOM; NULL: nothing was written yet */
	size_t len;	      /* gathered */
	sqlite3_int64 at;     /* where that belongs */
	sqlite3_int64 behind; /* where the last write ended */
	bool head, commits;   /* the last write was a head; of such a page */
};

static struct log_file *ours(sqlite3_file *file)
{
	return (struct log_file *)file;
}

static int flush(struct log_file *f)
{
	size_t len = f->len;
	int code = SQLITE_OK;

	f->len = 0;
	f->head = false;
	for (size_t i = 0; code == SQLITE_OK && i < len; i += AT_ONCE) {
		size_t n = len - i < AT_ONCE ? len - i : AT_ONCE;

		code = f->below->pMethods->xWrite(f->below, f->data + i, (int)n,
						  f->at + (sqlite3_int64)i);
	}
	return code;
}

static int log_close(sqlite3_file *file)
{
	struct log_file *f = ours(file);

	mem_free(f->data); /* what was not committed is nothing */
	return f->below->pMethods->xClose(f->below);
}

/* What is gathered is read where it is: a read that fails must not be what
 * loses it, as no rollback follows from one. No page is partly gathered; who
 * reads across is a commit that makes checksums anew, and fails as a whole. */
static int log_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	struct log_file *f = ours(file);
	sqlite3_int64 in = at - f->at, end = in + n;
	int code = SQLITE_OK;

	if (f->len > 0 && in >= 0 && end <= (sqlite3_int64)f->len) {
		memcpy(to, f->data + in, (size_t)n);
		return SQLITE_OK;
	}
	if (f->len > 0 && end > 0 && in < (sqlite3_int64)f->len)
		code = flush(f);
	return code != SQLITE_OK
		       ? code
		       : f->below->pMethods->xRead(f->below, to, n, at);
}

static void gather(struct log_file *f, const void *from, size_t n,
		   sqlite3_int64 at)
{
	if (f->len == 0)
		f->at = at;
	memcpy(f->data + f->len, from, n);
	f->len += n;
}

static bool is_commit(const void *head)
{
	static const unsigned char none[4];

	return memcmp((const char *)head + COMMITS, none, sizeof(none)) != 0;
}

static bool has_room(struct log_file *f)
{
	if (f->data == NULL)
		f->data = mem_try(ROOM);
	return f->data != NULL;
}

/* A head behind what was written last, or the page behind its head. */
static bool is_next(const struct log_file *f, int n, sqlite3_int64 at)
{
	return at == f->behind &&
	       (f->head ? n > FRAME_HEAD && (size_t)n < ROOM / 2
			: n == FRAME_HEAD);
}

static int write_gathered(struct log_file *f, const void *from, int n,
			  sqlite3_int64 at)
{
	bool was_head = f->head;

	if (f->len + (size_t)n > ROOM) {
		int code = flush(f);

		if (code != SQLITE_OK)
			return code;
	}
	gather(f, from, (size_t)n, at);
	f->head = !was_head;
	if (f->head)
		f->commits = is_commit(from);
	return !f->head && f->commits ? flush(f) : SQLITE_OK;
}

static int log_write(sqlite3_file *file, const void *from, int n,
		     sqlite3_int64 at)
{
	struct log_file *f = ours(file);
	bool next = is_next(f, n, at) && has_room(f);
	int code;

	f->behind = at + n;
	if (next)
		return write_gathered(f, from, n, at);
	code = flush(f);
	return code != SQLITE_OK
		       ? code
		       : f->below->pMethods->xWrite(f->below, from, n, at);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct log_file *f = ours(file);
	int code = flush(f);

	f->behind = -1;
	return code != SQLITE_OK
		       ? code
		       : f->below->pMethods->xTruncate(f->below, size);
}

static int log_sync(sqlite3_file *file, int flags)
{
	struct log_file *f = ours(file);
	int code = flush(f);

	return code != SQLITE_OK ? code
				 : f->below->pMethods->xSync(f->below, flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *out)
{
	struct log_file *f = ours(file);
	int code = flush(f);

	return code != SQLITE_OK ? code
				 : f->below->pMethods->xFileSize(f->below, out);
}

static int log_lock(sqlite3_file *file, int level)
{
	return ours(file)->below->pMethods->xLock(ours(file)->below, level);
}

static int log_unlock(sqlite3_file *file, int level)
{
	return ours(file)->below->pMethods->xUnlock(ours(file)->below, level);
}

static int log_check_lock(sqlite3_file *file, int *out)
{
	return ours(file)->below->pMethods->xCheckReservedLock(
		ours(file)->below, out);
}

static int log_control(sqlite3_file *file, int op, void *arg)
{
	return ours(file)->below->pMethods->xFileControl(ours(file)->below, op,
							 arg);
}

static int log_sector_size(sqlite3_file *file)
{
	return ours(file)->below->pMethods->xSectorSize(ours(file)->below);
}

static int log_device(sqlite3_file *file)
{
	return ours(file)->below->pMethods->xDeviceCharacteristics(
		ours(file)->below);
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_check_lock,
	.xFileControl = log_control,
	.xSectorSize = log_sector_size,
	.xDeviceCharacteristics = log_device,
};

static int log_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file,
		    int flags, int *out_flags)
{
	sqlite3_vfs *system = ((struct log_vfs *)vfs)->system;
	struct log_file *f = ours(file);
	int code;

	if ((flags & SQLITE_OPEN_WAL) == 0)
		return system->xOpen(system, path, file, flags, out_flags);
	*f = (struct log_file){.below = (sqlite3_file *)(f + 1), .behind = -1};
	code = system->xOpen(system, path, f->below, flags, out_flags);
	if (f->below->pMethods != NULL) /* SQLite closes only what has them */
		f->file.pMethods = &methods;
	return code;
}

bool sqlite_log_register(void)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);
	struct log_vfs *log;

	if (sqlite3_vfs_find(NAME) != NULL)
		return true;
	if (system == NULL)
		return false;
	log = mem_alloc(sizeof(*log)); /* as long as the process */
	log->system = system;
	/* All else is the system's, which looks at no more of a VFS than is
	 * copied here. */
	log->vfs = *system;
	log->vfs.pNext = NULL;
	log->vfs.zName = NAME;
	log->vfs.szOsFile = (int)sizeof(struct log_file) + system->szOsFile;
	log->vfs.xOpen = log_open;
	return sqlite3_vfs_register(&log->vfs, 1) == SQLITE_OK;
}
