#include "daemon/sys/process.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static bool no_cores(void)
{
	const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_CORE, &none) == 0 &&
	       prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool all_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

enum rc sys_process_harden(struct err *err)
{
	umask(077);
	if (!no_cores())
		return err_set(err, RC_IO, "cannot forbid core dumps: %m");
	if (!all_descriptors())
		return err_set(err, RC_IO,
			       "cannot raise the limit of open files: %m");
	return RC_OK;
}

enum rc sys_process_be_owner_of(const char *path, struct err *err)
{
	struct stat st;

	if (geteuid() != 0)
		return RC_OK;
	if (stat(path, &st) != 0)
		return file_fail("find", path, errno, err);
	if (st.st_uid != 0 &&
	    (setgroups(0, NULL) != 0 ||
	     setresgid(st.st_gid, st.st_gid, st.st_gid) != 0 ||
	     setresuid(st.st_uid, st.st_uid, st.st_uid) != 0))
		return err_set(err, RC_FORBIDDEN,
			       "cannot become the owner of %s: %m", path);
	return RC_OK;
}

unsigned sys_process_cores(void)
{
	cpu_set_t set;
	int n;

	CPU_ZERO(&set);
	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return n > 0 ? (unsigned)n : 1;
}
