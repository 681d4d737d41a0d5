/*
 * words_process - the words of what two hospitals agreed on, and of what is
 * promised: a part of words.h, which includes it.
 */
#ifndef BASE_WORDS_PROCESS_H
#define BASE_WORDS_PROCESS_H

#include <stdint.h>

struct words;

/* What a request must have to be judged; of an agreement's choosing. */
#define WORDS_NEED(X)                                                          \
	X(PURPOSE, "purpose")                                                  \
	X(WANTED, "wanted")	  /* times that suit */                        \
	X(SUMMARY, "summary")	  /* of the record */                          \
	X(SPECIALTY, "specialty") /* or an expert by name */                   \
	X(TITLE, "title")	  /* the same */                               \
	X(MODALITY, "modality")                                                \
	X(ATTACHMENTS, "attachments")                                          \
	X(ACCOMPANIED, "accompanied-by") /* a physician beside the patient */

/* What becomes of a change that comes later than its notice. */
#define WORDS_LATE(X)                                                          \
	X(SPENDS, "spends")	  /* it counts in its month all the same */    \
	X(LEAD_ONLY, "lead-only") /* and is the lead's to make */

/* Why a request ended unserved, a booking was called off or ran late, for who
 * counts them. */
#define WORDS_WHY(X)                                                           \
	X(NOT_INDICATED, "not-indicated")                                      \
	X(OTHER_SPECIALTY, "other-specialty")                                  \
	X(NO_CAPACITY, "no-capacity")                                          \
	X(INCOMPLETE, "incomplete")                                            \
	X(DUPLICATE, "duplicate")                                              \
	X(TRANSFERRED, "transferred")                                          \
	X(IMPROVED, "improved")                                                \
	X(DIED, "died")                                                        \
	X(PATIENT_REFUSED, "patient-refused")                                  \
	X(DONE_ELSEWHERE, "done-elsewhere")                                    \
	X(OTHER, "other")                                                      \
	X(PATIENT_UNFIT, "patient-unfit")                                      \
	X(EXPERT_AWAY, "expert-away")                                          \
	X(EQUIPMENT, "equipment")                                              \
	X(BEGAN_LATE, "began-late")                                            \
	X(TOOK_LONGER, "took-longer")

/* By what the rows of a report are told apart. */
#define WORDS_BY(X)                                                            \
	X(MONTH, "month") /* as the lead's calendar has it */                  \
	X(DAY, "day")                                                          \
	X(LEAD, "lead")                                                        \
	X(PARTNER, "partner")                                                  \
	X(EXPERT, "expert")                                                    \
	X(KIND, "kind")

/* How it stands with a time that is promised. */
#define WORDS_CLOCK(X)                                                         \
	X(RUNNING, "running")                                                  \
	X(LATE, "late") /* running, and over its time */                       \
	X(PAUSED, "paused")                                                    \
	X(MET, "met")                                                          \
	X(MISSED, "missed")                                                    \
	X(DROPPED, "dropped") /* nobody waits for it any more */

/* Who is told that a time runs out. */
#define WORDS_TELL(X)                                                          \
	X(LEAD, "lead")                                                        \
	X(EXPERT, "expert")                                                    \
	X(PARTNER, "partner")                                                  \
	X(ADMINISTRATOR, "administrator")

/* What of a session's equipment is looked at before it. */
#define WORDS_CHECK(X)                                                         \
	X(EQUIPMENT, "equipment") /* tested */                                 \
	X(LINK, "link")		  /* on */                                     \
	X(CONNECTED, "connected") /* both ends see each other */

/* What is done when it does not work. */
#define WORDS_CONTINGENCY(X)                                                   \
	X(SECOND_LINE, "second-line")                                          \
	X(TELEPHONE, "telephone")                                              \
	X(LOCAL_FALLBACK, "local-fallback")                                    \
	X(POSTPONE, "postpone")

/* What must be there before a session begins, that a reason may stand for. */
#define WORDS_GATE(X)                                                          \
	X(CONSENT, "consent")                                                  \
	X(FALLBACK, "fallback-surgeon")                                        \
	X(CHECKS, "checks") /* nobody has looked */

