/*
 * The OpenAPI 3.1 document, out of the tables of routes, messages and errors;
 * sent as a stream of pieces, one path or schema each.
 */
#include <string.h>

#include "daemon/api/call.h"

struct openapi {
	size_t path;   /* next row of the table of routes */
	size_t schema; /* next row of proto_messages */
	enum { PART_HEAD, PART_PATHS, PART_SCHEMAS, PART_TAIL } part;
};

/* What any route may answer besides its own. */
static const enum rc common[] = {
	RC_MALFORMED,	 RC_METHOD,	 RC_TIMEOUT,	 RC_TOO_LARGE,
	RC_URI_TOO_LONG, RC_EXPECTATION, RC_MISDIRECTED, RC_FIELDS_TOO_LARGE,
	RC_INTERNAL,	 RC_BUSY,
};
static const enum rc private[] = {RC_UNAUTHENTICATED, RC_FORBIDDEN,
				  RC_NOT_FOUND};
static const enum rc posts[] = {RC_MEDIA_TYPE, RC_INVALID, RC_REFUSED,
				RC_STALE};
static const enum rc queries[] = {RC_INVALID, RC_REFUSED};
static const enum rc matches[] = {RC_NO_MATCH};
static const enum rc streams[] = {RC_TOO_MANY};

struct statuses {
	int v[32];
	size_t n;
};

static void add_status(struct statuses *s, int status)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i] == status)
			return;
	}
	s->v[s->n++] = status;
}

static void add_all(struct statuses *s, const enum rc *rcs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_status(s, rc_row(rcs[i])->http);
}

#define ADD(s, list) add_all((s), (list), sizeof(list) / sizeof((list)[0]))

static void put_others(const struct route *r, struct buf *out)
{
	struct statuses s = {0};

	if (r->flags & ROUTE_KEPT)
		buf_str(out, ",\"304\":{\"description\":\"As it was\"}");

	ADD(&s, common);
	if (!(r->flags & ROUTE_PUBLIC))
		ADD(&s, private);
	if (r->method == HTTP_POST)
		ADD(&s, posts);
	if (r->query)
		ADD(&s, queries);
	if (r->flags & ROUTE_MATCH)
		ADD(&s, matches);
	if (r->flags & ROUTE_STREAM)
		ADD(&s, streams);
	for (size_t i = 0; i < s.n; i++)
		buf_printf(out,
			   ",\"%d\":{\"$ref\":\"#/components/responses/"
			   "Problem\"}",
			   s.v[i]);
}

static void put_header(struct buf *out, const char *name, const char *what)
{
	buf_printf(out,
		   "\"%s\":{\"description\":\"%s\","
		   "\"schema\":{\"type\":\"string\"}}",
		   name, what);
}

/* A stream as a whole has no schema; what is in its pieces has. */
static void put_stream(const struct route *r, struct buf *out)
{
	buf_printf(
		out,
		"\"schema\":{\"type\":\"string\",\"description\":\"Server-sent "
		"events, without end: each has an id, the name of its thing, "
		"and as data a %s; the event reset has a %s\","
		"\"contentSchema\":{\"anyOf\":[{\"$ref\":\"#/components/"
		"schemas/%s\"},{\"$ref\":\"#/components/schemas/%s\"}]}}",
		r->out->name, msg_reset_table.name, r->out->name,
		msg_reset_table.name);
}

static void put_media(const struct route *r, struct buf *out)
{
	buf_str(out, ",\"content\":");
	for (const char *s = r->media; *s;) {
		int len = (int)strcspn(s, " ");

		buf_printf(out, "%c\"%.*s\":{", s == r->media ? '{' : ',', len,
			   s);
		if ((r->flags & ROUTE_STREAM) && r->out)
			put_stream(r, out);
		buf_chr(out, '}');
		s += len + (s[len] == ' ');
	}
	buf_str(out, "}}");
}

static void put_success(const struct route *r, struct buf *out)
{
	bool created = r->flags & ROUTE_CREATED;
	bool tagged =
		r->out == &msg_request_table || r->out == &msg_booking_table;

	buf_printf(out, "\"%d\":{\"description\":\"%s\"", created ? 201 : 200,
		   created ? "Created" : "Done");
	if (r->out && call_field(r->out, "next")) {
		buf_str(out, ",\"headers\":{");
		put_header(out, "Link", "The next page, when there is one");
		buf_chr(out, '}');
	}
	if (r->flags & ROUTE_KEPT) {
		buf_str(out, ",\"headers\":{");
		put_header(out, "ETag", "Of these bytes, for If-None-Match");
		buf_chr(out, '}');
	}
	if (tagged) {
		buf_str(out, ",\"headers\":{");
		put_header(out, "ETag", "The version, for If-Match");
		if (created) {
			buf_chr(out, ',');
			put_header(out, "Location", "Where it is");
		}
		buf_chr(out, '}');
	}
	if (r->media) {
		put_media(r, out);
		return;
	}
	buf_str(out, ",\"content\":{\"application/json\":{\"schema\":");
	if (r->out)
		buf_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}",
			   r->out->name);
	else
		buf_str(out, "{\"type\":\"object\"}");
	buf_str(out, r->flags & ROUTE_ROWS ? "},\"text/csv\":{}}}" : "}}}");
}

