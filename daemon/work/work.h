/*
 * work - the use cases: one function each, run inside one transaction.
 *
 * A use case reads, asks the core to decide, writes, and appends its event
 * records. It has no effect outside its transaction, so it may be run again.
 * It takes and answers messages; whatever speaks to people is a skin above.
 *
 * Answers: RC_OK, or a result with work->err; RC_INVALID with work->faults;
 * RC_REFUSED and RC_RULE with work->blockers (and work->wish, from which the
 * nearest times are looked for). Everything answered lives in work->arena.
 * What the principal may not see is RC_NOT_FOUND as what does not exist.
 */
#ifndef DAEMON_WORK_WORK_H
#define DAEMON_WORK_WORK_H

#include "daemon/auth/principal.h"
#include "daemon/store/booking.h"
#include "daemon/store/event.h"
#include "proto/messages.h"

#define WORK_MATCH_ANY (-1)

/* What somebody would like to have: enough to ask the core again. */
struct wish {
	int64_t agreement; /* 0: no wish */
	enum kind kind;
	int64_t minutes;
	int64_t before, after; /* minutes of the operation about it */
	const char *specialty, *title, *modality;
	const char *const *languages;
	size_t nlanguages;
	int64_t expert;	  /* 0: any */
	int64_t surgeon;  /* 0: none is named */
	int64_t patient;  /* subject; 0: not known yet */
	bool new_patient; /* whom nobody knew before: free at all times */
	struct field_strs with, also; /* also: further experts (beside.h) */
	int64_t at, ignore_booking;
	/* The session on whose list it is a case: its experts are the only ones
	 * there are, and what it has is theirs. NULL: none. */
	const struct booking *within;
	const int64_t *had; /* what that one claims; NULL: as it is stored */
	size_t nhad;
	bool beyond_end; /* whatever the agreement's last day is */
	bool down;	 /* a referral from the lead to the partner */
	int64_t pool;	 /* the start of its pooled half-day; 0: none */
	enum core_overbook overbook;
	int64_t bed_days; /* a bed, for so many days; 0: an expert */
};

/* Certificates that are good no more: once this is committed the skin closes
 * the connections of these keys. (Requests are refused by the row; a stream
 * sees that something was committed and asks again who it talks to.) */
struct work_ended {
	const uint8_t *keys; /* n of 32 bytes each */
	size_t n;
};

/* What an answer rests on besides what stamps_all() tells of (stamps.h): one
 * who keeps it looks at those stamps, and at the clock. */
struct work_basis {
	bool known;	 /* the use case says so; else it is not to be kept */
	int64_t subject; /* whose claims, and the bookings of them; 0: none */
	int64_t site;	 /* whose bookings; 0: none */
	int64_t until;	 /* UTC: from then on it may be another */
};

struct work_moves;
struct series_sought;

struct work {
	struct tx *tx;
	const struct principal *who;
	struct arena *arena;
	const char *request_id;
	int64_t match; /* the version of If-Match, or WORK_MATCH_ANY */
	const struct work_moves *moves;	    /* NULL: none were looked for */
	const struct series_sought *sought; /* series.h; NULL: the same */

	/* answered beside the message */
	struct err err;
	struct field_faults faults;
	struct field_list blockers; /* msg_blocker */
	size_t blockers_more;	    /* beyond WORK_BLOCKERS_MAX, or one
				     * expert's CORE_BLOCKERS_MAX */
	struct wish wish;
	struct field_list occurrences; /* msg_occurrence: of a series, those
					* for which there is no time */
	struct work_ended ended;
	struct work_basis basis;
};

#define WORK_BLOCKERS_MAX 2000

/* --- requests --- */

enum rc work_request_submit(struct work *w, const struct msg_request_new *in,
			    struct msg_request *out);
/* Reads papers: appends an access record, so it needs a writing tx. */
enum rc work_request_show(struct work *w, const char *code,
			  struct msg_request *out);
enum rc work_request_list(struct work *w, const struct msg_list_query *in,
			  struct msg_request_list *out);
enum rc work_request_accept(struct work *w, const char *code,
			    const struct msg_accept *in,
			    struct msg_request *out);
