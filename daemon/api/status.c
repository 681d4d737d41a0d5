#include "daemon/work/status.h"
#include "base/version.h"
#include "daemon/api/health.h"
#include "daemon/api/watched.h"
#include "daemon/sys/dir.h"

#define DAY 86400
#define WARNINGS_MAX 16

/* From when on somebody is to be told. */
#define SILENT_MS 10000
#define SERVER_DAYS 30
#define CA_DAYS 180
#define BACKUP_DAYS 7
#define LOG_BYTES ((int64_t)1 << 30)

unsigned watched_threads(const struct call *c)
{
	struct net_figures f;

	net_figures(c->net, &f);
	return 3 + f.workers;
}

int64_t watched_silence(const struct call *c, unsigned thread)
{
	int64_t now = clock_mono_ms(c->config->clock), last;
	struct executor_figures f;

	executor_figures(c->config->executor, &f);
	if (thread == 0)
		last = atomic_load(&c->health->main_ms);
	else if (thread == 1)
		last = f.write_turned_ms;
	else if (thread == 2)
		last = f.report_turned_ms;
	else
		last = net_turned_ms(c->net, thread - 3);
	return now > last ? now - last : 0;
}

/* ---- what is ---- */

static enum rc put_threads(struct call *c, struct msg_status *out)
{
	unsigned n = watched_threads(c);
	struct msg_thread *v = arena_alloc(&c->arena, n * sizeof(*v));

	if (!v)
		return RC_NOMEM;
	for (unsigned i = 0; i < n; i++) {
		static const char *const names[] = {"main", "writer",
						    "reports"};

		v[i].name = i < 3 ? names[i]
				  : arena_printf(&c->arena, "worker-%u", i - 3);
		v[i].silent_ms = watched_silence(c, i);
		if (!v[i].name)
			return RC_NOMEM;
	}
	out->threads = (struct field_list){v, n};
	return RC_OK;
}

static enum rc put_store(struct call *c, struct msg_status *out)
{
	const char *path = c->config->store->path;
	const char *log = arena_printf(&c->arena, "%s-wal", path);
	struct msg_store_status *s = out->store;
	struct executor_figures f;

	if (!log)
		return RC_NOMEM;
	executor_figures(c->config->executor, &f);
	s->bytes = sys_dir_size(path);
	s->log_bytes = sys_dir_size(log);
	s->log_pages = f.log_pages;
	s->checkpoint_at = f.checkpoint_at ? f.checkpoint_at : FIELD_NONE;
	s->queue = (int64_t)f.queue;
	s->queue_limit = EXECUTOR_QUEUE;
	s->reports = (int64_t)f.reports;
	s->jobs = (int64_t)f.jobs;
	s->refused = (int64_t)f.refused;
	s->commits = (int64_t)f.commits;
	s->checkpoints = (int64_t)f.checkpoints;
	return RC_OK;
}

static enum rc put_front(struct call *c, struct msg_status *out)
{
	struct msg_front_status *s = arena_alloc(&c->arena, sizeof(*s));
	struct net_figures f;

	if (!s)
		return RC_NOMEM;
	net_figures(c->net, &f);
	*s = (struct msg_front_status){
		.connections = (int64_t)f.connections,
		.connections_limit = (int64_t)f.limit,
		.streams = (int64_t)f.streams,
		.accepted = (int64_t)f.accepted,
		.refused = (int64_t)f.refused,
		.handshakes_failed = (int64_t)f.handshakes_failed,
		.requests = (int64_t)f.requests,
		.timeouts = (int64_t)f.timeouts,
	};
	out->front = s;
	return RC_OK;
}

static enum rc put_certificates(struct call *c, struct msg_status *out)
{
	static const char *const of[] = {"server", "ca"};
	struct msg_own_certificate *v = arena_alloc(&c->arena, 2 * sizeof(*v));

	if (!v)
		return RC_NOMEM;
	for (unsigned i = 0; i < STAT_CERTIFICATE_COUNT; i++) {
		int64_t end = stat_get(STAT_CERTIFICATE_EXPIRY, i, 0);

		v[i] = (struct msg_own_certificate){
			.of = of[i],
			.not_after = end,
			.days = (end - c->w.tx->now) / DAY};
	}
	out->certificates = (struct field_list){v, STAT_CERTIFICATE_COUNT};
	return RC_OK;
}

/* ---- what is to be done about it ---- */

struct warnings {
	struct call *call;
	struct msg_warning *v;
	size_t n;
	bool failed;
};

/* text: NULL when there was no memory for it. */
static void warn(struct warnings *w, const char *advice, const char *text)
{
	if (w->n == WARNINGS_MAX)
		return;
	w->v[w->n++] = (struct msg_warning){text, advice};
	w->failed |= !text;
}

/* In the arena of the call. */
#define SAY(w, ...) arena_printf(&(w)->call->arena, __VA_ARGS__)

static void warn_of_threads(struct warnings *w, const struct msg_status *s)
{
	const struct msg_thread *v = s->threads.v;

	for (size_t i = 0; i < s->threads.n; i++)
		if (v[i].silent_ms >= SILENT_MS)
			warn(w,
			     "look into the log; the service manager starts"
			     " the daemon anew when it stays so",
			     SAY(w, "%s has not moved for %lld seconds",
				 v[i].name, (long long)v[i].silent_ms / 1000));
}

