#include "daemon/net/tlsio.h"

#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

struct tlsio_parcel {
	struct tlsio_parcel *next;
	const char *data; /* into body, or behind the struct */
	size_t len;	  /* not sent yet */
	struct buf body;
};

/* OpenSSL goes on reading until it has something for us, and of what a peer
 * sends much is nothing of that sort: it ends after one read(2). The parameters
 * are OpenSSL's. */
static long on_bio(BIO *bio, int oper, const char *data, size_t len, int argi,
		   /* NOLINTNEXTLINE(readability-non-const-parameter) */
		   long argl, int ret, size_t *done)
{
	struct tlsio *w = (struct tlsio *)BIO_get_callback_arg(bio);

	(void)data;
	(void)len;
	(void)argi;
	(void)argl;
	(void)done;
	if (oper != BIO_CB_READ)
		return ret;
	if (!w->has_read) {
		w->has_read = true;
		return ret;
	}
	BIO_clear_retry_flags(bio);
	BIO_set_retry_read(bio);
	return -1;
}

bool tlsio_init(struct tlsio *w, SSL *ssl, int fd, struct tlsio_stage *stage)
{
	*w = (struct tlsio){.ssl = ssl, .fd = fd, .stage = stage};
	if (SSL_set_fd(ssl, fd) != 1)
		return false;
	BIO_set_callback_arg(SSL_get_rbio(ssl), (char *)w);
	BIO_set_callback_ex(SSL_get_rbio(ssl), on_bio);
	return true;
}

static void drop_first(struct tlsio *w)
{
	struct tlsio_parcel *parcel = w->first;

	w->first = parcel->next;
	if (!w->first)
		w->last = NULL;
	buf_fini(&parcel->body);
	mem_free(parcel);
}

void tlsio_fini(struct tlsio *w)
{
	while (w->first)
		drop_first(w);
	SSL_free(w->ssl);
	close(w->fd);
	ERR_clear_error();
}

/* What a call that did not succeed waits for. */
static enum tlsio_step judge(struct tlsio *w, int result, int crosswise,
			     bool *out_crosswise)
{
	int why = SSL_get_error(w->ssl, result);

	*out_crosswise = why == crosswise;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		return TLSIO_WAITS;
	return why == SSL_ERROR_ZERO_RETURN ? TLSIO_ENDED : TLSIO_FAILED;
}

/* So that what went wrong elsewhere is not taken for ours. To look first is
 * quicker: clearing touches all of the queue. */
static void begin_call(struct tlsio *w)
{
	w->has_read = false;
	if (ERR_peek_error() != 0)
		ERR_clear_error();
}

enum tlsio_step tlsio_shake(struct tlsio *w)
{
	begin_call(w);
	int result = SSL_do_handshake(w->ssl);
	w->reads_when_writable = false;
	if (result == 1)
		return TLSIO_DONE;
	return judge(w, result, SSL_ERROR_WANT_WRITE, &w->reads_when_writable);
}

enum tlsio_step tlsio_read(struct tlsio *w, char *out, size_t size,
			   size_t *out_len)
{
	begin_call(w);
	int result = SSL_read_ex(w->ssl, out, size, out_len);
	w->reads_when_writable = false;
	if (result == 1)
		return TLSIO_DONE;
	return judge(w, result, SSL_ERROR_WANT_WRITE, &w->reads_when_writable);
}

bool tlsio_pending(const struct tlsio *w)
{
	return SSL_has_pending(w->ssl) == 1;
}

/* --- output ----------------------------------------------------------- */

static void hang(struct tlsio *w, struct tlsio_parcel *parcel)
{
	if (w->last)
		w->last->next = parcel;
	else
		w->first = parcel;
	w->last = parcel;
}

