#include "proto/messages_net.h"

#include "proto/messages_emergency.h"
#include "proto/rows.h"

#define MANY 20000
#define FEW 64
#define YEAR_MINUTES 525600

static const char *const weekday_names[] = {"MO", "TU", "WE", "TH",
					    "FR", "SA", "SU"};
static const struct words weekdays = {"weekday", weekday_names, 7};

static const char *const answer_names[] = {"refuse", "allow"};
static const struct words answers = {"answer", answer_names, 2};

MESSAGE(net_site, "NetSite", "A hospital",
	SLUG(net_site, id, REQUIRED, "its id"),
	STR(net_site, name, REQUIRED, 1, 128, "its name"),
	STR(net_site, short_name, OPTIONAL, 1, 64,
	    "its name where there is little room"),
	SLUG(net_site, tier, OPTIONAL, "national, municipal, county, ..."),
	STR(net_site, time_zone, REQUIRED, 1, 64,
	    "its time zone (IANA), as Asia/Shanghai"),
	SLUG(net_site, calendar, OPTIONAL,
	     "the calendar of holidays that it follows"));

MESSAGE(net_limit, "NetLimit",
	"The times allowed, in minutes; absent: no limit",
	INT(net_limit, answer_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "from the request to the answer"),
	INT(net_limit, start_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "from the request to the start"),
	INT(net_limit, opinion_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "from the end to the opinion"),
	INT(net_limit, call_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "of an emergency: then the next on call is called; absent: 3"),
	INT(net_limit, papers_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "of an emergency: from the request to its papers; absent: a day"),
	INT(net_limit, offer_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "to answer an offer from the waitlist; absent: 5, 30, 240 by "
	    "urgency"),
	INT(net_limit, offer_lapses, OPTIONAL, 1, 1000,
	    "offers in a row that may lapse, then it rests; absent: 3"));

MESSAGE(net_hours, "NetHours", "When the time of a limit runs",
	ROW(net_hours, days, FIELD_WORDSET, kindset, REQUIRED,
	    .words = &weekdays, .max = 6, .help = "on which weekdays"),
	STR(net_hours, from, REQUIRED, 5, 5,
	    "from then on, as 08:00, in the lead's zone"),
	STR(net_hours, to, REQUIRED, 5, 5,
	    "until then, as 17:30; 24:00 is the end of the day"));

MESSAGE(net_rung, "NetRung", "Who is told when a time runs out",
	INT(net_rung, percent, REQUIRED, 1, 1000,
	    "when so much of the limit is over; beyond 100, too"),
	ROW(net_rung, tell, FIELD_WORDSET, tellset, REQUIRED,
	    .words = &words_tell, .max = TELL_COUNT - 1,
	    .help = "who is told then"));

MESSAGE(net_limits, "NetLimits", "The times allowed, by urgency",
	OBJECTS(net_limits, hours, OPTIONAL, net_hours, FEW,
		"when its time runs, but an emergency's; absent: round the "
		"clock"),
	OBJECTS(net_limits, ladder, OPTIONAL, net_rung, 16,
		"who is told that a time runs out; absent: the usual ladder"),
	OBJECT(net_limits, emergency, OPTIONAL, net_limit, "for an emergency"),
	OBJECT(net_limits, urgent, OPTIONAL, net_limit, "when it is urgent"),
	OBJECT(net_limits, routine, OPTIONAL, net_limit, "else"));

MESSAGE(net_share, "NetShare",
	"What of each session of places is kept for the partner",
	INT(net_share, places, REQUIRED, 1, 1440, "how many of its places"),
	SLUG(net_share, expert, OPTIONAL,
	     "of whose sessions; absent: of each of the lead's experts"),
	STR(net_share, rule, OPTIONAL, 1, 1024,
	    "of one rule's, the RRULE as it is written; absent: of each"),
	INT(net_share, days_before, REQUIRED, 0, 366,
	    "until so many days before the session's day"),
	STR(net_share, until, OPTIONAL, 5, 5,
	    "and that time of the day there, as 17:00; absent: 00:00"));

