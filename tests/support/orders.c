#include "tests/support/orders.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/log.h"

#define FILE_MAX (1u << 20)

int64_t orders_below(struct orders *o, int64_t bound)
{
	return (int64_t)fake_rnd_below(&o->rnd, (uint64_t)bound);
}

bool orders_rarely(struct orders *o, int64_t n)
{
	return orders_below(o, n) == 0;
}

/* --- what is said when something is wrong --- */

void orders_note(struct orders *o, const char *fmt, ...)
{
	char *line = o->trace[o->step % ORDERS_TRACE];
	size_t had = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + had, sizeof(o->trace[0]) - had, fmt, ap);
	va_end(ap);
}

static void print_booking(const struct naive_booking *b)
{
	fprintf(stderr, "%s %s of %d, held until %" PRId64 "\n", b->code,
		words_name(&words_booking_status, (int)b->status),
		b->ask.agreement, b->hold_until);
	for (int i = 0; i < b->nclaims; i++)
		fprintf(stderr,
			"  %s %d [%" PRId64 ", %" PRId64 ") at %d of %" PRId64
			"\n",
			words_name(&words_claim_role, (int)b->claims[i].role),
			b->claims[i].subject, b->claims[i].from,
			b->claims[i].to, b->claims[i].place,
			b->claims[i].session);
}

void orders_wrong(struct orders *o, const char *fmt, ...)
{
	struct buf file;
	va_list ap;

	buf_init(&file, FILE_MAX);
	tangle_write(&o->net, &file);
	fprintf(stderr, "%s\n", buf_cstr(&file));
	for (int i = 0; i < o->m.nbookings; i++)
		if (naive_stands(&o->m, &o->m.bookings[i]))
			print_booking(&o->m.bookings[i]);
	for (int i = o->step - ORDERS_TRACE + 1; i <= o->step; i++)
		if (i >= 0)
			fprintf(stderr, "step %d:%s\n", i,
				o->trace[i % ORDERS_TRACE]);
	for (size_t i = 0; i < o->w.blockers.n; i++) {
		const struct msg_blocker *b = o->w.blockers.v;

		fprintf(stderr, "  %s [%" PRId64 ", %" PRId64 ")\n",
			b[i].detail, b[i].from, b[i].to);
	}
	fprintf(stderr, "SEED=%" PRIu64 ", step %d, now %" PRId64 ": ", o->seed,
		o->step, o->m.now);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}

void orders_expect(struct orders *o, enum rc want, enum rc got)
{
	if (want != got)
		orders_wrong(o, "%s instead of %s: %s %s", rc_row(got)->code,
			     rc_row(want)->code, o->w.err.text,
			     o->w.faults.n ? o->w.faults.v[0].pointer : "");
}

/* --- acting --- */

enum rc orders_act(struct orders *o, int who, int64_t match, house_step step,
		   void *arg)
{
	o->house.scratch.now = o->m.now;
	return house_do(&o->house, &o->people[who], match, step, arg, &o->w);
}

struct trial {
	house_step step;
	void *arg;
	enum rc rc;
};

static enum rc trial_step(struct work *w, void *arg)
{
	struct trial *t = arg;

	t->rc = t->step(w, t->arg);
	return RC_INTERNAL;
}

enum rc orders_try(struct orders *o, int who, house_step step, void *arg)
{
	struct trial t = {step, arg, RC_OK};

	(void)orders_act(o, who, WORK_MATCH_ANY, trial_step, &t);
	return t.rc;
}

/* --- who sees what --- */

unsigned orders_sides(const struct orders *o, int who, int agreement,
		      int expert)
{
	static const struct {
		int site;
		bool leads, asks;
	} of[ORDERS_PEOPLE] = {
		[HUB_LEAD] = {HUB, true, true},
		[EAST_LEAD] = {EAST, true, true},
		[EAST_PEOPLE] = {EAST, false, true},
		[WEST_PEOPLE] = {WEST, false, true},
		[STRANGER] = {FAR, false, true},
		[DOCTOR] = {HUB, false, false},
	};
	const struct tangle_agreement *a = &o->net.agreements[agreement];
	unsigned sides = 0;

	if (of[who].leads && of[who].site == a->lead)
		sides |= SIDE_LEAD;
	if (of[who].asks && of[who].site == a->partner)
		sides |= SIDE_PARTNER;
	if (who == DOCTOR && expert == ONE)
		sides |= SIDE_EXPERT;
	return sides;
}

unsigned orders_sides_of_booking(const struct orders *o, int who, int booking)
{
	const struct naive_booking *b = &o->m.bookings[booking];

	return orders_sides(o, who, b->ask.agreement, b->expert);
}

