/*
 * log - one line a thing that happened: key=value, on standard error.
 *
 * Under systemd a line starts with its priority, "<6>" (sd-daemon(3)). Values
 * are escaped: a peer's bytes can neither break a line nor move a terminal.
 * Nothing of a patient is ever given to log(). Thread-safe: one write(2) a
 * line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

enum log_level {
	LOG_LVL_ERR = 3,
	LOG_LVL_WARN = 4,
	LOG_LVL_INFO = 6,
	LOG_LVL_DEBUG = 7
};

struct log_pair {
	const char *key;
	const char *str; /* NULL: the number counts */
	int64_t num;
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

/* log_event(LOG_LVL_INFO, "ready", LOG_N("workers", 2), LOG_S("x", y));
 * (The first row is skipped: it stands there for the comma.) */
#define log_event(level, what, ...)                                            \
	log_write((level), (what),                                             \
		  (const struct log_pair[]){{0}, ##__VA_ARGS__, {0}} + 1)

/* Before threads start. */
void log_init(int fd, enum log_level least, int with_priority);
/* Any thread, any time. */
void log_set_level(enum log_level least);
/* pairs ends with a row whose key is NULL. */
void log_write(enum log_level level, const char *what,
	       const struct log_pair *pairs);

#endif
