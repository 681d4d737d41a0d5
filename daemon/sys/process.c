#include "daemon/sys/process.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

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

static int64_t ms_of(struct timeval tv)
{
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

/* The next number of "size resident ...", in pages: proc(5). */
static bool next_pages(const char **at, int64_t *out)
{
	size_t len = strspn(*at, "0123456789");
	bool is_one = text_int(*at, len, 0, INT64_MAX, out);

	*at += len;
	*at += strspn(*at, " ");
	return is_one;
}

static void read_memory(struct sys_process_figures *out)
{
	int64_t page = sysconf(_SC_PAGESIZE), all, resident;
	struct buf text;
	const char *at;

	buf_init(&text, 256);
	if (file_read("/proc/self/statm", &text, NULL) == RC_OK) {
		at = buf_cstr(&text);
		if (next_pages(&at, &all) && next_pages(&at, &resident)) {
			out->virtual = all * page;
			out->resident = resident * page;
		}
	}
	buf_fini(&text);
}

static void count_fds(struct sys_process_figures *out)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	int64_t n = -1; /* the directory's own */

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(dir);
	out->open_fds = n;
}

void sys_process_figures(struct sys_process_figures *out)
{
	struct rusage usage;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		out->cpu_ms = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		out->max_fds = (int64_t)limit.rlim_cur;
	read_memory(out);
	count_fds(out);
}

unsigned sys_process_cores(void)
{
	cpu_set_t set;
	int n;

	CPU_ZERO(&set);
	n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return n > 0 ? (unsigned)n : 1;
}
