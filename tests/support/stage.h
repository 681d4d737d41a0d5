/*
 * stage - a small world for the core in which everything is well on Monday
 * 2 December 2024 at 9:00 in Shanghai (1:00 UTC), stage->t; each test spoils
 * one thing or a few, and asks.
 */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include "daemon/core/decide.h"

#define HOUR 3600
#define MIN 60
#define LEAD 1
#define PARTNER 2

enum { EXPERT = 10, PATIENT = 11, STUDIO = 20, STUDIO2, CLINIC, LINK = 30 };
enum { FAR = 60, FAR2, WARD, THEATRE, THEATRE2, LINE, LINE2, SURGEON };
enum { ROOM = 80, ROOM2, THIRD_ROOM }; /* of the partner, and of a third site */
#define THIRD 3

#define STAGE_CLAIMS 8

struct stage {
	struct tz_store *zones;
	struct arena arena;
	int64_t t;
	struct core_ask ask;
	struct core_agreement agreement;
	struct core_month month;
	struct core_expert expert;
	struct core_rule rules[3];
	struct core_away away;
	struct core_claim diaries[6][STAGE_CLAIMS]; /* one a subject */
	struct core_claim *claims;		    /* the first diary */
	size_t ndiaries;
	struct core_span leave;
	struct core_transfer transfers[3];
	struct core_calendar_day day;
	struct core_calendar calendar;
	/* Two studios, a clinic room; where experts may sit besides. */
	struct core_subject lead[6];
	struct core_subject far[2];
	struct core_subject theatres[2];
	struct core_subject lines[2];
	struct core_subject named[CORE_NAMED_MAX + 1];
	struct core_subject patient, surgeon;
	struct core_plan plan;
	struct core_blockers why;
};

extern const char *const stage_brain[1];

/* For cmocka_unit_test_setup_teardown(). */
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* RFC 3339 to UTC seconds. */
int64_t stage_utc(const char *s);
const struct tz *stage_zone(struct stage *s, const char *name);
/* In Shanghai; start: wall. */
struct core_rule stage_rule(struct stage *s, const char *text, int64_t start,
			    int64_t length);
/* Puts the claim of booking 7 on the subject, from and to in minutes after
 * t. */
struct core_claim *stage_claim(struct stage *s, struct core_subject *subject,
			       int64_t from, int64_t to);

/* The same of a session at a place, of booking 8. */
struct core_claim *stage_session(struct stage *s, int64_t place, int64_t from,
				 int64_t to);
/* On leave for so many minutes after t. */
void stage_leave(struct stage *s, struct core_subject *subject, int64_t from,
		 int64_t to);

/* Asks for an operation of 60 minutes, 30 before it and 20 after it, with a
 * surgeon, from afar. */
void stage_operation(struct stage *s);
/* Asks for a place in the clinic, Mondays to Fridays, 8 to 12. */
void stage_clinic(struct stage *s, int slot_minutes);

/* The plan has that claim as its i-th, in minutes after t. */
void stage_has(const struct stage *s, size_t i, int64_t id,
	       enum claim_role role, int64_t from, int64_t to);

/* The answer, the same with and without anybody who listens to the reasons;
 * stage->plan and stage->why have it. */
enum rc stage_decide(struct stage *s, int64_t at);
void stage_taken(struct stage *s, int64_t at);
/* Refused for exactly these reasons, in this order; ends with -1. */
void stage_refused(struct stage *s, int64_t at, const int *reasons);
#define REASONS(...) ((const int[]){__VA_ARGS__, -1})
/* Refused for that one reason. */
const struct core_blocker *stage_only(struct stage *s, int64_t at,
				      enum block reason);

#endif
