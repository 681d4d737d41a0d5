#include "tests/support/netdemo.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pki.h"
#include "base/text.h"

#define PEM_MAX 65536

static void must(enum rc rc)
{
	if (rc != RC_OK)
		abort();
}

void netdemo_keys_make(struct netdemo_keys *keys, int64_t now)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1"};
	struct buf csr;
	uint8_t id[PKI_ID_LEN];
	int64_t not_after;

	buf_init(&keys->ca_key, PEM_MAX);
	buf_init(&keys->ca, PEM_MAX);
	buf_init(&keys->key, PEM_MAX);
	buf_init(&keys->cert, PEM_MAX);
	buf_init(&csr, PEM_MAX);
	must(pki_key_new(&keys->ca_key, NULL));
	must(pki_ca_new(buf_cstr(&keys->ca_key), "Test authority", now, 30,
			rnd_system(), &keys->ca, NULL));
	must(pki_key_new(&keys->key, NULL));
	must(pki_csr_new(buf_cstr(&keys->key), "localhost", &csr, NULL));
	struct pki_order order = {
		.csr_pem = buf_cstr(&csr),
		.name = "localhost",
		.usage = PKI_SERVER,
		.hosts = hosts,
		.nhosts = 2,
		.now = now,
		.days = 30,
	};
	must(pki_sign(buf_cstr(&keys->ca), buf_cstr(&keys->ca_key), &order,
		      rnd_system(), &keys->cert, id, &not_after, NULL));
	buf_fini(&csr);
}

void netdemo_keys_free(struct netdemo_keys *keys)
{
	buf_fini(&keys->ca_key);
	buf_fini(&keys->ca);
	buf_fini(&keys->key);
	buf_fini(&keys->cert);
}

void netdemo_tls(const struct netdemo_keys *keys, struct net_tls *out)
{
	*out = (struct net_tls){
		.cert_chain = buf_cstr(&keys->cert),
		.key = buf_cstr(&keys->key),
		.client_ca = buf_cstr(&keys->ca),
	};
}

void netdemo_client_make(const struct netdemo_keys *keys, int64_t now, int days,
			 struct netdemo_client *client)
{
	struct buf csr;
	int64_t not_after;

	buf_init(&client->key, PEM_MAX);
	buf_init(&client->cert, PEM_MAX);
	buf_init(&csr, PEM_MAX);
	must(pki_key_new(&client->key, NULL));
	must(pki_csr_new(buf_cstr(&client->key), "client", &csr, NULL));
	struct pki_order order = {
		.csr_pem = buf_cstr(&csr),
		.name = "client",
		.usage = PKI_CLIENT,
		.now = now,
		.days = days,
	};
	must(pki_sign(buf_cstr(&keys->ca), buf_cstr(&keys->ca_key), &order,
		      rnd_system(), &client->cert, client->id, &not_after,
		      NULL));
	buf_fini(&csr);
}

void netdemo_client_free(struct netdemo_client *client)
{
	buf_fini(&client->key);
	buf_fini(&client->cert);
}

static unsigned number_of(struct http_str query)
{
	int64_t n = 1;

	if (!text_int(query.p, query.len, 0, 1 << 24, &n))
		n = 1;
	return (unsigned)n;
}

static void reply_text(struct http_exchange *x, int status, const char *text)
{
	struct http_reply reply;

	http_reply_init(&reply, status);
	reply.content_type = "text/plain";
	buf_str(&reply.body, text);
	http_answer(x, &reply);
}

static void get_health(struct netdemo *demo, struct http_exchange *x)
{
	(void)demo;
	reply_text(x, 200, "alive\n");
}

static void post_echo(struct netdemo *demo, struct http_exchange *x)
{
	const struct http_request *req = http_exchange_request(x);
	struct http_reply reply;

	(void)demo;
	http_reply_init(&reply, 200);
	reply.content_type = "application/octet-stream";
	buf_add(&reply.body, req->body.p, req->body.len);
	http_answer(x, &reply);
}

static void get_big(struct netdemo *demo, struct http_exchange *x)
{
	unsigned n = number_of(http_exchange_request(x)->query);
	struct http_reply reply;
	char *room;

	(void)demo;
	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	room = buf_room(&reply.body, n);
	if (room) {
		memset(room, 'b', n);
		reply.body.len = n;
	}
	http_answer(x, &reply);
}

struct pieces {
	unsigned at, count;
};

static bool next_piece(void *ctx, struct buf *out)
{
	struct pieces *pieces = ctx;

	if (pieces->at < pieces->count)
		buf_printf(out, "piece %u\n", pieces->at++);
	return pieces->at < pieces->count;
}

static void get_stream(struct netdemo *demo, struct http_exchange *x)
{
	struct pieces *pieces = mem_alloc(sizeof(*pieces));
	struct http_reply reply;

	(void)demo;
	pieces->count = number_of(http_exchange_request(x)->query);
	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	reply.stream = (struct http_stream){next_piece, mem_free, pieces};
	http_answer(x, &reply);
}

static void get_later(struct netdemo *demo, struct http_exchange *x)
{
	struct http_ticket *ticket = mem_alloc(sizeof(*ticket));

	*ticket = http_exchange_ticket(x);
	if (!mbox_put(demo->later, ticket))
		abort();
}

static void get_never(struct netdemo *demo, struct http_exchange *x)
{
	(void)demo;
	(void)x;
}

