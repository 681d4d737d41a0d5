/*
 * disk_floor - the floor of P4: so many pages of a log that are on the disk.
 *
 * usage: disk_floor FOLDER SECONDS PAGES LOG-PAGES
 *
 * PAGES frames as SQLite writes them, each a head and a page, go behind each
 * other into a file of that folder, then one fdatasync, at the pace of REST_US
 * between them; after LOG-PAGES frames from the beginning again, as in a log
 * that was moved. Prints one JSON object, times in microseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/common/histogram.h"
#include "tests/bench/common/wire.h"

#define HEAD 24
#define PAGE 4096
#define REST_US 500

struct log {
	int fd;
	long pages, most; /* of one write; of the file */
	long at;	  /* frames */
	char frame[HEAD + PAGE];
};

static void rest(void)
{
	const struct timespec t = {.tv_nsec = REST_US * 1000L};

	nanosleep(&t, NULL);
}

static void put(struct log *log, const char *bytes, size_t len, off_t at)
{
	if (pwrite(log->fd, bytes, len, at) != (ssize_t)len)
		wire_die("it cannot be written");
}

/* How long one took. */
static uint64_t write_once(struct log *log)
{
	uint64_t begun = wire_now_ns();

	if (log->at + log->pages > log->most)
		log->at = 0;
	for (long i = 0; i < log->pages; i++, log->at++) {
		off_t at = (off_t)log->at * (HEAD + PAGE);

		log->frame[HEAD + i % PAGE]++; /* no two are the same */
		put(log, log->frame, HEAD, at);
		put(log, log->frame + HEAD, PAGE, at + HEAD);
	}
	if (fdatasync(log->fd) != 0)
		wire_die("it cannot be written");
	return wire_now_ns() - begun;
}

static int make_file(const char *folder)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/disk-XXXXXX", folder);
	int fd = mkstemp(path);

	if (fd < 0)
		wire_die("%s: no file can be made", folder);
	unlink(path);
	return fd;
}

int main(int argc, char **argv)
{
	static struct histogram all;
	static struct log log;
	size_t n = 0;

	if (argc != 5)
		wire_die("usage: disk_floor FOLDER SECONDS PAGES LOG-PAGES");
	log.pages = strtol(argv[3], NULL, 10);
	log.most = strtol(argv[4], NULL, 10);
	if (log.pages < 1 || log.most < log.pages)
		wire_die("%s pages of %s", argv[3], argv[4]);
	log.fd = make_file(argv[1]);
	for (size_t i = 0; i < sizeof(log.frame); i++)
		log.frame[i] = (char)(i * 131 ^ i >> 5);
	uint64_t end = wire_now_ns() + (uint64_t)(strtod(argv[2], NULL) * 1e9);

	for (; wire_now_ns() < end; n++) {
		histogram_add(&all, write_once(&log));
		rest();
	}
	close(log.fd);
	printf("{\"writes\":%zu,\"latency_us\":", n);
	histogram_print(&all, stdout);
	printf("}\n");
	return 0;
}
