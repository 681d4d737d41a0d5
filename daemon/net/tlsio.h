/*
 * tlsio - the bytes of one TLS connection: OpenSSL on a non-blocking socket.
 *
 * Nothing here waits or knows of events: each call does what can be done now
 * and says what is missing. Rules learnt from OpenSSL 3.0:
 *
 * - Read-ahead is on, so that a record costs one read(2) and not two. Bytes
 *   may therefore lie inside OpenSSL that no readiness of the socket announces:
 *   after each read tlsio_pending() says so, and who then stops asking comes
 *   back by himself.
 * - It reads on for as long as records come that hold nothing for us, changes
 *   of keys above all, each of which costs more to take than to send. So a
 *   call reads the socket once, and what is left there is told of again.
 * - Reading may have to write (an answer to a handshake message) and the other
 *   way about: reads_when_writable and writes_when_readable say so, until the
 *   same thing is tried again.
 * - A write that was refused is tried again with at least the same bytes, which
 *   may have moved. A record that does not fit is therefore kept whole.
 * - The buffers for a record, 17 KiB each way, are released while empty.
 *
 * Output is stored first and sent by tlsio_send(). Small pieces are put
 * together on the worker's stage, one record large, so that an answer's head
 * and body are one record and one write(2). What is large is kept by reference,
 * behind the first part that still fits on the stage. What the peer does not
 * take is kept as parcels; one that takes everything holds no memory.
 */
#ifndef DAEMON_NET_TLSIO_H
#define DAEMON_NET_TLSIO_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define TLSIO_RECORD 16384u /* content of the largest TLS record */
#define TLSIO_TURN 16u	    /* records sent before others have their turn */

struct tlsio_parcel;

struct tlsio_stage { /* a worker's: of the one that is written to */
	size_t len;
	char data[TLSIO_RECORD];
};

struct tlsio {
	SSL *ssl;
	struct tlsio_stage *stage;
	struct tlsio_parcel *first, *last;
	int fd;
	bool reads_when_writable;
	bool writes_when_readable;
	bool has_read; /* the socket, in the call that runs */
};

enum tlsio_step {
	TLSIO_DONE,
	TLSIO_WAITS, /* for the socket; or others have their turn */
	TLSIO_ENDED, /* the peer ended its side in order */
	TLSIO_FAILED,
};

/* Takes ssl (tls_accept()'s) and fd; or, without memory, neither. */
__attribute__((warn_unused_result)) bool
tlsio_init(struct tlsio *w, SSL *ssl, int fd, struct tlsio_stage *stage);
void tlsio_fini(struct tlsio *w);

enum tlsio_step tlsio_shake(struct tlsio *w);
/* Up to size bytes, at least one when DONE. */
enum tlsio_step tlsio_read(struct tlsio *w, char *out, size_t size,
			   size_t *out_len);
/* Whether bytes lie inside OpenSSL. */
bool tlsio_pending(const struct tlsio *w);

/* Store only; false without memory: it is then of no use any more. */
bool tlsio_copy(struct tlsio *w, const char *data, size_t len);
bool tlsio_take(struct tlsio *w, struct buf *body); /* consumes */
/* Sends what is stored; the stage is free for another one afterwards. */
enum tlsio_step tlsio_send(struct tlsio *w);
/* Whether something is left that the peer has not taken; what is on the stage
 * counts, which is this one's until tlsio_send(). */
bool tlsio_holds(const struct tlsio *w);
/* Our side ends: close_notify, then FIN. Everything is sent. */
enum tlsio_step tlsio_shut(struct tlsio *w);

#endif
