/*
 * lograte - how many lines of one sort a log takes in a while.
 *
 * A sort is an event, its level, and whose it is (a peer, say). Of each so
 * many lines pass in LOGRATE_WINDOW_MS; of an event as a whole, over all whose
 * it is, LOGRATE_ALL times as many. The others are counted, and the count is
 * told when the while is over, by the next line of that sort or by
 * lograte_turn(); when another sort needs the place; and at the end: passed
 * and told together are all that came.
 *
 * Bounded: a table of fixed size. Thread-safe: a lock a few sorts, held for
 * some dozens of instructions; tell() is called without it. Time is an
 * argument, monotonic.
 */
#ifndef BASE_LOGRATE_H
#define BASE_LOGRATE_H

#include <stdbool.h>
#include <stdint.h>

#define LOGRATE_WINDOW_MS 10000
#define LOGRATE_ALL 10
#define LOGRATE_WHOSE_MAX 80 /* with its NUL; longer: cut, but told apart */

struct lograte;

struct lograte_sort {
	const char *what; /* static */
	int level;
	const char *whose; /* "": nobody's */
};

/* Lines that did not pass. */
struct lograte_sum {
	const char *what;
	int level;
	char whose[LOGRATE_WHOSE_MAX]; /* "": of nobody, or over all */
	uint64_t lines;
	int64_t ms; /* in so much time */
};

struct lograte_ear {
	void (*tell)(void *ctx, const struct lograte_sum *sum);
	void *ctx;
};

struct lograte *lograte_new(void);
void lograte_free(struct lograte *rate);
/* May one more line of that sort pass? lines: so many in a window. */
bool lograte_take(struct lograte *rate, const struct lograte_sort *sort,
		  uint64_t lines, int64_t now_ms,
		  const struct lograte_ear *ear);
/* Tells what is over; with `all`, what is not, too. */
void lograte_turn(struct lograte *rate, bool all, int64_t now_ms,
		  const struct lograte_ear *ear);

#endif
