#include "daemon/work/beside.h"

#include <string.h>

#include "base/text.h"
#include "daemon/core/kind.h"
#include "daemon/store/site.h"
#include "daemon/work/fairness.h"
#include "daemon/work/tools.h"

/* Where the value of a word goes. */
static const char **slot_of(struct beside *b, const char *word, size_t len)
{
	const struct {
		const char *word;
		const char **value;
	} words[] = {{"specialty", &b->specialty},
		     {"title", &b->title},
		     {"modality", &b->modality},
		     {"expert", &b->expert}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len &&
		    strncmp(words[i].word, word, len) == 0)
			return *words[i].value ? NULL : words[i].value;
	if (len == strlen("language") && strncmp(word, "language", len) == 0 &&
	    b->nlanguages < BESIDE_LANGUAGES)
		return &b->languages[b->nlanguages++];
	return NULL;
}

static bool is_sound(const struct beside *b)
{
	bool any = b->specialty || b->title || b->modality || b->expert ||
		   b->nlanguages > 0;

	return any &&
	       (!b->specialty ||
		text_slug(b->specialty, strlen(b->specialty))) &&
	       (!b->expert || text_slug(b->expert, strlen(b->expert)));
}

/* One "word=value", up to the comma or the end. */
static bool read_part(struct arena *arena, const char *part, size_t len,
		      struct beside *out)
{
	const char *is = memchr(part, '=', len);
	size_t word = is ? (size_t)(is - part) : 0;
	const char **value = is ? slot_of(out, part, word) : NULL;

	if (!value || len == word + 1)
		return false;
	*value = arena_strndup(arena, is + 1, len - word - 1);
	return *value != NULL;
}

static bool read_line(struct arena *arena, const char *text, struct beside *out)
{
	*out = (struct beside){0};
	for (;;) {
		size_t len = strcspn(text, ",");

		if (!read_part(arena, text, len, out))
			return false;
		if (text[len] == '\0')
			return is_sound(out);
		text += len + 1;
	}
}

enum rc beside_read(struct work *w, const char *pointer, const char *text,
		    struct beside *out)
{
	if (read_line(w->arena, text, out))
		return RC_OK;
	return work_fault(w, pointer,
			  "write what is wanted of one more expert as in"
			  " specialty=imaging,modality=mri,language=en or"
			  " expert=imaging-1");
}

static enum rc check_one(struct work *w, const char *pointer,
			 const struct beside *b,
			 const struct core_agreement *agreement)
{
	struct core_subject expert;

	if (b->specialty && !core_agreement_covers(agreement, b->specialty))
		return work_fault(w, pointer, "%s does not cover %s",
				  agreement->slug, b->specialty);
	return work_find_expert(w, pointer, b->expert, agreement->lead,
				&expert);
}

/* Whoever is called, and a place in a clinic, is of one expert. */
static bool takes_several(enum kind kind)
{
	const struct kind_row *row = kind_row(kind);

	return (row->parts & KIND_PART_EXPERT) != 0 && !row->places &&
	       row->how != KIND_AT_ONCE;
}

enum rc beside_check(struct work *w, const char *pointer,
		     const struct field_strs *also,
		     const struct core_agreement *agreement, enum kind kind)
{
	enum rc rc = RC_OK;

	if (also->n > 0 && !takes_several(kind))
		return work_fault(w, pointer, "this kind has one expert");
	for (size_t i = 0; rc == RC_OK && i < also->n; i++) {
		struct beside b;

		rc = beside_read(w, pointer, also->v[i], &b);
		if (rc == RC_OK)
			rc = check_one(w, pointer, &b, agreement);
	}
	return rc;
}

/* --- the facts --- */

size_t beside_within(const struct wish *wish, int64_t *ids, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!wish->within || booking_has_expert(wish->within, ids[i]))
			ids[kept++] = ids[i];
	return kept;
}

