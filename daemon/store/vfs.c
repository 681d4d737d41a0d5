/*
 * A shim: struct shim_file is what SQLite sees, with room for the system's file
 * behind it in the same block (szOsFile is the sum). Methods that no fault is
 * asked for are passed on unchanged; xFetch never maps anything, so that every
 * read passes here.
 */
#include "daemon/store/vfs.h"

#include <sqlite3.h>
#include <stddef.h>

#include "base/mem.h"

struct shim {
	sqlite3_vfs vfs; /* first: SQLite's pointer is ours */
	sqlite3_vfs *below;
	const struct vfs_hook *hook;
};

struct shim_file {
	sqlite3_file file; /* first */
	const struct vfs_hook *hook;
	const char *path; /* SQLite keeps it until xClose */
	sqlite3_file *below;
};

static struct shim *shim_of(sqlite3_vfs *vfs)
{
	return (struct shim *)vfs;
}

static struct shim_file *ours(sqlite3_file *file)
{
	return (struct shim_file *)file;
}

static sqlite3_file *below(sqlite3_file *file)
{
	return ours(file)->below;
}

static enum vfs_fault ask(const struct vfs_hook *hook, enum vfs_op op,
			  const char *path, int64_t bytes)
{
	return hook->ask(hook->ctx, op, path != NULL ? path : "", bytes);
}

/* The engine's code for a fault; io is the one for this operation. */
static int code_of(enum vfs_fault fault, int io)
{
	return fault == VFS_FAIL_FULL ? SQLITE_FULL : io;
}

/* ---- a file ---- */

static int file_close(sqlite3_file *file)
{
	sqlite3_file *b = below(file);

	return b->pMethods != NULL ? b->pMethods->xClose(b) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	struct shim_file *f = ours(file);
	enum vfs_fault fault = ask(f->hook, VFS_READ, f->path, n);

	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_IOERR_READ);
	return f->below->pMethods->xRead(f->below, to, n, at);
}

static int file_write(sqlite3_file *file, const void *from, int n,
		      sqlite3_int64 at)
{
	struct shim_file *f = ours(file);
	enum vfs_fault fault = ask(f->hook, VFS_WRITE, f->path, n);

	if (fault == VFS_LOSE)
		return SQLITE_OK;
	if (fault == VFS_TEAR)
		(void)f->below->pMethods->xWrite(f->below, from, n / 2, at);
	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_IOERR_WRITE);
	return f->below->pMethods->xWrite(f->below, from, n, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct shim_file *f = ours(file);
	enum vfs_fault fault = ask(f->hook, VFS_TRUNCATE, f->path, size);

	if (fault == VFS_LOSE)
		return SQLITE_OK;
	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_IOERR_TRUNCATE);
	return f->below->pMethods->xTruncate(f->below, size);
}

static int file_sync(sqlite3_file *file, int flags)
{
	struct shim_file *f = ours(file);
	enum vfs_fault fault = ask(f->hook, VFS_SYNC, f->path, 0);

	if (fault == VFS_LOSE)
		return SQLITE_OK;
	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_IOERR_FSYNC);
	return f->below->pMethods->xSync(f->below, flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return below(file)->pMethods->xFileSize(below(file), out);
}

static int file_lock(sqlite3_file *file, int level)
{
	return below(file)->pMethods->xLock(below(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
	return below(file)->pMethods->xUnlock(below(file), level);
}

static int file_check_lock(sqlite3_file *file, int *out)
{
	return below(file)->pMethods->xCheckReservedLock(below(file), out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	return below(file)->pMethods->xFileControl(below(file), op, arg);
}

static int file_sector_size(sqlite3_file *file)
{
	return below(file)->pMethods->xSectorSize(below(file));
}

static int file_device(sqlite3_file *file)
{
	return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend,
			void volatile **out)
{
	struct shim_file *f = ours(file);
	enum vfs_fault fault = ask(f->hook, VFS_SHM, f->path, size);

	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_IOERR_SHMMAP);
	return f->below->pMethods->xShmMap(f->below, page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int at, int n, int flags)
{
	return below(file)->pMethods->xShmLock(below(file), at, n, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
	below(file)->pMethods->xShmBarrier(below(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
	return below(file)->pMethods->xShmUnmap(below(file), remove);
}

static int file_fetch(sqlite3_file *file, sqlite3_int64 at, int n, void **out)
{
	(void)file;
	(void)at;
	(void)n;
	*out = NULL;
	return SQLITE_OK;
}

static int file_unfetch(sqlite3_file *file, sqlite3_int64 at, void *page)
{
	(void)file;
	(void)at;
	(void)page;
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 3,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_device,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
	.xFetch = file_fetch,
	.xUnfetch = file_unfetch,
};

/* ---- the file system ---- */

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file,
		     int flags, int *out_flags)
{
	struct shim *shim = shim_of(vfs);
	struct shim_file *f = ours(file);
	enum vfs_fault fault = ask(shim->hook, VFS_OPEN, path, 0);
	int code;

	f->file.pMethods = NULL; /* SQLite closes only what has them */
	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_CANTOPEN);
	f->hook = shim->hook;
	f->path = path;
	f->below = (sqlite3_file *)(f + 1);
	code = shim->below->xOpen(shim->below, path, f->below, flags,
				  out_flags);
	if (f->below->pMethods != NULL)
		f->file.pMethods = &methods;
	return code;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
	struct shim *shim = shim_of(vfs);
	enum vfs_fault fault = ask(shim->hook, VFS_DELETE, path, 0);

	if (fault == VFS_LOSE)
		return SQLITE_OK;
	if (fault != VFS_PASS)
		return code_of(fault, SQLITE_IOERR_DELETE);
	return shim->below->xDelete(shim->below, path, sync_dir);
}

static int shim_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xAccess(b, path, flags, out);
}

static int shim_full_path(sqlite3_vfs *vfs, const char *path, int n, char *out)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xFullPathname(b, path, n, out);
}

static int shim_randomness(sqlite3_vfs *vfs, int n, char *out)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xRandomness(b, n, out);
}

static int shim_sleep(sqlite3_vfs *vfs, int us)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xSleep(b, us);
}

static int shim_time(sqlite3_vfs *vfs, double *out)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xCurrentTime(b, out);
}

static int shim_time64(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xCurrentTimeInt64(b, out);
}

static int shim_last_error(sqlite3_vfs *vfs, int n, char *out)
{
	sqlite3_vfs *b = shim_of(vfs)->below;

	return b->xGetLastError(b, n, out);
}

bool vfs_register(const struct vfs_hook *hook)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);
	struct shim *shim;

	if (system == NULL || sqlite3_vfs_find(VFS_FAULT_NAME) != NULL)
		return false;
	shim = mem_alloc(sizeof(*shim)); /* as long as the process */
	shim->below = system;
	shim->hook = hook;
	shim->vfs = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = (int)sizeof(struct shim_file) + system->szOsFile,
		.mxPathname = system->mxPathname,
		.zName = VFS_FAULT_NAME,
		.xOpen = shim_open,
		.xDelete = shim_delete,
		.xAccess = shim_access,
		.xFullPathname = shim_full_path,
		.xRandomness = shim_randomness,
		.xSleep = shim_sleep,
		.xCurrentTime = shim_time,
		.xGetLastError = shim_last_error,
		.xCurrentTimeInt64 = shim_time64,
	};
	return sqlite3_vfs_register(&shim->vfs, 0) == SQLITE_OK;
}
