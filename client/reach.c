/* reach - see reach.h. */
#include "client/reach.h"

#include <curl/curl.h>
#include <stddef.h>
#include <string.h>

/* A TLS alert about the client's certificate, as OpenSSL words it. */
static bool is_refused_certificate(const struct reach *r)
{
	static const char *const words[] = {"certificate", "unknown ca",
					    "access denied"};

	if (!strstr(r->text, "alert"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(r->text, words[i]))
			return true;
	return false;
}

/* What OpenSSL found wrong with the server's certificate (x509_vfy.h). */
struct verdict {
	long code;
	const char *words;
};
static const struct verdict verdicts[] = {
	{9, "its certificate is not valid yet: is this machine's clock right?"},
	{10, "its certificate has expired: tell who runs the server"},
	{23, "its certificate was revoked: tell who runs the server"},
	{26, "its certificate is not one for a server"},
};
/* These are all about who has signed it. */
static const long strangers[] = {7, 18, 19, 20, 21};

static enum rc explain_verify(const struct reach *r, struct err *err)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].code == r->verify)
			return err_set(err, RC_UNREACHABLE,
				       "%s is not believed: %s", r->server,
				       verdicts[i].words);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (strangers[i] == r->verify)
			return err_set(err, RC_UNREACHABLE,
				       "%s is not believed: its certificate "
				       "is not from the CA of %s",
				       r->server, r->whose_ca);
	if (strstr(r->text, "subject name"))
		return err_set(err, RC_UNREACHABLE,
			       "%s is not believed: its certificate is for "
			       "another host name; check the address%s%s%s",
			       r->server, r->dir ? " in " : "",
			       r->dir ? r->dir : "",
			       r->dir ? "/profile.conf and --server" : "");
	return err_set(err, RC_UNREACHABLE,
		       "%s is not believed: its certificate cannot be "
		       "verified (%ld)",
		       r->server, r->verify);
}

struct failure {
	int curl;
	const char *words;
};
static const struct failure failures[] = {
	{CURLE_COULDNT_RESOLVE_HOST,
	 "no such host is known; check --server and the network"},
	{CURLE_COULDNT_RESOLVE_PROXY,
	 "the proxy of https_proxy is not known; check that variable"},
	{CURLE_COULDNT_CONNECT,
	 "nothing answers there; check --server and the network, or try later"},
	{CURLE_OPERATION_TIMEDOUT, "no answer in time; try again later"},
	{CURLE_SSL_CONNECT_ERROR,
	 "no TLS 1.2 or newer is spoken there; is the port right?"},
	{CURLE_SSL_CACERT_BADFILE, "the profile's ca.pem cannot be read"},
	{CURLE_WEIRD_SERVER_REPLY, "what answers there is no HTTP server"},
	{CURLE_UNSUPPORTED_PROTOCOL, "what answers there is no HTTP server"},
	{CURLE_FILESIZE_EXCEEDED, "the answer is too large"},
	{CURLE_WRITE_ERROR, "the answer is too large"},
};

static enum rc explain_refused(const struct reach *r, struct err *err)
{
	const char *alert = strstr(r->text, "alert");

	/* libcurl appends a number: "alert unknown ca, errno 0" */
	return err_set(err, RC_UNAUTHENTICATED,
		       "%s refuses your certificate%s%s; ask an "
		       "administrator for an invitation (%.*s)",
		       r->server, r->dir ? " in " : "", r->dir ? r->dir : "",
		       (int)strcspn(alert, ","), alert);
}

enum rc reach_explain(const struct reach *r, struct err *err)
{
	if (is_refused_certificate(r))
		return explain_refused(r, err);
	if (r->curl == CURLE_SSL_CERTPROBLEM)
		return err_set(err, RC_UNAUTHENTICATED,
			       "key and certificate in %s/identity.pem cannot "
			       "be read or do not belong together; ask an "
			       "administrator for an invitation",
			       r->dir ? r->dir : "");
	if (r->curl == CURLE_PEER_FAILED_VERIFICATION)
		return explain_verify(r, err);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (failures[i].curl == r->curl)
			return err_set(err, RC_UNREACHABLE, "%s: %s", r->server,
				       failures[i].words);
	return err_set(err, RC_UNREACHABLE, "%s closed the connection%s%s",
		       r->server,
		       r->dir ? "; if it does so again, it may be refusing "
				"your certificate in "
			      : "",
		       r->dir ? r->dir : "");
}

bool reach_worth_retry(const struct reach *r)
{
	switch (r->curl) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		return !is_refused_certificate(r);
	default:
		return false;
	}
}

bool reach_unknown(const struct reach *r)
{
	return r->curl != CURLE_COULDNT_CONNECT && reach_worth_retry(r);
}
