/*
 * Promises against a model: over any order of what is done with requests, of
 * time that passes, and of transactions that are lost at any moment, each rung
 * of the ladder is told once, when it is reached and while somebody waits.
 *
 * The model knows the limits, the hours and what was done; of the deadlines'
 * arithmetic it asks the core, which has its own model (test_deadline.c).
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/deadline.h"
#include "daemon/work/steps.h"
#include "tests/support/desk.h"

#define ROUNDS 6
#define STEPS 120
#define REQUESTS_MAX 24
#define WHATS 2 /* answer, start */
#define RUNGS 4

static const int64_t limits[URGENCY_COUNT][WHATS] = {
	[URGENCY_EMERGENCY] = {5, 15},
	[URGENCY_URGENT] = {30, 720},
	[URGENCY_ROUTINE] = {1440, 2880},
};
static const int64_t ladder[RUNGS] = {50, 80, 100, 200};
static const char *const names[WHATS] = {"answer", "start"};

struct promise {
	struct deadline_clock clock;
	int told; /* rungs */
	bool over;
	enum clock_state state; /* when it is over */
};

struct model {
	const char *code;
	enum urgency urgency;
	enum request_status status;
	bool asked;
	struct promise promises[WHATS];
};

struct world {
	struct desk desk;
	uint64_t seed;
	struct deadline_span spans[10];
	struct deadline_hours hours;
	struct model v[REQUESTS_MAX];
	int n;
};

static uint64_t below(struct world *w, uint64_t n)
{
	return scratch_random(&w->seed, n);
}

static int64_t now(const struct world *w)
{
	return w->desk.house.scratch.now;
}

/* --- the model --- */

static const struct deadline_hours *hours_of(const struct world *w,
					     const struct model *m)
{
	static const struct deadline_hours always;

	return m->urgency == URGENCY_EMERGENCY ? &always : &w->hours;
}

/* The daemon has done what is due. */
static void model_run(struct world *w)
{
	for (int i = 0; i < w->n; i++) {
		for (int k = 0; k < WHATS; k++) {
			struct promise *p = &w->v[i].promises[k];

			while (!p->over && p->told < RUNGS &&
			       deadline_at(hours_of(w, &w->v[i]), &p->clock,
					   ladder[p->told]) <= now(w))
				p->told++;
		}
	}
}

static void model_end(struct world *w, struct model *m, int what, bool wanted)
{
	struct promise *p = &m->promises[what];
	bool late = p->clock.running ? deadline_at(hours_of(w, m), &p->clock,
						   100) < now(w)
				     : p->clock.used > p->clock.limit;

	p->over = true;
	p->state = !wanted ? CLOCK_DROPPED : late ? CLOCK_MISSED : CLOCK_MET;
}

/* --- what is done --- */

struct lost {
	house_step step;
	void *arg;
};

/* The process ends before it is committed. */
static enum rc lost_step(struct work *w, void *arg)
{
	struct lost *lost = arg;
	enum rc rc = lost->step(w, lost->arg);

	return rc == RC_OK ? RC_BUSY : rc;
}

static void act(struct world *w, const struct principal *who, house_step step,
		void *arg)
{
	struct lost lost = {step, arg};

	if (below(w, 5) == 0)
		assert_int_equal(RC_BUSY,
				 desk_do(&w->desk, who, lost_step, &lost));
	assert_int_equal(RC_OK, desk_do(&w->desk, who, step, arg));
}

static void do_submit(struct world *w)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");
	struct model *m = &w->v[w->n];

	if (w->n == REQUESTS_MAX)
		return;
	w->n++;
	*m = (struct model){.urgency = (enum urgency)below(w, URGENCY_COUNT)};
	a.in.urgency = (int)m->urgency;
	act(w, &w->desk.one, submit_step, &a);
	m->code = a.out.code;
	m->status = REQUEST_SUBMITTED;
	for (int k = 0; k < WHATS; k++)
		m->promises[k].clock = (struct deadline_clock){
			.limit = limits[m->urgency][k] * 60,
			.running = true,
			.run_from = now(w),
		};
}

struct said {
	const char *code;
	struct msg_ask ask;
	struct msg_supplement supplement;
	struct msg_request out;
};

static enum rc ask_step(struct work *w, void *arg)
{
	struct said *said = arg;

	said->ask.missing = "the film";
	return work_request_ask(w, said->code, &said->ask, &said->out);
}

static enum rc supplement_step(struct work *w, void *arg)
{
	struct said *said = arg;

	proto_clear(&msg_supplement_table, &said->supplement);
	said->supplement.note = "here it is";
	return work_request_supplement(w, said->code, &said->supplement,
				       &said->out);
}

static void do_ask(struct world *w, struct model *m)
{
	struct said said = {.code = m->code};

	if (m->status == REQUEST_SUPPLEMENT_NEEDED) {
		act(w, &w->desk.one, supplement_step, &said);
		m->status = REQUEST_SUBMITTED;
		for (int k = 0; k < WHATS; k++)
			deadline_resume(&m->promises[k].clock, now(w));
	} else if (m->status == REQUEST_SUBMITTED && !m->asked) {
		act(w, &w->desk.lead, ask_step, &said);
		m->status = REQUEST_SUPPLEMENT_NEEDED;
		m->asked = true;
		for (int k = 0; k < WHATS; k++)
			deadline_pause(hours_of(w, m), &m->promises[k].clock,
				       now(w));
	}
}

static void do_accept(struct world *w, struct model *m)
{
	struct on on = {.code = m->code, .accept.duration_minutes = FIELD_NONE};

	if (m->status != REQUEST_SUBMITTED)
		return;
	on.accept.expert = "coronary-1";
	act(w, &w->desk.lead, accept_step, &on);
	m->status = REQUEST_ACCEPTED;
	model_end(w, m, 0, true);
}

