/*
 * load - asks a daemon over TLS and says how long it took.
 *
 * One JSON object on standard output when it is done; --idle prints "standing
 * N" as soon as all connections stand, and holds them until its standard input
 * ends.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/mem.h"
#include "tests/bench/common/crowd.h"
#include "tests/bench/common/wire.h"

#define IDENTITIES_MAX 64
#define THREADS_MAX 64

static const char usage[] =
	"usage: load --connect 127.0.0.1:PORT --ca FILE\n"
	"            [--identity FILE.pem[,FILE.pem...]] [--token T]\n"
	"            (--get FILE-of-paths | --post PATH --bodies FILE |\n"
	"             --handshakes | --idle [--get FILE])\n"
	"            [--connections N] [--threads N] [--seconds S]\n"
	"            [--warmup S] [--rate R] [--churn N] [--host NAME]\n"
	"            [--watch PID] [--spread] [--gate]\n"
	"            [--json]\n"
	"\n"
	"  --connections  over all threads (64)\n"
	"  --rate         open loop: so many a second, whatever comes back;\n"
	"                 without it a connection asks when it is answered\n"
	"  --churn        a connection is given up after so many answers\n"
	"  --watch        the CPU time of that process is told too\n"
	"  --gate         says \"standing N\" when all connections stand, and\n"
	"                 begins at a byte of its standard input, or its end\n"
	"  --spread       line n of the bodies is for identity n modulo all\n";

struct options {
	struct crowd_config crowd; /* of all threads together */
	struct supply_config supply;
	const char *connect, *ca, *identities;
	unsigned threads, watch;
	bool handshakes, idle, spread, gate, json;
};

static double number(const char *text, double min, double max)
{
	char *end;
	double value = strtod(text, &end);

	if (*end || end == text || !(value >= min && value <= max))
		wire_die("%s: not a number from %g to %g", text, min, max);
	return value;
}

enum shape { TEXT, WHOLE, REAL, FLAG };

