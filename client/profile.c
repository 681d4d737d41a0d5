/* profile - see profile.h. */
#include "client/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tz.h"

#define CONF_MAX 8192

int profile_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= 64 && name[0] != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

static enum rc out_of_room(struct err *err)
{
	return err_set(err, RC_NOMEM, "out of memory");
}

enum rc profile_dir(const struct profile_home *home, const char *name,
		    struct arena *arena, const char **out_dir, struct err *err)
{
	const char *dir;

	if (!profile_name_ok(name))
		return err_set(err, RC_USAGE,
			       "\"%.39s\" cannot be the name of a profile: "
			       "letters, digits, '.', '_' and '-' only",
			       name);
	if (home->config_home && home->config_home[0] == '/')
		dir = arena_printf(arena, "%s/teleconsult/%s",
				   home->config_home, name);
	else if (home->home && home->home[0] == '/')
		dir = arena_printf(arena, "%s/.config/teleconsult/%s",
				   home->home, name);
	else
		return err_set(err, RC_USAGE,
			       "neither XDG_CONFIG_HOME nor HOME is set: the "
			       "profiles cannot be found");
	if (!dir)
		return out_of_room(err);
	*out_dir = dir;
	return RC_OK;
}

const char *profile_server(const char *s, size_t len, struct arena *arena)
{
	static const char scheme[] = "https://";
	size_t at = sizeof(scheme) - 1;

	if (len > 0 && s[len - 1] == '/')
		len--;
	if (len <= at || len > 300 || memcmp(s, scheme, at) != 0)
		return NULL;
	for (size_t i = at; i < len; i++)
		if (s[i] <= ' ' || s[i] >= 0x7f || strchr("/?#@\\\"", s[i]))
			return NULL;
	return arena_strndup(arena, s, len);
}

struct span {
	const char *s;
	size_t len;
};

static struct span trim(const char *s, size_t len)
{
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	while (len > 0 && strchr(" \t\r", s[len - 1]))
		len--;
	return (struct span){s, len};
}

static bool span_is(struct span a, const char *word)
{
	return a.len == strlen(word) && memcmp(a.s, word, a.len) == 0;
}

/* One "key = value"; false when it cannot be understood. */
static bool read_setting(struct span line, struct arena *arena,
			 struct profile *out)
{
	const char *sign = memchr(line.s, '=', line.len);
	struct span key, value;

	if (!sign)
		return false;
	key = trim(line.s, (size_t)(sign - line.s));
	value = trim(sign + 1, line.len - (size_t)(sign + 1 - line.s));
	if (span_is(key, "server")) {
		out->server = profile_server(value.s, value.len, arena);
		return out->server != NULL;
	}
	if (!span_is(key, "time_zone") || value.len == 0 ||
	    value.len > TZ_NAME_MAX)
		return false;
	out->time_zone = arena_strndup(arena, value.s, value.len);
	return out->time_zone != NULL;
}

static enum rc read_conf(const char *path, const struct buf *text,
			 struct arena *arena, struct profile *out,
			 struct err *err)
{
	const char *at = buf_cstr(text), *end = at + text->len;

	if (memchr(at, '\0', text->len))
		return err_set(err, RC_USAGE, "%s is not a text file", path);
	for (int number = 1; at < end; number++) {
		size_t len = strcspn(at, "\n");
		struct span line = trim(at, len);

		if (line.len > 0 && line.s[0] != '#' &&
		    !read_setting(line, arena, out))
			return err_set(err, RC_USAGE,
				       "%s:%d cannot be understood: write "
				       "\"server = https://HOST:PORT\" or "
				       "\"time_zone = ZONE\"",
				       path, number);
		at += len + (at + len < end);
	}
	return RC_OK;
}

static enum rc load_conf(struct arena *arena, struct profile *out,
			 struct err *err)
{
	const char *path = arena_printf(arena, "%s/profile.conf", out->dir);
	struct buf text;
	enum rc rc;

