/*
 * command - the commands of the tool: one row each, kept beside its code.
 *
 * A row names the words, the arguments, the options taken and needed, a help
 * line and one example; help, reader, manual check and dispatch use it. To add
 * a command write its function and row in a cmd_*.c file, name the row in the
 * list of command.c and describe it in docs/man/teleconsult.1.
 */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include "client/client.h"

struct command {
	const char *name; /* "submit", "admin import" */
	const char *args; /* "KIND"; "" for none */
	size_t min_args, max_args;
	optset options;	 /* its own, beside the global ones */
	optset required; /* of those */
	bool rows;	 /* answers rows, which -o csv can write */
	const char *help;
	const char *example; /* a whole line that can be typed */
	enum rc (*run)(struct client *c, struct err *err);
};

/* All, in the order of help; ends with NULL. */
extern const struct command *const commands[];

/* The command that these words begin with, and how many words it took; NULL
 * when there is none. */
const struct command *command_find(const char *const *words, size_t n,
				   size_t *out_taken);
/* Some command begins with this word ("admin"). */
bool command_is_group(const char *word);

/* The help of the tool (command NULL) or of one command. */
void command_help(const struct command *command, struct buf *out);
/* The commands of a group. */
void command_help_group(const char *word, struct buf *out);

/* The rows, by family. */
extern const struct command cmd_submit, cmd_accept, cmd_assign, cmd_decline,
	cmd_withdraw;
extern const struct command cmd_list, cmd_show, cmd_take_back;
extern const struct command cmd_report_activity, cmd_report_waits,
	cmd_report_pooled, cmd_report_deviations, cmd_report_declines,
	cmd_report_quotas, cmd_report_hours, cmd_report_answers,
	cmd_report_load, cmd_report_clinic, cmd_course;
extern const struct command cmd_slots;
extern const struct command cmd_book, cmd_hold, cmd_release, cmd_move,
	cmd_cancel;
extern const struct command cmd_series_book, cmd_series_session,
	cmd_series_show, cmd_series_list, cmd_series_move, cmd_series_cancel;
extern const struct command cmd_pool_list, cmd_pool_show, cmd_pool_open,
	cmd_pool_order;
extern const struct command cmd_wait, cmd_unwait, cmd_refuse;
extern const struct command cmd_ask, cmd_supplement;
extern const struct command cmd_opinion, cmd_receive;
extern const struct command cmd_session_make, cmd_session_join,
	cmd_session_leave, cmd_session_attend, cmd_session_add,
	cmd_session_order, cmd_session_draw, cmd_session_call, cmd_session_mark,
	cmd_session_waiting;
extern const struct command cmd_consent, cmd_arrive, cmd_start, cmd_finish,
	cmd_noshow, cmd_late, cmd_check, cmd_fallback;
extern const struct command cmd_answer, cmd_papers, cmd_displace, cmd_on_call,
	cmd_on_call_swap, cmd_report_emergencies;
extern const struct command cmd_schedule, cmd_watch;
extern const struct command cmd_roster_show, cmd_roster_change,
	cmd_roster_apply, cmd_visits, cmd_orphans;
extern const struct command cmd_enroll, cmd_whoami, cmd_profiles;
extern const struct command cmd_admin_import, cmd_admin_export,
	cmd_admin_backup, cmd_admin_verify_log, cmd_admin_status;
extern const struct command cmd_admin_invite, cmd_admin_invitations,
	cmd_admin_users, cmd_admin_revoke, cmd_admin_token;

#endif
