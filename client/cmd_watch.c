/*
 * watch: what changes, as it changes.
 *
 * A line is written as soon as its event is whole. The id of the last one goes
 * with every new connection, so that nothing is lost and nothing told twice
 * when the server is started anew in between. Ends well at an interrupt, which
 * comes as a descriptor: a handler could tell nobody without a global.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/code.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/query.h"
#include "client/renew.h"
#include "client/sse.h"
#include "client/viewer.h"
#include "proto/csv.h"

#define PATH_LEN_MAX 512
#define EVENTS_MAX 1000000000
#define FIRST_TRIES 3 /* before there was ever an answer */
#define WAIT_MS 1000  /* where the stream has not said */
#define WAIT_MAX_MS 30000
#define EVENT_ARENA (256u * 1024)

struct watch {
	struct client *c;
	struct msg_feed_query query;
	struct sse sse;
	struct csv csv;
	int64_t left; /* events to be shown; FIELD_NONE: all */
	int stop_fd;
	bool stopped;	 /* by the interrupt */
	bool full;	 /* as many as were asked for */
	bool mute;	 /* nobody reads what is written */
	bool strange;	 /* an event that cannot be understood */
	bool answered;	 /* the stream was there once */
	bool other;	 /* the word is a site's, no expert's */
	unsigned failed; /* tries since then */
};

/* --- a line --- */

/* Each is as wide as the longest that there is, and a gap. */
enum {
	WIDE_TIME = WHEN_LEN + 2,
	WIDE_CODE = 11,
	WIDE_THING = 10,
	WIDE_VERB = 12,
	WIDE_STATE = 20
};

static void add_code(struct buf *out, const char *stored)
{
	char shown[CODE_SHOWN_LEN + 1] = "-";
	struct code code;

	if (stored && code_read(stored, strlen(stored), &code))
		code_show(&code, shown);
	term_fit(out, shown, WIDE_CODE);
}

static void add_column(struct buf *out, const char *text, size_t width)
{
	term_fit(out, text ? text : "-", width);
}

static void show_line(struct watch *w, const struct msg_change *change)
{
	struct client *c = w->c;
	char time[WHEN_LEN + 1];
	struct buf line;

	when_show(c->when.zone, change->at, time);
	buf_init(&line, 4096);
	add_column(&line, time, WIDE_TIME);
	add_code(&line, change->code);
	add_column(&line, change->thing, WIDE_THING);
	add_column(&line, change->verb, WIDE_VERB);
	add_column(&line, change->to_state, WIDE_STATE);
	if (change->agreement)
		buf_printf(&line, "%s", change->agreement);
	if (change->actor_site)
		buf_printf(&line, "by %s", change->actor_site);
	if (change->expert)
		buf_printf(&line, "%s%s", change->actor_site ? ", " : "",
			   change->expert);
	if (c->term.cut)
		(void)term_cut(&c->out, buf_cstr(&line), c->term.width);
	else
		term_add(&c->out, buf_cstr(&line));
	buf_chr(&c->out, '\n');
	buf_fini(&line);
}

static void show_row(struct watch *w, const struct msg_change *change)
{
	csv_values(&w->csv, &msg_change_table, change);
	csv_end(&w->csv);
}

/* What is written is for whoever reads along: at once. */
static void print_now(struct watch *w)
{
	struct buf *out = &w->c->out;

	if (fwrite(buf_cstr(out), 1, out->len, stdout) != out->len ||
	    fflush(stdout) != 0)
		w->mute = true;
	buf_reset(out);
}

/* --- events --- */

static bool show_change(struct watch *w, const struct sse_event *event)
{
	struct msg_change change;
	struct field_faults faults = {.n = 0};
	struct arena arena;

	arena_init(&arena, EVENT_ARENA);
	w->strange = proto_decode(&msg_change_table, event->data, event->len,
				  PROTO_LENIENT, &arena, &change, &faults,
				  NULL) != RC_OK;
	if (w->strange)
		;
	else if (w->c->json)
		term_json(&w->c->out, event->data, event->len);
	else if (w->c->csv)
		show_row(w, &change);
	else
		show_line(w, &change);
	arena_fini(&arena);
	print_now(w);
	if (w->left != FIELD_NONE && !w->strange)
		w->full = --w->left == 0;
	return !w->strange && !w->full && !w->mute;
}

