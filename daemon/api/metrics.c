#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/api/accept.h"
#include "daemon/api/health.h"
#include "daemon/api/watched.h"
#include "daemon/store/clock_list.h"
#include "daemon/store/ending.h"
#include "daemon/store/waiting.h"
#include "daemon/sys/dir.h"
#include "daemon/sys/process.h"

#define METRICS_MAX (2u * 1024u * 1024u)
#define DAY 86400
#define ENDING_DAYS 30

/* ---- which format ---- */

enum stat_format metrics_format(const char *accept)
{
	if (!accept)
		return STAT_TEXT;
	return accept_weigh(accept, "application/openmetrics-text", "1.0.0") >
			       accept_weigh(accept, "text/plain", "0.0.4")
		       ? STAT_OPENMETRICS
		       : STAT_TEXT;
}

/* ---- what others know ---- */

static void set(enum stat_id id, int64_t value)
{
	stat_set(id, 0, 0, value);
}

static void gather_store(const struct call *c)
{
	const char *path = c->config->store->path;
	struct executor_figures f;
	char log[4200];

	executor_figures(c->config->executor, &f);
	set(STAT_WRITER_QUEUE, (int64_t)f.queue);
	set(STAT_WRITER_QUEUE_LIMIT, EXECUTOR_QUEUE);
	set(STAT_WRITER_JOBS, (int64_t)f.jobs);
	set(STAT_WRITER_COMMITS, (int64_t)f.commits);
	set(STAT_WRITER_CHECKPOINTS, (int64_t)f.checkpoints);
	set(STAT_REPORT_QUEUE, (int64_t)f.reports);
	set(STAT_DATABASE_LOG_PAGES, f.log_pages);
	set(STAT_EVENTS, executor_seq(c->config->executor));
	snprintf(log, sizeof(log), "%s-wal", path);
	set(STAT_DATABASE_SIZE, sys_dir_size(path));
	set(STAT_DATABASE_LOG_SIZE, sys_dir_size(log));
}

static void gather_front(const struct call *c)
{
	struct net_figures f;

	net_figures(c->net, &f);
	set(STAT_CONNECTIONS, (int64_t)f.connections);
	set(STAT_CONNECTIONS_LIMIT, (int64_t)f.limit);
	set(STAT_CONNECTIONS_ACCEPTED, (int64_t)f.accepted);
	set(STAT_CONNECTIONS_REFUSED, (int64_t)f.refused);
	set(STAT_HANDSHAKES_FAILED, (int64_t)f.handshakes_failed);
	set(STAT_TIMEOUTS, (int64_t)f.timeouts);
	set(STAT_STREAMS, (int64_t)f.streams);
}

static void gather_process(const struct call *c)
{
	static const enum log_level levels[STAT_LEVELS] = {
		LOG_LVL_ERR, LOG_LVL_WARN, LOG_LVL_NOTICE, LOG_LVL_INFO,
		LOG_LVL_DEBUG};
	struct sys_process_figures f = {0};

	for (unsigned i = 0; i < STAT_LEVELS; i++) {
		struct log_figures lines;

		log_figures(levels[i], &lines);
		stat_set(STAT_LOG_LINES, i, 0, (int64_t)lines.lines);
		stat_set(STAT_LOG_LINES_SUPPRESSED, i, 0,
			 (int64_t)lines.suppressed);
	}
	for (unsigned i = 0; i < watched_threads(c); i++)
		stat_set(STAT_THREAD_SILENCE, i, 0, watched_silence(c, i));
	sys_process_figures(&f);
	set(STAT_PROCESS_CPU, f.cpu_ms);
	set(STAT_PROCESS_RESIDENT, f.resident);
	set(STAT_PROCESS_VIRTUAL, f.virtual);
	set(STAT_PROCESS_OPEN_FDS, f.open_fds);
	set(STAT_PROCESS_MAX_FDS, f.max_fds);
}

static enum rc gather_waiting(struct call *c)
{
	int64_t n[URGENCY_COUNT];
	enum rc rc = waiting_count_all(c->w.tx, n, &c->w.err);

	for (unsigned i = 0; rc == RC_OK && i < URGENCY_COUNT; i++)
		stat_set(STAT_WAITING, i, 0, n[i]);
	return rc;
}

static enum rc gather_late(struct call *c)
{
	int64_t n[CLOCK_WHATS];
	enum rc rc = clock_count_late(c->w.tx, n, &c->w.err);

	for (unsigned i = 0; rc == RC_OK && i < CLOCK_WHATS; i++)
		stat_set(STAT_LATE, i, 0, n[i]);
	return rc;
}

static enum rc gather_ending(struct call *c)
{
	struct tx *tx = c->w.tx;
	struct ending_agreement *agreements;
	struct ending_user *users;
	int64_t all, backup, today = tx->now / DAY;
	size_t n;
	enum rc rc =
		ending_agreements(tx, today, today + ENDING_DAYS, 1, &c->arena,
				  &agreements, &n, &all, &c->w.err);

	if (rc != RC_OK)
		return rc;
	set(STAT_AGREEMENTS_ENDING, all);
	rc = ending_users(tx, tx->now,
			  tx->now + ending_notice(c->config->certificate_days),
			  1, &c->arena, &users, &n, &all, &c->w.err);
	if (rc != RC_OK)
		return rc;
	set(STAT_USER_CERTIFICATES_ENDING, all);
	rc = gather_waiting(c);
	if (rc == RC_OK)
		rc = gather_late(c);
	if (rc == RC_OK)
		rc = ending_backup(tx, &backup, &c->w.err);
	if (rc == RC_OK)
		set(STAT_BACKUP_LAST, backup > 0 ? backup : STAT_UNKNOWN);
	return rc;
}

enum rc metrics_run(struct call *c)
{
	enum stat_format format = metrics_format(c->accept);
	struct err why = ERR_INIT;
	enum rc rc = gather_ending(c);

	if (rc != RC_OK)
		return rc;
	gather_store(c);
	gather_front(c);
	gather_process(c);
	set(STAT_READY, health_ready(c->health, c->w.tx, &why) == RC_OK);
	http_reply_fini(&c->reply);
	http_reply_init(&c->reply, 200);
	c->reply.content_type = stat_content_type(format);
	c->reply.no_store = true;
	buf_init(&c->reply.body, METRICS_MAX);
	stat_print(format, &c->reply.body);
	return c->reply.body.failed ? err_set(&c->w.err, RC_NOMEM,
					      "no memory for the figures")
				    : RC_OK;
}
