/*
 * waitlist - requests that wait for time, and the times that they are offered.
 *
 * An accepted request is put on its lead's waitlist; when time comes free, or
 * the network changes, those who wait are asked in their order
 * (daemon/core/waitlist.h), and the first whom a time suits is offered it: a
 * hold of its request that the partner's site owns, with a deadline. To
 * confirm the hold schedules the request, to refuse or release it, or to let
 * it lapse, lets the next have it, and the same request is not offered that
 * time again. Who fits is found by the core's search, as for everybody.
 *
 * What is asked and when: whatever frees time writes it down (freed) with a due
 * row, and the due steps ask the list, always the first that has anything left
 * to be asked about, so that nobody is passed over by one behind; so much in a
 * second, and the rest in those after it. A request that comes new is asked
 * about all its time. work_event_request() and work_event_booking() call what
 * is to follow a change; nobody else needs to.
 */
#ifndef DAEMON_WORK_WAITLIST_H
#define DAEMON_WORK_WAITLIST_H

#include "daemon/store/due.h"
#include "daemon/store/waiting.h"
#include "daemon/work/tools.h"

/* --- use cases --- */

/* Either side puts an accepted request on the list and takes it off. */
enum rc work_request_wait(struct work *w, const char *code,
			  const struct msg_wait *in, struct msg_request *out);
enum rc work_request_unwait(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_request *out);
/* The partner does not want the time that it is offered. */
enum rc work_booking_refuse(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_booking *out);
/* The lead sees its list, a partner its own requests on it. */
enum rc work_waitlist(struct work *w, const struct msg_wait_query *in,
		      struct msg_waitlist *out);
enum rc work_offer_list(struct work *w, const struct msg_wait_query *in,
			struct msg_offer_list *out);

/* --- for other use cases --- */

/* Puts an accepted or waitlisted request, whose time was taken from it, before
 * all others of its urgency; by the system where w->who is nobody. Any time
 * suits, as soon as may be. */
enum rc work_wait_first(struct work *w, struct request *r);
/* An offer that stands for the request ends: it gets other time, or none. */
enum rc work_offer_end(struct work *w, int64_t request);
/* The booking's time, as b has it yet, comes free: for a move. */
enum rc work_wait_freed(struct work *w, const struct booking *b);
/* The network has changed: everybody is asked again. */
enum rc work_wait_again(struct work *w);

/* What follows a change (tools.c). */
enum rc work_wait_request_changed(struct work *w, const struct request *r,
				  const struct work_change *change);
enum rc work_wait_booking_changed(struct work *w, const struct booking *b,
				  const struct work_change *change);

/* Due steps: DUE_OFFER, DUE_FREED. */
enum rc work_wait_offer_due(struct work *w, const struct due_row *row);
enum rc work_wait_freed_due(struct work *w, const struct due_row *row);

#define WAITLIST_LOOKS 8 /* searches in one second */
/* Asks those of the lead's list that have anything to be asked about. out_more:
 * there are more of them than this second has time for. */
enum rc work_wait_ask(struct work *w, int64_t lead, bool *out_more);
/* In their order, as places of the rows. */
enum rc work_wait_order(struct work *w, const struct waiting *rows, size_t n,
			struct waitlist_place **out);

#endif
