/*
 * booking, claim - a time with its participants, as it is stored.
 *
 * Claims are rows only while they take time: released, lapsed and cancelled
 * bookings have none. The database's guard refuses an overlap whatever the
 * caller believed (RC_REFUSED). Changes are compare-and-swap on version.
 */
#ifndef DAEMON_STORE_BOOKING_H
#define DAEMON_STORE_BOOKING_H

#include "daemon/core/decide.h"
#include "daemon/store/request.h"

struct booking {
	int64_t id;
	struct code code;
	int64_t request; /* 0: none */
	int64_t agreement;
	int64_t lead, partner;
	enum kind kind;
	enum booking_status status;
	int64_t expert; /* the first */
	/* The others, in their order: rows of co_expert. Written with the
	 * plan's claims. */
	const int64_t *also;
	const char *const *also_slugs;
	size_t nalso;
	int64_t from, to;      /* the expert's part */
	bool behind;	       /* the last place of its session */
	int64_t before, after; /* minutes of the operation about it */
	int64_t patient;       /* subject; 0: the request's */
	const char **named;    /* resources that were asked for */
	size_t nnamed;
	bool spent;	    /* cancelled too late for its quota */
	int64_t hold_until; /* 0: not a hold */
	int64_t owner;	    /* identity */
	int64_t owner_site;
	int64_t sequence;
	int64_t version;
	/* read only */
	struct code request_code;
	const char *agreement_slug, *lead_slug, *partner_slug, *expert_slug;
	const char *lead_zone;
	bool down; /* of a referral that the lead sends to the partner */
};

/* Is it one of the booking's experts? 0: nobody is. */
bool booking_has_expert(const struct booking *b, int64_t expert);
/* Whose experts, places and beds it takes. */
static inline int64_t booking_receiver(const struct booking *b)
{
	return b->down ? b->partner : b->lead;
}

/* Draws a code that neither requests nor bookings have. */
__attribute__((warn_unused_result)) enum rc
booking_draw_code(struct tx *tx, struct code *out, struct err *err);
/* Fills id; the plan's further experts and claims go with it, and the way of
 * the session after it becomes the plan's. papers: NULL for one that has a
 * request. */
__attribute__((warn_unused_result)) enum rc
booking_insert(struct tx *tx, struct booking *in, const struct core_plan *plan,
	       const struct papers *papers, struct err *err);
__attribute__((warn_unused_result)) enum rc
booking_open_papers(struct tx *tx, const struct booking *b, struct arena *arena,
		    struct papers *out, struct err *err);
/* Replaces the further experts and the claims: the old ones go before the new
 * ones come. */
__attribute__((warn_unused_result)) enum rc
booking_replace_claims(struct tx *tx, const struct booking *b,
		       const struct core_plan *plan, struct err *err);
__attribute__((warn_unused_result)) enum rc
booking_delete_claims(struct tx *tx, int64_t booking, struct err *err);
/* The pauses, reserves and ways of the booking that lie there on the subject
 * are no more. */
__attribute__((warn_unused_result)) enum rc
booking_cut_pauses(struct tx *tx, int64_t booking, int64_t subject,
		   struct core_span span, struct err *err);
/* A confirmed hold's claims no longer lapse. */
__attribute__((warn_unused_result)) enum rc
booking_keep_claims(struct tx *tx, int64_t booking, struct err *err);

/* The way to an expert's session from the one before it, instead of what there
 * was; empty: none. */
struct booking_way {
	int64_t expert;
	int64_t booking;
	int64_t hold_until;
	struct core_span span;
};
/* Is any way of the expert's stored that begins within some days of then? */
__attribute__((warn_unused_result)) enum rc
booking_has_way(struct tx *tx, int64_t expert, int64_t about, bool *out,
		struct err *err);
__attribute__((warn_unused_result)) enum rc
booking_set_way(struct tx *tx, const struct booking_way *way, struct err *err);

/* Writes status, expert, times, behind, named, hold_until, sequence and spent,
 * raises version. */
__attribute__((warn_unused_result)) enum rc
booking_update(struct tx *tx, struct booking *b, struct err *err);

__attribute__((warn_unused_result)) enum rc
booking_by_code(struct tx *tx, const char *code, struct arena *arena,
		struct booking *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
booking_by_id(struct tx *tx, int64_t id, struct arena *arena,
	      struct booking *out, struct err *err);
/* The live booking or hold of a request; RC_NOT_FOUND. A hold that lapsed is
 * not live, although its row may still be pending. */
__attribute__((warn_unused_result)) enum rc
booking_of_request(struct tx *tx, int64_t request, struct arena *arena,
		   struct booking *out, struct err *err);
/* One pending booking whose hold has lapsed by now; RC_NOT_FOUND: no more. */
__attribute__((warn_unused_result)) enum rc
booking_next_lapsed(struct tx *tx, struct arena *arena, struct booking *out,
		    struct err *err);

/* The ids of all that it claims. */
__attribute__((warn_unused_result)) enum rc
booking_subjects(struct tx *tx, int64_t booking, struct arena *arena,
		 int64_t **out_ids, size_t *out_n, struct err *err);

struct booking_claim {
	enum claim_role role;
	int64_t from, to;
	const char *slug; /* NULL: a patient */
	int64_t subject;
};
/* What it takes from now on; an empty span: nothing any more. The guard looks
 * at what it did not take before. */
__attribute__((warn_unused_result)) enum rc
booking_set_claim(struct tx *tx, int64_t booking,
		  const struct booking_claim *claim, struct core_span span,
		  struct err *err);
/* By start, then by subject. */
__attribute__((warn_unused_result)) enum rc
booking_claims(struct tx *tx, int64_t booking, struct arena *arena,
	       struct booking_claim **out, size_t *out_n, struct err *err);

__attribute__((warn_unused_result)) enum rc
booking_list(struct tx *tx, const struct list_filter *filter,
	     struct arena *arena, struct booking **out, size_t *out_n,
	     struct err *err);

/* One row of a plan: a claim on the subject, or a session of the site; of its
 * booking id, codes, status, kind, whose it is and how long a hold. */
struct booking_entry {
	int64_t from, to;
	enum claim_role role;
	struct booking booking;
	const char *place; /* where the expert is, or the site's room; NULL */
};
#define BOOKING_ENTRIES_MAX 2000

/* Live claims on the subject that touch the span, by start. */
__attribute__((warn_unused_result)) enum rc
booking_entries_of_subject(struct tx *tx, int64_t subject,
			   struct core_span span, struct arena *arena,
			   struct booking_entry **out, size_t *out_n,
			   struct err *err);
/* Live bookings of a site, on either side, that touch the span, by start. */
__attribute__((warn_unused_result)) enum rc
booking_entries_of_site(struct tx *tx, int64_t site, struct core_span span,
			struct arena *arena, struct booking_entry **out,
			size_t *out_n, struct err *err);

#endif
