#include "proto/messages_referral.h"

#include "proto/rows.h"

#define TEXT_MAX 4000
#define ENTRIES_MAX 5000

MESSAGE(course_new, "CourseNew", "How it went on with a patient",
	WORD(course_new, what, REQUIRED, course, COURSE, "what happened"),
	TIME(course_new, at, OPTIONAL, "when; absent: now"),
	TEXT(course_new, text, REQUIRED | SECRET, 1, TEXT_MAX,
	     "for the site that sent the patient"));

MESSAGE(course_entry, "CourseEntry", "How it went on with a patient",
	WORD(course_entry, what, REQUIRED, course, COURSE, "what happened"),
	TIME(course_entry, at, REQUIRED, "when"),
	TIME(course_entry, said_at, REQUIRED, "when it was written"),
	SLUG(course_entry, site, REQUIRED, "which site wrote it"),
	STR(course_entry, by, REQUIRED, 1, 128, "who"),
	TEXT(course_entry, text, SECRET, 1, TEXT_MAX, "in words"));

MESSAGE(course, "Course", "How it goes on with a patient who was referred",
	CODE(course, request, REQUIRED, "the referral"),
	WORD(course, status, REQUIRED, request_status, REQUEST,
	     "where it is on its way"),
	CODE(course, booking, OPTIONAL, "its live booking"),
	TIME(course, arrived_at, OPTIONAL, "when they arrived"),
	TIME(course, started_at, OPTIONAL, "when it began"),
	TIME(course, finished_at, OPTIONAL, "when it was over"),
	OBJECTS(course, entries, REQUIRED, course_entry, ENTRIES_MAX,
		"by when it was"));
