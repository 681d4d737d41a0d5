#include "client/viewer.h"

#include "client/ask.h"

enum rc viewer_whoami(struct client *c, struct err *err)
{
	struct msg_whoami *me;
	struct ask ask = {.path = "/v1/whoami", .answer = &msg_whoami_table};
	enum rc rc;

	if (c->me)
		return RC_OK;
	me = client_alloc(c, sizeof(*me));
	ask.out = me;
	rc = ask_get(c, &ask, err);
	if (rc == RC_OK)
		c->me = me;
	return rc;
}

/* The name of the zone to read and show times in. */
static enum rc choose_zone(struct client *c, const char **out, struct err *err)
{
	enum rc rc;

	*out = options_get(&c->opts, OPT_TZ);
	if (*out)
		return RC_OK;
	rc = client_connect(c, err);
	if (rc != RC_OK)
		return rc;
	*out = c->profile.time_zone;
	if (*out)
		return RC_OK;
	rc = viewer_whoami(c, err);
	if (rc == RC_OK)
		*out = c->me->time_zone ? c->me->time_zone : "UTC";
	return rc;
}

static enum rc find_zone(struct client *c, const char *name, struct err *err)
{
	if (!c->zones)
		c->zones = tz_store_new(TZ_SYSTEM_DIR);
	if (tz_get(c->zones, name, &c->when.zone, NULL) == RC_OK)
		return RC_OK;
	c->when.zone = NULL;
	return err_set(err, RC_USAGE,
		       "\"%.60s\" is no time zone that this machine knows; "
		       "give one with --tz, as in --tz Asia/Shanghai",
		       name);
}

enum rc viewer_zone(struct client *c, const char *name, struct err *err)
{
	const char *typed = options_get(&c->opts, OPT_TZ);
	enum rc rc = find_zone(c, name, err);

	return rc == RC_OK && typed ? find_zone(c, typed, err) : rc;
}

enum rc viewer_when(struct client *c, struct err *err)
{
	const char *name;
	enum rc rc;

	if (c->when.zone)
		return RC_OK;
	rc = choose_zone(c, &name, err);
	return rc == RC_OK ? find_zone(c, name, err) : rc;
}
