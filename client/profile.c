/* profile - see profile.h. */
#include "client/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
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

enum rc profile_root(const struct profile_home *home, struct arena *arena,
		     const char **out_root, struct err *err)
{
	const char *root;

	if (home->config_home && home->config_home[0] == '/')
		root = arena_printf(arena, "%s/teleconsult", home->config_home);
	else if (home->home && home->home[0] == '/')
		root = arena_printf(arena, "%s/.config/teleconsult",
				    home->home);
	else
		return err_set(err, RC_USAGE,
			       "neither XDG_CONFIG_HOME nor HOME is set: the "
			       "profiles cannot be found");
	if (!root)
		return out_of_room(err);
	*out_root = root;
	return RC_OK;
}

enum rc profile_dir(const struct profile_home *home, const char *name,
		    struct arena *arena, const char **out_dir, struct err *err)
{
	const char *root, *dir;
	enum rc rc;

	if (!profile_name_ok(name))
		return err_set(err, RC_USAGE,
			       "\"%.39s\" cannot be the name of a profile: "
			       "letters, digits, '.', '_' and '-' only",
			       name);
	rc = profile_root(home, arena, &root, err);
	if (rc != RC_OK)
		return rc;
	dir = arena_printf(arena, "%s/%s", root, name);
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

/* A file of the profile as text, in the arena; RC_NOT_FOUND when there is none.
 */
static enum rc load_text(const char *path, struct arena *arena,
			 const char **out, struct err *err)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, PROFILE_PEM_MAX);
	rc = file_read(path, &text, err);
	if (rc == RC_OK) {
		*out = arena_strndup(arena, buf_cstr(&text), text.len);
		rc = *out ? RC_OK : out_of_room(err);
	}
	buf_fini(&text);
	return rc;
}

/* The other profiles, for whoever named one that is not there. */
static enum rc no_profile(const struct profile_home *home,
			  const struct profile *p, struct arena *arena,
			  struct err *err)
{
	struct field_strs names;
	const char *list = "";

	if (profile_names(home, arena, &names, NULL) == RC_OK)
		for (size_t i = 0; i < names.n && list; i++)
			list = arena_printf(arena, "%s%s %s", list,
					    i ? "," : "", names.v[i]);
	if (!list)
		return out_of_room(err);
	if (!*list)
		return err_set(err, RC_UNAUTHENTICATED,
			       "you are not enrolled on this machine: ask an "
			       "administrator for an invitation, then run "
			       "\"teleconsult enroll INVITATION\"");
	return err_set(err, RC_UNAUTHENTICATED,
		       "there is no profile \"%s\"; there are:%s (choose with "
		       "--profile, or enrol it with \"teleconsult enroll "
		       "INVITATION --profile %s\")",
		       p->name, list, p->name);
}

/* The key and the certificate, which nobody else can read. */
static enum rc load_identity(const struct profile_home *home,
			     struct arena *arena, struct profile *out,
			     struct err *err)
{
	const char *path = arena_printf(arena, "%s/identity.pem", out->dir);
	struct stat st;
	enum rc rc;

	if (!path)
		return out_of_room(err);
	if (stat(path, &st) != 0 && errno == ENOENT)
		return no_profile(home, out, arena, err);
	if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
		return err_set(err, RC_FORBIDDEN,
			       "others may read %s and be you: run "
			       "\"chmod 600 %s\"",
			       path, path);
	rc = load_text(path, arena, &out->identity, err);
	return rc == RC_OK || rc == RC_NOMEM ? rc : RC_FORBIDDEN;
}

static enum rc load_ca(struct arena *arena, struct profile *out,
		       struct err *err)
{
	const char *path = arena_printf(arena, "%s/ca.pem", out->dir);

	if (!path)
		return out_of_room(err);
	if (load_text(path, arena, &out->ca, NULL) == RC_OK)
		return RC_OK;
	return err_set(err, RC_USAGE,
		       "%s cannot be read: whom the server is to be believed "
		       "by is not known; enrol anew",
		       path);
}

enum rc profile_read(const struct profile_home *home, const char *name,
		     struct arena *arena, struct profile *out, struct err *err)
{
	enum rc rc;

	*out = (struct profile){.name = name};
	rc = profile_dir(home, name, arena, &out->dir, err);
	if (rc == RC_OK)
		rc = load_identity(home, arena, out, err);
	if (rc == RC_OK)
		rc = load_conf(arena, out, err);
	return rc == RC_OK ? load_ca(arena, out, err) : rc;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_identity(const char *root, const char *name,
			 struct arena *arena)
{
	const char *path =
		arena_printf(arena, "%s/%s/identity.pem", root, name);
	struct stat st;

	return path && stat(path, &st) == 0;
}

#define NAMES_MAX 1000

enum rc profile_names(const struct profile_home *home, struct arena *arena,
		      struct field_strs *out, struct err *err)
{
	const char *root, **v = arena_array(arena, NAMES_MAX, sizeof(*v));
	const struct dirent *entry;
	enum rc rc = profile_root(home, arena, &root, err);
	DIR *dir;

	*out = (struct field_strs){.v = v};
	if (rc != RC_OK || !v)
		return rc != RC_OK ? rc : out_of_room(err);
	dir = opendir(root);
	while (dir && out->n < NAMES_MAX && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (!profile_name_ok(name) || !has_identity(root, name, arena))
			continue;
		v[out->n] = arena_strndup(arena, name, strlen(name));
		out->n += v[out->n] != NULL;
	}
	if (dir)
		closedir(dir);
	qsort(v, out->n, sizeof(*v), by_bytes);
	return RC_OK;
}
