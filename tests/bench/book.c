/*
 * What a booking costs the store: clinic places booked through the use case as
 * the writer does it, without the network in front.
 *
 *   book fill DB N        makes DB: examples/xuzhou.json and N bookings
 *   book run DB N BATCH [WARM]  books WARM more, then N more which count, so
 *                               many in a transaction, in this thread
 *   book queue DB N WAITING  by the writer's thread, so many waiting at a time
 *
 * Each place is booked once, in an order drawn from a fixed seed, so that a
 * run that is told how many are stored goes on where fill ended. Under
 * callgrind: --toggle-collect=measured.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mbox.h"
#include "daemon/core/rule.h"
#include "daemon/store/calendar.h"
#include "daemon/store/executor.h"
#include "daemon/store/idem.h"
#include "daemon/store/identity.h"
#include "daemon/store/rows.h"
#include "daemon/store/stamps.h"
#include "daemon/work/work.h"
#include "tests/support/house.h"

#define WEEKS 104
#define DAY INT64_C(86400)
#define ARENA ((size_t)1 << 30)
#define NOW INT64_C(1800000000)

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", what, err ? err->text : "");
	exit(1);
}

/* ---- what can be booked ---- */

struct place {
	int64_t at;
	const char *expert, *agreement, *site;
	int64_t site_id;
};

struct places {
	struct place *v;
	size_t n, cap;
};

struct offer { /* an agreement under which an expert takes clinic places */
	int64_t expert, site;
	const char *slug, *agreement, *partner;
};

static void add_place(struct places *p, const struct place *place)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 4096;
		p->v = mem_realloc(p->v, p->cap * sizeof(*p->v));
	}
	p->v[p->n++] = *place;
}

static size_t load_offers(struct db *db, struct arena *arena,
			  struct offer **out)
{
	struct offer *v = NULL;
	size_t n = 0;
	struct query q;

	query_begin(&q, db,
		    "SELECT e.subject, s.slug, a.slug, p.slug, p.id"
		    " FROM expert e JOIN subject s ON s.id = e.subject"
		    " JOIN agreement a ON a.lead = s.site"
		    " JOIN site p ON p.id = a.partner"
		    " JOIN agreement_kind k ON k.agreement = a.id"
		    "  AND k.kind = 'clinic-slot'"
		    " WHERE EXISTS (SELECT 1 FROM expert_word w"
		    "  JOIN agreement_specialty x ON x.specialty = w.word"
		    "  WHERE w.expert = e.subject AND w.sort = 'specialty'"
		    "  AND x.agreement = a.id)"
		    " AND EXISTS (SELECT 1 FROM rule r"
		    "  WHERE r.subject = e.subject AND r.slot_minutes > 0)"
		    " ORDER BY e.subject, a.id");
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		v[n++] = (struct offer){query_col_int(&q, 0),
					query_col_int(&q, 4),
					query_col_dup(&q, 1, arena),
					query_col_dup(&q, 2, arena),
					query_col_dup(&q, 3, arena)};
	}
	if (query_end(&q, NULL) != RC_OK)
		abort();
	*out = v;
	return n;
}

static void add_session(const struct core_open *open, const struct offer *of,
			size_t n, struct places *out)
{
	int64_t slot = (int64_t)open->rule->slot_minutes * 60;

	if (slot == 0)
		return;
	for (int64_t at = open->from; at + slot <= open->to; at += slot) {
		const struct offer *o = &of[(size_t)(at / slot) % n];

		if (at > NOW + DAY)
			add_place(out,
				  &(struct place){at, o->slug, o->agreement,
						  o->partner, o->site});
	}
}

