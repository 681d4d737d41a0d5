/* client - see client.h. */
#include "client/client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/code.h"

#define ARENA_MAX (256u * 1024 * 1024)
#define OUT_MAX (256u * 1024 * 1024)
#define NOTE_MAX (64 * 1024)

void client_init(struct client *c, const struct client_env *env)
{
	*c = (struct client){.env = env};
	arena_init(&c->arena, ARENA_MAX);
	buf_init(&c->answer.body, WIRE_ANSWER_MAX);
	buf_init(&c->out, OUT_MAX);
	buf_init(&c->note, NOTE_MAX);
	c->when.now = clock_now(env->clock);
	c->term.width = env->width;
	c->term.cut = env->out_tty;
}

void client_fini(struct client *c)
{
	client_close(c);
	if (c->zones)
		tz_store_free(c->zones);
	buf_fini(&c->answer.body);
	buf_fini(&c->out);
	buf_fini(&c->note);
	arena_fini(&c->arena);
}

void *client_alloc(struct client *c, size_t size)
{
	void *p = arena_alloc(&c->arena, size);

	if (!p)
		abort();
	return p;
}

const char *client_printf(struct client *c, const char *fmt, ...)
{
	va_list args, again;
	char *text;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	text = client_alloc(c, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

static void waiting(void *ctx, int seconds)
{
	const struct client *c = ctx;

	if (c->env->err_tty && !c->json)
		fprintf(stderr,
			"teleconsult: the server is busy; trying again in "
			"%d s\n",
			seconds);
}

/* The server's URL as somebody typed it, or as the profile has it. */
static enum rc choose_server(struct client *c, struct err *err)
{
	const char *typed = options_get(&c->opts, OPT_SERVER);

	if (!typed)
		typed = c->env->server;
	if (!typed && c->profile.server)
		return RC_OK;
	if (!typed)
		return err_set(err, RC_USAGE,
			       "no server is known: write \"server = "
			       "https://HOST:PORT\" into %s/profile.conf",
			       c->profile.dir);
	c->profile.server = profile_server(typed, strlen(typed), &c->arena);
	if (!c->profile.server)
		return err_set(err, RC_USAGE,
			       "\"%.60s\" is no server: write "
			       "https://HOST:PORT",
			       typed);
	return RC_OK;
}

const char *client_profile_name(const struct client *c)
{
	const char *name = options_get(&c->opts, OPT_PROFILE);

	if (!name && c->env->profile && *c->env->profile)
		name = c->env->profile;
	return name ? name : "default";
}

enum rc client_open(struct client *c, const struct wire_conf *conf,
		    struct err *err)
{
	c->wire_conf = *conf;
	c->wire_conf.rnd = c->env->rnd;
	c->wire_conf.waiting = waiting;
	c->wire_conf.ctx = c;
	c->wire = wire_new(&c->wire_conf);
	if (!c->wire)
		return err_set(err, RC_NOMEM, "libcurl cannot be started");
	return RC_OK;
}

void client_close(struct client *c)
{
	wire_free(c->wire);
	c->wire = NULL;
}

enum rc client_connect(struct client *c, struct err *err)
{
	enum rc rc;

	if (c->wire)
		return RC_OK;
	rc = profile_read(&c->env->home, client_profile_name(c), &c->arena,
			  &c->profile, err);
	if (rc == RC_OK)
		rc = choose_server(c, err);
	if (rc != RC_OK)
		return rc;
	return client_open(c,
			   &(struct wire_conf){.server = c->profile.server,
					       .dir = c->profile.dir,
					       .identity = c->profile.identity,
					       .ca = c->profile.ca,
					       .whose_ca = "this profile"},
			   err);
}

enum rc client_code(struct client *c, const char *s, const char **out_shown,
		    struct err *err)
{
	struct code code;
	char *shown = client_alloc(c, CODE_SHOWN_LEN + 1);

	if (!code_read(s, strlen(s), &code))
		return err_set(err, RC_USAGE,
			       "\"%.39s\" is no code, a character of it must "
			       "be wrong; codes look like 7K2M-QX91",
			       s);
	code_show(&code, shown);
	*out_shown = shown;
	return RC_OK;
}
