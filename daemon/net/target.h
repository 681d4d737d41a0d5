/*
 * target - the request target and the authority of a request.
 *
 * Forms: origin ("/path?query"), absolute ("https://host/path?query") and
 * asterisk (OPTIONS only); RFC 9112 section 3.2. Whatever two readers could
 * take for two different paths is refused rather than repaired: dot segments,
 * a slash, NUL or control character in percent-encoding, bytes outside the
 * grammar of RFC 3986, a path that is not UTF-8.
 *
 * Works in place: path points into the raw target, percent-decoded there.
 */
#ifndef DAEMON_NET_TARGET_H
#define DAEMON_NET_TARGET_H

#include "base/rc.h"
#include "daemon/net/http.h"

struct target {
	struct http_str path;
	struct http_str query;
	struct http_str authority; /* absolute form only */
	bool absolute;
	bool https; /* absolute form: its scheme is ours */
};

/* RC_OK, or RC_MALFORMED with a static text. raw is written to. */
__attribute__((warn_unused_result)) enum rc
target_parse(char *raw, size_t len, enum http_method method, struct target *out,
	     const char **out_detail);

/* Splits an authority without userinfo: "host", "host:port", "[v6]:port".
 * False when it is none. */
bool target_host(struct http_str authority, struct http_str *out_host);

bool http_str_is(struct http_str s, const char *word); /* ASCII, caseless */

#endif
