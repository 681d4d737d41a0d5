#include "daemon/api/pool.h"

#include "daemon/work/half_days.h"

enum rc pool_run_list(struct call *c)
{
	return work_pool_list(&c->w, c->in, c->out);
}

enum rc pool_run_open(struct call *c)
{
	return work_pool_open(&c->w, c->in, c->out);
}

enum rc pool_run_order(struct call *c)
{
	return work_pool_order(&c->w, c->param[0], c->in, c->out);
}
