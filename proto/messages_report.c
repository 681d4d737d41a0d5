#include "proto/messages_report.h"

#include "proto/rows.h"

#define ROWS_MAX 10000 /* as daemon/work/report.h bounds them */

static const char *const deviation_names[] = {"cancelled", "noshow", "overrun"};
static const struct words deviations = {"what was otherwise", deviation_names,
					3};
static const char *const side_names[] = {"lead", "partner", "expert",
					 "emergency"};
static const struct words sides = {"whose it was", side_names, 4};
static const char *const way_names[] = {"pooled", "alone"};
static const struct words ways = {"how it was booked", way_names, 2};
static const char *const ending_names[] = {"declined", "withdrawn", "expired"};
static const struct words endings = {"how it ended", ending_names, 3};

/* What a row is about. */
#define LEAD_ROWS(s)                                                           \
	SLUG(s, lead, OPTIONAL, "the lead"),                                   \
		STR(s, period, OPTIONAL, 7, 10,                                \
		    "the month or day, as the lead's calendar has it")
#define PARTNER_ROW(s) SLUG(s, partner, OPTIONAL, "the partner")
#define EXPERT_ROW(s)                                                          \
	SLUG(s, expert, OPTIONAL, "the expert, of several the first")
#define KIND_ROW(s) CHOICE(s, kind, OPTIONAL, words_kind, "the kind of service")
#define ABOUT(s) LEAD_ROWS(s), PARTNER_ROW(s), EXPERT_ROW(s), KIND_ROW(s)

MESSAGE(activity, "Activity", "What was done, and what is still to be",
	ABOUT(activity),
	COUNT(activity, done, REQUIRED, "sessions that took place"),
	COUNT(activity, minutes, REQUIRED, "how long those were, all together"),
	COUNT(activity, open, REQUIRED, "booked, arrived or begun"),
	COUNT(activity, cancelled, REQUIRED, "cancelled"),
	COUNT(activity, noshow, REQUIRED, "to which somebody did not come"),
	COUNT(activity, read, REQUIRED,
	      "consultations without a meeting, by their first opinion"));

MESSAGE(wait_figure, "WaitFigure", "From the request to the session's start",
	ABOUT(wait_figure),
	CHOICE(wait_figure, urgency, REQUIRED, words_urgency, "how urgent"),
	COUNT(wait_figure, n, REQUIRED, "sessions that have begun"),
	COUNT(wait_figure, median_minutes, REQUIRED,
	      "what half of them waited at most"),
	COUNT(wait_figure, p90_minutes, REQUIRED,
	      "what nine of ten waited at most"),
	COUNT(wait_figure, longest_minutes, REQUIRED, "what none waited more"));

MESSAGE(pooled_figure, "PooledFigure",
	"From the acceptance to the session's start", ABOUT(pooled_figure),
	STR(pooled_figure, specialty, OPTIONAL, 1, 64, "of which specialty"),
	CHOICE(pooled_figure, booked, REQUIRED, ways,
	       "in a pooled half-day, or at a time of its own"),
	COUNT(pooled_figure, n, REQUIRED, "sessions that were booked so"),
	COUNT(pooled_figure, median_minutes, REQUIRED,
	      "what half of them waited at most"),
	COUNT(pooled_figure, p90_minutes, REQUIRED,
	      "what nine of ten waited at most"),
	COUNT(pooled_figure, longest_minutes, REQUIRED,
	      "what none waited more"));

MESSAGE(deviation, "Deviation", "What did not go as it was booked",
	ABOUT(deviation),
	CHOICE(deviation, what, REQUIRED, deviations, "what came instead"),
	CHOICE(deviation, side, OPTIONAL, sides,
	       "who cancelled, whose end stayed empty; for what it gave way"),
	STR(deviation, reason, OPTIONAL, 1, 32,
	    "the word that was given; of nobody's coming, who did not"),
	COUNT(deviation, n, REQUIRED, "how many"),
	COUNT(deviation, minutes, REQUIRED,
	      "how long they were to be; of overruns, how long beyond"));

MESSAGE(decline_count, "DeclineCount", "Requests that ended unserved",
	ABOUT(decline_count),
	CHOICE(decline_count, what, REQUIRED, endings, "how they ended"),
	CHOICE(decline_count, reason, OPTIONAL, words_why,
	       "the word that was given"),
	COUNT(decline_count, n, REQUIRED, "how many"));

MESSAGE(quota_use, "QuotaUse", "A month's quota of an agreement",
	LEAD_ROWS(quota_use), PARTNER_ROW(quota_use),
	SLUG(quota_use, agreement, REQUIRED, "the agreement"),
	KIND_ROW(quota_use),
	COUNT(quota_use, quota, REQUIRED, "so many a month"),
	COUNT(quota_use, used, REQUIRED,
	      "what stands, and what was given up too late"),
	COUNT(quota_use, left, REQUIRED, "what is left"));

MESSAGE(expert_hours, "ExpertHours", "An expert's time",
	SLUG(expert_hours, lead, OPTIONAL, "where the expert is at home"),
	STR(expert_hours, period, OPTIONAL, 7, 10,
	    "the month or day, as the expert's home has it"),
	SLUG(expert_hours, expert, REQUIRED, "the expert"),
	COUNT(expert_hours, offered_minutes, REQUIRED,
	      "open by the rules as they are now, leave and holidays apart"),
	COUNT(expert_hours, taken_minutes, REQUIRED,
	      "what of it is taken: sessions, pauses, ways, reserves"),
	COUNT(expert_hours, free_minutes, REQUIRED, "what of it is free"),
	COUNT(expert_hours, free_percent, OPTIONAL,
	      "the same in a hundred; absent: nothing is open"),
	COUNT(expert_hours, sessions, REQUIRED,
	      "sessions that begin then, held or to be held"),
	COUNT(expert_hours, session_minutes, REQUIRED, "how long those are"));

#define REPORT(name, wire, text, of, about)                                    \
	MESSAGE_OF(report, report_##name, wire, text,                          \
		   TIME(report, from, REQUIRED, about " from then on"),        \
		   TIME(report, to, REQUIRED, "and before then"),              \
		   OBJECTS(report, items, REQUIRED, of, ROWS_MAX,              \
			   "by what they are told apart by"))

REPORT(activity, "ReportActivity", "What was done, by site, expert and kind",
       activity, "of sessions that begin");
REPORT(waits, "ReportWaits", "How long it took until they began, by urgency",
       wait_figure, "of sessions that were to begin");
REPORT(pooled, "ReportPooled", "What pooling costs: waits with and without it",
       pooled_figure, "of sessions that were to begin");
REPORT(deviations, "ReportDeviations",
       "Cancellations, overruns and who did not come, with the reasons",
       deviation, "of sessions that were to begin");
REPORT(declines, "ReportDeclines", "Requests that ended unserved, and why",
       decline_count, "of requests submitted");
REPORT(quotas, "ReportQuotas", "How far quotas are used, by month", quota_use,
       "of the months touched");
REPORT(hours, "ReportHours", "Experts' time, and how much of it is free",
       expert_hours, "of the time");