int orders_expert_of_request(struct orders *o, int request)
{
	const struct naive_request *r = &o->m.requests[request];
	const struct naive_booking *b = naive_of_request(&o->m, request);

	return b && b->status != BOOKING_PENDING ? b->expert : r->ask.expert;
}

unsigned orders_sides_of_request(struct orders *o, int who, int request)
{
	const struct naive_request *r = &o->m.requests[request];
	const struct naive_booking *b = naive_of_request(&o->m, request);
	bool assigned =
		r->status == REQUEST_ACCEPTED || r->status == REQUEST_SCHEDULED;
	unsigned sides = orders_sides(
		o, who, r->ask.agreement,
		assigned ? orders_expert_of_request(o, request) : TANGLE_NONE);

	if (!sides && b)
		sides = orders_sides(o, who, r->ask.agreement, b->expert);
	return sides;
}

enum rc orders_found(unsigned has, unsigned wanted)
{
	if (!has)
		return RC_NOT_FOUND;
	return (has & wanted) != 0 ? RC_OK : RC_FORBIDDEN;
}

/* --- the log --- */

void orders_event(struct orders *o, const char *code, enum verb verb)
{
	if (o->nevents == ORDERS_EVENTS)
		orders_wrong(o, "too many events");
	memcpy(o->events[o->nevents].code, code, CODE_LEN + 1);
	o->events[o->nevents++].verb = verb;
}

static void strike_event(struct orders *o, const char *code, const char *verb)
{
	for (int i = 0; i < o->nevents; i++) {
		if (strcmp(o->events[i].code, code) != 0 ||
		    strcmp(words_name(&words_verb, (int)o->events[i].verb),
			   verb) != 0)
			continue;
		o->events[i] = o->events[--o->nevents];
		return;
	}
	orders_wrong(o, "the log says %s of %s", verb, code);
}

/* That an agreement ends, or a promise, is told by the clock, and changes
 * nothing. */
static void look_at_log(struct orders *o)
{
	struct query q;

	query_begin(&q, o->house.db,
		    "SELECT seq, coalesce(code, 'network!'), verb,"
		    " thing = 'agreement' OR verb IN ('remind', 'escalate')"
		    " FROM event"
		    " WHERE seq > $1 ORDER BY seq");
	query_int(&q, 1, o->seq);
	while (query_row(&q)) {
		o->seq = query_col_int(&q, 0);
		if (!query_col_int(&q, 3))
			strike_event(o, query_col_text(&q, 1),
				     query_col_text(&q, 2));
	}
	if (query_end(&q, NULL) != RC_OK)
		orders_wrong(o, "the log cannot be read");
	if (o->nevents)
		orders_wrong(o, "the log says nothing of %s of %s",
			     words_name(&words_verb, (int)o->events[0].verb),
			     o->events[0].code);
}

void orders_lapse(struct orders *o)
{
	for (int i = 0; i < o->m.nbookings; i++) {
		struct naive_booking *b = &o->m.bookings[i];

		if (!naive_is_dead(&o->m, b))
			continue;
		orders_event(o, b->code, VERB_LAPSE);
		b->version++;
		naive_end(&o->m, b, BOOKING_LAPSED);
		o->seen.lapsed++;
	}
}

/* --- the rows --- */

/* A patient is whom the model's booking says, ever after. */
static int subject_of(struct orders *o, int64_t id, const char *role,
		      int64_t booking)
{
	bool patient = strcmp(role, "patient") == 0;

	if (id >= ORDERS_IDS)
		orders_wrong(o, "too many subjects");
	if (o->subject_of[id] == TANGLE_NONE && patient)
		for (int i = 0; i < o->m.nbookings; i++)
			if (o->m.bookings[i].id == booking)
				o->subject_of[id] =
					o->m.bookings[i].ask.patient;
	return o->subject_of[id];
}

static int or_none(struct query *q, int column, struct orders *o)
{
	if (query_col_null(q, column))
		return TANGLE_NONE;
	return o->subject_of[query_col_int(q, column)];
}

static void claim_from(struct orders *o, struct query *q, int64_t booking,
		       struct naive_claim *out)
{
	const char *role = query_col_text(q, 1);

	*out = (struct naive_claim){
		.subject = subject_of(o, query_col_int(q, 0), role, booking),
		.role = (enum claim_role)words_find(&words_claim_role, role,
						    strlen(role)),
		.from = query_col_int(q, 2),
		.to = query_col_int(q, 3),
		.place = or_none(q, 4, o),
		.session = query_col_int(q, 5),
	};
}

