#include "daemon/store/credential.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

void credential_join(const struct core_credential *v, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%" PRId64 " %" PRIu32 " %s\n", v[i].last_day,
			   v[i].kinds, v[i].name);
}

static bool read_line(const char *s, size_t len, struct arena *arena,
		      struct core_credential *out)
{
	const char *kinds = memchr(s, ' ', len);
	const char *name =
		kinds ? memchr(kinds + 1, ' ', (size_t)(s + len - kinds - 1))
		      : NULL;
	int64_t set;

	if (!name ||
	    !text_int(s, (size_t)(kinds - s), INT64_MIN, INT64_MAX,
		      &out->last_day) ||
	    !text_int(kinds + 1, (size_t)(name - kinds - 1), 0, UINT32_MAX,
		      &set))
		return false;
	out->kinds = (kindset)set;
	out->name =
		arena_strndup(arena, name + 1, (size_t)(s + len - name - 1));
	return true;
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

enum rc credential_split(const char *s, struct arena *arena,
			 const struct core_credential **out, size_t *out_n)
{
	size_t n = 0;

	*out = NULL;
	*out_n = 0;
	if (!s || !*s)
		return RC_OK;
	struct core_credential *v =
		arena_array(arena, count_lines(s), sizeof(*v));

	if (!v)
		return RC_NOMEM;
	while (*s) {
		size_t len = strcspn(s, "\n");

		if (!read_line(s, len, arena, &v[n]))
			return RC_CORRUPT;
		if (!v[n++].name)
			return RC_NOMEM;
		s += len + (s[len] == '\n');
	}
	*out = v;
	*out_n = n;
	return RC_OK;
}