/* What it takes to begin where nobody has looked. */
#define WORDS_UNCHECKED(X)                                                     \
	X(NOTHING, "nothing") /* both ends were reminded, and that is all */   \
	X(REASON, "reason")   /* or something chosen instead */                \
	X(CONTINGENCY, "contingency") /* as where it does not work */

/* What could be given way for a time to be found: from what costs nobody
 * anything on to what two hospitals have agreed. */
#define WORDS_RELAX(X)                                                         \
	X(ROOM, "without-room") /* that one: any other of its type */          \
	X(AFTER, "without-after")                                              \
	X(BEFORE, "without-before")                                            \
	X(EXPERT, "another-expert")                                            \
	X(TITLE, "lower-title")                                                \
	X(LANGUAGE, "without-language")                                        \
	X(MODALITY, "without-modality")                                        \
	X(SURGEON, "without-surgeon")                                          \
	X(ALSO, "without-further-expert") /* one of several */                 \
	X(DURATION, "shorter")                                                 \
	X(LATER, "later")     /* than the window */                            \
	X(EARLIER, "earlier") /* the same */                                   \
	X(AGREEMENT, "another-agreement")                                      \
	X(PARTNER_HOLIDAY, "partner-on-holiday") /* its rooms */               \
	X(PARTNER_HOURS, "partner-out-of-hours") /* the same */                \
	X(LEAD_HOLIDAY, "lead-on-holiday")	 /* its rooms and experts */   \
	X(LEAD_HOURS, "lead-out-of-hours")	 /* its rooms */               \
	X(SHARE, "places-kept")			 /* for another partner */     \
	X(OVERBOOK, "overbooked")     /* behind a session's last place */      \
	X(SECONDED, "while-seconded") /* the expert, from there */             \
	X(BEYOND, "beyond-end")	      /* of the agreement */                   \
	X(DAY_CAP, "one-more-a-day")                                           \
	X(QUOTA, "one-more-a-month")

#define WORDS_RELAX_(sym, name) RELAX_##sym,
enum relax { WORDS_RELAX(WORDS_RELAX_) RELAX_COUNT };
extern const struct words words_relax;

/* What becomes of an occurrence of a series that falls on a holiday. */
#define WORDS_ON_HOLIDAY(X)                                                    \
	X(LEAVE_OUT, "leave-out")                                              \
	X(NEXT_WORKING_DAY, "next-working-day")                                \
	X(AS_ANY_DAY, "as-any-day")

/* What is done where not all of a series can be. */
#define WORDS_TOGETHER(X)                                                      \
	X(ALL, "all")		/* nothing */                                  \
	X(POSSIBLE, "possible") /* what can be */

/* What became of an occurrence. */
#define WORDS_OUTCOME(X)                                                       \
	X(MADE, "made")                                                        \
	X(SKIPPED, "skipped")	/* there is no such time */                    \
	X(LEFT_OUT, "left-out") /* a holiday */                                \
	X(MOVED, "moved")                                                      \
	X(CANCELLED, "cancelled")                                              \
	X(KEPT, "kept") /* as it was */

#define WORDS_ON_HOLIDAY_(sym, name) ON_HOLIDAY_##sym,
#define WORDS_TOGETHER_(sym, name) TOGETHER_##sym,
#define WORDS_OUTCOME_(sym, name) OUTCOME_##sym,
enum on_holiday { WORDS_ON_HOLIDAY(WORDS_ON_HOLIDAY_) ON_HOLIDAY_COUNT };
enum together { WORDS_TOGETHER(WORDS_TOGETHER_) TOGETHER_COUNT };
enum outcome { WORDS_OUTCOME(WORDS_OUTCOME_) OUTCOME_COUNT };
extern const struct words words_on_holiday, words_together, words_outcome;