#define SQL_CLAIM                                                              \
	"SELECT subject, role, from_time, to_time, place, session,"            \
	" booking, hold_until FROM claim"

int orders_claims(struct orders *o, int64_t booking,
		  struct naive_claim out[NAIVE_CLAIMS])
{
	struct query q;
	int n = 0;

	query_begin(&q, o->house.db, SQL_CLAIM " WHERE booking = $1");
	query_int(&q, 1, booking);
	while (n < NAIVE_CLAIMS && query_row(&q))
		claim_from(o, &q, booking, &out[n++]);
	if (query_end(&q, NULL) != RC_OK)
		orders_wrong(o, "the claims cannot be read");
	return n;
}

static bool has_claim(const struct naive_booking *b,
		      const struct naive_claim *c)
{
	for (int i = 0; i < b->nclaims; i++) {
		const struct naive_claim *k = &b->claims[i];

		if (k->subject == c->subject && k->role == c->role &&
		    k->from == c->from && k->to == c->to &&
		    k->place == c->place && k->session == c->session)
			return true;
	}
	return false;
}

static struct naive_booking *booking_of_id(struct orders *o, int64_t id)
{
	for (int i = 0; i < o->m.nbookings; i++)
		if (o->m.bookings[i].id == id)
			return &o->m.bookings[i];
	orders_wrong(o, "nobody made booking %" PRId64, id);
}

static void look_at_claims(struct orders *o)
{
	struct query q;
	int n = 0;

	query_begin(&q, o->house.db, SQL_CLAIM);
	while (query_row(&q)) {
		struct naive_booking *b =
			booking_of_id(o, query_col_int(&q, 6));
		struct naive_claim c;

		claim_from(o, &q, b->id, &c);
		if (!has_claim(b, &c))
			orders_wrong(o,
				     "%s has a claim as %s from %" PRId64
				     " to %" PRId64,
				     b->code, query_col_text(&q, 1), c.from,
				     c.to);
		if (query_col_int(&q, 7) != b->hold_until)
			orders_wrong(o, "%s is held otherwise", b->code);
		n++;
	}
	if (query_end(&q, NULL) != RC_OK)
		orders_wrong(o, "the claims cannot be read");
	for (int i = 0; i < o->m.nbookings; i++)
		n -= o->m.bookings[i].nclaims;
	if (n)
		orders_wrong(o, "%d claims are missing", -n);
}

static void same(struct orders *o, const char *code, const char *what,
		 int64_t want, int64_t got)
{
	if (want != got)
		orders_wrong(o, "%s of %s is %" PRId64 ", not %" PRId64, what,
			     code, got, want);
}

static void look_at_booking(struct orders *o, struct query *q,
			    const struct naive_booking *b)
{
	const char *status = words_name(&words_booking_status, (int)b->status);

	same(o, b->code, "id", b->id, query_col_int(q, 0));
	if (strcmp(query_col_text(q, 1), b->code) != 0)
		orders_wrong(o, "%s is not there", b->code);
	if (strcmp(query_col_text(q, 2), status) != 0)
		orders_wrong(o, "%s is %s, not %s", b->code,
			     query_col_text(q, 2), status);
	same(o, b->code, "start", b->from, query_col_int(q, 3));
	same(o, b->code, "end", b->to, query_col_int(q, 4));
	same(o, b->code, "hold", b->hold_until, query_col_int(q, 5));
	same(o, b->code, "version", b->version, query_col_int(q, 6));
	same(o, b->code, "sequence", b->sequence, query_col_int(q, 7));
	same(o, b->code, "spent", b->spent, query_col_int(q, 8));
	same(o, b->code, "expert", b->expert, or_none(q, 9, o));
	same(o, b->code, "before", b->ask.before, query_col_int(q, 10));
	same(o, b->code, "after", b->ask.after, query_col_int(q, 11));
}

static void look_at_bookings(struct orders *o)
{
	struct query q;
	int n = 0;

	query_begin(&q, o->house.db,
		    "SELECT id, code, status, from_time, to_time, hold_until,"
		    " version, sequence, spent, expert, before_minutes,"
		    " after_minutes FROM booking ORDER BY id");
	while (query_row(&q)) {
		if (n == o->m.nbookings)
			orders_wrong(o, "a booking that nobody made");
		look_at_booking(o, &q, &o->m.bookings[n++]);
	}
	if (query_end(&q, NULL) != RC_OK || n != o->m.nbookings)
		orders_wrong(o, "bookings are missing");
}

