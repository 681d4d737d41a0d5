#include "proto/messages_out.h"

#include "proto/rows.h"

/* What we write ourselves is bounded all the same: a client reads it with
 * these tables, and the schema promises it. */
#define MANY 20000
#define LIST_MAX 200
#define BLOCKERS_MAX 10000
#define DETAIL_MAX 2000
#define CHANGES_MAX 1000

MESSAGE(whoami, "Whoami", "Who the caller is to the service",
	STR(whoami, name, REQUIRED, 1, 128, "who it is, for people"),
	WORD(whoami, role, REQUIRED, role, ROLE, "what they may do"),
	SLUG(whoami, site, OPTIONAL, "where they belong"),
	STR(whoami, site_name, OPTIONAL, 1, 128, "that site's name"),
	SLUG(whoami, expert, OPTIONAL, "which expert they are"),
	STR(whoami, time_zone, OPTIONAL, 1, 64, "that site's time zone"),
	TIME(whoami, certificate_not_after, OPTIONAL,
	     "when the certificate in use ends"),
	TIME(whoami, now, REQUIRED, "the service's clock"));

MESSAGE(event, "Event", "One line of the event log",
	COUNT(event, seq, REQUIRED, "its number in the log"),
	TIME(event, at, REQUIRED, "when it happened"),
	STR(event, actor, REQUIRED, 1, 128, "who did it"),
	SLUG(event, actor_site, OPTIONAL, "where they belong"),
	STR(event, verb, REQUIRED, 1, 64, "what was done"),
	STR(event, from_state, OPTIONAL, 1, 32, "the state before"),
	STR(event, to_state, OPTIONAL, 1, 32, "the state after"),
	TEXT(event, reason, SECRET, 1, 1000, "why, when it was said"));