static void add_expert(struct tx *tx, struct arena *arena,
		       const struct offer *of, size_t n, struct places *out)
{
	struct core_span window = {NOW, NOW + WEEKS * 7 * DAY};
	struct calendar_loader l = {
		.tx = tx, .arena = arena, .window = {NOW, NOW + 1}};
	struct core_opens opens;
	struct core_expert e;
	struct err err = ERR_INIT;

	if (calendar_expert(&l, of->expert, &e, &err) != RC_OK ||
	    rule_expand(e.subject.rules, e.subject.nrules, NULL, 0, window,
			arena, &opens) != RC_OK)
		die("expert", &err);
	for (size_t i = 0; i < opens.n; i++)
		add_session(&opens.v[i], of, n, out);
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void find_places(struct tx *tx, struct arena *arena, struct places *out)
{
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	struct offer *offers;
	size_t n = load_offers(tx->db, arena, &offers), i = 0;

	while (i < n) {
		size_t k = i;

		while (k < n && offers[k].expert == offers[i].expert)
			k++;
		add_expert(tx, arena, offers + i, k - i, out);
		i = k;
	}
	for (i = out->n - 1; i > 0; i--) {
		size_t k = next(&seed) % (i + 1);
		struct place swap = out->v[i];

		out->v[i] = out->v[k];
		out->v[k] = swap;
	}
}

/* ---- one booking, as a call does it ---- */

struct one {
	struct job job;
	const struct place *place;
	struct principal *who;
	struct mbox *back;
	struct arena arena;
	size_t number;
	struct err err;
};

static enum rc keep(struct tx *tx, const struct idem_key *key,
		    const struct msg_booking *out, struct err *err)
{
	struct idem_answer answer = {.status = 201, .etag = "\"1\""};

	snprintf(answer.location, sizeof(answer.location), "/v1/bookings/%s",
		 out->code);
	buf_init(&answer.body, 1 << 20);
	proto_encode(&msg_booking_table, out, &answer.body);
	enum rc rc = idem_keep(tx, key, &answer, err);

	buf_fini(&answer.body);
	return rc;
}

static enum rc book(struct one *one, struct tx *tx)
{
	char key[40], local[40];
	struct msg_patient patient = {.local_id = local, .name = "Wang Wei"};
	struct idem_key idem = {.identity = one->who->identity,
				.route = "POST /v1/bookings",
				.key = key};
	struct idem_answer kept;
	struct msg_booking out;
	struct msg_book in;
	struct work w = {.tx = tx,
			 .who = one->who,
			 .arena = &one->arena,
			 .request_id = "0123456789abcdef",
			 .match = WORK_MATCH_ANY};
	struct principal again;
	uint64_t mix = one->number * UINT64_C(0x9e3779b97f4a7c15);

	snprintf(key, sizeof(key), "%016" PRIx64 "%08zx", mix, one->number);
	snprintf(local, sizeof(local), "P%07zu", one->number);
	proto_clear(&msg_book_table, &in);
	in.kind = KIND_CLINIC_SLOT;
	in.at = one->place->at;
	in.expert = one->place->expert;
	in.agreement = one->place->agreement;
	in.patient = &patient;
	enum rc rc = principal_find(tx, &one->who->proof, &one->arena, &again,
				    &w.err);

	if (rc == RC_OK)
		rc = idem_find(tx, &idem, &kept, &w.err);
	if (rc == RC_NOT_FOUND)
		rc = work_booking_book(&w, &in, &out);
	if (rc == RC_OK)
		rc = keep(tx, &idem, &out, &w.err);
	one->err = w.err;
	return rc;
}

static enum rc book_run(struct job *job, struct tx *tx)
{
	return book((struct one *)(void *)job, tx);
}

static void book_done(struct job *job, enum rc rc)
{
	struct one *one = (struct one *)(void *)job;

	one->err.rc = rc;
	if (!mbox_put(one->back, one))
		abort();
}

/* ---- people: one coordinator a site ---- */

struct people {
	struct principal *of; /* by site's id */
	size_t n;
};

static enum rc enter(struct tx *tx, struct arena *arena, int64_t site,
		     struct principal *out)
{
	struct principal_proof proof = {.token = false};
	struct err err = ERR_INIT;
	int64_t unused;

	memcpy(proof.hash, &site, sizeof(site));
	struct identity_new row = {.issuer = proof.issuer,
				   .key = proof.hash,
				   .name = "coordinator",
				   .role = ROLE_SITE_COORDINATOR,
				   .site = site,
				   .not_after = NOW + 4000 * DAY};
	enum rc rc = identity_add(tx, &row, &unused, &err);

	if (rc == RC_OK || rc == RC_EXISTS)
		rc = principal_find(tx, &proof, arena, out, &err);
	if (rc != RC_OK)
		die("person", &err);
	return rc;
}

static void find_people(struct tx *tx, struct arena *arena,
			struct places *places, struct people *out)
{
	for (size_t i = 0; i < places->n; i++)
		if ((size_t)places->v[i].site_id >= out->n)
			out->n = (size_t)places->v[i].site_id + 1;
	out->of = mem_alloc(out->n * sizeof(*out->of));
	for (size_t i = 0; i < places->n; i++) {
		int64_t site = places->v[i].site_id;

		if (!out->of[site].identity &&
		    enter(tx, arena, site, &out->of[site]) != RC_OK)
			abort();
	}
}

/* ---- the whole ---- */

struct bench {
	struct store_env env;
	struct clock clock;
	struct db *db;
	struct event_head head;
	struct arena arena;
	struct places places;
	struct people people;
	size_t at; /* the next place */
	size_t booked, refused;
	struct executor *ex;
};

static int64_t now_of(void *ctx)
{
	(void)ctx;
	return NOW;
}

static int64_t mono_of(void *ctx)
{
	(void)ctx;
	return clock_mono_ms(clock_system());
}

static double seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct tx begin(struct bench *b)
{
	struct err err = ERR_INIT;

	if (db_begin(b->db, &err) != RC_OK)
		die("begin", &err);
	return (struct tx){.db = b->db,
			   .env = &b->env,
			   .write = true,
			   .now = NOW,
			   .head = b->head};
}

static void commit(struct bench *b, struct tx *tx)
{
	struct err err = ERR_INIT;

	if (db_commit(b->db, &err) != RC_OK)
		die("commit", &err);
	b->head = tx->head;
}

static void import(struct bench *b)
{
	static const struct principal root = {.name = "root",
					      .role = ROLE_ADMINISTRATOR};
	struct msg_import_report report;
	struct msg_network *net = arena_alloc(&b->arena, sizeof(*net));
	struct buf file;
	struct tx tx = begin(b);
	struct work w = {.tx = &tx,
			 .who = &root,
			 .arena = &b->arena,
			 .request_id = "bench",
			 .match = WORK_MATCH_ANY};

	buf_init(&file, (size_t)1 << 28);
	if (file_read("examples/xuzhou.json", &file, NULL) != RC_OK ||
	    proto_decode(&msg_network_table, file.data, file.len, PROTO_STRICT,
			 &b->arena, net, &w.faults, &w.err) != RC_OK ||
	    work_import_check(&w, net) != RC_OK ||
	    work_import(&w, net, &report) != RC_OK)
		die("import", &w.err);
	commit(b, &tx);
	buf_fini(&file);
}

/* After the last that was booked: its key ends with its number. */
static size_t next_place(struct db *db)
{
	struct query q;
	size_t at = 0;

	query_begin(&q, db, "SELECT max(substr(key, 17)) FROM idempotency");
	if (query_row(&q) && !query_col_null(&q, 0))
		at = (size_t)strtoull(query_col_text(&q, 0), NULL, 16) + 1;
	if (query_end(&q, NULL) != RC_OK)
		abort();
	return at;
}

static void open_bench(struct bench *b, const char *path, bool fresh)
{
	struct err err = ERR_INIT;

	db_init();
	crypt_init();
	proto_init(1);
	arena_init(&b->arena, ARENA);
	b->clock = (struct clock){now_of, mono_of, NULL};
	b->env = (struct store_env){.path = path,
				    .zones = tz_store_new(TZ_SYSTEM_DIR),
				    .clock = &b->clock,
				    .rnd = rnd_system(),
				    .stamps = stamps_new()};
	if (db_open(path, DB_WRITER, NULL, &b->db, &err) != RC_OK ||
	    db_migrate(b->db, b->env.rnd, &err) != RC_OK ||
	    event_load_head(b->db, &b->head, &err) != RC_OK)
		die("open", &err);
	if (fresh)
		import(b);
	struct tx tx = begin(b);

	find_places(&tx, &b->arena, &b->places);
	find_people(&tx, &b->arena, &b->places, &b->people);
	commit(b, &tx);
	b->at = next_place(b->db);
}

static void prepare(struct bench *b, struct one *one)
{
	if (b->at >= b->places.n)
		die("no place left", NULL);
	one->number = b->at;
	one->place = &b->places.v[b->at++];
	one->who = &b->people.of[one->place->site_id];
	arena_init(&one->arena, (size_t)1 << 26);
}

static void settle(struct bench *b, struct one *one)
{
	enum rc rc = one->err.rc;

	b->booked += rc == RC_OK;
	b->refused += rc != RC_OK;
	if (rc != RC_OK && b->refused < 5)
		fprintf(stderr, "refused: %s\n", one->err.text);
	arena_fini(&one->arena);
}

static void send(struct bench *b, struct one *one, struct mbox *back)
{
	*one = (struct one){.back = back};
	one->job = (struct job){book_run, book_done, false};
	prepare(b, one);
	if (!executor_write(b->ex, &one->job))
		abort();
}

/* As the writer does it, in this thread. */
static void run(struct bench *b, size_t n, size_t batch)
{
	struct one *all = mem_alloc(batch * sizeof(*all)), *one;
	struct mbox *back = mbox_new((unsigned)batch);

	for (size_t i = 0; i < n;) {
		for (size_t k = 0; k < batch && i < n; k++, i++)
			send(b, &all[k], back);
		while (executor_step(b->ex) > 0)
			continue;
		while ((one = mbox_take(back)) != NULL)
			settle(b, one);
	}
}

/* What callgrind counts. */
void measured(struct bench *b, size_t n, size_t batch);
__attribute__((noinline)) void measured(struct bench *b, size_t n, size_t batch)
{
	run(b, n, batch);
	__asm__ volatile("");
}

/* By the writer's thread. */
static void queue(struct bench *b, size_t n, size_t waiting)
{
	struct one *all = mem_alloc(waiting * sizeof(*all));
	struct mbox *back = mbox_new((unsigned)waiting);
	struct err err = ERR_INIT;
	size_t out = 0, sent = 0;

	if (executor_start(b->ex, &err) != RC_OK)
		die("executor", &err);
	while (sent < n || out > 0) {
		struct one *one = sent < waiting ? &all[sent] : mbox_take(back);

		if (one == NULL) {
			usleep(20);
			continue;
		}
		if (one->back) {
			settle(b, one);
			out--;
		}
		if (sent == n)
			continue;
		send(b, one, back);
		sent++;
		out++;
	}
}

int main(int argc, char **argv)
{
	struct executor_figures f;
	struct err err = ERR_INIT;
	struct bench b = {0};

	if (argc < 4)
		die("book fill|run|queue DB N [BATCH]", NULL);
	size_t n = (size_t)strtoull(argv[3], NULL, 10);
	size_t batch = argc > 4 ? (size_t)strtoull(argv[4], NULL, 10) : 256;

	open_bench(&b, argv[2], strcmp(argv[1], "fill") == 0);
	printf("%zu places, the next %zu\n", b.places.n, b.at);
	db_close(b.db);
	if (executor_new(&b.env, &b.ex, &err) != RC_OK)
		die("executor", &err);
	if (argc > 5) /* so many before, for what is kept to be there */
		run(&b, (size_t)strtoull(argv[5], NULL, 10), batch);
	b.booked = b.refused = 0;
	double wall = seconds(CLOCK_MONOTONIC);
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);

	if (strcmp(argv[1], "run") == 0)
		measured(&b, n, batch);
	else
		(strcmp(argv[1], "queue") == 0 ? queue : run)(&b, n, batch);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	executor_figures(b.ex, &f);
	printf("%zu booked, %zu refused, %.0f/s, %.1f us cpu each;"
	       " %.1f a commit, %" PRIu64 " checkpoints, log %" PRId64
	       " pages\n",
	       b.booked, b.refused, (double)n / wall, cpu / (double)n * 1e6,
	       (double)f.jobs / (double)f.commits, f.checkpoints, f.log_pages);
	executor_stop(b.ex);
	executor_free(b.ex);
	return 0;
}
