#include "tests/bench/common/crowd.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/bench/common/answer.h"
#include "tests/bench/common/wire.h"

#define EVENTS 256
#define READ_SIZE (64 * 1024)
#define MEND_NS 20000000    /* between looks for broken connections */
#define GRACE_NS 5000000000 /* for answers after the end */
#define OPENING 64	    /* at a time, while idle ones are opened */
#define ERRORS_MAX 100000   /* then there is no point */
#define SECOND_NS 1000000000.0

enum state { CLOSED, SHAKING, FREE, ASKED, PARTING };

struct one {
	int fd;
	SSL *ssl;
	enum state state;
	uint32_t watched; /* events */
	unsigned identity, answered;
	uint64_t due;	 /* or begun */
	const char *out; /* what is to be written still */
	size_t out_left;
	char *room;
	size_t room_size;
	struct one *next_free;
	struct answer answer;
};

struct crowd {
	struct crowd_config config;
	struct one *ones;
	struct one *first_free, *last_free;
	int epoll;
	unsigned under_way;		    /* asked and not answered */
	unsigned opening, standing, closed; /* standing: free */
	bool sending;			    /* the end has not come */
	bool ran_out;
	uint64_t begin, end; /* what is counted */
	double interval_ns;  /* open loop */
	uint64_t nth_due;
	uint64_t start;
	uint64_t cpu_begin;
	struct crowd_figures *figures;
	char read[READ_SIZE];
};

/* ---- figures ---- */

void crowd_figures_merge(struct crowd_figures *into,
			 const struct crowd_figures *from)
{
	if (from->seconds > into->seconds)
		into->seconds = from->seconds;
	into->answers += from->answers;
	into->unsent += from->unsent;
	into->bytes += from->bytes;
	into->errors += from->errors;
	into->opened += from->opened;
	into->retry_after += from->retry_after;
	into->cpu_ns += from->cpu_ns;
	into->ran_out |= from->ran_out;
	histogram_merge(&into->all, &from->all);
	for (size_t i = 0; i < CROWD_STATUS; i++) {
		into->status[i] += from->status[i];
		if (!from->by_status[i])
			continue;
		if (!into->by_status[i])
			into->by_status[i] = mem_alloc(sizeof(into->all));
		histogram_merge(into->by_status[i], from->by_status[i]);
	}
}

void crowd_figures_fini(struct crowd_figures *f)
{
	for (size_t i = 0; i < CROWD_STATUS; i++)
		mem_free(f->by_status[i]);
}

/* Of an answer, or (status 0) a handshake. One that came after the end counts
 * for how long it took, and not for how many there were. */
static void count(struct crowd *c, struct one *o, int status, uint64_t now)
{
	struct crowd_figures *f = c->figures;
	size_t row = status > 0 && status < CROWD_STATUS ? (size_t)status : 0;
	uint64_t took = now > o->due ? now - o->due : 0;

	if (!f || now < c->begin || o->due < c->begin)
		return;
	histogram_add(&f->all, took);
	if (!f->by_status[row])
		f->by_status[row] = mem_alloc(sizeof(f->all));
	histogram_add(f->by_status[row], took);
	if (now > c->end)
		return;
	f->answers++;
	f->status[row]++;
	f->retry_after += o->answer.retry_after;
	f->bytes += o->answer.bytes;
}

/* ---- a connection ---- */

static void watch(struct crowd *c, struct one *o, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = o};

	if (o->watched == events)
		return;
	if (epoll_ctl(c->epoll, o->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		      o->fd, &event) != 0)
		wire_die("epoll: %s", strerror(errno));
	o->watched = events;
}

static void now_free(struct crowd *c, struct one *o)
{
	o->state = FREE;
	o->next_free = NULL;
	if (c->last_free)
		c->last_free->next_free = o;
	else
		c->first_free = o;
	c->last_free = o;
	c->standing++;
}

static struct one *take_free(struct crowd *c)
{
	struct one *o = c->first_free;

	c->first_free = o->next_free;
	if (!c->first_free)
		c->last_free = NULL;
	c->standing--;
	return o;
}

static void forget_free(struct crowd *c, struct one *o)
{
	struct one *before = NULL;

	for (struct one *p = c->first_free; p != o; p = p->next_free)
		before = p;
	if (before)
		before->next_free = o->next_free;
	else
		c->first_free = o->next_free;
	if (c->last_free == o)
		c->last_free = before;
	c->standing--;
}

static void end_one(struct crowd *c, struct one *o)
{
	if (o->state == CLOSED)
		return;
	if (o->state == FREE)
		forget_free(c, o);
	c->under_way -= o->state == ASKED;
	c->opening -= o->state == SHAKING;
	wire_close(o->ssl, o->fd);
	o->ssl = NULL;
	o->fd = -1;
	o->watched = 0;
	o->state = CLOSED;
	c->closed++;
}

static void break_one(struct crowd *c, struct one *o)
{
	if (c->figures && ++c->figures->errors > ERRORS_MAX)
		wire_die("too many errors");
	ERR_clear_error(); /* or the next connection would see it */
	end_one(c, o);
}

