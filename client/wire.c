/* wire - see wire.h. */
#include "client/wire.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/cert.h"
#include "base/mem.h"
#include "base/version.h"
#include "client/reach.h"

#define CONNECT_TIMEOUT_S 10L
#define TIMEOUT_S 30L
#define WAIT_MAX_S 10 /* a server that wants more is not waited for */
#define PROBE_MS 2000
#define URL_MAX 8192

struct wire {
	const struct wire_conf *conf;
	CURL *curl;
	const struct wire_request *req; /* under way */
	struct wire_answer *out;
	bool answered;	 /* once at least */
	char alert[200]; /* the TLS alert that came in during this try */
	char text[CURL_ERROR_SIZE];
};

static void set_blob(CURL *c, CURLoption option, const char *pem)
{
	/* libcurl's type has no const; without COPY it reads it in place */
	char *data = mem_strdup(pem);
	struct curl_blob blob = {data, strlen(pem), CURL_BLOB_COPY};

	curl_easy_setopt(c, option, &blob);
	mem_wipe(data, strlen(data));
	mem_free(data);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): as libcurl calls it */
static CURLcode on_context(CURL *c, void *ssl_ctx, void *unused)
{
	(void)c;
	(void)unused;
	cert_send_given(ssl_ctx);
	return CURLE_OK;
}

static void set_tls(CURL *c, const struct wire_conf *conf)
{
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	set_blob(c, CURLOPT_CAINFO_BLOB, conf->ca);
	/* else the system's authorities would be believed as well */
	curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_context);
	if (conf->identity) {
		set_blob(c, CURLOPT_SSLCERT_BLOB, conf->identity);
		set_blob(c, CURLOPT_SSLKEY_BLOB, conf->identity);
	}
	/* the server does not resume where it asks for certificates */
	curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static size_t take_body(char *data, size_t size, size_t n, void *ctx)
{
	struct wire *w = ctx;
	const struct wire_request *req = w->req;
	struct buf *body = &w->out->body;
	long status = 0;

	curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
	if (req->take && status >= 200 && status <= 299)
		return req->take(req->take_ctx, data, size * n) ? size * n : 0;
	buf_add(body, data, size * n);
	return body->failed ? 0 : size * n;
}

/*
 * Listens to what libcurl narrates, for the alert of a server that refuses:
 * the error buffer holds the first complaint of a try, which may be another.
 */
static int note_alert(CURL *curl, curl_infotype type, char *text, size_t len,
		      void *ctx)
{
	struct wire *w = ctx;
	size_t end = len < sizeof(w->alert) ? len : sizeof(w->alert) - 1;

	(void)curl;
	if (type != CURLINFO_TEXT || !memmem(text, len, "alert", 5) ||
	    memmem(text, len, "(OUT)", 5) ||
	    memmem(text, len, "close notify", 12))
		return 0;
	while (end > 0 && strchr("\r\n", text[end - 1]))
		end--;
	memcpy(w->alert, text, end);
	w->alert[end] = '\0';
	return 0;
}

struct wire *wire_new(const struct wire_conf *conf)
{
	CURL *c = curl_easy_init();
	struct wire *w;

	if (!c)
		return NULL;
	w = mem_alloc(sizeof(*w));
	w->conf = conf;
	w->curl = c;
	set_tls(c, conf);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "teleconsult/" VERSION);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, w->text);
	curl_easy_setopt(c, CURLOPT_VERBOSE, 1L); /* to note_alert() alone */
	curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, note_alert);
	curl_easy_setopt(c, CURLOPT_DEBUGDATA, w);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	return w;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	curl_easy_cleanup(w->curl);
	mem_free(w);
}

struct headers {
	struct curl_slist *list;
	bool failed;
};

static void add_header(struct headers *h, const char *name, const char *value)
{
	struct buf line;
	struct curl_slist *grown;

	buf_init(&line, 512);
	buf_printf(&line, "%s: %s", name, value);
	grown = line.failed ? NULL
			    : curl_slist_append(h->list, buf_cstr(&line));
	if (grown)
		h->list = grown;
	else
		h->failed = true;
	buf_fini(&line);
}

static struct headers follow_headers(const struct wire_follow *f)
{
	struct headers h = {0};

	add_header(&h, "Accept", "text/event-stream");
	if (*f->last_id)
		add_header(&h, "Last-Event-ID", f->last_id);
	return h;
}

static struct headers make_headers(const struct wire_request *r)
{
	struct headers h = {0};

	add_header(&h, "Accept", "application/json");
	if (r->body) {
		add_header(&h, "Content-Type", "application/json");
		add_header(&h, "Expect", ""); /* no 100-continue */
	}
	if (r->key)
		add_header(&h, "Idempotency-Key", r->key);
	if (r->if_match)
		add_header(&h, "If-Match", r->if_match);
	return h;
}

