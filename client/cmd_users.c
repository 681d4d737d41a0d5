/* The commands about who is known: admin users, invitations, revoke. */
#include <string.h>

#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"
#include "client/pages.h"
#include "client/table.h"
#include "client/viewer.h"
#include "proto/csv.h"
#include "proto/messages_people.h"

#define JSON_MAX (256u * 1024 * 1024)

/* A list that is being fetched, and where it goes. */
struct people {
	struct msg_people_query query;
	struct pages pages;
	struct table *table;
	void (*add_row)(struct client *c, struct table *t, const void *item);
	struct csv csv;
};

static const char *shown_time(struct client *c, int64_t utc)
{
	char shown[WHEN_LEN + 1];

	if (utc == FIELD_NONE)
		return NULL;
	when_show(c->when.zone, utc, shown);
	return client_printf(c, "%s", shown + 4); /* without the weekday */
}

static const char *shown_scopes(struct client *c, scopeset scopes)
{
	const char *all = NULL;

	for (int i = 0; i < SCOPE_COUNT; i++)
		if (scopes & SCOPESET(i))
			all = client_printf(c, "%s%s%s", all ? all : "",
					    all ? " " : "",
					    words_name(&words_scope, i));
	return all;
}

static const struct table_column user_columns[] = {
	{"USER", 0},
	{"STATUS", 0},
	{"NAME", TABLE_CUT},
	{"ROLE", 0},
	{"SITE", TABLE_CUT},
	{"EXPERT", TABLE_CUT | TABLE_RARE},
	{"SCOPES", TABLE_CUT | TABLE_RARE},
	{"UNTIL", 0},
	{"REVOKED", TABLE_RARE | TABLE_SPARE},
	{NULL, 0}};

static void add_user(struct client *c, struct table *t, const void *item)
{
	const struct msg_user *u = item;

	table_row(t);
	table_cell(t, u->id);
	table_cell(t, u->status);
	table_cell(t, u->name);
	table_cell(t, words_name(&words_role, u->role));
	table_cell(t, u->site);
	table_cell(t, u->expert);
	table_cell(t, shown_scopes(c, u->scopes));
	table_cell(t, shown_time(c, u->not_after));
	table_cell(t, shown_time(c, u->revoked_at));
}

static const struct table_column invitation_columns[] = {
	{"INVITATION", 0},
	{"STATUS", 0},
	{"NAME", TABLE_CUT},
	{"ROLE", 0},
	{"SITE", TABLE_CUT},
	{"EXPERT", TABLE_CUT | TABLE_RARE},
	{"USER", TABLE_RARE},
	{"UNTIL", 0},
	{"USED", TABLE_RARE | TABLE_SPARE},
	{NULL, 0}};

static void add_invitation(struct client *c, struct table *t, const void *item)
{
	const struct msg_invitation *i = item;

	table_row(t);
	table_cell(t, i->id);
	table_cell(t, i->status);
	table_cell(t, i->name);
	table_cell(t, words_name(&words_role, i->role));
	table_cell(t, i->site);
	table_cell(t, i->expert);
	table_cell(t, i->user);
	table_cell(t, shown_time(c, i->not_after));
	table_cell(t,
		   i->used_at == FIELD_NONE ? "" : shown_time(c, i->used_at));
}

static void take(struct client *c, void *ctx, const void *item)
{
	struct people *p = ctx;

	if (!c->csv) {
		p->add_row(c, p->table, item);
		return;
	}
	csv_values(&p->csv, p->pages.answer->fields[0].msg, item);
	csv_end(&p->csv);
}

static void people_init(struct client *c, struct people *p, bool users)
{
	p->pages =
		(struct pages){.path = users ? "/v1/users" : "/v1/invitations",
			       .query = &msg_people_query_table,
			       .query_in = &p->query,
			       .limit = &p->query.limit,
			       .cursor = &p->query.cursor,
			       .answer = users ? &msg_user_list_table
					       : &msg_invitation_list_table,
			       .left = FIELD_NONE,
			       .take = take,
			       .ctx = p};
	pages_init(&p->pages);
	p->table = table_new(users ? user_columns : invitation_columns);
	p->add_row = users ? add_user : add_invitation;
	p->csv = (struct csv){
		.out = &c->out, .zone = c->when.zone, .show = term_add};
}

static void people_fini(struct people *p)
{
	table_free(p->table);
	pages_fini(&p->pages);
}

static enum rc read_query(struct client *c, const struct words *status,
			  struct msg_people_query *q, struct err *err)
{
	int word;
	enum rc rc;

	proto_clear(&msg_people_query_table, q);
	rc = options_word(&c->opts, OPT_STATUS, status, &word, err);
	q->status = options_get(&c->opts, OPT_STATUS);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &q->site, err);
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	return rc;
}

static enum rc fetch(struct client *c, struct people *p, struct err *err)
{
	if (c->csv) {
		csv_names(&p->csv, p->pages.answer->fields[0].msg);
		csv_end(&p->csv);
	}
	return pages_fetch(c, &p->pages, err);
}

static void print_table(struct client *c, const struct people *p,
			const char *none)
{
	table_print(p->table, &c->term, &c->out);
	if (table_rows(p->table) == 0)
		buf_str(&c->out, none);
}

