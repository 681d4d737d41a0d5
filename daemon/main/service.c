#include "daemon/main/service.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/pki.h"
#include "base/version.h"
#include "daemon/api/api.h"
#include "daemon/main/due.h"
#include "daemon/main/figures.h"
#include "daemon/main/front.h"
#include "daemon/main/material.h"
#include "daemon/main/proof.h"
#include "daemon/main/record.h"
#include "daemon/main/renew.h"
#include "daemon/main/rotate.h"
#include "daemon/main/watch.h"
#include "daemon/net/net.h"
#include "daemon/store/executor.h"
#include "daemon/store/lock.h"
#include "daemon/store/sound.h"
#include "daemon/store/stamps.h"
#include "daemon/sys/dir.h"
#include "daemon/sys/notify.h"
#include "daemon/sys/process.h"
#include "daemon/sys/signals.h"

#define SERVING "READY=1\nSTATUS=Serving"

struct service {
	const char *conf_path;
	struct conf conf; /* in force */
	const struct service_env *env;
	char database[MATERIAL_PATH_MAX];
	char field_key[MATERIAL_PATH_MAX];
	struct material material;
	struct net_config net_config;
	struct store_env store;
	struct lock *lock;
	struct executor *executor;
	struct api *api;
	struct net *net;
	struct watch watch;
	struct due due;
	struct renew renew;
	struct rotate rotate;
	int64_t watchdog_ms; /* 0: nobody watches */
};

static void tell(const struct service *s, const char *state)
{
	struct err err = ERR_INIT;

	if (sys_notify(s->env->notify, state, &err) != RC_OK)
		log_event(LOG_LVL_WARN, "notify-failed", LOG_S("why", err.text),
			  LOG_DO("look at NotifyAccess and the socket of the "
				 "service manager"));
}

/* ---- the parts ---- */

static enum rc zones_up(struct service *s, struct err *err)
{
	const struct tz *utc;

	s->store.zones = tz_store_new(s->conf.zoneinfo.s);
	s->store.stamps = stamps_new();
	return tz_get(s->store.zones, "UTC", &utc, err);
}

static void zones_down(struct service *s)
{
	tz_store_free(s->store.zones);
	stamps_free(s->store.stamps);
}

static struct material_from where(const struct service *s)
{
	return (struct material_from){&s->conf, s->env->credentials};
}

static enum rc material_up(struct service *s, struct err *err)
{
	const struct material_from from = where(s);
	enum rc rc =
		material_read_keys(&from, &s->store.keys, s->field_key, err);

	if (rc == RC_OK)
		rc = material_read_ca(&s->material, &from, s->env->clock,
				      s->env->rnd, err);
	if (rc == RC_OK)
		rc = renew_settle(&from, err);
	if (rc == RC_OK)
		rc = material_read_tls(&s->material, &from, err);
	return rc;
}

static enum rc lock_up(struct service *s, struct err *err)
{
	material_path(&s->conf, MATERIAL_DATABASE, s->database);
	if (!sys_dir_has(s->database))
		return err_set(err, RC_NOT_FOUND,
			       "there is no database %s: make it with "
			       "\"teleconsultd init\"",
			       s->database);
	/* The engine takes an empty file for a new database, and would make
	 * one where another was lost. */
	if (sys_dir_shorter(s->database, MATERIAL_DATABASE_LEAST))
		return err_set(err, RC_CORRUPT,
			       "database %s is damaged: it has no content",
			       s->database);
	return lock_take(s->database, &s->lock, err);
}

static void lock_down(struct service *s)
{
	lock_drop(s->lock);
}

/* A wrong key is found before anything is migrated with it. */
static enum rc check_key(struct service *s, struct err *err)
{
	struct err why = ERR_INIT;
	int version;
	enum rc rc = sound_key(&s->store, &version, &why);

	if (rc == RC_FORBIDDEN)
		return err_set(err, rc, "%s (key: %s)", why.text, s->field_key);
	return rc == RC_OK ? RC_OK : err_set(err, rc, "%s", why.text);
}

static enum rc executor_up(struct service *s, struct err *err)
{
	enum rc rc;

	s->store.path = s->database;
	s->store.clock = s->env->clock;
	s->store.rnd = s->env->rnd;
	rc = check_key(s, err);
	if (rc == RC_OK)
		rc = sound_load(&s->store, err);
	if (rc != RC_OK)
		return rc;
	return executor_new(&s->store, &s->executor, err);
}

static void executor_down(struct service *s)
{
	executor_free(s->executor);
}

static enum rc api_up(struct service *s, struct err *err)
{
	const struct api_config config = {
		.store = &s->store,
		.executor = s->executor,
		.clock = s->env->clock,
		.rnd = s->env->rnd,
		.ca_cert_pem = buf_cstr(&s->material.ca_certificate),
		.ca_key_pem = buf_cstr(&s->material.ca_key),
		.certificate_days = (int)s->conf.certificate_days,
		.kept_max = (size_t)s->conf.kept_kib * 1024,
		.streams = (unsigned)s->conf.streams,
		.streams_per_identity = (unsigned)s->conf.streams_per_identity,
	};

