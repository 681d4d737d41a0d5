/*
 * papers - what is known of a patient, sealed as one value of a row.
 *
 * Of a request, or of a booking that has none. The value is tied to the column,
 * the row and the partner's site (seal.h).
 */
#ifndef DAEMON_STORE_PAPERS_H
#define DAEMON_STORE_PAPERS_H

#include "daemon/store/seal.h"

struct papers {
	const char *local_id, *name, *summary, *reason, *purpose;
	/* The physician who accompanies the patient: a person, too. */
	const char *physician, *licence, *phone;
	const char *attachments; /* as daemon/work/complete.h writes them */
};

/* Room for the longest that a message may bring, sealed. */
#define PAPERS_MAX 65536
#define PAPERS_SEALED_MAX (PAPERS_MAX + CRYPT_SEAL_EXTRA)

/* Appends the sealed value. */
__attribute__((warn_unused_result)) enum rc
papers_close(const struct tx *tx, const struct seal_place *place,
	     const struct papers *papers, struct buf *out, struct err *err);

/* Opens one. RC_CORRUPT where it does not open. */
__attribute__((warn_unused_result)) enum rc
papers_read(const struct tx *tx, const struct seal_place *place,
	    const void *sealed, size_t len, struct arena *arena,
	    struct papers *out, struct err *err);
/* sql: selects the sealed value, $1 = place->row. RC_CORRUPT where it does not
 * open. */
__attribute__((warn_unused_result)) enum rc
papers_open(struct tx *tx, const struct seal_place *place, const char *sql,
	    struct arena *arena, struct papers *out, struct err *err);

#endif