static void print_zone(struct client *c)
{
	buf_printf(&c->out, "\nTimes in %s.\n", tz_name(c->when.zone));
}

static enum rc invitations(struct client *c, struct err *err)
{
	struct people p = {.table = NULL};
	enum rc rc = read_query(c, &words_invitation_status, &p.query, err);

	if (rc != RC_OK)
		return rc;
	people_init(c, &p, false);
	rc = fetch(c, &p, err);
	if (rc == RC_OK && c->json)
		pages_print_json(c, &p.pages);
	if (rc == RC_OK && !c->json && !c->csv) {
		print_table(c, &p, "No invitations.\n");
		print_zone(c);
	}
	people_fini(&p);
	return rc;
}

/* Whoever is on the way in stands below those who are. */
static enum rc add_open(struct client *c, const struct people *users,
			struct err *err)
{
	struct people p = {.table = NULL};
	struct buf doc;
	enum rc rc;

	proto_clear(&msg_people_query_table, &p.query);
	p.query.site = users->query.site;
	p.query.status = words_name(&words_invitation_status, INVITATION_OPEN);
	people_init(c, &p, false);
	rc = fetch(c, &p, err);
	if (rc == RC_OK && c->json) {
		buf_init(&doc, JSON_MAX);
		buf_chr(&doc, '{');
		pages_json(&users->pages, &doc);
		buf_chr(&doc, ',');
		pages_json(&p.pages, &doc);
		buf_chr(&doc, '}');
		term_json(&c->out, buf_cstr(&doc), doc.len);
		c->out.failed = c->out.failed || doc.failed;
		buf_fini(&doc);
	} else if (rc == RC_OK) {
		if (table_rows(p.table) > 0)
			buf_chr(&c->out, '\n');
		print_table(c, &p, "");
		print_zone(c);
	}
	people_fini(&p);
	return rc;
}

static enum rc users(struct client *c, struct err *err)
{
	struct people p = {.table = NULL};
	enum rc rc = read_query(c, &words_user_status, &p.query, err);

	if (rc != RC_OK)
		return rc;
	people_init(c, &p, true);
	rc = fetch(c, &p, err);
	if (rc == RC_OK && !c->json && !c->csv)
		print_table(c, &p, "No users.\n");
	if (rc == RC_OK && !c->csv)
		rc = add_open(c, &p, err);
	people_fini(&p);
	return rc;
}

/* --- revoke --- */

/* What is revoked by its name: a person or system, or an invitation. */
static const struct {
	const char *prefix;
	const char *path;
} revocables[] = {
	{USER_PREFIX, "/v1/users"},
	{INVITATION_PREFIX, "/v1/invitations"},
};

static enum rc path_of(struct client *c, const char *id, const char **out,
		       struct err *err)
{
	for (size_t i = 0; i < sizeof(revocables) / sizeof(revocables[0]);
	     i++) {
		size_t len = strlen(revocables[i].prefix);

		if (strncmp(id, revocables[i].prefix, len) != 0 ||
		    strspn(id + len, "0123456789") != strlen(id + len) ||
		    id[len] == '\0')
			continue;
		*out = client_printf(c, "%s/%s", revocables[i].path, id);
		return RC_OK;
	}
	return err_set(err, RC_USAGE,
		       "\"%.39s\" cannot be revoked: user-12 or invitation-5 "
		       "is wanted, see teleconsult admin users",
		       id);
}

static enum rc revoke(struct client *c, struct err *err)
{
	struct msg_revoke in = {options_get(&c->opts, OPT_REASON)};
	struct msg_revoked gone = {0};
	struct ask ask = {.answer = &msg_revoked_table, .out = &gone};
	struct ask_body body = {.msg = &msg_revoke_table, .in = &in};
	enum rc rc = path_of(c, c->args.v[0], &ask.path, err);

	if (rc == RC_OK)
		rc = ask_change(c, "revoke", &ask, &body, err);
	if (rc != RC_OK)
		return rc;
	if (c->json) {
		page_json(c);
		return RC_OK;
	}
	term_add(&c->out, gone.id ? gone.id : c->args.v[0]);
	buf_str(&c->out, " (");
	term_add(&c->out, gone.name ? gone.name : "?");
	buf_str(&c->out, ") is revoked\n");
	return RC_OK;
}

const struct command cmd_admin_users = {
	.name = "admin users",
	.args = "",
	.options = OPTSET(SITE) | OPTSET(STATUS),
	.rows = true,
	.help = "who is known, and the invitations that are open",
	.example = "teleconsult admin users --site liaoyang-central",
	.run = users,
};

const struct command cmd_admin_invitations = {
	.name = "admin invitations",
	.args = "",
	.options = OPTSET(SITE) | OPTSET(STATUS),
	.rows = true,
	.help = "every invitation and what became of it",
	.example = "teleconsult admin invitations --status open",
	.run = invitations,
};

const struct command cmd_admin_revoke = {
	.name = "admin revoke",
	.args = "ID",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON),
	.required = OPTSET(REASON),
	.help = "let a user, a token or an invitation in no more",
	.example = "teleconsult admin revoke user-12 --reason 'left the "
		   "hospital'",
	.run = revoke,
};
