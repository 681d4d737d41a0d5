/*
 * disk_floor - the floor of P4: one small write that is on the disk.
 *
 * usage: disk_floor FOLDER SECONDS
 *
 * Four, eight and twelve KiB in turn go behind each other into a file of that
 * folder, each with its fdatasync, at the pace of REST_US between them; after
 * FILE_MAX bytes from the beginning again, as a log does it that was moved.
 * Prints one JSON object, times in microseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/common/histogram.h"
#include "tests/bench/common/wire.h"

#define KIB 1024
#define FILE_MAX (16 * KIB * KIB)
#define REST_US 500

static void rest(void)
{
	const struct timespec t = {.tv_nsec = REST_US * 1000L};

	nanosleep(&t, NULL);
}

static uint64_t put(int fd, const char *bytes, size_t len, off_t at)
{
	uint64_t begun = wire_now_ns();

	if (pwrite(fd, bytes, len, at) != (ssize_t)len || fdatasync(fd) != 0)
		wire_die("it cannot be written");
	return wire_now_ns() - begun;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {4 * KIB, 8 * KIB, 12 * KIB};
	static char bytes[12 * KIB];
	static struct histogram all;
	char path[4096];
	off_t at = 0;
	size_t n = 0;

	if (argc != 3)
		wire_die("usage: disk_floor FOLDER SECONDS");
	snprintf(path, sizeof(path), "%s/disk-XXXXXX", argv[1]);
	int fd = mkstemp(path);

	if (fd < 0)
		wire_die("%s: no file can be made", argv[1]);
	unlink(path);
	uint64_t end = wire_now_ns() + (uint64_t)(atof(argv[2]) * 1e9);

	for (; wire_now_ns() < end; n++) {
		size_t len = sizes[n % 3];

		if (at + (off_t)len > FILE_MAX)
			at = 0;
		histogram_add(&all, put(fd, bytes, len, at));
		at += (off_t)len;
		rest();
	}
	close(fd);
	printf("{\"writes\":%zu,\"latency_us\":", n);
	histogram_print(&all, stdout);
	printf("}\n");
	return 0;
}
