#include "daemon/api/api.h"

#include <string.h>

#include "base/log.h"
#include "daemon/api/access.h"
#include "daemon/api/auth.h"
#include "daemon/api/call.h"
#include "daemon/api/health.h"
#include "daemon/api/kept.h"
#include "daemon/api/stream.h"

struct api {
	struct api_config config;
	struct http_app app;
	struct net *net;
	struct api_public public;
	struct streams *streams;
	struct health health;
};

/* What a worker has for itself. */
struct api_worker {
	struct reader *reader;
	struct known *known;
	struct kept *kept;
	/* The request that was met last, and what it matched: the same one is
	 * asked for as it is admitted, handled and done. */
	char id[HTTP_REQUEST_ID_LEN + 1];
	struct route_match match;
};

static const struct route_match *match_of(struct api_worker *worker,
					  const struct http_request *req)
{
	if (memcmp(worker->id, req->id, sizeof(worker->id)) != 0) {
		route_find(req->method, req->path, &worker->match);
		memcpy(worker->id, req->id, sizeof(worker->id));
	}
	return &worker->match;
}

/* --- a worker's part: everything until a job is made --- */

static void answer_problem(enum rc rc, const char *detail, const char *id,
			   struct http_reply *reply)
{
	problem_reply(
		&(struct problem){.rc = rc, .detail = detail, .request_id = id},
		reply);
}

/* 404, 405 and nothing else: what the head alone can say. */
static bool refuse_route(const struct http_request *req,
			 const struct route_match *match,
			 struct http_reply *reply)
{
	if (match->route)
		return false;
	answer_problem(match->allow ? RC_METHOD : RC_NOT_FOUND, NULL, req->id,
		       reply);
	reply->allow = match->allow;
	return true;
}

/* Nobody may make us take a large body but who may use it. */
static enum rc admit_large(const struct http_request *req,
			   struct api_worker *worker, const struct route *route,
			   const char **out_challenge, struct err *err)
{
	struct principal who;
	struct arena arena;
	struct tx tx;
	enum rc rc = reader_begin(worker->reader, &tx, err);

	if (rc != RC_OK)
		return rc;
	arena_init(&arena, HTTP_BODY_DEFAULT);
	rc = auth_principal(req, &(struct auth_source){.tx = &tx}, route,
			    &arena, &who, out_challenge, err);
	arena_fini(&arena);
	reader_end(worker->reader);
	return rc;
}

/* A body that is on its way is read, so that its framing is judged and the
 * peer hears the refusal; one that waits for our word is not asked for. */
static bool admit_for_refusal(const struct http_request *req,
			      const struct route_match *match,
			      size_t *out_max_body, struct http_reply *reply)
{
	struct http_str expect;

	*out_max_body = HTTP_BODY_DEFAULT;
	return !http_field_find(req, "Expect", &expect) ||
	       !refuse_route(req, match, reply);
}

static bool api_admit(void *ctx, void *state, const struct http_request *req,
		      size_t *out_max_body, struct http_reply *reply)
{
	const struct route_match *match = match_of(state, req);
	const char *challenge = NULL;
	struct err err = ERR_INIT;

	(void)ctx;
	if (!match->route)
		return admit_for_refusal(req, match, out_max_body, reply);
	*out_max_body = match->route->method == HTTP_GET ? 0
			: match->route->max_body ? match->route->max_body
						 : HTTP_BODY_DEFAULT;
	if (!match->route->max_body)
		return true;
	enum rc rc = admit_large(req, state, match->route, &challenge, &err);

	if (rc == RC_OK)
		return true;
	answer_problem(rc, err.text, req->id, reply);
	reply->www_authenticate = challenge;
	return false;
}

/* --- the stages of a job --- */

static enum rc nearest_run(struct job *job, struct tx *tx)
{
	struct call *c = (struct call *)job;
	struct err refusal = c->w.err;

	c->w.tx = tx;
	enum rc rc = work_nearest(&c->w, &c->nearest);

	c->w.err = refusal;
	return rc;
}

