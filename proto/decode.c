#include <string.h>

#include "base/text.h"
#include "proto/parse.h"
#include "proto/read.h"

static void read_fields(struct reading *r, const struct msg *msg,
			const struct step *at, json_t *object, void *out);

static struct step step_to(const struct step *up, const struct field *f)
{
	bool secret = up != NULL && up->secret;

	return (struct step){.up = up,
			     .name = f->name,
			     .secret = secret || (f->flags & FIELD_SECRET)};
}

static struct step step_into(const struct step *up, const char *name,
			     size_t index)
{
	return (struct step){
		.up = up, .name = name, .index = index, .secret = up->secret};
}

/* How many elements the array has; 0 and a fault when it is none or has too
 * many. */
static size_t count(struct reading *r, const struct step *at, json_t *v,
		    size_t most)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v)) {
		read_fault(r, at, "must be an array");
		return 0;
	}
	if (n > most) {
		read_fault_items(r, at, most);
		return 0;
	}
	return n;
}

static void decode_text(struct reading *r, const struct field *f,
			const struct step *at, json_t *v, void *out)
{
	if (json_is_string(v))
		read_text(r, f, at, json_string_value(v), json_string_length(v),
			  out);
	else
		read_fault(r, at, "must be a string");
}

static void decode_int(struct reading *r, const struct field *f,
		       const struct step *at, json_t *v, void *out)
{
	int64_t n = json_integer_value(v);

	if (!json_is_integer(v))
		read_fault(r, at, "must be a whole number, in digits alone");
	else if (n < f->min || n > f->max)
		read_fault_bounds(r, at, f);
	else
		*(int64_t *)out = n;
}

static void decode_bool(struct reading *r, const struct field *f,
			const struct step *at, json_t *v, void *out)
{
	(void)f;
	if (json_is_boolean(v))
		*(bool *)out = json_is_true(v);
	else
		read_fault(r, at, "must be true or false");
}

/* One element of a set of words. */
static void decode_member(struct reading *r, const struct field *f,
			  const struct step *at, json_t *v, kindset *set)
{
	int word;

	if (!json_is_string(v)) {
		read_fault(r, at, "must be a string");
		return;
	}
	word = read_word(r, f, at, json_string_value(v), json_string_length(v));
	if (word >= 0 && (*set & KINDSET(word)))
		read_fault(r, at, "must stand once only");
	else if (word >= 0)
		*set |= KINDSET(word);
}

static void decode_wordset(struct reading *r, const struct field *f,
			   const struct step *at, json_t *v, void *out)
{
	size_t n = count(r, at, v, (size_t)f->words->count);

	for (size_t i = 0; i < n; i++) {
		struct step to = step_into(at, NULL, i);

		decode_member(r, f, &to, json_array_get(v, i), out);
	}
}

static void decode_strs(struct reading *r, const struct field *f,
			const struct step *at, json_t *v, void *out)
{
	struct field_strs *list = out;
	size_t n = count(r, at, v, f->items);

	if (n == 0)
		return;
	list->v = read_alloc(r, n, sizeof(list->v[0]));
	if (list->v == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct step to = step_into(at, NULL, i);

		decode_text(r, f, &to, json_array_get(v, i), &list->v[i]);
	}
	list->n = n;
}

static void decode_object(struct reading *r, const struct field *f,
			  const struct step *at, json_t *v, void *out)
{
	void *object;

	if (!json_is_object(v)) {
		read_fault(r, at, "must be an object");
		return;
	}
	object = read_alloc(r, 1, f->msg->size);
	if (object == NULL)
		return;
	read_fields(r, f->msg, at, v, object);
	memcpy(out, &object, sizeof(object));
}

static void decode_objects(struct reading *r, const struct field *f,
			   const struct step *at, json_t *v, void *out)
{
	struct field_list *list = out;
	size_t n = count(r, at, v, f->items);
	char *elements;

	if (n == 0)
		return;
	elements = read_alloc(r, n, f->msg->size);
	if (elements == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct step to = step_into(at, NULL, i);
		json_t *element = json_array_get(v, i);
		void *into = elements + i * f->msg->size;

		proto_clear(f->msg, into);
		if (json_is_object(element))
			read_fields(r, f->msg, &to, element, into);
		else
			read_fault(r, &to, "must be an object");
	}
	*list = (struct field_list){elements, n};
}

/* One "name": {...} of a map into an element, whose first member is the name.
 */
