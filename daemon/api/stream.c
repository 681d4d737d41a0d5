#include "daemon/api/stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/auth.h"
#include "daemon/api/call.h"
#include "daemon/work/feed.h"

#define STREAM_ARENA ((size_t)64 * 1024) /* who asks */

/* How many each identity has; `used` rows of `v`. */
struct streams {
	const struct api_config *config;
	pthread_mutex_t lock;
	unsigned open, used;
	struct owner {
		int64_t identity;
		unsigned open;
	} * v;
};

struct stream {
	struct streams *all;
	struct reader *reader;
	struct principal_proof proof; /* who asks: looked up again and again */
	int64_t identity, not_after;
	struct work_feed feed;
	char epoch[EVENT_EPOCH_LEN + 1];
	int64_t after; /* up to here all is told */
	bool begun;
	const char *reset; /* to be told first, and why; or NULL */
	int64_t told_at;   /* monotonic: the last byte */
};

/* --- how many --- */

struct streams *streams_new(const struct api_config *config)
{
	struct streams *all = mem_alloc(sizeof(*all));

	all->config = config;
	all->v = mem_alloc(((size_t)config->streams + 1) * sizeof(*all->v));
	pthread_mutex_init(&all->lock, NULL);
	return all;
}

void streams_free(struct streams *all)
{
	pthread_mutex_destroy(&all->lock);
	mem_free(all->v);
	mem_free(all);
}

static struct owner *owner_of(struct streams *all, int64_t identity)
{
	unsigned i = 0;

	while (i < all->used && all->v[i].identity != identity)
		i++;
	return &all->v[i];
}

static enum rc enter_locked(struct streams *all, int64_t identity,
			    struct err *err)
{
	struct owner *owner = owner_of(all, identity);
	bool new = owner == &all->v[all->used];

	if (!new && owner->open >= all->config->streams_per_identity)
		return err_set(err, RC_TOO_MANY,
			       "you have %u streams open already: end one"
			       " before you begin another",
			       owner->open);
	if (all->open >= all->config->streams)
		return err_set(err, RC_BUSY,
			       "the service has no stream left: come again");
	if (new) {
		*owner = (struct owner){.identity = identity};
		all->used++;
	}
	owner->open++;
	all->open++;
	return RC_OK;
}

static enum rc enter(struct streams *all, int64_t identity, struct err *err)
{
	pthread_mutex_lock(&all->lock);
	enum rc rc = enter_locked(all, identity, err);

	pthread_mutex_unlock(&all->lock);
	return rc;
}

static void leave(struct streams *all, int64_t identity)
{
	pthread_mutex_lock(&all->lock);
	struct owner *owner = owner_of(all, identity);

	all->open--;
	if (--owner->open == 0)
		*owner = all->v[--all->used];
	pthread_mutex_unlock(&all->lock);
}

/* --- what is written --- */

static void put_id(const struct stream *s, int64_t seq, struct buf *out)
{
	buf_printf(out, "id: %s.%lld\n", s->epoch, (long long)seq);
}

static void put_event(const struct stream *s, const char *name, int64_t seq,
		      const struct msg *msg, const void *in, struct buf *out)
{
	buf_printf(out, "event: %s\n", name);
	put_id(s, seq, out);
	buf_str(out, "data: ");
	proto_encode(msg, in, out);
	buf_str(out, "\n\n");
}

/* Without data: the peer keeps the id and hears no event. */
static void put_position(const struct stream *s, struct buf *out)
{
	put_id(s, s->after, out);
	buf_chr(out, '\n');
}

static void put_first(struct stream *s, struct buf *out)
{
	const struct msg_reset reset = {.why = s->reset};

	s->begun = true;
	buf_printf(out, "retry: %d\n", STREAM_RETRY_MS);
	if (s->reset)
		put_event(s, "reset", s->after, &msg_reset_table, &reset, out);
	else
		put_position(s, out);
}

/* --- what is read --- */

struct piece {
	const struct stream *stream;
	struct buf *out;
};

