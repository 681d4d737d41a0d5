/*
 * tools - what several use cases share; no use case of its own.
 */
#ifndef DAEMON_WORK_TOOLS_H
#define DAEMON_WORK_TOOLS_H

#include "daemon/store/site.h"
#include "daemon/work/emergency.h"
#include "daemon/work/work.h"

/* A fault at a pointer; RC_INVALID. */
__attribute__((format(printf, 3, 4))) enum rc
work_fault(struct work *w, const char *pointer, const char *fmt, ...);
enum rc work_nomem(struct work *w);

/* RC_STALE unless the version is the one that the caller has seen. */
enum rc work_match(struct work *w, int64_t version);

/* The state after the verb; RC_STATE says in words what stands in the way. */
enum rc work_step(struct work *w, enum thing thing, int from, enum verb verb,
		  int *out_to);

/* One event of a request or a booking, by the principal of w. */
struct work_change {
	enum verb verb;
	int from, to; /* STATE_NONE: none */
	const char *reason;
	bool by_system; /* a lapse: by nobody */
	bool told;	/* its expert, though nobody is assigned */
	/* Of a booking, or of a request because of it: whose experts are told,
	 * and those who had it before. NULL: as it is stored. */
	const struct booking *of;
	const int64_t *gone;
	size_t ngone;
	/* The expert who does it, where the thing itself does not say; and one
	 * to whom it belonged before. 0: none. */
	int64_t expert, other;
};
enum rc work_event_request(struct work *w, const struct request *r,
			   const struct work_change *change);
enum rc work_event_booking(struct work *w, const struct booking *b,
			   const struct work_change *change);

/* The same is told to a site that has seats of the session; or what that site
 * did with them. */
enum rc work_event_session(struct work *w, const struct booking *b,
			   int64_t site, const struct work_change *change);

/* On which sides of the booking the principal stands (SIDE_*); each of its
 * experts does. */
unsigned work_booking_sides(const struct work *w, const struct booking *b);
/* The request or booking, if the principal stands on one of `sides` (SIDE_*);
 * seen from another side only: RC_FORBIDDEN; from none: RC_NOT_FOUND. */
enum rc work_find_request(struct work *w, const char *code, unsigned sides,
			  struct request *out);
enum rc work_find_booking(struct work *w, const char *code, unsigned sides,
			  struct booking *out);

/* The expert whom somebody names, of that lead's or (0) of any site that the
 * principal's own works with; else a fault at the pointer, in the same words
 * whether another site has such a one or nobody. NULL: out is zeroed. */
enum rc work_find_expert(struct work *w, const char *pointer, const char *slug,
			 int64_t lead, struct core_subject *out);

/* The partner's surgeon whom somebody names; *out is 0 for NULL. */
enum rc work_find_surgeon(struct work *w, const char *pointer, enum kind kind,
			  const char *slug, int64_t partner, int64_t *out);
/* The kind has an operation about the expert's part, or the minutes are at
 * fault; FIELD_NONE leaves *out as it is. */
enum rc work_read_around(struct work *w, const char *pointer, enum kind kind,
			 int64_t minutes, int64_t *out);
/* As long as the kind takes; a place of a session is as long as that says, so
 * no minutes can be asked for. */
int64_t work_minutes(enum kind kind);
enum rc work_read_minutes(struct work *w, const char *pointer, enum kind kind,
			  int64_t minutes, int64_t *out);
/* A bed for so many days, instead of an expert; FIELD_NONE: none. */
enum rc work_read_bed(struct work *w, const char *pointer, int64_t days,
		      struct wish *out);
/* What a request asks for. A title is wished of whoever comes, not of an
 * expert who is named. */
void work_wish_of(const struct request *r, struct wish *out);
/* Of the fields of a message beside a request, those that the request says. */
struct work_given {
	const char *pointer;
	bool given;
};
enum rc work_given_already(struct work *w, const struct work_given *fields,
			   size_t n);
