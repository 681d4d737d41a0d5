#include "daemon/core/lifecycle.h"

#define VERB_NAME(sym, name) name,
static const char *const verb_names[] = {WORDS_VERB(VERB_NAME)};
const struct words words_verb = {"verb", verb_names, VERB_COUNT};

#define REQUEST(from, verb, to)                                                \
	{                                                                      \
		THING_REQUEST, from, VERB_##verb, REQUEST_##to                 \
	}
#define BOOKING(from, verb, to)                                                \
	{                                                                      \
		THING_BOOKING, from, VERB_##verb, BOOKING_##to                 \
	}

static const struct transition table[] = {
	REQUEST(STATE_NONE, SUBMIT, SUBMITTED),
	REQUEST(REQUEST_SUBMITTED, ACCEPT, ACCEPTED),
	REQUEST(REQUEST_SUBMITTED, DECLINE, DECLINED),
	REQUEST(REQUEST_ACCEPTED, DECLINE, DECLINED),
	REQUEST(REQUEST_SUBMITTED, WITHDRAW, WITHDRAWN),
	REQUEST(REQUEST_ACCEPTED, WITHDRAW, WITHDRAWN),
	/* Another expert. */
	REQUEST(REQUEST_ACCEPTED, ASSIGN, ACCEPTED),
	REQUEST(REQUEST_ACCEPTED, SCHEDULE, SCHEDULED),
	REQUEST(REQUEST_SCHEDULED, UNSCHEDULE, ACCEPTED),
	/* An emergency whose session does not take place is called again. */
	REQUEST(REQUEST_ACCEPTED, ANSWER, ACCEPTED),
	/* Once; the clock stops while the partner has it. */
	REQUEST(REQUEST_SUBMITTED, ASK, SUPPLEMENT_NEEDED),
	REQUEST(REQUEST_SUPPLEMENT_NEEDED, SUPPLEMENT, SUBMITTED),
	REQUEST(REQUEST_SUPPLEMENT_NEEDED, DECLINE, DECLINED),
	REQUEST(REQUEST_SUPPLEMENT_NEEDED, WITHDRAW, WITHDRAWN),
	REQUEST(REQUEST_SUBMITTED, EXPIRE, EXPIRED),
	REQUEST(REQUEST_SUPPLEMENT_NEEDED, EXPIRE, EXPIRED),
	REQUEST(REQUEST_ACCEPTED, EXPIRE, EXPIRED),
	REQUEST(REQUEST_ACCEPTED, WAIT, WAITLISTED),
	REQUEST(REQUEST_WAITLISTED, UNWAIT, ACCEPTED),
	/* No offers until its partner says that it still waits. */
	REQUEST(REQUEST_WAITLISTED, REST, WAITLISTED),
	REQUEST(REQUEST_WAITLISTED, WAIT, WAITLISTED),
	REQUEST(REQUEST_WAITLISTED, SCHEDULE, SCHEDULED),
	REQUEST(REQUEST_WAITLISTED, DECLINE, DECLINED),
	REQUEST(REQUEST_WAITLISTED, WITHDRAW, WITHDRAWN),
	REQUEST(REQUEST_WAITLISTED, EXPIRE, EXPIRED),
	REQUEST(REQUEST_SCHEDULED, START, STARTED),
	REQUEST(REQUEST_STARTED, COMPLETE, COMPLETED),
	/* Store-and-forward: there is no meeting. */
	REQUEST(REQUEST_ACCEPTED, COMPLETE, COMPLETED),
	REQUEST(REQUEST_COMPLETED, CLOSE, CLOSED),
	/* What becomes of who was referred is told to the end, and after. */
	REQUEST(REQUEST_SCHEDULED, COURSE, SCHEDULED),
	REQUEST(REQUEST_STARTED, COURSE, STARTED),
	REQUEST(REQUEST_COMPLETED, COURSE, COMPLETED),
	REQUEST(REQUEST_CLOSED, COURSE, CLOSED),

	BOOKING(STATE_NONE, BOOK, BOOKED),
	BOOKING(STATE_NONE, HOLD, PENDING),
	/* To one who waits: a hold that the partner answers. */
	BOOKING(STATE_NONE, OFFER, PENDING),
	BOOKING(BOOKING_PENDING, REFUSE, RELEASED),
	BOOKING(BOOKING_PENDING, CONFIRM, BOOKED),
	BOOKING(BOOKING_PENDING, RELEASE, RELEASED),
	BOOKING(BOOKING_PENDING, LAPSE, LAPSED),
	BOOKING(BOOKING_BOOKED, MOVE, BOOKED),
	BOOKING(BOOKING_BOOKED, CANCEL, CANCELLED),
	BOOKING(BOOKING_ARRIVED, CANCEL, CANCELLED),
	BOOKING(BOOKING_BOOKED, DISPLACE, CANCELLED),
	BOOKING(BOOKING_ARRIVED, DISPLACE, CANCELLED),
	/* By a person's word only, never by a timer. */
	BOOKING(BOOKING_BOOKED, ARRIVE, ARRIVED),
	BOOKING(BOOKING_BOOKED, START, STARTED),
	BOOKING(BOOKING_ARRIVED, START, STARTED),
	BOOKING(BOOKING_STARTED, FINISH, FULFILLED),
	BOOKING(BOOKING_STARTED, RUN_LATE, STARTED),
	BOOKING(BOOKING_BOOKED, NOSHOW, NOSHOW),
	BOOKING(BOOKING_ARRIVED, NOSHOW, NOSHOW),
};

#define NTABLE (sizeof(table) / sizeof(table[0]))

const struct transition *core_transitions(size_t *out_n)
{
	*out_n = NTABLE;
	return table;
}

int core_step(enum thing thing, int from, enum verb verb)
{
	for (size_t i = 0; i < NTABLE; i++)
		if (table[i].thing == thing && table[i].from == from &&
		    table[i].verb == verb)
			return table[i].to;
	return STATE_REFUSED;
}

bool core_booking_live(enum booking_status status, int64_t hold_until,
		       int64_t now)
{
	if (status == BOOKING_PENDING)
		return hold_until > now;
	return status == BOOKING_BOOKED || status == BOOKING_ARRIVED ||
	       status == BOOKING_STARTED || status == BOOKING_FULFILLED;
}

#define IS_ONE(sym, name) || status == REQUEST_##sym

bool core_request_assigned(enum request_status status)
{
	return false WORDS_REQUEST_ASSIGNED(IS_ONE);
}