	if (!path)
		return out_of_room(err);
	buf_init(&text, CONF_MAX);
	rc = file_read(path, &text, err);
	if (rc == RC_OK)
		rc = read_conf(path, &text, arena, out, err);
	else if (rc == RC_NOT_FOUND) /* --server can stand in for it */
		rc = RC_OK;
	else
		rc = err_set(err, RC_USAGE, "%s cannot be read", path);
	buf_fini(&text);
	return rc;
}

/* The key is there, and nobody else's to read. */
static enum rc check_key(const struct profile *p, struct err *err)
{
	struct stat st;

	if (stat(p->key, &st) != 0 && errno == ENOENT)
		return err_set(err, RC_UNAUTHENTICATED,
			       "there is no key in %s: ask an administrator "
			       "for a certificate (teleconsult admin certify) "
			       "or name another --profile",
			       p->dir);
	if (stat(p->key, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(err, RC_FORBIDDEN, "%s cannot be read", p->key);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(err, RC_FORBIDDEN,
			       "others may read %s and be you: run "
			       "\"chmod 600 %s\"",
			       p->key, p->key);
	return RC_OK;
}

enum rc profile_read(const struct profile_home *home, const char *name,
		     struct arena *arena, struct profile *out, struct err *err)
{
	enum rc rc;

	*out = (struct profile){.name = name};
	rc = profile_dir(home, name, arena, &out->dir, err);
	if (rc != RC_OK)
		return rc;
	out->key = arena_printf(arena, "%s/key.pem", out->dir);
	out->cert = arena_printf(arena, "%s/cert.pem", out->dir);
	out->ca = arena_printf(arena, "%s/ca.pem", out->dir);
	if (!out->key || !out->cert || !out->ca)
		return out_of_room(err);
	rc = load_conf(arena, out, err);
	return rc == RC_OK ? check_key(out, err) : rc;
}

static bool dir_is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	int entries = 0;

	if (!d)
		return false;
	while (entries < 3 && readdir(d))
		entries++;
	closedir(d);
	return entries == 2; /* "." and ".." */
}

/* Makes every directory above the last slash that is not there yet. */
static void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700); /* the last mkdir() tells */
		*p = '/';
	}
}

enum rc profile_prepare(const char *dir, struct err *err)
{
	char *path = mem_strdup(dir);
	int failed;

	make_parents(path);
	mem_free(path);
	failed = mkdir(dir, 0700) != 0 ? errno : 0;
	if (failed == EEXIST && dir_is_empty(dir))
		return RC_OK;
	if (failed == EEXIST)
		return err_set(err, RC_EXISTS,
			       "%s is there already: choose another name, or "
			       "remove it",
			       dir);
	if (failed)
		return err_set(err, RC_USAGE, "%s cannot be made: %s", dir,
			       strerror(failed));
	return RC_OK;
}

static enum rc write_one(const char *dir, const char *name, const char *text,
			 unsigned mode, struct arena *arena, struct err *err)
{
	const char *path = arena_printf(arena, "%s/%s", dir, name);

	if (!path)
		return out_of_room(err);
	return file_write_new(path, text, strlen(text), mode, err);
}

enum rc profile_write(const char *dir, const struct profile_new *in,
		      struct arena *arena, struct err *err)
{
	const char *conf = arena_printf(arena, "server = %s\n", in->server);
	enum rc rc;

	if (!conf)
		return out_of_room(err);
	rc = write_one(dir, "key.pem", in->key_pem, 0600, arena, err);
	if (rc == RC_OK)
		rc = write_one(dir, "cert.pem", in->cert_pem, 0644, arena, err);
	if (rc == RC_OK)
		rc = write_one(dir, "ca.pem", in->ca_pem, 0644, arena, err);
	if (rc == RC_OK)
		rc = write_one(dir, "profile.conf", conf, 0644, arena, err);
	return rc;
}