/* Without them the refusal still has all its reasons. */
static void nearest_done(struct job *job, enum rc outcome)
{
	struct call *c = (struct call *)job;

	if (outcome != RC_OK)
		c->nearest = (struct field_list){0};
	call_refuse(c, RC_REFUSED);
}

static void call_done(struct job *job, enum rc outcome)
{
	struct call *c = (struct call *)job;

	if (outcome == RC_OK && c->route->after) {
		c->route->after(c);
		return;
	}
	if (outcome == RC_OK) {
		call_answer(c);
		return;
	}
	if (outcome != RC_UNKNOWN)
		c->w.ended = (struct work_ended){.n = 0};
	if (outcome != RC_REFUSED || !c->w.wish.agreement) {
		call_refuse(c, outcome);
		return;
	}
	c->job = (struct job){nearest_run, nearest_done};
	if (!executor_report(c->config->executor, &c->job))
		call_refuse(c, RC_BUSY);
}

/* Whoever was revoked while it waited has nothing done for them any more. */
static enum rc job_run(struct job *job, struct tx *tx)
{
	struct call *c = (struct call *)job;
	enum rc rc =
		auth_again(&c->who, tx, &c->arena, &c->challenge, &c->w.err);

	return rc == RC_OK ? call_run(c, tx) : rc;
}

static void set_job(struct call *c)
{
	c->job = (struct job){.run = job_run,
			      .done = call_done,
			      .undo = c->route->flags & ROUTE_TRIAL};
}

static enum rc decode_run(struct job *job, struct tx *tx)
{
	struct call *c = (struct call *)job;
	enum rc rc = call_decode(c, c->raw.data, c->raw.len);

	c->w.tx = tx;
	c->w.arena = &c->arena;
	if (!c->route->prepare || (rc != RC_OK && rc != RC_INVALID))
		return rc;
	enum rc prepared = c->route->prepare(c);

	return prepared == RC_OK ? rc : prepared;
}

static void decode_done(struct job *job, enum rc outcome)
{
	struct call *c = (struct call *)job;

	if (outcome != RC_OK) {
		call_refuse(c, outcome);
		return;
	}
	buf_fini(&c->raw);
	set_job(c);
	if (!executor_write(c->config->executor, &c->job))
		call_refuse(c, RC_BUSY);
}

static bool submit(struct call *c)
{
	struct executor *ex = c->config->executor;

	if (c->route->flags & ROUTE_HEAVY) {
		c->job = (struct job){decode_run, decode_done};
		return executor_report(ex, &c->job);
	}
	set_job(c);
	if (!(c->route->flags & ROUTE_WRITE))
		return executor_report(ex, &c->job);
	c->job.urgent = c->urgent;
	return (c->urgent || !executor_is_late(ex)) &&
	       executor_write(ex, &c->job);
}

/* --- one exchange --- */

/* Does a call that is read belong to another thread? */
static bool is_for_later(const struct call *c)
{
	return c->route->flags & (ROUTE_WRITE | ROUTE_REPORT) ||
	       (c->route->is_wide && c->route->is_wide(c));
}

/* Everything that needs no writer; on RC_OK either the reply is made (a read)
 * or the call is ready for its thread. */
static enum rc prepare(struct call *c, const struct http_request *req,
		       struct tx *tx, bool *out_later)
{
	c->w.tx = tx;
	c->w.who = &c->who;
	c->w.arena = &c->arena;
	enum rc rc = call_read(c, req);
	if (rc == RC_OK && c->route->prepare &&
	    !(c->route->flags & ROUTE_HEAVY))
		rc = c->route->prepare(c);
	if (rc == RC_OK && c->route->is_urgent)
		c->urgent = c->route->is_urgent(c);
	*out_later = rc == RC_OK && is_for_later(c);
	return rc == RC_OK && !*out_later ? call_run(c, tx) : rc;
}

/* Never work on over a failing disk or a damaged database. */
static void tell_failure(struct api *api, const struct reader *reader)
{
	enum rc failed = reader_failed(reader);

	if (failed != RC_OK)
		executor_fail(api->config.executor, failed);
}

