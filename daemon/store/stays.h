/*
 * stays - when a patient has a bed: the bookings without an expert whose time
 * is that of a stay. Their claim of the patient is the admission alone.
 */
#ifndef DAEMON_STORE_STAYS_H
#define DAEMON_STORE_STAYS_H

#include "daemon/core/model.h"
#include "daemon/store/tx.h"

/* Those that touch the window and are not over, but for that booking. */
__attribute__((warn_unused_result)) enum rc
stays_of_patient(struct tx *tx, int64_t patient, struct core_span window,
		 int64_t ignore_booking, struct arena *arena,
		 struct core_span **out, size_t *out_n, struct err *err);

#endif