/* What is changed of a roster. */
#define WORDS_ROSTER(X)                                                        \
	X(LEAVE, "leave") /* of an expert; a room is out of service */         \
	X(END_LEAVE, "end-leave")                                              \
	X(VISIT, "visit") /* an expert is at another site for some days */     \
	X(END_VISIT, "end-visit")                                              \
	X(DAYS, "days") /* of a site's calendar */                             \
	X(RULE, "rule") /* of availability: one more */                        \
	X(EDIT_RULE, "edit-rule")                                              \
	X(END_RULE, "end-rule")

#define WORDS_ROSTER_(sym, name) ROSTER_##sym,
enum roster_change { WORDS_ROSTER(WORDS_ROSTER_) ROSTER_COUNT };
extern const struct words words_roster;

#define WORDS_GATE_(sym, name) GATE_##sym,
#define WORDS_UNCHECKED_(sym, name) UNCHECKED_##sym,
enum gate { WORDS_GATE(WORDS_GATE_) GATE_COUNT };
enum unchecked { WORDS_UNCHECKED(WORDS_UNCHECKED_) UNCHECKED_COUNT };
extern const struct words words_gate, words_unchecked;
/* A set of gates: bit g for gate g. */
typedef uint32_t gateset;
#define GATESET(g) ((gateset)1u << (g))

#define WORDS_CHECK_(sym, name) CHECK_##sym,
#define WORDS_CONTINGENCY_(sym, name) CONTINGENCY_##sym,
enum check_what { WORDS_CHECK(WORDS_CHECK_) CHECK_COUNT };
enum contingency { WORDS_CONTINGENCY(WORDS_CONTINGENCY_) CONTINGENCY_COUNT };
extern const struct words words_check, words_contingency;

#define WORDS_BY_(sym, name) BY_##sym,
enum by { WORDS_BY(WORDS_BY_) BY_COUNT };
extern const struct words words_by;
/* A set of those. */
typedef uint32_t byset;
#define BYSET(b) ((byset)1u << (b))
/* What becomes of a patient who was referred. */
#define WORDS_COURSE(X)                                                        \
	X(ADMITTED, "admitted")                                                \
	X(SEEN, "seen")                                                        \
	X(OPERATED, "operated")                                                \
	X(COMPLICATION, "complication")                                        \
	X(DISCHARGED, "discharged")                                            \
	X(SENT_BACK, "sent-back")
#define WORDS_COURSE_(sym, name) COURSE_##sym,
enum course_what { WORDS_COURSE(WORDS_COURSE_) COURSE_COUNT };
extern const struct words words_course;

#define WORDS_NEED_(sym, name) NEED_##sym,
#define WORDS_LATE_(sym, name) LATE_##sym,
/* Where a token of a free clinic is. */
#define WORDS_WALK_IN(X)                                                       \
	X(WAITING, "waiting")                                                  \
	X(CALLED, "called")                                                    \
	X(SEEN, "seen")                                                        \
	X(GONE, "gone")

#define WORDS_WALK_IN_(sym, name) WALK_IN_##sym,
enum walk_in_state { WORDS_WALK_IN(WORDS_WALK_IN_) WALK_IN_COUNT };
extern const struct words words_walk_in;

#define WORDS_WHY_(sym, name) WHY_##sym,
#define WORDS_CLOCK_(sym, name) CLOCK_##sym,
#define WORDS_TELL_(sym, name) TELL_##sym,
enum need { WORDS_NEED(WORDS_NEED_) NEED_COUNT };
enum late { WORDS_LATE(WORDS_LATE_) LATE_COUNT };
enum why { WORDS_WHY(WORDS_WHY_) WHY_COUNT };
enum clock_state { WORDS_CLOCK(WORDS_CLOCK_) CLOCK_COUNT };
enum tell { WORDS_TELL(WORDS_TELL_) TELL_COUNT };

extern const struct words words_need;
extern const struct words words_late;
extern const struct words words_why;
extern const struct words words_clock;
extern const struct words words_tell;

/* A set of who is told. */
typedef uint32_t tellset;
#define TELLSET(t) ((tellset)1u << (t))
/* The same of needs. */
typedef uint32_t needset;
#define NEEDSET(n) ((needset)1u << (n))

#endif
