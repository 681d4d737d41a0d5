/*
 * writer - the head of an answer, as bytes (RFC 9112 section 4, RFC 9110).
 *
 * Every answer names its length, or is chunked, or (HTTP/1.0 alone) ends with
 * the connection; 204 and 304 have no content; HEAD gets GET's head. Values
 * that an app computed and that hold a control character are left out and
 * told: they could not be sent without becoming fields of their own.
 */
#ifndef DAEMON_NET_WRITER_H
#define DAEMON_NET_WRITER_H

#include "daemon/net/http.h"

#define WRITER_HEAD_MAX 2048u
#define WRITER_DATE_LEN 29 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define WRITER_CHUNK_MAX 18u

enum writer_framing {
	WRITER_NONE,   /* no content and no word of it: 204, 304 */
	WRITER_LENGTH, /* Content-Length */
	WRITER_CHUNKED,
	WRITER_CLOSE, /* until the connection ends */
};

struct writer_head {
	const struct http_reply *reply;
	enum writer_framing framing;
	uint64_t length;
	bool close;
	const char *date; /* writer_date()'s */
	const char *request_id;
};

/* Answers the head's length; out holds WRITER_HEAD_MAX. Aborts when static
 * texts of ours do not fit. out_dropped: how many values were left out. */
size_t writer_head(const struct writer_head *head, char *out,
		   unsigned *out_dropped);

/* The reason phrase; "" for a status without one. */
const char *writer_reason(int status);

/* out holds WRITER_DATE_LEN + 1. */
void writer_date(int64_t utc, char *out);

/* The line before a chunk; out holds WRITER_CHUNK_MAX. Answers its length. */
size_t writer_chunk(size_t len, char *out);

#endif
