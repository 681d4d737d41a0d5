/* settle - see settle.h. */
#include "client/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/file.h"
#include "base/pki.h"

#define NAME_BYTES 8

/* All that a profile may hold of ours. */
static const char *const files[] = {
	"profile.conf", "identity.pem", "ca.pem",
	"key.pem",	"renew.lock",	"identity.pem.draft"}; /* of a crash */

static enum rc out_of_room(struct err *err)
{
	return err_set(err, RC_NOMEM, "out of memory");
}

void settle_identity(const char *key_pem, const char *cert_pem, struct buf *out)
{
	size_t len = strlen(key_pem);

	buf_str(out, key_pem);
	if (len > 0 && key_pem[len - 1] != '\n')
		buf_chr(out, '\n');
	buf_str(out, cert_pem);
}

/* Makes the directory, and every one above it that is not there yet. */
static enum rc make_dirs(const char *dir, struct err *err)
{
	char *path = mem_strdup(dir);
	int number = 0;

	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700); /* the last mkdir() tells */
		*p = '/';
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		number = errno;
	mem_free(path);
	return number ? file_fail("make", dir, number, err) : RC_OK;
}

/* The directory's name says which invitation, and nothing about its secret. */
static const char *draft_name(const struct settle_begin *in, const char *root,
			      struct arena *arena)
{
	static const char label[] = "teleconsult enrolment";
	const struct crypt_part parts[] = {{label, sizeof(label)},
					   {in->secret, in->secret_len}};
	uint8_t hash[CRYPT_HASH_LEN];
	struct buf hex;
	const char *name;

	crypt_sha256(parts, 2, hash);
	buf_init(&hex, 2 * NAME_BYTES + 1);
	buf_hex(&hex, hash, NAME_BYTES);
	name = arena_printf(arena, "%s/.enroll-%s", root, buf_cstr(&hex));
	buf_fini(&hex);
	return name;
}

static enum rc check_target(const struct settle *s, const char *name,
			    struct err *err)
{
	struct stat st;

	if (s->replace || stat(s->target, &st) != 0)
		return RC_OK;
	return err_set(err, RC_EXISTS,
		       "you have a profile \"%s\" already: choose another name "
		       "with --profile, or give this one up for the new one "
		       "with --replace",
		       name);
}

/* The key of an earlier try, or a new one. */
static enum rc get_key(struct settle *s, struct err *err)
{
	const char *path = arena_printf(s->arena, "%s/key.pem", s->dir);
	enum rc rc;

	if (!path)
		return out_of_room(err);
	rc = file_read(path, &s->key, err);
	if (rc != RC_NOT_FOUND)
		return rc;
	rc = pki_key_new(&s->key, err);
	if (rc != RC_OK)
		return rc;
	return file_write_new(path, buf_cstr(&s->key), s->key.len, 0600, err);
}

static enum rc get_lock(struct settle *s, const char *root, struct err *err)
{
	const char *path = arena_printf(s->arena, "%s/.lock", root);
	enum rc rc;

	if (!path)
		return out_of_room(err);
	rc = file_lock(path, false, &s->lock, err);
	if (rc != RC_BUSY)
		return rc;
	return err_set(
		err, RC_EXISTS,
		"another \"teleconsult enroll\" is running: wait for it");
}

/* A file of this machine is at fault, not one of the server. */
static enum rc as_local(enum rc rc, const struct err *why, struct err *err)
{
	bool ours = rc == RC_EXISTS || rc == RC_USAGE || rc == RC_NOMEM;

	if (rc == RC_OK)
		return rc;
	return err_set(err, ours ? rc : RC_USAGE, "%s", why->text);
}

static enum rc begin(struct settle *s, const struct settle_begin *in,
		     struct arena *arena, struct err *err)
{
	const char *root;
	enum rc rc;