static bool tell(void *ctx, const struct msg_change *change)
{
	struct piece *piece = ctx;

	put_event(piece->stream, change->thing, change->seq, &msg_change_table,
		  change, piece->out);
	return piece->out->len < STREAM_PIECE && !piece->out->failed;
}

/* The next records, for whoever it is now. */
static enum rc read_step(struct stream *s, struct tx *tx, int64_t head,
			 struct arena *arena, struct buf *out)
{
	struct piece piece = {s, out};
	struct principal who;
	struct work w = {.tx = tx, .who = &who, .arena = arena};
	struct work_feed_span span = {
		.after = s->after, .upto = head, .tell = tell, .ctx = &piece};
	int64_t seq;
	enum rc rc = principal_find(tx, &s->proof, arena, &who, NULL);

	if (span.upto > s->after + STREAM_STEP)
		span.upto = s->after + STREAM_STEP;
	if (rc == RC_OK)
		rc = work_feed_read(&w, &s->feed, &span, &seq);
	if (rc == RC_OK)
		s->after = seq;
	else
		buf_reset(out);
	return rc;
}

/* False: there is nobody (any more) to be told, or nothing can be read; whoever
 * comes again hears why. */
static bool read_piece(struct stream *s, int64_t head, struct buf *out)
{
	struct arena arena;
	struct tx tx;
	enum rc rc = reader_begin(s->reader, &tx, NULL);

	if (rc == RC_OK) {
		arena_init(&arena, STREAM_ARENA);
		rc = read_step(s, &tx, head, &arena, out);
		arena_fini(&arena);
		reader_end(s->reader);
	}
	if (reader_failed(s->reader) != RC_OK)
		executor_fail(s->all->config->executor,
			      reader_failed(s->reader));
	/* a long way without anything to tell: it goes on at once */
	if (rc == RC_OK && !out->len && s->after < head)
		put_position(s, out);
	return rc == RC_OK;
}

static bool stream_next(void *ctx, struct buf *out)
{
	struct stream *s = ctx;
	const struct api_config *config = s->all->config;
	int64_t head = executor_seq(config->executor);
	int64_t ms = clock_mono_ms(config->clock);
	bool more = clock_now(config->clock) < s->not_after;

	if (more && !s->begun)
		put_first(s, out);
	else if (more && s->after < head)
		more = read_piece(s, head, out);
	if (more && !out->len && ms - s->told_at >= STREAM_BEAT_MS)
		put_position(s, out);
	if (out->len)
		s->told_at = ms;
	return more;
}

static void stream_free(void *ctx)
{
	struct stream *s = ctx;

	leave(s->all, s->identity);
	mem_free(s);
}

/* --- how it begins --- */

/* "epoch.seq", and nothing else. */
static bool read_id(const char *s, size_t len, char *out_epoch,
		    int64_t *out_seq)
{
	uint8_t bytes[EVENT_EPOCH_LEN / 2];

	if (len <= EVENT_EPOCH_LEN || s[EVENT_EPOCH_LEN] != '.' ||
	    !text_unhex(s, EVENT_EPOCH_LEN, bytes, sizeof(bytes)))
		return false;
	memcpy(out_epoch, s, EVENT_EPOCH_LEN);
	out_epoch[EVENT_EPOCH_LEN] = '\0';
	return text_int(s + EVENT_EPOCH_LEN + 1, len - EVENT_EPOCH_LEN - 1, 0,
			INT64_MAX, out_seq);
}

/* What the peer knows already; *out_seq -1: it does not say. */
static enum rc read_known(struct call *c, const struct http_request *req,
			  char *out_epoch, int64_t *out_seq)
{
	const struct msg_feed_query *in = c->in;
	struct http_str last;

	*out_seq = -1;
	if (http_field_find(req, "Last-Event-ID", &last))
		return read_id(last.p, last.len, out_epoch, out_seq)
			       ? RC_OK
			       : err_set(&c->w.err, RC_MALFORMED,
					 "Last-Event-ID is no id of an event");
	if (!in->after ||
	    read_id(in->after, strlen(in->after), out_epoch, out_seq))
		return RC_OK;
	c->w.faults.v[c->w.faults.n++] =
		(struct field_fault){"#after", "is no id of an event"};
	return err_set(&c->w.err, RC_INVALID, "after is no id of an event");
}

