/* The service itself: who am I, certificates, the event log. */
#include "daemon/work/people.h"

enum rc work_due(struct tx *tx)
{
	struct work w = {.tx = tx, .request_id = "due"};

	return work_lapse_holds(&w);
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
	enum rc rc = event_verify(w->tx, &report, &w->err);

	proto_clear(&msg_log_report_table, out);
	if (rc != RC_OK)
		return rc;
	struct buf hex;

	buf_init(&hex, 2 * sizeof(report.head.hash));
	buf_hex(&hex, report.head.hash, sizeof(report.head.hash));
	out->ok = report.ok;
	out->events = report.events;
	out->first_bad = report.ok ? FIELD_NONE : report.first_bad;
	out->epoch =
		arena_strndup(w->arena, report.epoch, sizeof(report.epoch) - 1);
	out->head = arena_strndup(w->arena, hex.data, hex.len);
	out->detail = report.detail;
	buf_fini(&hex);
	return out->head && out->epoch ? RC_OK : work_nomem(w);
}

enum rc work_certify(struct work *w, const struct msg_identity_new *in,
		     const struct work_certified *cert,
		     struct msg_identity *out)
{
	struct identity_new id = {
		.issuer = cert->issuer,
		.key = cert->key,
		.name = in->name,
		.not_after = cert->not_after,
	};
	int64_t row;
	enum rc rc = people_whom(w, in->role, in->site, in->expert, &id);

	if (rc == RC_OK)
		rc = identity_add(w->tx, &id, &row, &w->err);
	if (rc == RC_EXISTS)
		return err_set(&w->err, rc,
			       "this key has an identity already;"
			       " make a new key");
	if (rc != RC_OK)
		return rc;
	struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.thing = "identity",
		.id = row,
		.version = 1,
		.verb = VERB_CERTIFY,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	proto_clear(&msg_identity_table, out);
	out->name = in->name;
	out->role = in->role;
	out->site = in->site;
	out->expert = in->expert;
	out->not_after = cert->not_after;
	return event_append(w->tx, &event, &w->err);
}
