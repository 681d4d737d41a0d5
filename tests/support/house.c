#include "tests/support/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "daemon/store/identity.h"
#include "daemon/store/keep.h"
#include "daemon/store/site.h"
#include "daemon/store/stamps.h"

#define HOUSE_ARENA (256u * 1024u * 1024u)

static void die(const char *doing, const struct work *w)
{
	fprintf(stderr, "%s: %s\n", doing, w->err.text);
	for (size_t i = 0; i < w->faults.n; i++)
		fprintf(stderr, "  %s: %s\n", w->faults.v[i].pointer,
			w->faults.v[i].detail);
	abort();
}

static enum rc import_step(struct work *w, void *arg)
{
	struct msg_import_report report;
	enum rc rc = work_import_check(w, arg);

	return rc == RC_OK ? work_import(w, arg, &report) : rc;
}

static void import(struct house *house, const char *text, size_t len)
{
	static const struct principal root = {.name = "root",
					      .role = ROLE_ADMINISTRATOR};
	struct work w = {0};
	struct msg_network *net = arena_alloc(&house->arena, sizeof(*net));

	if (net == NULL ||
	    proto_decode(&msg_network_table, text, len, PROTO_STRICT,
			 &house->arena, net, &w.faults, &w.err) != RC_OK ||
	    house_do(house, &root, WORK_MATCH_ANY, import_step, net, &w) !=
		    RC_OK)
		die("import", &w);
}

void house_begin_with(struct house *house, const char *network, size_t len)
{
	memset(house, 0, sizeof(*house));
	scratch_begin(&house->scratch);
	proto_init(1);
	arena_init(&house->arena, HOUSE_ARENA);
	house->scratch.env.zones = tz_store_new(TZ_SYSTEM_DIR);
	house->db = scratch_open(&house->scratch);
	if (event_load_head(house->db, &house->head, NULL) != RC_OK)
		abort();
	import(house, network, len);
	house->keep = keep_new(&house->scratch.env);
}

void house_begin(struct house *house)
{
	struct buf file;

	buf_init(&file, 16u * 1024u * 1024u);
	if (file_read("examples/liaoyang.json", &file, NULL) != RC_OK)
		abort();
	house_begin_with(house, file.data, file.len);
	buf_fini(&file);
}

static int state_of(const struct words *states, const char *name)
{
	return name ? words_find(states, name, strlen(name)) : STATE_NONE;
}

/* What happened to a request or a booking is in the table, or left it in its
 * state. */
static void check_event(const struct query *q)
{
	const char *thing = query_col_text(q, 0), *verb = query_col_text(q, 2);
	bool request = strcmp(thing, "request") == 0;
	const struct words *states =
		request ? &words_request_status : &words_booking_status;
	int from = state_of(states, query_col_text(q, 1));
	int to = state_of(states, query_col_text(q, 3));
	int number = words_find(&words_verb, verb, strlen(verb));
	int want = core_step(request ? THING_REQUEST : THING_BOOKING, from,
			     (enum verb)number);

	if (want == to || (want == STATE_REFUSED && from == to))
		return;
	fprintf(stderr, "no row of the table: %s %d %s %d\n", thing, from, verb,
		to);
	abort();
}

static void check_events(struct db *db)
{
	struct query q;

	query_begin(&q, db,
		    "SELECT DISTINCT thing, from_state, verb, to_state"
		    " FROM event WHERE thing IN ('request', 'booking')"
		    " AND class = 'change'");
	while (query_row(&q))
		check_event(&q);
	if (query_end(&q, NULL) != RC_OK)
		fprintf(stderr, "a database that was broken on purpose\n");
}

void house_forget(struct house *house)
{
	keep_free(house->keep);
	house->keep = keep_new(&house->scratch.env);
}

void house_end(struct house *house)
{
	check_events(house->db);
	keep_free(house->keep);
	db_close(house->db);
	tz_store_free(house->scratch.env.zones);
	arena_fini(&house->arena);
	scratch_end(&house->scratch);
}

/* A refusal gives its reasons. */
static void check_refusal(const struct work *w, enum rc rc)
{
	if ((rc != RC_RULE && rc != RC_REFUSED) || w->blockers.n || w->faults.n)
		return;
	fprintf(stderr, "a refusal without a reason: %s\n", w->err.text);
	abort();
}

enum rc house_do(struct house *house, const struct principal *who,
		 int64_t match, house_step step, void *arg, struct work *out_w)
{
	struct tx tx = scratch_tx(&house->scratch, house->db);

	tx.head = house->head;
	tx.keep = house->keep;
	*out_w = (struct work){
		.tx = &tx,
		.who = who,
		.arena = &house->arena,
		.request_id = "test",
		.match = match,
	};
	if (db_begin(house->db, NULL) != RC_OK)
		abort();
	stamps_job_begins(tx.env->stamps);
	keep_begin(house->keep, &tx);
	enum rc rc = step(out_w, arg);

	check_refusal(out_w, rc);
	if (rc != RC_OK) {
		db_rollback(house->db);
		stamps_job_undone(tx.env->stamps);
	} else {
		if (db_commit(house->db, NULL) != RC_OK)
			abort();
		house->head = tx.head;
	}
	stamps_publish(tx.env->stamps);
	out_w->tx = NULL;
	return rc;
}

struct entered {
	struct identity_new row;
	struct principal_proof proof;
	const char *site, *expert;
	struct principal who;
};

static enum rc enter_step(struct work *w, void *arg)
{
	struct entered *e = arg;
	struct site site = {0};
	int64_t id;
	struct query q;
	enum rc rc = RC_OK;

	if (e->site)
		rc = site_by_slug(w->tx, e->site, w->arena, &site, &w->err);
	e->row.site = site.id;
	if (rc == RC_OK && e->expert) {
		query_begin(&q, w->tx->db,
			    "SELECT id FROM subject WHERE slug = $1");
		query_text(&q, 1, e->expert);
		if (query_row(&q))
			e->row.expert = query_col_int(&q, 0);
		rc = query_end(&q, &w->err);
	}
	if (rc == RC_OK)
		rc = identity_add(w->tx, &e->row, &id, &w->err);
	if (rc == RC_OK)
		rc = principal_find(w->tx, &e->proof, w->arena, &e->who,
				    &w->err);
	return rc;
}

struct principal house_person(struct house *house, enum role role,
			      const char *site, const char *expert)
{
	struct entered e = {.site = site, .expert = expert};
	struct work w;

	e.proof.hash[0] = (uint8_t)++house->people;
	e.row = (struct identity_new){
		.issuer = e.proof.issuer,
		.key = e.proof.hash,
		.name = words_name(&words_role, (int)role),
		.role = role,
		.not_after = house->scratch.now + 100 * 86400,
	};
	if (house_do(house, &(struct principal){.name = "root"}, WORK_MATCH_ANY,
		     enter_step, &e, &w) != RC_OK)
		die("person", &w);
	return e.who;
}
