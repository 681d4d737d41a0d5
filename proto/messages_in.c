#include "proto/messages_in.h"

#include "proto/rows.h"

#define BED_MAX 180 /* days */

#define DURATION_MIN 5
#define DURATION_MAX 1440
#define WITH_MAX 16
#define HOLD_MAX 30

/* BCP 47, RFC 5646: as in the network file. */
#define LANGUAGES(s, text) STRS(s, languages, OPTIONAL, 2, 35, 8, text)
/* daemon/work/beside.h; as many as a session may have besides the first. */
#define ALSO(s, text) STRS(s, also, OPTIONAL, 3, 400, 7, text)
#define AROUND_ROWS(s)                                                         \
	INT(s, before_minutes, OPTIONAL, 0, DURATION_MAX,                      \
	    "how long before it the operation begins, in minutes"),            \
		INT(s, after_minutes, OPTIONAL, 0, DURATION_MAX,               \
		    "how long after it the operation ends, in minutes")

static const char agreement_help[] =
	"the agreement it falls under; absent: the only one that fits";

MESSAGE(interval, "Interval", "A span of time, from included, to excluded",
	TIME(interval, from, REQUIRED, "when it begins"),
	TIME(interval, to, REQUIRED, "when it has ended"));

MESSAGE(patient, "Patient",
	"A patient, seen by the two sites of the agreement alone",
	STR(patient, local_id, REQUIRED | SECRET, 1, 64,
	    "the partner's own number for the patient"),
	STR(patient, name, REQUIRED | SECRET, 1, 128, "the patient's name"),
	TEXT(patient, summary, SECRET, 1, 4000, "summary of the record"));

