/*
 * reader - requests of HTTP/1.1 out of bytes (RFC 9112), without any I/O.
 *
 * Bytes go in, one event at a time comes out:
 *
 *   MORE*  HEAD  (MORE | BODY)*  DONE        or, anywhere,  ERROR
 *
 * What the bytes mean does not depend on how they are cut into pieces. What
 * two readers could understand in two ways is an ERROR and nothing behind it
 * is looked at: bare CR or LF, folded lines, blanks before a colon, control
 * characters, no Host or two, both or several framings, lists where one value
 * belongs, numbers in any spelling but one.
 *
 * Memory is the caller's: a head buffer and an array of fields, both of the
 * size that the limits name. Parsed strings point into the head buffer and
 * live as long as it does. Trailers are checked, bounded by what is left of
 * the head's limits, and dropped; chunk extensions likewise.
 */
#ifndef DAEMON_NET_READER_H
#define DAEMON_NET_READER_H

#include "base/rc.h"
#include "daemon/net/http.h"
#include "daemon/net/target.h"

/* Over all chunks of one message. */
#define READER_EXTENSIONS_MAX 1024u

struct reader_limits {
	size_t max_head;
	size_t max_target;
	unsigned max_fields;
	const char *const *hosts; /* whom we answer for; none: any */
	unsigned nhosts;
};

enum reader_got {
	READER_MORE,  /* everything was consumed, nothing is complete yet */
	READER_HEAD,  /* the results below are set; reader_bound() next */
	READER_BODY,  /* piece: content, points into the bytes given */
	READER_DONE,  /* the message ends here */
	READER_ERROR, /* error, detail; consumes nothing from now on */
};

enum reader_state {
	READER_IN_LINE, /* the request line */
	READER_IN_FIELDS,
	READER_AT_BODY, /* the head was reported */
	READER_IN_LENGTH,
	READER_IN_SIZE, /* of a chunk */
	READER_IN_EXTENSION,
	READER_AT_SIZE_LF,
	READER_IN_CHUNK,
	READER_AT_CHUNK_CR,
	READER_AT_CHUNK_LF,
	READER_IN_TRAILERS,
	READER_AT_END,
	READER_FAILED,
	READER_STATE_COUNT
};

struct reader {
	const struct reader_limits *limits;
	char *head;
	struct http_field *fields;
	enum reader_state state;
	size_t head_len;   /* bytes of the head so far */
	size_t line_start; /* where the line being read begins */
	bool blank_line;   /* the one that may precede a request (2.2) */
	uint32_t seen;	   /* fields that may stand once only, by their row */

	/* The head's results. */
	enum http_method method;
	bool http10;
	bool keep_alive;
	bool expects_continue;
	bool chunked;
	bool has_length;
	uint64_t length;
	struct target target;
	struct http_str host; /* without port */
	unsigned nfields;

	/* The body's. */
	uint64_t max_body;
	uint64_t received;
	uint64_t left; /* of the content or of the chunk */
	unsigned digits;
	size_t extensions;
	struct http_str piece;

	enum rc error;
	const char *detail; /* static */

	/* Values met among the fields, judged when the head is whole. */
	struct http_str host_value;
	bool has_host;
	bool has_coding;
	bool coding_known;
	bool expect_unknown;
	bool says_close;
};

/* Ready for the first byte of a request. */
void reader_init(struct reader *r, const struct reader_limits *limits,
		 char *head, struct http_field *fields);
/* Reads until one event; answers how many of the bytes it consumed. After
 * HEAD and BODY call again, also without bytes: DONE may need none. */
size_t reader_feed(struct reader *r, const char *data, size_t len,
		   enum reader_got *out_got);
/* After HEAD: the most that the body may have; beyond it ERROR. */
void reader_bound(struct reader *r, uint64_t max_body);
/* Whether content follows the head. */
bool reader_has_body(const struct reader *r);

#endif
