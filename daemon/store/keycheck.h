/*
 * keycheck - are these the field keys that the database was made with?
 *
 * A known word, sealed under each key that anything stands sealed under, is in
 * the table `meta` (rows `key-check...`). The first is written when the
 * database is made, another before the first value is sealed under another key,
 * and they are opened at each start, so that a wrong or a missing key is found
 * before anything is sealed. With them the patient key is kept, sealed under
 * the key that seals (row `patient-key`): it belongs to the database for ever
 * (keys.h).
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

/* The patient key of a database whose keys are right. */
__attribute__((warn_unused_result)) enum rc
keycheck_load(struct tx *tx, struct store_keys *keys, struct err *err);

/* That key is to seal from now on: says so in the database and in the log, and
 * begins to seal anew what is under others, if anything is (reseal.h). Where it
 * is said already nothing is done. */
__attribute__((warn_unused_result)) enum rc
keycheck_settle(struct tx *tx, unsigned slot, struct err *err);

/* Nothing is sealed under another key than the one that seals. */
__attribute__((warn_unused_result)) enum rc keycheck_keep_one(struct tx *tx,
							      struct err *err);

#endif