/* Scripts find it among the events, people beside them. */
static bool show_reset(struct watch *w, const struct sse_event *event)
{
	struct msg_reset reset = {0};
	struct field_faults faults = {.n = 0};
	struct arena arena;
	struct buf text;

	arena_init(&arena, EVENT_ARENA);
	buf_init(&text, 4096);
	if (proto_decode(&msg_reset_table, event->data, event->len,
			 PROTO_LENIENT, &arena, &reset, &faults, NULL) != RC_OK)
		reset.why = NULL;
	buf_str(&text, "teleconsult: changes were missed");
	if (reset.why) {
		buf_str(&text, " (");
		term_add(&text, reset.why);
		buf_chr(&text, ')');
	}
	buf_str(&text, ": look at the lists anew; from here on nothing is "
		       "left out\n");
	(void)fputs(buf_cstr(&text), stderr);
	if (w->c->json)
		term_json(&w->c->out, event->data, event->len);
	print_now(w);
	buf_fini(&text);
	arena_fini(&arena);
	return !w->mute;
}

static bool take_event(void *ctx, const struct sse_event *event)
{
	struct watch *w = ctx;

	return strcmp(event->name, "reset") == 0 ? show_reset(w, event)
						 : show_change(w, event);
}

static bool take_bytes(void *ctx, const void *data, size_t len)
{
	struct watch *w = ctx;

	w->answered = true;
	w->failed = 0;
	return sse_feed(&w->sse, data, len);
}

/* --- connections --- */

/* Interrupts come as something to read from here on. */
static enum rc catch_interrupts(struct watch *w, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		w->stop_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (w->stop_fd < 0)
		return err_set(err, RC_INTERNAL,
			       "interrupts cannot be listened for");
	return RC_OK;
}

/* Longer each time, and not the same for all whom a restart has cut off. */
static int64_t wait_of(struct watch *w, const struct wire_answer *answer)
{
	int64_t ms = w->sse.retry_ms >= 0 ? w->sse.retry_ms : WAIT_MS;
	uint8_t random;

	for (unsigned i = 1; i < w->failed && ms < WAIT_MAX_MS; i++)
		ms *= 2;
	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	if (answer->status != 200 && answer->retry_after * 1000 > ms)
		ms = answer->retry_after * 1000;
	rnd_fill(w->c->env->rnd, &random, 1);
	return ms / 2 + ms * random / 510;
}

static void pause_until_next(struct watch *w)
{
	struct pollfd stop = {.fd = w->stop_fd, .events = POLLIN};
	int64_t ms = wait_of(w, &w->c->answer);

	if (ms >= 3000 && w->c->env->err_tty)
		fprintf(stderr,
			"teleconsult: nobody answers; trying again in %d s\n",
			(int)((ms + 999) / 1000));
	w->stopped = poll(&stop, 1, (int)ms) > 0;
}

static const char *path_of(struct watch *w)
{
	const char *word = w->c->args.n > 0 ? w->c->args.v[0] : NULL;
	struct buf path;
	const char *copy;

	w->query.expert = w->other ? NULL : word;
	w->query.site = w->other ? word : NULL;
	buf_init(&path, PATH_LEN_MAX);
	buf_str(&path, "/v1/events");
	query_encode(&msg_feed_query_table, &w->query, &path);
	copy = client_printf(w->c, "%s", buf_cstr(&path));
	buf_fini(&path);
	return copy;
}

/* The stream has ended, or there was none: RC_OK is to go on. */
static enum rc judge(struct watch *w, struct err *err)
{
	long status = w->c->answer.status;
	bool busy = status == 503 || status == 429;

	if (status == 200)
		return w->strange ? err_set(err, RC_INTERNAL,
					    "what %s told cannot be "
					    "understood; is this tool older "
					    "than the server?",
					    w->c->wire_conf.server)
				  : RC_OK;
	w->failed++;
	if (busy && (w->answered || w->failed < FIRST_TRIES))
		return RC_OK;
	return ask_refused(w->c, err);
}

