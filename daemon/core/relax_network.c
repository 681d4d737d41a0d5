/* Changes of what stands in the network: copies that differ in one thing. */
#include "daemon/core/relax_network.h"

#include <string.h>

#include "daemon/core/inquiry.h"

/* --- subjects: copies that differ in one thing --- */

/* Changes a copy; out_changed stays where there is nothing to change. */
typedef enum rc (*alter)(struct core_subject *s, struct arena *arena,
			 bool *out_changed);

static enum rc alter_rooms(const struct core_subject **rooms, size_t n,
			   int64_t site, alter change, struct arena *arena,
			   bool *out_changed)
{
	struct core_subject *v = arena_array(arena, n, sizeof(*v));
	enum rc rc = RC_OK;

	if (n == 0)
		return RC_OK;
	if (v == NULL)
		return RC_NOMEM;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		v[i] = (*rooms)[i];
		if (v[i].site == site)
			rc = change(&v[i], arena, out_changed);
	}
	*rooms = v;
	return rc;
}

/* Every room of the site, wherever the ask has it. */
static enum rc alter_site(struct relax_ask *io, int64_t site, alter change,
			  struct arena *arena, bool *out_changed)
{
	struct core_ask *ask = &io->ask;
	enum rc rc = alter_rooms(&ask->lead_rooms, ask->nlead_rooms, site,
				 change, arena, out_changed);

	if (rc == RC_OK)
		rc = alter_rooms(&ask->named, ask->nnamed, site, change, arena,
				 out_changed);
	for (size_t i = 0; rc == RC_OK && i < KIND_POOLS_MAX; i++)
		rc = alter_rooms(&ask->pools[i].rooms, ask->pools[i].n, site,
				 change, arena, out_changed);
	return rc;
}

static enum rc found(enum rc rc, bool changed)
{
	return rc == RC_OK && !changed ? RC_NOT_FOUND : rc;
}

static bool keeps_holidays(const struct core_rule *rule)
{
	return rule->calendar != NULL && !rule->on_holidays;
}

static enum rc on_holidays(struct core_subject *s, struct arena *arena,
			   bool *out_changed)
{
	struct core_rule *rules = arena_array(arena, s->nrules, sizeof(*rules));
	bool any = false;

	if (s->nrules > 0 && rules == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < s->nrules; i++) {
		rules[i] = s->rules[i];
		any = any || keeps_holidays(&rules[i]);
		rules[i].on_holidays = true;
	}
	if (any)
		s->rules = rules;
	*out_changed = *out_changed || any;
	return RC_OK;
}

static enum rc at_all_hours(struct core_subject *s, struct arena *arena,
			    bool *out_changed)
{
	(void)arena;
	*out_changed = *out_changed || s->nrules > 0;
	s->nrules = 0;
	return RC_OK;
}

/* --- experts: the same, of all who could be one of the session's --- */

typedef enum rc (*alter_expert)(const struct core_ask *ask,
				struct core_expert *e, struct arena *arena,
				bool *out_changed);

static enum rc alter_list(const struct core_ask *ask,
			  const struct core_expert **experts, size_t n,
			  alter_expert change, struct arena *arena,
			  bool *out_changed)
{
	struct core_expert *v = arena_array(arena, n, sizeof(*v));
	enum rc rc = RC_OK;

	if (n == 0)
		return RC_OK;
	if (v == NULL)
		return RC_NOMEM;
	memcpy(v, *experts, n * sizeof(*v));
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = change(ask, &v[i], arena, out_changed);
	*experts = v;
	return rc;
}

struct core_group *relax_own_groups(struct relax_ask *io, struct arena *arena)
{
	size_t n = io->ask.ngroups;
	struct core_group *v = arena_array(arena, n, sizeof(*v));

	if (v != NULL && n > 0) {
		memcpy(v, io->ask.groups, n * sizeof(*v));
		io->ask.groups = v;
	}
	return v;
}

static enum rc alter_experts(struct relax_ask *io, alter_expert change,
			     struct arena *arena, bool *out_changed)
{
	struct core_ask *ask = &io->ask;
	struct core_group *groups = relax_own_groups(io, arena);
	enum rc rc = alter_list(ask, &ask->experts, ask->nexperts, change,
				arena, out_changed);

	if (groups == NULL && ask->ngroups > 0)
		return RC_NOMEM;
	for (size_t i = 0; rc == RC_OK && i < ask->ngroups; i++)
		rc = alter_list(ask, &groups[i].experts, groups[i].nexperts,
				change, arena, out_changed);
	return rc;
}

static enum rc rooms_of(struct relax_ask *io, int64_t site, alter change,
			struct arena *arena)
{
	bool changed = false;
	enum rc rc = alter_site(io, site, change, arena, &changed);

	return found(rc, changed);
}

enum rc relax_partner_holiday(const struct relax_world *world, size_t which,
			      struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which;
	return rooms_of(io, io->agreement.partner, on_holidays, arena);
}

enum rc relax_partner_hours(const struct relax_world *world, size_t which,
			    struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which;
	return rooms_of(io, io->agreement.partner, at_all_hours, arena);
}

enum rc relax_lead_hours(const struct relax_world *world, size_t which,
			 struct arena *arena, struct relax_ask *io)
{
	(void)world, (void)which;
	return rooms_of(io, io->agreement.lead, at_all_hours, arena);
}

static enum rc expert_on_holidays(const struct core_ask *ask,
				  struct core_expert *e, struct arena *arena,
				  bool *out_changed)
{
	(void)ask;
	return on_holidays(&e->subject, arena, out_changed);
}

enum rc relax_lead_holiday(const struct relax_world *world, size_t which,
			   struct arena *arena, struct relax_ask *io)
{
	bool changed = false;
	enum rc rc = alter_site(io, io->agreement.lead, on_holidays, arena,
				&changed);

	(void)world, (void)which;
	if (rc == RC_OK)
		rc = alter_experts(io, expert_on_holidays, arena, &changed);
	return found(rc, changed);
}

static enum rc expert_from_there(const struct core_ask *ask,
				 struct core_expert *e, struct arena *arena,
				 bool *out_changed)
{
	struct core_away *away = arena_array(arena, e->naway, sizeof(*away));

	if (e->naway > 0 && away == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < e->naway; i++) {
		away[i] = e->away[i];
		*out_changed = *out_changed || inquiry_away(ask, &away[i]);
		away[i].remote_requests = true;
	}
	e->away = away;
	return RC_OK;
}

/* Asked for from afar, wherever somebody is seconded to. */
enum rc relax_seconded(const struct relax_world *world, size_t which,
		       struct arena *arena, struct relax_ask *io)
{
	bool changed = false;
	enum rc rc = alter_experts(io, expert_from_there, arena, &changed);

	(void)world, (void)which;
	return found(rc, changed);
}

static enum rc expert_once_more(const struct core_ask *ask,
				struct core_expert *e, struct arena *arena,
				bool *out_changed)
{
	(void)ask, (void)arena;
	*out_changed = *out_changed || e->cap_per_day > 0;
	e->cap_per_day += e->cap_per_day > 0;
	return RC_OK;
}

enum rc relax_day_cap(const struct relax_world *world, size_t which,
		      struct arena *arena, struct relax_ask *io)
{
	bool changed = false;
	enum rc rc = alter_experts(io, expert_once_more, arena, &changed);

	(void)world, (void)which;
	return found(rc, changed);
}
