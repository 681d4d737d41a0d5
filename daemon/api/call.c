#include "daemon/api/call.h"

#include <stdio.h>
#include <string.h>

#include "daemon/stat/stat.h"
#include "proto/csv.h"

struct call *call_new(const struct api_config *config, struct net *net,
		      const struct route *route)
{
	struct call *c = mem_try(sizeof(*c));

	if (!c)
		return NULL;
	c->config = config;
	c->net = net;
	c->route = route;
	arena_init(&c->arena, route->flags & ROUTE_HEAVY || route->max_answer
				      ? CALL_ARENA_HEAVY
				      : CALL_ARENA_MAX);
	buf_init(&c->raw,
		 route->max_body ? route->max_body : HTTP_BODY_DEFAULT);
	buf_init(&c->cert_pem, HTTP_BODY_DEFAULT);
	http_reply_init(&c->reply, 500);
	return c;
}

void call_free(struct call *c)
{
	if (!c)
		return;
	http_reply_fini(&c->reply);
	buf_fini(&c->raw);
	buf_fini(&c->cert_pem);
	backup_call_free(c->backup);
	arena_fini(&c->arena);
	mem_wipe(c->secret, sizeof(c->secret));
	mem_free(c);
}

enum rc call_decode(struct call *c, const char *body, size_t len)
{
	const struct msg *msg = c->route->body;

	/* A message without fields may be left out altogether. */
	if (len == 0 && msg->fields[0].name == NULL)
		body = "{}", len = 2;
	c->in = arena_alloc(&c->arena, msg->size);
	if (!c->in)
		return err_set(&c->w.err, RC_NOMEM, "the message is too large");
	return proto_decode(msg, body, len, PROTO_STRICT, &c->arena, c->in,
			    &c->w.faults, &c->w.err);
}

