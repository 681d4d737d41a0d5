/* Rules of availability: one more, another from a day on, or none any more
 * (rearrange.h). What was before that day stays as it was. */
#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "daemon/core/rrule.h"
#include "daemon/work/rearrange.h"

#define RULE_TEXT_MAX 600
#define FOREVER (INT64_MAX / 4)

bool rearrange_place_fits(const struct msg_net_rule *rule, const char *home,
			  const char *site)
{
	const char *sites[] = {home, site};

	for (size_t i = 0; rule->at && i < 2; i++) {
		size_t len = sites[i] ? strlen(sites[i]) : 0;

		if (len && !strncmp(rule->at, sites[i], len) &&
		    rule->at[len] == '/')
			return true;
	}
	return !rule->at;
}

/* --- one more --- */

static enum rc check_rule(struct rearrange_at *at, struct msg_net_rule *rule)
{
	struct rearranged *of = at->of;

	if (rule->of && strcmp(rule->of, of->of) != 0)
		return rearrange_fault(at, "rule/of",
				       "must be absent, or as of");
	rule->of = of->of;
	enum rc rc = rearrange_check(
		at, &(struct msg_network){.availability = {rule, 1}});

	if (rc == RC_OK && !rearrange_place_fits(rule, of->site.slug, NULL))
		rc = rearrange_fault(at, "rule/at",
				     "must be a place of your site");
	return rc;
}

static enum rc add_rule(struct rearrange_at *at)
{
	struct rearranged *of = at->of;
	struct msg_net_rule *v = of->rules.v, rule = *at->in->rule;
	enum rc rc = check_rule(at, &rule);

	if (rc != RC_OK)
		return rc;
	v[of->rules.n++] = rule;
	of->put_rules = true;
	/* A room that had none was always open; days may be named besides. */
	rearrange_concerns(at->r, at->r->w->tx->now, FOREVER);
	return RC_OK;
}

/* --- none any more --- */

/* COUNT becomes the day on which it has counted so far. */
static const char *ended(struct rearrange_at *at, const char *text,
			 const struct rrule *rule, int64_t start, int64_t last)
{
	char date[CIVIL_DATE_LEN + 1];
	const char *whole = NULL;
	struct buf out;

	buf_init(&out, RULE_TEXT_MAX);
	while (*text) {
		size_t len = strcspn(text, ";");

		if (strncmp(text, "COUNT=", 6) != 0 &&
		    strncmp(text, "UNTIL=", 6) != 0) {
			buf_add(&out, text, len);
			buf_chr(&out, ';');
		}
		text += len + (text[len] == ';');
	}
	civil_show_date(rrule_last(rule, start, last), date);
	buf_printf(&out, "UNTIL=%.4s%.2s%.2s", date, date + 5, date + 8);
	if (!out.failed)
		whole = arena_strndup(at->r->w->arena, buf_cstr(&out), out.len);
	buf_fini(&out);
	return whole;
}

/* Those before that day. */
static enum rc cut_days(struct rearrange_at *at, struct field_strs *dates,
			int64_t day)
{
	const char **v =
		arena_array(at->r->w->arena, dates->n, sizeof(const char *));
	size_t n = 0;
	int64_t date;

	if (dates->n && !v)
		return work_nomem(at->r->w);
	for (size_t i = 0; i < dates->n; i++)
		if (civil_read_date(dates->v[i], strlen(dates->v[i]), &date) &&
		    date < day)
			v[n++] = dates->v[i];
	*dates = (struct field_strs){v, n};
	return RC_OK;
}

static enum rc end_rule(struct rearrange_at *at, int64_t day)
{
	struct rearranged *of = at->of;
	size_t i = (size_t)at->in->number - 1;
	struct msg_net_rule *rule = (struct msg_net_rule *)of->rules.v + i;
	struct rrule rrule;
	int64_t start;

	if (i >= of->rules.n || !rule->rrule)
		return rearrange_fault(at, "number", "%s has no such rule",
				       of->of);
	enum rc rc = rrule_parse(rule->rrule, strlen(rule->rrule), &rrule,
				 &at->r->w->err);

	if (rc != RC_OK)
		return rc;
	start = civil_day_of(rule->start);
	rc = cut_days(at, &rule->rdates, day);
	if (rc == RC_OK && day <= start && !rule->rdates.n) {
		rule->rrule = NULL; /* numbers stay what they were */
	} else if (rc == RC_OK) {
		rule->rrule = ended(at, rule->rrule, &rrule, start, day - 1);
		rc = rule->rrule ? RC_OK : work_nomem(at->r->w);
	}
	of->put_rules = true;
	rearrange_concerns(at->r, (day - 1) * CIVIL_DAY, FOREVER);
	return rc;
}

static enum rc edit_rule(struct rearrange_at *at)
{
	const struct msg_net_rule *rule = at->in->rule;

	if (rule->start != FIELD_NONE &&
	    civil_day_of(rule->start) < at->in->first_day)
		return rearrange_fault(at, "rule/start",
				       "must not be before first_day");
	enum rc rc = end_rule(at, at->in->first_day);

	return rc == RC_OK ? add_rule(at) : rc;
}

enum rc rearrange_rule(struct rearrange_at *at)
{
	switch (at->in->change) {
	case ROSTER_RULE:
		return add_rule(at);
	case ROSTER_EDIT_RULE:
		return edit_rule(at);
	default:
		return end_rule(at, at->in->first_day);
	}
}
