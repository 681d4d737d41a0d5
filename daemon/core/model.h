/*
 * model - what the core decides on: plain values, loaded by the store.
 *
 * Nothing here points into a database or a message; everything lives in the
 * arena of the request (zones: in the process's tz store) and is read-only to
 * the core. Times are UTC seconds, intervals half-open [from, to), days local
 * days since 1970-01-01 in the zone that stands beside them.
 */
#ifndef DAEMON_CORE_MODEL_H
#define DAEMON_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/tz.h"
#include "base/words.h"
#include "daemon/core/rrule.h"
#include "daemon/core/terms.h"

#define CORE_GRANULE 300 /* seconds: the grid that times are offered on */
#define CORE_NO_DAY INT64_MAX
#define CORE_MINUTES_MAX 1440	  /* of one session, its buffer apart */
#define CORE_STAY_MAX 181	  /* days of a bed, and one (proto: 180) */
#define CORE_RULE_MAX (7 * 86400) /* of one instance of a rule, seconds */
#define CORE_OVERRUN_MAX 480	  /* minutes */
#define CORE_TRANSFER_MAX 1440	  /* minutes of the way between two places */
/* Beside a window, what to load: a session at its end, the operation or the
 * reserve behind it, the pause and the way. */
#define CORE_MARGIN ((int64_t)4 * 86400)

struct core_span {
	int64_t from, to;
};

/* A day on which a site's calendar differs. */
struct core_calendar_day {
	int64_t day;
	int works_as; /* weekday, Monday = 0; -1: a day off */
};

struct core_calendar {
	const struct core_calendar_day *days; /* by day */
	size_t n;
};

/* Availability of an expert or a resource: when, where, for what. */
struct core_rule {
	struct rrule rrule;
	const char *text; /* the RRULE as written, for a blocker's words */
	/* Local days, in order, each once. exdates: no instance, whoever names
	 * it; rdates: an instance that the RRULE need not name (rule.h). */
	const int64_t *exdates, *rdates;
	size_t nexdates, nrdates;
	/* Wall; end - start is every instance's length, 1..CORE_RULE_MAX
	 * (a rule of another length is never open). */
	int64_t start, end;
	const struct tz *zone;
	int64_t place;	  /* subject claimed with the expert; 0: none */
	kindset kinds;	  /* 0: all the expert's but those always named */
	int slot_minutes; /* > 0: a session of places */
	const char *pool; /* a pooled half-day: its terms (pooled.h); NULL */
	bool on_holidays;
	/* NULL: no calendar closes it. Of the site where it takes place. */
	const struct core_calendar *calendar;
	/* The local days it counts on: a secondment's rule has both. */
	int64_t first_day, last_day;
	bool seconded; /* false: replaced while the expert is away */
};

/* One row of claim. Lapsed holds may be among them: the core compares. */
struct core_claim {
	int64_t subject;
	int64_t from, to;
	int64_t booking;
	enum claim_role role;
	int64_t hold_until; /* 0: not a hold */
	/* Of an expert's: where the session is (0: nowhere of note) and that
	 * place's site; the start of the session of places that it is one of
	 * (0: of none). */
	int64_t place, place_site;
	int64_t session;
};

struct core_subject {
	int64_t id;
	enum subject_type type;
	const char *slug; /* "coronary-1", "anzhen/studio-1"; NULL: a patient */
	const char *name;
	int64_t site;
	const struct tz *zone;
	const char *path; /* of a link: carrier or route; NULL: not known */
	int capacity;
	const struct core_rule *rules; /* none on a resource: always open */
	size_t nrules;
	/* By from; all that touch the window or CORE_MARGIN on either side of
	 * it (sessions run past the window's end, day caps count whole local
	 * days). */
	const struct core_claim *claims;
	size_t nclaims;
	const struct core_span *leaves; /* on leave, out of service */
	size_t nleaves;
};

struct core_away {		     /* a secondment */
	const struct tz *zone;	     /* of the site */
	int64_t first_day, last_day; /* inclusive, in that zone */
	int64_t site;
	bool remote_requests; /* allowed meanwhile */
};

struct core_credential {
	const char *name;
	kindset kinds;	  /* for which it is needed; 0: all */
	int64_t last_day; /* in the lead's zone */
};

struct core_expert {
	struct core_subject subject;
	kindset kinds;
	const char *const *specialties;
	size_t nspecialties;
	const char *const *modalities;
	size_t nmodalities;
	const char *const *languages;
	size_t nlanguages;
	const struct core_credential *credentials;
	size_t ncredentials;
	const char *title;	   /* NULL: not known */
	int64_t independent_since; /* day; CORE_NO_DAY: not known */
	int buffer_minutes;	   /* 0..CORE_MINUTES_MAX */
	int cap_per_day;	   /* 0: no cap */
	const struct core_away *away;
	size_t naway;
};

struct core_agreement {
	int64_t id;
	const char *slug;
	int64_t lead, partner; /* sites */
	const struct tz *lead_zone;
	int64_t first_day, last_day; /* validity, inclusive, lead's days */
	kindset kinds;
	const char *const *specialties; /* none: any */
	size_t nspecialties;
	int64_t quota[KIND_COUNT]; /* a month of the lead; -1: no limit */
	int min_independent_years;
	int overrun_minutes; /* -1: as the kind has it */
	struct core_terms terms;
};

/* How long the way is between two places, in either direction. A place of 0
 * stands for every place of its site; then the two sites may be one. */
struct core_transfer {
	int64_t site_a, place_a;
	int64_t site_b, place_b;
	int64_t seconds; /* at most CORE_TRANSFER_MAX minutes */
};

#endif
