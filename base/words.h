/*
 * words - the domain's vocabulary: each closed set of words, once.
 *
 * An enum and its names, in the same order; the names are what stands on the
 * wire, in the database, on the command line and in the OpenAPI document.
 * Kinds: the service catalogue. Booking words: FHIR R4 Appointment.status
 * where FHIR has one.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct words {
	const char *what; /* "kind": for messages and schemas */
	const char *const *names;
	int count;
};

/* The word's number, or -1. */
int words_find(const struct words *words, const char *s, size_t len);
/* Its name; "?" outside the set. */
const char *words_name(const struct words *words, int number);

#define WORDS_KIND(X)                                                          \
	X(REMOTE_CONSULTATION, "remote-consultation")                          \
	X(IMAGING_CONSULTATION, "imaging-consultation")                        \
	X(CASE_DISCUSSION, "case-discussion")                                  \
	X(SURGICAL_GUIDANCE, "surgical-guidance")                              \
	X(SURGERY_DEMONSTRATION, "surgery-demonstration")                      \
	X(TEACHING_ROUND, "teaching-round")                                    \
	X(REMOTE_SURGERY, "remote-surgery")                                    \
	X(EMERGENCY_CONSULTATION, "emergency-consultation")                    \
	X(CLINIC_SLOT, "clinic-slot")                                          \
	X(FREE_CLINIC, "free-clinic")                                          \
	X(ONSITE_VISIT, "onsite-visit")                                        \
	X(ONSITE_PROCEDURE, "onsite-procedure")                                \
	X(REFERRAL, "referral")                                                \
	X(CASE_CONFERENCE, "case-conference")

#define WORDS_URGENCY(X)                                                       \
	X(EMERGENCY, "emergency") X(URGENT, "urgent") X(ROUTINE, "routine")

/* An accepted request, and what becomes of it. */
#define WORDS_REQUEST_ASSIGNED(X)                                              \
	X(ACCEPTED, "accepted")                                                \
	X(WAITLISTED, "waitlisted")                                            \
	X(SCHEDULED, "scheduled")                                              \
	X(STARTED, "started")                                                  \
	X(COMPLETED, "completed")                                              \
	X(CLOSED, "closed")

/* Of a consultation that may be without a meeting. */
#define WORDS_MODE(X)                                                          \
	X(LIVE, "live")                                                        \
	X(FORWARD, "store-and-forward")

#define WORDS_REQUEST_STATUS(X)                                                \
	X(SUBMITTED, "submitted")                                              \
	X(SUPPLEMENT_NEEDED, "supplement-needed")                              \
	WORDS_REQUEST_ASSIGNED(X)                                              \
	X(DECLINED, "declined")                                                \
	X(WITHDRAWN, "withdrawn")                                              \
	X(EXPIRED, "expired")

#define WORDS_BOOKING_STATUS(X)                                                \
	X(PENDING, "pending") /* held */                                       \
	X(BOOKED, "booked")                                                    \
	X(ARRIVED, "arrived")                                                  \
	X(STARTED, "started")                                                  \
	X(FULFILLED, "fulfilled")                                              \
	X(RELEASED, "released")                                                \
	X(LAPSED, "lapsed")                                                    \
	X(CANCELLED, "cancelled")                                              \
	X(NOSHOW, "noshow")

/* What can be claimed; all but expert, seat and patient are resources. */
#define WORDS_SUBJECT(X)                                                       \
	X(EXPERT, "expert")                                                    \
	X(STUDIO, "studio")                                                    \
	X(CLINIC_ROOM, "clinic-room")                                          \
	X(OPERATING_ROOM, "operating-room")                                    \
	X(LINK, "link")                                                        \
	X(ROBOT, "robot")                                                      \
	X(WARD, "ward")                                                        \
	X(STATION, "station")                                                  \
	X(DEVICE, "device")                                                    \
	X(SEAT, "seat")                                                        \
	X(PATIENT, "patient")

