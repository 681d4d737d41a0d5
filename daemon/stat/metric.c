#include "daemon/stat/metric.h"

#include <stdio.h>

struct metric_names metric_names;

/* ---- the labels ---- */

#define NAME_(sym, name) name,
static const char *const booked[] = {STAT_WORDS_BOOKED(NAME_)};
static const char *const asked[] = {STAT_WORDS_ASKED(NAME_)};
static const char *const offered[] = {STAT_WORDS_OFFERED(NAME_)};
static const char *const classes[] = {STAT_WORDS_CLASS(NAME_)};
static const char *const promises[] = {STAT_WORDS_LATE(NAME_)};
static const char *const certificates[] = {STAT_WORDS_CERTIFICATE(NAME_)};
static const char *const levels[STAT_LEVELS] = {"error", "warning", "notice",
						"info", "debug"};

static const char *kind_name(unsigned i)
{
	return words_name(&words_kind, (int)i);
}

static const char *urgency_name(unsigned i)
{
	return words_name(&words_urgency, (int)i);
}

static const char *block_name(unsigned i)
{
	return words_name(&words_block, (int)i);
}

static const char *rc_name(unsigned i)
{
	return rc_row((enum rc)i)->code;
}

/* What leaves the server as an answer. */
static bool rc_shown(unsigned i)
{
	return i != RC_OK && rc_row((enum rc)i)->http != 0;
}

static bool route_shown(unsigned i)
{
	return metric_names.routes[i].path != NULL || i == STAT_ROUTE_NONE;
}

static const char *route_name(unsigned i)
{
	return i != STAT_ROUTE_NONE ? metric_names.routes[i].path : "none";
}

static const char *method_name(unsigned i)
{
	return i != STAT_ROUTE_NONE ? metric_names.routes[i].method : "other";
}

static bool thread_shown(unsigned i)
{
	return i < metric_names.nthreads;
}

static void make_thread(unsigned i, char out[METRIC_NAME_MAX])
{
	static const char *const names[] = {"main", "writer", "reports"};

	if (i < 3)
		snprintf(out, METRIC_NAME_MAX, "%s", names[i]);
	else
		snprintf(out, METRIC_NAME_MAX, "worker-%hhu",
			 (unsigned char)(i - 3));
}

static const char *version_name(unsigned i)
{
	(void)i;
	return metric_names.version != NULL ? metric_names.version : "";
}

static void make_schema(unsigned i, char out[METRIC_NAME_MAX])
{
	(void)i;
	snprintf(out, METRIC_NAME_MAX, "%d", metric_names.schema);
}

static const struct metric_dim route = {"route", .shown = route_shown,
					.word = route_name};
static const struct metric_dim method = {"method", .word = method_name};
static const struct metric_dim class = {"status", .names = classes};
static const struct metric_dim kind = {"kind", .word = kind_name};
static const struct metric_dim change_b = {"change", .names = booked};
static const struct metric_dim change_r = {"change", .names = asked};
static const struct metric_dim change_o = {"change", .names = offered};
static const struct metric_dim urgency = {"urgency", .word = urgency_name};
static const struct metric_dim reason = {"reason", .word = block_name};
static const struct metric_dim code = {"code", .shown = rc_shown,
				       .word = rc_name};
static const struct metric_dim thread = {"thread", .shown = thread_shown,
					 .made = make_thread};
static const struct metric_dim promise = {"promise", .names = promises};
static const struct metric_dim certificate = {"certificate",
					      .names = certificates};
static const struct metric_dim level = {"level", .names = levels};
static const struct metric_dim version = {"version", .word = version_name};
static const struct metric_dim schema = {"schema", .made = make_schema};

const char *metric_label(const struct metric_dim *dim, unsigned i,
			 char scratch[METRIC_NAME_MAX])
{
	if (dim->names != NULL)
		return dim->names[i];
	if (dim->word != NULL)
		return dim->word(i);
	dim->made(i, scratch);
	return scratch;
}

/* ---- the table ---- */

/* Milliseconds; and jobs. */
static const int64_t latency[STAT_BUCKETS - 1] = {
	1, 2, 5, 10, 25, 50, 100, 250, 1000, 5000, 30000};
static const int64_t batch[STAT_BUCKETS - 1] = {1,  2,	4,   8,	  16, 32,
						64, 96, 128, 192, 256};

#define COUNTER .type = METRIC_COUNTER, .scale = 1
#define GAUGE .type = METRIC_GAUGE, .scale = 1
#define IN_MS .unit = "seconds", .scale = 1000
#define SECONDS .unit = "seconds"
#define BYTES .unit = "bytes"

