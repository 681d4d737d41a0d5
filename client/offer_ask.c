/* What the server knows, for completion (offer.h). */
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/offer.h"
#include "client/page.h"
#include "proto/messages_directory.h"
#include "proto/messages_people.h"

#define ASK_MAX 200
#define BACK_DAYS 60 /* what is older is not looked for by its code */

static bool get(struct client *c, const struct ask *ask)
{
	return ask_get(c, ask, NULL) == RC_OK;
}

/* --- codes --- */

#define R(s) (1u << REQUEST_##s)
#define B(s) (1u << BOOKING_##s)
#define ANY ((unsigned)-1)
#define UNBOOKED                                                               \
	(R(SUBMITTED) | R(SUPPLEMENT_NEEDED) | R(ACCEPTED) | R(WAITLISTED))

/* In which states a thing has to be for a command to take its code. */
struct wanted {
	const struct command *command;
	unsigned requests, bookings;
};
static const struct wanted wanted[] = {
	{&cmd_accept, R(SUBMITTED), 0},
	{&cmd_assign, R(ACCEPTED), 0},
	{&cmd_decline, UNBOOKED, 0},
	{&cmd_withdraw, UNBOOKED, 0},
	{&cmd_opinion, R(ACCEPTED) | R(STARTED) | R(COMPLETED) | R(CLOSED), 0},
	{&cmd_receive, R(COMPLETED) | R(CLOSED), 0},
	{&cmd_slots, UNBOOKED, 0},
	{&cmd_book, R(ACCEPTED), B(PENDING)},
	{&cmd_hold, R(ACCEPTED), 0},
	{&cmd_release, 0, B(PENDING)},
	{&cmd_move, 0, B(BOOKED)},
	{&cmd_cancel, 0, B(BOOKED) | B(ARRIVED)},
};

static struct wanted wanted_by(const struct command *command)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i].command == command)
			return wanted[i];
	return (struct wanted){command, ANY, ANY};
}

static struct msg_list_query list_query(const struct client *c)
{
	struct msg_list_query q;

	proto_clear(&msg_list_query_table, &q);
	q.limit = ASK_MAX;
	q.from = c->when.now - (int64_t)BACK_DAYS * CIVIL_DAY;
	return q;
}

/* The one state of the set, for the server; NULL when there are several. */
static const char *only(const struct words *words, unsigned set)
{
	for (int i = 0; i < words->count; i++)
		if (set == 1u << i)
			return words_name(words, i);
	return NULL;
}

static void offer_requests(const struct offer *offer, unsigned set)
{
	struct client *c = offer->c;
	struct msg_list_query q = list_query(c);
	struct msg_request_list list = {0};
	const struct msg_request *v;

	q.status = only(&words_request_status, set);
	if (!set || !get(c, &(struct ask){.path = "/v1/requests",
					  .query = &msg_list_query_table,
					  .query_in = &q,
					  .answer = &msg_request_list_table,
					  .out = &list}))
		return;
	v = list.items.v;
	for (size_t i = 0; i < list.items.n; i++)
		if (v[i].status >= 0 && (set >> v[i].status & 1))
			offer_word(offer, page_code(c, v[i].code),
				   client_printf(
					   c, "%s %s, %s",
					   words_name(&words_request_status,
						      v[i].status),
					   words_name(&words_kind, v[i].kind),
					   v[i].partner ? v[i].partner : "?"));
}

static void offer_bookings(const struct offer *offer, unsigned set)
{
	struct client *c = offer->c;
	struct msg_list_query q = list_query(c);
	struct msg_booking_list list = {0};
	const struct msg_booking *v;

	q.status = only(&words_booking_status, set);
	if (!set || !get(c, &(struct ask){.path = "/v1/bookings",
					  .query = &msg_list_query_table,
					  .query_in = &q,
					  .answer = &msg_booking_list_table,
					  .out = &list}))
		return;
	v = list.items.v;
	for (size_t i = 0; i < list.items.n; i++)
		if (v[i].status >= 0 && (set >> v[i].status & 1))
			offer_word(offer, page_code(c, v[i].code),
				   client_printf(
					   c, "%s %s, %s with %s",
					   words_name(&words_booking_status,
						      v[i].status),
					   words_name(&words_kind, v[i].kind),
					   v[i].partner ? v[i].partner : "?",
					   v[i].expert ? v[i].expert : "?"));
}

/* Codes are read in any case, and shown in capitals. */
static const char *capitals(struct client *c, const char *s)
{
	size_t len = strlen(s);
	char *up = client_alloc(c, len + 1);

	for (size_t i = 0; i < len; i++)
		up[i] = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 'a' + 'A')
						   : s[i];
	return up;
}

void offer_codes(const struct offer *offer)
{
	struct wanted w = wanted_by(offer->c->command);
	struct offer codes = *offer;

	codes.typed = capitals(offer->c, offer->typed);
	offer_requests(&codes, w.requests);
	offer_bookings(&codes, w.bookings);
}

/* --- people --- */

static struct msg_people_query people_query(const struct words *words,
					    int status)
{
	struct msg_people_query q;

	proto_clear(&msg_people_query_table, &q);
	q.status = words_name(words, status);
	q.limit = ASK_MAX;
	return q;
}

void offer_users(const struct offer *offer)
{
	struct msg_people_query q = people_query(&words_user_status, USER_LIVE);
	struct msg_user_list list = {0};
	const struct msg_user *v;

	if (!get(offer->c, &(struct ask){.path = "/v1/users",
					 .query = &msg_people_query_table,
					 .query_in = &q,
					 .answer = &msg_user_list_table,
					 .out = &list}))
		return;
	v = list.users.v;
	for (size_t i = 0; i < list.users.n; i++)
		offer_word(offer, v[i].id, v[i].name);
}

void offer_ids(const struct offer *offer)
{
	struct msg_people_query q =
		people_query(&words_invitation_status, INVITATION_OPEN);
	struct msg_invitation_list list = {0};
	const struct msg_invitation *v;

	offer_users(offer);
	if (!get(offer->c, &(struct ask){.path = "/v1/invitations",
					 .query = &msg_people_query_table,
					 .query_in = &q,
					 .answer = &msg_invitation_list_table,
					 .out = &list}))
		return;
	v = list.invitations.v;
	for (size_t i = 0; i < list.invitations.n; i++)
		offer_word(offer, v[i].id, v[i].name);
}

/* --- the network --- */

static bool could_begin_id(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-/") == strlen(s);
}

static void offer_listed(const struct offer *offer, const char *path)
{
	struct msg_directory_query q;
	struct msg_directory list = {0};
	const struct msg_listed *v;

	proto_clear(&msg_directory_query_table, &q);
	q.limit = ASK_MAX;
	q.prefix = *offer->typed ? offer->typed : NULL;
	if (!could_begin_id(offer->typed) ||
	    !get(offer->c, &(struct ask){.path = path,
					 .query = &msg_directory_query_table,
					 .query_in = &q,
					 .answer = &msg_directory_table,
					 .out = &list}))
		return;
	v = list.items.v;
	for (size_t i = 0; i < list.items.n; i++)
		offer_word(offer, v[i].id, v[i].name);
}

void offer_experts(const struct offer *offer)
{
	offer_listed(offer, "/v1/experts");
}

void offer_sites(const struct offer *offer)
{
	offer_listed(offer, "/v1/sites");
}

void offer_resources(const struct offer *offer)
{
	offer_listed(offer, "/v1/resources");
}
