/* complete - see complete.h. */
#include "client/complete.h"

#include <string.h>

#include "client/command.h"
#include "client/offer.h"

#define WORDS_MAX 256

/* What the words before the cursor say. */
struct line {
	const char *words[WORDS_MAX]; /* joined; without the last */
	size_t n;
	const char *last; /* being typed */
	bool split;	  /* bash keeps what stands before = or : */
	const struct command *command;
	size_t taken;			    /* words of its name */
	const char *args[OPTIONS_ARGS_MAX]; /* no options, its name first */
	size_t nargs;
	bool words_only; /* after "--" */
	int pending;	 /* the option whose value comes next, or -1 */
};

static bool is_joint(const char *word)
{
	return strcmp(word, "=") == 0 || strcmp(word, ":") == 0;
}

/* "--site" "=" "an" was one word. */
static void join_words(struct client *c, struct line *line,
		       const char *const *words, size_t n)
{
	const char *typed = n > 0 ? words[n - 1] : "";

	line->last = "";
	for (size_t i = 0; i < n && line->n < WORDS_MAX - 1; i++) {
		bool joint = i > 0 && is_joint(words[i]);
		bool after = i > 1 && is_joint(words[i - 1]);

		if ((joint || after) && line->n > 0)
			line->words[line->n - 1] = client_printf(
				c, "%s%s", line->words[line->n - 1], words[i]);
		else
			line->words[line->n++] = words[i];
	}
	if (line->n > 0)
		line->last = line->words[--line->n];
	line->split = strcmp(line->last, typed) != 0;
}

static void take_arg(struct line *line, const char *word)
{
	if (line->nargs < OPTIONS_ARGS_MAX)
		line->args[line->nargs++] = word;
	/* A command's first word may be one, too: "on-call swap". */
	line->command = command_find(line->args, line->nargs, &line->taken);
}

static optset own(const struct line *line)
{
	return line->command ? line->command->options : 0;
}

/* As if it had been read: who asks the server, and what was given already. */
static void note_option(struct client *c, int o, const char *value)
{
	const char **v = client_alloc(c, sizeof(*v));

	*v = value;
	c->opts.v[o] = (struct field_strs){v, 1};
}

static void take_option(struct client *c, struct line *line, const char *word)
{
	const char *value = NULL;
	int o = option_find(own(line), word, &value);

	if (o < 0)
		return;
	if (option_rows[o].arg && !value)
		line->pending = o;
	else
		note_option(c, o, value ? value : "");
}

static void read_line(struct client *c, struct line *line)
{
	line->pending = -1;
	for (size_t i = 0; i < line->n; i++) {
		const char *word = line->words[i];

		if (line->pending >= 0) {
			note_option(c, line->pending, word);
			line->pending = -1;
		} else if (!line->words_only && strcmp(word, "--") == 0) {
			line->words_only = true;
		} else if (!line->words_only && word[0] == '-' && word[1]) {
			take_option(c, line, word);
		} else {
			take_arg(line, word);
		}
	}
}

/* --- what could stand there --- */

static void add_options(const struct offer *offer, optset set)
{
	for (int o = 0; o < OPT_COUNT; o++) {
		const struct option_row *row = &option_rows[o];

		if (!(set >> o & 1) ||
		    (options_has(&offer->c->opts, (enum option)o) &&
		     !row->repeat))
			continue;
		offer_word(offer, client_printf(offer->c, "--%s", row->name),
			   row->help);
	}
}

/* Those of the command come first. */
static void add_all_options(const struct offer *offer, const struct line *line)
{
	add_options(offer, own(line));
	add_options(offer, option_globals);
}

/* A command's first word that begins others may be one on its own. */
static const char *help_of_group(const char *word)
{
	size_t taken;
	const struct command *alone = command_find(&word, 1, &taken);

	if (alone)
		return alone->help;
	return strcmp(word, "admin") == 0 ? "commands of an administrator"
					  : "several commands";
}

/* The next word of every command whose first words are these. */
static void add_commands(const struct offer *offer, const struct line *line)
{
	const char *before = NULL;

	for (size_t i = 0; commands[i]; i++) {
		const char *name = commands[i]->name;
		const char *word;
		size_t len;

		if (line->nargs > 0) {
			len = strlen(line->args[0]);
			if (line->nargs > 1 ||
			    strncmp(name, line->args[0], len) != 0 ||
			    name[len] != ' ')
				continue;
			name += len + 1;
		}
		len = strcspn(name, " ");
		word = client_printf(offer->c, "%.*s", (int)len, name);
		if (before && strcmp(before, word) == 0)
			continue; /* "admin" is there already */
		before = word;
		offer_word(offer, word,
			   name[len] ? help_of_group(word) : commands[i]->help);
	}
}

/* "--site=an": the value, after what must stay before it. */
static bool add_inline(struct client *c, struct offer *offer,
		       const struct line *line)
{
	const char *value = NULL;
	int o = option_find(own(line), line->last, &value);

	if (o < 0 || !value || !option_rows[o].arg)
		return false;
	if (!line->split)
		offer->before = client_printf(
			c, "%.*s", (int)(value - line->last), line->last);
	offer->typed = value;
	offer_value(offer, (enum option)o);
	return true;
}

static void add_words(const struct offer *offer, const struct line *line)
{
	add_commands(offer, line);
	if (line->command &&
	    line->nargs - line->taken < line->command->max_args)
		offer_placeholders(offer, line->command->args);
}

void complete(struct client *c, const char *const *words, size_t n)
{
	struct line line = {.n = 0};
	struct offer offer = {.c = c, .before = ""};

	join_words(c, &line, words, n);
	read_line(c, &line);
	c->command = line.command;
	c->hasty = true;
	offer.typed = line.last;
	offer.arg = line.nargs > line.taken ? line.args[line.taken] : NULL;
	if (line.pending >= 0)
		offer_value(&offer, (enum option)line.pending);
	else if (line.words_only || line.last[0] != '-')
		add_words(&offer, &line);
	else if (!add_inline(c, &offer, &line))
		add_all_options(&offer, &line);
}
