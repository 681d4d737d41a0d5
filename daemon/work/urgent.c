/* What is an emergency, or concerns one: it goes before everything else. */
#include "daemon/work/work.h"

#include "daemon/store/request.h"

bool work_request_is_urgent(const struct msg_request_new *in)
{
	return in->urgency == URGENCY_EMERGENCY ||
	       in->kind == KIND_EMERGENCY_CONSULTATION;
}

bool work_code_is_urgent(struct work *w, const char *code)
{
	enum urgency urgency;

	/* Whatever is wrong with the code is said by who looks for it. */
	return request_urgency(w->tx, code, &urgency, NULL) == RC_OK &&
	       urgency == URGENCY_EMERGENCY;
}