static enum rc follow_once(struct watch *w, const char *path, struct err *err)
{
	const struct wire_follow stream = {.path = path,
					   .last_id = w->sse.last_id,
					   .stop_fd = w->stop_fd,
					   .take = take_bytes,
					   .ctx = w};
	struct pollfd stop = {.fd = w->stop_fd, .events = POLLIN};
	bool again;
	enum rc rc;

	sse_begin(&w->sse);
	rc = wire_follow(w->c->wire, &stream, &w->c->answer, &again, err);
	w->stopped = poll(&stop, 1, 0) > 0;
	if (w->mute)
		return err_set(err, RC_INTERNAL,
			       "the output cannot be written");
	if (w->stopped || w->full)
		return RC_OK;
	if (rc == RC_OK)
		return judge(w, err);
	w->failed++;
	return again && (w->answered || w->failed < FIRST_TRIES) ? RC_OK : rc;
}

/* With a certificate that was renewed meanwhile, if there is one; who is
 * refused (rc) goes on with such a one alone. */
static enum rc go_on(struct watch *w, enum rc refused, struct err *err)
{
	struct err why = ERR_INIT;
	bool renewed = false;
	enum rc rc = renew_between(w->c, &renewed, &why);

	if (rc != RC_OK)
		return err_set(err, rc, "%s", why.text);
	return renewed ? RC_OK : refused;
}

static enum rc follow(struct watch *w, struct err *err)
{
	const char *path = path_of(w);

	for (;;) {
		enum rc rc = follow_once(w, path, err);

		if (rc == RC_NOT_FOUND && w->query.expert && !w->answered) {
			w->other = true;
			path = path_of(w);
			continue;
		}
		if (rc == RC_NOT_FOUND && w->other)
			return err_set(err, rc,
				       "there is no expert or site \"%s\" that "
				       "you work with",
				       w->query.site);
		if ((rc != RC_OK && rc != RC_UNAUTHENTICATED) || w->stopped ||
		    w->full)
			return rc;
		if (rc == RC_OK)
			pause_until_next(w);
		if (w->stopped)
			return RC_OK;
		rc = go_on(w, rc, err);
		if (rc != RC_OK)
			return rc;
	}
}

static enum rc read_line(struct watch *w, struct err *err)
{
	const struct client *c = w->c;
	const char *word = c->args.n > 0 ? c->args.v[0] : NULL;

	if (word && !text_slug(word, strlen(word)))
		return err_set(err, RC_USAGE,
			       "\"%.60s\" is no expert and no site", word);
	return options_int(&c->opts, OPT_LIMIT, 1, EVENTS_MAX, &w->left, err);
}

static enum rc watch(struct client *c, struct err *err)
{
	struct watch w = {.c = c, .stop_fd = -1};
	enum rc rc = read_line(&w, err);

	if (rc == RC_OK)
		rc = c->json ? client_connect(c, err) : viewer_when(c, err);
	if (rc == RC_OK)
		rc = client_connect(c, err);
	if (rc == RC_OK)
		rc = catch_interrupts(&w, err);
	if (rc != RC_OK)
		return rc;
	proto_clear(&msg_feed_query_table, &w.query);
	sse_init(&w.sse, take_event, &w);
	w.csv = (struct csv){
		.out = &c->out, .zone = c->when.zone, .show = term_add};
	if (c->csv) {
		csv_names(&w.csv, &msg_change_table);
		csv_end(&w.csv);
		print_now(&w);
	}
	rc = follow(&w, err);
	sse_fini(&w.sse);
	close(w.stop_fd);
	return rc;
}

const struct command cmd_watch = {
	.name = "watch",
	.args = "[EXPERT|SITE]",
	.max_args = 1,
	.options = OPTSET(LIMIT),
	.rows = true,
	.help = "what changes, as it changes, until interrupted",
	.example = "teleconsult watch coronary-1",
	.run = watch,
};