/* The only one that fits; several, or none, are at fault. */
enum rc work_find_agreement(struct work *w,
			    const struct agreement_filter *filter,
			    struct core_agreement *out);
/* The partner that is named: one's own site, or one that works with it. NULL:
 * one's own. */
enum rc work_find_partner(struct work *w, const char *pointer, const char *slug,
			  struct site *out);

/* Ends every hold that has lapsed, with its event: before anything is booked,
 * because the database's guard knows no clock. */
enum rc work_lapse_holds(struct work *w);
/* Takes the booking to a state without claims, and the request that it was
 * booked for back to where it can be booked again. */
enum rc work_booking_end(struct work *w, struct booking *b, enum verb verb,
			 const char *reason);

/* Makes the way to the expert's first session from then on lead from the one
 * before it as the claims are now: after one of the two has gone. */
enum rc work_mend_way(struct work *w, int64_t expert, int64_t from);
/* The same for each of the booking's experts. */
enum rc work_mend_ways(struct work *w, const struct booking *b, int64_t from);

/* The same session at another time; decided as every booking is, and told with
 * the reason. RC_REFUSED: w->blockers. The caller has ended lapsed holds. */
enum rc work_booking_shift(struct work *w, struct booking *b, int64_t at,
			   const char *reason);
/* The times nearest to its own, by start, that would do for everybody in it;
 * for before the writer is asked. */
enum rc work_booking_nearest(struct work *w, const struct booking *b,
			     struct core_span window,
			     struct booking_times *out);

/* Would the booking be allowed as the network is now, at its own time and with
 * its own rooms? RC_REFUSED: w->blockers says why not. */
enum rc work_booking_recheck(struct work *w, const struct booking *b);

/* The slug of what takes part in the booking, or NULL: a room of a third
 * hospital, where the expert is seconded to, is told to the lead alone. */
const char *work_seen_slug(const struct work *w, const struct booking *b,
			   const char *slug);

/* As messages. */
enum rc work_view_code(struct work *w, const struct code *code,
		       const char **out); /* NULL for none */
enum rc work_view_request(struct work *w, const struct request *r,
			  struct msg_request *out);
enum rc work_view_booking(struct work *w, const struct booking *b,
			  struct msg_booking *out);
/* With the claims that it is known to have, in their order. */
enum rc work_view_claimed(struct work *w, const struct booking *b,
			  const struct booking_claim *claims, size_t n,
			  struct msg_booking *out);
/* A page of them, with the cursor of the next one. */
enum rc work_view_bookings(struct work *w, const struct list_filter *filter,
			   const struct booking *rows, size_t n,
			   struct msg_booking_list *out);
enum rc work_view_history(struct work *w, const char *thing, int64_t id,
			  struct field_list *out);
/* An event's words. What people say of a thing may be about its patient, and is
 * for those who read papers; what the service says is for all. */
const char *work_view_reason(const struct work *w, const struct event *e);
/* What of it was told to that partner; 0: all. */
enum rc work_view_history_told(struct work *w, const char *thing, int64_t id,
			       int64_t partner, struct field_list *out);
/* Of a request and of all its bookings: one story. */
enum rc work_view_whole(struct work *w, const struct request *r,
			struct field_list *out);
/* Who read it, for an auditor; for others nothing. *out_more stays when all
 * are listed. */
enum rc work_view_reads(struct work *w, const char *thing, int64_t id,
			struct field_list *out, int64_t *out_more);

/* What a list shows to the principal, out of the query. key, id: the parts of
 * the cursor. */
enum rc work_list_filter(struct work *w, const struct msg_list_query *in,
			 const struct words *statuses, struct list_filter *out);
/* One row more than asked for was read: is there a next page? n becomes what
 * was asked for. */
bool work_list_more(const struct list_filter *filter, size_t *n);
const char *work_cursor(struct work *w, int64_t key, int64_t id);

#endif