MESSAGE(net_agreement, "NetAgreement",
	"What a lead and a partner have agreed on",
	SLUG(net_agreement, id, REQUIRED, "its id"),
	STR(net_agreement, alliance, OPTIONAL, 1, 128,
	    "the alliance it belongs to"),
	SLUG(net_agreement, lead, REQUIRED, "the site that gives"),
	SLUG(net_agreement, partner, REQUIRED, "the site that receives"),
	SLUGS(net_agreement, specialties, OPTIONAL, FEW,
	      "for which specialties; none: for all"),
	DATE(net_agreement, valid_from, REQUIRED, "its first day"),
	DATE(net_agreement, valid_to, REQUIRED, "its last day"),
	KINDS(net_agreement, kinds, REQUIRED, "which kinds of service"),
	KINDMAP(net_agreement, quota_per_month, OPTIONAL, 0, 1000000,
		"how many a month, by kind; absent: no limit"),
	SLUG(net_agreement, limits, OPTIONAL, "its limit set"),
	INT(net_agreement, min_independent_years, OPTIONAL, 0, 80,
	    "years of independent practice an expert needs; absent: 3"),
	INT(net_agreement, overrun_minutes, OPTIONAL, 0, 480,
	    "the reserve behind a surgical guidance; absent: as the kind has"),
	INT(net_agreement, cancel_notice_minutes, OPTIONAL, 0, YEAR_MINUTES,
	    "cancelled so long before its start it is not counted; absent: 0"),
	INT(net_agreement, lead_notice_minutes, OPTIONAL, 0, YEAR_MINUTES,
	    "the same for what the lead changes; absent: as for both"),
	INT(net_agreement, partner_notice_minutes, OPTIONAL, 0, YEAR_MINUTES,
	    "the same for what the partner changes; absent: as for both"),
	WORD(net_agreement, late_change, OPTIONAL, late, LATE,
	     "what becomes of a later change; absent: spends"),
	NEEDS(net_agreement, requires, OPTIONAL,
	      "what a request must have; absent: nothing more"),
	NEEDS(net_agreement, requires_emergency, OPTIONAL,
	      "what that of an emergency must have; absent: nothing more"),
	INT(net_agreement, supplement_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "of working time, for a supplement; absent: 10080"),
	INT(net_agreement, expiry_days, OPTIONAL, 1, 366,
	    "how long an unserved request without times waits; absent: 30"),
	INT(net_agreement, ending_notice_days, OPTIONAL, 0, 366,
	    "how long before its end both sides are told; absent: 30"),
	INT(net_agreement, receipt_minutes, OPTIONAL, 1, YEAR_MINUTES,
	    "until the partner is reminded to confirm opinions; absent: 1440"),
	INT(net_agreement, receipt_notices, OPTIONAL, 1, 100,
	    "how often it is told, the last time to escalate; absent: 7"),
	INT(net_agreement, signing_slack_minutes, OPTIONAL, 1, 1440,
	    "by how much a signer's clock may be off; absent: 15"),
	OBJECT(net_agreement, session, OPTIONAL, net_session,
	       "about the day of its sessions; absent: as for all"),
	INT(net_agreement, overbook_most, OPTIONAL, 0, 100,
	    "places the lead may give behind a session's last; absent: 0"),
	INT(net_agreement, fairness_weeks, OPTIONAL, 0, 52,
	    "over which experts' hours are spread; 0: by name; absent: 4"),
	INT(net_agreement, night_call_minutes, OPTIONAL, 0, 1440,
	    "as how much work a call at night counts there; absent: 120"),
	OBJECTS(net_agreement, shares, OPTIONAL, net_share, FEW,
		"places of each session that are kept for the partner"));

MESSAGE(net_resource, "NetResource", "A room, device, link, robot or ward",
	REF(net_resource, id, REQUIRED, "site/name"),
	STR(net_resource, name, REQUIRED, 1, 128, "its name"),
	WORD_RANGE(net_resource, type, REQUIRED, subject, SUBJECT_STUDIO,
		   SUBJECT_DEVICE, "what it is"),
	INT(net_resource, capacity, REQUIRED, 1, 10000,
	    "how many sessions it takes at once"),
	SLUG(net_resource, path, OPTIONAL,
	     "of a link: carrier or route, by which two are independent"));

MESSAGE(net_expert, "NetExpert", "An expert",
	SLUG(net_expert, id, REQUIRED, "their id"),
	STR(net_expert, name, REQUIRED, 1, 128, "their name"),
	SLUG(net_expert, home, REQUIRED, "the site where they are at home"),
	STR(net_expert, title, OPTIONAL, 1, 64, "their title"),
	SLUGS(net_expert, specialties, REQUIRED, FEW, "their specialties"),
	STRS(net_expert, modalities, OPTIONAL, 1, 64, FEW,
	     "what they read: ultrasound, CT, MRI"),
	STRS(net_expert, languages, OPTIONAL, 2, 35, FEW,
	     "what they speak (BCP 47)"),
	DATE(net_expert, independent_since, OPTIONAL,
	     "in independent practice since"),
	KINDS(net_expert, kinds, REQUIRED, "which kinds of service they give"),
	INT(net_expert, buffer_minutes, OPTIONAL, 0, 1440,
	    "the pause after each session, in minutes; absent: none"),
	INT(net_expert, cap_per_day, OPTIONAL, 1, 1000,
	    "the most sessions a day; absent: no limit"),
	OBJECTS(net_expert, credentials, OPTIONAL, net_credential, FEW,
		"what they must have, and until when"));

MESSAGE(net_pool, "NetPool", "A half-day that is filled from the queue",
	SLUG(net_pool, specialty, REQUIRED, "of which specialty"),
	INT(net_pool, threshold, REQUIRED, 1, 500,
	    "so many that wait for it open it"),
	INT(net_pool, notice_minutes, OPTIONAL, 0, 40320,
	    "... not later before its start than this; absent: 1440"),
	KINDMAP(net_pool, minutes, OPTIONAL, 1, 1440,
		"of a case, by kind; absent: as the kind has it"));

