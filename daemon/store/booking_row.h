/*
 * booking_row - the columns of a booking, for the statements that read one.
 */
#ifndef DAEMON_STORE_BOOKING_ROW_H
#define DAEMON_STORE_BOOKING_ROW_H

#include "daemon/store/booking.h"

/* co_expert.h */
#define SQL_ALSO                                                               \
	"(SELECT group_concat(x.id || char(10) || x.slug, char(10)) FROM"      \
	" (SELECT es.id, es.slug FROM co_expert co"                            \
	"  JOIN subject es ON es.id = co.expert WHERE co.booking = b.id"       \
	"  ORDER BY co.position) x)"
#define SQL_COLUMNS                                                            \
	"b.id, b.code, b.request, b.agreement, b.lead, b.partner, b.kind,"     \
	" b.status, b.expert, b.from_time, b.to_time, b.hold_until, b.owner,"  \
	" b.owner_site, b.sequence, b.version, r.code, a.slug, ls.slug,"       \
	" ps.slug, es.slug, ls.time_zone, b.before_minutes, b.after_minutes,"  \
	" b.patient, b.spent, b.named, " SQL_ALSO ", b.behind, r.down"
#define SQL_JOINS                                                              \
	" LEFT JOIN request r ON r.id = b.request"                             \
	" JOIN agreement a ON a.id = b.agreement"                              \
	" JOIN site ls ON ls.id = b.lead JOIN site ps ON ps.id = b.partner"    \
	" LEFT JOIN subject es ON es.id = b.expert"
#define SQL_BOOKING "SELECT " SQL_COLUMNS " FROM booking b" SQL_JOINS
/* The first condition is that of the index booking_request, word for word:
 * without it an engine reads every booking there is to find a request's. */
#define SQL_LIVE(now)                                                          \
	"b.status IN ('pending', 'booked', 'arrived', 'started', 'fulfilled')" \
	" AND (b.status <> 'pending' OR b.hold_until > " now ")"

/* To come: its session is not over and has not begun, so that it may yet be
 * moved or cancelled. What it claims may end later. */
#define SQL_TO_COME(now)                                                       \
	"b.to_time > " now " AND (b.status = 'booked' OR b.status = 'arrived'" \
	"  OR (b.status = 'pending' AND b.hold_until > " now "))"

/* Those of an expert, and some that are not: what is pending or booked has a
 * claim, the rest stands in the index booking_expert, whose condition this is,
 * word for word; and those where somebody else is the first. */
#define SQL_OF_EXPERT(expert)                                                  \
	"(SELECT c.booking FROM claim c WHERE c.subject = " expert             \
	" UNION SELECT o.id FROM booking o WHERE o.expert = " expert           \
	"  AND o.expert IS NOT NULL AND o.status NOT IN"                       \
	"   ('pending', 'booked')"                                             \
	" UNION SELECT co.booking FROM co_expert co WHERE co.expert = " expert \
	")"
/* Is it one of the experts of booking b? */
#define SQL_IS_EXPERT(expert)                                                  \
	"(b.expert = " expert " OR EXISTS (SELECT 1 FROM co_expert co"         \
	" WHERE co.booking = b.id AND co.expert = " expert "))"

/* What the booking is by now: a hold is dead the second it lapses. */
#define SQL_STATUS(now)                                                        \
	"(CASE WHEN b.status = 'pending' AND b.hold_until <= " now             \
	" THEN 'lapsed' ELSE b.status END)"

/* Reads SQL_COLUMNS, which stand first in the row. */
#define BOOKING_COLUMNS 30
void booking_from_row(struct query *q, struct arena *arena, struct booking *b);

#endif
