/* complain - see complain.h. */
#include "client/complain.h"

#include <inttypes.h>
#include <string.h>

#include "base/code.h"
#include "client/command.h"
#include "client/days.h"

struct hint {
	enum rc rc;
	const char *text; /* CODE at its end: that of the command, if any */
};

/* What to do next, where the text itself cannot know. */
static const struct hint hints[] = {
	{RC_UNAUTHENTICATED,
	 "ask an administrator for an invitation, then: teleconsult enroll"},
	{RC_FORBIDDEN, "see who you are with: teleconsult whoami"},
	{RC_NOT_FOUND, "look with: teleconsult show CODE"},
	{RC_STATE, "look with: teleconsult show CODE"},
	{RC_STALE, "look and try again, with: teleconsult show CODE"},
	{RC_NO_MATCH, "look and try again, with: teleconsult show CODE"},
	{RC_KEY_REUSED, "leave --idempotency-key out, or choose another"},
	{RC_TOO_MANY, "try again in a while"},
	{RC_INTERNAL, "try again, or tell who runs the server"},
	{RC_IO, "try again, or tell who runs the server"},
	{RC_CORRUPT, "tell who runs the server at once"},
	{RC_BUSY, "try again in a while"},
	{RC_FULL, "tell who runs the server"},
	{RC_NOMEM, "try again in a while"},
};

static const char *hint_for(enum rc rc)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].rc == rc)
			return hints[i].text;
	return NULL;
}

static void add_hint(const struct client *c, const char *hint, struct buf *out)
{
	const char *word = c->args.n > 0 ? c->args.v[0] : "";
	size_t at = strlen(hint) - 4;
	char shown[CODE_SHOWN_LEN + 1];
	struct code code;

	if (strcmp(hint + at, "CODE") != 0) {
		buf_printf(out, "; %s", hint);
	} else if (!code_read(word, strlen(word), &code)) {
		return; /* there is no thing to look at */
	} else if (c->command == &cmd_show) {
		buf_str(out, "; see what there is with: teleconsult list");
	} else {
		code_show(&code, shown);
		buf_printf(out, "; %.*s%s", (int)at, hint, shown);
	}
}

/* "/expert", "#expert", "/duration_minutes": the field of an option? */
static bool is_field_of(const char *pointer, const char *option)
{
	static const char *const parts[] = {"/booking/", "/session/"};
	const char *at = pointer + (*pointer != '\0');

	for (size_t i = 0; i < 2; i++) /* of a series */
		if (strncmp(pointer, parts[i], strlen(parts[i])) == 0)
			at = pointer + strlen(parts[i]);
	for (; *option; option++, at++)
		if (*at != *option && (*at != '_' || *option != '-'))
			return false;
	return at != pointer && (*at == '\0' || strcmp(at, "_minutes") == 0);
}

/* A field as the person typed it: "--expert". */
static void add_pointer(const struct client *c, const char *pointer,
			struct buf *out)
{
	optset own = c->command ? c->command->options : 0;

	for (int o = 0; o < OPT_COUNT; o++) {
		if (!(own >> o & 1) ||
		    !is_field_of(pointer, option_rows[o].name))
			continue;
		buf_printf(out, "--%s", option_rows[o].name);
		return;
	}
	term_add(out, *pointer ? pointer : "the message");
}

static void add_fault(const struct client *c, const struct msg_fault *f,
		      struct buf *out)
{
	add_pointer(c, f->pointer ? f->pointer : "", out);
	buf_str(out, ": ");
	term_add(out, f->detail ? f->detail : "?");
}

static void add_first_line(const struct client *c, enum rc rc,
			   const struct err *err, struct buf *out)
{
	const struct msg_problem *p = c->problem;
	const char *hint = p ? hint_for(rc) : NULL;

	buf_str(out, "teleconsult: ");
	if (p && rc == RC_STALE)
		term_add(out, rc_row(rc)->title);
	else if (p && p->errors.n == 1)
		add_fault(c, p->errors.v, out);
	else
		term_add(out, err->text);
	if (p && rc == RC_UNKNOWN)
		buf_printf(out,
			   "; repeat the same command with "
			   "--idempotency-key %s",
			   c->key);
	else if (hint)
		add_hint(c, hint, out);
	if (p && p->request_id && rc_row(rc)->exit == 6) {
		buf_str(out, " (request ");
		term_add(out, p->request_id);
		buf_chr(out, ')');
	}
	if (rc == RC_USAGE && c->command)
		buf_printf(out, " (see teleconsult %s --help)",
			   c->command->name);
	buf_chr(out, '\n');
}

/* A single one stands in the first line already. */
static void add_faults(const struct client *c, const struct field_list *list,
		       struct buf *out)
{
	const struct msg_fault *f = list->v;

	for (size_t i = 0; i < list->n && list->n > 1; i++) {
		buf_str(out, "  ");
		add_fault(c, &f[i], out);
		buf_chr(out, '\n');
	}
}

/* The zone of the run, or UTC when none was needed so far. */
static void add_span(const struct client *c, int64_t from, int64_t to,
		     struct buf *out)
{
	char shown[WHEN_SPAN_LEN + 1];