/* To another expert, before it is booked. */
enum rc work_request_assign(struct work *w, const char *code,
			    const struct msg_assign *in,
			    struct msg_request *out);
enum rc work_request_decline(struct work *w, const char *code,
			     const struct msg_reason *in,
			     struct msg_request *out);
/* Releases a live hold; a booked one must be cancelled first. */
enum rc work_request_withdraw(struct work *w, const char *code,
			      const struct msg_reason *in,
			      struct msg_request *out);

/* What is missing, for the partner to supplement: RC_STATE the second time. */
enum rc work_request_ask(struct work *w, const char *code,
			 const struct msg_ask *in, struct msg_request *out);
enum rc work_request_supplement(struct work *w, const char *code,
				const struct msg_supplement *in,
				struct msg_request *out);

/* --- opinions --- */

enum rc work_opinion_file(struct work *w, const char *code,
			  const struct msg_opinion_new *in,
			  struct msg_opinion_filed *out);
/* Reads papers, as work_request_show() does. */
enum rc work_opinion_list(struct work *w, const char *code,
			  struct msg_opinion_list *out);
/* The partner has them: closes the request. */
enum rc work_opinion_receive(struct work *w, const char *code,
			     struct msg_request *out);
/* Is it an emergency; is that a request which is one, or a booking of one? For
 * before the writer is asked: what is urgent goes first. */
bool work_request_is_urgent(const struct msg_request_new *in);
bool work_code_is_urgent(struct work *w, const char *code);

/* --- bookings --- */

enum rc work_booking_book(struct work *w, const struct msg_book *in,
			  struct msg_booking *out);
enum rc work_booking_hold(struct work *w, const struct msg_book *in,
			  struct msg_booking *out);
enum rc work_booking_confirm(struct work *w, const char *code,
			     struct msg_booking *out);
enum rc work_booking_release(struct work *w, const char *code,
			     struct msg_booking *out);
enum rc work_booking_move(struct work *w, const char *code,
			  const struct msg_move *in, struct msg_booking *out);
enum rc work_booking_cancel(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_booking *out);
/* Reads papers, as work_request_show() does. */
enum rc work_booking_show(struct work *w, const char *code,
			  struct msg_booking *out);
enum rc work_booking_list(struct work *w, const struct msg_list_query *in,
			  struct msg_booking_list *out);

/* --- time --- */

enum rc work_slots(struct work *w, const struct msg_slots_query *in,
		   struct msg_slots *out);
/* Does it take long, over many experts or days? Then not where one waits. */
bool work_slots_wide(const struct msg_slots_query *in, int64_t now);
/* The times nearest to work->wish; out: msg_slot. */
enum rc work_nearest(struct work *w, struct field_list *out);
/* subject: an expert's slug or "site/name". */
enum rc work_schedule_subject(struct work *w, const char *subject,
			      const struct msg_schedule_query *in,
			      struct msg_schedule *out);
enum rc work_schedule_site(struct work *w, const char *slug,
			   const struct msg_schedule_query *in,
			   struct msg_schedule *out);

/* --- the service --- */

/* What falls due by itself, at most STEPS_AT_ONCE of it (steps.h): lapsed holds
 * end. By nobody but the clock; in a writing tx. */
enum rc work_due(struct tx *tx);

/* Puts on record that a copy of everything will be taken away; and that it was
 * made and sent whole: this one counts as a backup. Of w: tx, who, request_id.
 */
enum rc work_backup(struct work *w);
enum rc work_backup_made(struct work *w);

enum rc work_whoami(struct work *w, struct msg_whoami *out);
enum rc work_log_verify(struct work *w, struct msg_log_report *out);
/* Every fault of the file at once; reads only. To be asked before importing,
 * away from the writer. */
enum rc work_import_check(struct work *w, const struct msg_network *in);
/* Makes the stored network hold what the file says; twice is as once. */
enum rc work_import(struct work *w, const struct msg_network *in,
		    struct msg_import_report *out);

/* The stored network as a file: to import it changes nothing, and into an
 * empty store it makes the same network. */
enum rc work_export(struct work *w, struct msg_network *out);

#include "daemon/work/work_people.h"

#endif
