/*
 * directory - who and what there is, for somebody who has to name it.
 *
 * By slug, a page at a time. What one site may see of another is whether they
 * work together (agreement_joins()); of patients nothing is here.
 */
#ifndef DAEMON_STORE_DIRECTORY_H
#define DAEMON_STORE_DIRECTORY_H

#include "daemon/store/tx.h"

enum directory_of { DIRECTORY_SITES, DIRECTORY_EXPERTS, DIRECTORY_RESOURCES };

#define DIRECTORY_ALL 0 /* for a viewer: everything */

struct directory_filter {
	enum directory_of of;
	int64_t viewer;	    /* a site, or DIRECTORY_ALL */
	const char *site;   /* NULL: any */
	const char *prefix; /* of the slug; NULL: any */
	const char *after;  /* slugs behind it; "": from the start */
	int64_t limit;
};

struct directory_row {
	const char *slug, *name;
	const char *site;      /* NULL: it is one */
	int type;	       /* words_subject, -1 for a site */
	const char *time_zone; /* of a site */
};

__attribute__((warn_unused_result)) enum rc
directory_list(struct tx *tx, const struct directory_filter *filter,
	       struct arena *arena, struct directory_row **out, size_t *out_n,
	       struct err *err);

#endif