	if (from == FIELD_NONE || to == FIELD_NONE || !c->when.zone)
		return;
	when_show_span(c->when.zone, from, to, shown);
	buf_printf(out, ", %s", shown);
}

const char *complain_who(const struct msg_blocker *b)
{
	if (b->subject)
		return b->subject;
	return b->role >= 0 ? words_name(&words_claim_role, b->role)
			    : "agreement";
}

static void add_blocker(const struct client *c, const struct msg_blocker *b,
			struct buf *out)
{
	buf_str(out, "  ");
	term_add(out, complain_who(b));
	buf_str(out, ": ");
	buf_str(out, words_name(&words_block, b->reason));
	add_span(c, b->from, b->to, out);
	if (b->detail) {
		buf_str(out, ": ");
		term_add(out, b->detail);
	}
	if (b->rule) {
		buf_str(out, " (");
		term_add(out, b->rule);
		buf_chr(out, ')');
	}
	buf_chr(out, '\n');
}

void complain_blockers(const struct client *c, const struct field_list *list,
		       int64_t more, struct buf *out)
{
	const struct msg_blocker *b = list->v;

	for (size_t i = 0; i < list->n; i++)
		add_blocker(c, &b[i], out);
	if (more > 0) /* FIELD_NONE is not */
		buf_printf(out, "  and %" PRId64 " more\n", more);
}

/* The option that says when, of the command that was refused. */
static int time_option(const struct client *c)
{
	if (options_has(&c->opts, OPT_AT))
		return OPT_AT;
	return options_has(&c->opts, OPT_MOVE_TO) ? OPT_MOVE_TO : -1;
}

/* What names a patient is not repeated: it would stand in every log. */
#define PATIENT_WORDS                                                          \
	(OPTSET(PATIENT_ID) | OPTSET(PATIENT_NAME) | OPTSET(SUMMARY))

static bool has_patient_words(const struct options *opts)
{
	return options_has(opts, OPT_PATIENT_ID) ||
	       options_has(opts, OPT_PATIENT_NAME) ||
	       options_has(opts, OPT_SUMMARY);
}

static void add_option_values(const struct options *opts, int o,
			      struct buf *out)
{
	for (size_t i = 0; i < opts->v[o].n; i++) {
		buf_printf(out, " --%s", option_rows[o].name);
		if (!option_rows[o].arg)
			continue;
		buf_chr(out, ' ');
		term_quote(out, opts->v[o].v[i]);
	}
}

/* The command again with another time; the key stands for the old one. */
static void add_command(const struct client *c, const struct msg_slot *slot,
			int time, struct buf *out)
{
	char at[64];

	when_show_exact(c->when.zone, slot->from, at);
	buf_printf(out, "  teleconsult %s", c->command->name);
	for (size_t i = 0; i < c->args.n; i++) {
		buf_chr(out, ' ');
		term_quote(out, c->args.v[i]);
	}
	buf_printf(out, " --%s %s", option_rows[time].name, at);
	if (slot->expert) {
		buf_str(out, " --expert ");
		term_quote(out, slot->expert);
	}
	for (int o = 0; o < OPT_COUNT; o++)
		if (o != time && o != OPT_KEY && !(PATIENT_WORDS >> o & 1) &&
		    !(o == OPT_EXPERT && slot->expert))
			add_option_values(&c->opts, o, out);
	if (has_patient_words(&c->opts))
		buf_str(out, " --patient FILE");
	buf_chr(out, '\n');
}

static void add_nearest(const struct client *c, struct buf *out)
{
	const struct field_list *list = &c->problem->nearest;
	const struct msg_slot *slots = list->v;
	int time = time_option(c);

	if (list->n == 0 || time < 0 || !c->when.zone)
		return;
	buf_printf(out, "the nearest times that would do:\n");
	for (size_t i = 0; i < list->n; i++)
		add_command(c, &slots[i], time, out);
}

static void add_json(const struct client *c, enum rc rc, const struct err *err,
		     struct buf *out)
{
	const struct buf *body = &c->answer.body;
	struct msg_problem own;
	struct buf json, text;

	if (c->problem) {
		term_json(out, buf_cstr(body), body->len);
		return;
	}
	proto_clear(&msg_problem_table, &own);
	own.type = "about:blank";
	own.title = rc_row(rc)->title;
	buf_init(&text, 4 * ERR_TEXT_MAX + 1);
	term_add(&text, err->text); /* may quote bytes that are no UTF-8 */
	own.detail = buf_cstr(&text);
	own.code = rc_row(rc)->code;
	own.status = rc_row(rc)->http;
	buf_init(&json, 16384);
	proto_encode(&msg_problem_table, &own, &json);
	term_json(out, buf_cstr(&json), json.len);
	buf_fini(&json);
	buf_fini(&text);
}

void complain(const struct client *c, enum rc rc, const struct err *err,
	      struct buf *out)
{
	if (c->json) {
		add_json(c, rc, err, out);
		return;
	}
	add_first_line(c, rc, err, out);
	if (!c->problem)
		return;
	add_faults(c, &c->problem->errors, out);
	if (c->problem->occurrences.n > 0) {
		days_reasons(c, &c->problem->occurrences, out);
		return;
	}
	complain_blockers(c, &c->problem->blockers, c->problem->blockers_more,
			  out);
	add_nearest(c, out);
}