static void get_whoami(struct netdemo *demo, struct http_exchange *x)
{
	const struct http_peer *peer = http_exchange_request(x)->peer;
	char hex[65];

	(void)demo;
	text_hex(peer->key, 32, hex);
	reply_text(x, 200, peer->has_cert ? hex : "nobody");
}

void netdemo_show_peer(const uint8_t issuer[32], const uint8_t key[32],
		       int64_t not_after, char *out)
{
	char issuer_hex[65], key_hex[65];

	text_hex(issuer, 32, issuer_hex);
	text_hex(key, 32, key_hex);
	snprintf(out, 256, "%s %s %lld", issuer_hex, key_hex,
		 (long long)not_after);
}

static void get_peer(struct netdemo *demo, struct http_exchange *x)
{
	const struct http_peer *peer = http_exchange_request(x)->peer;
	char text[256];

	(void)demo;
	netdemo_show_peer(peer->issuer, peer->key, peer->not_after, text);
	reply_text(x, 200, text);
}

static const struct route {
	const char *path;
	enum http_method method;
	const char *allow;
	void (*handle)(struct netdemo *demo, struct http_exchange *x);
} routes[] = {
	{"/healthz", HTTP_GET, "GET, HEAD", get_health},
	{"/echo", HTTP_POST, "POST", post_echo},
	{"/small", HTTP_POST, "POST", post_echo},
	{"/big", HTTP_GET, "GET, HEAD", get_big},
	{"/stream", HTTP_GET, "GET, HEAD", get_stream},
	{"/later", HTTP_GET, "GET, HEAD", get_later},
	{"/never", HTTP_GET, "GET, HEAD", get_never},
	{"/peer", HTTP_GET, "GET, HEAD", get_peer},
	{"/whoami", HTTP_GET, "GET, HEAD", get_whoami},
};

static const struct route *find_route(struct http_str path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (path.len == strlen(routes[i].path) &&
		    memcmp(path.p, routes[i].path, path.len) == 0)
			return &routes[i];
	return NULL;
}

static void handle(void *ctx, void *state, struct http_exchange *x)
{
	struct netdemo *demo = ctx;
	const struct http_request *req = http_exchange_request(x);
	const struct route *route = find_route(req->path);
	enum http_method method =
		req->method == HTTP_HEAD ? HTTP_GET : req->method;
	struct http_reply reply;

	(void)state;
	atomic_fetch_add(&demo->handled, 1);
	if (route && method == route->method) {
		route->handle(demo, x);
		return;
	}
	http_reply_init(&reply, route ? 405 : 404);
	reply.allow = route ? route->allow : NULL;
	http_answer(x, &reply);
}

static bool admit(void *ctx, void *state, const struct http_request *req,
		  size_t *out_max_body, struct http_reply *reply)
{
	const struct route *route = find_route(req->path);
	bool small = route && strcmp(route->path, "/small") == 0;
	struct http_str value;

	(void)ctx;
	(void)state;
	*out_max_body = small ? 10 : (size_t)1 << 24;
	if (!small || !http_field_find(req, "refuse", &value))
		return true;
	reply->status = 403;
	return false;
}

static void problem(void *ctx, enum rc rc, const char *detail,
		    const char *request_id, struct http_reply *reply)
{
	(void)ctx;
	reply->content_type = "application/problem+json";
	buf_printf(&reply->body, "{\"code\":\"%s\",\"detail\":\"%s\"",
		   rc_row(rc)->code, detail);
	buf_printf(&reply->body, ",\"request_id\":\"%s\"}", request_id);
}

static void done(void *ctx, void *state, const struct http_request *req,
		 int status, uint64_t bytes, int64_t elapsed_ms)
{
	struct netdemo *demo = ctx;

	(void)state;
	(void)req;
	(void)status;
	(void)bytes;
	(void)elapsed_ms;
	atomic_fetch_add(&demo->done, 1);
}

static void *worker_start(void *ctx, unsigned worker)
{
	(void)worker;
	return ctx;
}

static void worker_stop(void *ctx, void *state)
{
	(void)ctx;
	(void)state;
}

void netdemo_init(struct netdemo *demo)
{
	*demo = (struct netdemo){
		.app = {demo, worker_start, worker_stop, admit, handle, problem,
			done},
		.later = mbox_new(1024),
	};
}

static void answer_one(struct netdemo *demo, struct http_ticket *ticket)
{
	struct http_reply reply;

	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	buf_str(&reply.body, "later\n");
	net_answer(demo->net, *ticket, &reply);
	http_reply_fini(&reply);
	mem_free(ticket);
}

static void *answer_later(void *arg)
{
	struct netdemo *demo = arg;
	struct pollfd fd = {.fd = mbox_fd(demo->later), .events = POLLIN};
	struct http_ticket *ticket;

	while (!atomic_load(&demo->stop)) {
		poll(&fd, 1, atomic_load(&demo->hold) ? 0 : 1000);
		if (atomic_load(&demo->hold)) {
			usleep(1000);
			continue;
		}
		mbox_rearm(demo->later);
		while ((ticket = mbox_take(demo->later)))
			answer_one(demo, ticket);
	}
	return NULL;
}

void netdemo_start(struct netdemo *demo)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, answer_later, demo) != 0)
		abort();
	demo->thread = thread;
	demo->running = true;
}

void netdemo_fini(struct netdemo *demo)
{
	struct http_ticket *ticket;

	atomic_store(&demo->stop, true);
	mbox_wake(demo->later);
	if (demo->running)
		pthread_join(demo->thread, NULL);
	while ((ticket = mbox_take(demo->later)))
		mem_free(ticket);
	mbox_free(demo->later);
}
