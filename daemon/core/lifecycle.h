/*
 * lifecycle - the states of requests and bookings: one table, one function.
 *
 * Every change of state in the service passes core_step(). A transition that
 * is not in the table does not happen. The table also prints the
 * documentation's diagrams.
 */
#ifndef DAEMON_CORE_LIFECYCLE_H
#define DAEMON_CORE_LIFECYCLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/words.h"

enum thing { THING_REQUEST, THING_BOOKING, THING_AGREEMENT };

#define WORDS_VERB(X)                                                          \
	X(SUBMIT, "submit")                                                    \
	X(ACCEPT, "accept")                                                    \
	X(DECLINE, "decline")                                                  \
	X(WITHDRAW, "withdraw")                                                \
	X(SCHEDULE, "schedule")                                                \
	X(UNSCHEDULE, "unschedule")                                            \
	X(BOOK, "book")                                                        \
	X(HOLD, "hold")                                                        \
	X(CONFIRM, "confirm")                                                  \
	X(RELEASE, "release")                                                  \
	X(LAPSE, "lapse")                                                      \
	X(MOVE, "move")                                                        \
	X(CANCEL, "cancel")                                                    \
	X(READ, "read")                                                        \
	X(IMPORT, "import")                                                    \
	X(CERTIFY, "certify") /* of old: by the administrator's hand */        \
	X(INIT, "init")                                                        \
	X(INVITE, "invite")                                                    \
	X(ENROLL, "enroll")                                                    \
	X(RENEW, "renew")                                                      \
	X(GRANT, "grant") /* a token */                                        \
	X(REVOKE, "revoke")                                                    \
	X(BACKUP, "backup")                                                    \
	X(RESTORE, "restore")                                                  \
	X(ASK, "ask") /* for a supplement */                                   \
	X(SUPPLEMENT, "supplement")                                            \
	X(EXPIRE, "expire")                                                    \
	X(WAIT, "wait")	    /* put on the waitlist */                          \
	X(UNWAIT, "unwait") /* taken off it */                                 \
	X(REST, "rest")	    /* nobody answers what it is offered */            \
	X(OFFER, "offer")                                                      \
	X(REFUSE, "refuse") /* an offer */                                     \
	X(ARRIVE, "arrive")                                                    \
	X(START, "start")                                                      \
	X(FINISH, "finish")                                                    \
	X(NOSHOW, "noshow")                                                    \
	X(COMPLETE, "complete") /* every opinion is signed */                  \
	X(CLOSE, "close")	/* the partner has received them */            \
	X(SIGN, "sign")		/* an opinion */                               \
	X(RECEIVE, "receive")	/* an opinion */                               \
	X(CONSENT, "consent")                                                  \
	X(CHECK, "check") /* of what a session needs */                        \
	X(RUN_LATE, "run-late")                                                \
	X(CALL, "call")		/* whoever is on call */                       \
	X(ANSWER, "answer")	/* of an emergency, once more */               \
	X(DISPLACE, "displace") /* for an emergency */                         \
	X(SWAP, "swap")		/* of duties on call */                        \
	X(REMIND, "remind")                                                    \
	X(ESCALATE, "escalate")                                                \
	X(ROTATE, "rotate")	  /* the key of the papers */                  \
	X(ENDING, "ending")	  /* an agreement, soon */                     \
	X(END, "end")		  /* an agreement */                           \
	X(ASSIGN, "assign")	  /* another expert, before it is booked */    \
	X(TAKE_BACK, "take-back") /* places kept for a partner */              \
	X(JOIN, "join")		  /* a session, with seats */                  \
	X(LEAVE, "leave")	  /* the same */                               \
	X(ATTEND, "attend")	  /* so many came */                           \
	X(REROSTER, "re-roster")  /* leave, a visit, a day, a rule */          \
	X(ORPHAN, "orphan")	  /* a booking, by a change of the network */  \
	X(DRAW, "draw")		  /* a token */                                \
	X(MARK, "mark")		  /* the same: seen, or gone */                \
	X(COURSE, "course")	  /* of a patient who was referred */

#define WORDS_VERB_(sym, name) VERB_##sym,
enum verb { WORDS_VERB(WORDS_VERB_) VERB_COUNT };
extern const struct words words_verb;

#define STATE_NONE (-1) /* before the thing exists */

struct transition {
	enum thing thing;
	int from; /* status word of the thing, or STATE_NONE */
	enum verb verb;
	int to;
};

/* The table; *out_n rows. */
const struct transition *core_transitions(size_t *out_n);

/* The state after the verb, or -2 when the table has no such row. */
#define STATE_REFUSED (-2)
int core_step(enum thing thing, int from, enum verb verb);

/* Does the booking stand, and keep its claims? A pending one only until its
 * hold lapses. */
bool core_booking_live(enum booking_status status, int64_t hold_until,
		       int64_t now);

/* Is its expert assigned by the lead's acceptance? Before it the expert is but
 * whom the partner wishes for, and sees nothing of it. */
bool core_request_assigned(enum request_status status);

#endif
