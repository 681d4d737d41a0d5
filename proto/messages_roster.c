#include "proto/messages_roster.h"

#include "proto/rows.h"

#define BLOCKERS_MAX 10000
#define CAUSE_MAX 2000
#define MOVES_MAX 10
#define CHANGES_MAX 50
#define RULES_MAX 1000
#define ORPHANS_MAX 200
#define VISITS_MAX 20000
#define DAYS_MAX 10000

static const char *const day_names[] = {"off", "usual", "MO", "TU", "WE",
					"TH",  "FR",	"SA", "SU"};
static const struct words days = {"day", day_names, 9};

static const char *const answer_names[] = {"refuse", "allow"};
static const struct words answers = {"answer", answer_names, 2};

MESSAGE(away, "Away", "Days at another site",
	SLUG(away, site, REQUIRED, "where"),
	DATE(away, first_day, REQUIRED, "the first day"),
	DATE(away, last_day, REQUIRED, "the last day"),
	CHOICE(away, remote_requests, REQUIRED, answers,
	       "whether they take requests of others meanwhile"));

MESSAGE(orphan, "Orphan",
	"A booking that the network as it is now does not allow any more",
	CODE(orphan, booking, REQUIRED, "its code"),
	WORD(orphan, kind, REQUIRED, kind, KIND, "the kind of service"),
	SLUG(orphan, expert, OPTIONAL, "who does it"),
	SLUG(orphan, lead, REQUIRED, "the site that gives the service"),
	SLUG(orphan, partner, REQUIRED, "the site that receives it"),
	TIME(orphan, from, REQUIRED, "when it begins"),
	TIME(orphan, to, REQUIRED, "when it has ended"),
	OBJECTS(orphan, blockers, REQUIRED, blocker, BLOCKERS_MAX,
		"why it is not allowed"),
	WORD(orphan, status, OPTIONAL, booking_status, BOOKING,
	     "where it is on its way"),
	TIME(orphan, since, OPTIONAL, "since when it is on the worklist"),
	STR(orphan, by, OPTIONAL, 1, 128, "whose change put it there"),
	TEXT(orphan, cause, OPTIONAL, 1, CAUSE_MAX, "what was changed"),
	OBJECTS(orphan, moves, OPTIONAL, slot, MOVES_MAX,
		"the nearest times that would do, where they were looked for"));

static const char *const state_names[] = {"to-come", "there", "over"};
static const struct words states = {"state", state_names, 3};

MESSAGE(roster_change, "RosterChange", "One change of a roster",
	WORD(roster_change, change, REQUIRED, roster, ROSTER, "what is done"),
	STR(roster_change, of, REQUIRED, 1, 129,
	    "whose: an expert or a resource; of days a site"),
	INT(roster_change, version, OPTIONAL, 0, INT64_MAX,
	    "of that roster, as it was seen; absent: whatever it is"),
	WALL(roster_change, from, OPTIONAL,
	     "when the leave begins; which leave ends"),
	WALL(roster_change, to, OPTIONAL,
	     "when it has ended; absent in end-leave: it is taken back"),
	STR(roster_change, time_zone, OPTIONAL, 1, 64,
	    "of these times (IANA); absent: of their site"),
	DATE(roster_change, first_day, OPTIONAL,
	     "of the visit, of days, or on which the rule is changed"),
	DATE(roster_change, last_day, OPTIONAL,
	     "of the visit or of days; absent in end-visit: taken back"),
	SLUG(roster_change, site, OPTIONAL, "where the visit is"),
	CHOICE(roster_change, remote_requests, OPTIONAL, answers,
	       "whether they take requests of others meanwhile"),
	OBJECTS(roster_change, availability, OPTIONAL, net_rule, 100,
		"when they are available there"),
	CHOICE(roster_change, works_as, OPTIONAL, days,
	       "what the days are: off, usual, or as which weekday"),
	OBJECT(roster_change, rule, OPTIONAL, net_rule,
	       "the rule that there will be"),
	INT(roster_change, number, OPTIONAL, 1, RULES_MAX,
	    "which of the rules there are"),
	TEXT(roster_change, note, OPTIONAL, 1, 1000, "for people"));

MESSAGE(roster_changes, "RosterChanges", "Changes of rosters, made at once",
	TEXT(roster_changes, reason, REQUIRED, 1, 1000,
	     "why; whose bookings it orphans are told"),
	OBJECTS(roster_changes, changes, REQUIRED, roster_change, CHANGES_MAX,
		"one after the other"));

