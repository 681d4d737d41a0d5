/*
 * seal - fields of a patient, encrypted in their row.
 *
 * AES-256-GCM under the key that seals (keys.h), whose id stands first in the
 * sealed value: it opens while that key is one of those that are there, and is
 * sealed anew when another has come (reseal.h). Table, row id and site are
 * associated data, so that a sealed value moved to another row, column or site
 * does not open. A patient's subject has for a slug the HMAC of site and local
 * number under a patient key (keys.h): the same patient is found again, and
 * nobody can read who it is.
 */
#ifndef DAEMON_STORE_SEAL_H
#define DAEMON_STORE_SEAL_H

#include "base/buf.h"
#include "daemon/store/tx.h"

struct seal_place {
	const char *column; /* "request.papers" */
	int64_t row;
	int64_t site;
};

/* Appends to out. */
__attribute__((warn_unused_result)) enum rc
seal_close(const struct tx *tx, const struct seal_place *place,
	   const void *plain, size_t len, struct buf *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
seal_open(const struct tx *tx, const struct seal_place *place,
	  const void *sealed, size_t len, struct buf *out, struct err *err);

/* Under the key of that slot. */
__attribute__((warn_unused_result)) enum rc
seal_close_with(const struct tx *tx, unsigned slot,
		const struct seal_place *place, const void *plain, size_t len,
		struct buf *out, struct err *err);
/* The slot of the key that it is sealed under; -1: of none that is there. */
int seal_slot(const struct tx *tx, const void *sealed, size_t len);

#define SEAL_PATIENT_SLUG_LEN 34 /* "p-" and 32 hex digits: 128 bits */
void seal_patient_slug(const struct crypt_key *key, const char *site_slug,
		       const char *local_id,
		       char out[SEAL_PATIENT_SLUG_LEN + 1]);

#endif
