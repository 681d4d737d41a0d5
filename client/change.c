#include "client/change.h"

#include "client/ask.h"
#include "client/page.h"
#include "client/viewer.h"

void change_show_request(struct client *c, const struct msg_request *request)
{
	if (c->json)
		page_json(c);
	else
		page_request_line(c, request);
}

void change_show_booking(struct client *c, const struct msg_booking *booking)
{
	if (c->json)
		page_json(c);
	else
		page_booking_line(c, booking);
	/* Whoever called it off sees at once that it goes on. */
	if (!c->json && booking->kind == KIND_EMERGENCY_CONSULTATION &&
	    (booking->status == BOOKING_CANCELLED ||
	     booking->status == BOOKING_NOSHOW))
		buf_printf(&c->out,
			   "%s is called again; if nobody is needed any more,"
			   " withdraw it\n",
			   page_code(c, booking->request));
}

enum rc change_request(struct client *c, const char *verb,
		       const struct msg *msg, const void *in, struct err *err)
{
	struct msg_request changed = {0};
	struct ask ask = {.answer = &msg_request_table, .out = &changed};
	struct ask_body body = {.msg = msg, .in = in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/requests/%s", code);
	rc = ask_change(c, verb, &ask, &body, err);
	if (rc == RC_OK)
		change_show_request(c, &changed);
	return rc;
}

enum rc change_booking(struct client *c, const char *verb,
		       const struct msg *msg, const void *in, struct err *err)
{
	struct msg_booking changed = {0};
	struct ask ask = {.answer = &msg_booking_table, .out = &changed};
	struct ask_body body = {.msg = msg, .in = in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/bookings/%s", code);
	rc = ask_change(c, verb, &ask, &body, err);
	if (rc == RC_OK)
		change_show_booking(c, &changed);
	return rc;
}
