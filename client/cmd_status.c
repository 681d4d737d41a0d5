/* The command that says how the service does: admin status. */
#include "base/civil.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"
#include "proto/messages_ops.h"

#define MIB (1024 * 1024)

static const char *time_of(struct client *c, int64_t utc, const char *never)
{
	char shown[WHEN_LEN + 1];

	if (utc == FIELD_NONE)
		return never;
	when_show(c->when.zone, utc, shown);
	return client_printf(c, "%s", shown);
}

static const char *span_of(struct client *c, int64_t seconds)
{
	long long minutes = seconds / 60;

	if (minutes < 60)
		return client_printf(c, "%lld minutes", minutes);
	if (minutes < 48 * 60)
		return client_printf(c, "%lld hours", minutes / 60);
	return client_printf(c, "%lld days", minutes / 60 / 24);
}

static const char *bytes_of(struct client *c, int64_t bytes)
{
	return client_printf(c, "%lld.%lld MiB", (long long)bytes / MIB,
			     (long long)bytes % MIB * 10 / MIB);
}

static const char *number_of(struct client *c, int64_t number)
{
	return client_printf(c, "%lld", (long long)number);
}

/* ---- what is to be done comes first ---- */

static void add_warnings(struct client *c, const struct msg_status *s)
{
	const struct msg_warning *v = s->warnings.v;

	for (size_t i = 0; i < s->warnings.n; i++) {
		term_paint(&c->out, &c->term, TERM_YELLOW, "warning", 7);
		buf_str(&c->out, "  ");
		term_add(&c->out, v[i].warning);
		buf_str(&c->out, "\n         ");
		term_add(&c->out, v[i].advice);
		buf_chr(&c->out, '\n');
	}
	if (s->warnings.n == 0)
		buf_str(&c->out, "All is well.\n");
	buf_chr(&c->out, '\n');
}

static void add_threads(struct client *c, const struct msg_status *s)
{
	const struct msg_thread *v = s->threads.v;
	const char *all = "";

	for (size_t i = 0; i < s->threads.n; i++)
		all = client_printf(c, "%s%s%s %lld.%lld s", all,
				    i > 0 ? ", " : "", v[i].name,
				    (long long)v[i].silent_ms / 1000,
				    (long long)v[i].silent_ms % 1000 / 100);
	page_line(c, "last moved", all);
}

static void add_service(struct client *c, const struct msg_status *s)
{
	page_line(c, "version", s->version);
	page_line(c, "ready", s->ready ? "yes" : "no");
	page_line(c, "started",
		  client_printf(c, "%s, %s ago", time_of(c, s->started_at, "?"),
				span_of(c, s->uptime_seconds)));
	add_threads(c, s);
}

static void add_store(struct client *c, const struct msg_store_status *s)
{
	page_line(c, "schema", number_of(c, s->schema));
	page_line(c, "database",
		  client_printf(c, "%s, log %s with %lld pages to move",
				bytes_of(c, s->bytes),
				bytes_of(c, s->log_bytes),
				(long long)s->log_pages));
	page_line(c, "checkpoint",
		  time_of(c, s->checkpoint_at, "not since the start"));
	page_line(c, "backup", time_of(c, s->backup_at, "never"));
	page_line(c, "event log",
		  client_printf(c, "%lld records, epoch %s", (long long)s->head,
				s->epoch));
	page_line(c, "field key", s->field_key);
	if (s->resealed != FIELD_NONE)
		page_line(c, "sealed anew",
			  client_printf(c, "%lld of %lld rows",
					(long long)s->resealed,
					(long long)s->resealed_of));
	if (s->unopened != FIELD_NONE)
		page_line(c, "do not open",
			  client_printf(c, "%lld values, the first is %s",
					(long long)s->unopened,
					s->unopened_first.n
						? s->unopened_first.v[0]
						: "?"));
	page_line(c, "queue",
		  client_printf(c, "%lld of %lld changes, %lld reports",
				(long long)s->queue, (long long)s->queue_limit,
				(long long)s->reports));
	page_line(c, "writer",
		  client_printf(c,
				"%lld changes, %lld refused, %lld commits, "
				"%lld checkpoints",
				(long long)s->jobs, (long long)s->refused,
				(long long)s->commits,
				(long long)s->checkpoints));
}

