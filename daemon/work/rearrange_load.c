/* What a roster is now, in the words of a network file (rearrange.h). */
#include <string.h>

#include "daemon/store/calendar.h"
#include "daemon/store/site_calendar.h"
#include "daemon/work/export.h"
#include "daemon/work/rearrange.h"

/* How one sort of what a subject has is read and turned into messages. */
struct sort {
	network_reader_of *read;
	export_fill *fill;
	size_t stored, size;
};

static const struct sort rules = {network_read_rules_of, export_rule,
				  sizeof(struct network_stored_rule),
				  sizeof(struct msg_net_rule)};
static const struct sort stays = {network_read_secondments_of,
				  export_secondment,
				  sizeof(struct network_stored_secondment),
				  sizeof(struct msg_net_secondment)};
static const struct sort leave = {network_read_leave_of, export_leave,
				  sizeof(struct network_stored_leave),
				  sizeof(struct msg_net_leave)};

static enum rc load_sort(struct work *w, int64_t subject,
			 const struct sort *sort, size_t room,
			 struct field_list *out)
{
	struct export e = {.w = w};
	struct network_list in;
	enum rc rc = sort->read(w->tx, subject, w->arena, &in, &w->err);

	if (rc != RC_OK)
		return rc;
	char *v = arena_array(w->arena, in.n + room, sort->size);

	if (in.n + room && !v)
		return work_nomem(w);
	for (size_t i = 0; i < in.n; i++)
		if (!sort->fill(&e, (const char *)in.v + i * sort->stored,
				v + i * sort->size))
			return work_nomem(w);
	*out = (struct field_list){v, in.n};
	return RC_OK;
}

static enum rc load_days(struct work *w, size_t room, struct rearranged *out)
{
	struct network_list had = {0};
	bool shared;
	enum rc rc = site_calendar(w->tx, out->site.id, w->arena,
				   &out->calendar, &shared, &w->err);

	if (rc == RC_OK && out->calendar)
		rc = network_read_calendar(w->tx, out->calendar, w->arena, &had,
					   &w->err);
	if (rc == RC_OK && out->calendar)
		rc = network_version(w->tx, NETWORK_CALENDAR_DAYS,
				     out->calendar, &out->version, &w->err);
	if (rc != RC_OK)
		return rc;
	out->days.v =
		arena_array(w->arena, had.n + room, sizeof(struct network_day));
	if (had.n + room && !out->days.v)
		return work_nomem(w);
	if (had.n)
		memcpy(out->days.v, had.v, had.n * sizeof(struct network_day));
	out->days.n = had.n;
	return RC_OK;
}

static enum rc load_subject(struct work *w, size_t room, struct rearranged *out)
{
	int64_t id = out->subject.id;
	enum rc rc = network_version(w->tx, NETWORK_ROSTER, out->of,
				     &out->version, &w->err);

	if (rc == RC_OK)
		rc = load_sort(w, id, &rules, room, &out->rules);
	if (rc == RC_OK)
		rc = load_sort(w, id, &stays, room, &out->stays);
	return rc == RC_OK ? load_sort(w, id, &leave, room, &out->leave) : rc;
}

static enum rc find_subject(struct work *w, struct rearranged *out)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	enum rc rc = calendar_find(&loader, out->of, &out->subject, &w->err);

	if (rc == RC_OK && out->subject.type == SUBJECT_PATIENT)
		return RC_NOT_FOUND;
	return rc == RC_OK ? site_by_id(w->tx, out->subject.site, w->arena,
					&out->site, &w->err)
			   : rc;
}

enum rc rearrange_find(struct work *w, struct rearranged *out)
{
	return out->is_site ? site_by_slug(w->tx, out->of, w->arena, &out->site,
					   &w->err)
			    : find_subject(w, out);
}

enum rc rearrange_load(struct work *w, size_t room, struct rearranged *out)
{
	return out->is_site ? load_days(w, room, out)
			    : load_subject(w, room, out);
}
