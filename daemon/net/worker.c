#include "daemon/net/worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/net/link.h"
#include "daemon/net/listen.h"

#define IDLE_WAIT_MS 1000u /* nothing is due: no connection */

static int64_t now_ms(const struct worker *w)
{
	return clock_mono_ms(w->env.clock);
}

/* --- mail ------------------------------------------------------------- */

static void mail_answer(struct worker *w, struct mail *mail)
{
	uint32_t slot = mail->ticket.slot;
	struct link *l = NULL;

	if (slot < w->net->config.max_connections)
		l = w->links[slot];
	if (!l) {
		http_reply_fini(&mail->reply);
		return;
	}
	conn_answer(&l->conn, mail->ticket.generation, &mail->reply);
	link_pump(l);
}

static void mail_close_key(struct worker *w, struct mail *mail)
{
	for (uint32_t i = 0; i < w->net->config.max_connections; i++) {
		struct link *l = w->links[i];

		if (l && l->conn.peer.has_cert &&
		    memcmp(l->conn.peer.key, mail->key, 32) == 0)
			link_free(l);
	}
}

static void mail_arrival(struct worker *w, struct mail *mail)
{
	link_accept(w, &mail->arrival);
}

static void (*const on_mail[MAIL_KIND_COUNT])(struct worker *w,
					      struct mail *mail) = {
	[MAIL_ANSWER] = mail_answer,
	[MAIL_CLOSE_KEY] = mail_close_key,
	[MAIL_ARRIVAL] = mail_arrival,
};

static void drop_mail(struct worker *w, struct mail *mail)
{
	if (mail->kind == MAIL_ARRIVAL)
		worker_turn_away(w, &mail->arrival);
	else
		http_reply_fini(&mail->reply);
	mem_free(mail);
}

static void take_mail(struct worker *w)
{
	struct mail *mail;

	mbox_rearm(w->box);
	while ((mail = mbox_take(w->box))) {
		on_mail[mail->kind](w, mail);
		mem_free(mail);
	}
}

static void on_box(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	take_mail(ctx);
}

bool worker_post(struct worker *w, struct mail *mail)
{
	return mbox_put(w->box, mail);
}

void worker_wake(struct worker *w)
{
	mbox_wake(w->box);
}

/* --- listening -------------------------------------------------------- */

static void pause_listening(struct worker *w)
{
	if (!w->accept_at)
		log_event(LOG_LVL_WARN, "accept-paused",
			  LOG_N("worker", w->index),
			  LOG_DO("raise the limit of open files, or lower "
				 "connections in [limits]"));
	for (unsigned i = 0; i < w->nlisteners; i++)
		event_del(w->listeners[i].event);
	w->accept_at = now_ms(w) + WORKER_ACCEPT_PAUSE_MS;
}

static void resume_listening(struct worker *w)
{
	if (!w->accept_at || now_ms(w) < w->accept_at)
		return;
	for (unsigned i = 0; i < w->nlisteners; i++)
		if (event_add(w->listeners[i].event, NULL) != 0)
			abort();
	w->accept_at = 0;
}

/* The last worker to stop closes the sockets, so that who comes then is
 * refused and does not wait in a queue that nobody looks at. */
static void stop_listening(struct worker *w)
{
	struct net *net = w->net;

	if (w->nlisteners == 0)
		return;
	for (unsigned i = 0; i < w->nlisteners; i++)
		event_free(w->listeners[i].event);
	w->nlisteners = 0;
	w->accept_at = 0;
	if (atomic_fetch_sub(&net->listening, 1) > 1)
		return;
	for (unsigned i = 0; i < net->config.nlisten; i++) {
		close(net->fds[i]);
		net->fds[i] = -1;
	}
}

static uint32_t load_of(const struct worker *w)
{
	return atomic_load_explicit(&w->load, memory_order_relaxed);
}

/* Itself, unless another one has fewer. */
static struct worker *least_loaded(struct worker *w)
{
	struct worker *least = w;

