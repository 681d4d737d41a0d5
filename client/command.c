/* command - see command.h. */
#include "client/command.h"

#include <string.h>

#include "base/rc.h"

const struct command *const commands[] = {
	&cmd_submit,
	&cmd_list,
	&cmd_show,
	&cmd_accept,
	&cmd_assign,
	&cmd_ask,
	&cmd_supplement,
	&cmd_decline,
	&cmd_withdraw,
	&cmd_wait,
	&cmd_unwait,
	&cmd_slots,
	&cmd_book,
	&cmd_hold,
	&cmd_release,
	&cmd_refuse,
	&cmd_move,
	&cmd_cancel,
	&cmd_series_book,
	&cmd_series_session,
	&cmd_series_show,
	&cmd_series_list,
	&cmd_series_move,
	&cmd_series_cancel,
	&cmd_pool_list,
	&cmd_pool_show,
	&cmd_pool_open,
	&cmd_pool_order,
	&cmd_consent,
	&cmd_arrive,
	&cmd_start,
	&cmd_finish,
	&cmd_noshow,
	&cmd_late,
	&cmd_check,
	&cmd_fallback,
	&cmd_opinion,
	&cmd_receive,
	&cmd_session_make,
	&cmd_session_join,
	&cmd_session_leave,
	&cmd_session_attend,
	&cmd_session_add,
	&cmd_session_order,
	&cmd_session_draw,
	&cmd_session_call,
	&cmd_session_mark,
	&cmd_session_waiting,
	&cmd_report_emergencies,
	&cmd_report_activity,
	&cmd_report_waits,
	&cmd_report_answers,
	&cmd_report_load,
	&cmd_report_clinic,
	&cmd_take_back,
	&cmd_report_hours,
	&cmd_report_quotas,
	&cmd_report_pooled,
	&cmd_report_deviations,
	&cmd_report_declines,
	&cmd_course,
	&cmd_answer,
	&cmd_papers,
	&cmd_displace,
	&cmd_on_call_swap,
	&cmd_on_call,
	&cmd_schedule,
	&cmd_roster_show,
	&cmd_roster_change,
	&cmd_roster_apply,
	&cmd_visits,
	&cmd_orphans,
	&cmd_watch,
	&cmd_enroll,
	&cmd_whoami,
	&cmd_profiles,
	&cmd_admin_import,
	&cmd_admin_export,
	&cmd_admin_backup,
	&cmd_admin_invite,
	&cmd_admin_invitations,
	&cmd_admin_users,
	&cmd_admin_revoke,
	&cmd_admin_token,
	&cmd_admin_verify_log,
	&cmd_admin_status,
	NULL,
};

/* name begins with the word, and the word ends there or at a blank. */
static bool starts_with(const char *name, const char *word)
{
	size_t len = strlen(word);

	return strncmp(name, word, len) == 0 &&
	       (name[len] == '\0' || name[len] == ' ');
}

/* How many of the words make up the name; 0 when it is another. */
static size_t words_taken(const char *name, const char *const *words, size_t n)
{
	size_t taken = 0;

	while (taken < n && starts_with(name, words[taken])) {
		name += strlen(words[taken]);
		taken++;
		if (*name == '\0')
			return taken;
		name++;
	}
	return 0;
}

const struct command *command_find(const char *const *words, size_t n,
				   size_t *out_taken)
{
	for (size_t i = 0; commands[i]; i++) {
		*out_taken = words_taken(commands[i]->name, words, n);
		if (*out_taken > 0)
			return commands[i];
	}
	return NULL;
}

bool command_is_group(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (starts_with(commands[i]->name, word))
			return true;
	return false;
}

static void add_padded(struct buf *out, const char *left, size_t width,
		       const char *right)
{
	buf_str(out, "  ");
	buf_str(out, left);
	if (strlen(left) >= width)
		buf_str(out, "  ");
	for (size_t i = strlen(left); i < width; i++)
		buf_chr(out, ' ');
	buf_str(out, right);
	buf_chr(out, '\n');
}

static void add_option(struct buf *out, const struct option_row *row)
{
	struct buf left;

	buf_init(&left, 128);
	if (row->letter)
		buf_printf(&left, "-%c, ", row->letter);
	buf_printf(&left, "--%s", row->name);
	if (row->arg)
		buf_printf(&left, " %s", row->arg);
	add_padded(out, buf_cstr(&left), 26, row->help);
	buf_fini(&left);
}

static void add_options(struct buf *out, optset set)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (set & ((optset)1 << i))
			add_option(out, &option_rows[i]);
}

static void add_required(struct buf *out, optset required)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (required & ((optset)1 << i))
			buf_printf(out, " --%s %s", option_rows[i].name,
				   option_rows[i].arg);
}

static void add_summaries(struct buf *out, const char *group)
{
	for (size_t i = 0; commands[i]; i++)
		if (!group || starts_with(commands[i]->name, group))
			add_padded(out, commands[i]->name, 20,
				   commands[i]->help);
}

static void help_tool(struct buf *out)
{
	buf_str(out, "usage: teleconsult [OPTION]... COMMAND ...\n\n"
		     "Schedule the work of a telemedicine network: requests, "
		     "times, bookings.\n\n");
	add_summaries(out, NULL);
	buf_str(out, "\nOptions of every command:\n");
	add_options(out, option_globals);
	buf_str(out,
		"\nTIME is 2026-12-01T09:30:00+08:00, \"2026-12-01 09:30\", "
		"\"tomorrow 14:00\" or\n\"mon 9:30\"; a CODE is read with or "
		"without its hyphen, in any case.\n"
		"\nExample: teleconsult schedule --week\n"
		"\nMore: teleconsult COMMAND --help, man teleconsult\n");
}

void command_help(const struct command *command, struct buf *out)
{
	if (!command) {
		help_tool(out);
		return;
	}
	buf_printf(out, "usage: teleconsult %s%s%s", command->name,
		   *command->args ? " " : "", command->args);
	add_required(out, command->required);
	buf_printf(out, "%s\n\n%s\n",
		   command->options & ~command->required ? " [OPTION]..." : "",
		   command->help);
	if (command->options) {
		buf_str(out, "\nOptions:\n");
		add_options(out, command->options);
	}
	buf_printf(out,
		   "\nThe options of every command: teleconsult --help\n"
		   "\nExample: %s\n",
		   command->example);
}

void command_help_group(const char *word, struct buf *out)
{
	buf_printf(out, "usage: teleconsult %s COMMAND ...\n\n", word);
	add_summaries(out, word);
}