/* Where an option's value goes, by its row's number. */
static const struct row {
	const char *name;
	enum shape shape;
	size_t at;
	double min, max;
} rows[] = {
#define AT(field) offsetof(struct options, field)
	{"connect", TEXT, AT(connect)},
	{"ca", TEXT, AT(ca)},
	{"identity", TEXT, AT(identities)},
	{"token", TEXT, AT(supply.token)},
	{"get", TEXT, AT(supply.get)},
	{"post", TEXT, AT(supply.post)},
	{"bodies", TEXT, AT(supply.bodies)},
	{"host", TEXT, AT(crowd.host)},
	{"connections", WHOLE, AT(crowd.connections), 1, 100000},
	{"threads", WHOLE, AT(threads), 1, THREADS_MAX},
	{"churn", WHOLE, AT(crowd.churn), 1, 1e9},
	{"watch", WHOLE, AT(watch), 1, 1e9},
	{"seconds", REAL, AT(crowd.seconds), 0.01, 1e5},
	{"warmup", REAL, AT(crowd.warmup_s), 0, 1000},
	{"rate", REAL, AT(crowd.rate), 0.001, 1e7},
	{"handshakes", FLAG, AT(handshakes)},
	{"idle", FLAG, AT(idle)},
	{"gate", FLAG, AT(gate)},
	{"spread", FLAG, AT(spread)},
	{"json", FLAG, AT(json)},
#undef AT
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void take_option(struct options *o, const struct row *row,
			const char *value)
{
	void *at = (char *)o + row->at;

	switch (row->shape) {
	case TEXT:
		*(const char **)at = value;
		break;
	case WHOLE:
		*(unsigned *)at = (unsigned)number(value, row->min, row->max);
		break;
	case REAL:
		*(double *)at = number(value, row->min, row->max);
		break;
	case FLAG:
		*(bool *)at = true;
		break;
	}
}

static void check_options(struct options *o)
{
	bool asks = o->supply.get || (o->supply.post && o->supply.bodies);

	if (o->handshakes)
		o->crowd.mode = CROWD_HANDSHAKES;
	if (o->idle)
		o->crowd.mode = CROWD_IDLE;
	if (!o->ca || !o->connect || (o->supply.get && o->supply.post) ||
	    (o->crowd.mode == CROWD_ASK && !asks))
		wire_die("%s", usage);
	o->crowd.to = wire_address(o->connect);
	if (o->crowd.connections < o->threads)
		o->threads = o->crowd.connections;
}

static void read_options(int argc, char **argv, struct options *o)
{
	struct option known[ROWS + 1] = {0};
	int found;

	for (size_t i = 0; i < ROWS; i++)
		known[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].shape == FLAG ? no_argument
							 : required_argument,
			.val = (int)i + 256};
	while ((found = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (found < 256)
			wire_die("%s", usage);
		take_option(o, &rows[found - 256], optarg);
	}
	if (optind != argc)
		wire_die("%s", usage);
	check_options(o);
}

/* ---- threads ---- */

struct thread {
	pthread_t id;
	struct crowd_config config;
	struct crowd *crowd;
	struct crowd_figures figures;
};

static void open_identities(struct crowd_config *config,
			    const struct options *o)
{
	char *list = o->identities ? mem_strdup(o->identities) : NULL;
	char *rest = NULL;
	char *name = list ? strtok_r(list, ",", &rest) : NULL;

	config->identities =
		mem_alloc(IDENTITIES_MAX * sizeof(*config->identities));
	do {
		if (config->nidentities == IDENTITIES_MAX)
			wire_die("at most %d identities", IDENTITIES_MAX);
		SSL_CTX *ctx = wire_client(name, o->ca);

		/* The server is to be what limits a loop of handshakes: who
		 * waits for us is woken each time, into cold caches. */
		if (o->handshakes)
			SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		config->identities[config->nidentities++] = ctx;
		name = name ? strtok_r(NULL, ",", &rest) : NULL;
	} while (name);
	mem_free(list);
}

static void close_identities(struct crowd_config *config)
{
	for (unsigned i = 0; i < config->nidentities; i++)
		SSL_CTX_free(config->identities[i]);
	mem_free(config->identities);
}

/* Its share of the connections and of the rate; contexts of its own. */
static void make_thread(struct thread *t, const struct options *o, unsigned i)
{
	unsigned all = o->crowd.connections;

	t->config = o->crowd;
	t->config.connections = all / o->threads + (i < all % o->threads);
	t->config.rate = o->crowd.rate / o->threads;
	open_identities(&t->config, o);
	t->crowd = crowd_new(&t->config);
}

static void free_thread(struct thread *t)
{
	crowd_free(t->crowd);
	crowd_figures_fini(&t->figures);
	close_identities(&t->config);
}

static void *run_thread(void *arg)
{
	struct thread *t = arg;

	crowd_run(t->crowd, &t->figures);
	return NULL;
}

/* ---- the report ---- */

static void print_status(const struct crowd_figures *f)
{
	const char *comma = "";

	printf("\"status\":{");
	for (size_t i = 1; i < CROWD_STATUS; i++)
		if (f->status[i]) {
			printf("%s\"%zu\":%llu", comma, i,
			       (unsigned long long)f->status[i]);
			comma = ",";
		}
	printf("},\"latency_us\":");
	histogram_print(&f->all, stdout);
	printf(",\"latency_by_status\":{");
	comma = "";
	for (size_t i = 1; i < CROWD_STATUS; i++)
		if (f->by_status[i]) {
			printf("%s\"%zu\":", comma, i);
			histogram_print(f->by_status[i], stdout);
			comma = ",";
		}
	printf("}");
}

static void print_figures(const struct options *o,
			  const struct crowd_figures *f, uint64_t watched_ns)
{
	double seconds = f->seconds > 0 ? f->seconds : 1e-9;

	printf("{\"requests\":%llu,\"seconds\":%.3f,\"per_second\":%.1f,",
	       (unsigned long long)f->answers, f->seconds,
	       (double)f->answers / seconds);
	print_status(f);
	printf(",\"bytes\":%llu,\"cpu_seconds\":%.3f,\"connections\":%u,"
	       "\"errors\":%llu,\"opened\":%llu,\"unsent\":%llu,"
	       "\"retry_after\":%llu,\"ran_out\":%s",
	       (unsigned long long)f->bytes, (double)f->cpu_ns / 1e9,
	       o->crowd.connections, (unsigned long long)f->errors,
	       (unsigned long long)f->opened, (unsigned long long)f->unsent,
	       (unsigned long long)f->retry_after,
	       f->ran_out ? "true" : "false");
	if (o->watch)
		printf(",\"watched_cpu_seconds\":%.3f",
		       (double)watched_ns / 1e9);
	printf("}\n");
}

static void sleep_s(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

/* That process's CPU time within the seconds that are counted. */
static uint64_t watch(const struct options *o)
{
	uint64_t before;

	if (!o->watch)
		return 0;
	sleep_s(o->crowd.warmup_s);
	before = wire_process_ns((int)o->watch);
	sleep_s(o->crowd.seconds);
	return wire_process_ns((int)o->watch) - before;
}

static void stand(const struct options *o, struct thread *threads)
{
	for (unsigned i = 0; i < o->threads; i++)
		if (!crowd_stand(threads[i].crowd))
			wire_die("not all connections stand");
}

static void tell_standing(const struct options *o)
{
	printf("standing %u\n", o->crowd.connections);
	fflush(stdout);
}

static int hold(const struct options *o, struct thread *threads)
{
	char c;

	stand(o, threads);
	tell_standing(o);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}

/* What is measured is asking: they stand before it begins. */
static void line_up(const struct options *o, struct thread *threads)
{
	char c;

	if (o->crowd.mode == CROWD_ASK)
		stand(o, threads);
	if (o->gate) {
		tell_standing(o);
		if (read(STDIN_FILENO, &c, 1) < 0)
			wire_die("no word to begin");
	}
}

static int run(const struct options *o, struct thread *threads)
{
	struct crowd_figures *sum = mem_alloc(sizeof(*sum));
	uint64_t watched;

	line_up(o, threads);
	for (unsigned i = 0; i < o->threads; i++)
		if (pthread_create(&threads[i].id, NULL, run_thread,
				   &threads[i]) != 0)
			wire_die("no thread");
	watched = watch(o);
	for (unsigned i = 0; i < o->threads; i++) {
		pthread_join(threads[i].id, NULL);
		crowd_figures_merge(sum, &threads[i].figures);
	}
	print_figures(o, sum, watched);
	crowd_figures_fini(sum);
	mem_free(sum);
	return 0;
}

static unsigned groups_of(const struct options *o)
{
	unsigned n = 1;

	for (const char *p = o->identities; o->spread && p && *p; p++)
		n += *p == ',';
	return n;
}

static void more_files(unsigned connections)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur < connections + 100)
		wire_die("%llu descriptors are too few",
			 (unsigned long long)limit.rlim_cur);
}

int main(int argc, char **argv)
{
	struct options o = {.threads = 1,
			    .crowd = {.connections = 64,
				      .seconds = 5,
				      .host = "localhost"}};
	struct thread *threads;
	struct supply supply;
	int status;

	signal(SIGPIPE, SIG_IGN);
	read_options(argc, argv, &o);
	more_files(o.crowd.connections);
	o.supply.host = o.crowd.host;
	o.supply.groups = groups_of(&o);
	if (o.supply.get || o.supply.post) {
		supply_open(&supply, &o.supply);
		o.crowd.supply = &supply;
	}
	threads = mem_alloc(o.threads * sizeof(*threads));
	for (unsigned i = 0; i < o.threads; i++)
		make_thread(&threads[i], &o, i);
	status = o.crowd.mode == CROWD_IDLE ? hold(&o, threads)
					    : run(&o, threads);
	for (unsigned i = 0; i < o.threads; i++)
		free_thread(&threads[i]);
	mem_free(threads);
	if (o.crowd.supply)
		supply_close(&supply);
	return status;
}