MESSAGE(roster_changed, "RosterChanged", "A roster that was changed",
	STR(roster_changed, of, REQUIRED, 1, 129, "whose"),
	COUNT(roster_changed, version, REQUIRED, "that it has now"),
	STR(roster_changed, calendar, OPTIONAL, 1, 64,
	    "of a site: the calendar that it follows now"));

MESSAGE(roster_report, "RosterReport",
	"What changes of rosters did, or would do",
	BOOL(roster_report, dry_run, REQUIRED,
	     "it was but tried: nothing is stored"),
	OBJECTS(roster_report, changed, REQUIRED, roster_changed, CHANGES_MAX,
		"what is not as before"),
	COUNT(roster_report, orphaned, REQUIRED,
	      "how many bookings to come are not allowed any more"),
	OBJECTS(roster_report, orphans, REQUIRED, orphan, ORPHANS_MAX,
		"the first of them"),
	COUNT(roster_report, unchecked, REQUIRED,
	      "later ones that lean on it and were not looked at"),
	COUNT(roster_report, unsought, REQUIRED,
	      "orphans for which no other times were looked for"));

MESSAGE(roster_query, "RosterQuery", "Whose roster",
	STR(roster_query, of, OPTIONAL, 1, 129,
	    "an expert, a resource (site/name) or (absent) your own site"));

MESSAGE(roster_day, "RosterDay", "A day on which a calendar differs",
	DATE(roster_day, date, REQUIRED, "the day"),
	CHOICE(roster_day, works_as, REQUIRED, days,
	       "off, or as which weekday it works"));

MESSAGE(visit, "Visit", "An expert's stay at another site",
	SLUG(visit, expert, REQUIRED, "who"),
	STR(visit, name, OPTIONAL, 1, 128, "their name"),
	SLUG(visit, home, REQUIRED, "the site where they are at home"),
	SLUG(visit, site, REQUIRED, "the site where they are"),
	DATE(visit, first_day, REQUIRED, "the first day"),
	DATE(visit, last_day, REQUIRED, "the last day"),
	CHOICE(visit, remote_requests, REQUIRED, answers,
	       "whether they take requests of others meanwhile"),
	TEXT(visit, note, OPTIONAL, 1, 1000, "for people"),
	CHOICE(visit, state, REQUIRED, states, "where it is on its way"),
	OBJECTS(visit, availability, REQUIRED, net_rule, RULES_MAX,
		"when they are available there"));

MESSAGE(roster, "Roster", "What is said of when somebody is there",
	STR(roster, of, REQUIRED, 1, 129, "whose"),
	STR(roster, name, REQUIRED, 1, 128, "their name"),
	STR(roster, time_zone, REQUIRED, 1, 64, "of their site"),
	COUNT(roster, version, REQUIRED, "how often it was changed"),
	OBJECTS(roster, rules, REQUIRED, net_rule, RULES_MAX,
		"when they are available: number 1 and so on"),
	OBJECTS(roster, leave, REQUIRED, net_leave, VISITS_MAX,
		"when they are on leave, or out of service"),
	OBJECTS(roster, visits, REQUIRED, visit, VISITS_MAX,
		"where else they are"),
	STR(roster, calendar, OPTIONAL, 1, 64,
	    "of a site: the calendar that it follows"),
	OBJECTS(roster, days, REQUIRED, roster_day, DAYS_MAX,
		"on which that calendar differs"));

MESSAGE(visit_query, "VisitQuery", "Which visits",
	SLUG(visit_query, expert, OPTIONAL, "whose; absent: everybody's"),
	SLUG(visit_query, site, OPTIONAL, "where; absent: anywhere"),
	BOOL(visit_query, over, OPTIONAL, "those that are over, too"));

MESSAGE(visit_list, "VisitList", "Visits",
	OBJECTS(visit_list, items, REQUIRED, visit, VISITS_MAX,
		"by first day"));

MESSAGE(orphan_query, "OrphanQuery", "What to say of orphaned bookings",
	BOOL(orphan_query, moves, OPTIONAL,
	     "the nearest times that would do as well"));

MESSAGE(orphan_list, "OrphanList",
	"Bookings that a change of a roster left without ground",
	OBJECTS(orphan_list, items, REQUIRED, orphan, ORPHANS_MAX,
		"by their start, until each is moved or cancelled"),
	BOOL(orphan_list, more, OPTIONAL, "there are later ones"));
