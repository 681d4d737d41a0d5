/* Errors as application/problem+json (RFC 9457). */
#include <stdio.h>

#include "daemon/api/call.h"
#include "daemon/stat/stat.h"

#define PROBLEM_TYPE "urn:teleconsult:problem:"
#define PROBLEM_MAX CALL_ANSWER_MAX

void problem_reply(const struct problem *p, struct http_reply *reply)
{
	const struct rc_row *row = rc_row(p->rc);
	struct msg_problem m;
	struct msg_fault errors[FIELD_FAULTS_MAX];
	char type[96];

	proto_clear(&msg_problem_table, &m);
	snprintf(type, sizeof(type), PROBLEM_TYPE "%s", row->code);
	m.type = type;
	m.title = row->title;
	m.status = row->http;
	m.code = row->code;
	m.detail = p->detail && p->detail[0] ? p->detail : NULL;
	/* What may not be seen answers byte for byte as what does not exist;
	 * the id is in the header then, and in the log. */
	if (p->rc != RC_NOT_FOUND)
		m.request_id = p->request_id;
	for (size_t i = 0; p->faults && i < p->faults->n; i++)
		errors[i] = (struct msg_fault){p->faults->v[i].pointer,
					       p->faults->v[i].detail};
	m.errors = (struct field_list){errors, p->faults ? p->faults->n : 0};
	m.blockers = p->blockers;
	if (p->blockers_more)
		m.blockers_more = (int64_t)p->blockers_more;
	m.nearest = p->nearest;
	m.occurrences = p->occurrences;

	stat_add(STAT_ERRORS, p->rc, 0, 1);
	http_reply_init(reply, row->http);
	reply->content_type = "application/problem+json";
	buf_init(&reply->body, PROBLEM_MAX);
	proto_encode(&msg_problem_table, &m, &reply->body);
	if (row->http == 503 || row->http == 429)
		reply->retry_after = 1;
}
