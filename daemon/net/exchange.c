#include "daemon/net/exchange.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "base/text.h"

#define SPARE_MAX 64u

void conn_env_init(struct conn_env *env)
{
	const struct net_config *config = env->config;

	env->limits = (struct reader_limits){
		.max_head = config->max_head,
		.max_target = config->max_target,
		.max_fields = config->max_fields,
		.hosts = config->hosts,
		.nhosts = config->nhosts,
	};
	env->date_at = INT64_MIN;
	env->random_left = 0;
	env->spare = NULL;
	env->nspare = 0;
}

void conn_env_fini(struct conn_env *env)
{
	while (env->spare) {
		struct http_exchange *x = env->spare;

		env->spare = x->next;
		mem_free(x);
	}
	env->nspare = 0;
}

const char *exchange_date(struct conn_env *env)
{
	int64_t now = clock_now(env->clock);

	if (now != env->date_at)
		writer_date(now, env->date);
	env->date_at = now;
	return env->date;
}

/* Random bytes are drawn many at a time: a system call each is dear. */
static void make_id(struct conn_env *env, char *out)
{
	size_t n = HTTP_REQUEST_ID_LEN / 2;

	if (env->random_left < n) {
		rnd_fill(env->rnd, env->random, sizeof(env->random));
		env->random_left = sizeof(env->random);
	}
	env->random_left -= n;
	text_hex(env->random + env->random_left, n, out);
}

/* Head and fields lie behind the struct, in one piece. */
static struct http_exchange *exchange_alloc(const struct conn_env *env)
{
	size_t fields = env->limits.max_fields * sizeof(struct http_field);
	struct http_exchange *x =
		mem_try(sizeof(*x) + fields + env->limits.max_head);

	if (!x)
		return NULL;
	x->fields = (struct http_field *)(x + 1);
	x->head = (char *)(x->fields + env->limits.max_fields);
	return x;
}

bool exchange_begin(struct conn *c)
{
	struct conn_env *env = c->env;
	struct http_exchange *x = env->spare;

	if (x) {
		env->spare = x->next;
		env->nspare--;
	} else {
		x = exchange_alloc(env);
	}
	if (!x)
		return false;
	*x = (struct http_exchange){
		.req = {.method = HTTP_METHOD_COUNT,
			.path = {"", 0},
			.query = {"", 0},
			.body = {"", 0},
			.peer = &c->peer},
		.conn = c,
		.at = env->now_ms,
		.fields = x->fields,
		.head = x->head,
	};
	reader_init(&x->reader, &env->limits, x->head, x->fields);
	make_id(env, x->req.id);
	c->x = x;
	return true;
}

void exchange_read(struct http_exchange *x)
{
	x->req.method = x->reader.method;
	x->req.path = x->reader.target.path;
	x->req.query = x->reader.target.query;
	x->req.fields = x->fields;
	x->req.nfields = x->reader.nfields;
}

void exchange_end(struct conn *c)
{
	struct conn_env *env = c->env;
	struct http_exchange *x = c->x;

	if (x->status)
		env->app->done(env->app->ctx, env->state, &x->req, x->status,
			       x->bytes, env->now_ms - x->at);
	if (x->stream.next)
		atomic_fetch_sub_explicit(&env->stats->streams, 1,
					  memory_order_relaxed);
	if (x->stream.free)
		x->stream.free(x->stream.ctx);
	buf_fini(&x->body);
	mem_wipe(x->head, x->reader.head_len);
	c->x = NULL;
	c->generation = 0;
	if (env->nspare >= SPARE_MAX) {
		mem_free(x);
		return;
	}
	x->next = env->spare;
	env->spare = x;
	env->nspare++;
}

const struct http_request *http_exchange_request(struct http_exchange *x)
{
	return &x->req;
}

void http_exchange_patience(struct http_exchange *x, unsigned ms)
{
	x->conn->phase_deadline = x->conn->phase_at + ms;
}

struct http_ticket http_exchange_ticket(const struct http_exchange *x)
{
	return (struct http_ticket){
		.worker = x->conn->env->worker,
		.slot = x->conn->slot,
		.generation = x->conn->generation,
	};
}
