#include "daemon/sys/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static enum rc address_of(const char *path, struct sockaddr_un *out,
			  socklen_t *out_len, struct err *err)
{
	size_t len = strlen(path);

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len < 2 || len >= sizeof(out->sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return err_set(err, RC_INVALID,
			       "NOTIFY_SOCKET is no address of a Unix socket");
	memcpy(out->sun_path, path, len);
	if (path[0] == '@')
		out->sun_path[0] = '\0';
	*out_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return RC_OK;
}

enum rc sys_notify(const char *path, const char *state, struct err *err)
{
	struct sockaddr_un address;
	socklen_t len = 0;
	ssize_t sent;
	int fd, number;
	enum rc rc;

	if (path == NULL)
		return RC_OK;
	rc = address_of(path, &address, &len, err);
	if (rc != RC_OK)
		return rc;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return file_fail("notify", path, errno, err);
	do
		sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
			      (const struct sockaddr *)&address, len);
	while (sent < 0 && errno == EINTR);
	number = sent < 0 ? errno : 0;
	close(fd);
	return number == 0 ? RC_OK : file_fail("notify", path, number, err);
}

int64_t sys_watchdog_ms(const char *usec, const char *pid)
{
	int64_t interval, whose;

	if (usec == NULL ||
	    !text_int(usec, strlen(usec), 1, INT64_MAX, &interval))
		return 0;
	if (pid != NULL && (!text_int(pid, strlen(pid), 1, INT32_MAX, &whose) ||
			    whose != getpid()))
		return 0;
	return interval < 1000 ? 1 : interval / 1000;
}