MESSAGE(request, "Request", "What a partner asked of its lead",
	CODE(request, code, REQUIRED, "its code"),
	WORD(request, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(request, status, REQUIRED, request_status, REQUEST,
	     "where it is on its way"),
	WORD(request, urgency, REQUIRED, urgency, URGENCY,
	     "how soon it is needed"),
	SLUG(request, agreement, REQUIRED, "the agreement it falls under"),
	SLUG(request, lead, REQUIRED, "the site that is asked"),
	SLUG(request, partner, REQUIRED, "the site that asks"),
	SLUG(request, specialty, OPTIONAL, "the specialty wanted"),
	SLUG(request, expert, OPTIONAL, "the expert wanted or assigned"),
	STR(request, title, OPTIONAL, 1, 64, "the title wanted"),
	STR(request, modality, OPTIONAL, 1, 64, "what is to be read"),
	STRS(request, languages, OPTIONAL, 2, 35, 8,
	     "what the expert must speak"),
	SLUG(request, surgeon, OPTIONAL, "the partner's surgeon who operates"),
	COUNT(request, duration_minutes, OPTIONAL,
	      "how long it takes, in minutes"),
	COUNT(request, before_minutes, OPTIONAL,
	      "how long before it the operation begins"),
	COUNT(request, after_minutes, OPTIONAL,
	      "how long after it the operation ends"),
	OBJECTS(request, wanted, REQUIRED, interval, 16, "times that suit"),
	TIME(request, submitted_at, REQUIRED, "when it was submitted"),
	COUNT(request, version, REQUIRED, "rises with every change"),
	CODE(request, booking, OPTIONAL, "its live booking or hold"),
	TEXT(request, reason, SECRET, 1, 1000, "why the patient needs it"),
	TEXT(request, purpose, SECRET, 1, 1000, "what the session shall bring"),
	OBJECT(request, patient, SECRET, patient, "whom it is about"),
	OBJECTS(request, history, OPTIONAL, event, MANY,
		"everything that was done with it, oldest first"),
	OBJECTS(request, reads, OPTIONAL, event, READS_MAX,
		"to auditors: who read it, oldest first"),
	COUNT(request, reads_more, OPTIONAL,
	      "earlier ones that are not listed"));

MESSAGE(claim, "Claim", "Who or what a booking holds, and for how long",
	STR(claim, subject, OPTIONAL, 1, 129,
	    "an expert or a resource; absent: the patient, or a third site's"),
	WORD(claim, role, REQUIRED, claim_role, CLAIM, "as what"),
	TIME(claim, from, REQUIRED, "when it begins"),
	TIME(claim, to, REQUIRED, "when it has ended"));

MESSAGE(booking, "Booking", "A time with all its participants",
	CODE(booking, code, REQUIRED, "its code"),
	CODE(booking, request, OPTIONAL, "the request that it answers"),
	WORD(booking, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(booking, status, REQUIRED, booking_status, BOOKING,
	     "where it is on its way; pending: a hold"),
	SLUG(booking, agreement, REQUIRED, "the agreement it falls under"),
	SLUG(booking, lead, REQUIRED, "the site that gives the service"),
	SLUG(booking, partner, REQUIRED, "the site that receives it"),
	SLUG(booking, expert, OPTIONAL, "who does it"),
	TIME(booking, from, REQUIRED, "when the expert's part begins"),
	TIME(booking, to, REQUIRED, "when the expert's part has ended"),
	STR(booking, time_zone, OPTIONAL, 1, 64,
	    "the time zone of the lead's place"),
	COUNT(booking, before_minutes, OPTIONAL,
	      "how long before it the operation begins"),
	COUNT(booking, after_minutes, OPTIONAL,
	      "how long after it the operation ends"),
	TIME(booking, hold_until, OPTIONAL,
	     "when the hold lapses; of a hold only"),
	TIME(booking, arrived_at, OPTIONAL, "when somebody said they came"),
	TIME(booking, started_at, OPTIONAL, "when it began in fact"),
	TIME(booking, finished_at, OPTIONAL, "when it ended in fact"),
	WORD(booking, absent, OPTIONAL, absent, ABSENT, "who did not come"),
	COUNT(booking, sequence, REQUIRED, "rises with every move"),
	COUNT(booking, version, REQUIRED, "rises with every change"),
	OBJECTS(booking, claims, REQUIRED, claim, 64, "what it holds"),
	TEXT(booking, reason, SECRET, 1, 1000, "why it was cancelled"),
	OBJECT(booking, patient, SECRET, patient,
	       "whom it is about, where there is no request"),
	OBJECTS(booking, history, OPTIONAL, event, MANY,
		"everything that was done with it, oldest first"),
	OBJECTS(booking, reads, OPTIONAL, event, READS_MAX,
		"to auditors: who read it, oldest first"),
	COUNT(booking, reads_more, OPTIONAL,
	      "earlier ones that are not listed"));

MESSAGE(request_list, "RequestList", "Requests, the latest first",
	OBJECTS(request_list, items, REQUIRED, request, LIST_MAX,
		"the requests"),
	STR(request_list, next, OPTIONAL, 1, 256,
	    "the cursor to go on with; absent at the end"));

MESSAGE(booking_list, "BookingList", "Bookings, the earliest first",
	OBJECTS(booking_list, items, REQUIRED, booking, LIST_MAX,
		"the bookings"),
	STR(booking_list, next, OPTIONAL, 1, 256,
	    "the cursor to go on with; absent at the end"));

MESSAGE(blocker, "Blocker", "One reason why a time does not do",
	STR(blocker, subject, OPTIONAL, 1, 129,
	    "who or what; absent: a rule of the agreement"),
	WORD(blocker, role, OPTIONAL, claim_role, CLAIM,
	     "as what it is needed"),
	WORD(blocker, reason, REQUIRED, block, BLOCK, "what is in the way"),
	TIME(blocker, from, OPTIONAL, "since when"),
	TIME(blocker, to, OPTIONAL, "until when"),
	STR(blocker, rule, OPTIONAL, 1, 400,
	    "the rule that says so, in its own words"),
	STR(blocker, detail, OPTIONAL, 1, DETAIL_MAX, "a sentence"));

MESSAGE(slot, "Slot", "A time that would do",
	TIME(slot, from, REQUIRED, "when it would begin"),
	TIME(slot, to, REQUIRED, "when it would have ended"),
	SLUG(slot, expert, REQUIRED, "who would do it"),
	STR(slot, expert_name, OPTIONAL, 1, 128, "their name"),
	SLUG(slot, agreement, OPTIONAL,
	     "the agreement under which it would be booked"),
	STR(slot, time_zone, OPTIONAL, 1, 64,
	    "the time zone of the lead's place"),
	TIME(slot, operation_from, OPTIONAL,
	     "when the operation begins, where it is longer"),
	TIME(slot, operation_to, OPTIONAL,
	     "when the operation has ended, where it is longer"),
	REFS(slot, with, REQUIRED, 64, "the resources that would be claimed"));

MESSAGE(slots, "Slots", "The times that would do",
	OBJECTS(slots, slots, REQUIRED, slot, 100, "the earliest first"),
	OBJECTS(slots, blockers, OPTIONAL, blocker, BLOCKERS_MAX,
		"why there are none, when that was asked"),
	INT(slots, blockers_more, OPTIONAL, 1, INT64_MAX,
	    "how many reasons there are beyond those"));

MESSAGE(entry, "Entry", "One span of a schedule that is taken",
	TIME(entry, from, REQUIRED, "when it begins"),
	TIME(entry, to, REQUIRED, "when it has ended"),
	WORD(entry, status, OPTIONAL, booking_status, BOOKING,
	     "where it is on its way; absent: busy is all you may see"),
	WORD(entry, role, OPTIONAL, claim_role, CLAIM, "as what"),
	CODE(entry, booking, OPTIONAL, "the booking"),
	CODE(entry, request, OPTIONAL, "the request"),
	WORD(entry, kind, OPTIONAL, kind, KIND, "the kind of service"),
	SLUG(entry, partner, OPTIONAL, "the site that receives the service"),
	SLUG(entry, lead, OPTIONAL, "the site that gives the service"),
	SLUG(entry, expert, OPTIONAL, "who does it"),
	REF(entry, place, OPTIONAL, "where: of a site its own room"));

MESSAGE(open, "Open", "One span of a schedule that is offered",
	TIME(open, from, REQUIRED, "when it begins"),
	TIME(open, to, REQUIRED, "when it has ended"),
	REF(open, place, OPTIONAL, "where"),
	KINDS(open, kinds, REQUIRED, "for which kinds of service"),
	COUNT(open, slot_minutes, OPTIONAL,
	      "a session of places, of so many minutes each"));

MESSAGE(schedule, "Schedule", "What an expert, resource or site has to do",
	STR(schedule, subject, REQUIRED, 1, 129, "whose schedule it is"),
	STR(schedule, name, OPTIONAL, 1, 128, "their name"),
	STR(schedule, time_zone, REQUIRED, 1, 64, "the time zone there"),
	TIME(schedule, from, REQUIRED, "when the part begins"),
	TIME(schedule, to, REQUIRED, "when it has ended"),
	OBJECTS(schedule, entries, REQUIRED, entry, MANY,
		"what is taken, by time"),
	OBJECTS(schedule, open, REQUIRED, open, MANY,
		"what is offered, by time"));

MESSAGE(import_count, "ImportCount", "What an import did to one part",
	STR(import_count, part, REQUIRED, 1, 32, "sites, experts, ..."),
	COUNT(import_count, created, REQUIRED, "new ones"),
	COUNT(import_count, changed, REQUIRED, "changed ones"),
	COUNT(import_count, unchanged, REQUIRED, "those as before"),
	COUNT(import_count, removed, REQUIRED, "those gone"));

MESSAGE(import_change, "ImportChange", "One thing that an import changes",
	STR(import_change, part, REQUIRED, 1, 32, "sites, experts, ..."),
	STR(import_change, id, REQUIRED, 1, 300, "its id, or whose it is"),
	STR(import_change, change, REQUIRED, 1, 16,
	    "created, changed or removed"));

MESSAGE(orphan, "Orphan",
	"A booking that the network as imported does not allow any more",
	CODE(orphan, booking, REQUIRED, "its code"),
	WORD(orphan, kind, REQUIRED, kind, KIND, "the kind of service"),
	SLUG(orphan, expert, OPTIONAL, "who does it"),
	SLUG(orphan, lead, REQUIRED, "the site that gives the service"),
	SLUG(orphan, partner, REQUIRED, "the site that receives it"),
	TIME(orphan, from, REQUIRED, "when it begins"),
	TIME(orphan, to, REQUIRED, "when it has ended"),
	OBJECTS(orphan, blockers, REQUIRED, blocker, BLOCKERS_MAX,
		"why it is not allowed"));

MESSAGE(import_report, "ImportReport", "What an import did, or would do",
	BOOL(import_report, dry_run, REQUIRED,
	     "it was but tried: nothing is stored"),
	OBJECTS(import_report, parts, REQUIRED, import_count, 16,
		"part by part"),
	OBJECTS(import_report, changes, REQUIRED, import_change, CHANGES_MAX,
		"what is not as before; parts count all, these are the first"),
	COUNT(import_report, orphaned, REQUIRED,
	      "how many bookings to come are not allowed any more"),
	OBJECTS(import_report, orphans, REQUIRED, orphan, LIST_MAX,
		"the first of them"),
	STRS(import_report, warnings, REQUIRED, 1, DETAIL_MAX, MANY,
	     "what is allowed but looks like a mistake"));

MESSAGE(log_report, "LogReport", "Whether the event log is whole",
	BOOL(log_report, ok, REQUIRED, "the chain holds from end to end"),
	COUNT(log_report, events, REQUIRED, "how many were read"),
	COUNT(log_report, first_bad, OPTIONAL,
	      "the first event that does not fit; absent when all do"),
	STR(log_report, epoch, OPTIONAL, 1, 64,
	    "which life of the database it is"),
	STR(log_report, head, OPTIONAL, 1, 128,
	    "the last hash, in hex: keep it elsewhere"),
	STR(log_report, detail, OPTIONAL, 1, DETAIL_MAX, "a sentence"));

MESSAGE(fault, "Fault", "One thing that is wrong with a message",
	STR(fault, pointer, REQUIRED, 0, 2048,
	    "where: a JSON pointer (RFC 6901), or # and a parameter's name"),
	STR(fault, detail, REQUIRED, 1, DETAIL_MAX, "what"));

MESSAGE(problem, "Problem", "Why it was refused (RFC 9457)",
	STR(problem, type, REQUIRED, 1, 256, "the error, as a URI"),
	STR(problem, title, REQUIRED, 1, 128, "the error, for people"),
	INT(problem, status, REQUIRED, 100, 599, "the HTTP status"),
	STR(problem, detail, OPTIONAL, 1, DETAIL_MAX, "what happened here"),
	STR(problem, code, REQUIRED, 1, 64, "the error, for programs"),
	STR(problem, request_id, OPTIONAL, 1, 64,
	    "what to name when asking for help"),
	OBJECTS(problem, errors, OPTIONAL, fault, FIELD_FAULTS_MAX,
		"everything that is wrong with the message"),
	OBJECTS(problem, blockers, OPTIONAL, blocker, BLOCKERS_MAX,
		"everything that stands in the way of the time"),
	INT(problem, blockers_more, OPTIONAL, 1, INT64_MAX,
	    "how many reasons there are beyond those"),
	OBJECTS(problem, nearest, OPTIONAL, slot, 100,
		"the nearest times that would do"));

MESSAGE(health, "Health", "Whether the service can serve",
	STR(health, status, REQUIRED, 1, 16, "ok or unready"),
	STR(health, detail, OPTIONAL, 1, DETAIL_MAX, "what is missing"));
