/*
 * admin backup - the whole database of the service as a file.
 *
 * What comes is judged by the length and the hash that the server said, and by
 * nothing else: whether it can be used, a restore finds out.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypt.h"
#include "base/draft.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/command.h"

#define TIMEOUT_S (12L * 3600) /* of a large database over a slow line */

struct download {
	struct draft *draft;
	struct crypt_sum *sum; /* NULL: not begun */
	int64_t bytes;
	uint8_t hash[CRYPT_HASH_LEN];
	enum rc rc; /* of our own disk */
	struct err err;
};

static void end_sum(struct download *d)
{
	if (d->sum)
		crypt_sum_end(d->sum, d->hash);
	d->sum = NULL;
}

static bool begin(struct download *d)
{
	end_sum(d);
	d->sum = crypt_sum_new();
	d->bytes = 0;
	d->rc = draft_restart(d->draft, &d->err);
	return d->rc == RC_OK;
}

static bool take(void *ctx, const void *data, size_t len)
{
	struct download *d = ctx;

	if (!data)
		return begin(d);
	crypt_sum_add(d->sum, data, len);
	d->bytes += (int64_t)len;
	d->rc = draft_add(d->draft, data, len, &d->err);
	return d->rc == RC_OK;
}

static enum rc check_place(struct client *c, const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return RC_OK;
	if (S_ISDIR(st.st_mode))
		return err_set(err, RC_USAGE,
			       "%s is a directory; name the file to be made",
			       path);
	if (!options_has(&c->opts, OPT_FORCE))
		return err_set(err, RC_EXISTS,
			       "%s exists; name another file, or replace it "
			       "with --force",
			       path);
	return RC_OK;
}

static enum rc check_hash(const struct client *c, const struct download *d,
			  struct err *err)
{
	char base64[TEXT_BASE64_LEN(CRYPT_HASH_LEN) + 1], want[80];

	text_base64(d->hash, sizeof(d->hash), base64);
	snprintf(want, sizeof(want), "sha-256=:%s:", base64);
	if (strcmp(want, c->answer.digest) == 0)
		return RC_OK;
	return err_set(err, RC_UNREACHABLE,
		       "what came is not what %s sent (its SHA-256 is "
		       "another); nothing was kept, try again",
		       c->wire_conf.server);
}

static enum rc fetch(struct client *c, struct download *d, struct err *err)
{
	struct msg_empty in = {0};
	struct ask ask = {.path = "/v1/backups"};
	struct ask_body body = {.msg = &msg_empty_table,
				.in = &in,
				.timeout_s = TIMEOUT_S,
				.take = take,
				.take_ctx = d};
	enum rc rc = ask_post(c, &ask, &body, err);

	end_sum(d);
	if (d->rc != RC_OK) /* whatever became of the connection then */
		return err_set(err, d->rc, "%s", d->err.text);
	if (rc == RC_UNREACHABLE && d->bytes > 0)
		return err_set(err, rc,
			       "%s broke off after %lld bytes; nothing was "
			       "kept, try again",
			       c->wire_conf.server, (long long)d->bytes);
	return rc == RC_OK ? check_hash(c, d, err) : rc;
}

static void print(struct client *c, const char *path, const struct download *d)
{
	char hex[2 * CRYPT_HASH_LEN + 1];

	text_hex(d->hash, sizeof(d->hash), hex);
	if (c->json) {
		buf_str(&c->out, "{\"file\":");
		buf_json(&c->out, path, strlen(path));
		buf_printf(&c->out, ",\"bytes\":%lld,\"sha256\":\"%s\"}\n",
			   (long long)d->bytes, hex);
		return;
	}
	term_add(&c->out, path);
	buf_printf(&c->out, ": %lld bytes\nsha256  %s\n", (long long)d->bytes,
		   hex);
}

static enum rc backup(struct client *c, struct err *err)
{
	const char *path = c->args.v[0];
	struct download d = {.rc = RC_OK, .err = ERR_INIT};
	enum rc rc = check_place(c, path, err);

	if (rc == RC_OK)
		rc = client_connect(c, err);
	if (rc == RC_OK)
		rc = draft_new(path, &d.draft, err);
	if (rc != RC_OK)
		return rc;
	rc = fetch(c, &d, err);
	if (rc != RC_OK) {
		draft_drop(d.draft);
		return rc;
	}
	rc = draft_place(d.draft, options_has(&c->opts, OPT_FORCE), err);
	if (rc == RC_OK)
		print(c, path, &d);
	return rc;
}

const struct command cmd_admin_backup = {
	.name = "admin backup",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(FORCE),
	.help = "copy the whole database of the service to a file",
	.example = "teleconsult admin backup teleconsult.db",
	.run = backup,
};
