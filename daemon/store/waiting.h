/*
 * waiting - requests on a waitlist, what came free for them, what they were
 * offered, as it is stored.
 *
 * A row of waiting for each request that is waitlisted, and no other. An offer
 * is a hold of its request with a row of offer: while that has no outcome it
 * stands (or has just lapsed), and at most one stands for a request and for a
 * place. Freed times are numbered as they come; a request remembers up to which
 * it has been asked (daemon/core/waitlist.h has the order, and
 * daemon/work/waitlist.h what is done).
 */
#ifndef DAEMON_STORE_WAITING_H
#define DAEMON_STORE_WAITING_H

#include "daemon/core/waitlist.h"
#include "daemon/store/booking.h"

#define WAITING_DONE INT64_MIN /* whole_from: all its time was asked about */

struct waiting {
	int64_t request;
	int64_t lead, partner;
	enum urgency urgency;
	bool first;
	int64_t submitted_at, put_at;
	int64_t put_by; /* identity */
	struct core_span windows[REQUEST_WANTED_MAX];
	size_t nwindows; /* 0: any time */
	int64_t until;
	int64_t notice; /* minutes */
	int64_t expert; /* 0: any that suits */
	int64_t passed;
	int64_t asked;	    /* of what came free, up to this number */
	int64_t whole_from; /* from then on it was not asked yet */
	/* read only */
	int64_t rests_at;  /* nothing is offered to it since; 0: it is asked */
	int64_t served;	   /* of a lead's: the partner's offers of late */
	int64_t minutes;   /* of the session */
	bool held;	   /* time is held for it: an offer, or not */
	struct code offer; /* what it is offered now; "" nothing */
	struct code code;  /* of the request */
};

__attribute__((warn_unused_result)) enum rc
waiting_put(struct tx *tx, const struct waiting *in, struct err *err);
__attribute__((warn_unused_result)) enum rc
waiting_drop(struct tx *tx, int64_t request, struct err *err);
/* RC_NOT_FOUND: it does not wait. */
__attribute__((warn_unused_result)) enum rc waiting_find(struct tx *tx,
							 int64_t request,
							 struct waiting *out,
							 struct err *err);
/* Those of a lead, in no order; at most WAITLIST_MAX. */
__attribute__((warn_unused_result)) enum rc
waiting_of_lead(struct tx *tx, int64_t lead, struct arena *arena,
		struct waiting **out, size_t *out_n, struct err *err);
/* The leads on whose list the site has anything, by id. */
__attribute__((warn_unused_result)) enum rc
waiting_leads(struct tx *tx, int64_t lead, int64_t partner, struct arena *arena,
	      int64_t **out, size_t *out_n, struct err *err);
__attribute__((warn_unused_result)) enum rc
waiting_count(struct tx *tx, int64_t lead, int64_t *out, struct err *err);
/* The leads on whose list somebody may want what a booking gives back: those
 * that its two sites have to do with. */
__attribute__((warn_unused_result)) enum rc
waiting_leads_about(struct tx *tx, int64_t booking, struct arena *arena,
		    int64_t **out, size_t *out_n, struct err *err);
/* One request of each lead's list. */
__attribute__((warn_unused_result)) enum rc
waiting_each_lead(struct tx *tx, struct arena *arena, int64_t **out_requests,
		  size_t *out_n, struct err *err);
/* How many of each urgency wait, anywhere. */
__attribute__((warn_unused_result)) enum rc
waiting_count_all(struct tx *tx, int64_t out[URGENCY_COUNT], struct err *err);
/* How many were asked this second. */
__attribute__((warn_unused_result)) enum rc
waiting_asked_now(struct tx *tx, int64_t *out, struct err *err);
/* Writes asked and whole_from as they are, and whether it took a search now. */
__attribute__((warn_unused_result)) enum rc
waiting_asked(struct tx *tx, const struct waiting *w, bool searched,
	      struct err *err);
