/*
 * site_calendar - which calendar a site follows, and with whom.
 */
#ifndef DAEMON_STORE_SITE_CALENDAR_H
#define DAEMON_STORE_SITE_CALENDAR_H

#include "daemon/store/tx.h"

/* NULL: none. *out_shared: another site follows it, too. */
__attribute__((warn_unused_result)) enum rc
site_calendar(struct tx *tx, int64_t site, struct arena *arena,
	      const char **out, bool *out_shared, struct err *err);
/* Does any site follow it? */
__attribute__((warn_unused_result)) enum rc
site_calendar_followed(struct tx *tx, const char *name, bool *out,
		       struct err *err);
__attribute__((warn_unused_result)) enum rc
site_calendar_follow(struct tx *tx, int64_t site, const char *name,
		     struct err *err);

/* How many visits of the home site's experts to the other begin on those days.
 */
__attribute__((warn_unused_result)) enum rc
site_visits_begun(struct tx *tx, int64_t home, int64_t site, int64_t first,
		  int64_t last, int64_t *out, struct err *err);

#endif
