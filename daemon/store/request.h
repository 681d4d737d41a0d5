/*
 * request - what a partner asks, as it is stored.
 *
 * The papers (patient, reason, purpose) are one sealed value tied to the row
 * and the partner site. Every change names the version that it changes
 * (compare and swap): RC_STALE when somebody was quicker.
 */
#ifndef DAEMON_STORE_REQUEST_H
#define DAEMON_STORE_REQUEST_H

#include "base/code.h"
#include "base/words.h"
#include "daemon/core/model.h"
#include "daemon/store/papers.h"

#define REQUEST_WANTED_MAX 16

struct request {
	int64_t id;
	struct code code;
	int64_t agreement;
	int64_t lead, partner; /* sites */
	enum kind kind;
	enum request_status status;
	enum urgency urgency;
	bool forward; /* no meeting: an opinion is due by a time */
	const char *specialty;
	/* Whose it is: while it is booked the booking's, and then whom it had
	 * before and has again without one. 0: any. */
	int64_t expert, unbooked_expert;
	const char *title, *modality;
	const char **languages;
	size_t nlanguages;
	/* What is wanted of further experts, a line each (work's beside.h). */
	const char **also;
	size_t nalso;
	int64_t surgeon; /* of the partner's; 0: none is named */
	int64_t minutes;
	int64_t before, after; /* minutes of the operation about it */
	struct core_span wanted[REQUEST_WANTED_MAX];
	size_t nwanted;
	int64_t patient; /* subject */
	int64_t submitted_at;
	int64_t version;
	int64_t asked_at; /* for supplements; 0: never */
	const char *why;  /* of words_why: it was declined, withdrawn; NULL */
	bool down;	  /* a referral that the lead sends to the partner */
	int64_t of;	  /* the request it comes from; 0: none */
	/* read only */
	const char *agreement_slug, *lead_slug, *partner_slug, *expert_slug;
	const char *surgeon_slug;
	struct code booking; /* the live one; "" none */
	struct code of_code;
};

/* Who is asked, and takes the patient over; and who asks. */
static inline int64_t request_receiver(const struct request *r)
{
	return r->down ? r->partner : r->lead;
}
static inline int64_t request_sender(const struct request *r)
{
	return r->down ? r->lead : r->partner;
}
/* The codes of the requests that come from it, as they are shown. */
__attribute__((warn_unused_result)) enum rc
request_referrals(struct tx *tx, int64_t id, struct arena *arena,
		  const char ***out, size_t *out_n, struct err *err);

/* Draws a code that neither requests nor bookings have. */
__attribute__((warn_unused_result)) enum rc
request_draw_code(struct tx *tx, struct code *out, struct err *err);

/* A site's patient; id: the subject, 0 where nobody knew them before. Whoever
 * is known has the slug of one of the patient keys that are there; the slug
 * here is of the one that names, whose number `keyed` is. */
struct request_patient {
	int64_t id, site, keyed;
	char slug[SEAL_PATIENT_SLUG_LEN + 1];
};
__attribute__((warn_unused_result)) enum rc
request_find_patient(struct tx *tx, int64_t site, const char *site_slug,
		     const char *local_id, struct request_patient *out,
		     struct err *err);
/* Makes the subject of one whom nobody knew, and sets the id. */
__attribute__((warn_unused_result)) enum rc
request_keep_patient(struct tx *tx, struct request_patient *patient,
		     struct err *err);

/* Fills id; the caller sets all else. */
__attribute__((warn_unused_result)) enum rc
request_insert(struct tx *tx, struct request *in, const struct papers *papers,
	       struct err *err);

/* RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
request_by_code(struct tx *tx, const char *code, struct arena *arena,
		struct request *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
request_by_id(struct tx *tx, int64_t id, struct arena *arena,
	      struct request *out, struct err *err);
/* Of the request with this code, or of the one that the booking with it is of.
 * RC_NOT_FOUND: there is none. */
__attribute__((warn_unused_result)) enum rc request_urgency(struct tx *tx,
							    const char *code,
							    enum urgency *out,
							    struct err *err);
__attribute__((warn_unused_result)) enum rc
request_open_papers(struct tx *tx, const struct request *request,
		    struct arena *arena, struct papers *out, struct err *err);

/* Writes status, both experts, minutes, asked_at and why as they stand in r and
 * raises r->version, provided that the row still has r->version. */
__attribute__((warn_unused_result)) enum rc
request_update(struct tx *tx, struct request *r, struct err *err);
/* Its booking has another expert now: the booking's version says so. */
__attribute__((warn_unused_result)) enum rc
request_set_expert(struct tx *tx, int64_t id, int64_t expert, struct err *err);

/* It has more experts now than it wanted: as if it had wanted them. */
__attribute__((warn_unused_result)) enum rc
request_set_also(struct tx *tx, int64_t id, const char *const *also, size_t n,
		 struct err *err);
/* The experts beside the first of its live booking; of one that wants several.
 */
__attribute__((warn_unused_result)) enum rc
request_also_experts(struct tx *tx, const struct request *r,
		     struct arena *arena, int64_t **out, size_t *out_n,
		     struct err *err);

/* What a partner supplements: writes specialty, title, modality, wanted and the
 * papers as they now stand; request_update() is to follow. What was there
 * before is kept, as of tx->now and by whom (RC_EXISTS: that was done once). */
__attribute__((warn_unused_result)) enum rc
request_supplement(struct tx *tx, const struct request *r,
		   const struct papers *papers, const char *by,
		   struct err *err);
struct request_earlier {
	int64_t until;
	const char *by;
	struct core_span wanted[REQUEST_WANTED_MAX];
	size_t nwanted;
	struct papers papers;
};
/* As it stands, before its papers are written: once. */
__attribute__((warn_unused_result)) enum rc
request_keep_earlier(struct tx *tx, const struct request *r, const char *by,
		     struct err *err);
/* RC_NOT_FOUND: it was never supplemented. */
__attribute__((warn_unused_result)) enum rc
request_open_earlier(struct tx *tx, const struct request *r,
		     struct arena *arena, struct request_earlier *out,
		     struct err *err);

/* Whose rows a list may show: as lead, as partner, as expert (0: none), and
 * what is asked for (NULL, -1, FIELD_NONE-like INT64_MIN: anything). Newest
 * first for requests, by start for bookings; after: the cursor's last row. */
struct list_filter {
	int64_t as_lead, as_partner, as_expert;
	const char *status, *site, *expert;
	int kind;
	int64_t from, to;
	int64_t limit;
	bool after;
	int64_t after_key, after_id;
};

/* At most filter->limit rows. */
__attribute__((warn_unused_result)) enum rc
request_list(struct tx *tx, const struct list_filter *filter,
	     struct arena *arena, struct request **out, size_t *out_n,
	     struct err *err);

#endif