static void add_front(struct client *c, const struct msg_front_status *s)
{
	page_line(c, "connections",
		  client_printf(c, "%lld of %lld, %lld streams",
				(long long)s->connections,
				(long long)s->connections_limit,
				(long long)s->streams));
	page_line(c, "requests",
		  client_printf(c,
				"%lld, %lld timeouts, %lld handshakes failed, "
				"%lld connections refused",
				(long long)s->requests, (long long)s->timeouts,
				(long long)s->handshakes_failed,
				(long long)s->refused));
}

static void add_certificates(struct client *c, const struct msg_status *s)
{
	const struct msg_own_certificate *v = s->certificates.v;

	for (size_t i = 0; i < s->certificates.n; i++)
		page_line(c, client_printf(c, "%s cert", v[i].of),
			  client_printf(c, "until %s, %lld days",
					time_of(c, v[i].not_after, "?"),
					(long long)v[i].days));
}

/* ---- what ends ---- */

static void print_table(struct client *c, struct table *t, int64_t all)
{
	size_t shown = table_rows(t);

	if (shown > 0) {
		buf_chr(&c->out, '\n');
		table_print(t, &c->term, &c->out);
	}
	if ((int64_t)shown < all)
		buf_printf(&c->out, "and %lld more\n",
			   (long long)all - (long long)shown);
	table_free(t);
}

static void add_users(struct client *c, const struct msg_status *s)
{
	static const struct table_column columns[] = {
		{"USER", 0}, {"NAME", TABLE_CUT},
		{"ROLE", 0}, {"SITE", TABLE_SPARE},
		{"ENDS", 0}, {"DAYS", TABLE_RIGHT},
		{NULL, 0}};
	const struct msg_ending_user *v = s->users.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < s->users.n; i++) {
		table_row(t);
		table_cell(t, v[i].id);
		table_cell(t, v[i].name);
		table_cell(t, words_name(&words_role, v[i].role));
		table_cell(t, v[i].site);
		table_cell(t, time_of(c, v[i].not_after, NULL));
		table_cell(t, number_of(c, v[i].days));
	}
	print_table(c, t, s->users_all);
}

static void add_agreements(struct client *c, const struct msg_status *s)
{
	static const struct table_column columns[] = {
		{"AGREEMENT", 0}, {"LEAD", TABLE_CUT},	 {"PARTNER", TABLE_CUT},
		{"LAST DAY", 0},  {"DAYS", TABLE_RIGHT}, {NULL, 0}};
	const struct msg_ending_agreement *v = s->agreements.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < s->agreements.n; i++) {
		char day[CIVIL_DATE_LEN + 1];

		civil_show_date(v[i].last_day, day);
		table_row(t);
		table_cell(t, v[i].agreement);
		table_cell(t, v[i].lead);
		table_cell(t, v[i].partner);
		table_cell(t, day);
		table_cell(t, number_of(c, v[i].days));
	}
	print_table(c, t, s->agreements_all);
}

static enum rc print_status(struct client *c, const struct msg_status *s,
			    struct err *err)
{
	enum rc rc = viewer_when(c, err);

	if (rc != RC_OK)
		return rc;
	add_warnings(c, s);
	add_service(c, s);
	add_store(c, s->store);
	add_front(c, s->front);
	add_certificates(c, s);
	add_users(c, s);
	add_agreements(c, s);
	return RC_OK;
}

static enum rc status(struct client *c, struct err *err)
{
	struct msg_status s = {0};
	struct ask ask = {
		.path = "/v1/status", .answer = &msg_status_table, .out = &s};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK || !c->json)
		return rc == RC_OK ? print_status(c, &s, err) : rc;
	page_json(c);
	return RC_OK;
}

const struct command cmd_admin_status = {
	.name = "admin status",
	.args = "",
	.help = "how the service does, and what is to be done",
	.example = "teleconsult admin status",
	.run = status,
};