static void look_at_requests(struct orders *o)
{
	struct query q;
	int n = 0;

	query_begin(&q, o->house.db,
		    "SELECT id, code, status, version, expert FROM request"
		    " ORDER BY id");
	while (query_row(&q)) {
		const struct naive_request *r = &o->m.requests[n++];
		const char *status =
			words_name(&words_request_status, (int)r->status);

		if (n > o->m.nrequests ||
		    strcmp(query_col_text(&q, 1), r->code) != 0)
			orders_wrong(o, "a request that nobody made");
		if (strcmp(query_col_text(&q, 2), status) != 0)
			orders_wrong(o, "%s is %s, not %s", r->code,
				     query_col_text(&q, 2), status);
		same(o, r->code, "version", r->version, query_col_int(&q, 3));
		same(o, r->code, "expert", orders_expert_of_request(o, n - 1),
		     or_none(&q, 4, o));
	}
	if (query_end(&q, NULL) != RC_OK || n != o->m.nrequests)
		orders_wrong(o, "requests are missing");
}

void orders_look(struct orders *o)
{
	look_at_requests(o);
	look_at_bookings(o);
	look_at_claims(o);
	look_at_log(o);
	/* By the raw rows alone: at no instant more than there is room for. */
	if (scratch_number(o->house.db,
			   "SELECT count(*) FROM claim a JOIN subject s ON"
			   " s.id = a.subject WHERE s.capacity < (SELECT"
			   " count(*) FROM claim c WHERE c.subject = a.subject"
			   " AND c.from_time <= a.from_time AND"
			   " c.to_time > a.from_time)") != 0)
		orders_wrong(o, "more than there is room for");
}

void orders_verify(struct orders *o)
{
	struct tx tx = scratch_tx(&o->house.scratch, o->house.db);
	struct event_report report;

	if (event_verify(&tx, &report, NULL) != RC_OK || !report.ok ||
	    report.head.seq != o->seq)
		orders_wrong(o, "the log is broken");
}

/* --- a world --- */

static void read_subjects(struct orders *o)
{
	struct query q;

	for (int i = 0; i < ORDERS_IDS; i++)
		o->subject_of[i] = TANGLE_NONE;
	query_begin(&q, o->house.db, "SELECT id, slug FROM subject");
	while (query_row(&q))
		for (int i = 0; i < TANGLE_SUBJECTS; i++)
			if (strcmp(query_col_text(&q, 1),
				   o->net.subjects[i].slug) == 0)
				o->subject_of[query_col_int(&q, 0)] = i;
	if (query_end(&q, NULL) != RC_OK)
		abort();
}

/* Their words outlive the arena, which is emptied step by step. */
static void enter(struct orders *o, int who, enum role role, int site,
		  const char *expert)
{
	struct principal *p = &o->people[who];

	*p = house_person(&o->house, role, tangle_sites[site], expert);
	p->name = words_name(&words_role, (int)role);
	p->site_slug = p->site_name = tangle_sites[site];
	p->time_zone = o->net.zones[site];
	p->expert_slug = expert;
}

void orders_begin(struct orders *o, uint64_t seed)
{
	struct buf file;

	log_set_level(LOG_LVL_WARN);
	memset(o->trace, 0, sizeof(o->trace));
	o->seed = seed;
	o->step = 0;
	o->nevents = 0;
	fake_rnd_init(&o->rnd, seed);
	fake_rnd_init(&o->codes, seed + 1);
	tangle_make(&o->net, &o->rnd);
	buf_init(&file, FILE_MAX);
	tangle_write(&o->net, &file);
	house_begin_with(&o->house, buf_cstr(&file), file.len);
	buf_fini(&file);
	o->house.scratch.env.rnd = &o->codes.rnd;
	enter(o, HUB_LEAD, ROLE_LEAD_COORDINATOR, HUB, NULL);
	enter(o, EAST_LEAD, ROLE_LEAD_COORDINATOR, EAST, NULL);
	enter(o, EAST_PEOPLE, ROLE_SITE_COORDINATOR, EAST, NULL);
	enter(o, WEST_PEOPLE, ROLE_SITE_COORDINATOR, WEST, NULL);
	enter(o, STRANGER, ROLE_SITE_COORDINATOR, FAR, NULL);
	enter(o, DOCTOR, ROLE_EXPERT, HUB, "one");
	read_subjects(o);
	o->m.net = &o->net;
	o->m.zones = o->house.scratch.env.zones;
	o->m.nrequests = o->m.nbookings = 0;
	o->m.now = o->net.day * CIVIL_DAY + orders_below(o, CIVIL_DAY);
	o->seq = o->house.head.seq;
}

void orders_end(struct orders *o)
{
	house_end(&o->house);
}
