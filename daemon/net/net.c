#include "daemon/net/net.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/net/listen.h"
#include "daemon/net/worker.h"

void net_config_init(struct net_config *config)
{
	*config = (struct net_config){
		.workers = 1,
		.max_connections = 16384,
		.max_per_address = 1024,
		.max_head = 16384,
		.max_fields = 100,
		.max_target = 8192,
		.max_output = 8u << 20,
		.handshake_ms = 10000,
		.idle_ms = 75000,
		.head_ms = 10000,
		.body_ms = 30000,
		.body_rate = 1024,
		.handler_ms = 30000,
		.write_ms = 30000,
		.requests_per_connection = 100000,
	};
	for (unsigned i = 0; i < NET_LISTEN_MAX; i++)
		config->listen[i].fd = -1;
}

static void on_libevent_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_event(LOG_LVL_WARN, "libevent", LOG_S("text", text),
			  LOG_DO_REPORT);
}

static void on_libevent_fatal(int code)
{
	log_event(LOG_LVL_ERR, "libevent-fatal", LOG_N("code", code),
		  LOG_DO_REPORT);
	abort();
}

/* libevent's own structs are smaller than any buffer that it fills with a
 * peer's bytes. Those are ours to abort on: 2.1.12 follows a NULL when the
 * parts of a bufferevent cannot be had. */
#define EVENT_CHAIN_MIN 1024u

static void *event_alloc(size_t size)
{
	return size < EVENT_CHAIN_MIN ? mem_alloc(size) : mem_try(size);
}

void net_init(void)
{
	event_set_mem_functions(event_alloc, mem_realloc, mem_free);
	event_set_log_callback(on_libevent_log);
	event_set_fatal_callback(on_libevent_fatal);
	/* OpenSSL writes with write(2): a peer that left would kill us. */
	signal(SIGPIPE, SIG_IGN);
}

static enum rc check_config(const struct net_config *c, struct err *err)
{
	bool sound = c->workers >= 1 && c->workers <= WORKER_MAX &&
		     c->nlisten <= NET_LISTEN_MAX &&
		     c->nhosts <= NET_HOSTS_MAX && c->max_connections >= 1 &&
		     c->max_per_address >= 1 && c->max_head >= 64 &&
		     c->max_output >= 1024;

	if (!sound)
		return err_set(err, RC_INVALID, "net: a bound is out of range");
	for (unsigned i = 0; i < c->nlisten; i++)
		if (c->listen[i].kind == HTTP_PARTNERS && !c->tls.client_ca)
			return err_set(err, RC_INVALID,
				       "net: partners need a certificate "
				       "authority");
	return RC_OK;
}

/* The texts are ours from here on; the TLS material is not kept. */
static void own_config(struct net *net, const struct net_config *config)
{
	net->config = *config;
	net->config.tls = (struct net_tls){0};
	for (unsigned i = 0; i < config->nhosts; i++)
		net->config.hosts[i] = mem_strdup(config->hosts[i]);
	for (unsigned i = 0; i < config->nlisten; i++)
		net->config.listen[i].address = NULL;
}

static enum rc open_listeners(struct net *net, const struct net_config *config,
			      struct err *err)
{
	enum rc rc = RC_OK;

	for (unsigned i = 0; rc == RC_OK && i < config->nlisten; i++)
		rc = listen_open(&config->listen[i], &net->fds[i], err);
	return rc;
}

enum rc net_new(const struct net_config *config, const struct http_app *app,
		const struct clock *clock, const struct rnd *rnd,
		struct net **out, struct err *err)
{
	enum rc rc = check_config(config, err);

	if (rc != RC_OK)
		return rc;
	struct net *net = mem_alloc(sizeof(*net));
	own_config(net, config);
	net->app = app;
	net->clock = clock;
	net->rnd = rnd;
	for (unsigned i = 0; i < NET_LISTEN_MAX; i++)
		net->fds[i] = -1;
	net->peers =
		peers_new(config->max_connections, config->max_per_address);
	rc = tls_pair_new(&config->tls, &net->tls, err);
	if (rc == RC_OK)
		rc = open_listeners(net, config, err);
	if (rc != RC_OK) {
		net_free(net);
		return rc;
	}
	for (unsigned i = 0; i < config->workers; i++)
		net->workers[i] = worker_new(net, i);
	net->listening = config->workers;
	*out = net;
	return RC_OK;
}

uint16_t net_port(const struct net *net, unsigned i)
{
	return i < net->config.nlisten ? listen_port(net->fds[i]) : 0;
}

/* The starter waits until each thread has its app's state or none. */
struct starting {
	struct worker *worker;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool done;
	bool ok;
};

static void *worker_main(void *arg)
{
	struct starting *s = arg;
	struct worker *w = s->worker;
	bool ok = worker_open(w);

	pthread_setname_np(pthread_self(), "worker");
	pthread_mutex_lock(&s->lock);
	s->done = true;
	s->ok = ok;
	pthread_cond_signal(&s->told);
	pthread_mutex_unlock(&s->lock);
	atomic_store(&w->takes, ok);
	while (ok && worker_step(w, 1000))
		;
	worker_close(w);
	return NULL;
}