static void set_method(CURL *c, const struct wire_request *r)
{
	if (r->body) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)r->body_len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
	} else {
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	}
}

static void read_digest(struct wire *w, struct wire_answer *out)
{
	struct curl_header *h;

	out->digest[0] = '\0';
	if (curl_easy_header(w->curl, "Repr-Digest", 0, CURLH_HEADER, -1, &h) ==
		    CURLHE_OK &&
	    strlen(h->value) < sizeof(out->digest))
		memcpy(out->digest, h->value, strlen(h->value) + 1);
}

static CURLcode try_once(struct wire *w, struct wire_answer *out)
{
	CURLcode code;
	curl_off_t after = 0;

	if (w->req->take && !w->req->take(w->req->take_ctx, NULL, 0))
		return CURLE_WRITE_ERROR;

	out->status = 0;
	buf_reset(&out->body);
	w->text[0] = '\0';
	w->alert[0] = '\0';
	code = curl_easy_perform(w->curl);
	curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &out->status);
	curl_easy_getinfo(w->curl, CURLINFO_RETRY_AFTER, &after);
	out->retry_after = after > 0 && after < 86400 ? (long)after : 0;
	read_digest(w, out);
	return code;
}

static bool busy(const struct wire_answer *a)
{
	return (a->status == 503 || a->status == 429) && a->retry_after > 0 &&
	       a->retry_after <= WAIT_MAX_S;
}

static struct reach reach_of(struct wire *w, CURLcode code)
{
	struct reach r = {.curl = (int)code,
			  .text = w->alert[0] ? w->alert : w->text,
			  .server = w->conf->server,
			  .whose_ca = w->conf->whose_ca,
			  .dir = w->conf->dir};

	curl_easy_getinfo(w->curl, CURLINFO_SSL_VERIFYRESULT, &r.verify);
	return r;
}

/*
 * Connects and says nothing, only to hear why the server closes. A request
 * that is on its way when the server closes turns its alert into a mere reset.
 */
static void probe(struct wire *w)
{
	CURL *c = curl_easy_duphandle(w->curl);
	struct pollfd fd = {.fd = -1, .events = POLLIN};
	curl_socket_t socket = CURL_SOCKET_BAD;
	size_t n;
	char byte;

	if (!c)
		return;
	curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, NULL);
	if (curl_easy_perform(c) == CURLE_OK &&
	    curl_easy_getinfo(c, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK) {
		fd.fd = socket;
		if (poll(&fd, 1, PROBE_MS) > 0)
			(void)curl_easy_recv(c, &byte, 1, &n);
	}
	curl_easy_cleanup(c);
}

/* The server closed before it ever said anything on this wire. */
static bool closed_at_once(const struct wire *w, CURLcode code)
{
	return !w->answered &&
	       (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
		code == CURLE_GOT_NOTHING);
}

/* A pause that many clients do not take at the same time. */
static void pause_before(struct wire *w, int try, long least_s)
{
	int64_t ms = least_s > 0 ? least_s * 1000 : 250 << (2 * (try - 1));
	struct timespec ts;
	uint8_t random;

	rnd_fill(w->conf->rnd, &random, 1);
	ms += ms * random / 1024;
	if (w->conf->waiting && ms >= 1000)
		w->conf->waiting(w->conf->ctx, (int)((ms + 999) / 1000));
	ts.tv_sec = ms / 1000;
	ts.tv_nsec = ms % 1000 * 1000000;
	nanosleep(&ts, NULL);
}

static enum rc explain(const struct reach *r, const struct wire_request *req,
		       bool unknown, struct err *err)
{
	if (!unknown || !req->body)
		return reach_explain(r, err);
	return err_set(err, RC_UNREACHABLE,
		       "%s did not answer, and it is not known whether it did "
		       "this: repeat the same command%s%s",
		       r->server, req->key ? " with --idempotency-key " : "",
		       req->key ? req->key : "");
}

/* What to do after a try that failed: RC_OK is to try again. */
static enum rc after_failure(struct wire *w, CURLcode code, bool last,
			     const struct wire_request *req, bool *unknown,
			     struct err *err)
{
	struct reach r = reach_of(w, code);

	if (closed_at_once(w, code) && reach_worth_retry(&r)) {
		probe(w);
		r = reach_of(w, code);
	}
	if (!reach_worth_retry(&r))
		return reach_explain(&r, err);
	*unknown = *unknown || reach_unknown(&r);
	return last ? explain(&r, req, *unknown, err) : RC_OK;
}

static enum rc send_tries(struct wire *w, const struct wire_request *req,
			  struct wire_answer *out, struct err *err)
{
	bool unknown = false;