	return api_new(&config, &s->api, err);
}

static void api_down(struct service *s)
{
	api_free(s->api);
}

static struct net_tls tls_of(const struct material *material)
{
	return (struct net_tls){
		.cert_chain = buf_cstr(&material->tls_certificate),
		.key = buf_cstr(&material->tls_key),
		.client_ca = buf_cstr(&material->tls_client_ca),
	};
}

static enum rc net_up(struct service *s, struct err *err)
{
	struct net_config *config = &s->net_config;
	struct api_public public;
	enum rc rc;

	front_configure(&s->conf, config);
	rc = front_hand_over(&s->env->handover, config, err);
	if (rc != RC_OK)
		return rc;
	if (config->workers == 0)
		config->workers = sys_process_cores();
	config->tls = tls_of(&s->material);
	rc = pki_cert_hash(buf_cstr(&s->material.ca_certificate), public.ca,
			   err);
	if (rc == RC_OK)
		rc = net_new(config, api_app(s->api), s->env->clock,
			     s->env->rnd, &s->net, err);
	buf_fini(&s->material.tls_key);
	if (rc != RC_OK)
		return rc;
	front_public(&s->conf, config, s->net, &public);
	api_set_net(s->api, s->net, &public);
	figures_begin(s->env->clock, config->workers);
	figures_server(&s->material);
	figures_ca(&s->material);
	return RC_OK;
}

static void net_down(struct service *s)
{
	net_free(s->net);
}

static enum rc writer_up(struct service *s, struct err *err)
{
	return executor_start(s->executor, err);
}

static void writer_down(struct service *s)
{
	executor_stop(s->executor);
}

/* The writer's first answer: readiness needs one. */
static enum rc key_up(struct service *s, struct err *err)
{
	struct err why = ERR_INIT;
	enum rc rc = proof_of_writer(s->executor, &why);

	return rc == RC_OK ? RC_OK
			   : err_set(err, rc, "%s (key: %s)", why.text,
				     s->field_key);
}

static enum rc workers_up(struct service *s, struct err *err)
{
	return net_start(s->net, err);
}

static enum rc due_up(struct service *s, struct err *err)
{
	return due_init(&s->due, s->executor, &s->store, err);
}

static void due_down(struct service *s)
{
	due_fini(&s->due);
}

static void workers_down(struct service *s)
{
	api_set_draining(s->api, true);
	net_drain(s->net, (unsigned)s->conf.drain_seconds * 1000);
	net_join(s->net);
}