static enum rc start_worker(struct worker *w, struct err *err)
{
	struct starting s = {.worker = w};

	pthread_mutex_init(&s.lock, NULL);
	pthread_cond_init(&s.told, NULL);
	bool made = pthread_create(&w->thread, NULL, worker_main, &s) == 0;
	if (made) {
		pthread_mutex_lock(&s.lock);
		while (!s.done)
			pthread_cond_wait(&s.told, &s.lock);
		pthread_mutex_unlock(&s.lock);
	}
	if (made && !s.ok)
		pthread_join(w->thread, NULL);
	pthread_cond_destroy(&s.told);
	pthread_mutex_destroy(&s.lock);
	if (!made)
		return err_set(err, RC_NOMEM, "net: no thread for a worker");
	if (!s.ok)
		return err_set(err, RC_INTERNAL,
			       "net: a worker could not start");
	return RC_OK;
}

enum rc net_start(struct net *net, struct err *err)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && net->started < net->config.workers) {
		rc = start_worker(net->workers[net->started], err);
		if (rc == RC_OK)
			net->started++;
	}
	if (rc != RC_OK) {
		net_drain(net, 0);
		net_join(net);
	}
	return rc;
}

bool net_worker_step(struct net *net, unsigned worker, unsigned wait_ms)
{
	return worker_step(net->workers[worker], wait_ms);
}

void net_answer(struct net *net, struct http_ticket ticket,
		struct http_reply *reply)
{
	struct mail *mail = mem_try(sizeof(*mail));

	if (mail && ticket.worker < net->config.workers) {
		mail->kind = MAIL_ANSWER;
		mail->ticket = ticket;
		mail->reply = *reply;
		if (worker_post(net->workers[ticket.worker], mail)) {
			http_reply_init(reply, reply->status);
			return;
		}
	}
	/* The exchange meets its deadline: "outcome unknown". */
	log_event(LOG_LVL_ERR, "answer-lost", LOG_N("worker", ticket.worker),
		  LOG_DO("nothing: the client is told that the outcome is "
			 "unknown and repeats with its key"));
	http_reply_fini(reply);
	mem_free(mail);
}

enum rc net_reload_tls(struct net *net, const struct net_tls *tls,
		       struct err *err)
{
	return tls_pair_reload(net->tls, tls, err);
}

enum rc net_check_tls(const struct net_tls *tls, struct err *err)
{
	struct tls_pair *pair;
	enum rc rc = tls_pair_new(tls, &pair, err);

	if (rc == RC_OK)
		tls_pair_free(pair);
	return rc;
}

void net_close_key(struct net *net, const uint8_t key[32])
{
	for (unsigned i = 0; i < net->config.workers; i++) {
		struct mail *mail = mem_alloc(sizeof(*mail));

		mail->kind = MAIL_CLOSE_KEY;
		memcpy(mail->key, key, sizeof(mail->key));
		while (!worker_post(net->workers[i], mail))
			usleep(1000); /* it must not be lost */
	}
}

void net_drain(struct net *net, unsigned grace_ms)
{
	int64_t until = clock_mono_ms(net->clock) + grace_ms;

	atomic_store(&net->drain_until, until > 0 ? until : 1);
	for (unsigned i = 0; i < net->config.workers; i++)
		worker_wake(net->workers[i]);
}

void net_join(struct net *net)
{
	while (net->started)
		pthread_join(net->workers[--net->started]->thread, NULL);
}

void net_free(struct net *net)
{
	if (!net)
		return;
	for (unsigned i = 0; i < net->config.workers; i++)
		worker_free(net->workers[i]);
	for (unsigned i = 0; i < NET_LISTEN_MAX; i++)
		if (net->fds[i] >= 0)
			close(net->fds[i]);
	for (unsigned i = 0; i < net->config.nhosts; i++)
		mem_free((char *)(uintptr_t)net->config.hosts[i]);
	tls_pair_free(net->tls);
	peers_free(net->peers);
	mem_free(net);
}

static uint64_t get(const _Atomic uint64_t *figure)
{
	return atomic_load_explicit(figure, memory_order_relaxed);
}

static void add_worker(const struct worker *w, struct net_figures *out)
{
	out->requests += get(&w->stats.requests);
	out->timeouts += get(&w->stats.timeouts);
	out->streams += get(&w->stats.streams);
	out->connections +=
		atomic_load_explicit(&w->load, memory_order_relaxed);
}

void net_figures(const struct net *net, struct net_figures *out)
{
	*out = (struct net_figures){
		.accepted = get(&net->accepted),
		.refused = get(&net->refused),
		.handshakes_failed = get(&net->handshakes_failed),
		.limit = net->config.max_connections,
		.workers = net->config.workers,
	};
	for (unsigned i = 0; i < net->config.workers; i++)
		add_worker(net->workers[i], out);
}

int64_t net_turned_ms(const struct net *net, unsigned worker)
{
	return atomic_load_explicit(&net->workers[worker]->turned_ms,
				    memory_order_relaxed);
}
