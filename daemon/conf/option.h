/*
 * option - the table of options, and the types that their values have.
 *
 * Only conf.c reads it. A type knows how a value is read and shown; shown
 * values are read back to the same value.
 */
#ifndef DAEMON_CONF_OPTION_H
#define DAEMON_CONF_OPTION_H

#include "daemon/conf/conf.h"

#define CONF_OPTIONS_MAX 64

struct conf_option;

struct conf_type {
	/* False: why says what the value must be. */
	bool (*read)(const struct conf_option *option, const char *s,
		     size_t len, void *field, struct err *why);
	void (*show)(const void *field, struct buf *out);
	size_t size; /* of the field */
};

struct conf_option {
	const char *section, *key;
	const struct conf_type *type;
	size_t at;	  /* of the field in struct conf */
	const char *init; /* the default, as text */
	int64_t min, max; /* of an integer */
	bool may_be_empty;
	bool reload; /* SIGHUP puts a changed value in force */
	const char *help, *example;
};

/* Sections stand together, in the order in which they are printed. */
const struct conf_option *conf_option_table(size_t *out_n);

static inline void *conf_option_field(const struct conf_option *option,
				      struct conf *conf)
{
	return (char *)conf + option->at;
}

static inline const void *conf_option_value(const struct conf_option *option,
					    const struct conf *conf)
{
	return (const char *)conf + option->at;
}

#endif
