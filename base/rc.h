/*
 * rc - every way in which a call can end, and what each means outside.
 *
 * One row a result: the name that the API shows as "code", the HTTP status
 * (RFC 9110, RFC 6585), the FHIR issue type (hl7.org/fhir/valueset-issue-type),
 * the client's exit code and a title (RFC 9457 section 3.1.3). To add an error
 * add a row; the tables, the OpenAPI document and the manual follow.
 *
 * Exit codes: 0 done, 1 refused by a rule or a conflict, 2 wrong usage,
 * 3 not found, 4 not allowed, 5 server not reachable, 6 server fault.
 */
#ifndef BASE_RC_H
#define BASE_RC_H

/* X(symbol, code, http, exit, fhir issue, title) */
#define RC_TABLE(X)                                                            \
	X(OK, "ok", 200, 0, "informational", "Done")                           \
	X(MALFORMED, "malformed", 400, 2, "structure",                         \
	  "The message cannot be read")                                        \
	X(NO_KEY, "idempotency-key-required", 400, 2, "required",              \
	  "An Idempotency-Key is required here")                               \
	X(UNAUTHENTICATED, "unauthenticated", 401, 4, "login",                 \
	  "Nobody is known by this certificate or token")                      \
	X(FORBIDDEN, "forbidden", 403, 4, "forbidden",                         \
	  "This is not allowed to you")                                        \
	X(NOT_FOUND, "not-found", 404, 3, "not-found",                         \
	  "There is no such thing, or it is not yours to see")                 \
	X(METHOD, "method-not-allowed", 405, 2, "not-supported",               \
	  "The resource does not take this method")                            \
	X(TIMEOUT, "timeout", 408, 5, "timeout",                               \
	  "The request did not arrive in time")                                \
	X(REFUSED, "time-refused", 409, 1, "conflict",                         \
	  "The time is not free for everybody")                                \
	X(STATE, "wrong-state", 409, 1, "business-rule",                       \
	  "The thing is not in a state that allows this")                      \
	X(RULE, "rule-refused", 409, 1, "business-rule",                       \
	  "A rule of the agreement refuses this")                              \
	X(EXISTS, "exists", 409, 1, "duplicate", "It exists already")          \
	X(STALE, "stale-version", 412, 1, "conflict",                          \
	  "Somebody changed it meanwhile")                                     \
	X(TOO_LARGE, "too-large", 413, 2, "too-long",                          \
	  "The message is too large")                                          \
	X(URI_TOO_LONG, "uri-too-long", 414, 2, "too-long",                    \
	  "The target is too long")                                            \
	X(MEDIA_TYPE, "media-type", 415, 2, "not-supported",                   \
	  "The body must be application/json")                                 \
	X(EXPECTATION, "expectation-failed", 417, 2, "not-supported",          \
	  "The expectation cannot be met")                                     \
	X(MISDIRECTED, "misdirected", 421, 2, "not-supported",                 \
	  "This server does not answer for that host")                         \
	X(INVALID, "invalid", 422, 2, "invalid", "The message is not valid")   \
	X(KEY_REUSED, "idempotency-key-reused", 422, 2, "conflict",            \
	  "The Idempotency-Key was used for another message")                  \
	X(NO_MATCH, "if-match-required", 428, 2, "required",                   \
	  "If-Match is required here")                                         \
	X(TOO_MANY, "too-many-requests", 429, 6, "throttled",                  \
	  "Too many requests")                                                 \
	X(FIELDS_TOO_LARGE, "fields-too-large", 431, 2, "too-long",            \
	  "The header fields are too large")                                   \
	X(INTERNAL, "internal", 500, 6, "exception", "The server failed")      \
	X(IO, "storage-failed", 500, 6, "exception",                           \
	  "The storage failed; nothing was stored")                            \
	X(CORRUPT, "storage-corrupt", 500, 6, "exception",                     \
	  "The database is damaged")                                           \
	X(NOT_IMPLEMENTED, "not-implemented", 501, 2, "not-supported",         \
	  "The server does not know this")                                     \
	X(BUSY, "busy", 503, 6, "throttled", "The server is busy")             \
	X(FULL, "storage-full", 503, 6, "no-store",                            \
	  "The disk is full; nothing was stored")                              \
	X(UNKNOWN, "outcome-unknown", 503, 6, "incomplete",                    \
	  "It is not known whether this was stored")                           \
	X(NOMEM, "no-memory", 503, 6, "throttled",                             \
	  "The server is out of memory")                                       \
	X(VERSION, "http-version", 505, 2, "not-supported",                    \
	  "Only HTTP/1.1 is spoken here")                                      \
	X(UNREACHABLE, "unreachable", 0, 5, "transient",                       \
	  "The server cannot be reached")                                      \
	X(USAGE, "usage", 0, 2, "invalid", "Wrong usage")

#define RC_ENUM(sym, ...) RC_##sym,
enum rc { RC_TABLE(RC_ENUM) RC_COUNT };
#undef RC_ENUM

struct rc_row {
	const char *code; /* stable; part of the problem type URI */
	int http;	  /* 0: never leaves the client */
	int exit;
	const char *fhir;
	const char *title;
};

/* Total: any value outside the enum answers the row of RC_INTERNAL. */
const struct rc_row *rc_row(enum rc rc);

/* The result with this code, or RC_INTERNAL. */
enum rc rc_from_code(const char *code);

#endif
