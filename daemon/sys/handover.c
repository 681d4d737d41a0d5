#include "daemon/sys/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

static bool option_is(int fd, int option, int wanted)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 &&
	       value == wanted;
}

static enum rc take(int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || !option_is(fd, SO_TYPE, SOCK_STREAM) ||
	    !option_is(fd, SO_ACCEPTCONN, 1))
		return err_set(err, RC_INVALID,
			       "descriptor %d, handed over in LISTEN_FDS, is "
			       "no listening stream socket",
			       fd);
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return err_set(err, RC_IO, "cannot take descriptor %d: %m", fd);
	return RC_OK;
}

/* The next name of the list; "" when it ends early. */
static const char *next_name(const char *names, char *out)
{
	size_t len = strcspn(names, ":");
	size_t kept = len < SYS_HANDOVER_NAME_MAX ? len : SYS_HANDOVER_NAME_MAX;

	memcpy(out, names, kept);
	out[kept] = '\0';
	return names + len + (names[len] == ':');
}

enum rc sys_handover(const struct sys_handover_env *env,
		     struct sys_handed out[SYS_HANDOVER_MAX], unsigned *out_n,
		     struct err *err)
{
	const char *names = env->names != NULL ? env->names : "";
	int64_t pid, n = 0;
	enum rc rc = RC_OK;

	*out_n = 0;
	if (env->fds == NULL || env->pid == NULL ||
	    !text_int(env->pid, strlen(env->pid), 1, INT32_MAX, &pid) ||
	    pid != getpid())
		return RC_OK;
	if (!text_int(env->fds, strlen(env->fds), 0, SYS_HANDOVER_MAX, &n))
		return err_set(err, RC_INVALID,
			       "LISTEN_FDS must be a number from 0 to %d",
			       SYS_HANDOVER_MAX);
	for (int i = 0; i < (int)n && rc == RC_OK; i++) {
		names = next_name(names, out[i].name);
		out[i].fd = env->first + i;
		rc = take(out[i].fd, err);
	}
	if (rc == RC_OK)
		*out_n = (unsigned)n;
	return rc;
}
