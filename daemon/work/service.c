/* The service itself: who am I, the event log. */
#include "daemon/store/opinion.h"
#include "daemon/work/steps.h"
#include "daemon/work/tools.h"

enum rc work_due(struct tx *tx)
{
	struct steps steps = {.limit = STEPS_AT_ONCE};

	return steps_run(tx, &steps);
}

enum rc work_whoami(struct work *w, struct msg_whoami *out)
{
	proto_clear(&msg_whoami_table, out);
	out->name = w->who->name;
	out->role = (int)w->who->role;
	out->site = w->who->site_slug;
	out->site_name = w->who->site_name;
	out->expert = w->who->expert_slug;
	out->time_zone = w->who->time_zone;
	out->certificate_not_after = w->who->not_after;
	out->now = w->tx->now;
	return RC_OK;
}

enum rc work_log_verify(struct work *w, struct msg_log_report *out)
{
	struct event_report report;
	struct opinion_report opinions;
	enum rc rc = event_verify(w->tx, &report, &w->err);

	if (rc == RC_OK)
		rc = opinion_verify_all(w->tx, &opinions, &w->err);

	proto_clear(&msg_log_report_table, out);
	if (rc != RC_OK)
		return rc;
	struct buf hex;

	buf_init(&hex, 2 * sizeof(report.head.hash));
	buf_hex(&hex, report.head.hash, sizeof(report.head.hash));
	out->ok = report.ok && opinions.bad == 0;
	out->opinions = opinions.opinions;
	out->opinions_bad = opinions.bad;
	out->events = report.events;
	out->first_bad = report.ok ? FIELD_NONE : report.first_bad;
	out->epoch =
		arena_strndup(w->arena, report.epoch, sizeof(report.epoch) - 1);
	out->head = arena_strndup(w->arena, hex.data, hex.len);
	out->detail = report.detail;
	buf_fini(&hex);
	if (!out->head || !out->epoch)
		return work_nomem(w);
	return work_view_code(w, &opinions.of, &out->bad_opinion);
}