struct param {
	const char *name, *in, *schema, *what;
	bool optional;
};

static void put_param(struct buf *out, const struct param *p)
{
	buf_printf(out,
		   "{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,"
		   "\"description\":\"%s\",\"schema\":%s}",
		   p->name, p->in, p->optional ? "false" : "true", p->what,
		   p->schema);
}

#define SCHEMA_KEY                                                             \
	"{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._:-]{1,64}$\"}"
#define SCHEMA_SLUG                                                            \
	"{\"type\":\"string\",\"pattern\":\"^[a-z0-9][a-z0-9-]*$\","           \
	"\"maxLength\":64}"
#define SCHEMA_TEXT "{\"type\":\"string\"}"

/* The {names} of the path. */
static void put_path_params(const char *path, struct buf *out)
{
	const char *sep = "";

	while ((path = strchr(path, '{'))) {
		char name[16] = "";
		size_t len = strcspn(path + 1, "}");

		if (len < sizeof(name))
			memcpy(name, path + 1, len);
		buf_str(out, sep);
		bool code = !strcmp(name, "code");

		put_param(out,
			  &(struct param){
				  .name = name,
				  .in = "path",
				  .schema = code ? SCHEMA_TEXT : SCHEMA_SLUG,
				  .what = code ? "As 7K2M-QX9D, the hyphen may "
						 "be left out"
					       : "The id of the thing"});
		sep = ",";
		path += len;
	}
}

static const struct param if_match = {
	.name = "If-Match",
	.in = "header",
	.schema = SCHEMA_TEXT,
	.what = "The ETag of the version that is changed"};

/* Honoured by every change, required where something is made. */
static struct param key_of(const struct route *r)
{
	return (struct param){
		.name = "Idempotency-Key",
		.in = "header",
		.schema = SCHEMA_KEY,
		.what = r->flags & ROUTE_TRIAL
				? "As the real one asks for; nothing is kept "
				  "under it"
				: "A repeat with the same key gets the first "
				  "answer",
		.optional = !(r->flags & ROUTE_KEY)};
}

static const struct param if_none_match = {
	.name = "If-None-Match",
	.in = "header",
	.schema = SCHEMA_TEXT,
	.what = "The ETag of the answer that is there already",
	.optional = true};

static const struct param last_event_id = {
	.name = "Last-Event-ID",
	.in = "header",
	.schema = SCHEMA_TEXT,
	.what = "The id of the last event that is known; absent: from now on",
	.optional = true};

static void put_parameters(const struct route *r, struct buf *out)
{
	bool path = strchr(r->path, '{') != NULL;
	const struct param key = key_of(r);

	buf_str(out, "\"parameters\":[");
	put_path_params(r->path, out);
	if (r->query) {
		buf_str(out, path ? "," : "");
		proto_parameters(r->query, out);
	}
	if (r->flags & ROUTE_STREAM) {
		buf_chr(out, ',');
		put_param(out, &last_event_id);
	}
	if (r->flags & ROUTE_KEPT) {
		buf_chr(out, ',');
		put_param(out, &if_none_match);
	}
	if (r->method == HTTP_POST && (r->flags & ROUTE_WRITE) && !r->after) {
		buf_str(out, path ? "," : "");
		put_param(out, &key);
	}
	if (r->flags & ROUTE_MATCH) {
		buf_chr(out, ',');
		put_param(out, &if_match);
	}
	buf_str(out, "],");
}