	for (int try = 1;; try++) {
		CURLcode code = try_once(w, out);
		bool last = req->once || try == WIRE_TRIES;
		enum rc rc;

		if (code == CURLE_OK) {
			w->answered = true;
			if (last || !busy(out))
				return RC_OK;
		} else {
			rc = after_failure(w, code, last, req, &unknown, err);
			if (rc != RC_OK)
				return rc;
		}
		pause_before(w, try, code == CURLE_OK ? out->retry_after : 0);
	}
}

enum rc wire_send(struct wire *w, const struct wire_request *req,
		  struct wire_answer *out, struct err *err)
{
	struct headers h = make_headers(req);
	struct buf url;
	enum rc rc;

	buf_init(&url, URL_MAX);
	buf_printf(&url, "%s%s", w->conf->server, req->path);
	if (h.failed || url.failed) {
		rc = err_set(err, RC_USAGE, "the command is too long");
	} else {
		curl_easy_setopt(w->curl, CURLOPT_URL, buf_cstr(&url));
		curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, h.list);
		curl_easy_setopt(w->curl, CURLOPT_TIMEOUT,
				 req->timeout_s ? req->timeout_s : TIMEOUT_S);
		curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, w);
		w->req = req;
		w->out = out;
		set_method(w->curl, req);
		rc = send_tries(w, req, out, err);
		curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, NULL);
	}
	curl_slist_free_all(h.list);
	buf_fini(&url);
	return rc;
}

/* --- following --- */

/* As curl_easy_perform(), until stop_fd says that it is enough. */
static CURLcode perform_until(struct wire *w, int stop_fd, bool *out_stopped)
{
	struct curl_waitfd stop = {.fd = stop_fd, .events = CURL_WAIT_POLLIN};
	CURLM *multi = curl_multi_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	const CURLMsg *message;
	int running = 1, left;

	*out_stopped = false;
	if (!multi || curl_multi_add_handle(multi, w->curl) != CURLM_OK) {
		curl_multi_cleanup(multi);
		return code;
	}
	while (running && !*out_stopped) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			break;
		if (running &&
		    curl_multi_poll(multi, &stop, 1, 1000, NULL) != CURLM_OK)
			break;
		*out_stopped = stop.revents & CURL_WAIT_POLLIN;
	}
	message = curl_multi_info_read(multi, &left);
	if (message)
		code = message->data.result;
	curl_multi_remove_handle(multi, w->curl);
	curl_multi_cleanup(multi);
	return code;
}

static enum rc follow_once(struct wire *w, const struct wire_follow *f,
			   struct wire_answer *out, bool *out_again,
			   struct err *err)
{
	CURLcode code;
	curl_off_t after = 0;
	bool stopped;

	out->status = 0;
	buf_reset(&out->body);
	w->text[0] = w->alert[0] = '\0';
	code = perform_until(w, f->stop_fd, &stopped);
	curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &out->status);
	curl_easy_getinfo(w->curl, CURLINFO_RETRY_AFTER, &after);
	out->retry_after = after > 0 && after < 86400 ? (long)after : 0;
	*out_again = true;
	if (stopped || out->status > 0) {
		w->answered = true;
		return RC_OK;
	}
	struct reach r = reach_of(w, code);

	if (closed_at_once(w, code) && reach_worth_retry(&r)) {
		probe(w);
		r = reach_of(w, code);
	}
	*out_again = reach_worth_retry(&r);
	return reach_explain(&r, err);
}

enum rc wire_follow(struct wire *w, const struct wire_follow *f,
		    struct wire_answer *out, bool *out_again, struct err *err)
{
	const struct wire_request req = {
		.path = f->path, .take = f->take, .take_ctx = f->ctx};
	struct headers h = follow_headers(f);
	struct buf url;
	enum rc rc;

	buf_init(&url, URL_MAX);
	buf_printf(&url, "%s%s", w->conf->server, f->path);
	*out_again = false;
	if (h.failed || url.failed) {
		rc = err_set(err, RC_USAGE, "the command is too long");
	} else {
		curl_easy_setopt(w->curl, CURLOPT_URL, buf_cstr(&url));
		curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, h.list);
		curl_easy_setopt(w->curl, CURLOPT_TIMEOUT, 0L);
		curl_easy_setopt(w->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(w->curl, CURLOPT_LOW_SPEED_TIME,
				 WIRE_SILENCE_S);
		curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, w);
		w->req = &req;
		w->out = out;
		set_method(w->curl, &req);
		rc = follow_once(w, f, out, out_again, err);
		w->req = NULL;
		curl_easy_setopt(w->curl, CURLOPT_LOW_SPEED_TIME, 0L);
		curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, NULL);
	}
	curl_slist_free_all(h.list);
	buf_fini(&url);
	return rc;
}