static void do_end(struct world *w, struct model *m, bool decline)
{
	struct on on = {.code = m->code,
			.request = decline ? work_request_decline
					   : work_request_withdraw,
			.reason = {.reason = "so"}};

	if (m->status == REQUEST_DECLINED || m->status == REQUEST_WITHDRAWN)
		return;
	on.reason.reason_code = -1;
	act(w, decline ? &w->desk.lead : &w->desk.one, request_step, &on);
	if (!m->promises[0].over)
		model_end(w, m, 0, decline);
	model_end(w, m, 1, false);
	m->status = decline ? REQUEST_DECLINED : REQUEST_WITHDRAWN;
}

static enum rc due_step(struct work *w, void *arg)
{
	return steps_run(w->tx, arg);
}

/* As many at once as it happens to do, some of it more than once in vain. */
static void do_run(struct world *w)
{
	struct steps steps = {.more = true};

	while (steps.more) {
		steps.limit = 1 + (unsigned)below(w, 5);
		act(w, &w->desk.lead, due_step, &steps);
	}
	model_run(w);
}

static void do_pass(struct world *w)
{
	static const int64_t spans[] = {1,    59,    60,    150,   900,
					3600, 20000, 50000, 90000, 200000};

	w->desk.house.scratch.now += spans[below(w, 10)];
	/* What is done next may come before what is due. */
	if (below(w, 4) > 0)
		do_run(w);
}

static void step(struct world *w)
{
	struct model *m = w->n > 0 ? &w->v[below(w, (uint64_t)w->n)] : NULL;

	switch (below(w, 10)) {
	case 0:
	case 1:
		do_submit(w);
		break;
	case 2:
	case 3:
		if (m)
			do_ask(w, m);
		break;
	case 4:
		if (m)
			do_accept(w, m);
		break;
	case 5:
		if (m)
			do_end(w, m, below(w, 2) == 0);
		break;
	default:
		do_pass(w);
		break;
	}
}

/* --- what must be so --- */

static void check_state(const struct world *w, const struct model *m, int k,
			int64_t due, int state)
{
	const struct promise *p = &m->promises[k];
	int64_t at = deadline_at(hours_of(w, m), &p->clock, 100);

	if (p->over)
		assert_int_equal(state, p->state);
	else if (!p->clock.running)
		assert_int_equal(state, CLOCK_PAUSED);
	else
		assert_int_equal(state,
				 at < now(w) ? CLOCK_LATE : CLOCK_RUNNING);
	assert_int_equal(due, p->clock.running ? at : FIELD_NONE);
}

static void check_told(const struct model *m, int k,
		       const struct field_list *history)
{
	const struct msg_event *events = history->v;
	const struct promise *p = &m->promises[k];
	char wanted[64];

	for (int i = 0; i < RUNGS; i++) {
		int n = 0;

		snprintf(wanted, sizeof(wanted),
			 "%s: %" PRId64 " %% of the time is over", names[k],
			 ladder[i]);
		for (size_t e = 0; e < history->n; e++)
			n += events[e].reason &&
			     strcmp(events[e].reason, wanted) == 0;
		assert_int_equal(n, i < p->told);
	}
}

static void check(struct world *w)
{
	for (int i = 0; i < w->n; i++) {
		struct model *m = &w->v[i];
		struct on on = {.code = m->code};

		assert_int_equal(RC_OK, desk_do(&w->desk, &w->desk.lead,
						show_step, &on));
		assert_int_equal(on.r.status, m->status);
		check_state(w, m, 0, on.r.answer_due, on.r.answer_state);
		check_state(w, m, 1, on.r.start_due, on.r.start_state);
		check_told(m, 0, &on.r.history);
		check_told(m, 1, &on.r.history);
	}
}

/* --- all of it --- */

#define SQL_HOURS                                                              \
	"INSERT INTO limit_hours WITH RECURSIVE d (n) AS (SELECT 0 UNION ALL"  \
	" SELECT n + 1 FROM d WHERE n < 4)"                                    \
	" SELECT 'heart', n, 480, 720 FROM d"                                  \
	" UNION ALL SELECT 'heart', n, 840, 1050 FROM d"

static void begin(struct world *w)
{
	int n = 0;

	w->n = 0;
	desk_begin(&w->desk);
	/* Nothing ends by itself, and there is room for all of it. */
	scratch_run(w->desk.house.db,
		    "UPDATE agreement SET valid_to = 60000,"
		    " expiry_days = 30000, supplement_minutes = 30000000");
	scratch_run(w->desk.house.db, SQL_HOURS);
	for (int day = 0; day < 5; day++) {
		w->spans[n++] = (struct deadline_span){day, 480, 720};
		w->spans[n++] = (struct deadline_span){day, 840, 1050};
	}
	w->hours = (struct deadline_hours){.spans = w->spans, .n = 10};
	assert_int_equal(tz_get(w->desk.house.scratch.env.zones,
				"Asia/Shanghai", &w->hours.zone, NULL),
			 RC_OK);
	/* The calendar of the file has no day of these years. */
	w->desk.house.scratch.now = DESK_MONDAY - (int64_t)below(w, 604800);
}

static void each_rung_once_and_in_its_time(void **state)
{
	static struct world w;

	(void)state;
	w.seed = scratch_seed();
	for (int round = 0; round < ROUNDS; round++) {
		begin(&w);
		for (int i = 0; i < STEPS; i++) {
			step(&w);
			if (i % 20 == 19)
				check(&w);
		}
		w.desk.house.scratch.now += 400 * 86400;
		do_run(&w);
		check(&w);
		desk_end(&w.desk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rung_once_and_in_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
