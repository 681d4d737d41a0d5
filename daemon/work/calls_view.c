/* What show says of an emergency (calls.h). */
#include "daemon/work/calls.h"

#include "daemon/core/kind.h"

static int64_t or_none(int64_t at)
{
	return at ? at : FIELD_NONE;
}

static enum rc view_calls(struct work *w, const struct duty_call *v, size_t n,
			  struct field_list *out)
{
	struct msg_call *m = arena_array(w->arena, n, sizeof(*m));

	if (n && !m)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		m[i] = (struct msg_call){
			.step = v[i].step,
			.expert = v[i].slug,
			.name = v[i].name,
			.level = or_none(v[i].level),
			.reach = v[i].reach,
			.called_at = v[i].called_at,
			.until = or_none(v[i].until),
			.outcome = words_name(&words_call_outcome,
					      (int)v[i].outcome),
			.ended_at = or_none(v[i].ended_at),
			.said_by = v[i].said_by,
		};
	*out = (struct field_list){m, n};
	return RC_OK;
}

static int64_t between(int64_t from, int64_t to)
{
	return from == INT64_MIN || to == INT64_MIN ? FIELD_NONE : to - from;
}

/* What a clock set wrong would make negative is not measured, but for a
 * patient who comes after the request: an ambulance asked. */
static int64_t passed(int64_t from, int64_t to)
{
	int64_t seconds = between(from, to);

	return seconds < 0 ? FIELD_NONE : seconds;
}

void calls_view_times(const struct duty_times *t, struct msg_intervals *out)
{
	*out = (struct msg_intervals){
		.door_to_request = between(t->door, t->submitted),
		.request_to_call = passed(t->submitted, t->called),
		.call_to_answer = passed(t->called, t->answered),
		.door_to_answer = passed(t->door, t->answered),
		.door_to_start = passed(t->door, t->started),
	};
}

enum rc calls_view(struct work *w, const struct request *r,
		   struct msg_request *out)
{
	struct duty_times times;
	struct duty_call *v;
	size_t n;

	if (kind_row(r->kind)->how != KIND_AT_ONCE)
		return RC_OK;
	enum rc rc = duty_call_list(w->tx, r->id, w->arena, &v, &n, &w->err);

	if (rc == RC_OK)
		rc = view_calls(w, v, n, &out->calls);
	if (rc == RC_OK)
		rc = duty_times_of(w->tx, r->id, &times, &w->err);
	if (rc != RC_OK)
		return rc;
	out->door_at = times.door;
	out->papers_until = times.papers_until;
	out->papers_at = times.papers_at;
	out->intervals = arena_alloc(w->arena, sizeof(*out->intervals));
	if (!out->intervals)
		return work_nomem(w);
	calls_view_times(&times, out->intervals);
	return RC_OK;
}