static const struct part {
	enum rc (*up)(struct service *s, struct err *err);
	void (*down)(struct service *s); /* only after up() answered RC_OK */
} parts[] = {
	{zones_up, zones_down}, {lock_up, lock_down},
	{material_up, NULL},	{executor_up, executor_down},
	{api_up, api_down},	{net_up, net_down},
	{due_up, due_down},	{writer_up, writer_down},
	{key_up, NULL},		{workers_up, workers_down},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* ---- serving ---- */

static void say_change(void *ctx, const char *section, const char *key,
		       bool reloaded)
{
	(void)ctx;
	if (reloaded)
		log_event(LOG_LVL_INFO, "option-reloaded",
			  LOG_S("section", section), LOG_S("option", key));
	else
		log_event(LOG_LVL_WARN, "option-needs-restart",
			  LOG_S("section", section), LOG_S("option", key),
			  LOG_DO("restart the daemon when it suits: the old "
				 "value stays in force"));
}

static void say_faults(const struct buf *faults)
{
	const char *p = buf_cstr(faults);

	while (*p != '\0') {
		size_t len = strcspn(p, "\n");
		char line[ERR_TEXT_MAX];

		(void)snprintf(line, sizeof(line), "%.*s", (int)len, p);
		log_event(LOG_LVL_ERR, "option-wrong", LOG_S("at", line),
			  LOG_DO("mend the line and reload: the old options "
				 "stay in force"));
		p += len + (p[len] == '\n');
	}
}

/* The file's options, or why they cannot be had. */
static bool read_options(const struct service *s, struct conf *out)
{
	struct buf faults;
	struct err err = ERR_INIT;
	enum rc rc;

	buf_init(&faults, CONF_FAULTS_MAX);
	rc = conf_load(s->conf_path, out, &faults, &err);
	if (rc == RC_INVALID)
		say_faults(&faults);
	else if (rc != RC_OK)
		log_event(LOG_LVL_ERR, "options-unreadable",
			  LOG_S("why", err.text),
			  LOG_DO("make the file readable and reload: the "
				 "old options stay in force"));
	buf_fini(&faults);
	return rc == RC_OK;
}

/* The certificates that these options name, for whoever connects from now on;
 * the old ones stay in force when they do not do. */
static bool reload_tls(struct service *s, const struct conf *conf)
{
	const struct material_from from = {conf, s->env->credentials};
	struct material fresh;
	struct net_tls tls;
	struct err err = ERR_INIT;
	enum rc rc;

	material_init(&fresh);
	rc = material_read_tls(&fresh, &from, &err);
	tls = tls_of(&fresh);
	if (rc == RC_OK)
		rc = net_reload_tls(s->net, &tls, &err);
	if (rc == RC_OK) {
		figures_server(&fresh);
		log_event(LOG_LVL_INFO, "tls-reloaded");
	} else
		log_event(LOG_LVL_ERR, "tls-kept", LOG_S("why", err.text),
			  LOG_DO("mend the files and reload: the old "
				 "certificate stays in force, and so do the "
				 "old options"));
	material_fini(&fresh);
	return rc == RC_OK;
}

/* The field keys that these options name: another first one seals. */
static bool reload_keys(struct service *s, const struct conf *conf)
{
	const struct material_from from = {conf, s->env->credentials};
	struct store_keys fresh;
	struct err err = ERR_INIT;
	enum rc rc = material_read_keys(&from, &fresh, s->field_key, &err);

	if (rc == RC_OK)
		rc = rotate_take(&s->rotate, &fresh, &err);
	if (rc != RC_OK)
		log_event(LOG_LVL_ERR, "field-keys-kept",
			  LOG_S("why", err.text),
			  LOG_DO("mend the file and reload: the old keys stay "
				 "in force, and so do the old options"));
	mem_wipe(&fresh, sizeof(fresh));
	return rc == RC_OK;
}

static void say_nothing(void *ctx, const char *section, const char *key,
			bool reloaded)
{
	(void)ctx;
	(void)section;
	(void)key;
	(void)reloaded;
}

/* Options and certificates belong together: all of it is put in force, or
 * nothing. */
static bool reload_all(struct service *s)
{
	struct conf fresh, next = s->conf;

	if (!read_options(s, &fresh))
		return false;
	conf_reload(&next, &fresh, say_nothing, NULL);
	if (!reload_keys(s, &next) || !reload_tls(s, &next))
		return false;
	conf_reload(&s->conf, &fresh, say_change, NULL);
	log_set_level(s->conf.log_level);
	log_set_lines((uint64_t)s->conf.log_lines);
	s->renew.look_at = 0; /* there may be another certificate */
	return true;
}

/* What became of it stands in the manager's status until the next one. */
static void reload(struct service *s)
{
	tell(s, "RELOADING=1");
	tell(s, reload_all(s) ? SERVING
			      : SERVING ", with what was in force before: "
					"the reload failed, see the log");
}

static void follow_renewal(struct service *s)
{
	const struct material_from from = where(s);

	if (renew_turn(&s->renew, &from) && reload_tls(s, &s->conf))
		record_renewal(s->executor);
}

static void say_ready(const struct service *s)
{
	front_log(&s->net_config, s->net);
	log_event(LOG_LVL_INFO, "ready", LOG_S("version", VERSION),
		  LOG_N("workers", s->net_config.workers));
	tell(s, SERVING);
}

static enum rc serve(struct service *s, struct err *err)
{
	for (;;) {
		enum rc rc = executor_failed(s->executor);

		if (rc != RC_OK)
			return err_set(err, rc, "the writer gave up: %s",
				       rc_row(rc)->title);
		api_main_turned(s->api);
		due_turn(&s->due);
		rotate_turn(&s->rotate);
		follow_renewal(s);
		log_turn();
		if (watch_turn(&s->watch) && s->watchdog_ms > 0)
			tell(s, "WATCHDOG=1");
		switch (sys_signals_wait(watch_wait_ms(&s->watch))) {
		case SYS_SIGNAL_STOP:
			return RC_OK;
		case SYS_SIGNAL_RELOAD:
			reload(s);
			break;
		case SYS_SIGNAL_NONE:
			break;
		}
	}
}

static enum rc serve_and_drain(struct service *s, struct err *err)
{
	enum rc rc;

	watch_init(&s->watch, s->executor, s->net, s->env->clock,
		   s->watchdog_ms);
	rotate_init(&s->rotate, s->executor, &s->store);
	renew_init(&s->renew, &s->material, s->env->clock, s->env->rnd);
	say_ready(s);
	rc = serve(s, err);
	log_event(LOG_LVL_INFO, "stopping",
		  LOG_S("why", rc == RC_OK ? "signal" : err->text));
	tell(s, "STOPPING=1\nSTATUS=Answering what is under way");
	return rc;
}

enum rc service_run(const char *conf_path, const struct conf *conf,
		    const struct service_env *env, struct err *err)
{
	struct service *s = mem_alloc(sizeof(*s));
	enum rc rc = RC_OK;
	size_t n = 0;

	s->conf_path = conf_path;
	s->conf = *conf;
	s->env = env;
	s->watchdog_ms = sys_watchdog_ms(env->watchdog_usec, env->watchdog_pid);
	material_init(&s->material);
	while (n < PARTS && (rc = parts[n].up(s, err)) == RC_OK)
		n++;
	if (rc == RC_OK)
		rc = serve_and_drain(s, err);
	while (n-- > 0)
		if (parts[n].down != NULL)
			parts[n].down(s);
	material_fini(&s->material);
	mem_wipe(s, sizeof(*s));
	mem_free(s);
	return rc;
}