const struct metric_row metric_rows[STAT_COUNT] = {
	[STAT_BUILD] = {"teleconsult_build", METRIC_INFO, .scale = 1,
			.dims = {&version, NULL, &schema},
			.help = "The program's version and its schema's.",
			.source = "the program"},
	[STAT_READY] = {"teleconsult_ready", GAUGE,
			.help = "1 when /readyz says ok, else 0.",
			.source = "the same question as /readyz"},
	[STAT_HTTP_REQUESTS] = {"teleconsult_http_requests", COUNTER,
				.dims = {&route, &class, &method},
				.help = "Requests answered, by route and "
					"status class.",
				.source = "each answered exchange"},
	[STAT_HTTP_DURATION] = {"teleconsult_http_request_duration_seconds",
				METRIC_HISTOGRAM, IN_MS, .bounds = latency,
				.dims = {&route, NULL, &method},
				.help = "From a request's first byte to the "
					"last of its answer; without streams.",
				.source = "each answered exchange"},
	[STAT_HTTP_BYTES] = {"teleconsult_http_response_body_bytes", COUNTER,
			     BYTES, .help = "Bytes of content sent.",
			     .source = "each answered exchange"},
	[STAT_ERRORS] = {"teleconsult_errors", COUNTER, .dims = {&code},
			 .help = "Requests answered with an error, by its "
				 "code.",
			 .source = "each problem that was answered"},
	[STAT_BOOKINGS] = {"teleconsult_bookings", COUNTER,
			   .dims = {&kind, &change_b},
			   .help = "What became of bookings and holds.",
			   .source = "committed events"},
	[STAT_REQUESTS] = {"teleconsult_requests", COUNTER,
			   .dims = {&kind, &change_r},
			   .help = "What became of partners' requests.",
			   .source = "committed events"},
	[STAT_OFFERS] = {"teleconsult_offers", COUNTER,
			 .dims = {&kind, &change_o},
			 .help = "What became of times offered to requests "
				 "that wait.",
			 .source = "committed events"},
	[STAT_WAITING] = {"teleconsult_waiting_requests", GAUGE,
			  .dims = {&urgency}, .help = "Requests on a waitlist.",
			  .source = "the database, when asked"},
	[STAT_REFUSALS] = {"teleconsult_refusals", COUNTER, .dims = {&reason},
			   .help = "Times refused, by reason; a refusal for "
				   "several counts once in each.",
			   .source = "the blockers of each refusal"},
	[STAT_EVENTS] = {"teleconsult_events", COUNTER,
			 .help = "Records of the event log.",
			 .source = "the log's head as committed"},
	[STAT_WRITER_QUEUE] = {"teleconsult_writer_queue_jobs", GAUGE,
			       .help = "Changes that wait for the writer.",
			       .source = "the writer's queue"},
	[STAT_WRITER_QUEUE_LIMIT] = {"teleconsult_writer_queue_limit_jobs",
				     GAUGE,
				     .help = "How many may wait; more are "
					     "answered 503.",
				     .source = "the writer's queue"},
	[STAT_WRITER_JOBS] = {"teleconsult_writer_jobs", COUNTER,
			      .help = "Changes that the writer settled, "
				      "refusals among them.",
			      .source = "the writer"},
	[STAT_WRITER_COMMITS] = {"teleconsult_writer_commits", COUNTER,
				 .help = "Transactions committed.",
				 .source = "the writer"},
	[STAT_WRITER_COMMIT_DURATION] =
		{"teleconsult_writer_commit_duration_seconds", METRIC_HISTOGRAM,
		 IN_MS, .bounds = latency,
		 .help = "How long a commit takes, the disk's sync in it.",
		 .source = "the writer"},
	[STAT_WRITER_BATCH] = {"teleconsult_writer_batch_jobs",
			       METRIC_HISTOGRAM, .scale = 1, .bounds = batch,
			       .help = "Changes in one transaction.",
			       .source = "the writer"},
	[STAT_WRITER_CHECKPOINTS] = {"teleconsult_writer_checkpoints", COUNTER,
				     .help = "Times that the write-ahead log "
					     "was moved into the database.",
				     .source = "the writer"},
	[STAT_REPORT_QUEUE] = {"teleconsult_report_queue_jobs", GAUGE,
			       .help = "Long reads that wait for the report "
				       "thread.",
			       .source = "the report thread's queue"},
	[STAT_DATABASE_SIZE] = {"teleconsult_database_size_bytes", GAUGE, BYTES,
				.help = "The database's file.",
				.source = "the file"},
	[STAT_DATABASE_LOG_SIZE] = {"teleconsult_database_log_size_bytes",
				    GAUGE, BYTES,
				    .help = "The write-ahead log's file.",
				    .source = "the file"},
	[STAT_DATABASE_LOG_PAGES] = {"teleconsult_database_log_pages", GAUGE,
				     .help = "Pages of the write-ahead log "
					     "that are not in the database "
					     "yet.",
				     .source = "the writer"},
	[STAT_BACKUP_LAST] = {"teleconsult_backup_timestamp_seconds", GAUGE,
			      SECONDS,
			      .help = "When the last backup was sent whole; "
				      "absent when there was none.",
			      .source = "the event log"},
	[STAT_DUE_DONE] = {"teleconsult_due_done_timestamp_seconds", GAUGE,
			   SECONDS,
			   .help = "What was due by then has been done: holds "
				   "that lapse, reminders, deadlines.",
			   .source = "the main thread's look at what is due"},
	[STAT_LATE] = {"teleconsult_late_promises", GAUGE, .dims = {&promise},
		       .help = "Answers, starts and opinions that are late.",
		       .source = "the database, when asked"},
	[STAT_CONNECTIONS] = {"teleconsult_connections", GAUGE,
			      .help = "Connections open now.",
			      .source = "the workers"},
	[STAT_CONNECTIONS_LIMIT] = {"teleconsult_connections_limit", GAUGE,
				    .help = "How many may be open.",
				    .source = "the option limits.connections"},
	[STAT_CONNECTIONS_ACCEPTED] = {"teleconsult_connections_accepted",
				       COUNTER, .help = "Connections taken.",
				       .source = "the workers"},
	[STAT_CONNECTIONS_REFUSED] = {"teleconsult_connections_refused",
				      COUNTER,
				      .help = "Connections closed unanswered "
					      "because of a limit.",
				      .source = "the workers"},
	[STAT_HANDSHAKES_FAILED] = {"teleconsult_handshakes_failed", COUNTER,
				    .help = "TLS handshakes that failed.",
				    .source = "the workers"},
	[STAT_TIMEOUTS] = {"teleconsult_timeouts", COUNTER,
			   .help = "Deadlines that passed: of a handshake, a "
				   "head, a body, an answer, a slow reader.",
			   .source = "the workers"},
	[STAT_STREAMS] = {"teleconsult_streams", GAUGE,
			  .help = "Answers under way that are made piece by "
				  "piece: subscribers of events, backups.",
			  .source = "the workers"},
	[STAT_THREAD_SILENCE] = {"teleconsult_thread_silence_seconds",
				 METRIC_GAUGE, IN_MS, .dims = {&thread},
				 .help = "Since a thread last showed that it "
					 "moves; an idle one of the store is "
					 "asked now and then.",
				 .source = "the watchdog's look"},
	[STAT_CERTIFICATE_EXPIRY] =
		{"teleconsult_certificate_expiry_timestamp_seconds", GAUGE,
		 SECONDS, .dims = {&certificate},
		 .help = "When the server's certificate and the authority's "
			 "end.",
		 .source = "the files as last read"},
	[STAT_USER_CERTIFICATES_ENDING] =
		{"teleconsult_user_certificates_ending", GAUGE,
		 .help = "People whose last certificate or token ends within "
			 "30 days, or within a sixth of certificate_days where "
			 "that is sooner.",
		 .source = "the database"},
	[STAT_AGREEMENTS_ENDING] = {"teleconsult_agreements_ending", GAUGE,
				    .help = "Agreements that end within 30 "
					    "days and that none follows.",
				    .source = "the database"},
	[STAT_LOG_LINES] = {"teleconsult_log_lines", COUNTER, .dims = {&level},
			    .help = "Lines written to the log.",
			    .source = "the log"},
	[STAT_LOG_LINES_SUPPRESSED] = {"teleconsult_log_lines_suppressed",
				       COUNTER, .dims = {&level},
				       .help = "Lines that were counted and "
					       "not written, because there "
					       "were too many of their sort.",
				       .source = "the log"},
	[STAT_PROCESS_CPU] = {"process_cpu_seconds", METRIC_COUNTER, IN_MS,
			      .help = "User and system time.",
			      .source = "getrusage(2)"},
	[STAT_PROCESS_RESIDENT] = {"process_resident_memory_bytes", GAUGE,
				   BYTES, .help = "Memory that is in use.",
				   .source = "/proc/self/statm"},
	[STAT_PROCESS_VIRTUAL] = {"process_virtual_memory_bytes", GAUGE, BYTES,
				  .help = "Address space.",
				  .source = "/proc/self/statm"},
	[STAT_PROCESS_OPEN_FDS] = {"process_open_fds", GAUGE,
				   .help = "Open file descriptors.",
				   .source = "/proc/self/fd"},
	[STAT_PROCESS_MAX_FDS] = {"process_max_fds", GAUGE,
				  .help = "How many may be open.",
				  .source = "getrlimit(2)"},
	[STAT_PROCESS_START] = {"process_start_time_seconds", GAUGE, SECONDS,
				.help = "When the process began, since 1970.",
				.source = "the clock at the start"},
};

/* ---- where the cells are ---- */

#define SIZE_(sym, a, b, c) [STAT_##sym] = {a, b, c},
static const unsigned sizes[STAT_COUNT][3] = {STAT_IDS(SIZE_)};

#define AT_(sym, a, b, c) AT_##sym, LAST_##sym = AT_##sym + (a) * (b) * (c)-1,
enum { STAT_IDS(AT_) };
#define FIRST_(sym, a, b, c) [STAT_##sym] = AT_##sym,
static const unsigned firsts[STAT_COUNT] = {STAT_IDS(FIRST_)};

unsigned metric_at(enum stat_id id)
{
	return firsts[id];
}

unsigned metric_cells(enum stat_id id)
{
	return sizes[id][2];
}

unsigned metric_size(enum stat_id id, unsigned dim)
{
	return sizes[id][dim];
}
