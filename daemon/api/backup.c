/*
 * POST /v1/backups: claim (a worker) -> the record (the writer) -> the copy
 * (the writer, between its batches) -> its hash (the report thread) -> the
 * stream (the worker again) -> the record that it was made (the writer).
 * Whoever goes away in the middle frees the call or the stream, and with it the
 * copy and the claim; nothing says then that it was made.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/api/call.h"

#define PIECE (64u * 1024u) /* of the stream; some go out in one turn */
#define READ_AHEAD (1024u * 1024u)

struct backup_call {
	struct job made; /* first: the executor gives this back */
	struct backup_order order;
	struct call *call; /* until the stream has it */
	struct executor *executor;
	int64_t at;
	char mark[BACKUP_MARK_LEN + 1];
	char digest[64];
	bool whole; /* the stream gave its last byte */
	/* who asked, for the second record */
	struct principal who; /* name and site alone */
	char *name;
	char request_id[HTTP_REQUEST_ID_LEN + 1];
};

static struct backup_call *of_order(struct backup_order *order)
{
	return (struct backup_call *)((char *)order -
				      offsetof(struct backup_call, order));
}

static void let_go(struct backup_call *b)
{
	if (b->order.fd >= 0)
		close(b->order.fd);
	executor_backup_release(b->executor);
}

static void forget(struct backup_call *b)
{
	mem_free(b->name);
	mem_free(b);
}

void backup_call_free(struct backup_call *b)
{
	if (!b)
		return;
	let_go(b);
	forget(b);
}

enum rc backup_prepare(struct call *c)
{
	struct executor *ex = c->config->executor;

	if (!executor_backup_claim(ex))
		return err_set(&c->w.err, RC_STATE,
			       "another backup is being made; there is one at"
			       " a time");
	c->backup = mem_alloc(sizeof(*c->backup));
	c->backup->order.fd = -1;
	c->backup->call = c;
	c->backup->executor = ex;
	c->backup->name = mem_strdup(c->who.name);
	c->backup->who = (struct principal){.name = c->backup->name,
					    .site = c->who.site};
	memcpy(c->backup->request_id, c->request_id, sizeof(c->request_id));
	return RC_OK;
}

enum rc backup_run(struct call *c)
{
	return work_backup(&c->w);
}

/* --- the record that it was made --- */

static enum rc made_run(struct job *job, struct tx *tx)
{
	struct backup_call *b = (struct backup_call *)job;
	struct work w = {.tx = tx, .who = &b->who, .request_id = b->request_id};

	return work_backup_made(&w);
}

static void made_done(struct job *job, enum rc outcome)
{
	struct backup_call *b = (struct backup_call *)job;

	if (outcome != RC_OK)
		log_event(LOG_LVL_WARN, "not-on-record",
			  LOG_S("what", "backup"),
			  LOG_S("why", rc_row(outcome)->code),
			  LOG_S("request_id", b->request_id),
			  LOG_DO("make another: this one does not count"));
	forget(b);
}

/* --- the stream --- */

static bool next_piece(void *ctx, struct buf *out)
{
	struct backup_call *b = ctx;
	int64_t left = b->order.bytes - b->at;
	size_t want = left < (int64_t)PIECE ? (size_t)left : PIECE;
	char *to = left > 0 ? buf_room(out, want) : NULL;
	ssize_t n = to ? pread(b->order.fd, to, want, b->at) : 0;

	/* By itself, when the peer has taken all before it. */
	if (left == 0) {
		buf_add(out, b->mark, BACKUP_MARK_LEN);
		b->whole = true;
		return false;
	}
	if (n <= 0)
		return false; /* too short: it will be cut */
	out->len += (size_t)n;
	b->at += n;
	return true;
}

/* The next one may be made before this one is on record. */
static void free_stream(void *ctx)
{
	struct backup_call *b = ctx;

	if (!b->whole) {
		backup_call_free(b);
		return;
	}
	let_go(b);
	b->made = (struct job){made_run, made_done};
	if (!executor_write(b->executor, &b->made))
		made_done(&b->made, RC_BUSY);
}

static void answer(struct call *c)
{
	struct backup_call *b = c->backup;

	http_reply_fini(&c->reply);
	http_reply_init(&c->reply, 200);
	c->reply.content_type = c->route->media;
	c->reply.no_store = true;
	memcpy(c->reply.digest, b->digest, sizeof(b->digest));
	c->reply.stream = (struct http_stream){
		.next = next_piece,
		.free = free_stream,
		.ctx = b,
		.length = (uint64_t)b->order.bytes + BACKUP_MARK_LEN,
	};
	c->backup = NULL; /* the stream's */
	call_answer(c);
}

/* --- its hash --- */

/* Of the database, for its mark, and of both. */
static enum rc sum_up(struct backup_call *b, uint8_t out[CRYPT_HASH_LEN],
		      struct err *err)
{
	struct crypt_sum *sum = crypt_sum_new(), *whole = crypt_sum_new();
	uint8_t hash[CRYPT_HASH_LEN];
	char *piece = mem_alloc(READ_AHEAD);
	int64_t at = 0;
	ssize_t n;

	while ((n = pread(b->order.fd, piece, READ_AHEAD, at)) > 0) {
		crypt_sum_add(sum, piece, (size_t)n);
		crypt_sum_add(whole, piece, (size_t)n);
		at += n;
		executor_report_moves(b->executor);
	}
	mem_free(piece);
	crypt_sum_end(sum, hash);
	backup_mark(hash, b->mark);
	crypt_sum_add(whole, b->mark, BACKUP_MARK_LEN);
	crypt_sum_end(whole, out);
	return at == b->order.bytes
		       ? RC_OK
		       : err_set(err, RC_IO, "the copy cannot be read back");
}

static enum rc sum_run(struct job *job, struct tx *tx)
{
	struct call *c = (struct call *)job;
	char base64[TEXT_BASE64_LEN(CRYPT_HASH_LEN) + 1];
	uint8_t hash[CRYPT_HASH_LEN];
	enum rc rc = sum_up(c->backup, hash, &c->w.err);

	(void)tx;
	if (rc != RC_OK)
		return rc;
	text_base64(hash, sizeof(hash), base64);
	snprintf(c->backup->digest, sizeof(c->backup->digest),
		 "sha-256=:%s:", base64);
	return RC_OK;
}

static void sum_done(struct job *job, enum rc outcome)
{
	struct call *c = (struct call *)job;

	if (outcome == RC_OK)
		answer(c);
	else
		call_refuse(c, outcome);
}

/* --- the copy --- */

static void on_copy(struct backup_order *order, enum rc outcome)
{
	struct call *c = of_order(order)->call;

	if (outcome != RC_OK) {
		c->w.err = order->err;
		call_refuse(c, outcome);
		return;
	}
	c->job = (struct job){sum_run, sum_done};
	if (!executor_report(c->config->executor, &c->job))
		call_refuse(c, RC_BUSY);
}

void backup_after(struct call *c)
{
	c->backup->order.done = on_copy;
	executor_backup_start(c->config->executor, &c->backup->order);
}
