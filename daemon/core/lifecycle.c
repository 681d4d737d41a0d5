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
	REQUEST(REQUEST_ACCEPTED, SCHEDULE, SCHEDULED),
	REQUEST(REQUEST_SCHEDULED, UNSCHEDULE, ACCEPTED),

	BOOKING(STATE_NONE, BOOK, BOOKED),
	BOOKING(STATE_NONE, HOLD, PENDING),
	BOOKING(BOOKING_PENDING, CONFIRM, BOOKED),
	BOOKING(BOOKING_PENDING, RELEASE, RELEASED),
	BOOKING(BOOKING_PENDING, LAPSE, LAPSED),
	BOOKING(BOOKING_BOOKED, MOVE, BOOKED),
	BOOKING(BOOKING_BOOKED, CANCEL, CANCELLED),
	BOOKING(BOOKING_ARRIVED, CANCEL, CANCELLED),
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
