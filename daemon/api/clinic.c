#include "daemon/api/clinic.h"

#include "daemon/work/clinic.h"

enum rc clinic_run_take_back(struct call *c)
{
	return work_take_back(&c->w, c->in, c->out);
}

enum rc clinic_run_report(struct call *c)
{
	return work_report_clinic(&c->w, c->in, c->out);
}
