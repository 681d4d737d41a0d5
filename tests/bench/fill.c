/*
 * fill STATE --claims N [--seed S] [--bodies B]: years of a network's clinics
 * in a service's store, for measuring.
 *
 * STATE is the directory of a service that does not run, with the network
 * imported and a lead coordinator enrolled for every lead. The claims are those
 * of bookings made through the store's own functions, as the service itself
 * makes them, at places that its rules allow: within caps, quotas and
 * agreements, from three years back to one ahead, more for more claims. Each
 * booking has its claims, event and sealed papers, and its idempotency key
 * where it was made in the last 72 hours, as long as the service keeps one. Of
 * one lead's experts some weeks hold exactly WEEK bookings: places of the
 * clinic and remote consultations with their requests.
 *
 * Besides, in STATE/..: week.paths (those weeks, a path a line),
 * bodies/SITE.bodies (bookings of places that are free, a JSON a line, for that
 * lead's coordinator) and free.bodies (those of the lead with the weeks).
 * The same seed makes the same bookings at the same places of the same day.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "daemon/main/material.h"
#include "daemon/store/booking.h"
#include "daemon/store/event.h"
#include "daemon/store/idem.h"
#include "daemon/store/lock.h"
#include "daemon/store/rows.h"
#include "tests/bench/common/plan.h"

#define ARENA ((size_t)6 << 30)
#define ID_ROOM 24  /* of a local number */
#define BATCH 60000 /* bookings a transaction */

struct fill {
	const char *state;
	struct plan plan;
	struct store_env env;
	struct clock clock;
	struct rnd rnd;
	struct arena arena;
	struct conf conf;
	struct db *db;
	struct tx tx;			   /* of the open transaction */
	int64_t *patients;		   /* subjects */
	int64_t claims, bookings, refused; /* stored; left out */
};

static void fill_random(void *ctx, void *out, size_t len)
{
	uint8_t *p = out;

	while (len > 0) {
		uint64_t z = plan_random(ctx);
		size_t n = len < sizeof(z) ? len : sizeof(z);

		memcpy(p, &z, n);
		p += n;
		len -= n;
	}
}

static int64_t clock_of(void *ctx)
{
	return ((struct fill *)ctx)->tx.now;
}

static int64_t mono_of(void *ctx)
{
	return ((struct fill *)ctx)->tx.now * 1000;
}

/* ---- storing ---- */

static void local_id(size_t patient, char out[ID_ROOM])
{
	snprintf(out, ID_ROOM, "P%08zu", patient);
}

static enum rc make_patients(struct fill *f, struct err *err)
{
	const struct plan *p = &f->plan;
	enum rc rc = RC_OK;

	f->patients = mem_alloc(p->npatients * sizeof(*f->patients));
	for (size_t i = 0; i < p->ground.nsites; i++)
		for (size_t k = p->first[i]; rc == RC_OK && k < p->first[i + 1];
		     k++) {
			char id[ID_ROOM];
			struct request_patient who;

			local_id(k, id);
			rc = request_find_patient(&f->tx, (int64_t)i,
						  p->ground.sites[i].slug, id,
						  &who, err);
			if (rc == RC_OK)
				rc = request_keep_patient(&f->tx, &who, err);
			f->patients[k] = who.id;
		}
	return rc;
}

static struct papers papers_of(const struct deed *d, char id[ID_ROOM])
{
	local_id(d->patient, id);
	return (struct papers){.local_id = id, .name = "王建国"};
}

static enum rc append(struct fill *f, const struct booking *b,
		      const char *thing, int64_t id, enum verb verb,
		      const char *to, struct err *err)
{
	const struct ground_desk *desk = &f->plan.ground.sites[b->lead].lead;
	char request_id[17];
	struct event e = {
		.actor = desk->name,
		.actor_site = b->lead,
		.lead = b->lead,
		.partner = b->partner,
		.expert = b->expert,
		.assigned = true,
		.thing = thing,
		.id = id,
		.code = b->code.s,
		.version = 1,
		.verb = verb,
		.to_state = to,
		.request_id = request_id,
		.class = EVENT_CHANGE,
	};

	snprintf(request_id, sizeof(request_id), "%016" PRIx64,
		 plan_random(&f->plan.random));
	return event_append(&f->tx, &e, err);
}

