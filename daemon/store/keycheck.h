/*
 * keycheck - is this the field key that the database was made with?
 *
 * A known word, sealed under the field key, stands in the table `meta`. It is
 * written when the database is made and opened at each start, so that a wrong
 * key is found before anything is sealed under it.
 */
#ifndef DAEMON_STORE_KEYCHECK_H
#define DAEMON_STORE_KEYCHECK_H

#include "daemon/store/tx.h"

/* RC_EXISTS when it is there already. */
__attribute__((warn_unused_result)) enum rc keycheck_add(struct tx *tx,
							 struct err *err);
/* RC_FORBIDDEN: another key. RC_NOT_FOUND: none was ever written. */
__attribute__((warn_unused_result)) enum rc keycheck_verify(struct tx *tx,
							    struct err *err);

#endif
