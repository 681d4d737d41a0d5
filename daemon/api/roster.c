#include "daemon/api/roster.h"

#include "daemon/work/orphans.h"
#include "daemon/work/rearrange.h"

enum rc roster_run_show(struct call *c)
{
	return work_roster_show(&c->w, c->in, c->out);
}

enum rc roster_run_plan(struct call *c)
{
	return work_roster_plan(&c->w, c->in, c->out);
}

enum rc roster_run_change(struct call *c)
{
	return work_roster_change(&c->w, c->in, c->out);
}

enum rc roster_run_visits(struct call *c)
{
	return work_visit_list(&c->w, c->in, c->out);
}

enum rc roster_run_orphans(struct call *c)
{
	return work_orphan_list(&c->w, c->in, c->out);
}

enum rc roster_run_schedule(struct call *c)
{
	return work_schedule_subject(&c->w, c->param[0], c->in, c->out);
}

enum rc roster_run_resource_schedule(struct call *c)
{
	const char *ref =
		arena_printf(&c->arena, "%s/%s", c->param[0], c->param[1]);

	if (!ref)
		return err_set(&c->w.err, RC_NOMEM, "out of memory");
	return work_schedule_subject(&c->w, ref, c->in, c->out);
}

enum rc roster_run_site_schedule(struct call *c)
{
	return work_schedule_site(&c->w, c->param[0], c->in, c->out);
}
