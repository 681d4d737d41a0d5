/*
 * keycheck - are these the field keys that the database was made with?
 *
 * A known word, sealed under each key that anything stands sealed under, is in
 * the table `meta` (rows `key-check...`). The first is written when the
 * database is made, another before the first value is sealed under another key,
 * and they are opened at each start, so that a wrong or a missing key is found
 * before anything is sealed; the row `key-check` itself is of the key that
 * everything is sealed under. With them the patient keys are kept, sealed under
 * the key that seals: in the row `patient-key` the one that names, in
 * `patient-key-...` those that older slugs may be of (keys.h).
 */
#ifndef DAEMON_STORE_KEYCHECK_H
#define DAEMON_STORE_KEYCHECK_H

#include "daemon/store/tx.h"

/* For a new database, under the key that seals. RC_EXISTS when it is there
 * already. */
__attribute__((warn_unused_result)) enum rc keycheck_add(struct tx *tx,
							 struct err *err);
/* RC_FORBIDDEN: other keys, or one is missing that something is sealed under.
 * RC_NOT_FOUND: none was ever written. */
__attribute__((warn_unused_result)) enum rc keycheck_verify(struct tx *tx,
							    struct err *err);

/* The patient keys of a database whose keys are right, and the one that names:
 * as keycheck_settle() will say it where another key seals now. */
__attribute__((warn_unused_result)) enum rc
keycheck_load(struct tx *tx, struct store_keys *keys, struct err *err);

/* That key is to seal from now on, and what it makes to name: says so in the
 * database and in the log, and begins to seal and to name anew what is under
 * others (reseal.h). Where it is said already nothing is done. */
__attribute__((warn_unused_result)) enum rc
keycheck_settle(struct tx *tx, unsigned slot, struct err *err);

/* Nothing is sealed under another key than the one that seals, nor named by
 * another; or (not all) something does not open: the others stay. */
__attribute__((warn_unused_result)) enum rc
keycheck_end(struct tx *tx, bool all, struct err *err);

/* Says it in the log; no words of a patient. */
__attribute__((warn_unused_result)) enum rc
keycheck_note(struct tx *tx, const char *said, struct err *err);

#endif
