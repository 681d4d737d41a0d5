/*
 * transcript - what the reader makes of some bytes, as one line of text.
 *
 * "METHOD path?query=[body];" for a request, "!status;" for an error, "..."
 * when the end is missing. Bodies may have 100 bytes, heads TRANSCRIPT_HEAD
 * with TRANSCRIPT_FIELDS fields; localhost and [::1] are the hosts.
 */
#ifndef TESTS_SUPPORT_TRANSCRIPT_H
#define TESTS_SUPPORT_TRANSCRIPT_H

#include "base/buf.h"
#include "daemon/net/reader.h"

#define TRANSCRIPT_HEAD 1024
#define TRANSCRIPT_FIELDS 16

/* Feeds the bytes in pieces as long as cut() says. Replaces out's content. */
void transcript_make(const char *data, size_t len,
		     size_t (*cut)(void *ctx, size_t left), void *ctx,
		     struct buf *out);

/* The limits above, for those who read themselves. */
extern const struct reader_limits transcript_limits;

#endif
