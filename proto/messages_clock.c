#include "proto/messages_clock.h"

#include "proto/rows.h"

#define WORKLIST_MAX 200
#define ROWS_MAX 100000

static const char *const what_names[] = {"answer", "start", "opinion",
					 "consent", "check"};
static const struct words whats = {"promise", what_names, 5};

MESSAGE(late, "Late", "A time that is promised and runs out",
	CODE(late, code, REQUIRED, "of the request"),
	CHOICE(late, what, REQUIRED, whats, "what is waited for"),
	WORD(late, check, OPTIONAL, check, CHECK,
	     "of a check: the first that nobody looked at"),
	CODE(late, booking, OPTIONAL, "of a check: of that booking"),
	SLUG(late, site, OPTIONAL, "of a check: at that end"),
	WORD(late, state, REQUIRED, clock, CLOCK, "running, or late"),
	TIME(late, due, REQUIRED, "by when"),
	TIME(late, since, REQUIRED, "since when it is waited for"),
	COUNT(late, limit_minutes, REQUIRED, "the time allowed"),
	WORD(late, kind, REQUIRED, kind, KIND, "the kind of service"),
	WORD(late, status, REQUIRED, request_status, REQUEST,
	     "how far the request is"),
	WORD(late, urgency, REQUIRED, urgency, URGENCY, "how urgent it is"),
	SLUG(late, lead, REQUIRED, "who was asked"),
	SLUG(late, partner, REQUIRED, "who asked"),
	SLUG(late, expert, OPTIONAL, "who is wished for, or assigned"),
	SLUGS(late, owes, REQUIRED, 64,
	      "who has to do it: experts (who have not signed), or the lead"));

MESSAGE(worklist, "Worklist", "What is late or about to be, first what is most",
	OBJECTS(worklist, items, REQUIRED, late, WORKLIST_MAX, "the times"),
	STR(worklist, next, OPTIONAL, 1, 256, "the cursor of the next page"));

static const char *const format_names[] = {"json", "csv"};
static const struct words formats = {"format", format_names, 2};

#define SPAN_ROWS                                                              \
	TIME(report_query, from, OPTIONAL,                                     \
	     "from then on; absent: 30 days before its end"),                  \
		TIME(report_query, to, OPTIONAL, "before then; absent: now"),  \
		WORD(report_query, kind, OPTIONAL, kind, KIND,                 \
		     "of this kind only"),                                     \
		CHOICE(report_query, format, OPTIONAL, formats,                \
		       "csv: rows for a spreadsheet, as Accept can say too")

MESSAGE(report_query, "ReportQuery", "What a report is about", SPAN_ROWS,
	SLUG(report_query, site, OPTIONAL, "of this site on either side"),
	SLUG(report_query, expert, OPTIONAL, "of this expert"),
	BYS(report_query, by, OPTIONAL,
	    "what rows are told apart by; absent: as the report does"));

MESSAGE_OF(report_query, report_span, "ReportSpan",
	   "About which time a report is", SPAN_ROWS);

#define OF_ONE "how many were promised, but those nobody waits for any more"
#define IN_TIME "how many of them were kept in time"
#define LATE "how many of them were kept too late, or are late still"
#define MEDIAN                                                                 \
	"what half of those kept took at most, of the time that limits count"
#define P90 "what nine of ten took at most, of the time that limits count"

MESSAGE(answers, "Answers", "How promises were kept, between two or by one",
	SLUG(answers, lead, OPTIONAL, "who was asked; absent: an expert's"),
	SLUG(answers, partner, OPTIONAL, "who asked; absent: an expert's"),
	SLUG(answers, expert, OPTIONAL, "the expert; absent: of two sites"),
	COUNT(answers, answers, REQUIRED, OF_ONE),
	COUNT(answers, answers_in_time, REQUIRED, IN_TIME),
	COUNT(answers, answers_late, REQUIRED, LATE),
	COUNT(answers, answer_median_minutes, OPTIONAL, MEDIAN),
	COUNT(answers, answer_p90_minutes, OPTIONAL, P90),
	COUNT(answers, starts, REQUIRED, OF_ONE),
	COUNT(answers, starts_in_time, REQUIRED, IN_TIME),
	COUNT(answers, starts_late, REQUIRED, LATE),
	COUNT(answers, start_median_minutes, OPTIONAL, MEDIAN),
	COUNT(answers, start_p90_minutes, OPTIONAL, P90),
	COUNT(answers, opinions, REQUIRED, OF_ONE),
	COUNT(answers, opinions_in_time, REQUIRED, IN_TIME),
	COUNT(answers, opinions_late, REQUIRED, LATE),
	COUNT(answers, opinion_median_minutes, OPTIONAL, MEDIAN),
	COUNT(answers, opinion_p90_minutes, OPTIONAL, P90));

MESSAGE(report_answers, "ReportAnswers",
	"How promises were kept, by pairs of sites and by experts",
	TIME(report_answers, from, REQUIRED, "of what began from then on"),
	TIME(report_answers, to, REQUIRED, "and before then"),
	OBJECTS(report_answers, items, REQUIRED, answers, ROWS_MAX,
		"pairs of sites, then experts"));