	for (unsigned i = 0; i < w->net->config.workers; i++) {
		struct worker *other = w->net->workers[i];

		if (load_of(other) < load_of(least) &&
		    atomic_load_explicit(&other->takes, memory_order_relaxed))
			least = other;
	}
	return least;
}

/* A worker that ends looks at its load after it has said that it takes nothing
 * more: it sees this arrival, or we see that. */
static bool hand_over(struct worker *to, const struct arrival *arrival)
{
	struct mail *mail = mem_try(sizeof(*mail));

	if (!mail)
		return false;
	mail->kind = MAIL_ARRIVAL;
	mail->arrival = *arrival;
	atomic_fetch_add(&to->load, 1);
	if (atomic_load(&to->takes) && worker_post(to, mail))
		return true;
	atomic_fetch_sub(&to->load, 1);
	mem_free(mail);
	return false;
}

static void take_arrival(struct worker *w, const struct arrival *arrival)
{
	struct worker *to = least_loaded(w);

	if (to != w && hand_over(to, arrival))
		return;
	atomic_fetch_add_explicit(&w->load, 1, memory_order_relaxed);
	link_accept(w, arrival);
}

void worker_turn_away(struct worker *w, const struct arrival *arrival)
{
	close(arrival->fd);
	peers_leave(w->net->peers, &arrival->key);
	atomic_fetch_sub_explicit(&w->load, 1, memory_order_relaxed);
}

/* One connection a turn: the other workers see what is left. */
static void on_listener(evutil_socket_t fd, short what, void *ctx)
{
	struct worker_listener *listener = ctx;
	struct worker *w = listener->worker;
	struct arrival arrival = {.kind = listener->kind};
	struct sockaddr_storage peer;

	(void)fd;
	(void)what;
	switch (listen_accept(listener->fd, &arrival.fd, &peer)) {
	case LISTEN_NOTHING:
		return;
	case LISTEN_SHORT:
		pause_listening(w);
		return;
	case LISTEN_CONNECTION:
		break;
	}
	peers_key(&peer, &arrival.key);
	if (!peers_enter(w->net->peers, &arrival.key)) {
		atomic_fetch_add_explicit(&w->net->refused, 1,
					  memory_order_relaxed);
		close(arrival.fd);
		return;
	}
	atomic_fetch_add_explicit(&w->net->accepted, 1, memory_order_relaxed);
	listen_show(&peer, arrival.address);
	take_arrival(w, &arrival);
}

/* --- life ------------------------------------------------------------- */

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx; /* the turn itself looks at the deadlines */
}

static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();

	if (!config ||
	    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) != 0)
		abort();
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	if (!base)
		abort();
	return base;
}

static struct event *make_event(struct worker *w, int fd, short what,
				event_callback_fn fn, void *ctx)
{
	struct event *event = event_new(w->base, fd, what, fn, ctx);

	if (!event || (fd >= 0 && event_add(event, NULL) != 0))
		abort();
	return event;
}

static void add_listener(struct worker *w, int fd, enum http_listener kind)
{
	struct worker_listener *listener = &w->listeners[w->nlisteners++];

	*listener = (struct worker_listener){
		.worker = w,
		.kind = kind,
		.fd = fd,
	};
	listener->event =
		make_event(w, fd, EV_READ | EV_PERSIST, on_listener, listener);
}

static void make_slots(struct worker *w, unsigned max)
{
	w->links = mem_alloc(max * sizeof(struct link *));
	w->free_slots = mem_alloc(max * sizeof(*w->free_slots));
	for (unsigned i = 0; i < max; i++)
		w->free_slots[w->nfree++] = max - 1 - i;
}

struct worker *worker_new(struct net *net, unsigned index)
{
	struct worker *w = mem_alloc(sizeof(*w));
	unsigned max = net->config.max_connections;

