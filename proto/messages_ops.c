#include "proto/messages_ops.h"

#include "proto/rows.h"

#define ENDING_MAX 200

MESSAGE(warning, "Warning", "Something to be done by whoever runs the service",
	TEXT(warning, warning, REQUIRED, 1, 500, "what is, or will be, wrong"),
	TEXT(warning, advice, REQUIRED, 1, 500, "what to do about it"));

MESSAGE(thread, "Thread", "One thread of the daemon",
	STR(thread, name, REQUIRED, 1, 24, "main, writer, reports, worker-N"),
	COUNT(thread, silent_ms, REQUIRED,
	      "milliseconds since it last showed that it moves"));

MESSAGE(store_status, "StoreStatus", "The database and its writer",
	COUNT(store_status, schema, REQUIRED, "the schema's number"),
	STR(store_status, epoch, REQUIRED, 1, 64,
	    "the life of this database; a restore begins a new one"),
	COUNT(store_status, head, REQUIRED, "the event log's last record"),
	COUNT(store_status, bytes, REQUIRED, "bytes of the database's file"),
	COUNT(store_status, log_bytes, REQUIRED,
	      "bytes of the write-ahead log's file"),
	COUNT(store_status, log_pages, REQUIRED,
	      "its pages that are not in the database yet"),
	TIME(store_status, checkpoint_at, OPTIONAL,
	     "when the log was last moved into the database; absent: not since"
	     " the start"),
	TIME(store_status, backup_at, OPTIONAL,
	     "when the last backup was sent whole; absent: never"),
	COUNT(store_status, queue, REQUIRED, "changes that wait"),
	COUNT(store_status, queue_limit, REQUIRED, "how many may wait"),
	COUNT(store_status, reports, REQUIRED, "long reads that wait"),
	COUNT(store_status, jobs, REQUIRED, "changes settled since the start"),
	COUNT(store_status, refused, REQUIRED,
	      "those of them that were"
	      " refused"),
	COUNT(store_status, commits, REQUIRED,
	      "transactions committed since the start"),
	COUNT(store_status, checkpoints, REQUIRED,
	      "times that the log was moved since the start"),
	STR(store_status, field_key, REQUIRED, 8, 8,
	    "the id of the field key that seals"),
	COUNT(store_status, resealed, OPTIONAL,
	      "rows whose values were sealed anew under it; absent: all are"),
	COUNT(store_status, resealed_of, OPTIONAL, "of how many"),
	COUNT(store_status, unopened, OPTIONAL,
	      "values that did not open to be sealed anew; absent: none"),
	STRS(store_status, unopened_first, OPTIONAL, 1, 64, 20,
	     "the first of them: column and row"));

MESSAGE(front_status, "FrontStatus", "Connections",
	COUNT(front_status, connections, REQUIRED, "open now"),
	COUNT(front_status, connections_limit, REQUIRED, "how many may be"),
	COUNT(front_status, streams, REQUIRED,
	      "answers under way that are made piece by piece"),
	COUNT(front_status, accepted, REQUIRED, "taken since the start"),
	COUNT(front_status, refused, REQUIRED,
	      "closed unanswered because of a limit"),
	COUNT(front_status, handshakes_failed, REQUIRED,
	      "TLS handshakes that failed"),
	COUNT(front_status, requests, REQUIRED, "requests since the start"),
	COUNT(front_status, timeouts, REQUIRED, "deadlines that passed"));

MESSAGE(own_certificate, "OwnCertificate", "A certificate of the service",
	STR(own_certificate, of, REQUIRED, 1, 16, "server or ca"),
	TIME(own_certificate, not_after, REQUIRED, "when it ends"),
	INT(own_certificate, days, REQUIRED, INT64_MIN + 1, INT64_MAX,
	    "whole days that are left"));

MESSAGE(ending_user, "EndingUser", "Somebody who soon has no credential",
	SLUG(ending_user, id, REQUIRED, "who"),
	STR(ending_user, name, REQUIRED, 1, 128, "what they are called"),
	WORD(ending_user, role, REQUIRED, role, ROLE, "their role"),
	SLUG(ending_user, site, OPTIONAL, "where they belong"),
	TIME(ending_user, not_after, REQUIRED,
	     "when their last certificate or token ends"),
	COUNT(ending_user, days, REQUIRED, "whole days that are left"));

MESSAGE(ending_agreement, "EndingAgreement",
	"An agreement that ends and that none follows",
	SLUG(ending_agreement, agreement, REQUIRED, "which"),
	SLUG(ending_agreement, lead, REQUIRED, "the site that gives"),
	SLUG(ending_agreement, partner, REQUIRED, "the site that receives"),
	DATE(ending_agreement, last_day, REQUIRED, "its last day"),
	COUNT(ending_agreement, days, REQUIRED, "days after today until then"));

MESSAGE(log_report, "LogReport", "Whether the event log is whole",
	BOOL(log_report, ok, REQUIRED,
	     "the chain, every signature, and that each is of what the log "
	     "says"),
	COUNT(log_report, events, REQUIRED, "how many were read"),
	COUNT(log_report, first_bad, OPTIONAL,
	      "the first event that does not fit; absent when all do"),
	STR(log_report, epoch, OPTIONAL, 1, 64,
	    "which life of the database it is"),
	STR(log_report, head, OPTIONAL, 1, 128,
	    "the last hash, in hex: keep it elsewhere"),
	STR(log_report, detail, OPTIONAL, 1, 2000, "a sentence"),
	COUNT(log_report, opinions, REQUIRED,
	      "how many opinions were held against signature and log"),
	COUNT(log_report, opinions_bad, REQUIRED,
	      "how many do not hold, or are gone"),
	CODE(log_report, bad_opinion, OPTIONAL,
	     "the request of the first of those"));

MESSAGE(status, "Status", "How the service does",
	OBJECTS(status, warnings, REQUIRED, warning, 64,
		"what is to be done; none: all is well"),
	STR(status, version, REQUIRED, 1, 32, "the program's version"),
	BOOL(status, ready, REQUIRED, "as /readyz says"),
	TIME(status, now, REQUIRED, "the service's clock"),
	TIME(status, started_at, REQUIRED, "when the daemon began"),
	COUNT(status, uptime_seconds, REQUIRED, "for how long it runs"),
	OBJECTS(status, threads, REQUIRED, thread, 128, "its threads"),
	OBJECT(status, store, REQUIRED, store_status, "the database"),
	OBJECT(status, front, REQUIRED, front_status, "the connections"),
	OBJECTS(status, certificates, REQUIRED, own_certificate, 4,
		"the service's own"),
	OBJECTS(status, users, REQUIRED, ending_user, ENDING_MAX,
		"whose last certificate or token ends within 30 days"),
	COUNT(status, users_all, REQUIRED, "how many that are"),
	OBJECTS(status, agreements, REQUIRED, ending_agreement, ENDING_MAX,
		"that end within 60 days"),
	COUNT(status, agreements_all, REQUIRED, "how many that are"),
	COUNT(status, on_call_gaps, OPTIONAL,
	      "times within 14 days at which nobody is called first"),
	STR(status, on_call_gap, OPTIONAL, 1, 256,
	    "of which site and specialty the first one is"));
