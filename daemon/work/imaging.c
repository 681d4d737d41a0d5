#include "daemon/work/imaging.h"

#include "daemon/store/calendar.h"
#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

enum rc imaging_check_reader(struct work *w, const struct request *r,
			     const struct core_agreement *agreement)
{
	struct calendar_loader loader = {
		.tx = w->tx,
		.arena = w->arena,
		.bare = true,
		.window = {w->tx->now, w->tx->now + 1}};
	struct core_blockers *blockers =
		arena_alloc(w->arena, sizeof(*blockers));
	struct core_expert e;
	const struct core_ask ask = {.kind = r->kind,
				     .now = w->tx->now,
				     .agreement = agreement,
				     .specialty = r->specialty,
				     .title = r->title,
				     .modality = r->modality,
				     .languages = r->languages,
				     .nlanguages = r->nlanguages,
				     .experts = &e,
				     .nexperts = 1};

	if (!r->forward)
		return RC_OK;
	if (!r->expert)
		return work_fault(w, "/expert",
				  "name who reads it: there is no meeting that"
				  " would find one");
	if (!blockers)
		return work_nomem(w);
	enum rc rc = calendar_expert(&loader, r->expert, &e, &w->err);

	if (rc != RC_OK ||
	    core_decide_reader(&ask, 0, w->tx->now, blockers) == RC_OK)
		return rc;
	rc = ask_tell(w, blockers);
	return rc == RC_OK
		       ? err_set(&w->err, RC_RULE, "the expert does not fit")
		       : rc;
}

enum rc imaging_check_meeting(struct work *w, const struct request *r)
{
	return r->forward ? err_set(&w->err, RC_STATE,
				    "a request that is store-and-forward has no"
				    " meeting: its opinion is signed")
			  : RC_OK;
}
