#include <string.h>

#include "proto/field.h"

typedef bool copy_fn(const struct field *f, void *field, struct arena *arena);

static bool copy_str(const struct field *f, void *field, struct arena *arena)
{
	const char *had;

	(void)f;
	memcpy(&had, field, sizeof(had));
	if (had == NULL)
		return true;
	had = arena_strndup(arena, had, strlen(had));
	memcpy(field, &had, sizeof(had));
	return had != NULL;
}

static bool copy_strs(const struct field *f, void *field, struct arena *arena)
{
	struct field_strs *strs = field;
	const char **v = arena_array(arena, strs->n, sizeof(*v));

	if (strs->n != 0 && v == NULL)
		return false;
	for (size_t i = 0; i < strs->n; i++) {
		v[i] = strs->v[i];
		if (!copy_str(f, &v[i], arena))
			return false;
	}
	strs->v = v;
	return true;
}

static bool copy_fields(const struct msg *msg, void *out, struct arena *arena);

static bool copy_object(const struct field *f, void *field, struct arena *arena)
{
	const void *had;

	memcpy(&had, field, sizeof(had));
	if (had == NULL)
		return true;
	void *v = arena_array(arena, 1, f->msg->size);

	if (v == NULL || !proto_copy(f->msg, had, arena, v))
		return false;
	memcpy(field, &v, sizeof(v));
	return true;
}

static bool copy_list(const struct field *f, void *field, struct arena *arena)
{
	struct field_list *list = field;

	return proto_copy_list(f->msg, list, arena, list);
}

/* The name of an element is its first member and has no row. */
static bool copy_map(const struct field *f, void *field, struct arena *arena)
{
	struct field_list *map = field;

	if (!copy_list(f, field, arena))
		return false;
	for (size_t i = 0; i < map->n; i++)
		if (!copy_str(f, (char *)map->v + i * f->msg->size, arena))
			return false;
	return true;
}

static copy_fn *const copiers[FIELD_TYPE_COUNT] = {
	[FIELD_STR] = copy_str,	     [FIELD_TEXT] = copy_str,
	[FIELD_SLUG] = copy_str,     [FIELD_REF] = copy_str,
	[FIELD_CODE] = copy_str,     [FIELD_STRS] = copy_strs,
	[FIELD_SLUGS] = copy_strs,   [FIELD_REFS] = copy_strs,
	[FIELD_DATES] = copy_strs,   [FIELD_OBJECT] = copy_object,
	[FIELD_OBJECTS] = copy_list, [FIELD_MAP] = copy_map,
};

static bool copy_fields(const struct msg *msg, void *out, struct arena *arena)
{
	for (const struct field *f = msg->fields; f->name != NULL; f++)
		if (copiers[f->type] != NULL &&
		    !copiers[f->type](f, (char *)out + f->offset, arena))
			return false;
	return true;
}

bool proto_copy(const struct msg *msg, const void *in, struct arena *arena,
		void *out)
{
	memmove(out, in, msg->size);
	return copy_fields(msg, out, arena);
}

bool proto_copy_list(const struct msg *msg, const struct field_list *in,
		     struct arena *arena, struct field_list *out)
{
	const char *from = in->v;
	size_t n = in->n;
	char *v = arena_array(arena, n, msg->size);

	if (n != 0 && v == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!proto_copy(msg, from + i * msg->size, arena,
				v + i * msg->size))
			return false;
	*out = (struct field_list){v, n};
	return true;
}
