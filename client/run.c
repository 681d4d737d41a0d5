/* run - from argv to an exit code: the way through the tool. */
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "client/client.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/complete.h"

/* 1 to 64 characters of the set that the API takes. */
static bool key_ok(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= 64 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") == len;
}

static enum rc choose_key(struct client *c, struct err *err)
{
	uint8_t random[16];
	char *key;

	c->key = options_get(&c->opts, OPT_KEY);
	if (c->key && !key_ok(c->key))
		return err_set(err, RC_USAGE,
			       "--idempotency-key wants 1 to 64 of A-Z a-z 0-9 "
			       "- _ . :");
	if (c->key)
		return RC_OK;
	key = client_alloc(c, 2 * sizeof(random) + 1);
	rnd_fill(c->env->rnd, random, sizeof(random));
	text_hex(random, sizeof(random), key);
	c->key = key;
	return RC_OK;
}

static enum rc choose_output(struct client *c, struct err *err)
{
	const char *o = options_get(&c->opts, OPT_OUTPUT);

	c->json = o && strcmp(o, "json") == 0;
	c->csv = o && strcmp(o, "csv") == 0;
	if (o && !c->json && !c->csv && strcmp(o, "table") != 0)
		return err_set(err, RC_USAGE,
			       "-o %.21s: table, json or csv is wanted", o);
	c->term.colour = c->env->out_tty && !c->env->no_color &&
			 !options_has(&c->opts, OPT_NO_COLOR);
	return RC_OK;
}

static enum rc check_use(const struct client *c, struct err *err)
{
	const struct command *cmd = c->command;

	if (c->args.n < cmd->min_args)
		return err_set(err, RC_USAGE, "something is missing: %s %s",
			       cmd->name, cmd->args);
	if (c->args.n > cmd->max_args)
		return err_set(err, RC_USAGE, "\"%.39s\" is one word too many",
			       c->args.v[cmd->max_args]);
	if (c->csv && !cmd->rows)
		return err_set(err, RC_USAGE,
			       "%s answers no rows, so there is no csv: table "
			       "or json is wanted",
			       cmd->name);
	for (int o = 0; o < OPT_COUNT; o++)
		if ((cmd->required & ((optset)1 << o)) &&
		    !options_has(&c->opts, (enum option)o))
			return err_set(err, RC_USAGE, "%s wants --%s %s",
				       cmd->name, option_rows[o].name,
				       option_rows[o].arg);
	return RC_OK;
}

/* No command was given, or none that is known. */
static enum rc no_command(const char *word, struct err *err)
{
	if (!word)
		return err_set(err, RC_USAGE,
			       "which command? See teleconsult --help");
	if (command_is_group(word))
		return err_set(err, RC_USAGE,
			       "%s what? See teleconsult %s --help", word,
			       word);
	return err_set(err, RC_USAGE,
		       "\"%.39s\" is no command; see teleconsult --help", word);
}

/* --help or --version where no command is; true when that was it. */
static bool answer_alone(struct client *c, const char *word)
{
	if (options_has(&c->opts, OPT_VERSION)) {
		buf_str(&c->out, "teleconsult " VERSION "\n");
		return true;
	}
	if (!options_has(&c->opts, OPT_HELP))
		return false;
	if (word && command_is_group(word))
		command_help_group(word, &c->out);
	else
		command_help(NULL, &c->out);
	return true;
}

static enum rc read_options(struct client *c, int from, optset own,
			    bool words_first, int *out_used, struct err *err)
{
	struct option_read in = {.argc = c->env->argc - from,
				 .argv = c->env->argv + from,
				 .own = own,
				 .words_first = words_first,
				 .arena = &c->arena};

	return options_read(&in, &c->opts, &c->args, out_used, err);
}

static enum rc run_command(struct client *c, int from, struct err *err)
{
	int used;
	enum rc rc =
		read_options(c, from, c->command->options, false, &used, err);

	/* even a wrong line is answered in the form that it asks for */
	if (rc == RC_OK || options_has(&c->opts, OPT_OUTPUT)) {
		enum rc form = choose_output(c, rc == RC_OK ? err : NULL);

		rc = rc == RC_OK ? form : rc;
	}
	if (rc != RC_OK)
		return rc;
	if (options_has(&c->opts, OPT_VERSION)) {
		buf_str(&c->out, "teleconsult " VERSION "\n");
		return RC_OK;
	}
	if (options_has(&c->opts, OPT_HELP)) {
		command_help(c->command, &c->out);
		return RC_OK;
	}
	rc = choose_key(c, err);
	if (rc == RC_OK)
		rc = check_use(c, err);
	return rc == RC_OK ? c->command->run(c, err) : rc;
}

static enum rc run(struct client *c, struct err *err)
{
	int used = 0;
	size_t taken;
	const char *word;
	enum rc rc = RC_OK;

	if (c->env->argc > 0 &&
	    strcmp(c->env->argv[0], COMPLETE_COMMAND) == 0) {
		complete(c, (const char *const *)c->env->argv + 1,
			 (size_t)c->env->argc - 1);
		return RC_OK;
	}
	rc = read_options(c, 0, 0, true, &used, err);
	if (rc != RC_OK)
		return rc;
	word = used < c->env->argc ? c->env->argv[used] : NULL;
	c->command = command_find((const char *const *)c->env->argv + used,
				  (size_t)(c->env->argc - used), &taken);
	if (c->command)
		return run_command(c, used + (int)taken, err);
	if (word && command_is_group(word) && used + 1 < c->env->argc)
		rc = read_options(c, used + 1, 0, true, &used, err);
	if (rc == RC_OK && answer_alone(c, word))
		return RC_OK;
	return rc == RC_OK ? no_command(word, err) : rc;
}

int client_run(struct client *c, struct buf *complaint)
{
	struct err err = ERR_INIT;
	enum rc rc = run(c, &err);

	if (rc == RC_OK && c->out.failed)
		rc = err_set(&err, RC_TOO_LARGE,
			     "there is too much to show; ask for less with -n");
	if (rc == RC_OK)
		return 0;
	buf_reset(&c->note);
	if (!c->keep_out)
		buf_reset(&c->out);
	complain(c, rc, &err, complaint);
	return rc_row(rc)->exit;
}
