/* The command that says who the certificate stands for. */
#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"
#include "client/viewer.h"

#define SKEW_S 120 /* less is not worth a word */

static const char *site_of(struct client *c, const struct msg_whoami *me)
{
	if (!me->site || !me->site_name)
		return me->site;
	return client_printf(c, "%s (%s)", me->site_name, me->site);
}

/* "today" and "tomorrow" are read by this machine's clock. */
static void add_skew(struct client *c, const struct msg_whoami *me)
{
	int64_t ahead = me->now == FIELD_NONE ? 0 : c->when.now - me->now;

	if (ahead > -SKEW_S && ahead < SKEW_S)
		return;
	page_line(c, "clock",
		  client_printf(
			  c, "this machine's is %lld minutes %s the server's",
			  (long long)(ahead < 0 ? -ahead : ahead) / 60,
			  ahead < 0 ? "behind" : "ahead of"));
}

static enum rc print_me(struct client *c, const struct msg_whoami *me,
			struct err *err)
{
	char shown[WHEN_LEN + 1];
	enum rc rc = viewer_when(c, err);

	if (rc != RC_OK)
		return rc;
	page_line(c, "name", me->name);
	page_line(c, "role", words_name(&words_role, me->role));
	page_line(c, "site", site_of(c, me));
	page_line(c, "expert", me->expert);
	page_line(c, "time zone", me->time_zone);
	if (me->certificate_not_after != FIELD_NONE) {
		when_show(c->when.zone, me->certificate_not_after, shown);
		page_line(c, "certificate",
			  client_printf(c, "until %s %s", shown,
					tz_name(c->when.zone)));
	}
	add_skew(c, me);
	page_line(c, "server", c->profile.server);
	page_line(c, "profile", c->profile.dir);
	return RC_OK;
}

static enum rc whoami(struct client *c, struct err *err)
{
	enum rc rc = viewer_whoami(c, err);

	if (rc != RC_OK || !c->json)
		return rc == RC_OK ? print_me(c, c->me, err) : rc;
	page_json(c);
	return RC_OK;
}

const struct command cmd_whoami = {
	.name = "whoami",
	.args = "",
	.help = "who your certificate stands for",
	.example = "teleconsult whoami",
	.run = whoami,
};
