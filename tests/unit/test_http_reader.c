/*
 * The reader over a table of requests, good and bad. Each is fed whole, byte
 * by byte, and in pieces drawn at random: what is understood must not depend
 * on how the bytes are cut. SEED repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "daemon/net/reader.h"

#define H "Host: localhost\r\n"
#define GET "GET /healthz HTTP/1.1\r\n" H
#define POST "POST /x HTTP/1.1\r\n" H
#define TE "Transfer-Encoding: chunked\r\n\r\n"
#define OK "GET /healthz?=[];"

/* What was understood: "METHOD path?query=[body];" a request, "!status;" an
 * error, "..." when the end is missing. */
struct vector {
	const char *name;
	const char *in;
	size_t len;
	const char *out;
};
#define V(name, in, out)                                                       \
	{                                                                      \
		name, in, sizeof(in) - 1, out                                  \
	}

static const struct vector vectors[] = {
	V("plain", GET "\r\n", OK),
	V("two", GET "\r\n" GET "\r\n", OK OK),
	V("a blank line before", "\r\n" GET "\r\n", OK),
	V("two blank lines before", "\r\n\r\n" GET "\r\n", "!400;"),
	V("unfinished", GET, "..."),
	V("nothing", "", "..."),
	V("query", "GET /a?b=c&d=%2F HTTP/1.1\r\n" H "\r\n",
	  "GET /a?b=c&d=%2F=[];"),
	V("query with marks", "GET /a??b=/? HTTP/1.1\r\n" H "\r\n",
	  "GET /a??b=/?=[];"),
	V("percent", "GET /%e5%8c%bb%20a HTTP/1.1\r\n" H "\r\n",
	  "GET /\xe5\x8c\xbb a?=[];"),
	V("percent letter", "GET /%61bc HTTP/1.1\r\n" H "\r\n",
	  "GET /abc?=[];"),
	V("tilde", "GET /~a;b,c=(d)!$&'*+:@ HTTP/1.1\r\n" H "\r\n",
	  "GET /~a;b,c=(d)!$&'*+:@?=[];"),
	V("all methods: HEAD", "HEAD / HTTP/1.1\r\n" H "\r\n", "HEAD /?=[];"),
	V("PUT", "PUT / HTTP/1.1\r\n" H "\r\n", "PUT /?=[];"),
	V("PATCH", "PATCH / HTTP/1.1\r\n" H "\r\n", "PATCH /?=[];"),
	V("DELETE", "DELETE / HTTP/1.1\r\n" H "\r\n", "DELETE /?=[];"),
	V("OPTIONS *", "OPTIONS * HTTP/1.1\r\n" H "\r\n", "OPTIONS *?=[];"),
	V("GET *", "GET * HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("host with port", "GET / HTTP/1.1\r\nHost: LOCALHOST:8443\r\n\r\n",
	  "GET /?=[];"),
	V("host v6", "GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n",
	  "GET /?=[];"),
	V("absolute", "GET https://localhost/a?b HTTP/1.1\r\n" H "\r\n",
	  "GET /a?b=[];"),
	V("absolute without path",
	  "GET HTTPS://localhost HTTP/1.1\r\n" H "\r\n", "GET /?=[];"),
	V("absolute, query only",
	  "GET https://localhost?a HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("blanks around a value",
	  "GET / HTTP/1.1\r\nHost:\t localhost \t\r\n"
	  "\r\n",
	  "GET /?=[];"),
	V("empty value", GET "X:\r\n\r\n", OK),
	V("obs-text", GET "X: \xe5\x8c\xbb\r\n\r\n", OK),
	V("1.0", "GET / HTTP/1.0\r\n\r\n", "GET /?=[];"),
	V("1.0 with Host", "GET / HTTP/1.0\r\n" H "\r\n", "GET /?=[];"),
	V("length", POST "Content-Length: 5\r\n\r\nhello" GET "\r\n",
	  "POST /x?=[hello];" OK),
	V("length 0", POST "Content-Length: 0\r\n\r\n" GET "\r\n",
	  "POST /x?=[];" OK),
	V("body unfinished", POST "Content-Length: 5\r\n\r\nhell", "..."),
	V("chunked",
	  POST TE "5\r\nhello\r\nC\r\n hello again\r\n0\r\n\r\n" GET "\r\n",
	  "POST /x?=[hello hello again];" OK),
	V("chunked, caseless",
	  POST "transfer-encoding: Chunked\r\n\r\n"
	       "1\r\nx\r\n0\r\n\r\n",
	  "POST /x?=[x];"),
	V("chunk with zeros", POST TE "0000001\r\nx\r\n000\r\n\r\n",
	  "POST /x?=[x];"),
	V("chunk extension", POST TE "1;a=\"b c\"\r\nx\r\n0;z\r\n\r\n",
	  "POST /x?=[x];"),
	V("trailers", POST TE "1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n" GET "\r\n",
	  "POST /x?=[x];" OK),
	V("chunks unfinished", POST TE "1\r\nx\r\n0\r\n", "..."),
	V("Expect", POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
	  "POST /x?=[x];"),
	V("Expect in 1.0", "POST /x HTTP/1.0\r\nExpect: tea\r\n\r\n",
	  "POST /x?=[];"),

	V("no Host", "GET / HTTP/1.1\r\n\r\n", "!400;"),
	V("two Host", GET "Host: localhost\r\n\r\n", "!400;"),
	V("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "!400;"),
	V("Host with user", "GET / HTTP/1.1\r\nHost: a@localhost\r\n\r\n",
	  "!400;"),
	V("Host with path", "GET / HTTP/1.1\r\nHost: localhost/\r\n\r\n",
	  "!400;"),
	V("Host list", "GET / HTTP/1.1\r\nHost: localhost, b\r\n\r\n", "!400;"),
	V("Host, bad port", "GET / HTTP/1.1\r\nHost: localhost:99999\r\n\r\n",
	  "!400;"),
	V("Host, no port", "GET / HTTP/1.1\r\nHost: localhost:\r\n\r\n",
	  "!400;"),
	V("Host, bad v6", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "!400;"),
	V("Host, not v6", "GET / HTTP/1.1\r\nHost: [xyz]\r\n\r\n", "!400;"),
	V("other Host", "GET / HTTP/1.1\r\nHost: evil\r\n\r\n", "!421;"),
	V("Host longer than ours",
	  "GET / HTTP/1.1\r\nHost: localhost.evil\r\n\r\n", "!421;"),
	V("absolute, other host", "GET https://evil/ HTTP/1.1\r\n" H "\r\n",
	  "!421;"),
	V("absolute, http", "GET http://localhost/ HTTP/1.1\r\n" H "\r\n",
	  "!421;"),
	V("absolute, Host differs",
	  "GET https://localhost/ HTTP/1.1\r\nHost: localhost:1\r\n\r\n",
	  "!400;"),
	V("absolute, user", "GET https://a@localhost/ HTTP/1.1\r\n" H "\r\n",
	  "!400;"),
	V("other scheme", "GET ftp://localhost/ HTTP/1.1\r\n" H "\r\n",
	  "!400;"),
	V("CL and TE", POST "Content-Length: 6\r\n" TE "0\r\n\r\nG", "!400;"),
	V("TE and CL",
	  POST "Transfer-Encoding: chunked\r\n"
	       "Content-Length: 6\r\n\r\n0\r\n\r\nG",
	  "!400;"),
	V("two CL", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
	  "!400;"),
	V("CL list", POST "Content-Length: 5, 5\r\n\r\nhello", "!400;"),
	V("CL +5", POST "Content-Length: +5\r\n\r\nhello", "!400;"),
	V("CL -1", POST "Content-Length: -1\r\n\r\nhello", "!400;"),
	V("CL 5x", POST "Content-Length: 5x\r\n\r\nhello", "!400;"),
	V("CL 0x5", POST "Content-Length: 0x5\r\n\r\nhello", "!400;"),
	V("CL 05", POST "Content-Length: 05\r\n\r\nhello", "!400;"),
	V("CL empty", POST "Content-Length:\r\n\r\nhello", "!400;"),
	V("CL huge", POST "Content-Length: 99999999999999999999\r\n\r\n",
	  "!413;"),
	V("CL beyond", POST "Content-Length: 101\r\n\r\n", "!413;"),
	V("TE xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", "!501;"),
	V("TE gzip, chunked",
	  POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "!501;"),
	V("TE twice", POST "Transfer-Encoding: chunked\r\n" TE "0\r\n\r\n",
	  "!400;"),
	V("TE empty", POST "Transfer-Encoding:\r\n\r\n", "!501;"),
	V("TE in 1.0", "POST / HTTP/1.0\r\n" TE "0\r\n\r\n", "!400;"),
	V("two Content-Type",
	  GET "Content-Type: a/b\r\nContent-type: a/b\r\n"
	      "\r\n",
	  "!400;"),
	V("two If-Match", GET "If-Match: \"1\"\r\nIf-Match: \"2\"\r\n\r\n",
	  "!400;"),
	V("two Idempotency-Key",
	  GET "Idempotency-Key: a\r\nIdempotency-Key: a\r\n\r\n", "!400;"),
	V("two Accept", GET "Accept: a\r\nAccept: b\r\n\r\n", OK),
	V("blank before colon", POST "Content-Length : 5\r\n\r\nhello",
	  "!400;"),
	V("folded", GET "X: a\r\n b\r\n\r\n", "!400;"),
	V("folded first", "GET / HTTP/1.1\r\n " H "\r\n", "!400;"),
	V("bare LF", "GET / HTTP/1.1\nHost: localhost\n\n", "!400;"),
	V("bare LF at the end", GET "\n", "!400;"),
	V("NUL", GET "X: a\0b\r\n\r\n", "!400;"),
	V("NUL in a name", GET "X\0: a\r\n\r\n", "!400;"),
	V("control", GET "X: a\x01\r\n\r\n", "!400;"),
	V("DEL", GET "X: a\x7f\r\n\r\n", "!400;"),
	V("bare CR", GET "X: a\rY: b\r\n\r\n", "!400;"),
	V("CR CR LF", GET "X: a\r\r\n\r\n", "!400;"),
	V("no colon", GET "nocolon\r\n\r\n", "!400;"),
	V("empty name", GET ": x\r\n\r\n", "!400;"),
	V("name not a token", GET "a(b): x\r\n\r\n", "!400;"),
	V("HTTP/2.0", "GET / HTTP/2.0\r\n" H "\r\n", "!505;"),
	V("HTTP/1.2", "GET / HTTP/1.2\r\n" H "\r\n", "!505;"),
	V("HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", "!505;"),
	V("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "!505;"),
	V("http/1.1", "GET / http/1.1\r\n" H "\r\n", "!400;"),
	V("HTTP/11", "GET / HTTP/11\r\n" H "\r\n", "!400;"),
	V("HTTP/1.1x", "GET / HTTP/1.1x\r\n" H "\r\n", "!400;"),
	V("no version", "GET /\r\n", "!400;"),
	V("two blanks", "GET  / HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("blank at the end", "GET / HTTP/1.1 \r\n" H "\r\n", "!400;"),
	V("tab", "GET\t/ HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("blank first", " GET / HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("unknown method", "FOO / HTTP/1.1\r\n" H "\r\n", "!501;"),
	V("get", "get / HTTP/1.1\r\n" H "\r\n", "!501;"),
	V("TRACE", "TRACE / HTTP/1.1\r\n" H "\r\n", "!501;"),
	V("CONNECT", "CONNECT localhost:443 HTTP/1.1\r\n" H "\r\n", "!501;"),
	V("method not a token", "G{T / HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("dot segments", "GET /a/../b HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("dot at the end", "GET /a/. HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("dots encoded", "GET /a/%2e%2E/b HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("dots in a name", "GET /a..b/.c HTTP/1.1\r\n" H "\r\n",
	  "GET /a..b/.c?=[];"),
	V("bad percent", "GET /%zz HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("cut percent", "GET /%6 HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("encoded NUL", "GET /%00 HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("encoded slash", "GET /a%2Fb HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("encoded CR LF", "GET /a%0d%0a HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("not UTF-8", "GET /%ff HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("overlong UTF-8", "GET /%c0%ae HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("raw UTF-8", "GET /\xe5\x8c\xbb HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("backslash", "GET /a\\b HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("query not a query", "GET /a?b\"c HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("not a path", "GET a HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("Expect tea", POST "Expect: tea\r\n\r\n", "!417;"),
	V("chunk size -1", POST TE "-1\r\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size 0x1", POST TE "0x1\r\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size +1", POST TE "+1\r\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size huge", POST TE "ffffffffffffffff\r\nx\r\n", "!413;"),
	V("chunk size blank", POST TE "1 \r\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size empty", POST TE "\r\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size g", POST TE "g\r\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size bare LF", POST TE "1\nx\r\n0\r\n\r\n", "!400;"),
	V("chunk size CR x", POST TE "1\rx\r\n0\r\n\r\n", "!400;"),
	V("chunk end", POST TE "1\r\nxx0\r\n\r\n", "!400;"),
	V("chunk end CR x", POST TE "1\r\nx\rx0\r\n\r\n", "!400;"),
	V("chunks beyond",
	  POST TE "40\r\n"
		  "0123456789012345678901234567890123456789"
		  "012345678901234567890123\r\n40\r\n",
	  "!413;"),
	V("extension with NUL", POST TE "1;\0\r\nx\r\n0\r\n\r\n", "!400;"),
	V("extension with LF", POST TE "1;a\nx\r\n0\r\n\r\n", "!400;"),
	V("bad trailer", POST TE "0\r\nno colon\r\n\r\n", "!400;"),
	V("folded trailer", POST TE "0\r\nA: b\r\n c\r\n\r\n", "!400;"),
	V("error, then a request", "BAD\r\n\r\n" GET "\r\n", "!400;"),
};
#define NVECTORS (sizeof(vectors) / sizeof(vectors[0]))

#define MAX_HEAD 1024
#define MAX_FIELDS 16
static const char *const hosts[] = {"localhost", "[::1]"};
static const struct reader_limits limits = {
	.max_head = MAX_HEAD,
	.max_target = 512,
	.max_fields = MAX_FIELDS,
	.hosts = hosts,
	.nhosts = 2,
};

struct run {
	struct reader reader;
	char head[MAX_HEAD];
	struct http_field fields[MAX_FIELDS];
	struct buf body;
	struct buf out;
	bool started, over;
};

static void next_request(struct run *run)
{
	reader_init(&run->reader, &limits, run->head, run->fields);
	buf_reset(&run->body);
	run->started = false;
}

static void tell_request(struct run *run)
{
	const struct target *t = &run->reader.target;

	buf_str(&run->out, http_method_name(run->reader.method));
	buf_chr(&run->out, ' ');
	buf_add(&run->out, t->path.p, t->path.len);
	buf_chr(&run->out, '?');
	buf_add(&run->out, t->query.p, t->query.len);
	buf_str(&run->out, "=[");
	buf_add(&run->out, run->body.data, run->body.len);
	buf_str(&run->out, "];");
}

static void on_event(struct run *run, enum reader_got got)
{
	switch (got) {
	case READER_MORE:
		break;
	case READER_HEAD:
		reader_bound(&run->reader, 100);
		break;
	case READER_BODY:
		buf_add(&run->body, run->reader.piece.p, run->reader.piece.len);
		break;
	case READER_DONE:
		tell_request(run);
		next_request(run);
		break;
	case READER_ERROR:
		run->over = true;
		buf_printf(&run->out, "!%d;", rc_row(run->reader.error)->http);
		assert_non_null(run->reader.detail);
		break;
	}
}

static void feed(struct run *run, const char *data, size_t len)
{
	enum reader_got got = READER_HEAD;
	size_t used = 0;

	while (!run->over && (used < len || got != READER_MORE)) {
		if (got == READER_DONE && used == len)
			break;
		run->started = true;
		used += reader_feed(&run->reader, data + used, len - used,
				    &got);
		on_event(run, got);
	}
}

/* Feeds v in pieces of the length that cut() gives. */
static void transcribe(const struct vector *v, size_t (*cut)(size_t left),
		       struct run *run)
{
	/* An exact copy: reading beyond its end is found. */
	char *copy = malloc(v->len ? v->len : 1);

	memcpy(copy, v->in, v->len);
	next_request(run);
	run->over = false;
	buf_reset(&run->out);
	for (size_t at = 0; at < v->len;) {
		size_t n = cut(v->len - at);

		feed(run, copy + at, n);
		at += n;
	}
	if (!run->over && (run->started || !v->len))
		buf_str(&run->out, "...");
	free(copy);
}

static uint32_t seed;

static uint32_t draw(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static size_t cut_not(size_t left)
{
	return left;
}

static size_t cut_bytes(size_t left)
{
	(void)left;
	return 1;
}

static size_t cut_random(size_t left)
{
	size_t n = 1 + draw() % 9;

	return n < left ? n : left;
}

static void setup(struct run *run)
{
	buf_init(&run->body, 4096);
	buf_init(&run->out, 65536);
}

static void teardown(struct run *run)
{
	buf_fini(&run->body);
	buf_fini(&run->out);
}

static void check_vectors(size_t (*cut)(size_t left))
{
	struct run run;

	setup(&run);
	for (size_t i = 0; i < NVECTORS; i++) {
		uint32_t before = seed;

		transcribe(&vectors[i], cut, &run);
		if (strcmp(buf_cstr(&run.out), vectors[i].out) != 0)
			fail_msg("%s (SEED=%u): %s, not %s", vectors[i].name,
				 before, buf_cstr(&run.out), vectors[i].out);
	}
	teardown(&run);
}

static void whole(void **state)
{
	(void)state;
	check_vectors(cut_not);
}

static void byte_by_byte(void **state)
{
	(void)state;
	check_vectors(cut_bytes);
}

static void random_pieces(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++)
		check_vectors(cut_random);
}

/* A request that is as long as the limits let it, and one byte more. */
static void check_long(const char *prefix, size_t fill, const char *suffix,
		       const char *expected)
{
	size_t p = strlen(prefix), s = strlen(suffix);
	char *in = malloc(p + fill + s);
	struct vector v = {"long", in, p + fill + s, expected};
	struct run run;

	memcpy(in, prefix, p);
	memset(in + p, 'a', fill);
	memcpy(in + p + fill, suffix, s);
	setup(&run);
	transcribe(&v, cut_not, &run);
	assert_memory_equal(buf_cstr(&run.out), expected, strlen(expected));
	transcribe(&v, cut_bytes, &run);
	assert_memory_equal(buf_cstr(&run.out), expected, strlen(expected));
	teardown(&run);
	free(in);
}

static void limits_of_the_head(void **state)
{
	size_t rest = MAX_HEAD - strlen(GET "X: \r\n\r\n");

	(void)state;
	check_long(GET "X: ", rest, "\r\n\r\n", OK);
	check_long(GET "X: ", rest + 1, "\r\n\r\n", "!431;");
	check_long(GET "X: ", 20000, "\r\n\r\n", "!431;");
	check_long("GET /", 511, " HTTP/1.1\r\n" H "\r\n", "GET /aaa");
	check_long("GET /", 512, " HTTP/1.1\r\n" H "\r\n", "!414;");
	check_long("GET /", 20000, " HTTP/1.1\r\n" H "\r\n", "!414;");
	check_long("", 20000, "", "!414;");
	check_long(POST TE "0\r\nX: ", 2000, "\r\n\r\n", "!431;");
	check_long(POST TE "1;", READER_EXTENSIONS_MAX, "\r\nx\r\n0\r\n\r\n",
		   "POST /x?=[x];");
	check_long(POST TE "1;", READER_EXTENSIONS_MAX + 1,
		   "\r\nx\r\n0\r\n\r\n", "!400;");
}

/* MAX_FIELDS fields, the Host among them, then one more. */
static void number_of_fields(void **state)
{
	struct buf in;
	struct run run;

	(void)state;
	setup(&run);
	buf_init(&in, 65536);
	for (int extra = 0; extra < 2; extra++) {
		buf_reset(&in);
		buf_str(&in, GET);
		for (int i = 0; i < MAX_FIELDS - 1 + extra; i++)
			buf_str(&in, "X: a\r\n");
		buf_str(&in, "\r\n");
		struct vector v = {"fields", in.data, in.len, ""};
		transcribe(&v, cut_not, &run);
		assert_string_equal(buf_cstr(&run.out), extra ? "!431;" : OK);
	}
	buf_fini(&in);
	teardown(&run);
}

/* Trailers count with the fields. */
static void number_of_trailers(void **state)
{
	struct buf in;
	struct run run;

	(void)state;
	setup(&run);
	buf_init(&in, 65536);
	buf_str(&in, POST TE "0\r\n");
	for (int i = 0; i < MAX_FIELDS - 1; i++)
		buf_str(&in, "X: a\r\n");
	buf_str(&in, "\r\n");
	struct vector v = {"trailers", in.data, in.len, ""};
	transcribe(&v, cut_not, &run);
	assert_string_equal(buf_cstr(&run.out), "!431;");
	buf_fini(&in);
	teardown(&run);
}

static void check_keep_alive(const char *request, bool expected)
{
	struct run run;
	enum reader_got got;

	setup(&run);
	next_request(&run);
	reader_feed(&run.reader, request, strlen(request), &got);
	assert_int_equal(got, READER_HEAD);
	assert_int_equal(run.reader.keep_alive, expected);
	teardown(&run);
}

static void connection_field(void **state)
{
	(void)state;
	check_keep_alive(GET "\r\n", true);
	check_keep_alive(GET "Connection: close\r\n\r\n", false);
	check_keep_alive(GET "Connection: keep-alive, Close\r\n\r\n", false);
	check_keep_alive(GET "Connection: te\r\nConnection: close\r\n\r\n",
			 false);
	check_keep_alive(GET "Connection: closed, keep-alive\r\n\r\n", true);
	check_keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			 false);
}

static void any_host_without_a_list(void **state)
{
	static const struct reader_limits any = {
		.max_head = MAX_HEAD, .max_target = 64, .max_fields = 4};
	static const char request[] = "GET / HTTP/1.1\r\nHost: any.where\r\n"
				      "\r\n";
	struct run run;
	enum reader_got got;

	(void)state;
	reader_init(&run.reader, &any, run.head, run.fields);
	reader_feed(&run.reader, request, sizeof(request) - 1, &got);
	assert_int_equal(got, READER_HEAD);
	assert_int_equal(run.reader.host.len, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(random_pieces),
		cmocka_unit_test(limits_of_the_head),
		cmocka_unit_test(number_of_fields),
		cmocka_unit_test(number_of_trailers),
		cmocka_unit_test(connection_field),
		cmocka_unit_test(any_host_without_a_list),
	};
	const char *given = getenv("SEED");

	seed = given ? (uint32_t)strtoul(given, NULL, 10) : 20261122u;
	printf("SEED=%u, %zu vectors\n", seed, NVECTORS);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