/* What the service answered to whoever booked it. */
static void show_answer(struct fill *f, const struct deed *d,
			const struct booking *b, struct buf *out)
{
	const struct ground *g = &f->plan.ground;
	const char *expert = g->slugs[b->expert], *place = g->slugs[d->place];
	char code[CODE_SHOWN_LEN + 1], span[96];
	char from[CIVIL_RFC3339_LEN + 1], to[CIVIL_RFC3339_LEN + 1];

	code_show(&b->code, code);
	civil_show_rfc3339(b->from, 0, from);
	civil_show_rfc3339(b->to, 0, to);
	snprintf(span, sizeof(span), "\"from\":\"%s\",\"to\":\"%s\"", from, to);
	buf_printf(out,
		   "{\"code\":\"%s\",\"kind\":\"clinic-slot\","
		   "\"status\":\"booked\",\"agreement\":\"%s\",\"lead\":\"%s\","
		   "\"partner\":\"%s\",\"expert\":\"%s\",%s,"
		   "\"time_zone\":\"%s\",\"sequence\":0,\"version\":1,"
		   "\"claims\":[{\"subject\":\"%s\",\"role\":\"place\",%s},"
		   "{\"subject\":\"%s\",\"role\":\"expert\",%s},"
		   "{\"role\":\"patient\",%s}]}",
		   code, plan_agreement(&f->plan, d)->slug,
		   g->sites[b->lead].slug, g->sites[b->partner].slug, expert,
		   span, tz_name(plan_agreement(&f->plan, d)->lead_zone), place,
		   span, expert, span, span);
}

static enum rc keep_key(struct fill *f, const struct deed *d,
			const struct booking *b, struct err *err)
{
	char name[33];
	struct idem_key key = {
		.identity = b->owner, .route = "/v1/bookings", .key = name};
	struct idem_answer answer = {.status = 201};
	char code[CODE_SHOWN_LEN + 1];

	if (f->tx.now <= f->plan.now - IDEM_KEPT)
		return RC_OK;
	snprintf(name, sizeof(name), "%016" PRIx64 "%016" PRIx64,
		 plan_random(&f->plan.random), plan_random(&f->plan.random));
	fill_random(&f->plan.random, key.body_hash, sizeof(key.body_hash));
	snprintf(answer.etag, sizeof(answer.etag), "\"1\"");
	code_show(&b->code, code);
	snprintf(answer.location, sizeof(answer.location), "/v1/bookings/%s",
		 code);
	buf_init(&answer.body, 4096);
	show_answer(f, d, b, &answer.body);
	enum rc rc = idem_keep(&f->tx, &key, &answer, err);

	buf_fini(&answer.body);
	return rc;
}

static void claim_of(struct core_plan *p, const struct core_subject *subject,
		     enum claim_role role, int64_t from, int64_t to)
{
	p->claims[p->nclaims].subject = subject;
	p->claims[p->nclaims].role = role;
	p->claims[p->nclaims++].span = (struct core_span){from, to};
}

static struct booking booking_of(const struct fill *f, const struct deed *d)
{
	const struct ground_expert *e = &f->plan.ground.experts[d->expert];
	const struct core_agreement *a = plan_agreement(&f->plan, d);

	return (struct booking){
		.agreement = a->id,
		.lead = a->lead,
		.partner = a->partner,
		.kind = KIND_CLINIC_SLOT,
		.status = BOOKING_BOOKED,
		.expert = e->core.subject.id,
		.from = d->from,
		.owner = f->plan.ground.sites[a->lead].lead.identity,
		.owner_site = a->lead,
		.version = 1,
	};
}

/* As the core plans it: no pause between the places of one session. */
static enum rc store_place(struct fill *f, struct deed *d, struct err *err)
{
	const struct ground_session *s = &f->plan.ground.sessions[d->session];
	const struct core_subject patient = {.id = f->patients[d->patient]};
	const struct core_subject place = {.id = s->place};
	struct booking b = booking_of(f, d);
	struct core_plan p = {.place = s->place, .session = s->span.from};
	char id[ID_ROOM];
	struct papers papers = papers_of(d, id);

	b.to = b.from + s->minutes * 60;
	b.patient = patient.id;
	d->place = s->place;
	p.span = p.operation = (struct core_span){b.from, b.to};
	claim_of(&p, &place, CLAIM_PLACE, b.from, b.to);
	claim_of(&p, &f->plan.ground.experts[s->expert].core.subject,
		 CLAIM_EXPERT, b.from, b.to);
	claim_of(&p, &patient, CLAIM_PATIENT, b.from, b.to);
	enum rc rc = booking_draw_code(&f->tx, &b.code, err);

