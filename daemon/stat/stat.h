/*
 * stat - the figures of the service, for those who watch it.
 *
 * One table (metric.c) has a row a metric: its name and unit as Prometheus and
 * OpenMetrics want them, its labels, where its value comes from. The values
 * are relaxed atomics of the process, counted from any thread without a lock
 * and without memory; what others know already (queues, connections, files) is
 * set when somebody asks. Every label has a closed set of values: no patient,
 * no person, no site, nothing that a peer says.
 *
 * Formats: the Prometheus text exposition format 0.0.4, and OpenMetrics 1.0.
 * Besides main this is the only place with variables of its own; stat_clear()
 * is for tests.
 */
#ifndef DAEMON_STAT_STAT_H
#define DAEMON_STAT_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/words.h"

#define STAT_ROUTES_MAX 128 /* the last one: whatever is none of the table */
#define STAT_THREADS_MAX 67 /* main, writer, reports, 64 workers */
#define STAT_LEVELS 5	    /* error, warning, notice, info, debug */
#define STAT_BUCKETS 12	    /* of a histogram, the last one without bound */
#define STAT_HISTOGRAM (STAT_BUCKETS + 1) /* and their sum */

/* What became of a booking, and of a request. */
#define STAT_WORDS_BOOKED(X)                                                   \
	X(BOOKED, "booked")                                                    \
	X(HELD, "held")                                                        \
	X(MOVED, "moved")                                                      \
	X(CANCELLED, "cancelled")                                              \
	X(RELEASED, "released")                                                \
	X(LAPSED, "lapsed")
#define STAT_WORDS_ASKED(X)                                                    \
	X(SUBMITTED, "submitted")                                              \
	X(ACCEPTED, "accepted")                                                \
	X(DECLINED, "declined")                                                \
	X(WITHDRAWN, "withdrawn")
/* What became of what was offered to those who wait. */
#define STAT_WORDS_OFFERED(X)                                                  \
	X(OFFER_MADE, "made")                                                  \
	X(OFFER_ACCEPTED, "accepted")                                          \
	X(OFFER_REFUSED, "refused")                                            \
	X(OFFER_LAPSED, "lapsed")                                              \
	X(OFFER_ENDED, "ended")
/* The answer's class. */
#define STAT_WORDS_CLASS(X)                                                    \
	X(2XX, "2xx") X(3XX, "3xx") X(4XX, "4xx") X(5XX, "5xx")
/* What is promised (store/clock.h). */
#define STAT_WORDS_LATE(X)                                                     \
	X(ANSWER, "answer") X(BEGIN, "start") X(OPINION, "opinion")
#define STAT_WORDS_CERTIFICATE(X) X(SERVER, "server") X(CA, "ca")

#define STAT_BOOKED_(sym, name) STAT_##sym,
#define STAT_CLASS_(sym, name) STAT_CLASS_##sym,
#define STAT_LATE_(sym, name) STAT_LATE_##sym,
#define STAT_CERTIFICATE_(sym, name) STAT_CERTIFICATE_##sym,
enum stat_booked { STAT_WORDS_BOOKED(STAT_BOOKED_) STAT_BOOKED_COUNT };
enum stat_asked { STAT_WORDS_ASKED(STAT_BOOKED_) STAT_ASKED_COUNT };
enum stat_offered { STAT_WORDS_OFFERED(STAT_BOOKED_) STAT_OFFERED_COUNT };
enum stat_late { STAT_WORDS_LATE(STAT_LATE_) STAT_LATE_COUNT };
enum stat_class { STAT_WORDS_CLASS(STAT_CLASS_) STAT_CLASS_COUNT };
enum stat_certificate {
	STAT_WORDS_CERTIFICATE(STAT_CERTIFICATE_) STAT_CERTIFICATE_COUNT
};

/* Each metric with how many values its first and second label have, and how
 * many cells a value takes. */