MESSAGE(net_rule, "NetRule", "When an expert or a resource is available",
	STR(net_rule, of, OPTIONAL, 1, 129,
	    "an expert or a resource; absent within a secondment"),
	STR(net_rule, rrule, REQUIRED, 1, 500, "the recurrence (RFC 5545)"),
	WALL(net_rule, start, REQUIRED, "where the first one begins"),
	WALL(net_rule, end, REQUIRED,
	     "when that one has ended; the next day is fine"),
	STR(net_rule, time_zone, REQUIRED, 1, 64, "of these times (IANA)"),
	REF(net_rule, at, OPTIONAL, "a resource that is claimed with it"),
	KINDS(net_rule, kinds, OPTIONAL,
	      "for which kinds; absent: all that are not booked by session"),
	INT(net_rule, slot_minutes, OPTIONAL, 5, 1440,
	    "a session of places, of so many minutes each"),
	BOOL(net_rule, on_holidays, OPTIONAL, "on holidays too"),
	DATES(net_rule, exdates, OPTIONAL, 1000, "days on which it is not"),
	DATES(net_rule, rdates, OPTIONAL, 1000, "days on which it is besides"),
	OBJECT(net_rule, pool, OPTIONAL, net_pool,
	       "an expert's half-day that is filled from the queue alone"));

MESSAGE(net_secondment, "NetSecondment", "An expert's stay at another site",
	SLUG(net_secondment, expert, REQUIRED, "who"),
	SLUG(net_secondment, site, REQUIRED, "where"),
	DATE(net_secondment, from, REQUIRED, "the first day"),
	DATE(net_secondment, to, REQUIRED, "the last day"),
	CHOICE(net_secondment, remote_requests, OPTIONAL, answers,
	       "whether they take requests of others meanwhile"),
	TEXT(net_secondment, note, OPTIONAL, 1, 1000, "for people"),
	OBJECTS(net_secondment, availability, OPTIONAL, net_rule, FEW,
		"when they are available there"));

MESSAGE(net_leave, "NetLeave",
	"An expert's leave, or a resource out of service",
	STR(net_leave, of, REQUIRED, 1, 129, "whose"),
	WALL(net_leave, start, REQUIRED, "when it begins"),
	WALL(net_leave, end, REQUIRED, "when it has ended"),
	STR(net_leave, time_zone, OPTIONAL, 1, 64,
	    "of these times (IANA); absent: of their site"),
	TEXT(net_leave, note, OPTIONAL, 1, 1000, "for people"));

MESSAGE(net_transfer, "NetTransfer", "The way between two places",
	STR(net_transfer, from, REQUIRED, 1, 129,
	    "a resource; or a site, for all its places"),
	STR(net_transfer, to, REQUIRED, 1, 129,
	    "another; or the same site, for ways within it"),
	INT(net_transfer, minutes, REQUIRED, 1, 1440, "how long it takes"));

MESSAGE(net_shift, "NetShift", "A day that works as another weekday",
	DATE(net_shift, date, REQUIRED, "the day"),
	CHOICE(net_shift, works_as, REQUIRED, weekdays, "as which weekday"));

MESSAGE(net_calendar, "NetCalendar", "Holidays and shifted workdays",
	DATES(net_calendar, days_off, OPTIONAL, 5000, "the days off"),
	OBJECTS(net_calendar, shifted_workdays, OPTIONAL, net_shift, 5000,
		"the days that work as another weekday"));

MESSAGE(network, "Network", "A network of hospitals, whole",
	INT(network, version, REQUIRED, 1, 1, "of this format"),
	TEXT(network, note, OPTIONAL, 1, 4000, "for people"),
	OBJECTS(network, sites, REQUIRED, net_site, MANY, "the hospitals"),
	MAP(network, calendars, OPTIONAL, net_calendar, 1000,
	    "calendars by name"),
	MAP(network, limit_sets, OPTIONAL, net_limits, 1000,
	    "limit sets by name"),
	OBJECTS(network, agreements, REQUIRED, net_agreement, MANY,
		"the agreements"),
	OBJECTS(network, resources, REQUIRED, net_resource, MANY,
		"the resources"),
	OBJECTS(network, experts, REQUIRED, net_expert, MANY, "the experts"),
	OBJECTS(network, availability, REQUIRED, net_rule, MANY,
		"when experts and resources are available"),
	OBJECTS(network, secondments, OPTIONAL, net_secondment, MANY,
		"the stays at other sites"),
	OBJECTS(network, leave, OPTIONAL, net_leave, MANY,
		"when who is on leave, and what is out of service"),
	OBJECTS(network, transfers, OPTIONAL, net_transfer, MANY,
		"the ways between places"),
	OBJECTS(network, on_call, OPTIONAL, net_roster, 2000,
		"who is on call at a lead"));
