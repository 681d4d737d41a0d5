#include "daemon/net/http.h"

#include <string.h>
#include <strings.h>

static const char *const method_names[HTTP_METHOD_COUNT] = {
	[HTTP_GET] = "GET",	    [HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",	    [HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",	    [HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
	return method < HTTP_METHOD_COUNT ? method_names[method] : "?";
}

bool http_field_find(const struct http_request *req, const char *name,
		     struct http_str *out_value)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < req->nfields; i++) {
		const struct http_field *f = &req->fields[i];

		if (f->name.len != len ||
		    strncasecmp(f->name.p, name, len) != 0)
			continue;
		*out_value = f->value;
		return true;
	}
	return false;
}

/* A body is bounded where it is sent: net_config's max_output. */
#define REPLY_MAX ((size_t)64 * 1024 * 1024)

void http_reply_init(struct http_reply *reply, int status)
{
	*reply = (struct http_reply){.status = status};
	buf_init(&reply->body, REPLY_MAX);
}

void http_reply_fini(struct http_reply *reply)
{
	buf_fini(&reply->body);
	if (reply->stream.free)
		reply->stream.free(reply->stream.ctx);
	reply->stream = (struct http_stream){0};
}