/* Who it is for the call, which may outlive what the worker knows. */
static enum rc recall(struct call *c, const struct principal *who)
{
	if (principal_copy(who, &c->arena, &c->who))
		return RC_OK;
	return err_set(&c->w.err, RC_NOMEM, "no memory for who asks");
}

static struct kept_key key_of(const struct principal *who,
			      const struct http_request *req)
{
	return (struct kept_key){principal_view(who), req->path, req->query};
}

/* Who has it is told so, and not what it is. */
static void shorten(struct http_reply *reply, const struct http_request *req)
{
	struct http_str field;

	if (!http_field_find(req, "If-None-Match", &field) ||
	    !kept_matches(field, reply->etag))
		return;
	reply->status = 304;
	reply->content_type = NULL;
}

static void keep(struct call *c, const struct http_request *req,
		 struct api_worker *worker, const struct kept_before *before)
{
	const struct kept_key key = key_of(&c->who, req);

	kept_put(worker->kept, &key, before, &c->w.basis, &c->reply.body,
		 c->reply.etag);
	shorten(&c->reply, req);
}

/* What is answered from the database, or leads to the writer. A transaction in
 * which nothing is read takes no snapshot. */
static enum rc work_on(struct call *c, const struct http_request *req,
		       struct api_worker *worker, bool *out_later)
{
	const struct kept_before before = kept_before(worker->kept);
	const struct principal *who = auth_recall(req, worker->known, c->route,
						  clock_now(c->config->clock));
	struct tx tx;
	enum rc rc;

	rc = reader_begin(worker->reader, &tx, &c->w.err);
	if (rc != RC_OK)
		return rc;
	if (who)
		rc = recall(c, who);
	else
		rc = auth_principal(
			req,
			&(struct auth_source){&tx, worker->known, before.all},
			c->route, &c->arena, &c->who, &c->challenge, &c->w.err);
	if (rc == RC_OK)
		rc = prepare(c, req, &tx, out_later);
	reader_end(worker->reader);
	if (rc == RC_OK && !*out_later && c->route->flags & ROUTE_KEPT)
		keep(c, req, worker, &before);
	return rc;
}

static void handle_call(struct api *api, struct api_worker *worker,
			struct http_exchange *x, const struct route_match *m)
{
	const struct http_request *req = http_exchange_request(x);
	struct call *c = call_new(&api->config, api->net, m->route);
	struct http_reply reply;
	bool later = false;

	if (!c) {
		answer_problem(RC_NOMEM, NULL, req->id, &reply);
		http_answer(x, &reply);
		return;
	}
	memcpy(c->request_id, req->id, sizeof(c->request_id));
	memcpy(c->param, m->param, sizeof(c->param));
	c->ticket = http_exchange_ticket(x);
	c->public = &api->public;
	c->health = &api->health;
	if (m->route->patience_ms)
		http_exchange_patience(x, m->route->patience_ms);
	enum rc rc = work_on(c, req, worker, &later);

	tell_failure(api, worker->reader);
	if (later && submit(c))
		return; /* the call belongs to its thread now */
	if (later)
		rc = RC_BUSY;
	if (rc != RC_OK)
		call_fail(c, rc);
	http_answer(x, &c->reply);
	call_free(c);
}

/* What this worker has answered before, if it still is so. */
static bool answer_kept(const struct api *api, struct api_worker *worker,
			struct http_exchange *x, const struct route *route)
{
	const struct http_request *req = http_exchange_request(x);
	int64_t now = clock_now(api->config.clock);
	const struct principal *who =
		auth_recall(req, worker->known, route, now);
	const struct kept_answer *answer = NULL;
	struct http_reply reply;

	if (who) {
		const struct kept_key key = key_of(who, req);

		answer = kept_find(worker->kept, &key, now);
	}
	if (!answer)
		return false;
	http_reply_init(&reply, 200);
	reply.content_type = "application/json";
	reply.lent = answer->body;
	memcpy(reply.etag, answer->tag, sizeof(answer->tag));
	shorten(&reply, req);
	http_answer(x, &reply);
	return true;
}

