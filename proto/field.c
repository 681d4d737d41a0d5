#include "proto/field.h"

#include <string.h>

static void clear_number(const struct field *f, void *out)
{
	(void)f;
	*(int64_t *)out = FIELD_NONE;
}

static void clear_word(const struct field *f, void *out)
{
	(void)f;
	*(int *)out = -1;
}

static void clear_wordmap(const struct field *f, void *out)
{
	int64_t *values = out;

	for (int i = 0; i < f->words->count; i++)
		values[i] = FIELD_NONE;
}

/* The types whose absence is not all zeros. */
static void (*const clearers[FIELD_TYPE_COUNT])(const struct field *f,
						void *out) = {
	[FIELD_INT] = clear_number,  [FIELD_TIME] = clear_number,
	[FIELD_DATE] = clear_number, [FIELD_WALL] = clear_number,
	[FIELD_WORD] = clear_word,   [FIELD_WORDMAP] = clear_wordmap,
};

void proto_clear(const struct msg *msg, void *out)
{
	memset(out, 0, msg->size);
	for (const struct field *f = msg->fields; f->name != NULL; f++)
		if (clearers[f->type] != NULL)
			clearers[f->type](f, (char *)out + f->offset);
}
