/* ask - see ask.h. */
#include "client/ask.h"

#include <string.h>

#include "client/query.h"

#define QUERY_MAX 7168
#define BODY_MAX (64 * 1024)
#define HASTY_S 2

/* The result for a status, when the answer holds no problem we know. */
static enum rc rc_of_status(long status)
{
	for (int i = 1; i < RC_COUNT; i++)
		if (rc_row((enum rc)i)->http == status)
			return (enum rc)i;
	return status >= 400 && status < 500 ? RC_INVALID : RC_INTERNAL;
}

static enum rc rc_of_problem(const struct msg_problem *p, long status)
{
	enum rc rc = p->code ? rc_from_code(p->code) : RC_INTERNAL;

	if (rc == RC_OK || rc == RC_INTERNAL)
		rc = rc_of_status(status);
	return rc;
}

enum rc ask_refused(struct client *c, struct err *err)
{
	const struct wire_answer *a = &c->answer;
	struct msg_problem *p = client_alloc(c, sizeof(*p));
	struct field_faults *faults = client_alloc(c, sizeof(*faults));
	enum rc rc;

	if (proto_decode(&msg_problem_table, buf_cstr(&a->body), a->body.len,
			 PROTO_LENIENT, &c->arena, p, faults, NULL) != RC_OK) {
		rc = rc_of_status(a->status);
		return err_set(err, rc, "%s answered %ld without saying why",
			       c->wire_conf.server, a->status);
	}
	rc = rc_of_problem(p, a->status);
	c->problem = p;
	return err_set(err, rc, "%s",
		       p->detail ? p->detail
				 : (p->title ? p->title : rc_row(rc)->title));
}

static enum rc understand(struct client *c, const struct ask *ask,
			  struct err *err)
{
	const struct buf *body = &c->answer.body;
	struct field_faults *faults = client_alloc(c, sizeof(*faults));
	enum rc rc;

	if (c->answer.status < 200 || c->answer.status > 299)
		return ask_refused(c, err);
	if (!ask->answer)
		return RC_OK;
	rc = proto_decode(ask->answer, buf_cstr(body), body->len, PROTO_LENIENT,
			  &c->arena, ask->out, faults, NULL);
	if (rc == RC_OK)
		return RC_OK;
	return err_set(err, RC_INTERNAL,
		       "what %s answered cannot be understood%s%s; is this "
		       "tool older than the server?",
		       c->wire_conf.server, faults->n > 0 ? ": at " : "",
		       faults->n > 0 ? faults->v[0].pointer : "");
}

static enum rc send_request(struct client *c, struct wire_request *req,
			    const struct ask *ask, struct err *err)
{
	struct buf path;
	enum rc rc = client_connect(c, err);

	if (rc != RC_OK)
		return rc;
	if (c->hasty) {
		req->once = true;
		req->timeout_s = HASTY_S;
	}
	buf_init(&path, QUERY_MAX);
	buf_str(&path, ask->path);
	if (ask->query)
		query_encode(ask->query, ask->query_in, &path);
	req->path = buf_cstr(&path);
	if (path.failed)
		rc = err_set(err, RC_USAGE, "the command is too long");
	else
		rc = wire_send(c->wire, req, &c->answer, err);
	buf_fini(&path);
	return rc == RC_OK ? understand(c, ask, err) : rc;
}

enum rc ask_get(struct client *c, const struct ask *ask, struct err *err)
{
	struct wire_request req = {0};

	c->problem = NULL;
	return send_request(c, &req, ask, err);
}

enum rc ask_post(struct client *c, const struct ask *ask,
		 const struct ask_body *body, struct err *err)
{
	struct wire_request req = {.key = body->no_key ? NULL : c->key,
				   .if_match = body->if_match,
				   .body = body->raw,
				   .body_len = body->raw_len,
				   .timeout_s = body->timeout_s,
				   .take = body->take,
				   .take_ctx = body->take_ctx,
				   .once = body->once};
	struct buf json;
	enum rc rc;

	c->problem = NULL;
	buf_init(&json, BODY_MAX);
	if (body->msg) {
		proto_encode(body->msg, body->in, &json);
		req.body = buf_cstr(&json);
		req.body_len = json.len;
	}
	if (json.failed)
		rc = err_set(err, RC_TOO_LARGE, "that is too long to send");
	else
		rc = send_request(c, &req, ask, err);
	buf_fini(&json);
	return rc;
}

enum rc ask_change(struct client *c, const char *verb, const struct ask *ask,
		   const struct ask_body *body, struct err *err)
{
	struct ask change = *ask;
	struct ask_body any = *body;

	change.path = client_printf(c, "%s/%s", ask->path, verb);
	any.if_match = "*";
	return ask_post(c, &change, &any, err);
}