/* One more was offered a time before it. */
__attribute__((warn_unused_result)) enum rc
waiting_passed(struct tx *tx, int64_t request, struct err *err);
/* An offer lapsed: how many have, in a row. RC_NOT_FOUND: it does not wait. */
__attribute__((warn_unused_result)) enum rc
waiting_lapsed(struct tx *tx, int64_t request, int64_t *out, struct err *err);
/* An offer was answered: none has lapsed. */
__attribute__((warn_unused_result)) enum rc
waiting_answered(struct tx *tx, int64_t request, struct err *err);
/* Nothing is offered to it from now on, and again about all its time. */
__attribute__((warn_unused_result)) enum rc
waiting_rest(struct tx *tx, int64_t request, struct err *err);
__attribute__((warn_unused_result)) enum rc
waiting_resume(struct tx *tx, int64_t request, struct err *err);
/* Everything is asked again: of all of a kind of an agreement whose quota is
 * counted; or (0) of everybody. */
__attribute__((warn_unused_result)) enum rc waiting_again(struct tx *tx,
							  int64_t agreement,
							  enum kind kind,
							  struct err *err);
/* Who put it there where the service itself does: whoever took its time last.
 */
__attribute__((warn_unused_result)) enum rc
waiting_owner(struct tx *tx, int64_t request, int64_t *out, struct err *err);

/* --- what came free --- */

struct freed {
	int64_t id;
	struct core_span span;
};
__attribute__((warn_unused_result)) enum rc
freed_add(struct tx *tx, int64_t lead, struct core_span span, struct err *err);
/* The last number that was given, of whatever lead. */
__attribute__((warn_unused_result)) enum rc
freed_last(struct tx *tx, int64_t *out, struct err *err);
/* The last of a lead's, 0: none. */
__attribute__((warn_unused_result)) enum rc
freed_newest(struct tx *tx, int64_t lead, int64_t *out, struct err *err);
/* Those of a lead, by start; at most FREED_MAX, out_more: there are others. */
#define FREED_MAX 8
__attribute__((warn_unused_result)) enum rc
freed_of(struct tx *tx, int64_t lead, int64_t after, struct freed *out,
	 size_t *out_n, bool *out_more, struct err *err);
/* Lets go of what everybody was asked about. */
__attribute__((warn_unused_result)) enum rc
freed_clear(struct tx *tx, int64_t lead, struct err *err);

/* --- offers --- */

#define WORDS_OFFER(X)                                                         \
	X(ACCEPTED, "accepted")                                                \
	X(REFUSED, "refused")                                                  \
	X(LAPSED, "lapsed")                                                    \
	X(ENDED, "ended") /* with its request, or by another booking */
#define WORDS_OFFER_(sym, name) OFFER_##sym,
enum offer_outcome { WORDS_OFFER(WORDS_OFFER_) OFFER_COUNT };

/* The booking is the hold. */
__attribute__((warn_unused_result)) enum rc
offer_add(struct tx *tx, const struct booking *b, struct err *err);
/* RC_NOT_FOUND: the booking is no offer that stands. */
__attribute__((warn_unused_result)) enum rc
offer_end(struct tx *tx, int64_t booking, enum offer_outcome outcome,
	  struct err *err);
/* The booking that the request is offered; RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
offer_of_request(struct tx *tx, int64_t request, struct arena *arena,
		 struct booking *out, struct err *err);
/* What the request was offered in vain, to come yet; at most
 * OFFERS_REFUSED_MAX, the latest. */
#define OFFERS_REFUSED_MAX 64
__attribute__((warn_unused_result)) enum rc
offer_refused(struct tx *tx, int64_t request, struct core_span *out,
	      size_t *out_n, struct err *err);
/* What holds: as the agreement says, else as waitlist_terms() does. */
__attribute__((warn_unused_result)) enum rc
offer_terms(struct tx *tx, int64_t agreement, enum urgency urgency,
	    struct waitlist_terms *out, struct err *err);

struct offer {
	struct booking booking;
	enum urgency urgency;
	int64_t made_at, until;
};
/* Those that stand, by deadline; filter: sides, limit and cursor. */
__attribute__((warn_unused_result)) enum rc
offer_list(struct tx *tx, const struct list_filter *filter, struct arena *arena,
	   struct offer **out, size_t *out_n, struct err *err);

#endif
