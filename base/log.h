/*
 * log - one line a thing that happened: key=value, on standard error.
 *
 * Under systemd a line starts with its priority, "<6>" (sd-daemon(3)). Values
 * are escaped: a peer's bytes can neither break a line nor move a terminal.
 * Nothing of a patient is ever given to log(). Thread-safe: one write(2) a
 * line.
 *
 * Of each sort (event, level, and the pairs that are marked as its key) so many
 * lines pass in ten seconds; "event=suppressed of=EVENT" says at that level how
 * many more there were, and whose (lograte.h). Every warning and error has a
 * pair "do": what whoever reads it is to do about it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum log_level {
	LOG_LVL_ERR = 3,
	LOG_LVL_WARN = 4,
	LOG_LVL_NOTICE = 5, /* somebody else's fault, and nothing to be done */
	LOG_LVL_INFO = 6,
	LOG_LVL_DEBUG = 7
};

struct log_pair {
	const char *key;
	const char *str; /* NULL: the number counts */
	int64_t num;
	bool sorts; /* lines that differ in it are of different sorts */
};

/* For a NULL that stands for "none": str NULL would mean a number. */
static inline const char *log_or_empty(const char *s)
{
	return s != 0 ? s : "";
}

#define LOG_S(k, v)                                                            \
	{                                                                      \
		.key = (k), .str = log_or_empty(v)                             \
	}
#define LOG_N(k, v)                                                            \
	{                                                                      \
		.key = (k), .num = (v)                                         \
	}
/* The same, as parts of the line's sort. */
#define LOG_SORT_S(k, v)                                                       \
	{                                                                      \
		.key = (k), .str = log_or_empty(v), .sorts = true              \
	}
#define LOG_SORT_N(k, v)                                                       \
	{                                                                      \
		.key = (k), .num = (v), .sorts = true                          \
	}
#define LOG_DO(text) LOG_S("do", text)
/* A fault of this program, which nobody but its makers can mend. */
#define LOG_DO_REPORT LOG_DO("report it, with the lines around this one")

/* log_event(LOG_LVL_INFO, "ready", LOG_N("workers", 2), LOG_S("x", y));
 * (The first row is skipped: it stands there for the comma.) */
#define log_event(level, what, ...)                                            \
	log_write((level), (what),                                             \
		  (const struct log_pair[]){{0}, ##__VA_ARGS__, {0}} + 1)

/* Before threads start. */
void log_init(int fd, enum log_level least, int with_priority);
/* Any thread, any time. */
void log_set_level(enum log_level least);

/* Lines of notices, warnings and errors of one sort in ten seconds, whatever
 * is set. */
#define LOG_BAD_LINES 20

/* Before threads start; NULL, or without it: every line passes. */
void log_limit(const struct clock *clock);
/* Lines of one sort in ten seconds, of ordinary ones; 0: all. Any thread, any
 * time. */
void log_set_lines(uint64_t lines);
/* Says what was suppressed in the time that is over; now and then. */
void log_turn(void);
/* Says what was suppressed until now, at the end. */
void log_last(void);

struct log_figures {
	uint64_t lines, suppressed;
};
/* Of one level since the start. */
void log_figures(enum log_level level, struct log_figures *out);

/* pairs ends with a row whose key is NULL. */
void log_write(enum log_level level, const char *what,
	       const struct log_pair *pairs);

#endif
