/*
 * book - how a time is taken: what book, hold and series book have in common.
 */
#ifndef CLIENT_BOOK_H
#define CLIENT_BOOK_H

#include "client/client.h"

/* What only a kind is booked with: a request says all this itself. */
#define BOOK_DIRECT                                                            \
	(OPTSET(SITE) | OPTSET(AGREEMENT) | OPTSET(SPECIALTY) |                \
	 OPTSET(TITLE) | OPTSET(MODALITY) | OPTSET(LANGUAGE) |                 \
	 OPTSET(PATIENT) | OPTSET(PATIENT_ID) | OPTSET(PATIENT_NAME) |         \
	 OPTSET(SUMMARY))
/* What says how a time is taken. */
#define BOOK_TAKEN                                                             \
	(OPTSET(EXPERT) | OPTSET(ALSO) | OPTSET(WITH) | OPTSET(DURATION) |     \
	 OPTSET(BEFORE) | OPTSET(AFTER) | OPTSET(BEYOND_END) |                 \
	 OPTSET(BED_DAYS))

/* Of the first argument (a KIND, or the CODE of a request), --at and these
 * options; *in was cleared. c->when is ready then. */
__attribute__((warn_unused_result)) enum rc
book_read(struct client *c, struct msg_book *in, struct err *err);
/* The same of a session with seats: KIND, TITLE and its options. */
__attribute__((warn_unused_result)) enum rc
book_read_session(struct client *c, struct msg_session_new *in,
		  struct err *err);

#endif
