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

#include "tests/support/transcript.h"

#define H "Host: localhost\r\n"
#define GET "GET /healthz HTTP/1.1\r\n" H
#define POST "POST /x HTTP/1.1\r\n" H
#define TE "Transfer-Encoding: chunked\r\n\r\n"
#define OK "GET /healthz?=[];"

/* out: a transcript. */
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
	V("absolute, Host alike",
	  "GET https://localhost:1/ HTTP/1.1\r\nHost: LOCALHOST:1\r\n\r\n",
	  "GET /?=[];"),
	V("absolute, Host as long",
	  "GET https://localhost/ HTTP/1.1\r\nHost: localhosu\r\n\r\n",
	  "!400;"),
	V("absolute in 1.0 without Host",
	  "GET https://localhost/a HTTP/1.0\r\n\r\n", "GET /a?=[];"),
	V("Host, v6 and a letter", "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n",
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
	V("HTTP/a.1", "GET / HTTP/a.1\r\n" H "\r\n", "!400;"),
	V("HTTP/ .1", "GET / HTTP/ .1\r\n" H "\r\n", "!400;"),
	V("HTTP/1.a", "GET / HTTP/1.a\r\n" H "\r\n", "!400;"),
	V("HTTP/1./", "GET / HTTP/1./\r\n" H "\r\n", "!400;"),
	V("HTTP/1,1", "GET / HTTP/1,1\r\n" H "\r\n", "!400;"),
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
	V("capital percent", "GET /%E5%8C%BB HTTP/1.1\r\n" H "\r\n",
	  "GET /\xe5\x8c\xbb?=[];"),
	V("bad first digit", "GET /%g1 HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("bad second digit", "GET /%1g HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("digits that are signs", "GET /%:1 HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("encoded DEL", "GET /%7f HTTP/1.1\r\n" H "\r\n", "!400;"),
	V("dot and another", "GET /.a/b HTTP/1.1\r\n" H "\r\n",
	  "GET /.a/b?=[];"),
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
	V("extension with tab", POST TE "1;a=\tb\r\nx\r\n0\r\n\r\n",
	  "POST /x?=[x];"),
	V("extension with DEL", POST TE "1;\x7f\r\nx\r\n0\r\n\r\n", "!400;"),
	V("bad trailer", POST TE "0\r\nno colon\r\n\r\n", "!400;"),
	V("folded trailer", POST TE "0\r\nA: b\r\n c\r\n\r\n", "!400;"),
	V("error, then a request", "BAD\r\n\r\n" GET "\r\n", "!400;"),
};
#define NVECTORS (sizeof(vectors) / sizeof(vectors[0]))

static uint32_t seed;

static uint32_t draw(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static size_t cut_not(void *ctx, size_t left)
{
	(void)ctx;
	return left;
}

static size_t cut_bytes(void *ctx, size_t left)
{
	(void)ctx;
	(void)left;
	return 1;
}

static size_t cut_random(void *ctx, size_t left)
{
	size_t n = 1 + draw() % 9;

	(void)ctx;
	return n < left ? n : left;
}

static void check_vectors(size_t (*cut)(void *ctx, size_t left))
{
	struct buf out;

	buf_init(&out, 65536);
	for (size_t i = 0; i < NVECTORS; i++) {
		uint32_t before = seed;
		const struct vector *v = &vectors[i];

		transcript_make(v->in, v->len, cut, NULL, &out);
		if (strcmp(buf_cstr(&out), v->out) != 0)
			fail_msg("%s (SEED=%u): %s, not %s", v->name, before,
				 buf_cstr(&out), v->out);
	}
	buf_fini(&out);
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

/* Begins with what is expected, fed whole and byte by byte. */
static void check_start(const struct buf *in, const char *expected)
{
	struct buf out;

	buf_init(&out, 65536);
	transcript_make(in->data, in->len, cut_not, NULL, &out);
	assert_memory_equal(buf_cstr(&out), expected, strlen(expected));
	transcript_make(in->data, in->len, cut_bytes, NULL, &out);
	assert_memory_equal(buf_cstr(&out), expected, strlen(expected));
	buf_fini(&out);
}

/* A request that is as long as the limits let it, and one byte more. */
static void check_long(const char *prefix, size_t fill, const char *suffix,
		       const char *expected)
{
	struct buf in;

	buf_init(&in, 65536);
	buf_str(&in, prefix);
	for (size_t i = 0; i < fill; i++)
		buf_chr(&in, 'a');
	buf_str(&in, suffix);
	check_start(&in, expected);
	buf_fini(&in);
}

static void limits_of_the_head(void **state)
{
	size_t rest = TRANSCRIPT_HEAD - strlen(GET "X: \r\n\r\n");

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

static void check_number(const char *prefix, int fields, const char *expected)
{
	struct buf in;

	buf_init(&in, 65536);
	buf_str(&in, prefix);
	for (int i = 0; i < fields; i++)
		buf_str(&in, "X: a\r\n");
	buf_str(&in, "\r\n");
	check_start(&in, expected);
	buf_fini(&in);
}

/* The Host is a field, too; trailers count with the fields. */
static void number_of_fields(void **state)
{
	(void)state;
	check_number(GET, TRANSCRIPT_FIELDS - 1, OK);
	check_number(GET, TRANSCRIPT_FIELDS, "!431;");
	check_number(POST TE "0\r\n", TRANSCRIPT_FIELDS - 2, "POST /x?=[];");
	check_number(POST TE "0\r\n", TRANSCRIPT_FIELDS - 1, "!431;");
}

static void check_keep_alive(const char *request, bool expected)
{
	char head[TRANSCRIPT_HEAD];
	struct http_field fields[TRANSCRIPT_FIELDS];
	struct reader reader;
	enum reader_got got;

	reader_init(&reader, &transcript_limits, head, fields);
	reader_feed(&reader, request, strlen(request), &got);
	assert_int_equal(got, READER_HEAD);
	assert_int_equal(reader.keep_alive, expected);
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
		.max_head = 1024, .max_target = 64, .max_fields = 4};
	char head[1024];
	struct http_field fields[4];
	struct reader reader;
	static const char request[] = "GET / HTTP/1.1\r\nHost: any.where\r\n"
				      "\r\n";
	enum reader_got got;

	(void)state;
	reader_init(&reader, &any, head, fields);
	reader_feed(&reader, request, sizeof(request) - 1, &got);
	assert_int_equal(got, READER_HEAD);
	assert_int_equal(reader.host.len, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(random_pieces),
		cmocka_unit_test(limits_of_the_head),
		cmocka_unit_test(number_of_fields),
		cmocka_unit_test(connection_field),
		cmocka_unit_test(any_host_without_a_list),
	};
	const char *given = getenv("SEED");

	seed = given ? (uint32_t)strtoul(given, NULL, 10) : 20261122u;
	printf("SEED=%u, %zu vectors\n", seed, NVECTORS);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