/* What is on the stage becomes a parcel of its own. */
static bool clear_stage(struct tlsio *w)
{
	struct tlsio_stage *stage = w->stage;
	struct tlsio_parcel *parcel;

	if (!stage->len)
		return true;
	parcel = mem_try(sizeof(*parcel) + stage->len);
	if (!parcel)
		return false;
	memcpy(parcel + 1, stage->data, stage->len);
	parcel->data = (const char *)(parcel + 1);
	parcel->len = stage->len;
	stage->len = 0;
	hang(w, parcel);
	return true;
}

static size_t put_on_stage(struct tlsio_stage *stage, const char *data,
			   size_t len)
{
	size_t room = TLSIO_RECORD - stage->len;
	size_t n = len < room ? len : room;

	if (n)
		memcpy(stage->data + stage->len, data, n);
	stage->len += n;
	return n;
}

bool tlsio_copy(struct tlsio *w, const char *data, size_t len)
{
	for (;;) {
		size_t n = put_on_stage(w->stage, data, len);

		data += n;
		len -= n;
		if (!len)
			return true;
		if (!clear_stage(w))
			return false;
	}
}

/* The part of body from `at` on. */
static bool hang_body(struct tlsio *w, struct buf *body, size_t at)
{
	struct tlsio_parcel *parcel = mem_try(sizeof(*parcel));

	if (!parcel)
		return false;
	parcel->body = *body;
	parcel->data = body->data + at;
	parcel->len = body->len - at;
	buf_init(body, body->max);
	hang(w, parcel);
	return true;
}

bool tlsio_take(struct tlsio *w, struct buf *body)
{
	size_t n = put_on_stage(w->stage, body->data, body->len);
	bool ok = n == body->len || (clear_stage(w) && hang_body(w, body, n));

	buf_fini(body);
	return ok;
}

/* One record at most; out_sent bytes are gone. */
static enum tlsio_step write_record(struct tlsio *w, const char *data,
				    size_t len, size_t *out_sent)
{
	*out_sent = 0;
	begin_call(w);
	int result = SSL_write_ex(w->ssl, data, len, out_sent);
	w->writes_when_readable = false;
	if (result == 1)
		return TLSIO_DONE;
	return judge(w, result, SSL_ERROR_WANT_READ, &w->writes_when_readable);
}

/* Straight from the stage: the usual case, and no memory is touched. */
static enum tlsio_step send_stage(struct tlsio *w)
{
	struct tlsio_stage *stage = w->stage;
	size_t sent;
	enum tlsio_step step = write_record(w, stage->data, stage->len, &sent);

	stage->len -= sent;
	memmove(stage->data, stage->data + sent, stage->len);
	return step;
}

static enum tlsio_step send_parcels(struct tlsio *w)
{
	enum tlsio_step step = TLSIO_DONE;

	for (unsigned i = 0; step == TLSIO_DONE && w->first; i++) {
		struct tlsio_parcel *parcel = w->first;
		size_t sent;

		if (i == TLSIO_TURN)
			return TLSIO_WAITS;
		step = write_record(w, parcel->data, parcel->len, &sent);
		parcel->data += sent;
		parcel->len -= sent;
		if (!parcel->len)
			drop_first(w);
	}
	return step;
}

enum tlsio_step tlsio_send(struct tlsio *w)
{
	enum tlsio_step step = TLSIO_DONE;

	if (!w->first && w->stage->len)
		step = send_stage(w);
	if (w->stage->len && step != TLSIO_FAILED && !clear_stage(w))
		step = TLSIO_FAILED;
	w->stage->len = 0;
	return step == TLSIO_DONE ? send_parcels(w) : step;
}

bool tlsio_holds(const struct tlsio *w)
{
	return w->first != NULL || w->stage->len > 0;
}

enum tlsio_step tlsio_shut(struct tlsio *w)
{
	bool crosswise;

	begin_call(w);
	int result = SSL_shutdown(w->ssl);
	if (result < 0 &&
	    judge(w, result, SSL_ERROR_WANT_READ, &crosswise) == TLSIO_WAITS)
		return TLSIO_WAITS;
	shutdown(w->fd, SHUT_WR);
	return TLSIO_DONE;
}
