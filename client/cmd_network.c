/* The commands of an administrator for the network: import, export. */
#include <string.h>

#include "base/file.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/orphans.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

#define NETWORK_MAX (16 * 1024 * 1024)
#define IMPORT_TIMEOUT_S 300

static void add_count(struct client *c, struct table *t, int64_t n)
{
	table_cell(t, n == FIELD_NONE ? NULL
				      : client_printf(c, "%lld", (long long)n));
}

/* How many things are not as before. */
static int64_t print_counts(struct client *c, const struct msg_import_report *r)
{
	static const struct table_column columns[] = {
		{"PART", 0},
		{"CREATED", TABLE_RIGHT},
		{"CHANGED", TABLE_RIGHT},
		{"UNCHANGED", TABLE_RIGHT},
		{"REMOVED", TABLE_RIGHT},
		{NULL, 0}};
	const struct msg_import_count *v = r->parts.v;
	struct table *t = table_new(columns);
	int64_t changes = 0;

	for (size_t i = 0; i < r->parts.n; i++) {
		table_row(t);
		table_cell(t, v[i].part);
		add_count(c, t, v[i].created);
		add_count(c, t, v[i].changed);
		add_count(c, t, v[i].unchanged);
		add_count(c, t, v[i].removed);
		changes += v[i].created + v[i].changed + v[i].removed;
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	return changes;
}

static void print_changes(struct client *c, const struct msg_import_report *r)
{
	static const struct table_column columns[] = {
		{"CHANGE", 0}, {"PART", 0}, {"ID", 0}, {NULL, 0}};
	const struct msg_import_change *v = r->changes.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < r->changes.n; i++) {
		table_row(t);
		table_cell(t, v[i].change);
		table_cell(t, v[i].part);
		table_cell(t, v[i].id);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void print_more(struct client *c, int64_t all, size_t shown)
{
	if (all > (int64_t)shown)
		buf_printf(&c->out, "and %lld more\n",
			   (long long)(all - (int64_t)shown));
}

/* What scrolls away first, the sum last. */
static void print_import(struct client *c, const struct msg_import_report *r)
{
	int64_t changes;

	print_changes(c, r);
	if (r->changes.n > 0)
		buf_chr(&c->out, '\n');
	changes = print_counts(c, r);
	if (r->changes.n > 0 && changes > (int64_t)r->changes.n)
		buf_printf(&c->out,
			   "%lld changes, of which the first %zu are "
			   "listed\n",
			   (long long)changes, r->changes.n);
	if (r->orphaned > 0)
		buf_printf(&c->out,
			   "\nBookings to come that %s allowed any more, to "
			   "be moved or cancelled: %lld (times in %s)\n\n",
			   r->dry_run ? "would not be" : "are not",
			   (long long)r->orphaned, tz_name(c->when.zone));
	orphans_print(c, &r->orphans);
	print_more(c, r->orphaned, r->orphans.n);
	for (size_t i = 0; i < r->warnings.n; i++) {
		buf_str(&c->out, i ? "warning: " : "\nwarning: ");
		term_add(&c->out, r->warnings.v[i]);
		buf_chr(&c->out, '\n');
	}
	if (r->dry_run)
		buf_str(&c->out, "\nNothing was stored: this was a dry run.\n");
}

static enum rc import(struct client *c, struct err *err)
{
	bool dry = options_has(&c->opts, OPT_DRY_RUN);
	struct msg_import_report report = {0};
	struct ask ask = {.path = dry ? "/v1/import/dry-run" : "/v1/import",
			  .answer = &msg_import_report_table,
			  .out = &report};
	struct ask_body body = {.timeout_s = IMPORT_TIMEOUT_S};
	struct buf text;
	enum rc rc;

	buf_init(&text, NETWORK_MAX);
	rc = input_read(c->args.v[0], &text, err);
	body.raw = buf_cstr(&text);
	body.raw_len = text.len;
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	buf_fini(&text);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		/* bookings that lean on them are no rows of these */
		page_csv(c, &msg_import_change_table, &report.changes);
	else
		print_import(c, &report);
	return RC_OK;
}

/* --- export --- */

static enum rc write_export(struct client *c, const char *path, struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, WIRE_ANSWER_MAX + 1);
	buf_add(&text, buf_cstr(&c->answer.body), c->answer.body.len);
	buf_chr(&text, '\n');
	rc = file_write_new(path, buf_cstr(&text), text.len, 0644, err);
	if (rc == RC_OK && !c->json)
		buf_printf(&c->out, "%zu bytes in ", text.len);
	buf_fini(&text);
	if (rc != RC_OK || c->json)
		return rc;
	term_add(&c->out, path);
	buf_chr(&c->out, '\n');
	return RC_OK;
}

static enum rc export(struct client *c, struct err *err) {
	const char *path = c->args.n > 0 ? c->args.v[0] : "-";
	struct ask ask = {.path = "/v1/export"};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK) return rc;
	if (strcmp(path, "-") != 0) return write_export(c, path, err);
	page_json(c);
	return RC_OK;
}

const struct command cmd_admin_import = {
	.name = "admin import",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(DRY_RUN),
	.rows = true,
	.help = "load a network of sites, agreements, experts and rosters",
	.example = "teleconsult admin import network.json",
	.run = import,
};

const struct command cmd_admin_export = {
	.name = "admin export",
	.args = "[FILE]",
	.max_args = 1,
	.help = "the network as a file that can be imported",
	.example = "teleconsult admin export network.json",
	.run = export,
};