	if (rc == RC_OK)
		rc = booking_insert(&f->tx, &b, &p, &papers, err);
	if (rc == RC_OK)
		rc = append(f, &b, "booking", b.id, VERB_BOOK, "booked", err);
	if (rc == RC_OK)
		rc = keep_key(f, d, &b, err);
	if (rc == RC_OK)
		f->claims += 3;
	return rc;
}

static enum rc store_request(struct fill *f, const struct deed *d,
			     struct booking *b, struct err *err)
{
	const struct core_agreement *a = plan_agreement(&f->plan, d);
	char id[ID_ROOM];
	struct papers papers = papers_of(d, id);
	struct request r = {
		.agreement = a->id,
		.lead = a->lead,
		.partner = a->partner,
		.kind = KIND_REMOTE_CONSULTATION,
		.status = REQUEST_SCHEDULED,
		.urgency = URGENCY_ROUTINE,
		.expert = b->expert,
		.minutes = PLAN_TALK_MINUTES,
		.patient = f->patients[d->patient],
		.submitted_at = d->made,
		.version = 3,
	};

	papers.reason = "for advice";
	enum rc rc = request_draw_code(&f->tx, &r.code, err);

	if (rc == RC_OK)
		rc = request_insert(&f->tx, &r, &papers, err);
	b->code = r.code;
	if (rc == RC_OK)
		rc = append(f, b, "request", r.id, VERB_SUBMIT, "submitted",
			    err);
	if (rc == RC_OK)
		rc = append(f, b, "request", r.id, VERB_ACCEPT, "accepted",
			    err);
	if (rc == RC_OK)
		rc = append(f, b, "request", r.id, VERB_SCHEDULE, "scheduled",
			    err);
	b->request = r.id;
	return rc;
}

static enum rc store_talk(struct fill *f, struct deed *d, struct err *err)
{
	const struct core_expert *e = &f->plan.ground.experts[d->expert].core;
	struct booking b = booking_of(f, d);
	const struct core_subject patient = {.id = f->patients[d->patient]};
	const struct core_subject here = {.id = d->place};
	const struct core_subject there = {.id = d->there};
	struct core_plan p = {.place = d->place};

	b.kind = KIND_REMOTE_CONSULTATION;
	b.to = b.from + PLAN_TALK_MINUTES * 60;
	p.span = p.operation = (struct core_span){b.from, b.to};
	claim_of(&p, &here, CLAIM_LEAD_STUDIO, b.from, b.to);
	claim_of(&p, &there, CLAIM_PARTNER_STUDIO, b.from, b.to);
	claim_of(&p, &e->subject, CLAIM_EXPERT, b.from, b.to);
	if (e->buffer_minutes > 0)
		claim_of(&p, &e->subject, CLAIM_BUFFER, b.to,
			 b.to + e->buffer_minutes * 60);
	claim_of(&p, &patient, CLAIM_PATIENT, b.from, b.to);
	enum rc rc = store_request(f, d, &b, err);

	if (rc == RC_OK)
		rc = booking_draw_code(&f->tx, &b.code, err);
	if (rc == RC_OK)
		rc = booking_insert(&f->tx, &b, &p, NULL, err);
	if (rc == RC_OK)
		rc = append(f, &b, "booking", b.id, VERB_BOOK, "booked", err);
	if (rc == RC_OK)
		f->claims += (int64_t)p.nclaims;
	return rc;
}

/* A place that the guard knows to be taken is left out. */
static enum rc store(struct fill *f, struct deed *d, struct err *err)
{
	const struct event_head before = f->tx.head;
	enum rc rc = db_savepoint(f->db, err);

	if (rc != RC_OK)
		return rc;
	if (f->tx.now < d->made)
		f->tx.now = d->made;
	rc = d->session != DEED_TALK ? store_place(f, d, err)
				     : store_talk(f, d, err);
	if (rc == RC_OK) {
		f->bookings++;
		return db_release(f->db, err);
	}
	db_rollback_savepoint(f->db);
	f->tx.head = before;
	f->refused++;
	return rc == RC_REFUSED ? RC_OK : rc;
}

static enum rc store_all(struct fill *f, struct err *err)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < f->plan.ndeeds;) {
		size_t end =
			i + BATCH < f->plan.ndeeds ? i + BATCH : f->plan.ndeeds;

