/* offer - see offer.h. */
#include "client/offer.h"

#include <string.h>

#include "base/file.h"
#include "client/command.h"
#include "proto/messages_people.h"

#define ZONES TZ_SYSTEM_DIR "/zone1970.tab"
#define ZONES_MAX (256 * 1024)

void offer_word(const struct offer *offer, const char *word, const char *help)
{
	struct buf *out = &offer->c->out;

	if (strncmp(word, offer->typed, strlen(offer->typed)) != 0)
		return;
	buf_str(out, offer->before);
	term_add(out, word);
	if (help && *help) {
		buf_chr(out, '\t');
		term_add(out, help);
	}
	buf_chr(out, '\n');
}

static void offer_set(const struct offer *offer, const struct words *words)
{
	for (int i = 0; i < words->count; i++)
		offer_word(offer, words_name(words, i), NULL);
}

static void offer_kinds(const struct offer *offer)
{
	offer_set(offer, &words_kind);
}

static void offer_whys(const struct offer *offer)
{
	offer_set(offer, &words_why);
}

static void offer_bys(const struct offer *offer)
{
	offer_set(offer, &words_by);
}

static void offer_roles(const struct offer *offer)
{
	offer_set(offer, &words_role);
}

static void offer_scopes(const struct offer *offer)
{
	offer_set(offer, &words_scope);
}

static void offer_days(const struct offer *offer)
{
	static const char *const days[] = {"today", "tomorrow", "mon",
					   "tue",   "wed",	"thu",
					   "fri",   "sat",	"sun"};

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		offer_word(offer, days[i], NULL);
}

static void offer_files(const struct offer *offer)
{
	buf_str(&offer->c->out, ":files\n");
}

static void offer_profiles(const struct offer *offer)
{
	struct client *c = offer->c;
	struct field_strs names;

	if (profile_names(&c->env->home, &c->arena, &names, NULL) != RC_OK)
		return;
	for (size_t i = 0; i < names.n; i++)
		offer_word(offer, names.v[i], NULL);
}

/* "CN	+3114+12128	Asia/Shanghai	Beijing Time": the third. */
static void offer_zone(const struct offer *offer, const char *line, size_t len)
{
	const char *end = line + len;

	for (int i = 0; i < 2 && line; i++) {
		line = memchr(line, '\t', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	if (line)
		offer_word(offer,
			   client_printf(offer->c, "%.*s",
					 (int)strcspn(line, "\t\n"), line),
			   NULL);
}

static void offer_zones(const struct offer *offer)
{
	struct buf text;
	const char *at;

	buf_init(&text, ZONES_MAX);
	offer_word(offer, "UTC", NULL);
	if (file_read(ZONES, &text, NULL) == RC_OK) {
		for (at = buf_cstr(&text); *at; at += *at == '\n') {
			size_t len = strcspn(at, "\n");

			if (*at != '#')
				offer_zone(offer, at, len);
			at += len;
		}
	}
	buf_fini(&text);
}

/* The statuses of what the command lists. */
static void offer_statuses(const struct offer *offer)
{
	const struct command *cmd = offer->c->command;

	if (cmd == &cmd_admin_users)
		offer_set(offer, &words_user_status);
	else if (cmd == &cmd_admin_invitations)
		offer_set(offer, &words_invitation_status);
	else if (offer->arg && (strcmp(offer->arg, "bookings") == 0 ||
				strcmp(offer->arg, "sessions") == 0 ||
				strcmp(offer->arg, "unresolved") == 0))
		offer_set(offer, &words_booking_status);
	else if (offer->arg && strcmp(offer->arg, "late") == 0)
		offer_set(offer, &words_clock);
	else
		offer_set(offer, &words_request_status);
}

static void offer_changes(const struct offer *offer)
{
	offer_set(offer, &words_roster);
}

struct source {
	const char *placeholder;
	void (*offer)(const struct offer *offer);
};
static const struct source sources[] = {
	{"KIND", offer_kinds},	    {"ROLE", offer_roles},
	{"SCOPE", offer_scopes},    {"CODE", offer_codes},
	{"EXPERT", offer_experts},  {"SITE", offer_sites},
	{"ID", offer_ids},	    {"SITE/NAME", offer_resources},
	{"USER", offer_users},	    {"FILE", offer_files},
	{"DIR", offer_files},	    {"DAY", offer_days},
	{"ZONE", offer_zones},	    {"PROFILE", offer_profiles},
	{"STATUS", offer_statuses}, {"WHY", offer_whys},
	{"WHAT", offer_bys},	    {"CHANGE", offer_changes},
};

/* One alternative: a source, or a word that stands for itself. */
static void offer_one(const struct offer *offer, const char *word)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (strcmp(sources[i].placeholder, word) == 0) {
			sources[i].offer(offer);
			return;
		}
	if (strcmp(word, "-") != 0 &&
	    strpbrk(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL)
		offer_word(offer, word, NULL);
}

void offer_placeholders(const struct offer *offer, const char *alternatives)
{
	const char *at = alternatives + strspn(alternatives, "[");

	while (*at && *at != ']' && *at != ' ') {
		size_t len = strcspn(at, "|] ");

		offer_one(offer, client_printf(offer->c, "%.*s", (int)len, at));
		at += len + (at[len] == '|');
	}
}

void offer_value(const struct offer *offer, enum option o)
{
	offer_placeholders(offer, option_rows[o].arg);
}
