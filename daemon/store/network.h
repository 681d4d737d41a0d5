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
#include "daemon/core/session.h"
#include "daemon/store/clock.h"
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
	int64_t call, papers;		/* of emergencies */
	int64_t offer;			/* to one who waits, to be answered */
	int64_t lapses;			/* of offers in a row, then it rests */
};
enum rc network_put_limits(struct tx *tx, const char *name,
			   const struct network_limit limits[URGENCY_COUNT],
			   enum network_put *out, struct err *err);

/* When a limit set's time runs, and who is told of it: its own rows. *out comes
 * in as network_put_limits() said. */
struct network_clocks {
	const struct deadline_span *spans; /* by weekday, by from */
	size_t nspans;
	const struct clock_rung *ladder; /* by percent */
	size_t nladder;
};
enum rc network_put_clocks(struct tx *tx, const char *name,
			   const struct network_clocks *in,
			   enum network_put *out, struct err *err);

/* Of each session of places: daemon/core/share.h. */
struct network_share {
	const char *expert, *rule; /* NULL: each */
	int64_t places, days_before, minute;
};
struct network_agreement {
	const char *slug, *alliance, *lead, *partner, *limits;
	int64_t valid_from, valid_to;
	int64_t min_independent_years;
	int64_t overrun_minutes; /* INT64_MIN: as the kind has it */
	int64_t cancel_notice_minutes;
	/* INT64_MIN, or late -1: it does not say (terms.h) */
	int64_t lead_notice_minutes, partner_notice_minutes;
	int late;
	needset requires, requires_emergency;
	int64_t supplement_minutes, expiry_days, ending_notice_days;
	int64_t receipt_minutes, receipt_notices, signing_slack_minutes;
	int64_t overbook_most;
	int64_t fairness_weeks, night_call_minutes;
	kindset kinds;
	const int64_t *quota; /* by kind; INT64_MIN: no limit */
	const char *const *specialties;
	size_t nspecialties;
	/* NULL: nothing is said; INT64_MIN for what is not. */
	const struct session_terms *session;
	const struct network_share *shares;
	size_t nshares;
};
enum rc network_put_session(struct tx *tx, int64_t agreement,
			    const struct session_terms *in,
			    enum network_put *out, struct err *err);
enum rc network_read_session(struct tx *tx, struct arena *arena,
			     int64_t agreement,
			     const struct session_terms **out, struct err *err);
/* What holds: what is said, and the defaults for the rest. */
enum rc network_session_terms(struct tx *tx, int64_t agreement,
			      struct session_terms *out, struct err *err);
enum rc network_put_shares(struct tx *tx, int64_t agreement,
			   const struct network_share *v, size_t n,
			   enum network_put *out, struct err *err);
enum rc network_read_shares(struct tx *tx, struct arena *arena,
			    int64_t agreement, const struct network_share **out,
			    size_t *out_n, struct err *err);
enum rc network_put_agreement(struct tx *tx, const struct network_agreement *in,
			      enum network_put *out, struct err *err);

__attribute__((warn_unused_result)) enum rc
network_agreement_id(struct tx *tx, const char *slug, int64_t *out,
		     struct err *err);

struct network_subject {
	enum subject_type type;
	const char *slug, *site, *name;
	int64_t capacity;
	const char *path; /* of a link; NULL: not known */
};
/* RC_REFUSED when claims need more than the new capacity. */
enum rc network_put_subject(struct tx *tx, const struct network_subject *in,
			    enum network_put *out, struct err *err);

struct network_expert {
	const char *slug, *title;
	int64_t independent_since; /* INT64_MIN: not known */
	int64_t buffer_minutes, cap_per_day;
	const char *credentials; /* as the column has them */
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
	const char *exdates, *rdates; /* as the column has them; "": none */
	const char *pool;	      /* ... pooled.h; "": it is none */
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

struct network_leave {
	int64_t start, end;	      /* wall */
	const char *time_zone, *note; /* NULL: of the subject's site; none */
};
/* All of a subject's leave. */
enum rc network_put_leave(struct tx *tx, const char *subject,
			  const struct network_leave *v, size_t n,
			  enum network_put *out, struct err *err);

/* The slugs of all subjects that have rules of their own, secondments or
 * leave, by slug. */
enum network_kept { NETWORK_RULES, NETWORK_SECONDMENTS, NETWORK_LEAVE };
enum rc network_keepers(struct tx *tx, enum network_kept kept,
			struct arena *arena, const char ***out, size_t *out_n,
			struct err *err);

struct network_transfer {
	int64_t id;
	const char *from, *to; /* "site/name" each, or sites; both ways */
	int64_t minutes;
};
/* The way between two ends, whichever is named first; id is not read. */
enum rc network_put_transfer(struct tx *tx, const struct network_transfer *in,
			     enum network_put *out, struct err *err);
enum rc network_delete_transfer(struct tx *tx, int64_t id, struct err *err);

struct network_on_call {
	const char *expert;
	const char *reach;  /* NULL: as the roster has it */
	const char *rrule;  /* of a duty; NULL: takes turns */
	int64_t start, end; /* wall; INT64_MIN without a rule */
};
/* Known by site, specialty and level. */
struct network_roster {
	const char *site, *specialty, *reach;
	const char *time_zone; /* NULL: of the site */
	int64_t level, days;
	int64_t start, until; /* wall; INT64_MIN: none */
	const struct network_on_call *people;
	size_t npeople;
};
enum rc network_put_roster(struct tx *tx, const struct network_roster *in,
			   enum network_put *out, struct err *err);
enum rc network_delete_roster(struct tx *tx, const struct network_roster *in,
			      struct err *err);

/* What the file says of itself, for people. */
enum rc network_put_note(struct tx *tx, const char *note, enum network_put *out,
			 struct err *err);

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