	*s = (struct settle){
		.arena = arena, .replace = in->replace, .lock = -1};
	buf_init(&s->key, PROFILE_PEM_MAX);
	rc = profile_dir(in->home, in->name, arena, &s->target, err);
	if (rc == RC_OK)
		rc = profile_root(in->home, arena, &root, err);
	if (rc == RC_OK)
		rc = check_target(s, in->name, err);
	if (rc != RC_OK)
		return rc;
	s->dir = draft_name(in, root, arena);
	rc = s->dir ? make_dirs(root, err) : out_of_room(err);
	if (rc == RC_OK)
		rc = get_lock(s, root, err);
	if (rc == RC_OK)
		rc = make_dirs(s->dir, err);
	return rc == RC_OK ? get_key(s, err) : rc;
}

enum rc settle_begin(struct settle *s, const struct settle_begin *in,
		     struct arena *arena, struct err *err)
{
	struct err why = ERR_INIT;

	return as_local(begin(s, in, arena, &why), &why, err);
}

static enum rc put(const struct settle *s, const char *name, const char *text,
		   unsigned mode, struct err *err)
{
	const char *path = arena_printf(s->arena, "%s/%s", s->dir, name);

	if (!path)
		return out_of_room(err);
	return file_replace(path, text, strlen(text), mode, err);
}

static enum rc put_identity(const struct settle *s, const char *cert_pem,
			    struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, PROFILE_PEM_MAX);
	settle_identity(buf_cstr(&s->key), cert_pem, &text);
	rc = put(s, "identity.pem", buf_cstr(&text), 0600, err);
	buf_fini(&text);
	return rc;
}

static enum rc put_conf(const struct settle *s, const struct settle_files *in,
			struct err *err)
{
	const char *zone = in->time_zone ? in->time_zone : "";
	const char *text = arena_printf(s->arena, "server = %s\n%s%s%s",
					in->server, *zone ? "time_zone = " : "",
					zone, *zone ? "\n" : "");

	return text ? put(s, "profile.conf", text, 0644, err)
		    : out_of_room(err);
}

/* Removes what is ours; what somebody else put there stays, and keeps it. */
static void remove_dir(const char *dir, struct arena *arena)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = arena_printf(arena, "%s/%s", dir, files[i]);

		if (path)
			(void)unlink(path);
	}
	(void)rmdir(dir);
}

/* It stands in identity.pem now; until here a new try would have found it. */
static void remove_key(const struct settle *s)
{
	const char *path = arena_printf(s->arena, "%s/key.pem", s->target);

	if (path)
		(void)unlink(path);
}

/* Under its name at once; what was there before takes its place, and goes. */
static enum rc publish(const struct settle *s, struct err *err)
{
	if (renameat2(AT_FDCWD, s->dir, AT_FDCWD, s->target,
		      RENAME_NOREPLACE) == 0)
		return RC_OK;
	if (errno != EEXIST || !s->replace)
		return file_fail("make", s->target, errno, err);
	if (renameat2(AT_FDCWD, s->dir, AT_FDCWD, s->target, RENAME_EXCHANGE) !=
	    0)
		return file_fail("replace", s->target, errno, err);
	remove_dir(s->dir, s->arena);
	return RC_OK;
}

enum rc settle_finish(const struct settle *s, const struct settle_files *in,
		      struct err *err)
{
	struct err why = ERR_INIT;
	enum rc rc = put_identity(s, in->cert_pem, &why);

	if (rc == RC_OK)
		rc = put(s, "ca.pem", in->ca_pem, 0644, &why);
	if (rc == RC_OK)
		rc = put_conf(s, in, &why);
	if (rc == RC_OK)
		rc = publish(s, &why);
	if (rc == RC_OK)
		remove_key(s);
	return as_local(rc, &why, err);
}

void settle_forget(const struct settle *s)
{
	remove_dir(s->dir, s->arena);
}

void settle_fini(struct settle *s)
{
	if (s->lock >= 0)
		file_unlock(s->lock);
	buf_fini(&s->key);
}
