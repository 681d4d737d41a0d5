#include "daemon/api/route.h"

#include <string.h>

#include "base/code.h"

/* One segment of the pattern against one of the path; params are taken. */
static bool segment_fits(struct http_str pattern, struct http_str part,
			 char param[SLUG_MAX + 1], bool *out_param)
{
	*out_param = pattern.len > 1 && pattern.p[0] == '{';
	if (!*out_param)
		return pattern.len == part.len &&
		       !memcmp(pattern.p, part.p, part.len);
	if (!strncmp(pattern.p, "{code}", pattern.len)) {
		struct code code;

		if (!code_read(part.p, part.len, &code))
			return false;
		memcpy(param, code.s, sizeof(code.s));
		return true;
	}
	if (!text_slug(part.p, part.len))
		return false;
	memcpy(param, part.p, part.len);
	param[part.len] = '\0';
	return true;
}

/* The part up to the next '/', taken off the front. */
static struct http_str next_segment(struct http_str *rest)
{
	const char *slash = memchr(rest->p, '/', rest->len);
	struct http_str part = {rest->p,
				slash ? (size_t)(slash - rest->p) : rest->len};

	rest->p += part.len;
	rest->len -= part.len;
	return part;
}

/* Most of the table is none of it by its first letters, and mostly by the one
 * behind "/v1/"; no path of ours is shorter. */
static bool may_fit(const char *pattern, struct http_str path)
{
	const size_t differs = sizeof("/v1/") - 1;

	if (path.len <= differs || pattern[differs] != path.p[differs])
		return false;
	for (size_t i = 0; i < path.len && pattern[i] != '{'; i++)
		if (pattern[i] != path.p[i])
			return false;
	return true;
}

static bool path_fits(const char *pattern, struct http_str path,
		      char param[ROUTE_PARAMS][SLUG_MAX + 1])
{
	struct http_str want = {pattern, strlen(pattern)};
	size_t n = 0;

	while (want.len && path.len) {
		bool is_param;

		if (want.p[0] != '/' || path.p[0] != '/')
			return false;
		want.p++, want.len--;
		path.p++, path.len--;
		struct http_str a = next_segment(&want);
		struct http_str b = next_segment(&path);

		if (!segment_fits(a, b, param[n], &is_param))
			return false;
		n += is_param;
	}
	return !want.len && !path.len;
}

void route_find(enum http_method method, struct http_str path,
		struct route_match *out)
{
	size_t n;
	const struct route *table = routes(&n);
	bool get = false, post = false;

	memset(out, 0, sizeof(*out));
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (size_t i = 0; i < n; i++) {
		if (!may_fit(table[i].path, path))
			continue;
		char param[ROUTE_PARAMS][SLUG_MAX + 1] = {{0}};

		if (!path_fits(table[i].path, path, param))
			continue;
		get |= table[i].method == HTTP_GET;
		post |= table[i].method == HTTP_POST;
		if (table[i].method == method) {
			out->route = &table[i];
			memcpy(out->param, param, sizeof(param));
		}
	}
	if (get)
		out->allow = post ? "GET, HEAD, POST" : "GET, HEAD";
	else if (post)
		out->allow = "POST";
}
