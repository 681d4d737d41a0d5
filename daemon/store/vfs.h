/*
 * vfs - the file system below the SQLite driver, as a seam.
 *
 * Registers a VFS named "fault" that passes everything to the system's and
 * asks a hook before each operation; the hook may make it fail, tear a write
 * or lose it. For tests and simulation; the daemon itself uses the engine's
 * own.
 */
#ifndef DAEMON_STORE_VFS_H
#define DAEMON_STORE_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum vfs_op {
	VFS_OPEN,
	VFS_READ,
	VFS_WRITE,
	VFS_SYNC,
	VFS_TRUNCATE,
	VFS_DELETE,
	VFS_SHM, /* shared-memory map */
};

enum vfs_fault {
	VFS_PASS,
	VFS_FAIL_IO,
	VFS_FAIL_FULL,
	VFS_TEAR, /* a write: only the first half reaches the file, then EIO */
	VFS_LOSE, /* a write or sync: nothing happens, and success is said */
};

struct vfs_hook {
	enum vfs_fault (*ask)(void *ctx, enum vfs_op op, const char *path,
			      int64_t bytes);
	void *ctx;
};

#define VFS_FAULT_NAME "fault"
/* Once in a process, after db_init() and before any connection is opened with
 * it; hook outlives them. False: it is there already, or the engine refuses. */
bool vfs_register(const struct vfs_hook *hook);

#endif