static enum rc find_ids(struct work *w, const struct wish *wish,
			struct ask *ask, const struct beside *b, int64_t **ids,
			size_t *n)
{
	struct core_subject expert;
	int64_t *one;

	if (!b->expert) {
		enum rc any = calendar_experts_for(
			&ask->loader, &ask->agreement, wish->kind, b->specialty,
			ids, n, &w->err);

		return any == RC_OK ? fairness_sort(w, ask, ids, *n) : any;
	}
	one = arena_alloc(ask->loader.arena, sizeof(*one));
	if (!one)
		return work_nomem(w);
	enum rc rc = work_find_expert(w, "/also", b->expert,
				      ask->agreement.lead, &expert);

	*one = expert.id;
	*ids = one;
	*n = 1;
	return rc;
}

static enum rc load_group(struct work *w, const struct wish *wish,
			  struct ask *ask, const char *text,
			  struct core_group *out)
{
	struct arena *arena = ask->loader.arena;
	struct beside *b = arena_alloc(arena, sizeof(*b));
	struct core_expert *v;
	int64_t *ids = NULL;
	size_t n = 0;

	if (!b)
		return work_nomem(w);
	enum rc rc = beside_read(w, "/also", text, b);

	if (rc == RC_OK)
		rc = find_ids(w, wish, ask, b, &ids, &n);
	if (rc != RC_OK)
		return rc;
	n = beside_within(wish, ids, n);
	v = arena_array(arena, n, sizeof(*v));
	if (n && (!ids || !v))
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = calendar_expert(&ask->loader, ids[i], &v[i], &w->err);
	*out = (struct core_group){.specialty = b->specialty,
				   .title = b->expert ? NULL : b->title,
				   .modality = b->modality,
				   .languages = b->languages,
				   .nlanguages = b->nlanguages,
				   .experts = v,
				   .nexperts = n};
	return rc;
}

enum rc beside_load(struct work *w, const struct wish *wish, struct ask *ask)
{
	struct core_group *v;
	enum rc rc = RC_OK;

	if (wish->also.n == 0)
		return RC_OK;
	if (wish->also.n > CORE_GROUPS_MAX)
		return work_fault(w, "/also", "at most %d further experts",
				  CORE_GROUPS_MAX);
	v = arena_array(ask->loader.arena, wish->also.n, sizeof(*v));
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < wish->also.n; i++)
		rc = load_group(w, wish, ask, wish->also.v[i], &v[i]);
	ask->core.groups = v;
	ask->core.ngroups = rc == RC_OK ? wish->also.n : 0;
	return rc;
}

/* --- who is named --- */

static const char **lines(struct work *w, size_t n)
{
	return arena_array(w->arena, n, sizeof(const char *));
}

enum rc beside_name(struct work *w, const struct field_strs *named,
		    struct wish *wish)
{
	size_t n = named->n > wish->also.n ? named->n : wish->also.n;
	const char **v;

	if (named->n == 0)
		return RC_OK;
	v = lines(w, n);
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		struct beside b;
		bool own = i < named->n;

		v[i] = own ? named->v[i] : wish->also.v[i];
		enum rc rc = beside_read(w, "/also", v[i], &b);

		if (rc == RC_OK && own && i < wish->also.n && !b.expert)
			rc = work_fault(w, "/also",
					"the request says it already: name the"
					" experts, as in expert=imaging-1");
		if (rc != RC_OK)
			return rc;
	}
	wish->also = (struct field_strs){v, n};
	return RC_OK;
}

enum rc beside_again(struct work *w, const struct booking *b, struct wish *out)
{
	const char **v;

	out->also = (struct field_strs){0};
	if (b->nalso == 0)
		return RC_OK;
	v = lines(w, b->nalso);
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < b->nalso; i++) {
		v[i] = arena_printf(w->arena, "expert=%s", b->also_slugs[i]);
		if (!v[i])
			return work_nomem(w);
	}
	out->also = (struct field_strs){v, b->nalso};
	return RC_OK;
}