		rc = db_begin(f->db, err);
		while (rc == RC_OK && i < end)
			rc = store(f, &f->plan.deeds[i++], err);
		if (rc == RC_OK)
			rc = db_commit(f->db, err);
		if (rc == RC_OK)
			rc = db_checkpoint(f->db, 20000, err);
	}
	return rc == RC_OK ? db_checkpoint(f->db, DB_LOG_EMPTY, err) : rc;
}

/* ---- the files for load ---- */

static FILE *open_beside(const struct fill *f, const char *name)
{
	char path[4200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/../%s", f->state, name);
	out = fopen(path, "w");
	if (out == NULL) {
		perror(path);
		exit(1);
	}
	return out;
}

static enum rc count_week(struct fill *f, size_t expert, struct core_span span,
			  int64_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, f->db,
		    "SELECT count(*) FROM claim WHERE subject = $1"
		    " AND from_time >= $2 AND from_time < $3"
		    " AND role = 'expert'");
	query_int(&q, 1, f->plan.ground.experts[expert].core.subject.id);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

/* The weeks that came out whole, as the store has them. */
static enum rc write_paths(struct fill *f, size_t *out_n, struct err *err)
{
	const struct ground *g = &f->plan.ground;
	FILE *out = open_beside(f, "week.paths");
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < g->nexperts * PLAN_WEEKS; i++) {
		size_t expert = i % g->nexperts;
		struct core_span week =
			plan_week(&f->plan, expert, (int)(i / g->nexperts));
		const struct core_subject *s = &g->experts[expert].core.subject;
		char from[CIVIL_RFC3339_LEN + 1], to[CIVIL_RFC3339_LEN + 1];
		int64_t n = 0;

		if (s->site == f->plan.week_lead)
			rc = count_week(f, expert, week, &n, err);
		if (n != PLAN_WEEK)
			continue;
		civil_show_rfc3339(week.from, 0, from);
		civil_show_rfc3339(week.to, 0, to);
		fprintf(out, "/v1/experts/%s/schedule?from=%s&to=%s\n", s->slug,
			from, to);
		++*out_n;
	}
	fclose(out);
	return rc;
}

static FILE **open_bodies(const struct fill *f)
{
	FILE **v = mem_alloc(f->plan.ground.nsites * sizeof(FILE *));
	char name[200];

	for (size_t i = 0; i < f->plan.ground.nsites; i++) {
		if (f->plan.ground.sites[i].lead.identity == 0)
			continue;
		snprintf(name, sizeof(name), "bodies/%s.bodies",
			 f->plan.ground.sites[i].slug);
		v[i] = open_beside(f, name);
	}
	return v;
}

static void write_body(const struct fill *f, const struct deed *d, FILE *out)
{
	const struct core_agreement *a = plan_agreement(&f->plan, d);
	char at[CIVIL_RFC3339_LEN + 1], id[ID_ROOM];

	local_id(d->patient, id);
	civil_show_rfc3339(d->from, 0, at);
	fprintf(out,
		"{\"kind\":\"clinic-slot\",\"site\":\"%s\",\"agreement\":"
		"\"%s\",\"expert\":\"%s\",\"at\":\"%s\",\"patient\":"
		"{\"local_id\":\"%s\",\"name\":\"王建国\"}}\n",
		f->plan.ground.sites[a->partner].slug, a->slug,
		f->plan.ground.experts[d->expert].core.subject.slug, at, id);
}

static int64_t write_bodies(struct fill *f)
{
	FILE **files = open_bodies(f);
	FILE *own = open_beside(f, "free.bodies");
	struct deed d;
	int64_t n = 0;

	for (; n < f->plan.nbodies && plan_next_free(&f->plan, &d); n++) {
		int64_t lead = plan_agreement(&f->plan, &d)->lead;

		write_body(f, &d, files[lead]);
		if (lead == f->plan.week_lead)
			write_body(f, &d, own);
	}
	for (size_t i = 0; i < f->plan.ground.nsites; i++)
		if (files[i] != NULL)
			fclose(files[i]);
	fclose(own);
	mem_free(files);
	return n;
}

/* ---- the whole ---- */

static enum rc prepare(struct fill *f, struct err *err)
{
	enum rc rc = plan_lay(&f->plan, &f->tx, &f->arena, err);