/* From where it goes on; else it begins at the head, with a reset. */
static void place(struct stream *s, const char *epoch, int64_t seq)
{
	int64_t head = executor_seq(s->all->config->executor);

	s->after = head;
	if (seq < 0)
		return;
	if (strcmp(epoch, s->epoch) != 0)
		s->reset = "the id is of another life of the database";
	else if (seq > head)
		s->reset = "the id was not given yet";
	else if (head - seq > STREAM_BEHIND)
		s->reset = "the id is too old";
	else
		s->after = seq;
}

static enum rc begin(struct stream *s, struct call *c,
		     const struct http_request *req, struct tx *tx)
{
	char epoch[EVENT_EPOCH_LEN + 1];
	int64_t seq;
	enum rc rc =
		auth_principal(req, &(struct auth_source){.tx = tx}, c->route,
			       &c->arena, &c->who, &c->challenge, &c->w.err);

	c->w.tx = tx;
	c->w.who = &c->who;
	c->w.arena = &c->arena;
	if (rc == RC_OK)
		rc = call_read(c, req);
	if (rc == RC_OK)
		rc = read_known(c, req, epoch, &seq);
	if (rc == RC_OK)
		rc = work_feed_begin(&c->w, c->in, &s->feed);
	if (rc == RC_OK)
		rc = event_epoch(tx, s->epoch, &c->w.err);
	if (rc != RC_OK)
		return rc;
	s->proof = c->who.proof;
	s->identity = c->who.identity;
	s->not_after = c->who.not_after;
	place(s, epoch, seq);
	return RC_OK;
}

static enum rc open_stream(struct stream *s, struct call *c,
			   const struct http_request *req)
{
	struct tx tx;
	enum rc rc = reader_begin(s->reader, &tx, &c->w.err);

	if (rc != RC_OK)
		return rc;
	rc = begin(s, c, req, &tx);
	reader_end(s->reader);
	if (reader_failed(s->reader) != RC_OK)
		executor_fail(c->config->executor, reader_failed(s->reader));
	return rc == RC_OK ? enter(s->all, s->identity, &c->w.err) : rc;
}

static void answer(struct stream *s, struct call *c)
{
	http_reply_fini(&c->reply);
	http_reply_init(&c->reply, 200);
	c->reply.content_type = c->route->media;
	c->reply.no_store = true;
	c->reply.stream = (struct http_stream){.next = stream_next,
					       .free = stream_free,
					       .ctx = s,
					       .pause_ms = STREAM_PAUSE_MS};
}

static void refuse(struct stream *s, struct call *c, enum rc rc)
{
	call_fail(c, rc);
	if (rc == RC_TOO_MANY || rc == RC_BUSY)
		c->reply.retry_after = STREAM_RETRY_AFTER_S;
	mem_free(s);
}

void streams_answer(struct streams *all, struct reader *reader,
		    struct http_exchange *x, const struct route *route)
{
	const struct http_request *req = http_exchange_request(x);
	struct call *c = call_new(all->config, NULL, route);
	struct stream *s = mem_try(sizeof(*s));
	struct http_reply reply;

	if (!c || !s) {
		problem_reply(&(struct problem){.rc = RC_NOMEM,
						.request_id = req->id},
			      &reply);
		http_answer(x, &reply);
		call_free(c);
		mem_free(s);
		return;
	}
	memcpy(c->request_id, req->id, sizeof(c->request_id));
	*s = (struct stream){.all = all, .reader = reader};
	enum rc rc = open_stream(s, c, req);

	if (rc == RC_OK)
		answer(s, c);
	else
		refuse(s, c, rc);
	http_answer(x, &c->reply);
	call_free(c);
}
