/*
 * network - writing the network: what an import changes.
 *
 * Each network_put_ function makes a row equal to what is given and says
 * whether it was created, changed or the same already; a parent's set of
 * children (kinds, words, rules) is compared as a whole and replaced when it
 * differs. References are slugs; an unknown one is RC_NOT_FOUND. Nothing is
 * ever deleted that a request or a booking may refer to.
 */
#ifndef DAEMON_STORE_NETWORK_H
#define DAEMON_STORE_NETWORK_H

#include "base/words.h"
#include "daemon/store/tx.h"

enum network_put { NETWORK_CREATED, NETWORK_CHANGED, NETWORK_SAME };

struct network_site {
	const char *slug, *name, *short_name, *tier, *time_zone, *calendar;
};
enum rc network_put_site(struct tx *tx, const struct network_site *in,
			 enum network_put *out, struct err *err);

struct network_day {
	int64_t day;
	int works_as; /* -1: off */
};
enum rc network_put_calendar(struct tx *tx, const char *name,
			     const struct network_day *days, size_t n,
			     enum network_put *out, struct err *err);

struct network_limit {
	int64_t answer, start, opinion; /* minutes; INT64_MIN: no limit */
};
enum rc network_put_limits(struct tx *tx, const char *name,
			   const struct network_limit limits[URGENCY_COUNT],
			   enum network_put *out, struct err *err);

struct network_agreement {
	const char *slug, *alliance, *lead, *partner, *limits;
	int64_t valid_from, valid_to;
	int64_t min_independent_years;
	kindset kinds;
	const int64_t *quota; /* by kind; INT64_MIN: no limit */
	const char *const *specialties;
	size_t nspecialties;
};
enum rc network_put_agreement(struct tx *tx, const struct network_agreement *in,
			      enum network_put *out, struct err *err);

struct network_subject {
	enum subject_type type;
	const char *slug, *site, *name;
	int64_t capacity;
};
/* RC_REFUSED when claims need more than the new capacity. */
enum rc network_put_subject(struct tx *tx, const struct network_subject *in,
			    enum network_put *out, struct err *err);

struct network_expert {
	const char *slug, *title;
	int64_t independent_since; /* INT64_MIN: not known */
	int64_t buffer_minutes, cap_per_day;
	kindset kinds;
	struct {
		const char *sort; /* "specialty", "modality", "language" */
		const char *const *v;
		size_t n;
	} words[3];
};
/* After network_put_subject(); *out comes in as what that one said. */
enum rc network_put_expert(struct tx *tx, const struct network_expert *in,
			   enum network_put *out, struct err *err);

struct network_rule {
	const char *rrule, *time_zone, *at;
	int64_t start, end; /* wall */
	kindset kinds;
	int64_t slot_minutes;
	bool on_holidays;
};
/* The subject's own rules, not those of its secondments. */
enum rc network_put_rules(struct tx *tx, const char *subject,
			  const struct network_rule *rules, size_t n,
			  enum network_put *out, struct err *err);

struct network_secondment {
	const char *site, *remote_requests, *note;
	int64_t from, to; /* days */
	const struct network_rule *rules;
	size_t nrules;
};
/* All of an expert's secondments. */
enum rc network_put_secondments(struct tx *tx, const char *expert,
				const struct network_secondment *v, size_t n,
				enum network_put *out, struct err *err);

/* Is there a site, calendar, limit set or subject of that name already? */
enum network_sort {
	NETWORK_SITE,
	NETWORK_CALENDAR,
	NETWORK_LIMITS,
	NETWORK_SUBJECT
};
enum rc network_has(struct tx *tx, enum network_sort sort, const char *name,
		    bool *out, struct err *err);

/* Kinds agreed on for which the lead has no expert: "lead kind", by lead. */
enum rc network_lacking(struct tx *tx, struct arena *arena, const char ***out,
			size_t max, size_t *out_n, struct err *err);

#endif
