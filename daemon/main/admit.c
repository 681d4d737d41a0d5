#include "daemon/main/admit.h"

#include <string.h>

#include "base/pki.h"
#include "base/text.h"
#include "daemon/main/front.h"
#include "daemon/main/material.h"
#include "daemon/store/event.h"
#include "daemon/store/executor.h"
#include "daemon/store/invitation.h"
#include "daemon/store/keycheck.h"
#include "daemon/store/lock.h"
#include "daemon/sys/dir.h"
#include "daemon/sys/process.h"

#define TEXT_MAX 65536

enum rc admit_check_name(const char *option, const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len == 0 || !text_printable(name, len, false) ||
	    text_utf8_len(name, len) > 64)
		return err_set(err, RC_USAGE,
			       "%s must be at most 64 printable characters",
			       option);
	return RC_OK;
}

enum rc admit_make(const struct conf *conf, const char *ca_cert_pem,
		   const struct rnd *rnd, struct admit *out, struct err *err)
{
	struct invite *invite = &out->invite;
	struct api_public public;

	front_public_first(conf, &public);
	memcpy(invite->people, public.people, sizeof(public.people));
	memcpy(invite->partners, public.partners, sizeof(public.partners));
	rnd_fill(rnd, invite->secret, sizeof(invite->secret));
	return pki_cert_hash(ca_cert_pem, invite->ca, err);
}

/* ---- in the database ---- */

struct admit_job {
	struct job job;
	const struct admit *admit;
	enum rc outcome;
	struct err err;
};

static enum rc enter(const struct admit *admit, struct tx *tx, struct err *err)
{
	const struct crypt_part part = {admit->invite.secret,
					sizeof(admit->invite.secret)};
	const struct invitation invitation = {.name = admit->name,
					      .role = ROLE_ADMINISTRATOR,
					      .not_after = tx->now +
							   ADMIT_HOURS * 3600};
	struct event event = {.actor = words_name(&words_role, ROLE_SYSTEM),
			      .thing = "invitation",
			      .version = 1,
			      .verb = admit->verb,
			      .request_id = admit->verb == VERB_INIT ? "init"
								     : "invite",
			      .class = EVENT_CHANGE};
	uint8_t hash[CRYPT_HASH_LEN];
	enum rc rc;

	crypt_sha256(&part, 1, hash);
	rc = invitation_add(tx, &invitation, hash, &event.id, err);
	return rc == RC_OK ? event_append(tx, &event, err) : rc;
}

static enum rc run(struct job *job, struct tx *tx)
{
	struct admit_job *j = (struct admit_job *)(void *)job;
	enum rc rc = RC_OK;

	if (j->admit->verb == VERB_INIT)
		rc = keycheck_add(tx, &j->err);
	return rc == RC_OK ? enter(j->admit, tx, &j->err) : rc;
}

static void done(struct job *job, enum rc outcome)
{
	struct admit_job *j = (struct admit_job *)(void *)job;

	j->outcome = outcome;
}

enum rc admit_store(const struct admit *admit, const struct store_env *env,
		    struct err *err)
{
	struct admit_job j = {.job = {.run = run, .done = done},
			      .admit = admit,
			      .outcome = RC_INTERNAL,
			      .err = ERR_INIT};
	struct executor *ex;
	enum rc rc = executor_new(env, &ex, err);

	if (rc != RC_OK)
		return rc;
	if (executor_write(ex, &j.job))
		(void)executor_step(ex);
	executor_stop(ex);
	executor_free(ex);
	if (j.outcome == RC_OK)
		return RC_OK;
	return err_set(err, j.outcome, "cannot enter the invitation: %s",
		       j.err.text[0] != '\0' ? j.err.text
					     : rc_row(j.outcome)->title);
}

/* ---- by hand ---- */

/* No key is needed: nothing of a patient is read or written. */
static enum rc store_by_hand(const struct admit_order *order,
			     const struct admit *admit, struct err *err)
{
	char path[MATERIAL_PATH_MAX];
	struct store_env env = {
		.path = path, .clock = order->clock, .rnd = order->rnd};
	struct lock *lock;
	enum rc rc;

	material_path(order->conf, MATERIAL_DATABASE, path);
	if (sys_dir_shorter(path, MATERIAL_DATABASE_LEAST))
		return err_set(err, RC_CORRUPT,
			       "database %s is damaged: it has no content",
			       path);
	rc = lock_take(path, &lock, err);
	if (rc != RC_OK)
		return rc;
	env.zones = tz_store_new(order->conf->zoneinfo.s);
	rc = admit_store(admit, &env, err);
	tz_store_free(env.zones);
	lock_drop(lock);
	return rc;
}

static enum rc make_by_hand(const struct admit_order *order,
			    struct admit *admit, struct err *err)
{
	const struct material_from from = {order->conf, NULL};
	struct buf ca;
	enum rc rc;

	buf_init(&ca, TEXT_MAX);
	rc = material_read_ca_certificate(&from, &ca, err);
	if (rc == RC_OK)
		rc = admit_make(order->conf, buf_cstr(&ca), order->rnd, admit,
				err);
	buf_fini(&ca);
	return rc;
}

enum rc admit_run(const struct admit_order *order, struct buf *out_invitation,
		  struct err *err)
{
	struct admit admit = {.name = order->name ? order->name : ADMIT_NAME,
			      .verb = VERB_INVITE};
	char path[MATERIAL_PATH_MAX];
	enum rc rc = admit_check_name("--admin", admit.name, err);

	material_path(order->conf, MATERIAL_DATABASE, path);
	if (rc == RC_OK && !sys_dir_has(path))
		rc = err_set(err, RC_NOT_FOUND, "there is no database %s",
			     path);
	if (rc == RC_OK)
		rc = make_by_hand(order, &admit, err);
	if (rc == RC_OK)
		rc = sys_process_be_owner_of(order->conf->state.s, err);
	if (rc == RC_OK)
		rc = store_by_hand(order, &admit, err);
	if (rc == RC_OK)
		invite_write(&admit.invite, out_invitation);
	mem_wipe(&admit, sizeof(admit));
	return rc;
}
