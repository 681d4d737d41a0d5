#include "daemon/api/clinic.h"

#include "daemon/work/clinic.h"
#include "daemon/work/referral.h"

enum rc clinic_run_take_back(struct call *c)
{
	return work_take_back(&c->w, c->in, c->out);
}

enum rc clinic_run_report(struct call *c)
{
	return work_report_clinic(&c->w, c->in, c->out);
}

enum rc clinic_run_course(struct call *c)
{
	return work_course_list(&c->w, c->param[0], c->out);
}

enum rc clinic_run_course_add(struct call *c)
{
	return work_course_add(&c->w, c->param[0], c->in, c->out);
}
