#include "daemon/main/args.h"

#include <stddef.h>
#include <string.h>

enum form {
	FORM_FLAG,  /* sets the command */
	FORM_VALUE, /* keeps its argument */
	FORM_HOST,
};

/* Which commands an option belongs to; help and version to all. */
enum {
	OF_SERVE = 1,
	OF_INIT = 2,
	OF_RESTORE = 4,
	OF_INVITE = 8,
	OF_ALL = 15,
};

static const struct command {
	const char *name;
	unsigned of;
	enum args_command command;
} words[] = {
	{"init", OF_INIT, ARGS_INIT},
	{"restore", OF_RESTORE, ARGS_RESTORE},
	{"invite", OF_INVITE, ARGS_INVITE},
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static const struct row {
	const char *name;
	enum form form;
	unsigned of;
	enum args_command command;
	size_t at;
	const char *value, *help;
} rows[] = {
	{"--config", FORM_VALUE, OF_SERVE | OF_RESTORE | OF_INVITE,
	 .at = offsetof(struct args, config), .value = "FILE",
	 .help = "where the options are"},
	{"--check", FORM_FLAG, OF_SERVE, ARGS_CHECK,
	 .help = "judge all that a start would, and end"},
	{"--print-config", FORM_FLAG, OF_SERVE, ARGS_PRINT,
	 .help = "print every option with its help and end"},
	{"--print-catalogue", FORM_FLAG, OF_SERVE, ARGS_CATALOGUE,
	 .help = "print every kind of service and end"},
	{"--print-reports", FORM_FLAG, OF_SERVE, ARGS_REPORTS,
	 .help = "print every report and end"},
	{"--state", FORM_VALUE, OF_INIT | OF_RESTORE,
	 .at = offsetof(struct args, state), .value = "DIR",
	 .help = "the directory to make, or to restore to"},
	{"--from", FORM_VALUE, OF_RESTORE, .at = offsetof(struct args, from),
	 .value = "FILE", .help = "the backup to restore"},
	{"--name", FORM_VALUE, OF_INIT, .at = offsetof(struct args, name),
	 .value = "NAME", .help = "of the hospital that runs the service"},
	{"--host", FORM_HOST, OF_INIT, .value = "NAME...",
	 .help = "the names or addresses it is reached by"},
	{"--listen", FORM_VALUE, OF_INIT, .at = offsetof(struct args, partners),
	 .value = "ADDRESS:PORT", .help = "for partners; [::]:8443 by default"},
	{"--listen-people", FORM_VALUE, OF_INIT,
	 .at = offsetof(struct args, people), .value = "ADDRESS:PORT",
	 .help = "for people; [::]:8444 by default"},
	{"--admin", FORM_VALUE, OF_INIT | OF_INVITE,
	 .at = offsetof(struct args, admin), .value = "NAME",
	 .help = "of the administrator who is invited"},
	{"--help", FORM_FLAG, OF_ALL, ARGS_HELP, .help = "print this and end"},
	{"--version", FORM_FLAG, OF_ALL, ARGS_VERSION,
	 .help = "print the version and end"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What is left of argv; value: what stood behind a '=', or NULL. */
struct reader {
	char *const *argv;
	const char *value;
	struct args *out;
	unsigned of;
	const char *name; /* of the command */
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
		return err_set(err, RC_USAGE, "%s is not for %s", row->name,
			       r->name);
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

static enum rc check_restore(const struct args *args, struct err *err)
{
	if (args->state == NULL)
		return err_set(err, RC_USAGE, "restore needs --state DIR");
	if (args->from == NULL)
		return err_set(err, RC_USAGE, "restore needs --from FILE");
	return RC_OK;
}

/* The first word, where it is a command and no option. */
static void read_command(struct reader *r)
{
	for (size_t i = 0; *r->argv != NULL && i < WORDS; i++)
		if (strcmp(*r->argv, words[i].name) == 0) {
			r->out->command = words[i].command;
			r->of = words[i].of;
			r->name = words[i].name;
			r->argv++;
			return;
		}
}

enum rc args_read(int argc, char *const *argv, struct args *out,
		  struct err *err)
{
	struct reader r = {
		.out = out, .of = OF_SERVE, .name = "the daemon itself"};
	enum rc rc = RC_OK;

	*out = (struct args){.command = ARGS_SERVE};
	r.argv = argc > 0 ? argv + 1 : argv;
	read_command(&r);
	while (rc == RC_OK && *r.argv != NULL)
		rc = read_word(&r, *r.argv++, err);
	if (rc == RC_OK && out->command == ARGS_INIT)
		rc = check_init(out, err);
	if (rc == RC_OK && out->command == ARGS_RESTORE)
		rc = check_restore(out, err);
	return rc;
}

static void help_of(struct buf *out, unsigned of)
{
	for (size_t i = 0; i < ROWS; i++) {
		const char *value = rows[i].value != NULL ? rows[i].value : "";

		if ((rows[i].of & of) != 0 &&
		    (rows[i].of == OF_ALL) == (of == OF_ALL))
			buf_printf(out, "  %s %-*s %s\n", rows[i].name,
				   (int)(30 - strlen(rows[i].name)), value,
				   rows[i].help);
	}
}

void args_help(struct buf *out)
{
	buf_str(out, "usage: teleconsultd [--config FILE] [--check] "
		     "[--print-config]\n"
		     "       teleconsultd --print-catalogue | --print-reports\n"
		     "       teleconsultd init --state DIR --name NAME "
		     "--host NAME... [OPTION]...\n"
		     "       teleconsultd restore --state DIR --from FILE "
		     "[--config FILE]\n"
		     "       teleconsultd invite [--admin NAME] "
		     "[--config FILE]\n\n"
		     "The daemon:\n");
	help_of(out, OF_SERVE);
	buf_str(out, "\nThe first start: keys, certificates, database, "
		     "configuration, administrator:\n");
	help_of(out, OF_INIT);
	buf_str(out, "\nA backup put in the place of the database, while no "
		     "daemon runs:\n");
	help_of(out, OF_RESTORE);
	buf_str(out,
		"\nAn invitation for an administrator, when nobody is left "
		"to make one, while no\ndaemon runs:\n");
	help_of(out, OF_INVITE);
	buf_str(out, "\n");
	help_of(out, OF_ALL);
	buf_str(out, "\nWithout --config FILE it reads " ARGS_CONFIG ".\n");
}
