/* The command that lists who one can be: profiles. */
#include <string.h>

#include "base/cert.h"
#include "base/civil.h"
#include "client/command.h"
#include "client/table.h"
#include "client/viewer.h"
#include "proto/csv.h"

/* One profile, as far as it can be read. */
struct row {
	struct profile profile;
	bool used; /* by this run, and by the next one like it */
	int64_t until;
	const char *fault; /* NULL: none */
};

static struct row look(struct client *c, const char *name)
{
	struct row row = {.until = FIELD_NONE};
	struct err err = ERR_INIT;
	int64_t from;

	row.used = strcmp(name, client_profile_name(c)) == 0;
	if (profile_read(&c->env->home, name, &c->arena, &row.profile, &err) !=
		    RC_OK ||
	    cert_life(row.profile.identity, &from, &row.until, &err) != RC_OK)
		row.fault = client_printf(c, "%s", err.text);
	else if (row.until <= c->when.now)
		row.fault = "its certificate has ended";
	return row;
}

static const struct table_column columns[] = {
	{"IN USE", 0},	  {"PROFILE", 0}, {"SERVER", TABLE_CUT},
	{"TIME ZONE", 0}, {"UNTIL", 0},	  {"FAULT", TABLE_RARE | TABLE_CUT},
	{NULL, 0}};

static void add_row(struct client *c, struct table *t, const struct row *row)
{
	char shown[WHEN_LEN + 1] = "";

	if (row->until != FIELD_NONE)
		when_show(c->when.zone, row->until, shown);
	table_row(t);
	table_cell(t, row->used ? "*" : "");
	table_cell(t, row->profile.name);
	table_cell(t, row->profile.server);
	table_cell(t, row->profile.time_zone);
	table_cell(t, shown[0] ? shown + 4 : NULL); /* without the weekday */
	table_cell(t, row->fault);
}

static void add_csv(struct client *c, struct csv *csv, const struct row *row)
{
	char shown[64] = "";

	if (row->until != FIELD_NONE)
		when_show_exact(c->when.zone, row->until, shown);
	csv_cell(csv, row->profile.name);
	csv_cell(csv, row->used ? "true" : "false");
	csv_cell(csv, row->profile.server);
	csv_cell(csv, row->profile.time_zone);
	csv_cell(csv, shown);
	csv_cell(csv, row->fault);
	csv_end(csv);
}

static void add_member(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, value, strlen(value));
}

static void add_json(struct buf *out, const struct row *row)
{
	char shown[CIVIL_RFC3339_LEN + 1];

	buf_str(out, "{\"name\":");
	buf_json(out, row->profile.name, strlen(row->profile.name));
	buf_printf(out, ",\"in_use\":%s", row->used ? "true" : "false");
	add_member(out, "server", row->profile.server);
	add_member(out, "time_zone", row->profile.time_zone);
	if (row->until != FIELD_NONE) {
		civil_show_rfc3339(row->until, 0, shown);
		add_member(out, "not_after", shown);
	}
	add_member(out, "fault", row->fault);
	buf_chr(out, '}');
}

static void print_json(struct client *c, const struct field_strs *names)
{
	struct buf doc;

	buf_init(&doc, 1 << 20);
	buf_str(&doc, "{\"profiles\":[");
	for (size_t i = 0; i < names->n; i++) {
		struct row row = look(c, names->v[i]);

		if (i > 0)
			buf_chr(&doc, ',');
		add_json(&doc, &row);
	}
	buf_str(&doc, "]}");
	term_json(&c->out, buf_cstr(&doc), doc.len);
	c->out.failed = c->out.failed || doc.failed;
	buf_fini(&doc);
}

static void print_csv(struct client *c, const struct field_strs *names)
{
	static const char *const heads[] = {"name",	 "in_use",    "server",
					    "time_zone", "not_after", "fault"};
	struct csv csv = {
		.out = &c->out, .zone = c->when.zone, .show = term_add};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		csv_cell(&csv, heads[i]);
	csv_end(&csv);
	for (size_t i = 0; i < names->n; i++) {
		struct row row = look(c, names->v[i]);

		add_csv(c, &csv, &row);
	}
}

static void print_table(struct client *c, const struct field_strs *names)
{
	struct table *t = table_new(columns);

	for (size_t i = 0; i < names->n; i++) {
		struct row row = look(c, names->v[i]);

		add_row(c, t, &row);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	if (names->n == 0)
		buf_str(&c->out, "No profiles: enrol with \"teleconsult enroll "
				 "INVITATION\".\n");
	else
		buf_printf(&c->out, "\nTimes in %s.\n", tz_name(c->when.zone));
}

static enum rc profiles(struct client *c, struct err *err)
{
	struct field_strs names;
	enum rc rc = viewer_zone(c, "UTC", err);

	if (rc == RC_OK)
		rc = profile_names(&c->env->home, &c->arena, &names, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		print_json(c, &names);
	else if (c->csv)
		print_csv(c, &names);
	else
		print_table(c, &names);
	return RC_OK;
}

const struct command cmd_profiles = {
	.name = "profiles",
	.args = "",
	.rows = true,
	.help = "who you can be on this machine, and who you are now",
	.example = "teleconsult profiles",
	.run = profiles,
};
