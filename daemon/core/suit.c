/* What is asked of an expert, whatever the calendars say (inquiry.h). */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/title.h"

static bool among(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

bool core_agreement_covers(const struct core_agreement *a,
			   const char *specialty)
{
	return a->nspecialties == 0 ||
	       among(a->specialties, a->nspecialties, specialty);
}

size_t core_agreement_blocks(const struct core_agreement *a, enum kind kind,
			     const char *specialty, int64_t day,
			     enum block out[4])
{
	size_t n = 0;

	if (day < a->first_day || day > a->last_day)
		out[n++] = BLOCK_AGREEMENT;
	if ((a->kinds & KINDSET(kind)) == 0)
		out[n++] = BLOCK_AGREEMENT_KIND;
	if (specialty != NULL && !core_agreement_covers(a, specialty))
		out[n++] = BLOCK_SPECIALTY;
	return n;
}

/* Has the expert what is asked for, or else anything that the agreement is
 * about? */
bool inquiry_has_specialty(const struct core_ask *ask,
			   const struct core_expert *e)
{
	const struct core_agreement *a = ask->agreement;

	if (ask->specialty != NULL)
		return among(e->specialties, e->nspecialties, ask->specialty);
	for (size_t i = 0; i < e->nspecialties; i++)
		if (among(a->specialties, a->nspecialties, e->specialties[i]))
			return true;
	return a->nspecialties == 0;
}

bool inquiry_has_kind(const struct core_ask *ask, const struct core_expert *e)
{
	return (e->kinds & KINDSET(ask->kind)) != 0;
}

const char *inquiry_lacks_language(const struct core_ask *ask,
				   const struct core_expert *e)
{
	for (size_t i = 0; i < ask->nlanguages; i++)
		if (!among(e->languages, e->nlanguages, ask->languages[i]))
			return ask->languages[i];
	return NULL;
}

bool inquiry_has_modality(const struct core_ask *ask,
			  const struct core_expert *e)
{
	return ask->modality == NULL ||
	       among(e->modalities, e->nmodalities, ask->modality);
}

bool inquiry_has_title(const struct core_ask *ask, const struct core_expert *e)
{
	return ask->title == NULL || title_serves(e->title, ask->title);
}

static bool in_day(int64_t minutes)
{
	return minutes >= 0 && minutes <= CORE_MINUTES_MAX;
}

bool inquiry_is_sane(const struct core_ask *ask)
{
	bool operation = kind_row(ask->kind)->operation;

	return ask->minutes >= 1 && in_day(ask->minutes) &&
	       in_day(ask->before) && in_day(ask->after) &&
	       (operation || (ask->before == 0 && ask->after == 0)) &&
	       ask->nnamed <= CORE_NAMED_MAX && ask->ngroups <= CORE_GROUPS_MAX;
}

/* Of a place before its session is found: as short as can be, so that it is
 * looked for wherever one may begin. */
int64_t inquiry_length(const struct core_ask *ask)
{
	return kind_row(ask->kind)->places ? 60 : ask->minutes * 60;
}

int64_t inquiry_overrun(const struct core_ask *ask)
{
	const struct kind_row *kind = kind_row(ask->kind);
	int64_t minutes = kind->overrun_minutes;

	if (!kind->operation)
		return 0;
	if (ask->agreement->overrun_minutes >= 0)
		minutes = ask->agreement->overrun_minutes;
	return minutes * 60;
}

int64_t inquiry_before(const struct core_ask *ask)
{
	return ask->before * 60;
}

int64_t inquiry_after(const struct core_ask *ask)
{
	return ask->after * 60;
}

static const struct core_subject *part_of(const struct core_ask *ask,
					  unsigned part,
					  const struct core_subject *subject)
{
	return (kind_row(ask->kind)->parts & part) != 0 ? subject : NULL;
}

const struct core_subject *inquiry_patient(const struct core_ask *ask)
{
	return part_of(ask, KIND_PART_PATIENT, ask->patient);
}

const struct core_subject *inquiry_surgeon(const struct core_ask *ask)
{
	return part_of(ask, KIND_PART_SURGEON, ask->surgeon);
}

bool inquiry_suits(const struct core_ask *ask, const struct core_expert *e)
{
	return inquiry_has_kind(ask, e) && inquiry_has_specialty(ask, e) &&
	       inquiry_has_title(ask, e) && inquiry_has_modality(ask, e) &&
	       inquiry_lacks_language(ask, e) == NULL;
}

const struct tz *inquiry_zone(const struct core_expert *e, int64_t at,
			      int64_t *out_until)
{
	*out_until = INT64_MAX;
	for (size_t i = 0; i < e->naway; i++) {
		struct core_span span =
			local_days(e->away[i].zone, e->away[i].first_day,
				   e->away[i].last_day);
		bool inside = at >= span.from && at < span.to;
		int64_t bound = inside ? span.to : span.from;

		if (bound > at && bound < *out_until)
			*out_until = bound;
		if (inside)
			return e->away[i].zone;
	}
	return e->subject.zone;
}

int64_t inquiry_seasoned(const struct core_ask *ask,
			 const struct core_expert *e)
{
	int years = ask->agreement->min_independent_years;
	struct civil c;
	int mlen;

	if (years == 0)
		return INT64_MIN;
	if (e->independent_since == CORE_NO_DAY)
		return CORE_NO_DAY;
	civil_from_days(e->independent_since, &c);
	/* 29 February is complete on 1 March where there is none */
	mlen = civil_month_days(c.year + years, c.month);
	return c.day <= mlen ? civil_days(c.year + years, c.month, c.day)
			     : civil_days(c.year + years, c.month, mlen) + 1;
}

bool inquiry_away(const struct core_ask *ask, const struct core_away *away)
{
	const struct kind_row *kind = kind_row(ask->kind);

	return (kind->parts & KIND_PART_EXPERT) != 0 &&
	       kind->where == KIND_REMOTE && !away->remote_requests;
}
