#include "daemon/work/imaging.h"

#include <string.h>

#include "daemon/store/calendar.h"
#include "daemon/work/tools.h"

static bool among(const char *const *v, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i], s) == 0)
			return true;
	return false;
}

struct lacks {
	struct msg_blocker v[4];
	size_t n;
};

static void add(struct lacks *lacks, const struct core_expert *e,
		enum block reason, const char *rule, const char *detail)
{
	struct msg_blocker *b = &lacks->v[lacks->n++];

	proto_clear(&msg_blocker_table, b);
	b->subject = e->subject.slug;
	b->reason = (int)reason;
	b->rule = rule;
	b->detail = detail;
}

static void find_lacks(const struct request *r, const struct core_expert *e,
		       struct lacks *out)
{
	const char *language = NULL;

	if (!(e->kinds & KINDSET((int)r->kind)))
		add(out, e, BLOCK_KIND, words_name(&words_kind, (int)r->kind),
		    "does not take this kind");
	if (r->specialty &&
	    !among(e->specialties, e->nspecialties, r->specialty))
		add(out, e, BLOCK_SPECIALTY, r->specialty,
		    "is of another specialty");
	if (r->modality && !among(e->modalities, e->nmodalities, r->modality))
		add(out, e, BLOCK_MODALITY, r->modality,
		    "does not read what is asked for");
	for (size_t i = 0; !language && i < r->nlanguages; i++)
		if (!among(e->languages, e->nlanguages, r->languages[i]))
			language = r->languages[i];
	if (language)
		add(out, e, BLOCK_LANGUAGE, language,
		    "does not speak what is asked for");
}

static enum rc refuse(struct work *w, const struct lacks *lacks)
{
	struct msg_blocker *v = arena_array(w->arena, lacks->n, sizeof(*v));

	if (!v)
		return work_nomem(w);
	memcpy(v, lacks->v, lacks->n * sizeof(*v));
	w->blockers = (struct field_list){v, lacks->n};
	return err_set(&w->err, RC_RULE, "the expert does not fit");
}

enum rc imaging_check_reader(struct work *w, const struct request *r)
{
	struct calendar_loader loader = {
		.tx = w->tx,
		.arena = w->arena,
		.window = {w->tx->now, w->tx->now + 1}};
	struct lacks lacks = {.n = 0};
	struct core_expert e;

	if (!r->forward)
		return RC_OK;
	if (!r->expert)
		return work_fault(w, "/expert",
				  "name who reads it: there is no meeting that"
				  " would find one");
	enum rc rc = calendar_expert(&loader, r->expert, &e, &w->err);

	if (rc != RC_OK)
		return rc;
	find_lacks(r, &e, &lacks);
	return lacks.n == 0 ? RC_OK : refuse(w, &lacks);
}

enum rc imaging_check_meeting(struct work *w, const struct request *r)
{
	return r->forward ? err_set(&w->err, RC_STATE,
				    "a request that is store-and-forward has no"
				    " meeting: its opinion is signed")
			  : RC_OK;
}
