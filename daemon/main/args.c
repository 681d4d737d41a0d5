#include "daemon/main/args.h"

#include <stddef.h>
#include <string.h>

enum form {
	FORM_FLAG,  /* sets the command */
	FORM_VALUE, /* keeps its argument */
	FORM_HOST,
};

/* Which command an option belongs to; help and version to both. */
enum of { OF_SERVE = 1, OF_INIT = 2, OF_BOTH = 3 };

static const struct row {
	const char *name;
	enum form form;
	enum of of;
	enum args_command command;
	size_t at;
	const char *value, *help;
} rows[] = {
	{"--config", FORM_VALUE, OF_SERVE, .at = offsetof(struct args, config),
	 .value = "FILE", .help = "where the options are"},
	{"--check", FORM_FLAG, OF_SERVE, ARGS_CHECK,
	 .help = "say every fault of that file and end"},
	{"--print-config", FORM_FLAG, OF_SERVE, ARGS_PRINT,
	 .help = "print every option with its help and end"},
	{"--state", FORM_VALUE, OF_INIT, .at = offsetof(struct args, state),
	 .value = "DIR", .help = "the directory to make"},
	{"--name", FORM_VALUE, OF_INIT, .at = offsetof(struct args, name),
	 .value = "NAME", .help = "of the hospital that runs the service"},
	{"--host", FORM_HOST, OF_INIT, .value = "NAME...",
	 .help = "the names or addresses it is reached by"},
	{"--listen", FORM_VALUE, OF_INIT, .at = offsetof(struct args, partners),
	 .value = "ADDRESS:PORT", .help = "for partners; [::]:8443 by default"},
	{"--listen-people", FORM_VALUE, OF_INIT,
	 .at = offsetof(struct args, people), .value = "ADDRESS:PORT",
	 .help = "for people without a certificate; or nowhere"},
	{"--admin", FORM_VALUE, OF_INIT, .at = offsetof(struct args, admin),
	 .value = "NAME", .help = "of the first administrator"},
	{"--help", FORM_FLAG, OF_BOTH, ARGS_HELP, .help = "print this and end"},
	{"--version", FORM_FLAG, OF_BOTH, ARGS_VERSION,
	 .help = "print the version and end"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What is left of argv; value: what stood behind a '=', or NULL. */
struct reader {
	char *const *argv;
	const char *value;
	struct args *out;
	enum of of;
};

static const struct row *find(const char *word, const char **out_value)
{
	size_t len = strcspn(word, "=");

	*out_value = word[len] == '=' ? word + len + 1 : NULL;
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == len &&
		    memcmp(rows[i].name, word, len) == 0)
			return &rows[i];
	return NULL;
}

static enum rc add_host(struct args *out, const char *host, struct err *err)
{
	if (out->nhosts == CONF_HOSTS_MAX)
		return err_set(err, RC_USAGE, "at most %d hosts can be named",
			       CONF_HOSTS_MAX);
	out->hosts[out->nhosts++] = host;
	return RC_OK;
}

/* One name at least; then whatever does not look like an option. */
static enum rc read_hosts(struct reader *r, struct err *err)
{
	enum rc rc = add_host(r->out, r->value, err);

	while (rc == RC_OK && *r->argv != NULL && (*r->argv)[0] != '-')
		rc = add_host(r->out, *r->argv++, err);
	return rc;
}

static enum rc read_value(struct reader *r, const struct row *row,
			  struct err *err)
{
	const char **to = (const char **)(void *)((char *)r->out + row->at);

	if (r->value == NULL)
		r->value = *r->argv != NULL ? *r->argv++ : NULL;
	if (r->value == NULL || r->value[0] == '\0')
		return err_set(err, RC_USAGE, "%s needs its %s", row->name,
			       row->value);
	if (row->form == FORM_HOST)
		return read_hosts(r, err);
	if (*to != NULL)
		return err_set(err, RC_USAGE, "%s is given twice", row->name);
	*to = r->value;
	return RC_OK;
}

static enum rc read_flag(struct reader *r, const struct row *row,
			 struct err *err)
{
	if (r->value != NULL)
		return err_set(err, RC_USAGE, "%s takes no value", row->name);
	r->out->command = row->command;
	return RC_OK;
}

static enum rc read_word(struct reader *r, const char *word, struct err *err)
{
	const struct row *row = find(word, &r->value);

	if (row == NULL)
		return err_set(err, RC_USAGE,
			       "\"%.80s\" is not understood; see --help", word);
	if ((row->of & r->of) == 0)
		return err_set(err, RC_USAGE, "%s %s", row->name,
			       r->of == OF_INIT ? "is not for init"
						: "is for init only");
	return row->form == FORM_FLAG ? read_flag(r, row, err)
				      : read_value(r, row, err);
}

static enum rc check_init(const struct args *args, struct err *err)
{
	if (args->state == NULL)
		return err_set(err, RC_USAGE, "init needs --state DIR");
	if (args->name == NULL)
		return err_set(err, RC_USAGE, "init needs --name NAME");
	if (args->nhosts == 0)
		return err_set(err, RC_USAGE, "init needs --host NAME");
	return RC_OK;
}

enum rc args_read(int argc, char *const *argv, struct args *out,
		  struct err *err)
{
	struct reader r = {.out = out, .of = OF_SERVE};
	enum rc rc = RC_OK;

	*out = (struct args){.command = ARGS_SERVE};
	r.argv = argc > 0 ? argv + 1 : argv;
	if (*r.argv != NULL && strcmp(*r.argv, "init") == 0) {
		out->command = ARGS_INIT;
		r.of = OF_INIT;
		r.argv++;
	}
	while (rc == RC_OK && *r.argv != NULL)
		rc = read_word(&r, *r.argv++, err);
	if (rc == RC_OK && out->command == ARGS_INIT)
		rc = check_init(out, err);
	return rc;
}

static void help_of(struct buf *out, enum of of)
{
	for (size_t i = 0; i < ROWS; i++) {
		const char *value = rows[i].value != NULL ? rows[i].value : "";

		if (rows[i].of == of)
			buf_printf(out, "  %s %-*s %s\n", rows[i].name,
				   (int)(30 - strlen(rows[i].name)), value,
				   rows[i].help);
	}
}

void args_help(struct buf *out)
{
	buf_str(out, "usage: teleconsultd [--config FILE] [--check] "
		     "[--print-config]\n"
		     "       teleconsultd init --state DIR --name NAME "
		     "--host NAME... [OPTION]...\n\n"
		     "The daemon:\n");
	help_of(out, OF_SERVE);
	buf_str(out, "\nThe first start: keys, certificates, database, "
		     "configuration, administrator:\n");
	help_of(out, OF_INIT);
	buf_str(out, "\n");
	help_of(out, OF_BOTH);
	buf_str(out, "\nWithout --config FILE it reads " ARGS_CONFIG ".\n");
}
