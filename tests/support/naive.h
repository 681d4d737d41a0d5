/*
 * naive - what must be so, found out the slow way.
 *
 * A model of a tangle's requests, bookings and claims in plain arrays, kept
 * beside the store, and the rules of the field looked at minute by minute. It
 * shares nothing with the scheduling core but the words, the calendar of the
 * civil year and the time zones.
 *
 * A board is the calendar of one kind over some days, as minutes; it is laid
 * once and asked about many starts. naive_may() answers about one expert and
 * one start. What happened is then told by naive_take(), naive_end() and the
 * like, which keep the claims and the ways between places as they have to be.
 */
#ifndef TESTS_SUPPORT_NAIVE_H
#define TESTS_SUPPORT_NAIVE_H

#include "base/code.h"
#include "base/tz.h"
#include "tests/support/tangle.h"

#define NAIVE_PATIENTS 12 /* numbers of one site; the last for trials */
#define NAIVE_SUBJECTS (TANGLE_SUBJECTS + TANGLE_SITES * NAIVE_PATIENTS)
#define NAIVE_BOOKINGS 600
#define NAIVE_REQUESTS 600
#define NAIVE_CLAIMS 16
#define NAIVE_NAMED 6

struct naive_span {
	int64_t from, to;
};

struct naive_claim {
	int subject;
	enum claim_role role;
	int64_t from, to;
	int place;	 /* of the expert's; or TANGLE_NONE */
	int64_t session; /* 0: of no session of places */
};

/* What is wanted. */
struct naive_ask {
	enum kind kind;
	int agreement;
	int64_t minutes, before, after;
	int expert;	       /* TANGLE_NONE: any */
	const char *specialty; /* NULL: whatever is shared */
	int patient, surgeon;  /* TANGLE_NONE */
	int named[NAIVE_NAMED];
	int nnamed;
	int ignore; /* a booking; TANGLE_NONE */
	int64_t now;
};

struct naive_request {
	char code[CODE_LEN + 1];
	struct naive_ask ask; /* as it says */
	int site;
	enum request_status status;
	int64_t version, submitted_at;
	int64_t id;
};

#define NAIVE_LEFT 16

struct naive_booking {
	char code[CODE_LEN + 1];
	int64_t id;
	int request; /* TANGLE_NONE */
	struct naive_ask ask;
	int expert;
	int64_t from, to;
	enum booking_status status;
	int64_t hold_until;
	int owner; /* site */
	bool spent;
	/* Times in other months that it was moved away from too late: they
	 * count as well. */
	int64_t left[NAIVE_LEFT];
	int nleft;
	int64_t version, sequence;
	struct naive_claim claims[NAIVE_CLAIMS];
	int nclaims;
};

struct naive {
	struct tangle *net;
	struct tz_store *zones;
	int64_t now;
	struct naive_request requests[NAIVE_REQUESTS];
	int nrequests;
	struct naive_booking bookings[NAIVE_BOOKINGS];
	int nbookings;
};

int naive_patient(int site, int number);
const struct tz *naive_zone(const struct naive *m, const char *name);
int64_t naive_day(const struct naive *m, const char *zone, int64_t at);
/* Do the two begin in one month of that zone? */
bool naive_same_month(const struct naive *m, const char *zone, int64_t a,
		      int64_t b);
/* Does it stand: booked, or held and not lapsed? */
bool naive_stands(const struct naive *m, const struct naive_booking *b);
/* A hold whose time is over, though nobody has written it down yet. */
bool naive_is_dead(const struct naive *m, const struct naive_booking *b);
/* The booking of the request that stands; NULL. */
struct naive_booking *naive_of_request(struct naive *m, int request);

/* Done between people who are apart. */
bool naive_is_remote(enum kind kind);
int64_t naive_utc(const struct naive *m, const char *zone, int64_t wall);
struct naive_span naive_stay(const struct naive *m,
			     const struct tangle_stay *s);

/* --- a board --- */

#define NAIVE_MINUTES (24 * 1440)
#define NAIVE_SESSIONS 200

struct naive_session {
	int expert, place;
	int64_t from, to;
	int slot;
};

struct naive_board {
	const struct naive *m;
	enum kind kind;
	int64_t base; /* a whole minute */
	int minutes;
	/* by minute: bit 0 at no place, bit 1 + room at that one */
	uint32_t open[TANGLE_EXPERTS][NAIVE_MINUTES];
	bool away[TANGLE_EXPERTS][NAIVE_MINUTES]; /* and takes no requests */
	bool shut[TANGLE_SUBJECTS][NAIVE_MINUTES];
	bool leave[TANGLE_SUBJECTS][NAIVE_MINUTES];
	uint8_t depth[NAIVE_SUBJECTS][NAIVE_MINUTES];
	uint8_t ways[TANGLE_EXPERTS][NAIVE_MINUTES];
	struct naive_session sessions[NAIVE_SESSIONS];
	int nsessions;
};

/* From so many days before `at` to so many after it. */
void naive_lay(struct naive_board *b, const struct naive *m,
	       const struct naive_ask *ask, int64_t at, int days_before,
	       int days_after);

/* How it could be done: in which session, at which place (TANGLE_NONE: any). */
struct naive_way {
	int64_t session;
	int place;
};
/* May that expert at that time? out_how (or NULL) says how. how_asked (or
 * NULL): in no other way than that. */
bool naive_may(const struct naive_board *b, const struct naive_ask *ask,
	       int expert, int64_t at, const struct naive_way *how_asked,
	       struct naive_way *out_how);
/* Does a place of a session begin then? */
bool naive_place_begins(const struct naive_board *b,
			const struct naive_ask *ask, int expert, int64_t at);
/* Every claim that stands in the way of the expert, or fills the room then. */
bool naive_in_the_way(const struct naive_board *b, const struct naive_ask *ask,
		      int expert, int64_t at, const struct naive_claim *c);
bool naive_fills(const struct naive_board *b, const struct naive_ask *ask,
		 int room, int64_t from, int64_t to,
		 const struct naive_claim *c);
/* Are these the claims that it must have, in a way that it may be done? NULL,
 * or what is wrong with them. */
const char *naive_check(const struct naive_board *b,
			const struct naive_ask *ask, int expert, int64_t at,
			const struct naive_claim *claims, int n);
/* How long it takes, seconds. */
int64_t naive_length(const struct naive_board *b, const struct naive_ask *ask,
		     int expert, const struct naive_way *how);

/* Quota: how many of the agreement and kind count in the month of `at`. */
int naive_used(const struct naive *m, const struct naive_ask *ask, int64_t at);

/* Whose turn it is: what the expert has had in four weeks and has ahead, and of
 * those that had the same the first. Does a come before b? */
bool naive_comes_before(const struct naive *m, int a, int b);

/* --- what happened --- */

/* Makes the way to the first session of the expert at a place that begins then
 * or later the one that it has to be. */
void naive_mend(struct naive *m, int expert, int64_t from);
/* The same right after this session was put in before it. */
void naive_took(struct naive *m, struct naive_booking *b);
/* It has no claims any more. */
void naive_end(struct naive *m, struct naive_booking *b,
	       enum booking_status status);

#endif
