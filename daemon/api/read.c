/* What a call takes from its request: header fields and the message. */
#include <string.h>
#include <strings.h>

#include "base/crypt.h"
#include "base/text.h"
#include "daemon/api/accept.h"
#include "daemon/api/call.h"

static bool key_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || strchr("-_.:", c);
}

static enum rc read_key(const struct http_request *req, struct call *c)
{
	struct http_str value;

	/* Of a GET nothing is kept: its answer may hold papers. */
	c->has_key = c->route->method == HTTP_POST &&
		     http_field_find(req, "Idempotency-Key", &value);
	if (!c->has_key)
		return c->route->flags & ROUTE_KEY
			       ? err_set(&c->w.err, RC_NO_KEY,
					 "send an Idempotency-Key, so that a"
					 " repeat does not make two")
			       : RC_OK;
	bool good = value.len >= 1 && value.len < sizeof(c->key);

	for (size_t i = 0; good && i < value.len; i++)
		good = value.p[i] && key_character(value.p[i]);
	if (!good)
		return err_set(&c->w.err, RC_MALFORMED,
			       "an Idempotency-Key has 1 to 64 of A-Z a-z 0-9"
			       " - _ . :");
	memcpy(c->key, value.p, value.len);
	c->idem = (struct idem_key){
		.identity = c->who.identity,
		.route = c->route->path,
		.key = c->key,
	};
	/* The path's parameters are part of what is asked. */
	const struct crypt_part parts[] = {
		{req->path.p, req->path.len},
		{"\n", 1},
		{req->body.p, req->body.len},
	};

	crypt_sha256(parts, 3, c->idem.body_hash);
	return RC_OK;
}

/* RFC 9110 section 13.1.1; our tags are versions: "12". */
static enum rc read_match(const struct http_request *req, struct call *c)
{
	struct http_str v;

	c->match = WORK_MATCH_ANY;
	if (!(c->route->flags & ROUTE_MATCH))
		return RC_OK;
	if (!http_field_find(req, "If-Match", &v))
		return err_set(&c->w.err, RC_NO_MATCH,
			       "send If-Match with the ETag that you have"
			       " seen");
	if (v.len == 1 && v.p[0] == '*')
		return RC_OK;
	if (v.len < 3 || v.p[0] != '"' || v.p[v.len - 1] != '"' ||
	    !text_int(v.p + 1, v.len - 2, 0, INT64_MAX, &c->match))
		c->match = 0; /* some tag, but none of ours: no version is 0 */
	return RC_OK;
}

static enum rc check_type(const struct http_request *req, struct call *c)
{
	static const char json[] = "application/json";
	struct http_str v;
	size_t n = sizeof(json) - 1;

	if (req->body.len == 0 && !c->route->body->fields[0].name)
		return RC_OK;
	if (http_field_find(req, "Content-Type", &v) && v.len >= n &&
	    !strncasecmp(v.p, json, n) &&
	    (v.len == n || v.p[n] == ';' || v.p[n] == ' '))
		return RC_OK;
	return err_set(&c->w.err, RC_MEDIA_TYPE,
		       "send the body as application/json");
}

static enum rc read_message(const struct http_request *req, struct call *c)
{
	if (c->route->query) {
		c->query =
			arena_strndup(&c->arena, req->query.p, req->query.len);
		c->in = arena_alloc(&c->arena, c->route->query->size);
		if (!c->in || !c->query)
			return RC_NOMEM;
		return proto_decode_query(c->route->query, req->query.p,
					  req->query.len, &c->arena, c->in,
					  &c->w.faults, &c->w.err);
	}
	if (req->query.len)
		return err_set(&c->w.err, RC_MALFORMED,
			       "this resource takes no query");
	if (!c->route->body)
		return RC_OK;
	enum rc rc = check_type(req, c);

	if (rc != RC_OK)
		return rc;
	if (!(c->route->flags & ROUTE_HEAVY))
		return call_decode(c, req->body.p, req->body.len);
	buf_add(&c->raw, req->body.p, req->body.len);
	return c->raw.failed ? RC_NOMEM : RC_OK;
}

/* What the query says counts before what the field says. */
static bool wants_csv(const struct call *c)
{
	const struct field *f = call_field(c->route->query, "format");
	const char *format;

	if (!f)
		return false;
	memcpy(&format, (const char *)c->in + f->offset, sizeof(format));
	if (format)
		return !strcmp(format, "csv");
	return c->accept &&
	       accept_weigh(c->accept, "text/csv", "") >
		       accept_weigh(c->accept, "application/json", "");
}

enum rc call_read(struct call *c, const struct http_request *req)
{
	struct http_str v;
	enum rc rc = read_key(req, c);

	if (rc == RC_OK)
		rc = read_match(req, c);
	if (rc == RC_OK)
		rc = read_message(req, c);
	if (rc == RC_OK && (!c->route->out || c->route->flags & ROUTE_ROWS) &&
	    http_field_find(req, "Accept", &v))
		c->accept = arena_strndup(&c->arena, v.p, v.len);
	if (rc == RC_OK && c->route->flags & ROUTE_ROWS)
		c->csv = wants_csv(c);
	return rc;
}
