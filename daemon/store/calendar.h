/*
 * calendar - subjects with their rules and claims, as the core wants them.
 *
 * A loader belongs to one request and one tx; it keeps the site calendars it
 * has met. Claims are loaded for the window and CALENDAR_MARGIN around it, so
 * that buffers and caps per day at its ends are seen; or, where it is said how
 * long a session takes, for that and what an expert's day needs besides, which
 * is far less. Everything lives in the
 * loader's arena or, where the tx's connection keeps it (keep.h), there: until
 * the end of the transaction, claims until others are loaded for the subject.
 */
#ifndef DAEMON_STORE_CALENDAR_H
#define DAEMON_STORE_CALENDAR_H

#include "daemon/core/decide.h"
#include "daemon/store/tx.h"

#define CALENDAR_MARGIN CORE_MARGIN
/* Of an expert, beside the sessions: the local day of a cap, or a day of ways,
 * with an hour for a change of clocks, and a pause. */
#define CALENDAR_EXPERT (86400 + 3600 + (int64_t)CORE_MINUTES_MAX * 60)

struct calendar_known;
struct calendar_loader {
	struct tx *tx;
	struct arena *arena;
	struct core_span window;
	/* Seconds that a session takes before its start, and from it on, where
	 * it begins in the window; both 0: not known. */
	int64_t before, length;
	struct calendar_known *known; /* the last one met */
	bool bare;		      /* claims are not wanted */
	int64_t without;	      /* a booking whose claims are not; 0 */
};

/* One subject with rules and claims; RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
calendar_subject(struct calendar_loader *loader, int64_t id,
		 struct core_subject *out, struct err *err);
/* The claims alone, of one that was loaded without them. */
__attribute__((warn_unused_result)) enum rc
calendar_claims(struct calendar_loader *loader, struct core_subject *subject,
		struct err *err);
/* The same without claims, and maybe without rules; the second by "site/name"
 * or an expert's slug. */
__attribute__((warn_unused_result)) enum rc
calendar_name(struct calendar_loader *loader, int64_t id,
	      struct core_subject *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
calendar_find(struct calendar_loader *loader, const char *slug,
	      struct core_subject *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
calendar_expert(struct calendar_loader *loader, int64_t id,
		struct core_expert *out, struct err *err);

/* The calendar of a site's days; NULL: it has none. */
__attribute__((warn_unused_result)) enum rc
calendar_of_site(struct calendar_loader *loader, int64_t site,
		 const struct core_calendar **out, struct err *err);

/* The ids of a site's subjects of that type, by slug. */
__attribute__((warn_unused_result)) enum rc
calendar_ids_of_type(struct calendar_loader *loader, int64_t site,
		     enum subject_type type, int64_t **out_ids, size_t *out_n,
		     struct err *err);
/* For calendar.c and its like: a list of ids as it is kept; and reads one at
 * the query's end, to be kept under the key. */
struct calendar_ids {
	int64_t *v;
	size_t n;
};
struct keep_key;
__attribute__((warn_unused_result)) enum rc
calendar_ids_end(struct calendar_loader *loader, struct query *q,
		 const struct keep_key *key, int64_t **out_ids, size_t *out_n,
		 struct err *err);
/* The ways between places of which one is the site's. */
__attribute__((warn_unused_result)) enum rc
calendar_transfers(struct calendar_loader *loader, int64_t site,
		   struct core_transfer **out, size_t *out_n, struct err *err);
/* Those of the sites where the expert is at home, ever away, or by a rule. */
__attribute__((warn_unused_result)) enum rc
calendar_transfers_of(struct calendar_loader *loader, int64_t expert,
		      struct core_transfer **out, size_t *out_n,
		      struct err *err);
/* The ids of the lead's experts who take the kind and have the specialty (NULL:
 * any that the agreement is about), by slug. */
__attribute__((warn_unused_result)) enum rc
calendar_experts_for(struct calendar_loader *loader,
		     const struct core_agreement *agreement, enum kind kind,
		     const char *specialty, int64_t **out_ids, size_t *out_n,
		     struct err *err);

/* The quota's months that the window touches, with what they have used; none
 * when the agreement has no quota for the kind. */
__attribute__((warn_unused_result)) enum rc
calendar_months(struct calendar_loader *loader,
		const struct core_agreement *agreement, enum kind kind,
		int64_t ignore_booking, struct core_month **out, size_t *out_n,
		struct err *err);

#endif