/* Who did not come to a session. */
#define WORDS_ABSENT(X)                                                        \
	X(PATIENT, "patient")                                                  \
	X(EXPERT, "expert")                                                    \
	X(SITE, "site") /* the partner's end stayed empty */                   \
	X(LINK, "link") /* the two ends never heard each other */

/* To what a patient consents, each apart from the others. */
#define WORDS_CONSENT(X)                                                       \
	X(TREATMENT, "treatment")                                              \
	X(TELEMENTORING, "telementoring") /* of their operation, from afar */  \
	X(BROADCAST, "broadcast")	  /* to others who watch */
/* Who signed it. */
#define WORDS_SIGNER(X)                                                        \
	X(PATIENT, "patient")                                                  \
	X(GUARDIAN, "guardian")

/* As what a subject is claimed. */
#define WORDS_CLAIM_ROLE(X)                                                    \
	X(EXPERT, "expert")                                                    \
	X(BUFFER, "buffer")                                                    \
	X(LEAD_STUDIO, "lead-studio")                                          \
	X(PARTNER_STUDIO, "partner-studio")                                    \
	X(RESOURCE, "resource")                                                \
	X(PATIENT, "patient")                                                  \
	X(PLACE, "place") /* where the expert sees the patient */              \
	X(OPERATING_ROOM, "operating-room")                                    \
	X(LINK, "link")                                                        \
	X(SURGEON, "surgeon")	/* the partner's, who operates */              \
	X(OVERRUN, "overrun")	/* the expert's reserve behind the session */  \
	X(TRANSFER, "transfer") /* on the way between two places */            \
	X(CONSOLE, "console")	/* of the robot, where the expert sits */      \
	X(ROBOT, "robot")	/* ... where the patient is */                 \
	X(BED, "bed")		/* for some days, in a ward */

/* Who somebody is (domain: "Who uses it"). */
#define WORDS_ROLE(X)                                                          \
	X(ADMINISTRATOR, "administrator")                                      \
	X(LEAD_COORDINATOR, "lead-coordinator")                                \
	X(SITE_COORDINATOR, "site-coordinator")                                \
	X(EXPERT, "expert")                                                    \
	X(AUDITOR, "auditor")                                                  \
	X(SYSTEM, "system")                                                    \
	X(BACKUP, "backup") /* fetches copies, sees nothing else */

/* What a system's token is good for; who comes with a certificate may do all
 * that their role may. */
#define WORDS_SCOPE(X)                                                         \
	X(READ, "read")		/* what its site may see, and its events */    \
	X(REQUESTS, "requests") /* submit and withdraw */                      \
	X(BOOKINGS, "bookings") /* book, hold, move, cancel */                 \
	X(METRICS, "metrics")	/* the figures of the service */

/* Why a time does not do. */
#define WORDS_BLOCK(X)                                                         \
	X(BUSY, "busy")		/* another booking or hold */                  \
	X(BUFFER, "buffer")	/* the pause after another booking */          \
	X(CLOSED, "closed")	/* outside every availability rule */          \
	X(HOLIDAY, "holiday")	/* the site's calendar closes that day */      \
	X(SECONDED, "seconded") /* away at another site, refusing */           \
	X(KIND, "kind-not-offered")                                            \
	X(SPECIALTY, "specialty")                                              \
	X(EXPERIENCE, "experience") /* too few years of own practice */        \
	X(DAY_CAP, "day-cap")                                                  \
	X(AGREEMENT, "agreement-not-live")                                     \
	X(AGREEMENT_KIND, "agreement-kind")                                    \
	X(QUOTA, "quota")                                                      \
	X(PAST, "past")                                                        \
	X(GRID, "grid")		/* not on a five-minute mark */                \
	X(NO_ROOM, "no-room")	/* the site has no such resource at all */     \
	X(LEAVE, "leave")	/* on leave, or out of service */              \
	X(TRANSFER, "transfer") /* no time for the way to another place */     \
	X(PLACE_START, "place-start") /* between the session's places */       \
	X(ELSEWHERE, "elsewhere")     /* the place is of a third site */       \
	X(TITLE, "title")                                                      \
	X(MODALITY, "modality")                                                \
	X(LANGUAGE, "language")                                                \
	X(CONSENT, "consent")		/* not signed, or withdrawn */         \
	X(CREDENTIAL, "credential")	/* ended by then */                    \
	X(FALLBACK, "fallback-surgeon") /* none is named */                    \
	X(CHECK, "check")		/* red or not done, nothing instead */ \
	X(LATE_CHANGE, "late-change")	/* the lead's alone by then */         \
	X(FULL, "waitlist-full")                                               \
	X(SHARE, "share")	/* kept for another partner */                 \
	X(OVERBOOK, "overbook") /* the lead's alone, with a reason */          \
	X(OVERBOOK_MOST, "overbook-most")                                      \
	X(TWICE, "twice") /* in the session already */                         \
	X(PATH, "path")	  /* a second link that is not independent */          \
	X(POOL, "pool")	  /* a half-day that is filled from the queue */