#define STAT_IDS(X)                                                            \
	X(BUILD, 1, 1, 1)                                                      \
	X(READY, 1, 1, 1)                                                      \
	X(HTTP_REQUESTS, STAT_ROUTES_MAX, STAT_CLASS_COUNT, 1)                 \
	X(HTTP_DURATION, STAT_ROUTES_MAX, 1, STAT_HISTOGRAM)                   \
	X(HTTP_BYTES, 1, 1, 1)                                                 \
	X(ERRORS, RC_COUNT, 1, 1)                                              \
	X(BOOKINGS, KIND_COUNT, STAT_BOOKED_COUNT, 1)                          \
	X(REQUESTS, KIND_COUNT, STAT_ASKED_COUNT, 1)                           \
	X(OFFERS, KIND_COUNT, STAT_OFFERED_COUNT, 1)                           \
	X(WAITING, URGENCY_COUNT, 1, 1)                                        \
	X(REFUSALS, BLOCK_COUNT, 1, 1)                                         \
	X(EVENTS, 1, 1, 1)                                                     \
	X(WRITER_QUEUE, 1, 1, 1)                                               \
	X(WRITER_QUEUE_LIMIT, 1, 1, 1)                                         \
	X(WRITER_JOBS, 1, 1, 1)                                                \
	X(WRITER_COMMITS, 1, 1, 1)                                             \
	X(WRITER_COMMIT_DURATION, 1, 1, STAT_HISTOGRAM)                        \
	X(WRITER_BATCH, 1, 1, STAT_HISTOGRAM)                                  \
	X(WRITER_CHECKPOINTS, 1, 1, 1)                                         \
	X(REPORT_QUEUE, 1, 1, 1)                                               \
	X(DATABASE_SIZE, 1, 1, 1)                                              \
	X(DATABASE_LOG_SIZE, 1, 1, 1)                                          \
	X(DATABASE_LOG_PAGES, 1, 1, 1)                                         \
	X(BACKUP_LAST, 1, 1, 1)                                                \
	X(DUE_DONE, 1, 1, 1)                                                   \
	X(LATE, STAT_LATE_COUNT, 1, 1)                                         \
	X(CONNECTIONS, 1, 1, 1)                                                \
	X(CONNECTIONS_LIMIT, 1, 1, 1)                                          \
	X(CONNECTIONS_ACCEPTED, 1, 1, 1)                                       \
	X(CONNECTIONS_REFUSED, 1, 1, 1)                                        \
	X(HANDSHAKES_FAILED, 1, 1, 1)                                          \
	X(TIMEOUTS, 1, 1, 1)                                                   \
	X(STREAMS, 1, 1, 1)                                                    \
	X(THREAD_SILENCE, STAT_THREADS_MAX, 1, 1)                              \
	X(CERTIFICATE_EXPIRY, STAT_CERTIFICATE_COUNT, 1, 1)                    \
	X(USER_CERTIFICATES_ENDING, 1, 1, 1)                                   \
	X(AGREEMENTS_ENDING, 1, 1, 1)                                          \
	X(LOG_LINES, STAT_LEVELS, 1, 1)                                        \
	X(LOG_LINES_SUPPRESSED, STAT_LEVELS, 1, 1)                             \
	X(PROCESS_CPU, 1, 1, 1)                                                \
	X(PROCESS_RESIDENT, 1, 1, 1)                                           \
	X(PROCESS_VIRTUAL, 1, 1, 1)                                            \
	X(PROCESS_OPEN_FDS, 1, 1, 1)                                           \
	X(PROCESS_MAX_FDS, 1, 1, 1)                                            \
	X(PROCESS_START, 1, 1, 1)

#define STAT_ID_(sym, a, b, c) STAT_##sym,
enum stat_id { STAT_IDS(STAT_ID_) STAT_COUNT };

/* The value of a gauge that is not known: it is not shown. */
#define STAT_UNKNOWN INT64_MIN

/* Labels by their numbers, 0 where there is none; a number outside a label's
 * set counts nothing. Any thread. */
void stat_add(enum stat_id id, unsigned first, unsigned second, uint64_t n);
void stat_set(enum stat_id id, unsigned first, unsigned second, int64_t value);
int64_t stat_get(enum stat_id id, unsigned first, unsigned second);
/* Puts a value into its bucket: milliseconds, or whatever the row says. */
void stat_observe(enum stat_id id, unsigned first, int64_t value);

/* The names of routes, which are static, and how many threads there are;
 * before threads. */
void stat_set_route(unsigned number, const char *method, const char *path);
void stat_set_threads(unsigned n);
void stat_set_build(const char *version, int schema);
/* The number of whatever is no route of the table. */
#define STAT_ROUTE_NONE (STAT_ROUTES_MAX - 1)

enum stat_format { STAT_TEXT, STAT_OPENMETRICS, STAT_FORMAT_COUNT };
/* The whole Content-Type. */
const char *stat_content_type(enum stat_format format);
void stat_print(enum stat_format format, struct buf *out);
/* The table as a table of docs/metrics.md. */
void stat_document(struct buf *out);
/* As at the start; for tests. */
void stat_clear(void);

#endif
