/*
 * catalogue - the table of kinds as the documentation has it: one row a kind.
 *
 * docs/catalogue.md is what is printed here; a test compares them.
 */
#ifndef DAEMON_CORE_CATALOGUE_H
#define DAEMON_CORE_CATALOGUE_H

#include "base/buf.h"

/* Markdown, UTF-8. */
void catalogue_print(struct buf *out);

#endif
