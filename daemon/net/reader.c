#include "daemon/net/reader.h"

#include <string.h>

#include "daemon/net/head.h"

void reader_init(struct reader *r, const struct reader_limits *limits,
		 char *head, struct http_field *fields)
{
	*r = (struct reader){
		.limits = limits,
		.fields = fields,
		.method = HTTP_METHOD_COUNT,
	};
	r->head = head;
}

void reader_bound(struct reader *r, uint64_t max_body)
{
	r->max_body = max_body;
}

bool reader_has_body(const struct reader *r)
{
	return r->chunked || r->length > 0;
}

static void fail(struct reader *r, enum rc rc, const char *why,
		 enum reader_got *got)
{
	r->state = READER_FAILED;
	r->error = rc;
	r->detail = why;
	*got = READER_ERROR;
}

static void fail_malformed(struct reader *r, const char *why,
			   enum reader_got *got)
{
	fail(r, RC_MALFORMED, why, got);
}

static void end_head(struct reader *r, enum reader_got *got)
{
	enum rc rc = head_judge(r);

	if (rc != RC_OK) {
		fail(r, rc, r->detail, got);
		return;
	}
	r->state = READER_AT_BODY;
	*got = READER_HEAD;
}

static void on_request_line(struct reader *r, char *line, size_t len,
			    enum reader_got *got)
{
	if (!len && !r->blank_line) {
		r->blank_line = true;
		return;
	}
	enum rc rc = head_line(r, line, len);
	if (rc != RC_OK)
		fail(r, rc, r->detail, got);
	else
		r->state = READER_IN_FIELDS;
}

static void on_field_line(struct reader *r, char *line, size_t len,
			  enum reader_got *got)
{
	if (!len) {
		end_head(r, got);
		return;
	}
	if (r->nfields == r->limits->max_fields) {
		fail(r, RC_FIELDS_TOO_LARGE, "there are too many fields", got);
		return;
	}
	struct http_field *field = &r->fields[r->nfields];
	enum rc rc = head_split(r, line, len, field);
	if (rc == RC_OK)
		rc = head_field(r, field);
	if (rc != RC_OK)
		fail(r, rc, r->detail, got);
	else
		r->nfields++;
}

/* Trailers are read as fields are, and not kept: the next overwrites it. */
static void on_trailer_line(struct reader *r, char *line, size_t len,
			    enum reader_got *got)
{
	struct http_field field;

	if (!len) {
		r->state = READER_AT_END;
		return;
	}
	if (r->nfields++ == r->limits->max_fields)
		fail(r, RC_FIELDS_TOO_LARGE, "there are too many fields", got);
	else if (head_split(r, line, len, &field) != RC_OK)
		fail_malformed(r, r->detail, got);
}

typedef void on_line(struct reader *r, char *line, size_t len,
		     enum reader_got *got);
static on_line *const on_lines[READER_STATE_COUNT] = {
	[READER_IN_LINE] = on_request_line,
	[READER_IN_FIELDS] = on_field_line,
	[READER_IN_TRAILERS] = on_trailer_line,
};

static void fail_full(struct reader *r, enum reader_got *got)
{
	if (r->state == READER_IN_LINE)
		fail(r, RC_URI_TOO_LONG, "the request line is too long", got);
	else
		fail(r, RC_FIELDS_TOO_LARGE, "the fields are too large", got);
}

/* Collects a line in the head buffer, and hands it on when it is whole. */
static size_t step_line(struct reader *r, const char *data, size_t len,
			enum reader_got *got)
{
	size_t room = r->limits->max_head - r->head_len;
	size_t n = len < room ? len : room;

	if (!len)
		return 0;
	if (!room) {
		fail_full(r, got);
		return 0;
	}
	const char *lf = memchr(data, '\n', n);
	if (lf)
		n = (size_t)(lf - data) + 1;
	memcpy(r->head + r->head_len, data, n);
	r->head_len += n;
	if (!lf)
		return n;
	char *line = r->head + r->line_start;
	size_t line_len = r->head_len - r->line_start;
	r->line_start = r->head_len;
	if (line_len < 2 || line[line_len - 2] != '\r')
		fail_malformed(r, "a line must end with CR LF", got);
	else
		on_lines[r->state](r, line, line_len - 2, got);
	return n;
}

static size_t step_at_body(struct reader *r, const char *data, size_t len,
			   enum reader_got *got)
{
	(void)data;
	(void)len;
	r->left = r->length;
	if (r->length > r->max_body)
		fail(r, RC_TOO_LARGE, "the body is too large", got);
	else if (r->chunked)
		r->state = READER_IN_SIZE;
	else
		r->state = r->left ? READER_IN_LENGTH : READER_AT_END;
	return 0;
}