const struct field *call_field(const struct msg *msg, const char *name)
{
	for (const struct field *f = msg->fields; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

/* A thing's version, for its ETag; -1 when the message has none. A network
 * has the version of its format alone. */
static int64_t version_of(const struct msg *msg, const void *out)
{
	const struct field *f = call_field(msg, "version");
	int64_t value;

	if (!f || msg == &msg_network_table)
		return -1;
	memcpy(&value, (const char *)out + f->offset, sizeof(value));
	return value == FIELD_NONE ? -1 : value;
}

static void add_location(struct call *c)
{
	const struct msg *msg = c->route->out;
	char shown[CODE_SHOWN_LEN + 1];
	const char *code;

	if (!(c->route->flags & ROUTE_CREATED) ||
	    msg->fields[0].type != FIELD_CODE)
		return;
	memcpy(&code, (const char *)c->out + msg->fields[0].offset,
	       sizeof(code));
	struct code value;

	if (!code || !code_read(code, strlen(code), &value))
		return;
	code_show(&value, shown);
	snprintf(c->reply.location, sizeof(c->reply.location), "%s/%s",
		 msg == &msg_booking_table  ? "/v1/bookings"
		 : msg == &msg_series_table ? "/v1/series"
					    : "/v1/requests",
		 shown);
}

/* Appends the query's parameters but the cursor. */
static void add_filters(const struct call *c, struct buf *out)
{
	const char *s = c->query ? c->query : "";

	while (*s) {
		size_t len = strcspn(s, "&");

		if (len && strncmp(s, "cursor=", 7) != 0) {
			buf_add(out, s, len);
			buf_chr(out, '&');
		}
		s += len + (s[len] == '&');
	}
}

/* RFC 8288: where the list goes on. A query that is too long to repeat has
 * the cursor in the message alone. */
static void add_link(struct call *c)
{
	const struct field *f = call_field(c->route->out, "next");
	const char *next = NULL;
	struct buf link;

	if (f)
		memcpy(&next, (const char *)c->out + f->offset, sizeof(next));
	if (!next)
		return;
	buf_init(&link, sizeof(c->reply.link) - 1);
	buf_printf(&link, "<%s?", c->route->path);
	add_filters(c, &link);
	buf_printf(&link, "cursor=%s>; rel=\"next\"", next);
	if (!link.failed)
		snprintf(c->reply.link, sizeof(c->reply.link), "%s",
			 buf_cstr(&link));
	buf_fini(&link);
}

static void encode_rows(const struct field *items, const void *in,
			struct buf *out)
{
	struct csv csv = {.out = out};
	struct field_list list;

	memcpy(&list, (const char *)in + items->offset, sizeof(list));
	csv_names(&csv, items->msg);
	csv_end(&csv);
	for (size_t i = 0; i < list.n; i++) {
		csv_values(&csv, items->msg,
			   (const char *)list.v + i * items->msg->size);
		csv_end(&csv);
	}
}

static void encode(struct call *c)
{
	const struct field *items =
		c->csv ? call_field(c->route->out, "items") : NULL;

	if (items) {
		c->reply.content_type = "text/csv; charset=utf-8";
		encode_rows(items, c->out, &c->reply.body);
	} else {
		c->reply.content_type = "application/json";
		proto_encode(c->route->out, c->out, &c->reply.body);
	}
}

static enum rc make_reply(struct call *c)
{
	int64_t version = version_of(c->route->out, c->out);

	http_reply_init(&c->reply, c->route->flags & ROUTE_CREATED ? 201 : 200);
	c->reply.no_store = c->route->flags & ROUTE_PAPERS || c->route->again;
	buf_init(&c->reply.body,
		 c->route->max_answer ? c->route->max_answer : CALL_ANSWER_MAX);
	encode(c);
	if (c->reply.body.failed)
		return err_set(&c->w.err, RC_NOMEM, "the answer is too large");
	if (c->route->flags & ROUTE_KEPT)
		kept_tag(&c->reply.body, c->reply.etag);
	if (version >= 0)
		snprintf(c->reply.etag, sizeof(c->reply.etag), "\"%lld\"",
			 (long long)version);
	add_location(c);
	add_link(c);
	return RC_OK;
}

/* What the answer is about, by its first field. */
static const char *first_field(const struct call *c)
{
	const char *id;

	memcpy(&id, (const char *)c->out + c->route->out->fields[0].offset,
	       sizeof(id));
	return id;
}

static enum rc run_anew(struct call *c, const char *again)
{
	const struct msg *out = c->route->out;
	enum rc rc;

	c->w.err = (struct err)ERR_INIT;
	c->out = out ? arena_alloc(&c->arena, out->size) : NULL;
	if (out && !c->out)
		return err_set(&c->w.err, RC_NOMEM, "the answer is too large");
	http_reply_fini(&c->reply);
	http_reply_init(&c->reply, 500);
	rc = again ? c->route->again(c, again) : c->route->run(c);
	return rc == RC_OK && out ? make_reply(c) : rc;
}

/* The answer that this key had before, if it had one. */
static enum rc replay(struct call *c, struct tx *tx, bool *out_new)
{
	struct idem_answer kept = {0};
	enum rc rc = idem_find(tx, &c->idem, &kept, &c->w.err);

	*out_new = rc == RC_NOT_FOUND;
	if (rc != RC_OK)
		return rc;
	if (c->route->again) {
		buf_fini(&kept.body);
		return run_anew(c, kept.location);
	}
	http_reply_fini(&c->reply);
	http_reply_init(&c->reply, kept.status);
	c->reply.content_type = "application/json";
	c->reply.body = kept.body;
	snprintf(c->reply.etag, sizeof(c->reply.etag), "%s", kept.etag);
	snprintf(c->reply.location, sizeof(c->reply.location), "%s",
		 kept.location);
	return RC_OK;
}

static enum rc keep(struct call *c, struct tx *tx)
{
	struct idem_answer answer = {.status = c->reply.status,
				     .body = c->reply.body};

	memcpy(answer.etag, c->reply.etag, sizeof(answer.etag));
	memcpy(answer.location, c->reply.location, sizeof(answer.location));
	if (c->route->again) {
		answer.body = (struct buf){0};
		snprintf(answer.location, sizeof(answer.location), "%s",
			 first_field(c));
	}
	return idem_keep(tx, &c->idem, &answer, &c->w.err);
}

/* A job may run again: what it took then is not needed any more. */
static void begin_run(struct call *c)
{
	if (c->ran)
		arena_back(&c->arena, c->before);
	c->ran = true;
	c->before = arena_mark(&c->arena);
}

enum rc call_run(struct call *c, struct tx *tx)
{
	bool keyed =
		c->has_key && tx->write && !c->route->after &&
		!(c->route->flags & (ROUTE_TRIAL | ROUTE_OPEN | ROUTE_PAPERS));
	bool is_new = true;
	enum rc rc = RC_OK;

	begin_run(c);
	c->w = (struct work){
		.tx = tx,
		.who = &c->who,
		.arena = &c->arena,
		.request_id = c->request_id,
		.match = c->match,
		.moves = c->moves,
		.sought = c->sought,
	};
	if (keyed)
		rc = replay(c, tx, &is_new);
	if (!is_new)
		return rc;
	rc = run_anew(c, NULL);
	if (rc == RC_OK && keyed)
		rc = keep(c, tx);
	return rc;
}

/* Each reason once, however many stand in the way for it. */
static void count_refusal(const struct field_list *blockers)
{
	const struct msg_blocker *v = blockers->v;
	uint64_t seen = 0;

	for (size_t i = 0; i < blockers->n; i++)
		seen |= UINT64_C(1) << v[i].reason;
	for (unsigned reason = 0; reason < BLOCK_COUNT; reason++)
		stat_add(STAT_REFUSALS, reason, 0, seen >> reason & 1);
}

_Static_assert(BLOCK_COUNT <= 64, "reasons are bits");

void call_fail(struct call *c, enum rc rc)
{
	/* The use case's words only when they are about this outcome: a lost
	 * batch has another. */
	const char *detail = c->w.err.rc == rc ? c->w.err.text : NULL;
	const struct problem problem = {
		.rc = rc,
		.detail = detail,
		.request_id = c->request_id,
		.faults = &c->w.faults,
		.blockers = c->w.blockers,
		.blockers_more = c->w.blockers_more,
		.nearest = c->nearest,
		.occurrences = c->w.occurrences,
	};

	count_refusal(&c->w.blockers);
	http_reply_fini(&c->reply);
	problem_reply(&problem, &c->reply);
	c->reply.www_authenticate = c->challenge;
}

/* Who showed what is good no more is cut off, when that is certain; their own
 * last answer goes before. */
static void cut_off(const struct call *c)
{
	const struct work_ended *ended = &c->w.ended;

	for (size_t i = 0; i < ended->n; i++)
		net_close_key(c->net, ended->keys + 32 * i);
}

void call_answer(struct call *c)
{
	net_answer(c->net, c->ticket, &c->reply);
	cut_off(c);
	call_free(c);
}

void call_refuse(struct call *c, enum rc rc)
{
	call_fail(c, rc);
	call_answer(c);
}