	if (rc == RC_OK)
		rc = plan_weeks(&f->plan, err);
	if (rc == RC_OK)
		rc = plan_stored(&f->plan, err);
	if (rc == RC_OK)
		rc = db_begin(f->db, err);
	if (rc == RC_OK)
		rc = make_patients(f, err);
	return rc == RC_OK ? db_commit(f->db, err) : rc;
}

static enum rc run(struct fill *f, struct err *err)
{
	size_t paths = 0;
	enum rc rc = prepare(f, err);

	if (rc != RC_OK)
		return rc;
	if (f->plan.ndeeds > 0)
		f->tx.now = f->plan.deeds[0].made;
	rc = store_all(f, err);
	f->tx.now = f->plan.now;
	if (rc == RC_OK)
		rc = write_paths(f, &paths, err);
	if (rc == RC_OK)
		printf("{\"bookings\":%" PRId64 ",\"claims\":%" PRId64
		       ",\"left_out\":%" PRId64 ",\"places\":%zu,"
		       "\"paths\":%zu,\"bodies\":%" PRId64
		       ",\"lead\":\"%s\"}\n",
		       f->bookings, f->claims, f->refused,
		       f->plan.ground.nplaces, paths, write_bodies(f),
		       f->plan.ground.sites[f->plan.week_lead].slug);
	return rc;
}

static enum rc begin(struct fill *f, char path[MATERIAL_PATH_MAX],
		     struct err *err)
{
	char key_path[MATERIAL_PATH_MAX];
	struct material_from from = {.conf = &f->conf};
	enum rc rc;

	conf_init(&f->conf);
	rc = conf_set(&f->conf, "daemon", "state", f->state, err);
	if (rc != RC_OK)
		return rc;
	material_path(&f->conf, MATERIAL_DATABASE, path);
	f->plan.now = clock_now(clock_system());
	f->clock = (struct clock){clock_of, mono_of, f};
	f->rnd = (struct rnd){fill_random, &f->plan.random};
	f->env = (struct store_env){
		.path = path, .clock = &f->clock, .rnd = &f->rnd};
	f->env.zones = tz_store_new(TZ_SYSTEM_DIR);
	arena_init(&f->arena, ARENA);
	rc = material_read_keys(&from, &f->env.keys, key_path, err);
	if (rc == RC_OK)
		rc = db_open(path, DB_WRITER, NULL, &f->db, err);
	/* nothing is lost with it that could not be made again */
	if (rc == RC_OK)
		rc = db_script(f->db,
			       "PRAGMA synchronous = OFF;"
			       "PRAGMA cache_size = -4000000",
			       err);
	f->tx = (struct tx){
		.db = f->db, .env = &f->env, .write = true, .now = f->plan.now};
	return rc == RC_OK ? event_load_head(f->db, &f->tx.head, err) : rc;
}

static enum rc read_args(struct fill *f, int argc, char **argv, struct err *err)
{
	int64_t seed = 1;
	const struct {
		const char *name;
		int64_t *to;
	} numbers[] = {{"--claims", &f->plan.nclaims},
		       {"--seed", &seed},
		       {"--bodies", &f->plan.nbodies}};

	f->plan.nclaims = 10000;
	f->plan.nbodies = 400000;
	for (int i = 1; i < argc; i++) {
		size_t k = 0;

		while (k < 3 && strcmp(argv[i], numbers[k].name) != 0)
			k++;
		if (k == 3 && f->state == NULL && argv[i][0] != '-')
			f->state = argv[i];
		else if (k == 3 || ++i == argc ||
			 !text_int(argv[i], strlen(argv[i]), 0, 100000000,
				   numbers[k].to))
			return err_set(err, RC_INVALID,
				       "usage: fill STATE [--claims N]"
				       " [--seed S] [--bodies B]");
	}
	f->plan.random = (uint64_t)seed;
	return f->state != NULL ? RC_OK
				: err_set(err, RC_INVALID,
					  "fill: which state directory?");
}

int main(int argc, char **argv)
{
	static struct fill fill;
	char path[MATERIAL_PATH_MAX];
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	enum rc rc = read_args(&fill, argc, argv, &err);

	crypt_init();
	db_init();
	if (rc == RC_OK)
		rc = begin(&fill, path, &err);
	if (rc == RC_OK)
		rc = lock_take(path, &lock, &err);
	if (rc == RC_OK)
		rc = run(&fill, &err);
	if (rc != RC_OK)
		fprintf(stderr, "fill: %s\n", err.text);
	db_close(fill.db);
	return rc == RC_OK ? 0 : 1;
}
