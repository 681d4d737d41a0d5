#include "proto/messages_asking.h"

#include "proto/messages_in.h"
#include "proto/rows.h"

#define LIST_MAX 200
#define BEYOND_MAX 200
#define FEW 64

MESSAGE(ask, "Ask", "What a request lacks; asked once",
	TEXT(ask, missing, REQUIRED | SECRET, 1, 1000,
	     "what is missing, for the partner"));

MESSAGE(supplement, "Supplement", "What was asked for, by the partner",
	TEXT(supplement, note, SECRET, 1, 1000, "what was added, for the lead"),
	TEXT(supplement, reason, SECRET, 1, 1000,
	     "instead of the one there was: why the patient needs it"),
	TEXT(supplement, purpose, SECRET, 1, 1000,
	     "instead of the one there was: what the session shall bring"),
	TEXT(supplement, summary, SECRET, 1, 4000,
	     "instead of the one there was: the summary of the record"),
	SLUG(supplement, specialty, OPTIONAL, "another specialty"),
	STR(supplement, title, OPTIONAL, 1, 64,
	    "another title that the expert should have"),
	STR(supplement, modality, OPTIONAL, 1, 64, "what is to be read"),
	OBJECTS(supplement, wanted, OPTIONAL, interval, 16,
		"times that suit, instead of those there were"),
	OBJECT(supplement, accompanied_by, SECRET, physician,
	       "who accompanies the patient"),
	OBJECTS(supplement, attachments, SECRET, attachment, ATTACHMENTS_MAX,
		"pictures and documents besides those there are"),
	BOOL(supplement, replace_attachments, OPTIONAL,
	     "the attachments are all there are, instead of besides"));

MESSAGE(earlier, "Earlier", "What a request said until that was replaced",
	TIME(earlier, until, REQUIRED, "when it was replaced"),
	STR(earlier, by, REQUIRED, 1, 128, "by whom"),
	TEXT(earlier, reason, SECRET, 1, 1000, "why the patient needs it"),
	TEXT(earlier, purpose, SECRET, 1, 1000, "what the session shall bring"),
	TEXT(earlier, summary, SECRET, 1, 4000, "summary of the record"),
	OBJECTS(earlier, wanted, OPTIONAL, interval, 16, "times that suited"),
	OBJECT(earlier, accompanied_by, SECRET, physician,
	       "who was to accompany the patient"),
	OBJECTS(earlier, attachments, SECRET, attachment, ATTACHMENTS_MAX,
		"pictures and documents"));

MESSAGE(agreement_query, "AgreementQuery", "Which agreements",
	SLUG(agreement_query, site, OPTIONAL, "of this site, on either side"),
	INT(agreement_query, limit, OPTIONAL, 1, LIST_MAX,
	    "how many in one answer; absent: 50"),
	STR(agreement_query, cursor, OPTIONAL, 1, 256,
	    "where to go on, from the answer before"));

MESSAGE(agreed_kind, "AgreedKind", "A kind that is agreed on",
	WORD(agreed_kind, kind, REQUIRED, kind, KIND, "the kind of service"),
	COUNT(agreed_kind, quota, OPTIONAL, "how many a month; absent: any"),
	COUNT(agreed_kind, used, REQUIRED,
	      "how many of this month, where the lead is"),
	COUNT(agreed_kind, left, OPTIONAL, "how many are left of it"));

MESSAGE(beyond, "Beyond", "A booking beyond its agreement's last day",
	CODE(beyond, booking, REQUIRED, "its code"),
	WORD(beyond, kind, REQUIRED, kind, KIND, "the kind of service"),
	SLUG(beyond, expert, OPTIONAL, "who does it"),
	TIME(beyond, from, REQUIRED, "when it begins"));

MESSAGE(agreement, "Agreement", "What a lead and a partner have agreed on",
	SLUG(agreement, id, REQUIRED, "its id"),
	STR(agreement, alliance, OPTIONAL, 1, 128,
	    "the alliance it belongs to"),
	SLUG(agreement, lead, REQUIRED, "the site that gives"),
	SLUG(agreement, partner, REQUIRED, "the site that receives"),
	DATE(agreement, valid_from, REQUIRED, "its first day"),
	DATE(agreement, valid_to, REQUIRED, "its last day"),
	BOOL(agreement, live, REQUIRED, "in force today, where the lead is"),
	COUNT(agreement, days_left, REQUIRED, "days that follow today"),
	SLUGS(agreement, specialties, OPTIONAL, FEW,
	      "for which specialties; none: for all"),
	OBJECTS(agreement, kinds, REQUIRED, agreed_kind, KIND_COUNT,
		"which kinds of service, and how much of them"),
	COUNT(agreement, lead_notice_minutes, REQUIRED,
	      "changed so long before its start by the lead it is in time"),
	COUNT(agreement, partner_notice_minutes, REQUIRED,
	      "the same of what the partner changes"),
	WORD(agreement, late_change, REQUIRED, late, LATE,
	     "what becomes of a later change"),
	NEEDS(agreement, requires, OPTIONAL, "what a request must have"),
	NEEDS(agreement, requires_emergency, OPTIONAL,
	      "what that of an emergency must have"),
	COUNT(agreement, supplement_minutes, REQUIRED,
	      "how long the partner has for a supplement"),
	COUNT(agreement, expiry_days, REQUIRED,
	      "how long an unserved request without times waits"),
	COUNT(agreement, receipt_minutes, REQUIRED,
	      "until the partner is reminded to confirm opinions"),
	COUNT(agreement, receipt_notices, REQUIRED,
	      "how often it is told, the last time to escalate"),
	COUNT(agreement, signing_slack_minutes, REQUIRED,
	      "by how much a signer's clock may be off"),
	COUNT(agreement, overbook_most, REQUIRED,
	      "places that the lead may give behind a session's last"),
	COUNT(agreement, fairness_weeks, REQUIRED,
	      "over how many weeks experts' hours are spread; 0: by name"),
	COUNT(agreement, night_call_minutes, REQUIRED,
	      "as how much work a call at night counts there"),
	OBJECTS(agreement, shares, OPTIONAL, net_share, FEW,
		"places of each session that are kept for the partner"),
	OBJECTS(agreement, beyond, OPTIONAL, beyond, BEYOND_MAX,
		"bookings beyond its last day, the first ones"),
	COUNT(agreement, beyond_all, REQUIRED, "how many there are"));

MESSAGE(agreement_list, "AgreementList", "Agreements, by id",
	OBJECTS(agreement_list, items, REQUIRED, agreement, LIST_MAX,
		"a page of them"),
	STR(agreement_list, next, OPTIONAL, 1, 256,
	    "the cursor of the next page"));