static void decode_entry(struct reading *r, const struct field *f,
			 const struct step *at, const char *key, json_t *v,
			 void *into)
{
	size_t len = strlen(key);
	struct step to = step_into(at, key, 0);
	const char *name;

	if (!text_slug(key, len)) {
		read_fault_name(r, at, key, len, "its name must be a slug");
		return;
	}
	if (!json_is_object(v)) {
		read_fault(r, &to, "must be an object");
		return;
	}
	read_fields(r, f->msg, &to, v, into);
	name = arena_strndup(r->arena, key, len);
	if (name == NULL)
		r->nomem = true;
	memcpy(into, &name, sizeof(name));
}

static void decode_map(struct reading *r, const struct field *f,
		       const struct step *at, json_t *v, void *out)
{
	struct field_list *list = out;
	size_t n = json_object_size(v);
	char *elements, *into;
	const char *key;
	json_t *entry;

	if (!json_is_object(v)) {
		read_fault(r, at, "must be an object");
		return;
	}
	if (n > f->items) {
		read_fault_items(r, at, f->items);
		return;
	}
	elements = read_alloc(r, n, f->msg->size);
	if (elements == NULL)
		return;
	into = elements;
	json_object_foreach(v, key, entry)
	{
		proto_clear(f->msg, into);
		decode_entry(r, f, at, key, entry, into);
		into += f->msg->size;
	}
	*list = (struct field_list){elements, n};
}

static void decode_wordmap(struct reading *r, const struct field *f,
			   const struct step *at, json_t *v, void *out)
{
	int64_t *values = out;
	const char *key;
	json_t *value;

	if (!json_is_object(v)) {
		read_fault(r, at, "must be an object");
		return;
	}
	json_object_foreach(v, key, value)
	{
		size_t len = strlen(key);
		int word = words_find(f->words, key, len);
		struct step to = step_into(at, key, 0);

		if (word >= 0)
			decode_int(r, f, &to, value, &values[word]);
		else
			read_fault_name(r, at, key, len,
					"there is no such word");
	}
}

typedef void json_reader(struct reading *r, const struct field *f,
			 const struct step *at, json_t *v, void *out);

static json_reader *const json_readers[FIELD_TYPE_COUNT] = {
	[FIELD_STR] = decode_text,	[FIELD_TEXT] = decode_text,
	[FIELD_SLUG] = decode_text,	[FIELD_REF] = decode_text,
	[FIELD_CODE] = decode_text,	[FIELD_INT] = decode_int,
	[FIELD_BOOL] = decode_bool,	[FIELD_TIME] = decode_text,
	[FIELD_DATE] = decode_text,	[FIELD_WALL] = decode_text,
	[FIELD_WORD] = decode_text,	[FIELD_WORDSET] = decode_wordset,
	[FIELD_STRS] = decode_strs,	[FIELD_SLUGS] = decode_strs,
	[FIELD_REFS] = decode_strs,	[FIELD_DATES] = decode_strs,
	[FIELD_OBJECT] = decode_object, [FIELD_OBJECTS] = decode_objects,
	[FIELD_MAP] = decode_map,	[FIELD_WORDMAP] = decode_wordmap,
};

static void name_unknown(struct reading *r, const struct msg *msg,
			 const struct step *at, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		const struct field *f = msg->fields;

		while (f->name != NULL && strcmp(f->name, key) != 0)
			f++;
		if (f->name == NULL)
			read_fault_name(r, at, key, strlen(key),
					"there is no such field");
	}
}

static void read_fields(struct reading *r, const struct msg *msg,
			const struct step *at, json_t *object, void *out)
{
	size_t known = 0;

	proto_clear(msg, out);
	for (const struct field *f = msg->fields; f->name != NULL; f++) {
		json_t *v = json_object_get(object, f->name);
		struct step to = step_to(at, f);

		if (v != NULL) {
			known++;
			json_readers[f->type](r, f, &to, v,
					      (char *)out + f->offset);
		} else if (f->flags & FIELD_REQUIRED) {
			read_fault(r, &to, "is required");
		}
	}
	if (known < json_object_size(object) && !r->lenient)
		name_unknown(r, msg, at, object);
}

enum rc proto_decode(const struct msg *msg, const char *json, size_t len,
		     int mode, struct arena *arena, void *out,
		     struct field_faults *faults, struct err *err)
{
	struct reading r = {.arena = arena,
			    .faults = faults,
			    .lenient = mode & PROTO_LENIENT};
	struct arena pool;
	json_t *root;
	enum rc rc;

	faults->n = faults->dropped = 0;
	proto_clear(msg, out);
	arena_init(&pool, PARSE_POOL(len));
	rc = parse_json(json, len, &pool, &root, err);
	if (rc == RC_OK) {
		if (json_is_object(root))
			read_fields(&r, msg, NULL, root, out);
		else
			read_fault(&r, NULL, "must be an object");
		rc = read_end(&r, msg, err);
	}
	arena_fini(&pool);
	return rc;
}