static void open_one(struct crowd *c, struct one *o)
{
	o->fd = wire_connect(&c->config.to);
	if (o->fd < 0) {
		if (c->figures)
			c->figures->errors++;
		return;
	}
	o->ssl = wire_ssl(c->config.identities[o->identity], o->fd,
			  c->config.host);
	o->state = SHAKING;
	o->answered = 0;
	o->due = wire_now_ns();
	if (c->figures)
		c->figures->opened++;
	c->opening++;
	c->closed--;
	watch(c, o, EPOLLIN | EPOLLOUT);
}

static void write_on(struct crowd *c, struct one *o)
{
	while (o->out_left > 0) {
		int n = SSL_write(o->ssl, o->out, (int)o->out_left);

		if (n <= 0) {
			if (SSL_get_error(o->ssl, n) != SSL_ERROR_WANT_WRITE)
				break_one(c, o);
			else
				watch(c, o, EPOLLIN | EPOLLOUT);
			return;
		}
		o->out += n;
		o->out_left -= (size_t)n;
	}
	watch(c, o, EPOLLIN);
}

/* False when nothing is left to ask. */
static bool ask(struct crowd *c, struct one *o, uint64_t due)
{
	size_t number;

	if (!supply_next(c->config.supply, o->identity, &number)) {
		c->ran_out = true;
		return false;
	}
	o->out = supply_request(c->config.supply, number, &o->room,
				&o->room_size, &o->out_left);
	o->due = due;
	o->state = ASKED;
	c->under_way++;
	answer_begin(&o->answer);
	write_on(c, o);
	return true;
}

/* What a connection without a request does next. */
static void rest(struct crowd *c, struct one *o, uint64_t now)
{
	if (c->config.rate > 0 || !c->sending || !ask(c, o, now))
		now_free(c, o);
}

static void shaken(struct crowd *c, struct one *o)
{
	uint64_t now = wire_now_ns();

	c->opening--;
	o->state = FREE; /* until something is made of it */
	watch(c, o, EPOLLIN);
	if (c->config.mode == CROWD_HANDSHAKES) {
		o->state = PARTING;
		SSL_shutdown(o->ssl);
	} else if (c->config.mode == CROWD_IDLE && c->config.supply) {
		if (!ask(c, o, now))
			wire_die("nothing to ask for");
	} else {
		rest(c, o, now);
	}
}

static void shake(struct crowd *c, struct one *o)
{
	int n = SSL_do_handshake(o->ssl);
	int why = n == 1 ? SSL_ERROR_NONE : SSL_get_error(o->ssl, n);

	if (n == 1)
		shaken(c, o);
	else if (why == SSL_ERROR_WANT_READ)
		watch(c, o, EPOLLIN);
	else if (why != SSL_ERROR_WANT_WRITE)
		break_one(c, o);
}

static void answered(struct crowd *c, struct one *o)
{
	uint64_t now = wire_now_ns();
	unsigned churn = c->config.churn;

	count(c, o, o->answer.status, now);
	c->under_way--;
	o->state = FREE;
	if (o->answer.close || (churn && ++o->answered >= churn)) {
		o->state = PARTING;
		end_one(c, o);
		if (c->sending)
			open_one(c, o);
		return;
	}
	rest(c, o, now);
}

static void read_on(struct crowd *c, struct one *o)
{
	do {
		int n = SSL_read(o->ssl, c->read, sizeof(c->read));
		size_t taken;
		int whole;

		if (n <= 0) {
			if (SSL_get_error(o->ssl, n) != SSL_ERROR_WANT_READ)
				break_one(c, o);
			return;
		}
		if (o->state != ASKED) {
			break_one(c, o);
			return;
		}
		whole = answer_feed(&o->answer, c->read, (size_t)n, &taken);
		if (whole < 0 || taken < (size_t)n) {
			break_one(c, o);
			return;
		}
		if (whole) {
			answered(c, o);
			return;
		}
	} while (SSL_has_pending(o->ssl));
}

/* The server has seen our end, hence our certificate, and ends too. */
static void part(struct crowd *c, struct one *o)
{
	int n = SSL_read(o->ssl, c->read, 1);
	int why = SSL_get_error(o->ssl, n);

	if (why == SSL_ERROR_WANT_READ)
		return;
	if (why == SSL_ERROR_ZERO_RETURN ||
	    ERR_GET_REASON(ERR_peek_error()) ==
		    SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		memset(&o->answer, 0, offsetof(struct answer, head));
		count(c, o, 0, wire_now_ns());
		end_one(c, o);
		if (c->sending)
			open_one(c, o);
		return;
	}
	break_one(c, o);
}