/* "GET /v1/requests/{code}" -> "get_requests_code". */
static void put_operation_id(const struct route *r, struct buf *out)
{
	bool gap = true;

	buf_str(out, r->method == HTTP_GET ? "get" : "post");
	for (const char *s = r->path; *s; s++) {
		bool word =
			(*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');

		if (word && gap)
			buf_chr(out, '_');
		if (word)
			buf_chr(out, *s);
		gap = !word;
	}
}

/* Names of the set's words; the roles and scopes that a row asks for. */
static void put_words(const struct words *words, unsigned set, struct buf *out)
{
	const char *sep = "";

	for (int i = 0; i < words->count; i++) {
		if (!(set & (1u << i)))
			continue;
		buf_printf(out, "%s\"%s\"", sep, words_name(words, i));
		sep = ",";
	}
}

/* Of the scopes one is enough, which OpenAPI cannot say of a token. */
static void put_security(const struct route *r, struct buf *out)
{
	if (r->flags & (ROUTE_PUBLIC | ROUTE_OPEN)) {
		buf_str(out, "\"security\":[],");
		return;
	}
	buf_str(out, "\"security\":[{\"mutualTLS\":[]}");
	if (r->scope)
		buf_str(out, ",{\"token\":[]}");
	buf_str(out, "],\"x-roles\":[");
	put_words(&words_role, r->roles, out);
	buf_str(out, "],\"x-scopes\":[");
	put_words(&words_scope, r->scope, out);
	buf_str(out, "],");
}

static void put_operation(const struct route *r, struct buf *out)
{
	buf_printf(out, "\"%s\":{\"operationId\":\"",
		   r->method == HTTP_GET ? "get" : "post");
	put_operation_id(r, out);
	buf_str(out, "\",\"summary\":");
	buf_json(out, r->summary, strlen(r->summary));
	buf_chr(out, ',');
	put_parameters(r, out);
	put_security(r, out);
	if (r->body)
		buf_printf(out,
			   "\"requestBody\":{\"required\":%s,\"content\":{"
			   "\"application/json\":{\"schema\":{\"$ref\":"
			   "\"#/components/schemas/%s\"}}}},",
			   r->body->fields[0].name ? "true" : "false",
			   r->body->name);
	buf_str(out, "\"responses\":{");
	put_success(r, out);
	put_others(r, out);
	buf_str(out, "}}");
}

/* A path with all its methods, where its first row stands. */
static void put_path(size_t at, struct buf *out)
{
	size_t n;
	const struct route *table = routes(&n);
	const char *sep = "";

	for (size_t i = 0; i < at; i++) {
		if (!strcmp(table[i].path, table[at].path))
			return;
	}
	buf_printf(out, "%s\"%s\":{", at ? "," : "", table[at].path);
	for (size_t i = at; i < n; i++) {
		if (strcmp(table[i].path, table[at].path) != 0)
			continue;
		buf_str(out, sep);
		put_operation(&table[i], out);
		sep = ",";
	}
	buf_chr(out, '}');
}

static const char HEAD[] =
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"teleconsult\","
	"\"version\":\"1\",\"summary\":\"Scheduling of telemedicine networks\","
	"\"description\":\"Requests, bookings and schedules between a lead "
	"hospital and its partners.\"},"
	"\"servers\":[{\"url\":\"/\"}],\"security\":[{\"mutualTLS\":[]}],"
	"\"paths\":{";

static const char TAIL[] =
	"},\"responses\":{\"Problem\":{\"description\":\"Refused or failed\","
	"\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":"
	"\"#/components/schemas/Problem\"}}}}},"
	"\"securitySchemes\":{\"mutualTLS\":{\"type\":\"mutualTLS\","
	"\"description\":\"A certificate of this service's own authority, at "
	"the "
	"partners' listener\"},"
	"\"token\":{\"type\":\"http\",\"scheme\":\"bearer\","
	"\"description\":\"A token of a system (tct_...), at the people's "
	"listener; x-scopes: of these it has one at least\"}}}}";

static bool next_path(struct openapi *o, struct buf *out)
{
	size_t n;

	routes(&n);
	put_path(o->path++, out);
	if (o->path == n) {
		buf_str(out, "},\"components\":{\"schemas\":{");
		o->part = PART_SCHEMAS;
	}
	return true;
}

/* A query's fields stand as parameters where they are taken. */
static bool is_query(const struct msg *msg)
{
	size_t n;
	const struct route *table = routes(&n);

	for (size_t i = 0; i < n; i++) {
		if (table[i].query == msg)
			return true;
	}
	return false;
}

static bool next_schema(struct openapi *o, struct buf *out)
{
	const struct msg *msg = proto_messages[o->schema];

	if (!msg) {
		o->part = PART_TAIL;
		return true;
	}
	if (!is_query(msg)) {
		buf_printf(out, "%s\"%s\":", o->schema ? "," : "", msg->name);
		proto_schema(msg, out);
	}
	o->schema++;
	return true;
}

static bool next_part(struct openapi *o, struct buf *out)
{
	switch (o->part) {
	case PART_HEAD:
		buf_str(out, HEAD);
		o->part = PART_PATHS;
		return true;
	case PART_PATHS:
		return next_path(o, out);
	case PART_SCHEMAS:
		return next_schema(o, out);
	case PART_TAIL:
		break;
	}
	buf_str(out, TAIL);
	return false;
}

/* A piece without a byte would be asked for again only after a while: where a
 * part has nothing to say the next one has its turn. */
static bool openapi_next(void *ctx, struct buf *out)
{
	bool more = true;

	while (more && out->len == 0 && !out->failed)
		more = next_part(ctx, out);
	return more;
}

void openapi_reply(struct http_reply *reply)
{
	struct openapi *o = mem_alloc(sizeof(*o));

	http_reply_init(reply, 200);
	reply->content_type = "application/json";
	reply->stream = (struct http_stream){openapi_next, mem_free, o};
}