/* Content, as much as is there. */
static size_t take_piece(struct reader *r, const char *data, size_t len,
			 enum reader_state then, enum reader_got *got)
{
	size_t n = len < r->left ? len : (size_t)r->left;

	if (!n)
		return 0;
	r->piece = (struct http_str){data, n};
	r->left -= n;
	r->received += n;
	if (!r->left)
		r->state = then;
	*got = READER_BODY;
	return n;
}

static size_t step_length(struct reader *r, const char *data, size_t len,
			  enum reader_got *got)
{
	return take_piece(r, data, len, READER_AT_END, got);
}

static size_t step_chunk(struct reader *r, const char *data, size_t len,
			 enum reader_got *got)
{
	return take_piece(r, data, len, READER_AT_CHUNK_CR, got);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* chunk-size [ chunk-ext ] CRLF; the extension only directly behind it. */
static size_t step_size(struct reader *r, const char *data, size_t len,
			enum reader_got *got)
{
	if (!len)
		return 0;
	int value = hex_value(*data);
	if (value >= 0 && r->digits == 8) {
		fail(r, RC_TOO_LARGE, "a chunk is too large", got);
	} else if (value >= 0) {
		r->left = r->left << 4 | (uint64_t)value;
		r->digits++;
	} else if (!r->digits || (*data != '\r' && *data != ';')) {
		fail_malformed(r, "a chunk has no size", got);
	} else {
		r->state =
			*data == ';' ? READER_IN_EXTENSION : READER_AT_SIZE_LF;
	}
	return 1;
}

static size_t step_extension(struct reader *r, const char *data, size_t len,
			     enum reader_got *got)
{
	if (!len)
		return 0;
	unsigned char c = (unsigned char)*data;
	if (c == '\r')
		r->state = READER_AT_SIZE_LF;
	else if ((c < ' ' && c != '\t') || c == 0x7f)
		fail_malformed(r, "a chunk's extension is not well-formed",
			       got);
	else if (++r->extensions > READER_EXTENSIONS_MAX)
		fail_malformed(r, "the chunks' extensions are too long", got);
	return 1;
}

static size_t step_size_lf(struct reader *r, const char *data, size_t len,
			   enum reader_got *got)
{
	if (!len)
		return 0;
	r->digits = 0;
	if (*data != '\n')
		fail_malformed(r, "a chunk's size must end with CR LF", got);
	else if (r->left > r->max_body - r->received)
		fail(r, RC_TOO_LARGE, "the body is too large", got);
	else
		r->state = r->left ? READER_IN_CHUNK : READER_IN_TRAILERS;
	return 1;
}

static size_t step_chunk_cr(struct reader *r, const char *data, size_t len,
			    enum reader_got *got)
{
	if (!len)
		return 0;
	r->state = READER_AT_CHUNK_LF;
	if (*data != '\r')
		fail_malformed(r, "a chunk must end with CR LF", got);
	return 1;
}

static size_t step_chunk_lf(struct reader *r, const char *data, size_t len,
			    enum reader_got *got)
{
	if (!len)
		return 0;
	r->state = READER_IN_SIZE;
	if (*data != '\n')
		fail_malformed(r, "a chunk must end with CR LF", got);
	return 1;
}

static size_t step_end(struct reader *r, const char *data, size_t len,
		       enum reader_got *got)
{
	(void)r;
	(void)data;
	(void)len;
	*got = READER_DONE;
	return 0;
}

static size_t step_failed(struct reader *r, const char *data, size_t len,
			  enum reader_got *got)
{
	(void)r;
	(void)data;
	(void)len;
	*got = READER_ERROR;
	return 0;
}

typedef size_t step(struct reader *r, const char *data, size_t len,
		    enum reader_got *got);
static step *const steps[READER_STATE_COUNT] = {
	[READER_IN_LINE] = step_line,
	[READER_IN_FIELDS] = step_line,
	[READER_AT_BODY] = step_at_body,
	[READER_IN_LENGTH] = step_length,
	[READER_IN_SIZE] = step_size,
	[READER_IN_EXTENSION] = step_extension,
	[READER_AT_SIZE_LF] = step_size_lf,
	[READER_IN_CHUNK] = step_chunk,
	[READER_AT_CHUNK_CR] = step_chunk_cr,
	[READER_AT_CHUNK_LF] = step_chunk_lf,
	[READER_IN_TRAILERS] = step_line,
	[READER_AT_END] = step_end,
	[READER_FAILED] = step_failed,
};

size_t reader_feed(struct reader *r, const char *data, size_t len,
		   enum reader_got *out_got)
{
	enum reader_state before;
	size_t used = 0;

	*out_got = READER_MORE;
	do {
		before = r->state;
		used += steps[before](r, data + used, len - used, out_got);
	} while (*out_got == READER_MORE && (used < len || r->state != before));
	return used;
}