static void handle_public(struct api *api, struct reader *reader,
			  struct http_exchange *x, const struct route *route)
{
	const struct http_request *req = http_exchange_request(x);
	struct http_reply reply;

	if (!strcmp(route->path, "/healthz"))
		health_reply_alive(&reply);
	else
		health_reply_ready(&api->health, reader, req->id, &reply);
	tell_failure(api, reader);
	http_answer(x, &reply);
}

static void api_handle(void *ctx, void *state, struct http_exchange *x)
{
	struct api *api = ctx;
	const struct http_request *req = http_exchange_request(x);
	struct api_worker *worker = state;
	const struct route_match *match = match_of(worker, req);
	struct http_reply reply;

	if (refuse_route(req, match, &reply))
		http_answer(x, &reply);
	else if (match->route->flags & ROUTE_STREAM)
		streams_answer(api->streams, worker->reader, x, match->route);
	else if (!match->route->run)
		handle_public(api, worker->reader, x, match->route);
	else if (!(match->route->flags & ROUTE_KEPT) ||
		 !answer_kept(api, worker, x, match->route))
		handle_call(api, worker, x, match);
}

static void api_done(void *ctx, void *state, const struct http_request *req,
		     int status, uint64_t bytes, int64_t elapsed_ms)
{
	(void)ctx;
	access_note(match_of(state, req)->route, req, status, bytes,
		    elapsed_ms);
}

/* --- what net asks of an app --- */

static void *api_worker_start(void *ctx, unsigned worker)
{
	struct api *api = ctx;
	const struct stamps *stamps = api->config.store->stamps;
	struct api_worker *made;
	struct reader *reader;
	struct err err = ERR_INIT;

	if (reader_new(api->config.store, &reader, &err) != RC_OK) {
		log_event(LOG_LVL_ERR, "worker-failed", LOG_N("worker", worker),
			  LOG_S("why", err.text),
			  LOG_DO("see why: memory, open files, the database's "
				 "file"));
		return NULL;
	}
	made = mem_alloc(sizeof(*made));
	made->reader = reader;
	made->known = known_new(stamps);
	made->kept = kept_new(stamps, api->config.kept_max);
	return made;
}

static void api_worker_stop(void *ctx, void *state)
{
	struct api_worker *worker = state;

	(void)ctx;
	kept_free(worker->kept);
	known_free(worker->known);
	reader_free(worker->reader);
	mem_free(worker);
}

static void api_problem(void *ctx, enum rc rc, const char *detail,
			const char *request_id, struct http_reply *reply)
{
	(void)ctx;
	answer_problem(rc, detail, request_id, reply);
}

enum rc api_new(const struct api_config *config, struct api **out,
		struct err *err)
{
	struct api *api = mem_try(sizeof(*api));

	if (!api)
		return err_set(err, RC_NOMEM, "no memory for the api");
	api->config = *config;
	health_init(&api->health, &api->config);
	access_init();
	api->streams = streams_new(&api->config);
	api->app = (struct http_app){
		.ctx = api,
		.worker_start = api_worker_start,
		.worker_stop = api_worker_stop,
		.admit = api_admit,
		.handle = api_handle,
		.problem = api_problem,
		.done = api_done,
	};
	*out = api;
	return RC_OK;
}

const struct http_app *api_app(struct api *api)
{
	return &api->app;
}

void api_set_net(struct api *api, struct net *net,
		 const struct api_public *public)
{
	api->net = net;
	api->public = *public;
}

void api_set_draining(struct api *api, bool draining)
{
	atomic_store(&api->health.draining, draining);
}

void api_main_turned(struct api *api)
{
	atomic_store(&api->health.main_ms, clock_mono_ms(api->config.clock));
}

void api_free(struct api *api)
{
	if (!api)
		return;
	streams_free(api->streams);
	mem_free(api);
}
