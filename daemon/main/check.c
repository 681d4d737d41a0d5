#include "daemon/main/check.h"

#include <stdio.h>
#include <string.h>

#include "base/cert.h"
#include "base/civil.h"
#include "base/tz.h"
#include "daemon/main/material.h"
#include "daemon/main/renew.h"
#include "daemon/net/net.h"
#include "daemon/store/sound.h"
#include "daemon/sys/dir.h"

struct check {
	const struct check_order *order;
	struct material_from from;
	struct material material;
	struct store_keys keys;
	bool have_keys, have_tls;
	char field_key[MATERIAL_PATH_MAX];
	struct buf *said;
	enum rc rc; /* of the first fault */
};

static void fault(struct check *c, const struct err *err)
{
	buf_printf(c->said, "%s\n", err->text);
	if (c->rc == RC_OK)
		c->rc = err->rc;
}

/* ---- the parts ---- */

static enum rc check_zones(struct check *c, struct err *err)
{
	struct tz_store *zones = tz_store_new(c->order->conf->zoneinfo.s);
	const struct tz *utc;
	struct err why = ERR_INIT;
	enum rc rc = tz_get(zones, "UTC", &utc, &why);

	tz_store_free(zones);
	return rc == RC_OK ? RC_OK
			   : err_set(err, rc, "the time zones in %s: %s",
				     c->order->conf->zoneinfo.s, why.text);
}

static enum rc check_state(struct check *c, struct err *err)
{
	return sys_dir_usable(c->order->conf->state.s, err);
}

static enum rc check_keys(struct check *c, struct err *err)
{
	enum rc rc = material_read_keys(&c->from, &c->keys, c->field_key, err);

	c->have_keys = rc == RC_OK;
	return rc;
}

static enum rc check_ca(struct check *c, struct err *err)
{
	return material_read_ca(&c->material, &c->from, c->order->clock,
				c->order->rnd, err);
}

/* A start would finish what a crash left between the two files. */
static bool settles(const struct check *c)
{
	return !material_tls_is_given(&c->from) &&
	       !cert_is_for(buf_cstr(&c->material.tls_certificate),
			    buf_cstr(&c->material.tls_key)) &&
	       renew_fits(&c->from);
}

static enum rc check_tls(struct check *c, struct err *err)
{
	struct net_tls tls;
	enum rc rc = material_read_tls(&c->material, &c->from, err);

	if (rc != RC_OK)
		return rc;
	tls = (struct net_tls){
		.cert_chain = buf_cstr(&c->material.tls_certificate),
		.key = buf_cstr(&c->material.tls_key),
		.client_ca = buf_cstr(&c->material.tls_client_ca),
	};
	if (settles(c))
		return RC_OK;
	rc = net_check_tls(&tls, err);
	c->have_tls = rc == RC_OK;
	return rc;
}

/* Those who have no key are told so once, above. */
static enum rc look_into(struct check *c, const char *path, struct err *err)
{
	const struct store_env env = {.path = path,
				      .keys = c->keys,
				      .clock = c->order->clock,
				      .rnd = c->order->rnd};
	struct err why = ERR_INIT;
	int version = db_schema_version();
	enum rc rc = sound_key(&env, &version, &why);

	if (rc == RC_FORBIDDEN && !c->have_keys)
		rc = RC_OK;
	if (rc == RC_OK && version < db_schema_version())
		buf_printf(c->said,
			   "warning: a start will bring the database from "
			   "schema %d to %d: make a backup first\n",
			   version, db_schema_version());
	if (rc == RC_FORBIDDEN)
		return err_set(err, rc, "%s (key: %s)", why.text, c->field_key);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "%s", why.text);
}

static enum rc check_database(struct check *c, struct err *err)
{
	char path[MATERIAL_PATH_MAX];

	material_path(c->order->conf, MATERIAL_DATABASE, path);
	if (!sys_dir_has(path))
		return err_set(err, RC_NOT_FOUND,
			       "there is no database %s: make it with "
			       "\"teleconsultd init\"",
			       path);
	if (sys_dir_shorter(path, MATERIAL_DATABASE_LEAST))
		return err_set(err, RC_CORRUPT,
			       "database %s is damaged: it has no content",
			       path);
	return look_into(c, path, err);
}

static enum rc (*const parts[])(struct check *c, struct err *err) = {
	check_zones, check_state, check_keys,
	check_ca,    check_tls,	  check_database,
};

/* ---- what a start takes, but nobody should leave so ---- */

static void warn_of_end(struct check *c, const char *what, const char *pem,
			int64_t days)
{
	int64_t from, to;
	int64_t now = clock_now(c->order->clock);

	if (cert_life(pem, &from, &to, NULL) == RC_OK &&
	    to - now < days * CIVIL_DAY)
		buf_printf(c->said,
			   "warning: %s certificate ends in %lld days\n", what,
			   (long long)civil_day_of(to - now));
}

static void warn_of_readers(struct check *c)
{
	static const char *const keys[] = {MATERIAL_SERVER_KEY, MATERIAL_CA_KEY,
					   MATERIAL_FIELD_KEY};
	char path[MATERIAL_PATH_MAX];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		material_path(c->order->conf, keys[i], path);
		if (sys_dir_others_read(path))
			buf_printf(c->said,
				   "warning: others may read %s: chmod 600\n",
				   path);
	}
}

static void warn(struct check *c)
{
	if (c->have_tls)
		warn_of_end(c, "the server's",
			    buf_cstr(&c->material.tls_certificate), 30);
	if (c->material.ca_certificate.len > 0)
		warn_of_end(c, "the CA's",
			    buf_cstr(&c->material.ca_certificate), 365);
	warn_of_readers(c);
}

enum rc check_run(const struct check_order *order, struct buf *out_said)
{
	struct check c = {.order = order,
			  .from = {order->conf, order->credentials},
			  .said = out_said,
			  .rc = RC_OK};

	material_init(&c.material);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct err err = ERR_INIT;

		if (parts[i](&c, &err) != RC_OK)
			fault(&c, &err);
	}
	warn(&c);
	material_fini(&c.material);
	mem_wipe(&c.keys, sizeof(c.keys));
	return c.rc;
}
