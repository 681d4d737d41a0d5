#include "proto/messages_wait.h"

#include "proto/rows.h"

#define LIST_MAX 200
#define NOTICE_MAX (14 * 1440)

MESSAGE(wait, "Wait", "A request is put on the waitlist",
	OBJECTS(wait, windows, OPTIONAL, interval, 16,
		"when it may be; absent: at the times that it wants"),
	TIME(wait, until, OPTIONAL,
	     "over by then; absent: by the last of those times, or 60 days on"),
	SLUG(wait, expert, OPTIONAL, "this expert and no other"),
	BOOL(wait, any_expert, OPTIONAL,
	     "any expert who suits; absent: whom the request names"),
	INT(wait, notice_minutes, OPTIONAL, 0, NOTICE_MAX,
	    "between the answer to an offer and the start, at least; absent:"
	    " by urgency"));

MESSAGE_OF(reason, unwait, "Unwait", "A request is taken off the waitlist",
	   TEXT(reason, reason, SECRET, 1, 1000, "why, for the other side"));

MESSAGE_OF(reason, refuse, "Refuse", "A time that is offered will not do",
	   TEXT(reason, reason, REQUIRED | SECRET, 1, 1000,
		"why, for the lead"));

MESSAGE(wait_query, "WaitQuery", "Which of those that wait, or of the offers",
	SLUG(wait_query, site, OPTIONAL, "of this site, on either side"),
	INT(wait_query, limit, OPTIONAL, 1, LIST_MAX,
	    "how many in one answer; absent: 50"),
	STR(wait_query, cursor, OPTIONAL, 1, 256,
	    "where to go on, from the answer before"));

MESSAGE(waiting, "Waiting", "A request on the waitlist",
	CODE(waiting, request, REQUIRED, "its code"),
	WORD(waiting, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(waiting, urgency, REQUIRED, urgency, URGENCY,
	     "how soon it is needed"),
	SLUG(waiting, lead, REQUIRED, "whose waitlist it is"),
	SLUG(waiting, partner, REQUIRED, "the site that asks"),
	SLUG(waiting, specialty, OPTIONAL, "the specialty wanted"),
	SLUG(waiting, expert, OPTIONAL, "the expert; absent: any who suits"),
	TIME(waiting, submitted_at, REQUIRED, "when it was submitted"),
	TIME(waiting, put_at, REQUIRED, "when it was put on the list"),
	COUNT(waiting, before, REQUIRED, "how many are asked before it"),
	BOOL(waiting, displaced, OPTIONAL, "its time was taken from it"),
	OBJECTS(waiting, windows, REQUIRED, interval, 16,
		"when it may be; none: at any time"),
	TIME(waiting, until, REQUIRED, "over by then"),
	COUNT(waiting, notice_minutes, REQUIRED,
	      "between the answer to an offer and the start, at least"),
	CODE(waiting, offer, OPTIONAL, "the booking that it is offered"),
	TIME(waiting, rests_since, OPTIONAL,
	     "nothing is offered to it since then: offers were not answered"));

MESSAGE(waitlist, "Waitlist", "Who waits, in the order in which they are asked",
	OBJECTS(waitlist, items, REQUIRED, waiting, LIST_MAX, "the requests"),
	STR(waitlist, next, OPTIONAL, 1, 256,
	    "the cursor to go on with; absent at the end"));

MESSAGE(offer, "Offer", "A time held for one who waited, to be answered",
	CODE(offer, booking, REQUIRED,
	     "the code to confirm, or to refuse, it by"),
	CODE(offer, request, REQUIRED, "the request that it is for"),
	WORD(offer, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(offer, urgency, REQUIRED, urgency, URGENCY,
	     "how soon it is needed"),
	SLUG(offer, lead, REQUIRED, "the site that offers"),
	SLUG(offer, partner, REQUIRED, "the site that answers"),
	SLUG(offer, expert, OPTIONAL, "who would do it"),
	TIME(offer, from, REQUIRED, "when it would begin"),
	TIME(offer, to, REQUIRED, "when it would have ended"),
	STR(offer, time_zone, OPTIONAL, 1, 64,
	    "the time zone of the lead's place"),
	TIME(offer, made_at, REQUIRED, "when it was made"),
	TIME(offer, until, REQUIRED, "when it lapses without an answer"));

MESSAGE(offer_list, "OfferList",
	"Offers that stand, the soonest to lapse first",
	OBJECTS(offer_list, items, REQUIRED, offer, LIST_MAX, "the offers"),
	STR(offer_list, next, OPTIONAL, 1, 256,
	    "the cursor to go on with; absent at the end"));
