/*
 * head - the lines of a request's head, each judged on its own and together.
 *
 * The inside of reader.c: lines come without their CR LF, in order. Every
 * function answers RC_OK or an error whose text it leaves in r->detail.
 */
#ifndef DAEMON_NET_HEAD_H
#define DAEMON_NET_HEAD_H

#include "daemon/net/reader.h"

/* method SP target SP version (RFC 9112 section 3). Writes into line. */
__attribute__((warn_unused_result)) enum rc head_line(struct reader *r,
						      char *line, size_t len);
/* name ":" OWS value OWS (RFC 9112 section 5). */
__attribute__((warn_unused_result)) enum rc head_split(struct reader *r,
						       const char *line,
						       size_t len,
						       struct http_field *out);
/* Takes a field into the results. */
__attribute__((warn_unused_result)) enum rc
head_field(struct reader *r, const struct http_field *field);
/* The head is whole: what its fields say together. */
__attribute__((warn_unused_result)) enum rc head_judge(struct reader *r);

#endif