static void warn_of_certificates(struct warnings *w, const struct msg_status *s)
{
	const struct msg_own_certificate *v = s->certificates.v;

	if (v[STAT_CERTIFICATE_SERVER].days < SERVER_DAYS)
		warn(w,
		     "put a new one into its place and reload: see"
		     " \"Certificates\" in the administrator's guide",
		     SAY(w, "the server's certificate ends in %lld days",
			 (long long)v[STAT_CERTIFICATE_SERVER].days));
	if (v[STAT_CERTIFICATE_CA].days < CA_DAYS)
		warn(w,
		     "plan the change: see \"Certificates\" in the"
		     " administrator's guide",
		     SAY(w, "the authority's certificate ends in %lld days",
			 (long long)v[STAT_CERTIFICATE_CA].days));
}

static void warn_of_store(struct warnings *w, const struct msg_status *s)
{
	const struct msg_store_status *store = s->store;

	if (store->queue > store->queue_limit / 2)
		warn(w,
		     "look at the disk, and at who sends so much: the figures"
		     " by route are in /metrics",
		     SAY(w, "%lld changes wait for the writer",
			 (long long)store->queue));
	if (store->log_bytes > LOG_BYTES)
		warn(w, "look at the disk, and for a report that never ends",
		     SAY(w, "the write-ahead log has %lld bytes",
			 (long long)store->log_bytes));
	if (store->resealed != FIELD_NONE)
		warn(w, "keep the older field keys in their file until then",
		     SAY(w,
			 "patients' words are being sealed anew: %lld of"
			 " %lld rows",
			 (long long)store->resealed,
			 (long long)store->resealed_of));
	if (store->unopened != FIELD_NONE)
		warn(w,
		     "keep the older field keys in their file: see \"What does"
		     " not open\" in the administrator's guide",
		     SAY(w, "%lld values do not open, the first is %s",
			 (long long)store->unopened,
			 store->unopened_first.v[0]));
	if (store->backup_at == FIELD_NONE)
		warn(w, "teleconsult admin backup FILE, every day",
		     SAY(w, "no backup was ever made"));
	else if (s->now - store->backup_at > BACKUP_DAYS * DAY)
		warn(w, "teleconsult admin backup FILE, every day",
		     SAY(w, "the last backup is %lld days old",
			 (long long)((s->now - store->backup_at) / DAY)));
}

static void warn_of_ends(struct warnings *w, const struct msg_status *s)
{
	if (s->users_all > 0)
		warn(w,
		     "they renew by themselves when they are used; else invite"
		     " them again, and make systems new tokens",
		     SAY(w,
			 "credentials that soon end and that none follows: "
			 "%lld",
			 (long long)s->users_all));
	if (s->agreements_all > 0)
		warn(w, "have those that go on extended, and import them",
		     SAY(w, "agreements that end within %d days: %lld",
			 WORK_STATUS_AGREEMENTS, (long long)s->agreements_all));
	if (s->on_call_gap)
		warn(w,
		     "teleconsult on-call shows them: swap, or import others",
		     SAY(w,
			 "nobody is called first at %lld times within 14 days;"
			 " the first is of %s",
			 (long long)s->on_call_gaps, s->on_call_gap));
	if (s->front->connections > s->front->connections_limit / 5 * 4)
		warn(w, "raise connections in [limits], and LimitNOFILE",
		     SAY(w, "%lld of %lld connections are taken",
			 (long long)s->front->connections,
			 (long long)s->front->connections_limit));
}

static enum rc put_warnings(struct call *c, struct msg_status *out)
{
	struct warnings w = {
		.call = c,
		.v = arena_alloc(&c->arena, WARNINGS_MAX * sizeof(*w.v))};
	struct err why = ERR_INIT;

	if (!w.v)
		return RC_NOMEM;
	out->ready = health_ready(c->health, c->w.tx, &why) == RC_OK;
	if (!out->ready)
		warn(&w, "look at the disk, the clock and the log",
		     SAY(&w, "not ready: %s", why.text));
	warn_of_threads(&w, out);
	warn_of_certificates(&w, out);
	warn_of_store(&w, out);
	warn_of_ends(&w, out);
	out->warnings = (struct field_list){w.v, w.n};
	return w.failed ? RC_NOMEM : RC_OK;
}

enum rc status_run(struct call *c)
{
	static enum rc (*const parts[])(struct call *, struct msg_status *) = {
		put_threads, put_store, put_front, put_certificates,
		put_warnings};
	struct msg_status *out = c->out;
	enum rc rc = work_status(&c->w, c->config->certificate_days, out);

	out->version = VERSION;
	out->started_at = stat_get(STAT_PROCESS_START, 0, 0);
	out->uptime_seconds =
		out->now > out->started_at ? out->now - out->started_at : 0;
	for (size_t i = 0; rc == RC_OK && i < sizeof(parts) / sizeof(parts[0]);
	     i++) {
		rc = parts[i](c, out);
		if (rc != RC_OK)
			err_set(&c->w.err, rc, "no memory for the status");
	}
	return rc;
}
