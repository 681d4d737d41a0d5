/* renew - see renew.h. */
#include "client/renew.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cert.h"
#include "base/civil.h"
#include "base/file.h"
#include "base/pki.h"
#include "client/ask.h"
#include "client/settle.h"
#include "proto/messages_people.h"

#define TIMEOUT_S 4
#define AGAIN_S 3600 /* after a try that failed */
#define SHARE 3	     /* of the life: the last third */

/* What is left of the certificate, and whether that is little. */
static bool is_due(const struct client *c, int64_t *out_left)
{
	int64_t from, to;

	if (!c->wire || c->hasty || !c->profile.identity ||
	    cert_life(c->profile.identity, &from, &to, NULL) != RC_OK)
		return false;
	*out_left = to - clock_now(c->env->clock);
	return *out_left > 0 && *out_left <= (to - from) / SHARE;
}

/* Somebody tried within the hour; a file without a byte was never tried. */
static bool tried_lately(const struct client *c, int lock)
{
	struct stat st;
	int64_t ago;

	if (fstat(lock, &st) != 0 || st.st_size == 0)
		return false;
	ago = clock_now(c->env->clock) - (int64_t)st.st_mtim.tv_sec;
	return ago >= 0 && ago < AGAIN_S;
}

static bool note_try(int lock)
{
	return pwrite(lock, "1", 1, 0) == 1;
}

/* Another run was faster. */
static bool is_done(const struct client *c, const char *path)
{
	struct buf now;
	bool done;

	buf_init(&now, PROFILE_PEM_MAX);
	done = file_read(path, &now, NULL) == RC_OK &&
	       strcmp(buf_cstr(&now), c->profile.identity) != 0;
	buf_fini(&now);
	return done;
}

static enum rc store(const struct client *c, const char *path, const char *key,
		     const struct msg_enrolled *made, struct err *err)
{
	struct buf text;
	enum rc rc;

	rc = cert_fits(made->certificate, key, c->profile.ca, err);
	if (rc != RC_OK)
		return rc;
	buf_init(&text, PROFILE_PEM_MAX);
	settle_identity(key, made->certificate, &text);
	rc = file_replace(path, buf_cstr(&text), text.len, 0600, err);
	buf_fini(&text);
	return rc;
}

static enum rc order(struct client *c, const char *path, struct err *err)
{
	struct msg_renew in = {.csr = NULL};
	struct msg_enrolled made = {0};
	struct ask ask = {.path = "/v1/certificate",
			  .answer = &msg_enrolled_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_renew_table,
				.in = &in,
				.timeout_s = TIMEOUT_S,
				.no_key = true,
				.once = true};
	struct buf key, csr;
	enum rc rc;

	buf_init(&key, PROFILE_PEM_MAX);
	buf_init(&csr, PROFILE_PEM_MAX);
	rc = pki_key_new(&key, err);
	if (rc == RC_OK)
		rc = pki_csr_new(buf_cstr(&key), "teleconsult", &csr, err);
	in.csr = buf_cstr(&csr);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		rc = store(c, path, buf_cstr(&key), &made, err);
	buf_fini(&csr);
	buf_fini(&key);
	return rc;
}

/* With the lock held. RC_OK: done, or nothing to be done now. */
static enum rc try(struct client *c, int lock, const char *path,
		   struct err *err)
{
	enum rc rc;

	if (is_done(c, path))
		return RC_OK;
	if (c->answer.status == 0)
		return err_set(err, RC_UNREACHABLE,
			       "the server does not answer");
	if (tried_lately(c, lock))
		return err_set(err, RC_BUSY, "a try within the hour failed");
	if (!note_try(lock))
		return err_set(err, RC_IO, "%s cannot be written",
			       c->profile.dir);
	rc = order(c, path, err);
	if (rc == RC_OK && ftruncate(lock, 0) != 0)
		return RC_OK; /* it waits an hour when it need not */
	return rc;
}

static enum rc lock_and_try(struct client *c, struct err *err)
{
	const char *path = client_printf(c, "%s/identity.pem", c->profile.dir);
	int lock;
	enum rc rc =
		file_lock(client_printf(c, "%s/renew.lock", c->profile.dir),
			  false, &lock, err);

	if (rc == RC_BUSY) /* another run is at it */
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	rc = try(c, lock, path, err);
	file_unlock(lock);
	return rc;
}

void renew(struct client *c, struct buf *out)
{
	struct err err = ERR_INIT;
	int64_t left;

	if (!is_due(c, &left) || lock_and_try(c, &err) == RC_OK ||
	    left >= (int64_t)RENEW_WARN_DAYS * CIVIL_DAY)
		return;
	buf_printf(out,
		   "teleconsult: your certificate ends in less than %" PRId64
		   " days and cannot be renewed: ",
		   left / CIVIL_DAY + 1);
	term_add(out, err.text);
	buf_str(out, "; if that stays so, ask an administrator for an "
		     "invitation\n");
}

enum rc renew_between(struct client *c, bool *out_changed, struct err *err)
{
	char path[PATH_MAX]; /* a watch comes here for months: no arena */
	struct buf unsaid;   /* it is said when the command ends */

	snprintf(path, sizeof(path), "%s/identity.pem", c->profile.dir);
	buf_init(&unsaid, ERR_TEXT_MAX * 4);
	renew(c, &unsaid);
	buf_fini(&unsaid);
	*out_changed = is_done(c, path);
	if (!*out_changed)
		return RC_OK;
	client_close(c);
	return client_connect(c, err);
}
