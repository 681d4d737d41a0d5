/*
 * event - the append-only log: audit trail, change feed, history.
 *
 * One row a change (and a row a read of patient data), in the transaction of
 * the change. seq has no gaps. Each row's hash is SHA-256 over the previous
 * hash, every column, and a salted hash of the body (body.h): a body may be
 * purged, or sealed under another key, and the chain still verifies; an edit, a
 * deletion or a reordering does not.
 * (Schneier and Kelsey, "Secure Audit Logs to Support Computer Forensics",
 * 1999, for the construction; RFC 6962 for anchoring a head.) The body
 * (reasons, words of people) is sealed like patient fields.
 */
#ifndef DAEMON_STORE_EVENT_H
#define DAEMON_STORE_EVENT_H

#include "daemon/core/lifecycle.h"
#include "daemon/store/tx.h"

enum event_class { EVENT_CHANGE, EVENT_ACCESS };

struct event {
	int64_t seq;	       /* out */
	int64_t at;	       /* out: the tx's now */
	const char *actor;     /* name of the identity; "system" */
	int64_t actor_site;    /* 0: none */
	int64_t lead, partner; /* audience; 0: nobody of that side */
	int64_t expert;	       /* whom it is about; 0: none */
	bool assigned;	       /* and who is told */
	int64_t other;	       /* who is told as well: it was theirs; or 0 */
	/* Of several experts who have it, those beside the first; told of what
	 * is assigned. */
	const int64_t *also;
	size_t nalso;
	const int64_t *gone; /* of those the ones who have it no more */
	size_t ngone;
	const char *thing; /* "request", "booking", "network", ... */
	int64_t id;
	const char *code; /* of the thing, or NULL; for people who read */
	int64_t version;
	enum verb verb;
	const char *from_state, *to_state; /* NULL: none */
	const char *reason;		   /* sealed into the body; NULL */
	const char *request_id;
	enum event_class class;
};

/* Appends; moves tx->head. */
__attribute__((warn_unused_result)) enum rc
event_append(struct tx *tx, const struct event *event, struct err *err);

/* The changes of one thing (not who read it), oldest first, reasons opened. */
__attribute__((warn_unused_result)) enum rc
event_history(struct tx *tx, const char *thing, int64_t id, struct arena *arena,
	      struct event **out, size_t *out_n, struct err *err);

/* Those of one verb. */
__attribute__((warn_unused_result)) enum rc
event_history_of_verb(struct tx *tx, const char *thing, int64_t id,
		      enum verb verb, struct arena *arena, struct event **out,
		      size_t *out_n, struct err *err);

/* The same of a request and of all its bookings, in the order in which it
 * happened. */
__attribute__((warn_unused_result)) enum rc
event_history_of_request(struct tx *tx, int64_t request, struct arena *arena,
			 struct event **out, size_t *out_n, struct err *err);

/* Who read it: the newest `max` of those records, oldest first; out_more says
 * how many there are besides. */
__attribute__((warn_unused_result)) enum rc
event_reads(struct tx *tx, const char *thing, int64_t id, size_t max,
	    struct arena *arena, struct event **out, size_t *out_n,
	    size_t *out_more, struct err *err);

/* The name of the database's life: ids of its event stream end with it. */
#define EVENT_EPOCH_LEN 32
__attribute__((warn_unused_result)) enum rc
event_epoch(struct tx *tx, char out[EVENT_EPOCH_LEN + 1], struct err *err);

struct event_report {
	bool ok;
	int64_t events;
	int64_t first_bad; /* seq; 0 when ok */
	struct event_head head;
	char epoch[EVENT_EPOCH_LEN + 1];
	const char *detail; /* static: what is wrong there */
};

/* Recomputes the whole chain from its first row. */
__attribute__((warn_unused_result)) enum rc
event_verify(struct tx *tx, struct event_report *out, struct err *err);

/* The chain's head as stored. */
__attribute__((warn_unused_result)) enum rc
event_load_head(struct db *db, struct event_head *out, struct err *err);

#endif