#define WORDS_KIND_(sym, name) KIND_##sym,
#define WORDS_URGENCY_(sym, name) URGENCY_##sym,
#define WORDS_MODE_(sym, name) MODE_##sym,
#define WORDS_REQUEST_(sym, name) REQUEST_##sym,
#define WORDS_BOOKING_(sym, name) BOOKING_##sym,
#define WORDS_SUBJECT_(sym, name) SUBJECT_##sym,
#define WORDS_CLAIM_(sym, name) CLAIM_##sym,
#define WORDS_ROLE_(sym, name) ROLE_##sym,
#define WORDS_SCOPE_(sym, name) SCOPE_##sym,
#define WORDS_ABSENT_(sym, name) ABSENT_##sym,
#define WORDS_CONSENT_(sym, name) CONSENT_##sym,
#define WORDS_SIGNER_(sym, name) SIGNER_##sym,
#define WORDS_BLOCK_(sym, name) BLOCK_##sym,
enum kind { WORDS_KIND(WORDS_KIND_) KIND_COUNT };
enum urgency { WORDS_URGENCY(WORDS_URGENCY_) URGENCY_COUNT };
enum mode { WORDS_MODE(WORDS_MODE_) MODE_COUNT };
enum request_status { WORDS_REQUEST_STATUS(WORDS_REQUEST_) REQUEST_COUNT };
enum booking_status { WORDS_BOOKING_STATUS(WORDS_BOOKING_) BOOKING_COUNT };
enum subject_type { WORDS_SUBJECT(WORDS_SUBJECT_) SUBJECT_COUNT };
enum claim_role { WORDS_CLAIM_ROLE(WORDS_CLAIM_) CLAIM_COUNT };
enum role { WORDS_ROLE(WORDS_ROLE_) ROLE_COUNT };
enum scope { WORDS_SCOPE(WORDS_SCOPE_) SCOPE_COUNT };
enum block { WORDS_BLOCK(WORDS_BLOCK_) BLOCK_COUNT };
enum absent { WORDS_ABSENT(WORDS_ABSENT_) ABSENT_COUNT };
enum consent { WORDS_CONSENT(WORDS_CONSENT_) CONSENT_COUNT };
enum signer { WORDS_SIGNER(WORDS_SIGNER_) SIGNER_COUNT };

extern const struct words words_kind;
extern const struct words words_urgency;
extern const struct words words_mode;
extern const struct words words_request_status;
extern const struct words words_booking_status;
extern const struct words words_subject;
extern const struct words words_claim_role;
extern const struct words words_role;
extern const struct words words_scope;
extern const struct words words_block;
extern const struct words words_absent;
extern const struct words words_consent;
extern const struct words words_signer;

/* A set of kinds: bit k for kind k. */
typedef uint32_t kindset;
#define KINDSET(k) ((kindset)1u << (k))
/* The same of consents. */
typedef uint32_t consentset;
#define CONSENTSET(c) ((consentset)1u << (c))
/* The same of scopes. */
typedef uint32_t scopeset;
#define SCOPESET(s) ((scopeset)1u << (s))
#define SCOPES_ALL (SCOPESET(SCOPE_COUNT) - 1)

#include "base/words_process.h"

#endif