	w->net = net;
	w->index = index;
	w->env = (struct conn_env){
		.config = &net->config,
		.app = net->app,
		.clock = net->clock,
		.rnd = net->rnd,
		.sink = &link_sink,
		.stats = &w->stats,
		.worker = index,
	};
	conn_env_init(&w->env);
	atomic_init(&w->turned_ms, clock_mono_ms(net->clock));
	wheel_init(&w->wheel, clock_mono_ms(net->clock));
	make_slots(w, max);
	w->base = make_base();
	/* Each exchange that waits is answered once; late answers to what was
	 * cut come on top, and orders. */
	w->box = mbox_new((size_t)max * 2 + 1024);
	w->mail =
		make_event(w, mbox_fd(w->box), EV_READ | EV_PERSIST, on_box, w);
	w->tick = make_event(w, -1, 0, on_tick, NULL);
	for (unsigned i = 0; i < net->config.nlisten; i++)
		add_listener(w, net->fds[i], net->config.listen[i].kind);
	return w;
}

bool worker_open(struct worker *w)
{
	const struct http_app *app = w->net->app;

	if (!w->open)
		w->env.state = app->worker_start(app->ctx, w->index);
	w->open = w->env.state != NULL;
	return w->open;
}

static void release_links(struct worker *w)
{
	for (uint32_t i = 0; i < w->net->config.max_connections; i++)
		if (w->links[i])
			link_free(w->links[i]);
}

void worker_close(struct worker *w)
{
	const struct http_app *app = w->net->app;

	release_links(w);
	if (w->open)
		app->worker_stop(app->ctx, w->env.state);
	w->open = false;
}

void worker_free(struct worker *w)
{
	struct mail *mail;

	if (!w)
		return;
	worker_close(w);
	while ((mail = mbox_take(w->box)))
		drop_mail(w, mail);
	stop_listening(w);
	event_free(w->tick);
	event_free(w->mail);
	mbox_free(w->box);
	event_base_free(w->base);
	conn_env_fini(&w->env);
	mem_free(w->links);
	mem_free(w->free_slots);
	mem_free(w);
}

/* --- a turn ----------------------------------------------------------- */

static void start_drain(struct worker *w)
{
	atomic_store(&w->takes, false);
	stop_listening(w);
	w->env.draining = true;
	for (uint32_t i = 0; i < w->net->config.max_connections; i++)
		if (w->links[i]) {
			conn_drain(&w->links[i]->conn);
			link_pump(w->links[i]);
		}
}

static void follow_drain(struct worker *w)
{
	int64_t until = atomic_load(&w->net->drain_until);

	if (!until)
		return;
	if (!w->env.draining)
		start_drain(w);
	if (now_ms(w) >= until)
		release_links(w);
}

static void on_due(struct wheel_node *node, void *ctx)
{
	char *link = (char *)node - offsetof(struct link, node);

	(void)ctx;
	link_due((struct link *)(void *)link);
}

static void run_again(struct worker *w)
{
	struct link *batch = w->again;

	w->again = NULL;
	for (struct link *l = batch; l; l = l->next_again)
		l->queued = false;
	while (batch) {
		struct link *l = batch;

		batch = l->next_again;
		link_pump(l);
	}
}

/* The loop sleeps no longer than this; the clock that counts is our own. */
static void bound_sleep(struct worker *w, unsigned wait_ms)
{
	unsigned ms = load_of(w) || w->accept_at ? WHEEL_TICK_MS : IDLE_WAIT_MS;

	if (ms > wait_ms)
		ms = wait_ms;
	if (event_pending(w->tick, EV_TIMEOUT, NULL) && w->tick_ms <= ms)
		return;
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};
	w->tick_ms = ms;
	if (event_add(w->tick, &tv) != 0)
		abort();
}

bool worker_step(struct worker *w, unsigned wait_ms)
{
	bool at_once = wait_ms == 0 || w->again;

	if (!worker_open(w))
		return false;
	atomic_store_explicit(&w->turned_ms, now_ms(w), memory_order_relaxed);
	if (!at_once)
		bound_sleep(w, wait_ms);
	event_base_loop(w->base, at_once ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
	run_again(w);
	wheel_advance(&w->wheel, now_ms(w), on_due, NULL);
	resume_listening(w);
	follow_drain(w);
	return !w->env.draining || atomic_load(&w->load) > 0;
}