MESSAGE(request_new, "RequestNew", "What a partner asks of its lead",
	WORD(request_new, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(request_new, mode, OPTIONAL, mode, MODE,
	     "of an imaging consultation: with a meeting or without one;"
	     " absent: live"),
	SLUG(request_new, site, REQUIRED, "the partner that asks"),
	SLUG(request_new, agreement, OPTIONAL, agreement_help),
	WORD(request_new, urgency, OPTIONAL, urgency, URGENCY,
	     "how soon it is needed; absent: routine"),
	TEXT(request_new, reason, REQUIRED | SECRET, 1, 1000,
	     "why the patient needs it"),
	TEXT(request_new, purpose, SECRET, 1, 1000,
	     "what the session shall bring"),
	SLUG(request_new, specialty, OPTIONAL, "the specialty wanted"),
	SLUG(request_new, expert, OPTIONAL, "the expert wanted"),
	STR(request_new, title, OPTIONAL, 1, 64,
	    "the title that the expert should have"),
	STR(request_new, modality, OPTIONAL, 1, 64,
	    "what is to be read: ultrasound, CT, MRI"),
	LANGUAGES(request_new, "what the expert must speak (BCP 47)"),
	ALSO(request_new,
	     "a further expert each, as specialty=imaging,modality=mri"),
	SLUG(request_new, surgeon, OPTIONAL,
	     "the partner's surgeon who operates, one of its experts"),
	INT(request_new, duration_minutes, OPTIONAL, DURATION_MIN, DURATION_MAX,
	    "how long, in minutes; absent: as the kind takes"),
	AROUND_ROWS(request_new),
	SLUG(request_new, to, OPTIONAL,
	     "of a referral: who takes the patient; absent: the lead"),
	CODE(request_new, of, OPTIONAL,
	     "of a referral: the request that it comes from"),
	OBJECTS(request_new, wanted, OPTIONAL, interval, 16,
		"times that suit, the best first"),
	TIME(request_new, door_at, OPTIONAL,
	     "of an emergency: when the patient came"),
	OBJECT(request_new, patient, REQUIRED | SECRET, patient,
	       "whom it is about"),
	OBJECT(request_new, accompanied_by, SECRET, physician,
	       "the physician who accompanies the patient"),
	OBJECTS(request_new, attachments, SECRET, attachment, ATTACHMENTS_MAX,
		"pictures and documents, by reference"));

MESSAGE(accept, "Accept", "A request is taken on",
	SLUG(accept, expert, OPTIONAL, "the expert who is to do it"),
	INT(accept, duration_minutes, OPTIONAL, DURATION_MIN, DURATION_MAX,
	    "corrects how long it takes, in minutes"));

MESSAGE(assign, "Assign", "Another expert is to do it",
	SLUG(assign, expert, REQUIRED, "the expert who is to do it now"),
	TEXT(assign, reason, SECRET, 1, 1000, "why"));

#define WHY_ROW(s)                                                             \
	WORD(s, reason_code, OPTIONAL, why, WHY,                               \
	     "the same as one word, for who counts them")

MESSAGE_OF(reason, decline, "Decline", "A request is not taken on",
	   TEXT(reason, reason, REQUIRED | SECRET, 1, 1000,
		"why, for the partner"),
	   WHY_ROW(reason));

MESSAGE_OF(reason, withdraw, "Withdraw", "A request is taken back",
	   TEXT(reason, reason, REQUIRED | SECRET, 1, 1000,
		"why, for the lead"),
	   WHY_ROW(reason));

MESSAGE_OF(reason, cancel, "Cancel", "A booking is called off",
	   TEXT(reason, reason, REQUIRED | SECRET, 1, 1000,
		"why, for the other side"),
	   WHY_ROW(reason));

#define BEYOND_ROW(s)                                                          \
	BOOL(s, beyond_end, OPTIONAL,                                          \
	     "even beyond the agreement's end: a lead coordinator's word")

#define BOOK_ROWS                                                              \
	CODE(book, request, OPTIONAL,                                          \
	     "the code of an accepted request; or else a kind"),               \
		WORD(book, kind, OPTIONAL, kind, KIND,                         \
		     "a kind that is booked without a request"),               \
		TIME(book, at, REQUIRED, "when it is to begin"),               \
		SLUG(book, expert, OPTIONAL,                                   \
		     "the expert; absent: the one assigned"),                  \
		INT(book, duration_minutes, OPTIONAL, DURATION_MIN,            \
		    DURATION_MAX,                                              \
		    "how long, in minutes; absent: as the request says"),      \
		AROUND_ROWS(book),                                             \
		REFS(book, with, OPTIONAL, WITH_MAX,                           \
		     "resources that must take part"),                         \
		ALSO(book, "further experts, each as expert=imaging-1"),       \
		SLUG(book, site, OPTIONAL,                                     \
		     "with a kind: the partner; absent: the caller's site"),   \
		SLUG(book, agreement, OPTIONAL, agreement_help),               \
		SLUG(book, specialty, OPTIONAL,                                \
		     "with a kind: any expert of this specialty"),             \
		STR(book, title, OPTIONAL, 1, 64,                              \
		    "with a kind: the title that the expert should have"),     \
		STR(book, modality, OPTIONAL, 1, 64,                           \
		    "with a kind: what the expert must read"),                 \
		LANGUAGES(book, "with a kind: what the expert must speak"),    \
		OBJECT(book, patient, SECRET, patient,                         \
		       "with a kind: whom it is about"),                       \
		INT(book, bed_days, OPTIONAL, 1, BED_MAX,                      \
		    "of a referral: a bed for so many days, and no expert"),   \
		BEYOND_ROW(book),                                              \
		TEXT(book, overbook, SECRET, 1, 1000,                          \
		     "behind a session's last place, and why: the lead's")

MESSAGE(book, "Book", "A time for an accepted request, or for a kind",
	BOOK_ROWS);

MESSAGE_OF(book, hold, "Hold", "A time kept for a few minutes, for who took it",
	   BOOK_ROWS,
	   INT(book, hold_minutes, OPTIONAL, 1, HOLD_MAX,
	       "for how many minutes; absent: 5"));

MESSAGE(move, "Move", "Another time for a booking",
	TIME(move, at, REQUIRED, "when it is to begin now"),
	SLUG(move, expert, OPTIONAL, "another expert; absent: the same"),
	INT(move, duration_minutes, OPTIONAL, DURATION_MIN, DURATION_MAX,
	    "another length, in minutes; absent: the same"),
	AROUND_ROWS(move),
	INT(move, bed_days, OPTIONAL, 1, BED_MAX,
	    "of a bed: for so many days now; absent: the same"),
	REFS(move, with, OPTIONAL, WITH_MAX,
	     "resources that must take part; absent: those named before"),
	ALSO(move,
	     "other further experts, as expert=imaging-1; absent: the same"),
	BEYOND_ROW(move));

const struct msg msg_empty_table = {"Empty", "Nothing: an empty object",
				    sizeof(struct msg_empty),
				    (const struct field[]){{.name = NULL}}};

MESSAGE(slots_query, "SlotsQuery", "Which times would do",
	WORD(slots_query, kind, OPTIONAL, kind, KIND,
	     "the kind of service; absent: the request's"),
	CODE(slots_query, request, OPTIONAL,
	     "a request, instead of what it says: kind, partner, specialty"
	     " ..."),
	SLUG(slots_query, site, OPTIONAL,
	     "the partner; absent: the caller's site"),
	SLUG(slots_query, agreement, OPTIONAL, agreement_help),
	SLUG(slots_query, expert, OPTIONAL, "this expert and no other"),
	SLUG(slots_query, specialty, OPTIONAL, "any expert of this specialty"),
	STR(slots_query, title, OPTIONAL, 1, 64,
	    "an expert of this title or a higher one"),
	STR(slots_query, modality, OPTIONAL, 1, 64,
	    "an expert who reads this: ultrasound, CT, MRI"),
	LANGUAGES(slots_query, "an expert who speaks it; may be repeated"),
	SLUG(slots_query, surgeon, OPTIONAL,
	     "the partner's surgeon, who must be free"),
	TIME(slots_query, from, OPTIONAL, "not before; absent: now"),
	TIME(slots_query, to, OPTIONAL,
	     "beginning before then; absent: 14 days on"),
	INT(slots_query, duration_minutes, OPTIONAL, DURATION_MIN, DURATION_MAX,
	    "how long, in minutes; absent: as the kind takes"),
	AROUND_ROWS(slots_query),
	REFS(slots_query, with, OPTIONAL, WITH_MAX,
	     "a resource that must take part; may be repeated"),
	ALSO(slots_query,
	     "one more expert, as specialty=imaging; may be repeated"),
	INT(slots_query, bed_days, OPTIONAL, 1, BED_MAX,
	    "of a referral: a bed for so many days, and no expert"),
	INT(slots_query, n, OPTIONAL, 1, 100, "how many times; absent: 10"),
	BOOL(slots_query, overbook, OPTIONAL,
	     "places behind the last of their session, too"),
	BOOL(slots_query, why_not, OPTIONAL,
	     "when there are none, say what is in the way of the first"),
	BOOL(slots_query, explain, OPTIONAL,
	     "when there are none, say what took them and what would help"));

MESSAGE(list_query, "ListQuery", "Which requests or bookings",
	STR(list_query, status, OPTIONAL, 1, 32, "in this state only"),
	SLUG(list_query, site, OPTIONAL, "of this site, on either side"),
	SLUG(list_query, expert, OPTIONAL, "with this expert"),
	WORD(list_query, kind, OPTIONAL, kind, KIND, "of this kind"),
	TIME(list_query, from, OPTIONAL,
	     "submitted (requests) or beginning (bookings) from then on"),
	TIME(list_query, to, OPTIONAL,
	     "submitted (requests) or beginning (bookings) before then"),
	INT(list_query, limit, OPTIONAL, 1, 200,
	    "how many in one answer; absent: 50"),
	STR(list_query, cursor, OPTIONAL, 1, 256,
	    "where to go on, from the answer before"));

MESSAGE(schedule_query, "ScheduleQuery", "Which part of a schedule",
	TIME(schedule_query, from, OPTIONAL,
	     "from then on; absent: from Monday of this week there"),
	TIME(schedule_query, to, OPTIONAL,
	     "before then; absent: a week after from"));
