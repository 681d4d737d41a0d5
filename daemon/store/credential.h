/*
 * credential - what an expert must have, and until when, as one column of the
 * expert's row: a line each, of its last day, the kinds that need it (bits, in
 * the order of the words; 0: all) and its name.
 */
#ifndef DAEMON_STORE_CREDENTIAL_H
#define DAEMON_STORE_CREDENTIAL_H

#include "base/buf.h"
#include "base/mem.h"
#include "daemon/core/model.h"

#define CREDENTIALS_MAX 8192 /* the column */

void credential_join(const struct core_credential *v, size_t n,
		     struct buf *out);
/* RC_NOMEM, RC_CORRUPT. */
__attribute__((warn_unused_result)) enum rc
credential_split(const char *s, struct arena *arena,
		 const struct core_credential **out, size_t *out_n);

#endif