static void happen(struct crowd *c, struct one *o, uint32_t events)
{
	if (o->state == SHAKING) {
		shake(c, o);
	} else if (o->state == PARTING) {
		part(c, o);
	} else if (o->state != CLOSED) {
		if ((events & EPOLLOUT) && o->out_left > 0)
			write_on(c, o);
		if (o->state != CLOSED &&
		    (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
			read_on(c, o);
	}
}

/* ---- the loop ---- */

static void turn(struct crowd *c, uint64_t wait_ns)
{
	struct epoll_event events[EVENTS];
	struct timespec wait = {.tv_sec = (time_t)(wait_ns / 1000000000),
				.tv_nsec = (long)(wait_ns % 1000000000)};
	int n = epoll_pwait2(c->epoll, events, EVENTS, &wait, NULL);

	if (n < 0 && errno != EINTR)
		wire_die("epoll: %s", strerror(errno));
	for (int i = 0; i < n; i++)
		happen(c, events[i].data.ptr, events[i].events);
}

static uint64_t due_at(const struct crowd *c)
{
	return c->start + (uint64_t)((double)c->nth_due * c->interval_ns);
}

/* Sends what is due; answers how long nothing will be. */
static uint64_t send_due(struct crowd *c, uint64_t now)
{
	while (c->first_free && due_at(c) <= now && due_at(c) < c->end) {
		struct one *o = take_free(c);

		if (!ask(c, o, due_at(c))) {
			now_free(c, o);
			return MEND_NS;
		}
		c->nth_due++;
	}
	if (!c->first_free || due_at(c) <= now)
		return MEND_NS;
	return due_at(c) - now;
}

static void mend(struct crowd *c, unsigned most)
{
	for (unsigned i = 0;
	     i < c->config.connections && c->closed > 0 && c->opening < most;
	     i++)
		if (c->ones[i].state == CLOSED)
			open_one(c, &c->ones[i]);
}

static void count_unsent(struct crowd *c)
{
	while (c->config.rate > 0 && !c->ran_out && due_at(c) < c->end) {
		if (due_at(c) >= c->begin) {
			histogram_add(&c->figures->all, c->end - due_at(c));
			c->figures->unsent++;
		}
		c->nth_due++;
	}
}

/* Those that stand already begin at once. */
static void begin_all(struct crowd *c)
{
	for (unsigned n = c->config.rate > 0 ? 0 : c->standing; n > 0; n--) {
		struct one *o = take_free(c);

		rest(c, o, wire_now_ns());
	}
}

static void run_for(struct crowd *c, uint64_t until)
{
	uint64_t mended = 0, now, wait;

	while ((now = wire_now_ns()) < until && !c->ran_out) {
		if (!c->cpu_begin && now >= c->begin)
			c->cpu_begin = wire_thread_ns();
		if (c->closed > 0 && now - mended > MEND_NS) {
			mend(c, c->config.connections);
			mended = now;
		}
		wait = c->config.rate > 0 ? send_due(c, now) : MEND_NS;
		if (wait > until - now)
			wait = until - now;
		turn(c, wait < MEND_NS ? wait : MEND_NS);
	}
}

void crowd_run(struct crowd *c, struct crowd_figures *out)
{
	uint64_t now = wire_now_ns(), last;

	/* What is due is sent then, and not 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1);
	memset(out, 0, sizeof(*out));
	c->figures = out;
	c->start = now;
	c->begin = now + (uint64_t)(c->config.warmup_s * SECOND_NS);
	c->end = c->begin + (uint64_t)(c->config.seconds * SECOND_NS);
	c->sending = true;
	begin_all(c);
	run_for(c, c->end);
	now = wire_now_ns();
	if (now < c->end)
		c->end = now;
	c->sending = false;
	out->ran_out = c->ran_out;
	out->seconds =
		now > c->begin ? (double)(c->end - c->begin) / SECOND_NS : 0;
	out->cpu_ns = c->cpu_begin ? wire_thread_ns() - c->cpu_begin : 0;
	last = now + GRACE_NS;
	while (c->under_way > 0 && wire_now_ns() < last)
		turn(c, MEND_NS);
	count_unsent(c);
	out->errors += c->under_way; /* no answer in all that time */
}

bool crowd_stand(struct crowd *c)
{
	struct crowd_figures *f = mem_alloc(sizeof(*f));
	uint64_t patience = wire_now_ns() + 120 * (uint64_t)SECOND_NS;
	bool all;

	c->figures = f;
	while (c->standing < c->config.connections && f->errors == 0 &&
	       wire_now_ns() < patience) {
		mend(c, OPENING);
		turn(c, MEND_NS);
	}
	all = c->standing == c->config.connections;
	c->figures = NULL;
	crowd_figures_fini(f);
	mem_free(f);
	return all;
}

struct crowd *crowd_new(const struct crowd_config *config)
{
	struct crowd *c = mem_alloc(sizeof(*c));

	c->config = *config;
	c->ones = mem_alloc(config->connections * sizeof(*c->ones));
	c->closed = config->connections;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll < 0)
		wire_die("epoll: %s", strerror(errno));
	if (config->rate > 0)
		c->interval_ns = SECOND_NS / config->rate;
	for (unsigned i = 0; i < config->connections; i++) {
		c->ones[i].fd = -1;
		c->ones[i].identity = i % config->nidentities;
	}
	return c;
}

void crowd_free(struct crowd *c)
{
	for (unsigned i = 0; i < c->config.connections; i++) {
		end_one(c, &c->ones[i]);
		mem_free(c->ones[i].room);
	}
	close(c->epoll);
	mem_free(c->ones);
	mem_free(c);
}
