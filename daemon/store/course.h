/*
 * course - what became of a patient who was referred, as the site says that
 * has them. A row is never changed; its text is sealed in its row.
 */
#ifndef DAEMON_STORE_COURSE_H
#define DAEMON_STORE_COURSE_H

#include "daemon/store/request.h"

#define COURSE_TEXT_MAX 4000 /* characters */

struct course {
	enum course_what what;
	int64_t at, said_at;
	int64_t site;
	const char *by, *text;
	const char *site_slug; /* read only */
};
/* said_at is tx->now. */
__attribute__((warn_unused_result)) enum rc course_add(struct tx *tx,
						       const struct request *r,
						       const struct course *in,
						       struct err *err);
/* By when it was. */
__attribute__((warn_unused_result)) enum rc
course_list(struct tx *tx, const struct request *r, struct arena *arena,
	    struct course **out, size_t *out_n, struct err *err);

#endif
