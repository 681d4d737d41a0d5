/* How much is asked of each expert (imaging.h). */
#include "base/civil.h"
#include "daemon/store/load.h"
#include "daemon/work/imaging.h"
#include "daemon/work/tools.h"

#define LOAD_DAYS 30

static struct msg_load view(const struct load_row *row)
{
	return (struct msg_load){
		.expert = row->expert,
		.sessions = row->sessions,
		.session_minutes = row->session_minutes,
		.to_read = row->to_read,
		.to_read_minutes = row->to_read_minutes,
		.read = row->read,
		.read_minutes = row->read_minutes,
		.minutes = row->session_minutes + row->to_read_minutes +
			   row->read_minutes,
	};
}

enum rc work_report_load(struct work *w, const struct msg_report_query *in,
			 struct msg_report_load *out)
{
	struct list_filter filter;
	struct msg_list_query all;
	struct load_row *rows;
	struct msg_load *v;
	size_t n;
	enum rc rc;

	proto_clear(&msg_report_load_table, out);
	proto_clear(&msg_list_query_table, &all);
	rc = work_list_filter(w, &all, &words_request_status, &filter);
	filter.to = in->to == FIELD_NONE ? w->tx->now : in->to;
	filter.from = in->from == FIELD_NONE
			      ? filter.to - (int64_t)LOAD_DAYS * CIVIL_DAY
			      : in->from;
	filter.kind = in->kind;
	if (rc == RC_OK && filter.from > filter.to)
		rc = work_fault(w, "#to", "must not be before from");
	if (rc == RC_OK)
		rc = load_list(w->tx, &filter, w->arena, &rows, &n, &w->err);
	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		v[i] = view(&rows[i]);
	out->from = filter.from;
	out->to = filter.to;
	out->items = (struct field_list){v, n};
	return RC_OK;
}
